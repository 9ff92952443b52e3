/* SPDX-License-Identifier: MIT */
/* state_ticket.c - the door's calls for tickets: events as lines of text into a log, and what tickets tell out of it.
 *
 *      t0042,2026-06-01T08:00:00Z,created,customer,r0117,chat
 * A line is ticket, time, event, actor, and where there are who, channel and status, with commas or tabs between; words as
 * cxm_ticket_words reads them. Results are as of the latest event, by the preset that the spec names; bytes hold the events
 * alone, so a log can be asked by any preset. Times are in seconds, percentiles within 1/1025 of themselves.  */
#include "base/port.h"
#include "stream/state_table.h"
#include <math.h>
#include <stddef.h>
#include <cxm/text.h>
#include "base/alloc.h"
#include "stream/state_text.h"
#include "stream/ticket_log_state.h"

enum { FIELDS = 7, NEXT_MOST = 64, PRESETS = 4 };
static const int64_t WEEK_US = 7 * INT64_C(86400000000);        /* within which a customer comes again */

/* --- spec --- */

/* Digits alone, the number they make 1..most. */
static bool read_whole(state_words *words, uint64_t most, uint64_t *out)
{
    const char *word;
    size_t len = state_word(words, &word);
    *out = 0;
    for (size_t i = 0; i < len; ++i) {
        uint64_t digit = (uint64_t)(word[i] - '0');
        if (word[i] < '0' || word[i] > '9' || *out > (most - digit) / 10) return false;
        *out = 10 * *out + digit;
    }
    return *out > 0;
}

static bool read_word(state_words *words, const char *word, size_t len, cxm_ticket_log_options *said, int32_t *preset)
{
    uint64_t value;
    for (int32_t i = 0; i < PRESETS && *preset < 0; ++i)
        if (state_word_is(word, len, cxm_ticket_preset_name(i))) {
            *preset = i;
            return true;
        }
    if (said->max_events == 0 && state_word_is(word, len, "events")) {
        bool ok = read_whole(words, CXM_TICKET_EVENTS_MAX, &value);
        said->max_events = (uint32_t)value;
        return ok;
    }
    bool ok = said->quiet_us == 0 && state_word_is(word, len, "quiet") && read_whole(words, INT64_MAX, &value);
    if (ok) said->quiet_us = (int64_t)value;
    return ok;
}

cxm_status state_ticket_read(const state_row *row, state_words *words, state_spec *out)
{
    cxm_ticket_log_options said = {.size = sizeof said};
    const char *word;
    size_t len;
    int32_t preset = -1;
    (void)row;
    while ((len = state_word(words, &word)) > 0)
        if (!read_word(words, word, len, &said, &preset)) return state_fault(words, CXM_E_FORMAT, "a preset, events and quiet, each once");
    out->preset = preset < 0 ? 0 : preset;
    return ticket_log_options(&said, &out->tickets);
}

void state_ticket_write(const state_row *row, const state_spec *spec, writer *w)
{
    cxm_ticket_log_options unless;
    (void)row;
    ticket_log_options(NULL, &unless);
    writer_text(w, " ");
    writer_text(w, cxm_ticket_preset_name(spec->preset));
    if (spec->tickets.max_events != unless.max_events) {
        writer_text(w, " events ");
        writer_count(w, spec->tickets.max_events);
    }
    if (spec->tickets.quiet_us == unless.quiet_us) return;
    writer_text(w, " quiet ");
    writer_count(w, (uint64_t)spec->tickets.quiet_us);
}

const state_parameter state_ticket_parameters[] = {
    {"zendesk|intercom|freshdesk|callcentre", "zendesk", "whose definitions (ticket.h)"},
    {"events N", "1024", "events that a ticket keeps, its first ones"},
    {"quiet N", "2592000000000", "microseconds of silence that end a ticket for good once it is over: 30 days"},
    {NULL, NULL, NULL},
};

/* --- life --- */

static size_t bytes(const state_spec *spec)
{
    (void)spec;
    return sizeof(cxm_ticket_log *);
}

static cxm_status start(cxm_state *state)
{
    return cxm_ticket_log_create(&state->spec.tickets, &state->hook, &state->is.tickets);
}

