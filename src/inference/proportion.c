/* SPDX-License-Identifier: MIT */
/* proportion.c - confidence limits of a share of x hits in n, m = n - x misses, p = x / n.
 *
 * Wilson solves n (p - t)^2 = z^2 t (1 - t); both roots come from one sum of positive terms:
 *     S = x + z^2/2 + z sqrt(x m / n + z^2/4)     high = S / (n + z^2)   low = (x^2 / n) / S
 * (their product is x^2 / (n (n + z^2))), so neither limit cancels at x = 0 or x = n.
 * wilson-cc moves x by min(1/2, |x - n/2|) outwards first (Yates; as R's prop.test).
 * Clopper-Pearson: beta quantiles (x, m + 1) and (x + 1, m). Jeffreys: both of (x + 1/2, m + 1/2),
 * with limit 0 at x = 0 and 1 at x = n (Brown, Cai and DasGupta 2001, section 4.1.2).
 * Agresti-Coull: Wald on x + a, m + a with a = z^2/2, or 2.                               */
#include "base/port.h"
#include "inference/interval.h"
#include <math.h>
#include <stdbool.h>
#include "base/special.h"

typedef struct counts { double hits, misses, n; } counts;

static limits wald(counts c, double z, double added)
{
    double n = c.n + 2.0 * added, p = (c.hits + added) / n;
    double half = z * sqrt(p * ((c.misses + added) / n) / n);
    return (limits){p - half, p + half};
}

static double wilson_sum(double x, double m, double n, double z)
{
    return x + 0.5 * z * z + z * sqrt(x * (m / n) + 0.25 * z * z);
}

static limits wilson(counts c, double z, double shift)
{
    double x = c.hits - shift, m = c.misses - shift;
    limits got = {0.0, 1.0};
    if (x > 0.0) got.low = x * (x / c.n) / wilson_sum(x, c.misses + shift, c.n, z);
    if (m > 0.0) got.high = wilson_sum(c.hits + shift, m, c.n, z) / (c.n + z * z);
    return got;
}

limits interval_wilson(double hits, double misses, double n, double z)
{
    return interval_hold(wilson((counts){hits, misses, n}, z, 0.0), hits / n);
}

static limits clopper_pearson(counts c, double tail)
{
    limits got = {0.0, 1.0};
    if (c.hits > 0.0) got.low = special_beta_quantile(tail, SPECIAL_LOWER, c.hits, c.misses + 1.0).x;
    if (c.misses > 0.0) got.high = special_beta_quantile(tail, SPECIAL_UPPER, c.hits + 1.0, c.misses).x;
    return got;
}

static limits jeffreys(counts c, double tail, bool end_rule)
{
    double a = c.hits + 0.5, b = c.misses + 0.5;
    limits got = {0.0, 1.0};
    if (!end_rule || c.hits > 0.0) got.low = special_beta_quantile(tail, SPECIAL_LOWER, a, b).x;
    if (!end_rule || c.misses > 0.0) got.high = special_beta_quantile(tail, SPECIAL_UPPER, a, b).x;
    return got;
}

static double yates(uint64_t hits, uint64_t misses)
{
    uint64_t apart = hits > misses ? hits - misses : misses - hits;
    return apart == 0 ? 0.0 : 0.5;
}

/* False for a method that is not a share's. */
static bool limits_by(int32_t method, counts c, double level, double correction, limits *out)
{
    double z = interval_z(level), tail = 0.5 * (1.0 - level);
    switch (method) {
    case CXM_INTERVAL_WALD: *out = wald(c, z, 0.0); return true;
    case CXM_INTERVAL_WILSON: *out = interval_wilson(c.hits, c.misses, c.n, z); return true;
    case CXM_INTERVAL_WILSON_CC: *out = wilson(c, z, correction); return true;
    case CXM_INTERVAL_CLOPPER_PEARSON: *out = clopper_pearson(c, tail); return true;
    case CXM_INTERVAL_JEFFREYS: *out = jeffreys(c, tail, true); return true;
    case CXM_INTERVAL_JEFFREYS_PLAIN: *out = jeffreys(c, tail, false); return true;
    case CXM_INTERVAL_AGRESTI_COULL: *out = wald(c, z, 0.5 * z * z); return true;
    case CXM_INTERVAL_AGRESTI_COULL_4: *out = wald(c, z, 2.0); return true;
    default: return false;
    }
}

/* Agresti-Coull with +2, and Jeffreys, may leave the plain share outside. */
static bool holds_estimate(int32_t method)
{
    return method != CXM_INTERVAL_AGRESTI_COULL_4 && method != CXM_INTERVAL_JEFFREYS &&
           method != CXM_INTERVAL_JEFFREYS_PLAIN;
}

cxm_status cxm_share_interval(uint64_t hits, uint64_t n, int32_t method, double level, cxm_interval *out)
{
    cxm_status status = interval_check(out, level);
    if (status != CXM_OK) return status;
    if (hits > n) return CXM_E_ARG;
    if (n == 0) return CXM_E_EMPTY;
    if (method == CXM_INTERVAL_DEFAULT) method = CXM_INTERVAL_WILSON;
    counts c = {(double)hits, (double)(n - hits), (double)n};
    limits got;
    if (!limits_by(method, c, level, yates(hits, n - hits), &got)) return CXM_E_METHOD;
    if (holds_estimate(method)) got = interval_hold(got, c.hits / c.n);
    got = interval_clamp(got, (limits){0.0, 1.0});
    interval_write(out, method, level, got, sqrt(c.hits / c.n * (c.misses / c.n) / c.n));
    return CXM_OK;
}
