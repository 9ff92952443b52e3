/* SPDX-License-Identifier: MIT */
/* test_quantile_codec.c - bytes and memory of percentiles: counters of every width, every allocation failing in turn, one
 * spelling for one state, hostile bytes with hash and checksum repaired; misuse. */
#include <cxm/quantile.h>
#include <cxm/scale.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 16, ROWS = 120 };

static const cxm_quantile_spec micros = {.size = sizeof micros, .unit = CXM_UNIT_US};

static cxm_quantile *make(const cxm_quantile_spec *spec)
{
    cxm_quantile *q = NULL;
    assert_int_equal(cxm_quantile_create(spec, NULL, &q), CXM_OK);
    return q;
}

typedef struct bytes { size_t len; unsigned char at[ROOM]; } bytes;

static bytes encode(const cxm_quantile *q)
{
    bytes out;
    assert_int_equal(cxm_quantile_encode(q, out.at, sizeof out.at, &out.len), CXM_OK);
    return out;
}

static void assert_bytes(const cxm_quantile *q, const bytes *want)
{
    bytes got = encode(q);
    assert_int_equal(got.len, want->len);
    assert_memory_equal(got.at, want->at, want->len);
}

static bool counted(cxm_status status)
{
    return status == CXM_OK || status == CXM_E_DOMAIN;
}

static cxm_quantile_summary summary_of(const cxm_quantile *q)
{
    cxm_quantile_summary got = {.size = sizeof got};
    cxm_status status = cxm_quantile_summarize(q, &got);
    assert_true(status == CXM_OK || status == CXM_E_EMPTY);
    return got;
}

/* Any value in microseconds: crowded, spread, zero, out of range or refused. */
static double random_value(uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    switch (draw % 20) {
    case 0: return 0.0;
    case 1: return NAN;
    case 2: return (draw >> 8) % 2 ? -5.0 : (double)INFINITY;
    case 3: return 1e18;
    case 4: case 5: case 6: return (double)((draw >> 14) >> ((draw >> 8) % 50));
    default: return (double)(1000 + (draw >> 8) % 400);
    }
}

/* Few rows or many, of any spec, and some of them taken back. */
static cxm_quantile *random_state(uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    cxm_quantile_spec spec = micros;
    spec.precision = draw & 1 ? CXM_PRECISION_1 : CXM_PRECISION_01;
    if (draw & 2) spec.unit = CXM_UNIT_NUMBER, spec.decimals = (int32_t)((draw >> 8) % 10);
    if (draw & 4) spec.low = 20, spec.high = 2000000;
    spec.targets = (uint32_t)((draw >> 16) % 4);
    for (uint32_t i = 0; i < spec.targets; ++i) spec.target[i] = 1000 + 100 * i;
    cxm_quantile *q = make(&spec);
    for (uint64_t i = (draw >> 24) % (draw & 8 ? 8 : ROWS); i; --i) {
        double value = random_value(seed) / pow(10.0, spec.decimals);
        assert_true(counted(cxm_quantile_add(q, value)));
        if ((draw & 48) == 48 && i % 3 == 0) assert_true(counted(cxm_quantile_remove(q, value)));
    }
    if (draw & 64) assert_int_equal(cxm_quantile_add_unparsed(q), CXM_OK);
    if (draw & 128) assert_int_equal(cxm_quantile_add_open(q), CXM_OK);
    for (uint64_t i = (draw >> 40) % 8 == 0 ? (draw >> 44) % 48 : 0; i; --i) assert_int_equal(cxm_quantile_merge(q, q), CXM_OK);
    return q;
}

/* ---- the layout ---- */

