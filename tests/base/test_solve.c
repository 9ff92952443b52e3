/* SPDX-License-Identifier: MIT */
/* test_solve.c - known roots, functions that mislead Newton's method, and ends without a crossing. */
#include <math.h>
#include "base/solve.h"
#include "support/cxm_test.h"

static int evaluations;

static solve_point cube_less_two(double x, const void *ctx)
{
    (void)ctx;
    ++evaluations;
    return (solve_point){x * x * x - 2.0, 3.0 * x * x};
}

static solve_point arc(double x, const void *ctx)       /* Newton alone diverges beyond 1.39 */
{
    ++evaluations;
    double at = x - *(const double *)ctx;
    return (solve_point){atan(at), 1.0 / (1.0 + at * at)};
}

static solve_point stair(double x, const void *ctx)     /* no slope anywhere, no zero either */
{
    (void)ctx;
    ++evaluations;
    return (solve_point){x < 0.3 ? -1.0 : 1.0, 0.0};
}

static solve_point infinite_below(double x, const void *ctx)
{
    (void)ctx;
    ++evaluations;
    return (solve_point){x < 5.0 ? -HUGE_VAL : log(x / 7.0), x < 5.0 ? NAN : 1.0 / x};
}

static void known_roots(void **state)
{
    (void)state;
    evaluations = 0;
    assert_close(solve_rising(cube_less_two, NULL, 0.0, 2.0, 1.0), cbrt(2.0), 4e-16);
    assert_in_range(evaluations, 1, 10);
    for (double root = -1e6; root <= 1e6; root += 12345.678)
        assert_near(solve_rising(arc, &root, -1e7, 1e7, 9e6), root, 1e-9);
}

/* A step of at most 1e-6 x is the last one: its square is left. */
static void a_loose_end_saves_steps_and_no_digits(void **state)
{
    (void)state;
    evaluations = 0;
    assert_close(solve_rising_within(cube_less_two, NULL, 0.0, 2.0, 1.0, 1e-6), cbrt(2.0), 1e-12);
    assert_in_range(evaluations, 1, 6);
    evaluations = 0;
    assert_near(solve_rising_within(cube_less_two, NULL, 0.0, 2.0, 1.5, 0.5), 1.2962962962962963, 1e-15);     /* one step */
    assert_int_equal(evaluations, 1);
}

static void misleading_slopes_only_cost_time(void **state)
{
    (void)state;
    evaluations = 0;
    assert_close(solve_rising(stair, NULL, -1.0, 1.0, 0.0), 0.3, 1e-15);
    assert_close(solve_rising(infinite_below, NULL, 0.0, 1e6, 1.0), 7.0, 1e-15);
    assert_in_range(evaluations, 1, 2 * 200);
}

static void without_a_crossing_the_end_comes_back(void **state)
{
    (void)state;
    double far = 100.0;
    assert_near(solve_rising(arc, &far, 0.0, 1.0, 0.5), 1.0, 1e-12);
    far = -100.0;
    assert_near(solve_rising(arc, &far, 0.0, 1.0, 0.5), 0.0, 1e-12);
}

static void an_exact_zero_and_a_start_outside(void **state)
{
    (void)state;
    double zero = 0.0;
    assert_true(solve_rising(arc, &zero, -1.0, 1.0, 7.0) == 0.0);
    assert_true(solve_rising(arc, &zero, -1.0, 1.0, NAN) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_roots), cmocka_unit_test(a_loose_end_saves_steps_and_no_digits),
                                       cmocka_unit_test(misleading_slopes_only_cost_time),
                                       cmocka_unit_test(without_a_crossing_the_end_comes_back),
                                       cmocka_unit_test(an_exact_zero_and_a_start_outside)};
    return cmocka_run_group_tests_name("base/solve", tests, NULL, NULL);
}
