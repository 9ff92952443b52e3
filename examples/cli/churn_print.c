/* SPDX-License-Identifier: MIT */
/* churn_print.c - rates of churn as JSON, CSV and on a screen: each with what it divides, movements as a waterfall, and the walk from
 * one definition to the next. */
#include "churn.h"
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct { const char *name; size_t at; int sign; } movements[] = {
    {"new", offsetof(cxm_churn_counts, fresh), 1}, {"reactivation", offsetof(cxm_churn_counts, reactivation), 1},
    {"expansion", offsetof(cxm_churn_counts, expansion), 1}, {"contraction", offsetof(cxm_churn_counts, contraction), -1},
    {"churn", offsetof(cxm_churn_counts, churn), -1}};
enum { MOVEMENTS = sizeof movements / sizeof *movements };

static cxm_churn_movement movement_of(const cxm_churn_counts *counts, int i)
{
    cxm_churn_movement m;
    memcpy(&m, (const char *)counts + movements[i].at, sizeof m);
    return m;
}

static cxm_churn_counts counts_of(const churn_group *group)
{
    cxm_churn_counts counts = {.size = sizeof counts};
    cxm_churn_counts_of(group->over[OVER_PERIOD], &counts);
    return counts;
}

static const char *method_of(const cxm_churn_rate *rate)
{
    static const char *const names[] = {"", "wilson", "garwood", "linearised"};
    return names[rate->interval];
}

/* A share lost in days as the same in other days; of what is kept, the rest. NaN for a rate that is no chance of one customer. */
static double rescaled(const churn_value *v, double to_days)
{
    bool lost = v->rate.interval == CXM_CHURN_WILSON || v->name->rate == CXM_CHURN_GROSS_MRR || v->name->rate == CXM_CHURN_GRR;
    bool kept = v->name->rate == CXM_CHURN_RETENTION || v->name->rate == CXM_CHURN_GRR;
    double days = (double)(v->slot.to_us - v->slot.from_us) / 86400e6, out = (double)NAN;
    if (!lost || isnan(v->rate.value)) return out;
    cxm_churn_rescale(kept ? 1.0 - v->rate.value : v->rate.value, days, to_days, &out);
    return kept ? 1.0 - out : out;
}

static const double YEAR = 365.0, MONTH = 365.0 / 12.0;

/* The total of the period that the walk is of: the last that is complete, else the last. */
static const churn_group *walked(const churn_run *run)
{
    size_t i = run->period_count - 1;
    while (i && !run->periods[i].complete) --i;
    return run->periods[i].complete ? &run->groups[i] : &run->groups[run->period_count - 1];
}

static void write_definition(const churn_run *run, char *out, size_t cap)
{
    const options *opt = run->crowd.run.opt;
    char currency[4];
    crowd_currency(&run->crowd, currency);
    snprintf(out, cap, "churn by each of its definitions; a cancellation counts when %s; amounts are a month%s%s; intervals at level ",
             opt->requested ? "it is requested" : "what was paid for has ended", currency[0] ? ", in " : "", currency);
}

/* --- JSON --- */

static bool is_bounded(const churn_difference *change)
{
    return change->found.interval_status == CXM_OK;
}

/* Of exposure the limits are those of the ratio. */
static void json_change_of(const churn_run *run, const churn_group *group, int definition, sink *out)
{
    churn_difference change;
    if (!run->crowd.run.opt->has_window) return;
    if (!churn_change(run, group, definition, &change)) {
        sink_text(out, ",\"change\":null");
        return;
    }
    bool ratio = change.ratio.size > 0;
    sink_text(out, ",\"change\":{\"difference\":");
    sink_number(out, change.found.difference);
    json_key_number(out, "low", is_bounded(&change) ? change.found.low : (double)NAN);
    json_key_number(out, "high", is_bounded(&change) ? change.found.high : (double)NAN);
    if (ratio) {
        json_key_number(out, "ratio", isinf(change.ratio.ratio) ? (double)NAN : change.ratio.ratio);
        json_key_number(out, "ratio_low", change.ratio.low);
        json_key_number(out, "ratio_high", isinf(change.ratio.high) ? (double)NAN : change.ratio.high);
    }
    json_key_number(out, "p", change.found.p);
    sink_format(out, ",\"verdict\":\"%s\"}", !churn_change_is_proven(&change) ? "no change proven" : change.found.difference > 0.0 ? "up" : "down");
}

