/* SPDX-License-Identifier: MIT */
/* cbs_table.c - rows close together in the order in which they came, and an index of slots that finds them.
 *
 * Both lie in one block, so that growing is one call that works or changes nothing. Rows close together can be sorted where they lie
 * and lent as they are; the index is then made again, which needs no memory. A row that is emptied is replaced by the last one, and
 * the slots behind its own move up where they may (D. E. Knuth, The Art of Computer Programming 3, 6.4, algorithm R), so that
 * what was removed leaves nothing behind and a table in which rows come and go never fills up. */
#include "base/port.h"
#include "value/cbs_table.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/hash.h"
#include "base/sized.h"
#include <string.h>

_Static_assert(sizeof(cxm_cbs_options) == 32 && sizeof(cxm_cbs_account) == 72, "a struct of cbs grew");
_Static_assert(sizeof(cbs_entry) == 24 && sizeof(cxm_cbs_row) == 24 && sizeof(cxm_spend_row) == 24, "a row is 24 bytes");
_Static_assert(sizeof(cxm_cbs) == sizeof(cbs_table) && sizeof(cxm_spend) == sizeof(cbs_table), "a table is nothing but that");

enum { KEY_BYTES = 16, FIRST_SLOTS = 16, LEAST_BYTES = 512, SLOT_BYTES = 24 / 4 * 3 + sizeof(uint32_t) };
static const uint64_t DEFAULT_BYTES = UINT64_C(1) << 30;
static const uint64_t MOST_BYTES = SIZE_MAX / 2 < UINT64_C(1) << 35 ? SIZE_MAX / 2 : UINT64_C(1) << 35;    /* slots are below 2^31 */
static const double UNIT_LEAST = 1e-9, UNIT_MOST = 1e9;

/* --- memory --- */

static size_t block_bytes(uint64_t slots)
{
    return (size_t)slots * SLOT_BYTES;
}

static uint64_t slots_for(uint64_t slots, uint64_t rows)
{
    while (slots / 4 * 3 < rows) slots *= 2;
    return slots;
}

static bool fits(uint64_t slots, uint64_t max_bytes)
{
    return slots <= (max_bytes - sizeof(cbs_table)) / SLOT_BYTES;
}

static void set_block(cbs_table *t, void *block, uint64_t slots)
{
    t->rows = block;
    t->slots = (uint32_t)slots;
    t->index = (uint32_t *)(void *)(t->rows + slots / 4 * 3);
    memset(t->index, 0, (size_t)slots * sizeof *t->index);
}

bool cbs_is_unit(double per_unit)
{
    return per_unit >= UNIT_LEAST && per_unit <= UNIT_MOST;
}

