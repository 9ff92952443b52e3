/* SPDX-License-Identifier: MIT */
/* test_ticket_log.c - events of tickets gathered in any order: the same bytes for any order, partition and repetition; lives that are
 * taken out, whenever that is done; bounds; and hostile bytes with their checksum repaired. */
#include <cxm/ticket_log.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 17, EVENTS = 300, KEYS = 12 };
static const int64_t S = 1000000;
static unsigned char bytes[ROOM], more[ROOM];       /* large */

static cxm_ticket_log *make(uint32_t max_events, int64_t quiet_s)
{
    cxm_ticket_log_options options = {.size = sizeof options, .max_events = max_events, .quiet_us = quiet_s * S, .max_bytes = 1 << 22};
    cxm_ticket_log *log = NULL;
    assert_int_equal(cxm_ticket_log_create(&options, NULL, &log), CXM_OK);
    return log;
}

static size_t encode(cxm_ticket_log *log, unsigned char *out)
{
    size_t len = 0;
    assert_int_equal(cxm_ticket_log_encode(log, out, ROOM, &len), CXM_OK);
    return len;
}

static void assert_same(cxm_ticket_log *a, cxm_ticket_log *b)
{
    size_t len = encode(a, bytes), other = encode(b, more);
    assert_int_equal(len, other);
    assert_memory_equal(bytes, more, len);
}

static cxm_ticket_log_account account_of(const cxm_ticket_log *log)
{
    cxm_ticket_log_account account = {.size = sizeof account};
    assert_int_equal(cxm_ticket_log_account_of(log, &account), CXM_OK);
    return account;
}

static cxm_ticket_event event_at(int64_t second, int kind, int actor)
{
    return (cxm_ticket_event){.at_us = second * S, .kind = (uint8_t)kind, .actor = (uint8_t)actor};
}

/* --- a stream: keys and events, in the order of time --- */

typedef struct told { char key[4]; cxm_ticket_event event; } told;

static void draw_stream(uint64_t *seed, told *out)
{
    int64_t at = 0;
    for (int i = 0; i < EVENTS; ++i) {
        at += (int64_t)(test_rand(seed) % 40);
        int kind = 1 + (int)(test_rand(seed) % 12);
        memcpy(out[i].key, "k00", 4);
        out[i].key[2] = (char)('a' + test_rand(seed) % KEYS);
        out[i].event = event_at(at, kind, 1 + (int)(test_rand(seed) % 4));
        out[i].event.who = test_rand(seed) % 3 ? test_rand(seed) : 0;
        out[i].event.channel = (uint32_t)(test_rand(seed) % 5);
        if (kind == CXM_TICKET_STATUS) out[i].event.status = (uint8_t)(1 + test_rand(seed) % 6);
        if (kind == CXM_TICKET_TRANSFERRED) out[i].event.tier = (uint8_t)(test_rand(seed) % 3);
    }
}

static void shuffle(uint64_t *seed, told *all, size_t n)
{
    for (size_t i = n; i > 1; --i) {
        size_t k = test_rand(seed) % i;
        told held = all[k];
        all[k] = all[i - 1];
        all[i - 1] = held;
    }
}

static void tell(cxm_ticket_log *log, const told *t)
{
    assert_int_equal(cxm_ticket_log_add(log, t->key, 3, &t->event), CXM_OK);
}

static void tell_all(cxm_ticket_log *log, const told *all, size_t n)
{
    for (size_t i = 0; i < n; ++i) tell(log, &all[i]);
}

/* --- order, parts, repetition --- */

static void order_and_parts_change_nothing(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int trial = 0; trial < 60; ++trial) {
        told all[EVENTS];
        uint32_t most = trial % 3 ? 1000 : 8;           /* some tickets are overfull */
        cxm_ticket_log *whole = make(most, 100), *parts[3] = {make(most, 100), make(most, 100), make(most, 100)};
        draw_stream(&seed, all);
        tell_all(whole, all, EVENTS);
        shuffle(&seed, all, EVENTS);
        for (int i = 0; i < EVENTS; ++i) tell(parts[test_rand(&seed) % 3], &all[i]);
        assert_int_equal(cxm_ticket_log_merge(parts[2], parts[trial % 2]), CXM_OK);
        assert_int_equal(cxm_ticket_log_merge(parts[1 - trial % 2], parts[2]), CXM_OK);
        assert_same(whole, parts[1 - trial % 2]);
        cxm_ticket_log_account account = account_of(whole);
        assert_int_equal(account.received, EVENTS);
        assert_int_equal(account.tickets, KEYS);
        assert_true(most == 1000 ? account.overfull == 0 && account.held + account.surplus == EVENTS : account.overfull > 0);
        cxm_ticket_log_free(whole);
        for (int i = 0; i < 3; ++i) cxm_ticket_log_free(parts[i]);
    }
}

