/* SPDX-License-Identifier: MIT */
/* response.c - cxm response: durations by segment and window, each of them a metric of its own.
 *
 * One engine counts all of them: its first segment column tells which, and is called after all of them, so that a state
 * knows what it holds and merges with its like alone. Where a row tells several durations, the row itself is one more, in
 * the blank segment (times.c): the input's account is read from there. Beside a target what has not ended is counted in a
 * segment of its own by how long it has run (waits.c), and of targets by row what has ended by how late it was (promise.c); these
 * are no rows. Results are gathered once everything is counted: totals of a metric are the sums of its segments.   */
#include "cli.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char METRIC_IS[] = "metric=", RUNS[] = "running|", KEEPS[] = "kept ", PRESET[] = "preset ";

/* A result: a metric, a segment or its total, a window. */
typedef struct reading { int span; size_t at; cxm_engine_result slot; cxm_quantile *times[PARTS]; } reading;

typedef struct readings {
    reading *all;
    size_t count, room, next;
    cxm_quantile *overall[MAX_SPANS][PARTS];
    size_t home;                /* where what else is counted of a span goes, while it is gathered */
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
    if (run->opt->promise) run->promise = (cxm_view){run->opt->promise, strlen(run->opt->promise)};
    return EXIT_FINE;
}

bool response_asks(const score_run *run)
{
    return run->target >= 0 || run->promise.len > 0;
}

bool response_waits(cxm_view name)
{
    static const char *const names[] = {"first_reply", "resolution"};
    for (size_t i = 0; i < 2; ++i)
        if (name.len == strlen(names[i]) && memcmp(name.text, names[i], name.len) == 0) return true;
    return false;
}

/* --- which durations there are --- */

/* A comparison is of one metric, and of what has ended alone. */
static bool compares(const score_run *run)
{
    return strcmp(run->opt->command, "compare") == 0;
}

static bool is_asked(const score_run *run, cxm_view name)
{
    const char *asked = run->opt->span;
    if (!asked) return true;
    if (run->preset.len) return strlen(asked) == name.len && memcmp(asked, name.text, name.len) == 0;
    bool waits = response_waits(name) || response_waits((cxm_view){asked, strlen(asked)});
    bool found = !waits && run->in->columns && !mapped(run->opt, "duration");       /* the column was found by what was asked */
    return found || (strlen(asked) == name.len && memcmp(asked, name.text, name.len) == 0);
}

/* What else is counted of a span has its key and a word more. One too long for that is of no state that we wrote. */
static void add_key(score_run *run, span *s, enum part part, const char *word)
{
    char *key = run->keys[run->span_count][part];
    size_t head = s->keys[ENDED].len, len = head + strlen(word);
    if (len > sizeof run->keys[0][0]) return;
    memcpy(key, s->keys[ENDED].text, head);
    memcpy(key + head, word, len - head);
    s->keys[part] = (cxm_view){key, len};
}

static void add_span(score_run *run, span s)
{
    if (!is_asked(run, s.name) || run->span_count == MAX_SPANS) return;
    if (run->runs && !s.column) add_key(run, &s, RUNNING, " running");
    if (run->promise.len) add_key(run, &s, KEPT, " kept");
    run->spans[run->span_count++] = s;
}

static bool any_runs(const score_run *run)
{
    for (int i = 0; i < run->span_count; ++i)
        if (run->spans[i].keys[RUNNING].len) return true;
    return false;
}

/* A time between two columns, by both clocks where there are opening hours; a comparison is of those alone. */
static void add_wait(score_run *run, cxm_view name, int from, int to, int clock)
{
    if (!run->calendar || !compares(run)) add_span(run, (span){name, {name}, false, false, from, to, NO_COLUMN, clock});
    if (!run->calendar || run->span_count == MAX_SPANS) return;
    char *key = run->keys[run->span_count][ENDED];
    int len = snprintf(key, sizeof run->keys[0][0], "%.*s business %016llx", (int)name.len, name.text, (unsigned long long)cxm_calendar_hash(run->calendar));
    add_span(run, (span){name, {{key, (size_t)len}}, true, false, from, to, NO_COLUMN, clock});
}

