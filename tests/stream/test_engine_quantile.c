/* SPDX-License-Identifier: MIT */
/* test_engine_quantile.c - quantiles by segment and window: each result is the typed state of its values, every record is in the
 * account once, any split and merge tree gives the bytes of one pass, and hostile bytes are an error or a state. */
#include <cxm/engine.h>
#include <cxm/state.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { SEGMENTS = 4, DAYS = 5, RECORDS = 900, PARTS = 24, ROOM = 1 << 16 };
static const int64_t DAY = INT64_C(86400000000);
static const cxm_view places[SEGMENTS] = {{"", 0}, {"mail", 4}, {"we\0b", 4}, {"web", 3}};     /* in the order of their bytes */
static const cxm_window_spec daily = {.size = sizeof daily, .unit = CXM_WINDOW_DAY};

static const cxm_quantile_spec specs[] = {
    {.size = sizeof *specs},
    {.size = sizeof *specs, .precision = CXM_PRECISION_01, .targets = 2, .target = {60000000, UINT64_C(3600000000)}},
    {.size = sizeof *specs, .low = 1000000, .high = UINT64_C(100000000), .targets = 1, .target = {5000000}},
    {.size = sizeof *specs, .unit = CXM_UNIT_NUMBER, .decimals = 2, .targets = 4, .target = {1, 100, 101, 100000}},
};
/* Told in another unit than seconds. */
static const cxm_quantile_spec in_ms = {.size = sizeof in_ms, .unit = CXM_UNIT_MS, .targets = 1, .target = {1000000}};

typedef struct bytes { unsigned char *at; size_t len; } bytes;

static cxm_engine *engine_of(const cxm_quantile_spec *spec, uint32_t segments, const cxm_window_spec *window, uint64_t seed)
{
    cxm_engine_options options = {.size = sizeof options, .segments = segments, .window = window, .quantile = spec, .hash_seed = seed,
                                  .max_bytes = 1 << 26};
    cxm_engine *engine = NULL;
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_OK);
    return engine;
}

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

static void assert_same_state(const cxm_quantile *a, const cxm_quantile *b)
{
    static unsigned char one[ROOM], two[ROOM];
    size_t len, again;
    assert_int_equal(cxm_quantile_encode(a, one, sizeof one, &len), CXM_OK);
    assert_int_equal(cxm_quantile_encode(b, two, sizeof two, &again), CXM_OK);
    assert_int_equal(len, again);
    assert_memory_equal(one, two, len);
}

static cxm_quantile *typed(const cxm_quantile_spec *spec)
{
    cxm_quantile *q = NULL;
    assert_int_equal(cxm_quantile_create(spec, NULL, &q), CXM_OK);
    return q;
}

/* ---- records, and the same counted apart ---- */

/* A record of a place and a day; its value may be none, and its time, too. */
typedef struct draw { size_t place; int64_t day; cxm_record record; } draw;

static double random_value(uint64_t *seed)
{
    static const double odd[] = {0.0, 1e-9, 3e9, 1e300, -1.0, -1e-9, 0.5, 60.0, 3600.0};
    uint64_t dice = test_rand(seed) % 40;
    if (dice < COUNT_OF(odd)) return odd[dice];
    if (dice == 10) return (double)INFINITY;
    if (dice == 11) return -(double)INFINITY;
    if (dice == 12) return (double)NAN;
    return ldexp(1.0 + (double)(test_rand(seed) >> 11) * 0x1p-53, (int)(test_rand(seed) % 24) - 10);
}

static draw random_draw(uint64_t *seed)
{
    draw d = {test_rand(seed) % SEGMENTS, (int64_t)(test_rand(seed) % DAYS) - 2, {.size = sizeof d.record}};
    uint64_t dice = test_rand(seed) % 20;
    d.record.answer = dice < 3 ? CXM_ANSWER_MISSING + (int32_t)dice : CXM_ANSWER_GIVEN;         /* or unparsed, or open */
    d.record.value = random_value(seed);
    dice = test_rand(seed) % 30;
    d.record.time = dice == 0 ? CXM_TIME_NONE : dice == 1 ? CXM_TIME_UNPARSED : CXM_TIME_GIVEN;
    d.record.at_us = d.day * DAY + (int64_t)(test_rand(seed) % (uint64_t)DAY);
    return d;
}

static void add(cxm_engine *engine, const draw *d, uint32_t segments)
{
    cxm_record record = d->record;
    record.segments = segments ? &places[d->place] : NULL;
    record.segment_count = segments;
    assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
}

/* A typed state a place and day, and what is in the account. */
typedef struct counted { cxm_quantile *at[SEGMENTS][DAYS]; uint64_t records[SEGMENTS][DAYS]; cxm_account account; } counted;

