/* SPDX-License-Identifier: MIT */
/* btyd.c - what a model says of one customer.
 *
 * Given that the customer is alive at T, lambda ~ Gamma(k, A) and p ~ Beta(a, b + x + first), each by itself (k = r + x, A = alpha + T):
 *     alive at T + t      alive E[(1 + p t / A)^-k]
 *     expected            alive E[(1 - (1 + p t / A)^-k) / p]          over p, from E[e^(-lambda p u)] = (1 + p u / A)^-k
 *     residual            alive E[lambda / (discount + p lambda)], and given p = alive k / p E_(k+1)(w) e^w, w = A discount / p, with the
 *                         exponential integral: this is (k / A) / discount w^(k+1) U(k+1, k+1, w)
 * Purchases of a new customer up to t, n = x + first, NB negative binomial of r and alpha / (alpha + t):
 *     pmf                 B(a, b + n) / B(a, b) NB(x) + B(a + 1, b + n - 1) / B(a, b) P(NB >= x), the second for n > 0
 * The means are what the published forms in 2F1 stand for; taken as integrals of what is nowhere negative they lose no digits at
 * any shape, where those overflow, or subtract near a = 1. A new customer is one of x = 0, T = 0; MBG/NBD counts the chance 1 - p of
 * staying at the first purchase: Beta(a, b + 1) and b / (a + b).
 * Pareto/NBD is in btyd_pareto.c but for what needs no integral: it stays with ((beta + T) / (beta + T + t))^s, and purchases come
 * at k / A while it does.
 * Source   see btyd.h.                                                                              */
#include "base/port.h"
#include "base/quadrature.h"
#include "base/special_value.h"
#include "value/btyd_parts.h"
#include <math.h>

_Static_assert(sizeof(cxm_btyd) == 40 && sizeof(cxm_btyd_history) == 24, "a struct of btyd grew");

static const struct kind {
    const char *name, *parameter[4];
    uint32_t count;
} kinds[] = {
    {"nbd", {"r", "alpha", NULL, NULL}, 2},
    {"bgnbd", {"r", "alpha", "a", "b"}, 4},
    {"mbgnbd", {"r", "alpha", "a", "b"}, 4},
    {"paretonbd", {"r", "alpha", "s", "beta"}, 4},
};
#define DISCOUNT_LEAST 1e-9
#define DISCOUNT_MOST 1e3

static const struct kind *kind_of(int32_t kind)
{
    return kind >= CXM_BTYD_NBD && kind <= CXM_BTYD_PARETONBD ? &kinds[kind - 1] : NULL;
}

uint32_t cxm_btyd_parameters(int32_t kind)
{
    const struct kind *k = kind_of(kind);
    return k ? k->count : 0;
}

const char *cxm_btyd_name(int32_t kind)
{
    const struct kind *k = kind_of(kind);
    return k ? k->name : NULL;
}

const char *cxm_btyd_parameter_name(int32_t kind, uint32_t number)
{
    return number < cxm_btyd_parameters(kind) ? kind_of(kind)->parameter[number] : NULL;
}

btyd btyd_of(int32_t kind, const double *parameter)
{
    return (btyd){parameter[0], parameter[1], parameter[2], parameter[3], kind == CXM_BTYD_MBGNBD ? 1.0 : 0.0, kind != CXM_BTYD_NBD,
                  kind == CXM_BTYD_PARETONBD};
}

bool btyd_is_history(double x, double t_x, double T)
{
    return x >= 0.0 && x <= CXM_CBS_X_MAX && x == floor(x) && (x > 0.0) == (t_x > 0.0) && t_x >= 0.0 && t_x <= T && T <= CXM_BTYD_TIME_MAX;
}

static bool is_time(double t)
{
    return t >= 0.0 && t <= CXM_BTYD_TIME_MAX;
}

cxm_status btyd_check(const cxm_btyd *model, const cxm_btyd_history *history, btyd *out)
{
    if (!model) return CXM_E_ARG;
    uint32_t count = cxm_btyd_parameters(model->kind);
    if (count == 0 || model->reserved) return CXM_E_ARG;
    for (uint32_t i = 0; i < count; ++i)
        if (!(model->parameter[i] >= BTYD_PARAMETER_LEAST && model->parameter[i] <= BTYD_PARAMETER_MOST)) return CXM_E_ARG;
    if (history && !btyd_is_history(history->x, history->t_x, history->T)) return CXM_E_DOMAIN;
    *out = btyd_of(model->kind, model->parameter);
    return CXM_OK;
}