/* What was told twice is held once, also where two logs overlap. */
static void repetition_changes_nothing_but_its_count(void **state)
{
    (void)state;
    uint64_t seed = 6;
    told all[EVENTS];
    cxm_ticket_log *once = make(1000, 100), *twice = make(1000, 100), *half = make(1000, 100);
    draw_stream(&seed, all);
    tell_all(once, all, EVENTS);
    tell_all(twice, all, EVENTS);
    tell_all(half, all, EVENTS / 2);
    assert_int_equal(cxm_ticket_log_merge(twice, half), CXM_OK);
    cxm_ticket_log_account a = account_of(once), b = account_of(twice);
    assert_int_equal(b.held, a.held);
    assert_int_equal(b.surplus, a.surplus + EVENTS / 2);
    assert_int_equal(cxm_ticket_log_merge(half, once), CXM_OK);
    assert_same(twice, half);
    assert_int_equal(cxm_ticket_log_merge(once, once), CXM_OK);
    assert_int_equal(account_of(once).held, a.held);
    assert_int_equal(account_of(once).received, 2 * a.received);
    cxm_ticket_log_free(once);
    cxm_ticket_log_free(twice);
    cxm_ticket_log_free(half);
}

static void events_come_in_order(void **state)
{
    (void)state;
    uint64_t seed = 8, cursor = 0, sum = 0;
    told all[EVENTS];
    cxm_ticket_log *log = make(1000, 1000000);
    cxm_ticket_log_item item = {.size = sizeof item};
    char before = 0;
    draw_stream(&seed, all);
    shuffle(&seed, all, EVENTS);
    tell_all(log, all, EVENTS);
    while (cxm_ticket_log_next(log, &cursor, &item) == CXM_OK) {
        assert_true(item.key_len == 3 && item.key[2] > before && item.part == 0 && !item.overfull);
        for (size_t i = 1; i < item.count; ++i) assert_true(cxm_ticket_event_compare(&item.events[i - 1], &item.events[i]) < 0);
        before = item.key[2];
        sum += item.count;
    }
    assert_int_equal(sum, account_of(log).held);
    assert_int_equal(cxm_ticket_log_next(log, &cursor, &item), CXM_END);
    cxm_ticket_log_free(log);
}

/* --- lives --- */

/* Solved at 10 s and again at 500 s: with quiet of 100 s two lives, of 1,000 s one. */
static void silence_behind_the_end_cuts(void **state)
{
    (void)state;
    static const int64_t quiet[] = {100, 1000};
    for (int i = 0; i < 2; ++i) {
        cxm_ticket_log *log = make(0, quiet[i]);
        const cxm_ticket_event events[] = {event_at(0, CXM_TICKET_CREATED, 1), event_at(10, CXM_TICKET_SOLVED, 2), event_at(60, CXM_TICKET_CONFIRMED, 1),
                                           event_at(470, CXM_TICKET_REPLY_PUBLIC, 1), event_at(500, CXM_TICKET_SOLVED, 2)};
        cxm_ticket_log_item item = {.size = sizeof item};
        uint64_t cursor = 0;
        for (size_t k = 0; k < COUNT_OF(events); ++k) assert_int_equal(cxm_ticket_log_add(log, "a", 1, &events[k]), CXM_OK);
        assert_int_equal(cxm_ticket_log_next(log, &cursor, &item), CXM_OK);
        assert_int_equal(item.count, i ? 5 : 3);
        if (i == 0) {
            assert_int_equal(cxm_ticket_log_next(log, &cursor, &item), CXM_OK);
            assert_true(item.count == 2 && item.part == 1 && item.events[0].at_us == 470 * S);
        }
        assert_int_equal(cxm_ticket_log_next(log, &cursor, &item), CXM_END);
        cxm_ticket_log_free(log);
    }
}

