/* SPDX-License-Identifier: MIT */
/** @file cxm/window.h
 *  @brief Event-time windows: which day, week, month, quarter, year or stretch an instant lies in.
 *
 *  Windows are half-open, [from, to), do not overlap and leave no gap. They follow the local clock of a
 *  fixed offset from UTC. Weeks are ISO weeks and begin on Monday, quarters in January, April, July
 *  and October. A stretch of any other length is counted from Monday 1970-01-05, 00:00 local time, so
 *  that 7d is the ISO week. Instants are UTC microseconds, years 1 to 9999.
 *  Threads  Pure functions.                                                        */
#ifndef CXM_WINDOW_H
#define CXM_WINDOW_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Units. */
enum cxm_window_unit {
    CXM_WINDOW_DAY = 1,
    CXM_WINDOW_WEEK = 2,
    CXM_WINDOW_MONTH = 3,
    CXM_WINDOW_QUARTER = 4,
    CXM_WINDOW_YEAR = 5,
    CXM_WINDOW_STRETCH = 6      /**< `length_us` microseconds */
};

/** How time is cut. 24 bytes. */
typedef struct cxm_window_spec {
    uint32_t size;          /**< sizeof(cxm_window_spec) */
    int32_t unit;           /**< CXM_WINDOW_* */
    int64_t length_us;      /**< of a stretch, > 0; zero for the other units */
    int32_t zone_s;         /**< seconds east of UTC, |zone_s| < 86400 */
    int32_t reserved;       /**< zero */
} cxm_window_spec;

/** Read "day", "week", "month", "quarter", "year" or a duration ("7d", "12h") into a spec at `zone_s`.
 *  @return CXM_OK | CXM_E_FORMAT neither | CXM_E_OVERFLOW | CXM_E_ARG NULL or the offset */
CXM_API cxm_status cxm_window_parse(const char *text, size_t len, int32_t zone_s,
                                    cxm_window_spec *out);

/** The window around an instant: *from <= at_us < *to.
 *  @return CXM_OK | CXM_E_DOMAIN the window reaches outside years 1..9999 | CXM_E_ARG */
CXM_API cxm_status cxm_window_of(const cxm_window_spec *spec, int64_t at_us, int64_t *from,
                                 int64_t *to);

CXM_END_C
#endif
