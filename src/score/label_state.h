/* SPDX-License-Identifier: MIT */
/* label_state.h - the table behind cxm_label, for the files of the label alone.
 *
 * Invariants: slots ascend by bytes without repeats; every count is > 0; the counts and `other` sum to n; other > 0
 * only with max_labels slots; every label in `other` is larger than the last slot's. */
#ifndef CXM_SCORE_LABEL_STATE_H
#define CXM_SCORE_LABEL_STATE_H
#include <cxm/label.h>
#include <stdbool.h>

typedef struct label_entry {
    uint64_t count;
    uint32_t len;
    char text[];
} label_entry;

/* The first eight bytes stand beside the pointer, so that most comparisons are of two words. */
typedef struct label_slot {
    uint64_t prefix;            /* big endian, padded with zeros */
    label_entry *entry;
} label_slot;

struct cxm_label {
    cxm_label_options options;  /* complete: no zero that means a default */
    cxm_alloc hook;
    uint64_t n, missing, out_of_range, other;
    size_t count, capacity;
    label_slot *slots;          /* [capacity], NULL while there is none */
};

/* Where a label stands, or would. */
typedef struct label_place { size_t at; bool found; } label_place;

label_place label_find(const cxm_label *label, const char *text, size_t len);

/* Room for `count` slots in all, count <= max_labels; CXM_E_MEMORY, unchanged. */
cxm_status label_reserve(cxm_label *label, size_t count);

/* The capacity that label_reserve gives an empty state, and the bytes of an entry. */
size_t label_room(size_t count, size_t max_labels);
size_t label_entry_bytes(size_t len);

/* An entry of its own; NULL when there is no memory. */
label_entry *label_entry_make(const cxm_alloc *hook, const char *text, size_t len, uint64_t count);

/* Puts an entry at `at`; there is room. */
void label_insert(cxm_label *label, size_t at, label_entry *entry);

#endif
