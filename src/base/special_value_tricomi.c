/* SPDX-License-Identifier: MIT */
/* special_value_tricomi.c - the exponential integral of any order, and Tricomi's U(a, a, z) through it.
 *
 *     G(a, z) = e^z E_a(z) = integral from 1 to infinity of e^(-z (t - 1)) t^-a dt           DLMF 8.19.3
 *     U(a, a, z) = e^z Gamma(1 - a, z) = z^(1 - a) G(a, z)                             DLMF 13.6.6, 8.19.1
 * By z and a:
 *     z > 1         1/(z + a - 1 a/(z + a + 2 - 2 (a + 1)/(z + a + 4 - ...       even part of DLMF 8.19.17
 *     z <= 1        from an order s low enough, G(s + 1, z) = (1 - z G(s, z)) / s        DLMF 8.19.12
 * A step multiplies the relative error by about z / s. So a > 20 starts 18 steps below with 1/(z + s), as 1/18! of its
 * error is left, and other a within 1/2 of order 1, at 1 + v, by the series
 *     E = Gamma(-v) z^v - sum over k of (-z)^k / (k! (k - v))                               DLMF 8.19.10
 * whose first two parts grow without bound at v = 0 and are one there:
 *     Gamma(-v) z^v + 1/v = -expm1(v ln z + ln Gamma(1 - v)) / v,   at v = 0  -ln z - C, C Euler's constant.       */
#include "base/port.h"
#include "base/special_value.h"
#include <float.h>
#include <math.h>

#define EULER 0.577215664901532860606512090082
enum { MOST_TERMS = 1000, STEPS = 18, LARGE_ORDER = 20 };

static double fraction(double a, double z)
{
    double b = z + a, f = b, c = b, d = 0.0;
    for (int i = 1; i < MOST_TERMS; ++i) {
        double numerator = -i * (a + i - 1.0);
        b += 2.0;
        d = 1.0 / (b + numerator * d);
        c = b + numerator / c;
        f *= c * d;
        if (fabs(c * d - 1.0) < DBL_EPSILON) break;
    }
    return 1.0 / f;
}

/* Order 1 + v, -1 < v <= 1/2, z <= 1. */
static double near_order_one(double v, double z)
{
    double head = v == 0.0 ? -log(z) - EULER : -expm1(v * log(z) + special_ln_gamma_1p(-v)) / v;
    double power = 1.0, sum = 0.0;
    for (int k = 1; k <= LARGE_ORDER; ++k) {             /* 1/20! is 4e-19 */
        power *= -z / k;
        sum += power / (k - v);
    }
    return exp(z) * (head - sum);
}

double special_exp_integral(double a, double z)
{
    if (z > 1.0) return fraction(a, z);
    double steps = a > LARGE_ORDER ? STEPS : fmax(0.0, floor(a - 0.5)), order = a - steps;
    double g = a > LARGE_ORDER ? 1.0 / (z + order) : near_order_one(order - 1.0, z);
    for (; steps > 0.0; steps -= 1.0, order += 1.0) g = (1.0 - z * g) / order;
    return g;
}

double special_ln_tricomi_u_aa(double a, double z)
{
    return (1.0 - a) * log(z) + log(special_exp_integral(a, z));
}
