/* SPDX-License-Identifier: MIT */
/* quantile_summary.c - from counts to quantiles, ranks, means and their limits; nothing here changes a state.
 *
 * Of a bin's values only their number c and its ends are known: whole numbers low..high. The value of rank k among the c,
 * 1 <= k <= c, is told as
 *      low + (high - low) (k - 1/2) / c        held within [high (1 - a), low (1 + a)],  a = 1 / (2^(K+1) + 1)
 * As high <= low (1 + 2^-K) - 1, the two ends of that bracket are in order, and what lies between them is within a of
 * every value of the bin. In the lower bins of a power of two that bracket is narrow: the guarantee leaves no choice but
 * the middle. CXM_QUANTILE_SMOOTH does without it. A bin of one whole number is exact, and so are the first and the last value of all.
 *
 * Limits: of n values, B of them at or below the population's quantile at share q, B is binomial (n, q) - or, where values
 * tie, on the safe side of it. So with tail = (1 - level) / 2
 *      lower   the value of rank l, the greatest with P(B < l) <= tail
 *      upper   the value of rank u, the least with P(B >= u) <= tail
 * hold it with at least `level`. P(B >= k) = I_q(k, n - k + 1), the incomplete beta function. A limit whose rank is
 * below 1 or above n does not exist.
 * Source   W. J. Conover, Practical Nonparametric Statistics, 3rd ed., 1999, 3.2.                */
#include "base/port.h"
#include "response/quantile_state.h"
#include <math.h>
#include "inference/interval.h"

_Static_assert(sizeof(cxm_quantile_summary) == 152, "cxm_quantile_summary grew");

static double relative_error(const cxm_quantile *q)
{
    return 1.0 / (double)((2u << precision_of(q)) + 1);
}

/* --- the value of a rank --- */

/* Ends of what a value of some rank can be, in steps; `told` between them. */
typedef struct place { double low, high, told; cxm_status status; } place;

static place place_in_bin(const cxm_quantile *q, uint32_t bin, uint64_t rank, uint64_t count, int32_t type)
{
    double low = (double)bin_low(q, bin), high = (double)bin_high(q, bin), a = relative_error(q);
    double told = low + (high - low) * (((double)rank - 0.5) / (double)count);
    if (low < high && type != CXM_QUANTILE_SMOOTH) told = fmin(fmax(told, high * (1.0 - a)), low * (1.0 + a));
    if (!q->window.taken) {
        low = fmax(low, (double)q->tally.least);
        high = fmin(high, (double)q->tally.most);
        told = fmin(fmax(told, low), high);
    }
    return (place){low, high, told, CXM_OK};
}

/* Rank 1 is the least of n; 1 <= rank <= n. */
static place place_of_rank(const cxm_quantile *q, uint64_t rank, int32_t type)
{
    const quantile_tally *t = &q->tally;
    uint32_t bin = 0;
    uint64_t count, left = rank;
    if (left <= t->zero) return (place){0.0, 0.0, 0.0, CXM_OK};
    left -= t->zero;
    if (left <= t->under) return (place){0.0, (double)bin_low(q, 0), 0.0, CXM_E_UNDEFINED};
    left -= t->under;
    if (window_rank(&q->window, &left, &bin, &count)) return place_in_bin(q, bin, left, count, type);
    return (place){(double)bin_high(q, q->map.bins - 1u), INFINITY, 0.0, CXM_E_UNDEFINED};
}

static bool is_extreme(const cxm_quantile *q, uint64_t rank, uint64_t n)
{
    return !q->window.taken && ((rank == n && q->tally.over == 0) || (rank == 1 && q->tally.zero + q->tally.under == 0));
}

/* The first and the last value are known exactly as long as none was removed. */
static place place_of(const cxm_quantile *q, uint64_t rank, uint64_t n, int32_t type)
{
    place at = place_of_rank(q, rank, type);
    if (at.status == CXM_OK && at.told > 0.0 && is_extreme(q, rank, n))
        at.told = (double)(rank == n ? q->tally.most : q->tally.least);
    return at;
}

