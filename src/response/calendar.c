/* SPDX-License-Identifier: MIT */
/* calendar.c - open time as a difference of one running sum.
 *
 * F(l) is what is open from some Monday long ago up to local time l: whole weeks, the days of this week, the exceptional dates
 * so far, and the openings of this day up to l. As long as the offset from UTC stays the same, local time runs with the
 * instants, so [a, b) is open for F(b + offset) - F(a + offset); a stretch is cut where the offset changes. That is wall
 * membership: each second counts by what the wall clock shows in it.                             */
#include "base/port.h"
#include "base/alloc.h"
#include "base/civil.h"
#include "base/hash.h"
#include "response/calendar_parts.h"

static const int64_t US = 1000000;
enum { WEEK_DAYS = 7 };

/* --- the running sum --- */

/* A day, counted from a Monday before all days, and the time on it. */
typedef struct local { int64_t day, us; } local;

static local local_of(int64_t us)
{
    int64_t shifted = us - (CIVIL_DAY_MIN - WEEK_DAYS) * CIVIL_US_PER_DAY;      /* offsets reach a day below year 1 */
    return (local){shifted / CIVIL_US_PER_DAY, shifted % CIVIL_US_PER_DAY};
}

/* Exceptional dates before a day, counted as in local. */
static uint32_t special_before(const cxm_calendar *c, int64_t day)
{
    int64_t civil = day + CIVIL_DAY_MIN - WEEK_DAYS;
    uint32_t low = 0, count = c->special_count;
    while (count) {
        uint32_t half = count / 2;
        bool before = c->special[low + half].day < civil;
        low = before ? low + half + 1 : low;
        count = before ? count - half - 1 : half;
    }
    return low;
}

static const day_hours *hours_of(const cxm_calendar *c, int64_t day, uint32_t special)
{
    bool is = special < c->special_count && c->special[special].day == day + CIVIL_DAY_MIN - WEEK_DAYS;
    return is ? &c->special[special].hours : &c->week[day % WEEK_DAYS];
}

static int64_t open_on(const cxm_calendar *c, const day_hours *hours, int64_t us)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < hours->count; ++i) {
        const opening *o = &c->openings[hours->first + i];
        int64_t from = o->from * US, to = o->to * US;
        if (us <= from) break;
        sum += (us < to ? us : to) - from;
    }
    return sum;
}

/* F at the beginning of a day. */
static int64_t open_before_day(const cxm_calendar *c, int64_t day, uint32_t special)
{
    int64_t more = special ? c->special[special - 1].more : 0;
    return (day / WEEK_DAYS * c->before[WEEK_DAYS] + c->before[day % WEEK_DAYS] + more) * US;
}

static int64_t open_before(const cxm_calendar *c, int64_t local_us)
{
    local l = local_of(local_us);
    uint32_t special = special_before(c, l.day);
    return open_before_day(c, l.day, special) + open_on(c, hours_of(c, l.day, special), l.us);
}

/* The earliest local time after `from_us` at which F is `sum`, which is more than F there and at most F at `until_us`. */
static int64_t when_open(const cxm_calendar *c, int64_t from_us, int64_t until_us, int64_t sum)
{
    int64_t low = local_of(from_us).day, high = local_of(until_us).day;
    while (low < high) {                                /* the last day at whose beginning F is less */
        int64_t middle = low + (high - low + 1) / 2;
        if (open_before_day(c, middle, special_before(c, middle)) < sum) low = middle;
        else high = middle - 1;
    }
    uint32_t special = special_before(c, low);
    const day_hours *hours = hours_of(c, low, special);
    int64_t left = sum - open_before_day(c, low, special), at = 0;
    for (uint32_t i = 0; i < hours->count; ++i) {
        const opening *o = &c->openings[hours->first + i];
        at = o->from * US + left;
        if (at <= o->to * US) break;
        left -= (o->to - o->from) * US;
    }
    return (low + CIVIL_DAY_MIN - WEEK_DAYS) * CIVIL_US_PER_DAY + at;
}

/* --- over changes of the offset --- */

/* A stretch of one offset: from an instant on, at most to `end`. */
typedef struct stretch { int64_t from, to, shift; } stretch;

static stretch stretch_at(const cxm_calendar *c, int64_t from, int64_t end)
{
    int32_t offset = 0;
    int64_t until = end;
    cxm_zone_offset(c->zone, from, &offset, NULL, &until);
    return (stretch){from, until < end ? until : end, offset * US};
}

static bool is_instant(int64_t us)
{
    return us >= CIVIL_US_MIN && us <= CIVIL_US_MAX;
}

cxm_status cxm_calendar_between(const cxm_calendar *c, int64_t start_us, int64_t end_us, int64_t *open_us)
{
    int64_t sum = 0;
    if (!c || !open_us) return CXM_E_ARG;
    if (!is_instant(start_us) || !is_instant(end_us)) return CXM_E_DOMAIN;
    for (int64_t at = start_us; at < end_us;) {
        stretch s = stretch_at(c, at, end_us);
        sum += open_before(c, s.to + s.shift) - open_before(c, s.from + s.shift);
        at = s.to;
    }
    *open_us = sum;
    return CXM_OK;
}

