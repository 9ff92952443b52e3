/* SPDX-License-Identifier: MIT */
/** @file cxm/money.h
 *  @brief Amounts of money as whole minor units, read and printed exactly, and the decimals of each currency.
 *
 *      cxm_money_read("29.90", 5, 2, '.', &minor)       2990 cents: no double in between, and nothing is rounded
 *
 *  A currency is its ISO 4217 code of three letters, or the number that cxm_money_currency makes of it.
 *  Source   ISO 4217:2015, list one of 2024: decimals of the minor unit; 2 where a code is none of those with others.
 *  Threads  Pure functions.   */
#ifndef CXM_MONEY_H
#define CXM_MONEY_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Bytes that always suffice for cxm_money_print. */
#define CXM_MONEY_TEXT_MAX 24

/** The number of a currency, 1..17576, from its code of three ASCII letters in any case, blanks around it aside.
 *  @return CXM_OK | CXM_E_FORMAT no three letters | CXM_E_ARG */
CXM_API cxm_status cxm_money_currency(const char *code, size_t len, uint16_t *currency);

/** The code of a currency's number, three upper-case letters and a NUL; "" for no such number. */
CXM_API void cxm_money_code(uint16_t currency, char out[4]);

/** Decimals of a currency's minor unit, 0..4: 0 for JPY, 3 for KWD, 2 for EUR and for any number that is not known. */
CXM_API int32_t cxm_money_digits(uint16_t currency);

/** Scan an amount: blanks around it, a sign, digits with at most one `decimal` ('.' or ','). `digits`, 0..4, are the decimals of
 *  the minor unit; more of them may stand there if they are 0.
 *  @return CXM_OK | CXM_E_FORMAT no such amount, or a part of a minor unit | CXM_E_OVERFLOW past INT64_MAX minor units, either way |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_money_read(const char *text, size_t len, int32_t digits, int32_t decimal, int64_t *minor);

/** Print an amount with all its decimals: "29.90", "-0.05", "1500" of 0 digits. Writes no NUL; `*len` is the length needed, also
 *  when CXM_E_LIMIT says that `cap` is smaller.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_money_print(int64_t minor, int32_t digits, char *out, size_t cap, size_t *len);

CXM_END_C
#endif
