/* SPDX-License-Identifier: MIT */
/* state_weighted.c - the door's calls for metrics on a scale whose answers carry weights: each is one call of weighted.h.
 *
 * What is told without a weight weighs 1. Two states are two samples that know nothing of each other: strata of one design,
 * each a domain of its own, so that cxm_design_compare sets them against each other. As a state alone is a design of one
 * leaf (src/score/weighted_summary.c), two are one of two leaves, made here without memory of its own. */
#include "base/port.h"
#include "stream/state_table.h"
#include <math.h>
#include <stddef.h>
#include "base/column.h"
#include "base/scanner.h"
#include "score/design_state.h"
#include "score/weighted_codec.h"
#include "stream/state_text.h"

static size_t bytes(const state_spec *spec)
{
    (void)spec;
    return sizeof(cxm_weighted *);
}

static cxm_status start(cxm_state *state)
{
    return cxm_weighted_create(&state->spec.scale, &state->hook, &state->is.weighted);
}

static void release(cxm_state *state)
{
    cxm_weighted_free(state->is.weighted);
}

/* --- answers --- */

static cxm_status add_weighted(cxm_state *state, double value, double weight)
{
    return cxm_weighted_add(state->is.weighted, value, weight);
}

static cxm_status take_back_weighted(cxm_state *state, double value, double weight)
{
    return cxm_weighted_remove(state->is.weighted, value, weight);
}

/* A text that was counted as unparsed is told. */
static cxm_status told(cxm_status status)
{
    return status == CXM_OK ? CXM_E_FORMAT : status;
}

static cxm_status add_text_weighted(cxm_state *state, const char *text, size_t len, double weight)
{
    double value;
    switch (state_answer(text, len, &value)) {
    case STATE_CELL_NUMBER: return cxm_weighted_add(state->is.weighted, value, weight);
    case STATE_CELL_MISSING: return cxm_weighted_add_missing(state->is.weighted, weight);
    default: return told(cxm_weighted_add_unparsed(state->is.weighted, weight));
    }
}

static cxm_status take_back_text_weighted(cxm_state *state, const char *text, size_t len, double weight)
{
    double value;
    switch (state_answer(text, len, &value)) {
    case STATE_CELL_NUMBER: return cxm_weighted_remove(state->is.weighted, value, weight);
    case STATE_CELL_MISSING: return cxm_weighted_remove_missing(state->is.weighted, weight);
    default: return told(cxm_weighted_remove_unparsed(state->is.weighted, weight));
    }
}

static cxm_status add_many_weighted(cxm_state *state, const cxm_column *column, const cxm_column *weights)
{
    return cxm_weighted_add_many(state->is.weighted, column, weights);
}

/* --- answers told without a weight --- */

static cxm_status add(cxm_state *state, double value)
{
    return add_weighted(state, value, 1.0);
}

static cxm_status add_text(cxm_state *state, const char *text, size_t len)
{
    return add_text_weighted(state, text, len, 1.0);
}

static cxm_status take_back(cxm_state *state, double value)
{
    return take_back_weighted(state, value, 1.0);
}

static cxm_status take_back_text(cxm_state *state, const char *text, size_t len)
{
    return take_back_text_weighted(state, text, len, 1.0);
}

/* What was out of range was counted as such. */
static cxm_status count_rows(cxm_weighted *w, const cxm_column *column)
{
    cxm_status status = CXM_OK;
    for (uint64_t i = 0; (status == CXM_OK || status == CXM_E_DOMAIN) && i < column->count; ++i)
        status = cxm_weighted_add(w, column_value(column, i), 1.0);
    return status == CXM_E_DOMAIN ? CXM_OK : status;
}

/* In a state aside, which one merge commits: memory that ends on the way changes nothing. */
static cxm_status add_many(cxm_state *state, const cxm_column *column)
{
    cxm_weighted *part = NULL;
    cxm_status status = column_check(column);
    if (status == CXM_OK) status = cxm_weighted_create(&state->spec.scale, &state->hook, &part);
    if (status == CXM_OK) status = count_rows(part, column);
    if (status == CXM_OK) status = cxm_weighted_merge(state->is.weighted, part);
    cxm_weighted_free(part);
    return status;
}

static cxm_status merge(cxm_state *into, const cxm_state *from)
{
    return cxm_weighted_merge(into->is.weighted, from->is.weighted);
}

/* --- bytes --- */

static cxm_status encode(const cxm_state *state, void *out, size_t cap, size_t *len)
{
    return cxm_weighted_encode(state->is.weighted, out, cap, len);
}

static bool spec_of(const codec_frame *frame, state_spec *out)
{
    return weighted_spec_read(frame->spec, frame->spec_len, &out->scale);
}

