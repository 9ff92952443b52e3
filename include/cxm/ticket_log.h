/* SPDX-License-Identifier: MIT */
/** @file cxm/ticket_log.h
 *  @brief Events of many tickets, from anywhere and in any order, gathered by ticket; what is over can be taken out for good.
 *
 *      cxm_ticket_log_add(log, "t0042", 5, &event);                    one ticket's events, in no order
 *      while (cxm_ticket_log_next(log, &cursor, &item) == CXM_OK)      by key, each with its events in order
 *          cxm_ticket_measure(item.events, item.count, &rules, as_of_us, NULL, next, room, &life);
 *
 *  The state is a set of events: adding one twice changes nothing, and a union is the same in any order. So logs merge
 *  exactly, from any machines, also where they overlap; `received` counts everything that came, `held` what is different.
 *  A ticket keeps its `max_events` first events; one that has more is `overfull`, as its end is not known.
 *
 *  Streams that never end take out what is over: a ticket that is solved or given up, and quiet for `quiet_us` since, is a life
 *  that nothing can change any more. An event behind such a silence belongs to another life of the same key. Lives are a
 *  function of the events, so when they are taken out changes nothing, as long as no event comes late:
 *      cxm_ticket_log_advance(log, horizon_us);                        earlier events are late from now on, and counted so
 *      while (cxm_ticket_log_take(log, &item) == CXM_OK) ...           every life that is over for good
 *  Memory is then that of open tickets and of the last `quiet_us`. Logs that have taken out lives merge by key: no key's
 *  events may be in two of them.
 *
 *  State    24 bytes an event, in arrays that double, and some 100 bytes a ticket; at most max_bytes, half of it for the
 *           moment in which the table is made anew.
 *  Threads  One writer a log, then merge.   */
#ifndef CXM_TICKET_LOG_H
#define CXM_TICKET_LOG_H
#include <cxm/alloc.h>
#include <cxm/status.h>
#include <cxm/ticket.h>
CXM_BEGIN_C

/** The most events that a ticket can be asked to keep, and the longest key. */
#define CXM_TICKET_EVENTS_MAX 65535
#define CXM_TICKET_KEY_MAX 1024

/** How a log is made. 40 bytes; set `size`. max_events and quiet_us must agree before logs merge. */
typedef struct cxm_ticket_log_options {
    uint32_t size;              /**< sizeof(cxm_ticket_log_options) */
    uint32_t max_events;        /**< of a ticket, 1..65535; 0: 1024 */
    int64_t quiet_us;           /**< silence that ends a life for good; 0: 30 days */
    uint64_t max_bytes;         /**< bound of all memory; 0: 512 MiB */
    uint64_t hash_seed;         /**< a number hostile input cannot know; results do not depend on it */
    uint64_t reserved;          /**< zero */
} cxm_ticket_log_options;

/** What is in a log. 64 bytes; set `size`. Versions only append. */
typedef struct cxm_ticket_log_account {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    uint64_t received;          /**< out: events that were added, late and repeated ones too */
    uint64_t late;              /**< out: of these, before the horizon: left out */
    uint64_t held, taken;       /**< out: different events, here and taken out */
    uint64_t surplus;           /**< out: the rest: repeated, or beyond max_events of an overfull ticket */
    uint64_t tickets;           /**< out: keys that are here */
    uint64_t overfull;          /**< out: of these, with more than max_events */
} cxm_ticket_log_account;

/** One life of a ticket, borrowed until the log is next changed or asked. 48 bytes on 64-bit machines; set `size`. */
typedef struct cxm_ticket_log_item {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t overfull;           /**< out: 1: its later events are not here */
    const char *key;            /**< out: of the ticket; no NUL */
    size_t key_len;
    const cxm_ticket_event *events;     /**< out: in order, none twice */
    size_t count;
    uint64_t part;              /**< out: which life of the key, from 0, of those that are here */
} cxm_ticket_log_item;

typedef struct cxm_ticket_log cxm_ticket_log;

/** Make an empty log; `options` and `alloc` may be NULL.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_LIMIT max_bytes is below 128 KiB | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_log_create(const cxm_ticket_log_options *options, const cxm_alloc *alloc, cxm_ticket_log **out);

/** Take back a log; NULL is fine. */
CXM_API void cxm_ticket_log_free(cxm_ticket_log *log);

/** Add an event of the ticket `key`, any bytes.
 *  @return CXM_OK also for one that is there already | CXM_E_DOMAIN late: counted, left out | CXM_E_LIMIT no room for it, or
 *          a key longer than CXM_TICKET_KEY_MAX | CXM_E_MEMORY | CXM_E_ARG also for an event that cxm_ticket_event_check
 *          refuses; unchanged on the last three */
CXM_API cxm_status cxm_ticket_log_add(cxm_ticket_log *log, const char *key, size_t len, const cxm_ticket_event *event);

/** Add all that `from` holds to `into`; they may be the same object. The later horizon holds from then on.
 *  @return CXM_OK | CXM_E_MISMATCH other max_events or quiet_us | CXM_E_OVERFLOW | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_ARG;
 *          what `into` says is unchanged on each */
CXM_API cxm_status cxm_ticket_log_merge(cxm_ticket_log *into, const cxm_ticket_log *from);

/** What came and what is here.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_log_account_of(const cxm_ticket_log *log, cxm_ticket_log_account *out);

/** The next life, by key and time; begin with `*cursor` 0. Nothing may be added in between.
 *  @return CXM_OK | CXM_END | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_log_next(cxm_ticket_log *log, uint64_t *cursor, cxm_ticket_log_item *out);

/** Tell that no event before `horizon_us` is to come; an earlier horizon changes nothing.
 *  @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_log_advance(cxm_ticket_log *log, int64_t horizon_us);

/** Take out one life that is over and was quiet for quiet_us before the horizon. An overfull ticket is taken out once its last
 *  event here is so old.
 *  @return CXM_OK | CXM_END no further one | CXM_E_MEMORY the table could not be made smaller, nothing is lost: ask again or
 *          go on | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_log_take(cxm_ticket_log *log, cxm_ticket_log_item *out);

/** Write the log as bytes that any build on any machine decodes to the same log; equal logs give equal bytes. `*len` is the length
 *  needed, also when CXM_E_LIMIT says that `cap` is smaller. The layout stands in src/stream/ticket_log_codec.c.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_ticket_log_encode(cxm_ticket_log *log, void *out, size_t cap, size_t *len);

/** Make a log from its bytes; they are not trusted. max_bytes and hash_seed as in the options.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a log | CXM_E_VERSION | CXM_E_LIMIT past max_bytes | CXM_E_MEMORY |
 *          CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_ticket_log_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed,
                                         const cxm_alloc *alloc, cxm_ticket_log **out);

CXM_END_C
#endif
