/* SPDX-License-Identifier: MIT */
/* desk_print.c - rates of tickets as further results: in JSON and CSV all of them, on the screen those that there are. */
#include "desk.h"
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { REPLIES_PER_SOLVE = CXM_TICKET_RATES, BACKLOG, MEASURES };

/* One figure of a group. */
typedef struct figure {
    const char *name, *why;     /* why it has no value; NULL: it has */
    uint64_t n, hits;
    bool is_share, is_count, has_limits;
    double value;
    cxm_interval limits;
} figure;

static figure share_of(const score_run *run, const cxm_ticket_rates *rates, int which)
{
    cxm_service_share share = {.n = 0};
    cxm_status status = cxm_ticket_rate(rates, which, run->opt->level, &share);
    figure f = {cxm_ticket_rate_name(which), status == CXM_OK ? NULL : "value and interval: nothing stands below the line", share.n, share.hits, true,
                false, status == CXM_OK, share.share, share.interval};
    return f;
}

static figure figure_of(const score_run *run, const desk_group *g, int which)
{
    figure f = {.name = "replies_per_solve", .why = "value: no ticket is solved", .n = g->rates.solved, .hits = g->rates.replies};
    if (which < CXM_TICKET_RATES) return share_of(run, &g->rates, which);
    if (which == BACKLOG) return (figure){.name = "backlog", .n = g->rates.received, .hits = g->backlog, .is_count = true, .value = (double)g->backlog};
    if (cxm_ticket_replies_per_solve(&g->rates, &f.value) == CXM_OK) f.why = NULL;
    return f;
}

/* --- JSON and CSV --- */

static void json_figure(const score_run *run, const desk_group *g, const figure *f, sink *out)
{
    cxm_scale_summary sum = {.method = f->limits.method, .level = f->limits.level, .low = f->limits.low, .high = f->limits.high};
    sink_format(out, ",\n{\"metric\":\"%s\",", f->name);
    json_segment(run, &g->slot, out);
    json_window(run, &g->slot, out);
    json_key_count(out, "n", f->n);
    json_key_number(out, "value", f->why ? (double)NAN : f->value);
    json_interval(&sum, f->has_limits, out);
    json_key_count(out, "count", f->hits);
    if (f->why) sink_format(out, ",\"why\":\"%s\"", f->why);
    sink_text(out, "}");
}

void desk_json(const score_run *run, sink *out)
{
    const desk *d = run->desk;
    for (int which = 0; d && which < MEASURES; ++which)
        for (size_t i = 0; i < d->group_count; ++i) {
            figure f = figure_of(run, &d->groups[i], which);
            json_figure(run, &d->groups[i], &f, out);
        }
}

static void table_figure(const score_run *run, const desk_group *g, const figure *f, sink *out)
{
    sink_format(out, "%s,,", f->name);
    table_place(run, &g->slot, out);
    sink_format(out, ",%llu", (unsigned long long)f->n);
    table_number(out, f->value, !f->why);
    sink_format(out, ",%s", f->has_limits ? cxm_interval_name(f->limits.method) : "");
    table_number(out, f->limits.level, f->has_limits);
    table_number(out, f->limits.low, f->has_limits);
    table_number(out, f->limits.high, f->has_limits);
    table_blank_times(run, out);
    sink_text(out, "\n");
}

void desk_table(const score_run *run, sink *out)
{
    const desk *d = run->desk;
    for (int which = 0; d && which < MEASURES; ++which)
        for (size_t i = 0; i < d->group_count; ++i) {
            figure f = figure_of(run, &d->groups[i], which);
            table_figure(run, &d->groups[i], &f, out);
        }
}

/* --- the screen --- */

static void value_text(const figure *f, char out[TEXT])
{
    if (f->why) snprintf(out, TEXT, "none");
    else if (f->is_count) snprintf(out, TEXT, "%.0f", f->value);
    else screen_fixed(f->is_share ? 100.0 * f->value : f->value, f->is_share ? 1 : 2, false, f->is_share ? " %" : "", out);
}

static void limits_text(const figure *f, char out[TEXT * 2 + 8])
{
    char low[TEXT], high[TEXT];
    out[0] = '\0';
    if (!f->has_limits) return;
    screen_fixed(100.0 * f->limits.low, 1, false, " %", low);
    screen_fixed(100.0 * f->limits.high, 1, false, " %", high);
    snprintf(out, TEXT * 2 + 8, "%s .. %s", low, high);
}

