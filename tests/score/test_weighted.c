/* SPDX-License-Identifier: MIT */
/* test_weighted.c - the state of weighted answers: exact whatever the order, given back as it was taken, and what it says
 * of weights alone, against the formula row by row. */
#include <cxm/interval.h>
#include <cxm/sum.h>
#include <cxm/weighted.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { ROOM = 8192, ROWS = 400 };
static const cxm_scale_spec nps = {sizeof nps, 0, 10, 6, 9, CXM_HIGHER_IS_BETTER};

static cxm_weighted *empty(const cxm_alloc *alloc)
{
    cxm_weighted *w = NULL;
    assert_int_equal(cxm_weighted_create(&nps, alloc, &w), CXM_OK);
    return w;
}

typedef struct bytes { size_t len; unsigned char at[ROOM]; } bytes;

static bytes encode(const cxm_weighted *w)
{
    bytes out;
    assert_int_equal(cxm_weighted_encode(w, out.at, sizeof out.at, &out.len), CXM_OK);
    return out;
}

static void assert_bytes(const cxm_weighted *w, const bytes *want)
{
    bytes got = encode(w);
    assert_int_equal(got.len, want->len);
    assert_memory_equal(got.at, want->at, want->len);
}

/* ---- rows at random ---- */

enum kind { ANSWER, MISSING, UNPARSED };
typedef struct row { enum kind kind; double answer, weight; } row;

/* Weights of every size and shape that is accepted, 0, and a few that are not. */
static double random_weight(uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    double mantissa = 1.0 + (double)(test_rand(seed) >> 12) * 0x1p-52;
    switch (draw % 8) {
    case 0: return 0.0;
    case 1: return (draw >> 8) % 2 ? -mantissa : (double)NAN;
    case 2: return ldexp(mantissa, (int)((draw >> 8) % 400) - 200);
    case 3: return (double)((draw >> 8) % 10);
    default: return (double)((draw >> 8) % 100000) / 10000.0 + 1e-4;
    }
}

static row random_row(uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    row r = {draw % 6 < 4 ? ANSWER : draw % 6 == 4 ? MISSING : UNPARSED, (double)((draw >> 8) % 13) - 1.0, 0.0};
    r.weight = random_weight(seed);
    if ((draw >> 20) % 20 == 0) r.answer += 0.5;
    if ((draw >> 20) % 20 == 1) r.answer = (double)NAN;
    return r;
}

static cxm_status add(cxm_weighted *w, row r)
{
    return r.kind == ANSWER    ? cxm_weighted_add(w, r.answer, r.weight)
           : r.kind == MISSING ? cxm_weighted_add_missing(w, r.weight) : cxm_weighted_add_unparsed(w, r.weight);
}

static cxm_status take(cxm_weighted *w, row r)
{
    return r.kind == ANSWER    ? cxm_weighted_remove(w, r.answer, r.weight)
           : r.kind == MISSING ? cxm_weighted_remove_missing(w, r.weight) : cxm_weighted_remove_unparsed(w, r.weight);
}

static bool counted(cxm_status status)
{
    return status == CXM_OK || status == CXM_E_DOMAIN;
}

/* ---- the state ---- */

/* By hand: 9 twice with 1.5 and 0.25, 3 once with 2, blanks and rows that are no answers. */
static void rows_are_counted_where_they_belong(void **state)
{
    (void)state;
    cxm_weighted *w = empty(NULL);
    cxm_weighted_summary got = {.size = sizeof got};
    cxm_scale_spec told;
    uint64_t n;
    double sum, squares;
    assert_int_equal(cxm_weighted_add(w, 9, 1.5), CXM_OK);
    assert_int_equal(cxm_weighted_add(w, 9, 0.25), CXM_OK);
    assert_int_equal(cxm_weighted_add(w, 3, 2), CXM_OK);
    assert_int_equal(cxm_weighted_add(w, 3, 0), CXM_OK);
    assert_int_equal(cxm_weighted_add(w, 11, 4), CXM_E_DOMAIN);
    assert_int_equal(cxm_weighted_add(w, 9.5, 0), CXM_E_DOMAIN);
    assert_int_equal(cxm_weighted_add(w, NAN, 3), CXM_OK);
    assert_int_equal(cxm_weighted_add_missing(w, 0.5), CXM_OK);
    assert_int_equal(cxm_weighted_add_unparsed(w, 1), CXM_OK);
    assert_int_equal(cxm_weighted_add_missing(w, -1), CXM_E_DOMAIN);
    assert_int_equal(cxm_weighted_summarize(w, NULL, &got), CXM_OK);
    assert_true(got.n == 3 && got.missing == 2 && got.unparsed == 1 && got.out_of_range == 2 && got.zero == 2);
    assert_true(got.refused == 1 && got.rows == 7 && got.clusters == 7 && got.strata == 1 && got.lonely == 0);
    assert_true(got.sum_weights == 3.75 && got.df == 6.0);
    assert_int_equal(cxm_weighted_point(w, 9, &n, &sum, &squares), CXM_OK);
    assert_true(n == 2 && sum == 1.75 && squares == 2.3125);
    assert_int_equal(cxm_weighted_point(w, 3, &n, &sum, &squares), CXM_OK);
    assert_true(n == 1 && sum == 2.0 && squares == 4.0);
    assert_int_equal(cxm_weighted_point(w, 11, &n, &sum, &squares), CXM_OK);
    assert_true(n == 4 && sum == 8.5 && squares == 26.25);
    assert_int_equal(cxm_weighted_point(w, 0, &n, &sum, &squares), CXM_OK);
    assert_true(n == 0 && sum == 0.0 && squares == 0.0);
    assert_int_equal(cxm_weighted_spec(w, &told), CXM_OK);
    assert_memory_equal(&told, &nps, sizeof nps);
    cxm_weighted_free(w);
}

