/* SPDX-License-Identifier: MIT */
/* test_compare_share.c - differences of shares against R, 20 digits of mpmath, a printed example, and their own rules. */
#include <cxm/compare.h>
#include <cxm/interval.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const struct { const char *table; int32_t method; double tolerance; } methods[] = {
    {"newcombe_hybrid_score", CXM_COMPARE_NEWCOMBE, 1e-9},
    {"agresti_caffo", CXM_COMPARE_AGRESTI_CAFFO, 1e-9},
    {"miettinen_nurminen", CXM_COMPARE_MIETTINEN_NURMINEN, 1e-5},          /* R's own stop rule */
    {"pooled_chisq", CXM_COMPARE_POOLED, 1e-9},
    {"pooled_chisq_yates", CXM_COMPARE_POOLED_YATES, 1e-9},
    {"fisher_exact", CXM_COMPARE_FISHER, 1e-9},
    {"wald", CXM_COMPARE_WALD, 0.0},                                       /* not in the table */
};

static const int32_t inverted[] = {CXM_COMPARE_NEWCOMBE, CXM_COMPARE_AGRESTI_CAFFO, CXM_COMPARE_MIETTINEN_NURMINEN,
                                   CXM_COMPARE_WALD};

static cxm_difference compare(uint64_t x, uint64_t n, uint64_t x2, uint64_t n2, int32_t method, double level)
{
    cxm_difference got = {.size = sizeof got};
    cxm_share_sample a = {x, n}, b = {x2, n2};
    assert_int_equal(cxm_compare_share(&a, &b, method, level, &got), CXM_OK);
    return got;
}

static uint64_t count_in(const test_table *t, size_t row, const char *column)
{
    return strtoull(test_cell(t, row, column), NULL, 10);
}

static size_t row_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(methods); ++i)
        if (strcmp(methods[i].table, name) == 0) return i;
    fail_msg("no method %s", name);
    return 0;
}

static double clamped(double x)
{
    return fmin(fmax(x, -1.0), 1.0);
}

/* Where R has no statistic, without hits or without misses, ours is 0 and p is 1. */
static void r_two_proportion_table(void **state)
{
    (void)state;
    test_table t = test_table_read("two_proportion.csv");
    assert_int_equal(t.rows, 48);
    for (size_t i = 0; i < t.rows; ++i) {
        const char *name = test_cell(&t, i, "method");
        size_t m = row_of(name);
        uint64_t x = count_in(&t, i, "x1"), n = count_in(&t, i, "n1"), x2 = count_in(&t, i, "x2"), n2 = count_in(&t, i, "n2");
        cxm_difference got = compare(x, n, x2, n2, methods[m].method, 0.95);
        double statistic = test_number(&t, i, "statistic"), p = test_number(&t, i, "p_two_sided");
        double low = test_number(&t, i, "lower95"), high = test_number(&t, i, "upper95");
        int pooled = methods[m].method == CXM_COMPARE_POOLED || methods[m].method == CXM_COMPARE_POOLED_YATES;
        assert_near(got.difference, test_number(&t, i, "diff"), 1e-9);
        assert_int_equal(got.interval_status, isnan(low) ? CXM_E_METHOD : CXM_OK);
        if (got.interval_status == CXM_OK) {
            test_assert_close(got.low, clamped(low), 0.0, methods[m].tolerance, name, __FILE__, __LINE__);
            test_assert_close(got.high, clamped(high), 0.0, methods[m].tolerance, name, __FILE__, __LINE__);
        }
        if (pooled) assert_near(got.statistic, isnan(statistic) ? 0.0 : statistic, 1e-9);
        if (pooled || methods[m].method == CXM_COMPARE_FISHER) assert_close(got.p, isnan(p) ? 1.0 : p, 1e-9);
    }
    test_table_free(&t);
}

/* Newcombe from Wilson's limits at 90 digits; Miettinen and Nurminen from their own closed cubic. */
static void shares_to_twenty_digits(void **state)
{
    (void)state;
    test_table t = test_table_read("compare_share.csv");
    assert_int_equal(t.rows, 74);
    for (size_t i = 0; i < t.rows; ++i) {
        const char *name = test_cell(&t, i, "method");
        int32_t method;
        assert_int_equal(cxm_compare_method(name, strlen(name), &method), CXM_OK);
        cxm_difference got = compare(count_in(&t, i, "a_hits"), count_in(&t, i, "a_n"), count_in(&t, i, "b_hits"),
                                     count_in(&t, i, "b_n"), method, test_number(&t, i, "level"));
        double p = test_number(&t, i, "p"), near = 1e-15 * (got.high - got.low + fabs(got.difference));
        test_assert_close(got.low, test_number(&t, i, "low"), 0.0, near, name, __FILE__, __LINE__);
        test_assert_close(got.high, test_number(&t, i, "high"), 0.0, near, name, __FILE__, __LINE__);
        assert_close(got.statistic, test_number(&t, i, "z"), p > 1e-307 ? 2e-15 : 1e-3);
        test_assert_close(got.p, p, 2e-12, 1e-322, "p", __FILE__, __LINE__);
        assert_true(got.statistic_kind == CXM_STATISTIC_Z && got.df == HUGE_VAL);
    }
    test_table_free(&t);
}

