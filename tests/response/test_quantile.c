/* SPDX-License-Identifier: MIT */
/* test_quantile.c - percentiles from bins against a sorted array of the exact steps: the promised error, the same bytes
 * whatever the order and the merge tree, removal as the inverse, the account, and limits from order statistics. */
#include <cxm/quantile.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include "support/cxm_test.h"

enum { MANY = 200000, ROWS = 400, PARTS = 64 };

static const cxm_quantile_spec micros = {.size = sizeof micros, .unit = CXM_UNIT_US};

static cxm_quantile *make(const cxm_quantile_spec *spec)
{
    cxm_quantile *q = NULL;
    assert_int_equal(cxm_quantile_create(spec, NULL, &q), CXM_OK);
    return q;
}

typedef struct bytes { size_t len; unsigned char *at; } bytes;

static bytes encode(const cxm_quantile *q)
{
    bytes out;
    size_t len;
    assert_int_equal(cxm_quantile_encode(q, NULL, 0, &out.len), CXM_E_LIMIT);
    out.at = malloc(out.len);
    assert_non_null(out.at);
    assert_int_equal(cxm_quantile_encode(q, out.at, out.len, &len), CXM_OK);
    assert_int_equal(len, out.len);
    return out;
}

static void assert_bytes(const cxm_quantile *q, const bytes *want)
{
    bytes got = encode(q);
    assert_int_equal(got.len, want->len);
    assert_memory_equal(got.at, want->at, want->len);
    free(got.at);
}

static void assert_same(const cxm_quantile *a, const cxm_quantile *b)
{
    bytes want = encode(b);
    assert_bytes(a, &want);
    free(want.at);
}

static bool counted(cxm_status status)
{
    return status == CXM_OK || status == CXM_E_DOMAIN;
}

static cxm_quantile_summary summary_of(const cxm_quantile *q, cxm_status want)
{
    cxm_quantile_summary got = {.size = sizeof got};
    assert_int_equal(cxm_quantile_summarize(q, &got), want);
    return got;
}

/* ---- the model: exact steps in a sorted array, bins by integers ---- */

static unsigned log2_of(uint64_t u)
{
    unsigned e = 0;
    while (u >>= 1) ++e;
    return e;
}

/* Number of the bin of u >= 1: its power of two, then the k bits behind the leading one. */
static uint64_t bin_of(uint64_t u, unsigned k)
{
    unsigned e = log2_of(u);
    return ((uint64_t)e << k) + ((u << (52 - e) >> (52 - k)) & ((UINT64_C(1) << k) - 1));
}

/* The least and the greatest whole number of the bin that u is in. */
static uint64_t bin_low(uint64_t u, unsigned k)
{
    unsigned e = log2_of(u);
    return e <= k ? u : u >> (e - k) << (e - k);
}

