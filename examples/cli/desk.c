/* SPDX-License-Identifier: MIT */
/* desk.c - a file of events, one a row, to tickets and their times.
 *
 * Rows go to a log by ticket, in any order and as often as they stand there; what segments a ticket has, its creation tells. Once
 * all is read each ticket is measured as of --until, else as of the latest event, and its times become records as those of a
 * tickets file do: one a metric and clock, any number of next replies, and one of the ticket itself in the blank segment.
 * Windows and --since are by creation.                                                       */
#include "desk.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t LOG_BYTES = UINT64_C(4) << 30, CREATION_BYTES = UINT64_C(1) << 30;
enum { EVENTS_MOST = 8192 };            /* of a ticket: more are a machine's, and would take n^2 steps where the newest come first */
static const double CENTURY_US = 3155760000000000.0;

/* --- opening --- */

int desk_open(score_run *run)
{
    cxm_ticket_log_options how = {.size = sizeof how, .quiet_us = INT64_MAX, .max_bytes = LOG_BYTES, .max_events = EVENTS_MOST};
    desk *d = calloc(1, sizeof *d);
    if (!d) return out_of_memory();
    run->desk = d;
    d->preset = run->opt->preset ? run->opt->preset : "zendesk";
    d->rules.size = sizeof d->rules;
    cxm_ticket_preset(d->preset, strlen(d->preset), &d->rules);       /* it was checked with the option */
    return cxm_ticket_log_create(&how, NULL, &d->log) == CXM_OK ? EXIT_FINE : out_of_memory();
}

void desk_account(score_run *run)
{
    run->account = run->desk->rows;
}

const char *desk_preset(const score_run *run)
{
    return run->desk->preset;
}

void desk_close(score_run *run)
{
    desk *d = run->desk;
    if (!d) return;
    cxm_ticket_log_free(d->log);
    free(d->creations);
    free(d->texts);
    free(d->next);
    free(d->contacts);
    free(d->groups);
    free(d);
    run->desk = NULL;
}

/* --- rows --- */

bool desk_grow(void **at, size_t *room, size_t need, size_t least)
{
    size_t more = *room ? *room : least;
    while (more < need) more *= 2;
    void *larger = more > *room ? realloc(*at, more) : *at;
    if (!larger) return false;
    *at = larger;
    *room = more;
    return true;
}

static bool keep_text(desk *d, const void *bytes, size_t len)
{
    void *at = d->texts;
    if (!desk_grow(&at, &d->text_room, d->text_len + len, 4096)) return false;
    d->texts = at;
    if (len) memcpy(d->texts + d->text_len, bytes, len);
    d->text_len += len;
    return true;
}

static cxm_status keep_creation(desk *d, cxm_view ticket, const cxm_ticket_event *e, cxm_view customer, const cxm_view *by, int count)
{
    size_t bytes = d->creation_room * sizeof(creation);
    void *at = d->creations;
    bool fits = desk_grow(&at, &bytes, (d->creation_count + 1) * sizeof(creation), 256 * sizeof(creation));
    if (!fits) return CXM_E_MEMORY;
    if (bytes + d->text_len > CREATION_BYTES) return CXM_E_LIMIT;
    d->creations = at;
    d->creation_room = bytes / sizeof(creation);
    creation *c = &d->creations[d->creation_count];
    *c = (creation){cxm_ticket_code(ticket.text, ticket.len), customer.len ? cxm_ticket_code(customer.text, customer.len) : 0, *e, d->text_len};
    for (int i = 0; i < count && fits; ++i) fits = keep_text(d, &by[i].len, sizeof by[i].len);
    for (int i = 0; i < count && fits; ++i) fits = keep_text(d, by[i].text, by[i].len);
    d->creation_count += fits;
    return fits ? CXM_OK : CXM_E_MEMORY;
}

void desk_segments(const desk *d, const creation *made, uint32_t count, cxm_view *out)
{
    if (count == 0) return;                             /* then there are no texts at all */
    const char *at = d->texts + made->text, *bytes = at + count * sizeof(size_t);
    for (uint32_t i = 0; i < count; ++i) {
        memcpy(&out[i].len, at + i * sizeof(size_t), sizeof(size_t));
        out[i].text = bytes;
        bytes += out[i].len;
    }
}