static void count(counted *c, const draw *d, bool timed)
{
    const cxm_record *r = &d->record;
    ++c->account.records;
    if (timed && r->time == CXM_TIME_UNPARSED) ++c->account.unparsed;
    else if (timed && r->time == CXM_TIME_NONE) ++c->account.excluded;
    if (timed && r->time != CXM_TIME_GIVEN) return;
    cxm_quantile *q = c->at[d->place][d->day + 2];
    ++c->records[d->place][d->day + 2];
    if (r->answer == CXM_ANSWER_UNPARSED) {
        ++c->account.unparsed;
        cxm_quantile_add_unparsed(q);
    } else if (r->answer == CXM_ANSWER_OPEN) {
        ++c->account.missing;
        cxm_quantile_add_open(q);
    } else if (r->answer == CXM_ANSWER_MISSING || r->value != r->value) {
        ++c->account.missing;
        cxm_quantile_add_missing(q);
    } else if (cxm_quantile_add(q, r->value) == CXM_OK) {
        ++c->account.scored;
        assert_true(r->value >= 0.0 && !isinf(r->value));
    } else {
        ++c->account.out_of_range;
        assert_true(r->value < 0.0 || isinf(r->value));
    }
}

static void start_counting(counted *c, const cxm_quantile_spec *spec)
{
    *c = (counted){.account = {.size = sizeof c->account}};
    for (int s = 0; s < SEGMENTS; ++s)
        for (int day = 0; day < DAYS; ++day) c->at[s][day] = typed(spec);
}

static void stop_counting(counted *c)
{
    for (int s = 0; s < SEGMENTS; ++s)
        for (int day = 0; day < DAYS; ++day) cxm_quantile_free(c->at[s][day]);
}

/* All of one place, or of one day, or of both; -1 is any. */
static cxm_quantile *sum_of(const counted *c, const cxm_quantile_spec *spec, int place, int day, uint64_t *records)
{
    cxm_quantile *sum = typed(spec);
    *records = 0;
    for (int s = 0; s < SEGMENTS; ++s)
        for (int d = 0; d < DAYS; ++d) {
            if ((place >= 0 && s != place) || (day >= 0 && d != day)) continue;
            assert_int_equal(cxm_quantile_merge(sum, c->at[s][d]), CXM_OK);
            *records += c->records[s][d];
        }
    return sum;
}

/* The next result is that of a place and a day, where there are records of it. */
static void expect(cxm_engine *engine, const counted *c, const cxm_quantile_spec *spec, int place, int day)
{
    cxm_engine_result got = {.size = sizeof got};
    uint64_t records;
    cxm_quantile *want = sum_of(c, spec, place, day, &records);
    if (records) {
        assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        assert_true(got.quantile && !got.state && !got.labels && !got.weighted && !got.is_other);
        assert_same_state(got.quantile, want);
        assert_true(got.segment_count == (place >= 0) && got.has_window == (day >= 0));
        if (place >= 0) assert_int_equal(got.segments[0].len, places[place].len);
        if (place > 0) assert_memory_equal(got.segments[0].text, places[place].text, places[place].len);
        if (day >= 0) assert_true(got.from_us == (day - 2) * DAY && got.to_us == (day - 1) * DAY);
    }
    cxm_quantile_free(want);
}

static void assert_account(const cxm_engine *engine, const cxm_account *want)
{
    cxm_account got = {.size = sizeof got};
    assert_int_equal(cxm_engine_account(engine, &got), CXM_OK);
    assert_true(got.records == want->records && got.scored == want->scored && got.missing == want->missing);
    assert_true(got.unparsed == want->unparsed && got.out_of_range == want->out_of_range && got.excluded == want->excluded);
    assert_true(got.duplicates == 0 && got.late == 0 && got.refused == 0);
    assert_true(got.records == got.scored + got.missing + got.unparsed + got.out_of_range + got.excluded);
}

/* By segment and day, by one of them, by none: the totals first, then each place's, by time. */
static void results_are_the_typed_states_of_their_values(void **unused)
{
    (void)unused;
    uint64_t seed = 20261130;
    for (size_t k = 0; k < 4 * (COUNT_OF(specs) + 1); ++k) {
        const cxm_quantile_spec *spec = k / 4 < COUNT_OF(specs) ? &specs[k / 4] : &in_ms;
        bool segmented = k & 1, windowed = k & 2;
        counted c;
        cxm_engine *engine = engine_of(spec, segmented, windowed ? &daily : NULL, k);
        cxm_engine_result none = {.size = sizeof none};
        start_counting(&c, spec);
        for (int i = 0; i < RECORDS; ++i) {
            draw d = random_draw(&seed);
            add(engine, &d, segmented);
            count(&c, &d, windowed);
        }
        assert_account(engine, &c.account);
        for (int again = 0; again < 2; ++again) {
            assert_int_equal(cxm_engine_close(engine), CXM_OK);
            for (int day = windowed ? 0 : -1; day < (windowed ? DAYS : 0); ++day) expect(engine, &c, spec, -1, day);
            for (int place = 0; segmented && place < SEGMENTS; ++place)
                for (int day = windowed ? 0 : -1; day < (windowed ? DAYS : 0); ++day) expect(engine, &c, spec, place, day);
            assert_int_equal(cxm_engine_next(engine, &none), CXM_END);
        }
        stop_counting(&c);
        cxm_engine_free(engine);
    }
}

