/* SPDX-License-Identifier: MIT */
/* zone.c - a zone as one array of changes, and the search in it.
 *
 * A rule repeats itself after 400 years, which are 146,097 days and so whole weeks: behind the changes that are listed stand those
 * of the rule up to the first year that it has to itself, and from there on those of 400 years, into which later instants are
 * moved. Equal offsets one after the other are one change.                                    */
#include "base/port.h"
#include "base/zone_parts.h"
#include "base/alloc.h"
#include "base/civil.h"
#include "base/error.h"

enum { CYCLE_YEARS = 400, DAY_S = 86400 };
static const int64_t CYCLE_US = INT64_C(146097) * CIVIL_US_PER_DAY, US = 1000000;

struct cxm_zone {
    cxm_alloc hook;
    size_t bytes, count;        /* of this block; changes */
    int64_t cycle_us;           /* where the 400 years begin; INT64_MAX: they never do */
    int64_t *at_us;             /* [count], the first is the beginning of time */
    int32_t *offset_s;          /* [count] */
};

/* --- building --- */

static void add(cxm_zone *zone, int64_t at_us, int32_t offset_s)
{
    bool same = zone->count && zone->offset_s[zone->count - 1] == offset_s;
    if (same) return;
    if (zone->count && zone->at_us[zone->count - 1] == at_us) --zone->count;    /* it lasted no time */
    if (zone->count && zone->offset_s[zone->count - 1] == offset_s) return;
    zone->at_us[zone->count] = at_us;
    zone->offset_s[zone->count++] = offset_s;
}

/* Changes within years 1..9999; what was before is how time begins. Returns the last of them, in seconds. */
static int64_t add_listed(cxm_zone *zone, const zone_plan *plan)
{
    int64_t last = CIVIL_US_MIN / US;
    add(zone, INT64_MIN, plan->first_s);
    for (size_t i = 0; i < plan->count; ++i) {
        zone_change c = plan->change(plan->ctx, i);
        if (c.at_s > CIVIL_US_MAX / US) break;
        bool early = c.at_s < CIVIL_US_MIN / US;
        if (early) zone->count = 0;
        add(zone, early ? INT64_MIN : c.at_s * US, c.offset_s);
        if (!early) last = c.at_s;
    }
    return last;
}

/* Keeps the changes from `base` on in their order; the start of summer is behind an end at the same instant. */
static void insert(cxm_zone *zone, size_t base, int64_t at_us, int32_t offset_s, bool summer)
{
    size_t i = zone->count++;
    for (; i > base && (zone->at_us[i - 1] > at_us || (zone->at_us[i - 1] == at_us && !summer)); --i) {
        zone->at_us[i] = zone->at_us[i - 1];
        zone->offset_s[i] = zone->offset_s[i - 1];
    }
    zone->at_us[i] = at_us;
    zone->offset_s[i] = offset_s;
}

/* The rule's changes of some years behind `after` and before `until`, in seconds; times that reach over a new year put those of
 * one year among those of the next. */
static void add_years(cxm_zone *zone, const zone_rule *rule, int32_t year, int32_t last_year, int64_t after, int64_t until)
{
    size_t base = zone->count;
    for (; year <= last_year; ++year) {
        int64_t start = zone_rule_start(rule, year), end = zone_rule_end(rule, year);
        if (end > after && end < until) insert(zone, base, end * US, rule->standard_s, false);
        if (start > after && start < until) insert(zone, base, start * US, rule->summer_s, true);
    }
    size_t count = zone->count;
    zone->count = base;
    for (size_t i = base; i < count; ++i) add(zone, zone->at_us[i], zone->offset_s[i]);
}

static int32_t year_of(int64_t at_s)
{
    return civil_date_from_days(civil_days_from_us(at_s * US)).year;
}

/* What the rule says at an instant: that of its last change before, which is at most two years ago. */
static int32_t rule_at(const zone_rule *rule, int64_t at_s, int32_t year)
{
    int64_t best = INT64_MIN;
    int32_t offset = rule->standard_s;
    for (int32_t y = year - 2; y <= year + 1; ++y) {
        int64_t start = zone_rule_start(rule, y), end = zone_rule_end(rule, y);
        if (end <= at_s && end > best) best = end, offset = rule->standard_s;
        if (start <= at_s && start >= best) best = start, offset = rule->summer_s;
    }
    return offset;
}

