/* SPDX-License-Identifier: MIT */
/* quantile_block.h - a block of doubles to numbers of bins, by the best set of instructions there is. */
#ifndef CXM_RESPONSE_QUANTILE_BLOCK_H
#define CXM_RESPONSE_QUANTILE_BLOCK_H
#include "response/quantile_state.h"

enum { QUANTILE_BLOCK = 1024 };

/* Of a block: its steps together, modulo 2^64 and of no use when one value is none in range; least and greatest bin. */
typedef struct quantile_block { uint64_t sum; uint16_t first, last; } quantile_block;

/* `bins[i]` becomes the bin of values[i], map->bins when it is none in range; 1 <= n <= QUANTILE_BLOCK. */
typedef struct quantile_way {
    const char *name;
    bool (*there)(void);
    quantile_block (*block)(const quantile_map *map, const double *values, size_t n, uint16_t *bins);
} quantile_way;

/* All ways that were built, the better ones last; NULL past them. All give the same. */
const quantile_way *quantile_way_at(size_t i);

/* The best one that this machine has. */
const quantile_way *quantile_way_best(void);

#endif