static void release(cxm_state *state)
{
    cxm_ticket_log_free(state->is.tickets);
}

/* --- events --- */

/* NaN is no event, and left out; a number is none either, and refused. */
static cxm_status add(cxm_state *state, double value)
{
    (void)state;
    return value == value ? CXM_E_METHOD : CXM_OK;
}

typedef struct cell { const char *text; size_t len; } cell;

/* The fields of a line; false where there are too few, or too many. */
static bool split(const char *text, size_t len, cell out[FIELDS])
{
    char mark = memchr(text, '\t', len) ? '\t' : ',';
    size_t count = 0;
    for (const char *at = text, *end = text + len;; ++count) {
        const char *stop = memchr(at, mark, (size_t)(end - at));
        if (count == FIELDS) return false;
        out[count] = (cell){at, (size_t)((stop ? stop : end) - at)};
        state_trim(&out[count].text, &out[count].len);
        if (!stop) return count + 1 >= 4;
        at = stop + 1;
    }
}

static uint64_t code_of(cell c)
{
    return c.len ? cxm_ticket_code(c.text, c.len) : 0;
}

static bool read_line(const char *text, size_t len, cell *key, cxm_ticket_event *e)
{
    cell c[FIELDS] = {{text, 0}};
    for (int i = 1; i < FIELDS; ++i) c[i] = c[0];
    if (!split(text, len, c) || c[0].len == 0 || c[0].len > CXM_TICKET_KEY_MAX) return false;
    if (cxm_text_time(c[1].text, c[1].len, 0, &e->at_us, NULL) != CXM_OK) return false;
    if (cxm_ticket_words(c[2].text, c[2].len, c[3].text, c[3].len, c[6].text, c[6].len, e, NULL) != CXM_OK) return false;
    e->who = code_of(c[4]);
    e->channel = cxm_ticket_channel(c[5].text, c[5].len);
    *key = c[0];
    return true;
}

static cxm_status add_text(cxm_state *state, const char *text, size_t len)
{
    cxm_ticket_event e = {.at_us = 0};
    cell key;
    if (state_is_missing(text, len)) return CXM_OK;
    if (!read_line(text, len, &key, &e)) return CXM_E_FORMAT;
    return cxm_ticket_log_add(state->is.tickets, key.text, key.len, &e);
}

static cxm_status add_many(cxm_state *state, const cxm_column *column)
{
    (void)state;
    return column->size < sizeof *column ? CXM_E_ABI : CXM_E_METHOD;
}

/* A set knows not how often an event came: nothing is taken back. */
static cxm_status take_back(cxm_state *state, double value)
{
    return add(state, value);
}

static cxm_status take_back_text(cxm_state *state, const char *text, size_t len)
{
    (void)state;
    return state_is_missing(text, len) ? CXM_OK : CXM_E_METHOD;
}

static cxm_status merge(cxm_state *into, const cxm_state *from)
{
    return cxm_ticket_log_merge(into->is.tickets, from->is.tickets);
}

/* --- bytes --- */

static cxm_status encode(const cxm_state *state, void *out, size_t cap, size_t *len)
{
    return cxm_ticket_log_encode(state->is.tickets, out, cap, len);
}

static bool spec_of(const codec_frame *frame, state_spec *out)
{
    return ticket_log_options(NULL, &out->tickets) == CXM_OK && ticket_log_spec_read(frame->spec, frame->spec_len, &out->tickets);
}

static bool agrees(const state_spec *a, const state_spec *b)
{
    return a->tickets.max_events == b->tickets.max_events && a->tickets.quiet_us == b->tickets.quiet_us;
}

static cxm_status decode(cxm_state *state, const void *at, size_t len, size_t max_bytes)
{
    uint64_t bound = max_bytes < state->spec.tickets.max_bytes ? max_bytes : state->spec.tickets.max_bytes;
    if (bound == 0) return CXM_E_LIMIT;                 /* nothing is left of the bound; there 0 is none */
    return cxm_ticket_log_decode(at, len, bound, 0, &state->hook, &state->is.tickets);
}

/* --- results --- */

