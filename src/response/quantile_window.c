/* SPDX-License-Identifier: MIT */
/* quantile_window.c - see quantile_window.h.
 *
 * All counters of a window have one width: the least that holds what its greatest counter has held. So a merge is one loop
 * over bins for each pair of widths. It adds first and looks for a carry out of any counter as it goes; the
 * few times that there was one it takes everything back, widens and adds again. Carry of a + b = s at the top
 * bit: (a & b) | ((a | b) & ~s).                                                       */
#include "base/port.h"
#include "response/quantile_window.h"
#include <string.h>
#include "base/checked.h"

static void *counters(const quantile_window *w)
{
    return w->is.at;
}

/* --- one counter --- */

static uint64_t get(const quantile_window *w, uint32_t slot)
{
    switch (w->width) {
    case 1: return ((const uint8_t *)counters(w))[slot];
    case 2: return ((const uint16_t *)counters(w))[slot];
    case 4: return ((const uint32_t *)counters(w))[slot];
    default: return ((const uint64_t *)counters(w))[slot];
    }
}

static void set(quantile_window *w, uint32_t slot, uint64_t count)
{
    switch (w->width) {
    case 1: ((uint8_t *)counters(w))[slot] = (uint8_t)count; break;
    case 2: ((uint16_t *)counters(w))[slot] = (uint16_t)count; break;
    case 4: ((uint32_t *)counters(w))[slot] = (uint32_t)count; break;
    default: ((uint64_t *)counters(w))[slot] = count; break;
    }
}

void window_set(quantile_window *w, uint32_t bin, uint64_t count)
{
    set(w, bin - w->first, count);
}

static uint8_t width_of(uint64_t most)
{
    return most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : most <= UINT32_MAX ? 4 : 8;
}

/* --- room --- */

void window_free(quantile_window *w, const cxm_alloc *hook)
{
    if (w->width) alloc_free(hook, w->is.at, window_bytes(w));
    *w = (quantile_window){.bins = w->bins};
}

/* Ends of whole groups of bins, and of all bins. */
static uint32_t group_from(uint32_t first)
{
    return first / WINDOW_ALIGN * WINDOW_ALIGN;
}

static uint32_t group_end(uint32_t bins, uint32_t last)
{
    uint32_t end = (last / WINDOW_ALIGN + 1) * WINDOW_ALIGN;
    return end < bins ? end : bins;
}

size_t window_room(uint32_t bins, uint32_t first, uint32_t last, uint64_t most)
{
    return (size_t)(group_end(bins, last) - group_from(first)) * width_of(most);
}

bool window_make(quantile_window *w, uint32_t first, uint32_t last, uint64_t most, const cxm_alloc *hook)
{
    uint32_t from = group_from(first), count = group_end(w->bins, last) - from;
    quantile_window made = {.first = (uint16_t)from, .count = (uint16_t)count, .width = width_of(most), .bins = w->bins};
    made.is.at = alloc_zeroed(hook, count, made.width);
    if (made.is.at) *w = made;
    return made.is.at != NULL;
}

/* Counters of `w`, of its width, into those of `to`, which is as wide or wider and reaches over it. */
static void copy(quantile_window *to, const quantile_window *w)
{
    uint32_t shift = (uint32_t)w->first - to->first;
    if (to->width == w->width)
        memcpy((unsigned char *)counters(to) + (size_t)shift * to->width, counters(w), window_bytes(w));
    else for (uint32_t i = 0; i < w->count; ++i) set(to, i + shift, get(w, i));
}

static uint64_t greatest_of(uint8_t width)
{
    return UINT64_MAX >> (64 - 8 * width);
}

/* All of `w` into the zeros of `to`, which reaches over it. */
static void move(quantile_window *to, quantile_window *w, const cxm_alloc *hook)
{
    if (w->width) copy(to, w);
    else for (uint32_t i = 0; i < w->count; ++i) set(to, w->is.few[i] - to->first, get(to, w->is.few[i] - to->first) + 1);
    if (w->width) alloc_free(hook, w->is.at, window_bytes(w));
    to->taken = w->taken;
    *w = *to;
}

