/* SPDX-License-Identifier: MIT */
/* fuzz_state_sum.c - two exact sums' bytes: refused, or decoded to a state that encodes to those very bytes, works,
 * merges both ways to one state, and takes back what it was given. */
#include <cxm/sum.h>
#include <math.h>
#include "fuzz_state.h"

enum { ROOM = 512 };

/* Whether the state's bytes are `want`. */
static int encodes_to(const cxm_sum *sum, const uint8_t *want, size_t len)
{
    uint8_t bytes[ROOM];
    size_t got;
    REQUIRE(cxm_sum_encode(sum, bytes, sizeof bytes, &got) == CXM_OK);
    return got == len && memcmp(bytes, want, len) == 0;
}

static int decode(state_bytes s, cxm_sum *out)
{
    cxm_status status = cxm_sum_decode(s.at, s.len, out);
    if (status != CXM_OK) {
        REQUIRE(status == CXM_E_FORMAT || status == CXM_E_VERSION);
        return 0;
    }
    REQUIRE(encodes_to(out, s.at, s.len));
    return 1;
}

/* A value added and taken back, one taken away, the negative of the negative. */
static void use(const cxm_sum *sum, state_bytes s)
{
    static const double all[] = {1.0, -0.1, 5e-324, -1.7976931348623157e308, INFINITY, NAN};
    double value;
    REQUIRE(cxm_sum_value(sum, &value) == CXM_OK);
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
        cxm_sum changed = *sum;
        cxm_status status = cxm_sum_remove(&changed, all[i]);
        REQUIRE(status == CXM_E_UNDERFLOW || (status == CXM_OK && cxm_sum_add(&changed, all[i]) == CXM_OK));
        REQUIRE(encodes_to(&changed, s.at, s.len));
        status = cxm_sum_add(&changed, all[i]);
        REQUIRE(status == CXM_E_OVERFLOW || (status == CXM_OK && cxm_sum_remove(&changed, all[i]) == CXM_OK));
        REQUIRE(cxm_sum_negate(&changed) == CXM_OK && cxm_sum_negate(&changed) == CXM_OK);
        REQUIRE(encodes_to(&changed, s.at, s.len));
    }
}

static void merge(const cxm_sum *a, const cxm_sum *b)
{
    cxm_sum ab = *a, ba = *b, back;
    uint8_t bytes[ROOM];
    size_t len;
    int32_t order = 0, mirrored = 0;
    cxm_status status = cxm_sum_merge(&ab, b);
    REQUIRE(status == cxm_sum_merge(&ba, a) && (status == CXM_OK || status == CXM_E_OVERFLOW));
    const cxm_sum *left = status == CXM_OK ? &ba : a;       /* a failure left a as it was */
    REQUIRE(cxm_sum_encode(left, bytes, sizeof bytes, &len) == CXM_OK && encodes_to(&ab, bytes, len));
    REQUIRE(cxm_sum_decode(bytes, len, &back) == CXM_OK);
    REQUIRE(cxm_sum_compare(a, b, &order) == cxm_sum_compare(b, a, &mirrored) && order == -mirrored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    cxm_sum a, b;
    if (!state_pair(data, size, s)) return 0;
    int first = decode(s[0], &a), second = decode(s[1], &b);
    if (first) use(&a, s[0]);
    if (second) use(&b, s[1]);
    if (first && second) merge(&a, &b);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
