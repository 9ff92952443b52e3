/* SPDX-License-Identifier: MIT */
/* fuzz_state_quantile.c - two quantile states' bytes: refused, or decoded within the bound to a state that encodes to
 * those very bytes, gives numbers in their order, takes a value and gives it back, and merges both ways to one state. */
#include <cxm/quantile.h>
#include <math.h>
#include "fuzz_memory.h"
#include "fuzz_state.h"

enum { BOUND = 2048, NO_RATION = -1 };
static const double SLACK = 1e-12;          /* relative, of two numbers that are rounded on their own */

static state_bytes encode(const cxm_quantile *q)
{
    state_bytes s = {NULL, 0};
    REQUIRE(cxm_quantile_encode(q, NULL, 0, &s.len) == CXM_E_LIMIT);
    s.at = malloc(s.len);
    REQUIRE(s.at && cxm_quantile_encode(q, s.at, s.len, &s.len) == CXM_OK);
    return s;
}

static int encodes_to(const cxm_quantile *q, state_bytes want)
{
    size_t len = 0;
    uint8_t *got = malloc(want.len);
    REQUIRE(got);
    cxm_status status = cxm_quantile_encode(q, got, want.len, &len);
    REQUIRE(status == CXM_OK || (status == CXM_E_LIMIT && len > want.len));
    int same = len == want.len && memcmp(got, want.at, len) == 0;
    free(got);
    return same;
}

/* --- decoding --- */

/* An allocator that has `*ration` blocks, then none. */
static void *rationed_alloc(void *ctx, size_t bytes)
{
    int *ration = ctx;
    if (*ration == 0) return NULL;
    --*ration;
    return count_alloc(NULL, bytes);
}

static void *rationed_resize(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    int *ration = ctx;
    if (*ration == 0) return NULL;
    --*ration;
    return count_resize(NULL, ptr, old_bytes, new_bytes);
}

/* What decoding says when it may take `most` bytes (0: any number) in `ration` blocks (NO_RATION: any number). Whatever
 * it took is given back. */
static cxm_status try_decode(state_bytes s, uint64_t most, int ration)
{
    uint64_t before = live;
    cxm_alloc hook = count_hook(most ? &most : NULL);
    if (ration != NO_RATION) hook = (cxm_alloc){&ration, rationed_alloc, rationed_resize, count_free};
    cxm_quantile *q = NULL;
    live = 0;
    cxm_status status = cxm_quantile_decode(s.at, s.len, (size_t)most, &hook, &q);
    REQUIRE((status == CXM_OK) == (q != NULL) && (q || live == 0));
    cxm_quantile_free(q);
    REQUIRE(live == 0);
    live = before;
    return status;
}

static cxm_quantile_spec spec_of(const cxm_quantile *q)
{
    cxm_quantile_spec spec = {.size = sizeof spec};
    REQUIRE(cxm_quantile_spec_of(q, &spec) == CXM_OK);
    return spec;
}

static int within_most(const cxm_quantile *q)
{
    cxm_quantile_spec spec = spec_of(q);
    size_t most = cxm_quantile_bytes_most(&spec);
    return most > 0 && cxm_quantile_bytes(q) <= most;
}

/* NULL when refused. */
static cxm_quantile *decode(state_bytes s)
{
    cxm_alloc hook = count_hook(NULL);
    cxm_quantile *q = NULL;
    cxm_quantile_decode(s.at, s.len, 0, &hook, &q);
    return q;
}

/* The first time that these bytes are met; whether they are not refused. */
static int decodes(state_bytes s)
{
    cxm_alloc hook = count_hook(NULL);
    cxm_quantile *q = NULL;
    uint64_t before = live;
    cxm_status status = cxm_quantile_decode(s.at, s.len, 0, &hook, &q);
    REQUIRE(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_MEMORY);
    REQUIRE((status == CXM_OK) == (q != NULL) && live - before == (q ? cxm_quantile_bytes(q) : 0));
    REQUIRE(!q || (within_most(q) && encodes_to(q, s)));
    cxm_quantile_free(q);
    return status == CXM_OK;
}

