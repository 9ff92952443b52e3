/* SPDX-License-Identifier: MIT */
/* test_compare_paired.c - changes of the same people against 20 digits of mpmath, a mean's own interval, and their rules. */
#include <cxm/compare.h>
#include <cxm/interval.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const int32_t methods[] = {CXM_COMPARE_PAIRED_T, CXM_COMPARE_PAIRED_SCORE};

static cxm_difference compare(const uint64_t transitions[9], int32_t method, double level)
{
    cxm_difference got = {.size = sizeof got};
    assert_int_equal(cxm_compare_paired_trinomial(transitions, method, level, &got), CXM_OK);
    return got;
}

static void read_transitions(const test_table *t, size_t row, uint64_t out[9])
{
    for (int i = 0; i < 9; ++i) {
        char column[] = "t?";
        column[1] = (char)('0' + i);
        out[i] = strtoull(test_cell(t, row, column), NULL, 10);
    }
}

/* paired-score: the multiplier of the mean by bisection at 80 digits, in the shares themselves. */
static void twenty_digits(void **state)
{
    (void)state;
    test_table t = test_table_read("compare_paired.csv");
    assert_int_equal(t.rows, 41);
    for (size_t i = 0; i < t.rows; ++i) {
        const char *name = test_cell(&t, i, "method");
        uint64_t transitions[9];
        int32_t method;
        read_transitions(&t, i, transitions);
        assert_int_equal(cxm_compare_method(name, strlen(name), &method), CXM_OK);
        cxm_difference got = compare(transitions, method, test_number(&t, i, "level"));
        assert_close(got.difference, test_number(&t, i, "difference"), 1e-15);
        assert_near(got.low, test_number(&t, i, "low"), 2e-15 * (got.high - got.low + fabs(got.difference)));
        assert_near(got.high, test_number(&t, i, "high"), 2e-15 * (got.high - got.low + fabs(got.difference)));
        assert_close(got.statistic, test_number(&t, i, "statistic"), 1e-14);
        test_assert_close(got.p, test_number(&t, i, "p"), 2e-12, 1e-322, "p", __FILE__, __LINE__);
        assert_int_equal(got.statistic_kind, method == CXM_COMPARE_PAIRED_T ? CXM_STATISTIC_T : CXM_STATISTIC_Z);
        assert_int_equal(got.interval_status, CXM_OK);
    }
    test_table_free(&t);
}

