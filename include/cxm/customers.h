/* SPDX-License-Identifier: MIT */
/** @file cxm/customers.h
 *  @brief Customers over time: from events or periods of subscriptions and from purchases, what each of them paid from when on.
 *
 *      cxm_customers_add(c, cxm_customer_code("c-81", 4), &event);                  in any order, as often as they come
 *      while (cxm_customers_next(c, &cursor, CXM_CUSTOMERS_ENDED, &item) == CXM_OK)
 *          cxm_churn_add(churn, &item);                                             item.steps: monthly revenue as a step function
 *
 *  A customer may have several subscriptions, told apart by `part`. Each of them by itself, in the order of time:
 *      SIGNUP, REACTIVATE   runs from at_us on, at `amount` a month; takes back a cancellation whose end has not come
 *      CHANGE               costs `amount` from at_us on; one that does not run, or was never told of, starts
 *      RENEWAL              a payment. Where no event of the subscription told its `amount` by then, it is a change while the
 *                           subscription runs, and a start where nothing was told before. Else it says nothing new and is not kept:
 *                           it never starts what has ended, and a return to an earlier price needs a CHANGE
 *      CANCEL               requested at at_us; what was paid for ends at end_us >= at_us. A later request replaces it,
 *                           read by the request one that is taken back was a churn and a reactivation
 *      PERIOD               `amount` from at_us up to end_us, end not included; beside all others. Touching ones join
 *      PURCHASE             `amount` once; no subscription. `part` tells orders of one instant apart
 *  A trial is a SIGNUP at 0, its conversion a CHANGE. At its end a subscription does not run: what happens at that instant finds
 *  it ended, and a CANCEL of one that does not run is none. At one instant changes come first, then renewals, cancellations,
 *  signups, reactivations; but a signup of what did not run comes first of all, so that what begins and ends at once never was.
 *  Of two events of one kind at once the larger amount, or the later end, counts.
 *  A customer is active while the sum over its subscriptions is above 0: active at t if start <= t < end. It is lost when the last
 *  subscription ends; the end of another is a contraction.
 *
 *  The state is a set of events less what renewals repeat: adding one again changes nothing, and a union is the same in
 *  any order. So states merge exactly, from any machines, also where they overlap; nothing is late. Two equal purchases of one
 *  instant and `part` are one. Amounts are whole minor units of the one declared currency (cents; yen have none: money.h); an
 *  event in another is refused and counted, a state in another does not merge.
 *
 *  State    At most 48 bytes a customer with one subscription, from a million of them on: a start, what renewals say, and the
 *           cancellation that ends it, when it was requested and when it takes effect, up to 4.4 years later. While the index grows
 *           it is 54 for a moment, and of a few thousand customers up to 86. Others have these and an array of 32 bytes an event, doubled
 *           as it grows. Customers are known by 64-bit codes: with ten million the chance that any two share one is 3 in a million.
 *  Threads  One writer per cxm_customers, also for next and find; then merge.   */
#ifndef CXM_CUSTOMERS_H
#define CXM_CUSTOMERS_H
#include <cxm/alloc.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The end of what has none yet; the greatest amount of an event; and the most events of one customer. */
#define CXM_CUSTOMERS_NEVER INT64_MAX
#define CXM_CUSTOMERS_AMOUNT_MAX INT64_C(1000000000000)
#define CXM_CUSTOMERS_EVENTS_MAX 1048576

/** What happened. Never renumbered. */
enum cxm_customer_kind {
    CXM_CUSTOMER_SIGNUP = 1,
    CXM_CUSTOMER_REACTIVATE = 2,
    CXM_CUSTOMER_CHANGE = 3,
    CXM_CUSTOMER_RENEWAL = 4,
    CXM_CUSTOMER_CANCEL = 5,
    CXM_CUSTOMER_PERIOD = 6,
    CXM_CUSTOMER_PURCHASE = 7
};

