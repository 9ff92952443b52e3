/* SPDX-License-Identifier: MIT */
/* test_compare_net.c - differences of net shares against R, 20 digits of mpmath, each sample's limits, and their rules. */
#include <cxm/compare.h>
#include <cxm/interval.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const int32_t methods[] = {CXM_COMPARE_MOVER, CXM_COMPARE_WALD, CXM_COMPARE_AW3_TRIANGULAR, CXM_COMPARE_AW3_UNIFORM,
                                  CXM_COMPARE_AW4_TRIANGULAR, CXM_COMPARE_AW4_UNIFORM, CXM_COMPARE_AGRESTI_MIN,
                                  CXM_COMPARE_BONETT_PRICE, CXM_COMPARE_WELCH};

static cxm_difference compare(cxm_net_sample a, cxm_net_sample b, int32_t method, double level)
{
    cxm_difference got = {.size = sizeof got};
    assert_int_equal(cxm_compare_net(&a, &b, method, level, &got), CXM_OK);
    return got;
}

static cxm_net_sample mirrored(cxm_net_sample s)
{
    return (cxm_net_sample){s.plus, s.zero, s.minus};
}

static uint64_t count_in(const test_table *t, size_t row, const char *column)
{
    return strtoull(test_cell(t, row, column), NULL, 10);
}

static double clamped(double x)
{
    return fmin(fmax(x, -2.0), 2.0);
}

/* An adjusted method's difference and standard error in R are those of the raised counts: ours are the middle of the
 * limits and their half width over z. */
static void r_two_sample_table(void **state)
{
    (void)state;
    const double z = 1.95996398454005423552;
    test_table t = test_table_read("nps_two_sample.csv");
    assert_int_equal(t.rows, 18);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_net_sample a = {count_in(&t, i, "x_det"), count_in(&t, i, "x_pas"), count_in(&t, i, "x_pro")};
        cxm_net_sample b = {count_in(&t, i, "y_det"), count_in(&t, i, "y_pas"), count_in(&t, i, "y_pro")};
        const char *name = test_cell(&t, i, "method");
        int welch = strcmp(name, "welch_t") == 0, wald = strcmp(name, "wald") == 0, plain = wald || welch;
        int32_t method = welch ? CXM_COMPARE_WELCH : wald ? CXM_COMPARE_WALD : CXM_COMPARE_AW3_TRIANGULAR;
        cxm_difference got = compare(a, b, method, 0.95);
        assert_near(got.low, clamped(test_number(&t, i, "lower95")), 1e-10);
        assert_near(got.high, clamped(test_number(&t, i, "upper95")), 1e-10);
        assert_near(got.statistic, test_number(&t, i, "statistic"), 1e-10);
        assert_close(got.p, test_number(&t, i, "p_two_sided"), 1e-8);
        assert_near(plain ? got.difference : 0.5 * (got.low + got.high), test_number(&t, i, "diff_x_minus_y"), 1e-10);
        assert_near(plain ? got.se : 0.5 * (got.high - got.low) / z, test_number(&t, i, "se"), 1e-10);
        if (welch) assert_close(got.df, test_number(&t, i, "df"), 1e-10);
        else assert_true(got.df == HUGE_VAL);
        assert_int_equal(got.statistic_kind, welch ? CXM_STATISTIC_T : CXM_STATISTIC_Z);
        assert_int_equal(got.interval_status, CXM_OK);
    }
    test_table_free(&t);
}

/* Tango's equation bisected at 90 digits on either side, and z from where the limit is 0. A p below the smallest double
 * is 0, one below the smallest normal holds fewer digits; there the statistic may, too. */
