/* SPDX-License-Identifier: MIT */
/* test_engine_state.c - states that travel: any split, order and merge tree gives the bytes of one pass; bytes
 * come back as the same state; hostile bytes are an error or a state. */
#include <cxm/engine.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { LABELS = 3 * 64, WEIGHTED = LABELS + 64, SHAPES = WEIGHTED + 64, RECORDS = 600, PARTS = 64, VALUES = 6 };
static const int64_t US = 1000000;

static const cxm_view names[2] = {{"channel", 7}, {"a b:c", 5}};
static const cxm_window_spec windows[] = {
    {.size = sizeof(cxm_window_spec), .unit = CXM_WINDOW_MONTH, .zone_s = 19800},
    {.size = sizeof(cxm_window_spec), .unit = CXM_WINDOW_STRETCH, .length_us = INT64_C(123456789012345), .zone_s = -3600}};

static cxm_scale_spec scale_spec(void)
{
    cxm_scale_spec spec;
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &spec), CXM_OK);
    assert_int_equal(cxm_scale_set_top(&spec, 9, 10), CXM_OK);
    return spec;
}

/* Few and short, so that some are too many and some too long. */
static const cxm_label_options few = {.size = sizeof few, .max_labels = 3, .max_label_bytes = 6};

/* Shape `which`: with and without segments, names, windows, a range, and one answer a key; at last, labels and weights. */
static cxm_engine *engine_of(unsigned which, const cxm_scale_spec *spec, uint64_t seed)
{
    cxm_engine_options options = {.size = sizeof options, .scale = spec, .hash_seed = seed, .max_bytes = 1 << 22};
    cxm_engine *engine = NULL;
    options.segments = which % 3;
    options.names = which & 4 ? names : NULL;
    options.window = which & 8 ? &windows[which % 2] : NULL;
    options.has_since = which >> 4 & 1;
    options.since_us = INT64_C(1700000000) * US;
    options.has_until = which >> 5 & 1;
    options.until_us = INT64_C(1790000000) * US;
    options.dedupe = which < LABELS ? (int32_t)(which >> 6) : CXM_DEDUPE_NONE;
    options.dedupe_bytes = options.dedupe ? 1 << 20 : 0;
    if (which >= WEIGHTED) options.scale = NULL, options.weighted = spec;
    else if (which >= LABELS) options.scale = NULL, options.label = &few;
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_OK);
    return engine;
}

static void add_random(cxm_engine *engine, unsigned which, uint64_t draw)
{
    static const cxm_view values[VALUES] = {{"web", 3}, {"", 0}, {"phone", 5}, {"w", 1}, {"we\0b", 4}, {"\xff\xfe", 2}};
    static const cxm_view keys[] = {{"k1", 2}, {"k2", 2}, {"k", 1}, {"", 0}, {"long key", 8}, {"x\0y", 3}, {"k22", 3}};
    static const cxm_view labels[] = {{"good", 4}, {"bad", 3}, {"", 0}, {"too long", 8}, {"goo\0d", 5}, {"\xff", 1}, {"a", 1}};
    cxm_view segments[2] = {values[draw % VALUES], values[(draw >> 8) % VALUES]};
    cxm_record record = {.size = sizeof record, .segments = segments, .segment_count = which % 3};
    record.answer = (draw >> 16) % 5 ? CXM_ANSWER_GIVEN : CXM_ANSWER_MISSING + (int32_t)((draw >> 19) & 1);
    record.value = (double)((draw >> 24) % 13) - 1.0;
    record.time = (draw >> 32) % 20 ? (int32_t)CXM_TIME_GIVEN : (int32_t)((draw >> 40) % 3);
    record.key = keys[(draw >> 44) % COUNT_OF(keys)];
    record.label = labels[(draw >> 24) % COUNT_OF(labels)];
    record.weight = (draw >> 54) % 8 ? (double)((draw >> 36) % 1000) / 7.0 : (draw >> 57) % 2 ? -1.0 : 0x1p-150;
    if (which >= LABELS && which < WEIGHTED && record.answer == CXM_ANSWER_UNPARSED) record.answer = CXM_ANSWER_MISSING;
    record.at_us = (INT64_C(1690000000) + (int64_t)((draw >> 20) % 110) * 1000000) * US;
    if ((draw >> 50) % 30 == 0) assert_int_equal(cxm_engine_exclude(engine), CXM_OK);
    else assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
}