static void print_figure(const screen *s, const char *label, int width, const figure *f)
{
    char value[TEXT], limits[TEXT * 2 + 8];
    value_text(f, value);
    limits_text(f, limits);
    print_safe(s->out, label, strlen(label));
    screen_pad(s, s->label_width + 3 - width);
    screen_pad(s, s->value_width - (int)strlen(value));
    screen_paint(s, "1");
    sink_text(s->out, value);
    screen_paint(s, "0");
    if (f->is_share) {
        sink_text(s->out, "   ");
        screen_pad(s, s->limits_width - (int)strlen(limits));
        sink_text(s->out, limits);
        sink_text(s->out, "   ");
        screen_pad(s, s->n_width - screen_count_width(f->hits));
        print_count(s->out, f->hits);
        sink_text(s->out, " of ");
        print_count(s->out, f->n);
    }
    sink_text(s->out, "\n");
}

/* "  email", or "  2026-05-18" below it. */
static int group_label(const score_run *run, const desk_group *g, char *out, size_t cap)
{
    int indent = run->name_count && g->slot.segment_count ? 2 : 0, width = 3;
    memset(out, ' ', 4);
    strcpy(out + 2, "all");
    if (g->slot.segment_count) width = screen_label(&g->slot, out + 2, cap - 2);
    if (!g->slot.has_window) return width + 2;
    screen_window_label(run, g->slot.from_us, out + 2 + indent);
    if (g->slot.segment_count) memset(out, ' ', 4);
    if (!g->slot.complete) strcat(out, " *");
    return (int)strlen(out);
}

static void measure(screen *s, const desk *d)
{
    char label[LABEL_MAX * 4 + 8], text[TEXT * 2 + 8];
    s->label_width = 0;
    s->value_width = s->limits_width = s->n_width = 0;
    for (int which = 0; which < MEASURES; ++which)
        for (size_t i = 0; i < d->group_count; ++i) {
            figure f = figure_of(s->run, &d->groups[i], which);
            screen_widen(&s->label_width, (int)strlen(f.name));
            screen_widen(&s->label_width, group_label(s->run, &d->groups[i], label, sizeof label));
            value_text(&f, text);
            screen_widen(&s->value_width, (int)strlen(text));
            limits_text(&f, text);
            screen_widen(&s->limits_width, (int)strlen(text));
            if (f.is_share) screen_widen(&s->n_width, screen_count_width(f.hits));
        }
}

/* "520 tickets: 493 solved, 11 abandoned, 16 open", of all windows. */
static void print_tickets(const screen *s, const desk *d, const cxm_ticket_rates *all)
{
    sink_text(s->out, "\n");
    print_count(s->out, all->received);
    sink_format(s->out, " ticket%s: ", all->received == 1 ? "" : "s");
    print_count(s->out, all->solved);
    sink_text(s->out, " solved, ");
    print_count(s->out, all->abandoned);
    sink_text(s->out, " abandoned, ");
    print_count(s->out, all->received - all->solved - all->abandoned);
    sink_text(s->out, " open");
    if (d->uncreated) sink_format(s->out, "; %llu without a creation are left out", (unsigned long long)d->uncreated);
    if (d->overfull) sink_format(s->out, "; %llu with too many events", (unsigned long long)d->overfull);
    sink_text(s->out, "\n");
}

/* All windows of the total, together; its backlog is that at the end. */
static desk_group whole_of(const score_run *run)
{
    const desk *d = run->desk;
    desk_group all = {.slot = {.size = sizeof all.slot}, .rates = {.size = sizeof all.rates}};
    for (size_t i = 0; i < d->total_count; ++i) {
        cxm_ticket_rates_merge(&all.rates, &d->groups[i].rates);
        all.backlog = d->groups[i].backlog;
    }
    return all;
}

/* A figure of all, and of each segment and window below. */
static void print_measure(const screen *s, const desk *d, const desk_group *all, int which)
{
    char label[LABEL_MAX * 4 + 8];
    const desk_group *above = NULL;
    figure whole = figure_of(s->run, all, which);
    if (whole.n == 0) return;
    print_figure(s, whole.name, (int)strlen(whole.name), &whole);
    if (!s->run->name_count && !s->run->has_window) return;
    for (size_t i = 0; i < d->group_count; ++i) {
        const desk_group *g = &d->groups[i];
        if (!s->run->has_window && g->slot.segment_count == 0) continue;
        figure f = figure_of(s->run, g, which);
        bool opens = g->slot.has_window && g->slot.segment_count && (!above || !same_segment(&above->slot, &g->slot));
        if (opens) {
            screen_label(&g->slot, label, sizeof label);
            sink_text(s->out, "  ");
            print_safe(s->out, label, strlen(label));
            sink_text(s->out, "\n");
        }
        int width = group_label(s->run, g, label, sizeof label);
        print_figure(s, label, width, &f);
        above = g;
    }
}

void desk_screen(score_run *run, sink *out)
{
    const desk *d = run->desk;
    screen s = screen_of(run, out);
    if (!d || !d->group_count) return;
    desk_group all = whole_of(run);
    measure(&s, d);
    print_tickets(&s, d, &all.rates);
    for (int which = 0; which < MEASURES; ++which) print_measure(&s, d, &all, which);
}
