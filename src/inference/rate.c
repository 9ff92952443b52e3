/* SPDX-License-Identifier: MIT */
/* rate.c - exact confidence limits of a rate: x events over an exposure, the count being Poisson.
 *
 * The limits of the count are the means under which x or more, or x or fewer, have half of 1 - level:
 *     low   gamma quantile alpha/2 of shape x, 0 at x = 0       high   upper quantile alpha/2 of shape x + 1
 * as a Poisson tail is a gamma tail; the same are halves of chi-square quantiles of 2 x and 2 x + 2 degrees of
 * freedom (F. Garwood, Biometrika 28, 1936). Both are taken as tails and divided by the exposure.  */
#include "base/port.h"
#include "inference/interval.h"
#include <math.h>
#include "base/special.h"

static limits garwood(double events, double tail)
{
    double low = events > 0.0 ? special_gamma_quantile(tail, SPECIAL_LOWER, events) : 0.0;
    return (limits){low, special_gamma_quantile(tail, SPECIAL_UPPER, events + 1.0)};
}

cxm_status cxm_rate_interval(uint64_t events, double exposure, int32_t method, double level, cxm_interval *out)
{
    cxm_status status = interval_check(out, level);
    if (status != CXM_OK) return status;
    if (!(exposure >= 0.0) || isinf(exposure)) return CXM_E_ARG;
    if (exposure == 0.0) return CXM_E_EMPTY;
    if (method != CXM_INTERVAL_DEFAULT && method != CXM_INTERVAL_GARWOOD) return CXM_E_METHOD;
    double count = (double)events;
    limits got = interval_hold(garwood(count, 0.5 * (1.0 - level)), count);
    got = (limits){got.low / exposure, got.high / exposure};
    interval_write(out, CXM_INTERVAL_GARWOOD, level, got, sqrt(count) / exposure);
    return CXM_OK;
}
