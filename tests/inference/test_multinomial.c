/* SPDX-License-Identifier: MIT */
/* test_multinomial.c - limits of several shares at once, against contingencytables and their own rules. */
#include <cxm/interval.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static cxm_interval limits_of(uint64_t count, uint64_t n, uint64_t k, int32_t method, double level)
{
    cxm_interval got = {.size = sizeof got};
    assert_int_equal(cxm_multinomial_interval(count, n, k, method, level, &got), CXM_OK);
    return got;
}

/* "15 25 60" and category 1..k: its count, n and k. */
static uint64_t pick(const char *counts, double category, uint64_t *n, uint64_t *k)
{
    uint64_t picked = 0;
    *n = *k = 0;
    for (char *at = (char *)counts; *at;) {
        uint64_t count = strtoull(at, &at, 10);
        *n += count;
        if (++*k == (uint64_t)category) picked = count;
    }
    return picked;
}

static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("multinomial_simultaneous.csv");
    assert_int_equal(t.rows, 40);
    for (size_t i = 0; i < t.rows; ++i) {
        const char *method = test_cell(&t, i, "method");
        uint64_t n, k, count = pick(test_cell(&t, i, "counts"), test_number(&t, i, "category"), &n, &k);
        cxm_interval got = limits_of(count, n, k, strcmp(method, "goodman") == 0 ? CXM_INTERVAL_GOODMAN
                                                                               : CXM_INTERVAL_QUESENBERRY_HURST, 0.95);
        test_assert_close(got.low, test_number(&t, i, "lower95"), 0.0, 1e-12, method, __FILE__, __LINE__);
        test_assert_close(got.high, test_number(&t, i, "upper95"), 0.0, 1e-12, method, __FILE__, __LINE__);
        assert_close(got.se, sqrt((double)count / (double)n * (double)(n - count) / (double)n / (double)n), 1e-14);
    }
    test_table_free(&t);
}

static void one_category_is_wilson(void **state)
{
    (void)state;
    cxm_interval wilson = {.size = sizeof wilson}, got = limits_of(7, 30, 1, CXM_INTERVAL_DEFAULT, 0.9);
    assert_int_equal(cxm_share_interval(7, 30, CXM_INTERVAL_WILSON, 0.9, &wilson), CXM_OK);
    assert_int_equal(got.method, CXM_INTERVAL_GOODMAN);
    assert_true(got.low == wilson.low && got.high == wilson.high && got.se == wilson.se);
    got = limits_of(7, 30, 2, CXM_INTERVAL_QUESENBERRY_HURST, 0.9);     /* chi-square(1) is z^2 */
    assert_close(got.low, wilson.low, 1e-13);
    assert_close(got.high, wilson.high, 1e-13);
}

static void refusals(void **state)
{
    (void)state;
    cxm_interval out = {.size = sizeof out, .method = 77}, before = out, small = {.size = sizeof small - 1};
    static const int32_t not_ours[] = {-1, CXM_INTERVAL_T, CXM_INTERVAL_SCORE, CXM_INTERVAL_WILSON, 39, 42, INT32_MAX};
    static const double levels[] = {0.0, 1.0, -0.5, 95.0, NAN, HUGE_VAL};
    int32_t goodman = CXM_INTERVAL_GOODMAN, hurst = CXM_INTERVAL_QUESENBERRY_HURST;
    assert_int_equal(cxm_multinomial_interval(0, 0, 2, goodman, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_multinomial_interval(2, 1, 2, goodman, 0.95, &out), CXM_E_ARG);
    assert_int_equal(cxm_multinomial_interval(1, 2, 0, goodman, 0.95, &out), CXM_E_ARG);
    assert_int_equal(cxm_multinomial_interval(1, 2, 2, goodman, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_multinomial_interval(1, 2, 2, goodman, 0.95, &small), CXM_E_ABI);
    assert_int_equal(cxm_multinomial_interval(2, 2, 1, hurst, 0.95, &out), CXM_E_UNDEFINED);
    for (size_t i = 0; i < COUNT_OF(not_ours); ++i)
        assert_int_equal(cxm_multinomial_interval(1, 2, 2, not_ours[i], 0.95, &out), CXM_E_METHOD);
    for (size_t i = 0; i < COUNT_OF(levels); ++i)
        assert_int_equal(cxm_multinomial_interval(1, 2, 2, goodman, levels[i], &out), CXM_E_ARG);
    assert_memory_equal(&out, &before, sizeof out);
}

/* Any counts: inside the range, around the share, wider with more categories and with the level. */
static void limits_stay_sound(void **state)
{
    (void)state;
    static const int32_t methods[] = {CXM_INTERVAL_GOODMAN, CXM_INTERVAL_QUESENBERRY_HURST};
    uint64_t seed = 31;
    for (int i = 0; i < 4000; ++i) {
        uint64_t n = (test_rand(&seed) >> (test_rand(&seed) % 64)) | 1, count = i % 7 == 0 ? n : test_rand(&seed) % n;
        uint64_t k = 2 + (test_rand(&seed) >> (40 + test_rand(&seed) % 24));
        double level = 0.5 + 0.4999 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0, p = (double)count / (double)n;
        for (size_t m = 0; m < COUNT_OF(methods); ++m) {
            cxm_interval got = limits_of(count, n, k, methods[m], level), more = limits_of(count, n, k + 1, methods[m], level);
            cxm_interval wide = limits_of(count, n, k, methods[m], 0.99999);
            assert_true(0.0 <= got.low && got.low <= p && p <= got.high && got.high <= 1.0);
            assert_true(more.low <= got.low * (1.0 + 1e-12) && more.high >= got.high * (1.0 - 1e-12));
            assert_true(wide.low <= got.low * (1.0 + 1e-12) && wide.high >= got.high * (1.0 - 1e-12));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reference_table), cmocka_unit_test(one_category_is_wilson),
                                       cmocka_unit_test(refusals), cmocka_unit_test(limits_stay_sound)};
    return cmocka_run_group_tests_name("inference/multinomial", tests, NULL, NULL);
}
