/* SPDX-License-Identifier: MIT */
/* times.c - the durations that a row tells, in microseconds.
 *
 *      first_reply = first reply - created        resolution = solved - created        or a column of durations
 * A time that is blank has not come: the duration is open. But a ticket that is solved without a first reply never gets one: that
 * is missing. One without a creation has no start, and is left out. A negative duration, as skewed clocks write, is out of range,
 * and so is one of more than 100 years.
 * A row makes a record for each, and where they are several one more for the row itself, in the blank segment: scored when
 * any of them is, so that the input's account has every row once. By opening hours the same two times tell another duration;
 * one that is negative stays so, as no hours lie in it. Beside a target a row that is open is kept to the end (waits.c), and of
 * targets by row one that has ended makes a record more for each: by how much its promise was missed (promise.c).       */
#include "pass.h"
#include <math.h>
#include <string.h>

static const double CENTURY_US = (double)TARGET_MOST_US;

/* A cell of time. */
typedef struct moment { int32_t what; int64_t at_us; cxm_view text; } moment;   /* what: CXM_TIME_*, NONE for a blank */

static moment read_moment(const pass *p, cxm_view text)
{
    const options *opt = p->run->opt;
    moment out = {CXM_TIME_NONE, 0, text};
    bool digits = text.len && text.text[0] >= '0' && text.text[0] <= '9';
    if ((!digits || opt->missing_count) && is_missing_word(opt, text)) return out;
    bool ok = cxm_text_time(text.text, text.len, opt->zone_s, &out.at_us, NULL) == CXM_OK;
    out.what = ok ? CXM_TIME_GIVEN : CXM_TIME_UNPARSED;
    return out;
}

/* From `from` to `to`; `over` tells that nothing can come any more. */
static int32_t between(const moment *from, const moment *to, bool over, double *us)
{
    if (from->what == CXM_TIME_UNPARSED || to->what == CXM_TIME_UNPARSED) return CXM_ANSWER_UNPARSED;
    if (to->what == CXM_TIME_NONE) return over ? CXM_ANSWER_MISSING : CXM_ANSWER_OPEN;
    *us = (double)(to->at_us - from->at_us);
    return CXM_ANSWER_GIVEN;
}

/* Both lie within years 1 to 9999, as times that were read do. */
static double open_between(const cxm_calendar *calendar, int64_t from_us, int64_t to_us)
{
    int64_t open = 0;
    cxm_calendar_between(calendar, from_us, to_us, &open);
    return (double)open;
}

double times_elapsed(const score_run *run, const span *s, int64_t from_us, int64_t to_us)
{
    double us = s->business ? open_between(run->calendar, from_us, to_us) : (double)(to_us - from_us);
    return us < 0.0 ? 0.0 : us < CENTURY_US ? us : CENTURY_US;
}

int32_t times_duration(const pass *p, int32_t unit, cxm_view text, double *us)
{
    static const double units[] = {1e6, 1.0, 1e3, 1e6, 6e7, 3.6e9};     /* by CXM_UNIT_* */
    const options *opt = p->run->opt;
    int64_t clock;
    if (is_missing_word(opt, text)) return CXM_ANSWER_MISSING;
    if (cxm_text_clock(text.text, text.len, &clock) == CXM_OK) {
        *us = (double)clock;
        return CXM_ANSWER_GIVEN;
    }
    cxm_status status = cxm_text_number(text.text, text.len, '.', us);
    if (status == CXM_E_FORMAT && p->run->in->decimal != '.') status = cxm_text_number(text.text, text.len, p->run->in->decimal, us);
    if (status == CXM_E_OVERFLOW) *us = (double)INFINITY;
    *us *= units[unit];
    return status == CXM_OK || status == CXM_E_OVERFLOW ? CXM_ANSWER_GIVEN : CXM_ANSWER_UNPARSED;
}

static bool is_duration(const cxm_record *record)
{
    return record->answer == CXM_ANSWER_GIVEN && record->value >= 0.0 && record->value <= CENTURY_US;
}

/* An infinite value is out of range for the engine, too. */
static void cap(cxm_record *record)
{
    if (record->answer == CXM_ANSWER_GIVEN && record->value > CENTURY_US) record->value = (double)INFINITY;
}

/* Where a value is shown that is none: the text that is to blame. */
static void keep(pass *p, uint64_t line, const cxm_record *record, const moment *from, cxm_view text)
{
    if (!pass_in_range(p->run->opt, record)) return;
    if (from && from->what == CXM_TIME_UNPARSED) text = from->text;
    if (record->answer == CXM_ANSWER_UNPARSED) keep_sample(&p->seen.unparsed, line, text);
    if (record->answer == CXM_ANSWER_GIVEN && !is_duration(record)) keep_sample(&p->seen.out_of_range, line, text);
}

/* What becomes of a row by one of its durations; a row is the least of them. */
enum outcome { SCORED, OUT_OF_RANGE, UNPARSED, MISSING };

static enum outcome outcome_of(const cxm_record *record)
{
    if (record->answer == CXM_ANSWER_GIVEN) return is_duration(record) ? SCORED : OUT_OF_RANGE;
    return record->answer == CXM_ANSWER_UNPARSED ? UNPARSED : MISSING;
}

/* The record of the row itself: no time at all, where one is scored, so that its bytes are few. */
static void fill_row(cxm_record *record, enum outcome outcome)
{
    record->answer = outcome == MISSING ? CXM_ANSWER_MISSING : outcome == UNPARSED ? CXM_ANSWER_UNPARSED : CXM_ANSWER_GIVEN;
    record->value = outcome == OUT_OF_RANGE ? -1.0 : 0.0;
}

