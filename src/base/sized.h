/* SPDX-License-Identifier: MIT */
/* sized.h - the one checker of structs that open with `uint32_t size`.
 *
 * A caller of an older header passes a smaller struct, one of a newer header a larger one.
 * The first field is the size the caller knows; versions only append.                  */
#ifndef CXM_BASE_SIZED_H
#define CXM_BASE_SIZED_H
#include <stdbool.h>
#include <stdint.h>

/* Input: at least `least` bytes known to the caller, and every byte past `ours` zero. */
static inline bool sized_in_ok(const void *ptr, uint32_t size, size_t least, size_t ours)
{
    if (size < least) return false;
    const unsigned char *bytes = (const unsigned char *)ptr;
    for (size_t i = ours; i < size; ++i)
        if (bytes[i]) return false;
    return true;
}

#endif
