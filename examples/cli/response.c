/* SPDX-License-Identifier: MIT */
/* response.c - cxm response: durations by segment and window, each of them a metric of its own.
 *
 * One engine counts all of them: its first segment column tells which, and is called after all of them, so that a state
 * knows what it holds and merges with its like alone. Where a row tells several durations, the row itself is one more, in
 * the blank segment (times.c): the input's account is read from there. Results are gathered once everything is counted:
 * totals of a metric are the sums of its segments.                                        */
#include "cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char METRIC_IS[] = "metric=";

/* A result: a metric, a segment or its total, a window. */
typedef struct reading { int span; size_t at; cxm_engine_result slot; cxm_quantile *times; } reading;

typedef struct readings {
    reading *all;
    size_t count, room, next;
    cxm_quantile *overall[MAX_SPANS];
    uint64_t untimed;           /* rows whose needed time is a text of another kind */
    const reading *before;      /* the result before, while they are walked */
} readings;

/* --- the question --- */

/* 0.1 %: analysts compare a median with the spreadsheet's. */
cxm_quantile_spec response_spec(const options *opt)
{
    cxm_quantile_spec spec = {.size = sizeof spec, .precision = CXM_PRECISION_01, .unit = CXM_UNIT_US};
    if (!opt->has_target) return spec;
    spec.targets = 1;
    spec.target[0] = (uint64_t)opt->target_us;
    return spec;
}

/* Which percentile a comparison is of, and the value of a result. */
double response_share(const options *opt)
{
    return strcmp(opt->command, "compare") == 0 && opt->quantile_count ? opt->quantiles[0] : 0.5;
}

/* --interval is of the share within the target; percentiles have limits of their own. */
static int check_method(const score_run *run)
{
    const options *opt = run->opt;
    cxm_interval limits = {.size = sizeof limits};
    if (!opt->method || cxm_share_interval(1, 2, opt->method, opt->level, &limits) != CXM_E_METHOD) return EXIT_FINE;
    return complain(EXIT_USAGE, "--interval %s does not fit a share; that of percentiles is order", cxm_interval_name(opt->method));
}

int response_declare(score_run *run)
{
    int refused = check_method(run);
    if (refused != EXIT_FINE) return refused;
    if (run->opt->calendar) {
        int code = calendar_open(run->opt, run->opt->calendar, &run->calendar);
        if (code != EXIT_FINE) return code;
    }
    run->ask = (cxm_scale_ask){.size = sizeof run->ask, .level = run->opt->level};
    run->target = run->opt->has_target ? 0 : -1;
    return EXIT_FINE;
}

bool response_waits(cxm_view name)
{
    static const char *const names[] = {"first_reply", "resolution"};
    for (size_t i = 0; i < 2; ++i)
        if (name.len == strlen(names[i]) && memcmp(name.text, names[i], name.len) == 0) return true;
    return false;
}

/* --- which durations there are --- */

static bool is_asked(const score_run *run, cxm_view name)
{
    const char *asked = run->opt->span;
    if (!asked) return true;
    bool waits = response_waits(name) || response_waits((cxm_view){asked, strlen(asked)});
    bool found = !waits && run->in->columns && !mapped(run->opt, "duration");       /* the column was found by what was asked */
    return found || (strlen(asked) == name.len && memcmp(asked, name.text, name.len) == 0);
}

static void add_span(score_run *run, span s)
{
    if (is_asked(run, s.name) && run->span_count < MAX_SPANS) run->spans[run->span_count++] = s;
}

/* A time between two columns, by both clocks where there are opening hours; a comparison is of those alone. */
static void add_wait(score_run *run, cxm_view name, int from, int to)
{
    char *key = run->keys[run->span_count < MAX_SPANS ? run->span_count + 1 : 0];
    bool both = strcmp(run->opt->command, "compare") != 0;
    if (!run->calendar || both) add_span(run, (span){name, name, false, false, from, to, NO_COLUMN});
    if (!run->calendar) return;
    int len = snprintf(key, sizeof run->keys[0], "%.*s business %016llx", (int)name.len, name.text, (unsigned long long)cxm_calendar_hash(run->calendar));
    add_span(run, (span){name, {key, (size_t)len}, true, false, from, to, NO_COLUMN});
}

