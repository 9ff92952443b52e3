/* SPDX-License-Identifier: MIT */
/* survival_read.c - rows to customers: a tenure and whether it ended, or the dates from which and to which somebody was one.
 *
 * Of dates the tenure is in whole days of the zone. One that is blank at the end goes on, up to --until or else to the latest day of
 * the file. At --until nothing later is known: who left then or after was still there. */
#include "survival.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- columns --- */

enum { DURATION, EVENT, ENTRY, START, END, FIELDS };
static const struct { const char *field, *names[8]; } fields[FIELDS] = {
    {"duration", {"duration", "tenure", "tenure_days", "tenure_months", "lifetime"}},
    {"event", {"event", "churn", "churned", "cancelled", "canceled", "exited"}},
    {"entry", {NULL}},          /* told, or none */
    {"start", {"start", "start_date", "started_at", "signup", "signup_date", "signed_up_at", "subscribed_at"}},
    {"end", {"end", "end_date", "ended_at", "cancelled_at", "canceled_at", "churned_at", "churn_date"}},
};

static bool is_named(int field, const char *name)
{
    for (size_t i = 0; i < 8 && fields[field].names[i]; ++i)
        if (same_word(name, fields[field].names[i])) return true;
    return false;
}

/* How many columns have such a name, and the last of them. */
static int named(const source *in, int field, int *at)
{
    int times = 0;
    for (uint32_t i = 0; i < in->columns; ++i)
        if (is_named(field, in->names[i])) *at = (int)i, ++times;
    return times;
}

static int find(const source *in, const options *opt, int field, int *out)
{
    char list[LIST_BYTES];
    const char *told = mapped(opt, fields[field].field);
    *out = NO_COLUMN;
    if (told) *out = column_find(in, fields[field].field, told);
    if (told || field == ENTRY) return told && *out == NO_COLUMN ? EXIT_INPUT : EXIT_FINE;
    int times = named(in, field, out);
    if (times == 1) return EXIT_FINE;
    return complain(EXIT_INPUT, "%s: %s column could be the %s; say --map %s=COLUMN. There are: %s", in->name, times ? "more than one" : "no",
                    fields[field].field, fields[field].field, list_columns(in, list));
}

/* By what was told, else by the names; EXIT_INPUT where both could be meant, or neither. */
static int choose(const source *in, const options *opt, bool *dates)
{
    char list[LIST_BYTES];
    int at;
    bool tenure = mapped(opt, "duration") || mapped(opt, "event");
    *dates = mapped(opt, "start") || mapped(opt, "end");
    if (tenure && *dates) return complain(EXIT_USAGE, "a tenure is told by duration and event, or by start and end: not by both");
    if (tenure || *dates) return EXIT_FINE;
    tenure = named(in, DURATION, &at) && named(in, EVENT, &at);
    *dates = named(in, START, &at) && named(in, END, &at);
    if (tenure != *dates) return EXIT_FINE;
    return complain(EXIT_INPUT, "%s: %s; say --map duration=COLUMN and --map event=COLUMN (whether the customer left), or --map start=COLUMN and "
                                "--map end=COLUMN. There are: %s", in->name,
                    tenure ? "there are tenures as well as dates" : "no columns could be tenures and who left", list_columns(in, list));
}

int survival_columns(const source *in, const options *opt, columns *out)
{
    bool dates;
    int code = choose(in, opt, &dates);
    if (code == EXIT_FINE && !dates && (opt->has_until || opt->zone_s))
        code = complain(EXIT_USAGE, "%s goes with dates: --map start=COLUMN and --map end=COLUMN", opt->has_until ? "--until" : "--tz");
    if (code == EXIT_FINE) code = find(in, opt, dates ? START : DURATION, dates ? &out->start : &out->duration);
    if (code == EXIT_FINE) code = find(in, opt, dates ? END : EVENT, dates ? &out->end : &out->event);
    return code == EXIT_FINE ? find(in, opt, ENTRY, &out->entry) : code;
}

/* --- cells --- */

enum verdict { COUNTS, BLANK, UNREAD, OUTSIDE, LEFT_OUT };

/* The cells of a row: duration and event, or start and end; entry and weight where there are some, then the segments. */
typedef struct reader {
    survival_run *run;
    uint32_t columns[4 + CXM_ENGINE_SEGMENTS_MAX], count;
    int entry, weight, by;      /* places of cells; entry and weight NO_COLUMN where there are none */
} reader;