/* Bounds and want of memory, told as what they are. */
static void refuse(state_bytes s)
{
    cxm_status bounded = try_decode(s, BOUND, NO_RATION);
    cxm_quantile *q = decode(s);
    REQUIRE(bounded == CXM_OK || bounded == CXM_E_FORMAT || bounded == CXM_E_VERSION || bounded == CXM_E_LIMIT ||
            bounded == CXM_E_MEMORY);
    REQUIRE(q || bounded != CXM_OK);
    if (!q) return;
    uint64_t bytes = cxm_quantile_bytes(q);
    cxm_quantile_free(q);
    REQUIRE(bounded == (bytes <= BOUND ? CXM_OK : CXM_E_LIMIT));
    REQUIRE(try_decode(s, bytes, NO_RATION) == CXM_OK && try_decode(s, bytes - 1, NO_RATION) == CXM_E_LIMIT);
    REQUIRE(try_decode(s, 0, 0) == CXM_E_MEMORY);
    cxm_status second = try_decode(s, 0, 1);
    REQUIRE(second == CXM_OK || second == CXM_E_MEMORY);
}

/* --- the same counts: all that is no extreme --- */

static int same_totals(const cxm_quantile *a, const cxm_quantile *b)
{
    cxm_quantile_summary x = {.size = sizeof x}, y = {.size = sizeof y};
    cxm_status status = cxm_quantile_summarize(a, &x);
    if (status != cxm_quantile_summarize(b, &y)) return 0;
    REQUIRE(status == CXM_OK || status == CXM_E_EMPTY || status == CXM_E_OVERFLOW);
    return status == CXM_E_OVERFLOW ||
           (x.n == y.n && x.zero == y.zero && x.under == y.under && x.over == y.over && x.missing == y.missing &&
            x.unparsed == y.unparsed && x.open == y.open && x.negative == y.negative && x.infinite == y.infinite &&
            x.mean_status == y.mean_status && x.sum_high == y.sum_high && x.sum_low == y.sum_low);
}

static int same_bins(const cxm_quantile *a, const cxm_quantile *b)
{
    uint32_t at = 0, beside = 0;
    for (;;) {
        double low = 0.0, high = 0.0, other_low = 0.0, other_high = 0.0;
        uint64_t count = 0, other = 0;
        cxm_status status = cxm_quantile_bin(a, &at, &low, &high, &count);
        if (status != cxm_quantile_bin(b, &beside, &other_low, &other_high, &other)) return 0;
        if (status == CXM_END) return 1;
        REQUIRE(status == CXM_OK);
        if (count != other || low < other_low || low > other_low || high < other_high || high > other_high) return 0;
    }
}

static int same_targets(const cxm_quantile *a, const cxm_quantile *b)
{
    for (uint32_t i = 0; i < spec_of(a).targets; ++i) {
        uint64_t hits = 0, other = 0, n = 0, other_n = 0;
        REQUIRE(cxm_quantile_within(a, i, &hits, &n) == cxm_quantile_within(b, i, &other, &other_n));
        if (hits != other || n != other_n) return 0;
    }
    return 1;
}

/* Once a value was added to both and taken back, neither knows its extremes, and the counts are all that is left. */
static int same_but_extremes(cxm_quantile *a, cxm_quantile *b)
{
    cxm_quantile_summary x = {.size = sizeof x}, y = {.size = sizeof y};
    int64_t low = (int64_t)spec_of(a).low;
    if (!same_totals(a, b) || !same_bins(a, b) || !same_targets(a, b)) return 0;
    cxm_status status = cxm_quantile_add_steps(a, low);
    REQUIRE(status == cxm_quantile_add_steps(b, low) && (status == CXM_OK || status == CXM_E_OVERFLOW));
    if (status != CXM_OK) return 1;
    REQUIRE(cxm_quantile_remove_steps(a, low) == CXM_OK && cxm_quantile_remove_steps(b, low) == CXM_OK);
    if (cxm_quantile_summarize(a, &x) != CXM_OK || cxm_quantile_summarize(b, &y) != CXM_OK) return 1;
    if (x.extremes_exact || y.extremes_exact) return 1;
    state_bytes left = encode(a);
    int same = encodes_to(b, left);
    free(left.at);
    return same;
}

