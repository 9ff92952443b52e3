/* SPDX-License-Identifier: MIT */
/* clv.c - sums of margins: geometric ones of constant retention, and those of a cohort by age.
 *
 * N payments are (1 - q^N) / (1 - q) times the first, q = r / (1 + d). 1 - q = (d + (1 - r)) / (1 + d), and 1 - q^N = -expm1(N ln q)
 * with ln q = ln r - ln(1 + d), lose no digits where q is near 1; there the sum is N payments at the most.
 * Source   see clv.h.                                                                          */
#include "base/port.h"
#include <cxm/clv.h>
#include <math.h>
#include <stdbool.h>

#define DISCOUNT_MOST 1e6

static bool is_within(double x, double low, double high)
{
    return x >= low && x <= high;
}

/* How many payments of the first one's size all of them are worth. */
static double payments_worth(double retention, double discount, uint64_t payments)
{
    double left = (discount + (1.0 - retention)) / (1.0 + discount), n = (double)payments;
    if (payments == 0) return 1.0 / left;
    if (left == 0.0) return n;
    if (retention == 0.0) return 1.0;
    return -expm1(n * (log1p(retention - 1.0) - log1p(discount))) / left;
}

cxm_status cxm_clv_simple(double margin, double retention, double discount, int32_t timing, uint64_t payments, double *out)
{
    if (!out || timing < CXM_CLV_NOW || timing > CXM_CLV_END_OF_PERIOD) return CXM_E_ARG;
    if (!isfinite(margin) || !is_within(retention, 0.0, 1.0) || !is_within(discount, 0.0, DISCOUNT_MOST)) return CXM_E_DOMAIN;
    if (payments == 0 && retention == 1.0 && discount == 0.0) return CXM_E_UNDEFINED;
    double first = timing == CXM_CLV_NOW ? 1.0 : timing == CXM_CLV_AFTER_RENEWAL ? retention / (1.0 + discount) : 1.0 / (1.0 + discount);
    *out = margin * first * payments_worth(retention, discount, payments);
    return CXM_OK;
}

cxm_status cxm_discount_continuous(double annual, double per_year, double *out)
{
    if (!out) return CXM_E_ARG;
    if (!is_within(annual, 0.0, DISCOUNT_MOST) || !is_within(per_year, 1e-3, 1e9)) return CXM_E_DOMAIN;
    *out = log1p(annual) / per_year;
    return CXM_OK;
}

cxm_status cxm_discount_rate(double annual, double per_year, double *out)
{
    double rate;
    if (!out) return CXM_E_ARG;
    cxm_status status = cxm_discount_continuous(annual, per_year, &rate);
    if (status == CXM_OK) *out = expm1(rate);
    return status;
}

cxm_status cxm_clv_historic(const double *margin, size_t ages, uint64_t acquired, double discount, double *value)
{
    double worth = 1.0, sum = 0.0;
    if ((!margin || !value) && ages) return CXM_E_ARG;
    if (!is_within(discount, 0.0, DISCOUNT_MOST)) return CXM_E_DOMAIN;
    for (size_t i = 0; i < ages; ++i)
        if (!isfinite(margin[i])) return CXM_E_DOMAIN;
    if (acquired == 0) return CXM_E_EMPTY;
    for (size_t i = 0; i < ages; ++i, worth /= 1.0 + discount) {
        sum += margin[i] * worth;
        value[i] = sum / (double)acquired;
    }
    return CXM_OK;
}

cxm_status cxm_clv_payback(const double *value, size_t ages, double cost, size_t *age)
{
    if ((!value && ages) || !age) return CXM_E_ARG;
    for (size_t i = 0; i < ages; ++i)
        if (!isfinite(value[i])) return CXM_E_DOMAIN;
    if (!isfinite(cost)) return CXM_E_DOMAIN;
    for (size_t i = 0; i < ages; ++i)
        if (value[i] >= cost) {
            *age = i;
            return CXM_OK;
        }
    return CXM_E_UNDEFINED;
}
