/* SPDX-License-Identifier: MIT */
/* ticket_parts.h - how a ticket stands after an event: for its clocks, and for the log that cuts it into lives. */
#ifndef CXM_RESPONSE_TICKET_PARTS_H
#define CXM_RESPONSE_TICKET_PARTS_H
#include <cxm/ticket.h>
#include <stdbool.h>

/* Solved or closed by this event, whatever it was before. */
bool ticket_solves(const cxm_ticket_event *e);

/* CXM_TICKET_IS_* after an event, from what it was before: a status that is none of the end opens it again. */
int32_t ticket_end_after(int32_t end, const cxm_ticket_event *e);

#endif
