/* SPDX-License-Identifier: MIT */
/** @file cxm/cbs.h
 *  @brief What lifetime models are fitted to: customers counted by sufficient statistics, identical ones in one row.
 *
 *      cxm_cbs_add(t, x, t_x, T, 1);           any order; a stream of any length
 *      cxm_cbs_rows(t, &view);                 rows in canonical order, then a fit of cxm/btyd.h
 *
 *  A customer is seen from its first purchase on:
 *      x     repeat purchases, the first not counted     (frequency)
 *      t_x   from the first to the last purchase          (recency), 0 if and only if x is 0
 *      T     from the first purchase to the end of observation       (age), t_x <= T
 *  Times are whole ticks, as of days; `ticks_per_unit` says how many make one unit of time of a model, as 7 of a week of days. For
 *  spend a row has x and the money of these x purchases, whole minor units, which is all that Gamma-Gamma needs of a customer.
 *
 *  State    24 bytes a different row, and 4 a slot of an index that is at most three quarters full: 29 to 59 bytes a row in all,
 *           of the most rows that were held at once, whatever the number of customers. Counts are a group: any order and
 *           partition by customer merges to the same bytes, and removal is the inverse of addition. A customer that two shards
 *           both hold is counted twice, which nothing here can tell: merge cxm_customers first.
 *  Source   P. S. Fader, B. G. S. Hardie and K. L. Lee, Marketing Science 24(2), 2005; P. S. Fader and B. G. S. Hardie, The
 *           Gamma-Gamma Model of Monetary Value, 2013.
 *  Threads  One writer per table, also for rows; then merge.   */
#ifndef CXM_CBS_H
#define CXM_CBS_H
#include <cxm/alloc.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The most repeat purchases of a customer, the latest tick, and the most money of a customer in minor units. */
#define CXM_CBS_X_MAX 100000000
#define CXM_CBS_TICK_MAX UINT32_MAX
#define CXM_CBS_MONEY_MAX INT64_C(1000000000000000000)

/** How a table is made. 32 bytes; set `size`. */
typedef struct cxm_cbs_options {
    uint32_t size;          /**< sizeof(cxm_cbs_options) */
    uint32_t reserved;      /**< zero */
    double per_unit;        /**< ticks a unit of time, or minor units a unit of money, 1e-9..1e9; 0: 1. Must agree before tables merge */
    uint64_t max_bytes;     /**< bound of all memory; 0: 1 GiB */
    uint64_t hash_seed;     /**< a number hostile input cannot know; results do not depend on it */
} cxm_cbs_options;

/** Customers alike in their purchases. 24 bytes. */
typedef struct cxm_cbs_row {
    uint32_t x;             /**< repeat purchases */
    uint32_t t_x;           /**< ticks */
    uint32_t T;             /**< ticks */
    uint32_t reserved;      /**< zero */
    uint64_t count;         /**< customers, above 0 */
} cxm_cbs_row;

/** Customers alike in their spend. 24 bytes. */
typedef struct cxm_spend_row {
    uint64_t x;             /**< repeat purchases, 1 up */
    int64_t money;          /**< what these cost in all, minor units, above 0 */
    uint64_t count;         /**< customers, above 0 */
} cxm_spend_row;

/** Rows, borrowed until the table is next changed. 24 bytes on 64-bit machines. */
typedef struct cxm_cbs_view {
    const cxm_cbs_row *rows;        /**< rising by x, t_x, T */
    size_t count;
    double per_unit;                /**< ticks a unit of time, above 0 */
} cxm_cbs_view;

typedef struct cxm_spend_view {
    const cxm_spend_row *rows;      /**< rising by x, money */
    size_t count;
    double per_unit;                /**< minor units a unit of money, above 0 */
} cxm_spend_view;

/** What came and what is here. 72 bytes; set `size`. Versions only append. */
typedef struct cxm_cbs_account {
    uint32_t size;          /**< in:  bytes the caller has room for */
    uint32_t reserved;      /**< out: zero */
    uint64_t customers;     /**< out: in rows */
    uint64_t refused;       /**< out: customers refused with CXM_E_DOMAIN, of no row */
    uint64_t rows;          /**< out: different rows */
    uint64_t repeaters;     /**< out: customers with x > 0 */
    uint64_t purchases_high, purchases_low;     /**< out: repeat purchases of all, exactly: high 2^64 + low */
    double per_unit;        /**< out: as declared */
    uint64_t bytes;         /**< out: all memory now */
} cxm_cbs_account;

typedef struct cxm_cbs cxm_cbs;
typedef struct cxm_spend cxm_spend;

