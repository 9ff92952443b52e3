/* SPDX-License-Identifier: MIT */
/* registry.c - the rows of registry.h: scale, label, weighted and quantile. */
#include "base/port.h"
#include "stream/registry.h"
#include <string.h>
#include "response/quantile_codec.h"
#include "score/label_codec.h"
#include "score/scale_codec.h"
#include "score/weighted_codec.h"
#include "score/weighted_state.h"

_Static_assert((int)SCALE_SPEC_MAX <= (int)METRIC_SPEC_MAX && (int)LABEL_SPEC_MAX <= (int)METRIC_SPEC_MAX &&
               (int)WEIGHTED_SPEC_MAX <= (int)METRIC_SPEC_MAX && (int)QUANTILE_SPEC_MAX <= (int)METRIC_SPEC_MAX,
               "a spec outgrew its room");

static bool is_answer(const cxm_record *record)
{
    return record->answer != CXM_ANSWER_OPEN;
}

/* --- scale: lies in its cell as a whole, so nothing can fail but a sum --- */

static bool scale_asked(const cxm_engine_options *options)
{
    return options->scale != NULL;
}

static bool scale_take(const cxm_engine_options *options, metric_spec *out)
{
    out->scale = *options->scale;
    return cxm_scale_bytes(options->scale) > 0;
}

static void scale_tell(const metric_spec *spec, cxm_engine_options *out)
{
    out->scale = &spec->scale;
}

static size_t scale_cell_bytes(const metric_spec *spec)
{
    return cxm_scale_bytes(&spec->scale);
}

static uint64_t scale_total_bytes(const metric_spec *spec)
{
    (void)spec;
    return 0;
}

static void scale_start(metric_state *state, const metric_spec *spec)
{
    cxm_scale_init(&state->scale, &spec->scale);
}

static cxm_status scale_add(metric_state *state, const metric_spec *spec, const cxm_record *record, const cxm_alloc *hook)
{
    (void)spec;
    (void)hook;
    if (record->answer == CXM_ANSWER_GIVEN) cxm_scale_add_double(&state->scale, record->value);
    else if (record->answer == CXM_ANSWER_MISSING) cxm_scale_add_missing(&state->scale);
    else cxm_scale_add_unparsed(&state->scale);
    return CXM_OK;
}

static void scale_account(const metric_state *state, metric_account *out)
{
    const cxm_scale *scale = &state->scale;
    *out = (metric_account){0, scale->missing, scale->unparsed, scale->out_of_range, 0};
    cxm_scale_n(scale, &out->scored);                   /* was found to fit when the counts came in */
}

static cxm_status scale_show(metric_state *state, const metric_spec *spec, const cxm_alloc *hook, cxm_engine_result *out)
{
    (void)spec;
    (void)hook;
    out->state = &state->scale;
    return CXM_OK;
}

static cxm_status scale_merge(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook)
{
    (void)spec;
    (void)hook;
    return cxm_scale_merge(&into->scale, &from->scale);
}

/* The sum is tried on a copy. */
static cxm_status scale_prepare(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook)
{
    cxm_scale trial;
    (void)hook;
    memcpy(&trial, &into->scale, cxm_scale_bytes(&spec->scale));
    return cxm_scale_merge(&trial, &from->scale);
}

static void scale_commit(metric_state *into, const metric_state *from)
{
    cxm_scale_merge(&into->scale, &from->scale);
}

static size_t scale_text(const metric_spec *spec, char *out)
{
    return scale_spec_write(&spec->scale, out);
}

static bool scale_of_text(const char *text, size_t len, metric_spec *out)
{
    return scale_spec_read(text, len, &out->scale);
}

static uint64_t scale_floor(const metric_spec *spec)
{
    return 3 + (uint64_t)((int64_t)spec->scale.hi - spec->scale.lo) + 1;    /* three counters, and one a point */
}

