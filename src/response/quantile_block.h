/* SPDX-License-Identifier: MIT */
/* quantile_block.h - a block of doubles to numbers of bins, by the best set of instructions there is. */
#ifndef CXM_RESPONSE_QUANTILE_BLOCK_H
#define CXM_RESPONSE_QUANTILE_BLOCK_H
#include "response/quantile_state.h"

enum { QUANTILE_BLOCK = 1024 };

/* Of a block: its steps together, modulo 2^64, the least and the most, all of no use when one value is none in range; least and
 * greatest bin. `least` 0: not looked for, as that is quantile_extremes for those who need it. */
typedef struct quantile_block { uint64_t sum, least, most; uint16_t first, last; } quantile_block;

/* Bins of a whole block that still have to be counted, into two sets of counters by turns, so that equal neighbours do not wait
 * for one another; NULL for none. A set counts half a block: the caller empties it before it passes 16 bits. */
typedef struct quantile_due { const uint16_t *bins; uint16_t *even, *odd; } quantile_due;

/* `bins[i]` becomes the bin of values[i], map->bins when it is none in range; 1 <= n <= QUANTILE_BLOCK. What is due is counted
 * on the way: one keeps the units for vectors busy, the other those for memory. */
typedef struct quantile_way {
    const char *name;
    bool (*there)(void);
    quantile_block (*block)(const quantile_map *map, const double *values, size_t n, uint16_t *bins, const quantile_due *due);
} quantile_way;

/* `least` and `most` of a block. */
void quantile_extremes(const quantile_map *map, const double *values, size_t n, quantile_block *out);

/* Counts sixteen. By value, as a store might change what it points to for all the compiler knows. */
static inline void count_sixteen(quantile_due due, size_t from)
{
    uint32_t two[8];
    memcpy(two, due.bins + from, sizeof two);
    for (int k = 0; k < 8; ++k) ++due.even[two[k] & UINT16_MAX], ++due.odd[two[k] >> 16];
}

/* Counts those of a block from `from` on. */
static inline void count_rest(quantile_due due, size_t from)
{
    for (; due.bins && from < QUANTILE_BLOCK; from += 16) count_sixteen(due, from);
}

static inline quantile_due due_or_none(const quantile_due *due)
{
    return due ? *due : (quantile_due){NULL, NULL, NULL};
}

/* All ways that were built, the better ones last; NULL past them. All give the same. */
const quantile_way *quantile_way_at(size_t i);

/* The best one that this machine has. */
const quantile_way *quantile_way_best(void);

/* cxm_quantile_add_many by a way of one's own choice, which must be there. */
cxm_status quantile_add_column(cxm_quantile *q, const cxm_column *column, const quantile_way *way);

#endif