typedef struct bytes { unsigned char *at; size_t len; } bytes;

static bytes encode(cxm_engine *engine)
{
    bytes out = {NULL, 0};
    size_t again;
    assert_int_equal(cxm_engine_encode(engine, NULL, 0, &out.len), CXM_E_LIMIT);
    out.at = malloc(out.len);
    assert_non_null(out.at);
    assert_int_equal(cxm_engine_encode(engine, out.at, out.len - 1, &again), CXM_E_LIMIT);
    assert_int_equal(cxm_engine_encode(engine, out.at, out.len, &again), CXM_OK);
    assert_int_equal(again, out.len);
    return out;
}

static void assert_same(bytes a, bytes b)
{
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.at, b.at, a.len);
}

/* Merges all parts in a random tree, some of them on their way through bytes; the result is parts[0]. */
static void merge_all(cxm_engine **parts, size_t n, uint64_t *seed)
{
    while (n > 1) {
        size_t a = test_rand(seed) % n, b = (a + 1 + test_rand(seed) % (n - 1)) % n;
        if (test_rand(seed) & 1) {
            bytes travelled = encode(parts[b]);
            cxm_engine_free(parts[b]);
            assert_int_equal(cxm_engine_decode(travelled.at, travelled.len, 0, test_rand(seed), NULL, &parts[b]), CXM_OK);
            free(travelled.at);
        }
        if (test_rand(seed) & 1) assert_int_equal(cxm_engine_close(parts[b]), CXM_OK);
        assert_int_equal(cxm_engine_merge(parts[a], parts[b]), CXM_OK);
        cxm_engine_free(parts[b]);
        parts[b] = parts[--n];
    }
}

static void any_split_and_merge_tree_gives_the_bytes_of_one_pass(void **state)
{
    (void)state;
    uint64_t seed = 20261122;
    cxm_scale_spec spec = scale_spec();
    for (unsigned which = 0; which < SHAPES; ++which) {
        if (test_left_out()) continue;
        size_t n = 1 + test_rand(&seed) % PARTS;
        cxm_engine *whole = engine_of(which, &spec, 1), *parts[PARTS];
        for (size_t i = 0; i < n; ++i) parts[i] = engine_of(which, &spec, test_rand(&seed));
        for (int i = 0; i < RECORDS; ++i) {
            uint64_t draw = test_rand(&seed);
            add_random(whole, which, draw);
            add_random(parts[test_rand(&seed) % n], which, draw);
        }
        merge_all(parts, n, &seed);
        bytes one = encode(whole), many = encode(parts[0]);
        assert_same(one, many);
        free(one.at);
        free(many.at);
        cxm_engine_free(whole);
        cxm_engine_free(parts[0]);
    }
}

static void assert_same_labels(const cxm_label *a, const cxm_label *b)
{
    unsigned char one[4096], two[4096];
    size_t len, again;
    assert_int_equal(cxm_label_encode(a, one, sizeof one, &len), CXM_OK);
    assert_int_equal(cxm_label_encode(b, two, sizeof two, &again), CXM_OK);
    assert_int_equal(len, again);
    assert_memory_equal(one, two, len);
}

static void assert_same_weighted(const cxm_weighted *a, const cxm_weighted *b)
{
    unsigned char one[4096], two[4096];
    size_t len, again;
    assert_int_equal(cxm_weighted_encode(a, one, sizeof one, &len), CXM_OK);
    assert_int_equal(cxm_weighted_encode(b, two, sizeof two, &again), CXM_OK);
    assert_int_equal(len, again);
    assert_memory_equal(one, two, len);
}

