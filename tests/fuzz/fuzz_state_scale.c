/* SPDX-License-Identifier: MIT */
/* fuzz_state_scale.c - two scales' bytes: refused, or decoded to a state that encodes to those very bytes, works
 * and merges both ways to one state. */
#include <cxm/scale.h>
#include "fuzz_state.h"

enum { ROOM = 2048 };

/* Whether the state's bytes are `want`. */
static int encodes_to(const cxm_scale *scale, const uint8_t *want, size_t len)
{
    uint8_t bytes[ROOM];
    size_t got;
    REQUIRE(cxm_scale_encode(scale, bytes, sizeof bytes, &got) == CXM_OK);
    return got == len && memcmp(bytes, want, len) == 0;
}

static int decode(state_bytes s, cxm_scale *out)
{
    cxm_status status = cxm_scale_decode(s.at, s.len, out);
    if (status != CXM_OK) {
        REQUIRE(status == CXM_E_FORMAT || status == CXM_E_VERSION);
        return 0;
    }
    REQUIRE(encodes_to(out, s.at, s.len));
    return 1;
}

static void use(const cxm_scale *scale)
{
    for (int32_t value = CXM_VALUE_MEAN; value <= CXM_VALUE_NET; ++value) {
        cxm_scale_ask ask = {.size = sizeof ask, .value = value};
        cxm_scale_summary sum = {.size = sizeof sum};
        cxm_status status = cxm_scale_summarize(scale, &ask, &sum);
        REQUIRE(status == (sum.n ? CXM_OK : CXM_E_EMPTY) && sum.top + sum.middle + sum.bottom == sum.n);
        REQUIRE(!sum.n || sum.interval_status != CXM_OK || (sum.low <= sum.value && sum.value <= sum.high));
    }
}

static void merge(const cxm_scale *a, const cxm_scale *b)
{
    cxm_scale ab = *a, ba = *b;
    uint8_t bytes[ROOM];
    size_t len;
    cxm_status status = cxm_scale_merge(&ab, b);
    REQUIRE(status == cxm_scale_merge(&ba, a));
    const cxm_scale *left = status == CXM_OK ? &ba : a;     /* a failure left a as it was */
    REQUIRE(cxm_scale_encode(left, bytes, sizeof bytes, &len) == CXM_OK && encodes_to(&ab, bytes, len));
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    static cxm_scale a, b;
    if (!state_pair(data, size, s)) return 0;
    int first = decode(s[0], &a), second = decode(s[1], &b);
    if (first) use(&a);
    if (second) use(&b);
    if (first && second) merge(&a, &b);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