static bool agrees(const state_spec *a, const state_spec *b)
{
    return memcmp(&a->scale, &b->scale, sizeof a->scale) == 0;
}

static cxm_status decode(cxm_state *state, const void *at, size_t len, size_t max_bytes)
{
    return cxm_weighted_decode(at, len, max_bytes, &state->hook, &state->is.weighted);
}

/* --- results --- */

/* A share is asked as R's svyciprop asks it, and as the command line does. */
static cxm_weighted_ask ask_of(const state_spec *spec, double level)
{
    return (cxm_weighted_ask){.size = sizeof(cxm_weighted_ask), .value = spec->ask.value, .level = level,
                              .net_unit = spec->ask.net_unit, .df_answers = spec->ask.value == CXM_VALUE_TOP};
}

/* Rows with a weight at a point, and the sum of their weights. */
static uint64_t rows_at(const cxm_weighted *w, int32_t point, double *sum)
{
    uint64_t n = 0;
    double squares;
    cxm_weighted_point(w, point, &n, sum, &squares);
    return n;
}

static void fill_bands(const cxm_state *state, state_weighted_sum *out)
{
    const cxm_scale_spec *spec = &state->spec.scale;
    bool higher = spec->direction == CXM_HIGHER_IS_BETTER;
    uint64_t *low = higher ? &out->bottom : &out->top, *high = higher ? &out->top : &out->bottom;
    double sum;
    for (int32_t k = 0; k <= spec->hi - spec->lo; ++k) {
        int32_t point = spec->lo + k;
        uint64_t *band = point <= spec->low_to ? low : point >= spec->high_from ? high : &out->middle;
        *band += rows_at(state->is.weighted, point, &sum);
    }
}

static double rescaled(const cxm_scale_spec *spec, double mean)
{
    double width = (double)spec->hi - spec->lo, above = mean - spec->lo;
    return 100.0 * (spec->direction == CXM_HIGHER_IS_BETTER ? above : width - above) / width;
}

static cxm_status figures(const cxm_state *state, double level, state_figures *out)
{
    cxm_weighted_ask ask = ask_of(&state->spec, level);
    state_weighted_sum *to = &out->of.weighted;
    cxm_weighted_summary *sum = &to->all;
    sum->size = sizeof *sum;
    cxm_status status = cxm_weighted_summarize(state->is.weighted, &ask, sum);
    if (status != CXM_OK && status != CXM_E_EMPTY) return status;
    for (int sort = STATE_NUMBER; sort < STATE_TOTAL; ++sort) out->exists[sort] = status;
    fill_bands(state, to);
    if (status == CXM_E_EMPTY) return CXM_OK;
    to->rescaled = rescaled(&state->spec.scale, sum->mean);
    out->exists[STATE_SPREAD] = sum->deff_status;
    out->exists[STATE_EFFECT] = sum->deff == sum->deff ? CXM_OK : CXM_E_UNDEFINED;
    out->exists[STATE_ERROR] = sum->se_status;
    out->exists[STATE_LIMIT] = sum->interval_status;
    return CXM_OK;
}

/* Rows with a weight at a point, or the part of all weights that is theirs. */
static cxm_status keyed(const cxm_state *state, const state_question *asked, double *out)
{
    bool share = asked->of == STATE_KEY_SHARE;
    const cxm_scale_spec *spec = &state->spec.scale;
    cxm_weighted_summary all = {.size = sizeof all};
    scanner s = {asked->key, asked->len, state_is_whole(asked->key, asked->len)};
    double sum = 0.0;
    int64_t point = scanner_int(&s, INT32_MIN, INT32_MAX);
    if (asked->of > STATE_KEY_SHARE || !s.ok || s.left) return CXM_E_ARG;
    if (point < spec->lo || point > spec->hi) return CXM_E_DOMAIN;
    cxm_status status = share ? cxm_weighted_summarize(state->is.weighted, NULL, &all) : CXM_OK;
    if (status != CXM_OK) return status;
    uint64_t n = rows_at(state->is.weighted, (int32_t)point, &sum);
    *out = share ? fmin(sum / all.sum_weights, 1.0) : (double)n;
    return CXM_OK;
}

/* --- JSON, key by key as the command line's --- */

static void put_bands(const cxm_state *state, const state_weighted_sum *sum, writer *w)
{
    if (strcmp(state_row_of(&state->spec)->name, "nps weighted") != 0) return;
    state_put_key_count(w, "promoters", sum->top);
    state_put_key_count(w, "passives", sum->middle);
    state_put_key_count(w, "detractors", sum->bottom);
}

/* A number of the answers, null where there are none. */
static void put_of_answers(const state_figures *f, const char *key, double value, writer *w)
{
    state_put_key_number(w, key, f->exists[STATE_NUMBER] == CXM_OK ? value : (double)NAN);
}

