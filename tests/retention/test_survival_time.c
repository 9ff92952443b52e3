/* SPDX-License-Identifier: MIT */
/* test_survival_time.c - quantiles of tenure and restricted means against R's survival package: the tables
 * km_quantiles_r_survival.csv and km_rmst_r_survival.csv over the counts of km_r_survival.csv; by hand; against definitions. */
#include <cxm/survival.h>
#include <math.h>
#include <string.h>
#include "support/cxm_test.h"

static cxm_survival *make(int64_t cap)
{
    cxm_survival *s = NULL;
    assert_int_equal(cxm_survival_create(cap, NULL, &s), CXM_OK);
    return s;
}

static cxm_survival_curve curve_of(const cxm_survival *s, int32_t limits)
{
    cxm_survival_curve c = {.size = sizeof c};
    assert_int_equal(cxm_survival_curve_of(s, limits, 0.0, &c), CXM_OK);
    return c;
}

/* The customers of one curve of the table. */
static cxm_survival *read_group(const test_table *curves, const char *dataset, const char *group)
{
    cxm_survival *s = make(2000);
    for (size_t row = 0; row < curves->rows; ++row) {
        if (strcmp(test_cell(curves, row, "dataset"), dataset) != 0 || strcmp(test_cell(curves, row, "group"), group) != 0) continue;
        int64_t time = (int64_t)test_number(curves, row, "time");
        cxm_survival_add_count(s, 0, time, 1, (uint64_t)test_number(curves, row, "n_event"));
        cxm_survival_add_count(s, 0, time, 0, (uint64_t)test_number(curves, row, "n_censor"));
    }
    return s;
}

static void assert_time(double got, double want)
{
    assert_true(got == want || (got != got && want != want));
}

static void quantiles_are_those_of_r(void **state)
{
    (void)state;
    static const char *const kinds[] = {"default", "plain", "log", "log-log"};
    test_table curves = test_table_read("km_r_survival.csv"), t = test_table_read("km_quantiles_r_survival.csv");
    assert_int_equal(t.rows, 99);
    for (size_t row = 0; row < t.rows; ++row) {
        int32_t limits = 1;
        cxm_survival_time got = {.size = sizeof got};
        while (strcmp(kinds[limits], test_cell(&t, row, "conf_type")) != 0) ++limits;
        cxm_survival *s = read_group(&curves, test_cell(&t, row, "dataset"), test_cell(&t, row, "group"));
        cxm_survival_curve c = curve_of(s, limits);
        cxm_status status = cxm_survival_quantile(&c, test_number(&t, row, "quantile_of_time"), &got);
        assert_int_equal(status, got.time == got.time ? CXM_OK : CXM_E_UNDEFINED);
        assert_time(got.time, test_number(&t, row, "estimate"));
        assert_time(got.low, test_number(&t, row, "lower95"));
        assert_time(got.high, test_number(&t, row, "upper95"));
        cxm_survival_free(s);
    }
    test_table_free(&curves);
    test_table_free(&t);
}

static void means_are_those_of_r(void **state)
{
    (void)state;
    test_table curves = test_table_read("km_r_survival.csv"), t = test_table_read("km_rmst_r_survival.csv");
    assert_int_equal(t.rows, 31);
    for (size_t row = 0; row < t.rows; ++row) {
        cxm_survival_time got = {.size = sizeof got};
        cxm_survival *s = read_group(&curves, test_cell(&t, row, "dataset"), test_cell(&t, row, "group"));
        cxm_survival_curve c = curve_of(s, 0);
        double tau = test_number(&t, row, "tau");
        assert_int_equal(cxm_survival_mean(&c, tau, &got), CXM_OK);
        assert_close(got.time, test_number(&t, row, "rmst"), 1e-10);
        assert_close(got.se, test_number(&t, row, "se_rmst"), 1e-10);
        assert_true(got.at == tau && 0.0 <= got.low && got.low <= got.time && got.time <= got.high && got.high <= tau);
        cxm_survival_free(s);
    }
    test_table_free(&curves);
    test_table_free(&t);
}

