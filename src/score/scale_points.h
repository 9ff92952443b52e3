/* SPDX-License-Identifier: MIT */
/* scale_points.h - what the files of the scale share, and those of weighted answers with them. */
#ifndef CXM_SCORE_SCALE_POINTS_H
#define CXM_SCORE_SCALE_POINTS_H
#include <cxm/scale.h>
#include <stdbool.h>
#include "base/writer.h"

/* Whether the spec keeps every promise of scale.h. */
bool scale_spec_ok(const cxm_scale_spec *spec);

/* The question with its defaults filled in, `ask` NULL for the mean; CXM_E_ABI or CXM_E_ARG when it is none. */
cxm_status scale_ask_complete(const cxm_scale_ask *ask, cxm_scale_ask *out);

/* Parts of a definition: what is divided by what, and "; wilson interval at level 0.95". */
void scale_write_value(writer *w, const cxm_scale_spec *spec, int32_t value, double net_unit);
void scale_write_interval(writer *w, int32_t method, double level);

/* Points of a valid spec. */
static inline size_t scale_points(const cxm_scale_spec *spec)
{
    return (size_t)(spec->hi - spec->lo) + 1;
}

#endif
