/* SPDX-License-Identifier: MIT */
/* quantile_codec.c - a quantile state as canonical bytes; the layout stands in quantile_codec.h.
 *
 * Counts are walked twice when they are read: once to check them and to find the greatest, which decides the counters'
 * width, then into a window whose size was judged. What is left to check then is whether sum, extremes and counts
 * above the targets are ones that values in these bins can have. */
#include "base/port.h"
#include "response/quantile_codec.h"
#include <cxm/text.h>
#include "base/checked.h"
#include "base/scanner.h"
#include "base/writer.h"
#include "response/quantile_rice.h"

/* --- spec --- */

static void put_whole(writer *w, const char *before, uint64_t value)
{
    writer_text(w, before);
    writer_count(w, value);
}

size_t quantile_spec_write(const cxm_quantile_spec *spec, char out[QUANTILE_SPEC_MAX])
{
    writer w = {out, QUANTILE_SPEC_MAX, 0};
    writer_text(&w, "quantile");
    if (spec->unit == CXM_UNIT_NUMBER) put_whole(&w, " decimals ", (uint64_t)spec->decimals);
    else writer_text(&w, " us");
    writer_text(&w, spec->precision == CXM_PRECISION_1 ? " 0.01" : " 0.001");
    cxm_quantile_spec unless = {.size = sizeof unless, .precision = spec->precision, .unit = spec->unit, .decimals = spec->decimals};
    quantile_snap(&unless);
    if (spec->low != unless.low || spec->high != unless.high) {
        put_whole(&w, " range ", spec->low);
        put_whole(&w, "..", spec->high);
    }
    for (uint32_t i = 0; i < spec->targets; ++i) put_whole(&w, i ? " " : " above ", spec->target[i]);
    return w.len;
}

static uint64_t whole(scanner *s)
{
    return (uint64_t)scanner_int(s, 0, (int64_t)QUANTILE_STEPS_MAX);
}

bool quantile_spec_read(const char *text, size_t len, cxm_quantile_spec *out)
{
    char again[QUANTILE_SPEC_MAX];
    scanner s = {text, len, true};
    cxm_quantile_spec spec = {.size = sizeof spec, .unit = CXM_UNIT_S};
    scanner_skip(&s, "quantile ");
    if (scanner_try(&s, "decimals ")) {
        spec.unit = CXM_UNIT_NUMBER;
        spec.decimals = (int32_t)scanner_int(&s, 0, 9);
        scanner_skip(&s, " ");
    } else scanner_skip(&s, "us ");
    spec.precision = scanner_try(&s, "0.001") ? CXM_PRECISION_01 : CXM_PRECISION_1;
    if (spec.precision == CXM_PRECISION_1) scanner_skip(&s, "0.01");
    if (scanner_try(&s, " range ")) {
        spec.low = whole(&s);
        scanner_skip(&s, "..");
        spec.high = whole(&s);
    }
    bool more = scanner_try(&s, " above ");
    while (more && s.ok && spec.targets < CXM_QUANTILE_TARGETS_MAX) {
        spec.target[spec.targets++] = whole(&s);
        more = scanner_try(&s, " ");
    }
    if (!s.ok || s.left || len > sizeof again || quantile_complete(&spec, &spec) != CXM_OK) return false;
    quantile_snap(&spec);
    if (quantile_spec_write(&spec, again) != len || memcmp(again, text, len) != 0) return false;
    *out = spec;
    return true;
}

/* --- counts --- */

static uint64_t expected(uint64_t before, uint64_t last, uint32_t at)
{
    return at == 0 ? 0 : at == 1 ? last : before / 2 + last / 2 + (before & last & 1);
}

static uint64_t fold(uint64_t c, uint64_t p)
{
    uint64_t t = p < UINT64_MAX - p ? p : UINT64_MAX - p, away = c > p ? c - p : p - c;
    if (away > t) return t + away;
    return c > p ? 2 * away - 1 : 2 * away;
}

/* False for a number that folds nothing. */
static bool unfold(uint64_t z, uint64_t p, uint64_t *c)
{
    uint64_t t = p < UINT64_MAX - p ? p : UINT64_MAX - p;
    if (z <= 2 * t) {
        *c = z & 1 ? p + z / 2 + 1 : p - z / 2;
        return true;
    }
    uint64_t away = z - t;
    if (p <= UINT64_MAX - p) return away <= UINT64_MAX - p ? (*c = p + away, true) : false;
    return away <= p ? (*c = p - away, true) : false;
}

