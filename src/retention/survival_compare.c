/* SPDX-License-Identifier: MIT */
/* survival_compare.c - the log-rank test and its weighted kin for groups, in one walk over all their curves.
 *
 * At a time with d events among n at risk, group g having d_g of n_g, and w = S(t-)^rho of all groups together:
 *      U_g  = sum of w (d_g - d n_g / n)
 *      V_gh = sum of w^2 d (n - d) / (n - 1) (n_g / n) ([g = h] - n_h / n)          none where n <= 1
 * (n - d) / (n - 1) is at most 1, as d is at least one customer; of weights below 1 it is held there.
 *      chi-square = U' V^-1 U over all compared groups but one; df = that number
 * n - n_g is summed from the others, as n - d is from the survivors: nothing is lost at counts of 2^62.
 *
 * V is solved by Cholesky's factors. A pivot that is nothing beside its diagonal says that a part of the groups was never at
 * risk together with the rest at an event that some survived: then there is no test.        */
#include "base/port.h"
#include "retention/survival_parts.h"
#include <math.h>
#include "base/special.h"

_Static_assert(sizeof(cxm_survival_group) == 40 && sizeof(cxm_survival_test) == 32, "a struct of a test grew");

enum { GROUPS = CXM_SURVIVAL_GROUPS_MAX };
static const double RHO_MOST = 100.0, NOTHING = 1e-12;

/* All groups at one time. */
typedef struct moment { double t, n, events, survivors, at_risk[GROUPS], rest[GROUPS], left[GROUPS]; } moment;

/* The walk: a curve a group, and sums so far. */
typedef struct contest {
    cxm_survival_curve walk[GROUPS];
    uint32_t count;
    double rho, survival;
    double observed[GROUPS][2], expected[GROUPS][2], between[GROUPS][GROUPS];
} contest;

/* --- the walk --- */

static bool next_moment(contest *c, moment *m)
{
    m->t = (double)INFINITY;
    for (uint32_t g = 0; g < c->count; ++g) m->t = fmin(m->t, survival_next_exit(&c->walk[g]));
    if (isinf(m->t)) return false;
    m->n = m->events = m->survivors = 0.0;
    for (uint32_t g = 0; g < c->count; ++g) {
        bool leaves = survival_next_exit(&c->walk[g]) == m->t;
        survival_tick tick = {.at_risk = survival_enter(&c->walk[g], m->t)};
        tick.survivors = tick.at_risk;
        if (leaves) tick = survival_take(&c->walk[g], m->t);
        m->at_risk[g] = tick.at_risk;
        m->left[g] = tick.events;
        m->n += tick.at_risk;
        m->events += tick.events;
        m->survivors += tick.survivors;
    }
    for (uint32_t g = 0; g < c->count && m->events > 0.0; ++g) {
        m->rest[g] = 0.0;
        for (uint32_t h = 0; h < c->count; ++h) m->rest[g] += h == g ? 0.0 : m->at_risk[h];
    }
    return true;
}

static void pass_moment(contest *c, const moment *m)
{
    if (!(m->events > 0.0)) return;
    double w = c->rho == 0.0 ? 1.0 : pow(c->survival, c->rho);
    double spread = m->n > 1.0 ? w * w * m->events * fmin(m->survivors / (m->n - 1.0), 1.0) : 0.0;
    for (uint32_t g = 0; g < c->count; ++g) {
        double share = m->at_risk[g] / m->n;
        survival_sum(c->observed[g], w * m->left[g]);
        survival_sum(c->expected[g], w * m->events * share);
        c->between[g][g] += spread * share * (m->rest[g] / m->n);
        for (uint32_t h = 0; h < g; ++h) c->between[g][h] -= spread * share * (m->at_risk[h] / m->n);
    }
    c->survival *= m->survivors / m->n;
}

/* --- the statistic --- */

/* u' v^-1 u for the lower triangle of v, which becomes its factor; NaN when v has no inverse. */
static double quadratic(double v[GROUPS][GROUPS], double *u, uint32_t n)
{
    double sum = 0.0;
    for (uint32_t j = 0; j < n; ++j) {
        double whole = v[j][j];
        for (uint32_t k = 0; k < j; ++k) v[j][j] -= v[j][k] * v[j][k];
        if (!(v[j][j] > NOTHING * whole)) return (double)NAN;
        v[j][j] = sqrt(v[j][j]);
        for (uint32_t i = j + 1; i < n; ++i) {
            for (uint32_t k = 0; k < j; ++k) v[i][j] -= v[i][k] * v[j][k];
            v[i][j] /= v[j][j];
        }
        for (uint32_t k = 0; k < j; ++k) u[j] -= v[j][k] * u[k];
        u[j] /= v[j][j];
        sum += u[j] * u[j];
    }
    return sum;
}

/* The compared groups but the last, moved to the front; returns how many. */
static uint32_t pick(contest *c, const cxm_survival_group *each, double u[GROUPS])
{
    uint32_t n = 0, of[GROUPS] = {0};
    for (uint32_t g = 0; g < c->count; ++g)
        if (each[g].compared) of[n++] = g;
    if (n == 0) return 0;
    for (uint32_t i = 0; i + 1 < n; ++i) {
        u[i] = (c->observed[of[i]][0] - c->expected[of[i]][0]) + (c->observed[of[i]][1] - c->expected[of[i]][1]);
        for (uint32_t k = 0; k <= i; ++k) c->between[i][k] = c->between[of[i]][of[k]];
    }
    return n - 1;
}

static void write_groups(const contest *c, cxm_survival_group *each)
{
    for (uint32_t g = 0; g < c->count; ++g)
        each[g] = (cxm_survival_group){.n = c->walk[g].n, .observed = c->observed[g][0], .expected = c->expected[g][0],
                                       .variance = c->between[g][g], .compared = c->expected[g][0] > 0.0};
}

static cxm_status contest_check(const cxm_survival_curve *groups, uint32_t count)
{
    cxm_status status = CXM_OK;
    for (uint32_t g = 0; g < count && status == CXM_OK; ++g) status = survival_curve_check(&groups[g]);
    return status;
}

cxm_status cxm_survival_compare(const cxm_survival_curve *groups, uint32_t count, double rho, cxm_survival_group *each,
                                cxm_survival_test *out)
{
    contest c = {.count = count, .rho = rho, .survival = 1.0};
    moment m;
    double u[GROUPS] = {0.0};
    if (!groups || !each || !out || count < 2 || count > GROUPS || !(rho >= 0.0 && rho <= RHO_MOST)) return CXM_E_ARG;
    cxm_status status = contest_check(groups, count);
    if (status != CXM_OK) return status;
    if (out->size < sizeof *out) return CXM_E_ABI;
    for (uint32_t g = 0; g < count; ++g) {
        c.walk[g] = groups[g];
        survival_begin(&c.walk[g]);
    }
    while (next_moment(&c, &m)) pass_moment(&c, &m);
    write_groups(&c, each);
    *out = (cxm_survival_test){.size = out->size, .df = pick(&c, each, u), .rho = rho, .statistic = (double)NAN, .p = (double)NAN};
    double statistic = out->df > 0 ? quadratic(c.between, u, out->df) : (double)NAN;
    if (statistic != statistic) return CXM_E_UNDEFINED;
    out->statistic = statistic;
    out->p = special_chi2(statistic, (double)out->df).upper;
    return CXM_OK;
}
