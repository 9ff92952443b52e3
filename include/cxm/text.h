/* SPDX-License-Identifier: MIT */
/** @file cxm/text.h
 *  @brief Numbers, answers, instants and durations as text, without locale.
 *
 *  Scanning and printing never look at the locale, never allocate and never change errno.
 *  Numbers are scanned to the nearest double (ties to even) and printed with the fewest
 *  digits that read back to the same double. Instants are UTC microseconds since
 *  1970-01-01T00:00:00Z in the proleptic Gregorian calendar, years 1 to 9999.
 *  Blanks (space, tab) around a text are no part of it; blank or empty text is CXM_E_FORMAT,
 *  and NULL with `len` 0 is empty text.
 *  A printer writes no NUL; `*len` is the length needed, also when it returns CXM_E_LIMIT
 *  because `cap` is smaller, and then nothing else is written; `out` may be NULL when `cap` is 0.
 *  Source   RFC 3339; ISO 8601:2004 4.2; W. D. Clinger, "How to Read Floating Point Numbers
 *           Accurately", PLDI 1990; G. L. Steele and J. L. White, "How to Print Floating-Point
 *           Numbers Accurately", PLDI 1990.
 *  Threads  Pure functions.                                                        */
#ifndef CXM_TEXT_H
#define CXM_TEXT_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Bytes that always suffice for cxm_text_from_number. */
#define CXM_TEXT_NUMBER_MAX 32
/** Bytes that always suffice for cxm_text_from_fixed. */
#define CXM_TEXT_FIXED_MAX 352
/** Bytes that always suffice for cxm_text_from_time. */
#define CXM_TEXT_TIME_MAX 40

/** Forms in which cxm_text_time found an instant. */
enum cxm_time_form {
    CXM_TIME_DATE = 1,      /**< a date alone: midnight in the given zone */
    CXM_TIME_LOCAL = 2,     /**< date and time without zone: in the given zone */
    CXM_TIME_ZONED = 3,     /**< date and time with Z or an offset */
    CXM_TIME_EPOCH_S = 4,   /**< a number of seconds, by its magnitude */
    CXM_TIME_EPOCH_MS = 5,  /**< a number of milliseconds, by its magnitude */
    CXM_TIME_EPOCH_US = 6   /**< a number of microseconds, by its magnitude */
};

/** Scan all of `text` as a decimal number: blanks (space, tab) around it, a sign, digits with
 *  at most one `decimal` ('.' or ',') and at least one digit, an exponent. No thousands marks,
 *  no hexadecimal, no NaN, no infinity. Zero comes out as +0 whatever its sign, and so does a
 *  number too small for a double, so that no -0 enters a state. Any length is read exactly.
 *  @return CXM_OK | CXM_E_FORMAT not such a number | CXM_E_OVERFLOW a number beyond the largest
 *          double | CXM_E_ARG NULL with len > 0, `out` NULL or `decimal` is neither */
CXM_API cxm_status cxm_text_number(const char *text, size_t len, int32_t decimal, double *out);

/** Scan an answer: a number as above, or a whole number that leads a label, as surveys export
 *  it: "10 - Extremely likely", "0: not at all", "5 stars", "4 (good)". Number and label stand
 *  apart by blanks, no-break spaces and at most one of - : . ) = ( or an en or em dash. The label
 *  begins with a letter or a non-ASCII character, behind quotes or parentheses at most, so "5-10",
 *  "4/5", "7 8", "10%", "5stars" and "2026-11-20" are no answers, nor is a label alone.
 *  `*label_at` is the offset of the label's first byte, quotes included, `len` without a label.
 *  @return CXM_OK | CXM_E_FORMAT neither | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_text_answer(const char *text, size_t len, int32_t decimal, double *value,
                                   size_t *label_at);

/** Print a finite `value` with the fewest digits that read back to it ("0.1", "1e-7", "-3",
 *  "1e21"), the nearest to it among those, of two equally near the one with an even last digit;
 *  exponents from 1e21 up and below 1e-6; "0" for -0.
 *  @return CXM_OK | CXM_E_DOMAIN NaN or infinite | CXM_E_LIMIT `cap` < `*len` | CXM_E_ARG */
CXM_API cxm_status cxm_text_from_number(double value, char *out, size_t cap, size_t *len);

/** Print a finite `value` with `decimals` 0..20 digits behind the point, the exact binary value
 *  rounded half away from zero, and no "-0".
 *  @return CXM_OK | CXM_E_DOMAIN NaN or infinite | CXM_E_LIMIT | CXM_E_ARG */
CXM_API cxm_status cxm_text_from_fixed(double value, int32_t decimals, char *out, size_t cap,
                                       size_t *len);

/** Scan an instant: "2026-11-20", "2026-11-20T09:14:00.25Z", a space for the T and before the
 *  offset, seconds left out, a comma for the point, t and z, every offset of cxm_text_offset,
 *  24:00:00 as the next midnight, a leap second 23:59:60 (by its own clock or in UTC) as the second
 *  after it; or an epoch number of s (at most 11 digits
 *  before the point), ms (12 to 14) or us (15 to 17), without a sign; fewer than 9 digits are
 *  refused, as 20261120 could be a date. `zone_s` is the offset east of UTC, in seconds, that holds
 *  where the text names none. Digits past the microsecond are cut. `form` may be NULL.
 *  @return CXM_OK | CXM_E_FORMAT no such text or no such date | CXM_E_DOMAIN outside years
 *          1..9999 in UTC | CXM_E_ARG |zone_s| >= 86400 or a NULL */
CXM_API cxm_status cxm_text_time(const char *text, size_t len, int32_t zone_s, int64_t *at_us,
                                 int32_t *form);

/** Print an instant as RFC 3339 at `zone_s` east of UTC: "2026-11-20T09:14:00Z",
 *  "2026-11-20T10:14:00.25+01:00"; the fraction only as long as it is needed.
 *  @return CXM_OK | CXM_E_DOMAIN outside years 1..9999, in UTC or as shown | CXM_E_LIMIT |
 *          CXM_E_ARG also for an offset that is no whole minute */
CXM_API cxm_status cxm_text_from_time(int64_t at_us, int32_t zone_s, char *out, size_t cap,
                                      size_t *len);

/** Scan a fixed offset from UTC: "UTC", "GMT", "Z", "+01", "+0530", "-03:00", "UTC+2", "GMT+5:30",
 *  up to 23:59. An hour of one digit needs the word before it.
 *  @return CXM_OK | CXM_E_FORMAT a zone by name or no offset | CXM_E_ARG */
CXM_API cxm_status cxm_text_offset(const char *text, size_t len, int32_t *zone_s);

/** Scan a duration: a positive whole number and a unit us, ms, s, min, h, d or w ("28d",
 *  "28 d"). A day is 24 hours, a week 7 days.
 *  @return CXM_OK | CXM_E_FORMAT | CXM_E_OVERFLOW past INT64_MAX microseconds | CXM_E_ARG */
CXM_API cxm_status cxm_text_duration(const char *text, size_t len, int64_t *us);

/** Scan a duration as a clock shows it: hours, of any number of digits, minutes and seconds, "51:07:30" or "0:00:02.25";
 *  a minus before it makes it negative. Below a microsecond it is cut.
 *  @return CXM_OK | CXM_E_FORMAT also for minutes or seconds past 59 | CXM_E_OVERFLOW past INT64_MAX microseconds |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_text_clock(const char *text, size_t len, int64_t *us);

CXM_END_C
#endif
