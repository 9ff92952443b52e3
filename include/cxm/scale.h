/* SPDX-License-Identifier: MIT */
/** @file cxm/scale.h
 *  @brief Every answer on a declared scale: one counter a point is the whole state.
 *
 *  A scale is lo..hi in steps of one, at most 101 points, with a direction and three bands that
 *  partition it:
 *      lo .. low_to  |  low_to+1 .. high_from-1  |  high_from .. hi
 *  Where higher is better the high band holds the top boxes and the low band the bottom boxes;
 *  where lower is better it is the other way round. With n answers on the scale, T in the top
 *  boxes, B in the bottom boxes:
 *      top_share = T / n      bottom_share = B / n      net = (T - B) / n
 *      mean = sum(answer) / n      sd = sqrt(sum((answer - mean)^2) / (n - 1))
 *      rescaled = 100 (mean - worst) / (best - worst)      in 0..100, 100 is best
 *  What is not counted is part of the state: missing, unparsed and out of range (outside lo..hi
 *  or between two points). A percentage of boxes and a mean are different metrics; ask names one.
 *  State size: 48 bytes and 8 for each point, whatever the stream's length. add and remove are
 *  exact inverses, merge is integer addition: order, partition and threads change nothing.
 *  Source   R. Likert, Archives of Psychology 140, 1932 (the scale); top and bottom boxes as in
 *           survey practice; quantiles by R. J. Hyndman and Y. Fan, The American Statistician
 *           50(4), 1996, types 1 and 7.
 *  Threads  No shared state: one writer per cxm_scale, const calls together, then merge.   */
#ifndef CXM_SCALE_H
#define CXM_SCALE_H
#include <cxm/alloc.h>
#include <cxm/column.h>
#include <cxm/compare.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The largest number of points. */
#define CXM_SCALE_POINTS_MAX 101

/** Directions. */
enum cxm_direction { CXM_HIGHER_IS_BETTER = 1, CXM_LOWER_IS_BETTER = 2 };

/** Values that can be asked of a scale. */
enum cxm_scale_value {
    CXM_VALUE_MEAN = 1,     /**< mean answer, on the scale; interval: t */
    CXM_VALUE_TOP = 2,      /**< share of the top boxes, 0..1; interval: wilson */
    CXM_VALUE_NET = 3       /**< top share less bottom share, -1..+1; interval: score */
};

/** What must agree before two states can merge. 24 bytes. */
typedef struct cxm_scale_spec {
    uint32_t size;          /**< sizeof(cxm_scale_spec) */
    int32_t lo, hi;         /**< the scale's ends, lo < hi, hi - lo <= 100 */
    int32_t low_to;         /**< last point of the low band, lo <= low_to < high_from */
    int32_t high_from;      /**< first point of the high band, <= hi */
    int32_t direction;      /**< CXM_HIGHER_IS_BETTER or CXM_LOWER_IS_BETTER */
} cxm_scale_spec;

/** What is asked of a state. 32 bytes. */
typedef struct cxm_scale_ask {
    uint32_t size;          /**< sizeof(cxm_scale_ask) */
    int32_t value;          /**< CXM_VALUE_*: which number is `value` */
    int32_t method;         /**< CXM_INTERVAL_*; 0 = the default of that value */
    int32_t reserved;       /**< zero */
    double level;           /**< confidence level; 0 = 0.95 */
    double net_unit;        /**< a net is multiplied by it; 0 = 1 (NPS: 100, for points) */
} cxm_scale_ask;

/** The state. Only cxm_scale_bytes(spec) of it are ever touched, so who keeps many may store
 *  just that much of each. */
typedef struct cxm_scale {
    cxm_scale_spec spec;
    uint64_t missing;       /**< blank, a missing word, NaN or null */
    uint64_t unparsed;      /**< a text that is no number */
    uint64_t out_of_range;  /**< a number that is no point of the scale */
    uint64_t counts[CXM_SCALE_POINTS_MAX];  /**< answers by point, counts[0] is lo */
} cxm_scale;

