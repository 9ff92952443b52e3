/* SPDX-License-Identifier: MIT */
/* test_abi.c - sizes and constants by name are those of the headers; whether all are there, tests/bindings/headers.py says. */
#include <cxm/cxm.h>
#include <string.h>
#include "support/cxm_test.h"

static void sizes_are_those_of_the_headers(void **state)
{
    (void)state;
    assert_int_equal(cxm_sizeof("cxm_scale_summary", 17), sizeof(cxm_scale_summary));
    assert_int_equal(cxm_sizeof("cxm_csv_row", 11), sizeof(cxm_csv_row));
    assert_int_equal(cxm_sizeof("cxm_csv_ro", 10), 0);
    assert_int_equal(cxm_sizeof("cxm_state", 9), 0);            /* opaque */
    assert_int_equal(cxm_sizeof(NULL, 0), 0);
    assert_int_equal(cxm_abi(), 1);
}

static void structs_are_listed(void **state)
{
    (void)state;
    const char *name = NULL;
    uint32_t bytes = 0, i = 0;
    for (; cxm_abi_struct(i, &name, &bytes) == CXM_OK; ++i) {
        assert_true(bytes > 0);
        assert_int_equal(cxm_sizeof(name, strlen(name)), bytes);
    }
    assert_true(i > 30);
    assert_int_equal(cxm_abi_struct(i, &name, &bytes), CXM_END);
    assert_int_equal(cxm_abi_struct(0, NULL, &bytes), CXM_E_ARG);
    assert_int_equal(cxm_abi_struct(0, &name, NULL), CXM_E_ARG);
}

static void constants_have_their_values(void **state)
{
    (void)state;
    int64_t value = -1;
    assert_int_equal(cxm_constant("CXM_SCALE_POINTS_MAX", 20, &value), CXM_OK);
    assert_int_equal(value, CXM_SCALE_POINTS_MAX);
    assert_int_equal(cxm_constant("CXM_SCALE_POINTS", 16, &value), CXM_E_ARG);
    assert_int_equal(cxm_constant(NULL, 0, &value), CXM_E_ARG);
    assert_int_equal(cxm_constant("CXM_SCALE_POINTS_MAX", 20, NULL), CXM_E_ARG);
    assert_int_equal(value, CXM_SCALE_POINTS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_those_of_the_headers),
        cmocka_unit_test(structs_are_listed),
        cmocka_unit_test(constants_have_their_values),
    };
    return cmocka_run_group_tests_name("abi/abi", tests, NULL, NULL);
}
