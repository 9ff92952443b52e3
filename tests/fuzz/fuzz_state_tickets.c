/* SPDX-License-Identifier: MIT */
/* fuzz_state_tickets.c - the bytes of two logs of tickets: refused, or decoded within the bound to a log that encodes to those
 * very bytes, whose lives can be measured and taken out, and which merges both ways to one log. */
#include <cxm/ticket_log.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 1 << 17 };

static state_bytes encode(cxm_ticket_log *log)
{
    state_bytes s = {NULL, 0};
    REQUIRE(cxm_ticket_log_encode(log, NULL, 0, &s.len) == CXM_E_LIMIT);
    s.at = malloc(s.len);
    REQUIRE(s.at && cxm_ticket_log_encode(log, s.at, s.len, &s.len) == CXM_OK);
    return s;
}

static int same(state_bytes a, state_bytes b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static void require_bytes(cxm_ticket_log *log, state_bytes want)
{
    state_bytes got = encode(log);
    REQUIRE(same(got, want));
    free(got.at);
}

/* NULL when refused. */
static cxm_ticket_log *decode(state_bytes s)
{
    static uint64_t bound = BOUND;
    cxm_alloc bounded = count_hook(&bound), hook = count_hook(NULL);
    cxm_ticket_log *log = NULL;
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_ticket_log_decode(s.at, s.len, BOUND, 1, &bounded, &log);
    REQUIRE(status == CXM_OK || (!log && live == 0));
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    cxm_ticket_log_free(log);
    REQUIRE(live == 0);
    live = before;
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_ticket_log_decode(s.at, s.len, 1 << 20, 2, &hook, &log) == CXM_OK);
    require_bytes(log, s);
    return log;
}

/* Every life has its events in order; none is there any more once all that is over was taken out. */
static void use(cxm_ticket_log *log)
{
    cxm_ticket_log_item item = {.size = sizeof item};
    cxm_ticket_log_account account = {.size = sizeof account}, after = account;
    cxm_ticket_rules rules = {.size = sizeof rules};
    cxm_ticket_life life = {.size = sizeof life};
    uint64_t cursor = 0, events = 0, taken = 0;
    REQUIRE(cxm_ticket_preset("zendesk", 7, &rules) == CXM_OK && cxm_ticket_log_account_of(log, &account) == CXM_OK);
    while (cxm_ticket_log_next(log, &cursor, &item) == CXM_OK) {
        cxm_status status = cxm_ticket_measure(item.events, item.count, &rules, item.events[item.count - 1].at_us, NULL, NULL, 0, &life);
        REQUIRE(status == CXM_OK || status == CXM_E_UNDEFINED);
        events += item.count;
    }
    REQUIRE(events == account.held);
    REQUIRE(account.received == account.late + account.held + account.taken + account.surplus);
    cxm_ticket_log_advance(log, INT64_MAX);
    while (cxm_ticket_log_take(log, &item) == CXM_OK) taken += item.count;
    REQUIRE(cxm_ticket_log_account_of(log, &after) == CXM_OK);
    REQUIRE(after.taken == account.taken + taken && after.held == account.held - taken && after.surplus == account.surplus);
}

static void merge(state_bytes x, state_bytes y)
{
    cxm_ticket_log *a = decode(x), *b = decode(y), *ba = decode(y);
    cxm_status status = cxm_ticket_log_merge(ba, a);
    REQUIRE(status == cxm_ticket_log_merge(a, b));
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW || status == CXM_E_LIMIT);
    state_bytes left = encode(a), right = encode(ba);
    REQUIRE(status == CXM_OK ? same(left, right) : same(left, x) && same(right, y));
    free(left.at);
    free(right.at);
    cxm_ticket_log_free(a);
    cxm_ticket_log_free(b);
    cxm_ticket_log_free(ba);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    if (!state_pair(data, size, s)) return 0;
    cxm_ticket_log *a = decode(s[0]), *b = decode(s[1]);
    int both = a && b;
    if (a) use(a);
    if (b) use(b);
    cxm_ticket_log_free(a);
    cxm_ticket_log_free(b);
    if (both) merge(s[0], s[1]);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
