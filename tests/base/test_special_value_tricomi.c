/* SPDX-License-Identifier: MIT */
/* test_special_value_tricomi.c - the exponential integral and U(a, a, z) against tables, then against their recurrence. */
#include <math.h>
#include <string.h>
#include "base/special_value.h"
#include "support/cxm_test.h"

static double uniform(uint64_t *seed)
{
    return (double)(test_rand(seed) >> 11) / 9007199254740992.0;
}

static double spread(uint64_t *seed, double low, double high)        /* even over the logarithm */
{
    return pow(10.0, low + (high - low) * uniform(seed));
}

static void models_table(void **state)
{
    (void)state;
    test_table t = test_table_read("tricomi_u_mpmath.csv");
    assert_int_equal(t.rows, 7);
    for (size_t i = 0; i < t.rows; ++i) {
        double a = test_number(&t, i, "a"), z = test_number(&t, i, "z");
        assert_true(test_number(&t, i, "b") == a);
        assert_close(exp(special_ln_tricomi_u_aa(a, z)), test_number(&t, i, "U"), 1e-14);
    }
    test_table_free(&t);
}

static void far_table(void **state)
{
    (void)state;
    size_t read = 0;
    test_table t = test_table_read("special_value_mpmath.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        const char *fn = test_cell(&t, i, "fn");
        double a = test_number(&t, i, "a"), z = test_number(&t, i, "at"), want = test_number(&t, i, "value");
        bool is_integral = strcmp(fn, "exp_integral") == 0;
        if (!is_integral && strcmp(fn, "ln_tricomi_u_aa") != 0) continue;
        if (is_integral) assert_close(special_exp_integral(a, z), want, 1e-14);
        else assert_near(special_ln_tricomi_u_aa(a, z), want, 1e-14 + 1e-15 * fabs((a - 1.0) * log(z)));
        ++read;
    }
    assert_int_equal(read, 440);
    test_table_free(&t);
}

/* a G(a + 1) + z G(a) = 1, over every switch of method; G lies between 1/(z + a) and 1/(z + a - 1) (DLMF 8.19.12, 8.19.21). */
static void recurrence_and_bounds(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 20000; ++i) {
        double a = i & 1 ? spread(&seed, -3.0, 4.3) : 23.0 * uniform(&seed) + 1e-3, next = a + 1.0;
        double z = i & 2 ? spread(&seed, -12.0, 9.0) : 0.5 + uniform(&seed), g = special_exp_integral(a, z);
        assert_close(a * special_exp_integral(next, z) + z * g, 1.0, 1e-14);
        assert_true(g * (z + a) >= 1.0 - 1e-14);
        if (a > 1.0) assert_true(g * (z + a - 1.0) <= 1.0 + 1e-14);
    }
}

/* No seam at z = 1, where the fraction takes over, nor at orders that are halves and whole numbers. */
static void continuity(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 5000; ++i) {
        double a = spread(&seed, -3.0, 4.3), z = spread(&seed, -12.0, 0.0), order = 0.5 + 0.5 * (double)(test_rand(&seed) % 45);
        assert_close(special_exp_integral(a, 1.0), special_exp_integral(a, 1.0 + 1e-15), 2e-14);
        assert_close(special_exp_integral(order, z), special_exp_integral(order * (1.0 + 4e-16), z), 2e-14);
    }
}

/* Order 1/2 by erfc, and next to order 0, 1/z. */
static void closed_forms(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 5000; ++i) {
        double z = spread(&seed, -12.0, 2.5), root = sqrt(z);
        assert_close(special_exp_integral(0.5, z), exp(z) * erfc(root) * 1.77245385090551603 / root, 1e-14 + 4e-16 * z);
        assert_close(special_exp_integral(1e-300, z), 1.0 / z, 1e-14);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_table), cmocka_unit_test(far_table), cmocka_unit_test(recurrence_and_bounds),
        cmocka_unit_test(continuity), cmocka_unit_test(closed_forms)};
    return cmocka_run_group_tests_name("base/special_value_tricomi", tests, NULL, NULL);
}
