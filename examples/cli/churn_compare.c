/* SPDX-License-Identifier: MIT */
/* churn_compare.c - cxm compare of a rate of churn: two files, two periods that meet, or all pairs of segments.
 *
 * Rates that are a share of customers are compared by Newcombe's limits, rates of money by their linearised standard errors and
 * Student's t, and exposure as a ratio of two Poisson rates, exactly. A rate that has no interval cannot be compared. A difference is
 * always a - b: the first file less the second, after less before, the earlier segment less the later. Of the customers before --at
 * those who stayed are there after it, too; what is compared is what became of each side within its own period.       */
#include "churn.h"
#include "pairs.h"
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MOST = 200000, SENTENCE = 768 };

/* Two groups, of one run or of two. */
typedef struct churn_pair {
    const churn_run *of_a, *of_b;
    const churn_group *a, *b;
    churn_difference d;
    chance chance;
} churn_pair;

typedef struct churn_comparison {
    const options *opt;
    int definition;
    churn_run runs[2];
    int run_count;
    churn_pair *pairs;
    size_t count, family;
} churn_comparison;

/* --- one pair --- */

static cxm_status find_difference(const churn_value *x, const churn_value *y, double level, churn_difference *out)
{
    double n = (double)x->rate.n, m = (double)y->rate.n;
    if (x->is.interval == CXM_CHURN_WILSON) {
        const cxm_share_sample a = {(uint64_t)x->rate.numerator, x->rate.n}, b = {(uint64_t)y->rate.numerator, y->rate.n};
        return cxm_compare_share(&a, &b, CXM_COMPARE_DEFAULT, level, &out->found);
    }
    if (x->is.interval == CXM_CHURN_LINEARISED) {
        const cxm_mean_sample a = {x->rate.n, x->rate.value, x->rate.se * sqrt(n)}, b = {y->rate.n, y->rate.value, y->rate.se * sqrt(m)};
        return cxm_compare_mean(&a, &b, -(double)INFINITY, (double)INFINITY, CXM_COMPARE_DEFAULT, level, &out->found);
    }
    const cxm_rate_sample a = {(uint64_t)x->rate.numerator, x->rate.denominator}, b = {(uint64_t)y->rate.numerator, y->rate.denominator};
    out->ratio = (cxm_rate_ratio){.size = sizeof out->ratio};
    cxm_status status = cxm_compare_rate(&a, &b, CXM_COMPARE_DEFAULT, level, &out->ratio);
    out->found.difference = x->rate.value - y->rate.value;
    out->found.method = out->ratio.method;
    out->found.level = level;
    out->found.p = out->ratio.p;
    out->found.interval_status = CXM_E_METHOD;
    return status;
}

static void compare_values(const churn_value *x, const churn_value *y, double level, churn_difference *out)
{
    const double none = (double)NAN;
    bool money = x->is.interval == CXM_CHURN_LINEARISED;
    *out = (churn_difference){.status = CXM_E_EMPTY, .few = x->rate.few || y->rate.few};
    out->found = (cxm_difference){.size = sizeof out->found, .low = none, .high = none, .se = none, .statistic = none, .df = none};
    if (isnan(x->rate.value) || (money && isnan(x->rate.se))) out->why = x->why;
    else if (isnan(y->rate.value) || (money && isnan(y->rate.se))) out->why = y->why;
    if (out->why) return;
    out->status = find_difference(x, y, level, out);
    if (out->status != CXM_OK) out->why = out->status == CXM_E_UNDEFINED ? "neither side shows any churn or spread" : "the counts are too large";
}

static void compare_pair(const churn_comparison *c, churn_pair *p)
{
    churn_value x, y;
    churn_value_of(p->of_a, p->a, c->definition, &x);
    churn_value_of(p->of_b, p->b, c->definition, &y);
    compare_values(&x, &y, c->opt->level, &p->d);
}

/* Of a rate that has no interval nothing is told, as of the first window and of one that the data do not reach over. */
bool churn_change(const churn_run *run, const churn_group *group, int definition, churn_difference *out)
{
    size_t i = (size_t)(group - run->groups);
    const churn_group *before = group - 1;
    churn_value x, y;
    if (!run->crowd.run.opt->has_window || i % run->period_count == 0) return false;
    churn_value_of(run, group, definition, &x);
    churn_value_of(run, before, definition, &y);
    if (x.is.interval == CXM_CHURN_NO_INTERVAL || !x.slot.complete || !y.slot.complete) return false;
    compare_values(&x, &y, run->crowd.run.opt->level, out);
    return out->status == CXM_OK;
}

