/* SPDX-License-Identifier: MIT */
/* survival_difference.c - the restricted mean of one curve less that of another.
 *
 *      d = mean_a(tau) - mean_b(tau)       se = sqrt(se_a^2 + se_b^2)       limits d -+ z se, within -tau..tau
 * p is the normal distribution's in both tails beyond d / se: below 1 - level exactly when the limits leave 0 out.
 *
 * Greenwood's sum is 0 for a curve that nobody, or everybody at once, has left before tau, however few they are: 0 then is no error
 * but a want of one. Of two samples of 5 from one distribution, where that was so of a side, 77 % would differ by it at 95 %. So there
 * is no difference with limits then.
 * Source   P. Royston, M. K. B. Parmar, BMC Medical Research Methodology 13:152, 2013; H. Uno et al., Journal of Clinical Oncology
 *          32(22), 2014.                                                   */
#include "base/port.h"
#include "retention/survival_parts.h"
#include <math.h>
#include "inference/compare.h"

cxm_status cxm_survival_mean_compare(const cxm_survival_curve *a, const cxm_survival_curve *b, double tau, double level,
                                     cxm_difference *out)
{
    cxm_survival_time x = {.size = sizeof x}, y = {.size = sizeof y};
    cxm_status status = compare_check(a, b, out, level);
    if (status == CXM_OK) status = cxm_survival_mean(a, tau, &x);
    if (status == CXM_OK) status = cxm_survival_mean(b, tau, &y);
    if (status != CXM_OK) return status;
    if (!(x.se > 0.0 && y.se > 0.0)) return CXM_E_UNDEFINED;
    double difference = x.time - y.time, se = hypot(x.se, y.se), half = interval_z(level) * se;
    *out = (cxm_difference){.size = out->size, .method = CXM_COMPARE_WALD, .level = level, .difference = difference, .se = se};
    compare_write_z(out, (compare_finding){{difference - half, difference + half}, compare_ratio(difference, se)}, tau);
    return CXM_OK;
}
