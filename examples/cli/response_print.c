/* SPDX-License-Identifier: MIT */
/* response_print.c - response times as JSON, as CSV, and for a person. All but the screen is in seconds. */
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double usual[] = {0.5, 0.9, 0.95, 0.99};

static int quantile_count(const options *opt)
{
    return opt->quantile_count ? opt->quantile_count : 4;
}

static double quantile_share(const options *opt, int i)
{
    return opt->quantile_count ? opt->quantiles[i] : usual[i];
}

/* 0.07 is 7, though 100 times it is not quite. */
static void percent_text(double share, char *out, size_t cap)
{
    snprintf(out, cap, "%.10g", 100.0 * share);
}

/* A percentile with its limits, in seconds; NaN where one does not exist. */
typedef struct percentile { double share, value, low, high; } percentile;

static percentile percentile_at(const score_run *run, const cxm_quantile *q, double share)
{
    percentile p = {share, (double)NAN, (double)NAN, (double)NAN};
    cxm_interval limits = {.size = sizeof limits, .low = (double)NAN, .high = (double)NAN};
    double value;
    if (cxm_quantile_at(q, share, CXM_QUANTILE_TYPE7, &value) == CXM_OK) p.value = value;
    cxm_status status = cxm_quantile_interval(q, share, run->opt->level, &limits);
    if (status != CXM_OK && status != CXM_E_UNDEFINED) return p;
    p.low = limits.low;
    p.high = limits.high;
    return p;
}

/* All else of a result. */
typedef struct figures { cxm_quantile_summary sum; uint64_t never, missing, out_of_range; } figures;

static figures figures_of(const score_run *run, const scored_result *r)
{
    figures f = {.sum = {.size = sizeof f.sum}};
    cxm_quantile_summarize(r->times, &f.sum);
    f.never = run->spans[r->span].column ? 0 : f.sum.missing;
    f.missing = f.sum.missing - f.never;
    f.out_of_range = f.sum.negative + f.sum.infinite;
    return f;
}

static const char *clock_of(const score_run *run, const scored_result *r)
{
    return run->spans[r->span].business ? "business" : "calendar";
}

/* --- JSON --- */

/* Whether every percentile has both its limits. */
static bool json_quantiles(const score_run *run, const scored_result *r, sink *out)
{
    bool whole = true;
    sink_text(out, ",\"quantiles\":[");
    for (int i = 0; i < quantile_count(run->opt); ++i) {
        percentile p = percentile_at(run, r->times, quantile_share(run->opt, i));
        sink_text(out, i ? ",{\"q\":" : "{\"q\":");
        sink_number(out, p.share);
        json_key_number(out, "value", p.value);
        json_key_number(out, "low", p.low);
        json_key_number(out, "high", p.high);
        sink_text(out, "}");
        whole = whole && p.low == p.low && p.high == p.high;
    }
    sink_text(out, "]");
    return whole;
}

/* A count that is told, or null. */
static void json_known(sink *out, const char *key, uint64_t count, bool known)
{
    if (known) json_key_count(out, key, count);
    else json_key_number(out, key, (double)NAN);
}

/* Targets by row as they were told; of one for all null. */
static void json_promise(const score_run *run, sink *out)
{
    sink_text(out, ",\"target\":");
    if (run->promise.len) json_string(out, run->promise.text, run->promise.len);
    else sink_text(out, "null");
}

/* What has not ended, too: null in a state that does not tell it. */
static void json_due(const target_share *within, sink *out)
{
    json_known(out, "met", within->met, true);
    json_known(out, "breached", within->breached, true);
    json_known(out, "running", within->running, within->runs);
    json_known(out, "running_late", within->running_late, within->runs);
    sink_text(out, ",\"due\":");
    if (within->has_due) {
        sink_text(out, "{\"share\":");
        sink_number(out, within->due);
        json_key_number(out, "low", within->due_limits.low);
        json_key_number(out, "high", within->due_limits.high);
        sink_text(out, "}");
    } else {
        sink_text(out, "null");
    }
    json_key_number(out, "lowest", within->runs ? within->lowest : (double)NAN);
    json_key_number(out, "highest", within->runs ? within->highest : (double)NAN);
    json_known(out, "no_promise", within->without, within->promised);
    json_known(out, "due_unparsed", within->unparsed, within->promised);
    json_known(out, "due_out_of_range", within->out_of_range, within->promised);
}

