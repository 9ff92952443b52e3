/* SPDX-License-Identifier: MIT */
/* ticket_words.c - how help desks write what happened, who did it and how a ticket stands: in any case of ASCII letters, blanks and
 * hyphens as underscores. */
#include "base/port.h"
#include <cxm/ticket.h>
#include "base/words.h"
#include <stdbool.h>

static const word kinds[] = {
    {"created", CXM_TICKET_CREATED, 0}, {"create", CXM_TICKET_CREATED, 0}, {"opened", CXM_TICKET_CREATED, 0}, {"queued", CXM_TICKET_CREATED, 0},
    {"answered", CXM_TICKET_ANSWERED, 0}, {"answer", CXM_TICKET_ANSWERED, 0}, {"connected", CXM_TICKET_ANSWERED, 0},
    {"reply_public", CXM_TICKET_REPLY_PUBLIC, 0}, {"public_reply", CXM_TICKET_REPLY_PUBLIC, 0}, {"reply", CXM_TICKET_REPLY_PUBLIC, 0},
    {"comment", CXM_TICKET_REPLY_PUBLIC, 0}, {"public_comment", CXM_TICKET_REPLY_PUBLIC, 0}, {"message", CXM_TICKET_REPLY_PUBLIC, 0},
    {"reply_private", CXM_TICKET_REPLY_PRIVATE, 0}, {"private_reply", CXM_TICKET_REPLY_PRIVATE, 0}, {"note", CXM_TICKET_REPLY_PRIVATE, 0},
    {"internal_note", CXM_TICKET_REPLY_PRIVATE, 0}, {"private_note", CXM_TICKET_REPLY_PRIVATE, 0},
    {"assigned", CXM_TICKET_ASSIGNED, 0}, {"assign", CXM_TICKET_ASSIGNED, 0},
    {"transferred", CXM_TICKET_TRANSFERRED, 0}, {"transfer", CXM_TICKET_TRANSFERRED, 0},
    {"escalated", CXM_TICKET_TRANSFERRED, 1}, {"escalation", CXM_TICKET_TRANSFERRED, 1},
    {"status", CXM_TICKET_STATUS, 0}, {"status_changed", CXM_TICKET_STATUS, 0},
    {"reopened", CXM_TICKET_REOPENED, 0}, {"reopen", CXM_TICKET_REOPENED, 0},
    {"solved", CXM_TICKET_SOLVED, 0}, {"resolved", CXM_TICKET_SOLVED, 0}, {"closed", CXM_TICKET_SOLVED, 0}, {"close", CXM_TICKET_SOLVED, 0},
    {"abandoned", CXM_TICKET_ABANDONED, 0}, {"hung_up", CXM_TICKET_ABANDONED, 0},
    {"confirmed", CXM_TICKET_CONFIRMED, 0}, {"denied", CXM_TICKET_DENIED, 0}, {NULL, 0, 0}};

static const word actors[] = {
    {"customer", CXM_TICKET_CUSTOMER, 0}, {"requester", CXM_TICKET_CUSTOMER, 0}, {"end_user", CXM_TICKET_CUSTOMER, 0},
    {"user", CXM_TICKET_CUSTOMER, 0}, {"contact", CXM_TICKET_CUSTOMER, 0}, {"visitor", CXM_TICKET_CUSTOMER, 0}, {"caller", CXM_TICKET_CUSTOMER, 0},
    {"human", CXM_TICKET_HUMAN, 0}, {"agent", CXM_TICKET_HUMAN, 0}, {"teammate", CXM_TICKET_HUMAN, 0}, {"admin", CXM_TICKET_HUMAN, 0},
    {"bot", CXM_TICKET_BOT, 0}, {"chatbot", CXM_TICKET_BOT, 0}, {"ai", CXM_TICKET_BOT, 0}, {"ai_agent", CXM_TICKET_BOT, 0},
    {"auto", CXM_TICKET_AUTO, 0}, {"autoresponder", CXM_TICKET_AUTO, 0}, {"automation", CXM_TICKET_AUTO, 0}, {"system", CXM_TICKET_AUTO, 0},
    {"trigger", CXM_TICKET_AUTO, 0}, {NULL, 0, 0}};

static const word states[] = {
    {"new", CXM_TICKET_NEW, 0}, {"open", CXM_TICKET_OPEN, 0}, {"in_progress", CXM_TICKET_OPEN, 0}, {"pending", CXM_TICKET_PENDING, 0},
    {"waiting_on_customer", CXM_TICKET_PENDING, 0}, {"snoozed", CXM_TICKET_PENDING, 0}, {"hold", CXM_TICKET_HOLD, 0}, {"on_hold", CXM_TICKET_HOLD, 0},
    {"solved", CXM_TICKET_STATUS_SOLVED, 0}, {"resolved", CXM_TICKET_STATUS_SOLVED, 0}, {"closed", CXM_TICKET_STATUS_CLOSED, 0}, {NULL, 0, 0}};

cxm_status cxm_ticket_words(const char *kind, size_t kind_len, const char *actor, size_t actor_len, const char *status, size_t status_len,
                            cxm_ticket_event *event, int32_t *blame)
{
    if (!event || (!kind && kind_len) || (!actor && actor_len) || (!status && status_len)) return CXM_E_ARG;
    const word *what = words_find(kinds, kind, kind_len), *by = words_find(actors, actor, actor_len), *state = NULL;
    bool told = what && what->code == CXM_TICKET_STATUS;
    if (told) state = words_find(states, status, status_len);
    if (blame) *blame = !what ? 1 : !by ? 2 : told && !state ? 3 : 0;
    if (!what || !by || (told && !state)) return CXM_E_FORMAT;
    event->kind = what->code;
    event->tier = what->tier;
    event->actor = by->code;
    event->status = state ? state->code : 0;
    return CXM_OK;
}
