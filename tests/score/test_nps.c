/* SPDX-License-Identifier: MIT */
/* test_nps.c - the three NPS scales, published examples, R's limits, and the score's own algebra. */
#include <cxm/interval.h>
#include <cxm/nps.h>
#include <cxm/text.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static cxm_nps_summary of_bands(uint64_t promoters, uint64_t passives, uint64_t detractors, double level)
{
    cxm_nps_summary got = {.size = sizeof got};
    assert_int_equal(cxm_nps_of_bands(promoters, passives, detractors, level, &got), CXM_OK);
    return got;
}

/* ---- definitions ---- */

static void bands_follow_the_scale(void **state)
{
    (void)state;
    static const struct { int32_t lo, hi; const char *bands; } rows[] = {    /* d, -, p from lo to hi */
        {0, 10, "ddddddd--pp"}, {1, 5, "ddd-p"}, {1, 4, "d--p"}};
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_scale_spec spec;
        cxm_scale_ask ask;
        assert_int_equal(cxm_nps_define(rows[i].lo, rows[i].hi, &spec, &ask), CXM_OK);
        assert_true(ask.value == CXM_VALUE_NET && ask.net_unit == 100.0 && ask.size == sizeof ask);
        for (int32_t answer = rows[i].lo; answer <= rows[i].hi; ++answer) {
            char band = rows[i].bands[answer - rows[i].lo];
            cxm_scale scale;
            cxm_scale_summary sum = {.size = sizeof sum};
            assert_int_equal(cxm_scale_init(&scale, &spec), CXM_OK);
            assert_int_equal(cxm_scale_add(&scale, answer), CXM_OK);
            assert_int_equal(cxm_scale_summarize(&scale, &ask, &sum), CXM_OK);
            assert_close(sum.value, band == 'p' ? 100.0 : band == 'd' ? -100.0 : 0.0, 0.0);
        }
    }
}

static void other_scales_are_no_nps(void **state)
{
    (void)state;
    static const struct { int32_t lo, hi; } rows[] = {{1, 10}, {0, 5}, {1, 7}, {0, 9},
                                                      {-5, 5}, {10, 0}, {0, 100}, {1, 3}};
    cxm_scale_spec spec = {.size = 7}, spec_before = spec;
    cxm_scale_ask ask = {.size = 7}, ask_before = ask;
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        assert_int_equal(cxm_nps_define(rows[i].lo, rows[i].hi, &spec, &ask), CXM_E_SCALE);
    assert_int_equal(cxm_nps_define(0, 10, NULL, &ask), CXM_E_ARG);
    assert_int_equal(cxm_nps_define(0, 10, &spec, NULL), CXM_E_ARG);
    assert_memory_equal(&spec, &spec_before, sizeof spec);
    assert_memory_equal(&ask, &ask_before, sizeof ask);
}

/* ---- published figures ---- */

/* The number behind `name` in "promoters=100;passives=60" or in "promoters_pct=25". */
static uint64_t amount(const char *input, const char *name)
{
    const char *at = strstr(input, name);
    assert_non_null(at);
    return strtoull(strchr(at, '=') + 1, NULL, 10);
}

static cxm_nps_summary of_amounts(const char *input)
{
    return of_bands(amount(input, "promoters"), amount(input, "passives"), amount(input, "detractors"), 0);
}

/* "scores=1 8 8 10 5 NA 9" as a column of doubles, NA as NaN. */
static cxm_nps_summary of_scores(const char *text)
{
    double answers[20];
    size_t n = 0;
    for (char *end; *text; text = end + (*end == ' ')) {
        answers[n] = strtod(text, &end);
        if (end == text) {
            answers[n] = NAN;
            end += 2;
        }
        ++n;
    }
    cxm_nps_summary got = {.size = sizeof got};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = answers, .count = n};
    assert_int_equal(cxm_nps_of_column(&column, 0, &got), CXM_OK);
    return got;
}

