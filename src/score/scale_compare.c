/* SPDX-License-Identifier: MIT */
/* scale_compare.c - the difference of what is asked of two scales: a net, a share of the top boxes, or a mean.
 *
 * The summaries of both give the counts or moments that compare.h asks for; a net comes back in its own unit. */
#include "base/port.h"
#include <cxm/interval.h>
#include <cxm/scale.h>
#include "base/alloc.h"
#include "base/sized.h"
#include "inference/compare.h"
#include "score/scale_points.h"
#include <string.h>

static cxm_net_sample net_of(const cxm_scale_summary *s)
{
    return (cxm_net_sample){s->bottom, s->middle, s->top};
}

static cxm_share_sample share_of(const cxm_scale_summary *s)
{
    return (cxm_share_sample){s->top, s->n};
}

static cxm_mean_sample mean_of(const cxm_scale_summary *s)
{
    return (cxm_mean_sample){s->n, s->n ? s->mean : 0.0, s->n > 1 ? s->sd : 0.0};
}

/* Without an answer the counts are all zero, and the comparison says so itself. */
static cxm_status summarize(const cxm_scale *scale, const cxm_scale_ask *ask, cxm_scale_summary *out)
{
    *out = (cxm_scale_summary){.size = sizeof *out};
    cxm_status status = cxm_scale_summarize(scale, ask, out);
    return status == CXM_E_EMPTY ? CXM_OK : status;
}

/* What is asked of both, with the interval method left to the comparison. */
static cxm_status settle(const cxm_scale *a, const cxm_scale *b, const cxm_scale_ask *ask, cxm_scale_ask *out)
{
    if (!a || !b) return CXM_E_ARG;
    cxm_status status = scale_ask_complete(ask, out);
    if (status != CXM_OK) return status;
    out->method = CXM_INTERVAL_DEFAULT;
    return memcmp(&a->spec, &b->spec, sizeof a->spec) == 0 ? CXM_OK : CXM_E_MISMATCH;
}

cxm_status cxm_scale_compare(const cxm_scale *a, const cxm_scale *b, const cxm_scale_ask *ask, int32_t method,
                             cxm_difference *out)
{
    cxm_scale_ask full;
    cxm_scale_summary of_a, of_b;
    cxm_status status = settle(a, b, ask, &full);
    if (status == CXM_OK) status = summarize(a, &full, &of_a);
    if (status == CXM_OK) status = summarize(b, &full, &of_b);
    if (status != CXM_OK) return status;
    if (full.value == CXM_VALUE_MEAN) {
        cxm_mean_sample x = mean_of(&of_a), y = mean_of(&of_b);
        return cxm_compare_mean(&x, &y, a->spec.lo, a->spec.hi, method, full.level, out);
    }
    if (full.value == CXM_VALUE_TOP) {
        cxm_share_sample x = share_of(&of_a), y = share_of(&of_b);
        return cxm_compare_share(&x, &y, method, full.level, out);
    }
    cxm_net_sample x = net_of(&of_a), y = net_of(&of_b);
    status = cxm_compare_net(&x, &y, method, full.level, out);
    if (status == CXM_OK) compare_scale(out, full.net_unit);
    return status;
}

/* --- within strata --- */

/* The samples of one kind, a's behind b's, as a caller without memory of its own would have to hold them. */
typedef union within_samples { cxm_net_sample *net; cxm_share_sample *share; cxm_mean_sample *mean; void *any; } within_samples;

static size_t sample_bytes(int32_t value)
{
    return value == CXM_VALUE_MEAN ? sizeof(cxm_mean_sample) : value == CXM_VALUE_TOP ? sizeof(cxm_share_sample) : sizeof(cxm_net_sample);
}

static cxm_status fill(const cxm_scale *scale, const cxm_scale_ask *ask, within_samples to, size_t at)
{
    cxm_scale_summary sum;
    cxm_status status = summarize(scale, ask, &sum);
    if (status != CXM_OK) return status;
    if (ask->value == CXM_VALUE_MEAN) to.mean[at] = mean_of(&sum);
    else if (ask->value == CXM_VALUE_TOP) to.share[at] = share_of(&sum);
    else to.net[at] = net_of(&sum);
    return CXM_OK;
}

static cxm_status compare(const cxm_scale_spec *spec, const cxm_scale_ask *ask, within_samples s, size_t strata, int32_t method,
                          cxm_difference *out, uint64_t *left_out)
{
    if (ask->value == CXM_VALUE_MEAN)
        return cxm_compare_mean_within(s.mean, s.mean + strata, strata, spec->lo, spec->hi, method, ask->level, out, left_out);
    if (ask->value == CXM_VALUE_TOP)
        return cxm_compare_share_within(s.share, s.share + strata, strata, method, ask->level, out, left_out);
    cxm_status status = cxm_compare_net_within(s.net, s.net + strata, strata, method, ask->level, out, left_out);
    if (status == CXM_OK) compare_scale(out, ask->net_unit);
    return status;
}

static cxm_status fill_all(const cxm_scale *const *a, const cxm_scale *const *b, size_t strata, const cxm_scale_ask *ask,
                           within_samples s)
{
    cxm_scale_ask same;
    cxm_status status = CXM_OK;
    for (size_t k = 0; k < strata && status == CXM_OK; ++k) {
        status = settle(a[0], a[k], ask, &same);
        if (status == CXM_OK) status = settle(a[0], b[k], ask, &same);
        if (status == CXM_OK) status = fill(a[k], ask, s, k);
        if (status == CXM_OK) status = fill(b[k], ask, s, strata + k);
    }
    return status;
}

cxm_status cxm_scale_compare_within(const cxm_scale *const *a, const cxm_scale *const *b, size_t strata, const cxm_scale_ask *ask,
                                    int32_t method, const cxm_alloc *alloc, cxm_difference *out, uint64_t *left_out)
{
    cxm_scale_ask full;
    cxm_alloc hook;
    within_samples samples;
    if (!a || !b || !out) return CXM_E_ARG;
    if (strata == 0) return CXM_E_EMPTY;
    cxm_status status = settle(a[0], a[0], ask, &full);
    if (status == CXM_OK) status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    size_t bytes = sample_bytes(full.value);
    if (strata > SIZE_MAX / 2 / bytes) return CXM_E_MEMORY;
    samples.any = alloc_zeroed(&hook, 2 * strata, bytes);
    if (!samples.any) return CXM_E_MEMORY;
    status = fill_all(a, b, strata, &full, samples);
    if (status == CXM_OK) status = compare(&a[0]->spec, &full, samples, strata, method, out, left_out);
    alloc_free(&hook, samples.any, 2 * strata * bytes);
    return status;
}
