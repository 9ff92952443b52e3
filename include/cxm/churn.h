/* SPDX-License-Identifier: MIT */
/** @file cxm/churn.h
 *  @brief Churn, retention and revenue retention of a period, each rate by its own name, and what lies between any two of them.
 *
 *      while (cxm_customers_next(c, &cursor, CXM_CUSTOMERS_ENDED, &item) == CXM_OK) cxm_churn_add(churn, &item);
 *      cxm_churn_rate_of(churn, CXM_CHURN_STRIPE, 0.95, &rate);
 *
 *  m0 and m1 are what a customer pays a month at `from` and at `to`; active is above 0. Movements are steps of its amount within
 *  (from, to]: new (its first ever), reactivation (from 0, not its first), expansion, contraction, churn (to 0). With A0 the customers
 *  active at `from`, A1 those at `to`, and sums of money over customers:
 *      logo_endpoint     |A0 \ A1| / |A0|; retention is 1 less it; chartmogul counts the same
 *      logo_average      |A0 \ A1| / ((|A0| + |A1|) / 2)
 *      profitwell        customers of A0 with a churn, also where they came back / |A0|; who joined in the period is no part
 *      baremetrics       customers with a churn, also where they joined in the period / |A0|: may pass 1
 *      stripe            churns, a second one again / (|A0| + new customers)
 *      exposure          churns / customer-time, a rate per 30 days: may pass 1; over a time t the chance is 1 - exp(-rate t)
 *      shopify_daily     sum over days of (active at the day's start, not at its end) / active at its start; chartmogul_b2c, too
 *      inactive          of those with a purchase in (from - N, from], who has none in (to - N, to]
 *      gross_mrr         sum over A0 of max(0, m0 - m1) / sum of m0; grr is 1 less it
 *      nrr               sum over A0 of m1 / sum of m0; 1 less it is a net churn without who came from outside
 *      gross_mrr_flow    (churn + contraction) / sum of m0, by movements
 *      net_mrr           (churn + contraction - expansion - reactivation) / sum of m0; net_mrr_baremetrics: without reactivation
 *      gross_mrr_daily   sum over days of sum max(0, m at its start - m at its end) / sum of m at its start; net_mrr_daily: of
 *                        (m at its start - m at its end + m of who is new at its end)
 *      quick_ratio       (new + expansion) / (churn + contraction); quick_ratio_reactivation: with reactivation above
 *      mrr_growth        (new + reactivation + expansion - churn - contraction) / sum of m0
 *  Stripe and Baremetrics look at the 30 days (of annual plans 365) before `to`: give them that period. Days are 24 hours from
 *  `from` on, the last one as long as it is.
 *
 *  Intervals where the data give one: Wilson's where the numerator is a part of the denominator's customers, Garwood's exact
 *  Poisson limits of exposure, and of the ratios of money over A0 and by movements (but quick ratios and growth) linearised ones:
 *      se^2 = n / (n - 1) sum (x - R m0)^2 / (sum m0)^2, R = sum x / sum m0, Student's t with n - 1 degrees of freedom,
 *  from exact sums of squares over the n customers with m0 or x, cut to the range of the rate; none where nobody moved, everybody
 *  moved by one and the same share, or n is 1. They are too narrow where few customers pay most: n_eff =
 *  (sum m0)^2 / sum m0^2 tells, and `few` flags it below 30. Every other rate has none, and cxm_churn_describe says why.
 *
 *  State    600 bytes and 40 a day. Integers alone: shards split by customer merge exactly, in any order; of overlapping shards
 *           merge the customers (customers.h), not these.
 *  Source   C. Gold, Fighting Churn With Data, 2020, listings 2.1 to 2.8; help pages and glossaries of the vendors that the names
 *           tell; F. Garwood, Biometrika 28, 1936; E. B. Wilson, JASA 22(158), 1927; W. G. Cochran, Sampling Techniques, 1977, 6.3.
 *  Threads  No shared state: one writer per cxm_churn, then merge.   */
#ifndef CXM_CHURN_H
#define CXM_CHURN_H
#include <cxm/alloc.h>
#include <cxm/customers.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The most days of a period, and what one customer may pay a month, or gain or lose in a period, at most. */
#define CXM_CHURN_DAYS_MAX 36600
#define CXM_CHURN_AMOUNT_MAX INT64_C(140737488355328)

