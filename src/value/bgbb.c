/* SPDX-License-Identifier: MIT */
/* bgbb.c - BG/BB: likelihood with two derivatives, fit, predictions.
 *
 * ln b(i, j) of bgbb.h is a sum of lnG(c + n) - lnG(c):
 *     ln b = [alpha, x] + [beta, i - x] - [alpha + beta, i] + [gamma, j] + [delta, i] - [gamma + delta, i + j]
 * and L a sum of such terms, so that with p_i = b_i / L the gradient of ln L is the mean of theirs over p, and its second derivatives
 * are the mean of theirs plus the covariance of the gradients.
 * One who is there at n leaves as theta ~ Beta(gamma, delta + n) says, q = 1 - theta: over the next N opportunities it is there for a
 * sum of q^m = q (1 - q^N) / theta, and discounted without end for q / (d + theta). Both means are integrals of what is nowhere negative,
 * where the published form has a removable singularity at gamma = 1.
 * Source   see bgbb.h.                                                                           */
#include "base/port.h"
#include <cxm/bgbb.h>
#include "base/quadrature.h"
#include "value/fit_parts.h"
#include "value/rise.h"
#include <math.h>

_Static_assert(sizeof(cxm_bgbb) == 32 && sizeof(cxm_bgbb_history) == 16, "a struct of bgbb grew");

enum { ALPHA, BETA, GAMMA, DELTA, COUNT };      /* numbers of parameters */
#define PARAMETER_LEAST 1e-8
#define PARAMETER_MOST 1e15
#define DISCOUNT_LEAST 1e-9
#define DISCOUNT_MOST 1e6

/* --- terms --- */

/* ln b(i, j). */
static double ln_term(const cxm_bgbb *m, uint32_t x, uint32_t i, uint32_t j)
{
    double buys = special_ln_gamma_ratio(m->alpha, x) + special_ln_gamma_ratio(m->beta, i - x) - special_ln_gamma_ratio(m->alpha + m->beta, i);
    double leaves = special_ln_gamma_ratio(m->delta, i) - special_ln_gamma_ratio(m->gamma + m->delta, (double)i + j);
    return buys + leaves + (j ? log(m->gamma) : 0.0);
}

static optimise_point term(const cxm_bgbb *m, uint32_t x, uint32_t i, uint32_t j)
{
    rise a = rise_of(m->alpha, x), b = rise_of(m->beta, i - x), ab = rise_of(m->alpha + m->beta, i);
    rise g = rise_of(m->gamma, j), d = rise_of(m->delta, i), gd = rise_of(m->gamma + m->delta, (double)i + j);
    optimise_point p = {a.value + b.value - ab.value + g.value + d.value - gd.value,
                        {a.slope - ab.slope, b.slope - ab.slope, g.slope - gd.slope, d.slope - gd.slope}, {{0}}};
    p.hessian[ALPHA][ALPHA] = a.bend - ab.bend;
    p.hessian[BETA][ALPHA] = -ab.bend;
    p.hessian[BETA][BETA] = b.bend - ab.bend;
    p.hessian[GAMMA][GAMMA] = g.bend - gd.bend;
    p.hessian[DELTA][GAMMA] = -gd.bend;
    p.hessian[DELTA][DELTA] = d.bend - gd.bend;
    return p;
}

/* ln of L / b(n, 0): the others in units of the term of being there. */
static double ln_odds_and_one(const cxm_bgbb *m, const cxm_bgbb_history *h)
{
    double there = ln_term(m, h->x, h->n, 0), sum = 0.0, largest = h->t_x < h->n ? ln_term(m, h->x, h->t_x, 1) - there : 0.0;
    largest = fmax(largest, 0.0);                                   /* terms of leaving fall with i */
    for (uint32_t i = h->t_x; i < h->n; ++i) sum += exp(ln_term(m, h->x, i, 1) - there - largest);
    return largest + log(exp(-largest) + sum);
}

/* --- the likelihood --- */

