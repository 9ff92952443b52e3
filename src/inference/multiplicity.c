/* SPDX-License-Identifier: MIT */
/* multiplicity.c - adjusted p values: sorted with their places, adjusted in order, put back.
 *
 * The values travel to `out` with their index beside them in `scratch`: those that count first, sorted; NaN behind.
 * Heapsort moves both together, as qsort may allocate and may take n^2 steps. Which of two equal values
 * stands first never shows: every rule below is a running maximum or minimum that gives both the same.
 *
 * Hommel's rule is closed testing with Simes's test: a hypothesis is rejected when every set of hypotheses around
 * it is, and a set of i is at level alpha when one of its ordered values has p_(j) <= j alpha / i. The hardest set of
 * i holds the i largest values; its Simes value is
 *     S_i = min over j of i p_(m-i+j) / j            with A_i = max(S_i, S_{i+1}, ..., S_m).
 * At level alpha the largest set not rejected has h members with A_{h+1} <= alpha < A_h, and p_k is rejected when
 * h p_k <= alpha (J. J. Goeman, R. J. Meijer, T. J. P. Krebs and A. Solari, Biometrika 106(4), 2019). So the
 * smallest such alpha is
 *     adjusted p_k = min over i = 0..m of max(A_{i+1}, i p_k),    A_{m+1} = 0.
 * As i falls from m, A rises and i p_k falls: at the first i with A_{i+1} >= i p_k the answer is the smaller of
 * A_{i+1} and (i + 1) p_k, and a larger p_k is answered at the same i or a later one. One walk down i serves all.
 *
 * S_i with q = m - i values left out is i times the least slope p_(x) / (x - q), x > q. As q grows the place of the
 * least slope moves up only: of two points the farther one gains when q comes nearer. Rows are therefore halved:
 * the middle row's place bounds the search of those before and behind it, m log m steps in all, each slope computed
 * straight from its p. The recursion goes in the order of q, so that no row's value is ever stored.
 *
 * Answers overwrite the sorted values from below. A row with q < k, k answered, needs values that are gone, but
 * cannot matter: S_i <= i p_k by its value at k, and i p_k <= A_{i+1} was reached when k was answered. It is
 * left out.                                                                              */
#include "base/port.h"
#include <cxm/multiplicity.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct { int32_t method; const char *name; } names[] = {
    {CXM_ADJUST_DEFAULT, "default"},
    {CXM_ADJUST_BONFERRONI, "bonferroni"},
    {CXM_ADJUST_HOLM, "holm"},
    {CXM_ADJUST_HOCHBERG, "hochberg"},
    {CXM_ADJUST_HOMMEL, "hommel"},
    {CXM_ADJUST_BH, "bh"},
    {CXM_ADJUST_BY, "by"},
};

const char *cxm_adjust_name(int32_t method)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (names[i].method == method) return names[i].name;
    return "unknown";
}

cxm_status cxm_adjust_method(const char *name, size_t len, int32_t *out)
{
    if (!name || !out) return CXM_E_ARG;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0) {
            *out = names[i].method;
            return CXM_OK;
        }
    return CXM_E_METHOD;
}

/* --- values and the places they came from --- */

typedef struct ranked { double *p; size_t *place; } ranked;

static void swap(ranked r, size_t a, size_t b)
{
    double p = r.p[a];
    size_t place = r.place[a];
    r.p[a] = r.p[b];
    r.place[a] = r.place[b];
    r.p[b] = p;
    r.place[b] = place;
}

/* NaN to the end; returns how many values stand before them. */
static size_t set_missing_apart(ranked r, size_t n)
{
    size_t m = n;
    for (size_t i = 0; i < n; ++i) r.place[i] = i;
    for (size_t i = 0; i < m;) {
        if (isnan(r.p[i])) swap(r, i, --m);
        else ++i;
    }
    return m;
}

static void sift(ranked r, size_t root, size_t m)
{
    double p = r.p[root];
    size_t place = r.place[root];
    for (size_t child; (child = 2 * root + 1) < m; root = child) {
        if (child + 1 < m && r.p[child] < r.p[child + 1]) ++child;
        if (p >= r.p[child]) break;
        r.p[root] = r.p[child];
        r.place[root] = r.place[child];
    }
    r.p[root] = p;
    r.place[root] = place;
}

static void sort(ranked r, size_t m)
{
    for (size_t i = m / 2; i-- > 0;) sift(r, i, m);
    for (size_t last = m; last-- > 1;) {
        swap(r, 0, last);
        sift(r, 0, last);
    }
}

