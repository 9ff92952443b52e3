/* SPDX-License-Identifier: MIT */
/* weighted_codec.c - a weighted state as canonical bytes; the layout stands in weighted_codec.h.
 *
 * A payload is walked twice: once to check all of it and to find the windows its sums need, then to build. So
 * memory is judged before any is asked for, and building cannot fail but for lack of it. */
#include "base/port.h"
#include "score/weighted_codec.h"
#include "base/checked.h"
#include "base/writer.h"
#include "score/scale_codec.h"
#include "score/weighted_state.h"
#include <string.h>

static const char PREFIX[] = "weighted ";
enum { PREFIX_LEN = sizeof PREFIX - 1 };

/* --- spec --- */

size_t weighted_spec_write(const cxm_scale_spec *spec, char out[WEIGHTED_SPEC_MAX])
{
    char scale[SCALE_SPEC_MAX];
    writer w = {out, WEIGHTED_SPEC_MAX, 0};
    size_t len = scale_spec_write(spec, scale);             /* below 100: six numbers of at most 11 digits */
    writer_bytes(&w, PREFIX, PREFIX_LEN);
    writer_bytes(&w, scale, len);
    return w.len;
}

bool weighted_spec_read(const char *text, size_t len, cxm_scale_spec *out)
{
    return len > PREFIX_LEN && memcmp(text, PREFIX, PREFIX_LEN) == 0 &&
           scale_spec_read(text + PREFIX_LEN, len - PREFIX_LEN, out);
}

/* --- payload --- */

size_t weighted_floor(const cxm_scale_spec *spec)
{
    return 6 + scale_points(spec);
}

static void put_sum(codec_writer *w, sum_window window, const uint32_t *sum)
{
    sum_number number;
    sum_window_to_number(window, sum, &number);
    sum_number_put(w, &number);
}

void weighted_put(codec_writer *w, const cxm_weighted *weighted)
{
    const uint64_t account[] = {weighted->missing, weighted->unparsed, weighted->out_of_range,
                                weighted->zero, weighted->zero_blank, weighted->refused};
    for (size_t i = 0; i < sizeof account / sizeof *account; ++i) codec_put_u64(w, account[i]);
    for (size_t i = 0; i < scale_points(&weighted->spec); ++i) codec_put_u64(w, weighted->counts[i]);
    for (size_t slot = 0; slot < weighted_slots(&weighted->spec); ++slot) {
        if (weighted_rows(weighted, slot) == 0) continue;
        put_sum(w, weighted->weight, weighted_weight(weighted, slot));
        put_sum(w, weighted->square, weighted_square(weighted, slot));
    }
}

/* What stands before the sums. */
typedef struct payload_head { uint64_t missing, unparsed, out_of_range, zero, zero_blank, refused, records;
                              uint64_t counts[CXM_SCALE_POINTS_MAX]; } payload_head;

static bool get_head(codec_reader *r, const cxm_scale_spec *spec, payload_head *head)
{
    uint64_t *const account[] = {&head->missing, &head->unparsed, &head->out_of_range, &head->zero, &head->zero_blank, &head->refused};
    head->records = 0;
    for (size_t i = 0; i < sizeof account / sizeof *account; ++i) {
        *account[i] = codec_get_u64(r);
        if (account[i] == &head->zero_blank) continue;      /* counted among the first three */
        r->ok = r->ok && checked_add_u64(head->records, *account[i], &head->records);
    }
    for (size_t i = 0; i < scale_points(spec); ++i) {
        head->counts[i] = codec_get_u64(r);
        r->ok = r->ok && checked_add_u64(head->records, head->counts[i], &head->records);
    }
    r->ok = r->ok && head->zero_blank <= head->missing + head->unparsed + head->out_of_range;
    return r->ok;
}

static uint64_t rows_of(const payload_head *head, const cxm_scale_spec *spec, size_t slot)
{
    return slot < scale_points(spec) ? head->counts[slot] : head->missing + head->unparsed + head->out_of_range - head->zero_blank;
}