/* What is in hand while figures are made: percentiles by clock, and a contact for each life. */
typedef struct work {
    const cxm_state *state;
    cxm_ticket_rules rules;
    int64_t as_of_us;
    cxm_quantile *clocks[CXM_TICKET_NEXT_REPLY + 1];
    cxm_ticket_contact *contacts;       /* [lives] */
    size_t lives, count;
    state_ticket_sum *sum;
} work;

/* How many lives there are, and the latest event. */
static void look(work *w)
{
    cxm_ticket_log_item item = {.size = sizeof item};
    w->as_of_us = INT64_MIN;
    for (uint64_t cursor = 0; ticket_log_walk(w->state->is.tickets, &cursor, &item); ++w->lives)
        if (item.events[item.count - 1].at_us > w->as_of_us) w->as_of_us = item.events[item.count - 1].at_us;
}

static cxm_status begin(work *w)
{
    const cxm_quantile_spec spec = {.size = sizeof spec, .precision = CXM_PRECISION_01, .unit = CXM_UNIT_S};
    const cxm_alloc *hook = &w->state->hook;
    const char *preset = cxm_ticket_preset_name(w->state->spec.preset);
    cxm_status status = cxm_ticket_preset(preset, strlen(preset), &w->rules);
    look(w);
    for (int i = 0; i <= CXM_TICKET_NEXT_REPLY && status == CXM_OK; ++i) status = cxm_quantile_create(&spec, hook, &w->clocks[i]);
    if (status != CXM_OK || w->lives == 0) return status;
    w->contacts = alloc_zeroed(hook, w->lives, sizeof *w->contacts);
    return w->contacts ? CXM_OK : CXM_E_MEMORY;
}

static void end(work *w)
{
    for (int i = 0; i <= CXM_TICKET_NEXT_REPLY; ++i) cxm_quantile_free(w->clocks[i]);
    alloc_free(&w->state->hook, w->contacts, w->lives * sizeof *w->contacts);
}

static cxm_status count_span(cxm_quantile *q, const cxm_ticket_span *s)
{
    if (s->state == CXM_TICKET_RUNNING) return cxm_quantile_add_open(q);
    if (s->state == CXM_TICKET_NEVER) return cxm_quantile_add_missing(q);
    cxm_status status = s->us >= 0 ? cxm_quantile_add_steps(q, s->us) : cxm_quantile_add(q, -1.0);
    return status == CXM_E_DOMAIN ? CXM_OK : status;    /* clocks that disagree: counted as negative */
}

/* Most tickets have few next replies; those of one that has more need room of their own. */
static cxm_status count_many(const work *w, const cxm_ticket_log_item *item, uint32_t count)
{
    const cxm_alloc *hook = &w->state->hook;
    cxm_ticket_life life = {.size = sizeof life};
    cxm_ticket_span *spans = alloc_zeroed(hook, count, sizeof *spans);
    cxm_status status = spans ? CXM_OK : CXM_E_MEMORY;
    if (spans) cxm_ticket_measure(item->events, item->count, &w->rules, w->as_of_us, NULL, spans, count, &life);
    for (uint32_t i = 0; i < count && status == CXM_OK; ++i) status = count_span(w->clocks[CXM_TICKET_NEXT_REPLY], &spans[i]);
    alloc_free(hook, spans, count * sizeof *spans);
    return status;
}

static void keep_contact(work *w, const cxm_ticket_life *life)
{
    w->contacts[w->count++] = (cxm_ticket_contact){.customer = life->customer, .created_us = life->created_us, .channel = life->channel,
                                                   .solved_us = life->end == CXM_TICKET_IS_SOLVED ? life->ended_us : INT64_MAX};
}

