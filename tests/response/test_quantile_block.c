/* SPDX-License-Identifier: MIT */
/* test_quantile_block.c - every way to turn a block of doubles into bins gives what one value at a time gives. */
#include "response/quantile_block.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { PLENTY = 10000000, STATE_ROOM = 1 << 18 };

/* All bits there are, every fourth a response time, some next to the ends of bins. */
static double any_double(uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    switch (draw % 4) {
    case 0: return (double)(test_rand(seed) >> (12 + draw / 4 % 40)) * 1e-6;
    case 1: return nextafter(ldexp(64.0 + (double)(draw / 4 % 65), (int)(draw >> 20) % 40) * 1e-6, draw >> 60 ? 0.0 : INFINITY);
    default: return double_of(test_rand(seed));
    }
}

static cxm_quantile *make(int32_t precision, bool narrow)
{
    cxm_quantile_spec spec = {.size = sizeof spec, .precision = precision, .low = narrow ? 1000 : 0, .high = narrow ? 3000000 : 0};
    cxm_quantile *q = NULL;
    assert_int_equal(cxm_quantile_create(&spec, NULL, &q), CXM_OK);
    return q;
}

static void assert_block(const quantile_way *way, const quantile_map *map, const double *values, size_t n)
{
    uint16_t bins[QUANTILE_BLOCK];
    uint64_t sum = 0;
    uint64_t least = UINT64_MAX, most = 0;
    uint16_t first = UINT16_MAX, last = 0;
    quantile_block got = way->block(map, values, n, bins, NULL);
    if (got.least == 0) quantile_extremes(map, values, n, &got);
    for (size_t i = 0; i < n; ++i) {
        double whole = whole_of(values[i], map->scale);
        uint32_t bin = bin_of(map, whole);
        if (bin > map->bins) bin = map->bins;
        assert_int_equal(bins[i], bin);
        if (bin < first) first = (uint16_t)bin;
        if (bin > last) last = (uint16_t)bin;
        if (bin == map->bins) continue;
        sum += (uint64_t)whole;
        if ((uint64_t)whole < least) least = (uint64_t)whole;
        if ((uint64_t)whole > most) most = (uint64_t)whole;
    }
    assert_true(got.first == first && got.last == last);
    assert_true(last == map->bins || (got.sum == sum && got.least == least && got.most == most));
}

/* A block that is counted on the way ends in the same counters, whatever the length of the next. */
static void what_is_due_is_counted_on_the_way(void **state)
{
    (void)state;
    const quantile_way *way;
    enum { BINS = 4096 };
    uint64_t seed = 6;
    double values[QUANTILE_BLOCK];
    uint16_t due_bins[QUANTILE_BLOCK], bins[QUANTILE_BLOCK];
    uint16_t *counts = calloc(3 * BINS, sizeof *counts);
    cxm_quantile *q = make(CXM_PRECISION_1, false);
    assert_non_null(counts);
    for (size_t i = 0; i < QUANTILE_BLOCK; ++i) {
        values[i] = any_double(&seed);
        due_bins[i] = (uint16_t)(test_rand(&seed) % BINS);
    }
    for (size_t k = 0; (way = quantile_way_at(k)) != NULL; ++k)
        for (size_t n = 1; way->there() && n <= QUANTILE_BLOCK; n += n < 70 ? 1 : 53) {
            quantile_due due = {due_bins, counts, counts + BINS};
            memset(counts, 0, 3 * BINS * sizeof *counts);
            way->block(&q->map, values, n, bins, &due);
            for (size_t i = 0; i < QUANTILE_BLOCK; ++i) ++counts[2 * BINS + due_bins[i]];
            for (size_t i = 0; i < BINS; ++i) assert_int_equal(counts[i] + counts[BINS + i], counts[2 * BINS + i]);
        }
    cxm_quantile_free(q);
    free(counts);
}

