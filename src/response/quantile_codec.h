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
