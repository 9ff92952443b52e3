/* SPDX-License-Identifier: MIT */
/* group.h - a bounded table from (segment values, window start) to a fixed-size slot of the caller's.
 *
 * Slots never move and stay until the table is freed. */
#ifndef CXM_STREAM_GROUP_H
#define CXM_STREAM_GROUP_H
#include <cxm/alloc.h>
#include <cxm/record.h>
#include <stdbool.h>

/* A slot's key; the views point into the table's own memory. */
typedef struct group_key {
    const cxm_view *segments;
    uint32_t segment_count;
    bool is_other;          /* the one that takes what does not fit; sorts behind every segment */
    int64_t window;
} group_key;

typedef struct group_slot {
    group_key key;
    uint64_t hash;
    /* the caller's bytes follow */
} group_slot;

typedef struct group group;

/* `slot_bytes` are the caller's in each slot; `max_bytes` bounds everything the table allocates. One
 * eighth of it, and of the index, is kept back for keys with is_other, so that they still fit when
 * nothing else does. */
cxm_status group_create(const cxm_alloc *hook, size_t slot_bytes, uint64_t max_bytes, uint64_t seed,
                        group **out);
void group_free(group *table);

/* Bytes a table takes at the most with this many slots, whose keys hold `views` views and `key_bytes` in all. */
uint64_t group_bytes(size_t slot_bytes, uint64_t slots, uint64_t views, uint64_t key_bytes);

/* Counts bytes that a slot's owner takes elsewhere against the bound, up to its last byte; false when they do not
 * fit, nothing is counted then. Giving back what was taken is always fine. */
bool group_charge(group *table, size_t bytes);
void group_discharge(group *table, size_t bytes);

/* Finds the slot of `key`, or makes it with the caller's bytes zero and sets `*is_new`.
 * CXM_E_LIMIT when it does not fit the bound, CXM_E_MEMORY from the allocator; nothing is changed then. */
cxm_status group_slot_of(group *table, const group_key *key, group_slot **out, bool *is_new);

/* The caller's bytes of a slot. */
static inline void *group_data(group_slot *slot)
{
    return slot + 1;
}

size_t group_count(const group *table);

/* Slot i of 0..group_count - 1: in the order they were made, or as sorted last. */
group_slot *group_at(const group *table, size_t i);

/* Orders of slots: by segment bytes then window, or by window then segment bytes. */
int group_compare_segments(const group_slot *a, const group_slot *b);
int group_compare_windows(const group_slot *a, const group_slot *b);

/* Sorts in place, without memory, in n log n steps at the most; slots are found and made as before. */
void group_sort(group *table, int (*compare)(const group_slot *, const group_slot *));

#endif
