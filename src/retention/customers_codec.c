/* SPDX-License-Identifier: MIT */
/* customers_codec.c - customers as canonical bytes.
 *
 * Kind 8 of base/codec.h.
 *   spec     "customers EUR 2": the declared currency, or - for none, and the decimals of its minor unit
 *   payload  received, foreign (varints); customers; then for each in ascending order of its code: the code less the one before
 *            (the first: itself), number of events > 0, and these in the order of customers_compare: kind, part, microseconds since
 *            the event before (the first: since 1970; zigzag), of a cancellation its end less its time, of a period 0 without an
 *            end, else 1 + its end less its time, and but for a cancellation the amount
 *   received is at least foreign + events here; no renewal repeats what the event before it told.
 *
 * Worked example: in EUR, customer 5 signed up at 9.99 one second into 1970, renewed once, and cancelled at the third second;
 * customer 7 bought for 20.00 at the second:
 *   43 58 4d 01  01 00  08 00  00 00 00 00          magic, version 1, kind 8 (customers), flags
 *   0f 00 00 00  1d 00 00 00 00 00 00 00            15 bytes of spec, 29 of payload
 *   a8 d7 99 67 0c 26 0b 16                         FNV-1a of the spec
 *   63 75 73 74 6f 6d 65 72 ...                     "customers EUR 2"
 *   04 00 02                                        received, foreign; customers
 *   05 02  01 00 80 89 7a e7 07  05 00 80 92 f4 01 00       code 5: signup at 1 s, 999; cancelled 2 s later, at once
 *   02 01  07 00 80 92 f4 01 d0 0f                  code 7: purchase at 2 s, 2000
 *   11 6f 5b 71 80 b1 19 9c                         CRC-64/XZ
 * tests/retention/test_customers_codec.c holds the whole string.                              */
#include "base/port.h"
#include <cxm/money.h>
#include "base/checked.h"
#include "base/codec.h"
#include "base/sort.h"
#include "base/writer.h"
#include "retention/customers_parts.h"
#include <string.h>

enum { SPEC_MAX = 32, CUSTOMER_LEAST = 6, EVENT_LEAST = 4 };

/* --- spec --- */

static size_t write_spec(uint16_t currency, uint16_t digits, char out[SPEC_MAX])
{
    char code[4];
    writer w = {out, SPEC_MAX, 0};
    cxm_money_code(currency, code);
    writer_text(&w, "customers ");
    writer_text(&w, code[0] ? code : "-");
    writer_text(&w, " ");
    writer_count(&w, digits);
    return w.len;
}

/* Just what write_spec writes. */
bool customers_spec_read(const char *text, size_t len, cxm_customers_options *out)
{
    static const size_t word = sizeof "customers " - 1;
    char again[SPEC_MAX];
    if (len < word + 3 || len > SPEC_MAX) return false;
    out->digits = (uint16_t)(unsigned char)text[len - 1] - '0';
    out->currency = 0;
    bool named = text[word] != '-';
    if (named && cxm_money_currency(text + word, len - word - 2, &out->currency) != CXM_OK) return false;
    return out->digits <= 4 && write_spec(out->currency, out->digits, again) == len && memcmp(text, again, len) == 0;
}

/* --- writing --- */

static void put_event(codec_writer *w, const cxm_customer_event *e, int64_t before_us)
{
    codec_put_u64(w, e->kind);
    codec_put_u64(w, e->part);
    codec_put_i64(w, e->at_us - before_us);
    if (e->kind == CXM_CUSTOMER_CANCEL) codec_put_u64(w, (uint64_t)(e->end_us - e->at_us));
    if (e->kind == CXM_CUSTOMER_PERIOD) codec_put_u64(w, e->end_us == CXM_CUSTOMERS_NEVER ? 0 : 1 + (uint64_t)(e->end_us - e->at_us));
    if (e->kind != CXM_CUSTOMER_CANCEL) codec_put_u64(w, (uint64_t)e->amount);
}

