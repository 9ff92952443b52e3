/* SPDX-License-Identifier: MIT */
/* engine_state.c - an engine's state travels: merge, and canonical bytes of kind 16 (base/codec.h).
 *
 * Spec     "container by 1 7:channel window month 0 all of scale 0..10 low 0..6 high 9..10 higher"
 *            by N and the name of each segment column as LENGTH:BYTES, or "by N" alone for none;
 *            window none | day | week | month | quarter | year ZONE | stretch SECONDS:MICROSECONDS ZONE;
 *            all | first | latest answer of a key; the spec of the metric, as it stands in its own codec
 * Payload  the declared range: 0 | 1 and since, 0 | 1 and until;
 *            records unparsed for their time; records left out; records in `other`; number of slots; then each
 *            slot with any record, by segments, then window: 0 | 1 for `other`, where 0 each segment's length
 *            and bytes; the window's start where there are windows; 0 | 1 and first and last event time;
 *            duplicates; late; the payload of its metric's own codec;
 *          with dedupe the number of keys, and each by bytes: its length and bytes, the number of the slot that
 *            its answer is scored in, the event time, the answer less the scale's first point
 * Numbers are varints, instants zigzag. A slot's place, window, sums and times are all checked, so that no two
 * byte strings stand for one state.
 *
 * A decode allocates as it reads, but each slot takes at least slot_floor() bytes of payload, so the number
 * of slots declared cannot exceed what the length can hold, and the memory follows from that number and the
 * length: what a metric holds beyond its cell is bounded by the bytes it is read from.  */
#include "base/port.h"
#include <cxm/text.h>
#include "base/alloc.h"
#include "base/checked.h"
#include "base/codec.h"
#include "base/scanner.h"
#include "base/writer.h"
#include "stream/dedupe.h"
#include "stream/engine_parts.h"
#include <string.h>

enum { SPEC_MAX = 18 * 1024, NAME_LEN_MAX = 16 * 1024, ROOM_BYTES = 16 * 1024 * 1024, KEY_FLOOR = 5, LEAST_BYTES = 64 * 1024 };

static const char *const dedupe_names[] = {" all", " first", " latest"};
static const char *const unit_names[] = {"", "day ", "week ", "month ", "quarter ", "year ", "stretch "};

/* --- merge --- */

static bool same_views(const cxm_view *a, const cxm_view *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; ++i)
        if (a[i].len != b[i].len || (a[i].len && memcmp(a[i].text, b[i].text, a[i].len) != 0)) return false;
    return true;
}

static bool same_window(const cxm_engine *a, const cxm_engine *b)
{
    return a->has_window == b->has_window &&
           (!a->has_window || (a->window.unit == b->window.unit && a->window.length_us == b->window.length_us &&
                               a->window.zone_s == b->window.zone_s));
}

/* As they stand in bytes: durations are the same whatever unit they are told in. */
static bool same_metric(const metric_spec *a, const metric_spec *b)
{
    char x[METRIC_SPEC_MAX], y[METRIC_SPEC_MAX];
    if (a->row != b->row) return false;
    size_t len = registry_row(a)->spec_write(a, x);
    return registry_row(b)->spec_write(b, y) == len && memcmp(x, y, len) == 0;
}

static bool same_spec(const cxm_engine *a, const cxm_engine *b)
{
    return a->segments == b->segments && a->has_names == b->has_names && same_views(a->names, b->names, a->segments) &&
           same_metric(&a->spec, &b->spec) && same_window(a, b) && a->dedupe == b->dedupe;
}

/* The first step of two: after it the second cannot fail. */
static cxm_status prepare_cell(cxm_engine *engine, cell *into, const cell *from)
{
    uint64_t sum;
    if (!checked_add_u64(into->duplicates, from->duplicates, &sum) || !checked_add_u64(into->late, from->late, &sum))
        return CXM_E_OVERFLOW;
    return engine_verdict(engine, registry_row(&engine->spec)->prepare(&into->state, &from->state, &engine->spec, &engine->cell_hook));
}

