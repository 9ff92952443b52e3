/* SPDX-License-Identifier: MIT */
/* quantile_block.h - a block of doubles to numbers of bins, by the best set of instructions there is. */
#ifndef CXM_RESPONSE_QUANTILE_BLOCK_H
#define CXM_RESPONSE_QUANTILE_BLOCK_H
#include "response/quantile_state.h"

enum { QUANTILE_BLOCK = 1024 };

/* Of a block: its steps together, modulo 2^64 and of no use when one value is none in range; least and greatest bin. */
typedef struct quantile_block { uint64_t sum; uint16_t first, last; } quantile_block;

/* Bins of a whole block that still have to be counted, into two sets of counters by turns; NULL for none. */
typedef struct quantile_due { const uint16_t *bins; uint32_t *even, *odd; } quantile_due;

/* `bins[i]` becomes the bin of values[i], map->bins when it is none in range; 1 <= n <= QUANTILE_BLOCK. What is due is counted
 * on the way: one keeps the units for vectors busy, the other those for memory. */
typedef struct quantile_way {
    const char *name;
    bool (*there)(void);
    quantile_block (*block)(const quantile_map *map, const double *values, size_t n, uint16_t *bins, const quantile_due *due);
} quantile_way;

/* Counts sixteen. */
static inline void count_sixteen(const quantile_due *due, size_t from)
{
    for (size_t i = from; i < from + 16; i += 4) {
        uint64_t four;
        memcpy(&four, due->bins + i, sizeof four);
        ++due->even[(uint16_t)four], ++due->odd[(uint16_t)(four >> 16)];
        ++due->even[(uint16_t)(four >> 32)], ++due->odd[four >> 48];
    }
}

/* Counts those of a block from `from` on. */
static inline void count_rest(const quantile_due *due, size_t from)
{
    for (; due && from < QUANTILE_BLOCK; from += 16) count_sixteen(due, from);
}

/* All ways that were built, the better ones last; NULL past them. All give the same. */
const quantile_way *quantile_way_at(size_t i);

/* The best one that this machine has. */
const quantile_way *quantile_way_best(void);

#endif
