/* SPDX-License-Identifier: MIT */
/** @file cxm/fit.h
 *  @brief What every fit of a lifetime model tells: how it ended, how sure its parameters are, which of them the data do not know.
 *
 *  Models are fitted by maximum likelihood over the logarithms of their parameters, as these are positive. A search ends where nothing
 *  is left to gain: the Newton decrement, g' H^-1 g / 2 of gradient and negative Hessian, is nil. A parameter may have run to the end of
 *  its range: data in which nobody leaves, or everyone buys alike, have their maximum there. That is no failure, and it is said:
 *      CXM_FIT_INNER       a maximum within the range: standard errors of all parameters
 *      CXM_FIT_BOUNDARY    the greatest likelihood lies at the end of a range, or the data know a parameter only within a factor of
 *                          148 (a standard error of its logarithm of 5): it is held where the search left it, and bits of `low`,
 *                          `high` and `loose` name it. Predictions hold as those of a model without it; its standard error is NaN
 *      CXM_FIT_UNFINISHED  no maximum was found: do not use the parameters
 *
 *  Source   S. Boyd and L. Vandenberghe, Convex Optimization, 9.5.1 (decrement); standard errors from the observed information.
 *  Threads  No shared state.   */
#ifndef CXM_FIT_H
#define CXM_FIT_H
#include <cxm/status.h>
CXM_BEGIN_C

/** The most parameters of a model. */
#define CXM_FIT_PARAMETERS_MAX 4

/** How a fit ended. Never renumbered. */
enum cxm_fit_outcome {
    CXM_FIT_INNER = 1,
    CXM_FIT_BOUNDARY = 2,
    CXM_FIT_UNFINISHED = 3
};

/** A fit. 256 bytes; set `size`. Versions only append. */
typedef struct cxm_fit {
    uint32_t size;          /**< in:  bytes the caller has room for */
    int32_t outcome;        /**< out: CXM_FIT_* */
    uint32_t parameters;    /**< out: how many the model has */
    uint32_t evaluations;   /**< out: of the likelihood */
    uint32_t low;           /**< out: bit i: the likelihood rises, if at all, towards lesser values of parameter i than it was held at */
    uint32_t high;          /**< out: bit i: towards greater ones */
    uint32_t loose;         /**< out: bit i: the likelihood does not depend on it */
    uint32_t reserved;      /**< out: zero */
    uint64_t customers;     /**< out: that were fitted to */
    uint64_t left_out;      /**< out: customers of whom the model says nothing, as of spend without money */
    double log_likelihood;  /**< out: at the parameters */
    double decrement;       /**< out: what the search saw left to gain */
    double se[CXM_FIT_PARAMETERS_MAX];      /**< out: standard errors of the parameters; NaN where `low`, `high` or `loose` has the bit */
    double ln_se[CXM_FIT_PARAMETERS_MAX];   /**< out: of their logarithms, likewise: limits are parameter * exp(+- z ln_se) */
    double covariance[CXM_FIT_PARAMETERS_MAX * CXM_FIT_PARAMETERS_MAX];  /**< out: of the logarithms, row by row; 0 beside a bound */
} cxm_fit;

/** The standard error, by the delta method, of a prediction whose derivatives in the logarithms of the parameters are `gradient`.
 *  @return CXM_OK | CXM_E_UNDEFINED the fit is unfinished | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_fit_delta(const cxm_fit *fit, const double gradient[CXM_FIT_PARAMETERS_MAX], double *se);

CXM_END_C
#endif
