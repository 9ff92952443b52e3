/* SPDX-License-Identifier: MIT */
/* desk_print.c - rates of tickets as further results: in JSON and CSV all of them, on the screen those that there are. */
#include "desk.h"
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { REPLIES_PER_SOLVE = CXM_TICKET_RATES, CONTACTS_PER_CUSTOMER, CONTACT_SHARE, CONTACT_GROWTH, LEVEL_ANSWERED, LEVEL_OFFERED, LEVEL_ALL,
       BACKLOG, MEASURES };

/* One figure of a group. */
typedef struct figure {
    const char *name, *why;     /* why it has no value; NULL: it has */
    const char *between;        /* "44 of 493"; NULL: the value says all */
    const char *method;         /* of the limits; NULL: none */
    uint64_t hits, n;
    bool percent;
    int decimals;
    double value, level, low, high;
} figure;

static const char NOTHING[] = "value and interval: nothing stands below the line";

static figure share_figure(const char *name, cxm_status status, const cxm_service_share *share)
{
    return (figure){name, status == CXM_OK ? NULL : NOTHING, "of", status == CXM_OK ? cxm_interval_name(share->interval.method) : NULL, share->hits,
                    share->n, true, 1, share->share, share->interval.level, share->interval.low, share->interval.high};
}

/* The total of the same window. */
static uint64_t all_contacts(const desk *d, const desk_group *g)
{
    for (size_t i = 0; i < d->total_count; ++i)
        if (d->groups[i].slot.from_us == g->slot.from_us) return d->groups[i].rates.received;
    return g->rates.received;
}

static figure contact_share(const score_run *run, const desk_group *g)
{
    cxm_service_share share = {.n = 0};
    uint64_t all = g->slot.segment_count ? all_contacts(run->desk, g) : g->rates.received;
    cxm_status status = cxm_contact_share_of(g->rates.received, all, run->opt->level, &share);
    return share_figure("contact_share", status, &share);
}

static figure contact_rate(const score_run *run, const desk_group *g)
{
    cxm_contact_rate rate = {.contacts = 0};
    cxm_status status = cxm_contact_rate_of(g->rates.received, (double)run->opt->active, run->opt->level, &rate);
    return (figure){"contacts_per_customer", status == CXM_OK ? NULL : NOTHING, "by", cxm_interval_name(rate.interval.method), g->rates.received,
                    run->opt->active, false, 4, rate.rate, rate.interval.level, rate.interval.low, rate.interval.high};
}

/* The window before of the same segment, where both are complete; else NULL. */
static const desk_group *before(const desk *d, const desk_group *g)
{
    const desk_group *b = g - 1;
    bool there = g > d->groups && g < d->groups + d->group_count && g->slot.has_window && b->slot.to_us == g->slot.from_us;
    return there && b->slot.complete && g->slot.complete && same_segment(&b->slot, &g->slot) ? b : NULL;
}

static figure contact_growth(const score_run *run, const desk_group *g)
{
    const desk_group *b = before(run->desk, g);
    cxm_rate_sample now = {g->rates.received, 1.0}, then = {b ? b->rates.received : 0, 1.0};
    cxm_rate_ratio ratio = {.size = sizeof ratio};
    figure f = {.name = "contact_growth", .why = "value and interval: no complete window before", .between = b ? "after" : NULL, .hits = now.events, .n = then.events,
                .percent = true, .decimals = 1};
    if (!b || cxm_compare_rate(&now, &then, CXM_COMPARE_DEFAULT, run->opt->level, &ratio) != CXM_OK) return f;
    f.why = then.events ? NULL : "value and interval: no contact in the window before";
    f.method = "conditional";
    f.value = ratio.change;
    f.level = ratio.level;
    f.low = ratio.change_low;
    f.high = ratio.change_high;
    return f;
}

