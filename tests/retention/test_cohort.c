/* SPDX-License-Identifier: MIT */
/* test_cohort.c - triangles against a second program's table, against the definition asked customer by customer, and against their
 * own algebra: partitions, removal, subtraction, bounds, every refusal.
 *
 * The subscriptions behind the table are no part of the project: they are looked for in ../shared/data/subs_synth beside the
 * project's root, or in CXM_SHARED; without them the table is skipped, in CI=true a failure. */
#include <cxm/cohort.h>
#include <cxm/interval.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

#define DAY INT64_C(86400000000)
#define HOUR INT64_C(3600000000)
enum { STEPS = 12, BOUGHT = 6, PEOPLE = 60, SPELLS = 4000 };

/* A customer and what its item points to. */
typedef struct person {
    cxm_customer_step steps[STEPS];
    cxm_customer_event bought[BOUGHT];
    cxm_customer_item item;
} person;

/* Days since 1970 by counting them. */
static int64_t day_of(int year, int month, int day)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = day - 1;
    for (int y = 1970; y < year; ++y) days += 365 + (y % 4 == 0);
    for (int m = 1; m < month; ++m) days += length[m - 1] + (m == 2 && year % 4 == 0);
    return days;
}

static int64_t at(int year, int month, int day)
{
    return day_of(year, month, day) * DAY;
}

static cxm_cohort_options monthly(void)
{
    return (cxm_cohort_options){.size = sizeof(cxm_cohort_options), .unit = CXM_COHORT_MONTH, .since_us = CXM_COHORT_EVER,
                                .until_us = at(2025, 1, 1), .periods = 12};
}

static cxm_cohort *make(const cxm_cohort_options *options)
{
    cxm_cohort *c = NULL;
    assert_int_equal(cxm_cohort_create(options, NULL, &c), CXM_OK);
    return c;
}

static cxm_cohort_account account_of(const cxm_cohort *c)
{
    cxm_cohort_account a = {.size = sizeof a};
    assert_int_equal(cxm_cohort_account_of(c, &a), CXM_OK);
    assert_int_equal(a.customers, a.started + a.before + a.behind + a.never);
    return a;
}

static void aim(person *p, size_t steps, size_t bought)
{
    p->item = (cxm_customer_item){.size = sizeof p->item, .steps = p->steps, .step_count = steps, .purchases = p->bought,
                                  .purchase_count = bought};
}

