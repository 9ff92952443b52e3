/* SPDX-License-Identifier: MIT */
/* test_loyalty.c - loyalty against a second program's table, by hand, against the definition asked customer by customer, and
 * against its own algebra: partitions, removal, subtraction, counts at the end of their type, every refusal.
 *
 * The purchases behind the table are no part of the project: they are looked for in ../shared/data/cdnow beside the project's
 * root, or in CXM_SHARED; without them the table is skipped, in CI=true a failure. */
#include <cxm/interval.h>
#include <cxm/loyalty.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

#define DAY INT64_C(86400000000)
#define HOUR INT64_C(3600000000)
enum { STEPS = 4, BOUGHT = 40, PEOPLE = 80, LINES = 70000 };
static const int64_t JANUARY = INT64_C(1704067200000000);       /* 2024-01-01 */

/* A customer and what its item points to. */
typedef struct person {
    cxm_customer_step steps[STEPS];
    cxm_customer_event bought[BOUGHT];
    cxm_customer_item item;
} person;

static void aim(person *p, size_t steps, size_t bought)
{
    p->item = (cxm_customer_item){.size = sizeof p->item, .steps = p->steps, .step_count = steps, .purchases = p->bought,
                                  .purchase_count = bought};
}

static cxm_loyalty_options quarter(void)
{
    return (cxm_loyalty_options){.size = sizeof(cxm_loyalty_options), .since_us = JANUARY, .until_us = JANUARY + 91 * DAY, .days = 60,
                                 .thresholds = 2, .threshold = {1000, 5000}};
}

static cxm_loyalty *make(const cxm_loyalty_options *options)
{
    cxm_loyalty *l = NULL;
    assert_int_equal(cxm_loyalty_create(options, NULL, &l), CXM_OK);
    return l;
}

static cxm_loyalty_summary summary_of(const cxm_loyalty *l)
{
    cxm_loyalty_summary s = {.size = sizeof s};
    assert_int_equal(cxm_loyalty_summarize(l, 0.0, &s), CXM_OK);
    assert_int_equal(s.bytes > 0, 1);
    return s;
}

static void assert_share(const cxm_loyalty_share *got, uint64_t hits, uint64_t n, double level)
{
    cxm_interval want = {.size = sizeof want};
    assert_int_equal(got->hits, hits);
    assert_int_equal(got->n, n);
    assert_int_equal(got->status, cxm_share_interval(hits, n, CXM_INTERVAL_WILSON, level, &want));
    if (n == 0) assert_true(got->status == CXM_E_EMPTY && isnan(got->share) && isnan(got->low) && isnan(got->high));
    else assert_true(got->share == (double)hits / (double)n && got->low == want.low && got->high == want.high);
}

static uint64_t times_of(const cxm_loyalty *l, uint32_t number)
{
    cxm_loyalty_share s;
    cxm_status status = cxm_loyalty_times_of(l, number, 0.0, &s);
    assert_int_equal(status, s.n ? CXM_OK : CXM_E_EMPTY);
    return s.hits;
}

static uint64_t within(const cxm_loyalty *l, uint32_t days)
{
    cxm_loyalty_share s;
    cxm_status status = cxm_loyalty_within(l, days, 0.0, &s);
    assert_int_equal(status, s.n ? CXM_OK : CXM_E_EMPTY);
    return s.hits;
}

static cxm_loyalty_tier tier_of(const cxm_loyalty *l, uint32_t number)
{
    cxm_loyalty_tier t = {.size = sizeof t};
    assert_int_equal(cxm_loyalty_tier_of(l, number, 0.0, &t), CXM_OK);
    assert_int_equal(t.number, number);
    return t;
}

/* --- by hand --- */

static void buy(person *p, size_t i, int64_t day, int64_t hour, int64_t amount)
{
    p->bought[i] = (cxm_customer_event){.at_us = JANUARY + day * DAY + hour * HOUR, .amount = amount, .kind = CXM_CUSTOMER_PURCHASE};
}

/* a twice on one day, b on two days, c once long ago and once before since, d for nothing, e nothing. Days: 0..90. */
static cxm_loyalty *by_hand(const cxm_loyalty_options *o)
{
    cxm_loyalty *l = make(o);
    person p[5];
    const size_t bought[] = {2, 3, 2, 1, 0};
    buy(&p[0], 0, 90, 1, 400);
    buy(&p[0], 1, 90, 23, 599);
    buy(&p[1], 0, 0, 0, 1);
    buy(&p[1], 1, 60, 12, 4999);
    buy(&p[1], 2, 91, 0, 9000);             /* at until: behind */
    buy(&p[2], 0, -1, 23, 100000);
    buy(&p[2], 1, 30, 23, 1000);
    buy(&p[3], 0, 89, 23, 0);
    for (int i = 0; i < 5; ++i) {
        aim(&p[i], 0, bought[i]);
        assert_int_equal(cxm_loyalty_add(l, &p[i].item), CXM_OK);
    }
    return l;
}