static void weights_outside_their_range_are_refused(void **state)
{
    (void)state;
    static const double refused[] = {-1.0, -5e-324, INFINITY, -INFINITY, NAN, DBL_MAX, 5e-324,
                                     0x1.fffffffffffffp-201, 0x1.0000000000001p200};
    static const double accepted[] = {0.0, -0.0, 0x1p-200, 0x1p200, 1.0, 0.1};
    cxm_weighted *w = empty(NULL);
    cxm_weighted_summary got = {.size = sizeof got};
    bytes before = encode(w);
    for (size_t i = 0; i < COUNT_OF(refused); ++i) assert_int_equal(cxm_weighted_add(w, 5, refused[i]), CXM_E_DOMAIN);
    assert_int_equal(cxm_weighted_summarize(w, NULL, &got), CXM_E_EMPTY);
    assert_true(got.refused == COUNT_OF(refused) && got.n == 0 && got.rows == 0);
    for (size_t i = 0; i < COUNT_OF(refused); ++i) assert_int_equal(cxm_weighted_remove(w, 5, refused[i]), CXM_E_DOMAIN);
    assert_int_equal(cxm_weighted_remove(w, 5, -1), CXM_E_UNDERFLOW);
    for (size_t i = 0; i < COUNT_OF(accepted); ++i) assert_int_equal(cxm_weighted_add(w, 5, accepted[i]), CXM_OK);
    for (size_t i = 0; i < COUNT_OF(accepted); ++i) assert_int_equal(cxm_weighted_remove(w, 5, accepted[i]), CXM_OK);
    assert_bytes(w, &before);
    cxm_weighted_free(w);
}

/* cxm_sum is the independent accumulator; squares are those of the machine, which rounds once. */
static void sums_are_exact(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int trial = 0; trial < 50; ++trial) {
        cxm_weighted *w = empty(NULL);
        cxm_sum sum = {0}, squares = {0};
        uint64_t n = 0, got_n;
        double got, got_squares, want;
        for (int i = 0; i < 200; ++i) {
            double weight = random_weight(&seed);
            if (!(weight > 0.0)) continue;
            assert_int_equal(cxm_weighted_add(w, 7, weight), CXM_OK);
            assert_int_equal(cxm_sum_add(&sum, weight), CXM_OK);
            assert_int_equal(cxm_sum_add(&squares, weight * weight), CXM_OK);
            ++n;
        }
        assert_int_equal(cxm_weighted_point(w, 7, &got_n, &got, &got_squares), CXM_OK);
        assert_int_equal(cxm_sum_value(&sum, &want), CXM_OK);
        assert_true(got_n == n && got == want);
        assert_int_equal(cxm_sum_value(&squares, &want), CXM_OK);
        assert_true(FLT_EVAL_METHOD != 0 || got_squares == want);
        cxm_weighted_free(w);
    }
}

/* Weights whose square lies half way between two doubles, or beside that: 1 + k 2^-26 and neighbours. */
static void squares_are_rounded_to_even(void **state)
{
    (void)state;
    for (int k = 0; k < 3000; ++k)
        for (int side = -1; side <= 1; ++side) {
            cxm_weighted *w = empty(NULL);
            uint64_t n;
            double weight = (k % 2 ? 1.0 : 1.5) + (k + 1) * 0x1p-27 + side * 0x1p-52, sum, squares;
            assert_int_equal(cxm_weighted_add(w, 0, weight), CXM_OK);
            assert_int_equal(cxm_weighted_point(w, 0, &n, &sum, &squares), CXM_OK);
            assert_true(FLT_EVAL_METHOD != 0 || squares == weight * weight);
            cxm_weighted_free(w);
        }
}

static void any_order_and_merge_tree_gives_the_same_bytes(void **state)
{
    (void)state;
    uint64_t seed = 20261125;
    for (int trial = 0; trial < 60; ++trial) {
        row rows[ROWS];
        size_t parts = 1 + test_rand(&seed) % 9;
        cxm_weighted *whole = empty(NULL), *part[9];
        for (size_t i = 0; i < parts; ++i) part[i] = empty(NULL);
        for (size_t i = 0; i < ROWS; ++i) rows[i] = random_row(&seed);
        for (size_t i = 0; i < ROWS; ++i) assert_true(counted(add(whole, rows[i])));
        for (size_t i = ROWS; i-- > 0;) assert_true(counted(add(part[test_rand(&seed) % parts], rows[i])));
        bytes want = encode(whole);
        while (parts > 1) {
            size_t a = test_rand(&seed) % parts, b = (a + 1 + test_rand(&seed) % (parts - 1)) % parts;
            assert_int_equal(cxm_weighted_merge(part[a], part[b]), CXM_OK);
            cxm_weighted_free(part[b]);
            part[b] = part[--parts];
        }
        assert_bytes(part[0], &want);
        cxm_weighted_free(part[0]);
        cxm_weighted_free(whole);
    }
}