/* What a metric of tickets that there is not may have meant. */
static int refuse_clock(const score_run *run)
{
    const char *names[CXM_TICKET_CLOCKS + 1 + CXM_TICKET_RATES], *asked = run->opt->span;
    size_t count = 0;
    for (int32_t i = 0; i <= CXM_TICKET_CLOCKS; ++i) names[count++] = cxm_ticket_clock_name(i);
    for (int32_t i = 0; compares(run) && i < CXM_TICKET_RATES; ++i) names[count++] = cxm_ticket_rate_name(i);
    const char *meant = nearest(asked, names, count);
    if (meant) return complain(EXIT_INPUT, "%s: tickets tell no '%s'; did you mean '%s'?", run->in->name, asked, meant);
    return complain(EXIT_INPUT, "%s: nothing there tells '%s': times are first_reply, first_bot_reply, next_reply, wait, agent_wait, on_hold, "
                                "first_resolution and resolution%s", run->in->name, asked, compares(run) ? ", rates as cxm response calls them" : "");
}

/* There is one at least, and where two sides are compared no more. */
static int check_spans(const score_run *run)
{
    if (run->span_count == 1 || (run->span_count && !compares(run))) return EXIT_FINE;
    if (run->span_count)
        return complain(EXIT_USAGE, "%s tells %.*s and %.*s: say which with --metric", run->in->name, (int)run->spans[0].name.len,
                        run->spans[0].name.text, (int)run->spans[1].name.len, run->spans[1].name.text);
    if (run->preset.len) return refuse_clock(run);
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

/* What the words of a desk mean: out of its rules, so that the definition is what was computed. */
static size_t define_preset(const score_run *run, char *out, size_t cap)
{
    cxm_ticket_rules rules = {.size = sizeof rules};
    cxm_ticket_preset(run->preset.text, run->preset.len, &rules);
    bool calls = !(rules.answers >> CXM_TICKET_REPLY_PUBLIC & 1);
    int n = snprintf(out, cap, "tickets by the rules of %.*s: first_reply from the %s until a human %s, by a bot beside it; next_reply%s from the oldest "
                     "message without an answer; wait = %s, agent_wait = pending; resolution until it was last solved", (int)run->preset.len, run->preset.text,
                     rules.from_customer ? "customer's first message" : "creation", calls ? "picks up" : "replies in public or picks up",
                     rules.with_first ? ", the first among them," : "", rules.queues ? "in a queue" : "new, open or on hold");
    return n < 0 ? 0 : (size_t)n;
}

static void define(score_run *run, int32_t precision)
{
    char *out = run->definition;
    size_t used = run->preset.len ? define_preset(run, out, sizeof run->definition) : 0, cap = sizeof run->definition;
    bool business = false, calendar = false;
    for (int i = 0; i < run->span_count; ++i) {
        const span *s = &run->spans[i];
        business |= s->business;
        calendar |= !s->business;
        if (run->preset.len || (s->business && i && run->spans[i - 1].name.text == s->name.text)) continue;
        if (used) used += (size_t)snprintf(out + used, cap - used, "; ");
        used += define_span(run, s, out + used, 2000);
    }
    used += (size_t)snprintf(out + used, cap - used, "; %s", business && calendar ? "calendar time and opening hours" : business ? "opening hours" : "calendar time");
    if (run->promise.len) used += (size_t)snprintf(out + used, cap - used, "; due by %.*s", (int)run->promise.len, run->promise.text);
    char named[32] = "median";
    if (response_share(run->opt) != 0.5) snprintf(named, sizeof named, "p%.10g", 100.0 * response_share(run->opt));
    if (run->opt->rate && run->opt->compares_share)
        snprintf(out + used, cap - used, "; value = %s as include/cxm/ticket.h defines it; %s interval at level %g", run->opt->span,
                 run->opt->method ? cxm_interval_name(run->opt->method) : "wilson", run->opt->level);
    else if (run->opt->compares_share)
        snprintf(out + used, cap - used, "; value = share within %g s, of those that have ended; %s interval at level %g",
                 (double)run->opt->target_us / 1e6, run->opt->method ? cxm_interval_name(run->opt->method) : "wilson", run->opt->level);
    else
        snprintf(out + used, cap - used, "; value = %s, percentiles of type 7, each within 1/%d of itself; limits from order statistics at level %g",
                 named, precision == CXM_PRECISION_1 ? 129 : 1025, run->opt->level);
}

/* Whether a ticket tells any number of them, not one. */
static bool is_many(const span *s)
{
    return !s->column && s->name.len == 10 && memcmp(s->name.text, "next_reply", 10) == 0;
}

static int singles_of(const span *spans, int count)
{
    int singles = 0;
    for (int i = 0; i < count; ++i) singles += !is_many(&spans[i]);
    return singles;
}

/* Records that make a row: one a span, and one for the row where they are several, or the only span tells many. */
static int streams_of(const span *spans, int count)
{
    int singles = singles_of(spans, count);
    return singles + (count != 1 || singles == 0);
}

/* The leading column's name, from which a state's are read again. */
static void name_spans(score_run *run)
{
    size_t used = (size_t)snprintf(run->spans_name, sizeof run->spans_name, "%s", METRIC_IS), cap = sizeof run->spans_name - used;
    if (run->preset.len) used += (size_t)snprintf(run->spans_name + used, cap, "%s%.*s|", PRESET, (int)run->preset.len, run->preset.text);
    cap = sizeof run->spans_name - used;
    if (run->promise.len) used += (size_t)snprintf(run->spans_name + used, cap, "%s%zu:%s|", KEEPS, run->promise.len, run->promise.text);
    else if (run->runs) used += (size_t)snprintf(run->spans_name + used, cap, "%s", RUNS);
    for (int i = 0; i < run->span_count; ++i) {
        cxm_view name = run->spans[i].keys[ENDED];
        if (i) run->spans_name[used++] = '|';
        memcpy(run->spans_name + used, name.text, name.len);
        used += name.len;
    }
    run->spans_name_len = used;
    run->singles = singles_of(run->spans, run->span_count);
    run->streams = streams_of(run->spans, run->span_count);
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
    return (span){name, {key}, open, column, NO_COLUMN, NO_COLUMN, NO_COLUMN, 0};
}

/* What the leading column of a state is called, read. */
typedef struct layout { bool runs; cxm_view preset, promise; int count; span spans[MAX_SPANS]; } layout;

static bool take_head(cxm_view *rest, const char *head)
{
    size_t len = strlen(head);
    if (rest->len <= len || memcmp(rest->text, head, len) != 0) return false;
    *rest = (cxm_view){rest->text + len, rest->len - len};
    return true;
}

/* "6:due_at|"; false where it is damaged. */
static bool take_promise(cxm_view *rest, cxm_view *out)
{
    size_t len = 0, at = 0;
    for (; at < rest->len && rest->text[at] >= '0' && rest->text[at] <= '9' && len <= MAX_PROMISE; ++at) len = 10 * len + (size_t)(rest->text[at] - '0');
    if (len == 0 || len > MAX_PROMISE || rest->len - at < len + 2 || rest->text[at] != ':' || rest->text[at + 1 + len] != '|') return false;
    *out = (cxm_view){rest->text + at + 1, len};
    *rest = (cxm_view){rest->text + at + len + 2, rest->len - at - len - 2};
    return true;
}

/* "zendesk|"; false where it is damaged. */
static bool take_preset(cxm_view *rest, cxm_view *out)
{
    const char *bar = memchr(rest->text, '|', rest->len);
    if (!bar || bar == rest->text) return false;
    *out = (cxm_view){rest->text, (size_t)(bar - rest->text)};
    *rest = (cxm_view){bar + 1, rest->len - out->len - 1};
    return true;
}

/* False for what cxm response has not written. */
static bool read_layout(const cxm_engine_options *state, layout *out)
{
    *out = (layout){.count = 0};
    if (!state->quantile || state->segments == 0 || !state->names) return false;
    cxm_view rest = state->names[0];
    if (!take_head(&rest, METRIC_IS)) return false;
    if (take_head(&rest, PRESET) && !take_preset(&rest, &out->preset)) return false;
    bool keeps = take_head(&rest, KEEPS);
    if (keeps && !take_promise(&rest, &out->promise)) return false;
    out->runs = keeps || take_head(&rest, RUNS);
    while (rest.len && out->count < MAX_SPANS) out->spans[out->count++] = take_name(&rest);
    return true;
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
    add_span(run, (span){name, {{run->column_key, name.len + 1}}, false, true, NO_COLUMN, NO_COLUMN, column, 0});
}

/* All that tickets from events tell; or the rate that is compared. */
static void add_clocks(score_run *run)
{
    if (compares(run) && run->opt->rate) {
        add_wait(run, (cxm_view){run->opt->span, strlen(run->opt->span)}, NO_COLUMN, NO_COLUMN, 0);
        return;
    }
    static const int32_t clocks[] = {CXM_TICKET_FIRST_REPLY, CXM_TICKET_FIRST_BOT_REPLY, CXM_TICKET_NEXT_REPLY, CXM_TICKET_WAIT, CXM_TICKET_AGENT_WAIT,
                                     CXM_TICKET_ON_HOLD, CXM_TICKET_FIRST_RESOLUTION, CXM_TICKET_RESOLUTION};
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; ++i) {
        const char *name = cxm_ticket_clock_name(clocks[i]);
        add_wait(run, (cxm_view){name, strlen(name)}, NO_COLUMN, NO_COLUMN, clocks[i]);
    }
}

