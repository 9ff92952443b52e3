/* SPDX-License-Identifier: MIT */
/* ticket_log_codec.c - a log as canonical bytes.
 *
 * Kind 6 of base/codec.h.
 *   spec     "tickets events 1024 quiet 2592000000000": how many events a ticket keeps, and the silence that ends a life
 *   payload  received, late, taken (varints); whether there is a horizon (0 or 1), and it (zigzag); tickets; then for each in
 *            ascending order of its key's bytes: length and bytes of the key, whether it is overfull (0 or 1: then it has as many
 *            events as may be), number of events > 0, and these, rising: microseconds since the one before (the first: since
 *            1970, zigzag), kind + 16 actor, who, channel, and of a status which, of a transfer its tier
 *   received = late + taken + events here + surplus, so received is at least the sum of the others.
 *
 * Worked example: 16 events and a minute of quiet; ticket "a" made by customer 5 on channel 1 one second into 1970, ticket "b"
 * solved by a bot at its third, which was told twice:
 *   43 58 4d 01  01 00  06 00  00 00 00 00          magic, version 1, kind 6 (tickets), flags
 *   20 00 00 00  1a 00 00 00 00 00 00 00            32 bytes of spec, 26 of payload
 *   e0 f0 37 ec 1f ab ff 40                         FNV-1a of the spec
 *   74 69 63 6b 65 74 73 20 ...                     "tickets events 16 quiet 60000000"
 *   03 00 00  00  02                                received, late, taken; no horizon; tickets
 *   01 61 00 01  80 89 7a  11 05 01                 "a", not overfull, one event: 1 s, created + 16 customer, who, channel
 *   01 62 00 01  80 9b ee 02  39 00 00              "b": 3 s, solved + 16 bot
 *   98 ed 22 68 94 6f c7 d5                         CRC-64/XZ
 * tests/stream/test_ticket_log.c holds the whole string.                              */
#include "base/port.h"
#include "stream/ticket_log_state.h"
#include "base/checked.h"
#include "base/codec.h"
#include "base/writer.h"
#include <string.h>

enum { SPEC_MAX = 64, EVENT_LEAST = 4, KIND_BITS = 4 };

/* --- spec --- */

static size_t write_spec(const cxm_ticket_log_options *options, char out[SPEC_MAX])
{
    writer w = {out, SPEC_MAX, 0};
    writer_text(&w, "tickets events ");
    writer_count(&w, options->max_events);
    writer_text(&w, " quiet ");
    writer_count(&w, (uint64_t)options->quiet_us);
    return w.len;
}

/* `word` and digits behind it at *at, which moves behind them; false when they do not stand there. */
static bool read_number(const char *text, size_t len, size_t *at, const char *word, uint64_t most, uint64_t *out)
{
    size_t size = strlen(word);
    if (len - *at < size || memcmp(text + *at, word, size) != 0) return false;
    *out = 0;
    for (*at += size; *at < len && text[*at] >= '0' && text[*at] <= '9'; ++*at) {
        uint64_t digit = (uint64_t)(text[*at] - '0');
        if (*out > (most - digit) / 10) return false;
        *out = 10 * *out + digit;
    }
    return true;
}

/* Just what write_spec writes. */
bool ticket_log_spec_read(const char *text, size_t len, cxm_ticket_log_options *out)
{
    char again[SPEC_MAX];
    size_t at = 0;
    uint64_t events, quiet;
    if (!read_number(text, len, &at, "tickets events ", CXM_TICKET_EVENTS_MAX, &events)) return false;
    if (!read_number(text, len, &at, " quiet ", INT64_MAX, &quiet)) return false;
    out->max_events = (uint32_t)events;
    out->quiet_us = (int64_t)quiet;
    return events && quiet && write_spec(out, again) == len && memcmp(text, again, len) == 0;
}

/* --- payload --- */

static void put_event(codec_writer *w, const cxm_ticket_event *e)
{
    codec_put_u64(w, (uint64_t)(e->kind | e->actor << KIND_BITS));
    codec_put_u64(w, e->who);
    codec_put_u64(w, e->channel);
    if (e->kind == CXM_TICKET_STATUS) codec_put_u64(w, e->status);
    if (e->kind == CXM_TICKET_TRANSFERRED) codec_put_u64(w, e->tier);
}

static void put_ticket(codec_writer *w, const cxm_view *key, const entity *e)
{
    codec_put_u64(w, key->len);
    codec_put_bytes(w, key->text, key->len);
    codec_put_u64(w, e->overfull);
    codec_put_u64(w, e->count);
    codec_put_i64(w, e->events[0].at_us);
    for (uint32_t i = 0; i < e->count; ++i) {
        if (i) codec_put_u64(w, (uint64_t)(e->events[i].at_us - e->events[i - 1].at_us));
        put_event(w, &e->events[i]);
    }
}

static void put_log(codec_writer *w, const cxm_ticket_log *log)
{
    codec_put_u64(w, log->received);
    codec_put_u64(w, log->late);
    codec_put_u64(w, log->taken);
    codec_put_u64(w, log->horizon_us != INT64_MIN);
    if (log->horizon_us != INT64_MIN) codec_put_i64(w, log->horizon_us);
    codec_put_u64(w, log->tickets);
    for (size_t i = 0; i < group_count(log->table); ++i) {
        group_slot *slot = group_at(log->table, i);
        const entity *e = group_data(slot);
        if (e->count) put_ticket(w, &slot->key.segments[0], e);
    }
}

