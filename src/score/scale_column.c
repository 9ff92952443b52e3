/* SPDX-License-Identifier: MIT */
/* scale_column.c - whole columns into a scale.
 *
 * A column is read in blocks. Each block becomes bins: bin b < points is the b-th point of the scale, the
 * last two bins are "out of range" and "missing". Bytes without a bitmap are counted straight into four
 * histograms of 256, since increments of one counter wait for each other and four rarely do (an answer
 * column has few distinct values); the histogram is folded onto the scale at the end.
 * On a scale within 0..14, as NPS, CSAT and CES have, a byte needs only four bits: all above 14 is 15, out of
 * range. Two answers then make one index, and each increment counts a pair: half the work.
 * Block counters of 32 bits cannot overflow: a block has at most 2^24 values. The state changes once, when
 * all is read.                                                                          */
#include "base/port.h"
#include <cxm/scale.h>
#include "base/column.h"
#include "score/scale_points.h"
#include <string.h>

_Static_assert(sizeof(void *) != 8 || sizeof(cxm_column) == 48, "cxm_column grew");

enum { BLOCK = 1 << 24, WAYS = 4, BYTE_BINS = 256 };

/* What a column adds; committed by one merge. */
typedef struct tally { cxm_scale sum; } tally;

/* --- packed bytes without a bitmap --- */

static void count_bytes(const unsigned char *bytes, size_t n, uint32_t bins[WAYS][BYTE_BINS])
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t word;                      /* the bytes' order in it does not matter */
        memcpy(&word, bytes + i, sizeof word);
        ++bins[0][word & 0xFF];
        ++bins[1][word >> 8 & 0xFF];
        ++bins[2][word >> 16 & 0xFF];
        ++bins[3][word >> 24 & 0xFF];
        ++bins[0][word >> 32 & 0xFF];
        ++bins[1][word >> 40 & 0xFF];
        ++bins[2][word >> 48 & 0xFF];
        ++bins[3][word >> 56];
    }
    for (; i < n; ++i) ++bins[0][bytes[i]];
}

/* A block's histograms onto the scale; bin b stands for the answer b, or b - 256 when signed. */
static void fold_bytes(tally *out, uint32_t bins[WAYS][BYTE_BINS], bool is_signed)
{
    for (int b = 0; b < BYTE_BINS; ++b) {
        uint64_t n = (uint64_t)bins[0][b] + bins[1][b] + bins[2][b] + bins[3][b];
        int32_t answer = is_signed && b > INT8_MAX ? b - BYTE_BINS : b;
        cxm_scale_add_n(&out->sum, answer, n);          /* a column cannot fill a counter */
    }
}

/* --- the same, two at a time --- */

/* Eight answers as four-bit numbers, one in each byte; whatever exceeds 15 becomes 15. */
static inline uint64_t to_nibbles(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t high = bytes >> 4 & 15 * ones, large = (high + 15 * ones) & 16 * ones;     /* bit 4: above 15 */
    return (bytes & 15 * ones) | (large - (large >> 4));
}

/* Counts pairs of neighbours; `n` is a multiple of 8. */
static void count_pairs(const unsigned char *bytes, size_t n, uint32_t bins[WAYS][BYTE_BINS])
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word;                      /* which of a pair is the low half does not matter either */
        memcpy(&word, bytes + i, sizeof word);
        uint64_t nibbles = to_nibbles(word), pairs = nibbles | nibbles >> 4;
        ++bins[0][pairs & 0xFF];
        ++bins[1][pairs >> 16 & 0xFF];
        ++bins[2][pairs >> 32 & 0xFF];
        ++bins[3][pairs >> 48 & 0xFF];
    }
}

static void fold_pairs(tally *out, uint32_t bins[WAYS][BYTE_BINS])
{
    for (int b = 0; b < BYTE_BINS; ++b) {
        uint64_t n = (uint64_t)bins[0][b] + bins[1][b] + bins[2][b] + bins[3][b];
        cxm_scale_add_n(&out->sum, b & 15, n);
        cxm_scale_add_n(&out->sum, b >> 4, n);
    }
}

static bool fits_nibbles(const cxm_scale_spec *spec)
{
    return spec->lo >= 0 && spec->hi <= 14;
}

static void tally_bytes(tally *out, const cxm_column *column)
{
    const unsigned char *bytes = (const unsigned char *)column->values;
    for (uint64_t done = 0; done < column->count;) {
        uint32_t bins[WAYS][BYTE_BINS] = {{0}};
        uint64_t left = column->count - done;
        size_t n = left < BLOCK ? (size_t)left : BLOCK, whole = n & ~(size_t)7;
        if (fits_nibbles(&out->sum.spec) && whole) {
            count_pairs(bytes + done, whole, bins);
            fold_pairs(out, bins);
            done += whole;
        } else {
            count_bytes(bytes + done, n, bins);
            fold_bytes(out, bins, column->type == CXM_I8);
            done += n;
        }
    }
}

