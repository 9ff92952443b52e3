/* SPDX-License-Identifier: MIT */
/* test_service_level.c - service levels under every switch against tests/reference/service_level.csv; attainment and the means of
 * a contact centre by hand; misuse. */
#include <cxm/service_level.h>
#include <math.h>
#include <stdlib.h>
#include "support/cxm_test.h"

static uint64_t count_at(const test_table *t, size_t row, const char *column)
{
    return (uint64_t)test_number(t, row, column);
}

static cxm_service_counts counts_at(const test_table *t, size_t row)
{
    return (cxm_service_counts){.size = sizeof(cxm_service_counts), .answered = count_at(t, row, "answered"),
                                .answered_late = count_at(t, row, "answered_late"), .abandoned = count_at(t, row, "abandoned"),
                                .short_abandoned = count_at(t, row, "short_abandoned"), .flowed_out = count_at(t, row, "flowouts")};
}

static uint32_t switches_at(const test_table *t, size_t row)
{
    return (test_number(t, row, "include_abandons") > 0 ? CXM_SERVICE_ABANDONED : 0u) |
           (test_number(t, row, "include_short_abandons") > 0 ? CXM_SERVICE_SHORT : 0u) |
           (test_number(t, row, "include_flowouts") > 0 ? CXM_SERVICE_FLOWED_OUT : 0u);
}

/* A blank cell is a share that does not exist. */
static void assert_percent(const cxm_service_share *got, const char *cell)
{
    if (*cell) assert_near(100.0 * got->share, strtod(cell, NULL), 1e-9);
    else assert_true(got->share != got->share && got->interval.low != got->interval.low && got->n == 0);
}

static void every_switch_is_as_published(void **state)
{
    (void)state;
    test_table t = test_table_read("service_level.csv");
    assert_int_equal(t.rows, 54);
    for (size_t row = 0; row < t.rows; ++row) {
        cxm_service_counts counts = counts_at(&t, row);
        cxm_service_level got = {.size = sizeof got};
        cxm_status status = cxm_service_level_of(&counts, switches_at(&t, row), 0.0, &got);
        assert_int_equal(status, *test_cell(&t, row, "service_level_pct") ? CXM_OK : CXM_E_EMPTY);
        assert_true(got.level.hits == count_at(&t, row, "numerator") && got.level.n == count_at(&t, row, "denominator"));
        assert_percent(&got.level, test_cell(&t, row, "service_level_pct"));
        assert_percent(&got.abandoned, test_cell(&t, row, "abandon_pct_of_offered"));
        cxm_interval want = {.size = sizeof want};
        if (status == CXM_OK) {
            assert_int_equal(cxm_share_interval(got.level.hits, got.level.n, CXM_INTERVAL_WILSON, 0.95, &want), CXM_OK);
            assert_true(want.low == got.level.interval.low && want.high == got.level.interval.high);
        }
    }
    test_table_free(&t);
}

/* 60 met, 20 breached, 15 running, 5 of them late already: 60 of 80, 60 of 85, and between 60 and 70 of 95 in the end. */
static void what_runs_is_neither(void **state)
{
    (void)state;
    cxm_sla_counts counts = {.size = sizeof counts, .met = 60, .breached = 20, .running = 10, .running_late = 5};
    cxm_sla_summary got = {.size = sizeof got};
    assert_int_equal(cxm_sla_attainment(&counts, 0.9, &got), CXM_OK);
    assert_true(got.ended.hits == 60 && got.ended.n == 80 && got.due.hits == 60 && got.due.n == 85);
    assert_close(got.ended.share, 0.75, 1e-15);
    assert_close(got.due.share, 60.0 / 85.0, 1e-15);
    assert_close(got.lowest, 60.0 / 95.0, 1e-15);
    assert_close(got.highest, 70.0 / 95.0, 1e-15);
    assert_true(got.due.interval.low < got.due.share && got.due.share < got.due.interval.high && got.due.interval.level == 0.9);
    counts = (cxm_sla_counts){.size = sizeof counts, .running = 3};
    assert_int_equal(cxm_sla_attainment(&counts, 0.0, &got), CXM_E_EMPTY);
    assert_true(got.ended.share != got.ended.share && got.lowest == 0.0 && got.highest == 1.0);
    counts = (cxm_sla_counts){.size = sizeof counts};
    assert_int_equal(cxm_sla_attainment(&counts, 0.0, &got), CXM_E_EMPTY);
    assert_true(got.lowest != got.lowest && got.highest != got.highest);
}