static void no_record_gives_an_empty_total(void **unused)
{
    (void)unused;
    cxm_engine *engine = engine_of(&specs[1], 1, NULL, 1);
    cxm_engine_options about = {.size = sizeof about};
    cxm_engine_result got = {.size = sizeof got};
    cxm_quantile *empty = typed(&specs[1]);
    assert_int_equal(cxm_engine_describe(engine, &about), CXM_OK);
    assert_true(!about.scale && !about.label && !about.weighted && about.quantile);
    assert_true(about.quantile->precision == CXM_PRECISION_01 && about.quantile->unit == CXM_UNIT_S && about.quantile->targets == 2);
    assert_true(about.quantile->low == 1 && about.quantile->target[1] == UINT64_C(3600000000));
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
    assert_same_state(got.quantile, empty);
    assert_int_equal(cxm_engine_next(engine, &got), CXM_END);
    cxm_quantile_free(empty);
    cxm_engine_free(engine);
}

static void misuse_is_an_error(void **unused)
{
    (void)unused;
    static const cxm_quantile_spec bad[] = {
        {.size = sizeof *bad, .precision = 7}, {.size = sizeof *bad, .unit = 9}, {.size = sizeof *bad, .decimals = 1},
        {.size = sizeof *bad, .low = 9, .high = 8}, {.size = sizeof *bad, .targets = 2, .target = {5, 5}}, {.size = sizeof *bad, .targets = 5},
        {.size = sizeof *bad, .high = UINT64_C(1) << 52}, {.size = 8}};
    static const cxm_label_options labels = {.size = sizeof labels, .max_labels = 4, .max_label_bytes = 9};
    cxm_scale_spec scale;
    cxm_engine *engine = NULL;
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &scale), CXM_OK);
    cxm_engine_options plain = {.size = sizeof plain, .quantile = &specs[0]}, with[5] = {plain, plain, plain, plain, plain};
    with[0].scale = &scale;
    with[1].label = &labels;
    with[2].weighted = &scale;
    with[3].dedupe = CXM_DEDUPE_FIRST;
    with[4].dedupe = CXM_DEDUPE_LATEST;
    for (size_t i = 0; i < COUNT_OF(with); ++i) {
        assert_int_equal(cxm_engine_create(&with[i], NULL, &engine), CXM_E_ARG);
        assert_true(cxm_engine_bytes(&with[i]) == 0);
    }
    for (size_t i = 0; i < COUNT_OF(bad); ++i) {
        plain.quantile = &bad[i];
        assert_int_equal(cxm_engine_create(&plain, NULL, &engine), CXM_E_ARG);
        assert_true(cxm_engine_bytes(&plain) == 0);
    }
    plain.quantile = &specs[0];
    plain.max_bytes = 64 * 1024 + cxm_quantile_bytes_most(&specs[0]) - 1;
    assert_int_equal(cxm_engine_create(&plain, NULL, &engine), CXM_E_LIMIT);
    assert_null(engine);
    ++plain.max_bytes;
    assert_int_equal(cxm_engine_create(&plain, NULL, &engine), CXM_OK);
    cxm_engine_free(engine);
}

/* ---- merges and bytes ---- */

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

static void split_and_merge(const cxm_quantile_spec *spec, unsigned shape, uint64_t *seed)
{
    size_t n = 1 + test_rand(seed) % PARTS;
    uint32_t segments = shape & 1;
    const cxm_window_spec *window = shape & 2 ? &daily : NULL;
    cxm_engine *whole = engine_of(spec, segments, window, 1), *parts[PARTS];
    for (size_t i = 0; i < n; ++i) parts[i] = engine_of(spec, segments, window, test_rand(seed));
    for (int i = 0; i < RECORDS / 2; ++i) {
        draw d = random_draw(seed);
        size_t part = test_rand(seed) % n;
        bool out = test_rand(seed) % 40 == 0;
        if (out) assert_int_equal(cxm_engine_exclude(whole), CXM_OK), assert_int_equal(cxm_engine_exclude(parts[part]), CXM_OK);
        else add(whole, &d, segments), add(parts[part], &d, segments);
    }
    merge_all(parts, n, seed);
    bytes one = encode(whole), many = encode(parts[0]);
    assert_same(one, many);
    free(one.at);
    free(many.at);
    cxm_engine_free(whole);
    cxm_engine_free(parts[0]);
}

static void any_split_and_merge_tree_gives_the_bytes_of_one_pass(void **unused)
{
    (void)unused;
    uint64_t seed = 20261201;
    for (int round = 0; round < 3; ++round)
        for (size_t k = 0; k < 4 * COUNT_OF(specs); ++k) split_and_merge(&specs[k / 4], (unsigned)k % 4, &seed);
}

