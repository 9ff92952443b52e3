/* SPDX-License-Identifier: MIT */
/* interval.c - names of the methods, and the checks and quantiles that all intervals share. */
#include "base/port.h"
#include "inference/interval.h"
#include <math.h>
#include <string.h>
#include "base/special.h"

static const struct { int32_t method; const char *name; } names[] = {
    {CXM_INTERVAL_DEFAULT, "default"},
    {CXM_INTERVAL_WALD, "wald"},
    {CXM_INTERVAL_T, "t"},
    {CXM_INTERVAL_SCORE, "score"},
    {CXM_INTERVAL_AW3_TRIANGULAR, "aw3-triangular"},
    {CXM_INTERVAL_AW3_UNIFORM, "aw3-uniform"},
    {CXM_INTERVAL_AW4_TRIANGULAR, "aw4-triangular"},
    {CXM_INTERVAL_AW4_UNIFORM, "aw4-uniform"},
    {CXM_INTERVAL_AGRESTI_MIN, "agresti-min"},
    {CXM_INTERVAL_BONETT_PRICE, "bonett-price"},
    {CXM_INTERVAL_BOOTSTRAP, "bootstrap"},
    {CXM_INTERVAL_WILSON, "wilson"},
    {CXM_INTERVAL_WILSON_CC, "wilson-cc"},
    {CXM_INTERVAL_CLOPPER_PEARSON, "clopper-pearson"},
    {CXM_INTERVAL_JEFFREYS, "jeffreys"},
    {CXM_INTERVAL_JEFFREYS_PLAIN, "jeffreys-plain"},
    {CXM_INTERVAL_AGRESTI_COULL, "agresti-coull"},
    {CXM_INTERVAL_AGRESTI_COULL_4, "agresti-coull-plus4"},
    {CXM_INTERVAL_GOODMAN, "goodman"},
    {CXM_INTERVAL_QUESENBERRY_HURST, "quesenberry-hurst"},
    {CXM_INTERVAL_GARWOOD, "garwood"},
    {CXM_INTERVAL_ORDER, "order"},
    {CXM_INTERVAL_LOGIT, "logit"},
    {CXM_INTERVAL_ARCSINE, "arcsine"},
    {CXM_INTERVAL_KORN_GRAUBARD, "korn-graubard"},
    {CXM_INTERVAL_LIKELIHOOD, "likelihood"},
};

const char *cxm_interval_name(int32_t method)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (names[i].method == method) return names[i].name;
    return "unknown";
}

cxm_status cxm_interval_method(const char *name, size_t len, int32_t *out)
{
    if (!name || !out) return CXM_E_ARG;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0) {
            *out = names[i].method;
            return CXM_OK;
        }
    return CXM_E_METHOD;
}

cxm_status interval_check(const cxm_interval *out, double level)
{
    if (!out || !(level > 0.0 && level < 1.0)) return CXM_E_ARG;      /* NaN, too */
    return out->size < sizeof *out ? CXM_E_ABI : CXM_OK;
}

double interval_z(double level)
{
    return special_normal_quantile(0.5 * (1.0 - level), SPECIAL_UPPER);
}

double interval_t(double level, double df)
{
    return special_student_quantile(0.5 * (1.0 - level), SPECIAL_UPPER, df);
}

limits interval_clamp(limits got, limits range)
{
    got.low = fmin(fmax(got.low, range.low), range.high);
    got.high = fmin(fmax(got.high, range.low), range.high);
    return (limits){fmin(got.low, got.high), fmax(got.low, got.high)};    /* at a level near 0 rounding may cross them */
}

limits interval_hold(limits got, double estimate)
{
    return (limits){fmin(got.low, estimate), fmax(got.high, estimate)};
}

void interval_write(cxm_interval *out, int32_t method, double level, limits got, double se)
{
    out->method = method;
    out->level = level;
    out->low = got.low;
    out->high = got.high;
    out->se = se;
}
