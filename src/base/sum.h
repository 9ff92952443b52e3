/* SPDX-License-Identifier: MIT */
/* sum.h - the way between the chunks of a cxm_sum and the number they stand for. */
#ifndef CXM_BASE_SUM_H
#define CXM_BASE_SUM_H
#include <cxm/sum.h>
#include "base/sum_number.h"

/* The sum of the finite values. */
void sum_to_number(const cxm_sum *sum, sum_number *out);

/* Sets the chunks to the one state without pending carries; the number is within 2^64 - 1 values. */
void sum_set_number(cxm_sum *sum, const sum_number *number);

/* Finite values; the counts of the others are at most n. */
static inline uint64_t sum_finite(const cxm_sum *sum)
{
    return sum->n - sum->plus_inf - sum->minus_inf - sum->nan;
}

#endif
