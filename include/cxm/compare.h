/* SPDX-License-Identifier: MIT */
/** @file cxm/compare.h
 *  @brief Differences between two samples, or between two waves of the same people: limits and p.
 *
 *  The questions are those of interval.h, asked of two samples a and b:
 *      net     (plus - minus) / n of each      difference in -2..+2
 *      share   hits / n of each                difference in -1..+1
 *      mean    from n, mean and sample sd      difference in the mean's own unit
 *      paired  -1, 0, +1 of each person before and after      mean change in -2..+2
 *      rate    events over an exposure of each  the ratio a / b, 0 and up
 *  A difference is always a - b, and after - before: exchanging the two changes the sign of the
 *  difference and of the limits, and p not at all. Limits are two-sided at `level`, inside the
 *  range, never NaN where interval_status is CXM_OK, and low <= high.
 *  p is two-sided and computed as a tail, so that 1e-300 is right, too (relative error below 1e-9,
 *  mostly 1e-12); it is 0 only below the smallest double. But for three methods p inverts the
 *  interval: 1 - p is the highest level at which the limits leave 0 out, so p < 1 - level exactly
 *  when the limits at `level` exclude 0. The three are "pooled" and "pooled-yates", where p is the
 *  chi-square test's and the limits are Wald's (as R's prop.test shows them: the two can disagree),
 *  and "fisher", which has no limits. Of a ratio the same holds for 1 in the place of 0, and exchanging the two
 *  turns it and its limits over.
 *  Any count up to 2^64 - 1 a sample is allowed. Nothing here corrects for many comparisons.
 *  Source   G. Y. Zou and A. Donner, Statistics in Medicine 27(10), 2008 (MOVER); T. Tango,
 *           Statistics in Medicine 17(8), 1998; R. G. Newcombe, Statistics in Medicine 17(8), 1998;
 *           A. Agresti and B. Caffo, The American Statistician 54(4), 2000; O. Miettinen and
 *           M. Nurminen, Statistics in Medicine 4(2), 1985; F. Yates, Supplement to the JRSS 1(2),
 *           1934; R. A. Fisher, JRSS 98(1), 1935; B. L. Welch, Biometrika 34(1-2), 1947; B. Rocks,
 *           The American Statistician 70(4), 2016; J. B. Lang, Statistics in Medicine 27(28), 2008;
 *           J. Przyborowski and H. Wilenski, Biometrika 31(3-4), 1940 (ratio of two rates).
 *  Threads  Pure functions.                                                        */
#ifndef CXM_COMPARE_H
#define CXM_COMPARE_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Methods; the name that cxm_compare_name gives stands behind each. Never renumbered. */
enum cxm_compare_method {
    CXM_COMPARE_DEFAULT = 0,                /**< mover, newcombe, welch or paired-t: what fits the samples */
    CXM_COMPARE_WALD = 1,                   /**< "wald": net and share; of restricted means cxm_survival_mean_compare */
    CXM_COMPARE_WELCH = 2,                  /**< "welch": mean, and net on -1, 0, +1 */
    CXM_COMPARE_MOVER = 10,                 /**< "mover": net, from each sample's score limits */
    CXM_COMPARE_AW3_TRIANGULAR = 11,        /**< "aw3-triangular": net, adds 3/4, 3/2, 3/4 to each sample */
    CXM_COMPARE_AW3_UNIFORM = 12,           /**< "aw3-uniform": adds 1, 1, 1 */
    CXM_COMPARE_AW4_TRIANGULAR = 13,        /**< "aw4-triangular": adds 1, 2, 1 */
    CXM_COMPARE_AW4_UNIFORM = 14,           /**< "aw4-uniform": adds 4/3, 4/3, 4/3 */
    CXM_COMPARE_AGRESTI_MIN = 15,           /**< "agresti-min": adds 1/2, 1, 1/2 */
    CXM_COMPARE_BONETT_PRICE = 16,          /**< "bonett-price": adds 1, 0, 1 */
    CXM_COMPARE_NEWCOMBE = 30,              /**< "newcombe": share, from each sample's Wilson limits */
    CXM_COMPARE_AGRESTI_CAFFO = 31,         /**< "agresti-caffo": share, adds a hit and a miss to each sample */
    CXM_COMPARE_MIETTINEN_NURMINEN = 32,    /**< "miettinen-nurminen": share, score with N / (N - 1) */
    CXM_COMPARE_POOLED = 33,                /**< "pooled": share, chi-square; limits are Wald's */
    CXM_COMPARE_POOLED_YATES = 34,          /**< "pooled-yates": share, with Yates's correction */
    CXM_COMPARE_FISHER = 35,                /**< "fisher": share, exact p, no limits */
    CXM_COMPARE_ORDER = 40,                 /**< "order": quantile, from each sample's limits by order statistics
                                                 (cxm_quantile_compare) */
    CXM_COMPARE_PRICE_BONETT = 41,          /**< "price-bonett": quantile, from standard errors by order statistics */
    CXM_COMPARE_PAIRED_T = 50,              /**< "paired-t": paired, t of the changes */
    CXM_COMPARE_PAIRED_SCORE = 51,          /**< "paired-score": paired, score limits of the mean change */
    CXM_COMPARE_DESIGN_T = 60,              /**< "design-t": two domains under a sample design: cxm_design_compare, and
                                                 weighted states of cxm/state.h */
    CXM_COMPARE_CONDITIONAL = 70            /**< "conditional": rate, exact given both samples' events together */
};

