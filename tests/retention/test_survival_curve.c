/* SPDX-License-Identifier: MIT */
/* test_survival_curve.c - curves against R's survival package: tests/reference/km_r_survival.csv, whose counts are put into a
 * histogram again; against the empirical distribution; and where a curve ends, begins late, or has no limits. */
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

static cxm_survival_point next(cxm_survival_curve *c)
{
    cxm_survival_point p = {.size = sizeof p};
    assert_int_equal(cxm_survival_next(c, &p), CXM_OK);
    return p;
}

/* --- the reference --- */

/* NA is a number that does not exist. */
static void assert_cell(const test_table *t, size_t row, const char *column, double got)
{
    double want = test_number(t, row, column);
    if (want != want) assert_true(got != got);
    else test_assert_close(got, want, 1e-12, 1e-15, column, __FILE__, __LINE__);
}

static bool same_group(const test_table *t, size_t a, size_t b)
{
    return strcmp(test_cell(t, a, "dataset"), test_cell(t, b, "dataset")) == 0 &&
           strcmp(test_cell(t, a, "group"), test_cell(t, b, "group")) == 0;
}

static void add_row(cxm_survival *s, const test_table *t, size_t row)
{
    int64_t time = (int64_t)test_number(t, row, "time");
    assert_int_equal(cxm_survival_add_count(s, 0, time, 1, (uint64_t)test_number(t, row, "n_event")), CXM_OK);
    assert_int_equal(cxm_survival_add_count(s, 0, time, 0, (uint64_t)test_number(t, row, "n_censor")), CXM_OK);
}

static void check_rows(const cxm_survival *s, const test_table *t, size_t from, size_t to)
{
    static const char *const low[] = {NULL, "lo_plain", "lo_log", "lo_loglog"};
    static const char *const high[] = {NULL, "hi_plain", "hi_log", "hi_loglog"};
    for (int32_t limits = CXM_SURVIVAL_PLAIN; limits <= CXM_SURVIVAL_LOG_LOG; ++limits) {
        cxm_survival_curve c = curve_of(s, limits);
        for (size_t row = from; row < to; ++row) {
            cxm_survival_point p = next(&c);
            assert_true(p.t == test_number(t, row, "time") && p.at_risk == test_number(t, row, "n_risk"));
            assert_true(p.events == test_number(t, row, "n_event") && p.censored == test_number(t, row, "n_censor"));
            assert_cell(t, row, "surv", p.survival);
            assert_cell(t, row, "std_err_greenwood", p.se);
            assert_cell(t, row, low[limits], p.low);
            assert_cell(t, row, high[limits], p.high);
            assert_cell(t, row, "cumhaz_na", p.hazard);
            assert_cell(t, row, "std_chaz", p.hazard_se);
            assert_int_equal(p.limits_status, p.low == p.low ? CXM_OK : CXM_E_UNDEFINED);
        }
        cxm_survival_point p = {.size = sizeof p};
        assert_int_equal(cxm_survival_next(&c, &p), CXM_END);
        assert_int_equal(cxm_survival_next(&c, &p), CXM_END);
    }
}

static void curves_are_those_of_r(void **state)
{
    (void)state;
    test_table t = test_table_read("km_r_survival.csv");
    assert_int_equal(t.rows, 1220);
    for (size_t from = 0, to; from < t.rows; from = to) {
        cxm_survival *s = make(2000);
        for (to = from; to < t.rows && same_group(&t, from, to); ++to) add_row(s, &t, to);
        check_rows(s, &t, from, to);
        cxm_survival_free(s);
    }
    test_table_free(&t);
}

/* --- properties --- */

/* Nobody censored: S is the share that is still there, to the last bit, and Greenwood's variance the binomial one. */
static void without_censoring_it_is_the_empirical_share(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int trial = 0; trial < 50; ++trial) {
        cxm_survival *s = make(300);
        uint64_t n = 1 + test_rand(&seed) % 1000, left = n;
        for (uint64_t i = 0; i < n; ++i) cxm_survival_add(s, 0, (int64_t)(test_rand(&seed) % 300), 1);
        cxm_survival_curve c = curve_of(s, CXM_SURVIVAL_PLAIN);
        while (left > 0) {
            cxm_survival_point p = next(&c);
            assert_true(p.at_risk == (double)left);
            left -= (uint64_t)p.events;
            double share = (double)left / (double)n;
            assert_true(p.survival == share);
            if (left) assert_close(p.se, sqrt(share * (1.0 - share) / (double)n), 1e-12);
            if (left) assert_near(p.log_survival, log(share), 1e-13);
        }
        cxm_survival_free(s);
    }
}