/* There is one at least, and where two sides are compared no more. */
static int check_spans(const score_run *run)
{
    bool one = strcmp(run->opt->command, "compare") == 0;
    if (run->span_count == 1 || (run->span_count && !one)) return EXIT_FINE;
    if (run->span_count)
        return complain(EXIT_USAGE, "%s tells %.*s and %.*s: say which with --metric", run->in->name, (int)run->spans[0].name.len,
                        run->spans[0].name.text, (int)run->spans[1].name.len, run->spans[1].name.text);
    return complain(EXIT_INPUT, "%s: nothing there tells '%s': response times are first_reply, resolution, or called as their column is",
                    run->in->name, run->opt->span);
}

/* "created_at to solved_at", for the definition. */
static size_t define_span(const score_run *run, const span *s, char *out, size_t cap)
{
    const source *in = run->in;
    static const char *const units[] = {"", "us", "ms", "s", "min", "h"};
    int n = s->duration != NO_COLUMN || s->to == NO_COLUMN
          ? snprintf(out, cap, "%.*s in %s%s", (int)s->name.len, s->name.text, units[s->duration == NO_COLUMN ? CXM_UNIT_S : run->cols.unit],
                     s->duration != NO_COLUMN && run->cols.unit_by_name ? " by its name" : "")
          : snprintf(out, cap, "%.*s = %.100s - %.100s", (int)s->name.len, s->name.text, in->names[s->to], in->names[s->from]);
    return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}

static void define(score_run *run, int32_t precision)
{
    char *out = run->definition;
    size_t used = 0, cap = sizeof run->definition;
    bool business = false, calendar = false;
    for (int i = 0; i < run->span_count; ++i) {
        const span *s = &run->spans[i];
        business |= s->business;
        calendar |= !s->business;
        if (s->business && i && run->spans[i - 1].name.text == s->name.text) continue;
        if (used) used += (size_t)snprintf(out + used, cap - used, "; ");
        used += define_span(run, s, out + used, 2000);
    }
    used += (size_t)snprintf(out + used, cap - used, "; %s", business && calendar ? "calendar time and opening hours" : business ? "opening hours" : "calendar time");
    char named[32] = "median";
    if (response_share(run->opt) != 0.5) snprintf(named, sizeof named, "p%.10g", 100.0 * response_share(run->opt));
    if (run->opt->compares_share)
        snprintf(out + used, cap - used, "; value = share within %g s, of those that have ended; %s interval at level %g",
                 (double)run->opt->target_us / 1e6, run->opt->method ? cxm_interval_name(run->opt->method) : "wilson", run->opt->level);
    else
        snprintf(out + used, cap - used, "; value = %s, percentiles of type 7, each within 1/%d of itself; limits from order statistics at level %g",
                 named, precision == CXM_PRECISION_1 ? 129 : 1025, run->opt->level);
}

/* The leading column's name, from which a state's are read again. */
static void name_spans(score_run *run)
{
    size_t used = sizeof METRIC_IS - 1;
    memcpy(run->spans_name, METRIC_IS, used);
    for (int i = 0; i < run->span_count; ++i) {
        cxm_view name = run->spans[i].key;
        if (i) run->spans_name[used++] = '|';
        memcpy(run->spans_name + used, name.text, name.len);
        used += name.len;
    }
    run->spans_name_len = used;
    run->streams = run->span_count < 2 ? 1 : run->span_count + 1;
}

/* The next span of a state's leading column; a column of durations is the last, marked, and all of the rest. */
static span take_name(cxm_view *rest)
{
    static const char business[] = " business ";
    enum { DIGITS = 16 };
    const char *bar = memchr(rest->text, '|', rest->len);
    bool column = rest->len && rest->text[0] == '=';
    cxm_view key = {rest->text, bar && !column ? (size_t)(bar - rest->text) : rest->len}, name = key;
    size_t tail = sizeof business - 1 + DIGITS, used = key.len < rest->len ? key.len + 1 : key.len;
    bool open = !column && key.len > tail && memcmp(key.text + key.len - tail, business, sizeof business - 1) == 0;
    if (open) name.len -= tail;
    if (column) name = (cxm_view){key.text + 1, key.len - 1};
    *rest = (cxm_view){rest->text + used, rest->len - used};
    return (span){name, key, open, column, NO_COLUMN, NO_COLUMN, NO_COLUMN};
}