static void published_examples(void **state)
{
    (void)state;
    test_table t = test_table_read("published_examples.csv");
    size_t seen = 0;
    assert_int_equal(t.rows, 15);
    for (size_t i = 0; i < t.rows; ++i) {
        if (strcmp(test_cell(&t, i, "metric"), "nps") != 0) continue;
        const char *input = test_cell(&t, i, "input"), *scores = strstr(input, "scores=");
        char text[CXM_TEXT_FIXED_MAX];
        size_t len;
        print_message("%s\n", test_cell(&t, i, "id"));
        cxm_nps_summary got = scores ? of_scores(scores + 7) : of_amounts(input);
        double want = test_number(&t, i, "published_value");
        if (strcmp(test_cell(&t, i, "quantity"), "nps_x100_integer") == 0) {     /* only shown as one */
            assert_int_equal(cxm_text_from_fixed(got.score, 0, text, sizeof text - 1, &len), CXM_OK);
            text[len] = '\0';
            assert_string_equal(text, test_cell(&t, i, "published_value"));
        } else {
            assert_close(got.score, want, 0.0);
        }
        if (scores) assert_true(got.n == 6 && got.missing == 1 && got.promoters == 2 && got.detractors == 2);
        ++seen;
    }
    assert_int_equal(seen, 4);
    test_table_free(&t);
}

static void limits_match_r(void **state)
{
    (void)state;
    test_table t = test_table_read("nps_interval.csv");
    size_t seen = 0;
    assert_int_equal(t.rows, 552);
    for (size_t i = 0; i < t.rows; ++i) {
        int wald = strcmp(test_cell(&t, i, "method"), "wald") == 0;
        if (!wald && strcmp(test_cell(&t, i, "method"), "score_tango") != 0) continue;
        uint64_t p = (uint64_t)test_number(&t, i, "promoters"), s = (uint64_t)test_number(&t, i, "passives");
        uint64_t d = (uint64_t)test_number(&t, i, "detractors");
        cxm_nps_summary got = of_bands(p, s, d, test_number(&t, i, "conf"));
        assert_near(got.score / 100.0, test_number(&t, i, "nps"), 1e-12);
        if (wald) {                                     /* the plain standard error is R's of the wald rows */
            assert_near(got.score_se / 100.0, test_number(&t, i, "se"), 1e-12);
            continue;
        }
        assert_near(got.low / 100.0, test_number(&t, i, "lower"), 1e-9);
        assert_near(got.high / 100.0, test_number(&t, i, "upper"), 1e-9);
        assert_close(got.level, test_number(&t, i, "conf"), 0.0);
        ++seen;
    }
    assert_true(seen > 20);
    test_table_free(&t);
}

/* ---- what the answers say of their scale ---- */

static cxm_status of_counts(const uint64_t counts[CXM_NPS_POINTS], cxm_nps_summary *got)
{
    *got = (cxm_nps_summary){.size = sizeof *got};
    return cxm_nps_of_counts(counts, 0.95, got);
}

static void notes_and_refusals_begin_at_thirty(void **state)
{
    (void)state;
    static const struct { uint64_t counts[CXM_NPS_POINTS]; cxm_status status; uint32_t notes; } rows[] = {
        {{0, 9, 5, 5, 5, 5}, CXM_OK, 0},                                    /* 29 answers of 1..5 */
        {{0, 10, 5, 5, 5, 5}, CXM_E_SCALE, CXM_NPS_SHORT_SCALE | CXM_NPS_NO_ZERO},
        {{1, 9, 5, 5, 5, 5}, CXM_E_SCALE, CXM_NPS_SHORT_SCALE},
        {{30}, CXM_E_SCALE, CXM_NPS_SHORT_SCALE},
        {{0, 10, 5, 5, 5, 4, 1}, CXM_OK, CXM_NPS_NO_ZERO},                  /* one 6 is enough */
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 20}, CXM_OK, 0},
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 20}, CXM_OK, CXM_NPS_NO_ZERO},
        {{1, 0, 0, 0, 0, 0, 0, 0, 0, 10, 20}, CXM_OK, 0}};
    cxm_scale scale;
    cxm_scale_spec spec;
    cxm_scale_ask ask;
    cxm_nps_define(0, 10, &spec, &ask);
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_nps_summary got;
        uint32_t notes = 99;
        assert_int_equal(of_counts(rows[i].counts, &got), rows[i].status);
        assert_int_equal(got.notes, rows[i].notes);
        assert_true(got.n > 0 && got.n == got.promoters + got.passives + got.detractors);
        cxm_scale_init(&scale, &spec);
        memcpy(scale.counts, rows[i].counts, sizeof rows[i].counts);
        assert_int_equal(cxm_nps_check(&scale, &notes), rows[i].status);
        assert_int_equal(notes, rows[i].notes);
    }
}

static void bands_are_no_answers_to_judge(void **state)
{
    (void)state;
    cxm_nps_summary got = of_bands(0, 0, 500, 0);
    assert_int_equal(got.notes, 0);
    assert_close(got.score, -100.0, 0.0);
    assert_true(isnan(got.mean) && isnan(got.sd));
    assert_int_equal(of_bands(500, 0, 0, 0).notes, 0);
}