/* By the three published switches: of the answered; of these and the abandoned, but for the short ones; of all that came. */
static figure service_level(const score_run *run, const desk_group *g, int which)
{
    static const char *const names[] = {"service_level_answered", "service_level_offered", "service_level_all"};
    static const uint32_t switches[] = {0, CXM_SERVICE_ABANDONED, CXM_SERVICE_ABANDONED | CXM_SERVICE_SHORT | CXM_SERVICE_FLOWED_OUT};
    cxm_service_level level = {.size = sizeof level};
    cxm_status status = cxm_service_level_of(&g->service, switches[which - LEVEL_ANSWERED], run->opt->level, &level);
    return share_figure(names[which - LEVEL_ANSWERED], status, &level.level);
}

static figure replies_per_solve(const desk_group *g)
{
    figure f = {.name = "replies_per_solve", .why = "value: no ticket is solved", .hits = g->rates.replies, .n = g->rates.solved, .decimals = 2};
    if (cxm_ticket_replies_per_solve(&g->rates, &f.value) == CXM_OK) f.why = NULL;
    return f;
}

static figure figure_of(const score_run *run, const desk_group *g, int which)
{
    cxm_service_share share = {.n = 0};
    switch (which) {
    case REPLIES_PER_SOLVE: return replies_per_solve(g);
    case CONTACTS_PER_CUSTOMER: return contact_rate(run, g);
    case CONTACT_SHARE: return contact_share(run, g);
    case CONTACT_GROWTH: return contact_growth(run, g);
    case LEVEL_ANSWERED: case LEVEL_OFFERED: case LEVEL_ALL: return service_level(run, g, which);
    case BACKLOG: return (figure){.name = "backlog", .hits = g->backlog, .n = g->rates.received, .value = (double)g->backlog};
    default: break;
    }
    cxm_status status = cxm_ticket_rate(&g->rates, which, run->opt->level, &share);
    return share_figure(cxm_ticket_rate_name(which), status, &share);
}

/* What was asked for, or has a meaning: shares of segments, growth of windows. */
static bool is_told(const score_run *run, int which)
{
    if (which == CONTACTS_PER_CUSTOMER) return run->opt->active > 0;
    if (which == CONTACT_SHARE) return run->name_count > 0;
    if (which >= LEVEL_ANSWERED && which <= LEVEL_ALL) return run->desk->rules.queues && run->opt->has_target;
    return which != CONTACT_GROWTH || run->has_window;
}

/* All windows of the total, together; its backlog is that in the end, which may come after the last of them. */
static desk_group whole_of(const score_run *run)
{
    const desk *d = run->desk;
    desk_group all = {.slot = {.size = sizeof all.slot}, .rates = {.size = sizeof all.rates}, .service = {.size = sizeof all.service},
                      .backlog = d->open};
    for (size_t i = 0; i < d->total_count; ++i) {
        cxm_ticket_rates_merge(&all.rates, &d->groups[i].rates);
        desk_add_calls(&all.service, &d->groups[i].service);
    }
    return all;
}

/* --- JSON and CSV --- */

void desk_json_tickets(const score_run *run, sink *out)
{
    const desk *d = run->desk;
    if (!d) return;
    sink_text(out, ",\"tickets\":{\"counted\":");
    sink_count(out, whole_of(run).rates.received);
    json_key_count(out, "uncreated", d->uncreated);
    json_key_count(out, "overfull", d->overfull);
    sink_text(out, "}");
}

static void json_figure(const score_run *run, const desk_group *g, const figure *f, sink *out)
{
    sink_format(out, ",\n{\"metric\":\"%s\",", f->name);
    json_segment(run, &g->slot, out);
    json_window(run, &g->slot, out);
    json_key_count(out, "n", f->n);
    json_key_number(out, "value", f->why ? (double)NAN : f->value);
    if (f->method && !f->why) {
        sink_format(out, ",\"interval\":{\"method\":\"%s\"", f->method);
        json_key_number(out, "level", f->level);
        json_key_number(out, "low", f->low);
        json_key_number(out, "high", f->high);
        sink_text(out, "}");
    } else {
        sink_text(out, ",\"interval\":null");
    }
    json_key_count(out, "count", f->hits);
    if (f->why) sink_format(out, ",\"why\":\"%s\"", f->why);
    sink_text(out, "}");
}

