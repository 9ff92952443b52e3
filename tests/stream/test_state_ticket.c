/* SPDX-License-Identifier: MIT */
/* test_state_ticket.c - the door to tickets: figures are those of the log, of cxm_ticket_measure and of cxm_ticket_rate; lines that
 * are no events; bytes, merges and presets. */
#include <cxm/quantile.h>
#include <cxm/state.h>
#include <cxm/ticket_log.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { TICKETS = 40, EVENTS = 400, ROOM = 1 << 16 };
static const int64_t DAWN = INT64_C(1780272000) * 1000000;      /* 2026-06-01T00:00:00Z */

static const char *const kinds[] = {"", "created", "answered", "Public reply", "note", "assigned", "transferred", "status", "reopened", "solved",
                                    "abandoned", "confirmed", "denied"};
static const char *const actors[] = {"", "customer", "agent", "bot", "auto"};
static const char *const states[] = {"", "new", "open", "pending", "on-hold", "solved", "closed"};
static const char *const presets[] = {"zendesk", "intercom", "freshdesk", "callcentre"};

static cxm_state *make(const char *spec)
{
    cxm_state *state = NULL;
    assert_int_equal(cxm_state_create(spec, strlen(spec), NULL, &state, NULL), CXM_OK);
    return state;
}

static cxm_status add(cxm_state *state, const char *line)
{
    return cxm_state_add_text(state, line, strlen(line));
}

typedef struct told { char key[16]; cxm_ticket_event event; char line[160]; } told;

/* An event, and the line that tells it, within hours or weeks; creations come first, so that most tickets have one. */
static told draw(uint64_t *seed, int i, int pace)
{
    told t;
    uint64_t who = test_rand(seed) % 4, channel = test_rand(seed) % 3;
    int kind = i < TICKETS - 3 ? 1 : 2 + (int)(test_rand(seed) % 11), second = pace * (i * 40 + (int)(test_rand(seed) % 900));
    char person[16] = "", way[16] = "";
    if (who) snprintf(person, sizeof person, "p%d", (int)who);
    if (channel) snprintf(way, sizeof way, "w%d", (int)channel);
    snprintf(t.key, sizeof t.key, "t%d", i < TICKETS ? i : (int)(test_rand(seed) % TICKETS));
    t.event = (cxm_ticket_event){.at_us = DAWN + second * INT64_C(1000000), .kind = (uint8_t)kind, .actor = (uint8_t)(1 + test_rand(seed) % 4),
                                 .who = who ? cxm_ticket_code(person, 2) : 0, .channel = channel ? (uint32_t)cxm_ticket_code(way, 2) : 0};
    if (kind == CXM_TICKET_STATUS) t.event.status = (uint8_t)(1 + test_rand(seed) % 6);
    snprintf(t.line, sizeof t.line, "%s,2026-06-%02dT%02d:%02d:%02dZ,%s,%s,%s,%s,%s", t.key, 1 + second / 86400, second / 3600 % 24, second / 60 % 60, second % 60, kinds[kind],
             actors[t.event.actor], person, way, states[t.event.status]);
    return t;
}

static double get(const cxm_state *state, const char *name)
{
    double value = -1.0;
    cxm_status status = cxm_state_get(state, name, strlen(name), 0.95, &value);
    assert_true(status == CXM_OK || status == CXM_E_UNDEFINED || status == CXM_E_EMPTY);
    return status == CXM_OK ? value : -1.0;
}

static uint64_t count(const cxm_state *state, const char *name)
{
    uint64_t value = 0;
    assert_int_equal(cxm_state_get_count(state, name, strlen(name), &value), CXM_OK);
    return value;
}

/* The same by the typed calls. */
typedef struct desk { cxm_ticket_rates rates; cxm_quantile *clocks[CXM_TICKET_NEXT_REPLY + 1]; uint64_t uncreated; } desk;

static void count_span(cxm_quantile *q, const cxm_ticket_span *s)
{
    if (s->state == CXM_TICKET_STOPPED) cxm_quantile_add(q, (double)s->us / 1e6);
    else if (s->state == CXM_TICKET_RUNNING) cxm_quantile_add_open(q);
    else cxm_quantile_add_missing(q);
}