static void loyalty_by_hand(void **state)
{
    (void)state;
    cxm_loyalty_options o = quarter();
    cxm_loyalty *l = by_hand(&o);
    cxm_loyalty_summary s = {.size = sizeof s};
    assert_int_equal(cxm_loyalty_summarize(l, 0.9, &s), CXM_OK);
    assert_true(s.customers == 5 && s.buyers == 4 && s.purchases == 6);
    assert_true(s.money_high == 0 && s.money_low == 6999 && s.money == 6999.0);
    assert_share(&s.repeat, 2, 4, 0.9);
    assert_share(&s.without, 1, 5, 0.9);
    assert_share(&s.silent, 0, 0, 0.9);
    assert_true(times_of(l, 1) == 2 && times_of(l, 2) == 2 && times_of(l, 3) == 0 && times_of(l, CXM_LOYALTY_TIMES_MAX) == 0);
    assert_true(within(l, 1) == 1 && within(l, 2) == 2 && within(l, 30) == 2 && within(l, 31) == 3 && within(l, 60) == 3);
    assert_int_equal(s.median_status, CXM_OK);
    assert_int_equal(s.median_days, 1);
    const struct { uint64_t buyers, purchases, money; int64_t from, below; } want[] = {
        {2, 3, 999, 0, 1000}, {1, 1, 1000, 1000, 5000}, {1, 2, 5000, 5000, INT64_MAX}};
    for (uint32_t i = 0; i < 3; ++i) {
        cxm_loyalty_tier t = tier_of(l, i);
        assert_true(t.purchases == want[i].purchases && t.money_low == want[i].money && t.money == (double)want[i].money);
        assert_true(t.from == want[i].from && t.below == want[i].below && t.money_share == (double)want[i].money / 6999.0);
        assert_share(&t.share, want[i].buyers, 4, 0.95);
    }
    cxm_loyalty_free(l);
    o.by_day = 1;
    l = by_hand(&o);
    s = summary_of(l);
    assert_true(s.purchases == 6 && s.repeat.hits == 1 && times_of(l, 1) == 3 && times_of(l, 2) == 1);
    cxm_loyalty_free(l);
    o.zone_s = 3600;                /* b's first is an hour into its day, a's second on the next day */
    l = by_hand(&o);
    assert_int_equal(summary_of(l).repeat.hits, 2);
    cxm_loyalty_free(l);
}

static void nobody_has_no_share(void **state)
{
    (void)state;
    cxm_loyalty_options o = quarter();
    cxm_loyalty *l = make(&o);
    cxm_loyalty_summary s = summary_of(l);
    assert_share(&s.repeat, 0, 0, 0.95);
    assert_share(&s.without, 0, 0, 0.95);
    assert_true(s.median_status == CXM_E_EMPTY && s.median_days == -1 && s.customers + s.buyers + s.purchases == 0 && s.money == 0.0);
    assert_true(times_of(l, 1) + within(l, 5) == 0 && isnan(tier_of(l, 0).money_share));
    cxm_loyalty_free(l);
}

/* Days 0, 0, 5, 40 and one before all 60. */
static void days_are_told_by_rank(void **state)
{
    (void)state;
    cxm_loyalty_options o = quarter();
    cxm_loyalty *l = make(&o);
    const int64_t days[] = {90, 90, 85, 50, 0};
    static const struct { double share; cxm_status status; int64_t days; } want[] = {
        {1e-9, CXM_OK, 0}, {0.4, CXM_OK, 0}, {0.41, CXM_OK, 5}, {0.6, CXM_OK, 5}, {0.8, CXM_OK, 40}, {0.81, CXM_E_UNDEFINED, 0},
        {1.0, CXM_E_UNDEFINED, 0}, {0.0, CXM_E_ARG, 0}, {1.1, CXM_E_ARG, 0}, {NAN, CXM_E_ARG, 0}};
    for (size_t i = 0; i < COUNT_OF(days); ++i) {
        person p;
        buy(&p, 0, days[i], 3, 10);
        aim(&p, 0, 1);
        assert_int_equal(cxm_loyalty_add(l, &p.item), CXM_OK);
    }
    for (size_t i = 0; i < COUNT_OF(want); ++i) {
        int64_t got = -7;
        assert_int_equal(cxm_loyalty_days_of(l, want[i].share, &got), want[i].status);
        assert_int_equal(got, want[i].status == CXM_OK ? want[i].days : -7);
    }
    cxm_loyalty_free(l);
    o.days = 200;
    l = make(&o);
    for (int i = 0; i < 100; ++i) {         /* 0.55 of 100 are 55, though the product in doubles is a little more */
        person p;
        buy(&p, 0, i < 55 ? 90 : 10, 3, 10);
        aim(&p, 0, 1);
        assert_int_equal(cxm_loyalty_add(l, &p.item), CXM_OK);
    }
    int64_t got;
    assert_int_equal(cxm_loyalty_days_of(l, 0.55, &got), CXM_OK);
    assert_int_equal(got, 0);
    cxm_loyalty_free(l);
}

