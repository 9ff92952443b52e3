/* SPDX-License-Identifier: MIT */
/* rise.h - ln Gamma(c + n) - ln Gamma(c) with two derivatives in c: what likelihoods of this room are sums of. */
#ifndef CXM_VALUE_RISE_H
#define CXM_VALUE_RISE_H
#include "base/special_value.h"

typedef struct rise { double value, slope, bend; } rise;

static inline rise rise_of(double c, double n)
{
    return (rise){special_ln_gamma_ratio(c, n), special_digamma_rise(c, n), special_trigamma(c + n) - special_trigamma(c)};
}

#endif