/** Rates. Never renumbered. */
enum cxm_churn_rate_id {
    CXM_CHURN_LOGO_ENDPOINT = 1,
    CXM_CHURN_RETENTION = 2,
    CXM_CHURN_LOGO_AVERAGE = 3,
    CXM_CHURN_STRIPE = 4,
    CXM_CHURN_CHARTMOGUL = 5,
    CXM_CHURN_CHARTMOGUL_B2C = 6,
    CXM_CHURN_BAREMETRICS = 7,
    CXM_CHURN_PROFITWELL = 8,
    CXM_CHURN_SHOPIFY_DAILY = 9,
    CXM_CHURN_EXPOSURE = 10,
    CXM_CHURN_INACTIVE = 11,
    CXM_CHURN_GROSS_MRR = 12,
    CXM_CHURN_GROSS_MRR_FLOW = 13,
    CXM_CHURN_GROSS_MRR_DAILY = 14,
    CXM_CHURN_NET_MRR = 15,
    CXM_CHURN_NET_MRR_BAREMETRICS = 16,
    CXM_CHURN_NET_MRR_DAILY = 17,
    CXM_CHURN_GRR = 18,
    CXM_CHURN_NRR = 19,
    CXM_CHURN_QUICK_RATIO = 20,
    CXM_CHURN_QUICK_RATIO_REACTIVATION = 21,
    CXM_CHURN_MRR_GROWTH = 22
};

/** A period. 48 bytes; set `size`. All of it must agree before counts merge. */
typedef struct cxm_churn_options {
    uint32_t size;              /**< sizeof(cxm_churn_options) */
    uint32_t reserved;          /**< zero */
    int64_t from_us, to_us;     /**< from < to, at most CXM_CHURN_DAYS_MAX days apart */
    int64_t inactive_us;        /**< N of `inactive`, > 0; 0: 30 days */
    uint64_t reserved2[2];      /**< zero */
} cxm_churn_options;

/** Money that moved, and how often. 16 bytes. */
typedef struct cxm_churn_movement {
    uint64_t count;             /**< steps */
    uint64_t amount;            /**< minor units a month */
} cxm_churn_movement;

/** All that was counted. 272 bytes; set `size`. Versions only append. By exact integers
 *  start_amount + fresh + reactivation + expansion - contraction - churn = end_amount. */
typedef struct cxm_churn_counts {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t days;              /**< out: of the period, a begun one is one */
    uint64_t customers;         /**< out: that were added */
    uint64_t refused;           /**< out: beyond CXM_CHURN_AMOUNT_MAX; in nothing else */
    uint64_t start, end;        /**< out: |A0|, |A1| */
    uint64_t churned;           /**< out: |A0 \ A1| */
    uint64_t returned;          /**< out: of A0 and A1, that churned in between */
    uint64_t joined;            /**< out: customers whose first start lies in the period */
    uint64_t joined_churned;    /**< out: of these, with a churn in it */
    uint64_t back;              /**< out: neither in A0 nor joined, but active in the period */
    uint64_t back_churned;      /**< out: of these, with a churn in it */
    uint64_t repeated;          /**< out: churns behind a customer's first in the period */
    uint64_t day_churned;       /**< out: active at a day's start and not at its end, over all days */
    uint64_t active_before, active_after, active_both;  /**< out: with a purchase within N before from, before to, both */
    cxm_churn_movement fresh, reactivation, expansion, contraction, churn;      /**< out: movements; `fresh` is new */
    uint64_t start_amount, end_amount;          /**< out: a month */
    uint64_t kept_amount;       /**< out: sum over A0 of min(m0, m1) */
    uint64_t later_amount;      /**< out: sum over A0 of m1 */
    uint64_t lost_amount;       /**< out: sum of m0 over A0 \ A1; the rest of start_amount - kept_amount is contraction */
    double exposure_days;       /**< out: customer-time, in days */
    uint64_t reserved[2];       /**< out: zero */
} cxm_churn_counts;

/** A rate. 96 bytes; set `size`. Versions only append. */
typedef struct cxm_churn_rate {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t rate;               /**< out: CXM_CHURN_* */
    uint64_t n;                 /**< out: customers that it is about: of the denominator, or with m0 or x */
    double numerator;           /**< out: customers, churns, or minor units a month */
    double denominator;         /**< out: the same; of exposure 30 days of a customer; of a sum over days what gives the rate,
                                          or the mean of the days where nothing above 0 does */
    double value;               /**< out: NaN when it does not exist */
    double low, high;           /**< out: limits; NaN when there are none */
    double level;               /**< out: of the limits */
    double se;                  /**< out: of the plain estimate; NaN when there are no limits */
    double n_eff;               /**< out: of linearised limits: (sum m0)^2 / sum m0^2; else NaN */
    int32_t interval;           /**< out: CXM_CHURN_WILSON, _GARWOOD, _LINEARISED; CXM_CHURN_NO_INTERVAL when it has none ever */
    int32_t interval_status;    /**< out: CXM_OK | CXM_E_UNDEFINED there is none: of its kind, or of this data | CXM_E_EMPTY no value */
    int32_t few;                /**< out: 1: few customers pay most, and limits are too narrow */
    int32_t biased;             /**< out: 1: `inactive` over a period shorter than N counts too few */
} cxm_churn_rate;

