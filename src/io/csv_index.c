/* SPDX-License-Identifier: MIT */
/* csv_index.c - the ends of all fields of some kilobytes at once, where the text is as it should be.
 *
 * 64 bytes become one 64-bit mask for each kind: quotes, delimiters, line ends and zeros. With Q the quotes
 * and p the parity before the block, bit i of
 *      P = p ^ Q ^ Q << 1 ^ Q << 2 ^ ...           (by doubling shifts)
 * is 1 where an odd number of quotes stands at or before byte i. Parity is what the rules call inside quotes,
 * as long as each quote of odd number stands at a field's start or right behind a quote, and what follows a
 * quote of even number ends the field or is a quote. Then, and only then, field ends are the delimiters and
 * line ends where P is 0. A block with another quote, or with a zero byte in quotes, ends the index before it: its
 * rows are read by csv_scan.c, byte by byte and by the rules alone, and so is every row that reaches over
 * an end of the index. What is indexed begins at a row's start.
 * LF, CR and zero are one mask: a row that is said to end with a zero is one for csv_scan.c.
 * The same is done by each set of instructions that the compiler knows (csv_index_way.h, simd/), in plain C first; a reader
 * takes the last one that the machine has. CXM_PLAIN_C leaves plain C alone.
 * Source   parity of quotes by prefix xor: G. Langdale and D. Lemire, "Parsing Gigabytes of JSON per
 *          Second", VLDB Journal 28, 2019, 3.1.1; transposition: H. S. Warren, Hacker's Delight, 7-3.   */
#include "base/port.h"
#include "io/csv.h"
#include "base/bits.h"
#include <string.h>

/* What stands at which of 64 bytes; bit i for byte i. Controls are LF, CR and zero; LF and CR are told apart by ways to
 * which that costs little, for their own use. */
typedef struct csv_masks { uint64_t quote, delimiter, control, lf, cr; } csv_masks;

/* What a block has to know of the one before: all bits or none of `inside`, else bit 0. */
typedef struct before { uint64_t inside, end, close, control; } before;

/* Whether no zero byte is among those marked. */
static bool no_zeros(const uint8_t *block, uint64_t marks)
{
    for (; marks; marks &= marks - 1)
        if (block[lowest_bit64(marks)] == 0) return false;
    return true;
}

/* Whether line ends, and no other control bytes, stand before those marked. */
static bool behind_line_ends(const uint8_t *block, uint64_t marks)
{
    for (; marks; marks &= marks - 1) {
        uint8_t byte = *(block + lowest_bit64(marks) - 1);
        if (byte != '\n' && byte != '\r') return false;
    }
    return true;
}

/* The LF of each CR LF among `marks`, out of masks that tell LF and CR apart. The byte before the block is there where a mark is on its first. */
static inline uint64_t lf_behind_cr(const uint8_t *block, const csv_masks *m, uint64_t marks)
{
    uint64_t first = marks & 1 && block[-1] == '\r';
    return marks & m->lf & (m->cr << 1 | first);
}

/* A line end inside quotes: LF, or CR with or without LF. What was before the index is no part of a quoted field. */
static bool ends_line(const uint8_t *at)
{
    return *at == '\r' || (*at == '\n' && at[-1] != '\r');
}

/* The block has control bytes inside quotes: rows that end behind a line end, from `row` on, get their true number. */
static void put_inner(csv_index *x, const uint8_t *block, uint64_t inner, uint32_t at, uint32_t row)
{
    for (; inner; inner &= inner - 1) {
        uint32_t bit = lowest_bit64(inner);
        if (!ends_line(block + bit)) continue;
        while (row < x->rows && x->ends[x->last[row]] < at + bit) ++row;
        for (uint32_t i = row; i < x->rows; ++i) ++x->lines[i];
        ++x->inner;
    }
}

/* --- plain C --- */

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

/* The bits of 16 lanes in the order of the bytes. Lane i looked at bytes i, 16 + i, 32 + i and 48 + i and noted them in
 * bits 0, 2, 4 and 6: the upper lanes go to the bits between. */
