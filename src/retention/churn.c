/* SPDX-License-Identifier: MIT */
/* churn.c - one customer at a time to the counts of a period.
 *
 * A customer is first reckoned by itself: its two ends, its steps in between by the kind of movement, its squares. Only when all
 * of it is within range is it added, or taken away, and its days after it: of them every day with a step is one change of
 * what stands at the next day's start, so a customer costs its steps and not its days.
 *
 * Ranges: amounts of one customer are at most 2^47 and customers fewer than 2^32, so no sum of products passes 2^126; VOLUME is
 * the sum of all money of all customers and is kept below 2^63, so no other sum of money passes it.        */
#include "base/port.h"
#include "retention/churn_parts.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/sized.h"
#include "retention/item.h"
#include <string.h>

_Static_assert(sizeof(cxm_churn_options) == 48 && sizeof(cxm_churn_counts) == 272 && sizeof(cxm_churn_rate) == 96, "a struct of churn grew");

static const int64_t DAY = CIVIL_US_PER_DAY, INACTIVE_UNLESS_TOLD = 30 * CIVIL_US_PER_DAY;
static const uint64_t CUSTOMERS_MOST = UINT32_MAX, VOLUME_MOST = INT64_MAX;

/* --- life --- */

static uint64_t days_of(const cxm_churn_options *o)
{
    return ((uint64_t)(o->to_us - o->from_us) + (uint64_t)DAY - 1) / (uint64_t)DAY;
}

static cxm_status complete(const cxm_churn_options *options, cxm_churn_options *out)
{
    if (!options) return CXM_E_ARG;
    if (!sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    cxm_churn_options full = *options;
    full.size = sizeof full;
    if (full.inactive_us == 0) full.inactive_us = INACTIVE_UNLESS_TOLD;
    bool fits = item_is_instant(full.from_us) && item_is_instant(full.to_us) && full.from_us < full.to_us && full.inactive_us > 0 &&
                full.inactive_us <= CIVIL_US_MAX && days_of(&full) <= CXM_CHURN_DAYS_MAX;
    if (!fits || full.reserved || full.reserved2[0] || full.reserved2[1]) return CXM_E_ARG;
    *out = full;
    return CXM_OK;
}

cxm_status cxm_churn_create(const cxm_churn_options *options, const cxm_alloc *alloc, cxm_churn **out)
{
    cxm_churn_options full;
    cxm_alloc hook;
    if (!out) return CXM_E_ARG;
    cxm_status status = complete(options, &full);
    if (status == CXM_OK) status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    cxm_churn *churn = alloc_zeroed(&hook, 1, sizeof *churn);
    if (!churn) return CXM_E_MEMORY;
    churn->hook = hook;
    churn->options = full;
    churn->days = (uint32_t)days_of(&full);
    churn->day = alloc_zeroed(&hook, (size_t)churn->days + 1, sizeof *churn->day);
    if (!churn->day) {
        cxm_churn_free(churn);
        return CXM_E_MEMORY;
    }
    *out = churn;
    return CXM_OK;
}

void cxm_churn_free(cxm_churn *churn)
{
    if (!churn) return;
    cxm_alloc hook = churn->hook;
    alloc_free(&hook, churn->day, ((size_t)churn->days + 1) * sizeof *churn->day);
    alloc_free(&hook, churn, sizeof *churn);
}

/* --- one customer by itself --- */

/* Steps up to and with `at_us`. */
static size_t steps_until(const cxm_customer_item *item, int64_t at_us)
{
    size_t low = 0, high = item->step_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (item->steps[middle].at_us <= at_us) low = middle + 1;
        else high = middle;
    }
    return low;
}

static uint64_t amount_before(const cxm_customer_item *item, size_t i)
{
    return i ? (uint64_t)item->steps[i - 1].amount : 0;
}

