/* SPDX-License-Identifier: MIT */
/* sum_window.c - see sum_window.h.
 *
 * What is added, a double or another sum, is a term: limbs from that of its lowest 1 on, and the fill, all zeros or
 * all ones, that every limb above them would be. It fits when its first limb lies in the window, when what reaches out
 * at the top is fill behind a limb that has its sign, and when the sum keeps its own: in two's complement an addition
 * goes wrong just when both have one sign and the result has the other. A sum that went wrong is put back as it was. */
#include "base/port.h"
#include "base/sum_window.h"
#include "base/bits.h"

typedef struct term { sum_window window; const uint32_t *limb; uint32_t fill; } term;

static inline uint32_t fill_of(uint32_t width, const uint32_t *limb)
{
    return width && limb[width - 1] >> 31 ? UINT32_MAX : 0;
}

/* Whether the top limb only repeats the sign. */
static inline bool top_is_fill(const term *t)
{
    uint32_t below = t->window.width - 1;
    return t->limb[below] == t->fill && fill_of(below, t->limb) == t->fill;
}

/* Without zeros at the low end and fill at the high end; of 0 nothing is left. */
static term least_term(term t)
{
    while (t.window.width > 0 && top_is_fill(&t)) --t.window.width;
    for (; t.window.width > 0 && *t.limb == 0; ++t.limb) {
        ++t.window.at;
        --t.window.width;
    }
    return t;
}

static term term_of_sum(sum_window w, const uint32_t *sum)
{
    return least_term((term){w, sum, fill_of(w.width, sum)});
}

/* Negates when `fill` is all ones, and changes nothing when it is 0. */
static inline void negate_by(uint32_t fill, uint32_t *limb, uint32_t width)
{
    uint64_t carry = fill & 1;
    for (uint32_t i = 0; i < width; ++i) {
        carry += limb[i] ^ fill;
        limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* A double is up to 84 bits from the start of a limb on. */
enum { PART_LIMBS = 3 };

/* Of a double that is not 0; its top limb may be fill. */
static inline term write_double(double value, uint32_t limb[PART_LIMBS])
{
    uint64_t bits = sum_bits(value);
    sum_part part = sum_bits_part(bits);
    uint32_t zeros = lowest_bit64(part.digits), at = part.at + zeros, shift = at % 32;
    uint32_t fill = bits >> 63 ? UINT32_MAX : 0;
    uint64_t digits = part.digits >> zeros;
    limb[0] = (uint32_t)(digits << shift);
    limb[1] = (uint32_t)(digits >> (32 - shift));
    limb[2] = (uint32_t)(digits >> 32 >> (32 - shift));
    negate_by(fill, limb, PART_LIMBS);
    return (term){{at / 32, PART_LIMBS}, limb, fill};
}

static term write_number(const sum_number *number, uint32_t limb[SUM_WINDOW_MAX])
{
    uint32_t fill = number->negative ? UINT32_MAX : 0;
    memset(limb, 0, SUM_WINDOW_MAX * sizeof *limb);
    memcpy(limb, number->size.limb, number->size.used * sizeof *limb);
    negate_by(fill, limb, SUM_WINDOW_MAX);
    return least_term((term){{0, SUM_WINDOW_MAX}, limb, fill});
}

/* --- windows --- */

sum_window sum_window_around(sum_window a, sum_window b)
{
    if (a.width == 0) return b;
    if (b.width == 0) return a;
    uint32_t at = a.at < b.at ? a.at : b.at, a_end = a.at + a.width, b_end = b.at + b.width;
    return (sum_window){at, (a_end > b_end ? a_end : b_end) - at};
}

sum_window sum_window_grown(sum_window w, sum_window need)
{
    sum_window both = sum_window_around(w, need);
    return both.width == w.width ? (sum_window){w.at, w.width + 1} : both;
}

sum_window sum_window_of_double(double value)
{
    uint32_t limb[PART_LIMBS];
    return value == 0.0 ? (sum_window){0, 0} : least_term(write_double(value, limb)).window;
}

sum_window sum_window_of_number(const sum_number *number)
{
    uint32_t limb[SUM_WINDOW_MAX];
    return write_number(number, limb).window;
}

/* --- sums --- */

/* Whether a term that is not 0 fits by itself; fill that reaches out at the top is cut off, its lowest limb never is. */
static inline bool cut(sum_window w, term *t)
{
    uint32_t end = w.at + w.width;
    if (t->window.at < w.at) return false;
    for (; t->window.at + t->window.width > end; --t->window.width)
        if (!top_is_fill(t)) return false;
    return true;
}

/* Adds a term that was cut; returns whether the sum keeps its sign. Above its own limbs a term changes nothing once the
 * carry undoes the fill: 0 and 0, or all ones and 1. */
static inline bool add_inside(sum_window w, uint32_t *sum, const term *t)
{
    uint32_t sign = fill_of(w.width, sum), i = t->window.at - w.at;
    uint64_t carry = 0;
    for (uint32_t k = 0; k < t->window.width; ++k, ++i) {
        carry += (uint64_t)sum[i] + t->limb[k];
        sum[i] = (uint32_t)carry;
        carry >>= 32;
    }
    for (; i < w.width && carry != (t->fill & 1); ++i) {
        carry += (uint64_t)sum[i] + t->fill;
        sum[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return sign != t->fill || fill_of(w.width, sum) == sign;
}

/* Limbs are numbers modulo 2^(32 width), so the negative of a term takes it back, fit or not. */
bool sum_window_add(sum_window w, uint32_t *sum, double value)
{
    uint32_t limb[PART_LIMBS];
    if (value == 0.0) return true;
    term t = write_double(value, limb);
    if (!cut(w, &t)) return false;
    if (add_inside(w, sum, &t)) return true;
    negate_by(UINT32_MAX, limb, PART_LIMBS);
    t.fill = ~t.fill;
    add_inside(w, sum, &t);
    return false;
}

/* The term may be made of the limbs of the sum itself. */
static bool add_term(sum_window w, uint32_t *sum, term t)
{
    uint32_t before[SUM_WINDOW_MAX];
    if (t.window.width == 0) return true;
    if (!cut(w, &t)) return false;
    memcpy(before, sum, w.width * sizeof *sum);
    if (add_inside(w, sum, &t)) return true;
    memcpy(sum, before, w.width * sizeof *sum);
    return false;
}

bool sum_window_merge(sum_window w, uint32_t *sum, sum_window from_window, const uint32_t *from)
{
    return add_term(w, sum, term_of_sum(from_window, from));
}

/* --- numbers --- */

void sum_window_to_number(sum_window w, const uint32_t *sum, sum_number *out)
{
    uint32_t *limb = out->size.limb, fill = fill_of(w.width, sum);
    memset(limb, 0, w.at * sizeof *limb);
    if (w.width) memcpy(limb + w.at, sum, w.width * sizeof *limb);
    negate_by(fill, limb + w.at, w.width);
    out->negative = fill != 0;
    out->size.used = w.at + w.width;
    while (out->size.used > 0 && limb[out->size.used - 1] == 0) --out->size.used;
}

bool sum_window_set_number(sum_window w, uint32_t *sum, const sum_number *number)
{
    uint32_t limb[SUM_WINDOW_MAX];
    term t = write_number(number, limb);
    if (t.window.width > 0 && !cut(w, &t)) return false;
    if (w.width) memset(sum, 0, w.width * sizeof *sum);
    return add_term(w, sum, t);
}
