/* SPDX-License-Identifier: MIT */
/* test_quantile_summary.c - what a state says: exact sums and counts at targets, ranks outside the range, limits from order
 * statistics; misuse. */
#include <cxm/quantile.h>
#include <math.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

#define CENTURY_US UINT64_C(3155760000000000)

static const cxm_quantile_spec micros = {.size = sizeof micros, .unit = CXM_UNIT_US};
static const cxm_quantile_spec cents = {.size = sizeof cents, .unit = CXM_UNIT_NUMBER, .decimals = 2};

static cxm_quantile *make(const cxm_quantile_spec *spec)
{
    cxm_quantile *q = NULL;
    assert_int_equal(cxm_quantile_create(spec, NULL, &q), CXM_OK);
    return q;
}

static cxm_quantile_summary summary_of(const cxm_quantile *q, cxm_status want)
{
    cxm_quantile_summary got = {.size = sizeof got};
    assert_int_equal(cxm_quantile_summarize(q, &got), want);
    return got;
}

static double uniform(uint64_t *seed)
{
    return (double)(test_rand(seed) >> 11) * 0x1p-53;
}

/* Whole steps of every size below 2^bits. */
static uint64_t random_steps(unsigned bits, uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    return (draw >> 8 | UINT64_C(1) << 55) >> (56 - bits + draw % bits);
}

/* ---- what has no value ---- */

/* Of a state with 2 zeros, 3 under, 4 in range and 1 over: what the ranks outside the range say. */
static void ranks_outside_the_range_have_no_value(void **state)
{
    (void)state;
    static const int64_t steps[] = {0, 0, 3, 4, 5, 100, 110, 120, 127, 5000};
    static const double want[] = {0, 0, -1, -1, -1, 100, 110, 120, 127, -1};
    cxm_quantile_spec spec = micros;
    spec.low = 10;
    spec.high = 1000;
    cxm_quantile *q = make(&spec);
    uint64_t least, most;
    double share;
    for (size_t i = 0; i < COUNT_OF(steps); ++i) assert_int_equal(cxm_quantile_add_steps(q, steps[i]), CXM_OK);
    for (size_t i = 0; i < COUNT_OF(want); ++i) {
        double got = -1.0;
        cxm_status status = cxm_quantile_at(q, ((double)i + 0.5) / 10.0, CXM_QUANTILE_TYPE1, &got);
        assert_int_equal(status, want[i] < 0.0 ? CXM_E_UNDEFINED : CXM_OK);
        if (status == CXM_OK) assert_true(got == want[i]);
    }
    assert_int_equal(cxm_quantile_rank(q, 0.0, &least, &most, &share), CXM_OK);
    assert_true(least == 2 && most == 2);
    assert_int_equal(cxm_quantile_rank(q, 110.0, &least, &most, &share), CXM_OK);
    assert_true(least <= 7 && most >= 7 && most <= 7 && share >= 0.6 && share <= 0.7);
    assert_int_equal(cxm_quantile_rank(q, 1007.0, &least, &most, &share), CXM_OK);
    assert_true(most == 9);
    assert_int_equal(cxm_quantile_rank(q, -1.0, &least, &most, &share), CXM_OK);
    assert_true(least == 0 && most == 0 && share == 0.0);
    assert_int_equal(summary_of(q, CXM_OK).median_status, CXM_E_UNDEFINED);     /* between 5 and 100 */
    cxm_quantile_free(q);
}

static void an_empty_state_says_so(void **state)
{
    (void)state;
    cxm_quantile *q = make(NULL);
    cxm_interval limits = {.size = sizeof limits};
    cxm_quantile_spec told = {.size = sizeof told};
    uint64_t least, most;
    uint32_t cursor = 0;
    double x, y;
    assert_int_equal(cxm_quantile_add_missing(q), CXM_OK);
    cxm_quantile_summary got = summary_of(q, CXM_E_EMPTY);
    assert_true(got.n == 0 && got.missing == 1);
    assert_int_equal(got.mean_status, CXM_E_EMPTY);
    assert_int_equal(cxm_quantile_at(q, 0.5, CXM_QUANTILE_TYPE7, &x), CXM_E_EMPTY);
    assert_int_equal(cxm_quantile_interval(q, 0.5, 0.95, &limits), CXM_E_EMPTY);
    assert_int_equal(cxm_quantile_rank(q, 1.0, &least, &most, &x), CXM_E_EMPTY);
    assert_int_equal(cxm_quantile_bin(q, &cursor, &x, &y, &least), CXM_END);
    assert_int_equal(cxm_quantile_spec_of(q, &told), CXM_OK);
    assert_true(told.unit == CXM_UNIT_S && told.precision == CXM_PRECISION_1 && told.low == 1 && told.targets == 0);
    assert_true(told.high >= CENTURY_US && told.high < CENTURY_US + CENTURY_US / 64);
    cxm_quantile_free(q);
}

