/* SPDX-License-Identifier: MIT */
/* test_sum_window.c - sums in a few limbs against the full ones: the same number, bytes and value whatever the window
 * and the order, a window that grows to the same limbs in any order, and nothing changed by what does not fit. */
#include "base/sum_window.h"
#include <cxm/sum.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include "support/cxm_test.h"

/* --- a block of sums that grows, as its users do it --- */

enum { SUMS = 3 };

typedef struct block { sum_window w; uint32_t limbs[SUMS * SUM_WINDOW_MAX]; } block;

static uint32_t *sum_at(block *b, size_t i)
{
    return b->limbs + i * b->w.width;
}

static void widen(block *b, sum_window w)
{
    block wide = {.w = w};
    assert_true(w.width <= SUM_WINDOW_MAX);
    for (size_t i = 0; i < SUMS; ++i) assert_true(sum_window_merge(w, sum_at(&wide, i), b->w, sum_at(b, i)));
    *b = wide;
}

static void block_add(block *b, size_t i, double value)
{
    while (!sum_window_add(b->w, sum_at(b, i), value)) widen(b, sum_window_grown(b->w, sum_window_of_double(value)));
}

static void block_merge(block *into, block *from)
{
    widen(into, sum_window_around(into->w, from->w));
    for (size_t i = 0; i < SUMS; ++i)
        while (!sum_window_merge(into->w, sum_at(into, i), from->w, sum_at(from, i)))
            widen(into, sum_window_grown(into->w, from->w));
}

/* --- beside the full sums --- */

/* The number's bytes of the public encoding, behind 35 bytes of head and spec and four counts. */
static void assert_same_number(const sum_number *number, const cxm_sum *full)
{
    unsigned char got[512], want[512];
    size_t len;
    double value;
    codec_writer w = {got, sizeof got, 0};
    for (int i = 0; i < 3; ++i) codec_put_u64(&w, i ? 0 : full->n);
    codec_put_u64(&w, 0);
    sum_number_put(&w, number);
    assert_int_equal(cxm_sum_encode(full, want, sizeof want, &len), CXM_OK);
    assert_int_equal(len, 35 + w.len + 8);
    assert_memory_equal(got, want + 35, w.len);
    assert_int_equal(cxm_sum_value(full, &value), CXM_OK);
    assert_true(sum_number_to_double(number) == value);
}

static double any_finite(uint64_t *seed)
{
    uint64_t bits = test_rand(seed);
    double value;
    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 0.0;
}

/* Weights: around 1, of 53 bits, positive unless asked. */
static double weight(uint64_t *seed, int both_signs)
{
    double value = ldexp((double)(test_rand(seed) >> 11) + 1.0, -50 - (int)(test_rand(seed) % 8));
    return both_signs && test_rand(seed) & 1 ? -value : value;
}

static void blocks_hold_what_full_sums_hold(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int trial = 0; trial < 600; ++trial) {
        block b = {.w = {0, 0}};
        cxm_sum full[SUMS] = {{0}};
        int n = 1 + (int)(test_rand(&seed) % 100);
        for (int i = 0; i < n; ++i) {
            size_t k = test_rand(&seed) % SUMS;
            double value = trial % 3 == 0 ? any_finite(&seed) : weight(&seed, trial % 3 == 1);
            block_add(&b, k, value);
            assert_int_equal(cxm_sum_add(&full[k], value), CXM_OK);
        }
        for (size_t k = 0; k < SUMS; ++k) {
            sum_number number, back;
            sum_window_to_number(b.w, sum_at(&b, k), &number);
            assert_same_number(&number, &full[k]);
            uint32_t limbs[SUM_WINDOW_MAX] = {0};        /* and from the number into a window of its own */
            sum_window least = sum_window_of_number(&number);
            assert_true(least.width <= b.w.width);
            assert_true(sum_window_set_number(least, limbs, &number));
            sum_window_to_number(least, limbs, &back);
            assert_int_equal(sum_number_compare(&back, &number), 0);
            assert_true(sum_window_set_number(b.w, sum_at(&b, k), &number));
            sum_window_to_number(b.w, sum_at(&b, k), &back);
            assert_int_equal(sum_number_compare(&back, &number), 0);
            if (least.width < 2) continue;
            sum_window short_end = {least.at, least.width - 1}, late = {least.at + 1, least.width - 1};
            assert_false(sum_window_set_number(short_end, limbs, &number));
            assert_false(sum_window_set_number(late, limbs, &number));
        }
    }
}

/* Weights have one sign: the window is that of the values, not of their order, and so are the limbs. */
static void any_order_and_partition_gives_one_block(void **state)
{
    (void)state;
    enum { N = 400, PARTS = 8 };
    uint64_t seed = 3;
    for (int trial = 0; trial < 200; ++trial) {
        double values[N];
        block whole = {.w = {0, 0}}, part[PARTS] = {{.w = {0, 0}}};
        for (int i = 0; i < N; ++i) values[i] = trial % 2 ? weight(&seed, 0) : fabs(any_finite(&seed));
        for (int i = 0; i < N; ++i) block_add(&whole, (size_t)i % SUMS, values[i]);
        for (int i = 0, k = (int)(test_rand(&seed) % N); i < N; ++i, k = (k + 171) % N)     /* 171 is prime to 400 */
            block_add(&part[test_rand(&seed) % PARTS], (size_t)k % SUMS, values[k]);
        for (size_t left = PARTS; left > 1; --left) block_merge(&part[test_rand(&seed) % (left - 1)], &part[left - 1]);
        assert_int_equal(part[0].w.at, whole.w.at);
        assert_int_equal(part[0].w.width, whole.w.width);
        assert_memory_equal(part[0].limbs, whole.limbs, SUMS * whole.w.width * sizeof *whole.limbs);
    }
}