/* The instant by which so much, more than nothing, was open; it may be the first behind year 9999. */
static cxm_status opened_by(const cxm_calendar *c, int64_t start_us, int64_t open_us, int64_t *due_us)
{
    for (int64_t at = start_us; at <= CIVIL_US_MAX;) {
        stretch s = stretch_at(c, at, CIVIL_US_MAX + 1);
        int64_t before = open_before(c, s.from + s.shift), there = open_before(c, s.to + s.shift) - before;
        if (open_us <= there) {
            *due_us = when_open(c, s.from + s.shift, s.to + s.shift, before + open_us) - s.shift;
            return CXM_OK;
        }
        open_us -= there;
        at = s.to;
    }
    return CXM_E_UNDEFINED;
}

cxm_status cxm_calendar_due(const cxm_calendar *c, int64_t start_us, int64_t open_us, int64_t *due_us)
{
    int64_t due = start_us;
    if (!c || !due_us || open_us < 0) return CXM_E_ARG;
    if (!is_instant(start_us)) return CXM_E_DOMAIN;
    cxm_status status = open_us ? opened_by(c, start_us, open_us, &due) : CXM_OK;
    if (status == CXM_OK && !is_instant(due)) status = CXM_E_UNDEFINED;
    if (status == CXM_OK) *due_us = due;
    return status;
}

/* How long it stays open from a local time on, at most to `end`: openings that meet at midnight are one. */
static int64_t closes_at(const cxm_calendar *c, int64_t from_us, int64_t end_us)
{
    for (int64_t at = from_us; at < end_us;) {
        local l = local_of(at);
        const day_hours *hours = hours_of(c, l.day, special_before(c, l.day));
        int64_t day_us = at - l.us, to = -1;
        for (uint32_t i = 0; i < hours->count; ++i) {
            const opening *o = &c->openings[hours->first + i];
            if (o->from * US <= l.us && l.us < o->to * US) to = o->to * US;
        }
        if (to < 0) return at;
        at = day_us + to;
        if (to < CIVIL_US_PER_DAY) return at < end_us ? at : end_us;
    }
    return end_us;
}

cxm_status cxm_calendar_next(const cxm_calendar *c, int64_t at_us, int32_t *is_open, int64_t *change_us)
{
    int64_t opens;
    if (!c || !is_open || !change_us) return CXM_E_ARG;
    if (!is_instant(at_us)) return CXM_E_DOMAIN;
    cxm_status status = opened_by(c, at_us, 1, &opens);
    *is_open = status == CXM_OK && opens == at_us + 1;
    if (status != CXM_OK) return status;
    if (!*is_open) {
        *change_us = opens - 1;
        return CXM_OK;
    }
    for (int64_t at = at_us; at <= CIVIL_US_MAX;) {
        stretch s = stretch_at(c, at, CIVIL_US_MAX + 1);
        int64_t closes = closes_at(c, s.from + s.shift, s.to + s.shift) - s.shift;
        if (closes < s.to) {
            *change_us = closes;
            return CXM_OK;
        }
        at = s.to;
    }
    return CXM_E_UNDEFINED;
}

/* --- identity --- */

static uint64_t hash_hours(const cxm_calendar *c, uint64_t hash, const day_hours *hours)
{
    hash = hash_u64(hash, hours->count);
    for (uint32_t i = 0; i < hours->count; ++i) {
        const opening *o = &c->openings[hours->first + i];
        hash = hash_u64(hash, (uint64_t)o->from << 32 | (uint64_t)o->to);
    }
    return hash;
}

uint64_t cxm_calendar_hash(const cxm_calendar *c)
{
    const int64_t first = 0, last = INT64_C(4102444800) * US;           /* 1970 to 2100 */
    uint64_t hash = hash_bytes(0, "calendar", 8);
    int64_t shift = INT64_MIN;
    if (!c) return 0;
    for (int i = 0; i < WEEK_DAYS; ++i) hash = hash_hours(c, hash, &c->week[i]);
    for (uint32_t i = 0; i < c->special_count; ++i) hash = hash_hours(c, hash_u64(hash, (uint64_t)c->special[i].day), &c->special[i].hours);
    for (int64_t at = first; at < last;) {
        stretch s = stretch_at(c, at, last);
        if (s.shift != shift) hash = hash_u64(hash_u64(hash, (uint64_t)at), (uint64_t)s.shift);
        shift = s.shift;
        at = s.to;
    }
    return hash;
}

void cxm_calendar_free(cxm_calendar *c)
{
    if (!c) return;
    cxm_alloc hook = c->hook;
    cxm_zone_free(c->zone);
    alloc_free(&hook, c, c->bytes);
}
