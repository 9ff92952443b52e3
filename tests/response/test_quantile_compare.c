/* SPDX-License-Identifier: MIT */
/* test_quantile_compare.c - differences of medians against published figures, of other quantiles by their coverage, and of
 * shares within a target against the comparison of shares. */
#include <cxm/quantile.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include "support/cxm_test.h"

/* Bins of one whole number each below 1,024, so that nothing is rounded; below 512 of halves the same. */
static const cxm_quantile_spec whole = {.size = sizeof whole, .precision = CXM_PRECISION_01, .unit = CXM_UNIT_NUMBER};
static const cxm_quantile_spec tenths = {.size = sizeof tenths, .precision = CXM_PRECISION_01, .unit = CXM_UNIT_NUMBER, .decimals = 1};

static cxm_quantile *sample_of(const cxm_quantile_spec *spec, const double *values, size_t count)
{
    cxm_quantile *q = NULL;
    assert_int_equal(cxm_quantile_create(spec, NULL, &q), CXM_OK);
    for (size_t i = 0; i < count; ++i) assert_int_equal(cxm_quantile_add(q, values[i]), CXM_OK);
    return q;
}

/* The examples of R's statpsych 1.6.0, 1.7.0 and 2.0.0, ci.median2, as its manual prints their results. */
static void medians_are_those_of_ci_median2(void **state)
{
    (void)state;
    static const struct { const cxm_quantile_spec *spec; size_t n; double a[20], b[20], difference, se, low, high; } rows[] = {
        {&whole, 10, {32, 39, 26, 35, 43, 27, 40, 37, 34, 29}, {36, 44, 47, 42, 49, 39, 46, 31, 33, 48},
         -8.5, 4.316291, -16.95977, -0.04022524},
        {&tenths, 10, {32.1, 39.8, 26.3, 35.0, 43.1, 27.0, 40.9, 37.4, 34.0, 29.2},
         {36.8, 44.0, 47.1, 42.7, 49.0, 39.6, 46.2, 31.6, 33.1, 48.4}, -8.85, 4.494993, -17.66002, -0.0399751},
        {&whole, 20, {70, 394, 43, 95, 62, 128, 2, 203, 81, 436, 85, 35, 156, 1, 3, 27, 63, 181, 184, 18},
         {102, 120, 78, 78, 417, 124, 86, 171, 176, 129, 230, 194, 100, 157, 306, 411, 164, 103, 193, 312},
         -85, 37.11502, -157.7441, -12.25589},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_quantile *a = sample_of(rows[i].spec, rows[i].a, rows[i].n), *b = sample_of(rows[i].spec, rows[i].b, rows[i].n);
        cxm_difference got = {.size = sizeof got};
        assert_int_equal(cxm_quantile_compare(a, b, 0.5, CXM_COMPARE_PRICE_BONETT, 0.95, &got), CXM_OK);
        assert_close(got.difference, rows[i].difference, 1e-14);
        assert_close(got.se, rows[i].se, 2e-7);
        assert_close(got.low, rows[i].low, 4e-7);
        assert_close(got.high, rows[i].high, 4e-7);
        assert_int_equal(got.method, CXM_COMPARE_PRICE_BONETT);
        assert_int_equal(got.statistic_kind, CXM_STATISTIC_Z);
        assert_close(got.statistic, got.difference / got.se, 1e-14);
        assert_close(got.p, erfc(fabs(got.statistic) / sqrt(2.0)), 1e-12);
        cxm_quantile_free(a);
        cxm_quantile_free(b);
    }
}

/* ---- properties ---- */

static double lognormal(uint64_t *seed)
{
    double u = ((double)(test_rand(seed) >> 11) + 0.5) * 0x1p-53, v = (double)(test_rand(seed) >> 11) * 0x1p-53;
    return exp(sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v));
}

static cxm_quantile *draw(size_t n, double times, uint64_t *seed)
{
    cxm_quantile *q = sample_of(NULL, NULL, 0);
    for (size_t i = 0; i < n; ++i) cxm_quantile_add(q, times * lognormal(seed));
    return q;
}