/* Adds e^(p.value) of the term, and with it gradient and second derivatives, in units of e^unit. */
static void add_term(const optimise_point *p, double unit, optimise_point *sum)
{
    double weight = exp(p->value - unit);
    sum->value += weight;
    for (int a = 0; a < COUNT; ++a) {
        sum->gradient[a] += weight * p->gradient[a];
        for (int b = 0; b <= a; ++b) sum->hessian[a][b] += weight * (p->hessian[a][b] + p->gradient[a] * p->gradient[b]);
    }
}

static void add_customers(const cxm_bgbb *m, const cxm_bgbb_history *h, double count, optimise_point *to)
{
    optimise_point there = term(m, h->x, h->n, 0), sum = {0.0, {0}, {{0}}};
    double unit = h->t_x < h->n ? fmax(there.value, ln_term(m, h->x, h->t_x, 1)) : there.value;
    add_term(&there, unit, &sum);
    for (uint32_t i = h->t_x; i < h->n; ++i) {
        optimise_point left = term(m, h->x, i, 1);
        add_term(&left, unit, &sum);
    }
    to->value += count * (unit + log(sum.value));
    for (int a = 0; a < COUNT; ++a) {
        double slope = sum.gradient[a] / sum.value;
        to->gradient[a] += count * slope;
        for (int b = 0; b <= a; ++b) to->hessian[a][b] += count * (sum.hessian[a][b] / sum.value - slope * (sum.gradient[b] / sum.value));
    }
}

static cxm_bgbb_history history_of(const cxm_cbs_row *row)
{
    return (cxm_bgbb_history){row->x, row->t_x, row->T, row->reserved};
}

static void whole_likelihood(const double *ln, const void *ctx, optimise_point *out)
{
    const cxm_cbs_view *view = ctx;
    double parameter[COUNT];
    for (int i = 0; i < COUNT; ++i) parameter[i] = exp(ln[i]);
    cxm_bgbb m = {parameter[ALPHA], parameter[BETA], parameter[GAMMA], parameter[DELTA]};
    optimise_point sum = {0.0, {0}, {{0}}};
    for (size_t i = 0; i < view->count; ++i) {
        cxm_bgbb_history h = history_of(&view->rows[i]);
        add_customers(&m, &h, (double)view->rows[i].count, &sum);
    }
    fit_to_logarithms(&sum, parameter, COUNT);
    *out = sum;
}

/* --- the fit --- */

static bool is_history(const cxm_bgbb_history *h)
{
    return h->x <= h->t_x && h->t_x <= h->n && (h->x == 0) == (h->t_x == 0) && h->n <= CXM_BGBB_N_MAX && h->reserved == 0;
}

static cxm_status look_over(const cxm_cbs_view *view, uint64_t *customers)
{
    uint64_t all = 0;
    for (size_t i = 0; i < view->count; ++i) {
        cxm_bgbb_history h = history_of(&view->rows[i]);
        if (!is_history(&h)) return CXM_E_DOMAIN;
        if (view->rows[i].count > UINT64_MAX - all) return CXM_E_ARG;
        all += view->rows[i].count;
    }
    *customers = all;
    return all ? CXM_OK : CXM_E_EMPTY;
}

cxm_status cxm_bgbb_fit(const cxm_cbs_view *view, cxm_bgbb *model, cxm_fit *fit)
{
    double parameter[COUNT], wide = log(1e6);
    const double starts[2][OPTIMISE_MOST] = {{0.0, 0.0, 0.0, 1.0}, {0.0, 1.0, -0.5, 1.5}};
    if (!view || (!view->rows && view->count) || view->per_unit != 1.0 || !model) return CXM_E_ARG;
    cxm_status status = fit_check(fit);
    fit_model job = {.problem = {whole_likelihood, view, COUNT, {0}, {0}}, .starts = starts, .start_count = 2};
    if (status == CXM_OK) status = look_over(view, &job.customers);
    if (status != CXM_OK) return status;
    for (int i = 0; i < COUNT; ++i) {
        job.problem.low[i] = -wide;
        job.problem.high[i] = wide;
    }
    fit_model_run(&job, parameter, fit);
    *model = (cxm_bgbb){parameter[ALPHA], parameter[BETA], parameter[GAMMA], parameter[DELTA]};
    return CXM_OK;
}

/* --- predictions --- */

static bool is_parameter(double value)
{
    return value >= PARAMETER_LEAST && value <= PARAMETER_MOST;
}

