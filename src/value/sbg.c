/* SPDX-License-Identifier: MIT */
/* sbg.c - the shifted beta-geometric model.
 *
 *     ln S(t) = [lnG(beta + t) - lnG(beta)] - [lnG(alpha + beta + t) - lnG(alpha + beta)],   ln P(t) = ln alpha + the same, beta + t - 1
 * Payments: given theta, sum over t >= 0 of ((1 - theta) / (1 + d))^t = (1 + d) / (d + theta). Its mean over Beta(alpha, beta) is DEL;
 * one about to decide for the n-th time renews with r(n), and is then of Beta(alpha, beta + n). Without discount that is
 * E[1 / theta] = (alpha + beta + n - 1) / (alpha - 1).
 * Source   see sbg.h.                                                                           */
#include "base/port.h"
#include <cxm/sbg.h>
#include "base/quadrature.h"
#include "value/fit_parts.h"
#include "value/rise.h"
#include <math.h>

_Static_assert(sizeof(cxm_sbg) == 16 && sizeof(cxm_sbg_row) == 24, "a struct of sbg grew");

enum { ALPHA, BETA, COUNT };    /* numbers of parameters */
#define PARAMETER_LEAST 1e-8
#define PARAMETER_MOST 1e15
#define DISCOUNT_LEAST 1e-9
#define DISCOUNT_MOST 1e6

typedef struct data { const cxm_sbg_row *rows; size_t count; } data;

/* --- the likelihood --- */

/* `times` lnG(c + n) - lnG(c), c being beta, or alpha + beta. */
static void add_rise(double c, double n, double times, bool also_alpha, optimise_point *to)
{
    rise r = rise_of(c, n);
    to->value += times * r.value;
    to->gradient[BETA] += times * r.slope;
    to->hessian[BETA][BETA] += times * r.bend;
    if (!also_alpha) return;
    to->gradient[ALPHA] += times * r.slope;
    to->hessian[BETA][ALPHA] += times * r.bend;
    to->hessian[ALPHA][ALPHA] += times * r.bend;
}

static void add_row(const cxm_sbg *m, const cxm_sbg_row *row, optimise_point *to)
{
    double lost = (double)row->lost, kept = (double)row->kept, t = row->period;
    add_rise(m->beta, t - 1.0, lost, false, to);
    add_rise(m->beta, t, kept, false, to);
    add_rise(m->alpha + m->beta, t, -(lost + kept), true, to);
    to->value += lost * log(m->alpha);
    to->gradient[ALPHA] += lost / m->alpha;
    to->hessian[ALPHA][ALPHA] -= lost / (m->alpha * m->alpha);
}

static void whole_likelihood(const double *ln, const void *ctx, optimise_point *out)
{
    const data *d = ctx;
    double parameter[COUNT] = {exp(ln[ALPHA]), exp(ln[BETA])};
    cxm_sbg m = {parameter[ALPHA], parameter[BETA]};
    optimise_point sum = {0.0, {0}, {{0}}};
    for (size_t i = 0; i < d->count; ++i) add_row(&m, &d->rows[i], &sum);
    fit_to_logarithms(&sum, parameter, COUNT);
    *out = sum;
}

/* --- the fit --- */

cxm_status cxm_sbg_rows_of(const uint64_t *survivors, size_t periods, cxm_sbg_row *rows)
{
    if (!survivors || !rows || periods == 0 || periods > CXM_SBG_PERIODS_MAX) return CXM_E_ARG;
    for (size_t i = 0; i < periods; ++i)
        if (survivors[i + 1] > survivors[i]) return CXM_E_DOMAIN;
    for (size_t i = 0; i < periods; ++i)
        rows[i] = (cxm_sbg_row){(uint32_t)i + 1, 0, survivors[i] - survivors[i + 1], i + 1 == periods ? survivors[periods] : 0};
    return CXM_OK;
}

