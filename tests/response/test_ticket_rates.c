/* SPDX-License-Identifier: MIT */
/* test_ticket_rates.c - rates of a handful of tickets by hand, counts as a group, and contacts of one customer against a search of
 * all pairs. */
#include <cxm/ticket.h>
#include <stdbool.h>
#include <string.h>
#include "support/cxm_test.h"

static const int64_t DAY = INT64_C(86400000000);

static cxm_ticket_life life_of(int32_t end, uint32_t facts, uint32_t replies, uint32_t bots)
{
    cxm_ticket_life life = {.size = sizeof life, .end = end, .facts = facts, .replies = replies, .bot_replies = bots};
    life.solves = end == CXM_TICKET_IS_SOLVED;
    life.clocks[CXM_TICKET_FIRST_REPLY].state = replies ? CXM_TICKET_STOPPED : end ? CXM_TICKET_NEVER : CXM_TICKET_RUNNING;
    return life;
}

static cxm_ticket_rates five_tickets(void)
{
    cxm_ticket_rates rates = {.size = sizeof rates};
    cxm_ticket_life lives[] = {
        life_of(CXM_TICKET_IS_SOLVED, CXM_TICKET_HANDLED | CXM_TICKET_FCR_ONE_REPLY | CXM_TICKET_SAID_YES, 1, 0),
        life_of(CXM_TICKET_IS_SOLVED, CXM_TICKET_CONTAINED | CXM_TICKET_FCR_NO_MESSAGE | CXM_TICKET_SAID_NO, 0, 2),
        life_of(CXM_TICKET_IS_SOLVED, CXM_TICKET_HANDLED | CXM_TICKET_HANDED_OVER | CXM_TICKET_FCR_ONE_TEAMMATE, 4, 1),
        life_of(CXM_TICKET_IS_OPEN, CXM_TICKET_HANDLED, 1, 0),
        life_of(CXM_TICKET_IS_ABANDONED, 0, 0, 0)};
    lives[2].transfers = 2;
    lives[2].escalations = 1;
    lives[3].solves = lives[3].reopens = 1;         /* solved once, open again */
    for (size_t i = 0; i < COUNT_OF(lives); ++i) assert_int_equal(cxm_ticket_rates_add(&rates, &lives[i]), CXM_OK);
    return rates;
}

/* By CXM_TICKET_RATE_*, hits and n. */
static const uint64_t wanted[CXM_TICKET_RATES][2] = {{3, 5}, {3, 5}, {1, 5}, {1, 4}, {1, 3}, {1, 3}, {1, 2}, {1, 2}, {1, 3}, {1, 3}, {1, 3},
                                                     {0, 0}, {1, 2}, {0, 0}};

static void rates_are_as_defined(void **state)
{
    (void)state;
    cxm_ticket_rates rates = five_tickets();
    double replies = 0.0;
    for (int32_t i = 0; i < CXM_TICKET_RATES; ++i) {
        cxm_service_share share;
        cxm_interval wilson = {.size = sizeof wilson};
        cxm_status status = cxm_ticket_rate(&rates, i, 0.9, &share);
        print_message("%s %llu of %llu\n", cxm_ticket_rate_name(i), (unsigned long long)share.hits, (unsigned long long)share.n);
        assert_true(share.hits == wanted[i][0] && share.n == wanted[i][1]);
        assert_int_equal(status, share.n ? CXM_OK : CXM_E_EMPTY);
        if (!share.n) assert_true(share.share != share.share && share.interval.low != share.interval.low);
        if (!share.n) continue;
        assert_int_equal(cxm_share_interval(share.hits, share.n, CXM_INTERVAL_WILSON, 0.9, &wilson), CXM_OK);
        assert_true(wilson.low == share.interval.low && wilson.high == share.interval.high);
    }
    assert_int_equal(cxm_ticket_replies_per_solve(&rates, &replies), CXM_OK);
    assert_close(replies, 5.0 / 3.0, 1e-15);
}

static void counts_are_a_group(void **state)
{
    (void)state;
    cxm_ticket_rates a = five_tickets(), b = a, none = {.size = sizeof none};
    cxm_ticket_life one = life_of(CXM_TICKET_IS_SOLVED, CXM_TICKET_HANDLED, 7, 0);
    assert_int_equal(cxm_ticket_rates_remove(&none, &one), CXM_E_UNDERFLOW);
    assert_int_equal(none.received, 0);
    assert_int_equal(cxm_ticket_rates_add(&a, &one), CXM_OK);
    assert_int_equal(cxm_ticket_rates_remove(&a, &one), CXM_OK);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(cxm_ticket_rates_merge(&a, &a), CXM_OK);
    assert_int_equal(a.received, 10);
    assert_int_equal(a.replies, 2 * b.replies);
    a.replies = UINT64_MAX;
    b = a;
    assert_int_equal(cxm_ticket_rates_add(&a, &one), CXM_E_OVERFLOW);
    assert_int_equal(cxm_ticket_rates_merge(&a, &b), CXM_E_OVERFLOW);
    assert_memory_equal(&a, &b, sizeof a);
}

/* What cxm_ticket_follow tells, by looking at all pairs. */
static void search(const cxm_ticket_contact *all, size_t n, size_t i, int64_t within, int64_t as_of, uint8_t *repeat, uint8_t *change)
{
    const cxm_ticket_contact *c = &all[i];
    bool again = false, elsewhere = false, solved = c->solved_us != INT64_MAX;
    for (size_t k = 0; k < n; ++k) {
        const cxm_ticket_contact *d = &all[k];
        bool later = d->created_us > c->created_us || (d->created_us == c->created_us && d->tag > c->tag);
        if (k == i || d->customer != c->customer || !later) continue;
        again = again || (solved && d->created_us <= c->solved_us + within);
        elsewhere = elsewhere || (d->channel && d->channel != c->channel && d->created_us <= c->created_us + within);
    }
    *repeat = !c->customer || !solved || as_of < c->solved_us + within ? 0 : again ? 2 : 1;
    *change = !c->customer || !c->channel || as_of < c->created_us + within ? 0 : elsewhere ? 2 : 1;
}

