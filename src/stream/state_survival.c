/* SPDX-License-Identifier: MIT */
/* state_survival.c - the door's calls for tenures: customers as lines of text into a histogram, and what its curve tells.
 *
 *      31,yes          0,31,1          14,31,churned
 * A line is exit and event, or entry, exit and event, with a comma or a tab between; times are whole numbers, the event is a
 * word of cxm_survival_event. The mean is the area below the curve up to the last time, so it exists wherever anybody is there
 * past time 0. Limits are of the kind log. */
#include "base/port.h"
#include "stream/state_table.h"
#include <math.h>
#include <stddef.h>
#include <cxm/text.h>
#include "base/scanner.h"
#include "retention/survival_parts.h"
#include "base/scanner.h"
#include "retention/survival_parts.h"
#include "stream/state_text.h"

enum { FIELDS = 3 };
static const int64_t CAP_UNLESS = 36500;                /* a hundred years of days */

/* --- spec --- */

cxm_status state_survival_read(const state_row *row, state_words *words, state_spec *out)
{
    const char *word;
    size_t len = state_word(words, &word);
    (void)row;
    out->cap = CAP_UNLESS;
    if (len == 0) return CXM_OK;
    if (!state_word_is(word, len, "cap")) return state_fault(words, CXM_E_FORMAT, "not understood here");
    len = state_word(words, &word);
    scanner s = {word, len, state_is_whole(word, len)};
    out->cap = scanner_int(&s, 1, CXM_SURVIVAL_CAP_MAX);
    if (!s.ok || s.left) return state_fault(words, CXM_E_FORMAT, "a cap is a whole number, 1..16777215");
    return state_word(words, &word) == 0 ? CXM_OK : state_fault(words, CXM_E_FORMAT, "not understood here");
}

void state_survival_write(const state_row *row, const state_spec *spec, writer *w)
{
    (void)row;
    writer_text(w, " cap ");
    writer_count(w, (uint64_t)spec->cap);
}

const state_parameter state_survival_parameters[] = {
    {"cap N", "36500", "the last time up to which the curve reaches, 1..16777215"},
    {NULL, NULL, NULL},
};

/* --- life --- */

static size_t bytes(const state_spec *spec)
{
    (void)spec;
    return sizeof(cxm_survival *);
}

static cxm_status start(cxm_state *state)
{
    return cxm_survival_create(state->spec.cap, &state->hook, &state->is.survival);
}

static void release(cxm_state *state)
{
    cxm_survival_free(state->is.survival);
}

/* --- customers --- */

static cxm_status add(cxm_state *state, double value)
{
    return value == value ? CXM_E_METHOD : cxm_survival_add_missing(state->is.survival);
}

static cxm_status take_back(cxm_state *state, double value)
{
    return value == value ? CXM_E_METHOD : cxm_survival_remove_missing(state->is.survival);
}

typedef struct cell { const char *text; size_t len; } cell;
typedef struct tenure { int64_t entry, exit; int32_t event; } tenure;

/* The fields of a line, 2 or 3; 0 where there are fewer or more. */
static size_t split(const char *text, size_t len, cell out[FIELDS])
{
    char mark = memchr(text, '\t', len) ? '\t' : ',';
    const char *at = text, *end = text + len;
    for (size_t count = 0; count < FIELDS; ++count) {
        const char *stop = memchr(at, mark, (size_t)(end - at));
        out[count] = (cell){at, (size_t)((stop ? stop : end) - at)};
        state_trim(&out[count].text, &out[count].len);
        if (!stop) return count == 0 ? 0 : count + 1;
        at = stop + 1;
    }
    return 0;
}

/* A time; -1, which the histogram refuses, for a number that is no whole one of 64 bits. */
static bool time_of(cell c, int64_t *out)
{
    double value = 0.0;
    cxm_status status = cxm_text_number(c.text, c.len, '.', &value);
    bool whole = status == CXM_OK && value >= 0.0 && value < 0x1p63 && (double)(int64_t)value == value;
    *out = whole ? (int64_t)value : -1;
    return status == CXM_OK || status == CXM_E_OVERFLOW;
}

