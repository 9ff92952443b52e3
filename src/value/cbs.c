/* SPDX-License-Identifier: MIT */
/* cbs.c - customers by recency and frequency: what one of them can have, over the table of cbs_table.c. */
#include "base/port.h"
#include "value/cbs_table.h"
#include "base/wide.h"

static inline bool is_one(uint32_t x, uint32_t t_x, uint32_t T)
{
    return x <= CXM_CBS_X_MAX && (x == 0) == (t_x == 0) && t_x <= T;
}

bool cbs_is_row(const cxm_cbs_row *row)
{
    return is_one(row->x, row->t_x, row->T);
}

int cbs_compare_rows(const void *a, const void *b, const void *ctx)
{
    const cxm_cbs_row *p = a, *q = b;
    uint64_t i = (uint64_t)p->t_x << 32 | p->T, j = (uint64_t)q->t_x << 32 | q->T;
    (void)ctx;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (i > j) - (i < j);
}

/* Two words as one that lies in memory like them. A row is put together so, as reading back in one what was just stored in two has to
 * wait for both; compilers know the answer of the question. */
static inline uint64_t pair(uint32_t first, uint32_t second)
{
    const union { uint32_t half[2]; uint64_t whole; } one = {{1, 0}};
    return one.whole == 1 ? (uint64_t)second << 32 | first : (uint64_t)first << 32 | second;
}

cxm_status cxm_cbs_create(const cxm_cbs_options *options, const cxm_alloc *alloc, cxm_cbs **out)
{
    cbs_table *t;
    if (!out) return CXM_E_ARG;
    cxm_status status = cbs_table_create(options, alloc, 0, &t);
    if (status == CXM_OK) *out = (cxm_cbs *)t;
    return status;
}

void cxm_cbs_free(cxm_cbs *t)
{
    if (t) cbs_table_free(&t->table);
}

cxm_status cxm_cbs_add(cxm_cbs *t, uint32_t x, uint32_t t_x, uint32_t T, uint64_t count)
{
    const cbs_entry e = {.plain = {pair(x, t_x), pair(T, 0), count}};
    if (!t) return CXM_E_ARG;
    return PORT_OFTEN(is_one(x, t_x, T)) ? cbs_table_add(&t->table, &e) : cbs_table_refuse(&t->table, count);
}

cxm_status cxm_cbs_remove(cxm_cbs *t, uint32_t x, uint32_t t_x, uint32_t T, uint64_t count)
{
    const cbs_entry e = {.plain = {pair(x, t_x), pair(T, 0), count}};
    if (!t) return CXM_E_ARG;
    return is_one(x, t_x, T) ? cbs_table_remove(&t->table, &e) : cbs_table_forgive(&t->table, count);
}

cxm_status cxm_cbs_merge(cxm_cbs *into, const cxm_cbs *from)
{
    return into && from ? cbs_table_merge(&into->table, &from->table) : CXM_E_ARG;
}

cxm_status cxm_cbs_account_of(const cxm_cbs *t, cxm_cbs_account *out)
{
    wide purchases = {0, 0};
    if (!t || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cbs_table_account(&t->table, out);
    for (uint32_t i = 0; i < t->table.count; ++i) {
        const cxm_cbs_row *row = &t->table.rows[i].cbs;
        purchases = wide_add_product(purchases, row->count, row->x);
        out->repeaters += row->x ? row->count : 0;
    }
    out->purchases_high = purchases.high;
    out->purchases_low = purchases.low;
    return CXM_OK;
}

cxm_status cxm_cbs_rows(cxm_cbs *t, cxm_cbs_view *out)
{
    if (!t || !out) return CXM_E_ARG;
    cbs_table_sort(&t->table, cbs_compare_rows);
    *out = (cxm_cbs_view){&t->table.rows->cbs, t->table.count, t->table.per_unit};
    return CXM_OK;
}
