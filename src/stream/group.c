/* SPDX-License-Identifier: MIT */
/* group.c - open addressing over slots that live in blocks.
 *
 * The index holds slot numbers + 1 and is probed linearly; it doubles when it is 3/4 full. Slots and the
 * bytes of their keys are cut from blocks of BLOCK_BYTES or one key, so that a slot never moves, small
 * tables stay small and the allocator is called rarely. Each byte taken is counted against the bound
 * before it is asked for: index, list and blocks alike.                                */
#include "base/port.h"
#include "stream/group.h"
#include "base/alloc.h"
#include "base/bits.h"
#include "base/checked.h"
#include "base/hash.h"
#include <string.h>

enum { RECENT = 512, FIRST_SLOTS = 16, BLOCK_BYTES = 16 * 1024, OTHER_BLOCK_BYTES = 2 * 1024, ALIGN = 8 };

typedef struct block {
    struct block *next;
    size_t bytes, used;     /* of the whole block, header included */
} block;

struct group {
    cxm_alloc hook;
    size_t slot_bytes;
    uint64_t max_bytes, used_bytes, seed;
    uint32_t *index;        /* [capacity]: slot number + 1, 0 = free */
    group_slot **slots;     /* [capacity * 3 / 4] */
    size_t capacity, count;
    block *blocks;          /* all of them */
    block *open[2];         /* the newest for segments, and for `other`: neither eats what is the other's */
    bool for_other;         /* the key in hand may use what is kept back */
    group_slot *recent[RECENT];     /* found before, pairs by place_of(): spares most keys their hash */
};