static enum verdict read_number(const reader *r, cxm_view text, double *out)
{
    const source *in = r->run->base->in;
    if (is_missing_word(r->run->base->opt, text)) return BLANK;
    cxm_status status = cxm_text_number(text.text, text.len, '.', out);
    if (status == CXM_E_FORMAT && in->decimal != '.') status = cxm_text_number(text.text, text.len, in->decimal, out);
    if (status == CXM_E_FORMAT) return UNREAD;
    return status == CXM_OK && *out >= 0.0 && *out <= 1e100 ? COUNTS : OUTSIDE;
}

static int64_t day_of(int64_t at_us, int32_t zone_s)
{
    const int64_t day = INT64_C(86400000000);
    int64_t local = at_us + zone_s * INT64_C(1000000), days = local / day;
    return local % day < 0 ? days - 1 : days;
}

/* Keeps the latest day, where it was not told. */
static enum verdict read_date(const reader *r, cxm_view text, int64_t *at_us, int64_t *day)
{
    survival_run *run = r->run;
    const options *opt = run->base->opt;
    if (is_missing_word(opt, text)) return BLANK;
    text = trim(text);
    if (cxm_text_time(text.text, text.len, opt->zone_s, at_us, NULL) != CXM_OK) return UNREAD;
    *day = day_of(*at_us, opt->zone_s);
    if (opt->has_until || (run->any_day && run->latest_day >= *day)) return COUNTS;
    run->latest_day = *day;
    run->any_day = true;
    return COUNTS;
}

/* --- rows --- */

/* Zero customers, or none that can be told, are left out. */
static enum verdict read_weight(const reader *r, const cxm_view *cells, double *out)
{
    *out = 1.0;
    if (r->weight == NO_COLUMN) return COUNTS;
    bool fits = read_number(r, cells[r->weight], out) == COUNTS && *out >= 1e-15 && *out <= 1e15;
    return fits ? COUNTS : LEFT_OUT;
}

/* Of a row that is no customer the text that is to blame. */
static enum verdict blame(enum verdict v, cxm_view text, cxm_view *out)
{
    if (v != COUNTS) *out = text;
    return v;
}

static bool is_seen(double entry, double exit)
{
    return entry < exit || (entry == 0.0 && exit == 0.0);
}

static enum verdict read_tenure(const reader *r, const cxm_view *cells, stay *out, cxm_view *why)
{
    const options *opt = r->run->base->opt;
    enum verdict v = blame(read_number(r, cells[0], &out->exit), cells[0], why);
    if (v != COUNTS) return v;
    if (is_missing_word(opt, cells[1])) return BLANK;
    if (cxm_survival_event(cells[1].text, cells[1].len, &out->event) != CXM_OK) return blame(UNREAD, cells[1], why);
    if (r->entry != NO_COLUMN) v = blame(read_number(r, cells[r->entry], &out->entry), cells[r->entry], why);
    return v != COUNTS || is_seen(out->entry, out->exit) ? v : blame(OUTSIDE, cells[0], why);
}

/* What two dates tell; `open`: it goes on to the latest day. */
typedef struct period { int64_t start_us, start_day, end_day; bool open; } period;

static enum verdict read_period(const reader *r, const cxm_view *cells, period *out, cxm_view *why)
{
    const options *opt = r->run->base->opt;
    int64_t end_us;
    enum verdict v = blame(read_date(r, cells[0], &out->start_us, &out->start_day), cells[0], why);
    if (v != COUNTS) return v;
    v = blame(read_date(r, cells[1], &end_us, &out->end_day), cells[1], why);
    if (v == UNREAD) return v;
    out->open = v == BLANK || (opt->has_until && end_us >= opt->until_us);
    if (v == COUNTS && end_us < out->start_us) return blame(OUTSIDE, cells[1], why);
    return opt->has_until && out->start_us >= opt->until_us ? LEFT_OUT : COUNTS;
}

static enum verdict read_dates(const reader *r, const cxm_view *cells, period *p, stay *out, cxm_view *why)
{
    int64_t entry_us, entry_day;
    enum verdict v = read_period(r, cells, p, why);
    if (v != COUNTS) return v;
    if (r->entry != NO_COLUMN) v = blame(read_date(r, cells[r->entry], &entry_us, &entry_day), cells[r->entry], why);
    if (v != COUNTS) return v;
    if (r->entry != NO_COLUMN && entry_day > p->start_day) out->entry = (double)(entry_day - p->start_day);
    out->event = !p->open;
    if (p->open) p->end_day = r->run->latest_day;       /* known with --until alone */
    p->open = p->open && !r->run->base->opt->has_until;
    out->exit = p->open ? (double)INFINITY : (double)(p->end_day - p->start_day);
    return is_seen(out->entry, out->exit) ? COUNTS : blame(OUTSIDE, cells[0], why);
}

