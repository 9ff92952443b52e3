/* SPDX-License-Identifier: MIT */
/** @file cxm/paired.h
 *  @brief The same people asked twice: who moved from which answer to which, and the change of the score.
 *
 *      cxm_paired_create(&options, NULL, &paired);
 *      for each answer                  cxm_paired_add(paired, CXM_WAVE_BEFORE or _AFTER, key, answer, at_us);
 *      cxm_paired_summarize(...)        people in both waves, their transitions between bands, who came and went
 *      cxm_paired_compare(...)          after less before with limits and p, from the changes of each person
 *      while (cxm_paired_next(...))     one person after the other, by the bytes of their keys
 *
 *  Whoever answered in one wave only is counted and says nothing of a change. Of several answers of one person in
 *  one wave the latest counts, of two at the same instant the larger, and the others are counted as repeats: a maximum
 *  in a total order, so answers come in any order, and parts merge exactly however the keys are spread over them.
 *  Bands are those of the scale: bottom, middle and top boxes (of NPS detractors, passives, promoters).
 *  Memory stays within max_bytes.
 *  Threads  One object by one thread; objects share nothing.                         */
#ifndef CXM_PAIRED_H
#define CXM_PAIRED_H
#include <cxm/alloc.h>
#include <cxm/compare.h>
#include <cxm/record.h>
#include <cxm/scale.h>
CXM_BEGIN_C

/** The two waves. */
enum cxm_wave { CXM_WAVE_BEFORE = 0, CXM_WAVE_AFTER = 1 };

/** What to keep. Set `size`. */
typedef struct cxm_paired_options {
    uint32_t size;                  /**< sizeof(cxm_paired_options) */
    uint32_t reserved;              /**< zero */
    const cxm_scale_spec *scale;    /**< the scale of the answers; copied */
    uint64_t max_bytes;             /**< bound of all memory; 0: 256 MiB */
    uint64_t hash_seed;             /**< a number hostile input cannot know; results do not depend on it */
} cxm_paired_options;

/** All people together. 160 bytes; set `size`. */
typedef struct cxm_paired_summary {
    uint32_t size;                  /**< in:  bytes the caller has room for */
    uint32_t reserved;              /**< out: zero */
    uint64_t pairs;                 /**< out: people who answered in both waves */
    uint64_t only_before, only_after;   /**< out: people who answered in one */
    uint64_t repeats;               /**< out: answers that gave way to another of the same person and wave */
    uint64_t unkeyed;               /**< out: answers of nobody known */
    uint64_t transitions[9];        /**< out: pairs by band, 3 x before + after, each 0 bottom, 1 middle, 2 top */
    uint64_t raised, lowered;       /**< out: pairs whose answer rose, and fell, towards the scale's good end */
    double mean_before, mean_after; /**< out: mean answers of the pairs; 0 where there are none */
    double sd_change;               /**< out: sample sd of after - before; 0 with fewer than two pairs */
} cxm_paired_summary;

/** One person of both waves. 40 bytes where pointers have eight; set `size`. */
typedef struct cxm_person {
    uint32_t size;                  /**< in:  sizeof(cxm_person) */
    int32_t before, after;          /**< out: the answers */
    int32_t band_before, band_after;    /**< out: 0 bottom, 1 middle, 2 top */
    int32_t reserved;               /**< out: zero */
    cxm_view key;                   /**< out: lives as long as the object */
} cxm_person;

typedef struct cxm_paired cxm_paired;

/** Make one; `alloc` may be NULL.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_LIMIT max_bytes is below 64 KiB | CXM_E_ABI | CXM_E_ARG also for no scale */
CXM_API cxm_status cxm_paired_create(const cxm_paired_options *options, const cxm_alloc *alloc, cxm_paired **out);

/** Take it back; NULL is fine. */
CXM_API void cxm_paired_free(cxm_paired *paired);

/** Count an `answer` of `key` in a wave, given at the instant `at_us` (any constant where none is known). An empty
 *  key is nobody's: counted as unkeyed.
 *  @return CXM_OK | CXM_E_DOMAIN outside the scale, nothing counted | CXM_E_LIMIT no further key fits, nothing counted |
 *          CXM_E_MEMORY | CXM_E_ARG NULL or no such wave */
CXM_API cxm_status cxm_paired_add(cxm_paired *paired, int32_t wave, cxm_view key, int32_t answer, int64_t at_us);

/** Add all that `from` holds to `into`: parts of the input, merged in any order, hold what one pass over it holds. Where
 *  it does not end well `into` may hold a part of `from`, and merging again completes nothing twice but its repeats.
 *  @return CXM_OK | CXM_E_MISMATCH another scale | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_OVERFLOW | CXM_E_ARG NULL or the
 *          same object */
CXM_API cxm_status cxm_paired_merge(cxm_paired *into, const cxm_paired *from);

/** Everything counted so far.
 *  @return CXM_OK, also for nobody | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_paired_summarize(const cxm_paired *paired, cxm_paired_summary *out);

/** The change of the value asked (after less before, in its own unit, of the pairs alone), `ask` as for
 *  cxm_scale_summarize: a net and a share of top boxes by their changes of band, a mean by its changes of answer.
 *  `method` is paired-t, for a net and a share also paired-score; DEFAULT is paired-t.
 *  @return CXM_OK | CXM_E_EMPTY no pair | CXM_E_UNDEFINED paired-t of one pair, or of changes all alike | CXM_E_METHOD |
 *          CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_paired_compare(const cxm_paired *paired, const cxm_scale_ask *ask, int32_t method, cxm_difference *out);

/** The next person of both waves by the bytes of the keys; answers added meanwhile begin the walk anew.
 *  @return CXM_OK | CXM_END, and the next call begins again | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_paired_next(cxm_paired *paired, cxm_person *out);

CXM_END_C
#endif
