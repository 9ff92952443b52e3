/* SPDX-License-Identifier: MIT */
/* events.c - an invented event log of a help desk, the same bytes for the same tickets and seed on every machine.
 *   $ events 520 20260614 > events.csv
 *
 * Integers only. One row an event, from 2026-05-16 on, exported at 2026-06-15T00:00:00Z: what came later is not there yet.
 * People work by the hours of desk.calendar and hardly at other times; from 1 June a bot takes three chats of four, solves
 * half of them and hands over the others. `created` carries the first message and implies the status new; a message that
 * reopens a ticket is two rows of one second, reply_public and reopened; `solved` by auto is a rule that closes what
 * nobody wrote in for days. The answer to "solved on first contact?" is confirmed or denied. Priority, team and customer
 * stand in each row, the team being the first one. Customers have the ids of the survey's respondents.
 * Rows are in the order in which they reached the log: by time, then ticket, then as they happened. As in real exports
 * some arrived minutes late, and some twice.                                                                     */
#include "draw.h"
#include <stdlib.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
enum { SUMMER = 2 * HOUR };             /* times are local in here, so much ahead of the UTC that is printed */
enum { FIRST = 135 * DAY + SUMMER, END = 165 * DAY + SUMMER, BOT_STARTS = 151 * DAY + SUMMER };
enum { WHIT_MONDAY = 144, CORPUS_CHRISTI = 154, SATURDAY = 5, SUNDAY = 6 };
enum { PHONE, CHAT, EMAIL, WEB, CHANNELS, PRIORITIES = 4, TEAMS = 3, AGENTS = 4, RECENT = 48 };
enum { CUSTOMERS = 4512 };              /* as many as a survey of 1,500 rows draws from */
enum { CREATED, REPLY_PUBLIC, REPLY_PRIVATE, STATUS, ASSIGNED, TRANSFERRED, ESCALATED, SOLVED, REOPENED, ABANDONED, ANSWERED,
       CONFIRMED, DENIED, KINDS };
enum { NOBODY, CUSTOMER, HUMAN, BOT, AUTO, ACTORS };
enum { NONE, NEW, OPEN, PENDING, HOLD, STATUSES };

/* `at` is where its course has come, `agent` who has it now, `solver` who solved it last. */
typedef struct ticket { uint32_t number, at, channel, priority, team, customer, agent, solver, reopened; } ticket;
typedef struct event { ticket of; uint32_t kind, actor, status, logged, order; } event;
typedef struct hours { uint32_t from, to; } hours;

static const char *const kinds[KINDS] = {
    "created", "reply_public", "reply_private", "status", "assigned", "transferred", "escalated", "solved", "reopened",
    "abandoned", "answered", "confirmed", "denied"};
static const char *const actors[ACTORS] = {"", "customer", "human", "bot", "auto"};
static const char *const statuses[STATUSES] = {"", "new", "open", "pending", "hold"};
static const char *const channels[CHANNELS] = {"phone", "chat", "email", "web"};
static const uint16_t channel_weights[CHANNELS] = {29, 34, 23, 14};
static const uint32_t reply_seconds[CHANNELS] = {15, 90, 3600, 2700};   /* medians; the written ones of working time */
static const uint32_t reopening[CHANNELS] = {4, 6, 11, 11};             /* per cent of the solved */
static const uint32_t surveyed[CHANNELS] = {13, 42, 15, 15};
static const uint32_t survey_seconds[CHANNELS] = {HOUR, 2 * MINUTE, 3 * HOUR, 3 * HOUR};
static const char *const priorities[PRIORITIES] = {"low", "normal", "high", "urgent"};
static const uint16_t priority_weights[PRIORITIES] = {20, 50, 22, 8};
static const uint32_t queueing[PRIORITIES] = {150, 100, 70, 40};        /* per cent of the median */
static const char *const teams[TEAMS] = {"billing", "orders", "technical"};
static const uint16_t team_weights[TEAMS] = {25, 40, 35};
static const uint32_t slowness[TEAMS] = {80, 95, 140};                  /* per cent of the median */
static const uint16_t hour_weights[24] = {                              /* by UTC */
    1, 1, 1, 1, 3, 7, 17, 23, 24, 21, 17, 18, 21, 20, 18, 14, 9, 7, 6, 5, 4, 3, 2, 1};
