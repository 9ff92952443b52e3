/* SPDX-License-Identifier: MIT */
/* survival_screen.c - survival for a person: the curve as a picture, what it tells, a line a segment, and whether they differ. */
#include "survival.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDE = 60, HIGH = 10, EIGHTHS = 8, TIMES = 6, SPARK = 20 };

/* --- times as a person reads them: in the unit of the input --- */

void tenure_text(double t, char out[TEXT])
{
    int decimals = t < 9.995 ? 2 : t < 99.95 ? 1 : 0;
    if (t != t) snprintf(out, TEXT, "none");
    else if (t >= 1e15 || (t > 0.0 && t < 0.01)) snprintf(out, TEXT, "%.3g", t);
    else screen_fixed(t, t == floor(t) ? 0 : decimals, false, "", out);
}

static void limits_text(double low, double high, char out[TEXT * 2 + 8])
{
    char from[TEXT], to[TEXT];
    tenure_text(low, from);
    tenure_text(high, to);
    snprintf(out, TEXT * 2 + 8, "%s .. %s", from, to);
    if (low != low && high != high) snprintf(out, TEXT * 2 + 8, "no limits");
}

/* --- the curve at some times --- */

/* S and its limits from this time on. */
typedef struct height { double survival, low, high; } height;

/* Of `count` rising times. */
static void heights_at(const stays *s, const double *times, int count, height *out)
{
    cxm_survival_curve curve = s->curve;
    cxm_survival_point point = {.size = sizeof point};
    height now = {1.0, 1.0, 1.0};
    cxm_survival_rewind(&curve);
    bool more = cxm_survival_next(&curve, &point) == CXM_OK;
    for (int i = 0; i < count; ++i) {
        for (; more && point.t <= times[i]; more = cxm_survival_next(&curve, &point) == CXM_OK)
            now = (height){point.survival, point.limits_status == CXM_OK ? point.low : point.survival,
                           point.limits_status == CXM_OK ? point.high : point.survival};
        out[i] = now;
    }
}

/* 1, 2 or 5 times a power of ten: about `most` of them up to `last`. */
static double round_step(double last, int most)
{
    double ten = pow(10.0, floor(log10(last / most)));
    return last / most <= ten ? ten : last / most <= 2.0 * ten ? 2.0 * ten : last / most <= 5.0 * ten ? 5.0 * ten : 10.0 * ten;
}

/* --- the picture --- */

/* A cell of the area below the curve; where limits are wider than a cell they are a band, with the curve in it. */
static const char *cell_glyph(const screen *s, const height *at, int row)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double middle = (row + 0.5) / HIGH;
    int filled = (int)floor((at->survival * HIGH - row) * EIGHTHS + 0.5);
    bool band = at->high - at->low > 1.0 / HIGH && middle > at->low && middle < at->high;
    if (band && (int)ceil(at->survival * HIGH) - 1 == row) return s->unicode ? "━" : "=";
    if (band) return s->unicode ? "▒" : ":";
    filled = filled < 0 ? 0 : filled > EIGHTHS ? EIGHTHS : filled;
    return s->unicode ? blocks[filled] : filled >= EIGHTHS / 2 ? "#" : " ";
}

static void print_axis(const screen *s, double last)
{
    char text[TEXT];
    tenure_text(last, text);
    sink_text(s->out, s->unicode ? "     0 % └" : "     0 % +");
    for (int i = 0; i < WIDE; ++i) sink_text(s->out, s->unicode ? "─" : "-");
    sink_text(s->out, "\n          0");
    screen_pad(s, WIDE - 1 - (int)strlen(text));
    sink_format(s->out, "%s\n", text);
}

static void print_curve(const screen *s, const stays *all)
{
    double times[WIDE];
    height heights[WIDE];
    if (!(all->last > 0.0)) return;
    for (int i = 0; i < WIDE; ++i) times[i] = all->last * i / (WIDE - 1);
    heights_at(all, times, WIDE, heights);
    sink_text(s->out, "\n");
    for (int row = HIGH - 1; row >= 0; --row) {
        sink_text(s->out, row == HIGH - 1 ? "   100 % " : row == HIGH / 2 - 1 ? "    50 % " : "         ");
        sink_text(s->out, s->unicode ? "│" : "|");
        for (int i = 0; i < WIDE; ++i) sink_text(s->out, cell_glyph(s, &heights[i], row));
        sink_text(s->out, "\n");
    }
    print_axis(s, all->last);
}

