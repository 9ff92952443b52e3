/* SPDX-License-Identifier: MIT */
/* promise.c - targets that differ by row: a column of due times, or a duration for each value of a column.
 *
 *      --target due_at                             an instant, or a duration from the creation on, as each cell has it
 *      --target priority:urgent=1h,high=4h         by the value of a column; others have no promise
 * What is counted of a promise is by how much it was broken: 0 where it was kept, so that the count of zeros is that of kept ones,
 * exactly, and percentiles tell how late. A row without a promise is missing there, a cell that is no due time unparsed, and one
 * before the creation out of range. An instant is one by any clock: whoever ends behind it is late, though no open hour lay
 * between; a duration is one of the clock of its span.                               */
#include "pass.h"
#include <math.h>
#include <string.h>

/* --- as it is told --- */

static int refuse(const char *text, const char *wanted)
{
    return complain(EXIT_USAGE, "--target '%s': %s", text, wanted);
}

static bool is_told(const options *opt, cxm_view value)
{
    for (int i = 0; i < opt->target_count; ++i)
        if (compare_views(opt->targets_by[i].value, value) == 0) return true;
    return false;
}

/* "urgent=1h" */
static int add_target(options *opt, const char *text, size_t len)
{
    const char *equals = memchr(text, '=', len);
    if (!equals || equals == text) return refuse(opt->promise, "each of them is VALUE=DURATION, such as urgent=1h,high=4h");
    value_target target = {trim((cxm_view){text, (size_t)(equals - text)}), 0};
    size_t rest = len - (size_t)(equals + 1 - text);
    if (cxm_text_duration(equals + 1, rest, &target.us) != CXM_OK || target.us > TARGET_MOST_US)
        return refuse(opt->promise, "behind = stands a duration with its unit, such as 30min or 4h, up to 100 years");
    if (is_told(opt, target.value)) return refuse(opt->promise, "each value once");
    if (opt->target_count == MAX_TARGETS) return refuse(opt->promise, "at most 32 values");
    opt->targets_by[opt->target_count++] = target;
    return EXIT_FINE;
}

static int name_column(options *opt, const char *name, size_t len)
{
    if (len == 0) return refuse(opt->promise, "it names no column: priority:urgent=1h,high=4h");
    memcpy(opt->promise_column, name, len);
    opt->promise_column[len] = '\0';
    return EXIT_FINE;
}

/* The column ends at the last colon before the first '=', as both may hold more of them. */
static int parse_list(options *opt, const char *equals)
{
    const char *at = equals;
    while (at > opt->promise && at[-1] != ':') --at;
    if (at == opt->promise) return refuse(opt->promise, "targets by value name their column first: priority:urgent=1h,high=4h");
    int code = name_column(opt, opt->promise, (size_t)(at - 1 - opt->promise));
    for (size_t len; code == EXIT_FINE; at += len + 1) {
        len = strcspn(at, ",");
        code = add_target(opt, at, len);
        if (!at[len]) break;
    }
    return code;
}

int promise_parse(options *opt, const char *text)
{
    const char *equals = strchr(text, '=');
    opt->promise = text;
    opt->target_count = 0;
    if (strlen(text) > MAX_PROMISE) return complain(EXIT_USAGE, "--target: more than %d bytes", (int)MAX_PROMISE);
    return equals ? parse_list(opt, equals) : name_column(opt, text, strlen(text));
}

/* --- of a row --- */

static promise by_value(const options *opt, cxm_view value)
{
    for (int i = 0; i < opt->target_count; ++i)
        if (compare_views(opt->targets_by[i].value, value) == 0) return (promise){PROMISE_SPAN, opt->targets_by[i].us, value};
    return (promise){PROMISE_NONE, 0, value};
}

/* Whole microseconds, as durations are counted. */
static promise duration_of(const pass *p, cxm_view text)
{
    double us;
    if (times_duration(p, p->run->cols.due_unit, text, &us) != CXM_ANSWER_GIVEN) return (promise){PROMISE_UNPARSED, 0, text};
    if (!(us >= 0.0 && us <= (double)TARGET_MOST_US)) return (promise){PROMISE_WRONG, 0, text};
    return (promise){PROMISE_SPAN, (int64_t)rint(us), text};
}

promise promise_read(const pass *p, cxm_view text)
{
    const options *opt = p->run->opt;
    int64_t at_us;
    if (opt->target_count) return by_value(opt, trim(text));
    if (is_missing_word(opt, text)) return (promise){PROMISE_NONE, 0, text};
    if (cxm_text_time(text.text, text.len, opt->zone_s, &at_us, NULL) == CXM_OK) return (promise){PROMISE_AT, at_us, text};
    return duration_of(p, text);
}

promise promise_of_span(const span *s, promise told, int64_t created_us)
{
    if (told.what == PROMISE_AT && s->column) told.what = PROMISE_UNPARSED;        /* a duration alone ends at no instant */
    if (told.what == PROMISE_AT && told.us < created_us) told.what = PROMISE_WRONG;
    return told;
}

double promise_late(const score_run *run, const span *s, const promise *told, double elapsed_us, int64_t to_us)
{
    double late = told->what == PROMISE_AT ? (double)(to_us - told->us) : rint(elapsed_us) - (double)told->us;
    if (late <= 0.0) return 0.0;
    if (told->what == PROMISE_AT) late = fmax(1.0, times_elapsed(run, s, told->us, to_us));
    return fmin(late, (double)TARGET_MOST_US);
}

/* The record of what became of a promise, for one that has ended `late` microseconds behind it. */
void promise_fill(const promise *told, double late, cxm_record *record)
{
    record->answer = told->what == PROMISE_NONE ? CXM_ANSWER_MISSING : told->what == PROMISE_UNPARSED ? CXM_ANSWER_UNPARSED : CXM_ANSWER_GIVEN;
    record->value = told->what == PROMISE_WRONG ? -1.0 : late;
}
