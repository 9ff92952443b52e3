/* SPDX-License-Identifier: MIT */
/* label_summary.c - from counts to shares and nets, once, at the end.
 *
 * Shares divide exact counts. Limits are simultaneous over k = labels kept + (other > 0), or each by
 * itself with a method of one share. A net is a trinomial of the labels named on either side and all others:
 * its difference is exact before the one division. A label beyond the largest kept one is known
 * to be absent only while nothing was put together as `other`.                           */
#include "base/port.h"
#include "score/label_state.h"
#include <cxm/interval.h>
#include "base/sized.h"
#include "score/label_ask.h"
#include <math.h>
#include <string.h>

_Static_assert(sizeof(cxm_label_ask) == 16, "cxm_label_ask grew");
_Static_assert(sizeof(cxm_label_summary) == 72, "cxm_label_summary grew");
_Static_assert(sizeof(cxm_label_share) == 56 + 2 * sizeof(void *), "cxm_label_share grew");
_Static_assert(sizeof(cxm_label_net_summary) == 88, "cxm_label_net_summary grew");

static const double DEFAULT_LEVEL = 0.95;

cxm_status label_ask_complete(const cxm_label_ask *ask, cxm_label_ask *out)
{
    cxm_label_ask full = {.size = sizeof full};
    if (ask && !sized_in_ok(ask, ask->size, sizeof *ask, sizeof *ask)) return CXM_E_ABI;
    if (ask) full = *ask;
    if (full.level == 0.0) full.level = DEFAULT_LEVEL;
    if (!(full.level > 0.0 && full.level < 1.0)) return CXM_E_ARG;
    *out = full;
    return CXM_OK;
}

cxm_status label_limits(uint64_t count, uint64_t n, uint64_t categories, const cxm_label_ask *ask, cxm_interval *out)
{
    bool together = ask->method == CXM_INTERVAL_DEFAULT || ask->method == CXM_INTERVAL_GOODMAN ||
                    ask->method == CXM_INTERVAL_QUESENBERRY_HURST;
    *out = (cxm_interval){.size = sizeof *out, .method = ask->method, .low = (double)NAN, .high = (double)NAN};
    return together ? cxm_multinomial_interval(count, n, categories, ask->method, ask->level, out)
                    : cxm_share_interval(count, n, ask->method, ask->level, out);
}

static uint64_t categories_of(const cxm_label *label)
{
    return label->count + (label->other > 0);
}

/* Method and status of every label's limits: the counts do not matter, k does. */
static cxm_status probe(const cxm_label *label, const cxm_label_ask *ask, cxm_interval *out)
{
    uint64_t k = categories_of(label);
    return label_limits(1, 2, k ? k : 2, ask, out);
}

static bool decided(cxm_status status)
{
    return status == CXM_OK || status == CXM_E_UNDEFINED || status == CXM_E_LIMIT;
}

cxm_status cxm_label_summarize(const cxm_label *label, const cxm_label_ask *ask, cxm_label_summary *out)
{
    cxm_label_ask full;
    cxm_interval limits;
    if (!label || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_status status = label_ask_complete(ask, &full);
    if (status == CXM_OK) status = probe(label, &full, &limits);
    if (!decided(status)) return status;
    *out = (cxm_label_summary){
        .size = out->size, .method = limits.method, .n = label->n, .labels = label->count,
        .categories = categories_of(label), .other = label->other, .missing = label->missing,
        .out_of_range = label->out_of_range, .level = full.level, .interval_status = status};
    return label->n > 0 ? CXM_OK : CXM_E_EMPTY;
}

/* The plain standard error needs no method. */
static double se_of(uint64_t count, uint64_t n)
{
    double size = (double)n;
    return sqrt((double)count / size * ((double)(n - count) / size) / size);
}

cxm_status cxm_label_next(const cxm_label *label, const cxm_label_ask *ask, cxm_label_share *out)
{
    cxm_label_ask full;
    cxm_interval limits;
    if (!label || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_status status = label_ask_complete(ask, &full);
    if (status == CXM_OK) status = probe(label, &full, &limits);
    if (!decided(status)) return status;
    if (out->next >= categories_of(label)) return CXM_END;
    const label_entry *entry = out->next < label->count ? label->slots[out->next].entry : NULL;
    uint64_t count = entry ? entry->count : label->other;
    label_limits(count, label->n, categories_of(label), &full, &limits);
    *out = (cxm_label_share){
        .size = out->size, .is_other = !entry, .next = out->next + 1, .text = entry && entry->len ? entry->text : NULL,
        .len = entry ? entry->len : 0, .count = count, .share = (double)count / (double)label->n,
        .se = se_of(count, label->n), .low = limits.low, .high = limits.high};
    return CXM_OK;
}

/* --- net --- */

static bool same(const cxm_label_text *a, const cxm_label_text *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->text, b->text, a->len) == 0);
}

