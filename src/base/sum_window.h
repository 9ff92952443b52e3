/* SPDX-License-Identifier: MIT */
/* sum_window.h - exact sums by the hundred: 4 bytes a limb, over a window of exponents that many sums share.
 *
 * A cxm_sum holds every exponent and takes 576 bytes. A state with a sum for each answer of each segment meets few
 * exponents, so its sums are limbs of 32 bits in one block, two's complement, all zero for 0, and the window says once
 * for all of them which limbs these are. Whole weights need 2 limbs, weights of 53 bits around 1 need 4 or 5.
 * What does not fit is not added: the caller makes a wider window, merges each sum over into it, and adds again:
 *      while (!sum_window_add(w, sum, value)) {
 *          sum_window wide = sum_window_grown(w, sum_window_of_double(value));
 *          ... memory for limbs of wide.width, all zero; sum_window_merge(wide, to, w, from) for each sum ...
 *      }
 * The lower end of windows that grow so is that of the lowest bit of any value, the upper end that of the largest sum
 * so far. So for values of one sign (weights) even the window is a function of the values, not of their order; value
 * and bytes, through sum_number.h, never depend on the window at all.
 * The caller counts values, fewer than 2^64 a sum: a window then never needs more than SUM_WINDOW_MAX limbs. */
#ifndef CXM_BASE_SUM_WINDOW_H
#define CXM_BASE_SUM_WINDOW_H
#include "base/sum_number.h"

/* A sign bit above SUM_LIMBS. */
enum { SUM_WINDOW_MAX = SUM_LIMBS + 1 };

/* Limbs at..at+width-1 of a number: limb i counts 2^(32 i - 1074). Of width 0 it holds nothing but 0. */
typedef struct sum_window { uint32_t at, width; } sum_window;

/* Adds a finite value; -value takes it back. False, and nothing changed, when the sum would not fit. */
bool sum_window_add(sum_window w, uint32_t *sum, double value);

/* Adds another sum, of any window; both may be one object. False, and nothing changed, when it would not fit. */
bool sum_window_merge(sum_window w, uint32_t *sum, sum_window from_window, const uint32_t *from);

/* The least windows that hold a finite value, or a number. */
sum_window sum_window_of_double(double value);
sum_window sum_window_of_number(const sum_number *number);

/* The least window around both; one limb more when `need` lies in `w` already, so that the sum was what did not fit. */
sum_window sum_window_grown(sum_window w, sum_window need);

/* The least window around both. */
sum_window sum_window_around(sum_window a, sum_window b);

/* To and from the number. Setting is false, and nothing changed, when it does not fit. */
void sum_window_to_number(sum_window w, const uint32_t *sum, sum_number *out);
bool sum_window_set_number(sum_window w, uint32_t *sum, const sum_number *number);

#endif
