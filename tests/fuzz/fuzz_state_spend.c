/* SPDX-License-Identifier: MIT */
/* fuzz_state_spend.c - the bytes of two tables of customers by number and money of their purchases: refused, or decoded within the
 * bound to one that encodes to those very bytes, whose rows rise and add up to its account, that takes customers and gives them back,
 * and that merges both ways to one. */
#include <cxm/cbs.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 1 << 16 };

static state_bytes encode(cxm_spend *t)
{
    state_bytes b = {NULL, 0};
    REQUIRE(cxm_spend_encode(t, NULL, 0, &b.len) == CXM_E_LIMIT);
    b.at = malloc(b.len);
    REQUIRE(b.at && cxm_spend_encode(t, b.at, b.len, &b.len) == CXM_OK);
    return b;
}

static void require_bytes(cxm_spend *t, state_bytes want)
{
    state_bytes got = encode(t);
    REQUIRE(got.len == want.len && memcmp(got.at, want.at, got.len) == 0);
    free(got.at);
}

/* NULL when refused. */
static cxm_spend *decode(state_bytes b)
{
    static uint64_t bound = BOUND;
    cxm_alloc bounded = count_hook(&bound), hook = count_hook(NULL);
    cxm_spend *t = NULL;
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_spend_decode(b.at, b.len, BOUND, 7, &bounded, &t);
    REQUIRE(status == CXM_OK || (!t && live == 0));
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    cxm_spend_free(t);
    REQUIRE(live == 0);
    live = before;
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_spend_decode(b.at, b.len, 0, 8, &hook, &t) == CXM_OK);
    require_bytes(t, b);
    return t;
}

static int rises(const cxm_spend_row *a, const cxm_spend_row *b)
{
    return a->x < b->x || (a->x == b->x && a->money < b->money);
}

static void read_off(cxm_spend *t)
{
    cxm_cbs_account a = {.size = sizeof a};
    cxm_spend_view v;
    uint64_t customers = 0;
    REQUIRE(cxm_spend_account_of(t, &a) == CXM_OK && cxm_spend_rows(t, &v) == CXM_OK);
    for (size_t i = 0; i < v.count; ++i) {
        const cxm_spend_row *row = &v.rows[i];
        REQUIRE(row->count > 0 && row->x >= 1 && row->x <= CXM_CBS_X_MAX && row->money >= 1 && row->money <= CXM_CBS_MONEY_MAX);
        REQUIRE(i == 0 || rises(row - 1, row));
        customers += row->count;
    }
    REQUIRE(a.rows == v.count && a.customers == customers && a.repeaters == customers && a.per_unit == v.per_unit);
}

/* Customers come, some of them to rows that are there, and go in another order. */
static void use(cxm_spend *t, state_bytes b)
{
    enum { CALLS = 40 };
    int added[CALLS];
    read_off(t);
    for (uint32_t i = 0; i < CALLS; ++i) {
        cxm_status status = cxm_spend_add(t, i % 5, (int64_t)i / 2, i);
        REQUIRE(status == CXM_OK || status == CXM_E_DOMAIN || status == CXM_E_OVERFLOW);
        added[i] = status != CXM_E_OVERFLOW;
    }
    read_off(t);
    for (uint32_t k = 0; k < CALLS; ++k) {
        uint32_t i = k * 7 % CALLS;
        cxm_status status = added[i] ? cxm_spend_remove(t, i % 5, (int64_t)i / 2, i) : CXM_OK;
        REQUIRE(status == CXM_OK || status == CXM_E_DOMAIN);
    }
    require_bytes(t, b);
}

/* All that `from` holds is taken out again, row by row; refused ones by a row that is none. */
static void subtract(cxm_spend *into, cxm_spend *from)
{
    cxm_cbs_account a = {.size = sizeof a};
    cxm_spend_view v;
    REQUIRE(cxm_spend_account_of(from, &a) == CXM_OK && cxm_spend_rows(from, &v) == CXM_OK);
    for (size_t i = 0; i < v.count; ++i)
        REQUIRE(cxm_spend_remove(into, v.rows[i].x, v.rows[i].money, v.rows[i].count) == CXM_OK);
    REQUIRE(cxm_spend_remove(into, 0, 1, a.refused) == CXM_E_DOMAIN);
}

static void merge(cxm_spend *a, cxm_spend *b, state_bytes x, state_bytes y)
{
    cxm_status status = cxm_spend_merge(a, b);
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW);
    if (status == CXM_OK) {
        state_bytes both = encode(a);
        subtract(a, b);
        REQUIRE(cxm_spend_merge(b, a) == CXM_OK);
        require_bytes(b, both);
        subtract(b, a);
        free(both.at);
    }
    require_bytes(a, x);
    require_bytes(b, y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    if (!state_pair(data, size, s)) return 0;
    cxm_spend *a = decode(s[0]), *b = decode(s[1]);
    if (a) use(a, s[0]);
    if (b) use(b, s[1]);
    if (a && b) merge(a, b, s[0], s[1]);
    cxm_spend_free(a);
    cxm_spend_free(b);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
