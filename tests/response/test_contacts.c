/* SPDX-License-Identifier: MIT */
/* test_contacts.c - rates, growth and shares of contacts against R, published formulas, then backlogs by hand and misuse. */
#include <cxm/contacts.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static uint64_t count_at(const test_table *t, size_t row, const char *column)
{
    return strtoull(test_cell(t, row, column), NULL, 10);
}

static void assert_cell(double got, const test_table *t, size_t row, const char *column)
{
    double want = test_number(t, row, column);
    if (isinf(want)) assert_true(got == want);
    else test_assert_close(got, want, 1e-10, 0.0, column, __FILE__, __LINE__);
}

static void against_r(void **state)
{
    (void)state;
    test_table t = test_table_read("contacts.csv");
    assert_int_equal(t.rows, 8);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_rate_sample now = {count_at(&t, i, "contacts"), test_number(&t, i, "exposure")};
        cxm_rate_sample before = {count_at(&t, i, "before_contacts"), test_number(&t, i, "before_exposure")};
        double level = test_number(&t, i, "level");
        cxm_contact_growth got = {.size = sizeof got};
        cxm_contact_rate rate;
        cxm_service_share share;
        assert_int_equal(cxm_contact_growth_of(&now, &before, level, &got), CXM_OK);
        assert_int_equal(cxm_contact_rate_of(now.events, now.exposure, level, &rate), CXM_OK);
        assert_int_equal(cxm_contact_share_of(now.events, count_at(&t, i, "all"), level, &share), CXM_OK);
        assert_memory_equal(&rate, &got.now, sizeof rate);
        assert_cell(rate.rate, &t, i, "rate");
        assert_cell(rate.interval.low, &t, i, "rate_low");
        assert_cell(rate.interval.high, &t, i, "rate_high");
        assert_cell(got.growth.ratio, &t, i, "ratio");
        assert_cell(got.growth.low, &t, i, "ratio_low");
        assert_cell(got.growth.high, &t, i, "ratio_high");
        assert_cell(got.growth.p, &t, i, "p");
        assert_cell(share.share, &t, i, "share");
        assert_near(share.interval.low, test_number(&t, i, "share_low"), 1e-14);
        assert_cell(share.interval.high, &t, i, "share_high");
    }
    test_table_free(&t);
}

/* Rows as the pages print them: `rate` of contacts over `exposure`; `open` of five counts. */
static void as_published(void **state)
{
    (void)state;
    test_table t = test_table_read("contacts_published.csv");
    assert_int_equal(t.rows, 6);
    for (size_t i = 0; i < t.rows; ++i) {
        if (strcmp(test_cell(&t, i, "what"), "rate") == 0) {
            cxm_contact_rate got;
            assert_int_equal(cxm_contact_rate_of(count_at(&t, i, "created"), test_number(&t, i, "exposure"), 0.0, &got), CXM_OK);
            assert_close(got.rate, test_number(&t, i, "value"), 1e-15);
            assert_true(got.interval.level == 0.95 && got.interval.low < got.rate && got.rate < got.interval.high);
            continue;
        }
        cxm_backlog_counts counts = {.size = sizeof counts, .open_before = count_at(&t, i, "open_before"),
                                     .created = count_at(&t, i, "created"), .reopened = count_at(&t, i, "reopened"),
                                     .solved = count_at(&t, i, "solved"), .abandoned = count_at(&t, i, "abandoned"),
                                     .days = test_number(&t, i, "days")};
        cxm_backlog got = {.size = sizeof got};
        assert_int_equal(cxm_backlog_of(&counts, &got), CXM_OK);
        assert_true(got.open == count_at(&t, i, "value"));
    }
    test_table_free(&t);
}

static int is_none(const cxm_contact_rate *rate)
{
    return rate->rate != rate->rate && rate->interval.low != rate->interval.low && rate->interval.high != rate->interval.high;
}

