/* SPDX-License-Identifier: MIT */
/* compare_paired_mean.c - mean change of people who answered twice, by Student's t of the changes: m -+ t_{n-1} sd / sqrt(n). */
#include "base/port.h"
#include "inference/compare.h"
#include <math.h>

cxm_status cxm_compare_paired_mean(uint64_t n, double change, double sd, double width, int32_t method, double level,
                                   cxm_difference *out)
{
    cxm_status status = compare_check(&n, &n, out, level);
    if (status != CXM_OK) return status;
    if (method != CXM_COMPARE_DEFAULT && method != CXM_COMPARE_PAIRED_T) return CXM_E_METHOD;
    if (n == 0) return CXM_E_EMPTY;
    if (!(width > 0.0) || !(fabs(change) <= width) || !isfinite(sd) || sd < 0.0) return CXM_E_ARG;      /* NaN, too */
    if (n == 1 || sd == 0.0) return CXM_E_UNDEFINED;
    cxm_difference got = {.size = out->size, .method = CXM_COMPARE_PAIRED_T, .level = level, .difference = change};
    compare_write_t(&got, sd / sqrt((double)n), (double)n - 1.0, width);
    *out = got;
    return CXM_OK;
}