/* One step: which movement, and how much. */
static void count_movement(uint64_t *tally, uint64_t before, uint64_t after, bool first_ever)
{
    int kind = before == 0 ? (first_ever ? FRESH : REACTIVATION) : after == 0 ? CHURN : after > before ? EXPANSION : CONTRACTION;
    if (before == after) return;
    ++tally[kind - 1];                              /* each amount stands behind its count */
    tally[kind] += after > before ? after - before : before - after;
}

_Static_assert(FRESH == FRESH_COUNT + 1 && REACTIVATION == REACTIVATION_COUNT + 1 && EXPANSION == EXPANSION_COUNT + 1 &&
               CONTRACTION == CONTRACTION_COUNT + 1 && CHURN == CHURN_COUNT + 1, "an amount stands elsewhere");

/* Movements within (from, to] and the time at risk; false when gains or losses pass the range. */
static bool count_steps(const cxm_churn *churn, const cxm_customer_item *item, size_t first, size_t behind, churn_sums *own)
{
    uint64_t *tally = own->tally, time = 0, amount = amount_before(item, first);
    int64_t since = churn->options.from_us;
    for (size_t i = first; i < behind; ++i) {
        uint64_t after = (uint64_t)item->steps[i].amount;
        if (after > (uint64_t)CXM_CHURN_AMOUNT_MAX) return false;
        if (amount) time += (uint64_t)(item->steps[i].at_us - since);
        count_movement(tally, amount, after, i == 0);
        if (tally[FRESH] + tally[REACTIVATION] + tally[EXPANSION] > (uint64_t)CXM_CHURN_AMOUNT_MAX) return false;
        if (tally[CHURN] + tally[CONTRACTION] > (uint64_t)CXM_CHURN_AMOUNT_MAX) return false;
        amount = after;
        since = item->steps[i].at_us;
    }
    if (amount) time += (uint64_t)(churn->options.to_us - since);
    own->square[EXPOSURE] = (wide){0, time};
    return true;
}

static void count_ends(uint64_t *tally, uint64_t m0, uint64_t m1)
{
    uint64_t churns = tally[CHURN_COUNT];
    bool starts = m0 > 0, ends = m1 > 0, joins = tally[FRESH_COUNT] > 0, back = !starts && !joins && tally[REACTIVATION_COUNT] > 0;
    tally[START] = starts;
    tally[END] = ends;
    tally[CHURNED] = starts && !ends;
    tally[RETURNED] = starts && ends && churns;
    tally[JOINED] = joins;
    tally[JOINED_CHURNED] = joins && churns;
    tally[BACK] = back;
    tally[BACK_CHURNED] = back && churns;
    tally[REPEATED] = churns ? churns - 1 : 0;
    tally[START_AMOUNT] = m0;
    tally[END_AMOUNT] = m1;
    tally[KEPT] = m1 < m0 ? m1 : m0;
    tally[LATER] = starts ? m1 : 0;
    tally[LOST] = ends ? 0 : m0;
}

/* x m0 for an x with a sign: into the sum above 0 or the one below. */
static void count_product(churn_sums *own, int which, uint64_t plus, uint64_t minus, uint64_t m0)
{
    bool below = minus > plus;
    uint64_t size = below ? minus - plus : plus - minus;
    own->square[which] = wide_product(size, size);
    own->square[which + (below ? 2 : 1)] = wide_product(size, m0);
}

static void count_squares(churn_sums *own, uint64_t m0, uint64_t m1)
{
    const uint64_t *t = own->tally;
    uint64_t loss = m0 - t[KEPT], gross = t[CHURN] + t[CONTRACTION], gain = t[EXPANSION] + t[REACTIVATION];
    uint64_t m1_of_start = m0 ? m1 : 0;
    own->square[M0_M0] = wide_product(m0, m0);
    own->square[M0_M1] = wide_product(m0, m1_of_start);
    own->square[M1_M1] = wide_product(m1_of_start, m1_of_start);
    own->square[LOSS_LOSS] = wide_product(loss, loss);
    own->square[LOSS_M0] = wide_product(loss, m0);
    own->square[GROSS_GROSS] = wide_product(gross, gross);
    own->square[GROSS_M0] = wide_product(gross, m0);
    count_product(own, NET_NET, gross, gain, m0);
    count_product(own, NETB_NETB, gross, t[EXPANSION], m0);
    own->tally[N_GROSS] = m0 || gross;
    own->tally[N_NET] = m0 || gross != gain;
    own->tally[N_NET_BAREMETRICS] = m0 || gross != t[EXPANSION];
    own->tally[VOLUME] = m0 + m1 + t[FRESH] + gross + gain;
}