/** What p is the tail of. */
enum cxm_statistic {
    CXM_STATISTIC_NONE = 0,     /**< of no statistic: an exact test */
    CXM_STATISTIC_Z = 1,        /**< standard normal, both tails */
    CXM_STATISTIC_T = 2,        /**< Student's t with `df`, both tails */
    CXM_STATISTIC_CHI2 = 3      /**< chi-square with `df` = 1, upper tail */
};

/** Counts behind a net share. */
typedef struct cxm_net_sample { uint64_t minus, zero, plus; } cxm_net_sample;

/** Counts behind a share, hits <= n. */
typedef struct cxm_share_sample { uint64_t hits, n; } cxm_share_sample;

/** Figures behind a mean; `sd` is the sample standard deviation (n - 1), any number >= 0 when n = 1. */
typedef struct cxm_mean_sample { uint64_t n; double mean, sd; } cxm_mean_sample;

/** Events over an exposure, in a unit that both samples share: contacts of so many customer-months. */
typedef struct cxm_rate_sample { uint64_t events; double exposure; } cxm_rate_sample;

/** A difference. 80 bytes; set `size` to sizeof(cxm_difference). Versions only append. */
typedef struct cxm_difference {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t method;             /**< out: CXM_COMPARE_*, never DEFAULT */
    double level;               /**< out: as asked, 0 < level < 1 */
    double difference;          /**< out: a - b of the plain estimates, whatever the method adds */
    double low, high;           /**< out: its limits; NaN when interval_status says so */
    double se;                  /**< out: standard error of the plain difference, variances over n (t: n - 1) */
    double statistic;           /**< out: what p is the tail of, signed like the difference but for chi-square;
                                          0 for CXM_STATISTIC_NONE */
    double df;                  /**< out: its degrees of freedom; infinite for z, 0 for CXM_STATISTIC_NONE */
    double p;                   /**< out: two-sided, 0..1 */
    int32_t statistic_kind;     /**< out: CXM_STATISTIC_* */
    cxm_status interval_status; /**< out: CXM_OK, or CXM_E_METHOD: the method has no limits */
} cxm_difference;

/** Net share of a less that of b. An adjusted method is centred on the raised counts' difference, its
 *  statistic is theirs. Where both samples are pure (all minus, all zero or all plus) and alike, wald's
 *  limits are 0 and 0 with p = 1.
 *  @return CXM_OK | CXM_E_EMPTY a sample without answers | CXM_E_UNDEFINED wald of two pure samples that
 *          differ; welch of two pure samples, or with one answer in a sample | CXM_E_METHOD not a net's |
 *          CXM_E_OVERFLOW a sample's n past UINT64_MAX | CXM_E_ABI small `size` | CXM_E_ARG NULL or level
 *          outside (0, 1) */