/* Of weighted answers neither a standard deviation nor a median is worked out. */
static void put_numbers(const state_figures *f, writer *w)
{
    const cxm_weighted_summary *sum = &f->of.weighted.all;
    put_of_answers(f, "top_share", sum->top_share, w);
    put_of_answers(f, "bottom_share", sum->bottom_share, w);
    put_of_answers(f, "net", sum->net, w);
    put_of_answers(f, "mean", sum->mean, w);
    writer_text(w, ",\"sd\":null");
    put_of_answers(f, "rescaled", f->of.weighted.rescaled, w);
    put_of_answers(f, "se", sum->se, w);
    writer_text(w, ",\"median\":null");
}

static void put_weights(const state_figures *f, writer *w)
{
    const cxm_weighted_summary *sum = &f->of.weighted.all;
    put_of_answers(f, "n_eff", sum->kish_n_eff, w);
    put_of_answers(f, "deff", sum->deff, w);
    put_of_answers(f, "deff_kish", sum->kish_deff, w);
    state_put_key_number(w, "sum_weights", sum->sum_weights);
    put_of_answers(f, "df", sum->df, w);
    state_put_key_count(w, "design_rows", sum->rows);
    state_put_key_count(w, "clusters", sum->clusters);
    state_put_key_count(w, "strata", sum->strata);
    state_put_key_count(w, "zero_weight", sum->zero);
}

static void put_counts(const cxm_state *state, writer *w)
{
    const cxm_scale_spec *spec = &state->spec.scale;
    double sum;
    writer_text(w, ",\"counts\":{");
    for (int32_t k = 0; k <= spec->hi - spec->lo; ++k) {
        writer_text(w, k ? ",\"" : "\"");
        state_put_number(w, (double)spec->lo + k);
        writer_text(w, "\":");
        writer_count(w, rows_at(state->is.weighted, spec->lo + k, &sum));
    }
    writer_text(w, "}");
}

static const char *why(const state_figures *f)
{
    if (f->exists[STATE_NUMBER] != CXM_OK) return "value and interval: no answer was counted";
    if (f->exists[STATE_ERROR] != CXM_OK) return "interval: a stratum with one cluster, or one answer, shows no spread";
    if (f->exists[STATE_LIMIT] == CXM_OK) return NULL;
    if (f->of.weighted.all.n == 1) return "interval: one answer shows no spread";
    return "interval: the answers are all alike, so they show no spread";
}

static void json(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    const cxm_weighted_summary *sum = &f->of.weighted.all;
    const char *reason = why(f);
    (void)level;
    state_put_key_count(w, "n", sum->n);
    put_of_answers(f, "value", sum->value, w);
    state_put_interval(w, f->exists[STATE_LIMIT] == CXM_OK, sum->method, sum->level, sum->low, sum->high);
    put_bands(state, &f->of.weighted, w);
    put_numbers(f, w);
    put_weights(f, w);
    put_counts(state, w);
    state_put_key_count(w, "missing", sum->missing);
    state_put_key_count(w, "unparsed", sum->unparsed);
    state_put_key_count(w, "out_of_range", sum->out_of_range);
    if (!reason) return;
    state_put_key(w, "why");
    state_put_string(w, reason, strlen(reason));
}

/* The scale's own sentence up to its interval, then how answers are weighed. */
static cxm_status definition(const cxm_state *state, double level, writer *w)
{
    char text[512];
    size_t len;
    cxm_scale_ask ask = state->spec.ask;
    ask.level = level;
    cxm_status status = cxm_scale_definition(state_row_of(&state->spec)->title, &state->spec.scale, &ask, text, sizeof text,
                                             &len);
    if (status != CXM_OK) return status;
    while (len && text[len - 1] != ';') --len;
    writer_bytes(w, text, len);
    writer_text(w, " each answer by its weight, linearised standard error, ");
    writer_text(w, ask.value == CXM_VALUE_TOP ? "logit" : "t");
    writer_text(w, " interval at level ");
    state_put_number(w, level == 0.0 ? 0.95 : level);
    return CXM_OK;
}

/* --- comparison --- */

/* Ready for cxm_design_compare: leaves ascend by stratum. */
static cxm_status contrast(const cxm_state *a, const cxm_state *b, const cxm_weighted_ask *ask, cxm_design_contrast *out)
{
    design_leaf first = {.stratum = {"a", 1}, .domain = 1, .state = a->is.weighted};
    design_leaf second = {.stratum = {"b", 1}, .domain = 2, .state = b->is.weighted};
    design_leaf *leaves[] = {&first, &second};
    cxm_design design = {.spec = a->spec.scale, .closed = true, .leaves = leaves, .count = 2};
    return cxm_design_compare(&design, ask, 1, 2, out);
}

