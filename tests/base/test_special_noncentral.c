/* SPDX-License-Identifier: MIT */
/* test_special_noncentral.c - noncentral t against a table of many digits, then against Student's t and itself. */
#include <math.h>
#include "base/special.h"
#include "support/cxm_test.h"

static double uniform(uint64_t *seed)
{
    return (double)(test_rand(seed) >> 11) / 9007199254740992.0;
}

static double spread(uint64_t *seed, double low, double high)        /* even over the logarithm */
{
    return pow(10.0, low + (high - low) * uniform(seed));
}

/* By another road, the alternating series of beta tails; see tests/reference/README.md. */
static void table_of_many_digits(void **state)
{
    (void)state;
    test_table t = test_table_read("special_noncentral.csv");
    assert_int_equal(t.rows, 201);
    for (size_t i = 0; i < t.rows; ++i) {
        special_tails got = special_student_noncentral(test_number(&t, i, "t"), test_number(&t, i, "df"),
                                                       test_number(&t, i, "shift"));
        assert_close(got.lower, test_number(&t, i, "lower"), 1e-12);
        assert_close(got.upper, test_number(&t, i, "upper"), 1e-12);
    }
    test_table_free(&t);
}

static void without_a_shift_it_is_students(void **state)
{
    (void)state;
    uint64_t seed = 51;
    for (int i = 0; i < 3000; ++i) {
        if (test_left_out()) continue;
        double df = spread(&seed, -0.5, 9.0), t = 20.0 * (2.0 * uniform(&seed) - 1.0);
        special_tails want = special_student(t, df), got = special_student_noncentral(t, df, 0.0);
        if (fmin(want.lower, want.upper) < 1e-280) continue;
        assert_close(got.lower, want.lower, 2e-12);
        assert_close(got.upper, want.upper, 2e-12);
    }
}

static void at_zero_it_is_the_normal(void **state)
{
    (void)state;
    for (double shift = -30.0; shift <= 30.0; shift += 0.37) {
        special_tails want = special_normal(-shift), got = special_student_noncentral(0.0, 7.5, shift);
        assert_close(got.lower, want.lower, 1e-13);
        assert_close(got.upper, want.upper, 1e-13);
    }
}

/* With one degree of freedom and t = shift = a large: P(T <= a) = P(|N| >= 1 + Z / a), at once to a^-2. */
static void a_sharp_edge_is_not_overlooked(void **state)
{
    (void)state;
    for (double a = 1e5; a < 1e80; a *= 37.0) {
        double want = special_normal(-1.0).lower * 2.0;
        assert_close(special_student_noncentral(a, 1.0, a).lower, want, 4.0 / a / a + 1e-13);
        assert_close(special_student_noncentral(-a, 1.0, -a).upper, want, 4.0 / a / a + 1e-13);
    }
}

static void tails_mirror_rise_and_complete(void **state)
{
    (void)state;
    uint64_t seed = 52;
    for (int i = 0; i < 2000; ++i) {
        if (test_left_out()) continue;
        double df = spread(&seed, -1.0, 6.0), shift = 12.0 * (2.0 * uniform(&seed) - 1.0);
        double t = shift + 8.0 * (2.0 * uniform(&seed) - 1.0);
        special_tails got = special_student_noncentral(t, df, shift), mirror = special_student_noncentral(-t, df, -shift);
        special_tails right = special_student_noncentral(t + 0.01, df, shift);
        special_tails more = special_student_noncentral(t, df, shift + 0.01);
        assert_near(got.lower + got.upper, 1.0, 1e-15);
        assert_close(mirror.upper, got.lower, 1e-13);
        assert_close(mirror.lower, got.upper, 1e-13);
        assert_true(right.lower >= got.lower * (1.0 - 1e-13) && right.upper <= got.upper * (1.0 + 1e-13));
        assert_true(more.lower <= got.lower * (1.0 + 1e-13) && more.upper >= got.upper * (1.0 - 1e-13));
    }
}

static void ends_have_answers(void **state)
{
    (void)state;
    static const double ends[] = {-HUGE_VAL, -1e300, -1e100, -1e50, -40.0, 0.0, 1e-300, 1.0, 1e50, 1e100, 1e300, HUGE_VAL};
    static const double dfs[] = {0.1, 1.0, 2.0, 1e3, 1e9, 1e19, 1e21, 1e300};
    for (size_t k = 0; k < COUNT_OF(dfs); ++k)
        for (size_t i = 0; i < COUNT_OF(ends); ++i)
            for (size_t j = 0; j < COUNT_OF(ends); ++j) {
                special_tails got = special_student_noncentral(ends[i], dfs[k], ends[j]);
                assert_true(got.lower >= 0.0 && got.upper >= 0.0 && got.lower <= 1.0 && got.upper <= 1.0);
                assert_near(got.lower + got.upper, 1.0, 1e-15);
            }
    assert_close(special_student_noncentral(3.0, 1e300, 1.0).upper, special_normal(2.0).upper, 1e-15);
    assert_close(special_student_noncentral(3.0, 1e19, 1.0).upper, special_normal(2.0).upper, 1e-14);
    assert_true(special_student_noncentral(-1e9, 1e19, 1e9).lower == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_of_many_digits), cmocka_unit_test(without_a_shift_it_is_students),
        cmocka_unit_test(at_zero_it_is_the_normal), cmocka_unit_test(a_sharp_edge_is_not_overlooked),
        cmocka_unit_test(tails_mirror_rise_and_complete), cmocka_unit_test(ends_have_answers)};
    return cmocka_run_group_tests_name("base/special_noncentral", tests, NULL, NULL);
}
