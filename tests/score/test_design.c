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
    return (shape){.strata = strncmp(name, "strata", 6) == 0, .clusters = strstr(name, "cluster") != NULL,
                   .fpc = strstr(name, "fpc") != NULL, .plain = strncmp(name, "srs", 3) == 0, .scale = 1.0};
}

/* Without weights each row stands for as many of the population of 2800. */
static void add_row(cxm_design *design, const test_table *t, size_t i, const measure *m, shape s)
{
    cxm_scale_spec spec = spec_of(m);
    const char *segment = test_cell(t, i, "segment");
    cxm_design_text levels[2] = {view(segment), view(test_cell(t, i, "channel"))};
    double weight = s.plain ? 2800.0 / 120.0 : s.scale * test_number(t, i, "weight");
    cxm_weighted *w = state_of(&spec, test_cell(t, i, m->column), weight);
    cxm_design_leaf leaf = {.size = sizeof leaf, .levels = levels, .state = w};
    leaf.domain = strcmp(segment, "new") == 0 ? 1 : 2;
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
        if (i == 0 || strcmp(test_cell(t, i, "stratum"), test_cell(t, i - 1, "stratum")) != 0)
            sum += test_number(t, i, "fpc_stratum_size");
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
        cxm_weighted_summary z = summary_of(design, m, CXM_INTERVAL_WALD, domain);
        cxm_weighted_summary got = summary_of(design, m, CXM_INTERVAL_T, domain);
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
    /* R reads the limits by likelihood off a spline, and takes its degrees of freedom from all rows. */
    static const struct { const char *name; int32_t method, df_answers; double tolerance; } methods[] = {
        {"logit", CXM_INTERVAL_LOGIT, 1, 1e-7}, {"xlogit", CXM_INTERVAL_LOGIT, 1, 1e-7},
        {"asin", CXM_INTERVAL_ARCSINE, 1, 1e-7}, {"beta", CXM_INTERVAL_KORN_GRAUBARD, 1, 1e-7},
        {"mean", CXM_INTERVAL_T, 1, 1e-7}, {"likelihood", CXM_INTERVAL_LIKELIHOOD, 0, 1e-4}};
    test_table sample = test_table_read("weighted_microdata.csv"), t = test_table_read("weighted_ciprop_expected.csv");
    size_t compared = 0;
    for (size_t i = 0; i < t.rows; ++i)
        for (size_t k = 0; k < COUNT_OF(methods); ++k) {
            if (strcmp(methods[k].name, test_cell(&t, i, "method")) != 0) continue;
            const measure *m = measure_of(test_cell(&t, i, "measure"));
            cxm_design *design = design_of(&sample, m, shape_of(test_cell(&t, i, "design")), false, NULL);
            cxm_weighted_ask ask = {.size = sizeof ask, .value = m->value, .method = methods[k].method,
                                    .df_answers = methods[k].df_answers};
            cxm_weighted_summary got = {.size = sizeof got};
            assert_int_equal(cxm_design_summarize(design, &ask, &got), CXM_OK);
            print_message("%s %s %s\n", test_cell(&t, i, "design"), m->name, methods[k].name);
            assert_int_equal(got.method, methods[k].method);
            assert_near(got.low, test_number(&t, i, "lower95"), methods[k].tolerance);
            assert_near(got.high, test_number(&t, i, "upper95"), methods[k].tolerance);
            cxm_design_free(design);
            ++compared;
        }
    assert_int_equal(compared, t.rows);
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
    assert_int_equal(t.rows, 6);
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
        double told = strstr(what, "se_") ? got.se : strstr(what, "kish") ? got.kish_n_eff : got.value;
        assert_near(told, test_number(&t, i, "value"), 1e-12);
    }
    cxm_weighted_free(w);
    test_table_free(&t);
}

/* ---- against rows, at random ---- */

enum { MOST_ROWS = 300, STRATA = 4, CLUSTERS = 6 };
typedef struct sampled { int stratum, cluster, domain; double answer, weight; } sampled;     /* NaN: no answer */

static size_t draw_rows(sampled *rows, uint64_t *seed)
{
    size_t n = 40 + test_rand(seed) % (MOST_ROWS - 40);
    for (size_t i = 0; i < n; ++i) {
        uint64_t draw = test_rand(seed);
        rows[i] = (sampled){(int)(draw % STRATA), (int)((draw >> 8) % CLUSTERS), (int)((draw >> 16) % 3),
                            (draw >> 24) % 9 ? (double)((draw >> 32) % 11) : (double)NAN, (double)((draw >> 40) % 500) / 30.0 + 0.05};
    }
    return n;
}

static cxm_design_text letter(char *room, int which)
{
    room[0] = (char)('a' + which);
    return (cxm_design_text){room, 1};
}

static void add_sampled(cxm_design *design, sampled row, const cxm_weighted *w)
{
    char stratum[1], cluster[1];
    cxm_design_leaf leaf = {.size = sizeof leaf, .domain = (uint32_t)row.domain, .stratum = letter(stratum, row.stratum),
                            .cluster = letter(cluster, row.cluster), .state = w};
    assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
}

