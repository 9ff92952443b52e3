/* SPDX-License-Identifier: MIT */
/* sum.c - the exact sum as 67 overlapping chunks: chunk i counts units of 2^(32 i - 1074) and has 64 bits.
 *
 * Adding. A finite double is digits 2^at units, digits < 2^53. With at = 32 q + r it is split at bit 32 (q + 1):
 *      low  = (digits 2^r) mod 2^32                    to chunk q, below 2^32
 *      high = digits 2^r div 2^32 < 2^(53 + r - 32)    to chunk q + 1, below 2^52 as r <= 31
 * at <= 2045, so q + 1 <= 64. No carry is made: a chunk of 64 bits bears many of these.
 *
 * Carries. A pass from the lowest chunk up leaves the remainder of a division by 2^32, cut towards 0, and gives
 * the quotient to the next: every chunk but the last is then below 2^32 in size. After k additions
 *      |chunk| <= 2^32 - 1 + k (2^52 - 1)  <=  2^63 - 2^52 + 2^32    for k <= 2^11 - 1 = 2047,
 * which also has room for a quotient from below, less than 2^31 + 1. `pending` is k. Merging chunk by chunk adds the
 * bounds, at most k1 + k2 + 1 additions. Cut towards 0, a small negative sum stays in low chunks, as a positive one.
 * The last chunk holds all from 2^2112 up: fewer than 2^64 values below 2^2098 units leave it below 2^51.
 *
 * Sign. After a pass the highest chunk that is not 0 outweighs all below it (their sum is below 2^(32 i)), so it
 * has the sign of the sum. With that sign taken off, a pass that borrows makes plain digits.
 *
 * Removing. n finite values have a sum of at most n DBL_MAX in size, and for n = 0 of 0. Adding and merging keep that;
 * removing what was added does too, so a removal that would break it is refused. With chunks 65 and 66 zero and chunk
 * 64 below 2^48 in size the sum is below 2^(2048 + 48) + 2^2080 units, DBL_MAX above 2^2097: only the last value
 * and huge sums need the exact look.
 * Source   see cxm/sum.h.                                                                 */
#include "base/port.h"
#include "base/sum.h"
#include <math.h>
#include "base/checked.h"
#include "base/column.h"

_Static_assert(sizeof(cxm_sum) == 576, "cxm_sum is part of the ABI");

enum { LAST = CXM_SUM_CHUNKS - 1, PENDING_MAX = 2047, GATHERED = 512, AHEAD_BYTES = 1024 };
static const int64_t CHUNK = INT64_C(1) << 32;

/* --- chunks --- */

static void carry(cxm_sum *sum)
{
    int64_t up = 0;
    for (int i = 0; i < LAST; ++i) {
        int64_t chunk = sum->chunks[i] + up;
        up = chunk / CHUNK;
        sum->chunks[i] = chunk - up * CHUNK;
    }
    sum->chunks[LAST] += up;
    sum->pending = 0;
}

/* The double of these bits, finite; the caller counts it in `pending`. */
static inline void put(int64_t *chunks, uint64_t bits)
{
    sum_part part = sum_bits_part(bits);
    uint32_t q = part.at / 32, r = part.at % 32;
    int64_t flip = -(int64_t)(bits >> 63);              /* (x ^ flip) - flip is -x when all its bits are 1 */
    int64_t low = (int64_t)(part.digits << r & UINT32_MAX), high = (int64_t)(part.digits >> (32 - r));
    chunks[q] += (low ^ flip) - flip;
    chunks[q + 1] += (high ^ flip) - flip;
}

static inline void put_counted(cxm_sum *sum, uint64_t bits)
{
    if (sum->pending >= PENDING_MAX) carry(sum);
    ++sum->pending;
    put(sum->chunks, bits);
}

