/* SPDX-License-Identifier: MIT */
/** @file cxm/ticket.h
 *  @brief Tickets, conversations and calls from their events: how long was waited, for whom, and what became of each.
 *
 *  One event model serves every help desk: when, what, by whom. Three of the actors are on the desk's side, and only a human
 *  stops a clock: a bot's first reply has a clock of its own beside it, and what an autoresponder writes is counted alone.
 *      cxm_ticket_preset("zendesk", 7, &rules);
 *      cxm_ticket_measure(events, n, &rules, as_of_us, NULL, next, room, &life);      calendar time
 *      cxm_ticket_rates_add(&rates, &life);
 *      cxm_ticket_rate(&rates, CXM_TICKET_RATE_REOPEN, 0.95, &share);
 *
 *  Definitions, with t0 the creation, all within `as_of_us`:
 *      first_reply       t0 (intercom: the first message of the customer) until a human first replies in public, or picks up.
 *                        The creation carries its actor's first message, which is no reply: of a ticket that an agent
 *                        opened in public, it is the second comment that counts. What its actor writes in public at that
 *                        very instant is this message once more
 *      first_bot_reply   the same until a bot replies; nobody promised that one will: until then it never began
 *      next_reply        the oldest message of the customer without an answer, or a caller's transfer into a queue, until
 *                        that human answer; what the first reply answers is none of them, but for freshdesk's average. A
 *                        message to a ticket that is over is one only if it gets an answer, or the ticket is opened again
 *      wait              time in states in which the desk owes something: new, open and on hold; of calls: in a queue, which
 *                        is the state new: who picks up opens the call, a transfer makes it new
 *      agent_wait        time in pending: the customer owes something
 *      on_hold           time on hold
 *      first_resolution  t0 until it was first solved          resolution  until it was last solved and stayed so
 *  A clock that has not stopped is running, with the time so far, or will never stop: of a ticket that is over.
 *  Rates, with what is below them:
 *      response     have a first reply / received              solve        solved / received
 *      abandonment  abandoned / received                       reopen       reopened / ever solved
 *      transfer     transferred / handled by a human           escalation   transferred to a named tier / handled by a human
 *      containment  solved with a bot and without a human, and not transferred by the bot / with a bot, and over
 *      handover     a human was at work after the bot, or the bot transferred it / with a bot
 *      Abandoned is who left before a human's answer, or in a queue behind a transfer, also where a rule closes it later.
 *      first-contact resolution, of the solved, by each of its names:
 *          fcr_no_message     the customer wrote nothing after the creation
 *          fcr_one_reply      exactly one public reply of a human
 *          fcr_one_teammate   solved once, never reopened, one human at work
 *          fcr_no_repeat      the same customer did not come again before N days after it was solved, of those known by now
 *          fcr_confirmed      the customer said yes / said yes or no
 *      channel_change  the same customer came within N days through another channel / contacts of which that is known by now
 *  Source   definitions: the public documentation of the desks that the presets are named after; a status in force is what
 *           the events say, none is made up. intervals: E. B. Wilson, JASA 22(158), 1927.
 *  Threads  Pure functions, and plain counts: one writer each.   */
#ifndef CXM_TICKET_H
#define CXM_TICKET_H
#include <cxm/calendar.h>
#include <cxm/service_level.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** What happened. Of one instant, events count in this order, then by actor, status, tier, person and channel; but what is
 *  opened again and solved at one instant, and was open before, is open in the end. */
enum cxm_ticket_kind {
    CXM_TICKET_CREATED = 1,         /**< with its actor's first message; of a call: it entered the queue */
    CXM_TICKET_ANSWERED = 2,        /**< somebody picked up */
    CXM_TICKET_REPLY_PUBLIC = 3,    /**< a message that the other side sees */
    CXM_TICKET_REPLY_PRIVATE = 4,   /**< a note */
    CXM_TICKET_ASSIGNED = 5,
    CXM_TICKET_TRANSFERRED = 6,     /**< to another team or queue; `tier` > 0: to a named tier */
    CXM_TICKET_STATUS = 7,          /**< `status` is in force from then on */
    CXM_TICKET_REOPENED = 8,
    CXM_TICKET_SOLVED = 9,
    CXM_TICKET_ABANDONED = 10,      /**< the customer left; before an answer that is given up, behind one the end of it: solved */
    CXM_TICKET_CONFIRMED = 11,      /**< the customer said that it was resolved on first contact */
    CXM_TICKET_DENIED = 12          /**< or that it was not */
};

