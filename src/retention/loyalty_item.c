/* SPDX-License-Identifier: MIT */
/* loyalty_item.c - which counts of a state one customer is in. */
#include "base/port.h"
#include "retention/loyalty_parts.h"
#include "retention/item.h"

static void count(loyalty_one *one, size_t at, uint64_t by)
{
    one->at[one->n] = at;
    one->by[one->n++] = by;
}

/* What a customer bought within the range. */
typedef struct basket { uint64_t purchases, days; int64_t spent, last_us; } basket;

/* Purchases are by time, and what they cost together is below 2^60. */
static basket basket_of(const cxm_loyalty_options *options, const cxm_customer_item *item)
{
    basket b = {0};
    for (size_t i = 0; i < item->purchase_count && item->purchases[i].at_us < options->until_us; ++i) {
        const cxm_customer_event *bought = &item->purchases[i];
        if (bought->at_us < options->since_us) continue;
        b.days += b.purchases == 0 || item_day(bought->at_us, options->zone_s) != item_day(b.last_us, options->zone_s);
        b.last_us = bought->at_us;
        b.spent += bought->amount;
        ++b.purchases;
    }
    return b;
}

static uint32_t tier_of(const cxm_loyalty_options *options, int64_t spent)
{
    uint32_t tier = 0;
    while (tier < options->thresholds && spent >= options->threshold[tier]) ++tier;
    return tier;
}

void loyalty_of_item(const cxm_loyalty_options *options, const cxm_customer_item *item, loyalty_one *out)
{
    basket b = basket_of(options, item);
    uint64_t times = options->by_day ? b.days : b.purchases;
    *out = (loyalty_one){.tier = tier_of(options, b.spent), .money = {0, (uint64_t)b.spent}};
    count(out, LOYALTY_CUSTOMERS, 1);
    count(out, LOYALTY_TIMES + (size_t)(times < CXM_LOYALTY_TIMES_MAX ? times : CXM_LOYALTY_TIMES_MAX), 1);
    if (b.purchases == 0) return;
    uint64_t day = (uint64_t)((options->until_us - 1 - b.last_us) / CIVIL_US_PER_DAY);
    count(out, LOYALTY_PURCHASES, b.purchases);
    count(out, LOYALTY_BUYERS + (size_t)out->tier, 1);
    count(out, LOYALTY_BOUGHT + (size_t)out->tier, b.purchases);
    count(out, day < options->days ? LOYALTY_DAYS + (size_t)day : LOYALTY_BEYOND, 1);
}

/* Whether it paid a monthly amount at any instant of the range, or bought. */
static bool is_active(const cxm_loyalty_options *options, const cxm_customer_item *item)
{
    for (size_t i = 0; i < item->step_count && item->steps[i].at_us < options->until_us; ++i) {
        bool ends_before = i + 1 < item->step_count && item->steps[i + 1].at_us <= options->since_us;
        if (item->steps[i].amount && !ends_before) return true;
    }
    for (size_t i = 0; i < item->purchase_count && item->purchases[i].at_us < options->until_us; ++i)
        if (item->purchases[i].at_us >= options->since_us) return true;
    return false;
}

void loyalty_of_voice(const cxm_loyalty_options *options, const cxm_customer_item *item, size_t voice, loyalty_one *out)
{
    *out = (loyalty_one){0};
    if (!is_active(options, item)) {
        count(out, LOYALTY_ASLEEP, 1);
        return;
    }
    count(out, LOYALTY_TOLD, 1);
    count(out, LOYALTY_VOICE + voice, 1);
}
