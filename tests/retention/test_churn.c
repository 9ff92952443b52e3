/* SPDX-License-Identifier: MIT */
/* test_churn.c - rates of vendors' worked examples and by hand, every count against one that looks at each instant, movements to the
 * cent, the walk between definitions, merging and taking back, and ranges. */
#include <cxm/churn.h>
#include <cxm/interval.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { STEPS = 12, PURCHASES = 4, RATES = CXM_CHURN_MRR_GROWTH };
static const int64_t DAY = INT64_C(86400000000);

typedef struct customer {
    cxm_customer_step steps[STEPS];
    cxm_customer_event purchases[PURCHASES];
    size_t step_count, purchase_count;
} customer;

static cxm_churn *make(int64_t from_us, int64_t to_us)
{
    cxm_churn_options options = {.size = sizeof options, .from_us = from_us, .to_us = to_us};
    cxm_churn *churn = NULL;
    assert_int_equal(cxm_churn_create(&options, NULL, &churn), CXM_OK);
    return churn;
}

static cxm_customer_item item_of(const customer *c)
{
    return (cxm_customer_item){.size = sizeof(cxm_customer_item), .code = 1, .steps = c->steps, .step_count = c->step_count,
                               .purchases = c->purchases, .purchase_count = c->purchase_count};
}

static void add(cxm_churn *churn, const customer *c)
{
    cxm_customer_item item = item_of(c);
    assert_int_equal(cxm_churn_add(churn, &item), CXM_OK);
}

/* One customer by instants and amounts, which end with an instant below the one before. */
static customer history(size_t n, const int64_t *at_us, const int64_t *amounts)
{
    customer c = {.step_count = n};
    for (size_t i = 0; i < n; ++i) c.steps[i] = (cxm_customer_step){at_us[i], amounts[i]};
    return c;
}

static void add_history(cxm_churn *churn, size_t n, const int64_t *at_us, const int64_t *amounts)
{
    customer c = history(n, at_us, amounts);
    add(churn, &c);
}

static cxm_churn_rate rate_of(const cxm_churn *churn, int32_t id, cxm_status want)
{
    cxm_churn_rate rate = {.size = sizeof rate};
    assert_int_equal(cxm_churn_rate_of(churn, id, 0.0, &rate), want);
    return rate;
}

static double value_of(const cxm_churn *churn, int32_t id)
{
    return rate_of(churn, id, CXM_OK).value;
}

static cxm_churn_counts counts_of(const cxm_churn *churn)
{
    cxm_churn_counts counts = {.size = sizeof counts};
    assert_int_equal(cxm_churn_counts_of(churn, &counts), CXM_OK);
    return counts;
}

/* --- vendors' worked examples --- */

/* A number of the inputs, "start_mrr=100;churn=10"; 0 where it is not told. */
static int64_t input(const char *inputs, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = inputs; at; at = strchr(at, ';')) {
        at += *at == ';';
        if (strncmp(at, name, len) == 0 && at[len] == '=') return atoi(at + len + 1);
    }
    return 0;
}

/* Customers of the period [0, a day) who do just that: each input one of them, or as many as it says. */
static cxm_churn *customers_of(const char *in)
{
    cxm_churn *churn = make(0, DAY);
    const int64_t noon = DAY / 2, ago = -DAY;
    int64_t start = input(in, "start_mrr"), churned = input(in, "churn"), smaller = input(in, "contraction"), larger = input(in, "expansion");
    int64_t stays = start - churned - smaller - 1, fresh = input(in, "new") + input(in, "new_business");
    int64_t fall = input(in, "mrr_day_start") - input(in, "mrr_day_end") + fresh;
    if (churned) add_history(churn, 2, (int64_t[]){ago, noon}, (int64_t[]){churned, 0});
    if (smaller) add_history(churn, 2, (int64_t[]){ago, noon}, (int64_t[]){2 * smaller, smaller});
    if (start) add_history(churn, 2, (int64_t[]){ago, noon}, (int64_t[]){stays - smaller, stays - smaller + larger});
    if (start) add_history(churn, 1, &ago, (int64_t[]){1});
    if (!start && larger) add_history(churn, 2, (int64_t[]){ago, noon}, (int64_t[]){1, 1 + larger});
    if (fresh) add_history(churn, 1, &noon, &fresh);
    if (input(in, "mrr_day_start")) add_history(churn, 2, (int64_t[]){ago, noon}, (int64_t[]){100, 100 - fall});
    for (int64_t i = 0; i < input(in, "start"); ++i)
        add_history(churn, i < input(in, "lost") ? 2 : 1, (int64_t[]){ago, noon}, (int64_t[]){1, 0});
    return churn;
}