/* Exchanged, the difference changes its sign alone; p < 1 - level just where 0 is left out. */
static void a_difference_has_two_sides(void **state)
{
    (void)state;
    uint64_t seed = 11;
    size_t compared = 0;
    for (int round = 0; round < 400; ++round) {
        cxm_quantile *a = draw(1 + (size_t)(test_rand(&seed) % 60), 100.0, &seed), *b = draw(2 + (size_t)(test_rand(&seed) % 60), 150.0, &seed);
        double share = (double)(1 + test_rand(&seed) % 99) / 100.0, level = round % 2 ? 0.95 : 0.8;
        int32_t method = round % 4 < 2 ? CXM_COMPARE_ORDER : CXM_COMPARE_PRICE_BONETT;
        cxm_difference x = {.size = sizeof x}, y = {.size = sizeof y};
        cxm_status status = cxm_quantile_compare(a, b, share, method, level, &x);
        assert_int_equal(cxm_quantile_compare(b, a, share, method, level, &y), status);
        if (status == CXM_OK) {
            ++compared;
            assert_true(x.difference == -y.difference && x.low == -y.high && x.high == -y.low && x.p == y.p && x.method == method);
            assert_true(x.low <= x.difference && x.difference <= x.high && x.p >= 0.0 && x.p <= 1.0);
            assert_int_equal(x.p < 1.0 - level, x.low > 0.0 || x.high < 0.0);
            assert_int_equal(x.se != x.se, method == CXM_COMPARE_ORDER);
        } else {
            assert_int_equal(status, CXM_E_UNDEFINED);
        }
        cxm_quantile_free(a);
        cxm_quantile_free(b);
    }
    assert_true(compared > 200);
}

/* ---- the limits by order, anew from the definition ---- */

/* P(B >= k) of a binomial (n, 1/2), summed. */
static double tail_of(int n, int k)
{
    double sum = 0.0;
    for (int i = k; i <= n; ++i) sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) - n * log(2.0));
    return sum;
}

