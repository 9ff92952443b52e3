/* SPDX-License-Identifier: MIT */
/* tickets.c - an invented export of a help desk, the same bytes for the same rows and seed on every machine.
 *   $ tickets 1200 20260630 > tickets.csv
 *
 * Integers only. June 2026 in the order of creation, exported at its end: what came later is not there yet. People
 * work from 8 to 18 on weekdays, and most of what is written at other times waits for them. From the 16th an assistant
 * answers three chats of four. As in real exports some tickets were closed without a reply, some callers hung up at once,
 * a blank may be "N/A", a time be typed in by hand, and one morning the telephone's clock ran behind. Customers have
 * the ids of the survey's respondents, so that the two files can be joined.                                     */
#include "draw.h"
#include <stdlib.h>

enum { HOUR = 3600, DAY = 86400, FIRST = 151 * DAY, END = 181 * DAY, ASSISTANT = 166 * DAY };
enum { CLOCK_FALLS_BEHIND = 158 * DAY + 10 * HOUR, CLOCK_IS_SET = 158 * DAY + 11 * HOUR, BEHIND = 150 };
enum { PHONE, CHAT, EMAIL, WEB, CHANNELS, PRIORITIES = 4, TEAMS = 3, RECENT = 64 };
enum { CUSTOMERS = 4512 };              /* as many as a survey of 1,500 rows draws from */

typedef struct ticket { uint32_t created, channel, priority, team, replied, talk, solved; } ticket;

static const char *const channels[CHANNELS] = {"phone", "chat", "email", "web"};
static const uint16_t channel_weights[CHANNELS] = {28, 31, 26, 15};
static const uint32_t reply_seconds[CHANNELS] = {40, 90, 4500, 2700};   /* medians; the written ones of working time */
static const uint32_t talk_seconds[CHANNELS] = {280, 420, 0, 0};
static const char *const priorities[PRIORITIES] = {"low", "normal", "high", "urgent"};
static const uint16_t priority_weights[PRIORITIES] = {20, 50, 22, 8};
static const uint32_t queueing[PRIORITIES] = {150, 100, 70, 40};        /* per cent of the median */
static const uint32_t work_hours[PRIORITIES] = {9, 5, 3, 1};
static const char *const teams[TEAMS] = {"billing", "orders", "technical"};
static const uint16_t team_weights[TEAMS] = {25, 40, 35};
static const uint32_t slowness[TEAMS] = {80, 95, 140};                  /* per cent of the median */
static const uint16_t hour_weights[24] = {2, 1, 1, 1, 1, 1, 3, 7, 17, 23, 24, 21, 17, 18, 21, 20, 18, 14, 9, 7, 6, 5, 4, 3};
static const uint16_t day_weights[7] = {20, 18, 17, 16, 15, 4, 3};      /* Monday first */

static uint16_t arrivals[END - FIRST];

static uint32_t next_working(uint32_t at)
{
    if (at % DAY >= 18 * HOUR) at += DAY - at % DAY;
    while (weekday(at / DAY) >= 5) at += DAY - at % DAY;
    return at % DAY < 8 * HOUR ? at - at % DAY + 8 * HOUR : at;
}

static uint32_t after_work(uint32_t at, uint32_t seconds)       /* counted while people work */
{
    for (;;) {
        at = next_working(at);
        uint32_t left = 18 * HOUR - at % DAY;
        if (seconds < left) return at + seconds;
        seconds -= left;
        at += left;
    }
}

static uint32_t draw_channel(uint32_t created)                  /* nobody answers the phone at night: people write */
{
    uint32_t channel = weighted(channel_weights, 100);
    return channel != PHONE || next_working(created) == created ? channel : below(2) ? EMAIL : WEB;
}

static uint32_t draw_customer(void)                             /* one in six was here lately */
{
    static uint32_t recent[RECENT];
    uint32_t *one = &recent[below(RECENT)];
    if (*one == 0 || below(6)) *one = below(CUSTOMERS) + 1;
    return *one;
}

static uint32_t draw_reply(const ticket *t)
{
    uint32_t median = reply_seconds[t->channel];
    if (t->channel == CHAT && t->created >= ASSISTANT && below(4)) return t->created + spread(6);
    if (t->channel == CHAT && next_working(t->created) != t->created)
        return below(2) ? t->created + spread(3 * median) : after_work(t->created, spread(6 * median));
    if (t->channel <= CHAT) return t->created + spread(median * slowness[t->team] / 100);
    return after_work(t->created, spread(median * slowness[t->team] / 100 * queueing[t->priority] / 100));
}

static uint32_t draw_solved(const ticket *t)                    /* at once, or after work of any length */
{
    uint32_t said = t->replied + t->talk, hours = work_hours[t->priority];
    if (below(100) < (t->channel <= CHAT ? 62 : 33)) return said + below(120);
    uint32_t median = hours * HOUR / 100 * slowness[t->team] / 100 * (t->channel == CHAT && t->created >= ASSISTANT ? 70 : 100);
    return after_work(said, spread(spread(median)));
}

/* Closed without a reply: callers who hung up; what needed none; and what nobody took up. */
static void draw_course(ticket *t)
{
    uint32_t fate = below(100);
    t->replied = draw_reply(t);
    t->talk = spread(talk_seconds[t->channel]);
    t->solved = draw_solved(t);
    if (fate < 4) {
        t->solved = t->channel <= CHAT ? t->created + spread(60) : after_work(t->created, spread(4 * HOUR));
        t->replied = END;
        t->talk = 0;
    } else if (fate < 6) t->solved = END;
    else if (fate < 7) t->replied = t->solved = END;
}

static int is_known(uint32_t at)
{
    if (at < END) return 1;
    if (below(12) == 0) printf("N/A");
    return 0;
}

static void print_reply(const ticket *t)
{
    int behind = t->channel == PHONE && t->created >= CLOCK_FALLS_BEHIND && t->created < CLOCK_IS_SET;
    if (!is_known(t->replied)) return;
    if (t->channel == EMAIL && below(170) == 1) printf("yesterday");
    else print_time(behind ? t->replied - BEHIND : t->replied);
}

static void print_row(uint32_t number, uint32_t created)
{
    ticket t = {.created = created};
    t.channel = draw_channel(created);
    t.priority = weighted(priority_weights, 100);
    t.team = weighted(team_weights, 100);
    draw_course(&t);
    printf("t%05u,", (unsigned)number);
    print_time(t.created);
    printf(",");
    print_reply(&t);
    printf(",");
    if (is_known(t.solved)) print_time(t.solved);
    printf(",%s,%s,%s,r%05u,", channels[t.channel], priorities[t.priority], teams[t.team], (unsigned)draw_customer());
    if (t.channel <= CHAT && (t.replied < END || t.solved < END)) printf("%u", (unsigned)t.talk);
    printf("\r\n");
}

int main(int argc, char **argv)
{
    uint32_t rows = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1200, number = 0;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260630;
    for (uint32_t i = 0; i < rows; ++i) {
        uint32_t day = draw_day(FIRST / DAY, (END - FIRST) / DAY, day_weights), hour = weighted(hour_weights, 244);
        ++arrivals[day * DAY + hour * HOUR + below(HOUR) - FIRST];
    }
    printf("ticket,created_at,first_reply_at,solved_at,channel,priority,team,customer,talk_s\r\n");
    for (uint32_t at = FIRST; at < END; ++at)
        for (uint32_t left = arrivals[at - FIRST]; left > 0; --left) print_row(++number, at);
    return fflush(stdout) == 0 ? 0 : 1;
}