/* The example of src/response/quantile_codec.h, whose payload was worked out by hand from the layout. */
static void the_worked_example_is_written_so(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x35, 0xda, 0x01, 0x3c, 0x03, 0xb4, 0x1d, 0x4c, 0x71, 0x75, 0x61, 0x6e, 0x74, 0x69, 0x6c, 0x65, 0x20, 0x75, 0x73, 0x20,
        0x30, 0x2e, 0x30, 0x31, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x0d, 0x00, 0x00, 0x60, 0x30, 0x00, 0x00, 0x02, 0x3f, 0xff,
        0xff, 0xa8, 0x1a, 0xfa, 0xd7, 0xe2, 0xcc, 0xf5, 0xba, 0x44};
    cxm_quantile *q = make(&micros), *back = NULL;
    static const int64_t steps[] = {5, 3, 5};
    for (size_t i = 0; i < COUNT_OF(steps); ++i) assert_int_equal(cxm_quantile_add_steps(q, steps[i]), CXM_OK);
    assert_int_equal(cxm_quantile_add_missing(q), CXM_OK);
    bytes got = encode(q);
    assert_int_equal(got.len, sizeof want);
    assert_memory_equal(got.at, want, sizeof want);
    assert_int_equal(cxm_quantile_decode(want, sizeof want, 0, NULL, &back), CXM_OK);
    assert_bytes(back, &got);
    cxm_quantile_free(q);
    cxm_quantile_free(back);
}

/* ---- widths of counters ---- */

static uint64_t count_of_bin(const cxm_quantile *q, double value)
{
    uint32_t cursor = 0;
    uint64_t count;
    double low, high;
    while (cxm_quantile_bin(q, &cursor, &low, &high, &count) == CXM_OK)
        if (low <= value && value <= high) return count;
    return 0;
}

/* Past 255 and 65,535 one by one, among twenty other bins that stay as they are. */
static void a_count_grows_past_its_width(void **state)
{
    (void)state;
    static const uint64_t back_at[] = {70000, 65536, 65535, 300, 256, 255, 1};
    cxm_quantile *q = make(&micros);
    uint64_t n = 0;
    for (int i = 1; i <= 20; ++i) assert_int_equal(cxm_quantile_add_steps(q, i), CXM_OK);
    for (; n < 70000; ++n) {
        if (n < 300 || n > 65500) assert_true(count_of_bin(q, 100.0) == n);
        assert_int_equal(cxm_quantile_add_steps(q, 100), CXM_OK);
    }
    for (int i = 1; i <= 20; ++i) assert_true(count_of_bin(q, i) == 1);
    cxm_quantile_summary got = summary_of(q);
    assert_true(got.n == 70020 && got.sum_low == 7000000 + 210);
    for (size_t i = 0; i < COUNT_OF(back_at); ++i) {
        for (; n > back_at[i]; --n) assert_int_equal(cxm_quantile_remove_steps(q, 100), CXM_OK);
        assert_true(count_of_bin(q, 100.0) == n && summary_of(q).n == n + 20);
    }
    cxm_quantile_free(q);
}

/* Doubled 63 times one value is 2^63; twice that is past the type. `others` bins beside it make it a window. */
static void check_doubling(int others, int32_t precision)
{
    cxm_quantile_spec spec = micros;
    spec.precision = precision;
    cxm_quantile *q = make(&spec), *one = make(&spec);
    for (int i = 0; i < others; ++i) assert_int_equal(cxm_quantile_add_steps(one, 1000 + 40 * i), CXM_OK);
    assert_int_equal(cxm_quantile_add_steps(one, 100), CXM_OK);
    assert_int_equal(cxm_quantile_add_steps(q, 100), CXM_OK);
    for (int i = 0; i < 63; ++i) {
        cxm_quantile *with = make(&spec), *back = NULL;
        bytes plain = encode(q);
        assert_true(count_of_bin(q, 100.0) == UINT64_C(1) << i);
        assert_int_equal(cxm_quantile_merge(with, q), CXM_OK);
        assert_int_equal(cxm_quantile_merge(with, one), CXM_OK);
        assert_true(count_of_bin(with, 100.0) == (UINT64_C(1) << i) + 1);
        bytes both = encode(with);
        assert_int_equal(cxm_quantile_decode(both.at, both.len, 0, NULL, &back), CXM_OK);
        assert_bytes(back, &both);
        assert_int_equal(cxm_quantile_merge(one, q), CXM_OK);
        assert_bytes(one, &both);
        assert_int_equal(cxm_quantile_subtract(one, q), CXM_OK);
        assert_true(count_of_bin(one, 100.0) == 1 && count_of_bin(one, 1000.0) == (others > 0));
        assert_bytes(q, &plain);
        assert_int_equal(cxm_quantile_merge(q, q), CXM_OK);
        cxm_quantile_free(with);
        cxm_quantile_free(back);
        cxm_quantile_free(one);
        one = make(&spec);
        for (int k = 0; k < others; ++k) assert_int_equal(cxm_quantile_add_steps(one, 1000 + 40 * k), CXM_OK);
        assert_int_equal(cxm_quantile_add_steps(one, 100), CXM_OK);
    }
    bytes before = encode(q);
    cxm_quantile_summary got = summary_of(q);
    assert_true(got.n == UINT64_C(1) << 63 && got.sum_high == 50 && got.sum_low == 0 && got.mean == 100.0);
    assert_int_equal(cxm_quantile_merge(q, q), CXM_E_OVERFLOW);
    assert_bytes(q, &before);
    cxm_quantile_free(q);
    cxm_quantile_free(one);
}