/* Bytes have no unit of durations, so a part that has travelled must still fit what it came from. */
static void parts_told_in_another_unit_merge_after_they_travelled(void **unused)
{
    (void)unused;
    uint64_t seed = 4;
    for (unsigned shape = 0; shape < 4; ++shape) split_and_merge(&in_ms, shape, &seed);
}

/* The same durations told in milliseconds and in seconds are one state. */
static void engines_of_two_units_merge(void **unused)
{
    (void)unused;
    cxm_quantile_spec in_s = in_ms;
    in_s.unit = CXM_UNIT_S;
    cxm_engine *ms = engine_of(&in_ms, 0, NULL, 1), *s = engine_of(&in_s, 0, NULL, 2);
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = 1500.0};
    assert_int_equal(cxm_engine_add(ms, &record), CXM_OK);
    record.value = 1.5;
    assert_int_equal(cxm_engine_add(s, &record), CXM_OK);
    bytes a = encode(ms), b = encode(s);
    assert_same(a, b);
    cxm_status status = cxm_engine_merge(ms, s);
    free(a.at);
    free(b.at);
    cxm_engine_free(ms);
    cxm_engine_free(s);
    assert_int_equal(status, CXM_OK);
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
        assert_same_state(x.quantile, y.quantile);
        assert_true(x.from_us == y.from_us && x.to_us == y.to_us && x.segment_count == y.segment_count && x.is_other == y.is_other);
    }
    assert_int_equal(cxm_engine_account(a, &p), CXM_OK);
    assert_int_equal(cxm_engine_account(b, &q), CXM_OK);
    assert_memory_equal(&p, &q, sizeof p);
}

static void a_state_comes_back_with_its_results(void **unused)
{
    (void)unused;
    uint64_t seed = 8;
    for (size_t k = 0; k < 4 * COUNT_OF(specs); ++k) {
        cxm_engine *engine = engine_of(&specs[k / 4], k & 1, k & 2 ? &daily : NULL, 1), *back = NULL;
        cxm_engine_options was = {.size = sizeof was}, is = {.size = sizeof is};
        for (int i = 0; i < RECORDS; ++i) {
            draw d = random_draw(&seed);
            add(engine, &d, k & 1);
        }
        bytes first = encode(engine);
        uint64_t need = cxm_engine_decode_bytes(first.at, first.len);
        assert_int_equal(cxm_engine_decode(first.at, first.len, need - 1, 9, NULL, &back), CXM_E_LIMIT);
        ledger books = {0};
        cxm_alloc hook = ledger_hook(&books);
        assert_int_equal(cxm_engine_decode(first.at, first.len, need, 9, &hook, &back), CXM_OK);
        assert_true(books.peak <= need);
        bytes again = encode(back);
        assert_same(first, again);
        assert_same_results(engine, back);
        assert_int_equal(cxm_engine_describe(engine, &was), CXM_OK);
        assert_int_equal(cxm_engine_describe(back, &is), CXM_OK);
        assert_memory_equal(was.quantile, is.quantile, sizeof *is.quantile);
        assert_true(was.segments == is.segments && !was.window == !is.window);
        free(first.at);
        free(again.at);
        cxm_engine_free(engine);
        cxm_engine_free(back);
        assert_true(books.live == 0);
    }
}

/* One blank without a time: each number of its slot is a byte. */
static void the_least_state_comes_back(void **unused)
{
    (void)unused;
    for (size_t k = 0; k < COUNT_OF(specs); ++k) {
        cxm_engine *engine = engine_of(&specs[k], 0, NULL, 1), *back = NULL;
        cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_MISSING};
        assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
        bytes least = encode(engine);
        assert_int_equal(cxm_engine_decode(least.at, least.len, 0, 1, NULL, &back), CXM_OK);
        bytes again = encode(back);
        assert_same(least, again);
        free(least.at);
        free(again.at);
        cxm_engine_free(engine);
        cxm_engine_free(back);
    }
}

