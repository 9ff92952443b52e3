/* SPDX-License-Identifier: MIT */
/** @file cxm/sum.h
 *  @brief The exact sum of doubles: any order, any partition, the same value and the same bytes.
 *
 *  Every finite double is a whole multiple of 2^-1074, so a sum of doubles is a whole number of that
 *  unit, at most n 2^2098 of it for n values. This state keeps the number itself; nothing is rounded until
 *  cxm_sum_value, which gives the double next to the exact sum, ties to even. So
 *      1e308, 1, -1e308  sum to 1          0.1 ten times  sums to 1 (adding doubles gives 0.99999999999999989)
 *  add and remove are exact inverses and merge is addition of whole numbers.
 *
 *  Value    NaN when a NaN is among the values, or infinities of both signs; else an infinity when one is;
 *           else the exact sum, rounded. From 2^1024 - 2^970 on, half a step past the largest double, that is
 *           an infinity. A sum below the least normal double is a multiple of 2^-1074 and exact. A sum that is
 *           exactly 0 is +0.0, also that of no values and that of -0.0 alone, and no other is; so the sign
 *           of the value is the sign of the exact sum.
 *  State    576 bytes, plain data without pointers; all zeros is the valid empty state, and no call allocates.
 *           A fixed size for all exponents was chosen so that add cannot fail on any value. Carries are put
 *           off, so the bytes in memory depend on the order; those of cxm_sum_encode do not, and are the ones
 *           to compare. They are 48 for no values, about 60 for many alike, below 360 always. For sums by the
 *           hundred the library has src/base/sum_window.h inside: 4 to 20 bytes for each sum of weights, with
 *           the same value and the same bytes.
 *  Cost     two additions a value and one pass of carries in 2047 of them: see bench/base/bench_sum.c.
 *  Source   R. M. Neal, "Fast Exact Summation Using Small and Large Superaccumulators", arXiv:1505.05571,
 *           2015 (overlapping chunks, carries put off); U. Kulisch, "Computer Arithmetic and Validity", 2nd
 *           ed., 2013 (the long accumulator).
 *  Threads  No shared state: one writer per cxm_sum, const calls together, then merge.   */
#ifndef CXM_SUM_H
#define CXM_SUM_H
#include <cxm/column.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** Chunks of a state. */
#define CXM_SUM_CHUNKS 67

/** The state. To be read, `n` and the three counts below it; the rest belongs to the calls. 576 bytes. */
typedef struct cxm_sum {
    uint64_t n;             /**< values, infinities and NaN among them */
    uint64_t plus_inf;      /**< +infinity among the values */
    uint64_t minus_inf;     /**< -infinity among them */
    uint64_t nan;           /**< NaN among them */
    uint64_t pending;       /**< additions since the last carries, at most 2047 */
    int64_t chunks[CXM_SUM_CHUNKS];     /**< the finite ones: the sum of chunks[i] 2^(32 i - 1074) */
} cxm_sum;

/** Add one value.
 *  @return CXM_OK | CXM_E_OVERFLOW n is UINT64_MAX, unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_sum_add(cxm_sum *sum, double value);

/** Add a column of any type; what its bitmap says does not exist is left out. A NaN in it is a value.
 *  @return CXM_OK | CXM_E_OVERFLOW n past UINT64_MAX, unchanged | CXM_E_ARG NULL or a column that is not
 *          valid | CXM_E_ABI */
CXM_API cxm_status cxm_sum_add_many(cxm_sum *sum, const cxm_column *column);

/** Take back one value that was added; the exact inverse of cxm_sum_add. That a value never was there shows
 *  when its kind (finite, +infinity, -infinity, NaN) was not, or when the values left could not have the sum
 *  left: a sum of none that is not 0, one of k past k times the largest double.
 *  @return CXM_OK | CXM_E_UNDERFLOW no such value was added, unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_sum_remove(cxm_sum *sum, double value);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_OVERFLOW n past UINT64_MAX, unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_sum_merge(cxm_sum *into, const cxm_sum *from);

/** Turn every value into its negative; n stays. With cxm_sum_merge this is an exact difference of two sums.
 *  @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_sum_negate(cxm_sum *sum);

/** The sum as the nearest double, as said above; +0.0 for no values.
 *  @return CXM_OK, also for an infinity or NaN | CXM_E_ARG */
CXM_API cxm_status cxm_sum_value(const cxm_sum *sum, double *out);

/** Compare two exact sums, however close: -1, 0 or +1 as a is below, equal to or above b. Infinities compare
 *  as numbers do, and n does not matter.
 *  @return CXM_OK | CXM_E_UNDEFINED the value of one is NaN | CXM_E_ARG */
CXM_API cxm_status cxm_sum_compare(const cxm_sum *a, const cxm_sum *b, int32_t *order);

/** Write the state as bytes that any build on any machine decodes to the same state; the same values give
 *  the same bytes, in whatever order and parts they came. `*len` is the length needed, also when CXM_E_LIMIT
 *  says that `cap` is smaller. Kind 3 of src/base/codec.h, spec "sum", and this payload:
 *      n, plus_inf, minus_inf, nan     varints
 *      L                               zigzag varint: bytes of the number below, less than 0 for a negative one
 *      K                               varint, only when L is not 0: zero bytes left out below the lowest
 *      |L| bytes                       the size of the sum of the finite values in units of 2^-1074, lowest byte
 *                                      first, without the K zero bytes at its low end and those at its high end:
 *                                      the first and the last are not 0, and |L| + K <= 272
 *  That sum is at most (2 - 2^-52) 2^1023 for each finite value. Worked example, 1.5 and 2.25: the sum is 3.75 =
 *  15 2^1072 units = 15 256^134 units.
 *      43 58 4d 01  01 00  03 00  00 00 00 00          magic, version 1, kind 3 (exact sum), flags
 *      03 00 00 00  08 00 00 00 00 00 00 00            3 bytes of spec, 8 of payload
 *      a8 c4 0f 5d 19 9e 71 82                         FNV-1a of the spec
 *      73 75 6d                                        "sum"
 *      02 00 00 00  02  86 01  0f                      n, no infinities or NaN, L = +1, K = 134, the byte
 *      c0 cf 18 60 ca cc a6 c1                         CRC-64/XZ
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_sum_encode(const cxm_sum *sum, void *out, size_t cap, size_t *len);

/** Read a state from its bytes; they are not trusted.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a sum | CXM_E_VERSION | CXM_E_ARG;
 *          `out` unchanged on each */
CXM_API cxm_status cxm_sum_decode(const void *bytes, size_t len, cxm_sum *out);

CXM_END_C
#endif