static cxm_status count_life(work *w, const cxm_ticket_log_item *item)
{
    cxm_ticket_span next[NEXT_MOST];
    cxm_ticket_life life = {.size = sizeof life};
    bool whole = !item->overfull &&
                 cxm_ticket_measure(item->events, item->count, &w->rules, w->as_of_us, NULL, next, NEXT_MOST, &life) == CXM_OK;
    w->sum->uncreated += !whole;
    if (!whole) return CXM_OK;
    keep_contact(w, &life);
    cxm_status status = cxm_ticket_rates_add(&w->sum->rates, &life);
    for (int i = 0; i < CXM_TICKET_CLOCKS && status == CXM_OK; ++i) status = count_span(w->clocks[i], &life.clocks[i]);
    if (status == CXM_OK && life.next_replies > NEXT_MOST) return count_many(w, item, life.next_replies);
    for (uint32_t i = 0; i < life.next_replies && status == CXM_OK; ++i) status = count_span(w->clocks[CXM_TICKET_NEXT_REPLY], &next[i]);
    return status;
}

static cxm_status walk(work *w)
{
    cxm_ticket_log_item item = {.size = sizeof item};
    cxm_status status = CXM_OK;
    for (uint64_t cursor = 0; status == CXM_OK && ticket_log_walk(w->state->is.tickets, &cursor, &item);) status = count_life(w, &item);
    if (status == CXM_OK) status = cxm_ticket_follow(w->contacts, w->count, WEEK_US, w->as_of_us);
    for (size_t i = 0; i < w->count && status == CXM_OK; ++i) status = cxm_ticket_rates_add_contact(&w->sum->rates, &w->contacts[i]);
    return status;
}

static void sum_clock(const cxm_quantile *q, double level, state_clock_sum *out)
{
    cxm_quantile_summary all = {.size = sizeof all};
    cxm_interval limits = {.size = sizeof limits, .low = (double)NAN, .high = (double)NAN};
    cxm_quantile_summarize(q, &all);
    out->status = cxm_quantile_interval(q, 0.5, level, &limits);
    *out = (state_clock_sum){all.n, all.missing, all.open, all.n ? all.median : (double)NAN, limits.low, limits.high,
                             all.n ? all.mean : (double)NAN, out->status};
}

static void sum_rates(state_ticket_sum *sum, double level)
{
    for (int32_t i = 0; i < CXM_TICKET_RATES; ++i) cxm_ticket_rate(&sum->rates, i, level, &sum->shares[i]);
    if (cxm_ticket_replies_per_solve(&sum->rates, &sum->replies_per_solve) != CXM_OK) sum->replies_per_solve = (double)NAN;
    sum->open = sum->rates.received - sum->rates.solved - sum->rates.abandoned;
}

static cxm_status figures(const cxm_state *state, double level, state_figures *out)
{
    state_ticket_sum *sum = &out->of.tickets;
    cxm_ticket_log_account account = {.size = sizeof account};
    work w = {.state = state, .rules = {.size = sizeof w.rules}, .sum = sum};
    if (level == 0.0) level = 0.95;
    sum->rates.size = sizeof sum->rates;
    cxm_status status = begin(&w);
    if (status == CXM_OK) status = walk(&w);
    for (int i = 0; i <= CXM_TICKET_NEXT_REPLY && status == CXM_OK; ++i) sum_clock(w.clocks[i], level, &sum->clocks[i]);
    end(&w);
    if (status != CXM_OK) return status;
    sum_rates(sum, level);
    cxm_ticket_log_account_of(state->is.tickets, &account);
    sum->events = account.held;
    sum->surplus = account.surplus;
    const state_clock_sum *first = &sum->clocks[CXM_TICKET_FIRST_REPLY];
    for (int sort = STATE_NUMBER; sort < STATE_TOTAL; ++sort) out->exists[sort] = first->n ? CXM_OK : CXM_E_EMPTY;
    if (first->n) out->exists[STATE_LIMIT] = first->status;
    return CXM_OK;
}

static cxm_status keyed(const cxm_state *state, const state_question *asked, double *out)
{
    (void)state;
    (void)asked;
    (void)out;
    return CXM_E_ARG;
}

/* --- JSON --- */

static void put_clock(const state_clock_sum *c, const char *name, writer *w)
{
    writer_text(w, "\"");
    writer_text(w, name);
    writer_text(w, "\":{\"n\":");
    writer_count(w, c->n);
    state_put_key_number(w, "value", c->median);
    state_put_key_number(w, "low", c->low);
    state_put_key_number(w, "high", c->high);
    state_put_key_number(w, "mean", c->mean);
    state_put_key_count(w, "never", c->never);
    state_put_key_count(w, "open", c->open);
    writer_text(w, "}");
}