static void json_within(const score_run *run, const scored_result *r, sink *out)
{
    target_share within = response_within(run, r);
    double none = (double)NAN;
    if (!within.asked) {
        sink_text(out, ",\"within\":null");
        return;
    }
    sink_text(out, ",\"within\":{\"target_s\":");
    sink_number(out, within.target_s);
    json_promise(run, out);
    json_key_number(out, "share", within.exists ? within.share : none);
    json_key_number(out, "low", within.exists ? within.limits.low : none);
    json_key_number(out, "high", within.exists ? within.limits.high : none);
    json_due(&within, out);
    sink_text(out, "}");
}

static void json_why(const scored_result *r, bool whole, sink *out)
{
    if (r->status == CXM_E_EMPTY) sink_text(out, ",\"why\":\"value and interval: no duration was counted\"");
    else if (r->status != CXM_OK) sink_text(out, ",\"why\":\"value and interval: the median lies outside the range\"");
    else if (r->sum.interval_status != CXM_OK) sink_text(out, ",\"why\":\"interval: too few durations for both limits\"");
    else if (!whole) sink_text(out, ",\"why\":\"low or high of quantiles: too few durations for that limit\"");
}

/* A side of a comparison of rates: its times are none (desk.c). */
static void json_rate(const scored_result *r, const figures *f, const target_share *within, sink *out)
{
    bool some = r->status == CXM_OK;
    json_key_count(out, "n", f->sum.n);
    json_key_number(out, "value", some ? r->sum.value : (double)NAN);
    json_interval(&r->sum, some && r->sum.interval_status == CXM_OK, out);
    json_key_count(out, "count", within->met);
    sink_text(out, some ? "}" : ",\"why\":\"value and interval: nothing stands below the line\"}");
}

void json_times(const score_run *run, const scored_result *r, sink *out)
{
    figures f = figures_of(run, r);
    bool some = r->status == CXM_OK;
    sink_text(out, "{\"metric\":");
    json_string(out, run->spans[r->span].name.text, run->spans[r->span].name.len);
    sink_text(out, ",");
    json_segment(run, &r->slot, out);
    json_window(run, &r->slot, out);
    if (run->opt->rate) {
        target_share within = response_within(run, r);
        json_rate(r, &f, &within, out);
        return;
    }
    json_key_count(out, "n", f.sum.n);
    json_key_number(out, "value", some ? r->sum.value : (double)NAN);
    json_interval(&r->sum, some && r->sum.interval_status == CXM_OK, out);
    if (run->with_changes) json_change(r, out);
    sink_text(out, ",\"clock\":\"");
    sink_text(out, clock_of(run, r));
    sink_text(out, "\",\"unit\":\"s\"");
    bool whole = json_quantiles(run, r, out);
    json_key_number(out, "mean", f.sum.mean);
    json_key_number(out, "min", f.sum.min);
    json_key_number(out, "max", f.sum.max);
    json_key_number(out, "relative_error", f.sum.relative_error);
    json_within(run, r, out);
    json_key_count(out, "never", f.never);
    json_key_count(out, "open", f.sum.open);
    json_key_count(out, "zero", f.sum.zero);
    json_key_count(out, "missing", f.missing);
    json_key_count(out, "unparsed", f.sum.unparsed);
    json_key_count(out, "out_of_range", f.out_of_range);
    json_why(r, whole, out);
    sink_text(out, "}");
}

