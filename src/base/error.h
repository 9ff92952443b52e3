/* SPDX-License-Identifier: MIT */
/* error.h - fills a caller's cxm_error. */
#ifndef CXM_BASE_ERROR_H
#define CXM_BASE_ERROR_H
#include <cxm/error.h>

/* Where something went wrong. */
typedef struct error_place { uint64_t row, byte_offset; uint32_t column; } error_place;

/* Writes `status`, `place` and `text` (cut at a UTF-8 boundary) into `out`, if it is there and
 * large enough; returns `status`, so that a reader can end with it. */
cxm_status error_set(cxm_error *out, cxm_status status, error_place place, const char *text);

#endif