void sum_to_number(const cxm_sum *sum, sum_number *out)
{
    cxm_sum plain = *sum;
    int64_t up = 0;
    int top = LAST;
    carry(&plain);
    while (top > 0 && plain.chunks[top] == 0) --top;
    out->negative = plain.chunks[top] < 0;
    for (int i = 0; i <= LAST; ++i) {
        int64_t chunk = (out->negative ? -plain.chunks[i] : plain.chunks[i]) + up;
        up = chunk < 0 ? -1 : 0;
        out->size.limb[i] = (uint32_t)chunk;            /* modulo 2^32: a borrow is added */
        if (i == LAST) out->size.limb[i + 1] = (uint32_t)(chunk / CHUNK);
    }
    out->size.used = SUM_LIMBS;
    while (out->size.used > 0 && out->size.limb[out->size.used - 1] == 0) --out->size.used;
}

void sum_set_number(cxm_sum *sum, const sum_number *number)
{
    const big *size = &number->size;
    for (uint32_t i = 0; i <= LAST; ++i) {
        int64_t chunk = i < size->used ? size->limb[i] : 0;
        if (i == LAST && size->used == SUM_LIMBS) chunk += CHUNK * size->limb[SUM_LIMBS - 1];
        sum->chunks[i] = number->negative ? -chunk : chunk;
    }
    sum->pending = 0;
}

/* --- one value --- */

/* The counter of an infinity or a NaN. */
static uint64_t *special(cxm_sum *sum, uint64_t bits)
{
    if (bits << 12) return &sum->nan;
    return bits >> 63 ? &sum->minus_inf : &sum->plus_inf;
}

cxm_status cxm_sum_add(cxm_sum *sum, double value)
{
    if (!sum) return CXM_E_ARG;
    if (sum->n == UINT64_MAX) return CXM_E_OVERFLOW;
    uint64_t bits = sum_bits(value);
    ++sum->n;
    if (sum_bits_finite(bits)) put_counted(sum, bits);
    else ++*special(sum, bits);
    return CXM_OK;
}

/* Whether `n` finite values can have the sum that is there. */
static bool plausible(const cxm_sum *sum, uint64_t n)
{
    sum_number number;
    const int64_t *high = sum->chunks + LAST - 2, bound = INT64_C(1) << 48;
    if (n > 0 && high[0] > -bound && high[0] < bound && high[1] == 0 && high[2] == 0) return true;
    sum_to_number(sum, &number);
    return sum_number_within(&number, n);
}

static cxm_status remove_finite(cxm_sum *sum, uint64_t bits)
{
    const uint64_t sign = UINT64_C(1) << 63;
    uint64_t finite = sum_finite(sum);
    if (finite == 0) return CXM_E_UNDERFLOW;
    put_counted(sum, bits ^ sign);
    if (!plausible(sum, finite - 1)) {
        put_counted(sum, bits);
        return CXM_E_UNDERFLOW;
    }
    --sum->n;
    return CXM_OK;
}

cxm_status cxm_sum_remove(cxm_sum *sum, double value)
{
    if (!sum) return CXM_E_ARG;
    uint64_t bits = sum_bits(value);
    if (sum_bits_finite(bits)) return remove_finite(sum, bits);
    if (*special(sum, bits) == 0) return CXM_E_UNDERFLOW;
    --*special(sum, bits);
    --sum->n;
    return CXM_OK;
}

/* --- a column --- */

/* Packed doubles, at most PENDING_MAX of them. A value takes some twenty steps, so only few lines of a large column are
 * on their way from memory at once unless they are asked for early; asking past its end does nothing. */
static void add_block(cxm_sum *sum, const unsigned char *at, size_t count)
{
    if (sum->pending + count > PENDING_MAX) carry(sum);
    sum->pending += count;
    sum->n += count;
    for (size_t i = 0; i < count; ++i) {
        uint64_t bits;
        port_prefetch(at, i * sizeof bits + AHEAD_BYTES);
        memcpy(&bits, at + i * sizeof bits, sizeof bits);
        if (sum_bits_finite(bits)) put(sum->chunks, bits);
        else ++*special(sum, bits);
    }
}

static void add_packed(cxm_sum *sum, const cxm_column *column)
{
    const unsigned char *at = (const unsigned char *)column->values;
    for (uint64_t left = column->count; left > 0;) {
        size_t count = left < PENDING_MAX ? (size_t)left : PENDING_MAX;
        add_block(sum, at, count);
        at += count * sizeof(double);
        left -= count;
    }
}

