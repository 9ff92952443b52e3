/* SPDX-License-Identifier: MIT */
/* contacts.c - counts of contacts into rates, growth, shares and backlog; the formulas stand in the header. */
#include "base/port.h"
#include <cxm/contacts.h>
#include <math.h>
#include <stdbool.h>
#include "base/checked.h"
#include "base/sized.h"
#include "response/service_parts.h"

_Static_assert(sizeof(cxm_contact_rate) == 64 && sizeof(cxm_contact_growth) == 208, "a result grew");
_Static_assert(sizeof(cxm_backlog_counts) == 56 && sizeof(cxm_backlog) == 48, "a backlog grew");

static bool is_level(double level)
{
    return level >= 0.0 && level < 1.0;
}

/* An exposure, or a number of days: no NaN, nothing below 0. */
static bool is_amount(double x)
{
    return x >= 0.0 && isfinite(x);
}

/* The rate of what has been checked, at a level above 0. */
static cxm_status rate_of(uint64_t contacts, double exposure, double level, cxm_contact_rate *out)
{
    double none = (double)NAN, rate = (double)contacts / exposure;
    cxm_interval empty = {.size = sizeof empty, .method = CXM_INTERVAL_GARWOOD, .level = level, .low = none, .high = none,
                          .se = none};
    if (exposure > 0.0 && isinf(rate)) return CXM_E_OVERFLOW;
    *out = (cxm_contact_rate){contacts, exposure, exposure > 0.0 ? rate : none, empty};
    if (!(exposure > 0.0)) return CXM_E_EMPTY;
    return cxm_rate_interval(contacts, exposure, CXM_INTERVAL_GARWOOD, level, &out->interval);
}

cxm_status cxm_contact_rate_of(uint64_t contacts, double exposure, double level, cxm_contact_rate *out)
{
    if (!out || !is_level(level) || !is_amount(exposure)) return CXM_E_ARG;
    return rate_of(contacts, exposure, level == 0.0 ? 0.95 : level, out);
}

static cxm_rate_ratio no_growth(double level)
{
    double none = (double)NAN;
    return (cxm_rate_ratio){.size = sizeof(cxm_rate_ratio), .method = CXM_COMPARE_CONDITIONAL, .level = level, .ratio = none,
                            .low = none, .high = none, .change = none, .change_low = none, .change_high = none, .p = none};
}

cxm_status cxm_contact_growth_of(const cxm_rate_sample *now, const cxm_rate_sample *before, double level,
                                 cxm_contact_growth *out)
{
    if (!now || !before || !out || !is_level(level)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (!is_amount(now->exposure) || !is_amount(before->exposure)) return CXM_E_ARG;
    if (level == 0.0) level = 0.95;
    cxm_contact_growth got = {.size = out->size, .growth = no_growth(level)};
    if (rate_of(now->events, now->exposure, level, &got.now) == CXM_E_OVERFLOW ||
        rate_of(before->events, before->exposure, level, &got.before) == CXM_E_OVERFLOW) return CXM_E_OVERFLOW;
    cxm_status status = cxm_compare_rate(now, before, CXM_COMPARE_CONDITIONAL, level, &got.growth);
    if (status == CXM_OK || status == CXM_E_EMPTY || status == CXM_E_UNDEFINED) *out = got;
    return status;
}

cxm_status cxm_contact_share_of(uint64_t channel, uint64_t all, double level, cxm_service_share *out)
{
    if (!out || !is_level(level) || channel > all) return CXM_E_ARG;
    return service_share_of(channel, all, level == 0.0 ? 0.95 : level, out);
}

/* Days until `open` are gone at `gone` in so many days. */
static double days_for(uint64_t open, uint64_t gone, double days)
{
    if (open == 0) return 0.0;
    return gone && days > 0.0 ? (double)open / (double)gone * days : (double)NAN;
}

static bool change_of(uint64_t before, uint64_t after, int64_t *out)
{
    uint64_t size = after > before ? after - before : before - after;
    if (size > INT64_MAX) return false;
    *out = after > before ? (int64_t)size : -(int64_t)size;
    return true;
}

cxm_status cxm_backlog_of(const cxm_backlog_counts *counts, cxm_backlog *out)
{
    uint64_t open;
    if (!counts || !out) return CXM_E_ARG;
    if (!sized_in_ok(counts, counts->size, sizeof *counts, sizeof *counts) || out->size < sizeof *out) return CXM_E_ABI;
    if (counts->reserved || !is_amount(counts->days)) return CXM_E_ARG;
    cxm_backlog got = {.size = out->size, .solved_a_day = (double)NAN};
    if (!checked_add_u64(counts->open_before, counts->created, &open) || !checked_add_u64(open, counts->reopened, &open))
        return CXM_E_OVERFLOW;
    if (!checked_sub_u64(open, counts->solved, &open) || !checked_sub_u64(open, counts->abandoned, &got.open))
        return CXM_E_UNDERFLOW;
    if (!change_of(counts->open_before, got.open, &got.change)) return CXM_E_OVERFLOW;
    uint64_t fell = got.open < counts->open_before ? counts->open_before - got.open : 0;
    if (counts->days > 0.0) got.solved_a_day = (double)counts->solved / counts->days;
    got.days_to_clear = days_for(got.open, counts->solved, counts->days);
    got.days_to_clear_net = days_for(got.open, fell, counts->days);
    if (isinf(got.solved_a_day) || isinf(got.days_to_clear) || isinf(got.days_to_clear_net)) return CXM_E_OVERFLOW;
    *out = got;
    return CXM_OK;
}
