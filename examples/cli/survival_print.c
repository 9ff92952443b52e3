/* SPDX-License-Identifier: MIT */
/* survival_print.c - survival as JSON, and as CSV with a row a point of each curve. */
#include "survival.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double usual[] = {0.25, 0.5, 0.75};

cxm_engine_result survival_slot(const survival_run *run, const stays *s)
{
    bool total = s == &run->total;
    return (cxm_engine_result){.size = sizeof(cxm_engine_result), .segments = s->segments, .segment_count = total ? 0 : (uint32_t)run->base->name_count};
}

/* --- JSON --- */

static void json_time(cxm_survival_time t, sink *out)
{
    sink_text(out, "{\"value\":");
    sink_number(out, t.time);
    json_key_number(out, "low", t.low);
    json_key_number(out, "high", t.high);
    sink_text(out, "}");
}

static void json_limits(const survival_run *run, cxm_survival_time t, sink *out)
{
    if (t.low != t.low && t.high != t.high) {
        sink_text(out, ",\"interval\":null");
        return;
    }
    sink_format(out, ",\"interval\":{\"method\":\"%s\"", limits_name(run));
    json_key_number(out, "level", run->base->opt->level);
    json_key_number(out, "low", t.low);
    json_key_number(out, "high", t.high);
    sink_text(out, "}");
}

static void json_point(const cxm_survival_point *p, sink *out)
{
    sink_text(out, "{\"t\":");
    sink_number(out, p->t);
    json_key_number(out, "at_risk", p->at_risk);
    json_key_number(out, "events", p->events);
    json_key_number(out, "censored", p->censored);
    json_key_number(out, "survival", p->survival);
    json_key_number(out, "se", p->se);
    json_key_number(out, "low", p->low);
    json_key_number(out, "high", p->high);
    sink_text(out, "}");
}

static void json_curve(const stays *s, sink *out)
{
    cxm_survival_curve curve = s->curve;
    cxm_survival_point point = {.size = sizeof point};
    sink_text(out, ",\"curve\":[");
    if (s->exists) cxm_survival_rewind(&curve);
    for (bool first = true; s->exists && cxm_survival_next(&curve, &point) == CXM_OK; first = false) {
        if (!first) sink_text(out, ",");
        json_point(&point, out);
    }
    sink_text(out, "]");
}

static void json_quantiles(const survival_run *run, const stays *s, sink *out)
{
    const options *opt = run->base->opt;
    int count = opt->quantile_count ? opt->quantile_count : 3;
    sink_text(out, ",\"quantiles\":[");
    for (int i = 0; i < count; ++i) {
        double share = opt->quantile_count ? opt->quantiles[i] : usual[i];
        cxm_survival_time t = stays_quantile(s, share);
        sink_text(out, i ? ",{\"q\":" : "{\"q\":");
        sink_number(out, share);
        json_key_number(out, "value", t.time);
        json_key_number(out, "low", t.low);
        json_key_number(out, "high", t.high);
        sink_text(out, "}");
    }
    sink_text(out, "]");
}

static void json_mean(const stays *s, double tau, sink *out)
{
    cxm_survival_time t = stays_mean(s, tau);
    sink_text(out, ",\"rmst\":{\"tau\":");
    sink_number(out, t.time == t.time ? tau : (double)NAN);
    json_key_number(out, "value", t.time);
    json_key_number(out, "se", t.se);
    json_key_number(out, "low", t.low);
    json_key_number(out, "high", t.high);
    sink_text(out, "}");
}

static void json_test(const cxm_survival_test *test, sink *out)
{
    sink_text(out, "{\"chi2\":");
    sink_number(out, test->statistic);
    sink_format(out, ",\"df\":%u", (unsigned)test->df);
    json_key_number(out, "p", test->p);
}

/* Observed and expected stand with log-rank. */
static void json_tests(const survival_run *run, sink *out)
{
    if (!run->each || run->test_status != CXM_OK) {
        sink_text(out, ",\"logrank\":null,\"peto\":null");
        return;
    }
    sink_text(out, ",\"logrank\":");
    json_test(&run->logrank, out);
    sink_text(out, ",\"groups\":[");
    for (size_t i = 0; i < run->group_count; ++i) {
        cxm_engine_result slot = survival_slot(run, run->groups[i]);
        sink_text(out, i ? ",{" : "{");
        json_segment(run->base, &slot, out);
        json_key_number(out, "n", run->each[i].n);
        json_key_number(out, "observed", run->each[i].observed);
        json_key_number(out, "expected", run->each[i].expected);
        json_key_number(out, "variance", run->each[i].variance);
        sink_text(out, "}");
    }
    sink_text(out, "]},\"peto\":");
    json_test(&run->peto, out);
    sink_text(out, "}");
}

/* Why there is no test, where one could be looked for. */
static const char *why_no_test(const survival_run *run)
{
    if (run->base->name_count == 0 || (run->each && run->test_status == CXM_OK)) return NULL;
    if (run->test_status == CXM_E_LIMIT) return "logrank and peto: more than 32 segments";
    if (run->group_count < 2) return "logrank and peto: there is one segment, or none";
    return "logrank and peto: no two segments were at risk together when somebody left";
}