/* Whether there is a purchase in (at_us - N, at_us]. */
static bool bought(const cxm_customer_item *item, int64_t at_us, int64_t window_us)
{
    size_t low = 0, high = item->purchase_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (item->purchases[middle].at_us <= at_us) low = middle + 1;
        else high = middle;
    }
    return low && item->purchases[low - 1].at_us > at_us - window_us;
}

static void count_purchases(const cxm_churn *churn, const cxm_customer_item *item, uint64_t *tally)
{
    const cxm_churn_options *o = &churn->options;
    tally[BEFORE] = bought(item, o->from_us, o->inactive_us);
    tally[AFTER] = bought(item, o->to_us, o->inactive_us);
    tally[BOTH] = tally[BEFORE] && tally[AFTER];
}

/* --- its days --- */

/* What a day was that had steps: from one amount at its start to another at its end. */
typedef struct day_change { uint64_t number, before, after; bool joined; } day_change;

/* `sign` is 1, or UINT64_MAX to take it back. */
static void put_day(churn_day *day, const day_change *c, uint64_t sign)
{
    churn_day *now = &day[c->number], *next = now + 1;
    next->active += sign * ((uint64_t)(c->after > 0) - (uint64_t)(c->before > 0));
    next->amount += sign * (c->after - c->before);
    if (c->before > c->after) now->lost += sign * (c->before - c->after);
    if (c->before && !c->after) now->churned += sign;
    if (c->joined) now->fresh += sign * c->after;
}

static uint64_t lost_at_night(const day_change *c)
{
    return c->before && !c->after;
}

/* The next day with steps; `*i` goes behind them. */
static day_change next_day(const cxm_churn *churn, const cxm_customer_item *item, size_t *i, size_t behind)
{
    int64_t from_us = churn->options.from_us;
    day_change c = {.number = (uint64_t)(item->steps[*i].at_us - from_us - 1) / (uint64_t)DAY, .before = amount_before(item, *i), .joined = *i == 0};
    for (; *i < behind && (uint64_t)(item->steps[*i].at_us - from_us - 1) / (uint64_t)DAY == c.number; ++*i)
        c.after = (uint64_t)item->steps[*i].amount;
    return c;
}

static void put_days(cxm_churn *churn, const cxm_customer_item *item, size_t first, size_t behind, uint64_t sign)
{
    uint64_t m0 = amount_before(item, first);
    churn->day[0].active += sign * (uint64_t)(m0 > 0);
    churn->day[0].amount += sign * m0;
    for (size_t i = first; i < behind;) {
        day_change c = next_day(churn, item, &i, behind);
        put_day(churn->day, &c, sign);
    }
}

static uint64_t count_days(const cxm_churn *churn, const cxm_customer_item *item, size_t first, size_t behind)
{
    uint64_t churned = 0;
    for (size_t i = first; i < behind;) {
        day_change c = next_day(churn, item, &i, behind);
        churned += lost_at_night(&c);
    }
    return churned;
}

/* --- adding and taking back --- */