int response_spans(score_run *run)
{
    const columns *c = &run->cols;
    if (run->desk) run->preset = (cxm_view){desk_preset(run), strlen(desk_preset(run))};
    bool created = c->created != NO_COLUMN;
    run->runs = response_asks(run) && !compares(run);       /* where a span waits */
    if (created && c->first_reply != NO_COLUMN) add_wait(run, (cxm_view){"first_reply", 11}, c->created, c->first_reply, 0);
    if (created && c->solved != NO_COLUMN) add_wait(run, (cxm_view){"resolution", 10}, c->created, c->solved, 0);
    if (run->desk) add_clocks(run);
    if (run->calendar && !created && !run->desk) return complain(EXIT_USAGE, "--calendar needs times: --map created=COLUMN with first_reply or solved; a duration has no hours");
    if (c->duration != NO_COLUMN) add_column(run, c->duration);
    int code = check_spans(run);
    if (code != EXIT_FINE) return code;
    run->runs = any_runs(run);
    name_spans(run);
    define(run, CXM_PRECISION_01);
    return EXIT_FINE;
}

static int use_target(score_run *run, const cxm_quantile_spec *spec)
{
    const options *opt = run->opt;
    run->target = spec->targets ? 0 : -1;
    bool same = !opt->promise || compare_views(run->promise, (cxm_view){opt->promise, strlen(opt->promise)}) == 0;
    if (same && !opt->has_target) return EXIT_FINE;
    for (uint32_t i = 0; i < spec->targets && opt->has_target; ++i) {
        run->target = (int)i;
        if (spec->target[i] == (uint64_t)opt->target_us) return EXIT_FINE;
    }
    return complain(EXIT_INPUT, "%s: the state holds no count at this target; it has to be told when the state is made", run->in->name);
}

