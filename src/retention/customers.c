/* SPDX-License-Identifier: MIT */
/* customers.c - a table from codes to the events of each customer; see customers.h for why nothing depends on their order.
 *
 * Customers lie in blocks, in the order in which they came, 40 bytes each. An index of slots, 5 bytes each and at most 8 in 9 of
 * them used, finds them: a number and 8 bits of the hash, so that hardly ever a wrong one is looked at. Slots are in the order
 * of the hash's upper half and need no power of two, so the index grows by two fifths and not by double.
 * One event, or one with the cancellation that ends it, lies in the customer itself; more go to an array, which takes events as
 * they come and sorts them when it is full or asked. What laying out the largest customer needs is kept beside, so that a
 * state which was filled to its bound can be read.                                              */
#include "base/port.h"
#include "retention/customers_parts.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/hash.h"
#include "base/sized.h"
#include <string.h>

_Static_assert(sizeof(cxm_customers_options) == 40 && sizeof(cxm_customers_account) == 72, "a struct of customers grew");

enum { LEAST_BYTES = 16 * 1024, FIRST_SLOTS = 32, LEAST_EVENTS = 2, FIRST_EVENTS = 4, CURRENCY_MOST = 17576, DIGITS_MOST = 4, DIGITS_UNLESS_TOLD = 2 };
static const uint64_t DEFAULT_BYTES = UINT64_C(1) << 30;

/* --- memory --- */

static bool charge(cxm_customers *c, uint64_t bytes)
{
    if (bytes > c->max_bytes - c->bytes) return false;
    c->bytes += bytes;
    return true;
}

/* `*at` of `old` bytes made `bytes` long, charged. */
static cxm_status resize(cxm_customers *c, void **at, size_t old, size_t bytes)
{
    if (!charge(c, bytes - old)) return CXM_E_LIMIT;
    void *larger = *at ? c->hook.resize(c->hook.ctx, *at, old, bytes) : c->hook.alloc(c->hook.ctx, bytes);
    if (!larger) {
        c->bytes -= bytes - old;
        return CXM_E_MEMORY;
    }
    *at = larger;
    return CXM_OK;
}

cxm_status customers_grow(cxm_customers *c, void **at, size_t *room, size_t count, size_t size)
{
    size_t more = *room ? *room : FIRST_EVENTS;
    while (more < count) more *= 2;
    if (more == *room) return CXM_OK;
    cxm_status status = resize(c, at, *room * size, more * size);
    if (status == CXM_OK) *room = more;
    return status;
}

/* --- life --- */

cxm_status customers_make_room(cxm_customers *c, uint64_t events)
{
    void *work = c->work, *steps = c->steps;
    cxm_status status = customers_grow(c, &work, &c->work_room, (size_t)events, sizeof *c->work);
    c->work = work;
    if (status == CXM_OK) status = customers_grow(c, &steps, &c->step_room, 2 * (size_t)events, sizeof *c->steps);
    c->steps = steps;
    return status;
}

