/* SPDX-License-Identifier: MIT */
/* test_quantile_column.c - what is counted where, in every unit and by every door: a value, whole steps, a column of each
 * type, and any 64 bits there are. */
#include <cxm/quantile.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { PATTERNS = 1000000 };

static const cxm_quantile_spec micros = {.size = sizeof micros, .unit = CXM_UNIT_US};
static const cxm_quantile_spec cents = {.size = sizeof cents, .unit = CXM_UNIT_NUMBER, .decimals = 2};

static cxm_quantile *make(const cxm_quantile_spec *spec)
{
    cxm_quantile *q = NULL;
    assert_int_equal(cxm_quantile_create(spec, NULL, &q), CXM_OK);
    return q;
}

static bool counted(cxm_status status)
{
    return status == CXM_OK || status == CXM_E_DOMAIN;
}

static cxm_quantile_summary summary_of(const cxm_quantile *q, cxm_status want)
{
    cxm_quantile_summary got = {.size = sizeof got};
    assert_int_equal(cxm_quantile_summarize(q, &got), want);
    return got;
}

static void assert_same(const cxm_quantile *a, const cxm_quantile *b)
{
    size_t len, other, written;
    assert_int_equal(cxm_quantile_encode(a, NULL, 0, &len), CXM_E_LIMIT);
    assert_int_equal(cxm_quantile_encode(b, NULL, 0, &other), CXM_E_LIMIT);
    assert_int_equal(len, other);
    unsigned char *x = malloc(len), *y = malloc(len);
    assert_true(x && y);
    assert_int_equal(cxm_quantile_encode(a, x, len, &written), CXM_OK);
    assert_int_equal(cxm_quantile_encode(b, y, len, &written), CXM_OK);
    assert_memory_equal(x, y, len);
    free(x);
    free(y);
}

/* Whole steps of every size below 2^bits. */
static uint64_t random_steps(unsigned bits, uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    return (draw >> 8 | UINT64_C(1) << 55) >> (56 - bits + draw % bits);
}

/* ---- the account ---- */

/* By hand, in microseconds from 10 to 1000, which is to 1007 by its bin of 8. */
static void values_are_counted_where_they_belong(void **state)
{
    (void)state;
    static const struct { double value; cxm_status status; } rows[] = {
        {0.0, CXM_OK}, {-0.0, CXM_OK}, {0.4, CXM_OK}, {0.5, CXM_OK}, {5e-324, CXM_OK},          /* zero */
        {0.6, CXM_OK}, {1.5, CXM_OK}, {9.0, CXM_OK}, {9.4, CXM_OK},                             /* under */
        {9.5, CXM_OK}, {10.0, CXM_OK}, {10.5, CXM_OK}, {11.5, CXM_OK}, {1007.4, CXM_OK},        /* 10 10 10 12 1007 */
        {1007.5, CXM_OK}, {1008.0, CXM_OK}, {1e17, CXM_OK}, {1e300, CXM_OK}, {DBL_MAX, CXM_OK}, /* over */
        {-1.0, CXM_E_DOMAIN}, {-1e300, CXM_E_DOMAIN}, {INFINITY, CXM_E_DOMAIN}, {-INFINITY, CXM_E_DOMAIN},
        {NAN, CXM_E_DOMAIN}, {-NAN, CXM_E_DOMAIN}};
    cxm_quantile_spec spec = micros, told = {.size = sizeof told};
    spec.low = 10;
    spec.high = 1000;
    cxm_quantile *q = make(&spec), *fresh = make(&spec);
    for (size_t i = 0; i < COUNT_OF(rows); ++i) assert_int_equal(cxm_quantile_add(q, rows[i].value), rows[i].status);
    assert_int_equal(cxm_quantile_add_missing(q), CXM_OK);
    assert_int_equal(cxm_quantile_add_unparsed(q), CXM_OK);
    assert_int_equal(cxm_quantile_add_open(q), CXM_OK);
    cxm_quantile_summary got = summary_of(q, CXM_OK);
    assert_true(got.zero == 5 && got.under == 4 && got.over == 5 && got.n == 19);
    assert_true(got.negative == 2 && got.infinite == 2 && got.missing == 3 && got.unparsed == 1 && got.open == 1);
    assert_true(got.sum_high == 0 && got.sum_low == 10 + 10 + 10 + 12 + 1007 && got.sum == 1049.0);
    assert_int_equal(got.mean_status, CXM_E_UNDEFINED);
    assert_true(got.min == 0.0 && got.max != got.max);
    assert_int_equal(cxm_quantile_spec_of(q, &told), CXM_OK);
    assert_true(told.low == 10 && told.high == 1007 && told.precision == CXM_PRECISION_1 && told.unit == CXM_UNIT_US);
    for (size_t i = COUNT_OF(rows); i-- > 0;) assert_int_equal(cxm_quantile_remove(q, rows[i].value), rows[i].status);
    assert_int_equal(cxm_quantile_remove_missing(q), CXM_OK);
    assert_int_equal(cxm_quantile_remove_unparsed(q), CXM_OK);
    assert_int_equal(cxm_quantile_remove_open(q), CXM_OK);
    assert_same(q, fresh);
    cxm_quantile_free(q);
    cxm_quantile_free(fresh);
}