/* The cells of an event. */
typedef struct cells { cxm_view ticket, event, actor, who, channel, status, customer, time; } cells;

static cells read_cells(const columns *cols, const cxm_view *fields)
{
    cells c = {.who = {NULL, 0}};
    c.ticket = *fields++;
    c.event = *fields++;
    c.actor = *fields++;
    if (cols->who != NO_COLUMN) c.who = *fields++;
    if (cols->channel != NO_COLUMN) c.channel = *fields++;
    if (cols->status != NO_COLUMN) c.status = *fields++;
    if (cols->customer != NO_COLUMN) c.customer = *fields++;
    c.time = *fields;
    return c;
}

static cxm_view told(const options *opt, cxm_view text)
{
    return is_missing_word(opt, text) ? (cxm_view){NULL, 0} : trim(text);
}

static uint64_t code_of(cxm_view text)
{
    return text.len ? cxm_ticket_code(text.text, text.len) : 0;
}

/* False where a cell is not understood, which is then `*blame`. */
static bool read_event(const options *opt, const cells *c, cxm_ticket_event *e, cxm_view *blame)
{
    const cxm_view *const cells_of[] = {&c->time, &c->event, &c->actor, &c->status};
    int32_t which = 0;
    cxm_view channel = told(opt, c->channel);
    cxm_status status = cxm_ticket_words(c->event.text, c->event.len, c->actor.text, c->actor.len, c->status.text, c->status.len, e, &which);
    *blame = *cells_of[which];
    if (status != CXM_OK || cxm_text_time(c->time.text, c->time.len, opt->zone_s, &e->at_us, NULL) != CXM_OK) return false;
    e->who = code_of(told(opt, c->who));
    e->channel = cxm_ticket_channel(channel.text, channel.len);
    return true;
}

static cxm_status add_event(desk *d, const cells *c, cxm_view ticket, const cxm_ticket_event *e, const options *opt, const cxm_view *by, int count)
{
    cxm_status status = cxm_ticket_log_add(d->log, ticket.text, ticket.len, e);
    if (status != CXM_OK) return status;
    if (!d->any || e->at_us > d->latest_us) d->latest_us = e->at_us;
    d->any = true;
    if (e->kind != CXM_TICKET_CREATED) return CXM_OK;
    return keep_creation(d, ticket, e, told(opt, c->customer), by, count);
}

cxm_status desk_take(pass *p, uint64_t line, uint32_t flags, const cxm_view *fields, const cxm_view *by)
{
    const score_run *run = p->run;
    desk *d = run->desk;
    cxm_ticket_event e = {.at_us = 0};
    cxm_view blame = {NULL, 0};
    ++d->rows.records;
    if (flags) {
        ++p->seen.ragged;
        ++d->rows.excluded;
        return CXM_OK;
    }
    cells c = read_cells(&run->cols, fields);
    cxm_view ticket = told(run->opt, c.ticket);
    if (ticket.len == 0) {
        ++d->rows.missing;
        return CXM_OK;
    }
    if (ticket.len > CXM_TICKET_KEY_MAX || !read_event(run->opt, &c, &e, &blame)) {
        ++d->rows.unparsed;
        keep_sample(&p->seen.unparsed, line, ticket.len > CXM_TICKET_KEY_MAX ? ticket : blame);
        return CXM_OK;
    }
    cxm_view values[CXM_ENGINE_SEGMENTS_MAX];
    for (int i = 0; i < run->cols.by_count; ++i) values[i] = trim(by[i]);
    return add_event(d, &c, ticket, &e, run->opt, values, run->cols.by_count);
}

/* --- tickets --- */

static int compare_creations(const void *a, const void *b)
{
    const creation *x = a, *y = b;
    int32_t order = cxm_ticket_event_compare(&x->event, &y->event);
    if (x->ticket != y->ticket) return x->ticket < y->ticket ? -1 : 1;
    return order ? order : (y->customer > x->customer) - (y->customer < x->customer);
}

/* Whether the segments of `x` stand before those of `y`: rows that tell one event in two ways may come in any order. */
static bool stands_before(const desk *d, const creation *x, const creation *y, uint32_t count)
{
    cxm_view of_x[CXM_ENGINE_SEGMENTS_MAX], of_y[CXM_ENGINE_SEGMENTS_MAX];
    int order = 0;
    desk_segments(d, x, count, of_x);
    desk_segments(d, y, count, of_y);
    for (uint32_t i = 0; i < count && order == 0; ++i) order = compare_views(of_x[i], of_y[i]);
    return order < 0;
}