/* An instant of about a year, often at midnight, often of a first day of a month. */
static int64_t some_instant(uint64_t *seed)
{
    uint64_t r = test_rand(seed);
    int64_t us = r % 3 ? at(2023, 11, 1) + (int64_t)(r / 3 % 430) * DAY : at(2024, 1 + (int)(r / 3 % 12), 1);
    return test_rand(seed) % 2 ? us : us + (int64_t)(test_rand(seed) % 24) * HOUR;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void draw(person *p, uint64_t *seed)
{
    int64_t times[STEPS];
    size_t n = 0, steps = test_rand(seed) % (STEPS + 1), bought = test_rand(seed) % 3 ? 0 : test_rand(seed) % (BOUGHT + 1);
    for (size_t i = 0; i < steps; ++i) times[i] = some_instant(seed);
    qsort(times, steps, sizeof *times, by_time);
    for (size_t i = 0; i < steps; ++i) {
        if (n && times[i] == p->steps[n - 1].at_us) continue;
        int64_t amount = n && test_rand(seed) % 2 ? 0 : 1 + (int64_t)(test_rand(seed) % 5000);
        p->steps[n++] = (cxm_customer_step){times[i], amount};
    }
    for (size_t i = 0; i < bought; ++i) times[i] = some_instant(seed);
    qsort(times, bought, sizeof *times, by_time);
    for (size_t i = 0; i < bought; ++i)
        p->bought[i] = (cxm_customer_event){.at_us = times[i], .amount = (int64_t)(test_rand(seed) % 900),
                                            .kind = CXM_CUSTOMER_PURCHASE};
    aim(p, n, bought);
}

/* --- the definition, asked of one customer --- */

static int64_t amount_at(const person *p, int64_t us)
{
    int64_t amount = 0;
    for (size_t i = 0; i < p->item.step_count; ++i)
        if (p->steps[i].at_us <= us) amount = p->steps[i].amount;
    return amount;
}

static bool any_in(const person *p, int64_t from, int64_t to)
{
    for (size_t i = 0; i < p->item.step_count; ++i)
        if (from <= p->steps[i].at_us && p->steps[i].at_us < to && p->steps[i].amount) return true;
    for (size_t i = 0; i < p->item.purchase_count; ++i)
        if (from <= p->bought[i].at_us && p->bought[i].at_us < to) return true;
    return amount_at(p, from) > 0;
}

static int64_t bought_in(const person *p, int64_t from, int64_t to)
{
    int64_t sum = 0;
    for (size_t i = 0; i < p->item.purchase_count; ++i)
        if (from <= p->bought[i].at_us && p->bought[i].at_us < to) sum += p->bought[i].amount;
    return sum;
}

static int64_t start_of(const person *p, int32_t basis)
{
    int64_t step = p->item.step_count ? p->steps[0].at_us : INT64_MAX;
    int64_t bought = p->item.purchase_count ? p->bought[0].at_us : INT64_MAX;
    return basis == CXM_COHORT_SUBSCRIPTION ? step : basis == CXM_COHORT_PURCHASE ? bought : step < bought ? step : bought;
}

/* One cell, of all customers together. */
static void assert_cell(const person *all, const cxm_cohort_options *o, int32_t reading, const cxm_cohort_cell *cell)
{
    uint64_t customers = 0, n0 = 0, n = 0, outside = 0, money = 0;
    for (size_t i = 0; i < PEOPLE; ++i) {
        const person *p = &all[i];
        int64_t start = start_of(p, o->basis);
        if (start < cell->start_us || start >= cell->end_us || start < o->since_us || start >= o->until_us) continue;
        bool end = reading == CXM_COHORT_AT_END;
        bool first = end ? amount_at(p, cell->end_us) > 0 : any_in(p, cell->start_us, cell->end_us);
        bool now = end ? amount_at(p, cell->to_us) > 0 : any_in(p, cell->from_us, cell->to_us);
        ++customers;
        n0 += first;
        n += now;
        outside += now && !first;
        money += (uint64_t)(end ? amount_at(p, cell->to_us) : bought_in(p, cell->from_us, cell->to_us));
    }
    assert_int_equal(cell->customers, customers);
    assert_int_equal(cell->missing, cell->to_us > o->until_us);
    if (cell->missing) return;
    assert_int_equal(cell->n0, n0);
    assert_int_equal(cell->n, n);
    assert_int_equal(cell->outside, outside);
    assert_true(cell->revenue_high == 0 && cell->revenue_low == money && cell->revenue == (double)money);
    assert_true(cell->n0 >= cell->n - cell->outside);
}

/* Starts of periods, by walking the wall calendar from before all data. */
static int64_t period_after(const cxm_cohort_options *o, int64_t us)
{
    int64_t shift = o->zone_s * INT64_C(1000000);
    for (int y = 2023; y < 2027; ++y)
        for (int m = 1; m <= 12; m += o->unit == CXM_COHORT_QUARTER ? 3 : 1)
            if (o->unit != CXM_COHORT_WEEK && at(y, m, 1) - shift > us) return at(y, m, 1) - shift;
    int64_t week = at(2022, 12, 5) - shift;     /* a Monday */
    while (week <= us) week += 7 * DAY;
    return week;
}

/* Every cell is there, once, in its order; and each is what the definition says. */
static void assert_triangle(const cxm_cohort *c, const person *all, const cxm_cohort_options *o)
{
    for (int32_t reading = CXM_COHORT_AT_END; reading <= CXM_COHORT_ANY; ++reading) {
        cxm_cohort_cell cell = {.size = sizeof cell}, before = cell;
        uint64_t cursor = 0, started = 0;
        while (cxm_cohort_next(c, reading, 0.0, &cursor, &cell) == CXM_OK) {
            bool same = before.customers && before.start_us == cell.start_us;
            assert_true(before.to_us < o->until_us || !same);
            assert_int_equal(cell.age, same ? before.age + 1 : 0);
            assert_int_equal(cell.from_us, same ? before.to_us : cell.start_us);
            assert_true(same || cell.start_us > before.start_us || !before.customers);
            if (before.customers && !same) assert_true(before.to_us >= o->until_us);
            assert_int_equal(cell.to_us, period_after(o, cell.from_us));
            assert_int_equal(cell.end_us, period_after(o, cell.start_us));
            assert_cell(all, o, reading, &cell);
            if (!same) started += cell.customers;
            before = cell;
        }
        assert_int_equal(started, account_of(c).started);
        assert_true(!before.customers || before.to_us >= o->until_us);
    }
}

static cxm_cohort_options draw_options(uint64_t *seed)
{
    static const int32_t zones[] = {0, 3600, -18000, 20700};
    cxm_cohort_options o = {.size = sizeof o, .unit = 1 + (int32_t)(test_rand(seed) % 3), .basis = 1 + (int32_t)(test_rand(seed) % 3),
                            .zone_s = zones[test_rand(seed) % 4], .since_us = CXM_COHORT_EVER};
    o.until_us = (test_rand(seed) % 2 ? at(2024, 10, 1) : at(2024, 7, 15) + 5 * HOUR) - o.zone_s * INT64_C(1000000);
    if (test_rand(seed) % 3 == 0) o.until_us = period_after(&o, o.until_us);
    if (test_rand(seed) % 2) o.since_us = at(2024, 1, 1) + (int64_t)(test_rand(seed) % 60) * DAY;
    return o;
}

static void cells_are_what_the_definition_says(void **state)
{
    (void)state;
    static person all[PEOPLE];
    uint64_t seed = 31;
    for (int trial = 0; trial < 150; ++trial) {
        cxm_cohort_options o = draw_options(&seed);
        cxm_cohort *c = make(&o);
        uint64_t never = 0, before = 0, behind = 0;
        for (size_t i = 0; i < PEOPLE; ++i) {
            draw(&all[i], &seed);
            int64_t start = start_of(&all[i], o.basis);
            assert_int_equal(cxm_cohort_add(c, &all[i].item), CXM_OK);
            never += start == INT64_MAX;
            before += start < o.since_us;
            behind += start != INT64_MAX && start >= o.until_us;
        }
        cxm_cohort_account a = account_of(c);
        assert_true(a.customers == PEOPLE && a.never == never && a.before == before && a.behind == behind);
        assert_true(a.unit == o.unit && a.basis == o.basis && a.zone_s == o.zone_s && a.until_us == o.until_us);
        assert_true(o.since_us == CXM_COHORT_EVER || a.since_us == o.since_us);
        assert_triangle(c, all, &o);
        cxm_cohort_free(c);
    }
}

/* Three customers of January to March 2024, by hand:
 *   a  29.90 from 10 January on, buys for 5.00 on 3 March          b  10.00 from 20 January up to 5 February, 20.00 from 1 March on
 *   c  10.00 from 5 January up to 1 February, gone that midnight; 7.00 again from 15 February up to 1 March */
static person by_hand[3] = {
    {.steps = {{INT64_C(1704844800000000), 2990}}, .bought = {{.at_us = INT64_C(1709424000000000), .amount = 500}}},
    {.steps = {{INT64_C(1705708800000000), 1000}, {INT64_C(1707091200000000), 0}, {INT64_C(1709251200000000), 2000}}},
    {.steps = {{INT64_C(1704412800000000), 1000}, {INT64_C(1706745600000000), 0}, {INT64_C(1707955200000000), 700},
               {INT64_C(1709251200000000), 0}}},
};

static void a_triangle_by_hand(void **state)
{
    (void)state;
    static const struct {
        int32_t reading;
        uint64_t age, n0, n, outside, money;
        double retention, revenue;
        int32_t status;
    } want[] = {
        {CXM_COHORT_AT_END, 0, 2, 2, 0, 3990, 1.0, 1.0, CXM_OK},
        {CXM_COHORT_AT_END, 1, 2, 2, 0, 4990, 1.0, 4990.0 / 3990.0, CXM_OK},    /* b pays again at that very instant, c ends */
        {CXM_COHORT_AT_END, 2, 2, 2, 0, 4990, 1.0, 4990.0 / 3990.0, CXM_OK},
        {CXM_COHORT_ANY, 0, 3, 3, 0, 0, 1.0, NAN, CXM_OK},
        {CXM_COHORT_ANY, 1, 3, 3, 0, 0, 1.0, NAN, CXM_OK},
        {CXM_COHORT_ANY, 2, 3, 2, 0, 500, 2.0 / 3.0, NAN, CXM_OK},
    };
    cxm_cohort_options o = monthly();
    o.until_us = at(2024, 4, 1);
    cxm_cohort *c = make(&o);
    const size_t steps[] = {1, 3, 4};
    for (int i = 0; i < 3; ++i) {
        aim(&by_hand[i], steps[i], i == 0);
        assert_int_equal(cxm_cohort_add(c, &by_hand[i].item), CXM_OK);
    }
    uint64_t cursor = 0;
    cxm_cohort_cell cell = {.size = sizeof cell};
    for (size_t i = 0; i < COUNT_OF(want); ++i) {
        cxm_interval limits = {.size = sizeof limits};
        if (want[i].age == 0) cursor = 0;
        assert_int_equal(cxm_cohort_next(c, want[i].reading, 0.9, &cursor, &cell), CXM_OK);
        assert_true(cell.start_us == at(2024, 1, 1) && cell.end_us == at(2024, 2, 1));
        assert_true(cell.age == want[i].age && cell.customers == 3);
        assert_true(cell.n0 == want[i].n0 && cell.n == want[i].n && cell.outside == want[i].outside && !cell.missing);
        assert_true(cell.revenue_low == want[i].money && cell.retention == want[i].retention);
        assert_true(isnan(want[i].revenue) ? isnan(cell.revenue_retention) : cell.revenue_retention == want[i].revenue);
        assert_int_equal(cell.interval_status, want[i].status);
        assert_int_equal(cxm_share_interval(cell.n, cell.n0, CXM_INTERVAL_WILSON, 0.9, &limits), CXM_OK);
        assert_true(cell.low == limits.low && cell.high == limits.high);
        if (want[i].age == 2) assert_int_equal(cxm_cohort_next(c, want[i].reading, 0.9, &cursor, &cell), CXM_END);
    }
    cxm_cohort_free(c);
}

/* Limits only of a part of n0: one who was gone at the end of age 0 and came back has none, nor has a cohort all gone by then. */
static void limits_where_they_mean_something(void **state)
{
    (void)state;
    cxm_cohort_options o = monthly();
    o.until_us = at(2024, 4, 10);
    cxm_cohort *c = make(&o);
    cxm_cohort_cell cell = {.size = sizeof cell};
    person p = {.steps = {{at(2024, 1, 5), 10}, {at(2024, 1, 20), 0}, {at(2024, 3, 5), 10}}};
    uint64_t cursor = 0;
    aim(&p, 3, 0);
    assert_int_equal(cxm_cohort_add(c, &p.item), CXM_OK);
    const cxm_status want[] = {CXM_E_EMPTY, CXM_E_EMPTY, CXM_E_EMPTY, CXM_E_UNDEFINED};
    for (int age = 0; age < 4; ++age) {
        assert_int_equal(cxm_cohort_next(c, CXM_COHORT_AT_END, 0.0, &cursor, &cell), CXM_OK);
        assert_int_equal(cell.interval_status, want[age]);
        assert_true(isnan(cell.low) && isnan(cell.high) && isnan(cell.retention) && isnan(cell.revenue_retention));
        assert_int_equal(cell.missing, age == 3);
        assert_int_equal(isnan(cell.revenue), age == 3);
    }
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_AT_END, 0.0, &cursor, &cell), CXM_END);
    person q = {.steps = {{at(2024, 1, 6), 10}}};
    aim(&q, 1, 0);
    assert_int_equal(cxm_cohort_add(c, &q.item), CXM_OK);
    const double retention[] = {1.0, 1.0, 2.0};
    for (cursor = 0; cxm_cohort_next(c, CXM_COHORT_AT_END, 0.0, &cursor, &cell) == CXM_OK && !cell.missing;) {
        assert_true(cell.retention == retention[cell.age] && cell.outside == (cell.age == 2));
        assert_int_equal(cell.interval_status, cell.age == 2 ? CXM_E_UNDEFINED : CXM_OK);
    }
    cxm_cohort_free(c);
}

