/* SPDX-License-Identifier: MIT */
/* test_scale_column.c - a whole column is the same as its values one at a time, whatever its layout.
 *
 * Every buffer is as long as its last value and its last bit need, not a byte longer, so that a
 * sanitizer or valgrind sees each read past the end.                                        */
#include <cxm/scale.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const int32_t types[] = {CXM_I8, CXM_U8, CXM_I32, CXM_F64};

static size_t bytes_of(int32_t type)
{
    return type == CXM_F64 ? 8 : type == CXM_I32 ? 4 : 1;
}

/* ---- one column on the heap ---- */

enum layout { PACKED, STATED, SPREAD, BACKWARDS, ODD_BASE, OVERLAPPING, LAYOUTS };

typedef struct column_case {
    cxm_column column;
    unsigned char *values, *bits;       /* what to free */
} column_case;

static int64_t stride_of(int layout, size_t bytes)
{
    switch (layout) {
    case STATED: return (int64_t)bytes;
    case SPREAD: return (int64_t)bytes + 5;
    case BACKWARDS: return -(int64_t)bytes - 3;
    case OVERLAPPING: return 1;
    default: return 0;
    }
}

/* `count` random bytes in a block of exactly that size; NULL for none. */
static unsigned char *random_bytes(size_t count, uint64_t *seed)
{
    unsigned char *bytes = count ? malloc(count) : NULL;
    assert_true(bytes || count == 0);
    for (size_t i = 0; i < count; ++i) bytes[i] = (unsigned char)(test_rand(seed) >> 32);
    return bytes;
}

static column_case make_case(int32_t type, int layout, uint64_t n, int bit, uint64_t *seed)
{
    size_t bytes = bytes_of(type), skip = layout == ODD_BASE;
    int64_t stride = stride_of(layout, bytes), step = stride ? stride : (int64_t)bytes;
    size_t span = n ? (size_t)(n - 1) * (size_t)(step < 0 ? -step : step) + bytes : 0;
    column_case c = {.column = {.size = sizeof c.column, .type = type, .stride = stride, .count = n}};
    if (n) {
        c.values = random_bytes(skip + span, seed);
        c.column.values = c.values + skip + (step < 0 ? span - bytes : 0);
    }
    if (bit >= 0 && n) {
        c.bits = random_bytes((size_t)(((uint64_t)bit + n + 7) / 8), seed);
        c.column.validity = c.bits;
        c.column.validity_bit = (uint64_t)bit;
    }
    return c;
}

static void free_case(column_case *c)
{
    free(c->values);
    free(c->bits);
}

static unsigned char *value_at(const column_case *c, uint64_t i)
{
    int64_t step = c->column.stride ? c->column.stride : (int64_t)bytes_of(c->column.type);
    size_t start = (size_t)((const unsigned char *)c->column.values - c->values);
    return c->values + (int64_t)start + (int64_t)i * step;
}

/* ---- what the values may be ---- */

static double any_double(const cxm_scale_spec *spec, uint64_t *seed)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, -0.0, 0.5, 1e300, -1e300, 5e-324,
                                 2147483648.0, -2147483649.0};
    uint64_t draw = test_rand(seed);
    double near = (double)spec->lo - 2.0 + (double)(draw >> 32) / 4294967296.0 * ((double)spec->hi - spec->lo + 4.0);
    switch (draw % 6) {
    case 0: return odd[draw / 6 % COUNT_OF(odd)];
    case 1: return near;                                /* nearly always between two points */
    case 2: return nextafter(floor(near), draw & 64 ? 1e300 : -1e300);
    default: return floor(near);
    }
}

static int32_t any_int(const cxm_scale_spec *spec, uint64_t *seed)
{
    static const int32_t odd[] = {INT32_MIN, INT32_MAX, INT32_MIN + 1, 0, -1, INT8_MIN, UINT8_MAX, INT16_MAX};
    uint64_t draw = test_rand(seed);
    if (draw % 6 == 0) return odd[draw / 6 % COUNT_OF(odd)];
    int64_t near = (int64_t)spec->lo - 2 + (int64_t)((draw >> 32) % (uint64_t)((int64_t)spec->hi - spec->lo + 5));
    return near < INT32_MIN ? INT32_MIN : near > INT32_MAX ? INT32_MAX : (int32_t)near;
}

/* Bytes stay as they are, uniform over all 256: half of them near the scale. */
static void fill_values(column_case *c, const cxm_scale_spec *spec, uint64_t *seed)
{
    for (uint64_t i = 0; i < c->column.count; ++i) {
        double f64 = any_double(spec, seed);
        int32_t i32 = any_int(spec, seed);
        if (c->column.type == CXM_F64) memcpy(value_at(c, i), &f64, sizeof f64);
        else if (c->column.type == CXM_I32) memcpy(value_at(c, i), &i32, sizeof i32);
        else if (i & 1) *value_at(c, i) = (unsigned char)i32;
    }
}

/* ---- the slow way ---- */