static void account_for(const reader *r, enum verdict v, uint64_t line, cxm_view why)
{
    score_run *base = r->run->base;
    cxm_account *a = &base->account;
    uint64_t *const counts[] = {&a->scored, &a->missing, &a->unparsed, &a->out_of_range, &a->excluded};
    ++*counts[v];
    if (v == UNREAD || v == OUTSIDE) keep_sample(v == UNREAD ? &base->seen.unparsed : &base->seen.out_of_range, line, why);
}

static cxm_status take_row(const reader *r, uint64_t line, uint32_t flags, const cxm_view *cells)
{
    survival_run *run = r->run;
    cxm_view segments[CXM_ENGINE_SEGMENTS_MAX] = {{NULL, 0}}, why = {NULL, 0};
    stay of = {0.0, 0.0, 1.0, 0};
    period p = {.open = false};
    ++run->base->account.records;
    run->base->seen.ragged += flags != 0;
    enum verdict v = flags ? LEFT_OUT : run->dates ? read_dates(r, cells, &p, &of, &why) : read_tenure(r, cells, &of, &why);
    if (v == COUNTS) v = read_weight(r, cells, &of.weight);
    account_for(r, v, line, why);
    if (v != COUNTS) return CXM_OK;
    for (int i = 0; i < run->base->name_count; ++i) segments[i] = trim(cells[r->by + i]);
    if (!p.open) return stays_take(run, segments, &of);
    const open_stay open = {p.start_day, of.entry, of.weight};
    return stays_take_open(run, segments, &open);
}

static reader begin(survival_run *run)
{
    const columns *c = &run->base->cols;
    reader r = {.run = run, .entry = NO_COLUMN, .weight = NO_COLUMN};
    run->dates = c->start != NO_COLUMN;
    r.columns[r.count++] = (uint32_t)(run->dates ? c->start : c->duration);
    r.columns[r.count++] = (uint32_t)(run->dates ? c->end : c->event);
    if (c->entry != NO_COLUMN) r.columns[r.entry = (int)r.count++] = (uint32_t)c->entry;
    if (c->weight != NO_COLUMN) r.columns[r.weight = (int)r.count++] = (uint32_t)c->weight;
    r.by = (int)r.count;
    for (int i = 0; i < c->by_count; ++i) r.columns[r.count++] = (uint32_t)c->by[i];
    return r;
}

static cxm_status take_held(const reader *r, source *in)
{
    cxm_csv_row row = {.size = sizeof row};
    cxm_view cells[4 + CXM_ENGINE_SEGMENTS_MAX];
    bool got;
    if (!in->has_held) return CXM_OK;
    source_next(in, &row, &got);
    for (uint32_t i = 0; i < r->count; ++i) cells[i] = row.fields[r->columns[i]];
    return take_row(r, row.line, row.flags, cells);
}

/* The last day that is looked at: the one in which --until begins, less none of it. */
static void settle_until(survival_run *run)
{
    const options *opt = run->base->opt;
    if (!opt->has_until) return;
    run->latest_day = day_of(opt->until_us, opt->zone_s);
    run->any_day = true;
}

int survival_rows(survival_run *run)
{
    static cxm_view cells[BATCH_ROWS * (4 + CXM_ENGINE_SEGMENTS_MAX)];
    static uint64_t lines[BATCH_ROWS];
    static uint32_t flags[BATCH_ROWS];
    cxm_csv_batch batch = {.size = sizeof batch, .max_rows = BATCH_ROWS, .fields = cells, .lines = lines, .flags = flags};
    source *in = run->base->in;
    reader r = begin(run);
    int code = EXIT_FINE;
    settle_until(run);
    cxm_status status = take_held(&r, in);
    for (bool got = true; status == CXM_OK && code == EXIT_FINE;) {
        code = source_next_batch(in, r.columns, r.count, &batch, &got);
        if (code != EXIT_FINE || !got) break;
        for (uint32_t i = 0; i < batch.rows && status == CXM_OK; ++i)
            status = take_row(&r, batch.lines[i], batch.flags[i], batch.fields + (size_t)i * r.count);
    }
    return code == EXIT_FINE && status != CXM_OK ? pass_failed(run->base, status) : code;
}
