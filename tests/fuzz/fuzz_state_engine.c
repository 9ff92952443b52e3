/* SPDX-License-Identifier: MIT */
/* fuzz_state_engine.c - two containers' bytes: refused, or decoded within the bound to an engine that encodes to those
 * very bytes (or, of one metric's state, to a container that comes back), gives results that add up, takes a record more, and merges both ways to one state that decodes again. */
#include <cxm/engine.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

static state_bytes encode(cxm_engine *engine)
{
    state_bytes s = {NULL, 0};
    REQUIRE(cxm_engine_encode(engine, NULL, 0, &s.len) == CXM_E_LIMIT);
    s.at = malloc(s.len);
    REQUIRE(s.at && cxm_engine_encode(engine, s.at, s.len, &s.len) == CXM_OK);
    return s;
}

/* What came as one metric's own state is a total, and a container when it is written. */
static int encodes_to(cxm_engine *engine, state_bytes want)
{
    state_bytes got = encode(engine);
    int same = want.at[6] != 16 || (got.len == want.len && memcmp(got.at, want.at, want.len) == 0);
    free(got.at);
    return same;
}

static cxm_status decode_within(state_bytes s, uint64_t max_bytes, uint64_t bound, cxm_engine **out)
{
    cxm_alloc bounded = count_hook(&bound);
    uint64_t before = live;
    live = 0;
    cxm_status status = cxm_engine_decode(s.at, s.len, max_bytes, 1, &bounded, out);
    REQUIRE(status == CXM_OK ? *out != NULL : !*out && live == 0);
    cxm_engine_free(*out);
    REQUIRE(live == 0);
    live = before;
    *out = NULL;
    return status;
}

static void comes_back(cxm_engine *engine)
{
    cxm_alloc hook = count_hook(NULL);
    cxm_engine *again = NULL;
    state_bytes s = encode(engine);
    REQUIRE(cxm_engine_decode(s.at, s.len, 0, 3, &hook, &again) == CXM_OK);
    REQUIRE(encodes_to(again, s));
    cxm_engine_free(again);
    free(s.at);
}

/* NULL when refused; the same answer with the memory said to suffice as with room to merge. */
static cxm_engine *decode(state_bytes s)
{
    cxm_engine *engine = NULL;
    cxm_alloc hook = count_hook(NULL);
    uint64_t need = cxm_engine_decode_bytes(s.at, s.len);
    cxm_status status = decode_within(s, 0, 2 * need, &engine);
    REQUIRE(need ? decode_within(s, need, need, &engine) == status : status != CXM_OK);
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION);
    if (status != CXM_OK) return NULL;
    REQUIRE(cxm_engine_decode(s.at, s.len, 0, 2, &hook, &engine) == CXM_OK);
    REQUIRE(encodes_to(engine, s));
    comes_back(engine);
    return engine;
}

/* How many values there are; their quantiles rise with the share. */
static uint64_t values_of(const cxm_quantile *q)
{
    cxm_quantile_summary sum = {.size = sizeof sum};
    double low, high;
    cxm_status status = cxm_quantile_summarize(q, &sum);
    REQUIRE(status == (sum.n ? CXM_OK : CXM_E_EMPTY));
    int both = cxm_quantile_at(q, 0.5, CXM_QUANTILE_TYPE1, &low) == CXM_OK && cxm_quantile_at(q, 0.9, CXM_QUANTILE_TYPE1, &high) == CXM_OK;
    REQUIRE(!both || (low >= 0.0 && low <= high));
    return sum.n;
}

/* Scored answers of a result, of whichever metric. */
static uint64_t scored(const cxm_engine_result *result)
{
    uint64_t n = 0;
    cxm_weighted_summary sum = {.size = sizeof sum};
    if (result->labels) REQUIRE(cxm_label_n(result->labels, &n) == CXM_OK);
    if (result->state) REQUIRE(cxm_scale_n(result->state, &n) == CXM_OK);
    if (result->quantile) n = values_of(result->quantile);
    if (!result->weighted) return n;
    cxm_weighted_ask ask = {.size = sizeof ask, .zero_weight = CXM_ZERO_KEPT};
    cxm_status status = cxm_weighted_summarize(result->weighted, &ask, &sum);
    REQUIRE(status == CXM_OK || status == CXM_E_EMPTY);
    return sum.n;
}

