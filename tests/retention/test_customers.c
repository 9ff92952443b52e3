/* SPDX-License-Identifier: MIT */
/* test_customers.c - what a customer paid from when on, by hand; then any order, partition and repetition to one state, bounds, and
 * every allocation that can fail. */
#include <cxm/customers.h>
#include <cxm/money.h>
#include <cxm/ticket.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 18, STEPS_MOST = 8 };
static const int64_t DAY = INT64_C(86400000000), NEVER = CXM_CUSTOMERS_NEVER;
static unsigned char bytes[ROOM], more[ROOM];

static cxm_customers *make(const cxm_alloc *alloc, uint64_t max_bytes)
{
    cxm_customers_options options = {.size = sizeof options, .digits = 2, .max_bytes = max_bytes, .hash_seed = 7};
    cxm_customers *c = NULL;
    assert_int_equal(cxm_money_currency("EUR", 3, &options.currency), CXM_OK);
    assert_int_equal(cxm_customers_create(&options, alloc, &c), CXM_OK);
    return c;
}

static cxm_customers_account account_of(cxm_customers *c)
{
    cxm_customers_account account = {.size = sizeof account};
    assert_int_equal(cxm_customers_account_of(c, &account), CXM_OK);
    return account;
}

static size_t encode(cxm_customers *c, unsigned char *out)
{
    size_t len = 0;
    assert_int_equal(cxm_customers_encode(c, out, ROOM, &len), CXM_OK);
    return len;
}

static void assert_same(cxm_customers *a, cxm_customers *b)
{
    size_t len = encode(a, bytes), other = encode(b, more);
    assert_int_equal(len, other);
    assert_memory_equal(bytes, more, len);
}

static cxm_customer_event event(int kind, int64_t day, int64_t amount, uint32_t part)
{
    return (cxm_customer_event){.at_us = day * DAY, .amount = amount, .part = part, .kind = (uint8_t)kind};
}

static cxm_customer_event ending(int kind, int64_t day, int64_t end_day, int64_t amount, uint32_t part)
{
    cxm_customer_event e = event(kind, day, amount, part);
    e.end_us = end_day == NEVER ? NEVER : end_day * DAY;
    return e;
}

/* --- by hand: days, and minor units a month --- */

#define SIGNUP(day, amount, part) {CXM_CUSTOMER_SIGNUP, day, 0, amount, part}
#define CHANGE(day, amount, part) {CXM_CUSTOMER_CHANGE, day, 0, amount, part}
#define RENEWAL(day, amount, part) {CXM_CUSTOMER_RENEWAL, day, 0, amount, part}
#define BACK(day, amount, part) {CXM_CUSTOMER_REACTIVATE, day, 0, amount, part}
#define CANCEL(day, end, part) {CXM_CUSTOMER_CANCEL, day, end, 0, part}
#define PERIOD(day, end, amount, part) {CXM_CUSTOMER_PERIOD, day, end, amount, part}
#define PURCHASE(day, amount, part) {CXM_CUSTOMER_PURCHASE, day, 0, amount, part}

