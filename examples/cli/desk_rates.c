/* SPDX-License-Identifier: MIT */
/* desk_rates.c - rates of tickets by segment and window, in the places that the engine made for the tickets themselves.
 *
 * What a customer's tickets say together is told over all of them, whatever the range: one that came again outside of it came
 * again. A backlog is of every ticket of the segment that was open at a window's end, also one created before the first.    */
#include "desk.h"
#include <stdlib.h>
#include <string.h>

static const int64_t SHORT_US = INT64_C(5000000);
enum { FILLED = 1 << 16 };              /* groups up to which windows without a ticket are told */

/* --- contacts --- */

static int by_tag(const void *a, const void *b)
{
    const cxm_ticket_contact *x = a, *y = b;
    return (x->tag > y->tag) - (x->tag < y->tag);
}

static bool keep_contact(desk *d, const desk_ticket *t)
{
    void *at = d->contacts;
    if (!desk_grow(&at, &d->contact_room, (d->ticket_count + 1) * sizeof *d->contacts, 256 * sizeof *d->contacts)) return false;
    d->contacts = at;
    d->contacts[d->ticket_count] = (cxm_ticket_contact){
        .tag = d->ticket_count, .customer = t->made->customer ? t->made->customer : t->life.customer, .created_us = t->life.created_us,
        .solved_us = t->life.end == CXM_TICKET_IS_SOLVED ? t->life.ended_us : INT64_MAX, .channel = t->life.channel};
    ++d->ticket_count;
    return true;
}

/* Of each ticket whether its customer came again, in the order of the log. */
cxm_status desk_follow(score_run *run)
{
    desk *d = run->desk;
    desk_ticket t;
    uint64_t cursor = 0;
    while (desk_next(d, &cursor, &t))
        if (!keep_contact(d, &t)) return CXM_E_MEMORY;
    if (d->ticket_count == 0) return CXM_OK;
    cxm_ticket_follow(d->contacts, d->ticket_count, run->opt->repeat_us ? run->opt->repeat_us : DESK_REPEAT_US, d->known_us);
    qsort(d->contacts, d->ticket_count, sizeof *d->contacts, by_tag);
    return CXM_OK;
}

/* --- groups --- */

/* Where the records of tickets themselves are: the blank segment, or that of the only metric. */
static bool is_ticket_slot(const score_run *run, const cxm_engine_result *slot)
{
    cxm_view key = run->streams > run->singles ? (cxm_view){NULL, 0} : run->spans[0].keys[ENDED];
    return slot->segment_count && compare_views(slot->segments[0], key) == 0;
}

static bool add_group(desk *d, cxm_engine_result slot)
{
    void *at = d->groups;
    if (!desk_grow(&at, &d->group_room, (d->group_count + 1) * sizeof *d->groups, 64 * sizeof *d->groups)) return false;
    d->groups = at;
    d->groups[d->group_count++] = (desk_group){.slot = slot, .rates = {.size = sizeof(cxm_ticket_rates)}, .service = {.size = sizeof(cxm_service_counts)}};
    return true;
}

static int compare_segments(const cxm_view *a, const cxm_view *b, uint32_t count)
{
    int order = 0;
    for (uint32_t i = 0; i < count && order == 0; ++i) order = compare_views(a[i], b[i]);
    return order;
}

/* Totals by window, then segments by their bytes, each by window. */
static int by_place(const void *a, const void *b)
{
    const desk_group *x = a, *y = b;
    bool total_x = x->slot.segment_count == 0, total_y = y->slot.segment_count == 0;
    int order = total_x && total_y ? 0 : (int)total_y - (int)total_x;
    if (order == 0 && !total_x) order = compare_segments(x->slot.segments, y->slot.segments, x->slot.segment_count);
    return order ? order : (x->slot.from_us > y->slot.from_us) - (x->slot.from_us < y->slot.from_us);
}

/* A total for each window that a segment has; without segments each group is one. */
static cxm_status make_totals(desk *d)
{
    size_t parts = d->group_count, kept = 0;
    for (size_t i = 0; i < parts; ++i) {
        cxm_engine_result slot = d->groups[i].slot;
        slot.segments = NULL;
        if (slot.segment_count == 0) continue;
        slot.segment_count = 0;
        if (!add_group(d, slot)) return CXM_E_MEMORY;
    }
    if (d->group_count) qsort(d->groups, d->group_count, sizeof *d->groups, by_place);
    for (size_t i = 0; i < d->group_count; ++i)
        if (kept == 0 || by_place(&d->groups[kept - 1], &d->groups[i]) != 0) d->groups[kept++] = d->groups[i];
    d->group_count = kept;
    for (d->total_count = 0; d->total_count < kept && d->groups[d->total_count].slot.segment_count == 0;) ++d->total_count;
    return CXM_OK;
}

/* A window between the first and the last that any ticket was created in. */
typedef struct range { int64_t from_us, to_us; bool complete; } range;

