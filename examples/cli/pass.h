/* SPDX-License-Identifier: MIT */
/* pass.h - what pass.c (one thread) and crew.c (several) share. */
#ifndef CXM_CLI_PASS_H
#define CXM_CLI_PASS_H
#include "cli.h"

enum { BATCH_ROWS = 128, FIELDS_MAX = 5 + CXM_ENGINE_SEGMENTS_MAX };

/* Of a row: the answer, the time if one is mapped, the key where one answer a key counts, the weight, then the segments. Of
 * response times in place of the answer the columns that tell them: created, first reply, solved, a duration. */
typedef struct pass {
    const score_run *run;
    cxm_engine *engine;
    tally seen;
    uint32_t columns[FIELDS_MAX], count, told;  /* told: columns before the time */
    cxm_view fields[BATCH_ROWS * FIELDS_MAX];
    uint64_t lines[BATCH_ROWS];
    uint32_t flags[BATCH_ROWS];
} pass;

void pass_begin(pass *p, const score_run *run, cxm_engine *engine);
cxm_csv_batch pass_room(pass *p);                           /* a batch into the arrays of the pass */
cxm_status pass_batch(pass *p, const cxm_csv_batch *batch); /* counts its rows; the engine's status */
cxm_status pass_held(pass *p, source *in);                  /* the row that was read ahead, when there is one */
int pass_failed(const score_run *run, cxm_status status);   /* says why; exit code */
void keep_sample(samples *kept, uint64_t line, cxm_view text);
bool pass_in_range(const options *opt, const cxm_record *record);   /* whether the row counts at all, as the engine sees it */

/* Counts the durations of a row: a record each. `cells` are those of the columns before the time; what else a record
 * holds is in `record`, whose segments are `segments`, the first of them to be filled in. */
cxm_status times_count(pass *p, uint64_t line, const cxm_view *cells, cxm_view *segments, cxm_record *record);

#endif