static cxm_status look_over(const data *d, uint64_t *customers)
{
    uint64_t all = 0;
    for (size_t i = 0; i < d->count; ++i) {
        const cxm_sbg_row *row = &d->rows[i];
        if (row->period == 0 || row->period > CXM_SBG_PERIODS_MAX) return CXM_E_DOMAIN;
        if (row->reserved || row->lost > UINT64_MAX - all || row->kept > UINT64_MAX - all - row->lost) return CXM_E_ARG;
        all += row->lost + row->kept;
    }
    *customers = all;
    return all ? CXM_OK : CXM_E_EMPTY;
}

cxm_status cxm_sbg_fit(const cxm_sbg_row *rows, size_t count, cxm_sbg *model, cxm_fit *fit)
{
    data d = {rows, count};
    double parameter[OPTIMISE_MOST], wide = log(1e6);
    const double starts[2][OPTIMISE_MOST] = {{0.0, 0.7, 0.0, 0.0}, {0.0, 3.0, 0.0, 0.0}};
    if ((!rows && count) || !model) return CXM_E_ARG;
    cxm_status status = fit_check(fit);
    fit_model job = {{whole_likelihood, &d, COUNT, {-wide, -wide}, {wide, wide}}, starts, 2, 0, 0};
    if (status == CXM_OK) status = look_over(&d, &job.customers);
    if (status != CXM_OK) return status;
    fit_model_run(&job, parameter, fit);
    *model = (cxm_sbg){parameter[ALPHA], parameter[BETA]};
    return CXM_OK;
}

/* --- predictions --- */

static cxm_status check(const cxm_sbg *m, uint32_t t, const double *out)
{
    if (!m || !out || !(m->alpha >= PARAMETER_LEAST && m->alpha <= PARAMETER_MOST)) return CXM_E_ARG;
    if (!(m->beta >= PARAMETER_LEAST && m->beta <= PARAMETER_MOST)) return CXM_E_ARG;
    return t > CXM_SBG_PERIODS_MAX ? CXM_E_DOMAIN : CXM_OK;
}

cxm_status cxm_sbg_survival(const cxm_sbg *model, uint32_t t, double *out)
{
    cxm_status status = check(model, t, out);
    if (status != CXM_OK) return status;
    double alpha = model->alpha, beta = model->beta;        /* the two ways are the same number: by the smaller of alpha and t */
    if (alpha < t) *out = exp(special_ln_gamma_ratio(beta, alpha) - special_ln_gamma_ratio(beta + t, alpha));
    else *out = exp(special_ln_gamma_ratio(beta, t) - special_ln_gamma_ratio(alpha + beta, t));
    return CXM_OK;
}

static double retention(const cxm_sbg *m, double t)
{
    return (m->beta + t - 1.0) / (m->alpha + m->beta + t - 1.0);
}

cxm_status cxm_sbg_retention(const cxm_sbg *model, uint32_t t, double *out)
{
    cxm_status status = check(model, t, out);
    if (status != CXM_OK) return status;
    if (t == 0) return CXM_E_DOMAIN;
    *out = retention(model, t);
    return CXM_OK;
}

static double payments(double p, double q, const void *ctx)
{
    double discount = *(const double *)ctx;
    (void)q;
    return (1.0 + discount) / (discount + p);
}

cxm_status cxm_sbg_residual(const cxm_sbg *model, uint32_t n, double discount, double *out)
{
    cxm_status status = check(model, n, out);
    if (status != CXM_OK) return status;
    if (discount != 0.0 && !(discount >= DISCOUNT_LEAST && discount <= DISCOUNT_MOST)) return CXM_E_DOMAIN;
    double renews = n ? retention(model, n) : 1.0, beta = model->beta + n;
    if (discount == 0.0 && !(model->alpha > 1.0)) return CXM_E_UNDEFINED;
    if (discount == 0.0) *out = renews * (model->alpha + beta - 1.0) / (model->alpha - 1.0);
    else *out = renews * quadrature_beta(model->alpha, beta, payments, &discount);
    return CXM_OK;
}