static void contacts_equal_a_search(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int trial = 0; trial < 300; ++trial) {
        cxm_ticket_contact all[60] = {{0}}, sorted[60];
        size_t n = test_rand(&seed) % 60;
        cxm_ticket_rates rates = {.size = sizeof rates};
        uint64_t known = 0, repeated = 0, changed = 0;
        for (size_t i = 0; i < n; ++i) {
            int64_t created = (int64_t)(test_rand(&seed) % 30) * DAY;
            bool solved = test_rand(&seed) % 4 > 0;
            all[i] = (cxm_ticket_contact){.tag = i, .customer = test_rand(&seed) % 8, .created_us = created, .channel = (uint32_t)(test_rand(&seed) % 4),
                                          .solved_us = solved ? created + (int64_t)(test_rand(&seed) % 5) * DAY : INT64_MAX};
        }
        memcpy(sorted, all, sizeof all);
        assert_int_equal(cxm_ticket_follow(sorted, n, 7 * DAY, 31 * DAY), CXM_OK);
        for (size_t i = 0; i < n; ++i) {
            uint8_t repeat, change;
            search(all, n, (size_t)sorted[i].tag, 7 * DAY, 31 * DAY, &repeat, &change);
            assert_int_equal(sorted[i].repeat, repeat);
            assert_int_equal(sorted[i].change, change);
            assert_int_equal(cxm_ticket_rates_add_contact(&rates, &sorted[i]), CXM_OK);
            known += repeat > 0;
            repeated += repeat == 2;
            changed += change == 2;
        }
        cxm_service_share share;
        cxm_ticket_rate(&rates, CXM_TICKET_RATE_FCR_NO_REPEAT, 0.0, &share);
        assert_true(share.n == known && share.hits == known - repeated);
        cxm_ticket_rate(&rates, CXM_TICKET_RATE_CHANNEL_CHANGE, 0.0, &share);
        assert_int_equal(share.hits, changed);
    }
    assert_int_equal(cxm_ticket_follow(NULL, 0, 0, 0), CXM_OK);
}

static void misuse_is_refused(void **state)
{
    (void)state;
    cxm_ticket_rates rates = five_tickets(), small = {.size = 4};
    cxm_ticket_life life = life_of(CXM_TICKET_IS_OPEN, 0, 0, 0), short_life = {.size = 4};
    cxm_ticket_contact contact = {.repeat = 3};
    cxm_service_share share;
    double x;
    assert_int_equal(cxm_ticket_rates_add(NULL, &life), CXM_E_ARG);
    assert_int_equal(cxm_ticket_rates_add(&small, &life), CXM_E_ABI);
    assert_int_equal(cxm_ticket_rates_add(&rates, &short_life), CXM_E_ABI);
    assert_int_equal(cxm_ticket_rates_remove(&rates, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_rates_remove(&small, &life), CXM_E_ABI);
    assert_int_equal(cxm_ticket_rates_merge(&rates, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_rates_merge(&rates, &small), CXM_E_ABI);
    assert_int_equal(cxm_ticket_rates_add_contact(&rates, &contact), CXM_E_ARG);
    contact.repeat = 0;
    assert_int_equal(cxm_ticket_rates_add_contact(&small, &contact), CXM_E_ABI);
    rates.change_known = UINT64_MAX;
    contact.change = 1;
    assert_int_equal(cxm_ticket_rates_add_contact(&rates, &contact), CXM_E_OVERFLOW);
    assert_int_equal(cxm_ticket_rate(&rates, CXM_TICKET_RATES, 0.0, &share), CXM_E_METHOD);
    assert_int_equal(cxm_ticket_rate(&rates, -1, 0.0, &share), CXM_E_METHOD);
    assert_int_equal(cxm_ticket_rate(&rates, 0, 1.0, &share), CXM_E_ARG);
    assert_int_equal(cxm_ticket_rate(&rates, 0, 0.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_ticket_rate(&small, 0, 0.0, &share), CXM_E_ABI);
    rates.replied = 99;
    assert_int_equal(cxm_ticket_rate(&rates, 0, 0.0, &share), CXM_E_ARG);
    rates.said_no = UINT64_MAX;
    assert_int_equal(cxm_ticket_rate(&rates, CXM_TICKET_RATE_FCR_CONFIRMED, 0.0, &share), CXM_E_ARG);
    assert_string_equal(cxm_ticket_rate_name(CXM_TICKET_RATES), "unknown");
    assert_string_equal(cxm_ticket_rate_name(-1), "unknown");
    assert_int_equal(cxm_ticket_replies_per_solve(NULL, &x), CXM_E_ARG);
    assert_int_equal(cxm_ticket_replies_per_solve(&small, &x), CXM_E_ABI);
    small = (cxm_ticket_rates){.size = sizeof small};
    assert_int_equal(cxm_ticket_replies_per_solve(&small, &x), CXM_E_EMPTY);
    assert_int_equal(cxm_ticket_follow(NULL, 1, 0, 0), CXM_E_ARG);
    assert_int_equal(cxm_ticket_follow(&contact, 1, -1, 0), CXM_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rates_are_as_defined), cmocka_unit_test(counts_are_a_group),
                                       cmocka_unit_test(contacts_equal_a_search), cmocka_unit_test(misuse_is_refused)};
    return cmocka_run_group_tests_name("response/ticket_rates", tests, NULL, NULL);
}
