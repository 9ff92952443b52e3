/* SPDX-License-Identifier: MIT */
/* test_survival_column.c - columns of every type, stride and bitmap count what rows do; what is missing and what is refused, by
 * hand; a column that does not fit leaves nothing behind. */
#include <cxm/survival.h>
#include <math.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { ROWS = 500, ROOM = 1 << 14 };

static cxm_survival *make(int64_t cap, const cxm_alloc *hook)
{
    cxm_survival *s = NULL;
    assert_int_equal(cxm_survival_create(cap, hook, &s), CXM_OK);
    return s;
}

static cxm_survival_account account_of(const cxm_survival *s)
{
    cxm_survival_account a = {.size = sizeof a};
    assert_int_equal(cxm_survival_account_of(s, &a), CXM_OK);
    return a;
}

static void assert_same(const cxm_survival *a, const cxm_survival *b)
{
    static unsigned char x[ROOM], y[ROOM];
    size_t len = 0, other = 0;
    assert_int_equal(cxm_survival_encode(a, x, ROOM, &len), CXM_OK);
    assert_int_equal(cxm_survival_encode(b, y, ROOM, &other), CXM_OK);
    assert_int_equal(len, other);
    assert_memory_equal(x, y, len);
}

static cxm_column column(int32_t type, const void *values, int64_t stride, uint64_t count)
{
    return (cxm_column){.size = sizeof(cxm_column), .type = type, .values = values, .stride = stride, .count = count};
}

static cxm_column doubles(const double *values, uint64_t count)
{
    return column(CXM_F64, values, 0, count);
}

/* --- by hand --- */

static void rows_that_are_no_tenures(void **state)
{
    (void)state;
    static const double entries[] = {0, 2, 5, 0, NAN, 0, 0.5, 0, 0, -1, 0, 0, -0.0, 0, 3};
    static const double exits[] = {3, 3, 5, 2.5, 4, NAN, 9, 7, 7, 7, -1, INFINITY, 0, 1e18, 1e300};
    static const double events[] = {1, 0, 1, 1, 1, 1, 1, 2, NAN, 1, 0, 0, 1, 1, 0};
    const uint64_t n = COUNT_OF(exits);
    cxm_column c[3] = {doubles(entries, n), doubles(exits, n), doubles(events, n)};
    cxm_survival *s = make(10, NULL), *by_hand = make(10, NULL);
    assert_int_equal(cxm_survival_add_many(s, &c[0], &c[1], &c[2]), CXM_OK);
    cxm_survival_account a = account_of(s);
    assert_int_equal(a.missing, 3);         /* NaN in each column */
    assert_int_equal(a.refused, 8);         /* 5 to 5, 2.5, from 0.5, event 2, from -1, to -1, infinite, no 64 bits */
    assert_int_equal(a.n, 4);
    assert_true(a.events == 2 && a.censored == 1 && a.beyond == 1 && a.late == 1);
    cxm_survival_add(by_hand, 0, 3, 1);
    cxm_survival_add(by_hand, 2, 3, 0);
    cxm_survival_add(by_hand, 0, 0, 1);
    cxm_survival_add(by_hand, 0, 1000000000000000000, 1);
    cxm_survival_add_count(by_hand, 1, 1, 0, 8);
    for (int i = 0; i < 3; ++i) assert_int_equal(cxm_survival_add_missing(by_hand), CXM_OK);
    assert_same(s, by_hand);
    cxm_survival_free(s);
    cxm_survival_free(by_hand);
}