/* All that a customer is to the period; false when it is out of range, and then refused is all that it is. */
static bool reckon(const cxm_churn *churn, const cxm_customer_item *item, size_t first, size_t behind, churn_sums *own)
{
    *own = (churn_sums){.tally = {0}};
    uint64_t m0 = amount_before(item, first), m1 = amount_before(item, behind);
    bool fits = m0 <= (uint64_t)CXM_CHURN_AMOUNT_MAX && count_steps(churn, item, first, behind, own);
    if (!fits) {
        *own = (churn_sums){.tally = {[REFUSED] = 1}};
        return false;
    }
    own->tally[CUSTOMERS] = 1;
    count_ends(own->tally, m0, m1);
    count_squares(own, m0, m1);
    count_purchases(churn, item, own->tally);
    own->tally[DAY_CHURNED] = count_days(churn, item, first, behind);
    return true;
}

static bool adds_up(const churn_sums *a, const churn_sums *b)
{
    uint64_t customers = a->tally[CUSTOMERS] + b->tally[CUSTOMERS], volume;
    return customers <= CUSTOMERS_MOST && checked_add_u64(a->tally[VOLUME], b->tally[VOLUME], &volume) && volume <= VOLUME_MOST &&
           a->tally[REFUSED] <= UINT64_MAX - b->tally[REFUSED] && a->tally[REPEATED] <= UINT64_MAX / 2 - b->tally[REPEATED];
}

static void add_sums(churn_sums *to, const churn_sums *more)
{
    for (int i = 0; i < TALLIES; ++i) to->tally[i] += more->tally[i];
    for (int i = 0; i < SQUARES; ++i) to->square[i] = wide_sum(to->square[i], more->square[i]);
}

static bool holds(const churn_sums *all, const churn_sums *part)
{
    for (int i = 0; i < TALLIES; ++i)
        if (all->tally[i] < part->tally[i]) return false;
    for (int i = 0; i < SQUARES; ++i)
        if (wide_below(all->square[i], part->square[i])) return false;
    return true;
}

/* A customer to whom nothing happens within the period: the few sums that it enters, as reckon() would. */
static bool add_quiet(cxm_churn *churn, const cxm_customer_item *item, uint64_t m0)
{
    uint64_t *t = churn->sums.tally, bought_of[TALLIES];
    wide *s = churn->sums.square, square = wide_product(m0, m0);
    bool fits = m0 <= (uint64_t)CXM_CHURN_AMOUNT_MAX && t[CUSTOMERS] < CUSTOMERS_MOST && t[VOLUME] + 2 * m0 <= VOLUME_MOST;
    if (!fits) return false;
    ++t[CUSTOMERS];
    if (item->purchase_count) {
        count_purchases(churn, item, bought_of);
        for (int i = BEFORE; i <= BOTH; ++i) t[i] += bought_of[i];
    }
    if (m0 == 0) return true;
    static const int counts[] = {START, END, N_GROSS, N_NET, N_NET_BAREMETRICS}, sums[] = {START_AMOUNT, END_AMOUNT, KEPT, LATER};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i) ++t[counts[i]];
    for (size_t i = 0; i < sizeof sums / sizeof *sums; ++i) t[sums[i]] += m0;
    for (int i = M0_M0; i <= M1_M1; ++i) s[i] = wide_sum(s[i], square);
    s[EXPOSURE] = wide_sum(s[EXPOSURE], (wide){0, (uint64_t)(churn->options.to_us - churn->options.from_us)});
    t[VOLUME] += 2 * m0;
    ++churn->day[0].active;
    churn->day[0].amount += m0;
    return true;
}

_Static_assert(BOTH == BEFORE + 2 && M1_M1 == M0_M0 + 2, "what is counted together stands apart");

cxm_status cxm_churn_add(cxm_churn *churn, const cxm_customer_item *item)
{
    churn_sums own;
    cxm_status status = churn ? item_check(item) : CXM_E_ARG;
    if (status != CXM_OK) return status;
    size_t first = steps_until(item, churn->options.from_us), behind = steps_until(item, churn->options.to_us);
    if (first == behind && add_quiet(churn, item, amount_before(item, first))) return CXM_OK;
    bool fits = reckon(churn, item, first, behind, &own);
    if (!adds_up(&churn->sums, &own)) return CXM_E_OVERFLOW;
    add_sums(&churn->sums, &own);
    if (fits) put_days(churn, item, first, behind, 1);
    return fits ? CXM_OK : CXM_E_DOMAIN;
}