/* Who pays at any instant of the range, or buys in it, is active; half-open at both ends. */
static void silent_are_the_active_without_a_word(void **state)
{
    (void)state;
    static const struct { int64_t from, to, amount, bought; int active; } cases[] = {
        {0, 10, 5, -99, 1}, {-10, 0, 5, -99, 0}, {-10, 1, 5, -99, 1}, {91, 99, 5, -99, 0}, {90, 99, 5, -99, 1}, {-20, 200, 5, -99, 1},
        {-10, 0, 5, 0, 1}, {-10, 0, 5, 91, 0}, {-10, 0, 5, -1, 0}, {-10, 0, 5, 90, 1}};
    cxm_loyalty_options o = quarter();
    for (size_t i = 0; i < COUNT_OF(cases); ++i)
        for (int32_t said = 0; said < 4; ++said) {
            cxm_loyalty *l = make(&o);
            person p = {.steps = {{JANUARY + cases[i].from * DAY, cases[i].amount}, {JANUARY + cases[i].to * DAY, 0}}};
            buy(&p, 0, cases[i].bought, 0, 1);
            aim(&p, 2, cases[i].bought > -99);
            assert_int_equal(cxm_loyalty_remove_voice(l, &p.item, said & 1, said >> 1), CXM_E_UNDERFLOW);
            assert_int_equal(cxm_loyalty_add_voice(l, &p.item, said & 1, said >> 1), CXM_OK);
            cxm_loyalty_summary s = summary_of(l);
            uint64_t active = (uint64_t)cases[i].active;
            assert_share(&s.silent, said == 0 ? active : 0, active, 0.95);
            assert_int_equal(s.contacted, said == 1 ? active : 0);
            assert_int_equal(s.answered, said == 2 ? active : 0);
            assert_int_equal(s.both, said == 3 ? active : 0);
            assert_int_equal(s.asleep, 1 - active);
            assert_int_equal(s.customers, 0);
            assert_int_equal(cxm_loyalty_remove_voice(l, &p.item, said & 1, said >> 1), CXM_OK);
            s = summary_of(l);
            assert_int_equal(s.silent.n + s.asleep, 0);
            cxm_loyalty_free(l);
        }
}

/* --- the definition, asked of random customers --- */

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void draw(person *p, uint64_t *seed)
{
    int64_t times[BOUGHT];
    size_t n = test_rand(seed) % 5 ? test_rand(seed) % 5 : test_rand(seed) % (BOUGHT + 1);
    for (size_t i = 0; i < n; ++i)
        times[i] = JANUARY + ((int64_t)(test_rand(seed) % 3000) - 400) * HOUR + (test_rand(seed) % 4 == 0) * 1;
    qsort(times, n, sizeof *times, by_time);
    for (size_t i = 0; i < n; ++i)
        p->bought[i] = (cxm_customer_event){.at_us = times[i], .amount = (int64_t)(test_rand(seed) % 3000),
                                            .kind = CXM_CUSTOMER_PURCHASE};
    p->steps[0] = (cxm_customer_step){JANUARY + ((int64_t)(test_rand(seed) % 200) - 50) * DAY, 7};
    p->steps[1] = (cxm_customer_step){p->steps[0].at_us + (1 + (int64_t)(test_rand(seed) % 100)) * DAY, 0};
    aim(p, test_rand(seed) % 3, n);
}

/* Of one customer, each fact by its own loop. */
typedef struct facts { uint64_t purchases, times; int64_t spent, last; } facts;

static facts facts_of(const person *p, const cxm_loyalty_options *o)
{
    facts f = {0, 0, 0, INT64_MIN};
    for (size_t i = 0; i < p->item.purchase_count; ++i) {
        int64_t at = p->bought[i].at_us, day = 0;
        if (at < o->since_us || at >= o->until_us) continue;
        bool again = false;
        while (JANUARY - o->zone_s * INT64_C(1000000) + (day - 99) * DAY <= at) ++day;
        int64_t begin = JANUARY - o->zone_s * INT64_C(1000000) + (day - 100) * DAY;
        for (size_t k = 0; k < i; ++k) again = again || (p->bought[k].at_us >= begin && p->bought[k].at_us >= o->since_us);
        f.times += !o->by_day || !again;
        f.purchases += 1;
        f.spent += p->bought[i].amount;
        f.last = at;
    }
    return f;
}

