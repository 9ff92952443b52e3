/* SPDX-License-Identifier: MIT */
/* subscriptions.c - an invented export of a subscription shop, the same bytes for the same customers and seed on every machine.
 *   $ subscriptions 660 20261065 > subscriptions.csv
 *
 * Integers only. One row an event from 2025-01-01 on, exported at 2026-07-01T00:00:00Z: what came later is not there yet, but the
 * end of what was cancelled may lie after it. Amounts are what a month costs, also where a year is paid at once. Three plans, of
 * which team is paid by seat; from October on newcomers are shown around and stay longer; in February 2026 basic costs more,
 * which renewals alone tell. Trials are signups at 0.00. The first customers had begun before, so that nothing but their renewals
 * is there. Cancellations without an end are at once. Some are taken back; some who left return, soon or after a while; some
 * payments come after the end. Orders of add-ons stand beside the subscriptions, and some customers have no more than those.
 * Customers have the ids of the survey's respondents, so that the files can be joined.
 * Rows are in the order in which they reached the log. As in real exports some came hours late, some twice, one has lost its
 * customer, and two have an amount that is none.                                                                          */
#include "draw.h"
#include <stdlib.h>

enum { HOUR = 3600, DAY = 86400, DAYS = 546, END = DAYS * DAY, GUIDED = 273 * DAY, RISE = 396 * DAY, TRIAL = 14 * DAY };
enum { BASIC, PRO, TEAM, PLANS, NO_PLAN = PLANS, EMEA = 0, AMER, APAC, REGIONS };
enum { SIGNUP, RENEWAL, CHANGE, CANCEL, REACTIVATE, PURCHASE, KINDS };
enum { CUSTOMERS = 4512 };              /* as many as a survey of 1,500 rows draws from; 1237 shuffles them */
enum { SOUND, NO_CUSTOMER, NO_AMOUNT, MISTYPED };

/* `at` is where its course has come. Times count seconds since 2025-01-01T00:00:00Z. */
typedef struct subscription { uint32_t customer, number, region, plan, seats, yearly, at, born; } subscription;
typedef struct event { subscription of; uint32_t kind, amount, end, logged, order, fault; } event;

static const char *const kinds[KINDS] = {"signup", "renewal", "change", "cancel", "reactivate", "purchase"};
static const char *const plans[PLANS + 1] = {"basic", "pro", "team", ""};
static const uint16_t plan_weights[PLANS] = {52, 34, 14};
static const uint32_t prices[2][PLANS] = {{990, 2900, 1500}, {790, 2390, 1250}};        /* cents a month: paid monthly, yearly */
static const uint32_t yearly_share[PLANS] = {8, 18, 30};                                /* per cent */
static const uint32_t leaving[PLANS] = {112, 48, 22};                                   /* a month, in thousandths */
static const uint32_t leaving_yearly[PLANS] = {330, 220, 120};                          /* a year, in thousandths */
static const char *const regions[REGIONS] = {"emea", "amer", "apac"};
static const uint16_t region_weights[REGIONS] = {46, 34, 20};
static const uint32_t restlessness[REGIONS] = {100, 85, 150};                           /* per cent */
static const uint16_t hour_weights[24] = {2, 1, 1, 1, 1, 2, 4, 8, 13, 17, 18, 17, 14, 15, 17, 16, 15, 14, 14, 15, 14, 10, 6, 3};
static const uint16_t day_weights[7] = {20, 20, 19, 18, 17, 10, 9};                     /* Monday first */

static uint16_t arrivals[END / HOUR];
static event *events;
static uint32_t count, room, subscriptions, orders;

static int chance(uint32_t per_cent)
{
    return below(100) < per_cent;
}

/* --- months: 2025 to 2027 have no leap day --- */

static const uint16_t month_days[13] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static uint32_t month_of(uint32_t day)
{
    uint32_t month = 0;
    while (day % 365 >= month_days[month + 1]) ++month;
    return month;
}

static uint32_t months_after(uint32_t at, uint32_t months)      /* the 31st is the last day of a shorter month */
{
    uint32_t day = at / DAY, month = month_of(day), of_month = day % 365 - month_days[month], to = month + months;
    uint32_t length = (uint32_t)(month_days[to % 12 + 1] - month_days[to % 12]);
    if (of_month >= length) of_month = length - 1;
    return ((day / 365 + to / 12) * 365 + month_days[to % 12] + of_month) * DAY + at % DAY;
}

static void print_at(uint32_t at)
{
    uint32_t day = at / DAY, month = month_of(day), of_month = day % 365 - month_days[month] + 1;
    printf("%u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)(2025 + day / 365), (unsigned)month + 1, (unsigned)of_month,
           (unsigned)(at / HOUR % 24), (unsigned)(at / 60 % 60), (unsigned)(at % 60));
}

/* --- the log --- */

