/* SPDX-License-Identifier: MIT */
/* loyalty_codec.c - a state of loyalty as canonical bytes; kind 10 of base/codec.h.
 *
 *   spec     "loyalty purchases zone 0 since ever until 2026-01-01T00:00:00Z days 3650 tiers 2 1000 5000"
 *            purchases, or days when they count by day; ever, or an instant; an offset west of UTC has a minus; thresholds
 *   payload  voices: silent, contacted, answered, both; asleep (varints); how many numbers of purchases, up to the last with
 *            anyone, and the customers of each, from 0 on; for each tier: buyers, their purchases, money (high and low 64
 *            bits); last bought before all days; days with anyone, and for each, rising: days since the one before (the first:
 *            since 0), buyers
 *   Counts that no customers have are refused, as far as sums tell: buyers are the same by number, by tier and by day; purchases
 *   are as many as the numbers say, or at least so many; what a tier spent lies within its thresholds and what so many can
 *   spend; no day is before since.
 *
 * Worked example: until 2024-04-01, 30 days, a threshold of 1000; one customer bought for 300 and 800, last on 31 March; one for
 * 500 on 2 January; one bought nothing; one is silent, and one made contact:
 *   43 58 4d 01  01 00  0a 00  00 00 00 00          magic, version 1, kind 10 (loyalty), flags
 *   53 00 00 00  17 00 00 00 00 00 00 00            83 bytes of spec, 23 of payload
 *   51 eb 6c de 0d 8d a4 9e                         FNV-1a of the spec
 *   6c 6f 79 61 6c 74 79 20 ...                     "loyalty purchases zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 1
 *                                                   1000"
 *   01 01 00 00  00                                 one silent, one made contact; asleep
 *   03  01 01 01                                    numbers: one with none, one with one, one with two
 *   01 01 00 f4 03                                  below 1000: one buyer, one purchase, 500
 *   01 02 00 cc 08                                  from 1000: one buyer, two purchases, 1100
 *   01                                              one bought before all days
 *   01  00 01                                       one day: 0, one buyer
 *   7f 83 a2 44 9f ed a8 f4                         CRC-64/XZ
 * tests/retention/test_loyalty_codec.c holds the whole string.                         */
#include "base/port.h"
#include "retention/loyalty_parts.h"
#include <cxm/text.h>
#include "base/checked.h"
#include "base/civil.h"
#include "base/codec.h"
#include "base/scanner.h"
#include "base/writer.h"
#include "retention/item.h"

enum { SPEC_MAX = 512, DAY_LEAST = 2, ZONE_MOST = 86399 };

/* --- spec --- */

static void write_time(writer *w, int64_t at_us)
{
    char text[CXM_TEXT_TIME_MAX];
    size_t len = 0;
    (void)cxm_text_from_time(at_us, 0, text, sizeof text, &len);     /* within years 1..9999, and it fits */
    writer_bytes(w, text, len);
}

static size_t write_spec(const cxm_loyalty_options *options, char out[SPEC_MAX])
{
    writer w = {out, SPEC_MAX, 0};
    int32_t zone_s = options->zone_s;
    writer_text(&w, options->by_day ? "loyalty days zone " : "loyalty purchases zone ");
    writer_text(&w, zone_s < 0 ? "-" : "");
    writer_count(&w, (uint64_t)(zone_s < 0 ? -zone_s : zone_s));
    writer_text(&w, " since ");
    if (options->since_us == CXM_LOYALTY_EVER) writer_text(&w, "ever");
    else write_time(&w, options->since_us);
    writer_text(&w, " until ");
    write_time(&w, options->until_us);
    writer_text(&w, " days ");
    writer_count(&w, options->days);
    writer_text(&w, " tiers ");
    writer_count(&w, options->thresholds);
    for (uint32_t i = 0; i < options->thresholds; ++i) {
        writer_text(&w, " ");
        writer_count(&w, (uint64_t)options->threshold[i]);
    }
    return w.len;
}

static int64_t read_time(scanner *s)
{
    size_t len = 0;
    int64_t at_us = 0;
    while (len < s->left && s->at[len] != ' ') ++len;
    const char *text = scanner_bytes(s, len);
    s->ok = text && cxm_text_time(text, len, 0, &at_us, NULL) == CXM_OK;
    return at_us;
}

static void read_thresholds(scanner *s, cxm_loyalty_options *options)
{
    scanner_skip(s, " tiers ");
    options->thresholds = (uint32_t)scanner_int(s, 0, CXM_LOYALTY_THRESHOLDS_MAX);
    for (uint32_t i = 0; s->ok && i < options->thresholds; ++i) {
        scanner_skip(s, " ");
        options->threshold[i] = scanner_int(s, 1, CXM_LOYALTY_THRESHOLD_MAX);
    }
}