/* A sum over lives that does not depend on their order: a life's key, first and last event. */
static uint64_t print_of(const cxm_ticket_log_item *item)
{
    uint64_t print = cxm_ticket_code(item->key, item->key_len);
    for (size_t i = 0; i < item->count; ++i)
        print = print * 31 + (uint64_t)item->events[i].at_us * 7 + item->events[i].kind + item->events[i].who;
    return print * print;
}

static uint64_t print_all(cxm_ticket_log *log, uint64_t *lives)
{
    cxm_ticket_log_item item = {.size = sizeof item};
    uint64_t cursor = 0, sum = 0;
    for (; cxm_ticket_log_next(log, &cursor, &item) == CXM_OK; ++*lives) sum += print_of(&item);
    return sum;
}

/* Events come up to 60 s late; the horizon is told so much behind them, at any time. */
static void when_lives_are_taken_changes_nothing(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (int trial = 0; trial < 40; ++trial) {
        told all[EVENTS];
        cxm_ticket_log *whole = make(1000, 120), *live = make(1000, 120);
        cxm_ticket_log_item item = {.size = sizeof item};
        uint64_t sum = 0, lives = 0, taken = 0, want = 0;
        int64_t latest = 0;
        draw_stream(&seed, all);
        tell_all(whole, all, EVENTS);
        for (int i = 0; i + 1 < EVENTS; ++i)
            if (test_rand(&seed) % 3 == 0 && all[i + 1].event.at_us - all[i].event.at_us < 30 * S) shuffle(&seed, &all[i], 2);
        for (int i = 0; i < EVENTS; ++i) {
            tell(live, &all[i]);
            latest = all[i].event.at_us > latest ? all[i].event.at_us : latest;
            if (test_rand(&seed) % 20) continue;
            assert_int_equal(cxm_ticket_log_advance(live, latest - 60 * S), CXM_OK);
            for (; cxm_ticket_log_take(live, &item) == CXM_OK; ++taken) sum += print_of(&item);
        }
        uint64_t print = print_all(whole, &want);
        sum += print_all(live, &lives);
        assert_int_equal(sum, print);
        assert_int_equal(lives + taken, want);
        cxm_ticket_log_account account = account_of(live);
        assert_true(account.late == 0 && account.taken + account.held == account_of(whole).held);
        cxm_ticket_log_free(whole);
        cxm_ticket_log_free(live);
    }
}

/* Thousands of tickets through a log that holds but some of them. */
static void memory_is_that_of_what_is_open(void **state)
{
    (void)state;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_ticket_log_options options = {.size = sizeof options, .quiet_us = 50 * S, .max_bytes = 1 << 19};
    cxm_ticket_log *log = NULL;
    cxm_ticket_log_item item = {.size = sizeof item};
    uint64_t taken = 0;
    assert_int_equal(cxm_ticket_log_create(&options, &hook, &log), CXM_OK);
    for (int i = 0; i < 20000; ++i) {
        char key[8];
        cxm_ticket_event made = event_at(i, CXM_TICKET_CREATED, 1), solved = event_at(i + 20, CXM_TICKET_SOLVED, 2);
        for (int k = 0, rest = i; k < 6; ++k, rest /= 10) key[k] = (char)('0' + rest % 10);
        assert_int_equal(cxm_ticket_log_add(log, key, 6, &made), CXM_OK);
        assert_int_equal(cxm_ticket_log_add(log, key, 6, &solved), CXM_OK);
        if (i % 100) continue;
        assert_int_equal(cxm_ticket_log_advance(log, i * S), CXM_OK);
        for (; cxm_ticket_log_take(log, &item) == CXM_OK; ++taken) assert_int_equal(item.count, 2);
    }
    assert_int_equal(taken + account_of(log).tickets, 20000);
    assert_true(taken > 19800 && own.peak <= options.max_bytes);
    cxm_ticket_log_free(log);
    assert_int_equal(own.live, 0);
}

