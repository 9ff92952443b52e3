/* SPDX-License-Identifier: MIT */
/* customers_event.c - one event: its ranges, its words, and the order that shows which renewals say nothing new.
 *
 * What tells an amount of a subscription stands together by amount, the earliest first, so a renewal is kept only as the first
 * of its amount. That is a function of the set of events: what is dropped is dropped by an event that stays, or by one that
 * an earlier of the same amount replaces.                                              */
#include "base/port.h"
#include "base/civil.h"
#include "base/hash.h"
#include "base/sort.h"
#include "base/words.h"
#include "retention/customers_parts.h"
#include <string.h>

static const word kinds[] = {
    {"signup", CXM_CUSTOMER_SIGNUP, 0}, {"sign_up", CXM_CUSTOMER_SIGNUP, 0}, {"subscribe", CXM_CUSTOMER_SIGNUP, 0},
    {"subscribed", CXM_CUSTOMER_SIGNUP, 0}, {"signed_up", CXM_CUSTOMER_SIGNUP, 0}, {"start", CXM_CUSTOMER_SIGNUP, 0}, {"started", CXM_CUSTOMER_SIGNUP, 0},
    {"created", CXM_CUSTOMER_SIGNUP, 0}, {"new", CXM_CUSTOMER_SIGNUP, 0}, {"trial", CXM_CUSTOMER_SIGNUP, 0},
    {"renewal", CXM_CUSTOMER_RENEWAL, 0}, {"renew", CXM_CUSTOMER_RENEWAL, 0}, {"renewed", CXM_CUSTOMER_RENEWAL, 0},
    {"payment", CXM_CUSTOMER_RENEWAL, 0}, {"paid", CXM_CUSTOMER_RENEWAL, 0}, {"invoice", CXM_CUSTOMER_RENEWAL, 0},
    {"change", CXM_CUSTOMER_CHANGE, 0}, {"changed", CXM_CUSTOMER_CHANGE, 0}, {"upgrade", CXM_CUSTOMER_CHANGE, 0},
    {"upgraded", CXM_CUSTOMER_CHANGE, 0}, {"downgrade", CXM_CUSTOMER_CHANGE, 0}, {"downgraded", CXM_CUSTOMER_CHANGE, 0},
    {"expansion", CXM_CUSTOMER_CHANGE, 0}, {"contraction", CXM_CUSTOMER_CHANGE, 0},
    {"cancel", CXM_CUSTOMER_CANCEL, 0}, {"cancelled", CXM_CUSTOMER_CANCEL, 0}, {"canceled", CXM_CUSTOMER_CANCEL, 0},
    {"cancellation", CXM_CUSTOMER_CANCEL, 0}, {"churn", CXM_CUSTOMER_CANCEL, 0}, {"churned", CXM_CUSTOMER_CANCEL, 0},
    {"end", CXM_CUSTOMER_CANCEL, 0}, {"ended", CXM_CUSTOMER_CANCEL, 0}, {"expired", CXM_CUSTOMER_CANCEL, 0},
    {"unsubscribe", CXM_CUSTOMER_CANCEL, 0}, {"unsubscribed", CXM_CUSTOMER_CANCEL, 0},
    {"reactivate", CXM_CUSTOMER_REACTIVATE, 0}, {"reactivated", CXM_CUSTOMER_REACTIVATE, 0}, {"reactivation", CXM_CUSTOMER_REACTIVATE, 0},
    {"resume", CXM_CUSTOMER_REACTIVATE, 0}, {"resumed", CXM_CUSTOMER_REACTIVATE, 0},
    {"period", CXM_CUSTOMER_PERIOD, 0},
    {"purchase", CXM_CUSTOMER_PURCHASE, 0}, {"purchased", CXM_CUSTOMER_PURCHASE, 0}, {"order", CXM_CUSTOMER_PURCHASE, 0},
    {"transaction", CXM_CUSTOMER_PURCHASE, 0}, {NULL, 0, 0}};

uint64_t cxm_customer_code(const char *name, size_t len)
{
    uint64_t code = hash_bytes(0, name, name ? len : 0);
    return code ? code : 1;
}

uint32_t cxm_customer_part(const char *name, size_t len)
{
    uint32_t part = name && len ? (uint32_t)cxm_customer_code(name, len) : 0;
    return part || !name || !len ? part : 1;
}

cxm_status cxm_customer_kind_of(const char *text, size_t len, int32_t *kind)
{
    if ((!text && len) || !kind) return CXM_E_ARG;
    const word *found = words_find(kinds, text, len);
    if (!found) return CXM_E_FORMAT;
    *kind = found->code;
    return CXM_OK;
}

static bool is_instant(int64_t at_us)
{
    return at_us >= CIVIL_US_MIN && at_us <= CIVIL_US_MAX;
}

static bool end_fits(const cxm_customer_event *e)
{
    if (e->kind == CXM_CUSTOMER_PERIOD && e->end_us == CXM_CUSTOMERS_NEVER) return true;
    if (e->kind == CXM_CUSTOMER_PERIOD || e->kind == CXM_CUSTOMER_CANCEL) return is_instant(e->end_us) && e->end_us >= e->at_us;
    return e->end_us == 0;
}