/* Ten million values in blocks of every length. */
static void every_way_is_one_value_at_a_time(void **state)
{
    (void)state;
    const quantile_way *way;
    for (size_t k = 0; (way = quantile_way_at(k)) != NULL; ++k) {
        print_message("%s%s\n", way->name, way->there() ? "" : ": not on this machine");
        if (!way->there()) continue;
        uint64_t seed = 5, left = PLENTY;
        for (int trial = 0; left > 0; ++trial) {
            double values[QUANTILE_BLOCK];
            size_t n = 1 + test_rand(&seed) % QUANTILE_BLOCK;
            if (n > left) n = (size_t)left;
            cxm_quantile *q = make(trial % 2 ? CXM_PRECISION_1 : CXM_PRECISION_01, trial % 3 == 0);
            for (size_t i = 0; i < n; ++i) values[i] = any_double(&seed);
            if (trial % 5 == 0)
                for (size_t i = 0; i < n; ++i) values[i] = 0.001 + (double)(test_rand(&seed) % 3000000) * 1e-6;
            assert_block(way, &q->map, values, n);
            cxm_quantile_free(q);
            left -= n;
        }
    }
}

/* The bytes of the state with some values one by one and then all of them: by `way`, or one by one as well. */
static size_t bytes_of_state(int trial, const quantile_way *way, const double *values, size_t n, unsigned char *bytes)
{
    cxm_quantile_spec spec = {.size = sizeof spec, .precision = trial % 2 ? CXM_PRECISION_1 : CXM_PRECISION_01};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = n};
    size_t used = 0;
    cxm_quantile *q = NULL;
    if (trial % 3 == 0) spec.low = 1000, spec.high = 3000000;
    if (trial % 4 == 0) spec.targets = 1, spec.target[0] = 1500000;
    assert_int_equal(cxm_quantile_create(&spec, NULL, &q), CXM_OK);
    for (size_t i = 0; i < n / 7; ++i) cxm_quantile_add(q, values[i]);
    for (size_t i = 0; !way && i < n; ++i) cxm_quantile_add(q, values[i]);
    if (way) assert_int_equal(quantile_add_column(q, &column, way), CXM_OK);
    assert_int_equal(cxm_quantile_encode(q, bytes, STATE_ROOM, &used), CXM_OK);
    cxm_quantile_free(q);
    return used;
}

/* Not blocks alone: the state that comes of columns of up to twenty of them. */
static void every_way_makes_the_same_state(void **state)
{
    (void)state;
    enum { MOST = 20 * QUANTILE_BLOCK };
    const quantile_way *way;
    uint64_t seed = 8;
    double *values = malloc(MOST * sizeof *values);
    unsigned char *want = malloc(STATE_ROOM), *got = malloc(STATE_ROOM);
    assert_true(values && want && got);
    for (int trial = 0; trial < 60; ++trial) {
        size_t n = (size_t)(test_rand(&seed) % MOST);
        bool all_in_range = trial % 5 < 2;
        for (size_t i = 0; i < n; ++i)
            values[i] = all_in_range ? 0.001 + (double)(test_rand(&seed) % 3000000) * 1e-6 : any_double(&seed);
        size_t used = bytes_of_state(trial, NULL, values, n, want);
        for (size_t k = 0; (way = quantile_way_at(k)) != NULL; ++k) {
            if (!way->there()) continue;
            assert_int_equal(bytes_of_state(trial, way, values, n, got), used);
            assert_memory_equal(got, want, used);
        }
    }
    free(values);
    free(want);
    free(got);
}

static void ways_are_listed_and_the_best_is_there(void **state)
{
    (void)state;
    size_t known = 0;
    while (quantile_way_at(known)) ++known;
    assert_true(known >= 1 && quantile_way_at(0)->there() && quantile_way_best()->there());
    assert_null(quantile_way_at(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_way_is_one_value_at_a_time),
                                       cmocka_unit_test(what_is_due_is_counted_on_the_way),
                                       cmocka_unit_test(every_way_makes_the_same_state),
                                       cmocka_unit_test(ways_are_listed_and_the_best_is_there)};
    return cmocka_run_group_tests_name("response/quantile_block", tests, NULL, NULL);
}