static void counts_are_what_the_definition_says(void **state)
{
    (void)state;
    static person all[PEOPLE];
    static facts f[PEOPLE];
    static const int32_t zones[] = {0, 3600, -34200};
    uint64_t seed = 81;
    for (int trial = 0; trial < 120; ++trial) {
        cxm_loyalty_options o = quarter();
        o.by_day = trial % 2;
        o.zone_s = zones[trial % 3];
        if (trial % 5 == 0) o.since_us = CXM_LOYALTY_EVER;
        if (trial % 7 == 0) o.until_us -= 5 * HOUR + 1;
        o.days = 1 + (uint32_t)(test_rand(&seed) % 100);
        o.thresholds = (uint32_t)(test_rand(&seed) % 17);
        for (uint32_t i = 0; i < 16; ++i) o.threshold[i] = i < o.thresholds ? (int64_t)(i + 1) * 1500 : 0;
        cxm_loyalty *l = make(&o);
        for (int i = 0; i < PEOPLE; ++i) {
            draw(&all[i], &seed);
            f[i] = facts_of(&all[i], &o);
            assert_int_equal(cxm_loyalty_add(l, &all[i].item), CXM_OK);
        }
        cxm_loyalty_summary s = summary_of(l);
        uint64_t buyers = 0, purchases = 0, money = 0, again = 0;
        for (int i = 0; i < PEOPLE; ++i) {
            buyers += f[i].purchases > 0;
            purchases += f[i].purchases;
            money += (uint64_t)f[i].spent;
            again += f[i].times > 1;
        }
        assert_true(s.customers == PEOPLE && s.buyers == buyers && s.purchases == purchases && s.money_low == money);
        assert_share(&s.repeat, again, buyers, 0.95);
        for (uint32_t number = 1; number <= CXM_LOYALTY_TIMES_MAX; ++number) {
            uint64_t want = 0;
            for (int i = 0; i < PEOPLE; ++i) want += f[i].times == number || (number == CXM_LOYALTY_TIMES_MAX && f[i].times > number);
            assert_int_equal(times_of(l, number), want);
        }
        for (uint32_t t = 0; t <= o.thresholds; ++t) {
            cxm_loyalty_tier got = tier_of(l, t);
            uint64_t n = 0, bought = 0, spent = 0;
            for (int i = 0; i < PEOPLE; ++i) {
                if (!f[i].purchases || f[i].spent < got.from || f[i].spent >= got.below) continue;
                ++n;
                bought += f[i].purchases;
                spent += (uint64_t)f[i].spent;
            }
            assert_true(got.share.hits == n && got.purchases == bought && got.money_low == spent && got.money_high == 0);
        }
        for (uint32_t days = 1; days <= o.days; ++days) {
            uint64_t want = 0;
            for (int i = 0; i < PEOPLE; ++i) want += f[i].purchases && f[i].last >= o.until_us - (int64_t)days * DAY;
            assert_int_equal(within(l, days), want);
        }
        cxm_loyalty_free(l);
    }
}

/* --- the table --- */

typedef struct line { int id; int64_t day, cents; } line;
static line lines[LINES];
static cxm_customer_event events[LINES];

static FILE *open_lines(void)
{
    char path[1024];
    const char *shared = getenv("CXM_SHARED"), *root = getenv("CXM_TEST_ROOT"), *ci = getenv("CI");
    if (shared) snprintf(path, sizeof path, "%s/data/cdnow/CDNOW_master.txt", shared);
    else snprintf(path, sizeof path, "%s/../../shared/data/cdnow/CDNOW_master.txt", root ? root : ".");
    FILE *file = fopen(path, "r");
    if (!file && ci && strcmp(ci, "true") == 0) fail_msg("%s is not there", path);
    return file;
}

/* Days since 1970 by counting them. */
static int64_t day_of(int year, int month, int day)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = day - 1;
    for (int y = 1970; y < year; ++y) days += 365 + (y % 4 == 0);
    for (int m = 1; m < month; ++m) days += length[m - 1] + (m == 2 && year % 4 == 0);
    return days;
}

static size_t read_lines(FILE *file)
{
    char text[200];
    size_t n = 0;
    assert_non_null(fgets(text, sizeof text, file));
    while (n < LINES && fgets(text, sizeof text, file)) {
        int date, cds;
        double dollars;
        line *to = &lines[n];
        if (sscanf(text, "%d %d %d %lf", &to->id, &date, &cds, &dollars) != 4) continue;
        to->day = day_of(date / 10000, date / 100 % 100, date % 100);
        to->cents = (int64_t)(dollars * 100.0 + 0.5);
        ++n;
    }
    fclose(file);
    return n;
}

/* Lines of a customer stand together, by date. */
static cxm_loyalty *of_lines(size_t n, int32_t by_day, const char *since)
{
    cxm_loyalty_options o = {.size = sizeof o, .by_day = by_day, .until_us = day_of(1998, 7, 1) * DAY, .thresholds = 4,
                             .threshold = {2000, 5000, 10000, 25000}};
    int y, m, d;
    assert_int_equal(sscanf(since, "%d-%d-%d", &y, &m, &d), 3);
    o.since_us = day_of(y, m, d) * DAY;
    cxm_loyalty *l = make(&o);
    for (size_t i = 0, begin = 0; i < n; ++i) {
        events[i] = (cxm_customer_event){.at_us = lines[i].day * DAY, .amount = lines[i].cents, .kind = CXM_CUSTOMER_PURCHASE};
        if (i + 1 < n && lines[i + 1].id == lines[i].id) continue;
        cxm_customer_item item = {.size = sizeof item, .purchases = events + begin, .purchase_count = i + 1 - begin};
        assert_int_equal(cxm_loyalty_add(l, &item), CXM_OK);
        begin = i + 1;
    }
    return l;
}

