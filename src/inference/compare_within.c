/* SPDX-License-Identifier: MIT */
/* compare_within.c - differences with the same mix on both sides: direct standardisation.
 *
 * Two samples that fall into strata are compared stratum by stratum, and the differences averaged with the weights
 * that both samples together put on the strata that each of them has:
 *      w_k = (n_k + n_k') / sum over such k         d = sum w_k (t_k - t_k')
 * so a mix that differs between the samples moves d not at all. MOVER (Zou and Donner 2008) joins the limits of all
 * parts as it joins two:
 *      low = d - sqrt(sum w_k^2 (below_k^2 + above_k'^2))       high = d + sqrt(sum w_k^2 (above_k^2 + below_k'^2))
 * and its p is 2 Q(z) at the z where the limit next to 0 is 0. All distances rise with z. Wald is d -+ z se with
 * se^2 = sum w_k^2 (s_k^2 + s_k'^2); means take Student's t with Satterthwaite's degrees of freedom over all parts,
 *      1 / f = sum (w_k s_k / se)^4 / (n_k - 1).
 * A share is a net without zeros, halved (compare_share.c).
 * Source   J. L. Fleiss, B. Levin and M. C. Paik, Statistical Methods for Rates and Proportions, 3rd ed. 2003, ch. 19
 *          (direct standardisation); G. Y. Zou and A. Donner, Statistics in Medicine 27(10), 2008.      */
#include "base/port.h"
#include "inference/compare.h"
#include <math.h>
#include "base/checked.h"
#include "base/solve.h"

/* Strata one by one; those of a share are read as nets without zeros. */
typedef struct strata {
    const void *a, *b;
    size_t count;
    cxm_net_sample (*at)(const void *samples, size_t k);
} strata;
typedef struct part { compare_sample a, b; double weight; } part;

static cxm_net_sample net_at(const void *samples, size_t k)
{
    return ((const cxm_net_sample *)samples)[k];
}

static cxm_net_sample share_at(const void *samples, size_t k)
{
    cxm_share_sample s = ((const cxm_share_sample *)samples)[k];
    return (cxm_net_sample){s.n - s.hits, 0, s.hits};
}

/* Answers of the strata that both have, and of the others. */
static cxm_status weigh(const strata *all, uint64_t *shared, uint64_t *alone)
{
    uint64_t n_a, n_b, both;
    *shared = *alone = 0;
    for (size_t k = 0; k < all->count; ++k) {
        cxm_net_sample a = all->at(all->a, k), b = all->at(all->b, k);
        if (!compare_count(&a, &n_a) || !compare_count(&b, &n_b) || !checked_add_u64(n_a, n_b, &both)) return CXM_E_OVERFLOW;
        uint64_t *sum = n_a && n_b ? shared : alone;
        if (!checked_add_u64(*sum, both, sum)) return CXM_E_OVERFLOW;
    }
    return *shared ? CXM_OK : CXM_E_EMPTY;
}

/* Stratum k with its weight; false where it is not on both sides. */
static bool part_at(const strata *all, size_t k, double shared, part *out)
{
    cxm_net_sample a = all->at(all->a, k), b = all->at(all->b, k);
    uint64_t n_a, n_b;
    if (!compare_count(&a, &n_a) || !compare_count(&b, &n_b) || !n_a || !n_b) return false;
    *out = (part){compare_sample_of(&a, n_a), compare_sample_of(&b, n_b), ((double)n_a + (double)n_b) / shared};
    return true;
}

/* How far the limit at z lies below the difference (of b less a: above it), with the slope of that in z. */
typedef struct side { const strata *all; double shared; bool up; double gap; } side;

static solve_point distance(double z, const void *ctx)
{
    const side *s = (const side *)ctx;
    double squares = 0.0, slopes = 0.0;
    part p;
    for (size_t k = 0; k < s->all->count; ++k) {
        if (!part_at(s->all, k, s->shared, &p)) continue;
        compare_sample low = s->up ? compare_mirrored(p.a) : p.a, high = s->up ? p.b : compare_mirrored(p.b);
        score_margin x = interval_score_margin(low.minus, low.zero, low.plus, z);
        score_margin y = interval_score_margin(high.minus, high.zero, high.plus, z);
        double wx = p.weight * x.size, wy = p.weight * y.size;
        squares += wx * wx + wy * wy;
        slopes += wx * wx * x.growth + wy * wy * y.growth;
    }
    double root = sqrt(squares);
    return (solve_point){root - s->gap, z > 0.0 && root > 0.0 ? slopes / (z * root) : 0.0};
}

