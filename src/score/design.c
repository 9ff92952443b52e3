/* SPDX-License-Identifier: MIT */
/* design.c - the leaves of a design: taken in as they come, sorted and merged when it is closed.
 *
 * A leaf is one block, with its texts, and a weighted state of its own. What a leaf, a text or a table takes counts
 * against the bound through `bounded`, which the states are made with too. Sorting is heapsort: in place, and
 * n log n whatever the order. */
#include "base/port.h"
#include "score/design_state.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/sized.h"
#include <string.h>

_Static_assert(sizeof(cxm_design_options) == 24, "cxm_design_options grew");

/* So that squares of calibrated weights are doubles. */
static const double LEAST_TOTAL = 1e-100, MOST_TOTAL = 1e100;
static const uint64_t DEFAULT_BYTES = UINT64_C(256) * 1024 * 1024;

/* --- memory within the bound --- */

static bool charge(cxm_design *design, size_t bytes)
{
    design->refused = bytes > design->max_bytes - design->used;
    if (!design->refused) design->used += bytes;
    return !design->refused;
}

static void *bounded_alloc(void *ctx, size_t bytes)
{
    cxm_design *design = ctx;
    if (!charge(design, bytes)) return NULL;
    void *ptr = design->hook.alloc(design->hook.ctx, bytes);
    if (!ptr) design->used -= bytes;
    return ptr;
}

/* Old and new may stand side by side while they move. */
static void *bounded_resize(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    cxm_design *design = ctx;
    if (!charge(design, new_bytes)) return NULL;
    void *moved = design->hook.resize(design->hook.ctx, ptr, old_bytes, new_bytes);
    design->used -= moved ? old_bytes : new_bytes;
    return moved;
}

static void bounded_free(void *ctx, void *ptr, size_t bytes)
{
    cxm_design *design = ctx;
    design->hook.free(design->hook.ctx, ptr, bytes);
    design->used -= bytes;
}

static cxm_status verdict(cxm_design *design, cxm_status status)
{
    bool refused = design->refused;
    design->refused = false;
    return status == CXM_E_MEMORY && refused ? CXM_E_LIMIT : status;
}

/* Room for one more of `bytes` in a table that doubles; the table to use, NULL without memory. */
static void *room_for_one(cxm_design *design, void *table, size_t count, size_t *capacity, size_t bytes)
{
    if (count < *capacity) return table;
    size_t more = *capacity ? 2 * *capacity : 8;
    void *moved = table ? bounded_resize(design, table, *capacity * bytes, more * bytes)
                        : bounded_alloc(design, more * bytes);
    if (moved) *capacity = more;
    return moved;
}

/* --- life --- */