/* ---- properties ---- */

static uint64_t any_count(uint64_t *seed)
{
    uint64_t draw = test_rand(seed) % 6;
    return draw == 0 ? 0 : test_rand(seed) >> (4 + test_rand(seed) % 60);
}

static void swapping_ends_mirrors_score_and_limits(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 5000; ++i) {
        uint64_t p = any_count(&seed), s = any_count(&seed), d = any_count(&seed);
        if (p + s + d == 0) p = 1;
        double level = 0.5 + 0.49 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0;
        cxm_nps_summary a = of_bands(p, s, d, level), b = of_bands(d, s, p, level);
        assert_true(a.score == -b.score && a.low == -b.high && a.high == -b.low && a.score_se == b.score_se);
        assert_true(-100.0 <= a.low && a.low <= a.score && a.score <= a.high && a.high <= 100.0);
    }
}

static void assert_same_score(const cxm_nps_summary *a, const cxm_nps_summary *b)
{
    assert_true(a->n == b->n && a->promoters == b->promoters && a->passives == b->passives);
    assert_true(a->detractors == b->detractors && a->score == b->score && a->score_se == b->score_se);
    assert_true(a->level == b->level && a->low == b->low && a->high == b->high);
}

static void columns_counts_and_bands_agree(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int trial = 0; trial < 500; ++trial) {
        int8_t answers[300];
        double doubles[300];
        uint64_t counts[CXM_NPS_POINTS] = {0}, n = 1 + test_rand(&seed) % 300;
        for (uint64_t i = 0; i < n; ++i) {
            doubles[i] = answers[i] = (int8_t)(i ? test_rand(&seed) % 11 : 10);     /* one 10: never refused */
            ++counts[answers[i]];
        }
        cxm_column bytes = {.size = sizeof bytes, .type = CXM_I8, .values = answers, .count = n};
        cxm_column numbers = {.size = sizeof numbers, .type = CXM_F64, .values = doubles, .count = n};
        cxm_nps_summary a = {.size = sizeof a}, b = a, c;
        assert_int_equal(cxm_nps_of_column(&bytes, 0.9, &a), CXM_OK);
        assert_int_equal(cxm_nps_of_column(&numbers, 0.9, &b), CXM_OK);
        assert_memory_equal(&a, &b, sizeof a);
        b = (cxm_nps_summary){.size = sizeof b};
        assert_int_equal(cxm_nps_of_counts(counts, 0.9, &b), CXM_OK);
        assert_memory_equal(&a, &b, sizeof a);
        c = of_bands(counts[9] + counts[10], counts[7] + counts[8],
                     counts[0] + counts[1] + counts[2] + counts[3] + counts[4] + counts[5] + counts[6], 0.9);
        assert_same_score(&a, &c);
    }
}

/* Half points fall into the gap between two whole bands: none of them may enter a denominator. */
static void half_points_are_out_of_range(void **state)
{
    (void)state;
    static const double answers[] = {10, 6.5, 9, 8.5, 7, 6, 8.999999999999998, 10.5, -0.5, 11, -1, NAN, INFINITY};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = answers, .count = COUNT_OF(answers)};
    cxm_nps_summary got = {.size = sizeof got};
    assert_int_equal(cxm_nps_of_column(&column, 0, &got), CXM_OK);
    assert_true(got.n == 4 && got.promoters == 2 && got.passives == 1 && got.detractors == 1);
    assert_true(got.out_of_range == 8 && got.missing == 1);
    assert_close(got.score, 25.0, 0.0);
    assert_close(got.mean, 8.0, 0.0);
    assert_close(got.level, 0.95, 0.0);
}

/* ---- codes ---- */

static void empty_input_writes_the_account_alone(void **state)
{
    (void)state;
    static const double answers[] = {NAN, 11, 6.5};
    static const uint64_t none[CXM_NPS_POINTS];
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = answers, .count = 3};
    cxm_nps_summary got = {.size = sizeof got, .score = 5, .low = 5}, zero = {.size = sizeof zero};
    assert_int_equal(cxm_nps_of_column(&column, 0, &got), CXM_E_EMPTY);
    assert_true(got.n == 0 && got.missing == 1 && got.out_of_range == 2);
    got.missing = got.out_of_range = 0;
    assert_memory_equal(&got, &zero, sizeof got);
    got.score = 5;
    assert_int_equal(cxm_nps_of_counts(none, 0, &got), CXM_E_EMPTY);
    assert_memory_equal(&got, &zero, sizeof got);
    got.score = 5;
    assert_int_equal(cxm_nps_of_bands(0, 0, 0, 0, &got), CXM_E_EMPTY);
    assert_memory_equal(&got, &zero, sizeof got);
}

