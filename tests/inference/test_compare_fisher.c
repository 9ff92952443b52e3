/* SPDX-License-Identifier: MIT */
/* test_compare_fisher.c - the exact test against whole numbers, exact fractions, and its own rules. */
#include <cxm/compare.h>
#include <math.h>
#include <stdlib.h>
#include "support/cxm_test.h"

static double fisher(uint64_t x, uint64_t n, uint64_t x2, uint64_t n2)
{
    cxm_difference got = {.size = sizeof got};
    cxm_share_sample a = {x, n}, b = {x2, n2};
    assert_int_equal(cxm_compare_share(&a, &b, CXM_COMPARE_FISHER, 0.95, &got), CXM_OK);
    return got.p;
}

/* Sums of exact fractions; p below 1e-307 holds fewer digits, below the smallest double none. */
static void exact_fractions(void **state)
{
    (void)state;
    test_table t = test_table_read("compare_fisher.csv");
    assert_int_equal(t.rows, 45);
    for (size_t i = 0; i < t.rows; ++i) {
        double got = fisher(strtoull(test_cell(&t, i, "a_hits"), NULL, 10), strtoull(test_cell(&t, i, "a_n"), NULL, 10),
                            strtoull(test_cell(&t, i, "b_hits"), NULL, 10), strtoull(test_cell(&t, i, "b_n"), NULL, 10));
        test_assert_close(got, test_number(&t, i, "p"), 1e-12, 1e-322, test_cell(&t, i, "p"), __FILE__, __LINE__);
    }
    test_table_free(&t);
}

static uint64_t choose(uint64_t n, uint64_t k)
{
    uint64_t c = 1;
    for (uint64_t i = 0; i < k; ++i) c = c * (n - i) / (i + 1);
    return c;
}

/* In whole numbers: C(n, j) C(n', K - j) tables of each kind. */
static double counted(uint64_t x, uint64_t n, uint64_t x2, uint64_t n2)
{
    uint64_t hits = x + x2, observed = choose(n, x) * choose(n2, x2), sum = 0;
    for (uint64_t j = 0; j <= n && j <= hits; ++j)
        if (hits - j <= n2 && choose(n, j) * choose(n2, hits - j) <= observed) sum += choose(n, j) * choose(n2, hits - j);
    return (double)sum / (double)choose(n + n2, hits);
}

static void all_small_tables(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 13; ++n)
        for (uint64_t n2 = 1; n2 <= 13; ++n2)
            for (uint64_t cell = 0; cell < (n + 1) * (n2 + 1); ++cell) {
                uint64_t x = cell / (n2 + 1), x2 = cell % (n2 + 1);
                assert_close(fisher(x, n, x2, n2), counted(x, n, x2, n2), 2e-14);
            }
}

/* Exchanged samples, exchanged hits and misses; and the two classifications exchanged: x, x' | m, m'. */
static void six_ways_to_write_one_table(void **state)
{
    (void)state;
    uint64_t seed = 81;
    for (int i = 0; i < 20000; ++i) {
        uint64_t most = UINT64_C(1) << (1 + test_rand(&seed) % 22), c[4];
        for (int k = 0; k < 4; ++k) c[k] = test_rand(&seed) % most;
        ++c[test_rand(&seed) % 2 * 3];                   /* no empty margin */
        ++c[1 + test_rand(&seed) % 2];
        if (c[0] + c[1] == 0 || c[2] + c[3] == 0 || c[0] + c[2] == 0 || c[1] + c[3] == 0) continue;
        double p = fisher(c[0], c[0] + c[1], c[2], c[2] + c[3]);
        assert_true(0.0 <= p && p <= 1.0);
        test_assert_close(fisher(c[2], c[2] + c[3], c[0], c[0] + c[1]), p, 1e-11, 1e-322, "samples", __FILE__, __LINE__);
        test_assert_close(fisher(c[1], c[0] + c[1], c[3], c[2] + c[3]), p, 1e-11, 1e-322, "misses", __FILE__, __LINE__);
        test_assert_close(fisher(c[0], c[0] + c[2], c[1], c[1] + c[3]), p, 1e-11, 1e-322, "turned", __FILE__, __LINE__);
    }
}

static void one_table_alone_is_certain(void **state)
{
    (void)state;
    assert_true(fisher(0, 5, 0, 9) == 1.0 && fisher(5, 5, 9, 9) == 1.0);
    assert_true(fisher(0, UINT64_MAX, 0, UINT64_MAX) == 1.0 && fisher(UINT64_MAX, UINT64_MAX, 1, 1) == 1.0);
    assert_true(fisher(1, 1, 7, 7) == 1.0);
}

/* The limit is the spread of the tables, not the size of the samples. */
static void too_many_tables_are_refused(void **state)
{
    (void)state;
    cxm_difference out = {.size = sizeof out, .method = 77}, before = out;
    cxm_share_sample half = {UINT64_C(1) << 39, UINT64_C(1) << 40}, few = {9, UINT64_MAX}, none = {0, UINT64_MAX};
    cxm_share_sample all = {UINT64_MAX, UINT64_MAX}, within = {UINT64_C(1) << 37, UINT64_C(1) << 38};
    assert_int_equal(cxm_compare_share(&half, &half, CXM_COMPARE_FISHER, 0.95, &out), CXM_E_LIMIT);
    assert_int_equal(cxm_compare_share(&all, &none, CXM_COMPARE_FISHER, 0.95, &out), CXM_E_LIMIT);
    assert_memory_equal(&out, &before, sizeof out);
    assert_int_equal(cxm_compare_share(&within, &within, CXM_COMPARE_FISHER, 0.95, &out), CXM_OK);
    assert_true(out.p == 1.0);
    assert_int_equal(cxm_compare_share(&few, &none, CXM_COMPARE_FISHER, 0.95, &out), CXM_OK);
    assert_close(out.p, 0.00390625, 1e-13);              /* 2 / 2^9 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_fractions), cmocka_unit_test(all_small_tables), cmocka_unit_test(six_ways_to_write_one_table),
        cmocka_unit_test(one_table_alone_is_certain), cmocka_unit_test(too_many_tables_are_refused)};
    return cmocka_run_group_tests_name("inference/compare_fisher", tests, NULL, NULL);
}