CXM_API cxm_status cxm_compare_net(const cxm_net_sample *a, const cxm_net_sample *b, int32_t method, double level,
                                   cxm_difference *out);

/** A net's sample made ready for one method and level, to be compared with many others. Plain data, 72 bytes; made by
 *  cxm_net_prepare alone. Set `size` before. */
typedef struct cxm_net_ready {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t method;             /**< out: CXM_COMPARE_*, never DEFAULT */
    double level, z;            /**< out: as asked, and the normal quantile of it */
    cxm_net_sample counts;      /**< out: as given */
    uint64_t n;                 /**< out: their sum */
    double below, above;        /**< out: how far its score limits lie from its net, for mover */
} cxm_net_ready;

/** Make a sample ready.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_ABI | CXM_E_ARG NULL or level outside (0, 1) */
CXM_API cxm_status cxm_net_prepare(const cxm_net_sample *sample, int32_t method, double level, cxm_net_ready *out);

/** What cxm_compare_net says of the two, to the last bit, at half the cost: for all pairs of many samples.
 *  @return CXM_OK | CXM_E_EMPTY one was not prepared | CXM_E_UNDEFINED | CXM_E_METHOD |
 *          CXM_E_MISMATCH made ready for two methods or levels | CXM_E_ABI | CXM_E_ARG NULL */
CXM_API cxm_status cxm_compare_net_ready(const cxm_net_ready *a, const cxm_net_ready *b, cxm_difference *out);

/** Share of a less that of b. With no hits at all, or no misses, pooled and pooled-yates say p = 1 (R: not
 *  available). Fisher's p sums every table with these margins that is at most 1 + 1e-7 times as probable as
 *  the observed one (R's rule); it is 1 when only one table is possible.
 *  @return CXM_OK | CXM_E_EMPTY a sample without answers | CXM_E_UNDEFINED wald of two pure samples that
 *          differ | CXM_E_LIMIT fisher of so many answers that the tables' standard deviation passes 2^18
 *          hits: at least 10^12 answers | CXM_E_METHOD not a share's | CXM_E_ABI | CXM_E_ARG NULL, hits > n
 *          or level outside (0, 1) */
CXM_API cxm_status cxm_compare_share(const cxm_share_sample *a, const cxm_share_sample *b, int32_t method,
                                     double level, cxm_difference *out);

/** Mean of a less that of b, by Welch's t; both means lie in [range_low, range_high] (infinities for none), so
 *  the limits are cut at its width.
 *  @return CXM_OK | CXM_E_EMPTY a sample without answers | CXM_E_UNDEFINED one answer in a sample, or no spread in
 *          both | CXM_E_METHOD | CXM_E_OVERFLOW the difference passes the largest double | CXM_E_ABI |
 *          CXM_E_ARG NULL, NaN, negative or infinite sd, mean outside the range or the level */
CXM_API cxm_status cxm_compare_mean(const cxm_mean_sample *a, const cxm_mean_sample *b, double range_low,
                                    double range_high, int32_t method, double level, cxm_difference *out);

/** Mean change after - before of people who answered twice, each time -1, 0 or +1 (detractor, passive,
 *  promoter). transitions[3 i + j] counts those in band i before and band j after, 0 the lowest band.
 *  paired-t says nothing of people who all changed alike; paired-score always has limits.
 *  @return CXM_OK | CXM_E_EMPTY nobody | CXM_E_UNDEFINED paired-t of one person, or of changes all alike |
 *          CXM_E_METHOD not a pair's | CXM_E_OVERFLOW people past UINT64_MAX | CXM_E_ABI | CXM_E_ARG NULL or
 *          level outside (0, 1) */
CXM_API cxm_status cxm_compare_paired_trinomial(const uint64_t transitions[9], int32_t method, double level,
                                                cxm_difference *out);

/** Mean change after - before of `n` people who answered twice, from the mean and the sample sd of their changes; no
 *  change is larger than `width`. Method: paired-t.
 *  @return CXM_OK | CXM_E_EMPTY n = 0 | CXM_E_UNDEFINED one person, or sd = 0: changes all alike | CXM_E_METHOD | CXM_E_ABI |
 *          CXM_E_ARG NULL, NaN, negative or infinite sd, change outside -width..width, width not above 0, or the level */