/* ---- the exact sum ---- */

/* Doubled 40 times a sum of 3,000 values passes 64 bits; what is taken away again leaves no trace. */
static void the_sum_is_exact_in_128_bits(void **state)
{
    (void)state;
    uint64_t seed = 51, high = 0, low = 0, u[3000];
    cxm_quantile *q = make(&cents), *half = make(&cents);
    for (size_t i = 0; i < COUNT_OF(u); ++i) {
        u[i] = random_steps(52, &seed);
        low += u[i], high += low < u[i];
        assert_int_equal(cxm_quantile_add_steps(q, (int64_t)u[i]), CXM_OK);
        if (i % 2) assert_int_equal(cxm_quantile_add_steps(half, (int64_t)u[i]), CXM_OK);
    }
    for (int i = 0; i < 40; ++i) {
        assert_int_equal(cxm_quantile_merge(q, q), CXM_OK);
        high = high << 1 | low >> 63, low <<= 1;
    }
    cxm_quantile_summary got = summary_of(q, CXM_OK);
    assert_true(high > 0 && got.sum_high == high && got.sum_low == low && got.n == (uint64_t)COUNT_OF(u) << 40);
    assert_int_equal(cxm_quantile_subtract(q, half), CXM_OK);
    for (size_t i = 1; i < COUNT_OF(u); i += 2) high -= low < u[i], low -= u[i];
    got = summary_of(q, CXM_OK);
    assert_true(got.sum_high == high && got.sum_low == low && got.extremes_exact == 0);
    assert_close(got.mean, ((double)high * 0x1p64 + (double)low) / (double)got.n / 100.0, 1e-15);
    cxm_quantile_free(q);
    cxm_quantile_free(half);
}

/* ---- targets ---- */

enum { TARGETS = 4, NEAR = 11 };
static const uint64_t targets[TARGETS] = {7, 1000, 1003, 123456789};

/* Doubles around a target, and the steps each of them is: ties go to even. */
static double near_target(uint64_t target, int at, uint64_t *steps)
{
    static const double by[NEAR] = {-2, -1, -0.6, -0.5, -0.4, 0, 0.4, 0.5, 0.6, 1, 2};
    double value = (double)target + by[at];
    double down = floor(value), part = value - down;
    *steps = (uint64_t)down + (part > 0.5 || (part == 0.5 && (uint64_t)down % 2) ? 1 : 0);
    return value;
}

static void assert_hits(const cxm_quantile *q, const uint64_t *want, uint64_t n)
{
    for (uint32_t i = 0; i < TARGETS; ++i) {
        uint64_t hits, all, least, most;
        double share;
        assert_int_equal(cxm_quantile_within(q, i, &hits, &all), CXM_OK);
        assert_true(hits == want[i] && all == n);
        assert_int_equal(cxm_quantile_rank(q, (double)targets[i], &least, &most, &share), CXM_OK);
        assert_true(least == want[i] && most == want[i]);
        assert_close(share, (double)want[i] / (double)n, 1e-15);
    }
}

