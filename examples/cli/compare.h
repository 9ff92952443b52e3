/* SPDX-License-Identifier: MIT */
/* compare.h - what compare.c (samples, pairs, differences) and compare_print.c share. */
#ifndef CXM_CLI_COMPARE_H
#define CXM_CLI_COMPARE_H
#include "pairs.h"

/* Answers on a scale, or durations; the other is NULL. */
typedef struct counted { cxm_scale *scale; cxm_quantile *times; } counted;

/* What was counted of one segment, on one side, in one stratum of --within. */
typedef struct leaf {
    const cxm_view *segments;   /* [count], without the stratum and the period */
    uint32_t count;             /* 0: everything */
    bool is_other;
    int side;                   /* 0 a, 1 b, of two inputs or periods; 0 where segments are compared */
    cxm_view stratum;           /* empty without --within */
    counted counts;
} leaf;

/* One side of a pair: the leaves of a segment and side, and their sum. */
typedef struct compared { size_t first, leaves; counted all; size_t result; } compared;    /* result: with weights */

typedef struct pairing {
    size_t a, b;                /* among comparison.samples */
    cxm_difference found;
    cxm_status status;
    uint64_t left_out;          /* answers of strata that one side lacks */
    chance chance;
} pairing;

typedef struct comparison {
    const options *opt, *told;  /* told: before columns of a design and of --within were added */
    score_run *runs[2];
    int run_count;
    leaf *leaves;               /* sorted: the total, segments by bytes; side a, then b; strata by bytes */
    compared *samples;
    pairing *pairs;
    size_t leaf_count, sample_count, pair_count, family;
    cxm_paired *paired;         /* the same people in both waves, by --key; NULL: two samples */
    cxm_paired_summary people;
    unsigned char *states;      /* all scales, side by side */
    size_t states_used, state_bytes;
    cxm_quantile **times;       /* all durations */
    size_t times_used;
    char definition[640];
} comparison;

bool compares_times(const comparison *c);                   /* durations: their medians, or shares within the target */
cxm_view compare_metric(const comparison *c);
const char *compare_unit(const comparison *c);              /* " points" of a net of NPS, else "" */
bool compare_proven(const comparison *c, const pairing *p);
double compare_needed(const comparison *c, const pairing *p);       /* answers a group for --detect; NaN: none */
bool compare_has_sides(const comparison *c);                /* two inputs or periods, not segments of one */
void pair_label(const comparison *c, const pairing *p, char *out, size_t cap);
void compare_label(const comparison *c, const compared *s, char *out, size_t cap);
const char *compare_why(const comparison *c, const pairing *p);      /* why there is no difference */
void compare_verdict(const comparison *c, const pairing *p, char *out, size_t cap);
void compare_summary(const comparison *c, char *out, size_t cap);   /* the last line */

void table_people(const comparison *c, sink *out);          /* who moved where */
void json_compare(const comparison *c, sink *out);
void table_compare(const comparison *c, sink *out);
void screen_compare(const comparison *c, sink *out);

#endif
