/* SPDX-License-Identifier: MIT */
/* survival_words.c - how files write whether a customer left: in any case of ASCII letters. R's 1 and 2 are not among them, as 1
 * would mean the opposite. */
#include "base/port.h"
#include <cxm/survival.h>
#include <string.h>

enum { WORD_MOST = 15 };

typedef struct word { const char *name; int32_t event; } word;

static const word words[] = {
    {"1", 1}, {"0", 0}, {"1.0", 1}, {"0.0", 0}, {"yes", 1}, {"no", 0}, {"y", 1}, {"n", 0}, {"true", 1}, {"false", 0}, {"t", 1}, {"f", 0},
    {"churned", 1}, {"churn", 1}, {"left", 1}, {"lost", 1}, {"gone", 1}, {"cancelled", 1}, {"canceled", 1}, {"closed", 1}, {"ended", 1},
    {"expired", 1}, {"terminated", 1}, {"inactive", 1}, {"event", 1}, {"dead", 1},
    {"active", 0}, {"retained", 0}, {"stayed", 0}, {"current", 0}, {"open", 0}, {"censored", 0}, {"alive", 0}};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

cxm_status cxm_survival_event(const char *text, size_t len, int32_t *event)
{
    char name[WORD_MOST];
    if (!event || (!text && len)) return CXM_E_ARG;
    while (len && (text[0] == ' ' || text[0] == '\t')) ++text, --len;
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t')) --len;
    if (len > WORD_MOST) return CXM_E_FORMAT;
    for (size_t i = 0; i < len; ++i) name[i] = lower(text[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
        if (strlen(words[i].name) != len || memcmp(words[i].name, name, len) != 0) continue;
        *event = words[i].event;
        return CXM_OK;
    }
    return CXM_E_FORMAT;
}