/* Also where the state came back from its bytes, in windows too small for a value that is in it. */
static void remove_gives_back_what_add_took(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int trial = 0; trial < 60; ++trial) {
        row rows[ROWS];
        cxm_weighted *w = empty(NULL), *back = NULL;
        for (size_t i = 0; i < ROWS / 2; ++i) assert_true(counted(add(w, random_row(&seed))));
        bytes before = encode(w);
        for (size_t i = 0; i < ROWS; ++i) assert_true(counted(add(w, rows[i] = random_row(&seed))));
        bytes full = encode(w);
        assert_int_equal(cxm_weighted_decode(full.at, full.len, SIZE_MAX, NULL, &back), CXM_OK);
        for (size_t i = ROWS; i-- > 0;) {
            size_t pick = test_rand(&seed) % (i + 1);
            row gone = rows[pick];
            rows[pick] = rows[i];
            assert_true(counted(take(w, gone)) && counted(take(back, gone)));
        }
        assert_bytes(w, &before);
        assert_bytes(back, &before);
        cxm_weighted_free(w);
        cxm_weighted_free(back);
    }
}

/* Strided, with a bitmap, of four types: the same bytes as one call a row, and without memory nothing. */
static void columns_are_their_rows(void **state)
{
    (void)state;
    static const int8_t i8[8] = {9, 10, -1, 4, 0, 11, 7, 8};
    uint8_t u8[8], bitmap[2] = {0xB6, 0x01};
    int32_t i32[16];
    double f64[8], weights[8] = {1.5, 0.1, 2, 0, -1, 3, NAN, 0x1p100};
    for (int i = 0; i < 8; ++i) u8[i] = (uint8_t)i8[i], i32[2 * i] = i8[i], f64[i] = i == 3 ? 4.5 : i == 5 ? (double)NAN : i8[i];
    const cxm_column weight = {.size = sizeof weight, .type = CXM_F64, .values = weights, .count = 8};
    const cxm_column answers[] = {
        {.size = sizeof weight, .type = CXM_I8, .values = i8, .count = 8, .validity = bitmap, .validity_bit = 1},
        {.size = sizeof weight, .type = CXM_U8, .values = u8, .count = 8},
        {.size = sizeof weight, .type = CXM_I32, .values = i32, .count = 8, .stride = 8},
        {.size = sizeof weight, .type = CXM_F64, .values = f64 + 7, .count = 8, .stride = -8}};
    for (size_t k = 0; k < COUNT_OF(answers); ++k) {
        cxm_weighted *rows = empty(NULL);
        for (int i = 0; i < 8; ++i) {
            double by_column[] = {(0xDB >> i & 1) ? i8[i] : (double)NAN, u8[i], i8[i], f64[7 - i]};
            assert_true(counted(cxm_weighted_add(rows, by_column[k], weights[i])));
        }
        bytes want = encode(rows);
        for (size_t fail_at = 2;; ++fail_at) {
            ledger books = {.fail_at = fail_at};
            cxm_alloc hook = ledger_hook(&books);
            cxm_weighted *w = empty(&hook);
            bytes before = encode(w);
            cxm_status status = cxm_weighted_add_many(w, &answers[k], &weight);
            assert_bytes(w, status == CXM_OK ? &want : &before);
            cxm_weighted_free(w);
            assert_true(books.live == 0);
            if (status == CXM_OK) break;
            assert_int_equal(status, CXM_E_MEMORY);
        }
        cxm_weighted_free(rows);
    }
    cxm_column shorter = weight, bad = weight, small = weight;
    cxm_weighted *w = empty(NULL);
    shorter.count = 7;
    bad.type = 9;
    small.size = 8;
    assert_int_equal(cxm_weighted_add_many(NULL, &answers[0], &weight), CXM_E_ARG);
    assert_int_equal(cxm_weighted_add_many(w, NULL, &weight), CXM_E_ARG);
    assert_int_equal(cxm_weighted_add_many(w, &answers[0], NULL), CXM_E_ARG);
    assert_int_equal(cxm_weighted_add_many(w, &answers[0], &shorter), CXM_E_ARG);
    assert_int_equal(cxm_weighted_add_many(w, &answers[0], &bad), CXM_E_ARG);
    assert_int_equal(cxm_weighted_add_many(w, &small, &weight), CXM_E_ABI);
    cxm_weighted_free(w);
}

static void rows_that_never_were_are_not_taken(void **state)
{
    (void)state;
    cxm_weighted *w = empty(NULL);
    for (int turn = 0; turn < 2; ++turn) {
        bytes before = encode(w);
        assert_int_equal(cxm_weighted_remove(w, 4, 1), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_weighted_remove(w, 3, 2), CXM_E_UNDERFLOW);        /* of two rows that weigh 1.5 */
        assert_int_equal(cxm_weighted_remove(w, 3, 1.5), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_weighted_remove(w, 3, 0x1p190), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_weighted_remove(w, 5, 0x1p-190), CXM_E_UNDERFLOW); /* of one row that weighs 1 */
        assert_int_equal(cxm_weighted_remove(w, 3, 0), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_weighted_remove(w, 11, 1), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_weighted_remove(w, 11, 0), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_weighted_remove_missing(w, 7), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_weighted_remove_missing(w, 0), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_weighted_remove_unparsed(w, 1), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_weighted_remove(w, 3, -1), CXM_E_UNDERFLOW);
        assert_bytes(w, &before);
        assert_int_equal(cxm_weighted_add(w, 3, 1), CXM_OK);
        assert_int_equal(cxm_weighted_add(w, 3, 0.5), CXM_OK);
        assert_int_equal(cxm_weighted_add(w, 5, 1), CXM_OK);
        assert_int_equal(cxm_weighted_add_missing(w, 2), CXM_OK);
    }
    cxm_weighted_free(w);
}

