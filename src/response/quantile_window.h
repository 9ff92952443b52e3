/* SPDX-License-Identifier: MIT */
/* quantile_window.h - counts by bin: a few bins as they came, or a window from the least to the greatest with counters of
 * one width. Bins are numbered from 0; `bins`, how many there are, is the caller's to set before all else. */
#ifndef CXM_RESPONSE_QUANTILE_WINDOW_H
#define CXM_RESPONSE_QUANTILE_WINDOW_H
#include <stdbool.h>
#include <stdint.h>
#include "base/alloc.h"

enum { WINDOW_FEW = 12, WINDOW_ALIGN = 8, WINDOW_BINS_MAX = 52 << 9 };

/* `width` 0: `count` bins lie in few, in no order; else bytes of a counter, `count` counters for bins from `first` on. `taken`
 * is for the caller: whether some were taken out again. There are no counters past the last of the bins. */
typedef struct quantile_window {
    union { void *at; uint16_t few[WINDOW_FEW]; } is;
    uint16_t first, count;
    uint8_t width, taken;
    uint16_t bins;
} quantile_window;

static inline size_t window_bytes(const quantile_window *w)
{
    return (size_t)w->width * w->count;
}

void window_free(quantile_window *w, const cxm_alloc *hook);

/* Counts a bin, which may be none, once more where that needs no care: it has a counter of at most 32 bits, which is not full.
 * Else false, and window_uncount is to follow: a full counter became 0, as it is looked at when it was counted, read and
 * written at once. */
static inline bool window_count(quantile_window *w, uint32_t bin)
{
    uint32_t slot = bin - w->first;
    if (slot >= w->count) return false;
    if (PORT_OFTEN(w->width == 2)) return ++((uint16_t *)w->is.at)[slot] != 0;
    if (w->width == 4) return ++((uint32_t *)w->is.at)[slot] != 0;
    return w->width == 1 && ++((uint8_t *)w->is.at)[slot] != 0;
}

/* As if window_count had not been called when it said false. */
void window_uncount(quantile_window *w, uint32_t bin);

/* Counts a bin once more; CXM_E_OVERFLOW, CXM_E_MEMORY: unchanged. */
cxm_status window_add(quantile_window *w, uint32_t bin, const cxm_alloc *hook);

/* Takes a bin back once; false when it is not there. */
bool window_remove(quantile_window *w, uint32_t bin);

/* Adds all of `from`, which may be `into`; CXM_E_OVERFLOW past 2^64 - 1 in a bin, CXM_E_MEMORY; unchanged on both. */
cxm_status window_merge(quantile_window *into, const quantile_window *from, const cxm_alloc *hook);

/* Takes all of `from` away; false, and unchanged, when it is not there. */
bool window_subtract(quantile_window *into, const quantile_window *from);

/* The next bin from `bin` on that is not empty; false when there is none. */
bool window_next(const quantile_window *w, uint32_t bin, uint32_t *at, uint64_t *count);

/* The greatest bin that is not empty; false when all are. */
bool window_last(const quantile_window *w, uint32_t *bin);

/* The bin of the value of that rank, from 1, which becomes its rank among the `count` of the bin; when there are fewer values,
 * false, and what is left of the rank. */
bool window_rank(const quantile_window *w, uint64_t *rank, uint32_t *bin, uint64_t *count);

/* All counts; false past 2^64 - 1. */
bool window_total(const quantile_window *w, uint64_t *out);

/* Bytes of counters for first..last of so many bins that hold `most`. */
size_t window_room(uint32_t bins, uint32_t first, uint32_t last, uint64_t most);

/* Room for bins first..last with counters that hold `most`, all zero. */
bool window_make(quantile_window *w, uint32_t first, uint32_t last, uint64_t most, const cxm_alloc *hook);
void window_set(quantile_window *w, uint32_t bin, uint64_t count);

#endif