cxm_status cxm_design_create(const cxm_design_options *options, const cxm_scale_spec *scale, const cxm_alloc *alloc,
                             cxm_design **out)
{
    cxm_alloc hook;
    if (!options || !out || !scale_spec_ok(scale)) return CXM_E_ARG;
    if (!sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    bool ok = options->margins <= CXM_DESIGN_MARGINS_MAX && (options->clustered == 0 || options->clustered == 1) &&
              options->reserved == 0;
    if (!ok || alloc_choose(alloc, &hook) != CXM_OK) return CXM_E_ARG;
    cxm_design *design = alloc_zeroed(&hook, 1, sizeof *design);
    if (!design) return CXM_E_MEMORY;
    design->hook = hook;
    design->bounded = (cxm_alloc){design, bounded_alloc, bounded_resize, bounded_free};
    design->max_bytes = options->max_bytes ? options->max_bytes : DEFAULT_BYTES;
    design->spec = *scale;
    design->margins = options->margins;
    design->clustered = options->clustered;
    *out = design;
    return CXM_OK;
}

static void free_leaf(cxm_design *design, design_leaf *leaf)
{
    cxm_weighted_free(leaf->own);
    alloc_free(&design->bounded, leaf, leaf->bytes);
}

static void free_entries(cxm_design *design, design_entries *entries)
{
    for (size_t i = 0; i < entries->count; ++i)
        bounded_free(design, (void *)(uintptr_t)entries->at[i].text.text, entries->at[i].text.len + 1);
    alloc_free(&design->bounded, entries->at, entries->capacity * sizeof *entries->at);
}

void cxm_design_free(cxm_design *design)
{
    if (!design) return;
    cxm_alloc hook = design->hook;
    for (size_t i = 0; i < design->count; ++i) free_leaf(design, design->leaves[i]);
    alloc_free(&design->bounded, design->leaves, design->capacity * sizeof *design->leaves);
    free_entries(design, &design->populations);
    free_entries(design, &design->targets);
    alloc_free(&hook, design, sizeof *design);
}

/* --- leaves --- */

static bool view_ok(cxm_design_text view)
{
    return view.text || view.len == 0;
}

static bool leaf_ok(const cxm_design *design, const cxm_design_leaf *leaf)
{
    bool ok = leaf->state && view_ok(leaf->stratum) && view_ok(leaf->cluster) && (leaf->levels || design->margins == 0);
    for (uint32_t i = 0; ok && i < design->margins; ++i) ok = view_ok(leaf->levels[i]);
    return ok;
}

/* Copies a text to *at, which moves behind it. */
static cxm_design_text keep(char **at, cxm_design_text text)
{
    cxm_design_text kept = {*at, text.len};
    if (text.len) memcpy(*at, text.text, text.len);
    *at += text.len;
    return kept;
}

/* A leaf with its own texts and no state yet; NULL without memory. */
static design_leaf *make_leaf(cxm_design *design, const cxm_design_leaf *from)
{
    size_t texts = from->stratum.len + (design->clustered ? from->cluster.len : 0), margins = design->margins;
    for (size_t i = 0; i < margins; ++i) texts += from->levels[i].len;
    size_t bytes = sizeof(design_leaf) + margins * (sizeof(cxm_design_text) + sizeof(uint32_t)) + texts;
    design_leaf *leaf = alloc_zeroed(&design->bounded, 1, bytes);
    if (!leaf) return NULL;
    leaf->bytes = bytes;
    leaf->domain = from->domain;
    leaf->levels = (cxm_design_text *)(leaf + 1);
    leaf->targets = (uint32_t *)(leaf->levels + margins);
    char *at = (char *)(leaf->targets + margins);
    leaf->stratum = keep(&at, from->stratum);
    if (design->clustered) leaf->cluster = keep(&at, from->cluster);
    for (size_t i = 0; i < margins; ++i) leaf->levels[i] = keep(&at, from->levels[i]);
    return leaf;
}

static cxm_status copy_state(cxm_design *design, const cxm_weighted *from, design_leaf *leaf)
{
    cxm_status status = cxm_weighted_create(&design->spec, &design->bounded, &leaf->own);
    if (status == CXM_OK) status = cxm_weighted_merge(leaf->own, from);
    leaf->state = leaf->own;
    return status;
}

cxm_status cxm_design_add(cxm_design *design, const cxm_design_leaf *leaf)
{
    if (!design || !leaf) return CXM_E_ARG;
    if (!sized_in_ok(leaf, leaf->size, sizeof *leaf, sizeof *leaf)) return CXM_E_ABI;
    if (!leaf_ok(design, leaf)) return CXM_E_ARG;
    if (memcmp(&leaf->state->spec, &design->spec, sizeof design->spec) != 0) return CXM_E_MISMATCH;
    design_leaf **leaves = room_for_one(design, design->leaves, design->count, &design->capacity, sizeof *leaves);
    if (!leaves) return verdict(design, CXM_E_MEMORY);
    design->leaves = leaves;
    design_leaf *fresh = make_leaf(design, leaf);
    if (!fresh) return verdict(design, CXM_E_MEMORY);
    cxm_status status = copy_state(design, leaf->state, fresh);
    if (status != CXM_OK) {
        free_leaf(design, fresh);
        return verdict(design, status);
    }
    leaves[design->count++] = fresh;
    design->closed = design->calibrated = false;
    return CXM_OK;
}

/* --- order --- */

int design_compare_views(cxm_design_text a, cxm_design_text b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.text, b.text, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_leaves(const cxm_design *design, const design_leaf *a, const design_leaf *b)
{
    int order = design_compare_views(a->stratum, b->stratum);
    if (!order) order = design_compare_views(a->cluster, b->cluster);
    for (uint32_t i = 0; !order && i < design->margins; ++i) order = design_compare_views(a->levels[i], b->levels[i]);
    return order ? order : (a->domain > b->domain) - (a->domain < b->domain);
}

/* Lets leaf `at` of a heap of `count` sink to its place. */
static void sink(const cxm_design *design, design_leaf **heap, size_t at, size_t count)
{
    design_leaf *leaf = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && compare_leaves(design, heap[child], heap[child + 1]) < 0;
        if (compare_leaves(design, leaf, heap[child]) >= 0) break;
        heap[at] = heap[child];
    }
    heap[at] = leaf;
}

static bool is_sorted(const cxm_design *design)
{
    size_t i = 1;
    while (i < design->count && compare_leaves(design, design->leaves[i - 1], design->leaves[i]) <= 0) ++i;
    return i >= design->count;
}

static void sort_leaves(cxm_design *design)
{
    design_leaf **heap = design->leaves;
    for (size_t i = design->count / 2; i-- > 0;) sink(design, heap, i, design->count);
    for (size_t left = design->count; left-- > 1;) {
        design_leaf *last = heap[left];
        heap[left] = heap[0];
        heap[0] = last;
        sink(design, heap, 0, left);
    }
}

/* Merges runs of equal leaves from the front; where one cannot be, the rest stays as it is. */
static cxm_status merge_equal(cxm_design *design)
{
    design_leaf **leaves = design->leaves;
    cxm_status status = CXM_OK;
    size_t kept = 0, at = 0;
    for (; status == CXM_OK && at < design->count; ++at) {
        bool again = kept > 0 && compare_leaves(design, leaves[kept - 1], leaves[at]) == 0;
        if (again) status = cxm_weighted_merge(leaves[kept - 1]->own, leaves[at]->own);
        if (status != CXM_OK) break;
        if (again) free_leaf(design, leaves[at]);
        else leaves[kept++] = leaves[at];
    }
    if (at > kept) memmove(leaves + kept, leaves + at, (design->count - at) * sizeof *leaves);
    design->count -= at - kept;
    return status;
}

/* All rows together are one number, so that no sum over leaves can overflow. */
static cxm_status count_rows(const cxm_design *design)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < design->count; ++i)
        if (!checked_add_u64(rows, design->leaves[i]->state->records, &rows)) return CXM_E_OVERFLOW;
    return CXM_OK;
}