/* Doubled 63 times one row is 2^63; twice that is past the type. */
static void rows_past_the_type_are_refused(void **state)
{
    (void)state;
    cxm_weighted *w = empty(NULL), *one = empty(NULL);
    cxm_weighted_summary got = {.size = sizeof got};
    assert_int_equal(cxm_weighted_add(w, 10, 0x1p200), CXM_OK);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_weighted_merge(w, w), CXM_OK);
    bytes before = encode(w);
    assert_int_equal(cxm_weighted_merge(w, w), CXM_E_OVERFLOW);
    assert_bytes(w, &before);
    assert_int_equal(cxm_weighted_add(one, 10, 0x1p200), CXM_OK);
    for (int i = 0; i < 63; ++i) {                          /* 1, 3, 7, ... 2^63 - 1 rows */
        assert_int_equal(cxm_weighted_merge(w, one), CXM_OK);
        if (i < 62) assert_int_equal(cxm_weighted_merge(one, one), CXM_OK);
    }
    assert_int_equal(cxm_weighted_add_missing(w, 1), CXM_E_OVERFLOW);
    assert_int_equal(cxm_weighted_summarize(w, NULL, &got), CXM_OK);
    assert_true(got.n == UINT64_MAX && got.mean == 10.0 && got.se == 0.0 && got.interval_status == CXM_E_UNDEFINED);
    cxm_weighted_free(w);
    cxm_weighted_free(one);
}

static void memory_is_small_and_bounded(void **state)
{
    (void)state;
    ledger books = {0};
    cxm_alloc hook = ledger_hook(&books);
    cxm_weighted *one = empty(&hook);
    uint64_t seed = 4;
    assert_int_equal(cxm_weighted_add(one, 9, 0.9440823789), CXM_OK);
    print_message("one row: %zu bytes\n", books.live);
    assert_true(books.live <= 240);
    cxm_weighted_free(one);
    cxm_weighted *w = empty(&hook), *wide = empty(&hook);
    for (int i = 0; i < 20000; ++i)
        assert_int_equal(cxm_weighted_add(w, (double)(i % 11), (double)(test_rand(&seed) % 1000000) / 300000.0 + 0.1), CXM_OK);
    assert_true(books.live < 900);
    print_message("two states, one of 20000 weights: %zu bytes\n", books.live);
    cxm_weighted_free(w);
    books.peak = 0;
    for (int i = 0; i < 3000; ++i)
        assert_int_equal(cxm_weighted_add(wide, (double)(i % 11), ldexp(1.0 + (double)i * 0x1p-52, i % 400 - 200)), CXM_OK);
    for (int i = 0; i < 52; ++i) assert_int_equal(cxm_weighted_merge(wide, wide), CXM_OK);
    assert_true(books.peak <= cxm_weighted_bytes(&nps));
    cxm_weighted_free(wide);
    assert_true(books.live == 0);
}

/* One failure anywhere: nothing has changed, and the same row can come again. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t k = 1, done = 0; !done; ++k) {
        ledger books = {.fail_at = k};
        cxm_alloc hook = ledger_hook(&books);
        cxm_weighted *w = NULL, *plain = empty(NULL);
        uint64_t seed = 30;
        if (cxm_weighted_create(&nps, &hook, &w) != CXM_OK) assert_int_equal(cxm_weighted_create(&nps, &hook, &w), CXM_OK);
        for (int i = 0; i < 60; ++i) {
            row r = random_row(&seed);
            bytes before = encode(w);
            cxm_status status = add(w, r);
            if (status == CXM_E_MEMORY) assert_bytes(w, &before);
            if (status == CXM_E_MEMORY) status = add(w, r);
            assert_true(counted(status) && counted(add(plain, r)));
        }
        bytes want = encode(plain);
        assert_bytes(w, &want);
        cxm_status status = cxm_weighted_merge(w, plain);
        if (status == CXM_E_MEMORY) assert_bytes(w, &want);
        if (status == CXM_E_MEMORY) assert_int_equal(cxm_weighted_merge(w, plain), CXM_OK);
        cxm_weighted_free(w);
        cxm_weighted_free(plain);
        assert_true(books.live == 0);
        done = !books.failed;
    }
}

/* Taking a row out of a state with narrow windows may need wider ones. */
static void a_removal_without_memory_changes_nothing(void **state)
{
    (void)state;
    cxm_weighted *w = empty(NULL), *back = NULL;
    assert_int_equal(cxm_weighted_add(w, 1, 1.0 + 0x1p-52), CXM_OK);
    assert_int_equal(cxm_weighted_add(w, 1, 1.0 - 0x1p-52), CXM_OK);
    bytes full = encode(w);
    for (size_t k = 2;; ++k) {
        ledger books = {0};
        cxm_alloc hook = ledger_hook(&books);
        assert_int_equal(cxm_weighted_decode(full.at, full.len, SIZE_MAX, &hook, &back), CXM_OK);
        books.fail_at = k + 1;
        cxm_status status = cxm_weighted_remove(back, 1, 1.0 + 0x1p-52);
        if (status != CXM_OK) assert_bytes(back, &full);
        cxm_weighted_free(back);
        assert_true(books.live == 0);
        if (status == CXM_OK) break;
        assert_int_equal(status, CXM_E_MEMORY);
    }
    cxm_weighted_free(w);
}

