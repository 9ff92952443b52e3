/* SPDX-License-Identifier: MIT */
/* state_quantile.c - the door's calls for quantiles: each is one call of quantile.h, and the words of its spec.
 *
 * A spec tells values in its own unit, bytes hold them in steps; a bound is turned into steps as a value is. The value of a
 * state is its median of type 7, and so is every "quantile:Q". */
#include "base/port.h"
#include "stream/state_table.h"
#include <math.h>
#include <stddef.h>
#include <cxm/text.h>
#include "response/quantile_codec.h"
#include "stream/state_text.h"

static const char *const units[] = {"", "us", "ms", "s", "min", "h", "number"};     /* by CXM_UNIT_* */

/* --- spec --- */

/* Steps of a bound as it is told; 0, which no bound is, for what is none. */
static uint64_t steps_of(const cxm_quantile_spec *spec, const char *text, size_t len)
{
    double value;
    if (cxm_text_number(text, len, '.', &value) != CXM_OK || !(value > 0.0)) return 0;
    double steps = whole_of(value, quantile_steps_of_unit(spec));
    return steps <= (double)QUANTILE_STEPS_MAX ? (uint64_t)steps : 0;
}

static cxm_status read_range(state_words *words, cxm_quantile_spec *out)
{
    const char *word;
    size_t len = state_word(words, &word), at = 0;
    while (at + 1 < len && memcmp(word + at, "..", 2) != 0) ++at;
    bool ok = out->high == 0 && at + 2 < len;
    if (ok) out->low = steps_of(out, word, at);
    if (ok) out->high = steps_of(out, word + at + 2, len - at - 2);
    return ok && out->low && out->high ? CXM_OK : state_fault(words, CXM_E_FORMAT, "a range is written once, as 0.001..3600");
}

static cxm_status read_decimals(state_words *words, cxm_quantile_spec *out)
{
    const char *word;
    size_t len = state_word(words, &word);
    if (len != 1 || word[0] < '0' || word[0] > '9') return state_fault(words, CXM_E_FORMAT, "decimals are 0 to 9");
    out->unit = CXM_UNIT_NUMBER;
    out->decimals = word[0] - '0';
    return CXM_OK;
}

/* All words that follow; they end the spec. */
static cxm_status read_targets(state_words *words, cxm_quantile_spec *out)
{
    const char *word;
    size_t len;
    while ((len = state_word(words, &word)) > 0) {
        uint64_t steps = steps_of(out, word, len), before = out->targets ? out->target[out->targets - 1] : 0;
        if (out->targets == CXM_QUANTILE_TARGETS_MAX || steps <= before)
            return state_fault(words, CXM_E_FORMAT, "targets are up to four numbers, rising");
        out->target[out->targets++] = steps;
    }
    return out->targets ? CXM_OK : state_fault(words, CXM_E_FORMAT, "a target is missing");
}

/* One word behind the name, with what belongs to it. A unit comes before what is told in it. */
static cxm_status read_word(state_words *words, const char *word, size_t len, cxm_quantile_spec *out)
{
    bool bounds = out->high || out->targets;
    for (int32_t unit = CXM_UNIT_US; unit < CXM_UNIT_NUMBER; ++unit)
        if (!out->unit && !bounds && state_word_is(word, len, units[unit])) {
            out->unit = unit;
            return CXM_OK;
        }
    if (!out->unit && !bounds && state_word_is(word, len, "decimals")) return read_decimals(words, out);
    if (!out->unit) out->unit = CXM_UNIT_S;
    for (int fine = 0; fine < 2 && !out->precision; ++fine)
        if (state_word_is(word, len, fine ? "0.001" : "0.01")) {
            out->precision = fine ? CXM_PRECISION_01 : CXM_PRECISION_1;
            return CXM_OK;
        }
    if (state_word_is(word, len, "range")) return read_range(words, out);
    if (state_word_is(word, len, "above")) return read_targets(words, out);
    return state_fault(words, CXM_E_FORMAT, "not understood here");
}

cxm_status state_quantile_read(const state_row *row, state_words *words, state_spec *out)
{
    cxm_quantile_spec said = {.size = sizeof said};
    const char *word;
    size_t len;
    (void)row;
    while ((len = state_word(words, &word)) > 0) {
        cxm_status status = read_word(words, word, len, &said);
        if (status != CXM_OK) return status;
    }
    if (quantile_complete(&said, &out->quantile) != CXM_OK)
        return state_fault(words, CXM_E_FORMAT, "a range reaches from its first number to its second, at most 2^52 - 1 steps, with all targets in it");
    quantile_snap(&out->quantile);
    return CXM_OK;
}