static void counts_past_the_type_are_refused(void **state)
{
    (void)state;
    check_doubling(0, CXM_PRECISION_1);
    check_doubling(3, CXM_PRECISION_1);
    check_doubling(30, CXM_PRECISION_01);
}

/* 2^64 - 1 of one value, then of what is in no bin: one more is refused, and changes nothing. */
static void the_last_count_is_the_last(void **state)
{
    (void)state;
    static const double values[] = {100.0, 0.0, 1e18, -1.0, INFINITY, NAN};
    for (size_t i = 0; i < COUNT_OF(values); ++i) {
        cxm_quantile *q = make(&micros), *one = make(&micros);
        const cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = &values[i], .count = 1};
        assert_true(counted(cxm_quantile_add(one, values[i])));
        for (int k = 0; k < 64; ++k) {                      /* 1, 3, 7, ... 2^64 - 1 */
            assert_int_equal(cxm_quantile_merge(q, one), CXM_OK);
            if (k < 63) assert_int_equal(cxm_quantile_merge(one, one), CXM_OK);
        }
        bytes before = encode(q);
        assert_int_equal(cxm_quantile_add(q, values[i]), CXM_E_OVERFLOW);
        assert_int_equal(cxm_quantile_add_many(q, &column), CXM_E_OVERFLOW);
        assert_int_equal(cxm_quantile_merge(q, one), CXM_E_OVERFLOW);
        assert_bytes(q, &before);
        assert_true(counted(cxm_quantile_remove(q, values[i])));
        assert_true(counted(cxm_quantile_add(q, values[i])));
        cxm_quantile_free(q);
        cxm_quantile_free(one);
    }
}

/* A column that overflows at its last row leaves nothing behind. */
static void a_column_is_counted_whole_or_not_at_all(void **state)
{
    (void)state;
    double values[50];
    cxm_quantile *q = make(&micros), *one = make(&micros);
    const cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = COUNT_OF(values)};
    for (size_t i = 0; i < COUNT_OF(values); ++i) values[i] = i < 48 ? 1e3 * (double)(i + 1) : -1.0;
    assert_int_equal(cxm_quantile_add(one, -1.0), CXM_E_DOMAIN);
    for (int k = 0; k < 64; ++k) {
        assert_int_equal(cxm_quantile_merge(q, one), CXM_OK);
        if (k < 63) assert_int_equal(cxm_quantile_merge(one, one), CXM_OK);
    }
    assert_int_equal(cxm_quantile_remove(q, -1.0), CXM_E_DOMAIN);
    bytes before = encode(q);
    assert_int_equal(cxm_quantile_add_many(q, &column), CXM_E_OVERFLOW);
    assert_bytes(q, &before);
    cxm_quantile_free(q);
    cxm_quantile_free(one);
}

/* ---- memory ---- */

static void assert_books(const cxm_quantile *q, const ledger *books)
{
    cxm_quantile_spec spec = {.size = sizeof spec};
    assert_int_equal(cxm_quantile_spec_of(q, &spec), CXM_OK);
    assert_true(cxm_quantile_bytes(q) == books->live && books->peak <= cxm_quantile_bytes_most(&spec));
}

