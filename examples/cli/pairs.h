/* SPDX-License-Identifier: MIT */
/* pairs.h - what every comparison does alike, be it of scores and response times (compare.c), of rates of churn (churn_compare.c) or of
 * tenures (survival_compare.c): which files it takes, p over a family, and how a difference is written. */
#ifndef CXM_CLI_PAIRS_H
#define CXM_CLI_PAIRS_H
#include "cli.h"

/* How likely a difference is by chance alone. */
typedef struct chance {
    double p;               /* NaN: the pair cannot be compared, and no test was made */
    bool in_family;         /* the total of two sides is a question of its own */
    double holm, bh;        /* p adjusted over the family; outside it p itself */
} chance;

/* One file, or two; none of them twice from standard input. `has_at`: one may be split in time. Exit code. */
int pairs_check_files(const options *opt, bool has_at);

/* Adjusts the p of a family together. Chances are `stride` bytes apart, as in an array of what holds them. Exit code. */
int pairs_adjust(chance *first, size_t stride, size_t count, size_t *family);

/* The p up to which a screen shows pairs: with very many of them that of the PAIRS_SHOWN-th smallest. */
enum { PAIRS_SHOWN = 30 };
double pairs_p_shown(chance *first, size_t stride, size_t count);

/* --- words --- */
void cut_into(const char *text, char *out, size_t cap);                 /* as much as fits, cut at a whole character */
void p_text(double p, char *out, size_t cap);                           /* "0.032", "1.2e-09" */
void segment_text(const cxm_engine_result *slot, char *out, size_t cap);        /* "pro x web", or "all" */
/* Appends " (95 % 1.2 .. 5.9, adjusted p 0.003)"; `limits` NULL: none; `note` stands before the last bracket. */
void append_limits(char *out, size_t cap, double level, const char *limits, bool adjusted, double p, const char *note);
/* How many of several differ, and what is said of the one that is clearest, or else closest. */
void summary_of_pairs(size_t proven, size_t count, double level, const char *of_one, char *out, size_t cap);

/* --- JSON and CSV: NaN is null, or an empty cell --- */
/* A difference as it is printed: NaN for what does not exist, be it all of it. */
cxm_difference difference_shown(const cxm_difference *found, bool exists);
void json_compare_head(score_run *const *runs, int count, sink *out);           /* from the brace on: the schema, and each input */
void json_difference_limits(const cxm_difference *shown, sink *out);            /* ,"interval":{...} or null */
void json_chance(const chance *of, bool exists, sink *out);                     /* ,"p":...,"p_adjusted":...,"p_bh":... */
void json_verdict(const char *text, sink *out);
#define TABLE_PAIR_HEAD "metric,segment,a,b,n_a,value_a,n_b,value_b,difference,method,level,low,high,se,p,p_adjusted,p_bh,proven"
void table_segment(const cxm_engine_result *slot, sink *out);                   /* one cell */
/* Cells of segment, a and b; `sides`: what a and b are called, "after,before", NULL where they are two segments of one input. */
void table_pair_place(const cxm_engine_result *a, const cxm_engine_result *b, const char *sides, sink *out);
void table_difference(const cxm_difference *shown, const chance *of, bool proven, sink *out);   /* from difference to proven */

#endif