/* --- the table --- */

typedef struct spell { long account; int64_t from, to, amount; } spell;
static spell spells[SPELLS];

static FILE *open_spells(void)
{
    char path[1024];
    const char *shared = getenv("CXM_SHARED"), *root = getenv("CXM_TEST_ROOT"), *ci = getenv("CI");
    if (shared) snprintf(path, sizeof path, "%s/data/subs_synth/periods.csv", shared);
    else snprintf(path, sizeof path, "%s/../../shared/data/subs_synth/periods.csv", root ? root : ".");
    FILE *file = fopen(path, "r");
    if (!file && ci && strcmp(ci, "true") == 0) fail_msg("%s is not there", path);
    return file;
}

static int64_t day_text(const char *text)
{
    int y, m, d;
    return sscanf(text, "%d-%d-%d", &y, &m, &d) == 3 ? at(y, m, d) : INT64_MAX;
}

static size_t read_spells(FILE *file)
{
    char line[200], from[20], to[20];
    size_t n = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (n < SPELLS && fgets(line, sizeof line, file)) {
        double amount;
        spell *s = &spells[n++];
        if (sscanf(line, "%ld,%19[^,],%19[^,],%lf", &s->account, from, to, &amount) != 4) {
            assert_int_equal(sscanf(line, "%ld,%19[^,],,%lf", &s->account, from, &amount), 3);
            to[0] = '\0';
        }
        s->from = day_text(from);
        s->to = day_text(to);
        s->amount = (int64_t)(amount * 100.0 + 0.5);
    }
    fclose(file);
    return n;
}