void desk_json(const score_run *run, sink *out)
{
    const desk *d = run->desk;
    for (int which = 0; d && which < MEASURES; ++which)
        for (size_t i = 0; i < d->group_count && is_told(run, which); ++i) {
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
    bool limits = f->method && !f->why;
    sink_format(out, ",%s", limits ? f->method : "");
    table_number(out, f->level, limits);
    table_number(out, f->low, limits);
    table_number(out, f->high, limits);
    table_blank_times(run, f->hits, out);
    sink_text(out, "\n");
}

void desk_table(const score_run *run, sink *out)
{
    const desk *d = run->desk;
    for (int which = 0; d && which < MEASURES; ++which)
        for (size_t i = 0; i < d->group_count && is_told(run, which); ++i) {
            figure f = figure_of(run, &d->groups[i], which);
            table_figure(run, &d->groups[i], &f, out);
        }
}

/* --- the screen --- */

static void number_text(const figure *f, double value, char out[TEXT])
{
    if (value - value != 0.0) snprintf(out, TEXT, "none");       /* infinite */
    else screen_fixed(f->percent ? 100.0 * value : value, f->decimals, false, f->percent ? " %" : "", out);
}

static void value_text(const figure *f, char out[TEXT])
{
    if (f->why) snprintf(out, TEXT, "none");
    else number_text(f, f->value, out);
}

static void limits_text(const figure *f, char out[TEXT * 2 + 8])
{
    char low[TEXT], high[TEXT];
    out[0] = '\0';
    if (!f->method || f->why) return;
    number_text(f, f->low, low);
    number_text(f, f->high, high);
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
    if (f->between) {
        sink_text(s->out, "   ");
        screen_pad(s, s->limits_width - (int)strlen(limits));
        sink_text(s->out, limits);
        sink_text(s->out, "   ");
        screen_pad(s, s->n_width - screen_count_width(f->hits));
        print_count(s->out, f->hits);
        sink_format(s->out, " %s ", f->between);
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
        for (size_t i = 0; i < d->group_count && is_told(s->run, which); ++i) {
            figure f = figure_of(s->run, &d->groups[i], which);
            screen_widen(&s->label_width, (int)strlen(f.name));
            screen_widen(&s->label_width, group_label(s->run, &d->groups[i], label, sizeof label));
            value_text(&f, text);
            screen_widen(&s->value_width, (int)strlen(text));
            limits_text(&f, text);
            screen_widen(&s->limits_width, (int)strlen(text));
            if (f.between) screen_widen(&s->n_width, screen_count_width(f.hits));
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
    if (!all->received) sink_text(s->out, "; none was created in the range");
    if (d->uncreated) sink_format(s->out, "; %llu without a creation %s left out", (unsigned long long)d->uncreated, d->uncreated == 1 ? "is" : "are");
    if (d->overfull) sink_format(s->out, "; %llu with too many events", (unsigned long long)d->overfull);
    sink_text(s->out, "\n");
}

/* A figure of all, and of each segment and window below. */
static void print_measure(const screen *s, const desk *d, const desk_group *all, int which)
{
    char label[LABEL_MAX * 4 + 8];
    const desk_group *above = NULL;
    figure whole = figure_of(s->run, all, which);
    if ((whole.n == 0 && which != CONTACT_GROWTH) || !is_told(s->run, which)) return;
    if (which == CONTACT_GROWTH) sink_format(s->out, "%s\n", whole.name);
    else print_figure(s, whole.name, (int)strlen(whole.name), &whole);
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
    if (!d) return;
    desk_group all = whole_of(run);
    print_tickets(&s, d, &all.rates);
    if (!d->group_count) return;
    measure(&s, d);
    for (int which = 0; which < MEASURES; ++which) print_measure(&s, d, &all, which);
}
