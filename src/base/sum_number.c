/* SPDX-License-Identifier: MIT */
/* sum_number.c - see sum_number.h.
 *
 * Rounding. Of a size with b bits the top 53 are kept, that is all above bit s = b - 53; for b <= 53 all are, s = 0.
 * A double whose bits, read as a whole number, are s 2^52 + kept has exactly that size:
 *      kept < 2^52 (then s = 0)    exponent field 0, so kept 2^-1074: subnormal
 *      kept >= 2^52                field s + 1, mantissa kept, so kept 2^(s + 1 - 1 - 1074)
 * One more in the last place then also carries into the next exponent, and from the largest double to infinity.
 * What is cut off is above half when its first bit is 1 and a lower one too; on a tie the even one is taken.
 *
 * Within. n times the largest double is n (2^53 - 1) 2^2045 units, so without a subtraction the question is
 *      size + n 2^2045 <= n 2^2098                                                          */
#include "base/port.h"
#include "base/sum_number.h"
#include "base/bits.h"

enum { MANTISSA_BITS = 53, LARGEST_AT = 2045 };
static const uint64_t INFINITE = UINT64_C(0x7FF0000000000000), SIGN = UINT64_C(0x8000000000000000);

static uint64_t limb_at(const big *a, uint32_t at)
{
    return at < a->used ? a->limb[at] : 0;
}

/* 64 bits from bit `at` on. */
static uint64_t word_at(const big *a, uint32_t at)
{
    uint32_t i = at / 32, shift = at % 32;
    uint64_t upper = limb_at(a, i + 1) | limb_at(a, i + 2) << 32;
    return limb_at(a, i) >> shift | upper << (32 - shift);
}

/* Index of the lowest 1; `a` is not 0. */
static uint32_t lowest_bit(const big *a)
{
    uint32_t i = 0;
    while (a->limb[i] == 0) ++i;
    return 32 * i + lowest_bit64(a->limb[i]);
}

/* Whether all above bit `s` is to be raised by one for what lies below. */
static bool rounds_up(const big *a, uint32_t s)
{
    if (s == 0 || !(word_at(a, s - 1) & 1)) return false;
    return lowest_bit(a) < s - 1 || (word_at(a, s) & 1);
}

double sum_number_to_double(const sum_number *a)
{
    double out;
    uint32_t bits = big_bits(&a->size), s = bits > MANTISSA_BITS ? bits - MANTISSA_BITS : 0;
    uint64_t word = ((uint64_t)s << 52) + word_at(&a->size, s) + rounds_up(&a->size, s);
    if (word > INFINITE) word = INFINITE;
    if (a->negative) word |= SIGN;
    memcpy(&out, &word, sizeof out);
    return out;
}

int32_t sum_number_compare(const sum_number *a, const sum_number *b)
{
    if (a->negative != b->negative) return a->negative ? -1 : 1;
    int32_t order = big_compare(&a->size, &b->size);
    return a->negative ? -order : order;
}

bool sum_number_within(const sum_number *a, uint64_t n)
{
    big least, most;
    big_set(&least, n);
    big_copy(&most, &least);
    big_shl(&least, LARGEST_AT);
    big_shl(&most, LARGEST_AT + MANTISSA_BITS);
    big_add(&least, &a->size);
    return big_compare(&least, &most) <= 0;
}

/* --- bytes --- */

static unsigned char byte_at(const big *a, uint32_t at)
{
    return (unsigned char)(a->limb[at / 4] >> (8 * (at % 4)));
}

void sum_number_put(codec_writer *w, const sum_number *a)
{
    uint32_t end = (big_bits(&a->size) + 7) / 8;
    uint32_t skipped = end ? lowest_bit(&a->size) / 8 : 0;
    int64_t count = (int64_t)end - skipped;
    codec_put_i64(w, a->negative ? -count : count);
    if (end) codec_put_u64(w, skipped);
    for (uint32_t at = skipped; at < end; ++at) {
        unsigned char byte = byte_at(&a->size, at);
        codec_put_bytes(w, &byte, 1);
    }
}

static void set_bytes(big *a, const unsigned char *bytes, uint32_t count, uint32_t skipped)
{
    a->used = (skipped + count + 3) / 4;
    memset(a->limb, 0, a->used * sizeof *a->limb);
    for (uint32_t i = 0; i < count; ++i)
        a->limb[(skipped + i) / 4] |= (uint32_t)bytes[i] << (8 * ((skipped + i) % 4));
}

void sum_number_get(codec_reader *r, sum_number *out)
{
    int64_t length = codec_get_i64(r);
    uint64_t count = length < 0 ? 0 - (uint64_t)length : (uint64_t)length;
    big_set(&out->size, 0);
    out->negative = length < 0;
    if (count == 0) return;
    uint64_t skipped = codec_get_u64(r);
    r->ok = r->ok && count <= SUM_BYTES && skipped <= SUM_BYTES - count;
    const unsigned char *bytes = codec_get_bytes(r, (size_t)(r->ok ? count : 0));
    r->ok = bytes && bytes[0] && bytes[count - 1];
    if (r->ok) set_bytes(&out->size, bytes, (uint32_t)count, (uint32_t)skipped);
}