static void targets_are_counted_exactly(void **state)
{
    (void)state;
    uint64_t seed = 61;
    for (int trial = 0; trial < 100; ++trial) {
        cxm_quantile_spec spec = micros;
        spec.precision = trial % 2 ? CXM_PRECISION_1 : CXM_PRECISION_01;
        spec.targets = TARGETS;
        memcpy(spec.target, targets, sizeof targets);
        cxm_quantile *q = make(&spec), *other = make(&spec);
        uint64_t hits[TARGETS] = {0}, n = 1 + test_rand(&seed) % 200, steps;
        double values[200];
        cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = n};
        for (size_t i = 0; i < n; ++i) {
            uint64_t draw = test_rand(&seed);
            values[i] = near_target(targets[draw % TARGETS], (int)((draw >> 8) % NEAR), &steps);
            for (int k = 0; k < TARGETS; ++k) hits[k] += steps <= targets[k];
        }
        for (size_t i = 0; i < n && trial % 3; ++i) assert_int_equal(cxm_quantile_add(q, values[i]), CXM_OK);
        if (trial % 3 == 0) assert_int_equal(cxm_quantile_add_many(q, &column), CXM_OK);
        assert_hits(q, hits, n);
        for (int i = 0; i < 20; ++i) assert_int_equal(cxm_quantile_add_steps(other, (int64_t)targets[i % TARGETS] + i % 2), CXM_OK);
        assert_int_equal(cxm_quantile_merge(q, other), CXM_OK);
        for (int i = 0; i < 20; ++i)
            for (int k = 0; k < TARGETS; ++k) hits[k] += targets[i % TARGETS] + (uint64_t)(i % 2) <= targets[k];
        assert_hits(q, hits, n + 20);
        assert_int_equal(cxm_quantile_add(q, 0.0), CXM_OK);
        assert_int_equal(cxm_quantile_add(q, 1e18), CXM_OK);
        assert_int_equal(cxm_quantile_add(q, -1.0), CXM_E_DOMAIN);
        for (int k = 0; k < TARGETS; ++k) ++hits[k];                /* the zero */
        assert_hits(q, hits, n + 22);
        for (size_t i = 0; i < n; ++i) assert_int_equal(cxm_quantile_remove(q, values[i]), CXM_OK);
        assert_int_equal(cxm_quantile_remove(q, 0.0), CXM_OK);
        assert_int_equal(cxm_quantile_remove(q, 1e18), CXM_OK);
        for (int k = 0; k < TARGETS; ++k) {
            hits[k] = 0;
            for (int i = 0; i < 20; ++i) hits[k] += targets[i % TARGETS] + (uint64_t)(i % 2) <= targets[k];
        }
        assert_hits(q, hits, 20);
        assert_int_equal(cxm_quantile_merge(q, q), CXM_OK);
        assert_int_equal(cxm_quantile_subtract(q, other), CXM_OK);
        assert_hits(q, hits, 20);
        cxm_quantile_free(q);
        cxm_quantile_free(other);
    }
}

/* ---- limits from order statistics ---- */

/* Chance of `from`..`to` hits out of n. */
static double binomial(int n, double p, int from, int to)
{
    double mass = pow(1.0 - p, n), sum = 0.0;
    for (int k = 0; k <= to; ++k) {
        if (k >= from) sum += mass;
        mass *= (double)(n - k) / (double)(k + 1) * p / (1.0 - p);
    }
    return sum;
}

/* The ranks of the limits, 0 for none; 1 - 0.9 is 0.1, whatever its last digit. */
static void ranks_of(int n, double share, double level, int *l, int *u)
{
    double tail = (1.0 - level) / 2.0 * (1.0 + 1e-11);
    *l = *u = 0;
    for (int k = 1; k <= n && binomial(n, share, 0, k - 1) <= tail; ++k) *l = k;
    for (int k = n; k >= 1 && binomial(n, share, k, n) <= tail; --k) *u = k;
}

static void assert_limits(int n, double share, double level, int l, int u)
{
    cxm_quantile *q = make(&micros);
    cxm_interval got = {.size = sizeof got};
    for (int i = 1; i <= n; ++i) assert_int_equal(cxm_quantile_add_steps(q, i), CXM_OK);
    assert_int_equal(cxm_quantile_interval(q, share, level, &got), l && u ? CXM_OK : CXM_E_UNDEFINED);
    assert_true(got.level == level);
    assert_true(l ? got.low == l : got.low != got.low);
    assert_true(u ? got.high == u : got.high != got.high);
    cxm_quantile_free(q);
}

static void limits_are_the_classic_order_statistics(void **state)
{
    (void)state;
    static const double shares[] = {0.05, 0.25, 0.5, 0.8, 0.9, 0.95, 0.99}, levels[] = {0.8, 0.9, 0.95, 0.99};
    assert_limits(5, 0.5, 0.95, 0, 0);
    assert_limits(6, 0.5, 0.95, 1, 6);
    assert_limits(10, 0.5, 0.95, 2, 9);
    assert_limits(20, 0.5, 0.95, 6, 15);
    assert_limits(100, 0.5, 0.95, 40, 61);
    assert_limits(5, 0.9, 0.95, 3, 0);
    assert_limits(100, 0.9, 0.95, 84, 96);
    for (size_t i = 0; i < COUNT_OF(shares); ++i)
        for (size_t j = 0; j < COUNT_OF(levels); ++j)
            for (int n = 1; n <= 120; ++n) {
                int l, u;
                ranks_of(n, shares[i], levels[j], &l, &u);
                assert_limits(n, shares[i], levels[j], l, u);
            }
}