static void late_is_counted_and_left_out(void **state)
{
    (void)state;
    cxm_ticket_log *log = make(0, 100), *other = make(0, 100);
    cxm_ticket_event e = event_at(49, CXM_TICKET_CREATED, 1);
    assert_int_equal(cxm_ticket_log_advance(log, 50 * S), CXM_OK);
    assert_int_equal(cxm_ticket_log_advance(log, 40 * S), CXM_OK);          /* it never goes back */
    assert_int_equal(cxm_ticket_log_add(log, "a", 1, &e), CXM_E_DOMAIN);
    e.at_us = 50 * S;
    assert_int_equal(cxm_ticket_log_add(log, "a", 1, &e), CXM_OK);
    assert_int_equal(account_of(log).late, 1);
    assert_int_equal(account_of(log).received, 2);
    assert_int_equal(cxm_ticket_log_merge(other, log), CXM_OK);             /* the horizon comes along */
    e.at_us = 49 * S;
    assert_int_equal(cxm_ticket_log_add(other, "b", 1, &e), CXM_E_DOMAIN);
    cxm_ticket_log_free(log);
    cxm_ticket_log_free(other);
}

/* What is lent is gone for everything but its reader. */
static void what_is_lent_counts_as_taken(void **state)
{
    (void)state;
    cxm_ticket_log *log = make(2, 100), *other = make(2, 100);
    cxm_ticket_log_item item = {.size = sizeof item};
    const cxm_ticket_event events[] = {event_at(0, CXM_TICKET_CREATED, 1), event_at(10, CXM_TICKET_SOLVED, 2), event_at(20, CXM_TICKET_CONFIRMED, 1)};
    for (size_t k = 0; k < COUNT_OF(events); ++k) assert_int_equal(cxm_ticket_log_add(log, "a", 1, &events[k]), CXM_OK);
    assert_int_equal(account_of(log).overfull, 1);
    assert_int_equal(cxm_ticket_log_take(log, &item), CXM_END);
    cxm_ticket_log_advance(log, 500 * S);
    assert_int_equal(cxm_ticket_log_take(log, &item), CXM_OK);
    assert_true(item.overfull && item.count == 2);
    cxm_ticket_log_account account = account_of(log);
    assert_true(account.held == 0 && account.taken == 2 && account.tickets == 0 && account.overfull == 0 && account.surplus == 1);
    assert_int_equal(cxm_ticket_log_merge(other, log), CXM_OK);
    assert_true(account_of(other).tickets == 0 && account_of(other).taken == 2);
    assert_int_equal(cxm_ticket_log_take(log, &item), CXM_END);
    assert_same(log, other);
    cxm_ticket_log_free(log);
    cxm_ticket_log_free(other);
}

/* --- bounds --- */

static void a_full_log_says_so(void **state)
{
    (void)state;
    cxm_ticket_log_options options = {.size = sizeof options, .max_bytes = 1 << 17};
    cxm_ticket_log *log = NULL, *more_of_it = NULL;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_ticket_event e = event_at(0, CXM_TICKET_CREATED, 1);
    cxm_status status = CXM_OK;
    uint64_t added = 0;
    char key[4] = "";
    assert_int_equal(cxm_ticket_log_create(&options, &hook, &log), CXM_OK);
    for (; status == CXM_OK && added < 100000; ++added) {
        memcpy(key, &added, sizeof key);
        status = cxm_ticket_log_add(log, key, 4, &e);
    }
    assert_int_equal(status, CXM_E_LIMIT);
    assert_true(added > 200 && own.peak <= options.max_bytes);
    assert_int_equal(account_of(log).received, added - 1);
    options.max_bytes = 1 << 23;
    assert_int_equal(cxm_ticket_log_create(&options, NULL, &more_of_it), CXM_OK);
    for (uint64_t i = 0; i < 4000; ++i) assert_int_equal(cxm_ticket_log_add(more_of_it, (const char *)&i, sizeof i, &e), CXM_OK);
    size_t len = encode(log, bytes);
    assert_int_equal(cxm_ticket_log_merge(log, more_of_it), CXM_E_LIMIT);
    assert_int_equal(encode(log, more), len);
    assert_memory_equal(bytes, more, len);
    cxm_ticket_log_free(log);
    cxm_ticket_log_free(more_of_it);
    assert_int_equal(own.live, 0);
}

