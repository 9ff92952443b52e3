/* SPDX-License-Identifier: MIT */
/** @file cxm/cohort.h
 *  @brief Cohort triangles: of the customers who started in one week, month or quarter, how many are there k periods later, and
 *         what they pay.
 *
 *      cxm_cohort_add(cohort, &item);                                       one customer at a time: an item of cxm/customers.h
 *      while (cxm_cohort_next(cohort, CXM_COHORT_AT_END, 0.0, &cursor, &cell) == CXM_OK) ...
 *
 *  A customer belongs to the period c of its first start: its first step, its first purchase, or whichever came first. It is
 *  counted once in each period c + k, k = 0, 1, ..., in two readings that are both kept:
 *      CXM_COHORT_AT_END   it pays a monthly amount above 0 at the instant at which the period ends and the next begins
 *      CXM_COHORT_ANY      it pays one at any instant of the period, or bought anything in it
 *      retention = N[c][k] / N[c][0]                 revenue retention = revenue[c][k] / revenue[c][0]
 *  Revenue is the sum of the monthly amounts at that instant, or of the purchases in the period, whole minor units, exact.
 *  At the end of its first period a customer may be gone and later come back, so N[c][k] may hold customers who are not in
 *  N[c][0] (`outside`) and retention may pass 1; limits are given only where it holds none. `customers` is the whole cohort.
 *
 *  The data end at `until`. A period is known when its end is not past it: what happens at that very instant counts. A period
 *  that `until` cuts is missing, never 0. A cohort that `since` cuts is of those who started from `since` on.
 *
 *  State    8 bytes a period and 80 a cohort that may be told of, and 56 a cell of a cohort with customers;
 *           cxm_cohort_bytes_most says how far. Counts and exact sums are a group: any order and partition by customer merges
 *           to the same bytes, and removal is the inverse of addition. A customer that two shards both hold is counted twice,
 *           which nothing here can tell: partition by customer, or merge cxm_customers first.
 *  Source   the definition is common; limits: E. B. Wilson, JASA 22(158), 1927.
 *  Threads  No shared state: one writer per cxm_cohort, const calls together, then merge.   */
#ifndef CXM_COHORT_H
#define CXM_COHORT_H
#include <cxm/alloc.h>
#include <cxm/customers.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** Of `since_us`: no start is too early. The most periods, and as many as 0 stands for. */
#define CXM_COHORT_EVER INT64_MIN
#define CXM_COHORT_PERIODS_MAX 4096
#define CXM_COHORT_PERIODS_DEFAULT 1200

/** Periods. Never renumbered. */
enum cxm_cohort_unit {
    CXM_COHORT_WEEK = 1,        /**< ISO 8601: from Monday */
    CXM_COHORT_MONTH = 2,
    CXM_COHORT_QUARTER = 3      /**< from January, April, July, October */
};

/** What a customer starts with. Never renumbered. */
enum cxm_cohort_basis {
    CXM_COHORT_SUBSCRIPTION = 1,    /**< its first monthly amount above 0 */
    CXM_COHORT_PURCHASE = 2,        /**< its first purchase */
    CXM_COHORT_FIRST = 3            /**< whichever came first */
};

/** Who counts in a period. Never renumbered. */
enum cxm_cohort_reading {
    CXM_COHORT_AT_END = 1,
    CXM_COHORT_ANY = 2
};

/** How a triangle is made. 56 bytes; set `size`. All but `periods` and `max_bytes` must agree before triangles merge. */
typedef struct cxm_cohort_options {
    uint32_t size;          /**< sizeof(cxm_cohort_options) */
    int32_t unit;           /**< CXM_COHORT_WEEK, MONTH or QUARTER */
    int32_t basis;          /**< CXM_COHORT_SUBSCRIPTION, PURCHASE or FIRST; 0: SUBSCRIPTION */
    int32_t zone_s;         /**< where days begin: seconds east of UTC, |zone_s| < 86400 */
    int64_t since_us;       /**< starts before it are counted apart; CXM_COHORT_EVER: the last `periods` cohorts */
    int64_t until_us;       /**< where the data end, not included */
    uint32_t periods;       /**< how many periods from the first cohort to the end of the data at the most */
    uint32_t reserved;      /**< zero */
    uint64_t max_bytes;     /**< bound of all memory; 0: 64 MiB */
    uint64_t reserved2;     /**< zero */
} cxm_cohort_options;

/** What was counted. 96 bytes; set `size`. Versions only append. */
typedef struct cxm_cohort_account {
    uint32_t size;          /**< in:  bytes the caller has room for */
    int32_t unit, basis, zone_s;    /**< out: as created */
    int64_t since_us;       /**< out: as created; of CXM_COHORT_EVER the start of the first cohort */
    int64_t until_us;       /**< out: as created */
    uint64_t customers;     /**< out: started + before + behind + never */
    uint64_t started;       /**< out: in a cohort */
    uint64_t before;        /**< out: started before since */
    uint64_t behind;        /**< out: started at until or later */
    uint64_t never;         /**< out: have no such start */
    uint32_t periods;       /**< out: that a cohort may be of */
    uint32_t complete;      /**< out: of these, whose end is known: all, or all but the last */
    uint64_t cohorts;       /**< out: with customers */
    uint64_t bytes;         /**< out: all memory now */
} cxm_cohort_account;