/* Never past bytes_most, not even while one window is copied into a wider one. */
static void memory_is_known_and_bounded(void **state)
{
    (void)state;
    for (int32_t precision = CXM_PRECISION_1; precision <= CXM_PRECISION_01; precision += 3) {
        ledger books = {0};
        cxm_alloc hook = ledger_hook(&books);
        cxm_quantile_spec spec = micros;
        cxm_quantile *q = NULL;
        uint64_t seed = 91;
        spec.precision = precision;
        assert_int_equal(cxm_quantile_create(&spec, &hook, &q), CXM_OK);
        assert_books(q, &books);
        for (int i = 0; i < 3000; ++i) {
            assert_true(counted(cxm_quantile_add(q, random_value(&seed))));
            assert_books(q, &books);
        }
        assert_int_equal(cxm_quantile_add_steps(q, 1), CXM_OK);
        assert_int_equal(cxm_quantile_add(q, 3.1557e15), CXM_OK);
        for (int i = 0; i < 50; ++i) {
            assert_int_equal(cxm_quantile_merge(q, q), CXM_OK);
            assert_books(q, &books);
        }
        print_message("precision %d: %zu bytes of at most %zu\n", (int)precision, books.live, cxm_quantile_bytes_most(&spec));
        cxm_quantile_free(q);
        assert_true(books.live == 0);
    }
}

/* Gives the step again, with memory, where it had failed without; then it has changed nothing. */
#define AGAIN(q, call)                                              \
    do {                                                            \
        bytes was = encode(q);                                      \
        cxm_status status_ = (call);                                \
        if (status_ == CXM_E_MEMORY) {                              \
            assert_bytes((q), &was);                                \
            status_ = (call);                                       \
        }                                                           \
        assert_true(counted(status_));                              \
    } while (0)

/* One failure anywhere: nothing has changed, and the same rows can come again. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t k = 1, done = 0; !done; ++k) {
        ledger books = {.fail_at = k};
        cxm_alloc hook = ledger_hook(&books);
        cxm_quantile *q = NULL, *plain = make(&micros);
        uint64_t seed = 92;
        double column_values[60];
        const cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = column_values, .count = 60};
        cxm_status status = cxm_quantile_create(&micros, &hook, &q);
        if (status == CXM_E_MEMORY) {
            assert_true(q == NULL && books.live == 0);
            status = cxm_quantile_create(&micros, &hook, &q);
        }
        assert_int_equal(status, CXM_OK);
        for (int i = 0; i < 60; ++i) {
            double value = random_value(&seed);
            column_values[i] = random_value(&seed) * 3.0;
            assert_true(counted(cxm_quantile_add(plain, value)));
            AGAIN(q, cxm_quantile_add(q, value));
        }
        for (int i = 0; i < 300; ++i) {                     /* past a counter of 8 bits */
            assert_int_equal(cxm_quantile_add_steps(plain, 1234), CXM_OK);
            AGAIN(q, cxm_quantile_add_steps(q, 1234));
        }
        AGAIN(q, cxm_quantile_add_many(q, &column));
        assert_int_equal(cxm_quantile_add_many(plain, &column), CXM_OK);
        for (int i = 0; i < 40; ++i) {
            AGAIN(q, i % 2 ? cxm_quantile_merge(q, q) : cxm_quantile_merge(q, plain));
            assert_int_equal(cxm_quantile_merge(plain, plain), CXM_OK);
            assert_books(q, &books);
            if (i % 2 == 0) continue;
            cxm_quantile_free(plain);
            plain = make(&micros);
            assert_int_equal(cxm_quantile_merge(plain, q), CXM_OK);
            if (i > 20) break;
        }
        cxm_quantile_free(q);
        cxm_quantile_free(plain);
        assert_true(books.live == 0);
        done = !books.failed;
    }
}

/* A column alone and a merge alone, into an empty state, where each call makes all the memory there will be. */
static void a_column_or_a_merge_without_memory_changes_nothing(void **state)
{
    (void)state;
    for (int merging = 0; merging < 2; ++merging)
        for (size_t k = 1, done = 0; !done; ++k) {
            ledger books = {0};
            cxm_alloc hook = ledger_hook(&books);
            cxm_quantile *q = NULL, *from = make(&micros);
            uint64_t seed = 93;
            double values[500];
            const cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = COUNT_OF(values)};
            for (size_t i = 0; i < COUNT_OF(values); ++i) values[i] = random_value(&seed);
            assert_int_equal(cxm_quantile_add_many(from, &column), CXM_OK);
            assert_int_equal(cxm_quantile_create(&micros, &hook, &q), CXM_OK);
            bytes before = encode(q), want = encode(from);
            books.fail_at = books.calls + k;
            cxm_status status = merging ? cxm_quantile_merge(q, from) : cxm_quantile_add_many(q, &column);
            assert_int_equal(status, books.failed ? CXM_E_MEMORY : CXM_OK);
            assert_bytes(q, books.failed ? &before : &want);
            assert_books(q, &books);
            cxm_quantile_free(q);
            cxm_quantile_free(from);
            assert_true(books.live == 0);
            done = !books.failed;
        }
}

