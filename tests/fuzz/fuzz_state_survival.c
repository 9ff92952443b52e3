/* SPDX-License-Identifier: MIT */
/* fuzz_state_survival.c - the bytes of two histograms of tenures: refused, or decoded within the bound to one that encodes to those
 * very bytes, whose curve ends and stays in its ranges, and that merges both ways to one and takes back what it was given. */
#include <cxm/survival.h>
#include <math.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 1 << 16 };

static state_bytes encode(const cxm_survival *s)
{
    state_bytes b = {NULL, 0};
    REQUIRE(cxm_survival_encode(s, NULL, 0, &b.len) == CXM_E_LIMIT);
    b.at = malloc(b.len);
    REQUIRE(b.at && cxm_survival_encode(s, b.at, b.len, &b.len) == CXM_OK);
    return b;
}

static void require_bytes(const cxm_survival *s, state_bytes want)
{
    state_bytes got = encode(s);
    REQUIRE(got.len == want.len && memcmp(got.at, want.at, got.len) == 0);
    free(got.at);
}

/* NULL when refused. */
static cxm_survival *decode(state_bytes b)
{
    static uint64_t bound = BOUND;
    cxm_alloc bounded = count_hook(&bound), hook = count_hook(NULL);
    cxm_survival *s = NULL;
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_survival_decode(b.at, b.len, BOUND, &bounded, &s);
    REQUIRE(status == CXM_OK || (!s && live == 0));
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    cxm_survival_free(s);
    REQUIRE(live == 0);
    live = before;
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_survival_decode(b.at, b.len, 0, &hook, &s) == CXM_OK);
    require_bytes(s, b);
    return s;
}

static int in_unit(double x)
{
    return 0.0 <= x && x <= 1.0;
}

/* Every point of the curve, and what is read off it. Returns 0 when nobody is there. */
static int walk(const cxm_survival *s, cxm_survival_curve *c, int32_t limits)
{
    cxm_survival_point p = {.size = sizeof p};
    cxm_survival_time t = {.size = sizeof t};
    double before = 1.0, last = -1.0;
    cxm_status status = cxm_survival_curve_of(s, limits, 0.9, c);
    REQUIRE(status == CXM_OK || status == CXM_E_EMPTY);
    if (status != CXM_OK) return 0;
    while (cxm_survival_next(c, &p) == CXM_OK) {
        REQUIRE(p.t > last && in_unit(p.survival) && p.survival <= before && p.at_risk >= p.events && p.hazard >= 0.0);
        REQUIRE(p.limits_status != CXM_OK || (in_unit(p.low) && in_unit(p.high) && p.low <= p.high));
        before = p.survival;
        last = p.t;
    }
    REQUIRE(last >= 0.0);
    status = cxm_survival_quantile(c, 0.5, &t);
    REQUIRE(status == CXM_E_UNDEFINED || (status == CXM_OK && t.time >= 0.0 && t.time <= last));
    if (last > 0.0) REQUIRE(cxm_survival_mean(c, last, &t) == CXM_OK && t.time >= 0.0 && t.time <= last && t.se >= 0.0);
    return 1;
}

/* One customer comes and goes. */
static void use(cxm_survival *s, state_bytes b)
{
    cxm_survival_curve c = {.size = sizeof c};
    for (int32_t limits = CXM_SURVIVAL_PLAIN; limits <= CXM_SURVIVAL_LOG_LOG; ++limits) walk(s, &c, limits);
    for (int64_t exit = 0; exit < 40; exit += 13) {
        cxm_status status = cxm_survival_add(s, exit / 2, exit, 1);
        REQUIRE(status == CXM_OK || status == CXM_E_OVERFLOW);
        if (status == CXM_OK) REQUIRE(cxm_survival_remove(s, exit / 2, exit, 1) == CXM_OK);
    }
    require_bytes(s, b);
}

static void compare(const cxm_survival *a, const cxm_survival *b)
{
    cxm_survival_curve c[2] = {{.size = sizeof c[0]}, {.size = sizeof c[1]}};
    cxm_survival_group each[2];
    cxm_survival_test test = {.size = sizeof test};
    if (!walk(a, &c[0], 0) || !walk(b, &c[1], 0)) return;
    cxm_status status = cxm_survival_compare(c, 2, 1.0, each, &test);
    REQUIRE(status == CXM_E_UNDEFINED || (status == CXM_OK && test.statistic >= 0.0 && in_unit(test.p)));
}

static void merge(cxm_survival *a, cxm_survival *b, state_bytes x, state_bytes y)
{
    cxm_status status = cxm_survival_merge(a, b);
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW);
    if (status == CXM_OK) {
        state_bytes both = encode(a);
        REQUIRE(cxm_survival_subtract(a, b) == CXM_OK && cxm_survival_merge(b, a) == CXM_OK);
        require_bytes(b, both);
        REQUIRE(cxm_survival_subtract(b, a) == CXM_OK);
        free(both.at);
    }
    require_bytes(a, x);
    require_bytes(b, y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    if (!state_pair(data, size, s)) return 0;
    cxm_survival *a = decode(s[0]), *b = decode(s[1]);
    if (a) use(a, s[0]);
    if (b) use(b, s[1]);
    if (a && b) compare(a, b);
    if (a && b) merge(a, b, s[0], s[1]);
    cxm_survival_free(a);
    cxm_survival_free(b);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
