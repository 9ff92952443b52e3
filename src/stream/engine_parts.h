/* SPDX-License-Identifier: MIT */
/* engine_parts.h - what engine.c (records in, results out) and engine_state.c (merge, bytes) share. */
#ifndef CXM_STREAM_ENGINE_PARTS_H
#define CXM_STREAM_ENGINE_PARTS_H
#include <cxm/engine.h>
#include "stream/group.h"
#include "stream/registry.h"
#include <stdbool.h>

/* What a slot holds: the answers, and the account that is not part of a metric. Only as many bytes of
 * `state` are stored as its spec needs. */
typedef struct cell {
    int64_t first_us, last_us;      /* event times, where has_time */
    uint64_t has_time;
    uint64_t duplicates, late;      /* left out of this slot by rules of the stream */
    uint64_t number;                /* among the slots of an encoded state; set while encoding */
    metric_state state;
} cell;

/* Event time, or a declared bound of it. */
typedef struct maybe_us { bool known; int64_t at; } maybe_us;

/* A window found before; from == to: none yet. Windows do not overlap, so one that holds an instant is the
 * one around it. */
enum { ENGINE_RECENT = 256 };
typedef struct stretch { int64_t from, to; } stretch;

/* OPEN takes records; the others say what the next result is. */
enum phase { OPEN, TOTALS, SEGMENTS, DONE };

struct cxm_engine {
    cxm_alloc hook;
    cxm_alloc cell_hook;            /* for what cells hold beyond their bytes: counted against the bound of the slots */
    bool refused;                   /* the bound, and not the allocator, said no to cell_hook */
    metric_spec spec;
    cxm_window_spec window;
    bool has_window;
    maybe_us since, until;          /* records outside are left out */
    maybe_us cover_from, cover_to;  /* the declared range of this state and of all that was merged into it */
    uint32_t segments;
    bool has_names;
    cxm_view names[CXM_ENGINE_SEGMENTS_MAX];
    char *name_bytes;
    size_t name_len;
    uint64_t max_bytes, hash_seed, dedupe_bytes;
    int32_t dedupe;
    group *keys;                    /* winners by key; NULL without dedupe */
    uint64_t excluded, untimed, others;     /* left out; unparsed for their time; sent to `other` */
    group *slots;
    enum phase phase;
    size_t at;                      /* the next slot in this phase */
    int64_t first_us, last_us;      /* event times of all cells, once closed */
    metric_state total;
    stretch recent[ENGINE_RECENT];  /* by the instant's upper bits */
};

/* Bytes of a cell. */
size_t cell_bytes(const metric_spec *spec);

/* What a metric said after it asked cell_hook for memory: CXM_E_LIMIT where the bound refused. */
cxm_status engine_verdict(cxm_engine *engine, cxm_status status);

/* Records in a cell; cells without any are no part of the state. */
uint64_t cell_records(const cxm_engine *engine, const cell *c);

/* Slots with any record. */
uint64_t engine_slots_in_use(const cxm_engine *engine);

/* Lets a cell's event times reach to `at_us`. */
static inline void cell_stretch(cell *c, int64_t at_us)
{
    if (!c->has_time || at_us < c->first_us) c->first_us = at_us;
    if (!c->has_time || at_us > c->last_us) c->last_us = at_us;
    c->has_time = 1;
}

/* The slot of a key, made with an empty cell when it is not there. */
static inline cxm_status engine_slot_of(cxm_engine *engine, const group_key *key, group_slot **out)
{
    bool is_new;
    cxm_status status = group_slot_of(engine->slots, key, out, &is_new);
    if (status == CXM_OK && is_new) registry_row(&engine->spec)->start(&((cell *)group_data(*out))->state, &engine->spec);
    return status;
}

#endif
