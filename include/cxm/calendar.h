/* SPDX-License-Identifier: MIT */
/** @file cxm/calendar.h
 *  @brief Opening hours: how much of a stretch of time a place was open, and when so much will have passed.
 *
 *      zone Europe/Berlin
 *      weekly mon=09:00-12:00,13:00-17:00;tue=09:00-17:00
 *      holiday 2026-12-25
 *      dated 2026-12-24=09:00-13:00
 *      break 2026-12-23=12:00-12:30
 *
 *  One fact a line; # begins a comment. Times are HH:MM or HH:MM:SS of a local day, 24:00 its end; what is open over
 *  midnight is told as two stretches. Dates are local. `dated` replaces the weekly hours of its date, a holiday closes
 *  it and wins over that, `break` takes time out of either; a holiday may be a range, 2026-12-24..2026-12-31. Minutes
 *  of the week as help desks keep them are read by where the week begins: `minutes sunday=540-1020,1980-2460` (Zendesk,
 *  Kustomer), `minutes monday=...` (Intercom).
 *  Open is every second at which the wall clock shows an open time: an hour that a change of clocks skips never is, one
 *  that it repeats counts twice. So what is open adds up over any cuts, and no clock change needs a rule of its own.
 *
 *  State    One block of some hundred bytes, 40 for each exceptional date, and its zone. It never changes once it is made.
 *  Cost     O(changes of the offset from UTC between both ends, and log of the exceptional dates).
 *  Threads  Only read after it was made: any number of threads at once.   */
#ifndef CXM_CALENDAR_H
#define CXM_CALENDAR_H
#include <cxm/zone.h>
CXM_BEGIN_C

typedef struct cxm_calendar cxm_calendar;

/** What stands behind `zone` in a calendar's text, for whoever finds its rules: part of it, of length 0 where no zone is told.
 *  @return CXM_OK | CXM_E_FORMAT told twice | CXM_E_ARG */
CXM_API cxm_status cxm_calendar_zone_of(const char *text, size_t len, const char **name, size_t *name_len);

/** Make a calendar; `zone` is taken over on success, `alloc` and `error` may be NULL.
 *  @return CXM_OK | CXM_E_FORMAT `error` says which line and byte, and why | CXM_E_MEMORY | CXM_E_ARG; on each `zone` stays
 *          the caller's */
CXM_API cxm_status cxm_calendar_create(const char *text, size_t len, cxm_zone *zone, const cxm_alloc *alloc, cxm_calendar **out,
                                       cxm_error *error);

/** Take back a calendar and its zone; NULL is fine. */
CXM_API void cxm_calendar_free(cxm_calendar *calendar);

/** Microseconds open in [start, end); 0 when `end` is not after `start`.
 *  @return CXM_OK | CXM_E_DOMAIN outside years 1 to 9999 | CXM_E_ARG */
CXM_API cxm_status cxm_calendar_between(const cxm_calendar *calendar, int64_t start_us, int64_t end_us, int64_t *open_us);

/** The earliest instant by which so much was open from `start_us` on: the closing instant where it lands there.
 *  @return CXM_OK | CXM_E_UNDEFINED it never is, up to year 9999 | CXM_E_DOMAIN `start_us` outside years 1 to 9999 |
 *          CXM_E_ARG also for less than 0 */
CXM_API cxm_status cxm_calendar_due(const cxm_calendar *calendar, int64_t start_us, int64_t open_us, int64_t *due_us);

/** Whether it is open at an instant, 1 or 0, and the next instant at which that changes.
 *  @return CXM_OK | CXM_E_UNDEFINED it never changes again, `*is_open` is written | CXM_E_DOMAIN | CXM_E_ARG */
CXM_API cxm_status cxm_calendar_next(const cxm_calendar *calendar, int64_t at_us, int32_t *is_open, int64_t *change_us);

/** A number that tells two calendars apart: of their hours and dates, and of their zone's offsets in years 1970 to 2100. */
CXM_API uint64_t cxm_calendar_hash(const cxm_calendar *calendar);

CXM_END_C
#endif
