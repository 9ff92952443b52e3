/* SPDX-License-Identifier: MIT */
/* sort.h - any array in order, without memory of its own and in n log n steps whatever it holds: qsort may allocate, and may
 * take n^2 steps. */
#ifndef CXM_BASE_SORT_H
#define CXM_BASE_SORT_H
#include <stddef.h>

/* The most bytes of an item. */
enum { SORT_ITEM_MAX = 64 };

/* Below, equal or above 0 as a is to b. `ctx` is the caller's. */
typedef int sort_compare(const void *a, const void *b, const void *ctx);

/* Sorts `count` items of `size` bytes, at most SORT_ITEM_MAX. Equal ones end up in any order. */
void sort_items(void *items, size_t count, size_t size, sort_compare *compare, const void *ctx);

#endif