/** When a cancellation counts. */
enum cxm_customers_reading {
    CXM_CUSTOMERS_ENDED = 0,        /**< when what was paid for has ended */
    CXM_CUSTOMERS_REQUESTED = 1     /**< when it was requested */
};

/** An event. 32 bytes. Instants are UTC microseconds of years 1 to 9999. */
typedef struct cxm_customer_event {
    int64_t at_us;          /**< when */
    int64_t end_us;         /**< of CANCEL and PERIOD: when it ends, or ended; of a PERIOD also NEVER. Else 0 */
    int64_t amount;         /**< minor units, 0..CXM_CUSTOMERS_AMOUNT_MAX: a month, of a purchase at once; of a CANCEL 0 */
    uint32_t part;          /**< which subscription or order of the customer, such as cxm_customer_part; 0: not told */
    uint8_t kind;           /**< CXM_CUSTOMER_* */
    uint8_t reserved;       /**< zero */
    uint16_t currency;      /**< cxm_money_currency; 0: the declared one */
} cxm_customer_event;

/** How a state is made. 40 bytes; set `size`. Currency and digits must agree before states merge. */
typedef struct cxm_customers_options {
    uint32_t size;          /**< sizeof(cxm_customers_options) */
    uint16_t currency;      /**< cxm_money_currency of all amounts, 1..17576; 0: none declared, and every event that tells one is refused */
    uint16_t digits;        /**< decimals of its minor unit, 0..4 */
    uint64_t max_bytes;     /**< bound of all memory; 0: 1 GiB */
    uint64_t hash_seed;     /**< a number hostile input cannot know; results do not depend on it */
    uint64_t reserved[2];   /**< zero */
} cxm_customers_options;

/** What came and what is here. 72 bytes; set `size`. Versions only append. */
typedef struct cxm_customers_account {
    uint32_t size;          /**< in:  bytes the caller has room for */
    uint16_t currency;      /**< out: as declared */
    uint16_t digits;        /**< out: as declared */
    uint64_t received;      /**< out: events that were added, repeated and refused ones too */
    uint64_t foreign;       /**< out: of these, refused for their currency */
    uint64_t held;          /**< out: different events that are kept */
    uint64_t surplus;       /**< out: the rest: repeated, or renewals that say nothing new */
    uint64_t customers;     /**< out: that have an event */
    uint64_t spilled;       /**< out: of these, with an array of their own */
    uint64_t bytes;         /**< out: all memory now */
    uint64_t reserved;      /**< out: zero */
} cxm_customers_account;

/** From when to when the events that are kept tell, and of what. 48 bytes; set `size`. Versions only append. */
typedef struct cxm_customers_span {
    uint32_t size;          /**< in:  bytes the caller has room for */
    uint32_t reserved;      /**< out: zero */
    int64_t first_us;       /**< out: the earliest event */
    int64_t latest_us;      /**< out: the latest event, or end of a period; the end that a cancellation tells of is none */
    uint64_t subscriptions; /**< out: events but purchases */
    uint64_t purchases;     /**< out: the rest */
    uint64_t reserved2;     /**< out: zero */
} cxm_customers_span;

/** From `at_us` on the customer pays `amount` a month, summed over subscriptions; 0: it is none. 16 bytes. */
typedef struct cxm_customer_step {
    int64_t at_us;
    int64_t amount;
} cxm_customer_step;

/** A customer, borrowed until the state is next changed or asked. 56 bytes on 64-bit machines; set `size`. Versions only append. */
typedef struct cxm_customer_item {
    uint32_t size;          /**< in:  bytes the caller has room for */
    uint32_t reserved;      /**< out: zero */
    uint64_t code;          /**< out: which customer */
    const cxm_customer_step *steps;         /**< out: by time; two neighbours differ, and the first is above 0 */
    size_t step_count;
    const cxm_customer_event *purchases;    /**< out: by time */
    size_t purchase_count;
    uint64_t held;          /**< out: its events that are kept */
} cxm_customer_item;

typedef struct cxm_customers cxm_customers;

/** A number of a customer: 1 up, of its name's bytes; that of cxm_ticket_code. */
CXM_API uint64_t cxm_customer_code(const char *name, size_t len);