static void vendors_worked_examples(void **state)
{
    (void)state;
    static const struct { const char *definition; int32_t rate; } names[] = {
        {"gross_mrr_churn_chartmogul_standard", CXM_CHURN_GROSS_MRR_FLOW}, {"net_mrr_churn_chartmogul_standard", CXM_CHURN_NET_MRR},
        {"gross_mrr_churn_chartmogul_shopify_one_day", CXM_CHURN_GROSS_MRR_DAILY}, {"net_mrr_churn_chartmogul_shopify_one_day", CXM_CHURN_NET_MRR_DAILY},
        {"logo_churn_start_denominator", CXM_CHURN_LOGO_ENDPOINT}, {"quick_ratio", CXM_CHURN_QUICK_RATIO}};
    test_table table = test_table_read("saas_worked_examples.csv");
    assert_int_equal(table.rows, 7);
    for (size_t i = 0; i < table.rows; ++i) {
        cxm_churn *churn = customers_of(test_cell(&table, i, "inputs"));
        size_t k = 0;
        while (strcmp(names[k].definition, test_cell(&table, i, "definition")) != 0) ++k;
        assert_close(value_of(churn, names[k].rate), test_number(&table, i, "value"), 1e-15);
        cxm_churn_free(churn);
    }
    test_table_free(&table);
}

/* A month of 30 days in which the old leave evenly; the new come evenly, and who of them leaves again does so the more often the
 * more of them are there. Shopify's essay: 6.25 %, 5.87 % and 5.02 % of one and the same behaviour. */
static cxm_churn *month_of_shopify(int old, int lost_old, int fresh, int lost_fresh)
{
    const int64_t length = 30 * DAY;
    cxm_churn *churn = make(0, length);
    for (int i = 0; i < old; ++i) {
        int64_t end = (int64_t)((i + 0.5) / lost_old * (double)length);
        add_history(churn, i < lost_old ? 2 : 1, (int64_t[]){-DAY, end}, (int64_t[]){10, 0});
    }
    for (int i = 0; i < fresh; ++i) {
        double left = i < lost_fresh ? sqrt((i + 0.5) / lost_fresh) : 1.0, came = i < lost_fresh ? left / 2.0 : (i + 0.5) / fresh;
        add_history(churn, i < lost_fresh ? 2 : 1, (int64_t[]){(int64_t)(came * (double)length), (int64_t)(left * (double)length)}, (int64_t[]){10, 0});
    }
    return churn;
}

static void three_months_of_one_behaviour(void **state)
{
    (void)state;
    static const struct { int old, lost_old, fresh, lost_fresh; double naive; } months[] = {
        {10000, 500, 5000, 125, 6.25}, {14375, 719, 5000, 125, 5.87}, {14375, 719, 100, 2, 5.02}};
    double daily[3], hazard[3];
    for (int i = 0; i < 3; ++i) {
        cxm_churn *churn = month_of_shopify(months[i].old, months[i].lost_old, months[i].fresh, months[i].lost_fresh);
        assert_near(100.0 * value_of(churn, CXM_CHURN_BAREMETRICS), months[i].naive, 0.005);
        assert_near(value_of(churn, CXM_CHURN_LOGO_ENDPOINT), 0.05, 5e-5);
        daily[i] = value_of(churn, CXM_CHURN_SHOPIFY_DAILY);
        hazard[i] = value_of(churn, CXM_CHURN_EXPOSURE);
        assert_true(value_of(churn, CXM_CHURN_CHARTMOGUL_B2C) == daily[i]);
        cxm_churn_free(churn);
    }
    for (int i = 1; i < 3; ++i) {                       /* what moved by 1.2 points moves by less than a twentieth of one */
        assert_near(daily[i], daily[0], 5e-4);
        assert_near(hazard[i], hazard[0], 5e-4);
    }
}

/* --- every count, by looking at each instant --- */

enum { SPAN = 40 };       /* instants that histories are drawn from; a period of some of them */

static customer draw(uint64_t *seed, int64_t unit)
{
    customer c = {.step_count = 0};
    int64_t at = 0, amount = 0;
    while (c.step_count < STEPS && test_rand(seed) % 8) {
        at += 1 + (int64_t)(test_rand(seed) % 8);
        int64_t next = (int64_t)(test_rand(seed) % 4);
        if (next == amount) continue;
        c.steps[c.step_count++] = (cxm_customer_step){at * unit, next};
        amount = next;
    }
    at = 0;
    while (c.purchase_count < PURCHASES && test_rand(seed) % 4) {
        at += (int64_t)(test_rand(seed) % 12);
        c.purchases[c.purchase_count++] = (cxm_customer_event){.at_us = at * unit, .amount = 5, .kind = CXM_CUSTOMER_PURCHASE};
    }
    return c;
}

/* What it pays at an instant, by looking at every step. */
static int64_t pays(const customer *c, int64_t at_us)
{
    int64_t amount = 0;
    for (size_t i = 0; i < c->step_count; ++i)
        if (c->steps[i].at_us <= at_us) amount = c->steps[i].amount;
    return amount;
}

static int active_for(const customer *c, int64_t at_us, int64_t window_us)
{
    for (size_t i = 0; i < c->purchase_count; ++i)
        if (c->purchases[i].at_us <= at_us && c->purchases[i].at_us > at_us - window_us) return 1;
    return 0;
}

static void move(cxm_churn_movement *m, int64_t amount)
{
    ++m->count;
    m->amount += (uint64_t)amount;
}

