/* SPDX-License-Identifier: MIT */
/* churn.h - what churn.c (customers to counts) and churn_print.c share. */
#ifndef CXM_CLI_CHURN_H
#define CXM_CLI_CHURN_H
#include "customers.h"

/* How far back a rate looks from the end of a period: over it, or as its vendor does. */
enum reach { OVER_PERIOD, OVER_MONTH, OVER_YEAR, REACHES };
enum { MONTH_DAYS = 30, YEAR_DAYS = 365 };

/* A rate as it is named here, and where it looks. */
typedef struct churn_name { const char *name; int32_t rate; enum reach reach; } churn_name;

typedef struct churn_period { int64_t from_us, to_us; bool complete; } churn_period;

/* Customers of a segment and a period. */
typedef struct churn_group {
    cxm_engine_result slot;
    cxm_churn *over[REACHES];           /* some may be one and the same object */
} churn_group;

typedef struct churn_run {
    crowd crowd;
    churn_period *periods;
    size_t period_count;
    bool chosen;                        /* the one period was chosen, not told */
    churn_group *groups;                /* by segment, the total first, then by period */
    size_t group_count;
    int definitions[MAX_DEFINITIONS], definition_count;
} churn_run;

/* A rate of a group; what is NaN does not exist, and `why` says why of the value, else of the limits. */
typedef struct churn_value {
    const churn_name *name;
    cxm_churn_description is;
    cxm_churn_rate rate;
    cxm_engine_result slot;             /* of the days that it looks at */
    const char *why;                    /* NULL: all there */
} churn_value;

/* Reads the input and counts its customers by segment and period; exit code. */
int churn_count(churn_run *run, const options *opt, int file);
void churn_end(churn_run *run);
const churn_name *churn_name_of(int definition);
void churn_value_of(const churn_run *run, const churn_group *group, int definition, churn_value *out);

/* From one rate to the next, as cxm_churn_bridge_next, but also from one period to another where vendors look at their own. */
typedef struct churn_step { const char *from, *to; double above, below; char reason[128]; } churn_step;
enum { CHURN_STEPS_MAX = 16 };
int churn_steps(const churn_group *group, churn_step *out);

/* One rate of a group less the same of another. A standard error from a few payers is itself a guess: it proves nothing. */
typedef struct churn_difference {
    cxm_difference found;
    cxm_rate_ratio ratio;               /* of exposure, its size above 0: the limits and p are its */
    cxm_status status;
    const char *why;                    /* why they cannot be compared */
    bool few;                           /* few customers pay most of one side */
} churn_difference;

/* A window of --every less the one before it, both complete; false where there is none. */
bool churn_change(const churn_run *run, const churn_group *group, int definition, churn_difference *out);
bool churn_change_is_proven(const churn_difference *change);

void json_churn_value(const churn_run *run, const churn_group *group, int definition, sink *out);
void churn_value_text(const churn_value *v, double value, char *out);        /* TEXT bytes: "4.2 %" */
void json_churn(churn_run *run, sink *out);
void table_churn(churn_run *run, sink *out);
void screen_churn(churn_run *run, sink *out);

#endif