void json_churn_value(const churn_run *run, const churn_group *group, int definition, sink *out)
{
    churn_value v;
    churn_value_of(run, group, definition, &v);
    bool exists = !isnan(v.rate.value), limited = exists && v.rate.interval_status == CXM_OK;
    sink_format(out, "{\"metric\":\"%s\",", v.name->name);
    json_segment(&run->crowd.run, &v.slot, out);
    json_window(&run->crowd.run, &v.slot, out);
    json_key_count(out, "n", v.rate.n);
    json_key_number(out, "value", v.rate.value);
    if (limited) {
        sink_format(out, ",\"interval\":{\"method\":\"%s\"", method_of(&v.rate));
        json_key_number(out, "level", v.rate.level);
        json_key_number(out, "low", v.rate.low);
        json_key_number(out, "high", v.rate.high);
        sink_text(out, "}");
    } else {
        sink_text(out, ",\"interval\":null");
    }
    json_key_number(out, "numerator", v.rate.numerator);
    json_key_number(out, "denominator", v.rate.denominator);
    if (limited) json_key_number(out, "se", v.rate.se);
    if (!isnan(rescaled(&v, MONTH))) {
        json_key_number(out, "monthly", rescaled(&v, MONTH));
        json_key_number(out, "annual", rescaled(&v, YEAR));
    }
    if (v.rate.interval == CXM_CHURN_LINEARISED) {
        json_key_number(out, "n_eff", exists ? v.rate.n_eff : (double)NAN);
        sink_format(out, ",\"few_customers\":%s", v.rate.few ? "true" : "false");
    }
    if (v.name->rate == CXM_CHURN_INACTIVE) sink_format(out, ",\"biased_low\":%s", v.rate.biased ? "true" : "false");
    json_change_of(run, group, definition, out);
    sink_text(out, ",\"definition\":");
    json_string(out, v.is.definition, strlen(v.is.definition));
    if (v.why) {
        sink_text(out, exists ? ",\"why\":\"interval: " : ",\"why\":\"value and interval: ");
        sink_format(out, "%s\"", v.why);
    }
    sink_text(out, "}");
}

static void json_movement(churn_run *run, const churn_group *group, const char *name, const cxm_churn_movement *m, bool first, sink *out)
{
    sink_text(out, first ? "\n{" : ",\n{");
    json_segment(&run->crowd.run, &group->slot, out);
    json_window(&run->crowd.run, &group->slot, out);
    sink_format(out, ",\"movement\":\"%s\"", name);
    json_key_count(out, "count", m->count);
    if (!run->crowd.has_amounts) sink_text(out, ",\"amount\":null}");
    else json_key_count(out, "amount", m->amount), sink_text(out, "}");
}

static void json_movements(churn_run *run, const churn_group *group, bool first, sink *out)
{
    cxm_churn_counts counts = counts_of(group);
    const cxm_churn_movement ends[] = {{counts.start, counts.start_amount}, {counts.end, counts.end_amount}};
    json_movement(run, group, "start", &ends[0], first, out);
    for (int i = 0; i < MOVEMENTS; ++i) {
        cxm_churn_movement m = movement_of(&counts, i);
        json_movement(run, group, movements[i].name, &m, false, out);
    }
    json_movement(run, group, "end", &ends[1], false, out);
}

static void json_bridge(churn_run *run, sink *out)
{
    churn_step steps[CHURN_STEPS_MAX];
    const churn_group *group = walked(run);
    int n = run->crowd.has_subscriptions ? churn_steps(group, steps) : 0;
    sink_text(out, ",\"bridge_window\":");
    cxm_engine_result slot = group->slot;
    slot.segment_count = 0;
    sink_text(out, "{\"of\":\"total\"");
    json_window(&run->crowd.run, &slot, out);
    sink_text(out, "},\"bridge\":[");
    for (int i = 0; i < n; ++i) {
        sink_format(out, "%s{\"from\":\"%s\",\"to\":\"%s\"", i ? ",\n" : "\n", steps[i].from, steps[i].to);
        json_key_number(out, "numerator_change", steps[i].above);
        json_key_number(out, "denominator_change", steps[i].below);
        sink_text(out, ",\"reason\":");
        json_string(out, steps[i].reason, strlen(steps[i].reason));
        sink_text(out, "}");
    }
    sink_text(out, "\n]");
}

