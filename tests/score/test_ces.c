/* SPDX-License-Identifier: MIT */
/* test_ces.c - both questions that go by this name, in both directions, against R's means and misuse. */
#include <cxm/ces.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

/* Bands from the worst answer to the best: d difficult, - neutral, e easy. */
static const struct { int32_t lo, hi, direction; const char *bands; } scales[] = {
    {1, 7, CXM_HIGHER_IS_BETTER, "ddd-eee"}, {1, 7, CXM_LOWER_IS_BETTER, "eee-ddd"},
    {1, 5, CXM_HIGHER_IS_BETTER, "dd-ee"}, {1, 5, CXM_LOWER_IS_BETTER, "ee-dd"}};

static void bands_follow_scale_and_direction(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scales); ++i) {
        int32_t lo = scales[i].lo, hi = scales[i].hi, up = scales[i].direction == CXM_HIGHER_IS_BETTER;
        cxm_scale_spec spec;
        cxm_scale_ask ask;
        assert_int_equal(cxm_ces_define(lo, hi, scales[i].direction, &spec, &ask), CXM_OK);
        assert_true(spec.direction == scales[i].direction && ask.value == CXM_VALUE_MEAN && ask.size == sizeof ask);
        for (int32_t answer = lo; answer <= hi; ++answer) {
            uint64_t counts[7] = {0};
            char band = scales[i].bands[answer - lo];
            cxm_ces_summary got = {.size = sizeof got};
            counts[answer - lo] = 2;
            assert_int_equal(cxm_ces_of_counts(counts, lo, hi, scales[i].direction, 0, &got), CXM_OK);
            assert_true(got.n == 2 && got.easy == (band == 'e' ? 2 : 0) && got.difficult == (band == 'd' ? 2 : 0));
            assert_close(got.net, band == 'e' ? 1.0 : band == 'd' ? -1.0 : 0.0, 0.0);
            assert_close(got.rescaled, 100.0 * (up ? answer - lo : hi - answer) / (hi - lo), 1e-15);
        }
    }
}

static void other_scales_are_refused(void **state)
{
    (void)state;
    static const struct { int32_t lo, hi; } rows[] = {{0, 10}, {1, 10}, {0, 7}, {1, 6}, {7, 1}, {0, 5}};
    cxm_scale_spec spec = {.size = 7}, spec_before = spec;
    cxm_scale_ask ask = {.size = 7}, ask_before = ask;
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        assert_int_equal(cxm_ces_define(rows[i].lo, rows[i].hi, CXM_HIGHER_IS_BETTER, &spec, &ask), CXM_E_SCALE);
    assert_int_equal(cxm_ces_define(1, 7, 0, &spec, &ask), CXM_E_ARG);
    assert_int_equal(cxm_ces_define(1, 7, 3, &spec, &ask), CXM_E_ARG);
    assert_int_equal(cxm_ces_define(1, 7, CXM_HIGHER_IS_BETTER, NULL, &ask), CXM_E_ARG);
    assert_int_equal(cxm_ces_define(1, 7, CXM_HIGHER_IS_BETTER, &spec, NULL), CXM_E_ARG);
    assert_memory_equal(&spec, &spec_before, sizeof spec);
    assert_memory_equal(&ask, &ask_before, sizeof ask);
}

/* "3 5 12 40 60" as counts. */
static void read_counts(const char *text, uint64_t counts[7])
{
    char *end;
    for (size_t k = 0; k < 7 && *text; ++k, text = end + (*end == ' ')) counts[k] = strtoull(text, &end, 10);
}

