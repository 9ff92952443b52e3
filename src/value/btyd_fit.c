/* SPDX-License-Identifier: MIT */
/* btyd_fit.c - the likelihoods of all models, that of Pareto/NBD by btyd_pareto.c, with first and second derivatives, and the fit.
 *
 * Of one customer, with k = r + x, A = alpha + T, S = alpha + t_x, n = x + first:
 *     ln L = lnG(r + x) - lnG(r) + r ln alpha - k ln A + ln B(a, b + n) - ln B(a, b) + ln(1 + e^w)
 *     w    = ln a - ln(b + n - 1) + k ln(A / S), the odds of having left; no such term where n is 0, or nobody leaves
 * With p = 1 / (1 + e^-w) the last term has gradient p w' and Hessian p w'' + p (1 - p) w' w'. Everything that depends on x alone
 * is reckoned once for all rows of that x; rows come in the order of x.
 * The search runs over logarithms, from moments of x and from all alike, in a box far wider than any data; see fit_parts.h.
 * Source   see btyd.h; the derivatives are checked against differences in the tests.                                  */
#include "base/port.h"
#include "value/btyd_parts.h"
#include "value/fit_parts.h"
#include "value/rise.h"
#include <math.h>

enum { R, ALPHA, A, B };        /* numbers of parameters */

/* What rows of one x share: the parts of rate and of leaving, with derivatives. */
typedef struct shared { optimise_point point; } shared;

static shared shared_of(const btyd *m, double x)
{
    shared s = {{0.0, {0}, {{0}}}};
    rise rate = rise_of(m->r, x);
    s.point.value = rate.value + m->r * log(m->alpha);
    s.point.gradient[R] = rate.slope + log(m->alpha);
    s.point.gradient[ALPHA] = m->r / m->alpha;
    s.point.hessian[R][R] = rate.bend;
    s.point.hessian[ALPHA][R] = 1.0 / m->alpha;
    s.point.hessian[ALPHA][ALPHA] = -m->r / (m->alpha * m->alpha);
    if (!m->leaves || m->any_time || x + m->first == 0.0) return s;
    rise stay = rise_of(m->b, x + m->first), all = rise_of(m->a + m->b, x + m->first);
    s.point.value += stay.value - all.value;
    s.point.gradient[A] = -all.slope;
    s.point.gradient[B] = stay.slope - all.slope;
    s.point.hessian[A][A] = s.point.hessian[B][A] = -all.bend;
    s.point.hessian[B][B] = stay.bend - all.bend;
    return s;
}

/* ln(1 + e^w); 0 at -infinity. */
static double soft(double w)
{
    return fmax(w, 0.0) + log1p(exp(-fabs(w)));
}

double btyd_log_likelihood(const btyd *m, const cxm_btyd_history *h)
{
    double n = h->x + m->first, w = btyd_ln_odds(m, h);
    double value = special_ln_gamma_ratio(m->r, h->x) - m->r * log1p(h->T / m->alpha) - h->x * log(m->alpha + h->T);
    if (m->any_time) value -= m->a * log1p(h->T / m->b);
    else if (m->leaves && n > 0.0) value += special_ln_gamma_ratio(m->b, n) - special_ln_gamma_ratio(m->a + m->b, n);
    return value + soft(w);
}

/* The part -k ln A, for `count` customers. */
static void add_age(const btyd *m, const cxm_btyd_history *h, double count, optimise_point *to)
{
    double k = m->r + h->x, age = m->alpha + h->T, ln_age = log(age), per = 1.0 / age;
    to->value -= count * k * ln_age;
    to->gradient[R] -= count * ln_age;
    to->gradient[ALPHA] -= count * k * per;
    to->hessian[ALPHA][R] -= count * per;
    to->hessian[ALPHA][ALPHA] += count * k * per * per;
}

/* The part ln(1 + e^w). */
static void add_leaving(const btyd *m, const cxm_btyd_history *h, double count, optimise_point *to)
{
    double k = m->r + h->x, below = m->b + h->x + m->first - 1.0, per_s = 1.0 / (m->alpha + h->t_x), per_a = 1.0 / (m->alpha + h->T);
    double waited = log1p((h->T - h->t_x) * per_s), gap = -(h->T - h->t_x) * per_s * per_a;        /* 1/A - 1/S */
    double w = log(m->a / below) + k * waited, e = exp(-fabs(w)), p = (w > 0.0 ? 1.0 : e) / (1.0 + e), both = e / ((1.0 + e) * (1.0 + e));
    double slope[4] = {waited, k * gap, 1.0 / m->a, -1.0 / below};
    to->value += count * (fmax(w, 0.0) + log1p(e));
    for (int i = 0; i < 4; ++i) {
        to->gradient[i] += count * p * slope[i];
        for (int j = 0; j <= i; ++j) to->hessian[i][j] += count * both * slope[i] * slope[j];
    }
    to->hessian[ALPHA][R] += count * p * gap;
    to->hessian[ALPHA][ALPHA] -= count * p * k * gap * (per_a + per_s);
    to->hessian[A][A] -= count * p / (m->a * m->a);
    to->hessian[B][B] += count * p / (below * below);
}

static void add_shared(const shared *s, double count, optimise_point *to)
{
    to->value += count * s->point.value;
    for (int i = 0; i < 4; ++i) {
        to->gradient[i] += count * s->point.gradient[i];
        for (int j = 0; j <= i; ++j) to->hessian[i][j] += count * s->point.hessian[i][j];
    }
}

