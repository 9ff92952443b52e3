/* SPDX-License-Identifier: MIT */
/* test_csat.c - satisfied points scale by scale, published examples, Wilson's limits, misuse. */
#include <cxm/csat.h>
#include <cxm/interval.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const struct { int32_t lo, hi, satisfied_from; } scales[] = {
    {1, 2, 2}, {1, 3, 3}, {1, 4, 3}, {1, 5, 4}, {1, 6, 5}, {1, 7, 6}, {1, 10, 8}};

static cxm_csat_summary of_answers(const double *answers, size_t n, int32_t lo, int32_t hi, double level)
{
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = answers, .count = n};
    cxm_csat_summary got = {.size = sizeof got};
    assert_int_equal(cxm_csat_of_column(&column, lo, hi, level, &got), CXM_OK);
    return got;
}

static void satisfied_follows_the_scale(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scales); ++i) {
        cxm_scale_spec spec;
        cxm_scale_ask ask;
        assert_int_equal(cxm_csat_define(scales[i].lo, scales[i].hi, &spec, &ask), CXM_OK);
        assert_true(spec.direction == CXM_HIGHER_IS_BETTER && ask.value == CXM_VALUE_TOP && ask.size == sizeof ask);
        for (int32_t answer = scales[i].lo; answer <= scales[i].hi; ++answer) {
            double one = answer;
            cxm_csat_summary got = of_answers(&one, 1, scales[i].lo, scales[i].hi, 0);
            assert_close(got.share, answer >= scales[i].satisfied_from ? 1.0 : 0.0, 0.0);
            assert_close(got.rescaled, 100.0 * (answer - scales[i].lo) / (scales[i].hi - scales[i].lo), 1e-15);
            assert_close(got.mean, answer, 0.0);
        }
    }
}

static void other_scales_have_no_agreed_threshold(void **state)
{
    (void)state;
    static const struct { int32_t lo, hi; } rows[] = {{0, 100}, {0, 10}, {1, 8}, {1, 9}, {2, 5}, {5, 1}, {1, 1}};
    cxm_scale_spec spec = {.size = 7}, spec_before = spec;
    cxm_scale_ask ask = {.size = 7}, ask_before = ask;
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        assert_int_equal(cxm_csat_define(rows[i].lo, rows[i].hi, &spec, &ask), CXM_E_SCALE);
    assert_int_equal(cxm_csat_define(1, 5, NULL, &ask), CXM_E_ARG);
    assert_int_equal(cxm_csat_define(1, 5, &spec, NULL), CXM_E_ARG);
    assert_memory_equal(&spec, &spec_before, sizeof spec);
    assert_memory_equal(&ask, &ask_before, sizeof ask);
}