static void means_and_limits_match_r(void **state)
{
    (void)state;
    test_table t = test_table_read("mean_interval.csv");
    size_t seen = 0;
    assert_int_equal(t.rows, 9);
    for (size_t i = 0; i < t.rows; ++i) {
        int32_t lo = (int32_t)test_number(&t, i, "scale_min"), hi = (int32_t)test_number(&t, i, "scale_max");
        if (lo != 1 || (hi != 5 && hi != 7)) continue;
        uint64_t counts[7] = {0};
        cxm_ces_summary got = {.size = sizeof got};
        double low = test_number(&t, i, "t_lower95"), high = test_number(&t, i, "t_upper95");
        read_counts(test_cell(&t, i, "counts"), counts);
        assert_int_equal(cxm_ces_of_counts(counts, lo, hi, CXM_HIGHER_IS_BETTER, 0, &got), CXM_OK);
        assert_close(got.mean, test_number(&t, i, "mean"), 1e-10);
        assert_close(got.mean_se, test_number(&t, i, "se"), 1e-10);
        assert_int_equal(got.interval_status, isnan(low) ? CXM_E_UNDEFINED : CXM_OK);
        if (!isnan(low)) {
            assert_close(got.low, fmax(low, lo), 1e-10);
            assert_close(got.high, fmin(high, hi), 1e-10);
        }
        ++seen;
    }
    assert_true(seen > 2);
    test_table_free(&t);
}

static void columns_and_counts_agree(void **state)
{
    (void)state;
    uint64_t seed = 23;
    for (int trial = 0; trial < 1000; ++trial) {
        int32_t answers[200], lo = 1, direction = scales[trial % 4].direction, hi = scales[trial % 4].hi;
        uint64_t counts[7] = {0}, n = 1 + test_rand(&seed) % 200;
        for (uint64_t i = 0; i < n; ++i) {
            answers[i] = lo + (int32_t)(test_rand(&seed) % (uint64_t)hi);
            ++counts[answers[i] - lo];
        }
        cxm_column column = {.size = sizeof column, .type = CXM_I32, .values = answers, .count = n};
        cxm_ces_summary a = {.size = sizeof a}, b = a;
        assert_int_equal(cxm_ces_of_column(&column, lo, hi, direction, 0.9, &a), CXM_OK);
        assert_int_equal(cxm_ces_of_counts(counts, lo, hi, direction, 0.9, &b), CXM_OK);
        assert_memory_equal(&a, &b, sizeof a);
    }
}

/* Turning scale and direction over mirrors everything but the mean's own scale. */
static void directions_mirror(void **state)
{
    (void)state;
    uint64_t seed = 29;
    for (int trial = 0; trial < 1000; ++trial) {
        uint64_t up[7], down[7];
        for (int k = 0; k < 7; ++k) down[6 - k] = up[k] = test_rand(&seed) % 50;
        cxm_ces_summary a = {.size = sizeof a}, b = a;
        assert_int_equal(cxm_ces_of_counts(up, 1, 7, CXM_HIGHER_IS_BETTER, 0, &a), CXM_OK);
        assert_int_equal(cxm_ces_of_counts(down, 1, 7, CXM_LOWER_IS_BETTER, 0, &b), CXM_OK);
        assert_true(a.n == b.n && a.easy == b.easy && a.difficult == b.difficult && a.net == b.net);
        assert_near(a.mean, 8.0 - b.mean, 1e-14);
        assert_near(a.rescaled, b.rescaled, 1e-12);
        assert_near(a.low, 8.0 - b.high, 1e-13);
    }
}

static void the_account_and_too_little_data(void **state)
{
    (void)state;
    static const double answers[] = {4, NAN, 8, 0, 4.5, 4};
    static const uint64_t none[7];
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = answers, .count = 1};
    cxm_ces_summary got = {.size = sizeof got}, zero = got;
    assert_int_equal(cxm_ces_of_column(&column, 1, 7, CXM_HIGHER_IS_BETTER, 0, &got), CXM_OK);
    assert_int_equal(got.interval_status, CXM_E_UNDEFINED);
    assert_true(isnan(got.low) && isnan(got.high) && isnan(got.mean_se) && got.mean == 4.0);
    column.count = 6;
    assert_int_equal(cxm_ces_of_column(&column, 1, 7, CXM_HIGHER_IS_BETTER, 0, &got), CXM_OK);
    assert_true(got.n == 2 && got.missing == 1 && got.out_of_range == 3);
    assert_int_equal(got.interval_status, CXM_E_UNDEFINED);         /* all alike */
    assert_close(got.mean_se, 0.0, 0.0);
    column.values = answers + 1;
    column.count = 4;
    assert_int_equal(cxm_ces_of_column(&column, 1, 7, CXM_HIGHER_IS_BETTER, 0, &got), CXM_E_EMPTY);
    assert_true(got.n == 0 && got.missing == 1 && got.out_of_range == 3);
    assert_int_equal(cxm_ces_of_counts(none, 1, 7, CXM_HIGHER_IS_BETTER, 0, &got), CXM_E_EMPTY);
    assert_memory_equal(&got, &zero, sizeof got);
}