/* Exponential waiting times: the quantile of the population lies inside at least as often as promised. */
static void limits_cover_the_population(void **state)
{
    (void)state;
    enum { SAMPLES = 2000, SIZE = 60 };
    static const double shares[] = {0.5, 0.9};
    uint64_t seed = 71;
    for (size_t k = 0; k < COUNT_OF(shares); ++k) {
        double truth = -1e6 * log(1.0 - shares[k]);
        int covered = 0;
        for (int i = 0; i < SAMPLES; ++i) {
            cxm_quantile *q = make(&micros);
            cxm_interval got = {.size = sizeof got};
            for (int j = 0; j < SIZE; ++j) assert_int_equal(cxm_quantile_add(q, -1e6 * log(1.0 - uniform(&seed))), CXM_OK);
            cxm_status status = cxm_quantile_interval(q, shares[k], 0.95, &got);
            assert_true(status == CXM_OK || status == CXM_E_UNDEFINED);
            covered += !(got.low > truth) && !(got.high < truth);
            cxm_quantile_free(q);
        }
        assert_true(covered >= SAMPLES * 0.95 - 5.0 * sqrt(SAMPLES * 0.95 * 0.05));
    }
}

/* ---- misuse ---- */

/* Counts past what doubles tell one by one: 2^51 - 1 values of 7, and one of 1000. */
static void ranks_of_many_values_are_whole(void **state)
{
    (void)state;
    double got = 0.0;
    cxm_quantile *q = make(&micros), *part = make(&micros);
    assert_int_equal(cxm_quantile_add_steps(q, 1000), CXM_OK);
    assert_int_equal(cxm_quantile_add_steps(part, 7), CXM_OK);
    for (int bit = 0; bit < 51; ++bit) {
        assert_int_equal(cxm_quantile_merge(q, part), CXM_OK);
        assert_int_equal(cxm_quantile_merge(part, part), CXM_OK);
    }
    assert_int_equal(cxm_quantile_at(q, 1.0, CXM_QUANTILE_TYPE1, &got), CXM_OK);
    assert_true(got == 1000.0);
    assert_int_equal(cxm_quantile_merge(q, q), CXM_OK);
    assert_int_equal(cxm_quantile_at(q, 1.0 - 0x1p-51, CXM_QUANTILE_TYPE1, &got), CXM_OK);     /* the last of the 7 */
    assert_true(got == 7.0);
    assert_int_equal(cxm_quantile_at(q, 1.0 - 0x1p-52, CXM_QUANTILE_TYPE1, &got), CXM_OK);     /* the first of two 1000 */
    assert_true(got == 1000.0);
    cxm_quantile_free(q);
    cxm_quantile_free(part);
}

static void assert_rank(const cxm_quantile *q, double value, uint64_t least, uint64_t most)
{
    uint64_t l, m;
    double share;
    assert_int_equal(cxm_quantile_rank(q, value, &l, &m, &share), CXM_OK);
    assert_true(l == least && m == most);
}

/* A rank asked for turns into steps as a value told does: to the nearest, and at the far end of the range, too. */
static void ranks_take_values_as_they_were_told(void **state)
{
    (void)state;
    const double far = 4000000000000001.0;
    cxm_quantile_spec whole = cents;
    whole.decimals = 0;
    cxm_quantile *q = make(&whole);
    assert_int_equal(cxm_quantile_add(q, 2.6), CXM_OK);
    assert_int_equal(cxm_quantile_add(q, 1e306), CXM_OK);
    assert_rank(q, 2.6, 1, 1);
    assert_rank(q, 2.4, 0, 0);
    assert_rank(q, -1e-12, 0, 0);
    assert_rank(q, 1e304, 1, 2);
    assert_rank(q, INFINITY, 2, 2);
    cxm_quantile_free(q);
    whole.targets = 2;
    whole.target[0] = (uint64_t)far;
    whole.target[1] = (uint64_t)far + 1;
    q = make(&whole);
    for (int i = 0; i < 3; ++i) assert_int_equal(cxm_quantile_add(q, far + (i > 0)), CXM_OK);
    assert_rank(q, far - 1.0, 0, 0);            /* below the least value */
    assert_rank(q, far, 1, 1);
    assert_rank(q, far + 1.0, 3, 3);
    cxm_quantile_free(q);
}

static double share_at(const cxm_quantile *q, double value)
{
    uint64_t least, most;
    double share = -1.0;
    assert_int_equal(cxm_quantile_rank(q, value, &least, &most, &share), CXM_OK);
    return share;
}

/* The least and the greatest value, and the counts at targets, are known: no rank says otherwise, and the share rises with the
 * value, through bins that a target or an extreme cuts. */