static void whole_steps_are_counted_where_they_belong(void **state)
{
    (void)state;
    static const struct { int64_t steps; cxm_status status; } rows[] = {
        {0, CXM_OK}, {9, CXM_OK}, {10, CXM_OK}, {1007, CXM_OK}, {1008, CXM_OK}, {INT64_C(1) << 53, CXM_OK},
        {INT64_MAX, CXM_OK}, {-1, CXM_E_DOMAIN}, {INT64_MIN, CXM_E_DOMAIN}};
    cxm_quantile_spec spec = micros;
    spec.low = 10;
    spec.high = 1000;
    cxm_quantile *q = make(&spec);
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        assert_int_equal(cxm_quantile_add_steps(q, rows[i].steps), rows[i].status);
    cxm_quantile_summary got = summary_of(q, CXM_OK);
    assert_true(got.zero == 1 && got.under == 1 && got.over == 3 && got.n == 7 && got.negative == 2 && got.sum_low == 1017);
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        assert_int_equal(cxm_quantile_remove_steps(q, rows[i].steps), rows[i].status);
    assert_int_equal(summary_of(q, CXM_E_EMPTY).n, 0);
    cxm_quantile_free(q);
}

/* The same steps in every unit of time are the same bytes, and answers are in the unit. */
static void durations_are_one_state_in_every_unit(void **state)
{
    (void)state;
    static const struct { int32_t unit; double steps; } units[] = {
        {CXM_UNIT_MS, 1e3}, {CXM_UNIT_S, 1e6}, {CXM_UNIT_MIN, 6e7}, {CXM_UNIT_H, 3.6e9}};
    uint64_t seed = 41;
    for (size_t k = 0; k < COUNT_OF(units); ++k) {
        cxm_quantile_spec spec = micros;
        spec.unit = units[k].unit;
        cxm_quantile *base = make(&micros), *other = make(&spec);
        double x, y;
        for (int i = 0; i < 3000; ++i) {
            double whole = (double)(1 + test_rand(&seed) % 500), odd = (double)random_steps(48, &seed);
            assert_int_equal(cxm_quantile_add(base, whole * units[k].steps), CXM_OK);
            assert_int_equal(cxm_quantile_add(other, whole), CXM_OK);
            assert_int_equal(cxm_quantile_add(base, odd), CXM_OK);
            assert_int_equal(cxm_quantile_add(other, odd / units[k].steps), CXM_OK);
        }
        assert_same(base, other);
        cxm_quantile_summary us = summary_of(base, CXM_OK), told = summary_of(other, CXM_OK);
        assert_int_equal(cxm_quantile_at(base, 0.9, CXM_QUANTILE_TYPE7, &x), CXM_OK);
        assert_int_equal(cxm_quantile_at(other, 0.9, CXM_QUANTILE_TYPE7, &y), CXM_OK);
        assert_close(y * units[k].steps, x, 1e-15);
        assert_close(told.mean * units[k].steps, us.mean, 1e-15);
        assert_close(told.sum * units[k].steps, us.sum, 1e-15);
        assert_close(told.min * units[k].steps, us.min, 1e-15);
        assert_close(told.max * units[k].steps, us.max, 1e-15);
        assert_int_equal(cxm_quantile_merge(base, other), CXM_OK);
        assert_int_equal(cxm_quantile_subtract(base, other), CXM_OK);
        cxm_quantile_free(base);
        cxm_quantile_free(other);
    }
}