double btyd_ln_odds(const btyd *m, const cxm_btyd_history *h)
{
    double chances = h->x + m->first;
    if (m->any_time) return pareto_ln_odds(m, h);
    if (!m->leaves || chances == 0.0) return -HUGE_VAL;
    double waited = log1p((h->T - h->t_x) / (m->alpha + h->t_x));
    return log(m->a / (m->b + chances - 1.0)) + (m->r + h->x) * waited;
}

/* What is known of a customer; of a new one, before its first chance to leave. Of Pareto/NBD b is beta + T. */
static btyd_state state_of(const btyd *m, const cxm_btyd_history *h)
{
    if (m->any_time && !h) return (btyd_state){1.0, m->r, m->alpha, m->a, m->b};
    if (m->any_time) return (btyd_state){1.0 / (1.0 + exp(pareto_ln_odds(m, h))), m->r + h->x, m->alpha + h->T, m->a, m->b + h->T};
    if (h) return (btyd_state){1.0 / (1.0 + exp(btyd_ln_odds(m, h))), m->r + h->x, m->alpha + h->T, m->a, m->b + h->x + m->first};
    double there = m->first > 0.0 ? m->b / (m->a + m->b) : 1.0;
    return (btyd_state){there, m->r, m->alpha, m->a, m->b + m->first};
}

/* The chance that one who is there is so t later. */
static double stays(const btyd *m, const btyd_state *s, double t)
{
    if (!m->leaves || t == 0.0) return 1.0;
    return m->any_time ? exp(-s->a * log1p(t / s->b)) : quadrature_beta_decay(s->a, s->b, s->k, t / s->rate);
}

/* --- expectations --- */

typedef struct purchases { double k, ratio; } purchases;

static double purchases_by(double p, double q, const void *ctx)        /* (1 - (1 + p t / A)^-k) / p */
{
    const purchases *c = ctx;
    (void)q;
    return p * c->ratio * c->k < 1e-300 ? c->k * c->ratio : -expm1(-c->k * log1p(p * c->ratio)) / p;
}

/* Of Pareto/NBD, how long one who is there will be within t: the integral of (B / (B + u))^a over u up to t, B = beta + T, which is
 * B (1 - e^(-(a - 1) l)) / (a - 1) with l = ln(1 + t / B), and B l at a = 1. */
static double time_left(const btyd_state *s, double t)
{
    double l = log1p(t / s->b), z = (s->a - 1.0) * l;
    return s->b * l * (fabs(z) < 1e-300 ? 1.0 : -expm1(-z) / z);
}

/* The mean of (1 - (1 + p t / A)^-k) / p by its series. Over N negative binomial of k and z = t / (A + t), the purchases of one who does not
 * leave, (1 + p t / A)^-k is E[q^N] and the mean E[1 + q + ... + q^(N - 1)], with E[q^i] = (b)_i / (a + b)_i: nothing is subtracted. */
static double purchases_by_series(const btyd_state *s, double ratio)
{
    double z = ratio / (1.0 + ratio), small = 1.0 / (1.0 + ratio), enough = 1e-17 * small * small;
    double chance = exp(-s->k * log1p(ratio)), moment = 1.0, moments = 0.0, sum = 0.0;
    for (double j = 0.0;; j += 1.0) {
        moments += moment;                              /* of q^0 to q^j */
        moment *= (s->b + j) / (s->a + s->b + j);
        chance *= (s->k + j) / (j + 1.0) * z;           /* of N = j + 1 */
        sum += chance * moments;
        if (chance * (moments + 1.0) <= enough * sum && (s->k + j) * z < j) return sum;
    }
}

/* Whether the series is short, and its first term a number. */
static bool is_short(const btyd_state *s, double ratio)
{
    return s->k * ratio + 40.0 * (1.0 + ratio) < 2000.0 && s->k * log1p(ratio) < 600.0;
}

static double expected(const btyd *m, const btyd_state *s, double t)
{
    purchases c = {s->k, t / s->rate};
    if (t == 0.0) return 0.0;
    if (!m->leaves) return s->k * c.ratio;
    if (m->any_time) return s->alive * s->k / s->rate * time_left(s, t);
    if (is_short(s, c.ratio)) return s->alive * purchases_by_series(s, c.ratio);
    return s->alive * quadrature_beta(s->a, s->b, purchases_by, &c);
}

typedef struct discounted { double k, rate, discount; } discounted;

