/* SPDX-License-Identifier: MIT */
/* test_churn_fightchurn.c - two real logs, from their rows to the rates of "Fighting Churn With Data", listings 2.1 to 2.8, as its SQL
 * gives them: subscriptions as periods and again as events, and purchases. Left out are the three columns of extension of listing
 * 2.7: they are 0 in every month, although start - churn - downsell of the same listing is not what listing 2.1 says is retained.
 *
 * The logs are no part of the project: they are looked for in ../shared/data beside the project's root, or in $CXM_SHARED/data.
 * Without them the test says so; with CI=true it fails. */
#include <cxm/churn.h>
#include <cxm/money.h>
#include <cxm/text.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { FIELDS = 4, LINE = 256 };
static const int64_t DAY = INT64_C(86400000000);

static FILE *open_log(const char *name)
{
    char path[1024];
    const char *shared = getenv("CXM_SHARED"), *root = getenv("CXM_TEST_ROOT"), *ci = getenv("CI");
    if (shared) snprintf(path, sizeof path, "%s/data/%s", shared, name);
    else snprintf(path, sizeof path, "%s/../../shared/data/%s", root ? root : ".", name);
    FILE *file = fopen(path, "r");
    if (!file && ci && strcmp(ci, "true") == 0) fail_msg("%s is not there", path);
    return file;
}

static int64_t day_of(const char *text)
{
    int64_t at_us = 0;
    assert_int_equal(cxm_text_time(text, strlen(text), 0, &at_us, NULL), CXM_OK);
    return at_us;
}

static int64_t money_of(const char *text)
{
    int64_t minor = 0;
    assert_int_equal(cxm_money_read(text, strlen(text), 2, '.', &minor), CXM_OK);
    return minor;
}

/* account_id,start_date,end_date,mrr */
static const char *read_period(char *const *f, cxm_customer_event *e)
{
    *e = (cxm_customer_event){.at_us = day_of(f[1]), .end_us = *f[2] ? day_of(f[2]) : CXM_CUSTOMERS_NEVER, .amount = money_of(f[3]),
                              .kind = CXM_CUSTOMER_PERIOD};
    return f[0];
}

/* date,customer_id,event,mrr */
static const char *read_event(char *const *f, cxm_customer_event *e)
{
    int32_t kind;
    assert_int_equal(cxm_customer_kind_of(f[2], strlen(f[2]), &kind), CXM_OK);
    *e = (cxm_customer_event){.at_us = day_of(f[0]), .amount = money_of(f[3]), .kind = (uint8_t)kind};
    if (kind == CXM_CUSTOMER_CANCEL) e->end_us = e->at_us;
    return f[1];
}

/* customer_id date number value, between blanks */
static const char *read_purchase(char *const *f, cxm_customer_event *e)
{
    char day[11];
    snprintf(day, sizeof day, "%.4s-%.2s-%.2s", f[1], f[1] + 4, f[1] + 6);
    *e = (cxm_customer_event){.at_us = day_of(day), .amount = money_of(f[3]), .kind = CXM_CUSTOMER_PURCHASE};
    return f[0];
}

/* Cuts a line at commas, or where it has none at blanks, in place. */
static void cut(char *line, char *fields[FIELDS])
{
    const char *marks = strchr(line, ',') ? ",\r\n" : " \r\n";
    for (int i = 0; i < FIELDS; ++i) {
        if (*marks == ' ') line += strspn(line, " ");
        fields[i] = line;
        line += strcspn(line, marks);
        if (*line) *line++ = '\0';
    }
}

static cxm_customers *read_log(const char *name, const char *(*read)(char *const *, cxm_customer_event *))
{
    char line[LINE], *fields[FIELDS];
    FILE *file = open_log(name);
    cxm_customers *c = NULL;
    cxm_customer_event e;
    if (!file) {
        print_message("left out: there is no %s\n", name);
        return NULL;
    }
    assert_int_equal(cxm_customers_create(NULL, NULL, &c), CXM_OK);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        cut(line, fields);
        if (!*fields[0]) continue;
        const char *who = read(fields, &e);
        assert_int_equal(cxm_customers_add(c, cxm_customer_code(who, strlen(who)), &e), CXM_OK);
    }
    fclose(file);
    return c;
}

static cxm_churn *count(cxm_customers *c, int64_t from_us, int64_t to_us, int64_t inactive_days)
{
    cxm_churn_options options = {.size = sizeof options, .from_us = from_us, .to_us = to_us, .inactive_us = inactive_days * DAY};
    cxm_customer_item item = {.size = sizeof item};
    cxm_churn *churn = NULL;
    uint64_t cursor = 0;
    assert_int_equal(cxm_churn_create(&options, NULL, &churn), CXM_OK);
    while (cxm_customers_next(c, &cursor, CXM_CUSTOMERS_ENDED, &item) == CXM_OK) assert_int_equal(cxm_churn_add(churn, &item), CXM_OK);
    return churn;
}