static void numbers_are_counted_in_their_decimals(void **state)
{
    (void)state;
    cxm_quantile *q = make(&cents);
    uint32_t cursor = 0;
    uint64_t count;
    double low, high;
    assert_int_equal(cxm_quantile_add(q, 1.25), CXM_OK);
    assert_int_equal(cxm_quantile_add(q, 1.2549), CXM_OK);
    assert_int_equal(cxm_quantile_add(q, 0.005), CXM_OK);           /* 0.5 steps: to the even one, 0 */
    assert_int_equal(cxm_quantile_add_steps(q, 125), CXM_OK);
    cxm_quantile_summary got = summary_of(q, CXM_OK);
    assert_true(got.n == 4 && got.zero == 1 && got.sum_low == 375);
    assert_close(got.sum, 3.75, 1e-15);
    assert_close(got.max, 1.25, 1e-15);
    assert_int_equal(cxm_quantile_bin(q, &cursor, &low, &high, &count), CXM_OK);
    assert_true(count == 3);
    assert_close(low, 1.25, 1e-15);
    assert_close(high, 1.25, 1e-15);
    assert_int_equal(cxm_quantile_bin(q, &cursor, &low, &high, &count), CXM_END);
    assert_int_equal(cxm_quantile_add_steps(q, (INT64_C(1) << 52) - 1), CXM_OK);
    assert_int_equal(cxm_quantile_add_steps(q, INT64_C(1) << 52), CXM_OK);
    assert_true(summary_of(q, CXM_OK).over == 1);
    cxm_quantile_free(q);
}

/* Of four types, strided, backwards, with a bitmap: the same bytes as a call a row. */
static void columns_are_their_rows(void **state)
{
    (void)state;
    static const int8_t i8[8] = {9, 0, -1, 4, 127, -128, 7, 8};
    static const uint8_t u8[8] = {9, 0, 255, 4, 127, 128, 7, 8}, bitmap[2] = {0xB6, 0x01};
    int32_t i32[16];
    double f64[8] = {1.5, -0.0, NAN, INFINITY, 1e300, -3.0, 0.5, 12345.0};
    for (int i = 0; i < 8; ++i) i32[2 * i] = i == 3 ? INT32_MIN : i == 4 ? INT32_MAX : 100000 * i, i32[2 * i + 1] = 5;
    const cxm_column columns[] = {
        {.size = sizeof(cxm_column), .type = CXM_I8, .values = i8, .count = 8, .validity = bitmap, .validity_bit = 1},
        {.size = sizeof(cxm_column), .type = CXM_U8, .values = u8, .count = 8},
        {.size = sizeof(cxm_column), .type = CXM_I32, .values = i32, .count = 8, .stride = 8},
        {.size = sizeof(cxm_column), .type = CXM_F64, .values = f64 + 7, .count = 8, .stride = -8},
        {.size = sizeof(cxm_column), .type = CXM_F64, .values = f64, .count = 8, .validity = bitmap, .validity_bit = 1},
        {.size = sizeof(cxm_column), .type = CXM_F64, .values = NULL, .count = 0}};
    for (size_t k = 0; k < COUNT_OF(columns); ++k) {
        cxm_quantile *rows = make(&micros), *column = make(&micros);
        for (int i = 0; i < 8 && columns[k].count; ++i) {
            double valid_i8 = (0xDB >> i & 1) ? i8[i] : (double)NAN, valid_f64 = (0xDB >> i & 1) ? f64[i] : (double)NAN;
            double by_column[] = {valid_i8, u8[i], i32[2 * i], f64[7 - i], valid_f64};
            assert_true(counted(cxm_quantile_add(rows, by_column[k])));
        }
        assert_int_equal(cxm_quantile_add_many(column, &columns[k]), CXM_OK);
        assert_same(column, rows);
        cxm_quantile_free(rows);
        cxm_quantile_free(column);
    }
}

