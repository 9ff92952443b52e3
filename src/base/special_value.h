/* SPDX-License-Identifier: MIT */
/* special_value.h - the functions that models of customer lifetime value are written in, on C11 libm alone.
 *
 * The contract is that of special.h: arguments are finite and in the range stated, callers check, nothing here reports.
 * Differences that a caller would lose digits in come as functions of their own. Relative error is about 1e-13 where the
 * value is not close to a zero of its own; there the error is that small against the parts that cancel. A value past the
 * range of doubles comes as an infinity.                                                                             */
#ifndef CXM_BASE_SPECIAL_VALUE_H
#define CXM_BASE_SPECIAL_VALUE_H
#include "base/special.h"

/* ln Gamma(a) for a > 0, relative to its own value near the zeros 1 and 2, too; ln Gamma(1 + v) for v > -1. */
double special_ln_gamma(double a);
double special_ln_gamma_1p(double v);

/* First and second derivative of ln Gamma, a > 0. */
double special_digamma(double a);
double special_trigamma(double a);

/* ln Gamma(a + n) - ln Gamma(a), and its derivative in a, for a > 0, n >= 0: no digits lost where n is small beside a. */
double special_ln_gamma_ratio(double a, double n);
double special_digamma_rise(double a, double n);

/* ln B(a, b) for a, b > 0. */
double special_ln_beta(double a, double b);

/* Gauss's F(a, b; c; z), z.x in [0, 1), of any sign of a and b, c no whole number from 0 down; within 1e-12 for 1 - z from
 * 1e-9 on and c up to 1e5, save next to a zero of F. Where a or b is a whole negative number, b + a > c and the polynomial's
 * terms cancel, nothing is promised. F(1, b; c; z) of b, c > 0 and its logarithm, finite where F passes a double's range. */
double special_hyp2f1(double a, double b, double c, special_share z);
double special_hyp2f1_one(double b, double c, special_share z);
double special_ln_hyp2f1_one(double b, double c, special_share z);

/* e^z E_a(z), the integral from 1 to infinity of e^(-z (t - 1)) t^-a dt, a > 0, z > 0; ln U(a, a, z) of Tricomi. */
double special_exp_integral(double a, double z);
double special_ln_tricomi_u_aa(double a, double z);

#endif
