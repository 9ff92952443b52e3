/* SPDX-License-Identifier: MIT */
/* cohort_row.c - one customer as a row of the triangle: 0 or 1 in each of its cells, and what it paid there.
 *
 * A step holds from its instant up to the next, end not included. It meets the ends of periods that lie in there, its first instant
 * too, and the periods that share any instant with it. Both are runs of neighbours, so a customer costs its steps, its purchases and
 * the periods up to its last. Ends are edges: edge j + 1 ends period j. */
#include "base/port.h"
#include "retention/cohort_parts.h"

/* Of the customer that is being laid out: its cohort, and how many ages are touched so far. */
typedef struct row { const cxm_cohort *c; uint32_t cohort, ages; } row;

/* The cell of a period that is complete and not before the cohort. */
static cohort_cell *cell_of(row *r, uint32_t period)
{
    uint32_t age = period - r->cohort;
    if (age >= r->ages) r->ages = age + 1;
    return &r->c->scratch[age];
}

/* The complete period of an instant, or how many there are. */
static uint32_t period_of(const cxm_cohort *c, int64_t at_us)
{
    return at_us < c->edges[c->calendar.complete] ? cohort_period(&c->calendar, at_us) : c->calendar.complete;
}

/* `amount` a month from `from` up to `to`, not before the cohort's own period. */
static void lay_step(row *r, int64_t from, int64_t to, int64_t amount)
{
    const int64_t *edges = r->c->edges;
    uint32_t complete = r->c->calendar.complete, first = period_of(r->c, from);
    bool ends_one = first > r->cohort && edges[first] == from;
    for (uint32_t j = first; j < complete && edges[j] < to; ++j) cell_of(r, j)->any = 1;
    for (uint32_t j = first - ends_one; j < complete && edges[j + 1] < to; ++j) {
        cohort_cell *cell = cell_of(r, j);
        cell->at_end = 1;
        cell->end_money.low = (uint64_t)amount;
    }
}

static void lay_steps(row *r, const cxm_customer_item *item)
{
    int64_t start = r->c->edges[r->cohort];
    for (size_t i = 0; i < item->step_count; ++i) {
        int64_t from = item->steps[i].at_us, to = i + 1 < item->step_count ? item->steps[i + 1].at_us : INT64_MAX;
        if (from > r->c->calendar.until_us) return;
        if (from < start) from = start;
        if (item->steps[i].amount && from < to) lay_step(r, from, to, item->steps[i].amount);
    }
}

static void lay_purchases(row *r, const cxm_customer_item *item)
{
    int64_t start = r->c->edges[r->cohort], end = r->c->edges[r->c->calendar.complete];
    for (size_t i = 0; i < item->purchase_count && item->purchases[i].at_us < end; ++i) {
        if (item->purchases[i].at_us < start) continue;
        cohort_cell *cell = cell_of(r, cohort_period(&r->c->calendar, item->purchases[i].at_us));
        cell->any = 1;
        cell->any_money.low += (uint64_t)item->purchases[i].amount;     /* below 2^60 a customer */
    }
}

/* Who is not there at the end of age 0 is outside later. */
static void mark_outside(row *r)
{
    if (r->ages == 0 || r->c->scratch[0].at_end) return;
    for (uint32_t age = 1; age < r->ages; ++age) r->c->scratch[age].outside = r->c->scratch[age].at_end;
}

/* INT64_MAX: never. */
static int64_t start_of(const cxm_customer_item *item, int32_t basis)
{
    int64_t step = item->step_count ? item->steps[0].at_us : INT64_MAX;
    int64_t bought = item->purchase_count ? item->purchases[0].at_us : INT64_MAX;
    if (basis == CXM_COHORT_SUBSCRIPTION) return step;
    return basis == CXM_COHORT_PURCHASE || bought < step ? bought : step;
}

cohort_place cohort_lay_out(cxm_cohort *c, const cxm_customer_item *item)
{
    int64_t start = start_of(item, c->calendar.basis);
    if (start == INT64_MAX) return (cohort_place){&c->never, 0, 0};
    if (start < c->calendar.since_us) return (cohort_place){&c->before, 0, 0};
    if (start >= c->calendar.until_us) return (cohort_place){&c->behind, 0, 0};
    row r = {c, cohort_period(&c->calendar, start), 0};
    if (r.cohort < c->calendar.complete) {
        lay_steps(&r, item);
        lay_purchases(&r, item);
        mark_outside(&r);
    }
    return (cohort_place){&c->rows[r.cohort].size, r.cohort, r.ages};
}