/* Just what write_spec writes. */
static bool read_spec(const char *text, size_t len, cxm_loyalty_options *out)
{
    char again[SPEC_MAX];
    cxm_loyalty_options options = {.size = sizeof options};
    scanner s = {text, len, true};
    scanner_skip(&s, "loyalty ");
    options.by_day = scanner_try(&s, "days");
    if (!options.by_day) scanner_skip(&s, "purchases");
    scanner_skip(&s, " zone ");
    options.zone_s = (int32_t)scanner_int(&s, -ZONE_MOST, ZONE_MOST);
    scanner_skip(&s, " since ");
    options.since_us = scanner_try(&s, "ever") ? CXM_LOYALTY_EVER : read_time(&s);
    scanner_skip(&s, " until ");
    options.until_us = read_time(&s);
    scanner_skip(&s, " days ");
    options.days = (uint32_t)scanner_int(&s, 1, CXM_LOYALTY_DAYS_MAX);
    read_thresholds(&s, &options);
    return s.ok && loyalty_options_check(&options, out) == CXM_OK && write_spec(out, again) == len && memcmp(text, again, len) == 0;
}

/* --- what customers can have --- */

/* So many buyers can have bought so often, and spent so much in this tier. */
static bool tier_is_whole(const cxm_loyalty *l, uint32_t tier)
{
    uint64_t buyers = l->counts[LOYALTY_BUYERS + tier], bought = l->counts[LOYALTY_BOUGHT + tier];
    int64_t below = loyalty_tier_below(&l->options, tier);
    uint64_t most = below == INT64_MAX ? ITEM_MONEY_MAX : (uint64_t)below - 1;
    wide money = l->money[tier], purchases = {0, bought};
    return bought >= buyers && !wide_below(wide_product(buyers, CXM_CUSTOMERS_EVENTS_MAX), purchases) &&
           !wide_below(money, wide_product(buyers, (uint64_t)loyalty_tier_from(&l->options, tier))) &&
           !wide_below(wide_product(buyers, most), money) && !wide_below(wide_product(bought, CXM_CUSTOMERS_AMOUNT_MAX), money);
}

/* Purchases are as many as the numbers say; more where a number stands for more, or days count. */
static bool purchases_match(const cxm_loyalty *l)
{
    wide least = {0, 0}, purchases = {0, l->counts[LOYALTY_PURCHASES]};
    for (uint32_t i = 1; i <= CXM_LOYALTY_TIMES_MAX; ++i) least = wide_add_product(least, l->counts[LOYALTY_TIMES + i], i);
    bool exact = !l->options.by_day && l->counts[LOYALTY_TIMES + CXM_LOYALTY_TIMES_MAX] == 0;
    return !wide_below(purchases, least) && (!exact || !wide_below(least, purchases));
}

/* Whether a last purchase can lie `day` whole days back, or longer. */
static bool day_is_within(const cxm_loyalty_options *options, uint64_t day)
{
    int64_t since = options->since_us == CXM_LOYALTY_EVER ? CIVIL_US_MIN : options->since_us;
    return day <= (uint64_t)((options->until_us - 1 - since) / CIVIL_US_PER_DAY);
}

static bool days_are_within(const cxm_loyalty *l)
{
    for (uint32_t d = 0; d < l->options.days; ++d)
        if (l->counts[LOYALTY_DAYS + (size_t)d] && !day_is_within(&l->options, d)) return false;
    return l->counts[LOYALTY_BEYOND] == 0 || day_is_within(&l->options, l->options.days);
}

/* The sum of counts; false when it does not fit. */
static bool sum_of(const uint64_t *counts, size_t n, uint64_t *sum)
{
    *sum = 0;
    for (size_t i = 0; i < n; ++i)
        if (!checked_add_u64(*sum, counts[i], sum)) return false;
    return true;
}

/* Sums among the counts are right by themselves; buyers by tier and by day are a part of all only if they are told rightly. */
static bool is_whole(const cxm_loyalty *l)
{
    uint64_t by_tier, by_day, buyers = loyalty_buyers(l);
    bool ok = sum_of(l->counts + LOYALTY_BUYERS, LOYALTY_TIERS, &by_tier) && by_tier == buyers &&
              sum_of(l->counts + LOYALTY_BEYOND, (size_t)l->options.days + 1, &by_day) && by_day == buyers;
    for (uint32_t i = 0; ok && i <= l->options.thresholds; ++i) ok = tier_is_whole(l, i);
    return ok && purchases_match(l) && days_are_within(l);
}

/* --- written --- */

static void put_times(codec_writer *w, const uint64_t *times)
{
    uint32_t used = CXM_LOYALTY_TIMES_MAX + 1;
    while (used > 0 && times[used - 1] == 0) --used;
    codec_put_u64(w, used);
    for (uint32_t i = 0; i < used; ++i) codec_put_u64(w, times[i]);
}

