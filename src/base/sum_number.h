/* SPDX-License-Identifier: MIT */
/* sum_number.h - an exact sum of doubles as a signed whole number of 2^-1074, the one form in which sums are
 * rounded, compared and written. So value, order and bytes do not depend on what held the sum before: the
 * chunks of a cxm_sum, or a window of sum_window.h. */
#ifndef CXM_BASE_SUM_NUMBER_H
#define CXM_BASE_SUM_NUMBER_H
#include <string.h>
#include "base/big.h"
#include "base/codec.h"

/* Fewer than 2^64 values, each below 2^2098 units: 2162 bits, and no more than 68 limbs in foreign bytes. */
enum { SUM_LIMBS = 68, SUM_BYTES = 4 * SUM_LIMBS };

/* A finite double's size: `digits` 2^at units, digits below 2^53, at 0..2045. */
typedef struct sum_part { uint64_t digits; uint32_t at; } sum_part;

/* The bits of a double, and what they say. Subnormals have the unit of the least normal numbers, and no leading 1. */
static inline uint64_t sum_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline bool sum_bits_finite(uint64_t bits)
{
    return (bits >> 52 & 0x7FF) != 0x7FF;
}

static inline sum_part sum_bits_part(uint64_t bits)
{
    uint64_t field = bits >> 52 & 0x7FF, normal = field != 0;
    return (sum_part){(bits & ((UINT64_C(1) << 52) - 1)) | normal << 52, (uint32_t)(field - normal)};
}

/* Zero is never negative. */
typedef struct sum_number { big size; bool negative; } sum_number;

/* The nearest double, ties to even; an infinity past the largest, +0.0 for zero. */
double sum_number_to_double(const sum_number *a);

/* Below, equal or above 0 as a is to b. */
int32_t sum_number_compare(const sum_number *a, const sum_number *b);

/* Whether `n` finite doubles can have this sum, by its size: at most n times the largest of them. */
bool sum_number_within(const sum_number *a, uint64_t n);

/* The number of a payload, as cxm/sum.h states it from L on. A reader is left not ok by any other spelling. */
void sum_number_put(codec_writer *w, const sum_number *a);
void sum_number_get(codec_reader *r, sum_number *out);

#endif
