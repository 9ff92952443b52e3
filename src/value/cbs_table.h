/* SPDX-License-Identifier: MIT */
/* cbs_table.h - rows of two words and a count, found by a hash: what the tables of cxm/cbs.h are made of. */
#ifndef CXM_VALUE_CBS_TABLE_H
#define CXM_VALUE_CBS_TABLE_H
#include <cxm/cbs.h>
#include <stdbool.h>
#include "base/sort.h"

/* A row, as either table has it and as the hash sees it. */
typedef union cbs_entry {
    struct { uint64_t a, b, count; } plain;
    cxm_cbs_row cbs;
    cxm_spend_row spend;
} cbs_entry;

typedef struct cbs_table {
    cxm_alloc hook;
    double per_unit;
    uint64_t max_bytes, hash_seed;
    uint64_t customers, refused;    /* no count of a row is above customers, so it fits when that does */
    cbs_entry *rows;                /* one block: three rows for four slots, and behind them the index */
    uint32_t *index;                /* 1 + number of a row, or 0; linear probing */
    uint32_t slots, count;          /* a power of two; rows in use, none of them of nobody */
    bool sorted;
} cbs_table;

struct cxm_cbs { cbs_table table; };
struct cxm_spend { cbs_table table; };

/* Empty, with room for so many rows: all memory is judged before any is asked for. */
cxm_status cbs_table_create(const cxm_cbs_options *options, const cxm_alloc *alloc, uint64_t rows, cbs_table **out);
void cbs_table_free(cbs_table *t);

/* As many customers as the entry counts, into its row or out of it. */
cxm_status cbs_table_add(cbs_table *t, const cbs_entry *e);
cxm_status cbs_table_remove(cbs_table *t, const cbs_entry *e);

/* So many that no row can be of; CXM_E_DOMAIN says that they are counted, or were. */
cxm_status cbs_table_refuse(cbs_table *t, uint64_t count);
cxm_status cbs_table_forgive(cbs_table *t, uint64_t count);

cxm_status cbs_table_merge(cbs_table *into, const cbs_table *from);
void cbs_table_sort(cbs_table *t, sort_compare *compare);

/* All but what x tells; `size` stays the caller's. */
void cbs_table_account(const cbs_table *t, cxm_cbs_account *out);

/* Whether so many ticks, or minor units, can make one unit. */
bool cbs_is_unit(double per_unit);

/* Whether a customer can have these, and the order of rows. */
bool cbs_is_row(const cxm_cbs_row *row);
bool cbs_is_spend(const cxm_spend_row *row);
int cbs_compare_rows(const void *a, const void *b, const void *ctx);
int cbs_compare_spend(const void *a, const void *b, const void *ctx);

#endif