static const struct {
    const char *what;
    int32_t requested;
    uint64_t held;
    struct { int kind; int64_t day, end, amount; uint32_t part; } events[6];
    struct { int64_t day, amount; } steps[STEPS_MOST];
} rows[] = {
    {"a signup", 0, 1, {SIGNUP(1, 10, 0)}, {{1, 10}}},
    {"renewals say nothing new", 0, 1, {RENEWAL(31, 10, 0), SIGNUP(1, 10, 0), RENEWAL(61, 10, 0)}, {{1, 10}}},
    {"a renewal at another price", 0, 2, {SIGNUP(1, 10, 0), RENEWAL(31, 12, 0), RENEWAL(61, 12, 0)}, {{1, 10}, {31, 12}}},
    {"back to an earlier price by renewal alone is not seen", 0, 2, {SIGNUP(1, 10, 0), RENEWAL(31, 12, 0), RENEWAL(61, 10, 0)},
     {{1, 10}, {31, 12}}},
    {"by a change it is", 0, 3, {SIGNUP(1, 10, 0), RENEWAL(31, 12, 0), CHANGE(61, 10, 0)}, {{1, 10}, {31, 12}, {61, 10}}},
    {"a renewal of what was never told starts it", 0, 1, {RENEWAL(40, 10, 0), RENEWAL(10, 10, 0)}, {{10, 10}}},
    {"a renewal behind the end starts nothing", 0, 3, {SIGNUP(1, 10, 0), CANCEL(20, 20, 0), RENEWAL(31, 12, 0)}, {{1, 10}, {20, 0}}},
    {"a renewal of what was only cancelled starts nothing", 0, 2, {CANCEL(20, 20, 0), RENEWAL(31, 12, 0)}, {{0, 0}}},
    {"a change starts what was never told", 0, 1, {CHANGE(5, 10, 0)}, {{5, 10}}},
    {"a change starts what has ended", 0, 3, {SIGNUP(1, 10, 0), CANCEL(20, 20, 0), CHANGE(25, 8, 0)}, {{1, 10}, {20, 0}, {25, 8}}},
    {"requested is not ended", 0, 2, {SIGNUP(1, 10, 0), CANCEL(20, 31, 0)}, {{1, 10}, {31, 0}}},
    {"read by the request", 1, 2, {SIGNUP(1, 10, 0), CANCEL(20, 31, 0)}, {{1, 10}, {20, 0}}},
    {"a cancellation taken back", 0, 3, {SIGNUP(1, 10, 0), CANCEL(20, 31, 0), BACK(25, 10, 0)}, {{1, 10}}},
    {"taken back, read by the request", 1, 3, {SIGNUP(1, 10, 0), CANCEL(20, 31, 0), BACK(25, 10, 0)}, {{1, 10}, {20, 0}, {25, 10}}},
    {"a change does not take it back", 0, 3, {SIGNUP(1, 10, 0), CANCEL(20, 31, 0), CHANGE(25, 5, 0)}, {{1, 10}, {25, 5}, {31, 0}}},
    {"a later request replaces", 0, 3, {SIGNUP(1, 10, 0), CANCEL(20, 61, 0), CANCEL(22, 31, 0)}, {{1, 10}, {31, 0}}},
    {"of two at once the later end", 0, 3, {SIGNUP(1, 10, 0), CANCEL(20, 61, 0), CANCEL(20, 31, 0)}, {{1, 10}, {61, 0}}},
    {"a gap", 0, 3, {SIGNUP(1, 10, 0), CANCEL(20, 20, 0), BACK(40, 10, 0)}, {{1, 10}, {20, 0}, {40, 10}}},
    {"ends and comes back at once", 0, 3, {SIGNUP(1, 10, 0), CANCEL(20, 20, 0), BACK(20, 15, 0)}, {{1, 10}, {20, 15}}},
    {"ends and signs up at once", 0, 3, {SIGNUP(1, 10, 0), CANCEL(20, 20, 0), SIGNUP(20, 15, 0)}, {{1, 10}, {20, 15}}},
    {"changed and ended at once", 0, 3, {SIGNUP(1, 10, 0), CHANGE(20, 15, 0), CANCEL(20, 20, 0)}, {{1, 10}, {20, 0}}},
    {"changed when its term ends: it starts anew", 0, 3, {SIGNUP(1, 10, 0), CANCEL(10, 20, 0), CHANGE(20, 15, 0)}, {{1, 10}, {20, 15}}},
    {"told that it has ended when it had", 0, 3, {SIGNUP(1, 10, 0), CANCEL(10, 20, 0), CANCEL(22, 22, 0)}, {{1, 10}, {20, 0}}},
    {"a renewal behind the end tells its amount", 0, 4,
     {SIGNUP(1, 10, 0), CANCEL(20, 20, 0), RENEWAL(31, 12, 0), BACK(40, 10, 0), RENEWAL(61, 12, 0)}, {{1, 10}, {20, 0}, {40, 10}}},
    {"begins and ends at once", 0, 2, {SIGNUP(20, 10, 0), CANCEL(20, 20, 0)}, {{0, 0}}},
    {"two amounts at once: the larger", 0, 2, {SIGNUP(1, 10, 0), SIGNUP(1, 20, 0)}, {{1, 20}}},
    {"a trial that converts", 0, 2, {SIGNUP(1, 0, 0), CHANGE(15, 10, 0)}, {{15, 10}}},
    {"a trial that converts by renewal", 0, 2, {SIGNUP(1, 0, 0), RENEWAL(15, 10, 0)}, {{15, 10}}},
    {"a trial that does not", 0, 2, {SIGNUP(1, 0, 0), CANCEL(15, 15, 0)}, {{0, 0}}},
    {"an end without a start", 0, 1, {CANCEL(15, 15, 0)}, {{0, 0}}},
    {"an end before the start", 0, 2, {CANCEL(15, 15, 0), SIGNUP(20, 10, 0)}, {{20, 10}}},
    {"two subscriptions", 0, 4, {SIGNUP(1, 10, 1), SIGNUP(5, 7, 2), CANCEL(9, 9, 1), CANCEL(12, 12, 2)},
     {{1, 10}, {5, 17}, {9, 7}, {12, 0}}},
    {"one for the other", 0, 3, {SIGNUP(1, 10, 1), CANCEL(9, 9, 1), SIGNUP(9, 10, 2)}, {{1, 10}}},
    {"periods that touch", 0, 2, {PERIOD(1, 9, 10, 0), PERIOD(9, NEVER, 12, 0)}, {{1, 10}, {9, 12}}},
    {"periods that touch at one price", 0, 2, {PERIOD(1, 9, 10, 0), PERIOD(9, 12, 10, 0)}, {{1, 10}, {12, 0}}},
    {"periods that overlap", 0, 2, {PERIOD(1, 9, 10, 0), PERIOD(5, 12, 4, 0)}, {{1, 10}, {5, 14}, {9, 4}, {12, 0}}},
    {"a period without length", 0, 1, {PERIOD(5, 5, 10, 0)}, {{0, 0}}},
    {"a period, once told twice", 0, 1, {PERIOD(1, 9, 10, 0), PERIOD(1, 9, 10, 0)}, {{1, 10}, {9, 0}}},
    {"a period without an end", 0, 1, {PERIOD(1, NEVER, 10, 0)}, {{1, 10}}},
    {"purchases beside it", 0, 3, {PURCHASE(3, 50, 0), SIGNUP(1, 10, 0), PURCHASE(2, 40, 0)}, {{1, 10}}},
};

