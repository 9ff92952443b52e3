/* SPDX-License-Identifier: MIT */
/* test_compare_within.c - standardised differences against hand-worked strata, the plain comparisons, and themselves. */
#include <cxm/compare.h>
#include <cxm/interval.h>
#include <math.h>
#include <stdbool.h>
#include "support/cxm_test.h"

static cxm_difference net_within(const cxm_net_sample *a, const cxm_net_sample *b, size_t strata, int32_t method, double level)
{
    cxm_difference got = {.size = sizeof got};
    assert_int_equal(cxm_compare_net_within(a, b, strata, method, level, &got, NULL), CXM_OK);
    return got;
}

/* The mix differs, nothing else does: 80 % against 20 % of stratum 0, whose net is 0.5; that of stratum 1 is -0.5. */
static void a_change_of_mix_is_no_difference(void **state)
{
    (void)state;
    const cxm_net_sample a[] = {{20, 40, 60 + 40}, {30, 0, 10}}, b[] = {{5, 10, 15 + 10}, {120, 0, 40}};
    cxm_net_sample whole_a = {50, 40, 110}, whole_b = {125, 10, 65};
    cxm_difference plain = {.size = sizeof plain}, got = net_within(a, b, 2, CXM_COMPARE_DEFAULT, 0.95);
    assert_int_equal(cxm_compare_net(&whole_a, &whole_b, CXM_COMPARE_DEFAULT, 0.95, &plain), CXM_OK);
    assert_true(plain.p < 1e-6);
    assert_near(got.difference, 0.0, 1e-15);
    assert_close(got.p, 1.0, 1e-15);
    assert_true(got.low < 0.0 && got.high > 0.0);
    assert_int_equal(got.method, CXM_COMPARE_MOVER);
}

/* Two strata by hand: nets 0.5 and 0.3 of 20 and 20, 0.1 and -0.1 of 10 and 30; each weighs 40 / 80.
 * V = p + d - (p - d)^2, and limits are Wald's with z = 1.959963984540054. */
static void wald_by_hand(void **state)
{
    (void)state;
    const cxm_net_sample a[] = {{2, 6, 12}, {4, 1, 5}}, b[] = {{4, 6, 10}, {12, 9, 9}};
    double v[] = {0.7 - 0.25, 0.9 - 0.01, 0.7 - 0.09, 0.7 - 0.01};
    double se = 0.5 * sqrt(v[0] / 20 + v[1] / 10 + v[2] / 20 + v[3] / 30), d = 0.5 * (0.5 - 0.3) + 0.5 * (0.1 + 0.1);
    cxm_difference got = net_within(a, b, 2, CXM_COMPARE_WALD, 0.95);
    assert_close(got.difference, d, 1e-14);
    assert_close(got.se, se, 1e-14);
    assert_close(got.low, d - 1.959963984540054 * se, 1e-13);
    assert_close(got.high, d + 1.959963984540054 * se, 1e-13);
    assert_close(got.p, erfc(d / se / sqrt(2.0)), 1e-13);
}

/* MOVER over strata from each stratum's own score limits, squared, weighted and summed. */
static void mover_joins_the_limits_of_all_parts(void **state)
{
    (void)state;
    const cxm_net_sample a[] = {{2, 6, 12}, {4, 1, 5}}, b[] = {{4, 6, 10}, {12, 9, 9}};
    double down = 0.0, up = 0.0;
    for (size_t k = 0; k < 2; ++k) {
        cxm_interval x = {.size = sizeof x}, y = {.size = sizeof y};
        cxm_trinomial_interval(a[k].minus, a[k].zero, a[k].plus, CXM_INTERVAL_SCORE, 0.9, &x);
        cxm_trinomial_interval(b[k].minus, b[k].zero, b[k].plus, CXM_INTERVAL_SCORE, 0.9, &y);
        double s = ((double)a[k].plus - (double)a[k].minus) / (double)(a[k].plus + a[k].zero + a[k].minus);
        double t = ((double)b[k].plus - (double)b[k].minus) / (double)(b[k].plus + b[k].zero + b[k].minus);
        down += 0.25 * ((s - x.low) * (s - x.low) + (y.high - t) * (y.high - t));
        up += 0.25 * ((x.high - s) * (x.high - s) + (t - y.low) * (t - y.low));
    }
    cxm_difference got = net_within(a, b, 2, CXM_COMPARE_MOVER, 0.9);
    assert_close(got.low, 0.2 - sqrt(down), 1e-12);
    assert_close(got.high, 0.2 + sqrt(up), 1e-12);
}