/* The number behind "name=" in "positive=7;neutral=1;negative=2"; 0 where there is none. */
static uint64_t amount(const char *input, const char *name)
{
    const char *at = strstr(input, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void published_examples(void **state)
{
    (void)state;
    test_table t = test_table_read("published_examples.csv");
    size_t seen = 0;
    assert_int_equal(t.rows, 15);
    for (size_t i = 0; i < t.rows; ++i) {
        if (strcmp(test_cell(&t, i, "metric"), "csat") != 0) continue;
        const char *input = test_cell(&t, i, "input");
        uint64_t good = amount(input, "positive=") + amount(input, "good=");
        uint64_t rest = amount(input, "neutral=") + amount(input, "negative=") + amount(input, "bad=");
        uint64_t total = amount(input, "total=");
        cxm_csat_summary got = {.size = sizeof got};
        print_message("%s\n", test_cell(&t, i, "id"));
        assert_int_equal(cxm_csat_of_counts(good, total ? total : good + rest, 0, &got), CXM_OK);
        assert_close(100.0 * got.share, test_number(&t, i, "published_value"), 0.0);
        ++seen;
    }
    assert_int_equal(seen, 4);
    test_table_free(&t);
}

static void limits_match_r(void **state)
{
    (void)state;
    test_table t = test_table_read("proportion_interval.csv");
    size_t seen = 0;
    assert_int_equal(t.rows, 408);
    for (size_t i = 0; i < t.rows; ++i) {
        if (strcmp(test_cell(&t, i, "method"), "wilson") != 0) continue;
        cxm_csat_summary got = {.size = sizeof got};
        assert_int_equal(cxm_csat_of_counts((uint64_t)test_number(&t, i, "x"), (uint64_t)test_number(&t, i, "n"),
                                            test_number(&t, i, "conf"), &got), CXM_OK);
        assert_near(got.low, test_number(&t, i, "lower"), 1e-12);
        assert_near(got.high, test_number(&t, i, "upper"), 1e-12);
        ++seen;
    }
    assert_true(seen > 10);
    test_table_free(&t);
}

/* A neutral answer stays in the denominator, an unanswered question does not. */
static void who_is_in_the_denominator(void **state)
{
    (void)state;
    static const double answers[] = {5, 4, 3, 1, NAN, NAN, 6, 0, 3.5, INFINITY};
    cxm_csat_summary got = of_answers(answers, COUNT_OF(answers), 1, 5, 0);
    assert_true(got.n == 4 && got.satisfied == 2 && got.missing == 2 && got.out_of_range == 4);
    assert_close(got.share, 0.5, 0.0);
    assert_close(got.share_se, 0.25, 1e-15);
    assert_close(got.mean, 3.25, 0.0);
    assert_close(got.net, 0.25, 0.0);
    assert_close(got.rescaled, 56.25, 0.0);
    assert_close(got.level, 0.95, 0.0);
}

static void columns_and_counts_agree(void **state)
{
    (void)state;
    uint64_t seed = 17;
    for (int trial = 0; trial < 1000; ++trial) {
        double answers[200];
        size_t s = (size_t)(test_rand(&seed) % COUNT_OF(scales)), n = 1 + (size_t)(test_rand(&seed) % 200);
        uint64_t satisfied = 0, width = (uint64_t)(scales[s].hi - scales[s].lo + 1);
        for (size_t i = 0; i < n; ++i) {
            answers[i] = scales[s].lo + (double)(test_rand(&seed) % width);
            satisfied += answers[i] >= scales[s].satisfied_from;
        }
        cxm_csat_summary a = of_answers(answers, n, scales[s].lo, scales[s].hi, 0.8), b = {.size = sizeof b};
        assert_int_equal(cxm_csat_of_counts(satisfied, n, 0.8, &b), CXM_OK);
        assert_true(a.n == b.n && a.satisfied == b.satisfied && a.share == b.share && a.level == b.level);
        assert_true(a.low == b.low && a.high == b.high && isnan(b.mean) && isnan(b.net) && isnan(b.rescaled));
        assert_near(a.share_se, b.share_se, 1e-15);
    }
}

static void empty_input(void **state)
{
    (void)state;
    static const double answers[] = {NAN, 9};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = answers, .count = 2};
    cxm_csat_summary got = {.size = sizeof got, .share = 5}, zero = {.size = sizeof zero}, before;
    assert_int_equal(cxm_csat_of_column(&column, 1, 5, 0, &got), CXM_E_EMPTY);
    assert_true(got.missing == 1 && got.out_of_range == 1);
    got.missing = got.out_of_range = 0;
    assert_memory_equal(&got, &zero, sizeof got);
    got.share = 5;
    before = got;
    assert_int_equal(cxm_csat_of_counts(0, 0, 0, &got), CXM_E_EMPTY);
    assert_memory_equal(&got, &before, sizeof got);         /* no account to write here */
}

static void misuse_leaves_the_output_as_it_was(void **state)
{
    (void)state;
    static const double levels[] = {1.0, -0.1, 1.5, NAN, INFINITY};
    static const int8_t answers[] = {5, 3};
    cxm_column good = {.size = sizeof good, .type = CXM_I8, .values = answers, .count = 2}, bad = good, old = good;
    cxm_csat_summary out, before, small = {.size = sizeof small - 1}, small_before = small;
    memset(&out, 0x5A, sizeof out);
    out.size = sizeof out;
    before = out;
    bad.type = 9;
    old.size = 8;
    for (size_t i = 0; i < COUNT_OF(levels); ++i) {
        assert_int_equal(cxm_csat_of_column(&good, 1, 5, levels[i], &out), CXM_E_ARG);
        assert_int_equal(cxm_csat_of_counts(1, 2, levels[i], &out), CXM_E_ARG);
    }
    assert_int_equal(cxm_csat_of_column(&good, 0, 100, 0, &out), CXM_E_SCALE);
    assert_int_equal(cxm_csat_of_column(NULL, 1, 5, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_csat_of_column(&bad, 1, 5, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_csat_of_column(&old, 1, 5, 0, &out), CXM_E_ABI);
    assert_int_equal(cxm_csat_of_counts(3, 2, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_csat_of_counts(1, 0, 0, &out), CXM_E_ARG);
    assert_memory_equal(&out, &before, sizeof out);
    assert_int_equal(cxm_csat_of_column(&good, 1, 5, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csat_of_counts(1, 2, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csat_of_column(&good, 1, 5, 0, &small), CXM_E_ABI);
    assert_int_equal(cxm_csat_of_counts(1, 2, 0, &small), CXM_E_ABI);
    assert_memory_equal(&small, &small_before, sizeof small);
}

static void a_later_caller_keeps_what_we_do_not_know(void **state)
{
    (void)state;
    struct { cxm_csat_summary known; uint64_t unknown; } later = {.known = {.size = sizeof later}, .unknown = 77};
    static const int8_t answers[] = {5, 1};
    cxm_column column = {.size = sizeof column, .type = CXM_I8, .values = answers, .count = 2};
    assert_int_equal(cxm_csat_of_counts(1, 2, 0, &later.known), CXM_OK);
    assert_int_equal(cxm_csat_of_column(&column, 1, 5, 0, &later.known), CXM_OK);
    assert_true(later.known.size == sizeof later && later.unknown == 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(satisfied_follows_the_scale),
        cmocka_unit_test(other_scales_have_no_agreed_threshold),
        cmocka_unit_test(published_examples),
        cmocka_unit_test(limits_match_r),
        cmocka_unit_test(who_is_in_the_denominator),
        cmocka_unit_test(columns_and_counts_agree),
        cmocka_unit_test(empty_input),
        cmocka_unit_test(misuse_leaves_the_output_as_it_was),
        cmocka_unit_test(a_later_caller_keeps_what_we_do_not_know),
    };
    return cmocka_run_group_tests_name("score/csat", tests, NULL, NULL);
}
