/* SPDX-License-Identifier: MIT */
/* fuzz_state_door.c - two states' bytes through the generic door: refused within the bound, or a state that encodes to those
 * very bytes, whose spec makes it again, whose results are never NaN, that gives back what is added (of quantiles all but the
 * extremes), with weights too where it takes them, and merges both ways to one state. With bit 1 of the flags the second part
 * is the text of a spec instead, for create and for the first part. */
#include <cxm/state.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 1 << 18, KIND_AT = 6, QUANTILES = 5, TICKETS = 6, TENURES = 7, CUSTOMERS = 8 };

static state_bytes encode(const cxm_state *state)
{
    state_bytes s = {NULL, 0};
    REQUIRE(cxm_state_encode(state, NULL, 0, &s.len) == CXM_E_LIMIT);
    s.at = malloc(s.len);
    REQUIRE(s.at && cxm_state_encode(state, s.at, s.len, &s.len) == CXM_OK);
    return s;
}

static int same(state_bytes a, state_bytes b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static int is_quantiles(const cxm_state *state)
{
    char text[CXM_STATE_SPEC_MAX];
    size_t len;
    REQUIRE(cxm_state_spec(state, text, sizeof text, &len) == CXM_OK);
    return len > 8 && memcmp(text, "quantile", 8) == 0;
}

static void holds(const cxm_state *state, state_bytes want)
{
    state_bytes got = encode(state);
    REQUIRE(same(got, want));
    free(got.at);
}

/* NULL when refused: then nothing is left, and within the bound nothing more was taken. */
static cxm_state *decode(state_bytes s, const char *spec, size_t spec_len)
{
    static uint64_t bound = BOUND;
    cxm_alloc bounded = count_hook(&bound), hook = count_hook(NULL);
    cxm_state *state = NULL;
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_state_decode(s.at, s.len, spec, spec_len, BOUND, &bounded, &state);
    REQUIRE(status == CXM_OK || !state);
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT || spec);
    cxm_state_free(state);
    REQUIRE(live == 0);
    live = before;
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_state_decode(s.at, s.len, spec, spec_len, 0, &hook, &state) == CXM_OK);
    holds(state, s);
    return state;
}

static void spec_makes_it_again(const cxm_state *state, state_bytes s)
{
    char text[CXM_STATE_SPEC_MAX];
    size_t len;
    REQUIRE(cxm_state_spec(state, text, sizeof text, &len) == CXM_OK);
    cxm_state *again = decode(s, text, len);
    REQUIRE(again);
    cxm_state_free(again);
}

static void keyed_results_are_numbers(const cxm_state *state)
{
    static const char *const names[] = {"quantile:0", "quantile:0.9", "quantile:1", "low:0.5", "high:0.99", "within:0", "within:60", "count:3", "survival:0", "survival:7", "mean:5"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        double value = 0.0;
        if (cxm_state_get(state, names[i], strlen(names[i]), 0.9, &value) == CXM_OK) REQUIRE(value == value && value >= 0.0);
    }
}

static void results_are_numbers(const cxm_state *state)
{
    cxm_state_metric metric = {.size = sizeof metric};
    cxm_state_field field = {.size = sizeof field};
    size_t need, len;
    for (uint32_t i = 0, j = 0; cxm_state_describe(i, &metric) == CXM_OK; j = 0, ++i)
        for (; cxm_state_describe_result(i, j, &field) == CXM_OK; ++j) {
            double value = 0.0;
            if (cxm_state_get(state, field.name, strlen(field.name), 0.9, &value) == CXM_OK) REQUIRE(value == value);
        }
    keyed_results_are_numbers(state);
    cxm_status status = cxm_state_json(state, 0.0, NULL, 0, &need);
    if (status == CXM_E_OVERFLOW && is_quantiles(state)) return;   /* two counters that are one result */
    REQUIRE(status == CXM_E_LIMIT);
    char *text = malloc(need);
    REQUIRE(text && cxm_state_json(state, 0.0, text, need, &len) == CXM_OK && len == need);
    REQUIRE(text[0] == '{' && text[need - 1] == '}');
    free(text);
}