/* Every row a leaf of its own, from one end or the other. */
static cxm_design *sampled_design(const sampled *rows, size_t n, bool clustered, bool backwards, const cxm_alloc *alloc)
{
    const cxm_scale_spec spec = spec_of(&measures[0]);
    cxm_design_options options = {.size = sizeof options, .clustered = clustered};
    cxm_design *design = NULL;
    assert_int_equal(cxm_design_create(&options, &spec, alloc, &design), CXM_OK);
    for (size_t i = 0; i < n; ++i) {
        sampled row = rows[backwards ? n - 1 - i : i];
        cxm_weighted *w = NULL;
        assert_int_equal(cxm_weighted_create(&spec, NULL, &w), CXM_OK);
        assert_int_equal(cxm_weighted_add(w, row.answer, row.weight), CXM_OK);
        add_sampled(design, row, w);
        cxm_weighted_free(w);
    }
    assert_int_equal(cxm_design_close(design), CXM_OK);
    return design;
}

static bool counts_in(const sampled *row, int domain)
{
    return row->answer == row->answer && (domain == 0 || row->domain == domain);
}

static double mean_of_rows(const sampled *rows, size_t n, int domain, double *weights)
{
    double sum = 0.0;
    *weights = 0.0;
    for (size_t i = 0; i < n; ++i)
        if (counts_in(&rows[i], domain)) sum += rows[i].weight * rows[i].answer, *weights += rows[i].weight;
    return sum / *weights;
}

/* The influence of a row on the mean of a domain. */
static double influence_of(const sampled *row, int domain, double mean, double weights)
{
    return counts_in(row, domain) ? row->weight * (row->answer - mean) / weights : 0.0;
}

/* sum over strata of (1 - f) n / (n - 1) sum (U - mean U)^2, rows or clusters, straight from the definition. */
static double variance_of_rows(const sampled *rows, size_t n, const double *u, bool clustered, double kept)
{
    double variance = 0.0;
    for (int h = 0; h < STRATA; ++h) {
        double total[MOST_ROWS] = {0}, sum = 0.0, squares = 0.0;
        bool there[MOST_ROWS] = {false};
        size_t units = 0;
        for (size_t i = 0; i < n; ++i) {
            if (rows[i].stratum != h) continue;
            size_t unit = clustered ? (size_t)rows[i].cluster : i;
            total[unit] += u[i];
            there[unit] = true;
        }
        for (size_t k = 0; k < MOST_ROWS; ++k) units += there[k], sum += total[k];
        for (size_t k = 0; k < MOST_ROWS; ++k)
            if (there[k]) squares += (total[k] - sum / (double)units) * (total[k] - sum / (double)units);
        if (units > 1) variance += kept * (double)units / (double)(units - 1) * squares;
    }
    return variance;
}

static void estimates_are_those_of_the_rows(void **state)
{
    (void)state;
    uint64_t seed = 17;
    for (int trial = 0; trial < 60; ++trial) {
        sampled rows[MOST_ROWS];
        double u[MOST_ROWS], weights;
        bool clustered = trial % 2;
        size_t n = draw_rows(rows, &seed);
        cxm_design *design = sampled_design(rows, n, clustered, false, NULL);
        char room[1];
        for (int h = 0; trial % 3 == 0 && h < STRATA; ++h)
            assert_int_equal(cxm_design_set_population(design, letter(room, h), CXM_POPULATION_FRACTION, 0.25), CXM_OK);
        for (int domain = 0; domain < 3; ++domain) {
            cxm_weighted_ask ask = {.size = sizeof ask, .domain = (uint32_t)domain};
            cxm_weighted_summary got = {.size = sizeof got};
            double mean = mean_of_rows(rows, n, domain, &weights);
            for (size_t i = 0; i < n; ++i) u[i] = influence_of(&rows[i], domain, mean, weights);
            assert_int_equal(cxm_design_summarize(design, &ask, &got), CXM_OK);
            assert_close(got.mean, mean, 1e-13);
            assert_close(got.se, sqrt(variance_of_rows(rows, n, u, clustered, trial % 3 ? 1.0 : 0.75)), 1e-11);
        }
        double first, second, a = mean_of_rows(rows, n, 1, &first), b = mean_of_rows(rows, n, 2, &second);
        cxm_design_contrast contrast = {.size = sizeof contrast};
        for (size_t i = 0; i < n; ++i) u[i] = influence_of(&rows[i], 1, a, first) - influence_of(&rows[i], 2, b, second);
        assert_int_equal(cxm_design_compare(design, NULL, 1, 2, &contrast), CXM_OK);
        assert_near(contrast.difference, a - b, 1e-12);
        assert_close(contrast.se, sqrt(variance_of_rows(rows, n, u, clustered, trial % 3 ? 1.0 : 0.75)), 1e-11);
        assert_close(contrast.high - contrast.difference, contrast.difference - contrast.low, 1e-9);
        cxm_design_free(design);
    }
}

static cxm_weighted_summary plain_summary(const cxm_design *design, uint32_t domain)
{
    cxm_weighted_ask ask = {.size = sizeof ask, .domain = domain, .value = CXM_VALUE_TOP};
    cxm_weighted_summary got = {.size = sizeof got};
    assert_int_equal(cxm_design_summarize(design, &ask, &got), CXM_OK);
    return got;
}

