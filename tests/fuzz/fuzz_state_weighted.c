/* SPDX-License-Identifier: MIT */
/* fuzz_state_weighted.c - two weighted states' bytes: refused, or decoded within the bound to a state that encodes to
 * those very bytes, gives numbers, takes rows and gives them back, and merges both ways to one state. */
#include <cxm/design.h>
#include <cxm/interval.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 1 << 15 };

static state_bytes encode(const cxm_weighted *w)
{
    state_bytes s = {NULL, 0};
    REQUIRE(cxm_weighted_encode(w, NULL, 0, &s.len) == CXM_E_LIMIT);
    s.at = malloc(s.len);
    REQUIRE(s.at && cxm_weighted_encode(w, s.at, s.len, &s.len) == CXM_OK);
    return s;
}

static int encodes_to(const cxm_weighted *w, state_bytes want)
{
    state_bytes got = encode(w);
    int same = got.len == want.len && memcmp(got.at, want.at, want.len) == 0;
    free(got.at);
    return same;
}

/* NULL when refused. */
static cxm_weighted *decode(state_bytes s)
{
    static uint64_t bound = BOUND;
    cxm_alloc bounded = count_hook(&bound), hook = count_hook(NULL);
    cxm_weighted *w = NULL;
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_weighted_decode(s.at, s.len, BOUND, &bounded, &w);
    REQUIRE(status == CXM_OK || (!w && live == 0));
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    cxm_weighted_free(w);
    REQUIRE(live == 0);
    live = before;
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_weighted_decode(s.at, s.len, SIZE_MAX, &hook, &w) == CXM_OK && encodes_to(w, s));
    return w;
}

/* Every value by every method of a share. */
static void ask(const cxm_weighted *w)
{
    static const int32_t methods[] = {0, CXM_INTERVAL_WALD, CXM_INTERVAL_T, CXM_INTERVAL_LOGIT, CXM_INTERVAL_ARCSINE,
                                      CXM_INTERVAL_KORN_GRAUBARD, CXM_INTERVAL_LIKELIHOOD, CXM_INTERVAL_WILSON};
    for (int32_t value = CXM_VALUE_MEAN; value <= CXM_VALUE_NET; ++value)
        for (size_t i = 0; i < sizeof methods / sizeof *methods; ++i) {
            cxm_weighted_ask question = {.size = sizeof question, .value = value, .method = methods[i]};
            question.zero_weight = (int32_t)(i % 2);
            cxm_weighted_summary sum = {.size = sizeof sum};
            cxm_status status = cxm_weighted_summarize(w, &question, &sum);
            REQUIRE(status == CXM_OK || status == CXM_E_EMPTY || (status == CXM_E_METHOD && value != CXM_VALUE_TOP));
            if (status != CXM_OK) continue;
            REQUIRE(sum.value == sum.value && sum.kish_n_eff > 0.0 && (sum.se_status != CXM_OK || sum.se >= 0.0));
            if (sum.interval_status == CXM_OK) REQUIRE(sum.low <= sum.value && sum.value <= sum.high);
        }
}

static void use(cxm_weighted *w, state_bytes s)
{
    static const double weights[] = {1.0, 0.1, 0.0, 0x1p-200, 0x1p200, -1.0};
    cxm_scale_spec spec;
    REQUIRE(cxm_weighted_spec(w, &spec) == CXM_OK);
    ask(w);
    for (size_t i = 0; i < sizeof weights / sizeof *weights; ++i) {
        double answer = i % 2 ? spec.lo : spec.hi;
        cxm_status status = cxm_weighted_remove(w, answer, weights[i]);
        REQUIRE(status == CXM_E_UNDERFLOW || cxm_weighted_add(w, answer, weights[i]) == status);
        REQUIRE(encodes_to(w, s));
        status = cxm_weighted_add(w, answer, weights[i]);
        REQUIRE(status == CXM_E_OVERFLOW || cxm_weighted_remove(w, answer, weights[i]) == status);
        REQUIRE(encodes_to(w, s));
    }
}

static void merge(state_bytes x, state_bytes y)
{
    cxm_weighted *a = decode(x), *b = decode(y), *ba = decode(y);
    cxm_status status = cxm_weighted_merge(ba, a);
    REQUIRE(status == cxm_weighted_merge(a, b));
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW);
    state_bytes left = encode(a);
    REQUIRE(status == CXM_OK ? encodes_to(ba, left) : encodes_to(a, x) && encodes_to(ba, y));
    cxm_weighted *again = decode(left);
    REQUIRE(again);
    cxm_weighted_free(again);
    free(left.at);
    cxm_weighted_free(a);
    cxm_weighted_free(b);
    cxm_weighted_free(ba);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    if (!state_pair(data, size, s)) return 0;
    cxm_weighted *a = decode(s[0]), *b = decode(s[1]);
    int both = a && b;
    if (a) use(a, s[0]);
    if (b) use(b, s[1]);
    cxm_weighted_free(a);
    cxm_weighted_free(b);
    if (both) merge(s[0], s[1]);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
