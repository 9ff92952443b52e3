/* SPDX-License-Identifier: MIT */
/* test_version.c - the version of the header, of the binary and of the build file are one. */
#include <cxm/version.h>
#include <stdio.h>
#include "support/cxm_test.h"

static void header_binary_and_build_agree(void **state)
{
    (void)state;
    char text[40];
    snprintf(text, sizeof text, "%d.%d.%d", CXM_VERSION_MAJOR, CXM_VERSION_MINOR, CXM_VERSION_PATCH);
    assert_string_equal(text, CXM_VERSION);
    assert_string_equal(cxm_version(), CXM_VERSION);
    assert_string_equal(MESON_VERSION_TEXT, CXM_VERSION);
    assert_int_equal(cxm_version_number(),
                     CXM_VERSION_MAJOR * 1000000 + CXM_VERSION_MINOR * 1000 + CXM_VERSION_PATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(header_binary_and_build_agree)};
    return cmocka_run_group_tests_name("base/version", tests, NULL, NULL);
}
