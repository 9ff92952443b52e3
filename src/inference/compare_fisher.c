/* SPDX-License-Identifier: MIT */
/* compare_fisher.c - the exact p of a 2 x 2 table with its margins fixed.
 *
 * With x hits and m misses of n, x' and m' of n', the other tables are x - k, m' - k, x' + k, m + k. They have
 * hypergeometric probabilities; for cells o with expectations e, and f(a) = ln(2 pi a) / 2 + Stirling's
 * error of a (special.h), f(0) = 0:
 *     ln P = f of the four margins - f(N) - sum over cells of f(o) + o ln(o / e) - (o - e)
 * Every o - e is +- the same l = (x m' - x' m) / N - k, its start from 128 bits. Where it is small beside o
 * the last two terms are o gap(-(o - e) / o), so nothing large cancels. From table to table P changes
 * by a ratio of products of cells, and a tail is P of its first table times a sum of such products.
 *
 * The table is turned so that x m' >= x' m. Then every table with k < 0 is less probable than the observed
 * one, and as ln P is concave in k, those with k > 0 that are more probable by over 1e-7 (R's relative
 * allowance for ties) are one run, its ends found by halving. All tables outside the run count.
 * Source  R. A. Fisher 1935; C. Loader, "Fast and Accurate Computation of Binomial
 *         Probabilities", 2000 (the form of ln P).                                          */
#include "base/port.h"
#include "inference/compare.h"
#include <float.h>
#include <math.h>
#include "base/special.h"
#include "base/wide.h"

#define TWO_PI 6.28318530717958647692528676656
static const double MOST_VARIANCE = 68719476736.0;      /* 2^36: some million terms, hundredths of a second */
static const double ALLOWANCE = 1e-7;

/* cell[0] and [1] fall with k, [2] and [3] rise: x, m', x', m. edges is the margins' part of ln P. */
typedef struct table { uint64_t cell[4]; double expected[4], lean, edges, variance, observed; } table;

static double edge(double a)
{
    return a > 0.0 ? 0.5 * log(TWO_PI * a) + special_stirling_error(a) : 0.0;
}

/* o ln(o / e) - (o - e), `away` = o - e. */
static double deviance(double o, double e, double away)
{
    if (o <= 0.0) return e;
    return fabs(away) < 0.4 * o ? o * special_log1p_gap(-away / o) : o * log(o / e) - away;
}

static double log_probability(const table *t, uint64_t k)
{
    double sum = t->edges, lean = t->lean - (double)k;
    for (int i = 0; i < 4; ++i) {
        double o = (double)(i < 2 ? t->cell[i] - k : t->cell[i] + k);
        sum -= edge(o) + deviance(o, t->expected[i], i < 2 ? lean : -lean);
    }
    return sum;
}

/* Sum of P(j) / P(0) over j = 1 .. most, with the cells that fall and rise from 0 on; ends when nothing is to come. */
static double ratios(const uint64_t fall[2], const uint64_t rise[2], uint64_t most)
{
    double term = 1.0, sum = 0.0;
    for (uint64_t j = 0; j < most; ++j) {
        double ratio = (double)(fall[0] - j) / (double)(rise[0] + j + 1);
        ratio *= (double)(fall[1] - j) / (double)(rise[1] + j + 1);
        term *= ratio;
        sum += term;
        if (term * ratio < 0.1 * DBL_EPSILON * (1.0 + sum) * (1.0 - ratio)) break;
    }
    return sum;
}

static uint64_t least(const uint64_t pair[2])
{
    return pair[0] < pair[1] ? pair[0] : pair[1];
}

/* More probable than the table before it. */
static bool still_rises(const table *t, uint64_t k)
{
    return (double)(t->cell[0] - k + 1) * (double)(t->cell[1] - k + 1) > (double)(t->cell[2] + k) * (double)(t->cell[3] + k);
}

static bool is_over(const table *t, uint64_t k)
{
    return log_probability(t, k) - t->observed > log1p(ALLOWANCE);
}

/* The first k behind `from`, up to `to`, for which `is` is `wanted`; to + 1 when there is none. It changes once. */
static uint64_t first(const table *t, bool (*is)(const table *, uint64_t), bool wanted, uint64_t from, uint64_t to)
{
    uint64_t end = to + 1;
    for (++from; from < end;) {
        uint64_t middle = from + (end - from) / 2;
        if (is(t, middle) == wanted) end = middle;
        else from = middle + 1;
    }
    return end;
}

/* The tables that count, over P of the observed one; infinite when all of them do. */
static double counted(const table *t)
{
    uint64_t last = least(t->cell), top = first(t, still_rises, false, 0, last) - 1;
    double sum = 1.0 + ratios(t->cell + 2, t->cell, least(t->cell + 2));
    if (top == 0 || !is_over(t, top)) return HUGE_VAL;
    sum += ratios(t->cell, t->cell + 2, first(t, is_over, true, 0, top) - 1);
    uint64_t past = first(t, is_over, false, top, last);
    if (past > last) return sum;
    uint64_t fall[2] = {t->cell[0] - past, t->cell[1] - past}, rise[2] = {t->cell[2] + past, t->cell[3] + past};
    return sum + exp(log_probability(t, past) - t->observed) * (1.0 + ratios(fall, rise, least(fall)));
}

/* x, m', x', m with x m' >= x' m. */
static table turned(uint64_t x, uint64_t m, uint64_t x2, uint64_t m2)
{
    wide left = wide_product(x, m2), right = wide_product(x2, m);
    bool turn = wide_below(left, right);
    double hits = (double)x + (double)x2, misses = (double)m + (double)m2, n = (double)(x + m), n2 = (double)(x2 + m2);
    double all = n + n2, part = n / all, part2 = n2 / all;
    table t = {{x, m2, x2, m}, {part * hits, part2 * misses, part2 * hits, part * misses},
               wide_to_double(turn ? wide_minus(right, left) : wide_minus(left, right)) / all,
               edge(n) + edge(n2) + edge(hits) + edge(misses) - edge(all),
               part * hits * part2 * (misses / (all - 1.0)), 0.0};
    if (!turn) return t;
    table other = t;
    for (int i = 0; i < 4; ++i) {
        other.cell[i] = t.cell[i ^ 2];
        other.expected[i] = t.expected[i ^ 2];
    }
    return other;
}

cxm_status compare_fisher(uint64_t hits_a, uint64_t misses_a, uint64_t hits_b, uint64_t misses_b, double *p)
{
    table t = turned(hits_a, misses_a, hits_b, misses_b);
    if (t.variance > MOST_VARIANCE) return CXM_E_LIMIT;
    t.observed = log_probability(&t, 0);
    *p = t.variance <= 0.0 ? 1.0 : t.observed < -800.0 ? 0.0 : fmin(exp(t.observed + log(counted(&t))), 1.0);
    return CXM_OK;
}