/* A window is there that reaches over first..last, with counters that hold `most`; false without memory, unchanged. */
static bool fit(quantile_window *w, uint32_t first, uint32_t last, uint64_t most, const cxm_alloc *hook)
{
    quantile_window to = {.bins = w->bins};
    uint32_t end = (uint32_t)w->first + w->count;
    if (w->width && w->width >= width_of(most) && first >= w->first && last < end) return true;
    for (uint32_t i = 0; !w->width && i < w->count; ++i) {
        if (w->is.few[i] < first) first = w->is.few[i];
        if (w->is.few[i] > last) last = w->is.few[i];
    }
    if (w->width && w->first < first) first = w->first;
    if (w->width && end - 1 > last) last = end - 1;
    if (w->width && greatest_of(w->width) > most) most = greatest_of(w->width);
    if (!window_make(&to, first, last, most, hook)) return false;
    move(&to, w, hook);
    return true;
}

/* --- one value --- */

PORT_COLD void window_uncount(quantile_window *w, uint32_t bin)
{
    uint32_t slot = bin - w->first;
    if (slot < w->count && w->width && w->width < 8) set(w, slot, greatest_of(w->width));
}

cxm_status window_add(quantile_window *w, uint32_t bin, const cxm_alloc *hook)
{
    bool inside = w->width && bin >= w->first && bin - w->first < w->count;
    uint64_t now = inside ? get(w, bin - w->first) : 0;
    if (window_count(w, bin)) return CXM_OK;
    window_uncount(w, bin);
    if (w->width == 0 && w->count < WINDOW_FEW) {
        w->is.few[w->count++] = (uint16_t)bin;
        return CXM_OK;
    }
    if (now == UINT64_MAX) return CXM_E_OVERFLOW;
    if (!fit(w, bin, bin, now + 1, hook)) return CXM_E_MEMORY;
    set(w, bin - w->first, get(w, bin - w->first) + 1);
    return CXM_OK;
}

bool window_remove(quantile_window *w, uint32_t bin)
{
    uint32_t slot = bin - w->first;
    if (w->width) {
        if (bin < w->first || slot >= w->count || get(w, slot) == 0) return false;
        set(w, slot, get(w, slot) - 1);
        return true;
    }
    for (uint32_t i = 0; i < w->count; ++i)
        if (w->is.few[i] == bin) {
            w->is.few[i] = w->is.few[--w->count];
            return true;
        }
    return false;
}

/* --- all values of another --- */