/* A bound in the unit, such that it is read back as these steps, or, past 2^51 of them, as fewer in the same bin where no
 * double is read as these. */
static double bound_of(const cxm_quantile_spec *spec, uint64_t steps)
{
    double scale = quantile_steps_of_unit(spec), value = (double)steps / scale, above = nextafter(value, (double)INFINITY);
    if (whole_of(value, scale) == (double)steps) return value;
    if (whole_of(value, scale) > (double)steps) return nextafter(value, 0.0);
    return whole_of(above, scale) <= (double)steps ? above : value;
}

/* Targets are counted exactly: where one is no double of seconds, all is told in microseconds. */
bool state_quantile_recognise(const state_row *row, state_spec *state)
{
    cxm_quantile_spec *spec = &state->quantile;
    (void)row;
    for (uint32_t i = 0; i < spec->targets && spec->unit != CXM_UNIT_NUMBER; ++i)
        if (whole_of(bound_of(spec, spec->target[i]), quantile_steps_of_unit(spec)) != (double)spec->target[i]) spec->unit = CXM_UNIT_US;
    return true;
}

void state_quantile_write(const state_row *row, const state_spec *state, writer *w)
{
    const cxm_quantile_spec *spec = &state->quantile;
    cxm_quantile_spec unless = {.size = sizeof unless, .precision = spec->precision, .unit = spec->unit, .decimals = spec->decimals};
    (void)row;
    quantile_snap(&unless);
    writer_text(w, spec->unit == CXM_UNIT_NUMBER ? " decimals " : " ");
    if (spec->unit == CXM_UNIT_NUMBER) writer_count(w, (uint64_t)spec->decimals);
    else writer_text(w, units[spec->unit]);
    writer_text(w, spec->precision == CXM_PRECISION_1 ? " 0.01" : " 0.001");
    if (spec->low != unless.low || spec->high != unless.high) {
        writer_text(w, " range ");
        state_put_number(w, bound_of(spec, spec->low));
        writer_text(w, "..");
        state_put_number(w, bound_of(spec, spec->high));
    }
    for (uint32_t i = 0; i < spec->targets; ++i) {
        writer_text(w, i ? " " : " above ");
        state_put_number(w, bound_of(spec, spec->target[i]));
    }
}

const state_parameter state_quantile_parameters[] = {
    {"us|ms|s|min|h", "s", "what values are durations in, told and answered"},
    {"decimals N", "durations", "values are numbers of N decimals, 0..9"},
    {"0.01|0.001", "0.01", "no quantile is off by more of itself: 1/129, or 1/1025"},
    {"range LOW..HIGH", "1 microsecond .. 100 years, or 1 .. 2^52 - 1 of the last decimal", "values outside keep their rank alone"},
    {"above T ...", "none", "up to four targets, with an exact count above each"},
    {NULL, NULL, NULL},
};

/* --- life --- */

static size_t bytes(const state_spec *spec)
{
    (void)spec;
    return sizeof(cxm_quantile *);
}

static cxm_status start(cxm_state *state)
{
    return quantile_make(&state->spec.quantile, &state->hook, &state->is.quantile);
}

static void release(cxm_state *state)
{
    cxm_quantile_free(state->is.quantile);
}

/* --- values --- */

static cxm_status add(cxm_state *state, double value)
{
    return value == value ? cxm_quantile_add(state->is.quantile, value) : cxm_quantile_add_missing(state->is.quantile);
}

static cxm_status take_back(cxm_state *state, double value)
{
    return value == value ? cxm_quantile_remove(state->is.quantile, value) : cxm_quantile_remove_missing(state->is.quantile);
}

/* What a cell holds; a number beyond the largest double is infinite. */
static enum state_cell cell_of(const char *text, size_t len, double *value)
{
    if (state_is_missing(text, len)) return STATE_CELL_MISSING;
    state_trim(&text, &len);
    cxm_status status = cxm_text_number(text, len, '.', value);
    if (status == CXM_E_OVERFLOW) *value = (double)INFINITY;
    return status == CXM_OK || status == CXM_E_OVERFLOW ? STATE_CELL_NUMBER : STATE_CELL_TEXT;
}