static void assert_same_results(cxm_engine *a, cxm_engine *b)
{
    cxm_engine_result x = {.size = sizeof x}, y = {.size = sizeof y};
    cxm_account p = {.size = sizeof p}, q = {.size = sizeof q};
    assert_int_equal(cxm_engine_close(a), CXM_OK);
    assert_int_equal(cxm_engine_close(b), CXM_OK);
    for (;;) {
        cxm_status status = cxm_engine_next(a, &x);
        assert_int_equal(cxm_engine_next(b, &y), status);
        if (status != CXM_OK) break;                        /* the end, or a total past 2^64 */
        assert_true(!!x.state + !!x.labels + !!x.weighted == 1);
        assert_true(!x.state == !y.state && !x.labels == !y.labels && !x.weighted == !y.weighted);
        if (x.state) assert_memory_equal(x.state, y.state, cxm_scale_bytes(&x.state->spec));
        else if (x.labels) assert_same_labels(x.labels, y.labels);
        else assert_same_weighted(x.weighted, y.weighted);
        assert_true(x.from_us == y.from_us && x.to_us == y.to_us && x.complete == y.complete);
        assert_true(x.segment_count == y.segment_count && x.is_other == y.is_other);
        for (uint32_t i = 0; i < x.segment_count; ++i) {
            assert_int_equal(x.segments[i].len, y.segments[i].len);
            if (x.segments[i].len) assert_memory_equal(x.segments[i].text, y.segments[i].text, x.segments[i].len);
        }
    }
    assert_int_equal(cxm_engine_account(a, &p), CXM_OK);
    assert_int_equal(cxm_engine_account(b, &q), CXM_OK);
    assert_memory_equal(&p, &q, sizeof p);
}

static void a_state_comes_back_with_its_results(void **state)
{
    (void)state;
    uint64_t seed = 8;
    cxm_scale_spec spec = scale_spec();
    for (unsigned which = 0; which < SHAPES; ++which) {
        if (test_left_out()) continue;
        cxm_engine *engine = engine_of(which, &spec, 1), *back = NULL;
        cxm_engine_options was = {.size = sizeof was}, is = {.size = sizeof is};
        for (int i = 0; i < RECORDS; ++i) add_random(engine, which, test_rand(&seed));
        bytes first = encode(engine);
        uint64_t need = cxm_engine_decode_bytes(first.at, first.len);
        assert_true(need > 0);
        assert_int_equal(cxm_engine_decode(first.at, first.len, need, 9, NULL, &back), CXM_OK);
        bytes again = encode(back);
        assert_same(first, again);
        assert_same_results(engine, back);
        assert_int_equal(cxm_engine_describe(engine, &was), CXM_OK);
        assert_int_equal(cxm_engine_describe(back, &is), CXM_OK);
        assert_true(was.segments == is.segments && !was.names == !is.names && !was.window == !is.window);
        assert_true(was.since_us == is.since_us && was.has_until == is.has_until);
        assert_true(!was.scale == !is.scale && !was.label == !is.label && !was.weighted == !is.weighted);
        if (was.weighted) assert_memory_equal(was.weighted, is.weighted, sizeof *is.weighted);
        if (was.label) assert_memory_equal(was.label, is.label, sizeof *is.label);
        if (was.names && was.segments) assert_memory_equal(is.names[0].text, "channel", 7);
        free(first.at);
        free(again.at);
        cxm_engine_free(engine);
        cxm_engine_free(back);
    }
}

