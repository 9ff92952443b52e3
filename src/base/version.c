/* SPDX-License-Identifier: MIT */
/* version.c - the version the library was built as. */
#include "base/port.h"
#include <cxm/version.h>

const char *cxm_version(void)
{
    return CXM_VERSION;
}

uint32_t cxm_version_number(void)
{
    return CXM_VERSION_MAJOR * 1000000u + CXM_VERSION_MINOR * 1000u + CXM_VERSION_PATCH;
}