static uint64_t bin_high(uint64_t u, unsigned k)
{
    unsigned e = log2_of(u);
    return e <= k ? u : bin_low(u, k) + (UINT64_C(1) << (e - k)) - 1;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The quantile of sorted steps; `nudge` is 1, or beside it: n q may lie on either side of a whole number it rounds to. */
static double exact_at(const uint64_t *u, size_t n, double share, int32_t type, double nudge)
{
    if (type == CXM_QUANTILE_TYPE1) {
        double rank = ceil((double)n * share * nudge);
        return (double)u[rank < 1.0 ? 0 : rank > (double)n ? n - 1 : (size_t)rank - 1];
    }
    double h = (double)(n - 1) * share * nudge;
    size_t j = (size_t)h;
    if (j >= n - 1) return (double)u[n - 1];
    return (double)u[j] + (h - (double)j) * ((double)u[j + 1] - (double)u[j]);
}

static size_t count_within(const uint64_t *u, size_t n, uint64_t limit)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (u[middle] <= limit) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* ---- values at random ---- */

enum shape { LOGNORMAL, PARETO, TWO_MODES, ALL_EQUAL, POWERS, EDGES, WITH_ZEROS, SMALL, SHAPES };

static double uniform(uint64_t *seed)
{
    return (double)(test_rand(seed) >> 11) * 0x1p-53;
}

static double normal(uint64_t *seed)
{
    double radius = sqrt(-2.0 * log(1.0 - uniform(seed)));
    return radius * cos(6.283185307179586 * uniform(seed));
}

static uint64_t steps_of(double x)
{
    return x < 1.0 ? 1 : x < 0x1p50 ? (uint64_t)x : UINT64_C(1) << 50;
}

static uint64_t random_edge(uint64_t *seed)
{
    uint64_t draw = test_rand(seed), u = (UINT64_C(1) << 50 | draw >> 14) >> (draw % 51);
    unsigned k = draw >> 8 & 1 ? CXM_PRECISION_1 : CXM_PRECISION_01;
    return draw >> 9 & 1 ? bin_low(u, k) : bin_high(u, k);
}

static uint64_t random_steps(enum shape shape, uint64_t *seed)
{
    switch (shape) {
    case LOGNORMAL: return steps_of(250e3 * exp(normal(seed)));
    case PARETO: return steps_of(1000.0 / (1.0 - uniform(seed)));
    case TWO_MODES: return steps_of(test_rand(seed) % 10 ? 2e3 * exp(0.1 * normal(seed)) : 9e9 * exp(0.2 * normal(seed)));
    case ALL_EQUAL: return 1234567;
    case POWERS: return (UINT64_C(1) << test_rand(seed) % 51) + test_rand(seed) % 3 - 1;
    case EDGES: return random_edge(seed);
    case WITH_ZEROS: return test_rand(seed) % 3 ? steps_of(1e4 * uniform(seed)) : 0;
    default: return 1 + test_rand(seed) % 300;
    }
}

/* Any double in microseconds: in range, zero, beyond it, or refused. */
static double random_value(uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    switch (draw % 16) {
    case 0: return (draw >> 8) % 2 ? 0.0 : -0.0;
    case 1: return (draw >> 8) % 2 ? (double)NAN : (double)INFINITY;
    case 2: return (draw >> 8) % 2 ? -1.0 - uniform(seed) * 1e6 : 1e17;
    case 3: return uniform(seed) * 40.0;
    default: return (double)random_steps((enum shape)((draw >> 8) % SHAPES), seed);
    }
}

static void add_value(cxm_quantile *q, double value, uint64_t how)
{
    if (value != value && how % 2) assert_int_equal(cxm_quantile_add_missing(q), CXM_OK);
    else if (value >= 0.0 && value < 0x1p52 && value == floor(value) && how % 2)
        assert_int_equal(cxm_quantile_add_steps(q, (int64_t)value), CXM_OK);
    else assert_true(counted(cxm_quantile_add(q, value)));
}

static void remove_value(cxm_quantile *q, double value, uint64_t how)
{
    if (value != value && how % 2) assert_int_equal(cxm_quantile_remove_missing(q), CXM_OK);
    else if (value >= 0.0 && value < 0x1p52 && value == floor(value) && how % 2)
        assert_int_equal(cxm_quantile_remove_steps(q, (int64_t)value), CXM_OK);
    else assert_true(counted(cxm_quantile_remove(q, value)));
}

/* One at a time and many at once, by turns. */
static void feed(cxm_quantile *q, const double *values, size_t n, uint64_t *seed)
{
    for (size_t i = 0; i < n;) {
        uint64_t draw = test_rand(seed), chunk = 1 + (draw >> 8) % 40;
        cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values + i};
        column.count = chunk < n - i ? chunk : n - i;
        if (draw % 4) {
            add_value(q, values[i++], draw >> 20);
            continue;
        }
        assert_int_equal(cxm_quantile_add_many(q, &column), CXM_OK);
        i += (size_t)column.count;
    }
}

/* The same state, but as one from which something was taken. */
static void touch(cxm_quantile *q)
{
    assert_int_equal(cxm_quantile_add_steps(q, 777), CXM_OK);
    assert_int_equal(cxm_quantile_remove_steps(q, 777), CXM_OK);
}

/* ---- the promised error ---- */

static void assert_quantile(const cxm_quantile *q, const uint64_t *u, size_t n, double share, int32_t type, double a)
{
    double got, slack = a * (1.0 + 1e-12);
    double low = exact_at(u, n, share, type, 1.0 - 1e-15), high = exact_at(u, n, share, type, 1.0 + 1e-15);
    assert_int_equal(cxm_quantile_at(q, share, type, &got), CXM_OK);
    if (got >= low * (1.0 - slack) && got <= high * (1.0 + slack)) return;
    fail_msg("type %d at %.17g of %zu: %.17g, not %.17g", (int)type, share, n, got, low);
}