static void missing_rows_are_a_group_of_their_own(void **state)
{
    (void)state;
    cxm_survival *s = make(10, NULL), *other = make(10, NULL);
    assert_int_equal(cxm_survival_remove_missing(s), CXM_E_UNDERFLOW);
    for (int i = 0; i < 5; ++i) assert_int_equal(cxm_survival_add_missing(i % 2 ? s : other), CXM_OK);
    assert_int_equal(cxm_survival_subtract(s, other), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_merge(s, other), CXM_OK);
    assert_int_equal(account_of(s).missing, 5);
    assert_int_equal(account_of(s).n, 0);
    assert_int_equal(cxm_survival_subtract(s, other), CXM_OK);
    assert_int_equal(cxm_survival_remove_missing(s), CXM_OK);
    assert_int_equal(account_of(s).missing, 1);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_survival_merge(s, s), CXM_OK);
    assert_int_equal(account_of(s).missing, UINT64_C(1) << 63);
    assert_int_equal(cxm_survival_merge(s, s), CXM_E_OVERFLOW);
    cxm_survival_free(s);
    cxm_survival_free(other);
}

/* --- every type --- */

typedef struct told { int8_t entry; int32_t exit; uint8_t event; double as_double; } told;

/* Structs as columns; the same values as doubles from the end; a bitmap at an odd bit; and row by row. */
static void columns_count_what_rows_do(void **state)
{
    (void)state;
    uint64_t seed = 61;
    for (int trial = 0; trial < 50; ++trial) {
        static told rows[ROWS];
        uint8_t bits[(ROWS + 7) / 8 + 1] = {0};
        cxm_survival *by_row = make(90, NULL), *whole = make(90, NULL);
        for (int i = 0; i < ROWS; ++i) {
            rows[i] = (told){(int8_t)(test_rand(&seed) % 3 ? 0 : (int)(test_rand(&seed) % 60) - 5), (int32_t)(test_rand(&seed) % 120) - 2,
                             (uint8_t)(test_rand(&seed) % 2), 0.0};
            rows[i].as_double = rows[i].exit;
            if (test_rand(&seed) % 8) bits[(i + 3) >> 3] |= (uint8_t)(1u << ((i + 3) & 7));
            if (bits[(i + 3) >> 3] >> ((i + 3) & 7) & 1) cxm_survival_add(by_row, rows[i].entry, rows[i].exit, rows[i].event);
            else cxm_survival_add_missing(by_row);
        }
        cxm_column entries = column(CXM_I8, &rows[0].entry, sizeof(told), ROWS);
        cxm_column exits = column(CXM_I32, &rows[0].exit, sizeof(told), ROWS);
        cxm_column events = column(CXM_U8, &rows[0].event, sizeof(told), ROWS);
        exits.validity = bits;
        exits.validity_bit = 3;
        if (trial % 2) {                    /* from the last row up; no bitmap runs backwards */
            exits = column(CXM_F64, &rows[ROWS - 1].as_double, -(int64_t)sizeof(told), ROWS);
            entries = column(CXM_I8, &rows[ROWS - 1].entry, -(int64_t)sizeof(told), ROWS);
            events = column(CXM_U8, &rows[ROWS - 1].event, -(int64_t)sizeof(told), ROWS);
            for (int i = 0; i < ROWS; ++i) {
                if (bits[(i + 3) >> 3] >> ((i + 3) & 7) & 1) continue;
                cxm_survival_remove_missing(by_row);
                cxm_survival_add(by_row, rows[i].entry, rows[i].exit, rows[i].event);
            }
        }
        assert_int_equal(cxm_survival_add_many(whole, &entries, &exits, &events), CXM_OK);
        assert_same(whole, by_row);
        cxm_survival_free(by_row);
        cxm_survival_free(whole);
    }
}

static void without_entries_all_start_at_0(void **state)
{
    (void)state;
    static const int32_t exits[] = {5, 0, 3, 80};
    static const uint8_t events[] = {1, 0, 1, 1};
    cxm_column c[2] = {column(CXM_I32, exits, 0, 4), column(CXM_U8, events, 0, 4)};
    cxm_survival *s = make(10, NULL), *by_row = make(10, NULL);
    assert_int_equal(cxm_survival_add_many(s, NULL, &c[0], &c[1]), CXM_OK);
    for (int i = 0; i < 4; ++i) cxm_survival_add(by_row, 0, exits[i], events[i]);
    assert_same(s, by_row);
    c[0].count = c[1].count = 0;
    c[0].values = NULL;
    assert_int_equal(cxm_survival_add_many(s, NULL, &c[0], &c[1]), CXM_OK);
    assert_same(s, by_row);
    cxm_survival_free(s);
    cxm_survival_free(by_row);
}

