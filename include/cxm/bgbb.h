/* SPDX-License-Identifier: MIT */
/** @file cxm/bgbb.h
 *  @brief Customers who may buy once at each of a row of opportunities until they leave, as donors of a yearly appeal: BG/BB.
 *
 *      cxm_bgbb_fit(&view, &model, &fit);                     view: cxm_cbs_rows with opportunities as ticks
 *      cxm_bgbb_expected(&model, &history, 5, &purchases);    of the next five opportunities
 *
 *  Before each opportunity a customer leaves with its own chance theta, which varies over customers by a beta distribution of shapes
 *  gamma and delta; if it is there it buys with its own chance p, of shapes alpha and beta. Of n opportunities with x purchases, the last
 *  at t_x, with b(i, j) = B(alpha + x, beta + i - x) B(gamma + j, delta + i) / (B(alpha, beta) B(gamma, delta)):
 *      L        = b(n, 0) + sum over i from t_x to n - 1 of b(i, 1)
 *      alive    = b(n, 0) / L at n, and times B(gamma, delta + n + m) / B(gamma, delta + n) at n + m
 *      expected = (alpha + x) / (alpha + beta + n) times the sum of alive over the opportunities that follow
 *
 *  Source   P. S. Fader, B. G. S. Hardie and J. Shang, Marketing Science 29(6), 2010.
 *  Threads  No shared state.   */
#ifndef CXM_BGBB_H
#define CXM_BGBB_H
#include <cxm/cbs.h>
#include <cxm/fit.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The most opportunities, as likelihoods are sums over them. */
#define CXM_BGBB_N_MAX 100000

/** The parameters, in the order of a fit, all above 0. 32 bytes. */
typedef struct cxm_bgbb {
    double alpha, beta;     /**< shapes of buying */
    double gamma, delta;    /**< shapes of leaving */
} cxm_bgbb;

/** One customer: x <= t_x <= n, and x = 0 if and only if t_x = 0. 16 bytes. */
typedef struct cxm_bgbb_history {
    uint32_t x;             /**< opportunities taken */
    uint32_t t_x;           /**< the last of these, counted from 1; 0: none */
    uint32_t n;             /**< opportunities, 0..CXM_BGBB_N_MAX */
    uint32_t reserved;      /**< zero */
} cxm_bgbb_history;

/** Fit the model to rows of x, t_x and T = n.
 *  @return CXM_OK also at a bound and unfinished: look at fit->outcome | CXM_E_EMPTY no customer | CXM_E_DOMAIN a row is no
 *          history | CXM_E_ABI | CXM_E_ARG NULL, or a per_unit that is not 1; both unchanged on each */
CXM_API cxm_status cxm_bgbb_fit(const cxm_cbs_view *view, cxm_bgbb *model, cxm_fit *fit);

/** The logarithm of the likelihood of one customer.
 *  @return CXM_OK | CXM_E_DOMAIN no history | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_bgbb_log_likelihood(const cxm_bgbb *model, const cxm_bgbb_history *history, double *out);

/** The chance, 0..1, that a customer is there at opportunity n + later; the published one is that of later = 1.
 *  @return CXM_OK | CXM_E_DOMAIN no history, or later is past CXM_BGBB_N_MAX | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_bgbb_alive(const cxm_bgbb *model, const cxm_bgbb_history *history, uint32_t later, double *out);

/** How many of the next opportunities it is expected to take; `history` NULL: a new customer.
 *  @return CXM_OK | CXM_E_DOMAIN no history, or `next` is past CXM_BGBB_N_MAX | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_bgbb_expected(const cxm_bgbb *model, const cxm_bgbb_history *history, uint32_t next, double *out);

/** The same without an end, opportunity n + j worth 1 / (1 + discount)^j: discounted expected residual transactions, DERT.
 *  @return CXM_OK | CXM_E_DOMAIN no history, or the discount is not within 1e-9..1e6 | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_bgbb_residual(const cxm_bgbb *model, const cxm_bgbb_history *history, double discount, double *out);

/** The chance, 0..1, that a new customer takes x of n opportunities; 0 of x > n.
 *  @return CXM_OK | CXM_E_DOMAIN n is past CXM_BGBB_N_MAX | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_bgbb_pmf(const cxm_bgbb *model, uint32_t x, uint32_t n, double *out);

CXM_END_C
#endif