static void means_by_hand(void **state)
{
    (void)state;
    const cxm_mean_sample a[] = {{10, 4.0, 1.0}, {20, 3.0, 0.5}}, b[] = {{30, 3.5, 1.2}, {20, 3.25, 0.0}};
    double w = 40.0 / 80.0, d = w * 0.5 + w * -0.25;
    double s[] = {w * w / 10.0, w * w * 0.25 / 20.0, w * w * 1.44 / 30.0};
    double total = s[0] + s[1] + s[2], df = total * total / (s[0] * s[0] / 9 + s[1] * s[1] / 19 + s[2] * s[2] / 29);
    cxm_difference got = {.size = sizeof got};
    assert_int_equal(cxm_compare_mean_within(a, b, 2, 1, 5, CXM_COMPARE_DEFAULT, 0.95, &got, NULL), CXM_OK);
    assert_close(got.difference, d, 1e-14);
    assert_close(got.se, sqrt(total), 1e-14);
    assert_close(got.df, df, 1e-13);
    assert_close(got.statistic, d / sqrt(total), 1e-13);
}

static cxm_net_sample draw_net(uint64_t *seed, uint64_t most)
{
    return (cxm_net_sample){test_rand(seed) % most, test_rand(seed) % most, test_rand(seed) % most};
}

/* One stratum is the plain comparison; exchanging the samples changes signs alone; p and limits tell the same. */
static void properties_over_random_strata(void **state)
{
    (void)state;
    uint64_t seed = 20261125;
    for (int trial = 0; trial < 3000; ++trial) {
        size_t strata = 1 + test_rand(&seed) % 5;
        cxm_net_sample a[5], b[5];
        for (size_t k = 0; k < strata; ++k) a[k] = draw_net(&seed, 30), b[k] = draw_net(&seed, 30), ++a[k].zero, ++b[k].zero;
        cxm_difference got = net_within(a, b, strata, CXM_COMPARE_MOVER, 0.95), back = net_within(b, a, strata, CXM_COMPARE_MOVER, 0.95);
        assert_near(got.difference, -back.difference, 1e-15);
        assert_near(got.low, -back.high, 1e-13);
        assert_near(got.p, back.p, 1e-12);
        assert_true(got.low <= got.difference && got.difference <= got.high);
        bool excluded = got.low > 0.0 || got.high < 0.0;
        if (fabs(got.p - 0.05) > 1e-9) assert_int_equal(excluded, got.p < 0.05);
        cxm_difference plain = {.size = sizeof plain}, one = net_within(a, b, 1, CXM_COMPARE_MOVER, 0.95);
        assert_int_equal(cxm_compare_net(a, b, CXM_COMPARE_MOVER, 0.95, &plain), CXM_OK);
        assert_near(one.low, plain.low, 1e-12);
        assert_near(one.high, plain.high, 1e-12);
        assert_near(one.p, plain.p, 1e-10);
    }
}

/* A share is a net without zeros, halved. */
static void shares_are_halved_nets(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int trial = 0; trial < 500; ++trial) {
        cxm_share_sample a[3], b[3];
        cxm_net_sample x[3], y[3];
        for (size_t k = 0; k < 3; ++k) {
            a[k].n = 1 + test_rand(&seed) % 40, a[k].hits = test_rand(&seed) % (a[k].n + 1);
            b[k].n = 1 + test_rand(&seed) % 40, b[k].hits = test_rand(&seed) % (b[k].n + 1);
            x[k] = (cxm_net_sample){a[k].n - a[k].hits, 0, a[k].hits};
            y[k] = (cxm_net_sample){b[k].n - b[k].hits, 0, b[k].hits};
        }
        cxm_difference share = {.size = sizeof share}, net = net_within(x, y, 3, CXM_COMPARE_DEFAULT, 0.9);
        assert_int_equal(cxm_compare_share_within(a, b, 3, CXM_COMPARE_DEFAULT, 0.9, &share, NULL), CXM_OK);
        assert_int_equal(share.method, CXM_COMPARE_NEWCOMBE);
        assert_near(share.difference, 0.5 * net.difference, 1e-15);
        assert_near(share.low, 0.5 * net.low, 1e-15);
        assert_near(share.p, net.p, 1e-15);
    }
}

static void strata_of_one_side_are_left_out(void **state)
{
    (void)state;
    const cxm_net_sample a[] = {{2, 6, 12}, {4, 1, 5}, {0, 0, 0}}, b[] = {{4, 6, 10}, {0, 0, 0}, {1, 1, 1}};
    cxm_difference got = {.size = sizeof got}, plain = {.size = sizeof plain};
    uint64_t left_out = 7;
    assert_int_equal(cxm_compare_net_within(a, b, 3, CXM_COMPARE_DEFAULT, 0.95, &got, &left_out), CXM_OK);
    assert_int_equal(left_out, 13);
    assert_int_equal(cxm_compare_net(a, b, CXM_COMPARE_DEFAULT, 0.95, &plain), CXM_OK);
    assert_near(got.low, plain.low, 1e-12);
    assert_int_equal(cxm_compare_net_within(a + 1, b + 1, 2, CXM_COMPARE_DEFAULT, 0.95, &got, &left_out), CXM_E_EMPTY);
    assert_int_equal(left_out, 13);
}

