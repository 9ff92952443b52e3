/* SPDX-License-Identifier: MIT */
/* test_rfm.c - CDNOW's customers as two packages summarise them, random customers against a count day by day, refusals.
 *
 * CDNOW's purchases are no part of the project: they are looked for below CXM_SHARED or in ../shared beside its root; without them the
 * tables are skipped, in CI=true a failure. */
#include <cxm/btyd.h>
#include <cxm/gamma_gamma.h>
#include <cxm/rfm.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const int64_t DAY = INT64_C(86400000000);
enum { LINES = 70000, MOST = 60 };

typedef struct line { int id; int64_t day, cents; } line;
static line lines[LINES];
static cxm_customer_event events[LINES];

/* Days since 1970 by counting them. */
static int64_t day_of(int year, int month, int day)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = day - 1;
    for (int y = 1970; y < year; ++y) days += 365 + (y % 4 == 0);
    for (int m = 1; m < month; ++m) days += length[m - 1] + (m == 2 && year % 4 == 0);
    return days;
}

/* Lines of CDNOW; of the sample the second number is the customer's. */
static size_t read_lines(FILE *file, bool is_sample)
{
    char text[200];
    size_t n = 0;
    while (n < LINES && fgets(text, sizeof text, file)) {
        int master, date, cds;
        double dollars;
        line *to = &lines[n];
        int cells = is_sample ? sscanf(text, "%d %d %d %d %lf", &master, &to->id, &date, &cds, &dollars)
                              : sscanf(text, "%d %d %d %lf", &to->id, &date, &cds, &dollars);
        if (cells != (is_sample ? 5 : 4)) continue;
        to->day = day_of(date / 10000, date / 100 % 100, date % 100);
        to->cents = (int64_t)(dollars * 100.0 + 0.5);
        ++n;
    }
    fclose(file);
    return n;
}

/* The customer whose lines begin at `*at`, which moves on; lines of a customer stand together, by date. */
static cxm_customer_item next_customer(size_t n, size_t *at)
{
    size_t begin = *at;
    for (; *at < n && lines[*at].id == lines[begin].id; ++*at)
        events[*at] = (cxm_customer_event){.at_us = lines[*at].day * DAY, .amount = lines[*at].cents, .kind = CXM_CUSTOMER_PURCHASE};
    return (cxm_customer_item){.size = sizeof(cxm_customer_item), .purchases = events + begin, .purchase_count = *at - begin};
}

/* Calibration up to 1997-09-30, holdout up to 1998-06-30, both included. */
static cxm_rfm_split cdnow_split(void)
{
    return (cxm_rfm_split){.size = sizeof(cxm_rfm_split), .calibration_end_us = day_of(1997, 10, 1) * DAY, .holdout_end_us = day_of(1998, 7, 1) * DAY};
}

static cxm_rfm rfm_of(const cxm_customer_item *item, const cxm_rfm_split *split)
{
    cxm_rfm rfm = {.size = sizeof rfm};
    assert_int_equal(cxm_rfm_of(item, split, &rfm), CXM_OK);
    return rfm;
}

/* 2,357 customers in weeks, from purchases to the grouped table. */
static void the_sample_of_btyd(void **state)
{
    (void)state;
    FILE *purchases = test_shared("data/cdnow/CDNOW_sample.txt"), *summary = test_shared("reference/value/cdnow_cbs_btyd.csv");
    if (!purchases || !summary) skip();
    size_t n = read_lines(purchases, true), at = 0, holdout = 0;
    test_table t = test_table_of(summary);
    const cxm_rfm_split split = cdnow_split();
    const cxm_cbs_options weeks = {.size = sizeof weeks, .per_unit = 7.0};
    cxm_cbs_account account = {.size = sizeof account};
    cxm_cbs *table;
    assert_int_equal(n, 6919);
    assert_int_equal(cxm_cbs_create(&weeks, NULL, &table), CXM_OK);
    for (size_t i = 0; i < t.rows; ++i) {
        int id = lines[at].id;
        cxm_customer_item item = next_customer(n, &at);
        cxm_rfm r = rfm_of(&item, &split);
        assert_int_equal(id, (int)test_number(&t, i, "cust"));
        assert_int_equal(r.x, (uint32_t)test_number(&t, i, "x"));
        assert_close(r.t_x / 7.0, test_number(&t, i, "t_x"), 1e-14);
        assert_close(r.T / 7.0, test_number(&t, i, "T_cal"), 1e-14);
        assert_int_equal(r.x_star, (uint32_t)test_number(&t, i, "x_star"));
        assert_near(r.x ? (double)r.money / 100.0 / r.x : 0.0, test_number(&t, i, "m_x"), 1e-9);
        assert_int_equal(r.holdout_days, 273);
        assert_int_equal(cxm_cbs_add(table, r.x, r.t_x, r.T, 1), CXM_OK);
        holdout += r.x_star;
    }
    assert_true(at == n);
    assert_int_equal(cxm_cbs_account_of(table, &account), CXM_OK);
    assert_int_equal(account.customers, 2357);
    assert_int_equal(account.rows, 1016);
    assert_int_equal(account.purchases_low, 2457);
    assert_int_equal(holdout, 1882);
    cxm_cbs_free(table);
    test_table_free(&t);
}

