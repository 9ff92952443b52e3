/* SPDX-License-Identifier: MIT */
/* solve.c - Newton's method inside a bracket.
 *
 * Every evaluation moves one end of the bracket, so the crossing is never lost. The Newton
 * step is taken while it lands inside and is at most half of the step before the last one;
 * otherwise the bracket is halved, which bounds the work. A caller with a second derivative
 * gets Halley's method, x - f / (f' - f f'' / (2 f')), by passing that denominator as the slope.
 * Source  W. H. Press et al., Numerical Recipes, 3rd ed. 2007, section 9.4 (the idea only);
 *         R. P. Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4.   */
#include "base/port.h"
#include "base/solve.h"
#include <float.h>
#include <math.h>

enum { MOST_EVALUATIONS = 200 };

static double middle(double low, double high)
{
    return 0.5 * low + 0.5 * high;
}

double solve_halley_slope(double value, double slope, double bend_over_slope)
{
    double change = 0.5 * value * bend_over_slope;
    return fabs(change) < 0.5 * slope ? slope - change : slope;
}

double solve_rising(solve_function *fn, const void *ctx, double low, double high, double start)
{
    return solve_rising_within(fn, ctx, low, high, start, 2.0 * DBL_EPSILON);
}

double solve_rising_within(solve_function *fn, const void *ctx, double low, double high, double start, double close)
{
    double x = start > low && start < high ? start : middle(low, high);
    double step = high - low, step_before = step;
    for (int i = 0; i < MOST_EVALUATIONS; ++i) {
        solve_point at = fn(x, ctx);
        if (at.value == 0.0) return x;
        if (at.value < 0.0) low = x;
        else high = x;
        double next = x - at.value / at.slope;
        if (!(next >= low && next <= high) || fabs(next - x) > 0.5 * step_before)
            next = middle(low, high);
        step_before = step;
        step = fabs(next - x);
        x = next;
        if (step <= close * fabs(x)) return x;
    }
    return x;
}
