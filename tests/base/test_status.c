/* SPDX-License-Identifier: MIT */
/* test_status.c - the one list of codes: names, meanings, and what is not in it. */
#include <cxm/status.h>
#include <string.h>
#include "support/cxm_test.h"

#define ROW(name, number, what) {#name, name, number, what},
static const struct { const char *name; cxm_status code; int32_t number; const char *what; } rows[] = {
    CXM_STATUS_LIST(ROW)};

static void every_code_is_described(void **state)
{
    (void)state;
    assert_int_equal(COUNT_OF(rows), CXM_STATUS_COUNT);
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        assert_int_equal(rows[i].code, rows[i].number);
        assert_int_equal(rows[i].number, i);            /* dense, so the table has no hole */
        assert_string_equal(cxm_status_name(rows[i].code), rows[i].name);
        assert_string_equal(cxm_status_describe(rows[i].code), rows[i].what);
        assert_true(rows[i].what[strlen(rows[i].what) - 1] != '.');
    }
}

static void numbers_outside_the_list_are_unknown(void **state)
{
    (void)state;
    static const cxm_status outside[] = {-1, INT32_MIN, CXM_STATUS_COUNT, INT32_MAX};
    for (size_t i = 0; i < COUNT_OF(outside); ++i) {
        assert_string_equal(cxm_status_describe(outside[i]), "unknown status");
        assert_string_equal(cxm_status_name(outside[i]), "unknown");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_code_is_described),
                                       cmocka_unit_test(numbers_outside_the_list_are_unknown)};
    return cmocka_run_group_tests_name("base/status", tests, NULL, NULL);
}