/* Of four, two leave at 2 and one at 6: S is just a half from 2 to 6, a quarter from 6 to the last exit at 11. */
static void the_middle_of_a_flat_part(void **state)
{
    (void)state;
    cxm_survival *s = make(20);
    cxm_survival_time got = {.size = sizeof got};
    cxm_survival_add_count(s, 0, 2, 1, 2);
    cxm_survival_add(s, 0, 6, 1);
    cxm_survival_add(s, 0, 11, 0);
    cxm_survival_curve c = curve_of(s, 0);
    assert_int_equal(cxm_survival_quantile(&c, 0.5, &got), CXM_OK);
    assert_true(got.time == 4.0 && got.at == 0.5 && got.se != got.se);
    assert_int_equal(cxm_survival_quantile(&c, 0.75, &got), CXM_OK);
    assert_true(got.time == 8.5);
    assert_int_equal(cxm_survival_quantile(&c, 0.6, &got), CXM_OK);
    assert_true(got.time == 6.0);
    assert_int_equal(cxm_survival_quantile(&c, 0.8, &got), CXM_E_UNDEFINED);
    assert_true(got.time != got.time && got.low == 2.0);
    cxm_survival_add(s, 0, 11, 1);                      /* of five: 0.6, 0.4, then 0.2 at the last exit itself */
    c = curve_of(s, 0);
    assert_int_equal(cxm_survival_quantile(&c, 0.8, &got), CXM_OK);
    assert_true(got.time == 11.0);
    cxm_survival_free(s);
}

/* S is 1/2 from 2 to 6, 1/4 from 6 on: 2 + 2 + 4/4 up to 10. Greenwood's terms are 2/(4 2) and 1/(2 1), the areas behind them
 * 3 and 1: variance 9/4 + 1/2. Past the last exit nobody knows, unless nobody is left. */
static void a_mean_by_hand(void **state)
{
    (void)state;
    cxm_survival *s = make(20);
    cxm_survival_time got = {.size = sizeof got};
    cxm_survival_add_count(s, 0, 2, 1, 2);
    cxm_survival_add(s, 0, 6, 1);
    cxm_survival_add(s, 0, 11, 0);
    cxm_survival_curve c = curve_of(s, 0);
    assert_int_equal(cxm_survival_mean(&c, 10.0, &got), CXM_OK);
    assert_true(got.time == 5.0);
    assert_close(got.se, sqrt(2.75), 1e-15);
    assert_close(got.high, 5.0 + 1.959963984540054 * sqrt(2.75), 1e-14);
    assert_int_equal(cxm_survival_mean(&c, 1.5, &got), CXM_OK);
    assert_true(got.time == 1.5 && got.se == 0.0 && got.low == 1.5 && got.high == 1.5);
    assert_int_equal(cxm_survival_mean(&c, 11.0, &got), CXM_OK);
    got.time = -1.0;
    assert_int_equal(cxm_survival_mean(&c, 11.5, &got), CXM_E_UNDEFINED);
    assert_true(got.time == -1.0);
    cxm_survival_remove(s, 0, 11, 0);
    cxm_survival_add(s, 0, 11, 1);
    c = curve_of(s, 0);
    assert_int_equal(cxm_survival_mean(&c, 1e9, &got), CXM_OK);
    assert_true(got.time == (2 + 2 + 6 + 11) / 4.0);        /* nobody censored: the mean itself */
    cxm_survival_free(s);
}