/* "0.0524 to 0.3339" */
static void published_example(void **state)
{
    (void)state;
    test_table t = test_table_read("published_examples.csv");
    size_t seen = 0;
    assert_int_equal(t.rows, 15);
    for (size_t i = 0; i < t.rows; ++i) {
        if (strcmp(test_cell(&t, i, "metric"), "two_proportion") != 0) continue;
        assert_string_equal(test_cell(&t, i, "input"), "x1=56;n1=70;x2=48;n2=80");
        const char *value = test_cell(&t, i, "published_value");
        cxm_difference got = compare(56, 70, 48, 80, CXM_COMPARE_DEFAULT, 0.95);
        assert_near(got.low, strtod(value, NULL), test_number(&t, i, "tolerance"));
        assert_near(got.high, strtod(strstr(value, "to") + 2, NULL), test_number(&t, i, "tolerance"));
        assert_int_equal(got.method, CXM_COMPARE_NEWCOMBE);
        ++seen;
    }
    assert_int_equal(seen, 1);
    test_table_free(&t);
}

static void refusals(void **state)
{
    (void)state;
    cxm_difference out = {.size = sizeof out, .method = 77}, before = out;
    cxm_share_sample none = {0, 0}, some = {1, 2}, wrong = {3, 2}, all = {4, 4}, no = {0, 9};
    for (size_t m = 0; m < COUNT_OF(methods); ++m) {
        assert_int_equal(cxm_compare_share(&none, &some, methods[m].method, 0.95, &out), CXM_E_EMPTY);
        assert_int_equal(cxm_compare_share(&some, &none, methods[m].method, 0.95, &out), CXM_E_EMPTY);
        assert_int_equal(cxm_compare_share(&wrong, &some, methods[m].method, 0.95, &out), CXM_E_ARG);
        assert_int_equal(cxm_compare_share(&some, &wrong, methods[m].method, 0.95, &out), CXM_E_ARG);
    }
    assert_int_equal(cxm_compare_share(&some, &some, CXM_COMPARE_MOVER, 0.95, &out), CXM_E_METHOD);
    assert_int_equal(cxm_compare_share(&all, &no, CXM_COMPARE_WALD, 0.95, &out), CXM_E_UNDEFINED);
    assert_memory_equal(&out, &before, sizeof out);
    assert_true(compare(4, 4, 9, 9, CXM_COMPARE_WALD, 0.95).p == 1.0);
}

static void each_method_says_what_its_p_is_of(void **state)
{
    (void)state;
    cxm_difference pooled = compare(3, 10, 6, 11, CXM_COMPARE_POOLED, 0.95);
    cxm_difference fisher = compare(3, 10, 6, 11, CXM_COMPARE_FISHER, 0.95);
    cxm_difference wald = compare(3, 10, 6, 11, CXM_COMPARE_WALD, 0.95);
    assert_true(pooled.statistic_kind == CXM_STATISTIC_CHI2 && pooled.df == 1.0);
    assert_true(pooled.low == wald.low && pooled.high == wald.high);
    assert_true(fisher.statistic_kind == CXM_STATISTIC_NONE && fisher.df == 0.0 && fisher.statistic == 0.0);
    assert_true(isnan(fisher.low) && isnan(fisher.high) && fisher.interval_status == CXM_E_METHOD);
    assert_close(fisher.se, sqrt(0.3 * 0.7 / 10.0 + 6.0 / 11.0 * (5.0 / 11.0) / 11.0), 1e-15);
    assert_true(fisher.se == wald.se && wald.difference == -27.0 / 110.0 && fisher.difference == -27.0 / 110.0);
}

