/* SPDX-License-Identifier: MIT */
/* test_sized.c - the checker of sized structs. */
#include <string.h>
#include "base/sized.h"
#include "support/cxm_test.h"

static void sized_structs(void **state)
{
    (void)state;
    unsigned char bytes[24] = {0};
    memset(bytes, 0xFF, 16);                             /* what we know may hold anything */
    assert_false(sized_in_ok(bytes, 7, 8, 16));          /* a caller who knows too little */
    assert_true(sized_in_ok(bytes, 8, 8, 16));           /* an older caller */
    assert_true(sized_in_ok(bytes, 16, 8, 16));
    assert_true(sized_in_ok(bytes, 24, 8, 16));          /* a newer one, tail zero */
    bytes[23] = 1;
    assert_false(sized_in_ok(bytes, 24, 8, 16));         /* a newer one that asks for more */
    assert_true(sized_in_ok(bytes, 23, 8, 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sized_structs)};
    return cmocka_run_group_tests_name("base/sized", tests, NULL, NULL);
}