/* Its header, or its number: where that has no header, a very long one, or one that is another metric's name here. */
static void add_column(score_run *run, int column)
{
    enum { LONGEST = 256 };
    static char numbers[2][24];         /* of the two inputs of a comparison */
    static int used;
    cxm_view name = {run->in->names[column], run->in->name_lens[column]};
    bool fits = name.len > 0 && name.len <= LONGEST;
    for (int i = 0; i < run->span_count; ++i)
        fits = fits && !(name.len == run->spans[i].name.len && memcmp(name.text, run->spans[i].name.text, name.len) == 0);
    if (!fits) {
        char *number = numbers[used++ % 2];
        int len = snprintf(number, sizeof numbers[0], "#%d", column + 1);
        name = (cxm_view){number, (size_t)len};
    }
    run->column_key[0] = '=';
    memcpy(run->column_key + 1, name.text, name.len);
    add_span(run, (span){name, {run->column_key, name.len + 1}, false, true, NO_COLUMN, NO_COLUMN, column});
}

int response_spans(score_run *run)
{
    const columns *c = &run->cols;
    bool created = c->created != NO_COLUMN;
    if (created && c->first_reply != NO_COLUMN) add_wait(run, (cxm_view){"first_reply", 11}, c->created, c->first_reply);
    if (created && c->solved != NO_COLUMN) add_wait(run, (cxm_view){"resolution", 10}, c->created, c->solved);
    if (run->calendar && !created) return complain(EXIT_USAGE, "--calendar needs times: --map created=COLUMN with first_reply or solved; a duration has no hours");
    if (c->duration != NO_COLUMN) add_column(run, c->duration);
    int code = check_spans(run);
    if (code != EXIT_FINE) return code;
    name_spans(run);
    define(run, CXM_PRECISION_01);
    return EXIT_FINE;
}

static int use_target(score_run *run, const cxm_quantile_spec *spec)
{
    const options *opt = run->opt;
    run->target = spec->targets ? 0 : -1;
    if (!opt->has_target) return EXIT_FINE;
    for (uint32_t i = 0; i < spec->targets; ++i) {
        run->target = (int)i;
        if (spec->target[i] == (uint64_t)opt->target_us) return EXIT_FINE;
    }
    return complain(EXIT_INPUT, "%s: the state holds no count at this target; it has to be told when the state is made", run->in->name);
}

int response_spans_of_state(score_run *run, const cxm_view *names)
{
    cxm_engine_options state = {.size = sizeof state};
    cxm_view rest = run->leading && names ? names[0] : (cxm_view){"metric==duration", 16};
    size_t head = sizeof METRIC_IS - 1;
    if (rest.len <= head || memcmp(rest.text, METRIC_IS, head) != 0)
        return complain(EXIT_INPUT, "%s: the state holds durations that cxm response has not written", run->in->name);
    cxm_engine_describe(run->engine, &state);
    if (run->opt->unit || run->opt->calendar)
        return complain(EXIT_USAGE, "%s is a state: --unit and --calendar were settled when it was made", run->in->name);
    if (state.quantile->unit == CXM_UNIT_NUMBER) return complain(EXIT_INPUT, "%s: the state holds numbers and no durations", run->in->name);
    rest = (cxm_view){rest.text + head, rest.len - head};
    int count = 0;
    for (; rest.len && count < MAX_SPANS; ++count) add_span(run, take_name(&rest));
    run->streams = count < 2 ? 1 : count + 1;
    int code = check_spans(run);
    if (code != EXIT_FINE) return code;
    define(run, state.quantile->precision);
    return use_target(run, state.quantile);
}

/* --- results, gathered --- */

static int too_large(void)
{
    return complain(EXIT_IO, "the counts are too large to be summed");
}

static int failed(cxm_status status)
{
    return status == CXM_OK ? EXIT_FINE : status == CXM_E_MEMORY ? out_of_memory() : too_large();
}

/* `*into`, made where it is NULL and in seconds, and what `from` holds. */
static cxm_status add_times(cxm_quantile **into, const cxm_quantile *from)
{
    cxm_quantile_spec spec = {.size = sizeof spec};
    cxm_quantile_spec_of(from, &spec);
    spec.unit = CXM_UNIT_S;
    cxm_status status = *into ? CXM_OK : cxm_quantile_create(&spec, NULL, into);
    return status == CXM_OK ? cxm_quantile_merge(*into, from) : status;
}

static reading *add_reading(readings *r, reading what)
{
    if (r->count == r->room) {
        size_t room = r->room ? 2 * r->room : 64;
        reading *larger = realloc(r->all, room * sizeof *larger);
        if (!larger) return NULL;
        r->all = larger;
        r->room = room;
    }
    what.at = r->count;
    r->all[r->count] = what;
    return &r->all[r->count++];
}