static size_t align_up(size_t bytes)
{
    return (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* Bytes that keys of this kind may still take. */
static uint64_t budget_left(const group *table)
{
    uint64_t bound = table->max_bytes - (table->for_other ? 0 : table->max_bytes / 8);
    return table->used_bytes < bound ? bound - table->used_bytes : 0;
}

static size_t room_of(size_t capacity)
{
    return capacity / 4 * 3;
}

/* Slots that keys of this kind may fill. */
static size_t room_for(const group *table)
{
    size_t room = room_of(table->capacity);
    return table->for_other ? room : room - room / 8;
}

static size_t tables_bytes(size_t capacity)
{
    return capacity * sizeof(uint32_t) + room_of(capacity) * sizeof(group_slot *);
}

static void *budget_alloc(group *table, size_t count, size_t size, cxm_status *status)
{
    *status = CXM_E_LIMIT;
    if (count * size > budget_left(table)) return NULL;
    void *ptr = alloc_zeroed(&table->hook, count, size);
    if (ptr) table->used_bytes += count * size;
    *status = ptr ? CXM_OK : CXM_E_MEMORY;
    return ptr;
}

static void budget_free(group *table, void *ptr, size_t bytes)
{
    if (!ptr) return;
    alloc_free(&table->hook, ptr, bytes);
    table->used_bytes -= bytes;
}

static void place(group *table, uint32_t number)
{
    size_t mask = table->capacity - 1, at = (size_t)table->slots[number]->hash & mask;
    while (table->index[at]) at = (at + 1) & mask;
    table->index[at] = number + 1;
}

/* Moves index and list to `capacity`, a power of two. What does not fit is refused before anything is
 * asked for: refusals may come with every record. */
static cxm_status rehash(group *table, size_t capacity)
{
    cxm_status status;
    size_t old = table->capacity;
    if (capacity > UINT32_MAX / 2 || tables_bytes(capacity) > budget_left(table)) return CXM_E_LIMIT;
    uint32_t *index = budget_alloc(table, capacity, sizeof *index, &status);
    if (!index) return status;
    group_slot **slots = budget_alloc(table, room_of(capacity), sizeof *slots, &status);
    if (!slots) {
        budget_free(table, index, capacity * sizeof *index);
        return status;
    }
    if (table->count) memcpy(slots, table->slots, table->count * sizeof *slots);
    budget_free(table, table->index, old * sizeof *index);
    budget_free(table, table->slots, room_of(old) * sizeof *slots);
    table->index = index;
    table->slots = slots;
    table->capacity = capacity;
    for (size_t i = 0; i < table->count; ++i) place(table, (uint32_t)i);
    return CXM_OK;
}

/* Tables while they double: old and new. Blocks: what a block leaves unused at its end is less than the slot
 * that did not fit, so all of them take at most twice what the slots take. An eighth is kept back. */
uint64_t group_bytes(size_t slot_bytes, uint64_t slots, uint64_t views, uint64_t key_bytes)
{
    uint64_t capacity = FIRST_SLOTS;
    uint64_t cells = slots * (sizeof(group_slot) + align_up(slot_bytes) + ALIGN) + views * sizeof(cxm_view) + key_bytes;
    while (capacity / 4 * 3 - capacity / 4 * 3 / 8 < slots) capacity *= 2;
    uint64_t tables = capacity * sizeof(uint32_t) + capacity / 4 * 3 * sizeof(group_slot *);
    uint64_t sum = sizeof(group) + tables + tables / 2 + 2 * cells + 2 * (BLOCK_BYTES + OTHER_BLOCK_BYTES);
    return sum + sum / 7 + 8;
}

cxm_status group_create(const cxm_alloc *hook, size_t slot_bytes, uint64_t max_bytes, uint64_t seed,
                        group **out)
{
    size_t least = sizeof(group) + tables_bytes(FIRST_SLOTS) + BLOCK_BYTES;
    if (max_bytes - max_bytes / 8 < least) return CXM_E_LIMIT;
    group *table = alloc_zeroed(hook, 1, sizeof *table);
    if (!table) return CXM_E_MEMORY;
    table->hook = *hook;
    table->slot_bytes = slot_bytes;
    table->max_bytes = max_bytes;
    table->used_bytes = sizeof *table;
    table->seed = seed;
    cxm_status status = rehash(table, FIRST_SLOTS);
    if (status != CXM_OK) group_free(table);
    else *out = table;
    return status;
}

void group_free(group *table)
{
    if (!table) return;
    cxm_alloc hook = table->hook;
    for (block *b = table->blocks, *next; b; b = next) {
        next = b->next;
        alloc_free(&hook, b, b->bytes);
    }
    alloc_free(&hook, table->index, table->capacity * sizeof *table->index);
    alloc_free(&hook, table->slots, room_of(table->capacity) * sizeof *table->slots);
    alloc_free(&hook, table, sizeof *table);
}

/* Makes sure that `bytes` can be cut from the open block. Near the bound a block takes what is left. */
static cxm_status reserve(group *table, size_t bytes)
{
    cxm_status status;
    size_t head = align_up(sizeof(block)), want = table->for_other ? OTHER_BLOCK_BYTES : BLOCK_BYTES;
    const block *open = table->open[table->for_other];
    if (open && bytes <= open->bytes - open->used) return CXM_OK;
    if (want > budget_left(table)) want = (size_t)budget_left(table);
    if (want < head + bytes) want = head + bytes;
    block *fresh = budget_alloc(table, 1, want, &status);
    if (!fresh) return status;
    *fresh = (block){table->blocks, want, head};
    table->blocks = table->open[table->for_other] = fresh;
    return CXM_OK;
}

static void *cut(group *table, size_t bytes)
{
    block *open = table->open[table->for_other];
    void *ptr = (unsigned char *)open + open->used;
    open->used += bytes;
    return ptr;
}

static uint64_t hash_of(const group *table, const group_key *key)
{
    uint64_t hash = hash_u64(table->seed ^ (uint64_t)key->is_other, (uint64_t)key->window);
    for (uint32_t i = 0; i < key->segment_count; ++i)
        hash = hash_bytes(hash, key->segments[i].text, key->segments[i].len);
    return hash;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_view(const cxm_view *a, const cxm_view *b)
{
    size_t common = a->len < b->len ? a->len : b->len;
    int order = common ? memcmp(a->text, b->text, common) : 0;
    return order ? order : compare_u64(a->len, b->len);
}

static int compare_segments(const group_key *a, const group_key *b)
{
    if (a->is_other || b->is_other) return (int)a->is_other - (int)b->is_other;
    for (uint32_t i = 0; i < a->segment_count && i < b->segment_count; ++i) {
        int order = compare_view(&a->segments[i], &b->segments[i]);
        if (order) return order;
    }
    return compare_u64(a->segment_count, b->segment_count);
}

static int compare_window(const group_key *a, const group_key *b)
{
    return (a->window > b->window) - (a->window < b->window);
}

int group_compare_windows(const group_slot *a, const group_slot *b)
{
    int order = compare_window(&a->key, &b->key);
    return order ? order : compare_segments(&a->key, &b->key);
}

int group_compare_segments(const group_slot *a, const group_slot *b)
{
    int order = compare_segments(&a->key, &b->key);
    return order ? order : compare_window(&a->key, &b->key);
}

static group_slot *find(const group *table, const group_key *key, uint64_t hash)
{
    size_t mask = table->capacity - 1;
    for (size_t at = (size_t)hash & mask; table->index[at]; at = (at + 1) & mask) {
        group_slot *slot = table->slots[table->index[at] - 1];
        if (slot->hash == hash && slot->key.window == key->window && compare_segments(&slot->key, key) == 0)
            return slot;
    }
    return NULL;
}

/* Eight bytes of a view: its first and last four, or all of a shorter one. */
static inline uint64_t ends_of(const cxm_view *view)
{
    const uint8_t *text = (const uint8_t *)view->text;
    size_t len = view->len;
    if (len >= 4) return load_le32(text) | (uint64_t)load_le32(text + len - 4) << 32;
    return len ? text[0] | (uint64_t)text[len / 2] << 8 | (uint64_t)text[len - 1] << 16 : 0;
}

/* A cheap number of a key, from the ends of its views: keys that share one only lose the short way. */
static inline size_t place_of(const group_key *key)
{
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t sum = (uint64_t)key->window >> 20;
    for (uint32_t i = 0; i < key->segment_count; ++i) sum = (sum + ends_of(&key->segments[i]) + key->segments[i].len) * odd;
    return (size_t)(sum >> 40 ^ sum >> 52) % (RECENT / 2) * 2;
}

/* Two reads that overlap cover 4 to 8 bytes, three 1 to 3. */
static inline bool same_view(const cxm_view *a, const cxm_view *b)
{
    const uint8_t *x = (const uint8_t *)a->text, *y = (const uint8_t *)b->text;
    size_t len = a->len;
    if (len != b->len) return false;
    if (len > 8) return memcmp(x, y, len) == 0;
    if (len >= 4) return ((load_le32(x) ^ load_le32(y)) | (load_le32(x + len - 4) ^ load_le32(y + len - 4))) == 0;
    return len == 0 || ((x[0] ^ y[0]) | (x[len / 2] ^ y[len / 2]) | (x[len - 1] ^ y[len - 1])) == 0;
}

static inline bool same_key(const group_key *a, const group_key *b)
{
    if (a->window != b->window || a->segment_count != b->segment_count || a->is_other != b->is_other) return false;
    for (uint32_t i = 0; i < a->segment_count; ++i)
        if (!same_view(&a->segments[i], &b->segments[i])) return false;
    return true;
}

/* Slot, caller's bytes, views and key bytes; 0 when the sum does not fit. */
static size_t bytes_for(const group *table, const group_key *key)
{
    size_t total = sizeof(group_slot) + align_up(table->slot_bytes) + key->segment_count * sizeof(cxm_view);
    for (uint32_t i = 0; i < key->segment_count; ++i)
        if (!checked_add_size(total, key->segments[i].len, &total)) return 0;
    return total > SIZE_MAX / 2 ? 0 : align_up(total);
}

static void copy_key(const group *table, group_slot *slot, const group_key *key)
{
    cxm_view *views = (cxm_view *)(void *)((unsigned char *)(slot + 1) + align_up(table->slot_bytes));
    char *bytes = (char *)(views + key->segment_count);
    slot->key = *key;
    slot->key.segments = views;
    for (uint32_t i = 0; i < key->segment_count; ++i) {
        size_t len = key->segments[i].len;
        if (len) memcpy(bytes, key->segments[i].text, len);
        views[i] = (cxm_view){bytes, len};
        bytes += len;
    }
}

/* The slot found at this place before, or the one before that, which then comes first. */
static inline group_slot *recall(group_slot **pair, const group_key *key)
{
    group_slot *first = pair[0], *second = pair[1];
    if (first && same_key(&first->key, key)) return first;
    if (!second || !same_key(&second->key, key)) return NULL;
    pair[0] = second;
    pair[1] = first;
    return second;
}

static void remember(group_slot **pair, group_slot *slot)
{
    pair[1] = pair[0];
    pair[0] = slot;
}

/* The long way: by the hash, and a new slot where none is found. */
PORT_COLD static cxm_status find_or_make(group *table, const group_key *key, group_slot **recent, group_slot **out, bool *is_new)
{
    uint64_t hash = hash_of(table, key);
    *out = find(table, key, hash);
    *is_new = *out == NULL;
    if (*out) remember(recent, *out);
    if (*out) return CXM_OK;
    size_t bytes = bytes_for(table, key);
    cxm_status status = bytes ? CXM_OK : CXM_E_LIMIT;
    table->for_other = key->is_other;
    if (status == CXM_OK && table->count >= room_for(table)) status = rehash(table, table->capacity * 2);
    if (status == CXM_OK) status = reserve(table, bytes);
    if (status != CXM_OK) return status;
    group_slot *slot = cut(table, bytes);
    slot->hash = hash;
    copy_key(table, slot, key);
    table->slots[table->count] = slot;
    place(table, (uint32_t)table->count++);
    remember(recent, slot);
    *out = slot;
    return CXM_OK;
}

cxm_status group_slot_of(group *table, const group_key *key, group_slot **out, bool *is_new)
{
    group_slot **recent = &table->recent[place_of(key)];
    *is_new = false;
    *out = recall(recent, key);
    return *out ? CXM_OK : find_or_make(table, key, recent, out, is_new);
}

bool group_charge(group *table, size_t bytes)
{
    if (table->used_bytes > table->max_bytes || bytes > table->max_bytes - table->used_bytes) return false;
    table->used_bytes += bytes;
    return true;
}

void group_discharge(group *table, size_t bytes)
{
    table->used_bytes -= bytes;
}

size_t group_count(const group *table)
{
    return table->count;
}

group_slot *group_at(const group *table, size_t i)
{
    return table->slots[i];
}

/* Restores the heap below `root` within the first `n` slots. */
static void sift(group_slot **slots, size_t root, size_t n,
                 int (*compare)(const group_slot *, const group_slot *))
{
    group_slot *moved = slots[root];
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && compare(slots[child], slots[child + 1]) < 0) ++child;
        if (compare(moved, slots[child]) >= 0) break;
        slots[root] = slots[child];
    }
    slots[root] = moved;
}

/* Finds every slot its place in the index anew. */
static void reindex(group *table)
{
    memset(table->index, 0, table->capacity * sizeof *table->index);
    for (size_t i = 0; i < table->count; ++i) place(table, (uint32_t)i);
}

/* Heapsort: qsort may allocate, and may take n^2 steps. */
void group_sort(group *table, int (*compare)(const group_slot *, const group_slot *))
{
    group_slot **slots = table->slots;
    for (size_t i = table->count / 2; i-- > 0;) sift(slots, i, table->count, compare);
    for (size_t n = table->count; n-- > 1;) {
        group_slot *largest = slots[0];
        slots[0] = slots[n];
        slots[n] = largest;
        sift(slots, 0, n, compare);
    }
    reindex(table);
}
