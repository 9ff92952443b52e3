/* SPDX-License-Identifier: MIT */
/* test_design.c - estimates under a design against R's survey package, then against their own algebra. */
#include <cxm/design.h>
#include <cxm/interval.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

/* What is measured: a column of weighted_microdata.csv on a scale. */
typedef struct measure { const char *name, *column; int32_t lo, hi, low_to, high_from, value; } measure;

static const measure measures[] = {
    {"nps_score", "nps", 0, 10, 6, 9, CXM_VALUE_NET}, {"ltr_mean", "nps", 0, 10, 6, 9, CXM_VALUE_MEAN},
    {"csat_top2", "csat", 1, 5, 2, 4, CXM_VALUE_TOP}, {"csat_mean", "csat", 1, 5, 2, 4, CXM_VALUE_MEAN},
    {"ces_mean", "ces", 1, 7, 3, 5, CXM_VALUE_MEAN}, {"ces_5to7", "ces", 1, 7, 3, 5, CXM_VALUE_TOP},
};

static const measure *measure_of(const char *name)
{
    size_t i = 0;
    while (i < COUNT_OF(measures) - 1 && strcmp(measures[i].name, name) != 0) ++i;
    assert_string_equal(measures[i].name, name);
    return &measures[i];
}

static cxm_scale_spec spec_of(const measure *m)
{
    return (cxm_scale_spec){sizeof(cxm_scale_spec), m->lo, m->hi, m->low_to, m->high_from, CXM_HIGHER_IS_BETTER};
}

static cxm_design_text view(const char *text)
{
    return (cxm_design_text){text, strlen(text)};
}

/* The row alone, as a state. */
static cxm_weighted *state_of(const cxm_scale_spec *spec, const char *answer, double weight)
{
    cxm_weighted *w = NULL;
    assert_int_equal(cxm_weighted_create(spec, NULL, &w), CXM_OK);
    if (*answer) assert_int_equal(cxm_weighted_add(w, atof(answer), weight), CXM_OK);
    else assert_int_equal(cxm_weighted_add_missing(w, weight), CXM_OK);
    return w;
}

/* Which columns of the sample make the design. */
typedef struct shape { bool strata, clusters, fpc, plain; uint32_t margins; double scale; } shape;

static shape shape_of(const char *name)
{
    shape s = {strncmp(name, "strata", 6) == 0, strstr(name, "cluster") != NULL, strstr(name, "fpc") != NULL, strncmp(name, "srs", 3) == 0, 0, 1.0};
    return s;
}

/* Without weights each row stands for as many of the population of 2800. */
static void add_row(cxm_design *design, const test_table *t, size_t i, const measure *m, shape s)
{
    cxm_scale_spec spec = spec_of(m);
    const char *segment = test_cell(t, i, "segment");
    cxm_design_text levels[2] = {view(segment), view(test_cell(t, i, "channel"))};
    cxm_weighted *w = state_of(&spec, test_cell(t, i, m->column), s.plain ? 2800.0 / 120.0 : s.scale * test_number(t, i, "weight"));
    cxm_design_leaf leaf = {.size = sizeof leaf, .domain = strcmp(segment, "new") == 0 ? 1 : 2, .levels = levels, .state = w};
    if (s.strata) leaf.stratum = view(test_cell(t, i, "stratum"));
    if (s.clusters) leaf.cluster = view(test_cell(t, i, "psu"));
    assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
    cxm_weighted_free(w);
    const char *size = s.clusters ? "fpc_n_psu" : "fpc_stratum_size";
    int32_t kind = s.clusters ? CXM_POPULATION_CLUSTERS : CXM_POPULATION_ROWS;
    if (s.fpc && s.strata) assert_int_equal(cxm_design_set_population(design, leaf.stratum, kind, test_number(t, i, size)), CXM_OK);
}

/* The sample in one order or its reverse. */
static cxm_design *design_of(const test_table *t, const measure *m, shape s, bool backwards, const cxm_alloc *alloc)
{
    cxm_design_options options = {.size = sizeof options, .margins = s.margins, .clustered = s.clusters};
    cxm_scale_spec spec = spec_of(m);
    cxm_design *design = NULL;
    assert_int_equal(cxm_design_create(&options, &spec, alloc, &design), CXM_OK);
    for (size_t i = 0; i < t->rows; ++i) add_row(design, t, backwards ? t->rows - 1 - i : i, m, s);
    assert_int_equal(cxm_design_close(design), CXM_OK);
    return design;
}

