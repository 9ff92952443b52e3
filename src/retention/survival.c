/* SPDX-License-Identifier: MIT */
/* survival.c - the life of a histogram of tenures: made, told customers, taken back, merged, subtracted.
 *
 * A customer is two counts: one at its exit, one at its entry when that is late. Who belongs to whom is not kept, as the
 * number at risk at t, entries before t less exits before t, does not need it. Counts that no customers can have come of
 * removals alone; survival_is_whole finds them from the last time down: entries at t or later must be at most as many as
 * exits after t, and since each such set of exits holds the next one, that is enough (P. Hall, J. London Math. Soc. 10, 1935). */
#include "base/port.h"
#include "retention/survival_parts.h"
#include "base/alloc.h"
#include "base/checked.h"
#include <string.h>

_Static_assert(sizeof(cxm_survival_account) == 72, "cxm_survival_account grew");

enum { ROOM_LEAST = 16 };

cxm_status cxm_survival_create(int64_t cap, const cxm_alloc *alloc, cxm_survival **out)
{
    cxm_alloc hook;
    if (!out || cap < 1 || cap > CXM_SURVIVAL_CAP_MAX) return CXM_E_ARG;
    cxm_status status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    cxm_survival *s = alloc_zeroed(&hook, 1, sizeof *s);
    if (!s) return CXM_E_MEMORY;
    s->hook = hook;
    s->cap = (uint64_t)cap;
    *out = s;
    return CXM_OK;
}

void cxm_survival_free(cxm_survival *s)
{
    if (!s) return;
    cxm_alloc hook = s->hook;
    alloc_free(&hook, s->cells, (size_t)s->room * sizeof *s->cells);
    alloc_free(&hook, s, sizeof *s);
}

size_t cxm_survival_bytes_most(int64_t cap)
{
    if (cap < 1 || cap > CXM_SURVIVAL_CAP_MAX) return 0;
    return sizeof(cxm_survival) + ((size_t)cap + 1) * sizeof(survival_cell);
}

size_t cxm_survival_bytes(const cxm_survival *s)
{
    return s ? sizeof *s + (size_t)s->room * sizeof *s->cells : 0;
}

cxm_status survival_reserve(cxm_survival *s, uint64_t room)
{
    if (room <= s->room) return CXM_OK;
    size_t before = (size_t)s->room * sizeof *s->cells, after = (size_t)room * sizeof *s->cells;
    void *cells = s->cells ? s->hook.resize(s->hook.ctx, s->cells, before, after) : s->hook.alloc(s->hook.ctx, after);
    if (!cells) return CXM_E_MEMORY;
    s->cells = cells;
    memset(s->cells + s->room, 0, after - before);
    s->room = room;
    return CXM_OK;
}

/* Room for this time: the next power of two, so that a stream of rising times grows seldom. */
static cxm_status hold(cxm_survival *s, uint64_t time)
{
    uint64_t room = ROOM_LEAST;
    if (time < s->room) return CXM_OK;
    while (room <= time) room *= 2;
    return survival_reserve(s, room <= s->cap + 1 ? room : s->cap + 1);
}

bool survival_is_whole(const cxm_survival *s, uint64_t *late)
{
    uint64_t entries = 0, exits = s->beyond;
    for (uint64_t t = s->room; t-- > 0;) {
        if (!checked_add_u64(entries, s->cells[t].entries, &entries) || entries > exits) return false;
        exits += s->cells[t].events + s->cells[t].censored;
    }
    *late = entries;
    return true;
}

/* --- one customer --- */

static bool is_tenure(int64_t entry, int64_t exit)
{
    return entry >= 0 && (entry < exit || (entry == 0 && exit == 0));
}

static uint64_t at_most(int64_t time, uint64_t cap)
{
    return (uint64_t)time < cap ? (uint64_t)time : cap;
}

/* Where an exit is counted. */
static uint64_t *exit_of(cxm_survival *s, int64_t exit, int32_t event)
{
    if ((uint64_t)exit > s->cap) return &s->beyond;
    survival_cell *cell = &s->cells[exit];
    return event ? &cell->events : &cell->censored;
}

static cxm_status refuse(cxm_survival *s, uint64_t count)
{
    return checked_add_u64(s->refused, count, &s->refused) ? CXM_E_DOMAIN : CXM_E_OVERFLOW;
}

cxm_status cxm_survival_add_count(cxm_survival *s, int64_t entry, int64_t exit, int32_t event, uint64_t count)
{
    uint64_t n, late = 0;
    if (!s || event < 0 || event > 1) return CXM_E_ARG;
    if (!is_tenure(entry, exit)) return refuse(s, count);
    if (count == 0) return CXM_OK;
    if (!checked_add_u64(s->n, count, &n)) return CXM_E_OVERFLOW;
    uint64_t from = at_most(entry, s->cap);
    bool touches = (uint64_t)exit <= s->cap || from > 0;
    cxm_status status = touches ? hold(s, (uint64_t)exit <= s->cap ? (uint64_t)exit : from) : CXM_OK;
    if (status != CXM_OK) return status;
    if (from > 0 && !checked_add_u64(s->cells[from].entries, count, &late)) return CXM_E_OVERFLOW;
    if (from > 0) s->cells[from].entries = late;
    *exit_of(s, exit, event) += count;          /* a part of n, which fits */
    s->n = n;
    return CXM_OK;
}

cxm_status cxm_survival_add(cxm_survival *s, int64_t entry, int64_t exit, int32_t event)
{
    return cxm_survival_add_count(s, entry, exit, event, 1);
}

