/* SPDX-License-Identifier: MIT */
/* compare_rate.c - ratio r of two rates: x events over an exposure e, and x' over e', the counts being Poisson.
 *
 * Given x + x', x is binomial with the share P = r e / (r e + e') (J. Przyborowski and H. Wilenski, Biometrika 31, 1940),
 * so exact limits of P give those of r, as r = P / (1 - P) e' / e. With alpha = 1 - level
 *     low   beta quantile alpha/2 of (x, x' + 1), 0 at x = 0      high   upper quantile alpha/2 of (x + 1, x'), 1 at x' = 0
 * (Clopper-Pearson). At r = 1, P is e / (e + e'), and the tails that these limits invert are
 *     x or more   I_P(x, x' + 1)                                  x or fewer   1 - I_P(x + 1, x')
 * so p is twice the smaller one. How far x lies from its mean is D / (e + e') with D = x e' - x' e, a difference that
 * cancels: both products are taken with their errors, from counts in two halves, as a count past 2^53 is no double.  */
#include "base/port.h"
#include "inference/compare.h"
#include <math.h>
#include "base/special.h"

/* Exposures share a power of two, which leaves no sum and no product of theirs out of range; the ratio has the rest. */
typedef struct rates { double x, y, e, f, more; int shift; } rates;     /* x over e, y over f; f / e = `more` 2^`shift` */

static bool is_exposure(double e)
{
    return e >= 0.0 && !isinf(e);
}

/* x f - y e: the upper halves exactly, and the rest where no digit of it matters. */
static double cross(const cxm_rate_sample *a, const cxm_rate_sample *b, double e, double f)
{
    double x_low = (double)(a->events & UINT32_MAX), x = (double)(a->events - (a->events & UINT32_MAX));
    double y_low = (double)(b->events & UINT32_MAX), y = (double)(b->events - (b->events & UINT32_MAX));
    double xf = x * f, ye = y * e, lost = fma(x, f, -xf) - fma(y, e, -ye);
    double low_xf = x_low * f, low_ye = y_low * e, low_lost = fma(x_low, f, -low_xf) - fma(y_low, e, -low_ye);
    return (xf - ye) + ((low_xf - low_ye) + (lost + low_lost));
}

static rates rates_of(const cxm_rate_sample *a, const cxm_rate_sample *b)
{
    int of_e, of_f;
    double e = frexp(a->exposure, &of_e), f = frexp(b->exposure, &of_f);
    int most = of_e > of_f ? of_e : of_f;
    return (rates){(double)a->events, (double)b->events, ldexp(e, of_e - most), ldexp(f, of_f - most), f / e, of_f - of_e};
}

static double ratio_of(const rates *r, double odds)
{
    return ldexp(odds * r->more, r->shift);
}

static double odds_of(special_share at)
{
    return at.x / at.y;
}

static limits conditional(const rates *r, double tail)
{
    limits got = {0.0, HUGE_VAL};
    if (r->x > 0.0) got.low = ratio_of(r, odds_of(special_beta_quantile(tail, SPECIAL_LOWER, r->x, r->y + 1.0)));
    if (r->y > 0.0) got.high = ratio_of(r, odds_of(special_beta_quantile(tail, SPECIAL_UPPER, r->x + 1.0, r->y)));
    return got;
}

/* Twice the smaller tail at equal rates; one that holds every outcome is 1. */
static double two_sided(const rates *r, double apart)
{
    double sum = r->e + r->f, more = 1.0, fewer = 1.0;
    special_share at = {r->e / sum, r->f / sum};
    if (r->x > 0.0) more = special_beta_leaning(at, r->x, r->y + 1.0, (apart - r->e) / sum).lower;
    if (r->y > 0.0) fewer = special_beta_leaning(at, r->x + 1.0, r->y, (apart + r->f) / sum).upper;
    return fmin(1.0, 2.0 * fmin(more, fewer));
}

/* ratio - 1, without cancellation where the two are near. */
static double change_of(const rates *r, double ratio, double apart)
{
    return ratio > 0.5 && ratio < 2.0 ? apart / (r->y * r->e) : ratio - 1.0;
}

cxm_status cxm_compare_rate(const cxm_rate_sample *a, const cxm_rate_sample *b, int32_t method, double level,
                            cxm_rate_ratio *out)
{
    if (!a || !b || !out || !(level > 0.0 && level < 1.0)) return CXM_E_ARG;      /* NaN, too */
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (!is_exposure(a->exposure) || !is_exposure(b->exposure)) return CXM_E_ARG;
    if (a->exposure == 0.0 || b->exposure == 0.0) return CXM_E_EMPTY;
    if (a->events == 0 && b->events == 0) return CXM_E_UNDEFINED;
    if (method != CXM_COMPARE_DEFAULT && method != CXM_COMPARE_CONDITIONAL) return CXM_E_METHOD;
    rates r = rates_of(a, b);
    double ratio = b->events ? ratio_of(&r, r.x / r.y) : HUGE_VAL, apart = cross(a, b, r.e, r.f);
    if (b->events && isinf(ratio)) return CXM_E_OVERFLOW;
    limits got = interval_hold(conditional(&r, 0.5 * (1.0 - level)), ratio);
    *out = (cxm_rate_ratio){.size = out->size, .method = CXM_COMPARE_CONDITIONAL, .level = level, .ratio = ratio,
                            .low = got.low, .high = got.high, .change = change_of(&r, ratio, apart),
                            .change_low = got.low - 1.0, .change_high = got.high - 1.0, .p = two_sided(&r, apart)};
    return CXM_OK;
}