/* Adds a customer to counts, instant by instant of `unit`. */
static void look(cxm_churn_counts *n, const customer *c, int64_t from_us, int64_t to_us, int64_t unit)
{
    int64_t m0 = pays(c, from_us), m1 = pays(c, to_us), churns = 0, fresh = 0, back = 0;
    int before = 0;
    for (int64_t at = -unit; at <= from_us; at += unit) before |= pays(c, at) > 0;
    for (int64_t at = from_us + unit; at <= to_us; at += unit) {
        int64_t was = pays(c, at - unit), is = pays(c, at);
        if (was) n->exposure_days += (double)unit / (double)DAY;
        if (was == 0 && is > 0 && !before) ++fresh, before = 1, move(&n->fresh, is);
        else if (was == 0 && is > 0) ++back, move(&n->reactivation, is);
        else if (was > 0 && is == 0) ++churns, move(&n->churn, was);
        else if (is > was) move(&n->expansion, is - was);
        else if (is < was) move(&n->contraction, was - is);
    }
    ++n->customers;
    n->start += m0 > 0;
    n->end += m1 > 0;
    n->churned += m0 > 0 && m1 == 0;
    n->returned += m0 > 0 && m1 > 0 && churns > 0;
    n->joined += fresh > 0;
    n->joined_churned += fresh > 0 && churns > 0;
    n->back += m0 == 0 && fresh == 0 && back > 0;
    n->back_churned += m0 == 0 && fresh == 0 && back > 0 && churns > 0;
    n->repeated += churns > 1 ? (uint64_t)churns - 1 : 0;
    for (int64_t at = from_us; at < to_us; at += DAY) n->day_churned += pays(c, at) > 0 && pays(c, at + DAY < to_us ? at + DAY : to_us) == 0;
    n->active_before += (uint64_t)active_for(c, from_us, 30 * DAY);
    n->active_after += (uint64_t)active_for(c, to_us, 30 * DAY);
    n->active_both += active_for(c, from_us, 30 * DAY) && active_for(c, to_us, 30 * DAY);
    n->start_amount += (uint64_t)m0;
    n->end_amount += (uint64_t)m1;
    n->kept_amount += (uint64_t)(m1 < m0 ? m1 : m0);
    n->later_amount += (uint64_t)(m0 ? m1 : 0);
    n->lost_amount += (uint64_t)(m1 ? 0 : m0);
}

/* The sum over days of a ratio, from all customers at the two ends of each day. */
static double look_daily(const customer *all, size_t count, int64_t from_us, int64_t to_us, int32_t rate)
{
    double sum = 0.0;
    for (int64_t at = from_us; at < to_us; at += DAY) {
        int64_t end = at + DAY < to_us ? at + DAY : to_us, active = 0, lost = 0, paid = 0, less = 0, net = 0;
        for (size_t i = 0; i < count; ++i) {
            int64_t a = pays(&all[i], at), b = pays(&all[i], end);
            int joined = all[i].step_count && all[i].steps[0].at_us > at && all[i].steps[0].at_us <= end;
            active += a > 0;
            lost += a > 0 && b == 0;
            paid += a;
            less += a > b ? a - b : 0;
            net += a - (joined ? 0 : b);
        }
        if (rate == CXM_CHURN_SHOPIFY_DAILY && active) sum += (double)lost / (double)active;
        if (rate == CXM_CHURN_GROSS_MRR_DAILY && paid) sum += (double)less / (double)paid;
        if (rate == CXM_CHURN_NET_MRR_DAILY && paid) sum += (double)net / (double)paid;
    }
    return sum;
}

enum { CROWD = 60 };
static customer crowd[CROWD];

/* Periods of whole days, and of parts of one: instants are days, or six hours. */
static void every_count_by_looking(void **state)
{
    (void)state;
    uint64_t seed = 301;
    static const int32_t daily[] = {CXM_CHURN_SHOPIFY_DAILY, CXM_CHURN_GROSS_MRR_DAILY, CXM_CHURN_NET_MRR_DAILY};
    for (int trial = 0; trial < 300; ++trial) {
        if (test_left_out()) continue;
        int64_t unit = trial % 2 ? DAY : DAY / 4, from_us = (int64_t)(test_rand(&seed) % SPAN) * unit;
        int64_t to_us = from_us + (1 + (int64_t)(test_rand(&seed) % SPAN)) * unit;
        cxm_churn *churn = make(from_us, to_us);
        cxm_churn_counts want = {.size = sizeof want, .days = (uint32_t)((to_us - from_us + DAY - 1) / DAY)};
        for (int i = 0; i < CROWD; ++i) {
            crowd[i] = draw(&seed, unit);
            add(churn, &crowd[i]);
            look(&want, &crowd[i], from_us, to_us, unit);
        }
        cxm_churn_counts got = counts_of(churn);
        assert_memory_equal(&got, &want, sizeof got);
        assert_true(got.start_amount + got.fresh.amount + got.reactivation.amount + got.expansion.amount ==
                    got.end_amount + got.contraction.amount + got.churn.amount);
        assert_true(got.churn.count == got.churned + got.returned + got.joined_churned + got.back_churned + got.repeated);
        for (int i = 0; i < 3; ++i) {
            cxm_churn_rate rate = {.size = sizeof rate};
            if (cxm_churn_rate_of(churn, daily[i], 0.0, &rate) != CXM_OK) continue;
            test_assert_close(rate.value, look_daily(crowd, CROWD, from_us, to_us, daily[i]), 1e-13, 1e-13, "daily", __FILE__, __LINE__);
            if (rate.value != 0.0 && rate.numerator / rate.value > 0.0) assert_close(rate.numerator / rate.denominator, rate.value, 1e-13);
        }
        cxm_churn_free(churn);
    }
}

