/* SPDX-License-Identifier: MIT */
/* decimal.h - exact conversion between decimal digits and doubles, apart from any text form. */
#ifndef CXM_BASE_DECIMAL_H
#define CXM_BASE_DECIMAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Significant digits that `head` can hold. */
#define DECIMAL_HEAD 19

/* A decimal number as found in text: the value is head * 10^exponent, and when `more` is set,
 * the digits behind the head, not all 0, add to it. */
typedef struct decimal {
    const char *digits;     /* all digits, one mark that is no digit may stand among them */
    size_t len;
    uint64_t head;          /* the first 19 significant digits */
    int64_t exponent;
    int32_t head_digits;    /* significant digits in `head` */
    bool more;
} decimal;

/* The nearest double, ties to even; false when that is beyond the largest. */
bool decimal_to_double(const decimal *from, double *out);

/* The fewest digits that read back to a finite `value` > 0, the nearest among those: writes
 * 1..17 digits, returns how many. value = 0.d1d2d3... * 10^*point. */
#define DECIMAL_SHORTEST 17
int32_t decimal_shortest(double value, char digits[DECIMAL_SHORTEST], int32_t *point);

/* `value` >= 0, finite, times 10^decimals, rounded half up: writes that whole number, at least
 * one digit, to the end of digits[DECIMAL_FIXED] and returns its first place. */
#define DECIMAL_FIXED 336
size_t decimal_fixed(double value, uint32_t decimals, char digits[DECIMAL_FIXED]);

#endif