cxm_status cxm_ticket_log_encode(cxm_ticket_log *log, void *out, size_t cap, size_t *len)
{
    char spec[SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    size_t total;
    if (!log || !len || (!out && cap)) return CXM_E_ARG;
    ticket_log_settle(log);
    size_t spec_len = write_spec(&log->options, spec);
    put_log(&count, log);
    if (!codec_frame_bytes(spec_len, count.len, &total)) return CXM_E_ARG;      /* cannot be: it is in memory */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, CODEC_TICKETS, spec, spec_len, count.len), count.len, 0};
    put_log(&payload, log);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

/* A number of at most `most`; 0 and not ok beyond. */
static uint64_t get_most(codec_reader *r, uint64_t most)
{
    uint64_t value = codec_get_u64(r);
    r->ok = r->ok && value <= most;
    return r->ok ? value : 0;
}

static cxm_ticket_event get_event(codec_reader *r, int64_t at_us)
{
    uint64_t head = get_most(r, UINT8_MAX);
    cxm_ticket_event e = {.at_us = at_us, .kind = (uint8_t)(head & ((1 << KIND_BITS) - 1)), .actor = (uint8_t)(head >> KIND_BITS)};
    e.who = codec_get_u64(r);
    e.channel = (uint32_t)get_most(r, UINT32_MAX);
    if (e.kind == CXM_TICKET_STATUS) e.status = (uint8_t)get_most(r, UINT8_MAX);
    if (e.kind == CXM_TICKET_TRANSFERRED) e.tier = (uint8_t)get_most(r, UINT8_MAX);
    r->ok = r->ok && cxm_ticket_event_check(&e) == CXM_OK;
    return e;
}

/* The instant of the next event: no sum of two of years 1 to 9999 is past its type, but a hostile one is. */
static int64_t get_later(codec_reader *r, int64_t before_us)
{
    int64_t at = 0;
    uint64_t step = get_most(r, INT64_MAX);
    r->ok = r->ok && checked_add_i64(before_us, (int64_t)step, &at);
    return at;
}

static cxm_view get_key(codec_reader *r)
{
    size_t len = (size_t)get_most(r, CXM_TICKET_KEY_MAX);
    return (cxm_view){(const char *)codec_get_bytes(r, len), len};
}

static bool ascends(const cxm_view *a, const cxm_view *b)
{
    size_t common = a->len < b->len ? a->len : b->len;
    int order = common ? memcmp(a->text, b->text, common) : 0;
    return order < 0 || (order == 0 && a->len < b->len);
}

static cxm_status get_events(codec_reader *r, cxm_ticket_log *log, entity *e, uint64_t count)
{
    cxm_status status = ticket_log_reserve(log, e, count);
    if (status != CXM_OK) return status;
    int64_t at = codec_get_i64(r);
    for (uint64_t i = 0; r->ok && i < count; ++i) {
        if (i) at = get_later(r, at);
        if (r->ok) e->events[i] = get_event(r, at);
        r->ok = r->ok && (i == 0 || cxm_ticket_event_compare(&e->events[i - 1], &e->events[i]) < 0);
    }
    e->count = r->ok ? (uint32_t)count : 0;
    return r->ok ? CXM_OK : CXM_E_FORMAT;
}

static cxm_status get_ticket(codec_reader *r, cxm_ticket_log *log, cxm_view *before, bool first)
{
    entity *e;
    cxm_view key = get_key(r);
    bool overfull = get_most(r, 1) != 0;
    uint64_t count = get_most(r, log->options.max_events);
    r->ok = r->ok && count > 0 && (!overfull || count == log->options.max_events) && (first || ascends(before, &key));
    if (!r->ok || count > r->left / EVENT_LEAST) return CXM_E_FORMAT;       /* no memory for what cannot be there */
    *before = key;
    cxm_status status = ticket_log_entity(log, key, &e);
    if (status == CXM_OK) status = get_events(r, log, e, count);
    if (status != CXM_OK) return status;
    e->overfull = overfull;
    log->overfull += overfull;
    log->held += count;
    ++log->tickets;
    return CXM_OK;
}

static cxm_status get_log(codec_reader *r, cxm_ticket_log *log)
{
    cxm_view before = {NULL, 0};
    log->received = codec_get_u64(r);
    log->late = codec_get_u64(r);
    log->taken = codec_get_u64(r);
    bool has_horizon = get_most(r, 1) != 0;
    if (has_horizon) log->horizon_us = codec_get_i64(r);
    uint64_t tickets = codec_get_u64(r), sum = 0;
    r->ok = r->ok && (!has_horizon || log->horizon_us != INT64_MIN);
    cxm_status status = r->ok ? CXM_OK : CXM_E_FORMAT;
    for (uint64_t i = 0; i < tickets && status == CXM_OK; ++i) status = get_ticket(r, log, &before, i == 0);
    if (status != CXM_OK) return status;
    bool fits = checked_add_u64(log->late, log->taken, &sum) && checked_add_u64(sum, log->held, &sum) && sum <= log->received;
    log->sorted = true;
    return fits && r->left == 0 ? CXM_OK : CXM_E_FORMAT;
}

cxm_status cxm_ticket_log_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed, const cxm_alloc *alloc,
                                 cxm_ticket_log **out)
{
    codec_frame frame;
    cxm_ticket_log *log;
    cxm_ticket_log_options options = {.size = sizeof options, .max_bytes = max_bytes, .hash_seed = hash_seed};
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_TICKETS || !ticket_log_spec_read(frame.spec, frame.spec_len, &options)) return CXM_E_FORMAT;
    status = cxm_ticket_log_create(&options, alloc, &log);
    if (status != CXM_OK) return status;
    codec_reader payload = {frame.payload, frame.payload_len, true};
    status = get_log(&payload, log);
    if (status != CXM_OK) cxm_ticket_log_free(log);
    else *out = log;
    return status;
}