/* The bytes of one typed state, or of the door's, are those of an engine that has it as its total. */
static void the_bytes_of_one_state_are_a_total(void **unused)
{
    (void)unused;
    static unsigned char own[ROOM], door[ROOM];
    for (size_t k = 0; k < COUNT_OF(specs); ++k) {
        cxm_engine *engine = engine_of(&specs[k], 0, NULL, 1), *back = NULL;
        cxm_quantile *q = typed(&specs[k]);
        cxm_state *state = NULL;
        uint64_t seed = k;
        size_t len, door_len;
        for (int i = 0; i < 100; ++i) {
            draw d = random_draw(&seed);
            d.record.answer = CXM_ANSWER_GIVEN;
            if (d.record.value != d.record.value) continue;
            add(engine, &d, 0);
            cxm_quantile_add(q, d.record.value);
        }
        assert_int_equal(cxm_quantile_encode(q, own, sizeof own, &len), CXM_OK);
        assert_int_equal(cxm_state_decode(own, len, NULL, 0, 0, NULL, &state), CXM_OK);
        assert_int_equal(cxm_state_encode(state, door, sizeof door, &door_len), CXM_OK);
        assert_int_equal(cxm_engine_decode(door, door_len, cxm_engine_decode_bytes(own, len), 9, NULL, &back), CXM_OK);
        assert_int_equal(cxm_engine_merge(back, engine), CXM_OK);       /* which has times, and this none */
        assert_int_equal(cxm_quantile_merge(q, q), CXM_OK);
        cxm_engine_result got = {.size = sizeof got};
        assert_int_equal(cxm_engine_close(back), CXM_OK);
        assert_int_equal(cxm_engine_next(back, &got), CXM_OK);
        assert_same_state(got.quantile, q);
        cxm_state_free(state);
        cxm_quantile_free(q);
        cxm_engine_free(engine);
        cxm_engine_free(back);
    }
}

static void other_specs_do_not_merge(void **unused)
{
    (void)unused;
    static const cxm_quantile_spec other[] = {
        {.size = sizeof *other, .precision = CXM_PRECISION_01}, {.size = sizeof *other, .targets = 1, .target = {5}},
        {.size = sizeof *other, .low = 1000}, {.size = sizeof *other, .high = 100000}, {.size = sizeof *other, .unit = CXM_UNIT_NUMBER},
        {.size = sizeof *other, .unit = CXM_UNIT_NUMBER, .decimals = 6}};
    uint64_t seed = 5;
    cxm_engine *into = engine_of(&specs[0], 1, NULL, 1), *mismatched[COUNT_OF(other) + 2];
    for (int i = 0; i < 50; ++i) {
        draw d = random_draw(&seed);
        add(into, &d, 1);
    }
    bytes before = encode(into);
    for (size_t i = 0; i < COUNT_OF(other); ++i) mismatched[i] = engine_of(&other[i], 1, NULL, 1);
    mismatched[COUNT_OF(other)] = engine_of(&specs[0], 0, NULL, 1);
    mismatched[COUNT_OF(other) + 1] = engine_of(&specs[0], 1, &daily, 1);
    for (size_t i = 0; i < COUNT_OF(mismatched); ++i) {
        assert_int_equal(cxm_engine_merge(into, mismatched[i]), CXM_E_MISMATCH);
        assert_int_equal(cxm_engine_merge(mismatched[i], into), CXM_E_MISMATCH);
        bytes after = encode(into);
        assert_same(before, after);
        free(after.at);
        cxm_engine_free(mismatched[i]);
    }
    free(before.at);
    cxm_engine_free(into);
}

/* Zeros in a spec stand for what they say: the range in full is the same spec. */
static void a_spec_filled_in_is_the_same_spec(void **unused)
{
    (void)unused;
    const cxm_quantile_spec full = {.size = sizeof full, .precision = CXM_PRECISION_1, .unit = CXM_UNIT_S, .low = 1,
                                    .high = UINT64_C(36525) * 86400 * 1000000};
    cxm_engine *a = engine_of(&specs[0], 0, NULL, 1), *b = engine_of(&full, 0, NULL, 1);
    assert_int_equal(cxm_engine_merge(a, b), CXM_OK);
    bytes x = encode(a), y = encode(b);
    assert_same(x, y);
    free(x.at);
    free(y.at);
    cxm_engine_free(a);
    cxm_engine_free(b);
}

/* ---- hostile bytes ---- */

static uint64_t survived;

/* With hash and checksum repaired: an error, or a state with these very bytes; then it is merged, read and freed. */
static void survive(const unsigned char *hostile, size_t len)
{
    if (test_left_out()) return;
    cxm_engine *engine = NULL, *twin = NULL;
    unsigned char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
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
        free(again.at);
        assert_int_equal(cxm_engine_decode(exact, len, 0, 4, NULL, &twin), CXM_OK);
        assert_same_results(engine, twin);
        again = encode(twin);                               /* which opens it again */
        status = cxm_engine_merge(twin, engine);
        assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
        free(again.at);
        ++survived;
    } else {
        assert_true(status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
        assert_null(engine);
    }
    cxm_engine_free(engine);
    cxm_engine_free(twin);
    assert_true(books.live == 0);
    free(exact);
}

