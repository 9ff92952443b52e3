/* SPDX-License-Identifier: MIT */
/* quantile_rice.h - whole numbers as bits: Rice's code with a parameter that follows the numbers.
 *
 * Bits are written most significant first, and the last byte is filled with zeros. A number z is cut by a parameter r:
 *      q = z >> r < 24    q ones, a zero, the r low bits of z
 *      otherwise          24 ones, 6 bits with L - 1 for the L bits of z, the L - 1 bits below its top one
 * The parameter follows from the numbers before: with m, 8 times a running mean, 32 at the start,
 *      r = floor(log2(11 m / 128 + 1))         m <- m - floor(m / 8) + min(z, 2^32)
 * so one sequence has one spelling. What is read must be spelt so.
 * Source   R. F. Rice, "Some Practical Universal Noiseless Coding Techniques", JPL Publication 79-22, 1979. */
#ifndef CXM_RESPONSE_QUANTILE_RICE_H
#define CXM_RESPONSE_QUANTILE_RICE_H
#include "base/codec.h"

/* The running mean of one sequence. */
typedef struct rice { uint64_t m; } rice;
#define RICE_START ((rice){32})

typedef struct rice_writer { codec_writer *to; uint8_t byte; uint8_t bits; } rice_writer;
void rice_put(rice_writer *w, rice *by, uint64_t z);
void rice_end(rice_writer *w);

typedef struct rice_reader { codec_reader *from; uint8_t byte; uint8_t bits; } rice_reader;
uint64_t rice_get(rice_reader *r, rice *by);        /* 0 when the codec_reader is not ok */
void rice_close(rice_reader *r);                    /* what is left of the byte is zeros */

#endif