/* Whether what the state became can be kept: its bytes make it again. */
static int keeps(const cxm_quantile *q)
{
    state_bytes s = encode(q);
    cxm_quantile *again = decode(s);
    int kept = again && encodes_to(again, s) && same_totals(q, again) && same_bins(q, again) && same_targets(q, again) &&
               within_most(q);
    cxm_quantile_free(again);
    free(s.at);
    return kept;
}

/* The same of what values were taken from; or it is told that these had only shared bins with others. */
static int keeps_or_tells(const cxm_quantile *q)
{
    size_t len;
    return cxm_quantile_encode(q, NULL, 0, &len) == CXM_E_UNDEFINED || keeps(q);
}

/* --- questions --- */

static int at_most(double a, double b)
{
    return a <= b * (1.0 + SLACK);
}

/* Bins rise and hold, with what is counted apart, all the values. */
static void walk(const cxm_quantile *q, const cxm_quantile_summary *sum, int counted)
{
    uint32_t cursor = 0;
    double low, high, before = 0.0;
    uint64_t count, left = counted ? sum->n - sum->zero - sum->under - sum->over : 0;
    cxm_status status;
    while ((status = cxm_quantile_bin(q, &cursor, &low, &high, &count)) == CXM_OK) {
        REQUIRE(count > 0 && before < low && low <= high && isfinite(high));
        REQUIRE(!counted || count <= left);
        left -= counted ? count : 0;
        before = high;
    }
    REQUIRE(status == CXM_END && left == 0);
    REQUIRE(cxm_quantile_bin(q, &cursor, &low, &high, &count) == CXM_END);
}

static void ask_interval(const cxm_quantile *q, double share, double level)
{
    cxm_interval limits = {.size = sizeof limits};
    double value;
    cxm_status status = cxm_quantile_interval(q, share, level, &limits);
    REQUIRE(status == CXM_OK || status == CXM_E_EMPTY || status == CXM_E_UNDEFINED);
    if (status != CXM_OK) return;
    REQUIRE(0.0 <= limits.low && limits.low <= limits.high && isfinite(limits.high));
    if (cxm_quantile_at(q, share, CXM_QUANTILE_TYPE1, &value) == CXM_OK)
        REQUIRE(at_most(limits.low, value) && at_most(value, limits.high));
}

/* Quantiles rise with the share, between the extremes. */
static void ask_quantiles(const cxm_quantile *q, const cxm_quantile_summary *sum)
{
    static const double shares[] = {0.0, 1e-9, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999999, 1.0};
    static const int32_t types[] = {CXM_QUANTILE_TYPE1, CXM_QUANTILE_TYPE7};
    for (size_t t = 0; t < sizeof types / sizeof *types; ++t) {
        double before = 0.0;
        for (size_t i = 0; i < sizeof shares / sizeof *shares; ++i) {
            double value = -1.0;
            cxm_status status = cxm_quantile_at(q, shares[i], types[t], &value);
            REQUIRE(status == CXM_OK || status == CXM_E_UNDEFINED);
            if (status != CXM_OK) continue;
            REQUIRE(isfinite(value) && at_most(before, value));
            if (sum->extremes_exact && !isnan(sum->min)) REQUIRE(at_most(sum->min, value));
            if (sum->extremes_exact && !isnan(sum->max)) REQUIRE(at_most(value, sum->max));
            before = value;
        }
    }
    for (size_t i = 0; i < sizeof shares / sizeof *shares; ++i) {
        ask_interval(q, shares[i], 0.5);
        ask_interval(q, shares[i], 0.95);
    }
}

