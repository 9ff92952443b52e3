/* SPDX-License-Identifier: MIT */
/* column.h - what every reader of a cxm_column asks of it first. */
#ifndef CXM_BASE_COLUMN_H
#define CXM_BASE_COLUMN_H
#include <cxm/column.h>
#include <stdbool.h>
#include "base/sized.h"

/* Bytes of a value; 0 for no such type. */
static inline size_t column_type_bytes(int32_t type)
{
    switch (type) {
    case CXM_I8:
    case CXM_U8: return 1;
    case CXM_I32: return 4;
    case CXM_F64: return 8;
    default: return 0;
    }
}

/* CXM_OK, or CXM_E_ARG or CXM_E_ABI for a column that is not valid. */
static inline cxm_status column_check(const cxm_column *column)
{
    if (!column) return CXM_E_ARG;
    if (!sized_in_ok(column, column->size, sizeof *column, sizeof *column)) return CXM_E_ABI;
    bool ok = column_type_bytes(column->type) && (column->values || column->count == 0) &&
              column->validity_bit <= UINT64_MAX - column->count;
    return ok ? CXM_OK : CXM_E_ARG;
}

#endif