/* ---- what it says ---- */

/* Row by row, as the header states it. */
typedef struct brute { double value, se, kish, deff; } brute;

static double worth(int32_t value, double x)
{
    return value == CXM_VALUE_MEAN ? x : value == CXM_VALUE_TOP ? x >= 9.0 : (x >= 9.0) - (x <= 6.0);
}

static brute by_rows(const row *rows, size_t n, int32_t value)
{
    double w = 0.0, wx = 0.0, ww = 0.0, u2 = 0.0, s2 = 0.0, answers = 0.0;
    for (size_t i = 0; i < n; ++i) {
        if (rows[i].kind != ANSWER) continue;
        w += rows[i].weight;
        wx += rows[i].weight * worth(value, rows[i].answer);
        ww += rows[i].weight * rows[i].weight;
        ++answers;
    }
    for (size_t i = 0; i < n; ++i) {
        double apart = worth(value, rows[i].answer) - wx / w, u = rows[i].kind == ANSWER ? rows[i].weight * apart / w : 0.0;
        u2 += u * u;
        if (rows[i].kind == ANSWER) s2 += rows[i].weight * apart * apart / w;
    }
    double rows_n = (double)n, variance = rows_n / (rows_n - 1.0) * u2;
    return (brute){wx / w, sqrt(variance), w * w / ww, variance / (s2 / (answers - 1.0))};
}

static size_t fill(row *rows, size_t n, uint64_t *seed, double scale, cxm_weighted *w)
{
    for (size_t i = 0; i < n; ++i) {
        uint64_t draw = test_rand(seed);
        rows[i] = (row){draw % 9 ? ANSWER : MISSING, (double)((draw >> 8) % 11), 0.0};
        rows[i].weight = scale * ((double)((draw >> 20) % 1000) / 100.0 + 0.01);
        assert_int_equal(add(w, rows[i]), CXM_OK);
    }
    return n;
}

static void estimates_are_those_of_the_rows(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (int trial = 0; trial < 200; ++trial) {
        row rows[ROWS];
        cxm_weighted *w = empty(NULL);
        size_t n = fill(rows, 3 + test_rand(&seed) % (ROWS - 3), &seed, 1.0, w);
        for (int32_t value = CXM_VALUE_MEAN; value <= CXM_VALUE_NET; ++value) {
            cxm_weighted_ask ask = {.size = sizeof ask, .value = value};
            cxm_weighted_summary got = {.size = sizeof got};
            brute want = by_rows(rows, n, value);
            cxm_status status = cxm_weighted_summarize(w, &ask, &got);
            if (status == CXM_E_EMPTY) continue;
            assert_near(got.value, want.value, 1e-13);
            assert_near(got.se, want.se, 1e-12);
            assert_close(got.kish_n_eff, want.kish, 1e-12);
            assert_close(got.kish_deff, (double)got.n / want.kish, 1e-12);
            if (got.deff_status == CXM_OK && want.deff == want.deff) assert_close(got.deff_replacement, want.deff, 1e-9);
        }
        cxm_weighted_free(w);
    }
}

static void assert_same_but_weights(const cxm_weighted *a, const cxm_weighted *b, double tolerance)
{
    for (int32_t value = CXM_VALUE_MEAN; value <= CXM_VALUE_NET; ++value) {
        cxm_weighted_ask ask = {.size = sizeof ask, .value = value};
        cxm_weighted_summary x = {.size = sizeof x}, y = {.size = sizeof y};
        assert_int_equal(cxm_weighted_summarize(a, &ask, &x), CXM_OK);
        assert_int_equal(cxm_weighted_summarize(b, &ask, &y), CXM_OK);
        assert_close(x.value, y.value, tolerance);
        assert_close(x.se, y.se, tolerance);
        assert_close(x.low, y.low, tolerance);
        assert_close(x.high, y.high, tolerance);
        assert_close(x.kish_n_eff, y.kish_n_eff, tolerance);
        assert_close(x.deff_replacement, y.deff_replacement, tolerance);
    }
}

static void scaled_weights_say_the_same(void **state)
{
    (void)state;
    static const double scales[] = {0x1p-180, 0x1p-1, 0x1p10, 0x1p180, 3.7, 1e-20};
    for (size_t i = 0; i < COUNT_OF(scales); ++i) {
        uint64_t seed = 21, again = 21;
        row rows[ROWS];
        cxm_weighted *w = empty(NULL), *scaled = empty(NULL);
        fill(rows, ROWS, &seed, 1.0, w);
        fill(rows, ROWS, &again, scales[i], scaled);
        assert_same_but_weights(w, scaled, frexp(scales[i], &(int){0}) == 0.5 ? 0.0 : 1e-12);
        cxm_weighted_free(w);
        cxm_weighted_free(scaled);
    }
}

