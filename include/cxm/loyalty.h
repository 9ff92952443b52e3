/* SPDX-License-Identifier: MIT */
/** @file cxm/loyalty.h
 *  @brief How customers buy again: repeat-purchase rate, customers by number of purchases, time since the last one, tiers by what
 *         they spent; and how many are silent.
 *
 *      cxm_loyalty_add(l, &item);                      one customer at a time: an item of cxm/customers.h
 *      cxm_loyalty_summarize(l, 0.0, &summary);        then tiers, numbers of purchases and days by pull
 *
 *  Only what was bought in [since, until) counts. A buyer is a customer with a purchase there, of any amount.
 *      repeat rate  customers with at least two purchases / buyers; or with purchases on at least two days (`by_day`), as an order
 *                   in two parts is no return
 *      days         whole days between the last purchase and `until`: 0 is within 24 hours before it. Within k days: at or after
 *                   until - k days
 *      tier         by what a buyer spent in all: below the first threshold, from it up to the second, and so on
 *      silent       of the customers who were active in [since, until) and of whom it was told: no contact, and no answer to a
 *                   survey. Active is who paid a monthly amount above 0 at any instant there, or bought
 *
 *  State    8 bytes a day of the histogram and about 1 KB; nothing grows. Counts and exact sums are a group: any order and partition
 *           by customer merges to the same bytes, and removal is the inverse of addition. A customer that two shards both hold is
 *           counted twice, which nothing here can tell: partition by customer, or merge cxm_customers first.
 *  Source   repeat purchase rate: customers with more than one purchase over customers with one, as shops commonly define it;
 *           limits: E. B. Wilson, JASA 22(158), 1927.
 *  Threads  No shared state: one writer per cxm_loyalty, const calls together, then merge.   */
#ifndef CXM_LOYALTY_H
#define CXM_LOYALTY_H
#include <cxm/alloc.h>
#include <cxm/customers.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** Of `since_us`: no purchase is too early. Thresholds at the most, and the greatest one; numbers of purchases that are told apart, the
 *  last stands for so many or more; days of the histogram at the most, and as many as 0 stands for. */
#define CXM_LOYALTY_EVER INT64_MIN
#define CXM_LOYALTY_THRESHOLDS_MAX 16
#define CXM_LOYALTY_THRESHOLD_MAX INT64_C(1000000000000000)
#define CXM_LOYALTY_TIMES_MAX 32
#define CXM_LOYALTY_DAYS_MAX 36525
#define CXM_LOYALTY_DAYS_DEFAULT 3650

/** How a state is made. 168 bytes; set `size`. All of it must agree before states merge. */
typedef struct cxm_loyalty_options {
    uint32_t size;          /**< sizeof(cxm_loyalty_options) */
    int32_t zone_s;         /**< where days begin, for `by_day`: seconds east of UTC, |zone_s| < 86400 */
    int64_t since_us;       /**< from when on purchases count, or CXM_LOYALTY_EVER */
    int64_t until_us;       /**< up to when, not included: where the data end */
    int32_t by_day;         /**< 1: purchases of one day count once; 0: each of them */
    uint32_t days;          /**< how many days back the histogram goes, 1..CXM_LOYALTY_DAYS_MAX; 0: CXM_LOYALTY_DAYS_DEFAULT */
    uint32_t thresholds;    /**< how many of `threshold` are declared */
    uint32_t reserved;      /**< zero */
    int64_t threshold[CXM_LOYALTY_THRESHOLDS_MAX];  /**< minor units, rising, 1..CXM_LOYALTY_THRESHOLD_MAX; zero where not declared */
} cxm_loyalty_options;

/** A share of customers with Wilson's limits. 48 bytes. */
typedef struct cxm_loyalty_share {
    uint64_t hits, n;       /**< numerator and denominator */
    double share;           /**< hits / n, 0..1; NaN of nobody */
    double low, high;       /**< limits; NaN likewise */
    int32_t status;         /**< CXM_OK | CXM_E_EMPTY n is 0 */
    uint32_t reserved;      /**< zero */
} cxm_loyalty_share;

/** A summary. 256 bytes; set `size`. Versions only append. */
typedef struct cxm_loyalty_summary {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t median_status;      /**< out: as cxm_loyalty_days_of says */
    uint64_t customers;         /**< out: that were added */
    uint64_t buyers;            /**< out: of these, with a purchase */
    uint64_t purchases;         /**< out: of all of them, each counted also by day */
    uint64_t money_high, money_low;     /**< out: what they cost, minor units, exactly: money_high 2^64 + money_low */
    double money;               /**< out: the same as a double */
    cxm_loyalty_share repeat;   /**< out: buyers who bought again */
    cxm_loyalty_share without;  /**< out: customers without any purchase */
    int64_t median_days;        /**< out: since the last purchase, of buyers: cxm_loyalty_days_of 0.5; -1 when there is none */
    cxm_loyalty_share silent;   /**< out: active customers without contact and answer, of those that were told of */
    uint64_t contacted;         /**< out: of these, made contact and gave no answer */
    uint64_t answered;          /**< out: of these, gave an answer and made no contact */
    uint64_t both;              /**< out: of these, did both */
    uint64_t asleep;            /**< out: told of, but not active: in nothing else */
    uint64_t bytes;             /**< out: all memory */
    uint64_t reserved;          /**< out: zero */
} cxm_loyalty_summary;

