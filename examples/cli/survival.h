/* SPDX-License-Identifier: MIT */
/* survival.h - what survival.c (customers to curves), survival_read.c (rows to customers), survival_print.c and survival_screen.c
 * share, and survival_customers.c (customers of a log to tenures); survival_compare.c compares what was counted. Another reader may hand
 * customers to stays_take, too, and go on with stays_settle. */
#ifndef CXM_CLI_SURVIVAL_H
#define CXM_CLI_SURVIVAL_H
#include "customers.h"
#include "pass.h"
#include "screen.h"

/* A customer: observed from `entry` (0: from the start) to `exit`, where it left (event 1) or was still there. */
typedef struct stay { double entry, exit, weight; int32_t event; } stay;

/* One that is there as long as anybody looks: its tenure ends with the latest day of all. */
typedef struct open_stay { int64_t start_day; double entry, weight; } open_stay;

/* Customers of a segment: whole tenures are counted, others and weighted ones are kept. */
typedef struct stays {
    cxm_view segments[CXM_ENGINE_SEGMENTS_MAX];     /* into `text` */
    char *text;
    cxm_survival *counts;                           /* NULL: records */
    cxm_survival_record *records;
    size_t count, room;
    open_stay *open;
    size_t open_count, open_room;
    uint64_t n, events;
    double weight;                                  /* of the n; n without weights */
    bool exists;                                    /* there is somebody, so that there is a curve: */
    cxm_survival_curve curve;
    double last, last_survival;
} stays;

typedef struct survival_run {
    crowd *customers;                               /* of a log of events or periods; or just its `run`, and: */
    bool of_customers;
    score_run *base;                                /* options, input, columns, names of segments, account */
    bool dates, weighted, by_records;
    bool from_state;                                /* customers were counted before */
    int64_t latest_day;                             /* of any date, or of --until */
    bool any_day;
    stays **groups;                                 /* by segments; none where there is no --by */
    size_t group_count, group_room, bytes;
    stays total;
    double tau;                                     /* up to which every curve tells its mean; 0: there is none */
    cxm_survival_group *each;                       /* [group_count], of log-rank; NULL: no test */
    cxm_survival_test logrank, peto;
    cxm_status test_status;                         /* CXM_E_LIMIT: too many groups */
} survival_run;

/* --- a file, rows or a state, to curves --- */
int survival_count(survival_run *run, crowd *customers, source *in, const options *opt, const char *file);    /* exit code */
void survival_end(survival_run *run);                       /* closes the input, too */

/* --- customers --- */
cxm_status stays_take(survival_run *run, const cxm_view *segments, const stay *of);
cxm_status stays_take_open(survival_run *run, const cxm_view *segments, const open_stay *of);
int stays_settle(survival_run *run);                        /* curves and tests, once all are taken; exit code */
cxm_survival_time stays_quantile(const stays *s, double share);     /* NaN where there is none */
cxm_survival_time stays_mean(const stays *s, double tau);
const char *limits_name(const survival_run *run);

/* --- rows --- */
int survival_rows(survival_run *run);                       /* exit code */

/* --- customers of a log --- */
int survival_of_customers(survival_run *run);               /* exit code */

/* --- results: the total first, then segments; false at the end --- */
bool survival_result(const survival_run *run, size_t i, const stays **out);
cxm_engine_result survival_slot(const survival_run *run, const stays *s);       /* its segments; none of the total */
void tenure_text(double t, char out[TEXT]);                 /* as a person reads it: "4.50", "31"; "none" for NaN */
/* As a result of survival, its mean up to `tau`, without curve and tests. */
void json_tenures(const survival_run *run, const cxm_engine_result *slot, const stays *s, double tau, sink *out);
void json_survival(const survival_run *run, sink *out);
void table_survival(const survival_run *run, sink *out);
void screen_survival(const survival_run *run, sink *out);

#endif
