/* SPDX-License-Identifier: MIT */
/* test_checked.c - integer arithmetic at its edges. */
#include "base/checked.h"
#include "support/cxm_test.h"

static void unsigned_sums(void **state)
{
    (void)state;
    uint64_t out = 7;
    assert_true(checked_add_u64(UINT64_MAX - 1, 1, &out) && out == UINT64_MAX);
    assert_true(checked_add_u64(0, 0, &out) && out == 0);
    out = 7;
    assert_false(checked_add_u64(UINT64_MAX, 1, &out));
    assert_false(checked_add_u64(1, UINT64_MAX, &out));
    assert_false(checked_sub_u64(0, 1, &out));
    assert_true(out == 7);
    assert_true(checked_sub_u64(UINT64_MAX, UINT64_MAX, &out) && out == 0);
}

static void signed_sums(void **state)
{
    (void)state;
    int64_t out = 7;
    assert_false(checked_add_i64(INT64_MAX, 1, &out));
    assert_false(checked_add_i64(INT64_MIN, -1, &out));
    assert_false(checked_add_i64(INT64_MIN, INT64_MIN, &out));
    assert_true(out == 7);
    assert_true(checked_add_i64(INT64_MAX, INT64_MIN, &out) && out == -1);
    assert_true(checked_add_i64(INT64_MIN, 0, &out) && out == INT64_MIN);
    assert_true(checked_add_i64(INT64_MIN + 1, -1, &out) && out == INT64_MIN);
}

/* Every pair of edge factors, against the product taken in magnitudes. */
static void signed_products(void **state)
{
    (void)state;
    static const int64_t edge[] = {INT64_MIN, INT64_MIN + 1, INT64_MIN / 2, -4294967296, -3037000500, -3, -2, -1, 0,
                                   1, 2, 3, 3037000499, 4294967296, INT64_MAX / 2, INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < COUNT_OF(edge); ++i)
        for (size_t j = 0; j < COUNT_OF(edge); ++j) {
            int64_t a = edge[i], b = edge[j], out = 7;
            uint64_t x = a < 0 ? 0 - (uint64_t)a : (uint64_t)a, y = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
            int negative = (a < 0) != (b < 0);
            uint64_t most = (uint64_t)INT64_MAX + (negative ? 1 : 0);
            int fits = x == 0 || y <= most / x;
            assert_int_equal(checked_mul_i64(a, b, &out), fits);
            uint64_t want = fits ? (negative ? 0 - x * y : x * y) : 7;
            assert_true((uint64_t)out == want);
        }
}

static void sizes(void **state)
{
    (void)state;
    size_t out = 7;
    assert_false(checked_add_size(SIZE_MAX, 1, &out));
    assert_false(checked_mul_size(SIZE_MAX / 2 + 1, 2, &out));
    assert_int_equal(out, 7);
    assert_true(checked_add_size(SIZE_MAX - 1, 1, &out) && out == SIZE_MAX);
    assert_true(checked_mul_size(SIZE_MAX, 1, &out) && out == SIZE_MAX);
    assert_true(checked_mul_size(0, SIZE_MAX, &out) && out == 0);
    assert_true(checked_mul_size(SIZE_MAX, 0, &out) && out == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unsigned_sums), cmocka_unit_test(signed_sums),
                                       cmocka_unit_test(signed_products), cmocka_unit_test(sizes)};
    return cmocka_run_group_tests_name("base/checked", tests, NULL, NULL);
}
