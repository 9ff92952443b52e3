/* SPDX-License-Identifier: MIT */
/* engine.c - records to slots, slots to results.
 *
 * Each record touches one slot, that of its segments and window. A total is never counted: at the end
 * the slots are sorted by window and each run is merged, which integer addition makes exact; then they
 * are sorted by segment and handed out one by one. What a cell counts is the metric's affair (registry.h).  */
#include "base/port.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/sized.h"
#include "stream/dedupe.h"
#include "stream/engine_parts.h"
#include <string.h>

_Static_assert(sizeof(cxm_account) == 80, "cxm_account grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_engine_options) == 112, "cxm_engine_options grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_engine_result) == 80, "cxm_engine_result grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_record) == 80, "cxm_record grew");

enum { MIN_BYTES = 64 * 1024, DEFAULT_BYTES = 16 * 1024 * 1024, DEFAULT_KEY_BYTES = 256 * 1024 * 1024,
       NAMES_MAX = 16 * 1024 };

static bool flag_ok(int32_t flag)
{
    return flag == 0 || flag == 1;
}

static bool options_ok(const cxm_engine_options *options, metric_spec *spec)
{
    int64_t from, to;
    return options->segments <= CXM_ENGINE_SEGMENTS_MAX && registry_choose(options, spec) &&
           (registry_row(spec)->dedupes || !options->dedupe) && flag_ok(options->has_since) &&
           flag_ok(options->has_until) && options->reserved == 0 &&
           options->dedupe >= CXM_DEDUPE_NONE && options->dedupe <= CXM_DEDUPE_LATEST &&
           (!options->window || cxm_window_of(options->window, 0, &from, &to) != CXM_E_ARG);
}

static uint64_t bound_of(const cxm_engine_options *options)
{
    return options->max_bytes ? options->max_bytes : DEFAULT_BYTES;
}

/* Bytes of the table of keys. */
static uint64_t key_bound_of(const cxm_engine_options *options)
{
    uint64_t told = options->dedupe_bytes ? options->dedupe_bytes : DEFAULT_KEY_BYTES;
    return options->dedupe ? told : 0;
}

/* A total has its room beside the cells, so that results can be read from a full engine. */
static bool bounds_ok(const cxm_engine_options *options, const metric_spec *spec)
{
    return bound_of(options) >= MIN_BYTES + registry_row(spec)->total_bytes(spec) && bound_of(options) <= UINT64_MAX / 4 &&
           key_bound_of(options) <= UINT64_MAX / 4 &&
           (!options->dedupe || key_bound_of(options) >= MIN_BYTES);
}

uint64_t cxm_engine_bytes(const cxm_engine_options *options)
{
    metric_spec spec;
    bool ok = options && sized_in_ok(options, options->size, sizeof *options, sizeof *options) && options_ok(options, &spec);
    return ok && bounds_ok(options, &spec) ? bound_of(options) + key_bound_of(options) : 0;
}

static maybe_us bound_us(int32_t known, int64_t at)
{
    return (maybe_us){known != 0, known ? at : 0};
}

static void configure(cxm_engine *engine, const cxm_engine_options *options)
{
    engine->has_window = options->window != NULL;
    if (options->window) engine->window = *options->window;
    engine->since = engine->cover_from = bound_us(options->has_since, options->since_us);
    engine->until = engine->cover_to = bound_us(options->has_until, options->until_us);
    engine->segments = options->segments;
    engine->max_bytes = options->max_bytes;
    engine->hash_seed = options->hash_seed;
    engine->dedupe = options->dedupe;
    engine->dedupe_bytes = options->dedupe_bytes;
}

