/* SPDX-License-Identifier: MIT */
/* ticket.c - one ticket out of its events: a walk in their order, with the status in force and who waits for whom.
 *
 * Between two events the time goes to the clocks of the status in force. What an event changes stands in one handler a kind.
 * At the end each clock that has not stopped runs, or never will where the ticket is over. The definitions stand in the header. */
#include "base/port.h"
#include "response/ticket_parts.h"
#include <stddef.h>
#include <string.h>
#include "base/civil.h"
#include "base/hash.h"
#include "base/sized.h"

_Static_assert(sizeof(cxm_ticket_event) == 24 && sizeof(cxm_ticket_rules) == 32 && sizeof(cxm_ticket_span) == 16, "a ticket's struct grew");

#define BIT(number) (UINT32_C(1) << (number))

enum {
    ALL_KINDS = 2 * BIT(CXM_TICKET_DENIED) - 2, ALL_STATES = 2 * BIT(CXM_TICKET_STATUS_CLOSED) - 2,
    OWED = BIT(CXM_TICKET_NEW) | BIT(CXM_TICKET_OPEN) | BIT(CXM_TICKET_HOLD), PENDING = BIT(CXM_TICKET_PENDING),
    PUBLIC = BIT(CXM_TICKET_REPLY_PUBLIC) | BIT(CXM_TICKET_ANSWERED)
};

static const struct { const char *name; cxm_ticket_rules rules; } presets[] = {
    {"zendesk", {sizeof(cxm_ticket_rules), 0, PUBLIC, 0, 0, OWED, PENDING, 0}},
    {"intercom", {sizeof(cxm_ticket_rules), 1, PUBLIC, 0, 0, OWED, PENDING, 0}},
    {"freshdesk", {sizeof(cxm_ticket_rules), 0, PUBLIC, 1, 0, OWED, PENDING, 0}},
    {"callcentre", {sizeof(cxm_ticket_rules), 0, BIT(CXM_TICKET_ANSWERED), 0, 1, BIT(CXM_TICKET_NEW), PENDING, 0}},
};

