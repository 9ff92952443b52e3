/* SPDX-License-Identifier: MIT */
/* btyd_pareto.c - Pareto/NBD: the odds of having left as an integral over when, with derivatives; numbers of purchases.
 *
 * With k = r + x, A = alpha + T, B = beta + T:
 *     ln L = lnG(r + x) - lnG(r) + r ln alpha - k ln A - s ln(1 + T/beta) + ln(1 + R)
 *     R    = integral from t_x to T of e^f du,   f(u) = k ln(A / (alpha + u)) + s ln(B / (beta + u)) + ln s - ln(beta + u)
 * R are the odds of having left. The published forms are differences of 2F1, which overflow at x = 161; this is a sum of what is
 * nowhere negative. f falls, so that it is reckoned from its value at t_x, where it is largest. Over w = ln of m + u, m the smaller of
 * alpha and beta, the integrand is analytic in a strip of half-width pi, and 24 points of Gauss serve a panel over which it falls by e^-12 at the most. Its
 * derivatives are means of those of f: R' = R E[f'], R'' = R (E[f''] + E[f' f']).
 * Purchases of a new customer up to t: it is there at t, or left at some u before, each with the negative binomial of that long,
 *     pmf = (beta / (beta + t))^s NB(x; t) + integral from 0 to t of s beta^s / (beta + u)^(s + 1) NB(x; u) du
 * by panels over ln u, from t downwards past the largest.
 * Source   D. C. Schmittlein, D. G. Morrison and R. Colombo, Management Science 33(1), 1987; P. S. Fader and B. G. S. Hardie, A Note on
 *          Deriving the Pareto/NBD Model and Related Expressions, 2005.                                            */
#include "base/port.h"
#include "base/quadrature.h"
#include "base/special_value.h"
#include "value/btyd_parts.h"
#include <math.h>

#define NOTHING 1e-18
#define MOST_FALL 6.0           /* ln of what the integrand falls by over a panel, where that begins; at its end at most twice as fast */
#define WIDEST 4.0
enum { R, ALPHA, S, BETA };     /* numbers of parameters */

/* --- the odds of having left --- */

/* What the integrand is asked with, and its sums: of e^(f - f(t_x)), and with f' and f'' + f' f'. */
typedef struct odds {
    const btyd *m;
    const cxm_btyd_history *h;
    double k, at_r, at_s;               /* alpha + t_x, beta + t_x */
    double sum, slope[4], bend[4][4];
} odds;

/* Adds f' and f'' + f' f' of u, `since` t_x, with a weight. */
static void add_derivatives(odds *o, double since, double weight)
{
    double per_r = 1.0 / (o->at_r + since), per_s = 1.0 / (o->at_s + since), left = (o->h->T - o->h->t_x) - since;
    double per_a = 1.0 / (o->m->alpha + o->h->T), per_b = 1.0 / (o->m->b + o->h->T);
    double gap_r = -left * per_r * per_a, gap_s = -left * per_s * per_b, s = o->m->a;          /* 1/A - 1/(alpha + u) */
    double slope[4] = {log1p(left * per_r), o->k * gap_r, log1p(left * per_s) + 1.0 / s, s * gap_s - per_s};
    for (int i = 0; i < 4; ++i) {
        o->slope[i] += weight * slope[i];
        for (int j = 0; j <= i; ++j) o->bend[i][j] += weight * slope[i] * slope[j];
    }
    o->bend[ALPHA][R] += weight * gap_r;
    o->bend[ALPHA][ALPHA] -= weight * o->k * gap_r * (per_a + per_r);
    o->bend[S][S] -= weight / (s * s);
    o->bend[BETA][S] += weight * gap_s;
    o->bend[BETA][BETA] += weight * (per_s * per_s - s * gap_s * (per_b + per_s));
}

static double node(odds *o, double from, double w, double weight, bool derivatives)
{
    double since = from * expm1(w), exponent = -o->k * log1p(since / o->at_r) - (o->m->a + 1.0) * log1p(since / o->at_s);
    double part = weight * (from + since) * exp(exponent);
    if (derivatives) add_derivatives(o, since, part);
    return part;
}

/* How fast the integrand falls over w, but for the factor m + u: it rises with u. */
static double fall_at(const odds *o, double from, double w)
{
    double since = from * expm1(w);
    return o->k * (from + since) / (o->at_r + since) + o->m->a * (from + since) / (o->at_s + since);
}

/* How wide a panel from w on may be. */
static double width_at(const odds *o, double from, double w)
{
    double width = fmin(WIDEST, MOST_FALL / fmax(1.0, fall_at(o, from, w)));
    while (width * fall_at(o, from, w + width) > 2.0 * MOST_FALL) width *= 0.5;
    return width;
}