static void print_spark(const screen *s, const stays *of, double last)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char ascii[] = "_.-=+*%#";
    double times[SPARK];
    height heights[SPARK];
    int shown = 0;
    for (int i = 0; i < SPARK; ++i) times[i] = last * i / (SPARK - 1);
    while (shown < SPARK && (times[shown] <= of->last || of->last_survival == 0.0)) ++shown;
    heights_at(of, times, shown, heights);
    sink_text(s->out, "   ");
    for (int i = 0; i < shown; ++i) {
        int level = (int)(heights[i].survival * 7.0 + 0.5);
        if (s->unicode) sink_text(s->out, blocks[level]);
        else sink_bytes(s->out, ascii + level, 1);
    }
}

/* --- the headline --- */

static void print_share(const screen *s, double share, int width)
{
    char text[TEXT];
    screen_fixed(100.0 * share, 1, false, " %", text);
    screen_pad(s, width - (int)strlen(text));
    sink_text(s->out, text);
}

/* "  after   20   74.1 %   73.1 % .. 75.2 %" */
static void print_times(const screen *s, const stays *all)
{
    double times[TIMES + 2] = {0.0}, step = round_step(all->last, TIMES);
    height heights[TIMES + 2];
    char text[TEXT];
    int count = 0;
    for (double t = step; t <= all->last && count < TIMES + 2; t = step * (count + 1)) times[count++] = t;
    heights_at(all, times, count, heights);
    sink_text(s->out, "  still there\n");
    for (int i = 0; i < count; ++i) {
        tenure_text(times[i], text);
        sink_format(s->out, "    after %8s ", text);
        print_share(s, heights[i].survival, 8);
        sink_text(s->out, "   ");
        print_share(s, heights[i].low, 0);
        sink_text(s->out, " .. ");
        print_share(s, heights[i].high, 0);
        sink_text(s->out, "\n");
    }
}

static void print_time(const screen *s, const char *what, cxm_survival_time t)
{
    char value[TEXT], limits[TEXT * 2 + 8];
    tenure_text(t.time, value);
    limits_text(t.low, t.high, limits);
    sink_format(s->out, "  %-9s ", what);
    screen_pad(s, 8 - (int)strlen(value));
    screen_paint(s, "1");
    sink_text(s->out, value);
    screen_paint(s, "0");
    sink_format(s->out, "   %s", limits);
}

static void print_quantiles(const screen *s, const survival_run *run, const stays *all)
{
    const options *opt = run->base->opt;
    char what[TEXT], last[TEXT];
    cxm_survival_time median = stays_quantile(all, 0.5);
    tenure_text(all->last, last);
    print_time(s, "median", median);
    if (median.time != median.time) sink_format(s->out, "; more than half are still there at %s", last);
    sink_text(s->out, "\n");
    for (int i = 0; i < opt->quantile_count; ++i) {
        if (opt->quantiles[i] == 0.5) continue;
        snprintf(what, sizeof what, "%.10g %%", 100.0 * opt->quantiles[i]);
        print_time(s, what, stays_quantile(all, opt->quantiles[i]));
        sink_text(s->out, " until so many have left\n");
    }
}

static void print_headline(const screen *s, const survival_run *run, const stays *all)
{
    char tau[TEXT];
    sink_text(s->out, "\n");
    screen_paint(s, "1");
    sink_text(s->out, "survival");
    screen_paint(s, "0");
    sink_text(s->out, "   n ");
    print_count(s->out, all->n);
    if (all->n == 0) {
        sink_text(s->out, ": no customer was counted\n");
        return;
    }
    if (run->weighted) {
        sink_text(s->out, " of weight ");
        sink_number(s->out, all->weight);
    }
    sink_text(s->out, "   ");
    print_count(s->out, all->events);
    sink_text(s->out, " left, ");
    print_count(s->out, all->n - all->events);
    sink_text(s->out, " still there when last seen\n");
    print_quantiles(s, run, all);
    if (!(run->tau > 0.0)) return;
    tenure_text(run->tau, tau);
    print_time(s, "mean", stays_mean(all, run->tau));
    sink_format(s->out, " of the first %s\n", tau);
}

/* --- segments --- */