static void assert_quantiles(const cxm_quantile *q, const uint64_t *u, size_t n, double a, uint64_t *seed)
{
    static const double shares[] = {0, 1e-6, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1};
    for (int32_t type = CXM_QUANTILE_TYPE1; type <= CXM_QUANTILE_TYPE7; type += 6) {
        double least, most;
        for (size_t i = 0; i < COUNT_OF(shares); ++i) assert_quantile(q, u, n, shares[i], type, a);
        for (int i = 1; i < 1000; i += n > 1000 ? 7 : 37)
            if (!test_left_out()) assert_quantile(q, u, n, i / 1000.0, type, a);
        for (int i = 0; i < 30; ++i) assert_quantile(q, u, n, uniform(seed), type, a);
        assert_int_equal(cxm_quantile_at(q, 0.0, type, &least), CXM_OK);
        assert_int_equal(cxm_quantile_at(q, 1.0, type, &most), CXM_OK);
        assert_true(least == (double)u[0] && most == (double)u[n - 1]);
    }
}

/* Not held to the error it is within twice that, and rises with the share. */
static void assert_smooth(const cxm_quantile *q, const uint64_t *u, size_t n, double a)
{
    double before = 0.0;
    for (int i = 0; i <= 1000; ++i) {
        if (test_left_out()) continue;
        double got = 0.0;
        assert_int_equal(cxm_quantile_at(q, i / 1000.0, CXM_QUANTILE_SMOOTH, &got), CXM_OK);
        assert_true(got >= before && got >= (double)u[0] && got <= (double)u[n - 1]);
        before = got;
        assert_quantile(q, u, n, i / 1000.0, CXM_QUANTILE_SMOOTH, 2.0 * a);
    }
}

/* Sum and mean by two words, extremes, and the median as the quantile says it. */
static void assert_summary(const cxm_quantile *q, const uint64_t *u, size_t n, double a)
{
    cxm_quantile_summary got = summary_of(q, CXM_OK);
    uint64_t high = 0, low = 0;
    double median;
    for (size_t i = 0; i < n; ++i) low += u[i], high += low < u[i];
    assert_true(got.n == n && got.sum_high == high && got.sum_low == low && got.extremes_exact == 1);
    assert_true(got.zero == count_within(u, n, 0) && got.under == 0 && got.over == 0);
    assert_true(got.min == (double)u[0] && got.max == (double)u[n - 1]);
    assert_close(got.relative_error, a, 1e-15);
    assert_close(got.sum, (double)high * 0x1p64 + (double)low, 4e-16);
    assert_int_equal(got.mean_status, CXM_OK);
    assert_close(got.mean, ((double)high * 0x1p64 + (double)low) / (double)n, 4e-16);
    if (high == 0 && low < UINT64_C(1) << 53) assert_true(got.mean == (double)low / (double)n);
    assert_int_equal(cxm_quantile_at(q, 0.5, CXM_QUANTILE_TYPE7, &median), CXM_OK);
    assert_true(got.median_status == CXM_OK && got.median == median);
}

/* The bins told are those of the model, in order, each with its count. */
static void assert_bins(const cxm_quantile *q, const uint64_t *u, size_t n, unsigned k)
{
    uint32_t cursor = 0;
    uint64_t count;
    double low, high;
    size_t i = count_within(u, n, 0);
    while (i < n) {
        size_t j = i;
        while (j < n && bin_of(u[j], k) == bin_of(u[i], k)) ++j;
        assert_int_equal(cxm_quantile_bin(q, &cursor, &low, &high, &count), CXM_OK);
        assert_true(low == (double)bin_low(u[i], k) && high == (double)bin_high(u[i], k) && count == j - i);
        i = j;
    }
    assert_int_equal(cxm_quantile_bin(q, &cursor, &low, &high, &count), CXM_END);
}

