/* SPDX-License-Identifier: MIT */
/** @file cxm/gamma_gamma.h
 *  @brief What customers spend a purchase: the Gamma-Gamma model, fitted to the number and the money of each one's purchases.
 *
 *      cxm_gamma_gamma_fit(&view, &model, &fit);                  view: cxm_spend_rows; customers with money alone
 *      cxm_gamma_gamma_expected(&model, x, mean, &spend);         what one of them will spend a purchase
 *
 *  What a purchase of a customer costs varies about its own mean by a gamma distribution of shape p; the rates of these vary over
 *  customers by a gamma distribution of shape q and rate v. Of x purchases with the mean m:
 *      L        = Gamma(p x + q) / (Gamma(p x) Gamma(q)) v^q m^(p x - 1) x^(p x) / (v + x m)^(p x + q)
 *      expected = p (v + x m) / (p x + q - 1): between m and the mean of all, p v / (q - 1), which needs q > 1
 *  It takes spend and the number of purchases to be unrelated; look at their correlation first.
 *
 *  Units    Money in units, that of the view; v is money, p and q are numbers.
 *  Source   M. Colombo and W. Jiang, 1999; P. S. Fader and B. G. S. Hardie, The Gamma-Gamma Model of Monetary Value, 2013.
 *  Threads  No shared state.   */
#ifndef CXM_GAMMA_GAMMA_H
#define CXM_GAMMA_GAMMA_H
#include <cxm/cbs.h>
#include <cxm/fit.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The parameters, in the order of a fit. 24 bytes. */
typedef struct cxm_gamma_gamma {
    double p;       /**< shape of a customer's purchases, above 0 */
    double q;       /**< shape over customers, above 0 */
    double v;       /**< rate over customers, units of money, above 0 */
} cxm_gamma_gamma;

/** Fit the model. Customers who all spend the same end at a bound of p, or of q: see cxm/fit.h.
 *  @return CXM_OK also at a bound and unfinished: look at fit->outcome | CXM_E_EMPTY no customer | CXM_E_DOMAIN a row has no purchase,
 *          or no money | CXM_E_ABI | CXM_E_ARG; both unchanged on each */
CXM_API cxm_status cxm_gamma_gamma_fit(const cxm_spend_view *view, cxm_gamma_gamma *model, cxm_fit *fit);

/** The logarithm of the likelihood of `mean` over x purchases, as a density of the mean.
 *  @return CXM_OK | CXM_E_DOMAIN x is below 1 or not whole, or the mean is not within 1e-17..1e27 | CXM_E_ARG NULL, or no model */
CXM_API cxm_status cxm_gamma_gamma_log_likelihood(const cxm_gamma_gamma *model, double x, double mean, double *out);

/** What a customer is expected to spend a purchase, after x purchases with `mean`; x = 0: one of whom nothing is known.
 *  @return CXM_OK | CXM_E_UNDEFINED p x + q is not above 1, so that there is no mean | CXM_E_DOMAIN | CXM_E_ARG as of log_likelihood */
CXM_API cxm_status cxm_gamma_gamma_expected(const cxm_gamma_gamma *model, double x, double mean, double *out);

CXM_END_C
#endif
