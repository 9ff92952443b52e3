/* SPDX-License-Identifier: MIT */
/* fit.c - a likelihood climbed from several starts, and what its end says.
 *
 * Standard errors: the inverse of minus the Hessian over logarithms, over the parameters that are free; se(a) = a se(ln a). */
#include "base/port.h"
#include "value/fit_parts.h"
#include <math.h>
#include <string.h>

_Static_assert(sizeof(cxm_fit) == 256 && CXM_FIT_PARAMETERS_MAX == OPTIMISE_MOST, "cxm_fit grew");

#define LOOSE 5.0                /* standard error of a logarithm */
#define GAIN_AT_BOUND 0.1       /* of a log-likelihood: nothing that data could tell */
#define GAIN_IN_NOISE 1e-6      /* the same beside a parameter that ran off, where terms of 1e10 cancel */

void fit_to_logarithms(optimise_point *point, const double *parameter, uint32_t count)
{
    for (uint32_t i = 0; i < count; ++i)
        for (uint32_t j = 0; j <= i; ++j) {
            point->hessian[i][j] *= parameter[i] * parameter[j];
            if (i == j) point->hessian[i][i] += parameter[i] * point->gradient[i];
        }
    for (uint32_t i = 0; i < count; ++i) point->gradient[i] *= parameter[i];
}

bool fit_is_unit(double per_unit)
{
    return per_unit >= 1e-9 && per_unit <= 1e9;
}

cxm_status fit_check(const cxm_fit *out)
{
    if (!out) return CXM_E_ARG;
    return out->size < sizeof *out ? CXM_E_ABI : CXM_OK;
}

/* --- what the data do not know --- */

/* The free parameter that the likelihood says least of; `none` where all are known within a factor of e^LOOSE, or where there is too
 * much left to gain for the place to mean anything. */
static uint32_t least_known(const optimise_problem *problem, const optimise_result *r, uint32_t none)
{
    double of[OPTIMISE_MOST][OPTIMISE_MOST], widest = LOOSE;
    uint32_t worst = none, held = optimise_held(r);
    bool known = optimise_covariance(&r->point, problem->count, held, of);
    if (known && r->decrement > GAIN_AT_BOUND) return none;
    for (uint32_t i = 0; i < problem->count; ++i) {
        if (held >> i & 1) continue;
        double wide = known ? sqrt(of[i][i]) : 1.0 / sqrt(fabs(r->point.hessian[i][i]));
        if (!known && fabs(r->point.gradient[i]) > GAIN_AT_BOUND) return none;
        if (wide <= widest) continue;
        widest = wide;
        worst = i;
    }
    return worst;
}

/* A likelihood that rises for ever, ever less, has no last step that rounding lets through. A parameter that ran off so is held where
 * it is, as at a wall: the bit says in which direction there is more. */
static void hold_what_ran_off(const optimise_problem *problem, optimise_result *r)
{
    optimise_problem walled = *problem;
    for (uint32_t round = 0; round < problem->count; ++round) {
        uint32_t worst = least_known(&walled, r, problem->count), evaluations = r->evaluations;
        if (worst == problem->count) break;
        walled.low[worst] = walled.high[worst] = r->at[worst];
        optimise(&walled, r->at, r);
        r->evaluations += evaluations;
    }
    r->finished = r->finished || (optimise_held(r) && r->decrement < GAIN_IN_NOISE);
}

/* --- the fit --- */

static bool is_better(const optimise_result *a, const optimise_result *b)
{
    if (a->finished != b->finished) return a->finished;
    return a->point.value > b->point.value;
}

static optimise_result best_of(const fit_model *model, uint32_t *evaluations)
{
    optimise_result best = {.finished = false}, next;
    *evaluations = 0;
    for (uint32_t i = 0; i < model->start_count; ++i) {
        optimise(&model->problem, model->starts[i], &next);
        hold_what_ran_off(&model->problem, &next);
        *evaluations += next.evaluations;
        if (i == 0 || is_better(&next, &best)) best = next;
    }
    return best;
}

static void tell_errors(const optimise_result *best, const double *parameter, cxm_fit *fit)
{
    double of[OPTIMISE_MOST][OPTIMISE_MOST];
    bool known = optimise_covariance(&best->point, fit->parameters, optimise_held(best), of);
    if (!known) fit->outcome = CXM_FIT_UNFINISHED;
    for (uint32_t i = 0; i < OPTIMISE_MOST; ++i) {
        bool free = known && i < fit->parameters && !(optimise_held(best) >> i & 1);
        fit->ln_se[i] = free ? sqrt(of[i][i]) : NAN;
        fit->se[i] = free ? parameter[i] * fit->ln_se[i] : NAN;
        for (uint32_t j = 0; known && j < OPTIMISE_MOST; ++j) fit->covariance[i * OPTIMISE_MOST + j] = of[i][j];
    }
}

void fit_model_run(const fit_model *model, double *parameter, cxm_fit *out)
{
    cxm_fit fit = {.size = out->size, .parameters = model->problem.count, .customers = model->customers, .left_out = model->left_out};
    optimise_result best = best_of(model, &fit.evaluations);
    fit.low = best.low;
    fit.high = best.high;
    fit.loose = best.loose;
    fit.log_likelihood = best.point.value;
    fit.decrement = best.decrement;
    fit.outcome = !best.finished ? CXM_FIT_UNFINISHED : optimise_held(&best) ? CXM_FIT_BOUNDARY : CXM_FIT_INNER;
    for (uint32_t i = 0; i < fit.parameters; ++i) parameter[i] = exp(best.at[i]);
    tell_errors(&best, parameter, &fit);
    *out = fit;
}

cxm_status cxm_fit_delta(const cxm_fit *fit, const double gradient[CXM_FIT_PARAMETERS_MAX], double *se)
{
    double variance = 0.0;
    if (!fit || !gradient || !se) return CXM_E_ARG;
    if (fit->size < sizeof *fit) return CXM_E_ABI;
    if (fit->parameters > CXM_FIT_PARAMETERS_MAX) return CXM_E_ARG;
    if (fit->outcome != CXM_FIT_INNER && fit->outcome != CXM_FIT_BOUNDARY) return CXM_E_UNDEFINED;
    for (uint32_t i = 0; i < fit->parameters; ++i)
        for (uint32_t j = 0; j < fit->parameters; ++j)
            variance += gradient[i] * fit->covariance[i * CXM_FIT_PARAMETERS_MAX + j] * gradient[j];
    *se = sqrt(fmax(variance, 0.0));
    return CXM_OK;
}