static uint64_t ask_rank(const cxm_quantile *q, double value, uint64_t n)
{
    uint64_t least = 1, most = 0;
    double share = -1.0;
    REQUIRE(cxm_quantile_rank(q, value, &least, &most, &share) == CXM_OK);
    REQUIRE(least <= most && most <= n);
    REQUIRE(at_most((double)least / (double)n, share) && at_most(share, (double)most / (double)n));
    return most;
}

static double steps_of_unit(const cxm_quantile_spec *spec)
{
    double steps = 1.0;
    REQUIRE(spec->unit == CXM_UNIT_S || spec->unit == CXM_UNIT_NUMBER);
    for (int32_t i = 0; i < (spec->unit == CXM_UNIT_S ? 6 : spec->decimals); ++i) steps *= 10.0;
    return steps;
}

static void ask_ranks(const cxm_quantile *q, uint64_t n)
{
    cxm_quantile_spec spec = spec_of(q);
    double unit = steps_of_unit(&spec), low = (double)spec.low / unit, high = (double)spec.high / unit;
    const double points[] = {-1.0, 0.0, low / 2.0, low, low + (high - low) / 1024.0, high, 2.0 * high, INFINITY};
    uint64_t before = 0, hits, of;
    for (size_t i = 0; i < sizeof points / sizeof *points; ++i) {
        uint64_t most = ask_rank(q, points[i], n);
        REQUIRE(before <= most && (i > 0 || most == 0));
        before = most;
    }
    REQUIRE(before == n);
    before = 0;
    for (uint32_t i = 0; i < spec.targets; ++i) {
        REQUIRE(cxm_quantile_within(q, i, &hits, &of) == CXM_OK && before <= hits && hits <= of && of == n);
        before = hits;
        if (spec.target[i] >> 50) continue;         /* past that, a double of the unit may be the next step's */
        uint64_t least = 1, most = 0;
        double share;
        REQUIRE(cxm_quantile_rank(q, (double)spec.target[i] / unit, &least, &most, &share) == CXM_OK);
        REQUIRE(least <= hits && hits <= most);
    }
}

static void ask(const cxm_quantile *q)
{
    cxm_quantile_summary sum = {.size = sizeof sum};
    cxm_interval limits = {.size = sizeof limits};
    uint64_t hits, n;
    double value;
    cxm_status status = cxm_quantile_summarize(q, &sum);
    REQUIRE(status == CXM_OK || status == CXM_E_EMPTY || status == CXM_E_OVERFLOW);
    walk(q, &sum, status != CXM_E_OVERFLOW);
    REQUIRE(cxm_quantile_within(q, spec_of(q).targets, &hits, &n) == CXM_E_ARG);
    REQUIRE(cxm_quantile_at(q, NAN, CXM_QUANTILE_TYPE1, &value) == CXM_E_ARG);
    REQUIRE(cxm_quantile_interval(q, 0.5, 1.0, &limits) == CXM_E_ARG);
    if (status == CXM_E_EMPTY) {
        REQUIRE(sum.n == 0 && cxm_quantile_at(q, 0.5, CXM_QUANTILE_TYPE7, &value) == CXM_E_EMPTY);
        REQUIRE(cxm_quantile_interval(q, 0.5, 0.95, &limits) == CXM_E_EMPTY);
    }
    if (status != CXM_OK) return;
    REQUIRE(sum.n > 0 && sum.relative_error > 0.0 && sum.relative_error < 0.01 && sum.sum >= 0.0);
    REQUIRE(isnan(sum.min) || isnan(sum.max) || sum.min <= sum.max);
    REQUIRE(sum.mean_status == (sum.under || sum.over ? CXM_E_UNDEFINED : CXM_OK));
    REQUIRE(cxm_quantile_at(q, 0.5, 0, &value) == CXM_E_METHOD);
    REQUIRE(cxm_quantile_at(q, 0.5, CXM_QUANTILE_TYPE7, &value) == sum.median_status);
    if (sum.median_status == CXM_OK) REQUIRE(at_most(value, sum.median) && at_most(sum.median, value));
    ask_quantiles(q, &sum);
    ask_ranks(q, sum.n);
}