bool quantile_steps_of_rank(const cxm_quantile *q, uint64_t rank, uint64_t n, double *out)
{
    place at = place_of(q, rank, n, CXM_QUANTILE_TYPE1);
    *out = at.told;
    return at.status == CXM_OK;
}

/* --- quantiles --- */

/* ceil(n share) as the real product has it: the product of doubles may lie just above a whole number it should be. */
static uint64_t rank_type1(uint64_t n, double share)
{
    double real = (double)n * share, whole = ceil(real);
    if (share == 1.0) return n;
    if (whole > real && whole - 1.0 >= real * (1.0 - 4.0 * 0x1p-53)) whole -= 1.0;
    if (whole < 1.0) return 1;
    return whole >= (double)n ? n : (uint64_t)whole;
}

static cxm_status between_ranks(const cxm_quantile *q, uint64_t n, double share, int32_t type, double *out)
{
    double real = (double)(n - 1) * share, below = floor(real), part = real - below;
    uint64_t rank = below >= (double)(n - 1) ? n : (uint64_t)below + 1;
    place at = place_of(q, rank, n, type), next = rank < n && part > 0.0 ? place_of(q, rank + 1, n, type) : at;
    if (at.status != CXM_OK || next.status != CXM_OK) return CXM_E_UNDEFINED;
    *out = at.told + part * (next.told - at.told);
    return CXM_OK;
}

static cxm_status quantile_in_steps(const cxm_quantile *q, uint64_t n, double share, int32_t type, double *out)
{
    if (n == 0) return CXM_E_EMPTY;
    if (type != CXM_QUANTILE_TYPE1) return between_ranks(q, n, share, type, out);
    place at = place_of(q, rank_type1(n, share), n, type);
    if (at.status == CXM_OK) *out = at.told;
    return at.status;
}

cxm_status cxm_quantile_at(const cxm_quantile *q, double share, int32_t type, double *out)
{
    uint64_t n;
    double steps;
    if (!q || !out || !(share >= 0.0 && share <= 1.0)) return CXM_E_ARG;
    if (type != CXM_QUANTILE_TYPE1 && type != CXM_QUANTILE_TYPE7 && type != CXM_QUANTILE_SMOOTH) return CXM_E_METHOD;
    if (!quantile_n(q, &n)) return CXM_E_OVERFLOW;
    cxm_status status = quantile_in_steps(q, n, share, type, &steps);
    if (status == CXM_OK) *out = steps / q->map.scale;
    return status;
}

/* --- limits --- */

double quantile_tail(uint64_t n, uint64_t k, special_share share)
{
    return special_beta(share, (double)k, (double)(n - k) + 1.0).lower;
}

/* Whether that is at most `tail`, rounding apart: 1 - 0.9 is to be 0.1. */
static bool seldom(uint64_t n, uint64_t k, special_share share, double tail)
{
    return quantile_tail(n, k, share) <= tail * (1.0 + 1e-12);
}

/* Where the least such rank lies if B were normal: it is off by a few. */
static uint64_t rank_guess(uint64_t n, special_share share, double tail)
{
    double at = (double)n * share.x + special_normal_quantile(tail, SPECIAL_UPPER) * sqrt((double)n * share.x * share.y);
    return !(at >= 1.0) ? 1 : at >= (double)n ? n : (uint64_t)at;
}