CXM_API cxm_status cxm_compare_paired_mean(uint64_t n, double change, double sd, double width, int32_t method, double level,
                                           cxm_difference *out);

/** A ratio of two rates. 72 bytes; set `size` to sizeof(cxm_rate_ratio). Versions only append. */
typedef struct cxm_rate_ratio {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t method;             /**< out: CXM_COMPARE_*, never DEFAULT */
    double level;               /**< out: as asked, 0 < level < 1 */
    double ratio;               /**< out: rate of a over that of b; infinite when b has no events, never else */
    double low, high;           /**< out: its limits, 0 and up; low is 0 when a has no events, high infinite when b has none
                                          or past the largest double */
    double change;              /**< out: ratio - 1, to its own last digits: +0.25 is a quarter more */
    double change_low, change_high;     /**< out: low - 1 and high - 1 */
    double p;                   /**< out: two-sided, of ratio 1, 0..1; it inverts the limits */
} cxm_rate_ratio;

/** Rate of a over that of b, exact for Poisson counts: given their sum, a's events are binomial, so the limits are
 *  Clopper-Pearson's of its share, as in R's poisson.test. p is twice the smaller tail, at most 1, so that it inverts these
 *  limits; poisson.test's p sums the outcomes no likelier instead, and can contradict them. Method: conditional.
 *  @return CXM_OK | CXM_E_EMPTY a sample without exposure | CXM_E_UNDEFINED no events in either | CXM_E_METHOD not a rate's |
 *          CXM_E_OVERFLOW the ratio passes the largest double | CXM_E_ABI small `size` | CXM_E_ARG NULL, a negative, infinite
 *          or NaN exposure or level outside (0, 1) */
CXM_API cxm_status cxm_compare_rate(const cxm_rate_sample *a, const cxm_rate_sample *b, int32_t method, double level,
                                    cxm_rate_ratio *out);

/** Net share of a less that of b with the same mix on both sides: stratum k of a is compared with stratum k of b, and the
 *  differences are averaged with the weights that both samples together put on the strata which both have. Strata that
 *  one of them lacks are left out, their answers counted in `*left_out` (may be NULL). Methods: mover (the default), wald.
 *  @return CXM_OK | CXM_E_EMPTY no stratum that both have | CXM_E_UNDEFINED wald without any spread and with a difference |
 *          CXM_E_METHOD | CXM_E_OVERFLOW answers past UINT64_MAX | CXM_E_ABI | CXM_E_ARG NULL or level outside (0, 1) */
CXM_API cxm_status cxm_compare_net_within(const cxm_net_sample *a, const cxm_net_sample *b, size_t strata_count, int32_t method,
                                          double level, cxm_difference *out, uint64_t *left_out);

/** The same of shares. Methods: newcombe (the default), wald.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_UNDEFINED | CXM_E_METHOD | CXM_E_OVERFLOW | CXM_E_ABI |
 *          CXM_E_ARG also for hits > n */
CXM_API cxm_status cxm_compare_share_within(const cxm_share_sample *a, const cxm_share_sample *b, size_t strata_count,
                                            int32_t method, double level, cxm_difference *out, uint64_t *left_out);

/** The same of means, by Student's t with Satterthwaite's degrees of freedom over all strata.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_UNDEFINED one answer in a stratum that both have, or no spread in any |
 *          CXM_E_METHOD | CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG as cxm_compare_mean */
CXM_API cxm_status cxm_compare_mean_within(const cxm_mean_sample *a, const cxm_mean_sample *b, size_t strata_count,
                                           double range_low, double range_high, int32_t method, double level,
                                           cxm_difference *out, uint64_t *left_out);

/** The name of a method ("newcombe"), static; "unknown" for no such number, never NULL. */
CXM_API const char *cxm_compare_name(int32_t method);

/** The method called `name` ("miettinen-nurminen"), exact case; "default" is CXM_COMPARE_DEFAULT.
 *  @return CXM_OK | CXM_E_METHOD no such name | CXM_E_ARG */
CXM_API cxm_status cxm_compare_method(const char *name, size_t len, int32_t *out);

CXM_END_C
#endif
