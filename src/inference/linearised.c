/* SPDX-License-Identifier: MIT */
/* linearised.c - limits around an estimate m with standard error s on df degrees of freedom.
 *
 *      wald              m -+ z s                  t         m -+ t_df s
 * and of a share p, q = 1 - p, so that they stay inside 0..1:
 *      logit             expit(ln(p/q) -+ t_df s / (p q))
 *      arcsine           sin^2(asin sqrt p -+ t_df s / (2 sqrt(p q)))
 *      korn-graubard     Clopper and Pearson's, with n* = p q / s^2 (t_(rows-1) / t_df)^2 answers and n* p hits
 *      likelihood        every P with 2 m (p ln(p/P) + q ln(q/(1 - P))) <= t_df^2: the binomial deviance of
 *                        m = (1 - 1/answers) p q / s^2 answers, whose s^2 is the linearised one
 *      wilson            Wilson's with Kish's n_eff answers: design and clusters do not enter, so a quick look only
 * A share of 0 or 1 has s = 0, which says nothing: Wilson's limits with n_eff stand in for every method.
 * Source   E. L. Korn and B. I. Graubard, Survey Methodology 24(2), 1998, 193-201; logit and arcsine: the delta
 *          method; likelihood: J. N. K. Rao and A. J. Scott, Annals of Statistics 12(1), 1984, 46-60 (a working
 *          likelihood, scaled); all as in R's survey package. */
#include "base/port.h"
#include "inference/linearised.h"
#include "base/solve.h"
#include "base/special.h"
#include <math.h>

static bool of_shares_alone(int32_t method)
{
    return method == CXM_INTERVAL_LOGIT || method == CXM_INTERVAL_ARCSINE || method == CXM_INTERVAL_KORN_GRAUBARD ||
           method == CXM_INTERVAL_LIKELIHOOD || method == CXM_INTERVAL_WILSON;
}

cxm_status linearised_method(bool is_share, int32_t method, int32_t *out)
{
    if (method == CXM_INTERVAL_DEFAULT) method = is_share ? CXM_INTERVAL_LOGIT : CXM_INTERVAL_T;
    bool known = method == CXM_INTERVAL_WALD || method == CXM_INTERVAL_T || (is_share && of_shares_alone(method));
    if (!known) return CXM_E_METHOD;
    *out = method;
    return CXM_OK;
}

static limits around(double value, double half)
{
    return (limits){value - half, value + half};
}

static limits logit(const linearised *from, double t)
{
    double odds = log(from->value / from->rest), half = t * from->se / (from->value * from->rest);
    return (limits){1.0 / (1.0 + exp(half - odds)), 1.0 / (1.0 + exp(-half - odds))};
}

/* The angle lies between 0 and a right one. */
static limits arcsine(const linearised *from, double t)
{
    const double right = 1.57079632679489661923;
    double angle = asin(sqrt(from->value)), half = t * from->se / (2.0 * sqrt(from->value * from->rest));
    double low = sin(fmax(angle - half, 0.0)), high = sin(fmin(angle + half, right));
    return (limits){low * low, high * high};
}

static limits korn_graubard(const linearised *from, double level, double t)
{
    double tail = 0.5 * (1.0 - level), ratio = interval_t(level, from->rows - 1.0) / t;
    double n = from->value / from->se * (from->rest / from->se) * (ratio * ratio);
    if (from->capped) n = fmin(n, from->rows);
    double hits = n * from->value, misses = n * from->rest;
    return (limits){special_beta_quantile(tail, SPECIAL_LOWER, hits, misses + 1.0).x,
                    special_beta_quantile(tail, SPECIAL_UPPER, hits + 1.0, misses).x};
}

/* A share, its rest, and the mean deviance an answer may have. */
typedef struct deviance { double share, rest, most; } deviance;

/* Of u = ln(P / share) <= 0, where neither a tiny P nor one next to the share loses digits; rises to `most` at 0. */
static solve_point below_the_share(double u, const void *ctx)
{
    const deviance *d = ctx;
    double gap = -d->share * expm1(u);
    return (solve_point){d->most + d->share * u + d->rest * log1p(gap / d->rest), gap / (d->rest + gap)};
}

/* The logarithm of what is above the share adds at most share, so the root lies above -most/share - 1. */
static double lower_likelihood(double share, double rest, double most)
{
    deviance d = {share, rest, most};
    double least = fmax(-most / share - 1.0, -1e4);
    return share * exp(solve_rising(below_the_share, &d, least, 0.0, -sqrt(2.0 * most * rest / share)));
}

static limits likelihood(const linearised *from, double t)
{
    double n = (1.0 - 1.0 / from->answers) * (from->value / from->se) * (from->rest / from->se), most = 0.5 * t / n * t;
    return (limits){lower_likelihood(from->value, from->rest, most), 1.0 - lower_likelihood(from->rest, from->value, most)};
}

static limits wilson(const linearised *from, double level)
{
    return interval_wilson(from->n_eff * from->value, from->n_eff * from->rest, from->n_eff, interval_z(level));
}

static limits by_method(const linearised *from, int32_t method, double level)
{
    if (method == CXM_INTERVAL_WILSON) return wilson(from, level);
    if (method == CXM_INTERVAL_WALD) return around(from->value, interval_z(level) * from->se);
    double t = interval_t(level, from->df);
    switch (method) {
    case CXM_INTERVAL_LOGIT: return logit(from, t);
    case CXM_INTERVAL_ARCSINE: return arcsine(from, t);
    case CXM_INTERVAL_KORN_GRAUBARD: return korn_graubard(from, level, t);
    case CXM_INTERVAL_LIKELIHOOD: return likelihood(from, t);
    default: return around(from->value, t * from->se);
    }
}

cxm_status linearised_limits(const linearised *from, int32_t method, double level, int32_t *used, limits *out)
{
    bool pure = from->is_share && (from->value == 0.0 || from->rest == 0.0);
    *used = pure ? CXM_INTERVAL_WILSON : method;
    bool needs_se = *used != CXM_INTERVAL_WILSON, needs_df = needs_se && *used != CXM_INTERVAL_WALD;
    if (from->se != from->se || (needs_se && from->se == 0.0) || (needs_df && !(from->df >= 1.0))) return CXM_E_UNDEFINED;
    limits got = by_method(from, *used, level);
    *out = interval_hold(interval_clamp(got, from->range), from->value);
    return CXM_OK;
}