static cxm_status unparsed(cxm_status status)
{
    return status == CXM_OK ? CXM_E_FORMAT : status;
}

static cxm_status add_text(cxm_state *state, const char *text, size_t len)
{
    double value;
    switch (cell_of(text, len, &value)) {
    case STATE_CELL_NUMBER: return cxm_quantile_add(state->is.quantile, value);
    case STATE_CELL_MISSING: return cxm_quantile_add_missing(state->is.quantile);
    default: return unparsed(cxm_quantile_add_unparsed(state->is.quantile));
    }
}

static cxm_status take_back_text(cxm_state *state, const char *text, size_t len)
{
    double value;
    switch (cell_of(text, len, &value)) {
    case STATE_CELL_NUMBER: return cxm_quantile_remove(state->is.quantile, value);
    case STATE_CELL_MISSING: return cxm_quantile_remove_missing(state->is.quantile);
    default: return unparsed(cxm_quantile_remove_unparsed(state->is.quantile));
    }
}

static cxm_status add_many(cxm_state *state, const cxm_column *column)
{
    return cxm_quantile_add_many(state->is.quantile, column);
}

static cxm_status merge(cxm_state *into, const cxm_state *from)
{
    return cxm_quantile_merge(into->is.quantile, from->is.quantile);
}

/* --- bytes --- */

static cxm_status encode(const cxm_state *state, void *out, size_t cap, size_t *len)
{
    return cxm_quantile_encode(state->is.quantile, out, cap, len);
}

static bool spec_of(const codec_frame *frame, state_spec *out)
{
    return quantile_spec_read(frame->spec, frame->spec_len, &out->quantile);
}

/* Durations are the same whatever unit they are told in. */
static bool agrees(const state_spec *a, const state_spec *b)
{
    cxm_quantile_spec x = a->quantile, y = b->quantile;
    if (x.unit != CXM_UNIT_NUMBER) x.unit = CXM_UNIT_US;
    if (y.unit != CXM_UNIT_NUMBER) y.unit = CXM_UNIT_US;
    return memcmp(&x, &y, sizeof x) == 0;
}

/* The bytes have no unit of durations: the spec has it. */
static cxm_status decode(cxm_state *state, const void *at, size_t len, size_t max_bytes)
{
    cxm_quantile *read = NULL;
    if (max_bytes == 0) return CXM_E_LIMIT;             /* nothing is left of the bound; there 0 is none */
    cxm_status status = cxm_quantile_decode(at, len, max_bytes, &state->hook, &read);
    if (status != CXM_OK) return status;
    if (state->spec.quantile.unit != CXM_UNIT_NUMBER) cxm_quantile_set_unit(read, state->spec.quantile.unit);
    state->is.quantile = read;
    return CXM_OK;
}

/* --- results --- */

static cxm_status limits(const cxm_state *state, double share, double level, cxm_interval *out)
{
    *out = (cxm_interval){.size = sizeof *out};
    return cxm_quantile_interval(state->is.quantile, share, level == 0.0 ? 0.95 : level, out);
}

static cxm_status figures(const cxm_state *state, double level, state_figures *out)
{
    state_quantile_sum *to = &out->of.quantile;
    to->all.size = sizeof to->all;
    cxm_status status = cxm_quantile_summarize(state->is.quantile, &to->all);
    if (status != CXM_OK && status != CXM_E_EMPTY) return status;
    if (to->all.negative > UINT64_MAX - to->all.infinite) return CXM_E_OVERFLOW;
    to->out_of_range = to->all.negative + to->all.infinite;
    for (int sort = STATE_NUMBER; sort < STATE_TOTAL; ++sort) out->exists[sort] = status;
    if (status == CXM_OK) out->exists[STATE_LIMIT] = limits(state, 0.5, level, &to->limits);
    return CXM_OK;
}

/* The number behind "quantile:" and its like. */
static bool key_number(const state_question *asked, double *out)
{
    return cxm_text_number(asked->key, asked->len, '.', out) == CXM_OK;
}