static void put_days(codec_writer *w, const uint64_t *days, uint32_t count)
{
    uint64_t used = 0;
    uint32_t before = 0;
    for (uint32_t d = 0; d < count; ++d) used += days[d] > 0;
    codec_put_u64(w, used);
    for (uint32_t d = 0; d < count; ++d) {
        if (days[d] == 0) continue;
        codec_put_u64(w, d - before);
        codec_put_u64(w, days[d]);
        before = d;
    }
}

static void put_state(codec_writer *w, const cxm_loyalty *l)
{
    for (size_t i = LOYALTY_VOICE; i <= LOYALTY_ASLEEP; ++i) codec_put_u64(w, l->counts[i]);
    put_times(w, l->counts + LOYALTY_TIMES);
    for (uint32_t i = 0; i <= l->options.thresholds; ++i) {
        codec_put_u64(w, l->counts[LOYALTY_BUYERS + i]);
        codec_put_u64(w, l->counts[LOYALTY_BOUGHT + i]);
        codec_put_u64(w, l->money[i].high);
        codec_put_u64(w, l->money[i].low);
    }
    codec_put_u64(w, l->counts[LOYALTY_BEYOND]);
    put_days(w, l->counts + LOYALTY_DAYS, l->options.days);
}

cxm_status cxm_loyalty_encode(const cxm_loyalty *l, void *out, size_t cap, size_t *len)
{
    char spec[SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    size_t total;
    if (!l || !len || (!out && cap)) return CXM_E_ARG;
    if (!is_whole(l)) return CXM_E_UNDEFINED;
    size_t spec_len = write_spec(&l->options, spec);
    put_state(&count, l);
    if (!codec_frame_bytes(spec_len, count.len, &total)) return CXM_E_ARG;      /* cannot be: 20 bytes a day */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, CODEC_LOYALTY, spec, spec_len, count.len), count.len, 0};
    put_state(&payload, l);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

/* --- read --- */

static bool get_times(codec_reader *r, uint64_t *times)
{
    uint64_t used = codec_get_u64(r);
    if (!r->ok || used > CXM_LOYALTY_TIMES_MAX + 1) return false;
    for (uint64_t i = 0; i < used; ++i) times[i] = codec_get_u64(r);
    return r->ok && (used == 0 || times[used - 1] > 0);
}

static bool get_days(codec_reader *r, uint64_t *days, uint32_t count)
{
    uint64_t used = codec_get_u64(r), day = 0;
    if (!r->ok || used > r->left / DAY_LEAST) return false;
    for (uint64_t i = 0; i < used; ++i) {
        uint64_t step = codec_get_u64(r), buyers = codec_get_u64(r);
        if (!r->ok || buyers == 0 || (i > 0 && step == 0) || step >= count - day) return false;
        day += step;
        days[day] = buyers;
    }
    return r->ok && r->left == 0;
}

/* All of it, into a state that is empty. */
static bool get_state(codec_reader *r, cxm_loyalty *l)
{
    for (size_t i = LOYALTY_VOICE; i <= LOYALTY_ASLEEP; ++i) l->counts[i] = codec_get_u64(r);
    if (!get_times(r, l->counts + LOYALTY_TIMES)) return false;
    for (uint32_t i = 0; i <= l->options.thresholds; ++i) {
        l->counts[LOYALTY_BUYERS + i] = codec_get_u64(r);
        l->counts[LOYALTY_BOUGHT + i] = codec_get_u64(r);
        l->money[i].high = codec_get_u64(r);
        l->money[i].low = codec_get_u64(r);
    }
    l->counts[LOYALTY_BEYOND] = codec_get_u64(r);
    return get_days(r, l->counts + LOYALTY_DAYS, l->options.days) && sum_of(l->counts + LOYALTY_VOICE, 4, &l->counts[LOYALTY_TOLD]) &&
           sum_of(l->counts + LOYALTY_TIMES, CXM_LOYALTY_TIMES_MAX + 1, &l->counts[LOYALTY_CUSTOMERS]) &&
           sum_of(l->counts + LOYALTY_BOUGHT, LOYALTY_TIERS, &l->counts[LOYALTY_PURCHASES]) && is_whole(l);
}

cxm_status cxm_loyalty_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc, cxm_loyalty **out)
{
    codec_frame frame;
    cxm_loyalty_options options;
    cxm_loyalty *l;
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_LOYALTY || !read_spec(frame.spec, frame.spec_len, &options)) return CXM_E_FORMAT;
    if (max_bytes && cxm_loyalty_bytes(&options) > max_bytes) return CXM_E_LIMIT;
    status = cxm_loyalty_create(&options, alloc, &l);
    if (status != CXM_OK) return status;
    codec_reader payload = {frame.payload, frame.payload_len, true};
    if (!get_state(&payload, l)) {
        cxm_loyalty_free(l);
        return CXM_E_FORMAT;
    }
    *out = l;
    return CXM_OK;
}
