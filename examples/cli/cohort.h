/* SPDX-License-Identifier: MIT */
/* cohort.h - what cohort.c (customers to triangles), cohort_print.c and cohort_screen.c share. */
#ifndef CXM_CLI_COHORT_H
#define CXM_CLI_COHORT_H
#include "customers.h"

/* Customers of a segment. */
typedef struct cohort_group {
    cxm_engine_result slot;
    cxm_cohort *cohort;         /* NULL: of no rows nothing is known, not even when they end */
    cxm_loyalty *loyalty;       /* NULL: nothing was bought, and nobody was asked for by --with */
} cohort_group;

/* Customers who made contact, or answered, by further files. */
typedef struct cohort_voices { uint64_t *codes; size_t count, room, rows; } cohort_voices;

typedef struct cohort_run {
    crowd crowd;
    int64_t since_us, until_us;
    const char *every;
    int32_t basis;
    int32_t readings[2];        /* as they are shown */
    int reading_count;
    cohort_group *groups;       /* the total first */
    size_t group_count;
    cxm_loyalty_options buys;   /* with the thresholds of --tiers */
    cohort_voices contacts, answers;    /* of --with; sorted, each once */
} cohort_run;

enum { COHORT_WHY = 192 };

/* A cell; what is NaN does not exist. */
typedef struct cohort_value {
    cxm_cohort_cell cell;
    cxm_engine_result slot;     /* the period that it looks at */
    int32_t reading;
    bool begins, exists, limited;       /* n0 is known; there is a value; and limits of it */
    char why[COHORT_WHY];       /* what does not exist, and why; empty: all there */
} cohort_value;

/* The next cell of a group; `*cursor` 0 begins. */
bool cohort_next(const cohort_run *run, const cohort_group *group, int32_t reading, uint64_t *cursor, cohort_value *out);
cxm_cohort_account cohort_account(const cohort_group *group);       /* zeros where there is none */
bool cohort_tells_money(const cohort_run *run);                     /* whether a column tells amounts */
const char *cohort_reading_name(int32_t reading);
const char *cohort_basis_name(int32_t basis);
/* What is counted, up to the level of the limits. */
void cohort_definition(const cohort_run *run, sink *out);
cxm_loyalty_summary cohort_loyalty(const cohort_run *run, const cohort_group *group);

/* Within how many days before the end of the data customers last bought. */
enum { COHORT_WITHINS = 3 };
extern const uint32_t cohort_withins[COHORT_WITHINS];

/* --- cohort_with.c --- */
int cohort_read_with(cohort_run *run);                              /* the files of --with; exit code */
bool cohort_has_voice(const cohort_voices *v, uint64_t customer);
void cohort_end_with(cohort_run *run);

void json_cohort(const cohort_run *run, sink *out);
void table_cohort(const cohort_run *run, sink *out);
void screen_cohort(cohort_run *run, sink *out);

#endif
