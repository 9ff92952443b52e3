/* SPDX-License-Identifier: MIT */
/* test_clv.c - sums against the sum itself, factors against their definition, what is refused. */
#include <cxm/clv.h>
#include <math.h>
#include "support/cxm_test.h"

static double simple(double margin, double retention, double discount, int32_t timing, uint64_t payments)
{
    double out = NAN;
    assert_int_equal(cxm_clv_simple(margin, retention, discount, timing, payments, &out), CXM_OK);
    return out;
}

/* Payment by payment, the smallest first. */
static double by_hand(double margin, double retention, double discount, double first, uint64_t payments)
{
    double sum = 0.0;
    for (uint64_t i = payments; i-- > 0;) sum += margin * first * pow(retention / (1.0 + discount), (double)i);
    return sum;
}

static void equals_the_sum(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int trial = 0; trial < 500; ++trial) {
        double r = (double)(test_rand(&seed) % 1001) / 1000.0, d = (double)(test_rand(&seed) % 500) / 1000.0, m = (double)(test_rand(&seed) % 9999) / 7.0;
        uint64_t n = test_rand(&seed) % 60 + 1;
        assert_close(simple(m, r, d, CXM_CLV_NOW, n), by_hand(m, r, d, 1.0, n), 1e-13);
        assert_close(simple(m, r, d, CXM_CLV_AFTER_RENEWAL, n), by_hand(m, r, d, r / (1.0 + d), n), 1e-13);
        assert_close(simple(m, r, d, CXM_CLV_END_OF_PERIOD, n), by_hand(m, r, d, 1.0 / (1.0 + d), n), 1e-13);
    }
}

/* Without end: m (1 + d) / (1 + d - r), and the other two by their factors. */
static void without_end(void **state)
{
    (void)state;
    double now = simple(100.0, 0.8, 0.1, CXM_CLV_NOW, 0);
    assert_close(now, 110.0 / 0.3, 1e-15);
    assert_close(simple(100.0, 0.8, 0.1, CXM_CLV_AFTER_RENEWAL, 0), 80.0 / 0.3, 1e-15);
    assert_close(simple(100.0, 0.8, 0.1, CXM_CLV_END_OF_PERIOD, 0), 100.0 / 0.3, 1e-15);
    assert_close(simple(100.0, 0.8, 0.1, CXM_CLV_NOW, 1000), now, 1e-15);
    assert_close(simple(7.0, 1.0, 0.0, CXM_CLV_NOW, 12), 84.0, 1e-15);
    assert_close(simple(7.0, 0.0, 0.0, CXM_CLV_NOW, 12), 7.0, 1e-15);
    assert_close(simple(1.0, 1.0, 1e-12, CXM_CLV_NOW, 12), 12.0, 1e-10);
    assert_close(simple(-5.0, 0.5, 0.0, CXM_CLV_NOW, 0), -10.0, 1e-15);
}

static void discounts(void **state)
{
    (void)state;
    double rate = NAN, continuous = NAN;
    assert_int_equal(cxm_discount_rate(0.15, 12.0, &rate), CXM_OK);
    assert_close(pow(1.0 + rate, 12.0), 1.15, 1e-14);
    assert_int_equal(cxm_discount_continuous(0.15, 52.0, &continuous), CXM_OK);
    assert_close(continuous, 0.0026877296610607439, 1e-15);     /* ln(1.15) / 52, the 0.0027 of published examples */
    assert_int_equal(cxm_discount_rate(-0.1, 12.0, &rate), CXM_E_DOMAIN);
    assert_int_equal(cxm_discount_rate(NAN, 12.0, &rate), CXM_E_DOMAIN);
    assert_int_equal(cxm_discount_rate(0.1, 0.0, &rate), CXM_E_DOMAIN);
    assert_int_equal(cxm_discount_rate(0.1, 12.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_discount_continuous(0.1, HUGE_VAL, &rate), CXM_E_DOMAIN);
    assert_int_equal(cxm_discount_continuous(0.1, 12.0, NULL), CXM_E_ARG);
}

static void historic_and_payback(void **state)
{
    (void)state;
    double margin[] = {1000.0, 500.0, -100.0, 400.0}, value[4] = {0};
    size_t age = 99;
    assert_int_equal(cxm_clv_historic(margin, 4, 10, 0.0, value), CXM_OK);
    assert_true(value[0] == 100.0 && value[1] == 150.0 && value[2] == 140.0 && value[3] == 180.0);
    assert_int_equal(cxm_clv_payback(value, 4, 145.0, &age), CXM_OK);
    assert_int_equal(age, 1);
    assert_int_equal(cxm_clv_payback(value, 4, 180.5, &age), CXM_E_UNDEFINED);
    assert_int_equal(cxm_clv_payback(value, 4, -1.0, &age), CXM_OK);
    assert_int_equal(age, 0);
    assert_int_equal(cxm_clv_historic(margin, 4, 10, 0.25, margin), CXM_OK);
    assert_close(margin[3], 100.0 + 40.0 - 6.4 + 20.48, 1e-14);
    assert_int_equal(cxm_clv_historic(NULL, 0, 10, 0.0, NULL), CXM_OK);
}

static void refuses(void **state)
{
    (void)state;
    double out = 7.0, margin[2] = {1.0, NAN}, value[2] = {7.0, 7.0};
    size_t age = 7;
    assert_int_equal(cxm_clv_simple(1.0, 1.0, 0.0, CXM_CLV_NOW, 0, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_clv_simple(1.0, 1.1, 0.0, CXM_CLV_NOW, 0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_clv_simple(1.0, NAN, 0.0, CXM_CLV_NOW, 0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_clv_simple(1.0, 0.5, -0.1, CXM_CLV_NOW, 0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_clv_simple(HUGE_VAL, 0.5, 0.1, CXM_CLV_NOW, 0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_clv_simple(1.0, 0.5, 0.1, 0, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_clv_simple(1.0, 0.5, 0.1, 4, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_clv_simple(1.0, 0.5, 0.1, CXM_CLV_NOW, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_clv_historic(margin, 2, 1, 0.0, value), CXM_E_DOMAIN);
    assert_int_equal(cxm_clv_historic(margin, 1, 0, 0.0, value), CXM_E_EMPTY);
    assert_int_equal(cxm_clv_historic(margin, 1, 1, -1.0, value), CXM_E_DOMAIN);
    assert_int_equal(cxm_clv_historic(NULL, 1, 1, 0.0, value), CXM_E_ARG);
    assert_int_equal(cxm_clv_historic(margin, 1, 1, 0.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_clv_payback(margin, 2, 1.0, &age), CXM_E_DOMAIN);
    assert_int_equal(cxm_clv_payback(margin, 1, NAN, &age), CXM_E_DOMAIN);
    assert_int_equal(cxm_clv_payback(NULL, 1, 1.0, &age), CXM_E_ARG);
    assert_int_equal(cxm_clv_payback(margin, 1, 1.0, NULL), CXM_E_ARG);
    assert_true(out == 7.0 && age == 7 && value[0] == 7.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_the_sum), cmocka_unit_test(without_end), cmocka_unit_test(discounts),
                                       cmocka_unit_test(historic_and_payback), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests_name("value/clv", tests, NULL, NULL);
}
