/* SPDX-License-Identifier: MIT */
/* label_codec.c - a label state as canonical bytes; the layout stands in label_codec.h.
 *
 * A payload is walked twice: once to check all of it and to add up the memory it needs, then to build.
 * So memory is judged before any is asked for, and building cannot fail but for lack of it.   */
#include "base/port.h"
#include "score/label_codec.h"
#include <cxm/text.h>
#include "base/checked.h"
#include "base/writer.h"
#include "score/label_state.h"
#include <string.h>

/* --- spec --- */

static void write_count(writer *w, const char *before, uint32_t value)
{
    char text[CXM_TEXT_NUMBER_MAX];
    size_t len = 0;
    writer_text(w, before);
    cxm_text_from_number(value, text, sizeof text, &len);
    writer_bytes(w, text, len);
}

size_t label_spec_write(const cxm_label_options *options, char out[LABEL_SPEC_MAX])
{
    writer w = {out, LABEL_SPEC_MAX, 0};
    write_count(&w, "label max ", options->max_labels);
    write_count(&w, " bytes ", options->max_label_bytes);
    return w.len;
}

/* Digits at *at, which moves behind them; too many of them end beyond every bound. */
static uint32_t scan_count(const char *text, size_t len, size_t *at)
{
    uint32_t value = 0;
    for (; *at < len && text[*at] >= '0' && text[*at] <= '9' && value < 100000; ++*at)
        value = 10 * value + (uint32_t)(text[*at] - '0');
    return value;
}

/* Whether `word` stands at *at, which then moves behind it. */
static bool skip(const char *text, size_t len, size_t *at, const char *word)
{
    size_t size = strlen(word);
    if (len - *at < size || memcmp(text + *at, word, size) != 0) return false;
    *at += size;
    return true;
}

bool label_spec_read(const char *text, size_t len, cxm_label_options *out)
{
    char again[LABEL_SPEC_MAX];
    size_t at = 0;
    cxm_label_options read = {.size = sizeof read}, full;
    if (!skip(text, len, &at, "label max ")) return false;
    read.max_labels = scan_count(text, len, &at);
    if (!skip(text, len, &at, " bytes ")) return false;
    read.max_label_bytes = scan_count(text, len, &at);
    if (label_options_complete(&read, &full) != CXM_OK) return false;
    if (label_spec_write(&full, again) != len || memcmp(text, again, len) != 0) return false;
    *out = full;
    return true;
}

const cxm_label_options *label_options(const cxm_label *label)
{
    return &label->options;
}

/* --- payload --- */

void label_put(codec_writer *w, const cxm_label *label)
{
    codec_put_u64(w, label->missing);
    codec_put_u64(w, label->out_of_range);
    codec_put_u64(w, label->other);
    codec_put_u64(w, label->count);
    for (size_t i = 0; i < label->count; ++i) {
        const label_entry *entry = label->slots[i].entry;
        codec_put_u64(w, entry->len);
        codec_put_bytes(w, entry->text, entry->len);
        codec_put_u64(w, entry->count);
    }
}

typedef struct payload_head { uint64_t missing, out_of_range, other, count; } payload_head;
typedef struct payload_row { const char *text; size_t len; uint64_t count; } payload_row;

static payload_head get_head(codec_reader *r)
{
    payload_head head;
    head.missing = codec_get_u64(r);
    head.out_of_range = codec_get_u64(r);
    head.other = codec_get_u64(r);
    head.count = codec_get_u64(r);
    return head;
}

static payload_row get_row(codec_reader *r, uint32_t max_label_bytes)
{
    payload_row row = {NULL, 0, 0};
    uint64_t len = codec_get_u64(r);
    r->ok = r->ok && len <= max_label_bytes;
    if (!r->ok) return row;
    row.len = (size_t)len;
    row.text = (const char *)codec_get_bytes(r, row.len);
    row.count = codec_get_u64(r);
    return row;
}

static bool ascends(const payload_row *a, const payload_row *b)
{
    size_t common = a->len < b->len ? a->len : b->len;
    int order = common ? memcmp(a->text, b->text, common) : 0;
    return order < 0 || (order == 0 && a->len < b->len);
}