void json_churn(churn_run *run, sink *out)
{
    char definition[512];
    write_definition(run, definition, sizeof definition);
    sink_text(out, "{\"schema\":\"cxm.churn/1\",\"tool\":\"cxm " CXM_VERSION "\",");
    crowd_json_input(&run->crowd, out);
    sink_format(out, ",\"cancel\":\"%s\",\"definition\":\"%s", run->crowd.run.opt->requested ? "requested" : "ended", definition);
    sink_number(out, run->crowd.run.opt->level);
    sink_text(out, "\",\"results\":[");
    for (size_t g = 0; g < run->group_count; ++g)
        for (int i = 0; i < run->definition_count; ++i) {
            sink_text(out, g || i ? ",\n" : "\n");
            json_churn_value(run, &run->groups[g], run->definitions[i], out);
        }
    sink_text(out, "\n],\"movements\":[");
    for (size_t g = 0; g < run->group_count && run->crowd.has_subscriptions; ++g) json_movements(run, &run->groups[g], g == 0, out);
    sink_text(out, "\n]");
    json_bridge(run, out);
    sink_text(out, "}\n");
}

/* --- CSV --- */

static void table_change_of(const churn_run *run, const churn_group *group, int definition, sink *out)
{
    churn_difference change = {.status = CXM_E_EMPTY};
    bool there = churn_change(run, group, definition, &change);
    table_number(out, change.found.difference, there);
    table_number(out, change.found.low, there && is_bounded(&change));
    table_number(out, change.found.high, there && is_bounded(&change));
    table_number(out, change.found.p, there);
}

static void table_value(churn_run *run, const churn_group *group, int definition, sink *out)
{
    churn_value v;
    churn_value_of(run, group, definition, &v);
    bool limited = !isnan(v.rate.value) && v.rate.interval_status == CXM_OK;
    sink_format(out, "%s,", v.name->name);
    table_place(&run->crowd.run, &v.slot, out);
    sink_format(out, ",%llu", (unsigned long long)v.rate.n);
    table_number(out, v.rate.value, true);
    sink_format(out, ",%s", limited ? method_of(&v.rate) : "");
    table_number(out, v.rate.level, limited);
    table_number(out, v.rate.low, limited);
    table_number(out, v.rate.high, limited);
    table_number(out, v.rate.se, limited);
    table_number(out, v.rate.numerator, true);
    table_number(out, v.rate.denominator, true);
    table_number(out, rescaled(&v, MONTH), true);
    table_number(out, rescaled(&v, YEAR), true);
    sink_text(out, ",");
    if (v.why) table_text(out, v.why, strlen(v.why));
    if (run->crowd.run.opt->has_window) table_change_of(run, group, definition, out);
    sink_text(out, "\n");
}

void table_churn(churn_run *run, sink *out)
{
    const score_run *score = &run->crowd.run;
    sink_text(out, "metric,");
    for (int i = 0; i < score->name_count; ++i) {
        table_text(out, score->names[i].text, score->names[i].len);
        sink_text(out, ",");
    }
    sink_text(out, "is_total,from,to,complete,n,value,method,level,low,high,se,numerator,denominator,monthly,annual,why");
    sink_text(out, score->opt->has_window ? ",change,change_low,change_high,change_p\n" : "\n");
    for (size_t g = 0; g < run->group_count; ++g)
        for (int i = 0; i < run->definition_count; ++i) table_value(run, &run->groups[g], run->definitions[i], out);
}

/* --- screen --- */

enum { NAME_WIDTH = 24, NUMBER = 8, LIMITS = 20, PARTS_WIDTH = 20, WATERFALL = 48, AMOUNT_WIDTH = 16 };

static void pad_left(const screen *s, const char *text, int width)
{
    screen_pad(s, width - (int)strlen(text));
    sink_text(s->out, text);
}

static void pad_right(const screen *s, const char *text, int width)
{
    sink_text(s->out, text);
    screen_pad(s, width - (int)strlen(text));
}

static bool is_multiple(const churn_value *v)
{
    return v->name->rate == CXM_CHURN_QUICK_RATIO || v->name->rate == CXM_CHURN_QUICK_RATIO_REACTIVATION;
}

void churn_value_text(const churn_value *v, double value, char *out)
{
    if (isnan(value)) snprintf(out, TEXT, "-");
    else if (is_multiple(v)) screen_fixed(value, 2, false, "", out);
    else screen_fixed(100.0 * value, 1, false, " %", out);
}

static void limits_text(const churn_value *v, char out[TEXT * 2])
{
    char low[TEXT], high[TEXT];
    if (isnan(v->rate.low)) {
        out[0] = '\0';
        return;
    }
    screen_fixed(100.0 * v->rate.low, 1, false, "", low);
    screen_fixed(100.0 * v->rate.high, 1, false, " %", high);
    snprintf(out, TEXT * 2, "%.24s .. %.24s%s", low, high, v->rate.few ? " !" : "");
}