/* Two numbers of states that differ in their extremes alone. */
static void same_number(const cxm_state *a, const cxm_state *b, const char *name)
{
    double x = 0.0, y = 0.0;
    REQUIRE(cxm_state_get(a, name, strlen(name), 0.9, &x) == cxm_state_get(b, name, strlen(name), 0.9, &y) && x == y);
}

/* A state of `want`, but for the extremes, which it forgot: `want` becomes what it is now. */
static void forgot_extremes(const cxm_state *state, state_bytes *want)
{
    static const char *const names[] = {"n", "zero", "under", "over", "missing", "unparsed", "out_of_range", "sum", "within:0"};
    state_bytes now = encode(state);
    cxm_state *was = decode(*want, NULL, 0), *is = decode(now, NULL, 0);
    REQUIRE(was && is);
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) same_number(was, is, names[i]);
    cxm_state_free(was);
    cxm_state_free(is);
    free(want->at);
    *want = now;
}

static state_bytes copy_of(state_bytes s)
{
    state_bytes copy = {malloc(s.len), s.len};
    REQUIRE(copy.at);
    memcpy(copy.at, s.at, s.len);
    return copy;
}

/* Events of customers: those that are taken stay, and the bytes are a state again. */
static void takes_events(cxm_state *state)
{
    static const char *const lines[] = {"c1,2026-01-01,signup,5", "c1,2026-02-01,cancel", "c2\t2026-01-05\tperiod\t7\t\t2026-03-01", "c1,2026-02-01,cancel", "c3,2026-02-02,order,3",
                                        "c2,2026-02-02,upgrade,9,s,,EUR", "", "c1,2026-02-30,signup,5", "c1,2026-02-01,signup,-5"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; ++i) {
        cxm_status added = cxm_state_add_text(state, lines[i], strlen(lines[i]));
        REQUIRE(added == CXM_OK || added == CXM_E_FORMAT || added == CXM_E_MISMATCH || added == CXM_E_LIMIT);
        REQUIRE(cxm_state_remove_text(state, lines[i], strlen(lines[i])) == (*lines[i] ? CXM_E_METHOD : CXM_OK));
    }
    state_bytes now = encode(state);
    cxm_state *again = decode(now, NULL, 0);
    cxm_state_free(again);
    free(now.at);
}

/* Labels alone may push one out for good; tickets take back nothing but what was left out. */
static void gives_back(cxm_state *state, state_bytes s)
{
    static const char *const values[] = {"3", "", "b", "4 - good", "0", "-3", "1e999", "2e9", "1e-7", "3"};
    static const char *const tenures[] = {"3,yes", ",1", "b", "2\t7\t0", "0,0,1", "-3,1", "1e999,no", "2e9,1", "5,3,1", "3,yes"};
    const char *const *texts = s.at[KIND_AT] == TENURES ? tenures : values;
    state_bytes want = copy_of(s);
    size_t tried = s.at[KIND_AT] == QUANTILES || s.at[KIND_AT] == TENURES ? sizeof values / sizeof *values : 4;
    for (size_t i = 0; i < tried; ++i) {
        cxm_status added = cxm_state_add_text(state, texts[i], strlen(texts[i]));
        REQUIRE(added == CXM_OK || added == CXM_E_DOMAIN || added == CXM_E_FORMAT || added == CXM_E_OVERFLOW);
        if (added == CXM_E_OVERFLOW) continue;
        cxm_status removed = cxm_state_remove_text(state, texts[i], strlen(texts[i]));
        if (removed == CXM_E_UNDEFINED) break;
        REQUIRE(removed == added || (s.at[KIND_AT] == TICKETS && removed == CXM_E_METHOD));
        if (s.at[KIND_AT] == TICKETS) continue;
        REQUIRE(removed == added);
        if (s.at[KIND_AT] == QUANTILES) forgot_extremes(state, &want);
        else holds(state, want);
    }
    free(want.at);
}