static uint64_t scale_read_bytes(const metric_spec *spec, uint64_t states, uint64_t payload)
{
    (void)spec;
    (void)states;
    (void)payload;
    return 0;
}

static void scale_write(codec_writer *w, const metric_state *state, const metric_spec *spec)
{
    (void)spec;
    scale_put(w, &state->scale);
}

static cxm_status scale_read(codec_reader *r, metric_state *state, const metric_spec *spec, const cxm_alloc *hook)
{
    (void)spec;
    (void)hook;
    scale_get(r, &state->scale);
    return r->ok ? CXM_OK : CXM_E_FORMAT;
}

/* --- label: a pointer in its cell, NULL as long as nothing was counted --- */

static bool labels_asked(const cxm_engine_options *options)
{
    return options->label != NULL;
}

static bool labels_take(const cxm_engine_options *options, metric_spec *out)
{
    return label_options_complete(options->label, &out->label) == CXM_OK;
}

static void labels_tell(const metric_spec *spec, cxm_engine_options *out)
{
    out->label = &spec->label;
}

static size_t labels_cell_bytes(const metric_spec *spec)
{
    (void)spec;
    return sizeof(label_cell);
}

static uint64_t labels_total_bytes(const metric_spec *spec)
{
    return cxm_label_bytes(&spec->label);
}

static bool labels_record_ok(const cxm_record *record)
{
    return is_answer(record) && record->answer != CXM_ANSWER_UNPARSED && (record->label.text || record->label.len == 0);
}

static void labels_start(metric_state *state, const metric_spec *spec)
{
    (void)spec;
    state->label = (label_cell){NULL, NULL};
}

static cxm_status labels_make(label_cell *cell, const metric_spec *spec, const cxm_alloc *hook)
{
    return cell->now ? CXM_OK : cxm_label_create(&spec->label, hook, &cell->now);
}

static cxm_status labels_add(metric_state *state, const metric_spec *spec, const cxm_record *record, const cxm_alloc *hook)
{
    cxm_status status = labels_make(&state->label, spec, hook);
    if (status != CXM_OK) return status;
    if (record->answer == CXM_ANSWER_MISSING) status = cxm_label_add_missing(state->label.now);
    else status = cxm_label_add(state->label.now, record->label.text, record->label.len);
    return status == CXM_E_MEMORY ? status : CXM_OK;    /* too long a label was counted as such */
}

static void labels_account(const metric_state *state, metric_account *out)
{
    cxm_label_summary sum = {.size = sizeof sum};
    *out = (metric_account){0, 0, 0, 0, 0};
    if (!state->label.now) return;
    cxm_label_summarize(state->label.now, NULL, &sum);  /* with n = 0 too */
    *out = (metric_account){sum.n, sum.missing, 0, sum.out_of_range, 0};
}

static cxm_status labels_show(metric_state *state, const metric_spec *spec, const cxm_alloc *hook, cxm_engine_result *out)
{
    cxm_status status = labels_make(&state->label, spec, hook);
    out->labels = state->label.now;
    return status;
}

static void labels_release(metric_state *state)
{
    cxm_label_free(state->label.now);
    cxm_label_free(state->label.next);
    state->label = (label_cell){NULL, NULL};
}

static cxm_status labels_merge(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook)
{
    cxm_status status = labels_make(&into->label, spec, hook);
    if (status != CXM_OK || !from->label.now) return status;
    return cxm_label_merge(into->label.now, from->label.now);
}

/* The sum is made aside, of both: the labels of one decide which of the other's are kept. */
static cxm_status labels_prepare(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook)
{
    metric_state sum = {.label = {NULL, NULL}};
    cxm_status status = labels_merge(&sum, into, spec, hook);
    if (status == CXM_OK) status = labels_merge(&sum, from, spec, hook);
    if (status == CXM_OK) into->label.next = sum.label.now;
    else cxm_label_free(sum.label.now);
    return status;
}

static void labels_commit(metric_state *into, const metric_state *from)
{
    (void)from;
    cxm_label_free(into->label.now);
    into->label = (label_cell){into->label.next, NULL};
}

