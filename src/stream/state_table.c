/* SPDX-License-Identifier: MIT */
/* state_table.c - the rows of state_table.h: every metric of the door, its spec and its words.
 *
 * All metrics on a scale share one grammar; the word `weighted` leads to another row, whose answers carry weights. What a
 * spec says is collected first, then one call of the metric's own header (cxm_nps_define and its like) makes scale and
 * question out of it, and `top` and `bottom` are set upon that. A spec is written by the same road: the bands that follow
 * without `top` are compared with those that are there. */
#include "base/port.h"
#include "stream/state_table.h"
#include <cxm/ces.h>
#include <cxm/csat.h>
#include <cxm/interval.h>
#include <cxm/nps.h>
#include <stddef.h>
#include "base/error.h"
#include "base/scanner.h"
#include "score/label_codec.h"
#include "stream/state_text.h"

_Static_assert(sizeof(state_spec) <= 256, "a spec is copied about");

/* --- words --- */

size_t state_word(state_words *words, const char **out)
{
    while (words->next < words->len && (words->text[words->next] == ' ' || words->text[words->next] == '\t')) ++words->next;
    words->at = words->next;
    while (words->next < words->len && words->text[words->next] != ' ' && words->text[words->next] != '\t') ++words->next;
    *out = words->text + words->at;
    return words->next - words->at;
}

cxm_status state_fault(state_words *words, cxm_status status, const char *why)
{
    words->why = why;
    return status;
}

bool state_word_is(const char *word, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(word, name, len) == 0;
}

/* "A..B" */
static bool range_of(const char *word, size_t len, int32_t *from, int32_t *to)
{
    scanner s = {word, len, state_is_whole(word, len)};
    *from = (int32_t)scanner_int(&s, INT32_MIN, INT32_MAX);
    scanner_skip(&s, "..");
    *to = (int32_t)scanner_int(&s, INT32_MIN, INT32_MAX);
    return s.ok && s.left == 0;
}

/* A whole number as the next word. */
static bool next_count(state_words *words, uint32_t *out)
{
    const char *word;
    size_t len = state_word(words, &word);
    scanner s = {word, len, state_is_whole(word, len)};
    *out = (uint32_t)scanner_int(&s, 1, CXM_LABEL_LABELS_MAX);
    return s.ok && s.left == 0;
}

/* --- scales --- */

enum { TAKES_DIRECTION = 1, TAKES_TOP = 2, TAKES_BOTTOM = 4, TAKES_VALUE = 8 };

typedef struct range { bool given; int32_t from, to; } range;
typedef struct scale_words {
    range scale, top, bottom;
    int32_t direction, value;   /* value 0: not said */
    bool weighted;
} scale_words;

struct state_scale_metric {
    int takes;
    range unless;               /* the scale, unless told */
    int32_t value;              /* what is asked on a scale that the metric's header does not list */
    cxm_status (*define)(int32_t lo, int32_t hi, int32_t direction, cxm_scale_spec *spec, cxm_scale_ask *ask);
};

static cxm_status define_nps(int32_t lo, int32_t hi, int32_t direction, cxm_scale_spec *spec, cxm_scale_ask *ask)
{
    return direction == CXM_HIGHER_IS_BETTER ? cxm_nps_define(lo, hi, spec, ask) : CXM_E_SCALE;
}

static cxm_status define_csat(int32_t lo, int32_t hi, int32_t direction, cxm_scale_spec *spec, cxm_scale_ask *ask)
{
    return direction == CXM_HIGHER_IS_BETTER ? cxm_csat_define(lo, hi, spec, ask) : CXM_E_SCALE;
}

static cxm_status define_scale(int32_t lo, int32_t hi, int32_t direction, cxm_scale_spec *spec, cxm_scale_ask *ask)
{
    *ask = (cxm_scale_ask){.size = sizeof *ask, .value = CXM_VALUE_MEAN};
    return cxm_scale_define(lo, hi, direction, spec) == CXM_OK ? CXM_OK : CXM_E_SCALE;
}