static void refusals(void **state)
{
    (void)state;
    cxm_difference out = {.size = sizeof out, .method = 77}, before = out;
    const uint64_t none[9] = {0}, one[9] = {0, 1}, same[9] = {3, 0, 0, 0, 4, 0, 0, 0, 5};
    const uint64_t up[9] = {0, 3, 0, 0, 0, 4};
    const uint64_t over[9] = {UINT64_MAX, 0, 0, 0, 1}, many[9] = {UINT64_MAX - 1, 0, 0, 0, 1};
    int32_t t = CXM_COMPARE_PAIRED_T, score = CXM_COMPARE_PAIRED_SCORE;
    assert_int_equal(cxm_compare_paired_trinomial(none, score, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_paired_trinomial(one, t, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_paired_trinomial(same, t, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_paired_trinomial(up, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_paired_trinomial(over, score, 0.95, &out), CXM_E_OVERFLOW);
    assert_int_equal(cxm_compare_paired_trinomial(same, CXM_COMPARE_WELCH, 0.95, &out), CXM_E_METHOD);
    assert_memory_equal(&out, &before, sizeof out);
    assert_true(compare(many, score, 0.95).difference == 0.0);
}

/* Nobody moved; all moved alike: the score limits still say how little that proves. */
static void changes_all_alike(void **state)
{
    (void)state;
    const double z2 = 3.84145882069412447634;             /* chi-square(1) at 0.95 */
    for (uint64_t n = 1; n < UINT64_MAX / 3; n *= 3) {
        const uint64_t same[9] = {0, 0, 0, 0, n}, most[9] = {0, 0, n};
        cxm_difference got = compare(same, CXM_COMPARE_PAIRED_SCORE, 0.95), up = compare(most, CXM_COMPARE_PAIRED_SCORE, 0.95);
        assert_true(got.difference == 0.0 && got.low == -got.high && got.se == 0.0 && got.p == 1.0);
        assert_close(got.high, 2.0 * z2 / ((double)n + z2), 1e-14);       /* as a share of none */
        assert_true(up.difference == 2.0 && up.high == 2.0);
        assert_near(up.low, 2.0 - 4.0 * z2 / ((double)n + z2), 1e-15);    /* and of all */
    }
}

/* The t interval of the list of changes. */
static void t_is_a_means_own_interval(void **state)
{
    (void)state;
    uint64_t seed = 101;
    for (int i = 0; i < 3000; ++i) {
        uint64_t c[9];
        double n = 0.0, sum = 0.0, squares = 0.0;
        for (int k = 0; k < 9; ++k) {
            double change = k % 3 - k / 3;
            c[k] = test_rand(&seed) % (i & 1 ? 4 : 900);
            n += (double)c[k], sum += change * (double)c[k], squares += change * change * (double)c[k];
        }
        cxm_difference got = {.size = sizeof got};
        cxm_status status = cxm_compare_paired_trinomial(c, CXM_COMPARE_PAIRED_T, 0.9, &got);
        if (status != CXM_OK) continue;
        cxm_interval own = {.size = sizeof own};
        double sd = sqrt((squares - sum * sum / n) / (n - 1.0));
        assert_int_equal(cxm_mean_interval((uint64_t)n, sum / n, sd, -2.0, 2.0, CXM_INTERVAL_T, 0.9, &own), CXM_OK);
        assert_near(got.difference, sum / n, 1e-15);
        assert_near(got.low, own.low, 1e-13);
        assert_near(got.high, own.high, 1e-13);
        assert_close(got.se, own.se, 1e-12);
        assert_true(got.df == n - 1.0);
    }
}

static void assert_sound(const uint64_t c[9], int32_t method, double level)
{
    uint64_t back[9], mirror[9];
    for (int k = 0; k < 9; ++k) {
        back[k / 3 + k % 3 * 3] = c[k];                  /* the waves exchanged */
        mirror[8 - k] = c[k];                            /* the bands read from above */
    }
    cxm_difference got = {.size = sizeof got};
    if (cxm_compare_paired_trinomial(c, method, level, &got) != CXM_OK) return;
    cxm_difference swapped = compare(back, method, level), turned = compare(mirror, method, level);
    cxm_difference wide = compare(c, method, 0.99999);
    assert_true(-2.0 <= got.low && got.low <= got.difference && got.difference <= got.high && got.high <= 2.0);
    assert_true(0.0 <= got.p && got.p <= 1.0 && wide.low <= got.low && wide.high >= got.high && got.se >= 0.0);
    assert_int_equal(got.p < 1.0 - level, got.low > 0.0 || got.high < 0.0);
    assert_true(got.difference == -swapped.difference && got.difference == -turned.difference);
    assert_near(got.low, -swapped.high, 1e-15);
    assert_near(got.high, -swapped.low, 1e-15);
    assert_near(got.low, -turned.high, 1e-15);
    test_assert_close(got.p, swapped.p, 1e-11, 1e-322, "p", __FILE__, __LINE__);
}

/* Every way in which up to six people change, over the five changes. */
static void all_small_tables(void **state)
{
    (void)state;
    static const double levels[] = {0.05, 0.5, 0.9, 0.95, 0.999};
    for (uint64_t code = 1; code < 7 * 7 * 7 * 7 * 7; ++code) {
        uint64_t rest = code, c[9] = {0}, n = 0;
        static const int cell[5] = {6, 3, 4, 1, 2};
        for (int k = 0; k < 5; ++k, rest /= 7) n += c[cell[k]] = rest % 7;
        for (size_t i = 0; n <= 6 && i < COUNT_OF(levels); ++i)
            for (size_t m = 0; m < COUNT_OF(methods); ++m) assert_sound(c, methods[m], levels[i]);
    }
}

static void any_counts_stay_sound(void **state)
{
    (void)state;
    uint64_t seed = 102;
    for (int i = 0; i < 10000; ++i) {
        if (test_left_out()) continue;
        uint64_t c[9];
        for (int k = 0; k < 9; ++k) c[k] = test_rand(&seed) % 3 ? test_rand(&seed) >> (4 + test_rand(&seed) % 60) : 0;
        double level = 0.5 + 0.4999 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0;
        for (size_t m = 0; m < COUNT_OF(methods); ++m) assert_sound(c, methods[m], level);
    }
}

/* At level 1 - p the limit next to 0 is 0. */
static void p_inverts_the_limits(void **state)
{
    (void)state;
    uint64_t seed = 103;
    size_t seen = 0;
    for (int i = 0; i < 3000; ++i) {
        uint64_t c[9];
        for (int k = 0; k < 9; ++k) c[k] = test_rand(&seed) % (i & 1 ? 5 : 200);
        for (size_t m = 0; m < COUNT_OF(methods); ++m) {
            cxm_difference got = {.size = sizeof got};
            if (cxm_compare_paired_trinomial(c, methods[m], 0.95, &got) != CXM_OK || got.p < 1e-4 || got.p > 0.99) continue;
            cxm_difference at = compare(c, methods[m], 1.0 - got.p);
            assert_near(got.statistic > 0.0 ? at.low : at.high, 0.0, 1e-9 * (at.high - at.low));
            ++seen;
        }
    }
    assert_in_range(seen, 1000, 6000);
}

static void a_level_near_zero_is_the_estimate(void **state)
{
    (void)state;
    const uint64_t c[9] = {1, 2, 3, 4, 5, 6, 0, 8, 9};
    for (size_t m = 0; m < COUNT_OF(methods); ++m) {
        cxm_difference got = compare(c, methods[m], 1e-300);
        assert_true(got.low == got.difference && got.high == got.difference);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_digits), cmocka_unit_test(refusals), cmocka_unit_test(changes_all_alike),
        cmocka_unit_test(t_is_a_means_own_interval), cmocka_unit_test(all_small_tables),
        cmocka_unit_test(any_counts_stay_sound), cmocka_unit_test(p_inverts_the_limits),
        cmocka_unit_test(a_level_near_zero_is_the_estimate)};
    return cmocka_run_group_tests_name("inference/compare_paired", tests, NULL, NULL);
}