static void commit_cell(const cxm_engine *engine, cell *into, const cell *from)
{
    registry_row(&engine->spec)->commit(&into->state, &from->state);
    into->duplicates += from->duplicates;
    into->late += from->late;
    if (!from->has_time) return;
    cell_stretch(into, from->first_us);
    cell_stretch(into, from->last_us);
}

/* Takes back what was prepared. */
static void discard_cells(cxm_engine *engine)
{
    void (*discard)(metric_state *) = registry_row(&engine->spec)->discard;
    for (size_t i = 0; discard && i < group_count(engine->slots); ++i)
        discard(&((cell *)group_data(group_at(engine->slots, i)))->state);
}

/* Makes room for every slot and key of `from` and prepares each sum: after it nothing can fail. */
static cxm_status rehearse(cxm_engine *into, const cxm_engine *from)
{
    cxm_status status = CXM_OK;
    group_slot *target;
    winner *held;
    for (size_t i = 0; i < group_count(from->slots) && status == CXM_OK; ++i) {
        group_slot *slot = group_at(from->slots, i);
        if (cell_records(from, group_data(slot)) == 0) continue;
        status = engine_slot_of(into, &slot->key, &target);
        if (status == CXM_OK) status = prepare_cell(into, group_data(target), group_data(slot));
    }
    for (size_t i = 0; from->keys && i < group_count(from->keys) && status == CXM_OK; ++i)
        status = dedupe_winner_of(into, group_at(from->keys, i)->key.segments[0], &held);
    return status;
}

/* The winners of two parts meet as their records would have met in one pass. */
static void merge_winners(cxm_engine *into, const cxm_engine *from)
{
    group_slot *home;
    winner *held;
    for (size_t i = 0; from->keys && i < group_count(from->keys); ++i) {
        group_slot *key = group_at(from->keys, i);
        const winner *guest = group_data(key);
        if (!guest->home) continue;                     /* a key whose record was refused */
        engine_slot_of(into, &guest->home->key, &home);
        dedupe_winner_of(into, key->key.segments[0], &held);
        dedupe_settle(into, held, (winner){home, guest->at_us, guest->answer});
    }
}

static maybe_us earlier(maybe_us a, maybe_us b)
{
    return !b.known || (a.known && a.at <= b.at) ? a : b;
}

static maybe_us later(maybe_us a, maybe_us b)
{
    return !b.known || (a.known && a.at >= b.at) ? a : b;
}

/* Every number of a state counts some of its records, so one sum that fits stands for all of them. */
static bool records_fit(const cxm_engine *a, const cxm_engine *b)
{
    cxm_account x = {.size = sizeof x}, y = {.size = sizeof y};
    uint64_t sum;
    cxm_engine_account(a, &x);
    cxm_engine_account(b, &y);
    return checked_add_u64(x.records, y.records, &sum);
}

cxm_status cxm_engine_merge(cxm_engine *into, cxm_engine *from)
{
    group_slot *target;
    if (!into || !from || into == from || into->phase != OPEN) return CXM_E_ARG;
    if (!same_spec(into, from)) return CXM_E_MISMATCH;
    if (!records_fit(into, from)) return CXM_E_OVERFLOW;
    cxm_status status = rehearse(into, from);
    if (status != CXM_OK) {
        discard_cells(into);
        return status;
    }
    for (size_t i = 0; i < group_count(from->slots); ++i) {
        group_slot *slot = group_at(from->slots, i);
        if (cell_records(from, group_data(slot)) == 0) continue;
        engine_slot_of(into, &slot->key, &target);
        commit_cell(into, group_data(target), group_data(slot));
    }
    merge_winners(into, from);
    into->excluded += from->excluded;
    into->untimed += from->untimed;
    into->others += from->others;
    into->cover_from = earlier(into->cover_from, from->cover_from);
    into->cover_to = later(into->cover_to, from->cover_to);
    return CXM_OK;
}

/* --- spec --- */

static void write_int(writer *w, int64_t value)
{
    char text[CXM_TEXT_NUMBER_MAX];
    size_t len = 0;
    cxm_text_from_number((double)value, text, sizeof text, &len);       /* below 2^53: exact */
    writer_bytes(w, text, len);
}

