/* SPDX-License-Identifier: MIT */
/* special_normal.c - the standard normal distribution.
 *
 * Both tails are libm's erfc. The inverse starts from Hastings' rational approximation (error
 * 4.5e-4; M. Abramowitz and I. Stegun, 1964, formula 26.2.23) or, near the middle, from
 * p - 1/2 = phi(0) x, and Halley steps triple the digits each time: with Q(x) the upper tail,
 *     e = (Q(x) - p) / phi(x),   x += e / (1 - x e / 2)       as phi' = -x phi.
 * Between 1/4 and 3/4 Q(x) - p is taken from erf, relative to 1/2, which keeps digits there. */
#include "base/port.h"
#include "base/special.h"
#include <math.h>

#define SQRT_HALF 0.707106781186547524400844362105
#define SQRT_2PI 2.50662827463100050241576528481

special_tails special_normal(double x)
{
    return (special_tails){0.5 * erfc(-x * SQRT_HALF), 0.5 * erfc(x * SQRT_HALF)};
}

static double hastings(double p)
{
    double t = sqrt(-2.0 * log(p));
    return t - (2.515517 + t * (0.802853 + t * 0.010328)) /
               (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/* x >= 0 with upper tail p <= 1/2; `excess` = 1/2 - p, exact for p >= 1/4. */
static double upper_quantile(double p, double excess)
{
    int central = excess < 0.25;
    double x = central ? excess * SQRT_2PI : hastings(p);
    for (int i = 0; i < 4; ++i) {
        double density = exp(-0.5 * x * x) / SQRT_2PI;
        double off = central ? excess - 0.5 * erf(x * SQRT_HALF) : 0.5 * erfc(x * SQRT_HALF) - p;
        double e = off / density;
        x += e / (1.0 - 0.5 * x * e);
    }
    return x;
}

double special_normal_quantile(double p, special_tail tail)
{
    double sign = tail == SPECIAL_UPPER ? 1.0 : -1.0;
    if (p > 0.5) {                            /* 1 - p is exact here */
        p = 1.0 - p;
        sign = -sign;
    }
    if (p <= 0.0) return sign * HUGE_VAL;
    return p == 0.5 ? 0.0 : sign * upper_quantile(p, 0.5 - p);
}