/* What a decode takes is known before it takes any: one byte less is refused with nothing allocated. */
static void a_decode_is_judged_before_it_takes_memory(void **state)
{
    (void)state;
    uint64_t seed = 94;
    for (int trial = 0; trial < 300; ++trial) {
        cxm_quantile *q = random_state(&seed), *back = NULL;
        ledger own = {0};
        cxm_alloc hook = ledger_hook(&own);
        bytes b = encode(q);
        assert_int_equal(cxm_quantile_decode(b.at, b.len, 0, &hook, &back), CXM_OK);
        size_t need = own.live;
        assert_true(own.peak == need);
        assert_books(back, &own);
        cxm_quantile_free(back);
        own.calls = 0;
        back = NULL;
        assert_int_equal(cxm_quantile_decode(b.at, b.len, need - 1, &hook, &back), CXM_E_LIMIT);
        assert_true(back == NULL && own.calls == 0);
        assert_int_equal(cxm_quantile_decode(b.at, b.len, need, &hook, &back), CXM_OK);
        cxm_quantile_free(back);
        for (size_t at = own.calls; at > 0; --at) {
            own = (ledger){.fail_at = at};
            back = NULL;
            assert_int_equal(cxm_quantile_decode(b.at, b.len, 0, &hook, &back), CXM_E_MEMORY);
            assert_true(back == NULL && own.live == 0);
        }
        cxm_quantile_free(q);
    }
}

/* ---- bytes ---- */

static void a_state_comes_back_and_so_do_its_bytes(void **state)
{
    (void)state;
    uint64_t seed = 101;
    for (int trial = 0; trial < 2000; ++trial) {
        if (test_left_out()) continue;
        cxm_quantile *q = random_state(&seed), *back = NULL;
        size_t len, again;
        unsigned char out[ROOM];
        assert_int_equal(cxm_quantile_encode(q, NULL, 0, &len), CXM_E_LIMIT);
        memset(out, 0x5A, sizeof out);
        assert_int_equal(cxm_quantile_encode(q, out, len - 1, &again), CXM_E_LIMIT);
        assert_true(again == len && out[0] == 0x5A);
        bytes b = encode(q);
        assert_int_equal(b.len, len);
        assert_int_equal(cxm_quantile_decode(b.at, b.len, 0, NULL, &back), CXM_OK);
        assert_bytes(back, &b);
        cxm_quantile_summary was = summary_of(q), is = summary_of(back);
        assert_true(was.n == is.n && was.zero == is.zero && was.under == is.under && was.over == is.over);
        assert_true(was.negative == is.negative && was.infinite == is.infinite && was.missing == is.missing);
        assert_true(was.sum_high == is.sum_high && was.sum_low == is.sum_low && was.extremes_exact == is.extremes_exact);
        cxm_status status = cxm_quantile_merge(back, q);
        assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
        assert_int_equal(cxm_quantile_merge(q, q), status);
        b = encode(q);
        assert_bytes(back, &b);
        cxm_quantile_free(q);
        cxm_quantile_free(back);
    }
}