/* With hash and checksum repaired: an error, or a state with these very bytes; then it is merged, read and freed. */
static void survive(const unsigned char *hostile, size_t len)
{
    if (test_left_out()) return;
    cxm_engine *engine = NULL, *twin = NULL;
    unsigned char *exact = malloc(len ? len : 1);
    if (len) memcpy(exact, hostile, len);
    test_repair(exact, len);
    ledger books = {0};
    cxm_alloc hook = ledger_hook(&books);
    uint64_t need = cxm_engine_decode_bytes(exact, len);
    cxm_status status = cxm_engine_decode(exact, len, 0, 3, &hook, &engine);
    assert_true(books.peak <= 2 * need);
    if (status == CXM_OK) {
        bytes again = encode(engine);
        assert_int_equal(again.len, len);
        assert_memory_equal(again.at, exact, len);
        assert_int_equal(cxm_engine_decode(exact, len, 0, 4, NULL, &twin), CXM_OK);
        assert_same_results(engine, twin);
        free(again.at);
        again = encode(twin);                               /* which opens it again */
        status = cxm_engine_merge(twin, engine);
        assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
        free(again.at);
    } else {
        assert_true(status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    }
    cxm_engine_free(engine);
    cxm_engine_free(twin);
    assert_true(books.live == 0);
    free(exact);
}

static void hostile_bytes_are_an_error_or_a_state(void **state)
{
    (void)state;
    static const unsigned char extremes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    uint64_t seed = 77;
    cxm_scale_spec spec = scale_spec();
    for (unsigned which = 0; which < SHAPES; which += which < WEIGHTED ? 7 : 21) {     /* their bytes are many */
        cxm_engine *engine = engine_of(which, &spec, 1);
        for (int i = 0; i < (which < WEIGHTED ? 12 : 5); ++i) add_random(engine, which, test_rand(&seed));
        bytes good = encode(engine);
        unsigned char *changed = malloc(good.len * 2 + 1);
        for (size_t at = 0; at < good.len; ++at) {
            for (size_t k = 0; k < 8 + COUNT_OF(extremes); ++k) {
                memcpy(changed, good.at, good.len);
                if (k < 8) changed[at] ^= (unsigned char)(1u << k);
                else changed[at] = extremes[k - 8];
                survive(changed, good.len);
            }
            survive(good.at, at);
            size_t cut = test_rand(&seed) % good.len;       /* a splice of its own parts */
            memcpy(changed, good.at, at);
            memcpy(changed + at, good.at + cut, good.len - cut);
            survive(changed, at + good.len - cut);
        }
        free(changed);
        free(good.at);
        cxm_engine_free(engine);
    }
}

static void a_merge_that_cannot_be_changes_nothing(void **state)
{
    (void)state;
    uint64_t seed = 5;
    cxm_scale_spec spec = scale_spec(), other_spec;
    cxm_engine_options small = {.size = sizeof small, .scale = &spec, .segments = 1, .max_bytes = 65536};
    cxm_engine *into = NULL, *from = engine_of(1, &spec, 2), *mismatched[6];
    assert_int_equal(cxm_engine_create(&small, NULL, &into), CXM_OK);
    for (int i = 0; i < 50; ++i) add_random(into, 1, test_rand(&seed));
    for (int i = 0; i < 3000; ++i) {                       /* more segments than fit */
        char text[16];
        cxm_view segment = {text, 0};
        for (int v = i; segment.len == 0 || v; v /= 10) text[segment.len++] = (char)('0' + v % 10);
        cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = 9, .segments = &segment, .segment_count = 1};
        assert_int_equal(cxm_engine_add(from, &record), CXM_OK);
    }
    bytes before = encode(into);
    assert_int_equal(cxm_engine_merge(into, from), CXM_E_LIMIT);
    bytes after = encode(into);
    assert_same(before, after);
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &other_spec), CXM_OK);
    mismatched[0] = engine_of(1, &other_spec, 1);
    mismatched[1] = engine_of(2, &spec, 1);
    mismatched[2] = engine_of(1 | 4, &spec, 1);
    mismatched[3] = engine_of(1 | 8, &spec, 1);
    mismatched[4] = engine_of(LABELS + 1, &spec, 1);
    mismatched[5] = engine_of(WEIGHTED + 1, &spec, 1);
    for (int i = 0; i < 6; ++i) {
        assert_int_equal(cxm_engine_merge(into, mismatched[i]), CXM_E_MISMATCH);
        cxm_engine_free(mismatched[i]);
    }
    assert_int_equal(cxm_engine_merge(into, into), CXM_E_ARG);
    assert_int_equal(cxm_engine_merge(into, NULL), CXM_E_ARG);
    assert_int_equal(cxm_engine_merge(NULL, into), CXM_E_ARG);
    assert_int_equal(cxm_engine_close(into), CXM_OK);
    assert_int_equal(cxm_engine_merge(into, from), CXM_E_ARG);
    free(before.at);
    free(after.at);
    cxm_engine_free(into);
    cxm_engine_free(from);
}

/* An engine that was merged with itself until it held 2^63 records, all of one segment. */
static cxm_engine *half_full(const cxm_scale_spec *spec, const cxm_view *segment, double value)
{
    cxm_engine *engine = engine_of(1, spec, 1), *twin;
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = value, .segments = segment, .segment_count = 1};
    assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
    for (int i = 0; i < 63; ++i) {
        bytes b = encode(engine);
        assert_int_equal(cxm_engine_decode(b.at, b.len, 0, 1, NULL, &twin), CXM_OK);
        assert_int_equal(cxm_engine_merge(engine, twin), CXM_OK);
        cxm_engine_free(twin);
        free(b.at);
    }
    return engine;
}