/** A number of a subscription or order, 1 up; 0 of no name. */
CXM_API uint32_t cxm_customer_part(const char *name, size_t len);

/** The kind that a word tells, in any case, `_`, `-` and blanks alike: signup (sign up, signed up, subscribe, subscribed, start, started,
 *  created, new, trial), renewal (renew, renewed, payment, paid, invoice), change (changed, upgrade, upgraded, downgrade,
 *  downgraded, expansion, contraction), cancel (cancelled, canceled, cancellation, churn, churned, end, ended, expired, unsubscribe,
 *  unsubscribed), reactivate (reactivated, reactivation, resume, resumed), period, purchase (purchased, order, transaction).
 *  @return CXM_OK | CXM_E_FORMAT no such word | CXM_E_ARG */
CXM_API cxm_status cxm_customer_kind_of(const char *word, size_t len, int32_t *kind);

/** Whether an event may be added: its kind, its ranges, its reserved bytes.
 *  @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_customer_event_check(const cxm_customer_event *event);

/** Make an empty state; `options` and `alloc` may be NULL: no currency, 2 digits.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_LIMIT max_bytes is below 16 KiB | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_customers_create(const cxm_customers_options *options, const cxm_alloc *alloc, cxm_customers **out);

/** Take back a state; NULL is fine. */
CXM_API void cxm_customers_free(cxm_customers *c);

/** Add an event of the customer `code`.
 *  @return CXM_OK also for one that is there already | CXM_E_MISMATCH another currency: counted, left out | CXM_E_LIMIT no
 *          room for it | CXM_E_MEMORY | CXM_E_ARG also for an event that cxm_customer_event_check refuses; unchanged on the last
 *          three */
CXM_API cxm_status cxm_customers_add(cxm_customers *c, uint64_t code, const cxm_customer_event *event);

/** Add all that `from` holds to `into`; they may be the same object. `from` says the same before and after.
 *  @return CXM_OK | CXM_E_MISMATCH another currency or other digits | CXM_E_OVERFLOW | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_ARG;
 *          what `into` says is unchanged on each */
CXM_API cxm_status cxm_customers_merge(cxm_customers *into, cxm_customers *from);

/** What came and what is here.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_customers_account_of(cxm_customers *c, cxm_customers_account *out);

/** From when to when its events tell. A renewal that says nothing new is not kept, so the span does not know of it.
 *  @return CXM_OK | CXM_E_EMPTY no event is here, `out` unchanged | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_customers_span_of(cxm_customers *c, cxm_customers_span *out);

/** The next customer, in an order that says nothing; begin with `*cursor` 0. Nothing may be added in between. `reading` is
 *  CXM_CUSTOMERS_ENDED or CXM_CUSTOMERS_REQUESTED.
 *  @return CXM_OK | CXM_END | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_customers_next(cxm_customers *c, uint64_t *cursor, int32_t reading, cxm_customer_item *out);

/** The customer of one code.
 *  @return CXM_OK | CXM_E_EMPTY no event of it is here | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_customers_find(cxm_customers *c, uint64_t code, int32_t reading, cxm_customer_item *out);

/** What a customer pays a month at an instant; 0 before its first step. */
CXM_API int64_t cxm_customer_amount_at(const cxm_customer_item *item, int64_t at_us);

/** Write the state as canonical bytes: kind 8 of src/base/codec.h; src/retention/customers_codec.c has the layout. Equal states give
 *  equal bytes. `*len` is the length needed, also when CXM_E_LIMIT says that `cap` is smaller.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_customers_encode(cxm_customers *c, void *out, size_t cap, size_t *len);

/** Make a state from its bytes; they are not trusted. max_bytes and hash_seed as in the options.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a state | CXM_E_VERSION | CXM_E_LIMIT past max_bytes | CXM_E_MEMORY |
 *          CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_customers_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed,
                                        const cxm_alloc *alloc, cxm_customers **out);

CXM_END_C
#endif
