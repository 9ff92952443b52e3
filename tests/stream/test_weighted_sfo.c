/* SPDX-License-Identifier: MIT */
/* test_weighted_sfo.c - a real survey with weights, from records to estimates, against R's survey package.
 *
 * The two survey files are no part of the project: they are looked for in ../shared/data/sfo beside the project's root,
 * or in $CXM_SHARED/data/sfo. Without them the test says so; with CI=true it fails. */
#include <cxm/engine.h>
#include <cxm/interval.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { COLUMNS = 18, LINE = 512 };

/* A question of the survey: its column and scale, and the codes that mean no answer. */
typedef struct question { const char *column; cxm_scale_spec scale; double missing[2]; } question;

static const question netpro = {"netpro", {sizeof(cxm_scale_spec), 0, 10, 6, 9, CXM_HIGHER_IS_BETTER}, {11, 11}};
static const question overall = {"overall", {sizeof(cxm_scale_spec), 1, 5, 2, 4, CXM_HIGHER_IS_BETTER}, {0, 6}};
static const question easy_find = {"easy_find", {sizeof(cxm_scale_spec), 1, 5, 2, 4, CXM_HIGHER_IS_BETTER}, {0, 6}};

/* Quantities of sfo_expected.csv, and where they stand in a summary. */
enum reading { VALUE, SE, LOW, HIGH, KISH };
static const struct { const char *name; const question *of; int32_t value; enum reading reading; } quantities[] = {
    {"nps_weighted", &netpro, CXM_VALUE_NET, VALUE}, {"nps_weighted_se", &netpro, CXM_VALUE_NET, SE},
    {"nps_weighted_z_lo", &netpro, CXM_VALUE_NET, LOW}, {"nps_weighted_z_hi", &netpro, CXM_VALUE_NET, HIGH},
    {"kish_neff_netpro", &netpro, CXM_VALUE_NET, KISH}, {"csat_top2_weighted", &overall, CXM_VALUE_TOP, VALUE},
    {"csat_top2_weighted_se", &overall, CXM_VALUE_TOP, SE}, {"csat_mean_weighted", &overall, CXM_VALUE_MEAN, VALUE},
    {"csat_mean_weighted_se", &overall, CXM_VALUE_MEAN, SE}, {"easy_find_mean_weighted", &easy_find, CXM_VALUE_MEAN, VALUE},
    {"easy_find_mean_weighted_se", &easy_find, CXM_VALUE_MEAN, SE},
};

static FILE *open_year(const char *year)
{
    char path[1024];
    const char *shared = getenv("CXM_SHARED"), *root = getenv("CXM_TEST_ROOT"), *ci = getenv("CI");
    if (shared) snprintf(path, sizeof path, "%s/data/sfo/sfo_survey_%s.csv", shared, year);
    else snprintf(path, sizeof path, "%s/../../shared/data/sfo/sfo_survey_%s.csv", root ? root : ".", year);
    FILE *file = fopen(path, "r");
    if (!file && ci && strcmp(ci, "true") == 0) fail_msg("%s is not there", path);
    return file;
}

/* Cuts a line at its commas, in place. */
static size_t cut(char *line, char *fields[COLUMNS])
{
    size_t n = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *at = line; at && n < COLUMNS; ++n) {
        fields[n] = at;
        at = strchr(at, ',');
        if (at) *at++ = '\0';
    }
    return n;
}

static size_t column_of(char *const names[COLUMNS], const char *name, size_t len)
{
    size_t i = 0;
    while (i < COLUMNS && (strlen(names[i]) != len || memcmp(names[i], name, len) != 0)) ++i;
    assert_true(i < COLUMNS);
    return i;
}

static cxm_record record_of(char *const fields[COLUMNS], char *const names[COLUMNS], const question *q)
{
    const char *answer = fields[column_of(names, q->column, strlen(q->column))];
    char *end;
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = strtod(answer, &end)};
    record.weight = atof(fields[column_of(names, "weight", 6)]);
    if (end == answer || *end || record.value == q->missing[0] || record.value == q->missing[1]) record.answer = CXM_ANSWER_MISSING;
    return record;
}

/* One year of one question, by one segment column, which may be blank for none. */
static cxm_engine *read_year(const char *year, const question *q, const char *segment, size_t segment_len)
{
    char header[LINE], line[LINE], *names[COLUMNS], *fields[COLUMNS];
    cxm_engine_options options = {.size = sizeof options, .segments = segment_len > 0, .weighted = &q->scale};
    cxm_engine *engine = NULL;
    FILE *file = open_year(year);
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_OK);
    assert_true(fgets(header, sizeof header, file) && cut(header, names) == COLUMNS);
    while (fgets(line, sizeof line, file)) {
        assert_int_equal(cut(line, fields), COLUMNS);
        const char *text = segment_len ? fields[column_of(names, segment, segment_len)] : "";
        cxm_view view = {text, strlen(text)};
        cxm_record record = record_of(fields, names, q);
        record.segments = &view;
        record.segment_count = options.segments;
        assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
    }
    fclose(file);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    return engine;
}

/* The result whose segment is `want`; the total for a blank one. */
static const cxm_weighted *result_of(cxm_engine *engine, const char *want)
{
    cxm_engine_result got = {.size = sizeof got};
    while (cxm_engine_next(engine, &got) == CXM_OK) {
        if (*want == '\0') return got.weighted;
        if (got.segment_count && got.segments[0].len == strlen(want) && memcmp(got.segments[0].text, want, got.segments[0].len) == 0)
            return got.weighted;
    }
    fail_msg("no segment %s", want);
    return NULL;
}

static double figure(const cxm_weighted *weighted, int32_t value, enum reading reading)
{
    cxm_weighted_ask ask = {.size = sizeof ask, .value = value, .method = CXM_INTERVAL_WALD};
    cxm_weighted_summary sum = {.size = sizeof sum};
    assert_int_equal(cxm_weighted_summarize(weighted, &ask, &sum), CXM_OK);
    const double all[] = {sum.value, sum.se, sum.low, sum.high, sum.kish_n_eff};
    return all[reading];
}

static void every_weighted_figure_of_the_survey(void **state)
{
    (void)state;
    size_t compared = 0;
    FILE *there = open_year("2017");
    if (!there) {
        print_message("left out: the survey files are not beside the project\n");
        return;
    }
    fclose(there);
    test_table t = test_table_read("sfo_expected.csv");
    assert_int_equal(t.rows, 495);
    for (size_t i = 0; i < t.rows; ++i)
        for (size_t k = 0; k < COUNT_OF(quantities); ++k) {
            if (strcmp(test_cell(&t, i, "quantity"), quantities[k].name) != 0) continue;
            const char *segment = test_cell(&t, i, "domain"), *equal = strchr(segment, '=');
            cxm_engine *engine = read_year(test_cell(&t, i, "year"), quantities[k].of, segment, equal ? (size_t)(equal - segment) : 0);
            double got = figure(result_of(engine, equal ? equal + 1 : ""), quantities[k].value, quantities[k].reading);
            double tolerance = quantities[k].reading == LOW || quantities[k].reading == HIGH ? 1e-8 : 1e-9;
            test_assert_close(got, test_number(&t, i, "value"), 0.0, tolerance, quantities[k].name, __FILE__, __LINE__);
            cxm_engine_free(engine);
            ++compared;
        }
    print_message("%zu figures\n", compared);
    assert_int_equal(compared, 143);                        /* 11 quantities of two totals and eleven segments */
    test_table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_weighted_figure_of_the_survey)};
    return cmocka_run_group_tests_name("stream/weighted_sfo", tests, NULL, NULL);
}