/* In one slot or in two: more records than a state may hold are refused, and not lost. */
static void records_past_the_type_do_not_merge(void **state)
{
    (void)state;
    static const cxm_view segments[] = {{"a", 1}, {"b", 1}};
    cxm_scale_spec spec = scale_spec();
    for (size_t i = 0; i < 3; ++i) {
        cxm_engine *into = half_full(&spec, &segments[0], 3), *from = half_full(&spec, &segments[i / 2], i ? 5 : 3);
        bytes before = encode(into);
        assert_int_equal(cxm_engine_merge(into, from), CXM_E_OVERFLOW);
        bytes after = encode(into);
        assert_same(before, after);
        free(before.at);
        free(after.at);
        cxm_engine_free(into);
        cxm_engine_free(from);
    }
}

static void misuse_is_an_error(void **state)
{
    (void)state;
    cxm_scale_spec spec = scale_spec();
    cxm_engine *engine = engine_of(64 | 13, &spec, 1), *out = NULL;
    cxm_engine_options about = {.size = 8};
    size_t len;
    bytes good = encode(engine);
    cxm_alloc broken = {NULL, NULL, NULL, NULL};
    assert_int_equal(cxm_engine_encode(NULL, NULL, 0, &len), CXM_E_ARG);
    assert_int_equal(cxm_engine_encode(engine, NULL, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_engine_encode(engine, NULL, 9, &len), CXM_E_ARG);
    assert_int_equal(cxm_engine_decode(NULL, 9, 0, 0, NULL, &out), CXM_E_ARG);
    assert_int_equal(cxm_engine_decode(good.at, good.len, 0, 0, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_engine_decode(good.at, good.len, 0, 0, &broken, &out), CXM_E_ARG);
    assert_int_equal(cxm_engine_decode(good.at, good.len, 1000, 0, NULL, &out), CXM_E_LIMIT);
    assert_null(out);
    assert_true(cxm_engine_decode_bytes(NULL, 9) == 0);
    assert_int_equal(cxm_engine_describe(NULL, &about), CXM_E_ARG);
    assert_int_equal(cxm_engine_describe(engine, NULL), CXM_E_ARG);
    assert_int_equal(cxm_engine_describe(engine, &about), CXM_E_ABI);
    good.at[4] = 2;
    assert_int_equal(cxm_engine_decode(good.at, good.len, 0, 0, NULL, &out), CXM_E_VERSION);
    free(good.at);
    cxm_engine_free(engine);
}

/* Labels and weights are merged aside first: wherever memory ends, all cells are as they were. */
static void a_merge_that_fails_changes_nothing_of(unsigned which)
{
    uint64_t seed = 6;
    cxm_scale_spec spec = scale_spec();
    cxm_engine *from = engine_of(which, &spec, 2), *part = engine_of(which, &spec, 3);
    for (int i = 0; i < RECORDS; ++i) add_random(i % 3 ? from : part, which, test_rand(&seed));
    bytes before = encode(part);
    for (size_t k = 1;; ++k) {
        cxm_engine *into = NULL;
        ledger books = {0};
        cxm_alloc hook = ledger_hook(&books);
        assert_int_equal(cxm_engine_decode(before.at, before.len, 0, 1, &hook, &into), CXM_OK);
        books.fail_at = books.calls + k;
        cxm_status status = cxm_engine_merge(into, from);
        bytes after = encode(into);
        if (status != CXM_OK) assert_same(before, after);
        free(after.at);
        cxm_engine_free(into);
        assert_true(books.live == 0);
        if (status == CXM_OK) break;
        assert_int_equal(status, CXM_E_MEMORY);
    }
    free(before.at);
    cxm_engine_free(from);
    cxm_engine_free(part);
}

static void a_merge_that_fails_changes_nothing(void **state)
{
    (void)state;
    a_merge_that_fails_changes_nothing_of(LABELS + 13);
    a_merge_that_fails_changes_nothing_of(WEIGHTED + 13);
}

/* As many segments, each with this label. */
static cxm_engine *many_segments(uint64_t max_bytes, cxm_view label, const cxm_alloc *hook)
{
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .label = &few, .max_bytes = max_bytes};
    cxm_engine *engine = NULL;
    assert_int_equal(cxm_engine_create(&options, hook, &engine), CXM_OK);
    for (int i = 0; i < 150; ++i) {
        char text[2] = {(char)(i / 10), (char)(i % 10)};
        cxm_view segment = {text, 2};
        cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .label = label, .segments = &segment, .segment_count = 1};
        assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
    }
    return engine;
}

