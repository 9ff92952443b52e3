/* SPDX-License-Identifier: MIT */
/* sum_codec.c - an exact sum as canonical bytes; the layout stands in cxm/sum.h. */
#include "base/port.h"
#include "base/sum.h"
#include "base/checked.h"

static const char SPEC[] = "sum";
enum { SPEC_BYTES = sizeof SPEC - 1 };

static void put(codec_writer *w, const cxm_sum *sum, const sum_number *number)
{
    codec_put_u64(w, sum->n);
    codec_put_u64(w, sum->plus_inf);
    codec_put_u64(w, sum->minus_inf);
    codec_put_u64(w, sum->nan);
    sum_number_put(w, number);
}

cxm_status cxm_sum_encode(const cxm_sum *sum, void *out, size_t cap, size_t *len)
{
    codec_writer count = {NULL, 0, 0};
    sum_number number;
    size_t total;
    if (!sum || !len || (!out && cap)) return CXM_E_ARG;
    sum_to_number(sum, &number);
    put(&count, sum, &number);
    if (!codec_frame_bytes(SPEC_BYTES, count.len, &total)) return CXM_E_ARG;    /* cannot be: both are short */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, CODEC_SUM, SPEC, SPEC_BYTES, count.len), count.len, 0};
    put(&payload, sum, &number);
    codec_close(out, SPEC_BYTES, count.len);
    return CXM_OK;
}

/* Whether the counts fit together, and n less those that are not finite. */
static bool count_finite(const cxm_sum *sum, uint64_t *finite)
{
    return checked_sub_u64(sum->n, sum->plus_inf, finite) && checked_sub_u64(*finite, sum->minus_inf, finite) &&
           checked_sub_u64(*finite, sum->nan, finite);
}

cxm_status cxm_sum_decode(const void *bytes, size_t len, cxm_sum *out)
{
    codec_frame frame;
    sum_number number;
    uint64_t finite;
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_SUM || frame.spec_len != SPEC_BYTES || memcmp(frame.spec, SPEC, SPEC_BYTES) != 0)
        return CXM_E_FORMAT;
    codec_reader r = {frame.payload, frame.payload_len, true};
    cxm_sum sum = {.n = codec_get_u64(&r)};
    sum.plus_inf = codec_get_u64(&r);
    sum.minus_inf = codec_get_u64(&r);
    sum.nan = codec_get_u64(&r);
    sum_number_get(&r, &number);
    if (!r.ok || r.left || !count_finite(&sum, &finite) || !sum_number_within(&number, finite)) return CXM_E_FORMAT;
    sum_set_number(&sum, &number);
    *out = sum;
    return CXM_OK;
}
