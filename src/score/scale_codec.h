/* SPDX-License-Identifier: MIT */
/* scale_codec.h - the parts of a scale's bytes, for its own envelope and for containers of many. */
#ifndef CXM_SCORE_SCALE_CODEC_H
#define CXM_SCORE_SCALE_CODEC_H
#include <cxm/scale.h>
#include "base/codec.h"

enum { SCALE_SPEC_MAX = 128 };

/* The canonical text of a valid spec; returns its length. */
size_t scale_spec_write(const cxm_scale_spec *spec, char out[SCALE_SPEC_MAX]);

/* Reads just what scale_spec_write writes; false for any other text. */
bool scale_spec_read(const char *text, size_t len, cxm_scale_spec *out);

/* The counters of a state; `scale` was started with its spec before it is read into. */
void scale_put(codec_writer *w, const cxm_scale *scale);
void scale_get(codec_reader *r, cxm_scale *scale);

#endif
