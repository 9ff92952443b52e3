/* SPDX-License-Identifier: MIT */
/** @file cxm/quantile.h
 *  @brief Percentiles of durations and amounts: integer counts in log-linear bins, a guaranteed relative error, exact merges.
 *
 *  A value is a whole number of steps u >= 1: of microseconds when it is a duration, of 10^-decimals when it is a number.
 *  A double is turned into steps once: times the steps of its unit, then to the nearest whole number, ties to even.
 *  Each power of two is cut into 2^K bins of one width:
 *      bin(u) = (bits of the double u) >> (52 - K)             no logarithm, no libm, the same on every machine
 *  K = 6 is CXM_PRECISION_1, K = 9 is CXM_PRECISION_01. Every u up to 2^(K+1) has a bin of its own. A value told from
 *  its bin [lo, hi) is off by at most a = 1 / (2^(K+1) + 1) of itself: 0.775 % and 0.0976 %. That holds for every
 *  quantile and every data.
 *
 *  What is no value in range is counted apart: 0 (`zero`), less than `low` (`under`), more than `high` (`over`); these
 *  three have their rank among the values. Negative values, infinities and NaN are refused: they are counted
 *  (`negative`, `infinite`, `missing`) and are part of nothing else. So are durations that have not ended (`open`).
 *      n = zero + under + values in range + over
 *  The sum of the values in range is exact (128 bits), and so is the count above each declared target.
 *
 *  State    About 176 bytes and 24 a target; up to 12 values lie inside, then a window of bins from the least value to the
 *           greatest, each with a counter of 8, 16, 32 or 64 bits: the smallest that the largest count so far
 *           needs. cxm_quantile_bytes_most says what it can grow to. Counts are a group, so removal is the inverse of
 *           addition and windows slide by subtraction; only minimum and maximum cannot be told any more once
 *           something was removed, and are then known to a bin's width (`extremes_exact`).
 *  Source   bins: G. Tene, HdrHistogram, 2012, and C. Masson, J. E. Rim, H. K. Lee, "DDSketch", PVLDB 12(12), 2019
 *           (the linear mapping); types of quantiles: R. J. Hyndman and Y. Fan, The American Statistician 50(4), 1996;
 *           intervals: W. J. Conover, Practical Nonparametric Statistics, 3rd ed., 1999, 3.2.
 *  Threads  No shared state: one writer per cxm_quantile, const calls together, then merge.   */
#ifndef CXM_QUANTILE_H
#define CXM_QUANTILE_H
#include <cxm/alloc.h>
#include <cxm/column.h>
#include <cxm/compare.h>
#include <cxm/interval.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** Bins in a power of two, as K = log2 of their number. */
enum cxm_precision {
    CXM_PRECISION_1 = 6,    /**< relative error at most 1/129, 0.775 % */
    CXM_PRECISION_01 = 9    /**< at most 1/1025, 0.0976 % */
};

/** What a double is told in, and what answers are in. All durations have the same states, in microseconds. */
enum cxm_unit {
    CXM_UNIT_US = 1, CXM_UNIT_MS = 2, CXM_UNIT_S = 3, CXM_UNIT_MIN = 4, CXM_UNIT_H = 5,
    CXM_UNIT_NUMBER = 6     /**< no duration: a number of `decimals` decimals */
};

/** Types of a quantile of Hyndman and Fan. */
enum cxm_quantile_type {
    CXM_QUANTILE_TYPE1 = 1, /**< the value of rank ceil(n q): at least a share q is at or below it */
    CXM_QUANTILE_TYPE7 = 7, /**< between the values around rank (n - 1) q + 1, as R, NumPy and spreadsheets do */
    CXM_QUANTILE_SMOOTH = 70    /**< type 7 of values evenly spread in their bin, wherever that leads: far closer where the
                                     distribution is smooth, off by at most twice the relative error where it is not */
};

/** Targets of a state. */
#define CXM_QUANTILE_TARGETS_MAX 4

/** What must agree before a merge means anything, but for `unit` among durations. 72 bytes; set `size`. */
typedef struct cxm_quantile_spec {
    uint32_t size;          /**< sizeof(cxm_quantile_spec) */
    int32_t precision;      /**< CXM_PRECISION_*; 0: CXM_PRECISION_1 */
    int32_t unit;           /**< CXM_UNIT_*; 0: seconds */
    int32_t decimals;       /**< of CXM_UNIT_NUMBER: 0..9; else 0 */
    uint64_t low, high;     /**< range in steps; down and up to the ends of their bins. 0: 1 step, and 100 years or, of a
                                 number, 2^52 - 1 steps, which is the most */
    uint32_t targets;       /**< how many of `target` are declared */
    uint32_t reserved;      /**< zero */
    uint64_t target[CXM_QUANTILE_TARGETS_MAX];  /**< in steps, rising, within the range; zero where not declared */
} cxm_quantile_spec;