static double value_at(const unsigned char *at, int32_t type)
{
    int8_t i8;
    int32_t i32;
    double f64;
    switch (type) {
    case CXM_U8: return *at;
    case CXM_I8: memcpy(&i8, at, sizeof i8); return i8;
    case CXM_I32: memcpy(&i32, at, sizeof i32); return i32;
    default: memcpy(&f64, at, sizeof f64); return f64;
    }
}

/* Any column: the values that exist are gathered, a block at a time. */
static void add_gathered(cxm_sum *sum, const cxm_column *column)
{
    double block[GATHERED];
    size_t held = 0;
    int64_t stride = column->stride ? column->stride : (int64_t)column_type_bytes(column->type);
    const unsigned char *at = (const unsigned char *)column->values;
    for (uint64_t i = 0; i < column->count; ++i) {
        uint64_t bit = column->validity_bit + i;
        block[held] = value_at(at, column->type);
        held += column->validity ? (uint32_t)column->validity[bit >> 3] >> (bit & 7) & 1u : 1u;
        if (held == GATHERED || i + 1 == column->count) {
            add_block(sum, (const unsigned char *)block, held);
            held = 0;
        }
        at += i + 1 < column->count ? stride : 0;       /* never past the last value */
    }
}

cxm_status cxm_sum_add_many(cxm_sum *sum, const cxm_column *column)
{
    cxm_sum part = {0};                                 /* the state changes once, when all is read */
    cxm_status status = column_check(column);
    if (status != CXM_OK) return status;
    bool packed = column->stride == 0 || column->stride == (int64_t)sizeof(double);
    if (column->type == CXM_F64 && packed && !column->validity) add_packed(&part, column);
    else add_gathered(&part, column);
    return cxm_sum_merge(sum, &part);
}

/* --- whole states --- */

cxm_status cxm_sum_merge(cxm_sum *into, const cxm_sum *from)
{
    if (!into || !from) return CXM_E_ARG;
    cxm_sum more = *from;
    if (!checked_add_u64(into->n, more.n, &into->n)) return CXM_E_OVERFLOW;
    if (into->pending + more.pending >= PENDING_MAX) {
        carry(into);
        carry(&more);
    }
    into->plus_inf += more.plus_inf;                    /* they are part of n */
    into->minus_inf += more.minus_inf;
    into->nan += more.nan;
    into->pending += more.pending + 1;
    for (int i = 0; i <= LAST; ++i) into->chunks[i] += more.chunks[i];
    return CXM_OK;
}

cxm_status cxm_sum_negate(cxm_sum *sum)
{
    if (!sum) return CXM_E_ARG;
    uint64_t plus = sum->plus_inf;
    sum->plus_inf = sum->minus_inf;
    sum->minus_inf = plus;
    for (int i = 0; i <= LAST; ++i) sum->chunks[i] = -sum->chunks[i];
    return CXM_OK;
}

/* What the values that are not finite make of the sum; 0 when there are none. */
static double special_value(const cxm_sum *sum)
{
    if (sum->nan || (sum->plus_inf && sum->minus_inf)) return NAN;
    if (sum->plus_inf) return INFINITY;
    return sum->minus_inf ? -INFINITY : 0.0;
}

cxm_status cxm_sum_value(const cxm_sum *sum, double *out)
{
    sum_number number;
    if (!sum || !out) return CXM_E_ARG;
    *out = special_value(sum);
    if (*out == 0.0) {
        sum_to_number(sum, &number);
        *out = sum_number_to_double(&number);
    }
    return CXM_OK;
}

cxm_status cxm_sum_compare(const cxm_sum *a, const cxm_sum *b, int32_t *order)
{
    sum_number x, y;
    if (!a || !b || !order) return CXM_E_ARG;
    double u = special_value(a), v = special_value(b);
    if (isnan(u) || isnan(v)) return CXM_E_UNDEFINED;
    sum_to_number(a, &x);
    sum_to_number(b, &y);
    *order = u == 0.0 && v == 0.0 ? sum_number_compare(&x, &y) : (u > v) - (u < v);
    return CXM_OK;
}
