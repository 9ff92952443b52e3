/* SPDX-License-Identifier: MIT */
/** @file cxm/interval.h
 *  @brief Confidence intervals of one sample: a share, shares held together, a net share, a mean, a rate.
 *
 *  Every metric asks one of five questions, and users may ask them of their own counts:
 *      share       hits out of n                     range  0..1
 *      multinomial one of k shares of n that are to hold at once      range  0..1
 *      trinomial   (plus - minus) / n of n = minus + zero + plus     range -1..+1
 *      mean        mean and sample sd of n values    range as declared
 *      rate        events over an exposure           range  0..
 *  Limits are two-sided at `level`, always inside the range and never NaN; low <= high. A mean
 *  without a declared range, or a rate, may have infinite limits when they pass the largest double.
 *  Any count up to 2^64 - 1 in all is allowed, but for bootstrap.
 *  Source   E. B. Wilson, JASA 22, 1927; C. J. Clopper and E. S. Pearson, Biometrika 26, 1934;
 *           L. D. Brown, T. T. Cai and A. DasGupta, Statistical Science 16(2), 2001;
 *           T. Tango, Statistics in Medicine 17(8), 1998; D. G. Bonett and R. M. Price, Journal of
 *           Educational and Behavioral Statistics 37(4), 2012; B. Rocks, The American Statistician
 *           70(4), 2016; A. Agresti and Y. Min, Statistics in Medicine 24, 2005; L. A. Goodman,
 *           Technometrics 7(2), 1965; C. P. Quesenberry and D. C. Hurst, Technometrics 6(2), 1964;
 *           F. Garwood, Biometrika 28, 1936; B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993.
 *  Threads  Pure functions.                                                        */
#ifndef CXM_INTERVAL_H
#define CXM_INTERVAL_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Methods; the name that cxm_interval_name gives stands behind each. Never renumbered. */
enum cxm_interval_method {
    CXM_INTERVAL_DEFAULT = 0,             /**< score, wilson, goodman, t or garwood: what fits the estimate */
    CXM_INTERVAL_WALD = 1,                /**< "wald": share and trinomial */
    CXM_INTERVAL_T = 2,                   /**< "t": mean, and trinomial on -1, 0, +1 */
    CXM_INTERVAL_SCORE = 10,              /**< "score": trinomial, Tango's form */
    CXM_INTERVAL_AW3_TRIANGULAR = 11,     /**< "aw3-triangular": adds 3/4, 3/2, 3/4 */
    CXM_INTERVAL_AW3_UNIFORM = 12,        /**< "aw3-uniform": adds 1, 1, 1 */
    CXM_INTERVAL_AW4_TRIANGULAR = 13,     /**< "aw4-triangular": adds 1, 2, 1 */
    CXM_INTERVAL_AW4_UNIFORM = 14,        /**< "aw4-uniform": adds 4/3, 4/3, 4/3 */
    CXM_INTERVAL_AGRESTI_MIN = 15,        /**< "agresti-min": adds 1/2, 1, 1/2 */
    CXM_INTERVAL_BONETT_PRICE = 16,       /**< "bonett-price": adds 1, 0, 1 */
    CXM_INTERVAL_BOOTSTRAP = 17,          /**< "bootstrap": trinomial, exact percentile limits */
    CXM_INTERVAL_WILSON = 30,             /**< "wilson": share */
    CXM_INTERVAL_WILSON_CC = 31,          /**< "wilson-cc": with continuity correction */
    CXM_INTERVAL_CLOPPER_PEARSON = 32,    /**< "clopper-pearson": share */
    CXM_INTERVAL_JEFFREYS = 33,           /**< "jeffreys": limit 0 at no hits, 1 at all hits */
    CXM_INTERVAL_JEFFREYS_PLAIN = 34,     /**< "jeffreys-plain": without that rule */
    CXM_INTERVAL_AGRESTI_COULL = 35,      /**< "agresti-coull": adds z^2/2 twice */
    CXM_INTERVAL_AGRESTI_COULL_4 = 36,    /**< "agresti-coull-plus4": adds 2 and 2 */
    CXM_INTERVAL_GOODMAN = 40,            /**< "goodman": multinomial, Bonferroni over the categories */
    CXM_INTERVAL_QUESENBERRY_HURST = 41,  /**< "quesenberry-hurst": multinomial, k - 1 degrees of freedom */
    CXM_INTERVAL_GARWOOD = 50,            /**< "garwood": rate, exact Poisson */
    CXM_INTERVAL_ORDER = 55,              /**< "order": quantile, ranks by the binomial */
    CXM_INTERVAL_LOGIT = 60,              /**< "logit": weighted share, of cxm/weighted.h as all below */
    CXM_INTERVAL_ARCSINE = 61,            /**< "arcsine": weighted share */
    CXM_INTERVAL_KORN_GRAUBARD = 62,      /**< "korn-graubard": weighted share, beta limits of a scaled n */
    CXM_INTERVAL_LIKELIHOOD = 63          /**< "likelihood": weighted share, a scaled binomial deviance */
};