static void the_negative_takes_back(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int trial = 0; trial < 200; ++trial) {
        double values[50];
        block b = {.w = {0, 0}};
        for (int i = 0; i < 50; ++i) block_add(&b, 1, values[i] = trial % 2 ? any_finite(&seed) : weight(&seed, 1));
        for (int i = 0; i < 50; ++i) block_add(&b, 1, -values[i]);
        for (size_t i = 0; i < SUMS * b.w.width; ++i) assert_int_equal(b.limbs[i], 0);
    }
}

/* A sum at the edge of its window: the last that fits, the first that does not, and nothing changed then. */
static void edges_are_exact(void **state)
{
    (void)state;
    for (uint32_t width = 1; width <= 4; ++width)
        for (uint32_t at = 0; at <= 50; at += 10)
            for (int sign = -1; sign <= 1; sign += 2) {
                sum_window w = {at, width};
                uint32_t sum[4] = {0}, before[4];
                double unit = ldexp(sign, (int)(32 * at) - 1074), most = ldexp(unit, (int)(32 * width) - 1);
                assert_true(sum_window_add(w, sum, sign > 0 ? most / 2 : most));
                if (sign > 0) {                     /* 2^(W-1) - 1 by its bits, as 2^(W-1) is too large */
                    for (int bit = 0; bit < (int)(32 * width) - 2; ++bit)
                        assert_true(sum_window_add(w, sum, ldexp(unit, bit)));
                }
                memcpy(before, sum, sizeof sum);
                assert_false(sum_window_add(w, sum, most));
                assert_false(sum_window_add(w, sum, unit));
                assert_false(sum_window_add(w, sum, 2 * most));
                if (at > 0) assert_false(sum_window_add(w, sum, unit / 2));
                assert_false(sum_window_merge(w, sum, w, sum));     /* itself */
                assert_false(sum_window_merge(w, sum, (sum_window){at + 1, width}, sum));
                assert_true(sum_window_add(w, sum, 0.0));
                assert_true(sum_window_add(w, sum, -0.0));
                assert_memory_equal(sum, before, sizeof sum);
                sum_window grown = sum_window_grown(w, sum_window_of_double(unit));
                assert_int_equal(grown.at, at);
                assert_int_equal(grown.width, width + 1);
                assert_true(sum_window_add(w, sum, -unit));
                assert_true(sum_window_add(w, sum, unit));
                assert_memory_equal(sum, before, sizeof sum);
            }
}

static void least_windows(void **state)
{
    (void)state;
    static const struct { double value; uint32_t at, width; } rows[] = {
        {0.0, 0, 0}, {-0.0, 0, 0}, {1.0, 33, 1}, {-1.0, 33, 1}, {8192.0, 33, 2}, {-8192.0, 33, 1}, {4096.0, 33, 1},
        {16384.0, 34, 1}, {DBL_TRUE_MIN, 0, 1}, {-DBL_TRUE_MIN, 0, 1}, {DBL_MAX, 63, 3}, {0.1, 31, 3},
        {DBL_TRUE_MIN * 4294967296.0, 1, 1}, {DBL_TRUE_MIN * 2147483648.0, 0, 2}, {DBL_TRUE_MIN * -2147483648.0, 0, 1}};
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        sum_window got = sum_window_of_double(rows[i].value);
        if (got.width != rows[i].width || (got.width && got.at != rows[i].at))
            fail_msg("%a: %u, %u", rows[i].value, (unsigned)got.at, (unsigned)got.width);
    }
    sum_window none = {0, 0}, low = {3, 2}, high = {7, 1}, around = sum_window_around(low, high);
    assert_true(around.at == 3 && around.width == 5);
    around = sum_window_around(high, low);
    assert_true(around.at == 3 && around.width == 5);
    around = sum_window_around(none, high);
    assert_true(around.at == 7 && around.width == 1);
    around = sum_window_around(low, none);
    assert_true(around.at == 3 && around.width == 2);
}

/* 2^64 - 1 times the largest double, by doubling: the widest window there is. */
static void the_widest_window_holds_the_largest_sum(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        block b = {.w = {0, 0}};
        block_add(&b, 0, sign * DBL_TRUE_MIN);
        for (int i = 0; i < 64; ++i) {
            block copy = b;
            block_merge(&b, &copy);
            block_add(&b, 0, sign * DBL_MAX);
        }
        sum_number number;
        sum_window_to_number(b.w, sum_at(&b, 0), &number);
        assert_true(number.negative == (sign < 0));
        assert_int_equal(big_bits(&number.size), 2162);
        assert_int_equal(b.w.width, 68);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_hold_what_full_sums_hold),
        cmocka_unit_test(any_order_and_partition_gives_one_block),
        cmocka_unit_test(the_negative_takes_back),
        cmocka_unit_test(edges_are_exact),
        cmocka_unit_test(least_windows),
        cmocka_unit_test(the_widest_window_holds_the_largest_sum),
    };
    return cmocka_run_group_tests_name("base/sum_window", tests, NULL, NULL);
}
