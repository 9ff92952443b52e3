/* SPDX-License-Identifier: MIT */
/* ticket_log_state.h - the table behind cxm_ticket_log, for its files alone. */
#ifndef CXM_STREAM_TICKET_LOG_STATE_H
#define CXM_STREAM_TICKET_LOG_STATE_H
#include <cxm/ticket_log.h>
#include <stdbool.h>
#include "stream/group.h"

/* The events of a key: they rise, none twice. Without any it is not there: slots of the table stay. */
typedef struct entity {
    cxm_ticket_event *events;   /* [capacity] */
    uint32_t count, capacity;
    bool overfull;              /* there were more than max_events, these are the first */
} entity;

struct cxm_ticket_log {
    cxm_alloc hook;
    cxm_ticket_log_options options;     /* complete */
    group *table;
    uint64_t received, late, held, taken, tickets, overfull;
    int64_t horizon_us;         /* INT64_MIN: none */
    size_t sweep;               /* the slot that taking out has come to */
    group_slot *given;          /* whose first events are lent, to be dropped when next asked; NULL: none */
    size_t given_count;
    bool sorted;
};

/* The entity of a key, made empty; CXM_E_LIMIT or CXM_E_MEMORY. */
cxm_status ticket_log_entity(cxm_ticket_log *log, cxm_view key, entity **out);

/* Room for `count` events in all, at most max_events; CXM_E_LIMIT or CXM_E_MEMORY. */
cxm_status ticket_log_reserve(cxm_ticket_log *log, entity *e, uint64_t count);

/* What stands in a log's bytes as its spec; false for any other text. */
bool ticket_log_spec_read(const char *text, size_t len, cxm_ticket_log_options *out);

/* The next life in the order of slots; the log stays as it is. False at the end. */
bool ticket_log_walk(const cxm_ticket_log *log, uint64_t *cursor, cxm_ticket_log_item *out);

/* Slots by key; what was lent is dropped first. */
void ticket_log_settle(cxm_ticket_log *log);

/* The options with defaults filled in; CXM_E_ABI or CXM_E_ARG. */
cxm_status ticket_log_options(const cxm_ticket_log_options *options, cxm_ticket_log_options *out);

#endif
