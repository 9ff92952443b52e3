/* SPDX-License-Identifier: MIT */
/* fuzz_state_cohort.c - the bytes of two triangles: refused, or decoded within the bound to one that encodes to those very bytes,
 * whose cells are in their order and ranges, that takes a customer and gives it back, and that merges both ways to one. */
#include <cxm/cohort.h>
#include <math.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 1 << 18 };
static const int64_t DAY_US = INT64_C(86400000000);

static state_bytes encode(const cxm_cohort *c)
{
    state_bytes b = {NULL, 0};
    REQUIRE(cxm_cohort_encode(c, NULL, 0, &b.len) == CXM_E_LIMIT);
    b.at = malloc(b.len);
    REQUIRE(b.at && cxm_cohort_encode(c, b.at, b.len, &b.len) == CXM_OK);
    return b;
}

static void require_bytes(const cxm_cohort *c, state_bytes want)
{
    state_bytes got = encode(c);
    REQUIRE(got.len == want.len && memcmp(got.at, want.at, got.len) == 0);
    free(got.at);
}

/* NULL when refused. */
static cxm_cohort *decode(state_bytes b)
{
    static uint64_t bound = BOUND;
    cxm_alloc bounded = count_hook(&bound), hook = count_hook(NULL);
    cxm_cohort *c = NULL;
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_cohort_decode(b.at, b.len, BOUND, &bounded, &c);
    REQUIRE(status == CXM_OK || (!c && live == 0));
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    cxm_cohort_free(c);
    REQUIRE(live == 0);
    live = before;
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_cohort_decode(b.at, b.len, 0, &hook, &c) == CXM_OK);
    require_bytes(c, b);
    return c;
}

static cxm_cohort_account account_of(const cxm_cohort *c)
{
    cxm_cohort_account a = {.size = sizeof a};
    REQUIRE(cxm_cohort_account_of(c, &a) == CXM_OK);
    REQUIRE(a.customers == a.started + a.before + a.behind + a.never && a.cohorts <= a.periods && a.complete <= a.periods);
    return a;
}

static void require_cell(const cxm_cohort_cell *x, const cxm_cohort_account *a)
{
    REQUIRE(x->start_us < x->end_us && x->start_us <= x->from_us && x->from_us < x->to_us && x->from_us < a->until_us);
    REQUIRE(x->customers > 0 && x->n0 <= x->customers && x->n <= x->customers && x->outside <= x->n && x->n - x->outside <= x->n0);
    REQUIRE(x->missing == (x->to_us > a->until_us) && (!x->missing || (x->n == 0 && isnan(x->retention) && isnan(x->revenue))));
    REQUIRE(x->missing || (x->retention >= 0.0) == (x->n0 > 0));
    REQUIRE(x->missing || x->revenue >= 0.0);
    REQUIRE((x->interval_status == CXM_OK) == (!x->missing && x->n0 && !x->outside));
    if (x->interval_status == CXM_OK) REQUIRE(0.0 <= x->low && x->low <= x->retention && x->retention <= x->high && x->high <= 1.0);
    else REQUIRE(isnan(x->low) && isnan(x->high));
}

static void walk(const cxm_cohort *c, int32_t reading)
{
    cxm_cohort_account a = account_of(c);
    cxm_cohort_cell x = {.size = sizeof x};
    uint64_t cursor = 0, started = 0;
    while (cxm_cohort_next(c, reading, 0.9, &cursor, &x) == CXM_OK) {
        require_cell(&x, &a);
        if (x.age == 0) started += x.customers;
    }
    REQUIRE(started == a.started);
}

/* A customer comes and goes, in the first and the last cohort and behind. */
static void use(cxm_cohort *c, state_bytes b)
{
    cxm_cohort_account a = account_of(c);
    const int64_t starts[] = {a.since_us, a.until_us - 1, a.until_us};
    for (int32_t reading = CXM_COHORT_AT_END; reading <= CXM_COHORT_ANY; ++reading) walk(c, reading);
    for (int i = 0; i < 3; ++i) {
        cxm_customer_step step[2] = {{starts[i], 7}, {starts[i] + 40 * DAY_US, 9}};
        cxm_customer_event bought = {.at_us = starts[i], .amount = 3, .kind = CXM_CUSTOMER_PURCHASE};
        cxm_customer_item item = {.size = sizeof item, .steps = step, .step_count = 2, .purchases = &bought, .purchase_count = 1};
        cxm_status status = cxm_cohort_add(c, &item);
        REQUIRE(status == CXM_OK || status == CXM_E_OVERFLOW || status == CXM_E_LIMIT || status == CXM_E_ARG);
        if (status == CXM_OK) REQUIRE(cxm_cohort_remove(c, &item) == CXM_OK);
    }
    require_bytes(c, b);
}

static void merge(cxm_cohort *a, cxm_cohort *b, state_bytes x, state_bytes y)
{
    cxm_status status = cxm_cohort_merge(a, b);
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW || status == CXM_E_LIMIT);
    if (status == CXM_OK) {
        state_bytes both = encode(a);
        REQUIRE(cxm_cohort_subtract(a, b) == CXM_OK);
        require_bytes(a, x);
        if (cxm_cohort_merge(b, a) == CXM_OK) {
            require_bytes(b, both);
            REQUIRE(cxm_cohort_subtract(b, a) == CXM_OK);
        }
        free(both.at);
    }
    require_bytes(a, x);
    require_bytes(b, y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    if (!state_pair(data, size, s)) return 0;
    cxm_cohort *a = decode(s[0]), *b = decode(s[1]);
    if (a) use(a, s[0]);
    if (b) use(b, s[1]);
    if (a && b) merge(a, b, s[0], s[1]);
    cxm_cohort_free(a);
    cxm_cohort_free(b);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
