/* SPDX-License-Identifier: MIT */
/* generate.c - an invented customer survey, the same bytes for the same rows and seed on every machine.
 *   $ generate 1500 20260630 > survey.csv
 *
 * Integers only. Half a year of answers: few at night and on weekends, five channels with moods of their own,
 * chat better from April on, agents that differ, some people who answer twice. As in real exports some
 * answers are blank or "N/A", end points may carry their label ("10 - Extremely likely"), and comments hold
 * commas, doubled quotes and line breaks.                                              */
#include "draw.h"
#include <stdlib.h>

enum { DAYS = 181, CHANNELS = 5, COUNTRIES = 6, TOUCHPOINTS = 5, AGENTS = 12, APRIL = 90 };

typedef struct channel { const char *name; uint16_t share; int mood; } channel;

/* Mood shifts every answer, in thousandths of the scale. */
static const channel channels[CHANNELS] = {
    {"web", 30, 150}, {"email", 26, 120}, {"phone", 18, 60}, {"chat", 16, 90}, {"in-app", 10, 200}};
static const char *const countries[COUNTRIES] = {"DE", "FR", "GB", "JP", "NL", "US"};
static const uint16_t country_weights[COUNTRIES] = {24, 15, 18, 8, 10, 25};
static const char *const touchpoints[TOUCHPOINTS] = {"onboarding", "purchase", "delivery", "support", "renewal"};
static const uint16_t touchpoint_weights[TOUCHPOINTS] = {12, 30, 25, 24, 9};
static const uint16_t hour_weights[24] = {1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 18, 16, 13, 15, 16, 15, 14, 14, 15, 16, 14, 9, 5, 2};
static const uint16_t day_weights[7] = {20, 19, 18, 18, 16, 7, 6};      /* Monday first */

static const char *const good[] = {
    "Quick and friendly", "\"Solved in one call, thank you\"", "Love the new app",
    "\"She said \"\"leave it with me\"\" and did\"", "Great value", "\"Easy to find,\neasy to pay\""};
static const char *const fair[] = {
    "It was fine", "\"Delivery on time, box damaged\"", "\"Works, could be faster\"", "\"Okay.\nNothing special\""};
static const char *const poor[] = {
    "\"Waited 40 minutes, then cut off\"", "Still not solved", "\"I was told \"\"two days\"\", it took nine\"",
    "Too many forms", "\"Asked three times:\n- by mail\n- by phone\n- in chat\""};

#define PICK(list) (list)[below(sizeof(list) / sizeof *(list))]

static int clamp(int value, int lo, int hi)
{
    return value < lo ? lo : value > hi ? hi : value;
}

/* An answer on lo..hi: a skewed base on 0..1000, moved by the mood, cut into equal steps. */
static int answer(int lo, int hi, int mood)
{
    int a = (int)below(1001), b = (int)below(1001), c = (int)below(1001);
    int best = a > b ? a : b, base = (2 * best + (c > best ? c : best)) / 3 + mood;
    return lo + clamp(base, 0, 1000) * (hi - lo + 1) / 1001;
}

static void print_answer(int value, int lo, int hi, const char *worst, const char *best, uint32_t labelled)
{
    if (below(100) < labelled && (value == lo || value == hi)) printf("%d - %s", value, value == hi ? best : worst);
    else printf("%d", value);
}

/* An answer of one in eleven is missing, and of those one in five by a word. */
static int is_missing(void)
{
    if (below(11)) return 0;
    if (below(5) == 0) printf("N/A");
    return 1;
}

static void print_comment(int nps)
{
    if (below(100) < 62) return;
    printf("%s", nps >= 9 ? PICK(good) : nps >= 7 ? PICK(fair) : PICK(poor));
}

static const char *sentiment(int nps)
{
    uint32_t slip = below(10);
    return nps >= 9 ? (slip ? "positive" : "neutral") : nps >= 7 ? (slip < 6 ? "neutral" : "positive")
                                                                 : (slip < 8 ? "negative" : "neutral");
}

static void print_row(uint32_t rows)
{
    uint16_t shares[CHANNELS];
    for (int i = 0; i < CHANNELS; ++i) shares[i] = channels[i].share;
    uint32_t day = draw_day(0, DAYS, day_weights), hour = weighted(hour_weights, 233), which = weighted(shares, 100);
    uint32_t agent = below(AGENTS), touchpoint = weighted(touchpoint_weights, 100);
    int mood = channels[which].mood + (int)(agent % 5) * 12 - 24 + (which == 3 && day >= APRIL ? 90 : 0);
    int nps = answer(0, 10, mood), csat = answer(1, 5, mood), ces = answer(1, 7, mood - 30);
    uint32_t country = weighted(country_weights, 100), respondent = below(3 * (rows / 4 + 1) * 4) + 1;
    uint32_t second = below(60), minute = below(60);
    print_time(((day * 24 + hour) * 60 + minute) * 60 + second);
    printf(",r%05u,%s,%s,%s,a%02u,", (unsigned)respondent, channels[which].name, countries[country],
           touchpoints[touchpoint], (unsigned)agent + 1);
    if (!is_missing()) print_answer(nps, 0, 10, "Not at all likely", "Extremely likely", 25);
    printf(",");
    if (!is_missing()) print_answer(csat, 1, 5, "Very dissatisfied", "Very satisfied", 10);
    printf(",");
    if (touchpoint != 1 && !is_missing()) print_answer(ces, 1, 7, "Strongly disagree", "Strongly agree", 10);
    const char *feeling = sentiment(nps);
    uint32_t thousandths = 400 + below(600), whole = below(2);
    printf(",%u.%03u,%s,", (unsigned)whole, (unsigned)thousandths, feeling);
    print_comment(nps);
    printf("\r\n");
}

int main(int argc, char **argv)
{
    uint32_t rows = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1500;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260630;
    printf("answered_at,respondent,channel,country,touchpoint,agent,nps,csat,ces,weight,sentiment,comment\r\n");
    for (uint32_t i = 0; i < rows; ++i) print_row(rows);
    return fflush(stdout) == 0 ? 0 : 1;
}
