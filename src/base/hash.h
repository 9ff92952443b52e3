/* SPDX-License-Identifier: MIT */
/* hash.h - a 64-bit hash of bytes under a caller's seed, the same on every platform.
 *
 * For tables and sketches, not for secrets: an attacker who knows the seed can find collisions,
 * so a table over hostile keys takes a seed the sender cannot know.
 *
 * Several views are hashed by passing the hash of those before as the seed of the next:
 *      h = hash_bytes(hash_bytes(seed, a, a_len), b, b_len)
 * Length and bytes both enter every step, so ("ab", "c"), ("a", "bc") and ("abc", "") are three
 * different inputs, and no separator is needed.                                        */
#ifndef CXM_BASE_HASH_H
#define CXM_BASE_HASH_H
#include <stddef.h>
#include <stdint.h>

/* `bytes` may be NULL when `len` is 0. */
uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t len);

/* One number in place of a view; not the hash of its bytes. */
uint64_t hash_u64(uint64_t seed, uint64_t value);

#endif
