/* SPDX-License-Identifier: MIT */
/* compare_mean.c - difference of two means by Welch's t: d -+ t_f se, with the standard errors s of each mean
 *
 *      se^2 = s_a^2 + s_b^2        1 / f = (s_a / se)^4 / (n_a - 1) + (s_b / se)^4 / (n_b - 1)
 *
 * (Welch 1947; f after F. E. Satterthwaite, Biometrics Bulletin 2(6), 1946). hypot keeps any size in range. */
#include "base/port.h"
#include "inference/compare.h"
#include <math.h>

/* (s / se)^4 / (n - 1) */
static double part_of(compare_spread s, double se)
{
    double square = s.se / se * (s.se / se);
    return square * square / (s.n - 1.0);
}

void compare_write_welch(cxm_difference *out, compare_spread a, compare_spread b, double most)
{
    double se = hypot(a.se, b.se);
    compare_write_t(out, se, 1.0 / (part_of(a, se) + part_of(b, se)), most);
}

/* One sample's figures are sound: false for NaN anywhere, as every comparison then is. */
static bool sound(const cxm_mean_sample *s, limits range)
{
    return isfinite(s->mean) && isfinite(s->sd) && s->sd >= 0.0 && range.low <= s->mean && s->mean <= range.high;
}

static compare_spread spread_of(const cxm_mean_sample *s)
{
    return (compare_spread){(double)s->n, s->sd / sqrt((double)s->n)};
}

cxm_status cxm_compare_mean(const cxm_mean_sample *a, const cxm_mean_sample *b, double range_low, double range_high,
                            int32_t method, double level, cxm_difference *out)
{
    cxm_status status = compare_check(a, b, out, level);
    limits range = {range_low, range_high};
    if (status != CXM_OK) return status;
    if (a->n == 0 || b->n == 0) return CXM_E_EMPTY;
    if (!sound(a, range) || !sound(b, range)) return CXM_E_ARG;
    if (method != CXM_COMPARE_DEFAULT && method != CXM_COMPARE_WELCH) return CXM_E_METHOD;
    compare_spread of_a = spread_of(a), of_b = spread_of(b);
    double difference = a->mean - b->mean, se = hypot(of_a.se, of_b.se);
    if (a->n == 1 || b->n == 1 || se == 0.0) return CXM_E_UNDEFINED;
    if (!isfinite(difference)) return CXM_E_OVERFLOW;        /* se cannot: two answers at least stand behind each sd */
    cxm_difference got = {.size = out->size, .method = CXM_COMPARE_WELCH, .level = level, .difference = difference};
    compare_write_welch(&got, of_a, of_b, range_high - range_low);
    *out = got;
    return CXM_OK;
}