static const state_scale_metric nps_metric = {0, {true, 0, 10}, CXM_VALUE_NET, define_nps};
static const state_scale_metric csat_metric = {TAKES_DIRECTION | TAKES_TOP, {true, 1, 5}, CXM_VALUE_TOP, define_csat};
static const state_scale_metric ces_metric = {TAKES_DIRECTION | TAKES_TOP, {true, 1, 7}, CXM_VALUE_MEAN, cxm_ces_define};
static const state_scale_metric any_metric = {TAKES_DIRECTION | TAKES_TOP | TAKES_BOTTOM | TAKES_VALUE, {false, 0, 0},
                                        CXM_VALUE_MEAN, define_scale};

static const char *const value_names[] = {"", "mean", "top", "net"};       /* by CXM_VALUE_* */
static const char NO_FORM[] = "not understood here";

static cxm_status next_range(state_words *words, range *out)
{
    const char *word;
    size_t len = state_word(words, &word);
    bool ok = !out->given && range_of(word, len, &out->from, &out->to);
    out->given = true;
    return ok ? CXM_OK : state_fault(words, CXM_E_FORMAT, "bands are written once, as 9..10");
}

static cxm_status next_value(state_words *words, int32_t *out)
{
    const char *word;
    size_t len = state_word(words, &word);
    for (int32_t value = CXM_VALUE_MEAN; *out == 0 && value <= CXM_VALUE_NET; ++value)
        if (state_word_is(word, len, value_names[value])) *out = value;
    return *out ? CXM_OK : state_fault(words, CXM_E_FORMAT, "a value is mean, top or net");
}

/* One word behind the name, with what belongs to it. */
static cxm_status read_word(state_words *words, const char *word, size_t len, int takes, scale_words *out)
{
    if (!out->scale.given && range_of(word, len, &out->scale.from, &out->scale.to)) {
        out->scale.given = true;
        return CXM_OK;
    }
    if (takes & TAKES_DIRECTION && out->direction == 0 && (state_word_is(word, len, "lower") || state_word_is(word, len, "higher"))) {
        out->direction = state_word_is(word, len, "lower") ? CXM_LOWER_IS_BETTER : CXM_HIGHER_IS_BETTER;
        return CXM_OK;
    }
    if (!out->weighted && state_word_is(word, len, "weighted")) {
        out->weighted = true;
        return CXM_OK;
    }
    if (takes & TAKES_TOP && state_word_is(word, len, "top")) return next_range(words, &out->top);
    if (takes & TAKES_BOTTOM && state_word_is(word, len, "bottom")) return next_range(words, &out->bottom);
    if (takes & TAKES_VALUE && out->value == 0 && state_word_is(word, len, "value")) return next_value(words, &out->value);
    return state_fault(words, CXM_E_FORMAT, NO_FORM);
}

/* The bottom boxes from..to: they reach the scale's bad end. */
static bool set_bottom(cxm_scale_spec *spec, const range *bottom)
{
    bool higher = spec->direction == CXM_HIGHER_IS_BETTER;
    bool reaches = higher ? bottom->from == spec->lo : bottom->to == spec->hi;
    if (higher) spec->low_to = bottom->to;
    else spec->high_from = bottom->from;
    return reaches && cxm_scale_bytes(spec) > 0;
}

/* Scale and question by the metric's own header; with top boxes any scale is one. */
static cxm_status define(const state_scale_metric *metric, const scale_words *said, state_spec *out)
{
    const range *on = &said->scale;
    int32_t direction = said->direction ? said->direction : CXM_HIGHER_IS_BETTER;
    cxm_status status = metric->define(on->from, on->to, direction, &out->scale, &out->ask);
    if (status != CXM_OK && said->top.given) {
        status = define_scale(on->from, on->to, direction, &out->scale, &out->ask);
        out->ask.value = metric->value;
    }
    if (said->value) out->ask.value = said->value;
    return status;
}

/* The row of the same metric with weights. */
static uint32_t weighted_row(const state_row *row)
{
    uint32_t i = 0;
    while (state_rows[i].scale != row->scale || state_rows[i].calls != &state_weighted_calls) ++i;
    return i;
}

