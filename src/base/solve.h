/* SPDX-License-Identifier: MIT */
/* solve.h - the root of one rising function, found safely. */
#ifndef CXM_BASE_SOLVE_H
#define CXM_BASE_SOLVE_H

/* A function's value and slope at one place. A slope that is zero, negative or NaN is allowed:
 * the search then halves its bracket instead of following it. */
typedef struct solve_point { double value, slope; } solve_point;
typedef solve_point solve_function(double x, const void *ctx);

/* The slope that makes the step Halley's: slope - value bend / (2 slope) for a second derivative
 * `bend`, given as bend / slope. Far from the root, where that would mislead, the plain slope. */
double solve_halley_slope(double value, double slope, double bend_over_slope);

/* Where the rising `fn` crosses zero between finite `low` <= `high`, begun at `start`; the end
 * next to the crossing when there is none between. At most 200 evaluations, never NaN. */
double solve_rising(solve_function *fn, const void *ctx, double low, double high, double start);

/* The same, ended by the first step of at most `close` times x. Behind a Newton step the error is about the
 * step's square, so 1e-8 leaves rounding alone where the slope is right and the function smooth there. */
double solve_rising_within(solve_function *fn, const void *ctx, double low, double high, double start, double close);

#endif