static cxm_status compare(const cxm_state *a, const cxm_state *b, int32_t method, double level, cxm_difference *out)
{
    cxm_weighted_ask ask = ask_of(&a->spec, level);
    cxm_design_contrast got = {.size = sizeof got};
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (method != CXM_COMPARE_DEFAULT && method != CXM_COMPARE_DESIGN_T) return CXM_E_METHOD;
    cxm_status status = contrast(a, b, &ask, &got);
    if (status == CXM_OK) status = got.p_status;
    if (status != CXM_OK) return status;
    *out = (cxm_difference){.size = out->size, .method = CXM_COMPARE_DESIGN_T, .level = got.level,
                            .difference = got.difference, .low = got.low, .high = got.high, .se = got.se,
                            .statistic = got.statistic, .df = got.df, .p = got.p, .statistic_kind = CXM_STATISTIC_T};
    return CXM_OK;
}

const state_calls state_weighted_calls = {
    .kind = CODEC_WEIGHTED, .bytes = bytes, .start = start, .release = release, .add = add, .add_text = add_text,
    .add_many = add_many, .remove = take_back, .remove_text = take_back_text, .add_weighted = add_weighted,
    .add_text_weighted = add_text_weighted, .add_many_weighted = add_many_weighted, .remove_weighted = take_back_weighted,
    .remove_text_weighted = take_back_text_weighted, .merge = merge, .encode = encode, .spec_of = spec_of, .agrees = agrees,
    .decode = decode, .figures = figures, .keyed = keyed, .json = json, .definition = definition, .compare = compare,
};

#define OF_BANDS(field) offsetof(state_figures, of.weighted.field)
#define OF_ALL(field) offsetof(state_figures, of.weighted.all.field)
const state_result state_weighted_results[] = {
    {"value", NULL, "what the metric is", OF_ALL(value), STATE_NUMBER},
    {"low", NULL, "lower limit of the value", OF_ALL(low), STATE_LIMIT},
    {"high", NULL, "upper limit of the value", OF_ALL(high), STATE_LIMIT},
    {"se", NULL, "linearised standard error of the value", OF_ALL(se), STATE_ERROR},
    {"n", "answers", "answers on the scale with a weight above 0", OF_ALL(n), STATE_COUNT},
    {"n_eff", "equal answers", "Kish's: (sum w)^2 / sum w^2", OF_ALL(kish_n_eff), STATE_NUMBER},
    {"deff", "ratio", "variance / that of as many equal answers drawn from sum_weights", OF_ALL(deff), STATE_EFFECT},
    {"deff_kish", "ratio", "n / n_eff", OF_ALL(kish_deff), STATE_NUMBER},
    {"deff_replacement", "ratio", "deff, drawn with replacement", OF_ALL(deff_replacement), STATE_SPREAD},
    {"sum_weights", "weight", "sum of the weights of the n answers", OF_ALL(sum_weights), STATE_TOTAL},
    {"df", "rows", "degrees of freedom of the limits", OF_ALL(df), STATE_NUMBER},
    {"top", "answers", "answers in the top boxes", OF_BANDS(top), STATE_COUNT},
    {"middle", "answers", "answers between both", OF_BANDS(middle), STATE_COUNT},
    {"bottom", "answers", "answers in the bottom boxes", OF_BANDS(bottom), STATE_COUNT},
    {"top_share", "share", "weighted share of the top boxes", OF_ALL(top_share), STATE_NUMBER},
    {"bottom_share", "share", "weighted share of the bottom boxes", OF_ALL(bottom_share), STATE_NUMBER},
    {"net", "share, of nps points", "top share less bottom share", OF_ALL(net), STATE_NUMBER},
    {"mean", "scale", "weighted mean answer", OF_ALL(mean), STATE_NUMBER},
    {"rescaled", "0..100", "the mean on 0..100, 100 is best", OF_BANDS(rescaled), STATE_NUMBER},
    {"missing", "answers", "blank, a missing word, NaN or null", OF_ALL(missing), STATE_COUNT},
    {"unparsed", "answers", "texts that are no number", OF_ALL(unparsed), STATE_COUNT},
    {"out_of_range", "answers", "numbers that are no point of the scale", OF_ALL(out_of_range), STATE_COUNT},
    {"zero_weight", "answers", "rows of weight 0", OF_ALL(zero), STATE_COUNT},
    {"refused", "answers", "rows whose weight is none, counted nowhere else", OF_ALL(refused), STATE_COUNT},
    {"count:POINT", "answers", "answers at a point with a weight above 0", 0, STATE_KEYED},
    {"share:POINT", "share", "weighted share of a point", 0, STATE_KEYED},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