/* To the last bit: leaves of one row from either end, or merged before. */
static void the_order_of_leaves_changes_nothing(void **state)
{
    (void)state;
    uint64_t seed = 44;
    for (int trial = 0; trial < 40; ++trial) {
        sampled rows[MOST_ROWS];
        size_t n = draw_rows(rows, &seed);
        const cxm_scale_spec spec = spec_of(&measures[0]);
        cxm_design_options options = {.size = sizeof options, .clustered = 1};
        cxm_design *forth = sampled_design(rows, n, true, false, NULL), *merged = NULL;
        cxm_design *back = sampled_design(rows, n, true, true, NULL);
        assert_int_equal(cxm_design_create(&options, &spec, NULL, &merged), CXM_OK);
        for (int cell = STRATA * CLUSTERS * 3; cell-- > 0;) {
            sampled place = {cell % STRATA, cell / STRATA % CLUSTERS, cell / STRATA / CLUSTERS, 0.0, 0.0};
            cxm_weighted *w = NULL;
            assert_int_equal(cxm_weighted_create(&spec, NULL, &w), CXM_OK);
            for (size_t i = 0; i < n; ++i)
                if (rows[i].stratum == place.stratum && rows[i].cluster == place.cluster && rows[i].domain == place.domain)
                    assert_int_equal(cxm_weighted_add(w, rows[i].answer, rows[i].weight), CXM_OK);
            add_sampled(merged, place, w);
            cxm_weighted_free(w);
        }
        assert_int_equal(cxm_design_close(merged), CXM_OK);
        for (uint32_t domain = 0; domain < 3; ++domain) {
            cxm_weighted_summary a = plain_summary(forth, domain), b = plain_summary(back, domain);
            cxm_weighted_summary c = plain_summary(merged, domain);
            assert_memory_equal(&a, &b, sizeof a);
            assert_memory_equal(&a, &c, sizeof a);
        }
        cxm_design_free(forth);
        cxm_design_free(back);
        cxm_design_free(merged);
    }
}

/* ---- by hand ---- */

/* A stratum a with 0, 10 and a stratum b with 4 alone, all of weight 1: m = 14/3, W = 3. */
static cxm_design *lonely_design(bool clustered)
{
    static const sampled rows[] = {{0, 0, 1, 0, 1}, {0, 1, 1, 10, 1}, {1, 2, 1, 4, 1}};
    return sampled_design(rows, 3, clustered, false, NULL);
}

/* u is -14/9, 16/9 and -2/9. Stratum a adds 2/1 2 (15/9)^2 = 100/9. */
static void a_lonely_stratum_is_named_and_does_as_told(void **state)
{
    (void)state;
    static const double want[] = {(double)NAN, 100.0 / 9.0, 100.0 / 9.0 + 4.0 / 81.0, 200.0 / 9.0};
    for (int clustered = 0; clustered < 2; ++clustered) {
        cxm_design *design = lonely_design(clustered);
        cxm_weighted_ask ask = {.size = sizeof ask};
        cxm_weighted_summary got = {.size = sizeof got};
        cxm_design_text name;
        uint64_t next = 0;
        for (ask.lonely = CXM_LONELY_FAIL; ask.lonely <= CXM_LONELY_AVERAGE; ++ask.lonely) {
            assert_int_equal(cxm_design_summarize(design, &ask, &got), CXM_OK);
            assert_true(got.lonely == 1 && got.strata == 2 && got.clusters == 3 && got.df == 1.0);
            assert_close(got.value, 14.0 / 3.0, 1e-15);
            assert_int_equal(got.se_status, ask.lonely ? CXM_OK : CXM_E_UNDEFINED);
            assert_int_equal(got.interval_status, ask.lonely ? CXM_OK : CXM_E_UNDEFINED);
            if (ask.lonely) assert_close(got.se, sqrt(want[ask.lonely]), 1e-14);
            else assert_true(got.se != got.se && got.low != got.low && got.deff_status == CXM_E_UNDEFINED);
        }
        assert_int_equal(cxm_design_lonely(design, NULL, &next, &name), CXM_OK);
        assert_true(name.len == 1 && name.text[0] == 'b');
        assert_int_equal(cxm_design_lonely(design, NULL, &next, &name), CXM_END);
        assert_int_equal(cxm_design_set_population(design, name, CXM_POPULATION_ROWS, 1), CXM_OK);     /* a census of one */
        assert_int_equal(cxm_design_summarize(design, NULL, &got), CXM_OK);
        assert_true(got.lonely == 0);
        next = 0;
        assert_int_equal(cxm_design_lonely(design, NULL, &next, &name), CXM_END);
        assert_close(got.se, sqrt(want[1]), 1e-14);
        cxm_design_free(design);
    }
}