static desk typed(cxm_ticket_log *log, const char *preset, int64_t as_of_us)
{
    desk d = {.rates = {.size = sizeof d.rates}};
    cxm_quantile_spec spec = {.size = sizeof spec, .precision = CXM_PRECISION_01};
    cxm_ticket_log_item item = {.size = sizeof item};
    cxm_ticket_rules rules = {.size = sizeof rules};
    uint64_t cursor = 0;
    assert_int_equal(cxm_ticket_preset(preset, strlen(preset), &rules), CXM_OK);
    for (int i = 0; i <= CXM_TICKET_NEXT_REPLY; ++i) assert_int_equal(cxm_quantile_create(&spec, NULL, &d.clocks[i]), CXM_OK);
    cxm_ticket_contact contacts[TICKETS];
    size_t known = 0;
    while (cxm_ticket_log_next(log, &cursor, &item) == CXM_OK) {
        static cxm_ticket_span next[EVENTS];
        cxm_ticket_life life = {.size = sizeof life};
        bool whole = cxm_ticket_measure(item.events, item.count, &rules, as_of_us, NULL, next, EVENTS, &life) == CXM_OK;
        d.uncreated += !whole;
        if (!whole) continue;
        cxm_ticket_rates_add(&d.rates, &life);
        contacts[known++] = (cxm_ticket_contact){.customer = life.customer, .created_us = life.created_us, .channel = life.channel,
                                                 .solved_us = life.end == CXM_TICKET_IS_SOLVED ? life.ended_us : INT64_MAX};
        for (int i = 0; i < CXM_TICKET_CLOCKS; ++i) count_span(d.clocks[i], &life.clocks[i]);
        for (uint32_t i = 0; i < life.next_replies; ++i) count_span(d.clocks[CXM_TICKET_NEXT_REPLY], &next[i]);
    }
    assert_int_equal(cxm_ticket_follow(contacts, known, 7 * INT64_C(86400000000), as_of_us), CXM_OK);
    for (size_t i = 0; i < known; ++i) cxm_ticket_rates_add_contact(&d.rates, &contacts[i]);
    return d;
}

static void assert_figures(const cxm_state *state, const desk *d)
{
    for (int32_t i = 0; i <= CXM_TICKET_NEXT_REPLY; ++i) {
        cxm_quantile_summary sum = {.size = sizeof sum};
        cxm_status status = cxm_quantile_summarize(d->clocks[i], &sum);
        double got = get(state, i ? cxm_ticket_clock_name(i) : "value");
        assert_true(status == CXM_OK ? got == sum.median : got == -1.0);
        if (i) continue;
        assert_true(count(state, "n") == sum.n && count(state, "waiting") == sum.open && count(state, "never") == sum.missing);
    }
    for (int32_t i = 0; i < CXM_TICKET_RATES; ++i) {
        cxm_service_share share;
        cxm_status status = cxm_ticket_rate(&d->rates, i, 0.0, &share);
        assert_true(get(state, cxm_ticket_rate_name(i)) == (status == CXM_OK ? share.share : -1.0));
    }
    assert_true(count(state, "received") == d->rates.received && count(state, "solved") == d->rates.solved);
    assert_true(count(state, "uncreated") == d->uncreated);
    assert_int_equal(count(state, "open"), d->rates.received - d->rates.solved - d->rates.abandoned);
}

static void figures_are_those_of_the_typed_calls(void **unused)
{
    (void)unused;
    uint64_t seed = 4;
    for (int trial = 0; trial < 40; ++trial) {
        char spec[32];
        snprintf(spec, sizeof spec, "tickets %s", presets[trial % 4]);
        cxm_state *state = make(spec);
        cxm_ticket_log *log = NULL;
        int64_t latest = 0;
        assert_int_equal(cxm_ticket_log_create(NULL, NULL, &log), CXM_OK);
        for (int i = 0; i < EVENTS; ++i) {
            told t = draw(&seed, i, trial % 3 ? 100 : 1);
            assert_int_equal(add(state, t.line), CXM_OK);
            assert_int_equal(cxm_ticket_log_add(log, t.key, strlen(t.key), &t.event), CXM_OK);
            latest = t.event.at_us > latest ? t.event.at_us : latest;
        }
        desk d = typed(log, presets[trial % 4], latest);
        assert_figures(state, &d);
        static char bytes[ROOM], more[ROOM], json[ROOM];
        size_t len, other;
        assert_int_equal(cxm_state_encode(state, bytes, ROOM, &len), CXM_OK);
        assert_int_equal(cxm_ticket_log_encode(log, more, ROOM, &other), CXM_OK);
        assert_int_equal(len, other);
        assert_memory_equal(bytes, more, len);
        assert_int_equal(cxm_state_json(state, 0.95, json, ROOM, &len), CXM_OK);
        assert_true(strncmp(json, "{\"metric\":\"tickets\"", 19) == 0 && json[len - 1] == '}');
        for (int i = 0; i <= CXM_TICKET_NEXT_REPLY; ++i) cxm_quantile_free(d.clocks[i]);
        cxm_ticket_log_free(log);
        cxm_state_free(state);
    }
}

