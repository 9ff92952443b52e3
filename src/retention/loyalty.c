/* SPDX-License-Identifier: MIT */
/* loyalty.c - the life of a state of loyalty: made, told customers, taken back, merged, subtracted.
 *
 * A customer is a few counts that go up (loyalty_item.c). Sums of counts stand among them, so that they fit when their parts do, and
 * that they are the sum of their parts whatever was added and removed. */
#include "base/port.h"
#include "retention/loyalty_parts.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/sized.h"
#include "retention/item.h"

_Static_assert(sizeof(cxm_loyalty_options) == 168, "cxm_loyalty_options grew");

enum { SECONDS_PER_DAY = 86400 };

/* --- made --- */

static bool thresholds_ok(const cxm_loyalty_options *options)
{
    if (options->thresholds > CXM_LOYALTY_THRESHOLDS_MAX) return false;
    for (uint32_t i = 0; i < CXM_LOYALTY_THRESHOLDS_MAX; ++i) {
        int64_t least = i ? options->threshold[i - 1] + 1 : 1;
        bool declared = i < options->thresholds;
        if (!declared && options->threshold[i] != 0) return false;
        if (declared && (options->threshold[i] < least || options->threshold[i] > CXM_LOYALTY_THRESHOLD_MAX)) return false;
    }
    return true;
}

static bool range_ok(const cxm_loyalty_options *options)
{
    return item_is_instant(options->until_us) && options->since_us < options->until_us &&
           (options->since_us == CXM_LOYALTY_EVER || item_is_instant(options->since_us));
}

