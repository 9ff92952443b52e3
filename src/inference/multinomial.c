/* SPDX-License-Identifier: MIT */
/* multinomial.c - limits of k shares that are to hold at once: Wilson's, with a wider z.
 *
 *      Goodman 1965               z = upper quantile alpha / (2 k) of the normal: chi-square(1) at alpha / k
 *      Quesenberry and Hurst 1964 z^2 = upper quantile alpha of chi-square(k - 1)
 * Goodman's is Bonferroni over k two-sided intervals. Quesenberry and Hurst bound every linear
 * contrast of the shares, so it is wider from k = 3 on, and k = 1 leaves it no degree of freedom.    */
#include "base/port.h"
#include "inference/interval.h"
#include <math.h>
#include "base/special.h"

/* z of a multinomial's method; the caller has sorted out the others. */
static double z_of(int32_t method, double level, double categories)
{
    double alpha = 1.0 - level;
    if (method == CXM_INTERVAL_GOODMAN) return special_normal_quantile(0.5 * alpha / categories, SPECIAL_UPPER);
    return sqrt(special_chi2_quantile(alpha, SPECIAL_UPPER, categories - 1.0));
}

cxm_status cxm_multinomial_interval(uint64_t count, uint64_t n, uint64_t categories, int32_t method, double level,
                                    cxm_interval *out)
{
    cxm_status status = interval_check(out, level);
    if (status != CXM_OK) return status;
    if (count > n || categories == 0) return CXM_E_ARG;
    if (n == 0) return CXM_E_EMPTY;
    if (method == CXM_INTERVAL_DEFAULT) method = CXM_INTERVAL_GOODMAN;
    if (method != CXM_INTERVAL_GOODMAN && method != CXM_INTERVAL_QUESENBERRY_HURST) return CXM_E_METHOD;
    if (method == CXM_INTERVAL_QUESENBERRY_HURST && categories == 1) return CXM_E_UNDEFINED;
    double hits = (double)count, misses = (double)(n - count), size = (double)n;
    limits got = interval_wilson(hits, misses, size, z_of(method, level, (double)categories));
    got = interval_clamp(got, (limits){0.0, 1.0});
    interval_write(out, method, level, got, sqrt(hits / size * (misses / size) / size));
    return CXM_OK;
}