static cxm_weighted_summary summary_of(const cxm_design *design, const measure *m, int32_t method, uint32_t domain)
{
    cxm_weighted_ask ask = {.size = sizeof ask, .value = m->value, .method = method, .domain = domain};
    cxm_weighted_summary got = {.size = sizeof got};
    assert_int_equal(cxm_design_summarize(design, &ask, &got), CXM_OK);
    return got;
}

static uint32_t domain_of(const char *name)
{
    return strcmp(name, "new") == 0 ? 1 : strcmp(name, "loyal") == 0 ? 2 : 0;
}

/* srs_fpc: the population is that of all strata, 900 + 1500 + 600 rows or what the column sums to. */
static double whole_population(const test_table *t)
{
    double sum = 0.0;
    for (size_t i = 0; i < t->rows; ++i)
        if (i == 0 || strcmp(test_cell(t, i, "stratum"), test_cell(t, i - 1, "stratum")) != 0) sum += test_number(t, i, "fpc_stratum_size");
    return sum;
}

static void estimates_match_the_survey_package(void **state)
{
    (void)state;
    test_table sample = test_table_read("weighted_microdata.csv"), t = test_table_read("weighted_expected.csv");
    assert_int_equal(t.rows, 54);
    for (size_t i = 0; i < t.rows; ++i) {
        const char *name = test_cell(&t, i, "design");
        const measure *m = measure_of(test_cell(&t, i, "measure"));
        cxm_design *design = design_of(&sample, m, shape_of(name), i % 2, NULL);
        if (strcmp(name, "srs_fpc") == 0)
            assert_int_equal(cxm_design_set_population(design, view(""), CXM_POPULATION_ROWS, whole_population(&sample)), CXM_OK);
        uint32_t domain = domain_of(test_cell(&t, i, "domain"));
        cxm_weighted_summary z = summary_of(design, m, CXM_INTERVAL_WALD, domain), got = summary_of(design, m, CXM_INTERVAL_T, domain);
        print_message("%s %s %s\n", name, m->name, test_cell(&t, i, "domain"));
        assert_true(got.n == (uint64_t)test_number(&t, i, "n_valid") && got.rows == sample.rows);
        assert_near(got.value, test_number(&t, i, "estimate"), 1e-9);
        assert_near(got.se, test_number(&t, i, "se"), 1e-9);
        assert_near(got.df, test_number(&t, i, "degf"), 0.0);
        assert_near(z.low, test_number(&t, i, "z_lower95"), 1e-9);
        assert_near(z.high, test_number(&t, i, "z_upper95"), 1e-9);
        double deff = test_number(&t, i, "deff"), kish = test_number(&t, i, "kish_neff"), t_low = test_number(&t, i, "t_lower95");
        if (deff == deff) assert_near(got.deff, deff, 1e-9);
        if (kish == kish) assert_near(got.kish_n_eff, kish, 1e-9);
        if (t_low == t_low) assert_near(got.low, t_low, 1e-9);
        if (t_low == t_low) assert_near(got.high, test_number(&t, i, "t_upper95"), 1e-9);
        cxm_design_free(design);
    }
    test_table_free(&t);
    test_table_free(&sample);
}

