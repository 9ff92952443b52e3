/* SPDX-License-Identifier: MIT */
/* test_rate.c - exact limits of a Poisson rate against R and many digits, then what exact promises. */
#include <cxm/interval.h>
#include <math.h>
#include "support/cxm_test.h"

static cxm_interval rate(uint64_t events, double exposure, double level)
{
    cxm_interval got = {.size = sizeof got};
    assert_int_equal(cxm_rate_interval(events, exposure, CXM_INTERVAL_GARWOOD, level, &got), CXM_OK);
    return got;
}

static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("rate_interval.csv");
    assert_int_equal(t.rows, 110);
    for (size_t i = 0; i < t.rows; ++i) {
        double events = test_number(&t, i, "events"), exposure = test_number(&t, i, "exposure");
        cxm_interval got = rate((uint64_t)events, exposure, test_number(&t, i, "level"));
        assert_close(got.low, test_number(&t, i, "low"), 1e-12);
        assert_close(got.high, test_number(&t, i, "high"), 1e-12);
        assert_close(got.se, sqrt(events) / exposure, 1e-15);
    }
    test_table_free(&t);
}

/* Whatever the mean, the limits of the counts that it gives hold it with probability 0.95 at least. */
static void covers_any_mean(void **state)
{
    (void)state;
    enum { COUNTS = 160 };
    cxm_interval of[COUNTS];
    for (uint64_t x = 0; x < COUNTS; ++x) of[x] = rate(x, 1.0, 0.95);
    for (double mean = 0.01; mean < 60.0; mean *= 1.01) {
        double mass = exp(-mean), covered = 0.0, low_misses = 0.0, high_misses = 0.0;
        for (int x = 0; x < COUNTS; ++x, mass *= mean / x) {
            if (mean < of[x].low) high_misses += mass;
            else if (mean > of[x].high) low_misses += mass;
            else covered += mass;
        }
        assert_true(covered >= 0.95 && low_misses <= 0.025 && high_misses <= 0.025);
    }
}

static void limits_stay_sound(void **state)
{
    (void)state;
    uint64_t seed = 61;
    for (int i = 0; i < 5000; ++i) {
        uint64_t events = i % 5 == 0 ? UINT64_MAX - (uint64_t)i : test_rand(&seed) >> (test_rand(&seed) % 64);
        double unit = (double)(test_rand(&seed) >> 11) / 9007199254740992.0, level = 1e-6 + 0.99999 * unit;
        double exposure = ldexp(1.0 + unit, (int)(test_rand(&seed) % 60) - 30);
        cxm_interval got = rate(events, exposure, level), wide = rate(events, exposure, 0.9999999);
        cxm_interval twice = rate(events, 2.0 * exposure, level), next = rate(events / 2, exposure, level);
        double plain = (double)events / exposure;
        assert_true(0.0 <= got.low && got.low <= plain && plain <= got.high && isfinite(got.high));
        assert_true(wide.low <= got.low * (1.0 + 1e-12) && got.high <= wide.high * (1.0 + 1e-12));
        assert_true(twice.low == 0.5 * got.low && twice.high == 0.5 * got.high && twice.se == 0.5 * got.se);
        assert_true(next.low <= got.low && next.high <= got.high);
        if (events == 0) assert_true(got.low == 0.0);
        if (events == 0) assert_close(got.high, -log(0.5 * (1.0 - level)) / exposure, 1e-13);
    }
}

static void an_exposure_near_nothing(void **state)
{
    (void)state;
    cxm_interval got = rate(1, 5e-324, 0.95);
    assert_true(got.low == HUGE_VAL && got.high == HUGE_VAL && got.se == HUGE_VAL);
    got = rate(0, 1e308, 0.95);
    assert_true(got.low == 0.0 && got.high > 0.0 && got.se == 0.0);
}

static void refusals(void **state)
{
    (void)state;
    cxm_interval out = {.size = sizeof out, .method = 77}, before = out, small = {.size = sizeof small - 1};
    static const double exposures[] = {-1.0, -5e-324, HUGE_VAL, -HUGE_VAL, NAN}, levels[] = {0.0, 1.0, 95.0, NAN};
    static const int32_t others[] = {-1, CXM_INTERVAL_WALD, CXM_INTERVAL_T, CXM_INTERVAL_CLOPPER_PEARSON, 49, 51, INT32_MAX};
    int32_t garwood = CXM_INTERVAL_GARWOOD;
    for (size_t i = 0; i < COUNT_OF(exposures); ++i)
        assert_int_equal(cxm_rate_interval(1, exposures[i], garwood, 0.95, &out), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(levels); ++i)
        assert_int_equal(cxm_rate_interval(1, 1.0, garwood, levels[i], &out), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(others); ++i)
        assert_int_equal(cxm_rate_interval(1, 1.0, others[i], 0.95, &out), CXM_E_METHOD);
    assert_int_equal(cxm_rate_interval(1, 0.0, garwood, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_rate_interval(1, -0.0, garwood, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_rate_interval(1, 1.0, garwood, 0.95, &small), CXM_E_ABI);
    assert_int_equal(cxm_rate_interval(1, 1.0, garwood, 0.95, NULL), CXM_E_ARG);
    assert_memory_equal(&out, &before, sizeof out);
    assert_int_equal(cxm_rate_interval(1, 1.0, CXM_INTERVAL_DEFAULT, 0.95, &out), CXM_OK);
    assert_int_equal(out.method, garwood);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_table), cmocka_unit_test(covers_any_mean), cmocka_unit_test(limits_stay_sound),
        cmocka_unit_test(an_exposure_near_nothing), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests_name("inference/rate", tests, NULL, NULL);
}
