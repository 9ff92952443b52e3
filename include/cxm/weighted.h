/* SPDX-License-Identifier: MIT */
/** @file cxm/weighted.h
 *  @brief Answers on a declared scale, each with a survey weight: exact sums in, estimates with honest errors out.
 *
 *  For each point of the scale, and once for all rows without an answer on it, the state keeps the number of
 *  rows, the exact sum of their weights w and the exact sum of w w. With x what a point is worth (the answer; 1 in
 *  the top boxes; +1, 0, -1 by band), W = sum w and n rows in all:
 *      estimate m = sum w x / W            u = w (x - m) / W, 0 for a row without an answer
 *      variance   = n / (n - 1) sum (u - mean u)^2           the linearised (Taylor) variance, weights alone
 *      kish_n_eff = W^2 / sum w^2          kish_deff = n_answers / kish_n_eff
 *      deff       = variance / (S^2 (1 - n/W) / n)     deff_replacement = variance / (S^2 / n)     n = answers here,
 *                                          S^2 = n / (n - 1) sum w (x - m)^2 / W
 *  Strata, clusters, finite populations, domains and calibration to known totals: cxm/design.h, which reads these
 *  states as its leaves.
 *
 *  Weights  0, or 2^-200 <= w <= 2^200 (6.3e-61 .. 1.6e60); any other (negative, NaN, infinite, out of that range) is
 *           refused: the row is counted as such and in nothing else. A row of weight 0 is counted apart; whoever
 *           asks says whether such rows belong to the n of the design.
 *  Exact    Sums of weights are those of cxm/sum.h, so any order, partition and merge tree gives the same bytes, and
 *           remove is the inverse of add. Each w w is rounded once, to the nearest double, ties to even, by integers:
 *           the same everywhere. Floating point happens when something is asked, once.
 *  State    About 200 bytes for one row, 500 for 11 points and usual weights, cxm_weighted_bytes at the most, whatever
 *           the length of the stream.
 *  Source   L. Kish, "Survey Sampling", 1965 (n_eff, deff); D. A. Binder, International Statistical Review 51, 1983
 *           (linearised variance); E. L. Korn and B. I. Graubard, Survey Methodology 24(2), 1998 (beta limits).
 *  Threads  No shared state: one writer per cxm_weighted, const calls together, then merge.   */
#ifndef CXM_WEIGHTED_H
#define CXM_WEIGHTED_H
#include <cxm/alloc.h>
#include <cxm/column.h>
#include <cxm/scale.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** What rows of weight 0 are. */
enum cxm_zero_weight {
    CXM_ZERO_DROPPED = 0,   /**< no part of the sample */
    CXM_ZERO_KEPT = 1       /**< rows of the design all the same, as those outside a domain are */
};

/** What a stratum with one cluster (or one row, without clusters) adds to the variance. */
enum cxm_lonely {
    CXM_LONELY_FAIL = 0,        /**< nothing can be said: no standard error */
    CXM_LONELY_CERTAINTY = 1,   /**< nothing: it was sure to be in the sample */
    CXM_LONELY_CENTRE = 2,      /**< the square of its distance from the mean of all clusters */
    CXM_LONELY_AVERAGE = 3      /**< what the other strata add on average */
};

/** What is asked. 48 bytes; set `size`, and zero for what stands beside each field. */
typedef struct cxm_weighted_ask {
    uint32_t size;          /**< sizeof(cxm_weighted_ask) */
    int32_t value;          /**< CXM_VALUE_*; 0: the mean */
    int32_t method;         /**< CXM_INTERVAL_WALD (normal), _T, and for a share _LOGIT, _ARCSINE, _KORN_GRAUBARD,
                                 _LIKELIHOOD, _WILSON (of kish_n_eff, a quick look); 0: logit for a share, t for the others */
    int32_t zero_weight;    /**< CXM_ZERO_* */
    int32_t lonely;         /**< CXM_LONELY_* */
    int32_t cap_n;          /**< 1: Korn and Graubard's n is never above the rows; 0: it may be, as in R */
    double level;           /**< confidence level; 0: 0.95 */
    double net_unit;        /**< a net is multiplied by it; 0: 1 */
    uint32_t domain;        /**< of cxm/design.h: the domain asked about; 0: all */
    int32_t df_answers;     /**< 1: df, and Korn and Graubard's n, count clusters and rows with an answer of the domain;
                                 0: with any row of it */
} cxm_weighted_ask;

/** A summary. 224 bytes; set `size`. Versions only append. */
typedef struct cxm_weighted_summary {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t value_kind;         /**< out: CXM_VALUE_* */
    uint64_t n;                 /**< out: answers on the scale; those of weight 0 among them where these are kept */
    uint64_t missing, unparsed, out_of_range;   /**< out: rows without an answer on the scale, of any weight */
    uint64_t zero;              /**< out: rows of weight 0 */
    uint64_t refused;           /**< out: rows whose weight was refused */
    uint64_t rows;              /**< out: rows of the design, over all domains */
    uint64_t clusters, strata;  /**< out: of the design that hold rows of the domain; without clusters each row is one */
    uint64_t lonely;            /**< out: strata of the design with one cluster */
    double sum_weights;         /**< out: of the n answers, after calibration */
    double value;               /**< out: the estimate asked for; a net times net_unit */
    double se;                  /**< out: its standard error; NaN where se_status says so */
    double df;                  /**< out: clusters - strata */
    double mean;                /**< out: weighted mean answer */
    double top_share, bottom_share;     /**< out: weighted shares, 0..1 */
    double net;                 /**< out: top share less bottom share, times net_unit */
    double kish_n_eff, kish_deff;       /**< out: see above */
    double deff;                /**< out: without replacement; NaN where W < n or deff_status says so */
    double deff_replacement;    /**< out: with replacement; NaN where deff_status says so */
    double level;               /**< out: of the interval */
    double low, high;           /**< out: limits of `value`; NaN where interval_status says so */
    int32_t method;             /**< out: CXM_INTERVAL_*: WILSON instead of what was asked where a share is 0 or 1 */
    cxm_status se_status;       /**< out: CXM_OK, or CXM_E_UNDEFINED: a lonely stratum, or one row alone */
    cxm_status interval_status; /**< out: CXM_OK, or CXM_E_UNDEFINED: no standard error, one of 0, or no df */
    cxm_status deff_status;     /**< out: CXM_OK, or CXM_E_UNDEFINED: one answer, or answers all alike */
} cxm_weighted_summary;