static void share_limits_match_the_survey_package(void **state)
{
    (void)state;
    static const struct { const char *name; int32_t method; } methods[] = {
        {"logit", CXM_INTERVAL_LOGIT}, {"xlogit", CXM_INTERVAL_LOGIT}, {"asin", CXM_INTERVAL_ARCSINE},
        {"beta", CXM_INTERVAL_KORN_GRAUBARD}, {"mean", CXM_INTERVAL_T}};
    test_table sample = test_table_read("weighted_microdata.csv"), t = test_table_read("weighted_ciprop_expected.csv");
    size_t compared = 0;
    for (size_t i = 0; i < t.rows; ++i)
        for (size_t k = 0; k < COUNT_OF(methods); ++k) {
            if (strcmp(methods[k].name, test_cell(&t, i, "method")) != 0) continue;
            const measure *m = measure_of(test_cell(&t, i, "measure"));
            cxm_design *design = design_of(&sample, m, shape_of(test_cell(&t, i, "design")), false, NULL);
            cxm_weighted_ask ask = {.size = sizeof ask, .value = m->value, .method = methods[k].method, .df_answers = 1};
            cxm_weighted_summary got = {.size = sizeof got};
            assert_int_equal(cxm_design_summarize(design, &ask, &got), CXM_OK);
            print_message("%s %s %s\n", test_cell(&t, i, "design"), m->name, methods[k].name);
            assert_int_equal(got.method, methods[k].method);
            assert_near(got.low, test_number(&t, i, "lower95"), 1e-7);
            assert_near(got.high, test_number(&t, i, "upper95"), 1e-7);
            cxm_design_free(design);
            ++compared;
        }
    assert_int_equal(compared, 30);                         /* all but the six by likelihood */
    test_table_free(&t);
    test_table_free(&sample);
}

static void contrasts_match_the_survey_package(void **state)
{
    (void)state;
    test_table sample = test_table_read("weighted_microdata.csv"), t = test_table_read("weighted_ttest_expected.csv");
    assert_int_equal(t.rows, 6);
    for (size_t i = 0; i < t.rows; ++i) {
        const measure *m = measure_of(test_cell(&t, i, "measure"));
        cxm_design *design = design_of(&sample, m, shape_of(test_cell(&t, i, "design")), true, NULL);
        cxm_weighted_ask ask = {.size = sizeof ask, .value = m->value};
        cxm_design_contrast got = {.size = sizeof got}, mirrored = {.size = sizeof mirrored};
        assert_int_equal(cxm_design_compare(design, &ask, 1, 2, &got), CXM_OK);
        assert_int_equal(cxm_design_compare(design, &ask, 2, 1, &mirrored), CXM_OK);
        print_message("%s %s\n", test_cell(&t, i, "design"), m->name);
        assert_near(got.difference, test_number(&t, i, "diff"), 1e-8);
        assert_near(got.se, test_number(&t, i, "se"), 1e-8);
        assert_near(got.statistic, test_number(&t, i, "statistic"), 1e-8);
        assert_near(got.df, test_number(&t, i, "df"), 0.0);
        assert_near(got.p, test_number(&t, i, "p_two_sided"), 1e-8);
        assert_true(mirrored.difference == -got.difference && mirrored.se == got.se && mirrored.low == -got.high);
        cxm_design_free(design);
    }
    test_table_free(&t);
    test_table_free(&sample);
}

static void set_targets(cxm_design *design, bool channels)
{
    assert_int_equal(cxm_design_set_target(design, 0, view("new"), 1300), CXM_OK);
    assert_int_equal(cxm_design_set_target(design, 0, view("loyal"), 1500), CXM_OK);
    if (!channels) return;
    assert_int_equal(cxm_design_set_target(design, 1, view("email"), 1200), CXM_OK);
    assert_int_equal(cxm_design_set_target(design, 1, view("web"), 1000), CXM_OK);
    assert_int_equal(cxm_design_set_target(design, 1, view("phone"), 600), CXM_OK);
}

static cxm_design *calibrated(const test_table *sample, const measure *m, bool raked)
{
    cxm_calibrate_ask ask = {.size = sizeof ask, .tolerance = 1e-12};
    cxm_calibrate_report report = {.size = sizeof report};
    shape s = {.margins = raked ? 2 : 1, .scale = 1.0};
    cxm_design *design = design_of(sample, m, s, raked, NULL);
    set_targets(design, raked);
    assert_int_equal(cxm_design_calibrate(design, &ask, &report), CXM_OK);
    assert_true(report.converged == 1 && report.max_error <= 1e-12 && (raked ? report.rounds > 1 : report.rounds == 1));
    return design;
}

