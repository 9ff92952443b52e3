/* SPDX-License-Identifier: MIT */
/* big.h - natural numbers of up to 4096 bits on the stack: what exact decimal conversion needs.
 *
 * The caller proves that results fit (decimal.c states the largest); nothing here checks it. */
#ifndef CXM_BASE_BIG_H
#define CXM_BASE_BIG_H
#include <stdbool.h>
#include <stdint.h>

#define BIG_LIMBS 128

/* Low limb first; the limbs from `used` on are undefined, the highest used one is not 0. */
typedef struct big { uint32_t used, limb[BIG_LIMBS]; } big;

void big_set(big *a, uint64_t value);
void big_copy(big *a, const big *b);

/* Bits up to the highest 1; 0 for zero. */
uint32_t big_bits(const big *a);

/* a = a * factor + add. */
void big_mul_add(big *a, uint32_t factor, uint32_t add);
void big_mul_pow10(big *a, uint32_t power);
void big_shl(big *a, uint32_t bits);
void big_shr(big *a, uint32_t bits);
void big_add(big *a, const big *b);

/* a = a - b; b is not above a. */
void big_sub(big *a, const big *b);

/* a = a * factor, of 64 bits. */
void big_mul_u64(big *a, uint64_t factor);

/* The nearest double, or one of the next few. */
double big_to_double(const big *a);

/* a = a / divisor; returns the remainder. */
uint32_t big_div_small(big *a, uint32_t divisor);

/* Below, equal or above 0 as a is to b. */
int32_t big_compare(const big *a, const big *b);

/* a = a mod b; returns the quotient, which must be below 256. The top limb of b must have exactly
 * BIG_DIVISOR_BITS bits: a quotient guessed from the top limbs is then short by at most 1. */
#define BIG_DIVISOR_BITS 24
uint32_t big_div_digit(big *a, const big *b);

#endif