static void shares_rise_and_know_the_extremes(void **state)
{
    (void)state;
    cxm_quantile_spec spec = {.size = sizeof spec, .targets = 1, .target = {25000000}};
    cxm_quantile *alike = make(NULL), *few = make(&spec);
    for (int i = 0; i < 50; ++i) cxm_quantile_add(alike, 7.0);
    assert_true(share_at(alike, 7.0) == 1.0 && share_at(alike, 6.999999) == 0.0 && share_at(alike, 7.01) == 1.0);
    for (int i = 0; i < 10; ++i) cxm_quantile_add(few, 25.1);
    cxm_quantile_add(few, 1.0);
    cxm_quantile_add(few, 60.0);
    double before = 0.0;
    for (double value = 0.5; value < 70.0; value += 0.01) {
        double share = share_at(few, value);
        assert_true(share >= before);
        before = share;
    }
    assert_close(share_at(few, 25.0), 1.0 / 12.0, 1e-15);
    assert_close(share_at(few, 24.999), 1.0 / 12.0, 1e-15);
    assert_true(share_at(few, 60.0) == 1.0 && share_at(few, 0.999) == 0.0);
    cxm_quantile_free(alike);
    cxm_quantile_free(few);
}

/* The longest spec there is goes there and back. */
static void the_longest_spec_travels(void **state)
{
    (void)state;
    cxm_quantile_spec spec = {.size = sizeof spec, .precision = CXM_PRECISION_01, .unit = CXM_UNIT_NUMBER, .decimals = 9,
                              .low = 1100000000000000, .high = 4000000000000000, .targets = 4,
                              .target = {1200000000000000, 1300000000000000, 1400000000000000, 1500000000000000}};
    cxm_quantile *q = make(&spec), *back = NULL;
    unsigned char out[512], again[512];
    size_t len, other;
    assert_int_equal(cxm_quantile_add_steps(q, 1250000000000000), CXM_OK);
    assert_int_equal(cxm_quantile_encode(q, out, sizeof out, &len), CXM_OK);
    assert_int_equal(cxm_quantile_decode(out, len, 0, NULL, &back), CXM_OK);
    assert_int_equal(cxm_quantile_encode(back, again, sizeof again, &other), CXM_OK);
    assert_int_equal(other, len);
    assert_memory_equal(again, out, len);
    cxm_quantile_free(q);
    cxm_quantile_free(back);
}

/* Merged zeros fill n; a value that finds its counter is counted all the same, and everything that needs n says so. */
static void a_full_n_is_an_error_of_who_asks(void **state)
{
    (void)state;
    size_t len;
    cxm_quantile_summary got = {.size = sizeof got};
    cxm_quantile *q = make(&micros), *zeros = make(&micros);
    for (int i = 0; i < 15; ++i) assert_int_equal(cxm_quantile_add_steps(q, 5), CXM_OK);
    assert_int_equal(cxm_quantile_add_steps(zeros, 0), CXM_OK);
    for (int bit = 0; bit < 64; ++bit) {
        if (bit >= 4) assert_int_equal(cxm_quantile_merge(q, zeros), CXM_OK);       /* 15 and 2^64 - 16 */
        if (bit < 63) assert_int_equal(cxm_quantile_merge(zeros, zeros), CXM_OK);
    }
    assert_int_equal(cxm_quantile_summarize(q, &got), CXM_OK);
    assert_true(got.n == UINT64_MAX);
    assert_int_equal(cxm_quantile_add_steps(q, 0), CXM_E_OVERFLOW);
    assert_int_equal(cxm_quantile_add_steps(q, 7000), CXM_E_OVERFLOW);
    assert_int_equal(cxm_quantile_add_steps(q, 5), CXM_OK);
    assert_int_equal(cxm_quantile_summarize(q, &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_quantile_encode(q, NULL, 0, &len), CXM_E_OVERFLOW);
    assert_int_equal(cxm_quantile_remove_steps(q, 5), CXM_OK);
    assert_int_equal(cxm_quantile_encode(q, NULL, 0, &len), CXM_E_LIMIT);
    cxm_quantile_free(q);
    cxm_quantile_free(zeros);
}

/* What a column borrows is part of the most: a window of the widest counters that grows to the whole range. */
static void a_column_stays_within_the_most(void **state)
{
    (void)state;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    double ends[] = {1.0, 4.4e15};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = ends, .count = 2};
    cxm_quantile_spec whole = cents;
    cxm_quantile *q = NULL;
    whole.decimals = 0;
    assert_int_equal(cxm_quantile_create(&whole, &hook, &q), CXM_OK);
    for (int i = 0; i < 20; ++i) assert_int_equal(cxm_quantile_add(q, 1000.0), CXM_OK);
    for (int i = 0; i < 40; ++i) assert_int_equal(cxm_quantile_merge(q, q), CXM_OK);
    assert_int_equal(cxm_quantile_add_many(q, &column), CXM_OK);
    assert_true(own.live == cxm_quantile_bytes(q) && own.peak <= cxm_quantile_bytes_most(&whole));
    cxm_quantile_free(q);
}

