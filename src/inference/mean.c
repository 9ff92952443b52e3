/* SPDX-License-Identifier: MIT */
/* mean.c - Student's confidence limits of a mean: mean -+ t_{n-1} sd / sqrt(n)
 * (Student, Biometrika 6(1), 1908).                                              */
#include "base/port.h"
#include "inference/interval.h"
#include <math.h>

/* One row's numbers are sound: false for NaN anywhere, as every comparison then is. */
static int sound(double mean, double sd, limits range)
{
    return isfinite(mean) && isfinite(sd) && sd >= 0.0 && range.low <= mean && mean <= range.high;
}

cxm_status cxm_mean_interval(uint64_t n, double mean, double sd, double range_low, double range_high,
                             int32_t method, double level, cxm_interval *out)
{
    cxm_status status = interval_check(out, level);
    limits range = {range_low, range_high};
    if (status != CXM_OK) return status;
    if (n == 0) return CXM_E_EMPTY;
    if (!sound(mean, sd, range)) return CXM_E_ARG;
    if (method != CXM_INTERVAL_DEFAULT && method != CXM_INTERVAL_T) return CXM_E_METHOD;
    if (n == 1 || sd == 0.0) return CXM_E_UNDEFINED;
    double se = sd / sqrt((double)n), half = interval_t(level, (double)(n - 1)) * se;
    limits got = interval_clamp((limits){mean - half, mean + half}, range);
    interval_write(out, CXM_INTERVAL_T, level, got, se);
    return CXM_OK;
}