/* The first creation of each ticket, by its code; rows may have told it more than once. */
static void sort_creations(desk *d, uint32_t segments)
{
    size_t kept = 0;
    if (d->creation_count) qsort(d->creations, d->creation_count, sizeof *d->creations, compare_creations);
    for (size_t i = 0; i < d->creation_count; ++i) {
        creation *last = kept ? &d->creations[kept - 1] : NULL, *next = &d->creations[i];
        if (!last || last->ticket != next->ticket) d->creations[kept++] = *next;
        else if (compare_creations(last, next) == 0 && stands_before(d, next, last, segments)) *last = *next;
    }
    d->creation_count = kept;
}

static const creation *creation_of(const desk *d, uint64_t ticket)
{
    size_t low = 0, high = d->creation_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->creations[middle].ticket < ticket) low = middle + 1;
        else high = middle;
    }
    return low < d->creation_count && d->creations[low].ticket == ticket ? &d->creations[low] : NULL;
}

cxm_status desk_measure(const desk *d, const cxm_ticket_log_item *item, int64_t known_us, const cxm_calendar *calendar, cxm_ticket_span *next,
                        size_t room, cxm_ticket_life *life)
{
    size_t n = item->count;
    while (n && item->events[n - 1].at_us > known_us) --n;
    return cxm_ticket_measure(item->events, n, &d->rules, known_us < d->known_us ? known_us : d->as_of_us, calendar, next, room, life);
}

bool desk_next(desk *d, uint64_t *cursor, desk_ticket *out)
{
    out->item.size = sizeof out->item;
    while (cxm_ticket_log_next(d->log, cursor, &out->item) == CXM_OK) {
        out->made = creation_of(d, cxm_ticket_code(out->item.key, out->item.key_len));
        out->life.size = sizeof out->life;
        bool whole = out->made && !out->item.overfull;
        if (whole && desk_measure(d, &out->item, d->known_us, NULL, NULL, 0, &out->life) == CXM_OK) return true;
    }
    return false;
}

/* One time of a ticket, as a record: open while it runs, missing where it will never come. */
static void fill_record(cxm_record *record, const cxm_ticket_span *time)
{
    record->answer = time->state == CXM_TICKET_STOPPED ? CXM_ANSWER_GIVEN : time->state == CXM_TICKET_RUNNING ? CXM_ANSWER_OPEN : CXM_ANSWER_MISSING;
    record->value = (double)time->us;
    if (record->value > CENTURY_US) record->value = (double)INFINITY;
}

/* And how far it has run, where a target asks for it. */
static cxm_status count_time(const score_run *run, const span *s, const cxm_ticket_span *time, cxm_view *segments, cxm_record *record)
{
    segments[0] = s->keys[ENDED];
    fill_record(record, time);
    cxm_status status = cxm_engine_add(run->engine, record);
    bool runs = s->keys[RUNNING].len && time->state == CXM_TICKET_RUNNING && pass_counts(run->opt, record);
    if (status != CXM_OK || !runs) return status;
    segments[0] = s->keys[RUNNING];
    record->answer = CXM_ANSWER_GIVEN;
    return cxm_engine_add(run->engine, record);
}

/* A ticket by both clocks: `lives` and its next replies, of which the second are in opening hours. */
typedef struct both { cxm_ticket_life lives[2]; cxm_ticket_span *next[2]; } both;

static cxm_status measure_both(const score_run *run, const desk_ticket *t, both *out)
{
    desk *d = run->desk;
    size_t room = t->item.count;
    void *at = d->next;
    if (!desk_grow(&at, &d->next_room, 2 * room * sizeof *d->next, 1024)) return CXM_E_MEMORY;
    d->next = at;
    for (int i = 0; i < (run->calendar ? 2 : 1); ++i) {
        out->lives[i].size = sizeof out->lives[i];
        out->next[i] = d->next + (size_t)i * room;
        desk_measure(d, &t->item, d->known_us, i ? run->calendar : NULL, out->next[i], room, &out->lives[i]);
    }
    return CXM_OK;
}

