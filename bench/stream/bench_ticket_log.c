/* SPDX-License-Identifier: MIT */
/* bench_ticket_log.c - events of a help desk: into a log of 100,000 tickets, measured with all clocks, and as bytes.
 *
 * ns an event: the log new and its slots included, beside one increment a ticket in a table; every ticket measured beside a pass
 * that only reads the events; a log encoded beside memcpy of its bytes. Ways run in turn, nine rounds, medians. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/ticket_log.h>
#include "bench.h"

enum { TICKETS = 100000, EVENTS = 8 * TICKETS, KEY = 7 };
enum { INCREMENT, ADD, READ, MEASURE, MEMCPY, ENCODE, WAYS };

typedef struct told { char key[KEY]; uint32_t ticket; cxm_ticket_event event; } told;

static const char *const names[WAYS] = {"increment", "add", "read-only", "measure", "memcpy", "encode"};
static told all[EVENTS];
static uint32_t counters[TICKETS];
static volatile int64_t sink;           /* keeps the passes from being optimised away */

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

/* Eight events a ticket, those of some hundred tickets at a time among each other, as a desk works. */
static void draw(void)
{
    static const uint8_t kinds[] = {CXM_TICKET_CREATED, CXM_TICKET_ASSIGNED, CXM_TICKET_STATUS, CXM_TICKET_REPLY_PUBLIC, CXM_TICKET_STATUS,
                                    CXM_TICKET_REPLY_PUBLIC, CXM_TICKET_REPLY_PUBLIC, CXM_TICKET_SOLVED};
    static const uint8_t actors[] = {1, 4, 2, 2, 2, 1, 2, 2};
    for (uint32_t i = 0; i < EVENTS; ++i) {
        uint32_t step = i / 256 % 8, ticket = i / 2048 * 256 + i % 256;
        told *t = &all[i];
        char key[16];
        ticket %= TICKETS;
        snprintf(key, sizeof key, "t%06u", (unsigned)ticket);
        memcpy(t->key, key, KEY);
        t->ticket = ticket;
        t->event = (cxm_ticket_event){.at_us = (INT64_C(1767225600) + i) * 1000000, .kind = kinds[step], .actor = actors[step],
                                      .who = ticket % 40 + 1, .channel = ticket % 4 + 1};
        if (kinds[step] == CXM_TICKET_STATUS) t->event.status = step == 2 ? CXM_TICKET_OPEN : CXM_TICKET_PENDING;
    }
}

static cxm_ticket_log *add_all(void)
{
    cxm_ticket_log *log = NULL;
    must(cxm_ticket_log_create(NULL, NULL, &log));
    for (uint32_t i = 0; i < EVENTS; ++i) must(cxm_ticket_log_add(log, all[i].key, KEY, &all[i].event));
    return log;
}

static void read_all(cxm_ticket_log *log)
{
    cxm_ticket_log_item item = {.size = sizeof item};
    uint64_t cursor = 0;
    int64_t sum = 0;
    while (cxm_ticket_log_next(log, &cursor, &item) == CXM_OK)
        for (size_t i = 0; i < item.count; ++i) sum += item.events[i].at_us;
    sink += sum;
}

static void measure_all(cxm_ticket_log *log)
{
    cxm_ticket_log_item item = {.size = sizeof item};
    cxm_ticket_rules rules = {.size = sizeof rules};
    cxm_ticket_life life = {.size = sizeof life};
    cxm_ticket_rates rates = {.size = sizeof rates};
    cxm_ticket_span next[16];
    uint64_t cursor = 0;
    must(cxm_ticket_preset("zendesk", 7, &rules));
    while (cxm_ticket_log_next(log, &cursor, &item) == CXM_OK) {
        must(cxm_ticket_measure(item.events, item.count, &rules, INT64_C(1768225600) * 1000000, NULL, next, 16, &life));
        must(cxm_ticket_rates_add(&rates, &life));
    }
    sink += (int64_t)rates.solved;
}

static void time_round(unsigned char *bytes, unsigned char *copy, size_t len, double took[WAYS])
{
    double at[WAYS + 1] = {seconds()};
    for (uint32_t i = 0; i < EVENTS; ++i) ++counters[all[i].ticket];
    at[1] = seconds();
    cxm_ticket_log *log = add_all();
    at[2] = seconds();
    read_all(log);                      /* with the sorting by key, which the first walk does */
    double begun = seconds();
    read_all(log);
    at[3] = at[2] + seconds() - begun;
    begun = seconds();
    measure_all(log);
    at[4] = at[3] + seconds() - begun;
    begun = seconds();
    memcpy(copy, bytes, len);
    at[5] = at[4] + seconds() - begun;
    begun = seconds();
    must(cxm_ticket_log_encode(log, bytes, len, &len));
    at[6] = at[5] + seconds() - begun;
    for (int i = 0; i < WAYS; ++i) took[i] = (at[i + 1] - at[i]) * 1e9 / EVENTS;
    cxm_ticket_log_free(log);
}

int main(int argc, char **argv)
{
    double rounds[WAYS][ROUNDS], took[WAYS];
    size_t len = 0;
    draw();
    cxm_ticket_log *log = add_all();
    (void)cxm_ticket_log_encode(log, NULL, 0, &len);
    cxm_ticket_log_free(log);
    unsigned char *bytes = calloc(len, 1), *copy = calloc(len, 1);
    if (!bytes || !copy) return 1;
    for (int round = 0; round < ROUNDS; ++round) {
        time_round(bytes, copy, len, took);
        for (int i = 0; i < WAYS; ++i) rounds[i][round] = took[i];
    }
    printf("stream/ticket_log, %d events of %d tickets, %.1f bytes an event encoded, medians of %d rounds\n", (int)EVENTS, (int)TICKETS,
           (double)len / EVENTS, (int)ROUNDS);
    for (int i = 0; i < WAYS; ++i) {
        took[i] = median(rounds[i]);
        printf("  %-12s %8.2f ns an event\n", names[i], took[i]);
    }
    if (has_option(argc, argv, "--rows")) {
        print_bench_row("tickets, an event into a log", "ns", took[ADD], took[INCREMENT], "increment a ticket");
        print_bench_row("tickets, measured, an event", "ns", took[MEASURE], took[READ], "read-only pass");
        print_bench_row("tickets, encoded, an event", "ns", took[ENCODE], took[MEMCPY], "memcpy");
    }
    free(bytes);
    free(copy);
    return 0;
}
