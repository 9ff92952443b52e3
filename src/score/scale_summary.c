/* SPDX-License-Identifier: MIT */
/* scale_summary.c - from counters to numbers, once, at the end.
 *
 * With c_k answers at the k-th point of the scale (k = 0, 1, ...), n = sum c_k and m = sum k c_k / n:
 *      mean = (lo n + sum k c_k) / n            sd^2 = sum c_k (k - m)^2 / (n - 1)
 * Both sums are exact in 128 bits and divided once; past n = 2^53 the rounding of n could carry a quotient
 * over the scale's end, so it is held inside. The terms of sd^2 are not negative, so nothing cancels, and
 * an error e in m moves sd^2 by n e^2 / (n - 1) only. Shares divide exact counts. The standard error is the plain one of what is asked:
 *      mean sd / sqrt(n)      share sqrt(p (1 - p) / n)      net sqrt((t + b - (t - b)^2) / n)
 * Quantiles (Hyndman and Fan 1996) read the ordered answers x_1..x_n out of the counters:
 *      type 1  x_ceil(nq)       type 7  x_j + (h - j)(x_(j+1) - x_j),  h = 1 + (n - 1) q,  j = floor(h)
 */
#include "base/port.h"
#include <cxm/interval.h>
#include <cxm/scale.h>
#include "base/sized.h"
#include "base/wide.h"
#include "score/scale_points.h"
#include <math.h>
#include <string.h>

_Static_assert(sizeof(cxm_scale_ask) == 32, "cxm_scale_ask grew");
_Static_assert(sizeof(cxm_scale_summary) == 168, "cxm_scale_summary grew");

static const double DEFAULT_LEVEL = 0.95;

cxm_status scale_ask_complete(const cxm_scale_ask *ask, cxm_scale_ask *out)
{
    if (ask && !sized_in_ok(ask, ask->size, sizeof *ask, sizeof *ask)) return CXM_E_ABI;
    cxm_scale_ask plain = {sizeof plain, CXM_VALUE_MEAN, CXM_INTERVAL_DEFAULT, 0, DEFAULT_LEVEL, 1.0};
    if (ask) plain = *ask;
    if (plain.level == 0.0) plain.level = DEFAULT_LEVEL;
    if (plain.net_unit == 0.0) plain.net_unit = 1.0;
    bool ok = plain.value >= CXM_VALUE_MEAN && plain.value <= CXM_VALUE_NET && plain.net_unit > 0.0 &&
              plain.net_unit <= 1e6 && plain.level > 0.0 && plain.level < 1.0 && plain.reserved == 0;
    if (!ok) return CXM_E_ARG;
    *out = plain;
    return CXM_OK;
}

/* Answers in points first..last of the scale, counted from lo. */
static uint64_t band(const cxm_scale *scale, int32_t first, int32_t last)
{
    uint64_t n = 0;
    for (int64_t point = first; point <= last; ++point) n += scale->counts[point - scale->spec.lo];
    return n;
}

static void fill_counts(const cxm_scale *scale, uint64_t n, cxm_scale_summary *out)
{
    const cxm_scale_spec *spec = &scale->spec;
    uint64_t low = band(scale, spec->lo, spec->low_to), high = band(scale, spec->high_from, spec->hi);
    bool up = spec->direction == CXM_HIGHER_IS_BETTER;
    out->n = n;
    out->top = up ? high : low;
    out->bottom = up ? low : high;
    out->middle = n - low - high;
    out->missing = scale->missing;
    out->unparsed = scale->unparsed;
    out->out_of_range = scale->out_of_range;
}

/* sum k c_k, the answers counted from lo. */
static wide sum_from_lo(const cxm_scale *scale)
{
    wide sum = {0, 0};
    for (size_t k = 0; k < scale_points(&scale->spec); ++k)
        sum = wide_add_product(sum, scale->counts[k], (uint32_t)k);
    return sum;
}