static void mover_to_twenty_digits(void **state)
{
    (void)state;
    test_table t = test_table_read("compare_net.csv");
    assert_int_equal(t.rows, 44);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_net_sample a = {count_in(&t, i, "a_minus"), count_in(&t, i, "a_zero"), count_in(&t, i, "a_plus")};
        cxm_net_sample b = {count_in(&t, i, "b_minus"), count_in(&t, i, "b_zero"), count_in(&t, i, "b_plus")};
        cxm_difference got = compare(a, b, CXM_COMPARE_MOVER, test_number(&t, i, "level"));
        double p = test_number(&t, i, "p"), difference = test_number(&t, i, "difference");
        assert_close(got.difference, difference, 1e-15);
        assert_near(got.low, test_number(&t, i, "low"), 1e-15 * (got.high - got.low + fabs(difference)));
        assert_near(got.high, test_number(&t, i, "high"), 1e-15 * (got.high - got.low + fabs(difference)));
        assert_close(got.statistic, test_number(&t, i, "z"), p > 1e-307 ? 2e-15 : 1e-3);
        test_assert_close(got.p, p, 2e-12, 1e-322, "p", __FILE__, __LINE__);
    }
    test_table_free(&t);
}

static const char *find(const test_table *t, const char *year, const char *domain, const char *quantity)
{
    for (size_t i = 0; i < t->rows; ++i)
        if (strcmp(test_cell(t, i, "year"), year) == 0 && strcmp(test_cell(t, i, "domain"), domain) == 0 &&
            strcmp(test_cell(t, i, "quantity"), quantity) == 0) return test_cell(t, i, "value");
    fail_msg("no %s of %s %s", quantity, domain, year);
    return NULL;
}

static cxm_net_sample sfo(const test_table *t, const char *year, const char *domain)
{
    return (cxm_net_sample){strtoull(find(t, year, domain, "detractors"), NULL, 10),
                            strtoull(find(t, year, domain, "passives"), NULL, 10),
                            strtoull(find(t, year, domain, "promoters"), NULL, 10)};
}

/* A real survey: two years, and every pair of seven areas. */
static void two_years_and_areas_of_a_survey(void **state)
{
    (void)state;
    test_table t = test_table_read("sfo_expected.csv");
    cxm_difference years = compare(sfo(&t, "2018", "all"), sfo(&t, "2017", "all"), CXM_COMPARE_WALD, 0.95);
    assert_close(years.p, strtod(find(&t, "2018-2017", "all", "nps_diff_wald_p"), NULL), 1e-9);
    assert_close(years.se, strtod(find(&t, "2018-2017", "all", "nps_diff_se_wald"), NULL), 1e-9);
    assert_close(years.difference, strtod(find(&t, "2018-2017", "all", "nps_diff"), NULL), 1e-9);
    for (char a = 'A'; a <= 'G'; ++a)
        for (char b = 'A'; b < a; ++b) {
            char first[] = "boarding_area=?", second[] = "boarding_area=?", pair[] = "boarding_area pair ?-?";
            first[14] = pair[19] = b;
            second[14] = pair[21] = a;
            cxm_difference got = compare(sfo(&t, "2017", first), sfo(&t, "2017", second), CXM_COMPARE_WALD, 0.95);
            assert_close(got.p, strtod(find(&t, "2017", pair, "nps_wald_p"), NULL), 1e-9);
        }
    test_table_free(&t);
}