/* The sum over the spells of one account, at each instant at which one begins or ends. */
static void gather(const spell *all, size_t n, long account, person *p)
{
    int64_t times[2 * STEPS];
    size_t found = 0, steps = 0;
    for (size_t i = 0; i < n; ++i) {
        if (all[i].account != account) continue;
        assert_true(found + 2 < 2 * STEPS);
        times[found++] = all[i].from;
        if (all[i].to != INT64_MAX) times[found++] = all[i].to;
    }
    qsort(times, found, sizeof *times, by_time);
    for (size_t t = 0; t < found; ++t) {
        int64_t sum = 0;
        for (size_t i = 0; i < n; ++i)
            if (all[i].account == account && all[i].from <= times[t] && times[t] < all[i].to) sum += all[i].amount;
        if ((steps ? p->steps[steps - 1].amount : 0) == sum) continue;
        assert_true(steps < STEPS);
        p->steps[steps++] = (cxm_customer_step){times[t], sum};
    }
    aim(p, steps, 0);
}

/* The same through a state of customers: periods as events, each customer as its item. */
static cxm_cohort *triangle_of_events(size_t n, const cxm_cohort_options *o)
{
    cxm_customers *all = NULL;
    cxm_customer_item item = {.size = sizeof item};
    cxm_cohort *c = make(o);
    uint64_t cursor = 0;
    assert_int_equal(cxm_customers_create(NULL, NULL, &all), CXM_OK);
    for (size_t i = 0; i < n; ++i) {
        cxm_customer_event event = {.at_us = spells[i].from, .end_us = spells[i].to, .amount = spells[i].amount,
                                    .part = (uint32_t)i + 1, .kind = CXM_CUSTOMER_PERIOD};
        assert_int_equal(cxm_customers_add(all, (uint64_t)spells[i].account, &event), CXM_OK);
    }
    while (cxm_customers_next(all, &cursor, CXM_CUSTOMERS_ENDED, &item) == CXM_OK)
        assert_int_equal(cxm_cohort_add(c, &item), CXM_OK);
    cxm_customers_free(all);
    return c;
}

static void assert_same(const cxm_cohort *a, const cxm_cohort *b)
{
    static unsigned char x[1 << 18], y[1 << 18];
    size_t m = 0, n = 0;
    assert_int_equal(cxm_cohort_encode(a, x, sizeof x, &m), CXM_OK);
    assert_int_equal(cxm_cohort_encode(b, y, sizeof y, &n), CXM_OK);
    assert_int_equal(m, n);
    assert_memory_equal(x, y, n);
}

static cxm_cohort *triangle_of(size_t n, const char *unit, const char *until)
{
    cxm_cohort_options o = {.size = sizeof o, .since_us = CXM_COHORT_EVER, .until_us = day_text(until)};
    o.unit = strcmp(unit, "week") == 0 ? CXM_COHORT_WEEK : strcmp(unit, "month") == 0 ? CXM_COHORT_MONTH : CXM_COHORT_QUARTER;
    cxm_cohort *c = make(&o);
    person p;
    for (size_t i = 0; i < n; ++i) {
        if (i && spells[i].account == spells[i - 1].account) continue;
        gather(spells + i, n - i < STEPS ? n - i : STEPS, spells[i].account, &p);     /* spells of an account stand together */
        assert_int_equal(cxm_cohort_add(c, &p.item), CXM_OK);
    }
    cxm_cohort *other = triangle_of_events(n, &o);
    assert_same(c, other);
    cxm_cohort_free(other);
    return c;
}

static void assert_row(const test_table *t, size_t row, const cxm_cohort_cell *cell)
{
    static const char *const names[] = {"customers", "n0", "n", "outside", "revenue", "missing", "age"};
    const double got[] = {(double)cell->customers, (double)cell->n0, (double)cell->n, (double)cell->outside, cell->revenue,
                          cell->missing, (double)cell->age};
    assert_int_equal(cell->start_us, day_text(test_cell(t, row, "cohort")));
    for (size_t i = 0; i < COUNT_OF(names); ++i) {
        double want = test_number(t, row, names[i]);
        if (!isnan(want)) assert_true(got[i] == want);
        else assert_true(cell->missing);
    }
}