/* The least u with P(B >= u) <= tail; 0 when not even n is one. Sought from the guess on, in steps that double. */
static uint64_t upper_rank(uint64_t n, special_share share, double tail)
{
    uint64_t low = 0, high = n, at = rank_guess(n, share, tail);
    if (!seldom(n, n, share, tail)) return 0;
    if (seldom(n, at, share, tail)) {
        high = at;
        for (uint64_t step = 1; step < high; step *= 2) {
            if (!seldom(n, high - step, share, tail)) {
                low = high - step;
                break;
            }
            high -= step;
        }
    } else {
        low = at;
        for (uint64_t step = 1; step < n - low; step *= 2) {
            if (seldom(n, low + step, share, tail)) {
                high = low + step;
                break;
            }
            low += step;
        }
    }
    while (high - low > 1) {                            /* low is not seldom, high is */
        uint64_t middle = low + (high - low) / 2;
        if (seldom(n, middle, share, tail)) high = middle;
        else low = middle;
    }
    return high;
}

/* By the mirror: n - B is binomial (n, 1 - share), and P(B < l) = P(n - B >= n - l + 1). */
static uint64_t lower_rank(uint64_t n, special_share share, double tail)
{
    uint64_t mirrored = upper_rank(n, share, tail);
    return mirrored ? n - mirrored + 1 : 0;
}

quantile_limits quantile_limits_at(const cxm_quantile *q, uint64_t n, double share, double tail)
{
    bool inside = share > 0.0 && share < 1.0;
    double rest = 1.0 - share, none = (double)NAN;
    uint64_t l = inside ? lower_rank(n, (special_share){rest, share}, tail) : 0;
    uint64_t u = inside ? upper_rank(n, (special_share){share, rest}, tail) : 0;
    place low = {0.0, 0.0, 0.0, CXM_E_UNDEFINED}, high = low;
    if (l) low = place_of_rank(q, l, CXM_QUANTILE_TYPE1);
    if (u) high = place_of_rank(q, u, CXM_QUANTILE_TYPE1);
    return (quantile_limits){low.status == CXM_OK ? low.low / q->map.scale : none, high.status == CXM_OK ? high.high / q->map.scale : none};
}

cxm_status cxm_quantile_interval(const cxm_quantile *q, double share, double level, cxm_interval *out)
{
    uint64_t n;
    double told = (double)NAN;
    cxm_status status = interval_check(out, level);
    if (status != CXM_OK) return status;
    if (!q || !(share >= 0.0 && share <= 1.0)) return CXM_E_ARG;
    if (!quantile_n(q, &n)) return CXM_E_OVERFLOW;
    if (n == 0) return CXM_E_EMPTY;
    quantile_limits got = quantile_limits_at(q, n, share, 0.5 * (1.0 - level));
    quantile_in_steps(q, n, share, CXM_QUANTILE_TYPE7, &told);
    *out = (cxm_interval){.size = out->size, .method = CXM_INTERVAL_ORDER, .level = level, .low = got.low, .high = got.high, .se = (double)NAN};
    return got.low == got.low && got.high == got.high && told == told ? CXM_OK : CXM_E_UNDEFINED;
}

/* --- ranks --- */

/* As many as at a target below, no more than at one above; at a target itself both are its count. */
static void hold_to_targets(const cxm_quantile *q, uint64_t n, double steps, uint64_t *least, uint64_t *most)
{
    for (uint32_t i = 0; i < targets_of(q); ++i) {
        uint64_t within = n - q->target[i].above;
        if (steps >= (double)q->target[i].steps && within > *least) *least = within;
        if (steps <= (double)q->target[i].steps && within < *most) *most = within;
    }
}