static void calibration_matches_the_survey_package(void **state)
{
    (void)state;
    test_table sample = test_table_read("weighted_microdata.csv"), t = test_table_read("calibration_expected.csv");
    assert_int_equal(t.rows, 12);
    for (size_t i = 0; i < t.rows; ++i) {
        const measure *m = measure_of(test_cell(&t, i, "measure"));
        cxm_design *design = calibrated(&sample, m, test_cell(&t, i, "method")[0] == 'r');
        cxm_weighted_summary got = summary_of(design, m, CXM_INTERVAL_T, 0);
        print_message("%s %s\n", test_cell(&t, i, "method"), m->name);
        assert_near(got.value, test_number(&t, i, "estimate"), 1e-7);
        assert_near(got.se, test_number(&t, i, "se"), 1e-7);
        cxm_design_free(design);
    }
    test_table_free(&t);
    test_table_free(&sample);
}

static void calibrated_weights_match_the_survey_package(void **state)
{
    (void)state;
    test_table sample = test_table_read("weighted_microdata.csv"), t = test_table_read("calibration_weights.csv");
    assert_int_equal(t.rows, 120);
    for (int raked = 0; raked < 2; ++raked) {
        cxm_design *design = calibrated(&sample, &measures[0], raked);
        double sum = 0.0;
        for (size_t i = 0; i < t.rows; ++i) {
            cxm_design_text levels[2] = {view(test_cell(&sample, i, "segment")), view(test_cell(&sample, i, "channel"))};
            double factor = 0.0, weight = test_number(&sample, i, "weight");
            assert_int_equal(cxm_design_factor(design, levels, &factor), CXM_OK);
            assert_close(factor * weight, test_number(&t, i, raked ? "raked" : "poststratified"), 1e-7);
            sum += factor * weight;
        }
        assert_close(sum, 2800.0, 1e-10);
        cxm_design_free(design);
    }
    test_table_free(&t);
    test_table_free(&sample);
}

/* "s=1 0 -1;w=1 2 0.5" as rows of a scale -1..1. */
static cxm_weighted *edge_state(const char *text)
{
    const cxm_scale_spec spec = {sizeof spec, -1, 1, -1, 1, CXM_HIGHER_IS_BETTER};
    cxm_weighted *w = NULL;
    char *score = (char *)strstr(text, "s=") + 2, *weight = (char *)strstr(text, "w=") + 2;
    assert_int_equal(cxm_weighted_create(&spec, NULL, &w), CXM_OK);
    while (*weight) {
        double s = strtod(score, &score), x = strtod(weight, &weight);
        assert_int_equal(cxm_weighted_add(w, s, x), CXM_OK);
    }
    return w;
}

static void edges_match_the_survey_package(void **state)
{
    (void)state;
    test_table t = test_table_read("weighted_edge.csv");
    cxm_weighted *w = NULL;
    for (size_t i = 0; i < t.rows; ++i) {
        const char *what = test_cell(&t, i, "quantity");
        cxm_weighted_ask ask = {.size = sizeof ask, .value = CXM_VALUE_NET};
        cxm_weighted_summary got = {.size = sizeof got};
        if (strcmp(test_cell(&t, i, "case"), "same") != 0) {
            cxm_weighted_free(w);
            w = edge_state(test_cell(&t, i, "case"));
        }
        if (strstr(what, "kept")) ask.zero_weight = CXM_ZERO_KEPT;
        assert_int_equal(cxm_weighted_summarize(w, &ask, &got), CXM_OK);
        assert_true(got.rows == (ask.zero_weight ? 10u : i < 4 ? 7u : 4u) && got.n == got.rows);
        print_message("%s\n", what);
        assert_near(strstr(what, "se_") ? got.se : strstr(what, "kish") ? got.kish_n_eff : got.value, test_number(&t, i, "value"), 1e-12);
    }
    cxm_weighted_free(w);
    test_table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_match_the_survey_package),
        cmocka_unit_test(share_limits_match_the_survey_package),
        cmocka_unit_test(contrasts_match_the_survey_package),
        cmocka_unit_test(calibration_matches_the_survey_package),
        cmocka_unit_test(calibrated_weights_match_the_survey_package),
        cmocka_unit_test(edges_match_the_survey_package),
    };
    return cmocka_run_group_tests_name("score/design", tests, NULL, NULL);
}