static const uint16_t day_weights[7] = {20, 18, 17, 16, 15, 6, 3};      /* Monday first */

static uint16_t arrivals[END - FIRST];
static event *events;
static uint32_t count, room;

static int chance(uint32_t per_cent)
{
    return below(100) < per_cent;
}

/* --- opening hours: those of desk.calendar --- */

static hours open_on(uint32_t day)
{
    if (day == WHIT_MONDAY || weekday(day) == SUNDAY) return (hours){0, 0};
    if (day == CORPUS_CHRISTI) return (hours){9 * HOUR, 12 * HOUR};
    if (weekday(day) == SATURDAY) return (hours){9 * HOUR, 13 * HOUR};
    return (hours){8 * HOUR, 18 * HOUR};
}

static uint32_t next_working(uint32_t at)
{
    while (at % DAY >= open_on(at / DAY).to) at += DAY - at % DAY;
    uint32_t from = open_on(at / DAY).from;
    return at % DAY < from ? at - at % DAY + from : at;
}

static uint32_t after_work(uint32_t at, uint32_t seconds)       /* counted while people work */
{
    for (;;) {
        at = next_working(at);
        uint32_t left = open_on(at / DAY).to - at % DAY;
        if (seconds < left) return at + seconds;
        seconds -= left;
        at += left;
    }
}

static uint32_t awake(uint32_t at)                              /* customers sleep until seven */
{
    return at % DAY < 7 * HOUR ? at + 7 * HOUR : at;
}

/* --- the log --- */

static void record(const ticket *t, uint32_t kind, uint32_t actor, uint32_t status)
{
    event e = {.of = *t, .kind = kind, .actor = actor, .status = status, .logged = t->at};
    if (below(400) == 0) e.logged += 2 * MINUTE + below(10 * MINUTE);
    for (uint32_t times = below(400) ? 1 : 2; times > 0 && e.logged < END; --times) {
        if (count == room) events = realloc(events, (room = 2 * room + 4096) * sizeof *events);
        if (!events) exit(1);
        e.order = count;
        events[count++] = e;
        e.logged += 1 + below(90);      /* until the exporter tries again, if it does */
    }
}

static void add(const ticket *t, uint32_t kind, uint32_t actor)
{
    record(t, kind, actor, NONE);
}

static void set(const ticket *t, uint32_t status, uint32_t actor)
{
    record(t, STATUS, actor, status);
}

static void solve(ticket *t, uint32_t solver)
{
    t->solver = solver;
    add(t, SOLVED, solver);
}

/* --- what people do with a ticket --- */

static void draw_agent(ticket *t, uint32_t team)                /* another one, if somebody has it */
{
    uint32_t agent = team * AGENTS + below(AGENTS) + 1;
    t->agent = agent != t->agent ? agent : team * AGENTS + agent % AGENTS + 1;
}

static uint32_t pace(const ticket *t, uint32_t median)
{
    return median * slowness[t->team] / 100 * queueing[t->priority] / 100;
}

static void take_up(ticket *t)
{
    add(t, ASSIGNED, HUMAN);
    set(t, OPEN, HUMAN);
}

static void pass_on(ticket *t, uint32_t kind)                   /* back into a queue, until the next one takes it up */
{
    uint32_t team = kind == ESCALATED ? TEAMS - 1 : below(TEAMS);
    add(t, kind, HUMAN);
    set(t, NEW, AUTO);
    draw_agent(t, team);
    t->at = after_work(t->at, spread(pace(t, HOUR)));
    take_up(t);
    t->at = after_work(t->at, spread(20 * MINUTE));
}

static void hold(ticket *t)                                     /* until somebody else has delivered */
{
    set(t, HOLD, HUMAN);
    uint32_t delivered = t->at + spread(18 * HOUR);
    t->at = after_work(delivered, spread(20 * MINUTE));
    set(t, OPEN, HUMAN);
    t->at = after_work(t->at, spread(10 * MINUTE));
}

static void prepare(ticket *t)                                  /* what comes before a reply, mostly nothing */
{
    if (chance(6)) pass_on(t, TRANSFERRED);
    if (chance(5)) pass_on(t, ESCALATED);
    if (chance(9)) hold(t);
    if (!chance(14)) return;
    add(t, REPLY_PRIVATE, HUMAN);
    t->at = after_work(t->at, spread(8 * MINUTE));
}

