/* SPDX-License-Identifier: MIT */
/* trinomial.c - confidence limits of t = (R - D) / n, n = D + P + R answers of -1, 0, +1.
 *
 * Score limits. Tango's limits solve n (t^ - t)^2 = z^2 V(t), t^ the estimate and V(t) the
 * variance of one answer under the likeliest shares q, s, r with r - q = t. With a Lagrange
 * multiplier for each constraint those shares are a tilt of the counts,
 *     q : s : r = D / (1 - b) : P : R / (1 + b),    -1 < b < 1,
 * and t^ - t = b V w / n, w the sum of the three weights. As V w^2 = 4 D' R' + P (D' + R') in the
 * weights D', P, R', the equation in t becomes one in b alone. With k = (1 - b) / (1 + b) and
 * y = (1 - k)^2 / k it is for the lower limit, when D > 0,
 *     y K = z^2 n        K = D R + P (D + R k) / (2 (1 + k))
 *     q : s : r = D : 2 k P / (1 + k) : R k            t^ - t = 2 (1 - k) K / (n w)
 * The left side rises from 0 with y, concave for R >= D and convex for D >= R, and K at k = 1
 * starts Newton's method on the side from which it never passes the root. Every term is
 * positive, in the slope
 *     D R + P (D (1 + 3 k) + R k^2 (3 + k)) / (2 (1 + k)^3)
 * too, so nothing cancels at any count. For D = 0 it is b^2 P R = z^2 n (1 + b), or, once that root
 * passes 1, b = 1 with a free weight q' = (z^2 n - P R / 2) / (P + 2 R) in place of D / (1 - b);
 * t^ - t = z^2 / (b w) in both.
 * The upper limit is the lower one of the exchanged counts, negated: exact mirrors.
 * P = 0 gives 2 Wilson - 1. Checked against the root in t of Tango's own form.
 *
 * Wald with a, a0, a added to D, P, R: t' -+ z sqrt(V' / n'), all from the raised counts.
 * t: t^ -+ t_{n-1} sqrt(V / (n - 1)), the interval of a mean of -1, 0, +1.
 * bootstrap: trinomial_bootstrap.c.
 * V = 4 q r + s (q + r), the sum of positive terms that (q + r) - (r - q)^2 is.            */
#include "base/port.h"
#include "inference/interval.h"
#include <math.h>
#include <stdbool.h>
#include "base/checked.h"

enum { MOST_STEPS = 30 };

typedef struct weights { double minus, zero, plus; } weights;
typedef struct tilt { double k, less; } tilt;          /* less is 1 - k */

static double total(weights w)
{
    return (w.minus + w.plus) + w.zero;        /* the same sum when the ends are exchanged */
}

static double net(weights w)
{
    return (w.plus - w.minus) / total(w);
}

static double variance(weights w)
{
    double n = total(w), minus = w.minus / n, plus = w.plus / n;
    return 4.0 * minus * plus + w.zero / n * (minus + plus);
}

static tilt tilt_of(double y)
{
    double e = 0.5 * y + sqrt(y + 0.25 * y * y), k = 1.0 / (1.0 + e);
    return (tilt){k, e * k};
}

static double bracket(weights w, double k)               /* K */
{
    return w.minus * w.plus + 0.5 * w.zero * (w.minus + w.plus * k) / (1.0 + k);
}

/* Steps all go one way, so one back is rounding; the error after a step is about its square. */
static tilt tilted(weights w, double c)
{
    double both = w.minus * w.plus, y = c / bracket(w, 1.0), step = 0.0;
    tilt at = tilt_of(y);
    for (int i = 0; i < MOST_STEPS; ++i) {
        double k = at.k, more = 1.0 + k, before = step;
        double bent = w.minus * (1.0 + 3.0 * k) + w.plus * k * k * (3.0 + k);
        step = (c - y * bracket(w, k)) / (both + 0.5 * w.zero * bent / (more * more * more));
        if (step * before < 0.0) break;
        y += step;
        at = tilt_of(y);
        if (fabs(step) <= 1e-8 * y) break;
    }
    return at;
}

/* The growth is 2 (d ln size / dk) / (d ln z^2 / dk), each from the formulas above. */
static score_margin margin_with_minus(weights w, double z)
{
    double n = total(w);
    tilt at = tilted(w, z * z * n);
    double k = at.k, more = 1.0 + k, held = bracket(w, k), sum = w.minus + 2.0 * k * w.zero / more + w.plus * k;
    double held_rise = 0.5 * w.zero * (w.plus - w.minus) / (more * more * held);
    double sum_rise = (2.0 * w.zero / (more * more) + w.plus) / sum, wide = k * at.less;
    return (score_margin){2.0 * at.less * held / (n * sum),
                    2.0 * (k + wide * (sum_rise - held_rise)) / (more - wide * held_rise)};
}

