/* SPDX-License-Identifier: MIT */
/* csv_index.c - the ends of all fields of some kilobytes at once, where the text is as it should be.
 *
 * 64 bytes become one 64-bit mask for each kind: quotes, delimiters, line ends, zeros. With Q the quotes and
 * p the parity before the block, bit i of
 *      P = p ^ Q ^ Q << 1 ^ Q << 2 ^ ...           (by doubling shifts)
 * is 1 where an odd number of quotes stands at or before byte i. Parity is what the rules call inside quotes,
 * as long as each quote of odd number stands at a field's start or right behind a quote, and what follows a
 * quote of even number ends the field or is a quote. Then, and only then, field ends are the delimiters and
 * line ends where P is 0. A block with another quote, or with a zero byte, ends the index before it: its
 * rows are read by csv_scan.c, byte by byte and by the rules alone, and so is every row that reaches over
 * an end of the index. What is indexed begins at a row's start.
 * Source   parity of quotes by prefix xor: G. Langdale and D. Lemire, "Parsing Gigabytes of JSON per
 *          Second", VLDB Journal 28, 2019, 3.1.1; transposition: H. S. Warren, Hacker's Delight, 7-3.   */
#include "base/port.h"
#include "io/csv.h"
#include "base/bits.h"
#include <string.h>

/* What stands at which of 64 bytes; bit i for byte i. */
typedef struct masks { uint64_t quote, delimiter, lf, cr, zero; } masks;

/* What a block has to know of the one before: all bits or none of `inside`, else bit 0. */
typedef struct before { uint64_t inside, end, close, cr, inner_cr; } before;

/* Bit 8 b + a becomes bit 8 a + b. */
static inline uint64_t transposed(uint64_t x)
{
    uint64_t t = (x ^ x >> 7) & UINT64_C(0x00AA00AA00AA00AA);
    x ^= t ^ t << 7;
    t = (x ^ x >> 14) & UINT64_C(0x0000CCCC0000CCCC);
    x ^= t ^ t << 14;
    t = (x ^ x >> 28) & UINT64_C(0x00000000F0F0F0F0);
    return x ^ t ^ t << 28;
}

/* Where `wanted` stands. Lane i looks at bytes i, 16 + i, 32 + i and 48 + i and notes them in bits 0, 2, 4
 * and 6; compilers make a few vector instructions of the sixteen. The upper lanes go to the bits between. */
static inline uint64_t mask_of(const uint8_t *bytes, uint8_t wanted)
{
    uint8_t lanes[16];
    for (uint32_t i = 0; i < 16; ++i)
        lanes[i] = (uint8_t)((bytes[i] == wanted ? 1 : 0) | (bytes[16 + i] == wanted ? 4 : 0) |
                             (bytes[32 + i] == wanted ? 16 : 0) | (bytes[48 + i] == wanted ? 64 : 0));
    uint64_t low = load_le64(lanes), high = load_le64(lanes + 8);
    return low | high ? transposed(low | high << 1) : 0;
}

static inline masks masks_of(const uint8_t *bytes, uint8_t delimiter)
{
    return (masks){mask_of(bytes, '"'), mask_of(bytes, delimiter), mask_of(bytes, '\n'), mask_of(bytes, '\r'),
                   mask_of(bytes, 0)};
}

/* The same for the `left` last bytes. */
static masks masks_of_tail(const uint8_t *bytes, size_t left, uint8_t delimiter)
{
    uint8_t tail[CSV_BLOCK] = {0};
    uint64_t there = (UINT64_C(1) << left) - 1;
    memcpy(tail, bytes, left);
    masks m = masks_of(tail, delimiter);
    return (masks){m.quote & there, m.delimiter & there, m.lf & there, m.cr & there, m.zero & there};
}

/* Notes the field ends of a block; those that are `line_ends` too end a row. */
static inline void put_ends(csv_index *x, uint64_t ends, uint64_t line_ends, uint32_t at)
{
    uint32_t count = x->count;
    for (; line_ends; line_ends &= line_ends - 1) {
        uint64_t before_it = (line_ends & (0 - line_ends)) - 1;
        x->last[x->rows] = (uint16_t)(count + count_bits64(ends & before_it));
        x->lines[x->rows++] = (uint16_t)x->inner;
    }
    for (; ends; ends &= ends - 1) x->ends[count++] = (uint16_t)(at + lowest_bit64(ends));
    x->count = count;
}

/* The block has line ends inside quotes: rows that end in it, from `row` on, get their true number. */
static void put_inner(csv_index *x, uint64_t inner, uint32_t at, uint32_t row)
{
    for (; inner; inner &= inner - 1) {
        uint32_t place = at + lowest_bit64(inner);
        while (row < x->rows && x->ends[x->last[row]] < place) ++row;
        for (uint32_t i = row; i < x->rows; ++i) ++x->lines[i];
        ++x->inner;
    }
}

/* Notes a block at offset `at` of the index; false, and nothing noted, where parity is not the rule. */
static inline bool put_block(csv_index *x, const masks *m, uint32_t at, before *b)
{
    uint64_t parity = m->quote ? prefix_xor64(m->quote) ^ b->inside : b->inside;
    uint64_t ends = (m->delimiter | m->lf | m->cr) & ~parity;
    uint64_t open = m->quote & parity, close = m->quote & ~parity, behind_close = close << 1 | b->close;
    uint64_t odd = (open & ~(ends << 1 | b->end | behind_close)) | (behind_close & ~(open | ends)) | m->zero;
    if (odd) return false;
    uint64_t cr = m->cr & ~parity, inner_cr = m->cr & parity;
    uint64_t second = m->lf & (cr << 1 | b->cr);                /* the LF of a CR LF ends nothing more */
    uint64_t inner = inner_cr | (m->lf & parity & ~(inner_cr << 1 | b->inner_cr));
    uint32_t row = x->rows;
    put_ends(x, ends & ~second, (m->lf | m->cr) & ~parity & ~second, at);
    if (inner) put_inner(x, inner, at, row);
    *b = (before){0 - (parity >> 63), ends >> 63, close >> 63, cr >> 63, inner_cr >> 63};
    return true;
}

bool csv_index_fill(csv_index *x, const csv_input *in, uint8_t delimiter)
{
    const uint8_t *bytes = in->bytes + in->at;
    size_t left = in->len - in->at, len = left < CSV_INDEX_BYTES ? left : CSV_INDEX_BYTES;
    before b = {0, 1, 0, 0, 0};
    bool regular = true;
    x->from = in->at;
    x->count = x->rows = x->next = x->first = x->inner = 0;
    for (uint32_t at = 0; regular && at < len; at += CSV_BLOCK) {
        masks m = len - at < CSV_BLOCK ? masks_of_tail(bytes + at, len - at, delimiter) : masks_of(bytes + at, delimiter);
        regular = put_block(x, &m, at, &b);
    }
    return x->rows > 0;
}
