/* SPDX-License-Identifier: MIT */
/* sort.c - quicksort around the median of three, whose depth is bounded: past 2 log2 n a range goes to heapsort (D. R. Musser,
 * "Introspective Sorting and Selection Algorithms", Software: Practice and Experience 27(8), 1997). Short ranges, and whole
 * arrays that are nearly in order, go by insertion.                                            */
#include "base/port.h"
#include "base/sort.h"
#include <assert.h>
#include <string.h>

enum { SHORT = 24, RANGES = 128 };

typedef struct sorting {
    unsigned char *items;
    size_t size;
    sort_compare *compare;
    const void *ctx;
} sorting;

static unsigned char *at(const sorting *s, size_t i)
{
    return s->items + i * s->size;
}

static int order(const sorting *s, size_t i, size_t j)
{
    return s->compare(at(s, i), at(s, j), s->ctx);
}

static void swap(const sorting *s, size_t i, size_t j)
{
    unsigned char held[SORT_ITEM_MAX];
    memcpy(held, at(s, i), s->size);
    memcpy(at(s, i), at(s, j), s->size);
    memcpy(at(s, j), held, s->size);
}

static void sort_short(const sorting *s, size_t first, size_t n)
{
    unsigned char held[SORT_ITEM_MAX];
    for (size_t i = first + 1; i < first + n; ++i) {
        size_t to = i;
        if (order(s, i - 1, i) <= 0) continue;
        memcpy(held, at(s, i), s->size);
        do memcpy(at(s, to), at(s, to - 1), s->size);
        while (--to > first && s->compare(at(s, to - 1), held, s->ctx) > 0);
        memcpy(at(s, to), held, s->size);
    }
}

/* Restores the heap below `root` within n items behind `first`. */
static void sink(const sorting *s, size_t first, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && order(s, first + child, first + child + 1) < 0) ++child;
        if (order(s, first + root, first + child) >= 0) return;
        swap(s, first + root, first + child);
    }
}

static void sort_heap(const sorting *s, size_t first, size_t n)
{
    for (size_t i = n / 2; i-- > 0;) sink(s, first, i, n);
    while (n-- > 1) {
        swap(s, first, first + n);
        sink(s, first, 0, n);
    }
}

/* Cuts n >= SHORT items in two, none of them empty, where this returns: none before it is above one behind. */
static size_t cut(const sorting *s, size_t first, size_t n)
{
    unsigned char pivot[SORT_ITEM_MAX];
    size_t middle = first + n / 2, i = first, j = first + n - 1;
    if (order(s, middle, i) < 0) swap(s, middle, i);
    if (order(s, j, i) < 0) swap(s, j, i);
    if (order(s, j, middle) < 0) swap(s, j, middle);
    memcpy(pivot, at(s, middle), s->size);
    for (;;) {
        do ++i; while (s->compare(at(s, i), pivot, s->ctx) < 0);
        do --j; while (s->compare(pivot, at(s, j), s->ctx) < 0);
        if (i >= j) return i;
        swap(s, i, j);
    }
}

static int in_order(const sorting *s, size_t n)
{
    for (size_t i = 1; i < n; ++i)
        if (order(s, i - 1, i) > 0) return 0;
    return 1;
}

typedef struct range { size_t first, n, depth; } range;

void sort_items(void *items, size_t count, size_t size, sort_compare *compare, const void *ctx)
{
    const sorting s = {items, size, compare, ctx};
    range waiting[RANGES], now = {0, count, 0};
    size_t held = 0;
    assert(size <= SORT_ITEM_MAX);
    if (count < 2 || (count > SHORT && in_order(&s, count))) return;
    for (size_t left = count; left > 1; left /= 2) now.depth += 2;
    for (;;) {
        while (now.n >= SHORT && now.depth > 0) {
            size_t middle = cut(&s, now.first, now.n);
            range low = {now.first, middle - now.first, now.depth - 1}, high = {middle, now.first + now.n - middle, now.depth - 1};
            waiting[held++] = low.n < high.n ? high : low;
            now = low.n < high.n ? low : high;
        }
        if (now.n >= SHORT) sort_heap(&s, now.first, now.n);
        else if (now.n > 1) sort_short(&s, now.first, now.n);
        if (held == 0) return;
        now = waiting[--held];
    }
}
