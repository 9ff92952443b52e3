/* SPDX-License-Identifier: MIT */
/* draw.h - what the invented data sets share: random numbers and times, the same with every compiler and machine.
 *
 * C leaves open in which order arguments are evaluated: a call is handed one draw at most, others are drawn before. */
#ifndef DRAW_H
#define DRAW_H
#include <stdint.h>
#include <stdio.h>

static uint64_t state;                  /* the seed, then wherever the draws have come */

static inline uint32_t below(uint32_t n)        /* splitmix64; the high half scaled to 0..n-1 */
{
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return (uint32_t)((z >> 32) * n >> 32);
}

/* An index drawn with the given weights, which add up to `total`. */
static inline uint32_t weighted(const uint16_t *weights, uint32_t total)
{
    uint32_t left = below(total), i = 0;
    while (left >= weights[i]) left -= weights[i++];
    return i;
}

/* A log-normal of the given median and log-deviation 1. */
static inline uint32_t spread(uint32_t median)
{
    static const struct { uint32_t rank, value; } quantiles[] = {       /* thousandths of the median at rank in 100,000 */
        {0, 76}, {5000, 193}, {10000, 278}, {25000, 509}, {50000, 1000}, {75000, 1963}, {90000, 3602},
        {95000, 5181}, {98000, 7797}, {99000, 10240}, {99700, 15600}, {100000, 24000}};
    uint32_t rank = below(100000), i = 0;
    while (rank >= quantiles[i + 1].rank) ++i;
    uint32_t low = quantiles[i].value, rise = quantiles[i + 1].value - low, first = quantiles[i].rank;
    return (uint32_t)((uint64_t)median * (low + (rank - first) * rise / (quantiles[i + 1].rank - first)) / 1000);
}

static inline uint32_t weekday(uint32_t day)    /* 0 for Monday; day 0 is 2026-01-01, a Thursday */
{
    return (day + 3) % 7;
}

/* One of `days` days from `first` on: drawn until its weekday, of a weight of at most 20, lets it through. */
static inline uint32_t draw_day(uint32_t first, uint32_t days, const uint16_t *weights)
{
    for (;;) {
        uint32_t day = first + below(days);
        if (below(20) < weights[weekday(day)]) return day;
    }
}

/* `at` counts the seconds since 2026-01-01T00:00:00Z and ends with June. */
static inline void print_time(uint32_t at)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30};
    uint32_t day = at / 86400, month = 0;
    while (day >= lengths[month]) day -= lengths[month++];
    printf("2026-%02u-%02uT%02u:%02u:%02uZ", (unsigned)month + 1, (unsigned)day + 1, (unsigned)(at / 3600 % 24),
           (unsigned)(at / 60 % 60), (unsigned)(at % 60));
}

#endif