cxm_status cxm_survival_add_missing(cxm_survival *s)
{
    if (!s) return CXM_E_ARG;
    return checked_add_u64(s->missing, 1, &s->missing) ? CXM_OK : CXM_E_OVERFLOW;
}

cxm_status cxm_survival_remove_missing(cxm_survival *s)
{
    if (!s) return CXM_E_ARG;
    return checked_sub_u64(s->missing, 1, &s->missing) ? CXM_OK : CXM_E_UNDERFLOW;
}

/* Whether so many exits and late entries are there. */
static bool has(cxm_survival *s, uint64_t from, int64_t exit, int32_t event, uint64_t count)
{
    if ((uint64_t)exit <= s->cap && (uint64_t)exit >= s->room) return false;
    if (from > 0 && (from >= s->room || s->cells[from].entries < count)) return false;
    return *exit_of(s, exit, event) >= count;
}

cxm_status cxm_survival_remove_count(cxm_survival *s, int64_t entry, int64_t exit, int32_t event, uint64_t count)
{
    if (!s || event < 0 || event > 1) return CXM_E_ARG;
    if (!is_tenure(entry, exit)) return checked_sub_u64(s->refused, count, &s->refused) ? CXM_E_DOMAIN : CXM_E_UNDERFLOW;
    uint64_t from = at_most(entry, s->cap);
    if (count == 0) return CXM_OK;
    if (!has(s, from, exit, event, count)) return CXM_E_UNDERFLOW;
    if (from > 0) s->cells[from].entries -= count;
    *exit_of(s, exit, event) -= count;
    s->n -= count;
    return CXM_OK;
}

cxm_status cxm_survival_remove(cxm_survival *s, int64_t entry, int64_t exit, int32_t event)
{
    return cxm_survival_remove_count(s, entry, exit, event, 1);
}

/* --- all of another --- */

static uint64_t last_used(const cxm_survival *s)
{
    uint64_t room = s->room;
    while (room > 0 && survival_cell_is_empty(&s->cells[room - 1]) && s->cells[room - 1].entries == 0) --room;
    return room;
}

/* Exits are parts of n, late entries are not once customers were removed that never were there. */
static bool sums_fit(const cxm_survival *a, const cxm_survival *b, uint64_t room)
{
    uint64_t sum;
    if (!checked_add_u64(a->n, b->n, &sum) || !checked_add_u64(a->refused, b->refused, &sum) ||
        !checked_add_u64(a->missing, b->missing, &sum)) return false;
    for (uint64_t t = 0; t < room && t < a->room; ++t)
        if (!checked_add_u64(a->cells[t].entries, b->cells[t].entries, &sum)) return false;
    return true;
}

cxm_status cxm_survival_merge(cxm_survival *into, const cxm_survival *from)
{
    if (!into || !from) return CXM_E_ARG;
    if (into->cap != from->cap) return CXM_E_MISMATCH;
    uint64_t room = last_used(from);
    if (!sums_fit(into, from, room)) return CXM_E_OVERFLOW;
    cxm_status status = room ? hold(into, room - 1) : CXM_OK;
    if (status != CXM_OK) return status;
    for (uint64_t t = 0; t < room; ++t) {
        into->cells[t].events += from->cells[t].events;
        into->cells[t].censored += from->cells[t].censored;
        into->cells[t].entries += from->cells[t].entries;
    }
    into->n += from->n;
    into->beyond += from->beyond;
    into->refused += from->refused;
    into->missing += from->missing;
    return CXM_OK;
}

static bool holds(const cxm_survival *into, const cxm_survival *from, uint64_t room)
{
    bool ok = room <= into->room && into->beyond >= from->beyond && into->refused >= from->refused && into->missing >= from->missing;
    for (uint64_t t = 0; ok && t < room; ++t)
        ok = into->cells[t].events >= from->cells[t].events && into->cells[t].censored >= from->cells[t].censored &&
             into->cells[t].entries >= from->cells[t].entries;
    return ok;
}

cxm_status cxm_survival_subtract(cxm_survival *into, const cxm_survival *from)
{
    if (!into || !from) return CXM_E_ARG;
    if (into->cap != from->cap) return CXM_E_MISMATCH;
    uint64_t room = last_used(from), n = from->n, beyond = from->beyond, refused = from->refused, missing = from->missing;
    if (!holds(into, from, room)) return CXM_E_UNDERFLOW;
    for (uint64_t t = 0; t < room; ++t) {
        const survival_cell away = from->cells[t];      /* they may be the same object */
        into->cells[t].events -= away.events;
        into->cells[t].censored -= away.censored;
        into->cells[t].entries -= away.entries;
    }
    into->n -= n;
    into->beyond -= beyond;
    into->refused -= refused;
    into->missing -= missing;
    return CXM_OK;
}

cxm_status cxm_survival_account_of(const cxm_survival *s, cxm_survival_account *out)
{
    cxm_survival_account sum = {0};
    if (!s || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    for (uint64_t t = 0; t < s->room; ++t) {
        sum.events += s->cells[t].events;
        sum.censored += s->cells[t].censored;
        if (!checked_add_u64(sum.late, s->cells[t].entries, &sum.late)) return CXM_E_OVERFLOW;
    }
    sum.size = out->size;
    sum.cap = s->cap;
    sum.n = s->n;
    sum.beyond = s->beyond;
    sum.refused = s->refused;
    sum.missing = s->missing;
    *out = sum;
    return CXM_OK;
}