static int is_no_growth(const cxm_rate_ratio *g)
{
    return g->ratio != g->ratio && g->low != g->low && g->high != g->high && g->change != g->change &&
           g->change_low != g->change_low && g->change_high != g->change_high && g->p != g->p &&
           g->size == sizeof *g && g->method == CXM_COMPARE_CONDITIONAL && g->level == 0.95;
}

/* The first window has none before it: its rate stands, its growth does not. */
static void what_does_not_exist(void **state)
{
    (void)state;
    cxm_rate_sample now = {12, 100.0}, none = {0, 100.0}, nobody = {0, 0.0};
    cxm_contact_growth got = {.size = sizeof got};
    assert_int_equal(cxm_contact_growth_of(&now, &nobody, 0.0, &got), CXM_E_EMPTY);
    assert_true(got.now.rate == 0.12 && is_none(&got.before) && is_no_growth(&got.growth));
    assert_int_equal(cxm_contact_growth_of(&nobody, &now, 0.0, &got), CXM_E_EMPTY);
    assert_true(got.before.rate == 0.12 && is_none(&got.now) && is_no_growth(&got.growth));
    assert_int_equal(cxm_contact_growth_of(&nobody, &nobody, 0.0, &got), CXM_E_EMPTY);
    assert_true(is_none(&got.before) && is_none(&got.now));
    assert_int_equal(cxm_contact_growth_of(&none, &none, 0.0, &got), CXM_E_UNDEFINED);
    assert_true(got.now.rate == 0.0 && got.before.rate == 0.0 && got.now.interval.high > 0.0 && is_no_growth(&got.growth));
    assert_int_equal(cxm_contact_growth_of(&now, &none, 0.0, &got), CXM_OK);
    assert_true(got.growth.ratio == HUGE_VAL && got.growth.high == HUGE_VAL && got.growth.low > 1.0 && got.growth.p < 0.001);
    cxm_contact_rate rate;
    assert_int_equal(cxm_contact_rate_of(3, 0.0, 0.9, &rate), CXM_E_EMPTY);
    assert_true(is_none(&rate) && rate.contacts == 3 && rate.interval.level == 0.9);
    cxm_service_share share;
    assert_int_equal(cxm_contact_share_of(0, 0, 0.0, &share), CXM_E_EMPTY);
    assert_true(share.share != share.share && share.n == 0);
}