/* --- the walk between definitions --- */

static void a_walk_of_the_bridge_arrives(void **state)
{
    (void)state;
    uint64_t seed = 302, cursor = 0;
    cxm_churn *churn = make(5 * DAY, 35 * DAY);
    for (int i = 0; i < 500; ++i) {
        customer c = draw(&seed, DAY / 2);
        add(churn, &c);
    }
    cxm_churn_bridge_row row = {.size = sizeof row}, next = row;
    int rows = 0, changes = 0;
    int32_t at = CXM_CHURN_LOGO_AVERAGE;
    assert_int_equal(cxm_churn_bridge_next(churn, &cursor, &next), CXM_OK);
    for (cxm_status status = CXM_OK; status == CXM_OK; ++rows) {
        double above = rate_of(churn, at, CXM_OK).numerator, below = rate_of(churn, at, CXM_OK).denominator;
        row = next;
        assert_int_equal(row.from, at);
        do {
            assert_true(next.from == row.from && next.to == row.to && strlen(next.reason) > 10);
            changes += next.numerator_change != 0.0 || next.denominator_change != 0.0;
            above += next.numerator_change;
            below += next.denominator_change;
            status = cxm_churn_bridge_next(churn, &cursor, &next);
        } while (status == CXM_OK && next.to == row.to);
        at = row.to;
        assert_true(above == rate_of(churn, at, CXM_OK).numerator);
        assert_close(below, rate_of(churn, at, CXM_OK).denominator, 1e-14);
    }
    assert_true(rows == 8 && changes == 9 && at == CXM_CHURN_CHARTMOGUL_B2C);
    assert_int_equal(cxm_churn_bridge_next(churn, &cursor, &next), CXM_END);
    assert_int_equal(cxm_churn_bridge_next(churn, NULL, &next), CXM_E_ARG);
    next.size = 8;
    assert_int_equal(cxm_churn_bridge_next(churn, &cursor, &next), CXM_E_ABI);
    cxm_churn_free(churn);
}

/* --- intervals --- */

static void shares_and_hazards_have_their_intervals(void **state)
{
    (void)state;
    static const int32_t shares[] = {CXM_CHURN_LOGO_ENDPOINT, CXM_CHURN_RETENTION, CXM_CHURN_CHARTMOGUL, CXM_CHURN_PROFITWELL, CXM_CHURN_INACTIVE};
    uint64_t seed = 303;
    cxm_churn *churn = make(10 * DAY, 40 * DAY);
    for (int i = 0; i < 200; ++i) {
        customer c = draw(&seed, DAY);
        add(churn, &c);
    }
    cxm_interval want = {.size = sizeof want};
    for (int i = 0; i < 5; ++i) {
        cxm_churn_rate rate = {.size = sizeof rate};
        assert_int_equal(cxm_churn_rate_of(churn, shares[i], 0.9, &rate), CXM_OK);
        assert_int_equal(cxm_share_interval((uint64_t)rate.numerator, (uint64_t)rate.denominator, CXM_INTERVAL_WILSON, 0.9, &want), CXM_OK);
        assert_true(rate.low == want.low && rate.high == want.high && rate.level == 0.9 && rate.interval == CXM_CHURN_WILSON && isnan(rate.n_eff));
        assert_true(rate.numerator <= rate.denominator && rate.n == (uint64_t)rate.denominator);
    }
    cxm_churn_rate rate = rate_of(churn, CXM_CHURN_EXPOSURE, CXM_OK);
    assert_int_equal(cxm_rate_interval((uint64_t)rate.numerator, rate.denominator, CXM_INTERVAL_GARWOOD, 0.95, &want), CXM_OK);
    assert_true(rate.low == want.low && rate.high == want.high && rate.interval == CXM_CHURN_GARWOOD);
    static const int32_t none[] = {CXM_CHURN_LOGO_AVERAGE, CXM_CHURN_STRIPE, CXM_CHURN_BAREMETRICS, CXM_CHURN_SHOPIFY_DAILY, CXM_CHURN_CHARTMOGUL_B2C,
                                   CXM_CHURN_GROSS_MRR_DAILY, CXM_CHURN_NET_MRR_DAILY, CXM_CHURN_QUICK_RATIO, CXM_CHURN_MRR_GROWTH};
    for (size_t i = 0; i < sizeof none / sizeof *none; ++i) {
        cxm_churn_description d = {.size = sizeof d};
        rate = rate_of(churn, none[i], CXM_OK);
        assert_true(rate.interval_status == CXM_E_UNDEFINED && isnan(rate.low) && isnan(rate.high) && isnan(rate.se));
        assert_int_equal(cxm_churn_describe(none[i], &d), CXM_OK);
        assert_true(d.interval == CXM_CHURN_NO_INTERVAL && strlen(d.why) > 10);
    }
    cxm_churn_free(churn);
}

