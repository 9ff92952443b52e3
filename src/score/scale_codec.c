/* SPDX-License-Identifier: MIT */
/* scale_codec.c - a scale's state as canonical bytes: kind 1 of base/codec.h.
 *
 * Spec     "scale 0..10 low 0..6 high 9..10 higher": ends, low band, high band, direction
 * Payload  missing, unparsed, out of range, then the count of each point from lo to hi, as varints
 *
 * A spec is read by scanning its numbers and writing it again: only the very same text is accepted. */
#include "base/port.h"
#include "score/scale_codec.h"
#include <cxm/text.h>
#include "base/scanner.h"
#include "base/writer.h"
#include "score/scale_points.h"
#include <string.h>

static void write_int(writer *w, int32_t value)
{
    char text[CXM_TEXT_NUMBER_MAX];
    size_t len = 0;
    cxm_text_from_number(value, text, sizeof text, &len);
    writer_bytes(w, text, len);
}

static void write_range(writer *w, const char *before, int32_t from, int32_t to)
{
    writer_text(w, before);
    write_int(w, from);
    writer_text(w, "..");
    write_int(w, to);
}

size_t scale_spec_write(const cxm_scale_spec *spec, char out[SCALE_SPEC_MAX])
{
    writer w = {out, SCALE_SPEC_MAX, 0};
    write_range(&w, "scale ", spec->lo, spec->hi);
    write_range(&w, " low ", spec->lo, spec->low_to);
    write_range(&w, " high ", spec->high_from, spec->hi);
    writer_text(&w, spec->direction == CXM_HIGHER_IS_BETTER ? " higher" : " lower");
    return w.len;
}

/* A point of a scale. */
static int32_t scan_point(scanner *s)
{
    return (int32_t)scanner_int(s, INT32_MIN, INT32_MAX);
}

bool scale_spec_read(const char *text, size_t len, cxm_scale_spec *out)
{
    char again[SCALE_SPEC_MAX];
    cxm_scale_spec spec = {.size = sizeof spec};
    scanner s = {text, len, true};
    scanner_skip(&s, "scale ");
    spec.lo = scan_point(&s);
    scanner_skip(&s, "..");
    spec.hi = scan_point(&s);
    scanner_skip(&s, " low ");
    scan_point(&s);
    scanner_skip(&s, "..");
    spec.low_to = scan_point(&s);
    scanner_skip(&s, " high ");
    spec.high_from = scan_point(&s);
    spec.direction = s.ok && len > 6 && memcmp(text + len - 6, "higher", 6) == 0 ? CXM_HIGHER_IS_BETTER : CXM_LOWER_IS_BETTER;
    if (!s.ok || !scale_spec_ok(&spec) || scale_spec_write(&spec, again) != len || memcmp(text, again, len) != 0) return false;
    *out = spec;
    return true;
}

void scale_put(codec_writer *w, const cxm_scale *scale)
{
    codec_put_u64(w, scale->missing);
    codec_put_u64(w, scale->unparsed);
    codec_put_u64(w, scale->out_of_range);
    for (size_t i = 0; i < scale_points(&scale->spec); ++i) codec_put_u64(w, scale->counts[i]);
}

void scale_get(codec_reader *r, cxm_scale *scale)
{
    uint64_t n;
    scale->missing = codec_get_u64(r);
    scale->unparsed = codec_get_u64(r);
    scale->out_of_range = codec_get_u64(r);
    for (size_t i = 0; i < scale_points(&scale->spec); ++i) scale->counts[i] = codec_get_u64(r);
    r->ok = r->ok && cxm_scale_n(scale, &n) == CXM_OK;
}

cxm_status cxm_scale_encode(const cxm_scale *scale, void *out, size_t cap, size_t *len)
{
    char spec[SCALE_SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    size_t total;
    if (!scale || !len || (!out && cap) || !scale_spec_ok(&scale->spec)) return CXM_E_ARG;
    size_t spec_len = scale_spec_write(&scale->spec, spec);
    scale_put(&count, scale);
    if (!codec_frame_bytes(spec_len, count.len, &total)) return CXM_E_ARG;      /* cannot be: both are short */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, CODEC_SCALE, spec, spec_len, count.len), count.len, 0};
    scale_put(&payload, scale);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

cxm_status cxm_scale_decode(const void *bytes, size_t len, cxm_scale *out)
{
    codec_frame frame;
    cxm_scale scale;
    cxm_scale_spec spec;
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_SCALE || !scale_spec_read(frame.spec, frame.spec_len, &spec)) return CXM_E_FORMAT;
    cxm_scale_init(&scale, &spec);
    codec_reader payload = {frame.payload, frame.payload_len, true};
    scale_get(&payload, &scale);
    if (!payload.ok || payload.left) return CXM_E_FORMAT;
    memcpy(out, &scale, cxm_scale_bytes(&spec));
    return CXM_OK;
}