static void labels_discard(metric_state *into)
{
    cxm_label_free(into->label.next);
    into->label.next = NULL;
}

static size_t labels_text(const metric_spec *spec, char *out)
{
    return label_spec_write(&spec->label, out);
}

static bool labels_of_text(const char *text, size_t len, metric_spec *out)
{
    return label_spec_read(text, len, &out->label);
}

static uint64_t labels_floor(const metric_spec *spec)
{
    (void)spec;
    return LABEL_PAYLOAD_LEAST;
}

static uint64_t labels_read_bytes(const metric_spec *spec, uint64_t states, uint64_t payload)
{
    (void)spec;
    return label_read_bytes(states, payload);
}

static void labels_write(codec_writer *w, const metric_state *state, const metric_spec *spec)
{
    (void)spec;
    for (int i = 0; !state->label.now && i < LABEL_PAYLOAD_LEAST; ++i) codec_put_u64(w, 0);
    if (state->label.now) label_put(w, state->label.now);
}

/* The hook judges the memory. */
static cxm_status labels_read(codec_reader *r, metric_state *state, const metric_spec *spec, const cxm_alloc *hook)
{
    return label_get(r, &spec->label, SIZE_MAX, hook, &state->label.now);
}

/* --- weighted: a pointer in its cell, NULL as long as nothing was counted --- */

static bool weighted_asked(const cxm_engine_options *options)
{
    return options->weighted != NULL;
}

static bool weighted_take(const cxm_engine_options *options, metric_spec *out)
{
    out->scale = *options->weighted;
    return cxm_weighted_bytes(options->weighted) > 0;
}

static void weighted_tell(const metric_spec *spec, cxm_engine_options *out)
{
    out->weighted = &spec->scale;
}

static size_t weighted_cell_bytes(const metric_spec *spec)
{
    (void)spec;
    return sizeof(weighted_cell);
}

static uint64_t weighted_total_bytes(const metric_spec *spec)
{
    return cxm_weighted_bytes(&spec->scale);
}

static void weighted_start(metric_state *state, const metric_spec *spec)
{
    (void)spec;
    state->weighted = (weighted_cell){NULL, NULL};
}

static cxm_status weighted_make(weighted_cell *cell, const metric_spec *spec, const cxm_alloc *hook)
{
    return cell->now ? CXM_OK : cxm_weighted_create(&spec->scale, hook, &cell->now);
}

static cxm_status weighted_add(metric_state *state, const metric_spec *spec, const cxm_record *record, const cxm_alloc *hook)
{
    cxm_status status = weighted_make(&state->weighted, spec, hook);
    if (status != CXM_OK) return status;
    if (record->answer == CXM_ANSWER_GIVEN) status = cxm_weighted_add(state->weighted.now, record->value, record->weight);
    else if (record->answer == CXM_ANSWER_MISSING) status = cxm_weighted_add_missing(state->weighted.now, record->weight);
    else status = cxm_weighted_add_unparsed(state->weighted.now, record->weight);
    return status == CXM_E_MEMORY ? status : CXM_OK;    /* what was refused or out of range was counted as such */
}

static void weighted_account_of(const metric_state *state, metric_account *out)
{
    const cxm_weighted *w = state->weighted.now;
    *out = (metric_account){0, 0, 0, 0, 0};
    if (w) *out = (metric_account){weighted_answers(w), w->missing, w->unparsed, w->out_of_range, w->refused};
}

static cxm_status weighted_show(metric_state *state, const metric_spec *spec, const cxm_alloc *hook, cxm_engine_result *out)
{
    cxm_status status = weighted_make(&state->weighted, spec, hook);
    out->weighted = state->weighted.now;
    return status;
}

static void weighted_release(metric_state *state)
{
    cxm_weighted_free(state->weighted.now);
    cxm_weighted_free(state->weighted.next);
    state->weighted = (weighted_cell){NULL, NULL};
}

