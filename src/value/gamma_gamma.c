/* SPDX-License-Identifier: MIT */
/* gamma_gamma.c - the Gamma-Gamma model: likelihood with two derivatives, fit, expectation.
 *
 * With P = p x, z = x m the money and S = v + z:
 *     ln L  = lnG(P + q) - lnG(P) - lnG(q) - q ln(1 + z/v) - P ln(1 + v/z) - ln m
 *     d/dp  = x (psi(P + q) - psi(P) - ln(1 + v/z))       d/dq = psi(P + q) - psi(q) - ln(1 + z/v)       d/dv = q/v - (P + q)/S
 * Rows come in the order of x, and all functions of x alone are reckoned once for each.
 * Source   see gamma_gamma.h.                                                                        */
#include "base/port.h"
#include <cxm/gamma_gamma.h>
#include "base/special_value.h"
#include "value/fit_parts.h"
#include <math.h>

_Static_assert(sizeof(cxm_gamma_gamma) == 24, "cxm_gamma_gamma grew");

enum { P, Q, V, COUNT };        /* numbers of parameters */
/* Of money: from a minor unit to a customer's most in the smallest unit; of parameters: a million times as far. */
#define MEAN_LEAST 1e-17
#define MEAN_MOST 1e27
#define PARAMETER_LEAST 1e-24
#define PARAMETER_MOST 1e34

/* --- the likelihood --- */

static double likelihood(const cxm_gamma_gamma *m, double x, double money)
{
    double shape = m->p * x;
    double gammas = special_ln_gamma_ratio(shape, m->q) - special_ln_gamma(m->q);
    return gammas - m->q * log1p(money / m->v) - shape * log1p(m->v / money) - log(money / x);
}

/* What depends on x alone, for `count` customers. */
static void add_shared(const cxm_gamma_gamma *m, double x, double count, optimise_point *to)
{
    double shape = m->p * x, all = special_trigamma(shape + m->q);
    to->value += count * (special_ln_gamma_ratio(shape, m->q) - special_ln_gamma(m->q));
    to->gradient[P] += count * x * special_digamma_rise(shape, m->q);
    to->gradient[Q] += count * special_digamma_rise(m->q, shape);
    to->hessian[P][P] += count * x * x * (all - special_trigamma(shape));
    to->hessian[Q][P] += count * x * all;
    to->hessian[Q][Q] += count * (all - special_trigamma(m->q));
}

static void add_money(const cxm_gamma_gamma *m, double x, double money, double count, optimise_point *to)
{
    double shape = m->p * x, up = log1p(m->v / money), down = log1p(money / m->v), per_s = 1.0 / (m->v + money), per_v = 1.0 / m->v;
    to->value -= count * (m->q * down + shape * up + log(money / x));
    to->gradient[P] -= count * x * up;
    to->gradient[Q] -= count * down;
    to->gradient[V] += count * (m->q * per_v - (shape + m->q) * per_s);
    to->hessian[V][P] -= count * x * per_s;
    to->hessian[V][Q] += count * money * per_s * per_v;
    to->hessian[V][V] += count * ((shape + m->q) * per_s * per_s - m->q * per_v * per_v);
}

static void whole_likelihood(const double *ln, const void *ctx, optimise_point *out)
{
    const cxm_spend_view *view = ctx;
    double parameter[COUNT] = {exp(ln[P]), exp(ln[Q]), exp(ln[V])};
    cxm_gamma_gamma m = {parameter[P], parameter[Q], parameter[V]};
    optimise_point sum = {0.0, {0}, {{0}}};
    for (size_t i = 0; i < view->count;) {
        double of_x = 0.0;
        uint64_t x = view->rows[i].x;
        for (; i < view->count && view->rows[i].x == x; ++i) {
            double count = (double)view->rows[i].count;
            add_money(&m, (double)x, (double)view->rows[i].money / view->per_unit, count, &sum);
            of_x += count;
        }
        add_shared(&m, (double)x, of_x, &sum);
    }
    fit_to_logarithms(&sum, parameter, COUNT);
    *out = sum;
}

/* --- the fit --- */

/* How many customers there are, and the mean over purchases. */
static cxm_status look_over(const cxm_spend_view *view, uint64_t *customers, double *mean)
{
    double money = 0.0, purchases = 0.0;
    uint64_t all = 0;
    for (size_t i = 0; i < view->count; ++i) {
        const cxm_spend_row *row = &view->rows[i];
        if (row->x == 0 || row->x > CXM_CBS_X_MAX || row->money <= 0) return CXM_E_DOMAIN;
        if (row->count > UINT64_MAX - all) return CXM_E_ARG;
        all += row->count;
        money += (double)row->count * ((double)row->money / view->per_unit);
        purchases += (double)row->count * (double)row->x;
    }
    *customers = all;
    *mean = money / purchases;
    return all ? CXM_OK : CXM_E_EMPTY;
}

cxm_status cxm_gamma_gamma_fit(const cxm_spend_view *view, cxm_gamma_gamma *model, cxm_fit *fit)
{
    double mean, parameter[OPTIMISE_MOST], wide = log(1e6);
    if (!view || (!view->rows && view->count) || !fit_is_unit(view->per_unit) || !model) return CXM_E_ARG;
    cxm_status status = fit_check(fit);
    fit_model job = {.problem = {whole_likelihood, view, COUNT, {0}, {0}}, .start_count = 2};
    if (status == CXM_OK) status = look_over(view, &job.customers, &mean);
    if (status != CXM_OK) return status;
    double starts[2][OPTIMISE_MOST] = {{log(4.0), log(3.0), log(0.5 * mean), 0.0}, {0.0, log(2.0), log(mean), 0.0}};
    job.starts = (const double (*)[OPTIMISE_MOST])starts;
    for (int i = 0; i < COUNT; ++i) {
        double centre = i == V ? log(mean) : 0.0;
        job.problem.low[i] = centre - wide;
        job.problem.high[i] = centre + wide;
    }
    fit_model_run(&job, parameter, fit);
    *model = (cxm_gamma_gamma){parameter[P], parameter[Q], parameter[V]};
    return CXM_OK;
}

/* --- one customer --- */

static bool is_parameter(double value)
{
    return value >= PARAMETER_LEAST && value <= PARAMETER_MOST;
}

static cxm_status check(const cxm_gamma_gamma *m, double x, double mean, double least)
{
    if (!m || !is_parameter(m->p) || !is_parameter(m->q) || !is_parameter(m->v)) return CXM_E_ARG;
    if (!(x >= least && x <= CXM_CBS_X_MAX) || x != floor(x)) return CXM_E_DOMAIN;
    return x == 0.0 || (mean >= MEAN_LEAST && mean <= MEAN_MOST) ? CXM_OK : CXM_E_DOMAIN;
}

cxm_status cxm_gamma_gamma_log_likelihood(const cxm_gamma_gamma *model, double x, double mean, double *out)
{
    if (!out) return CXM_E_ARG;
    cxm_status status = check(model, x, mean, 1.0);
    if (status == CXM_OK) *out = likelihood(model, x, x * mean);
    return status;
}

cxm_status cxm_gamma_gamma_expected(const cxm_gamma_gamma *model, double x, double mean, double *out)
{
    if (!out) return CXM_E_ARG;
    cxm_status status = check(model, x, mean, 0.0);
    if (status != CXM_OK) return status;
    double below = model->p * x + (model->q - 1.0), money = x == 0.0 ? 0.0 : x * mean;
    if (!(below > 0.0)) return CXM_E_UNDEFINED;
    *out = model->p * (model->v + money) / below;
    return CXM_OK;
}