static void populations_take_their_part_of_the_variance(void **state)
{
    (void)state;
    sampled rows[] = {{0, 0, 1, 0, 1}, {0, 0, 1, 10, 1}, {0, 1, 1, 7, 2}, {0, 1, 1, 1, 1}, {0, 2, 1, 3, 1}};
    cxm_design *design = sampled_design(rows, 5, true, false, NULL);
    const cxm_design_text a = {"a", 1};
    double whole = plain_summary(design, 0).se;
    static const struct { int32_t kind; double size, left; } cases[] = {
        {CXM_POPULATION_ROWS, 20, 0.75}, {CXM_POPULATION_CLUSTERS, 6, 0.5}, {CXM_POPULATION_FRACTION, 0.1, 0.9},
        {CXM_POPULATION_CLUSTERS, 3, 0.0}, {CXM_POPULATION_FRACTION, 1, 0.0}};
    cxm_weighted_ask ask = {.size = sizeof ask, .value = CXM_VALUE_TOP};
    cxm_weighted_summary got = {.size = sizeof got};
    cxm_design_contrast contrast = {.size = sizeof contrast};
    for (size_t i = 0; i < COUNT_OF(cases); ++i) {
        assert_int_equal(cxm_design_set_population(design, a, cases[i].kind, cases[i].size), CXM_OK);
        assert_int_equal(cxm_design_summarize(design, &ask, &got), CXM_OK);
        assert_close(got.se, whole * sqrt(cases[i].left), 1e-14);
    }
    assert_int_equal(cxm_design_set_population(design, a, CXM_POPULATION_ROWS, 4), CXM_OK);
    assert_int_equal(cxm_design_summarize(design, &ask, &got), CXM_E_DOMAIN);
    assert_int_equal(cxm_design_compare(design, &ask, 1, 2, &contrast), CXM_E_EMPTY);
    cxm_design_free(design);
}

/* Answers of one person: the key is the cluster. By hand, the sums of u of k1, k2, k3 are used. */
static void a_repeated_key_is_a_cluster(void **state)
{
    (void)state;
    static const sampled rows[] = {{0, 0, 0, 10, 1}, {0, 0, 0, 9, 1}, {0, 1, 0, 2, 1}, {0, 2, 0, 7, 1}, {0, 2, 0, 7, 1}};
    cxm_design *keys = sampled_design(rows, 5, true, false, NULL), *apart = sampled_design(rows, 5, false, false, NULL);
    cxm_weighted_summary a, b;
    cxm_weighted_ask ask = {.size = sizeof ask};
    a.size = b.size = sizeof a;
    assert_int_equal(cxm_design_summarize(keys, &ask, &a), CXM_OK);
    assert_int_equal(cxm_design_summarize(apart, &ask, &b), CXM_OK);
    assert_true(a.mean == 7.0 && b.mean == 7.0 && a.clusters == 3 && b.clusters == 5 && a.df == 2.0 && b.df == 4.0);
    assert_close(a.se, sqrt(1.5 * (1.0 + 1.0)), 1e-15);             /* sums of u: 5/5, -5/5, 0 */
    assert_close(b.se, sqrt(1.25 * (9.0 + 4.0 + 25.0) / 25.0), 1e-15);
    cxm_design_free(keys);
    cxm_design_free(apart);
}

/* Weight 0 kept in the design is the same as a row outside the domain. */
static void rows_of_weight_0_are_rows_outside(void **state)
{
    (void)state;
    sampled rows[] = {{0, 0, 1, 0, 1}, {0, 1, 1, 10, 3}, {1, 2, 1, 7, 2}, {1, 3, 1, 1, 1}, {1, 4, 1, 3, 0}, {0, 5, 1, NAN, 0}};
    for (int clustered = 0; clustered < 2; ++clustered) {
        cxm_design *zero = sampled_design(rows, 6, clustered, false, NULL);
        cxm_design *dropped = sampled_design(rows, 4, clustered, false, NULL);
        sampled outside[6];
        memcpy(outside, rows, sizeof outside);
        outside[4].weight = outside[5].weight = 1.0;
        outside[4].domain = outside[5].domain = 2;
        cxm_design *domain = sampled_design(outside, 6, clustered, false, NULL);
        cxm_weighted_ask keep = {.size = sizeof keep, .zero_weight = CXM_ZERO_KEPT}, drop = {.size = sizeof drop};
        cxm_weighted_ask one = {.size = sizeof one, .domain = 1};
        cxm_weighted_summary a = {.size = sizeof a}, b = a, c = a, d = a;
        assert_int_equal(cxm_design_summarize(zero, &keep, &a), CXM_OK);
        assert_int_equal(cxm_design_summarize(domain, &one, &b), CXM_OK);
        assert_int_equal(cxm_design_summarize(zero, &drop, &c), CXM_OK);
        assert_int_equal(cxm_design_summarize(dropped, &drop, &d), CXM_OK);
        assert_true(a.se == b.se && a.value == b.value && a.rows == 6 && a.n == 5 && b.n == 4 && a.zero == 2);
        assert_true(c.se == d.se && c.rows == 4 && c.clusters == 4 && a.clusters == 6 && c.se != a.se);
        cxm_design_free(zero);
        cxm_design_free(dropped);
        cxm_design_free(domain);
    }
}