static double answer(const cxm_loyalty *l, const char *quantity, double key)
{
    cxm_loyalty_summary s = summary_of(l);
    uint32_t k = strcmp(quantity, "days") != 0 && !isnan(key) ? (uint32_t)key : 0;
    int64_t days;
    if (strcmp(quantity, "customers") == 0) return (double)s.customers;
    if (strcmp(quantity, "buyers") == 0) return (double)s.buyers;
    if (strcmp(quantity, "purchases") == 0) return (double)s.purchases;
    if (strcmp(quantity, "money") == 0) return s.money;
    if (strcmp(quantity, "repeat") == 0) return (double)s.repeat.hits;
    if (strcmp(quantity, "times") == 0) return (double)times_of(l, k);
    if (strcmp(quantity, "within") == 0) return (double)within(l, k);
    if (strcmp(quantity, "tier_buyers") == 0) return (double)tier_of(l, k).share.hits;
    if (strcmp(quantity, "tier_purchases") == 0) return (double)tier_of(l, k).purchases;
    if (strcmp(quantity, "tier_money") == 0) return tier_of(l, k).money;
    assert_string_equal(quantity, "days");
    assert_int_equal(cxm_loyalty_days_of(l, key, &days), CXM_OK);
    return (double)days;
}

static void counts_are_those_of_another_program(void **state)
{
    (void)state;
    FILE *file = open_lines();
    if (!file) {
        print_message("../shared/data/cdnow is not there: skipped\n");
        skip();
    }
    size_t n = read_lines(file);
    test_table t = test_table_read("loyalty_cdnow.csv");
    cxm_loyalty *l = NULL;
    for (size_t row = 0; row < t.rows; ++row) {
        const char *by_day = test_cell(&t, row, "by_day"), *since = test_cell(&t, row, "since");
        const char *quantity = test_cell(&t, row, "quantity");
        if (row == 0 || strcmp(by_day, test_cell(&t, row - 1, "by_day")) != 0 || strcmp(since, test_cell(&t, row - 1, "since")) != 0) {
            cxm_loyalty_free(l);
            l = of_lines(n, by_day[0] == '1', since);
        }
        assert_true(answer(l, quantity, test_number(&t, row, "key")) == test_number(&t, row, "value"));
    }
    cxm_loyalty_free(l);
    test_table_free(&t);
}

/* --- the algebra --- */

static void assert_same(const cxm_loyalty *a, const cxm_loyalty *b)
{
    static unsigned char x[1 << 14], y[1 << 14];
    size_t m = 0, n = 0;
    assert_int_equal(cxm_loyalty_encode(a, x, sizeof x, &m), CXM_OK);
    assert_int_equal(cxm_loyalty_encode(b, y, sizeof y, &n), CXM_OK);
    assert_int_equal(m, n);
    assert_memory_equal(x, y, n);
}

static void add_both(cxm_loyalty *l, const person *p, int32_t said)
{
    assert_int_equal(cxm_loyalty_add(l, &p->item), CXM_OK);
    assert_int_equal(cxm_loyalty_add_voice(l, &p->item, said & 1, said >> 1), CXM_OK);
}

static void parts_are_the_whole(void **state)
{
    (void)state;
    uint64_t seed = 91;
    person p, away;
    for (int trial = 0; trial < 40; ++trial) {
        cxm_loyalty_options o = quarter();
        o.by_day = trial % 2;
        cxm_loyalty *whole = make(&o), *part[3], *other = make(&o), *empty = make(&o);
        for (int i = 0; i < 3; ++i) part[i] = make(&o);
        for (int i = 0; i < 60; ++i) {
            int32_t said = (int32_t)(test_rand(&seed) % 4);
            draw(&p, &seed);
            draw(&away, &seed);
            add_both(whole, &p, said);
            add_both(part[test_rand(&seed) % 3], &p, said);
            add_both(whole, &away, said);
            if (i % 2) {
                assert_int_equal(cxm_loyalty_remove(whole, &away.item), CXM_OK);
                assert_int_equal(cxm_loyalty_remove_voice(whole, &away.item, said & 1, said >> 1), CXM_OK);
            } else {
                add_both(other, &away, said);
            }
        }
        assert_int_equal(cxm_loyalty_subtract(whole, other), CXM_OK);
        assert_int_equal(cxm_loyalty_merge(part[2], part[1]), CXM_OK);
        assert_int_equal(cxm_loyalty_merge(part[0], part[2]), CXM_OK);
        assert_same(whole, part[0]);
        cxm_loyalty_summary s = summary_of(whole);
        assert_true(s.customers == 60 && s.silent.n + s.asleep == 60);
        assert_int_equal(cxm_loyalty_merge(part[0], part[0]), CXM_OK);
        assert_int_equal(summary_of(part[0]).customers, 120);
        assert_int_equal(cxm_loyalty_subtract(part[0], whole), CXM_OK);
        assert_same(whole, part[0]);
        assert_int_equal(cxm_loyalty_subtract(part[0], part[0]), CXM_OK);
        assert_same(part[0], empty);
        cxm_loyalty_free(whole);
        cxm_loyalty_free(other);
        cxm_loyalty_free(empty);
        for (int i = 0; i < 3; ++i) cxm_loyalty_free(part[i]);
    }
}

