/* SPDX-License-Identifier: MIT */
/** @file cxm/csat.h
 *  @brief Customer satisfaction: the share of satisfied answers, as a definition over cxm_scale.
 *
 *      CSAT = satisfied / answered        0..1; neutral stays in the denominator, an offered but
 *                                         unanswered question stays out of it
 *  Satisfied is a matter of the scale, higher is better:
 *      1..2: 2     1..3: 3     1..4: 3..4     1..5: 4..5     1..6: 5..6     1..7: 6..7     1..10: 8..10
 *  Another threshold in use (1..7 with 5..7, 1..10 with 9..10, any on 0..100) is set by
 *  cxm_scale_set_top. A mean of the answers is another metric and is named so.
 *  Source   the vendors' help pages named in the project's survey definitions: 1..2, 1..3 and 1..5
 *           Zendesk and SimpleSat; 1..4 SimpleSat; 1..6, 1..7 and 1..10 Formbricks.
 *  Threads  Pure functions.                                                        */
#ifndef CXM_CSAT_H
#define CXM_CSAT_H
#include <cxm/column.h>
#include <cxm/scale.h>
CXM_BEGIN_C

/** A share and what it was made of. 104 bytes; set `size`. */
typedef struct cxm_csat_summary {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    uint64_t n;                 /**< out: answers counted */
    uint64_t satisfied;         /**< out: of those, in the top boxes */
    uint64_t missing;           /**< out: null or NaN */
    uint64_t out_of_range;      /**< out: outside the scale or not whole */
    double share;               /**< out: satisfied / n, 0..1 */
    double share_se;            /**< out: standard error */
    double level;               /**< out: of the limits */
    double low, high;           /**< out: Wilson limits, 0..1 */
    double mean;                /**< out: mean answer; NaN where only counts are known */
    double net;                 /**< out: top less bottom share, -1..+1; NaN likewise */
    double rescaled;            /**< out: 100 (mean - lo) / (hi - lo); NaN likewise */
} cxm_csat_summary;

/** The spec and the question of CSAT on lo..hi.
 *  @return CXM_OK | CXM_E_SCALE no scale of the table: define it with cxm_scale_define and
 *          cxm_scale_set_top | CXM_E_ARG NULL */
CXM_API cxm_status cxm_csat_define(int32_t lo, int32_t hi, cxm_scale_spec *spec, cxm_scale_ask *ask);

/** CSAT of a column of answers on lo..hi at `level` (0: 0.95).
 *  @return CXM_OK | CXM_E_EMPTY no answer; the account is written | CXM_E_SCALE | CXM_E_OVERFLOW |
 *          CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_csat_of_column(const cxm_column *answers, int32_t lo, int32_t hi, double level,
                                      cxm_csat_summary *out);

/** CSAT of `satisfied` out of `n` answers.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_ABI | CXM_E_ARG also satisfied > n */
CXM_API cxm_status cxm_csat_of_counts(uint64_t satisfied, uint64_t n, double level,
                                      cxm_csat_summary *out);

CXM_END_C
#endif
