/* SPDX-License-Identifier: MIT */
/* compare_net.c - difference d = t - t' of two net shares.
 *
 * MOVER (Zou and Donner 2008) joins each sample's own limits. With the distances of the score
 * limits at z from the estimates, `below` and `above`,
 *     low = d - sqrt(below^2 + above'^2)      high = d + sqrt(above^2 + below'^2)
 * Its p is 2 Q(z*), z* the z at which the limit next to 0 is 0: for d > 0
 *     below(z)^2 + above'(z)^2 = d^2
 * Both distances rise with z, from 0 to A = t + 1 and B = 1 - t', and d = A + B - 2 is at most
 * sqrt((A^2 + B^2) / 2), so there is one root. It lies below z = 4 sqrt(n) of the larger sample,
 * where at most 1/8 of either way is left: in trinomial.c's terms 1 + low is at most 2 k n / w
 * of A, and k <= K / (z^2 n), K <= n w. Newton's method in z, with the slope that the distances
 * bring along; Wald's z of the raised counts starts it.
 *
 * Wald, with a, a0, a added to the counts: d' -+ z sqrt(V / n + V' / n') of the raised counts, p from
 * d' over that root. The raised t is t - t (2 a + a0) / (n + 2 a + a0), so d' keeps d's digits.
 * Welch on -1, 0, +1: variances over n - 1, see compare_mean.c.                             */
#include "base/port.h"
#include "inference/compare.h"
#include <math.h>
#include "base/checked.h"
#include "base/solve.h"

_Static_assert(sizeof(cxm_net_ready) == 72, "cxm_net_ready grew");

typedef struct mover_problem { compare_sample greater, smaller; double gap; } mover_problem;

compare_sample compare_mirrored(compare_sample s)
{
    return (compare_sample){s.plus, s.zero, s.minus, s.n, -s.net, s.pure};
}

static score_margin below(compare_sample s, double z)
{
    return interval_score_margin(s.minus, s.zero, s.plus, z);
}

static double joined(double a, double b)
{
    return sqrt(a * a + b * b);
}

static solve_point over_gap(double z, const void *ctx)
{
    const mover_problem *m = (const mover_problem *)ctx;
    score_margin a = below(m->greater, z), b = below(compare_mirrored(m->smaller), z);
    double root = joined(a.size, b.size);
    return (solve_point){root - m->gap, (a.size * a.size * a.growth + b.size * b.size * b.growth) / (z * root)};
}

/* Variance of one answer: (q + r) - (r - q)^2 as a sum of positive terms, the same when the ends are exchanged. */
static double variance(double minus, double zero, double plus, double n)
{
    double q = minus / n, r = plus / n;
    return 4.0 * q * r + zero / n * (q + r);
}

static double se_of(compare_sample s, double over)
{
    return sqrt(variance(s.minus, s.zero, s.plus, s.n) / over);
}

double compare_net_se(const compare_pair *pair)
{
    return joined(se_of(pair->a, pair->a.n), se_of(pair->b, pair->b.n));
}

static double raised_se(compare_sample s, double outer, double middle)
{
    double n = s.n + 2.0 * outer + middle;
    return sqrt(variance(s.minus + outer, s.zero + middle, s.plus + outer, n) / n);
}

/* The part of t that raising the counts takes away. */
static double drawn_in(compare_sample s, double added)
{
    return s.net * (added / (s.n + added));
}

compare_finding compare_raised_wald(const compare_pair *pair, double z, double outer, double middle)
{
    double added = 2.0 * outer + middle, se = joined(raised_se(pair->a, outer, middle), raised_se(pair->b, outer, middle));
    double centre = pair->difference - (drawn_in(pair->a, added) - drawn_in(pair->b, added));
    limits got = {centre - z * se, centre + z * se};
    return (compare_finding){got, compare_ratio(centre, se)};
}

bool compare_says_nothing(const compare_pair *pair)
{
    return pair->a.pure && pair->b.pure && pair->difference != 0.0;
}

static double z_of_mover(const compare_pair *pair)
{
    if (pair->difference == 0.0) return 0.0;
    bool more = pair->difference > 0.0;
    mover_problem m = {more ? pair->a : pair->b, more ? pair->b : pair->a, fabs(pair->difference)};
    double start = fabs(compare_raised_wald(pair, 0.0, 0.75, 1.5).z), end = 4.0 * sqrt(fmax(pair->a.n, pair->b.n));
    double z = solve_rising_within(over_gap, &m, 0.0, end, start, 1e-10);
    return more ? z : -z;
}

compare_finding compare_mover(const compare_pair *pair, double z)
{
    double down = joined(below(pair->a, z).size, below(compare_mirrored(pair->b), z).size);
    double up = joined(below(compare_mirrored(pair->a), z).size, below(pair->b, z).size);
    limits got = {pair->difference - down, pair->difference + up};
    return (compare_finding){got, z_of_mover(pair)};
}

static cxm_status welch(const compare_pair *pair, cxm_difference *out)
{
    if (pair->a.n < 2.0 || pair->b.n < 2.0 || (pair->a.pure && pair->b.pure)) return CXM_E_UNDEFINED;
    compare_spread a = {pair->a.n, se_of(pair->a, pair->a.n - 1.0)}, b = {pair->b.n, se_of(pair->b, pair->b.n - 1.0)};
    compare_write_welch(out, a, b, 2.0);
    return CXM_OK;
}

