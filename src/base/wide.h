/* SPDX-License-Identifier: MIT */
/* wide.h - unsigned sums of 128 bits as two words, since __int128 is no C11. */
#ifndef CXM_BASE_WIDE_H
#define CXM_BASE_WIDE_H
#include <stdint.h>

typedef struct wide { uint64_t high, low; } wide;

/* sum + count * factor; exact while the true sum is below 2^128. */
static inline wide wide_add_product(wide sum, uint64_t count, uint32_t factor)
{
    uint64_t low = (count & UINT32_MAX) * factor, high = (count >> 32) * factor;
    uint64_t shifted = high << 32;
    wide out = {sum.high + (high >> 32), sum.low + low};
    out.high += out.low < low;
    out.low += shifted;
    out.high += out.low < shifted;
    return out;
}

/* a * b. */
static inline wide wide_product(uint64_t a, uint64_t b)
{
    wide low = wide_add_product((wide){0, 0}, a, (uint32_t)b), high = wide_add_product((wide){0, 0}, a, (uint32_t)(b >> 32));
    wide out = {low.high + (high.high << 32) + (high.low >> 32), low.low + (high.low << 32)};
    out.high += out.low < low.low;
    return out;
}

/* a + b, below 2^128. */
static inline wide wide_sum(wide a, wide b)
{
    wide out = {a.high + b.high, a.low + b.low};
    out.high += out.low < b.low;
    return out;
}

/* a - b; b is not above a. */
static inline wide wide_minus(wide a, wide b)
{
    return (wide){a.high - b.high - (a.low < b.low), a.low - b.low};
}

static inline int wide_below(wide a, wide b)
{
    return a.high < b.high || (a.high == b.high && a.low < b.low);
}

/* The nearest double or its neighbour. */
static inline double wide_to_double(wide sum)
{
    return (double)sum.high * 18446744073709551616.0 + (double)sum.low;
}

#endif