/* A sum above 0, and the least window around it and those before; it must lie within limbs at..at+width-1. */
static bool get_sum(codec_reader *r, sum_window bound, sum_number *number, sum_window *window)
{
    sum_number_get(r, number);
    r->ok = r->ok && number->size.used > 0 && !number->negative;
    if (!r->ok) return false;
    *window = sum_window_around(*window, sum_window_of_number(number));
    r->ok = window->at >= bound.at && window->at + window->width <= bound.at + bound.width;
    return r->ok;
}

/* Reads a whole payload; finds the windows it needs. */
static bool check(codec_reader *r, const cxm_scale_spec *spec, payload_head *head, sum_window *weight, sum_window *square)
{
    const sum_window weights = {WEIGHT_LIMB, WEIGHT_LIMBS}, squares = {SQUARE_LIMB, SQUARE_LIMBS};
    sum_number number;
    bool ok = get_head(r, spec, head);
    *weight = *square = (sum_window){0, 0};
    for (size_t slot = 0; ok && slot < weighted_slots(spec); ++slot)
        if (rows_of(head, spec, slot)) ok = get_sum(r, weights, &number, weight) && get_sum(r, squares, &number, square);
    return ok;
}

static void set_counts(cxm_weighted *w, const payload_head *head)
{
    w->records = head->records;
    w->missing = head->missing;
    w->unparsed = head->unparsed;
    w->out_of_range = head->out_of_range;
    w->zero = head->zero;
    w->zero_blank = head->zero_blank;
    w->refused = head->refused;
    memcpy(w->counts, head->counts, scale_points(&w->spec) * sizeof *w->counts);
}

/* Fills an empty state from sums that were checked; its counts and windows are set. */
static void set_sums(codec_reader *r, cxm_weighted *w)
{
    sum_number number;
    for (size_t slot = 0; slot < weighted_slots(&w->spec); ++slot) {
        if (weighted_rows(w, slot) == 0) continue;
        sum_number_get(r, &number);
        sum_window_set_number(w->weight, weighted_weight(w, slot), &number);
        sum_number_get(r, &number);
        sum_window_set_number(w->square, weighted_square(w, slot), &number);
    }
}

cxm_status weighted_get(codec_reader *r, const cxm_scale_spec *spec, size_t max_bytes, const cxm_alloc *hook,
                        cxm_weighted **out)
{
    codec_reader first = *r;
    payload_head head;
    sum_window weight, square;
    cxm_weighted *w;
    r->ok = check(&first, spec, &head, &weight, &square);
    if (!r->ok) return CXM_E_FORMAT;
    size_t bytes = sizeof *w + scale_points(spec) * sizeof *w->counts + weighted_limb_bytes(spec, weight, square);
    if (bytes > max_bytes) return CXM_E_LIMIT;
    cxm_status status = cxm_weighted_create(spec, hook, &w);
    if (status != CXM_OK) return status;
    if (weight.width) status = weighted_widen(w, weight, square);
    if (status != CXM_OK) {
        cxm_weighted_free(w);
        return status;
    }
    get_head(r, spec, &head);
    set_counts(w, &head);
    set_sums(r, w);
    *out = w;
    return CXM_OK;
}

/* --- the envelope --- */

cxm_status cxm_weighted_encode(const cxm_weighted *weighted, void *out, size_t cap, size_t *len)
{
    char spec[WEIGHTED_SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    size_t total;
    if (!weighted || !len || (!out && cap)) return CXM_E_ARG;
    size_t spec_len = weighted_spec_write(&weighted->spec, spec);
    weighted_put(&count, weighted);
    if (!codec_frame_bytes(spec_len, count.len, &total)) return CXM_E_ARG;      /* cannot be: both are short */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, CODEC_WEIGHTED, spec, spec_len, count.len), count.len, 0};
    weighted_put(&payload, weighted);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

cxm_status cxm_weighted_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc, cxm_weighted **out)
{
    codec_frame frame;
    cxm_scale_spec spec;
    cxm_weighted *w;
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_WEIGHTED || !weighted_spec_read(frame.spec, frame.spec_len, &spec)) return CXM_E_FORMAT;
    codec_reader payload = {frame.payload, frame.payload_len, true};
    status = weighted_get(&payload, &spec, max_bytes, alloc, &w);
    if (status != CXM_OK) return status;
    if (payload.left) {
        cxm_weighted_free(w);
        return CXM_E_FORMAT;
    }
    *out = w;
    return CXM_OK;
}