static void refusals(void **state)
{
    (void)state;
    cxm_difference out = {.size = sizeof out, .method = 77}, before = out;
    cxm_net_sample none = {0, 0, 0}, some = {1, 2, 3}, over = {UINT64_MAX, 1, 0}, sum_over = {UINT64_MAX - 1, 1, 1};
    cxm_net_sample minus = {4, 0, 0}, plus = {0, 0, 9}, one = {0, 1, 0};
    int32_t wald = CXM_COMPARE_WALD, welch = CXM_COMPARE_WELCH;
    assert_int_equal(cxm_compare_net(&none, &some, wald, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_net(&some, &none, wald, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_net(&some, &over, wald, 0.95, &out), CXM_E_OVERFLOW);
    assert_int_equal(cxm_compare_net(&sum_over, &some, wald, 0.95, &out), CXM_E_OVERFLOW);
    assert_int_equal(cxm_compare_net(&some, &some, CXM_COMPARE_NEWCOMBE, 0.95, &out), CXM_E_METHOD);
    assert_int_equal(cxm_compare_net(&minus, &plus, wald, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_net(&minus, &plus, welch, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_net(&minus, &minus, welch, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_net(&some, &one, welch, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_net(&one, &some, welch, 0.95, &out), CXM_E_UNDEFINED);
    assert_memory_equal(&out, &before, sizeof out);
}

/* Nothing to divide by, and one rounding away from it: 2^63 of 2^63 + 1 alike is not all alike. */
static void pure_samples(void **state)
{
    (void)state;
    cxm_difference same = compare((cxm_net_sample){0, 0, 3}, (cxm_net_sample){0, 0, 8}, CXM_COMPARE_WALD, 0.95);
    assert_true(same.difference == 0.0 && same.low == 0.0 && same.high == 0.0 && same.se == 0.0);
    assert_true(same.statistic == 0.0 && same.p == 1.0);
    uint64_t big = UINT64_C(1) << 63;
    cxm_difference near = compare((cxm_net_sample){0, 1, big}, (cxm_net_sample){0, 0, 8}, CXM_COMPARE_WALD, 0.95);
    assert_close(near.difference, -1.0 / 9223372036854775808.0, 1e-15);
    assert_close(near.se, 1.0 / 9223372036854775808.0, 1e-15);
    assert_close(near.statistic, -1.0, 1e-15);
    cxm_difference low = compare((cxm_net_sample){2, 1, 0}, (cxm_net_sample){4, 2, 0}, CXM_COMPARE_MOVER, 0.95);
    assert_true(low.difference == 0.0 && !signbit(low.difference) && !signbit(low.statistic) && low.p == 1.0);
    cxm_difference half = compare((cxm_net_sample){0, 0, 5}, (cxm_net_sample){1, 0, 4}, CXM_COMPARE_WELCH, 0.95);
    assert_close(half.df, 4.0, 1e-15);                 /* all of the spread is the second sample's */
}

/* MOVER from the intervals of the samples, as anyone would join them. */
static void mover_joins_the_samples_own_limits(void **state)
{
    (void)state;
    uint64_t seed = 61;
    for (int i = 0; i < 5000; ++i) {
        uint64_t c[6], most = i & 1 ? 15 : 3000;
        for (int k = 0; k < 6; ++k) c[k] = test_rand(&seed) % most;
        ++c[test_rand(&seed) % 3];
        ++c[3 + test_rand(&seed) % 3];
        cxm_interval a = {.size = sizeof a}, b = {.size = sizeof b};
        assert_int_equal(cxm_trinomial_interval(c[0], c[1], c[2], CXM_INTERVAL_SCORE, 0.9, &a), CXM_OK);
        assert_int_equal(cxm_trinomial_interval(c[3], c[4], c[5], CXM_INTERVAL_SCORE, 0.9, &b), CXM_OK);
        cxm_net_sample of_a = {c[0], c[1], c[2]}, of_b = {c[3], c[4], c[5]};
        cxm_difference got = compare(of_a, of_b, CXM_COMPARE_MOVER, 0.9);
        double t = ((double)c[2] - (double)c[0]) / (double)(c[0] + c[1] + c[2]);
        double u = ((double)c[5] - (double)c[3]) / (double)(c[3] + c[4] + c[5]);
        assert_near(got.difference, t - u, 1e-15);
        assert_near(got.low, t - u - hypot(t - a.low, b.high - u), 1e-14);
        assert_near(got.high, t - u + hypot(a.high - t, u - b.low), 1e-14);
        assert_close(got.se, hypot(a.se, b.se), 1e-14);
    }
}

/* The adjusted ones from the adjusted intervals of the samples: their middles and half widths. */
static void adjusted_methods_add_what_the_intervals_add(void **state)
{
    (void)state;
    static const struct { int32_t of_two, of_one; } same[] = {
        {CXM_COMPARE_WALD, CXM_INTERVAL_WALD}, {CXM_COMPARE_AW3_TRIANGULAR, CXM_INTERVAL_AW3_TRIANGULAR},
        {CXM_COMPARE_AW3_UNIFORM, CXM_INTERVAL_AW3_UNIFORM}, {CXM_COMPARE_AW4_TRIANGULAR, CXM_INTERVAL_AW4_TRIANGULAR},
        {CXM_COMPARE_AW4_UNIFORM, CXM_INTERVAL_AW4_UNIFORM}, {CXM_COMPARE_AGRESTI_MIN, CXM_INTERVAL_AGRESTI_MIN},
        {CXM_COMPARE_BONETT_PRICE, CXM_INTERVAL_BONETT_PRICE}};
    const double z = 1.95996398454005423552;
    for (size_t i = 0; i < COUNT_OF(same); ++i) {
        cxm_interval a = {.size = sizeof a}, b = {.size = sizeof b};
        assert_int_equal(cxm_trinomial_interval(9, 14, 11, same[i].of_one, 0.95, &a), CXM_OK);
        assert_int_equal(cxm_trinomial_interval(7, 5, 3, same[i].of_one, 0.95, &b), CXM_OK);
        cxm_difference got = compare((cxm_net_sample){9, 14, 11}, (cxm_net_sample){7, 5, 3}, same[i].of_two, 0.95);
        double centre = 0.5 * (a.low + a.high) - 0.5 * (b.low + b.high), half = 0.5 * hypot(a.high - a.low, b.high - b.low);
        assert_near(got.low, centre - half, 1e-14);
        assert_near(got.high, centre + half, 1e-14);
        assert_near(got.statistic, centre * z / half, 1e-13);
        assert_close(got.p, erfc(centre * z / half / sqrt(2.0)), 1e-12);
    }
}

static void without_passives_mover_is_twice_newcombe(void **state)
{
    (void)state;
    uint64_t seed = 62;
    for (int i = 0; i < 5000; ++i) {
        uint64_t m = test_rand(&seed) % 40, x = test_rand(&seed) % 40 + (m == 0), m2 = test_rand(&seed) % 40;
        uint64_t x2 = test_rand(&seed) % 40 + (m2 == 0);
        cxm_difference net = compare((cxm_net_sample){m, 0, x}, (cxm_net_sample){m2, 0, x2}, CXM_COMPARE_MOVER, 0.99);
        cxm_difference share = {.size = sizeof share};
        cxm_share_sample a = {x, x + m}, b = {x2, x2 + m2};
        assert_int_equal(cxm_compare_share(&a, &b, CXM_COMPARE_NEWCOMBE, 0.99, &share), CXM_OK);
        assert_near(net.low, 2.0 * share.low, 1e-15);
        assert_near(net.high, 2.0 * share.high, 1e-15);
        assert_close(net.p, share.p, 1e-13);
    }
}

/* Every table of up to six answers a sample: p is below 1 - level exactly when the limits leave 0 out. */
static void p_tells_what_the_limits_tell(cxm_net_sample a, cxm_net_sample b)
{
    static const double levels[] = {0.05, 0.5, 0.8, 0.9, 0.95, 0.99, 0.9999};
    for (size_t m = 0; m < COUNT_OF(methods); ++m)
        for (size_t i = 0; i < COUNT_OF(levels); ++i) {
            cxm_difference got = {.size = sizeof got};
            if (cxm_compare_net(&a, &b, methods[m], levels[i], &got) != CXM_OK) continue;
            assert_int_equal(got.p < 1.0 - levels[i], got.low > 0.0 || got.high < 0.0);
            assert_true(-2.0 <= got.low && got.low <= got.high && got.high <= 2.0 && 0.0 < got.p && got.p <= 1.0);
        }
}

static size_t tables_of(uint64_t most, cxm_net_sample *out)
{
    size_t n = 0;
    for (uint64_t minus = 0; minus <= most; ++minus)
        for (uint64_t zero = 0; minus + zero <= most; ++zero)
            for (uint64_t plus = 0; minus + zero + plus <= most; ++plus)
                if (minus + zero + plus > 0) out[n++] = (cxm_net_sample){minus, zero, plus};
    return n;
}

static void all_small_tables(void **state)
{
    (void)state;
    cxm_net_sample tables[100];
    size_t n = tables_of(6, tables);
    assert_int_equal(n, 83);
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j < n; ++j) p_tells_what_the_limits_tell(tables[i], tables[j]);
}

static uint64_t any_count(uint64_t *seed)
{
    uint64_t draw = test_rand(seed) % 8;
    return draw == 0 ? 0 : draw == 1 ? 1 : test_rand(seed) >> (2 + test_rand(seed) % 62);
}

static cxm_net_sample any_sample(uint64_t *seed)
{
    cxm_net_sample s = {any_count(seed), any_count(seed), any_count(seed)};
    if (s.minus + s.zero + s.plus == 0) s.zero = 1;
    return s;
}

static void assert_negated(const cxm_difference *got, const cxm_difference *other)
{
    assert_true(got->difference == -other->difference && got->low == -other->high && got->high == -other->low);
    assert_true(got->statistic == -other->statistic && got->p == other->p && got->se == other->se && got->df == other->df);
}

/* Any counts: in range, in order, exact mirrors when the samples or the ends are exchanged, wider with the level. */
static void any_counts_stay_sound(void **state)
{
    (void)state;
    uint64_t seed = 63;
    for (int i = 0; i < 20000; ++i) {
        if (test_left_out()) continue;
        cxm_net_sample a = any_sample(&seed), b = any_sample(&seed);
        double level = 0.5 + 0.4999 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0;
        for (size_t m = 0; m < COUNT_OF(methods); ++m) {
            cxm_difference got = {.size = sizeof got};
            if (cxm_compare_net(&a, &b, methods[m], level, &got) != CXM_OK) continue;
            cxm_difference swapped = compare(b, a, methods[m], level), wide = compare(a, b, methods[m], 0.999999);
            cxm_difference mirror = compare(mirrored(a), mirrored(b), methods[m], level);
            assert_true(-2.0 <= got.low && got.low <= got.high && got.high <= 2.0 && got.se >= 0.0);
            assert_true(0.0 <= got.p && got.p <= 1.0 && wide.low <= got.low && wide.high >= got.high);
            assert_true(wide.p == got.p && wide.statistic == got.statistic);
            if (m < 2 || methods[m] == CXM_COMPARE_WELCH)       /* the others are centred elsewhere */
                assert_true(got.low <= got.difference && got.difference <= got.high);
            assert_negated(&got, &swapped);
            assert_negated(&got, &mirror);
        }
    }
}

/* At level 1 - p the limit next to 0 is 0. */
static void p_inverts_the_limits(void **state)
{
    (void)state;
    uint64_t seed = 64;
    size_t seen = 0;
    for (int i = 0; i < 4000; ++i) {
        cxm_net_sample a = any_sample(&seed), b = any_sample(&seed);
        for (size_t m = 0; m < COUNT_OF(methods); ++m) {
            cxm_difference got = {.size = sizeof got};
            if (cxm_compare_net(&a, &b, methods[m], 0.95, &got) != CXM_OK || got.p < 1e-4 || got.p > 0.99) continue;
            cxm_difference at = compare(a, b, methods[m], 1.0 - got.p);
            assert_near(got.statistic > 0.0 ? at.low : at.high, 0.0, 1e-9 * (at.high - at.low));
            ++seen;
        }
    }
    assert_in_range(seen, 1000, 36000);
}

/* The same shares in larger samples: closer limits, smaller p, down to nothing. */
static void larger_samples_tell_more(void **state)
{
    (void)state;
    for (size_t m = 0; m < COUNT_OF(methods); ++m) {
        cxm_difference before = compare((cxm_net_sample){3, 2, 7}, (cxm_net_sample){2, 1, 2}, methods[m], 0.95);
        for (uint64_t k = 2; k < UINT64_MAX / 16; k *= 2) {
            cxm_net_sample a = {3 * k, 2 * k, 7 * k}, b = {2 * k, k, 2 * k};
            cxm_difference got = compare(a, b, methods[m], 0.95);
            assert_true(got.difference == before.difference && got.low > before.low && got.high < before.high);
            assert_true(before.p > 0.0 ? got.p < before.p : got.p == 0.0);
            assert_true(fabs(got.statistic) > fabs(before.statistic));
            before = got;
        }
        assert_true(before.p == 0.0);
    }
}

static void ends_of_the_level(void **state)
{
    (void)state;
    cxm_net_sample a = {3, 4, 5}, b = {2, 2, 1};
    cxm_difference least = compare(a, b, CXM_COMPARE_MOVER, 1e-300), most = compare(a, b, CXM_COMPARE_MOVER, 1.0 - 0x1p-53);
    assert_true(least.low == least.difference && least.high == least.difference);
    assert_true(most.low < -1.0 && most.high > 1.2 && most.p == least.p);
}

/* Two samples made ready say what the plain call says, to the bit; and nothing where they do not fit. */
static void ready_samples_say_the_same(void **state)
{
    (void)state;
    static const int32_t some_methods[] = {CXM_COMPARE_DEFAULT, CXM_COMPARE_WALD, CXM_COMPARE_WELCH, CXM_COMPARE_AW3_TRIANGULAR};
    uint64_t seed = 4;
    for (int trial = 0; trial < 2000; ++trial) {
        cxm_net_sample a = {test_rand(&seed) % 30, test_rand(&seed) % 30, test_rand(&seed) % 30};
        cxm_net_sample b = {test_rand(&seed) % 30, test_rand(&seed) % 30, test_rand(&seed) % 30};
        int32_t method = some_methods[trial % 4];
        cxm_net_ready x = {.size = sizeof x}, y = {.size = sizeof y};
        cxm_difference got = {.size = sizeof got}, want = {.size = sizeof want};
        cxm_status status = cxm_compare_net(&a, &b, method, 0.9, &want);
        cxm_status first = cxm_net_prepare(&a, method, 0.9, &x), second = cxm_net_prepare(&b, method, 0.9, &y);
        if (first == CXM_OK && second == CXM_OK) assert_int_equal(cxm_compare_net_ready(&x, &y, &got), status);
        else assert_int_equal(status, CXM_E_EMPTY);
        if (status == CXM_OK) assert_memory_equal(&got, &want, sizeof got);
    }
    cxm_net_sample some = {1, 2, 3}, none = {0, 0, 0}, huge = {UINT64_MAX, 1, 0};
    cxm_net_ready x = {.size = sizeof x}, y = {.size = sizeof y}, small = {.size = 8}, empty = {.size = sizeof empty};
    cxm_difference got = {.size = sizeof got}, short_one = {.size = 8};
    assert_int_equal(cxm_net_prepare(&some, 0, 0.9, &x), CXM_OK);
    assert_int_equal(x.method, CXM_COMPARE_MOVER);
    assert_int_equal(cxm_net_prepare(&some, 0, 0.95, &y), CXM_OK);
    assert_int_equal(cxm_compare_net_ready(&x, &y, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_net_prepare(&some, CXM_COMPARE_WALD, 0.9, &y), CXM_OK);
    assert_int_equal(cxm_compare_net_ready(&x, &y, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_compare_net_ready(&x, &empty, &got), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_net_ready(&x, &small, &got), CXM_E_ABI);
    assert_int_equal(cxm_compare_net_ready(&x, &x, &short_one), CXM_E_ABI);
    assert_int_equal(cxm_compare_net_ready(&x, NULL, &got), CXM_E_ARG);
    assert_int_equal(cxm_net_prepare(&some, CXM_COMPARE_FISHER, 0.9, &y), CXM_OK);
    assert_int_equal(cxm_compare_net_ready(&y, &y, &got), CXM_E_METHOD);
    assert_int_equal(cxm_net_prepare(&none, 0, 0.9, &y), CXM_E_EMPTY);
    assert_int_equal(cxm_net_prepare(&huge, 0, 0.9, &y), CXM_E_OVERFLOW);
    assert_int_equal(cxm_net_prepare(&some, 0, 1.0, &y), CXM_E_ARG);
    assert_int_equal(cxm_net_prepare(NULL, 0, 0.9, &y), CXM_E_ARG);
    assert_int_equal(cxm_net_prepare(&some, 0, 0.9, &small), CXM_E_ABI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r_two_sample_table), cmocka_unit_test(mover_to_twenty_digits),
        cmocka_unit_test(two_years_and_areas_of_a_survey), cmocka_unit_test(refusals), cmocka_unit_test(pure_samples),
        cmocka_unit_test(mover_joins_the_samples_own_limits),
        cmocka_unit_test(adjusted_methods_add_what_the_intervals_add), cmocka_unit_test(without_passives_mover_is_twice_newcombe),
        cmocka_unit_test(all_small_tables), cmocka_unit_test(any_counts_stay_sound), cmocka_unit_test(p_inverts_the_limits),
        cmocka_unit_test(larger_samples_tell_more), cmocka_unit_test(ends_of_the_level), cmocka_unit_test(ready_samples_say_the_same)};
    return cmocka_run_group_tests_name("inference/compare_net", tests, NULL, NULL);
}