static void put_customer(codec_writer *w, const customer *who, uint64_t before)
{
    cxm_customer_event few[2];
    uint32_t count = is_listed(who) ? who->at.list.count : customers_unpack(who, few);
    const cxm_customer_event *events = is_listed(who) ? who->at.list.at.events : few;
    codec_put_u64(w, who->code - before);
    codec_put_u64(w, count);
    for (uint32_t i = 0; i < count; ++i) put_event(w, &events[i], i ? events[i - 1].at_us : 0);
}

/* `numbers` are those of the customers with events, by code. */
static void put_all(codec_writer *w, const cxm_customers *c, const uint32_t *numbers)
{
    uint64_t before = 0;
    codec_put_u64(w, c->received);
    codec_put_u64(w, c->foreign);
    codec_put_u64(w, c->customers);
    for (uint64_t i = 0; i < c->customers; ++i) {
        const customer *who = customers_at(c, numbers[i]);
        put_customer(w, who, before);
        before = who->code;
    }
}

static int compare_codes(const void *a, const void *b, const void *ctx)
{
    const uint64_t x = customers_at(ctx, *(const uint32_t *)a)->code, y = customers_at(ctx, *(const uint32_t *)b)->code;
    return (x > y) - (x < y);
}

enum { BUCKET_BITS = 12, BUCKETS = 1 << BUCKET_BITS };

static uint32_t bucket_of(const customer *who)
{
    return (uint32_t)(who->code >> (64 - BUCKET_BITS));
}

/* The numbers in the memory of the index, which has more slots than there are customers, and is made again behind it. By the upper
 * bits of the code first: what is sorted then lies close together. */
static const uint32_t *sort_numbers(cxm_customers *c)
{
    uint32_t begin[BUCKETS + 1] = {0}, at[BUCKETS];
    for (uint32_t i = 0; i < c->count; ++i)
        if (is_there(customers_at(c, i))) ++begin[bucket_of(customers_at(c, i)) + 1];
    for (uint32_t b = 0; b < BUCKETS; ++b) {
        at[b] = begin[b];
        begin[b + 1] += begin[b];
    }
    for (uint32_t i = 0; i < c->count; ++i)
        if (is_there(customers_at(c, i))) c->slots[at[bucket_of(customers_at(c, i))]++] = i;
    for (uint32_t b = 0; b < BUCKETS; ++b)
        if (begin[b + 1] - begin[b] > 1) sort_items(c->slots + begin[b], begin[b + 1] - begin[b], sizeof *c->slots, compare_codes, c);
    return c->slots;
}