static enum state_cell read_line(const char *text, size_t len, tenure *out)
{
    cell c[FIELDS];
    *out = (tenure){0, 0, 0};
    if (state_is_missing(text, len)) return STATE_CELL_MISSING;
    size_t count = split(text, len, c);
    for (size_t i = 0; i < count; ++i)
        if (state_is_missing(c[i].text, c[i].len)) return STATE_CELL_MISSING;
    bool ok = count > 0 && (count == 2 || time_of(c[0], &out->entry)) && time_of(c[count - 2], &out->exit) &&
              cxm_survival_event(c[count - 1].text, c[count - 1].len, &out->event) == CXM_OK;
    return ok ? STATE_CELL_NUMBER : STATE_CELL_TEXT;
}

static cxm_status add_text(cxm_state *state, const char *text, size_t len)
{
    tenure t;
    switch (read_line(text, len, &t)) {
    case STATE_CELL_NUMBER: return cxm_survival_add(state->is.survival, t.entry, t.exit, t.event);
    case STATE_CELL_MISSING: return cxm_survival_add_missing(state->is.survival);
    default: return CXM_E_FORMAT;
    }
}

static cxm_status take_back_text(cxm_state *state, const char *text, size_t len)
{
    tenure t;
    switch (read_line(text, len, &t)) {
    case STATE_CELL_NUMBER: return cxm_survival_remove(state->is.survival, t.entry, t.exit, t.event);
    case STATE_CELL_MISSING: return cxm_survival_remove_missing(state->is.survival);
    default: return CXM_E_FORMAT;
    }
}

static cxm_status add_many(cxm_state *state, const cxm_column *column)
{
    (void)state;
    return column->size < sizeof *column ? CXM_E_ABI : CXM_E_METHOD;
}

static cxm_status merge(cxm_state *into, const cxm_state *from)
{
    return cxm_survival_merge(into->is.survival, from->is.survival);
}

/* --- bytes --- */

static cxm_status encode(const cxm_state *state, void *out, size_t cap, size_t *len)
{
    return cxm_survival_encode(state->is.survival, out, cap, len);
}

static bool spec_of(const codec_frame *frame, state_spec *out)
{
    return survival_spec_read(frame->spec, frame->spec_len, &out->cap);
}

static bool agrees(const state_spec *a, const state_spec *b)
{
    return a->cap == b->cap;
}

static cxm_status decode(cxm_state *state, const void *at, size_t len, size_t max_bytes)
{
    if (max_bytes == 0) return CXM_E_LIMIT;             /* nothing is left of the bound; there 0 is none */
    return cxm_survival_decode(at, len, max_bytes, &state->hook, &state->is.survival);
}

/* --- results --- */

static cxm_status curve_of(const cxm_state *state, double level, cxm_survival_curve *out)
{
    out->size = sizeof *out;
    return cxm_survival_curve_of(state->is.survival, CXM_SURVIVAL_DEFAULT, level, out);
}

/* NaN where there is no such time. */
static cxm_survival_time no_time(void)
{
    return (cxm_survival_time){.size = sizeof(cxm_survival_time), .time = (double)NAN, .se = (double)NAN, .low = (double)NAN, .high = (double)NAN};
}

static cxm_status figures(const cxm_state *state, double level, state_figures *out)
{
    state_survival_sum *sum = &out->of.survival;
    cxm_survival_curve curve;
    cxm_survival_point point = {.size = sizeof point};
    sum->account.size = sizeof sum->account;
    cxm_status status = cxm_survival_account_of(state->is.survival, &sum->account);
    if (status != CXM_OK) return status;
    status = curve_of(state, level, &curve);
    for (int sort = STATE_NUMBER; sort < STATE_TOTAL; ++sort) out->exists[sort] = status;
    sum->median = sum->mean = no_time();
    if (status != CXM_OK) return CXM_OK;
    while (cxm_survival_next(&curve, &point) == CXM_OK) sum->last = point.t;
    cxm_survival_quantile(&curve, 0.5, &sum->median);
    if (sum->last > 0.0) cxm_survival_mean(&curve, sum->last, &sum->mean);
    return CXM_OK;
}