static void cells_are_those_of_another_program(void **state)
{
    (void)state;
    FILE *file = open_spells();
    if (!file) {
        print_message("../shared/data/subs_synth is not there: skipped\n");
        skip();
    }
    size_t n = read_spells(file);
    test_table t = test_table_read("cohort_triangles.csv");
    cxm_cohort *c = NULL;
    cxm_cohort_cell cell = {.size = sizeof cell};
    uint64_t cursor = 0;
    for (size_t row = 0; row < t.rows; ++row) {
        const char *unit = test_cell(&t, row, "unit"), *reading = test_cell(&t, row, "reading");
        bool fresh = row == 0 || strcmp(unit, test_cell(&t, row - 1, "unit")) != 0;
        int32_t asked = strcmp(reading, "any") == 0 ? CXM_COHORT_ANY : CXM_COHORT_AT_END;
        if (fresh || strcmp(reading, test_cell(&t, row - 1, "reading")) != 0) {
            if (c) assert_int_equal(cxm_cohort_next(c, 3 - asked, 0.0, &cursor, &cell), CXM_END);
            cursor = 0;
        }
        if (fresh) {
            cxm_cohort_free(c);
            c = triangle_of(n, unit, test_cell(&t, row, "until"));
        }
        assert_int_equal(cxm_cohort_next(c, asked, 0.0, &cursor, &cell), CXM_OK);
        assert_row(&t, row, &cell);
    }
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_ANY, 0.0, &cursor, &cell), CXM_END);
    cxm_cohort_free(c);
    test_table_free(&t);
}

/* --- the algebra --- */

static void parts_are_the_whole(void **state)
{
    (void)state;
    uint64_t seed = 71;
    person p, away;
    for (int trial = 0; trial < 40; ++trial) {
        cxm_cohort_options o = draw_options(&seed);
        cxm_cohort *whole = make(&o), *part[4], *other = make(&o), *empty = make(&o);
        for (int i = 0; i < 4; ++i) part[i] = make(&o);
        for (int i = 0; i < 60; ++i) {
            draw(&p, &seed);
            draw(&away, &seed);
            assert_int_equal(cxm_cohort_add(whole, &p.item), CXM_OK);
            assert_int_equal(cxm_cohort_add(part[test_rand(&seed) % 4], &p.item), CXM_OK);
            assert_int_equal(cxm_cohort_add(whole, &away.item), CXM_OK);
            if (i % 2) assert_int_equal(cxm_cohort_remove(whole, &away.item), CXM_OK);
            else assert_int_equal(cxm_cohort_add(other, &away.item), CXM_OK);
        }
        assert_int_equal(cxm_cohort_subtract(whole, other), CXM_OK);
        assert_int_equal(cxm_cohort_merge(part[2], part[3]), CXM_OK);
        assert_int_equal(cxm_cohort_merge(part[1], part[0]), CXM_OK);
        assert_int_equal(cxm_cohort_merge(part[2], part[1]), CXM_OK);
        assert_same(whole, part[2]);
        assert_int_equal(account_of(whole).customers, 60);
        assert_int_equal(cxm_cohort_merge(part[2], part[2]), CXM_OK);
        assert_int_equal(account_of(part[2]).customers, 120);
        assert_int_equal(cxm_cohort_subtract(part[2], whole), CXM_OK);
        assert_same(whole, part[2]);
        assert_int_equal(cxm_cohort_subtract(part[2], part[2]), CXM_OK);
        assert_same(part[2], empty);
        cxm_cohort_free(whole);
        cxm_cohort_free(other);
        cxm_cohort_free(empty);
        for (int i = 0; i < 4; ++i) cxm_cohort_free(part[i]);
    }
}

static person one_from(int64_t start, int64_t end)
{
    person p = {.steps = {{start, 10}, {end, 0}}};
    aim(&p, 2, 0);
    return p;
}

/* What never was there is refused where it shows at once, and by its bytes where it shows as a whole. */
static void removals_of_strangers(void **state)
{
    (void)state;
    cxm_cohort_options o = monthly();
    cxm_cohort *c = make(&o), *none = make(&o);
    size_t len = 0;
    person p = one_from(at(2024, 3, 5), at(2024, 6, 5)), longer = one_from(at(2024, 3, 5), at(2024, 8, 5));
    person later = one_from(at(2024, 4, 5), at(2024, 4, 6)), shorter = one_from(at(2024, 3, 5), at(2024, 4, 5)), never;
    p.item.steps = p.steps;
    longer.item.steps = longer.steps;
    later.item.steps = later.steps;
    shorter.item.steps = shorter.steps;
    aim(&never, 0, 0);
    assert_int_equal(cxm_cohort_remove(c, &p.item), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_cohort_remove(c, &never.item), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_cohort_add(c, &p.item), CXM_OK);
    assert_int_equal(cxm_cohort_remove(c, &later.item), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_cohort_remove(c, &longer.item), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_cohort_add(none, &longer.item), CXM_OK);
    assert_int_equal(cxm_cohort_subtract(c, none), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_cohort_add(none, &later.item), CXM_OK);
    assert_int_equal(cxm_cohort_remove(none, &longer.item), CXM_OK);
    assert_int_equal(cxm_cohort_subtract(c, none), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_cohort_remove(none, &later.item), CXM_OK);
    assert_int_equal(cxm_cohort_add(none, &never.item), CXM_OK);
    assert_int_equal(cxm_cohort_subtract(c, none), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_cohort_add(c, &never.item), CXM_OK);
    assert_int_equal(cxm_cohort_subtract(c, none), CXM_OK);
    assert_int_equal(cxm_cohort_remove(c, &shorter.item), CXM_OK);     /* left: two later ends without a customer */
    assert_int_equal(cxm_cohort_encode(c, NULL, 0, &len), CXM_E_UNDEFINED);
    assert_int_equal(account_of(c).customers, 0);
    assert_int_equal(cxm_cohort_add(c, &p.item), CXM_OK);
    assert_int_equal(cxm_cohort_remove(c, &shorter.item), CXM_OK);
    assert_int_equal(cxm_cohort_merge(none, c), CXM_OK);               /* what is left merges, too */
    assert_int_equal(cxm_cohort_add(none, &longer.item), CXM_OK);
    uint64_t cursor = 0;
    cxm_cohort_cell cell = {.size = sizeof cell};
    for (int age = 0; age < 3; ++age) assert_int_equal(cxm_cohort_next(none, CXM_COHORT_AT_END, 0.0, &cursor, &cell), CXM_OK);
    assert_true(cell.n == 3 && cell.n0 == 1 && cell.outside == 0 && cell.interval_status == CXM_E_UNDEFINED && isnan(cell.low));
    assert_int_equal(cxm_cohort_subtract(none, c), CXM_OK);
    assert_int_equal(cxm_cohort_encode(none, NULL, 0, &len), CXM_E_LIMIT);
    cxm_cohort_free(c);
    cxm_cohort_free(none);
}