void json_response(score_run *run, sink *out)
{
    scored_result r;
    sink_text(out, "{\"schema\":\"cxm.response/1\",\"tool\":\"cxm " CXM_VERSION "\",");
    json_input(out, "input", run->file, source_format(run->in), &run->account);
    desk_json_tickets(run, out);
    sink_text(out, ",\"definition\":");
    json_string(out, run->definition, strlen(run->definition));
    sink_text(out, ",\"results\":[");
    for (bool first = true; score_next(run, &r); first = false) {
        sink_text(out, first ? "\n" : ",\n");
        json_times(run, &r, out);
    }
    desk_json(run, out);
    sink_text(out, "\n]}\n");
}

/* --- CSV --- */

static const char behind_quantiles[] = ",mean,min,max,target_s,within,within_low,within_high,never,open,zero,missing,unparsed,out_of_range,"
                                       "met,breached,running,running_late,due,due_low,due_high,lowest,highest,target,no_promise,due_unparsed,"
                                       "due_out_of_range";

void table_blank_times(const score_run *run, uint64_t count, sink *out)
{
    int cells = 3 * quantile_count(run->opt);
    for (const char *at = behind_quantiles; *at; ++at) cells += *at == ',';
    while (cells-- > 0) sink_text(out, ",");
    sink_text(out, ",");
    sink_count(out, count);
    if (run->with_changes) sink_text(out, ",,,,");
}

static void table_header(const score_run *run, sink *out)
{
    char name[TEXT];
    sink_text(out, "metric,clock,");
    for (int i = 0; i < run->name_count; ++i) {
        table_text(out, run->names[i].text, run->names[i].len);
        sink_text(out, ",");
    }
    sink_text(out, "is_total,from,to,complete,n,value,method,level,low,high");
    for (int i = 0; i < quantile_count(run->opt); ++i) {
        static const char *const parts[] = {"", "_low", "_high"};
        for (int k = 0; k < 3; ++k) {
            sink_text(out, ",p");
            percent_text(quantile_share(run->opt, i), name, sizeof name);
            sink_format(out, "%s%s", name, parts[k]);
        }
    }
    sink_text(out, behind_quantiles);
    if (run->desk) sink_text(out, ",count");
    sink_text(out, run->with_changes ? ",change,change_low,change_high,change_p\n" : "\n");
}

static void within_cells(const target_share *within, sink *out)
{
    table_number(out, within->target_s, within->asked && !within->promised);
    table_number(out, within->share, within->exists);
    table_number(out, within->limits.low, within->exists);
    table_number(out, within->limits.high, within->exists);
}

static void table_count(sink *out, uint64_t count, bool known)
{
    sink_text(out, ",");
    if (known) sink_count(out, count);
}

static void due_cells(const target_share *within, sink *out)
{
    table_count(out, within->met, within->asked);
    table_count(out, within->breached, within->asked);
    table_count(out, within->running, within->runs);
    table_count(out, within->running_late, within->runs);
    table_number(out, within->due, within->has_due);
    table_number(out, within->due_limits.low, within->has_due);
    table_number(out, within->due_limits.high, within->has_due);
    table_number(out, within->lowest, within->runs);
    table_number(out, within->highest, within->runs);
}

static void promise_cells(const score_run *run, const target_share *within, sink *out)
{
    sink_text(out, ",");
    if (within->promised) table_text(out, run->promise.text, run->promise.len);
    table_count(out, within->without, within->promised);
    table_count(out, within->unparsed, within->promised);
    table_count(out, within->out_of_range, within->promised);
}

