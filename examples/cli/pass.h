/* SPDX-License-Identifier: MIT */
/* pass.h - what pass.c (one thread) and crew.c (several) share. */
#ifndef CXM_CLI_PASS_H
#define CXM_CLI_PASS_H
#include "cli.h"

enum { BATCH_ROWS = 128, FIELDS_MAX = 9 + CXM_ENGINE_SEGMENTS_MAX };

/* What was promised of a row: nothing, a time from its creation on, an instant; or a cell that is none, or before the creation. */
enum promised { PROMISE_NONE, PROMISE_SPAN, PROMISE_AT, PROMISE_UNPARSED, PROMISE_WRONG };
typedef struct promise { enum promised what; int64_t us; cxm_view text; } promise;

/* Rows with a time that has not come, one behind the other; and the latest time that any row told. */
typedef struct waits { char *rows; size_t len, cap; bool too_many, any; int64_t latest_us; } waits;

/* Of a row: the answer, the time if one is mapped, the key where one answer a key counts, the weight, then the segments. Of
 * response times in place of the answer the columns that tell them: created, first reply, solved, a duration, what is due; of
 * events: ticket, event, actor, who, channel, status, customer, and always the time. */
typedef struct pass {
    const score_run *run;
    cxm_engine *engine;
    tally seen;
    waits waits;
    uint32_t columns[FIELDS_MAX], count, told;  /* told: columns before the time */
    cxm_view fields[BATCH_ROWS * FIELDS_MAX];
    uint64_t lines[BATCH_ROWS];
    uint32_t flags[BATCH_ROWS];
} pass;

void pass_begin(pass *p, const score_run *run, cxm_engine *engine);
void pass_end(pass *p);
cxm_csv_batch pass_room(pass *p);                           /* a batch into the arrays of the pass */
cxm_status pass_batch(pass *p, const cxm_csv_batch *batch); /* counts its rows; the engine's status */
cxm_status pass_held(pass *p, source *in);                  /* the row that was read ahead, when there is one */
int pass_failed(const score_run *run, cxm_status status);   /* says why; exit code */
void keep_sample(samples *kept, uint64_t line, cxm_view text);
bool pass_in_range(const options *opt, const cxm_record *record);   /* whether the row counts at all, as the engine sees it */
bool pass_counts(const options *opt, const cxm_record *record);     /* the same, windows included */

cxm_view period_of(const options *opt, const cxm_record *record);    /* "before" or "after" --at */

/* Counts the durations of a row: a record each. `cells` are those of the columns before the time; what else a record
 * holds is in `record`, whose segments are `segments`, the first of them to be filled in. */
cxm_status times_count(pass *p, uint64_t line, const cxm_view *cells, cxm_view *segments, cxm_record *record);
/* "51:07:30", or a number in a unit: CXM_ANSWER_*, and microseconds. */
int32_t times_duration(const pass *p, int32_t unit, cxm_view text, double *us);

promise promise_read(const pass *p, cxm_view text);
promise promise_of_span(const span *s, promise told, int64_t created_us);
/* By how much it is missed by what has taken so long, by the clock of its span, and has ended, or run, up to an instant; 0: not. */
double promise_late(const score_run *run, const span *s, const promise *told, double elapsed_us, int64_t to_us);
void promise_fill(const promise *told, double late, cxm_record *record);

/* How long a span has run between two instants, by its clock, in microseconds; at least 0, at most 100 years. */
double times_elapsed(const score_run *run, const span *s, int64_t from_us, int64_t to_us);

/* An event into the log of its ticket; `by`: cells of the segment columns. */
cxm_status desk_take(pass *p, uint64_t line, uint32_t flags, const cxm_view *fields, const cxm_view *by);

void waits_see(waits *w, int64_t at_us);                    /* a time that a row tells */
/* Keeps a row of which `spans`, a bit each, have not ended. CXM_OK, also past the bound, or CXM_E_MEMORY. */
cxm_status waits_keep(waits *w, int64_t created_us, const promise *due, uint32_t spans, const cxm_record *record);
void waits_look(score_run *run, const waits *w);            /* of each list, before the first is counted */
cxm_status waits_count(const score_run *run, const waits *w);       /* the engine's status */
void waits_free(waits *w);

#endif