/** A summary, in the unit of the spec. 152 bytes; set `size`. Versions only append. */
typedef struct cxm_quantile_summary {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t extremes_exact;     /**< out: 1: min and max are exact; 0: something was removed, they are within the error */
    uint64_t n;                 /**< out: zero + under + in range + over */
    uint64_t zero, under, over; /**< out: 0; below the range; above it */
    uint64_t missing, unparsed, negative, infinite;     /**< out: refused */
    double relative_error;      /**< out: a: no quantile within the range is off by more of itself */
    double mean;                /**< out: exact sum / n, rounded; see mean_status */
    double min, max;            /**< out: NaN where under, or over, holds what they are */
    int32_t mean_status;        /**< out: CXM_OK | CXM_E_UNDEFINED some lie outside the range | CXM_E_EMPTY */
    int32_t median_status;      /**< out: as cxm_quantile_at says */
    double median;              /**< out: type 7 */
    double sum;                 /**< out: of the values in range, rounded */
    uint64_t sum_high, sum_low; /**< out: the same in steps, exactly: sum_high 2^64 + sum_low */
    uint64_t open;              /**< out: durations that have not ended */
} cxm_quantile_summary;

typedef struct cxm_quantile cxm_quantile;

/** Make an empty state; `spec` NULL is all zeros: seconds, 1 %, 1 microsecond to 100 years, no targets.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_ABI small `size` | CXM_E_ARG a spec out of its ranges */
CXM_API cxm_status cxm_quantile_create(const cxm_quantile_spec *spec, const cxm_alloc *alloc, cxm_quantile **out);

/** Take back a state; NULL is fine. */
CXM_API void cxm_quantile_free(cxm_quantile *q);

/** Bytes that a state of this spec takes at the most, all its memory together, with what a call borrows while it runs; 0
 *  for one out of its ranges. */
CXM_API size_t cxm_quantile_bytes_most(const cxm_quantile_spec *spec);

/** Bytes that this state takes now, all its memory together; 0 for NULL. */
CXM_API size_t cxm_quantile_bytes(const cxm_quantile *q);

/** The spec with everything filled in: the range as its bins have it.
 *  @return CXM_OK | CXM_E_ABI small `size` | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_spec_of(const cxm_quantile *q, cxm_quantile_spec *out);

/** Tell doubles in another unit of durations from now on, and be answered in it; what is counted stays as it is.
 *  @return CXM_OK | CXM_E_ARG also of numbers, and for CXM_UNIT_NUMBER */
CXM_API cxm_status cxm_quantile_set_unit(cxm_quantile *q, int32_t unit);

/** Count one value, in the unit of the spec. Merges may bring n to the end of its type; a value in range is then still
 *  counted in its bin, and every call that needs n says CXM_E_OVERFLOW.
 *  @return CXM_OK also for 0, and outside the range | CXM_E_DOMAIN counted as negative, infinite or missing (NaN) |
 *          CXM_E_OVERFLOW a counter is full, unchanged | CXM_E_MEMORY unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_add(cxm_quantile *q, double value);

/** Count one value that is whole steps already: microseconds, of a duration.
 *  @return CXM_OK | CXM_E_DOMAIN counted as negative | CXM_E_OVERFLOW | CXM_E_MEMORY; unchanged on both | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_add_steps(cxm_quantile *q, int64_t steps);

/** Count a row without a value.
 *  @return CXM_OK | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_add_missing(cxm_quantile *q);

/** Count a row with a text that is no value.
 *  @return CXM_OK | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_add_unparsed(cxm_quantile *q);

/** Count a duration that has not ended: a ticket without a solution so far. It has no rank; how many there are stands beside
 *  every percentile, which they would raise.
 *  @return CXM_OK | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_add_open(cxm_quantile *q);

/** Count a column, in the unit of the spec; what does not exist is missing.
 *  @return CXM_OK, also when some were refused | CXM_E_OVERFLOW | CXM_E_MEMORY; unchanged on both | CXM_E_ABI |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_quantile_add_many(cxm_quantile *q, const cxm_column *column);

/** Take back one value; the exact inverse of cxm_quantile_add, but for the extremes. That a value never was there shows by
 *  its bin, by the sum or by a target's count; one that only shared the bin of another may pass, and cxm_quantile_encode
 *  refuses what is left when its sum, or a target's count, is one that no values in these bins can have.
 *  @return CXM_OK | CXM_E_DOMAIN taken from negative, infinite or missing | CXM_E_UNDERFLOW no such value is there,
 *          unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_remove(cxm_quantile *q, double value);

/** Take back one value that is whole steps already.
 *  @return CXM_OK | CXM_E_DOMAIN taken from negative | CXM_E_UNDERFLOW no such value is there, unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_remove_steps(cxm_quantile *q, int64_t steps);

/** Take back a row that was counted as missing.
 *  @return CXM_OK | CXM_E_UNDERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_remove_missing(cxm_quantile *q);

/** Take back a row that was counted as unparsed.
 *  @return CXM_OK | CXM_E_UNDERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_remove_unparsed(cxm_quantile *q);

/** Take back a duration that was counted as open.
 *  @return CXM_OK | CXM_E_UNDERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_remove_open(cxm_quantile *q);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH another precision, range, kind of unit or targets | CXM_E_OVERFLOW | CXM_E_MEMORY |
 *          CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_quantile_merge(cxm_quantile *into, const cxm_quantile *from);

/** Take away all that `from` holds: the inverse of merge, but for the extremes. Needs no memory. Values that only shared bins
 *  with those of `into` may pass, as with cxm_quantile_remove.
 *  @return CXM_OK | CXM_E_MISMATCH | CXM_E_UNDERFLOW `into` does not hold it | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_quantile_subtract(cxm_quantile *into, const cxm_quantile *from);

/** Counts, mean, extremes and median.
 *  @return CXM_OK | CXM_E_EMPTY no value at all, the counts written | CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_ABI |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_quantile_summarize(const cxm_quantile *q, cxm_quantile_summary *out);

/** The quantile at `share`, 0..1, of a CXM_QUANTILE_TYPE*, within the relative error of the exact one. Inside a bin the
 *  values are taken as evenly spread, never past the error; the least and the greatest value are exact.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_UNDEFINED it lies outside the range | CXM_E_METHOD no such type |
 *          CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_at(const cxm_quantile *q, double share, int32_t type, double *out);

/** Its limits at `level`, from order statistics: whatever the distribution, they hold the quantile of the population with
 *  at least that probability. They are the ends of bins, outwards.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_UNDEFINED too few values for one or both limits, which is then NaN; or outside the
 *          range | CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_interval(const cxm_quantile *q, double share, double level, cxm_interval *out);

/** How many values are at or below `value`, which is turned into steps as one that is added: at least `*least`, at most `*most`, with all those of its bin between;
 *  `*share` is the estimate over n. The same at a declared target, exactly.
 *  @return CXM_OK | CXM_E_EMPTY | CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_ARG NULL, or value NaN */
