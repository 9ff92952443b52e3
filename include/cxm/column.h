/* SPDX-License-Identifier: MIT */
/** @file cxm/column.h
 *  @brief A borrowed column of answers: pointer, byte stride, count, optional validity bitmap.
 *
 *  The layout is that of Arrow arrays, NumPy arrays and rows of structs alike. Bit i of the
 *  bitmap (least significant bit first, from `validity_bit`) is 1 where value i exists.
 *  Threads  Plain data; the library reads it during the call only.                  */
#ifndef CXM_COLUMN_H
#define CXM_COLUMN_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Types of a value, in the machine's byte order; values need no alignment. */
enum cxm_column_type { CXM_I8 = 1, CXM_U8 = 2, CXM_I32 = 3, CXM_F64 = 4 };

/** A column. 48 bytes on 64-bit machines; set `size`. */
typedef struct cxm_column {
    uint32_t size;              /**< sizeof(cxm_column) */
    int32_t type;               /**< CXM_I8, CXM_U8, CXM_I32 or CXM_F64 */
    const void *values;         /**< the first value; may be NULL when count = 0 */
    int64_t stride;             /**< bytes from one value to the next, negative too; 0 = packed */
    uint64_t count;             /**< values */
    const uint8_t *validity;    /**< bitmap, or NULL when every value exists */
    uint64_t validity_bit;      /**< bit of the first value in the bitmap */
} cxm_column;

CXM_END_C
#endif