/* Newcombe from the intervals of the samples, as anyone would join them; Agresti-Caffo is Wald of one more of each. */
static void joined_from_one_sample(void **state)
{
    (void)state;
    uint64_t seed = 71;
    for (int i = 0; i < 5000; ++i) {
        uint64_t n = 1 + test_rand(&seed) % (i & 1 ? 12 : 5000), n2 = 1 + test_rand(&seed) % (i & 1 ? 12 : 5000);
        uint64_t x = test_rand(&seed) % (n + 1), x2 = test_rand(&seed) % (n2 + 1);
        cxm_interval a = {.size = sizeof a}, b = {.size = sizeof b};
        assert_int_equal(cxm_share_interval(x, n, CXM_INTERVAL_WILSON, 0.9, &a), CXM_OK);
        assert_int_equal(cxm_share_interval(x2, n2, CXM_INTERVAL_WILSON, 0.9, &b), CXM_OK);
        cxm_difference got = compare(x, n, x2, n2, CXM_COMPARE_NEWCOMBE, 0.9);
        double p = (double)x / (double)n, q = (double)x2 / (double)n2;
        assert_near(got.low, p - q - hypot(p - a.low, b.high - q), 1e-14);
        assert_near(got.high, p - q + hypot(a.high - p, q - b.low), 1e-14);
        cxm_difference caffo = compare(x, n, x2, n2, CXM_COMPARE_AGRESTI_CAFFO, 0.9);
        cxm_difference wald = compare(x + 1, n + 2, x2 + 1, n2 + 2, CXM_COMPARE_WALD, 0.9);
        assert_near(caffo.low, wald.low, 1e-15);
        assert_near(caffo.high, wald.high, 1e-15);
        test_assert_close(caffo.p, wald.p, 1e-12, 1e-320, "p", __FILE__, __LINE__);
    }
}

/* Every table of up to twelve answers a sample: p is below 1 - level exactly when the limits leave 0 out, and the test
 * behind Miettinen's and Nurminen's limits is the pooled one with (N - 1) / N. */
static void all_small_tables(void **state)
{
    (void)state;
    static const double levels[] = {0.05, 0.5, 0.9, 0.95, 0.99, 0.9999};
    for (uint64_t n = 1; n <= 12; ++n)
        for (uint64_t n2 = 1; n2 <= 12; ++n2)
            for (uint64_t cell = 0; cell < (n + 1) * (n2 + 1); ++cell) {
                uint64_t x = cell / (n2 + 1), x2 = cell % (n2 + 1);
                for (size_t m = 0; m < COUNT_OF(inverted); ++m)
                    for (size_t i = 0; i < COUNT_OF(levels); ++i) {
                        cxm_share_sample a = {x, n}, b = {x2, n2};
                        cxm_difference got = {.size = sizeof got};
                        if (cxm_compare_share(&a, &b, inverted[m], levels[i], &got) != CXM_OK) continue;
                        assert_int_equal(got.p < 1.0 - levels[i], got.low > 0.0 || got.high < 0.0);
                    }
                double all = (double)(n + n2), z = compare(x, n, x2, n2, CXM_COMPARE_MIETTINEN_NURMINEN, 0.95).statistic;
                assert_near(z * z, compare(x, n, x2, n2, CXM_COMPARE_POOLED, 0.95).statistic * (all - 1.0) / all, 1e-13);
            }
}

/* The likeliest shares with p - p' = D by halving: the likelihood is concave in p. */
static double likeliest(double x, double n, double x2, double n2, double d)
{
    double low = fmax(0.0, d), high = fmin(1.0, 1.0 + d);
    for (int i = 0; i < 200; ++i) {
        double p = 0.5 * (low + high), q = p - d;
        double slope = (x > 0.0 ? x / p : 0.0) - (x < n ? (n - x) / (1.0 - p) : 0.0) + (x2 > 0.0 ? x2 / q : 0.0) -
                       (x2 < n2 ? (n2 - x2) / (1.0 - q) : 0.0);
        if (slope > 0.0) low = p;
        else high = p;
    }
    return 0.5 * (low + high);
}

static void miettinen_nurminen_limits_solve_their_equation(void **state)
{
    (void)state;
    uint64_t seed = 72;
    for (int i = 0; i < 2000; ++i) {
        uint64_t n = 1 + test_rand(&seed) % (i & 1 ? 8 : 300), n2 = 1 + test_rand(&seed) % (i & 1 ? 8 : 300);
        uint64_t x = test_rand(&seed) % (n + 1), x2 = test_rand(&seed) % (n2 + 1);
        cxm_difference got = compare(x, n, x2, n2, CXM_COMPARE_MIETTINEN_NURMINEN, 0.95);
        for (int upper = 0; upper < 2; ++upper) {
            double d = upper ? got.high : got.low, all = (double)(n + n2);
            if (fabs(d) >= 1.0) {                       /* as far as differences go: it was there to begin with */
                assert_true(d == got.difference);
                continue;
            }
            double p = likeliest((double)x, (double)n, (double)x2, (double)n2, d), q = p - d;
            double v = (p * (1.0 - p) / (double)n + q * (1.0 - q) / (double)n2) * all / (all - 1.0);
            assert_close(fabs(got.difference - d) / sqrt(v), 1.95996398454005423552, 1e-7);
        }
    }
}

static uint64_t any_count(uint64_t *seed)
{
    uint64_t draw = test_rand(seed) % 8;
    return draw == 0 ? 0 : draw == 1 ? 1 : test_rand(seed) >> (test_rand(seed) % 64);
}