static void write_window(writer *w, const cxm_window_spec *window)
{
    writer_text(w, unit_names[window->unit]);
    if (window->unit == CXM_WINDOW_STRETCH) {
        write_int(w, window->length_us / 1000000);      /* whole seconds and the rest, each below 2^53 */
        writer_text(w, ":");
        write_int(w, window->length_us % 1000000);
        writer_text(w, " ");
    }
    write_int(w, window->zone_s);
}

static size_t write_spec(const cxm_engine *engine, char out[SPEC_MAX])
{
    char last[METRIC_SPEC_MAX];
    writer w = {out, SPEC_MAX, 0};
    writer_text(&w, "container by ");
    write_int(&w, engine->segments);
    for (uint32_t i = 0; engine->has_names && i < engine->segments; ++i) {
        writer_text(&w, " ");
        write_int(&w, (int64_t)engine->names[i].len);
        writer_text(&w, ":");
        writer_bytes(&w, engine->names[i].text, engine->names[i].len);
    }
    writer_text(&w, " window ");
    if (engine->has_window) write_window(&w, &engine->window);
    else writer_text(&w, "none");
    writer_text(&w, dedupe_names[engine->dedupe]);
    writer_text(&w, " of ");
    writer_bytes(&w, last, registry_row(&engine->spec)->spec_write(&engine->spec, last));
    return w.len;
}

/* A spec as it is read, in the shape that makes an engine. */
typedef struct spec_read {
    cxm_engine_options options;
    metric_spec metric;
    cxm_window_spec window;
    cxm_view names[CXM_ENGINE_SEGMENTS_MAX];
} spec_read;

static void read_names(scanner *s, spec_read *out)
{
    scanner ahead = *s;
    bool none = scanner_try(&ahead, " window ");        /* a name begins with its length, a digit */
    out->options.names = none ? NULL : out->names;
    for (uint32_t i = 0; !none && i < out->options.segments; ++i) {
        scanner_skip(s, " ");
        size_t len = (size_t)scanner_int(s, 0, NAME_LEN_MAX);
        scanner_skip(s, ":");
        out->names[i] = (cxm_view){scanner_bytes(s, len), len};
    }
}

static void read_window(scanner *s, spec_read *out)
{
    if (scanner_try(s, "none")) return;
    int32_t unit = CXM_WINDOW_STRETCH;
    while (unit > 0 && !scanner_try(s, unit_names[unit])) --unit;
    s->ok = s->ok && unit > 0;
    out->window = (cxm_window_spec){.size = sizeof out->window, .unit = unit};
    if (unit == CXM_WINDOW_STRETCH) {
        int64_t seconds = scanner_int(s, 0, INT64_C(400000000000));
        scanner_skip(s, ":");
        out->window.length_us = seconds * 1000000 + scanner_int(s, 0, 999999);
        scanner_skip(s, " ");
    }
    out->window.zone_s = (int32_t)scanner_int(s, -86399, 86399);
    out->options.window = &out->window;
}

/* A state of one metric is an engine's total, without segments, windows and times. */
static bool read_bare_spec(const codec_frame *frame, spec_read *out)
{
    if (!registry_read(frame->spec, frame->spec_len, &out->metric) || registry_row(&out->metric)->kind != frame->kind) return false;
    registry_row(&out->metric)->tell(&out->metric, &out->options);
    return true;
}

static bool read_spec(const codec_frame *frame, spec_read *out)
{
    scanner s = {frame->spec, frame->spec_len, true};
    memset(out, 0, sizeof *out);
    out->options.size = sizeof out->options;
    if (frame->kind != CODEC_CONTAINER) return read_bare_spec(frame, out);
    scanner_skip(&s, "container by ");
    out->options.segments = (uint32_t)scanner_int(&s, 0, CXM_ENGINE_SEGMENTS_MAX);
    read_names(&s, out);
    scanner_skip(&s, " window ");
    read_window(&s, out);
    out->options.dedupe = CXM_DEDUPE_LATEST;
    while (out->options.dedupe > 0 && !scanner_try(&s, dedupe_names[out->options.dedupe])) --out->options.dedupe;
    if (out->options.dedupe == CXM_DEDUPE_NONE) scanner_skip(&s, dedupe_names[CXM_DEDUPE_NONE]);
    scanner_skip(&s, " of ");
    if (!s.ok || !registry_read(s.at, s.left, &out->metric)) return false;
    registry_row(&out->metric)->tell(&out->metric, &out->options);
    return true;
}

