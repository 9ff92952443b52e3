/* SPDX-License-Identifier: MIT */
/** @file cxm/cxm.h
 *  @brief Everything: customer-experience metrics over streaming survey and event records. */
#ifndef CXM_H
#define CXM_H
#include <cxm/abi.h>
#include <cxm/alloc.h>
#include <cxm/btyd.h>
#include <cxm/calendar.h>
#include <cxm/cbs.h>
#include <cxm/ces.h>
#include <cxm/churn.h>
#include <cxm/clv.h>
#include <cxm/cohort.h>
#include <cxm/column.h>
#include <cxm/compare.h>
#include <cxm/contacts.h>
#include <cxm/csat.h>
#include <cxm/csv.h>
#include <cxm/customers.h>
#include <cxm/design.h>
#include <cxm/engine.h>
#include <cxm/error.h>
#include <cxm/fit.h>
#include <cxm/interval.h>
#include <cxm/label.h>
#include <cxm/loyalty.h>
#include <cxm/money.h>
#include <cxm/multiplicity.h>
#include <cxm/nps.h>
#include <cxm/paired.h>
#include <cxm/quantile.h>
#include <cxm/record.h>
#include <cxm/sample_size.h>
#include <cxm/scale.h>
#include <cxm/service_level.h>
#include <cxm/state.h>
#include <cxm/status.h>
#include <cxm/sum.h>
#include <cxm/survival.h>
#include <cxm/text.h>
#include <cxm/ticket.h>
#include <cxm/ticket_log.h>
#include <cxm/version.h>
#include <cxm/weighted.h>
#include <cxm/window.h>
#include <cxm/zone.h>
#endif