/* S at `t`: of the last point up to there. */
static cxm_status survival_at(cxm_survival_curve *curve, double t, double *out)
{
    cxm_survival_point point = {.size = sizeof point};
    double survival = 1.0;
    bool ends = true;
    while (ends && cxm_survival_next(curve, &point) == CXM_OK) {
        ends = point.t <= t;
        if (ends) survival = point.survival;
    }
    if (ends && survival > 0.0 && t > point.t) return CXM_E_UNDEFINED;      /* nobody knows */
    *out = survival;
    return CXM_OK;
}

static cxm_status key_time(cxm_survival_curve *curve, const state_question *asked, double at, double *out)
{
    cxm_survival_time found = no_time();
    bool mean = asked->of == STATE_KEY_MEAN;
    if (!mean && !(at > 0.0 && at < 1.0)) return CXM_E_ARG;
    cxm_status status = mean ? cxm_survival_mean(curve, at, &found) : cxm_survival_quantile(curve, at, &found);
    if (status != CXM_OK && status != CXM_E_UNDEFINED) return status;
    double time = asked->of == STATE_KEY_LOW ? found.low : asked->of == STATE_KEY_HIGH ? found.high : found.time;
    if (time != time) return CXM_E_UNDEFINED;           /* a limit may exist without the time */
    *out = time;
    return CXM_OK;
}

static cxm_status keyed(const cxm_state *state, const state_question *asked, double *out)
{
    cxm_survival_curve curve;
    double at;
    bool known = asked->of >= STATE_KEY_QUANTILE && asked->of != STATE_KEY_WITHIN;
    if (!known || cxm_text_number(asked->key, asked->len, '.', &at) != CXM_OK || !(at >= 0.0)) return CXM_E_ARG;
    cxm_status status = curve_of(state, asked->level, &curve);
    if (status != CXM_OK) return status;
    return asked->of == STATE_KEY_SURVIVAL ? survival_at(&curve, at, out) : key_time(&curve, asked, at, out);
}

/* --- JSON, key by key as the command line's --- */

static void put_point(const cxm_survival_point *p, writer *w)
{
    writer_text(w, "{\"t\":");
    state_put_number(w, p->t);
    state_put_key_number(w, "at_risk", p->at_risk);
    state_put_key_number(w, "events", p->events);
    state_put_key_number(w, "censored", p->censored);
    state_put_key_number(w, "survival", p->survival);
    state_put_key_number(w, "se", p->se);
    state_put_key_number(w, "low", p->low);
    state_put_key_number(w, "high", p->high);
    writer_text(w, "}");
}

static void put_curve(const cxm_state *state, double level, writer *w)
{
    cxm_survival_curve curve;
    cxm_survival_point point = {.size = sizeof point};
    writer_text(w, ",\"curve\":[");
    if (curve_of(state, level, &curve) == CXM_OK)
        for (bool first = true; cxm_survival_next(&curve, &point) == CXM_OK; first = false) {
            if (!first) writer_text(w, ",");
            put_point(&point, w);
        }
    writer_text(w, "]");
}

static void put_times(const state_survival_sum *sum, writer *w)
{
    writer_text(w, ",\"median\":{\"value\":");
    state_put_number(w, sum->median.time);
    state_put_key_number(w, "low", sum->median.low);
    state_put_key_number(w, "high", sum->median.high);
    writer_text(w, "},\"rmst\":{\"tau\":");
    state_put_number(w, sum->mean.time == sum->mean.time ? sum->last : (double)NAN);
    state_put_key_number(w, "value", sum->mean.time);
    state_put_key_number(w, "se", sum->mean.se);
    state_put_key_number(w, "low", sum->mean.low);
    state_put_key_number(w, "high", sum->mean.high);
    writer_text(w, "}");
}

static const char *why(const state_figures *f)
{
    const state_survival_sum *sum = &f->of.survival;
    bool low = sum->median.low == sum->median.low, high = sum->median.high == sum->median.high;
    if (f->exists[STATE_NUMBER] == CXM_E_UNDEFINED) return "value and interval: customers were removed that never were there";
    if (sum->account.n == 0) return "value and interval: no customer was counted";
    if (sum->median.time != sum->median.time) return "value: half of the customers have not left by the last time";
    return low && high ? NULL : "interval: a limit of the curve does not come down to one half";
}

