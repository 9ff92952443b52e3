/* SPDX-License-Identifier: MIT */
/* decimal.c - both directions in exact arithmetic.
 *
 * Reading. The value is num / den with num = digits, den = 1, one of them times a power of ten.
 * Both are scaled by powers of two until 1/4 < num / den < 1; eight long-division steps give
 *      q = floor(2^64 num / den),   2^62 < q < 2^64,   lowest bit set when a remainder is left.
 * q holds at least 63 bits, ten more than a double, so that the lowest one only tells "exactly
 * half" from "above", and one rounding of q is the rounding of the value.
 *
 * Length. A value halfway between two doubles has at most 767 significant digits (a double is
 * m 2^e with e >= -1074). 768 digits and one more 1 that stands for any rest compare with every
 * halfway value as the whole text does. Largest numbers: digits 769 * log2(10) < 2556 bits; den at
 * most 10^(323 + 769), 3628 bits; after scaling both stay below 3700 of the 4096 bits.
 *
 * Writing. Digits are generated until what is left is closer than half a gap to the next double
 * on either side, as in Steele and White; both halves of the gap count in when the mantissa is
 * even, because reading rounds ties to even. Below a power of two the gap is half as wide.
 *
 * Source   W. D. Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990 (fast path);
 *          G. L. Steele and J. L. White, "How to Print Floating-Point Numbers Accurately",
 *          PLDI 1990; R. G. Burger and R. K. Dybvig, "Printing Floating-Point Numbers Quickly and
 *          Accurately", PLDI 1996 (the scaling).                                             */
#include "base/port.h"
#include "base/decimal.h"
#include <float.h>
#include <math.h>
#include <string.h>
#include "base/big.h"

_Static_assert(DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024 && sizeof(double) == 8, "IEEE 754 binary64");

#define DIGITS_KEPT 768
#define MANTISSA_TOP (UINT64_C(1) << 53)
#define LEAST_EXPONENT (-1074)

/* --- reading --- */

/* Both factors exact, hence one rounding. Where doubles are evaluated wider than they are stored
 * (x87), there would be two, and only whole numbers go this way. */
static bool convert_exact_pair(const decimal *from, double *out)
{
    static const double pow10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t limit = PORT_ROUNDS_ONCE ? 22 : 0;
    if (from->more || from->head > MANTISSA_TOP || from->exponent > limit || from->exponent < -limit)
        return false;
    if (from->exponent < 0) *out = (double)from->head / pow10[-from->exponent];
    else *out = (double)from->head * pow10[from->exponent];
    return true;
}

/* m * 2^exponent rounded to nearest, ties to even. m has at least 62 bits, its lowest is sticky.
 * Adding the mantissa with its implicit bit to the exponent field also carries a rounding up
 * into the next binade, out of the subnormals and into infinity. */
static bool round_to_double(uint64_t m, int32_t exponent, double *out)
{
    int32_t drop = m >> 63 ? 11 : 10;
    if (exponent + drop < LEAST_EXPONENT) drop = LEAST_EXPONENT - exponent;
    uint64_t kept = 0;
    if (drop <= 64) {                       /* past 64 even the first bit is below half */
        uint64_t half = UINT64_C(1) << (drop - 1), rest = m & (2 * half - 1);
        kept = m >> 1 >> (drop - 1);        /* twice, as a shift by 64 is undefined */
        kept += rest > half || (rest == half && kept % 2 == 1);
    }
    uint64_t bits = ((uint64_t)(exponent + drop - LEAST_EXPONENT) << 52) + kept;
    if (bits >= UINT64_C(0x7FF0000000000000)) return false;
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* The digits as one number, at most DIGITS_KEPT of them and a 1 for what is cut off. Returns the
 * exponent of ten of the last digit taken. Taking a digit past the head lowers it by one. */
static int64_t gather(const decimal *from, big *num)
{
    int64_t taken = 0, exponent = from->exponent + DECIMAL_HEAD;
    bool rest = false;
    big_set(num, 0);
    for (size_t i = 0; i < from->len; ++i) {
        uint32_t digit = (uint32_t)(unsigned char)from->digits[i] - '0';
        if (digit > 9 || (digit == 0 && taken == 0)) continue;
        if (taken < DIGITS_KEPT) {
            big_mul_add(num, 10, digit);
            ++taken;
        } else rest = rest || digit != 0;
    }
    if (rest) big_mul_add(num, 10, 1);
    return exponent - taken - rest;
}

/* Shifts both until num has one bit less than den and den suits big_div_digit; returns the
 * power of two by which the quotient became smaller. */
static int32_t scale(big *num, big *den)
{
    int32_t excess = (int32_t)big_bits(num) - (int32_t)big_bits(den) + 1;
    if (excess > 0) big_shl(den, (uint32_t)excess);
    else big_shl(num, (uint32_t)-excess);
    uint32_t align = (BIG_DIVISOR_BITS + 32 - big_bits(den) % 32) % 32;
    big_shl(num, align);
    big_shl(den, align);
    return excess;
}

static bool convert_exactly(const decimal *from, double *out)
{
    big num, den;
    int64_t exponent = from->exponent;
    if (from->more) exponent = gather(from, &num);
    else big_set(&num, from->head);
    big_set(&den, 1);
    if (exponent >= 0) big_mul_pow10(&num, (uint32_t)exponent);
    else big_mul_pow10(&den, (uint32_t)-exponent);
    int32_t binary = scale(&num, &den);
    uint64_t quotient = 0;
    for (int32_t i = 0; i < 8; ++i) {
        big_shl(&num, 8);
        quotient = quotient << 8 | big_div_digit(&num, &den);
    }
    return round_to_double(quotient | (num.used > 0), binary - 64, out);
}

bool decimal_to_double(const decimal *from, double *out)
{
    if (convert_exact_pair(from, out)) return true;
    int64_t point = from->exponent + from->head_digits;     /* 10^(point-1) <= value < 10^point */
    if (from->head == 0 || point < -323) {                  /* below half of the least double */
        *out = 0.0;
        return true;
    }
    return point <= 309 && convert_exactly(from, out);
}

/* --- writing --- */

/* value = mantissa * 2^exponent, exactly. */
static uint64_t split_double(double value, int32_t *exponent)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int32_t field = (int32_t)(bits >> 52 & 0x7FF);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    *exponent = (field ? field - 1 : 0) + LEAST_EXPONENT;
    return field ? fraction | UINT64_C(1) << 52 : fraction;
}

