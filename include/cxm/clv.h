/* SPDX-License-Identifier: MIT */
/** @file cxm/clv.h
 *  @brief Lifetime value without a model of each customer: constant retention, realised margins, payback; and discounts by their unit.
 *
 *  With a margin m a period, retention r and discount d of one period, q = r / (1 + d), three sums are all called CLV. They differ in when
 *  the first payment comes, by factors (1 + d) : r : 1, so the timing is asked by name:
 *      NOW              m + m q + ...                first payment now                             m (1 + d) / (1 + d - r)
 *      AFTER_RENEWAL    m q + m q^2 + ...            first payment after the first renewal         m r / (1 + d - r)
 *      END_OF_PERIOD    (m + m q + ...) / (1 + d)    first payment at the end of the first period, without risk    m / (1 + d - r)
 *  over so many payments, or without end. Historic value is what was earned: the margins of a cohort by age over all customers who were
 *  acquired, those who left among them.
 *
 *  Source   P. D. Berger and N. I. Nasr, Journal of Interactive Marketing 12(1), 1998; S. Gupta and D. R. Lehmann, Journal of Interactive
 *           Marketing 17(1), 2003.
 *  Threads  No shared state.   */
#ifndef CXM_CLV_H
#define CXM_CLV_H
#include <cxm/status.h>
CXM_BEGIN_C

/** When the first payment comes. Never renumbered. */
enum cxm_clv_timing {
    CXM_CLV_NOW = 1,
    CXM_CLV_AFTER_RENEWAL = 2,
    CXM_CLV_END_OF_PERIOD = 3
};

/** Lifetime value with constant retention, 0..1, and a discount of one period, 0..1e6. `payments` 0: without end.
 *  @return CXM_OK | CXM_E_UNDEFINED without end, retention 1 and discount 0: it is infinite | CXM_E_DOMAIN retention or discount out of
 *          range, or the margin is not finite | CXM_E_ARG NULL, or no timing */
CXM_API cxm_status cxm_clv_simple(double margin, double retention, double discount, int32_t timing, uint64_t payments, double *out);

/** The discount of one of `per_year` periods, that compounds to `annual` a year: (1 + annual)^(1 / per_year) - 1.
 *  @return CXM_OK | CXM_E_DOMAIN annual is not within 0..1e6, or per_year not within 1e-3..1e9 | CXM_E_ARG */
CXM_API cxm_status cxm_discount_rate(double annual, double per_year, double *out);

/** The same as a continuous rate: ln(1 + annual) / per_year.
 *  @return CXM_OK | CXM_E_DOMAIN as of cxm_discount_rate | CXM_E_ARG */
CXM_API cxm_status cxm_discount_continuous(double annual, double per_year, double *out);

/** Historic value of a cohort: `margin[i]` is what all of its `acquired` customers earned at age i, i < ages; `value[i]` becomes what one of
 *  them had earned by then, payments at age i worth 1 / (1 + discount)^i. `value` may be `margin`.
 *  @return CXM_OK | CXM_E_EMPTY nobody was acquired | CXM_E_DOMAIN a margin is not finite, or the discount is not within 0..1e6 |
 *          CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_clv_historic(const double *margin, size_t ages, uint64_t acquired, double discount, double *value);

/** The first age at which historic value is at least what it cost to acquire a customer, 0 up.
 *  @return CXM_OK | CXM_E_UNDEFINED it is not by the last age | CXM_E_DOMAIN a value or the cost is not finite | CXM_E_ARG */
CXM_API cxm_status cxm_clv_payback(const double *value, size_t ages, double cost, size_t *age);

CXM_END_C
#endif