static double difference_of(const strata *all, double shared, double *variance)
{
    double sum = 0.0;
    part p;
    *variance = 0.0;
    for (size_t k = 0; k < all->count; ++k) {
        if (!part_at(all, k, shared, &p)) continue;
        compare_pair pair = {p.a, p.b, p.a.net - p.b.net};
        double se = p.weight * compare_net_se(&pair);
        sum += p.weight * pair.difference;
        *variance += se * se;
    }
    return sum;
}

/* The largest z at which a limit can be asked: there next to nothing of any distance is left. */
static double z_end(const strata *all, double shared)
{
    double most = 1.0;
    part p;
    for (size_t k = 0; k < all->count; ++k)
        if (part_at(all, k, shared, &p)) most = fmax(most, fmax(p.a.n, p.b.n));
    return 4.0 * sqrt(most);
}

static compare_finding mover(const strata *all, double shared, double difference, double se, double z)
{
    side down = {all, shared, false, 0.0}, up = {all, shared, true, 0.0};
    side nearer = {all, shared, difference < 0.0, fabs(difference)};
    double at = 0.0;
    if (difference != 0.0)
        at = solve_rising_within(distance, &nearer, 0.0, z_end(all, shared), se > 0.0 ? fabs(difference) / se : 1.0, 1e-10);
    limits got = {difference - distance(z, &down).value, difference + distance(z, &up).value};
    return (compare_finding){got, difference < 0.0 ? -at : at};
}

/* Net shares within strata, on the net's scale. */
static cxm_status net_within(const strata *all, bool by_mover, double level, cxm_difference *out, compare_finding *found,
                             uint64_t *left_out)
{
    uint64_t shared;
    double variance, z = interval_z(level);
    cxm_status status = weigh(all, &shared, left_out);
    if (status != CXM_OK) return status;
    double difference = difference_of(all, (double)shared, &variance), se = sqrt(variance);
    if (!by_mover && se == 0.0 && difference != 0.0) return CXM_E_UNDEFINED;
    out->difference = difference;
    out->se = se;
    if (by_mover) *found = mover(all, (double)shared, difference, se, z);
    else *found = (compare_finding){{difference - z * se, difference + z * se}, compare_ratio(difference, se)};
    return CXM_OK;
}

cxm_status cxm_compare_net_within(const cxm_net_sample *a, const cxm_net_sample *b, size_t strata_count, int32_t method,
                                  double level, cxm_difference *out, uint64_t *left_out)
{
    strata all = {a, b, strata_count, net_at};
    compare_finding found;
    uint64_t alone;
    cxm_status status = compare_check(a, b, out, level);
    if (status != CXM_OK) return status;
    if (method == CXM_COMPARE_DEFAULT) method = CXM_COMPARE_MOVER;
    if (method != CXM_COMPARE_MOVER && method != CXM_COMPARE_WALD) return CXM_E_METHOD;
    cxm_difference got = {.size = out->size, .method = method, .level = level};
    status = net_within(&all, method == CXM_COMPARE_MOVER, level, &got, &found, &alone);
    if (status != CXM_OK) return status;
    compare_write_z(&got, found, 2.0);
    *out = got;
    if (left_out) *left_out = alone;
    return CXM_OK;
}