static void use_result(const cxm_engine_result *result)
{
    cxm_scale_ask ask = {.size = sizeof ask, .value = CXM_VALUE_MEAN};
    cxm_scale_summary sum = {.size = sizeof sum};
    if (result->state) REQUIRE(cxm_scale_summarize(result->state, &ask, &sum) == (sum.n ? CXM_OK : CXM_E_EMPTY));
    REQUIRE(!result->has_window || result->from_us < result->to_us);
    for (uint32_t i = 0; i < result->segment_count; ++i)
        for (size_t k = 0; k < result->segments[i].len; ++k) (void)*(const volatile char *)&result->segments[i].text[k];
}

/* The totals of all windows, and all other results, each hold every scored answer once. */
static void walk(cxm_engine *engine)
{
    cxm_engine_result result = {.size = sizeof result};
    cxm_account account = {.size = sizeof account};
    uint64_t totals = 0, parts = 0, n, slots, others;
    int64_t first, last;
    int by_segment = 0;
    cxm_status status;
    REQUIRE(cxm_engine_close(engine) == CXM_OK);
    while ((status = cxm_engine_next(engine, &result)) == CXM_OK) {
        use_result(&result);
        n = scored(&result);
        if (result.segment_count || result.is_other) parts += n, by_segment = 1;
        else totals += n;
    }
    REQUIRE(status == CXM_END && (!by_segment || totals == parts));
    REQUIRE(cxm_engine_account(engine, &account) == CXM_OK && account.scored == totals);
    REQUIRE(account.records == account.scored + account.missing + account.unparsed + account.out_of_range +
                               account.excluded + account.duplicates + account.late + account.refused);
    REQUIRE(cxm_engine_slots(engine, &slots, &others) == CXM_OK && others <= account.records);
    status = cxm_engine_span(engine, &first, &last);
    REQUIRE(status == CXM_E_EMPTY || (status == CXM_OK && first <= last));
}

/* One record more, after which the bytes are a state still. */
static void add(cxm_engine *engine)
{
    cxm_engine_options about = {.size = sizeof about};
    cxm_view segments[CXM_ENGINE_SEGMENTS_MAX] = {{"b", 1}};
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .time = CXM_TIME_GIVEN, .segments = segments, .key = {"k", 1}};
    REQUIRE(cxm_engine_describe(engine, &about) == CXM_OK);
    record.segment_count = about.segments;
    record.value = about.scale ? about.scale->hi : 1.0;
    record.weight = 2.5;
    record.label = (cxm_view){"a", 1};
    cxm_status status = cxm_engine_add(engine, &record);
    REQUIRE(status == CXM_OK || status == CXM_E_LIMIT);
}

static uint64_t records(const cxm_engine *engine)
{
    cxm_account account = {.size = sizeof account};
    REQUIRE(cxm_engine_account(engine, &account) == CXM_OK);
    return account.records;
}

static int has_quantiles(const cxm_engine *engine)
{
    cxm_engine_options about = {.size = sizeof about};
    REQUIRE(cxm_engine_describe(engine, &about) == CXM_OK);
    return about.quantile != NULL;
}

/* Of quantiles a few bytes may be a wide window, so that the other's do not fit: then nothing has changed. */
static void merge(state_bytes x, state_bytes y)
{
    cxm_engine *a = decode(x), *b = decode(y), *ba = decode(y), *again = NULL;
    uint64_t sum = records(a) + records(b);
    cxm_status status = cxm_engine_merge(ba, a), other = cxm_engine_merge(a, b);
    int tight = status == CXM_E_LIMIT || other == CXM_E_LIMIT;
    REQUIRE(encodes_to(b, y) && (tight ? has_quantiles(a) && has_quantiles(b) : status == other));
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW || tight);
    if (tight) {
        REQUIRE((status == CXM_OK || encodes_to(ba, y)) && (other == CXM_OK || encodes_to(a, x)));
        cxm_engine_free(a);
        cxm_engine_free(b);
        cxm_engine_free(ba);
        return;
    }
    if (status == CXM_OK) {
        state_bytes left = encode(a);
        REQUIRE(encodes_to(ba, left));
        again = decode(left);
        REQUIRE(again && records(again) == sum && sum >= records(b));
        walk(again);
        free(left.at);
    } else {
        REQUIRE(encodes_to(a, x) && encodes_to(ba, y));
    }
    cxm_engine_free(a);
    cxm_engine_free(b);
    cxm_engine_free(ba);
    cxm_engine_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    cxm_engine *engines[2];
    if (!state_pair(data, size, s)) return 0;
    for (int i = 0; i < 2; ++i) {
        engines[i] = decode(s[i]);
        if (!engines[i]) continue;
        walk(engines[i]);
        REQUIRE(encodes_to(engines[i], s[i]));      /* which opens it again */
        add(engines[i]);
        cxm_engine_free(engines[i]);
    }
    if (engines[0] && engines[1]) merge(s[0], s[1]);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
