/* SPDX-License-Identifier: MIT */
/* survival_records.c - records of any times, sorted where they lie, become a curve.
 *
 * How many are at risk at t is entries before t less exits before t: who belongs to whom plays no part. So exits and entries
 * are two lists that are sorted each by itself, in one array without further memory; each keeps the weight it needs.
 *
 * Sorting is quicksort around the median of three, whose depth is bounded: past 2 log2 n a range goes to heapsort (D. R. Musser,
 * Software: Practice and Experience 27(8), 1997). The smaller part waits, so 64 places are enough. The order is total as far
 * as a list is looked at, so equal input in any order comes to the same rows, and sums to the same bits.       */
#include "base/port.h"
#include "retention/survival_parts.h"
#include <math.h>

_Static_assert(sizeof(cxm_survival_record) == 40, "cxm_survival_record grew");

enum { SHORT = 24, DEPTH_PLACES = 64 };
enum which { EXITS, ENTRIES };

/* --- order --- */

/* Events come before the censored. */
static inline bool exits_before(const cxm_survival_record *a, const cxm_survival_record *b)
{
    if (a->exit != b->exit) return a->exit < b->exit;
    if (a->event != b->event) return a->event > b->event;
    return a->weight < b->weight;
}

static inline bool enters_before(const cxm_survival_record *a, const cxm_survival_record *b)
{
    return a->entry != b->entry ? a->entry < b->entry : a->entry_weight < b->entry_weight;
}

static inline bool before(const cxm_survival_record *a, const cxm_survival_record *b, enum which list)
{
    return list == EXITS ? exits_before(a, b) : enters_before(a, b);
}

/* Exits are sorted first, with whole rows; then the entries move past them. */
static inline void put(cxm_survival_record *to, const cxm_survival_record *from, enum which list)
{
    if (list == EXITS) *to = *from;
    to->entry = from->entry;
    to->entry_weight = from->entry_weight;
}

static inline void swap(cxm_survival_record *a, cxm_survival_record *b, enum which list)
{
    cxm_survival_record kept = *a;
    put(a, b, list);
    put(b, &kept, list);
}

/* --- three ways to sort a range --- */

static inline void sort_short(cxm_survival_record *r, uint64_t n, enum which list)
{
    for (uint64_t i = 1; i < n; ++i) {
        uint64_t at = i;
        cxm_survival_record moving = r[i];
        for (; at > 0 && before(&moving, &r[at - 1], list); --at) put(&r[at], &r[at - 1], list);
        put(&r[at], &moving, list);
    }
}

static inline void sink(cxm_survival_record *r, uint64_t at, uint64_t n, enum which list)
{
    cxm_survival_record moving = r[at];
    for (uint64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && before(&r[child], &r[child + 1], list)) ++child;
        if (!before(&moving, &r[child], list)) break;
        put(&r[at], &r[child], list);
    }
    put(&r[at], &moving, list);
}

static inline void sort_heap(cxm_survival_record *r, uint64_t n, enum which list)
{
    for (uint64_t i = n / 2; i-- > 0;) sink(r, i, n, list);
    while (n-- > 1) {
        swap(&r[0], &r[n], list);
        sink(r, 0, n, list);
    }
}

/* Cuts n >= SHORT rows in two, none of them empty, at what this returns: no row before it comes after one behind. */
static inline uint64_t cut(cxm_survival_record *r, uint64_t n, enum which list)
{
    uint64_t middle = n / 2, i = 0, j = n - 1;
    if (before(&r[middle], &r[0], list)) swap(&r[middle], &r[0], list);
    if (before(&r[n - 1], &r[0], list)) swap(&r[n - 1], &r[0], list);
    if (before(&r[n - 1], &r[middle], list)) swap(&r[n - 1], &r[middle], list);
    const cxm_survival_record pivot = r[middle];
    for (;;) {
        do ++i; while (before(&r[i], &pivot, list));
        do --j; while (before(&pivot, &r[j], list));
        if (i >= j) return i;
        swap(&r[i], &r[j], list);
    }
}

