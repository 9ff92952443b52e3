/* SPDX-License-Identifier: MIT */
/* test_special_value_hyp2f1.c - Gauss's hypergeometric function against tables, then against its own relations. */
#include <math.h>
#include <stdlib.h>
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

static special_share any_share(uint64_t *seed)                       /* near 0, near 1 and between */
{
    double small = spread(seed, -9.0, -0.2);
    return test_rand(seed) & 1 ? (special_share){1.0 - small, small} : (special_share){small, 1.0 - small};
}

/* 1 - z of the table's z: exact where that is a short decimal, which a double near 1 is not. */
static double rest_of(const char *z)
{
    double unit = 1.0;
    if (strlen(z) > 8) return 1.0 - strtod(z, NULL);
    for (const char *digit = z + 2; *digit; ++digit) unit *= 10.0;
    return (unit - (double)strtoull(z + 2, NULL, 10)) / unit;
}

/* ln of a decimal past the range of doubles. */
static double ln_of(const char *decimal)
{
    char digits[64] = "";
    size_t length = strcspn(decimal, "e");
    assert_true(length < sizeof digits && decimal[length] == 'e');
    return log(strtod(memcpy(digits, decimal, length), NULL)) + strtod(decimal + length + 1, NULL) * 2.30258509299404568;
}

/* Six values of the table pass the range of doubles: there Euler's form and the factor before it are compared. */
static void models_table(void **state)
{
    (void)state;
    size_t large = 0;
    test_table t = test_table_read("hyp2f1_mpmath.csv");
    assert_int_equal(t.rows, 159);
    for (size_t i = 0; i < t.rows; ++i) {
        double a = test_number(&t, i, "a"), b = test_number(&t, i, "b"), c = test_number(&t, i, "c");
        double want = test_number(&t, i, "value");
        special_share z = {test_number(&t, i, "z"), rest_of(test_cell(&t, i, "z"))};
        if (want < HUGE_VAL) {
            assert_close(special_hyp2f1(a, b, c, z), want, 1e-12);
            if (a == 1.0) assert_close(special_hyp2f1_one(b, c, z), want, 1e-14);
        } else {
            assert_true(special_hyp2f1(a, b, c, z) == HUGE_VAL);
            double ln = log(special_hyp2f1(c - a, c - b, c, z)) + (c - a - b) * log(z.y);
            assert_near(ln, ln_of(test_cell(&t, i, "value")), 2e-12);
            ++large;
        }
    }
    assert_int_equal(large, 6);
    test_table_free(&t);
}

static void far_table(void **state)
{
    (void)state;
    size_t read = 0;
    test_table t = test_table_read("special_value_mpmath.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        const char *fn = test_cell(&t, i, "fn");
        double a = test_number(&t, i, "a"), b = test_number(&t, i, "b"), c = test_number(&t, i, "c");
        double y = test_number(&t, i, "at"), want = test_number(&t, i, "value");
        special_share z = {1.0 - y, y};
        if (!strstr(fn, "hyp2f1")) continue;
        if (strcmp(fn, "hyp2f1") == 0) assert_close(special_hyp2f1(a, b, c, z), want, 1e-12);
        else if (strcmp(fn, "hyp2f1_one") == 0) assert_close(special_hyp2f1_one(b, c, z), want, 5e-13);
        else test_assert_close(special_ln_hyp2f1_one(b, c, z), want, 1e-14, 5e-13, fn, __FILE__, __LINE__);
        ++read;
    }
    assert_int_equal(read, 475);
    test_table_free(&t);
}

/* Elementary functions: DLMF 15.4.6, 15.4.1, 15.4.4. */
static void closed_forms(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 20000; ++i) {
        special_share z = any_share(&seed);
        double a = 12.0 * uniform(&seed) - 6.0, b = spread(&seed, -2.0, 2.0), root = sqrt(z.x);
        double ln = z.x < 0.5 ? log1p(-z.x) : log(z.y);
        assert_close(special_hyp2f1(a, b, b, z), exp(-a * ln), 1e-13);
        assert_close(special_hyp2f1(1.0, 1.0, 2.0, z), -ln / z.x, 1e-13);
        assert_close(special_hyp2f1_one(1.0, 2.0, z), -ln / z.x, 1e-13);
        assert_close(special_hyp2f1(0.5, 0.5, 1.5, z), atan2(root, sqrt(z.y)) / root, 1e-13);
        assert_close(special_hyp2f1_one(b, b, z), 1.0 / z.y, 1e-13);
        assert_near(special_ln_hyp2f1_one(b + 1.0, 1.0, z), -(b + 1.0) * ln, 1e-13 * (1.0 - b * ln));
        assert_close(special_hyp2f1(0.0, a, b, z), 1.0, 1e-13);
        assert_true(special_hyp2f1(a, b, b + 1.0, (special_share){0.0, 1.0}) == 1.0);
    }
}

/* So that differences of a, b and c are exact: close to a zero of F an error of 1e-16 in one shows. */
static double in_4096ths(double x)
{
    return ldexp(floor(ldexp(x, 12)), -12);
}