static void equal_weights_are_no_weights(void **state)
{
    (void)state;
    static const double weights[] = {1.0, 0.1, 1e-30, 7.0 / 3.0, 1e50};
    for (size_t i = 0; i < COUNT_OF(weights); ++i) {
        cxm_weighted *w = empty(NULL);
        cxm_scale plain;
        cxm_scale_summary want = {.size = sizeof want};
        cxm_weighted_summary got = {.size = sizeof got};
        cxm_weighted_ask top = {.size = sizeof top, .value = CXM_VALUE_TOP};
        uint64_t seed = 5;
        assert_int_equal(cxm_scale_init(&plain, &nps), CXM_OK);
        for (int k = 0; k < 137; ++k) {
            double answer = (double)(test_rand(&seed) % 11);
            assert_int_equal(cxm_weighted_add(w, answer, weights[i]), CXM_OK);
            assert_int_equal(cxm_scale_add_double(&plain, answer), CXM_OK);
        }
        assert_int_equal(cxm_scale_summarize(&plain, NULL, &want), CXM_OK);
        assert_int_equal(cxm_weighted_summarize(w, NULL, &got), CXM_OK);
        assert_close(got.mean, want.mean, 1e-15);
        assert_close(got.se, want.se, 1e-14);
        assert_close(got.low, want.low, 1e-14);
        assert_close(got.high, want.high, 1e-14);
        assert_close(got.kish_n_eff, 137.0, 1e-14);
        assert_close(got.deff_replacement, 1.0, 1e-13);
        assert_int_equal(cxm_weighted_summarize(w, &top, &got), CXM_OK);
        assert_close(got.top_share, want.top_share, 1e-15);
        assert_close(got.se, sqrt(want.top_share * (1.0 - want.top_share) / 136.0), 1e-14);
        cxm_weighted_free(w);
    }
}

/* A share of 1 says nothing by its spread: Wilson's limits of the n that the weights leave. */
static void answers_all_alike_have_no_spread(void **state)
{
    (void)state;
    cxm_weighted *w = empty(NULL);
    cxm_weighted_ask ask = {.size = sizeof ask, .value = CXM_VALUE_TOP, .method = CXM_INTERVAL_KORN_GRAUBARD};
    cxm_weighted_summary got = {.size = sizeof got};
    cxm_interval wilson = {.size = sizeof wilson};
    for (int i = 0; i < 8; ++i) assert_int_equal(cxm_weighted_add(w, i % 2 ? 9 : 10, 0.3), CXM_OK);
    assert_int_equal(cxm_weighted_summarize(w, &ask, &got), CXM_OK);
    assert_int_equal(cxm_share_interval(8, 8, CXM_INTERVAL_WILSON, 0.95, &wilson), CXM_OK);
    assert_true(got.value == 1.0 && got.se == 0.0 && got.method == CXM_INTERVAL_WILSON && got.high == 1.0);
    assert_close(got.low, wilson.low, 1e-14);
    assert_int_equal(got.deff_status, CXM_E_UNDEFINED);
    ask.value = CXM_VALUE_NET;
    ask.method = 0;
    ask.net_unit = 100.0;
    assert_int_equal(cxm_weighted_summarize(w, &ask, &got), CXM_OK);
    assert_true(got.value == 100.0 && got.se == 0.0 && got.interval_status == CXM_E_UNDEFINED && got.low != got.low);
    ask.value = CXM_VALUE_TOP;
    cxm_weighted_free(w);
    w = empty(NULL);
    for (int i = 0; i < 8; ++i) assert_int_equal(cxm_weighted_add(w, i % 2 ? 7 : 2, 0.3), CXM_OK);
    assert_int_equal(cxm_weighted_summarize(w, &ask, &got), CXM_OK);
    assert_true(got.value == 0.0 && got.low == 0.0);
    assert_close(got.high, 1.0 - wilson.low, 1e-14);
    cxm_weighted_free(w);
}

/* 2 m KL(share, limit), m answers giving the linearised error by (1 - 1/n) p q / se^2. */
static double deviance_at(const cxm_weighted_summary *of, double limit)
{
    double p = of->value, q = 1.0 - p, m = (1.0 - 1.0 / (double)of->n) * p * q / (of->se * of->se);
    return 2.0 * m * (p * log(p / limit) + q * log(q / (1.0 - limit)));
}

/* At each limit by likelihood the deviance is the square of t on n - 1, and the mirrored share has the mirrored limits. */
static void likelihood_limits_solve_their_equation(void **state)
{
    (void)state;
    static const struct { int hits, n; double t; } at[] = {     /* two-sided 0.95 quantiles, by mpmath */
        {1, 2, 12.706204736432095}, {1, 3, 4.302652729749464}, {3, 10, 2.2621571627982055}, {99, 100, 1.9842169515864175},
        {500, 1001, 1.9623390808264078}};
    for (size_t i = 0; i < COUNT_OF(at); ++i) {
        cxm_weighted_ask ask = {.size = sizeof ask, .value = CXM_VALUE_TOP, .method = CXM_INTERVAL_LIKELIHOOD};
        cxm_weighted_summary got = {.size = sizeof got}, mirrored = {.size = sizeof mirrored};
        cxm_weighted *w = empty(NULL), *other = empty(NULL);
        for (int k = 0; k < at[i].n; ++k) {
            assert_int_equal(cxm_weighted_add(w, k < at[i].hits ? 10 : 0, 0.3), CXM_OK);
            assert_int_equal(cxm_weighted_add(other, k < at[i].hits ? 0 : 10, 0.3), CXM_OK);
        }
        assert_int_equal(cxm_weighted_summarize(w, &ask, &got), CXM_OK);
        assert_int_equal(cxm_weighted_summarize(other, &ask, &mirrored), CXM_OK);
        assert_int_equal(got.method, CXM_INTERVAL_LIKELIHOOD);
        if (got.high < 1.0) assert_close(deviance_at(&got, got.high), at[i].t * at[i].t, 1e-9);
        assert_close(deviance_at(&got, got.low), at[i].t * at[i].t, 1e-9);
        assert_near(mirrored.low, 1.0 - got.high, 1e-12);
        assert_near(mirrored.high, 1.0 - got.low, 1e-12);
        cxm_weighted_free(w);
        cxm_weighted_free(other);
    }
}