/* Which span a result is of, its segments those of --by from then on; -1 for the row itself, or one that was not asked for. */
static int take_span(const score_run *run, cxm_engine_result *slot)
{
    if (run->leading == 0) return 0;
    cxm_view name = slot->segments[0];
    ++slot->segments;
    --slot->segment_count;
    for (int i = 0; i < run->span_count; ++i)
        if (name.len == run->spans[i].key.len && memcmp(name.text, run->spans[i].key.text, name.len) == 0) return i;
    return -1;
}

/* Adds one result of the engine to what is shown. */
static cxm_status take_result(score_run *run, cxm_engine_result slot)
{
    readings *r = run->readings;
    int which = take_span(run, &slot);
    if (which < 0) return CXM_OK;
    reading *added = add_reading(r, (reading){.span = which, .slot = slot});
    if (!added) return CXM_E_MEMORY;
    cxm_status status = add_times(&added->times, slot.quantile);
    return status == CXM_OK ? add_times(&r->overall[which], slot.quantile) : status;
}

static cxm_status gather(score_run *run)
{
    cxm_engine_result slot = {.size = sizeof slot};
    cxm_status status = cxm_engine_close(run->engine);
    while (status == CXM_OK && (status = cxm_engine_next(run->engine, &slot)) == CXM_OK)
        if (slot.segment_count > 0 || run->leading == 0) status = take_result(run, slot);
    return status == CXM_END ? CXM_OK : status;
}

/* --- totals --- */