/* (lo n + sum) / n */
static double mean_of(int32_t lo, wide sum, uint64_t n)
{
    wide zero = {0, 0};
    if (lo >= 0) return wide_to_double(wide_add_product(sum, n, (uint32_t)lo)) / (double)n;
    wide below = wide_add_product(zero, n, 0u - (uint32_t)lo);
    return wide_below(sum, below) ? -(wide_to_double(wide_minus(below, sum)) / (double)n)
                                  : wide_to_double(wide_minus(sum, below)) / (double)n;
}

static double hold(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static double sd_about(const cxm_scale *scale, double m, uint64_t n)
{
    double squares = 0.0;
    for (size_t k = 0; k < scale_points(&scale->spec); ++k)
        squares += (double)scale->counts[k] * (((double)k - m) * ((double)k - m));
    return sqrt(squares / (double)(n - 1));
}

/* True when every answer is the same point, so that the spread is 0 and not a rounding of it. */
static bool all_alike(const cxm_scale *scale, uint64_t n)
{
    size_t k = 0;
    while (!scale->counts[k]) ++k;                  /* n > 0: one of them is not */
    return scale->counts[k] == n;
}

static void fill_moments(const cxm_scale *scale, cxm_scale_summary *out)
{
    const cxm_scale_spec *spec = &scale->spec;
    wide sum = sum_from_lo(scale);
    double width = (double)(spec->hi - spec->lo), m = hold(wide_to_double(sum) / (double)out->n, 0.0, width);
    out->mean = hold(mean_of(spec->lo, sum, out->n), spec->lo, spec->hi);
    out->rescaled = 100.0 * (spec->direction == CXM_HIGHER_IS_BETTER ? m : width - m) / width;
    out->sd = out->n == 1 ? (double)NAN : all_alike(scale, out->n) ? 0.0 : sd_about(scale, m, out->n);
}

/* An exact difference of counts, scaled before the one division: 100 x 2 / 3, not 100 x (2 / 3). Past
 * 2^53 the product is rounded and could leave the range. */
static double net_of(uint64_t top, uint64_t bottom, double unit, double n)
{
    double net = unit * (top >= bottom ? (double)(top - bottom) : -(double)(bottom - top)) / n;
    return fmin(fmax(net, -unit), unit);
}

static void fill_shares(cxm_scale_summary *out, double unit)
{
    double n = (double)out->n;
    out->top_share = (double)out->top / n;
    out->bottom_share = (double)out->bottom / n;
    out->net = net_of(out->top, out->bottom, unit, n);
}

static cxm_status interval_of(const cxm_scale_spec *spec, const cxm_scale_ask *ask,
                              const cxm_scale_summary *sum, cxm_interval *out)
{
    switch (ask->value) {
    case CXM_VALUE_TOP: return cxm_share_interval(sum->top, sum->n, ask->method, ask->level, out);
    case CXM_VALUE_NET:
        return cxm_trinomial_interval(sum->bottom, sum->middle, sum->top, ask->method, ask->level, out);
    default:
        return cxm_mean_interval(sum->n, sum->mean, sum->n > 1 ? sum->sd : 0.0, spec->lo, spec->hi,
                                 ask->method, ask->level, out);
    }
}

/* The standard error of `value` without an interval: a t interval that does not exist still has one. */
static double plain_se(const cxm_scale_ask *ask, const cxm_scale_summary *sum)
{
    cxm_interval plain = {.size = sizeof plain};
    if (ask->value == CXM_VALUE_MEAN) return sum->sd / sqrt((double)sum->n);    /* NaN for one answer */
    if (ask->value == CXM_VALUE_TOP) cxm_share_interval(sum->top, sum->n, CXM_INTERVAL_WALD, 0.95, &plain);
    else cxm_trinomial_interval(sum->bottom, sum->middle, sum->top, CXM_INTERVAL_WALD, 0.95, &plain);
    return plain.se;
}

/* A net and its limits are scaled and rounded apart; a limit beside the net stays there. */
static void fill_limits(const cxm_interval *limits, double unit, cxm_scale_summary *out)
{
    double plain = out->value_kind == CXM_VALUE_NET ? net_of(out->top, out->bottom, 1.0, (double)out->n) : out->value;
    out->low = limits->low <= plain ? fmin(unit * limits->low, out->value) : unit * limits->low;
    out->high = limits->high >= plain ? fmax(unit * limits->high, out->value) : unit * limits->high;
}

/* The summary stands, with limits or without. */
static bool decided(cxm_status status)
{
    return status == CXM_OK || status == CXM_E_UNDEFINED || status == CXM_E_LIMIT;
}

static cxm_status fill_value(const cxm_scale_spec *spec, const cxm_scale_ask *ask, cxm_scale_summary *out)
{
    cxm_interval limits = {.size = sizeof limits, .method = ask->method, .low = (double)NAN, .high = (double)NAN};
    cxm_status status = interval_of(spec, ask, out, &limits);
    if (!decided(status)) return status;
    double unit = ask->value == CXM_VALUE_NET ? ask->net_unit : 1.0;
    out->value_kind = ask->value;
    out->value = ask->value == CXM_VALUE_MEAN ? out->mean
               : ask->value == CXM_VALUE_TOP  ? out->top_share : out->net;
    out->se = unit * plain_se(ask, out);
    out->se_status = out->se == out->se ? CXM_OK : CXM_E_UNDEFINED;
    out->level = ask->level;
    fill_limits(&limits, unit, out);
    out->method = limits.method == CXM_INTERVAL_DEFAULT ? CXM_INTERVAL_T : limits.method;     /* undefined: only t can be */
    out->interval_status = status;
    return CXM_OK;
}

cxm_status cxm_scale_summarize(const cxm_scale *scale, const cxm_scale_ask *ask, cxm_scale_summary *out)
{
    cxm_scale_ask full;
    cxm_scale_summary sum = {.size = sizeof sum};
    uint64_t n;
    if (!out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_status status = scale_ask_complete(ask, &full);
    if (status == CXM_OK) status = cxm_scale_n(scale, &n);
    if (status != CXM_OK) return status;
    fill_counts(scale, n, &sum);
    if (n > 0) {
        fill_moments(scale, &sum);
        fill_shares(&sum, full.net_unit);
        status = fill_value(&scale->spec, &full, &sum);
        if (status != CXM_OK) return status;
    }
    sum.size = out->size;
    memcpy(out, &sum, sizeof sum);
    return n > 0 ? CXM_OK : CXM_E_EMPTY;
}

/* The answer of 1-based rank `rank` in ascending order. */
static int32_t ranked(const cxm_scale *scale, uint64_t rank)
{
    size_t k = 0;
    for (uint64_t seen = scale->counts[0]; seen < rank; seen += scale->counts[k]) ++k;
    return scale->spec.lo + (int32_t)k;
}

/* floor(x) as a rank within 0..limit; x may exceed the limit by rounding. */
static uint64_t floor_rank(double x, uint64_t limit)
{
    return x >= 18446744073709551616.0 || (uint64_t)x > limit ? limit : (uint64_t)x;
}

static cxm_status quantile_n(const cxm_scale *scale, double q, const double *out, uint64_t *n)
{
    if (!out || !(q >= 0.0 && q <= 1.0)) return CXM_E_ARG;
    cxm_status status = cxm_scale_n(scale, n);
    return status == CXM_OK && *n == 0 ? CXM_E_EMPTY : status;
}

cxm_status cxm_scale_quantile_type1(const cxm_scale *scale, double q, double *out)
{
    uint64_t n;
    cxm_status status = quantile_n(scale, q, out, &n);
    if (status != CXM_OK) return status;
    uint64_t rank = floor_rank(ceil((double)n * q), n);
    *out = ranked(scale, rank ? rank : 1);
    return CXM_OK;
}

cxm_status cxm_scale_quantile_type7(const cxm_scale *scale, double q, double *out)
{
    uint64_t n;
    cxm_status status = quantile_n(scale, q, out, &n);
    if (status != CXM_OK) return status;
    double h = (double)(n - 1) * q;
    uint64_t below = floor_rank(h, n - 1);
    int32_t x = ranked(scale, below + 1), next = below + 1 < n ? ranked(scale, below + 2) : x;
    *out = x + (h - (double)below) * (next - x);
    return CXM_OK;
}
