/* SPDX-License-Identifier: MIT */
/* weighted_state.h - the sums behind cxm_weighted, for the files of weights and designs.
 *
 * A slot is a point of the scale, and one more is the last: rows without an answer, the blank ones. Rows of weight 0
 * are in no slot: `zero` counts those with an answer, `zero_blank` the others, which are among missing, unparsed and
 * out of range too. Invariants: a slot without rows has sums of 0, one with rows sums above 0; zero_blank is at most
 * missing + unparsed + out of range; all rows together are `records`, below 2^64.
 *
 * All sums of w lie in one window of exponents, all of w^2 in another (base/sum_window.h). With 2^-200 <= w <= 2^200
 * a sum of w is a multiple of 2^-252 below 2^264, one of w^2 a multiple of 2^-452 below 2^464: so many limbs. */
#ifndef CXM_SCORE_WEIGHTED_STATE_H
#define CXM_SCORE_WEIGHTED_STATE_H
#include <cxm/weighted.h>
#include <stdbool.h>
#include "base/sum_window.h"
#include "score/scale_points.h"

enum { WEIGHT_LIMB = (1074 - 252) / 32, WEIGHT_LIMBS = (1074 + 264) / 32 + 1 - WEIGHT_LIMB,
       SQUARE_LIMB = (1074 - 452) / 32, SQUARE_LIMBS = (1074 + 464) / 32 + 1 - SQUARE_LIMB };

struct cxm_weighted {
    cxm_scale_spec spec;
    cxm_alloc hook;
    uint64_t records, missing, unparsed, out_of_range, zero, zero_blank, refused;
    sum_window weight, square;
    uint32_t *limbs;        /* sums of w by slot, then of w^2 by slot; NULL as long as the windows are empty */
    uint64_t counts[];      /* [points]: rows of positive weight */
};

/* Slots of a valid spec. */
static inline size_t weighted_slots(const cxm_scale_spec *spec)
{
    return scale_points(spec) + 1;
}

static inline uint32_t *weighted_weight(const cxm_weighted *w, size_t slot)
{
    return w->limbs ? w->limbs + slot * w->weight.width : NULL;
}

static inline uint32_t *weighted_square(const cxm_weighted *w, size_t slot)
{
    return w->limbs ? w->limbs + weighted_slots(&w->spec) * w->weight.width + slot * w->square.width : NULL;
}

/* Rows of positive weight without an answer. */
static inline uint64_t weighted_blank(const cxm_weighted *w)
{
    return w->missing + w->unparsed + w->out_of_range - w->zero_blank;
}

/* Answers on the scale, of any weight. */
static inline uint64_t weighted_answers(const cxm_weighted *w)
{
    return w->records - w->missing - w->unparsed - w->out_of_range - w->refused;
}

/* Rows of positive weight in a slot. */
static inline uint64_t weighted_rows(const cxm_weighted *w, size_t slot)
{
    return slot < scale_points(&w->spec) ? w->counts[slot] : weighted_blank(w);
}

/* What a slot holds, each sum rounded once. */
typedef struct weighted_slot { double n, sum, squares; } weighted_slot;
weighted_slot weighted_read(const cxm_weighted *w, size_t slot);

/* Bytes of the limbs in these windows. */
size_t weighted_limb_bytes(const cxm_scale_spec *spec, sum_window weight, sum_window square);

/* Moves all sums into windows that hold them; CXM_E_MEMORY, unchanged. */
cxm_status weighted_widen(cxm_weighted *w, sum_window weight, sum_window square);

#endif
