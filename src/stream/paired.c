/* SPDX-License-Identifier: MIT */
/* paired.c - a table from keys to two answers, and the sums over those who have both.
 *
 * Changes are whole numbers of at most 100, so their sum and the sum of their squares over fewer than 2^32 keys are
 * exact in 64 bits: sd^2 = (n S2 - S1^2) / (n (n - 1)), the difference of two 128-bit products, divided once. */
#include "base/port.h"
#include <cxm/paired.h>
#include "base/alloc.h"
#include "base/checked.h"
#include "base/sized.h"
#include "inference/compare.h"
#include "base/wide.h"
#include "score/scale_points.h"
#include "stream/group.h"
#include <math.h>
#include <string.h>

enum { MIN_BYTES = 64 * 1024, DEFAULT_BYTES = 256 * 1024 * 1024 };

_Static_assert(sizeof(cxm_paired_summary) == 160, "cxm_paired_summary grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_person) == 40, "cxm_person grew");

/* What is kept of one answer, and of a person. */
typedef struct reply { int64_t at_us; int32_t answer, given; } reply;
typedef struct person { reply of[2]; } person;

struct cxm_paired {
    cxm_alloc hook;
    cxm_scale_spec scale;
    group *people;
    uint64_t unkeyed, repeats;
    size_t at;                  /* the next slot of the walk */
    bool sorted;
};

cxm_status cxm_paired_create(const cxm_paired_options *options, const cxm_alloc *alloc, cxm_paired **out)
{
    cxm_alloc hook;
    if (!options || !out) return CXM_E_ARG;
    if (!sized_in_ok(options, options->size, sizeof *options, sizeof *options)) return CXM_E_ABI;
    if (options->reserved || !options->scale || cxm_scale_bytes(options->scale) == 0) return CXM_E_ARG;
    cxm_status status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    uint64_t bound = options->max_bytes ? options->max_bytes : DEFAULT_BYTES;
    if (bound < MIN_BYTES) return CXM_E_LIMIT;
    cxm_paired *paired = alloc_zeroed(&hook, 1, sizeof *paired);
    if (!paired) return CXM_E_MEMORY;
    paired->hook = hook;
    paired->scale = *options->scale;
    status = group_create(&paired->hook, sizeof(person), bound - sizeof *paired, options->hash_seed, &paired->people);
    if (status != CXM_OK) cxm_paired_free(paired);
    else *out = paired;
    return status;
}

void cxm_paired_free(cxm_paired *paired)
{
    if (!paired) return;
    cxm_alloc hook = paired->hook;
    group_free(paired->people);
    alloc_free(&hook, paired, sizeof *paired);
}

/* Whether `a` counts rather than `b`. */
static bool beats(const reply *a, const reply *b)
{
    return a->at_us != b->at_us ? a->at_us > b->at_us : a->answer > b->answer;
}

static cxm_status person_of(cxm_paired *paired, cxm_view key, person **out)
{
    group_key name = {&key, 1, false, 0};
    group_slot *slot;
    bool is_new;
    cxm_status status = group_slot_of(paired->people, &name, &slot, &is_new);
    if (status == CXM_OK) *out = group_data(slot);
    paired->sorted = paired->sorted && !is_new;
    return status;
}

static void reply_with(cxm_paired *paired, reply *held, reply given)
{
    paired->repeats += held->given != 0;
    if (!held->given || beats(&given, held)) *held = given;
}

cxm_status cxm_paired_add(cxm_paired *paired, int32_t wave, cxm_view key, int32_t answer, int64_t at_us)
{
    person *who;
    if (!paired || (!key.text && key.len) || (wave != CXM_WAVE_BEFORE && wave != CXM_WAVE_AFTER)) return CXM_E_ARG;
    if (answer < paired->scale.lo || answer > paired->scale.hi) return CXM_E_DOMAIN;
    if (key.len == 0) {
        ++paired->unkeyed;
        return CXM_OK;
    }
    cxm_status status = person_of(paired, key, &who);
    if (status != CXM_OK) return status;
    reply_with(paired, &who->of[wave], (reply){at_us, answer, 1});
    paired->at = 0;
    return CXM_OK;
}

cxm_status cxm_paired_merge(cxm_paired *into, const cxm_paired *from)
{
    cxm_status status = CXM_OK;
    if (!into || !from || into == from) return CXM_E_ARG;
    if (memcmp(&into->scale, &from->scale, sizeof into->scale) != 0) return CXM_E_MISMATCH;
    uint64_t unkeyed, repeats;
    if (!checked_add_u64(into->unkeyed, from->unkeyed, &unkeyed) || !checked_add_u64(into->repeats, from->repeats, &repeats))
        return CXM_E_OVERFLOW;
    for (size_t i = 0; i < group_count(from->people) && status == CXM_OK; ++i) {
        group_slot *slot = group_at(from->people, i);
        const person *guest = group_data(slot);
        person *host;
        status = person_of(into, slot->key.segments[0], &host);
        for (int wave = 0; wave < 2 && status == CXM_OK; ++wave)
            if (guest->of[wave].given) reply_with(into, &host->of[wave], guest->of[wave]);
    }
    into->at = 0;
    if (status != CXM_OK) return status;
    into->unkeyed = unkeyed;
    into->repeats += from->repeats;
    return CXM_OK;
}

/* --- sums over those who have both --- */

/* 0 bottom, 1 middle, 2 top. */
static int32_t band_of(const cxm_scale_spec *spec, int32_t answer)
{
    int32_t band = answer <= spec->low_to ? 0 : answer >= spec->high_from ? 2 : 1;
    return spec->direction == CXM_HIGHER_IS_BETTER ? band : 2 - band;
}

typedef struct sums { uint64_t before, after, squares; int64_t change; } sums;      /* answers counted from lo */

static void count_pair(const cxm_scale_spec *spec, const person *who, cxm_paired_summary *out, sums *sum)
{
    int32_t before = who->of[0].answer, after = who->of[1].answer, change = after - before;
    int32_t better = spec->direction == CXM_HIGHER_IS_BETTER ? change : -change;
    ++out->pairs;
    ++out->transitions[3 * band_of(spec, before) + band_of(spec, after)];
    out->raised += better > 0;
    out->lowered += better < 0;
    sum->before += (uint64_t)(before - spec->lo);
    sum->after += (uint64_t)(after - spec->lo);
    sum->change += change;
    sum->squares += (uint64_t)((int64_t)change * change);
}

static double sd_of(const sums *sum, uint64_t n)
{
    if (n < 2) return 0.0;
    uint64_t size = sum->change < 0 ? 0u - (uint64_t)sum->change : (uint64_t)sum->change;
    wide spread = wide_minus(wide_product(n, sum->squares), wide_product(size, size));
    return sqrt(wide_to_double(spread) / ((double)n * ((double)n - 1.0)));
}

static void add_up(const cxm_paired *paired, cxm_paired_summary *out)
{
    sums sum = {0, 0, 0, 0};
    for (size_t i = 0; i < group_count(paired->people); ++i) {
        const person *who = group_data(group_at(paired->people, i));
        if (who->of[0].given && who->of[1].given) count_pair(&paired->scale, who, out, &sum);
        else ++*(who->of[0].given ? &out->only_before : &out->only_after);
    }
    if (out->pairs == 0) return;
    out->mean_before = paired->scale.lo + (double)sum.before / (double)out->pairs;
    out->mean_after = paired->scale.lo + (double)sum.after / (double)out->pairs;
    out->sd_change = sd_of(&sum, out->pairs);
}

cxm_status cxm_paired_summarize(const cxm_paired *paired, cxm_paired_summary *out)
{
    if (!paired || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_paired_summary got = {.size = out->size, .repeats = paired->repeats, .unkeyed = paired->unkeyed};
    add_up(paired, &got);
    *out = got;
    return CXM_OK;
}

/* A share of top boxes is a net without a bottom: bottom and middle are one class, of value 0. */
static void join_lower_bands(uint64_t t[9])
{
    const uint64_t stay = t[0] + t[1] + t[3] + t[4], rise = t[2] + t[5], fall = t[6] + t[7];
    memset(t, 0, 8 * sizeof *t);
    t[4] = stay;
    t[5] = rise;
    t[7] = fall;
}

cxm_status cxm_paired_compare(const cxm_paired *paired, const cxm_scale_ask *ask, int32_t method, cxm_difference *out)
{
    cxm_paired_summary sum = {.size = sizeof sum};
    cxm_scale_ask full;
    if (!paired || !out) return CXM_E_ARG;
    cxm_status status = scale_ask_complete(ask, &full);
    if (status != CXM_OK) return status;
    double width = (double)paired->scale.hi - paired->scale.lo;
    add_up(paired, &sum);
    if (full.value == CXM_VALUE_MEAN)
        return cxm_compare_paired_mean(sum.pairs, sum.mean_after - sum.mean_before, sum.sd_change, width, method, full.level, out);
    if (full.value == CXM_VALUE_TOP) join_lower_bands(sum.transitions);
    status = cxm_compare_paired_trinomial(sum.transitions, method, full.level, out);
    if (status == CXM_OK && full.value == CXM_VALUE_NET) compare_scale(out, full.net_unit);
    return status;
}

cxm_status cxm_paired_next(cxm_paired *paired, cxm_person *out)
{
    if (!paired || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (!paired->sorted) group_sort(paired->people, group_compare_segments);
    paired->sorted = true;
    for (; paired->at < group_count(paired->people); ++paired->at) {
        group_slot *slot = group_at(paired->people, paired->at);
        const person *who = group_data(slot);
        if (!who->of[0].given || !who->of[1].given) continue;
        *out = (cxm_person){.size = out->size, .before = who->of[0].answer, .after = who->of[1].answer,
                            .band_before = band_of(&paired->scale, who->of[0].answer),
                            .band_after = band_of(&paired->scale, who->of[1].answer), .key = slot->key.segments[0]};
        ++paired->at;
        return CXM_OK;
    }
    paired->at = 0;
    return CXM_END;
}
