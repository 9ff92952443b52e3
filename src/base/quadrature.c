/* SPDX-License-Identifier: MIT */
/* quadrature.c - the trapezoidal rule over v = ln(p / q).
 *
 * There the integrand p^a q^b f is analytic in a strip about the line and falls off like e^(a v) and e^(-b v), so the rule
 * converges like e^(-2 pi d / h) in a strip of half-width d. d is pi for the weight, and pi/2 where f holds (1 + p r)^-k with a
 * large k, which grows beyond: hence steps of a fifth, and finer ones where the weight is narrow. Sums begin at the mode and
 * go outwards until nothing comes. Once p (or q) is so small that weight and f are those of the end, the terms left are a geometric
 * series: a shape of 1e-6 needs no more steps than one of 1. A mean is a sum with f over one without, at the same places, so that the
 * errors of the weight's size cancel; ln p - ln p0 at a distance d from p0 is -log1p(q0 expm1(-d)), which loses nothing near it.
 * Source   L. N. Trefethen and J. A. C. Weideman, The Exponentially Convergent Trapezoidal Rule, SIAM Review 56(3), 2014.     */
#include "base/port.h"
#include "base/quadrature.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>

#define STEP_MOST 0.2
#define STEP_OF_WIDTH 0.45      /* of the standard deviation of a weight that is a little narrower */
#define NOTHING 1e-17
enum { MOST_STEPS = 100000 };

/* The roots of Legendre's polynomial of degree 24 and 2 / ((1 - x^2) P'(x)^2), by mpmath at 40 digits. DLMF 3.5.v. */
const quadrature_pair quadrature_gauss[QUADRATURE_PAIRS] = {
    {0.06405689286260562609, 0.127938195346752157}, {0.1911188674736163092, 0.1258374563468282961},
    {0.3150426796961633744, 0.1216704729278033912}, {0.4337935076260451385, 0.1155056680537256014},
    {0.5454214713888395357, 0.1074442701159656348}, {0.6480936519369755693, 0.09761865210411388827},
    {0.7401241915785543642, 0.08619016153195327592}, {0.820001985973902922, 0.07334648141108030573},
    {0.8864155270044010342, 0.05929858491543678075}, {0.9382745520027327585, 0.04427743881741980617},
    {0.9747285559713094982, 0.02853138862893366318}, {0.9951872199970213602, 0.01234122979998719955}};

/* p^a q^b (1 + p r)^-k by its logarithm, less that at the centre. */
typedef struct weight { double a, b, k, r, p, q, step; } weight;

typedef struct place { double p, q, weight; } place;
typedef struct sums { double with, without; } sums;     /* f, and without it */

static place at(const weight *w, double d)
{
    double e = exp(-d), below = w->p + w->q * e;
    place x = {w->p / below, w->q * e / below, 0.0};
    double ln_p = -log1p(w->q * expm1(-d)), ln_q = -log1p(w->p * expm1(d));
    double bend = w->k > 0.0 ? -w->k * log1p(w->r * (x.p - w->p) / (1.0 + w->r * w->p)) : 0.0;
    x.weight = exp(w->a * ln_p + w->b * ln_q + bend);
    return x;
}

/* All terms on one side of the centre. Where p, or q, is so small that the weight falls by the same factor from term to term and f is
 * that of the end, the rest is a geometric series. */
static sums one_side(const weight *w, double side, quadrature_function *fn, const void *ctx, sums begun)
{
    bool left = side < 0.0;
    double f_end = fn ? fn(left ? 0.0 : 1.0, left ? 1.0 : 0.0, ctx) : 1.0, last = HUGE_VAL;
    double rest = 1.0 / expm1(w->step * (left ? w->a : w->b));          /* x + x^2 + ..., x from term to term */
    double steep = left ? 1.0 + w->b + w->k * w->r : 1.0 + w->a + w->k;
    sums s = begun;
    for (int i = 1; i < MOST_STEPS; ++i) {
        place x = at(w, side * i * w->step);
        double f = fn ? fn(x.p, x.q, ctx) : 1.0, term = x.weight * f;
        s.with += term;
        s.without += x.weight;
        bool small = (left ? x.p : x.q) * steep < NOTHING, still = fabs(f - f_end) * x.weight <= NOTHING * fabs(s.with + x.weight * f_end * rest);
        if (small && still) return (sums){s.with + x.weight * f_end * rest, s.without + x.weight * rest};
        bool gone = x.weight <= NOTHING * s.without && fabs(term) <= NOTHING * fabs(s.with);
        if (gone && fabs(term) <= last) break;
        last = fabs(term);
    }
    return s;
}

static sums both_sides(const weight *w, quadrature_function *fn, const void *ctx)
{
    double f = fn ? fn(w->p, w->q, ctx) : 1.0;
    sums centre = {f, 1.0};
    return one_side(w, 1.0, fn, ctx, one_side(w, -1.0, fn, ctx, centre));
}

static weight centred(double a, double b)
{
    weight w = {a, b, 0.0, 0.0, a / (a + b), b / (a + b), 0.0};
    w.step = fmin(STEP_MOST, STEP_OF_WIDTH / sqrt(1.0 + a * w.q));
    return w;
}

/* The centre where a q - b p = k p q r / (1 + p r): the lower root of a quadratic. */
static weight leaning(double a, double b, double k, double r)
{
    weight w = {a, b, k, r, 0.0, 0.0, 0.0};
    double one = (a - k) * r - (a + b), two = (k - a - b) * r;
    double root = sqrt(fmax(one * one - 4.0 * two * a, 0.0)), half = one < 0.0 ? 0.5 * (root - one) : -0.5 * (one + root);
    w.p = one < 0.0 ? a / half : half / two;
    w.q = 1.0 - w.p;
    double bend = k * r * w.q / ((1.0 + r * w.p) * (1.0 + r * w.p)), narrow = (a + b + bend) * w.p * w.q;
    w.step = fmin(STEP_MOST, STEP_OF_WIDTH / sqrt(1.0 + narrow));
    return w;
}

double quadrature_beta(double a, double b, quadrature_function *fn, const void *ctx)
{
    weight w = centred(a, b);
    sums s = both_sides(&w, fn, ctx);
    return s.with / s.without;
}

double quadrature_beta_decay(double a, double b, double k, double r)
{
    weight plain = centred(a, b), w = leaning(a, b, k, r);
    double all = both_sides(&plain, NULL, NULL).without * plain.step, left = both_sides(&w, NULL, NULL).without * w.step;
    double ln_height = a * log(w.p / plain.p) + b * log(w.q / plain.q) - k * log1p(w.p * r);
    return fmin(exp(ln_height) * left / all, 1.0);
}