/* --- values, added and taken back --- */

enum { VALUES = 10 };
static const double values[VALUES] = {0.0, 0.25, 1.0, 1e-6, 1e-9, 3.5e9, 1e300, -1.0, INFINITY, NAN};
static const int64_t steps[VALUES] = {0, 1, 2, 127, 129, 250000, INT64_C(1) << 40, INT64_MAX, -1, INT64_MIN};

enum { BY_VALUE, BY_STEPS, MISSING, UNPARSED, OPEN, WAYS };

static cxm_status add(cxm_quantile *q, int way, size_t i)
{
    switch (way) {
    case BY_VALUE: return cxm_quantile_add(q, values[i]);
    case BY_STEPS: return cxm_quantile_add_steps(q, steps[i]);
    case MISSING: return cxm_quantile_add_missing(q);
    case OPEN: return cxm_quantile_add_open(q);
    default: return cxm_quantile_add_unparsed(q);
    }
}

static cxm_status take(cxm_quantile *q, int way, size_t i)
{
    switch (way) {
    case BY_VALUE: return cxm_quantile_remove(q, values[i]);
    case BY_STEPS: return cxm_quantile_remove_steps(q, steps[i]);
    case MISSING: return cxm_quantile_remove_missing(q);
    case OPEN: return cxm_quantile_remove_open(q);
    default: return cxm_quantile_remove_unparsed(q);
    }
}

static int done(cxm_status status)
{
    return status == CXM_OK || status == CXM_E_DOMAIN;
}

static void use_value(state_bytes s, int way, size_t i)
{
    cxm_quantile *same = decode(s), *q = decode(s);
    cxm_status status = take(q, way, i);
    REQUIRE(done(status) || (status == CXM_E_UNDERFLOW && encodes_to(q, s)));
    if (done(status)) REQUIRE(keeps_or_tells(q) && add(q, way, i) == status && same_but_extremes(q, same));
    cxm_quantile_free(q);
    cxm_quantile_free(same);
    same = decode(s), q = decode(s);
    status = add(q, way, i);
    REQUIRE(done(status) || ((status == CXM_E_OVERFLOW || status == CXM_E_MEMORY) && encodes_to(q, s)));
    if (done(status)) REQUIRE(keeps(q) && take(q, way, i) == status && same_but_extremes(q, same));
    cxm_quantile_free(q);
    cxm_quantile_free(same);
}

/* A column is its values one by one; the last of them does not exist. */
static void use_column(state_bytes s)
{
    static const uint8_t exist[] = {0xFF, 0xFB};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = VALUES, .validity = exist,
                         .validity_bit = 1};       /* the last is bit 10, which is 0 */
    cxm_quantile *many = decode(s), *single = decode(s);
    cxm_status status = cxm_quantile_add_many(many, &column), each = CXM_OK;
    REQUIRE(status == CXM_OK || status == CXM_E_OVERFLOW || status == CXM_E_MEMORY);
    for (size_t i = 0; i + 1 < VALUES && done(each); ++i) each = add(single, BY_VALUE, i);
    if (done(each)) each = cxm_quantile_add_missing(single);
    REQUIRE(done(each) == (status == CXM_OK));
    state_bytes want = encode(single);
    REQUIRE(encodes_to(many, status == CXM_OK ? want : s));
    free(want.at);
    cxm_quantile_free(many);
    cxm_quantile_free(single);
}

/* In one way of all, which its checksum tells: so are states beside it used in the others. */
static void use_one(state_bytes s)
{
    enum { WITH_VALUES = MISSING * VALUES, WITHOUT = WAYS - MISSING };
    int which = s.at[s.len - STATE_TAIL] % (WITH_VALUES + WITHOUT + 1);
    if (which < WITH_VALUES) use_value(s, which / VALUES, (size_t)(which % VALUES));
    else if (which < WITH_VALUES + WITHOUT) use_value(s, MISSING + which - WITH_VALUES, 0);
    else use_column(s);
}

