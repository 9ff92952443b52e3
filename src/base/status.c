/* SPDX-License-Identifier: MIT */
/* status.c - names and meanings of the status codes, both from the one list in status.h. */
#include "base/port.h"
#include <cxm/status.h>

typedef struct status_row { const char *name, *what; } status_row;

#define STATUS_ROW(name, number, what) [number] = {#name, what},
static const status_row rows[CXM_STATUS_COUNT] = {CXM_STATUS_LIST(STATUS_ROW)};
#undef STATUS_ROW

static const status_row *row_of(cxm_status status)
{
    return status >= 0 && status < CXM_STATUS_COUNT ? &rows[status] : NULL;
}

const char *cxm_status_describe(cxm_status status)
{
    const status_row *row = row_of(status);
    return row ? row->what : "unknown status";
}

const char *cxm_status_name(cxm_status status)
{
    const status_row *row = row_of(status);
    return row ? row->name : "unknown";
}
