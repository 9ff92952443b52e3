/* SPDX-License-Identifier: MIT */
/* test_weighted_leaves.c - from records to a design: an engine by domain, stratum, cluster and margin holds the leaves,
 * whatever parts the records came in; its results are all that a design needs. Against R's survey package. */
#include <cxm/design.h>
#include <cxm/engine.h>
#include <cxm/interval.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { PARTS = 3, BY = 4 };     /* segment, stratum, psu, channel */
static const cxm_scale_spec nps = {sizeof nps, 0, 10, 6, 9, CXM_HIGHER_IS_BETTER};
static const char *const columns[BY] = {"segment", "stratum", "psu", "channel"};

static cxm_engine *empty_engine(uint64_t seed)
{
    cxm_engine_options options = {.size = sizeof options, .segments = BY, .weighted = &nps, .hash_seed = seed};
    cxm_engine *engine = NULL;
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_OK);
    return engine;
}

static void add_record(cxm_engine *engine, const test_table *t, size_t i)
{
    cxm_view views[BY];
    const char *answer = test_cell(t, i, "nps");
    cxm_record record = {.size = sizeof record, .segments = views, .segment_count = BY, .answer = CXM_ANSWER_MISSING};
    for (int k = 0; k < BY; ++k) views[k] = (cxm_view){test_cell(t, i, columns[k]), strlen(test_cell(t, i, columns[k]))};
    record.weight = test_number(t, i, "weight");
    if (*answer) record.answer = CXM_ANSWER_GIVEN, record.value = atof(answer);
    assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
}

/* The sample in one engine, or in three that were merged. */
static cxm_engine *read_sample(const test_table *t, size_t parts)
{
    cxm_engine *part[PARTS];
    for (size_t k = 0; k < parts; ++k) part[k] = empty_engine(k);
    for (size_t i = 0; i < t->rows; ++i) add_record(part[i * 7 % parts], t, i);
    for (size_t k = 1; k < parts; ++k) {
        assert_int_equal(cxm_engine_merge(part[0], part[k]), CXM_OK);
        cxm_engine_free(part[k]);
    }
    assert_int_equal(cxm_engine_close(part[0]), CXM_OK);
    return part[0];
}

static cxm_design_text text_of(cxm_view view)
{
    return (cxm_design_text){view.text, view.len};
}

/* Every result but the total is a leaf. */
static cxm_design *design_of(cxm_engine *engine)
{
    cxm_design_options options = {.size = sizeof options, .margins = 2, .clustered = 1};
    cxm_engine_result got = {.size = sizeof got};
    cxm_design *design = NULL;
    assert_int_equal(cxm_design_create(&options, &nps, NULL, &design), CXM_OK);
    while (cxm_engine_next(engine, &got) == CXM_OK) {
        if (got.segment_count == 0) continue;
        cxm_design_text levels[2] = {text_of(got.segments[0]), text_of(got.segments[3])};
        cxm_design_leaf leaf = {.size = sizeof leaf, .domain = levels[0].text[0] == 'n' ? 1 : 2, .levels = levels,
                                .stratum = text_of(got.segments[1]), .cluster = text_of(got.segments[2]), .state = got.weighted};
        assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
    }
    assert_int_equal(cxm_design_close(design), CXM_OK);
    return design;
}

static cxm_weighted_summary ask_design(const cxm_design *design, uint32_t domain)
{
    cxm_weighted_ask ask = {.size = sizeof ask, .value = CXM_VALUE_NET, .domain = domain};
    cxm_weighted_summary got = {.size = sizeof got};
    assert_int_equal(cxm_design_summarize(design, &ask, &got), CXM_OK);
    return got;
}

static void the_results_of_an_engine_are_leaves(void **state)
{
    (void)state;
    test_table sample = test_table_read("weighted_microdata.csv"), t = test_table_read("weighted_expected.csv");
    cxm_engine *whole = read_sample(&sample, 1), *merged = read_sample(&sample, PARTS);
    cxm_design *design = design_of(whole), *again = design_of(merged);
    size_t compared = 0;
    for (size_t i = 0; i < t.rows; ++i) {
        const char *domain = test_cell(&t, i, "domain");
        if (strcmp(test_cell(&t, i, "design"), "strata_cluster") != 0 || strcmp(test_cell(&t, i, "measure"), "nps_score") != 0) continue;
        uint32_t which = strcmp(domain, "new") == 0 ? 1 : strcmp(domain, "loyal") == 0 ? 2 : 0;
        cxm_weighted_summary got = ask_design(design, which), parts = ask_design(again, which);
        assert_near(got.value, test_number(&t, i, "estimate"), 1e-9);
        assert_near(got.se, test_number(&t, i, "se"), 1e-9);
        assert_near(got.df, test_number(&t, i, "degf"), 0.0);
        assert_memory_equal(&got, &parts, sizeof got);      /* the parts change no bit */
        ++compared;
    }
    assert_int_equal(compared, 3);
    cxm_design_free(design);
    cxm_design_free(again);
    cxm_engine_free(whole);
    cxm_engine_free(merged);
    test_table_free(&t);
    test_table_free(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_results_of_an_engine_are_leaves)};
    return cmocka_run_group_tests_name("stream/weighted_leaves", tests, NULL, NULL);
}