static void table_row(const score_run *run, const scored_result *r, sink *out)
{
    figures f = figures_of(run, r);
    target_share within = response_within(run, r);
    bool some = r->status == CXM_OK, limits = some && r->sum.interval_status == CXM_OK;
    table_text(out, run->spans[r->span].name.text, run->spans[r->span].name.len);
    sink_format(out, ",%s,", clock_of(run, r));
    table_place(run, &r->slot, out);
    sink_format(out, ",%llu", (unsigned long long)f.sum.n);
    table_number(out, r->sum.value, some);
    sink_format(out, ",%s", limits ? cxm_interval_name(r->sum.method) : "");
    table_number(out, r->sum.level, limits);
    table_number(out, r->sum.low, limits);
    table_number(out, r->sum.high, limits);
    for (int i = 0; i < quantile_count(run->opt); ++i) {
        percentile p = percentile_at(run, r->times, quantile_share(run->opt, i));
        table_number(out, p.value, true);
        table_number(out, p.low, true);
        table_number(out, p.high, true);
    }
    table_number(out, f.sum.mean, true);
    table_number(out, f.sum.min, true);
    table_number(out, f.sum.max, true);
    within_cells(&within, out);
    sink_format(out, ",%llu,%llu,%llu,%llu,%llu,%llu", (unsigned long long)f.never, (unsigned long long)f.sum.open,
                (unsigned long long)f.sum.zero, (unsigned long long)f.missing, (unsigned long long)f.sum.unparsed,
                (unsigned long long)f.out_of_range);
    due_cells(&within, out);
    promise_cells(run, &within, out);
    if (run->desk) sink_text(out, ",");                 /* the count above the line, of rates alone */
    if (run->with_changes) table_change(r, out);
    sink_text(out, "\n");
}

void table_response(score_run *run, sink *out)
{
    scored_result r;
    table_header(run, out);
    while (score_next(run, &r)) table_row(run, &r, out);
    desk_table(run, out);
}

/* --- durations as a person reads them --- */

/* Of opening hours, which make no days of 24. */
static bool in_hours;

/* Three digits and the unit in which there are: "250 ms", "42.3 s", "12.4 min", "16.2 h", "3.41 d". */
void duration_text(double seconds, char out[TEXT])
{
    static const struct { double below, in; const char *unit; } units[] = {
        {0.9995e-3, 1e-6, " us"}, {0.9995, 1e-3, " ms"}, {59.95, 1.0, " s"}, {3597.0, 60.0, " min"}, {86220.0, 3600.0, " h"},
        {INFINITY, 86400.0, " d"}};
    int i = 0;
    if (seconds != seconds || seconds == 0.0) {
        snprintf(out, TEXT, "%s", seconds == 0.0 ? "0 s" : "none");
        return;
    }
    while (seconds >= units[i].below && !(in_hours && i == 4)) ++i;
    double value = seconds / units[i].in;
    screen_fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, false, units[i].unit, out);
}

/* The same of a round number, without zeros that say nothing: "1 h". */
static void round_text(double seconds, char out[TEXT])
{
    duration_text(seconds, out);
    char *unit = strchr(out, ' '), *end = unit;
    if (!unit || !memchr(out, '.', (size_t)(unit - out))) return;
    while (end[-1] == '0') --end;
    if (end[-1] == '.') --end;
    memmove(end, unit, strlen(unit) + 1);
}

/* A target in the largest unit that it is a whole number of, as it was told: "100 min". */
static void target_text(double seconds, char out[TEXT])
{
    static const struct { double us; const char *unit; } units[] = {
        {86400e6, "d"}, {3600e6, "h"}, {60e6, "min"}, {1e6, "s"}, {1e3, "ms"}, {1.0, "us"}};
    double us = rint(seconds * 1e6);
    size_t i = in_hours;
    while (i < 5 && fmod(us, units[i].us) != 0.0) ++i;
    snprintf(out, TEXT, "%.16g %s", us / units[i].us, units[i].unit);
}

static void limits_text(double low, double high, char out[TEXT * 2 + 8])
{
    char from[TEXT], to[TEXT];
    duration_text(low, from);
    duration_text(high, to);
    snprintf(out, TEXT * 2 + 8, "%s .. %s", from, to);
}

/* --- the headline of a metric --- */

static void print_left_out(const screen *s, uint64_t count, const char *what, bool *first)
{
    if (!count) return;
    sink_text(s->out, *first ? "   " : ", ");
    print_count(s->out, count);
    sink_format(s->out, " %s", what);
    *first = false;
}

/* A bot's clock never began where there was none. */
static const char *never_word(const score_run *run, const scored_result *r)
{
    static const cxm_view bot = {"first_bot_reply", 15};
    const span *s = &run->spans[r->span];
    return !s->column && compare_views(s->name, bot) == 0 ? "without a bot" : "never";
}