/** Who did it. */
enum cxm_ticket_actor { CXM_TICKET_CUSTOMER = 1, CXM_TICKET_HUMAN = 2, CXM_TICKET_BOT = 3, CXM_TICKET_AUTO = 4 };

/** States of a ticket; closed is solved for good. */
enum cxm_ticket_status {
    CXM_TICKET_NEW = 1, CXM_TICKET_OPEN = 2, CXM_TICKET_PENDING = 3, CXM_TICKET_HOLD = 4, CXM_TICKET_STATUS_SOLVED = 5,
    CXM_TICKET_STATUS_CLOSED = 6
};

/** One event. 24 bytes, without holes; two that agree in every field are one. */
typedef struct cxm_ticket_event {
    int64_t at_us;          /**< UTC microseconds, years 1 to 9999 */
    uint64_t who;           /**< a number of the person, such as cxm_ticket_code; 0: not told */
    uint32_t channel;       /**< a number of the channel, such as cxm_ticket_channel; 0: not told */
    uint8_t kind;           /**< CXM_TICKET_CREATED.. */
    uint8_t actor;          /**< CXM_TICKET_CUSTOMER.. */
    uint8_t status;         /**< of CXM_TICKET_STATUS: which; else 0 */
    uint8_t tier;           /**< of CXM_TICKET_TRANSFERRED: the named tier, or 0; else 0 */
} cxm_ticket_event;

/** The clocks of a ticket; cxm_ticket_clock_name has their names. */
enum cxm_ticket_clock {
    CXM_TICKET_FIRST_REPLY = 0, CXM_TICKET_FIRST_BOT_REPLY = 1, CXM_TICKET_WAIT = 2, CXM_TICKET_AGENT_WAIT = 3,
    CXM_TICKET_ON_HOLD = 4, CXM_TICKET_FIRST_RESOLUTION = 5, CXM_TICKET_RESOLUTION = 6,
    CXM_TICKET_NEXT_REPLY = 7       /**< any number of them a ticket */
};
#define CXM_TICKET_CLOCKS 7         /**< those that every ticket has once */

/** What a help desk means by its words; a preset, or the caller's own. 32 bytes; set `size`. */
typedef struct cxm_ticket_rules {
    uint32_t size;              /**< sizeof(cxm_ticket_rules) */
    int32_t from_customer;      /**< 1: the first reply's clock starts with the customer's first message; 0: at the creation */
    uint32_t answers;           /**< kinds that stop a reply's clock, as bits 1 << CXM_TICKET_* */
    int32_t with_first;         /**< 1: what the first reply answers is among the next replies */
    int32_t queues;             /**< 1: who is transferred waits in a queue again until somebody picks up */
    uint32_t wait, agent_wait;  /**< states that count, as bits 1 << CXM_TICKET_NEW.. */
    uint32_t reserved;          /**< zero */
} cxm_ticket_rules;

/** What became of a clock. */
enum cxm_ticket_state {
    CXM_TICKET_STOPPED = 1,     /**< `us` is the time it took; negative where clocks that write events disagree */
    CXM_TICKET_RUNNING = 2,     /**< `us` is the time so far */
    CXM_TICKET_NEVER = 3        /**< it will not stop any more, or never began */
};
typedef struct cxm_ticket_span { int64_t us; int32_t state; int32_t reserved; } cxm_ticket_span;

/** How a ticket stands. */
enum cxm_ticket_end { CXM_TICKET_IS_OPEN = 0, CXM_TICKET_IS_SOLVED = 1, CXM_TICKET_IS_ABANDONED = 2 };

/** Facts of a ticket, as bits. */
enum cxm_ticket_fact {
    CXM_TICKET_HANDLED = 1,         /**< a human replied, took a note, picked up or solved it */
    CXM_TICKET_CONTAINED = 2,       /**< solved with a bot and without a human, and not handed over */
    CXM_TICKET_HANDED_OVER = 4,     /**< from a bot to a human */
    CXM_TICKET_FCR_NO_MESSAGE = 8, CXM_TICKET_FCR_ONE_REPLY = 16, CXM_TICKET_FCR_ONE_TEAMMATE = 32,
    CXM_TICKET_SAID_YES = 64, CXM_TICKET_SAID_NO = 128      /**< the last answer holds */
};