typedef struct cxm_weighted cxm_weighted;

/** Bytes a state takes at the most, during a merge too; 0 when the spec is not valid. */
CXM_API size_t cxm_weighted_bytes(const cxm_scale_spec *spec);

/** Make an empty state; `alloc` may be NULL.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_ARG NULL or a spec that is not valid */
CXM_API cxm_status cxm_weighted_create(const cxm_scale_spec *spec, const cxm_alloc *alloc, cxm_weighted **out);

/** Take back a state; NULL is fine. */
CXM_API void cxm_weighted_free(cxm_weighted *weighted);

/** Count one answer; NaN is missing, a number that is no point of the scale out of range.
 *  @return CXM_OK | CXM_E_DOMAIN counted as refused, or as out of range | CXM_E_OVERFLOW 2^64 - 1 rows, unchanged |
 *          CXM_E_MEMORY unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_add(cxm_weighted *weighted, double answer, double weight);

/** Count two columns of one length: null and NaN answers are missing, those off the scale out of range; null weights,
 *  and those that are none, refused.
 *  @return CXM_OK, also when some were refused or out of range | CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_ARG NULL, a column
 *          that is not valid, or two lengths | CXM_E_ABI; unchanged on each but CXM_OK */
CXM_API cxm_status cxm_weighted_add_many(cxm_weighted *weighted, const cxm_column *answers, const cxm_column *weights);

/** Count one row without an answer.
 *  @return CXM_OK | CXM_E_DOMAIN counted as refused | CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_add_missing(cxm_weighted *weighted, double weight);

/** Count one row whose answer is a text that is no number.
 *  @return CXM_OK | CXM_E_DOMAIN counted as refused | CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_add_unparsed(cxm_weighted *weighted, double weight);

/** Take back one row that was added; the exact inverse of cxm_weighted_add. That it never was there shows when
 *  no row of its kind is left, or the weights left could not be those of the rows left.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused, or from out of range | CXM_E_UNDERFLOW not there, unchanged |
 *          CXM_E_MEMORY unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_remove(cxm_weighted *weighted, double answer, double weight);

/** The exact inverse of cxm_weighted_add_missing.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused | CXM_E_UNDERFLOW | CXM_E_MEMORY | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_remove_missing(cxm_weighted *weighted, double weight);

/** The exact inverse of cxm_weighted_add_unparsed.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused | CXM_E_UNDERFLOW | CXM_E_MEMORY | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_remove_unparsed(cxm_weighted *weighted, double weight);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH different scales | CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_weighted_merge(cxm_weighted *into, const cxm_weighted *from);

/** The scale. @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_spec(const cxm_weighted *weighted, cxm_scale_spec *out);

/** Rows, exact sum of weights and exact sum of squares at one point, each sum rounded to the nearest double;
 *  rows of weight 0 are not among them. A point beyond the scale asks for the rows without an answer.
 *  @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_point(const cxm_weighted *weighted, int32_t point, uint64_t *n, double *sum,
                                      double *squares);

/** Summarize by weights alone: one stratum, each row its own cluster. `ask` NULL asks for the mean. Without
 *  answers only the account, rows and n are written.
 *  @return CXM_OK | CXM_E_EMPTY no answer with a weight | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_summarize(const cxm_weighted *weighted, const cxm_weighted_ask *ask,
                                          cxm_weighted_summary *out);

/** One English sentence that defines the value asked of this scale, its bands, unit, policies and interval, opened by
 *  `name` ("CSAT"), of at most 64 bytes; writes no NUL; `*len` is what it needs.
 *  @return CXM_OK | CXM_E_LIMIT `cap` < `*len`, nothing written | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_definition(const char *name, const cxm_scale_spec *spec, const cxm_weighted_ask *ask,
                                           char *out, size_t cap, size_t *len);

/** Write the state as bytes that any build on any machine decodes to the same state; equal states give equal
 *  bytes. `*len` is the length needed, also when CXM_E_LIMIT says that `cap` is smaller. The layout stands in
 *  src/score/weighted_codec.h, with an example in hexadecimal.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_weighted_encode(const cxm_weighted *weighted, void *out, size_t cap, size_t *len);

/** Make a state from its bytes; they are not trusted. It takes at most `max_bytes` (SIZE_MAX: any), known before anything is
 *  allocated.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a weighted state | CXM_E_VERSION | CXM_E_LIMIT past
 *          max_bytes | CXM_E_MEMORY | CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_weighted_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc,
                                       cxm_weighted **out);

CXM_END_C
#endif
