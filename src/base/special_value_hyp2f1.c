/* SPDX-License-Identifier: MIT */
/* special_value_hyp2f1.c - Gauss's hypergeometric function, z = 1 - y in [0, 1).
 *
 *     F(a, b; c; z) = sum over n of (a)_n (b)_n / ((c)_n n!) z^n                              DLMF 15.2.1
 *                   = y^s F(c - a, c - b; c; z),   s = c - a - b                        DLMF 15.8.1 (Euler)
 * One of the two forms is worked with: the one that is a polynomial, else the one whose a b is less. Errors are relative to
 * that term, so that neither 1 + a small part nor a small value loses its digits. Its series is taken, or where that
 * cancels the other's, if it ends soon. Elsewhere a series gives w = F and w' at z = 1/2, or nearer to 0 where both cancel
 * there, and Taylor series go on from it. With w(y + h) = sum of u_n, u_n proportional to h^n, the hypergeometric equation
 * (DLMF 15.10.1) in y,
 *     y (1 - y) w'' + (1 - s - (a + b + 1) y) w' - a b w = 0,  is
 *     (n + 2)(n + 1) y z u_(n+2) = h^2 (n + a)(n + b) u_n - h (n + 1)(n (1 - 2 y) + 1 - s - (a + b + 1) y) u_(n+1).
 * No s is special, whole numbers neither, as they are in the formulas that connect 0 and 1 (DLMF 15.8.4, 15.8.10). Steps
 * are stable: coming from 0 the other solution z^(1-c) fades, going to 1 so does y^s, or it is what F becomes. A step is
 * short against the equation's faster exponent, else its terms would alternate and cancel.
 *
 * F(1, b; c; z), c > b > 0, is Gauss's continued fraction (DLMF 15.7.5) in H. S. Wall's form of it, "Analytic Theory of
 * Continued Fractions", 1948, chapter XV: 1/(1 - g1 z/(1 - (1 - g1) g2 z/(1 - (1 - g2) g3 z/(1 - ..., with
 *     g_(2m+1) = (b + m)/(c + 2m),   g_(2m) = m/(c + 2m - 1),   all in (0, 1).
 * With f_n = g_(n-1) + (1 - g_(n-1)) h_n for its tails it reads without a subtraction
 *     h_n = (g_n y + (1 - g_n) h_(n+1)) / (g_n + (1 - g_n) h_(n+1)),   F = 1 / h_1,   h_n -> sqrt(y)
 * and backwards each step divides an error by (1 + sqrt(y)) / (1 - sqrt(y)), and more where c is large.              */
#include "base/port.h"
#include "base/special_value.h"
#include <math.h>
#include <stdlib.h>

#define LN_2 0.693147180559945309417232121458
#define TO_600TH 0x1p600
enum { SOON = 2000, MOST_TERMS = 10000000, MOST_STEP_TERMS = 200 };

typedef struct form { double a, b, c, s; } form;
typedef struct value { double w, slope, twos, ln; } value; /* F and its derivative in y: these times 2^twos e^ln */
typedef struct sum { value value; double size; int has_ended; } sum;      /* size: of the terms, without their signs */

/* c - a - b, with the errors of both differences. */
static double excess(double a, double b, double c)
{
    double first = c - a, back = c - first, lost = (c - (first + back)) + (back - a);
    double whole = first - b, again = first - whole;
    return whole + ((first - (whole + again)) + (again - b) + lost);
}

static form other_form(const form *f)
{
    return (form){f->c - f->a, f->c - f->b, f->c, -f->s};
}

/* Near n = -a and n = -b terms are small without being the last. */
static int is_past_dip(const form *f, double n)
{
    return f->a + n >= 1.0 && f->b + n >= 1.0;
}

static sum series(const form *f, special_share z, double most)
{
    double term = 1.0, rest = 0.0, moment = 0.0, ratio = 0.0, whole = 1.0;
    sum s = {{0.0, 0.0, 0.0, 0.0}, 1.0, z.x <= 0.0};
    for (double n = 0.0; n < most && !s.has_ended; n += 1.0) {
        ratio = (f->a + n) / (f->c + n) * ((f->b + n) / (n + 1.0)) * z.x;
        term *= ratio;
        double next = whole + (term + rest);
        rest = (term + rest) - (next - whole);             /* W. Kahan's sum */
        whole = next;
        moment += (n + 1.0) * term;
        s.size += fabs(term);
        double least = fmin(fabs(whole), fabs(moment));    /* both are asked for, however small the second is */
        s.has_ended = (fabs(term) * (n + 1.0) <= 1e-17 * least * (1.0 - fmax(fabs(ratio), z.x)) && is_past_dip(f, n)) || term == 0.0;
        if (s.size > TO_600TH) {
            term /= TO_600TH, whole /= TO_600TH, rest /= TO_600TH, moment /= TO_600TH, s.size /= TO_600TH;
            s.value.twos += 600.0;
        }
    }
    s.value.w = whole;
    s.value.slope = z.x > 0.0 ? -moment / z.x : 0.0;
    return s;
}

static int is_steady(const sum *s)
{
    return s->has_ended && s->size <= 4.0 * fabs(s->value.w);
}