/* Counters are as wide as the greatest count asks, whoever brings it: 250 of one bin, then few values that make it 251, or 256. */
static void few_values_widen_when_they_must(void **state)
{
    (void)state;
    for (int more = 1; more <= 6; more += 5) {
        cxm_quantile *q = make(&micros), *few = make(&micros);
        for (int i = 0; i < 250; ++i) assert_int_equal(cxm_quantile_add_steps(q, 100), CXM_OK);
        assert_int_equal(cxm_quantile_add_steps(q, 101), CXM_OK);
        for (int i = 0; i < 6; ++i) assert_int_equal(cxm_quantile_add_steps(few, i < more ? 100 : 101), CXM_OK);
        size_t narrow = cxm_quantile_bytes(q), fixed = cxm_quantile_bytes(few);
        assert_int_equal(cxm_quantile_merge(q, few), CXM_OK);
        assert_int_equal(cxm_quantile_bytes(q) - fixed, (narrow - fixed) * (more == 6 ? 2 : 1));
        cxm_quantile_free(q);
        cxm_quantile_free(few);
    }
}

/* Of two values that one bin holds the other was taken back: below the least value there are none, so the sum tells. */
static void what_never_was_there_is_not_encoded(void **state)
{
    (void)state;
    size_t len;
    cxm_quantile *q = make(&micros);
    assert_int_equal(cxm_quantile_add_steps(q, 1024), CXM_OK);
    assert_int_equal(cxm_quantile_add_steps(q, 70), CXM_OK);
    assert_int_equal(cxm_quantile_remove_steps(q, 1039), CXM_OK);
    assert_int_equal(cxm_quantile_encode(q, NULL, 0, &len), CXM_E_UNDEFINED);
    cxm_quantile_free(q);
}

/* 1030 and 1031 twice make 4122. Bytes of 4109, which the bin from 1024 on could have but no four of these extremes, are none. */
static void a_mean_below_the_least_value_is_refused(void **state)
{
    (void)state;
    unsigned char bytes[128];
    size_t len, at = 0;
    cxm_quantile *q = make(&micros), *back = NULL;
    for (int i = 0; i < 4; ++i) assert_int_equal(cxm_quantile_add_steps(q, 1030 + i % 2), CXM_OK);
    assert_int_equal(cxm_quantile_encode(q, bytes, sizeof bytes, &len), CXM_OK);
    while (at + 3 < len && memcmp(bytes + at, "\x9a\x20\x00", 3) != 0) ++at;       /* the sum's words */
    assert_true(at + 3 < len);
    bytes[at] = 0x8d;
    test_repair(bytes, len);
    assert_int_equal(cxm_quantile_decode(bytes, len, 0, NULL, &back), CXM_E_FORMAT);
    bytes[at] = 0x9a;
    test_repair(bytes, len);
    assert_int_equal(cxm_quantile_decode(bytes, len, 0, NULL, &back), CXM_OK);
    cxm_quantile_free(q);
    cxm_quantile_free(back);
}

/* What is over the range is above the target, but is no value in a bin that another could be taken for. */
static void a_target_tells_values_of_a_bin_apart(void **state)
{
    (void)state;
    uint64_t hits, n;
    cxm_quantile_spec spec = micros;
    spec.high = 5000;
    spec.targets = 1;
    spec.target[0] = 1001;
    cxm_quantile *a = make(&spec), *b = make(&spec);
    assert_int_equal(cxm_quantile_add_steps(a, 1000), CXM_OK);
    assert_int_equal(cxm_quantile_add_steps(a, 1001), CXM_OK);
    assert_int_equal(cxm_quantile_add_steps(a, 9000), CXM_OK);
    assert_int_equal(cxm_quantile_add_steps(b, 1002), CXM_OK);
    assert_int_equal(cxm_quantile_remove_steps(a, 1002), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_quantile_subtract(a, b), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_quantile_within(a, 0, &hits, &n), CXM_OK);
    assert_true(hits == 2 && n == 3);
    cxm_quantile_free(a);
    cxm_quantile_free(b);
}