/* What stands above or below the line: customers, or money without its decimals. */
static void part_text(const churn_run *run, const churn_value *v, double part, char out[TEXT])
{
    double unit = 1.0;
    for (int i = 0; v->is.money && i < run->crowd.digits; ++i) unit *= 10.0;
    double shown = part / unit;
    char number[TEXT];
    if (isnan(part)) snprintf(out, TEXT, "-");
    else {
        screen_fixed(shown, v->is.money || shown == floor(shown) ? 0 : 1, false, "", number);
        snprintf(out, TEXT, "%s", number);
    }
}

static void print_rate(const churn_run *run, const screen *s, const churn_group *group, int definition)
{
    churn_value v;
    char value[TEXT], limits[TEXT * 2], above[TEXT], below[TEXT], parts[TEXT * 2];
    churn_value_of(run, group, definition, &v);
    churn_value_text(&v, v.rate.value, value);
    limits_text(&v, limits);
    part_text(run, &v, v.rate.numerator, above);
    part_text(run, &v, v.rate.denominator, below);
    snprintf(parts, sizeof parts, "%.30s / %.30s", above, below);
    sink_text(s->out, "  ");
    pad_right(s, v.name->name, NAME_WIDTH + 2);
    screen_paint(s, "1");
    pad_left(s, value, NUMBER);
    screen_paint(s, "0");
    sink_text(s->out, "   ");
    pad_right(s, limits, LIMITS);
    pad_left(s, parts, PARTS_WIDTH);
    sink_format(s->out, "   %s%s", v.is.definition, v.name->reach == OVER_MONTH ? " (30 days)" : v.name->reach == OVER_YEAR ? " (365 days)" : "");
    if (isnan(v.rate.value) && v.why) sink_format(s->out, "; none: %s", v.why);
    else if (v.rate.biased) sink_text(s->out, "; too low, as the period is shorter than the window");
    sink_text(s->out, "\n");
}

static void print_rates(const churn_run *run, const screen *s, const churn_group *group, bool money)
{
    bool any = false;
    for (int i = 0; i < run->definition_count; ++i) {
        churn_value v;
        churn_value_of(run, group, run->definitions[i], &v);
        if ((v.is.money != 0) != money) continue;
        if (!any) sink_format(s->out, "\n%s\n", money ? "revenue" : "customers");
        any = true;
        print_rate(run, s, group, run->definitions[i]);
    }
}

/* A row of the waterfall: from one height to another. */
static void print_fall(const screen *s, const crowd *c, const char *name, uint64_t count, double amount, double from, double to, double most, int sign)
{
    char money[64], text[TEXT];
    crowd_money(c, amount, sign != 0, money);
    snprintf(text, sizeof text, "%llu", (unsigned long long)count);
    sink_text(s->out, "  ");
    pad_right(s, name, 14);
    pad_left(s, text, 8);
    pad_left(s, money, AMOUNT_WIDTH + 2);
    if (s->pictures && most > 0.0) {
        int low = (int)((from < to ? from : to) / most * WATERFALL + 0.5), high = (int)((from < to ? to : from) / most * WATERFALL + 0.5);
        sink_text(s->out, "   ");
        screen_pad(s, low);
        screen_paint(s, sign > 0 ? "32" : sign < 0 ? "31" : "0");
        for (int i = low; i < high || (i == low && amount != 0.0); ++i) sink_text(s->out, s->unicode ? "█" : "#");
        screen_paint(s, "0");
    }
    sink_text(s->out, "\n");
}

static void print_waterfall(const churn_run *run, const screen *s, const churn_group *group)
{
    cxm_churn_counts counts = counts_of(group);
    double height = (double)counts.start_amount, most = height;
    for (int i = 0; i < MOVEMENTS; ++i) most += movements[i].sign > 0 ? (double)movement_of(&counts, i).amount : 0.0;
    char currency[4];
    crowd_currency(&run->crowd, currency);
    sink_format(s->out, "\nmovements, a month%s%s\n", currency[0] ? " in " : "", currency);
    print_fall(s, &run->crowd, "start", counts.start, height, 0.0, height, most, 0);
    for (int i = 0; i < MOVEMENTS; ++i) {
        cxm_churn_movement m = movement_of(&counts, i);
        double next = height + movements[i].sign * (double)m.amount;
        print_fall(s, &run->crowd, movements[i].name, m.count, movements[i].sign * (double)m.amount, height, next, most, movements[i].sign);
        height = next;
    }
    print_fall(s, &run->crowd, "end", counts.end, (double)counts.end_amount, 0.0, height, most, 0);
}