/* Bounds of a rank hold, and are apart by no more than the bin. */
static void assert_ranks(const cxm_quantile *q, const uint64_t *u, size_t n, unsigned k, uint64_t *seed)
{
    for (int i = 0; i < 50; ++i) {
        uint64_t at = u[test_rand(seed) % n] + test_rand(seed) % 3, least, most;
        size_t within = count_within(u, n, at), before = at ? count_within(u, n, bin_low(at, k) - 1) : 0;
        double share;
        assert_int_equal(cxm_quantile_rank(q, (double)at, &least, &most, &share), CXM_OK);
        assert_true(least <= within && within <= most && before <= least);
        assert_true(most <= (at ? count_within(u, n, bin_high(at, k)) : within));
        assert_true(share >= (double)least / (double)n - 1e-15 && share <= (double)most / (double)n + 1e-15);
    }
}

static void check_data(enum shape shape, size_t n, int32_t precision, uint64_t *seed)
{
    cxm_quantile_spec spec = micros;
    uint64_t *u = malloc(n * sizeof *u);
    double a = 1.0 / ((double)(UINT64_C(2) << precision) + 1.0);
    spec.precision = precision;
    cxm_quantile *q = make(&spec);
    assert_non_null(u);
    for (size_t i = 0; i < n; ++i) {
        u[i] = random_steps(shape, seed);
        add_value(q, (double)u[i], i);
    }
    qsort(u, n, sizeof *u, by_size);
    assert_quantiles(q, u, n, a, seed);
    assert_smooth(q, u, n, a);
    assert_summary(q, u, n, a);
    assert_bins(q, u, n, (unsigned)precision);
    assert_ranks(q, u, n, (unsigned)precision, seed);
    cxm_quantile_free(q);
    free(u);
}

static void every_quantile_is_within_the_error(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 15, 16, 17, 18, 100, 3000};
    uint64_t seed = 20260701;
    for (int32_t precision = CXM_PRECISION_1; precision <= CXM_PRECISION_01; precision += 3)
        for (enum shape shape = LOGNORMAL; shape < SHAPES; ++shape) {
            for (size_t i = 0; i < COUNT_OF(sizes); ++i) check_data(shape, sizes[i], precision, &seed);
            for (int trial = 0; trial < 20; ++trial) check_data(shape, 1 + test_rand(&seed) % 40, precision, &seed);
            if (shape <= TWO_MODES) check_data(shape, MANY, precision, &seed);
        }
}

/* Steps into a state, a block at a time, and into `u`. */
static void feed_many(cxm_quantile *q, enum shape shape, uint64_t *u, size_t n, uint64_t *seed)
{
    enum { BLOCK = 4096 };
    double block[BLOCK];
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = block};
    for (size_t done = 0; done < n; done += (size_t)column.count) {
        column.count = n - done < BLOCK ? n - done : BLOCK;
        for (size_t i = 0; i < column.count; ++i) block[i] = (double)(u[done + i] = random_steps(shape, seed));
        assert_int_equal(cxm_quantile_add_many(q, &column), CXM_OK);
    }
}

/* Of 300,000 values, or as many as CXM_TEST_VALUES says: 100000000 takes 0.8 GB and a few minutes. */
static void many_values_are_within_the_error(void **state)
{
    (void)state;
    static const enum shape shapes[] = {LOGNORMAL, PARETO};
    const char *told = getenv("CXM_TEST_VALUES");
    size_t n = told ? (size_t)strtoull(told, NULL, 10) : 300000;
    uint64_t seed = 31, *u = malloc(n * sizeof *u);
    assert_true(n > 0 && u != NULL);
    for (size_t i = 0; i < 2 * COUNT_OF(shapes); ++i) {
        cxm_quantile_spec spec = micros;
        spec.precision = i % 2 ? CXM_PRECISION_01 : CXM_PRECISION_1;
        double a = i % 2 ? 1.0 / 1025.0 : 1.0 / 129.0;
        cxm_quantile *q = make(&spec);
        feed_many(q, shapes[i / 2], u, n, &seed);
        qsort(u, n, sizeof *u, by_size);
        assert_quantiles(q, u, n, a, &seed);
        assert_summary(q, u, n, a);
        assert_bins(q, u, n, (unsigned)spec.precision);
        print_message("%zu values, shape %d, %g %%: %zu bytes\n", n, (int)shapes[i / 2], 100.0 * a, cxm_quantile_bytes(q));
        cxm_quantile_free(q);
    }
    free(u);
}