/* Reads a whole payload; adds up n and the bytes its state takes. False when it is not canonical. */
static bool check(codec_reader *r, const cxm_label_options *options, uint64_t *n, size_t *bytes)
{
    payload_head head = get_head(r);
    payload_row before = {NULL, 0, 0};
    bool ok = r->ok && head.count <= options->max_labels && (head.other == 0 || head.count == options->max_labels);
    *n = head.other;
    *bytes = sizeof(cxm_label);
    for (uint64_t i = 0; ok && i < head.count; ++i) {
        payload_row row = get_row(r, options->max_label_bytes);
        ok = r->ok && row.count > 0 && (i == 0 || ascends(&before, &row)) && checked_add_u64(*n, row.count, n);
        *bytes += label_entry_bytes(row.len);
        before = row;
    }
    if (ok && head.count) *bytes += label_room((size_t)head.count, options->max_labels) * sizeof(label_slot);
    return ok;
}

/* Fills an empty state from a payload that was checked. */
static cxm_status build(codec_reader *r, cxm_label *label, uint64_t n)
{
    payload_head head = get_head(r);
    if (head.count && label_reserve(label, (size_t)head.count) != CXM_OK) return CXM_E_MEMORY;
    for (uint64_t i = 0; i < head.count; ++i) {
        payload_row row = get_row(r, label->options.max_label_bytes);
        label_entry *entry = label_entry_make(&label->hook, row.text, row.len, row.count);
        if (!entry) return CXM_E_MEMORY;
        label_insert(label, label->count, entry);
    }
    label->n = n;
    label->missing = head.missing;
    label->out_of_range = head.out_of_range;
    label->other = head.other;
    return CXM_OK;
}

cxm_status label_get(codec_reader *r, const cxm_label_options *options, size_t max_bytes, const cxm_alloc *hook,
                     cxm_label **out)
{
    codec_reader first = *r;
    cxm_label *label;
    uint64_t n;
    size_t bytes;
    r->ok = check(&first, options, &n, &bytes);
    if (!r->ok) return CXM_E_FORMAT;
    if (bytes > max_bytes) return CXM_E_LIMIT;
    cxm_status status = cxm_label_create(options, hook, &label);
    if (status != CXM_OK) return status;
    status = build(r, label, n);
    if (status != CXM_OK) cxm_label_free(label);
    else *out = label;
    return status;
}

/* A label takes two bytes and its text at least; a table has FIRST_SLOTS slots, or less than twice its labels. */
uint64_t label_read_bytes(uint64_t states, uint64_t payload)
{
    uint64_t state = sizeof(cxm_label) + label_room(0, CXM_LABEL_LABELS_MAX) * sizeof(label_slot);
    return states * state + payload / 2 * (sizeof(label_entry) + 2 * sizeof(label_slot)) + payload;
}

/* --- the envelope --- */

cxm_status cxm_label_encode(const cxm_label *label, void *out, size_t cap, size_t *len)
{
    char spec[LABEL_SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    size_t total;
    if (!label || !len || (!out && cap)) return CXM_E_ARG;
    size_t spec_len = label_spec_write(&label->options, spec);
    label_put(&count, label);
    if (!codec_frame_bytes(spec_len, count.len, &total)) return CXM_E_ARG;      /* cannot be: the bounds are far below */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, CODEC_LABEL, spec, spec_len, count.len), count.len, 0};
    label_put(&payload, label);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

cxm_status cxm_label_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc, cxm_label **out)
{
    codec_frame frame;
    cxm_label_options options;
    cxm_label *label;
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_LABEL || !label_spec_read(frame.spec, frame.spec_len, &options)) return CXM_E_FORMAT;
    codec_reader payload = {frame.payload, frame.payload_len, true};
    status = label_get(&payload, &options, max_bytes, alloc, &label);
    if (status != CXM_OK) return status;
    if (payload.left) {
        cxm_label_free(label);
        return CXM_E_FORMAT;
    }
    *out = label;
    return CXM_OK;
}