static void print_counts(const screen *s, const scored_result *r, const figures *f)
{
    bool first = true;
    sink_text(s->out, "   n ");
    print_count(s->out, f->sum.n);
    print_left_out(s, f->never, never_word(s->run, r), &first);
    print_left_out(s, f->sum.open, "open", &first);
    print_left_out(s, f->missing, "blank", &first);
    print_left_out(s, f->sum.unparsed, "unparsed", &first);
    print_left_out(s, f->out_of_range, f->sum.infinite ? "out of range" : "negative", &first);
    sink_text(s->out, "\n");
}

/* "  p90      16.2 h   14.0 h .. 18.1 h" */
static void print_percentile(const screen *s, percentile p)
{
    char name[TEXT], value[TEXT], limits[TEXT * 2 + 8];
    percent_text(p.share, name, sizeof name);
    duration_text(p.value, value);
    if (p.low == p.low || p.high == p.high) limits_text(p.low, p.high, limits);
    else snprintf(limits, sizeof limits, "no limits: too few");
    if (p.share == 0.5) sink_text(s->out, "  median ");
    else sink_format(s->out, "  p%-5s ", name);
    sink_format(s->out, "%10s   %s\n", value, limits);
}

/* "74.9 %   72.3 % .. 77.4 %" */
static void print_share(const screen *s, double share, const cxm_interval *limits)
{
    screen_paint(s, "1");
    screen_percent(s, share);
    screen_paint(s, "0");
    sink_text(s->out, "   ");
    screen_percent(s, limits->low);
    sink_text(s->out, " .. ");
    screen_percent(s, limits->high);
}

/* What has not ended: late already, or not yet; where neither is, there is no more to say. */
static void print_due(const screen *s, const target_share *within)
{
    uint64_t open = within->running + within->running_late;
    if (!within->has_due || !open) return;
    sink_text(s->out, "  of all that are due: ");
    print_share(s, within->due, &within->due_limits);
    sink_text(s->out, ", as ");
    print_count(s->out, within->running_late);
    sink_text(s->out, " of ");
    print_count(s->out, open);
    sink_text(s->out, " open are late");
    if (within->running) {
        sink_text(s->out, "; ");
        screen_percent(s, within->lowest);
        sink_text(s->out, " .. ");
        screen_percent(s, within->highest);
        sink_text(s->out, within->running == 1 ? " by what becomes of the other" : " if none or all of the others are met");
    }
    sink_text(s->out, "\n");
}

/* Rows that no share is of. */
static void print_unpromised(const screen *s, const target_share *within)
{
    bool first = true;
    if (within->without + within->unparsed + within->out_of_range) sink_text(s->out, "  left out:");
    print_left_out(s, within->without, "without a promise", &first);
    print_left_out(s, within->unparsed, "due at no time", &first);
    print_left_out(s, within->out_of_range, "due before the creation", &first);
    if (!first) sink_text(s->out, "\n");
}

static void print_within(const screen *s, const scored_result *r)
{
    target_share within = response_within(s->run, r);
    char text[TEXT];
    if (within.exists) {
        if (!within.promised) target_text(within.target_s, text);
        if (within.promised) sink_text(s->out, "  promise kept: ");
        else sink_format(s->out, "  within %s: ", text);
        print_share(s, within.share, &within.limits);
        sink_text(s->out, " of those that have ended\n");
    }
    print_due(s, &within);
    print_unpromised(s, &within);
}

static void print_mean(const screen *s, const figures *f)
{
    char mean[TEXT], longest[TEXT];
    duration_text(f->sum.mean, mean);
    duration_text(f->sum.max, longest);
    sink_format(s->out, "  mean   %10s   longest %s", mean, longest);
    if (f->sum.zero) sink_format(s->out, ", %llu at once", (unsigned long long)f->sum.zero);
    sink_text(s->out, "\n");
}

