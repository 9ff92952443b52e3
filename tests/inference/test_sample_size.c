/* SPDX-License-Identifier: MIT */
/* test_sample_size.c - plans against R, against the intervals they are for, and against their own power. */
#include <cxm/interval.h>
#include <cxm/sample_size.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static double uniform(uint64_t *seed)
{
    return (double)(test_rand(seed) >> 11) / 9007199254740992.0;
}

static double spread(uint64_t *seed, double low, double high)        /* even over the logarithm */
{
    return pow(10.0, low + (high - low) * uniform(seed));
}

static cxm_sample_size empty(void)
{
    return (cxm_sample_size){.size = sizeof(cxm_sample_size), .reserved = 77};
}

/* ---- R ---- */

/* The number behind `name=` in "p1=0.8;p2=0.85;sig=0.05". */
static double argument(const char *args, const char *name)
{
    const char *at = strstr(args, name);
    assert_non_null(at);
    return strtod(strchr(at, '=') + 1, NULL);
}

static double answer(const char *kind, const char *args)
{
    cxm_sample_size got = empty();
    double level = 1.0 - argument(args, "sig"), power;
    if (strcmp(kind, "power.prop.test_power") == 0) {
        assert_int_equal(cxm_power_two_shares(argument(args, "n"), argument(args, "p1"), argument(args, "p2"), level, 0, &power), CXM_OK);
        return power;
    }
    power = argument(args, "power");
    cxm_status status = strcmp(kind, "power.prop.test_n_per_group") == 0
        ? cxm_sample_size_two_shares(argument(args, "p1"), argument(args, "p2"), level, power, 0, &got)
        : cxm_sample_size_two_means(argument(args, "sd"), argument(args, "delta"), level, power, 0, &got);
    assert_int_equal(status, CXM_OK);
    return got.exact;
}

static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("sample_size_power.csv");
    assert_int_equal(t.rows, 11);
    for (size_t i = 0; i < t.rows; ++i)
        assert_close(answer(test_cell(&t, i, "kind"), test_cell(&t, i, "args")), test_number(&t, i, "value"), 1e-9);
    test_table_free(&t);
}

/* Each row is a pair of n and power: both ways. R's noncentral t is up to 1.3e-11 off, as the column of many
 * digits shows. */
static void groups_of_any_power(void **state)
{
    (void)state;
    test_table t = test_table_read("power_groups.csv");
    assert_true(t.rows > 300);
    assert_int_equal(t.rows, 492);
    for (size_t i = 0; i < t.rows; ++i) {
        if (test_left_out()) continue;
        int means = strcmp(test_cell(&t, i, "kind"), "means") == 0, strict = test_number(&t, i, "strict") > 0.0;
        double a = test_number(&t, i, "a"), b = test_number(&t, i, "b"), level = test_number(&t, i, "level"), power;
        double n = test_number(&t, i, "n"), wanted = test_number(&t, i, "power");
        cxm_sample_size got = empty();
        assert_int_equal(means ? cxm_power_two_means(n, a, b, level, strict, &power)
                               : cxm_power_two_shares(n, a, b, level, strict, &power), CXM_OK);
        double digits = test_number(&t, i, "power_mp");
        if (!isnan(digits)) assert_close(power, digits, 1e-12);
        test_assert_close(power, wanted, means ? 0.0 : 1e-12, means ? 2e-11 : 0.0, "power", __FILE__, __LINE__);
        if (wanted > 1.0 - 1e-6) continue;                      /* the 15 digits of such a power do not tell n */
        assert_int_equal(means ? cxm_sample_size_two_means(a, b, level, wanted, strict, &got)
                               : cxm_sample_size_two_shares(a, b, level, wanted, strict, &got), CXM_OK);
        assert_close(got.exact, n, 1e-8);
    }
    test_table_free(&t);
}

/* ---- margins against the intervals they are for ---- */

static void share_margin_is_wilsons(void **state)
{
    (void)state;
    uint64_t seed = 71;
    for (int i = 0; i < 5000; ++i) {
        uint64_t n = 1 + test_rand(&seed) % (i & 1 ? 40 : 4000000), hits = test_rand(&seed) % (n + 1);
        double level = 0.5 + 0.4999 * uniform(&seed);
        cxm_interval shown = {.size = sizeof shown};
        cxm_sample_size got = empty();
        assert_int_equal(cxm_share_interval(hits, n, CXM_INTERVAL_WILSON, level, &shown), CXM_OK);
        double margin = 0.5 * (shown.high - shown.low), share = (double)hits / (double)n;
        assert_int_equal(cxm_sample_size_share(share, margin, level, &got), CXM_OK);
        assert_close(got.exact, (double)n, 1e-8);
        assert_int_equal(cxm_sample_size_share(0.5, margin, level, &got), CXM_OK);
        assert_true(got.exact >= (double)n * (1.0 - 1e-8));     /* the worst case */
    }
}