static cxm_status weighted_unite(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook)
{
    cxm_status status = weighted_make(&into->weighted, spec, hook);
    if (status != CXM_OK || !from->weighted.now) return status;
    return cxm_weighted_merge(into->weighted.now, from->weighted.now);
}

/* The sum is made aside, of both. */
static cxm_status weighted_prepare(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook)
{
    metric_state sum = {.weighted = {NULL, NULL}};
    cxm_status status = weighted_unite(&sum, into, spec, hook);
    if (status == CXM_OK) status = weighted_unite(&sum, from, spec, hook);
    if (status == CXM_OK) into->weighted.next = sum.weighted.now;
    else cxm_weighted_free(sum.weighted.now);
    return status;
}

static void weighted_commit(metric_state *into, const metric_state *from)
{
    (void)from;
    cxm_weighted_free(into->weighted.now);
    into->weighted = (weighted_cell){into->weighted.next, NULL};
}

static void weighted_discard(metric_state *into)
{
    cxm_weighted_free(into->weighted.next);
    into->weighted.next = NULL;
}

static size_t weighted_text(const metric_spec *spec, char *out)
{
    return weighted_spec_write(&spec->scale, out);
}

static bool weighted_of_text(const char *text, size_t len, metric_spec *out)
{
    return weighted_spec_read(text, len, &out->scale);
}

static uint64_t weighted_least(const metric_spec *spec)
{
    return weighted_floor(&spec->scale);
}

/* Two sums of a few bytes may lie as far apart as weights can. */
static uint64_t weighted_read_bytes(const metric_spec *spec, uint64_t states, uint64_t payload)
{
    (void)payload;
    return states * cxm_weighted_bytes(&spec->scale);
}

static void weighted_write(codec_writer *w, const metric_state *state, const metric_spec *spec)
{
    size_t zeros = state->weighted.now ? 0 : weighted_floor(&spec->scale);
    for (size_t i = 0; i < zeros; ++i) codec_put_u64(w, 0);
    if (state->weighted.now) weighted_put(w, state->weighted.now);
}

/* The hook judges the memory. */
static cxm_status weighted_read_state(codec_reader *r, metric_state *state, const metric_spec *spec, const cxm_alloc *hook)
{
    return weighted_get(r, &spec->scale, SIZE_MAX, hook, &state->weighted.now);
}

/* --- quantile: a pointer in its cell, NULL as long as nothing was counted --- */

static bool quantiles_asked(const cxm_engine_options *options)
{
    return options->quantile != NULL;
}

static bool quantiles_take(const cxm_engine_options *options, metric_spec *out)
{
    if (quantile_complete(options->quantile, &out->quantile) != CXM_OK) return false;
    quantile_snap(&out->quantile);
    return true;
}

static void quantiles_tell(const metric_spec *spec, cxm_engine_options *out)
{
    out->quantile = &spec->quantile;
}

static size_t quantiles_cell_bytes(const metric_spec *spec)
{
    (void)spec;
    return sizeof(quantile_cell);
}

static uint64_t quantiles_total_bytes(const metric_spec *spec)
{
    return cxm_quantile_bytes_most(&spec->quantile);
}

static void quantiles_start(metric_state *state, const metric_spec *spec)
{
    (void)spec;
    state->quantile = (quantile_cell){NULL, NULL};
}

static cxm_status quantiles_make(quantile_cell *cell, const metric_spec *spec, const cxm_alloc *hook)
{
    return cell->now ? CXM_OK : quantile_make(&spec->quantile, hook, &cell->now);
}