/* Whether the customer wrote what needs a reply, for which it is time now. Else it is solved: by a thank-you or by silence. */
static int is_asked_again(ticket *t)
{
    set(t, PENDING, HUMAN);
    if (chance(22)) {
        t->at += 4 * DAY;
        solve(t, AUTO);
        return 0;
    }
    t->at = awake(t->at + spread(5 * HOUR));
    add(t, REPLY_PUBLIC, CUSTOMER);
    set(t, OPEN, AUTO);
    t->at = after_work(t->at, spread(pace(t, HOUR)));
    if (!chance(40)) return 1;
    solve(t, HUMAN);
    return 0;
}

static void correspond(ticket *t)
{
    do {
        prepare(t);
        add(t, REPLY_PUBLIC, HUMAN);
        if (chance(65)) {
            t->at += below(2 * MINUTE);
            solve(t, HUMAN);
            return;
        }
    } while (is_asked_again(t));
}

/* --- the course of a ticket by its channel --- */

static int is_answered(ticket *t)                               /* or the caller hangs up, some at once */
{
    uint32_t wait = spread(reply_seconds[PHONE] * slowness[t->team] / 100);
    uint32_t patience = chance(5) ? 1 + below(5) : spread(3 * MINUTE);
    t->at += wait < patience ? wait : patience;
    add(t, wait < patience ? ANSWERED : ABANDONED, wait < patience ? HUMAN : CUSTOMER);
    return wait < patience;
}

static void draw_call(ticket *t)
{
    add(t, CREATED, CUSTOMER);
    if (!is_answered(t)) return;
    set(t, OPEN, HUMAN);
    t->at += spread(2 * MINUTE);
    if (chance(12)) {
        add(t, TRANSFERRED, HUMAN);
        draw_agent(t, below(TEAMS));
        if (!is_answered(t)) return;
        t->at += spread(MINUTE);
    }
    if (chance(25)) {
        set(t, HOLD, HUMAN);
        t->at += spread(45);
        set(t, OPEN, HUMAN);
    }
    t->at += spread(150);
    if (chance(82)) solve(t, HUMAN);
    else {                                                      /* more is to be found out, and written */
        add(t, REPLY_PRIVATE, HUMAN);
        t->at = after_work(t->at, spread(pace(t, 2 * HOUR)));
        correspond(t);
    }
}

static void talk(ticket *t, uint32_t actor, uint32_t turns)     /* in a chat, from a reply on */
{
    add(t, REPLY_PUBLIC, actor);
    while (turns-- > 0) {
        t->at += spread(35);
        add(t, REPLY_PUBLIC, CUSTOMER);
        t->at += spread(actor == BOT ? 5 : 40);
        add(t, REPLY_PUBLIC, actor);
    }
    t->at += spread(30);
}

static void wait_in_chat(ticket *t)                             /* at night few are there; the others read it in the morning */
{
    if (next_working(t->at) == t->at) t->at += spread(reply_seconds[CHAT] * slowness[t->team] / 100);
    else t->at = chance(25) ? t->at + spread(6 * MINUTE) : after_work(t->at, spread(10 * MINUTE));
}

static void draw_chat(ticket *t)
{
    int bot = t->at >= BOT_STARTS && !chance(25);
    add(t, CREATED, CUSTOMER);
    if (bot) {
        t->at += 1 + spread(6);
        talk(t, BOT, 1);
        if (chance(50)) {
            solve(t, BOT);
            return;
        }
        add(t, TRANSFERRED, BOT);
    }
    if (chance(4)) {
        t->at += spread(2 * MINUTE);
        add(t, ABANDONED, CUSTOMER);
        return;
    }
    wait_in_chat(t);
    take_up(t);
    t->at += below(10);
    talk(t, HUMAN, below(3));
    if (chance(88)) solve(t, HUMAN);
    else if (is_asked_again(t)) correspond(t);
}