/* The cells of a row that tell durations. */
typedef struct ticket { moment created, replied, solved; cxm_view duration; promise due; } ticket;

static moment next_moment(pass *p, int column, const cxm_view **cells)
{
    moment out = read_moment(p, column != NO_COLUMN ? *(*cells)++ : (cxm_view){NULL, 0});
    if (p->run->runs && out.what == CXM_TIME_GIVEN) waits_see(&p->waits, out.at_us);
    return out;
}

static ticket read_ticket(pass *p, const cxm_view *cells)
{
    const columns *cols = &p->run->cols;
    ticket t;
    t.created = next_moment(p, cols->created, &cells);
    t.replied = next_moment(p, cols->first_reply, &cells);
    t.solved = next_moment(p, cols->solved, &cells);
    t.duration = cols->duration != NO_COLUMN ? *cells++ : (cxm_view){NULL, 0};
    t.due = cols->due != NO_COLUMN ? promise_read(p, *cells) : (promise){PROMISE_NONE, 0, {NULL, 0}};
    return t;
}

static const moment *end_of(const score_run *run, const span *s, const ticket *t)
{
    return s->to == run->cols.solved ? &t->solved : &t->replied;
}

static void fill_wait(const score_run *run, const span *s, const ticket *t, cxm_record *record)
{
    const moment *to = end_of(run, s, t);
    record->answer = between(&t->created, to, to != &t->solved && t->solved.what != CXM_TIME_NONE, &record->value);
    cap(record);
    if (s->business && is_duration(record)) record->value = open_between(run->calendar, t->created.at_us, to->at_us);
}

/* Counts one duration of the row; `again`: the one before is the same by the other clock. */
static cxm_status count_span(pass *p, uint64_t line, const span *s, bool again, const ticket *t, cxm_record *record)
{
    bool column = s->duration != NO_COLUMN;
    cxm_view text = column ? t->duration : end_of(p->run, s, t)->text;
    if (column) record->answer = times_duration(p, p->run->cols.unit, text, &record->value), cap(record);
    else fill_wait(p->run, s, t, record);
    if (!again) keep(p, line, record, column ? NULL : &t->created, text);
    return cxm_engine_add(p->engine, record);
}

/* A row that is to blame is shown once, whichever of its durations it is for. */
static void keep_due(pass *p, uint64_t line, cxm_view text)
{
    samples *kept = &p->seen.due;
    if (kept->count == 0 || kept->rows[kept->count - 1].line != line) keep_sample(kept, line, text);
}

/* What became of the promise of a row, by one of its durations. */
static cxm_status count_kept(pass *p, uint64_t line, const span *s, const ticket *t, const promise *due, const cxm_record *record)
{
    cxm_view segments[CXM_ENGINE_SEGMENTS_MAX];
    cxm_record kept = *record;
    memcpy(segments, record->segments, record->segment_count * sizeof *segments);
    segments[0] = s->keys[KEPT];
    kept.segments = segments;
    if (due->what == PROMISE_UNPARSED || due->what == PROMISE_WRONG) keep_due(p, line, due->text);
    promise_fill(due, promise_late(p->run, s, due, record->value, end_of(p->run, s, t)->at_us), &kept);
    return cxm_engine_add(p->engine, &kept);
}

/* Counts what a target asks of a duration, where the row counts. `*runs`: it has not ended, and will be counted at the end. */
static cxm_status count_target(pass *p, uint64_t line, const span *s, const ticket *t, const cxm_record *record, bool *runs)
{
    bool open = record->answer == CXM_ANSWER_OPEN, promised = p->run->promise.len > 0;
    promise due = promise_of_span(s, t->due, t->created.at_us);
    bool judged = !promised || due.what == PROMISE_SPAN || due.what == PROMISE_AT;
    *runs = false;
    if ((!open && !is_duration(record)) || !pass_counts(p->run->opt, record)) return CXM_OK;
    *runs = open && judged && s->keys[RUNNING].len > 0;
    return promised && !*runs ? count_kept(p, line, s, t, &due, record) : CXM_OK;
}

cxm_status times_count(pass *p, uint64_t line, const cxm_view *cells, cxm_view *segments, cxm_record *record)
{
    const score_run *run = p->run;
    ticket t = read_ticket(p, cells);
    enum outcome row = MISSING;
    uint32_t open = 0;
    bool no_start = t.created.what == CXM_TIME_NONE;
    cxm_status status = CXM_OK;
    for (int i = 0; i < run->span_count && status == CXM_OK; ++i) {
        const span *s = &run->spans[i];
        if (s->duration == NO_COLUMN && no_start) {
            status = cxm_engine_exclude(p->engine);
            continue;
        }
        segments[0] = s->keys[ENDED];
        status = count_span(p, line, s, i && s->business && run->spans[i - 1].to == s->to, &t, record);
        row = outcome_of(record) < row ? outcome_of(record) : row;
        bool runs = false;
        if ((run->runs || run->promise.len) && status == CXM_OK) status = count_target(p, line, s, &t, record, &runs);
        open |= (uint32_t)runs << i;
    }
    if (open && status == CXM_OK) status = waits_keep(&p->waits, t.created.at_us, &t.due, open, record);
    if (run->span_count < 2 || status != CXM_OK) return status;
    if (no_start && run->cols.duration == NO_COLUMN) return cxm_engine_exclude(p->engine);
    fill_row(record, row);
    segments[0] = (cxm_view){NULL, 0};
    return cxm_engine_add(p->engine, record);
}