static cxm_status quantiles_add(metric_state *state, const metric_spec *spec, const cxm_record *record, const cxm_alloc *hook)
{
    cxm_status status = quantiles_make(&state->quantile, spec, hook);
    if (status != CXM_OK) return status;
    if (record->answer == CXM_ANSWER_GIVEN && quantile_is_full(state->quantile.now)) return CXM_OK;     /* as any full counter */
    if (record->answer == CXM_ANSWER_GIVEN) status = cxm_quantile_add(state->quantile.now, record->value);
    else if (record->answer == CXM_ANSWER_MISSING) status = cxm_quantile_add_missing(state->quantile.now);
    else if (record->answer == CXM_ANSWER_OPEN) status = cxm_quantile_add_open(state->quantile.now);
    else status = cxm_quantile_add_unparsed(state->quantile.now);
    return status == CXM_E_MEMORY ? status : CXM_OK;    /* what was refused was counted as such */
}

/* Values outside the range have their rank among the others, so they are scored; those that are none are out of range, and
 * what has not ended has none yet. */
static void quantiles_account(const metric_state *state, metric_account *out)
{
    const cxm_quantile *q = state->quantile.now;
    *out = (metric_account){0, 0, 0, 0, 0};
    if (!q) return;
    *out = (metric_account){0, q->tally.missing + q->tally.open, q->tally.unparsed, q->tally.negative + q->tally.infinite, 0};
    quantile_n(q, &out->scored);                        /* was found to fit when the counts came in */
}

static cxm_status quantiles_show(metric_state *state, const metric_spec *spec, const cxm_alloc *hook, cxm_engine_result *out)
{
    cxm_status status = quantiles_make(&state->quantile, spec, hook);
    out->quantile = state->quantile.now;
    return status;
}

static void quantiles_release(metric_state *state)
{
    cxm_quantile_free(state->quantile.now);
    cxm_quantile_free(state->quantile.next);
    state->quantile = (quantile_cell){NULL, NULL};
}

static cxm_status quantiles_unite(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook)
{
    cxm_status status = quantiles_make(&into->quantile, spec, hook);
    if (status != CXM_OK || !from->quantile.now) return status;
    return cxm_quantile_merge(into->quantile.now, from->quantile.now);
}

/* The sum is made aside, of both. */
static cxm_status quantiles_prepare(metric_state *into, const metric_state *from, const metric_spec *spec, const cxm_alloc *hook)
{
    metric_state sum = {.quantile = {NULL, NULL}};
    cxm_status status = quantiles_unite(&sum, into, spec, hook);
    if (status == CXM_OK) status = quantiles_unite(&sum, from, spec, hook);
    if (status == CXM_OK) into->quantile.next = sum.quantile.now;
    else cxm_quantile_free(sum.quantile.now);
    return status;
}

static void quantiles_commit(metric_state *into, const metric_state *from)
{
    (void)from;
    cxm_quantile_free(into->quantile.now);
    into->quantile = (quantile_cell){into->quantile.next, NULL};
}

static void quantiles_discard(metric_state *into)
{
    cxm_quantile_free(into->quantile.next);
    into->quantile.next = NULL;
}

static size_t quantiles_text(const metric_spec *spec, char *out)
{
    return quantile_spec_write(&spec->quantile, out);
}

static bool quantiles_of_text(const char *text, size_t len, metric_spec *out)
{
    return quantile_spec_read(text, len, &out->quantile);
}

static uint64_t quantiles_floor(const metric_spec *spec)
{
    return (uint64_t)QUANTILE_PAYLOAD_LEAST + spec->quantile.targets;
}

/* Two values of a few bytes may lie as far apart as the range reaches. */
static uint64_t quantiles_read_bytes(const metric_spec *spec, uint64_t states, uint64_t payload)
{
    (void)payload;
    return states * cxm_quantile_bytes_most(&spec->quantile);
}

static void quantiles_write(codec_writer *w, const metric_state *state, const metric_spec *spec)
{
    uint64_t zeros = state->quantile.now ? 0 : quantiles_floor(spec);
    for (uint64_t i = 0; i < zeros; ++i) codec_put_u64(w, 0);
    if (state->quantile.now) quantile_put(w, state->quantile.now);
}