static void draw_letter(ticket *t)                              /* by email or web; one in twelve is the desk's own */
{
    int outbound = next_working(t->at) == t->at && below(12) == 0;
    uint32_t wait = spread(pace(t, reply_seconds[t->channel])), created = t->at;
    add(t, CREATED, outbound ? HUMAN : CUSTOMER);
    if (outbound) {
        if (is_asked_again(t)) correspond(t);
        return;
    }
    if (chance(85)) {
        t->at += 2 + below(20);
        add(t, REPLY_PUBLIC, AUTO);
    }
    if (chance(3)) return;                                      /* nobody takes it up */
    if (chance(4)) {
        t->at = created + 5 * DAY;
        solve(t, AUTO);
        return;
    }
    t->at = after_work(t->at, wait / 3);
    take_up(t);
    t->at = after_work(t->at, wait - wait / 3);
    correspond(t);
}

static void reopen(ticket *t)
{
    t->at = awake(t->at + spread(14 * HOUR));
    t->reopened = 1;
    add(t, REPLY_PUBLIC, CUSTOMER);
    add(t, REOPENED, CUSTOMER);
    t->at = after_work(t->at, spread(pace(t, 2 * HOUR)));
    if (t->solver != HUMAN) take_up(t);
    correspond(t);
}

static void draw_course(ticket *t)
{
    if (t->channel == PHONE) draw_call(t);
    else if (t->channel == CHAT) draw_chat(t);
    else draw_letter(t);
    while (t->solver != NOBODY && chance(reopening[t->channel])) reopen(t);
    if (t->solver == NOBODY || t->solver == AUTO || !chance(surveyed[t->channel])) return;
    t->at = awake(t->at + spread(survey_seconds[t->channel]));
    add(t, chance(t->reopened ? 75 : t->solver == BOT ? 38 : 20) ? DENIED : CONFIRMED, CUSTOMER);
}

static void draw_customer(ticket *t)                            /* one in six was here lately, with the same team */
{
    static struct { uint32_t customer, team; } recent[RECENT];
    uint32_t i = below(RECENT);
    if (recent[i].customer == 0 || below(6)) {
        recent[i].customer = below(CUSTOMERS) + 1;
        recent[i].team = weighted(team_weights, 100);
    }
    t->customer = recent[i].customer;
    t->team = recent[i].team;
}

static void draw_ticket(uint32_t number, uint32_t created)      /* nobody answers the phone at night: people write */
{
    ticket t = {.number = number, .at = created, .channel = weighted(channel_weights, 100)};
    if (t.channel == PHONE && next_working(created) != created) t.channel = below(2) ? EMAIL : WEB;
    t.priority = weighted(priority_weights, 100);
    draw_customer(&t);
    draw_agent(&t, t.team);
    draw_course(&t);
}

/* --- the file --- */

static int by_arrival(const void *a, const void *b)             /* no two events are of one order */
{
    const event *x = a, *y = b;
    if (x->logged != y->logged) return x->logged < y->logged ? -1 : 1;
    if (x->of.number != y->of.number) return x->of.number < y->of.number ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static void print_row(const event *e)
{
    const ticket *t = &e->of;
    printf("e%04u,", (unsigned)t->number);
    print_time(t->at - SUMMER);
    printf(",%s,%s,", kinds[e->kind], actors[e->actor]);
    if (e->actor == CUSTOMER) printf("r%05u", (unsigned)t->customer);
    if (e->actor == HUMAN) printf("a%02u", (unsigned)t->agent);
    if (e->actor == BOT) printf("juno");
    printf(",%s,%s,%s,%s,r%05u\r\n", channels[t->channel], statuses[e->status], priorities[t->priority], teams[t->team],
           (unsigned)t->customer);
}

int main(int argc, char **argv)
{
    uint32_t tickets = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 520, number = 0;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260614;
    for (uint32_t i = 0; i < tickets; ++i) {
        uint32_t day = draw_day(FIRST / DAY, (END - FIRST) / DAY, day_weights), hour = weighted(hour_weights, 244);
        ++arrivals[day * DAY + hour * HOUR + below(HOUR) + SUMMER - FIRST];
    }
    for (uint32_t at = FIRST; at < END; ++at)
        for (uint32_t left = arrivals[at - FIRST]; left > 0; --left) draw_ticket(++number, at);
    if (count > 0) qsort(events, count, sizeof *events, by_arrival);
    printf("ticket,at,event,actor,who,channel,status,priority,team,customer\r\n");
    for (uint32_t i = 0; i < count; ++i) print_row(&events[i]);
    free(events);
    return fflush(stdout) == 0 ? 0 : 1;
}
