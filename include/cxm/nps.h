/* SPDX-License-Identifier: MIT */
/** @file cxm/nps.h
 *  @brief Net Promoter Score: a definition over cxm_scale, and one-call functions.
 *
 *  An answer to "how likely are you to recommend us" falls in one of three bands:
 *      promoters 9..10     passives 7..8     detractors 0..6
 *      NPS = 100 (promoters - detractors) / n        n = all three together
 *  Points, -100..+100, never percent, never rounded inside. The mean of the answers is not NPS.
 *  Two short scales are in use and have bands of their own; their scores do not compare with 0..10:
 *      1..5   promoters 5   passives 4      detractors 1..3
 *      1..4   promoters 4   passives 2..3   detractors 1
 *  A 1..10 scale is no NPS scale and is refused.
 *  Source   F. F. Reichheld, "The One Number You Need to Grow", Harvard Business Review 81(12),
 *           2003; standard error: B. Rocks, The American Statistician 70(4), 2016; interval:
 *           T. Tango, Statistics in Medicine 17(8), 1998; shares: L. A. Goodman, Technometrics 7(2), 1965
 *           (cxm/interval.h).
 *  Threads  Pure functions.                                                        */
#ifndef CXM_NPS_H
#define CXM_NPS_H
#include <cxm/column.h>
#include <cxm/scale.h>
CXM_BEGIN_C

/** Points of the standard scale 0..10. */
#define CXM_NPS_POINTS 11

/** What the answers themselves say of the scale they were given on. */
enum cxm_nps_note {
    CXM_NPS_NO_ZERO = 1,        /**< 30 answers or more and no 0: perhaps a 1..10 scale */
    CXM_NPS_SHORT_SCALE = 2     /**< 30 answers or more and none above 5: perhaps a 1..5 scale */
};

/** The score of one column or table. 112 bytes; set `size`. */
typedef struct cxm_nps_summary {
    uint32_t size;          /**< in:  bytes the caller has room for */
    uint32_t notes;         /**< out: CXM_NPS_* bits */
    uint64_t n;             /**< out: answers counted */
    uint64_t promoters, passives, detractors;   /**< out: answers by band */
    uint64_t missing;       /**< out: null or NaN */
    uint64_t out_of_range;  /**< out: outside 0..10 or not whole */
    double score;           /**< out: points, -100..+100 */
    double score_se;        /**< out: standard error, points */
    double level;           /**< out: of the limits */
    double low, high;       /**< out: limits of the score by the score method, points */
    double mean;            /**< out: mean answer, 0..10; not NPS */
    double sd;              /**< out: sample standard deviation; NaN when n = 1 */
} cxm_nps_summary;

/** One band of answers with limits of its share. */
typedef struct cxm_nps_band {
    uint64_t count;
    double share;           /**< count / n, 0..1 */
    double low, high;       /**< limits that hold for all three bands at once */
} cxm_nps_band;

/** The three bands side by side. 120 bytes; set `size`. */
typedef struct cxm_nps_bands {
    uint32_t size;          /**< in:  bytes the caller has room for */
    int32_t method;         /**< out: CXM_INTERVAL_GOODMAN or CXM_INTERVAL_QUESENBERRY_HURST */
    uint64_t n;             /**< out: answers in all */
    double level;           /**< out: of all limits together */
    cxm_nps_band promoters, passives, detractors;
} cxm_nps_bands;

/** The spec and the question of NPS on lo..hi: 0..10, or 1..5 or 1..4 with their own bands.
 *  @return CXM_OK | CXM_E_SCALE no NPS scale, 1..10 among them | CXM_E_ARG NULL */
CXM_API cxm_status cxm_nps_define(int32_t lo, int32_t hi, cxm_scale_spec *spec, cxm_scale_ask *ask);

/** Look whether answers read on 0..10 without anybody having declared that scale can be NPS
 *  answers. A sample without a 0 is only noted: real ones often hold none.
 *  @return CXM_OK, `*notes` may hold CXM_NPS_NO_ZERO | CXM_E_SCALE 30 answers or more and none above
 *          5, notes are set too | CXM_E_OVERFLOW | CXM_E_ARG NULL or the scale is not 0..10 */
CXM_API cxm_status cxm_nps_check(const cxm_scale *scale, uint32_t *notes);

/** NPS of a column of answers 0..10 at `level` (0: 0.95).
 *  @return CXM_OK | CXM_E_EMPTY no answer; the account is written | CXM_E_SCALE as cxm_nps_check, all
 *          is written, the notes too: use cxm_nps_define where a short scale is meant |
 *          CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_nps_of_column(const cxm_column *answers, double level, cxm_nps_summary *out);

/** NPS of a table: counts[k] people answered k.
 *  @return as cxm_nps_of_column: CXM_OK | CXM_E_EMPTY | CXM_E_SCALE | CXM_E_OVERFLOW | CXM_E_ABI |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_nps_of_counts(const uint64_t counts[CXM_NPS_POINTS], double level,
                                     cxm_nps_summary *out);

/** NPS of three band counts; mean and sd are not known then: NaN.
 *  @return CXM_OK | CXM_E_EMPTY n = 0 is written | CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_nps_of_bands(uint64_t promoters, uint64_t passives, uint64_t detractors,
                                    double level, cxm_nps_summary *out);

/** Shares of the three bands, with limits that hold all at once with probability `level` (0: 0.95), by `method`:
 *  CXM_INTERVAL_DEFAULT is goodman, or quesenberry-hurst (cxm/interval.h).
 *  @return CXM_OK | CXM_E_EMPTY n = 0 | CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG NULL or
 *          level */
CXM_API cxm_status cxm_nps_band_shares(uint64_t promoters, uint64_t passives, uint64_t detractors, int32_t method,
                                       double level, cxm_nps_bands *out);

CXM_END_C
#endif