/* A cap on Korn and Graubard's n widens the limits where the design did better than its rows. */
static void a_cap_holds_the_scaled_n_to_the_rows(void **state)
{
    (void)state;
    sampled rows[20];
    for (int i = 0; i < 20; ++i) rows[i] = (sampled){i % 4, i % 4, 1, i < 4 || i % 4 == 1 ? 10 : 0, 1};
    cxm_design *design = sampled_design(rows, 20, false, false, NULL);
    cxm_weighted_ask ask = {.size = sizeof ask, .value = CXM_VALUE_TOP, .method = CXM_INTERVAL_KORN_GRAUBARD};
    cxm_weighted_summary free_n = {.size = sizeof free_n}, capped = free_n;
    cxm_interval exact = {.size = sizeof exact};
    assert_int_equal(cxm_design_summarize(design, &ask, &free_n), CXM_OK);
    ask.cap_n = 1;
    assert_int_equal(cxm_design_summarize(design, &ask, &capped), CXM_OK);
    assert_int_equal(cxm_share_interval(8, 20, CXM_INTERVAL_CLOPPER_PEARSON, 0.95, &exact), CXM_OK);
    assert_true(free_n.deff_replacement < 1.0 && capped.low < free_n.low && capped.high > free_n.high);
    assert_close(capped.low, exact.low, 1e-13);
    assert_close(capped.high, exact.high, 1e-13);
    cxm_design_free(design);
}

/* ---- calibration ---- */

static bool same_text(cxm_design_text a, const char *b)
{
    return a.len == strlen(b) && memcmp(a.text, b, a.len) == 0;
}

static void calibration_says_what_is_wrong(void **state)
{
    (void)state;
    test_table sample = test_table_read("weighted_microdata.csv");
    shape s = {.margins = 2, .scale = 1.0};
    cxm_design *design = design_of(&sample, &measures[0], s, false, NULL);
    cxm_calibrate_report report = {.size = sizeof report};
    cxm_calibrate_ask ask = {.size = sizeof ask, .max_rounds = 2};
    double factor;
    cxm_design_text levels[2] = {view("new"), view("web")}, unknown[2] = {view("new"), view("fax")};
    double before = summary_of(design, &measures[0], 0, 0).se;
    set_targets(design, false);
    assert_int_equal(cxm_design_calibrate(design, NULL, &report), CXM_E_MISMATCH);
    assert_true(report.margin == 1 && same_text(report.level, "email"));     /* the first by bytes */
    assert_int_equal(cxm_design_factor(design, levels, &factor), CXM_E_ARG);
    set_targets(design, true);
    assert_int_equal(cxm_design_set_target(design, 1, view("letter"), 5), CXM_OK);
    assert_int_equal(cxm_design_calibrate(design, NULL, &report), CXM_E_EMPTY);
    assert_true(report.margin == 1 && same_text(report.level, "letter"));
    assert_true(summary_of(design, &measures[0], 0, 0).se == before);       /* as if never asked */
    assert_int_equal(cxm_design_set_target(design, 1, view("letter"), 0), CXM_OK);
    assert_int_equal(cxm_design_calibrate(design, &ask, &report), CXM_OK);
    assert_true(report.converged == 0 && report.rounds == 2 && report.max_error > 1e-10 && report.level.len > 0);
    assert_int_equal(cxm_design_factor(design, levels, &factor), CXM_OK);
    assert_int_equal(cxm_design_factor(design, unknown, &factor), CXM_E_EMPTY);
    assert_int_equal(cxm_design_set_target(design, 1, view("web"), 4000), CXM_OK);      /* margins that disagree */
    assert_int_equal(cxm_design_calibrate(design, NULL, &report), CXM_OK);
    assert_true(report.converged == 0 && report.rounds == 200 && report.max_error > 0.1);
    for (double much = 1e6; much < 1e101; much *= 1e47) {                                /* by whatever factor, and for long */
        cxm_calibrate_ask long_one = {.size = sizeof long_one, .max_rounds = 3000};
        assert_int_equal(cxm_design_set_target(design, 1, view("web"), much), CXM_OK);
        assert_int_equal(cxm_design_calibrate(design, &long_one, &report), CXM_OK);
        assert_true(report.converged == 0 && report.rounds == 3000 && report.max_error > 0.1 && isfinite(report.max_error));
        assert_true(isfinite(summary_of(design, &measures[0], 0, 0).se));
    }
    assert_int_equal(cxm_design_set_target(design, 1, view("web"), 0), CXM_OK);         /* where others leave no weight */
    assert_int_equal(cxm_design_set_target(design, 1, view("email"), 1e90), CXM_OK);
    assert_int_equal(cxm_design_calibrate(design, NULL, &report), CXM_OK);
    assert_true(report.converged == 0 && report.max_error > 0.1 && isfinite(report.max_error));
    assert_true(isfinite(summary_of(design, &measures[0], 0, 0).value));
    assert_int_equal(cxm_design_set_target(design, 1, view("web"), 0), CXM_OK);         /* a level that is to go */
    assert_int_equal(cxm_design_set_target(design, 1, view("email"), 2200), CXM_OK);
    assert_int_equal(cxm_design_calibrate(design, NULL, &report), CXM_OK);
    assert_int_equal(cxm_design_factor(design, levels, &factor), CXM_OK);
    assert_true(report.converged == 1 && factor == 0.0);
    cxm_design_free(design);
    test_table_free(&sample);
}