static void mean_margin_is_students(void **state)
{
    (void)state;
    uint64_t seed = 72;
    for (int i = 0; i < 2000; ++i) {
        if (test_left_out()) continue;
        uint64_t n = 2 + test_rand(&seed) % (i & 1 ? 10 : 1000000);
        double level = 0.5 + 0.4999 * uniform(&seed), sd = spread(&seed, -3.0, 3.0);
        cxm_interval shown = {.size = sizeof shown};
        cxm_sample_size got = empty();
        assert_int_equal(cxm_mean_interval(n, 0.0, sd, -HUGE_VAL, HUGE_VAL, CXM_INTERVAL_T, level, &shown), CXM_OK);
        assert_int_equal(cxm_sample_size_mean(sd, shown.high, level, &got), CXM_OK);
        assert_close(got.exact, (double)n, 1e-9);
        assert_int_equal(cxm_sample_size_mean(sd, shown.high * 1.000001, level, &got), CXM_OK);
        assert_true(got.n <= n);
        assert_int_equal(cxm_sample_size_mean(sd, shown.high * 0.999999, level, &got), CXM_OK);
        assert_true(got.n > n || n > 400000);                   /* there half an answer is less than a millionth */
    }
}

/* The variance of the raised counts gives back n; and the worst case is enough for the default interval, too. */
static void net_margin_is_adjusted_walds(void **state)
{
    (void)state;
    uint64_t seed = 73;
    for (int i = 0; i < 5000; ++i) {
        uint64_t c[3], n;
        for (int k = 0; k < 3; ++k) c[k] = 20 + test_rand(&seed) % (i & 1 ? 50 : 50000);
        n = c[0] + c[1] + c[2];
        double size = (double)n + 3.0, plus = ((double)c[2] + 0.75) / size, minus = ((double)c[0] + 0.75) / size;
        cxm_interval shown = {.size = sizeof shown};
        cxm_sample_size got = empty();
        assert_int_equal(cxm_trinomial_interval(c[0], c[1], c[2], CXM_INTERVAL_AW3_TRIANGULAR, 0.95, &shown), CXM_OK);
        double variance = plus + minus - (plus - minus) * (plus - minus);
        assert_int_equal(cxm_sample_size_net(variance, 0.5 * (shown.high - shown.low), 0.95, &got), CXM_OK);
        assert_close(got.exact, (double)n, 1e-8);
    }
    for (double margin = 0.01; margin < 0.7; margin *= 1.1) {
        cxm_sample_size got = empty();
        cxm_interval shown = {.size = sizeof shown};
        assert_int_equal(cxm_sample_size_net(1.0, margin, 0.95, &got), CXM_OK);
        for (uint64_t promoters = 0; promoters <= got.n; promoters += 1 + got.n / 50) {
            assert_int_equal(cxm_trinomial_interval(got.n - promoters, 0, promoters, 0, 0.95, &shown), CXM_OK);
            assert_true(0.5 * (shown.high - shown.low) <= margin * (1.0 + 1e-12));
        }
    }
}

/* z at 95 %: 1.959963984540054; by hand. */
static void known_figures(void **state)
{
    (void)state;
    cxm_sample_size got = empty();
    const double z2 = 3.84145882069412447634;
    assert_int_equal(cxm_sample_size_net(1.0, 0.03, 0.95, &got), CXM_OK);
    assert_close(got.exact, z2 / 0.0009 - 3.0, 1e-13);
    assert_true(got.n == 4266 && got.reserved == 0);
    assert_int_equal(cxm_sample_size_finite(1000, &got), CXM_OK);
    assert_close(got.exact, (z2 / 0.0009 - 3.0) / (1.0 + (z2 / 0.0009 - 4.0) / 1000.0), 1e-13);
    assert_int_equal(got.n, 811);
    assert_int_equal(cxm_sample_size_share(0.5, 0.05, 0.95, &got), CXM_OK);
    assert_close(got.exact, z2 / 0.01 - z2, 1e-12);
    assert_int_equal(got.n, 381);
    assert_int_equal(cxm_sample_size_two_nets(0.5, 0.7, -0.1, 0.95, 0.8, 0, &got), CXM_OK);
    assert_close(got.exact, 1.2 * pow((1.95996398454005424 + 0.841621233572914205) / 0.1, 2.0) - 3.0, 1e-12);
    assert_int_equal(got.n, 939);
    double power;
    assert_int_equal(cxm_power_two_nets(939, 0.5, 0.7, 0.1, 0.95, 0, &power), CXM_OK);
    assert_close(power, 0.5 * erfc(-(0.1 * sqrt(942.0 / 1.2) - 1.95996398454005424) / sqrt(2.0)), 1e-13);
}

