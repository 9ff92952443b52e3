/* SPDX-License-Identifier: MIT */
/* customers_replay.c - from the events of a customer to what it pays a month from when on.
 *
 * Each subscription is walked by itself, instant by instant, and tells by how much the customer's amount changes; periods tell
 * their two ends. Those changes are sorted by time and added up. Most customers have one event, or one and its end, and need
 * neither.                                                                                         */
#include "base/port.h"
#include "base/sort.h"
#include "retention/customers_parts.h"
#include <string.h>

_Static_assert(sizeof(cxm_customer_step) == 16, "a step grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_customer_item) == 56, "cxm_customer_item grew");

/* A subscription on its way. */
typedef struct running {
    bool runs, told;
    int64_t amount, end_us;         /* a month; when a cancellation takes effect, NEVER without one */
} running;

/* Changes of the customer's amount, in the room for its steps. */
typedef struct changes { cxm_customer_step *at; size_t count; } changes;

/* --- order --- */

static int compare_times(const void *a, const void *b, const void *ctx)
{
    const cxm_customer_event *x = a, *y = b;
    (void)ctx;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

static int compare_changes(const void *a, const void *b, const void *ctx)
{
    const cxm_customer_step *x = a, *y = b;
    (void)ctx;
    return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

/* --- one subscription --- */

static int64_t paid(const running *r)
{
    return r->runs ? r->amount : 0;
}

static void tell(changes *to, int64_t at_us, int64_t by)
{
    if (by) to->at[to->count++] = (cxm_customer_step){at_us, by};
}

static void stop(running *r)
{
    r->runs = false;
    r->end_us = CXM_CUSTOMERS_NEVER;
}

static void start(running *r, int64_t amount)
{
    *r = (running){true, true, amount, CXM_CUSTOMERS_NEVER};
}

/* The largest amount that a kind tells at one instant; false when there is none of the kind. */
static bool largest(const cxm_customer_event *events, size_t n, int32_t kind, int64_t *amount)
{
    bool any = false;
    for (size_t i = 0; i < n; ++i)
        if (events[i].kind == kind && (!any || events[i].amount > *amount)) {
            *amount = events[i].amount;
            any = true;
        }
    return any;
}

/* Cancellations of one instant: the latest end that any of them tells. */
static void cancel(running *r, const cxm_customer_event *events, size_t n, int32_t reading)
{
    bool any = false;
    int64_t end_us = 0;
    for (size_t i = 0; i < n; ++i)
        if (events[i].kind == CXM_CUSTOMER_CANCEL) {
            if (!any || events[i].end_us > end_us) end_us = events[i].end_us;
            any = true;
        }
    if (any && r->runs) r->end_us = reading == CXM_CUSTOMERS_REQUESTED ? events[0].at_us : end_us;
    r->told = r->told || any;
    if (r->end_us <= events[0].at_us) stop(r);
}

/* What happens at one instant, in the order that customers.h states. */
static void at_instant(running *r, const cxm_customer_event *events, size_t n, int32_t reading)
{
    bool ran = r->runs;
    int64_t amount = 0;
    if (!ran && largest(events, n, CXM_CUSTOMER_SIGNUP, &amount)) start(r, amount);
    if (largest(events, n, CXM_CUSTOMER_CHANGE, &amount)) {
        if (r->runs) r->amount = amount;
        else start(r, amount);
    }
    if (largest(events, n, CXM_CUSTOMER_RENEWAL, &amount)) {
        if (r->runs) r->amount = amount;
        else if (!r->told) start(r, amount);
    }
    cancel(r, events, n, reading);
    if (ran && largest(events, n, CXM_CUSTOMER_SIGNUP, &amount)) start(r, amount);
    if (largest(events, n, CXM_CUSTOMER_REACTIVATE, &amount)) start(r, amount);
}

/* Events of one subscription, by time. */
static void walk(const cxm_customer_event *events, size_t n, int32_t reading, changes *to)
{
    running r = {false, false, 0, CXM_CUSTOMERS_NEVER};
    for (size_t i = 0, next; i < n; i = next) {
        int64_t at_us = events[i].at_us;
        for (next = i + 1; next < n && events[next].at_us == at_us; ++next) {}
        if (r.end_us <= at_us) {                        /* half-open: at its end it does not run */
            tell(to, r.end_us, -paid(&r));
            stop(&r);
        }
        int64_t before = paid(&r);
        at_instant(&r, events + i, next - i, reading);
        tell(to, at_us, paid(&r) - before);
    }
    if (r.end_us != CXM_CUSTOMERS_NEVER) tell(to, r.end_us, -paid(&r));
}

/* --- all of them --- */

static void tell_period(changes *to, const cxm_customer_event *e)
{
    if (e->end_us == e->at_us) return;
    tell(to, e->at_us, e->amount);
    if (e->end_us != CXM_CUSTOMERS_NEVER) tell(to, e->end_us, -e->amount);
}

/* Changes, in any order, to steps in the same place; how many. */
static size_t add_up(cxm_customer_step *all, size_t n)
{
    int64_t amount = 0, last = 0;
    size_t kept = 0;
    sort_items(all, n, sizeof *all, compare_changes, NULL);
    for (size_t i = 0; i < n;) {
        int64_t at_us = all[i].at_us;
        for (; i < n && all[i].at_us == at_us; ++i) amount += all[i].amount;
        if (amount != last) all[kept++] = (cxm_customer_step){at_us, amount};
        last = amount;
    }
    return kept;
}

/* Events of subscriptions alone, `n` of them, to steps; there is room, which customers_reserve has made. */
static size_t replay(cxm_customers *c, const cxm_customer_event *events, size_t n, int32_t reading)
{
    changes to = {c->steps, 0};
    size_t left = 0;
    for (size_t i = 0; i < n; ++i) {
        if (events[i].kind == CXM_CUSTOMER_PERIOD) tell_period(&to, &events[i]);
        else c->work[left++] = events[i];
    }
    sort_items(c->work, left, sizeof *c->work, compare_times, NULL);
    for (size_t i = 0, next; i < left; i = next) {
        for (next = i + 1; next < left && c->work[next].part == c->work[i].part; ++next) {}
        walk(c->work + i, next - i, reading, &to);
    }
    return add_up(c->steps, to.count);
}

/* A single event, or one with a later end, needs no replay: most customers. False where it does. */
static bool plain_steps(const cxm_customer_event *events, size_t n, int32_t reading, cxm_customer_step *steps, size_t *count)
{
    const cxm_customer_event *one = events, *cancel = n == 2 ? &events[1] : NULL;
    bool period = one->kind == CXM_CUSTOMER_PERIOD, ends = cancel || (period && one->end_us != CXM_CUSTOMERS_NEVER);
    int64_t end_us = !cancel ? one->end_us : reading == CXM_CUSTOMERS_REQUESTED ? cancel->at_us : cancel->end_us;
    if (one->kind == CXM_CUSTOMER_CANCEL || (ends && end_us <= one->at_us) || (cancel && cancel->at_us <= one->at_us)) return false;
    *count = one->amount == 0 ? 0 : ends ? 2 : 1;
    steps[0] = (cxm_customer_step){one->at_us, one->amount};
    steps[1] = (cxm_customer_step){end_us, 0};
    return true;
}

static void fill(cxm_customers *c, customer *who, int32_t reading, cxm_customer_item *out)
{
    cxm_customer_event few[2];
    customers_tidy(c, who);
    bool listed = is_listed(who);
    const cxm_customer_event *events = listed ? who->at.list.at.events : few;
    size_t all = listed ? who->at.list.count : customers_unpack(who, few), n = all, count = 0;
    while (n && events[n - 1].kind == CXM_CUSTOMER_PURCHASE) --n;
    bool plain = n && !listed && plain_steps(events, n, reading, c->steps, &count);
    if (n && !plain) count = replay(c, events, n, reading);
    const cxm_customer_event *purchases = listed ? events + n : &who->at.one;
    *out = (cxm_customer_item){.size = out->size, .code = who->code, .steps = count ? c->steps : NULL, .step_count = count,
                               .purchases = all > n ? purchases : NULL, .purchase_count = all - n, .held = all};
}

static bool is_reading(int32_t reading)
{
    return reading == CXM_CUSTOMERS_ENDED || reading == CXM_CUSTOMERS_REQUESTED;
}

cxm_status cxm_customers_next(cxm_customers *c, uint64_t *cursor, int32_t reading, cxm_customer_item *out)
{
    if (!c || !cursor || !out || !is_reading(reading)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    while (*cursor < c->count && !is_there(customers_at(c, (uint32_t)*cursor))) ++*cursor;
    if (*cursor >= c->count) return CXM_END;
    fill(c, customers_at(c, (uint32_t)(*cursor)++), reading, out);
    return CXM_OK;
}

cxm_status cxm_customers_find(cxm_customers *c, uint64_t code, int32_t reading, cxm_customer_item *out)
{
    if (!c || !out || !is_reading(reading)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    customer *who = customers_look(c, code);
    if (!who || !is_there(who)) return CXM_E_EMPTY;
    fill(c, who, reading, out);
    return CXM_OK;
}

int64_t cxm_customer_amount_at(const cxm_customer_item *item, int64_t at_us)
{
    size_t low = 0, high = item ? item->step_count : 0;
    while (low < high) {                        /* steps before `low` have begun */
        size_t middle = low + (high - low) / 2;
        if (item->steps[middle].at_us <= at_us) low = middle + 1;
        else high = middle;
    }
    return low ? item->steps[low - 1].amount : 0;
}