/* All 23,570 customers in days: the first twenty, and the sums of value_cohort_aggregates.csv. */
static void the_cohort_of_lifetimes(void **state)
{
    (void)state;
    FILE *purchases = test_shared("data/cdnow/CDNOW_master.txt"), *summary = test_shared("reference/value/cdnow_master_rfm_first20_lifetimes.csv");
    if (!purchases || !summary) skip();
    size_t n = read_lines(purchases, false), at = 0, customers = 0;
    test_table t = test_table_of(summary);
    const cxm_rfm_split split = cdnow_split();
    double x = 0.0, t_x = 0.0, T = 0.0, mean = 0.0, x_star = 0.0;
    for (; at < n; ++customers) {
        cxm_customer_item item = next_customer(n, &at);
        cxm_rfm r = rfm_of(&item, &split);
        double own = r.x ? (double)r.money / 100.0 / r.x : 0.0;
        if (customers < t.rows) {
            assert_int_equal(r.x, (uint32_t)test_number(&t, customers, "frequency"));
            assert_int_equal(r.t_x, (uint32_t)test_number(&t, customers, "recency"));
            assert_int_equal(r.T, (uint32_t)test_number(&t, customers, "T"));
            assert_near(own, test_number(&t, customers, "monetary_value"), 1e-9);
        }
        x += r.x;
        t_x += r.t_x;
        T += r.T;
        mean += own;
        x_star += r.x_star;
    }
    assert_int_equal(customers, 23570);
    assert_true(x == 24337.0 && t_x == 1129644.0 && T == 5399736.0 && x_star == 19684.0);
    assert_close(mean, 336714.28743822424, 1e-12);
    test_table_free(&t);
}

/* --- from purchases to fits --- */

/* value_fits.csv: the rows of one data set that name a parameter. */
static void check_parameter(const char *dataset, const char *parameter, double got)
{
    size_t found = 0;
    test_table t = test_table_read("value_fits.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        if (strcmp(test_cell(&t, i, "dataset"), dataset) != 0 || strcmp(test_cell(&t, i, "parameter"), parameter) != 0) continue;
        if (strcmp(dataset, "cdnow_sample") == 0 && strncmp(test_cell(&t, i, "model"), "Gamma-Gamma (all", 16) != 0) continue;
        assert_near(got, test_number(&t, i, "value"), test_number(&t, i, "check_abs_tol"));
        ++found;
    }
    assert_int_equal(found, 1);
    test_table_free(&t);
}

/* BG/NBD of all customers, in days. */
static void the_fit_of_lifetimes(void **state)
{
    (void)state;
    FILE *purchases = test_shared("data/cdnow/CDNOW_master.txt");
    if (!purchases) skip();
    size_t n = read_lines(purchases, false);
    const cxm_rfm_split split = cdnow_split();
    cxm_cbs *table;
    cxm_cbs_view view;
    cxm_btyd m;
    cxm_fit fit = {.size = sizeof fit};
    assert_int_equal(cxm_cbs_create(NULL, NULL, &table), CXM_OK);
    for (size_t at = 0; at < n;) {
        cxm_customer_item item = next_customer(n, &at);
        cxm_rfm r = rfm_of(&item, &split);
        assert_int_equal(cxm_cbs_add(table, r.x, r.t_x, r.T, 1), CXM_OK);
    }
    assert_int_equal(cxm_cbs_rows(table, &view), CXM_OK);
    assert_int_equal(cxm_btyd_fit(&view, CXM_BTYD_BGNBD, &m, &fit), CXM_OK);
    assert_true(fit.outcome == CXM_FIT_INNER && fit.customers == 23570);
    for (uint32_t i = 0; i < 4; ++i) check_parameter("cdnow_master_1997-09-30_days", cxm_btyd_parameter_name(m.kind, i), m.parameter[i]);
    cxm_cbs_free(table);
}