/* Three of ten leave at 2, one of them the moment that another is censored: it was at risk. */
static void events_come_before_the_censored(void **state)
{
    (void)state;
    cxm_survival *s = make(10);
    cxm_survival_add_count(s, 0, 2, 1, 3);
    cxm_survival_add_count(s, 0, 2, 0, 2);
    cxm_survival_add_count(s, 0, 4, 1, 1);
    cxm_survival_add_count(s, 0, 10, 0, 4);
    cxm_survival_curve c = curve_of(s, CXM_SURVIVAL_LOG);
    cxm_survival_point p = next(&c);
    assert_true(p.at_risk == 10 && p.events == 3 && p.censored == 2 && p.survival == 0.7);
    p = next(&c);
    assert_true(p.at_risk == 5 && p.t == 4);
    assert_close(p.survival, 0.7 * 0.8, 1e-15);
    p = next(&c);
    assert_true(p.at_risk == 4 && p.t == 10 && p.events == 0 && p.censored == 4);
    cxm_survival_free(s);
}

/* A customer who enters at 3 is not at risk at 3. From 5 to 7 nobody is at risk; all that were left at 5. */
static void late_entries(void **state)
{
    (void)state;
    cxm_survival *s = make(20);
    cxm_survival_add(s, 0, 3, 1);
    cxm_survival_add(s, 0, 4, 0);
    cxm_survival_add(s, 3, 5, 1);
    cxm_survival_add(s, 7, 9, 1);
    cxm_survival_add(s, 8, 12, 0);
    cxm_survival_curve c = curve_of(s, CXM_SURVIVAL_PLAIN);
    cxm_survival_point p = next(&c);
    assert_true(p.t == 3 && p.at_risk == 2 && p.entered == 0 && p.survival == 0.5);
    p = next(&c);
    assert_true(p.t == 4 && p.at_risk == 2 && p.entered == 1 && p.survival == 0.5);
    p = next(&c);
    assert_true(p.t == 5 && p.at_risk == 1 && p.survival == 0.0 && p.se != p.se && p.low != p.low);
    assert_true(p.hazard == 1.5 && p.log_survival == -(double)INFINITY && p.limits_status == CXM_E_UNDEFINED);
    p = next(&c);
    assert_true(p.t == 9 && p.at_risk == 2 && p.entered == 2 && p.survival == 0.0 && p.hazard == 2.0);
    cxm_survival_free(s);
}

static void nobody_one_and_all_alike(void **state)
{
    (void)state;
    cxm_survival *s = make(5);
    cxm_survival_curve c = {.size = sizeof c};
    assert_int_equal(cxm_survival_curve_of(s, 0, 0.0, &c), CXM_E_EMPTY);
    cxm_survival_add(s, 2, 2, 1);                                   /* refused is nobody */
    assert_int_equal(cxm_survival_curve_of(s, 0, 0.0, &c), CXM_E_EMPTY);
    cxm_survival_add(s, 0, 0, 0);
    c = curve_of(s, CXM_SURVIVAL_LOG_LOG);
    cxm_survival_point p = next(&c);
    assert_true(p.t == 0 && p.survival == 1.0 && p.se == 0.0 && p.low != p.low && p.hazard == 0.0);
    cxm_survival_add(s, 0, 0, 1);
    c = curve_of(s, 0);
    p = next(&c);
    assert_true(c.limits == CXM_SURVIVAL_LOG && p.survival == 0.5 && p.at_risk == 2);
    cxm_survival_remove(s, 0, 0, 0);
    c = curve_of(s, CXM_SURVIVAL_PLAIN);
    p = next(&c);
    assert_true(p.survival == 0.0 && p.se != p.se && p.hazard == 1.0 && p.hazard_se == 1.0);
    cxm_survival_remove(s, 0, 0, 1);
    cxm_survival_add_count(s, 4, 900, 1, 3);                        /* past the cap: there to its end */
    c = curve_of(s, CXM_SURVIVAL_PLAIN);
    p = next(&c);
    assert_true(p.t == 5 && p.at_risk == 3 && p.entered == 3 && p.events == 0 && p.censored == 3 && p.survival == 1.0);
    cxm_survival_free(s);
}

/* One of 2^62 leaves, later all but one: nothing is lost to subtraction. */
static void huge_counts(void **state)
{
    (void)state;
    const uint64_t many = UINT64_C(1) << 62;
    cxm_survival *s = make(5);
    cxm_survival_add(s, 0, 1, 1);
    cxm_survival_add_count(s, 0, 2, 1, many - 2);
    cxm_survival_add(s, 0, 3, 0);
    cxm_survival_curve c = curve_of(s, CXM_SURVIVAL_LOG_LOG);
    cxm_survival_point p = next(&c);
    assert_close(p.log_survival, -0x1p-62, 1e-15);
    assert_close(p.se, 0x1p-62, 1e-15);
    assert_true(p.low < p.high || (p.low == 1.0 && p.high == 1.0));
    p = next(&c);
    assert_close(p.survival, 0x1p-62, 1e-15);
    assert_close(p.log_survival, -62.0 * log(2.0), 1e-15);
    assert_close(p.se, 0x1p-62, 1e-9);          /* sqrt(S (1 - S) / n) */
    cxm_survival_free(s);
}

