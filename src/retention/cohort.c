/* SPDX-License-Identifier: MIT */
/* cohort.c - the life of a triangle: made, told customers, taken back, merged, subtracted.
 *
 * A customer is laid out as a row of zeros and ones (cohort_row.c), so that adding and removing one is adding and subtracting
 * a row, as merging is of all rows. All sums are checked before any is stored. */
#include "base/port.h"
#include "retention/cohort_parts.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/sized.h"
#include "retention/item.h"
#include <string.h>

_Static_assert(sizeof(cxm_cohort_options) == 56 && sizeof(cxm_cohort_account) == 96, "cxm_cohort grew");

/* --- made --- */

static uint64_t head_bytes(const cohort_calendar *calendar)
{
    return sizeof(cxm_cohort) + calendar->count * sizeof(cohort_row) + (calendar->count + UINT64_C(1)) * sizeof(int64_t) +
           calendar->complete * sizeof(cohort_cell);
}

cxm_status cohort_make(const cohort_calendar *calendar, uint64_t max_bytes, const cxm_alloc *alloc, cxm_cohort **out)
{
    cxm_alloc hook;
    uint64_t bytes = head_bytes(calendar);
    if (max_bytes == 0) max_bytes = COHORT_MAX_BYTES;
    cxm_status status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    if (bytes > max_bytes) return CXM_E_LIMIT;
    cxm_cohort *c = alloc_zeroed(&hook, 1, (size_t)bytes);
    if (!c) return CXM_E_MEMORY;
    c->hook = hook;
    c->calendar = *calendar;
    c->max_bytes = max_bytes;
    c->bytes = bytes;
    c->rows = (cohort_row *)(void *)(c + 1);
    c->edges = (int64_t *)(void *)(c->rows + calendar->count);
    c->scratch = (cohort_cell *)(void *)(c->edges + calendar->count + 1);
    for (uint32_t i = 0; i <= calendar->count; ++i) c->edges[i] = cohort_edge(calendar, i);
    *out = c;
    return CXM_OK;
}

/* CXM_OK, or what create says of such options. */
static cxm_status check_options(const cxm_cohort_options *options, cohort_calendar *calendar)
{
    if (!options) return CXM_E_ARG;
    if (!sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    return cohort_calendar_of(options, calendar);
}

cxm_status cxm_cohort_create(const cxm_cohort_options *options, const cxm_alloc *alloc, cxm_cohort **out)
{
    cohort_calendar calendar;
    if (!out) return CXM_E_ARG;
    cxm_status status = check_options(options, &calendar);
    return status == CXM_OK ? cohort_make(&calendar, options->max_bytes, alloc, out) : status;
}

uint64_t cxm_cohort_bytes_most(const cxm_cohort_options *options)
{
    cohort_calendar calendar;
    if (check_options(options, &calendar) != CXM_OK) return 0;
    uint64_t complete = calendar.complete;
    return head_bytes(&calendar) + complete * (complete + 1) / 2 * sizeof(cohort_cell);
}

void cxm_cohort_free(cxm_cohort *c)
{
    if (!c) return;
    cxm_alloc hook = c->hook;
    uint64_t bytes = head_bytes(&c->calendar);
    for (uint32_t i = 0; i < c->calendar.count; ++i)
        alloc_free(&hook, c->rows[i].cells, cohort_ages(c, i) * sizeof(cohort_cell));
    alloc_free(&hook, c, (size_t)bytes);
}

cxm_status cohort_hold(cxm_cohort *c, uint32_t cohort)
{
    cohort_row *row = &c->rows[cohort];
    if (row->cells || cohort == c->calendar.complete) return CXM_OK;
    uint64_t bytes = cohort_ages(c, cohort) * sizeof *row->cells;
    if (bytes > c->max_bytes - c->bytes) return CXM_E_LIMIT;
    row->cells = alloc_zeroed(&c->hook, cohort_ages(c, cohort), sizeof *row->cells);
    if (!row->cells) return CXM_E_MEMORY;
    c->bytes += bytes;
    return CXM_OK;
}

/* --- rows as a group --- */

static bool fits(uint64_t a, uint64_t b)
{
    return a <= UINT64_MAX - b;
}

/* 1 where a sum passes its type. */
static uint64_t spill(uint64_t a, uint64_t b)
{
    return a + b < b;
}

static uint64_t money_spill(wide a, wide b)
{
    uint64_t high = a.high + b.high;
    return (uint64_t)(high < b.high) | spill(high, spill(a.low, b.low));
}

/* Without a branch a cell: a customer asks this of each of its periods. */
static bool cells_fit(const cohort_cell *a, const cohort_cell *b, uint32_t n)
{
    uint64_t over = 0;
    for (uint32_t i = 0; i < n; ++i)
        over |= spill(a[i].at_end, b[i].at_end) | spill(a[i].outside, b[i].outside) | spill(a[i].any, b[i].any) |
                money_spill(a[i].end_money, b[i].end_money) | money_spill(a[i].any_money, b[i].any_money);
    return over == 0;
}

static void cells_add(cohort_cell *into, const cohort_cell *from, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        into[i].at_end += from[i].at_end;
        into[i].outside += from[i].outside;
        into[i].any += from[i].any;
        into[i].end_money = wide_sum(into[i].end_money, from[i].end_money);
        into[i].any_money = wide_sum(into[i].any_money, from[i].any_money);
    }
}

