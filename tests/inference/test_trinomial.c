/* SPDX-License-Identifier: MIT */
/* test_trinomial.c - limits of a net share against R, Tango's equation in t, and their own rules. */
#include <cxm/interval.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const struct { const char *table; int32_t method; double tolerance; } methods[] = {
    {"wald", CXM_INTERVAL_WALD, 1e-12},
    {"trinomial_t", CXM_INTERVAL_T, 1e-12},
    {"score_tango", CXM_INTERVAL_SCORE, 1e-9},
    {"score_rocks_iterative", CXM_INTERVAL_SCORE, 1e-6},
    {"aw3_triangular", CXM_INTERVAL_AW3_TRIANGULAR, 1e-12},
    {"aw3_uniform", CXM_INTERVAL_AW3_UNIFORM, 1e-12},
    {"aw4_triangular", CXM_INTERVAL_AW4_TRIANGULAR, 1e-12},
    {"aw4_uniform", CXM_INTERVAL_AW4_UNIFORM, 1e-12},
    {"agresti_min", CXM_INTERVAL_AGRESTI_MIN, 1e-12},
    {"bonett_price", CXM_INTERVAL_BONETT_PRICE, 1e-12},
};

static size_t row_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(methods); ++i)
        if (strcmp(methods[i].table, name) == 0) return i;
    fail_msg("no method %s", name);
    return 0;
}

static cxm_interval net(uint64_t minus, uint64_t zero, uint64_t plus, int32_t method, double level)
{
    cxm_interval got = {.size = sizeof got};
    assert_int_equal(cxm_trinomial_interval(minus, zero, plus, method, level, &got), CXM_OK);
    return got;
}

static double clamped(double x)
{
    return fmin(fmax(x, -1.0), 1.0);
}

static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("nps_interval.csv");
    assert_int_equal(t.rows, 552);
    for (size_t i = 0; i < t.rows; ++i) {
        const char *name = test_cell(&t, i, "method");
        size_t m = row_of(name);
        uint64_t minus = (uint64_t)test_number(&t, i, "detractors"), zero = (uint64_t)test_number(&t, i, "passives");
        uint64_t plus = (uint64_t)test_number(&t, i, "promoters");
        double level = test_number(&t, i, "conf");
        cxm_interval got = {.size = sizeof got};
        cxm_status status = cxm_trinomial_interval(minus, zero, plus, methods[m].method, level, &got);
        assert_int_equal(status, isnan(test_number(&t, i, "lower")) ? CXM_E_UNDEFINED : CXM_OK);
        if (status != CXM_OK) continue;
        double low = clamped(test_number(&t, i, "lower")), high = clamped(test_number(&t, i, "upper"));
        test_assert_close(got.low, low, 0.0, methods[m].tolerance, name, __FILE__, __LINE__);
        test_assert_close(got.high, high, 0.0, methods[m].tolerance, name, __FILE__, __LINE__);
        if (methods[m].method == CXM_INTERVAL_WALD)       /* elsewhere the raised counts' own */
            assert_near(got.se, test_number(&t, i, "se"), 1e-12);
    }
    test_table_free(&t);
}

/* The number behind `name` in "promoters=250;detractors=75;n=1000". */
static uint64_t amount(const char *input, const char *name)
{
    const char *at = strstr(input, name);
    assert_non_null(at);
    return strtoull(strchr(at, '=') + 1, NULL, 10);
}

/* A published mistake, two shares taken as independent: no method here repeats it. Wald by hand, 0.175 -+ z sqrt(0.294375 /
 * 1000); the row's note has the same to six digits, its seventh is off. */
static void a_published_mistake_is_not_repeated(void **state)
{
    (void)state;
    test_table t = test_table_read("published_examples.csv");
    size_t i = 0;
    while (i < t.rows && strcmp(test_cell(&t, i, "metric"), "nps_wrong") != 0) ++i;
    const char *input = test_cell(&t, i, "input"), *value = test_cell(&t, i, "published_value");
    uint64_t minus = amount(input, "detractors"), plus = amount(input, "promoters"), zero = amount(input, "n=") - plus - minus;
    double low = strtod(value, NULL), high = strtod(strstr(value, "to") + 2, NULL);
    for (size_t m = 0; m < COUNT_OF(methods); ++m) {
        cxm_interval got = net(minus, zero, plus, methods[m].method, 0.95);
        assert_true(got.low < low - test_number(&t, i, "tolerance") && got.high > high + test_number(&t, i, "tolerance"));
    }
    cxm_interval wald = net(minus, zero, plus, CXM_INTERVAL_WALD, 0.95);
    assert_near(wald.low, 0.175 - 1.95996398454005424 * sqrt(0.000294375), 1e-15);
    assert_near(wald.high, 0.175 + 1.95996398454005424 * sqrt(0.000294375), 1e-15);
    test_table_free(&t);
}