static void whole_numbers_stay_whole(void **state)
{
    (void)state;
    const double z = 1.95996398454005423552;
    for (int n = 1; n < 3000; ++n) {
        cxm_sample_size got = empty();
        assert_int_equal(cxm_sample_size_net(1.0, z / sqrt(n + 3.0), 0.95, &got), CXM_OK);
        assert_int_equal(got.n, n);
        assert_close(got.exact, n, 1e-12);
    }
}

/* ---- populations ---- */

static void finite_populations(void **state)
{
    (void)state;
    uint64_t seed = 74;
    for (int i = 0; i < 5000; ++i) {
        uint64_t people = (test_rand(&seed) >> (test_rand(&seed) % 64)) | 1;
        double exact = spread(&seed, 0.0, 19.0);
        cxm_sample_size got = {.size = sizeof got, .exact = exact};
        assert_int_equal(cxm_sample_size_finite(people, &got), CXM_OK);
        assert_true(got.n >= 1 && got.n <= people && got.exact <= exact && got.exact <= (double)people);
        assert_close(1.0 / got.exact - 1.0 / (double)people, (1.0 - 1.0 / (double)people) / exact, 1e-6 + 1e-14 * exact);
        assert_true((double)got.n >= got.exact * (1.0 - 2e-12));
    }
    cxm_sample_size all = {.size = sizeof all, .exact = HUGE_VAL}, one = {.size = sizeof one, .exact = 1.0};
    assert_int_equal(cxm_sample_size_finite(UINT64_MAX, &all), CXM_OK);
    assert_true(all.n == UINT64_MAX && all.exact == 18446744073709551616.0);
    assert_int_equal(cxm_sample_size_finite(5, &one), CXM_OK);
    assert_true(one.n == 1 && one.exact == 1.0);
}

/* ---- power and n turn into each other ---- */

typedef struct groups { int kind; double a, b, difference, level; int32_t strict; } groups;

static groups any_groups(uint64_t *seed)
{
    groups g = {(int)(test_rand(seed) % 3), uniform(seed), uniform(seed), 0.0, 0.5 + 0.49999 * uniform(seed),
                (int32_t)(test_rand(seed) & 1)};
    g.difference = (g.kind == 2 ? spread(seed, -3.0, 1.0) : spread(seed, -3.0, 0.0)) * (test_rand(seed) & 1 ? 1.0 : -1.0);
    if (g.kind == 1) g.b = test_rand(seed) & 1 ? g.b : g.a * 0.99;
    return g;
}

static cxm_status n_of(const groups *g, double power, cxm_sample_size *out)
{
    if (g->kind == 0) return cxm_sample_size_two_nets(g->a, g->b, g->difference, g->level, power, g->strict, out);
    if (g->kind == 1) return cxm_sample_size_two_shares(g->a, g->b, g->level, power, g->strict, out);
    return cxm_sample_size_two_means(g->a + 0.01, g->difference, g->level, power, g->strict, out);
}

static double power_with(const groups *g, double n)
{
    double power = -1.0;
    cxm_status status = g->kind == 0   ? cxm_power_two_nets(n, g->a, g->b, g->difference, g->level, g->strict, &power)
                        : g->kind == 1 ? cxm_power_two_shares(n, g->a, g->b, g->level, g->strict, &power)
                                       : cxm_power_two_means(n, g->a + 0.01, g->difference, g->level, g->strict, &power);
    assert_int_equal(status, CXM_OK);
    assert_true(power >= 0.0 && power <= 1.0);
    return power;
}

