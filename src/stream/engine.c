/* SPDX-License-Identifier: MIT */
/* engine.c - records to slots, slots to results.
 *
 * Each record touches one slot, that of its segments and window. A total is never counted: at the end
 * the slots are sorted by window and each run is merged, which integer addition makes exact; then they
 * are sorted by segment and handed out one by one.                                     */
#include "base/port.h"
#include <cxm/engine.h>
#include "base/alloc.h"
#include "base/sized.h"
#include "stream/group.h"
#include <string.h>

_Static_assert(sizeof(cxm_account) == 56, "cxm_account grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_engine_options) == 64, "cxm_engine_options grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_engine_result) == 56, "cxm_engine_result grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_record) == 40, "cxm_record grew");

enum { MIN_BYTES = 64 * 1024, DEFAULT_BYTES = 16 * 1024 * 1024, RECENT = 256 };

/* A window found before. Windows do not overlap, so one that holds an instant is the one around it. */
typedef struct stretch { int64_t from, to; } stretch;

/* What comes next out of the engine. */
enum phase { OPEN, TOTALS, SEGMENTS, DONE };

struct cxm_engine {
    cxm_alloc hook;
    cxm_scale_spec scale;
    cxm_window_spec window;
    bool has_window, has_since, has_until, needs_time;
    int64_t since_us, until_us, first_us, last_us;
    bool seen_time;
    uint32_t segments;
    uint64_t excluded, untimed, others;     /* left out; unparsed for their time; sent to `other` */
    group *slots;
    enum phase phase;
    size_t at;                              /* the next slot in this phase */
    cxm_scale total;
    stretch recent[RECENT];                 /* from == to: none yet */
};

static bool flag_ok(int32_t flag)
{
    return flag == 0 || flag == 1;
}

static bool options_ok(const cxm_engine_options *options)
{
    int64_t from, to;
    return options->segments <= CXM_ENGINE_SEGMENTS_MAX && cxm_scale_bytes(options->scale) &&
           flag_ok(options->has_since) && flag_ok(options->has_until) &&
           (!options->window || cxm_window_of(options->window, 0, &from, &to) != CXM_E_ARG);
}

static uint64_t bound_of(const cxm_engine_options *options)
{
    return options->max_bytes ? options->max_bytes : DEFAULT_BYTES;
}

uint64_t cxm_engine_bytes(const cxm_engine_options *options)
{
    bool ok = options && sized_in_ok(options, options->size, sizeof *options, sizeof *options) && options_ok(options);
    return ok && bound_of(options) >= MIN_BYTES ? bound_of(options) : 0;
}

static void configure(cxm_engine *engine, const cxm_engine_options *options)
{
    engine->scale = *options->scale;
    engine->has_window = options->window != NULL;
    if (options->window) engine->window = *options->window;
    engine->has_since = options->has_since;
    engine->has_until = options->has_until;
    engine->since_us = options->since_us;
    engine->until_us = options->until_us;
    engine->needs_time = engine->has_window || engine->has_since || engine->has_until;
    engine->segments = options->segments;
}

