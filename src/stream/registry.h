/* SPDX-License-Identifier: MIT */
/* registry.h - every metric that a cell of the engine can hold: one row each, and nothing else knows them.
 *
 * A state's bytes lie in its cell; what it takes beyond them comes from the hook that each call is given, the same
 * one for life. All bytes zero, then start(), is the empty state. Calls that can fail leave the state as it was.
 * Merging two engines takes two steps, as one may fail: prepare() for every cell, and only then commit() for
 * every cell, which cannot; or discard() for those prepared. */
#ifndef CXM_STREAM_REGISTRY_H
#define CXM_STREAM_REGISTRY_H
#include <cxm/engine.h>
#include <stdbool.h>
#include "base/codec.h"

enum { METRIC_SPEC_MAX = 160 };

/* A label state, made with its first record; `next` is what a merge prepared. */
typedef struct label_cell { cxm_label *now, *next; } label_cell;

/* A weighted state, likewise. */
typedef struct weighted_cell { cxm_weighted *now, *next; } weighted_cell;

/* A quantile state, likewise. */
typedef struct quantile_cell { cxm_quantile *now, *next; } quantile_cell;

/* Only as many bytes as the metric says are stored of it. */
typedef union metric_state { cxm_scale scale; label_cell label; weighted_cell weighted; quantile_cell quantile; } metric_state;

/* What must agree before two cells can merge; zero where it is another metric's. */
typedef struct metric_spec {
    uint32_t row;               /* of registry_rows */
    cxm_scale_spec scale;       /* of answers with and without weights */
    cxm_label_options label;
    cxm_quantile_spec quantile; /* complete */
} metric_spec;

/* Records by what became of them. */
typedef struct metric_account { uint64_t scored, missing, unparsed, out_of_range, refused; } metric_account;

typedef struct metric {
    uint16_t kind;              /* of codec.h: what its states are as bytes of their own, with the same spec and payload */
    bool dedupes;               /* whether a record can be taken back exactly, and records have an order */
    /* options: whether they name this metric; its spec out of them, and back into them */
    bool (*asked)(const cxm_engine_options *options);
    bool (*take)(const cxm_engine_options *options, metric_spec *out);
    void (*tell)(const metric_spec *spec, cxm_engine_options *out);
    /* bytes: of a state in its cell; of one more state that is a total, beyond these, at the most */
    size_t (*bytes)(const metric_spec *spec);
    uint64_t (*total_bytes)(const metric_spec *spec);
    /* life */
    bool (*record_ok)(const cxm_record *record);        /* NULL: any record that the engine takes */
    void (*start)(metric_state *state, const metric_spec *spec);
    cxm_status (*add)(metric_state *state, const metric_spec *spec, const cxm_record *record, const cxm_alloc *hook);
    void (*account)(const metric_state *state, metric_account *out);
    cxm_status (*show)(metric_state *state, const metric_spec *spec, const cxm_alloc *hook, cxm_engine_result *out);
    void (*release)(metric_state *state);               /* NULL: nothing beyond the cell */
    /* merge: for good at once, or in two steps */
    cxm_status (*merge)(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook);
    cxm_status (*prepare)(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook);
    void (*commit)(metric_state *into, const metric_state *from);
    void (*discard)(metric_state *into);                /* NULL: nothing was made */
    /* bytes that travel; the spec is of at most METRIC_SPEC_MAX, and just one text is one spec */
    size_t (*spec_write)(const metric_spec *spec, char *out);
    bool (*spec_read)(const char *text, size_t len, metric_spec *out);
    uint64_t (*floor)(const metric_spec *spec);         /* the fewest bytes of a payload */
    /* the most memory beyond cells that as many states take */
    uint64_t (*read_bytes)(const metric_spec *spec, uint64_t states, uint64_t payload);
    void (*put)(codec_writer *w, const metric_state *state, const metric_spec *spec);
    cxm_status (*get)(codec_reader *r, metric_state *state, const metric_spec *spec, const cxm_alloc *hook);
} metric;

extern const metric registry_rows[];

static inline const metric *registry_row(const metric_spec *spec)
{
    return &registry_rows[spec->row];
}

/* The one metric that the options name; false for none, several or one that is not valid. */
bool registry_choose(const cxm_engine_options *options, metric_spec *out);

/* The spec of whichever metric wrote this text. */
bool registry_read(const char *text, size_t len, metric_spec *out);

#endif