static void misuse_leaves_the_output_as_it_was(void **state)
{
    (void)state;
    static const double levels[] = {1.0, -0.1, 1.5, NAN, INFINITY};
    static const int8_t answers[] = {10, 3};
    static const uint64_t full[CXM_NPS_POINTS] = {UINT64_MAX, 1}, some[CXM_NPS_POINTS] = {1, [10] = 1};
    cxm_column good = {.size = sizeof good, .type = CXM_I8, .values = answers, .count = 2}, bad = good, old = good;
    cxm_nps_summary out, before, small = {.size = sizeof small - 1}, small_before = small;
    memset(&out, 0x5A, sizeof out);
    out.size = sizeof out;
    before = out;
    bad.type = 9;
    old.size = 8;
    for (size_t i = 0; i < COUNT_OF(levels); ++i) {
        assert_int_equal(cxm_nps_of_column(&good, levels[i], &out), CXM_E_ARG);
        assert_int_equal(cxm_nps_of_counts(some, levels[i], &out), CXM_E_ARG);
        assert_int_equal(cxm_nps_of_bands(1, 1, 1, levels[i], &out), CXM_E_ARG);
    }
    assert_int_equal(cxm_nps_of_column(NULL, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_nps_of_column(&bad, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_nps_of_column(&old, 0, &out), CXM_E_ABI);
    assert_int_equal(cxm_nps_of_counts(NULL, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_nps_of_counts(full, 0, &out), CXM_E_OVERFLOW);
    assert_int_equal(cxm_nps_of_bands(UINT64_MAX, 0, 1, 0, &out), CXM_E_OVERFLOW);
    assert_memory_equal(&out, &before, sizeof out);
    assert_int_equal(cxm_nps_of_column(&good, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_nps_of_counts(some, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_nps_of_bands(1, 1, 1, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_nps_of_column(&good, 0, &small), CXM_E_ABI);
    assert_int_equal(cxm_nps_of_counts(some, 0, &small), CXM_E_ABI);
    assert_int_equal(cxm_nps_of_bands(1, 1, 1, 0, &small), CXM_E_ABI);
    assert_memory_equal(&small, &small_before, sizeof small);
}

static void check_wants_the_standard_scale(void **state)
{
    (void)state;
    cxm_scale_spec spec, five;
    cxm_scale_ask ask;
    cxm_scale scale, other;
    uint32_t notes = 99;
    cxm_nps_define(0, 10, &spec, &ask);
    cxm_nps_define(1, 5, &five, &ask);
    cxm_scale_init(&scale, &spec);
    cxm_scale_init(&other, &five);
    assert_int_equal(cxm_nps_check(&other, &notes), CXM_E_ARG);
    cxm_scale_define(0, 5, CXM_HIGHER_IS_BETTER, &five);    /* begins as it should, ends too early */
    cxm_scale_init(&other, &five);
    assert_int_equal(cxm_nps_check(&other, &notes), CXM_E_ARG);
    assert_int_equal(cxm_nps_check(NULL, &notes), CXM_E_ARG);
    assert_int_equal(cxm_nps_check(&scale, NULL), CXM_E_ARG);
    cxm_scale_add_n(&scale, 3, UINT64_MAX);
    cxm_scale_add(&scale, 9);
    assert_int_equal(cxm_nps_check(&scale, &notes), CXM_E_OVERFLOW);
    assert_int_equal(notes, 99);
    cxm_scale_init(&scale, &spec);
    assert_int_equal(cxm_nps_check(&scale, &notes), CXM_OK);
    assert_int_equal(notes, 0);
}

static void a_later_caller_keeps_what_we_do_not_know(void **state)
{
    (void)state;
    struct { cxm_nps_summary known; uint64_t unknown; } later = {.known = {.size = sizeof later}, .unknown = 77};
    static const uint64_t counts[CXM_NPS_POINTS] = {1, [10] = 1};
    static const int8_t answers[] = {10, 0};
    cxm_column column = {.size = sizeof column, .type = CXM_I8, .values = answers, .count = 2};
    assert_int_equal(cxm_nps_of_bands(3, 2, 1, 0, &later.known), CXM_OK);
    assert_int_equal(cxm_nps_of_counts(counts, 0, &later.known), CXM_OK);
    assert_int_equal(cxm_nps_of_column(&column, 0, &later.known), CXM_OK);
    assert_true(later.known.size == sizeof later && later.unknown == 77);
}

/* ---- shares of the bands at once ---- */

/* Rows of three counts, which the table has in the order detractors, passives, promoters. */
static void bands_hold_at_once(void **state)
{
    (void)state;
    test_table t = test_table_read("multinomial_simultaneous.csv");
    size_t seen = 0;
    assert_int_equal(t.rows, 40);
    for (size_t i = 0; i < t.rows; ++i) {
        char *at = (char *)test_cell(&t, i, "counts");
        uint64_t d = strtoull(at, &at, 10), p = strtoull(at, &at, 10), r = strtoull(at, &at, 10);
        if (*at) continue;                                  /* more than three */
        int32_t method = strcmp(test_cell(&t, i, "method"), "goodman") == 0 ? CXM_INTERVAL_DEFAULT
                                                                            : CXM_INTERVAL_QUESENBERRY_HURST;
        cxm_nps_bands got = {.size = sizeof got};
        assert_int_equal(cxm_nps_band_shares(r, p, d, method, 0.0, &got), CXM_OK);
        double category = test_number(&t, i, "category");
        const cxm_nps_band *band = category == 1.0 ? &got.detractors : category == 2.0 ? &got.passives : &got.promoters;
        assert_near(band->share, test_number(&t, i, "estimate"), 1e-15);
        assert_near(band->low, test_number(&t, i, "lower95"), 1e-12);
        assert_near(band->high, test_number(&t, i, "upper95"), 1e-12);
        assert_true(got.n == d + p + r && got.level == 0.95 && got.promoters.count == r && got.passives.count == p);
        assert_true(got.detractors.count == d && got.method == (method ? method : CXM_INTERVAL_GOODMAN));
        ++seen;
    }
    assert_int_equal(seen, 18);
    test_table_free(&t);
}

static void bands_refuse(void **state)
{
    (void)state;
    cxm_nps_bands out = {.size = sizeof out, .n = 77}, before = out, small = {.size = sizeof small - 1};
    assert_int_equal(cxm_nps_band_shares(0, 0, 0, 0, 0.0, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_nps_band_shares(UINT64_MAX, 1, 0, 0, 0.0, &out), CXM_E_OVERFLOW);
    assert_int_equal(cxm_nps_band_shares(UINT64_MAX - 1, 1, 1, 0, 0.0, &out), CXM_E_OVERFLOW);
    assert_int_equal(cxm_nps_band_shares(1, 1, 1, CXM_INTERVAL_WILSON, 0.0, &out), CXM_E_METHOD);
    assert_int_equal(cxm_nps_band_shares(1, 1, 1, 0, 1.0, &out), CXM_E_ARG);
    assert_int_equal(cxm_nps_band_shares(1, 1, 1, 0, (double)NAN, &out), CXM_E_ARG);
    assert_int_equal(cxm_nps_band_shares(1, 1, 1, 0, 0.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_nps_band_shares(1, 1, 1, 0, 0.0, &small), CXM_E_ABI);
    assert_memory_equal(&out, &before, sizeof out);
    assert_int_equal(cxm_nps_band_shares(UINT64_MAX - 2, 1, 1, 0, 0.5, &out), CXM_OK);
    assert_true(out.n == UINT64_MAX && out.promoters.high == 1.0 && out.passives.low > 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_follow_the_scale),
        cmocka_unit_test(other_scales_are_no_nps),
        cmocka_unit_test(bands_hold_at_once),
        cmocka_unit_test(bands_refuse),
        cmocka_unit_test(published_examples),
        cmocka_unit_test(limits_match_r),
        cmocka_unit_test(notes_and_refusals_begin_at_thirty),
        cmocka_unit_test(bands_are_no_answers_to_judge),
        cmocka_unit_test(swapping_ends_mirrors_score_and_limits),
        cmocka_unit_test(columns_counts_and_bands_agree),
        cmocka_unit_test(half_points_are_out_of_range),
        cmocka_unit_test(empty_input_writes_the_account_alone),
        cmocka_unit_test(misuse_leaves_the_output_as_it_was),
        cmocka_unit_test(check_wants_the_standard_scale),
        cmocka_unit_test(a_later_caller_keeps_what_we_do_not_know),
    };
    return cmocka_run_group_tests_name("score/nps", tests, NULL, NULL);
}