/* The area and its variance from the points, as defined: two passes. */
static void means_are_their_definition(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int trial = 0; trial < 60; ++trial) {
        cxm_survival *s = make(200);
        cxm_survival_point p[201];
        size_t n = 0;
        for (int i = 0; i < 150; ++i) {
            int64_t entry = (int64_t)(test_rand(&seed) % 40) - 20;
            if (entry < 0) entry = 0;
            cxm_survival_add(s, entry, entry + 1 + (int64_t)(test_rand(&seed) % 150), (int32_t)(test_rand(&seed) % 2));
        }
        cxm_survival_curve c = curve_of(s, 0);
        for (p[0].size = sizeof *p; cxm_survival_next(&c, &p[n]) == CXM_OK; p[n].size = sizeof *p) ++n;
        double tau = p[n - 1].t - 0.25, after = 0.0, variance = 0.0;
        for (size_t i = n; i-- > 0;) {
            double end = i + 1 < n && p[i + 1].t < tau ? p[i + 1].t : tau;
            if (p[i].t > tau) continue;
            after += p[i].survival * (end - p[i].t);
            double left = p[i].at_risk - p[i].events;
            if (left > 0) variance += after * after * p[i].events / p[i].at_risk / left;
        }
        cxm_survival_time got = {.size = sizeof got};
        assert_int_equal(cxm_survival_mean(&c, tau, &got), CXM_OK);
        assert_close(got.time, after + p[0].t, 1e-13);
        assert_close(got.se, sqrt(variance), 1e-12);
        cxm_survival_free(s);
    }
}

/* Between the two limits, and rising with the share. */
static void quantiles_are_ordered(void **state)
{
    (void)state;
    uint64_t seed = 6;
    for (int trial = 0; trial < 40; ++trial) {
        cxm_survival *s = make(500);
        for (int i = 0; i < 100; ++i) cxm_survival_add(s, 0, (int64_t)(test_rand(&seed) % 500), test_rand(&seed) % 4 != 0);
        cxm_survival_curve c = curve_of(s, CXM_SURVIVAL_LOG_LOG);
        double before = 0.0;
        for (int share = 1; share < 100; ++share) {
            cxm_survival_time got = {.size = sizeof got};
            cxm_status status = cxm_survival_quantile(&c, share / 100.0, &got);
            if (status == CXM_OK) assert_true(before <= got.time && !(got.low > got.time) && !(got.high < got.time));
            if (status == CXM_OK) before = got.time;
        }
        cxm_survival_free(s);
    }
}

static void misuse(void **state)
{
    (void)state;
    cxm_survival *s = make(10);
    cxm_survival_add(s, 0, 3, 1);
    cxm_survival_curve c = curve_of(s, 0), small = {.size = 8}, blank = {.size = sizeof blank};
    cxm_survival_time got = {.size = 8}, ok = {.size = sizeof ok};
    static const double wrong[] = {0.0, -1.0, NAN, INFINITY, 1e101};
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        assert_int_equal(cxm_survival_quantile(&c, wrong[i], &ok), CXM_E_ARG);
        assert_int_equal(cxm_survival_mean(&c, wrong[i], &ok), CXM_E_ARG);
    }
    assert_int_equal(cxm_survival_quantile(&c, 1.0, &ok), CXM_E_ARG);
    assert_int_equal(cxm_survival_quantile(&c, 0.5, &got), CXM_E_ABI);
    assert_int_equal(cxm_survival_mean(&c, 0.5, &got), CXM_E_ABI);
    assert_int_equal(cxm_survival_quantile(&c, 0.5, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_mean(&c, 0.5, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_quantile(NULL, 0.5, &ok), CXM_E_ARG);
    assert_int_equal(cxm_survival_mean(NULL, 0.5, &ok), CXM_E_ARG);
    assert_int_equal(cxm_survival_quantile(&small, 0.5, &ok), CXM_E_ABI);
    assert_int_equal(cxm_survival_mean(&small, 0.5, &ok), CXM_E_ABI);
    assert_int_equal(cxm_survival_quantile(&blank, 0.5, &ok), CXM_E_ARG);
    assert_int_equal(cxm_survival_mean(&blank, 0.5, &ok), CXM_E_ARG);
    cxm_survival_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_r), cmocka_unit_test(means_are_those_of_r),
        cmocka_unit_test(the_middle_of_a_flat_part), cmocka_unit_test(a_mean_by_hand),
        cmocka_unit_test(means_are_their_definition), cmocka_unit_test(quantiles_are_ordered), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/survival_time", tests, NULL, NULL);
}