static void put_rate(const cxm_service_share *share, const char *name, writer *w)
{
    writer_text(w, "\"");
    writer_text(w, name);
    writer_text(w, "\":{\"n\":");
    writer_count(w, share->n);
    state_put_key_count(w, "count", share->hits);
    state_put_key_number(w, "value", share->share);
    state_put_key_number(w, "low", share->interval.low);
    state_put_key_number(w, "high", share->interval.high);
    writer_text(w, "}");
}

static void json(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    const state_ticket_sum *sum = &f->of.tickets;
    const state_clock_sum *first = &sum->clocks[CXM_TICKET_FIRST_REPLY];
    state_put_key_count(w, "n", first->n);
    state_put_key_number(w, "value", first->median);
    state_put_interval(w, f->exists[STATE_LIMIT] == CXM_OK, CXM_INTERVAL_ORDER, level == 0.0 ? 0.95 : level, first->low, first->high);
    writer_text(w, ",\"unit\":\"s\",\"preset\":\"");
    writer_text(w, cxm_ticket_preset_name(state->spec.preset));
    writer_text(w, "\"");
    state_put_key_count(w, "received", sum->rates.received);
    state_put_key_count(w, "solved", sum->rates.solved);
    state_put_key_count(w, "abandoned", sum->rates.abandoned);
    state_put_key_count(w, "open", sum->open);
    writer_text(w, ",\"times\":{");
    for (int32_t i = 0; i <= CXM_TICKET_NEXT_REPLY; ++i) {
        if (i) writer_text(w, ",");
        put_clock(&sum->clocks[i], cxm_ticket_clock_name(i), w);
    }
    writer_text(w, "},\"rates\":{");
    for (int32_t i = 0; i < CXM_TICKET_RATES; ++i) {
        if (i) writer_text(w, ",");
        put_rate(&sum->shares[i], cxm_ticket_rate_name(i), w);
    }
    writer_text(w, "}");
    state_put_key_number(w, "replies_per_solve", sum->replies_per_solve);
    state_put_key_count(w, "events", sum->events);
    state_put_key_count(w, "surplus", sum->surplus);
    state_put_key_count(w, "uncreated", sum->uncreated);
    if (f->exists[STATE_LIMIT] == CXM_OK) return;
    state_put_key(w, "why");
    writer_text(w, first->n ? "\"interval: too few first replies\"" : "\"value and interval: no ticket has a first reply\"");
}

static cxm_status definition(const cxm_state *state, double level, writer *w)
{
    writer_text(w, "Median first_reply of tickets in seconds by the rules of ");
    writer_text(w, cxm_ticket_preset_name(state->spec.preset));
    writer_text(w, ", as of the latest event, within 1/1025 of itself; interval from order statistics at level ");
    state_put_number(w, level == 0.0 ? 0.95 : level);
    return CXM_OK;
}

const state_calls state_ticket_calls = {
    .kind = CODEC_TICKETS, .bytes = bytes, .start = start, .release = release, .add = add, .add_text = add_text,
    .add_many = add_many, .remove = take_back, .remove_text = take_back_text, .merge = merge, .encode = encode,
    .spec_of = spec_of, .agrees = agrees, .decode = decode, .figures = figures, .keyed = keyed, .json = json,
    .definition = definition,
};