static double purchases_ever(double p, double q, const void *ctx)       /* E[lambda / (discount + p lambda)] over lambda */
{
    const discounted *c = ctx;
    double w = c->rate * c->discount / p, most = c->k / (c->rate * c->discount);
    (void)q;
    return w > 1e17 * (c->k + 1.0) || !isfinite(w) ? most : c->k / p * special_exp_integral(c->k + 1.0, w);
}

static double residual(const btyd *m, const btyd_state *s, double discount)
{
    discounted c = {s->k, s->rate, discount};
    if (!m->leaves) return s->k / (s->rate * discount);
    if (m->any_time) return s->alive * s->k / s->rate * s->b * special_exp_integral(s->a, discount * s->b);
    return s->alive * quadrature_beta(s->a, s->b, purchases_ever, &c);
}

/* --- numbers of purchases --- */

static double ln_negative_binomial(const btyd *m, double x, double t)
{
    double ln_ways = special_ln_gamma_ratio(m->r, x) - special_ln_gamma_ratio(1.0, x);
    return ln_ways - m->r * log1p(t / m->alpha) - (x > 0.0 ? x * log1p(m->alpha / t) : 0.0);
}

/* P(NB >= x). */
static double as_many(const btyd *m, double x, double t)
{
    special_share at = {t / (m->alpha + t), m->alpha / (m->alpha + t)};
    return x == 0.0 ? 1.0 : special_beta(at, x, m->r).lower;
}

static double pmf(const btyd *m, double x, double t)
{
    double n = x + m->first;
    if (m->any_time) return pareto_pmf(m, x, t);
    if (t == 0.0 && x > 0.0) return 0.0;
    double there = exp(ln_negative_binomial(m, x, t));
    if (!m->leaves || n == 0.0) return there;
    double ln_all = special_ln_gamma_ratio(m->a + m->b, n), all_stay = exp(special_ln_gamma_ratio(m->b, n) - ln_all);
    double left = m->a * exp(special_ln_gamma_ratio(m->b, n - 1.0) - ln_all);
    return fmin(all_stay * there + left * as_many(m, x, t), 1.0);
}

/* --- the calls --- */

cxm_status cxm_btyd_log_likelihood(const cxm_btyd *model, const cxm_btyd_history *history, double *out)
{
    btyd m;
    if (!history || !out) return CXM_E_ARG;
    cxm_status status = btyd_check(model, history, &m);
    if (status == CXM_OK) *out = btyd_log_likelihood(&m, history);
    return status;
}

cxm_status cxm_btyd_alive(const cxm_btyd *model, const cxm_btyd_history *history, double *out)
{
    return cxm_btyd_alive_after(model, history, 0.0, out);
}

cxm_status cxm_btyd_alive_after(const cxm_btyd *model, const cxm_btyd_history *history, double t, double *out)
{
    btyd m;
    if (!history || !out) return CXM_E_ARG;
    cxm_status status = btyd_check(model, history, &m);
    if (status != CXM_OK) return status;
    if (!is_time(t)) return CXM_E_DOMAIN;
    btyd_state s = state_of(&m, history);
    *out = s.alive * stays(&m, &s, t);
    return CXM_OK;
}

cxm_status cxm_btyd_expected(const cxm_btyd *model, const cxm_btyd_history *history, double t, double *out)
{
    btyd m;
    if (!out) return CXM_E_ARG;
    cxm_status status = btyd_check(model, history, &m);
    if (status != CXM_OK) return status;
    if (!is_time(t)) return CXM_E_DOMAIN;
    btyd_state s = state_of(&m, history);
    *out = expected(&m, &s, t);
    return CXM_OK;
}

cxm_status cxm_btyd_residual(const cxm_btyd *model, const cxm_btyd_history *history, double discount, double *out)
{
    btyd m;
    if (!out) return CXM_E_ARG;
    cxm_status status = btyd_check(model, history, &m);
    if (status != CXM_OK) return status;
    if (!(discount >= DISCOUNT_LEAST && discount <= DISCOUNT_MOST)) return CXM_E_DOMAIN;
    btyd_state s = state_of(&m, history);
    *out = residual(&m, &s, discount);
    return CXM_OK;
}

cxm_status cxm_btyd_pmf(const cxm_btyd *model, uint32_t x, double t, double *out)
{
    btyd m;
    if (!out) return CXM_E_ARG;
    cxm_status status = btyd_check(model, NULL, &m);
    if (status != CXM_OK) return status;
    if (!is_time(t) || x > CXM_CBS_X_MAX) return CXM_E_DOMAIN;
    *out = pmf(&m, x, t);
    return CXM_OK;
}