/* Student's t of 0.975 with 4 degrees of freedom is 2.7764451051977987; the rest by hand. Five customers paid 10, 20, 30, 40, 50
 * and pay 10, 15, 0, 60, 50: losses 0, 5, 30, 0, 0. R = 35/150; sum of (x - R m0)^2 = 925 - 2 R 1000 + R^2 5500 = 757.777...;
 * se^2 = 5/4 757.777.../150^2. Of nrr x = m1 - m0: R = -15/150, sum of squares 1325, of products -200. */
static void money_by_hand(void **state)
{
    (void)state;
    cxm_churn *churn = make(0, 30 * DAY);
    static const int64_t before[] = {10, 20, 30, 40, 50}, after[] = {10, 15, 0, 60, 50};
    for (int i = 0; i < 5; ++i) add_history(churn, before[i] == after[i] ? 1 : 2, (int64_t[]){-DAY, DAY}, (int64_t[]){before[i], after[i]});
    const double t = 2.7764451051977987, gross_se = sqrt(1.25 * (925.0 - 2.0 * 35.0 / 150.0 * 1000.0 + 35.0 * 35.0 / 22500.0 * 5500.0)) / 150.0;
    const double net_se = sqrt(1.25 * (1325.0 - 2.0 * 0.1 * 200.0 + 0.01 * 5500.0)) / 150.0;
    cxm_churn_rate rate = rate_of(churn, CXM_CHURN_GROSS_MRR, CXM_OK);
    assert_close(rate.value, 35.0 / 150.0, 1e-15);
    assert_close(rate.se, gross_se, 1e-13);
    assert_close(rate.high, 35.0 / 150.0 + t * gross_se, 1e-12);
    assert_true(rate.low == 0.0 && rate.n == 5 && rate.few == 1);
    assert_close(rate.n_eff, 22500.0 / 5500.0, 1e-15);
    rate = rate_of(churn, CXM_CHURN_GRR, CXM_OK);
    assert_close(rate.value, 115.0 / 150.0, 1e-15);
    assert_close(rate.low, 115.0 / 150.0 - t * gross_se, 1e-12);
    assert_true(rate.high == 1.0);
    rate = rate_of(churn, CXM_CHURN_NRR, CXM_OK);
    assert_close(rate.value, 0.9, 1e-15);
    assert_close(rate.se, net_se, 1e-13);
    assert_close(rate.high, 0.9 + t * net_se, 1e-12);
    rate = rate_of(churn, CXM_CHURN_NET_MRR, CXM_OK);           /* the same movements with the other sign */
    assert_close(rate.value, 0.1, 1e-15);
    assert_close(rate.se, net_se, 1e-13);
    assert_close(rate.low, 0.1 - t * net_se, 1e-12);
    rate = rate_of(churn, CXM_CHURN_GROSS_MRR_FLOW, CXM_OK);
    assert_close(rate.se, gross_se, 1e-13);
    cxm_churn_free(churn);
}

/* Everybody moved by the same share, or nobody moved, or there is one alone: no spread, so no limits. */
static void money_without_spread(void **state)
{
    (void)state;
    static const struct { int64_t before[3], after[3]; } rows[] = {
        {{100, 200, 300}, {110, 220, 330}}, {{100, 200, 300}, {100, 200, 300}}, {{100, 200, 300}, {0, 0, 0}}, {{77, 0, 0}, {70, 0, 0}}};
    static const int32_t money[] = {CXM_CHURN_GROSS_MRR, CXM_CHURN_GROSS_MRR_FLOW, CXM_CHURN_NET_MRR, CXM_CHURN_NET_MRR_BAREMETRICS, CXM_CHURN_GRR, CXM_CHURN_NRR};
    for (size_t i = 0; i < 4; ++i) {
        cxm_churn *churn = make(0, 30 * DAY);
        for (int k = 0; k < 3; ++k) {
            if (rows[i].before[k] == 0) continue;
            add_history(churn, rows[i].before[k] == rows[i].after[k] ? 1 : 2, (int64_t[]){-DAY, DAY}, (int64_t[]){rows[i].before[k], rows[i].after[k]});
        }
        for (size_t k = 0; k < 6; ++k) {
            cxm_churn_rate rate = rate_of(churn, money[k], CXM_OK);
            assert_true(rate.interval_status == CXM_E_UNDEFINED && isnan(rate.low) && isnan(rate.high) && rate.few == 0);
        }
        cxm_churn_free(churn);
    }
}

/* --- what has no value --- */

