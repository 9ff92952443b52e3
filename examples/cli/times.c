/* SPDX-License-Identifier: MIT */
/* times.c - the durations that a row tells, in microseconds.
 *
 *      first_reply = first reply - created        resolution = solved - created        or a column of durations
 * A time that is blank has not come: the duration is open. But a ticket that is solved without a first reply never gets one: that
 * is missing. One without a creation has no start, and is left out. A negative duration, as skewed clocks write, is out of range,
 * and so is one of more than 100 years.
 * A row makes a record for each, and where they are several one more for the row itself, in the blank segment: scored when
 * any of them is, so that the input's account has every row once. By opening hours the same two times tell another duration;
 * one that is negative stays so, as no hours lie in it.                                                */
#include "pass.h"
#include <math.h>

static const double CENTURY_US = 3155760000000000.0;     /* 36,525 days, as far as durations are counted */

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
static double open_between(const cxm_calendar *calendar, const moment *from, const moment *to)
{
    int64_t open = 0;
    cxm_calendar_between(calendar, from->at_us, to->at_us, &open);
    return (double)open;
}

/* "51:07:30", or a number in the unit. */
static int32_t read_duration(const pass *p, cxm_view text, double *us)
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
    *us *= units[p->run->cols.unit];
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

cxm_status times_count(pass *p, uint64_t line, const cxm_view *cells, cxm_view *segments, cxm_record *record)
{
    const score_run *run = p->run;
    const columns *cols = &run->cols;
    const cxm_view none = {NULL, 0};
    cxm_view created = cols->created != NO_COLUMN ? *cells++ : none, replied = cols->first_reply != NO_COLUMN ? *cells++ : none;
    cxm_view solved = cols->solved != NO_COLUMN ? *cells++ : none, duration = cols->duration != NO_COLUMN ? *cells : none;
    moment start = read_moment(p, created), end = read_moment(p, solved);
    enum outcome row = MISSING;
    bool all_left_out = start.what == CXM_TIME_NONE && cols->duration == NO_COLUMN;
    cxm_status status = CXM_OK;
    for (int i = 0; i < run->span_count && status == CXM_OK; ++i) {
        const span *s = &run->spans[i];
        if (s->duration == NO_COLUMN && start.what == CXM_TIME_NONE) {
            status = cxm_engine_exclude(p->engine);
            continue;
        }
        cxm_view text = s->duration != NO_COLUMN ? duration : s->to == cols->solved ? solved : replied;
        moment to = s->duration == NO_COLUMN ? read_moment(p, text) : end;
        if (s->duration != NO_COLUMN) record->answer = read_duration(p, text, &record->value);
        else record->answer = between(&start, &to, s->to != cols->solved && end.what != CXM_TIME_NONE, &record->value);
        cap(record);
        if (s->business && is_duration(record)) record->value = open_between(run->calendar, &start, &to);
        bool again = i && s->business && run->spans[i - 1].to == s->to;      /* by the other clock */
        if (!again) keep(p, line, record, s->duration == NO_COLUMN ? &start : NULL, text);
        row = outcome_of(record) < row ? outcome_of(record) : row;
        segments[0] = s->key;
        status = cxm_engine_add(p->engine, record);
    }
    if (run->span_count < 2 || status != CXM_OK) return status;
    if (all_left_out) return cxm_engine_exclude(p->engine);
    fill_row(record, row);
    segments[0] = none;
    return cxm_engine_add(p->engine, record);
}