static cxm_customer_event event_of(size_t row, size_t i)
{
    int kind = rows[row].events[i].kind;
    bool ends = kind == CXM_CUSTOMER_CANCEL || kind == CXM_CUSTOMER_PERIOD;
    return ending(kind, rows[row].events[i].day, ends ? rows[row].events[i].end : 0, rows[row].events[i].amount, rows[row].events[i].part);
}

static size_t count_of(size_t row)
{
    size_t n = 0;
    while (n < 6 && rows[row].events[n].kind) ++n;
    return n;
}

/* Every order of the events of a row, by the number of the permutation. */
static size_t permute(size_t n, size_t number, size_t *order)
{
    size_t left[6], all = 1;
    for (size_t i = 0; i < n; ++i) left[i] = i;
    for (size_t i = 2; i <= n; ++i) all *= i;
    for (size_t i = 0; i < n; ++i) {
        size_t pick = number % (n - i);
        number /= n - i;
        order[i] = left[pick];
        memmove(&left[pick], &left[pick + 1], (n - i - pick - 1) * sizeof *left);
    }
    return all;
}

static void assert_steps(const cxm_customer_item *item, size_t row)
{
    size_t want = 0;
    while (want < STEPS_MOST && (rows[row].steps[want].day || rows[row].steps[want].amount)) ++want;
    assert_int_equal(item->step_count, want);
    for (size_t i = 0; i < want; ++i) {
        assert_int_equal(item->steps[i].at_us, rows[row].steps[i].day * DAY);
        assert_int_equal(item->steps[i].amount, rows[row].steps[i].amount);
    }
}

static void rows_by_hand_in_every_order(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; ++row) {
        size_t order[6], n = count_of(row), all = permute(n, 0, order);
        print_message("%s\n", rows[row].what);
        for (size_t number = 0; number < all; ++number) {
            cxm_customers *c = make(NULL, 0);
            cxm_customer_item item = {.size = sizeof item};
            permute(n, number, order);
            for (size_t i = 0; i < 2 * n; ++i) {                /* each of them twice */
                cxm_customer_event e = event_of(row, order[i % n]);
                assert_int_equal(cxm_customers_add(c, 81, &e), CXM_OK);
            }
            assert_int_equal(cxm_customers_find(c, 81, rows[row].requested, &item), CXM_OK);
            assert_steps(&item, row);
            assert_int_equal(item.held, rows[row].held);
            assert_int_equal(account_of(c).held, rows[row].held);
            cxm_customers_free(c);
        }
    }
}

static void purchases_come_by_time(void **state)
{
    (void)state;
    cxm_customers *c = make(NULL, 0);
    cxm_customer_item item = {.size = sizeof item};
    const cxm_customer_event all[] = {event(CXM_CUSTOMER_PURCHASE, 9, 50, 2), event(CXM_CUSTOMER_PURCHASE, 3, 10, 9),
                                      event(CXM_CUSTOMER_PURCHASE, 9, 50, 1), event(CXM_CUSTOMER_PURCHASE, 9, 50, 2)};
    for (size_t i = 0; i < 4; ++i) assert_int_equal(cxm_customers_add(c, 5, &all[i]), CXM_OK);
    assert_int_equal(cxm_customers_add(c, 6, &all[0]), CXM_OK);
    assert_int_equal(cxm_customers_find(c, 5, CXM_CUSTOMERS_ENDED, &item), CXM_OK);
    assert_int_equal(item.purchase_count, 3);
    assert_true(item.purchases[0].at_us == 3 * DAY && item.purchases[1].part == 1 && item.purchases[2].part == 2);
    assert_true(item.step_count == 0 && item.held == 3);
    assert_int_equal(cxm_customers_find(c, 6, CXM_CUSTOMERS_ENDED, &item), CXM_OK);
    assert_true(item.purchase_count == 1 && item.purchases[0].amount == 50);
    assert_int_equal(cxm_customers_find(c, 7, CXM_CUSTOMERS_ENDED, &item), CXM_E_EMPTY);
    cxm_customers_account account = account_of(c);
    assert_true(account.received == 5 && account.held == 4 && account.surplus == 1 && account.customers == 2 && account.spilled == 1);
    cxm_customers_free(c);
}

