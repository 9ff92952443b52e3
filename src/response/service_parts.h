/* SPDX-License-Identifier: MIT */
/* service_parts.h - a share of counts with its limits, for service levels and for the rates of tickets. */
#ifndef CXM_RESPONSE_SERVICE_PARTS_H
#define CXM_RESPONSE_SERVICE_PARTS_H
#include <cxm/service_level.h>

/* hits of n with Wilson's limits; CXM_E_EMPTY, and NaN, when there is nothing below it. */
cxm_status service_share_of(uint64_t hits, uint64_t n, double level, cxm_service_share *out);

#endif