CXM_API cxm_status cxm_quantile_rank(const cxm_quantile *q, double value, uint64_t *least, uint64_t *most, double *share);

/** Values at or below target number `i` of the spec, exactly, of n.
 *  @return CXM_OK | CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_ARG no such target */
CXM_API cxm_status cxm_quantile_within(const cxm_quantile *q, uint32_t i, uint64_t *hits, uint64_t *n);

/** The quantile of `a` at `share` (0.5: the median, type 7) less that of `b`, in the unit of `a`. Methods: CXM_COMPARE_ORDER, the
 *  default, from the limits of both by cxm_quantile_interval, whatever the distributions, ties and sizes; `se` is NaN, as it has
 *  none. CXM_COMPARE_PRICE_BONETT, narrower, for values that are rarely equal and not few.
 *  @return CXM_OK | CXM_E_MISMATCH as cxm_quantile_merge | CXM_E_EMPTY | CXM_E_UNDEFINED too few values for the limits of either,
 *          or they lie outside the range; of price-bonett no spread in one of them | CXM_E_METHOD | CXM_E_OVERFLOW n past
 *          UINT64_MAX | CXM_E_ABI | CXM_E_ARG also for a share that is not inside (0, 1), or the level */
CXM_API cxm_status cxm_quantile_compare(const cxm_quantile *a, const cxm_quantile *b, double share, int32_t method, double level,
                                        cxm_difference *out);

/** The share of `a` at or below target number `i` of the spec less that of `b`, from exact counts: cxm_compare_share.
 *  @return CXM_OK | CXM_E_MISMATCH | CXM_E_EMPTY | CXM_E_UNDEFINED | CXM_E_LIMIT | CXM_E_METHOD not a share's |
 *          CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG also for no such target */
CXM_API cxm_status cxm_quantile_compare_within(const cxm_quantile *a, const cxm_quantile *b, uint32_t i, int32_t method,
                                               double level, cxm_difference *out);

/** One bin that is not empty, in rising order; begin with `*cursor` 0. Of values in range alone. `low` and `high` are its
 *  least and its greatest value.
 *  @return CXM_OK | CXM_END | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_bin(const cxm_quantile *q, uint32_t *cursor, double *low, double *high, uint64_t *count);

/** Write the state as canonical bytes: kind 5 of src/base/codec.h; src/response/quantile_codec.c has the layout. `*len` is
 *  the length needed, also when CXM_E_LIMIT says that `cap` is smaller.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_UNDEFINED values were removed that never were there |
 *          CXM_E_OVERFLOW n past UINT64_MAX | CXM_E_ARG */
CXM_API cxm_status cxm_quantile_encode(const cxm_quantile *q, void *out, size_t cap, size_t *len);

/** Make a state from its bytes; they are not trusted. It takes at most `max_bytes` (0: no bound but the allocator's),
 *  checked before anything is allocated. A duration comes back with seconds as its unit (cxm_quantile_set_unit).
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a state | CXM_E_VERSION | CXM_E_LIMIT past max_bytes |
 *          CXM_E_MEMORY | CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_quantile_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc,
                                       cxm_quantile **out);

CXM_END_C
#endif
