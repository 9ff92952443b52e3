/* SPDX-License-Identifier: MIT */
/* cohort_next.c - the triangle cell by cell. The cursor is the cohort's number times 2^32, and the age. */
#include "base/port.h"
#include "retention/cohort_parts.h"
#include <cxm/interval.h>
#include <math.h>

_Static_assert(sizeof(cxm_cohort_cell) == 144, "cxm_cohort_cell grew");

enum { AGE_BITS = 32 };

static uint64_t count_of(const cohort_cell *cell, int32_t reading)
{
    return reading == CXM_COHORT_AT_END ? cell->at_end : cell->any;
}

static wide money_of(const cohort_cell *cell, int32_t reading)
{
    return reading == CXM_COHORT_AT_END ? cell->end_money : cell->any_money;
}

/* Limits only of a part of n0. After removals of strangers n may pass n0 without any `outside`. */
static void write_limits(cxm_cohort_cell *out, double level)
{
    cxm_interval limits = {.size = sizeof limits, .low = (double)NAN, .high = (double)NAN};
    out->interval_status = out->missing || out->n0 ? CXM_E_UNDEFINED : CXM_E_EMPTY;
    if (!out->missing && out->n0 && out->outside == 0 && out->n <= out->n0)
        out->interval_status = cxm_share_interval(out->n, out->n0, CXM_INTERVAL_WILSON, level, &limits);
    out->low = limits.low;
    out->high = limits.high;
}

static void write_counts(const cohort_cell *cells, uint32_t age, int32_t reading, cxm_cohort_cell *out)
{
    wide money = money_of(&cells[age], reading);
    double first = wide_to_double(money_of(&cells[0], reading));
    out->n0 = count_of(&cells[0], reading);
    out->n = count_of(&cells[age], reading);
    out->outside = reading == CXM_COHORT_AT_END ? cells[age].outside : 0;
    if (out->n0) out->retention = (double)out->n / (double)out->n0;
    out->revenue_high = money.high;
    out->revenue_low = money.low;
    out->revenue = wide_to_double(money);
    if (first > 0.0) out->revenue_retention = out->revenue / first;
}

static void write_cell(const cxm_cohort *c, uint32_t cohort, uint32_t age, int32_t reading, double level, cxm_cohort_cell *out)
{
    double none = (double)NAN;
    const cohort_row *row = &c->rows[cohort];
    *out = (cxm_cohort_cell){.size = out->size, .missing = cohort + age >= c->calendar.complete, .start_us = c->edges[cohort],
                             .end_us = c->edges[cohort + 1], .from_us = c->edges[cohort + age], .to_us = c->edges[cohort + age + 1],
                             .age = age, .customers = row->size, .retention = none, .revenue = none, .revenue_retention = none};
    if (out->missing && cohort < c->calendar.complete) out->n0 = count_of(&row->cells[0], reading);
    if (!out->missing) write_counts(row->cells, age, reading, out);
    write_limits(out, level);
}

cxm_status cxm_cohort_next(const cxm_cohort *c, int32_t reading, double level, uint64_t *cursor, cxm_cohort_cell *out)
{
    if (!c || !cursor || !out || !(level >= 0.0 && level < 1.0)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (reading != CXM_COHORT_AT_END && reading != CXM_COHORT_ANY) return CXM_E_METHOD;
    uint64_t cohort = *cursor >> AGE_BITS, age = *cursor & UINT32_MAX, count = c->calendar.count;
    while (cohort < count && (c->rows[cohort].size == 0 || age >= count - cohort)) {
        ++cohort;
        age = 0;
    }
    if (cohort >= count) return CXM_END;
    write_cell(c, (uint32_t)cohort, (uint32_t)age, reading, level == 0.0 ? 0.95 : level, out);
    *cursor = (cohort << AGE_BITS) + age + 1;
    return CXM_OK;
}