static cxm_status keyed(const cxm_state *state, const state_question *asked, double *out)
{
    cxm_interval found;
    uint64_t least, most;
    double at;
    if (asked->of < STATE_KEY_QUANTILE || asked->of > STATE_KEY_WITHIN || !key_number(asked, &at)) return CXM_E_ARG;
    if (asked->of == STATE_KEY_WITHIN) return cxm_quantile_rank(state->is.quantile, at, &least, &most, out);
    if (!(at >= 0.0 && at <= 1.0)) return CXM_E_ARG;
    if (asked->of == STATE_KEY_QUANTILE) return cxm_quantile_at(state->is.quantile, at, CXM_QUANTILE_TYPE7, out);
    cxm_status status = limits(state, at, asked->level, &found);
    if (status != CXM_OK && status != CXM_E_UNDEFINED) return status;
    double limit = asked->of == STATE_KEY_LOW ? found.low : found.high;     /* one may exist without the other */
    if (limit != limit) return CXM_E_UNDEFINED;
    *out = limit;
    return CXM_OK;
}

/* --- JSON, key by key as the command line's --- */

static void put_quantile(const cxm_state *state, double share, double level, writer *w)
{
    double value = (double)NAN;
    cxm_interval found;
    limits(state, share, level, &found);
    cxm_quantile_at(state->is.quantile, share, CXM_QUANTILE_TYPE7, &value);
    writer_text(w, "{\"q\":");
    state_put_number(w, share);
    state_put_key_number(w, "value", value);
    state_put_key_number(w, "low", found.low);
    state_put_key_number(w, "high", found.high);
    writer_text(w, "}");
}

static void put_quantiles(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    static const double shares[] = {0.5, 0.9, 0.95, 0.99};
    writer_text(w, ",\"quantiles\":[");
    for (size_t i = 0; i < 4 && f->of.quantile.all.n; ++i) {
        if (i) writer_text(w, ",");
        put_quantile(state, shares[i], level, w);
    }
    writer_text(w, "]");
}

/* "target_s" of seconds, "target_ms" of milliseconds, "target" of numbers. */
static void put_target(const cxm_state *state, uint32_t i, double level, writer *w)
{
    const cxm_quantile_spec *spec = &state->spec.quantile;
    bool number = spec->unit == CXM_UNIT_NUMBER;
    cxm_interval found = {.size = sizeof found};
    uint64_t hits, n;
    cxm_quantile_within(state->is.quantile, i, &hits, &n);
    bool some = cxm_share_interval(hits, n, CXM_INTERVAL_DEFAULT, level == 0.0 ? 0.95 : level, &found) == CXM_OK;
    writer_text(w, number ? "{\"target" : "{\"target_");
    if (!number) writer_text(w, units[spec->unit]);
    writer_text(w, "\":");
    state_put_number(w, (double)spec->target[i] / quantile_steps_of_unit(spec));
    state_put_key_number(w, "share", some ? (double)hits / (double)n : (double)NAN);
    state_put_key_number(w, "low", some ? found.low : (double)NAN);
    state_put_key_number(w, "high", some ? found.high : (double)NAN);
    writer_text(w, "}");
}

/* The first target, and all of several. */
static void put_within(const cxm_state *state, double level, writer *w)
{
    uint32_t targets = state->spec.quantile.targets;
    state_put_key(w, "within");
    if (targets) put_target(state, 0, level, w);
    else writer_text(w, "null");
    if (targets < 2) return;
    writer_text(w, ",\"targets\":[");
    for (uint32_t i = 0; i < targets; ++i) {
        if (i) writer_text(w, ",");
        put_target(state, i, level, w);
    }
    writer_text(w, "]");
}

static const char *why(const state_figures *f)
{
    const cxm_quantile_summary *sum = &f->of.quantile.all;
    if (sum->n == 0) return "value and interval: no value was counted";
    if (sum->median_status != CXM_OK) return "value and interval: the median lies outside the range";
    return f->exists[STATE_LIMIT] == CXM_OK ? NULL : "interval: too few values, or a limit lies outside the range";
}

