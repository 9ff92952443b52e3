/* SPDX-License-Identifier: MIT */
/** @file cxm/btyd.h
 *  @brief Customers who buy until they leave, without a word: NBD, BG/NBD, MBG/NBD and Pareto/NBD, fitted to x, t_x and T, and what they say of
 *         each customer.
 *
 *      cxm_btyd_fit(&view, CXM_BTYD_BGNBD, &model, &fit);             view: cxm_cbs_rows; fit tells how it ended
 *      cxm_btyd_expected(&model, &history, 39.0, &purchases);         one customer's purchases of the next 39 units
 *
 *  While alive a customer buys at random at its own rate lambda, which varies over customers by a gamma distribution of shape r and
 *  rate alpha; it leaves with its own chance p, which varies by a beta distribution of shapes a and b:
 *      NBD       nobody leaves                                        r alpha
 *      BG/NBD    may leave after each repeat purchase                 r alpha a b
 *      MBG/NBD   may leave after each purchase, the first too         r alpha a b
 *      Pareto/NBD  leaves at any time, at its own rate, which varies by a gamma distribution of shape s and rate beta    r alpha s beta
 *  With k = r + x, A = alpha + T:
 *      L       = Gamma(k) alpha^r / Gamma(r) ( B(a, b + x + m) / (B(a, b) A^k) + D ),   m = 0, of MBG/NBD 1
 *      D       = B(a + 1, b + x - 1 + m) / (B(a, b) (alpha + t_x)^k): it left right after the last purchase; not of a BG/NBD with x = 0
 *      alive   = 1 / (1 + odds), odds = a / (b + x - 1 + m) (A / (alpha + t_x))^k
 *      expected in (T, T + t] = alive E[(1 - (1 + p t / A)^-k) / p], p ~ Beta(a, b + x + m); of a new customer of MBG/NBD times 1 - p
 *  Of Pareto/NBD, with B = beta + T, the odds are R, which src/value/btyd_pareto.c has, and
 *      L       = Gamma(k) alpha^r / (Gamma(r) A^k) (beta / B)^s (1 + R)
 *      expected = alive k / A times the integral of (B / (B + u))^s over u up to t
 *  One set of calls serves all of them, as all are asked the same.
 *
 *  Units    Times are in one unit throughout, that of the view; alpha is a time, lambda purchases a unit. Parameters 1e-15..1e20.
 *  Source   A. S. C. Ehrenberg, 1959 (NBD); D. C. Schmittlein, D. G. Morrison and R. Colombo, Management Science 33(1), 1987 (Pareto/NBD); P. S. Fader, B. G. S. Hardie and K. L. Lee, Marketing Science 24(2), 2005 (BG/NBD); E. P.
 *           Batislam, M. Denizel and A. Filiztekin, International Journal of Research in Marketing 24(3), 2007 (MBG/NBD).
 *  Threads  No shared state.   */
#ifndef CXM_BTYD_H
#define CXM_BTYD_H
#include <cxm/cbs.h>
#include <cxm/fit.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The models. Never renumbered. */
enum cxm_btyd_kind {
    CXM_BTYD_NBD = 1,
    CXM_BTYD_BGNBD = 2,
    CXM_BTYD_MBGNBD = 3,
    CXM_BTYD_PARETONBD = 4
};

/** The latest time of a history or a prediction, in units. */
#define CXM_BTYD_TIME_MAX INT64_C(1000000000000)

/** A model with its parameters, in the order of their names. 40 bytes. */
typedef struct cxm_btyd {
    int32_t kind;           /**< CXM_BTYD_* */
    uint32_t reserved;      /**< zero */
    double parameter[4];    /**< r, alpha, and of the others a, b or s, beta; zero beyond */
} cxm_btyd;

/** One customer, in units of time: x whole, x = 0 if and only if t_x = 0, 0 <= t_x <= T. 24 bytes. */
typedef struct cxm_btyd_history {
    double x;               /**< repeat purchases, 0..CXM_CBS_X_MAX */
    double t_x;             /**< from the first to the last purchase */
    double T;               /**< from the first purchase to the end of observation */
} cxm_btyd_history;

/** How many parameters a model has; 0: no such model. */
CXM_API uint32_t cxm_btyd_parameters(int32_t kind);

/** Its name, as "bgnbd"; NULL: there is none. */
CXM_API const char *cxm_btyd_name(int32_t kind);

/** The name of a parameter, as "alpha"; NULL: there is none. */
CXM_API const char *cxm_btyd_parameter_name(int32_t kind, uint32_t number);

/** Fit a model. Rows with x above 0 tell of the rate and of leaving, the others too; what cannot be told ends at a bound, which `fit` names.
 *  @return CXM_OK also at a bound and unfinished: look at fit->outcome | CXM_E_EMPTY no customer | CXM_E_DOMAIN a row is none:
 *          x = 0 but t_x > 0 or the reverse, or t_x > T | CXM_E_ABI | CXM_E_ARG; both unchanged on each */
CXM_API cxm_status cxm_btyd_fit(const cxm_cbs_view *view, int32_t kind, cxm_btyd *model, cxm_fit *fit);

/** The logarithm of the likelihood of one customer; over a view, of all of them.
 *  @return CXM_OK | CXM_E_DOMAIN no history | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_btyd_log_likelihood(const cxm_btyd *model, const cxm_btyd_history *history, double *out);

/** The chance, 0..1, that a customer is still there at T.
 *  @return CXM_OK | CXM_E_DOMAIN no history | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_btyd_alive(const cxm_btyd *model, const cxm_btyd_history *history, double *out);

/** The chance, 0..1, that it is there at T + t, t >= 0.
 *  @return CXM_OK | CXM_E_DOMAIN no history, or t is negative or past CXM_BTYD_TIME_MAX | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_btyd_alive_after(const cxm_btyd *model, const cxm_btyd_history *history, double t, double *out);

/** How many purchases to expect of a customer in (T, T + t]; `history` NULL: repeat purchases of a new one in (0, t].
 *  @return CXM_OK | CXM_E_DOMAIN as of alive_after | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_btyd_expected(const cxm_btyd *model, const cxm_btyd_history *history, double t, double *out);

/** The same without an end, each purchase at a time u from T on worth e^(-discount u): discounted expected residual transactions, DERT;
 *  `discount` is continuous, of one unit, as ln(1 + annual) / 52 of a week: cxm_discount_continuous of cxm/clv.h.
 *  @return CXM_OK | CXM_E_DOMAIN no history, or the discount is not within 1e-9..1e3 | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_btyd_residual(const cxm_btyd *model, const cxm_btyd_history *history, double discount, double *out);

/** The chance, 0..1, that a new customer makes `x` repeat purchases in (0, t].
 *  @return CXM_OK | CXM_E_DOMAIN more than CXM_CBS_X_MAX, or t as of alive_after | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_btyd_pmf(const cxm_btyd *model, uint32_t x, double t, double *out);

CXM_END_C
#endif