/* Gamma-Gamma of the sample with the first purchase, as one package can: customers without money apart. */
static void the_spend_of_clvtools(void **state)
{
    (void)state;
    FILE *purchases = test_shared("data/cdnow/CDNOW_sample.txt");
    if (!purchases) skip();
    size_t n = read_lines(purchases, true);
    const cxm_rfm_split split = cdnow_split();
    const cxm_cbs_options cents = {.size = sizeof cents, .per_unit = 100.0};
    cxm_spend *table;
    cxm_spend_view view;
    cxm_gamma_gamma m;
    cxm_fit fit = {.size = sizeof fit};
    assert_int_equal(cxm_spend_create(&cents, NULL, &table), CXM_OK);
    for (size_t at = 0; at < n;) {
        cxm_customer_item item = next_customer(n, &at);
        cxm_rfm r = rfm_of(&item, &split);
        if (r.money + r.first_money > 0) assert_int_equal(cxm_spend_add(table, r.x + 1, r.money + r.first_money, 1), CXM_OK);
    }
    assert_int_equal(cxm_spend_rows(table, &view), CXM_OK);
    assert_int_equal(cxm_gamma_gamma_fit(&view, &m, &fit), CXM_OK);
    check_parameter("cdnow_sample", "p", m.p);
    check_parameter("cdnow_sample", "q", m.q);
    check_parameter("cdnow_sample", "v", m.v);
    check_parameter("cdnow_sample", "LL", fit.log_likelihood);
    cxm_spend_free(table);
}

/* --- random customers --- */

static int compare_times(const void *a, const void *b)
{
    const cxm_customer_event *p = a, *q = b;
    return (p->at_us > q->at_us) - (p->at_us < q->at_us);
}

static int64_t floor_day(int64_t at_us, int32_t zone_s)
{
    return (int64_t)floor((double)(at_us / 1000000 + zone_s) / 86400.0);
}

/* The same by asking of every day: whether there is a purchase, and of how much. */
static cxm_rfm by_day(const cxm_customer_item *item, const cxm_rfm_split *s)
{
    cxm_rfm r = {.size = sizeof r};
    int64_t last = floor_day(s->calibration_end_us - 1000000, s->zone_s), end = floor_day(s->holdout_end_us - 1000000, s->zone_s);
    bool born = false;
    for (int64_t day = floor_day(item->purchases[0].at_us, s->zone_s); day <= end; ++day) {
        int64_t money = 0;
        bool any = false;
        for (size_t i = 0; i < item->purchase_count; ++i) {
            if (floor_day(item->purchases[i].at_us, s->zone_s) != day) continue;
            money += item->purchases[i].amount;
            any = true;
        }
        if (any && day > last) {
            ++r.x_star;
            r.money_star += money;
        } else if (any && born) {
            ++r.x;
            r.paid += money > 0;
            r.money += money;
            r.t_x = (uint32_t)(day - r.first_day);
        } else if (any) {
            born = true;
            r.first_day = day;
            r.first_money = money;
        }
    }
    r.T = (uint32_t)(last - r.first_day);
    r.holdout_days = (uint32_t)(end - last);
    return r;
}

static void every_day_asked(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int trial = 0; trial < 2000; ++trial) {
        int32_t zone = (int32_t)(test_rand(&seed) % 172799) - 86399;
        int64_t midnight = 15 * DAY - zone * INT64_C(1000000);          /* of day 15 there */
        size_t n = test_rand(&seed) % MOST + 1;
        for (size_t i = 0; i < n; ++i)
            events[i] = (cxm_customer_event){.at_us = midnight - 15 * DAY + (int64_t)(test_rand(&seed) % (30 * 86400)) * 1000000,
                                             .amount = (int64_t)(test_rand(&seed) % 3) * 50, .kind = CXM_CUSTOMER_PURCHASE};
        qsort(events, n, sizeof *events, compare_times);
        cxm_customer_item item = {.size = sizeof item, .purchases = events, .purchase_count = n};
        cxm_rfm_split split = {sizeof split, zone, midnight, midnight + (int64_t)(test_rand(&seed) % 20) * DAY};
        cxm_rfm got = {.size = sizeof got};
        cxm_status status = cxm_rfm_of(&item, &split, &got);
        if (events[0].at_us >= midnight) assert_int_equal(status, CXM_E_EMPTY);
        else {
            cxm_rfm want = by_day(&item, &split);
            assert_int_equal(status, CXM_OK);
            assert_memory_equal(&got, &want, sizeof want);
        }
    }
}