/* False for a method that is not a net's raised Wald. */
static bool find_by(int32_t method, const compare_pair *pair, double z, compare_finding *out)
{
    switch (method) {
    case CXM_COMPARE_WALD: *out = compare_raised_wald(pair, z, 0.0, 0.0); return true;
    case CXM_COMPARE_AW3_TRIANGULAR: *out = compare_raised_wald(pair, z, 0.75, 1.5); return true;
    case CXM_COMPARE_AW3_UNIFORM: *out = compare_raised_wald(pair, z, 1.0, 1.0); return true;
    case CXM_COMPARE_AW4_TRIANGULAR: *out = compare_raised_wald(pair, z, 1.0, 2.0); return true;
    case CXM_COMPARE_AW4_UNIFORM: *out = compare_raised_wald(pair, z, 4.0 / 3.0, 4.0 / 3.0); return true;
    case CXM_COMPARE_AGRESTI_MIN: *out = compare_raised_wald(pair, z, 0.5, 1.0); return true;
    case CXM_COMPARE_BONETT_PRICE: *out = compare_raised_wald(pair, z, 1.0, 0.0); return true;
    default: return false;
    }
}

static compare_part part_of(const cxm_net_sample *s, uint64_t n)
{
    bool less = s->plus < s->minus;
    return (compare_part){less, less ? s->minus - s->plus : s->plus - s->minus, n};
}

compare_sample compare_sample_of(const cxm_net_sample *s, uint64_t n)
{
    return (compare_sample){(double)s->minus, (double)s->zero, (double)s->plus, (double)n, compare_fraction(part_of(s, n)),
                            s->minus == n || s->zero == n || s->plus == n};
}

bool compare_count(const cxm_net_sample *s, uint64_t *n)
{
    return checked_add_u64(s->minus, s->zero, n) && checked_add_u64(*n, s->plus, n);
}

/* A sample with its own margins at z, which only MOVER asks for. */
static void make_ready(const cxm_net_sample *sample, uint64_t n, int32_t method, double level, double z, cxm_net_ready *out)
{
    *out = (cxm_net_ready){.size = sizeof *out, .method = method, .level = level, .z = z, .counts = *sample, .n = n};
    if (method != CXM_COMPARE_MOVER) return;
    compare_sample s = compare_sample_of(sample, n);
    out->below = below(s, z).size;
    out->above = below(compare_mirrored(s), z).size;
}

static compare_finding mover_of(const compare_pair *pair, const cxm_net_ready *a, const cxm_net_ready *b)
{
    limits got = {pair->difference - joined(a->below, b->above), pair->difference + joined(a->above, b->below)};
    return (compare_finding){got, z_of_mover(pair)};
}

static cxm_status compare_ready(const cxm_net_ready *a, const cxm_net_ready *b, cxm_difference *out)
{
    cxm_status status = CXM_OK;
    compare_pair pair = {compare_sample_of(&a->counts, a->n), compare_sample_of(&b->counts, b->n),
                         compare_parts(part_of(&a->counts, a->n), part_of(&b->counts, b->n))};
    cxm_difference got = {.size = out->size, .method = a->method, .level = a->level, .difference = pair.difference,
                          .se = compare_net_se(&pair)};
    compare_finding found;
    if (a->method == CXM_COMPARE_MOVER) compare_write_z(&got, mover_of(&pair, a, b), 2.0);
    else if (a->method == CXM_COMPARE_WELCH) status = welch(&pair, &got);
    else if (a->method == CXM_COMPARE_WALD && compare_says_nothing(&pair)) status = CXM_E_UNDEFINED;
    else if (!find_by(a->method, &pair, a->z, &found)) status = CXM_E_METHOD;
    else compare_write_z(&got, found, 2.0);
    if (status == CXM_OK) *out = got;
    return status;
}

cxm_status cxm_compare_net(const cxm_net_sample *a, const cxm_net_sample *b, int32_t method, double level,
                           cxm_difference *out)
{
    uint64_t n_a, n_b;
    cxm_net_ready x, y;
    cxm_status status = compare_check(a, b, out, level);
    if (status != CXM_OK) return status;
    if (!compare_count(a, &n_a) || !compare_count(b, &n_b)) return CXM_E_OVERFLOW;
    if (n_a == 0 || n_b == 0) return CXM_E_EMPTY;
    if (method == CXM_COMPARE_DEFAULT) method = CXM_COMPARE_MOVER;
    double z = interval_z(level);
    make_ready(a, n_a, method, level, z, &x);
    make_ready(b, n_b, method, level, z, &y);
    return compare_ready(&x, &y, out);
}

cxm_status cxm_net_prepare(const cxm_net_sample *sample, int32_t method, double level, cxm_net_ready *out)
{
    uint64_t n;
    if (!sample || !out || !(level > 0.0 && level < 1.0)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (!compare_count(sample, &n)) return CXM_E_OVERFLOW;
    if (n == 0) return CXM_E_EMPTY;
    uint32_t size = out->size;
    make_ready(sample, n, method == CXM_COMPARE_DEFAULT ? CXM_COMPARE_MOVER : method, level, interval_z(level), out);
    out->size = size;
    return CXM_OK;
}

cxm_status cxm_compare_net_ready(const cxm_net_ready *a, const cxm_net_ready *b, cxm_difference *out)
{
    if (!a || !b || !out) return CXM_E_ARG;
    if (a->size < sizeof *a || b->size < sizeof *b || out->size < sizeof *out) return CXM_E_ABI;
    if (a->n == 0 || b->n == 0) return CXM_E_EMPTY;
    if (a->method != b->method || a->level != b->level) return CXM_E_MISMATCH;
    return compare_ready(a, b, out);
}
