/* SPDX-License-Identifier: MIT */
/** @file cxm/service_level.h
 *  @brief Service levels from counts: X % within Y seconds by its published switches, abandonment, SLA attainment with
 *         what is still running, and the means of a contact centre.
 *
 *  Counts come from wherever contacts are counted (quantile.h counts above targets exactly); here they become shares with Wilson
 *  limits. A share over nothing does not exist; it is never 0 or 100 %.
 *      service level = (answered - answered late) / denominator
 *      denominator   = answered  + abandoned, when CXM_SERVICE_ABANDONED, without the short ones unless CXM_SERVICE_SHORT
 *                                + flowed out, when CXM_SERVICE_FLOWED_OUT
 *      abandonment   = abandoned / (answered + abandoned + flowed out)
 *      attainment    = met / (met + breached)      what still runs within its target is neither
 *  Source   the formula of a contact centre's documentation with its three switches, as in tests/reference/service_level.csv;
 *           E. B. Wilson, JASA 22(158), 1927.
 *  Threads  Pure functions.   */
#ifndef CXM_SERVICE_LEVEL_H
#define CXM_SERVICE_LEVEL_H
#include <cxm/interval.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** What the denominator of a service level counts beside the answered; any of them together. */
enum cxm_service_switch {
    CXM_SERVICE_ABANDONED = 1,  /**< callers who gave up */
    CXM_SERVICE_SHORT = 2,      /**< of those, too, who gave up within the threshold of a short abandon; needs ABANDONED */
    CXM_SERVICE_FLOWED_OUT = 4  /**< contacts that left the queue for another */
};

/** Contacts of a queue. 48 bytes; set `size`. */
typedef struct cxm_service_counts {
    uint32_t size;              /**< sizeof(cxm_service_counts) */
    uint32_t reserved;          /**< zero */
    uint64_t answered;          /**< contacts that somebody took */
    uint64_t answered_late;     /**< of these, after more than Y seconds */
    uint64_t abandoned;         /**< contacts that gave up before */
    uint64_t short_abandoned;   /**< of these, within the threshold of a short abandon */
    uint64_t flowed_out;        /**< contacts that left for another queue */
} cxm_service_counts;

/** A share of contacts with its limits. 64 bytes. */
typedef struct cxm_service_share {
    uint64_t hits, n;           /**< numerator and denominator */
    double share;               /**< hits / n, 0..1; NaN when it does not exist */
    cxm_interval interval;      /**< Wilson's; NaN likewise */
} cxm_service_share;

/** Service level and abandonment. Set `size`. */
typedef struct cxm_service_level {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    cxm_service_share level;    /**< out: answered in time, of the denominator that was asked for */
    cxm_service_share abandoned;    /**< out: of all that were offered */
} cxm_service_level;

/** Service level by `switches`, CXM_SERVICE_* together, with limits at `level` (0: 0.95).
 *  @return CXM_OK | CXM_E_EMPTY the service level has nothing below it, the rest is written | CXM_E_OVERFLOW contacts past
 *          UINT64_MAX | CXM_E_ABI | CXM_E_ARG also for parts larger than their whole, for unknown switches, for SHORT without
 *          ABANDONED, or the level */
CXM_API cxm_status cxm_service_level_of(const cxm_service_counts *counts, uint32_t switches, double level, cxm_service_level *out);

/** Promises with a target time. 40 bytes; set `size`. */
typedef struct cxm_sla_counts {
    uint32_t size;              /**< sizeof(cxm_sla_counts) */
    uint32_t reserved;          /**< zero */
    uint64_t met, breached;     /**< ended within their target, and after it */
    uint64_t running;           /**< have not ended, and their target has not come */
    uint64_t running_late;      /**< have not ended, and their target has passed */
} cxm_sla_counts;

/** Attainment. Set `size`. */
typedef struct cxm_sla_summary {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    cxm_service_share ended;    /**< out: met, of all that have ended */
    cxm_service_share due;      /**< out: met, of all whose target has come: what runs late is breached already */
    double lowest, highest;     /**< out: the share of all, if none, or all, that run within their target will be met; NaN of none */
} cxm_sla_summary;

/** Attainment with limits at `level` (0: 0.95).
 *  @return CXM_OK | CXM_E_EMPTY nothing has come due | CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG also the level */
CXM_API cxm_status cxm_sla_attainment(const cxm_sla_counts *counts, double level, cxm_sla_summary *out);

/** Mean handling time: (talk + hold + work after contact) / handled, in the unit of the sums.
 *  @return CXM_OK | CXM_E_EMPTY nothing handled | CXM_E_ARG NULL, or a sum that is negative or no number */
CXM_API cxm_status cxm_handle_time(double talk, double hold, double after, uint64_t handled, double *out);

/** Occupancy: time on contacts / (time on contacts + idle time), 0..1.
 *  @return CXM_OK | CXM_E_EMPTY both are 0 | CXM_E_ARG NULL, or a time that is negative or no number */
CXM_API cxm_status cxm_occupancy(double on_contacts, double idle, double *out);

CXM_END_C
#endif