static void misuse_is_refused(void **state)
{
    (void)state;
    cxm_ticket_log_options options = {.size = sizeof options};
    cxm_ticket_log *log = make(4, 100), *other = make(5, 100), *third = make(4, 101);
    cxm_ticket_event e = event_at(0, CXM_TICKET_CREATED, 1), bad = e;
    cxm_ticket_log_item item = {.size = 8};
    cxm_ticket_log_account account = {.size = 8};
    uint64_t cursor = 0;
    static const char key[CXM_TICKET_KEY_MAX + 1] = "k";
    bad.actor = 0;
    assert_int_equal(cxm_ticket_log_create(NULL, NULL, NULL), CXM_E_ARG);
    for (int i = 0; i < 3; ++i) {
        cxm_ticket_log_options wrong = options;
        cxm_ticket_log *none = NULL;
        if (i == 0) wrong.max_events = CXM_TICKET_EVENTS_MAX + 1;
        if (i == 1) wrong.quiet_us = -1;
        if (i == 2) wrong.reserved = 1;
        assert_int_equal(cxm_ticket_log_create(&wrong, NULL, &none), CXM_E_ARG);
        assert_null(none);
    }
    options.max_bytes = 1000;
    assert_int_equal(cxm_ticket_log_create(&options, NULL, &other), CXM_E_LIMIT);
    options.size = 4;
    assert_int_equal(cxm_ticket_log_create(&options, NULL, &other), CXM_E_ABI);
    assert_int_equal(cxm_ticket_log_add(NULL, "a", 1, &e), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_add(log, NULL, 1, &e), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_add(log, "a", 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_add(log, "a", 1, &bad), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_add(log, key, sizeof key, &e), CXM_E_LIMIT);
    assert_int_equal(cxm_ticket_log_add(log, NULL, 0, &e), CXM_OK);         /* an empty key is one */
    assert_int_equal(cxm_ticket_log_merge(log, other), CXM_E_MISMATCH);
    assert_int_equal(cxm_ticket_log_merge(log, third), CXM_E_MISMATCH);
    assert_int_equal(cxm_ticket_log_merge(NULL, log), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_account_of(log, &account), CXM_E_ABI);
    assert_int_equal(cxm_ticket_log_account_of(NULL, &account), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_next(log, &cursor, &item), CXM_E_ABI);
    assert_int_equal(cxm_ticket_log_next(log, NULL, &item), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_take(log, &item), CXM_E_ABI);
    assert_int_equal(cxm_ticket_log_take(log, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_advance(NULL, 0), CXM_E_ARG);
    cxm_ticket_log_free(log);
    cxm_ticket_log_free(other);
    cxm_ticket_log_free(third);
    cxm_ticket_log_free(NULL);
}

/* --- bytes --- */

/* The bytes by hand: the layout of ticket_log_codec.c; the two checks as computed by an independent script (FNV-1a and CRC-64/XZ
 * written from their definitions). */
static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x1a, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe0, 0xf0, 0x37, 0xec, 0x1f, 0xab, 0xff, 0x40, 0x74, 0x69, 0x63, 0x6b,
        0x65, 0x74, 0x73, 0x20, 0x65, 0x76, 0x65, 0x6e, 0x74, 0x73, 0x20, 0x31, 0x36, 0x20, 0x71, 0x75, 0x69, 0x65,
        0x74, 0x20, 0x36, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x03, 0x00, 0x00, 0x00, 0x02, 0x01, 0x61, 0x00,
        0x01, 0x80, 0x89, 0x7a, 0x11, 0x05, 0x01, 0x01, 0x62, 0x00, 0x01, 0x80, 0x9b, 0xee, 0x02, 0x39, 0x00, 0x00,
        0x98, 0xed, 0x22, 0x68, 0x94, 0x6f, 0xc7, 0xd5};
    cxm_ticket_log_options options = {.size = sizeof options, .max_events = 16, .quiet_us = 60 * S};
    cxm_ticket_log *log = NULL;
    cxm_ticket_event a = event_at(1, CXM_TICKET_CREATED, CXM_TICKET_CUSTOMER), b = event_at(3, CXM_TICKET_SOLVED, CXM_TICKET_BOT);
    a.who = 5;
    a.channel = 1;
    assert_int_equal(cxm_ticket_log_create(&options, NULL, &log), CXM_OK);
    assert_int_equal(cxm_ticket_log_add(log, "b", 1, &b), CXM_OK);
    assert_int_equal(cxm_ticket_log_add(log, "a", 1, &a), CXM_OK);
    assert_int_equal(cxm_ticket_log_add(log, "b", 1, &b), CXM_OK);
    assert_int_equal(encode(log, bytes), sizeof want);
    assert_memory_equal(bytes, want, sizeof want);
    cxm_ticket_log_free(log);
}

