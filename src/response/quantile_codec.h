/* SPDX-License-Identifier: MIT */
/* quantile_codec.h - spec and payload of a quantile state, for whoever holds several in one frame.
 *
 * Spec     quantile us|decimals D 0.01|0.001 [range LOW..HIGH] [above T ...]
 *          in steps; the range as its bins have it, where it is not the one that zeros stand for.
 * Payload  zero, under, over, missing, unparsed, negative, infinite, open    varints
 *          above T, for each target                                      varints
 *          sum of the values in range, in steps: low word, high word     varints; when both are 0 nothing follows
 *          removed                 varint, 0 or 1
 *          first, last - first     varints: the outermost bins, counted from the range's first one
 *          least, most             varints, when removed is 0: steps above the first bin's low end, below the last's high one
 *          used                    varint: bins that are not empty
 *          their counts            bits of quantile_rice.h, up to a whole byte:
 *              2 used >= last - first + 1    every bin's count c, as fold(c, p) of p, half the sum of the two counts before
 *                                            (first bin: 0; second: of the first alone)
 *              otherwise                     for each bin used but the first the empty ones before it, then, as a sequence of
 *                                            its own, c - 1; the last is `last`
 * Worked example: 3 us, 5 us twice, one missing, within 1 %
 *   43 58 4d 01  01 00  05 00  00 00 00 00          magic, version 1, kind 5 (quantile), flags
 *   10 00 00 00  14 00 00 00 00 00 00 00            16 bytes of spec, 20 of payload
 *   35 da 01 3c 03 b4 1d 4c                         FNV-1a of the spec
 *   71 75 61 6e 74 69 6c 65 20 75 73 20 ...         "quantile us 0.01"
 *   00 00 00 01  00 00 00 00                        the counters: one missing
 *   0d 00  00                                       sum 13 steps; nothing was removed
 *   60 30  00 00  02                                bins 96 (3 us) to 144 (5 us), their ends are the extremes; 2 are used
 *   3f ff ff a8                                     00 count 1; 1{23} 0 1 then 47 empty bins; 01 count 2; 000
 *   1a fa d7 e2 cc f5 ba 44                         CRC-64/XZ
 * fold(c, p): with t = min(p, 2^64 - 1 - p) and d = c - p, numbers 0, +1, -1, +2, -2, ... for |d| <= t, then t + |d|. */
#ifndef CXM_RESPONSE_QUANTILE_CODEC_H
#define CXM_RESPONSE_QUANTILE_CODEC_H
#include "base/codec.h"
#include "response/quantile_state.h"

enum { QUANTILE_SPEC_MAX = 160, QUANTILE_PAYLOAD_LEAST = 10 };

size_t quantile_spec_write(const cxm_quantile_spec *spec, char out[QUANTILE_SPEC_MAX]);
bool quantile_spec_read(const char *text, size_t len, cxm_quantile_spec *out);

void quantile_put(codec_writer *w, const cxm_quantile *q);

/* A state of `spec` from the payload that comes next, of at most `max_bytes` (0: any): CXM_E_FORMAT, CXM_E_LIMIT, CXM_E_MEMORY. */
cxm_status quantile_get(codec_reader *r, const cxm_quantile_spec *spec, size_t max_bytes, const cxm_alloc *alloc,
                        cxm_quantile **out);

#endif