cxm_status cxm_quantile_rank(const cxm_quantile *q, double value, uint64_t *least, uint64_t *most, double *share)
{
    uint64_t n, below, count;
    uint32_t bin;
    if (!q || !least || !most || !share || value != value) return CXM_E_ARG;
    if (!quantile_n(q, &n)) return CXM_E_OVERFLOW;
    if (n == 0) return CXM_E_EMPTY;
    double steps = value < 0.0 ? -1.0 : whole_of(value, q->map.scale), part = 0.0;
    uint64_t inside = 0;
    below = steps < 0.0 ? 0 : q->tally.zero;
    if (steps >= 1.0) {
        if (steps >= (double)bin_low(q, 0)) below += q->tally.under;
        else inside = q->tally.under;
    }
    for (uint32_t from = 0; window_next(&q->window, from, &bin, &count); from = bin + 1) {
        double low = (double)bin_low(q, bin), high = (double)bin_high(q, bin);
        if (!q->window.taken) low = fmax(low, (double)q->tally.least), high = fmin(high, (double)q->tally.most);
        if (steps < low) break;
        if (steps >= high) below += count;
        else inside = count, part = (steps - low + 1.0) / (high - low + 1.0);
    }
    if (steps > (double)bin_high(q, q->map.bins - 1u)) inside = q->tally.over;
    if (isinf(value) && value > 0.0) below += q->tally.over, inside = 0;
    double told = (double)below + part * (double)inside;
    *least = below;
    *most = below + inside;
    hold_to_targets(q, n, steps, least, most);
    *share = fmin(fmax(told, (double)*least), (double)*most) / (double)n;
    return CXM_OK;
}

cxm_status cxm_quantile_within(const cxm_quantile *q, uint32_t i, uint64_t *hits, uint64_t *n)
{
    if (!q || !hits || !n || i >= targets_of(q)) return CXM_E_ARG;
    if (!quantile_n(q, n)) return CXM_E_OVERFLOW;
    *hits = *n - q->target[i].above;
    return CXM_OK;
}

cxm_status cxm_quantile_bin(const cxm_quantile *q, uint32_t *cursor, double *low, double *high, uint64_t *count)
{
    uint32_t bin;
    if (!q || !cursor || !low || !high || !count) return CXM_E_ARG;
    if (!window_next(&q->window, *cursor, &bin, count)) return CXM_END;
    *cursor = bin + 1;
    *low = (double)bin_low(q, bin) / q->map.scale;
    *high = (double)bin_high(q, bin) / q->map.scale;
    return CXM_OK;
}

/* --- summary --- */

/* Of the values, from the outermost bins where the exact ones are not known. */
static void fill_extremes(const cxm_quantile *q, uint64_t n, cxm_quantile_summary *out)
{
    place first = place_of(q, 1, n, CXM_QUANTILE_TYPE1), last = place_of(q, n, n, CXM_QUANTILE_TYPE1);
    out->extremes_exact = !q->window.taken;
    out->min = first.status == CXM_OK ? first.told / q->map.scale : (double)NAN;
    out->max = last.status == CXM_OK ? last.told / q->map.scale : (double)NAN;
}

cxm_status cxm_quantile_summarize(const cxm_quantile *q, cxm_quantile_summary *out)
{
    uint64_t n;
    if (!q || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (!quantile_n(q, &n)) return CXM_E_OVERFLOW;
    const quantile_tally *t = &q->tally;
    double nan = (double)NAN;
    cxm_quantile_summary sum = {.size = out->size, .extremes_exact = 1, .n = n, .zero = t->zero, .under = t->under,
                                .over = t->over, .missing = t->missing, .unparsed = t->unparsed, .negative = t->negative,
                                .infinite = t->infinite, .open = t->open, .relative_error = relative_error(q), .mean = nan, .min = nan,
                                .max = nan, .median = nan, .mean_status = CXM_E_EMPTY, .median_status = CXM_E_EMPTY,
                                .sum = wide_to_double(t->sum) / q->map.scale, .sum_high = t->sum.high, .sum_low = t->sum.low};
    if (n) {
        fill_extremes(q, n, &sum);
        sum.mean_status = t->under || t->over ? CXM_E_UNDEFINED : CXM_OK;
        if (sum.mean_status == CXM_OK) sum.mean = wide_to_double(t->sum) / (double)n / q->map.scale;
        sum.median_status = cxm_quantile_at(q, 0.5, CXM_QUANTILE_TYPE7, &sum.median);
    }
    *out = sum;
    return n ? CXM_OK : CXM_E_EMPTY;
}