cxm_status cxm_customer_event_check(const cxm_customer_event *e)
{
    if (!e || e->kind < CXM_CUSTOMER_SIGNUP || e->kind > CXM_CUSTOMER_PURCHASE || e->reserved) return CXM_E_ARG;
    int64_t most = e->kind == CXM_CUSTOMER_CANCEL ? 0 : CXM_CUSTOMERS_AMOUNT_MAX;
    return is_instant(e->at_us) && end_fits(e) && e->amount >= 0 && e->amount <= most ? CXM_OK : CXM_E_ARG;
}

/* --- order --- */

static bool tells_amount(const cxm_customer_event *e)
{
    return e->kind <= CXM_CUSTOMER_RENEWAL;
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_purchases(const cxm_customer_event *x, const cxm_customer_event *y)
{
    int order = compare_numbers(x->at_us, y->at_us);
    if (order == 0) order = compare_numbers(x->part, y->part);
    return order ? order : compare_numbers(x->amount, y->amount);
}

static int compare_told(const cxm_customer_event *x, const cxm_customer_event *y)
{
    int order = compare_numbers(x->amount, y->amount);
    if (order == 0) order = compare_numbers(x->at_us, y->at_us);
    return order ? order : compare_numbers(x->kind, y->kind);
}

static int compare_rest(const cxm_customer_event *x, const cxm_customer_event *y)
{
    int order = compare_numbers(x->at_us, y->at_us);
    if (order == 0) order = compare_numbers(x->kind, y->kind);
    if (order == 0) order = compare_numbers(x->end_us, y->end_us);
    return order ? order : compare_numbers(x->amount, y->amount);
}

int customers_compare(const void *a, const void *b, const void *ctx)
{
    const cxm_customer_event *x = a, *y = b;
    (void)ctx;
    bool x_bought = x->kind == CXM_CUSTOMER_PURCHASE, y_bought = y->kind == CXM_CUSTOMER_PURCHASE;
    if (x_bought || y_bought) return x_bought && y_bought ? compare_purchases(x, y) : x_bought - y_bought;
    if (x->part != y->part) return compare_numbers(x->part, y->part);
    if (tells_amount(x) != tells_amount(y)) return tells_amount(x) ? -1 : 1;
    return tells_amount(x) ? compare_told(x, y) : compare_rest(x, y);
}

bool customers_repeats(const cxm_customer_event *before, const cxm_customer_event *event)
{
    return event->kind == CXM_CUSTOMER_RENEWAL && tells_amount(before) && before->part == event->part && before->amount == event->amount;
}

uint32_t customers_settle(cxm_customer_event *events, uint32_t count)
{
    uint32_t kept = 0;
    sort_items(events, count, sizeof *events, customers_compare, NULL);
    for (uint32_t i = 0; i < count; ++i) {
        const cxm_customer_event *last = kept ? &events[kept - 1] : NULL;
        if (last && (customers_compare(last, &events[i], NULL) == 0 || customers_repeats(last, &events[i]))) continue;
        events[kept++] = events[i];
    }
    return kept;
}

/* --- one or two events in one place --- */

uint32_t customers_unpack(const customer *who, cxm_customer_event out[2])
{
    const cxm_customer_event *one = &who->at.one;
    if (one->kind == NOBODY) return 0;
    out[0] = *one;
    if (!(one->reserved & WITH_CANCEL)) return 1;
    uint64_t bits = (uint64_t)one->amount;
    int64_t delay = (int64_t)(bits >> AMOUNT_BITS | (uint64_t)one->currency << 24 | (uint64_t)(one->reserved >> 1) << 40);
    out[0].amount = (int64_t)(bits & ((UINT64_C(1) << AMOUNT_BITS) - 1));
    out[0].end_us = 0;
    out[0].reserved = 0;
    out[0].currency = 0;
    out[1] = (cxm_customer_event){one->end_us, one->end_us + delay, 0, one->part, CXM_CUSTOMER_CANCEL, 0, 0};
    return 2;
}

static cxm_customer_event with_cancel(const cxm_customer_event *e, const cxm_customer_event *cancel)
{
    uint64_t delay = (uint64_t)(cancel->end_us - cancel->at_us), bits = (uint64_t)e->amount | (delay & 0xFFFFFF) << AMOUNT_BITS;
    cxm_customer_event one = *e;
    one.end_us = cancel->at_us;
    memcpy(&one.amount, &bits, sizeof one.amount);      /* past INT64_MAX, too, on any compiler */
    one.currency = (uint16_t)(delay >> 24 & 0xFFFF);
    one.reserved = (uint8_t)(WITH_CANCEL | delay >> 40 << 1);
    return one;
}

bool customers_pack(const cxm_customer_event *events, uint32_t count, cxm_customer_event *out)
{
    bool pair = count == 2 && tells_amount(&events[0]) && events[1].kind == CXM_CUSTOMER_CANCEL && events[0].part == events[1].part &&
                events[1].end_us - events[1].at_us < INT64_C(1) << DELAY_BITS;
    if (count > 1 && !pair) return false;
    if (pair) *out = with_cancel(&events[0], &events[1]);
    else if (count) *out = events[0];
    else *out = (cxm_customer_event){.kind = NOBODY};
    return true;
}