static cxm_status read_scale(const state_row *row, state_words *words, state_spec *out)
{
    const state_scale_metric *metric = row->scale;
    scale_words said = {.scale = {false, 0, 0}};
    const char *word;
    size_t len;
    while ((len = state_word(words, &word)) > 0) {
        cxm_status status = read_word(words, word, len, metric->takes, &said);
        if (said.weighted) out->row = weighted_row(row);
        if (status != CXM_OK) return status;
    }
    if (!said.scale.given) said.scale = metric->unless;
    if (!said.scale.given) return state_fault(words, CXM_E_FORMAT, "the scale is missing");
    cxm_status status = define(metric, &said, out);
    if (status != CXM_OK) return state_fault(words, status, "no scale of this metric as it stands");
    if (said.top.given && cxm_scale_set_top(&out->scale, said.top.from, said.top.to) != CXM_OK)
        return state_fault(words, CXM_E_FORMAT, "top boxes reach the good end of the scale and leave a point");
    if (said.bottom.given && !set_bottom(&out->scale, &said.bottom))
        return state_fault(words, CXM_E_FORMAT, "bottom boxes reach the bad end of the scale and leave the top boxes alone");
    return CXM_OK;
}

static void put_range(writer *w, const char *before, int32_t from, int32_t to)
{
    writer_text(w, before);
    state_put_number(w, from);
    writer_text(w, "..");
    state_put_number(w, to);
}

static range top_of(const cxm_scale_spec *spec)
{
    bool higher = spec->direction == CXM_HIGHER_IS_BETTER;
    return (range){true, higher ? spec->high_from : spec->lo, higher ? spec->hi : spec->low_to};
}

static range bottom_of(const cxm_scale_spec *spec)
{
    bool higher = spec->direction == CXM_HIGHER_IS_BETTER;
    return (range){true, higher ? spec->lo : spec->high_from, higher ? spec->low_to : spec->hi};
}

static bool same(range a, range b)
{
    return a.from == b.from && a.to == b.to;
}

/* What the words so far would mean is kept in `plain`; what differs from it is said. */
static void write_scale(const state_row *row, const state_spec *spec, writer *w)
{
    const state_scale_metric *metric = row->scale;
    scale_words said = {.scale = {true, spec->scale.lo, spec->scale.hi}, .direction = spec->scale.direction};
    range top = top_of(&spec->scale), bottom = bottom_of(&spec->scale);
    state_spec plain = {0};
    put_range(w, " ", said.scale.from, said.scale.to);
    if (said.direction == CXM_LOWER_IS_BETTER) writer_text(w, " lower");
    bool known = define(metric, &said, &plain) == CXM_OK;
    if (!known) plain.scale = spec->scale;
    if (!known || !same(top_of(&plain.scale), top)) {
        put_range(w, " top ", top.from, top.to);
        cxm_scale_set_top(&plain.scale, top.from, top.to);
    }
    if (!same(bottom_of(&plain.scale), bottom)) put_range(w, " bottom ", bottom.from, bottom.to);
    if (metric->takes & TAKES_VALUE && spec->ask.value != metric->value) {
        writer_text(w, " value ");
        writer_text(w, value_names[spec->ask.value]);
    }
}

/* Whether the metric's header gives this scale these bands; `any` takes all. */
static bool recognise_scale(const state_row *row, state_spec *spec)
{
    const state_scale_metric *metric = row->scale;
    state_spec plain = {0};
    scale_words said = {.scale = {true, spec->scale.lo, spec->scale.hi}, .direction = spec->scale.direction};
    if (define(metric, &said, &plain) != CXM_OK) return false;
    bool bands = same(top_of(&plain.scale), top_of(&spec->scale)) && same(bottom_of(&plain.scale), bottom_of(&spec->scale));
    if (metric != &any_metric && !bands) return false;
    spec->ask = plain.ask;
    return true;
}

/* --- labels and sums --- */

