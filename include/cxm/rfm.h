/* SPDX-License-Identifier: MIT */
/** @file cxm/rfm.h
 *  @brief Recency, frequency and monetary value of one customer, from its purchases: what models of lifetime value are fitted to, and
 *         what they are held against.
 *
 *      while (cxm_customers_next(c, &cursor, CXM_CUSTOMERS_ENDED, &item) == CXM_OK)
 *          if (cxm_rfm_of(&item, &split, &rfm) == CXM_OK) cxm_cbs_add(table, rfm.x, rfm.t_x, rfm.T, 1);      days are the ticks
 *
 *  Purchases of one day are one, of their sum. The first day is the customer's birth and counts in no number of purchases:
 *      x     days with purchases after the first, in the calibration period
 *      t_x   days from the first to the last of these; 0 when x is 0
 *      T     days from the first to the last day of the calibration period
 *  A purchase of amount 0 is one, as somebody came; a mean of spend is over the days that brought money: `money` / `paid`. Days run from
 *  midnight to midnight in one offset from UTC. A period should end at a midnight: a day that its end cuts in two counts on both sides.
 *  The holdout period follows the calibration period. It says nothing of customers who first bought in it: they are of no cohort yet.
 *
 *  State    None of its own: cxm_customers has the purchases, exactly mergeable, and a customer is asked again for any split.
 *  Source   P. S. Fader, B. G. S. Hardie and K. L. Lee, Marketing Science 24(2), 2005 (x, t_x, T); P. S. Fader and B. G. S. Hardie, The
 *           Gamma-Gamma Model of Monetary Value, 2013 (spend over repeat purchases alone).
 *  Threads  No shared state.   */
#ifndef CXM_RFM_H
#define CXM_RFM_H
#include <cxm/customers.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** Where the periods end. 24 bytes; set `size`. Instants are UTC microseconds of years 1 to 9999. */
typedef struct cxm_rfm_split {
    uint32_t size;                  /**< sizeof(cxm_rfm_split) */
    int32_t zone_s;                 /**< where days begin: seconds east of UTC, |zone_s| < 86400 */
    int64_t calibration_end_us;     /**< end of the calibration period, not included */
    int64_t holdout_end_us;         /**< end of the holdout period, not included; equal to calibration_end_us: there is none */
} cxm_rfm_split;

/** One customer. 72 bytes; set `size`. Versions only append. Money in minor units. */
typedef struct cxm_rfm {
    uint32_t size;          /**< in:  bytes the caller has room for */
    uint32_t x;             /**< out: repeat purchases of the calibration period, by day */
    uint32_t t_x;           /**< out: days from the first purchase to the last of these */
    uint32_t T;             /**< out: days from the first purchase to the last day of the period */
    int64_t first_day;      /**< out: day of the first purchase, counted from 1970-01-01 in the offset */
    int64_t first_money;    /**< out: of that day */
    int64_t money;          /**< out: of the x repeat purchases */
    uint32_t paid;          /**< out: of these, that cost more than 0 */
    uint32_t x_star;        /**< out: purchases of the holdout period, by day */
    int64_t money_star;     /**< out: what these cost */
    uint32_t holdout_days;  /**< out: days of the holdout period */
    uint32_t reserved;      /**< out: zero */
    int64_t reserved2;      /**< out: zero */
} cxm_rfm;

/** Look at one customer, as cxm_customers_next or cxm_customers_find tells of it.
 *  @return CXM_OK | CXM_E_EMPTY no purchase in the calibration period, `out` unchanged | CXM_E_ABI small `size` | CXM_E_ARG NULL, a split out
 *          of its ranges, or an item that cxm_customers_next would not write */
CXM_API cxm_status cxm_rfm_of(const cxm_customer_item *item, const cxm_rfm_split *split, cxm_rfm *out);

CXM_END_C
#endif
