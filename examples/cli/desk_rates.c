/* SPDX-License-Identifier: MIT */
/* desk_rates.c - rates of tickets by segment and window, in the places that the engine made for the tickets themselves.
 *
 * What a customer's tickets say together is told over all of them, whatever the range: one that came again outside of it came
 * again. A backlog is of every ticket of the segment that was open at a window's end, also one created before the first.    */
#include "desk.h"
#include <stdlib.h>
#include <string.h>

static const int64_t WEEK_US = 7 * INT64_C(86400000000), SHORT_US = INT64_C(5000000);

/* --- contacts --- */

static int by_tag(const void *a, const void *b)
{
    const cxm_ticket_contact *x = a, *y = b;
    return (x->tag > y->tag) - (x->tag < y->tag);
}

/* Of each ticket whether its customer came again within --repeat-within, in the order of the log. */
static cxm_status follow_customers(score_run *run)
{
    desk *d = run->desk;
    desk_ticket t;
    uint64_t cursor = 0;
    d->contacts = calloc(d->ticket_count + 1, sizeof *d->contacts);
    if (!d->contacts) return CXM_E_MEMORY;
    for (size_t i = 0; i < d->ticket_count && desk_next(d, &cursor, &t); ++i)
        d->contacts[i] = (cxm_ticket_contact){.tag = i, .customer = t.made->customer ? t.made->customer : t.life.customer, .created_us = t.life.created_us,
                                              .solved_us = t.life.end == CXM_TICKET_IS_SOLVED ? t.life.ended_us : INT64_MAX, .channel = t.life.channel};
    cxm_ticket_follow(d->contacts, d->ticket_count, run->opt->repeat_us ? run->opt->repeat_us : WEEK_US, d->known_us);
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
    desk_group *larger = realloc(d->groups, (d->group_count + 1) * sizeof *larger);
    if (!larger) return false;
    d->groups = larger;
    d->groups[d->group_count++] = (desk_group){.slot = slot, .rates = {.size = sizeof(cxm_ticket_rates)}, .service = {.size = sizeof(cxm_service_counts)}};
    return true;
}

/* A group for each slot, in the engine's order: by segment, then by window. */
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
    return status == CXM_END ? CXM_OK : status;
}

static int compare_segments(const cxm_view *a, const cxm_view *b, uint32_t count)
{
    int order = 0;
    for (uint32_t i = 0; i < count && order == 0; ++i) order = compare_views(a[i], b[i]);
    return order;
}

/* The first group of these segments that is not before `from_us`; totals stand behind all of them. */
static size_t first_group(const desk *d, const cxm_view *segments, int64_t from_us)
{
    size_t low = 0, high = d->group_count - d->total_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const cxm_engine_result *slot = &d->groups[middle].slot;
        int order = compare_segments(slot->segments, segments, slot->segment_count);
        if (order < 0 || (order == 0 && slot->from_us < from_us)) low = middle + 1;
        else high = middle;
    }
    return low;
}

static bool is_of(const desk *d, size_t i, const cxm_view *segments)
{
    return i < d->group_count - d->total_count && compare_segments(d->groups[i].slot.segments, segments, d->groups[i].slot.segment_count) == 0;
}

/* Open as of an instant; what happened since is looked at only where there is any. */
static bool is_open_at(const desk *d, const desk_ticket *t, int64_t at_us)
{
    cxm_ticket_life life = {.size = sizeof life};
    if (t->item.events[t->item.count - 1].at_us <= at_us || at_us >= d->known_us) return t->life.end == CXM_TICKET_IS_OPEN;
    return desk_measure(d, &t->item, at_us, NULL, NULL, 0, &life) == CXM_OK && life.end == CXM_TICKET_IS_OPEN;
}

static void count_open(const desk *d, desk_group *group, const desk_ticket *t)
{
    const cxm_engine_result *slot = &group->slot;
    int64_t end = slot->has_window && slot->to_us - 1 < d->known_us ? slot->to_us - 1 : d->known_us;
    if (t->life.created_us <= end) group->backlog += is_open_at(d, t, end);
}