/* The sums; ln R is what is returned. */
static double integrate(odds *o, bool derivatives)
{
    double from = fmin(o->at_r, o->at_s), end = log1p((o->h->T - o->h->t_x) / from), w = 0.0;
    o->sum = 0.0;
    while (w < end) {
        double half = 0.5 * fmin(width_at(o, from, w), end - w), panel = 0.0;
        for (int j = 0; j < QUADRATURE_PAIRS; ++j) {
            quadrature_pair g = quadrature_gauss[j];
            panel += node(o, from, w + half - half * g.node, half * g.weight, derivatives);
            panel += node(o, from, w + half + half * g.node, half * g.weight, derivatives);
        }
        o->sum += panel;
        w += 2.0 * half;
        if (panel <= NOTHING * o->sum && fall_at(o, from, w) > 1.0) break;
    }
    double largest = o->k * log1p((o->h->T - o->h->t_x) / o->at_r) + o->m->a * log1p((o->h->T - o->h->t_x) / o->at_s);
    return largest + log(o->m->a / o->at_s) + log(o->sum);
}

static odds odds_of(const btyd *m, const cxm_btyd_history *h)
{
    return (odds){m, h, m->r + h->x, m->alpha + h->t_x, m->b + h->t_x, 0.0, {0}, {{0}}};
}

double pareto_ln_odds(const btyd *m, const cxm_btyd_history *h)
{
    odds o = odds_of(m, h);
    return h->T > h->t_x ? integrate(&o, false) : -HUGE_VAL;
}

/* The part -s ln(1 + T / beta), for `count` customers. */
static void add_staying(const btyd *m, double T, double count, optimise_point *to)
{
    double s = m->a, beta = m->b, gap = T / (beta * (beta + T)), gone = log1p(T / beta);        /* 1/beta - 1/B */
    to->value -= count * s * gone;
    to->gradient[S] -= count * gone;
    to->gradient[BETA] += count * s * gap;
    to->hessian[BETA][S] += count * gap;
    to->hessian[BETA][BETA] -= count * s * gap * (1.0 / beta + 1.0 / (beta + T));
}

void pareto_add(const btyd *m, const cxm_btyd_history *h, double count, optimise_point *to)
{
    odds o = odds_of(m, h);
    add_staying(m, h->T, count, to);
    if (!(h->T > h->t_x)) return;
    double w = integrate(&o, true), e = exp(-fabs(w)), p = (w > 0.0 ? 1.0 : e) / (1.0 + e);
    to->value += count * (fmax(w, 0.0) + log1p(e));
    for (int i = 0; i < 4; ++i) {
        to->gradient[i] += count * p * o.slope[i] / o.sum;
        for (int j = 0; j <= i; ++j)
            to->hessian[i][j] += count * p * (o.bend[i][j] / o.sum - p * (o.slope[i] / o.sum) * (o.slope[j] / o.sum));
    }
}

/* --- numbers of purchases --- */

typedef struct purchases { const btyd *m; double x, ln_ways; } purchases;

/* ln of NB(x; u) without its ways. */
static double ln_bought(const purchases *c, double u)
{
    return -c->m->r * log1p(u / c->m->alpha) - (c->x > 0.0 ? c->x * log1p(c->m->alpha / u) : 0.0);
}

/* Density of leaving at u after x purchases, times u, as the integral runs over ln u. */
static double left_at(const purchases *c, double ln_u)
{
    double u = exp(ln_u), s = c->m->a, beta = c->m->b;
    return exp(ln_bought(c, u) + c->ln_ways - (s + 1.0) * log1p(u / beta) + ln_u) * s / beta;
}

/* Whether the integrand rises there, so that below lies less and less. */
static bool rises(const purchases *c, double ln_u)
{
    double u = exp(ln_u), in = c->m->alpha + u;
    return (c->x * c->m->alpha - c->m->r * u) / in - (c->m->a + 1.0) * u / (c->m->b + u) + 1.0 > 0.0;
}

double pareto_pmf(const btyd *m, double x, double t)
{
    purchases c = {m, x, special_ln_gamma_ratio(m->r, x) - special_ln_gamma_ratio(1.0, x)};
    if (t == 0.0) return x == 0.0;
    double there = exp(ln_bought(&c, t) + c.ln_ways - m->a * log1p(t / m->b)), sum = 0.0;
    double half = fmin(0.5, 3.0 / sqrt(x + m->r + m->a + 1.0));
    for (double top = log(t); top > -740.0; top -= 2.0 * half) {
        double panel = 0.0;
        for (int j = 0; j < QUADRATURE_PAIRS; ++j) {
            quadrature_pair g = quadrature_gauss[j];
            panel += half * g.weight * (left_at(&c, top - half + half * g.node) + left_at(&c, top - half - half * g.node));
        }
        sum += panel;
        if (panel <= NOTHING * sum && rises(&c, top - 2.0 * half)) break;
    }
    return there + sum;
}