static int by_window(const void *a, const void *b)
{
    const reading *x = a, *y = b;
    if (x->span != y->span) return x->span < y->span ? -1 : 1;
    if (x->slot.from_us != y->slot.from_us) return x->slot.from_us < y->slot.from_us ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Metrics as they were told, in each the total first, then segments in the engine's order, windows by time. */
static int by_place(const void *a, const void *b)
{
    const reading *x = a, *y = b;
    bool total_x = x->slot.segment_count == 0, total_y = y->slot.segment_count == 0;
    if (x->span != y->span) return x->span < y->span ? -1 : 1;
    if (total_x != total_y) return total_x ? -1 : 1;
    if (total_x && x->slot.from_us != y->slot.from_us) return x->slot.from_us < y->slot.from_us ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static bool has_total(const score_run *run, int which)
{
    for (size_t i = 0; i < run->readings->count; ++i)
        if (run->readings->all[i].span == which) return true;
    return false;
}

/* A span without any record has a result all the same: nothing was counted. */
static cxm_status add_nothing(score_run *run, int which)
{
    cxm_engine_options how = {.size = sizeof how};
    reading *added = add_reading(run->readings, (reading){.span = which, .slot = {.size = sizeof added->slot}});
    cxm_engine_describe(run->engine, &how);
    cxm_quantile_spec spec = *how.quantile;
    spec.unit = CXM_UNIT_S;
    cxm_status status = added ? cxm_quantile_create(&spec, NULL, &added->times) : CXM_E_MEMORY;
    return status == CXM_OK ? add_times(&run->readings->overall[which], added->times) : status;
}

/* Sums over segments, window by window; without --by each result is a total already. */
static cxm_status add_totals(score_run *run)
{
    readings *r = run->readings;
    size_t segments = run->name_count ? r->count : 0, total = 0;
    cxm_status status = CXM_OK;
    if (segments) qsort(r->all, segments, sizeof *r->all, by_window);
    for (size_t i = 0; i < segments && status == CXM_OK; ++i) {
        reading of = r->all[i];
        bool opens = i == 0 || r->all[i - 1].span != of.span || r->all[i - 1].slot.from_us != of.slot.from_us;
        if (opens) {
            of.slot.segments = NULL;
            of.slot.segment_count = 0;
            of.times = NULL;
            total = r->count;
            if (!add_reading(r, of)) return CXM_E_MEMORY;
        }
        status = add_times(&r->all[total].times, r->all[i].times);
    }
    for (int which = 0; which < run->span_count && status == CXM_OK; ++which)
        if (!has_total(run, which)) status = add_nothing(run, which);
    if (r->count) qsort(r->all, r->count, sizeof *r->all, by_place);
    return status;
}

/* --- the account --- */

static cxm_quantile_summary summary_of(const cxm_quantile *q)
{
    cxm_quantile_summary sum = {.size = sizeof sum};
    if (q) cxm_quantile_summarize(q, &sum);
    return sum;
}

/* What rows are, out of an engine of several records a row; and rows without an instant, which are in no segment. */
typedef struct row_sums { cxm_quantile *rows; uint64_t unparsed; } row_sums;

static cxm_status sum_rows(cxm_engine *engine, bool leading, int streams, row_sums *out)
{
    cxm_engine_result slot = {.size = sizeof slot};
    cxm_status status = cxm_engine_close(engine);
    *out = (row_sums){NULL, 0};
    while (status == CXM_OK && (status = cxm_engine_next(engine, &slot)) == CXM_OK) {
        if (slot.segment_count == 0 && leading) continue;
        out->unparsed += summary_of(slot.quantile).unparsed;
        if (streams > 1 && slot.segments[0].len == 0) status = add_times(&out->rows, slot.quantile);
    }
    return status == CXM_END ? CXM_OK : status;
}

/* Each row once: what it is stands in the blank segment where it makes several records. */
static cxm_status row_account(cxm_engine *engine, bool leading, int streams, cxm_account *out, uint64_t *untimed)
{
    row_sums sums;
    cxm_status status = sum_rows(engine, leading, streams, &sums);
    cxm_quantile_summary of = summary_of(sums.rows);
    cxm_quantile_free(sums.rows);
    out->size = sizeof *out;
    cxm_engine_account(engine, out);
    *untimed = (out->unparsed - sums.unparsed) / (uint64_t)streams;
    if (streams == 1) return status;
    *out = (cxm_account){.size = sizeof *out, .records = out->records / (uint64_t)streams, .scored = of.n, .missing = of.missing,
                         .unparsed = of.unparsed + *untimed, .out_of_range = of.negative + of.infinite};
    out->excluded = out->records - out->scored - out->missing - out->unparsed - out->out_of_range;
    return status;
}

/* How many spans the leading column of a state tells; 0 for what cxm response has not written. */
static int count_spans(const cxm_engine_options *state)
{
    size_t head = sizeof METRIC_IS - 1;
    int count = 0;
    if (!state->quantile || state->segments == 0 || !state->names) return 0;
    cxm_view rest = state->names[0];
    if (rest.len <= head || memcmp(rest.text, METRIC_IS, head) != 0) return 0;
    for (rest = (cxm_view){rest.text + head, rest.len - head}; rest.len && count < MAX_SPANS; ++count) take_name(&rest);
    return count;
}

bool response_account(cxm_engine *engine, cxm_account *out)
{
    cxm_engine_options state = {.size = sizeof state};
    uint64_t untimed;
    cxm_engine_describe(engine, &state);
    int count = count_spans(&state);
    return count > 1 && row_account(engine, true, count + 1, out, &untimed) == CXM_OK;
}

static int refuse_others(const score_run *run)
{
    uint64_t slots, others = 0;
    cxm_engine_slots(run->engine, &slots, &others);
    return others ? complain(EXIT_LIMIT, "%s: more segments than fit the memory bound; take fewer columns", run->in->name) : EXIT_FINE;
}

int response_settle(score_run *run)
{
    int code = refuse_others(run);
    if (code != EXIT_FINE) return code;
    run->readings = calloc(1, sizeof *run->readings);
    if (!run->readings) return out_of_memory();
    cxm_status status = gather(run);
    if (status == CXM_OK) status = add_totals(run);
    if (status == CXM_OK) status = row_account(run->engine, run->leading > 0, run->streams, &run->account, &run->readings->untimed);
    return failed(status);
}

/* By metric, as a row that tells one duration may fail to tell another. */
int response_check(const score_run *run)
{
    for (int i = 0; i < run->span_count; ++i) {
        cxm_quantile_summary of = summary_of(run->readings->overall[i]);
        uint64_t unparsed = of.unparsed + run->readings->untimed, out = of.negative + of.infinite, judged = of.n + unparsed + out;
        int len = (int)run->spans[i].name.len;
        const samples *kept = unparsed ? &run->seen.unparsed : &run->seen.out_of_range;
        char shown[SAMPLE_BYTES + 40] = "";
        if (kept->count) snprintf(shown, sizeof shown, ": line %llu \"%.*s\"", (unsigned long long)kept->rows[0].line, (int)kept->rows[0].len, kept->rows[0].text);
        if (run->opt->strict && unparsed + out)
            return complain(EXIT_LIMIT, "--strict: %.*s: %llu unparsed, %llu out of range%s", len, run->spans[i].name.text,
                            (unsigned long long)unparsed, (unsigned long long)out, shown);
        if (unparsed && (double)unparsed > run->opt->max_unparsed * (double)judged)
            return complain(EXIT_LIMIT, "%.*s: %llu of %llu could not be read, more than --max-unparsed %g %%%s", len, run->spans[i].name.text,
                            (unsigned long long)unparsed, (unsigned long long)judged, 100.0 * run->opt->max_unparsed, shown);
    }
    return EXIT_FINE;
}

/* --- results, by pull --- */

void response_rewind(score_run *run)
{
    if (!run->readings) return;
    run->readings->next = 0;
    run->readings->before = NULL;
}

const cxm_quantile *response_overall(const score_run *run, int which)
{
    return run->readings->overall[which];
}

target_share response_within(const score_run *run, const cxm_quantile *q)
{
    cxm_quantile_spec spec = {.size = sizeof spec};
    target_share out = {.asked = run->target >= 0, .limits = {.size = sizeof out.limits}};
    uint64_t hits = 0, n = 0;
    if (!out.asked) return out;
    cxm_quantile_spec_of(q, &spec);
    cxm_quantile_within(q, (uint32_t)run->target, &hits, &n);
    out.target_s = (double)spec.target[run->target] / 1e6;
    out.share = n ? (double)hits / (double)n : 0.0;
    out.exists = cxm_share_interval(hits, n, run->opt->method, run->opt->level, &out.limits) == CXM_OK;
    return out;
}

/* The share within the target, where a comparison asks for it. */
static void summarize_share(const score_run *run, const cxm_quantile *q, scored_result *out)
{
    target_share within = response_within(run, q);
    out->status = within.exists ? CXM_OK : CXM_E_EMPTY;
    if (!within.exists) return;
    out->sum.value = within.share;
    out->sum.low = within.limits.low;
    out->sum.high = within.limits.high;
    out->sum.se = within.limits.se;
    out->sum.method = within.limits.method;
    out->sum.interval_status = CXM_OK;
}

void response_summarize(const score_run *run, const cxm_quantile *q, scored_result *out)
{
    cxm_quantile_summary sum = summary_of(q);
    cxm_interval limits = {.size = sizeof limits};
    out->times = q;
    out->sum = (cxm_scale_summary){.size = sizeof out->sum, .n = sum.n, .level = run->opt->level, .interval_status = CXM_E_UNDEFINED};
    if (run->opt->compares_share) {
        summarize_share(run, q, out);
        return;
    }
    double share = response_share(run->opt);
    out->status = cxm_quantile_at(q, share, CXM_QUANTILE_TYPE7, &out->sum.value);
    if (out->status != CXM_OK) return;
    out->sum.interval_status = cxm_quantile_interval(q, share, run->opt->level, &limits);
    out->sum.method = CXM_INTERVAL_ORDER;
    out->sum.low = limits.low;
    out->sum.high = limits.high;
}

/* Against the window before of the same metric and segment, where both are complete. */
static void add_change(const readings *r, const reading *now, const options *opt, scored_result *out)
{
    const reading *before = r->before;
    out->change = (cxm_difference){.size = sizeof out->change};
    bool neighbours = before && before->span == now->span && before->slot.to_us == now->slot.from_us && before->slot.complete &&
                      now->slot.complete && same_segment(&before->slot, &now->slot);
    out->has_change = neighbours && cxm_quantile_compare(now->times, before->times, 0.5, CXM_COMPARE_DEFAULT, opt->level, &out->change) == CXM_OK;
}

bool response_next(score_run *run, scored_result *out)
{
    readings *r = run->readings;
    if (r->next == r->count) return false;
    const reading *now = &r->all[r->next++];
    out->slot = now->slot;
    out->span = now->span;
    out->weights = NULL;
    out->has_change = false;
    response_summarize(run, now->times, out);
    if (run->with_changes && now->slot.has_window) add_change(r, now, run->opt, out);
    r->before = now;
    return true;
}

void response_end(score_run *run)
{
    readings *r = run->readings;
    cxm_calendar_free(run->calendar);
    run->calendar = NULL;
    if (!r) return;
    for (size_t i = 0; i < r->count; ++i) cxm_quantile_free(r->all[i].times);
    for (int i = 0; i < MAX_SPANS; ++i) cxm_quantile_free(r->overall[i]);
    free(r->all);
    free(r);
    run->readings = NULL;
}
