/* SPDX-License-Identifier: MIT */
/* state_scale.c - the door's calls for every metric on a scale: each is one call of scale.h. */
#include "base/port.h"
#include "stream/state_table.h"
#include <stddef.h>
#include "base/scanner.h"
#include "score/scale_codec.h"
#include "stream/state_text.h"

static size_t bytes(const state_spec *spec)
{
    return cxm_scale_bytes(&spec->scale);
}

static cxm_status start(cxm_state *state)
{
    return cxm_scale_init(&state->is.scale, &state->spec.scale);
}

static void release(cxm_state *state)
{
    (void)state;                                        /* nothing beyond its block */
}

/* --- answers --- */

static cxm_status add(cxm_state *state, double value)
{
    return cxm_scale_add_double(&state->is.scale, value);
}

/* A text that was counted as unparsed is told. */
static cxm_status told(cxm_status status)
{
    return status == CXM_OK ? CXM_E_FORMAT : status;
}

static cxm_status add_text(cxm_state *state, const char *text, size_t len)
{
    double value;
    switch (state_answer(text, len, &value)) {
    case STATE_CELL_NUMBER: return cxm_scale_add_double(&state->is.scale, value);
    case STATE_CELL_MISSING: return cxm_scale_add_missing(&state->is.scale);
    default: return told(cxm_scale_add_unparsed(&state->is.scale));
    }
}

static cxm_status add_many(cxm_state *state, const cxm_column *column)
{
    return cxm_scale_add_many(&state->is.scale, column);
}

static cxm_status take_back(cxm_state *state, double value)
{
    return cxm_scale_remove_double(&state->is.scale, value);
}

static cxm_status take_back_text(cxm_state *state, const char *text, size_t len)
{
    double value;
    switch (state_answer(text, len, &value)) {
    case STATE_CELL_NUMBER: return cxm_scale_remove_double(&state->is.scale, value);
    case STATE_CELL_MISSING: return cxm_scale_remove_missing(&state->is.scale);
    default: return told(cxm_scale_remove_unparsed(&state->is.scale));
    }
}

static cxm_status merge(cxm_state *into, const cxm_state *from)
{
    return cxm_scale_merge(&into->is.scale, &from->is.scale);
}

/* --- bytes --- */

static cxm_status encode(const cxm_state *state, void *out, size_t cap, size_t *len)
{
    return cxm_scale_encode(&state->is.scale, out, cap, len);
}

static bool spec_of(const codec_frame *frame, state_spec *out)
{
    return scale_spec_read(frame->spec, frame->spec_len, &out->scale);
}

static bool agrees(const state_spec *a, const state_spec *b)
{
    return memcmp(&a->scale, &b->scale, sizeof a->scale) == 0;
}

static cxm_status decode(cxm_state *state, const void *at, size_t len, size_t max_bytes)
{
    (void)max_bytes;                                    /* the block is all it takes */
    return cxm_scale_decode(at, len, &state->is.scale);
}

/* --- results --- */

static cxm_status figures(const cxm_state *state, double level, state_figures *out)
{
    cxm_scale_ask ask = state->spec.ask;
    cxm_scale_summary *sum = &out->of.scale;
    ask.level = level;
    sum->size = sizeof *sum;
    cxm_status status = cxm_scale_summarize(&state->is.scale, &ask, sum);
    if (status != CXM_OK && status != CXM_E_EMPTY) return status;
    for (int sort = STATE_NUMBER; sort < STATE_SORTS; ++sort) out->exists[sort] = status;
    if (status == CXM_E_EMPTY) return CXM_OK;
    if (sum->n == 1) out->exists[STATE_SPREAD] = CXM_E_UNDEFINED;
    out->exists[STATE_ERROR] = sum->se_status;
    out->exists[STATE_LIMIT] = sum->interval_status;
    return cxm_scale_quantile_type7(&state->is.scale, 0.5, &out->median);
}

/* Answers at a point, or their share. */
static cxm_status keyed(const cxm_state *state, const state_question *asked, double *out)
{
    bool share = asked->of == STATE_KEY_SHARE;
    const cxm_scale *scale = &state->is.scale;
    scanner s = {asked->key, asked->len, state_is_whole(asked->key, asked->len)};
    uint64_t n;
    int64_t point = scanner_int(&s, INT32_MIN, INT32_MAX);
    if (asked->of > STATE_KEY_SHARE || !s.ok || s.left) return CXM_E_ARG;
    if (point < scale->spec.lo || point > scale->spec.hi) return CXM_E_DOMAIN;
    cxm_status status = cxm_scale_n(scale, &n);
    if (status == CXM_OK && share && n == 0) status = CXM_E_EMPTY;
    if (status == CXM_OK) *out = (double)scale->counts[point - scale->spec.lo] / (share ? (double)n : 1.0);
    return status;
}

/* --- JSON, key by key as the command line's --- */

static void put_bands(const cxm_state *state, const cxm_scale_summary *sum, writer *w)
{
    if (strcmp(state_row_of(&state->spec)->name, "nps") != 0) return;
    state_put_key_count(w, "promoters", sum->top);
    state_put_key_count(w, "passives", sum->middle);
    state_put_key_count(w, "detractors", sum->bottom);
}