/** One ticket, measured. Set `size`. Versions only append. */
typedef struct cxm_ticket_life {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t end;                /**< out: CXM_TICKET_IS_* */
    int64_t created_us;         /**< out: the creation */
    int64_t ended_us;           /**< out: since when it is over; 0 when open */
    uint64_t customer;          /**< out: who wrote first on the customer's side; 0 unknown */
    uint32_t channel;           /**< out: of the creation */
    uint32_t facts;             /**< out: CXM_TICKET_HANDLED.. */
    cxm_ticket_span clocks[CXM_TICKET_CLOCKS];  /**< out: by CXM_TICKET_FIRST_REPLY.. */
    uint32_t next_replies;      /**< out: how many there are */
    uint32_t replies;           /**< out: public ones of humans, with calls that were picked up */
    uint32_t bot_replies, auto_replies;     /**< out: public ones */
    uint32_t messages;          /**< out: of the customer, after the creation */
    uint32_t notes;             /**< out: private replies of humans */
    uint32_t solves, reopens;   /**< out: times it became solved, and open again */
    uint32_t transfers, escalations;        /**< out: escalations are transfers, too */
    uint32_t teammates;         /**< out: humans at work: 0, 1, or 2 for more than one */
    uint32_t reserved;          /**< out: zero */
} cxm_ticket_life;

/** The rules called `name`: "zendesk", "intercom", "freshdesk" or "callcentre".
 *  @return CXM_OK | CXM_E_METHOD no such name | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_preset(const char *name, size_t len, cxm_ticket_rules *out);

/** The name of a clock ("first_reply"), static; "unknown" for no such number, never NULL. */
CXM_API const char *cxm_ticket_clock_name(int32_t clock);

/** The name of preset `i`, from 0, static; "unknown" where there is none, never NULL. */
CXM_API const char *cxm_ticket_preset_name(int32_t i);

/** A number of a channel's name for events; 0 for an empty one. */
CXM_API uint32_t cxm_ticket_channel(const char *name, size_t len);

/** A number that tells names apart, the same everywhere and never 0; two names share one by an accident of 1 in 2^64. */
CXM_API uint64_t cxm_ticket_code(const char *name, size_t len);

/** Fill in kind, tier, actor and status of an event by the words of help desks: "Public reply", "agent", "on-hold"; in any case, with
 *  blanks and hyphens as underscores. `status` is read where the kind is status alone. `*blame`, which may be NULL, tells which
 *  is not understood: 1 the kind, 2 the actor, 3 the status; 0 none.
 *  @return CXM_OK | CXM_E_FORMAT one is not, the event unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_words(const char *kind, size_t kind_len, const char *actor, size_t actor_len, const char *status,
                                    size_t status_len, cxm_ticket_event *event, int32_t *blame);

/** Order of events, and whether an event is one: negative, 0 when they are the same, positive. NULL is before all else. */
CXM_API int32_t cxm_ticket_event_compare(const cxm_ticket_event *a, const cxm_ticket_event *b);

/** Whether every field is within its range.
 *  @return CXM_OK | CXM_E_DOMAIN one is not | CXM_E_ARG NULL */
CXM_API cxm_status cxm_ticket_event_check(const cxm_ticket_event *event);

/** Measure a ticket as of an instant; what happened after it is not known yet. Events rise by cxm_ticket_event_compare,
 *  none twice. With a calendar all times are open time. Of the next replies up to `room` are written to `next`, which may
 *  be NULL when it is 0; there are never more than events.
 *  @return CXM_OK | CXM_E_UNDEFINED no creation is known: nothing is written | CXM_E_ABI | CXM_E_ARG also for events out of
 *          order or range, for an instant outside years 1 to 9999 and for rules that are none */
CXM_API cxm_status cxm_ticket_measure(const cxm_ticket_event *events, size_t n, const cxm_ticket_rules *rules, int64_t as_of_us,
                                      const cxm_calendar *calendar, cxm_ticket_span *next, size_t room, cxm_ticket_life *out);

/* --- many tickets --- */

/** Counts of tickets: plain data, a group: adding, removing and merging are exact in any order. Set `size`, all else zero. */
typedef struct cxm_ticket_rates {
    uint32_t size;                  /**< sizeof(cxm_ticket_rates) */
    uint32_t reserved;              /**< zero */
    uint64_t received;              /**< tickets */
    uint64_t replied;               /**< have a first reply */
    uint64_t solved, abandoned;     /**< how they stand; the rest is open */
    uint64_t ever_solved, reopened; /**< solved once at least; of these reopened once at least */
    uint64_t reopens;               /**< times */
    uint64_t handled;               /**< a human was at work */
    uint64_t transferred, escalated;        /**< of the handled */
    uint64_t replies;               /**< public replies of humans in tickets that are solved */
    uint64_t with_bot, with_bot_over;       /**< a bot replied; of these, over */
    uint64_t contained, handed_over;        /**< of with_bot */
    uint64_t fcr_no_message, fcr_one_reply, fcr_one_teammate;   /**< of the solved */
    uint64_t said_yes, said_no;
    uint64_t repeat_known, repeated;        /**< solved tickets of which it is known; whose customer came again */
    uint64_t change_known, changed;         /**< contacts of which it is known; whose customer came by another channel */
} cxm_ticket_rates;

