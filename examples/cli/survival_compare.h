/* SPDX-License-Identifier: MIT */
/* survival_compare.h - what survival_compare.c (two curves, and how far they differ) and survival_compare_print.c share. */
#ifndef CXM_CLI_SURVIVAL_COMPARE_H
#define CXM_CLI_SURVIVAL_COMPARE_H
#include "pairs.h"
#include "survival.h"

/* A curve of one side; `of` has n 0 where this side has none of a segment. */
typedef struct tenure_side { const survival_run *run; const stays *of; cxm_survival_time median, mean; } tenure_side;

typedef struct tenure_pair {
    tenure_side a, b;
    cxm_engine_result slot_a, slot_b;   /* their segments */
    double tau;                         /* up to which both tell their mean; 0: there is none */
    cxm_difference found;               /* .difference NaN: one of the means does not exist */
    cxm_survival_test logrank;          /* NaN where there is no test */
    chance chance;
} tenure_pair;

typedef struct tenure_comparison {
    const options *opt;
    survival_run runs[2];
    int run_count;
    tenure_pair *pairs;
    size_t count, family;
} tenure_comparison;

enum { TENURE_SENTENCE = 1024, TENURE_WHY = 256 };
bool tenures_differ(const tenure_comparison *c, const tenure_pair *p);          /* proven */
bool tenures_are_compared(const tenure_pair *p);                                /* whether there are limits and p */
/* Why not, with what a and b are called. */
void tenure_why(const tenure_pair *p, const char *a, const char *b, char out[TENURE_WHY]);
void tenure_verdict(const tenure_comparison *c, const tenure_pair *p, char *out, size_t cap);
void tenure_summary(const tenure_comparison *c, char *out, size_t cap);         /* the last line */
void tenure_definition(const tenure_comparison *c, char *out, size_t cap);
void tenure_signed(double t, bool plus, char out[TEXT]);                        /* "-3.50" */

void json_tenure_pairs(tenure_comparison *c, sink *out);
void table_tenure_pairs(const tenure_comparison *c, sink *out);
void screen_tenure_pairs(tenure_comparison *c, sink *out);

#endif
