/* SPDX-License-Identifier: MIT */
/* special_beta.c - the beta distribution, and Student's t through it.
 *
 * The kernel x^a y^b / B(a, b), y = 1 - x, is with D and gap of special.h, n = a + b and
 * L = a y - b x (so that n x / a = 1 - L/a and n y / b = 1 + L/b)
 *     sqrt(a b / (2 pi n)) exp(D(n) - D(a) - D(b) - a gap(-L/a) - b gap(L/b)).
 * L is a difference of two products, which fma gives to the last digit. On the side of the
 * mean where L >= 0 the lower tail is
 *     min(a, b) < 100   kernel times a continued fraction, the even part of DLMF 8.17.22
 *                       (A. R. DiDonato and A. H. Morris, ACM TOMS 18(3), 1992, section 3)
 *     else              kernel times special_decay_integral
 * and the other side is the same with a, b and x, y exchanged.
 * The inverse solves ln(tail / p) = 0 over u = ln(x / y), where the kernel is the density and
 * log-concave, by Halley's method; a last step is taken in the smaller of x and y itself.
 * Student's t with x = df/(df + t^2): P(|T| > |t|) = I_x(df/2, 1/2).                       */
#include "base/port.h"
#include "base/special.h"
#include "base/solve.h"
#include <float.h>
#include <math.h>

#define SQRT_2PI 2.50662827463100050241576528481
#define LN_2 0.693147180559945309417232121458
enum { LARGE_SHAPE = 100, MOST_TERMS = 1000 };

typedef struct beta_shape { double a, b, factor, more; } beta_shape;      /* more: of L, than a, b, x and y give */
typedef struct beta_target { beta_shape shape; double log_p; } beta_target;

static beta_shape shape_of(double a, double b)
{
    double stirling = special_stirling_error(a + b) - special_stirling_error(a) - special_stirling_error(b);
    double least = fmin(a, b), most = fmax(a, b);
    return (beta_shape){a, b, sqrt(least) * sqrt(most / (a + b)) / SQRT_2PI * exp(stirling), 0.0};
}

/* a y - b x with one rounding in effect: each product's own error is recovered (W. Kahan). */
static double product_difference(double a, double y, double b, double x)
{
    double bx = b * x, lost = fma(-b, x, bx);
    return fma(a, y, -bx) + lost;
}

/* a ln(n x / a) + L: not positive, 0 at the mean; `lean` is L. */
static double exponent_part(double a, double n, double x, double lean)
{
    return lean < 0.5 * a ? -a * special_log1p_gap(-lean / a) : a * (log(x) + log(n / a)) + lean;
}

static double kernel(const beta_shape *s, special_share at)
{
    double lean = product_difference(s->a, at.y, s->b, at.x) + s->more, n = s->a + s->b;
    if (at.x <= 0.0 || at.y <= 0.0) return 0.0;
    return s->factor * exp(exponent_part(s->a, n, at.x, lean) + exponent_part(s->b, n, at.y, -lean));
}

static double fraction(double a, double b, special_share at, double more)
{
    double x = at.x, lean = product_difference(a, at.y, b, at.x) + more;
    double f = a * (lean + 1.0) / (a + 1.0), c = f, d = 0.0;
    for (int i = 1; i < MOST_TERMS; ++i) {
        double m = i, odd = a + 2.0 * m - 1.0;
        double numerator = (a + m - 1.0) / odd * ((a + b + m - 1.0) / odd) * m * (b - m) * x * x;
        double term = m + m * (b - m) * x / odd + (a + m) * (lean + 1.0 + m * (1.0 + at.y)) / (odd + 2.0);
        d = 1.0 / (term + numerator * d);
        c = term + numerator / c;
        f *= c * d;
        if (fabs(c * d - 1.0) < DBL_EPSILON) break;
    }
    return 1.0 / f;
}

/* By how much a - 1 is too great past 2^53, where whole numbers are rounded. */
static double excess(double a)
{
    return (a - 1.0 - a) + 1.0;
}

/* Lower tail on the mean's lower side, both shapes large: outwards is towards x = 0, so the
 * density is read with its arguments exchanged. Between mean and mode h would rise first. */
static double large_tail(double a, double b, special_share at, double more)
{
    double slope = product_difference(a - 1.0, at.y, b - 1.0, at.x) + more;
    slope = fmax(0.0, slope - (excess(a) * at.y - excess(b) * at.x));
    special_decay decay = {slope, b - 1.0, at.x, a - 1.0, at.y};
    return special_decay_integral(&decay);
}

static int on_lower_side(const beta_shape *s, special_share at)
{
    double less = fmin(s->a, s->b) < LARGE_SHAPE ? 0.0 : 1.0;      /* mean or mode */
    return product_difference(s->a - less, at.y, s->b - less, at.x) + s->more >= 0.0;
}

static double near_tail(double a, double b, special_share at, double more)
{
    return fmin(a, b) < LARGE_SHAPE ? fraction(a, b, at, more) : large_tail(a, b, at, more);
}