static void json(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    const state_quantile_sum *sum = &f->of.quantile;
    const char *reason = why(f);
    state_put_key_count(w, "n", sum->all.n);
    state_put_key_number(w, "value", sum->all.median);
    state_put_interval(w, f->exists[STATE_LIMIT] == CXM_OK, sum->limits.method, sum->limits.level, sum->limits.low, sum->limits.high);
    writer_text(w, ",\"unit\":\"");
    writer_text(w, units[state->spec.quantile.unit]);
    writer_text(w, "\"");
    put_quantiles(state, f, level, w);
    state_put_key_number(w, "mean", sum->all.mean);
    state_put_key_number(w, "min", sum->all.min);
    state_put_key_number(w, "max", sum->all.max);
    state_put_key_number(w, "relative_error", sum->all.relative_error);
    put_within(state, level, w);
    state_put_key_count(w, "zero", sum->all.zero);
    state_put_key_count(w, "under", sum->all.under);
    state_put_key_count(w, "over", sum->all.over);
    state_put_key_count(w, "open", sum->all.open);
    state_put_key_count(w, "missing", sum->all.missing);
    state_put_key_count(w, "unparsed", sum->all.unparsed);
    state_put_key_count(w, "out_of_range", sum->out_of_range);
    if (!reason) return;
    state_put_key(w, "why");
    state_put_string(w, reason, strlen(reason));
}

static cxm_status definition(const cxm_state *state, double level, writer *w)
{
    const cxm_quantile_spec *spec = &state->spec.quantile;
    writer_text(w, "Median = quantile of type 7 of ");
    writer_text(w, spec->unit == CXM_UNIT_NUMBER ? "values" : "durations in ");
    if (spec->unit != CXM_UNIT_NUMBER) writer_text(w, units[spec->unit]);
    writer_text(w, spec->precision == CXM_PRECISION_1 ? ", within 1/129 of itself" : ", within 1/1025 of itself");
    writer_text(w, "; interval from order statistics at level ");
    state_put_number(w, level == 0.0 ? 0.95 : level);
    return CXM_OK;
}

/* --- comparison --- */

static cxm_status compare(const cxm_state *a, const cxm_state *b, int32_t method, double level, cxm_difference *out)
{
    return cxm_quantile_compare(a->is.quantile, b->is.quantile, 0.5, method, level, out);
}

const state_calls state_quantile_calls = {
    .kind = CODEC_QUANTILE, .bytes = bytes, .start = start, .release = release, .add = add, .add_text = add_text,
    .add_many = add_many, .remove = take_back, .remove_text = take_back_text, .merge = merge, .encode = encode,
    .spec_of = spec_of, .agrees = agrees, .decode = decode, .figures = figures, .keyed = keyed, .json = json,
    .definition = definition, .compare = compare,
};

#define OF_ALL(field) offsetof(state_figures, of.quantile.all.field)
const state_result state_quantile_results[] = {
    {"value", NULL, "the median, type 7", OF_ALL(median), STATE_NUMBER},
    {"low", NULL, "lower limit of the median", offsetof(state_figures, of.quantile.limits.low), STATE_LIMIT},
    {"high", NULL, "upper limit of the median", offsetof(state_figures, of.quantile.limits.high), STATE_LIMIT},
    {"n", "values", "zeros, under and over the range among them", OF_ALL(n), STATE_COUNT},
    {"mean", NULL, "exact sum / n", OF_ALL(mean), STATE_NUMBER},
    {"min", NULL, "the least value", OF_ALL(min), STATE_NUMBER},
    {"max", NULL, "the greatest value", OF_ALL(max), STATE_NUMBER},
    {"sum", NULL, "of the values in range", OF_ALL(sum), STATE_TOTAL},
    {"relative_error", "share", "no quantile is off by more of itself", OF_ALL(relative_error), STATE_TOTAL},
    {"zero", "values", "values of 0", OF_ALL(zero), STATE_COUNT},
    {"under", "values", "below the range", OF_ALL(under), STATE_COUNT},
    {"over", "values", "above the range", OF_ALL(over), STATE_COUNT},
    {"open", "values", "durations that have not ended", OF_ALL(open), STATE_COUNT},
    {"missing", "values", "blank, a missing word, NaN or null", OF_ALL(missing), STATE_COUNT},
    {"unparsed", "values", "texts that are no number", OF_ALL(unparsed), STATE_COUNT},
    {"out_of_range", "values", "negative or infinite, part of nothing else", offsetof(state_figures, of.quantile.out_of_range), STATE_COUNT},
    {"quantile:Q", NULL, "the quantile at a share, 0..1, type 7", 0, STATE_KEYED},
    {"low:Q", NULL, "its lower limit", 0, STATE_KEYED},
    {"high:Q", NULL, "its upper limit", 0, STATE_KEYED},
    {"within:T", "share", "values at or below T / n; exact at a target", 0, STATE_KEYED},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
