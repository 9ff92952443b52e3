/* SPDX-License-Identifier: MIT */
/* test_special_value_gamma.c - ln Gamma and its kin against tables (50 digits and more), then against their recurrences. */
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

/* The row at digamma's root has 16 digits of it, as a double does: what is left of either moves the value by 1e-16. */
static void models_table(void **state)
{
    (void)state;
    test_table t = test_table_read("gamma_functions_mpmath.csv");
    assert_int_equal(t.rows, 13);
    for (size_t i = 0; i < t.rows; ++i) {
        double x = test_number(&t, i, "x"), want = test_number(&t, i, "digamma");
        assert_close(special_ln_gamma(x), test_number(&t, i, "lgamma"), 1e-15);
        test_assert_close(special_digamma(x), want, 1e-15, fabs(want) < 1e-3 ? 4e-16 : 0.0, "digamma", __FILE__, __LINE__);
        assert_close(special_trigamma(x), test_number(&t, i, "trigamma"), 1e-15);
    }
    test_table_free(&t);
}

static double by_name(const char *fn, double a, double b)
{
    if (strcmp(fn, "ln_gamma") == 0) return special_ln_gamma(a);
    if (strcmp(fn, "ln_gamma_1p") == 0) return special_ln_gamma_1p(a);
    if (strcmp(fn, "digamma") == 0) return special_digamma(a);
    if (strcmp(fn, "trigamma") == 0) return special_trigamma(a);
    if (strcmp(fn, "ln_gamma_ratio") == 0) return special_ln_gamma_ratio(a, b);
    if (strcmp(fn, "digamma_rise") == 0) return special_digamma_rise(a, b);
    return strcmp(fn, "ln_beta") == 0 ? special_ln_beta(a, b) : (double)NAN;
}

/* digamma has a zero at 1.4616, where its parts are about 1. */
static void far_table(void **state)
{
    (void)state;
    size_t read = 0;
    test_table t = test_table_read("special_value_mpmath.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        const char *fn = test_cell(&t, i, "fn");
        double want = test_number(&t, i, "value"), got = by_name(fn, test_number(&t, i, "a"), test_number(&t, i, "b"));
        if (isnan(got)) continue;
        test_assert_close(got, want, 4e-15, strcmp(fn, "digamma") == 0 ? 4e-16 : 0.0, fn, __FILE__, __LINE__);
        ++read;
    }
    assert_int_equal(read, 399);
    test_table_free(&t);
}

/* Gamma(a + 1) = a Gamma(a), over every switch of method. */
static void recurrences(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 20000; ++i) {
        double a = i & 1 ? spread(&seed, -15.0, 15.0) : 12.0 * uniform(&seed), b = a + 1.0, lost = (1.0 - b) + a;
        double next = special_ln_gamma(b) + lost * special_digamma(b), size = fabs(next) + fabs(log(a));
        assert_near(special_ln_gamma(a) + log(a), next, 1e-15 * size);
        double psi = special_digamma(b) + lost * special_trigamma(b);
        assert_near(special_digamma(a) + 1.0 / a, psi, 1e-15 * (fabs(log(a)) + 1.0 / a + 1.0));
        assert_close(special_ln_gamma_ratio(a, 1.0), log(a), 1e-14);
        assert_close(special_digamma_rise(a, 1.0), 1.0 / a, 1e-15);
        if (a < 1e6) assert_close(special_trigamma(b) + 1.0 / (a * a), special_trigamma(a), 1e-15 + 0.5e-15 * fabs(lost) * a);
    }
}

/* Gamma(a) Gamma(1 - a) = pi / sin(pi a), and Legendre's duplication formula (DLMF 5.5.3, 5.5.5). */
static void reflection_and_duplication(void **state)
{
    (void)state;
    const double pi = 3.14159265358979324, ln_2 = 0.693147180559945309;
    uint64_t seed = 2;
    for (int i = 0; i < 20000; ++i) {
        double a = 0.5 * uniform(&seed) + 1e-12, b = spread(&seed, -3.0, 6.0);
        assert_near(special_ln_gamma(a) + special_ln_gamma_1p(-a), log(pi / sin(pi * a)), 1e-14);
        double half = special_ln_gamma(b) + special_ln_gamma(b + 0.5), whole = special_ln_gamma(2.0 * b);
        assert_near(half, (1.0 - 2.0 * b) * ln_2 + 0.5 * log(pi) + whole, 1e-15 * (fabs(half) + 4.0 * b + 4.0));
    }
}

/* Two rises make one, and a rise over next to nothing is the derivative. */
static void differences(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 20000; ++i) {
        double a = ldexp(floor(1048576.0 * uniform(&seed)) + 1.0, (int)(test_rand(&seed) % 24) - 20);
        double n = ldexp(floor(1048576.0 * uniform(&seed)) + 1.0, (int)(test_rand(&seed) % 24) - 20), m = ldexp(n, -3);
        double first = special_ln_gamma_ratio(a, n), then = special_ln_gamma_ratio(a + n, m);
        double size = fabs(first) + fabs(then) + (n + m) / (a + 1.0);
        assert_near(special_ln_gamma_ratio(a, n + m), first + then, 1e-14 * size);
        assert_close(special_digamma_rise(a, n + m), special_digamma_rise(a, n) + special_digamma_rise(a + n, m), 2e-15);
        double tiny = 1e-18 * a;
        assert_near(special_ln_gamma_ratio(a, tiny) / tiny, special_digamma(a), 1e-14 * (1.0 / a + fabs(log(a)) + 1.0));
        assert_close(special_digamma_rise(a, tiny), tiny * special_trigamma(a), 2e-15);
    }
    assert_true(special_ln_gamma_ratio(1.0, 1.0) == 0.0 && special_ln_gamma_ratio(123.0, 0.0) == 0.0);
    assert_true(special_ln_gamma_ratio(0.3, 0.0) == 0.0 && special_digamma_rise(0.3, 0.0) == 0.0);
}

/* B(a, b) = B(b, a) = B(a + 1, b) + B(a, b + 1). */
static void beta_properties(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 20000; ++i) {
        double a = spread(&seed, -8.0, 6.0), b = spread(&seed, -8.0, 6.0), whole = special_ln_beta(a, b);
        assert_near(special_ln_beta(b, a), whole, 1e-15 * (1.0 + fabs(whole)));
        double parts = exp(special_ln_beta(a + 1.0, b) - whole) + exp(special_ln_beta(a, b + 1.0) - whole);
        assert_near(parts, 1.0, 1e-14 + 1e-15 * fabs(whole));
        assert_near(special_ln_beta(1.0, b), -log(b), 1e-14 * (1.0 + fabs(log(b))));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_table), cmocka_unit_test(far_table),
        cmocka_unit_test(recurrences), cmocka_unit_test(reflection_and_duplication),
        cmocka_unit_test(differences), cmocka_unit_test(beta_properties)};
    return cmocka_run_group_tests_name("base/special_value_gamma", tests, NULL, NULL);
}