/* Whether the engine made from a spec writes that very spec. */
static bool same_spelling(const cxm_engine *engine, const codec_frame *frame)
{
    char again[SPEC_MAX];
    size_t len = frame->kind == CODEC_CONTAINER ? write_spec(engine, again) : registry_row(&engine->spec)->spec_write(&engine->spec, again);
    return len == frame->spec_len && len <= SPEC_MAX && memcmp(again, frame->spec, len) == 0;
}

/* --- payload out --- */

static void put_maybe(codec_writer *w, maybe_us value)
{
    codec_put_u64(w, value.known);
    if (value.known) codec_put_i64(w, value.at);
}

static void put_slot(codec_writer *w, const cxm_engine *engine, group_slot *slot)
{
    const cell *c = group_data(slot);
    codec_put_u64(w, slot->key.is_other);
    for (uint32_t i = 0; !slot->key.is_other && i < slot->key.segment_count; ++i) {
        codec_put_u64(w, slot->key.segments[i].len);
        codec_put_bytes(w, slot->key.segments[i].text, slot->key.segments[i].len);
    }
    if (engine->has_window) codec_put_i64(w, slot->key.window);
    codec_put_u64(w, c->has_time);
    if (c->has_time) {
        codec_put_i64(w, c->first_us);
        codec_put_i64(w, c->last_us);
    }
    codec_put_u64(w, c->duplicates);
    codec_put_u64(w, c->late);
    registry_row(&engine->spec)->put(w, &c->state, &engine->spec);
}

static uint64_t keys_in_use(const cxm_engine *engine)
{
    uint64_t n = 0;
    for (size_t i = 0; i < group_count(engine->keys); ++i) n += ((winner *)group_data(group_at(engine->keys, i)))->home != NULL;
    return n;
}

static void put_keys(codec_writer *w, const cxm_engine *engine)
{
    codec_put_u64(w, keys_in_use(engine));
    for (size_t i = 0; i < group_count(engine->keys); ++i) {
        group_slot *key = group_at(engine->keys, i);
        const winner *held = group_data(key);
        if (!held->home) continue;
        codec_put_u64(w, key->key.segments[0].len);
        codec_put_bytes(w, key->key.segments[0].text, key->key.segments[0].len);
        codec_put_u64(w, ((cell *)group_data(held->home))->number);
        codec_put_i64(w, held->at_us);
        codec_put_u64(w, (uint64_t)(held->answer - engine->spec.scale.lo));
    }
}

/* Slots and keys are sorted by bytes before. */
static void put_engine(codec_writer *w, const cxm_engine *engine)
{
    uint64_t number = 0;
    put_maybe(w, engine->cover_from);
    put_maybe(w, engine->cover_to);
    codec_put_u64(w, engine->untimed);
    codec_put_u64(w, engine->excluded);
    codec_put_u64(w, engine->others);
    codec_put_u64(w, engine_slots_in_use(engine));
    for (size_t i = 0; i < group_count(engine->slots); ++i) {
        group_slot *slot = group_at(engine->slots, i);
        if (cell_records(engine, group_data(slot)) == 0) continue;
        ((cell *)group_data(slot))->number = number++;
        put_slot(w, engine, slot);
    }
    if (engine->keys) put_keys(w, engine);
}

cxm_status cxm_engine_encode(cxm_engine *engine, void *out, size_t cap, size_t *len)
{
    char spec[SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    size_t total;
    if (!engine || !len || (!out && cap)) return CXM_E_ARG;
    engine->phase = OPEN;
    group_sort(engine->slots, group_compare_segments);
    if (engine->keys) group_sort(engine->keys, group_compare_segments);
    size_t spec_len = write_spec(engine, spec);
    put_engine(&count, engine);
    if (!codec_frame_bytes(spec_len, count.len, &total)) return CXM_E_ARG;      /* cannot be: it is in memory */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, CODEC_CONTAINER, spec, spec_len, count.len), count.len, 0};
    put_engine(&payload, engine);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