static void an_amount_at_an_instant(void **state)
{
    (void)state;
    const cxm_customer_step steps[] = {{1, 10}, {5, 17}, {9, 0}};
    const cxm_customer_item item = {.size = sizeof item, .steps = steps, .step_count = 3}, none = {.size = sizeof none};
    static const struct { int64_t at, amount; } want[] = {{INT64_MIN, 0}, {0, 0}, {1, 10}, {4, 10}, {5, 17}, {8, 17}, {9, 0}, {INT64_MAX, 0}};
    for (size_t i = 0; i < 8; ++i) assert_int_equal(cxm_customer_amount_at(&item, want[i].at), want[i].amount);
    assert_int_equal(cxm_customer_amount_at(&none, 5), 0);
    assert_int_equal(cxm_customer_amount_at(NULL, 5), 0);
}

/* --- any order, partition and repetition --- */

typedef struct told { uint64_t code; cxm_customer_event event; } told;

static told draw(uint64_t *seed, uint64_t customers)
{
    told t = {.code = 1 + test_rand(seed) % customers};
    int kind = 1 + (int)(test_rand(seed) % 10);
    if (kind > 7) kind = CXM_CUSTOMER_RENEWAL;
    int64_t day = (int64_t)(test_rand(seed) % 60);
    t.event = event(kind, day, kind == CXM_CUSTOMER_CANCEL ? 0 : (int64_t)(test_rand(seed) % 4), (uint32_t)(test_rand(seed) % 3));
    if (kind == CXM_CUSTOMER_CANCEL || kind == CXM_CUSTOMER_PERIOD) t.event.end_us = (day + (int64_t)(test_rand(seed) % 3)) * DAY;
    return t;
}

static void parts_that_overlap_are_the_whole(void **state)
{
    (void)state;
    enum { EVENTS = 400 };
    static told all[EVENTS];
    uint64_t seed = 71;
    for (int trial = 0; trial < 200; ++trial) {
        if (test_left_out()) continue;
        cxm_customers *whole = make(NULL, 0), *part[3];
        uint64_t customers = trial % 3 == 0 ? 3 : 90, received = 0;
        for (int i = 0; i < 3; ++i) part[i] = make(NULL, 0);
        for (int i = 0; i < EVENTS; ++i) all[i] = draw(&seed, customers);
        for (int i = 0; i < EVENTS; ++i) assert_int_equal(cxm_customers_add(whole, all[i].code, &all[i].event), CXM_OK);
        for (int i = EVENTS; i-- > 0;) {
            int where = (int)(test_rand(&seed) % 3), twice = test_rand(&seed) % 4 == 0;
            assert_int_equal(cxm_customers_add(part[where], all[i].code, &all[i].event), CXM_OK);
            if (twice) assert_int_equal(cxm_customers_add(part[(where + 1) % 3], all[i].code, &all[i].event), CXM_OK);
            received += 1 + (uint64_t)twice;
        }
        for (uint64_t i = EVENTS; i < received; ++i) assert_int_equal(cxm_customers_add(whole, all[0].code, &all[0].event), CXM_OK);
        assert_int_equal(cxm_customers_merge(part[1], part[trial % 2 ? 2 : 0]), CXM_OK);
        assert_int_equal(cxm_customers_merge(part[trial % 2 ? 0 : 2], part[1]), CXM_OK);
        cxm_customers *end = part[trial % 2 ? 0 : 2];
        assert_same(whole, end);
        cxm_customers_account a = account_of(whole), b = account_of(end);
        assert_true(a.held == b.held && a.customers == b.customers && a.spilled == b.spilled && a.surplus == b.surplus);
        cxm_customers_free(whole);
        for (int i = 0; i < 3; ++i) cxm_customers_free(part[i]);
    }
}

static void merging_with_itself_changes_only_what_was_received(void **state)
{
    (void)state;
    uint64_t seed = 72;
    cxm_customers *c = make(NULL, 0);
    for (int i = 0; i < 300; ++i) {
        told t = draw(&seed, 20);
        assert_int_equal(cxm_customers_add(c, t.code, &t.event), CXM_OK);
    }
    cxm_customers_account before = account_of(c), after;
    assert_int_equal(cxm_customers_merge(c, c), CXM_OK);
    after = account_of(c);
    assert_true(after.received == 2 * before.received && after.held == before.held && after.customers == before.customers);
    cxm_customers_free(c);
}