static person buyer(int64_t day, int64_t amount)
{
    person p;
    buy(&p, 0, day, 0, amount);
    aim(&p, 0, 1);
    return p;
}

/* What never was there is refused where it shows at once, and by its bytes where it shows as a whole. */
static void removals_of_strangers(void **state)
{
    (void)state;
    cxm_loyalty_options o = quarter();
    cxm_loyalty *l = make(&o), *other = make(&o);
    size_t len = 0;
    person p = buyer(50, 700), dearer = buyer(50, 800), older = buyer(49, 700), cheaper = buyer(50, 100), rich = buyer(50, 6000);
    p.item.purchases = p.bought;
    dearer.item.purchases = dearer.bought;
    older.item.purchases = older.bought;
    cheaper.item.purchases = cheaper.bought;
    rich.item.purchases = rich.bought;
    assert_int_equal(cxm_loyalty_remove(l, &p.item), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_loyalty_add(l, &p.item), CXM_OK);
    assert_int_equal(cxm_loyalty_remove(l, &dearer.item), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_loyalty_remove(l, &older.item), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_loyalty_remove(l, &rich.item), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_loyalty_add(other, &dearer.item), CXM_OK);
    assert_int_equal(cxm_loyalty_subtract(l, other), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_loyalty_add(other, &rich.item), CXM_OK);
    assert_int_equal(cxm_loyalty_subtract(l, other), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_loyalty_remove(l, &cheaper.item), CXM_OK);     /* left: 600 that nobody spent */
    assert_int_equal(cxm_loyalty_encode(l, NULL, 0, &len), CXM_E_UNDEFINED);
    assert_int_equal(summary_of(l).customers, 0);
    cxm_loyalty_free(l);
    cxm_loyalty_free(other);
}

static void counts_end_with_their_type(void **state)
{
    (void)state;
    cxm_loyalty_options o = quarter();
    cxm_loyalty *l = make(&o), *rest = make(&o);
    person p = buyer(50, CXM_CUSTOMERS_AMOUNT_MAX), nothing;
    p.item.purchases = p.bought;
    aim(&nothing, 0, 0);
    assert_int_equal(cxm_loyalty_add(l, &p.item), CXM_OK);
    assert_int_equal(cxm_loyalty_add_voice(l, &p.item, 0, 0), CXM_OK);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_loyalty_merge(l, l), CXM_OK);
    assert_int_equal(cxm_loyalty_merge(l, l), CXM_E_OVERFLOW);
    cxm_loyalty_summary s = summary_of(l);
    assert_true(s.customers == UINT64_C(1) << 63 && s.money_high == (uint64_t)CXM_CUSTOMERS_AMOUNT_MAX / 2 && s.money_low == 0);
    assert_int_equal(cxm_loyalty_merge(rest, l), CXM_OK);
    assert_int_equal(cxm_loyalty_remove(rest, &p.item), CXM_OK);
    assert_int_equal(cxm_loyalty_remove_voice(rest, &p.item, 0, 0), CXM_OK);
    assert_int_equal(cxm_loyalty_merge(l, rest), CXM_OK);
    assert_int_equal(cxm_loyalty_add(l, &nothing.item), CXM_E_OVERFLOW);
    assert_int_equal(cxm_loyalty_add(l, &p.item), CXM_E_OVERFLOW);
    assert_int_equal(cxm_loyalty_add_voice(l, &p.item, 1, 0), CXM_E_OVERFLOW);
    assert_int_equal(cxm_loyalty_merge(rest, l), CXM_E_OVERFLOW);
    assert_int_equal(summary_of(l).customers, UINT64_MAX);
    cxm_loyalty_free(l);
    cxm_loyalty_free(rest);
}