static void huge_counts(void **state)
{
    (void)state;
    const uint64_t half = UINT64_C(1) << 63;
    cxm_contact_rate rate;
    cxm_service_share share;
    cxm_contact_growth got = {.size = sizeof got, .reserved = 5}, before = got;
    cxm_rate_sample now = {half, 1e12}, then = {half, 2e12}, dense = {half, 5e-324};
    assert_int_equal(cxm_contact_growth_of(&now, &then, 0.0, &got), CXM_OK);
    assert_true(got.growth.ratio == 2.0 && got.growth.change == 1.0 && got.growth.p == 0.0 && got.reserved == 0);
    assert_true(got.growth.low < 2.0 && got.growth.low > 1.99999 && got.growth.high > 2.0 && got.growth.high < 2.00001);
    got = before;
    assert_int_equal(cxm_contact_growth_of(&now, &dense, 0.0, &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_contact_growth_of(&dense, &now, 0.0, &got), CXM_E_OVERFLOW);
    assert_memory_equal(&got, &before, sizeof got);
    assert_int_equal(cxm_contact_rate_of(UINT64_MAX, 1.0, 0.0, &rate), CXM_OK);
    assert_int_equal(cxm_contact_rate_of(UINT64_MAX, DBL_MIN, 0.0, &rate), CXM_E_OVERFLOW);
    assert_true(rate.rate == 18446744073709551616.0);
    assert_int_equal(cxm_contact_share_of(half, UINT64_MAX, 0.0, &share), CXM_OK);
    assert_close(share.share, 0.5, 1e-15);
}

/* 120 open, 340 came and 25 came back, 360 solved and 20 cancelled in 30 days: 105 are open, 12 a day make 8.75 days; it
 * fell by half a ticket a day, so it is empty in 210. */
static void days_to_clear(void **state)
{
    (void)state;
    cxm_backlog_counts counts = {.size = sizeof counts, .open_before = 120, .created = 340, .reopened = 25, .solved = 360,
                                 .abandoned = 20, .days = 30.0};
    cxm_backlog got = {.size = sizeof got, .reserved = 9};
    assert_int_equal(cxm_backlog_of(&counts, &got), CXM_OK);
    assert_true(got.open == 105 && got.change == -15 && got.solved_a_day == 12.0 && got.reserved == 0);
    assert_close(got.days_to_clear, 8.75, 1e-15);
    assert_close(got.days_to_clear_net, 210.0, 1e-15);
    counts.created = 360;                                   /* it grows */
    assert_int_equal(cxm_backlog_of(&counts, &got), CXM_OK);
    assert_true(got.open == 125 && got.change == 5 && got.days_to_clear > 10.0 && got.days_to_clear_net != got.days_to_clear_net);
    counts.days = 0.0;
    assert_int_equal(cxm_backlog_of(&counts, &got), CXM_OK);
    assert_true(got.open == 125 && got.solved_a_day != got.solved_a_day && got.days_to_clear != got.days_to_clear);
    counts = (cxm_backlog_counts){.size = sizeof counts, .open_before = 3, .created = 2, .days = 1.0};     /* nothing solved */
    assert_int_equal(cxm_backlog_of(&counts, &got), CXM_OK);
    assert_true(got.open == 5 && got.solved_a_day == 0.0 && got.days_to_clear != got.days_to_clear);
    counts = (cxm_backlog_counts){.size = sizeof counts};   /* nothing at all is cleared */
    assert_int_equal(cxm_backlog_of(&counts, &got), CXM_OK);
    assert_true(got.open == 0 && got.change == 0 && got.days_to_clear == 0.0 && got.days_to_clear_net == 0.0);
}

/* Windows one after the other come to what their sum in one window comes to. */
static void windows_add_up(void **state)
{
    (void)state;
    uint64_t seed = 7;
    cxm_backlog_counts all = {.size = sizeof all, .open_before = 50};
    cxm_backlog got = {.size = sizeof got, .open = 50};
    int64_t change = 0;
    for (int i = 0; i < 500; ++i) {
        cxm_backlog_counts c = {.size = sizeof c, .open_before = got.open, .created = test_rand(&seed) % 30,
                                .reopened = test_rand(&seed) % 5, .days = 1.0};
        c.solved = test_rand(&seed) % (1 + c.open_before + c.created);
        c.abandoned = test_rand(&seed) % (1 + c.open_before + c.created - c.solved);
        assert_int_equal(cxm_backlog_of(&c, &got), CXM_OK);
        change += got.change;
        all.created += c.created;
        all.reopened += c.reopened;
        all.solved += c.solved;
        all.abandoned += c.abandoned;
        all.days += 1.0;
    }
    cxm_backlog whole = {.size = sizeof whole};
    assert_int_equal(cxm_backlog_of(&all, &whole), CXM_OK);
    assert_true(whole.open == got.open && whole.change == change);
}

static void backlogs_that_cannot_be(void **state)
{
    (void)state;
    cxm_backlog got = {.size = sizeof got, .open = 77}, before = got;
    cxm_backlog_counts c = {.size = sizeof c, .open_before = 5, .created = 3, .solved = 9};
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_UNDERFLOW);
    c.solved = 8;
    c.abandoned = 1;
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_UNDERFLOW);
    c.abandoned = 0;
    c.created = UINT64_MAX;
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_OVERFLOW);
    c.created = UINT64_MAX - 5;
    c.reopened = 1;
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_OVERFLOW);
    c.reopened = 0;
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_OVERFLOW);         /* the change */
    c = (cxm_backlog_counts){.size = sizeof c, .open_before = 5, .created = 3, .solved = 1, .days = 5e-324};
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_OVERFLOW);
    c.days = DBL_MAX;
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_OVERFLOW);
    static const double wrong[] = {-1.0, NAN, HUGE_VAL};
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        c.days = wrong[i];
        assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_ARG);
    }
    c.days = 1.0;
    c.reserved = 1;
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_ARG);
    c.reserved = 0;
    c.size = sizeof c - 1;
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_ABI);
    c.size = sizeof c;
    assert_memory_equal(&got, &before, sizeof got);
    got.size = sizeof got - 1;
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_ABI);
    assert_int_equal(cxm_backlog_of(NULL, &got), CXM_E_ARG);
    assert_int_equal(cxm_backlog_of(&c, NULL), CXM_E_ARG);
    c = (cxm_backlog_counts){.size = sizeof c, .created = INT64_MAX};
    got.size = sizeof got;
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_OK);
    assert_true(got.change == INT64_MAX);
    c = (cxm_backlog_counts){.size = sizeof c, .open_before = UINT64_C(1) << 63, .solved = UINT64_C(1) << 63};
    assert_int_equal(cxm_backlog_of(&c, &got), CXM_E_OVERFLOW);
}