/* Every power of two and its neighbours, one value alone: exact. */
static void one_value_is_told_exactly(void **state)
{
    (void)state;
    for (unsigned power = 0; power <= 50; ++power)
        for (uint64_t side = 0; side < 3; ++side) {
            uint64_t u = (UINT64_C(1) << power) + side - 1;
            cxm_quantile *q = make(&micros);
            assert_int_equal(cxm_quantile_add_steps(q, (int64_t)u), CXM_OK);
            for (int i = 0; i <= 10; ++i) {
                double got;
                assert_int_equal(cxm_quantile_at(q, i / 10.0, i % 2 ? CXM_QUANTILE_TYPE7 : CXM_QUANTILE_TYPE1, &got), CXM_OK);
                assert_true(got == (double)u);
            }
            cxm_quantile_free(q);
        }
}

/* ---- order, parts and merge trees ---- */

static void merge_at_random(cxm_quantile **part, size_t parts, uint64_t *seed)
{
    while (parts > 1) {
        size_t a = test_rand(seed) % parts, b = (a + 1 + test_rand(seed) % (parts - 1)) % parts;
        assert_int_equal(cxm_quantile_merge(part[a], part[b]), CXM_OK);
        cxm_quantile_free(part[b]);
        part[b] = part[--parts];
    }
}

/* The values in `parts` parts, merged in any order, against one state that took them from behind. */
static void check_parts(const double *values, size_t n, size_t parts, int32_t precision, uint64_t *seed)
{
    cxm_quantile_spec spec = micros;
    spec.precision = precision;
    spec.targets = 1;
    spec.target[0] = 5000;
    cxm_quantile *whole = make(&spec), **part = malloc(parts * sizeof(cxm_quantile *));
    assert_non_null(part);
    for (size_t i = 0, from = 0; i < parts; ++i) {
        size_t to = i + 1 == parts ? n : from + test_rand(seed) % (2 * (n - from) / (parts - i) + 1);
        if (to > n) to = n;
        part[i] = make(&spec);
        feed(part[i], values + from, to - from, seed);
        assert_int_equal(cxm_quantile_add_unparsed(part[i]), CXM_OK);
        assert_int_equal(cxm_quantile_add_open(part[i]), CXM_OK);
        assert_int_equal(cxm_quantile_add_unparsed(whole), CXM_OK);
        assert_int_equal(cxm_quantile_add_open(whole), CXM_OK);
        from = to;
    }
    for (size_t i = n; i-- > 0;) add_value(whole, values[i], i);
    merge_at_random(part, parts, seed);
    assert_same(part[0], whole);
    cxm_quantile_free(part[0]);
    cxm_quantile_free(whole);
    free(part);
}

static void any_order_and_merge_tree_gives_the_same_bytes(void **state)
{
    (void)state;
    static double values[20000];
    uint64_t seed = 20261125;
    for (int trial = 0; trial < 120; ++trial) {
        size_t n = trial % 10 ? test_rand(&seed) % 600 : 5000;
        for (size_t i = 0; i < n; ++i) values[i] = random_value(&seed);
        check_parts(values, n, 1 + test_rand(&seed) % PARTS, trial % 2 ? CXM_PRECISION_1 : CXM_PRECISION_01, &seed);
    }
    for (size_t i = 0; i < COUNT_OF(values); ++i) values[i] = random_value(&seed);
    check_parts(values, COUNT_OF(values), 10000, CXM_PRECISION_1, &seed);
}

/* ---- what is taken back ---- */

static void shuffle(double *values, size_t n, uint64_t *seed)
{
    for (size_t i = n; i > 1; --i) {
        size_t pick = test_rand(seed) % i;
        double last = values[i - 1];
        values[i - 1] = values[pick];
        values[pick] = last;
    }
}

/* Y is added to X and taken back, one by one and by subtraction. */
static void remove_and_subtract_are_inverses(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 5, 15, 16, 17, 40, ROWS};
    uint64_t seed = 12;
    for (int trial = 0; trial < 200; ++trial) {
        double x[ROWS], y[ROWS];
        size_t nx = sizes[test_rand(&seed) % COUNT_OF(sizes)], ny = sizes[test_rand(&seed) % COUNT_OF(sizes)];
        cxm_quantile *single = make(&micros), *block = make(&micros), *want = make(&micros), *taken = make(&micros);
        for (size_t i = 0; i < ROWS; ++i) x[i] = random_value(&seed), y[i] = random_value(&seed);
        x[0] = 5e5;
        y[0] = 12345;
        feed(want, x, nx, &seed);
        touch(want);
        feed(single, x, nx, &seed);
        feed(single, y, ny, &seed);
        feed(block, y, ny, &seed);
        feed(block, x, nx, &seed);
        feed(taken, y, ny, &seed);
        shuffle(y, ny, &seed);
        for (size_t i = 0; i < ny; ++i) remove_value(single, y[i], i);
        assert_int_equal(cxm_quantile_subtract(block, taken), CXM_OK);
        assert_same(single, want);
        assert_same(block, want);
        cxm_quantile_free(single);
        cxm_quantile_free(block);
        cxm_quantile_free(want);
        cxm_quantile_free(taken);
    }
}

