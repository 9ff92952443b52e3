/* SPDX-License-Identifier: MIT */
/* csat.c - customer satisfaction as a question to a scale: csat = top boxes / n, limits by Wilson. */
#include "base/port.h"
#include <cxm/csat.h>
#include <cxm/interval.h>
#include <math.h>
#include <string.h>

_Static_assert(sizeof(cxm_csat_summary) == 104, "cxm_csat_summary grew");

/* The scales in use and their first satisfied point. */
static const struct { int32_t lo, hi, satisfied_from; } scales[] = {
    {1, 2, 2}, {1, 3, 3}, {1, 4, 3}, {1, 5, 4}, {1, 6, 5}, {1, 7, 6}, {1, 10, 8},
};

cxm_status cxm_csat_define(int32_t lo, int32_t hi, cxm_scale_spec *spec, cxm_scale_ask *ask)
{
    if (!spec || !ask) return CXM_E_ARG;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; ++i) {
        if (scales[i].lo != lo || scales[i].hi != hi) continue;
        cxm_scale_define(lo, hi, CXM_HIGHER_IS_BETTER, spec);
        *ask = (cxm_scale_ask){.size = sizeof *ask, .value = CXM_VALUE_TOP};
        return cxm_scale_set_top(spec, scales[i].satisfied_from, hi);
    }
    return CXM_E_SCALE;
}

static cxm_status check(const cxm_csat_summary *out)
{
    return !out ? CXM_E_ARG : out->size < sizeof *out ? CXM_E_ABI : CXM_OK;
}

static void copy_summary(const cxm_scale_summary *from, cxm_csat_summary *out)
{
    uint32_t size = out->size;
    *out = (cxm_csat_summary){.size = size, .n = from->n, .satisfied = from->top, .missing = from->missing,
                              .out_of_range = from->out_of_range, .share = from->value, .share_se = from->se,
                              .level = from->level, .low = from->low, .high = from->high, .mean = from->mean,
                              .net = from->net, .rescaled = from->rescaled};
}

cxm_status cxm_csat_of_column(const cxm_column *answers, int32_t lo, int32_t hi, double level,
                              cxm_csat_summary *out)
{
    cxm_scale_spec spec;
    cxm_scale_ask ask;
    cxm_scale scale;
    cxm_scale_summary sum = {.size = sizeof sum};
    cxm_status status = check(out);
    if (status == CXM_OK) status = cxm_csat_define(lo, hi, &spec, &ask);
    if (status != CXM_OK) return status;
    ask.level = level;
    cxm_scale_init(&scale, &spec);
    status = cxm_scale_add_many(&scale, answers);
    if (status == CXM_OK) status = cxm_scale_summarize(&scale, &ask, &sum);
    if (status == CXM_OK || status == CXM_E_EMPTY) copy_summary(&sum, out);
    return status;
}

cxm_status cxm_csat_of_counts(uint64_t satisfied, uint64_t n, double level, cxm_csat_summary *out)
{
    cxm_interval limits = {.size = sizeof limits};
    cxm_status status = check(out);
    if (status != CXM_OK) return status;
    status = cxm_share_interval(satisfied, n, CXM_INTERVAL_WILSON, level == 0.0 ? 0.95 : level, &limits);
    if (status != CXM_OK) return status;
    uint32_t size = out->size;
    *out = (cxm_csat_summary){.size = size, .n = n, .satisfied = satisfied,
                              .share = (double)satisfied / (double)n, .share_se = limits.se,
                              .level = limits.level, .low = limits.low, .high = limits.high,
                              .mean = (double)NAN, .net = (double)NAN, .rescaled = (double)NAN};
    return CXM_OK;
}
