/* SPDX-License-Identifier: MIT */
/* fuzz_state_customers.c - the bytes of two tables of customers: refused, or decoded within the bound to a table that encodes to
 * those very bytes, whose customers can be walked, found and counted into churn and out of it again, and which merges both ways to
 * one table. */
#include <cxm/churn.h>
#include <cxm/customers.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 1 << 17 };
static const int64_t DAY = INT64_C(86400000000), YEAR_1 = INT64_C(-62135596800000000);

static state_bytes encode(cxm_customers *c)
{
    state_bytes s = {NULL, 0};
    REQUIRE(cxm_customers_encode(c, NULL, 0, &s.len) == CXM_E_LIMIT);
    s.at = malloc(s.len);
    REQUIRE(s.at && cxm_customers_encode(c, s.at, s.len, &s.len) == CXM_OK);
    return s;
}

static int same(state_bytes a, state_bytes b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static void require_bytes(cxm_customers *c, state_bytes want)
{
    state_bytes got = encode(c);
    REQUIRE(same(got, want));
    free(got.at);
}

/* NULL when refused. */
static cxm_customers *decode(state_bytes s)
{
    static uint64_t bound = BOUND;
    cxm_alloc bounded = count_hook(&bound), hook = count_hook(NULL);
    cxm_customers *c = NULL;
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_customers_decode(s.at, s.len, BOUND, 1, &bounded, &c);
    REQUIRE(status == CXM_OK || (!c && live == 0));
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    cxm_customers_free(c);
    REQUIRE(live == 0);
    live = before;
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_customers_decode(s.at, s.len, 1 << 22, 2, &hook, &c) == CXM_OK);
    require_bytes(c, s);
    return c;
}

static cxm_customers_account account_of(cxm_customers *c)
{
    cxm_customers_account account = {.size = sizeof account};
    REQUIRE(cxm_customers_account_of(c, &account) == CXM_OK && account.bytes == live);
    REQUIRE(account.received == account.foreign + account.held + account.surplus && account.spilled <= account.customers);
    return account;
}

/* Steps rise, no two neighbours are equal, the first is above 0; purchases come by time. */
static void check_item(const cxm_customer_item *item)
{
    int64_t amount = 0;
    for (size_t i = 0; i < item->step_count; ++i) {
        const cxm_customer_step *step = &item->steps[i];
        REQUIRE(step->amount >= 0 && step->amount != amount && (i == 0 || step->at_us > step[-1].at_us));
        REQUIRE(cxm_customer_amount_at(item, step->at_us) == step->amount && cxm_customer_amount_at(item, step->at_us - 1) == amount);
        amount = step->amount;
    }
    for (size_t i = 0; i < item->purchase_count; ++i) {
        REQUIRE(item->purchases[i].kind == CXM_CUSTOMER_PURCHASE && cxm_customer_event_check(&item->purchases[i]) == CXM_OK);
        REQUIRE(i == 0 || item->purchases[i].at_us >= item->purchases[i - 1].at_us);
    }
    REQUIRE(item->held >= item->purchase_count && item->held > 0);
}

/* Where movements lead from the start they arrive at the end, and every rate says whether it is one. */
static void check_churn(const cxm_churn *churn)
{
    cxm_churn_counts k = {.size = sizeof k};
    cxm_churn_rate rate = {.size = sizeof rate};
    REQUIRE(cxm_churn_counts_of(churn, &k) == CXM_OK);
    REQUIRE(k.start_amount + k.fresh.amount + k.reactivation.amount + k.expansion.amount ==
            k.end_amount + k.contraction.amount + k.churn.amount);
    REQUIRE(k.churned <= k.start && k.joined_churned <= k.joined && k.kept_amount <= k.start_amount);
    for (int32_t id = CXM_CHURN_LOGO_ENDPOINT; id <= CXM_CHURN_MRR_GROWTH; ++id) {
        cxm_status status = cxm_churn_rate_of(churn, id, 0.0, &rate);
        REQUIRE((status == CXM_OK) == (rate.value == rate.value) && (status == CXM_OK || rate.interval_status == CXM_E_EMPTY));
        if (rate.interval_status == CXM_OK) REQUIRE(rate.low <= rate.value && rate.value <= rate.high);
    }
}

/* Every customer, walked and found, into churn and out of it again. */
static void use(cxm_customers *c, int32_t reading)
{
    cxm_churn_options options = {.size = sizeof options, .from_us = 5 * DAY, .to_us = 35 * DAY + 1};
    cxm_customer_item item = {.size = sizeof item};
    cxm_customers_account account = account_of(c);
    uint64_t cursor = 0, held = 0, customers = 0, code;
    cxm_churn *churn;
    if (reading == CXM_CUSTOMERS_REQUESTED) options = (cxm_churn_options){.size = sizeof options, .from_us = YEAR_1, .to_us = YEAR_1 + 1};
    REQUIRE(cxm_churn_create(&options, NULL, &churn) == CXM_OK);
    for (; cxm_customers_next(c, &cursor, reading, &item) == CXM_OK; ++customers) {
        check_item(&item);
        cxm_status status = cxm_churn_add(churn, &item);
        REQUIRE(status == CXM_OK || status == CXM_E_DOMAIN);
        held += item.held;
        code = item.code;
        REQUIRE(cxm_customers_find(c, code, reading, &item) == CXM_OK && item.code == code);
    }
    REQUIRE(held == account.held && customers == account.customers);
    check_churn(churn);
    for (cursor = 0; cxm_customers_next(c, &cursor, reading, &item) == CXM_OK;) {
        cxm_status status = cxm_churn_remove(churn, &item);
        REQUIRE(status == CXM_OK || status == CXM_E_DOMAIN);
    }
    check_churn(churn);
    cxm_churn_free(churn);
}

static void merge(state_bytes x, state_bytes y)
{
    cxm_customers *a = decode(x), *b = decode(y), *ba = decode(y);
    cxm_status status = cxm_customers_merge(ba, a);
    REQUIRE(status == cxm_customers_merge(a, b));
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW);
    state_bytes left = encode(a), right = encode(ba);
    REQUIRE(status == CXM_OK ? same(left, right) : same(left, x) && same(right, y));
    free(left.at);
    free(right.at);
    cxm_customers_free(a);
    cxm_customers_free(b);
    cxm_customers_free(ba);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    if (!state_pair(data, size, s)) return 0;
    for (int i = 0; i < 2; ++i) {
        cxm_customers *c = decode(s[i]);
        if (!c) continue;
        use(c, CXM_CUSTOMERS_ENDED);
        use(c, CXM_CUSTOMERS_REQUESTED);
        require_bytes(c, s[i]);
        cxm_customers_free(c);
    }
    cxm_customers *a = decode(s[0]), *b = decode(s[1]);
    int both = a && b;
    cxm_customers_free(a);
    cxm_customers_free(b);
    if (both) merge(s[0], s[1]);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