typedef struct extent { uint32_t first, last, used; } extent;

static bool extent_of(const cxm_quantile *q, extent *out)
{
    uint32_t at;
    uint64_t count;
    *out = (extent){0, 0, 0};
    if (!window_last(&q->window, &out->last)) return false;
    for (uint32_t bin = 0; window_next(&q->window, bin, &at, &count); bin = at + 1)
        if (out->used++ == 0) out->first = at;
    return true;
}

static bool is_dense(const extent *e)
{
    return 2 * e->used >= e->last - e->first + 1;
}

static void put_dense(rice_writer *w, const cxm_quantile *q, const extent *e)
{
    rice by = RICE_START;
    uint64_t before = 0, last = 0, count = 0;
    for (uint32_t bin = e->first, next = 0; bin <= e->last; ++bin) {
        if (bin == e->first || next < bin) window_next(&q->window, bin, &next, &count);
        uint64_t here = next == bin ? count : 0;
        rice_put(w, &by, fold(here, expected(before, last, bin - e->first)));
        before = last;
        last = here;
    }
}

static void put_sparse(rice_writer *w, const cxm_quantile *q, const extent *e)
{
    rice gaps = RICE_START, counts = RICE_START;
    uint32_t at = 0, before = 0;
    uint64_t count;
    for (uint32_t bin = e->first; window_next(&q->window, bin, &at, &count); bin = at + 1) {
        if (at != e->first) rice_put(w, &gaps, at - before - 1);
        rice_put(w, &counts, count - 1);
        before = at;
    }
}

void quantile_put(codec_writer *w, const cxm_quantile *q)
{
    const uint64_t *counters = &q->tally.zero;
    rice_writer bits = {w, 0, 0};
    extent e;
    for (int i = 0; i < QUANTILE_COUNTERS; ++i) codec_put_u64(w, counters[i]);
    for (uint32_t i = 0; i < targets_of(q); ++i) codec_put_u64(w, q->target[i].above);
    codec_put_u64(w, q->tally.sum.low);
    codec_put_u64(w, q->tally.sum.high);
    if (!extent_of(q, &e)) return;
    codec_put_u64(w, q->window.taken);
    codec_put_u64(w, e.first);
    codec_put_u64(w, e.last - e.first);
    if (!q->window.taken) {
        codec_put_u64(w, q->tally.least - bin_low(q, e.first));
        codec_put_u64(w, bin_high(q, e.last) - q->tally.most);
    }
    codec_put_u64(w, e.used);
    if (is_dense(&e)) put_dense(&bits, q, &e);
    else put_sparse(&bits, q, &e);
    rice_end(&bits);
}

/* --- reading --- */

/* What becomes of each count: only the greatest and the sum are kept, or it goes into a window. */
typedef struct taker { quantile_window *into; uint64_t most, total; uint32_t used; } taker;

static bool take(taker *t, uint32_t bin, uint64_t count)
{
    if (count == 0) return true;
    if (count > t->most) t->most = count;
    if (!checked_add_u64(t->total, count, &t->total)) return false;
    ++t->used;
    if (t->into && t->into->width) window_set(t->into, bin, count);
    else for (uint64_t i = 0; t->into && i < count; ++i) t->into->is.few[t->into->count++] = (uint16_t)bin;
    return true;
}

static bool get_dense(rice_reader *r, const extent *e, taker *t)
{
    rice by = RICE_START;
    uint64_t before = 0, last = 0, here;
    for (uint32_t bin = e->first; bin <= e->last; ++bin) {
        bool ok = unfold(rice_get(r, &by), expected(before, last, bin - e->first), &here) && r->from->ok && take(t, bin, here);
        if (!ok || (here == 0 && (bin == e->first || bin == e->last))) return false;
        before = last;
        last = here;
    }
    return true;
}

static bool get_sparse(rice_reader *r, const extent *e, taker *t)
{
    rice gaps = RICE_START, counts = RICE_START;
    uint32_t bin = e->first;
    for (uint32_t i = 0; i < e->used; ++i) {
        uint64_t gap = i ? rice_get(r, &gaps) : 0;
        if (!r->from->ok || (i && gap >= e->last - bin)) return false;
        bin += i ? (uint32_t)gap + 1 : 0;
        uint64_t less = rice_get(r, &counts);
        if (!r->from->ok || less == UINT64_MAX || !take(t, bin, less + 1)) return false;
    }
    return bin == e->last;
}

