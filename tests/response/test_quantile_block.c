/* SPDX-License-Identifier: MIT */
/* test_quantile_block.c - every way to turn a block of doubles into bins gives what one value at a time gives. */
#include "response/quantile_block.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { PLENTY = 10000000 };

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
                                       cmocka_unit_test(ways_are_listed_and_the_best_is_there)};
    return cmocka_run_group_tests_name("response/quantile_block", tests, NULL, NULL);
}