cxm_status cxm_customers_create(const cxm_customers_options *options, const cxm_alloc *alloc, cxm_customers **out)
{
    cxm_customers_options full = {.size = sizeof full, .digits = DIGITS_UNLESS_TOLD};
    cxm_alloc hook;
    if (!out) return CXM_E_ARG;
    if (options && !sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    if (options) full = *options;
    if (full.digits > DIGITS_MOST || full.currency > CURRENCY_MOST || full.reserved[0] || full.reserved[1]) return CXM_E_ARG;
    cxm_status status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    if (full.max_bytes == 0) full.max_bytes = DEFAULT_BYTES;
    if (full.max_bytes < LEAST_BYTES) return CXM_E_LIMIT;
    cxm_customers *c = alloc_zeroed(&hook, 1, sizeof *c);
    if (!c) return CXM_E_MEMORY;
    c->hook = hook;
    c->max_bytes = full.max_bytes;
    c->hash_seed = full.hash_seed;
    c->bytes = sizeof *c;
    c->currency = full.currency;
    c->digits = full.digits;
    status = customers_make_room(c, FIRST_EVENTS);
    if (status != CXM_OK) cxm_customers_free(c);
    else *out = c;
    return status;
}

static uint32_t block_count(const cxm_customers *c)
{
    return c->blocks ? (c->count + BLOCK - 1) >> BLOCK_BITS : 0;
}

static void free_lists(const cxm_customers *c)
{
    for (uint32_t i = 0; i < c->count; ++i) {
        customer *who = customers_at(c, i);
        if (is_listed(who)) alloc_free(&c->hook, who->at.list.at.events, who->at.list.capacity * sizeof(cxm_customer_event));
    }
}

void cxm_customers_free(cxm_customers *c)
{
    if (!c) return;
    cxm_alloc hook = c->hook;
    free_lists(c);
    for (uint32_t i = 0; i < block_count(c); ++i)
        alloc_free(&hook, c->blocks[i], (i ? BLOCK : c->first_room) * sizeof(customer));
    alloc_free(&hook, c->blocks, c->block_room * sizeof *c->blocks);
    alloc_free(&hook, c->tags, c->slot_count);
    alloc_free(&hook, c->slots, c->slot_count * sizeof *c->slots);
    alloc_free(&hook, c->work, c->work_room * sizeof *c->work);
    alloc_free(&hook, c->steps, c->step_room * sizeof *c->steps);
    alloc_free(&hook, c, sizeof *c);
}

/* --- the index --- */

static uint8_t tag_of(uint64_t hash)
{
    uint8_t tag = (uint8_t)hash;
    return tag ? tag : 1;
}

/* The slot of a code, or the empty one where it belongs. */
static uint32_t slot_of(const cxm_customers *c, uint64_t code, uint64_t hash)
{
    uint32_t at = (uint32_t)((hash >> 32) * c->slot_count >> 32);
    for (uint8_t tag = tag_of(hash); c->tags[at]; at = at + 1 == c->slot_count ? 0 : at + 1)
        if (c->tags[at] == tag && customers_at(c, c->slots[at])->code == code) return at;
    return at;
}

static void put_slot(cxm_customers *c, uint32_t number)
{
    uint64_t code = customers_at(c, number)->code, hash = hash_u64(c->hash_seed, code);
    uint32_t at = slot_of(c, code, hash);
    c->tags[at] = tag_of(hash);
    c->slots[at] = number;
}

void customers_index_again(cxm_customers *c)
{
    if (c->slot_count) memset(c->tags, 0, c->slot_count);
    for (uint32_t i = 0; i < c->count; ++i) put_slot(c, i);
}

static bool index_full(const cxm_customers *c)
{
    return (uint64_t)c->count * 9 >= (uint64_t)c->slot_count * 8;
}

/* A larger index, empty at first. */
static cxm_status grow_index(cxm_customers *c)
{
    uint64_t slots = c->slot_count ? c->slot_count + c->slot_count / 5 * 2 : FIRST_SLOTS;
    void *tags = NULL, *numbers = NULL;
    if (slots > UINT32_MAX || slots > SIZE_MAX / sizeof(uint32_t)) return CXM_E_LIMIT;
    cxm_status status = resize(c, &tags, 0, (size_t)slots);
    if (status == CXM_OK) status = resize(c, &numbers, 0, (size_t)slots * sizeof(uint32_t));
    if (status != CXM_OK) {
        if (tags) c->bytes -= slots;
        alloc_free(&c->hook, tags, (size_t)slots);
        return status;
    }
    alloc_free(&c->hook, c->tags, c->slot_count);
    alloc_free(&c->hook, c->slots, c->slot_count * sizeof *c->slots);
    c->bytes -= c->slot_count * (1 + sizeof *c->slots);
    c->tags = tags;
    c->slots = numbers;
    c->slot_count = (uint32_t)slots;
    customers_index_again(c);
    return CXM_OK;
}

/* --- customers --- */

/* Room for one more in the blocks. */
static cxm_status grow_blocks(cxm_customers *c)
{
    uint32_t number = c->count >> BLOCK_BITS;
    size_t room = c->block_room;
    void *at = c->blocks;
    if (number < 1 && c->first_room > c->count) return CXM_OK;
    if (number > 0 && c->count & (BLOCK - 1)) return CXM_OK;
    if (c->count > UINT32_MAX - BLOCK) return CXM_E_LIMIT;
    cxm_status status = customers_grow(c, &at, &room, number + 1, sizeof *c->blocks);
    c->blocks = at;
    c->block_room = (uint32_t)room;
    if (status != CXM_OK) return status;
    uint32_t first = c->first_room ? 2 * c->first_room : FIRST_BLOCK;
    at = number || !c->first_room ? NULL : c->blocks[0];
    status = resize(c, &at, number ? 0 : c->first_room * sizeof(customer), (number ? BLOCK : first) * sizeof(customer));
    if (status != CXM_OK) return status;
    c->blocks[number] = at;
    if (number == 0) c->first_room = first;
    return CXM_OK;
}

customer *customers_look(const cxm_customers *c, uint64_t code)
{
    if (c->slot_count == 0) return NULL;
    uint32_t at = slot_of(c, code, hash_u64(c->hash_seed, code));
    return c->tags[at] ? customers_at(c, c->slots[at]) : NULL;
}

cxm_status customers_place(cxm_customers *c, uint64_t code, customer **out)
{
    *out = customers_look(c, code);
    if (*out) return CXM_OK;
    cxm_status status = index_full(c) ? grow_index(c) : CXM_OK;
    if (status == CXM_OK) status = grow_blocks(c);
    if (status != CXM_OK) return status;
    *out = customers_at(c, c->count);
    **out = (customer){.code = code, .at = {.one = {.kind = NOBODY}}};
    put_slot(c, c->count++);
    return CXM_OK;
}

/* --- events of one of them --- */

/* A place that is no list becomes an empty or short one, with an array of `capacity`. */
static cxm_status make_list(cxm_customers *c, customer *who, uint32_t capacity)
{
    cxm_customer_event few[2];
    void *at = NULL;
    uint32_t count = customers_unpack(who, few);
    cxm_status status = resize(c, &at, 0, capacity * sizeof *few);
    if (status != CXM_OK) return status;
    if (count) memcpy(at, few, count * sizeof *few);
    who->at.list = (customer_list){.at = {.events = at}, .count = count, .capacity = capacity, .sorted = 1, .kind = LISTED};
    ++c->listed;
    return CXM_OK;
}

cxm_status customers_reserve(cxm_customers *c, customer *who, uint64_t count)
{
    uint64_t capacity = is_listed(who) ? who->at.list.capacity : LEAST_EVENTS;
    while (capacity < count) capacity *= 2;
    cxm_status room = customers_make_room(c, capacity);
    if (room != CXM_OK) return room;
    if (!is_listed(who)) return make_list(c, who, (uint32_t)capacity);
    customer_list *list = &who->at.list;
    if (capacity == list->capacity) return CXM_OK;
    void *at = list->at.events;
    cxm_status status = resize(c, &at, list->capacity * sizeof(cxm_customer_event), (size_t)capacity * sizeof(cxm_customer_event));
    if (status != CXM_OK) return status;
    list->at.events = at;
    list->capacity = (uint32_t)capacity;
    return CXM_OK;
}

static void settle_list(cxm_customers *c, customer_list *list)
{
    if (list->sorted) return;
    uint32_t before = list->count;
    list->count = customers_settle(list->at.events, before);
    list->sorted = 1;
    c->held -= before - list->count;
    --c->unsorted;
}

void customers_tidy(cxm_customers *c, customer *who)
{
    cxm_customer_event one;
    if (!is_listed(who)) return;
    settle_list(c, &who->at.list);
    customer_list list = who->at.list;
    if (!customers_pack(list.at.events, list.count, &one)) return;
    alloc_free(&c->hook, list.at.events, list.capacity * sizeof one);
    c->bytes -= list.capacity * sizeof one;
    who->at.one = one;
    --c->listed;
}

void customers_tidy_all(cxm_customers *c)
{
    for (uint32_t i = 0; i < c->count && c->unsorted; ++i) customers_tidy(c, customers_at(c, i));
}

/* Whether a sorted list has an event, or one that says the same. */
static bool is_known(const customer_list *list, const cxm_customer_event *e)
{
    uint32_t low = 0, high = list->count;
    while (list->sorted && low < high) {                /* events before `low` come before it, or are it */
        uint32_t middle = low + (high - low) / 2;
        if (customers_compare(&list->at.events[middle], e, NULL) <= 0) low = middle + 1;
        else high = middle;
    }
    const cxm_customer_event *before = low ? &list->at.events[low - 1] : NULL;
    return before && (customers_compare(before, e, NULL) == 0 || customers_repeats(before, e));
}

/* Behind the others; there is room. */
static void append(cxm_customers *c, customer_list *list, const cxm_customer_event *e)
{
    const cxm_customer_event *last = list->count ? &list->at.events[list->count - 1] : NULL;
    bool rises = !last || (customers_compare(last, e, NULL) < 0 && !customers_repeats(last, e));
    c->unsorted += list->sorted && !rises;
    list->sorted = list->sorted && rises;
    list->at.events[list->count++] = *e;
    ++c->held;
}

/* An array that is full is sorted first, and grows when that did not empty a quarter of it. */
static cxm_status add_listed(cxm_customers *c, customer *who, const cxm_customer_event *e)
{
    customer_list *list = &who->at.list;
    cxm_status status = CXM_OK;
    if (is_known(list, e)) return CXM_OK;
    if (list->count == list->capacity || list->count >= CXM_CUSTOMERS_EVENTS_MAX) {
        settle_list(c, list);
        if (is_known(list, e)) return CXM_OK;
        if (list->count >= CXM_CUSTOMERS_EVENTS_MAX) return CXM_E_LIMIT;
        if (list->count > list->capacity / 4 * 3) status = customers_reserve(c, who, (uint64_t)list->capacity + 1);
    }
    if (status == CXM_OK) append(c, list, e);
    return status;
}

/* To a place that is no list; one it becomes where three events say something, or two that are no pair. */
static cxm_status add_placed(cxm_customers *c, customer *who, const cxm_customer_event *e)
{
    cxm_customer_event few[3];
    uint32_t before = customers_unpack(who, few), count;
    few[before] = *e;
    count = customers_settle(few, before + 1);
    if (!customers_pack(few, count, &who->at.one)) {
        cxm_status status = customers_reserve(c, who, count);
        if (status != CXM_OK) return status;
        memcpy(who->at.list.at.events, few, count * sizeof *few);
        who->at.list.count = count;
    }
    c->customers += before == 0;
    c->held += count - before;
    return CXM_OK;
}

cxm_status cxm_customers_add(cxm_customers *c, uint64_t code, const cxm_customer_event *event)
{
    customer *who;
    if (!c || cxm_customer_event_check(event) != CXM_OK) return CXM_E_ARG;
    if (event->currency && event->currency != c->currency) {
        ++c->received;
        ++c->foreign;
        return CXM_E_MISMATCH;
    }
    cxm_customer_event plain = *event;
    plain.currency = 0;
    cxm_status status = customers_place(c, code, &who);
    if (status == CXM_OK) status = is_listed(who) ? add_listed(c, who, &plain) : add_placed(c, who, &plain);
    if (status != CXM_OK) return status;
    ++c->received;
    return CXM_OK;
}

/* --- merging --- */

/* The events of a place, which is tidy. */
static const cxm_customer_event *events_of(const customer *who, cxm_customer_event few[2], uint32_t *count)
{
    *count = is_listed(who) ? who->at.list.count : customers_unpack(who, few);
    return is_listed(who) ? who->at.list.at.events : few;
}

/* How many events two sorted arrays hold together that say something. */
static uint64_t count_union(const cxm_customer_event *a, uint32_t m, const cxm_customer_event *b, uint32_t n)
{
    const cxm_customer_event *last = NULL;
    uint64_t count = 0;
    for (uint32_t i = 0, j = 0; i < m || j < n;) {
        int order = i == m ? 1 : j == n ? -1 : customers_compare(&a[i], &b[j], NULL);
        const cxm_customer_event *next = order <= 0 ? &a[i] : &b[j];
        i += order <= 0;
        j += order >= 0;
        if (last && customers_repeats(last, next)) continue;
        last = next;
        ++count;
    }
    return count;
}

/* Whether the second array says nothing that the first does not. */
static bool says_nothing_new(const cxm_customer_event *a, uint32_t m, const cxm_customer_event *b, uint32_t n)
{
    for (uint32_t i = 0, j = 0; j < n; ++j) {
        while (i < m && customers_compare(&a[i], &b[j], NULL) <= 0) ++i;
        bool known = i && (customers_compare(&a[i - 1], &b[j], NULL) == 0 || customers_repeats(&a[i - 1], &b[j]));
        if (!known) return false;
    }
    return true;
}

/* The union of two short ones, settled, when it fits into a place. */
static bool pack_union(const cxm_customer_event *a, uint32_t m, const cxm_customer_event *b, uint32_t n, cxm_customer_event *one, uint32_t *count)
{
    cxm_customer_event few[4];
    if (m > 2 || n > 2) return false;
    if (m) memcpy(few, a, m * sizeof *few);
    if (n) memcpy(few + m, b, n * sizeof *few);
    *count = customers_settle(few, m + n);
    return customers_pack(few, *count, one);
}

/* All memory that one customer's union needs. */
static cxm_status reserve_union(cxm_customers *into, const customer *theirs)
{
    cxm_customer_event few[2], fewer[2], one;
    customer *mine;
    uint32_t m, n, count;
    if (!is_there(theirs)) return CXM_OK;
    cxm_status status = customers_place(into, theirs->code, &mine);
    if (status != CXM_OK) return status;
    customers_tidy(into, mine);
    const cxm_customer_event *b = events_of(theirs, few, &n), *a = events_of(mine, fewer, &m);
    if (says_nothing_new(a, m, b, n) || (!is_listed(mine) && pack_union(a, m, b, n, &one, &count))) return CXM_OK;
    if (count_union(a, m, b, n) > CXM_CUSTOMERS_EVENTS_MAX) return CXM_E_LIMIT;
    return customers_reserve(into, mine, (uint64_t)m + n);
}

static void unite(cxm_customers *into, const customer *theirs)
{
    cxm_customer_event few[2], fewer[2], one;
    uint32_t m, n, count;
    customer *mine = customers_look(into, theirs->code);
    if (!mine || !is_there(theirs)) return;
    const cxm_customer_event *b = events_of(theirs, few, &n), *a = events_of(mine, fewer, &m);
    into->customers += m == 0;
    if (says_nothing_new(a, m, b, n)) return;
    if (!is_listed(mine) && pack_union(a, m, b, n, &one, &count)) {
        into->held += count;
        into->held -= m;
        mine->at.one = one;
        return;
    }
    for (uint32_t i = 0; i < n; ++i) append(into, &mine->at.list, &b[i]);
    customers_tidy(into, mine);
}

/* An array no larger than its events need; where there is no memory for a smaller one it stays. */
static void shrink_list(cxm_customers *c, customer *who)
{
    customer_list *list = &who->at.list;
    uint32_t capacity = LEAST_EVENTS;
    while (is_listed(who) && capacity < list->count) capacity *= 2;
    if (!is_listed(who) || capacity >= list->capacity) return;
    void *at = c->hook.resize(c->hook.ctx, list->at.events, list->capacity * sizeof(cxm_customer_event), capacity * sizeof(cxm_customer_event));
    if (!at) return;
    c->bytes -= (list->capacity - capacity) * sizeof(cxm_customer_event);
    list->at.events = at;
    list->capacity = capacity;
}

/* Customers from number `count` on were made in vain; their blocks go, and the index forgets them. */
static void drop_places(cxm_customers *c, uint32_t count)
{
    uint32_t blocks = block_count(c), kept = (count + BLOCK - 1) >> BLOCK_BITS;
    for (uint32_t i = count; i < c->count; ++i) {
        customer *who = customers_at(c, i);
        if (!is_listed(who)) continue;
        alloc_free(&c->hook, who->at.list.at.events, who->at.list.capacity * sizeof(cxm_customer_event));
        c->bytes -= who->at.list.capacity * sizeof(cxm_customer_event);
        --c->listed;
    }
    for (uint32_t i = kept > 1 ? kept : 1; i < blocks; ++i) {
        alloc_free(&c->hook, c->blocks[i], BLOCK * sizeof(customer));
        c->bytes -= BLOCK * sizeof(customer);
    }
    c->count = count;
    customers_index_again(c);
}

/* After a merge that failed: what was reserved goes, but for the room of the index. */
static void give_back(cxm_customers *into, const cxm_customers *from, uint32_t count)
{
    drop_places(into, count);
    for (uint32_t i = 0; i < from->count; ++i) {
        customer *mine = customers_look(into, customers_at(from, i)->code);
        if (!mine) continue;
        customers_tidy(into, mine);
        shrink_list(into, mine);
    }
}

cxm_status cxm_customers_merge(cxm_customers *into, cxm_customers *from)
{
    uint64_t received, foreign;
    cxm_status status = CXM_OK;
    if (!into || !from) return CXM_E_ARG;
    if (into->currency != from->currency || into->digits != from->digits) return CXM_E_MISMATCH;
    if (!checked_add_u64(into->received, from->received, &received) || !checked_add_u64(into->foreign, from->foreign, &foreign))
        return CXM_E_OVERFLOW;
    customers_tidy_all(from);
    uint32_t count = into->count;
    for (uint32_t i = 0; i < from->count && into != from && status == CXM_OK; ++i) status = reserve_union(into, customers_at(from, i));
    if (status != CXM_OK) {
        give_back(into, from, count);
        return status;
    }
    for (uint32_t i = 0; i < from->count && into != from; ++i) unite(into, customers_at(from, i));
    into->received = received;
    into->foreign = foreign;
    return CXM_OK;
}

cxm_status cxm_customers_account_of(cxm_customers *c, cxm_customers_account *out)
{
    if (!c || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    customers_tidy_all(c);
    *out = (cxm_customers_account){.size = out->size, .currency = c->currency, .digits = c->digits, .received = c->received,
                                   .foreign = c->foreign, .held = c->held, .surplus = c->received - c->foreign - c->held,
                                   .customers = c->customers, .spilled = c->listed, .bytes = c->bytes};
    return CXM_OK;
}