static cxm_btyd_history history_of(const cxm_cbs_view *view, size_t i)
{
    const cxm_cbs_row *row = &view->rows[i];
    return (cxm_btyd_history){row->x, row->t_x / view->per_unit, row->T / view->per_unit};
}

typedef struct data { const cxm_cbs_view *view; int32_t kind; } data;

static void whole_likelihood(const double *ln, const void *ctx, optimise_point *out)
{
    const data *d = ctx;
    const cxm_cbs_view *view = d->view;
    double parameter[4];
    for (int i = 0; i < 4; ++i) parameter[i] = exp(ln[i]);
    btyd m = btyd_of(d->kind, parameter);
    optimise_point sum = {0.0, {0}, {{0}}};
    for (size_t i = 0; i < view->count;) {
        double of_x = 0.0;
        uint32_t x = view->rows[i].x;
        for (; i < view->count && view->rows[i].x == x; ++i) {
            cxm_btyd_history h = history_of(view, i);
            double count = (double)view->rows[i].count;
            add_age(&m, &h, count, &sum);
            if (m.any_time) pareto_add(&m, &h, count, &sum);
            else if (m.leaves && x + m.first > 0.0) add_leaving(&m, &h, count, &sum);
            of_x += count;
        }
        shared s = shared_of(&m, x);
        add_shared(&s, of_x, &sum);
    }
    fit_to_logarithms(&sum, parameter, cxm_btyd_parameters(d->kind));
    *out = sum;
}

/* --- where to begin --- */

/* Sums over customers of x, x^2 and T. */
typedef struct moments { double customers, x, xx, age; } moments;

static cxm_status moments_of(const cxm_cbs_view *view, moments *out, uint64_t *customers)
{
    moments s = {0.0, 0.0, 0.0, 0.0};
    uint64_t all = 0;
    for (size_t i = 0; i < view->count; ++i) {
        const cxm_cbs_row *row = &view->rows[i];
        if (row->x > CXM_CBS_X_MAX || (row->x == 0) != (row->t_x == 0) || row->t_x > row->T) return CXM_E_DOMAIN;
        if (row->reserved || row->count > UINT64_MAX - all) return CXM_E_ARG;
        cxm_btyd_history h = history_of(view, i);
        double count = (double)row->count;
        all += row->count;
        s.customers += count;
        s.x += count * h.x;
        s.xx += count * h.x * h.x;
        s.age += count * h.T;
    }
    *out = s;
    *customers = all;
    return all ? CXM_OK : CXM_E_EMPTY;
}

/* r and alpha of an NBD with the mean and the variance of x, held within reason. */
static void starts_of(const moments *s, bool any_time, double (*to)[OPTIMISE_MOST])
{
    double mean = fmax(s->x / s->customers, 1e-3), variance = s->xx / s->customers - mean * mean;
    double age = fmax(s->age / s->customers, 1e-9), r = variance > mean ? mean * mean / (variance - mean) : 10.0;
    r = fmin(fmax(r, 0.05), 10.0);
    double by_moments[4] = {log(r), log(r * age / mean), log(0.5), log(any_time ? 0.4 * age : 2.0)};
    double alike[4] = {0.0, log(age / mean), 0.0, log(any_time ? age : 3.0)};
    for (int i = 0; i < 4; ++i) {
        to[0][i] = by_moments[i];
        to[1][i] = alike[i];
    }
}

/* Shapes from 1e-6 to 1e6, and alpha, or beta, so that a rate may be as far from one an age. */
static void box_of(const moments *s, bool any_time, optimise_problem *p)
{
    double ln_age = log(fmax(s->age / s->customers, 1e-9)), wide = log(1e6);
    for (uint32_t i = 0; i < 4; ++i) {
        bool is_time = i == ALPHA || (i == B && any_time);
        p->low[i] = is_time ? fmax(ln_age - wide, log(2.0 * BTYD_PARAMETER_LEAST)) : -wide;
        p->high[i] = is_time ? fmin(ln_age + 1.5 * wide, log(0.5 * BTYD_PARAMETER_MOST)) : wide;
    }
}

cxm_status cxm_btyd_fit(const cxm_cbs_view *view, int32_t kind, cxm_btyd *model, cxm_fit *fit)
{
    moments s;
    double starts[2][OPTIMISE_MOST];
    if (!view || (!view->rows && view->count) || !fit_is_unit(view->per_unit)) return CXM_E_ARG;
    if (!model || cxm_btyd_parameters(kind) == 0) return CXM_E_ARG;
    cxm_status status = fit_check(fit);
    if (status != CXM_OK) return status;
    data d = {view, kind};
    fit_model job = {.problem = {whole_likelihood, &d, cxm_btyd_parameters(kind), {0}, {0}}, .starts = (const double (*)[OPTIMISE_MOST])starts, .start_count = 2};
    status = moments_of(view, &s, &job.customers);
    if (status != CXM_OK) return status;
    starts_of(&s, kind == CXM_BTYD_PARETONBD, starts);
    box_of(&s, kind == CXM_BTYD_PARETONBD, &job.problem);
    cxm_btyd m = {.kind = kind};
    fit_model_run(&job, m.parameter, fit);
    *model = m;
    return CXM_OK;
}