static inline uint64_t mask_from(const uint8_t lanes[16])
{
    uint64_t low = load_le64(lanes), high = load_le64(lanes + 8);
    return low | high ? transposed(low | high << 1) : 0;
}

/* Where `wanted` stands: compilers make a few vector instructions of the sixteen lanes. */
static inline uint64_t mask_of(const uint8_t *bytes, uint8_t wanted)
{
    uint8_t lanes[16];
    for (uint32_t i = 0; i < 16; ++i)
        lanes[i] = (uint8_t)((bytes[i] == wanted ? 1 : 0) | (bytes[16 + i] == wanted ? 4 : 0) |
                             (bytes[32 + i] == wanted ? 16 : 0) | (bytes[48 + i] == wanted ? 64 : 0));
    return mask_from(lanes);
}

/* The same for LF, CR and zero. */
static inline uint8_t is_control(uint8_t byte)
{
    return (uint8_t)((byte == '\n') | (byte == '\r') | (byte == 0));
}

static inline uint64_t mask_of_controls(const uint8_t *bytes)
{
    uint8_t lanes[16];
    for (uint32_t i = 0; i < 16; ++i)
        lanes[i] = (uint8_t)((is_control(bytes[i]) ? 1 : 0) | (is_control(bytes[16 + i]) ? 4 : 0) |
                             (is_control(bytes[32 + i]) ? 16 : 0) | (is_control(bytes[48 + i]) ? 64 : 0));
    return mask_from(lanes);
}

static inline csv_masks plain_masks(const uint8_t *bytes, uint8_t delimiter)
{
    return (csv_masks){mask_of(bytes, '"'), mask_of(bytes, delimiter), mask_of_controls(bytes), 0, 0};
}

static inline uint64_t plain_quotes(const uint8_t *bytes)
{
    return mask_of(bytes, '"');
}

static inline uint64_t plain_second_of_two(const uint8_t *block, const csv_masks *m, uint64_t marks)
{
    uint64_t second = 0;
    (void)m;
    for (; marks; marks &= marks - 1) {
        const uint8_t *at = block + lowest_bit64(marks);
        if (*at == '\n' && at[-1] == '\r') second |= marks & (0 - marks);
    }
    return second;
}

static inline uint32_t plain_put_places(uint16_t *to, uint64_t ends, uint32_t at)
{
    const uint16_t *begin = to;
    for (; ends; ends &= ends - 1) *to++ = (uint16_t)(at + lowest_bit64(ends));
    return (uint32_t)(to - begin);
}

static bool always(void)
{
    return true;
}

#define WAY(name) plain_##name
#define WAY_TARGET
#include "io/csv_index_way.h"

#if defined(__x86_64__) && defined(__SSE2__) && defined(__GNUC__) && !defined(CXM_PLAIN_C)
#define X86_WAYS
#include "io/simd/csv_sse2.h"
#define WAY(name) sse2_##name
#define WAY_TARGET
#include "io/csv_index_way.h"

#include "io/simd/csv_avx2.h"
#define WAY(name) avx2_##name
#define WAY_TARGET AVX2_TARGET
#include "io/csv_index_way.h"

#include "io/simd/csv_avx512.h"
#define WAY(name) avx512_##name
#define WAY_TARGET AVX512_TARGET
#include "io/csv_index_way.h"
#endif

/* --- the ways, the better ones last --- */

static const csv_way ways[] = {
    {"plain", always, plain_fill, plain_mark_quotes},
#ifdef X86_WAYS
    {"sse2", always, sse2_fill, sse2_mark_quotes},
    {"avx2", avx2_there, avx2_fill, avx2_mark_quotes},
    {"avx512", avx512_there, avx512_fill, avx512_mark_quotes},
#endif
};
enum { WAYS = sizeof ways / sizeof *ways };

const csv_way *csv_way_at(size_t i)
{
    return i < WAYS ? &ways[i] : NULL;
}

const csv_way *csv_way_best(void)
{
    size_t i = WAYS - 1;
    while (!ways[i].there()) --i;
    return &ways[i];
}
