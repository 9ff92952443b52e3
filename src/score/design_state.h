/* SPDX-License-Identifier: MIT */
/* design_state.h - the leaves behind cxm_design, for the files of the design and for cxm_weighted_summarize.
 *
 * Closed leaves ascend by stratum, cluster, levels and domain, without repeats. */
#ifndef CXM_SCORE_DESIGN_STATE_H
#define CXM_SCORE_DESIGN_STATE_H
#include <cxm/design.h>
#include <stdbool.h>
#include "score/weighted_state.h"

typedef struct design_leaf {
    cxm_design_text stratum, cluster;
    uint32_t domain;
    size_t bytes;                   /* of this block: the struct, levels, targets, texts */
    const cxm_weighted *state;
    cxm_weighted *own;              /* the same, where it is the design's */
    cxm_design_text *levels;               /* [margins] */
    uint32_t *targets;              /* [margins]: what calibration found the levels to be */
} design_leaf;

/* A text and what was said of it: the population of a stratum, or the total of a level of a margin. */
typedef struct design_entry {
    uint32_t margin;
    int32_t kind;
    cxm_design_text text;
    double size;
    double factor;                  /* of a level, once calibrated */
} design_entry;

typedef struct design_entries { design_entry *at; size_t count, capacity; } design_entries;

struct cxm_design {
    cxm_alloc hook, bounded;        /* bounded: counts against max_bytes; its context is the design */
    uint64_t max_bytes, used;
    bool refused;                   /* the bound, and not the allocator, said no */
    cxm_scale_spec spec;
    uint32_t margins;
    bool clustered, closed, calibrated;
    design_leaf **leaves;
    size_t count, capacity;
    design_entries populations, targets;    /* ascending by margin, then text */
};

/* Below, at or above 0 as a stands before, at or behind b. */
int design_compare_views(cxm_design_text a, cxm_design_text b);

/* Where the entry stands; `count` when there is none. */
size_t design_find(const design_entries *entries, uint32_t margin, cxm_design_text text);

/* Factor of a leaf's weights; 1 unless calibrated. */
double design_factor_of(const cxm_design *design, const design_leaf *leaf);

/* The question with its defaults filled in; CXM_E_ABI or CXM_E_ARG. */
cxm_status design_ask_complete(const cxm_weighted_ask *ask, cxm_weighted_ask *out);

/* A summary of closed leaves, as cxm_design_summarize. */
cxm_status design_summarize(const cxm_design *design, const cxm_weighted_ask *ask, cxm_weighted_summary *out);

#endif