#define OF_TICKETS(field) offsetof(state_figures, of.tickets.field)
#define CLOCK(name, which, meaning) {name, NULL, meaning, OF_TICKETS(clocks[which].median), STATE_TOTAL}
#define RATE(name, which, meaning) {name, "share", meaning, OF_TICKETS(shares[which].share), STATE_TOTAL}
const state_result state_ticket_results[] = {
    {"value", NULL, "the median of first_reply", OF_TICKETS(clocks[CXM_TICKET_FIRST_REPLY].median), STATE_NUMBER},
    {"low", NULL, "lower limit of the median", OF_TICKETS(clocks[CXM_TICKET_FIRST_REPLY].low), STATE_LIMIT},
    {"high", NULL, "upper limit of the median", OF_TICKETS(clocks[CXM_TICKET_FIRST_REPLY].high), STATE_LIMIT},
    {"n", "tickets", "tickets with a first reply", OF_TICKETS(clocks[CXM_TICKET_FIRST_REPLY].n), STATE_COUNT},
    {"never", "tickets", "over without one", OF_TICKETS(clocks[CXM_TICKET_FIRST_REPLY].never), STATE_COUNT},
    {"waiting", "tickets", "open without one", OF_TICKETS(clocks[CXM_TICKET_FIRST_REPLY].open), STATE_COUNT},
    {"received", "tickets", "tickets with a creation", OF_TICKETS(rates.received), STATE_COUNT},
    {"solved", "tickets", "of these, solved", OF_TICKETS(rates.solved), STATE_COUNT},
    {"abandoned", "tickets", "given up", OF_TICKETS(rates.abandoned), STATE_COUNT},
    {"open", "tickets", "the rest", OF_TICKETS(open), STATE_COUNT},
    {"events", "events", "different events", OF_TICKETS(events), STATE_COUNT},
    {"surplus", "events", "repeated, or beyond the bound of a ticket", OF_TICKETS(surplus), STATE_COUNT},
    {"uncreated", "tickets", "without a creation, or with too many events: part of nothing else", OF_TICKETS(uncreated), STATE_COUNT},
    CLOCK("first_bot_reply", CXM_TICKET_FIRST_BOT_REPLY, "the median until a bot replies"),
    CLOCK("next_reply", CXM_TICKET_NEXT_REPLY, "the median of the oldest message without an answer"),
    CLOCK("wait", CXM_TICKET_WAIT, "the median time in which the desk owes something"),
    CLOCK("agent_wait", CXM_TICKET_AGENT_WAIT, "the median time in pending"),
    CLOCK("on_hold", CXM_TICKET_ON_HOLD, "the median time on hold"),
    CLOCK("first_resolution", CXM_TICKET_FIRST_RESOLUTION, "the median until first solved"),
    CLOCK("resolution", CXM_TICKET_RESOLUTION, "the median until last solved"),
    RATE("response_rate", CXM_TICKET_RATE_RESPONSE, "have a first reply / received"),
    RATE("solve_rate", CXM_TICKET_RATE_SOLVE, "solved / received"),
    RATE("abandonment_rate", CXM_TICKET_RATE_ABANDONMENT, "abandoned / received"),
    RATE("reopen_rate", CXM_TICKET_RATE_REOPEN, "reopened / ever solved"),
    RATE("transfer_rate", CXM_TICKET_RATE_TRANSFER, "transferred / handled by a human"),
    RATE("escalation_rate", CXM_TICKET_RATE_ESCALATION, "to a named tier / handled by a human"),
    RATE("containment_rate", CXM_TICKET_RATE_CONTAINMENT, "solved with a bot and without a human / with a bot, and over"),
    RATE("handover_rate", CXM_TICKET_RATE_HANDOVER, "from a bot to a human / with a bot"),
    RATE("fcr_no_message", CXM_TICKET_RATE_FCR_NO_MESSAGE, "nothing from the customer after the creation / solved"),
    RATE("fcr_one_reply", CXM_TICKET_RATE_FCR_ONE_REPLY, "exactly one public reply of a human / solved"),
    RATE("fcr_one_teammate", CXM_TICKET_RATE_FCR_ONE_TEAMMATE, "solved once by one human / solved"),
    RATE("fcr_no_repeat", CXM_TICKET_RATE_FCR_NO_REPEAT, "the customer did not come again within 7 days / solved, and known by now"),
    RATE("fcr_confirmed", CXM_TICKET_RATE_FCR_CONFIRMED, "the customer said yes / said yes or no"),
    RATE("channel_change_rate", CXM_TICKET_RATE_CHANNEL_CHANGE, "the customer came by another channel within 7 days / known by now"),
    {"replies_per_solve", "replies", "public replies of humans / solved", OF_TICKETS(replies_per_solve), STATE_TOTAL},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
