/* SPDX-License-Identifier: MIT */
/* customers_span.c - from when to when the events that are kept tell, and of what. */
#include "base/port.h"
#include "retention/customers_parts.h"

_Static_assert(sizeof(cxm_customers_span) == 48, "cxm_customers_span grew");

static void see(cxm_customers_span *span, const cxm_customer_event *e)
{
    bool ends = e->kind == CXM_CUSTOMER_PERIOD && e->end_us != CXM_CUSTOMERS_NEVER;
    int64_t last = ends ? e->end_us : e->at_us;
    bool first = span->subscriptions + span->purchases == 0;
    if (first || e->at_us < span->first_us) span->first_us = e->at_us;
    if (first || last > span->latest_us) span->latest_us = last;
    if (e->kind == CXM_CUSTOMER_PURCHASE) ++span->purchases;
    else ++span->subscriptions;
}

cxm_status cxm_customers_span_of(cxm_customers *c, cxm_customers_span *out)
{
    if (!c || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    customers_tidy_all(c);
    if (c->held == 0) return CXM_E_EMPTY;
    cxm_customers_span span = {.size = out->size};
    for (uint32_t i = 0; i < c->count; ++i) {
        const customer *who = customers_at(c, i);
        cxm_customer_event few[2];
        uint32_t count = is_listed(who) ? who->at.list.count : customers_unpack(who, few);
        const cxm_customer_event *events = is_listed(who) ? who->at.list.at.events : few;
        for (uint32_t j = 0; j < count; ++j) see(&span, &events[j]);
    }
    *out = span;
    return CXM_OK;
}
