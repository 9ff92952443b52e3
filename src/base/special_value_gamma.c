/* SPDX-License-Identifier: MIT */
/* special_value_gamma.c - ln Gamma, its derivatives, and their differences.
 *
 * From 10 on by the series in r = 1/a, D as in special.c:
 *     ln Gamma(a) = (a - 1/2) ln a - a + ln(2 pi)/2 + D(a)                       DLMF 5.11.1
 *     psi(a)      = ln a - r/2 - Q(r^2),   Q(s) = s/12 - s^2/120 + s^3/252 - ...   DLMF 5.11.2
 *     psi'(a)     = r + r^2/2 + r^3/6 - r^5/30 + ...                            DLMF 5.15.8
 * Below, psi and psi' by their recurrences (DLMF 5.5.2, 5.15.5), ln Gamma by steps to 2 + u, |u| <= 1/2, and there
 *     ln Gamma(2 + u) = (1 - C) u + sum over k >= 2 of (zeta(k) - 1) (-u)^k / k     DLMF 5.7.3, C Euler's constant
 * Differences over n subtract nothing large: with t = n/a, gap(t) = t - ln(1 + t), b = a + n,
 *     ln Gamma(b) - ln Gamma(a) = n ln b - a gap(t) - ln(1 + t)/2 + D(b) - D(a)
 *     psi(b) - psi(a)           = ln(1 + t) + n/(2 a b) + Q(1/a^2) - Q(1/b^2)
 * D(b) - D(a) and the like are (1/b - 1/a) times a divided difference, which Horner's scheme gives along with the value.
 * libm's lgamma is avoided: it writes a global, signgam.                                                              */
#include "base/port.h"
#include "base/special_value.h"
#include <math.h>

#define HALF_LN_2PI 0.918938533204672741780329736406
#define ONE_LESS_EULER 0.422784335098467139393487909918
#define SERIES_FROM 10.0
enum { MOST_FACTORS = 20 };

typedef struct series_value { double value, slope; } series_value;      /* p(x), and (p(x) - p(y)) / (x - y) */

/* The sum of c[i] x^i with its divided difference between x and y. */
static series_value polynomial(const double *c, int count, double x, double y)
{
    series_value p = {0.0, 0.0};
    for (int i = count; i-- > 0;) {
        p.slope = p.slope * y + p.value;
        p.value = p.value * x + c[i];
    }
    return p;
}

static series_value stirling(double x, double y)        /* D(a) = r p(r^2) */
{
    static const double c[] = {1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0,
                               -691.0 / 360360.0, 1.0 / 156.0, -3617.0 / 122400.0};
    return polynomial(c, 8, x, y);
}

static series_value digamma_rest(double x, double y)    /* Q(s) = s p(s) */
{
    static const double c[] = {1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0,
                               -691.0 / 32760.0, 1.0 / 12.0, -3617.0 / 8160.0};
    return polynomial(c, 8, x, y);
}

static double ln_gamma_near_two(double u)
{
    static const double c[] = {                         /* (-1)^k (zeta(k) - 1) / k from k = 1 on; the first stands for 1 - C */
        ONE_LESS_EULER, 0.322467033424113218, -0.0673523010531980951, 0.0205808084277845479, -0.00738555102867398527,
        0.00289051033074152329, -0.00119275391170326098, 0.000509669524743042422, -0.00022315475845357938,
        0.0000994575127818085337, -0.0000449262367381331417, 0.0000205072127756706916, -9.4394882752683959e-6,
        4.3748667899074878e-6, -2.03921575380136624e-6, 9.55141213040741983e-7, -4.49246919876456604e-7, 2.12071848055546659e-7,
        -1.00432248239680996e-7, 4.76981016936398057e-8, -2.27110946089431649e-8, 1.08386592148969541e-8, -5.18347504197004666e-9,
        2.48367454380247832e-9, -1.19214014058609121e-9, 5.73136724167886201e-10, -2.75952288512423315e-10,
        1.33047643742444895e-10
    };
    return u * polynomial(c, (int)(sizeof c / sizeof *c), u, 0.0).value;
}

double special_ln_gamma_1p(double v)
{
    return fabs(v) <= 0.5 ? ln_gamma_near_two(v) - log1p(v) : special_ln_gamma(1.0 + v);
}

double special_ln_gamma(double a)
{
    double product = 1.0;
    if (a >= SERIES_FROM) return (a - 0.5) * (log(a) - 1.0) + (HALF_LN_2PI - 0.5 + special_stirling_error(a));
    if (a < 0.5) return ln_gamma_near_two(a) - log1p(a) - log(a);
    if (a < 1.5) return special_ln_gamma_1p(a - 1.0);
    for (; a > 2.5; product *= a) a -= 1.0;
    return ln_gamma_near_two(a - 2.0) + log(product);
}

double special_digamma(double a)
{
    double sum = 0.0;
    for (; a < SERIES_FROM; a += 1.0) sum += 1.0 / a;
    double r = 1.0 / a, s = r * r;
    return log(a) - (0.5 * r + s * digamma_rest(s, s).value + sum);
}

double special_trigamma(double a)
{
    static const double c[] = {1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0,
                               7.0 / 6.0, -3617.0 / 510.0};
    double sum = 0.0;
    for (; a < SERIES_FROM; a += 1.0) sum += 1.0 / (a * a);
    double r = 1.0 / a, s = r * r;
    return sum + r * (1.0 + 0.5 * r + s * polynomial(c, 8, s, s).value);
}

static double large_ratio(double a, double n)           /* a >= 10 */
{
    double b = a + n, t = n / a, low = 1.0 / b, high = 1.0 / a;
    series_value d = stirling(low * low, high * high);
    double bend = -(t / b) * (d.value + high * (low + high) * d.slope);        /* D(b) - D(a) */
    return n * log(b) - a * special_log1p_gap(t) - 0.5 * log1p(t) + bend;
}

double special_ln_gamma_ratio(double a, double n)
{
    double product = 1.0, sum = 0.0;
    if (a >= SERIES_FROM) return large_ratio(a, n);
    if (n <= MOST_FACTORS && n == floor(n)) {
        for (; n > 0.0; n -= 1.0, a += 1.0) product *= a;
        return log(product);
    }
    for (; a < SERIES_FROM; a += 1.0) sum += log1p(n / a);
    return large_ratio(a, n) - sum;
}

double special_digamma_rise(double a, double n)
{
    double sum = 0.0;
    for (; a < SERIES_FROM; a += 1.0) sum += n / (a + n) / a;
    double b = a + n, t = n / a, low = 1.0 / b, high = 1.0 / a;
    series_value q = digamma_rest(low * low, high * high);
    double rest = (low + high) * (q.value + high * high * q.slope);            /* (Q(1/a^2) - Q(1/b^2)) / (1/a - 1/b) */
    return sum + (log1p(t) + t / b * (0.5 + rest));
}

/* Nothing cancels in the norm's own form, however far apart a and b are. */
double special_ln_beta(double a, double b)
{
    return -special_beta_log_norm(a, b);
}