cxm_status cxm_design_close(cxm_design *design)
{
    if (!design) return CXM_E_ARG;
    if (!is_sorted(design)) sort_leaves(design);
    cxm_status status = merge_equal(design);
    if (status == CXM_OK) status = count_rows(design);
    design->closed = status == CXM_OK;
    return verdict(design, status);
}

/* --- what is known of strata and levels --- */

static int compare_entry(const design_entry *entry, uint32_t margin, cxm_design_text text)
{
    if (entry->margin != margin) return entry->margin < margin ? -1 : 1;
    return design_compare_views(entry->text, text);
}

/* The first entry that does not stand before this one. */
static size_t lower_bound(const design_entries *entries, uint32_t margin, cxm_design_text text)
{
    size_t low = 0, high = entries->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_entry(&entries->at[middle], margin, text) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

size_t design_find(const design_entries *entries, uint32_t margin, cxm_design_text text)
{
    size_t at = lower_bound(entries, margin, text);
    return at < entries->count && compare_entry(&entries->at[at], margin, text) == 0 ? at : entries->count;
}

/* Puts a new entry where it belongs. A text takes a byte more than its length, so that an empty one is a block too. */
static cxm_status insert_entry(cxm_design *design, design_entries *entries, design_entry entry)
{
    design_entry *table = room_for_one(design, entries->at, entries->count, &entries->capacity, sizeof *table);
    if (!table) return CXM_E_MEMORY;
    entries->at = table;
    char *text = bounded_alloc(design, entry.text.len + 1);
    if (!text) return CXM_E_MEMORY;
    size_t at = lower_bound(entries, entry.margin, entry.text);
    char *end = text;
    entry.text = keep(&end, entry.text);
    memmove(table + at + 1, table + at, (entries->count - at) * sizeof *table);
    table[at] = entry;
    ++entries->count;
    return CXM_OK;
}

static cxm_status set_entry(cxm_design *design, design_entries *entries, design_entry entry)
{
    size_t at = design_find(entries, entry.margin, entry.text);
    if (at == entries->count) return verdict(design, insert_entry(design, entries, entry));
    entries->at[at].kind = entry.kind;
    entries->at[at].size = entry.size;
    return CXM_OK;
}

cxm_status cxm_design_set_population(cxm_design *design, cxm_design_text stratum, int32_t kind, double size)
{
    if (!design || !view_ok(stratum) || kind < CXM_POPULATION_ROWS || kind > CXM_POPULATION_FRACTION) return CXM_E_ARG;
    double most = kind == CXM_POPULATION_FRACTION ? 1.0 : DBL_MAX;
    if (!(size > 0.0 && size <= most)) return CXM_E_ARG;
    return set_entry(design, &design->populations, (design_entry){0, kind, stratum, size, 1.0});
}

cxm_status cxm_design_set_target(cxm_design *design, uint32_t margin, cxm_design_text level, double total)
{
    bool known = total == 0.0 || (total >= LEAST_TOTAL && total <= MOST_TOTAL);
    if (!design || margin >= design->margins || !view_ok(level) || !known) return CXM_E_ARG;
    cxm_status status = set_entry(design, &design->targets, (design_entry){margin, 0, level, total, 1.0});
    if (status == CXM_OK) design->calibrated = false;
    return status;
}
