/* SPDX-License-Identifier: MIT */
/* quantile_compare.c - the difference of two samples' quantiles, and of their shares within a target.
 *
 * The limits of one sample's quantile at share q hold whatever the distribution; their width over that of a standard normal
 * with the same coverage is a standard error, and those of two samples add up as squares. So for each sample
 *      l = rank nearest to (n + 1) q - 2 sqrt(n q (1 - q)), at least 1;  u likewise above, at most n
 *      tail = P(B < l) + P(B >= u), B binomial (n, q);  z0 = the normal quantile at 1 - tail / 2
 *      se = (value of rank u - value of rank l) / (2 z0)
 * and (difference of the quantiles of type 7) / sqrt(se_a^2 + se_b^2) is standard normal. At q = 1/2 ranks are those of the source.
 * A share within a target is a count over n, so it is compared as any share is (compare.h).
 * Source   R. M. Price, D. G. Bonett, Journal of Statistical Computation and Simulation 72(2), 2002; D. G. Bonett, R. M. Price,
 *          Psychological Methods 7(3), 2002. R's statpsych::ci.median2 is the same at q = 1/2.                */
#include "base/port.h"
#include "response/quantile_state.h"
#include <math.h>
#include "base/special.h"
#include "inference/compare.h"

/* Ranks l and u as above, from both ends alike, so that the middle is the middle. */
static uint64_t rank_below(uint64_t n, double share)
{
    double spread = 2.0 * sqrt((double)n * share * (1.0 - share)), rank = rint(((double)n + 1.0) * share - spread);
    return rank < 1.0 ? 1 : rank > (double)n ? n : (uint64_t)rank;
}

static cxm_status standard_error(const cxm_quantile *q, uint64_t n, double share, double *out)
{
    double low, high, rest = 1.0 - share;
    uint64_t l = rank_below(n, share), u = n - rank_below(n, rest) + 1;
    if (!quantile_steps_of_rank(q, l, n, &low) || !quantile_steps_of_rank(q, u, n, &high)) return CXM_E_UNDEFINED;
    double tail = quantile_tail(n, n - l + 1, (special_share){rest, share}) + quantile_tail(n, u, (special_share){share, rest});
    double z = special_normal_quantile(0.5 * fmin(tail, 1.0), SPECIAL_UPPER);
    *out = high > low && z > 0.0 ? (high - low) / (2.0 * z) / q->map.scale : 0.0;
    return CXM_OK;
}

/* A sample's quantile and its standard error, in its own unit. */
static cxm_status measure(const cxm_quantile *q, double share, double *value, double *se)
{
    uint64_t n;
    cxm_status status = cxm_quantile_at(q, share, CXM_QUANTILE_TYPE7, value);
    if (status != CXM_OK) return status;
    return quantile_n(q, &n) ? standard_error(q, n, share, se) : CXM_E_OVERFLOW;
}

cxm_status cxm_quantile_compare(const cxm_quantile *a, const cxm_quantile *b, double share, int32_t method, double level,
                                cxm_difference *out)
{
    double x, y, se_a, se_b;
    cxm_status status = compare_check(a, b, out, level);
    if (status == CXM_OK && !(share > 0.0 && share < 1.0)) status = CXM_E_ARG;
    if (status != CXM_OK) return status;
    if (!quantile_agrees(a, b)) return CXM_E_MISMATCH;
    if (method != CXM_COMPARE_DEFAULT && method != CXM_COMPARE_ORDER) return CXM_E_METHOD;
    status = measure(a, share, &x, &se_a);
    if (status == CXM_OK) status = measure(b, share, &y, &se_b);
    if (status != CXM_OK) return status;
    double units = b->map.scale / a->map.scale;             /* durations may be told in two units */
    double difference = x - y * units, se = hypot(se_a, se_b * units);
    if (!(se > 0.0)) return CXM_E_UNDEFINED;
    double half = special_normal_quantile(0.5 * (1.0 - level), SPECIAL_UPPER) * se;
    *out = (cxm_difference){.size = out->size, .method = CXM_COMPARE_ORDER, .level = level, .difference = difference, .se = se};
    compare_write_z(out, (compare_finding){{difference - half, difference + half}, difference / se}, INFINITY);
    return CXM_OK;
}

cxm_status cxm_quantile_compare_within(const cxm_quantile *a, const cxm_quantile *b, uint32_t i, int32_t method, double level,
                                       cxm_difference *out)
{
    cxm_share_sample x, y;
    cxm_status status = compare_check(a, b, out, level);
    if (status == CXM_OK && !quantile_agrees(a, b)) status = CXM_E_MISMATCH;
    if (status == CXM_OK) status = cxm_quantile_within(a, i, &x.hits, &x.n);
    if (status == CXM_OK) status = cxm_quantile_within(b, i, &y.hits, &y.n);
    return status == CXM_OK ? cxm_compare_share(&x, &y, method, level, out) : status;
}