/* One row alone is a lonely stratum: certain, or unknown. */
static void one_row_has_no_error(void **state)
{
    (void)state;
    cxm_weighted *w = empty(NULL);
    cxm_weighted_ask ask = {.size = sizeof ask};
    cxm_weighted_summary got = {.size = sizeof got};
    assert_int_equal(cxm_weighted_add(w, 4, 2.5), CXM_OK);
    for (ask.lonely = CXM_LONELY_FAIL; ask.lonely <= CXM_LONELY_AVERAGE; ++ask.lonely) {
        bool fails = ask.lonely == CXM_LONELY_FAIL || ask.lonely == CXM_LONELY_AVERAGE;
        assert_int_equal(cxm_weighted_summarize(w, &ask, &got), CXM_OK);
        assert_true(got.value == 4.0 && got.lonely == 1 && got.n == 1 && got.df == 0.0);
        assert_int_equal(got.se_status, fails ? CXM_E_UNDEFINED : CXM_OK);
        assert_true(fails ? got.se != got.se : got.se == 0.0);
        assert_int_equal(got.interval_status, CXM_E_UNDEFINED);
    }
    cxm_weighted_free(w);
}

static void assert_definition(const cxm_weighted_ask *ask, const char *want)
{
    char text[600];
    size_t len = 0, again = 0;
    assert_int_equal(cxm_weighted_definition("NPS", &nps, ask, text, sizeof text, &len), CXM_OK);
    assert_int_equal(len, strlen(want));
    assert_memory_equal(text, want, len);
    text[0] = '?';
    assert_int_equal(cxm_weighted_definition("NPS", &nps, ask, text, len - 1, &again), CXM_E_LIMIT);
    assert_true(again == len && text[0] == '?');
    assert_int_equal(cxm_weighted_definition("NPS", &nps, ask, NULL, 0, &again), CXM_E_LIMIT);
}