static cxm_status labels_read(const state_row *row, state_words *words, state_spec *out)
{
    (void)row;
    cxm_label_options said = {.size = sizeof said};
    const char *word;
    size_t len;
    while ((len = state_word(words, &word)) > 0) {
        uint32_t *to = state_word_is(word, len, "max") ? &said.max_labels : state_word_is(word, len, "bytes") ? &said.max_label_bytes : NULL;
        if (!to || *to) return state_fault(words, CXM_E_FORMAT, NO_FORM);
        if (!next_count(words, to)) return state_fault(words, CXM_E_FORMAT, "a bound is a whole number, 1..4096");
    }
    return label_options_complete(&said, &out->label);
}

static void labels_write(const state_row *row, const state_spec *spec, writer *w)
{
    (void)row;
    writer_text(w, " max ");
    writer_count(w, spec->label.max_labels);
    writer_text(w, " bytes ");
    writer_count(w, spec->label.max_label_bytes);
}

static cxm_status sum_read(const state_row *row, state_words *words, state_spec *out)
{
    (void)row;
    const char *word;
    (void)out;
    return state_word(words, &word) == 0 ? CXM_OK : state_fault(words, CXM_E_FORMAT, NO_FORM);
}

static void sum_write(const state_row *row, const state_spec *spec, writer *w)
{
    (void)row;
    (void)spec;
    (void)w;
}

static bool recognise_all(const state_row *row, state_spec *spec)
{
    (void)row;
    (void)spec;
    return true;
}

/* --- the rows --- */

static const state_parameter nps_parameters[] = {
    {"LO..HI", "0..10", "the scale: 0..10, 1..5 or 1..4"},
    {NULL, NULL, NULL},
};
static const state_parameter csat_parameters[] = {
    {"LO..HI", "1..5", "the scale"},
    {"lower", "higher is better", "lower answers are better; needs top"},
    {"top A..B", "by the scale", "which answers are satisfied"},
    {NULL, NULL, NULL},
};
static const state_parameter ces_parameters[] = {
    {"LO..HI", "1..7", "the scale"},
    {"lower", "higher is better", "lower answers are better: effort, not ease"},
    {"top A..B", "by the scale", "which answers are easy"},
    {NULL, NULL, NULL},
};
static const state_parameter any_parameters[] = {
    {"LO..HI", "needed", "the scale, at most 101 points"},
    {"lower", "higher is better", "lower answers are better"},
    {"top A..B", "the best point", "top boxes"},
    {"bottom A..B", "as many points as top", "bottom boxes"},
    {"value mean|top|net", "mean", "which number is the value"},
    {NULL, NULL, NULL},
};
static const state_parameter label_parameters[] = {
    {"max N", "64", "labels kept apart, 1..4096"},
    {"bytes N", "256", "the longest label, 1..4096"},
    {NULL, NULL, NULL},
};
static const state_parameter no_parameters[] = {{NULL, NULL, NULL}};