bool churn_change_is_proven(const churn_difference *change)
{
    return !change->few && change->found.p < 1.0 - change->found.level;
}

/* --- all of them --- */

static churn_pair *add_pair(churn_comparison *c, const churn_run *of_a, const churn_group *a, const churn_run *of_b, const churn_group *b, bool in_family)
{
    churn_pair *p = &c->pairs[c->count++];
    *p = (churn_pair){.of_a = of_a, .of_b = of_b, .a = a, .b = b, .chance.in_family = in_family};
    compare_pair(c, p);
    p->chance.p = p->d.status == CXM_OK ? p->d.found.p : (double)NAN;
    return p;
}

static bool same_segment_of(const churn_group *a, const churn_group *b)
{
    bool same = a->slot.segment_count == b->slot.segment_count;
    for (uint32_t i = 0; same && i < a->slot.segment_count; ++i) same = compare_views(a->slot.segments[i], b->slot.segments[i]) == 0;
    return same;
}

/* The total, and each segment that both have. */
static void pair_files(churn_comparison *c)
{
    churn_run *a = &c->runs[0], *b = &c->runs[1];
    for (size_t i = 0; i < a->group_count; ++i)
        for (size_t k = 0; k < b->group_count; ++k)
            if (same_segment_of(&a->groups[i], &b->groups[k])) add_pair(c, a, &a->groups[i], b, &b->groups[k], i > 0);
}

static void pair_periods(churn_comparison *c)
{
    churn_run *run = &c->runs[0];
    for (size_t g = 0; g + 1 < run->group_count; g += 2) add_pair(c, run, &run->groups[g + 1], run, &run->groups[g], g > 0);
}

static void pair_segments(churn_comparison *c)
{
    churn_run *run = &c->runs[0];
    for (size_t i = 1; i < run->group_count; ++i)
        for (size_t k = i + 1; k < run->group_count; ++k) add_pair(c, run, &run->groups[i], run, &run->groups[k], true);
}

static int make_pairs(churn_comparison *c)
{
    size_t a = c->runs[0].group_count, most = c->run_count == 2 ? a : c->opt->has_at ? a / 2 : a * (a - 1) / 2;
    if (most > PAIRS_MOST) return complain(EXIT_LIMIT, "%zu segments make more than %d pairs", a - 1, PAIRS_MOST);
    c->pairs = calloc(most + 1, sizeof *c->pairs);
    if (!c->pairs) return out_of_memory();
    if (c->run_count == 2) pair_files(c);
    else if (c->opt->has_at) pair_periods(c);
    else pair_segments(c);
    return pairs_adjust(&c->pairs[0].chance, sizeof *c->pairs, c->count, &c->family);
}

/* --- words --- */

/* A standard error from a few payers is itself a guess: it proves nothing. */
static bool is_proven(const churn_comparison *c, const churn_pair *p)
{
    return p->d.status == CXM_OK && !p->d.few && p->chance.holm < 1.0 - c->opt->level;
}

static const char *method_of(const churn_pair *p)
{
    return p->d.status == CXM_OK ? cxm_compare_name(p->d.found.method) : "";
}

static void side_names(const churn_comparison *c, const churn_pair *p, char *a, char *b, size_t cap)
{
    segment_text(&p->a->slot, a, cap);
    segment_text(&p->b->slot, b, cap);
    if (c->opt->has_at) snprintf(a, cap, "after"), snprintf(b, cap, "before");
    if (c->run_count == 2) snprintf(a, cap, "%.100s", p->of_a->crowd.run.file), snprintf(b, cap, "%.100s", p->of_b->crowd.run.file);
}