static bool get_counts(codec_reader *from, const extent *e, taker *t)
{
    rice_reader bits = {from, 0, 0};
    bool ok = is_dense(e) ? get_dense(&bits, e, t) : get_sparse(&bits, e, t);
    rice_close(&bits);
    return ok && from->ok && t->used == e->used;
}

/* All of a payload but the counts themselves: these are walked over, and `bits` is where they begin. */
typedef struct payload { quantile_tally tally; uint64_t above[CXM_QUANTILE_TARGETS_MAX]; extent extent; uint8_t removed;
                         taker counts; codec_reader bits; } payload;

/* Where bins lie, and whether values were removed. */
static bool get_extent(codec_reader *r, const cxm_quantile *q, payload *p)
{
    uint64_t removed = codec_get_u64(r), first = codec_get_u64(r), reach = codec_get_u64(r);
    if (!r->ok || removed > 1 || first >= q->map.bins || reach >= q->map.bins - first) return false;
    p->removed = (uint8_t)removed;
    p->extent = (extent){(uint32_t)first, (uint32_t)(first + reach), 0};
    return true;
}

static bool get_values(codec_reader *r, const cxm_quantile *q, payload *p)
{
    if (!get_extent(r, q, p)) return false;
    const extent *e = &p->extent;
    if (!p->removed) {
        uint64_t low = bin_low(q, e->first), high = bin_high(q, e->last), above = codec_get_u64(r), below = codec_get_u64(r);
        if (!r->ok || above > bin_high(q, e->first) - low || below > high - bin_low(q, e->last)) return false;
        p->tally.least = low + above;
        p->tally.most = high - below;
    }
    uint64_t used = codec_get_u64(r);
    if (!r->ok || used == 0 || used > e->last - e->first + 1) return false;
    p->extent.used = (uint32_t)used;
    p->bits = *r;
    return get_counts(r, &p->extent, &p->counts);
}

static bool get_payload(codec_reader *r, const cxm_quantile *q, payload *p)
{
    uint64_t *counters = &p->tally.zero;
    *p = (payload){.tally = {.least = UINT64_MAX}};
    for (int i = 0; i < QUANTILE_COUNTERS; ++i) counters[i] = codec_get_u64(r);
    for (uint32_t i = 0; i < targets_of(q); ++i) p->above[i] = codec_get_u64(r);
    p->tally.sum.low = codec_get_u64(r);
    p->tally.sum.high = codec_get_u64(r);
    return r->ok && ((p->tally.sum.low == 0 && p->tally.sum.high == 0) || get_values(r, q, p));
}

/* Beyond the few, counts need a window. */
static size_t window_need(const cxm_quantile *q, const payload *p)
{
    return p->counts.total > WINDOW_FEW ? window_room(q->map.bins, p->extent.first, p->extent.last, p->counts.most) : 0;
}

static cxm_status fill(cxm_quantile *q, payload *p)
{
    taker put = {.into = &q->window};
    uint64_t n;
    if (window_need(q, p) && !window_make(&q->window, p->extent.first, p->extent.last, p->counts.most, &q->hook))
        return CXM_E_MEMORY;
    if (p->counts.total) get_counts(&p->bits, &p->extent, &put);
    q->tally = p->tally;
    q->window.taken = p->removed;
    for (uint32_t i = 0; i < targets_of(q); ++i) q->target[i].above = p->above[i];
    return quantile_n(q, &n) && quantile_plausible(q) ? CXM_OK : CXM_E_FORMAT;
}

cxm_status quantile_get(codec_reader *r, const cxm_quantile_spec *spec, size_t max_bytes, const cxm_alloc *alloc,
                        cxm_quantile **out)
{
    quantile_room range;
    payload p;
    cxm_quantile *q = NULL;
    quantile_fill(&range.state, spec);
    if (!get_payload(r, &range.state, &p)) return CXM_E_FORMAT;
    if (max_bytes && max_bytes < quantile_own_bytes(spec->targets) + window_need(&range.state, &p)) return CXM_E_LIMIT;
    cxm_status status = quantile_make(spec, alloc, &q);
    if (status == CXM_OK) status = fill(q, &p);
    if (status == CXM_OK) *out = q;
    else cxm_quantile_free(q);
    return status;
}

/* --- whether values can have it --- */

typedef struct bounds { wide low, high; uint64_t n; uint32_t first, last; bool ok; } bounds;

