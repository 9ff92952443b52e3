/* SPDX-License-Identifier: MIT */
/* test_multiplicity.c - adjusted p values against R's p.adjust, against closed testing by enumeration, then
 * against their own order. */
#include <cxm/multiplicity.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const int32_t methods[] = {CXM_ADJUST_BONFERRONI, CXM_ADJUST_HOLM, CXM_ADJUST_HOCHBERG,
                                  CXM_ADJUST_HOMMEL,     CXM_ADJUST_BH,   CXM_ADJUST_BY};

static double uniform(uint64_t *seed)
{
    return (double)(test_rand(seed) >> 11) / 9007199254740992.0;
}

static void adjust(const double *p, size_t n, int32_t method, double *out)
{
    size_t *scratch = malloc((n + 1) * sizeof *scratch);
    assert_non_null(scratch);
    assert_int_equal(cxm_adjust_p(p, n, method, scratch, out), CXM_OK);
    free(scratch);
}

static int32_t number_of(const char *name)
{
    int32_t method = -1;
    name = strcmp(name, "BH") == 0 ? "bh" : strcmp(name, "BY") == 0 ? "by" : name;      /* as p.adjust writes them */
    assert_int_equal(cxm_adjust_method(name, strlen(name), &method), CXM_OK);
    return method;
}

/* Rows of one set and method follow each other; each block is one call, and one in place. */
static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("p_adjust.csv");
    assert_int_equal(t.rows, 234);
    for (size_t first = 0, n; first < t.rows; first += n) {
        double p[64], got[64];
        const char *name = test_cell(&t, first, "method");
        for (n = 0; first + n < t.rows && strcmp(test_cell(&t, first + n, "method"), name) == 0; ++n)
            p[n] = test_number(&t, first + n, "p");
        assert_true(n <= COUNT_OF(p));
        adjust(p, n, number_of(name), got);
        adjust(p, n, number_of(name), p);
        assert_memory_equal(p, got, n * sizeof *p);
        for (size_t i = 0; i < n; ++i) {
            double want = test_number(&t, first + i, "adjusted");
            if (isnan(want)) assert_true(isnan(got[i]));
            else test_assert_close(got[i], want, 1e-12, 0.0, name, __FILE__, __LINE__);
        }
    }
    test_table_free(&t);
}

