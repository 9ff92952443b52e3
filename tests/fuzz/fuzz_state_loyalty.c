/* SPDX-License-Identifier: MIT */
/* fuzz_state_loyalty.c - the bytes of two states of loyalty: refused, or decoded within the bound to one that encodes to those very
 * bytes, whose parts are its whole, that takes a customer and gives it back, and that merges both ways to one. */
#include <cxm/loyalty.h>
#include <math.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 1 << 16 };

static state_bytes encode(const cxm_loyalty *l)
{
    state_bytes b = {NULL, 0};
    REQUIRE(cxm_loyalty_encode(l, NULL, 0, &b.len) == CXM_E_LIMIT);
    b.at = malloc(b.len);
    REQUIRE(b.at && cxm_loyalty_encode(l, b.at, b.len, &b.len) == CXM_OK);
    return b;
}

static void require_bytes(const cxm_loyalty *l, state_bytes want)
{
    state_bytes got = encode(l);
    REQUIRE(got.len == want.len && memcmp(got.at, want.at, got.len) == 0);
    free(got.at);
}

/* NULL when refused. */
static cxm_loyalty *decode(state_bytes b)
{
    static uint64_t bound = BOUND;
    cxm_alloc bounded = count_hook(&bound), hook = count_hook(NULL);
    cxm_loyalty *l = NULL;
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_loyalty_decode(b.at, b.len, BOUND, &bounded, &l);
    REQUIRE(status == CXM_OK || (!l && live == 0));
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    cxm_loyalty_free(l);
    REQUIRE(live == 0);
    live = before;
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_loyalty_decode(b.at, b.len, 0, &hook, &l) == CXM_OK);
    require_bytes(l, b);
    return l;
}

static void require_share(const cxm_loyalty_share *s)
{
    REQUIRE(s->hits <= s->n && s->status == (s->n ? CXM_OK : CXM_E_EMPTY));
    if (s->n) REQUIRE(0.0 <= s->low && s->low <= s->share && s->share <= s->high && s->high <= 1.0);
    else REQUIRE(isnan(s->share) && isnan(s->low) && isnan(s->high));
}

/* Buyers by number, by tier and by day are all of them; purchases of the tiers, too. */
static void read_off(const cxm_loyalty *l, uint32_t days)
{
    cxm_loyalty_summary s = {.size = sizeof s};
    cxm_loyalty_tier t = {.size = sizeof t};
    cxm_loyalty_share share;
    uint64_t buyers = 0, purchases = 0, by_number = 0, before = 0;
    REQUIRE(cxm_loyalty_summarize(l, 0.9, &s) == CXM_OK);
    REQUIRE(s.buyers <= s.customers && s.purchases >= s.buyers && s.without.hits == s.customers - s.buyers && s.repeat.n == s.buyers);
    require_share(&s.repeat);
    require_share(&s.without);
    require_share(&s.silent);
    for (uint32_t i = 0; cxm_loyalty_tier_of(l, i, 0.9, &t) == CXM_OK; ++i) {
        require_share(&t.share);
        REQUIRE(t.from < t.below && t.purchases >= t.share.hits);
        buyers += t.share.hits;
        purchases += t.purchases;
    }
    REQUIRE(buyers == s.buyers && purchases == s.purchases);
    for (uint32_t i = 1; i <= CXM_LOYALTY_TIMES_MAX; ++i) {
        cxm_status status = cxm_loyalty_times_of(l, i, 0.0, &share);
        REQUIRE(status == share.status);
        by_number += share.hits;
    }
    REQUIRE(by_number == s.buyers);
    for (uint32_t d = 1; d <= days; d += d < 40 ? 1 : 300) {
        cxm_status status = cxm_loyalty_within(l, d, 0.0, &share);
        REQUIRE(status == share.status && share.hits >= before && share.n == s.buyers);
        before = share.hits;
    }
    REQUIRE(s.median_status != CXM_OK || (s.median_days >= 0 && s.median_days < days));
}

/* Customers come and go. */
static void use(cxm_loyalty *l, state_bytes b)
{
    cxm_loyalty_options o = {.size = sizeof o};
    REQUIRE(cxm_loyalty_options_of(l, &o) == CXM_OK);
    read_off(l, o.days);
    for (int i = 0; i < 4; ++i) {
        int64_t early_us = o.until_us - 2 - i * INT64_C(90000000000);
        cxm_customer_event bought[2] = {{.at_us = early_us, .amount = 700, .kind = CXM_CUSTOMER_PURCHASE},
                                        {.at_us = o.until_us - 1, .amount = i, .kind = CXM_CUSTOMER_PURCHASE}};
        cxm_customer_item item = {.size = sizeof item, .purchases = bought, .purchase_count = (size_t)i % 3};
        cxm_status status = cxm_loyalty_add(l, &item);
        REQUIRE(status == CXM_OK || status == CXM_E_OVERFLOW || status == CXM_E_ARG);
        if (status == CXM_OK) REQUIRE(cxm_loyalty_remove(l, &item) == CXM_OK);
        status = cxm_loyalty_add_voice(l, &item, i & 1, i >> 1);
        REQUIRE(status == CXM_OK || status == CXM_E_OVERFLOW || status == CXM_E_ARG);
        if (status == CXM_OK) REQUIRE(cxm_loyalty_remove_voice(l, &item, i & 1, i >> 1) == CXM_OK);
    }
    require_bytes(l, b);
}

static void merge(cxm_loyalty *a, cxm_loyalty *b, state_bytes x, state_bytes y)
{
    cxm_status status = cxm_loyalty_merge(a, b);
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW);
    if (status == CXM_OK) {
        state_bytes both = encode(a);
        REQUIRE(cxm_loyalty_subtract(a, b) == CXM_OK && cxm_loyalty_merge(b, a) == CXM_OK);
        require_bytes(b, both);
        REQUIRE(cxm_loyalty_subtract(b, a) == CXM_OK);
        free(both.at);
    }
    require_bytes(a, x);
    require_bytes(b, y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    if (!state_pair(data, size, s)) return 0;
    cxm_loyalty *a = decode(s[0]), *b = decode(s[1]);
    if (a) use(a, s[0]);
    if (b) use(b, s[1]);
    if (a && b) merge(a, b, s[0], s[1]);
    cxm_loyalty_free(a);
    cxm_loyalty_free(b);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
