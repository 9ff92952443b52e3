/* SPDX-License-Identifier: MIT */
/* scale_points.h - what the three files of the scale share. */
#ifndef CXM_SCORE_SCALE_POINTS_H
#define CXM_SCORE_SCALE_POINTS_H
#include <cxm/scale.h>
#include <stdbool.h>

/* Whether the spec keeps every promise of scale.h. */
bool scale_spec_ok(const cxm_scale_spec *spec);

/* The question with its defaults filled in, `ask` NULL for the mean; CXM_E_ABI or CXM_E_ARG when it is none. */
cxm_status scale_ask_complete(const cxm_scale_ask *ask, cxm_scale_ask *out);

/* Points of a valid spec. */
static inline size_t scale_points(const cxm_scale_spec *spec)
{
    return (size_t)(spec->hi - spec->lo) + 1;
}

#endif
