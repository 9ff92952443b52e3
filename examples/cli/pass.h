/* SPDX-License-Identifier: MIT */
/* pass.h - what pass.c (one thread) and crew.c (several) share. */
#ifndef CXM_CLI_PASS_H
#define CXM_CLI_PASS_H
#include "cli.h"

enum { BATCH_ROWS = 128, FIELDS_MAX = 4 + CXM_ENGINE_SEGMENTS_MAX };

/* Of a row: the answer, the time if one is mapped, the key where one answer a key counts, the weight, then the segments. */
typedef struct pass {
    const score_run *run;
    cxm_engine *engine;
    tally seen;
    uint32_t columns[FIELDS_MAX], count;
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

#endif