int response_spans_of_state(score_run *run)
{
    cxm_engine_options state = {.size = sizeof state};
    layout held = {.count = 1, .spans = {{{"duration", 8}, {{"=duration", 9}}, false, true, NO_COLUMN, NO_COLUMN, NO_COLUMN, 0}}};
    cxm_engine_describe(run->engine, &state);
    if (run->leading && !read_layout(&state, &held))
        return complain(EXIT_INPUT, "%s: the state holds durations that cxm response has not written", run->in->name);
    if (run->opt->unit || run->opt->calendar)
        return complain(EXIT_USAGE, "%s is a state: --unit and --calendar were settled when it was made", run->in->name);
    bool other = run->opt->preset && compare_views(held.preset, (cxm_view){run->opt->preset, strlen(run->opt->preset)}) != 0;
    if (other || run->opt->repeat_us || run->opt->active || run->opt->short_us)
        return complain(EXIT_USAGE, "%s is a state: %s", run->in->name, other ? "--preset was settled when it was made" : "rates of tickets are told by their events alone");
    if (state.quantile->unit == CXM_UNIT_NUMBER) return complain(EXIT_INPUT, "%s: the state holds numbers and no durations", run->in->name);
    run->runs = held.runs && !compares(run);
    run->promise = compares(run) ? (cxm_view){NULL, 0} : held.promise;
    run->preset = held.preset;
    for (int i = 0; i < held.count; ++i) add_span(run, held.spans[i]);
    run->runs = any_runs(run);
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

/* Which span and part a result is of, its segments those of --by from then on; -1 for the row itself, or one that was not asked for. */
static int take_span(const score_run *run, cxm_engine_result *slot, enum part *part)
{
    *part = ENDED;
    if (run->leading == 0) return 0;
    cxm_view name = slot->segments[0];
    ++slot->segments;
    --slot->segment_count;
    for (int i = 0; i < run->span_count * PARTS; ++i) {
        *part = (enum part)(i % PARTS);
        if (name.len && compare_views(name, run->spans[i / PARTS].keys[*part]) == 0) return i / PARTS;
    }
    return -1;
}

/* The engine's order of two results of one span. */
static int order_slots(const cxm_engine_result *a, const cxm_engine_result *b)
{
    int order = 0;
    for (uint32_t i = 0; i < a->segment_count && order == 0; ++i) order = compare_views(a->segments[i], b->segments[i]);
    return order ? order : (a->from_us > b->from_us) - (a->from_us < b->from_us);
}

/* The result of the same span, segment and window. Parts come behind them in the same order, so it is never far; one
 * without it is in no state that a row has made. */
static reading *home_of(readings *r, int which, const cxm_engine_result *slot)
{
    while (r->home < r->count && (r->all[r->home].span != which || order_slots(&r->all[r->home].slot, slot) < 0)) ++r->home;
    return r->home < r->count && order_slots(&r->all[r->home].slot, slot) == 0 ? &r->all[r->home] : NULL;
}

/* Adds one result of the engine to what is shown; `opens`: the first of its segment in the leading column. */
static cxm_status take_result(score_run *run, cxm_engine_result slot, bool opens)
{
    readings *r = run->readings;
    enum part part;
    int which = take_span(run, &slot, &part);
    if (which < 0) return CXM_OK;
    if (opens) r->home = 0;
    reading *home = part == ENDED ? add_reading(r, (reading){.span = which, .slot = slot}) : home_of(r, which, &slot);
    if (!home) return part == ENDED ? CXM_E_MEMORY : CXM_OK;
    cxm_status status = add_times(&home->times[part], slot.quantile);
    return status == CXM_OK ? add_times(&r->overall[which][part], slot.quantile) : status;
}

static cxm_status gather(score_run *run)
{
    cxm_engine_result slot = {.size = sizeof slot};
    cxm_view leading = {NULL, 0};
    cxm_status status = cxm_engine_close(run->engine);
    while (status == CXM_OK && (status = cxm_engine_next(run->engine, &slot)) == CXM_OK) {
        if (slot.segment_count == 0 && run->leading) continue;
        bool opens = run->leading && compare_views(leading, slot.segments[0]) != 0;
        if (opens) leading = slot.segments[0];
        status = take_result(run, slot, opens);
    }
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
    cxm_status status = added ? cxm_quantile_create(&spec, NULL, &added->times[ENDED]) : CXM_E_MEMORY;
    return status == CXM_OK ? add_times(&run->readings->overall[which][ENDED], added->times[ENDED]) : status;
}

static cxm_status add_parts(cxm_quantile *into[PARTS], cxm_quantile *const from[PARTS])
{
    cxm_status status = CXM_OK;
    for (int part = 0; part < PARTS && status == CXM_OK; ++part)
        if (from[part]) status = add_times(&into[part], from[part]);
    return status;
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
            memset(of.times, 0, sizeof of.times);
            total = r->count;
            if (!add_reading(r, of)) return CXM_E_MEMORY;
        }
        status = add_parts(r->all[total].times, r->all[i].times);
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

static void add_summary(cxm_account *to, const cxm_quantile *q)
{
    cxm_quantile_summary of = summary_of(q);
    uint64_t missing = of.missing + of.open, out = of.negative + of.infinite;
    to->scored += of.n;
    to->missing += missing;
    to->unparsed += of.unparsed;
    to->out_of_range += out;
    to->records += of.n + missing + of.unparsed + out;
}

/* Out of an engine: what rows are, which stands in the blank segment where one makes several records; how many records were
 * counted beside them; and what is unparsed in any segment, as rows without an instant are in none. */
typedef struct row_sums { cxm_account rows; uint64_t beside, unparsed; } row_sums;

static bool is_row(const layout *held, const cxm_engine_result *slot)
{
    if (held->count == 0) return true;
    bool itself = streams_of(held->spans, held->count) > singles_of(held->spans, held->count);
    return itself ? slot->segments[0].len == 0 : compare_views(slot->segments[0], held->spans[0].keys[ENDED]) == 0;
}

static bool is_beside(const layout *held, const cxm_engine_result *slot)
{
    for (int i = 0; i < held->count; ++i)
        if (!is_many(&held->spans[i]) && compare_views(slot->segments[0], held->spans[i].keys[ENDED]) == 0) return false;
    return !is_row(held, slot);
}

static cxm_status sum_rows(cxm_engine *engine, const layout *held, row_sums *out)
{
    cxm_engine_result slot = {.size = sizeof slot};
    cxm_status status = cxm_engine_close(engine);
    *out = (row_sums){.beside = 0};
    while (status == CXM_OK && (status = cxm_engine_next(engine, &slot)) == CXM_OK) {
        cxm_account of = {.records = 0};
        if (slot.segment_count == 0 && held->count) continue;
        add_summary(&of, slot.quantile);
        out->unparsed += of.unparsed;
        if (is_beside(held, &slot)) out->beside += of.records;
        if (is_row(held, &slot)) add_summary(&out->rows, slot.quantile);
    }
    return status == CXM_END ? CXM_OK : status;
}

/* Each row once. */
static cxm_status row_account(cxm_engine *engine, cxm_account *out, uint64_t *untimed)
{
    row_sums sums;
    layout held;
    cxm_engine_options state = {.size = sizeof state};
    cxm_engine_describe(engine, &state);
    read_layout(&state, &held);
    uint64_t streams = (uint64_t)streams_of(held.spans, held.count);
    cxm_status status = sum_rows(engine, &held, &sums);
    out->size = sizeof *out;
    cxm_engine_account(engine, out);
    *untimed = (out->unparsed - sums.unparsed) / streams;
    *out = (cxm_account){.size = sizeof *out, .records = (out->records - sums.beside) / streams, .scored = sums.rows.scored,
                         .missing = sums.rows.missing, .unparsed = sums.rows.unparsed + *untimed, .out_of_range = sums.rows.out_of_range};
    out->excluded = out->records - out->scored - out->missing - out->unparsed - out->out_of_range;
    return status;
}

bool response_account(cxm_engine *engine, cxm_account *out)
{
    cxm_engine_options state = {.size = sizeof state};
    layout held;
    uint64_t untimed;
    cxm_engine_describe(engine, &state);
    return read_layout(&state, &held) && row_account(engine, out, &untimed) == CXM_OK;
}

static int refuse_others(const score_run *run)
{
    uint64_t slots, others = 0;
    cxm_engine_slots(run->engine, &slots, &others);
    if (run->waits_too_many)
        return complain(EXIT_LIMIT, "%s: rows that have not ended take more than 64 MiB until the last is read; take fewer columns, or no --target", run->in->name);
    return others ? complain(EXIT_LIMIT, "%s: more segments%s than fit the memory bound; take fewer columns%s", run->in->name,
                             run->opt->has_window ? " and windows" : "", run->opt->has_window ? " or longer windows" : "") : EXIT_FINE;
}

/* Up to when what has not ended has run. A state may be of several inputs, each with its own. */
static void define_as_of(score_run *run)
{
    char until[CXM_TEXT_TIME_MAX + 1] = "the latest time of each input";
    cxm_engine_options how = {.size = sizeof how};
    size_t used = strlen(run->definition), len = 0;
    if (!run->runs && !run->desk) return;
    cxm_engine_describe(run->engine, &how);
    int64_t at = how.has_until ? how.until_us : run->as_of_us;
    if ((how.has_until || run->has_as_of) && cxm_text_from_time(at, run->zone_s, until, sizeof until - 1, &len) == CXM_OK) until[len] = '\0';
    snprintf(run->definition + used, sizeof run->definition - used, run->desk ? "; as of %s%s" : "; what is open has run to %s%s", until,
             run->has_as_of && !how.has_until ? ", the latest time read" : "");     /* what came at it or later is not known */
    used = strlen(run->definition);
    if (run->desk && !compares(run))
        snprintf(run->definition + used, sizeof run->definition - used, "; rates of tickets as include/cxm/ticket.h defines them, with Wilson's limits, response_rate %s; a "
                 "customer comes again within %g d", run->opt->has_window ? "by the end of the window" : "by then", (double)(run->opt->repeat_us ? run->opt->repeat_us : DESK_REPEAT_US) / 86400e6);
}

int response_settle(score_run *run)
{
    int code = refuse_others(run);
    if (code != EXIT_FINE) return code;
    run->readings = calloc(1, sizeof *run->readings);
    if (!run->readings) return out_of_memory();
    cxm_status status = gather(run);
    if (status == CXM_OK) status = add_totals(run);
    if (status == CXM_OK) status = row_account(run->engine, &run->account, &run->readings->untimed);
    if (run->desk) desk_account(run);
    if (status == CXM_OK && run->desk && !compares(run)) status = desk_rates(run);
    define_as_of(run);
    return failed(status);
}

/* Refuses what could not be read of one metric, or of when it was due. */
static int check_part(const options *opt, cxm_view name, const char *what, uint64_t n, uint64_t unparsed, uint64_t out, const samples *kept)
{
    char shown[SAMPLE_BYTES + 40] = "";
    if (kept->count) snprintf(shown, sizeof shown, ": line %llu \"%.*s\"", (unsigned long long)kept->rows[0].line, (int)kept->rows[0].len, kept->rows[0].text);
    if (opt->strict && unparsed + out)
        return complain(EXIT_LIMIT, "--strict: %.*s%s: %llu unparsed, %llu out of range%s", (int)name.len, name.text, what,
                        (unsigned long long)unparsed, (unsigned long long)out, shown);
    if (!unparsed || (double)unparsed <= opt->max_unparsed * (double)(n + unparsed + out)) return EXIT_FINE;
    return complain(EXIT_LIMIT, "%.*s%s: %llu of %llu could not be read, more than --max-unparsed %g %%%s", (int)name.len, name.text, what,
                    (unsigned long long)unparsed, (unsigned long long)(n + unparsed + out), 100.0 * opt->max_unparsed, shown);
}

/* By metric, as a row that tells one duration may fail to tell another. */
int response_check(const score_run *run)
{
    int code = EXIT_FINE;
    for (int i = 0; i < run->span_count && code == EXIT_FINE; ++i) {
        cxm_view name = run->spans[i].name;
        cxm_quantile *const *parts = run->readings->overall[i];
        cxm_quantile_summary of = summary_of(parts[ENDED]), kept = summary_of(parts[KEPT]), open = summary_of(parts[RUNNING]);
        uint64_t unparsed = of.unparsed + run->readings->untimed;
        code = check_part(run->opt, name, "", of.n, unparsed, of.negative + of.infinite, unparsed ? &run->seen.unparsed : &run->seen.out_of_range);
        if (code == EXIT_FINE)
            code = check_part(run->opt, name, ", when due", kept.n + open.n, kept.unparsed, kept.negative + kept.infinite, &run->seen.due);
    }
    return code;
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
    return run->readings->overall[which][ENDED];
}

/* How many are within the target; of targets by row those that are not late at all. */
static uint64_t count_within(const score_run *run, const cxm_quantile *q, uint64_t *n)
{
    uint64_t hits = 0;
    cxm_quantile_summary sum = summary_of(q);
    *n = sum.n;
    if (run->promise.len) return sum.zero;
    if (q) cxm_quantile_within(q, (uint32_t)run->target, &hits, n);
    return hits;
}

/* What is late of those that have not ended, and the shares that follow. */
static void add_running(const score_run *run, const cxm_quantile *running, target_share *out)
{
    cxm_sla_counts counts = {.size = sizeof counts, .met = out->met, .breached = out->breached};
    cxm_sla_summary sum = {.size = sizeof sum};
    uint64_t n;
    counts.running = count_within(run, running, &n);
    counts.running_late = n - counts.running;
    out->running = counts.running;
    out->running_late = counts.running_late;
    cxm_sla_attainment(&counts, run->opt->level, &sum);
    out->due = sum.due.share;
    out->lowest = sum.lowest;
    out->highest = sum.highest;
    out->has_due = cxm_share_interval(sum.due.hits, sum.due.n, run->opt->method, run->opt->level, &out->due_limits) == CXM_OK;
}

/* Of durations, or, of targets by row, of what they were late by. */
static target_share share_within(const score_run *run, const cxm_quantile *q)
{
    cxm_quantile_spec spec = {.size = sizeof spec};
    target_share out = {.asked = response_asks(run), .promised = run->promise.len > 0, .target_s = (double)NAN,
                        .limits = {.size = sizeof out.limits}, .due_limits = {.size = sizeof out.limits}};
    uint64_t n;
    if (!out.asked) return out;
    out.met = count_within(run, q, &n);
    out.breached = n - out.met;
    if (!out.promised && cxm_quantile_spec_of(q, &spec) == CXM_OK) out.target_s = (double)spec.target[run->target] / 1e6;
    out.share = n ? (double)out.met / (double)n : 0.0;
    out.exists = cxm_share_interval(out.met, n, run->opt->method, run->opt->level, &out.limits) == CXM_OK;
    return out;
}

target_share response_within(const score_run *run, const scored_result *r)
{
    target_share out = share_within(run, run->promise.len ? r->kept : r->times);
    cxm_quantile_summary kept = summary_of(r->kept);
    out.without = kept.missing;
    out.unparsed = kept.unparsed;
    out.out_of_range = kept.negative + kept.infinite;
    out.runs = out.asked && run->spans[r->span].keys[RUNNING].len > 0;
    if (out.runs) add_running(run, r->running, &out);
    return out;
}

/* The share within the target, where a comparison asks for it. */
static void summarize_share(const score_run *run, const cxm_quantile *q, scored_result *out)
{
    target_share within = share_within(run, q);
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
    out->kept = out->running = NULL;
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

/* Of a metric all windows and segments together, or one result. */
static void summarize_parts(const score_run *run, int which, cxm_quantile *const parts[PARTS], scored_result *out)
{
    response_summarize(run, parts[ENDED], out);
    out->span = which;
    out->kept = parts[KEPT];
    out->running = parts[RUNNING];
}

void response_whole(const score_run *run, int which, scored_result *out)
{
    *out = (scored_result){.slot = {.size = sizeof out->slot}};
    summarize_parts(run, which, run->readings->overall[which], out);
}

/* Against the window before of the same metric and segment, where both are complete. */
static void add_change(const readings *r, const reading *now, const options *opt, scored_result *out)
{
    const reading *before = r->before;
    out->change = (cxm_difference){.size = sizeof out->change};
    bool neighbours = before && before->span == now->span && before->slot.to_us == now->slot.from_us && before->slot.complete &&
                      now->slot.complete && same_segment(&before->slot, &now->slot);
    out->has_change = neighbours && cxm_quantile_compare(now->times[ENDED], before->times[ENDED], 0.5, CXM_COMPARE_DEFAULT, opt->level, &out->change) == CXM_OK;
}

bool response_next(score_run *run, scored_result *out)
{
    readings *r = run->readings;
    if (r->next == r->count) return false;
    const reading *now = &r->all[r->next++];
    out->slot = now->slot;
    out->weights = NULL;
    out->has_change = false;
    summarize_parts(run, now->span, now->times, out);
    if (run->with_changes && now->slot.has_window) add_change(r, now, run->opt, out);
    r->before = now;
    return true;
}

void response_end(score_run *run)
{
    readings *r = run->readings;
    desk_close(run);
    cxm_calendar_free(run->calendar);
    run->calendar = NULL;
    if (!r) return;
    for (size_t i = 0; i < r->count * PARTS; ++i) cxm_quantile_free(r->all[i / PARTS].times[i % PARTS]);
    for (int i = 0; i < MAX_SPANS * PARTS; ++i) cxm_quantile_free(r->overall[i / PARTS][i % PARTS]);
    free(r->all);
    free(r);
    run->readings = NULL;
}
