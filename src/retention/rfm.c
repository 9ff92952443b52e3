/* SPDX-License-Identifier: MIT */
/* rfm.c - the purchases of one customer, day by day.
 *
 * Purchases come in the order of time, so those of a day stand together. A customer has at most 2^20 of at most 10^12, so no sum
 * of money leaves 64 bits.                                                                            */
#include "base/port.h"
#include <cxm/rfm.h>
#include "base/sized.h"
#include "retention/item.h"

_Static_assert(sizeof(cxm_rfm_split) == 24 && sizeof(cxm_rfm) == 72, "a struct of rfm grew");

static cxm_status check(const cxm_customer_item *item, const cxm_rfm_split *split, const cxm_rfm *out)
{
    if (!split || !out) return CXM_E_ARG;
    if (!sized_in_ok(split, split->size, sizeof *split, sizeof *split) || out->size < sizeof *out) return CXM_E_ABI;
    if (split->zone_s <= -86400 || split->zone_s >= 86400 || split->holdout_end_us < split->calibration_end_us) return CXM_E_ARG;
    if (!item_is_instant(split->calibration_end_us) || !item_is_instant(split->holdout_end_us)) return CXM_E_ARG;
    return item_check(item);
}

/* From purchase `begin` on, the end of those of its day before `end_us`, and what they cost. */
static size_t day_from(const cxm_customer_item *item, size_t begin, const cxm_rfm_split *split, int64_t end_us, int64_t *money)
{
    int64_t day = item_day(item->purchases[begin].at_us, split->zone_s);
    size_t i = begin;
    *money = 0;
    for (; i < item->purchase_count && item->purchases[i].at_us < end_us; ++i) {
        if (item_day(item->purchases[i].at_us, split->zone_s) != day) break;
        *money += item->purchases[i].amount;
    }
    return i;
}

/* The calibration period; how many purchases lie in it. */
static size_t calibrate(const cxm_customer_item *item, const cxm_rfm_split *split, cxm_rfm *rfm)
{
    int64_t money;
    size_t i = day_from(item, 0, split, split->calibration_end_us, &rfm->first_money);
    rfm->first_day = item_day(item->purchases[0].at_us, split->zone_s);
    rfm->T = (uint32_t)(item_day(split->calibration_end_us - 1, split->zone_s) - rfm->first_day);
    while (i < item->purchase_count && item->purchases[i].at_us < split->calibration_end_us) {
        rfm->t_x = (uint32_t)(item_day(item->purchases[i].at_us, split->zone_s) - rfm->first_day);
        i = day_from(item, i, split, split->calibration_end_us, &money);
        ++rfm->x;
        rfm->paid += money > 0;
        rfm->money += money;
    }
    return i;
}

static void hold_out(const cxm_customer_item *item, size_t i, const cxm_rfm_split *split, cxm_rfm *rfm)
{
    int64_t money;
    while (i < item->purchase_count && item->purchases[i].at_us < split->holdout_end_us) {
        i = day_from(item, i, split, split->holdout_end_us, &money);
        ++rfm->x_star;
        rfm->money_star += money;
    }
    rfm->holdout_days = (uint32_t)(item_day(split->holdout_end_us - 1, split->zone_s) - item_day(split->calibration_end_us - 1, split->zone_s));
}

cxm_status cxm_rfm_of(const cxm_customer_item *item, const cxm_rfm_split *split, cxm_rfm *out)
{
    cxm_status status = check(item, split, out);
    if (status != CXM_OK) return status;
    if (item->purchase_count == 0 || item->purchases[0].at_us >= split->calibration_end_us) return CXM_E_EMPTY;
    cxm_rfm rfm = {.size = out->size};
    size_t after = calibrate(item, split, &rfm);
    hold_out(item, after, split, &rfm);
    *out = rfm;
    return CXM_OK;
}
