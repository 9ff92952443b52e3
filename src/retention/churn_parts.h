/* SPDX-License-Identifier: MIT */
/* churn_parts.h - the counts behind cxm_churn, for its files alone. */
#ifndef CXM_RETENTION_CHURN_PARTS_H
#define CXM_RETENTION_CHURN_PARTS_H
#include <cxm/churn.h>
#include <stdbool.h>
#include "base/wide.h"

/* Counts and sums of money that fit into 64 bits; what they are, cxm_churn_counts says of the same names. VOLUME is the sum of all
 * money of a customer and bounds every other. N_* are the customers with m0 or x of a ratio by movements. */
enum tally {
    CUSTOMERS, REFUSED, START, END, CHURNED, RETURNED, JOINED, JOINED_CHURNED, BACK, BACK_CHURNED, REPEATED, DAY_CHURNED,
    BEFORE, AFTER, BOTH, FRESH_COUNT, FRESH, REACTIVATION_COUNT, REACTIVATION, EXPANSION_COUNT, EXPANSION, CONTRACTION_COUNT,
    CONTRACTION, CHURN_COUNT, CHURN, START_AMOUNT, END_AMOUNT, KEPT, LATER, LOST, N_GROSS, N_NET, N_NET_BAREMETRICS, VOLUME, TALLIES
};

/* Sums of products, and customer-time in microseconds. LOSS is m0 - min(m0, m1); by movements GROSS is churn + contraction, NET that
 * less expansion and reactivation, NETB that less expansion alone. Products of those with m0 have a sign, so two sums each. */
enum square {
    M0_M0, M0_M1, M1_M1, LOSS_LOSS, LOSS_M0, GROSS_GROSS, GROSS_M0, NET_NET, NET_M0, NET_M0_BELOW, NETB_NETB, NETB_M0, NETB_M0_BELOW,
    EXPOSURE, SQUARES
};

typedef struct churn_sums { uint64_t tally[TALLIES]; wide square[SQUARES]; } churn_sums;

/* A day. What is active or paid at its start stands as the difference from the day before, all modulo 2^64. */
typedef struct churn_day { uint64_t active, amount, churned, lost, fresh; } churn_day;

struct cxm_churn {
    cxm_alloc hook;
    cxm_churn_options options;  /* complete */
    uint32_t days;
    churn_sums sums;
    churn_day *day;             /* [days + 1], the last of them for what is after the end */
};

/* Sums over days of ratios, and of what is above their lines. `below` is what is below it, added up over days. */
typedef struct churn_daily { double logo, gross, net, above, gross_above, net_above, below, amount_below; } churn_daily;
void churn_daily_of(const cxm_churn *churn, churn_daily *out);

/* What is above and below the line of a rate that is one ratio or one of the sums over days; the value beside them. */
typedef struct churn_ratio { double above, below, value; uint64_t n; } churn_ratio;
cxm_status churn_ratio_of(const cxm_churn *churn, int32_t rate, churn_ratio *out);

#endif
