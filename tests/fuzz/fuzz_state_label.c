/* SPDX-License-Identifier: MIT */
/* fuzz_state_label.c - two label states' bytes: refused, or decoded within the bound to a state that encodes to those
 * very bytes, works, gives back what is added, and merges both ways to one state. */
#include <cxm/label.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 1 << 16 };

static state_bytes encode(const cxm_label *label)
{
    state_bytes s = {NULL, 0};
    REQUIRE(cxm_label_encode(label, NULL, 0, &s.len) == CXM_E_LIMIT);
    s.at = malloc(s.len);
    REQUIRE(s.at && cxm_label_encode(label, s.at, s.len, &s.len) == CXM_OK);
    return s;
}

static int same(state_bytes a, state_bytes b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* NULL when refused. */
static cxm_label *decode(state_bytes s)
{
    static uint64_t bound = BOUND;
    cxm_alloc bounded = count_hook(&bound), hook = count_hook(NULL);
    cxm_label *label = NULL;
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_label_decode(s.at, s.len, BOUND, &bounded, &label);
    REQUIRE(status == CXM_OK || (!label && live == 0));
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    cxm_label_free(label);
    REQUIRE(live == 0);
    live = before;
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_label_decode(s.at, s.len, SIZE_MAX, &hook, &label) == CXM_OK);
    state_bytes again = encode(label);
    REQUIRE(same(again, s));
    free(again.at);
    return label;
}

/* Rows ascend and sum to n; what is added can be taken back, to the same bytes, while nothing is put together. */
static void use(cxm_label *label, state_bytes s)
{
    cxm_label_summary sum = {.size = sizeof sum};
    cxm_label_share row = {.size = sizeof row};
    uint64_t total = 0, rows = 0;
    cxm_status status = cxm_label_summarize(label, NULL, &sum);
    REQUIRE(status == (sum.n ? CXM_OK : CXM_E_EMPTY));
    for (; cxm_label_next(label, NULL, &row) == CXM_OK; ++rows) {
        REQUIRE(row.count > 0 && row.low <= row.share && row.share <= row.high);
        total += row.count;
    }
    REQUIRE(total == sum.n && rows == sum.categories);
    status = cxm_label_add(label, "b", 1);
    REQUIRE(status == CXM_OK || status == CXM_E_OVERFLOW);
    if (status != CXM_OK) return;
    status = cxm_label_remove(label, "b", 1);
    if (status == CXM_OK) {
        state_bytes again = encode(label);
        REQUIRE(same(again, s));
        free(again.at);
    } else {
        REQUIRE(status == CXM_E_UNDEFINED);                 /* it pushed a label out */
    }
}

static void merge(state_bytes x, state_bytes y)
{
    cxm_label *a = decode(x), *b = decode(y), *ba = decode(y);
    cxm_status status = cxm_label_merge(ba, a);
    REQUIRE(status == cxm_label_merge(a, b));
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW);
    state_bytes left = encode(a), right = encode(ba);
    REQUIRE(status == CXM_OK ? same(left, right) : same(left, x) && same(right, y));
    free(left.at);
    free(right.at);
    cxm_label_free(a);
    cxm_label_free(b);
    cxm_label_free(ba);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    if (!state_pair(data, size, s)) return 0;
    cxm_label *a = decode(s[0]), *b = decode(s[1]);
    int both = a && b;
    if (a) use(a, s[0]);
    if (b) use(b, s[1]);
    cxm_label_free(a);
    cxm_label_free(b);
    if (both) merge(s[0], s[1]);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