/* Totals that hold already: factors of 1, the same estimate. */
static void totals_that_hold_change_no_weight(void **state)
{
    (void)state;
    test_table sample = test_table_read("weighted_microdata.csv");
    shape s = {.margins = 1, .scale = 1.0};
    cxm_design *design = design_of(&sample, &measures[0], s, false, NULL);
    double sums[2] = {0.0, 0.0}, factor = 0.0;
    cxm_calibrate_report report = {.size = sizeof report};
    assert_int_equal(sample.rows, 120);
    for (size_t i = 0; i < sample.rows; ++i)
        sums[strcmp(test_cell(&sample, i, "segment"), "new") != 0] += test_number(&sample, i, "weight");
    double before = summary_of(design, &measures[0], 0, 0).value;
    cxm_design_text level = view("new");
    assert_int_equal(cxm_design_set_target(design, 0, view("new"), sums[0]), CXM_OK);
    assert_int_equal(cxm_design_set_target(design, 0, view("loyal"), sums[1]), CXM_OK);
    assert_int_equal(cxm_design_calibrate(design, NULL, &report), CXM_OK);
    assert_int_equal(cxm_design_factor(design, &level, &factor), CXM_OK);
    assert_close(factor, 1.0, 1e-14);
    assert_close(summary_of(design, &measures[0], 0, 0).value, before, 1e-13);
    cxm_design_free(design);
    test_table_free(&sample);
}

/* ---- memory and misuse ---- */

/* One session with a sample, calibrated, summed up and compared; what fails is tried again. */
static double session(ledger *books, const test_table *sample, bool *failed)
{
    cxm_alloc hook = ledger_hook(books);
    cxm_design_options options = {.size = sizeof options, .margins = 2, .clustered = 1};
    const cxm_scale_spec spec = spec_of(&measures[0]);
    cxm_design *design = NULL;
    cxm_calibrate_report report = {.size = sizeof report};
    cxm_weighted_summary sum = {.size = sizeof sum};
    cxm_design_contrast contrast = {.size = sizeof contrast};
    cxm_status status;
#define AGAIN(call) \
    do { status = (call); *failed = *failed || status == CXM_E_MEMORY; } while (status == CXM_E_MEMORY); assert_int_equal(status, CXM_OK)
    AGAIN(cxm_design_create(&options, &spec, &hook, &design));
    for (size_t i = 0; i < sample->rows; ++i) {
        const char *segment = test_cell(sample, i, "segment");
        cxm_design_text levels[2] = {view(segment), view(test_cell(sample, i, "channel"))};
        cxm_weighted *w = state_of(&spec, test_cell(sample, i, "nps"), test_number(sample, i, "weight"));
        cxm_design_leaf leaf = {.size = sizeof leaf, .levels = levels, .state = w};
        leaf.domain = strcmp(segment, "new") == 0 ? 1 : 2;
        leaf.stratum = view(test_cell(sample, i, "stratum"));
        leaf.cluster = view(test_cell(sample, i, "psu"));
        AGAIN(cxm_design_add(design, &leaf));
        AGAIN(cxm_design_set_population(design, leaf.stratum, CXM_POPULATION_CLUSTERS, 40));
        AGAIN(cxm_design_set_target(design, 0, levels[0], 1000));
        AGAIN(cxm_design_set_target(design, 1, levels[1], 2000.0 / 3.0));
        cxm_weighted_free(w);
    }
    AGAIN(cxm_design_close(design));
    AGAIN(cxm_design_calibrate(design, NULL, &report));
    AGAIN(cxm_design_summarize(design, NULL, &sum));
    AGAIN(cxm_design_compare(design, NULL, 1, 2, &contrast));
#undef AGAIN
    cxm_design_free(design);
    assert_true(books->live == 0);
    return sum.se + contrast.se;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    test_table sample = test_table_read("weighted_microdata.csv");
    ledger books = {0};
    bool failed = false;
    double want = session(&books, &sample, &failed);
    assert_true(!failed && want > 0.0);
    for (size_t k = 1;; ++k) {
        books = (ledger){.fail_at = k};
        failed = false;
        assert_true(session(&books, &sample, &failed) == want);
        if (!failed) break;
    }
    test_table_free(&sample);
}

static void memory_stays_within_the_bound(void **state)
{
    (void)state;
    const cxm_scale_spec spec = spec_of(&measures[0]);
    cxm_weighted *w = state_of(&spec, "9", 0.3);
    for (uint64_t bound = 1; bound < 4000; bound += 37) {
        ledger books = {0};
        cxm_alloc hook = ledger_hook(&books);
        cxm_design_options options = {.size = sizeof options, .max_bytes = bound};
        cxm_design *design = NULL;
        assert_int_equal(cxm_design_create(&options, &spec, &hook, &design), CXM_OK);
        size_t own = books.live;
        cxm_status status = CXM_OK;
        for (int i = 0; status == CXM_OK && i < 100; ++i) {
            char room[1];
            cxm_design_leaf leaf = {.size = sizeof leaf, .stratum = letter(room, i), .state = w};
            status = cxm_design_add(design, &leaf);
            if (status == CXM_OK) status = cxm_design_set_population(design, leaf.stratum, CXM_POPULATION_ROWS, 50);
        }
        assert_int_equal(status, CXM_E_LIMIT);
        assert_true(books.peak <= own + bound);
        cxm_design_free(design);
        assert_true(books.live == 0);
    }
    cxm_weighted_free(w);
}

