/* SPDX-License-Identifier: MIT */
/* service_level.c - counts of contacts and promises into shares with their limits; the formulas stand in the header. */
#include "base/port.h"
#include "response/service_parts.h"
#include <math.h>
#include <stdbool.h>
#include "base/checked.h"
#include "base/sized.h"

_Static_assert(sizeof(cxm_service_counts) == 48 && sizeof(cxm_sla_counts) == 40, "a count grew");

static bool is_level(double level)
{
    return level >= 0.0 && level < 1.0;
}

cxm_status service_share_of(uint64_t hits, uint64_t n, double level, cxm_service_share *out)
{
    double none = (double)NAN;
    *out = (cxm_service_share){hits, n, none, {.size = sizeof out->interval, .level = level, .low = none, .high = none, .se = none}};
    if (n == 0) return CXM_E_EMPTY;
    out->share = (double)hits / (double)n;
    return cxm_share_interval(hits, n, CXM_INTERVAL_WILSON, level, &out->interval);
}

static bool switches_ok(uint32_t switches)
{
    bool known = (switches & ~(uint32_t)(CXM_SERVICE_ABANDONED | CXM_SERVICE_SHORT | CXM_SERVICE_FLOWED_OUT)) == 0;
    return known && (!(switches & CXM_SERVICE_SHORT) || switches & CXM_SERVICE_ABANDONED);
}

cxm_status cxm_service_level_of(const cxm_service_counts *counts, uint32_t switches, double level, cxm_service_level *out)
{
    uint64_t offered;
    if (!counts || !out || !is_level(level) || !switches_ok(switches)) return CXM_E_ARG;
    if (!sized_in_ok(counts, counts->size, sizeof *counts, sizeof *counts) || out->size < sizeof *out) return CXM_E_ABI;
    if (counts->answered_late > counts->answered || counts->short_abandoned > counts->abandoned || counts->reserved) return CXM_E_ARG;
    if (!checked_add_u64(counts->answered, counts->abandoned, &offered) || !checked_add_u64(offered, counts->flowed_out, &offered))
        return CXM_E_OVERFLOW;
    uint64_t below = counts->answered;
    if (switches & CXM_SERVICE_ABANDONED) below += counts->abandoned - (switches & CXM_SERVICE_SHORT ? 0 : counts->short_abandoned);
    if (switches & CXM_SERVICE_FLOWED_OUT) below += counts->flowed_out;
    if (level == 0.0) level = 0.95;
    out->reserved = 0;
    (void)service_share_of(counts->abandoned, offered, level, &out->abandoned);
    return service_share_of(counts->answered - counts->answered_late, below, level, &out->level);
}

cxm_status cxm_sla_attainment(const cxm_sla_counts *counts, double level, cxm_sla_summary *out)
{
    uint64_t ended, due, all;
    if (!counts || !out || !is_level(level)) return CXM_E_ARG;
    if (!sized_in_ok(counts, counts->size, sizeof *counts, sizeof *counts) || out->size < sizeof *out) return CXM_E_ABI;
    if (counts->reserved) return CXM_E_ARG;
    if (!checked_add_u64(counts->met, counts->breached, &ended) || !checked_add_u64(ended, counts->running_late, &due) ||
        !checked_add_u64(due, counts->running, &all)) return CXM_E_OVERFLOW;
    if (level == 0.0) level = 0.95;
    out->reserved = 0;
    out->lowest = all ? (double)counts->met / (double)all : (double)NAN;
    out->highest = all ? (double)(counts->met + counts->running) / (double)all : (double)NAN;
    (void)service_share_of(counts->met, ended, level, &out->ended);
    return service_share_of(counts->met, due, level, &out->due);
}

/* A sum of times: no NaN, nothing below 0. */
static bool is_time(double x)
{
    return x >= 0.0 && isfinite(x);
}

cxm_status cxm_handle_time(double talk, double hold, double after, uint64_t handled, double *out)
{
    if (!out || !is_time(talk) || !is_time(hold) || !is_time(after)) return CXM_E_ARG;
    if (handled == 0) return CXM_E_EMPTY;
    *out = (talk + hold + after) / (double)handled;
    return CXM_OK;
}

cxm_status cxm_occupancy(double on_contacts, double idle, double *out)
{
    if (!out || !is_time(on_contacts) || !is_time(idle)) return CXM_E_ARG;
    if (on_contacts == 0.0 && idle == 0.0) return CXM_E_EMPTY;
    *out = on_contacts / (on_contacts + idle);
    return CXM_OK;
}