static void record(const subscription *s, uint32_t kind, uint32_t amount, uint32_t end)
{
    event e = {.of = *s, .kind = kind, .amount = amount, .end = end, .logged = s->at};
    if (below(220) == 0) e.logged += HOUR / 2 + below(5 * HOUR);
    for (uint32_t times = below(350) ? 1 : 2; times > 0 && e.logged < END; --times) {
        if (count == room) events = realloc(events, (room = 2 * room + 4096) * sizeof *events);
        if (!events) exit(1);
        e.order = count;
        events[count++] = e;
        e.logged += 1 + below(90);      /* until the exporter tries again, if it does */
    }
}

static uint32_t price(const subscription *s)
{
    uint32_t risen = s->plan == BASIC && !s->yearly && s->at >= RISE ? 100 : 0;
    return (prices[s->yearly][s->plan] + risen) * s->seats;
}

static void tell(const subscription *s, uint32_t kind)          /* at what it costs then */
{
    record(s, kind, price(s), 0);
}

/* --- what customers do --- */

static void draw_seats(subscription *s)
{
    s->seats = s->plan == TEAM ? 3 + below(6) + (chance(12) ? below(30) : 0) : 1;
}

static void change_plan(subscription *s)                        /* up in three cases of five */
{
    int up = chance(60);
    if (s->plan == TEAM && (up || s->seats > 3) && !chance(12)) {
        s->seats = up ? s->seats + 1 + below(4) : s->seats - 1;
    } else {
        s->plan = s->plan == BASIC ? PRO : s->plan == TEAM || !up ? s->plan - 1 : TEAM;
        draw_seats(s);
    }
    tell(s, CHANGE);
}

static uint32_t restless(const subscription *s, uint32_t next)  /* in thousandths, of what is paid until `next` */
{
    uint32_t months = (s->at - s->born) / (30 * DAY);
    uint32_t share = (s->yearly ? leaving_yearly : leaving)[s->plan] * restlessness[s->region] / 100;
    if (s->born >= GUIDED) share = share * 70 / 100;
    if (s->plan == BASIC && s->at < RISE + 31 * DAY && next >= RISE) share = share * 160 / 100;
    if (s->yearly) return share;
    return share * (months < 2 ? 140 : months < 6 ? 105 : 70) / 100;
}

/* A cancellation between here and `next`: 0 where it is taken back, else when the subscription ends. */
static uint32_t cancel(subscription *s, uint32_t next)
{
    uint32_t left = next - s->at, lead = s->yearly ? 60 * DAY : left, fate = below(100);
    s->at = next - 1 - below(lead < left ? lead : left);
    if (fate < 7 && s->plan > BASIC) {                          /* first less of it, then nothing; in some shops by one click */
        --s->plan;
        s->seats = 1;
        tell(s, CHANGE);
        if (fate < 4) s->at += (next - s->at) / 24;
    }
    if (fate >= 88) {
        record(s, CANCEL, 0, 0);
        return s->at;
    }
    record(s, CANCEL, 0, next);
    if (chance(12)) {
        s->at += below(next - s->at);
        tell(s, REACTIVATE);
        return 0;
    }
    s->at = next;
    if (chance(4)) {                                            /* a payment that had been tried before */
        s->at += HOUR + below(2 * DAY);
        tell(s, RENEWAL);
    }
    return next;
}

/* What happens in the time that was paid for, from s->at to `next`. Who is new may go within two weeks and get the money back. */
static uint32_t live(subscription *s, uint32_t next, int has_just_begun)
{
    if (s->at == s->born && chance(4)) {
        s->at += HOUR + below(14 * DAY - HOUR);
        record(s, CANCEL, 0, 0);
        return s->at;
    }
    if (below(1000) < restless(s, next)) return cancel(s, next);
    if (below(1000) < (s->plan == TEAM ? 90 : 38) * (s->yearly ? 3 : 1)) {
        s->at += chance(35) && !has_just_begun ? 0 : 1 + below(next - s->at - 1);
        change_plan(s);
    }
    return 0;
}

static uint32_t run(subscription *s)                            /* from a payment on: when it ends, or END */
{
    uint32_t paid = s->at, length = s->yearly ? 12 : 1;
    for (uint32_t months = length; s->at < END; months += length) {
        uint32_t next = months_after(paid, months), ended = live(s, next, months == length);
        if (ended) return ended;
        s->at = next;
        if (s->at < END) tell(s, RENEWAL);
    }
    return END;
}

static uint32_t try_out(subscription *s)                        /* 0 where it is paid for from then on */
{
    uint32_t end = s->at + TRIAL, fate = below(100);
    record(s, SIGNUP, 0, 0);
    if (fate < 58) {
        s->at = fate < 12 ? s->at + DAY + below(TRIAL - DAY) : end;
        tell(s, CHANGE);
        return 0;
    }
    s->at = fate < 80 ? s->at + below(TRIAL) : end;
    record(s, CANCEL, 0, fate < 80 ? end : 0);
    return end;
}