static void misuse(void **state)
{
    (void)state;
    cxm_rate_sample good = {3, 2.0};
    cxm_contact_rate rate = {.contacts = 77}, rate_before = rate;
    cxm_contact_growth got = {.size = sizeof got, .reserved = 7}, before = got;
    cxm_service_share share = {.hits = 77}, share_before = share;
    static const double exposures[] = {-1.0, HUGE_VAL, NAN}, levels[] = {-0.1, 1.0, 95.0, NAN};
    for (size_t i = 0; i < COUNT_OF(exposures); ++i) {
        cxm_rate_sample wrong = {3, exposures[i]};
        assert_int_equal(cxm_contact_rate_of(3, exposures[i], 0.95, &rate), CXM_E_ARG);
        assert_int_equal(cxm_contact_growth_of(&good, &wrong, 0.95, &got), CXM_E_ARG);
        assert_int_equal(cxm_contact_growth_of(&wrong, &good, 0.95, &got), CXM_E_ARG);
    }
    for (size_t i = 0; i < COUNT_OF(levels); ++i) {
        assert_int_equal(cxm_contact_rate_of(3, 1.0, levels[i], &rate), CXM_E_ARG);
        assert_int_equal(cxm_contact_growth_of(&good, &good, levels[i], &got), CXM_E_ARG);
        assert_int_equal(cxm_contact_share_of(1, 2, levels[i], &share), CXM_E_ARG);
    }
    assert_int_equal(cxm_contact_share_of(3, 2, 0.95, &share), CXM_E_ARG);
    assert_int_equal(cxm_contact_share_of(1, 2, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_contact_rate_of(3, 1.0, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_contact_growth_of(NULL, &good, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_contact_growth_of(&good, NULL, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_contact_growth_of(&good, &good, 0.95, NULL), CXM_E_ARG);
    assert_memory_equal(&rate, &rate_before, sizeof rate);
    assert_memory_equal(&got, &before, sizeof got);
    assert_memory_equal(&share, &share_before, sizeof share);
    got.size = sizeof got - 1;
    assert_int_equal(cxm_contact_growth_of(&good, &good, 0.95, &got), CXM_E_ABI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_r), cmocka_unit_test(as_published), cmocka_unit_test(what_does_not_exist),
        cmocka_unit_test(huge_counts), cmocka_unit_test(days_to_clear), cmocka_unit_test(windows_add_up),
        cmocka_unit_test(backlogs_that_cannot_be), cmocka_unit_test(misuse)};
    return cmocka_run_group_tests_name("response/contacts", tests, NULL, NULL);
}
