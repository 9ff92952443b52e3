/* SPDX-License-Identifier: MIT */
/* zone_parts.h - what zone.c (building, asking), zone_tzif.c and zone_posix.c share. */
#ifndef CXM_BASE_ZONE_PARTS_H
#define CXM_BASE_ZONE_PARTS_H
#include <cxm/zone.h>
#include <stdbool.h>

/* A day of every year, and a time on it in seconds, which may reach into other days. */
enum zone_day { ZONE_JULIAN, ZONE_ZERO_BASED, ZONE_WEEKDAY };       /* J60 without 29 February; 59; M3.5.0 */
typedef struct zone_date { enum zone_day form; int32_t month, week, day, time_s; } zone_date;

/* Offsets east of UTC; summer time lasts from `start` to `end`, told in the local time before each. */
typedef struct zone_rule { int32_t standard_s, summer_s; bool has_summer; zone_date start, end; } zone_rule;

/* All of `text` as POSIX TZ text. False with the place and the fault. */
typedef struct zone_fault { size_t at; const char *why; } zone_fault;
bool zone_rule_read(const char *text, size_t len, zone_rule *out, zone_fault *fault);

/* The instants, in seconds, at which summer time starts and ends in a year. */
int64_t zone_rule_start(const zone_rule *rule, int32_t year);
int64_t zone_rule_end(const zone_rule *rule, int32_t year);

/* What a file tells: before the first change, changes in rising order, and a rule for what follows. */
typedef struct zone_change { int64_t at_s; int32_t offset_s; } zone_change;
typedef struct zone_plan {
    int32_t first_s;
    size_t count;
    zone_change (*change)(const void *ctx, size_t i);
    const void *ctx;
    bool has_rule;
    zone_rule rule;
} zone_plan;
cxm_status zone_build(const zone_plan *plan, const cxm_alloc *alloc, cxm_zone **out);

#endif