static bool cells_hold(const cohort_cell *a, const cohort_cell *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i)
        if (a[i].at_end < b[i].at_end || a[i].outside < b[i].outside || a[i].any < b[i].any ||
            wide_below(a[i].end_money, b[i].end_money) || wide_below(a[i].any_money, b[i].any_money)) return false;
    return true;
}

static void cells_take(cohort_cell *into, const cohort_cell *from, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        const cohort_cell away = from[i];       /* they may be the same */
        into[i].at_end -= away.at_end;
        into[i].outside -= away.outside;
        into[i].any -= away.any;
        into[i].end_money = wide_minus(into[i].end_money, away.end_money);
        into[i].any_money = wide_minus(into[i].any_money, away.any_money);
    }
}

/* --- one customer --- */

static cxm_status add_row(cxm_cohort *c, cohort_place place)
{
    cohort_row *row = &c->rows[place.cohort];
    cxm_status status = place.ages ? cohort_hold(c, place.cohort) : CXM_OK;
    if (status != CXM_OK) return status;
    if (c->customers == UINT64_MAX || *place.count == UINT64_MAX || !cells_fit(row->cells, c->scratch, place.ages))
        return CXM_E_OVERFLOW;
    cells_add(row->cells, c->scratch, place.ages);
    ++*place.count;
    ++c->customers;
    return CXM_OK;
}

static cxm_status take_row(cxm_cohort *c, cohort_place place)
{
    cohort_row *row = &c->rows[place.cohort];
    if (*place.count == 0 || (place.ages && !row->cells) || !cells_hold(row->cells, c->scratch, place.ages)) return CXM_E_UNDERFLOW;
    cells_take(row->cells, c->scratch, place.ages);
    --*place.count;
    --c->customers;
    return CXM_OK;
}

static cxm_status tell(cxm_cohort *c, const cxm_customer_item *item, cxm_status (*store)(cxm_cohort *, cohort_place))
{
    if (!c) return CXM_E_ARG;
    cxm_status status = item_check(item);
    if (status != CXM_OK) return status;
    cohort_place place = cohort_lay_out(c, item);
    status = store(c, place);
    memset(c->scratch, 0, place.ages * sizeof *c->scratch);
    return status;
}

cxm_status cxm_cohort_add(cxm_cohort *c, const cxm_customer_item *item)
{
    return tell(c, item, add_row);
}

cxm_status cxm_cohort_remove(cxm_cohort *c, const cxm_customer_item *item)
{
    return tell(c, item, take_row);
}

/* --- all of another --- */

static bool calendars_agree(const cohort_calendar *a, const cohort_calendar *b)
{
    return a->unit == b->unit && a->basis == b->basis && a->zone_s == b->zone_s && a->since_us == b->since_us &&
           a->until_us == b->until_us;
}