static score_margin margin_without_minus(weights w, double z)
{
    double n = total(w), c = z * z * n, product = w.zero * w.plus;
    if (product <= 2.0 * c) {
        double ends = w.zero + 2.0 * w.plus, sum = (c - 0.5 * product) / ends + w.zero + 0.5 * w.plus;
        return (score_margin){z * z / sum, 2.0 * n / ends * (n / sum)};
    }
    double x = c / product, b = 0.5 * (x + sqrt(x * (x + 4.0))), more = 1.0 + b;
    return (score_margin){z * z / (b * (w.zero + w.plus / more)), 2.0 * n * more / ((w.zero * more + w.plus) * (2.0 + b))};
}

score_margin interval_score_margin(double minus, double zero, double plus, double z)
{
    weights w = {minus, zero, plus};
    if (zero + plus <= 0.0 || z * z <= 0.0) return (score_margin){0.0, 1.0};      /* all minus, or a level too near 0 */
    return minus > 0.0 ? margin_with_minus(w, z) : margin_without_minus(w, z);
}

static limits score(weights w, double estimate, double z)
{
    return (limits){estimate - interval_score_margin(w.minus, w.zero, w.plus, z).size,
                    estimate + interval_score_margin(w.plus, w.zero, w.minus, z).size};
}

static limits around(double centre, double half)
{
    return (limits){centre - half, centre + half};
}

static limits raised_wald(weights w, double z, double outer, double middle)
{
    weights raised = {w.minus + outer, w.zero + middle, w.plus + outer};
    double n = total(w) + 2.0 * outer + middle;
    return around((w.plus - w.minus) / n, z * sqrt(variance(raised) / n));
}

static limits student(weights w, double level)
{
    double df = total(w) - 1.0;
    return around(net(w), interval_t(level, df) * sqrt(variance(w) / df));
}

/* The estimate from the counts themselves: past 2^53 their weights are rounded, their difference is not. */
static double estimate_of(uint64_t minus, uint64_t plus, uint64_t n)
{
    return (plus >= minus ? (double)(plus - minus) : -(double)(minus - plus)) / (double)n;
}

/* Limits that hold the plain estimate do so to the last bit. False for a method that is not a trinomial's. */
static bool limits_by(int32_t method, weights w, double estimate, double level, limits *out)
{
    double z = interval_z(level);
    switch (method) {
    case CXM_INTERVAL_WALD: *out = interval_hold(raised_wald(w, z, 0.0, 0.0), estimate); return true;
    case CXM_INTERVAL_T: *out = interval_hold(student(w, level), estimate); return true;
    case CXM_INTERVAL_SCORE: *out = score(w, estimate, z); return true;
    case CXM_INTERVAL_AW3_TRIANGULAR: *out = raised_wald(w, z, 0.75, 1.5); return true;
    case CXM_INTERVAL_AW3_UNIFORM: *out = raised_wald(w, z, 1.0, 1.0); return true;
    case CXM_INTERVAL_AW4_TRIANGULAR: *out = raised_wald(w, z, 1.0, 2.0); return true;
    case CXM_INTERVAL_AW4_UNIFORM: *out = raised_wald(w, z, 4.0 / 3.0, 4.0 / 3.0); return true;
    case CXM_INTERVAL_AGRESTI_MIN: *out = raised_wald(w, z, 0.5, 1.0); return true;
    case CXM_INTERVAL_BONETT_PRICE: *out = raised_wald(w, z, 1.0, 0.0); return true;
    case CXM_INTERVAL_BOOTSTRAP: *out = interval_bootstrap(w.minus, w.zero, w.plus, level); return true;
    default: return false;
    }
}

cxm_status cxm_trinomial_interval(uint64_t minus, uint64_t zero, uint64_t plus, int32_t method,
                                  double level, cxm_interval *out)
{
    uint64_t n;
    cxm_status status = interval_check(out, level);
    if (status != CXM_OK) return status;
    if (!checked_add_u64(minus, zero, &n) || !checked_add_u64(n, plus, &n)) return CXM_E_OVERFLOW;
    if (n == 0) return CXM_E_EMPTY;
    if (method == CXM_INTERVAL_DEFAULT) method = CXM_INTERVAL_SCORE;
    if (method == CXM_INTERVAL_T && (minus == n || zero == n || plus == n)) return CXM_E_UNDEFINED;
    if (method == CXM_INTERVAL_BOOTSTRAP && n > CXM_INTERVAL_BOOTSTRAP_MOST) return CXM_E_LIMIT;
    weights w = {(double)minus, (double)zero, (double)plus};
    limits got;
    if (!limits_by(method, w, estimate_of(minus, plus, n), level, &got)) return CXM_E_METHOD;
    got = interval_clamp(got, (limits){-1.0, 1.0});
    interval_write(out, method, level, got, sqrt(variance(w) / total(w)));
    return CXM_OK;
}