/* "pro is below basic by 4.2 % (95 % ...)"; of exposure how many times it is. */
static void verdict(const churn_comparison *c, const churn_pair *p, char *out, size_t cap)
{
    char a[160], b[160], segment[160] = "", lead[320], size[TEXT], low[TEXT], high[TEXT], range[2 * TEXT + 16];
    bool ratio = p->d.ratio.size > 0;
    side_names(c, p, a, b, sizeof a);
    if (p->chance.in_family && (c->run_count == 2 || c->opt->has_at)) {
        segment_text(&p->a->slot, segment, 140);
        strcat(segment, ": ");
    }
    if (p->d.status != CXM_OK) {
        snprintf(out, cap, "%.130s%.100s and %.100s cannot be compared: %.120s", segment, a, b, p->d.why);
        return;
    }
    screen_fixed(ratio ? p->d.ratio.ratio : 100.0 * fabs(p->d.found.difference), 2, false, "", size);
    screen_fixed(ratio ? p->d.ratio.low : 100.0 * p->d.found.low, 2, false, "", low);
    if (ratio && isinf(p->d.ratio.high)) snprintf(high, sizeof high, "no limit");
    else screen_fixed(ratio ? p->d.ratio.high : 100.0 * p->d.found.high, 2, false, "", high);
    if (isinf(p->d.ratio.ratio)) snprintf(size, sizeof size, "infinitely many");
    if (!is_proven(c, p)) snprintf(lead, sizeof lead, "no difference proven between %.100s and %.100s", a, b);
    else if (ratio) snprintf(lead, sizeof lead, "%.100s has %.24s times the rate of %.100s", a, size, b);
    else snprintf(lead, sizeof lead, "%.100s is %s %.100s by %.24s points", a, p->d.found.difference > 0.0 ? "above" : "below", b, size);
    snprintf(out, cap, "%.130s%.280s", segment, lead);
    snprintf(range, sizeof range, "%.24s .. %.24s%s", low, high, ratio ? " times" : "");
    append_limits(out, cap, c->opt->level, range, p->chance.in_family && c->family > 1, p->chance.holm,
                  p->d.few ? "; few customers pay most of a side, too few for proof" : "");
}

static const churn_pair *clearest(const churn_comparison *c)
{
    const churn_pair *best = NULL;
    for (size_t i = 0; i < c->count; ++i)
        if (c->pairs[i].d.status == CXM_OK && (!best || c->pairs[i].chance.holm < best->chance.holm)) best = &c->pairs[i];
    return best;
}

static void summary(const churn_comparison *c, char *out, size_t cap)
{
    const churn_pair *best = clearest(c);
    size_t proven = 0;
    char text[SENTENCE];
    for (size_t i = 0; i < c->count; ++i) proven += is_proven(c, &c->pairs[i]);
    if (c->count == 0) snprintf(out, cap, "there is nothing to compare: fewer than two segments");
    else if (c->count == 1 || !best) verdict(c, &c->pairs[0], out, cap);
    else {
        verdict(c, best, text, sizeof text);
        summary_of_pairs(proven, c->count, c->opt->level, text, out, cap);
    }
}

static void define(const churn_comparison *c, char *out, size_t cap)
{
    static const char *const sides[] = {"the earlier segment less the later", "after less before", "the first input less the second"};
    size_t i = 0;
    while (i + 1 < c->count && c->pairs[i].d.status != CXM_OK) ++i;
    snprintf(out, cap, "difference = a - b, %s; %s at level %g, p two-sided%s", sides[c->run_count == 2 ? 2 : c->opt->has_at],
             c->count && *method_of(&c->pairs[i]) ? method_of(&c->pairs[i]) : "no method", c->opt->level,
             c->family > 1 ? "; p adjusted by Holm (BH beside it)" : "");
}

/* --- output --- */

static bool has_limits(const churn_pair *p)
{
    return p->d.status == CXM_OK && p->d.found.interval_status == CXM_OK;
}

static void json_ratio(const churn_pair *p, sink *out)
{
    json_key_number(out, "ratio", isinf(p->d.ratio.ratio) ? (double)NAN : p->d.ratio.ratio);
    json_key_number(out, "ratio_low", p->d.ratio.low);
    json_key_number(out, "ratio_high", isinf(p->d.ratio.high) ? (double)NAN : p->d.ratio.high);
}

static void json_pair(const churn_comparison *c, const churn_pair *p, sink *out)
{
    char text[SENTENCE];
    bool some = p->d.status == CXM_OK;
    const cxm_difference shown = difference_shown(&p->d.found, some);
    cxm_engine_result place = c->run_count == 2 || c->opt->has_at ? p->a->slot : (cxm_engine_result){.size = sizeof place};
    sink_format(out, "{\"metric\":\"%s\",", churn_definition_name(c->definition));
    json_segment(&p->of_a->crowd.run, &place, out);
    sink_text(out, ",\"window\":null");
    json_key_number(out, "value", shown.difference);
    json_difference_limits(&shown, out);
    if (some && p->d.ratio.size) json_ratio(p, out);
    json_key_number(out, "difference", shown.difference);
    json_key_number(out, "se", shown.se);
    json_chance(&p->chance, some, out);
    sink_format(out, ",\"few_customers\":%s", p->d.few ? "true" : "false");
    verdict(c, p, text, sizeof text);
    json_verdict(text, out);
    if (!some) sink_format(out, ",\"why\":\"difference: %s\"", p->d.why);
    else if (!has_limits(p)) sink_text(out, ",\"why\":\"interval: two rates are compared by their ratio\"");
    sink_text(out, ",\"a\":");
    json_churn_value(p->of_a, p->a, c->definition, out);
    sink_text(out, ",\"b\":");
    json_churn_value(p->of_b, p->b, c->definition, out);
    sink_text(out, "}");
}

