/* SPDX-License-Identifier: MIT */
/* loyalty_summary.c - from counts to shares with limits, tiers, and days since the last purchase. */
#include "base/port.h"
#include "retention/loyalty_parts.h"
#include <cxm/interval.h>
#include <math.h>

_Static_assert(sizeof(cxm_loyalty_share) == 48 && sizeof(cxm_loyalty_summary) == 256, "a result grew");
_Static_assert(sizeof(cxm_loyalty_tier) == 128, "cxm_loyalty_tier grew");

static bool is_level(double level)
{
    return level >= 0.0 && level < 1.0;
}

/* `hits` are part of n. */
static cxm_loyalty_share share_of(uint64_t hits, uint64_t n, double level)
{
    double none = (double)NAN;
    cxm_interval limits = {.size = sizeof limits, .low = none, .high = none};
    cxm_status status = cxm_share_interval(hits, n, CXM_INTERVAL_WILSON, level == 0.0 ? 0.95 : level, &limits);
    return (cxm_loyalty_share){hits, n, n ? (double)hits / (double)n : none, limits.low, limits.high, status, 0};
}

static wide money_of_all(const cxm_loyalty *l)
{
    wide sum = {0, 0};
    for (uint32_t i = 0; i < LOYALTY_TIERS; ++i) sum = wide_sum(sum, l->money[i]);
    return sum;
}

cxm_status cxm_loyalty_summarize(const cxm_loyalty *l, double level, cxm_loyalty_summary *out)
{
    if (!l || !out || !is_level(level)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    const uint64_t *counts = l->counts, *voice = counts + LOYALTY_VOICE;
    uint64_t buyers = loyalty_buyers(l);
    wide money = money_of_all(l);
    cxm_loyalty_summary got = {.size = out->size, .customers = counts[LOYALTY_CUSTOMERS], .buyers = buyers,
                               .purchases = counts[LOYALTY_PURCHASES], .money_high = money.high, .money_low = money.low,
                               .money = wide_to_double(money), .median_days = -1, .contacted = voice[1], .answered = voice[2],
                               .both = voice[3], .asleep = counts[LOYALTY_ASLEEP], .bytes = cxm_loyalty_bytes(&l->options)};
    got.repeat = share_of(buyers - counts[LOYALTY_TIMES + 1], buyers, level);
    got.without = share_of(counts[LOYALTY_TIMES], counts[LOYALTY_CUSTOMERS], level);
    got.silent = share_of(voice[0], counts[LOYALTY_TOLD], level);
    got.median_status = cxm_loyalty_days_of(l, 0.5, &got.median_days);
    *out = got;
    return CXM_OK;
}

cxm_status cxm_loyalty_tier_of(const cxm_loyalty *l, uint32_t number, double level, cxm_loyalty_tier *out)
{
    if (!l || !out || !is_level(level)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (number > l->options.thresholds) return CXM_END;
    wide money = l->money[number];
    double all = wide_to_double(money_of_all(l));
    *out = (cxm_loyalty_tier){.size = out->size, .number = number, .from = loyalty_tier_from(&l->options, number),
                              .below = loyalty_tier_below(&l->options, number), .purchases = l->counts[LOYALTY_BOUGHT + number],
                              .money_high = money.high, .money_low = money.low, .money = wide_to_double(money),
                              .money_share = all > 0.0 ? wide_to_double(money) / all : (double)NAN,
                              .share = share_of(l->counts[LOYALTY_BUYERS + number], loyalty_buyers(l), level)};
    return CXM_OK;
}

cxm_status cxm_loyalty_times_of(const cxm_loyalty *l, uint32_t number, double level, cxm_loyalty_share *out)
{
    if (!l || !out || !is_level(level) || number < 1 || number > CXM_LOYALTY_TIMES_MAX) return CXM_E_ARG;
    *out = share_of(l->counts[LOYALTY_TIMES + number], loyalty_buyers(l), level);
    return out->status;
}

cxm_status cxm_loyalty_within(const cxm_loyalty *l, uint32_t days, double level, cxm_loyalty_share *out)
{
    uint64_t hits = 0;
    if (!l || !out || !is_level(level) || days < 1) return CXM_E_ARG;
    if (days > l->options.days) return CXM_E_LIMIT;
    for (uint32_t d = 0; d < days; ++d) hits += l->counts[LOYALTY_DAYS + (size_t)d];
    *out = share_of(hits, loyalty_buyers(l), level);
    return out->status;
}

/* share * n may come out an ulp or two above the whole number that it is: 0.55 * 100. */
cxm_status cxm_loyalty_days_of(const cxm_loyalty *l, double share, int64_t *days)
{
    if (!l || !days || !(share > 0.0 && share <= 1.0)) return CXM_E_ARG;
    uint64_t buyers = loyalty_buyers(l), sum = 0;
    double wanted = share * (double)buyers * (1.0 - 0x1p-51);
    if (buyers == 0) return CXM_E_EMPTY;
    for (uint32_t d = 0; d < l->options.days; ++d) {
        sum += l->counts[LOYALTY_DAYS + (size_t)d];
        if ((double)sum < wanted) continue;
        *days = d;
        return CXM_OK;
    }
    return CXM_E_UNDEFINED;
}
