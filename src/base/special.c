/* SPDX-License-Identifier: MIT */
/* special.c - what the gamma and beta functions share.
 *
 * Stirling's series  ln Gamma(a) = (a - 1/2) ln a - a + ln(2 pi)/2 + D(a),
 *     D(a) = 1/(12 a) - 1/(360 a^3) + 1/(1260 a^5) - ...               (DLMF 5.11.1)
 * below 10 by  D(a) - D(a + 1) = (a + 1/2) ln(1 + 1/a) - 1.  Densities are written with D and
 * with gap(u) = u - ln(1 + u), so that nothing large is ever subtracted (C. Loader, "Fast and
 * Accurate Computation of Binomial Probabilities", 2000).
 *
 * Tails of large shapes. Beyond its mode a density falls as exp(-h), h convex, h(0) = 0; the
 * tail is the density times the integral of exp(-h). All terms are positive, so the far tail is
 * as exact as the near one. With s = x y w in the beta density x^(a-1) y^(b-1) at x + s:
 *     h(w) = ((b-1) x - (a-1) y) w + (a-1) gap(y w) + (b-1) gap(-x w)
 * and s = x w in the gamma density gives the same with y = 1 and no second gap. For shapes of
 * 100 and more h is nearly quadratic as far as h = 45, where 3e-20 of the value is left, and 32
 * Gauss-Legendre nodes reach full double precision (checked against 50 digits).           */
#include "base/port.h"
#include "base/special.h"
#include <math.h>

#define HALF_LN_2PI 0.918938533204672741780329736406

static double stirling_series(double a)          /* a >= 10: the first term left out is 3e-17 */
{
    double r = 1.0 / a, s = r * r;
    double sum = 1.0 / 156.0;
    sum = 691.0 / 360360.0 - s * sum;
    sum = 1.0 / 1188.0 - s * sum;
    sum = 1.0 / 1680.0 - s * sum;
    sum = 1.0 / 1260.0 - s * sum;
    sum = 1.0 / 360.0 - s * sum;
    return r * (1.0 / 12.0 - s * sum);
}

double special_stirling_error(double a)
{
    double sum = 0.0;
    for (; a < 10.0; a += 1.0)
        sum += (a + 0.5) * (a < 1e-3 ? log1p(a) - log(a) : log1p(1.0 / a)) - 1.0;
    return sum + stirling_series(a);
}

/* With r = u/(2 + u), ln(1 + u) = 2 (r + r^3/3 + r^5/5 + ...) and u - 2 r = r u. */
double special_log1p_gap(double u)
{
    if (u < -0.4 || u > 0.6) return u - log1p(u);
    double r = u / (2.0 + u), square = r * r, power = square, sum = 1.0 / 3.0;
    for (double odd = 5.0; power > 1e-17 && odd < 40.0; odd += 2.0, power *= square) sum += power / odd;
    return r * (u - 2.0 * square * sum);
}

double special_beta_log_norm(double a, double b)
{
    double least = a < b ? a : b, most = a < b ? b : a, n = a + b;
    double stirling = special_stirling_error(n) - special_stirling_error(a) - special_stirling_error(b);
    return stirling + least * log(n / least) + most * log1p(least / most)
         + 0.5 * (log(least) + log(most / n)) - HALF_LN_2PI;
}

static double decay_exponent(const special_decay *d, double w)
{
    double h = d->slope * w + d->a * special_log1p_gap(d->y * w);
    return d->b > 0.0 ? h + d->b * special_log1p_gap(-d->x * w) : h;
}

/* Where h is about 45: the root of its quadratic, then Newton steps, which end beyond it as h is convex. */
static double decay_end(const special_decay *d)
{
    const double target = 45.0;
    double bend = d->a * d->y * d->y + d->b * d->x * d->x;
    double most = d->b > 0.0 ? 0.999 / d->x : HUGE_VAL;
    double w = fmin(2.0 * target / (d->slope + sqrt(d->slope * d->slope + 2.0 * target * bend)), most);
    for (int i = 0; i < 2; ++i) {
        double rise = d->slope + d->a * d->y * (d->y * w / (1.0 + d->y * w));
        if (d->b > 0.0) rise += d->b * d->x * (d->x * w / (1.0 - d->x * w));
        w = fmin(w + (target - decay_exponent(d, w)) / rise, most);
    }
    return w;
}

double special_decay_integral(const special_decay *decay)
{
    static const struct { double node, weight; } rule[] = {      /* 32 points, half of them */
        {0.997263861849481564, 0.0070186100094700966}, {0.985611511545268335, 0.0162743947309056706},
        {0.964762255587506431, 0.0253920653092620595}, {0.934906075937739689, 0.0342738629130214331},
        {0.896321155766052124, 0.0428358980222266807}, {0.84936761373256997, 0.0509980592623761762},
        {0.794483795967942407, 0.0586840934785355471}, {0.73218211874028968, 0.0658222227763618468},
        {0.663044266930215201, 0.0723457941088485062}, {0.587715757240762329, 0.0781938957870703065},
        {0.50689990893222939, 0.0833119242269467552}, {0.421351276130635345, 0.0876520930044038111},
        {0.33186860228212765, 0.0911738786957638847}, {0.239287362252137075, 0.0938443990808045656},
        {0.144471961582796493, 0.0956387200792748594}, {0.0483076656877383162, 0.0965400885147278006}};
    double half = 0.5 * decay_end(decay), sum = 0.0;
    for (unsigned i = 0; i < sizeof rule / sizeof *rule; ++i)
        sum += rule[i].weight * (exp(-decay_exponent(decay, half - half * rule[i].node)) +
                                 exp(-decay_exponent(decay, half + half * rule[i].node)));
    return half * sum;
}
