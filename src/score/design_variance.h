/* SPDX-License-Identifier: MIT */
/* design_variance.h - the linearised variance of an estimate over the leaves of a design. */
#ifndef CXM_SCORE_DESIGN_VARIANCE_H
#define CXM_SCORE_DESIGN_VARIANCE_H
#include <math.h>
#include "score/design_state.h"

/* A sum that keeps what rounding drops (A. Neumaier, ZAMM 54, 1974). */
typedef struct tally { double sum, low; } tally;

static inline void tally_add(tally *t, double value)
{
    double sum = t->sum + value;
    t->low += fabs(t->sum) >= fabs(value) ? (t->sum - sum) + value : (value - sum) + t->sum;
    t->sum = sum;
}

static inline double tally_value(tally t)
{
    return t.sum + t.low;
}

/* 1 for a point in the top boxes, -1 in the bottom boxes, else 0; points count from lo. */
static inline int design_band(const cxm_scale_spec *spec, size_t point)
{
    int32_t answer = spec->lo + (int32_t)point, up = spec->direction == CXM_HIGHER_IS_BETTER ? 1 : -1;
    return answer <= spec->low_to ? -up : answer >= spec->high_from ? up : 0;
}

static inline double design_worth(const cxm_scale_spec *spec, int32_t value, size_t point)
{
    if (value == CXM_VALUE_MEAN) return (double)point;
    int band = design_band(spec, point);
    return value == CXM_VALUE_NET ? band : band > 0;
}

/* Domain 0 is all. */
static inline bool in_domain(const design_leaf *leaf, uint32_t domain)
{
    return domain == 0 || leaf->domain == domain;
}

/* (x - mean) scale in a domain. */
typedef struct influence { uint32_t domain; double mean, scale; } influence;

enum { INFLUENCES = 2 };

/* What a variance is asked of: an estimate, or the difference of two. */
typedef struct walk {
    const cxm_design *design;
    const cxm_weighted_ask *ask;
    influence on[INFLUENCES];
    size_t influences;
    bool answers_alone;         /* df counts clusters with answers, not with any row of the domain */
    double *coefficients;       /* by target; NULL without calibration */
} walk;

/* What all strata come to; rows, units and strata are those that count for df. NaN: a lonely stratum. */
typedef struct spread { double variance; uint64_t rows, units, strata, lonely, groups; } spread;

/* The variance of what `w` is about. CXM_E_DOMAIN for a population smaller than its sample, CXM_E_MEMORY. */
cxm_status design_variance(walk *w, spread *out);

/* Rows of the whole design. */
uint64_t design_rows(const walk *w);

#endif