/* --- customers by recency and frequency --- */

/** Make an empty table; `options` and `alloc` may be NULL.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_LIMIT max_bytes is below 512 | CXM_E_ABI | CXM_E_ARG per_unit is not finite or out of its
 *          range */
CXM_API cxm_status cxm_cbs_create(const cxm_cbs_options *options, const cxm_alloc *alloc, cxm_cbs **out);

/** Take back a table; NULL is fine. */
CXM_API void cxm_cbs_free(cxm_cbs *t);

/** Count `count` customers alike; 0 of them is fine, and nothing.
 *  @return CXM_OK | CXM_E_DOMAIN no customer has these: counted as refused, and in nothing else | CXM_E_OVERFLOW customers, or refused
 *          ones, past UINT64_MAX | CXM_E_LIMIT no room for another row | CXM_E_MEMORY | CXM_E_ARG; unchanged on the last four */
CXM_API cxm_status cxm_cbs_add(cxm_cbs *t, uint32_t x, uint32_t t_x, uint32_t T, uint64_t count);

/** Take back `count` customers alike: the exact inverse of cxm_cbs_add, which needs no memory. A row without customers is gone.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused | CXM_E_UNDERFLOW not so many are there, unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_cbs_remove(cxm_cbs *t, uint32_t x, uint32_t t_x, uint32_t T, uint64_t count);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH other per_unit | CXM_E_OVERFLOW | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_ARG; what `into` says is
 *          unchanged on each */
CXM_API cxm_status cxm_cbs_merge(cxm_cbs *into, const cxm_cbs *from);

/** What came and what is here.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_cbs_account_of(const cxm_cbs *t, cxm_cbs_account *out);

/** All rows, in order: sorts them where they lie.
 *  @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_cbs_rows(cxm_cbs *t, cxm_cbs_view *out);

/** Write the table as canonical bytes: kind 12 of src/base/codec.h; src/value/cbs_codec.c has the layout. Equal tables give equal bytes.
 *  `*len` is the length needed, also when CXM_E_LIMIT says that `cap` is smaller.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_cbs_encode(cxm_cbs *t, void *out, size_t cap, size_t *len);

/** Make a table from its bytes; they are not trusted. max_bytes and hash_seed as in the options; the bound is checked before anything is
 *  allocated.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a table | CXM_E_VERSION | CXM_E_LIMIT past max_bytes | CXM_E_MEMORY |
 *          CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_cbs_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed, const cxm_alloc *alloc,
                                  cxm_cbs **out);

/* --- customers by number and money of their purchases --- */

/** Make an empty table; `options` and `alloc` may be NULL.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_LIMIT | CXM_E_ABI | CXM_E_ARG as of cxm_cbs_create */
CXM_API cxm_status cxm_spend_create(const cxm_cbs_options *options, const cxm_alloc *alloc, cxm_spend **out);

/** Take back a table; NULL is fine. */
CXM_API void cxm_spend_free(cxm_spend *t);

/** Count `count` customers alike, of 1..CXM_CBS_X_MAX repeat purchases that cost `money` in all, 1..CXM_CBS_MONEY_MAX; 0 of them is fine,
 *  and nothing.
 *  @return CXM_OK | CXM_E_DOMAIN counted as refused, and in nothing else | CXM_E_OVERFLOW | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_ARG;
 *          unchanged on the last four */
CXM_API cxm_status cxm_spend_add(cxm_spend *t, uint64_t x, int64_t money, uint64_t count);

/** Take back `count` customers alike: the exact inverse of cxm_spend_add, which needs no memory.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused | CXM_E_UNDERFLOW not so many are there, unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_spend_remove(cxm_spend *t, uint64_t x, int64_t money, uint64_t count);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH other per_unit | CXM_E_OVERFLOW | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_ARG; what `into` says is
 *          unchanged on each */
CXM_API cxm_status cxm_spend_merge(cxm_spend *into, const cxm_spend *from);

/** What came and what is here; every customer is a repeater.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_spend_account_of(const cxm_spend *t, cxm_cbs_account *out);

/** All rows, in order: sorts them where they lie.
 *  @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_spend_rows(cxm_spend *t, cxm_spend_view *out);

/** Write the table as canonical bytes, as cxm_cbs_encode does: kind 13.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_spend_encode(cxm_spend *t, void *out, size_t cap, size_t *len);

/** Make a table from its bytes, as cxm_cbs_decode does.
 *  @return CXM_OK | CXM_E_FORMAT | CXM_E_VERSION | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_spend_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed, const cxm_alloc *alloc,
                                    cxm_spend **out);

CXM_END_C
#endif