/* Money that a stranger's removal left behind, doubled and put together until one more purchase does not fit. */
static void money_ends_with_its_type(void **state)
{
    (void)state;
    enum { DOUBLED = 90 };
    cxm_loyalty_options o = quarter();
    o.thresholds = 0;
    o.threshold[0] = o.threshold[1] = 0;
    cxm_loyalty *l = make(&o), *part[DOUBLED];
    person p = buyer(50, CXM_CUSTOMERS_AMOUNT_MAX), gift = buyer(50, 0);
    p.item.purchases = p.bought;
    gift.item.purchases = gift.bought;
    for (int k = 0; k < DOUBLED; ++k) {
        part[k] = make(&o);
        assert_int_equal(k ? cxm_loyalty_merge(part[k], part[k - 1]) : cxm_loyalty_add(part[k], &p.item), CXM_OK);
        cxm_status status = k ? cxm_loyalty_merge(part[k], part[k - 1]) : cxm_loyalty_remove(part[k], &gift.item);
        assert_true(status == CXM_OK || (status == CXM_E_OVERFLOW && k > 80));
    }
    for (int k = DOUBLED; k-- > 0;) {
        cxm_status status = cxm_loyalty_merge(l, part[k]);
        assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
    }
    assert_int_equal(cxm_loyalty_add(l, &p.item), CXM_E_OVERFLOW);
    assert_int_equal(cxm_loyalty_add(l, &gift.item), CXM_OK);
    assert_int_equal(summary_of(l).customers, 1);
    assert_int_equal(summary_of(l).money_high, UINT64_MAX);
    for (int k = 0; k < DOUBLED; ++k) cxm_loyalty_free(part[k]);
    cxm_loyalty_free(l);
}

/* --- options and misuse --- */

static cxm_status create_with(const cxm_loyalty_options *o)
{
    cxm_loyalty *l = NULL;
    cxm_status status = cxm_loyalty_create(o, NULL, &l);
    assert_true((status == CXM_OK) == (l != NULL));
    assert_int_equal(cxm_loyalty_bytes(o) > 0, status == CXM_OK);
    cxm_loyalty_free(l);
    return status;
}

#define WITH(status, ...)                                       \
    do {                                                        \
        cxm_loyalty_options o = quarter();                      \
        __VA_ARGS__;                                            \
        assert_int_equal(create_with(&o), (status));            \
    } while (0)

static void options_have_their_ranges(void **state)
{
    (void)state;
    WITH(CXM_OK, o.days = 0);
    WITH(CXM_OK, o.days = CXM_LOYALTY_DAYS_MAX);
    WITH(CXM_OK, o.since_us = CXM_LOYALTY_EVER);
    WITH(CXM_OK, o.thresholds = 0; o.threshold[0] = 0; o.threshold[1] = 0);
    WITH(CXM_E_ABI, o.size = 8);
    WITH(CXM_E_ARG, o.days = CXM_LOYALTY_DAYS_MAX + 1);
    WITH(CXM_E_ARG, o.zone_s = 86400);
    WITH(CXM_E_ARG, o.zone_s = -86400);
    WITH(CXM_E_ARG, o.by_day = 2);
    WITH(CXM_E_ARG, o.by_day = -1);
    WITH(CXM_E_ARG, o.reserved = 1);
    WITH(CXM_E_ARG, o.until_us = o.since_us);
    WITH(CXM_E_ARG, o.until_us = INT64_MAX);
    WITH(CXM_E_ARG, o.since_us = INT64_MIN + 1);
    WITH(CXM_E_ARG, o.thresholds = 1);              /* the second is left over */
    WITH(CXM_E_ARG, o.thresholds = 3);
    WITH(CXM_E_ARG, o.thresholds = 17);
    WITH(CXM_E_ARG, o.threshold[0] = 0);
    WITH(CXM_E_ARG, o.threshold[1] = 1000);
    WITH(CXM_E_ARG, o.threshold[1] = CXM_LOYALTY_THRESHOLD_MAX + 1);
    cxm_loyalty_options o = quarter(), got = {.size = sizeof got};
    o.days = 0;
    cxm_loyalty *l = make(&o);
    assert_int_equal(cxm_loyalty_options_of(l, &got), CXM_OK);
    o.days = CXM_LOYALTY_DAYS_DEFAULT;
    assert_memory_equal(&o, &got, sizeof o);
    got.size = 8;
    assert_int_equal(cxm_loyalty_options_of(l, &got), CXM_E_ABI);
    assert_int_equal(cxm_loyalty_options_of(NULL, &got), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_options_of(l, NULL), CXM_E_ARG);
    cxm_loyalty_free(l);
}

static void memory_is_what_was_said(void **state)
{
    (void)state;
    cxm_loyalty_options o = quarter();
    ledger own = {.fail_at = 1};
    cxm_alloc hook = ledger_hook(&own), broken = {0};
    cxm_loyalty *l = NULL;
    assert_int_equal(cxm_loyalty_create(&o, &hook, &l), CXM_E_MEMORY);
    assert_int_equal(cxm_loyalty_create(&o, &broken, &l), CXM_E_ARG);
    assert_null(l);
    assert_int_equal(cxm_loyalty_create(&o, &hook, &l), CXM_OK);
    assert_int_equal(own.live, cxm_loyalty_bytes(&o));
    assert_int_equal(summary_of(l).bytes, own.live);
    cxm_loyalty_free(l);
    assert_int_equal(own.live, 0);
}

