/* SPDX-License-Identifier: MIT */
/* compare_share.c - difference d = p - p' of two shares, x hits and m misses of n, x' and m' of n'.
 *
 * As nets without zeros (net = 2 share - 1) the shares have methods of compare_net.c, halved:
 *     newcombe is MOVER (score limits are Wilson's), agresti-caffo is Wald with a hit and a miss
 *     more in each, wald is wald.
 * pooled: chi-square = d^2 / s^2, s^2 = P (1 - P) (1/n + 1/n'), P = (x + x') / (n + n'); with Yates
 * |d| less c = min(1/2, |d| / (1/n + 1/n')) (1/n + 1/n'). Limits: Wald's, with Yates wider by c.
 *
 * Miettinen-Nurminen: all D with (d - D)^2 <= z^2 V(D) N / (N - 1), N = n + n', V(D) = p q / n +
 * p' q' / n' of the likeliest shares with p - p' = D. With one multiplier g for p - p' = D they
 * are, for the lower limit (g > 0),
 *     g p^2 - (n + g) p + x = 0      g q'^2 - (n' + g) q' + m' = 0      q = 1 - p, p' = 1 - q'
 * and d - D = g V. So g^2 V = z^2 N / (N - 1) =: c, an equation in g alone whose left side rises,
 * and D = d - c / g. Either root is taken in its form without cancellation, with
 *     r = sqrt((n + g)^2 - 4 g x) = sqrt((n - g)^2 + 4 g m)
 *     p = 2 x / (n + g + r)      q = 2 m / (n - g + r), or (g - n + r) / (2 g) past g = n
 * and g^2 V grows by g V (1 + n / r) from each sample. At large g the left side is at least
 * x (g / n - 1), or m' (g / n' - 1), so the root lies below (1 + c) times the larger n. The upper
 * limit is the lower one of the exchanged samples, negated. p inverts the limits at D = 0, where
 * both shares are P: z = d / s sqrt((N - 1) / N).                                            */
#include "base/port.h"
#include "inference/compare.h"
#include <math.h>
#include "base/solve.h"

typedef struct share { double hits, misses, n; } share;
typedef struct score_problem { share falling, rising; double c; } score_problem;     /* rising: its misses fall */
typedef struct pooled { double var, inverse; } pooled;                               /* s^2, 1/n + 1/n' */

static pooled pool(const share *a, const share *b)
{
    double n = a->n + b->n, inverse = 1.0 / a->n + 1.0 / b->n;
    return (pooled){(a->hits + b->hits) / n * ((a->misses + b->misses) / n) * inverse, inverse};
}

/* p q / n of one sample under g, and what multiplies it in the slope. */
static solve_point pulled(const share *s, double g)
{
    double r = sqrt((s->n - g) * (s->n - g) + 4.0 * g * s->misses);
    double p = 2.0 * s->hits / (s->n + g + r);
    double q = g < s->n ? 2.0 * s->misses / (s->n - g + r) : (g - s->n + r) / (2.0 * g);
    return (solve_point){p * q / s->n, r > 0.0 ? 1.0 + s->n / r : 1.0};
}

/* g sqrt(V) - sqrt(c) */
static solve_point pull_gap(double g, const void *ctx)
{
    const score_problem *s = (const score_problem *)ctx;
    solve_point a = pulled(&s->falling, g), b = pulled(&s->rising, g);
    double root = sqrt(a.value + b.value);
    return (solve_point){g * root - sqrt(s->c), 0.5 * (a.value * a.slope + b.value * b.slope) / root};
}

/* d less the lower limit. */
static double score_below(const share *a, const share *b, double c)
{
    score_problem s = {*a, {b->misses, b->hits, b->n}, c};
    if ((a->hits <= 0.0 && b->misses <= 0.0) || c <= 0.0) return 0.0;         /* d = -1, or a level too near 0 */
    double spread = pulled(&s.falling, 0.0).value + pulled(&s.rising, 0.0).value;
    double end = fmax(a->n, b->n) * (1.0 + c), start = sqrt(c / spread);
    return c / solve_rising(pull_gap, &s, 0.0, end, start);
}

static compare_finding miettinen_nurminen(const share *a, const share *b, double d, double z)
{
    double n = a->n + b->n, more = n / (n - 1.0), c = z * z * more;
    limits got = {d - score_below(a, b, c), d + score_below(b, a, c)};
    return (compare_finding){got, compare_ratio(d, sqrt(pool(a, b).var * more))};
}