static void misuse_leaves_the_output_as_it_was(void **state)
{
    (void)state;
    static const double levels[] = {1.0, -0.1, 1.5, NAN, INFINITY};
    static const int8_t answers[] = {5, 3};
    static const uint64_t full[7] = {UINT64_MAX, 1}, some[7] = {1, 1};
    const int32_t up = CXM_HIGHER_IS_BETTER;
    cxm_column good = {.size = sizeof good, .type = CXM_I8, .values = answers, .count = 2}, bad = good, old = good;
    cxm_ces_summary out, before, small = {.size = sizeof small - 1}, small_before = small;
    memset(&out, 0x5A, sizeof out);
    out.size = sizeof out;
    before = out;
    bad.type = 9;
    old.size = 8;
    for (size_t i = 0; i < COUNT_OF(levels); ++i) {
        assert_int_equal(cxm_ces_of_column(&good, 1, 7, up, levels[i], &out), CXM_E_ARG);
        assert_int_equal(cxm_ces_of_counts(some, 1, 7, up, levels[i], &out), CXM_E_ARG);
    }
    assert_int_equal(cxm_ces_of_column(&good, 0, 10, up, 0, &out), CXM_E_SCALE);
    assert_int_equal(cxm_ces_of_counts(some, 0, 10, up, 0, &out), CXM_E_SCALE);
    assert_int_equal(cxm_ces_of_column(&good, 1, 7, 0, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_ces_of_column(NULL, 1, 7, up, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_ces_of_column(&bad, 1, 7, up, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_ces_of_column(&old, 1, 7, up, 0, &out), CXM_E_ABI);
    assert_int_equal(cxm_ces_of_counts(NULL, 1, 7, up, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_ces_of_counts(full, 1, 7, up, 0, &out), CXM_E_OVERFLOW);
    assert_memory_equal(&out, &before, sizeof out);
    assert_int_equal(cxm_ces_of_column(&good, 1, 7, up, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ces_of_counts(some, 1, 7, up, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ces_of_column(&good, 1, 7, up, 0, &small), CXM_E_ABI);
    assert_int_equal(cxm_ces_of_counts(some, 1, 7, up, 0, &small), CXM_E_ABI);
    assert_memory_equal(&small, &small_before, sizeof small);
}

static void a_later_caller_keeps_what_we_do_not_know(void **state)
{
    (void)state;
    struct { cxm_ces_summary known; uint64_t unknown; } later = {.known = {.size = sizeof later}, .unknown = 77};
    static const uint64_t counts[5] = {1, 1};                       /* no longer than the scale */
    static const int8_t answers[] = {5, 1};
    cxm_column column = {.size = sizeof column, .type = CXM_I8, .values = answers, .count = 2};
    assert_int_equal(cxm_ces_of_counts(counts, 1, 5, CXM_LOWER_IS_BETTER, 0, &later.known), CXM_OK);
    assert_int_equal(cxm_ces_of_column(&column, 1, 5, CXM_LOWER_IS_BETTER, 0, &later.known), CXM_OK);
    assert_true(later.known.size == sizeof later && later.unknown == 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_follow_scale_and_direction),
        cmocka_unit_test(other_scales_are_refused),
        cmocka_unit_test(means_and_limits_match_r),
        cmocka_unit_test(columns_and_counts_agree),
        cmocka_unit_test(directions_mirror),
        cmocka_unit_test(the_account_and_too_little_data),
        cmocka_unit_test(misuse_leaves_the_output_as_it_was),
        cmocka_unit_test(a_later_caller_keeps_what_we_do_not_know),
    };
    return cmocka_run_group_tests_name("score/ces", tests, NULL, NULL);
}