/* One subscription, from its first event to the last; some come back after a while, a few again. */
static void subscribe(subscription *s, int began_before)
{
    s->number = ++subscriptions;
    uint32_t ended = 0;
    if (!began_before && !s->yearly && chance(38)) ended = try_out(s);
    else tell(s, began_before ? RENEWAL : SIGNUP);
    for (;;) {
        if (!ended) ended = run(s);
        if (ended >= END || !chance(32)) break;                 /* soon, as a payment had failed, or after a while */
        uint32_t gap = chance(50) ? DAY + below(12 * DAY) : below(60 * DAY) + below(60 * DAY);
        s->at = (ended > s->at ? ended : s->at) + HOUR + gap;
        tell(s, REACTIVATE);
        ended = 0;
        if (gap < 13 * DAY && chance(16)) {                     /* and it fails again */
            s->at += DAY + below(6 * DAY);
            record(s, CANCEL, 0, 0);
            ended = s->at;
        }
    }
}

static void order(const subscription *s, uint32_t at)           /* one in fifteen is two orders by one click */
{
    subscription o = {.customer = s->customer, .region = s->region, .plan = NO_PLAN, .at = at};
    uint32_t amount = 490 + 100 * spread(9);
    if (at >= END) return;
    for (uint32_t times = below(15) ? 1 : 2; times > 0; --times) {
        o.number = ++orders;
        record(&o, PURCHASE, amount, 0);
    }
}

static void draw_orders(const subscription *s, uint32_t from, uint32_t to)
{
    uint32_t most = s->plan == TEAM ? 6 : 3, left = chance(26) ? 1 + below(most) : 0;
    for (; left > 0; --left) order(s, from + below(to - from + DAY));
}

static void buy_only(subscription *s)
{
    for (uint32_t more = 100; chance(more) && s->at < END; more = 62) {
        order(s, s->at);
        s->at += spread(35 * DAY);
    }
}

static void draw_customer(uint32_t number, uint32_t at, int began_before)
{
    subscription first = {.customer = number, .at = at, .born = at}, s;
    first.region = weighted(region_weights, 100);
    first.plan = weighted(plan_weights, 100);
    draw_seats(&first);
    if (!began_before && chance(6)) {
        buy_only(&first);
        return;
    }
    first.yearly = !began_before && chance(yearly_share[first.plan]);
    s = first;
    subscribe(&s, began_before);
    draw_orders(&first, at, s.at < END ? s.at : END - 1);
    for (uint32_t more = 9; chance(more); more = 25) {          /* some have a second one, few a third */
        first.at += 20 * DAY + below(150 * DAY);
        if (first.at >= END) return;
        s = first;
        s.plan = weighted(plan_weights, 100);
        s.born = s.at;
        draw_seats(&s);
        subscribe(&s, 0);
    }
}

/* --- the file --- */

static int by_arrival(const void *a, const void *b)             /* no two events are of one order */
{
    const event *x = a, *y = b;
    if (x->logged != y->logged) return x->logged < y->logged ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static void spoil(uint32_t from, uint32_t fault)                /* the next renewal */
{
    while (from < count && events[from].kind != RENEWAL) ++from;
    if (from < count) events[from].fault = fault;
}

static void print_row(const event *e)
{
    const subscription *s = &e->of;
    print_at(s->at);
    printf(",");
    if (e->fault != NO_CUSTOMER) printf("r%05u", (unsigned)(s->customer * 1237 % CUSTOMERS + 1));
    printf(",%c%03u,%s,", e->kind == PURCHASE ? 'o' : 's', (unsigned)s->number, kinds[e->kind]);
    if (e->fault == NO_AMOUNT) printf("n/a");
    else if (e->fault == MISTYPED) printf("%u.OO", (unsigned)(e->amount / 100));
    else if (e->kind != CANCEL) printf("%u.%02u", (unsigned)(e->amount / 100), (unsigned)(e->amount % 100));
    printf(",EUR,%s,%s,", plans[s->plan], regions[s->region]);
    if (e->end) print_at(e->end);
    printf("\r\n");
}

static uint32_t draw_day_of_growth(void)                        /* three times as many at the end; 2025-01-01 was a Wednesday */
{
    for (;;) {
        uint32_t day = below(DAYS);
        if (below(20) < day_weights[weekday(day + 6)] && below(3 * DAYS) < DAYS + 2 * day) return day;
    }
}

int main(int argc, char **argv)
{
    uint32_t customers = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 660, before = customers / 16, number = 0;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 20261065;
    for (uint32_t i = before; i < customers; ++i) {
        uint32_t day = draw_day_of_growth();
        ++arrivals[day * 24 + weighted(hour_weights, 238)];
    }
    for (; number < before;) draw_customer(++number, below(31 * DAY), 1);
    for (uint32_t hour = 0; hour < END / HOUR; ++hour)
        for (uint32_t left = arrivals[hour]; left > 0; --left) draw_customer(++number, hour * HOUR + below(HOUR), 0);
    if (count > 0) qsort(events, count, sizeof *events, by_arrival);
    spoil(count / 4, NO_CUSTOMER);
    spoil(count / 2, NO_AMOUNT);
    spoil(count / 4 * 3, MISTYPED);
    printf("time,customer,subscription,event,amount,currency,plan,region,end\r\n");
    for (uint32_t i = 0; i < count; ++i) print_row(&events[i]);
    free(events);
    return fflush(stdout) == 0 ? 0 : 1;
}