typedef struct range { cxm_survival_record *at; uint64_t n; unsigned depth; } range;

static inline void sort_list(cxm_survival_record *r, uint64_t n, enum which list)
{
    range waiting[DEPTH_PLACES], now = {r, n, 0};
    int count = 0;
    for (uint64_t left = n; left > 1; left /= 2) now.depth += 2;
    for (;;) {
        while (now.n >= SHORT && now.depth > 0) {
            uint64_t first = cut(now.at, now.n, list);
            range low = {now.at, first, now.depth - 1}, high = {now.at + first, now.n - first, now.depth - 1};
            waiting[count++] = low.n < high.n ? high : low;
            now = low.n < high.n ? low : high;
        }
        if (now.n >= SHORT) sort_heap(now.at, now.n, list);
        else sort_short(now.at, now.n, list);
        if (count == 0) return;
        now = waiting[--count];
    }
}

static bool is_sorted(const cxm_survival_record *r, uint64_t n, enum which list)
{
    for (uint64_t i = 1; i < n; ++i)
        if (before(&r[i], &r[i - 1], list)) return false;
    return true;
}

/* --- records --- */

static bool is_weight(double weight)
{
    return weight >= 1e-15 && weight <= 1e15;
}

static bool is_record(const cxm_survival_record *r)
{
    bool times = r->entry >= 0.0 && r->exit <= 1e100 && (r->entry < r->exit || (r->entry == 0.0 && r->exit == 0.0));
    return times && is_weight(r->weight) && r->entry_weight == 0.0 && (r->event == 0 || r->event == 1) && r->reserved == 0;
}

cxm_status cxm_survival_sort(cxm_survival_record *records, uint64_t count, uint64_t *bad)
{
    if (!records && count) return CXM_E_ARG;
    for (uint64_t i = 0; i < count; ++i) {
        if (is_record(&records[i])) continue;
        if (bad) *bad = i;
        return CXM_E_DOMAIN;
    }
    for (uint64_t i = 0; i < count; ++i) {
        records[i].exit += 0.0;                 /* there is no -0 */
        records[i].entry_weight = records[i].weight;
    }
    if (!is_sorted(records, count, EXITS)) sort_list(records, count, EXITS);
    if (!is_sorted(records, count, ENTRIES)) sort_list(records, count, ENTRIES);
    return CXM_OK;
}

/* Ranges only: the order says the rest. */
static bool is_row(const cxm_survival_record *r)
{
    return r->entry >= 0.0 && r->exit >= 0.0 && r->exit <= 1e100 && is_weight(r->weight) && is_weight(r->entry_weight) &&
           (r->event == 0 || r->event == 1);
}

/* Each list in order, and at each exit as many have entered before as leave up to it: as whole customers do. */
static bool is_whole(const cxm_survival_record *r, uint64_t count, double *n)
{
    double sum[2] = {0.0, 0.0};
    uint64_t in = 0;
    for (uint64_t i = 0; i < count; ++i) {
        if (!is_row(&r[i]) || (i > 0 && (exits_before(&r[i], &r[i - 1]) || enters_before(&r[i], &r[i - 1])))) return false;
        while (in < count && (r[in].entry < r[i].exit || r[in].entry == 0.0)) ++in;
        if (in <= i) return false;
        survival_sum(sum, r[i].weight);
    }
    *n = sum[0];
    return true;
}

cxm_status cxm_survival_curve_of_records(const cxm_survival_record *records, uint64_t count, int32_t limits, double level,
                                         cxm_survival_curve *out)
{
    cxm_survival_curve curve;
    double n;
    if (!out || (!records && count)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_status status = survival_curve_start(limits, level, &curve);
    if (status != CXM_OK) return status;
    if (count == 0) return CXM_E_EMPTY;
    if (!is_whole(records, count, &n)) return CXM_E_UNDEFINED;
    curve.size = out->size;
    curve.source = records;
    curve.count = count;
    curve.of_records = 1;
    curve.n = n;
    survival_begin(&curve);
    *out = curve;
    return CXM_OK;
}
