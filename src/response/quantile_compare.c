/* SPDX-License-Identifier: MIT */
/* quantile_compare.c - the difference of two samples' quantiles, and of their shares within a target.
 *
 * order         each sample's quantile v has limits l..u from order statistics, which hold whatever the distribution is, for few
 *               values and for many that are equal. The limits of the difference d = v_a - v_b are theirs joined:
 *                   d - sqrt((v_a - l_a)^2 + (u_b - v_b)^2) .. d + sqrt((u_a - v_a)^2 + (v_b - l_b)^2)
 *               p is the least tail, both sides together, at which they leave 0 out. Ranks make steps of it; limits only grow
 *               with the level, so it is found by halving, of the tail's logarithm.
 * price-bonett  l = rank nearest to (n + 1) q - 2 sqrt(n q (1 - q)), at least 1;  u likewise above, at most n
 *               tail = P(B < l) + P(B >= u), B binomial (n, q);  z0 = the normal quantile at 1 - tail / 2
 *               se = (value of rank u - value of rank l) / (2 z0)
 *               and d / sqrt(se_a^2 + se_b^2) is standard normal. At q = 1/2 ranks are those of the source.
 * A share within a target is a count over n, so it is compared as any share is (compare.h).
 * Source   G. Y. Zou, A. Donner, Statistics in Medicine 27(10), 2008 (joined limits); R. M. Price, D. G. Bonett, Journal of Statistical
 *          Computation and Simulation 72(2), 2002; D. G. Bonett, R. M. Price, Psychological Methods 7(3), 2002. R's
 *          statpsych::ci.median2 is price-bonett at q = 1/2.                */
#include "base/port.h"
#include "response/quantile_state.h"
#include <math.h>
#include "base/special.h"
#include "inference/compare.h"

/* One side: what is compared of it, and how many units of `a` one of its own has. */
typedef struct side { const cxm_quantile *q; uint64_t n; double value, units; } side;
typedef struct sides { side a, b; double share; } sides;

static cxm_status side_of(const cxm_quantile *q, double share, double units, side *out)
{
    *out = (side){.q = q, .units = units};
    cxm_status status = cxm_quantile_at(q, share, CXM_QUANTILE_TYPE7, &out->value);
    if (status != CXM_OK) return status;
    out->value *= units;
    return quantile_n(q, &out->n) ? CXM_OK : CXM_E_OVERFLOW;
}

/* --- order --- */

/* How far the limits lie from the value, outwards; NaN where one does not exist. */
typedef struct reach { double below, above; } reach;

static reach reach_of(const side *s, double share, double tail)
{
    quantile_limits l = quantile_limits_at(s->q, s->n, share, tail);
    double below = s->value - l.low * s->units, above = l.high * s->units - s->value;
    return (reach){below < 0.0 ? 0.0 : below, above < 0.0 ? 0.0 : above};       /* NaN stays NaN */
}

static limits joined(const sides *s, double tail)
{
    reach a = reach_of(&s->a, s->share, tail), b = reach_of(&s->b, s->share, tail);
    double difference = s->a.value - s->b.value;
    return (limits){difference - hypot(a.below, b.above), difference + hypot(a.above, b.below)};
}

static bool leaves_zero_out(const sides *s, double tail)
{
    limits l = joined(s, tail);
    return l.low > 0.0 || l.high < 0.0;
}

/* p is twice the least tail that leaves 0 out: 1 when not even half does. */
static double order_p(const sides *s)
{
    const double close_enough = 1e-9;                   /* of a logarithm: p is told to nine digits */
    double low = log(1e-300), high = log(0.5);
    if (!leaves_zero_out(s, 0.5)) return 1.0;
    if (leaves_zero_out(s, exp(low))) return 0.0;
    while (high - low > close_enough) {
        double middle = 0.5 * (low + high);
        if (leaves_zero_out(s, exp(middle))) high = middle;
        else low = middle;
    }
    return 2.0 * exp(high);
}