static void everything_removed_is_the_empty_state(void **state)
{
    (void)state;
    uint64_t seed = 13;
    for (int trial = 0; trial < 60; ++trial) {
        double x[ROWS];
        size_t n = trial % 2 ? ROWS : 1 + (size_t)trial / 2;
        cxm_quantile *q = make(&micros), *fresh = make(&micros);
        for (size_t i = 0; i < n; ++i) x[i] = random_value(&seed);
        feed(q, x, n, &seed);
        assert_int_equal(cxm_quantile_add_unparsed(q), CXM_OK);
        assert_int_equal(cxm_quantile_add_open(q), CXM_OK);
        shuffle(x, n, &seed);
        for (size_t i = 0; i < n; ++i) remove_value(q, x[i], i);
        assert_int_equal(cxm_quantile_remove_unparsed(q), CXM_OK);
        assert_int_equal(cxm_quantile_remove_open(q), CXM_OK);
        assert_same(q, fresh);
        feed(q, x, n, &seed);
        feed(fresh, x, n, &seed);
        assert_same(q, fresh);
        assert_int_equal(cxm_quantile_subtract(q, q), CXM_OK);
        cxm_quantile_free(fresh);
        fresh = make(&micros);
        assert_same(q, fresh);
        cxm_quantile_free(q);
        cxm_quantile_free(fresh);
    }
}

static void values_that_never_were_are_not_taken(void **state)
{
    (void)state;
    static const double absent[] = {0.0, 1.0, 999.0, 3e15, 1e17, -1.0, INFINITY, NAN};
    cxm_quantile *q = make(&micros), *more = make(&micros);
    for (int turn = 0; turn < 40; ++turn) {
        bytes before = encode(q);
        for (size_t i = 0; i < COUNT_OF(absent); ++i)
            assert_int_equal(cxm_quantile_remove(q, absent[i]), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_quantile_remove_steps(q, 998), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_quantile_remove_steps(q, -5), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_quantile_remove_missing(q), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_quantile_remove_unparsed(q), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_quantile_remove_open(q), CXM_E_UNDERFLOW);
        for (size_t i = 0; i < COUNT_OF(absent); ++i) {
            cxm_quantile_free(more);
            more = make(&micros);
            assert_int_equal(cxm_quantile_merge(more, q), CXM_OK);
            assert_true(counted(cxm_quantile_add(more, absent[i])));
            assert_int_equal(cxm_quantile_subtract(q, more), CXM_E_UNDERFLOW);
        }
        assert_bytes(q, &before);
        free(before.at);
        assert_int_equal(cxm_quantile_add_steps(q, 5000 + 400 * turn), CXM_OK);
    }
    cxm_quantile_free(q);
    cxm_quantile_free(more);
}

static void a_window_slides_by_subtraction(void **state)
{
    (void)state;
    enum { PANES = 24, WIDE = 5 };
    uint64_t seed = 14;
    cxm_quantile *pane[PANES], *window = make(&micros);
    for (int i = 0; i < PANES; ++i) {
        double x[100];
        pane[i] = make(&micros);
        for (size_t j = 0; j < COUNT_OF(x); ++j) x[j] = random_value(&seed);
        feed(pane[i], x, COUNT_OF(x), &seed);
        assert_int_equal(cxm_quantile_merge(window, pane[i]), CXM_OK);
        if (i < WIDE) continue;
        cxm_quantile *direct = make(&micros);
        assert_int_equal(cxm_quantile_subtract(window, pane[i - WIDE]), CXM_OK);
        for (int j = i; j > i - WIDE; --j) assert_int_equal(cxm_quantile_merge(direct, pane[j]), CXM_OK);
        touch(direct);
        assert_same(window, direct);
        cxm_quantile_free(direct);
    }
    for (int i = 0; i < PANES; ++i) cxm_quantile_free(pane[i]);
    cxm_quantile_free(window);
}