/** A tier of buyers. 128 bytes; set `size`. Versions only append. */
typedef struct cxm_loyalty_tier {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t number;            /**< out: 0 for the lowest */
    int64_t from;               /**< out: spent at least so much */
    int64_t below;              /**< out: and less than so much; INT64_MAX: the highest tier has no end */
    uint64_t purchases;         /**< out: of its customers */
    uint64_t money_high, money_low;     /**< out: what these cost, exactly */
    double money;               /**< out: the same as a double */
    double money_share;         /**< out: of the money of all buyers; NaN when that is 0 */
    cxm_loyalty_share share;    /**< out: its customers, of all buyers */
    uint64_t reserved[2];       /**< out: zero */
} cxm_loyalty_tier;

typedef struct cxm_loyalty cxm_loyalty;

/** Make an empty state.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_ABI | CXM_E_ARG options out of their ranges, or until is not after since */
CXM_API cxm_status cxm_loyalty_create(const cxm_loyalty_options *options, const cxm_alloc *alloc, cxm_loyalty **out);

/** Take back a state; NULL is fine. */
CXM_API void cxm_loyalty_free(cxm_loyalty *l);

/** Bytes that a state of these options takes; 0 for options that create refuses. */
CXM_API size_t cxm_loyalty_bytes(const cxm_loyalty_options *options);

/** The options with everything filled in.
 *  @return CXM_OK | CXM_E_ABI small `size` | CXM_E_ARG */
CXM_API cxm_status cxm_loyalty_options_of(const cxm_loyalty *l, cxm_loyalty_options *out);

/** Count one customer.
 *  @return CXM_OK | CXM_E_OVERFLOW unchanged | CXM_E_ABI small `size` of the item | CXM_E_ARG NULL, or an item that
 *          cxm_customers_next would not write */
CXM_API cxm_status cxm_loyalty_add(cxm_loyalty *l, const cxm_customer_item *item);

/** Take back one customer as it was added. One that never was there, but shares its counts with others, passes; what then is left may
 *  be no customers' state, which cxm_loyalty_encode says.
 *  @return CXM_OK | CXM_E_UNDERFLOW no such customer is there, unchanged | CXM_E_ABI | CXM_E_ARG as of add */
CXM_API cxm_status cxm_loyalty_remove(cxm_loyalty *l, const cxm_customer_item *item);

/** Count whether one customer made contact (1 or 0) and answered a survey (1 or 0); by its own call, as these come from
 *  elsewhere, joined by the customer's code.
 *  @return CXM_OK also for one that is asleep | CXM_E_OVERFLOW unchanged | CXM_E_ABI | CXM_E_ARG as of add, or a fact is neither */
CXM_API cxm_status cxm_loyalty_add_voice(cxm_loyalty *l, const cxm_customer_item *item, int32_t contacted, int32_t answered);

/** Take back what was told of one customer.
 *  @return CXM_OK | CXM_E_UNDERFLOW no such customer is there, unchanged | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_loyalty_remove_voice(cxm_loyalty *l, const cxm_customer_item *item, int32_t contacted, int32_t answered);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH other options | CXM_E_OVERFLOW | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_loyalty_merge(cxm_loyalty *into, const cxm_loyalty *from);

/** Take away all that `from` holds: the inverse of merge.
 *  @return CXM_OK | CXM_E_MISMATCH | CXM_E_UNDERFLOW `into` does not hold it | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_loyalty_subtract(cxm_loyalty *into, const cxm_loyalty *from);

/** Counts and shares, with limits at `level` (0: 0.95). What does not exist says so in its own status.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG NULL or the level */
CXM_API cxm_status cxm_loyalty_summarize(const cxm_loyalty *l, double level, cxm_loyalty_summary *out);

/** A tier by its number, from 0 up to as many as there are thresholds.
 *  @return CXM_OK | CXM_END no such tier | CXM_E_ABI | CXM_E_ARG NULL or the level */
CXM_API cxm_status cxm_loyalty_tier_of(const cxm_loyalty *l, uint32_t number, double level, cxm_loyalty_tier *out);

/** Buyers with `number` purchases, or days of them, of all buyers; CXM_LOYALTY_TIMES_MAX: so many or more.
 *  @return CXM_OK | CXM_E_EMPTY no buyer, the share NaN | CXM_E_ARG NULL, the level, or number is not 1..CXM_LOYALTY_TIMES_MAX */
CXM_API cxm_status cxm_loyalty_times_of(const cxm_loyalty *l, uint32_t number, double level, cxm_loyalty_share *out);

/** Buyers whose last purchase lies within `days` days before until, of all buyers.
 *  @return CXM_OK | CXM_E_EMPTY no buyer, the share NaN | CXM_E_LIMIT more days than the histogram has | CXM_E_ARG NULL, the level, or
 *          no days */
CXM_API cxm_status cxm_loyalty_within(const cxm_loyalty *l, uint32_t days, double level, cxm_loyalty_share *out);

/** The least number of whole days d such that a `share`, 0 < share <= 1, of the buyers last bought d days before until or later.
 *  @return CXM_OK | CXM_E_EMPTY no buyer | CXM_E_UNDEFINED it lies past the histogram | CXM_E_ARG */
CXM_API cxm_status cxm_loyalty_days_of(const cxm_loyalty *l, double share, int64_t *days);

/** Write the state as canonical bytes: kind 10 of src/base/codec.h; src/retention/loyalty_codec.c has the layout. `*len` is the length
 *  needed, also when CXM_E_LIMIT says that `cap` is smaller.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_UNDEFINED customers were removed that never were there | CXM_E_ARG */
CXM_API cxm_status cxm_loyalty_encode(const cxm_loyalty *l, void *out, size_t cap, size_t *len);

/** Make a state from its bytes; they are not trusted. It takes at most `max_bytes` (0: no bound but that of the most days), checked
 *  before anything is allocated.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a state | CXM_E_VERSION | CXM_E_LIMIT past max_bytes | CXM_E_MEMORY |
 *          CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_loyalty_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc, cxm_loyalty **out);

CXM_END_C
#endif