/** Kinds of intervals. */
enum cxm_churn_interval {
    CXM_CHURN_NO_INTERVAL = 0,
    CXM_CHURN_WILSON = 1,
    CXM_CHURN_GARWOOD = 2,
    CXM_CHURN_LINEARISED = 3
};

/** What a rate is. 48 bytes on 64-bit machines; set `size`. Texts are static and end in a NUL. */
typedef struct cxm_churn_description {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t interval;           /**< out: CXM_CHURN_WILSON, ... */
    int32_t money;              /**< out: 1: of money */
    int32_t days;               /**< out: the period that its vendor looks at, in days; 0: any */
    const char *name;           /**< out: "logo_endpoint" */
    const char *definition;     /**< out: one sentence */
    const char *why;            /**< out: why it has no interval; "" when it has */
    const char *undefined;      /**< out: when it has no value */
} cxm_churn_description;

/** One step from a rate to the next. 40 bytes on 64-bit machines; set `size`. */
typedef struct cxm_churn_bridge_row {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    int32_t from, to;           /**< out: CXM_CHURN_* */
    double numerator_change;    /**< out: customers or churns that `to` counts and `from` does not, less the others */
    double denominator_change;  /**< out: the same below the line */
    const char *reason;         /**< out: who these are */
} cxm_churn_bridge_row;

typedef struct cxm_churn cxm_churn;

/** Make empty counts of a period.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_churn_create(const cxm_churn_options *options, const cxm_alloc *alloc, cxm_churn **out);

/** Take back counts; NULL is fine. */
CXM_API void cxm_churn_free(cxm_churn *churn);

/** Count a customer, once.
 *  @return CXM_OK | CXM_E_DOMAIN beyond CXM_CHURN_AMOUNT_MAX: counted as refused | CXM_E_OVERFLOW 2^32 customers or 2^63 minor units
 *          in all, unchanged | CXM_E_ABI | CXM_E_ARG NULL, or an item that cxm_customers_next would not write */
CXM_API cxm_status cxm_churn_add(cxm_churn *churn, const cxm_customer_item *item);

/** Take back a customer: the exact inverse of cxm_churn_add. One that never was there, but whose counts and days all others
 *  have, too, passes.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused | CXM_E_UNDERFLOW nobody like it is there, unchanged | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_churn_remove(cxm_churn *churn, const cxm_customer_item *item);

/** Add the counts of `from`, of other customers; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH another period or N | CXM_E_OVERFLOW | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_churn_merge(cxm_churn *into, const cxm_churn *from);

/** What was counted.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_churn_counts_of(const cxm_churn *churn, cxm_churn_counts *out);

/** A rate with its interval at `level` (0: 0.95).
 *  @return CXM_OK also where only the interval is missing | CXM_E_EMPTY nothing below the line: no customer, no money | CXM_E_UNDEFINED
 *          a quick ratio without loss; all fields are written on both | CXM_E_METHOD no such rate | CXM_E_ABI | CXM_E_ARG also the level */
CXM_API cxm_status cxm_churn_rate_of(const cxm_churn *churn, int32_t rate, double level, cxm_churn_rate *out);

/** The next step of the walk logo_average, logo_endpoint, chartmogul, profitwell, baremetrics, stripe, exposure, shopify_daily,
 *  chartmogul_b2c; begin with `*cursor` 0. Added to numerator and denominator of `from`, the rows of one pair give those of `to`.
 *  @return CXM_OK | CXM_END | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_churn_bridge_next(const cxm_churn *churn, uint64_t *cursor, cxm_churn_bridge_row *out);

/** What a rate is.
 *  @return CXM_OK | CXM_E_METHOD no such rate | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_churn_describe(int32_t rate, cxm_churn_description *out);

/** The rate called `name` ("logo_endpoint"), exact case.
 *  @return CXM_OK | CXM_E_METHOD no such name | CXM_E_ARG */
CXM_API cxm_status cxm_churn_rate_find(const char *name, size_t len, int32_t *rate);

/** A churn rate 0..1 of `days` days as one of `to_days`: 1 - (1 - rate)^(to_days / days), never rate times to_days / days. A
 *  year is 365 days, a month 365/12.
 *  @return CXM_OK | CXM_E_DOMAIN a rate outside 0..1, days that are not above 0 and finite | CXM_E_ARG */
CXM_API cxm_status cxm_churn_rescale(double rate, double days, double to_days, double *out);

CXM_END_C
#endif