/* By the form's own series or by the other's; whether it was steady. */
static int by_series(const form *f, special_share z, value *v)
{
    sum own = series(f, z, z.x <= 0.5 ? MOST_TERMS : SOON);
    *v = own.value;
    if (is_steady(&own)) return 1;
    if (z.x > 0.5) return 0;
    form other = other_form(f);
    own = series(&other, z, MOST_TERMS);
    *v = own.value;
    v->slope += f->s / z.y * v->w;
    v->ln += f->s * log(z.y);
    return is_steady(&own);
}

/* The longest step from y towards 0: half the way to where the equation ends, or what its faster exponent allows. */
static double longest_step(const form *f, special_share z)
{
    double first = (f->a + f->b + 1.0) * z.y + f->s - 1.0;
    double rate = fabs(first) + sqrt(first * first + 4.0 * fabs(f->a * f->b) * z.y * z.x);
    return fmin(0.5 * fmin(z.x, z.y), 4.0 * z.x * z.y / rate);
}

/* The same value, w not near an end of the range of doubles. */
static value rescaled(value v)
{
    int twos;
    frexp(v.w, &twos);
    return abs(twos) < 300 ? v : (value){ldexp(v.w, -twos), ldexp(v.slope, -twos), v.twos + twos, v.ln};
}

static double ln_scale(const value *v)
{
    return v->ln + v->twos * LN_2;
}

static value step(const form *f, value v, special_share z, double h)
{
    double before = v.w, now = v.slope * h, whole = before + now, moment = now;
    double scale = h / (z.y * z.x), drift = 1.0 - f->s - (f->a + f->b + 1.0) * z.y;
    for (double n = 0.0; n < MOST_STEP_TERMS; n += 1.0) {
        double next = scale * (h * (n + f->a) * (n + f->b) / (n + 1.0) * before - (n * (1.0 - 2.0 * z.y) + drift) * now) / (n + 2.0);
        before = now;
        now = next;
        whole += now;
        moment += (n + 2.0) * now;
        if ((n + 2.0) * (fabs(before) + fabs(now)) <= 1e-17 * fmin(fabs(whole), fabs(moment))) break;
    }
    return rescaled((value){whole, moment / h, v.twos, v.ln});
}

/* Begins where a series is steady: surely next to z = 0. */
static value by_steps(const form *f, special_share to)
{
    special_share z = to.x < 0.5 ? to : (special_share){0.5, 0.5};
    value v;
    while (!by_series(f, z, &v)) {
        z.x *= 0.5;
        z.y = 1.0 - z.x;
    }
    for (int i = 0; i < MOST_TERMS && z.y > to.y; ++i) {
        double next = fmax(z.y - longest_step(f, z), to.y);
        v = step(f, v, z, next - z.y);
        z = (special_share){1.0 - next, next};
    }
    return v;
}

static int terminates(const form *f)
{
    return (f->a <= 0.0 && f->a == floor(f->a)) || (f->b <= 0.0 && f->b == floor(f->b));
}

/* A polynomial before all; then the less a b. */
static int is_better(const form *f, const form *other)
{
    if (terminates(f) != terminates(other)) return terminates(f);
    return fabs(f->a * f->b) < fabs(other->a * other->b);
}

/* F of any a and b; what Euler's form has before it, y to the power of s, stands apart. */
static value split_value(double a, double b, double c, special_share z, double *power)
{
    form given = {a, b, c, excess(a, b, c)}, other = other_form(&given), used = given;
    value v;
    *power = 0.0;
    if (is_better(&other, &given)) {
        used = other;
        *power = given.s;
    }
    return by_series(&used, z, &v) ? v : by_steps(&used, z);
}

double special_hyp2f1(double a, double b, double c, special_share z)
{
    double power;
    value v = split_value(a, b, c, z, &power);
    double scale = ln_scale(&v), ln = scale + power * log(z.y);
    if (scale == 0.0 && ln < 700.0) return v.w * pow(z.y, power);
    return copysign(exp(log(fabs(v.w)) + ln), v.w);
}

/* 1/F(1, b; c; z), c > b > 0. */
static double one_fraction(double b, double c, double y)
{
    double root = sqrt(y), h = root;
    for (double m = floor(10.0 / root) + 10.0; m >= 0.0; m -= 1.0) {
        double even = (c + m) * h;                          /* g_(2m+2) = (m + 1)/(c + 2m + 1), times its denominator */
        h = ((m + 1.0) * y + even) / (m + 1.0 + even);
        double odd = (c - b + m) * h;                       /* g_(2m+1) = (b + m)/(c + 2m), likewise */
        h = ((b + m) * y + odd) / (b + m + odd);
    }
    return h;
}

/* Where the fraction is long the steps are shorter, unless c is large: there both are long, and the fraction is nearer. */
static int is_for_fraction(double b, double c, double y)
{
    return c > b && (y > 1e-6 || c > 1e4);
}

double special_hyp2f1_one(double b, double c, special_share z)
{
    return is_for_fraction(b, c, z.y) ? 1.0 / one_fraction(b, c, z.y) : special_hyp2f1(1.0, b, c, z);
}

double special_ln_hyp2f1_one(double b, double c, special_share z)
{
    if (is_for_fraction(b, c, z.y)) return -log(one_fraction(b, c, z.y));
    double power;
    value v = split_value(1.0, b, c, z, &power);
    return log(v.w) + (ln_scale(&v) + power * log(z.y));
}
