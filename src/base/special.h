/* SPDX-License-Identifier: MIT */
/* special.h - distribution functions and their inverses, on C11 libm alone.
 *
 * Both tails always come together, each right to its own last digits, so that no caller
 * subtracts from one; an inverse takes a probability and says which tail it is. Where x and
 * 1 - x both matter they are two arguments. Relative error is about 1e-13 down to tails of
 * 1e-300. Arguments are finite and shapes positive: callers check, nothing here reports.   */
#ifndef CXM_BASE_SPECIAL_H
#define CXM_BASE_SPECIAL_H

typedef enum special_tail { SPECIAL_LOWER, SPECIAL_UPPER } special_tail;
typedef struct special_tails { double lower, upper; } special_tails;   /* P(X <= x), P(X > x) */
typedef struct special_share { double x, y; } special_share;           /* y is 1 - x */

/* Standard normal. The inverse gives -inf and +inf at probability 0 and 1. */
special_tails special_normal(double x);
double special_normal_quantile(double p, special_tail tail);

/* Gamma of shape a > 0, scale 1, at x >= 0; chi-square of df > 0. */
special_tails special_gamma(double x, double a);
double special_gamma_quantile(double p, special_tail tail, double a);
special_tails special_chi2(double x, double df);
double special_chi2_quantile(double p, special_tail tail, double df);

/* Beta of shapes a, b > 0 at x, with y = 1 - x. */
special_tails special_beta(special_share at, double a, double b);
special_share special_beta_quantile(double p, special_tail tail, double a, double b);

/* The same where `lean` = a y - b x is known better than its parts are: at counts of 1e19, a, b, x and y rounded to
 * doubles would lose seven digits of a tail. */
special_tails special_beta_leaning(special_share at, double a, double b, double lean);

/* Student t of df > 0. */
special_tails special_student(double t, double df);
double special_student_quantile(double p, special_tail tail, double df);

/* Student t of df > 0 whose normal is shifted: (Z + shift) / sqrt(chi-square / df). t and shift past 1e100 on either
 * side count as that. */
special_tails special_student_noncentral(double t, double df, double shift);

/* ln Gamma(a) - (a - 1/2) ln a + a - ln(2 pi) / 2, the part that Stirling's formula leaves. */
double special_stirling_error(double a);

/* u - ln(1 + u) >= 0 for u > -1, without cancellation near 0. */
double special_log1p_gap(double u);

/* -ln B(a, b). */
double special_beta_log_norm(double a, double b);

/* exp(-h(w)) with h(w) = slope w + a gap(y w) + b gap(-x w), slope >= 0: a gamma (b = 0) or beta
 * density beyond its mode, divided by its value at w = 0. See special.c. */
typedef struct special_decay { double slope, a, y, b, x; } special_decay;
double special_decay_integral(const special_decay *decay);      /* over w from 0 on */

#endif