static void specs_out_of_their_ranges_are_refused(void **state)
{
    (void)state;
    cxm_quantile_spec bad[24];
    cxm_quantile *out = NULL;
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(bad); ++i) bad[i] = micros;
    bad[n++].precision = 5;
    bad[n++].precision = -1;
    bad[n++].precision = 7;
    bad[n++].unit = 7;
    bad[n++].unit = -1;
    bad[n++].decimals = 1;
    bad[n].unit = CXM_UNIT_NUMBER, bad[n++].decimals = 10;
    bad[n].unit = CXM_UNIT_NUMBER, bad[n++].decimals = -1;
    bad[n].low = 1000, bad[n++].high = 100;
    bad[n++].high = UINT64_C(1) << 52;
    bad[n++].high = UINT64_MAX;
    bad[n++].low = UINT64_MAX;
    bad[n++].targets = 5;
    bad[n++].targets = UINT32_MAX;
    bad[n++].targets = 1;                                           /* of 0 */
    bad[n++].target[0] = 9;                                         /* not declared */
    bad[n].targets = 1, bad[n].target[0] = 9, bad[n++].target[1] = 10;
    bad[n].targets = 2, bad[n].target[0] = 9, bad[n++].target[1] = 9;
    bad[n].targets = 2, bad[n].target[0] = 9, bad[n++].target[1] = 8;
    bad[n].targets = 1, bad[n++].target[0] = UINT64_C(1) << 53;
    bad[n].low = 1000, bad[n].targets = 1, bad[n++].target[0] = 9;
    bad[n++].reserved = 1;
    for (size_t i = 0; i < n; ++i) {
        assert_int_equal(cxm_quantile_create(&bad[i], NULL, &out), CXM_E_ARG);
        assert_true(out == NULL && cxm_quantile_bytes_most(&bad[i]) == 0);
    }
    bad[n] = micros;
    bad[n].size = 8;
    assert_int_equal(cxm_quantile_create(&bad[n], NULL, &out), CXM_E_ABI);
    assert_null(out);
    assert_true(cxm_quantile_bytes_most(&micros) > 0);
}

static void states_of_another_kind_do_not_merge(void **state)
{
    (void)state;
    cxm_quantile_spec other[8];
    cxm_quantile *q = make(&micros);
    for (size_t i = 0; i < COUNT_OF(other); ++i) other[i] = micros;
    other[0].precision = CXM_PRECISION_01;
    other[1].unit = CXM_UNIT_NUMBER;
    other[2].low = 50;
    other[3].high = 1000;
    other[4].targets = 1, other[4].target[0] = 5;
    other[5].unit = CXM_UNIT_H;
    other[6].precision = CXM_PRECISION_1;
    other[7].low = 1;
    for (size_t i = 0; i < COUNT_OF(other); ++i) {
        cxm_quantile *from = make(&other[i]);
        assert_int_equal(cxm_quantile_merge(q, from), i < 5 ? CXM_E_MISMATCH : CXM_OK);
        assert_int_equal(cxm_quantile_subtract(q, from), i < 5 ? CXM_E_MISMATCH : CXM_OK);
        cxm_quantile_free(from);
    }
    cxm_quantile_free(q);
}

