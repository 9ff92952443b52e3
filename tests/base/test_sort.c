/* SPDX-License-Identifier: MIT */
/* test_sort.c - any array comes out in order and whole, in few steps also where quicksort needs many. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/sort.h"
#include "support/cxm_test.h"

enum { MOST = 30000 };
typedef struct item { uint32_t key, number; unsigned char rest[8]; } item;
static item items[MOST];
static unsigned char met[MOST];

static int compare(const void *a, const void *b, const void *ctx)
{
    const item *x = a, *y = b;
    ++*(uint64_t *)(uintptr_t)ctx;
    return (x->key > y->key) - (x->key < y->key);
}

/* Sorts and checks; how many comparisons that took. */
static uint64_t sort_and_check(size_t n)
{
    uint64_t steps = 0;
    for (size_t i = 0; i < n; ++i) {
        items[i].number = (uint32_t)i;
        memset(items[i].rest, (int)(i & 255), sizeof items[i].rest);
    }
    sort_items(items, n, sizeof *items, compare, &steps);
    memset(met, 0, n);
    for (size_t i = 0; i < n; ++i) {
        if (i) assert_true(items[i - 1].key <= items[i].key);
        assert_true(met[items[i].number]++ == 0 && items[i].rest[7] == (items[i].number & 255));
    }
    return steps;
}

static void every_short_array(void **state)
{
    (void)state;
    uint64_t seed = 91;
    for (size_t n = 0; n < 200; ++n)
        for (uint32_t kinds = 1; kinds < 300; kinds = 3 * kinds + 1) {
            for (size_t i = 0; i < n; ++i) items[i].key = (uint32_t)(test_rand(&seed) % kinds);
            sort_and_check(n);
        }
}

/* The last is the order that defeats the median of three: M. D. McIlroy, "A Killer Adversary for Quicksort", 1999. */
static uint32_t key_of(int shape, uint32_t i, uint64_t *seed)
{
    switch (shape) {
    case 0: return i;
    case 1: return MOST - i;
    case 2: return 7;
    case 3: return i & 1;
    case 4: return i < MOST / 2 ? i : MOST - i;
    default: return (uint32_t)(test_rand(seed) % MOST);
    }
}

static void long_arrays_take_n_log_n(void **state)
{
    (void)state;
    uint64_t seed = 92;
    for (int shape = 0; shape < 6; ++shape) {
        if (test_left_out()) continue;
        for (uint32_t i = 0; i < MOST; ++i) items[i].key = key_of(shape, i, &seed);
        assert_true(sort_and_check(MOST) < UINT64_C(80) * MOST);
    }
}

/* An adversary who decides keys only when they are compared: everything is larger than what was compared before. */
typedef struct adversary { uint32_t *key; uint32_t solid, candidate; uint64_t steps; } adversary;

static int compare_undecided(const void *a, const void *b, const void *ctx)
{
    adversary *own = (adversary *)(uintptr_t)ctx;
    uint32_t x = ((const item *)a)->number, y = ((const item *)b)->number;
    ++own->steps;
    if (own->key[x] == UINT32_MAX && own->key[y] == UINT32_MAX) own->key[x == own->candidate ? x : y] = own->solid++;
    if (own->key[x] == UINT32_MAX) own->candidate = x;
    else if (own->key[y] == UINT32_MAX) own->candidate = y;
    return (own->key[x] > own->key[y]) - (own->key[x] < own->key[y]);
}

static void an_adversary_does_not_make_it_slow(void **state)
{
    (void)state;
    static uint32_t keys[MOST];
    adversary own = {keys, 0, 0, 0};
    for (uint32_t i = 0; i < MOST; ++i) {
        keys[i] = UINT32_MAX;
        items[i].number = i;
    }
    sort_items(items, MOST, sizeof *items, compare_undecided, &own);
    for (uint32_t i = 1; i < MOST; ++i) assert_true(keys[items[i - 1].number] <= keys[items[i].number]);
    assert_true(own.steps < UINT64_C(80) * MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_short_array), cmocka_unit_test(long_arrays_take_n_log_n),
                                       cmocka_unit_test(an_adversary_does_not_make_it_slow)};
    return cmocka_run_group_tests_name("base/sort", tests, NULL, NULL);
}
