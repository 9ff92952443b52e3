/* SPDX-License-Identifier: MIT */
/* big.c - schoolbook arithmetic on 32-bit limbs with 64-bit intermediate results. */
#include "base/port.h"
#include "base/big.h"
#include <string.h>

static void trim(big *a)
{
    while (a->used > 0 && a->limb[a->used - 1] == 0) --a->used;
}

void big_set(big *a, uint64_t value)
{
    a->used = 2;
    a->limb[0] = (uint32_t)value;
    a->limb[1] = (uint32_t)(value >> 32);
    trim(a);
}

void big_copy(big *a, const big *b)
{
    a->used = b->used;
    memcpy(a->limb, b->limb, b->used * sizeof *b->limb);
}

uint32_t big_bits(const big *a)
{
    uint32_t bits = 32 * a->used;
    if (bits == 0) return 0;
    for (uint32_t top = a->limb[a->used - 1]; top < UINT32_C(0x80000000); top <<= 1) --bits;
    return bits;
}

void big_mul_add(big *a, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;
    for (uint32_t i = 0; i < a->used; ++i) {
        carry += (uint64_t)a->limb[i] * factor;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) a->limb[a->used++] = (uint32_t)carry;
}

/* 10^k = 5^k 2^k, and 5^13 is the largest power of 5 in a limb. */
void big_mul_pow10(big *a, uint32_t power)
{
    static const uint32_t pow5[] = {1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125,
                                    9765625, 48828125, 244140625, 1220703125};
    uint32_t left = power;
    for (; left >= 13; left -= 13) big_mul_add(a, pow5[13], 0);
    if (left) big_mul_add(a, pow5[left], 0);
    big_shl(a, power);
}

void big_shl(big *a, uint32_t bits)
{
    uint32_t limbs = bits / 32;
    if (a->used == 0) return;
    big_mul_add(a, UINT32_C(1) << bits % 32, 0);
    if (limbs == 0) return;
    memmove(a->limb + limbs, a->limb, a->used * sizeof *a->limb);
    memset(a->limb, 0, limbs * sizeof *a->limb);
    a->used += limbs;
}

void big_shr(big *a, uint32_t bits)
{
    uint32_t limbs = bits / 32, shift = bits % 32;
    if (limbs >= a->used) {
        a->used = 0;
        return;
    }
    a->used -= limbs;
    for (uint32_t i = 0; i < a->used; ++i) {
        uint64_t above = i + 1 < a->used ? a->limb[i + limbs + 1] : 0;
        a->limb[i] = (uint32_t)((above << 32 | a->limb[i + limbs]) >> shift);
    }
    trim(a);
}

void big_add(big *a, const big *b)
{
    uint64_t carry = 0;
    while (a->used < b->used) a->limb[a->used++] = 0;
    for (uint32_t i = 0; i < a->used; ++i) {
        carry += (uint64_t)a->limb[i] + (i < b->used ? b->limb[i] : 0);
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) a->limb[a->used++] = (uint32_t)carry;
}

uint32_t big_div_small(big *a, uint32_t divisor)
{
    uint64_t rest = 0;
    for (uint32_t i = a->used; i-- > 0;) {
        rest = rest << 32 | a->limb[i];
        a->limb[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    trim(a);
    return (uint32_t)rest;
}

int32_t big_compare(const big *a, const big *b)
{
    if (a->used != b->used) return a->used < b->used ? -1 : 1;
    for (uint32_t i = a->used; i-- > 0;)
        if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* a -= b * factor, which must not exceed a; both have the same number of limbs. */
static void subtract(big *a, const big *b, uint32_t factor)
{
    uint64_t carry = 0, borrow = 0;
    for (uint32_t i = 0; i < b->used; ++i) {
        carry += (uint64_t)b->limb[i] * factor;
        uint64_t difference = (uint64_t)a->limb[i] - (uint32_t)carry - borrow;
        a->limb[i] = (uint32_t)difference;
        borrow = difference >> 63;
        carry >>= 32;
    }
    trim(a);
}

/* Let A and B be the top limbs and n the limbs below them, so that A 2^n <= a < (A+1) 2^n and the
 * like for b. The guess A / (B+1) is never too large. The quotient a/b exceeds A / (B+1) by less
 * than (A+1)/B - A/(B+1) = (A+B+1) / (B (B+1)) < 2^32 / 2^46, so its floor by at most 1. As
 * a < 256 b, a has no more limbs than b. */
uint32_t big_div_digit(big *a, const big *b)
{
    if (a->used < b->used) return 0;
    uint32_t digit = a->limb[b->used - 1] / (b->limb[b->used - 1] + 1);
    if (digit) subtract(a, b, digit);
    if (big_compare(a, b) < 0) return digit;
    subtract(a, b, 1);
    return digit + 1;
}

void big_sub(big *a, const big *b)
{
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a->used; ++i) {
        uint64_t take = borrow + (i < b->used ? b->limb[i] : 0);
        borrow = a->limb[i] < take;
        a->limb[i] = (uint32_t)(a->limb[i] - take);
    }
    trim(a);
}

void big_mul_u64(big *a, uint64_t factor)
{
    big high;
    big_copy(&high, a);
    big_mul_add(a, (uint32_t)factor, 0);
    trim(a);
    big_mul_add(&high, (uint32_t)(factor >> 32), 0);
    trim(&high);
    big_shl(&high, 32);
    big_add(a, &high);
}

double big_to_double(const big *a)
{
    double value = 0.0;
    for (uint32_t i = a->used; i-- > 0;) value = value * 4294967296.0 + a->limb[i];
    return value;
}
