/* SPDX-License-Identifier: MIT */
/* bench_engine.c - records into 10,000 slots, and such states as bytes, back, and merged.
 *
 * ns a record, new engine and slots included, beside one increment in a table of as many counters; us a 1,000 slots encoded,
 * decoded and merged beside memcpy of the state's bytes. Ways run in turn, nine rounds, medians. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/engine.h>
#include <cxm/nps.h>
#include "bench.h"

enum { SLOTS = 10000, RECORDS = 1 << 20, ANSWERS = 11, WAYS = 6 };

typedef struct draws { uint16_t slot[RECORDS]; uint8_t answer[RECORDS]; char name[SLOTS][16]; size_t len[SLOTS]; } draws;
typedef struct bytes { unsigned char *at; size_t len; } bytes;

static const char *const names[WAYS] = {"increment", "add", "memcpy", "encode", "decode", "merge"};
static uint64_t counters[SLOTS][ANSWERS];
static volatile uint64_t sink;          /* keeps the increments from being optimised away */
static cxm_scale_spec spec;

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

static void make_draws(draws *d)
{
    uint64_t seed = 1;
    for (size_t i = 0; i < SLOTS; ++i) d->len[i] = (size_t)snprintf(d->name[i], sizeof d->name[i], "store %04zu", i);
    for (size_t i = 0; i < RECORDS; ++i) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        d->slot[i] = (uint16_t)((seed >> 33) % SLOTS);
        d->answer[i] = (uint8_t)((seed >> 50) % ANSWERS);
    }
}

static cxm_engine *add_all(const draws *d)
{
    cxm_engine_options options = {.size = sizeof options, .scale = &spec, .segments = 1, .hash_seed = 1};
    cxm_engine *engine;
    must(cxm_engine_create(&options, NULL, &engine));
    for (size_t i = 0; i < RECORDS; ++i) {
        cxm_view segment = {d->name[d->slot[i]], d->len[d->slot[i]]};
        cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = d->answer[i], .segments = &segment, .segment_count = 1};
        must(cxm_engine_add(engine, &record));
    }
    return engine;
}

static void time_round(const draws *d, bytes state, unsigned char *copy, double took[WAYS])
{
    cxm_engine *back, *into;
    double at[WAYS + 1] = {seconds()};
    for (size_t i = 0; i < RECORDS; ++i) ++counters[d->slot[i]][d->answer[i]];
    at[1] = seconds();
    sink += counters[d->slot[0]][d->answer[0]];
    cxm_engine *engine = add_all(d);
    at[2] = seconds();
    memcpy(copy, state.at, state.len);
    at[3] = seconds();
    must(cxm_engine_encode(engine, copy, state.len, &state.len));
    at[4] = seconds();
    must(cxm_engine_decode(copy, state.len, 0, 1, NULL, &back));
    at[5] = seconds();
    must(cxm_engine_decode(copy, state.len, 0, 1, NULL, &into));
    double begun = seconds();
    must(cxm_engine_merge(into, back));
    at[6] = at[5] + seconds() - begun;
    for (int i = 0; i < WAYS; ++i) took[i] = (at[i + 1] - at[i]) * (i < 2 ? 1e9 / RECORDS : 1e6 / (SLOTS / 1000.0));
    cxm_engine_free(engine);
    cxm_engine_free(back);
    cxm_engine_free(into);
}

int main(int argc, char **argv)
{
    static draws d;
    double all[WAYS][ROUNDS], took[WAYS];
    bytes state = {NULL, 0};
    cxm_scale_ask ask;
    must(cxm_nps_define(0, 10, &spec, &ask));
    make_draws(&d);
    cxm_engine *engine = add_all(&d);
    (void)cxm_engine_encode(engine, NULL, 0, &state.len);
    state.at = malloc(state.len);
    unsigned char *copy = calloc(state.len, 1);
    if (!state.at || !copy) return 1;
    must(cxm_engine_encode(engine, state.at, state.len, &state.len));
    cxm_engine_free(engine);
    for (int round = 0; round < ROUNDS; ++round) {
        time_round(&d, state, copy, took);
        for (int i = 0; i < WAYS; ++i) all[i][round] = took[i];
    }
    for (int i = 0; i < WAYS; ++i) took[i] = median(all[i]);
    printf("stream/engine, %d slots, %zu bytes of state, medians of %d rounds\n", SLOTS, state.len, ROUNDS);
    for (int i = 0; i < WAYS; ++i) printf("  %-10s %10.2f %s\n", names[i], took[i], i < 2 ? "ns a record" : "us a 1,000 slots");
    if (has_option(argc, argv, "--rows")) {
        print_bench_row("engine, add a record, 10,000 slots", "ns", took[1], took[0], names[0]);
        print_bench_row("engine, encode 1,000 slots", "us", took[3], took[2], names[2]);
        print_bench_row("engine, decode 1,000 slots", "us", took[4], took[2], names[2]);
        print_bench_row("engine, merge 1,000 slots", "us", took[5], took[2], names[2]);
    }
    free(state.at);
    free(copy);
    return 0;
}