/* Weights of all kinds: sums grow wider and shrink again. */
static void gives_back_weighted(cxm_state *state)
{
    state_bytes s = encode(state);
    static const double weights[] = {0.3, 1e30, 0.0, -1.0, 1e-50};
    static const char *const texts[] = {"3", "3", "2", "1", ""};
    for (size_t i = 0; i < sizeof weights / sizeof *weights; ++i) {
        size_t len = strlen(texts[i]);
        cxm_status added = cxm_state_add_text_weighted(state, texts[i], len, weights[i]);
        REQUIRE(added == CXM_OK || added == CXM_E_DOMAIN || added == CXM_E_METHOD || added == CXM_E_OVERFLOW);
        if (added != CXM_E_OVERFLOW) REQUIRE(cxm_state_remove_text_weighted(state, texts[i], len, weights[i]) == added);
        holds(state, s);
    }
    free(s.at);
}

static void merge(state_bytes x, state_bytes y)
{
    cxm_state *a = decode(x, NULL, 0), *b = decode(y, NULL, 0), *ba = decode(y, NULL, 0);
    cxm_difference gap = {.size = sizeof gap};
    if (cxm_state_compare(a, b, 0, 0.0, &gap) == CXM_OK) REQUIRE(gap.low <= gap.high && gap.p >= 0.0 && gap.p <= 1.0);
    cxm_status status = cxm_state_merge(ba, a);
    REQUIRE(status == cxm_state_merge(a, b));
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW || (status == CXM_E_LIMIT && x.at[KIND_AT] == TICKETS));
    state_bytes left = encode(a), right = encode(ba);
    REQUIRE(status == CXM_OK ? same(left, right) : same(left, x) && same(right, y));
    free(left.at);
    free(right.at);
    cxm_state_free(a);
    cxm_state_free(b);
    cxm_state_free(ba);
}

static void use(state_bytes s, cxm_state *state)
{
    spec_makes_it_again(state, s);
    results_are_numbers(state);
    if (s.at[KIND_AT] == CUSTOMERS) takes_events(state);
    else gives_back(state, s);
    gives_back_weighted(state);
    cxm_state_free(state);
}

/* Any text: refused with a reason, or a spec whose canonical spelling is its own. */
static void read_spec(const char *text, size_t len)
{
    cxm_alloc hook = count_hook(NULL);
    cxm_state *first = NULL, *second = NULL;
    cxm_error error = {.size = sizeof error};
    char once[CXM_STATE_SPEC_MAX], twice[CXM_STATE_SPEC_MAX];
    size_t a, b;
    cxm_status status = cxm_state_create(text, len, &hook, &first, &error);
    REQUIRE(status == CXM_OK || ((status == CXM_E_FORMAT || status == CXM_E_SCALE) && error.byte_offset <= len && !first));
    if (status != CXM_OK) return;
    REQUIRE(cxm_state_spec(first, once, sizeof once, &a) == CXM_OK);
    REQUIRE(cxm_state_create(once, a, &hook, &second, NULL) == CXM_OK);
    REQUIRE(cxm_state_spec(second, twice, sizeof twice, &b) == CXM_OK && a == b && memcmp(once, twice, a) == 0);
    state_bytes s = encode(first);
    holds(second, s);
    free(s.at);
    cxm_state_free(first);
    cxm_state_free(second);
}

static void with_spec(const uint8_t *data, size_t size, state_bytes first)
{
    size_t at = STATE_PREFIX + first.len, len = size - at;
    char *text = malloc(len ? len : 1);
    REQUIRE(text);
    if (len) memcpy(text, data + at, len);
    read_spec(text, len);
    cxm_state *state = decode(first, text, len);
    if (state) use(first, state);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    if (!state_pair(data, size, s)) return 0;
    if (data[0] & 2) {
        with_spec(data, size, s[0]);
    } else {
        cxm_state *a = decode(s[0], NULL, 0), *b = decode(s[1], NULL, 0);
        int both = a && b;
        if (a) use(s[0], a);
        if (b) use(s[1], b);
        if (both) merge(s[0], s[1]);
    }
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
