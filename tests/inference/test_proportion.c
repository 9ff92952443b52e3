/* SPDX-License-Identifier: MIT */
/* test_proportion.c - limits of a share against R and statsmodels, then their own rules. */
#include <cxm/interval.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const struct { const char *table; int32_t method; } methods[] = {
    {"wald", CXM_INTERVAL_WALD},
    {"wilson", CXM_INTERVAL_WILSON},
    {"wilson_cc", CXM_INTERVAL_WILSON_CC},
    {"clopper_pearson", CXM_INTERVAL_CLOPPER_PEARSON},
    {"jeffreys_bcd", CXM_INTERVAL_JEFFREYS},
    {"jeffreys_plain", CXM_INTERVAL_JEFFREYS_PLAIN},
    {"agresti_coull_z2", CXM_INTERVAL_AGRESTI_COULL},
    {"agresti_coull_plus4", CXM_INTERVAL_AGRESTI_COULL_4},
};

static int32_t method_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(methods); ++i)
        if (strcmp(methods[i].table, name) == 0) return methods[i].method;
    fail_msg("no method %s", name);
    return -1;
}

static cxm_interval share(uint64_t hits, uint64_t n, int32_t method, double level)
{
    cxm_interval got = {.size = sizeof got};
    assert_int_equal(cxm_share_interval(hits, n, method, level, &got), CXM_OK);
    return got;
}

static double clamped(double x)
{
    return fmin(fmax(x, 0.0), 1.0);
}

static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("proportion_interval.csv");
    assert_int_equal(t.rows, 408);
    for (size_t i = 0; i < t.rows; ++i) {
        const char *name = test_cell(&t, i, "method");
        cxm_interval got = share((uint64_t)test_number(&t, i, "x"), (uint64_t)test_number(&t, i, "n"), method_of(name),
                                 test_number(&t, i, "conf"));
        test_assert_close(got.low, clamped(test_number(&t, i, "lower")), 0.0, 1e-12, name, __FILE__, __LINE__);
        test_assert_close(got.high, clamped(test_number(&t, i, "upper")), 0.0, 1e-12, name, __FILE__, __LINE__);
    }
    test_table_free(&t);
}

/* "x=81;n=263" and "0.2553 to 0.3662"; each row has the tolerance of its printed digits. */
static void published_examples(void **state)
{
    (void)state;
    test_table t = test_table_read("published_examples.csv");
    size_t seen = 0;
    assert_int_equal(t.rows, 15);
    for (size_t i = 0; i < t.rows; ++i) {
        if (strcmp(test_cell(&t, i, "metric"), "proportion") != 0) continue;
        const char *input = test_cell(&t, i, "input"), *want = test_cell(&t, i, "published_value");
        int32_t method = strcmp(test_cell(&t, i, "quantity"), "wilson_95ci") == 0 ? CXM_INTERVAL_WILSON
                                                                                  : CXM_INTERVAL_CLOPPER_PEARSON;
        cxm_interval got = share(strtoull(strstr(input, "x=") + 2, NULL, 10), strtoull(strstr(input, "n=") + 2, NULL, 10),
                                 method, 0.95);
        print_message("%s\n", test_cell(&t, i, "id"));
        assert_near(got.low, strtod(want, NULL), test_number(&t, i, "tolerance"));
        assert_near(got.high, strtod(strstr(want, "to") + 2, NULL), test_number(&t, i, "tolerance"));
        ++seen;
    }
    assert_int_equal(seen, 5);
    test_table_free(&t);
}

static void default_is_wilson(void **state)
{
    (void)state;
    cxm_interval wilson = share(7, 30, CXM_INTERVAL_WILSON, 0.95), got = share(7, 30, CXM_INTERVAL_DEFAULT, 0.95);
    assert_memory_equal(&got, &wilson, sizeof got);
    assert_close(got.se, sqrt(7.0 / 30.0 * (23.0 / 30.0) / 30.0), 1e-15);
}