/* --- payload in --- */

static bool get_bool(codec_reader *r)
{
    uint64_t value = codec_get_u64(r);
    r->ok = r->ok && value <= 1;
    return r->ok && value;
}

static maybe_us get_maybe(codec_reader *r)
{
    maybe_us value = {get_bool(r), 0};
    if (value.known) value.at = codec_get_i64(r);
    return value;
}

/* The fewest bytes a slot can take. */
static uint64_t slot_floor(const spec_read *spec)
{
    return (spec->options.window ? 5u : 4u) + registry_row(&spec->metric)->floor(&spec->metric);    /* other, times, duplicates, late */
}

/* What stands before the slots. */
typedef struct prologue { maybe_us from, to; uint64_t untimed, excluded, others, slots; } prologue;

static bool get_prologue(codec_reader *r, const spec_read *spec, prologue *out)
{
    out->from = get_maybe(r);
    out->to = get_maybe(r);
    out->untimed = codec_get_u64(r);
    out->excluded = codec_get_u64(r);
    out->others = codec_get_u64(r);
    out->slots = codec_get_u64(r);
    return r->ok && out->slots <= r->left / slot_floor(spec);
}

/* Everything before the slots, checked; the reader is left at the first slot. */
static cxm_status open_state(const void *bytes, size_t len, spec_read *spec, codec_reader *r, prologue *head, codec_frame *frame)
{
    cxm_status status = codec_read(bytes, len, frame);
    if (status != CXM_OK) return status;
    if (!read_spec(frame, spec)) return CXM_E_FORMAT;
    *r = (codec_reader){frame->payload, frame->payload_len, true};
    *head = (prologue){.slots = 1};
    if (frame->kind != CODEC_CONTAINER) return CXM_OK;
    return get_prologue(r, spec, head) ? CXM_OK : CXM_E_FORMAT;
}

static uint64_t bytes_needed(const spec_read *spec, const prologue *head, size_t left)
{
    uint64_t names = 0, views = head->slots * spec->options.segments;
    for (uint32_t i = 0; i < spec->options.segments; ++i) names += spec->names[i].len;
    uint64_t sum = sizeof(cxm_engine) + names + group_bytes(cell_bytes(&spec->metric), head->slots, views, left);
    uint64_t beyond = registry_row(&spec->metric)->read_bytes(&spec->metric, head->slots, left);
    sum += beyond + beyond / 7 + 8;                     /* slots may take seven eighths of the bound */
    return (sum < LEAST_BYTES ? LEAST_BYTES : sum) + registry_row(&spec->metric)->total_bytes(&spec->metric);
}

/* The same for the keys behind the slots: each takes at least KEY_FLOOR bytes of what is left. */
static uint64_t key_bytes_needed(const spec_read *spec, size_t left)
{
    uint64_t sum = group_bytes(sizeof(winner), left / KEY_FLOOR, left / KEY_FLOOR, left);
    return !spec->options.dedupe ? 0 : sum < LEAST_BYTES ? LEAST_BYTES : sum;
}

uint64_t cxm_engine_decode_bytes(const void *bytes, size_t len)
{
    spec_read spec;
    codec_reader r;
    prologue head;
    codec_frame frame;
    if (!bytes || open_state(bytes, len, &spec, &r, &head, &frame) != CXM_OK) return 0;
    return bytes_needed(&spec, &head, r.left) + key_bytes_needed(&spec, r.left);
}

static void get_key(codec_reader *r, const cxm_engine *engine, cxm_view *views, group_key *key)
{
    *key = (group_key){views, engine->segments, get_bool(r), 0};
    r->ok = r->ok && (!key->is_other || engine->segments > 0);
    for (uint32_t i = 0; i < engine->segments; ++i) {
        uint64_t len = key->is_other ? 0 : codec_get_u64(r);
        r->ok = r->ok && len <= r->left;
        views[i] = (cxm_view){codec_get_bytes(r, r->ok ? (size_t)len : 0), r->ok ? (size_t)len : 0};
    }
    if (engine->has_window) key->window = codec_get_i64(r);
}