static void nobody_is_never_zero(void **state)
{
    (void)state;
    cxm_churn *churn = make(0, 30 * DAY);
    for (int32_t id = 1; id <= RATES; ++id) {
        bool quick = id == CXM_CHURN_QUICK_RATIO || id == CXM_CHURN_QUICK_RATIO_REACTIVATION;
        cxm_churn_description d = {.size = sizeof d};
        cxm_churn_rate rate = rate_of(churn, id, quick ? CXM_E_UNDEFINED : CXM_E_EMPTY);
        int32_t found = 0;
        assert_true(isnan(rate.value) && isnan(rate.low) && rate.interval_status == CXM_E_EMPTY && rate.n == 0);
        assert_int_equal(cxm_churn_describe(id, &d), CXM_OK);
        assert_true(strlen(d.definition) > 10 && strlen(d.undefined) > 10 && (strlen(d.why) > 0) == (d.interval == CXM_CHURN_NO_INTERVAL));
        assert_int_equal(cxm_churn_rate_find(d.name, strlen(d.name), &found), CXM_OK);
        assert_int_equal(found, id);
    }
    add_history(churn, 1, (int64_t[]){-DAY}, (int64_t[]){10});
    assert_true(value_of(churn, CXM_CHURN_LOGO_ENDPOINT) == 0.0 && value_of(churn, CXM_CHURN_SHOPIFY_DAILY) == 0.0);
    cxm_churn_rate rate = rate_of(churn, CXM_CHURN_SHOPIFY_DAILY, CXM_OK);
    assert_true(rate.denominator == 1.0);
    rate = rate_of(churn, CXM_CHURN_EXPOSURE, CXM_OK);
    assert_true(rate.value == 0.0 && rate.low == 0.0 && rate.high > 3.0);
    assert_int_equal(rate_of(churn, CXM_CHURN_QUICK_RATIO, CXM_E_UNDEFINED).denominator, 0);
    cxm_churn_free(churn);
}

static void inactivity_over_less_than_its_window_is_flagged(void **state)
{
    (void)state;
    cxm_churn *shorter = make(0, 29 * DAY), *whole = make(0, 30 * DAY);
    customer c = {.purchases = {{.at_us = 0, .kind = CXM_CUSTOMER_PURCHASE}}, .purchase_count = 1};
    add(shorter, &c);
    add(whole, &c);
    assert_true(rate_of(shorter, CXM_CHURN_INACTIVE, CXM_OK).biased == 1 && value_of(shorter, CXM_CHURN_INACTIVE) == 0.0);
    assert_true(rate_of(whole, CXM_CHURN_INACTIVE, CXM_OK).biased == 0 && value_of(whole, CXM_CHURN_INACTIVE) == 1.0);
    cxm_churn_free(shorter);
    cxm_churn_free(whole);
}

/* --- parts, and what is taken back --- */

static void assert_same_rates(const cxm_churn *a, const cxm_churn *b)
{
    cxm_churn_counts x = counts_of(a), y = counts_of(b);
    assert_memory_equal(&x, &y, sizeof x);
    for (int32_t id = 1; id <= RATES; ++id) {
        cxm_churn_rate p = {.size = sizeof p}, q = p;
        assert_int_equal(cxm_churn_rate_of(a, id, 0.0, &p), cxm_churn_rate_of(b, id, 0.0, &q));
        assert_memory_equal(&p, &q, sizeof p);
    }
}

static void parts_are_the_whole_and_leave_again(void **state)
{
    (void)state;
    uint64_t seed = 304;
    for (int trial = 0; trial < 50; ++trial) {
        cxm_churn *whole = make(7 * DAY, 30 * DAY + 5), *part[2] = {make(7 * DAY, 30 * DAY + 5), make(7 * DAY, 30 * DAY + 5)};
        for (int i = 0; i < CROWD; ++i) {
            crowd[i] = draw(&seed, DAY);
            add(whole, &crowd[i]);
            add(part[test_rand(&seed) % 2], &crowd[i]);
        }
        assert_int_equal(cxm_churn_merge(part[0], part[1]), CXM_OK);
        assert_same_rates(part[0], whole);
        for (int i = 0; i < CROWD; i += 2) {
            cxm_customer_item item = item_of(&crowd[i]);
            assert_int_equal(cxm_churn_remove(whole, &item), CXM_OK);
        }
        cxm_churn *rest = make(7 * DAY, 30 * DAY + 5);
        for (int i = 1; i < CROWD; i += 2) add(rest, &crowd[i]);
        assert_same_rates(rest, whole);
        assert_int_equal(cxm_churn_merge(rest, rest), CXM_OK);
        assert_true(counts_of(rest).churn.amount == 2 * counts_of(whole).churn.amount);
        cxm_churn_free(whole);
        cxm_churn_free(rest);
        for (int i = 0; i < 2; ++i) cxm_churn_free(part[i]);
    }
}

/* Lost on another day, with the same sums. */
static void a_stranger_is_not_taken_back(void **state)
{
    (void)state;
    cxm_churn *churn = make(0, 30 * DAY);
    add_history(churn, 2, (int64_t[]){-DAY, 20 * DAY}, (int64_t[]){10, 0});
    add_history(churn, 1, (int64_t[]){-DAY}, (int64_t[]){10});
    customer stranger = history(2, (int64_t[]){-DAY, 10 * DAY}, (int64_t[]){10, 0});
    cxm_customer_item item = item_of(&stranger);
    double before = value_of(churn, CXM_CHURN_SHOPIFY_DAILY);
    assert_int_equal(cxm_churn_remove(churn, &item), CXM_E_UNDERFLOW);
    assert_true(before == 0.5 && value_of(churn, CXM_CHURN_SHOPIFY_DAILY) == before);
    cxm_churn_free(churn);
}

/* All but one of a thousand move by 10 %, and one by a hair more: the spread is that hair, to the last digits. Of x - R m0 with
 * m0 = 10^12 each and one x larger by 2: the mean difference is 2/1000, so the sum of squares is 999 (2/1000)^2 + (2 - 2/1000)^2. */