/* A total counts tickets of its own: in its window there may be none created of their segment. */
static void count_backlog(desk *d, const desk_ticket *t, const cxm_view *segments)
{
    for (size_t i = first_group(d, segments, INT64_MIN); is_of(d, i, segments); ++i) count_open(d, &d->groups[i], t);
    for (size_t i = d->group_count - d->total_count; i < d->group_count; ++i) count_open(d, &d->groups[i], t);
    d->open += t->life.end == CXM_TICKET_IS_OPEN;
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

static cxm_status count_ticket(const score_run *run, const desk_ticket *t, const cxm_ticket_contact *contact)
{
    desk *d = run->desk;
    cxm_view segments[CXM_ENGINE_SEGMENTS_MAX];
    cxm_record record = {.at_us = t->life.created_us, .time = CXM_TIME_GIVEN};
    int64_t from = 0, to = 0;
    desk_segments(d, t->made, (uint32_t)run->cols.by_count, segments);
    count_backlog(d, t, segments);
    if (!pass_counts(run->opt, &record)) return CXM_OK;
    if (run->opt->has_window) cxm_window_of(&run->opt->window, record.at_us, &from, &to);
    size_t i = first_group(d, segments, run->opt->has_window ? from : INT64_MIN);
    if (!is_of(d, i, segments)) return CXM_OK;          /* the engine had no room for it, and said so */
    if (run->opt->has_target) count_call(run, &d->groups[i].service, &t->life);
    cxm_status status = cxm_ticket_rates_add(&d->groups[i].rates, &t->life);
    return status == CXM_OK ? cxm_ticket_rates_add_contact(&d->groups[i].rates, contact) : status;
}

/* --- totals --- */

static int by_place(const void *a, const void *b)
{
    const desk_group *x = a, *y = b;
    bool total_x = x->slot.segment_count == 0, total_y = y->slot.segment_count == 0;
    int order = total_x && total_y ? 0 : (int)total_y - (int)total_x;
    if (order == 0 && !total_x) order = compare_segments(x->slot.segments, y->slot.segments, x->slot.segment_count);
    return order ? order : (x->slot.from_us > y->slot.from_us) - (x->slot.from_us < y->slot.from_us);
}

static desk_group *total_of(desk *d, int64_t from_us)
{
    for (size_t i = d->group_count - d->total_count; i < d->group_count; ++i)
        if (d->groups[i].slot.from_us == from_us) return &d->groups[i];
    return NULL;
}

/* A total for each window that a segment has, behind the segments. */
static cxm_status make_totals(desk *d)
{
    size_t parts = d->group_count;
    for (size_t i = 0; i < parts; ++i) {
        cxm_engine_result slot = d->groups[i].slot;
        if (total_of(d, slot.from_us)) continue;
        slot.segments = NULL;
        slot.segment_count = 0;
        if (!add_group(d, slot)) return CXM_E_MEMORY;
        ++d->total_count;
    }
    return CXM_OK;
}

/* Sums over segments, window by window; then totals come first. */
static cxm_status add_totals(desk *d)
{
    size_t parts = d->group_count - d->total_count;
    cxm_status status = CXM_OK;
    for (size_t i = 0; i < parts && status == CXM_OK; ++i) {
        desk_group *total = total_of(d, d->groups[i].slot.from_us);
        desk_add_calls(&total->service, &d->groups[i].service);
        status = cxm_ticket_rates_merge(&total->rates, &d->groups[i].rates);
    }
    if (d->group_count) qsort(d->groups, d->group_count, sizeof *d->groups, by_place);
    return status;
}

cxm_status desk_rates(score_run *run)
{
    desk *d = run->desk;
    desk_ticket t;
    uint64_t cursor = 0;
    cxm_status status = follow_customers(run);
    if (status == CXM_OK) status = make_groups(run);
    if (status == CXM_OK && run->name_count) status = make_totals(d);
    for (size_t i = 0; i < d->ticket_count && status == CXM_OK && desk_next(d, &cursor, &t); ++i) status = count_ticket(run, &t, &d->contacts[i]);
    if (status == CXM_OK && run->name_count) status = add_totals(d);
    if (!run->name_count) d->total_count = d->group_count;
    return status;
}