/* Levels nest; every limit holds S and stays in 0..1. */
static void limits_hold_the_estimate(void **state)
{
    (void)state;
    uint64_t seed = 17;
    for (int trial = 0; trial < 60; ++trial) {
        cxm_survival *s = make(100);
        for (int i = 0; i < 40; ++i) {
            int64_t entry = (int64_t)(test_rand(&seed) % 20);
            cxm_survival_add(s, entry, entry + 1 + (int64_t)(test_rand(&seed) % 90), (int32_t)(test_rand(&seed) % 2));
        }
        for (int32_t limits = CXM_SURVIVAL_PLAIN; limits <= CXM_SURVIVAL_LOG_LOG; ++limits) {
            cxm_survival_curve narrow = {.size = sizeof narrow}, wide = narrow;
            cxm_survival_point p = {.size = sizeof p};
            assert_int_equal(cxm_survival_curve_of(s, limits, 0.5, &narrow), CXM_OK);
            assert_int_equal(cxm_survival_curve_of(s, limits, 0.99, &wide), CXM_OK);
            while (cxm_survival_next(&narrow, &p) == CXM_OK) {
                cxm_survival_point q = next(&wide);
                assert_int_equal(p.limits_status, q.limits_status);
                if (p.limits_status != CXM_OK) continue;
                assert_true(0.0 <= q.low && q.low <= p.low && p.low <= p.survival);
                assert_true(p.survival <= p.high && p.high <= q.high && q.high <= 1.0);
            }
        }
        cxm_survival_free(s);
    }
}

static void rewound_it_is_the_same(void **state)
{
    (void)state;
    cxm_survival *s = make(100);
    for (int64_t t = 1; t < 50; ++t) cxm_survival_add(s, t / 3, t, (int32_t)(t % 2));
    cxm_survival_curve c = curve_of(s, 0), fresh = c;
    for (int i = 0; i < 20; ++i) (void)next(&c);
    assert_int_equal(cxm_survival_rewind(&c), CXM_OK);
    for (int i = 0; i < 49; ++i) {
        cxm_survival_point a = next(&c), b = next(&fresh);
        assert_memory_equal(&a, &b, sizeof a);
    }
    cxm_survival_free(s);
}

static void misuse(void **state)
{
    (void)state;
    cxm_survival *s = make(10);
    cxm_survival_curve c = {.size = sizeof c}, small = {.size = 8}, blank = c;
    cxm_survival_point p = {.size = 8};
    static const double levels[] = {-0.1, 1.0, 2.0, NAN, INFINITY};
    cxm_survival_add(s, 0, 3, 1);
    for (size_t i = 0; i < COUNT_OF(levels); ++i) assert_int_equal(cxm_survival_curve_of(s, 0, levels[i], &c), CXM_E_ARG);
    assert_int_equal(cxm_survival_curve_of(s, 4, 0.0, &c), CXM_E_METHOD);
    assert_int_equal(cxm_survival_curve_of(s, -1, 0.0, &c), CXM_E_METHOD);
    assert_int_equal(cxm_survival_curve_of(NULL, 0, 0.0, &c), CXM_E_ARG);
    assert_int_equal(cxm_survival_curve_of(s, 0, 0.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_curve_of(s, 0, 0.0, &small), CXM_E_ABI);
    assert_memory_equal(&c, &blank, sizeof c);
    assert_int_equal(cxm_survival_rewind(&c), CXM_E_ARG);
    assert_int_equal(cxm_survival_rewind(NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_rewind(&small), CXM_E_ABI);
    assert_int_equal(cxm_survival_next(NULL, &p), CXM_E_ARG);
    assert_int_equal(cxm_survival_next(&small, &p), CXM_E_ABI);
    c = curve_of(s, 0);
    assert_int_equal(cxm_survival_next(&c, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_next(&c, &p), CXM_E_ABI);
    assert_true(next(&c).t == 3);
    cxm_survival_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_are_those_of_r), cmocka_unit_test(without_censoring_it_is_the_empirical_share),
        cmocka_unit_test(events_come_before_the_censored), cmocka_unit_test(late_entries),
        cmocka_unit_test(nobody_one_and_all_alike), cmocka_unit_test(huge_counts), cmocka_unit_test(limits_hold_the_estimate),
        cmocka_unit_test(rewound_it_is_the_same), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/survival_curve", tests, NULL, NULL);
}