/* Doubled until nothing fits any more: counts end with their type, and what does not fit changes nothing. */
static void counts_end_with_their_type(void **state)
{
    (void)state;
    cxm_cohort_options o = monthly();
    cxm_cohort *c = make(&o);
    person p = one_from(at(2024, 3, 5), at(2024, 6, 5)), never;
    p.item.steps = p.steps;
    p.steps[0].amount = CXM_CUSTOMERS_AMOUNT_MAX * CXM_CUSTOMERS_EVENTS_MAX;
    aim(&never, 0, 0);
    assert_int_equal(cxm_cohort_add(c, &p.item), CXM_OK);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_cohort_merge(c, c), CXM_OK);
    uint64_t half = UINT64_C(1) << 63, cursor = 0;
    assert_int_equal(account_of(c).customers, half);
    assert_int_equal(cxm_cohort_merge(c, c), CXM_E_OVERFLOW);
    cxm_cohort_cell cell = {.size = sizeof cell};
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_AT_END, 0.0, &cursor, &cell), CXM_OK);
    uint64_t amount = (uint64_t)p.steps[0].amount;
    assert_true(cell.n == half && cell.revenue_high == amount / 2 && cell.revenue_low == 0);
    assert_close(cell.revenue, (double)amount * 9223372036854775808.0, 1e-15);
    cxm_cohort *rest = make(&o);
    assert_int_equal(cxm_cohort_merge(rest, c), CXM_OK);
    assert_int_equal(cxm_cohort_remove(rest, &p.item), CXM_OK);
    assert_int_equal(cxm_cohort_merge(c, rest), CXM_OK);
    assert_int_equal(account_of(c).customers, UINT64_MAX);
    assert_int_equal(cxm_cohort_add(c, &p.item), CXM_E_OVERFLOW);
    assert_int_equal(cxm_cohort_add(c, &never.item), CXM_E_OVERFLOW);
    assert_int_equal(cxm_cohort_merge(rest, c), CXM_E_OVERFLOW);
    assert_int_equal(account_of(rest).customers, half - 1);
    person shorter = one_from(at(2024, 3, 5), at(2024, 4, 5));
    shorter.item.steps = shorter.steps;
    shorter.steps[0].amount = p.steps[0].amount;
    assert_int_equal(cxm_cohort_remove(c, &shorter.item), CXM_OK);     /* the later ends stay full */
    assert_int_equal(cxm_cohort_add(c, &p.item), CXM_E_OVERFLOW);
    assert_int_equal(cxm_cohort_merge(c, rest), CXM_E_OVERFLOW);
    cxm_cohort_free(c);
    cxm_cohort_free(rest);
}

/* No more than was said, nothing after a refusal, all comes back. */
static void memory_is_bounded_and_safe(void **state)
{
    (void)state;
    uint64_t seed = 5;
    person p;
    for (size_t fail = 0; fail < 20; ++fail) {
        ledger own = {.fail_at = fail, .fail_on = fail % 2};
        cxm_alloc hook = ledger_hook(&own);
        cxm_cohort_options o = monthly();
        cxm_cohort *c = NULL, *all = make(&o);
        assert_int_equal(cxm_cohort_create(&o, &hook, &c), fail == 1 ? CXM_E_MEMORY : CXM_OK);
        for (int i = 0; c && i < 100; ++i) {
            draw(&p, &seed);
            cxm_status status = cxm_cohort_add(c, &p.item);
            assert_true(status == CXM_OK || status == CXM_E_MEMORY);
            if (status == CXM_OK) assert_int_equal(cxm_cohort_add(all, &p.item), CXM_OK);
            assert_int_equal(own.live, account_of(c).bytes);
        }
        if (c) assert_same(c, all);
        assert_true(own.peak <= cxm_cohort_bytes_most(&o));
        cxm_cohort_free(c);
        cxm_cohort_free(all);
        assert_int_equal(own.live, 0);
    }
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_cohort_options o = monthly();
    cxm_cohort *from = make(&o), *into = NULL, *empty = make(&o);
    for (int i = 0; i < 50; ++i) {
        draw(&p, &seed);
        cxm_cohort_add(from, &p.item);
    }
    assert_int_equal(cxm_cohort_create(&o, &hook, &into), CXM_OK);
    cxm_status merged = CXM_E_MEMORY;
    for (size_t k = 1; merged != CXM_OK; ++k) {             /* rows that were made stay, so each time one more is tried */
        own.fail_at = own.calls + k;
        own.fail_on = true;
        merged = cxm_cohort_merge(into, from);
        assert_same(into, merged == CXM_OK ? from : empty);
    }
    assert_true(own.failed > 0);
    own.fail_at = 0;
    cxm_cohort_free(into);
    o.max_bytes = cxm_cohort_bytes_most(&o) - 1;
    assert_int_equal(cxm_cohort_create(&o, &hook, &into), CXM_OK);
    cxm_status status;
    for (int month = 12; month >= 1; --month) {
        person q = one_from(at(2024, month, 5), at(2024, month, 6));
        q.item.steps = q.steps;
        status = cxm_cohort_add(into, &q.item);
        assert_int_equal(status, month == 1 ? CXM_E_LIMIT : CXM_OK);
        if (month == 1) assert_int_equal(cxm_cohort_add(from, &q.item), CXM_OK);
    }
    assert_int_equal(account_of(into).customers, 11);
    assert_int_equal(cxm_cohort_merge(into, from), CXM_E_LIMIT);
    assert_int_equal(account_of(into).customers, 11);
    o.max_bytes = 1000;
    cxm_cohort *small = NULL;
    assert_int_equal(cxm_cohort_create(&o, &hook, &small), CXM_E_LIMIT);
    cxm_cohort_free(into);
    cxm_cohort_free(from);
    cxm_cohort_free(empty);
    assert_int_equal(own.live, 0);
}