/* After a removal the extremes are those of their bins; a merge hands that on. */
static void extremes_after_a_removal_are_within_the_error(void **state)
{
    (void)state;
    uint64_t seed = 15;
    for (int trial = 0; trial < 200; ++trial) {
        cxm_quantile *q = make(&micros), *other = make(&micros);
        uint64_t u[50];
        size_t n = 2 + test_rand(&seed) % 48;
        for (size_t i = 0; i < n; ++i) {
            u[i] = random_steps(PARETO, &seed);
            assert_int_equal(cxm_quantile_add_steps(q, (int64_t)u[i]), CXM_OK);
        }
        qsort(u, n, sizeof *u, by_size);
        assert_int_equal(summary_of(q, CXM_OK).extremes_exact, 1);
        assert_int_equal(cxm_quantile_remove_steps(q, (int64_t)u[n - 1]), CXM_OK);
        assert_int_equal(cxm_quantile_merge(other, q), CXM_OK);
        for (int turn = 0; turn < 2; ++turn) {
            cxm_quantile_summary got = summary_of(turn ? other : q, CXM_OK);
            double slack = got.relative_error * (1.0 + 1e-12);
            assert_true(got.extremes_exact == 0 && got.n == n - 1);
            assert_close(got.min, (double)u[0], slack);
            assert_close(got.max, (double)u[n - 2], slack);
        }
        cxm_quantile_free(q);
        cxm_quantile_free(other);
    }
}

/* Ranges of 1 to 20 bins: a window has no counter for the bin behind the last, however its groups lie. */
static void what_is_over_is_over_beside_a_window(void **state)
{
    (void)state;
    for (uint64_t high = 1000; bin_of(high, 6) < bin_of(1000, 6) + 20; high = bin_high(high, 6) + 1) {
        cxm_quantile_spec spec = {.size = sizeof spec, .unit = CXM_UNIT_US, .low = 1000, .high = high};
        cxm_quantile *q = make(&spec);
        for (int i = 0; i < 300; ++i) {
            assert_int_equal(cxm_quantile_add(q, (double)bin_high(high, 6)), CXM_OK);
            assert_int_equal(cxm_quantile_add(q, (double)bin_high(high, 6) + 1.0), CXM_OK);
            assert_int_equal(cxm_quantile_add_steps(q, (int64_t)bin_low(1000, 6) - 1), CXM_OK);
        }
        cxm_quantile_summary got = summary_of(q, CXM_OK);
        assert_true(got.over == 300 && got.under == 300 && got.n == 900);
        cxm_quantile_free(q);
    }
}

/* Counters one value before and behind the greatest that theirs hold, by one value and by another road. */
static void full_counters_grow(void **state)
{
    (void)state;
    cxm_quantile *q = make(&micros);
    for (uint64_t n = 1; n <= 66000; ++n) {
        assert_int_equal(n % 2 ? cxm_quantile_add(q, 77.0) : cxm_quantile_add_steps(q, 77), CXM_OK);
        if (n % 256 > 1 && n < 65530) continue;
        cxm_quantile_summary got = summary_of(q, CXM_OK);
        assert_true(got.n == n && got.sum_low == 77 * n && got.sum_high == 0);
    }
    cxm_quantile_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_quantile_is_within_the_error),
        cmocka_unit_test(many_values_are_within_the_error),
        cmocka_unit_test(one_value_is_told_exactly),
        cmocka_unit_test(any_order_and_merge_tree_gives_the_same_bytes),
        cmocka_unit_test(remove_and_subtract_are_inverses),
        cmocka_unit_test(everything_removed_is_the_empty_state),
        cmocka_unit_test(values_that_never_were_are_not_taken),
        cmocka_unit_test(a_window_slides_by_subtraction),
        cmocka_unit_test(extremes_after_a_removal_are_within_the_error),
        cmocka_unit_test(what_is_over_is_over_beside_a_window),
        cmocka_unit_test(full_counters_grow),
    };
    return cmocka_run_group_tests_name("response/quantile", tests, NULL, NULL);
}