static void a_spread_that_nearly_cancels(void **state)
{
    (void)state;
    const int64_t m0 = 1000000000000;
    cxm_churn *churn = make(0, 30 * DAY);
    for (int i = 0; i < 1000; ++i) add_history(churn, 2, (int64_t[]){-DAY, DAY}, (int64_t[]){m0, m0 / 10 * 9 - (i == 7 ? 2 : 0)});
    double squares = 999.0 * 4e-6 + 1.998 * 1.998, want = sqrt(1000.0 / 999.0 * squares) / 1e15;
    static const int32_t rates[] = {CXM_CHURN_GROSS_MRR, CXM_CHURN_GRR, CXM_CHURN_NRR, CXM_CHURN_NET_MRR, CXM_CHURN_GROSS_MRR_FLOW};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; ++i) assert_close(rate_of(churn, rates[i], CXM_OK).se, want, 1e-14);
    cxm_churn_free(churn);
}

/* --- ranges and arguments --- */

static void ranges(void **state)
{
    (void)state;
    const int64_t most = CXM_CHURN_AMOUNT_MAX;
    cxm_churn *churn = make(0, 30 * DAY), *other = make(0, 31 * DAY);
    customer large = history(1, (int64_t[]){-DAY}, (int64_t[]){most + 1}), later = history(1, (int64_t[]){DAY}, (int64_t[]){most + 1});
    customer swings = history(4, (int64_t[]){1, 2, 3, 4}, (int64_t[]){most, 0, most, 0}), most_of_all = history(2, (int64_t[]){-DAY, DAY}, (int64_t[]){most, 0});
    const customer *const out[] = {&large, &later, &swings};
    for (int i = 0; i < 3; ++i) {
        cxm_customer_item item = item_of(out[i]);
        assert_int_equal(cxm_churn_add(churn, &item), CXM_E_DOMAIN);
        assert_int_equal(counts_of(churn).refused, 1);
        assert_int_equal(cxm_churn_remove(churn, &item), CXM_E_DOMAIN);
        assert_int_equal(cxm_churn_remove(churn, &item), CXM_E_UNDERFLOW);
    }
    cxm_customer_item item = item_of(&most_of_all);
    cxm_status status = CXM_OK;
    for (int i = 0; i < 40000 && status == CXM_OK; ++i) status = cxm_churn_add(churn, &item);
    assert_int_equal(status, CXM_E_OVERFLOW);
    assert_true(counts_of(churn).customers == 32767 && value_of(churn, CXM_CHURN_GROSS_MRR) == 1.0);
    assert_int_equal(cxm_churn_merge(churn, churn), CXM_E_OVERFLOW);
    assert_int_equal(cxm_churn_merge(churn, other), CXM_E_MISMATCH);
    cxm_churn_free(churn);
    cxm_churn_free(other);
}

static void arguments(void **state)
{
    (void)state;
    cxm_churn *churn = make(0, 30 * DAY), *other = NULL;
    cxm_churn_rate rate = {.size = sizeof rate};
    cxm_churn_counts counts = {.size = 4};
    cxm_churn_description d = {.size = 4};
    int32_t id;
    customer c = history(2, (int64_t[]){5, 5}, (int64_t[]){1, 2});
    cxm_customer_item item = item_of(&c);
    assert_int_equal(cxm_churn_add(churn, &item), CXM_E_ARG);
    c.steps[0].at_us = 4;
    c.steps[1].amount = -1;
    assert_int_equal(cxm_churn_add(churn, &item), CXM_E_ARG);
    item.steps = NULL;
    assert_int_equal(cxm_churn_add(churn, &item), CXM_E_ARG);
    item = (cxm_customer_item){.size = sizeof item, .purchase_count = 1};
    assert_int_equal(cxm_churn_remove(churn, &item), CXM_E_ARG);
    const cxm_customer_event bought[] = {{.at_us = 5, .kind = CXM_CUSTOMER_PURCHASE}, {.at_us = 4, .kind = CXM_CUSTOMER_PURCHASE}};
    item = (cxm_customer_item){.size = sizeof item, .purchases = bought, .purchase_count = 2};
    assert_int_equal(cxm_churn_add(churn, &item), CXM_E_ARG);
    c = history(2, (int64_t[]){4, 5}, (int64_t[]){0, 2});
    item = item_of(&c);
    assert_int_equal(cxm_churn_add(churn, &item), CXM_E_ARG);
    item.size = 8;
    assert_int_equal(cxm_churn_add(churn, &item), CXM_E_ABI);
    assert_int_equal(cxm_churn_add(NULL, &item), CXM_E_ARG);
    assert_int_equal(cxm_churn_remove(churn, NULL), CXM_E_ARG);
    assert_int_equal(cxm_churn_merge(churn, NULL), CXM_E_ARG);
    assert_int_equal(cxm_churn_rate_of(churn, 0, 0.0, &rate), CXM_E_METHOD);
    assert_int_equal(cxm_churn_rate_of(churn, RATES + 1, 0.0, &rate), CXM_E_METHOD);
    assert_int_equal(cxm_churn_rate_of(churn, 1, 1.0, &rate), CXM_E_ARG);
    assert_int_equal(cxm_churn_rate_of(churn, 1, (double)NAN, &rate), CXM_E_ARG);
    rate.size = 8;
    assert_int_equal(cxm_churn_rate_of(churn, 1, 0.0, &rate), CXM_E_ABI);
    assert_int_equal(cxm_churn_counts_of(churn, &counts), CXM_E_ABI);
    assert_int_equal(cxm_churn_counts_of(NULL, &counts), CXM_E_ARG);
    assert_int_equal(cxm_churn_describe(1, &d), CXM_E_ABI);
    assert_int_equal(cxm_churn_describe(1, NULL), CXM_E_ARG);
    d.size = sizeof d;
    assert_int_equal(cxm_churn_describe(0, &d), CXM_E_METHOD);
    assert_int_equal(cxm_churn_rate_find("churn", 5, &id), CXM_E_METHOD);
    assert_int_equal(cxm_churn_rate_find(NULL, 5, &id), CXM_E_ARG);
    cxm_churn_options options = {.size = sizeof options, .from_us = 5, .to_us = 5};
    assert_int_equal(cxm_churn_create(&options, NULL, &other), CXM_E_ARG);
    options.to_us = 5 + (CXM_CHURN_DAYS_MAX + INT64_C(1)) * DAY;
    assert_int_equal(cxm_churn_create(&options, NULL, &other), CXM_E_ARG);
    options.to_us = 6;
    options.inactive_us = -1;
    assert_int_equal(cxm_churn_create(&options, NULL, &other), CXM_E_ARG);
    options.size = 5;
    assert_int_equal(cxm_churn_create(&options, NULL, &other), CXM_E_ABI);
    assert_int_equal(cxm_churn_create(NULL, NULL, &other), CXM_E_ARG);
    assert_int_equal(cxm_churn_create(&options, NULL, NULL), CXM_E_ARG);
    cxm_churn_free(churn);
    cxm_churn_free(NULL);
}