static void print_headline(const screen *s, const scored_result *r)
{
    const cxm_view name = s->run->spans[r->span].name;
    figures f = figures_of(s->run, r);
    sink_text(s->out, "\n");
    screen_paint(s, "1");
    print_safe(s->out, name.text, name.len);
    screen_paint(s, "0");
    if (s->run->spans[r->span].business) sink_text(s->out, ", opening hours");
    else if (s->run->calendar) sink_text(s->out, ", calendar time");
    print_counts(s, r, &f);
    if (f.sum.n == 0) {
        print_within(s, r);
        return;
    }
    for (int i = 0; i < quantile_count(s->run->opt); ++i)
        print_percentile(s, percentile_at(s->run, r->times, quantile_share(s->run->opt, i)));
    print_mean(s, &f);
    print_within(s, r);
}

/* --- the histogram --- */

/* Round durations, about as far apart on the scale of logarithms as people tell them apart. */
static const double edges[] = {1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200,
                               14400, 28800, 86400, 172800, 345600, 604800, 1209600, 2419200, 7776000, 15552000, 31536000};
enum { EDGES = sizeof edges / sizeof *edges, ROWS = EDGES + 1, MOST_ROWS = 16, FEW = 40, FEW_ROWS = 7 };

static int row_of(double seconds)
{
    int row = 0;
    while (row < EDGES && seconds > edges[row]) ++row;
    return row;
}

/* Of all above 0; bins that an edge divides go where their middle is. Returns how many there are. */
static uint64_t count_rows(const cxm_quantile *q, uint64_t rows[ROWS])
{
    double low, high;
    uint64_t count, all = 0;
    uint32_t cursor = 0;
    memset(rows, 0, ROWS * sizeof *rows);
    while (cxm_quantile_bin(q, &cursor, &low, &high, &count) == CXM_OK) rows[row_of(0.5 * (low + high))] += count;
    for (int i = 0; i < ROWS; ++i) all += rows[i];
    return all;
}

static void print_histogram_row(const screen *s, int from, int to, uint64_t count, uint64_t largest, uint64_t n)
{
    char low[TEXT], high[TEXT];
    if (from > 0) round_text(edges[from - 1], low);
    else snprintf(low, sizeof low, "0 s");
    if (to < 0) sink_format(s->out, "  %18s ", "at once");
    else if (to < EDGES) round_text(edges[to], high);
    else snprintf(high, sizeof high, "more");
    if (to >= 0) sink_format(s->out, "  %7s .. %-7s ", low, high);
    screen_bar(s, largest ? (double)count / (double)largest : 0.0);
    sink_text(s->out, " ");
    screen_pad(s, s->n_width - screen_count_width(count));
    print_count(s->out, count);
    sink_text(s->out, "  ");
    screen_percent(s, (double)count / (double)n);
    sink_text(s->out, "\n");
}

/* Rows `from` on, `step` of them together. */
static uint64_t rows_together(const uint64_t rows[ROWS], int from, int step)
{
    uint64_t count = 0;
    for (int i = from; i < from + step && i < ROWS; ++i) count += rows[i];
    return count;
}

/* From the first row that holds any to the last; where these are many, two or three together. */
static void print_histogram(const screen *s, const cxm_quantile *q, uint64_t zero)
{
    uint64_t rows[ROWS], some = count_rows(q, rows), largest = zero;
    int first = 0, last = ROWS - 1;
    while (first < last && rows[first] == 0) ++first;
    while (last > first && rows[last] == 0) --last;
    int step = (last - first) / (some + zero < FEW ? FEW_ROWS : MOST_ROWS) + 1;
    for (int i = first; i <= last; i += step)
        if (rows_together(rows, i, step) > largest) largest = rows_together(rows, i, step);
    sink_text(s->out, "\n");
    if (zero) print_histogram_row(s, 0, -1, zero, largest, some + zero);
    for (int i = first; some && i <= last; i += step)
        print_histogram_row(s, i, i + step - 1 < EDGES ? i + step - 1 : EDGES, rows_together(rows, i, step), largest, some + zero);
}

/* --- segments and windows --- */

/* Strips are drawn on the scale of logarithms. */
static double place_of(double seconds)
{
    return log10(fmax(seconds, 1e-6));
}

