/* SPDX-License-Identifier: MIT */
/* desk.h - what desk.c (events to tickets), desk_rates.c (tickets to rates) and desk_print.c share. */
#ifndef CXM_CLI_DESK_H
#define CXM_CLI_DESK_H
#include "pass.h"

/* What is known of a ticket by its creation alone: of several, the first. */
typedef struct creation {
    uint64_t ticket, customer;  /* codes */
    cxm_ticket_event event;
    size_t text;                /* in `texts`: a length for each segment, then their bytes */
} creation;

/* Tickets of a segment and a window. */
typedef struct desk_group {
    cxm_engine_result slot;     /* its segments those of --by */
    cxm_ticket_rates rates;
    cxm_service_counts service; /* of calls, beside a target */
    uint64_t backlog;           /* open at the window's end, or at the end of all */
    uint64_t opens;             /* that are open from this window on: carried into the backlogs in the end */
} desk_group;

typedef struct desk {
    const char *preset;
    cxm_ticket_rules rules;
    cxm_ticket_log *log;
    creation *creations;
    size_t creation_count, creation_room;
    char *texts;
    size_t text_len, text_room;
    cxm_account rows;
    int64_t latest_us;
    int64_t known_us, as_of_us;         /* the last instant of which events are known; up to when what is open has run */
    bool any;
    uint64_t uncreated, overfull;       /* tickets without a creation; with more events than are kept */
    cxm_ticket_span *next;              /* room for the next replies of one ticket */
    size_t next_room;
    cxm_ticket_contact *contacts;       /* of each ticket, in the order of the log */
    size_t ticket_count, contact_room;  /* room here and below in bytes */
    desk_group *groups;                 /* by segment, then by window; totals first */
    size_t group_count, group_room, total_count;
    uint64_t open;                      /* tickets that are open in the end */
} desk;

/* A ticket on its way. */
typedef struct desk_ticket {
    cxm_ticket_log_item item;
    const creation *made;
    cxm_ticket_life life;
} desk_ticket;

/* How a ticket stands, of what happened up to `known_us` alone. */
cxm_status desk_measure(const desk *d, const cxm_ticket_log_item *item, int64_t known_us, const cxm_calendar *calendar, cxm_ticket_span *next,
                        size_t room, cxm_ticket_life *life);
/* Walks the tickets that can be measured, in calendar time: `*cursor` 0 begins. False at the end. */
bool desk_next(desk *d, uint64_t *cursor, desk_ticket *out);
/* The segments of a ticket, `count` of them. */
void desk_segments(const desk *d, const creation *made, uint32_t count, cxm_view *out);
/* Room for `need` bytes of `*at`, which holds `*room`, `least` of them at first; false when there is no memory. */
bool desk_grow(void **at, size_t *room, size_t need, size_t least);
cxm_status desk_follow(score_run *run);
void desk_add_calls(cxm_service_counts *into, const cxm_service_counts *from);
cxm_status desk_rates(score_run *run);                      /* once tickets are in the engine */

#endif