static void a_merge_of_labels_past_the_bound_changes_nothing(void **state)
{
    (void)state;
    uint64_t least = 65536 + cxm_label_bytes(&few), refused = 0;
    cxm_engine *from = many_segments(0, (cxm_view){"good", 4}, NULL);
    for (uint64_t max_bytes = least;; max_bytes += 499) {
        ledger books = {0};
        cxm_alloc hook = ledger_hook(&books);
        cxm_engine *into = many_segments(max_bytes, (cxm_view){"bad", 3}, &hook);
        bytes before = encode(into);
        cxm_status status = cxm_engine_merge(into, from);
        bytes after = encode(into);
        if (status != CXM_OK) assert_same(before, after);
        free(before.at);
        free(after.at);
        cxm_engine_free(into);
        assert_true(books.live == 0 && books.peak <= max_bytes);
        if (status == CXM_OK) break;
        assert_int_equal(status, CXM_E_LIMIT);
        ++refused;
    }
    assert_true(refused > 3);
    cxm_engine_free(from);
}

static void every_allocation_may_fail_of(unsigned which)
{
    uint64_t seed = 9;
    cxm_scale_spec spec = scale_spec();
    cxm_engine *engine = engine_of(which, &spec, 1);
    for (int i = 0; i < RECORDS; ++i) add_random(engine, which, test_rand(&seed));
    bytes good = encode(engine);
    for (size_t k = 1;; ++k) {
        cxm_engine *out = NULL;
        ledger books = {0};
        books.fail_at = k;
        cxm_alloc hook = ledger_hook(&books);
        cxm_status status = cxm_engine_decode(good.at, good.len, 0, 1, &hook, &out);
        cxm_engine_free(out);
        assert_true(books.live == 0);
        if (status == CXM_OK) break;
        assert_int_equal(status, CXM_E_MEMORY);
    }
    free(good.at);
    cxm_engine_free(engine);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    every_allocation_may_fail_of(64 | 13);
    every_allocation_may_fail_of(LABELS + 13);
    every_allocation_may_fail_of(WEIGHTED + 13);
}

/* Many small states of keys, the first decoded within a bound that suffices for all: the bytes of one pass. */
static void spare_room_serves_keys_too(void **state)
{
    (void)state;
    enum { STATES = 16, KEYS = 90 * STATES };
    cxm_scale_spec spec = scale_spec();
    cxm_engine *all = engine_of(64, &spec, 1), *part[STATES], *sum = NULL;
    uint64_t room = 0;
    for (int p = 0; p < STATES; ++p) part[p] = engine_of(64, &spec, 2);
    for (int i = 0; i < KEYS; ++i) {
        char text[16];
        cxm_view key = {text, (size_t)snprintf(text, sizeof text, "key %d", i)}, segment = {"s", 1};
        cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = (double)(i % 5), .at_us = i, .time = CXM_TIME_GIVEN,
                             .segments = &segment, .segment_count = 1, .key = key};
        assert_int_equal(cxm_engine_add(all, &record), CXM_OK);
        assert_int_equal(cxm_engine_add(part[i % STATES], &record), CXM_OK);
    }
    bytes whole = encode(all), first = encode(part[0]);
    for (int p = 0; p < STATES; ++p) {
        bytes one = encode(part[p]);
        room += 4 * cxm_engine_decode_bytes(one.at, one.len);
        free(one.at);
    }
    assert_int_equal(cxm_engine_decode(first.at, first.len, room, 9, NULL, &sum), CXM_OK);
    for (int p = 1; p < STATES; ++p) assert_int_equal(cxm_engine_merge(sum, part[p]), CXM_OK);
    bytes merged = encode(sum);
    assert_same(whole, merged);
    for (int p = 0; p < STATES; ++p) cxm_engine_free(part[p]);
    cxm_engine_free(all);
    cxm_engine_free(sum);
    free(whole.at);
    free(first.at);
    free(merged.at);
}