/* One part of a step: "+3 above", "-9.5 below". */
static void change_text(double change, const char *where, char out[TEXT])
{
    char number[TEXT];
    out[0] = '\0';
    if (change == 0.0) return;
    screen_fixed(change, change == floor(change) ? 0 : 1, true, "", number);
    snprintf(out, TEXT, "%.24s %s", number, where);
}

static void print_walk(const screen *s, const churn_group *group)
{
    churn_step steps[CHURN_STEPS_MAX];
    int n = churn_steps(group, steps);
    sink_text(s->out, "\nfrom one definition to the next: what comes in above the line and below it\n");
    for (int i = 0; i < n; ++i) {
        char pair[TEXT], above[TEXT], below[TEXT];
        bool again = i && strcmp(steps[i].to, steps[i - 1].to) == 0;
        snprintf(pair, sizeof pair, "%s -> %s", steps[i].from, steps[i].to);
        change_text(steps[i].above, "above", above);
        change_text(steps[i].below, "below", below);
        sink_text(s->out, "  ");
        pad_right(s, again ? "" : pair, 34);
        pad_left(s, above[0] || below[0] ? above : "0", 12);
        pad_left(s, below, 16);
        sink_format(s->out, "   %s\n", steps[i].reason);
    }
}

static void print_customers(const screen *s, const cxm_churn_counts *counts)
{
    print_count(s->out, counts->start);
    sink_text(s->out, " customers at the start, ");
    print_count(s->out, counts->joined);
    sink_text(s->out, " joined, ");
    print_count(s->out, counts->reactivation.count);
    sink_text(s->out, " came back, ");
    print_count(s->out, counts->churn.count);
    sink_text(s->out, " churned, ");
    print_count(s->out, counts->end);
    sink_text(s->out, " at the end\n");
}

static void print_heading(const churn_run *run, const screen *s, const churn_group *group)
{
    char from[CXM_TEXT_TIME_MAX + 1], to[CXM_TEXT_TIME_MAX + 1];
    cxm_churn_counts counts = counts_of(group);
    screen_window_label(&run->crowd.run, group->slot.from_us, from);
    screen_window_label(&run->crowd.run, group->slot.to_us, to);
    sink_format(s->out, "\n%s .. %s, %u day%s%s", from, to, (unsigned)counts.days, counts.days == 1 ? "" : "s",
                run->chosen ? " (--since, --until or --every choose others)" : group->slot.complete ? "" : " (the data do not reach over all of it)");
    sink_text(s->out, run->crowd.has_subscriptions ? ": " : "\n");
    if (run->crowd.has_subscriptions) print_customers(s, &counts);
}

/* --- several periods or segments: a row each --- */

/* The rates of a row: those told, else one of customers and two of money. */
static int columns_of(const churn_run *run, int out[MAX_DEFINITIONS])
{
    static const char *const usual[] = {"logo_endpoint", "inactive", "grr", "nrr"};
    int n = 0;
    if (run->crowd.run.opt->definition_count) {
        memcpy(out, run->definitions, (size_t)run->definition_count * sizeof *out);
        return run->definition_count;
    }
    for (int i = 0; i < run->definition_count; ++i)
        for (size_t k = 0; k < sizeof usual / sizeof *usual; ++k)
            if (strcmp(churn_definition_name(run->definitions[i]), usual[k]) == 0) out[n++] = run->definitions[i];
    return n;
}

enum { CELL = 28, COUNT = 8, LABEL = 26 };

static void print_header(const churn_run *run, const screen *s, const int *shown, int n)
{
    static const char *const counts[] = {"start", "joined", "back", "churned", "end"};
    sink_text(s->out, "\n");
    pad_right(s, run->period_count > 1 ? "from" : "", LABEL);
    for (int i = 0; i < 5 && run->crowd.has_subscriptions; ++i) pad_left(s, counts[i], COUNT);
    for (int i = 0; i < n; ++i) {
        sink_text(s->out, "   ");
        pad_right(s, churn_definition_name(shown[i]), i + 1 < n ? CELL : 0);
    }
    sink_text(s->out, "\n");
}

