/* SPDX-License-Identifier: MIT */
/** @file cxm/contacts.h
 *  @brief Contacts from counts, by channel and window: contacts per active customer, growth against the window before, a
 *         channel's share, and the backlog with the days that it takes to clear.
 *
 *  Counts come from wherever contacts are counted; a channel, a reason or a team is a count of its own.
 *      contact rate = contacts / active customers      or per customer-month, order, device: any exposure, but one unit
 *      growth       = contact rate now / contact rate before, and that less 1
 *      share        = contacts of a channel / all contacts      shares that are to hold at once: cxm_multinomial_interval
 *      open         = open before + created + reopened - solved - abandoned
 *  One customer may make many contacts, so a contact rate has no upper end: its limits are those of a Poisson count
 *  (Garwood), exact where contacts come independently of each other. Where one fault moves many customers on one day, counts
 *  spread wider than Poisson's, and the limits are too narrow. A rate over nobody does not exist; it is never 0.
 *  Source   F. Garwood, Biometrika 28, 1936; J. Przyborowski and H. Wilenski, Biometrika 31(3-4), 1940; E. B. Wilson, JASA
 *           22(158), 1927; formulas of contact rate and backlog as on the pages in tests/reference/contacts_published.csv.
 *  Threads  Pure functions.   */
#ifndef CXM_CONTACTS_H
#define CXM_CONTACTS_H
#include <cxm/compare.h>
#include <cxm/interval.h>
#include <cxm/service_level.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** Contacts over what they are measured by, with limits. 64 bytes. */
typedef struct cxm_contact_rate {
    uint64_t contacts;          /**< as counted */
    double exposure;            /**< active customers, customer-months, orders */
    double rate;                /**< contacts / exposure, 0 and up; NaN when it does not exist */
    cxm_interval interval;      /**< Garwood's; NaN likewise */
} cxm_contact_rate;

/** Contacts per active customer, or per unit of any `exposure`, with limits at `level` (0: 0.95).
 *  @return CXM_OK | CXM_E_EMPTY no exposure, the rate NaN | CXM_E_OVERFLOW the rate passes the largest double | CXM_E_ARG NULL,
 *          a negative, infinite or NaN exposure, or the level */
CXM_API cxm_status cxm_contact_rate_of(uint64_t contacts, double exposure, double level, cxm_contact_rate *out);

/** Two windows. 208 bytes; set `size`. */
typedef struct cxm_contact_growth {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    cxm_contact_rate now, before;       /**< out: each window's own */
    cxm_rate_ratio growth;      /**< out: now / before as ratio and as change, limits, and p of no change; NaN when it does
                                          not exist */
} cxm_contact_growth;

/** Growth of the contact rate since the window before, with limits at `level` (0: 0.95): cxm_compare_rate of the two.
 *  @return CXM_OK | CXM_E_EMPTY a window without exposure | CXM_E_UNDEFINED no contacts in either; both times the rates that exist
 *          are written, the growth NaN | CXM_E_OVERFLOW a rate or the ratio passes the largest double | CXM_E_ABI small `size` |
 *          CXM_E_ARG NULL, a negative, infinite or NaN exposure, or the level */
CXM_API cxm_status cxm_contact_growth_of(const cxm_rate_sample *now, const cxm_rate_sample *before, double level,
                                         cxm_contact_growth *out);

/** Share of a channel among all contacts, with Wilson's limits at `level` (0: 0.95).
 *  @return CXM_OK | CXM_E_EMPTY no contacts at all, the share NaN | CXM_E_ARG NULL, more of the channel than of all, or the
 *          level */
CXM_API cxm_status cxm_contact_share_of(uint64_t channel, uint64_t all, double level, cxm_service_share *out);

/** What came to a desk in a window and what left it. 56 bytes; set `size`. */
typedef struct cxm_backlog_counts {
    uint32_t size;              /**< sizeof(cxm_backlog_counts) */
    uint32_t reserved;          /**< zero */
    uint64_t open_before;       /**< open at the window's start */
    uint64_t created, reopened; /**< came in it */
    uint64_t solved, abandoned; /**< left in it: by work, and without (given up, cancelled, merged) */
    double days;                /**< the window's length, in calendar or working days; 0 when it is not known */
} cxm_backlog_counts;

/** Backlog. 48 bytes; set `size`. */
typedef struct cxm_backlog {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    uint64_t open;              /**< out: open at the window's end */
    int64_t change;             /**< out: open less open_before */
    double solved_a_day;        /**< out: solved / days; NaN when the days are not known */
    double days_to_clear;       /**< out: open / solved a day: what the desk would need if nothing came any more. 0 when nothing
                                          is open; NaN of unknown days, or when nothing was solved */
    double days_to_clear_net;   /**< out: open / fall a day: until it is empty, if all goes on as in this window. 0 when nothing is
                                          open; NaN of unknown days, or when the backlog did not fall */
} cxm_backlog;

/** Backlog at a window's end.
 *  @return CXM_OK | CXM_E_UNDERFLOW the counts contradict each other: more left than was ever there | CXM_E_OVERFLOW what
 *          was there and came passes UINT64_MAX, the change does not fit, or a number of days passes the largest double |
 *          CXM_E_ABI small `size` | CXM_E_ARG NULL, negative, infinite or NaN days, or reserved bytes */
CXM_API cxm_status cxm_backlog_of(const cxm_backlog_counts *counts, cxm_backlog *out);

CXM_END_C
#endif