/* Also when only a stranger's removal left something there. */
bool cohort_row_is_used(const cxm_cohort *c, uint32_t cohort)
{
    const cohort_row *row = &c->rows[cohort];
    if (row->size || !row->cells) return row->size > 0;
    const unsigned char *bytes = (const unsigned char *)row->cells;
    for (size_t i = 0; i < cohort_ages(c, cohort) * sizeof *row->cells; ++i)
        if (bytes[i]) return true;
    return false;
}

/* How many ages of both hold something. */
static uint32_t common_ages(const cxm_cohort *a, const cxm_cohort *b, uint32_t cohort)
{
    return a->rows[cohort].cells && b->rows[cohort].cells ? cohort_ages(a, cohort) : 0;
}

static bool sums_fit(const cxm_cohort *a, const cxm_cohort *b)
{
    bool ok = fits(a->customers, b->customers) && fits(a->before, b->before) && fits(a->behind, b->behind) && fits(a->never, b->never);
    for (uint32_t i = 0; ok && i < a->calendar.count; ++i)
        ok = fits(a->rows[i].size, b->rows[i].size) && cells_fit(a->rows[i].cells, b->rows[i].cells, common_ages(a, b, i));
    return ok;
}

cxm_status cxm_cohort_merge(cxm_cohort *into, const cxm_cohort *from)
{
    if (!into || !from) return CXM_E_ARG;
    if (!calendars_agree(&into->calendar, &from->calendar)) return CXM_E_MISMATCH;
    if (!sums_fit(into, from)) return CXM_E_OVERFLOW;
    for (uint32_t i = 0; i < into->calendar.count; ++i) {
        cxm_status status = cohort_row_is_used(from, i) ? cohort_hold(into, i) : CXM_OK;
        if (status != CXM_OK) return status;    /* cells of zeros are no change */
    }
    for (uint32_t i = 0; i < into->calendar.count; ++i) {
        cells_add(into->rows[i].cells, from->rows[i].cells, common_ages(into, from, i));
        into->rows[i].size += from->rows[i].size;
    }
    into->customers += from->customers;
    into->before += from->before;
    into->behind += from->behind;
    into->never += from->never;
    return CXM_OK;
}

static bool holds(const cxm_cohort *into, const cxm_cohort *from)
{
    bool ok = into->customers >= from->customers && into->before >= from->before && into->behind >= from->behind &&
              into->never >= from->never;
    for (uint32_t i = 0; ok && i < into->calendar.count; ++i) {
        if (!cohort_row_is_used(from, i)) continue;
        ok = into->rows[i].size >= from->rows[i].size && (into->rows[i].cells || !from->rows[i].cells) &&
             cells_hold(into->rows[i].cells, from->rows[i].cells, common_ages(into, from, i));
    }
    return ok;
}

cxm_status cxm_cohort_subtract(cxm_cohort *into, const cxm_cohort *from)
{
    if (!into || !from) return CXM_E_ARG;
    if (!calendars_agree(&into->calendar, &from->calendar)) return CXM_E_MISMATCH;
    if (!holds(into, from)) return CXM_E_UNDERFLOW;
    uint64_t customers = from->customers, before = from->before, behind = from->behind, never = from->never;
    for (uint32_t i = 0; i < into->calendar.count; ++i) {
        cells_take(into->rows[i].cells, from->rows[i].cells, common_ages(into, from, i));
        into->rows[i].size -= from->rows[i].size;
    }
    into->customers -= customers;
    into->before -= before;
    into->behind -= behind;
    into->never -= never;
    return CXM_OK;
}

cxm_status cxm_cohort_account_of(const cxm_cohort *c, cxm_cohort_account *out)
{
    if (!c || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_cohort_account sum = {.size = out->size, .unit = c->calendar.unit, .basis = c->calendar.basis, .zone_s = c->calendar.zone_s,
                              .since_us = c->calendar.since_us, .until_us = c->calendar.until_us, .customers = c->customers,
                              .before = c->before, .behind = c->behind, .never = c->never, .periods = c->calendar.count,
                              .complete = c->calendar.complete, .bytes = c->bytes};
    for (uint32_t i = 0; i < c->calendar.count; ++i) {
        sum.started += c->rows[i].size;
        sum.cohorts += c->rows[i].size > 0;
    }
    *out = sum;
    return CXM_OK;
}
