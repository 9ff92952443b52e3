/* SPDX-License-Identifier: MIT */
/* ticket_log.c - a table from keys to sorted arrays of events; see ticket_log.h for why nothing depends on their order.
 *
 * Of a ticket with too many events the first `max_events` in order are kept: whichever way they come, an event that is among the
 * first of all was never put out. A life that was lent by take() is dropped at the next call that may change something; its slot
 * stays empty, and once most slots are, those in use move to a new table.                          */
#include "base/port.h"
#include "stream/ticket_log_state.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/sized.h"
#include "response/ticket_parts.h"
#include <string.h>

enum { DEFAULT_EVENTS = 1024, FIRST_EVENTS = 4, LEAST_BYTES = 128 * 1024, FEW_SLOTS = 64 };
static const uint64_t DEFAULT_BYTES = UINT64_C(512) * 1024 * 1024;
static const int64_t DEFAULT_QUIET = INT64_C(30) * 86400 * 1000000;

_Static_assert(sizeof(cxm_ticket_log_options) == 40 && sizeof(cxm_ticket_log_account) == 64, "a log's struct grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_ticket_log_item) == 48, "cxm_ticket_log_item grew");

/* --- life --- */

cxm_status ticket_log_options(const cxm_ticket_log_options *options, cxm_ticket_log_options *out)
{
    cxm_ticket_log_options full = {.size = sizeof full};
    if (options && !sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    if (options) full = *options;
    full.size = sizeof full;
    if (full.max_events == 0) full.max_events = DEFAULT_EVENTS;
    if (full.quiet_us == 0) full.quiet_us = DEFAULT_QUIET;
    if (full.max_bytes == 0) full.max_bytes = DEFAULT_BYTES;
    if (full.max_events > CXM_TICKET_EVENTS_MAX || full.quiet_us < 0 || full.reserved) return CXM_E_ARG;
    *out = full;
    return CXM_OK;
}

static cxm_status make_table(const cxm_ticket_log *log, group **out)
{
    return group_create(&log->hook, sizeof(entity), (log->options.max_bytes - sizeof *log) / 2, log->options.hash_seed, out);
}

cxm_status cxm_ticket_log_create(const cxm_ticket_log_options *options, const cxm_alloc *alloc, cxm_ticket_log **out)
{
    cxm_ticket_log_options full;
    cxm_alloc hook;
    if (!out) return CXM_E_ARG;
    cxm_status status = ticket_log_options(options, &full);
    if (status == CXM_OK) status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    if (full.max_bytes < LEAST_BYTES) return CXM_E_LIMIT;
    cxm_ticket_log *log = alloc_zeroed(&hook, 1, sizeof *log);
    if (!log) return CXM_E_MEMORY;
    log->hook = hook;
    log->options = full;
    log->horizon_us = INT64_MIN;
    status = make_table(log, &log->table);
    if (status != CXM_OK) cxm_ticket_log_free(log);
    else *out = log;
    return status;
}

static void free_events(const cxm_alloc *hook, entity *e)
{
    alloc_free(hook, e->events, e->capacity * sizeof *e->events);
}

void cxm_ticket_log_free(cxm_ticket_log *log)
{
    if (!log) return;
    cxm_alloc hook = log->hook;
    for (size_t i = 0; log->table && i < group_count(log->table); ++i) free_events(&hook, group_data(group_at(log->table, i)));
    group_free(log->table);
    alloc_free(&hook, log, sizeof *log);
}

/* --- one ticket --- */

cxm_status ticket_log_entity(cxm_ticket_log *log, cxm_view key, entity **out)
{
    group_key name = {&key, 1, false, 0};
    group_slot *slot;
    bool is_new;
    cxm_status status = group_slot_of(log->table, &name, &slot, &is_new);
    if (status != CXM_OK) return status;
    log->sorted = log->sorted && !is_new;
    *out = group_data(slot);
    return CXM_OK;
}

/* Doubled, so that adding one by one moves few bytes. */
static uint32_t capacity_for(const cxm_ticket_log *log, const entity *e, uint64_t count)
{
    uint64_t capacity = e->capacity ? e->capacity : FIRST_EVENTS;
    while (capacity < count) capacity *= 2;
    return (uint32_t)(capacity < log->options.max_events ? capacity : log->options.max_events);
}

cxm_status ticket_log_reserve(cxm_ticket_log *log, entity *e, uint64_t count)
{
    const cxm_alloc *hook = &log->hook;
    if (count > log->options.max_events) count = log->options.max_events;
    if (count <= e->capacity) return CXM_OK;
    uint32_t capacity = capacity_for(log, e, count);
    size_t old = e->capacity * sizeof *e->events, bytes = capacity * sizeof *e->events;
    if (!group_charge(log->table, bytes - old)) return CXM_E_LIMIT;
    cxm_ticket_event *events = e->events ? hook->resize(hook->ctx, e->events, old, bytes) : hook->alloc(hook->ctx, bytes);
    if (!events) {
        group_discharge(log->table, bytes - old);
        return CXM_E_MEMORY;
    }
    e->events = events;
    e->capacity = capacity;
    return CXM_OK;
}

/* Events before `event`: mostly all of them, as logs are in the order of time. */
static uint32_t place_of(const entity *e, const cxm_ticket_event *event)
{
    uint32_t low = 0, high = e->count;
    if (high && cxm_ticket_event_compare(&e->events[high - 1], event) < 0) return high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cxm_ticket_event_compare(&e->events[middle], event) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Puts an event where it belongs; there is room, or as many as may be: then the last one leaves. */
static void insert(cxm_ticket_log *log, entity *e, const cxm_ticket_event *event)
{
    uint32_t at = place_of(e, event);
    bool full = e->count == log->options.max_events;
    if (at < e->count && cxm_ticket_event_compare(&e->events[at], event) == 0) return;
    log->overfull += full && !e->overfull;
    e->overfull = e->overfull || full;
    if (at == log->options.max_events) return;
    memmove(&e->events[at + 1], &e->events[at], (e->count - full - at) * sizeof *event);
    e->events[at] = *event;
    log->tickets += e->count == 0;
    log->held += !full;
    e->count += !full;
}

/* What was lent is given back: the first events of an entity go. */
static void drop_given(cxm_ticket_log *log)
{
    if (!log->given) return;
    entity *e = group_data(log->given);
    uint32_t n = (uint32_t)log->given_count;
    log->given = NULL;
    e->count -= n;
    log->held -= n;
    log->taken += n;
    if (e->count) {
        memmove(e->events, e->events + n, e->count * sizeof *e->events);
        return;
    }
    log->overfull -= e->overfull;
    --log->tickets;
    free_events(&log->hook, e);
    group_discharge(log->table, e->capacity * sizeof *e->events);
    *e = (entity){0};
}

/* --- adding and merging --- */

cxm_status cxm_ticket_log_add(cxm_ticket_log *log, const char *key, size_t len, const cxm_ticket_event *event)
{
    entity *e;
    if (!log || (!key && len) || cxm_ticket_event_check(event) != CXM_OK) return CXM_E_ARG;
    if (len > CXM_TICKET_KEY_MAX) return CXM_E_LIMIT;
    drop_given(log);
    if (event->at_us < log->horizon_us) {
        ++log->received;
        ++log->late;
        return CXM_E_DOMAIN;
    }
    cxm_status status = ticket_log_entity(log, (cxm_view){key, len}, &e);
    if (status == CXM_OK) status = ticket_log_reserve(log, e, (uint64_t)e->count + 1);
    if (status != CXM_OK) return status;
    insert(log, e, event);
    ++log->received;
    return CXM_OK;
}

/* Events of a slot that were not lent. */
static cxm_ticket_event *rest_of(const cxm_ticket_log *log, group_slot *slot, uint32_t *count)
{
    entity *e = group_data(slot);
    uint32_t gone = log->given == slot ? (uint32_t)log->given_count : 0;
    *count = e->count - gone;
    return *count ? e->events + gone : NULL;
}

/* All memory that the union needs; an entity that is made for it has no events, and so is not there. */
static cxm_status reserve_union(cxm_ticket_log *into, const cxm_ticket_log *from)
{
    cxm_status status = CXM_OK;
    for (size_t i = 0; i < group_count(from->table) && status == CXM_OK; ++i) {
        group_slot *slot = group_at(from->table, i);
        uint32_t count;
        entity *e;
        if (!rest_of(from, slot, &count)) continue;
        status = ticket_log_entity(into, slot->key.segments[0], &e);
        if (status == CXM_OK) status = ticket_log_reserve(into, e, (uint64_t)e->count + count);
    }
    return status;
}

static void unite(cxm_ticket_log *into, const cxm_ticket_log *from)
{
    for (size_t i = 0; i < group_count(from->table); ++i) {
        group_slot *slot = group_at(from->table, i);
        uint32_t count;
        const cxm_ticket_event *events = rest_of(from, slot, &count);
        entity *e;
        if (!events || ticket_log_entity(into, slot->key.segments[0], &e) != CXM_OK) continue;     /* it was made before */
        for (uint32_t k = 0; k < count; ++k) insert(into, e, &events[k]);
        const entity *theirs = group_data(slot);
        into->overfull += theirs->overfull && !e->overfull;
        e->overfull = e->overfull || theirs->overfull;
    }
}

cxm_status cxm_ticket_log_merge(cxm_ticket_log *into, const cxm_ticket_log *from)
{
    uint64_t received, late, taken;
    if (!into || !from) return CXM_E_ARG;
    if (into->options.max_events != from->options.max_events || into->options.quiet_us != from->options.quiet_us) return CXM_E_MISMATCH;
    drop_given(into);
    uint64_t lent = from->given ? from->given_count : 0;
    if (!checked_add_u64(into->received, from->received, &received) || !checked_add_u64(into->late, from->late, &late) ||
        !checked_add_u64(into->taken, from->taken + lent, &taken)) return CXM_E_OVERFLOW;
    cxm_status status = into == from ? CXM_OK : reserve_union(into, from);
    if (status != CXM_OK) return status;
    if (into != from) unite(into, from);
    into->received = received;
    into->late = late;
    into->taken = taken;
    if (from->horizon_us > into->horizon_us) into->horizon_us = from->horizon_us;
    return CXM_OK;
}

cxm_status cxm_ticket_log_account_of(const cxm_ticket_log *log, cxm_ticket_log_account *out)
{
    if (!log || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    uint64_t lent = log->given ? log->given_count : 0;
    const entity *last = lent ? group_data(log->given) : NULL;
    bool gone = last && last->count == lent;
    *out = (cxm_ticket_log_account){.size = out->size, .received = log->received, .late = log->late, .held = log->held - lent,
                                    .taken = log->taken + lent, .surplus = log->received - log->late - log->held - log->taken,
                                    .tickets = log->tickets - gone, .overfull = log->overfull - (gone && last->overfull)};
    return CXM_OK;
}

/* --- lives --- */

/* Events of the first life of some that rise; `*over` tells whether it has ended. */
static size_t life_length(const cxm_ticket_event *events, size_t n, int64_t quiet_us, bool *over)
{
    int32_t end = CXM_TICKET_IS_OPEN;
    size_t i = 0;
    for (; i < n; ++i) {
        if (i && end != CXM_TICKET_IS_OPEN && events[i].at_us - events[i - 1].at_us > quiet_us) break;
        end = ticket_end_after(end, &events[i]);
    }
    *over = end != CXM_TICKET_IS_OPEN;
    return i;
}

static void fill(const group_slot *slot, const entity *e, size_t first, size_t count, cxm_ticket_log_item *out)
{
    const cxm_view *key = &slot->key.segments[0];
    *out = (cxm_ticket_log_item){out->size, e->overfull, key->text, key->len, e->events + first, count, 0};
}

void ticket_log_settle(cxm_ticket_log *log)
{
    drop_given(log);
    if (log->sorted) return;
    group_sort(log->table, group_compare_segments);
    log->sorted = true;
    log->sweep = 0;
}

/* The cursor is a slot, an event of it and a part, each in its bits. */
enum { EVENT_BITS = 16, PART_BITS = 16 };

bool ticket_log_walk(const cxm_ticket_log *log, uint64_t *cursor, cxm_ticket_log_item *out)
{
    size_t at = (size_t)(*cursor >> (EVENT_BITS + PART_BITS)), first = (size_t)(*cursor >> PART_BITS & 0xFFFF);
    uint64_t part = *cursor & 0xFFFF;
    for (; at < group_count(log->table); ++at, first = 0, part = 0) {
        group_slot *slot = group_at(log->table, at);
        const entity *e = group_data(slot);
        bool over;
        if (first >= e->count) continue;
        size_t count = e->overfull ? e->count : life_length(e->events + first, e->count - first, log->options.quiet_us, &over);
        fill(slot, e, first, count, out);
        out->part = part;
        *cursor = (uint64_t)at << (EVENT_BITS + PART_BITS) | (uint64_t)(first + count) << PART_BITS | (part + 1);
        return true;
    }
    *cursor = (uint64_t)at << (EVENT_BITS + PART_BITS);
    return false;
}

cxm_status cxm_ticket_log_next(cxm_ticket_log *log, uint64_t *cursor, cxm_ticket_log_item *out)
{
    if (!log || !cursor || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (*cursor == 0) ticket_log_settle(log);
    return ticket_log_walk(log, cursor, out) ? CXM_OK : CXM_END;
}

cxm_status cxm_ticket_log_advance(cxm_ticket_log *log, int64_t horizon_us)
{
    if (!log) return CXM_E_ARG;
    if (horizon_us > log->horizon_us) log->horizon_us = horizon_us;
    log->sweep = 0;
    return CXM_OK;
}

/* Whether nothing can come any more that belongs to what ended with this event. */
static bool is_quiet(const cxm_ticket_log *log, const cxm_ticket_event *last)
{
    int64_t until;
    return checked_add_i64(last->at_us, log->options.quiet_us, &until) && until < log->horizon_us;
}

/* Where most slots are empty, those in use move to a new table; false when there was no memory for it. */
static bool shrink(cxm_ticket_log *log)
{
    size_t slots = group_count(log->table);
    if (slots < FEW_SLOTS || log->tickets > slots / 4) return true;
    cxm_ticket_log other = *log;
    bool fits = make_table(log, &other.table) == CXM_OK;
    if (!fits) return false;
    for (size_t i = 0; i < slots && fits; ++i) {
        group_slot *slot = group_at(log->table, i);
        const entity *e = group_data(slot);
        entity *to;
        if (e->capacity == 0) continue;
        fits = ticket_log_entity(&other, slot->key.segments[0], &to) == CXM_OK && group_charge(other.table, e->capacity * sizeof *e->events);
        if (fits) *to = *e;
    }
    group_free(fits ? log->table : other.table);
    if (!fits) return false;
    log->table = other.table;
    log->sorted = false;
    return true;
}

cxm_status cxm_ticket_log_take(cxm_ticket_log *log, cxm_ticket_log_item *out)
{
    if (!log || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    drop_given(log);
    for (; log->sweep < group_count(log->table); ++log->sweep) {
        group_slot *slot = group_at(log->table, log->sweep);
        const entity *e = group_data(slot);
        bool over = false;
        if (e->count == 0) continue;
        size_t count = life_length(e->events, e->count, log->options.quiet_us, &over);
        if (e->overfull) count = e->count;
        if ((!over && !e->overfull) || !is_quiet(log, &e->events[count - 1])) continue;
        fill(slot, e, 0, count, out);
        log->given = slot;
        log->given_count = count;
        return CXM_OK;
    }
    log->sweep = 0;
    return shrink(log) ? CXM_END : CXM_E_MEMORY;
}
