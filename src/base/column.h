/* SPDX-License-Identifier: MIT */
/* column.h - what every reader of a cxm_column asks of it first. */
#ifndef CXM_BASE_COLUMN_H
#define CXM_BASE_COLUMN_H
#include <cxm/column.h>
#include <stdbool.h>
#include <math.h>
#include <string.h>
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

/* Value `i` of a valid column, i < count; NaN for one that does not exist. */
static inline double column_value(const cxm_column *column, uint64_t i)
{
    uint64_t bit = column->validity_bit + i;
    int64_t stride = column->stride ? column->stride : (int64_t)column_type_bytes(column->type);
    const unsigned char *at = (const unsigned char *)column->values + (ptrdiff_t)((int64_t)i * stride);
    int32_t whole;
    double real;
    if (column->validity && !(column->validity[bit >> 3] >> (bit & 7) & 1)) return (double)NAN;
    switch (column->type) {
    case CXM_I8: return *(const int8_t *)at;
    case CXM_U8: return *at;
    case CXM_I32: memcpy(&whole, at, sizeof whole); return whole;
    default: memcpy(&real, at, sizeof real); return real;
    }
}

#endif