/* Every customer once, also after the state was sorted for its bytes. */
static void a_walk_meets_everybody(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    static unsigned char met[MANY + 1], large[1 << 20];
    cxm_customers *c = make(NULL, 0);
    cxm_customer_item item = {.size = sizeof item};
    size_t len;
    for (uint64_t i = 1; i <= MANY; ++i) {
        cxm_customer_event e = event(CXM_CUSTOMER_SIGNUP, (int64_t)(i % 50), (int64_t)i, 0);
        assert_int_equal(cxm_customers_add(c, i * UINT64_C(0x9E3779B97F4A7C15), &e), CXM_OK);
    }
    assert_int_equal(cxm_customers_encode(c, large, sizeof large, &len), CXM_OK);
    uint64_t cursor = 0, count = 0;
    while (cxm_customers_next(c, &cursor, CXM_CUSTOMERS_ENDED, &item) == CXM_OK) {
        assert_int_equal(item.code, (uint64_t)item.steps[0].amount * UINT64_C(0x9E3779B97F4A7C15));
        ++met[item.steps[0].amount];
        ++count;
    }
    assert_int_equal(count, MANY);
    for (size_t i = 1; i <= MANY; ++i) assert_int_equal(met[i], 1);
    assert_true(account_of(c).bytes < 52 * MANY);
    assert_int_equal(cxm_customers_find(c, UINT64_C(0x9E3779B97F4A7C15), CXM_CUSTOMERS_ENDED, &item), CXM_OK);
    cxm_customers_free(c);
}

/* The newest first, so that each array is out of order all the time. */
static void many_events_of_one_customer(void **state)
{
    (void)state;
    enum { MANY = 200000 };
    cxm_customers *c = make(NULL, 0);
    cxm_customer_item item = {.size = sizeof item};
    for (int64_t i = MANY; i-- > 0;) {
        cxm_customer_event e = event(CXM_CUSTOMER_PURCHASE, 0, 5, (uint32_t)(i % 7));
        e.at_us = i;
        assert_int_equal(cxm_customers_add(c, 5, &e), CXM_OK);
        assert_int_equal(cxm_customers_add(c, 5, &e), CXM_OK);
    }
    assert_int_equal(cxm_customers_find(c, 5, CXM_CUSTOMERS_ENDED, &item), CXM_OK);
    assert_int_equal(item.purchase_count, MANY);
    for (int64_t i = 0; i < MANY; ++i) assert_int_equal(item.purchases[i].at_us, i);
    cxm_customers_free(c);
}

/* --- bounds --- */

