/* SPDX-License-Identifier: MIT */
/** @file cxm/version.h
 *  @brief The library's version, as constants of the header and as functions of the binary.
 *
 *  Until 1.0 the API, the ABI and the state format may change from one minor version to
 *  the next; README.md lists every change.                                          */
#ifndef CXM_VERSION_H
#define CXM_VERSION_H
#include <cxm/status.h>
CXM_BEGIN_C

#define CXM_VERSION_MAJOR 0
#define CXM_VERSION_MINOR 1
#define CXM_VERSION_PATCH 0
#define CXM_VERSION "0.1.0"

/** The version of the linked library, "0.1.0"; static text. */
CXM_API const char *cxm_version(void);

/** The same as one number: major * 1000000 + minor * 1000 + patch. */
CXM_API uint32_t cxm_version_number(void);

CXM_END_C
#endif
