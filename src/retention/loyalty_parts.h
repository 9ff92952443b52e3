/* SPDX-License-Identifier: MIT */
/* loyalty_parts.h - the state as one array of counts, so that merging and subtracting know nothing of what they mean. */
#ifndef CXM_RETENTION_LOYALTY_PARTS_H
#define CXM_RETENTION_LOYALTY_PARTS_H
#include <cxm/loyalty.h>
#include <stdbool.h>
#include "base/wide.h"

enum { LOYALTY_TIERS = CXM_LOYALTY_THRESHOLDS_MAX + 1 };

/* Where counts stand. The first three are sums of others; days come last, as many as there are. */
enum {
    LOYALTY_CUSTOMERS,          /* of all numbers of purchases */
    LOYALTY_PURCHASES,          /* of all tiers */
    LOYALTY_TOLD,               /* of all voices */
    LOYALTY_VOICE,              /* [4]: contacted + 2 answered */
    LOYALTY_ASLEEP = LOYALTY_VOICE + 4,
    LOYALTY_TIMES,              /* [TIMES_MAX + 1]: customers by number of purchases */
    LOYALTY_BUYERS = LOYALTY_TIMES + CXM_LOYALTY_TIMES_MAX + 1,     /* [TIERS] */
    LOYALTY_BOUGHT = LOYALTY_BUYERS + LOYALTY_TIERS,                /* [TIERS]: purchases of these */
    LOYALTY_BEYOND = LOYALTY_BOUGHT + LOYALTY_TIERS,                /* last bought before all days */
    LOYALTY_DAYS                /* [days] */
};

/* Counts lie behind it, in the one block. */
struct cxm_loyalty {
    cxm_alloc hook;
    cxm_loyalty_options options;    /* filled in */
    wide money[LOYALTY_TIERS];
    uint64_t counts[];
};

static inline size_t loyalty_counts(const cxm_loyalty_options *options)
{
    return (size_t)LOYALTY_DAYS + options->days;
}

static inline uint64_t loyalty_buyers(const cxm_loyalty *l)
{
    return l->counts[LOYALTY_CUSTOMERS] - l->counts[LOYALTY_TIMES];
}

/* What a tier begins with, and ends before; INT64_MAX: it has no end. */
static inline int64_t loyalty_tier_from(const cxm_loyalty_options *options, uint32_t tier)
{
    return tier ? options->threshold[tier - 1] : 0;
}

static inline int64_t loyalty_tier_below(const cxm_loyalty_options *options, uint32_t tier)
{
    return tier < options->thresholds ? options->threshold[tier] : INT64_MAX;
}

/* Fills in defaults; CXM_E_ABI or CXM_E_ARG where create says so. */
cxm_status loyalty_options_check(const cxm_loyalty_options *options, cxm_loyalty_options *out);

/* --- loyalty_item.c: one customer --- */

/* A few counts that go up by `by`, and what was spent in which tier. */
typedef struct loyalty_one { size_t at[6]; uint64_t by[6]; size_t n; uint32_t tier; wide money; } loyalty_one;

void loyalty_of_item(const cxm_loyalty_options *options, const cxm_customer_item *item, loyalty_one *out);
void loyalty_of_voice(const cxm_loyalty_options *options, const cxm_customer_item *item, size_t voice, loyalty_one *out);

#endif