static void add_one(cxm_scale *scale, const column_case *c, uint64_t i)
{
    uint64_t bit = c->column.validity_bit + i;
    const unsigned char *at = value_at(c, i);
    double f64;
    int32_t i32;
    if (c->bits && !(c->bits[bit / 8] & 1 << bit % 8)) {
        assert_int_equal(cxm_scale_add_missing(scale), CXM_OK);
        return;
    }
    switch (c->column.type) {
    case CXM_F64: memcpy(&f64, at, sizeof f64); cxm_scale_add_double(scale, f64); break;
    case CXM_I32: memcpy(&i32, at, sizeof i32); cxm_scale_add(scale, i32); break;
    case CXM_I8: cxm_scale_add(scale, *at < 128 ? *at : *at - 256); break;
    default: cxm_scale_add(scale, *at);
    }
}

/* A scale with something in it, on a block of just the bytes it may touch. */
static cxm_scale *scale_on_heap(const cxm_scale_spec *spec)
{
    cxm_scale *scale = malloc(cxm_scale_bytes(spec));
    assert_non_null(scale);
    assert_int_equal(cxm_scale_init(scale, spec), CXM_OK);
    cxm_scale_add(scale, spec->lo);
    cxm_scale_add_missing(scale);
    cxm_scale_add_unparsed(scale);
    return scale;
}

static void check_case(column_case *c, const cxm_scale_spec *spec)
{
    cxm_scale *fast = scale_on_heap(spec), *slow = scale_on_heap(spec);
    for (uint64_t i = 0; i < c->column.count; ++i) add_one(slow, c, i);
    assert_int_equal(cxm_scale_add_many(fast, &c->column), CXM_OK);
    assert_memory_equal(fast, slow, cxm_scale_bytes(spec));
    free(fast);
    free(slow);
}

static cxm_scale_spec spec_of(int32_t lo, int32_t hi)
{
    cxm_scale_spec spec;
    assert_int_equal(cxm_scale_define(lo, hi, CXM_HIGHER_IS_BETTER, &spec), CXM_OK);
    return spec;
}

static const struct { int32_t lo, hi; } scales[] = {
    {0, 10}, {1, 5}, {-3, 3}, {0, 100}, {INT8_MIN, -28}, {INT8_MIN - 5, INT8_MIN + 5}, {120, 135}, {200, 300},
    {INT32_MAX - 4, INT32_MAX}, {INT32_MIN, INT32_MIN + 100}};

static void check_scale(const cxm_scale_spec *spec, uint64_t n, uint64_t *seed)
{
    static const int bits[] = {-1, 0, 1, 7, 8, 13};
    for (size_t t = 0; t < COUNT_OF(types); ++t)
        for (int layout = 0; layout < LAYOUTS; ++layout)
            for (size_t b = 0; b < COUNT_OF(bits); ++b) {
                column_case c = make_case(types[t], layout, n, bits[b], seed);
                fill_values(&c, spec, seed);
                check_case(&c, spec);
                free_case(&c);
            }
}

static void a_column_is_its_values_one_by_one(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {0, 1, 7, 8, 9, 63, 64, 65, 1000};
    uint64_t seed = 20261122;
    for (size_t s = 0; s < COUNT_OF(scales); ++s) {
        cxm_scale_spec spec = spec_of(scales[s].lo, scales[s].hi);
        for (size_t i = 0; i < COUNT_OF(lengths); ++i) check_scale(&spec, lengths[i], &seed);
    }
}

/* A column is counted in blocks of 2^24 values; one more than two blocks, by either path. */
static void columns_longer_than_a_block(void **state)
{
    (void)state;
    const uint64_t n = (UINT64_C(1) << 25) + 1;
    uint64_t seed = 3;
    cxm_scale_spec spec = spec_of(0, 10);
    column_case c = make_case(CXM_U8, PACKED, n, -1, &seed);
    for (uint64_t i = 0; i < n; ++i) c.values[i] = (unsigned char)(c.values[i] % 12);
    cxm_scale fast, slow, strided;
    cxm_scale_init(&fast, &spec);
    cxm_scale_init(&strided, &spec);
    cxm_scale_init(&slow, &spec);
    for (uint64_t i = 0; i < n; ++i) c.values[i] < 11 ? (void)++slow.counts[c.values[i]] : (void)++slow.out_of_range;
    assert_int_equal(cxm_scale_add_many(&fast, &c.column), CXM_OK);
    c.column.values = c.values + n - 1;
    c.column.stride = -1;
    assert_int_equal(cxm_scale_add_many(&strided, &c.column), CXM_OK);
    assert_memory_equal(&fast, &slow, cxm_scale_bytes(&spec));
    assert_memory_equal(&strided, &slow, cxm_scale_bytes(&spec));
    free_case(&c);
}