/* Simes's p of the values in `set`, sorted already. */
static double simes(const double *p, size_t n, unsigned set)
{
    double least = 1.0, size = 0.0, rank = 0.0;
    for (size_t i = 0; i < n; ++i) size += set >> i & 1;
    for (size_t i = 0; i < n; ++i)
        if (set >> i & 1) least = fmin(least, size * p[i] / ++rank);
    return least;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* By definition: the largest Simes p of all sets that hold the hypothesis. */
static void hommel_is_closed_testing(void **state)
{
    (void)state;
    uint64_t seed = 41;
    for (int trial = 0; trial < 3000; ++trial) {
        double p[9], got[9];
        size_t n = 1 + test_rand(&seed) % COUNT_OF(p);
        for (size_t i = 0; i < n; ++i)
            p[i] = trial % 3 == 0 ? (double)(test_rand(&seed) % 7) / 6.0 : pow(uniform(&seed), trial % 3 == 1 ? 1.0 : 6.0);
        qsort(p, n, sizeof *p, by_size);
        adjust(p, n, CXM_ADJUST_HOMMEL, got);
        for (size_t i = 0; i < n; ++i) {
            double want = 0.0;
            for (unsigned set = 1; set < 1u << n; ++set)
                if (set >> i & 1) want = fmax(want, simes(p, n, set));
            assert_close(got[i], want, 1e-14);
        }
    }
}

/* Hommel's own algorithm, m^2 steps (S. P. Wright, Biometrics 48, 1992, as p.adjust documents it); p sorted. */
static void hommel_by_wright(const double *p, size_t m, double *out)
{
    for (size_t i = 0; i < m; ++i) out[i] = p[i];
    for (size_t j = m; j > 1; --j) {
        double least = HUGE_VAL;
        for (size_t i = m - j + 1; i < m; ++i) least = fmin(least, (double)j * p[i] / (double)(j + i - m + 1));
        if (j == m) least = fmin(least, (double)m * p[0]);
        for (size_t i = 0; i < m; ++i)
            out[i] = fmax(out[i], j == m || i > m - j ? least : fmin(least, (double)j * p[i]));
    }
}

static void hommel_agrees_with_the_square_algorithm(void **state)
{
    (void)state;
    uint64_t seed = 42;
    enum { MOST = 700 };
    static double p[MOST], got[MOST], want[MOST];
    for (int trial = 0; trial < 60; ++trial) {
        size_t n = 2 + test_rand(&seed) % (MOST - 1);
        for (size_t i = 0; i < n; ++i) {
            double u = uniform(&seed);
            p[i] = trial % 4 == 0 ? u : trial % 4 == 1 ? pow(u, 40.0) : trial % 4 == 2 ? floor(20.0 * u) / 20.0
                                                                    : (double)(i + 1) / (double)n;
        }
        qsort(p, n, sizeof *p, by_size);
        adjust(p, n, CXM_ADJUST_HOMMEL, got);
        hommel_by_wright(p, n, want);
        for (size_t i = 0; i < n; ++i) assert_close(got[i], want[i], 1e-13);
    }
}

/* p with ties, zeros, ones, tiny ones and missing ones. */
static double any_p(uint64_t *seed)
{
    uint64_t kind = test_rand(seed) % 8;
    if (kind == 0) return (double)NAN;
    if (kind == 1) return (double)(test_rand(seed) & 1);
    if (kind == 2) return (double)(test_rand(seed) % 5) / 40.0;
    return kind == 3 ? pow(10.0, -300.0 * uniform(seed)) : uniform(seed);
}

static void order_of_the_tests_does_not_matter(void **state)
{
    (void)state;
    uint64_t seed = 43;
    enum { MOST = 200 };
    double p[MOST], shuffled[MOST], got[MOST], again[MOST];
    size_t from[MOST];
    for (int trial = 0; trial < 600; ++trial) {
        size_t n = test_rand(&seed) % MOST;
        for (size_t i = 0; i < n; ++i) p[i] = any_p(&seed), from[i] = i;
        for (size_t i = n; i > 1; --i) {
            size_t j = test_rand(&seed) % i, kept = from[i - 1];
            from[i - 1] = from[j];
            from[j] = kept;
        }
        for (size_t i = 0; i < n; ++i) shuffled[i] = p[from[i]];
        for (size_t k = 0; k < COUNT_OF(methods); ++k) {
            adjust(p, n, methods[k], got);
            adjust(shuffled, n, methods[k], again);
            for (size_t i = 0; i < n; ++i) assert_memory_equal(&again[i], &got[from[i]], sizeof *got);
        }
    }
}

/* In 0..1, never below p, in the order of p, missing where it was; and methods in their known order. */
static void answers_stay_sound(void **state)
{
    (void)state;
    uint64_t seed = 44;
    enum { MOST = 120 };
    double p[MOST], got[COUNT_OF(methods)][MOST];
    for (int trial = 0; trial < 2000; ++trial) {
        size_t n = 1 + test_rand(&seed) % (MOST - 1);
        for (size_t i = 0; i < n; ++i) p[i] = any_p(&seed);
        for (size_t k = 0; k < COUNT_OF(methods); ++k) adjust(p, n, methods[k], got[k]);
        for (size_t i = 0; i < n; ++i) {
            double more = 1.0 + 1e-14;
            for (size_t k = 0; k < COUNT_OF(methods); ++k) {
                assert_true(isnan(p[i]) == isnan(got[k][i]));
                if (!isnan(p[i])) assert_true(p[i] <= got[k][i] && got[k][i] <= 1.0);
                for (size_t j = 0; j < n; ++j)
                    if (p[j] <= p[i]) assert_true(got[k][j] <= got[k][i]);
            }
            if (isnan(p[i])) continue;
            assert_true(got[1][i] <= got[0][i] * more);         /* holm, bonferroni */
            assert_true(got[2][i] <= got[1][i] * more);         /* hochberg, holm */
            assert_true(got[3][i] <= got[2][i] * more);         /* hommel, hochberg */
            assert_true(got[4][i] <= got[3][i] * more);         /* bh, hommel */
            assert_true(got[4][i] <= got[5][i] * more);         /* bh, by */
        }
    }
}

/* The smallest numbers keep their digits: a power of two times p moves the answer by it exactly. */
static void tiny_values_keep_their_digits(void **state)
{
    (void)state;
    static const double p[] = {3e-10, 1e-12, 7e-11, 7e-11, 2e-12};
    double tiny[COUNT_OF(p)], got[COUNT_OF(p)], small[COUNT_OF(p)];
    for (size_t i = 0; i < COUNT_OF(p); ++i) tiny[i] = ldexp(p[i], -950);
    for (size_t k = 0; k < COUNT_OF(methods); ++k) {
        adjust(p, COUNT_OF(p), methods[k], got);
        adjust(tiny, COUNT_OF(p), methods[k], small);
        for (size_t i = 0; i < COUNT_OF(p); ++i) assert_true(small[i] == ldexp(got[i], -950));
    }
    adjust(&(double){1e-300}, 1, CXM_ADJUST_BY, got);
    assert_true(got[0] == 1e-300);
}

/* Half a million in a scattered order. A flat sample is adjusted to 1 throughout; of (i / m)^4 the rising rules
 * are known in closed form. */
static void many_values(void **state)
{
    (void)state;
    enum { MANY = 500000 };
    double *p = malloc(MANY * sizeof *p), *bh = malloc(MANY * sizeof *bh), *got = malloc(MANY * sizeof *got);
    assert_true(p && got && bh);
    for (uint64_t i = 0; i < MANY; ++i) p[i * 314159u % MANY] = (double)(i + 1) / MANY;
    for (size_t k = 0; k < COUNT_OF(methods); ++k) {
        adjust(p, MANY, methods[k], got);
        for (size_t i = 0; i < MANY; ++i) assert_close(got[i], 1.0, 1e-15);
    }
    for (size_t i = 0; i < MANY; ++i) p[i] = pow(p[i], 4.0);
    adjust(p, MANY, CXM_ADJUST_BH, bh);
    adjust(p, MANY, CXM_ADJUST_HOMMEL, got);
    for (size_t i = 0; i < MANY; ++i) {
        double share = pow(p[i], 0.25), rank = share * MANY;
        assert_close(bh[i], pow(share, 3.0), 1e-14);
        assert_true(bh[i] <= got[i] * (1.0 + 1e-14));
        assert_true(got[i] <= fmin(1.0, (MANY - rank + 1.0) * p[i]) * (1.0 + 1e-14));       /* hochberg */
    }
    free(p);
    free(bh);
    free(got);
}

static void refusals(void **state)
{
    (void)state;
    double out[2] = {7.0, 7.0};
    static const double outside[] = {-1e-300, 1.0000000000000002, HUGE_VAL, -HUGE_VAL};
    size_t scratch[2];
    for (size_t i = 0; i < COUNT_OF(outside); ++i) {
        double p[2] = {0.5, outside[i]};
        assert_int_equal(cxm_adjust_p(p, 2, CXM_ADJUST_BH, scratch, out), CXM_E_DOMAIN);
    }
    double p[2] = {0.5, 0.01};
    assert_int_equal(cxm_adjust_p(p, 2, -1, scratch, out), CXM_E_METHOD);
    assert_int_equal(cxm_adjust_p(p, 2, 7, scratch, out), CXM_E_METHOD);
    assert_int_equal(cxm_adjust_p(NULL, 2, CXM_ADJUST_BH, scratch, out), CXM_E_ARG);
    assert_int_equal(cxm_adjust_p(p, 2, CXM_ADJUST_BH, NULL, out), CXM_E_ARG);
    assert_int_equal(cxm_adjust_p(p, 2, CXM_ADJUST_BH, scratch, NULL), CXM_E_ARG);
    assert_true(out[0] == 7.0 && out[1] == 7.0);
    for (size_t k = 0; k < COUNT_OF(methods); ++k) {
        assert_int_equal(cxm_adjust_p(NULL, 0, methods[k], NULL, NULL), CXM_OK);
        double missing[2] = {(double)NAN, (double)NAN};
        adjust(missing, 2, methods[k], missing);
        assert_true(isnan(missing[0]) && isnan(missing[1]));
    }
    assert_int_equal(cxm_adjust_p(p, 2, CXM_ADJUST_DEFAULT, scratch, out), CXM_OK);       /* holm */
    assert_true(out[0] == 0.5 && out[1] == 0.02);
}

static void names_go_there_and_back(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "Holm", "holm ", "hol", "unknown", "fdr"};
    int32_t out = 77;
    for (int32_t method = 0; method <= CXM_ADJUST_BY; ++method)
        assert_int_equal(number_of(cxm_adjust_name(method)), method);
    assert_string_equal(cxm_adjust_name(CXM_ADJUST_BH), "bh");
    assert_string_equal(cxm_adjust_name(-1), "unknown");
    assert_string_equal(cxm_adjust_name(CXM_ADJUST_BY + 1), "unknown");
    for (size_t i = 0; i < COUNT_OF(wrong); ++i)
        assert_int_equal(cxm_adjust_method(wrong[i], strlen(wrong[i]), &out), CXM_E_METHOD);
    assert_int_equal(cxm_adjust_method(NULL, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_adjust_method("by", 2, NULL), CXM_E_ARG);
    assert_int_equal(out, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_table), cmocka_unit_test(hommel_is_closed_testing),
        cmocka_unit_test(hommel_agrees_with_the_square_algorithm), cmocka_unit_test(order_of_the_tests_does_not_matter),
        cmocka_unit_test(answers_stay_sound), cmocka_unit_test(tiny_values_keep_their_digits),
        cmocka_unit_test(many_values), cmocka_unit_test(refusals), cmocka_unit_test(names_go_there_and_back)};
    return cmocka_run_group_tests_name("inference/multiplicity", tests, NULL, NULL);
}