static cxm_status count_span(const score_run *run, const span *s, const both *b, cxm_view *segments, cxm_record *record)
{
    const cxm_ticket_life *life = &b->lives[s->business];
    cxm_status status = CXM_OK;
    if (s->clock < CXM_TICKET_CLOCKS) return count_time(run, s, &life->clocks[s->clock], segments, record);
    for (uint32_t i = 0; i < life->next_replies && status == CXM_OK && pass_counts(run->opt, record); ++i)
        status = count_time(run, s, &b->next[s->business][i], segments, record);
    return status;
}

/* One ticket of a rate: within the target where it counts above the line, past it where below alone; else it is left out. */
static cxm_status count_rate(const score_run *run, const desk_ticket *t, const cxm_ticket_contact *contact, cxm_view *segments, cxm_record *record)
{
    cxm_ticket_rates one = {.size = sizeof one};
    cxm_service_share share = {.n = 0};
    cxm_ticket_rates_add(&one, &t->life);
    cxm_ticket_rates_add_contact(&one, contact);
    if (cxm_ticket_rate(&one, run->opt->rate - 1, run->opt->level, &share) != CXM_OK) return cxm_engine_exclude(run->engine);
    segments[0] = run->spans[0].keys[ENDED];
    record->answer = CXM_ANSWER_GIVEN;
    record->value = share.hits ? 0.0 : 2.0 * (double)DESK_RATE_US;
    return cxm_engine_add(run->engine, record);
}

/* All records of a ticket, and the one of itself. */
static cxm_status count_ticket(const score_run *run, const desk_ticket *t, const cxm_ticket_contact *contact)
{
    cxm_view segments[CXM_ENGINE_SEGMENTS_MAX] = {{NULL, 0}};
    cxm_record record = {.size = sizeof record, .segments = segments, .segment_count = (uint32_t)(1 + run->name_count + run->hidden), .weight = 1.0,
                         .at_us = t->life.created_us, .time = CXM_TIME_GIVEN};
    int by = run->cols.by_count;
    both b;
    cxm_status status = measure_both(run, t, &b);
    desk_segments(run->desk, t->made, (uint32_t)by, segments + 1);
    if (run->opt->has_at) segments[1 + by] = period_of(run->opt, &record);
    if (pass_counts(run->opt, &record)) run->desk->rows.scored += t->item.count;
    if (run->opt->compares_share && run->opt->rate) return count_rate(run, t, contact, segments, &record);
    for (int i = 0; i < run->span_count && status == CXM_OK; ++i) status = count_span(run, &run->spans[i], &b, segments, &record);
    if (run->streams == run->singles || status != CXM_OK) return status;
    segments[0] = (cxm_view){NULL, 0};
    record.answer = CXM_ANSWER_GIVEN;
    record.value = 0.0;
    return cxm_engine_add(run->engine, &record);
}

/* What came of the rows. Those of tickets that do not count are excluded; where one has more events than are kept, what repeated
 * rows are cannot be told from those, so they are excluded, too. */
static void settle_account(desk *d)
{
    cxm_ticket_log_account sum = {.size = sizeof sum};
    cxm_ticket_log_account_of(d->log, &sum);
    d->rows.size = sizeof d->rows;
    d->rows.duplicates = sum.overfull ? 0 : sum.surplus;
    d->rows.excluded += sum.held - d->rows.scored + (sum.overfull ? sum.surplus : 0);
    d->overfull = sum.overfull;
    d->uncreated = sum.tickets - d->creation_count;         /* those created after --until have one */
}

int desk_settle(score_run *run)
{
    desk *d = run->desk;
    desk_ticket t;
    uint64_t cursor = 0;
    sort_creations(d, (uint32_t)run->cols.by_count);
    d->known_us = run->opt->has_until ? run->opt->until_us - 1 : d->latest_us;
    d->as_of_us = run->as_of_us = run->opt->has_until ? run->opt->until_us : d->latest_us;
    run->has_as_of = d->any || run->opt->has_until;
    cxm_status status = desk_follow(run);
    for (size_t i = 0; status == CXM_OK && desk_next(d, &cursor, &t); ++i) status = count_ticket(run, &t, &d->contacts[i]);
    settle_account(d);
    return pass_failed(run, status);
}