static cxm_status by_order(const sides *s, double level, cxm_difference *out)
{
    limits l = joined(s, 0.5 * (1.0 - level));
    if (!(l.low == l.low && l.high == l.high)) return CXM_E_UNDEFINED;
    *out = (cxm_difference){.size = out->size, .method = CXM_COMPARE_ORDER, .level = level, .difference = s->a.value - s->b.value,
                            .low = l.low, .high = l.high, .se = (double)NAN, .p = order_p(s)};
    /* p is told to some last digits: at the level's own edge the limits decide. */
    bool out_of = l.low > 0.0 || l.high < 0.0;
    if (out_of && !(out->p < 1.0 - level)) out->p = nextafter(1.0 - level, 0.0);
    if (!out_of && out->p < 1.0 - level) out->p = 1.0 - level;
    return CXM_OK;
}

/* --- price-bonett --- */

/* Ranks l and u as above, from both ends alike, so that the middle is the middle. */
static uint64_t rank_below(uint64_t n, double share)
{
    double spread = 2.0 * sqrt((double)n * share * (1.0 - share)), rank = rint(((double)n + 1.0) * share - spread);
    return rank < 1.0 ? 1 : rank > (double)n ? n : (uint64_t)rank;
}

/* CXM_E_UNDEFINED where both ranks have one value: that says nothing of a spread. */
static cxm_status standard_error(const side *s, double share, double *out)
{
    double low, high, rest = 1.0 - share;
    uint64_t n = s->n, l = rank_below(n, share), u = n - rank_below(n, rest) + 1;
    if (!quantile_steps_of_rank(s->q, l, n, &low) || !quantile_steps_of_rank(s->q, u, n, &high)) return CXM_E_UNDEFINED;
    double tail = quantile_tail(n, n - l + 1, (special_share){rest, share}) + quantile_tail(n, u, (special_share){share, rest});
    double z = special_normal_quantile(0.5 * fmin(tail, 1.0), SPECIAL_UPPER);
    if (!(high > low && z > 0.0)) return CXM_E_UNDEFINED;
    *out = (high - low) / (2.0 * z) / s->q->map.scale * s->units;
    return CXM_OK;
}

static cxm_status by_standard_errors(const sides *s, double level, cxm_difference *out)
{
    double se_a, se_b, difference = s->a.value - s->b.value;
    cxm_status status = standard_error(&s->a, s->share, &se_a);
    if (status == CXM_OK) status = standard_error(&s->b, s->share, &se_b);
    if (status != CXM_OK) return status;
    double se = hypot(se_a, se_b), half = special_normal_quantile(0.5 * (1.0 - level), SPECIAL_UPPER) * se;
    *out = (cxm_difference){.size = out->size, .method = CXM_COMPARE_PRICE_BONETT, .level = level, .difference = difference, .se = se};
    compare_write_z(out, (compare_finding){{difference - half, difference + half}, difference / se}, INFINITY);
    return CXM_OK;
}

cxm_status cxm_quantile_compare(const cxm_quantile *a, const cxm_quantile *b, double share, int32_t method, double level,
                                cxm_difference *out)
{
    sides s = {.share = share};
    cxm_status status = compare_check(a, b, out, level);
    if (status == CXM_OK && !(share > 0.0 && share < 1.0)) status = CXM_E_ARG;
    if (status != CXM_OK) return status;
    if (!quantile_agrees(a, b)) return CXM_E_MISMATCH;
    if (method != CXM_COMPARE_DEFAULT && method != CXM_COMPARE_ORDER && method != CXM_COMPARE_PRICE_BONETT) return CXM_E_METHOD;
    status = side_of(a, share, 1.0, &s.a);
    if (status == CXM_OK) status = side_of(b, share, b->map.scale / a->map.scale, &s.b);       /* durations may be told in two units */
    if (status != CXM_OK) return status;
    return method == CXM_COMPARE_PRICE_BONETT ? by_standard_errors(&s, level, out) : by_order(&s, level, out);
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
