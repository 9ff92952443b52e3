/* SPDX-License-Identifier: MIT */
/* fit_parts.h - the one way from a likelihood to parameters, for the models of this room. */
#ifndef CXM_VALUE_FIT_PARTS_H
#define CXM_VALUE_FIT_PARTS_H
#include <cxm/fit.h>
#include <stdbool.h>
#include "base/optimise.h"

/* A model's log-likelihood over the logarithms of its parameters, and where to begin. */
typedef struct fit_model {
    optimise_problem problem;
    const double (*starts)[OPTIMISE_MOST];      /* logarithms */
    uint32_t start_count;
    uint64_t customers, left_out;
} fit_model;

/* Climbs from each start, keeps the best, and tells of it; `parameter` gets the values themselves. */
void fit_model_run(const fit_model *model, double *parameter, cxm_fit *out);

/* Derivatives in a parameter become those in its logarithm: d/d ln a = a d/da. */
void fit_to_logarithms(optimise_point *point, const double *parameter, uint32_t count);

/* Whether a view's per_unit is one that a table may have. */
bool fit_is_unit(double per_unit);

/* Whether `out` has room: CXM_OK, CXM_E_ABI or CXM_E_ARG. */
cxm_status fit_check(const cxm_fit *out);

#endif