/* value = left / unit; the gap to the next double below is 2 low, above 2 high, in the same unit. */
typedef struct generator { big left, unit, low, high; bool even; } generator;

static void start(generator *g, double value)
{
    int32_t exponent;
    uint64_t mantissa = split_double(value, &exponent);
    bool narrow = mantissa == UINT64_C(1) << 52 && exponent > LEAST_EXPONENT;
    g->even = mantissa % 2 == 0;
    big_set(&g->left, mantissa);
    big_set(&g->unit, 1);
    big_set(&g->low, 1);
    big_set(&g->high, narrow ? 2 : 1);
    big_shl(&g->left, 1u + narrow + (exponent > 0 ? (uint32_t)exponent : 0));
    big_shl(&g->unit, 1u + narrow + (exponent < 0 ? (uint32_t)-exponent : 0));
    big_shl(&g->low, exponent > 0 ? (uint32_t)exponent : 0);
    big_shl(&g->high, exponent > 0 ? (uint32_t)exponent : 0);
}

static bool reaches_unit(const generator *g)        /* left + high reaches the next digit */
{
    big sum;
    big_copy(&sum, &g->left);
    big_add(&sum, &g->high);
    return big_compare(&sum, &g->unit) >= !g->even;
}

static void times_pow10(generator *g, uint32_t power)
{
    big_mul_pow10(&g->left, power);
    big_mul_pow10(&g->low, power);
    big_mul_pow10(&g->high, power);
}

/* Finds the point with left + high < unit after scaling, from an estimate that is exact or one too
 * low; then aligns for big_div_digit. log10 decides nothing: a step up follows where needed. */
static int32_t place_point(generator *g, double value)
{
    int32_t point = (int32_t)ceil(log10(value) - 1e-10);
    if (point >= 0) big_mul_pow10(&g->unit, (uint32_t)point);
    else times_pow10(g, (uint32_t)-point);
    if (reaches_unit(g)) {
        big_mul_add(&g->unit, 10, 0);
        ++point;
    }
    uint32_t align = (BIG_DIVISOR_BITS + 32 - big_bits(&g->unit) % 32) % 32;
    big_shl(&g->left, align);
    big_shl(&g->unit, align);
    big_shl(&g->low, align);
    big_shl(&g->high, align);
    return point;
}

int32_t decimal_shortest(double value, char digits[DECIMAL_SHORTEST], int32_t *point)
{
    generator g;
    start(&g, value);
    *point = place_point(&g, value);
    for (int32_t n = 0;;) {
        big_mul_add(&g.left, 10, 0);
        big_mul_add(&g.low, 10, 0);
        big_mul_add(&g.high, 10, 0);
        uint32_t digit = big_div_digit(&g.left, &g.unit);
        bool below = big_compare(&g.left, &g.low) < g.even, above = reaches_unit(&g);
        if (below && above) {
            big_shl(&g.left, 1);
            above = big_compare(&g.left, &g.unit) >= (digit % 2 == 0);      /* a tie to even */
        }
        digits[n++] = (char)('0' + (int)digit + above);
        if (below || above) return n;
    }
}

size_t decimal_fixed(double value, uint32_t decimals, char digits[DECIMAL_FIXED])
{
    big number, half;
    int32_t exponent;
    big_set(&number, split_double(value, &exponent));
    big_mul_pow10(&number, decimals);
    if (exponent >= 0) big_shl(&number, (uint32_t)exponent);
    else {
        big_set(&half, 1);
        big_shl(&half, (uint32_t)(-exponent - 1));
        big_add(&number, &half);
        big_shr(&number, (uint32_t)-exponent);
    }
    size_t first = DECIMAL_FIXED;
    do digits[--first] = (char)('0' + (int)big_div_small(&number, 10));
    while (number.used > 0);
    return first;
}
