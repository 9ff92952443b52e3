/* SPDX-License-Identifier: MIT */
/* ticket_rates.c - counts of tickets, and what the contacts of one customer say together; the rates stand in ticket.h. */
#include "base/port.h"
#include <cxm/ticket.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "base/checked.h"
#include "base/sized.h"
#include "response/service_parts.h"

/* Everything behind the head is counts: one loop serves adding, taking back and merging. */
enum { HEAD = offsetof(cxm_ticket_rates, received), COUNTS = (sizeof(cxm_ticket_rates) - HEAD) / sizeof(uint64_t) };
_Static_assert(HEAD == 8 && sizeof(cxm_ticket_contact) == 40, "a ticket's struct grew");

static uint64_t *counts_of(cxm_ticket_rates *rates)
{
    return &rates->received;
}

static bool is_rates(const cxm_ticket_rates *rates)
{
    return sized_in_ok(rates, rates->size, sizeof *rates, sizeof *rates);
}

/* `into` with all of `from` added, or taken away: at once or not at all. */
static bool apply(cxm_ticket_rates *into, const cxm_ticket_rates *from, bool (*step)(uint64_t, uint64_t, uint64_t *))
{
    cxm_ticket_rates sum = *into, by = *from;
    for (size_t i = 0; i < COUNTS; ++i)
        if (!step(counts_of(&sum)[i], counts_of(&by)[i], &counts_of(&sum)[i])) return false;
    sum.size = into->size;
    *into = sum;
    return true;
}

static cxm_ticket_rates rates_of(const cxm_ticket_life *life)
{
    bool solved = life->end == CXM_TICKET_IS_SOLVED, handled = life->facts & CXM_TICKET_HANDLED, bot = life->bot_replies > 0;
    return (cxm_ticket_rates){
        .received = 1, .replied = life->clocks[CXM_TICKET_FIRST_REPLY].state == CXM_TICKET_STOPPED,
        .solved = solved, .abandoned = life->end == CXM_TICKET_IS_ABANDONED,
        .ever_solved = life->solves > 0, .reopened = life->reopens > 0, .reopens = life->reopens,
        .handled = handled, .transferred = handled && life->transfers > 0, .escalated = handled && life->escalations > 0,
        .replies = solved ? life->replies : 0,
        .with_bot = bot, .with_bot_over = bot && life->end != CXM_TICKET_IS_OPEN,
        .contained = (life->facts & CXM_TICKET_CONTAINED) != 0, .handed_over = (life->facts & CXM_TICKET_HANDED_OVER) != 0,
        .fcr_no_message = (life->facts & CXM_TICKET_FCR_NO_MESSAGE) != 0,
        .fcr_one_reply = (life->facts & CXM_TICKET_FCR_ONE_REPLY) != 0,
        .fcr_one_teammate = (life->facts & CXM_TICKET_FCR_ONE_TEAMMATE) != 0,
        .said_yes = (life->facts & CXM_TICKET_SAID_YES) != 0, .said_no = (life->facts & CXM_TICKET_SAID_NO) != 0};
}

cxm_status cxm_ticket_rates_add(cxm_ticket_rates *rates, const cxm_ticket_life *life)
{
    if (!rates || !life) return CXM_E_ARG;
    if (!is_rates(rates) || life->size < sizeof *life) return CXM_E_ABI;
    cxm_ticket_rates one = rates_of(life);
    return apply(rates, &one, checked_add_u64) ? CXM_OK : CXM_E_OVERFLOW;
}

cxm_status cxm_ticket_rates_remove(cxm_ticket_rates *rates, const cxm_ticket_life *life)
{
    if (!rates || !life) return CXM_E_ARG;
    if (!is_rates(rates) || life->size < sizeof *life) return CXM_E_ABI;
    cxm_ticket_rates one = rates_of(life);
    return apply(rates, &one, checked_sub_u64) ? CXM_OK : CXM_E_UNDERFLOW;
}

cxm_status cxm_ticket_rates_merge(cxm_ticket_rates *into, const cxm_ticket_rates *from)
{
    if (!into || !from) return CXM_E_ARG;
    if (!is_rates(into) || !is_rates(from)) return CXM_E_ABI;
    return apply(into, from, checked_add_u64) ? CXM_OK : CXM_E_OVERFLOW;
}

cxm_status cxm_ticket_rates_add_contact(cxm_ticket_rates *rates, const cxm_ticket_contact *contact)
{
    if (!rates || !contact || contact->repeat > 2 || contact->change > 2) return CXM_E_ARG;
    if (!is_rates(rates)) return CXM_E_ABI;
    cxm_ticket_rates one = {.repeat_known = contact->repeat > 0, .repeated = contact->repeat == 2,
                            .change_known = contact->change > 0, .changed = contact->change == 2};
    return apply(rates, &one, checked_add_u64) ? CXM_OK : CXM_E_OVERFLOW;
}

/* --- the contacts of a customer --- */

static int compare(const cxm_ticket_contact *a, const cxm_ticket_contact *b)
{
    if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
    if (a->created_us != b->created_us) return a->created_us < b->created_us ? -1 : 1;
    return (a->tag > b->tag) - (a->tag < b->tag);
}

/* Restores the heap below `root` within the first n. */
static void sift(cxm_ticket_contact *all, size_t root, size_t n)
{
    cxm_ticket_contact moved = all[root];
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && compare(&all[child], &all[child + 1]) < 0) ++child;
        if (compare(&moved, &all[child]) >= 0) break;
        all[root] = all[child];
    }
    all[root] = moved;
}

