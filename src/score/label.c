/* SPDX-License-Identifier: MIT */
/* label.c - the state of labelled answers: the smallest labels by bytes, each with its count, and the rest as one.
 *
 * Why the smallest: see label.h. The table is a sorted array of slots found by bisection; an entry holds
 * count and text, so that moving slots moves 16 bytes each. n is checked first, and as every other sum
 * here is a part of n, none of them can overflow. Each change takes its memory before it touches anything.
 *
 * Merge walks both tables in order up to max_labels distinct labels. What comes out is the first `kept` labels
 * of `into`, the rest of which join the others, and `fresh` ones that only `from` has. Copies of those are made
 * aside with count 0, then merged in from the back; at last every count of `from` goes where its label
 * now stands, and what found no place is other = n - the counts kept.                  */
#include "base/port.h"
#include "score/label_state.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/sized.h"
#include "score/label_codec.h"
#include <string.h>

_Static_assert(sizeof(cxm_label_options) == 16, "cxm_label_options grew");

enum { DEFAULT_LABELS = 64, DEFAULT_TEXT = 256, FIRST_SLOTS = 8 };

cxm_status label_options_complete(const cxm_label_options *options, cxm_label_options *out)
{
    cxm_label_options full = {.size = sizeof full};
    if (options && !sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    if (options) full = *options;
    full.size = sizeof full;
    if (full.max_labels == 0) full.max_labels = DEFAULT_LABELS;
    if (full.max_label_bytes == 0) full.max_label_bytes = DEFAULT_TEXT;
    if (full.max_labels > CXM_LABEL_LABELS_MAX || full.max_label_bytes > CXM_LABEL_TEXT_MAX || full.reserved) return CXM_E_ARG;
    *out = full;
    return CXM_OK;
}

size_t label_entry_bytes(size_t len)
{
    return sizeof(label_entry) + len;
}

size_t label_room(size_t count, size_t max_labels)
{
    size_t room = FIRST_SLOTS;
    while (room < count) room *= 2;
    return room < max_labels ? room : max_labels;
}

/* A merge holds copies of as many entries aside. */
size_t cxm_label_bytes(const cxm_label_options *options)
{
    cxm_label_options full;
    if (label_options_complete(options, &full) != CXM_OK) return 0;
    size_t labels = full.max_labels;
    return sizeof(cxm_label) + 2 * labels * (sizeof(label_slot) + label_entry_bytes(full.max_label_bytes));
}

cxm_status cxm_label_create(const cxm_label_options *options, const cxm_alloc *alloc, cxm_label **out)
{
    cxm_label_options full;
    cxm_alloc hook;
    if (!out) return CXM_E_ARG;
    cxm_status status = label_options_complete(options, &full);
    if (status == CXM_OK) status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    cxm_label *label = alloc_zeroed(&hook, 1, sizeof *label);
    if (!label) return CXM_E_MEMORY;
    label->options = full;
    label->hook = hook;
    *out = label;
    return CXM_OK;
}

static void entry_free(const cxm_alloc *hook, label_entry *entry)
{
    alloc_free(hook, entry, label_entry_bytes(entry->len));
}

void cxm_label_free(cxm_label *label)
{
    if (!label) return;
    cxm_alloc hook = label->hook;
    for (size_t i = 0; i < label->count; ++i) entry_free(&hook, label->slots[i].entry);
    alloc_free(&hook, label->slots, label->capacity * sizeof *label->slots);
    alloc_free(&hook, label, sizeof *label);
}

/* --- the table --- */

static uint64_t prefix_of(const char *text, size_t len)
{
    const unsigned char *at = (const unsigned char *)text;
    uint64_t prefix = 0;
    if (len >= 8)
        return (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 | (uint64_t)at[2] << 40 | (uint64_t)at[3] << 32 |
               (uint64_t)at[4] << 24 | (uint64_t)at[5] << 16 | (uint64_t)at[6] << 8 | (uint64_t)at[7];
    for (size_t i = 0; i < len; ++i) prefix |= (uint64_t)at[i] << (56 - 8 * i);
    return prefix;
}

/* Below, at or above 0 as the label stands before, at or behind the slot. */
static int compare(uint64_t prefix, const char *text, size_t len, const label_slot *slot)
{
    if (prefix != slot->prefix) return prefix < slot->prefix ? -1 : 1;
    size_t theirs = slot->entry->len, common = len < theirs ? len : theirs;
    int order = common > 8 ? memcmp(text + 8, slot->entry->text + 8, common - 8) : 0;
    return order ? order : (len > theirs) - (len < theirs);     /* the same so far: the shorter one stands first */
}

label_place label_find(const cxm_label *label, const char *text, size_t len)
{
    uint64_t prefix = prefix_of(text, len);
    size_t low = 0, high = label->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(prefix, text, len, &label->slots[middle]);
        if (order == 0) return (label_place){middle, true};
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return (label_place){low, false};
}

cxm_status label_reserve(cxm_label *label, size_t count)
{
    if (count <= label->capacity) return CXM_OK;
    size_t room = label_room(count, label->options.max_labels), size = sizeof *label->slots;
    void *slots = label->slots ? label->hook.resize(label->hook.ctx, label->slots, label->capacity * size, room * size)
                               : label->hook.alloc(label->hook.ctx, room * size);
    if (!slots) return CXM_E_MEMORY;
    label->slots = slots;
    label->capacity = room;
    return CXM_OK;
}

label_entry *label_entry_make(const cxm_alloc *hook, const char *text, size_t len, uint64_t count)
{
    label_entry *entry = hook->alloc(hook->ctx, label_entry_bytes(len));
    if (!entry) return NULL;
    entry->count = count;
    entry->len = (uint32_t)len;
    if (len) memcpy(entry->text, text, len);
    return entry;
}

void label_insert(cxm_label *label, size_t at, label_entry *entry)
{
    label_slot *slot = label->slots + at;
    memmove(slot + 1, slot, (label->count - at) * sizeof *slot);
    *slot = (label_slot){prefix_of(entry->text, entry->len), entry};
    ++label->count;
}

/* --- counting --- */

static bool too_long(const cxm_label *label, size_t len)
{
    return len > label->options.max_label_bytes;
}

static bool full(const cxm_label *label)
{
    return label->count == label->options.max_labels;
}

/* The largest label's answers join the others. */
static void evict_last(cxm_label *label)
{
    label_entry *last = label->slots[--label->count].entry;
    label->other += last->count;
    entry_free(&label->hook, last);
}

static cxm_status add_new(cxm_label *label, size_t at, const char *text, size_t len, uint64_t times)
{
    if (full(label) && at == label->count) {
        label->other += times;
        return CXM_OK;
    }
    label_entry *entry = label_entry_make(&label->hook, text, len, times);
    if (!entry) return CXM_E_MEMORY;
    if (!full(label) && label_reserve(label, label->count + 1) != CXM_OK) {
        entry_free(&label->hook, entry);
        return CXM_E_MEMORY;
    }
    if (full(label)) evict_last(label);
    label_insert(label, at, entry);
    return CXM_OK;
}

cxm_status cxm_label_add_n(cxm_label *label, const char *text, size_t len, uint64_t times)
{
    uint64_t n;
    if (!label || (!text && len)) return CXM_E_ARG;
    if (too_long(label, len))
        return checked_add_u64(label->out_of_range, times, &label->out_of_range) ? CXM_E_DOMAIN : CXM_E_OVERFLOW;
    if (!checked_add_u64(label->n, times, &n)) return CXM_E_OVERFLOW;
    if (times == 0) return CXM_OK;
    label_place place = label_find(label, text, len);
    if (place.found) {
        label->slots[place.at].entry->count += times;
    } else {
        cxm_status status = add_new(label, place.at, text, len, times);
        if (status != CXM_OK) return status;
    }
    label->n = n;
    return CXM_OK;
}

cxm_status cxm_label_add(cxm_label *label, const char *text, size_t len)
{
    return cxm_label_add_n(label, text, len, 1);
}

cxm_status cxm_label_add_missing(cxm_label *label)
{
    if (!label) return CXM_E_ARG;
    return checked_add_u64(label->missing, 1, &label->missing) ? CXM_OK : CXM_E_OVERFLOW;
}

/* One answer less at `at`; the last of a label takes its slot along. */
static cxm_status remove_kept(cxm_label *label, size_t at)
{
    label_slot *slot = label->slots + at;
    if (slot->entry->count == 1) {
        if (label->other) return CXM_E_UNDEFINED;
        entry_free(&label->hook, slot->entry);
        memmove(slot, slot + 1, (label->count - at - 1) * sizeof *slot);
        --label->count;
    } else {
        --slot->entry->count;
    }
    --label->n;
    return CXM_OK;
}

cxm_status cxm_label_remove(cxm_label *label, const char *text, size_t len)
{
    if (!label || (!text && len)) return CXM_E_ARG;
    if (too_long(label, len))
        return checked_sub_u64(label->out_of_range, 1, &label->out_of_range) ? CXM_E_DOMAIN : CXM_E_UNDERFLOW;
    label_place place = label_find(label, text, len);
    if (place.found) return remove_kept(label, place.at);
    if (place.at < label->count || !label->other) return CXM_E_UNDERFLOW;       /* it would have been kept */
    --label->other;
    --label->n;
    return CXM_OK;
}

cxm_status cxm_label_remove_missing(cxm_label *label)
{
    if (!label) return CXM_E_ARG;
    return checked_sub_u64(label->missing, 1, &label->missing) ? CXM_OK : CXM_E_UNDERFLOW;
}

cxm_status cxm_label_n(const cxm_label *label, uint64_t *n)
{
    if (!label || !n) return CXM_E_ARG;
    *n = label->n;
    return CXM_OK;
}

cxm_status cxm_label_count(const cxm_label *label, const char *text, size_t len, uint64_t *count)
{
    if (!label || !count || (!text && len)) return CXM_E_ARG;
    if (too_long(label, len)) return CXM_E_DOMAIN;
    label_place place = label_find(label, text, len);
    if (!place.found && place.at == label->count && label->other) return CXM_E_UNDEFINED;
    *count = place.found ? label->slots[place.at].entry->count : 0;
    return CXM_OK;
}

/* --- merge --- */

static int compare_slots(const label_slot *a, const label_slot *b)
{
    return compare(a->prefix, a->entry->text, a->entry->len, b);
}

/* Labels that the result takes from each side: `kept` of into's, `fresh` that only from has. */
typedef struct merge_plan { size_t kept, fresh; } merge_plan;

static merge_plan plan_merge(const cxm_label *into, const cxm_label *from)
{
    merge_plan plan = {0, 0};
    size_t at = 0;
    while (plan.kept + plan.fresh < into->options.max_labels && (plan.kept < into->count || at < from->count)) {
        int order = plan.kept == into->count ? 1 : at == from->count ? -1
                                             : compare_slots(&into->slots[plan.kept], &from->slots[at]);
        if (order > 0) ++plan.fresh;
        else ++plan.kept;
        at += order >= 0;
    }
    return plan;
}

static void drop_copies(const cxm_alloc *hook, label_slot *copies, size_t made, size_t fresh)
{
    for (size_t i = 0; i < made; ++i) entry_free(hook, copies[i].entry);
    alloc_free(hook, copies, fresh * sizeof *copies);
}

/* The first `fresh` labels of `from` that `into` has not, in order, with no count yet; NULL without memory. */
static label_slot *copy_fresh(const cxm_label *into, const cxm_label *from, size_t fresh)
{
    size_t made = 0;
    label_slot *copies = alloc_zeroed(&into->hook, fresh, sizeof *copies);
    for (size_t at = 0; copies && made < fresh; ++at) {
        const label_slot *slot = from->slots + at;
        if (label_find(into, slot->entry->text, slot->entry->len).found) continue;
        copies[made] = (label_slot){slot->prefix, label_entry_make(&into->hook, slot->entry->text, slot->entry->len, 0)};
        if (copies[made].entry) {
            ++made;
        } else {
            drop_copies(&into->hook, copies, made, fresh);
            copies = NULL;
        }
    }
    return copies;
}

/* From the back, as the places behind `into`'s labels are free. */
static void merge_in(cxm_label *into, const label_slot *copies, size_t fresh)
{
    size_t kept = into->count;
    into->count = kept + fresh;
    while (fresh > 0) {
        bool own = kept > 0 && compare_slots(&into->slots[kept - 1], &copies[fresh - 1]) > 0;
        into->slots[kept + fresh - 1] = own ? into->slots[kept - 1] : copies[fresh - 1];
        kept -= own;
        fresh -= !own;
    }
}

/* Brings the labels of both into one table; all or nothing. */
static cxm_status unite_labels(cxm_label *into, const cxm_label *from)
{
    merge_plan plan = plan_merge(into, from);
    if (plan.fresh == 0) return CXM_OK;
    label_slot *copies = copy_fresh(into, from, plan.fresh);
    if (!copies) return CXM_E_MEMORY;
    if (label_reserve(into, plan.kept + plan.fresh) != CXM_OK) {
        drop_copies(&into->hook, copies, plan.fresh, plan.fresh);
        return CXM_E_MEMORY;
    }
    while (into->count > plan.kept) evict_last(into);
    merge_in(into, copies, plan.fresh);
    drop_copies(&into->hook, copies, 0, plan.fresh);
    return CXM_OK;
}

static void unite_counts(cxm_label *into, const cxm_label *from)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < from->count; ++i) {
        const label_entry *entry = from->slots[i].entry;
        label_place place = label_find(into, entry->text, entry->len);
        if (place.found) into->slots[place.at].entry->count += entry->count;
    }
    for (size_t i = 0; i < into->count; ++i) kept += into->slots[i].entry->count;
    into->other = into->n - kept;
}

cxm_status cxm_label_merge(cxm_label *into, const cxm_label *from)
{
    uint64_t n, missing, out_of_range;
    if (!into || !from) return CXM_E_ARG;
    if (memcmp(&into->options, &from->options, sizeof into->options) != 0) return CXM_E_MISMATCH;
    if (!checked_add_u64(into->n, from->n, &n) || !checked_add_u64(into->missing, from->missing, &missing) ||
        !checked_add_u64(into->out_of_range, from->out_of_range, &out_of_range)) return CXM_E_OVERFLOW;
    cxm_status status = unite_labels(into, from);
    if (status != CXM_OK) return status;
    into->n = n;
    into->missing = missing;
    into->out_of_range = out_of_range;
    unite_counts(into, from);
    return CXM_OK;
}