/* --- options and misuse --- */

static cxm_status create_with(const cxm_cohort_options *o)
{
    cxm_cohort *c = NULL;
    cxm_status status = cxm_cohort_create(o, NULL, &c);
    assert_true((status == CXM_OK) == (c != NULL));
    if (status != CXM_E_LIMIT || o->max_bytes == 0) assert_int_equal(cxm_cohort_bytes_most(o) > 0, status == CXM_OK);
    cxm_cohort_free(c);
    return status;
}

#define WITH(status, ...)                                       \
    do {                                                        \
        cxm_cohort_options o = monthly();                       \
        __VA_ARGS__;                                            \
        assert_int_equal(create_with(&o), (status));            \
    } while (0)

static const int64_t FIRST_US = INT64_C(-62135596800000000), LAST_US = INT64_C(253402300799999999);

static void options_have_their_ranges(void **state)
{
    (void)state;
    WITH(CXM_OK, o.basis = 0);
    WITH(CXM_E_ABI, o.size = 8);
    WITH(CXM_E_ARG, o.unit = 0);
    WITH(CXM_E_ARG, o.unit = 4);
    WITH(CXM_E_ARG, o.basis = 4);
    WITH(CXM_E_ARG, o.basis = -1);
    WITH(CXM_E_ARG, o.zone_s = 86400);
    WITH(CXM_E_ARG, o.zone_s = -86400);
    WITH(CXM_E_ARG, o.reserved = 1);
    WITH(CXM_E_ARG, o.reserved2 = 1);
    WITH(CXM_E_ARG, o.periods = CXM_COHORT_PERIODS_MAX + 1);
    WITH(CXM_E_ARG, o.since_us = o.until_us);
    WITH(CXM_OK, o.since_us = o.until_us - 1);
    WITH(CXM_E_ARG, o.since_us = INT64_MIN + 1);
    WITH(CXM_E_ARG, o.until_us = INT64_MAX);
    WITH(CXM_OK, o.since_us = at(2024, 1, 31));
    WITH(CXM_E_LIMIT, o.since_us = at(2023, 12, 31));
    WITH(CXM_E_ARG, o.until_us = FIRST_US);
    WITH(CXM_E_ARG, o.until_us = LAST_US; o.zone_s = -60);
    WITH(CXM_E_ARG, o.until_us = LAST_US);          /* the end of 9999 has no name */
    WITH(CXM_OK, o.until_us = LAST_US - 32 * DAY);
    WITH(CXM_E_ARG, o.until_us = LAST_US; o.unit = CXM_COHORT_WEEK);
    for (int32_t zone = -86399; zone < 86400; zone += 3600)
        for (int32_t unit = CXM_COHORT_WEEK; unit <= CXM_COHORT_QUARTER; ++unit)
            for (int64_t hours = 0; hours < 800; hours += 7) {
                person p = one_from(FIRST_US + hours * HOUR / 2, LAST_US - hours * HOUR);
                cxm_cohort_options o = {.size = sizeof o, .unit = unit, .zone_s = zone, .since_us = CXM_COHORT_EVER,
                                        .until_us = FIRST_US + hours * HOUR};
                size_t len = 0;
                cxm_cohort *c = NULL;
                p.item.steps = p.steps;
                if (cxm_cohort_create(&o, NULL, &c) != CXM_OK) continue;
                assert_int_equal(cxm_cohort_add(c, &p.item), CXM_OK);
                assert_int_equal(cxm_cohort_encode(c, NULL, 0, &len), CXM_E_LIMIT);     /* a sound triangle */
                cxm_cohort_free(c);
            }
}

static void the_last_periods_are_held(void **state)
{
    (void)state;
    cxm_cohort_options o = monthly();
    o.periods = 3;
    cxm_cohort *c = make(&o);
    assert_int_equal(account_of(c).since_us, at(2024, 10, 1));
    for (int month = 1; month <= 12; ++month) {
        person p = one_from(at(2024, month, 1), at(2025, 6, 1));
        p.item.steps = p.steps;
        assert_int_equal(cxm_cohort_add(c, &p.item), CXM_OK);
    }
    cxm_cohort_account a = account_of(c);
    assert_true(a.before == 9 && a.started == 3 && a.cohorts == 3 && a.periods == 3 && a.complete == 3);
    o.since_us = at(2024, 10, 1);       /* the same cohorts, told */
    o.periods = 0;
    cxm_cohort *told = make(&o);
    assert_int_equal(cxm_cohort_merge(told, c), CXM_OK);
    cxm_cohort_free(c);
    cxm_cohort_free(told);
}

