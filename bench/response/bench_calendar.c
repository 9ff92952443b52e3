/* SPDX-License-Identifier: MIT */
/* bench_calendar.c - opening hours of many tickets: open time between two instants and due instants, beside the goal of five
 * million spans a second and a read-only pass over the spans.
 *   $ bench_response_calendar [--rows] */
#define _POSIX_C_SOURCE 200809L
#include <cxm/calendar.h>
#include "bench.h"

enum { SPANS = 1 << 20 };
enum { READ, BETWEEN, DUE, WAYS };
static const double GOAL_NS = 200.0;

static const char zone_text[] = "CET-1CEST,M3.5.0,M10.5.0/3";
static const char hours[] = "weekly mon=09:00-12:00,13:00-17:00;tue=09:00-17:00;wed=09:00-17:00;thu=09:00-17:00;fri=09:00-15:30\n"
                            "holiday 2026-01-01\nholiday 2026-04-03\nholiday 2026-04-06\nholiday 2026-05-01\nholiday 2026-05-14\n"
                            "holiday 2026-05-25\nholiday 2026-10-03\nholiday 2026-12-25..2026-12-26\ndated 2026-12-24=09:00-13:00\n"
                            "dated 2026-12-31=09:00-13:00\nbreak 2026-07-01=12:00-14:00\n";

typedef struct span { int64_t from, to; } span;
static span spans[SPANS];
static int64_t sink_us;

static void must(cxm_status status)
{
    if (status != CXM_OK) exit(1);
}

static cxm_calendar *make(void)
{
    cxm_zone *zone = NULL;
    cxm_calendar *calendar = NULL;
    must(cxm_zone_from_posix(zone_text, sizeof zone_text - 1, NULL, &zone, NULL));
    must(cxm_calendar_create(hours, sizeof hours - 1, zone, NULL, &calendar, NULL));
    return calendar;
}

/* Of two years, to the second: most end within a day, some after weeks. */
static void draw(void)
{
    uint64_t z = 1;
    for (int i = 0; i < SPANS; ++i) {
        z = z * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int64_t from = INT64_C(1767225600) + (int64_t)((z >> 20) % 63072000), length = (int64_t)((z >> 40) % 86400);
        if (z >> 60 == 0) length *= 20;
        spans[i] = (span){from * 1000000, (from + length) * 1000000};
    }
}

static double time_way(const cxm_calendar *calendar, int way)
{
    int64_t sum = 0, got = 0;
    double begun = seconds();
    for (int i = 0; i < SPANS; ++i) {
        if (way == READ) got = spans[i].to - spans[i].from;
        else if (way == BETWEEN) must(cxm_calendar_between(calendar, spans[i].from, spans[i].to, &got));
        else must(cxm_calendar_due(calendar, spans[i].from, INT64_C(14400000000), &got));
        sum += got;
    }
    sink_us += sum;
    return 1e9 * (seconds() - begun) / SPANS;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"read-only", "between", "due in 4 h"};
    double all[WAYS][ROUNDS], took[WAYS];
    cxm_calendar *calendar = make();
    draw();
    for (int round = 0; round < ROUNDS; ++round)
        for (int way = READ; way < WAYS; ++way) all[way][round] = time_way(calendar, way);
    printf("response/calendar, %d spans, medians of %d rounds\n", (int)SPANS, (int)ROUNDS);
    for (int way = 0; way < WAYS; ++way) {
        took[way] = median(all[way]);
        printf("  %-12s %8.2f ns a span\n", names[way], took[way]);
    }
    if (has_option(argc, argv, "--rows")) {
        print_bench_row("calendar, open time of a span", "ns", took[BETWEEN], GOAL_NS, "5 million a second");
        print_bench_row("calendar, due in 4 h", "ns", took[DUE], took[READ], "read-only pass");
    }
    cxm_calendar_free(calendar);
    return sink_us == 1;
}
