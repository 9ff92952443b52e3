/* SPDX-License-Identifier: MIT */
/** @file cxm/zone.h
 *  @brief Time zones: how far a place's clocks are from UTC, at any instant of years 1 to 9999.
 *
 *      cxm_zone_from_tzif(bytes, len, NULL, &zone, NULL);      the bytes of /usr/share/zoneinfo/Europe/Berlin
 *      cxm_zone_offset(zone, at_us, &offset_s, NULL, &until_us);
 *
 *  Rules come as bytes, so that nothing here knows of files, names or the machine: the compiled zone files that
 *  systems have (TZif, versions 1 to 4), POSIX TZ text ("CET-1CEST,M3.5.0,M10.5.0/3"), or a fixed offset. What cannot be
 *  read is an error, never UTC. Offsets are seconds east of UTC; local time is UTC plus the offset.
 *  From the last change that a file lists on, its POSIX footer holds; without one, the last offset stays. Before the first
 *  change the file's first local time holds. A file of time with leap seconds ("right/") is refused: instants here have none.
 *
 *  State    One array of changes, at most 10 KB and 12 bytes for each that the file lists; it never changes once it is made.
 *  Source   RFC 9636 (TZif); POSIX.1-2017, Base Definitions 8.3 (TZ), with the hours up to 167 of RFC 9636, 3.3.1.
 *  Threads  A zone is only read after it was made: any number of threads at once.   */
#ifndef CXM_ZONE_H
#define CXM_ZONE_H
#include <cxm/alloc.h>
#include <cxm/error.h>
#include <cxm/status.h>
CXM_BEGIN_C

typedef struct cxm_zone cxm_zone;

/** Make a zone from the bytes of a TZif file; they are not trusted. `alloc` may be NULL, and so may `error`.
 *  @return CXM_OK | CXM_E_FORMAT no such file, or it contradicts itself; `error` says where and why | CXM_E_VERSION a
 *          version past 4 | CXM_E_MEMORY | CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_zone_from_tzif(const void *bytes, size_t len, const cxm_alloc *alloc, cxm_zone **out, cxm_error *error);

/** Make a zone from POSIX TZ text: offsets are told west of UTC there, "<+0530>-5:30". Summer time needs its rules.
 *  @return CXM_OK | CXM_E_FORMAT | CXM_E_MEMORY | CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_zone_from_posix(const char *text, size_t len, const cxm_alloc *alloc, cxm_zone **out, cxm_error *error);

/** Make a zone whose clocks are always so many seconds east of UTC.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_ARG also for a day or more either way; `out` unchanged on each */
CXM_API cxm_status cxm_zone_fixed(int32_t offset_s, const cxm_alloc *alloc, cxm_zone **out);

/** Take back a zone; NULL is fine. */
CXM_API void cxm_zone_free(cxm_zone *zone);

/** Bytes that a zone takes; 0 for NULL. */
CXM_API size_t cxm_zone_bytes(const cxm_zone *zone);

/** The offset in force at an instant, which is the same at least from `*from_us` on and before `*until_us`; both may be NULL.
 *  @return CXM_OK | CXM_E_DOMAIN outside years 1 to 9999 | CXM_E_ARG */
CXM_API cxm_status cxm_zone_offset(const cxm_zone *zone, int64_t at_us, int32_t *offset_s, int64_t *from_us, int64_t *until_us);

CXM_END_C
#endif