/* ---- any 64 bits ---- */

/* Half of them as they fall, half with an exponent of 2^-4 to 2^59 and few signs. */
static double random_pattern(uint64_t *seed)
{
    uint64_t bits = test_rand(seed), draw = test_rand(seed);
    double value;
    uint64_t sign = draw % 100 == 1 ? UINT64_C(1) << 63 : 0;
    if (draw % 2) bits = (bits & ((UINT64_C(1) << 52) - 1)) | (1019 + (draw >> 8) % 64) << 52 | sign;
    if (draw % 8 == 3) bits &= ~((UINT64_C(1) << (draw >> 16) % 52) - 1);        /* ties */
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void add_pieces(cxm_quantile *q, const double *values, size_t n, uint64_t *seed)
{
    for (size_t i = 0; i < n;) {
        cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values + i};
        size_t piece = 1 + test_rand(seed) % (test_rand(seed) % 50 ? 70 : 9000);
        column.count = piece < n - i ? piece : n - i;
        assert_int_equal(cxm_quantile_add_many(q, &column), CXM_OK);
        i += (size_t)column.count;
    }
}

static void any_bits_are_counted_alike_by_every_door(void **state)
{
    (void)state;
    uint64_t seed = 121;
    double *values = malloc(PATTERNS * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < PATTERNS; ++i) values[i] = random_pattern(&seed);
    for (int k = 0; k < 4; ++k) {
        cxm_quantile_spec spec = k == 3 ? cents : micros;
        const cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = PATTERNS};
        if (k == 1) spec.unit = CXM_UNIT_S, spec.precision = CXM_PRECISION_01;
        if (k == 2) spec.low = 1000, spec.high = 1000000, spec.targets = 2, spec.target[0] = 4321, spec.target[1] = 99999;
        cxm_quantile *rows = make(&spec), *whole = make(&spec), *pieces = make(&spec);
        for (size_t i = 0; i < PATTERNS; ++i) assert_true(counted(cxm_quantile_add(rows, values[i])));
        assert_int_equal(cxm_quantile_add_many(whole, &column), CXM_OK);
        add_pieces(pieces, values, PATTERNS, &seed);
        assert_same(whole, rows);
        assert_same(pieces, rows);
        cxm_quantile_summary got = summary_of(rows, CXM_OK);
        assert_true(got.n + got.missing + got.negative + got.infinite == PATTERNS && got.unparsed == 0);
        cxm_quantile_free(rows);
        cxm_quantile_free(whole);
        cxm_quantile_free(pieces);
    }
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_counted_where_they_belong),
        cmocka_unit_test(whole_steps_are_counted_where_they_belong),
        cmocka_unit_test(durations_are_one_state_in_every_unit),
        cmocka_unit_test(numbers_are_counted_in_their_decimals),
        cmocka_unit_test(columns_are_their_rows),
        cmocka_unit_test(any_bits_are_counted_alike_by_every_door),
    };
    return cmocka_run_group_tests_name("response/quantile_column", tests, NULL, NULL);
}