static void misuse_is_an_error(void **state)
{
    (void)state;
    const cxm_scale_spec spec = spec_of(&measures[0]), other = spec_of(&measures[2]);
    cxm_scale_spec bad = spec;
    bad.high_from = 99;
    cxm_alloc broken = {NULL, NULL, NULL, NULL};
    cxm_design_options options = {.size = sizeof options, .margins = 1, .clustered = 1}, wrong = options;
    cxm_design *design = NULL;
    cxm_weighted *w = state_of(&spec, "9", 1), *stranger = state_of(&other, "4", 1);
    cxm_design_text level = view("x"), no_text = {NULL, 1}, name;
    cxm_design_leaf good = {.size = sizeof good, .domain = 1, .levels = &level, .state = w}, leaf;
    cxm_weighted_summary sum = {.size = sizeof sum};
    cxm_design_contrast contrast = {.size = sizeof contrast};
    cxm_calibrate_report report = {.size = sizeof report};
    cxm_calibrate_ask how = {.size = sizeof how};
    cxm_weighted_ask ask = {.size = 4};
    uint64_t next = 0;
    double factor;
    assert_int_equal(cxm_design_create(NULL, &spec, NULL, &design), CXM_E_ARG);
    assert_int_equal(cxm_design_create(&options, &bad, NULL, &design), CXM_E_ARG);
    assert_int_equal(cxm_design_create(&options, NULL, NULL, &design), CXM_E_ARG);
    assert_int_equal(cxm_design_create(&options, &spec, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_design_create(&options, &spec, &broken, &design), CXM_E_ARG);
    wrong.size = 8;
    assert_int_equal(cxm_design_create(&wrong, &spec, NULL, &design), CXM_E_ABI);
    wrong = options, wrong.margins = 9;
    assert_int_equal(cxm_design_create(&wrong, &spec, NULL, &design), CXM_E_ARG);
    wrong = options, wrong.clustered = 2;
    assert_int_equal(cxm_design_create(&wrong, &spec, NULL, &design), CXM_E_ARG);
    wrong = options, wrong.reserved = 1;
    assert_int_equal(cxm_design_create(&wrong, &spec, NULL, &design), CXM_E_ARG);
    assert_null(design);
    assert_int_equal(cxm_design_create(&options, &spec, NULL, &design), CXM_OK);
    assert_int_equal(cxm_design_add(NULL, &good), CXM_E_ARG);
    assert_int_equal(cxm_design_add(design, NULL), CXM_E_ARG);
    leaf = good, leaf.size = 8;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_E_ABI);
    leaf = good, leaf.state = NULL;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_E_ARG);
    leaf = good, leaf.levels = NULL;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_E_ARG);
    leaf = good, leaf.levels = &no_text;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_E_ARG);
    leaf = good, leaf.stratum = no_text;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_E_ARG);
    leaf = good, leaf.cluster = no_text;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_E_ARG);
    leaf = good, leaf.state = stranger;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_E_MISMATCH);
    assert_int_equal(cxm_design_set_population(NULL, level, 1, 5), CXM_E_ARG);
    assert_int_equal(cxm_design_set_population(design, no_text, 1, 5), CXM_E_ARG);
    assert_int_equal(cxm_design_set_population(design, level, 0, 5), CXM_E_ARG);
    assert_int_equal(cxm_design_set_population(design, level, 4, 5), CXM_E_ARG);
    assert_int_equal(cxm_design_set_population(design, level, 1, 0), CXM_E_ARG);
    assert_int_equal(cxm_design_set_population(design, level, 3, 1.5), CXM_E_ARG);
    assert_int_equal(cxm_design_set_population(design, level, 1, NAN), CXM_E_ARG);
    assert_int_equal(cxm_design_set_target(NULL, 0, level, 5), CXM_E_ARG);
    assert_int_equal(cxm_design_set_target(design, 1, level, 5), CXM_E_ARG);
    assert_int_equal(cxm_design_set_target(design, 0, no_text, 5), CXM_E_ARG);
    assert_int_equal(cxm_design_set_target(design, 0, level, -1), CXM_E_ARG);
    assert_int_equal(cxm_design_set_target(design, 0, level, 1e-101), CXM_E_ARG);
    assert_int_equal(cxm_design_set_target(design, 0, level, 1e101), CXM_E_ARG);
    assert_int_equal(cxm_design_set_target(design, 0, level, NAN), CXM_E_ARG);
    assert_int_equal(cxm_design_add(design, &good), CXM_OK);
    assert_int_equal(cxm_design_summarize(design, NULL, &sum), CXM_E_ARG);          /* not closed */
    assert_int_equal(cxm_design_compare(design, NULL, 1, 2, &contrast), CXM_E_ARG);
    assert_int_equal(cxm_design_calibrate(design, NULL, &report), CXM_E_ARG);
    assert_int_equal(cxm_design_lonely(design, NULL, &next, &name), CXM_E_ARG);
    assert_int_equal(cxm_design_close(NULL), CXM_E_ARG);
    assert_int_equal(cxm_design_close(design), CXM_OK);
    assert_int_equal(cxm_design_summarize(NULL, NULL, &sum), CXM_E_ARG);
    assert_int_equal(cxm_design_summarize(design, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_design_summarize(design, &ask, &sum), CXM_E_ABI);
    assert_int_equal(cxm_design_compare(design, &ask, 1, 2, &contrast), CXM_E_ABI);
    assert_int_equal(cxm_design_lonely(design, &ask, &next, &name), CXM_E_ABI);
    assert_int_equal(cxm_design_compare(design, NULL, 1, 1, &contrast), CXM_E_ARG);
    assert_int_equal(cxm_design_compare(design, NULL, 0, 1, &contrast), CXM_E_ARG);
    assert_int_equal(cxm_design_compare(design, NULL, 1, 0, &contrast), CXM_E_ARG);
    assert_int_equal(cxm_design_compare(design, NULL, 1, 2, &contrast), CXM_E_EMPTY);
    assert_int_equal(cxm_design_compare(design, NULL, 2, 1, &contrast), CXM_E_EMPTY);
    assert_int_equal(cxm_design_compare(design, NULL, 1, 2, NULL), CXM_E_ARG);
    assert_int_equal(cxm_design_lonely(design, NULL, NULL, &name), CXM_E_ARG);
    assert_int_equal(cxm_design_lonely(design, NULL, &next, NULL), CXM_E_ARG);
    assert_int_equal(cxm_design_calibrate(design, NULL, NULL), CXM_E_ARG);
    how.tolerance = -1.0;
    assert_int_equal(cxm_design_calibrate(design, &how, &report), CXM_E_ARG);
    how.size = 4;
    assert_int_equal(cxm_design_calibrate(design, &how, &report), CXM_E_ABI);
    assert_int_equal(cxm_design_factor(design, &level, &factor), CXM_E_ARG);
    assert_int_equal(cxm_design_factor(design, &level, NULL), CXM_E_ARG);
    report.size = sum.size = contrast.size = 8;
    assert_int_equal(cxm_design_calibrate(design, NULL, &report), CXM_E_ABI);
    assert_int_equal(cxm_design_summarize(design, NULL, &sum), CXM_E_ABI);
    assert_int_equal(cxm_design_compare(design, NULL, 1, 2, &contrast), CXM_E_ABI);
    cxm_design_free(design);
    cxm_design_free(NULL);
    cxm_weighted_free(w);
    cxm_weighted_free(stranger);
}