/** A contact, for what one customer's tickets say together. 40 bytes. */
typedef struct cxm_ticket_contact {
    uint64_t tag;           /**< the caller's, such as an index: contacts are sorted */
    uint64_t customer;      /**< 0: unknown, nothing is told of it */
    int64_t created_us;
    int64_t solved_us;      /**< INT64_MAX: it is not */
    uint32_t channel;       /**< 0: unknown */
    uint8_t repeat;         /**< out: 0 not known, 1 did not come again, 2 did */
    uint8_t change;         /**< out: 0 not known, 1 no other channel, 2 another one */
    uint16_t reserved;      /**< zero */
} cxm_ticket_contact;

/** Rates; cxm_ticket_rate_name has their names. */
enum cxm_ticket_rate_code {
    CXM_TICKET_RATE_RESPONSE = 0, CXM_TICKET_RATE_SOLVE = 1, CXM_TICKET_RATE_ABANDONMENT = 2, CXM_TICKET_RATE_REOPEN = 3,
    CXM_TICKET_RATE_TRANSFER = 4, CXM_TICKET_RATE_ESCALATION = 5, CXM_TICKET_RATE_CONTAINMENT = 6, CXM_TICKET_RATE_HANDOVER = 7,
    CXM_TICKET_RATE_FCR_NO_MESSAGE = 8, CXM_TICKET_RATE_FCR_ONE_REPLY = 9, CXM_TICKET_RATE_FCR_ONE_TEAMMATE = 10,
    CXM_TICKET_RATE_FCR_NO_REPEAT = 11, CXM_TICKET_RATE_FCR_CONFIRMED = 12, CXM_TICKET_RATE_CHANNEL_CHANGE = 13
};
#define CXM_TICKET_RATES 14

/** Count a ticket.
 *  @return CXM_OK | CXM_E_OVERFLOW a count is full, unchanged | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_rates_add(cxm_ticket_rates *rates, const cxm_ticket_life *life);

/** Take back a ticket that was counted just so.
 *  @return CXM_OK | CXM_E_UNDERFLOW it was not, unchanged | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_rates_remove(cxm_ticket_rates *rates, const cxm_ticket_life *life);

/** Add all of `from`; they may be the same object.
 *  @return CXM_OK | CXM_E_OVERFLOW unchanged | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_rates_merge(cxm_ticket_rates *into, const cxm_ticket_rates *from);

/** Count what cxm_ticket_follow told of a contact.
 *  @return CXM_OK | CXM_E_OVERFLOW a count is full, unchanged | CXM_E_ABI | CXM_E_ARG also for none that it told */
CXM_API cxm_status cxm_ticket_rates_add_contact(cxm_ticket_rates *rates, const cxm_ticket_contact *contact);

/** Tell for each contact whether its customer came again until `within_us` after it was solved, and whether by another channel until
 *  `within_us` after it began; contacts are sorted by customer and time. What `as_of_us` is too early for is not known, also
 *  where it has happened already: else those alone would count.
 *  @return CXM_OK | CXM_E_ARG NULL with n > 0, or within_us < 0 */
CXM_API cxm_status cxm_ticket_follow(cxm_ticket_contact *contacts, size_t n, int64_t within_us, int64_t as_of_us);

/** A rate with Wilson's limits at `level` (0: 0.95).
 *  @return CXM_OK | CXM_E_EMPTY nothing below it, the share NaN | CXM_E_METHOD no such rate | CXM_E_ABI | CXM_E_ARG also for a
 *          part larger than its whole, and the level */
CXM_API cxm_status cxm_ticket_rate(const cxm_ticket_rates *rates, int32_t rate, double level, cxm_service_share *out);

/** The name of a rate ("fcr_one_reply"), static; "unknown" for no such number, never NULL. */
CXM_API const char *cxm_ticket_rate_name(int32_t rate);

/** Public replies of humans for each ticket that is solved.
 *  @return CXM_OK | CXM_E_EMPTY none is solved | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_replies_per_solve(const cxm_ticket_rates *rates, double *out);

CXM_END_C
#endif
