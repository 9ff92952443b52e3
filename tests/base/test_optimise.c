/* SPDX-License-Identifier: MIT */
/* test_optimise.c - functions whose maxima are known, in boxes that hold them and boxes that do not. */
#include <math.h>
#include "base/optimise.h"
#include "support/cxm_test.h"

/* -(x - c)' S (x - c) / 2 with a correlation of 0.9 between neighbours. */
static void bowl(const double *at, const void *ctx, optimise_point *out)
{
    const double *centre = ctx;
    optimise_point p = {0.0, {0}, {{0}}};
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) {
            double s = i == j ? 1.0 : 0.45, d = at[i] - centre[i], e = at[j] - centre[j];
            p.value -= 0.5 * d * s * e;
            p.gradient[i] -= s * e;
            p.hessian[i][j] = -s;
        }
    *out = p;
}

/* Rosenbrock's valley upside down: far from concave, the maximum 0 at (1, 1). */
static void valley(const double *at, const void *ctx, optimise_point *out)
{
    double x = at[0], y = at[1], gap = y - x * x;
    (void)ctx;
    *out = (optimise_point){-100.0 * gap * gap - (1.0 - x) * (1.0 - x), {400.0 * x * gap + 2.0 * (1.0 - x), -200.0 * gap},
                            {{400.0 * gap - 800.0 * x * x - 2.0}, {400.0 * x, -200.0}}};
}

/* Rises for ever in x, knows nothing of y. */
static void slope(const double *at, const void *ctx, optimise_point *out)
{
    (void)ctx;
    *out = (optimise_point){-exp(-at[0]), {exp(-at[0])}, {{-exp(-at[0])}}};
}

static void nowhere(const double *at, const void *ctx, optimise_point *out)
{
    (void)at;
    (void)ctx;
    *out = (optimise_point){NAN, {0}, {{0}}};
}

static void inside(void **state)
{
    (void)state;
    const double centre[4] = {1.0, -2.0, 0.5, 0.0}, start[4] = {0};
    optimise_problem problem = {bowl, centre, 3, {-5, -5, -5, 0}, {5, 5, 5, 0}};
    optimise_result r;
    double covariance[4][4];
    optimise(&problem, start, &r);
    assert_true(r.finished && optimise_held(&r) == 0 && r.evaluations <= 4);
    for (int i = 0; i < 3; ++i) assert_near(r.at[i], centre[i], 1e-12);
    assert_true(optimise_covariance(&r.point, 3, 0, covariance));
    for (int i = 0; i < 3; ++i)                                 /* S times its inverse */
        for (int j = 0; j < 3; ++j) {
            double sum = 0.0;
            for (int k = 0; k < 3; ++k) sum += (i == k ? 1.0 : 0.45) * covariance[k][j];
            assert_near(sum, i == j ? 1.0 : 0.0, 1e-14);
        }
}

/* The maximum of the bowl on the wall x = 0: there y and z solve S_yz d = -S_x. */
static void at_a_wall(void **state)
{
    (void)state;
    const double centre[4] = {1.0, -2.0, 0.5, 0.0}, start[4] = {-3.0, 1.0, 1.0, 0.0};
    optimise_problem problem = {bowl, centre, 3, {-5, -5, -5, 0}, {0, 5, 5, 0}};
    optimise_result r;
    double moved = 0.45 / 1.45, covariance[4][4];
    optimise(&problem, start, &r);
    assert_true(r.finished && r.high == 1 && r.low == 0 && r.loose == 0);
    assert_true(r.at[0] == 0.0);
    assert_near(r.at[1], -2.0 + moved, 1e-12);
    assert_near(r.at[2], 0.5 + moved, 1e-12);
    assert_true(optimise_covariance(&r.point, 3, r.high, covariance));
    assert_true(covariance[0][0] == 0.0 && covariance[0][1] == 0.0);
    assert_near(covariance[1][1], 1.0 / (1.0 - 0.45 * 0.45), 1e-14);
    problem.low[0] = 2.0;
    problem.high[0] = 5.0;
    optimise(&problem, start, &r);
    assert_true(r.finished && r.low == 1 && r.high == 0 && r.at[0] == 2.0);
}

static void through_a_valley(void **state)
{
    (void)state;
    optimise_problem problem = {valley, NULL, 2, {-10, -10, 0, 0}, {10, 10, 0, 0}};
    uint64_t seed = 1;
    for (int trial = 0; trial < 200; ++trial) {
        double start[4] = {(double)(test_rand(&seed) % 1000) / 100.0 - 5.0, (double)(test_rand(&seed) % 1000) / 100.0 - 5.0, 0.0, 0.0};
        optimise_result r;
        optimise(&problem, start, &r);
        assert_true(r.finished && r.evaluations < 200);
        assert_near(r.at[0], 1.0, 1e-4);
        assert_near(r.at[1], 1.0, 2e-4);
    }
}

static void ends_without_a_maximum(void **state)
{
    (void)state;
    const double start[4] = {0};
    optimise_problem problem = {slope, NULL, 2, {-5, -5, 0, 0}, {5, 5, 0, 0}};
    optimise_result r;
    optimise(&problem, start, &r);
    assert_true(r.finished && r.high == 1 && r.loose == 2 && r.at[0] == 5.0 && r.at[1] == 0.0);
    problem.fn = nowhere;
    optimise(&problem, start, &r);
    assert_true(!r.finished && r.evaluations == 1);
}

static void no_covariance_of_a_valley(void **state)
{
    (void)state;
    double covariance[4][4];
    optimise_point saddle = {0.0, {0}, {{1.0}, {0.0, -1.0}}};
    assert_false(optimise_covariance(&saddle, 2, 0, covariance));
    assert_true(optimise_covariance(&saddle, 2, 1, covariance) && covariance[1][1] == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(inside), cmocka_unit_test(at_a_wall), cmocka_unit_test(through_a_valley),
                                       cmocka_unit_test(ends_without_a_maximum), cmocka_unit_test(no_covariance_of_a_valley)};
    return cmocka_run_group_tests_name("base/optimise", tests, NULL, NULL);
}