static void refusals(void **state)
{
    (void)state;
    cxm_interval out = {.size = sizeof out, .method = 77}, before = out, small = {.size = sizeof small - 1};
    int32_t wilson = CXM_INTERVAL_WILSON;
    static const int32_t not_ours[] = {-1, CXM_INTERVAL_T, CXM_INTERVAL_SCORE, CXM_INTERVAL_BONETT_PRICE, 37,
                                      CXM_INTERVAL_GOODMAN, INT32_MAX};
    static const double levels[] = {0.0, 1.0, -0.5, 95.0, NAN, HUGE_VAL};
    assert_int_equal(cxm_share_interval(0, 0, wilson, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_share_interval(2, 1, wilson, 0.95, &out), CXM_E_ARG);
    assert_int_equal(cxm_share_interval(1, 2, wilson, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_share_interval(1, 2, wilson, 0.95, &small), CXM_E_ABI);
    for (size_t i = 0; i < COUNT_OF(not_ours); ++i)
        assert_int_equal(cxm_share_interval(1, 2, not_ours[i], 0.95, &out), CXM_E_METHOD);
    for (size_t i = 0; i < COUNT_OF(levels); ++i)
        assert_int_equal(cxm_share_interval(1, 2, wilson, levels[i], &out), CXM_E_ARG);
    assert_memory_equal(&out, &before, sizeof out);
}

static int holds(int32_t method)
{
    return method != CXM_INTERVAL_JEFFREYS && method != CXM_INTERVAL_JEFFREYS_PLAIN &&
           method != CXM_INTERVAL_AGRESTI_COULL_4;
}

/* Any counts up to 2^64 - 1: in range, in order, around the share, mirrored by misses, wider with the level. */
static void limits_stay_sound(void **state)
{
    (void)state;
    uint64_t seed = 21;
    for (int i = 0; i < 4000; ++i) {
        if (test_left_out()) continue;
        uint64_t n = test_rand(&seed) >> (test_rand(&seed) % 64), hits = test_rand(&seed) >> (test_rand(&seed) % 64);
        if (n == 0) n = 1;
        hits = i % 7 == 0 ? n : i % 11 == 0 ? 0 : hits % n;
        double level = 0.5 + 0.4999 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0, p = (double)hits / (double)n;
        for (size_t m = 0; m < COUNT_OF(methods); ++m) {
            int32_t method = methods[m].method;
            cxm_interval got = share(hits, n, method, level), wide = share(hits, n, method, 0.999999);
            cxm_interval mirror = share(n - hits, n, method, level);
            assert_true(0.0 <= got.low && got.low <= got.high && got.high <= 1.0 && got.se >= 0.0);
            if (holds(method)) assert_true(got.low <= p && p <= got.high);
            assert_true(wide.low <= got.low * (1.0 + 1e-12) && wide.high >= got.high * (1.0 - 1e-12));
            assert_near(got.low, 1.0 - mirror.high, 1e-12);
            assert_near(got.high, 1.0 - mirror.low, 1e-12);
        }
    }
}

/* Relative digits survive where the share is tiny: closed forms for no hits and for one of many. */
static void small_shares_keep_their_digits(void **state)
{
    (void)state;
    const double z2 = 3.84145882069412447634;             /* chi-square(1) at 0.95, 21 digits */
    for (uint64_t n = 1; n < UINT64_MAX / 3; n *= 3) {
        double size = (double)n;
        assert_close(share(0, n, CXM_INTERVAL_WILSON, 0.95).high, z2 / (size + z2), 1e-14);
        assert_close(share(0, n, CXM_INTERVAL_CLOPPER_PEARSON, 0.95).high, -expm1(log(0.025) / size), 1e-12);
        assert_close(share(1, n, CXM_INTERVAL_CLOPPER_PEARSON, 0.95).low, -expm1(log1p(-0.025) / size), 1e-12);
        assert_true(share(0, n, CXM_INTERVAL_WILSON, 0.95).low == 0.0);
        assert_true(share(n, n, CXM_INTERVAL_WILSON, 0.95).high == 1.0);
        assert_true(share(n, n, CXM_INTERVAL_CLOPPER_PEARSON, 0.95).high == 1.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reference_table), cmocka_unit_test(published_examples),
                                       cmocka_unit_test(default_is_wilson), cmocka_unit_test(refusals),
                                       cmocka_unit_test(limits_stay_sound), cmocka_unit_test(small_shares_keep_their_digits)};
    return cmocka_run_group_tests_name("inference/proportion", tests, NULL, NULL);
}