/* No leaf, leaves without rows, and rows past the type. */
static void nothing_and_too_much_have_an_answer(void **state)
{
    (void)state;
    const cxm_scale_spec spec = spec_of(&measures[0]);
    cxm_design_options options = {.size = sizeof options, .margins = 1};
    cxm_design *design = NULL;
    cxm_weighted *none = NULL, *many = state_of(&spec, "9", 1);
    cxm_design_text level = view("x");
    cxm_design_leaf leaf = {.size = sizeof leaf, .levels = &level};
    cxm_weighted_summary sum = {.size = sizeof sum};
    cxm_calibrate_report report = {.size = sizeof report};
    assert_int_equal(cxm_weighted_create(&spec, NULL, &none), CXM_OK);
    assert_int_equal(cxm_design_create(&options, &spec, NULL, &design), CXM_OK);
    assert_int_equal(cxm_design_close(design), CXM_OK);
    assert_int_equal(cxm_design_summarize(design, NULL, &sum), CXM_E_EMPTY);
    assert_int_equal(cxm_design_calibrate(design, NULL, &report), CXM_OK);
    assert_int_equal(cxm_design_summarize(design, NULL, &sum), CXM_E_EMPTY);
    leaf.state = none;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
    assert_int_equal(cxm_design_close(design), CXM_OK);
    assert_int_equal(cxm_design_summarize(design, NULL, &sum), CXM_E_EMPTY);
    assert_true(sum.rows == 0 && sum.n == 0);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_weighted_merge(many, many), CXM_OK);
    leaf.state = many;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
    assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
    assert_int_equal(cxm_design_close(design), CXM_E_OVERFLOW);
    assert_int_equal(cxm_design_summarize(design, NULL, &sum), CXM_E_ARG);
    cxm_design_free(design);
    assert_int_equal(cxm_design_create(&options, &spec, NULL, &design), CXM_OK);
    assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
    assert_int_equal(cxm_design_close(design), CXM_OK);
    assert_int_equal(cxm_design_summarize(design, NULL, &sum), CXM_OK);
    assert_true(sum.n == UINT64_C(1) << 63 && sum.mean == 9.0 && sum.se == 0.0);
    leaf.stratum = view("another");
    assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
    assert_int_equal(cxm_design_close(design), CXM_E_OVERFLOW);
    cxm_design_free(design);
    cxm_weighted_free(none);
    cxm_weighted_free(many);
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
        cmocka_unit_test(estimates_are_those_of_the_rows),
        cmocka_unit_test(the_order_of_leaves_changes_nothing),
        cmocka_unit_test(a_lonely_stratum_is_named_and_does_as_told),
        cmocka_unit_test(populations_take_their_part_of_the_variance),
        cmocka_unit_test(a_repeated_key_is_a_cluster),
        cmocka_unit_test(rows_of_weight_0_are_rows_outside),
        cmocka_unit_test(a_cap_holds_the_scaled_n_to_the_rows),
        cmocka_unit_test(calibration_says_what_is_wrong),
        cmocka_unit_test(totals_that_hold_change_no_weight),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(memory_stays_within_the_bound),
        cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(nothing_and_too_much_have_an_answer),
    };
    return cmocka_run_group_tests_name("score/design", tests, NULL, NULL);
}