cxm_status cxm_customers_encode(cxm_customers *c, void *out, size_t cap, size_t *len)
{
    char spec[SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    size_t total = SIZE_MAX;
    if (!c || !len || (!out && cap)) return CXM_E_ARG;
    customers_tidy_all(c);
    size_t spec_len = write_spec(c->currency, c->digits, spec);
    const uint32_t *numbers = sort_numbers(c);
    put_all(&count, c, numbers);
    bool fits = codec_frame_bytes(spec_len, count.len, &total) && total <= cap;
    if (fits) {
        codec_writer payload = {codec_open(out, CODEC_CUSTOMERS, spec, spec_len, count.len), count.len, 0};
        put_all(&payload, c, numbers);
        codec_close(out, spec_len, count.len);
    }
    customers_index_again(c);
    *len = total;
    return fits ? CXM_OK : CXM_E_LIMIT;
}

/* --- reading --- */

/* A number of at most `most`; 0 and not ok beyond. */
static uint64_t get_most(codec_reader *r, uint64_t most)
{
    uint64_t value = codec_get_u64(r);
    r->ok = r->ok && value <= most;
    return r->ok ? value : 0;
}

static int64_t add_times(codec_reader *r, int64_t a, int64_t b)
{
    int64_t sum = 0;
    r->ok = r->ok && checked_add_i64(a, b, &sum);
    return sum;
}

static cxm_customer_event get_event(codec_reader *r, int64_t before_us)
{
    cxm_customer_event e = {.kind = (uint8_t)get_most(r, UINT8_MAX)};
    e.part = (uint32_t)get_most(r, UINT32_MAX);
    e.at_us = add_times(r, before_us, codec_get_i64(r));
    if (e.kind == CXM_CUSTOMER_CANCEL) e.end_us = add_times(r, e.at_us, (int64_t)get_most(r, INT64_MAX));
    if (e.kind == CXM_CUSTOMER_PERIOD) {
        uint64_t length = get_most(r, INT64_MAX);
        e.end_us = length ? add_times(r, e.at_us, (int64_t)(length - 1)) : CXM_CUSTOMERS_NEVER;
        r->ok = r->ok && (length == 0 || e.end_us != CXM_CUSTOMERS_NEVER);
    }
    if (e.kind != CXM_CUSTOMER_CANCEL) e.amount = (int64_t)get_most(r, CXM_CUSTOMERS_AMOUNT_MAX);
    r->ok = r->ok && cxm_customer_event_check(&e) == CXM_OK;
    return e;
}

/* `count` events that rise, none of them a renewal that says nothing new. */
static bool get_events(codec_reader *r, cxm_customer_event *out, uint64_t count)
{
    for (uint64_t i = 0; r->ok && i < count; ++i) {
        cxm_customer_event e = get_event(r, i ? out[i - 1].at_us : 0);
        r->ok = r->ok && (i == 0 || (customers_compare(&out[i - 1], &e, NULL) < 0 && !customers_repeats(&out[i - 1], &e)));
        out[i] = e;
    }
    return r->ok;
}

/* One or two events may fit into the place itself; more go to its array. */
static cxm_status get_place(codec_reader *r, cxm_customers *c, customer *who, uint64_t count)
{
    cxm_customer_event few[2];
    bool is_few = count <= 2;
    cxm_status status = CXM_OK;
    if (is_few && !get_events(r, few, count)) return CXM_E_FORMAT;
    if (is_few && customers_pack(few, (uint32_t)count, &who->at.one)) return CXM_OK;
    status = customers_reserve(c, who, count);
    if (status != CXM_OK) return status;
    if (is_few) memcpy(who->at.list.at.events, few, (size_t)count * sizeof *few);
    else if (!get_events(r, who->at.list.at.events, count)) return CXM_E_FORMAT;
    who->at.list.count = (uint32_t)count;
    return CXM_OK;
}

static cxm_status get_customer(codec_reader *r, cxm_customers *c, uint64_t *code, bool first)
{
    customer *who;
    uint64_t gap = codec_get_u64(r), count = get_most(r, CXM_CUSTOMERS_EVENTS_MAX);
    r->ok = r->ok && count > 0 && (first || gap > 0) && checked_add_u64(*code, gap, code);
    if (!r->ok || count > r->left / EVENT_LEAST) return CXM_E_FORMAT;       /* no memory for what cannot be there */
    cxm_status status = customers_place(c, *code, &who);
    if (status == CXM_OK) status = get_place(r, c, who, count);
    if (status != CXM_OK) return status;
    ++c->customers;
    c->held += count;
    return CXM_OK;
}

static cxm_status get_all(codec_reader *r, cxm_customers *c)
{
    uint64_t code = 0, sum;
    c->received = codec_get_u64(r);
    c->foreign = codec_get_u64(r);
    uint64_t customers = codec_get_u64(r);
    cxm_status status = r->ok && customers <= r->left / CUSTOMER_LEAST ? CXM_OK : CXM_E_FORMAT;
    for (uint64_t i = 0; i < customers && status == CXM_OK; ++i) status = get_customer(r, c, &code, i == 0);
    if (status != CXM_OK) return status;
    bool fits = checked_add_u64(c->foreign, c->held, &sum) && sum <= c->received;
    return fits && r->left == 0 ? CXM_OK : CXM_E_FORMAT;
}

cxm_status cxm_customers_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed, const cxm_alloc *alloc,
                                cxm_customers **out)
{
    codec_frame frame;
    cxm_customers *c;
    cxm_customers_options options = {.size = sizeof options, .max_bytes = max_bytes, .hash_seed = hash_seed};
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_CUSTOMERS || !customers_spec_read(frame.spec, frame.spec_len, &options)) return CXM_E_FORMAT;
    status = cxm_customers_create(&options, alloc, &c);
    if (status != CXM_OK) return status;
    codec_reader payload = {frame.payload, frame.payload_len, true};
    status = get_all(&payload, c);
    if (status != CXM_OK) cxm_customers_free(c);
    else *out = c;
    return status;
}