/** The most answers that the bootstrap method takes. */
#define CXM_INTERVAL_BOOTSTRAP_MOST 100000

/** An interval. 40 bytes; set `size` to sizeof(cxm_interval). */
typedef struct cxm_interval {
    uint32_t size;      /**< in:  bytes the caller has room for */
    int32_t method;     /**< out: CXM_INTERVAL_*, never DEFAULT */
    double level;       /**< out: as asked, 0 < level < 1 */
    double low, high;   /**< out: limits, in the estimate's own unit */
    double se;          /**< out: standard error of the plain estimate (see each call) */
} cxm_interval;

/** Interval of the share hits / n; `se` = sqrt(p (1 - p) / n).
 *  @return CXM_OK | CXM_E_EMPTY n = 0 | CXM_E_METHOD not a share's | CXM_E_ABI small `size` |
 *          CXM_E_ARG NULL, hits > n or level outside (0, 1) */
CXM_API cxm_status cxm_share_interval(uint64_t hits, uint64_t n, int32_t method, double level,
                                      cxm_interval *out);

/** Interval of one share count / n out of `categories` that partition n answers: asked for each of them,
 *  all limits hold at once with probability `level`. Wilson's limits with a wider z; one category under
 *  goodman is Wilson's itself. `se` as for a share.
 *  @return CXM_OK | CXM_E_EMPTY n = 0 | CXM_E_UNDEFINED quesenberry-hurst of one category: no degree of
 *          freedom | CXM_E_METHOD not a multinomial's | CXM_E_ABI | CXM_E_ARG NULL, count > n, no
 *          category or level outside (0, 1) */
CXM_API cxm_status cxm_multinomial_interval(uint64_t count, uint64_t n, uint64_t categories, int32_t method,
                                            double level, cxm_interval *out);

/** Interval of (plus - minus) / n with n = minus + zero + plus, on -1..+1;
 *  `se` = sqrt(((minus + plus)/n - ((plus - minus)/n)^2) / n).
 *  @return CXM_OK | CXM_E_EMPTY n = 0 | CXM_E_UNDEFINED method t with all n answers alike, or n = 1 |
 *          CXM_E_METHOD not a trinomial's | CXM_E_LIMIT bootstrap of more than CXM_INTERVAL_BOOTSTRAP_MOST
 *          answers | CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_ABI | CXM_E_ARG NULL or level outside (0, 1) */
CXM_API cxm_status cxm_trinomial_interval(uint64_t minus, uint64_t zero, uint64_t plus,
                                          int32_t method, double level, cxm_interval *out);

/** Interval of a mean from n, mean and sample standard deviation (n - 1), clamped to
 *  [range_low, range_high] (pass infinities for none); `se` = sd / sqrt(n).
 *  @return CXM_OK | CXM_E_EMPTY n = 0 | CXM_E_UNDEFINED n = 1 or sd = 0: one answer, or answers
 *          all alike, say nothing about spread | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG NULL, NaN,
 *          negative or infinite sd, mean outside the range or the level */
CXM_API cxm_status cxm_mean_interval(uint64_t n, double mean, double sd, double range_low,
                                     double range_high, int32_t method, double level,
                                     cxm_interval *out);

/** Interval of the rate events / exposure, exact for a Poisson count: contacts a month, churned a customer-year.
 *  The exposure is in any unit, the limits are events a unit of it; `se` = sqrt(events) / exposure.
 *  @return CXM_OK | CXM_E_EMPTY no exposure | CXM_E_METHOD not a rate's | CXM_E_ABI | CXM_E_ARG NULL, a negative,
 *          infinite or NaN exposure or level outside (0, 1) */
CXM_API cxm_status cxm_rate_interval(uint64_t events, double exposure, int32_t method, double level,
                                     cxm_interval *out);

/** The name of a method ("wilson"), static; "unknown" for no such number, never NULL. */
CXM_API const char *cxm_interval_name(int32_t method);

/** The method called `name` ("wilson-cc"), exact case; "default" is CXM_INTERVAL_DEFAULT.
 *  @return CXM_OK | CXM_E_METHOD no such name | CXM_E_ARG */
CXM_API cxm_status cxm_interval_method(const char *name, size_t len, int32_t *out);

CXM_END_C
#endif
