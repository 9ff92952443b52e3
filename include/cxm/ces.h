/* SPDX-License-Identifier: MIT */
/** @file cxm/ces.h
 *  @brief Customer Effort Score: the mean agreement or effort, as a definition over cxm_scale.
 *
 *  Two questions go by this name and run in opposite directions, so the direction is part of it:
 *      CES 2.0 (2013)  "made it easy for me to handle my issue", 1..7, higher is better
 *      CES 1   (2010)  "how much effort did you have to put forth", 1..5, lower is better
 *      CES = mean answer, on the scale
 *  The share of easy answers and the net stand beside it: 1..7 has top boxes 5..7 and bottom boxes
 *  1..3, with 4 neutral; 1..5 has its best two and its worst two.
 *  Source   M. Dixon, K. Freeman and N. Toman, "Stop Trying to Delight Your Customers", Harvard
 *           Business Review 88(7), 2010; CES 2.0 as published by CEB in 2013.
 *  Threads  Pure functions.                                                        */
#ifndef CXM_CES_H
#define CXM_CES_H
#include <cxm/column.h>
#include <cxm/scale.h>
CXM_BEGIN_C

/** A mean and what it was made of. 112 bytes; set `size`. */
typedef struct cxm_ces_summary {
    uint32_t size;              /**< in:  bytes the caller has room for */
    cxm_status interval_status; /**< out: CXM_OK, or CXM_E_UNDEFINED: fewer than two answers, or all
                                     alike: the data hold no t interval, the limits are NaN */
    uint64_t n;                 /**< out: answers counted */
    uint64_t easy, difficult;   /**< out: of those, in the top and in the bottom boxes */
    uint64_t missing;           /**< out: null or NaN */
    uint64_t out_of_range;      /**< out: outside the scale or not whole */
    double mean;                /**< out: on the scale */
    double mean_se;             /**< out: standard error; NaN when n = 1 */
    double level;               /**< out: of the limits */
    double low, high;           /**< out: t limits of the mean */
    double easy_share;          /**< out: easy / n, 0..1 */
    double net;                 /**< out: (easy - difficult) / n, -1..+1 */
    double rescaled;            /**< out: 0..100, 100 is least effort */
} cxm_ces_summary;

/** The spec and the question of CES on lo..hi (1..7 or 1..5) with its direction.
 *  @return CXM_OK | CXM_E_SCALE another scale: define it with cxm_scale_define | CXM_E_ARG NULL or
 *          no such direction */
CXM_API cxm_status cxm_ces_define(int32_t lo, int32_t hi, int32_t direction, cxm_scale_spec *spec,
                                  cxm_scale_ask *ask);

/** CES of a column of answers on lo..hi at `level` (0: 0.95).
 *  @return CXM_OK | CXM_E_EMPTY no answer; the account is written | CXM_E_SCALE | CXM_E_OVERFLOW |
 *          CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ces_of_column(const cxm_column *answers, int32_t lo, int32_t hi,
                                     int32_t direction, double level, cxm_ces_summary *out);

/** CES of a table: counts[k] people answered lo + k.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_SCALE | CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ces_of_counts(const uint64_t *counts, int32_t lo, int32_t hi, int32_t direction,
                                     double level, cxm_ces_summary *out);

CXM_END_C
#endif