cxm_status loyalty_options_check(const cxm_loyalty_options *options, cxm_loyalty_options *out)
{
    if (!options) return CXM_E_ARG;
    if (!sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    if (options->zone_s <= -SECONDS_PER_DAY || options->zone_s >= SECONDS_PER_DAY || options->by_day < 0 || options->by_day > 1 ||
        options->days > CXM_LOYALTY_DAYS_MAX || options->reserved || !range_ok(options) || !thresholds_ok(options)) return CXM_E_ARG;
    *out = *options;
    out->size = sizeof *out;
    if (out->days == 0) out->days = CXM_LOYALTY_DAYS_DEFAULT;
    return CXM_OK;
}

static size_t bytes_of(const cxm_loyalty_options *options)
{
    return sizeof(cxm_loyalty) + loyalty_counts(options) * sizeof(uint64_t);
}

cxm_status cxm_loyalty_create(const cxm_loyalty_options *options, const cxm_alloc *alloc, cxm_loyalty **out)
{
    cxm_alloc hook;
    cxm_loyalty_options filled;
    if (!out) return CXM_E_ARG;
    cxm_status status = loyalty_options_check(options, &filled);
    if (status == CXM_OK) status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    cxm_loyalty *l = alloc_zeroed(&hook, 1, bytes_of(&filled));
    if (!l) return CXM_E_MEMORY;
    l->hook = hook;
    l->options = filled;
    *out = l;
    return CXM_OK;
}

void cxm_loyalty_free(cxm_loyalty *l)
{
    if (!l) return;
    cxm_alloc hook = l->hook;
    alloc_free(&hook, l, bytes_of(&l->options));
}

size_t cxm_loyalty_bytes(const cxm_loyalty_options *options)
{
    cxm_loyalty_options filled;
    return loyalty_options_check(options, &filled) == CXM_OK ? bytes_of(&filled) : 0;
}

cxm_status cxm_loyalty_options_of(const cxm_loyalty *l, cxm_loyalty_options *out)
{
    if (!l || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    uint32_t size = out->size;
    *out = l->options;
    out->size = size;
    return CXM_OK;
}

/* --- one customer --- */

static bool money_fits(wide a, wide b)
{
    return !wide_below(wide_sum(a, b), a);
}

static cxm_status add_one(cxm_loyalty *l, const loyalty_one *one)
{
    uint64_t sum;
    for (size_t i = 0; i < one->n; ++i)
        if (!checked_add_u64(l->counts[one->at[i]], one->by[i], &sum)) return CXM_E_OVERFLOW;
    if (!money_fits(l->money[one->tier], one->money)) return CXM_E_OVERFLOW;
    for (size_t i = 0; i < one->n; ++i) l->counts[one->at[i]] += one->by[i];
    l->money[one->tier] = wide_sum(l->money[one->tier], one->money);
    return CXM_OK;
}

static cxm_status take_one(cxm_loyalty *l, const loyalty_one *one)
{
    for (size_t i = 0; i < one->n; ++i)
        if (l->counts[one->at[i]] < one->by[i]) return CXM_E_UNDERFLOW;
    if (wide_below(l->money[one->tier], one->money)) return CXM_E_UNDERFLOW;
    for (size_t i = 0; i < one->n; ++i) l->counts[one->at[i]] -= one->by[i];
    l->money[one->tier] = wide_minus(l->money[one->tier], one->money);
    return CXM_OK;
}

static cxm_status one_of(const cxm_loyalty *l, const cxm_customer_item *item, loyalty_one *one)
{
    if (!l) return CXM_E_ARG;
    cxm_status status = item_check(item);
    if (status == CXM_OK) loyalty_of_item(&l->options, item, one);
    return status;
}

cxm_status cxm_loyalty_add(cxm_loyalty *l, const cxm_customer_item *item)
{
    loyalty_one one;
    cxm_status status = one_of(l, item, &one);
    return status == CXM_OK ? add_one(l, &one) : status;
}

cxm_status cxm_loyalty_remove(cxm_loyalty *l, const cxm_customer_item *item)
{
    loyalty_one one;
    cxm_status status = one_of(l, item, &one);
    return status == CXM_OK ? take_one(l, &one) : status;
}

static cxm_status voice_of(const cxm_loyalty *l, const cxm_customer_item *item, int32_t contacted, int32_t answered, loyalty_one *one)
{
    if (!l || contacted < 0 || contacted > 1 || answered < 0 || answered > 1) return CXM_E_ARG;
    cxm_status status = item_check(item);
    if (status == CXM_OK) loyalty_of_voice(&l->options, item, (size_t)(contacted + 2 * answered), one);
    return status;
}

cxm_status cxm_loyalty_add_voice(cxm_loyalty *l, const cxm_customer_item *item, int32_t contacted, int32_t answered)
{
    loyalty_one one;
    cxm_status status = voice_of(l, item, contacted, answered, &one);
    return status == CXM_OK ? add_one(l, &one) : status;
}

cxm_status cxm_loyalty_remove_voice(cxm_loyalty *l, const cxm_customer_item *item, int32_t contacted, int32_t answered)
{
    loyalty_one one;
    cxm_status status = voice_of(l, item, contacted, answered, &one);
    return status == CXM_OK ? take_one(l, &one) : status;
}

/* --- all of another --- */

static bool options_agree(const cxm_loyalty_options *a, const cxm_loyalty_options *b)
{
    bool ok = a->zone_s == b->zone_s && a->since_us == b->since_us && a->until_us == b->until_us && a->by_day == b->by_day &&
              a->days == b->days && a->thresholds == b->thresholds;
    for (uint32_t i = 0; ok && i < a->thresholds; ++i) ok = a->threshold[i] == b->threshold[i];
    return ok;
}

static bool sums_fit(const cxm_loyalty *a, const cxm_loyalty *b)
{
    uint64_t sum;
    for (size_t i = 0; i < loyalty_counts(&a->options); ++i)
        if (!checked_add_u64(a->counts[i], b->counts[i], &sum)) return false;
    for (uint32_t i = 0; i < LOYALTY_TIERS; ++i)
        if (!money_fits(a->money[i], b->money[i])) return false;
    return true;
}

cxm_status cxm_loyalty_merge(cxm_loyalty *into, const cxm_loyalty *from)
{
    if (!into || !from) return CXM_E_ARG;
    if (!options_agree(&into->options, &from->options)) return CXM_E_MISMATCH;
    if (!sums_fit(into, from)) return CXM_E_OVERFLOW;
    for (size_t i = 0; i < loyalty_counts(&into->options); ++i) into->counts[i] += from->counts[i];
    for (uint32_t i = 0; i < LOYALTY_TIERS; ++i) into->money[i] = wide_sum(into->money[i], from->money[i]);
    return CXM_OK;
}

static bool holds(const cxm_loyalty *a, const cxm_loyalty *b)
{
    for (size_t i = 0; i < loyalty_counts(&a->options); ++i)
        if (a->counts[i] < b->counts[i]) return false;
    for (uint32_t i = 0; i < LOYALTY_TIERS; ++i)
        if (wide_below(a->money[i], b->money[i])) return false;
    return true;
}

cxm_status cxm_loyalty_subtract(cxm_loyalty *into, const cxm_loyalty *from)
{
    if (!into || !from) return CXM_E_ARG;
    if (!options_agree(&into->options, &from->options)) return CXM_E_MISMATCH;
    if (!holds(into, from)) return CXM_E_UNDERFLOW;
    for (size_t i = 0; i < loyalty_counts(&into->options); ++i) into->counts[i] -= from->counts[i];
    for (uint32_t i = 0; i < LOYALTY_TIERS; ++i) into->money[i] = wide_minus(into->money[i], from->money[i]);
    return CXM_OK;
}