static cxm_status check(const cxm_bgbb *m, const cxm_bgbb_history *h, const double *out)
{
    if (!m || !out || !is_parameter(m->alpha) || !is_parameter(m->beta) || !is_parameter(m->gamma) || !is_parameter(m->delta)) return CXM_E_ARG;
    return h && !is_history(h) ? CXM_E_DOMAIN : CXM_OK;
}

cxm_status cxm_bgbb_log_likelihood(const cxm_bgbb *model, const cxm_bgbb_history *history, double *out)
{
    if (!history) return CXM_E_ARG;
    cxm_status status = check(model, history, out);
    if (status == CXM_OK) *out = ln_term(model, history->x, history->n, 0) + ln_odds_and_one(model, history);
    return status;
}

/* The chance that one who is there at n is so `later` opportunities on. */
static double stays(const cxm_bgbb *m, double n, double later)
{
    return exp(special_ln_gamma_ratio(m->delta + n, later) - special_ln_gamma_ratio(m->gamma + m->delta + n, later));
}

cxm_status cxm_bgbb_alive(const cxm_bgbb *model, const cxm_bgbb_history *history, uint32_t later, double *out)
{
    if (!history) return CXM_E_ARG;
    cxm_status status = check(model, history, out);
    if (status != CXM_OK) return status;
    if (later > CXM_BGBB_N_MAX) return CXM_E_DOMAIN;
    *out = exp(-ln_odds_and_one(model, history)) * stays(model, history->n, later);
    return CXM_OK;
}

/* The chance to be there at n times the chance to buy while there; of a new customer at n = 0. */
static double rate_of(const cxm_bgbb *m, const cxm_bgbb_history *h)
{
    double buys = (m->alpha + h->x) / (m->alpha + m->beta + h->n);
    return buys * exp(-ln_odds_and_one(m, h));
}

static double opportunities(double p, double q, const void *ctx)        /* q (1 - q^N) / p */
{
    double n = *(const double *)ctx;
    return p * n < 1e-300 ? n : q == 0.0 ? 0.0 : -q * expm1(n * log1p(-p)) / p;
}

static double discounted(double p, double q, const void *ctx)           /* q / (d + p) */
{
    return q / (*(const double *)ctx + p);
}

static double there_for(const cxm_bgbb *m, const cxm_bgbb_history *history, quadrature_function *fn, double with)
{
    const cxm_bgbb_history born = {0, 0, 0, 0}, *h = history ? history : &born;
    return rate_of(m, h) * quadrature_beta(m->gamma, m->delta + h->n, fn, &with);
}

cxm_status cxm_bgbb_expected(const cxm_bgbb *model, const cxm_bgbb_history *history, uint32_t next, double *out)
{
    cxm_status status = check(model, history, out);
    if (status != CXM_OK) return status;
    if (next > CXM_BGBB_N_MAX) return CXM_E_DOMAIN;
    *out = there_for(model, history, opportunities, next);
    return CXM_OK;
}

cxm_status cxm_bgbb_residual(const cxm_bgbb *model, const cxm_bgbb_history *history, double discount, double *out)
{
    cxm_status status = check(model, history, out);
    if (status != CXM_OK) return status;
    if (!(discount >= DISCOUNT_LEAST && discount <= DISCOUNT_MOST)) return CXM_E_DOMAIN;
    *out = there_for(model, history, discounted, discount);
    return CXM_OK;
}

cxm_status cxm_bgbb_pmf(const cxm_bgbb *model, uint32_t x, uint32_t n, double *out)
{
    double sum = 0.0, ln_x = special_ln_gamma_ratio(1.0, x);
    cxm_status status = check(model, NULL, out);
    if (status != CXM_OK) return status;
    if (n > CXM_BGBB_N_MAX) return CXM_E_DOMAIN;
    for (uint32_t i = x; i <= n && x <= n; ++i) {               /* x of i opportunities: (i - x + 1) .. i / x! ways */
        double ways = special_ln_gamma_ratio(i - x + 1.0, x) - ln_x;
        sum += exp(ways + ln_term(model, x, i, i < n));
    }
    *out = sum;
    return CXM_OK;
}
