/* SPDX-License-Identifier: MIT */
/* trinomial.c - confidence limits of t = (R - D) / n, n = D + P + R answers of -1, 0, +1.
 *
 * Score limits. Tango's limits solve n (t^ - t)^2 = z^2 V(t), t^ the estimate and V(t) the
 * variance of one answer under the likeliest shares q, s, r with r - q = t. With a Lagrange
 * multiplier for each constraint those shares are a tilt of the counts,
 *     q : s : r = D / (1 - b) : P : R / (1 + b),    -1 < b < 1,
 * and t^ - t = b V w / n, w the sum of the three weights. As V w^2 = 4 D' R' + P (D' + R') in the
 * weights D', P, R', the equation in t becomes one in b alone. With k = (1 - b) / (1 + b):
 *     (1 - k)^2 (2 D R (1 + k) + P (D + R k)) = 2 z^2 n k (1 + k)
 *     q : s : r = D : 2 k P / (1 + k) : R k
 * which has one root 0 < k < 1 for the lower limit when D > 0. Every term is positive, so
 * nothing cancels at any count. For D = 0 it is b^2 P R = z^2 n (1 + b), or, once that root
 * passes 1, b = 1 with a free weight q' = (z^2 n - P R / 2) / (P + 2 R) in place of D / (1 - b).
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
#include "base/solve.h"

typedef struct weights { double minus, zero, plus; } weights;
typedef struct score_problem { weights count; double c; } score_problem;       /* c = z^2 n */

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

/* Right side over left side, logarithm, over v = ln k: rises from -inf to +inf. */
static solve_point score_gap(double v, const void *ctx)
{
    const score_problem *s = (const score_problem *)ctx;
    double minus = s->count.minus, zero = s->count.zero, plus = s->count.plus;
    double k = exp(v), less = -expm1(v), more = 1.0 + k;
    double left = 2.0 * minus * plus * more + zero * (minus + plus * k);
    double rise = k * (2.0 * minus * plus + zero * plus) / left;
    return (solve_point){log(2.0 * s->c / left) + v + log(more / (less * less)),
                         1.0 + k / more + 2.0 * k / less - rise};
}

/* (1 - k)^2 = c k / K, with K the bracket's value at k = 1, is near and quadratic. */
static weights tilted(const score_problem *s)
{
    weights w = s->count;
    double near = w.minus * w.plus + 0.25 * w.zero * (w.minus + w.plus), x = s->c / near;
    double start = -log1p(0.5 * x + sqrt(x + 0.25 * x * x));
    double k = exp(solve_rising(score_gap, s, -200.0, -1e-30, start));
    return (weights){w.minus, 2.0 * k * w.zero / (1.0 + k), w.plus * k};
}

static weights tilted_without_minus(const score_problem *s)
{
    weights w = s->count;
    double product = w.zero * w.plus;
    if (product <= 2.0 * s->c)
        return (weights){(s->c - 0.5 * product) / (w.zero + 2.0 * w.plus), w.zero, 0.5 * w.plus};
    double x = s->c / product, b = 0.5 * (x + sqrt(x * (x + 4.0)));
    return (weights){0.0, w.zero, w.plus / (1.0 + b)};
}

static double score_low(weights count, double z)
{
    score_problem s = {count, z * z * total(count)};
    if (count.zero + count.plus <= 0.0) return -1.0;
    if (s.c <= 0.0) return net(count);                  /* a level too small to tell from 0 */
    return net(count.minus > 0.0 ? tilted(&s) : tilted_without_minus(&s));
}

static limits score(weights w, double z)
{
    return (limits){score_low(w, z), -score_low((weights){w.plus, w.zero, w.minus}, z)};
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
    case CXM_INTERVAL_SCORE: *out = interval_hold(score(w, z), estimate); return true;
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
