/* SPDX-License-Identifier: MIT */
/** @file cxm/sbg.h
 *  @brief How long customers of a contract renew: the shifted beta-geometric model, and what their renewals are worth.
 *
 *      cxm_sbg_rows_of(survivors, n, rows);                    a cohort of 1000, 631, 468 ..; more cohorts: more rows
 *      cxm_sbg_fit(rows, count, &model, &fit);
 *
 *  Each customer leaves at each renewal with its own chance theta, which varies over customers by a beta distribution of shapes alpha
 *  and beta. So a cohort's retention rises with its age though nobody's does:
 *      lost at renewal t     P(t) = B(alpha + 1, beta + t - 1) / B(alpha, beta),   t = 1, 2, ..
 *      there after it        S(t) = B(alpha, beta + t) / B(alpha, beta)
 *      retention             r(t) = S(t) / S(t - 1) = (beta + t - 1) / (alpha + beta + t - 1)
 *      lifetime              DEL  = sum over t >= 0 of S(t) / (1 + d)^t: payments of 1 from now on, of a new customer
 *      residual lifetime     DERL = sum over t >= n of S(t) / S(n - 1) / (1 + d)^(t - n): of one about to decide for the n-th time
 *
 *  Units    A period is the time from a renewal to the next; d is the discount of one period, see cxm_discount_rate of cxm/clv.h.
 *  Source   P. S. Fader and B. G. S. Hardie, Journal of Interactive Marketing 21(1), 2007 (sBG); Marketing Science 29(1), 2010 (DEL and
 *           DERL).
 *  Threads  No shared state.   */
#ifndef CXM_SBG_H
#define CXM_SBG_H
#include <cxm/fit.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The most renewals that are counted. */
#define CXM_SBG_PERIODS_MAX 100000000

/** The parameters, in the order of a fit. 16 bytes. */
typedef struct cxm_sbg {
    double alpha;           /**< above 0 */
    double beta;            /**< above 0 */
} cxm_sbg;

/** Customers by the last that is known of them. 24 bytes. Rows of several cohorts stand one behind the other, or are added. */
typedef struct cxm_sbg_row {
    uint32_t period;        /**< t, 1..CXM_SBG_PERIODS_MAX */
    uint32_t reserved;      /**< zero */
    uint64_t lost;          /**< did not renew at t */
    uint64_t kept;          /**< renewed at t, and nothing later is known */
} cxm_sbg_row;

/** The rows of one cohort: `survivors` is how many were there at first, and after each of the renewals 1 to periods; `rows` has room for
 *  as many as there are renewals.
 *  @return CXM_OK | CXM_E_DOMAIN more survive than were there before | CXM_E_ARG NULL, or no renewal or too many */
CXM_API cxm_status cxm_sbg_rows_of(const uint64_t *survivors, size_t periods, cxm_sbg_row *rows);

/** Fit the model. Where nobody leaves, or all alike, a shape ends at its bound: see cxm/fit.h.
 *  @return CXM_OK also at a bound and unfinished: look at fit->outcome | CXM_E_EMPTY no customer | CXM_E_DOMAIN a period out of its
 *          range | CXM_E_ABI | CXM_E_ARG; both unchanged on each */
CXM_API cxm_status cxm_sbg_fit(const cxm_sbg_row *rows, size_t count, cxm_sbg *model, cxm_fit *fit);

/** The share of a cohort, 0..1, that is there after t renewals; S(0) is 1.
 *  @return CXM_OK | CXM_E_DOMAIN too many periods | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_sbg_survival(const cxm_sbg *model, uint32_t t, double *out);

/** Of those there before it, the share that renews at t.
 *  @return CXM_OK | CXM_E_DOMAIN t is 0 or too large | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_sbg_retention(const cxm_sbg *model, uint32_t t, double *out);

/** DERL before the n-th decision, of payments of 1 a period, or DEL with n = 0.
 *  @return CXM_OK | CXM_E_UNDEFINED without discount it has no end, as alpha is not above 1 | CXM_E_DOMAIN a discount that is neither 0 nor within 1e-9..1e6,
 *          or too many periods | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_sbg_residual(const cxm_sbg *model, uint32_t n, double discount, double *out);

CXM_END_C
#endif
