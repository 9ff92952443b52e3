/* SPDX-License-Identifier: MIT */
/* fuzz_zone.c - bytes as a zone file or as POSIX text: refused, or a zone whose stretches leave no gap.
 *
 * Input: an even first byte is followed by a zone file, an odd one by POSIX TZ text.        */
#include <cxm/zone.h>
#include "fuzz.h"
#include "fuzz_memory.h"

#define FIRST INT64_C(-62135596800000000)       /* 0001-01-01T00:00:00Z */
#define LAST INT64_C(253402300799999999)        /* 9999-12-31T23:59:59.999999Z */
enum { STEPS = 300 };

typedef struct span { int64_t from, until; int32_t offset; } span;

static span span_at(const cxm_zone *zone, int64_t at)
{
    span s = {0, 0, INT32_MIN};
    REQUIRE(cxm_zone_offset(zone, at, &s.offset, &s.from, &s.until) == CXM_OK);
    REQUIRE(s.from >= FIRST && s.from <= at && at < s.until && s.until <= LAST + 1);
    REQUIRE(s.offset >= -89999 && s.offset <= 93599);
    return s;
}

/* A stretch is the same wherever in it one asks, and the next begins where it ends. */
static void check_at(const cxm_zone *zone, int64_t at)
{
    for (int i = 0; i < STEPS && at <= LAST; ++i) {
        span here = span_at(zone, at), first = span_at(zone, here.from), last = span_at(zone, here.until - 1);
        REQUIRE(first.from == here.from && first.until == here.until && first.offset == here.offset);
        REQUIRE(last.from == here.from && last.until == here.until && last.offset == here.offset);
        at = here.until;
        if (at <= LAST) REQUIRE(span_at(zone, at).from == at);
    }
}

static void check_zone(const cxm_zone *zone, size_t size)
{
    int32_t offset = -7;
    REQUIRE(cxm_zone_bytes(zone) == live && live <= 10240 + 12 * size);
    REQUIRE(cxm_zone_offset(zone, FIRST - 1, &offset, NULL, NULL) == CXM_E_DOMAIN);
    REQUIRE(cxm_zone_offset(zone, LAST + 1, &offset, NULL, NULL) == CXM_E_DOMAIN && offset == -7);
    check_at(zone, FIRST);
    for (int64_t at = FIRST; at <= LAST; at += (LAST - FIRST) / 37) span_at(zone, at);
    check_at(zone, INT64_C(1795132800000000));
    check_at(zone, INT64_C(16725225600000000));                 /* of 2500, in the first round of 400 years or behind it */
    check_at(zone, LAST - INT64_C(86400000000) * 20000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cxm_error error = {.size = sizeof error};
    cxm_zone *zone = NULL;
    cxm_alloc hook = count_hook(NULL);
    if (size == 0) return 0;
    live = 0;
    cxm_status status = data[0] % 2 ? cxm_zone_from_posix((const char *)data + 1, size - 1, &hook, &zone, &error)
                                    : cxm_zone_from_tzif(data + 1, size - 1, &hook, &zone, &error);
    if (status == CXM_OK) check_zone(zone, size);
    else REQUIRE((status == CXM_E_FORMAT || status == CXM_E_VERSION) && !zone && error.status == status && error.text_len > 0 && error.byte_offset < size);
    cxm_zone_free(zone);
    REQUIRE(live == 0);
    return 0;
}