cxm_status cxm_engine_create(const cxm_engine_options *options, const cxm_alloc *alloc, cxm_engine **out)
{
    cxm_alloc hook;
    if (!options || !out) return CXM_E_ARG;
    if (!sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    if (!options_ok(options) || alloc_choose(alloc, &hook) != CXM_OK) return CXM_E_ARG;
    if (bound_of(options) < MIN_BYTES) return CXM_E_LIMIT;
    cxm_engine *engine = alloc_zeroed(&hook, 1, sizeof *engine);
    if (!engine) return CXM_E_MEMORY;
    engine->hook = hook;
    configure(engine, options);
    cxm_status status = group_create(&engine->hook, cxm_scale_bytes(&engine->scale),
                                     bound_of(options) - sizeof *engine, options->hash_seed, &engine->slots);
    if (status != CXM_OK) cxm_engine_free(engine);
    else *out = engine;
    return status;
}

void cxm_engine_free(cxm_engine *engine)
{
    if (!engine) return;
    cxm_alloc hook = engine->hook;
    group_free(engine->slots);
    alloc_free(&hook, engine, sizeof *engine);
}

/* --- records in --- */

static void stretch_span(cxm_engine *engine, const cxm_record *record)
{
    int64_t at_us = record->at_us;
    if (record->time != CXM_TIME_GIVEN) return;
    if (!engine->seen_time || at_us < engine->first_us) engine->first_us = at_us;
    if (!engine->seen_time || at_us > engine->last_us) engine->last_us = at_us;
    engine->seen_time = true;
}

static bool in_range(const cxm_engine *engine, int64_t at_us)
{
    return (!engine->has_since || at_us >= engine->since_us) && (!engine->has_until || at_us < engine->until_us);
}

/* The window around an instant, by the calendar only when none of the recent ones holds it. An entry serves
 * 2^37 us, 38 hours: a year of days has room, and any number of records finds its window by one compare. */
static bool window_around(cxm_engine *engine, int64_t at_us, int64_t *from)
{
    stretch *recent = &engine->recent[((uint64_t)at_us >> 37) % RECENT], found;
    if (at_us < recent->from || at_us >= recent->to) {
        if (cxm_window_of(&engine->window, at_us, &found.from, &found.to) != CXM_OK) return false;
        *recent = found;
    }
    *from = recent->from;
    return true;
}

/* Whether a record's time lets it in; otherwise the counter it belongs to is named. */
static bool admit(cxm_engine *engine, const cxm_record *record, int64_t *window, uint64_t **counter)
{
    *window = 0;
    *counter = &engine->excluded;
    if (!engine->needs_time) return true;
    if (record->time == CXM_TIME_UNPARSED) *counter = &engine->untimed;
    if (record->time != CXM_TIME_GIVEN || !in_range(engine, record->at_us)) return false;
    return !engine->has_window || window_around(engine, record->at_us, window);
}

/* The state a record belongs to; of the `other` segment when its own does not fit. */
static cxm_status slot_of(cxm_engine *engine, const cxm_record *record, int64_t window, cxm_scale **out)
{
    static const cxm_view blank[CXM_ENGINE_SEGMENTS_MAX];
    group_key key = {record->segments, record->segment_count, false, window};
    group_slot *slot;
    bool is_new;
    cxm_status status = group_slot_of(engine->slots, &key, &slot, &is_new);
    if (status == CXM_E_LIMIT && record->segment_count > 0) {
        key = (group_key){blank, record->segment_count, true, window};
        status = group_slot_of(engine->slots, &key, &slot, &is_new);
    }
    if (status != CXM_OK) return status;
    engine->others += slot->key.is_other;
    *out = group_data(slot);
    return is_new ? cxm_scale_init(*out, &engine->scale) : CXM_OK;
}

static void score(cxm_scale *scale, const cxm_record *record)
{
    if (record->answer == CXM_ANSWER_GIVEN) cxm_scale_add_double(scale, record->value);
    else if (record->answer == CXM_ANSWER_MISSING) cxm_scale_add_missing(scale);
    else cxm_scale_add_unparsed(scale);
}

static bool views_ok(const cxm_view *views, uint32_t count)
{
    for (uint32_t i = 0; i < count; ++i)
        if (!views[i].text && views[i].len) return false;
    return true;
}

static bool record_ok(const cxm_engine *engine, const cxm_record *record)
{
    return record->answer >= CXM_ANSWER_GIVEN && record->answer <= CXM_ANSWER_UNPARSED &&
           record->time >= CXM_TIME_NONE && record->time <= CXM_TIME_UNPARSED &&
           record->segment_count == engine->segments && (record->segments || record->segment_count == 0) &&
           views_ok(record->segments, record->segment_count);
}

cxm_status cxm_engine_add(cxm_engine *engine, const cxm_record *record)
{
    int64_t window;
    uint64_t *counter;
    cxm_scale *scale;
    if (!engine || !record) return CXM_E_ARG;
    if (!sized_in_ok(record, record->size, sizeof *record, sizeof *record)) return CXM_E_ABI;
    if (engine->phase != OPEN || !record_ok(engine, record)) return CXM_E_ARG;
    if (admit(engine, record, &window, &counter)) {
        cxm_status status = slot_of(engine, record, window, &scale);
        if (status != CXM_OK) return status;            /* nothing is counted, the span neither */
        score(scale, record);
    } else {
        ++*counter;
    }
    stretch_span(engine, record);
    return CXM_OK;
}

cxm_status cxm_engine_exclude(cxm_engine *engine)
{
    if (!engine || engine->phase != OPEN) return CXM_E_ARG;
    ++engine->excluded;
    return CXM_OK;
}

/* --- results out --- */

cxm_status cxm_engine_close(cxm_engine *engine)
{
    if (!engine) return CXM_E_ARG;
    group_sort(engine->slots, group_compare_windows);
    engine->phase = TOTALS;
    engine->at = 0;
    return CXM_OK;
}

/* Whether data, or the declared range, reach over both ends of the window. */
static bool is_complete(const cxm_engine *engine, int64_t from, int64_t to)
{
    int64_t begin = engine->has_since ? engine->since_us : engine->first_us;
    int64_t end = engine->has_until ? engine->until_us : engine->last_us;
    return begin <= from && end >= to;
}

static void set_window(const cxm_engine *engine, int64_t window, cxm_engine_result *out)
{
    if (!engine->has_window) return;
    cxm_window_of(&engine->window, window, &out->from_us, &out->to_us);     /* it was found by this very call */
    out->has_window = 1;
    out->complete = is_complete(engine, out->from_us, out->to_us);
}

/* The total of one window, or of everything: the merge of a run of slots. */
static cxm_status next_total(cxm_engine *engine, cxm_engine_result *out)
{
    size_t at = engine->at, count = group_count(engine->slots);
    cxm_status status = cxm_scale_init(&engine->total, &engine->scale);
    out->state = &engine->total;
    if (at == count) return status;                     /* no record at all */
    int64_t window = group_at(engine->slots, at)->key.window;
    set_window(engine, window, out);
    for (; status == CXM_OK && at < count; ++at) {
        group_slot *slot = group_at(engine->slots, at);
        if (slot->key.window != window) break;
        status = cxm_scale_merge(&engine->total, group_data(slot));
    }
    if (status == CXM_OK) engine->at = at;
    return status;
}

static void next_segment(cxm_engine *engine, cxm_engine_result *out)
{
    group_slot *slot = group_at(engine->slots, engine->at++);
    out->segments = slot->key.segments;
    out->segment_count = slot->key.segment_count;
    out->is_other = slot->key.is_other;
    out->state = group_data(slot);
    set_window(engine, slot->key.window, out);
}

/* Moves on when the phase at hand has nothing left. */
static void advance(cxm_engine *engine)
{
    bool exhausted = engine->at == group_count(engine->slots);
    if (engine->phase == TOTALS && exhausted) {
        if (engine->segments) group_sort(engine->slots, group_compare_segments);
        engine->phase = engine->segments && engine->at ? SEGMENTS : DONE;
        engine->at = 0;
    } else if (engine->phase == SEGMENTS && exhausted) {
        engine->phase = DONE;
    }
}

cxm_status cxm_engine_next(cxm_engine *engine, cxm_engine_result *out)
{
    if (!engine || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (engine->phase == OPEN) return CXM_E_ARG;
    if (engine->phase == DONE) return CXM_END;
    cxm_engine_result result = {.size = out->size};
    cxm_status status = CXM_OK;
    if (engine->phase == TOTALS) status = next_total(engine, &result);
    else next_segment(engine, &result);
    if (status != CXM_OK) return status;
    advance(engine);
    memcpy(out, &result, sizeof result);
    return CXM_OK;
}

static void count_slot(const cxm_scale *scale, cxm_account *out)
{
    uint64_t n = 0;
    cxm_scale_n(scale, &n);
    out->scored += n;
    out->missing += scale->missing;
    out->unparsed += scale->unparsed;
    out->out_of_range += scale->out_of_range;
}

cxm_status cxm_engine_account(const cxm_engine *engine, cxm_account *out)
{
    if (!engine || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_account sum = {.size = out->size, .unparsed = engine->untimed, .excluded = engine->excluded};
    for (size_t i = 0; i < group_count(engine->slots); ++i) count_slot(group_data(group_at(engine->slots, i)), &sum);
    sum.records = sum.scored + sum.missing + sum.unparsed + sum.out_of_range + sum.excluded;
    memcpy(out, &sum, sizeof sum);
    return CXM_OK;
}

cxm_status cxm_engine_span(const cxm_engine *engine, int64_t *first_us, int64_t *last_us)
{
    if (!engine || !first_us || !last_us) return CXM_E_ARG;
    if (!engine->seen_time) return CXM_E_EMPTY;
    *first_us = engine->first_us;
    *last_us = engine->last_us;
    return CXM_OK;
}

cxm_status cxm_engine_slots(const cxm_engine *engine, uint64_t *slots, uint64_t *other_records)
{
    if (!engine || !slots || !other_records) return CXM_E_ARG;
    *slots = group_count(engine->slots);
    *other_records = engine->others;
    return CXM_OK;
}