static void default_is_score(void **state)
{
    (void)state;
    cxm_interval score = net(15, 25, 60, CXM_INTERVAL_SCORE, 0.95), got = net(15, 25, 60, CXM_INTERVAL_DEFAULT, 0.95);
    assert_memory_equal(&got, &score, sizeof got);
}

static void refusals(void **state)
{
    (void)state;
    cxm_interval out = {.size = sizeof out, .method = 77}, before = out, small = {.size = sizeof small - 1};
    static const int32_t not_ours[] = {-1, 3, CXM_INTERVAL_WILSON, CXM_INTERVAL_AGRESTI_COULL_4, INT32_MAX};
    int32_t t = CXM_INTERVAL_T, score = CXM_INTERVAL_SCORE;
    assert_int_equal(cxm_trinomial_interval(0, 0, 0, score, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_trinomial_interval(0, 1, 0, t, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_trinomial_interval(9, 0, 0, t, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_trinomial_interval(0, 9, 0, t, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_trinomial_interval(0, 0, 9, t, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_trinomial_interval(UINT64_MAX, 1, 0, score, 0.95, &out), CXM_E_OVERFLOW);
    assert_int_equal(cxm_trinomial_interval(UINT64_MAX - 1, 1, 1, score, 0.95, &out), CXM_E_OVERFLOW);
    assert_int_equal(cxm_trinomial_interval(1, 1, 1, score, 1.0, &out), CXM_E_ARG);
    assert_int_equal(cxm_trinomial_interval(1, 1, 1, score, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_trinomial_interval(1, 1, 1, score, 0.95, &small), CXM_E_ABI);
    for (size_t i = 0; i < COUNT_OF(not_ours); ++i)
        assert_int_equal(cxm_trinomial_interval(1, 1, 1, not_ours[i], 0.95, &out), CXM_E_METHOD);
    assert_memory_equal(&out, &before, sizeof out);
}

static uint64_t any_count(uint64_t *seed)
{
    uint64_t draw = test_rand(seed) % 8;
    return draw == 0 ? 0 : draw == 1 ? 1 : test_rand(seed) >> (2 + test_rand(seed) % 62);
}

/* Any counts below 2^64: in range, in order, around the estimate, exact mirrors, wider with the level. */
static void limits_stay_sound(void **state)
{
    (void)state;
    uint64_t seed = 31;
    for (int i = 0; i < 20000; ++i) {
        if (test_left_out()) continue;
        uint64_t minus = any_count(&seed), zero = any_count(&seed), plus = any_count(&seed);
        if (minus + zero + plus == 0) zero = 1;
        double level = 0.5 + 0.4999 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0;
        double n = (double)(minus + zero + plus);
        double estimate = (plus >= minus ? (double)(plus - minus) : -(double)(minus - plus)) / n;
        int alike = (minus == 0) + (zero == 0) + (plus == 0) == 2;
        for (size_t m = 0; m < COUNT_OF(methods); ++m) {
            int32_t method = methods[m].method;
            if (method == CXM_INTERVAL_T && alike) continue;
            cxm_interval got = net(minus, zero, plus, method, level), wide = net(minus, zero, plus, method, 0.999999);
            cxm_interval mirror = net(plus, zero, minus, method, level);
            assert_true(-1.0 <= got.low && got.low <= got.high && got.high <= 1.0 && got.se >= 0.0);
            assert_true(wide.low <= got.low + 1e-15 && wide.high >= got.high - 1e-15);
            assert_true(got.low == -mirror.high && got.high == -mirror.low);
            if (method == CXM_INTERVAL_SCORE || method == CXM_INTERVAL_WALD || method == CXM_INTERVAL_T)
                assert_true(got.low <= estimate && estimate <= got.high);
        }
    }
}

/* 2 w - 1 of a share's limit w; past 1/2 from the other class, whose limit v = 1 - w is small and so holds more
 * digits: twice a w near 1 would double the rounding that w itself carries. */
static double net_of_share(double w, double v)
{
    return w < 0.5 ? 2.0 * w - 1.0 : 1.0 - 2.0 * v;
}

static void without_passives_score_is_wilson(void **state)
{
    (void)state;
    uint64_t seed = 32;
    for (int i = 0; i < 20000; ++i) {
        uint64_t minus = any_count(&seed), plus = any_count(&seed) + 1;
        double level = i % 3 == 0 ? 0.9999 : 0.95;
        cxm_interval of = {.size = sizeof of}, off = of, got = net(minus, 0, plus, CXM_INTERVAL_SCORE, level);
        assert_int_equal(cxm_share_interval(plus, plus + minus, CXM_INTERVAL_WILSON, level, &of), CXM_OK);
        assert_int_equal(cxm_share_interval(minus, plus + minus, CXM_INTERVAL_WILSON, level, &off), CXM_OK);
        assert_near(got.low, net_of_share(of.low, off.high), 1e-15);
        assert_near(got.high, net_of_share(of.high, off.low), 1e-15);
    }
}

static void only_passives_give_wilson_of_none(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < UINT64_MAX / 3; n *= 3) {
        cxm_interval wilson = {.size = sizeof wilson}, got = net(0, n, 0, CXM_INTERVAL_SCORE, 0.95);
        assert_int_equal(cxm_share_interval(0, n, CXM_INTERVAL_WILSON, 0.95, &wilson), CXM_OK);
        assert_close(got.high, wilson.high, 1e-14);
        assert_true(got.low == -got.high);
    }
}

static void all_of_one_kind(void **state)
{
    (void)state;
    const double z2 = 3.84145882069412447634;             /* chi-square(1) at 0.95 */
    for (uint64_t n = 1; n < UINT64_MAX / 3; n *= 3) {
        cxm_interval all = net(0, 0, n, CXM_INTERVAL_SCORE, 0.95);
        assert_true(all.high == 1.0 && all.se == 0.0);
        assert_near(all.low, ((double)n - z2) / ((double)n + z2), 1e-15);
        assert_true(net(n, 0, 0, CXM_INTERVAL_SCORE, 0.95).low == -1.0);
    }
}

/* Tango's statistic at t straight from its quadratic, in the half of the range where it is sound. */
static double tango(double minus, double zero, double plus, double t)
{
    double n = minus + zero + plus, d = minus / n, r = plus / n;
    double b = -(d + r) + (2.0 - r + d) * t, c = -d * t * (1.0 - t), root = sqrt(b * b - 8.0 * c);
    double q = b > 0.0 ? -2.0 * c / (b + root) : 0.25 * (root - b);
    return sqrt(n) * ((r - d) - t) / sqrt(2.0 * q + t * (1.0 - t));
}

static void score_limits_solve_tangos_equation(void **state)
{
    (void)state;
    uint64_t seed = 33;
    const double z = 1.95996398454005423552;
    for (int i = 0; i < 20000; ++i) {
        uint64_t c[3];
        for (int k = 0; k < 3; ++k) c[k] = test_rand(&seed) % (i & 1 ? 12 : 3000);
        if (c[0] + c[1] == 0 || c[1] + c[2] == 0) continue;
        cxm_interval got = net(c[0], c[1], c[2], CXM_INTERVAL_SCORE, 0.95);
        double m = (double)c[0], o = (double)c[1], p = (double)c[2];
        double at_low = got.low < -0.5 ? -tango(p, o, m, -got.low) : tango(m, o, p, got.low);
        double at_high = got.high < -0.5 ? -tango(p, o, m, -got.high) : tango(m, o, p, got.high);
        assert_close(at_low, z, 1e-9);
        assert_close(at_high, -z, 1e-9);
    }
}

/* Roots of Tango's equation to 60 digits, at counts where it cannot be solved in doubles. */
static void extreme_counts(void **state)
{
    (void)state;
    test_table t = test_table_read("trinomial_extreme.csv");
    assert_int_equal(t.rows, 60);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_interval got = net(strtoull(test_cell(&t, i, "minus"), NULL, 10), strtoull(test_cell(&t, i, "zero"), NULL, 10),
                               strtoull(test_cell(&t, i, "plus"), NULL, 10), CXM_INTERVAL_SCORE, test_number(&t, i, "level"));
        assert_near(got.low, test_number(&t, i, "lower"), 1e-15);
        assert_near(got.high, test_number(&t, i, "upper"), 1e-15);
    }
    test_table_free(&t);
}

static void a_level_near_zero_is_the_estimate(void **state)
{
    (void)state;
    cxm_interval got = net(3, 4, 5, CXM_INTERVAL_SCORE, 1e-300);
    assert_true(got.low == 2.0 / 12.0 && got.high == 2.0 / 12.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_table), cmocka_unit_test(a_published_mistake_is_not_repeated),
        cmocka_unit_test(default_is_score), cmocka_unit_test(refusals),
        cmocka_unit_test(limits_stay_sound), cmocka_unit_test(without_passives_score_is_wilson),
        cmocka_unit_test(only_passives_give_wilson_of_none), cmocka_unit_test(all_of_one_kind),
        cmocka_unit_test(score_limits_solve_tangos_equation), cmocka_unit_test(extreme_counts),
        cmocka_unit_test(a_level_near_zero_is_the_estimate)};
    return cmocka_run_group_tests_name("inference/trinomial", tests, NULL, NULL);
}
