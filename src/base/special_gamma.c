/* SPDX-License-Identifier: MIT */
/* special_gamma.c - the gamma distribution of shape a, and chi-square as gamma(df/2) at x/2.
 *
 * The kernel x^a e^-x / Gamma(a) = sqrt(a / 2 pi) exp(-D(a) - a gap(x/a - 1)) (special.h).
 *     a < 100, x < a + 1    lower = kernel / a * (1 + x/(a+1) + x^2/((a+1)(a+2)) + ...)  DLMF 8.7.1
 *     a < 100, else         upper = kernel / (x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - ...
 *                           Legendre's fraction, by Lentz's method                     DLMF 8.9.2
 *     a >= 100              the tail beyond the mode by special_decay_integral
 * The inverse solves ln(tail / p) = 0 over u = ln x by Halley's method: there the kernel is the
 * density, it is log-concave, and so is each tail, which makes the search safe from any start.
 * libm's lgamma is avoided: it writes a global, signgam. */
#include "base/port.h"
#include "base/special.h"
#include "base/solve.h"
#include <float.h>
#include <math.h>

#define SQRT_2PI 2.50662827463100050241576528481
enum { LARGE_SHAPE = 100, MOST_TERMS = 1000 };

typedef struct gamma_shape { double a, factor; } gamma_shape;
typedef struct gamma_target { gamma_shape shape; double log_p; special_tail tail; } gamma_target;

static gamma_shape shape_of(double a)
{
    return (gamma_shape){a, sqrt(a) / SQRT_2PI * exp(-special_stirling_error(a))};
}

static double kernel(const gamma_shape *shape, double x)
{
    double a = shape->a, u = (x - a) / a;
    double exponent = x < 0.5 * a ? a * (log(x) - log(a)) + (a - x) : -a * special_log1p_gap(u);
    return shape->factor * exp(exponent);
}

static double series(double x, double a)
{
    double term = 1.0, sum = 1.0;
    for (int i = 1; i < MOST_TERMS && term > DBL_EPSILON * 0.1 * sum; ++i) {
        term *= x / (a + i);
        sum += term;
    }
    return sum / a;
}

static double fraction(double x, double a)
{
    double b = x + 1.0 - a, f = b, c = b, d = 0.0;
    for (int i = 1; i < MOST_TERMS; ++i) {
        double numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / (b + numerator * d);
        c = b + numerator / c;
        f *= c * d;
        if (fabs(c * d - 1.0) < DBL_EPSILON) break;
    }
    return 1.0 / f;
}

/* The integral from x away from the mode, in units of x; x below the mode turns h around. */
static double large_tail(double x, double a)
{
    special_decay upper = {x - (a - 1.0), a - 1.0, 1.0, 0.0, 0.0};
    special_decay lower = {(a - 1.0) - x, 0.0, 0.0, a - 1.0, 1.0};
    return special_decay_integral(x >= a - 1.0 ? &upper : &lower);
}

static special_tails tails_with(const gamma_shape *shape, double x, double density)
{
    double a = shape->a, tail;
    int is_lower = a < LARGE_SHAPE ? x < a + 1.0 : x < a - 1.0;
    if (x <= 0.0) return (special_tails){0.0, 1.0};
    if (density == 0.0) tail = 0.0;
    else if (a >= LARGE_SHAPE) tail = density * large_tail(x, a);
    else tail = density * (is_lower ? series(x, a) : fraction(x, a));
    tail = fmin(tail, 1.0);
    return is_lower ? (special_tails){tail, 1.0 - tail} : (special_tails){1.0 - tail, tail};
}

special_tails special_gamma(double x, double a)
{
    gamma_shape shape = shape_of(a);
    return tails_with(&shape, x, kernel(&shape, x));
}

/* ln(lower / p), or -ln(upper / p), over u = ln x; the slope is Halley's. */
static solve_point off_target(double u, const void *ctx)
{
    const gamma_target *t = (const gamma_target *)ctx;
    double x = exp(u), density = kernel(&t->shape, x);
    special_tails at = tails_with(&t->shape, x, density);
    double sign = t->tail == SPECIAL_LOWER ? 1.0 : -1.0;
    double tail = t->tail == SPECIAL_LOWER ? at.lower : at.upper;
    double value = sign * (log(tail) - t->log_p), slope = density / tail;
    return (solve_point){value, solve_halley_slope(value, slope, t->shape.a - x - sign * slope)};
}

/* Wilson and Hilferty's cube, unless the lower tail's first term says that x is far below 1. */
static double start(double p, special_tail tail, double a)
{
    double z = special_normal_quantile(p, tail), root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * sqrt(a));
    if (root > 0.1) return log(a) + 3.0 * log(root);
    double log_gamma = special_stirling_error(a) + (a + 0.5) * log(a) - a + log(SQRT_2PI);      /* of a + 1 */
    return (log(tail == SPECIAL_LOWER ? p : 1.0 - p) + log_gamma) / a;
}

double special_gamma_quantile(double p, special_tail tail, double a)
{
    if (p > 0.5) {                            /* 1 - p is exact here */
        p = 1.0 - p;
        tail = tail == SPECIAL_LOWER ? SPECIAL_UPPER : SPECIAL_LOWER;
    }
    if (p <= 0.0) return tail == SPECIAL_LOWER ? 0.0 : HUGE_VAL;
    gamma_target target = {shape_of(a), log(p), tail};
    double u = solve_rising(off_target, &target, -746.0, 709.0, start(p, tail, a)), x = exp(u);
    solve_point left = off_target(log(x), &target);         /* exp cost digits when |u| is large */
    double polish = left.value / left.slope;
    return fabs(polish) < 1e-10 ? x - x * polish : x;
}

special_tails special_chi2(double x, double df)
{
    return special_gamma(0.5 * x, 0.5 * df);
}

double special_chi2_quantile(double p, special_tail tail, double df)
{
    return 2.0 * special_gamma_quantile(p, tail, 0.5 * df);
}