/* A window's start must be the start of a window. */
static bool window_ok(const cxm_engine *engine, int64_t start)
{
    int64_t from, to;
    return !engine->has_window || (cxm_window_of(&engine->window, start, &from, &to) == CXM_OK && from == start);
}

/* Times lie in order and inside the slot's window; with windows there are always times. */
static bool times_ok(const cxm_engine *engine, const cell *c, int64_t start)
{
    int64_t from, to;
    if (!c->has_time) return !engine->has_window;
    if (c->first_us > c->last_us) return false;
    return !engine->has_window || (cxm_window_of(&engine->window, start, &from, &to) == CXM_OK && c->first_us >= from && c->last_us < to);
}

static cxm_status get_cell(codec_reader *r, cxm_engine *engine, cell *c)
{
    c->has_time = get_bool(r);
    if (c->has_time) {
        c->first_us = codec_get_i64(r);
        c->last_us = codec_get_i64(r);
    }
    c->duplicates = codec_get_u64(r);
    c->late = codec_get_u64(r);
    if (!r->ok) return CXM_E_FORMAT;
    return engine_verdict(engine, registry_row(&engine->spec)->get(r, &c->state, &engine->spec, &engine->cell_hook));
}

/* Reads one slot; it must sort behind the one before. */
static cxm_status get_slot(codec_reader *r, cxm_engine *engine)
{
    cxm_view views[CXM_ENGINE_SEGMENTS_MAX];
    group_key key;
    group_slot *slot;
    size_t before = group_count(engine->slots);
    get_key(r, engine, views, &key);
    if (!r->ok || !window_ok(engine, key.window)) return CXM_E_FORMAT;
    cxm_status status = engine_slot_of(engine, &key, &slot);
    if (status != CXM_OK) return status;
    cell *c = group_data(slot);
    if (group_count(engine->slots) == before) return CXM_E_FORMAT;
    if (before > 0 && group_compare_segments(group_at(engine->slots, before - 1), group_at(engine->slots, before)) >= 0)
        return CXM_E_FORMAT;
    status = get_cell(r, engine, c);
    if (status != CXM_OK) return status;
    return r->ok && times_ok(engine, c, key.window) && cell_records(engine, c) > 0 ? CXM_OK : CXM_E_FORMAT;
}

/* Sums of the account fit their type, and the records in `other` slots are those declared. */
static bool sums_ok(const cxm_engine *engine)
{
    uint64_t all = 0, others = 0;
    if (!checked_add_u64(engine->untimed, engine->excluded, &all)) return false;
    for (size_t i = 0; i < group_count(engine->slots); ++i) {
        group_slot *slot = group_at(engine->slots, i);
        const cell *c = group_data(slot);
        metric_account sum;
        registry_row(&engine->spec)->account(&c->state, &sum);
        const uint64_t parts[] = {sum.missing, sum.unparsed, sum.out_of_range, sum.refused, c->duplicates, c->late};
        uint64_t records = sum.scored;
        for (size_t k = 0; k < sizeof parts / sizeof *parts; ++k)
            if (!checked_add_u64(records, parts[k], &records)) return false;
        if (!checked_add_u64(all, records, &all)) return false;
        if (slot->key.is_other) others += records;      /* at most `all` */
    }
    return others == engine->others;
}

/* Reads one key; it must sort behind the one before. The answer is taken out of its slot for now, so that no
 * more of them than were counted can be claimed. */
static cxm_status get_winner(codec_reader *r, cxm_engine *engine)
{
    winner *held;
    size_t before = group_count(engine->keys);
    uint64_t len = codec_get_u64(r);
    if (!r->ok || len == 0 || len > r->left) return CXM_E_FORMAT;
    cxm_view key = {codec_get_bytes(r, (size_t)len), (size_t)len};
    cxm_status status = dedupe_winner_of(engine, key, &held);
    if (status != CXM_OK) return status;
    if (group_count(engine->keys) == before) return CXM_E_FORMAT;
    if (before > 0 && group_compare_segments(group_at(engine->keys, before - 1), group_at(engine->keys, before)) >= 0)
        return CXM_E_FORMAT;
    uint64_t number = codec_get_u64(r);
    int64_t at_us = codec_get_i64(r);
    uint64_t point = codec_get_u64(r);
    if (!r->ok || number >= group_count(engine->slots) || point > (uint64_t)(engine->spec.scale.hi - engine->spec.scale.lo)) return CXM_E_FORMAT;
    *held = (winner){group_at(engine->slots, (size_t)number), at_us, engine->spec.scale.lo + (int64_t)point};
    cell *home = group_data(held->home);
    bool timely = home->has_time && at_us >= home->first_us && at_us <= home->last_us;
    return timely && cxm_scale_remove(&home->state.scale, (int32_t)held->answer) == CXM_OK ? CXM_OK : CXM_E_FORMAT;
}