static void the_definition_says_what_was_asked(void **state)
{
    (void)state;
    char text[600], longest[66];
    size_t len;
    cxm_weighted_ask ask = {.size = sizeof ask, .value = CXM_VALUE_NET, .net_unit = 100, .zero_weight = CXM_ZERO_KEPT};
    assert_definition(NULL, "NPS = mean of all answers 0..10, higher is better, each answer by its weight; linearised standard error; "
                            "t interval at level 0.95");
    assert_definition(&ask, "NPS = 100 x (answers 9..10 - answers 0..6) / all answers 0..10, higher is better, each answer by its "
                            "weight; linearised standard error; rows of weight 0 are kept in the design; t interval at level 0.95");
    ask = (cxm_weighted_ask){.size = sizeof ask, .value = CXM_VALUE_TOP, .method = CXM_INTERVAL_KORN_GRAUBARD, .cap_n = 1,
                             .df_answers = 1, .lonely = CXM_LONELY_CERTAINTY, .level = 0.9};
    assert_definition(&ask, "NPS = answers 9..10 / all answers 0..10, higher is better, each answer by its weight; linearised "
                            "standard error; strata of one cluster add nothing; degrees of freedom of answers; n at most the "
                            "rows; korn-graubard interval at level 0.9");
    memset(longest, 'x', 65);
    longest[65] = '\0';
    assert_int_equal(cxm_weighted_definition(longest, &nps, NULL, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_weighted_definition(longest + 1, &nps, NULL, text, sizeof text, &len), CXM_OK);
    assert_int_equal(cxm_weighted_definition(NULL, &nps, NULL, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_weighted_definition("NPS", NULL, NULL, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_weighted_definition("NPS", &nps, NULL, NULL, 9, &len), CXM_E_ARG);
    assert_int_equal(cxm_weighted_definition("NPS", &nps, NULL, text, sizeof text, NULL), CXM_E_ARG);
    ask.value = CXM_VALUE_NET;
    assert_int_equal(cxm_weighted_definition("NPS", &nps, &ask, text, sizeof text, &len), CXM_E_METHOD);
    ask.size = 8;
    assert_int_equal(cxm_weighted_definition("NPS", &nps, &ask, text, sizeof text, &len), CXM_E_ABI);
}

static void misuse_is_an_error(void **state)
{
    (void)state;
    cxm_scale_spec bad = nps, other = nps;
    cxm_alloc broken = {NULL, NULL, NULL, NULL};
    cxm_weighted *w = empty(NULL), *out = NULL;
    cxm_weighted_summary sum = {.size = sizeof sum}, small = {.size = 8};
    uint64_t n;
    double x;
    bad.hi = bad.lo;
    other.high_from = 8;
    assert_true(cxm_weighted_bytes(&bad) == 0 && cxm_weighted_bytes(NULL) == 0);
    assert_int_equal(cxm_weighted_create(&bad, NULL, &out), CXM_E_ARG);
    assert_int_equal(cxm_weighted_create(&nps, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_weighted_create(&nps, &broken, &out), CXM_E_ARG);
    assert_int_equal(cxm_weighted_add(NULL, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_weighted_add_missing(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_weighted_add_unparsed(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_weighted_remove(NULL, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_weighted_remove_missing(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_weighted_remove_unparsed(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_weighted_merge(NULL, w), CXM_E_ARG);
    assert_int_equal(cxm_weighted_merge(w, NULL), CXM_E_ARG);
    assert_int_equal(cxm_weighted_create(&other, NULL, &out), CXM_OK);
    assert_int_equal(cxm_weighted_merge(w, out), CXM_E_MISMATCH);
    assert_int_equal(cxm_weighted_spec(NULL, &bad), CXM_E_ARG);
    assert_int_equal(cxm_weighted_spec(w, NULL), CXM_E_ARG);
    assert_int_equal(cxm_weighted_point(NULL, 1, &n, &x, &x), CXM_E_ARG);
    assert_int_equal(cxm_weighted_point(w, 1, NULL, &x, &x), CXM_E_ARG);
    assert_int_equal(cxm_weighted_point(w, 1, &n, NULL, &x), CXM_E_ARG);
    assert_int_equal(cxm_weighted_point(w, 1, &n, &x, NULL), CXM_E_ARG);
    assert_int_equal(cxm_weighted_summarize(NULL, NULL, &sum), CXM_E_ARG);
    assert_int_equal(cxm_weighted_summarize(w, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_weighted_summarize(w, NULL, &small), CXM_E_ABI);
    assert_int_equal(cxm_weighted_summarize(w, NULL, &sum), CXM_E_EMPTY);
    cxm_weighted_free(w);
    cxm_weighted_free(out);
    cxm_weighted_free(NULL);
}

static void questions_are_checked(void **state)
{
    (void)state;
    cxm_weighted *w = empty(NULL);
    cxm_weighted_summary sum = {.size = sizeof sum};
    const cxm_weighted_ask good = {.size = sizeof good, .value = CXM_VALUE_TOP};
    cxm_weighted_ask bad[14];
    for (size_t i = 0; i < COUNT_OF(bad); ++i) bad[i] = good;
    bad[0].value = 4;
    bad[1].value = -1;
    bad[2].zero_weight = 2;
    bad[3].zero_weight = -1;
    bad[4].lonely = 4;
    bad[5].lonely = -1;
    bad[6].cap_n = 2;
    bad[7].level = 1.0;
    bad[8].level = -0.5;
    bad[9].level = NAN;
    bad[10].net_unit = -1.0;
    bad[11].net_unit = 1e7;
    bad[12].df_answers = 2;
    bad[13].level = 1.5;
    for (size_t i = 0; i < COUNT_OF(bad); ++i) assert_int_equal(cxm_weighted_summarize(w, &bad[i], &sum), CXM_E_ARG);
    bad[0] = good;
    bad[0].size = 8;
    assert_int_equal(cxm_weighted_summarize(w, &bad[0], &sum), CXM_E_ABI);
    static const int32_t shares[] = {CXM_INTERVAL_LOGIT, CXM_INTERVAL_ARCSINE, CXM_INTERVAL_KORN_GRAUBARD, CXM_INTERVAL_LIKELIHOOD,
                                     CXM_INTERVAL_WILSON};
    for (size_t i = 0; i < COUNT_OF(shares); ++i) {
        cxm_weighted_ask ask = good;
        ask.method = shares[i];
        assert_int_equal(cxm_weighted_summarize(w, &ask, &sum), CXM_E_EMPTY);
        ask.value = CXM_VALUE_NET;
        assert_int_equal(cxm_weighted_summarize(w, &ask, &sum), CXM_E_METHOD);
    }
    cxm_weighted_ask score = good;
    score.method = CXM_INTERVAL_SCORE;
    assert_int_equal(cxm_weighted_summarize(w, &score, &sum), CXM_E_METHOD);
    cxm_weighted_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_counted_where_they_belong),
        cmocka_unit_test(weights_outside_their_range_are_refused),
        cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(squares_are_rounded_to_even),
        cmocka_unit_test(any_order_and_merge_tree_gives_the_same_bytes),
        cmocka_unit_test(remove_gives_back_what_add_took),
        cmocka_unit_test(columns_are_their_rows),
        cmocka_unit_test(rows_that_never_were_are_not_taken),
        cmocka_unit_test(rows_past_the_type_are_refused),
        cmocka_unit_test(memory_is_small_and_bounded),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_removal_without_memory_changes_nothing),
        cmocka_unit_test(estimates_are_those_of_the_rows),
        cmocka_unit_test(scaled_weights_say_the_same),
        cmocka_unit_test(equal_weights_are_no_weights),
        cmocka_unit_test(answers_all_alike_have_no_spread),
        cmocka_unit_test(likelihood_limits_solve_their_equation),
        cmocka_unit_test(one_row_has_no_error),
        cmocka_unit_test(the_definition_says_what_was_asked),
        cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(questions_are_checked),
    };
    return cmocka_run_group_tests_name("score/weighted", tests, NULL, NULL);
}