static cxm_status add_item(const person *p)
{
    cxm_cohort_options o = monthly();
    cxm_cohort *c = make(&o);
    cxm_status status = cxm_cohort_add(c, &p->item);
    assert_int_equal(cxm_cohort_remove(c, &p->item), status);
    cxm_cohort_free(c);
    return status;
}

#define ITEM(status, ...)                                                                                                   \
    do {                                                                                                                    \
        person p = {.steps = {{at(2024, 3, 1), 5}, {at(2024, 4, 1), 0}}, .bought = {{.at_us = 1, .amount = 2}, {.at_us = 1}}}; \
        aim(&p, 2, 2);                                                                                                      \
        __VA_ARGS__;                                                                                                        \
        assert_int_equal(add_item(&p), (status));                                                                           \
    } while (0)

static void items_are_checked(void **state)
{
    (void)state;
    ITEM(CXM_OK, p.item.size += 8);
    ITEM(CXM_E_ABI, p.item.size -= 8);
    ITEM(CXM_E_ARG, p.item.steps = NULL);
    ITEM(CXM_E_ARG, p.item.purchases = NULL);
    ITEM(CXM_OK, p.item.steps = NULL; p.item.step_count = 0; p.item.purchases = NULL; p.item.purchase_count = 0);
    ITEM(CXM_E_ARG, p.steps[0].amount = 0);
    ITEM(CXM_E_ARG, p.steps[1].amount = -1);
    ITEM(CXM_E_ARG, p.steps[1].amount = INT64_MAX);
    ITEM(CXM_E_ARG, p.steps[1].at_us = p.steps[0].at_us);
    ITEM(CXM_E_ARG, p.steps[1].at_us = INT64_MAX);
    ITEM(CXM_E_ARG, p.steps[0].at_us = INT64_MIN);
    ITEM(CXM_E_ARG, p.bought[1].at_us = 0);
    ITEM(CXM_E_ARG, p.bought[1].at_us = INT64_MAX);
    ITEM(CXM_E_ARG, p.bought[0].amount = -1);
    ITEM(CXM_E_ARG, p.bought[0].amount = CXM_CUSTOMERS_AMOUNT_MAX + 1);
    ITEM(CXM_E_ARG, p.item.purchase_count = CXM_CUSTOMERS_EVENTS_MAX + 1);
}

static void misuse(void **state)
{
    (void)state;
    cxm_cohort_options o = monthly();
    cxm_cohort *c = make(&o), *other, *none = NULL;
    cxm_cohort_account a = {.size = 8};
    cxm_cohort_cell cell = {.size = sizeof cell};
    cxm_alloc broken = {0};
    person p = one_from(at(2024, 3, 5), at(2024, 6, 5));
    uint64_t cursor = 0, far = UINT64_MAX;
    p.item.steps = p.steps;
    o.zone_s = 60;
    other = make(&o);
    assert_int_equal(cxm_cohort_create(NULL, NULL, &none), CXM_E_ARG);
    assert_int_equal(cxm_cohort_create(&o, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cohort_create(&o, &broken, &none), CXM_E_ARG);
    assert_null(none);
    assert_int_equal(cxm_cohort_bytes_most(NULL), 0);
    assert_int_equal(cxm_cohort_add(NULL, &p.item), CXM_E_ARG);
    assert_int_equal(cxm_cohort_add(c, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cohort_remove(NULL, &p.item), CXM_E_ARG);
    assert_int_equal(cxm_cohort_merge(c, other), CXM_E_MISMATCH);
    assert_int_equal(cxm_cohort_subtract(c, other), CXM_E_MISMATCH);
    assert_int_equal(cxm_cohort_merge(c, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cohort_merge(NULL, c), CXM_E_ARG);
    assert_int_equal(cxm_cohort_subtract(c, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cohort_subtract(NULL, c), CXM_E_ARG);
    assert_int_equal(cxm_cohort_account_of(c, &a), CXM_E_ABI);
    assert_int_equal(cxm_cohort_account_of(c, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cohort_account_of(NULL, &a), CXM_E_ARG);
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_ANY, 0.0, &cursor, &cell), CXM_END);
    assert_int_equal(cxm_cohort_add(c, &p.item), CXM_OK);
    assert_int_equal(cxm_cohort_next(c, 0, 0.0, &cursor, &cell), CXM_E_METHOD);
    assert_int_equal(cxm_cohort_next(c, 3, 0.0, &cursor, &cell), CXM_E_METHOD);
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_ANY, 1.0, &cursor, &cell), CXM_E_ARG);
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_ANY, (double)NAN, &cursor, &cell), CXM_E_ARG);
    assert_int_equal(cxm_cohort_next(NULL, CXM_COHORT_ANY, 0.0, &cursor, &cell), CXM_E_ARG);
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_ANY, 0.0, NULL, &cell), CXM_E_ARG);
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_ANY, 0.0, &cursor, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_ANY, 0.0, &far, &cell), CXM_END);
    cell.size = 8;
    assert_int_equal(cxm_cohort_next(c, CXM_COHORT_ANY, 0.0, &cursor, &cell), CXM_E_ABI);
    assert_int_equal(cursor, 0);
    cxm_cohort_free(NULL);
    cxm_cohort_free(c);
    cxm_cohort_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_what_the_definition_says), cmocka_unit_test(a_triangle_by_hand),
        cmocka_unit_test(limits_where_they_mean_something), cmocka_unit_test(cells_are_those_of_another_program),
        cmocka_unit_test(parts_are_the_whole), cmocka_unit_test(removals_of_strangers), cmocka_unit_test(counts_end_with_their_type),
        cmocka_unit_test(memory_is_bounded_and_safe), cmocka_unit_test(options_have_their_ranges),
        cmocka_unit_test(the_last_periods_are_held), cmocka_unit_test(items_are_checked), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/cohort", tests, NULL, NULL);
}