static void plans_reach_their_power(void **state)
{
    (void)state;
    uint64_t seed = 75;
    for (int i = 0; i < 3000; ++i) {
        if (test_left_out()) continue;
        groups g = any_groups(&seed);
        double wanted = i % 3 ? 0.01 + 0.98 * uniform(&seed) : 1.0 - spread(&seed, -9.0, -1.0), least = g.kind == 2 ? 2.0 : 1.0;
        cxm_sample_size got = empty();
        assert_int_equal(n_of(&g, wanted, &got), CXM_OK);
        assert_true(got.exact >= least && (double)got.n >= got.exact * (1.0 - 2e-12) && (double)got.n < got.exact + 1.0);
        double reached = power_with(&g, got.exact), whole = power_with(&g, (double)got.n);
        assert_true(reached >= wanted - 1e-11 && whole >= wanted - 1e-11);
        if (got.exact > least) assert_close(1.0 - reached, 1.0 - wanted, 1e-7);
        if (got.exact > least * 1.01) assert_true(power_with(&g, fmax(got.exact * 0.99, least)) < wanted);
    }
}

/* The far side adds to the power, hardly once the near side's is high. */
static void strict_counts_both_sides(void **state)
{
    (void)state;
    uint64_t seed = 76;
    for (int i = 0; i < 2000; ++i) {
        if (test_left_out()) continue;
        groups g = any_groups(&seed), both = g;
        double n = spread(&seed, 0.5, 5.0), alpha = 1.0 - g.level;
        g.strict = 0;
        both.strict = 1;
        double one = power_with(&g, n), two = power_with(&both, n);
        assert_true(two >= one && two - one <= 0.5 * alpha + 1e-15);
        if (g.kind != 1) assert_true(two >= alpha * (1.0 - 1e-9));      /* unbiased; shares test with another variance */
    }
}

static void even_the_smallest_sample(void **state)
{
    (void)state;
    cxm_sample_size got = empty();
    assert_int_equal(cxm_sample_size_net(0.01, 1.0, 0.95, &got), CXM_OK);
    assert_true(got.n == 1 && got.exact == 1.0);
    assert_int_equal(cxm_sample_size_share(0.5, 0.5, 0.95, &got), CXM_OK);
    assert_true(got.n == 1 && got.exact == 1.0);
    assert_int_equal(cxm_sample_size_mean(1e-300, 1e300, 0.95, &got), CXM_OK);
    assert_true(got.n == 2 && got.exact == 2.0);
    assert_int_equal(cxm_sample_size_two_means(1.0, 1e300, 0.95, 0.8, 0, &got), CXM_OK);
    assert_true(got.n == 2 && got.exact == 2.0);
    assert_int_equal(cxm_sample_size_two_nets(1.0, 1.0, 0.1, 0.95, 1e-9, 0, &got), CXM_OK);
    assert_true(got.n == 1 && got.exact == 1.0);
    assert_int_equal(cxm_sample_size_two_shares(0.0, 1.0, 0.95, 0.8, 1, &got), CXM_OK);      /* certain once z^2 / 2 is passed */
    assert_close(got.exact, 0.5 * 3.84145882069412447634, 1e-12);
    assert_int_equal(got.n, 2);
    double power;
    assert_int_equal(cxm_power_two_shares(1.0, 1.0, 0.0, 0.95, 0, &power), CXM_OK);
    assert_true(power == 0.0);
    assert_int_equal(cxm_power_two_shares(2.0, 1.0, 0.0, 0.95, 1, &power), CXM_OK);
    assert_true(power == 1.0);
    assert_int_equal(cxm_power_two_nets(8.0, 1.0, 1.0, 0.1, 1e-300, 1, &power), CXM_OK);     /* alpha 1: always found */
    assert_close(power, 1.0, 1e-15);
}