/* --- what does not fit --- */

static void a_column_that_does_not_fit_leaves_nothing(void **state)
{
    (void)state;
    static const double entries[] = {0, 4, 0, NAN, 0, 6}, exits[] = {1, 5, -1, 3, 99, 9}, events[] = {1, 1, 0, 0, 1, 0};
    cxm_column c[3] = {doubles(entries, 6), doubles(exits, 6), doubles(events, 6)};
    cxm_survival *full = make(10, NULL), *before = make(10, NULL);
    for (int i = 0; i < 2; ++i) assert_int_equal(cxm_survival_add_count(i ? full : before, 0, 4, 0, UINT64_MAX - 3), CXM_OK);
    assert_int_equal(cxm_survival_add_many(full, &c[0], &c[1], &c[2]), CXM_E_OVERFLOW);       /* by the last row */
    assert_same(full, before);
    cxm_survival_free(full);
    cxm_survival_free(before);
    static const double far[] = {1, 2, 5000, -4}, always[] = {1, 1, 1, 1};
    cxm_column late[2] = {doubles(far, 4), doubles(always, 4)};
    for (size_t fail = 1; fail <= 2; ++fail) {
        ledger own = {0};
        cxm_alloc hook = ledger_hook(&own);
        cxm_survival *s = make(9999, &hook), *empty = make(9999, NULL), *all = make(9999, NULL);
        own.fail_at = own.calls + fail;
        assert_int_equal(cxm_survival_add_many(s, NULL, &late[0], &late[1]), CXM_E_MEMORY);
        assert_same(s, empty);
        own.fail_at = 0;
        assert_int_equal(cxm_survival_add_many(s, NULL, &late[0], &late[1]), CXM_OK);
        assert_int_equal(cxm_survival_add_many(all, NULL, &late[0], &late[1]), CXM_OK);
        assert_same(s, all);
        cxm_survival_free(s);
        cxm_survival_free(empty);
        cxm_survival_free(all);
        assert_int_equal(own.live, 0);
    }
}

static void misuse(void **state)
{
    (void)state;
    static const double values[] = {0, 0, 0};
    cxm_column a = doubles(values, 3), shorter = doubles(values, 2), small = a, no_type = a;
    cxm_survival *s = make(10, NULL);
    small.size = 8;
    no_type.type = 9;
    assert_int_equal(cxm_survival_add_many(NULL, NULL, &a, &a), CXM_E_ARG);
    assert_int_equal(cxm_survival_add_many(s, NULL, NULL, &a), CXM_E_ARG);
    assert_int_equal(cxm_survival_add_many(s, NULL, &a, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_add_many(s, NULL, &a, &shorter), CXM_E_ARG);
    assert_int_equal(cxm_survival_add_many(s, &shorter, &a, &a), CXM_E_ARG);
    assert_int_equal(cxm_survival_add_many(s, &no_type, &a, &a), CXM_E_ARG);
    assert_int_equal(cxm_survival_add_many(s, &small, &a, &a), CXM_E_ABI);
    assert_int_equal(cxm_survival_add_many(s, NULL, &a, &small), CXM_E_ABI);
    assert_int_equal(cxm_survival_add_missing(NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_remove_missing(NULL), CXM_E_ARG);
    cxm_survival_account got = account_of(s);
    assert_int_equal(got.n + got.missing + got.refused, 0);
    cxm_survival_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_that_are_no_tenures), cmocka_unit_test(missing_rows_are_a_group_of_their_own),
        cmocka_unit_test(columns_count_what_rows_do), cmocka_unit_test(without_entries_all_start_at_0),
        cmocka_unit_test(a_column_that_does_not_fit_leaves_nothing), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/survival_column", tests, NULL, NULL);
}