/* A copy of the columns' names; its bytes count against the bound. */
static cxm_status copy_names(cxm_engine *engine, const cxm_view *names)
{
    size_t total = 0, used = 0;
    engine->has_names = names && engine->segments > 0;
    for (uint32_t i = 0; names && i < engine->segments; ++i)
        if (!checked_add_size(total, names[i].len, &total) || total > NAMES_MAX) return CXM_E_LIMIT;
    engine->name_bytes = total ? alloc_zeroed(&engine->hook, 1, total) : NULL;
    if (total && !engine->name_bytes) return CXM_E_MEMORY;
    engine->name_len = total;
    for (uint32_t i = 0; total && i < engine->segments; used += names[i++].len) {
        if (names[i].len) memcpy(engine->name_bytes + used, names[i].text, names[i].len);
        engine->names[i] = (cxm_view){engine->name_bytes + used, names[i].len};
    }
    return CXM_OK;
}

/* --- memory that cells hold beyond their bytes --- */

static void *cell_alloc(void *ctx, size_t bytes)
{
    cxm_engine *engine = ctx;
    engine->refused = !group_charge(engine->slots, bytes);
    if (engine->refused) return NULL;
    void *ptr = engine->hook.alloc(engine->hook.ctx, bytes);
    if (!ptr) group_discharge(engine->slots, bytes);
    return ptr;
}

/* Old and new may stand side by side while they move. */
static void *cell_resize(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    cxm_engine *engine = ctx;
    engine->refused = !group_charge(engine->slots, new_bytes);
    if (engine->refused) return NULL;
    void *moved = engine->hook.resize(engine->hook.ctx, ptr, old_bytes, new_bytes);
    group_discharge(engine->slots, moved ? old_bytes : new_bytes);
    return moved;
}

static void cell_free(void *ctx, void *ptr, size_t bytes)
{
    cxm_engine *engine = ctx;
    engine->hook.free(engine->hook.ctx, ptr, bytes);
    group_discharge(engine->slots, bytes);
}

cxm_status engine_verdict(cxm_engine *engine, cxm_status status)
{
    bool refused = engine->refused;
    engine->refused = false;
    return status == CXM_E_MEMORY && refused ? CXM_E_LIMIT : status;
}

/* --- life --- */

