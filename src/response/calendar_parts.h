/* SPDX-License-Identifier: MIT */
/* calendar_parts.h - what calendar.c (counting) and calendar_text.c (reading) share. */
#ifndef CXM_RESPONSE_CALENDAR_PARTS_H
#define CXM_RESPONSE_CALENDAR_PARTS_H
#include <cxm/calendar.h>
#include <stdbool.h>

/* Open from `from` on and before `to`, in seconds of a local day. */
typedef struct opening { int32_t from, to; } opening;

/* Openings of a day: they rise, and do not touch. `open` is their sum. */
typedef struct day_hours { uint32_t first, count; int32_t open; } day_hours;

/* A date whose hours are not the week's; `more` is what all such dates up to this one have more than the week's hours, in seconds. */
typedef struct special_day { int32_t day; day_hours hours; int64_t more; } special_day;

struct cxm_calendar {
    cxm_alloc hook;
    size_t bytes;               /* of this block */
    cxm_zone *zone;
    day_hours week[7];          /* 0 Monday */
    int64_t before[8];          /* open since Monday 00:00, by weekday; [7] the whole week */
    uint32_t special_count;
    special_day *special;       /* by day */
    opening *openings;
};

#endif