/* to[i] += from[i] as whole numbers of TO's width; whether none carried. */
#define ADD_LOOP(name, TO, FROM) \
static bool name(TO *to, const FROM *from, uint32_t count) \
{ \
    TO carry = 0; \
    for (uint32_t i = 0; i < count; ++i) { \
        TO a = to[i], b = from[i], s = (TO)(a + b); \
        carry = (TO)(carry | ((a & b) | ((a | b) & (TO)~s))); \
        to[i] = s; \
    } \
    return carry >> (8 * sizeof(TO) - 1) == 0; \
}
/* to[i] -= from[i]; whether none borrowed. */
#define TAKE_LOOP(name, TO, FROM) \
static bool name(TO *to, const FROM *from, uint32_t count) \
{ \
    TO borrow = 0; \
    for (uint32_t i = 0; i < count; ++i) { \
        TO a = to[i], b = from[i], d = (TO)(a - b); \
        borrow = (TO)(borrow | (((TO)~a & b) | (((TO)~a | b) & d))); \
        to[i] = d; \
    } \
    return borrow >> (8 * sizeof(TO) - 1) == 0; \
}
#define EACH_PAIR(LOOP, what) \
    LOOP(what##_8_8, uint8_t, uint8_t) LOOP(what##_16_8, uint16_t, uint8_t) LOOP(what##_16_16, uint16_t, uint16_t) \
    LOOP(what##_32_8, uint32_t, uint8_t) LOOP(what##_32_16, uint32_t, uint16_t) LOOP(what##_32_32, uint32_t, uint32_t) \
    LOOP(what##_64_8, uint64_t, uint8_t) LOOP(what##_64_16, uint64_t, uint16_t) LOOP(what##_64_32, uint64_t, uint32_t) \
    LOOP(what##_64_64, uint64_t, uint64_t)
EACH_PAIR(ADD_LOOP, add)
EACH_PAIR(TAKE_LOOP, take)

#define BY_PAIR(what) \
    switch (16 * to->width + from->width) { \
    case 0x11: return what##_8_8((uint8_t *)at, (const uint8_t *)by, n); \
    case 0x21: return what##_16_8((uint16_t *)at, (const uint8_t *)by, n); \
    case 0x22: return what##_16_16((uint16_t *)at, (const uint16_t *)by, n); \
    case 0x41: return what##_32_8((uint32_t *)at, (const uint8_t *)by, n); \
    case 0x42: return what##_32_16((uint32_t *)at, (const uint16_t *)by, n); \
    case 0x44: return what##_32_32((uint32_t *)at, (const uint32_t *)by, n); \
    case 0x81: return what##_64_8((uint64_t *)at, (const uint8_t *)by, n); \
    case 0x82: return what##_64_16((uint64_t *)at, (const uint16_t *)by, n); \
    case 0x84: return what##_64_32((uint64_t *)at, (const uint32_t *)by, n); \
    default: return what##_64_64((uint64_t *)at, (const uint64_t *)by, n); \
    }

/* `from` lies within `to`, whose counters are as wide or wider. */
static bool add_all(quantile_window *to, const quantile_window *from)
{
    void *at = (unsigned char *)counters(to) + (size_t)(from->first - to->first) * to->width;
    const void *by = counters(from);
    uint32_t n = from->count;
    BY_PAIR(add)
}

static bool take_all(quantile_window *to, const quantile_window *from)
{
    void *at = (unsigned char *)counters(to) + (size_t)(from->first - to->first) * to->width;
    const void *by = counters(from);
    uint32_t n = from->count;
    BY_PAIR(take)
}

/* The few of another are added one by one: room for all of them first. */
static cxm_status merge_few(quantile_window *into, const quantile_window *from, const cxm_alloc *hook)
{
    quantile_window few = *from;                        /* may be `into` */
    uint32_t first = few.is.few[0], last = few.is.few[0];
    uint64_t most = 0;
    if (!into->width && into->count + few.count <= WINDOW_FEW) {
        memcpy(into->is.few + into->count, few.is.few, few.count * sizeof *few.is.few);
        into->count = (uint16_t)(into->count + few.count);
        return CXM_OK;
    }
    for (uint32_t i = 0; i < few.count; ++i) {
        uint32_t bin = few.is.few[i];
        bool inside = into->width && bin >= into->first && bin - into->first < into->count;
        uint64_t there = inside ? get(into, bin - into->first) : 0, more = 0;
        for (uint32_t k = 0; k < few.count; ++k) more += few.is.few[k] == bin;
        if (there > UINT64_MAX - more) return CXM_E_OVERFLOW;
        if (there + more > most) most = there + more;
        if (bin < first) first = bin;
        if (bin > last) last = bin;
    }
    if (!fit(into, first, last, into->width ? most : 2 * WINDOW_FEW, hook)) return CXM_E_MEMORY;
    for (uint32_t i = 0; i < few.count; ++i) window_set(into, few.is.few[i], get(into, few.is.few[i] - into->first) + 1u);
    return CXM_OK;
}

/* Twice what is there. */
static cxm_status merge_itself(quantile_window *w, const cxm_alloc *hook)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < w->count; ++i)
        if (get(w, i) > most) most = get(w, i);
    if (most > UINT64_MAX / 2) return CXM_E_OVERFLOW;
    if (!fit(w, w->first, w->first, 2 * most, hook)) return CXM_E_MEMORY;
    add_all(w, w);
    return CXM_OK;
}

cxm_status window_merge(quantile_window *into, const quantile_window *from, const cxm_alloc *hook)
{
    uint32_t last = (uint32_t)from->first + from->count - 1;
    if (from->count == 0) return CXM_OK;
    if (!from->width) return merge_few(into, from, hook);
    if (into == from) return merge_itself(into, hook);
    if (!fit(into, from->first, last, greatest_of(from->width), hook)) return CXM_E_MEMORY;
    if (add_all(into, from)) return CXM_OK;
    take_all(into, from);
    if (into->width == 8) return CXM_E_OVERFLOW;
    if (!fit(into, from->first, last, greatest_of(into->width) + 1, hook)) return CXM_E_MEMORY;
    add_all(into, from);                                /* twice what the width before held fits */
    return CXM_OK;
}

/* --- and back --- */

static bool take_few(quantile_window *into, const quantile_window *from)
{
    quantile_window few = *from;                        /* may be `into` */
    uint32_t i = 0;
    while (i < few.count && window_remove(into, few.is.few[i])) ++i;
    if (i == few.count) return true;
    while (i-- > 0) {                                   /* there is room for what was taken */
        if (into->width) window_set(into, few.is.few[i], get(into, (uint32_t)few.is.few[i] - into->first) + 1);
        else into->is.few[into->count++] = few.is.few[i];
    }
    return false;
}

/* Counters one by one, wherever these lie: a narrow window from a wide one, a window from a few. */
static bool take_each(quantile_window *into, const quantile_window *from)
{
    uint32_t at = 0;
    uint64_t count, total;
    for (uint32_t bin = 0; window_next(from, bin, &at, &count); bin = at + 1) {
        uint32_t same;
        if (!window_next(into, at, &same, &total) || same != at || total < count) return false;
    }
    for (uint32_t bin = 0; window_next(from, bin, &at, &count); bin = at + 1) {
        for (; !into->width && count; --count) window_remove(into, at);
        if (into->width) window_set(into, at, get(into, at - into->first) - count);
    }
    return true;
}

bool window_subtract(quantile_window *into, const quantile_window *from)
{
    uint32_t end = (uint32_t)from->first + from->count;
    if (!from->width) return take_few(into, from);
    bool within = into->width >= from->width && from->first >= into->first && end <= (uint32_t)into->first + into->count;
    if (!within) return take_each(into, from);
    if (into == from) {
        memset(counters(into), 0, window_bytes(into));
        return true;
    }
    if (take_all(into, from)) return true;
    add_all(into, from);
    return false;
}

/* --- walking --- */

static bool next_few(const quantile_window *w, uint32_t bin, uint32_t *at, uint64_t *count)
{
    bool found = false;
    for (uint32_t i = 0; i < w->count; ++i) {
        uint32_t here = w->is.few[i];
        if (here < bin || (found && here > *at)) continue;
        *count = found && here == *at ? *count + 1 : 1;
        *at = here;
        found = true;
    }
    return found;
}

/* The first slot from `i` on that is not 0, or the end: a word of counters at a time, as most of a window may be empty. */
static uint32_t past_zeros(const quantile_window *w, uint32_t i)
{
    const unsigned char *at = counters(w);
    uint64_t word;
    uint32_t step = (uint32_t)sizeof word / w->width;
    for (; i + step <= w->count; i += step) {
        memcpy(&word, at + (size_t)i * w->width, sizeof word);
        if (word) break;
    }
    while (i < w->count && get(w, i) == 0) ++i;
    return i;
}

bool window_next(const quantile_window *w, uint32_t bin, uint32_t *at, uint64_t *count)
{
    if (!w->width) return next_few(w, bin, at, count);
    uint32_t i = bin > w->first ? bin - w->first : 0;
    if (i < w->count && get(w, i) == 0) i = past_zeros(w, i);
    if (i >= w->count) return false;
    *at = w->first + i;
    *count = get(w, i);
    return true;
}

bool window_last(const quantile_window *w, uint32_t *bin)
{
    uint32_t i = w->count;
    if (w->width) while (i > 0 && get(w, i - 1) == 0) --i;
    if (i == 0) return false;
    *bin = w->first + i - 1;
    for (i = 0; !w->width && i < w->count; ++i)
        if (i == 0 || w->is.few[i] > *bin) *bin = w->is.few[i];
    return true;
}

/* Sums of counters slots from..end of up to 32 bits: no window of these passes 2^64 - 1. In parts that fit the narrowest type
 * they can, of which a register holds the most. */
#define SUM_LOOP(name, TYPE, PART, TERMS) \
static uint64_t name(const TYPE *at, uint32_t from, uint32_t end) \
{ \
    uint64_t sum = 0; \
    while (from < end) { \
        uint32_t stop = end - from < (TERMS) ? end : from + (TERMS); \
        PART part = 0; \
        for (; from < stop; ++from) part = (PART)(part + at[from]); \
        sum += part; \
    } \
    return sum; \
}
SUM_LOOP(sum_8, uint8_t, uint16_t, UINT16_MAX / UINT8_MAX)
SUM_LOOP(sum_16, uint16_t, uint32_t, UINT16_MAX)
SUM_LOOP(sum_32, uint32_t, uint64_t, UINT32_MAX)
SUM_LOOP(sum_64, uint64_t, uint64_t, UINT32_MAX)

static uint64_t sum_of(const quantile_window *w, uint32_t from, uint32_t end)
{
    switch (w->width) {
    case 1: return sum_8(counters(w), from, end);
    case 2: return sum_16(counters(w), from, end);
    case 4: return sum_32(counters(w), from, end);
    default: return sum_64(counters(w), from, end);
    }
}

bool window_total(const quantile_window *w, uint64_t *out)
{
    uint64_t total = w->width ? 0 : w->count;
    if (w->width && w->width < 8) total = sum_of(w, 0, w->count);
    for (uint32_t i = 0; w->width == 8 && i < w->count; ++i)
        if (!checked_add_u64(total, get(w, i), &total)) return false;
    *out = total;
    return true;
}

static bool rank_of_few(const quantile_window *w, uint64_t *rank, uint32_t *bin, uint64_t *count)
{
    for (uint32_t from = 0; next_few(w, from, bin, count); from = *bin + 1) {
        if (*rank <= *count) return true;
        *rank -= *count;
    }
    return false;
}

/* Past the groups of `size` that lie below the rank, which becomes one of what is left. */
static uint32_t past_groups(const quantile_window *w, uint32_t from, uint32_t size, uint64_t *rank)
{
    for (; from < w->count; from += size) {
        uint64_t group = sum_of(w, from, w->count - from < size ? w->count : from + size);
        if (*rank <= group) break;
        *rank -= group;
    }
    return from;
}

/* Great groups, small ones, then counters. Sums of 64 bits do not pass their type: all counts together do not. */
bool window_rank(const quantile_window *w, uint64_t *rank, uint32_t *bin, uint64_t *count)
{
    enum { GREAT = 256, SMALL = 32 };
    if (!w->width) return rank_of_few(w, rank, bin, count);
    uint32_t from = past_groups(w, past_groups(w, 0, GREAT, rank), SMALL, rank);
    if (from >= w->count) return false;
    for (*count = get(w, from); *rank > *count; *count = get(w, ++from)) *rank -= *count;
    *bin = w->first + from;
    return true;
}