static void put_limits(const state_figures *f, double level, writer *w)
{
    const state_survival_sum *sum = &f->of.survival;
    bool some = sum->median.low == sum->median.low || sum->median.high == sum->median.high;
    state_put_key(w, "interval");
    if (!some) {
        writer_text(w, "null");
        return;
    }
    writer_text(w, "{\"method\":\"log\"");
    state_put_key_number(w, "level", level == 0.0 ? 0.95 : level);
    state_put_key_number(w, "low", sum->median.low);
    state_put_key_number(w, "high", sum->median.high);
    writer_text(w, "}");
}

static void json(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    const state_survival_sum *sum = &f->of.survival;
    const char *reason = why(f);
    state_put_key_count(w, "n", sum->account.n);
    state_put_key_number(w, "value", sum->median.time);
    put_limits(f, level, w);
    state_put_key_count(w, "events", sum->account.events);
    state_put_key_count(w, "censored", sum->account.censored);
    state_put_key_count(w, "beyond", sum->account.beyond);
    state_put_key_count(w, "late", sum->account.late);
    put_times(sum, w);
    put_curve(state, level, w);
    state_put_key_count(w, "missing", sum->account.missing);
    state_put_key_count(w, "out_of_range", sum->account.refused);
    if (!reason) return;
    state_put_key(w, "why");
    state_put_string(w, reason, strlen(reason));
}

static cxm_status definition(const cxm_state *state, double level, writer *w)
{
    (void)state;
    writer_text(w, "Median tenure: the first time by which half of the customers have left, by the Kaplan-Meier curve; interval from its log limits "
                   "at level ");
    state_put_number(w, level == 0.0 ? 0.95 : level);
    return CXM_OK;
}

const state_calls state_survival_calls = {
    .kind = CODEC_SURVIVAL, .bytes = bytes, .start = start, .release = release, .add = add, .add_text = add_text,
    .add_many = add_many, .remove = take_back, .remove_text = take_back_text, .merge = merge, .encode = encode,
    .spec_of = spec_of, .agrees = agrees, .decode = decode, .figures = figures, .keyed = keyed, .json = json,
    .definition = definition,
};

#define OF_SURVIVAL(field) offsetof(state_figures, of.survival.field)
const state_result state_survival_results[] = {
    {"value", NULL, "the median tenure", OF_SURVIVAL(median.time), STATE_NUMBER},
    {"low", NULL, "lower limit of the median", OF_SURVIVAL(median.low), STATE_LIMIT},
    {"high", NULL, "upper limit of the median", OF_SURVIVAL(median.high), STATE_LIMIT},
    {"n", "customers", "events, censored and beyond", OF_SURVIVAL(account.n), STATE_COUNT},
    {"events", "customers", "left, by the cap", OF_SURVIVAL(account.events), STATE_COUNT},
    {"censored", "customers", "still there, by the cap", OF_SURVIVAL(account.censored), STATE_COUNT},
    {"beyond", "customers", "left or still there past the cap: at risk to the end of the curve", OF_SURVIVAL(account.beyond), STATE_COUNT},
    {"late", "customers", "of n, not observed from 0 on", OF_SURVIVAL(account.late), STATE_COUNT},
    {"mean", NULL, "the mean tenure up to the last time", OF_SURVIVAL(mean.time), STATE_NUMBER},
    {"se", NULL, "its standard error", OF_SURVIVAL(mean.se), STATE_ERROR},
    {"last", NULL, "the last time at which somebody left or was censored", OF_SURVIVAL(last), STATE_NUMBER},
    {"missing", "customers", "blank, a missing word, NaN or null, or a part of the line so", OF_SURVIVAL(account.missing), STATE_COUNT},
    {"out_of_range", "customers", "negative or no whole times, or an entry that does not come before the exit", OF_SURVIVAL(account.refused), STATE_COUNT},
    {"survival:T", "share", "still there after T", 0, STATE_KEYED},
    {"quantile:Q", NULL, "the time by which a share, between 0 and 1, has left", 0, STATE_KEYED},
    {"low:Q", NULL, "its lower limit", 0, STATE_KEYED},
    {"high:Q", NULL, "its upper limit", 0, STATE_KEYED},
    {"mean:T", NULL, "the mean tenure up to T", 0, STATE_KEYED},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