/* All of them, one behind the other; NULL and 0 where there are more than FILLED. */
static range *list_windows(const score_run *run, size_t *count)
{
    const desk *d = run->desk;
    int64_t first = INT64_MAX, last = INT64_MIN;
    range *all = calloc(FILLED, sizeof *all);
    for (size_t i = 0; i < d->group_count; ++i) {
        if (d->groups[i].slot.from_us < first) first = d->groups[i].slot.from_us;
        if (d->groups[i].slot.from_us > last) last = d->groups[i].slot.from_us;
    }
    *count = 0;
    for (int64_t at = first; all && at <= last && *count < FILLED; at = all[*count - 1].to_us) {
        range *w = &all[(*count)++];
        w->complete = true;
        if (cxm_window_of(&run->opt->window, at, &w->from_us, &w->to_us) != CXM_OK) break;
    }
    if (*count && all[*count - 1].from_us >= last) return all;
    *count = 0;
    return all;
}

/* Windows without a ticket of a segment are told, too: its backlog goes on there. */
static cxm_status fill_segment(desk *d, size_t from, size_t to, const range *windows, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        cxm_engine_result slot = d->groups[to - 1].slot;
        bool there = from < to && d->groups[from].slot.from_us == windows[i].from_us;
        from += there;
        if (there) continue;
        slot.from_us = windows[i].from_us;
        slot.to_us = windows[i].to_us;
        slot.complete = windows[i].complete;
        if (!add_group(d, slot)) return CXM_E_MEMORY;
    }
    return CXM_OK;
}

static cxm_status fill_windows(score_run *run)
{
    desk *d = run->desk;
    size_t parts = d->group_count, count = 0, segments = 0;
    cxm_status status = CXM_OK;
    if (!run->opt->has_window || parts == 0) return CXM_OK;
    range *windows = list_windows(run, &count);
    if (!windows) return CXM_E_MEMORY;
    for (size_t i = 0; i < parts; ++i) {
        const cxm_engine_result *slot = &d->groups[i].slot;
        segments += i == 0 || !same_segment(&d->groups[i - 1].slot, slot);
        for (size_t low = 0, high = count; low < high;) {
            size_t middle = low + (high - low) / 2;
            if (windows[middle].from_us == slot->from_us) windows[middle].complete = slot->complete;
            if (windows[middle].from_us < slot->from_us) low = middle + 1;
            else high = middle;
        }
    }
    for (size_t from = 0, to; from < parts && status == CXM_OK && count * segments <= FILLED; from = to) {
        for (to = from + 1; to < parts && same_segment(&d->groups[from].slot, &d->groups[to].slot);) ++to;
        status = fill_segment(d, from, to, windows, count);
    }
    free(windows);
    return status;
}

/* A group for each slot, and their totals. */
static cxm_status make_groups(score_run *run)
{
    cxm_engine_result slot = {.size = sizeof slot};
    cxm_status status = cxm_engine_close(run->engine);
    while (status == CXM_OK && (status = cxm_engine_next(run->engine, &slot)) == CXM_OK) {
        if (!is_ticket_slot(run, &slot)) continue;
        ++slot.segments;
        --slot.segment_count;
        if (!add_group(run->desk, slot)) return CXM_E_MEMORY;
    }
    if (status == CXM_END) status = fill_windows(run);
    return status == CXM_OK ? make_totals(run->desk) : status;
}

/* Groups of one segment, or the totals: which they are among all. */
typedef struct stretch { desk_group *from, *to; } stretch;

/* The first of them that is not before `from_us`. */
static desk_group *first_since(stretch s, int64_t from_us)
{
    while (s.from < s.to) {
        desk_group *middle = s.from + (s.to - s.from) / 2;
        if (middle->slot.from_us < from_us) s.from = middle + 1;
        else s.to = middle;
    }
    return s.from;
}

static stretch totals_of(const desk *d)
{
    return (stretch){d->groups, d->groups + d->total_count};
}

/* Those of a ticket's segments; without segments there are totals alone. */
static stretch segment_of(const desk *d, const cxm_view *segments, uint32_t count)
{
    size_t low = d->total_count, high = d->group_count, end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_segments(d->groups[middle].slot.segments, segments, count) < 0) low = middle + 1;
        else high = middle;
    }
    for (end = low, high = d->group_count; end < high;) {
        size_t middle = end + (high - end) / 2;
        if (compare_segments(d->groups[middle].slot.segments, segments, count) <= 0) end = middle + 1;
        else high = middle;
    }
    return (stretch){d->groups + low, d->groups + end};
}

/* --- what tickets add to them --- */

/* Open as of an instant before its last event. */
static bool is_open_at(const desk *d, const desk_ticket *t, int64_t at_us)
{
    cxm_ticket_life life = {.size = sizeof life};
    return desk_measure(d, &t->item, at_us, NULL, NULL, 0, &life) == CXM_OK && life.end == CXM_TICKET_IS_OPEN;
}

/* Up to its last event a ticket is measured at each window's end; how it stands then it stands in all later ones, so
 * that is noted once, and carried on at the end. */