static const char *why_no_time(const stays *s, double tau)
{
    cxm_survival_time t = stays_quantile(s, 0.5);
    if (s->n == 0) return "value and interval: no customer was counted";
    if (t.time != t.time) return "value: more than half are still there at the last time";
    if (t.low != t.low || t.high != t.high) return "interval: a limit of the curve does not come down to one half";
    if (!(s->last > 0.0)) return "rmst: nobody stayed past time 0";
    if (!(tau > 0.0)) return "rmst: a curve ends at time 0, and all means with it";
    return s->last_survival > 0.0 && s->last < tau ? "rmst: its curve ends before tau" : NULL;
}

static void json_why(const char *time, const char *test, sink *out)
{
    if (!time && !test) return;
    sink_format(out, ",\"why\":\"%s%s%s\"", time ? time : "", time && test ? "; " : "", test ? test : "");
}

static void json_times_of(const survival_run *run, const cxm_engine_result *slot, const stays *s, double tau, sink *out)
{
    cxm_survival_time median = stays_quantile(s, 0.5);
    sink_text(out, "{\"metric\":\"survival\",");
    json_segment(run->base, slot, out);
    json_window(run->base, slot, out);
    json_key_count(out, "n", s->n);
    json_key_number(out, "value", median.time);
    json_limits(run, median, out);
    json_key_count(out, "events", s->events);
    json_key_count(out, "censored", s->n - s->events);
    if (run->weighted) json_key_number(out, "sum_weights", s->weight);
    sink_text(out, ",\"median\":");
    json_time(median, out);
    json_quantiles(run, s, out);
    json_mean(s, tau, out);
}

void json_tenures(const survival_run *run, const cxm_engine_result *slot, const stays *s, double tau, sink *out)
{
    json_times_of(run, slot, s, tau, out);
    json_why(why_no_time(s, tau), NULL, out);
    sink_text(out, "}");
}

static void json_stays(const survival_run *run, const stays *s, sink *out)
{
    cxm_engine_result slot = survival_slot(run, s);
    bool total = s == &run->total;
    json_times_of(run, &slot, s, run->tau, out);
    if (total) json_tests(run, out);
    json_curve(s, out);
    json_why(why_no_time(s, run->tau), total ? why_no_test(run) : NULL, out);
    sink_text(out, "}");
}

void json_survival(const survival_run *run, sink *out)
{
    const stays *s;
    const score_run *base = run->base;
    sink_text(out, "{\"schema\":\"cxm.survival/1\",\"tool\":\"cxm " CXM_VERSION "\",");
    json_input(out, "input", base->file, run->from_state ? "state" : source_format(base->in), &base->account);
    sink_text(out, ",\"definition\":");
    json_string(out, base->definition, strlen(base->definition));
    sink_text(out, ",\"results\":[");
    for (size_t i = 0; survival_result(run, i, &s); ++i) {
        sink_text(out, i ? ",\n" : "\n");
        json_stays(run, s, out);
    }
    sink_text(out, "\n]}\n");
}

/* --- CSV --- */

static void table_head(const score_run *base, sink *out)
{
    sink_text(out, "metric,");
    for (int i = 0; i < base->name_count; ++i) {
        table_text(out, base->names[i].text, base->names[i].len);
        sink_text(out, ",");
    }
    sink_text(out, "is_total,n,value,value_low,value_high,tau,rmst,rmst_se,rmst_low,rmst_high,method,level,"
                   "t,at_risk,events,censored,survival,se,low,high\n");
}

/* What all rows of a curve begin with. */
static void table_start(const survival_run *run, const stays *s, cxm_survival_time median, cxm_survival_time mean, sink *out)
{
    const score_run *base = run->base;
    bool total = s == &run->total;
    sink_text(out, "survival,");
    for (int i = 0; i < base->name_count; ++i) {
        if (!total) table_text(out, s->segments[i].text, s->segments[i].len);
        sink_text(out, ",");
    }
    sink_format(out, "%d,%llu", total, (unsigned long long)s->n);
    table_number(out, median.time, true);
    table_number(out, median.low, true);
    table_number(out, median.high, true);
    table_number(out, run->tau, mean.time == mean.time);
    table_number(out, mean.time, true);
    table_number(out, mean.se, true);
    table_number(out, mean.low, true);
    table_number(out, mean.high, true);
    sink_format(out, ",%s", limits_name(run));
    table_number(out, base->opt->level, true);
}

static void table_point(const cxm_survival_point *p, sink *out)
{
    const double cells[] = {p->t, p->at_risk, p->events, p->censored, p->survival, p->se, p->low, p->high};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; ++i) table_number(out, cells[i], true);
    sink_text(out, "\n");
}

void table_survival(const survival_run *run, sink *out)
{
    const stays *s;
    cxm_survival_point point = {.size = sizeof point};
    table_head(run->base, out);
    for (size_t i = 0; survival_result(run, i, &s); ++i) {
        cxm_survival_time median = stays_quantile(s, 0.5), mean = stays_mean(s, run->tau);
        cxm_survival_curve curve = s->curve;
        if (s->exists) cxm_survival_rewind(&curve);
        else table_start(run, s, median, mean, out), sink_text(out, ",,,,,,,,\n");
        while (s->exists && cxm_survival_next(&curve, &point) == CXM_OK) {
            table_start(run, s, median, mean, out);
            table_point(&point, out);
        }
    }
}