cxm_status cxm_engine_create(const cxm_engine_options *options, const cxm_alloc *alloc, cxm_engine **out)
{
    cxm_alloc hook;
    metric_spec spec;
    if (!options || !out) return CXM_E_ARG;
    if (!sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    if (!options_ok(options, &spec) || alloc_choose(alloc, &hook) != CXM_OK) return CXM_E_ARG;
    if (!bounds_ok(options, &spec)) return CXM_E_LIMIT;
    cxm_engine *engine = alloc_zeroed(&hook, 1, sizeof *engine);
    if (!engine) return CXM_E_MEMORY;
    engine->hook = hook;
    engine->cell_hook = (cxm_alloc){engine, cell_alloc, cell_resize, cell_free};
    engine->spec = spec;
    configure(engine, options);
    cxm_status status = copy_names(engine, options->names);
    if (status == CXM_OK)
        status = group_create(&engine->hook, cell_bytes(&engine->spec),
                              bound_of(options) - registry_row(&spec)->total_bytes(&spec) - sizeof *engine - engine->name_len,
                              options->hash_seed, &engine->slots);
    if (status == CXM_OK && engine->dedupe)
        status = group_create(&engine->hook, sizeof(winner), key_bound_of(options), options->hash_seed, &engine->keys);
    if (status != CXM_OK) cxm_engine_free(engine);
    else *out = engine;
    return status;
}

static void release_states(cxm_engine *engine)
{
    void (*release)(metric_state *) = registry_row(&engine->spec)->release;
    if (!release) return;
    release(&engine->total);
    for (size_t i = 0; engine->slots && i < group_count(engine->slots); ++i)
        release(&((cell *)group_data(group_at(engine->slots, i)))->state);
}

void cxm_engine_free(cxm_engine *engine)
{
    if (!engine) return;
    cxm_alloc hook = engine->hook;
    release_states(engine);
    group_free(engine->slots);
    group_free(engine->keys);
    alloc_free(&hook, engine->name_bytes, engine->name_len);
    alloc_free(&hook, engine, sizeof *engine);
}

cxm_status cxm_engine_describe(const cxm_engine *engine, cxm_engine_options *out)
{
    if (!engine || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    *out = (cxm_engine_options){.size = out->size, .segments = engine->segments,
                                .window = engine->has_window ? &engine->window : NULL,
                                .since_us = engine->cover_from.at, .until_us = engine->cover_to.at,
                                .has_since = engine->cover_from.known, .has_until = engine->cover_to.known,
                                .max_bytes = engine->max_bytes, .hash_seed = engine->hash_seed,
                                .names = engine->has_names ? engine->names : NULL, .dedupe = engine->dedupe,
                                .dedupe_bytes = engine->dedupe_bytes};
    registry_row(&engine->spec)->tell(&engine->spec, out);
    return CXM_OK;
}

/* --- cells --- */

size_t cell_bytes(const metric_spec *spec)
{
    return offsetof(cell, state) + registry_row(spec)->bytes(spec);
}

uint64_t cell_records(const cxm_engine *engine, const cell *c)
{
    metric_account sum;
    registry_row(&engine->spec)->account(&c->state, &sum);
    return sum.scored + sum.missing + sum.unparsed + sum.out_of_range + sum.refused + c->duplicates + c->late;
}

/* --- records in --- */

static bool in_range(const cxm_engine *engine, int64_t at_us)
{
    return (!engine->since.known || at_us >= engine->since.at) && (!engine->until.known || at_us < engine->until.at);
}

static bool needs_time(const cxm_engine *engine)
{
    return engine->has_window || engine->since.known || engine->until.known || engine->dedupe;
}

PORT_COLD static bool find_window(const cxm_engine *engine, int64_t at_us, stretch *out)
{
    stretch found;
    if (cxm_window_of(&engine->window, at_us, &found.from, &found.to) != CXM_OK) return false;
    *out = found;
    return true;
}

/* The window around an instant, by the calendar only when none of the recent ones holds it. An entry serves
 * 2^37 us, 38 hours: a year of days has room, and any number of records finds its window by one compare. */
static inline bool window_around(cxm_engine *engine, int64_t at_us, int64_t *from)
{
    stretch *recent = &engine->recent[((uint64_t)at_us >> 37) % ENGINE_RECENT];
    if ((at_us < recent->from || at_us >= recent->to) && !find_window(engine, at_us, recent)) return false;
    *from = recent->from;
    return true;
}

/* Whether a record's time lets it in; otherwise the counter it belongs to is named. */
static inline bool admit(cxm_engine *engine, const cxm_record *record, int64_t *window, uint64_t **counter)
{
    *window = 0;
    *counter = &engine->excluded;
    if (!needs_time(engine)) return true;
    if (record->time == CXM_TIME_UNPARSED) *counter = &engine->untimed;
    if (record->time != CXM_TIME_GIVEN || !in_range(engine, record->at_us)) return false;
    return !engine->has_window || window_around(engine, record->at_us, window);
}

PORT_COLD static cxm_status other_of(cxm_engine *engine, uint32_t segments, int64_t window, group_slot **out)
{
    static const cxm_view blank[CXM_ENGINE_SEGMENTS_MAX];
    group_key key = {blank, segments, true, window};
    return engine_slot_of(engine, &key, out);
}

/* The slot a record belongs to; of the `other` segment when its own does not fit. */
static inline cxm_status home_of(cxm_engine *engine, const cxm_record *record, int64_t window, group_slot **out)
{
    group_key key = {record->segments, record->segment_count, false, window};
    cxm_status status = engine_slot_of(engine, &key, out);
    bool full = status == CXM_E_LIMIT && record->segment_count > 0;
    return full ? other_of(engine, record->segment_count, window, out) : status;
}

static inline cxm_status score(cxm_engine *engine, cell *home, const cxm_record *record)
{
    cxm_status status = registry_row(&engine->spec)->add(&home->state, &engine->spec, record, &engine->cell_hook);
    if (status != CXM_OK) return engine_verdict(engine, status);
    if (record->time == CXM_TIME_GIVEN) cell_stretch(home, record->at_us);
    return CXM_OK;
}

/* Scores a record in its home, and lets it meet the other answers of its key. */
static cxm_status score_one_a_key(cxm_engine *engine, group_slot *home, const cxm_record *record)
{
    winner *held;
    cxm_status status = dedupe_winner_of(engine, record->key, &held);
    if (status == CXM_OK) status = score(engine, group_data(home), record);
    if (status == CXM_OK) dedupe_settle(engine, held, (winner){home, record->at_us, (int64_t)record->value});
    return status;
}

/* Scores an admitted record. */
static cxm_status take(cxm_engine *engine, const cxm_record *record, int64_t window)
{
    group_slot *home;
    cxm_status status = home_of(engine, record, window, &home);
    if (status != CXM_OK) return status;
    if (engine->dedupe && dedupe_competes(engine, record)) status = score_one_a_key(engine, home, record);
    else status = score(engine, group_data(home), record);
    if (status == CXM_OK) engine->others += home->key.is_other;
    return status;                                      /* a slot made for nothing stays empty, and is none */
}

static bool views_ok(const cxm_view *views, uint32_t count)
{
    for (uint32_t i = 0; i < count; ++i)
        if (!views[i].text && views[i].len) return false;
    return true;
}

static inline bool record_ok(const cxm_engine *engine, const cxm_record *record)
{
    bool (*check)(const cxm_record *record) = registry_row(&engine->spec)->record_ok;
    return record->answer >= CXM_ANSWER_GIVEN && record->answer <= CXM_ANSWER_OPEN &&
           record->time >= CXM_TIME_NONE && record->time <= CXM_TIME_UNPARSED &&
           record->segment_count == engine->segments && (record->segments || record->segment_count == 0) &&
           views_ok(record->segments, record->segment_count) && views_ok(&record->key, 1) &&
           (!check || check(record));
}

cxm_status cxm_engine_add(cxm_engine *engine, const cxm_record *record)
{
    int64_t window;
    uint64_t *counter;
    if (!engine || !record) return CXM_E_ARG;
    if (!sized_in_ok(record, record->size, sizeof *record, sizeof *record)) return CXM_E_ABI;
    if (engine->phase != OPEN || !record_ok(engine, record)) return CXM_E_ARG;
    if (!admit(engine, record, &window, &counter)) {
        ++*counter;
        return CXM_OK;
    }
    return take(engine, record, window);
}

cxm_status cxm_engine_exclude(cxm_engine *engine)
{
    if (!engine || engine->phase != OPEN) return CXM_E_ARG;
    ++engine->excluded;
    return CXM_OK;
}

/* --- results out --- */

/* Event times of all cells together. */
static bool span_of(const cxm_engine *engine, int64_t *first, int64_t *last)
{
    cell all = {.has_time = 0};
    for (size_t i = 0; i < group_count(engine->slots); ++i) {
        const cell *c = group_data(group_at(engine->slots, i));
        if (!c->has_time) continue;
        cell_stretch(&all, c->first_us);
        cell_stretch(&all, c->last_us);
    }
    *first = all.first_us;
    *last = all.last_us;
    return all.has_time;
}

/* Cells without a record are no results: a merge that did not fit may have left some. */
static bool skip_empty(cxm_engine *engine)
{
    size_t count = group_count(engine->slots);
    while (engine->at < count && cell_records(engine, group_data(group_at(engine->slots, engine->at))) == 0) ++engine->at;
    return engine->at < count;
}

cxm_status cxm_engine_close(cxm_engine *engine)
{
    if (!engine) return CXM_E_ARG;
    group_sort(engine->slots, group_compare_windows);
    span_of(engine, &engine->first_us, &engine->last_us);
    engine->phase = TOTALS;
    engine->at = 0;
    skip_empty(engine);
    return CXM_OK;
}

/* Whether data, or the declared range, reach over both ends of the window. */
static bool is_complete(const cxm_engine *engine, int64_t from, int64_t to)
{
    int64_t begin = engine->first_us, end = engine->last_us;
    if (engine->cover_from.known && engine->cover_from.at < begin) begin = engine->cover_from.at;
    if (engine->cover_to.known && engine->cover_to.at > end) end = engine->cover_to.at;
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
    const metric *kind = registry_row(&engine->spec);
    size_t at = engine->at, count = group_count(engine->slots);
    if (kind->release) kind->release(&engine->total);
    kind->start(&engine->total, &engine->spec);
    cxm_status status = kind->show(&engine->total, &engine->spec, &engine->hook, out);
    if (at == count) return status;                     /* no record at all */
    int64_t window = group_at(engine->slots, at)->key.window;
    set_window(engine, window, out);
    for (; status == CXM_OK && at < count; ++at) {
        group_slot *slot = group_at(engine->slots, at);
        if (slot->key.window != window) break;
        status = kind->merge(&engine->total, &((cell *)group_data(slot))->state, &engine->spec, &engine->hook);
    }
    if (status == CXM_OK) engine->at = at;
    return status;
}

static cxm_status next_segment(cxm_engine *engine, cxm_engine_result *out)
{
    group_slot *slot = group_at(engine->slots, engine->at++);
    out->segments = slot->key.segments;
    out->segment_count = slot->key.segment_count;
    out->is_other = slot->key.is_other;
    set_window(engine, slot->key.window, out);
    return registry_row(&engine->spec)->show(&((cell *)group_data(slot))->state, &engine->spec, &engine->cell_hook, out);
}

/* Moves on when the phase at hand has nothing left. */
static void advance(cxm_engine *engine)
{
    if (skip_empty(engine)) return;
    bool segments_follow = engine->phase == TOTALS && engine->segments > 0;
    engine->phase = segments_follow ? SEGMENTS : DONE;
    engine->at = 0;
    if (!segments_follow) return;
    group_sort(engine->slots, group_compare_segments);
    if (!skip_empty(engine)) engine->phase = DONE;
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
    else status = next_segment(engine, &result);
    if (status != CXM_OK) return status;
    advance(engine);
    memcpy(out, &result, sizeof result);
    return CXM_OK;
}

static void count_cell(const cxm_engine *engine, const cell *c, cxm_account *out)
{
    metric_account sum;
    registry_row(&engine->spec)->account(&c->state, &sum);
    out->scored += sum.scored;
    out->missing += sum.missing;
    out->unparsed += sum.unparsed;
    out->out_of_range += sum.out_of_range;
    out->duplicates += c->duplicates;
    out->late += c->late;
    out->refused += sum.refused;
}

cxm_status cxm_engine_account(const cxm_engine *engine, cxm_account *out)
{
    if (!engine || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_account sum = {.size = out->size, .unparsed = engine->untimed, .excluded = engine->excluded};
    for (size_t i = 0; i < group_count(engine->slots); ++i) count_cell(engine, group_data(group_at(engine->slots, i)), &sum);
    sum.records = sum.scored + sum.missing + sum.unparsed + sum.out_of_range + sum.duplicates + sum.late + sum.excluded +
                  sum.refused;
    memcpy(out, &sum, sizeof sum);
    return CXM_OK;
}

cxm_status cxm_engine_span(const cxm_engine *engine, int64_t *first_us, int64_t *last_us)
{
    if (!engine || !first_us || !last_us) return CXM_E_ARG;
    int64_t first, last;
    if (!span_of(engine, &first, &last)) return CXM_E_EMPTY;
    *first_us = first;
    *last_us = last;
    return CXM_OK;
}

uint64_t engine_slots_in_use(const cxm_engine *engine)
{
    uint64_t n = 0;
    for (size_t i = 0; i < group_count(engine->slots); ++i) n += cell_records(engine, group_data(group_at(engine->slots, i))) > 0;
    return n;
}

cxm_status cxm_engine_slots(const cxm_engine *engine, uint64_t *slots, uint64_t *other_records)
{
    if (!engine || !slots || !other_records) return CXM_E_ARG;
    *slots = engine_slots_in_use(engine);
    *other_records = engine->others;
    return CXM_OK;
}
