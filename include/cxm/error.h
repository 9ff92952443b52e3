/* SPDX-License-Identifier: MIT */
/** @file cxm/error.h
 *  @brief Where and why a reader refused its input: plain data on the caller's memory.
 *
 *  Readers take a nullable `cxm_error *`, fill it when they return an error, and leave it
 *  alone otherwise. Rows and columns count from 1, bytes from 0 over the whole input.
 *  Threads  No shared state: the struct belongs to the caller.                       */
#ifndef CXM_ERROR_H
#define CXM_ERROR_H
#include <cxm/status.h>
CXM_BEGIN_C

#define CXM_ERROR_TEXT 200

/** 232 bytes. Set `size` to sizeof(cxm_error) before it is first used. */
typedef struct cxm_error {
    uint32_t size;              /**< in:  bytes the caller has room for */
    cxm_status status;          /**< out: the code that was returned */
    uint64_t row;               /**< out: row, from 1, header rows included; 0 = no row */
    uint64_t byte_offset;       /**< out: offset of the offending byte in the input */
    uint32_t column;            /**< out: column, from 1; 0 = the whole row */
    uint32_t text_len;          /**< out: bytes of `text` before its NUL */
    char text[CXM_ERROR_TEXT];  /**< out: one UTF-8 sentence, NUL terminated */
} cxm_error;

CXM_END_C
#endif
