/* SPDX-License-Identifier: MIT */
/* test_survival_difference.c - differences of restricted means against R's: survfit's means and errors (survival 3.5-3), then
 * qnorm and pnorm of R 4.2.2, over the counts of km_r_survival.csv; by hand; and against their definition. */
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

static cxm_survival_curve curve_of(const cxm_survival *s)
{
    cxm_survival_curve c = {.size = sizeof c};
    assert_int_equal(cxm_survival_curve_of(s, 0, 0.0, &c), CXM_OK);
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

static const struct { const char *dataset, *a, *b; double tau, difference, se, low, high, p; } of_r[] = {
    {"aml", "Maintained", "Nonmaintained", 20, 3.32575757575758, 2.11731854180767, -0.824110509984312, 7.47562566149946, 0.116242982647785},
    {"aml", "Maintained", "Nonmaintained", 40, 6.96717171717171, 5.17070963136234, -3.16723293481286, 17.1015763691563, 0.177841632195553},
    {"lung", "sex1", "sex2", 365, -55.9703243399798, 14.9581258604241, -85.2877123026282, -26.6529363773313, 0.000182706461311161},
    {"lung", "sex1", "sex2", 700, -119.362535281286, 32.1759422523285, -182.426223264491, -56.298847298082, 0.000207519187910684},
    {"telco", "Month-to-month", "One_year", 72, -30.1195720792339, 0.688225475348665, -31.4684692241602, -28.7706749343075, 0},
    {"telco", "One_year", "Two_year", 72, -5.1228564692197, 0.408453306284866, -5.92341023890434, -4.32230269953505, 4.39278388387929e-36},
};

/* p is steep in its z, which has the digits of the difference. */
static void differences_are_those_of_r(void **state)
{
    (void)state;
    test_table curves = test_table_read("km_r_survival.csv");
    for (size_t i = 0; i < COUNT_OF(of_r); ++i) {
        cxm_survival *s = read_group(&curves, of_r[i].dataset, of_r[i].a), *t = read_group(&curves, of_r[i].dataset, of_r[i].b);
        cxm_survival_curve a = curve_of(s), b = curve_of(t);
        cxm_difference got = {.size = sizeof got}, back = got;
        assert_int_equal(cxm_survival_mean_compare(&a, &b, of_r[i].tau, 0.95, &got), CXM_OK);
        assert_close(got.difference, of_r[i].difference, 1e-11);
        assert_close(got.se, of_r[i].se, 1e-11);
        assert_close(got.low, of_r[i].low, 1e-11);
        assert_close(got.high, of_r[i].high, 1e-11);
        assert_close(got.p, of_r[i].p, 1e-8);
        assert_true(got.method == CXM_COMPARE_WALD && got.statistic_kind == CXM_STATISTIC_Z && isinf(got.df) && got.interval_status == CXM_OK);
        assert_int_equal(cxm_survival_mean_compare(&b, &a, of_r[i].tau, 0.95, &back), CXM_OK);
        assert_true(back.difference == -got.difference && back.low == -got.high && back.high == -got.low && back.p == got.p && back.se == got.se);
        cxm_survival_free(s);
        cxm_survival_free(t);
    }
    test_table_free(&curves);
}

/* a: S is 1/2 from 2 to 6, 1/4 from 6 on, 5 and the variance 11/4 up to 10. b: one of two leaves at 5: 5 + 5/2, variance
 * (5/2)^2 / 2. The difference -5/2 has the variance 47/8. */
static void by_hand(void **state)
{
    (void)state;
    cxm_survival *s = make(20), *t = make(20);
    cxm_difference got = {.size = sizeof got};
    cxm_survival_add_count(s, 0, 2, 1, 2);
    cxm_survival_add(s, 0, 6, 1);
    cxm_survival_add(s, 0, 11, 0);
    cxm_survival_add(t, 0, 5, 1);
    cxm_survival_add(t, 0, 12, 0);
    cxm_survival_curve a = curve_of(s), b = curve_of(t);
    assert_int_equal(cxm_survival_mean_compare(&a, &b, 10.0, 0.95, &got), CXM_OK);
    assert_true(got.difference == -2.5 && got.level == 0.95);
    assert_close(got.se, sqrt(5.875), 1e-15);
    assert_close(got.low, -2.5 - 1.959963984540054 * sqrt(5.875), 1e-14);
    assert_close(got.statistic, -2.5 / sqrt(5.875), 1e-15);
    assert_int_equal(cxm_survival_mean_compare(&a, &b, 10.0, 1.0 - 1e-9, &got), CXM_OK);
    assert_true(got.low == -10.0 && got.high == 10.0);          /* no two means up to 10 lie further apart */
    cxm_survival_free(s);
    cxm_survival_free(t);
}

static cxm_survival *some(uint64_t *seed)
{
    cxm_survival *s = make(400);
    for (int i = 0; i < 60; ++i) cxm_survival_add(s, 0, 1 + (int64_t)(test_rand(seed) % 300), test_rand(seed) % 3 != 0);
    cxm_survival_add(s, 0, 301, 0);
    return s;
}

/* Of any two curves: both means and their errors, joined; and at the level 1 - p a limit comes to 0. */
static void p_inverts_the_limits(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (int trial = 0; trial < 60; ++trial) {
        cxm_survival *s = some(&seed), *t = some(&seed);
        cxm_survival_curve a = curve_of(s), b = curve_of(t);
        cxm_survival_time x = {.size = sizeof x}, y = x;
        cxm_difference got = {.size = sizeof got}, edge = got;
        double tau = 20.0 + 4.0 * trial;
        assert_int_equal(cxm_survival_mean(&a, tau, &x), CXM_OK);
        assert_int_equal(cxm_survival_mean(&b, tau, &y), CXM_OK);
        assert_int_equal(cxm_survival_mean_compare(&a, &b, tau, 0.9, &got), CXM_OK);
        assert_true(got.difference == x.time - y.time);
        assert_close(got.se, sqrt(x.se * x.se + y.se * y.se), 1e-15);
        assert_int_equal(got.p < 0.1, got.low > 0.0 || got.high < 0.0);
        assert_int_equal(cxm_survival_mean_compare(&a, &b, tau, 1.0 - got.p, &edge), CXM_OK);
        assert_true(fabs(got.difference > 0.0 ? edge.low : edge.high) < 1e-9 * got.se);
        cxm_survival_free(s);
        cxm_survival_free(t);
    }
}

/* One who left, several at once, and none before tau: an error of 0 would prove anything. */
static void no_error_proves_nothing(void **state)
{
    (void)state;
    uint64_t seed = 3;
    cxm_survival *s = some(&seed), *one = make(400), *still = make(400);
    cxm_difference got = {.size = sizeof got, .difference = 7.0};
    cxm_survival_add(one, 0, 3, 1);
    cxm_survival_add_count(still, 0, 350, 0, 9);
    cxm_survival_add(still, 0, 200, 1);
    cxm_survival_curve a = curve_of(s), b = curve_of(one), c = curve_of(still);
    assert_int_equal(cxm_survival_mean_compare(&a, &b, 100.0, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_survival_mean_compare(&b, &a, 100.0, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_survival_mean_compare(&a, &c, 200.0, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_survival_mean_compare(&c, &b, 100.0, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_survival_mean_compare(&a, &c, 302.0, 0.95, &got), CXM_E_UNDEFINED);    /* a ends at 301 */
    assert_true(got.difference == 7.0);
    assert_int_equal(cxm_survival_mean_compare(&a, &c, 201.0, 0.95, &got), CXM_OK);
    cxm_survival_free(s);
    cxm_survival_free(one);
    cxm_survival_free(still);
}

/* Histograms and records, and the longest times there are. */
static void any_two_curves(void **state)
{
    (void)state;
    cxm_survival_record records[] = {{.exit = 1e-300, .weight = 1e-15, .event = 1}, {.exit = 0.5, .weight = 2, .event = 1}, {.exit = 1e100, .weight = 1e15}};
    cxm_survival *s = make(20);
    cxm_survival_curve a = {.size = sizeof a};
    cxm_difference got = {.size = sizeof got};
    cxm_survival_add(s, 0, 2, 1);
    cxm_survival_add(s, 0, 3, 1);
    assert_int_equal(cxm_survival_sort(records, 3, NULL), CXM_OK);
    assert_int_equal(cxm_survival_curve_of_records(records, 3, 0, 0.0, &a), CXM_OK);
    cxm_survival_curve b = curve_of(s);
    assert_int_equal(cxm_survival_mean_compare(&a, &b, 1e100, 0.95, &got), CXM_OK);
    assert_true(got.difference > 0.0 && got.low > 0.0 && got.high <= 1e100 && got.p < 1e-6);
    assert_int_equal(cxm_survival_mean_compare(&a, &b, 2.5, 0.95, &got), CXM_OK);
    cxm_survival_free(s);
}

static void misuse(void **state)
{
    (void)state;
    cxm_survival *s = make(10);
    cxm_survival_add_count(s, 0, 3, 1, 2);
    cxm_survival_add(s, 0, 5, 0);
    cxm_survival_curve c = curve_of(s), small = {.size = 8};
    cxm_difference got = {.size = 8}, ok = {.size = sizeof ok};
    static const double wrong_tau[] = {0.0, -1.0, NAN, INFINITY, 1e101}, wrong_level[] = {0.0, 1.0, -1.0, NAN};
    for (size_t i = 0; i < COUNT_OF(wrong_tau); ++i) assert_int_equal(cxm_survival_mean_compare(&c, &c, wrong_tau[i], 0.95, &ok), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(wrong_level); ++i) assert_int_equal(cxm_survival_mean_compare(&c, &c, 4.0, wrong_level[i], &ok), CXM_E_ARG);
    assert_int_equal(cxm_survival_mean_compare(NULL, &c, 4.0, 0.95, &ok), CXM_E_ARG);
    assert_int_equal(cxm_survival_mean_compare(&c, NULL, 4.0, 0.95, &ok), CXM_E_ARG);
    assert_int_equal(cxm_survival_mean_compare(&c, &c, 4.0, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_mean_compare(&c, &c, 4.0, 0.95, &got), CXM_E_ABI);
    assert_int_equal(cxm_survival_mean_compare(&c, &small, 4.0, 0.95, &ok), CXM_E_ABI);
    assert_int_equal(cxm_survival_mean_compare(&c, &c, 4.0, 0.95, &ok), CXM_OK);        /* a curve and itself */
    assert_true(ok.difference == 0.0 && ok.p == 1.0);
    cxm_survival_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_those_of_r), cmocka_unit_test(by_hand), cmocka_unit_test(p_inverts_the_limits),
        cmocka_unit_test(no_error_proves_nothing), cmocka_unit_test(any_two_curves), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/survival_difference", tests, NULL, NULL);
}