static void what_cannot_be_asked(void **state)
{
    (void)state;
    const cxm_net_sample pure[] = {{0, 0, 5}}, other[] = {{5, 0, 0}}, huge[] = {{UINT64_MAX, 1, 0}}, large[] = {{UINT64_MAX, 0, 0}};
    const cxm_share_sample bad[] = {{2, 1}}, good[] = {{1, 2}}, none[] = {{0, 0}}, all[] = {{2, 2}};
    const cxm_mean_sample one[] = {{1, 2.0, 0.0}}, flat[] = {{5, 2.0, 0.0}}, some[] = {{5, 2.0, 1.0}}, nan[] = {{5, NAN, 1.0}},
                          vast[] = {{UINT64_MAX, 2.0, 1.0}}, nobody[] = {{0, NAN, NAN}};
    cxm_difference got = {.size = sizeof got}, small = {.size = 8};
    assert_int_equal(cxm_compare_net_within(pure, other, 1, CXM_COMPARE_WALD, 0.95, &got, NULL), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_net_within(pure, pure, 1, CXM_COMPARE_WALD, 0.95, &got, NULL), CXM_OK);
    assert_close(got.p, 1.0, 0.0);
    assert_int_equal(cxm_compare_net_within(pure, other, 1, CXM_COMPARE_MOVER, 0.95, &got, NULL), CXM_OK);
    assert_int_equal(cxm_compare_net_within(pure, other, 1, CXM_COMPARE_NEWCOMBE, 0.95, &got, NULL), CXM_E_METHOD);
    assert_int_equal(cxm_compare_net_within(huge, other, 1, CXM_COMPARE_MOVER, 0.95, &got, NULL), CXM_E_OVERFLOW);
    assert_int_equal(cxm_compare_net_within(large, other, 1, CXM_COMPARE_MOVER, 0.95, &got, NULL), CXM_E_OVERFLOW);
    assert_int_equal(cxm_compare_net_within(pure, other, 0, CXM_COMPARE_MOVER, 0.95, &got, NULL), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_net_within(NULL, other, 1, CXM_COMPARE_MOVER, 0.95, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_net_within(pure, other, 1, CXM_COMPARE_MOVER, 1.0, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_net_within(pure, other, 1, CXM_COMPARE_MOVER, 0.95, &small, NULL), CXM_E_ABI);
    assert_int_equal(cxm_compare_share_within(bad, good, 1, 0, 0.95, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_share_within(good, bad, 1, 0, 0.95, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_share_within(good, none, 1, 0, 0.95, &got, NULL), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_share_within(good, good, 1, CXM_COMPARE_FISHER, 0.95, &got, NULL), CXM_E_METHOD);
    assert_int_equal(cxm_compare_share_within(good, NULL, 1, 0, 0.95, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_share_within(all, good, 1, CXM_COMPARE_WALD, 0.95, &got, NULL), CXM_OK);
    assert_int_equal(cxm_compare_mean_within(one, some, 1, 1, 5, 0, 0.95, &got, NULL), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_mean_within(flat, flat, 1, 1, 5, 0, 0.95, &got, NULL), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_mean_within(nan, some, 1, 1, 5, 0, 0.95, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_mean_within(some, nan, 1, 1, 5, 0, 0.95, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_mean_within(some, some, 1, 3, 5, 0, 0.95, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_mean_within(some, some, 1, 1, 5, CXM_COMPARE_WALD, 0.95, &got, NULL), CXM_E_METHOD);
    assert_int_equal(cxm_compare_mean_within(vast, some, 1, 1, 5, 0, 0.95, &got, NULL), CXM_E_OVERFLOW);
    assert_int_equal(cxm_compare_mean_within(nobody, some, 1, 1, 5, 0, 0.95, &got, NULL), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_mean_within(some, some, 1, 1, 5, 0, 0.95, NULL, NULL), CXM_E_ARG);
}

/* Counts of 10^12 and differences far in the tail: p stays a number, and the limits stay inside. */
static void extremes(void **state)
{
    (void)state;
    const uint64_t n = UINT64_C(1000000000000);
    const cxm_net_sample a[] = {{n, n, 2 * n}, {1, 0, 0}}, b[] = {{n, n, n}, {0, 0, 1}};
    cxm_difference got = net_within(a, b, 2, CXM_COMPARE_MOVER, 0.999999);
    assert_true(got.p >= 0.0 && got.p < 1e-300);
    assert_true(got.low >= -2.0 && got.low < got.difference && got.difference < got.high && got.high <= 2.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_of_mix_is_no_difference), cmocka_unit_test(wald_by_hand),
        cmocka_unit_test(mover_joins_the_limits_of_all_parts), cmocka_unit_test(means_by_hand),
        cmocka_unit_test(properties_over_random_strata), cmocka_unit_test(shares_are_halved_nets),
        cmocka_unit_test(strata_of_one_side_are_left_out), cmocka_unit_test(what_cannot_be_asked), cmocka_unit_test(extremes)};
    return cmocka_run_group_tests_name("inference/compare_within", tests, NULL, NULL);
}