enum { OWN_MOST = 4096 };

/* Nine records as the own state of the metric of a shape, and in its engine. */
static size_t own_state(unsigned which, const cxm_scale_spec *spec, cxm_engine *engine, unsigned char own[OWN_MOST])
{
    size_t len = 0;
    cxm_label *labels = NULL;
    cxm_weighted *weighted = NULL;
    cxm_scale *scale = calloc(1, cxm_scale_bytes(spec));
    assert_int_equal(cxm_scale_init(scale, spec), CXM_OK);
    assert_int_equal(cxm_label_create(&few, NULL, &labels), CXM_OK);
    assert_int_equal(cxm_weighted_create(spec, NULL, &weighted), CXM_OK);
    for (int i = 0; i < 9; ++i) {
        cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = i % 5, .weight = 0.5 + i};
        record.label = i % 2 ? (cxm_view){"good", 4} : (cxm_view){"bad", 3};
        assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
        assert_int_equal(cxm_scale_add(scale, i % 5), CXM_OK);
        assert_int_equal(cxm_label_add(labels, record.label.text, record.label.len), CXM_OK);
        assert_int_equal(cxm_weighted_add(weighted, i % 5, 0.5 + i), CXM_OK);
    }
    cxm_status status = which >= WEIGHTED ? cxm_weighted_encode(weighted, own, OWN_MOST, &len)
                      : which >= LABELS   ? cxm_label_encode(labels, own, OWN_MOST, &len) : cxm_scale_encode(scale, own, OWN_MOST, &len);
    assert_int_equal(status, CXM_OK);
    free(scale);
    cxm_label_free(labels);
    cxm_weighted_free(weighted);
    return len;
}

static void refused_when_hurt(unsigned char *own, size_t len)
{
    cxm_engine *none = NULL;
    for (size_t cut = 0; cut < len; ++cut) assert_int_equal(cxm_engine_decode(own, cut, 0, 9, NULL, &none), CXM_E_FORMAT);
    own[6] ^= 7;                                            /* the kind of another metric, or of none */
    test_repair(own, len);
    assert_int_equal(cxm_engine_decode(own, len, 0, 9, NULL, &none), CXM_E_FORMAT);
    assert_null(none);
}

/* The bytes of one scale, label or weighted state are those of an engine that has it as its total. */
static void own_states_of_metrics_are_totals(void **state)
{
    (void)state;
    static const unsigned shapes[] = {0, LABELS, WEIGHTED + 2};     /* without segments, names and windows */
    cxm_scale_spec spec = scale_spec();
    unsigned char own[OWN_MOST];
    for (size_t i = 0; i < COUNT_OF(shapes); ++i) {
        cxm_engine *engine = engine_of(shapes[i], &spec, 1), *back = NULL;
        cxm_engine_options options = {.size = sizeof options};
        size_t len = own_state(shapes[i], &spec, engine, own);
        assert_int_equal(cxm_engine_decode(own, len, cxm_engine_decode_bytes(own, len), 9, NULL, &back), CXM_OK);
        assert_int_equal(cxm_engine_describe(back, &options), CXM_OK);
        assert_true(options.segments == 0 && !options.window && options.dedupe == CXM_DEDUPE_NONE);
        assert_same_results(engine, back);
        bytes want = encode(engine), got = encode(back);
        assert_same(want, got);
        refused_when_hurt(own, len);
        free(want.at);
        free(got.at);
        cxm_engine_free(engine);
        cxm_engine_free(back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_split_and_merge_tree_gives_the_bytes_of_one_pass),
        cmocka_unit_test(a_state_comes_back_with_its_results),
        cmocka_unit_test(hostile_bytes_are_an_error_or_a_state),
        cmocka_unit_test(a_merge_that_cannot_be_changes_nothing),
        cmocka_unit_test(records_past_the_type_do_not_merge),
        cmocka_unit_test(a_merge_that_fails_changes_nothing),
        cmocka_unit_test(a_merge_of_labels_past_the_bound_changes_nothing),
        cmocka_unit_test(spare_room_serves_keys_too),
        cmocka_unit_test(own_states_of_metrics_are_totals),
        cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("stream/engine_state", tests, NULL, NULL);
}
