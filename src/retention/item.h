/* SPDX-License-Identifier: MIT */
/* item.h - what every metric of one customer at a time asks of it first: that sums over it fit, and that its times rise. */
#ifndef CXM_RETENTION_ITEM_H
#define CXM_RETENTION_ITEM_H
#include <cxm/customers.h>
#include <stdbool.h>
#include "base/civil.h"

/* The most that all subscriptions of a customer cost a month, and that all its purchases did; below 2^60. */
#define ITEM_MONEY_MAX (CXM_CUSTOMERS_AMOUNT_MAX * CXM_CUSTOMERS_EVENTS_MAX)

static inline bool item_is_instant(int64_t at_us)
{
    return at_us >= CIVIL_US_MIN && at_us <= CIVIL_US_MAX;
}

/* The day of an instant, counted from 1970-01-01 at `zone_s` seconds east of UTC. */
static inline int64_t item_day(int64_t at_us, int32_t zone_s)
{
    int64_t local = at_us + zone_s * INT64_C(1000000);
    return local / CIVIL_US_PER_DAY - (local % CIVIL_US_PER_DAY < 0);
}

static inline bool item_steps_ok(const cxm_customer_item *item)
{
    if (item->step_count == 0) return true;
    if (!item->steps || item->steps[0].amount == 0) return false;
    for (size_t i = 0; i < item->step_count; ++i) {
        const cxm_customer_step *step = &item->steps[i];
        if (!item_is_instant(step->at_us) || step->amount < 0 || step->amount > ITEM_MONEY_MAX) return false;
        if (i && step->at_us <= item->steps[i - 1].at_us) return false;
    }
    return true;
}

static inline bool item_purchases_ok(const cxm_customer_item *item)
{
    if (item->purchase_count == 0) return true;
    if (!item->purchases || item->purchase_count > CXM_CUSTOMERS_EVENTS_MAX) return false;
    for (size_t i = 0; i < item->purchase_count; ++i) {
        const cxm_customer_event *bought = &item->purchases[i];
        if (!item_is_instant(bought->at_us) || bought->amount < 0 || bought->amount > CXM_CUSTOMERS_AMOUNT_MAX) return false;
        if (i && bought->at_us < item->purchases[i - 1].at_us) return false;
    }
    return true;
}

/* CXM_E_ARG or CXM_E_ABI for what is no customer. */
static inline cxm_status item_check(const cxm_customer_item *item)
{
    if (!item) return CXM_E_ARG;
    if (item->size < sizeof *item) return CXM_E_ABI;
    return item_steps_ok(item) && item_purchases_ok(item) ? CXM_OK : CXM_E_ARG;
}

#endif