/* Parts in any order, told again where they overlap; bytes hold no preset. */
static void parts_merge_and_travel(void **unused)
{
    (void)unused;
    static char bytes[ROOM], more[ROOM];
    uint64_t seed = 5;
    size_t len, other;
    cxm_state *whole = make("tickets intercom"), *parts[2] = {make("tickets"), make("tickets callcentre")}, *back = NULL;
    for (int i = 0; i < EVENTS; ++i) {
        told t = draw(&seed, i, 1);
        assert_int_equal(add(whole, t.line), CXM_OK);
        assert_int_equal(add(parts[test_rand(&seed) % 2], t.line), CXM_OK);
    }
    assert_int_equal(cxm_state_merge(parts[1], parts[0]), CXM_OK);
    assert_int_equal(cxm_state_encode(whole, bytes, ROOM, &len), CXM_OK);
    assert_int_equal(cxm_state_encode(parts[1], more, ROOM, &other), CXM_OK);
    assert_int_equal(len, other);
    assert_memory_equal(bytes, more, len);
    assert_int_equal(cxm_state_decode(bytes, len, "tickets intercom", 16, 0, NULL, &back), CXM_OK);
    assert_true(get(back, "value") == get(whole, "value") && get(back, "wait") == get(whole, "wait"));
    cxm_state_free(back);
    assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 0, NULL, &back), CXM_OK);
    assert_int_equal(cxm_state_spec(back, more, ROOM, &other), CXM_OK);
    assert_true(other == 15 && memcmp(more, "tickets zendesk", 15) == 0);
    cxm_state_free(back);
    back = NULL;
    assert_int_equal(cxm_state_decode(bytes, len, "nps", 3, 0, NULL, &back), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 4096, NULL, &back), CXM_E_LIMIT);
    bytes[len - 1] ^= 1;
    assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 0, NULL, &back), CXM_E_FORMAT);
    assert_null(back);
    cxm_state_free(whole);
    cxm_state_free(parts[0]);
    cxm_state_free(parts[1]);
}

static void lines_that_are_no_events_are_refused(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {
        "t1", "t1,2026-06-01", "t1,2026-06-01T08:00:00Z,created", ",2026-06-01T08:00:00Z,created,customer", "t1,yesterday,created,customer",
        "t1,2026-06-01T08:00:00Z,teleported,customer", "t1,2026-06-01T08:00:00Z,created,nobody", "t1,2026-06-01T08:00:00Z,status,agent,,,lost",
        "t1,2026-06-01T08:00:00Z,created,customer,a,b,,more", "3.5"};
    cxm_state *state = make("tickets");
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) assert_int_equal(add(state, wrong[i]), CXM_E_FORMAT);
    assert_int_equal(add(state, " "), CXM_OK);
    assert_int_equal(add(state, "N/A"), CXM_OK);
    assert_int_equal(count(state, "events"), 0);
    assert_int_equal(add(state, "t1\t2026-06-01T08:00:00Z\tcreated\tcustomer"), CXM_OK);
    assert_int_equal(add(state, " t1 , 2026-06-01T08:00:00Z , Created , End user , , , "), CXM_OK);
    assert_int_equal(count(state, "events"), 1);
    assert_int_equal(count(state, "surplus"), 1);
    cxm_state_free(state);
}

static void a_spec_has_one_spelling(void **unused)
{
    (void)unused;
    static const char *const specs[][2] = {
        {"tickets", "tickets zendesk"}, {" tickets  quiet 5  intercom events 7 ", "tickets intercom events 7 quiet 5"},
        {"tickets events 1024 quiet 2592000000000", "tickets zendesk"}, {"tickets quiet 9223372036854775807", "tickets zendesk quiet 9223372036854775807"}};
    static const char *const wrong[] = {"tickets help", "tickets zendesk intercom", "tickets events 0", "tickets events 65536", "tickets events", "tickets quiet x",
                                        "tickets quiet 9223372036854775808", "tickets events 5 events 5", "tickets quiet 5 quiet 5", "tickets events -1"};
    for (size_t i = 0; i < COUNT_OF(specs); ++i) {
        char text[CXM_STATE_SPEC_MAX];
        size_t len;
        cxm_state *state = make(specs[i][0]);
        assert_int_equal(cxm_state_spec(state, text, sizeof text, &len), CXM_OK);
        assert_int_equal(len, strlen(specs[i][1]));
        assert_memory_equal(text, specs[i][1], len);
        cxm_state_free(state);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        cxm_state *none = NULL;
        assert_int_equal(cxm_state_create(wrong[i], strlen(wrong[i]), NULL, &none, NULL), CXM_E_FORMAT);
        assert_null(none);
    }
}