static wide plus_product(wide sum, uint64_t a, uint64_t b)
{
    return wide_sum(sum, wide_product(a, b));
}

/* The ends of a bin that values can have, between the extremes where these are known. */
static uint64_t least_in(const cxm_quantile *q, uint32_t bin)
{
    uint64_t low = bin_low(q, bin);
    return !q->window.taken && q->tally.least > low ? q->tally.least : low;
}

static uint64_t most_in(const cxm_quantile *q, uint32_t bin)
{
    uint64_t high = bin_high(q, bin);
    return !q->window.taken && q->tally.most < high ? q->tally.most : high;
}

/* The least and the greatest sum that these bins allow; not ok where a bin holds none, as some below 2^(K+1) do. */
static bounds bounds_of(const cxm_quantile *q)
{
    bounds b = {.ok = true};
    uint32_t at;
    uint64_t count;
    for (uint32_t bin = 0; window_next(&q->window, bin, &at, &count); bin = at + 1) {
        if (b.n == 0) b.first = at;
        b.last = at;
        b.n += count;
        b.ok = b.ok && least_in(q, at) <= most_in(q, at);
        b.low = plus_product(b.low, count, least_in(q, at));
        b.high = plus_product(b.high, count, most_in(q, at));
    }
    return b;
}

/* The least and the greatest value are two of n, or one. */
static bool extremes_fit(const cxm_quantile *q, bounds *b)
{
    uint64_t least = q->tally.least, most = q->tally.most;
    if (least > most || least < bin_low(q, b->first) || least > bin_high(q, b->first) || most < bin_low(q, b->last) ||
        most > bin_high(q, b->last)) return false;
    if (b->n == 1) return least == most;
    b->low = plus_product(b->low, 1, most - least_in(q, b->last));
    b->high = wide_minus(b->high, (wide){0, most_in(q, b->first) - least});
    return true;
}

static bool targets_fit(const cxm_quantile *q)
{
    uint64_t before = UINT64_MAX;
    for (uint32_t i = 0; i < targets_of(q); ++i) {
        uint64_t sure = q->tally.over, maybe = 0, count, steps = q->target[i].steps, above = q->target[i].above;
        uint32_t at;
        for (uint32_t bin = 0; window_next(&q->window, bin, &at, &count); bin = at + 1) {
            if (least_in(q, at) > steps) sure += count;
            else if (most_in(q, at) > steps) maybe += count;
        }
        if (above < sure || above - sure > maybe || above > before) return false;
        before = above;
    }
    return true;
}

bool quantile_plausible(const cxm_quantile *q)
{
    bounds b = bounds_of(q);
    if (!b.ok || !targets_fit(q)) return false;
    if (b.n && !q->window.taken && !extremes_fit(q, &b)) return false;
    return !wide_below(q->tally.sum, b.low) && !wide_below(b.high, q->tally.sum);
}

/* --- the envelope --- */

cxm_status cxm_quantile_encode(const cxm_quantile *q, void *out, size_t cap, size_t *len)
{
    char text[QUANTILE_SPEC_MAX];
    cxm_quantile_spec spec;
    codec_writer count = {NULL, 0, 0};
    uint64_t n;
    size_t total;
    if (!q || !len || (!out && cap)) return CXM_E_ARG;
    if (!quantile_n(q, &n)) return CXM_E_OVERFLOW;
    if (!quantile_plausible(q)) return CXM_E_UNDEFINED;
    quantile_spec_fill(q, &spec);
    size_t spec_len = quantile_spec_write(&spec, text);
    quantile_put(&count, q);
    if (!codec_frame_bytes(spec_len, count.len, &total)) return CXM_E_ARG;      /* cannot be: both are short */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer w = {codec_open(out, CODEC_QUANTILE, text, spec_len, count.len), count.len, 0};
    quantile_put(&w, q);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

cxm_status cxm_quantile_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc, cxm_quantile **out)
{
    codec_frame frame;
    cxm_quantile_spec spec;
    cxm_quantile *q;
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_QUANTILE || !quantile_spec_read(frame.spec, frame.spec_len, &spec)) return CXM_E_FORMAT;
    codec_reader r = {frame.payload, frame.payload_len, true};
    status = quantile_get(&r, &spec, max_bytes, alloc, &q);
    if (status != CXM_OK) return status;
    if (r.left) {
        cxm_quantile_free(q);
        return CXM_E_FORMAT;
    }
    *out = q;
    return CXM_OK;
}