static void use(state_bytes s)
{
    cxm_quantile *q = decode(s), *empty = NULL;
    cxm_quantile_spec spec = spec_of(q), again;
    cxm_alloc hook = count_hook(NULL);
    ask(q);
    REQUIRE(encodes_to(q, s));
    REQUIRE(cxm_quantile_create(&spec, &hook, &empty) == CXM_OK);
    again = spec_of(empty);
    REQUIRE(memcmp(&spec, &again, sizeof spec) == 0 && keeps(empty));
    REQUIRE(cxm_quantile_merge(empty, q) == CXM_OK && encodes_to(empty, s));
    cxm_quantile_free(empty);
    cxm_quantile_free(q);
    use_one(s);
}

/* --- two states --- */

/* What is merged can be taken away again; what is not held cannot. */
static void subtract(state_bytes x, state_bytes y, const cxm_quantile *merged)
{
    cxm_quantile *a = decode(x), *b = decode(y), *q;
    if (merged) {
        state_bytes both = encode(merged);
        q = decode(both);
        REQUIRE(q && cxm_quantile_subtract(q, b) == CXM_OK && same_but_extremes(q, a));
        cxm_quantile_free(q);
        free(both.at);
        cxm_quantile_free(a);
        a = decode(x);
    }
    cxm_status status = cxm_quantile_subtract(a, b);
    REQUIRE(status == CXM_OK || status == CXM_E_UNDERFLOW || status == CXM_E_MISMATCH);
    if (status != CXM_OK) {
        REQUIRE(encodes_to(a, x));
    } else {
        REQUIRE(keeps_or_tells(a) && cxm_quantile_merge(a, b) == CXM_OK);
        q = decode(x);
        REQUIRE(same_but_extremes(a, q));
        cxm_quantile_free(q);
    }
    cxm_quantile_free(a);
    cxm_quantile_free(b);
}

static void merge(state_bytes x, state_bytes y)
{
    cxm_quantile *a = decode(x), *b = decode(y), *ba = decode(y);
    cxm_status status = cxm_quantile_merge(ba, a);
    REQUIRE(status == cxm_quantile_merge(a, b));
    REQUIRE(status == CXM_OK || status == CXM_E_MISMATCH || status == CXM_E_OVERFLOW || status == CXM_E_MEMORY);
    state_bytes left = encode(a);
    REQUIRE(status == CXM_OK ? encodes_to(ba, left) && keeps(a) : encodes_to(a, x) && encodes_to(ba, y));
    subtract(x, y, status == CXM_OK ? a : NULL);
    if (status == CXM_OK) subtract(y, x, ba);
    free(left.at);
    cxm_quantile_free(a);
    cxm_quantile_free(b);
    cxm_quantile_free(ba);
}

/* A state with itself: as with another of the same bytes. */
static void merge_own(state_bytes s)
{
    cxm_quantile *q = decode(s), *other = decode(s), *same = decode(s);
    cxm_status status = cxm_quantile_merge(q, q);
    REQUIRE(status == CXM_OK || status == CXM_E_OVERFLOW || status == CXM_E_MEMORY);
    REQUIRE(cxm_quantile_merge(other, same) == status);
    state_bytes twice = encode(other);
    REQUIRE(encodes_to(q, twice) && (status == CXM_OK || encodes_to(q, s)));
    free(twice.at);
    cxm_quantile_free(q);
    cxm_quantile_free(other);
    cxm_quantile_free(same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state_bytes s[2];
    int decoded[2];
    if (!state_pair(data, size, s)) return 0;
    for (int i = 0; i < 2; ++i) {
        decoded[i] = decodes(s[i]);
        refuse(s[i]);
        if (!decoded[i]) continue;
        use(s[i]);
        merge_own(s[i]);
    }
    if (decoded[0] && decoded[1]) merge(s[0], s[1]);
    REQUIRE(live == 0);
    free(s[0].at);
    free(s[1].at);
    return 0;
}