/* Heapsort: no memory, and never n^2 steps. */
static void sort(cxm_ticket_contact *all, size_t n)
{
    for (size_t i = n / 2; i-- > 0;) sift(all, i, n);
    for (; n > 1; --n) {
        cxm_ticket_contact largest = all[0];
        all[0] = all[n - 1];
        all[n - 1] = largest;
        sift(all, 0, n - 1);
    }
}

static int64_t later(int64_t at_us, int64_t by_us)
{
    int64_t sum;
    return checked_add_i64(at_us, by_us, &sum) ? sum : INT64_MAX;
}

/* Before it is known of all, those of which it has happened are the wrong ones to count. */
static uint8_t told(bool happened, int64_t known_us, int64_t as_of_us)
{
    return as_of_us < known_us ? 0 : happened ? 2 : 1;
}

/* Behind a contact, of its customer and with a known channel: the nearest, and the nearest of another channel than that. */
typedef struct ahead { const cxm_ticket_contact *near, *other; } ahead;

/* The nearest through another channel than that of `c`. */
static const cxm_ticket_contact *elsewhere(const ahead *a, const cxm_ticket_contact *c)
{
    return a->near && a->near->channel != c->channel ? a->near : a->other;
}

cxm_status cxm_ticket_follow(cxm_ticket_contact *contacts, size_t n, int64_t within_us, int64_t as_of_us)
{
    ahead a = {NULL, NULL};
    if ((!contacts && n) || within_us < 0) return CXM_E_ARG;
    sort(contacts, n);
    for (size_t i = n; i-- > 0;) {
        cxm_ticket_contact *c = &contacts[i];
        const cxm_ticket_contact *next = i + 1 < n && contacts[i + 1].customer == c->customer ? c + 1 : NULL;
        int64_t solved_by = later(c->solved_us, within_us), begun_by = later(c->created_us, within_us);
        if (!next) a = (ahead){NULL, NULL};
        const cxm_ticket_contact *moved = elsewhere(&a, c);
        bool solved = c->customer && c->solved_us != INT64_MAX, known = c->customer && c->channel;
        c->repeat = solved ? told(next && next->created_us <= solved_by, solved_by, as_of_us) : 0;
        c->change = known ? told(moved && moved->created_us <= begun_by, begun_by, as_of_us) : 0;
        if (c->channel) a = (ahead){c, moved};
    }
    return CXM_OK;
}

/* --- rates --- */

typedef struct parts { const char *name; size_t hits, n; } parts;       /* n = 0: of said_yes and said_no together */

#define PARTS(name, hits, n) {name, offsetof(cxm_ticket_rates, hits), offsetof(cxm_ticket_rates, n)}
static const parts rates_table[CXM_TICKET_RATES] = {
    PARTS("response_rate", replied, received), PARTS("solve_rate", solved, received), PARTS("abandonment_rate", abandoned, received),
    PARTS("reopen_rate", reopened, ever_solved), PARTS("transfer_rate", transferred, handled), PARTS("escalation_rate", escalated, handled),
    PARTS("containment_rate", contained, with_bot_over), PARTS("handover_rate", handed_over, with_bot),
    PARTS("fcr_no_message", fcr_no_message, solved), PARTS("fcr_one_reply", fcr_one_reply, solved),
    PARTS("fcr_one_teammate", fcr_one_teammate, solved),
    PARTS("fcr_no_repeat", repeated, repeat_known), {"fcr_confirmed", offsetof(cxm_ticket_rates, said_yes), 0},
    PARTS("channel_change_rate", changed, change_known)};

const char *cxm_ticket_rate_name(int32_t rate)
{
    return rate >= 0 && rate < CXM_TICKET_RATES ? rates_table[rate].name : "unknown";
}

static uint64_t count_at(const cxm_ticket_rates *rates, size_t offset)
{
    uint64_t count;
    memcpy(&count, (const unsigned char *)rates + offset, sizeof count);
    return count;
}

cxm_status cxm_ticket_rate(const cxm_ticket_rates *rates, int32_t rate, double level, cxm_service_share *out)
{
    if (!rates || !out || !(level >= 0.0 && level < 1.0)) return CXM_E_ARG;
    if (rate < 0 || rate >= CXM_TICKET_RATES) return CXM_E_METHOD;
    if (!is_rates(rates)) return CXM_E_ABI;
    const parts *p = &rates_table[rate];
    uint64_t hits = count_at(rates, p->hits), n = 0;
    if (p->n) n = count_at(rates, p->n);
    else if (!checked_add_u64(hits, rates->said_no, &n)) return CXM_E_ARG;
    if (hits > n) return CXM_E_ARG;
    if (rate == CXM_TICKET_RATE_FCR_NO_REPEAT) hits = n - hits;
    return service_share_of(hits, n, level == 0.0 ? 0.95 : level, out);
}

cxm_status cxm_ticket_replies_per_solve(const cxm_ticket_rates *rates, double *out)
{
    if (!rates || !out) return CXM_E_ARG;
    if (!is_rates(rates)) return CXM_E_ABI;
    if (rates->solved == 0) return CXM_E_EMPTY;
    *out = (double)rates->replies / (double)rates->solved;
    return CXM_OK;
}