static void reach(screen *s, double seconds)
{
    if (seconds != seconds) return;
    s->low = fmin(s->low, place_of(seconds));
    s->high = fmax(s->high, place_of(seconds));
}

/* "13 never, 3 open": what no percentile knows of. */
static void left_text(const score_run *run, const scored_result *r, char out[TEXT])
{
    figures f = figures_of(run, r);
    int used = 0;
    out[0] = '\0';
    if (f.never) used = snprintf(out, TEXT, "%llu %s", (unsigned long long)f.never, never_word(run, r));
    if (f.sum.open) snprintf(out + used, TEXT - (size_t)used, "%s%llu open", used ? ", " : "", (unsigned long long)f.sum.open);
}

static void measure(screen *s)
{
    scored_result r;
    char text[TEXT * 2 + 8], label[LABEL_MAX * 4 + 8], window[CXM_TEXT_TIME_MAX + 1];
    s->low = INFINITY;
    s->high = -INFINITY;
    while (score_next(s->run, &r)) {
        in_hours = s->run->spans[r.span].business;
        screen_widen(&s->label_width, screen_label(&r.slot, label, sizeof label));
        screen_widen(&s->n_width, screen_count_width(r.sum.n));
        if (r.slot.has_window) {
            screen_window_label(s->run, r.slot.from_us, window);
            screen_widen(&s->label_width, (int)strlen(window) + 2);
        }
        left_text(s->run, &r, text);
        screen_widen(&s->left_width, (int)strlen(text));
        if (r.status != CXM_OK) continue;
        duration_text(r.sum.value, text);
        screen_widen(&s->value_width, (int)strlen(text));
        reach(s, r.sum.value);
        if (r.sum.interval_status != CXM_OK) continue;
        limits_text(r.sum.low, r.sum.high, text);
        screen_widen(&s->limits_width, (int)strlen(text));
        reach(s, r.sum.low);
        reach(s, r.sum.high);
    }
}

static void print_numbers(const screen *s, const scored_result *r)
{
    char value[TEXT] = "none", limits[TEXT * 2 + 8] = "no interval";
    if (r->status == CXM_OK) duration_text(r->sum.value, value);
    if (r->status == CXM_OK && r->sum.interval_status == CXM_OK) limits_text(r->sum.low, r->sum.high, limits);
    screen_numbers(s, value, limits, r->sum.n);
}

static void print_left(const screen *s, const scored_result *r)
{
    char text[TEXT];
    if (!s->left_width) return;
    left_text(s->run, r, text);
    sink_format(s->out, "   %-*s", s->left_width, text);
}

/* p90, so that the median does not hide the slow, and the share within the target. */
static void print_slow(const screen *s, const scored_result *r)
{
    target_share within = response_within(s->run, r);
    char text[TEXT];
    duration_text(percentile_at(s->run, r->times, 0.9).value, text);
    sink_format(s->out, "   p90 %9s", text);
    if (!within.exists) return;
    sink_text(s->out, within.promised ? "   kept   " : "   within ");
    screen_fixed(100.0 * within.share, 1, false, " %", text);
    screen_pad(s, 7 - (int)strlen(text));
    sink_text(s->out, text);
}

static void print_row(const screen *s, const char *label, int width, const scored_result *r)
{
    bool limits = r->sum.interval_status == CXM_OK;
    double at = place_of(r->sum.value);
    print_safe(s->out, label, strlen(label));
    screen_pad(s, s->label_width + 4 - width);
    print_numbers(s, r);
    print_left(s, r);
    if (r->status == CXM_OK) print_slow(s, r);
    if (r->status == CXM_OK && s->pictures)
        screen_strip(s, at, limits ? place_of(r->sum.low) : at, limits ? place_of(r->sum.high) : at);
    sink_text(s->out, "\n");
}

static void print_segment(const screen *s, const scored_result *r)
{
    char label[LABEL_MAX * 4 + 8] = "all";
    bool total = r->slot.segment_count == 0;
    int width = 3;
    if (!total) {
        label[0] = label[1] = ' ';
        width = screen_label(&r->slot, label + 2, sizeof label - 2) + 2;
    }
    print_row(s, label, width, r);
}