cxm_status cxm_compare_share_within(const cxm_share_sample *a, const cxm_share_sample *b, size_t strata_count, int32_t method,
                                    double level, cxm_difference *out, uint64_t *left_out)
{
    strata all = {a, b, strata_count, share_at};
    compare_finding found;
    uint64_t alone;
    cxm_status status = compare_check(a, b, out, level);
    for (size_t k = 0; k < strata_count && status == CXM_OK; ++k)
        if (a[k].hits > a[k].n || b[k].hits > b[k].n) status = CXM_E_ARG;
    if (status != CXM_OK) return status;
    if (method == CXM_COMPARE_DEFAULT) method = CXM_COMPARE_NEWCOMBE;
    if (method != CXM_COMPARE_NEWCOMBE && method != CXM_COMPARE_WALD) return CXM_E_METHOD;
    cxm_difference got = {.size = out->size, .method = method, .level = level};
    status = net_within(&all, method == CXM_COMPARE_NEWCOMBE, level, &got, &found, &alone);
    if (status != CXM_OK) return status;
    got.difference *= 0.5;
    found.limits = (limits){0.5 * found.limits.low, 0.5 * found.limits.high};
    got.se *= 0.5;
    compare_write_z(&got, found, 1.0);
    *out = got;
    if (left_out) *left_out = alone;
    return CXM_OK;
}

/* --- means --- */

typedef struct mean_sum { double difference, squares, over_df; } mean_sum;      /* over_df: sum of squares^2 / (n - 1) */

static bool sound(const cxm_mean_sample *s, limits range)
{
    return s->n == 0 || (isfinite(s->mean) && isfinite(s->sd) && s->sd >= 0.0 && range.low <= s->mean && s->mean <= range.high);
}

static cxm_status weigh_means(const cxm_mean_sample *a, const cxm_mean_sample *b, size_t strata_count, limits range,
                              uint64_t *shared, uint64_t *alone)
{
    uint64_t both;
    *shared = *alone = 0;
    for (size_t k = 0; k < strata_count; ++k) {
        if (!sound(&a[k], range) || !sound(&b[k], range)) return CXM_E_ARG;
        uint64_t *sum = a[k].n && b[k].n ? shared : alone;
        if (!checked_add_u64(a[k].n, b[k].n, &both) || !checked_add_u64(*sum, both, sum)) return CXM_E_OVERFLOW;
    }
    return *shared ? CXM_OK : CXM_E_EMPTY;
}

static void add_variance(mean_sum *sum, const cxm_mean_sample *s, double weight)
{
    double se = weight * (s->sd / sqrt((double)s->n)), square = se * se;
    sum->squares += square;
    sum->over_df += square * square / ((double)s->n - 1.0);
}

/* False where one answer alone stands for a stratum of a sample: it shows no spread. */
static bool sum_means(const cxm_mean_sample *a, const cxm_mean_sample *b, size_t strata_count, double shared, mean_sum *sum)
{
    *sum = (mean_sum){0.0, 0.0, 0.0};
    for (size_t k = 0; k < strata_count; ++k) {
        if (!a[k].n || !b[k].n) continue;
        if (a[k].n == 1 || b[k].n == 1) return false;
        double weight = ((double)a[k].n + (double)b[k].n) / shared;
        sum->difference += weight * (a[k].mean - b[k].mean);
        add_variance(sum, &a[k], weight);
        add_variance(sum, &b[k], weight);
    }
    return sum->squares > 0.0;
}

cxm_status cxm_compare_mean_within(const cxm_mean_sample *a, const cxm_mean_sample *b, size_t strata_count, double range_low,
                                   double range_high, int32_t method, double level, cxm_difference *out, uint64_t *left_out)
{
    uint64_t shared, alone;
    mean_sum sum;
    cxm_status status = compare_check(a, b, out, level);
    if (status != CXM_OK) return status;
    if (method != CXM_COMPARE_DEFAULT && method != CXM_COMPARE_WELCH) return CXM_E_METHOD;
    status = weigh_means(a, b, strata_count, (limits){range_low, range_high}, &shared, &alone);
    if (status != CXM_OK) return status;
    if (!sum_means(a, b, strata_count, (double)shared, &sum)) return CXM_E_UNDEFINED;
    if (!isfinite(sum.difference) || !isfinite(sum.over_df)) return CXM_E_OVERFLOW;
    cxm_difference got = {.size = out->size, .method = CXM_COMPARE_WELCH, .level = level, .difference = sum.difference};
    compare_write_t(&got, sqrt(sum.squares), sum.squares / sum.over_df * sum.squares, range_high - range_low);
    *out = got;
    if (left_out) *left_out = alone;
    return CXM_OK;
}
