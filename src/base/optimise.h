/* SPDX-License-Identifier: MIT */
/* optimise.h - the maximum of a smooth function of a few variables in a box, by Newton's method. */
#ifndef CXM_BASE_OPTIMISE_H
#define CXM_BASE_OPTIMISE_H
#include <stdbool.h>
#include <stdint.h>

enum { OPTIMISE_MOST = 4 };     /* variables */

/* A function's value, gradient and second derivatives (symmetric; only those with row >= column are read) at one place. */
typedef struct optimise_point {
    double value, gradient[OPTIMISE_MOST], hessian[OPTIMISE_MOST][OPTIMISE_MOST];
} optimise_point;

typedef void optimise_function(const double *at, const void *ctx, optimise_point *out);

typedef struct optimise_problem {
    optimise_function *fn;
    const void *ctx;
    uint32_t count;             /* variables, 1 to OPTIMISE_MOST */
    double low[OPTIMISE_MOST], high[OPTIMISE_MOST];     /* the box, finite */
} optimise_problem;

typedef struct optimise_result {
    double at[OPTIMISE_MOST];
    optimise_point point;       /* of `at` */
    double decrement;           /* gradient' (-hessian)^-1 gradient / 2 over the variables that are free: what is left to gain */
    uint32_t evaluations;
    uint32_t low, high;         /* bits of variables held at a wall, where the function rises outwards or does not change */
    uint32_t loose;             /* bits of variables that the function does not depend on */
    bool finished;              /* the decrement is small, and the function is concave there */
} optimise_result;

/* Climbs from `start`, taken into the box. At most 200 evaluations; a value that is not finite is no better than any. */
void optimise(const optimise_problem *problem, const double *start, optimise_result *out);

/* The inverse of -hessian over the variables that `held` has no bit of, zero elsewhere; false where it is not positive. */
bool optimise_covariance(const optimise_point *point, uint32_t count, uint32_t held, double out[OPTIMISE_MOST][OPTIMISE_MOST]);

/* The bits of all variables that did not move freely. */
static inline uint32_t optimise_held(const optimise_result *r) { return r->low | r->high | r->loose; }

#endif
