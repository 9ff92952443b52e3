/* SPDX-License-Identifier: MIT */
/* weighted_codec.h - the parts of a weighted state's bytes, for its own envelope and for containers of many.
 *
 * Kind 4 of base/codec.h.
 *   spec     "weighted " and the spec of the scale
 *   payload  missing, unparsed, out of range, answers of weight 0, rows without an answer of weight 0, refused; the
 *            number of rows with positive weight at each point from lo to hi; then for each point that has any, and
 *            last for the rows without an answer when any has positive weight: the sum of weights, the sum of their
 *            squares. Numbers are varints, sums as cxm/sum.h states them from L on.
 *
 * Worked example on the scale 1..5: 5 with weights 1.5 and 0.5, 2 with 3, 4 with 0, 1 with -1, one blank with 2:
 *   43 58 4d 01  01 00  04 00  00 00 00 00          magic, version 1, kind 4 (weighted), flags
 *   2d 00 00 00  23 00 00 00 00 00 00 00            45 bytes of spec, 35 of payload
 *   d5 d2 31 61 87 99 90 af                         FNV-1a of the spec
 *   77 65 69 67 68 74 65 64 20 73 63 61 ...         "weighted scale 1..5 low 1..2 high 4..5 higher"
 *   01 00 00  01 00 01  00 01 00 00 02              the account, rows at 1..5
 *   02 86 01 0c  02 86 01 24                        at 2: 3 = 12 256^134 units of 2^-1074, 9 = 36 256^134
 *   02 86 01 08  02 86 01 0a                        at 5: 2, 2.5
 *   02 86 01 08  02 86 01 10                        blank: 2, 4
 *   85 ce a0 b2 83 b4 e4 21                         CRC-64/XZ
 * tests/score/test_weighted_codec.c holds the whole string.
 *
 * Sums are above 0; one of weights is a multiple of 2^-252 below 2^264, one of squares of 2^-452 below 2^464. */
#ifndef CXM_SCORE_WEIGHTED_CODEC_H
#define CXM_SCORE_WEIGHTED_CODEC_H
#include <cxm/weighted.h>
#include <stdbool.h>
#include "base/codec.h"

enum { WEIGHTED_SPEC_MAX = 128 };

/* The canonical text of a valid spec; returns its length. */
size_t weighted_spec_write(const cxm_scale_spec *spec, char out[WEIGHTED_SPEC_MAX]);

/* Reads just what weighted_spec_write writes; false for any other text. */
bool weighted_spec_read(const char *text, size_t len, cxm_scale_spec *out);

/* The fewest bytes of a payload: that of a state without rows. */
size_t weighted_floor(const cxm_scale_spec *spec);

/* The payload of a state, and a state out of it: read and checked as a whole before `max_bytes` of memory are asked
 * for. CXM_E_FORMAT, CXM_E_LIMIT or CXM_E_MEMORY leave `out` as it was. */
void weighted_put(codec_writer *w, const cxm_weighted *weighted);
cxm_status weighted_get(codec_reader *r, const cxm_scale_spec *spec, size_t max_bytes, const cxm_alloc *hook,
                        cxm_weighted **out);

#endif
