/* SPDX-License-Identifier: MIT */
/* quadrature.h - means over a beta distribution, whatever its shapes; and the nodes of Gauss's rule for integrals by panels. */
#ifndef CXM_BASE_QUADRATURE_H
#define CXM_BASE_QUADRATURE_H

/* A function of p, with q = 1 - p known as well as p is; finite at both ends, and without a sharp peak of its own. */
typedef double quadrature_function(double p, double q, const void *ctx);

/* The mean of `fn` over Beta(a, b), a and b from 1e-6 to 1e9. About 1e-13 relative for a `fn` that is nowhere negative. */
double quadrature_beta(double a, double b, quadrature_function *fn, const void *ctx);

/* The mean of (1 + p r)^-k over Beta(a, b), k >= 0, r >= 0: right in its own last digits where it is 1e-300, too. */
double quadrature_beta_decay(double a, double b, double k, double r);

/* Gauss's rule of 24 points on -1..1: a pair stands at -node and +node, each with the weight. */
enum { QUADRATURE_PAIRS = 12 };
typedef struct quadrature_pair { double node, weight; } quadrature_pair;
extern const quadrature_pair quadrature_gauss[QUADRATURE_PAIRS];

#endif