/* The greatest amounts of the most purchases, over all years that there are. */
static void as_much_as_there_can_be(void **state)
{
    (void)state;
    cxm_customer_event *many = calloc(CXM_CUSTOMERS_EVENTS_MAX, sizeof *many);
    const int64_t first_us = INT64_C(-62135596800000000), last_us = INT64_C(253402300799999999);
    assert_non_null(many);
    for (size_t i = 0; i < CXM_CUSTOMERS_EVENTS_MAX; ++i)
        many[i] = (cxm_customer_event){.at_us = first_us + (int64_t)i * 3 * DAY, .amount = CXM_CUSTOMERS_AMOUNT_MAX, .kind = CXM_CUSTOMER_PURCHASE};
    cxm_customer_item item = {.size = sizeof item, .purchases = many, .purchase_count = CXM_CUSTOMERS_EVENTS_MAX};
    cxm_rfm_split split = {sizeof split, 0, last_us, last_us};
    cxm_rfm r = rfm_of(&item, &split);
    assert_int_equal(r.x, CXM_CUSTOMERS_EVENTS_MAX - 1);
    assert_true(r.money == (CXM_CUSTOMERS_EVENTS_MAX - 1) * CXM_CUSTOMERS_AMOUNT_MAX && r.first_day == -719162);
    assert_int_equal(r.T, 3652058);
    assert_true(r.t_x == 3 * (CXM_CUSTOMERS_EVENTS_MAX - 1) && r.holdout_days == 0);
    free(many);
}

static void refuses(void **state)
{
    (void)state;
    cxm_customer_event event = {.at_us = 5 * DAY, .amount = 100, .kind = CXM_CUSTOMER_PURCHASE};
    cxm_customer_item item = {.size = sizeof item, .purchases = &event, .purchase_count = 1};
    cxm_rfm_split good = {sizeof good, 0, 10 * DAY, 20 * DAY}, bad[4];
    cxm_rfm rfm = {.size = sizeof rfm, .x = 42};
    for (size_t i = 0; i < COUNT_OF(bad); ++i) bad[i] = good;
    bad[0].zone_s = 86400;
    bad[1].zone_s = -86400;
    bad[2].holdout_end_us = 10 * DAY - 1;
    bad[3].holdout_end_us = INT64_MAX;
    for (size_t i = 0; i < COUNT_OF(bad); ++i) assert_int_equal(cxm_rfm_of(&item, &bad[i], &rfm), CXM_E_ARG);
    bad[0] = good;
    bad[0].calibration_end_us = INT64_MIN;
    assert_int_equal(cxm_rfm_of(&item, &bad[0], &rfm), CXM_E_ARG);
    bad[0] = good;
    bad[0].size = 8;
    assert_int_equal(cxm_rfm_of(&item, &bad[0], &rfm), CXM_E_ABI);
    assert_int_equal(cxm_rfm_of(&item, NULL, &rfm), CXM_E_ARG);
    assert_int_equal(cxm_rfm_of(NULL, &good, &rfm), CXM_E_ARG);
    assert_int_equal(cxm_rfm_of(&item, &good, NULL), CXM_E_ARG);
    rfm.size = 8;
    assert_int_equal(cxm_rfm_of(&item, &good, &rfm), CXM_E_ABI);
    rfm.size = sizeof rfm;
    event.at_us = 10 * DAY;
    assert_int_equal(cxm_rfm_of(&item, &good, &rfm), CXM_E_EMPTY);
    item.purchase_count = 0;
    assert_int_equal(cxm_rfm_of(&item, &good, &rfm), CXM_E_EMPTY);
    item.purchase_count = 1;
    event.amount = -1;
    assert_int_equal(cxm_rfm_of(&item, &good, &rfm), CXM_E_ARG);
    item.size = 8;
    assert_int_equal(cxm_rfm_of(&item, &good, &rfm), CXM_E_ABI);
    assert_int_equal(rfm.x, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_of_btyd), cmocka_unit_test(the_cohort_of_lifetimes), cmocka_unit_test(the_fit_of_lifetimes),
        cmocka_unit_test(the_spend_of_clvtools), cmocka_unit_test(every_day_asked), cmocka_unit_test(as_much_as_there_can_be), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests_name("retention/rfm", tests, NULL, NULL);
}