static void calls_without_a_state_are_an_error(void **state)
{
    (void)state;
    const cxm_column column = {.size = sizeof column, .type = CXM_F64};
    const cxm_alloc broken = {NULL, NULL, NULL, NULL};
    cxm_quantile *q = make(&micros), *out = NULL;
    assert_int_equal(cxm_quantile_create(&micros, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_create(&micros, &broken, &out), CXM_E_ARG);
    assert_int_equal(cxm_quantile_add(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_quantile_add_steps(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_quantile_add_missing(NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_add_unparsed(NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_add_open(NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_add_many(NULL, &column), CXM_E_ARG);
    assert_int_equal(cxm_quantile_remove(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_quantile_remove_steps(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_quantile_remove_missing(NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_remove_unparsed(NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_remove_open(NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_merge(NULL, q), CXM_E_ARG);
    assert_int_equal(cxm_quantile_merge(q, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_subtract(NULL, q), CXM_E_ARG);
    assert_int_equal(cxm_quantile_subtract(q, NULL), CXM_E_ARG);
    assert_true(cxm_quantile_bytes(NULL) == 0);
    cxm_quantile_free(q);
    cxm_quantile_free(NULL);
}

static void columns_are_checked(void **state)
{
    (void)state;
    const cxm_column good = {.size = sizeof good, .type = CXM_F64};
    cxm_column type = good, none = good, small = good;
    cxm_quantile *q = make(&micros);
    type.type = 9;
    none.count = 1;
    small.size = 8;
    assert_int_equal(cxm_quantile_add_many(q, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_add_many(q, &type), CXM_E_ARG);
    assert_int_equal(cxm_quantile_add_many(q, &none), CXM_E_ARG);
    assert_int_equal(cxm_quantile_add_many(q, &small), CXM_E_ABI);
    cxm_quantile_free(q);
}

static void questions_are_checked(void **state)
{
    (void)state;
    static const double no_share[] = {-0.1, 1.0000001, NAN, INFINITY}, no_level[] = {0.0, 1.0, -1.0, NAN};
    static const int32_t no_type[] = {0, 2, 6, 8, -1};
    cxm_quantile *q = make(&micros);
    cxm_interval limits = {.size = sizeof limits}, small_limits = {.size = 8};
    cxm_quantile_summary sum = {.size = sizeof sum}, small = {.size = 8};
    cxm_quantile_spec told = {.size = sizeof told}, small_spec = {.size = 8};
    uint64_t a, b;
    uint32_t cursor = 0;
    double x, y;
    assert_int_equal(cxm_quantile_add(q, 5), CXM_OK);
    for (size_t i = 0; i < COUNT_OF(no_share); ++i) {
        assert_int_equal(cxm_quantile_at(q, no_share[i], CXM_QUANTILE_TYPE7, &x), CXM_E_ARG);
        assert_int_equal(cxm_quantile_interval(q, no_share[i], 0.95, &limits), CXM_E_ARG);
        assert_int_equal(cxm_quantile_interval(q, 0.5, no_level[i], &limits), CXM_E_ARG);
    }
    for (size_t i = 0; i < COUNT_OF(no_type); ++i) assert_int_equal(cxm_quantile_at(q, 0.5, no_type[i], &x), CXM_E_METHOD);
    assert_int_equal(cxm_quantile_at(NULL, 0.5, CXM_QUANTILE_TYPE7, &x), CXM_E_ARG);
    assert_int_equal(cxm_quantile_at(q, 0.5, CXM_QUANTILE_TYPE7, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_interval(NULL, 0.5, 0.95, &limits), CXM_E_ARG);
    assert_int_equal(cxm_quantile_interval(q, 0.5, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_interval(q, 0.5, 0.95, &small_limits), CXM_E_ABI);
    assert_int_equal(cxm_quantile_summarize(NULL, &sum), CXM_E_ARG);
    assert_int_equal(cxm_quantile_summarize(q, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_summarize(q, &small), CXM_E_ABI);
    assert_int_equal(cxm_quantile_spec_of(NULL, &told), CXM_E_ARG);
    assert_int_equal(cxm_quantile_spec_of(q, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_spec_of(q, &small_spec), CXM_E_ABI);
    assert_int_equal(cxm_quantile_rank(NULL, 1, &a, &b, &x), CXM_E_ARG);
    assert_int_equal(cxm_quantile_rank(q, NAN, &a, &b, &x), CXM_E_ARG);
    assert_int_equal(cxm_quantile_rank(q, 1, NULL, &b, &x), CXM_E_ARG);
    assert_int_equal(cxm_quantile_rank(q, 1, &a, NULL, &x), CXM_E_ARG);
    assert_int_equal(cxm_quantile_rank(q, 1, &a, &b, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_within(NULL, 0, &a, &b), CXM_E_ARG);
    assert_int_equal(cxm_quantile_within(q, 0, &a, &b), CXM_E_ARG);
    assert_int_equal(cxm_quantile_bin(NULL, &cursor, &x, &y, &a), CXM_E_ARG);
    assert_int_equal(cxm_quantile_bin(q, NULL, &x, &y, &a), CXM_E_ARG);
    assert_int_equal(cxm_quantile_bin(q, &cursor, NULL, &y, &a), CXM_E_ARG);
    assert_int_equal(cxm_quantile_bin(q, &cursor, &x, NULL, &a), CXM_E_ARG);
    assert_int_equal(cxm_quantile_bin(q, &cursor, &x, &y, NULL), CXM_E_ARG);
    cxm_quantile_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_outside_the_range_have_no_value),
        cmocka_unit_test(an_empty_state_says_so),
        cmocka_unit_test(the_sum_is_exact_in_128_bits),
        cmocka_unit_test(targets_are_counted_exactly),
        cmocka_unit_test(limits_are_the_classic_order_statistics),
        cmocka_unit_test(limits_cover_the_population),
        cmocka_unit_test(ranks_of_many_values_are_whole),
        cmocka_unit_test(ranks_take_values_as_they_were_told),
        cmocka_unit_test(a_column_stays_within_the_most),
        cmocka_unit_test(few_values_widen_when_they_must),
        cmocka_unit_test(what_never_was_there_is_not_encoded),
        cmocka_unit_test(a_mean_below_the_least_value_is_refused),
        cmocka_unit_test(shares_rise_and_know_the_extremes),
        cmocka_unit_test(the_longest_spec_travels),
        cmocka_unit_test(a_full_n_is_an_error_of_who_asks),
        cmocka_unit_test(a_target_tells_values_of_a_bin_apart),
        cmocka_unit_test(specs_out_of_their_ranges_are_refused),
        cmocka_unit_test(states_of_another_kind_do_not_merge),
        cmocka_unit_test(calls_without_a_state_are_an_error),
        cmocka_unit_test(columns_are_checked),
        cmocka_unit_test(questions_are_checked),
    };
    return cmocka_run_group_tests_name("response/quantile_summary", tests, NULL, NULL);
}