static void print_window(const screen *s, block *b, const scored_result *r)
{
    char label[CXM_TEXT_TIME_MAX + 16];
    label[0] = label[1] = ' ';
    screen_window_label(s->run, r->slot.from_us, label + 2);
    if (!r->slot.complete) strcat(label, " *");
    int width = (int)strlen(label);
    bool proven = r->has_change && r->change.p < 1.0 - r->change.level;
    if (proven) strcat(label, screen_change_mark(s, r->change.difference > 0.0));
    if (!b->open || !same_segment(&r->slot, &b->of)) {
        screen_end_block(s, b);
        screen_begin_block(s, b, &r->slot);
    }
    print_row(s, label, width + 2 * proven, r);
    b->cut |= !r->slot.complete;
    b->changed |= proven;
    if (r->status == CXM_OK) screen_add_to_trend(b, r->sum.value);
}

/* The ends of the axis that all strips share, which is one of logarithms. */
static void print_axis(const screen *s, bool target)
{
    char low[TEXT], high[TEXT];
    if (!s->pictures || !(s->high > s->low)) return;
    duration_text(pow(10.0, s->low), low);
    duration_text(pow(10.0, s->high), high);
    screen_pad(s, s->label_width + 4 + s->value_width + 3 + s->limits_width + 5 + s->n_width + (s->left_width ? s->left_width + 3 : 0) + 16 +
                      (target ? 17 : 0) + 3);
    sink_text(s->out, low);
    screen_pad(s, STRIP - (int)strlen(low) - (int)strlen(high));
    sink_format(s->out, "%s\n", high);
}

/* Samples of what is no duration, whichever metric it is of. */
static void print_samples(const screen *s, const samples *kept, const char *what)
{
    for (int i = 0; i < kept->count; ++i) {
        sink_format(s->out, "%s line %llu \"", i ? "," : what, (unsigned long long)kept->rows[i].line);
        print_safe(s->out, kept->rows[i].text, kept->rows[i].len);
        sink_text(s->out, "\"");
    }
    if (kept->count) sink_text(s->out, "\n");
}

/* The whole of a metric: all windows and segments. */
static void print_metric(const screen *s, int which)
{
    scored_result all;
    response_whole(s->run, which, &all);
    print_headline(s, &all);
    cxm_quantile_summary sum = {.size = sizeof sum};
    bool pictures = s->pictures && (!s->run->preset.len || s->run->span_count <= 2);       /* of one metric, not of eight */
    if (pictures && cxm_quantile_summarize(all.times, &sum) == CXM_OK) print_histogram(s, all.times, sum.zero);
    if (s->run->name_count && !s->run->has_window) sink_text(s->out, "\n");
}

void screen_response(score_run *run, sink *out)
{
    screen s = screen_of(run, out);
    scored_result r;
    block b = {.open = false};
    int shown = -1;
    bool rows = run->has_window || run->name_count;
    screen_input(run, out);
    if (!run->account.unparsed) print_samples(&s, &run->seen.unparsed, "not understood:");
    if (!run->account.out_of_range) print_samples(&s, &run->seen.out_of_range, "out of range:");
    print_samples(&s, &run->seen.due, "no due time:");
    print_safe(out, run->definition, strlen(run->definition));
    sink_text(out, "\n");
    measure(&s);
    score_rewind(run);
    while (score_next(run, &r)) {
        if (r.span != shown) {
            screen_end_block(&s, &b);
            if (shown >= 0 && rows) print_axis(&s, response_asks(run));
            in_hours = run->spans[r.span].business;
            print_metric(&s, r.span);
            shown = r.span;
        }
        if (r.slot.has_window) print_window(&s, &b, &r);
        else if (run->name_count) print_segment(&s, &r);
    }
    screen_end_block(&s, &b);
    if (rows) print_axis(&s, response_asks(run));
    desk_screen(run, out);
    screen_say_marks(&s, &b);
}