cxm_status cxm_ticket_preset(const char *name, size_t len, cxm_ticket_rules *out)
{
    if (!name || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    for (size_t i = 0; i < sizeof presets / sizeof *presets; ++i) {
        if (strlen(presets[i].name) != len || memcmp(presets[i].name, name, len) != 0) continue;
        uint32_t size = out->size;
        *out = presets[i].rules;
        out->size = size;
        return CXM_OK;
    }
    return CXM_E_METHOD;
}

const char *cxm_ticket_clock_name(int32_t clock)
{
    static const char *const names[] = {"first_reply", "first_bot_reply", "wait", "agent_wait", "on_hold", "first_resolution",
                                        "resolution", "next_reply"};
    return clock >= 0 && clock <= CXM_TICKET_NEXT_REPLY ? names[clock] : "unknown";
}

const char *cxm_ticket_preset_name(int32_t i)
{
    return i >= 0 && i < (int32_t)(sizeof presets / sizeof *presets) ? presets[i].name : "unknown";
}

uint32_t cxm_ticket_channel(const char *name, size_t len)
{
    uint32_t code = name && len ? (uint32_t)cxm_ticket_code(name, len) : 0;
    return code || !name || !len ? code : 1;
}

uint64_t cxm_ticket_code(const char *name, size_t len)
{
    uint64_t code = hash_bytes(0, name, name ? len : 0);
    return code ? code : 1;
}

/* --- events --- */

static int32_t order_of(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int32_t cxm_ticket_event_compare(const cxm_ticket_event *a, const cxm_ticket_event *b)
{
    if (!a || !b) return (a != NULL) - (b != NULL);
    if (a->at_us != b->at_us) return a->at_us < b->at_us ? -1 : 1;
    if (a->kind != b->kind) return order_of(a->kind, b->kind);
    if (a->actor != b->actor) return order_of(a->actor, b->actor);
    if (a->status != b->status) return order_of(a->status, b->status);
    if (a->tier != b->tier) return order_of(a->tier, b->tier);
    if (a->who != b->who) return order_of(a->who, b->who);
    return order_of(a->channel, b->channel);
}

static bool is_instant(int64_t us)
{
    return us >= CIVIL_US_MIN && us <= CIVIL_US_MAX;
}

cxm_status cxm_ticket_event_check(const cxm_ticket_event *e)
{
    if (!e) return CXM_E_ARG;
    bool known = e->kind >= CXM_TICKET_CREATED && e->kind <= CXM_TICKET_DENIED && e->actor >= CXM_TICKET_CUSTOMER && e->actor <= CXM_TICKET_AUTO;
    bool told = e->kind == CXM_TICKET_STATUS ? e->status >= CXM_TICKET_NEW && e->status <= CXM_TICKET_STATUS_CLOSED : e->status == 0;
    return known && told && (e->tier == 0 || e->kind == CXM_TICKET_TRANSFERRED) && is_instant(e->at_us) ? CXM_OK : CXM_E_DOMAIN;
}

static bool in_order(const cxm_ticket_event *events, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        if (cxm_ticket_event_check(&events[i]) != CXM_OK || (i && cxm_ticket_event_compare(&events[i - 1], &events[i]) >= 0)) return false;
    return true;
}

/* --- how a ticket stands --- */

bool ticket_solves(const cxm_ticket_event *e)
{
    return e->kind == CXM_TICKET_SOLVED || (e->kind == CXM_TICKET_STATUS && e->status >= CXM_TICKET_STATUS_SOLVED);
}

int32_t ticket_end_after(int32_t end, const cxm_ticket_event *e)
{
    if (ticket_solves(e)) return end == CXM_TICKET_IS_ABANDONED && e->actor == CXM_TICKET_AUTO ? end : CXM_TICKET_IS_SOLVED;
    if (e->kind == CXM_TICKET_REOPENED || e->kind == CXM_TICKET_STATUS) return CXM_TICKET_IS_OPEN;
    return e->kind == CXM_TICKET_ABANDONED && end == CXM_TICKET_IS_OPEN ? CXM_TICKET_IS_ABANDONED : end;
}

/* --- the walk --- */

typedef struct instant { bool is; int64_t us; } instant;

typedef struct walk {
    const cxm_ticket_rules *rules;
    const cxm_calendar *calendar;
    cxm_ticket_life *life;
    cxm_ticket_span *next;
    size_t room;
    const cxm_ticket_event *creation;
    uint32_t status;            /* in force; 0 before the creation */
    int64_t since_us;           /* up to here its time is given out */
    instant customer, waiting;  /* who replies is awaited since; the oldest message without an answer */
    bool after_end;             /* that message came when the ticket was over: perhaps it wants no answer */
    bool served;                /* a human has answered, and no transfer put the caller in a queue again */
    instant first_solve, last_solve;
    bool human, bot_passed_on, human_followed;
    uint64_t teammate;
} walk;

static int64_t time_between(const walk *w, int64_t from_us, int64_t to_us)
{
    int64_t open = to_us - from_us;                     /* years 1 to 9999: it fits */
    if (w->calendar && open > 0) cxm_calendar_between(w->calendar, from_us, to_us, &open);
    return open;
}

static void stop(const walk *w, int clock, int64_t from_us, int64_t to_us)
{
    cxm_ticket_span *span = &w->life->clocks[clock];
    if (span->state != CXM_TICKET_NEVER) return;        /* the first time stops it */
    *span = (cxm_ticket_span){time_between(w, from_us, to_us), CXM_TICKET_STOPPED, 0};
}

/* The time since the last event goes where its status says. */
static void run(walk *w, int64_t to_us)
{
    const cxm_ticket_rules *rules = w->rules;
    const uint32_t states[] = {rules->wait, rules->agent_wait, BIT(CXM_TICKET_HOLD)};
    if (to_us <= w->since_us) return;
    bool counts = w->status && w->life->end == CXM_TICKET_IS_OPEN;
    for (int i = 0; counts && i < 3; ++i)
        if (states[i] & BIT(w->status)) w->life->clocks[CXM_TICKET_WAIT + i].us += time_between(w, w->since_us, to_us);
    w->since_us = to_us;
}

static void add_next(walk *w, cxm_ticket_span span)
{
    if (w->life->next_replies < w->room) w->next[w->life->next_replies] = span;
    ++w->life->next_replies;
}

static void await_answer(walk *w, int64_t at_us)
{
    if (w->waiting.is) return;
    w->waiting = (instant){true, at_us};
    w->after_end = w->life->end != CXM_TICKET_IS_OPEN;
}

/* An answer of a human; the first is the first reply. */
static void answer(walk *w, int64_t at_us)
{
    bool first = w->life->clocks[CXM_TICKET_FIRST_REPLY].state == CXM_TICKET_NEVER;
    if (w->customer.is) stop(w, CXM_TICKET_FIRST_REPLY, w->customer.us, at_us);
    if (w->waiting.is && (!first || w->rules->with_first))
        add_next(w, (cxm_ticket_span){time_between(w, w->waiting.us, at_us), CXM_TICKET_STOPPED, 0});
    w->waiting.is = false;
    w->served = true;
}

static void work(walk *w, const cxm_ticket_event *e)
{
    if (e->actor != CXM_TICKET_HUMAN) return;
    w->human_followed = w->human_followed || w->life->bot_replies > 0;
    w->life->teammates = !w->human || (w->life->teammates == 1 && w->teammate == e->who) ? 1 : 2;
    w->human = true;
    w->teammate = e->who;
}

static void take_message(walk *w, const cxm_ticket_event *e)
{
    if (!w->life->customer) w->life->customer = e->who;
    if (!w->customer.is) w->customer = (instant){true, e->at_us};
    w->life->messages += e->at_us >= w->creation->at_us;
    await_answer(w, e->at_us);
}

static void take_reply(walk *w, const cxm_ticket_event *e)
{
    bool of_creation = e->at_us == w->creation->at_us && e->actor == w->creation->actor && e->kind == CXM_TICKET_REPLY_PUBLIC;
    if (of_creation) return;
    if (e->actor == CXM_TICKET_CUSTOMER) take_message(w, e);
    if (e->actor == CXM_TICKET_AUTO) ++w->life->auto_replies;
    if (e->actor == CXM_TICKET_BOT) {
        ++w->life->bot_replies;
        if (w->customer.is) stop(w, CXM_TICKET_FIRST_BOT_REPLY, w->customer.us, e->at_us);
    }
    if (e->actor != CXM_TICKET_HUMAN) return;
    ++w->life->replies;
    work(w, e);
    if (w->rules->answers & BIT(e->kind)) answer(w, e->at_us);
}

/* A customer who picks up has said nothing yet. */
static void take_answered(walk *w, const cxm_ticket_event *e)
{
    if (e->actor != CXM_TICKET_CUSTOMER) take_reply(w, e);
    if (w->rules->queues && e->actor == CXM_TICKET_HUMAN) w->status = CXM_TICKET_OPEN;
}

static void take_transfer(walk *w, const cxm_ticket_event *e)
{
    ++w->life->transfers;
    w->life->escalations += e->tier > 0;
    w->bot_passed_on = w->bot_passed_on || e->actor == CXM_TICKET_BOT;
    if (!w->rules->queues) return;
    w->status = CXM_TICKET_NEW;
    w->served = false;
    await_answer(w, e->at_us);
}

/* Solved, open again, or given up. */
static void take_end(walk *w, const cxm_ticket_event *e)
{
    cxm_ticket_life *life = w->life;
    int32_t before = life->end;
    life->end = ticket_end_after(before, e);
    if (life->end == before) return;
    if (e->kind == CXM_TICKET_ABANDONED && w->served) life->end = CXM_TICKET_IS_SOLVED;      /* who was served hangs up at last */
    life->ended_us = life->end == CXM_TICKET_IS_OPEN ? 0 : e->at_us;
    life->reopens += before == CXM_TICKET_IS_SOLVED;
    w->after_end = w->after_end && life->end != CXM_TICKET_IS_OPEN;
    if (life->end != CXM_TICKET_IS_SOLVED) return;
    ++life->solves;
    if (!w->first_solve.is) w->first_solve = (instant){true, e->at_us};
    w->last_solve = (instant){true, e->at_us};
    work(w, e);
}

static void take_status(walk *w, const cxm_ticket_event *e)
{
    take_end(w, e);
    w->status = e->kind == CXM_TICKET_STATUS ? e->status : e->kind == CXM_TICKET_REOPENED ? CXM_TICKET_OPEN : w->status;
}

static void say(walk *w, uint32_t fact)
{
    w->life->facts = (w->life->facts & ~(uint32_t)(CXM_TICKET_SAID_YES | CXM_TICKET_SAID_NO)) | fact;
}

static void take(walk *w, const cxm_ticket_event *e)
{
    run(w, e->at_us);
    switch (e->kind) {
    case CXM_TICKET_ANSWERED: take_answered(w, e); break;
    case CXM_TICKET_REPLY_PUBLIC: take_reply(w, e); break;
    case CXM_TICKET_REPLY_PRIVATE: w->life->notes += e->actor == CXM_TICKET_HUMAN; work(w, e); break;
    case CXM_TICKET_TRANSFERRED: take_transfer(w, e); break;
    case CXM_TICKET_CONFIRMED: say(w, CXM_TICKET_SAID_YES); break;
    case CXM_TICKET_DENIED: say(w, CXM_TICKET_SAID_NO); break;
    case CXM_TICKET_CREATED: case CXM_TICKET_ASSIGNED: break;
    default: take_status(w, e);
    }
}

/* --- beginning and end --- */

static void begin(walk *w, const cxm_ticket_event *creation)
{
    cxm_ticket_life *life = w->life;
    bool by_customer = creation->actor == CXM_TICKET_CUSTOMER;
    *life = (cxm_ticket_life){.size = life->size, .created_us = creation->at_us, .channel = creation->channel};
    life->customer = by_customer ? creation->who : 0;
    for (int i = 0; i < CXM_TICKET_CLOCKS; ++i) life->clocks[i].state = CXM_TICKET_NEVER;
    w->creation = creation;
    w->status = CXM_TICKET_NEW;
    w->since_us = creation->at_us;
    w->customer = (instant){by_customer || !w->rules->from_customer, creation->at_us};
    if (by_customer) await_answer(w, creation->at_us);
}

/* A clock that began and has not stopped, of a ticket that is open. */
static void keep_running(const walk *w, int clock, int64_t from_us, int64_t as_of_us)
{
    cxm_ticket_span *span = &w->life->clocks[clock];
    if (span->state != CXM_TICKET_NEVER || w->life->end != CXM_TICKET_IS_OPEN) return;
    *span = (cxm_ticket_span){time_between(w, from_us, as_of_us), CXM_TICKET_RUNNING, 0};
}

static void end_clocks(walk *w, int64_t as_of_us)
{
    cxm_ticket_life *life = w->life;
    int64_t created = life->created_us;
    bool open = life->end == CXM_TICKET_IS_OPEN;
    for (int i = CXM_TICKET_WAIT; i <= CXM_TICKET_ON_HOLD; ++i) life->clocks[i].state = open ? CXM_TICKET_RUNNING : CXM_TICKET_STOPPED;
    if (w->first_solve.is) stop(w, CXM_TICKET_FIRST_RESOLUTION, created, w->first_solve.us);
    if (w->last_solve.is && life->end == CXM_TICKET_IS_SOLVED) stop(w, CXM_TICKET_RESOLUTION, created, w->last_solve.us);
    if (w->customer.is) keep_running(w, CXM_TICKET_FIRST_REPLY, w->customer.us, as_of_us);
    keep_running(w, CXM_TICKET_FIRST_RESOLUTION, created, as_of_us);
    keep_running(w, CXM_TICKET_RESOLUTION, created, as_of_us);
}

static void end_next(walk *w, int64_t as_of_us)
{
    bool of_first = w->life->clocks[CXM_TICKET_FIRST_REPLY].state != CXM_TICKET_STOPPED && !w->rules->with_first;
    if (!w->waiting.is || of_first || w->after_end) return;
    if (w->life->end == CXM_TICKET_IS_OPEN) add_next(w, (cxm_ticket_span){time_between(w, w->waiting.us, as_of_us), CXM_TICKET_RUNNING, 0});
    else add_next(w, (cxm_ticket_span){0, CXM_TICKET_NEVER, 0});
}

static void tell_facts(const walk *w)
{
    cxm_ticket_life *life = w->life;
    bool solved = life->end == CXM_TICKET_IS_SOLVED, bot = life->bot_replies > 0;
    bool over = bot && (w->bot_passed_on || w->human_followed);
    if (w->human) life->facts |= CXM_TICKET_HANDLED;
    if (over) life->facts |= CXM_TICKET_HANDED_OVER;
    if (solved && bot && !w->human && !over) life->facts |= CXM_TICKET_CONTAINED;
    if (solved && life->messages == 0) life->facts |= CXM_TICKET_FCR_NO_MESSAGE;
    if (solved && life->replies == 1) life->facts |= CXM_TICKET_FCR_ONE_REPLY;
    if (solved && life->solves == 1 && life->reopens == 0 && life->teammates == 1) life->facts |= CXM_TICKET_FCR_ONE_TEAMMATE;
}

static bool rules_ok(const cxm_ticket_rules *r)
{
    bool flags = (r->from_customer | r->with_first | r->queues | 1) == 1;
    bool bits = ((r->answers & ~(uint32_t)ALL_KINDS) | ((r->wait | r->agent_wait) & ~(uint32_t)ALL_STATES)) == 0;
    return flags && bits && r->reserved == 0;
}

static const cxm_ticket_event *creation_of(const cxm_ticket_event *events, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        if (events[i].kind == CXM_TICKET_CREATED) return &events[i];
    return NULL;
}

/* Whether a ticket is solved at the instant of event `i`, behind it. */
static bool is_solved_then(const cxm_ticket_event *events, size_t n, size_t i)
{
    for (size_t k = i + 1; k < n && events[k].at_us == events[i].at_us; ++k)
        if (ticket_solves(&events[k])) return true;
    return false;
}

/* What is open cannot be opened: where it is solved at the same instant it was opened after that. */
static void take_all(walk *w, const cxm_ticket_event *events, size_t n)
{
    const cxm_ticket_event *held = NULL;
    for (size_t i = 0; i < n; ++i) {
        const cxm_ticket_event *e = &events[i];
        bool early = e->kind == CXM_TICKET_REOPENED && w->life->end == CXM_TICKET_IS_OPEN && is_solved_then(events, n, i);
        if (early) held = e;
        else take(w, e);
        if (!held || (i + 1 < n && events[i + 1].at_us == e->at_us)) continue;
        take(w, held);
        held = NULL;
    }
}

static size_t known_by(const cxm_ticket_event *events, size_t n, int64_t as_of_us)
{
    while (n && events[n - 1].at_us > as_of_us) --n;
    return n;
}

cxm_status cxm_ticket_measure(const cxm_ticket_event *events, size_t n, const cxm_ticket_rules *rules, int64_t as_of_us,
                              const cxm_calendar *calendar, cxm_ticket_span *next, size_t room, cxm_ticket_life *out)
{
    if ((!events && n) || !rules || (!next && room) || !out || !is_instant(as_of_us)) return CXM_E_ARG;
    if (!sized_in_ok(rules, rules->size, sizeof *rules, sizeof *rules) || out->size < sizeof *out) return CXM_E_ABI;
    if (!rules_ok(rules) || !in_order(events, n)) return CXM_E_ARG;
    n = known_by(events, n, as_of_us);
    const cxm_ticket_event *creation = creation_of(events, n);
    if (!creation) return CXM_E_UNDEFINED;
    walk w = {.rules = rules, .calendar = calendar, .life = out, .next = next, .room = room};
    begin(&w, creation);
    take_all(&w, events, n);
    run(&w, as_of_us);
    end_clocks(&w, as_of_us);
    end_next(&w, as_of_us);
    tell_facts(&w);
    return CXM_OK;
}