static void json_all(churn_comparison *c, sink *out)
{
    char text[SENTENCE];
    score_run *const inputs[] = {&c->runs[0].crowd.run, &c->runs[1].crowd.run};
    json_compare_head(inputs, c->run_count, out);
    define(c, text, sizeof text);
    sink_text(out, ",\"comparison\":");
    json_string(out, text, strlen(text));
    summary(c, text, sizeof text);
    json_verdict(text, out);
    sink_text(out, ",\"results\":[");
    for (size_t i = 0; i < c->count; ++i) {
        sink_text(out, i ? ",\n" : "\n");
        json_pair(c, &c->pairs[i], out);
    }
    sink_text(out, "\n]}\n");
}

static void table_all(const churn_comparison *c, sink *out)
{
    sink_text(out, TABLE_PAIR_HEAD ",ratio,ratio_low,ratio_high,few_customers,why\n");
    for (size_t i = 0; i < c->count; ++i) {
        const churn_pair *p = &c->pairs[i];
        churn_value x, y;
        bool some = p->d.status == CXM_OK, ratio = some && p->d.ratio.size > 0;
        cxm_difference shown = difference_shown(&p->d.found, some);
        if (ratio) shown.level = c->opt->level;         /* that of the ratio's limits */
        churn_value_of(p->of_a, p->a, c->definition, &x);
        churn_value_of(p->of_b, p->b, c->definition, &y);
        sink_format(out, "%s,", churn_definition_name(c->definition));
        table_pair_place(&p->a->slot, &p->b->slot, c->opt->has_at ? "after,before" : c->run_count == 2 ? "a,b" : NULL, out);
        sink_format(out, ",%llu", (unsigned long long)x.rate.n);
        table_number(out, x.rate.value, true);
        sink_format(out, ",%llu", (unsigned long long)y.rate.n);
        table_number(out, y.rate.value, true);
        table_difference(&shown, &p->chance, is_proven(c, p), out);
        table_number(out, p->d.ratio.ratio, ratio && !isinf(p->d.ratio.ratio));
        table_number(out, p->d.ratio.low, ratio);
        table_number(out, p->d.ratio.high, ratio && !isinf(p->d.ratio.high));
        sink_format(out, ",%d,", (int)p->d.few);
        if (!some) table_text(out, p->d.why, strlen(p->d.why));
        sink_text(out, "\n");
    }
}

static void print_period(const churn_comparison *c, const churn_group *group, sink *out)
{
    char from[CXM_TEXT_TIME_MAX + 1], to[CXM_TEXT_TIME_MAX + 1];
    screen_window_label(&c->runs[0].crowd.run, group->slot.from_us, from);
    screen_window_label(&c->runs[0].crowd.run, group->slot.to_us, to);
    sink_format(out, "%s .. %s", from, to);
}

enum { SHOWN = 30, NAME = 44 };

static void print_pair(const churn_comparison *c, const screen *s, const churn_pair *p)
{
    char a[160], b[160], name[336], value[2][TEXT], likely[32];
    churn_value x, y;
    churn_value_of(p->of_a, p->a, c->definition, &x);
    churn_value_of(p->of_b, p->b, c->definition, &y);
    churn_value_text(&x, x.rate.value, value[0]);
    churn_value_text(&y, y.rate.value, value[1]);
    segment_text(&p->a->slot, a, sizeof a);
    segment_text(&p->b->slot, b, sizeof b);
    bool sides = c->run_count == 2 || c->opt->has_at;
    snprintf(name, sizeof name, sides ? "%.40s" : "%.18s - %.18s", a, b);
    sink_text(s->out, is_proven(c, p) ? "* " : "  ");
    print_safe(s->out, name, strlen(name));
    screen_pad(s, NAME - (int)strlen(name));
    sink_format(s->out, "%9s  %9s", value[0], value[1]);
    if (p->d.status == CXM_OK) {
        p_text(p->chance.holm, likely, sizeof likely);
        sink_format(s->out, "   p %s", likely);
    } else {
        sink_format(s->out, "   %s", p->d.why);
    }
    sink_text(s->out, "\n");
}