static void more_than_can_be_counted(void **state)
{
    (void)state;
    cxm_sample_size got = empty(), before = got;
    assert_int_equal(cxm_sample_size_net(1.0, 1e-10, 0.95, &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_sample_size_net(1.0, 5e-324, 0.95, &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_sample_size_share(0.5, 1e-10, 0.95, &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_sample_size_share(0.5, 5e-324, 0.95, &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_sample_size_mean(1e308, 5e-324, 0.95, &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_sample_size_two_nets(1.0, 1.0, 1e-10, 0.95, 0.8, 0, &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_sample_size_two_shares(0.5, 0.5 + 1e-10, 0.95, 0.8, 0, &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_sample_size_two_means(1.0, 5e-324, 0.95, 0.8, 1, &got), CXM_E_OVERFLOW);
    assert_memory_equal(&got, &before, sizeof got);
    assert_int_equal(cxm_sample_size_net(1.0, 1e-9, 0.95, &got), CXM_OK);
    assert_close((double)got.n, 3.84145882069412447634e18, 1e-14);
    assert_int_equal(cxm_sample_size_mean(1.0, 1e-9, 0.95, &got), CXM_OK);
    assert_close(got.exact, 3.84145882069412447634e18, 1e-12);
    assert_int_equal(cxm_sample_size_two_means(1.0, 2e-9, 0.95, 0.8, 0, &got), CXM_OK);
    assert_close(got.exact, 2.0 * pow((1.95996398454005424 + 0.841621233572914205) / 2e-9, 2.0), 1e-12);
}

static void what_says_nothing(void **state)
{
    (void)state;
    cxm_sample_size got = empty(), before = got;
    double power = 7.0;
    assert_int_equal(cxm_sample_size_net(0.0, 0.1, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_sample_size_mean(0.0, 0.1, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_sample_size_two_nets(0.0, 0.0, 0.1, 0.95, 0.8, 0, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_sample_size_two_nets(1.0, 1.0, 0.0, 0.95, 0.8, 0, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_sample_size_two_shares(0.3, 0.3, 0.95, 0.8, 0, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_sample_size_two_means(1.0, 0.0, 0.95, 0.8, 0, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_sample_size_two_means(0.0, 1.0, 0.95, 0.8, 0, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_power_two_nets(9, 0.0, 0.0, 0.1, 0.95, 0, &power), CXM_E_UNDEFINED);
    assert_int_equal(cxm_power_two_shares(9, 0.3, 0.3, 0.95, 0, &power), CXM_E_UNDEFINED);
    assert_int_equal(cxm_power_two_means(9, 1.0, 0.0, 0.95, 0, &power), CXM_E_UNDEFINED);
    assert_memory_equal(&got, &before, sizeof got);
    assert_true(power == 7.0);
}

/* `wrong` in each place that a value outside 0..1 may not take. */
static void each_place_refuses(double wrong, cxm_sample_size *out, double *power)
{
    assert_int_equal(cxm_sample_size_net(wrong, 0.1, 0.95, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_net(1.0, wrong, 0.95, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_net(1.0, 0.1, wrong, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_share(wrong, 0.1, 0.95, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_share(0.5, wrong, 0.95, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_share(0.5, 0.1, wrong, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_mean(1.0, 0.1, wrong, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_nets(wrong, 1.0, 0.1, 0.95, 0.8, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_nets(1.0, wrong, 0.1, 0.95, 0.8, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_nets(1.0, 1.0, 0.1, wrong, 0.8, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_nets(1.0, 1.0, 0.1, 0.95, wrong, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_shares(wrong, 0.5, 0.95, 0.8, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_shares(0.5, wrong, 0.95, 0.8, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_shares(0.5, 0.6, wrong, 0.8, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_shares(0.5, 0.6, 0.95, wrong, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_means(1.0, 0.5, wrong, 0.8, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_means(1.0, 0.5, 0.95, wrong, 0, out), CXM_E_ARG);
    assert_int_equal(cxm_power_two_nets(9, 1.0, wrong, 0.1, 0.95, 0, power), CXM_E_ARG);
    assert_int_equal(cxm_power_two_shares(9, 0.5, wrong, 0.95, 0, power), CXM_E_ARG);
    assert_int_equal(cxm_power_two_means(9, 1.0, 0.5, wrong, 0, power), CXM_E_ARG);
}

static void refusals(void **state)
{
    (void)state;
    static const double outside[] = {-0.5, 1.0000000000000002, 95.0, HUGE_VAL, -HUGE_VAL, NAN}, sds[] = {-1.0, HUGE_VAL, NAN},
                        sizes[] = {0.0, 0.999, -1.0, HUGE_VAL, NAN}, apart[] = {HUGE_VAL, -HUGE_VAL, NAN};
    cxm_sample_size got = empty(), before = got, plan = {.size = sizeof plan, .exact = 0.999};
    double power = 7.0;
    for (size_t i = 0; i < COUNT_OF(outside); ++i) each_place_refuses(outside[i], &got, &power);
    for (size_t i = 0; i < COUNT_OF(sds); ++i) {
        assert_int_equal(cxm_sample_size_mean(sds[i], 0.1, 0.95, &got), CXM_E_ARG);
        assert_int_equal(cxm_sample_size_mean(1.0, sds[i], 0.95, &got), CXM_E_ARG);
        assert_int_equal(cxm_sample_size_two_means(sds[i], 0.1, 0.95, 0.8, 0, &got), CXM_E_ARG);
        assert_int_equal(cxm_sample_size_two_nets(1.0, 1.0, 3.0 * sds[i], 0.95, 0.8, 0, &got), CXM_E_ARG);
    }
    for (size_t i = 0; i < COUNT_OF(apart); ++i)
        assert_int_equal(cxm_sample_size_two_means(1.0, apart[i], 0.95, 0.8, 0, &got), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(sizes); ++i) {
        assert_int_equal(cxm_power_two_nets(sizes[i], 1.0, 1.0, 0.1, 0.95, 0, &power), CXM_E_ARG);
        assert_int_equal(cxm_power_two_shares(sizes[i], 0.5, 0.6, 0.95, 0, &power), CXM_E_ARG);
        assert_int_equal(cxm_power_two_means(sizes[i], 1.0, 0.5, 0.95, 0, &power), CXM_E_ARG);
    }
    assert_int_equal(cxm_power_two_means(1.999, 1.0, 0.5, 0.95, 0, &power), CXM_E_ARG);
    assert_int_equal(cxm_power_two_means(9, 1.0, 0.5, 0.95, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_power_two_shares(9, 0.5, 0.6, 0.95, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_power_two_nets(9, 1.0, 1.0, 0.1, 0.95, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_power_two_shares(9, 0.5, 0.6, 0.95, 2, &power), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_nets(1.0, 1.0, 0.1, 0.95, 0.8, 2, &got), CXM_E_ARG);
    assert_int_equal(cxm_power_two_means(9, 1.0, 0.5, 0.95, 2, &power), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_means(1.0, 0.5, 0.95, 0.8, -1, &got), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_mean(1.0, 0.0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_net(1.0, 0.0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_share(0.5, 0.51, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_share(0.5, 0.1, 1.0, &got), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_two_shares(0.5, 0.6, 0.95, 1.0, 0, &got), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_finite(0, &got), CXM_E_ARG);
    assert_int_equal(cxm_sample_size_finite(9, &plan), CXM_E_ARG);
    assert_memory_equal(&got, &before, sizeof got);
    assert_true(power == 7.0);
}

static void no_room(void **state)
{
    (void)state;
    cxm_sample_size small = {.size = sizeof small - 1};
    for (int k = 0; k < 2; ++k) {
        cxm_sample_size *out = k ? &small : NULL;
        cxm_status want = k ? CXM_E_ABI : CXM_E_ARG;
        assert_int_equal(cxm_sample_size_net(1.0, 0.1, 0.95, out), want);
        assert_int_equal(cxm_sample_size_share(0.5, 0.1, 0.95, out), want);
        assert_int_equal(cxm_sample_size_mean(1.0, 0.1, 0.95, out), want);
        assert_int_equal(cxm_sample_size_finite(9, out), want);
        assert_int_equal(cxm_sample_size_two_nets(1.0, 1.0, 0.1, 0.95, 0.8, 0, out), want);
        assert_int_equal(cxm_sample_size_two_shares(0.5, 0.6, 0.95, 0.8, 0, out), want);
        assert_int_equal(cxm_sample_size_two_means(1.0, 0.5, 0.95, 0.8, 0, out), want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_table), cmocka_unit_test(groups_of_any_power), cmocka_unit_test(share_margin_is_wilsons),
        cmocka_unit_test(mean_margin_is_students), cmocka_unit_test(net_margin_is_adjusted_walds),
        cmocka_unit_test(known_figures), cmocka_unit_test(whole_numbers_stay_whole), cmocka_unit_test(finite_populations),
        cmocka_unit_test(plans_reach_their_power), cmocka_unit_test(strict_counts_both_sides),
        cmocka_unit_test(even_the_smallest_sample), cmocka_unit_test(more_than_can_be_counted),
        cmocka_unit_test(what_says_nothing), cmocka_unit_test(refusals), cmocka_unit_test(no_room)};
    return cmocka_run_group_tests_name("inference/sample_size", tests, NULL, NULL);
}