static void hostile_bytes_are_an_error_or_a_state(void **unused)
{
    (void)unused;
    static const unsigned char extremes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    uint64_t seed = 77, tried = 0;
    survived = 0;
    for (size_t k = 0; k < 4 * COUNT_OF(specs); k += 3) {
        cxm_engine *engine = engine_of(&specs[k / 4], k & 1, k & 2 ? &daily : NULL, 1);
        for (int i = 0; i < 9; ++i) {
            draw d = random_draw(&seed);
            d.place %= 2;
            d.day = 0;
            add(engine, &d, k & 1);
        }
        bytes good = encode(engine);
        unsigned char *changed = malloc(good.len * 2 + 1);
        assert_non_null(changed);
        for (size_t at = 0; at < good.len; ++at) {
            for (size_t b = 0; b < 8 + COUNT_OF(extremes); ++b, ++tried) {
                memcpy(changed, good.at, good.len);
                if (b < 8) changed[at] ^= (unsigned char)(1u << b);
                else changed[at] = extremes[b - 8];
                survive(changed, good.len);
            }
            survive(good.at, at);
            size_t cut = test_rand(&seed) % good.len;       /* a splice of its own parts */
            memcpy(changed, good.at, at);
            memcpy(changed + at, good.at + cut, good.len - cut);
            survive(changed, at + good.len - cut);
            tried += 2;
        }
        free(changed);
        free(good.at);
        cxm_engine_free(engine);
    }
    print_message("%llu changed containers decoded, %llu of them states\n", (unsigned long long)tried, (unsigned long long)survived);
}

/* One value, or one that has not ended where `value` is OPEN. */
#define OPEN (-77.0)
static void count_one(cxm_quantile *q, double value)
{
    if (value == OPEN) cxm_quantile_add_open(q);
    else cxm_quantile_add(q, value);
}

/* A state of 2^63 values of one kind, and of another kind as many, or one `less`. */
static size_t half_and_half(double one, double other, bool less, unsigned char *out)
{
    cxm_quantile *a = typed(&specs[0]), *b = typed(&specs[0]);
    size_t len;
    count_one(a, one);
    count_one(b, other);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_quantile_merge(a, a), CXM_OK);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_quantile_merge(b, b), CXM_OK);
    if (less) other == OPEN ? cxm_quantile_remove_open(b) : cxm_quantile_remove(b, other);
    assert_int_equal(cxm_quantile_merge(a, b), CXM_OK);
    assert_int_equal(cxm_quantile_encode(a, out, ROOM, &len), CXM_OK);
    cxm_quantile_free(a);
    cxm_quantile_free(b);
    return len;
}

/* Sound as states, but their records are past 2^64 - 1: as one counter of the account, or as all together. */
static void records_past_the_type_are_no_engine(void **unused)
{
    (void)unused;
    static const struct { double one, other; } kinds[] = {{-1.0, (double)INFINITY}, {0.0, -1.0}, {0.0, (double)NAN}, {(double)NAN, OPEN},
                                                        {OPEN, -1.0}};
    static unsigned char at[ROOM];
    for (size_t i = 0; i < COUNT_OF(kinds); ++i) {
        cxm_engine *engine = NULL;
        cxm_state *state = NULL;
        cxm_account account = {.size = sizeof account};
        ledger books = {0};
        cxm_alloc hook = ledger_hook(&books);
        size_t len = half_and_half(kinds[i].one, kinds[i].other, false, at);
        assert_int_equal(cxm_state_decode(at, len, NULL, 0, 0, NULL, &state), CXM_OK);
        assert_int_equal(cxm_engine_decode(at, len, 0, 1, &hook, &engine), CXM_E_FORMAT);
        assert_true(!engine && books.live == 0);
        len = half_and_half(kinds[i].one, kinds[i].other, true, at);
        assert_int_equal(cxm_engine_decode(at, len, 0, 1, &hook, &engine), CXM_OK);
        assert_int_equal(cxm_engine_account(engine, &account), CXM_OK);
        assert_true(account.records == UINT64_MAX);
        cxm_engine_free(engine);
        assert_true(books.live == 0);
        cxm_state_free(state);
    }
}

/* Bytes may hold 2^64 - 1 values, some of them in a bin that has room: one more must not take the others out of the account. */
static void a_record_too_many_leaves_the_account_alone(void **unused)
{
    (void)unused;
    static unsigned char at[ROOM];
    cxm_quantile *all = typed(&specs[0]), *zeros = typed(&specs[0]);
    cxm_engine *full = NULL;
    cxm_account account = {.size = sizeof account};
    size_t len;
    for (int i = 0; i < 20; ++i) cxm_quantile_add(all, 3.0);
    cxm_quantile_add(zeros, 0.0);
    for (int bit = 0; bit < 64; ++bit) {
        if ((UINT64_MAX - 20) >> bit & 1) assert_int_equal(cxm_quantile_merge(all, zeros), CXM_OK);
        if (bit < 63) assert_int_equal(cxm_quantile_merge(zeros, zeros), CXM_OK);
    }
    assert_int_equal(cxm_quantile_encode(all, at, sizeof at, &len), CXM_OK);
    assert_int_equal(cxm_engine_decode(at, len, 0, 1, NULL, &full), CXM_OK);
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = 3.0};
    cxm_status status = cxm_engine_add(full, &record);
    assert_int_equal(cxm_engine_account(full, &account), CXM_OK);
    cxm_engine_free(full);
    cxm_quantile_free(all);
    cxm_quantile_free(zeros);
    print_message("status %d, %llu records\n", (int)status, (unsigned long long)account.records);
    assert_true(account.records == UINT64_MAX);
}

