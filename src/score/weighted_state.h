/* SPDX-License-Identifier: MIT */
/* weighted_state.h - the sums behind cxm_weighted, for the files of weights and designs.
 *
 * A slot is a point of the scale, and one more is the last: rows without an answer, the blank ones. Rows of weight 0
 * are in no slot: `zero` counts those with an answer, `zero_blank` the others, which are among missing, unparsed and
 * out of range too. Invariants: a slot without rows has sums of 0, one with rows sums above 0; zero_blank is at most
 * missing + unparsed + out of range; all rows together are `records`, below 2^64.
 *
 * Only slots that have met a row take memory: one block holds their rows, their sums of w, their sums of w^2, and for
 * every slot its place among them. All sums of w lie in one window of exponents, all of w^2 in another
 * (base/sum_window.h). With 2^-200 <= w <= 2^200 a sum of w is a multiple of 2^-252 below 2^264, one of w^2 a multiple
 * of 2^-452 below 2^464: so many limbs. */
#ifndef CXM_SCORE_WEIGHTED_STATE_H
#define CXM_SCORE_WEIGHTED_STATE_H
#include <cxm/weighted.h>
#include <stdbool.h>
#include "base/sum_window.h"
#include "score/scale_points.h"

enum { WEIGHT_LIMB = (1074 - 252) / 32, WEIGHT_LIMBS = (1074 + 264) / 32 + 1 - WEIGHT_LIMB,
       SQUARE_LIMB = (1074 - 452) / 32, SQUARE_LIMBS = (1074 + 464) / 32 + 1 - SQUARE_LIMB };

/* rows[room], limbs of w [room][weight.width], of w^2 [room][square.width], places[slots]: 1 is the first, 0 none. */
typedef struct weighted_sums {
    sum_window weight, square;
    uint32_t used, room;
    uint64_t *block;        /* NULL as long as there was no row */
} weighted_sums;

struct cxm_weighted {
    cxm_scale_spec spec;
    cxm_alloc hook;
    uint64_t records, missing, unparsed, out_of_range, zero, zero_blank, refused;
    weighted_sums sums;     /* rows of positive weight */
};

/* Slots of a valid spec. */
static inline size_t weighted_slots(const cxm_scale_spec *spec)
{
    return scale_points(spec) + 1;
}

static inline uint32_t *weighted_limbs(const weighted_sums *s)
{
    return (uint32_t *)(s->block + s->room);
}

static inline uint8_t *weighted_places(const weighted_sums *s)
{
    return (uint8_t *)(weighted_limbs(s) + s->room * ((size_t)s->weight.width + s->square.width));
}

/* The place of a slot from 0 on, that it has. */
static inline size_t weighted_place(const weighted_sums *s, size_t slot)
{
    return weighted_places(s)[slot] - (size_t)1;
}

/* Whether a slot has a place. */
static inline bool weighted_met(const weighted_sums *s, size_t slot)
{
    return s->block && weighted_places(s)[slot] > 0;
}

/* The two sums of a slot that has a place. */
static inline uint32_t *weighted_weight(const weighted_sums *s, size_t slot)
{
    return weighted_limbs(s) + weighted_place(s, slot) * s->weight.width;
}

static inline uint32_t *weighted_square(const weighted_sums *s, size_t slot)
{
    return weighted_limbs(s) + s->room * (size_t)s->weight.width + weighted_place(s, slot) * s->square.width;
}

/* Answers on the scale, of any weight. */
static inline uint64_t weighted_answers(const cxm_weighted *w)
{
    return w->records - w->missing - w->unparsed - w->out_of_range - w->refused;
}

/* Rows of positive weight in a slot. */
static inline uint64_t weighted_rows(const cxm_weighted *w, size_t slot)
{
    return weighted_met(&w->sums, slot) ? w->sums.block[weighted_place(&w->sums, slot)] : 0;
}

/* What a slot holds, each sum rounded once. */
typedef struct weighted_slot { double n, sum, squares; } weighted_slot;
weighted_slot weighted_read(const cxm_weighted *w, size_t slot);

/* Bytes of a block. */
size_t weighted_block_bytes(const cxm_scale_spec *spec, size_t room, sum_window weight, sum_window square);

/* Moves all sums to a block of more room or wider windows; CXM_E_MEMORY, unchanged. */
cxm_status weighted_reshape(cxm_weighted *w, size_t room, sum_window weight, sum_window square);

/* Gives a slot a place, where it has none and there is room. */
void weighted_meet(weighted_sums *s, size_t slot);

#endif
