/* SPDX-License-Identifier: MIT */
/* trinomial_bootstrap.c - percentile limits that endless resampling of the n answers would give.
 *
 * n answers drawn with replacement from D, P and R of -1, 0, +1 give a multinomial (D*, P*, R*) and the net sum
 * S = R* - D*. The lower limit is the smallest s / n with P(S <= s) >= alpha/2; the upper one is its mirror, the
 * largest with P(S >= s) >= alpha/2, which is the smallest s with P(S <= s) >= 1 - alpha/2 unless a probability
 * meets 1 - alpha/2 exactly. No number is drawn (B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993,
 * section 13.3, has the percentile method).
 *
 * D* is Binomial(n, D/n), and R* given D* = d is Binomial(N = n - d, r = R/(R+P)), so with k = d + s
 *     P(S <= s) = sum over d of P(D* = d) F(N, k),    F(N, k) = P(Binomial(N, r) <= k).
 * From d to d + 1, b(N, k) being the binomial mass, everything that is needed follows by adding positive terms:
 *     b(N-1, k) = b(N, k) (N - k) / (N (1 - r))      b(N-1, k+1) = b(N-1, k) (N-1-k) / (k+1) r / (1 - r)
 *     F(N-1, k+1) = F(N, k) + r b(N-1, k) + b(N-1, k+1)
 * so the sum needs no table: it starts, by beta tails, at the first d with P(D* <= d) of 1e-30 and F of 1e-250, below
 * which nothing shows in alpha/2 >= 5e-17, and ends past D where 1e-33 is left. That is about 24 standard deviations of
 * D*, 4,000 steps at n = 100,000, and bisection over s asks for 18 sums a limit. Relative error about 1e-12; sums within
 * 1e-11 of alpha/2 count as having reached it, so that rounding does not decide a tie.
 * Where P = 0 or R = 0, S is one binomial count: S = n - 2 D*, or -D*.                            */
#include "base/port.h"
#include "inference/interval.h"
#include <math.h>
#include <stdbool.h>
#include "base/special.h"

#define TWO_PI 6.28318530717958647692528676656
static const double LEAST_OUTER = 1e-30, LEAST_INNER = 1e-250, LEAST_LEFT = 1e-33, TIE = 1e-11;

typedef struct urn { double hits, misses; } urn;
typedef struct resample { urn outer, inner; double minus, zero, plus; int64_t n; } resample;

/* P(X <= k) and P(X >= k) of n draws, 0 <= k and k <= n. */
static double at_most(urn u, int64_t n, int64_t k)
{
    double all = u.hits + u.misses;
    if (k >= n) return 1.0;
    return special_beta((special_share){u.misses / all, u.hits / all}, (double)(n - k), (double)k + 1.0).lower;
}

static double at_least(urn u, int64_t n, int64_t k)
{
    return at_most((urn){u.misses, u.hits}, n, n - k);
}

/* How far k is from n share, over k, as Loader's deviance takes it; `share` = part / all. */
static double deviance(double k, double n, double part, double all)
{
    return k * special_log1p_gap((n * part - k * all) / (k * all));
}

/* P(X = k) of n draws, 0 <= k <= n: the square root of Stirling's formula and the two deviances (special.c). */
static double mass(urn u, int64_t draws, int64_t hits)
{
    double n = (double)draws, k = (double)hits, m = n - k, all = u.hits + u.misses;
    if (hits == 0) return exp(n * log1p(-u.hits / all));
    if (hits == draws) return exp(n * log1p(-u.misses / all));
    double stirling = special_stirling_error(n) - special_stirling_error(k) - special_stirling_error(m);
    return sqrt(n / (TWO_PI * k * m)) * exp(stirling - deviance(k, n, u.hits, all) - deviance(m, n, u.misses, all));
}

/* The first d from which on the sum counts; both conditions stay true once they are. */
static int64_t first_that_counts(const resample *r, int64_t s)
{
    int64_t low = s < 0 ? -s : 0, high = r->n;
    while (low < high) {
        int64_t d = low + (high - low) / 2;
        bool counts = at_most(r->outer, r->n, d) >= LEAST_OUTER && at_most(r->inner, r->n - d, d + s) >= LEAST_INNER;
        if (counts) high = d;
        else low = d + 1;
    }
    return low;
}

static double sum_from(const resample *r, int64_t s, int64_t first)
{
    int64_t trials = r->n - first, least = first + s;
    double share = r->inner.hits / (r->inner.hits + r->inner.misses), odds = r->inner.hits / r->inner.misses;
    double sum = 0.0, weight = mass(r->outer, r->n, first), below = at_most(r->inner, trials, least);
    double point = least < trials ? mass(r->inner, trials, least) : 0.0;
    for (int64_t d = first; d <= r->n && ((double)d <= r->minus || weight > LEAST_LEFT); ++d) {
        double left = (double)(r->n - d), k = (double)(d + s);
        sum += weight * below;
        weight *= left / (double)(d + 1) * (r->outer.hits / r->outer.misses);
        if (k + 1.0 >= left - 1.0) {                  /* certain from here on */
            below = 1.0;
            point = 0.0;
            continue;
        }
        double same = point * ((left - k) / (left * (1.0 - share)));
        point = same * ((left - 1.0 - k) / (k + 1.0) * odds);
        below += share * same + point;
    }
    return sum;
}

static double net_at_most(const resample *r, int64_t s)
{
    if (r->plus == 0.0) return at_least(r->outer, r->n, -s);
    if (r->zero == 0.0) return at_least(r->outer, r->n, (r->n - s + 1) / 2);
    return sum_from(r, s, first_that_counts(r, s));
}

static double low_of(double minus, double zero, double plus, double tail)
{
    double n = minus + zero + plus;
    resample r = {{minus, zero + plus}, {plus, zero}, minus, zero, plus, (int64_t)n};
    int64_t low = -r.n, high = r.n;
    while (low < high) {
        int64_t s = low + (high - low) / 2;
        if (net_at_most(&r, s) >= tail * (1.0 - TIE)) high = s;
        else low = s + 1;
    }
    return (double)low / n;
}

limits interval_bootstrap(double minus, double zero, double plus, double level)
{
    double tail = 0.5 * (1.0 - level);
    return (limits){low_of(minus, zero, plus, tail), -low_of(plus, zero, minus, tail)};
}