/* How far the limits of a median lie from it, of sorted values; infinite where there is none. */
static void reaches(const double *sorted, int n, double tail, double *below, double *above)
{
    double median = n % 2 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
    int u = 0;
    for (int k = n; k >= 1 && tail_of(n, k) <= tail * (1.0 + 1e-12); --k) u = k;
    *above = u ? sorted[u - 1] - median : (double)INFINITY;
    *below = u ? median - sorted[n - u] : (double)INFINITY;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of whole numbers in bins of their own, many of them equal: the limits are those of the definition to the last bits, and
 * p is where they begin to leave 0 out. */
static void limits_by_order_are_joined(void **state)
{
    (void)state;
    uint64_t seed = 15;
    size_t undefined = 0;
    for (int round = 0; round < 300; ++round) {
        double x[40], y[40], level = 0.5 + 0.49 * (double)(test_rand(&seed) % 1000) / 1000.0, a_low, a_high, b_low, b_high;
        int n = 1 + (int)(test_rand(&seed) % 40), m = 1 + (int)(test_rand(&seed) % 40);
        for (int i = 0; i < n; ++i) x[i] = 1.0 + (double)(test_rand(&seed) % 30);
        for (int i = 0; i < m; ++i) y[i] = 1.0 + (double)(test_rand(&seed) % 45);
        cxm_quantile *a = sample_of(&whole, x, (size_t)n), *b = sample_of(&whole, y, (size_t)m);
        qsort(x, (size_t)n, sizeof *x, by_size);
        qsort(y, (size_t)m, sizeof *y, by_size);
        cxm_difference got = {.size = sizeof got}, above = {.size = sizeof above}, below = {.size = sizeof below};
        cxm_status status = cxm_quantile_compare(a, b, 0.5, CXM_COMPARE_DEFAULT, level, &got);
        reaches(x, n, 0.5 * (1.0 - level), &a_low, &a_high);
        reaches(y, m, 0.5 * (1.0 - level), &b_low, &b_high);
        bool exists = isfinite(a_low) && isfinite(b_low);
        undefined += !exists;
        assert_int_equal(status, exists ? CXM_OK : CXM_E_UNDEFINED);
        if (exists) {
            assert_near(got.low, got.difference - sqrt(a_low * a_low + b_high * b_high), 1e-12 * (1.0 + fabs(got.low)));
            assert_near(got.high, got.difference + sqrt(a_high * a_high + b_low * b_low), 1e-12 * (1.0 + fabs(got.high)));
        }
        if (exists && got.p > 1e-6 && got.p < 0.9) {
            assert_int_equal(cxm_quantile_compare(a, b, 0.5, CXM_COMPARE_ORDER, 1.0 - got.p * (1.0 + 1e-8), &above), CXM_OK);
            assert_true(above.low > 0.0 || above.high < 0.0);
            status = cxm_quantile_compare(a, b, 0.5, CXM_COMPARE_ORDER, 1.0 - got.p * (1.0 - 1e-7), &below);
            assert_true(status == CXM_E_UNDEFINED || (below.low <= 0.0 && below.high >= 0.0));
        }
        cxm_quantile_free(a);
        cxm_quantile_free(b);
    }
    assert_true(undefined > 20);
}

/* ---- coverage ---- */

/* Of equal populations, whatever their sizes, and rounded to steps so coarse that most values are equal, not more differences are
 * proven at 95 % than one in twenty; one ticket proves none. */
static void equal_populations_differ_seldom(void **state)
{
    (void)state;
    static const struct { size_t n, m; double median, step; } rows[] = {
        {1, 1000, 100, 0}, {3, 200, 100, 0}, {6, 200, 100, 0}, {9, 40, 100, 0}, {60, 60, 100, 0}, {200, 200, 300, 300}, {200, 200, 280, 300},
        {100, 100, 175, 60}};
    enum { ROUNDS = 400 };
    uint64_t seed = 16;
    for (size_t k = 0; k < COUNT_OF(rows); ++k) {
        int proven = 0;
        for (int round = 0; round < ROUNDS; ++round) {
            cxm_quantile *side[2] = {sample_of(NULL, NULL, 0), sample_of(NULL, NULL, 0)};
            for (int s = 0; s < 2; ++s)
                for (size_t i = 0; i < (s ? rows[k].m : rows[k].n); ++i) {
                    double value = rows[k].median * lognormal(&seed);
                    cxm_quantile_add(side[s], rows[k].step > 0.0 ? rows[k].step * ceil(value / rows[k].step) : value);
                }
            cxm_difference got = {.size = sizeof got};
            proven += cxm_quantile_compare(side[0], side[1], 0.5, 0, 0.95, &got) == CXM_OK && got.p < 0.05;
            cxm_quantile_free(side[0]);
            cxm_quantile_free(side[1]);
        }
        print_message("%zu and %zu values, steps of %g: %.1f %%\n", rows[k].n, rows[k].m, rows[k].step, 100.0 * proven / ROUNDS);
        assert_true(proven <= ROUNDS * 6 / 100 && (rows[k].n > 5 || proven == 0));
    }
}

/* The limits at 95 % hold the true difference of the populations' quantiles, 50 exp(z q) apart: by standard errors about as often
 * as they say, by order more often. */
static void limits_cover_the_difference(void **state)
{
    (void)state;
    static const struct { double share, z; int32_t method; int least, most; } rows[] = {
        {0.5, 0.0, CXM_COMPARE_PRICE_BONETT, 93, 98}, {0.9, 1.2815515655446004, CXM_COMPARE_PRICE_BONETT, 93, 98},
        {0.5, 0.0, CXM_COMPARE_ORDER, 95, 100}, {0.9, 1.2815515655446004, CXM_COMPARE_ORDER, 95, 100}};
    enum { ROUNDS = 1000 };
    uint64_t seed = 12;
    for (size_t k = 0; k < COUNT_OF(rows); ++k) {
        int held = 0;
        for (int i = 0; i < ROUNDS; ++i) {
            cxm_quantile *a = draw(120, 150.0, &seed), *b = draw(200, 100.0, &seed);
            cxm_difference got = {.size = sizeof got};
            double truth = 50.0 * exp(rows[k].z);
            assert_int_equal(cxm_quantile_compare(a, b, rows[k].share, rows[k].method, 0.95, &got), CXM_OK);
            held += got.low <= truth && truth <= got.high;
            cxm_quantile_free(a);
            cxm_quantile_free(b);
        }
        print_message("q = %g, %s: %.2f %%\n", rows[k].share, cxm_compare_name(rows[k].method), 100.0 * held / ROUNDS);
        assert_true(held >= ROUNDS * rows[k].least / 100 && held <= ROUNDS * rows[k].most / 100);
    }
}

/* Units of durations do not matter but for the answer's, which is that of `a`. */
static void durations_in_two_units_compare(void **state)
{
    (void)state;
    cxm_quantile_spec ms = {.size = sizeof ms, .unit = CXM_UNIT_MS};
    uint64_t seed = 13;
    cxm_quantile *a = draw(50, 10.0, &seed), *b = draw(50, 12.0, &seed), *c = sample_of(&ms, NULL, 0);
    cxm_difference x = {.size = sizeof x}, y = {.size = sizeof y}, z = {.size = sizeof z};
    assert_int_equal(cxm_quantile_merge(c, a), CXM_OK);
    assert_int_equal(cxm_quantile_compare(a, b, 0.5, 0, 0.9, &x), CXM_OK);
    assert_int_equal(cxm_quantile_compare(c, b, 0.5, 0, 0.9, &y), CXM_OK);
    assert_close(y.difference, 1000.0 * x.difference, 1e-13);
    assert_close(y.low, 1000.0 * x.low, 1e-12);
    assert_close(y.p, x.p, 1e-8);
    assert_int_equal(cxm_quantile_set_unit(c, CXM_UNIT_S), CXM_OK);
    assert_int_equal(cxm_quantile_compare(c, b, 0.5, 0, 0.9, &z), CXM_OK);
    assert_true(z.difference == x.difference && z.low == x.low && z.p == x.p);
    cxm_quantile_free(a);
    cxm_quantile_free(b);
    cxm_quantile_free(c);
}

/* A state that is told another unit is one that was told it from the start. */
static void a_unit_can_be_changed(void **state)
{
    (void)state;
    cxm_quantile_spec minutes = {.size = sizeof minutes, .unit = CXM_UNIT_MIN, .targets = 1, .target = {90000000}};
    cxm_quantile *a = sample_of(&minutes, NULL, 0), *number = sample_of(&whole, NULL, 0);
    unsigned char x[256], y[256];
    size_t len, again;
    uint64_t hits, n;
    cxm_quantile_add(a, 1.5);
    assert_int_equal(cxm_quantile_set_unit(a, CXM_UNIT_S), CXM_OK);
    cxm_quantile_add(a, 90.0);
    cxm_quantile_add(a, nextafter(90.0000005, 100.0));      /* half a step above the target */
    assert_int_equal(cxm_quantile_within(a, 0, &hits, &n), CXM_OK);
    assert_true(hits == 2 && n == 3);
    assert_int_equal(cxm_quantile_encode(a, x, sizeof x, &len), CXM_OK);
    for (int32_t unit = CXM_UNIT_US; unit < CXM_UNIT_NUMBER; ++unit) {
        cxm_quantile_spec spec = {.size = sizeof spec};
        assert_int_equal(cxm_quantile_set_unit(a, unit), CXM_OK);
        assert_int_equal(cxm_quantile_spec_of(a, &spec), CXM_OK);
        assert_int_equal(spec.unit, unit);
        assert_int_equal(cxm_quantile_encode(a, y, sizeof y, &again), CXM_OK);
        assert_int_equal(again, len);
        assert_memory_equal(x, y, len);
    }
    assert_int_equal(cxm_quantile_set_unit(a, CXM_UNIT_NUMBER), CXM_E_ARG);
    assert_int_equal(cxm_quantile_set_unit(a, 0), CXM_E_ARG);
    assert_int_equal(cxm_quantile_set_unit(number, CXM_UNIT_S), CXM_E_ARG);
    assert_int_equal(cxm_quantile_set_unit(NULL, CXM_UNIT_S), CXM_E_ARG);
    cxm_quantile_free(a);
    cxm_quantile_free(number);
}

/* ---- shares within a target ---- */

static void shares_within_are_shares(void **state)
{
    (void)state;
    cxm_quantile_spec spec = {.size = sizeof spec, .targets = 2, .target = {60000000, 3600000000}};
    uint64_t seed = 14;
    cxm_quantile *a = sample_of(&spec, NULL, 0), *b = sample_of(&spec, NULL, 0);
    uint64_t hits_a = 0, hits_b = 0;
    for (int i = 0; i < 300; ++i) {
        double x = 60.0 * lognormal(&seed), y = 90.0 * lognormal(&seed);
        cxm_quantile_add(a, x);
        hits_a += rint(x * 1e6) <= 6e7;
        if (i < 200) cxm_quantile_add(b, y);
        if (i < 200) hits_b += rint(y * 1e6) <= 6e7;
    }
    for (int32_t method = 0; method < 70; ++method) {
        cxm_share_sample x = {hits_a, 300}, y = {hits_b, 200};
        cxm_difference want = {.size = sizeof want}, got = {.size = sizeof got};
        cxm_status status = cxm_compare_share(&x, &y, method, 0.9, &want);
        assert_int_equal(cxm_quantile_compare_within(a, b, 0, method, 0.9, &got), status);
        if (status == CXM_OK) assert_memory_equal(&got, &want, sizeof got);
    }
    cxm_difference none = {.size = sizeof none};
    assert_int_equal(cxm_quantile_compare_within(a, b, 2, 0, 0.9, &none), CXM_E_ARG);
    cxm_quantile_free(a);
    cxm_quantile_free(b);
}

/* ---- what there is nothing to say of ---- */

static void nothing_to_compare(void **state)
{
    (void)state;
    static const double alike[] = {7, 7, 7, 7, 7, 7, 7}, one[] = {3}, far[] = {1, 2, 3, 4, 900, 900, 900, 900};
    cxm_quantile_spec narrow = whole, fine = whole;
    narrow.high = 511;
    fine.targets = 1;
    fine.target[0] = 9;
    cxm_quantile *a = sample_of(&whole, alike, 7), *b = sample_of(&whole, one, 1), *empty = sample_of(&whole, NULL, 0);
    cxm_quantile *cut = sample_of(&narrow, far, 8), *other = sample_of(&fine, alike, 7);
    cxm_difference got = {.size = sizeof got, .method = 77}, small = {.size = 8};
    assert_int_equal(cxm_quantile_compare(a, a, 0.5, CXM_COMPARE_PRICE_BONETT, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_quantile_compare(a, b, 0.5, CXM_COMPARE_PRICE_BONETT, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_quantile_compare(a, b, 0.5, 0, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_quantile_compare(cut, cut, 0.5, 0, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_quantile_compare(a, empty, 0.5, 0, 0.95, &got), CXM_E_EMPTY);
    assert_int_equal(cxm_quantile_compare(empty, a, 0.5, 0, 0.95, &got), CXM_E_EMPTY);
    assert_int_equal(cxm_quantile_compare(a, cut, 0.5, 0, 0.95, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_quantile_compare(a, other, 0.5, 0, 0.95, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_quantile_compare_within(a, other, 0, 0, 0.95, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_quantile_compare(a, b, 0.5, CXM_COMPARE_WELCH, 0.95, &got), CXM_E_METHOD);
    assert_int_equal(cxm_quantile_compare(a, b, 0.5, 0, 0.95, &small), CXM_E_ABI);
    assert_int_equal(cxm_quantile_compare_within(a, b, 0, 0, 0.95, &small), CXM_E_ABI);
    for (int i = 0; i < 6; ++i) {
        static const double shares[] = {0.0, 1.0, -0.1, NAN, 0.5, 0.5}, levels[] = {0.9, 0.9, 0.9, 0.9, 0.0, 1.0};
        assert_int_equal(cxm_quantile_compare(a, b, shares[i], 0, levels[i], &got), CXM_E_ARG);
    }
    assert_int_equal(cxm_quantile_compare(NULL, b, 0.5, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_quantile_compare(a, NULL, 0.5, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_quantile_compare(a, b, 0.5, 0, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_compare_within(NULL, b, 0, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(got.method, 77);
    cxm_quantile_free(a);
    cxm_quantile_free(b);
    cxm_quantile_free(empty);
    cxm_quantile_free(cut);
    cxm_quantile_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians_are_those_of_ci_median2),
        cmocka_unit_test(a_difference_has_two_sides),
        cmocka_unit_test(limits_by_order_are_joined),
        cmocka_unit_test(equal_populations_differ_seldom),
        cmocka_unit_test(limits_cover_the_difference),
        cmocka_unit_test(durations_in_two_units_compare),
        cmocka_unit_test(a_unit_can_be_changed),
        cmocka_unit_test(shares_within_are_shares),
        cmocka_unit_test(nothing_to_compare),
    };
    return cmocka_run_group_tests_name("response/quantile_compare", tests, NULL, NULL);
}