static compare_sample net_of(const cxm_share_sample *s)
{
    uint64_t misses = s->n - s->hits;
    bool less = s->hits < misses;
    compare_part part = {less, less ? misses - s->hits : s->hits - misses, s->n};
    return (compare_sample){(double)misses, 0.0, (double)s->hits, (double)s->n, compare_fraction(part),
                            s->hits == 0 || misses == 0};
}

static share share_of(const compare_sample *s)
{
    return (share){s->plus, s->minus, s->n};
}

static compare_finding halved(compare_finding f)
{
    return (compare_finding){{0.5 * f.limits.low, 0.5 * f.limits.high}, f.z};
}

static bool find_by(int32_t method, const compare_pair *pair, double z, compare_finding *out)
{
    share a = share_of(&pair->a), b = share_of(&pair->b);
    switch (method) {
    case CXM_COMPARE_WALD: *out = halved(compare_raised_wald(pair, z, 0.0, 0.0)); return true;
    case CXM_COMPARE_NEWCOMBE: *out = halved(compare_mover(pair, z)); return true;
    case CXM_COMPARE_AGRESTI_CAFFO: *out = halved(compare_raised_wald(pair, z, 1.0, 0.0)); return true;
    case CXM_COMPARE_MIETTINEN_NURMINEN: *out = miettinen_nurminen(&a, &b, 0.5 * pair->difference, z); return true;
    default: return false;
    }
}

/* Wald's limits, wider by Yates's correction, and the chi-square test's p. */
static void write_pooled(cxm_difference *out, const compare_pair *pair, bool yates)
{
    share a = share_of(&pair->a), b = share_of(&pair->b);
    pooled both = pool(&a, &b);
    double apart = fabs(out->difference), correction = yates ? fmin(0.5 * both.inverse, apart) : 0.0;
    compare_finding found = halved(compare_raised_wald(pair, interval_z(out->level), 0.0, 0.0));
    found.limits.low -= correction;
    found.limits.high += correction;
    found.z = compare_ratio(apart - correction, sqrt(both.var));
    compare_write_z(out, found, 1.0);
    out->statistic = found.z * found.z;
    out->df = 1.0;
    out->statistic_kind = CXM_STATISTIC_CHI2;
}

static cxm_status write_fisher(cxm_difference *out, const cxm_share_sample *a, const cxm_share_sample *b)
{
    out->low = out->high = NAN;
    out->interval_status = CXM_E_METHOD;
    return compare_fisher(a->hits, a->n - a->hits, b->hits, b->n - b->hits, &out->p);
}

static cxm_status write_by(cxm_difference *out, const compare_pair *pair)
{
    compare_finding found;
    if (out->method == CXM_COMPARE_POOLED || out->method == CXM_COMPARE_POOLED_YATES) {
        write_pooled(out, pair, out->method == CXM_COMPARE_POOLED_YATES);
        return CXM_OK;
    }
    if (out->method == CXM_COMPARE_WALD && compare_says_nothing(pair)) return CXM_E_UNDEFINED;
    if (!find_by(out->method, pair, interval_z(out->level), &found)) return CXM_E_METHOD;
    compare_write_z(out, found, 1.0);
    return CXM_OK;
}

cxm_status cxm_compare_share(const cxm_share_sample *a, const cxm_share_sample *b, int32_t method, double level,
                             cxm_difference *out)
{
    cxm_status status = compare_check(a, b, out, level);
    if (status != CXM_OK) return status;
    if (a->hits > a->n || b->hits > b->n) return CXM_E_ARG;
    if (a->n == 0 || b->n == 0) return CXM_E_EMPTY;
    if (method == CXM_COMPARE_DEFAULT) method = CXM_COMPARE_NEWCOMBE;
    double d = compare_parts((compare_part){false, a->hits, a->n}, (compare_part){false, b->hits, b->n});
    compare_pair pair = {net_of(a), net_of(b), 2.0 * d};
    cxm_difference got = {.size = out->size, .method = method, .level = level, .difference = d,
                          .se = 0.5 * compare_net_se(&pair)};
    status = method == CXM_COMPARE_FISHER ? write_fisher(&got, a, b) : write_by(&got, &pair);
    if (status == CXM_OK) *out = got;
    return status;
}