/* All values alike: the fullest one counter of a block can be. */
static void one_value_fills_one_counter(void **state)
{
    (void)state;
    const uint64_t n = (UINT64_C(1) << 24) + 8;
    cxm_scale_spec spec = spec_of(0, 10);
    unsigned char *nines = malloc((size_t)n);
    assert_non_null(nines);
    memset(nines, 9, (size_t)n);
    cxm_column column = {.size = sizeof column, .type = CXM_U8, .values = nines, .count = n};
    cxm_scale scale;
    cxm_scale_init(&scale, &spec);
    assert_int_equal(cxm_scale_add_many(&scale, &column), CXM_OK);
    assert_true(scale.counts[9] == n && scale.out_of_range == 0 && scale.missing == 0);
    free(nines);
}

static void no_values_need_no_pointer(void **state)
{
    (void)state;
    cxm_scale_spec spec = spec_of(0, 10);
    for (size_t t = 0; t < COUNT_OF(types); ++t) {
        cxm_column column = {.size = sizeof column, .type = types[t], .validity_bit = UINT64_MAX};
        cxm_scale *scale = scale_on_heap(&spec), *before = scale_on_heap(&spec);
        assert_int_equal(cxm_scale_add_many(scale, &column), CXM_OK);
        assert_memory_equal(scale, before, cxm_scale_bytes(&spec));
        free(scale);
        free(before);
    }
}

static void full_counters_leave_the_state_as_it_was(void **state)
{
    (void)state;
    static const double f64[] = {1, 2, 3, 99, NAN};
    static const int8_t i8[] = {1, 2, 3, 99};
    cxm_column doubles = {.size = sizeof doubles, .type = CXM_F64, .values = f64, .count = 5};
    cxm_column packed = {.size = sizeof packed, .type = CXM_I8, .values = i8, .count = 4};
    cxm_scale_spec spec = spec_of(1, 5);
    cxm_scale scale, before;
    for (int full = 0; full < 4; ++full) {
        cxm_scale_init(&scale, &spec);
        uint64_t *counters[] = {&scale.counts[0], &scale.counts[2], &scale.out_of_range, &scale.missing};
        *counters[full] = UINT64_MAX;
        before = scale;
        assert_int_equal(cxm_scale_add_many(&scale, &doubles), CXM_E_OVERFLOW);
        assert_memory_equal(&scale, &before, cxm_scale_bytes(&spec));
        assert_int_equal(cxm_scale_add_many(&scale, &packed), full == 3 ? CXM_OK : CXM_E_OVERFLOW);
        if (full != 3) assert_memory_equal(&scale, &before, cxm_scale_bytes(&spec));
    }
}

/* A later version's column, with a field we do not know. */
typedef struct later_column { cxm_column known; uint64_t unknown; } later_column;

static void misuse_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const int32_t no_types[] = {0, -1, 5, INT32_MAX, INT32_MIN};
    static const int8_t five[] = {5};
    const cxm_column good = {.size = sizeof good, .type = CXM_I8, .values = five, .count = 1};
    cxm_column bad = good;
    cxm_scale_spec spec = spec_of(1, 5);
    cxm_scale scale, before;
    cxm_scale_init(&scale, &spec);
    before = scale;
    assert_int_equal(cxm_scale_add_many(&scale, NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_add_many(NULL, &good), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(no_types); ++i) {
        bad.type = no_types[i];
        assert_int_equal(cxm_scale_add_many(&scale, &bad), CXM_E_ARG);
    }
    bad = good;
    bad.values = NULL;
    assert_int_equal(cxm_scale_add_many(&scale, &bad), CXM_E_ARG);
    bad = good;
    bad.validity_bit = UINT64_MAX;                      /* the last bit's number does not exist */
    assert_int_equal(cxm_scale_add_many(&scale, &bad), CXM_E_ARG);
    bad = good;
    bad.size = sizeof bad - 1;
    assert_int_equal(cxm_scale_add_many(&scale, &bad), CXM_E_ABI);
    assert_memory_equal(&scale, &before, cxm_scale_bytes(&spec));
    scale.spec.direction = 0;                           /* a state nobody started */
    assert_int_equal(cxm_scale_add_many(&scale, &good), CXM_E_ARG);
}

static void a_later_column_is_read_where_its_tail_is_zero(void **state)
{
    (void)state;
    static const int8_t five[] = {5};
    later_column later = {.known = {.size = sizeof later, .type = CXM_I8, .values = five, .count = 1}};
    cxm_scale_spec spec = spec_of(1, 5);
    cxm_scale scale;
    cxm_scale_init(&scale, &spec);
    assert_int_equal(cxm_scale_add_many(&scale, &later.known), CXM_OK);
    later.unknown = 1;
    assert_int_equal(cxm_scale_add_many(&scale, &later.known), CXM_E_ABI);
    assert_int_equal(scale.counts[4], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_is_its_values_one_by_one),
        cmocka_unit_test(columns_longer_than_a_block),
        cmocka_unit_test(one_value_fills_one_counter),
        cmocka_unit_test(no_values_need_no_pointer),
        cmocka_unit_test(full_counters_leave_the_state_as_it_was),
        cmocka_unit_test(misuse_is_refused_and_changes_nothing),
        cmocka_unit_test(a_later_column_is_read_where_its_tail_is_zero),
    };
    return cmocka_run_group_tests_name("score/scale_column", tests, NULL, NULL);
}