static cxm_status options_check(const cxm_cbs_options *options, cxm_cbs_options *out)
{
    *out = (cxm_cbs_options){.size = sizeof *out};
    if (options && !sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    if (options) *out = *options;
    if (out->per_unit == 0.0) out->per_unit = 1.0;
    if (out->max_bytes == 0) out->max_bytes = DEFAULT_BYTES;
    if (out->max_bytes > MOST_BYTES) out->max_bytes = MOST_BYTES;
    return out->reserved == 0 && cbs_is_unit(out->per_unit) ? CXM_OK : CXM_E_ARG;
}

cxm_status cbs_table_create(const cxm_cbs_options *options, const cxm_alloc *alloc, uint64_t rows, cbs_table **out)
{
    cxm_cbs_options full;
    cxm_alloc hook;
    cxm_status status = options_check(options, &full);
    if (status == CXM_OK) status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    uint64_t slots = slots_for(FIRST_SLOTS, rows);
    if (full.max_bytes < LEAST_BYTES || !fits(slots, full.max_bytes)) return CXM_E_LIMIT;
    cbs_table *t = alloc_zeroed(&hook, 1, sizeof *t);
    void *block = t ? hook.alloc(hook.ctx, block_bytes(slots)) : NULL;
    if (!block) {
        alloc_free(&hook, t, sizeof *t);
        return CXM_E_MEMORY;
    }
    *t = (cbs_table){.hook = hook, .per_unit = full.per_unit, .max_bytes = full.max_bytes, .hash_seed = full.hash_seed, .sorted = true};
    set_block(t, block, slots);
    *out = t;
    return CXM_OK;
}

void cbs_table_free(cbs_table *t)
{
    cxm_alloc hook = t->hook;
    alloc_free(&hook, t->rows, block_bytes(t->slots));
    alloc_free(&hook, t, sizeof *t);
}

/* --- the index --- */

static uint32_t home_of(const cbs_table *t, const cbs_entry *e)
{
    return (uint32_t)hash_bytes(t->hash_seed, e, KEY_BYTES) & (t->slots - 1);
}

static bool is_same(const cbs_entry *a, const cbs_entry *b)
{
    return a->plain.a == b->plain.a && a->plain.b == b->plain.b;
}

/* The slot of a row, or the empty one where it belongs. */
static uint32_t slot_of(const cbs_table *t, const cbs_entry *e)
{
    uint32_t at = home_of(t, e);
    while (t->index[at] && !is_same(&t->rows[t->index[at] - 1], e)) at = (at + 1) & (t->slots - 1);
    return at;
}

static void put_all_slots(cbs_table *t)
{
    for (uint32_t i = 0; i < t->count; ++i) t->index[slot_of(t, &t->rows[i])] = i + 1;
}

/* Room for so many rows in all. */
static cxm_status reserve(cbs_table *t, uint64_t rows)
{
    uint64_t slots = slots_for(t->slots, rows);
    if (slots == t->slots) return CXM_OK;
    if (!fits(slots, t->max_bytes)) return CXM_E_LIMIT;
    void *block = t->hook.resize(t->hook.ctx, t->rows, block_bytes(t->slots), block_bytes(slots));
    if (!block) return CXM_E_MEMORY;
    set_block(t, block, slots);
    put_all_slots(t);
    return CXM_OK;
}

/* An empty slot at `gap`; those behind it that it kept from their own place move up. */
static void close_gap(cbs_table *t, uint32_t gap)
{
    uint32_t mask = t->slots - 1;
    for (uint32_t at = (gap + 1) & mask; t->index[at]; at = (at + 1) & mask) {
        uint32_t home = home_of(t, &t->rows[t->index[at] - 1]);
        if (((at - home) & mask) < ((at - gap) & mask)) continue;
        t->index[gap] = t->index[at];
        gap = at;
    }
    t->index[gap] = 0;
}

/* The last row takes the place of the one at this slot. */
static void drop_row(cbs_table *t, uint32_t at)
{
    uint32_t number = t->index[at] - 1, last = t->count - 1;
    t->index[slot_of(t, &t->rows[last])] = number + 1;
    t->rows[number] = t->rows[last];
    t->sorted = t->sorted && number == last;
    t->count = last;
    close_gap(t, at);
}

/* --- customers --- */

PORT_COLD static cxm_status append(cbs_table *t, const cbs_entry *e)
{
    cxm_status status = reserve(t, (uint64_t)t->count + 1);
    if (status != CXM_OK) return status;
    t->rows[t->count] = *e;
    t->index[slot_of(t, e)] = t->count + 1;
    t->sorted = t->count == 0;
    t->customers += e->plain.count;
    ++t->count;
    return CXM_OK;
}

cxm_status cbs_table_add(cbs_table *t, const cbs_entry *e)
{
    if (e->plain.count > UINT64_MAX - t->customers) return CXM_E_OVERFLOW;
    uint32_t number = t->index[slot_of(t, e)];
    if (!number) return e->plain.count ? append(t, e) : CXM_OK;
    t->customers += e->plain.count;
    t->rows[number - 1].plain.count += e->plain.count;
    return CXM_OK;
}

cxm_status cbs_table_remove(cbs_table *t, const cbs_entry *e)
{
    uint32_t at = slot_of(t, e), number = t->index[at];
    if (e->plain.count == 0) return CXM_OK;
    if (!number || t->rows[number - 1].plain.count < e->plain.count) return CXM_E_UNDERFLOW;
    t->customers -= e->plain.count;
    t->rows[number - 1].plain.count -= e->plain.count;
    if (t->rows[number - 1].plain.count == 0) drop_row(t, at);
    return CXM_OK;
}

cxm_status cbs_table_refuse(cbs_table *t, uint64_t count)
{
    return checked_add_u64(t->refused, count, &t->refused) ? CXM_E_DOMAIN : CXM_E_OVERFLOW;
}

cxm_status cbs_table_forgive(cbs_table *t, uint64_t count)
{
    return checked_sub_u64(t->refused, count, &t->refused) ? CXM_E_DOMAIN : CXM_E_UNDERFLOW;
}

/* --- all of them --- */

static uint64_t count_new(const cbs_table *into, const cbs_table *from)
{
    uint64_t missing = 0;
    for (uint32_t i = 0; i < from->count; ++i) missing += into->index[slot_of(into, &from->rows[i])] == 0;
    return missing;
}

/* Room for all rows comes first, so that what follows cannot fail. */
cxm_status cbs_table_merge(cbs_table *into, const cbs_table *from)
{
    uint64_t customers, refused;
    if (into->per_unit != from->per_unit) return CXM_E_MISMATCH;
    if (!checked_add_u64(into->customers, from->customers, &customers) || !checked_add_u64(into->refused, from->refused, &refused))
        return CXM_E_OVERFLOW;
    cxm_status status = reserve(into, into->count + count_new(into, from));
    if (status != CXM_OK) return status;
    for (uint32_t i = 0; i < from->count; ++i) (void)cbs_table_add(into, &from->rows[i]);
    into->refused = refused;
    return CXM_OK;
}

void cbs_table_sort(cbs_table *t, sort_compare *compare)
{
    if (t->sorted) return;
    sort_items(t->rows, t->count, sizeof *t->rows, compare, NULL);
    set_block(t, t->rows, t->slots);
    put_all_slots(t);
    t->sorted = true;
}

void cbs_table_account(const cbs_table *t, cxm_cbs_account *out)
{
    *out = (cxm_cbs_account){.size = out->size, .customers = t->customers, .refused = t->refused, .rows = t->count,
                             .per_unit = t->per_unit, .bytes = sizeof *t + block_bytes(t->slots)};
}