/* 100 contacts: 5 h of talk, 1 h on hold, 2 h of work after them, is 288 s each; 8 h on contacts and 2 h idle are 80 %. */
static void means_of_a_contact_centre(void **state)
{
    (void)state;
    double got = -1.0;
    assert_int_equal(cxm_handle_time(18000, 3600, 7200, 100, &got), CXM_OK);
    assert_close(got, 288.0, 1e-15);
    assert_int_equal(cxm_occupancy(28800, 7200, &got), CXM_OK);
    assert_close(got, 0.8, 1e-15);
    assert_int_equal(cxm_occupancy(0, 7200, &got), CXM_OK);
    assert_true(got == 0.0);
    got = -1.0;
    assert_int_equal(cxm_handle_time(1, 1, 1, 0, &got), CXM_E_EMPTY);
    assert_int_equal(cxm_occupancy(0, 0, &got), CXM_E_EMPTY);
    static const double wrong[] = {-1.0, NAN, INFINITY};
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        assert_int_equal(cxm_handle_time(wrong[i], 0, 0, 1, &got), CXM_E_ARG);
        assert_int_equal(cxm_handle_time(0, wrong[i], 0, 1, &got), CXM_E_ARG);
        assert_int_equal(cxm_handle_time(0, 0, wrong[i], 1, &got), CXM_E_ARG);
        assert_int_equal(cxm_occupancy(wrong[i], 1, &got), CXM_E_ARG);
        assert_int_equal(cxm_occupancy(1, wrong[i], &got), CXM_E_ARG);
    }
    assert_int_equal(cxm_handle_time(1, 1, 1, 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_occupancy(1, 1, NULL), CXM_E_ARG);
    assert_true(got == -1.0);
}

static void misuse(void **state)
{
    (void)state;
    cxm_service_counts counts = {.size = sizeof counts, .answered = 5, .abandoned = 2};
    cxm_service_level got = {.size = sizeof got};
    cxm_sla_counts sla = {.size = sizeof sla, .met = UINT64_MAX, .breached = 1};
    cxm_sla_summary sum = {.size = sizeof sum};
    assert_int_equal(cxm_service_level_of(NULL, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_service_level_of(&counts, 0, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_service_level_of(&counts, 8, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_service_level_of(&counts, CXM_SERVICE_SHORT, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_service_level_of(&counts, 0, 1.0, &got), CXM_E_ARG);
    assert_int_equal(cxm_service_level_of(&counts, 0, NAN, &got), CXM_E_ARG);
    counts.answered_late = 6;
    assert_int_equal(cxm_service_level_of(&counts, 0, 0.95, &got), CXM_E_ARG);
    counts.answered_late = 0;
    counts.short_abandoned = 3;
    assert_int_equal(cxm_service_level_of(&counts, 0, 0.95, &got), CXM_E_ARG);
    counts.short_abandoned = 0;
    counts.flowed_out = UINT64_MAX - 6;
    assert_int_equal(cxm_service_level_of(&counts, 0, 0.95, &got), CXM_E_OVERFLOW);
    counts.flowed_out = 0;
    counts.size = 8;
    assert_int_equal(cxm_service_level_of(&counts, 0, 0.95, &got), CXM_E_ABI);
    counts.size = sizeof counts;
    got.size = 8;
    assert_int_equal(cxm_service_level_of(&counts, 0, 0.95, &got), CXM_E_ABI);
    assert_int_equal(cxm_sla_attainment(&sla, 0.95, &sum), CXM_E_OVERFLOW);
    assert_int_equal(cxm_sla_attainment(NULL, 0.95, &sum), CXM_E_ARG);
    assert_int_equal(cxm_sla_attainment(&sla, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_sla_attainment(&sla, -0.1, &sum), CXM_E_ARG);
    sla.size = 4;
    assert_int_equal(cxm_sla_attainment(&sla, 0.95, &sum), CXM_E_ABI);
    sla.size = sizeof sla;
    sum.size = 4;
    assert_int_equal(cxm_sla_attainment(&sla, 0.95, &sum), CXM_E_ABI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_switch_is_as_published),
        cmocka_unit_test(what_runs_is_neither),
        cmocka_unit_test(means_of_a_contact_centre),
        cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("response/service_level", tests, NULL, NULL);
}
