/* SPDX-License-Identifier: MIT */
/* customers_parts.h - the table behind cxm_customers, for its files alone. */
#ifndef CXM_RETENTION_CUSTOMERS_PARTS_H
#define CXM_RETENTION_CUSTOMERS_PARTS_H
#include <cxm/customers.h>
#include <stdbool.h>

/* Events of a customer in an array: in customers_compare's order if `sorted`. Its kind lies where that of an event does. */
typedef struct customer_list {
    union { cxm_customer_event *events; uint64_t room; } at;
    uint32_t count, capacity;
    uint64_t unused;
    uint32_t sorted;
    uint8_t kind;               /* LISTED */
    uint8_t reserved[3];
} customer_list;

/* Kinds of a place beside CXM_CUSTOMER_*; and what `reserved` says of an event with the cancellation of its part. Its end_us is
 * then when that was requested, and how long after it took effect lies where such an event has nothing: 24 bits above its amount,
 * 16 in `currency`, and 7 in `reserved` above the flag. */
enum { NOBODY = 0, LISTED = 255, WITH_CANCEL = 1, DELAY_BITS = 47, AMOUNT_BITS = 40 };
_Static_assert(CXM_CUSTOMERS_AMOUNT_MAX < INT64_C(1) << AMOUNT_BITS, "an amount needs more bits");

typedef struct customer {
    uint64_t code;
    union { cxm_customer_event one; customer_list list; } at;
} customer;

_Static_assert(sizeof(cxm_customer_event) == 32 && sizeof(customer_list) == 32 && sizeof(customer) == 40, "a customer grew");
_Static_assert(offsetof(customer_list, kind) == offsetof(cxm_customer_event, kind), "a list's kind moved");

/* Customers of a block, as a power of two; the first block doubles up to it. */
enum { BLOCK_BITS = 12, BLOCK = 1 << BLOCK_BITS, FIRST_BLOCK = 16 };

struct cxm_customers {
    cxm_alloc hook;
    uint64_t max_bytes, hash_seed, bytes;
    uint16_t currency, digits;
    customer **blocks;
    uint32_t block_room, first_room;    /* places for blocks; for customers in the first of them */
    uint32_t count;             /* customers in blocks; some of them may have no event */
    uint8_t *tags;              /* of slots: 0 empty, else a part of the code's hash that is not 0 */
    uint32_t *slots;            /* numbers of customers */
    uint32_t slot_count;
    uint64_t received, foreign, held, customers, listed, unsorted;
    cxm_customer_event *work;   /* room to replay one customer */
    cxm_customer_step *steps;
    size_t work_room, step_room;
};

static inline customer *customers_at(const cxm_customers *c, uint32_t i)
{
    return &c->blocks[i >> BLOCK_BITS][i & (BLOCK - 1)];
}

static inline bool is_listed(const customer *who) { return who->at.one.kind == LISTED; }
static inline bool is_there(const customer *who) { return is_listed(who) ? who->at.list.count > 0 : who->at.one.kind != NOBODY; }

/* --- customers_event.c --- */

/* The one order of a customer's events: subscriptions first, by part; in each what tells an amount, by amount, time and kind, then
 * the rest by time; purchases last, by time. */
int customers_compare(const void *a, const void *b, const void *ctx);

/* Whether `event` is a renewal of what `before`, which comes before it in that order, has told. */
bool customers_repeats(const cxm_customer_event *before, const cxm_customer_event *event);

/* Sorts events and drops what says nothing new; how many are left. */
uint32_t customers_settle(cxm_customer_event *events, uint32_t count);

/* Events of a place that is no list, 0 to 2 of them. */
uint32_t customers_unpack(const customer *who, cxm_customer_event out[2]);

/* Whether settled events fit into a place, which then is `*out`. */
bool customers_pack(const cxm_customer_event *events, uint32_t count, cxm_customer_event *out);

/* --- customers_codec.c --- */

/* Currency and digits of a spec as it stands in the bytes. */
bool customers_spec_read(const char *text, size_t len, cxm_customers_options *out);

/* --- customers.c --- */

/* The customer of a code, made without events if it was not there; CXM_E_LIMIT or CXM_E_MEMORY. */
cxm_status customers_place(cxm_customers *c, uint64_t code, customer **out);
customer *customers_look(const cxm_customers *c, uint64_t code);

/* Fills the index anew, of what is in its memory nothing is kept. */
void customers_index_again(cxm_customers *c);

/* `count` items of `size` bytes at `*at`, of which there were `*room`, at least doubled; CXM_E_LIMIT or CXM_E_MEMORY. */
cxm_status customers_grow(cxm_customers *c, void **at, size_t *room, size_t count, size_t size);

/* Room to lay out a customer of so many events, so that reading needs no memory; CXM_E_LIMIT or CXM_E_MEMORY. */
cxm_status customers_make_room(cxm_customers *c, uint64_t events);

/* Makes the array of a place hold `count` events; a place that was no list becomes one. CXM_E_LIMIT or CXM_E_MEMORY. */
cxm_status customers_reserve(cxm_customers *c, customer *who, uint64_t count);

/* Sorts what is a list, and packs it where it fits. */
void customers_tidy(cxm_customers *c, customer *who);
void customers_tidy_all(cxm_customers *c);

#endif