static void add_rule(cxm_zone *zone, const zone_rule *rule, int64_t last, bool listed)
{
    if (!rule->has_summer) {
        if (!listed) zone->count = 0;
        add(zone, listed ? last * US : INT64_MIN, rule->standard_s);
        return;
    }
    int32_t year = listed ? year_of(last) : CIVIL_YEAR_MIN, own = year + 1;
    int64_t from = (int64_t)civil_days_from_date((civil_date){own, 1, 1}) * DAY_S, until = from + CYCLE_US / US;
    if (!listed) {
        zone->count = 0;
        add(zone, INT64_MIN, rule_at(rule, CIVIL_US_MIN / US, CIVIL_YEAR_MIN));
        last = CIVIL_US_MIN / US;
    }
    add_years(zone, rule, year - 2, own, last, from);
    add(zone, from * US, rule_at(rule, from, own));
    add_years(zone, rule, own - 1, own + CYCLE_YEARS, from, until);
    zone->cycle_us = from * US;
}

cxm_status zone_build(const zone_plan *plan, const cxm_alloc *alloc, cxm_zone **out)
{
    cxm_alloc hook;
    cxm_status status = alloc_choose(alloc, &hook);
    size_t room = plan->count + 1 + (plan->has_rule ? 2 * (CYCLE_YEARS + 8) : 0);
    size_t bytes = sizeof(cxm_zone) + room * (sizeof(int64_t) + sizeof(int32_t));
    if (status != CXM_OK) return status;
    cxm_zone *zone = alloc_zeroed(&hook, 1, bytes);
    if (!zone) return CXM_E_MEMORY;
    zone->hook = hook;
    zone->bytes = bytes;
    zone->cycle_us = INT64_MAX;
    zone->at_us = (int64_t *)(void *)(zone + 1);
    zone->offset_s = (int32_t *)(void *)(zone->at_us + room);
    int64_t last = add_listed(zone, plan);
    bool past = plan->count && plan->change(plan->ctx, plan->count - 1).at_s > CIVIL_US_MAX / US;
    if (plan->has_rule && !past) add_rule(zone, &plan->rule, last, plan->count > 0);
    *out = zone;
    return CXM_OK;
}

cxm_status cxm_zone_from_posix(const char *text, size_t len, const cxm_alloc *alloc, cxm_zone **out, cxm_error *error)
{
    zone_plan plan = {.has_rule = true};
    zone_fault fault;
    if (!text || !out) return CXM_E_ARG;
    if (!zone_rule_read(text, len, &plan.rule, &fault))
        return error_set(error, CXM_E_FORMAT, (error_place){.byte_offset = fault.at}, fault.why);
    plan.first_s = plan.rule.standard_s;
    return zone_build(&plan, alloc, out);
}

cxm_status cxm_zone_fixed(int32_t offset_s, const cxm_alloc *alloc, cxm_zone **out)
{
    zone_plan plan = {.first_s = offset_s};
    if (!out || offset_s <= -DAY_S || offset_s >= DAY_S) return CXM_E_ARG;
    return zone_build(&plan, alloc, out);
}

void cxm_zone_free(cxm_zone *zone)
{
    if (!zone) return;
    cxm_alloc hook = zone->hook;
    alloc_free(&hook, zone, zone->bytes);
}

size_t cxm_zone_bytes(const cxm_zone *zone)
{
    return zone ? zone->bytes : 0;
}

/* --- asking --- */

/* The last change at or before an instant. */
static size_t find(const cxm_zone *zone, int64_t at_us)
{
    size_t low = 0, count = zone->count;
    while (count > 1) {
        size_t half = count / 2;
        low += zone->at_us[low + half] <= at_us ? half : 0;
        count -= half;
    }
    return low;
}

cxm_status cxm_zone_offset(const cxm_zone *zone, int64_t at_us, int32_t *offset_s, int64_t *from_us, int64_t *until_us)
{
    if (!zone || !offset_s) return CXM_E_ARG;
    if (at_us < CIVIL_US_MIN || at_us > CIVIL_US_MAX) return CXM_E_DOMAIN;
    int64_t moved = 0;
    if (at_us >= zone->cycle_us && at_us - zone->cycle_us >= CYCLE_US) moved = (at_us - zone->cycle_us) / CYCLE_US * CYCLE_US;
    size_t i = find(zone, at_us - moved);
    *offset_s = zone->offset_s[i];
    int64_t from = zone->at_us[i], until = i + 1 < zone->count ? zone->at_us[i + 1] : INT64_MAX;
    if (moved && from < zone->cycle_us) from = zone->cycle_us;          /* no change is known to lie there */
    if (zone->cycle_us != INT64_MAX && until == INT64_MAX) until = zone->cycle_us + CYCLE_US;
    if (from_us) *from_us = from == INT64_MIN ? CIVIL_US_MIN : from + moved;
    if (until_us) *until_us = until == INT64_MAX || until + moved > CIVIL_US_MAX ? CIVIL_US_MAX + 1 : until + moved;
    return CXM_OK;
}
