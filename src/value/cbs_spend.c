/* SPDX-License-Identifier: MIT */
/* cbs_spend.c - customers by number and money of their purchases, over the table of cbs_table.c. */
#include "base/port.h"
#include "value/cbs_table.h"
#include "base/wide.h"

bool cbs_is_spend(const cxm_spend_row *row)
{
    return row->x >= 1 && row->x <= CXM_CBS_X_MAX && row->money >= 1 && row->money <= CXM_CBS_MONEY_MAX;
}

int cbs_compare_spend(const void *a, const void *b, const void *ctx)
{
    const cxm_spend_row *p = a, *q = b;
    (void)ctx;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->money > q->money) - (p->money < q->money);
}

cxm_status cxm_spend_create(const cxm_cbs_options *options, const cxm_alloc *alloc, cxm_spend **out)
{
    cbs_table *t;
    if (!out) return CXM_E_ARG;
    cxm_status status = cbs_table_create(options, alloc, 0, &t);
    if (status == CXM_OK) *out = (cxm_spend *)t;
    return status;
}

void cxm_spend_free(cxm_spend *t)
{
    if (t) cbs_table_free(&t->table);
}

cxm_status cxm_spend_add(cxm_spend *t, uint64_t x, int64_t money, uint64_t count)
{
    const cbs_entry e = {.spend = {x, money, count}};
    if (!t) return CXM_E_ARG;
    return PORT_OFTEN(cbs_is_spend(&e.spend)) ? cbs_table_add(&t->table, &e) : cbs_table_refuse(&t->table, count);
}

cxm_status cxm_spend_remove(cxm_spend *t, uint64_t x, int64_t money, uint64_t count)
{
    const cbs_entry e = {.spend = {x, money, count}};
    if (!t) return CXM_E_ARG;
    return cbs_is_spend(&e.spend) ? cbs_table_remove(&t->table, &e) : cbs_table_forgive(&t->table, count);
}

cxm_status cxm_spend_merge(cxm_spend *into, const cxm_spend *from)
{
    return into && from ? cbs_table_merge(&into->table, &from->table) : CXM_E_ARG;
}

cxm_status cxm_spend_account_of(const cxm_spend *t, cxm_cbs_account *out)
{
    wide purchases = {0, 0};
    if (!t || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cbs_table_account(&t->table, out);
    for (uint32_t i = 0; i < t->table.count; ++i)
        purchases = wide_add_product(purchases, t->table.rows[i].spend.count, (uint32_t)t->table.rows[i].spend.x);
    out->repeaters = out->customers;
    out->purchases_high = purchases.high;
    out->purchases_low = purchases.low;
    return CXM_OK;
}

cxm_status cxm_spend_rows(cxm_spend *t, cxm_spend_view *out)
{
    if (!t || !out) return CXM_E_ARG;
    cbs_table_sort(&t->table, cbs_compare_spend);
    *out = (cxm_spend_view){&t->table.rows->spend, t->table.count, t->table.per_unit};
    return CXM_OK;
}