static void measure(screen *s, const survival_run *run)
{
    const stays *of;
    char label[LABEL_MAX * 4 + 8], text[TEXT * 2 + 8];
    for (size_t i = 1; survival_result(run, i, &of); ++i) {
        cxm_engine_result slot = {.segments = of->segments, .segment_count = (uint32_t)run->base->name_count};
        cxm_survival_time median = stays_quantile(of, 0.5), mean;
        screen_widen(&s->label_width, screen_label(&slot, label, sizeof label));
        screen_widen(&s->n_width, screen_count_width(of->n));
        tenure_text(median.time, text);
        screen_widen(&s->value_width, (int)strlen(text));
        limits_text(median.low, median.high, text);
        screen_widen(&s->limits_width, (int)strlen(text));
        mean = stays_mean(of, run->tau);
        limits_text(mean.low, mean.high, text);
        screen_widen(&s->left_width, (int)strlen(text));
    }
}

static void print_segment(const screen *s, const survival_run *run, const stays *of)
{
    char label[LABEL_MAX * 4 + 8] = "  ", value[TEXT], limits[TEXT * 2 + 8], mean[TEXT], low[TEXT * 2 + 8];
    cxm_engine_result slot = {.segments = of->segments, .segment_count = (uint32_t)run->base->name_count};
    cxm_survival_time median = stays_quantile(of, 0.5), t = stays_mean(of, run->tau);
    int width = screen_label(&slot, label + 2, sizeof label - 2) + 2;
    tenure_text(median.time, value);
    limits_text(median.low, median.high, limits);
    print_safe(s->out, label, strlen(label));
    screen_pad(s, s->label_width + 4 - width);
    screen_numbers(s, value, limits, of->n);
    tenure_text(t.time, mean);
    limits_text(t.low, t.high, low);
    sink_format(s->out, "   mean %6s   %s", mean, low);
    if (s->pictures && run->total.last > 0.0) {
        screen_pad(s, s->left_width - (int)strlen(low));
        print_spark(s, of, run->total.last);
    }
    sink_text(s->out, "\n");
}

static void print_p(const screen *s, const cxm_survival_test *test)
{
    char text[TEXT];
    screen_fixed(test->statistic, 2, false, "", text);
    sink_format(s->out, "chi-square %s, ", text);
    if (test->p < 1e-300) sink_text(s->out, "p below 1e-300");
    else snprintf(text, sizeof text, test->p < 0.001 ? "%.1e" : "%.3f", test->p), sink_format(s->out, "p %s", text);
}

/* "Contract: some leave sooner than others, proven at 95 %: log-rank ..." */
static void print_test(const screen *s, const survival_run *run)
{
    const score_run *base = run->base;
    sink_text(s->out, "\n  ");
    for (int i = 0; i < base->name_count; ++i) {
        if (i) sink_text(s->out, " x ");
        print_safe(s->out, base->names[i].text, base->names[i].len);
    }
    if (!run->each || run->test_status != CXM_OK) {
        sink_text(s->out, run->test_status == CXM_E_LIMIT ? ": more than 32 segments are not tested\n"
                        : run->group_count < 2 ? ": one segment alone has nothing to differ from\n"
                        : ": no test, as nobody left while others were there\n");
        return;
    }
    bool proven = run->logrank.p < 1.0 - base->opt->level;
    sink_text(s->out, proven ? ": some leave sooner than others, proven at " : ": no difference in how long they stay is proven at ");
    sink_number(s->out, 100.0 * base->opt->level);
    sink_text(s->out, "% (log-rank ");
    print_p(s, &run->logrank);
    sink_format(s->out, ", df %u; Peto ", (unsigned)run->logrank.df);
    print_p(s, &run->peto);
    sink_text(s->out, ")\n");
}

void screen_survival(const survival_run *run, sink *out)
{
    const stays *of;
    screen s = screen_of(run->base, out);
    if (run->of_customers) screen_customers(run->base, crowd_print_columns, run->customers, out);
    else screen_input(run->base, out);
    print_safe(out, run->base->definition, strlen(run->base->definition));
    sink_text(out, "\n");
    measure(&s, run);
    print_headline(&s, run, &run->total);
    if (!run->total.exists) return;
    if (run->total.last > 0.0) print_times(&s, &run->total);
    if (s.pictures) print_curve(&s, &run->total);
    if (run->base->name_count == 0) return;
    sink_text(out, "\n");
    for (size_t i = 1; survival_result(run, i, &of); ++i) print_segment(&s, run, of);
    print_test(&s, run);
}