static double value_of(const cxm_churn *churn, int32_t id)
{
    cxm_churn_rate rate = {.size = sizeof rate};
    assert_int_equal(cxm_churn_rate_of(churn, id, 0.0, &rate), CXM_OK);
    return rate.value;
}

static double rescaled(double rate, double days, double to_days)
{
    double out = -1.0;
    assert_int_equal(cxm_churn_rescale(rate, days, to_days, &out), CXM_OK);
    return out;
}

/* One of the quantities that the listings give; -1 for no such name. */
static double quantity_of(const cxm_churn *churn, const char *name, double days, bool of_purchases)
{
    cxm_churn_counts n = {.size = sizeof n};
    assert_int_equal(cxm_churn_counts_of(churn, &n), CXM_OK);
    double endpoint = value_of(churn, of_purchases ? CXM_CHURN_INACTIVE : CXM_CHURN_LOGO_ENDPOINT), start = (double)n.start_amount;
    double gross = of_purchases ? 0.0 : value_of(churn, CXM_CHURN_GROSS_MRR), nrr = of_purchases ? 0.0 : value_of(churn, CXM_CHURN_NRR);
    const struct { const char *name; double value; } all[] = {
        {"net_mrr_retention_rate", nrr}, {"net_retention_rate", nrr}, {"net_mrr_churn_rate_floorless", 1.0 - nrr}, {"start_mrr", start / 100.0},
        {"retained_mrr", (double)n.later_amount / 100.0}, {"churn_rate", endpoint}, {"measured_churn", endpoint},
        {"retention_rate", of_purchases ? 1.0 - endpoint : value_of(churn, CXM_CHURN_RETENTION)},
        {"n_start", (double)(of_purchases ? n.active_before : n.start)}, {"n_churn", (double)(of_purchases ? n.active_before - n.active_both : n.churned)},
        {"churn_mrr", (double)n.lost_amount / 100.0}, {"downsell_mrr", (double)(n.start_amount - n.kept_amount - n.lost_amount) / 100.0},
        {"gross_mrr_churn_rate", gross}, {"annual_net_retention_pow12", pow(nrr, 12.0)},
        {"period_days", days}, {"annual_churn_365", rescaled(endpoint, days, 365.0)}, {"monthly_churn_365_12", rescaled(endpoint, days, 365.0 / 12.0)},
        {"annual_churn_pow12", rescaled(endpoint, 1.0, 12.0)}, {"annual_gross_mrr_churn_pow12", rescaled(gross, 1.0, 12.0)}};
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i)
        if (strcmp(all[i].name, name) == 0) return all[i].value;
    return -1.0;
}

/* Rows of one listing and period at once; how many were compared. */
static size_t compare_rows(cxm_customers *c, const char *dataset, bool of_purchases)
{
    test_table table = test_table_read("period_metrics_fightchurn_sql.csv");
    char last[LINE] = "", now[LINE];
    cxm_churn *churn = NULL;
    size_t compared = 0;
    double days = 0.0;
    for (size_t i = 0; i < table.rows; ++i) {
        const char *listing = test_cell(&table, i, "definition"), *name = test_cell(&table, i, "quantity"), *within = strstr(listing, "inactive_");
        int64_t from_us = day_of(test_cell(&table, i, "from")), to_us = day_of(test_cell(&table, i, "to"));
        if (strcmp(test_cell(&table, i, "dataset"), dataset) != 0) continue;
        snprintf(now, sizeof now, "%s %s", listing, test_cell(&table, i, "from"));
        if (strcmp(now, last) != 0) {
            cxm_churn_free(churn);
            churn = count(c, from_us, to_us, within ? atoi(within + strlen("inactive_")) : 0);
            days = (double)((to_us - from_us) / DAY);
            strcpy(last, now);
        }
        double got = quantity_of(churn, name, days, of_purchases), want = test_number(&table, i, "value");
        if (strstr(name, "extension")) continue;
        if (strncmp(name, "n_", 2) == 0) assert_true(got == want);
        else assert_close(got, want, 1e-9);
        ++compared;
    }
    cxm_churn_free(churn);
    test_table_free(&table);
    return compared;
}

static void subscriptions_as_periods(void **state)
{
    (void)state;
    cxm_customers *c = read_log("subs_synth/periods.csv", read_period);
    if (c) assert_int_equal(compare_rows(c, "subs_synth", false), 430);
    cxm_customers_free(c);
}

static void subscriptions_as_events(void **state)
{
    (void)state;
    cxm_customers *c = read_log("subs_synth/events.csv", read_event);
    if (c) assert_int_equal(compare_rows(c, "subs_synth", false), 430);
    cxm_customers_free(c);
}

static void purchases(void **state)
{
    (void)state;
    cxm_customers *c = read_log("cdnow/CDNOW_master.txt", read_purchase);
    if (c) assert_int_equal(compare_rows(c, "cdnow_master_events", true), 48);
    cxm_customers_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(subscriptions_as_periods), cmocka_unit_test(subscriptions_as_events),
                                       cmocka_unit_test(purchases)};
    return cmocka_run_group_tests_name("retention/churn_fightchurn", tests, NULL, NULL);
}