static cxm_status get_keys(codec_reader *r, cxm_engine *engine)
{
    cxm_status status = CXM_OK;
    uint64_t keys = codec_get_u64(r);
    for (uint64_t i = 0; i < keys && status == CXM_OK; ++i) status = get_winner(r, engine);
    for (size_t i = 0; i < group_count(engine->keys); ++i) {
        const winner *held = group_data(group_at(engine->keys, i));
        if (held->home) cxm_scale_add(&((cell *)group_data(held->home))->state.scale, (int32_t)held->answer);
    }
    return status;
}

/* The one slot of a state that is no container: its payload and nothing else. */
static cxm_status get_bare(codec_reader *r, cxm_engine *engine)
{
    group_key key = {NULL, 0, false, 0};
    group_slot *slot;
    cxm_status status = engine_slot_of(engine, &key, &slot);
    if (status != CXM_OK) return status;
    cell *c = group_data(slot);
    return engine_verdict(engine, registry_row(&engine->spec)->get(r, &c->state, &engine->spec, &engine->cell_hook));
}

static cxm_status fill(cxm_engine *engine, codec_reader *r, const prologue *head, const codec_frame *frame)
{
    cxm_status status = same_spelling(engine, frame) ? CXM_OK : CXM_E_FORMAT;
    engine->cover_from = head->from;
    engine->cover_to = head->to;
    engine->untimed = head->untimed;
    engine->excluded = head->excluded;
    engine->others = head->others;
    bool bare = frame->kind != CODEC_CONTAINER;
    for (uint64_t i = 0; i < head->slots && status == CXM_OK; ++i) status = bare ? get_bare(r, engine) : get_slot(r, engine);
    if (status == CXM_OK && engine->keys) status = get_keys(r, engine);
    if (status != CXM_OK) return status;
    return r->ok && r->left == 0 && sums_ok(engine) ? CXM_OK : CXM_E_FORMAT;
}

cxm_status cxm_engine_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed,
                             const cxm_alloc *alloc, cxm_engine **out)
{
    spec_read spec;
    codec_reader r;
    prologue head;
    codec_frame frame;
    cxm_engine *engine = NULL;
    cxm_alloc hook;
    if (!bytes || !out || alloc_choose(alloc, &hook) != CXM_OK) return CXM_E_ARG;
    cxm_status status = open_state(bytes, len, &spec, &r, &head, &frame);
    if (status != CXM_OK) return status;
    uint64_t needed = bytes_needed(&spec, &head, r.left), for_keys = key_bytes_needed(&spec, r.left);
    if (max_bytes && needed + for_keys > max_bytes) return CXM_E_LIMIT;
    uint64_t spare = max_bytes ? max_bytes - needed - for_keys : 0;     /* slots and keys have half of it each */
    spec.options.dedupe_bytes = !for_keys ? 0 : max_bytes ? for_keys + spare / 2 : 2 * for_keys + ROOM_BYTES;
    spec.options.max_bytes = max_bytes ? max_bytes - spec.options.dedupe_bytes : 2 * needed + ROOM_BYTES;
    spec.options.hash_seed = hash_seed;
    status = cxm_engine_create(&spec.options, &hook, &engine);
    if (status == CXM_E_ARG) status = CXM_E_FORMAT;     /* what the bytes describe is no engine */
    if (status == CXM_OK) status = fill(engine, &r, &head, &frame);
    if (status == CXM_OK) *out = engine;
    else cxm_engine_free(engine);
    return status;
}