static cxm_ticket_log *random_log(uint64_t *seed)
{
    cxm_ticket_log *log = make(1 + (uint32_t)(test_rand(seed) % 40), 1 + (int64_t)(test_rand(seed) % 300));
    cxm_ticket_log_item item = {.size = sizeof item};
    told all[EVENTS];
    size_t n = test_rand(seed) % EVENTS;
    draw_stream(seed, all);
    for (size_t i = 0; i < n; ++i) cxm_ticket_log_add(log, all[i].key, test_rand(seed) % 4, &all[i].event);
    if (test_rand(seed) % 2) {
        cxm_ticket_log_advance(log, (int64_t)(test_rand(seed) % 4000) * S);
        while (test_rand(seed) % 8 && cxm_ticket_log_take(log, &item) == CXM_OK) {}
    }
    return log;
}

static void a_log_comes_back_and_so_do_its_bytes(void **state)
{
    (void)state;
    uint64_t seed = 10;
    for (int trial = 0; trial < 200; ++trial) {
        cxm_ticket_log *log = random_log(&seed), *back = NULL;
        size_t len = encode(log, bytes), other;
        assert_int_equal(cxm_ticket_log_encode(log, more, len - 1, &other), CXM_E_LIMIT);
        assert_int_equal(other, len);
        assert_int_equal(cxm_ticket_log_decode(bytes, len, 0, (uint64_t)trial, NULL, &back), CXM_OK);
        assert_same(log, back);
        cxm_ticket_log_account a = account_of(log), b = account_of(back);
        assert_memory_equal(&a, &b, sizeof a);
        cxm_ticket_log_free(log);
        cxm_ticket_log_free(back);
    }
}

/* One bit at a time, checks repaired: refused, or a log of those very bytes. */
static void changed_bytes_are_refused_or_another_log(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int trial = 0; trial < 6; ++trial) {
        cxm_ticket_log *log = random_log(&seed);
        size_t len = encode(log, bytes), accepted = 0;
        for (size_t bit = 0; bit < 8 * len; bit += len > 1500 ? 7 : 1) {
            cxm_ticket_log *back = NULL;
            size_t again;
            memcpy(more, bytes, len);
            more[bit / 8] ^= (unsigned char)(1u << bit % 8);
            test_repair(more, len);
            cxm_status status = cxm_ticket_log_decode(more, len, 1 << 22, 0, NULL, &back);
            if (status != CXM_OK) {
                assert_true(!back && (status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT));
                continue;
            }
            static unsigned char third[ROOM];
            assert_int_equal(cxm_ticket_log_encode(back, third, ROOM, &again), CXM_OK);
            assert_int_equal(again, len);
            assert_memory_equal(third, more, len);
            cxm_ticket_log_free(back);
            ++accepted;
        }
        assert_true(accepted < 8 * len);
        for (size_t cut = 0; cut < len; cut += 1 + len / 400) {
            cxm_ticket_log *back = NULL;
            memcpy(more, bytes, cut);
            test_repair(more, cut);
            assert_int_equal(cxm_ticket_log_decode(more, cut, 1 << 22, 0, NULL, &back), CXM_E_FORMAT);
            assert_null(back);
        }
        cxm_ticket_log_free(log);
    }
    cxm_ticket_log *none = NULL;
    size_t len;
    assert_int_equal(cxm_ticket_log_decode(NULL, 0, 0, 0, NULL, &none), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_decode(bytes, 8, 0, 0, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_log_encode(NULL, NULL, 0, &len), CXM_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_and_parts_change_nothing), cmocka_unit_test(repetition_changes_nothing_but_its_count),
        cmocka_unit_test(events_come_in_order), cmocka_unit_test(silence_behind_the_end_cuts),
        cmocka_unit_test(when_lives_are_taken_changes_nothing), cmocka_unit_test(memory_is_that_of_what_is_open),
        cmocka_unit_test(late_is_counted_and_left_out), cmocka_unit_test(what_is_lent_counts_as_taken),
        cmocka_unit_test(a_full_log_says_so), cmocka_unit_test(misuse_is_refused), cmocka_unit_test(the_worked_example_is_byte_for_byte),
        cmocka_unit_test(a_log_comes_back_and_so_do_its_bytes), cmocka_unit_test(changed_bytes_are_refused_or_another_log),
    };
    return cmocka_run_group_tests_name("stream/ticket_log", tests, NULL, NULL);
}