static special_tails tails_with(const beta_shape *s, special_share at, double density)
{
    int is_lower = on_lower_side(s, at);
    double tail = 0.0;
    if (density > 0.0)
        tail = density * (is_lower ? near_tail(s->a, s->b, at, s->more)
                                   : near_tail(s->b, s->a, (special_share){at.y, at.x}, -s->more));
    tail = fmin(tail, 1.0);
    return is_lower ? (special_tails){tail, 1.0 - tail} : (special_tails){1.0 - tail, tail};
}

special_tails special_beta(special_share at, double a, double b)
{
    beta_shape shape = shape_of(a, b);
    return tails_with(&shape, at, kernel(&shape, at));
}

special_tails special_beta_leaning(special_share at, double a, double b, double lean)
{
    beta_shape shape = shape_of(a, b);
    shape.more = lean - product_difference(a, at.y, b, at.x);
    return tails_with(&shape, at, kernel(&shape, at));
}

static special_share share_of_logit(double u)
{
    double small = exp(-fabs(u)), less = small / (1.0 + small), more = 1.0 / (1.0 + small);
    return u < 0.0 ? (special_share){less, more} : (special_share){more, less};
}

static solve_point off_target(double u, const void *ctx)
{
    const beta_target *t = (const beta_target *)ctx;
    special_share at = share_of_logit(u);
    double density = kernel(&t->shape, at), tail = tails_with(&t->shape, at, density).lower;
    double value = log(tail) - t->log_p, slope = density / tail;
    double lean = product_difference(t->shape.a, at.y, t->shape.b, at.x);
    return (solve_point){value, solve_halley_slope(value, slope, lean - slope)};
}

/* The step left at `at`, taken in the smaller part: dx = x y du. */
static special_share polished(const beta_target *t, special_share at)
{
    double density = kernel(&t->shape, at);
    double tail = tails_with(&t->shape, at, density).lower;
    double du = density > 0.0 ? (log(tail) - t->log_p) * tail / density : 0.0;
    if (!(fabs(du) < 1e-9)) return at;
    if (at.x <= at.y) {
        at.x -= at.x * at.y * du;
        at.y = 1.0 - at.x;
    } else {
        at.y += at.x * at.y * du;
        at.x = 1.0 - at.y;
    }
    return at;
}

/* The x whose lower tail is p <= 1/2. Left of the first term's line the search cannot overshoot. */
static special_share lower_quantile(double p, double a, double b)
{
    beta_target target = {shape_of(a, b), log(p)};
    double z = special_normal_quantile(p, SPECIAL_LOWER);
    double normal = log(a / b) + z * sqrt(1.0 / a + 1.0 / b);
    double line = (target.log_p + log(a) - special_beta_log_norm(a, b)) / a;
    double start = a < 1.0 ? line : fmax(line, normal);
    special_share at = share_of_logit(solve_rising(off_target, &target, -746.0, 746.0, start));
    return polished(&target, at);
}

special_share special_beta_quantile(double p, special_tail tail, double a, double b)
{
    if (p > 0.5) {                            /* 1 - p is exact here */
        p = 1.0 - p;
        tail = tail == SPECIAL_LOWER ? SPECIAL_UPPER : SPECIAL_LOWER;
    }
    special_share at = {0.0, 1.0};
    if (tail == SPECIAL_LOWER) return p > 0.0 ? lower_quantile(p, a, b) : at;
    if (p > 0.0) at = lower_quantile(p, b, a);
    return (special_share){at.y, at.x};
}

/* Where x = df/t^2 or its like is so small that I_x = x^a / (a B(a, 1/2)) to the last digit. */
static double student_log_line(double df)
{
    return special_beta_log_norm(0.5 * df, 0.5) - log(0.5 * df);
}

special_tails special_student(double t, double df)
{
    double q = fabs(t) / sqrt(df), square = q * q, tail;
    if (df > 1e20) return special_normal(t);
    if (q > 1e60) {
        tail = 0.5 * exp(student_log_line(df) - df * log(q));
    } else {
        special_share at = {1.0 / (1.0 + square), square / (1.0 + square)};
        tail = 0.5 * special_beta(at, 0.5 * df, 0.5).lower;
    }
    return t < 0.0 ? (special_tails){tail, 1.0 - tail} : (special_tails){1.0 - tail, tail};
}

double special_student_quantile(double p, special_tail tail, double df)
{
    double sign = tail == SPECIAL_UPPER ? 1.0 : -1.0;
    if (df > 1e20) return special_normal_quantile(p, tail);
    if (p > 0.5) {                            /* 1 - p is exact here */
        p = 1.0 - p;
        sign = -sign;
    }
    if (p <= 0.0) return sign * HUGE_VAL;
    double log_x = (LN_2 + log(p) - student_log_line(df)) / (0.5 * df);
    if (log_x < -280.0) return sign * sqrt(df) * exp(-0.5 * log_x);
    special_share at = special_beta_quantile(2.0 * p, SPECIAL_LOWER, 0.5 * df, 0.5);
    return sign * sqrt(df * at.y / at.x);
}
