/* SPDX-License-Identifier: MIT */
/* test_wide.c - products and differences of 128 bits against the laws that they obey. */
#include "base/wide.h"
#include "support/cxm_test.h"

static int same(wide a, wide b)
{
    return a.high == b.high && a.low == b.low;
}

static uint64_t any(uint64_t *seed)
{
    return test_rand(seed) >> (test_rand(seed) % 64);
}

static wide sum(wide a, wide b)
{
    wide out = {a.high + b.high, a.low + b.low};
    out.high += out.low < a.low;
    return out;
}

static void known_products(void **state)
{
    (void)state;
    assert_true(same(wide_product(0, UINT64_MAX), (wide){0, 0}));
    assert_true(same(wide_product(UINT64_MAX, 1), (wide){0, UINT64_MAX}));
    assert_true(same(wide_product(UINT64_MAX, UINT64_MAX), (wide){UINT64_MAX - 1, 1}));
    assert_true(same(wide_product(UINT64_C(1) << 63, 6), (wide){3, 0}));
    assert_true(same(wide_product(UINT64_C(10000000000000000000), 10), (wide){5, UINT64_C(7766279631452241920)}));
}

static void products_obey_their_laws(void **state)
{
    (void)state;
    uint64_t seed = 41;
    for (int i = 0; i < 100000; ++i) {
        uint64_t a = any(&seed), b = any(&seed) >> 1, c = any(&seed) >> 1;
        wide left = wide_product(a, b), whole = wide_product(a, b + c);
        assert_true(same(left, wide_product(b, a)));
        assert_true(same(sum(left, wide_product(a, c)), whole));
        assert_true(same(wide_sum(left, wide_product(a, c)), whole) && same(wide_sum(wide_product(a, c), left), whole));
        assert_true(same(wide_minus(whole, wide_product(a, c)), left));
        assert_false(wide_below(whole, left));
        if (a > 0 && c > 0) assert_true(wide_below(left, whole));
        assert_close(wide_to_double(left), (double)a * (double)b, 1e-15);
        if (c <= UINT32_MAX) assert_true(same(wide_add_product(left, a, (uint32_t)c), whole));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_products), cmocka_unit_test(products_obey_their_laws)};
    return cmocka_run_group_tests_name("base/wide", tests, NULL, NULL);
}