/* splitmix64 with one seed for good: sizes below are of these values and no others. */
static double fixed_uniform(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

/* Response times: lognormal, median 250 ms, sigma 1, in seconds. */
static void check_size(int n, size_t most_bytes, size_t most_memory)
{
    ledger books = {0};
    cxm_alloc hook = ledger_hook(&books);
    cxm_quantile *q = NULL;
    uint64_t seed = 1;
    size_t len;
    assert_int_equal(cxm_quantile_create(NULL, &hook, &q), CXM_OK);
    for (int i = 0; i < n; ++i) {
        double radius = sqrt(-2.0 * log(1.0 - fixed_uniform(&seed)));
        double z = radius * cos(6.283185307179586 * fixed_uniform(&seed));
        assert_int_equal(cxm_quantile_add(q, 0.25 * exp(z)), CXM_OK);
    }
    assert_int_equal(cxm_quantile_encode(q, NULL, 0, &len), CXM_E_LIMIT);
    print_message("%d values: %zu bytes, %zu in memory\n", n, len, books.live);
    assert_true(len <= most_bytes && books.live <= most_memory);
    cxm_quantile_free(q);
}

static void response_times_are_small(void **state)
{
    (void)state;
    check_size(4000, 340, 950);
    check_size(4000000, 1027, 2112);
}

/* A survivor encodes to the very same bytes, works, and gives no number that is none. */
static void use(cxm_quantile *q, const unsigned char *good, size_t len)
{
    unsigned char again[ROOM];
    size_t again_len;
    uint32_t cursor = 0;
    uint64_t count, in_bins = 0;
    double x, y, last = -1.0;
    cxm_quantile_summary sum = {.size = sizeof sum};
    cxm_interval limits = {.size = sizeof limits};
    assert_int_equal(cxm_quantile_encode(q, again, sizeof again, &again_len), CXM_OK);
    assert_int_equal(again_len, len);
    assert_memory_equal(again, good, len);
    cxm_status status = cxm_quantile_summarize(q, &sum);
    assert_true(status == CXM_OK || status == CXM_E_EMPTY || status == CXM_E_OVERFLOW);
    if (status == CXM_OK && sum.mean_status == CXM_OK) {
        assert_true(isfinite(sum.mean) && sum.min <= sum.max);
        assert_true(sum.min <= sum.mean * (1.0 + 1e-2) && sum.mean <= sum.max * (1.0 + 1e-2));
    }
    while (cxm_quantile_bin(q, &cursor, &x, &y, &count) == CXM_OK) {
        assert_true(x <= y && x > last && count > 0);
        last = y;
        in_bins += count;
    }
    if (status == CXM_OK) assert_true(in_bins == sum.n - sum.zero - sum.under - sum.over);
    last = -1.0;
    for (int i = 0; i <= 10 && status == CXM_OK; ++i) {
        if (cxm_quantile_at(q, i / 10.0, CXM_QUANTILE_TYPE1, &x) != CXM_OK) continue;
        assert_true(isfinite(x) && x >= last);
        last = x;
    }
    if (cxm_quantile_interval(q, 0.5, 0.95, &limits) == CXM_OK) assert_true(limits.low <= limits.high);
    status = cxm_quantile_add_steps(q, 1000);
    assert_true(status == CXM_OK || status == CXM_E_OVERFLOW || status == CXM_E_MEMORY);
    if (status == CXM_OK) assert_int_equal(cxm_quantile_remove_steps(q, 1000), CXM_OK);
    status = cxm_quantile_merge(q, q);
    assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
}

static void survive(const unsigned char *changed, size_t len)
{
    if (test_left_out()) return;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_quantile *q = NULL;
    unsigned char *exact = malloc(len ? len : 1);           /* no byte to read behind it */
    assert_non_null(exact);
    if (len) memcpy(exact, changed, len);
    test_repair(exact, len);
    cxm_status status = cxm_quantile_decode(exact, len, ROOM, &hook, &q);
    assert_true(own.peak <= ROOM);
    if (status == CXM_OK) use(q, exact, len);
    else assert_true(!q && (status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT));
    cxm_quantile_free(q);
    assert_int_equal(own.live, 0);
    free(exact);
}

/* Every truncation, every byte twice or gone, every byte as any other: all 255, or the bits and extremes. */
static void change_bytes(const bytes *good, bool all)
{
    static const unsigned char extremes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    static unsigned char at_work[ROOM + 1];
    size_t len = good->len;
    for (size_t at = 0; at < len; ++at) {
        for (unsigned k = 1; k < (all ? 256u : 9u + COUNT_OF(extremes)); ++k) {
            memcpy(at_work, good->at, len);
            if (all) at_work[at] ^= (unsigned char)k;
            else if (k < 9) at_work[at] ^= (unsigned char)(1u << (k - 1));
            else at_work[at] = extremes[k - 9];
            survive(at_work, len);
        }
        memcpy(at_work, good->at, len);
        survive(at_work, at);
        memmove(at_work + at + 1, at_work + at, len - at);
        survive(at_work, len + 1);
        memcpy(at_work, good->at, len);
        memmove(at_work + at, at_work + at + 1, len - at - 1);
        survive(at_work, len - 1);
    }
}

static void hostile_bytes_are_an_error_or_a_state(void **state)
{
    (void)state;
    static unsigned char spliced[2 * ROOM];
    uint64_t seed = 102;
    for (int trial = 0; trial < 24; ++trial) {
        cxm_quantile *a = random_state(&seed), *b = random_state(&seed);
        bytes x = encode(a), y = encode(b);
        if (x.len < 600) change_bytes(&x, trial < 6 && x.len < 250);
        for (int i = 0; i < 500; ++i) {
            size_t cut = test_rand(&seed) % (x.len + 1), from = test_rand(&seed) % (y.len + 1);
            memcpy(spliced, x.at, cut);
            memcpy(spliced + cut, y.at + from, y.len - from);
            survive(spliced, cut + y.len - from);
        }
        cxm_quantile_free(a);
        cxm_quantile_free(b);
    }
}

static void bytes_without_a_checksum_are_refused(void **state)
{
    (void)state;
    uint64_t seed = 103;
    cxm_quantile *q = random_state(&seed), *out = NULL;
    bytes b = encode(q);
    for (size_t at = 0; at < b.len; ++at) {
        b.at[at] ^= 0x10;
        assert_true(cxm_quantile_decode(b.at, b.len, 0, NULL, &out) != CXM_OK && out == NULL);
        b.at[at] ^= 0x10;
        assert_int_equal(cxm_quantile_decode(b.at, at, 0, NULL, &out), CXM_E_FORMAT);
    }
    cxm_quantile_free(q);
}

static void misuse_of_bytes_is_an_error(void **state)
{
    (void)state;
    const cxm_scale_spec csat = {sizeof csat, 1, 5, 2, 4, CXM_HIGHER_IS_BETTER};
    cxm_quantile *q = make(&micros), *out = NULL;
    cxm_scale scale;
    bytes b = encode(q);
    size_t len;
    assert_int_equal(cxm_quantile_encode(NULL, b.at, ROOM, &len), CXM_E_ARG);
    assert_int_equal(cxm_quantile_encode(q, NULL, 1, &len), CXM_E_ARG);
    assert_int_equal(cxm_quantile_encode(q, b.at, ROOM, NULL), CXM_E_ARG);
    assert_int_equal(cxm_quantile_decode(NULL, b.len, 0, NULL, &out), CXM_E_ARG);
    assert_int_equal(cxm_quantile_decode(b.at, b.len, 0, NULL, NULL), CXM_E_ARG);
    b.at[4] = 2;
    assert_int_equal(cxm_quantile_decode(b.at, b.len, 0, NULL, &out), CXM_E_VERSION);
    assert_int_equal(cxm_scale_init(&scale, &csat), CXM_OK);
    assert_int_equal(cxm_scale_encode(&scale, b.at, ROOM, &len), CXM_OK);
    assert_int_equal(cxm_quantile_decode(b.at, len, 0, NULL, &out), CXM_E_FORMAT);
    assert_null(out);
    cxm_quantile_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_written_so),
        cmocka_unit_test(a_count_grows_past_its_width),
        cmocka_unit_test(counts_past_the_type_are_refused),
        cmocka_unit_test(the_last_count_is_the_last),
        cmocka_unit_test(a_column_is_counted_whole_or_not_at_all),
        cmocka_unit_test(memory_is_known_and_bounded),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_column_or_a_merge_without_memory_changes_nothing),
        cmocka_unit_test(a_decode_is_judged_before_it_takes_memory),
        cmocka_unit_test(a_state_comes_back_and_so_do_its_bytes),
        cmocka_unit_test(response_times_are_small),
        cmocka_unit_test(hostile_bytes_are_an_error_or_a_state),
        cmocka_unit_test(bytes_without_a_checksum_are_refused),
        cmocka_unit_test(misuse_of_bytes_is_an_error),
    };
    return cmocka_run_group_tests_name("response/quantile_codec", tests, NULL, NULL);
}