static void what_may_not_be_added(void **state)
{
    (void)state;
    cxm_customers *c = make(NULL, 0), *other = NULL;
    cxm_customer_item item = {.size = sizeof item};
    cxm_customers_account account = {.size = sizeof account - 1};
    cxm_customers_options options = {.size = sizeof options, .digits = 2};
    uint64_t cursor = 0;
    const cxm_customer_event bad[] = {
        event(0, 1, 1, 0), event(8, 1, 1, 0), event(CXM_CUSTOMER_SIGNUP, 1, -1, 0),
        event(CXM_CUSTOMER_SIGNUP, 1, CXM_CUSTOMERS_AMOUNT_MAX + 1, 0), event(CXM_CUSTOMER_SIGNUP, 2932897, 1, 0),
        event(CXM_CUSTOMER_SIGNUP, -719163, 1, 0), ending(CXM_CUSTOMER_SIGNUP, 1, 2, 1, 0), ending(CXM_CUSTOMER_CANCEL, 5, 4, 0, 0),
        ending(CXM_CUSTOMER_CANCEL, 5, 6, 1, 0), ending(CXM_CUSTOMER_CANCEL, 5, NEVER, 0, 0), ending(CXM_CUSTOMER_PERIOD, 5, 4, 1, 0),
        {.at_us = 1, .kind = CXM_CUSTOMER_SIGNUP, .reserved = 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) assert_int_equal(cxm_customers_add(c, 1, &bad[i]), CXM_E_ARG);
    cxm_customer_event e = event(CXM_CUSTOMER_SIGNUP, 1, CXM_CUSTOMERS_AMOUNT_MAX, 0);
    assert_int_equal(cxm_customers_add(NULL, 1, &e), CXM_E_ARG);
    assert_int_equal(cxm_customers_add(c, 1, NULL), CXM_E_ARG);
    assert_int_equal(account_of(c).received, 0);
    assert_int_equal(cxm_customers_next(c, &cursor, CXM_CUSTOMERS_ENDED, &item), CXM_END);
    assert_int_equal(cxm_customers_next(c, &cursor, 2, &item), CXM_E_ARG);
    assert_int_equal(cxm_customers_find(c, 1, -1, &item), CXM_E_ARG);
    item.size = 8;
    assert_int_equal(cxm_customers_next(c, &cursor, CXM_CUSTOMERS_ENDED, &item), CXM_E_ABI);
    assert_int_equal(cxm_customers_find(c, 1, CXM_CUSTOMERS_ENDED, &item), CXM_E_ABI);
    assert_int_equal(cxm_customers_account_of(c, &account), CXM_E_ABI);
    assert_int_equal(cxm_customers_account_of(NULL, &account), CXM_E_ARG);
    assert_int_equal(cxm_customers_merge(c, NULL), CXM_E_ARG);
    options.digits = 5;
    assert_int_equal(cxm_customers_create(&options, NULL, &other), CXM_E_ARG);
    options.digits = 2;
    options.currency = 17577;
    assert_int_equal(cxm_customers_create(&options, NULL, &other), CXM_E_ARG);
    options.currency = 0;
    options.digits = 2;
    options.max_bytes = 100;
    assert_int_equal(cxm_customers_create(&options, NULL, &other), CXM_E_LIMIT);
    options.size = 4;
    assert_int_equal(cxm_customers_create(&options, NULL, &other), CXM_E_ABI);
    assert_int_equal(cxm_customers_create(NULL, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_customers_create(NULL, NULL, &other), CXM_OK);
    assert_int_equal(cxm_customers_merge(c, other), CXM_E_MISMATCH);
    cxm_customers_free(other);
    cxm_customers_free(c);
    cxm_customers_free(NULL);
}

static void another_currency_is_refused_and_counted(void **state)
{
    (void)state;
    cxm_customers *c = make(NULL, 0);
    cxm_customer_event e = event(CXM_CUSTOMER_SIGNUP, 1, 999, 0);
    assert_int_equal(cxm_money_currency("usd", 3, &e.currency), CXM_OK);
    assert_int_equal(cxm_customers_add(c, 1, &e), CXM_E_MISMATCH);
    assert_int_equal(cxm_money_currency("EUR", 3, &e.currency), CXM_OK);
    assert_int_equal(cxm_customers_add(c, 1, &e), CXM_OK);
    e.currency = 0;
    assert_int_equal(cxm_customers_add(c, 1, &e), CXM_OK);
    cxm_customers_account account = account_of(c);
    assert_true(account.received == 3 && account.foreign == 1 && account.held == 1 && account.surplus == 1 && account.digits == 2);
    cxm_customers_free(c);
}

static uint64_t count_walk(cxm_customers *c)
{
    cxm_customer_item item = {.size = sizeof item};
    uint64_t cursor = 0, count = 0;
    cxm_status status;
    while ((status = cxm_customers_next(c, &cursor, CXM_CUSTOMERS_ENDED, &item)) == CXM_OK) ++count;
    assert_int_equal(status, CXM_END);
    return count;
}

/* Filled until an event of one of `customers` does not fit: it is as before then, knows what it has, and can be read. */
static cxm_customers *fill_up(uint64_t bound, uint64_t customers, uint64_t *seed)
{
    cxm_customers *c = make(NULL, bound);
    told first = draw(seed, customers);
    cxm_status status = cxm_customers_add(c, first.code, &first.event);
    for (int i = 0; i < 20000 && status == CXM_OK; ++i) {
        told t = draw(seed, customers);
        t.event.at_us += i * DAY;
        if (t.event.kind == CXM_CUSTOMER_CANCEL || t.event.kind == CXM_CUSTOMER_PERIOD) t.event.end_us += i * DAY;
        cxm_customers_account before = account_of(c);
        status = cxm_customers_add(c, t.code, &t.event);
        cxm_customers_account after = account_of(c);
        assert_true(after.bytes <= bound);
        if (status != CXM_OK) assert_true(after.held == before.held && after.received == before.received);
    }
    assert_int_equal(status, CXM_E_LIMIT);
    assert_int_equal(cxm_customers_add(c, first.code, &first.event), CXM_OK);
    assert_int_equal(count_walk(c), account_of(c).customers);
    return c;
}

static void a_full_state_says_so(void **state)
{
    (void)state;
    uint64_t seed = 73;
    for (uint64_t bound = 16 * 1024; bound < 60 * 1024; bound += 777) {
        if (test_left_out()) continue;
        cxm_customers *c = fill_up(bound, bound % 3 ? 150 : 1, &seed), *other = make(NULL, 0), *few = make(NULL, bound);
        assert_int_equal(cxm_customers_merge(other, c), CXM_OK);
        assert_same(c, other);
        for (uint64_t code = 1000; code < 3000; ++code) {
            cxm_customer_event e = event(CXM_CUSTOMER_SIGNUP, 1, 1, 0);
            assert_int_equal(cxm_customers_add(other, code, &e), CXM_OK);
        }
        cxm_customers *into[] = {c, few};
        for (int i = 0; i < 2; ++i) {
            size_t len = encode(into[i], bytes);
            cxm_customers_account before = account_of(into[i]);
            assert_int_equal(cxm_customers_merge(into[i], other), CXM_E_LIMIT);
            cxm_customers_account after = account_of(into[i]);
            assert_int_equal(encode(into[i], more), len);
            assert_memory_equal(bytes, more, len);
            assert_true(before.spilled == after.spilled && before.customers == after.customers && before.held == after.held);
        }
        told t = draw(&seed, 40);
        assert_int_equal(cxm_customers_add(few, t.code, &t.event), CXM_OK);         /* what was reserved in vain is free again */
        cxm_customers_free(c);
        cxm_customers_free(few);
        cxm_customers_free(other);
    }
}

/* Monthly shards hold the same customers: their union takes no more than one of them. */
static void shards_of_the_same_customers_need_no_more_room(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    cxm_customers *c = make(NULL, 250000), *next = make(NULL, 0);
    for (uint64_t code = 1; code <= MANY; ++code) {
        cxm_customer_event signup = event(CXM_CUSTOMER_SIGNUP, 1, 9, 0), renewal = event(CXM_CUSTOMER_RENEWAL, 31, 9, 0);
        cxm_customer_event ends = ending(CXM_CUSTOMER_CANCEL, 40, 61, 0, 0);
        assert_int_equal(cxm_customers_add(c, code, &signup), CXM_OK);
        assert_int_equal(cxm_customers_add(next, code, &renewal), CXM_OK);
        assert_int_equal(cxm_customers_add(next, code, &ends), CXM_OK);
    }
    assert_int_equal(cxm_customers_merge(c, next), CXM_OK);
    cxm_customers_account account = account_of(c);
    assert_true(account.spilled == 0 && account.held == 2 * MANY && account.customers == MANY);
    cxm_customers_free(c);
    cxm_customers_free(next);
}

/* Delays of a cancellation at every width, and one too long for the place. */
static void an_end_after_its_request_takes_no_array(void **state)
{
    (void)state;
    for (int bit = 0; bit < 50; ++bit) {
        cxm_customers *c = make(NULL, 0);
        cxm_customer_item item = {.size = sizeof item};
        cxm_customer_event signup = event(CXM_CUSTOMER_SIGNUP, 1, CXM_CUSTOMERS_AMOUNT_MAX, 3), cancel = event(CXM_CUSTOMER_CANCEL, 9, 0, 3);
        cancel.end_us = cancel.at_us + ((INT64_C(1) << bit) | (bit > 2 ? 5 : 0));
        assert_int_equal(cxm_customers_add(c, 5, &cancel), CXM_OK);
        assert_int_equal(cxm_customers_add(c, 5, &signup), CXM_OK);
        assert_int_equal(cxm_customers_add(c, 5, &cancel), CXM_OK);
        assert_int_equal(account_of(c).spilled, bit >= 47);
        assert_int_equal(cxm_customers_find(c, 5, CXM_CUSTOMERS_ENDED, &item), CXM_OK);
        assert_true(item.step_count == 2 && item.steps[0].amount == CXM_CUSTOMERS_AMOUNT_MAX && item.steps[1].at_us == cancel.end_us);
        assert_int_equal(cxm_customers_find(c, 5, CXM_CUSTOMERS_REQUESTED, &item), CXM_OK);
        assert_true(item.step_count == 2 && item.steps[1].at_us == cancel.at_us && item.held == 2);
        cxm_customers_free(c);
    }
}

/* --- memory that is not given --- */

static bool fill_and_merge(const cxm_alloc *hook)
{
    uint64_t seed = 74, cursor = 0;
    cxm_customers *part[2] = {NULL, NULL};
    cxm_customers_options options = {.size = sizeof options, .digits = 2};
    cxm_customer_item item = {.size = sizeof item};
    bool whole = true;
    for (int i = 0; i < 2; ++i)
        if (cxm_customers_create(&options, hook, &part[i]) != CXM_OK) whole = false;
    for (int i = 0; i < 300 && part[0] && part[1]; ++i) {
        told t = draw(&seed, 40);
        cxm_status status = cxm_customers_add(part[i % 2], t.code, &t.event);
        assert_true(status == CXM_OK || status == CXM_E_MEMORY);
        whole = whole && status == CXM_OK;
    }
    if (part[0] && part[1]) {
        size_t len = encode(part[0], bytes);
        cxm_status status = cxm_customers_merge(part[0], part[1]);
        assert_true(status == CXM_OK || status == CXM_E_MEMORY);
        if (status != CXM_OK) {
            assert_int_equal(encode(part[0], more), len);
            assert_memory_equal(bytes, more, len);
        }
        whole = whole && status == CXM_OK;
        while ((status = cxm_customers_next(part[0], &cursor, CXM_CUSTOMERS_ENDED, &item)) == CXM_OK) {}
        assert_int_equal(status, CXM_END);                                  /* reading needs no memory */
    }
    for (int i = 0; i < 2; ++i) cxm_customers_free(part[i]);
    return whole;
}

static void every_failing_allocation(void **state)
{
    (void)state;
    for (int on = 0; on < 2; ++on)
        for (size_t k = 1;; ++k) {
            ledger own = {.fail_at = k, .fail_on = on != 0};
            cxm_alloc hook = ledger_hook(&own);
            bool whole = fill_and_merge(&hook);
            assert_int_equal(own.live, 0);
            assert_true(whole == (own.failed == 0));
            if (whole) break;
        }
}

/* --- words --- */

static void words_and_codes(void **state)
{
    (void)state;
    static const struct { const char *word; int32_t kind; } words[] = {
        {"signup", CXM_CUSTOMER_SIGNUP}, {"Sign up", CXM_CUSTOMER_SIGNUP}, {" RENEWED ", CXM_CUSTOMER_RENEWAL}, {"upgrade", CXM_CUSTOMER_CHANGE},
        {"churn", CXM_CUSTOMER_CANCEL}, {"resumed", CXM_CUSTOMER_REACTIVATE}, {"period", CXM_CUSTOMER_PERIOD}, {"Order", CXM_CUSTOMER_PURCHASE}};
    int32_t kind = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
        assert_int_equal(cxm_customer_kind_of(words[i].word, strlen(words[i].word), &kind), CXM_OK);
        assert_int_equal(kind, words[i].kind);
    }
    assert_int_equal(cxm_customer_kind_of("refund", 6, &kind), CXM_E_FORMAT);
    assert_int_equal(cxm_customer_kind_of("", 0, &kind), CXM_E_FORMAT);
    assert_int_equal(cxm_customer_kind_of(NULL, 3, &kind), CXM_E_ARG);
    assert_int_equal(cxm_customer_kind_of("signup", 6, NULL), CXM_E_ARG);
    assert_true(cxm_customer_code("c-81", 4) == cxm_ticket_code("c-81", 4) && cxm_customer_code(NULL, 0) != 0);
    assert_true(cxm_customer_part("a", 1) != cxm_customer_part("b", 1) && cxm_customer_part("", 0) == 0 && cxm_customer_part(NULL, 3) == 0);
}

/* Renewals that say nothing new, and where a cancellation takes effect, are no part of it; ends of periods are. */
static void a_span_is_that_of_what_is_kept(void **state)
{
    (void)state;
    cxm_customers *c = make(NULL, 0);
    cxm_customers_span span = {.size = sizeof span, .first_us = 5};
    const struct { int kind; int64_t day, end_day, amount, first, latest; uint64_t subscriptions, purchases; } steps[] = {
        {CXM_CUSTOMER_PURCHASE, 40, 0, 5, 40, 40, 0, 1},    {CXM_CUSTOMER_SIGNUP, 50, 0, 9, 40, 50, 1, 1},
        {CXM_CUSTOMER_RENEWAL, 80, 0, 9, 40, 50, 1, 1},     {CXM_CUSTOMER_CHANGE, 60, 0, 0, 40, 60, 2, 1},
        {CXM_CUSTOMER_CANCEL, 70, 99, 0, 40, 70, 3, 1},     {CXM_CUSTOMER_PERIOD, 30, NEVER, 4, 30, 70, 4, 1},
        {CXM_CUSTOMER_PERIOD, -30, 90, 4, -30, 90, 5, 1},   {CXM_CUSTOMER_PURCHASE, 91, 0, 0, -30, 91, 5, 2}};
    assert_int_equal(cxm_customers_span_of(c, &span), CXM_E_EMPTY);
    assert_true(span.first_us == 5);
    for (size_t i = 0; i < COUNT_OF(steps); ++i) {
        cxm_customer_event e = steps[i].end_day ? ending(steps[i].kind, steps[i].day, steps[i].end_day, steps[i].amount, 0)
                                               : event(steps[i].kind, steps[i].day, steps[i].amount, 0);
        for (uint64_t code = 1; code < 3; ++code) assert_int_equal(cxm_customers_add(c, code, &e), CXM_OK);
        assert_int_equal(cxm_customers_span_of(c, &span), CXM_OK);
        assert_true(span.size == sizeof span && span.first_us == steps[i].first * DAY && span.latest_us == steps[i].latest * DAY);
        assert_true(span.subscriptions == 2 * steps[i].subscriptions && span.purchases == 2 * steps[i].purchases);
        assert_true(span.reserved == 0 && span.reserved2 == 0);
    }
    span.size = sizeof span - 1;
    assert_int_equal(cxm_customers_span_of(c, &span), CXM_E_ABI);
    assert_int_equal(cxm_customers_span_of(NULL, &span), CXM_E_ARG);
    assert_int_equal(cxm_customers_span_of(c, NULL), CXM_E_ARG);
    cxm_customers_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_by_hand_in_every_order),
        cmocka_unit_test(purchases_come_by_time),
        cmocka_unit_test(an_amount_at_an_instant),
        cmocka_unit_test(parts_that_overlap_are_the_whole),
        cmocka_unit_test(merging_with_itself_changes_only_what_was_received),
        cmocka_unit_test(a_walk_meets_everybody),
        cmocka_unit_test(many_events_of_one_customer),
        cmocka_unit_test(what_may_not_be_added),
        cmocka_unit_test(another_currency_is_refused_and_counted),
        cmocka_unit_test(a_full_state_says_so),
        cmocka_unit_test(shards_of_the_same_customers_need_no_more_room),
        cmocka_unit_test(an_end_after_its_request_takes_no_array),
        cmocka_unit_test(every_failing_allocation),
        cmocka_unit_test(a_span_is_that_of_what_is_kept),
        cmocka_unit_test(words_and_codes),
    };
    return cmocka_run_group_tests_name("retention/customers", tests, NULL, NULL);
}