/* An engine that is full by its records merges with none that has one. */
static void records_past_the_type_do_not_merge(void **unused)
{
    (void)unused;
    static unsigned char at[ROOM];
    static const struct { double one, other; } kinds[] = {{-1.0, (double)INFINITY}, {0.0, -1.0}};
    for (size_t i = 0; i < COUNT_OF(kinds); ++i) {
        cxm_engine *full = NULL, *one = engine_of(&specs[0], 0, NULL, 1);
        size_t len = half_and_half(kinds[i].one, kinds[i].other, true, at);
        assert_int_equal(cxm_engine_decode(at, len, 0, 1, NULL, &full), CXM_OK);
        cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = 7.0};
        assert_int_equal(cxm_engine_add(one, &record), CXM_OK);
        bytes before[2] = {encode(full), encode(one)};
        assert_int_equal(cxm_engine_merge(full, one), CXM_E_OVERFLOW);
        assert_int_equal(cxm_engine_merge(one, full), CXM_E_OVERFLOW);
        bytes after[2] = {encode(full), encode(one)};
        for (int k = 0; k < 2; ++k) {
            assert_same(before[k], after[k]);
            free(before[k].at);
            free(after[k].at);
        }
        cxm_engine_free(full);
        cxm_engine_free(one);
    }
}

/* ---- bounds ---- */

enum { MANY = 1000, LONG = 600 };       /* of so many segments the names are long */

static cxm_status add_number(cxm_engine *engine, unsigned i, unsigned places_of)
{
    char text[LONG];
    cxm_view segment = {text, sizeof text};
    memset(text, 's', sizeof text);
    for (unsigned k = 0, v = i % places_of; k < 4; ++k, v /= 10) text[k] = (char)('0' + v % 10);
    if (places_of < MANY) segment.len = 4;
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = 0.001 * (double)(i * 7919 % 100003), .segments = &segment,
                         .segment_count = 1};
    return cxm_engine_add(engine, &record);
}

static uint64_t n_of(const cxm_quantile *q)
{
    cxm_quantile_summary sum = {.size = sizeof sum};
    cxm_status status = cxm_quantile_summarize(q, &sum);
    assert_int_equal(status, sum.n ? CXM_OK : CXM_E_EMPTY);
    return sum.n;
}

/* Windows of bins that grow take memory; within the bound to the byte, and what does not fit is not counted. */
static void a_full_engine_refuses_and_can_be_read(void **unused)
{
    (void)unused;
    ledger books = {0};
    cxm_alloc hook = ledger_hook(&books);
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .quantile = &specs[0],
                                  .max_bytes = 72 * 1024 + cxm_quantile_bytes_most(&specs[0])};
    cxm_engine *engine = NULL;
    cxm_engine_result got = {.size = sizeof got};
    cxm_account account = {.size = sizeof account};
    uint64_t taken = 0, refused = 0, parts = 0;
    assert_int_equal(cxm_engine_create(&options, &hook, &engine), CXM_OK);
    for (unsigned i = 0; i < 20000; ++i) {
        cxm_status status = add_number(engine, i, 100);
        assert_true(status == CXM_OK || status == CXM_E_LIMIT);
        taken += status == CXM_OK;
        refused += status == CXM_E_LIMIT;
    }
    print_message("%llu taken, %llu refused\n", (unsigned long long)taken, (unsigned long long)refused);
    assert_true(taken > 0 && refused > 0);
    assert_int_equal(cxm_engine_account(engine, &account), CXM_OK);
    assert_true(account.records == taken && account.scored == taken);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
    assert_true(n_of(got.quantile) == taken);
    while (cxm_engine_next(engine, &got) == CXM_OK) parts += n_of(got.quantile);
    assert_true(parts == taken && books.peak <= cxm_engine_bytes(&options));
    cxm_engine_free(engine);
    assert_true(books.live == 0);
}