static void screen_all(churn_comparison *c, sink *out)
{
    char text[SENTENCE];
    screen s = screen_of(&c->runs[0].crowd.run, out);
    cxm_churn_description is = {.size = sizeof is};
    for (int i = 0; i < c->run_count; ++i) screen_customers(&c->runs[i].crowd.run, crowd_print_columns, &c->runs[i].crowd, out);
    cxm_churn_describe(churn_name_of(c->definition)->rate, &is);
    sink_format(out, "%s: %s\n", churn_definition_name(c->definition), is.definition);
    define(c, text, sizeof text);
    sink_format(out, "%s\n\n  ", text);
    print_period(c, c->opt->has_at ? &c->runs[0].groups[1] : &c->runs[0].groups[0], out);
    if (c->opt->has_at) sink_text(out, " less "), print_period(c, &c->runs[0].groups[0], out);
    sink_text(out, "\n");
    for (size_t i = 0; i < c->count && i < SHOWN; ++i) print_pair(c, &s, &c->pairs[i]);
    if (c->count > SHOWN) sink_format(out, "  ... and %zu more; --csv and --json list all\n", c->count - SHOWN);
    summary(c, text, sizeof text);
    sink_text(out, "\n");
    print_safe(out, text, strlen(text));
    sink_text(out, "\n");
}

/* --- the command --- */

static int print_all(churn_comparison *c)
{
    static sink out;            /* large, and made once */
    int code = sink_open(&out, c->opt);
    if (code != EXIT_FINE) return code;
    if (c->opt->output == OUTPUT_JSON) json_all(c, &out);
    else if (c->opt->output == OUTPUT_CSV) table_all(c, &out);
    else screen_all(c, &out);
    return sink_close(&out);
}

static int check_shape(const options *opt, int definition)
{
    cxm_churn_description is = {.size = sizeof is};
    cxm_churn_describe(churn_name_of(definition)->rate, &is);
    if (is.interval == CXM_CHURN_NO_INTERVAL)
        return complain(EXIT_USAGE, "%s cannot be compared, as it has no interval: %s; compare logo_endpoint, exposure, grr or nrr", is.name, is.why);
    int code = pairs_check_files(opt, true);
    if (code != EXIT_FINE) return code;
    if (opt->file_count == 1 && !opt->has_at && !opt->by_count)
        return complain(EXIT_USAGE, "compare of one FILE needs --by COLUMN (its segments) or --at TIME (before and after)");
    return EXIT_FINE;
}

/* Two sides in one currency and over one period: the last month of each file may be another. */
static int check_sides(const churn_comparison *c)
{
    const churn_run *a = &c->runs[0], *b = &c->runs[1];
    char x[CXM_TEXT_TIME_MAX + 1], y[CXM_TEXT_TIME_MAX + 1];
    if (c->run_count < 2) return EXIT_FINE;
    if (a->crowd.currency != b->crowd.currency)
        return complain(EXIT_INPUT, "'%s' and '%s' are in different currencies", a->crowd.run.file, b->crowd.run.file);
    const cxm_engine_result *s = &a->groups[0].slot, *t = &b->groups[0].slot;
    if (!a->crowd.any || !b->crowd.any || (s->from_us == t->from_us && s->to_us == t->to_us)) return EXIT_FINE;
    screen_window_label(&a->crowd.run, s->from_us, x);
    screen_window_label(&b->crowd.run, t->from_us, y);
    return complain(EXIT_INPUT, "the last period of '%s' starts at %s, and that of '%s' at %s: say --since and --until", a->crowd.run.file, x,
                    b->crowd.run.file, y);
}

int churn_compare(const options *opt)
{
    static churn_comparison c;  /* large, and made once */
    bool proven = false;
    c.opt = opt;
    c.definition = opt->definitions[0];
    int code = check_shape(opt, c.definition);
    if (code != EXIT_FINE) return code;
    for (int i = 0; i < opt->file_count && code == EXIT_FINE; ++i, ++c.run_count) code = churn_count(&c.runs[i], opt, i);
    if (code == EXIT_FINE) code = check_sides(&c);
    if (code == EXIT_FINE) code = make_pairs(&c);
    if (code == EXIT_FINE) code = print_all(&c);
    for (size_t i = 0; i < c.count; ++i) proven = proven || is_proven(&c, &c.pairs[i]);
    if (code == EXIT_FINE && opt->exit_10 && proven) code = EXIT_DIFFERENT;
    for (int i = 0; i < c.run_count; ++i) churn_end(&c.runs[i]);
    free(c.pairs);
    return code;
}