static void count_backlog(const desk *d, const desk_ticket *t, stretch s, int64_t from_us)
{
    int64_t last = t->item.events[t->item.count - 1].at_us;
    desk_group *g = first_since(s, from_us);
    for (; g < s.to && g->slot.has_window && g->slot.to_us - 1 < d->known_us && g->slot.to_us - 1 < last; ++g) g->backlog += is_open_at(d, t, g->slot.to_us - 1);
    if (g < s.to) g->opens += t->life.end == CXM_TICKET_IS_OPEN;
}

static void carry_on(stretch s)
{
    uint64_t open = 0;
    for (desk_group *g = s.from; g < s.to; ++g) {
        open += g->opens;
        g->backlog += open;
    }
}

static void carry_all(desk *d)
{
    carry_on(totals_of(d));
    for (size_t i = d->total_count; i < d->group_count;) {
        stretch s = segment_of(d, d->groups[i].slot.segments, d->groups[i].slot.segment_count);
        carry_on(s);
        i += (size_t)(s.to - s.from);
    }
}

/* A call: answered in time or late, given up, soon or not, or gone from the queue otherwise. Of one that still waits nothing is known. */
static void count_call(const score_run *run, cxm_service_counts *counts, const cxm_ticket_life *life)
{
    const cxm_ticket_span *reply = &life->clocks[CXM_TICKET_FIRST_REPLY];
    bool answered = reply->state == CXM_TICKET_STOPPED, left = !answered && life->end == CXM_TICKET_IS_ABANDONED;
    counts->answered += answered;
    counts->answered_late += answered && reply->us > run->opt->target_us;
    counts->abandoned += left;
    counts->short_abandoned += left && life->clocks[CXM_TICKET_WAIT].us <= (run->opt->short_us ? run->opt->short_us : SHORT_US);
    counts->flowed_out += !answered && life->end == CXM_TICKET_IS_SOLVED;
}

void desk_add_calls(cxm_service_counts *into, const cxm_service_counts *from)
{
    into->answered += from->answered;
    into->answered_late += from->answered_late;
    into->abandoned += from->abandoned;
    into->short_abandoned += from->short_abandoned;
    into->flowed_out += from->flowed_out;
}

/* A response rate is of those answered within the period: one that came after the window's end is none of its. */
static bool is_replied_by(const desk *d, const desk_ticket *t, const cxm_engine_result *slot)
{
    cxm_ticket_life life = {.size = sizeof life};
    bool replied = t->life.clocks[CXM_TICKET_FIRST_REPLY].state == CXM_TICKET_STOPPED;
    bool later = slot->has_window && slot->to_us - 1 < d->known_us && t->item.events[t->item.count - 1].at_us >= slot->to_us;
    if (!replied || !later) return replied;
    return desk_measure(d, &t->item, slot->to_us - 1, NULL, NULL, 0, &life) == CXM_OK && life.clocks[CXM_TICKET_FIRST_REPLY].state == CXM_TICKET_STOPPED;
}

static cxm_status add_to(const score_run *run, desk_group *g, const desk_ticket *t, const cxm_ticket_contact *contact)
{
    if (run->opt->has_target) count_call(run, &g->service, &t->life);
    cxm_status status = cxm_ticket_rates_add(&g->rates, &t->life);
    if (status == CXM_OK && t->life.clocks[CXM_TICKET_FIRST_REPLY].state == CXM_TICKET_STOPPED && !is_replied_by(run->desk, t, &g->slot)) --g->rates.replied;
    return status == CXM_OK ? cxm_ticket_rates_add_contact(&g->rates, contact) : status;
}

/* Into its segment and the total of its window. */
static cxm_status count_ticket(const score_run *run, const desk_ticket *t, const cxm_ticket_contact *contact)
{
    desk *d = run->desk;
    cxm_view segments[CXM_ENGINE_SEGMENTS_MAX];
    cxm_record record = {.at_us = t->life.created_us, .time = CXM_TIME_GIVEN};
    int64_t from = INT64_MIN, to = 0;
    uint32_t count = (uint32_t)run->cols.by_count;
    cxm_status status = CXM_OK;
    desk_segments(d, t->made, count, segments);
    if (run->opt->has_window && cxm_window_of(&run->opt->window, record.at_us, &from, &to) != CXM_OK) return CXM_OK;
    stretch places[2] = {totals_of(d), segment_of(d, segments, count)};
    for (int i = 0; i < 2 && status == CXM_OK; ++i) {
        desk_group *g = first_since(places[i], from);
        count_backlog(d, t, places[i], from);
        bool there = g < places[i].to && (!run->opt->has_window || g->slot.from_us == from);
        if (there && pass_counts(run->opt, &record)) status = add_to(run, g, t, contact);
    }
    d->open += t->life.end == CXM_TICKET_IS_OPEN;
    return status;
}

cxm_status desk_rates(score_run *run)
{
    desk *d = run->desk;
    desk_ticket t;
    uint64_t cursor = 0;
    cxm_status status = make_groups(run);
    if (status != CXM_OK || d->group_count == 0) return status;
    for (size_t i = 0; i < d->ticket_count && status == CXM_OK && desk_next(d, &cursor, &t); ++i) status = count_ticket(run, &t, &d->contacts[i]);
    carry_all(d);
    return status;
}
