/* SPDX-License-Identifier: MIT */
/* cohort_parts.h - the triangle as it lies in memory, its calendar, and one customer laid out as a row of it. */
#ifndef CXM_RETENTION_COHORT_PARTS_H
#define CXM_RETENTION_COHORT_PARTS_H
#include <cxm/cohort.h>
#include <stdbool.h>
#include "base/wide.h"

enum { COHORT_MAX_BYTES = 1 << 26 };    /* what 0 stands for */

/* One period of one cohort: who is there at its end, of these who was not at the end of age 0, who at any time; what they paid. */
typedef struct cohort_cell {
    uint64_t at_end, outside, any;
    wide end_money, any_money;
} cohort_cell;

/* A cohort. Cells are of the complete periods from its own on, and there once it has a customer. */
typedef struct cohort_row { uint64_t size; cohort_cell *cells; } cohort_row;

/* Periods `first` up to first + count - 1, numbered as cohort_calendar.c does. */
typedef struct cohort_calendar {
    int32_t unit, basis, zone_s;
    int32_t first;
    int64_t since_us, until_us;
    uint32_t count, complete;
} cohort_calendar;

/* Rows, edges and scratch lie behind it, in the one block. */
struct cxm_cohort {
    cxm_alloc hook;
    cohort_calendar calendar;
    uint64_t max_bytes, bytes;
    uint64_t customers, before, behind, never;      /* customers: with those of all rows */
    cohort_row *rows;               /* [count] */
    int64_t *edges;                 /* [count + 1]: where periods start, and where the last ends */
    cohort_cell *scratch;           /* [complete]: one customer; zero between calls */
};

/* --- cohort_calendar.c --- */

/* Fills in a calendar from options that are of their size; CXM_E_ARG or CXM_E_LIMIT where create says so. */
cxm_status cohort_calendar_of(const cxm_cohort_options *options, cohort_calendar *out);

/* Where period first + i starts. */
int64_t cohort_edge(const cohort_calendar *calendar, uint32_t i);

/* The period of an instant within it, counted from the first. */
uint32_t cohort_period(const cohort_calendar *calendar, int64_t at_us);

/* --- cohort_row.c --- */

/* Where a customer is counted, and how many ages of c->scratch it takes as a row of `cohort`. */
typedef struct cohort_place { uint64_t *count; uint32_t cohort, ages; } cohort_place;

cohort_place cohort_lay_out(cxm_cohort *c, const cxm_customer_item *item);

/* --- cohort.c --- */

/* Ages of a cohort whose end is known. */
static inline uint32_t cohort_ages(const cxm_cohort *c, uint32_t cohort)
{
    return c->calendar.complete - cohort;
}

bool cohort_row_is_used(const cxm_cohort *c, uint32_t cohort);

/* Room for the cells of a cohort. */
cxm_status cohort_hold(cxm_cohort *c, uint32_t cohort);

/* An empty triangle of this calendar. */
cxm_status cohort_make(const cohort_calendar *calendar, uint64_t max_bytes, const cxm_alloc *alloc, cxm_cohort **out);

/* Whether customers can have these counts, as far as sums and neighbours tell; see cohort_codec.c. */
bool cohort_is_whole(const cxm_cohort *c);

#endif
