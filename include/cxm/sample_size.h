/* SPDX-License-Identifier: MIT */
/** @file cxm/sample_size.h
 *  @brief How many answers are needed for a margin or to find a difference, and what power a number of them has.
 *
 *  A margin is half the width of the interval that is shown, in its own unit: an NPS of +-3 points is 0.03.
 *      net     v, the variance of one answer of -1, 0, +1:  plus + minus - (plus - minus)^2, at most 1
 *              n = z^2 v / margin^2 - 3                 adjusted Wald, 3 added to n (aw3-triangular)
 *      share   Wilson's interval of the planned share is that wide; 1/2 is the worst case
 *      mean    t_{n-1} sd / sqrt(n) = margin
 *  Of two groups of n answers each, the power of a two-sided test at alpha = 1 - level is the chance that it
 *  finds a true difference d. z is the upper alpha/2 quantile of the normal.
 *      nets    power = Phi(d sqrt((n + 3) / (v1 + v2)) - z)
 *      shares  power = Phi((sqrt(n) d - z sqrt(2 p (1 - p))) / sqrt(v1 + v2)),   p their mean, v = share (1 - share)
 *      means   power = P(T > t_{2n-2}),  T noncentral t with shift d / sd sqrt(n / 2)
 *  and n is the one that reaches the power asked for. `strict` 0 counts only rejections to the true side; 1 adds the
 *  far side's. Name the difference that is worth finding beforehand: planning for the one observed turned an alpha of
 *  4.8 % into 14.3 %.
 *  Source   as R's power.prop.test and power.t.test; nets: J. Sauro, MeasuringU, on sample sizes of the Net Promoter
 *           Score; finite population: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, section 4.4.
 *  Threads  Pure functions.                                                        */
#ifndef CXM_SAMPLE_SIZE_H
#define CXM_SAMPLE_SIZE_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Answers needed, of two groups in each. 24 bytes; set `size` to sizeof(cxm_sample_size). */
typedef struct cxm_sample_size {
    uint32_t size;      /**< in:  bytes the caller has room for */
    uint32_t reserved;  /**< out: zero */
    uint64_t n;         /**< out: `exact` rounded up */
    double exact;       /**< out: solution of the formula, at least 1, of means 2 */
} cxm_sample_size;

/** For a net share such as NPS to +-`margin` (0..1) on the scale -1..+1. `variance` is that of one answer; 1 is the
 *  worst case. A small one leans on the plan: with hardly any detractors or passives the interval will be wider.
 *  @return CXM_OK | CXM_E_UNDEFINED variance 0 | CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_ABI small `size` |
 *          CXM_E_ARG NULL, variance outside [0, 1], margin outside (0, 1] or level outside (0, 1) */
CXM_API cxm_status cxm_sample_size_net(double variance, double margin, double level, cxm_sample_size *out);

/** For a share to +-`margin` (0..1/2) by Wilson's interval, if it comes out as the planned `share`.
 *  @return CXM_OK | CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG NULL, share outside [0, 1], margin outside (0, 1/2] or
 *          the level */
CXM_API cxm_status cxm_sample_size_share(double share, double margin, double level, cxm_sample_size *out);

/** For a mean to +-`margin` if the answers come out with the planned `sd`.
 *  @return CXM_OK | CXM_E_UNDEFINED sd = 0 | CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG NULL, negative, NaN or infinite
 *          sd, margin not above 0 or infinite, or the level */
CXM_API cxm_status cxm_sample_size_mean(double sd, double margin, double level, cxm_sample_size *out);

/** Takes a plan for a margin from an endless population to one of `population` people, each asked once:
 *  n / (1 + (n - 1) / population). Never more than all of them.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG NULL, population 0 or a plan below 1 */
CXM_API cxm_status cxm_sample_size_finite(uint64_t population, cxm_sample_size *plan);

/** In each of two groups, to find a `difference` of their nets (-2..+2, its sign does not matter) with `power`.
 *  @return CXM_OK | CXM_E_UNDEFINED difference 0, or both variances | CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG NULL,
 *          variance outside [0, 1], power or level outside (0, 1), strict not 0 or 1 */
CXM_API cxm_status cxm_sample_size_two_nets(double variance_a, double variance_b, double difference, double level,
                                            double power, int32_t strict, cxm_sample_size *out);

/** In each of two groups, to tell the share a from the share b with `power`.
 *  @return CXM_OK | CXM_E_UNDEFINED equal shares: no sample finds no difference | CXM_E_OVERFLOW | CXM_E_ABI |
 *          CXM_E_ARG NULL, a share outside [0, 1], power, level or strict */
CXM_API cxm_status cxm_sample_size_two_shares(double share_a, double share_b, double level, double power, int32_t strict,
                                              cxm_sample_size *out);

/** In each of two groups, to find a `difference` of their means with `power`, both with the planned `sd`.
 *  @return CXM_OK | CXM_E_UNDEFINED difference 0 or sd 0 | CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG NULL, negative, NaN
 *          or infinite sd, NaN or infinite difference, power, level or strict */
CXM_API cxm_status cxm_sample_size_two_means(double sd, double difference, double level, double power, int32_t strict,
                                             cxm_sample_size *out);

/** Power to find a `difference` of two nets with `n` answers in each group, n >= 1, whole or not.
 *  @return CXM_OK | CXM_E_UNDEFINED as cxm_sample_size_two_nets | CXM_E_ARG NULL, n below 1, NaN or infinite, or as there */
CXM_API cxm_status cxm_power_two_nets(double n, double variance_a, double variance_b, double difference, double level,
                                      int32_t strict, double *power);

/** Power to tell two shares apart with `n` answers in each group, n >= 1.
 *  @return CXM_OK | CXM_E_UNDEFINED equal shares | CXM_E_ARG NULL, n below 1, NaN or infinite, or as
 *          cxm_sample_size_two_shares */
CXM_API cxm_status cxm_power_two_shares(double n, double share_a, double share_b, double level, int32_t strict,
                                        double *power);

/** Power to find a `difference` of two means with `n` answers in each group, n >= 2.
 *  @return CXM_OK | CXM_E_UNDEFINED difference 0 or sd 0 | CXM_E_ARG NULL, n below 2, NaN or infinite, or as
 *          cxm_sample_size_two_means */
CXM_API cxm_status cxm_power_two_means(double n, double sd, double difference, double level, int32_t strict,
                                       double *power);

CXM_END_C
#endif