/* How far off a relation may be: by the sum of its terms without their signs. */
static void assert_sum(double first, double second, double third)
{
    assert_near(first + second + third, 0.0, 3e-12 * (fabs(first) + fabs(second) + fabs(third)));
}

/* Relations of neighbours in a (DLMF 15.5.11) and in c (15.5.18), of BG/NBD's parameters and others. */
static void contiguous(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 5000; ++i) {
        if (test_left_out()) continue;
        special_share z = any_share(&seed);
        double a = in_4096ths(i & 1 ? 12.0 * uniform(&seed) - 6.0 : spread(&seed, -2.0, 1.5));
        double b = in_4096ths(i & 2 ? spread(&seed, -2.0, 0.5) - 1.0 : 8.0 * uniform(&seed) - 4.0);
        double c = in_4096ths(1.1 + spread(&seed, -2.0, 3.0));
        double f = special_hyp2f1(a, b, c, z), up = special_hyp2f1(a + 1.0, b, c, z), down = special_hyp2f1(a - 1.0, b, c, z);
        if (fabs(f) + fabs(up) > 1e290) continue;                    /* next to what doubles hold */
        assert_sum((c - a) * down, (2.0 * a - c + (b - a) * z.x) * f, -a * z.y * up);
        double less = special_hyp2f1(a, b, c - 1.0, z), more = special_hyp2f1(a, b, c + 1.0, z);
        if (fabs(less) > 1e290) continue;
        assert_sum(c * (c - 1.0) * -z.y * less, c * (c - 1.0 - (2.0 * c - a - b - 1.0) * z.x) * f, (c - a) * (c - b) * z.x * more);
    }
}

/* Euler's form, and a and b exchanged. */
static void symmetries(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 5000; ++i) {
        if (test_left_out()) continue;
        special_share z = any_share(&seed);
        double a = ldexp((double)(test_rand(&seed) % 4096), -8), b = ldexp((double)(test_rand(&seed) % 4096), -8);
        double c = ldexp((double)(test_rand(&seed) % 4096 + 1), -7), f = special_hyp2f1(a, b, c, z);
        assert_close(special_hyp2f1(b, a, c, z), f, 1e-13);
        double factor = pow(z.y, c - a - b);
        if (factor > 1e-250 && factor < 1e250) assert_close(special_hyp2f1(c - a, c - b, c, z) * factor, f, 1e-12);
        if (a > 0.0) assert_close(special_hyp2f1(1.0, a, c, z), special_hyp2f1_one(a, c, z), 1e-12);
    }
}

/* No seam where the method changes: at z = 1/2, where the series grows long, where the fraction does, at whole s. */
static void continuity(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 1000; ++i) {
        if (test_left_out()) continue;
        double a = 6.0 * uniform(&seed) - 3.0, b = 6.0 * uniform(&seed) - 1.0, c = spread(&seed, 0.0, 4.0);
        double y = i & 1 ? 0.5 : spread(&seed, -9.0, -0.3), next = y * (1.0 - 1e-15);
        double here = special_hyp2f1(a, b, c, (special_share){1.0 - y, y});
        double there = special_hyp2f1(a, b, c, (special_share){1.0 - next, next});
        assert_near(here, there, 1e-13 * (1.0 + fabs(here)));
        double low = special_ln_hyp2f1_one(0.5 * c, c, (special_share){1.0 - 1e-6, 1e-6});
        double high = special_ln_hyp2f1_one(0.5 * c, c, (special_share){1.0 - 1e-6, 1.0000000001e-6});
        assert_near(low, high, 2e-10);
        double whole = (double)(test_rand(&seed) % 6), p = 0.5 + 4.0 * uniform(&seed), q = p + whole;
        double level = special_hyp2f1(2.0, p, q, (special_share){1.0 - y, y});        /* s is -2 to 3 */
        assert_close(special_hyp2f1(2.0, p, q + 2e-14, (special_share){1.0 - y, y}), level, 2e-12);
    }
}

/* Far shapes give a number or an infinity, and soon. */
static void ends_have_answers(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 60; ++i) {
        if (test_left_out()) continue;
        special_share z = any_share(&seed);
        double b = spread(&seed, -2.0, 4.0), c = spread(&seed, -2.0, 5.0);
        assert_true(isfinite(special_ln_hyp2f1_one(b, c, z)));
        assert_true(!isnan(special_hyp2f1_one(b, c, z)));
        assert_true(!isnan(special_hyp2f1(spread(&seed, -2.0, 4.0), -spread(&seed, -2.0, 3.0), c, z)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_table), cmocka_unit_test(far_table), cmocka_unit_test(closed_forms),
        cmocka_unit_test(contiguous), cmocka_unit_test(symmetries), cmocka_unit_test(continuity),
        cmocka_unit_test(ends_have_answers)};
    return cmocka_run_group_tests_name("base/special_value_hyp2f1", tests, NULL, NULL);
}