/* Whether the days have what a customer's steps put there. */
static bool days_hold(const cxm_churn *churn, const cxm_customer_item *item, size_t first, size_t behind)
{
    for (size_t i = first; i < behind;) {
        day_change c = next_day(churn, item, &i, behind);
        const churn_day *day = &churn->day[c.number];
        bool held = day->churned >= lost_at_night(&c) && day->lost >= (c.before > c.after ? c.before - c.after : 0) && day->fresh >= (c.joined ? c.after : 0);
        if (!held) return false;
    }
    return true;
}

cxm_status cxm_churn_remove(cxm_churn *churn, const cxm_customer_item *item)
{
    churn_sums own;
    cxm_status status = churn ? item_check(item) : CXM_E_ARG;
    if (status != CXM_OK) return status;
    size_t first = steps_until(item, churn->options.from_us), behind = steps_until(item, churn->options.to_us);
    bool fits = reckon(churn, item, first, behind, &own);
    if (!holds(&churn->sums, &own) || (fits && !days_hold(churn, item, first, behind))) return CXM_E_UNDERFLOW;
    for (int i = 0; i < TALLIES; ++i) churn->sums.tally[i] -= own.tally[i];
    for (int i = 0; i < SQUARES; ++i) churn->sums.square[i] = wide_minus(churn->sums.square[i], own.square[i]);
    if (fits) put_days(churn, item, first, behind, UINT64_MAX);
    return fits ? CXM_OK : CXM_E_DOMAIN;
}

cxm_status cxm_churn_merge(cxm_churn *into, const cxm_churn *from)
{
    if (!into || !from) return CXM_E_ARG;
    const cxm_churn_options *a = &into->options, *b = &from->options;
    if (a->from_us != b->from_us || a->to_us != b->to_us || a->inactive_us != b->inactive_us) return CXM_E_MISMATCH;
    if (!adds_up(&into->sums, &from->sums)) return CXM_E_OVERFLOW;
    churn_sums more = from->sums;                       /* they may be the same object */
    add_sums(&into->sums, &more);
    for (uint32_t i = 0; i <= into->days; ++i) {
        churn_day *to = &into->day[i];
        const churn_day d = from->day[i];
        *to = (churn_day){to->active + d.active, to->amount + d.amount, to->churned + d.churned, to->lost + d.lost, to->fresh + d.fresh};
    }
    return CXM_OK;
}

/* --- what was counted --- */

static cxm_churn_movement movement(const uint64_t *tally, int amount)
{
    return (cxm_churn_movement){tally[amount - 1], tally[amount]};
}

cxm_status cxm_churn_counts_of(const cxm_churn *churn, cxm_churn_counts *out)
{
    if (!churn || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    const uint64_t *t = churn->sums.tally;
    *out = (cxm_churn_counts){
        .size = out->size, .days = churn->days, .customers = t[CUSTOMERS], .refused = t[REFUSED], .start = t[START], .end = t[END],
        .churned = t[CHURNED], .returned = t[RETURNED], .joined = t[JOINED], .joined_churned = t[JOINED_CHURNED], .back = t[BACK],
        .back_churned = t[BACK_CHURNED], .repeated = t[REPEATED], .day_churned = t[DAY_CHURNED], .active_before = t[BEFORE],
        .active_after = t[AFTER], .active_both = t[BOTH], .fresh = movement(t, FRESH), .reactivation = movement(t, REACTIVATION),
        .expansion = movement(t, EXPANSION), .contraction = movement(t, CONTRACTION), .churn = movement(t, CHURN),
        .start_amount = t[START_AMOUNT], .end_amount = t[END_AMOUNT], .kept_amount = t[KEPT], .later_amount = t[LATER], .lost_amount = t[LOST],
        .exposure_days = wide_to_double(churn->sums.square[EXPOSURE]) / (double)DAY};
    return CXM_OK;
}