static void failing_memory(void **state)
{
    (void)state;
    cxm_churn_options options = {.size = sizeof options, .from_us = 0, .to_us = 30 * DAY};
    cxm_churn *churn = NULL;
    size_t k = 0;
    for (cxm_status status = CXM_E_MEMORY; status != CXM_OK;) {
        ledger own = {.fail_at = ++k};
        cxm_alloc hook = ledger_hook(&own);
        status = cxm_churn_create(&options, &hook, &churn);
        assert_true(status == CXM_OK || (status == CXM_E_MEMORY && own.live == 0));
        if (status == CXM_OK) cxm_churn_free(churn);
        assert_int_equal(own.live, 0);
    }
    assert_int_equal(k, 3);
}

/* A month's rate of 29 days to a year and back; a small rate keeps its digits. */
static void rescaling(void **state)
{
    (void)state;
    double year = 0.0, back = 0.0, out = -1.0;
    assert_int_equal(cxm_churn_rescale(0.07936507936507936, 29.0, 365.0, &year), CXM_OK);
    assert_close(year, 0.6468191549311822, 1e-15);
    assert_int_equal(cxm_churn_rescale(year, 365.0, 29.0, &back), CXM_OK);
    assert_close(back, 0.07936507936507936, 1e-14);
    assert_int_equal(cxm_churn_rescale(1e-18, 1.0, 12.0, &out), CXM_OK);
    assert_close(out, 12e-18, 1e-15);
    assert_int_equal(cxm_churn_rescale(1.0, 30.0, 365.0, &out), CXM_OK);
    assert_true(out == 1.0);
    assert_int_equal(cxm_churn_rescale(0.0, 5e-324, 1e308, &out), CXM_OK);
    assert_true(out == 0.0);
    out = 1.0;
    static const double bad[][3] = {{-0.1, 1, 1}, {1.1, 1, 1}, {(double)NAN, 1, 1}, {0.1, 0, 1}, {0.1, 1, -1}, {0.1, (double)INFINITY, 1}, {0.1, 1, (double)NAN}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) assert_int_equal(cxm_churn_rescale(bad[i][0], bad[i][1], bad[i][2], &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_churn_rescale(0.1, 1, 1, NULL), CXM_E_ARG);
    assert_true(out == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vendors_worked_examples),
        cmocka_unit_test(three_months_of_one_behaviour),
        cmocka_unit_test(every_count_by_looking),
        cmocka_unit_test(a_walk_of_the_bridge_arrives),
        cmocka_unit_test(shares_and_hazards_have_their_intervals),
        cmocka_unit_test(money_by_hand),
        cmocka_unit_test(money_without_spread),
        cmocka_unit_test(nobody_is_never_zero),
        cmocka_unit_test(inactivity_over_less_than_its_window_is_flagged),
        cmocka_unit_test(parts_are_the_whole_and_leave_again),
        cmocka_unit_test(a_stranger_is_not_taken_back),
        cmocka_unit_test(a_spread_that_nearly_cancels),
        cmocka_unit_test(ranges),
        cmocka_unit_test(arguments),
        cmocka_unit_test(failing_memory),
        cmocka_unit_test(rescaling),
    };
    return cmocka_run_group_tests_name("retention/churn", tests, NULL, NULL);
}