/** A summary. 168 bytes; set `size`. Versions only append. */
typedef struct cxm_scale_summary {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t value_kind;         /**< out: CXM_VALUE_* */
    uint64_t n;                 /**< out: answers on the scale */
    uint64_t top, middle, bottom;   /**< out: answers by band; their sum is n */
    uint64_t missing, unparsed, out_of_range;   /**< out: the account */
    double value;               /**< out: what was asked; a net times net_unit */
    double se;                  /**< out: its standard error; NaN when se_status says so */
    double mean;                /**< out: lo..hi */
    double sd;                  /**< out: sample standard deviation; NaN when n = 1 */
    double top_share, bottom_share;     /**< out: 0..1 */
    double net;                 /**< out: top share less bottom share, times net_unit */
    double rescaled;            /**< out: 0..100, 100 is best */
    double level;               /**< out: of the interval */
    double low, high;           /**< out: limits of `value`; NaN when interval_status says so */
    int32_t method;             /**< out: CXM_INTERVAL_* */
    cxm_status interval_status; /**< out: CXM_OK, CXM_E_UNDEFINED: the data hold no interval, or
                                     CXM_E_LIMIT: more answers than bootstrap takes */
    cxm_status se_status;       /**< out: CXM_OK, or CXM_E_UNDEFINED: a mean of one answer */
    int32_t reserved;           /**< out: zero */
} cxm_scale_summary;

/** The scale lo..hi with the best point alone as top box and the worst alone as bottom box.
 *  @return CXM_OK | CXM_E_ARG lo >= hi, more than 101 points, no such direction or NULL */
CXM_API cxm_status cxm_scale_define(int32_t lo, int32_t hi, int32_t direction, cxm_scale_spec *out);

/** Make from..to the top boxes of `spec`: they must reach the scale's good end and leave at
 *  least one point. The bottom boxes become as many points at the other end, or all that are left.
 *  @return CXM_OK | CXM_E_ARG, spec unchanged */
CXM_API cxm_status cxm_scale_set_top(cxm_scale_spec *spec, int32_t from, int32_t to);

/** Bytes of a state with this spec; 0 when the spec is not valid. */
CXM_API size_t cxm_scale_bytes(const cxm_scale_spec *spec);

/** Start `scale` empty; writes cxm_scale_bytes(spec) bytes.
 *  @return CXM_OK | CXM_E_ARG NULL or a spec that is not valid */
CXM_API cxm_status cxm_scale_init(cxm_scale *scale, const cxm_scale_spec *spec);

/** Count one answer; one outside the scale is counted in out_of_range.
 *  @return CXM_OK | CXM_E_DOMAIN counted as out of range | CXM_E_OVERFLOW counter full, unchanged |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_scale_add(cxm_scale *scale, int32_t answer);

/** Count one answer given as a double: NaN is missing; an infinity, a number outside the scale
 *  or between two points is out of range.
 *  @return CXM_OK, also for a missing one | CXM_E_DOMAIN | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_scale_add_double(cxm_scale *scale, double answer);

/** Count the same answer `times` times, as from a table of counts.
 *  @return CXM_OK | CXM_E_DOMAIN counted as out of range | CXM_E_OVERFLOW unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_scale_add_n(cxm_scale *scale, int32_t answer, uint64_t times);

/** Count one record without an answer. @return CXM_OK | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_scale_add_missing(cxm_scale *scale);

/** Count one answer whose text is no number. @return CXM_OK | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_scale_add_unparsed(cxm_scale *scale);

/** Count a column; null and NaN are missing, answers outside the scale out of range.
 *  @return CXM_OK, also when some were out of range | CXM_E_OVERFLOW unchanged | CXM_E_ARG NULL or a
 *          column that is not valid | CXM_E_ABI */
CXM_API cxm_status cxm_scale_add_many(cxm_scale *scale, const cxm_column *column);