/* More segments than fit: the rest goes to one that is told as `other`, and nothing is lost. */
static void segments_that_do_not_fit_are_other(void **unused)
{
    (void)unused;
    ledger books = {0};
    cxm_alloc hook = ledger_hook(&books);
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .quantile = &specs[0],
                                  .max_bytes = 64 * 1024 + cxm_quantile_bytes_most(&specs[0])};
    cxm_engine *engine = NULL;
    cxm_engine_result got = {.size = sizeof got};
    uint64_t slots, others, in_other = 0, parts = 0, taken = 0, total;
    cxm_status status = CXM_OK;
    assert_int_equal(cxm_engine_create(&options, &hook, &engine), CXM_OK);
    for (unsigned i = 0; i < 900 && status == CXM_OK; ++i) {
        status = add_number(engine, i, MANY);
        if (status == CXM_OK) ++taken;
    }
    assert_true(status == CXM_OK || status == CXM_E_LIMIT);
    assert_int_equal(cxm_engine_slots(engine, &slots, &others), CXM_OK);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
    total = n_of(got.quantile);
    while (cxm_engine_next(engine, &got) == CXM_OK) {
        parts += n_of(got.quantile);
        if (got.is_other) in_other = n_of(got.quantile);
    }
    print_message("%llu records in %llu slots, %llu of them in other\n", (unsigned long long)taken, (unsigned long long)slots,
                  (unsigned long long)others);
    assert_true(others > 0 && in_other == others && parts == taken && total == taken);
    assert_true(books.peak <= cxm_engine_bytes(&options));
    cxm_engine_free(engine);
    assert_true(books.live == 0);
}

/* As many segments, each with this many values. */
static cxm_engine *many_segments(uint64_t max_bytes, unsigned values, const cxm_alloc *hook)
{
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .quantile = &specs[0], .max_bytes = max_bytes};
    cxm_engine *engine = NULL;
    assert_int_equal(cxm_engine_create(&options, hook, &engine), CXM_OK);
    for (unsigned i = 0; i < 120 * values; ++i) assert_int_equal(add_number(engine, i, 120), CXM_OK);
    return engine;
}

static void a_merge_past_the_bound_changes_nothing(void **unused)
{
    (void)unused;
    uint64_t least = 65536 + cxm_quantile_bytes_most(&specs[0]), refused = 0;
    cxm_engine *from = many_segments(0, 60, NULL);
    for (uint64_t max_bytes = least;; max_bytes += 4999) {
        ledger books = {0};
        cxm_alloc hook = ledger_hook(&books);
        cxm_engine *into = many_segments(max_bytes, 3, &hook);
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

/* ---- memory ---- */

static void a_merge_that_fails_changes_nothing(void **unused)
{
    (void)unused;
    uint64_t seed = 6;
    size_t points = 0;
    cxm_engine *from = engine_of(&specs[1], 1, &daily, 2), *part = engine_of(&specs[1], 1, &daily, 3);
    for (int i = 0; i < RECORDS; ++i) {
        draw d = random_draw(&seed);
        add(i % 3 ? from : part, &d, 1);
    }
    bytes before = encode(part);
    for (size_t k = 1;; ++k, ++points) {
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
    print_message("a merge failed at %zu allocations\n", points);
    free(before.at);
    cxm_engine_free(from);
    cxm_engine_free(part);
}

static void a_decode_that_fails_leaves_nothing(void **unused)
{
    (void)unused;
    uint64_t seed = 9;
    size_t points = 0;
    cxm_engine *engine = engine_of(&specs[1], 1, &daily, 1);
    for (int i = 0; i < RECORDS; ++i) {
        draw d = random_draw(&seed);
        add(engine, &d, 1);
    }
    bytes good = encode(engine);
    for (size_t k = 1;; ++k, ++points) {
        cxm_engine *out = NULL;
        ledger books = {.fail_at = k};
        cxm_alloc hook = ledger_hook(&books);
        cxm_status status = cxm_engine_decode(good.at, good.len, 0, 1, &hook, &out);
        assert_true((status == CXM_OK) == (out != NULL));
        cxm_engine_free(out);
        assert_true(books.live == 0);
        if (status == CXM_OK) break;
        assert_int_equal(status, CXM_E_MEMORY);
    }
    print_message("a decode failed at %zu allocations\n", points);
    free(good.at);
    cxm_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_the_typed_states_of_their_values),
        cmocka_unit_test(no_record_gives_an_empty_total),
        cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(any_split_and_merge_tree_gives_the_bytes_of_one_pass),
        cmocka_unit_test(parts_told_in_another_unit_merge_after_they_travelled),
        cmocka_unit_test(engines_of_two_units_merge),
        cmocka_unit_test(a_state_comes_back_with_its_results),
        cmocka_unit_test(the_least_state_comes_back),
        cmocka_unit_test(the_bytes_of_one_state_are_a_total),
        cmocka_unit_test(other_specs_do_not_merge),
        cmocka_unit_test(a_spec_filled_in_is_the_same_spec),
        cmocka_unit_test(hostile_bytes_are_an_error_or_a_state),
        cmocka_unit_test(records_past_the_type_are_no_engine),
        cmocka_unit_test(a_record_too_many_leaves_the_account_alone),
        cmocka_unit_test(records_past_the_type_do_not_merge),
        cmocka_unit_test(a_full_engine_refuses_and_can_be_read),
        cmocka_unit_test(segments_that_do_not_fit_are_other),
        cmocka_unit_test(a_merge_past_the_bound_changes_nothing),
        cmocka_unit_test(a_merge_that_fails_changes_nothing),
        cmocka_unit_test(a_decode_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests_name("stream/engine_quantile", tests, NULL, NULL);
}