#define IN_SUMMARY(field) offsetof(state_figures, of.scale.field)
static const state_result nps_results[] = {
    {"promoters", "answers", "answers in the top band", IN_SUMMARY(top), STATE_COUNT},
    {"passives", "answers", "answers between both", IN_SUMMARY(middle), STATE_COUNT},
    {"detractors", "answers", "answers in the bottom band", IN_SUMMARY(bottom), STATE_COUNT},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
static const state_result csat_results[] = {
    {"satisfied", "answers", "answers in the top boxes", IN_SUMMARY(top), STATE_COUNT},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
static const state_result ces_results[] = {
    {"easy", "answers", "answers in the top boxes", IN_SUMMARY(top), STATE_COUNT},
    {"difficult", "answers", "answers in the bottom boxes", IN_SUMMARY(bottom), STATE_COUNT},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};

#define IN_WEIGHTED(field) offsetof(state_figures, of.weighted.field)
static const state_result nps_weighted_results[] = {
    {"promoters", "answers", "answers in the top band", IN_WEIGHTED(top), STATE_COUNT},
    {"passives", "answers", "answers between both", IN_WEIGHTED(middle), STATE_COUNT},
    {"detractors", "answers", "answers in the bottom band", IN_WEIGHTED(bottom), STATE_COUNT},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
static const state_result csat_weighted_results[] = {
    {"satisfied", "answers", "answers in the top boxes", IN_WEIGHTED(top), STATE_COUNT},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
static const state_result ces_weighted_results[] = {
    {"easy", "answers", "answers in the top boxes", IN_WEIGHTED(top), STATE_COUNT},
    {"difficult", "answers", "answers in the bottom boxes", IN_WEIGHTED(bottom), STATE_COUNT},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
static const state_result no_results[] = {{NULL, NULL, NULL, 0, STATE_KEYED}};

const state_row state_rows[] = {
    {"nps", "NPS", "Net Promoter Score: 100 (promoters - detractors) / answers", "nps [LO..HI]", "points", 1, 1,
     &state_scale_calls, nps_parameters, nps_results, state_scale_results,
     read_scale, write_scale, recognise_scale, &nps_metric},
    {"csat", "CSAT", "Customer satisfaction: satisfied answers / answers", "csat [LO..HI] [lower] [top A..B]", "share",
     1, 1, &state_scale_calls, csat_parameters, csat_results, state_scale_results,
     read_scale, write_scale, recognise_scale, &csat_metric},
    {"ces", "CES", "Customer Effort Score: mean answer", "ces [LO..HI] [lower] [top A..B]", "scale", 1, 1,
     &state_scale_calls, ces_parameters, ces_results, state_scale_results,
     read_scale, write_scale, recognise_scale, &ces_metric},
    {"scale", "Score", "Answers on a declared scale: their mean, top share or net share",
     "scale LO..HI [lower] [top A..B] [bottom A..B] [value mean|top|net]", "scale, or share", 1, 1,
     &state_scale_calls, any_parameters, no_results, state_scale_results,
     read_scale, write_scale, recognise_scale, &any_metric},
    {"labels", "Labels", "Shares of words, and the net of \"positive\" and \"negative\"", "labels [max N] [bytes N]",
     "share", 1, 1, &state_label_calls, label_parameters, no_results, state_label_results,
     labels_read, labels_write, recognise_all, NULL},
    {"sum", "Sum", "Sum: the exact sum of all values, rounded once", "sum", "values", 1, 1,
     &state_sum_calls, no_parameters, no_results, state_sum_results,
     sum_read, sum_write, recognise_all, NULL},
    {"nps weighted", "NPS", "Net Promoter Score of weighted answers", "nps weighted [LO..HI]", "points", 1, 1,
     &state_weighted_calls, nps_parameters, nps_weighted_results, state_weighted_results,
     read_scale, write_scale, recognise_scale, &nps_metric},
    {"csat weighted", "CSAT", "Customer satisfaction of weighted answers", "csat weighted [LO..HI] [lower] [top A..B]",
     "share", 1, 1, &state_weighted_calls, csat_parameters, csat_weighted_results, state_weighted_results,
     read_scale, write_scale, recognise_scale, &csat_metric},
    {"ces weighted", "CES", "Customer Effort Score of weighted answers: their weighted mean",
     "ces weighted [LO..HI] [lower] [top A..B]", "scale", 1, 1,
     &state_weighted_calls, ces_parameters, ces_weighted_results, state_weighted_results,
     read_scale, write_scale, recognise_scale, &ces_metric},
    {"scale weighted", "Score", "Weighted answers on a declared scale: their mean, top share or net share",
     "scale weighted LO..HI [lower] [top A..B] [bottom A..B] [value mean|top|net]", "scale, or share", 1, 1,
     &state_weighted_calls, any_parameters, no_results, state_weighted_results,
     read_scale, write_scale, recognise_scale, &any_metric},
    {"quantile", "Percentiles", "Percentiles: the median, and any other quantile, within a guaranteed relative error",
     "quantile [us|ms|s|min|h|decimals N] [0.01|0.001] [range LOW..HIGH] [above T ...]", "the unit told", 1, 1,
     &state_quantile_calls, state_quantile_parameters, no_results, state_quantile_results,
     state_quantile_read, state_quantile_write, state_quantile_recognise, NULL},
    {"tickets", "Tickets", "Tickets from their events: first and next replies, waits, resolutions, and rates",
     "tickets [zendesk|intercom|freshdesk|callcentre] [events N] [quiet N]", "s", 1, 0,
     &state_ticket_calls, state_ticket_parameters, no_results, state_ticket_results,
     state_ticket_read, state_ticket_write, recognise_all, NULL},
    {"survival", "Survival", "How long customers stay: the median tenure, and any other point of the Kaplan-Meier curve",
     "survival [cap N]", "the unit told", 1, 1, &state_survival_calls, state_survival_parameters, no_results,
     state_survival_results, state_survival_read, state_survival_write, recognise_all, NULL},
    {"customers", "Churn", "Customers from their events: how many of those of the start are lost by the end of a period, by every named rate",
     "customers [EUR|-] [digits N] [requested] [from DATE to DATE] [inactive N]", "share", 1, 0,
     &state_customers_calls, state_customers_parameters, no_results, state_customers_results,
     state_customers_read, state_customers_write, recognise_all, NULL},
};
const uint32_t state_row_count = sizeof state_rows / sizeof *state_rows;

/* --- specs --- */

/* "x: not understood here; the form is: nps [LO..HI]" */
static cxm_status tell(cxm_error *error, cxm_status status, const state_words *words, const char *form)
{
    char text[CXM_ERROR_TEXT];
    writer w = {text, sizeof text - 1, 0};
    writer_text(&w, words->why);
    writer_text(&w, "; the form is: ");
    writer_text(&w, form);
    text[w.len] = '\0';
    return error_set(error, status, (error_place){.byte_offset = words->at}, text);
}

static cxm_status tell_names(cxm_error *error, const state_words *words)
{
    char text[CXM_ERROR_TEXT];
    writer w = {text, sizeof text - 1, 0};
    writer_text(&w, "a spec begins with the name of a metric:");
    for (size_t i = 0; i < state_row_count; ++i) {
        if (strchr(state_rows[i].name, ' ')) continue;  /* a word behind the name */
        writer_text(&w, " ");
        writer_text(&w, state_rows[i].name);
    }
    text[w.len] = '\0';
    return error_set(error, CXM_E_FORMAT, (error_place){.byte_offset = words->at}, text);
}

cxm_status state_spec_read(const char *text, size_t len, state_spec *out, cxm_error *error)
{
    state_words words = {text, len, 0, 0, NULL};
    const char *word;
    size_t size = state_word(&words, &word);
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < state_row_count; ++i) {
        if (!state_word_is(word, size, state_rows[i].name)) continue;
        out->row = i;
        cxm_status status = state_rows[i].read(&state_rows[i], &words, out);
        return status == CXM_OK ? CXM_OK : tell(error, status, &words, state_row_of(out)->grammar);
    }
    return tell_names(error, &words);
}

void state_spec_write(const state_spec *spec, writer *w)
{
    writer_text(w, state_row_of(spec)->name);
    state_row_of(spec)->write(state_row_of(spec), spec, w);
}

/* --- bytes --- */

cxm_status state_spec_of_bytes(const void *bytes, size_t len, const state_spec *named, state_spec *out)
{
    codec_frame frame;
    state_spec found = {0};
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    for (uint32_t i = 0; i < state_row_count; ++i) {
        const state_row *row = &state_rows[i];
        if (row->calls->kind != frame.kind) continue;
        if (!row->calls->spec_of(&frame, &found)) return CXM_E_FORMAT;
        if (named) {
            if (state_row_of(named)->calls != row->calls || !row->calls->agrees(named, &found)) return CXM_E_MISMATCH;
            *out = *named;
            return CXM_OK;
        }
        found.row = i;
        if (!row->recognise(row, &found)) continue;
        *out = found;
        return CXM_OK;
    }
    return CXM_E_FORMAT;                                /* a kind that the door does not know: a container */
}
