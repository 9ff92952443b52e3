/* SPDX-License-Identifier: MIT */
/* churn_bridge.c - the walk from one definition of churn to the next: which customers each of them counts and the one before does
 * not. What is above the lines is exact; below, from the churn of customers on, stands time, and what gives a sum over days. */
#include "base/port.h"
#include "retention/churn_parts.h"

_Static_assert(sizeof(void *) != 8 || sizeof(cxm_churn_bridge_row) == 40, "cxm_churn_bridge_row grew");

/* What a row changes. */
enum change { NONE, HALF_GROWTH, CAME_BACK, JOINED_AND_LEFT, BACK_AND_LEFT, AGAIN, NEW_BELOW, TIME_BELOW, WITHIN_DAY, DAYS_BELOW };

static const struct { int32_t from, to, change; const char *reason; } steps[] = {
    {CXM_CHURN_LOGO_AVERAGE, CXM_CHURN_LOGO_ENDPOINT, HALF_GROWTH, "customers at the start, not the mean of start and end"},
    {CXM_CHURN_LOGO_ENDPOINT, CXM_CHURN_CHARTMOGUL, NONE, "the same customers by another name"},
    {CXM_CHURN_CHARTMOGUL, CXM_CHURN_PROFITWELL, CAME_BACK, "churned and came back by the end"},
    {CXM_CHURN_PROFITWELL, CXM_CHURN_BAREMETRICS, JOINED_AND_LEFT, "joined and churned within the period"},
    {CXM_CHURN_PROFITWELL, CXM_CHURN_BAREMETRICS, BACK_AND_LEFT, "lost before the period, came back and churned in it"},
    {CXM_CHURN_BAREMETRICS, CXM_CHURN_STRIPE, AGAIN, "second and further churns of a customer"},
    {CXM_CHURN_BAREMETRICS, CXM_CHURN_STRIPE, NEW_BELOW, "new customers below the line"},
    {CXM_CHURN_STRIPE, CXM_CHURN_EXPOSURE, TIME_BELOW, "time at risk, in 30 days of a customer, not customers"},
    {CXM_CHURN_EXPOSURE, CXM_CHURN_SHOPIFY_DAILY, WITHIN_DAY, "churned and came back, or joined and churned, between two ends of days"},
    {CXM_CHURN_EXPOSURE, CXM_CHURN_SHOPIFY_DAILY, DAYS_BELOW, "customers active at the start of each day, weighed by who was lost that day"},
    {CXM_CHURN_SHOPIFY_DAILY, CXM_CHURN_CHARTMOGUL_B2C, NONE, "the same customers by another name"},
};
enum { STEPS = sizeof steps / sizeof *steps };

static double below(const cxm_churn *churn, int32_t rate)
{
    churn_ratio ratio;
    churn_ratio_of(churn, rate, &ratio);
    return ratio.below;
}

static double above_change(const cxm_churn *churn, int32_t change)
{
    const uint64_t *t = churn->sums.tally;
    switch (change) {
    case CAME_BACK: return (double)t[RETURNED];
    case JOINED_AND_LEFT: return (double)t[JOINED_CHURNED];
    case BACK_AND_LEFT: return (double)t[BACK_CHURNED];
    case AGAIN: return (double)t[REPEATED];
    case WITHIN_DAY: return (double)t[DAY_CHURNED] - (double)t[CHURN_COUNT];
    default: return 0.0;
    }
}

static double below_change(const cxm_churn *churn, size_t step)
{
    int32_t change = steps[step].change;
    bool whole = change == HALF_GROWTH || change == NEW_BELOW || change == TIME_BELOW || change == DAYS_BELOW;
    return whole ? below(churn, steps[step].to) - below(churn, steps[step].from) : 0.0;
}

cxm_status cxm_churn_bridge_next(const cxm_churn *churn, uint64_t *cursor, cxm_churn_bridge_row *out)
{
    if (!churn || !cursor || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (*cursor >= STEPS) return CXM_END;
    size_t step = (size_t)(*cursor)++;
    *out = (cxm_churn_bridge_row){.size = out->size, .from = steps[step].from, .to = steps[step].to, .reason = steps[step].reason,
                                  .numerator_change = above_change(churn, steps[step].change), .denominator_change = below_change(churn, step)};
    return CXM_OK;
}