static void assert_negated(const cxm_difference *got, const cxm_difference *other, double digits)
{
    assert_true(got->difference == -other->difference && got->se == other->se);
    test_assert_close(got->low, -other->high, digits, digits, "low", __FILE__, __LINE__);
    test_assert_close(got->high, -other->low, digits, digits, "high", __FILE__, __LINE__);
    test_assert_close(got->p, other->p, 1e-9, 1e-320, "p", __FILE__, __LINE__);      /* z^4 roundings, z to 37 */
}

/* Any counts: in range, in order, negated when samples are exchanged, or hits and misses, wider with the level. */
static void any_counts_stay_sound(void **state)
{
    (void)state;
    uint64_t seed = 73;
    for (int i = 0; i < 10000; ++i) {
        if (test_left_out()) continue;
        uint64_t n = any_count(&seed), n2 = any_count(&seed), x = any_count(&seed), x2 = any_count(&seed);
        n = n ? n : 1, n2 = n2 ? n2 : 1;
        x = i % 7 == 0 ? n : x % n, x2 = i % 11 == 0 ? n2 : x2 % n2;
        double level = 0.5 + 0.4999 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0;
        for (size_t m = 0; m < COUNT_OF(methods); ++m) {
            cxm_share_sample a = {x, n}, b = {x2, n2};
            cxm_difference got = {.size = sizeof got};
            int32_t method = methods[m].method;
            if (method == CXM_COMPARE_FISHER || cxm_compare_share(&a, &b, method, level, &got) != CXM_OK) continue;
            cxm_difference swapped = compare(x2, n2, x, n, method, level), wide = compare(x, n, x2, n2, method, 0.999999);
            cxm_difference mirror = compare(n - x, n, n2 - x2, n2, method, level);
            assert_true(-1.0 <= got.low && got.low <= got.high && got.high <= 1.0 && got.se >= 0.0);
            assert_true(0.0 <= got.p && got.p <= 1.0 && wide.low <= got.low && wide.high >= got.high && wide.p == got.p);
            if (method != CXM_COMPARE_AGRESTI_CAFFO) assert_true(got.low <= got.difference && got.difference <= got.high);
            assert_negated(&got, &swapped, 1e-15);
            assert_true(fabs(got.difference + mirror.difference) <= 1e-15 * fabs(got.difference));
            mirror.difference = -got.difference;        /* the shares themselves round, 1 - x / n and (n - x) / n */
            mirror.se = got.se;
            assert_negated(&got, &mirror, 4e-15);
        }
    }
}

static void p_inverts_the_limits(void **state)
{
    (void)state;
    uint64_t seed = 74;
    size_t seen = 0;
    for (int i = 0; i < 5000; ++i) {
        uint64_t n = 1 + test_rand(&seed) % 2000, n2 = 1 + test_rand(&seed) % 2000;
        uint64_t x = test_rand(&seed) % (n + 1), x2 = (x * n2 / n + test_rand(&seed) % (n2 / 8 + 1)) % (n2 + 1);
        for (size_t m = 0; m < COUNT_OF(inverted); ++m) {
            cxm_share_sample a = {x, n}, b = {x2, n2};
            cxm_difference got = {.size = sizeof got};
            if (cxm_compare_share(&a, &b, inverted[m], 0.95, &got) != CXM_OK || got.p < 1e-4 || got.p > 0.99) continue;
            cxm_difference at = compare(x, n, x2, n2, inverted[m], 1.0 - got.p);
            assert_near(got.statistic > 0.0 ? at.low : at.high, 0.0, 1e-9 * (at.high - at.low));
            ++seen;
        }
    }
    assert_in_range(seen, 1000, 20000);
}

static void ends_of_the_level(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(inverted); ++m) {
        cxm_difference least = compare(3, 9, 4, 7, inverted[m], 1e-300);
        cxm_difference most = compare(3, 9, 4, 7, inverted[m], 1.0 - 0x1p-53);
        assert_near(least.low, least.high, 0.0);
        if (inverted[m] != CXM_COMPARE_AGRESTI_CAFFO) assert_true(least.low == least.difference);
        assert_true(most.low < -0.7 && most.high > 0.5 && most.p == least.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r_two_proportion_table), cmocka_unit_test(shares_to_twenty_digits),
        cmocka_unit_test(published_example), cmocka_unit_test(refusals), cmocka_unit_test(each_method_says_what_its_p_is_of),
        cmocka_unit_test(joined_from_one_sample), cmocka_unit_test(all_small_tables),
        cmocka_unit_test(miettinen_nurminen_limits_solve_their_equation), cmocka_unit_test(any_counts_stay_sound),
        cmocka_unit_test(p_inverts_the_limits), cmocka_unit_test(ends_of_the_level)};
    return cmocka_run_group_tests_name("inference/compare_share", tests, NULL, NULL);
}