/** A cell of the triangle. 144 bytes; set `size`. Versions only append. */
typedef struct cxm_cohort_cell {
    uint32_t size;          /**< in:  bytes the caller has room for */
    int32_t missing;        /**< out: 1: the data end within the period: n and revenue are 0, rates NaN */
    int64_t start_us, end_us;       /**< out: the cohort's period */
    int64_t from_us, to_us;         /**< out: the cell's, `age` periods later */
    uint64_t age;           /**< out: k */
    uint64_t customers;     /**< out: of the cohort, in any reading */
    uint64_t n0, n;         /**< out: N[c][0], N[c][k] */
    uint64_t outside;       /**< out: of n, who are not of n0 */
    double retention;       /**< out: n / n0; NaN when n0 is 0 */
    double low, high;       /**< out: Wilson's limits of it; NaN when there are none */
    int32_t interval_status;        /**< out: CXM_OK | CXM_E_EMPTY n0 is 0 | CXM_E_UNDEFINED missing, or n holds others than n0 */
    int32_t reserved;       /**< out: zero */
    uint64_t revenue_high, revenue_low;     /**< out: minor units, exactly: revenue_high 2^64 + revenue_low */
    double revenue;         /**< out: the same as a double; NaN when missing */
    double revenue_retention;       /**< out: revenue over that at age 0; NaN when that is 0 */
} cxm_cohort_cell;

typedef struct cxm_cohort cxm_cohort;

/** Make an empty triangle.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_LIMIT more periods since `since_us` than `periods`, or max_bytes is too small for any
 *          customer | CXM_E_ABI | CXM_E_ARG options out of their ranges, until is not after since, or the first or the last period
 *          reaches outside years 1..9999 */
CXM_API cxm_status cxm_cohort_create(const cxm_cohort_options *options, const cxm_alloc *alloc, cxm_cohort **out);

/** Take back a triangle; NULL is fine. */
CXM_API void cxm_cohort_free(cxm_cohort *c);

/** Bytes that a triangle of these options takes at the most, whatever max_bytes says; 0 for options that create refuses. */
CXM_API uint64_t cxm_cohort_bytes_most(const cxm_cohort_options *options);

/** Count one customer.
 *  @return CXM_OK also for one in no cohort | CXM_E_OVERFLOW | CXM_E_LIMIT past max_bytes | CXM_E_MEMORY; unchanged on these |
 *          CXM_E_ABI small `size` of the item | CXM_E_ARG NULL, or an item that cxm_customers_next would not write */
CXM_API cxm_status cxm_cohort_add(cxm_cohort *c, const cxm_customer_item *item);

/** Take back one customer as it was added. One that never was there, but shares its cells with others, passes; what then is
 *  left may be no customers' triangle, which cxm_cohort_encode says.
 *  @return CXM_OK | CXM_E_UNDERFLOW no such customer is there, unchanged | CXM_E_ABI | CXM_E_ARG as of add */
CXM_API cxm_status cxm_cohort_remove(cxm_cohort *c, const cxm_customer_item *item);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH other options | CXM_E_OVERFLOW | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_cohort_merge(cxm_cohort *into, const cxm_cohort *from);

/** Take away all that `from` holds: the inverse of merge. Needs no memory.
 *  @return CXM_OK | CXM_E_MISMATCH | CXM_E_UNDERFLOW `into` does not hold it | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_cohort_subtract(cxm_cohort *into, const cxm_cohort *from);

/** What was counted.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_cohort_account_of(const cxm_cohort *c, cxm_cohort_account *out);

/** The next cell, by cohort, then by age, with limits at `level` (0: 0.95); begin with `*cursor` 0. Cohorts without customers
 *  are passed over. Ages run to the period in which the data end; where that is cut, its cell is missing.
 *  @return CXM_OK | CXM_END | CXM_E_METHOD no such reading | CXM_E_ABI | CXM_E_ARG NULL or the level */
CXM_API cxm_status cxm_cohort_next(const cxm_cohort *c, int32_t reading, double level, uint64_t *cursor, cxm_cohort_cell *out);

/** Write the triangle as canonical bytes: kind 9 of src/base/codec.h; src/retention/cohort_codec.c has the layout. `*len` is the
 *  length needed, also when CXM_E_LIMIT says that `cap` is smaller.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_UNDEFINED customers were removed that never were there | CXM_E_ARG */
CXM_API cxm_status cxm_cohort_encode(const cxm_cohort *c, void *out, size_t cap, size_t *len);

/** Make a triangle from its bytes; they are not trusted. It takes at most `max_bytes` (0: 64 MiB), checked before its cells are
 *  allocated.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a triangle | CXM_E_VERSION | CXM_E_LIMIT past max_bytes | CXM_E_MEMORY |
 *          CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_cohort_decode(const void *bytes, size_t len, uint64_t max_bytes, const cxm_alloc *alloc, cxm_cohort **out);

CXM_END_C
#endif
