/* SPDX-License-Identifier: MIT */
/* codec.h - the canonical byte string of a state: one envelope for every kind, and the numbers inside it.
 *
 *   offset  size
 *        0     4  magic "CXM\x01"
 *        4     2  format version, 1
 *        6     2  kind: 1 scale, 2 label, 3 exact sum, 4 weighted, 5 quantile, 6 tickets, 7 survival, 8 customers, 9 cohort, 10 loyalty, 12 cbs, 13 spend, 16 container; a number is never used again
 *        8     4  flags, 0
 *       12     4  S, length of the spec text
 *       16     8  P, length of the payload
 *       24     8  FNV-1a of the spec text, 64 bits
 *       32     S  spec text: what must agree before a merge means anything, in one canonical spelling
 *     32+S     P  payload, written with the calls below
 *   32+S+P     8  CRC-64/XZ of every byte before it
 * Integers are little endian. Inside a payload numbers are LEB128 varints in the fewest bytes, signed ones
 * zigzag; a longer spelling is refused, so one state has one spelling.
 *
 * Worked example: NPS with 2 detractors (0, 6), 1 passive (7) and 3 promoters (9, 10, 10), one blank:
 *   43 58 4d 01  01 00  01 00  00 00 00 00          magic, version 1, kind 1 (scale), flags
 *   26 00 00 00  0e 00 00 00 00 00 00 00            38 bytes of spec, 14 of payload
 *   0d f0 38 ee 61 3b 58 53                         FNV-1a of the spec
 *   73 63 61 6c 65 20 30 2e 2e 31 30 20 ...         "scale 0..10 low 0..6 high 9..10 higher"
 *   01 00 00  01 00 00 00 00 00 01 01 00 01 02      missing, unparsed, out of range, counts of 0..10
 *   ef 73 1b 55 fa e9 e0 c9                         CRC-64/XZ
 * tests/score/test_scale_codec.c holds the whole string.
 * Source   CRC-64/XZ: reflected ECMA-182 polynomial as in the .xz file format; FNV-1a: G. Fowler,
 *          L. C. Noll, K.-P. Vo; LEB128: DWARF 4, 7.6.                                  */
#ifndef CXM_BASE_CODEC_H
#define CXM_BASE_CODEC_H
#include <cxm/status.h>
#include <stdbool.h>

enum codec_kind { CODEC_SCALE = 1, CODEC_LABEL = 2, CODEC_SUM = 3, CODEC_WEIGHTED = 4, CODEC_QUANTILE = 5, CODEC_TICKETS = 6, CODEC_SURVIVAL = 7, CODEC_CUSTOMERS = 8, CODEC_COHORT = 9, CODEC_LOYALTY = 10, CODEC_CBS = 12, CODEC_SPEND = 13, CODEC_CONTAINER = 16 };
enum { CODEC_VERSION = 1, CODEC_HEAD_BYTES = 32, CODEC_TAIL_BYTES = 8, CODEC_VARINT_MAX = 10 };

/* --- writing: into a buffer, or only counting when there is none --- */
typedef struct codec_writer { unsigned char *out; size_t cap, len; } codec_writer;

void codec_put_bytes(codec_writer *w, const void *bytes, size_t len);
void codec_put_u64(codec_writer *w, uint64_t value);
void codec_put_i64(codec_writer *w, int64_t value);

/* --- reading: `ok` turns false at the first thing that is not as it must be, and stays so --- */
typedef struct codec_reader { const unsigned char *at; size_t left; bool ok; } codec_reader;

uint64_t codec_get_u64(codec_reader *r);                /* 0 when not ok */
int64_t codec_get_i64(codec_reader *r);
const void *codec_get_bytes(codec_reader *r, size_t len);   /* NULL when not ok, and for len 0 */

/* --- the envelope --- */
typedef struct codec_frame {
    uint16_t kind;
    const char *spec;
    size_t spec_len;
    const unsigned char *payload;
    size_t payload_len;
} codec_frame;

/* Bytes of a frame; false when the sum does not fit. */
bool codec_frame_bytes(size_t spec_len, size_t payload_len, size_t *out);

/* Writes head and spec before, and the checksum behind, a payload of `payload_len` bytes that the caller
 * writes in between: at the place this returns. `out` has codec_frame_bytes() of room. */
unsigned char *codec_open(unsigned char *out, uint16_t kind, const char *spec, size_t spec_len, size_t payload_len);
void codec_close(unsigned char *out, size_t spec_len, size_t payload_len);

/* Takes a frame apart; every field is checked, the contents of spec and payload are the caller's.
 * CXM_E_FORMAT for what is no such frame, CXM_E_VERSION for one of a newer format. */
cxm_status codec_read(const void *bytes, size_t len, codec_frame *out);

uint64_t codec_crc64(const void *bytes, size_t len);
uint64_t codec_fnv1a(const void *bytes, size_t len);

#endif