/* What is above or below the window before, where that is proven; two columns wide. */
static bool print_mark(const churn_run *run, const screen *s, const churn_group *group, int definition, int width)
{
    churn_difference change;
    bool proven = churn_change(run, group, definition, &change) && churn_change_is_proven(&change);
    if (proven) sink_text(s->out, screen_change_mark(s, change.found.difference > 0.0));
    screen_pad(s, width - 2 * proven);
    return proven;
}

static void print_cells(const churn_run *run, const screen *s, const churn_group *group, const int *shown, int n, block *b)
{
    cxm_churn_counts c = counts_of(group);
    const uint64_t counts[] = {c.start, c.joined, c.reactivation.count, c.churn.count, c.end};
    for (int i = 0; i < 5 && run->crowd.has_subscriptions; ++i) {
        screen_pad(s, COUNT - screen_count_width(counts[i]));
        print_count(s->out, counts[i]);
    }
    for (int i = 0; i < n; ++i) {
        churn_value v;
        char value[TEXT], limits[TEXT * 2], cell[TEXT * 3];
        churn_value_of(run, group, shown[i], &v);
        churn_value_text(&v, v.rate.value, value);
        limits_text(&v, limits);
        snprintf(cell, sizeof cell, limits[0] ? "%7.20s   %.40s" : "%7.20s", value, limits);
        sink_text(s->out, "   ");
        sink_text(s->out, cell);
        b->changed |= print_mark(run, s, group, shown[i], i + 1 < n ? CELL - (int)strlen(cell) : 0);
    }
    sink_text(s->out, "\n");
}

static void print_label(const churn_run *run, const screen *s, const churn_group *group)
{
    char label[LABEL_MAX * 4 + 8] = "all";
    int width = 3;
    if (run->period_count > 1) {
        screen_window_label(&run->crowd.run, group->slot.from_us, label);
        if (!group->slot.complete) strcat(label, " *");
        width = (int)strlen(label);
    } else if (group->slot.segment_count) {
        width = screen_label(&group->slot, label, sizeof label);
    }
    sink_text(s->out, "  ");
    print_safe(s->out, label, strlen(label));
    screen_pad(s, LABEL - 2 - width);
}

static void print_table(const churn_run *run, const screen *s)
{
    int shown[MAX_DEFINITIONS], n = columns_of(run, shown);
    block b = {.open = false};
    print_header(run, s, shown, n);
    for (size_t g = 0; g < run->group_count; ++g) {
        const churn_group *group = &run->groups[g];
        char label[LABEL_MAX * 4 + 8] = "all";
        if (run->period_count > 1 && run->crowd.segment_count && g % run->period_count == 0) {
            if (group->slot.segment_count) screen_label(&group->slot, label, sizeof label);
            print_safe(s->out, label, strlen(label));
            sink_text(s->out, "\n");
        }
        print_label(run, s, group);
        print_cells(run, s, group, shown, n, &b);
        b.cut |= run->period_count > 1 && !group->slot.complete;
    }
    screen_say_marks(s, &b);
}

static bool any_few(const churn_run *run)
{
    for (size_t g = 0; g < run->group_count; ++g)
        for (int i = 0; i < run->definition_count; ++i) {
            churn_value v;
            churn_value_of(run, &run->groups[g], run->definitions[i], &v);
            if (v.rate.few) return true;
        }
    return false;
}

void screen_churn(churn_run *run, sink *out)
{
    char definition[512];
    screen s = screen_of(&run->crowd.run, out);
    screen_customers(&run->crowd.run, crowd_print_columns, &run->crowd, out);
    write_definition(run, definition, sizeof definition);
    sink_text(out, definition);
    sink_number(out, run->crowd.run.opt->level);
    sink_text(out, "\n");
    if (!run->crowd.any) {
        sink_text(out, "\nnone: no row was counted\n");
        return;
    }
    bool alone = run->period_count == 1, all = run->crowd.run.opt->definition_count == 0;
    if (alone) {
        print_heading(run, &s, &run->groups[0]);
        print_rates(run, &s, &run->groups[0], false);
        print_rates(run, &s, &run->groups[0], true);
        if (run->crowd.has_subscriptions && run->crowd.has_amounts && all) print_waterfall(run, &s, &run->groups[0]);
        if (run->crowd.has_subscriptions && all) print_walk(&s, &run->groups[0]);
    }
    if (!alone || run->crowd.segment_count) print_table(run, &s);
    if (any_few(run)) sink_text(out, "\n! few customers pay most of it: the interval is too narrow\n");
}