/* The i-th of all labels named, positive ones first. */
static const cxm_label_text *named(const label_sets *sets, size_t i)
{
    return i < sets->positives ? &sets->positive[i] : &sets->negative[i - sets->positives];
}

bool label_sets_ok(const label_sets *sets)
{
    bool ok = sets->positive && sets->negative && sets->positives > 0 && sets->negatives > 0;
    for (size_t i = 0; ok && i < sets->positives + sets->negatives; ++i) {
        const cxm_label_text *one = named(sets, i);
        ok = one->text || one->len == 0;
        for (size_t before = 0; ok && before < i; ++before) ok = !same(one, named(sets, before));
    }
    return ok;
}

/* Answers with any of these labels. */
static cxm_status sum_of(const cxm_label *label, const cxm_label_text *texts, size_t count, uint64_t *out)
{
    uint64_t sum = 0, one;
    for (size_t i = 0; i < count; ++i) {
        cxm_status status = cxm_label_count(label, texts[i].text, texts[i].len, &one);
        if (status != CXM_OK) return status;
        sum += one;                                         /* parts of n */
    }
    *out = sum;
    return CXM_OK;
}

static cxm_status fill_net(const cxm_label_ask *ask, cxm_label_net_summary *out)
{
    cxm_interval limits = {.size = sizeof limits, .low = (double)NAN, .high = (double)NAN}, plain = {.size = sizeof plain};
    cxm_status status = cxm_trinomial_interval(out->negative, out->neutral, out->positive, ask->method, ask->level, &limits);
    if (!decided(status)) return status;
    cxm_trinomial_interval(out->negative, out->neutral, out->positive, CXM_INTERVAL_WALD, ask->level, &plain);
    uint64_t plus = out->positive, minus = out->negative;
    out->value = (plus >= minus ? (double)(plus - minus) : -(double)(minus - plus)) / (double)out->n;
    out->se = plain.se;
    out->method = status == CXM_OK ? limits.method : ask->method;
    out->level = ask->level;
    out->low = limits.low;
    out->high = limits.high;
    out->interval_status = status;
    return CXM_OK;
}

cxm_status cxm_label_net(const cxm_label *label, const cxm_label_text *positive, size_t positives,
                         const cxm_label_text *negative, size_t negatives, const cxm_label_ask *ask,
                         cxm_label_net_summary *out)
{
    label_sets sets = {positive, negative, positives, negatives};
    cxm_label_ask full;
    if (!label || !out || !label_sets_ok(&sets)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_label_net_summary sum = {.size = out->size, .n = label->n};
    cxm_status status = label_ask_complete(ask, &full);
    if (status == CXM_OK) status = sum_of(label, positive, positives, &sum.positive);
    if (status == CXM_OK) status = sum_of(label, negative, negatives, &sum.negative);
    if (status != CXM_OK) return status;
    if (label->n == 0) return CXM_E_EMPTY;
    sum.neutral = sum.n - sum.positive - sum.negative;
    status = fill_net(&full, &sum);
    if (status == CXM_OK) *out = sum;
    return status;
}