static void nothing_is_taken_back(void **unused)
{
    (void)unused;
    cxm_state *state = make("tickets"), *other = make("nps");
    const double values[2] = {1.0, 2.0};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = 2};
    cxm_difference difference = {.size = sizeof difference};
    double value;
    static const char line[] = "t1,2026-06-01T08:00:00Z,created,customer";
    assert_int_equal(cxm_state_add(state, 3.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_add(state, (double)NAN), CXM_OK);
    assert_int_equal(cxm_state_remove(state, 3.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_add_many(state, &column), CXM_E_METHOD);
    column.size = 4;
    assert_int_equal(cxm_state_add_many(state, &column), CXM_E_ABI);
    assert_int_equal(add(state, line), CXM_OK);
    assert_int_equal(cxm_state_remove_text(state, line, sizeof line - 1), CXM_E_METHOD);
    assert_int_equal(cxm_state_remove_text(state, "", 0), CXM_OK);
    assert_int_equal(cxm_state_add_weighted(state, 1.0, 1.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_compare(state, state, 0, 0.95, &difference), CXM_E_METHOD);
    assert_int_equal(cxm_state_merge(state, other), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_get(state, "value", 5, 0.0, &value), CXM_E_EMPTY);
    assert_int_equal(cxm_state_get(state, "quantile:0.5", 12, 0.0, &value), CXM_E_ARG);
    assert_int_equal(count(state, "waiting"), 1);
    cxm_state_free(state);
    cxm_state_free(other);
}

/* One ticket with more next replies than are kept at hand. */
static void a_long_ticket_counts_whole(void **unused)
{
    (void)unused;
    cxm_state *state = make("tickets");
    char line[80];
    assert_int_equal(add(state, "t1,2026-06-01T08:00:00Z,created,customer"), CXM_OK);
    for (int i = 0; i < 200; ++i) {
        snprintf(line, sizeof line, "t1,2026-06-01T%02d:%02d:00Z,reply,%s", 9 + i / 60, i % 60, i % 2 ? "customer" : "agent");
        assert_int_equal(add(state, line), CXM_OK);
    }
    assert_true(get(state, "value") == 3600.0 && get(state, "next_reply") == 60.0);
    cxm_state_free(state);
}

/* A day of a small desk with one allocation that fails: what was refused is offered again, and the same comes out. */
static size_t day_with_a_fault(size_t fail_at, double *value, size_t *failed)
{
    ledger own = {.fail_at = fail_at};
    cxm_alloc hook = ledger_hook(&own);
    static char bytes[ROOM], text[ROOM];
    cxm_state *state = NULL, *back = NULL;
    uint64_t seed = 6;
    size_t len, other;
    if (cxm_state_create("tickets", 7, &hook, &state, NULL) != CXM_OK) {
        own.fail_at = 0;
        assert_int_equal(cxm_state_create("tickets", 7, &hook, &state, NULL), CXM_OK);
    }
    for (int i = 0; i < 120; ++i) {
        told t = draw(&seed, i, 1);
        if (add(state, t.line) == CXM_E_MEMORY) assert_int_equal(add(state, t.line), CXM_OK);
    }
    if (cxm_state_get(state, "value", 5, 0.0, value) == CXM_E_MEMORY) assert_int_equal(cxm_state_get(state, "value", 5, 0.0, value), CXM_OK);
    if (cxm_state_json(state, 0.0, text, ROOM, &other) == CXM_E_MEMORY) assert_int_equal(cxm_state_json(state, 0.0, text, ROOM, &other), CXM_OK);
    assert_int_equal(cxm_state_encode(state, bytes, ROOM, &len), CXM_OK);
    if (cxm_state_decode(bytes, len, NULL, 0, 0, &hook, &back) == CXM_E_MEMORY)
        assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 0, &hook, &back), CXM_OK);
    assert_int_equal(cxm_state_encode(back, text, ROOM, &other), CXM_OK);
    assert_true(other == len && memcmp(bytes, text, len) == 0);
    cxm_state_free(state);
    cxm_state_free(back);
    assert_int_equal(own.live, 0);
    *failed = own.failed;
    return own.calls;
}

static void every_allocation_may_fail(void **unused)
{
    (void)unused;
    double want = 0.0, got = 0.0;
    size_t failed, calls = day_with_a_fault(0, &want, &failed);
    assert_true(calls > 30 && failed == 0);
    for (size_t k = 1; k <= calls; ++k) {
        day_with_a_fault(k, &got, &failed);
        assert_true(failed == 1 && got == want);
    }
    print_message("%zu allocations failed in turn\n", calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_the_typed_calls), cmocka_unit_test(parts_merge_and_travel),
        cmocka_unit_test(lines_that_are_no_events_are_refused), cmocka_unit_test(a_spec_has_one_spelling),
        cmocka_unit_test(nothing_is_taken_back), cmocka_unit_test(a_long_ticket_counts_whole),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("stream/state_ticket", tests, NULL, NULL);
}