/* The hook judges the memory. What is out of range is one number in an account, and so is what is missing. */
static cxm_status quantiles_read(codec_reader *r, metric_state *state, const metric_spec *spec, const cxm_alloc *hook)
{
    cxm_status status = quantile_get(r, &spec->quantile, 0, hook, &state->quantile.now);
    if (status != CXM_OK) return status;
    const quantile_tally *t = &state->quantile.now->tally;
    bool fits = t->negative <= UINT64_MAX - t->infinite && t->missing <= UINT64_MAX - t->open;
    return fits ? CXM_OK : CXM_E_FORMAT;
}

/* --- the rows --- */

const metric registry_rows[] = {
    {.kind = CODEC_SCALE, .dedupes = true, .asked = scale_asked, .take = scale_take, .tell = scale_tell, .bytes = scale_cell_bytes,
     .total_bytes = scale_total_bytes, .record_ok = is_answer, .start = scale_start, .add = scale_add,
     .account = scale_account, .show = scale_show, .merge = scale_merge, .prepare = scale_prepare, .commit = scale_commit,
     .spec_write = scale_text, .spec_read = scale_of_text, .floor = scale_floor, .read_bytes = scale_read_bytes,
     .put = scale_write, .get = scale_read},
    {.kind = CODEC_LABEL, .asked = labels_asked, .take = labels_take, .tell = labels_tell, .bytes = labels_cell_bytes,
     .total_bytes = labels_total_bytes, .record_ok = labels_record_ok, .start = labels_start, .add = labels_add,
     .account = labels_account, .show = labels_show, .release = labels_release, .merge = labels_merge,
     .prepare = labels_prepare, .commit = labels_commit, .discard = labels_discard, .spec_write = labels_text,
     .spec_read = labels_of_text, .floor = labels_floor, .read_bytes = labels_read_bytes, .put = labels_write,
     .get = labels_read},
    {.kind = CODEC_WEIGHTED, .asked = weighted_asked, .take = weighted_take, .tell = weighted_tell, .bytes = weighted_cell_bytes,
     .total_bytes = weighted_total_bytes, .record_ok = is_answer, .start = weighted_start, .add = weighted_add,
     .account = weighted_account_of, .show = weighted_show, .release = weighted_release, .merge = weighted_unite, .prepare = weighted_prepare,
     .commit = weighted_commit, .discard = weighted_discard, .spec_write = weighted_text, .spec_read = weighted_of_text,
     .floor = weighted_least, .read_bytes = weighted_read_bytes, .put = weighted_write, .get = weighted_read_state},
    {.kind = CODEC_QUANTILE, .asked = quantiles_asked, .take = quantiles_take, .tell = quantiles_tell,
     .bytes = quantiles_cell_bytes, .total_bytes = quantiles_total_bytes, .start = quantiles_start, .add = quantiles_add,
     .account = quantiles_account, .show = quantiles_show, .release = quantiles_release, .merge = quantiles_unite,
     .prepare = quantiles_prepare, .commit = quantiles_commit, .discard = quantiles_discard, .spec_write = quantiles_text,
     .spec_read = quantiles_of_text, .floor = quantiles_floor, .read_bytes = quantiles_read_bytes, .put = quantiles_write,
     .get = quantiles_read},
};
enum { ROWS = sizeof registry_rows / sizeof *registry_rows };

bool registry_choose(const cxm_engine_options *options, metric_spec *out)
{
    size_t chosen = 0, asked = 0;
    for (size_t i = 0; i < ROWS; ++i) {
        if (!registry_rows[i].asked(options)) continue;
        chosen = i;
        ++asked;
    }
    memset(out, 0, sizeof *out);
    out->row = (uint32_t)chosen;
    return asked == 1 && registry_row(out)->take(options, out);
}

bool registry_read(const char *text, size_t len, metric_spec *out)
{
    for (uint32_t i = 0; i < ROWS; ++i) {
        memset(out, 0, sizeof *out);
        out->row = i;
        if (registry_row(out)->spec_read(text, len, out)) return true;
    }
    return false;
}
