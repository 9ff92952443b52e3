/* SPDX-License-Identifier: MIT */
/* test_mean.c - Student's interval against R's t.test on scale counts, then its edges. */
#include <cxm/interval.h>
#include <math.h>
#include "support/cxm_test.h"

static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("mean_interval.csv");
    assert_int_equal(t.rows, 9);
    for (size_t i = 0; i < t.rows; ++i) {
        double low = test_number(&t, i, "t_lower95"), high = test_number(&t, i, "t_upper95");
        double range_low = test_number(&t, i, "scale_min"), range_high = test_number(&t, i, "scale_max");
        uint64_t n = (uint64_t)test_number(&t, i, "n");
        cxm_interval got = {.size = sizeof got};
        cxm_status status = cxm_mean_interval(n, test_number(&t, i, "mean"), test_number(&t, i, "sd"), range_low,
                                              range_high, CXM_INTERVAL_DEFAULT, 0.95, &got);
        assert_int_equal(status, isnan(low) ? CXM_E_UNDEFINED : CXM_OK);
        if (status != CXM_OK) continue;
        assert_int_equal(got.method, CXM_INTERVAL_T);
        assert_close(got.low, fmax(low, range_low), 1e-10);
        assert_close(got.high, fmin(high, range_high), 1e-10);
        assert_close(got.se, test_number(&t, i, "se"), 1e-10);
    }
    test_table_free(&t);
}

static cxm_status ask(uint64_t n, double mean, double sd, double low, double high, int32_t method, double level)
{
    cxm_interval out = {.size = sizeof out, .method = 77}, before = out;
    cxm_status status = cxm_mean_interval(n, mean, sd, low, high, method, level, &out);
    if (status != CXM_OK) assert_memory_equal(&out, &before, sizeof out);
    return status;
}

static void refusals(void **state)
{
    (void)state;
    int32_t t = CXM_INTERVAL_T;
    cxm_interval small = {.size = sizeof small - 1};
    assert_int_equal(ask(0, 3, 1, 1, 5, t, 0.95), CXM_E_EMPTY);
    assert_int_equal(ask(1, 3, 0, 1, 5, t, 0.95), CXM_E_UNDEFINED);
    assert_int_equal(ask(9, 3, 0, 1, 5, t, 0.95), CXM_E_UNDEFINED);
    assert_int_equal(ask(9, 3, 1, 1, 5, CXM_INTERVAL_WALD, 0.95), CXM_E_METHOD);
    assert_int_equal(ask(9, NAN, 1, 1, 5, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, 6, 1, 1, 5, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, 0, 1, 1, 5, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, HUGE_VAL, 1, 1, HUGE_VAL, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, 3, -1, 1, 5, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, 3, NAN, 1, 5, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, 3, HUGE_VAL, 1, 5, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, 3, 1, NAN, 5, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, 3, 1, 1, NAN, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, 3, 1, 5, 1, t, 0.95), CXM_E_ARG);
    assert_int_equal(ask(9, 3, 1, 1, 5, t, 0.0), CXM_E_ARG);
    assert_int_equal(ask(9, 3, 1, 1, 5, t, 1.0), CXM_E_ARG);
    assert_int_equal(ask(9, 3, 1, 1, 5, t, NAN), CXM_E_ARG);
    assert_int_equal(cxm_mean_interval(9, 3, 1, 1, 5, t, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_mean_interval(9, 3, 1, 1, 5, t, 0.95, &small), CXM_E_ABI);
}

static void limits_stay_sound(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 20000; ++i) {
        uint64_t n = (test_rand(&seed) >> (test_rand(&seed) % 63)) | 2;
        double unit = (double)(test_rand(&seed) >> 11) / 9007199254740992.0, mean = 10.0 * unit;
        double level = i & 1 ? 0.5 + 0.499999 * unit : 1.0 - 1e-15;
        cxm_interval got = {.size = sizeof got};
        assert_int_equal(cxm_mean_interval(n, mean, 5.0 * unit + 1e-9, 0.0, 10.0, 0, level, &got), CXM_OK);
        assert_true(0.0 <= got.low && got.low <= mean && mean <= got.high && got.high <= 10.0);
    }
}

static void without_a_range_limits_may_be_infinite(void **state)
{
    (void)state;
    cxm_interval got = {.size = sizeof got};
    assert_int_equal(cxm_mean_interval(2, 0.0, 1e308, -HUGE_VAL, HUGE_VAL, 0, 1.0 - 1e-15, &got), CXM_OK);
    assert_true(got.low == -HUGE_VAL && got.high == HUGE_VAL);
    assert_int_equal(cxm_mean_interval(2, 0.0, 1.0, -HUGE_VAL, HUGE_VAL, 0, 0.95, &got), CXM_OK);
    assert_close(got.high, 12.7062047361747 * sqrt(0.5), 1e-13);      /* t(1) of special_functions.csv */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reference_table), cmocka_unit_test(refusals),
                                       cmocka_unit_test(limits_stay_sound),
                                       cmocka_unit_test(without_a_range_limits_may_be_infinite)};
    return cmocka_run_group_tests_name("inference/mean", tests, NULL, NULL);
}