/** Take back one answer that was added; the exact inverse of cxm_scale_add.
 *  @return CXM_OK | CXM_E_DOMAIN taken from out of range | CXM_E_UNDERFLOW none there, unchanged |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_scale_remove(cxm_scale *scale, int32_t answer);

/** The exact inverse of cxm_scale_add_double.
 *  @return CXM_OK | CXM_E_DOMAIN | CXM_E_UNDERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_scale_remove_double(cxm_scale *scale, double answer);

/** The exact inverse of cxm_scale_add_missing. @return CXM_OK | CXM_E_UNDERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_scale_remove_missing(cxm_scale *scale);

/** The exact inverse of cxm_scale_add_unparsed. @return CXM_OK | CXM_E_UNDERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_scale_remove_unparsed(cxm_scale *scale);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH different specs | CXM_E_OVERFLOW | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_scale_merge(cxm_scale *into, const cxm_scale *from);

/** Write the state as bytes that any build on any machine decodes to the same state; equal states
 *  give equal bytes. `*len` is the length needed, also when CXM_E_LIMIT says that `cap` is smaller.
 *  The layout stands in src/base/codec.h, with an example in hexadecimal.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_scale_encode(const cxm_scale *scale, void *out, size_t cap, size_t *len);

/** Read a state from its bytes; they are not trusted. Writes cxm_scale_bytes of its spec.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a scale | CXM_E_VERSION | CXM_E_ARG;
 *          `out` unchanged on each */
CXM_API cxm_status cxm_scale_decode(const void *bytes, size_t len, cxm_scale *out);

/** Answers on the scale.
 *  @return CXM_OK | CXM_E_OVERFLOW past UINT64_MAX | CXM_E_ARG */
CXM_API cxm_status cxm_scale_n(const cxm_scale *scale, uint64_t *n);

/** Summarize; `ask` NULL asks for the mean. With n = 0 only the account and n are written.
 *  @return CXM_OK | CXM_E_EMPTY n = 0 | CXM_E_OVERFLOW | CXM_E_METHOD not one for this value |
 *          CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_scale_summarize(const cxm_scale *scale, const cxm_scale_ask *ask,
                                       cxm_scale_summary *out);

/** The value asked, of `a` less that of `b`, with limits and p in the value's own unit (a net times net_unit); `ask` as
 *  for cxm_scale_summarize, but for its method: `method` is a CXM_COMPARE_*, DEFAULT what fits the value.
 *  @return CXM_OK | CXM_E_MISMATCH different scales | CXM_E_EMPTY a scale without answers | CXM_E_UNDEFINED,
 *          CXM_E_LIMIT as the comparison says (compare.h) | CXM_E_METHOD not one for this value | CXM_E_OVERFLOW |
 *          CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_scale_compare(const cxm_scale *a, const cxm_scale *b, const cxm_scale_ask *ask, int32_t method,
                                     cxm_difference *out);

/** The same with one mix of `strata` on both sides: a[k] and b[k] hold what fell into stratum k, as
 *  cxm_compare_net_within and its like compare them; 48 bytes a stratum are taken for the time of the call.
 *  @return as cxm_scale_compare: CXM_OK | CXM_E_MISMATCH | CXM_E_EMPTY no stratum that both have | CXM_E_UNDEFINED |
 *          CXM_E_METHOD | CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_scale_compare_within(const cxm_scale *const *a, const cxm_scale *const *b, size_t strata,
                                            const cxm_scale_ask *ask, int32_t method, const cxm_alloc *alloc,
                                            cxm_difference *out, uint64_t *left_out);

/** Quantile `q` of the answers, 0..1, as the smallest answer whose cumulative share reaches q.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_scale_quantile_type1(const cxm_scale *scale, double q, double *out);

/** Quantile `q` of the answers, 0..1, interpolated at (n - 1) q; q = 0.5 is the median.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_scale_quantile_type7(const cxm_scale *scale, double q, double *out);

/** One English sentence that defines the value asked of this scale, its bands, direction, unit
 *  and interval, opened by `name` ("CSAT"); writes no NUL; `*len` is what it needs.
 *  @return CXM_OK | CXM_E_LIMIT `cap` < `*len`, nothing written | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_scale_definition(const char *name, const cxm_scale_spec *spec,
                                        const cxm_scale_ask *ask, char *out, size_t cap, size_t *len);

CXM_END_C
#endif
