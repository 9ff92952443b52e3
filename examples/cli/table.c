/* SPDX-License-Identifier: MIT */
/* table.c - results as CSV: one header row, one row a result, of labels one row a label, empty where a value does not exist. Cells of
 * text that a spreadsheet would run as a formula are guarded by an apostrophe. */
#include "cli.h"
#include <string.h>

static bool is_formula(const char *text, size_t len)
{
    return len > 0 && strchr("=+-@\t\r", text[0]) != NULL;
}

static void quoted(sink *out, const char *text, size_t len)
{
    while (len > 0) {
        const char *quote = memchr(text, '"', len);
        size_t plain = quote ? (size_t)(quote - text) + 1 : len;
        sink_bytes(out, text, plain);
        if (quote) sink_text(out, "\"");
        text += plain;
        len -= plain;
    }
}

void table_text(sink *out, const char *text, size_t len)
{
    sink_text(out, is_formula(text, len) ? "\"'" : "\"");
    quoted(out, text, len);
    sink_text(out, "\"");
}

void table_joined(sink *out, const cxm_view *parts, uint32_t count)
{
    sink_text(out, count && is_formula(parts[0].text, parts[0].len) ? "\"'" : "\"");
    for (uint32_t i = 0; i < count; ++i) {
        if (i) sink_text(out, ", ");
        if (parts[i].len) quoted(out, parts[i].text, parts[i].len);
        else sink_text(out, "(blank)");
    }
    sink_text(out, "\"");
}

void table_number(sink *out, double value, bool exists)
{
    sink_text(out, ",");
    if (exists && value == value) sink_number(out, value);
}

static void time_cell(const score_run *run, sink *out, int64_t at_us, bool exists)
{
    char text[CXM_TEXT_TIME_MAX];
    size_t len = 0;
    sink_text(out, ",");
    if (exists && cxm_text_from_time(at_us, run->zone_s, text, sizeof text, &len) == CXM_OK)
        sink_bytes(out, text, len);
}

static void header(const score_run *run, sink *out)
{
    sink_text(out, "metric,");
    for (int i = 0; i < run->name_count; ++i) {
        table_text(out, run->names[i].text, run->names[i].len);
        sink_text(out, ",");
    }
    if (run->opt->metric == METRIC_LABELS) {
        sink_text(out, "is_total,from,to,complete,n,label,is_other_labels,count,share,method,level,low,high,se,net,net_low,net_high,"
                       "missing,out_of_range,is_other\n");
        return;
    }
    sink_text(out, "is_total,from,to,complete,n,value,method,level,low,high,se,top,middle,bottom,top_share,"
                   "bottom_share,net,mean,sd,rescaled,missing,unparsed,out_of_range,is_other");
    if (weights_asked(run->told)) sink_text(out, ",n_eff,deff,deff_kish,sum_weights,df");
    sink_text(out, run->with_changes ? ",change,change_low,change_high,change_p\n" : "\n");
}

void table_place(const score_run *run, const cxm_engine_result *slot, sink *out)
{
    for (int i = 0; i < run->name_count; ++i) {
        bool told = slot->segment_count && !slot->is_other;
        if (told) table_text(out, slot->segments[i].text, slot->segments[i].len);
        sink_text(out, ",");
    }
    sink_format(out, "%d", slot->segment_count == 0);
    time_cell(run, out, slot->from_us, slot->has_window);
    time_cell(run, out, slot->to_us, slot->has_window);
    sink_format(out, slot->has_window ? ",%d" : ",", slot->complete);
}

void table_change(const scored_result *r, sink *out)
{
    table_number(out, r->change.difference, r->has_change);
    table_number(out, r->change.low, r->has_change);
    table_number(out, r->change.high, r->has_change);
    table_number(out, r->change.p, r->has_change);
}

static void weight_cells(const cxm_weighted_summary *s, sink *out)
{
    bool some = s->sum_weights > 0.0;
    table_number(out, s->kish_n_eff, some);
    table_number(out, s->deff, some);
    table_number(out, s->kish_deff, some);
    table_number(out, s->sum_weights, true);
    table_number(out, s->df, some);
}

static void value_cells(const scored_result *r, sink *out)
{
    const cxm_scale_summary *s = &r->sum;
    bool some = r->status == CXM_OK, limits = some && s->interval_status == CXM_OK;
    sink_format(out, ",%llu", (unsigned long long)s->n);
    table_number(out, s->value, some);
    sink_format(out, ",%s", limits ? cxm_interval_name(s->method) : "");
    table_number(out, s->level, limits);
    table_number(out, s->low, limits);
    table_number(out, s->high, limits);
    table_number(out, s->se, some);
    sink_format(out, ",%llu,%llu,%llu", (unsigned long long)s->top, (unsigned long long)s->middle, (unsigned long long)s->bottom);
    table_number(out, s->top_share, some);
    table_number(out, s->bottom_share, some);
    table_number(out, s->net, some);
    table_number(out, s->mean, some);
    table_number(out, s->sd, some);
    table_number(out, s->rescaled, some);
    sink_format(out, ",%llu,%llu,%llu,%d", (unsigned long long)s->missing, (unsigned long long)s->unparsed,
                (unsigned long long)s->out_of_range, (int)r->slot.is_other);
}

/* What each row of a result repeats, behind its own cells. */
static void net_cells(const scored_result *r, sink *out)
{
    bool net = r->net_status == CXM_OK;
    table_number(out, r->net.value, net);
    table_number(out, r->net.low, net);
    table_number(out, r->net.high, net);
    sink_format(out, ",%llu,%llu,%d\n", (unsigned long long)r->labels.missing, (unsigned long long)r->labels.out_of_range,
                (int)r->slot.is_other);
}

static void label_row(const score_run *run, const scored_result *r, const cxm_label_share *share, sink *out)
{
    bool limits = r->labels.interval_status == CXM_OK;
    sink_format(out, "%s,", metric_name(run->opt->metric));
    table_place(run, &r->slot, out);
    sink_format(out, ",%llu,", (unsigned long long)r->labels.n);
    if (!share->is_other) table_text(out, share->text, share->len);
    sink_format(out, ",%d,%llu", (int)share->is_other, (unsigned long long)share->count);
    table_number(out, share->share, true);
    sink_format(out, ",%s", limits ? cxm_interval_name(r->labels.method) : "");
    table_number(out, r->labels.level, limits);
    table_number(out, share->low, limits);
    table_number(out, share->high, limits);
    table_number(out, share->se, true);
    net_cells(r, out);
}

/* A result without labels has one row all the same: its account. */
static void label_rows(const score_run *run, const scored_result *r, sink *out)
{
    cxm_label_share share = {.size = sizeof share};
    while (labels_next(run, r, &share)) label_row(run, r, &share, out);
    if (r->labels.n) return;
    sink_format(out, "%s,", metric_name(run->opt->metric));
    table_place(run, &r->slot, out);
    sink_text(out, ",0,,,,,,,,,");
    net_cells(r, out);
}

void table_score(score_run *run, sink *out)
{
    scored_result r;
    header(run, out);
    while (score_next(run, &r)) {
        if (r.slot.labels) {
            label_rows(run, &r, out);
            continue;
        }
        sink_format(out, "%s,", metric_name(run->opt->metric));
        table_place(run, &r.slot, out);
        value_cells(&r, out);
        if (r.weights) weight_cells(r.weights, out);
        if (run->with_changes) table_change(&r, out);
        sink_text(out, "\n");
    }
}