/* Each value back to the place it came from: every swap settles one for good. */
static void put_back(ranked r, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        while (r.place[i] != i) swap(r, i, r.place[i]);
}

/* --- the rules, over p[0..m) in rising order --- */

static void bonferroni(double *p, size_t m)
{
    for (size_t i = 0; i < m; ++i) p[i] = fmin((double)m * p[i], 1.0);
}

static void holm(double *p, size_t m)
{
    double reached = 0.0;
    for (size_t i = 0; i < m; ++i) {
        reached = fmax(reached, (double)(m - i) * p[i]);
        p[i] = fmin(reached, 1.0);
    }
}

static void hochberg(double *p, size_t m)
{
    double least = 1.0;
    for (size_t i = m; i-- > 0;) p[i] = least = fmin(least, (double)(m - i) * p[i]);
}

static void step_up(double *p, size_t m, double factor)
{
    double least = 1.0;
    for (size_t i = m; i-- > 0;) p[i] = least = fmin(least, factor * ((double)m / (double)(i + 1) * p[i]));
}

static double harmonic(size_t m)
{
    double sum = 0.0;
    for (size_t k = m; k > 0; --k) sum += 1.0 / (double)k;
    return sum;
}

/* --- Hommel --- */

typedef struct hommel_walk {
    double *p;
    size_t m, answered;         /* p[0..answered) hold their answers */
    double reached;             /* A, as far as the rows walked say */
} hommel_walk;

/* Answers what the row with q left out decides, then adds its own Simes value. */
static void walk_row(hommel_walk *w, size_t q, double simes)
{
    double i = (double)(w->m - q);
    for (; w->answered < w->m && i * w->p[w->answered] <= w->reached; ++w->answered)
        w->p[w->answered] = fmin(w->reached, (i + 1.0) * w->p[w->answered]);
    w->reached = fmax(w->reached, simes);
}

/* The place of the least slope seen from q among low..high; p / (x - q) compared without dividing. */
static size_t least_slope(const hommel_walk *w, size_t q, size_t low, size_t high)
{
    size_t best = low;
    for (size_t x = low + 1; x <= high; ++x)
        if (w->p[x] * (double)(best + 1 - q) < w->p[best] * (double)(x + 1 - q)) best = x;
    return best;
}

/* Rows from..to-1, whose least slopes lie in low..high. */
static void walk_rows(hommel_walk *w, size_t from, size_t to, size_t low, size_t high)
{
    if (from >= to) return;
    size_t q = from + (to - from) / 2, below = high, above = low;
    double simes = 0.0;
    if (q >= w->answered) {
        below = above = least_slope(w, q, low < q ? q : low, high);
        simes = (double)(w->m - q) * w->p[above] / (double)(above + 1 - q);
    }
    walk_rows(w, from, q, low, below);
    walk_row(w, q, simes);
    walk_rows(w, q + 1, to, above, high);
}

static void hommel(double *p, size_t m)
{
    hommel_walk w = {p, m, 0, 0.0};
    if (m == 0) return;
    walk_rows(&w, 0, m, 0, m - 1);
    walk_row(&w, m, 0.0);
}

static void adjust(int32_t method, double *p, size_t m)
{
    switch (method) {
    case CXM_ADJUST_BONFERRONI: bonferroni(p, m); return;
    case CXM_ADJUST_HOCHBERG: hochberg(p, m); return;
    case CXM_ADJUST_HOMMEL: hommel(p, m); return;
    case CXM_ADJUST_BH: step_up(p, m, 1.0); return;
    case CXM_ADJUST_BY: step_up(p, m, harmonic(m)); return;
    default: holm(p, m); return;
    }
}

static bool all_probabilities(const double *p, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        if (p[i] < 0.0 || p[i] > 1.0) return false;         /* NaN is neither */
    return true;
}

cxm_status cxm_adjust_p(const double *p, size_t n, int32_t method, size_t *scratch, double *out)
{
    if (n > 0 && (!p || !scratch || !out)) return CXM_E_ARG;
    if (method < CXM_ADJUST_DEFAULT || method > CXM_ADJUST_BY) return CXM_E_METHOD;
    if (!all_probabilities(p, n)) return CXM_E_DOMAIN;
    ranked r = {out, scratch};
    if (n > 0 && out != p) memcpy(out, p, n * sizeof *p);
    size_t m = set_missing_apart(r, n);
    if (method != CXM_ADJUST_BONFERRONI) sort(r, m);
    adjust(method, r.p, m);
    put_back(r, n);
    return CXM_OK;
}
