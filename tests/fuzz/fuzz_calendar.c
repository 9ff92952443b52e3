/* SPDX-License-Identifier: MIT */
/* fuzz_calendar.c - any text as opening hours: refused with its line, or a calendar whose sums, due instants and changes agree.
 *
 * Input: byte 0 chooses the zone, bytes 1 and 2 where in time one looks; the rest is the text.     */
#include <cxm/calendar.h>
#include <string.h>
#include "fuzz.h"
#include "fuzz_memory.h"

#define FIRST INT64_C(-62135596800000000)       /* 0001-01-01T00:00:00Z */
#define LAST INT64_C(253402300799999999)        /* 9999-12-31T23:59:59.999999Z */
#define HOUR INT64_C(3600000000)

static cxm_zone *choose_zone(uint8_t which, const cxm_alloc *hook)
{
    static const char *const rules[] = {"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
                                        "<-03>3<-02>,M10.3.0/0,M2.3.0/0", "AAA24:59:59BBB-24:59:59,J60,J300", "<+0530>-5:30", "AAA24:59:59"};
    cxm_zone *zone = NULL;
    const char *text = rules[which % (sizeof rules / sizeof *rules)];
    REQUIRE(cxm_zone_from_posix(text, strlen(text), hook, &zone, NULL) == CXM_OK);
    return zone;
}

static int64_t open_between(const cxm_calendar *c, int64_t a, int64_t b)
{
    int64_t open = -7;
    REQUIRE(cxm_calendar_between(c, a, b, &open) == CXM_OK && open >= 0 && open <= (b > a ? b - a : 0));
    return open;
}

static void check_due(const cxm_calendar *c, int64_t start, int64_t amount)
{
    int64_t due = -7;
    cxm_status status = cxm_calendar_due(c, start, amount, &due);
    REQUIRE(status == CXM_OK || (status == CXM_E_UNDEFINED && due == -7 && open_between(c, start, LAST) < amount));
    if (status != CXM_OK || due > LAST) return;
    REQUIRE(open_between(c, start, due) == amount);
    REQUIRE(amount == 0 ? due == start : open_between(c, start, due - 1) == amount - 1);
}

static void check_next(const cxm_calendar *c, int64_t at)
{
    for (int i = 0; i < 6; ++i) {
        int64_t change = -7;
        int32_t is_open = -7;
        cxm_status status = cxm_calendar_next(c, at, &is_open, &change);
        REQUIRE(is_open == 0 || is_open == 1);
        if (at < LAST) REQUIRE(is_open == (open_between(c, at, at + 1) == 1));
        REQUIRE(status == CXM_OK || status == CXM_E_UNDEFINED);
        int64_t end = status == CXM_OK ? change : LAST;
        REQUIRE(open_between(c, at, end) == (is_open ? end - at : 0));
        if (status != CXM_OK) return;
        REQUIRE(change > at && change <= LAST);
        if (change < LAST) REQUIRE(open_between(c, change, change + 1) == !is_open);
        at = change;
    }
}

/* What may look up to year 9999 is asked for near its end alone: it passes every change of clocks on the way. */
static void check_calendar(const cxm_calendar *c, int64_t at, int to_the_end)
{
    static const int64_t steps[] = {1, 999983, 61 * 1000000, 7 * HOUR, 25 * HOUR, 200 * HOUR, 9001 * HOUR};
    int64_t sum = 0, start = at;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; ++i) {
        int64_t end = LAST - at < steps[i] ? LAST : at + steps[i];
        sum += open_between(c, at, end);
        REQUIRE(sum == open_between(c, start, end) && open_between(c, end, at) == 0);
        check_due(c, start, sum);
        if (to_the_end) check_due(c, at, steps[i]);
        at = end;
    }
    if (sum > 0 || to_the_end) check_next(c, start);
}

/* The text again, with other line ends, means the same. */
static void check_hash(const cxm_calendar *c, const char *text, size_t len, uint8_t which, const cxm_alloc *hook)
{
    char *longer = malloc(len + 2);
    cxm_calendar *again = NULL;
    REQUIRE(longer);
    if (len) memcpy(longer, text, len);
    memcpy(longer + len, "\n#", 2);
    REQUIRE(cxm_calendar_create(longer, len + 2, choose_zone(which, hook), hook, &again, NULL) == CXM_OK);
    REQUIRE(cxm_calendar_hash(again) == cxm_calendar_hash(c));
    cxm_calendar_free(again);
    free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cxm_error error = {.size = sizeof error};
    cxm_calendar *calendar = NULL;
    cxm_alloc hook = count_hook(NULL);
    const char *name = NULL;
    size_t name_len = 7;
    if (size < 3) return 0;
    live = 0;
    const char *text = (const char *)data + 3;
    size_t len = size - 3;
    int64_t wide = FIRST + (LAST - FIRST) / 65536 * (data[1] << 8 | data[2]), late = LAST - (LAST - wide) / 500;
    cxm_zone *zone = choose_zone(data[0], &hook);
    cxm_status told = cxm_calendar_zone_of(text, len, &name, &name_len), status = cxm_calendar_create(text, len, zone, &hook, &calendar, &error);
    REQUIRE(told == CXM_OK ? name_len <= len && (!name_len || (name >= text && name + name_len <= text + len)) : told == CXM_E_FORMAT && !name);
    if (status == CXM_OK) {
        REQUIRE(told == CXM_OK);
        check_calendar(calendar, wide, 0);
        check_calendar(calendar, late, 1);
        check_calendar(calendar, INT64_C(1795132800000000) + (int64_t)data[2] * HOUR, 0);
        check_hash(calendar, text, len, data[0], &hook);
        cxm_calendar_free(calendar);
    } else {
        REQUIRE(status == CXM_E_FORMAT && !calendar && error.row >= 1 && error.byte_offset <= len && error.text_len > 0);
        cxm_zone_free(zone);
    }
    REQUIRE(live == 0);
    return 0;
}