static void each_part_must_agree(void **state)
{
    (void)state;
    cxm_loyalty_options base = quarter();
    cxm_loyalty *l = make(&base);
    for (int part = 0; part < 7; ++part) {
        cxm_loyalty_options o = base;
        if (part == 0) o.zone_s = 60;
        if (part == 1) o.since_us += 1;
        if (part == 2) o.until_us += 1;
        if (part == 3) o.by_day = 1;
        if (part == 4) o.days = 61;
        if (part == 5) o.threshold[1] += 1;
        if (part == 6) o.threshold[--o.thresholds] = 0;
        cxm_loyalty *other = make(&o);
        assert_int_equal(cxm_loyalty_merge(l, other), CXM_E_MISMATCH);
        assert_int_equal(cxm_loyalty_subtract(l, other), CXM_E_MISMATCH);
        cxm_loyalty_free(other);
    }
    cxm_loyalty_free(l);
}

static void misuse(void **state)
{
    (void)state;
    cxm_loyalty_options o = quarter();
    cxm_loyalty *l = make(&o), *none = NULL;
    cxm_loyalty_summary s = {.size = 8};
    cxm_loyalty_tier t = {.size = sizeof t};
    cxm_loyalty_share share;
    int64_t days;
    person p = buyer(5, 10), bad = buyer(5, -1);
    p.item.purchases = p.bought;
    bad.item.purchases = bad.bought;
    assert_int_equal(cxm_loyalty_create(NULL, NULL, &none), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_create(&o, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_bytes(NULL), 0);
    assert_int_equal(cxm_loyalty_add(NULL, &p.item), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_add(l, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_add(l, &bad.item), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_remove(NULL, &p.item), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_remove(l, &bad.item), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_add_voice(NULL, &p.item, 0, 0), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_add_voice(l, &bad.item, 0, 0), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_add_voice(l, &p.item, 2, 0), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_add_voice(l, &p.item, 0, -1), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_remove_voice(l, &p.item, -1, 0), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_remove_voice(l, &p.item, 0, 2), CXM_E_ARG);
    p.item.size -= 8;
    assert_int_equal(cxm_loyalty_add(l, &p.item), CXM_E_ABI);
    assert_int_equal(cxm_loyalty_add_voice(l, &p.item, 0, 0), CXM_E_ABI);
    assert_int_equal(cxm_loyalty_merge(l, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_merge(NULL, l), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_subtract(l, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_subtract(NULL, l), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_summarize(l, 0.0, &s), CXM_E_ABI);
    assert_int_equal(cxm_loyalty_summarize(NULL, 0.0, &s), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_summarize(l, 0.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_summarize(l, 1.0, &s), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_tier_of(l, 3, 0.0, &t), CXM_END);
    assert_int_equal(cxm_loyalty_tier_of(l, 0, -0.1, &t), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_tier_of(NULL, 0, 0.0, &t), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_tier_of(l, 0, 0.0, NULL), CXM_E_ARG);
    t.size = 8;
    assert_int_equal(cxm_loyalty_tier_of(l, 0, 0.0, &t), CXM_E_ABI);
    assert_int_equal(cxm_loyalty_times_of(l, 0, 0.0, &share), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_times_of(l, CXM_LOYALTY_TIMES_MAX + 1, 0.0, &share), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_times_of(l, 1, (double)NAN, &share), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_times_of(NULL, 1, 0.0, &share), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_times_of(l, 1, 0.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_within(l, 0, 0.0, &share), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_within(l, 61, 0.0, &share), CXM_E_LIMIT);
    assert_int_equal(cxm_loyalty_within(l, 1, 1.0, &share), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_within(NULL, 1, 0.0, &share), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_within(l, 1, 0.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_days_of(l, 0.5, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_days_of(NULL, 0.5, &days), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_days_of(l, 0.5, &days), CXM_E_EMPTY);
    cxm_loyalty_free(NULL);
    cxm_loyalty_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loyalty_by_hand), cmocka_unit_test(nobody_has_no_share), cmocka_unit_test(days_are_told_by_rank),
        cmocka_unit_test(silent_are_the_active_without_a_word), cmocka_unit_test(counts_are_what_the_definition_says),
        cmocka_unit_test(counts_are_those_of_another_program), cmocka_unit_test(parts_are_the_whole),
        cmocka_unit_test(removals_of_strangers), cmocka_unit_test(counts_end_with_their_type),
        cmocka_unit_test(money_ends_with_its_type), cmocka_unit_test(options_have_their_ranges), cmocka_unit_test(memory_is_what_was_said), cmocka_unit_test(each_part_must_agree),
        cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/loyalty", tests, NULL, NULL);
}
