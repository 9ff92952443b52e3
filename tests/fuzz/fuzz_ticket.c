/* SPDX-License-Identifier: MIT */
/* fuzz_ticket.c - a stream of events, forwards into one log and backwards into two that are merged: the same bytes; then every
 * preset measures each life, and what it says adds up.
 *
 * Input: byte 0 the quiet time in minutes, byte 1 the most events; then 8 bytes an event: key, kind and actor, status and tier,
 * who, channel, and three of time in seconds since the event before, little endian, the highest bit for backwards. */
#include <cxm/ticket_log.h>
#include <string.h>
#include "fuzz_memory.h"

enum { EVENT = 8, MOST = 512, ROOM = 1 << 16 };

static size_t read_events(const uint8_t *data, size_t size, cxm_ticket_event *out, uint8_t *keys)
{
    size_t n = 0;
    int64_t at = INT64_C(1767225600);
    for (; n < MOST && (n + 1) * EVENT <= size; ++n) {
        const uint8_t *d = data + n * EVENT;
        int64_t step = d[5] | (int64_t)d[6] << 8 | (int64_t)(d[7] & 0x7F) << 16;
        at += d[7] & 0x80 ? -step : step;
        keys[n] = (uint8_t)(d[0] % 8);
        out[n] = (cxm_ticket_event){.at_us = at * 1000000, .who = d[3], .channel = d[4], .kind = (uint8_t)(d[1] % 16), .actor = (uint8_t)(d[1] / 16),
                                    .status = (uint8_t)(d[2] % 8), .tier = (uint8_t)(d[2] / 8)};
        if (out[n].kind != CXM_TICKET_STATUS) out[n].status = 0;
        if (out[n].kind != CXM_TICKET_TRANSFERRED) out[n].tier = 0;
    }
    return n;
}

static cxm_ticket_log *make(const uint8_t *head)
{
    cxm_alloc hook = count_hook(NULL);
    cxm_ticket_log_options options = {.size = sizeof options, .max_events = head[1], .quiet_us = head[0] * INT64_C(60000000), .max_bytes = 1 << 21};
    cxm_ticket_log *log = NULL;
    REQUIRE(cxm_ticket_log_create(&options, &hook, &log) == CXM_OK);
    return log;
}

static void add(cxm_ticket_log *log, const cxm_ticket_event *e, const uint8_t *key)
{
    cxm_status status = cxm_ticket_log_add(log, (const char *)key, 1, e);
    REQUIRE(status == (cxm_ticket_event_check(e) == CXM_OK ? CXM_OK : CXM_E_ARG));
}

static void require_same(cxm_ticket_log *a, cxm_ticket_log *b)
{
    static uint8_t left[ROOM], right[ROOM];
    size_t left_len, right_len;
    REQUIRE(cxm_ticket_log_encode(a, left, ROOM, &left_len) == CXM_OK && cxm_ticket_log_encode(b, right, ROOM, &right_len) == CXM_OK);
    REQUIRE(left_len == right_len && memcmp(left, right, left_len) == 0);
}

/* Each clock is what its state says, and no wait is longer than the ticket. */
static void check_life(const cxm_ticket_life *life, const cxm_ticket_span *next, size_t count, int64_t age)
{
    REQUIRE(life->next_replies <= count && life->reopens <= life->solves && life->escalations <= life->transfers && life->teammates <= 2);
    for (int i = 0; i < CXM_TICKET_CLOCKS; ++i) {
        const cxm_ticket_span *s = &life->clocks[i];
        REQUIRE(s->state >= CXM_TICKET_STOPPED && s->state <= CXM_TICKET_NEVER && s->us <= age && s->reserved == 0);
        REQUIRE(s->state != CXM_TICKET_NEVER || s->us == 0);
        REQUIRE(s->state != CXM_TICKET_RUNNING || life->end == CXM_TICKET_IS_OPEN);
    }
    for (uint32_t i = 0; i < life->next_replies; ++i) REQUIRE(next[i].state && (next[i].us >= 0 || next[i].state == CXM_TICKET_STOPPED));
    REQUIRE(life->clocks[CXM_TICKET_WAIT].us >= 0 && life->clocks[CXM_TICKET_AGENT_WAIT].us >= 0);
    REQUIRE(!(life->facts & CXM_TICKET_CONTAINED) || !(life->facts & (CXM_TICKET_HANDLED | CXM_TICKET_HANDED_OVER)));
}

static void measure_all(cxm_ticket_log *log)
{
    static const char *const presets[] = {"zendesk", "intercom", "freshdesk", "callcentre"};
    static cxm_ticket_span next[MOST];
    cxm_ticket_log_item item = {.size = sizeof item};
    cxm_ticket_rates rates = {.size = sizeof rates};
    uint64_t cursor = 0, lives = 0;
    while (cxm_ticket_log_next(log, &cursor, &item) == CXM_OK) {
        for (int i = 0; i < 4; ++i) {
            cxm_ticket_rules rules = {.size = sizeof rules};
            cxm_ticket_life life = {.size = sizeof life};
            int64_t as_of = item.events[item.count - 1].at_us;
            REQUIRE(cxm_ticket_preset(presets[i], strlen(presets[i]), &rules) == CXM_OK);
            cxm_status status = cxm_ticket_measure(item.events, item.count, &rules, as_of, NULL, next, MOST, &life);
            REQUIRE(status == CXM_OK || status == CXM_E_UNDEFINED);
            if (status != CXM_OK) continue;
            check_life(&life, next, item.count, as_of - item.events[0].at_us);
            REQUIRE(cxm_ticket_rates_add(&rates, &life) == CXM_OK);
            ++lives;
        }
    }
    REQUIRE(rates.received == lives);
    for (int32_t i = 0; i < CXM_TICKET_RATES; ++i) {
        cxm_service_share share;
        cxm_status status = cxm_ticket_rate(&rates, i, 0.0, &share);
        REQUIRE(status == CXM_OK || (status == CXM_E_EMPTY && share.n == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static cxm_ticket_event events[MOST];
    static uint8_t keys[MOST];
    if (size < 2) return 0;
    size_t n = read_events(data + 2, size - 2, events, keys);
    cxm_ticket_log *forwards = make(data), *even = make(data), *odd = make(data);
    for (size_t i = 0; i < n; ++i) add(forwards, &events[i], &keys[i]);
    for (size_t i = n; i-- > 0;) add(i % 2 ? odd : even, &events[i], &keys[i]);
    REQUIRE(cxm_ticket_log_merge(odd, even) == CXM_OK);
    require_same(forwards, odd);
    measure_all(odd);
    cxm_ticket_log_free(forwards);
    cxm_ticket_log_free(even);
    cxm_ticket_log_free(odd);
    REQUIRE(live == 0);
    return 0;
}
