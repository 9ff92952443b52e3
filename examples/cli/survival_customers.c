/* SPDX-License-Identifier: MIT */
/* survival_customers.c - customers of a log to tenures: how long each of them was one without a break, from its first start on.
 *
 * A customer is there while it pays anything, whichever of its subscriptions that is for, so periods that touch are one stay. Who
 * comes back after a break has stayed for the first time only once. Tenures are in whole days of the zone, of who is still there up
 * to --until or else to the latest day of the log. At --until nothing later is known.                       */
#include "survival.h"

static int64_t day_of(int64_t at_us, int32_t zone_s)
{
    const int64_t day = INT64_C(86400000000);
    int64_t local = at_us + zone_s * INT64_C(1000000), days = local / day;
    return local % day < 0 ? days - 1 : days;
}

/* The first step to nothing, by which the customer had left; 0 steps: never there. */
static bool first_end(const cxm_customer_item *item, int64_t until_us, int64_t *end_us)
{
    for (size_t i = 1; i < item->step_count; ++i) {
        if (item->steps[i].amount) continue;
        *end_us = item->steps[i].at_us;
        return *end_us < until_us;
    }
    return false;
}

/* `until_us` is not included: without --until it lies behind the latest instant, at which who is still there was seen last. */
static cxm_status take(survival_run *run, const cxm_customer_item *item, int64_t until_us, int64_t seen_us)
{
    crowd *c = run->customers;
    int32_t zone_s = run->base->opt->zone_s;
    const cxm_view *segments = c->segment_count ? c->segments[crowd_segment(c, item->code)].values : NULL;
    int64_t end_us = until_us;
    if (item->step_count == 0 || item->steps[0].at_us >= until_us) return CXM_OK;
    bool left = first_end(item, until_us, &end_us);
    if (!left) end_us = seen_us;
    const stay of = {0.0, (double)(day_of(end_us, zone_s) - day_of(item->steps[0].at_us, zone_s)), 1.0, left};
    return stays_take(run, segments, &of);
}

int survival_of_customers(survival_run *run)
{
    crowd *c = run->customers;
    cxm_customer_item item;
    uint64_t cursor = 0;
    int code = crowd_rows(c);
    int64_t seen_us = run->base->opt->has_until ? run->base->opt->until_us : c->latest_us, until_us = seen_us + !run->base->opt->has_until;
    cxm_status status = CXM_OK;
    while (code == EXIT_FINE && status == CXM_OK && crowd_next(c, &cursor, &item, &code)) status = take(run, &item, until_us, seen_us);
    run->latest_day = day_of(seen_us, run->base->opt->zone_s);
    run->any_day = c->any;
    run->dates = true;
    return code == EXIT_FINE && status != CXM_OK ? pass_failed(run->base, status) : code;
}