static void put_numbers(const state_figures *f, writer *w)
{
    static const char *const names[] = {"top_share", "bottom_share", "net", "mean", "sd", "rescaled", "se", "median"};
    const cxm_scale_summary *sum = &f->of.scale;
    double values[] = {sum->top_share, sum->bottom_share, sum->net, sum->mean, sum->sd, sum->rescaled, sum->se, f->median};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        state_put_key(w, names[i]);
        if (f->exists[STATE_NUMBER] == CXM_OK) state_put_number(w, values[i]);
        else writer_text(w, "null");
    }
}

static void put_counts(const cxm_scale *scale, writer *w)
{
    writer_text(w, ",\"counts\":{");
    for (int32_t k = 0; k <= scale->spec.hi - scale->spec.lo; ++k) {
        writer_text(w, k ? ",\"" : "\"");
        state_put_number(w, (double)scale->spec.lo + k);
        writer_text(w, "\":");
        writer_count(w, scale->counts[k]);
    }
    writer_text(w, "}");
}

static const char *why(const state_figures *f)
{
    if (f->exists[STATE_NUMBER] != CXM_OK) return "value and interval: no answer was counted";
    if (f->exists[STATE_LIMIT] == CXM_OK) return NULL;
    if (f->of.scale.n == 1) return "interval: one answer shows no spread";
    return "interval: the answers are all alike, so they show no spread";
}

static void json(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    const cxm_scale_summary *sum = &f->of.scale;
    bool exists = f->exists[STATE_NUMBER] == CXM_OK;
    const char *reason = why(f);
    (void)level;
    state_put_key_count(w, "n", sum->n);
    state_put_key(w, "value");
    if (exists) state_put_number(w, sum->value);
    else writer_text(w, "null");
    state_put_interval(w, f->exists[STATE_LIMIT] == CXM_OK, sum->method, sum->level, sum->low, sum->high);
    put_bands(state, sum, w);
    put_numbers(f, w);
    put_counts(&state->is.scale, w);
    state_put_key_count(w, "missing", sum->missing);
    state_put_key_count(w, "unparsed", sum->unparsed);
    state_put_key_count(w, "out_of_range", sum->out_of_range);
    if (!reason) return;
    state_put_key(w, "why");
    state_put_string(w, reason, strlen(reason));
}

static cxm_status definition(const cxm_state *state, double level, writer *w)
{
    cxm_scale_ask ask = state->spec.ask;
    size_t room = w->cap - w->len, len;
    ask.level = level;
    cxm_status status = cxm_scale_definition(state_row_of(&state->spec)->title, &state->spec.scale, &ask, w->out + w->len,
                                             room, &len);
    if (status == CXM_OK) w->len += len;
    return status;
}

static cxm_status compare(const cxm_state *a, const cxm_state *b, int32_t method, double level, cxm_difference *out)
{
    cxm_scale_ask ask = a->spec.ask;
    ask.level = level;
    return cxm_scale_compare(&a->is.scale, &b->is.scale, &ask, method, out);
}

const state_calls state_scale_calls = {
    .kind = CODEC_SCALE, .bytes = bytes, .start = start, .release = release, .add = add, .add_text = add_text,
    .add_many = add_many, .remove = take_back, .remove_text = take_back_text, .merge = merge, .encode = encode,
    .spec_of = spec_of, .agrees = agrees, .decode = decode, .figures = figures, .keyed = keyed, .json = json,
    .definition = definition, .compare = compare,
};

#define IN_SUMMARY(field) offsetof(state_figures, of.scale.field)
const state_result state_scale_results[] = {
    {"value", NULL, "what the metric is", IN_SUMMARY(value), STATE_NUMBER},
    {"low", NULL, "lower limit of the value", IN_SUMMARY(low), STATE_LIMIT},
    {"high", NULL, "upper limit of the value", IN_SUMMARY(high), STATE_LIMIT},
    {"se", NULL, "standard error of the value", IN_SUMMARY(se), STATE_ERROR},
    {"n", "answers", "answers on the scale", IN_SUMMARY(n), STATE_COUNT},
    {"top", "answers", "answers in the top boxes", IN_SUMMARY(top), STATE_COUNT},
    {"middle", "answers", "answers between both", IN_SUMMARY(middle), STATE_COUNT},
    {"bottom", "answers", "answers in the bottom boxes", IN_SUMMARY(bottom), STATE_COUNT},
    {"top_share", "share", "top / n", IN_SUMMARY(top_share), STATE_NUMBER},
    {"bottom_share", "share", "bottom / n", IN_SUMMARY(bottom_share), STATE_NUMBER},
    {"net", "share, of nps points", "top share less bottom share", IN_SUMMARY(net), STATE_NUMBER},
    {"mean", "scale", "mean answer", IN_SUMMARY(mean), STATE_NUMBER},
    {"sd", "scale", "sample standard deviation of the answers", IN_SUMMARY(sd), STATE_SPREAD},
    {"median", "scale", "median answer, interpolated (type 7)", offsetof(state_figures, median), STATE_NUMBER},
    {"rescaled", "0..100", "the mean on 0..100, 100 is best", IN_SUMMARY(rescaled), STATE_NUMBER},
    {"missing", "answers", "blank, a missing word, NaN or null", IN_SUMMARY(missing), STATE_COUNT},
    {"unparsed", "answers", "texts that are no number", IN_SUMMARY(unparsed), STATE_COUNT},
    {"out_of_range", "answers", "numbers that are no point of the scale", IN_SUMMARY(out_of_range), STATE_COUNT},
    {"count:POINT", "answers", "answers at a point", 0, STATE_KEYED},
    {"share:POINT", "share", "count of a point / n", 0, STATE_KEYED},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
