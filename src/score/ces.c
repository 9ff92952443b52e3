/* SPDX-License-Identifier: MIT */
/* ces.c - Customer Effort Score as a question to a scale: the mean answer, limits by Student's t. */
#include "base/port.h"
#include <cxm/ces.h>
#include <string.h>

_Static_assert(sizeof(cxm_ces_summary) == 112, "cxm_ces_summary grew");

/* The scales in use and how many points count as easy, and as difficult. */
static const struct { int32_t lo, hi, easy_points; } scales[] = {{1, 7, 3}, {1, 5, 2}};

static cxm_status set_easy(cxm_scale_spec *spec, int32_t points)
{
    return spec->direction == CXM_HIGHER_IS_BETTER
               ? cxm_scale_set_top(spec, spec->hi - points + 1, spec->hi)
               : cxm_scale_set_top(spec, spec->lo, spec->lo + points - 1);
}

cxm_status cxm_ces_define(int32_t lo, int32_t hi, int32_t direction, cxm_scale_spec *spec,
                          cxm_scale_ask *ask)
{
    if (!spec || !ask || (direction != CXM_HIGHER_IS_BETTER && direction != CXM_LOWER_IS_BETTER))
        return CXM_E_ARG;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; ++i) {
        if (scales[i].lo != lo || scales[i].hi != hi) continue;
        cxm_scale_define(lo, hi, direction, spec);
        *ask = (cxm_scale_ask){.size = sizeof *ask, .value = CXM_VALUE_MEAN};
        return set_easy(spec, scales[i].easy_points);
    }
    return CXM_E_SCALE;
}

static void copy_summary(const cxm_scale_summary *from, cxm_ces_summary *out)
{
    uint32_t size = out->size;
    *out = (cxm_ces_summary){.size = size, .interval_status = from->interval_status, .n = from->n,
                             .easy = from->top, .difficult = from->bottom, .missing = from->missing,
                             .out_of_range = from->out_of_range, .mean = from->mean, .mean_se = from->se,
                             .level = from->level, .low = from->low, .high = from->high,
                             .easy_share = from->top_share, .net = from->net, .rescaled = from->rescaled};
}

static cxm_status summarize(const cxm_scale *scale, cxm_scale_ask ask, double level, cxm_ces_summary *out)
{
    cxm_scale_summary sum = {.size = sizeof sum};
    ask.level = level;
    cxm_status status = cxm_scale_summarize(scale, &ask, &sum);
    if (status == CXM_OK || status == CXM_E_EMPTY) copy_summary(&sum, out);
    return status;
}

static cxm_status start(const cxm_ces_summary *out, int32_t lo, int32_t hi, int32_t direction,
                        cxm_scale *scale, cxm_scale_ask *ask)
{
    cxm_scale_spec spec;
    if (!out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_status status = cxm_ces_define(lo, hi, direction, &spec, ask);
    return status == CXM_OK ? cxm_scale_init(scale, &spec) : status;
}

cxm_status cxm_ces_of_column(const cxm_column *answers, int32_t lo, int32_t hi, int32_t direction,
                             double level, cxm_ces_summary *out)
{
    cxm_scale scale;
    cxm_scale_ask ask;
    cxm_status status = start(out, lo, hi, direction, &scale, &ask);
    if (status == CXM_OK) status = cxm_scale_add_many(&scale, answers);
    return status == CXM_OK ? summarize(&scale, ask, level, out) : status;
}

cxm_status cxm_ces_of_counts(const uint64_t *counts, int32_t lo, int32_t hi, int32_t direction,
                             double level, cxm_ces_summary *out)
{
    cxm_scale scale;
    cxm_scale_ask ask;
    cxm_status status = start(out, lo, hi, direction, &scale, &ask);
    if (status != CXM_OK) return status;
    if (!counts) return CXM_E_ARG;
    memcpy(scale.counts, counts, sizeof *counts * (size_t)(hi - lo + 1));
    return summarize(&scale, ask, level, out);
}