/* --- every other column: value by value into bins --- */

/* The bin of an integer: a point, or `points` for one outside the scale. */
static inline uint32_t bin_of_int(int64_t answer, const cxm_scale_spec *spec, uint32_t points)
{
    uint64_t at = (uint64_t)(answer - spec->lo);
    return at < points ? (uint32_t)at : points;
}

/* The same for a double; NaN is `points` + 1, missing. */
static inline uint32_t bin_of_double(double answer, const cxm_scale_spec *spec, uint32_t points)
{
    if (!(answer >= spec->lo && answer <= spec->hi)) return answer == answer ? points : points + 1;
    int32_t point = (int32_t)answer;
    return (double)point == answer ? (uint32_t)(point - spec->lo) : points;
}

static inline uint32_t bin_at(const unsigned char *at, int32_t type, const cxm_scale_spec *spec, uint32_t points)
{
    int8_t i8;
    int32_t i32;
    double f64;
    switch (type) {
    case CXM_U8: return bin_of_int(*at, spec, points);
    case CXM_I8: memcpy(&i8, at, sizeof i8); return bin_of_int(i8, spec, points);
    case CXM_I32: memcpy(&i32, at, sizeof i32); return bin_of_int(i32, spec, points);
    default: memcpy(&f64, at, sizeof f64); return bin_of_double(f64, spec, points);
    }
}

enum { BINS = CXM_SCALE_POINTS_MAX + 2 };

static void fold_bins(tally *out, uint32_t bins[WAYS][BINS], uint32_t points)
{
    for (uint32_t b = 0; b < points + 2; ++b) {
        uint64_t n = (uint64_t)bins[0][b] + bins[1][b] + bins[2][b] + bins[3][b];
        *(b < points ? &out->sum.counts[b] : b == points ? &out->sum.out_of_range : &out->sum.missing) += n;
    }
}

/* Part of a column: `count` values from `at` on, whose first validity bit is `bit`. */
typedef struct span { const unsigned char *at; int64_t stride; const uint8_t *validity; uint64_t bit, count; } span;

/* Inline, and called with a constant type, so that each type gets a loop of its own. */
static inline void count_span(const span *s, int32_t type, const cxm_scale_spec *spec, uint32_t bins[WAYS][BINS])
{
    uint32_t points = (uint32_t)scale_points(spec);
    const unsigned char *at = s->at;
    for (uint64_t i = 0; i < s->count; ++i) {
        uint64_t bit = s->bit + i;
        uint32_t exists = s->validity ? (uint32_t)s->validity[bit >> 3] >> (bit & 7) & 1u : 1u;
        uint32_t bin = bin_at(at, type, spec, points), missing = points + 1;
        ++bins[i % WAYS][missing ^ ((missing ^ bin) & (0u - exists))];      /* a branch here is a coin toss */
        at += i + 1 < s->count ? s->stride : 0;         /* never past the last value */
    }
}

static void count_typed(const span *s, int32_t type, const cxm_scale_spec *spec, uint32_t bins[WAYS][BINS])
{
    switch (type) {
    case CXM_U8: count_span(s, CXM_U8, spec, bins); break;
    case CXM_I8: count_span(s, CXM_I8, spec, bins); break;
    case CXM_I32: count_span(s, CXM_I32, spec, bins); break;
    default: count_span(s, CXM_F64, spec, bins);
    }
}

static void tally_values(tally *out, const cxm_column *column)
{
    const cxm_scale_spec *spec = &out->sum.spec;
    int64_t stride = column->stride ? column->stride : (int64_t)column_type_bytes(column->type);
    span s = {(const unsigned char *)column->values, stride, column->validity, column->validity_bit, 0};
    for (uint64_t left = column->count; left > 0; left -= s.count) {
        uint32_t bins[WAYS][BINS] = {{0}};
        if (s.count) s.at += stride * (int64_t)s.count;     /* only when there is more behind it */
        s.bit += s.count;
        s.count = left < BLOCK ? left : BLOCK;
        count_typed(&s, column->type, spec, bins);
        fold_bins(out, bins, (uint32_t)scale_points(spec));
    }
}

cxm_status cxm_scale_add_many(cxm_scale *scale, const cxm_column *column)
{
    tally part;
    cxm_status status = column_check(column);
    if (status != CXM_OK) return status;
    if (!scale || cxm_scale_init(&part.sum, &scale->spec) != CXM_OK) return CXM_E_ARG;
    bool packed = column->stride == 0 || column->stride == 1;
    if (column_type_bytes(column->type) == 1 && packed && !column->validity) tally_bytes(&part, column);
    else tally_values(&part, column);
    return cxm_scale_merge(scale, &part.sum);
}
