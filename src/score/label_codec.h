/* SPDX-License-Identifier: MIT */
/* label_codec.h - the parts of a label state's bytes, for its own envelope and for containers of many.
 *
 * Kind 2 of base/codec.h.
 *   spec     "label max 64 bytes 256": how many labels are kept apart, and how long one may be
 *   payload  missing, out of range, other, number of labels; then for each label in ascending order of
 *            bytes: length, bytes, count > 0. All numbers are varints. Counts and other sum to at most
 *            2^64 - 1, and other > 0 only with as many labels as are kept.
 *
 * Worked example: one blank, "good" twice, "bad" once, two labels kept apart, then "ugly", "ugly":
 *   43 58 4d 01  01 00  02 00  00 00 00 00          magic, version 1, kind 2 (label), flags
 *   14 00 00 00  0f 00 00 00 00 00 00 00            20 bytes of spec, 15 of payload
 *   09 52 e5 d8 4c ed 0d 2d                         FNV-1a of the spec
 *   6c 61 62 65 6c 20 6d 61 78 20 32 20 ...         "label max 2 bytes 16"
 *   01 00 02 02                                     missing, out of range, other, labels
 *   03 62 61 64 01  04 67 6f 6f 64 02               "bad" 1, "good" 2
 *   81 e2 42 38 5a 97 45 74                         CRC-64/XZ
 * tests/score/test_label_codec.c holds the whole string.                                  */
#ifndef CXM_SCORE_LABEL_CODEC_H
#define CXM_SCORE_LABEL_CODEC_H
#include <cxm/label.h>
#include <stdbool.h>
#include "base/codec.h"

enum { LABEL_SPEC_MAX = 40, LABEL_PAYLOAD_LEAST = 4 };

/* The options with defaults filled in, `options` NULL for all of them; CXM_E_ABI or CXM_E_ARG. */
cxm_status label_options_complete(const cxm_label_options *options, cxm_label_options *out);

/* The canonical text of complete options; returns its length. */
size_t label_spec_write(const cxm_label_options *options, char out[LABEL_SPEC_MAX]);

/* Reads just what label_spec_write writes; false for any other text. */
bool label_spec_read(const char *text, size_t len, cxm_label_options *out);

/* The bounds a state was made with, complete. */
const cxm_label_options *label_options(const cxm_label *label);

/* The payload of a state, and a state out of it: read and checked as a whole before `max_bytes` of memory are
 * asked for. CXM_E_FORMAT, CXM_E_LIMIT or CXM_E_MEMORY leave `out` as it was. */
void label_put(codec_writer *w, const cxm_label *label);
cxm_status label_get(codec_reader *r, const cxm_label_options *options, size_t max_bytes, const cxm_alloc *hook,
                     cxm_label **out);

/* The most memory that `states` states take which label_get makes out of `payload` bytes. */
uint64_t label_read_bytes(uint64_t states, uint64_t payload);

#endif
