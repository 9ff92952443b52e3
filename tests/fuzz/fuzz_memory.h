/* SPDX-License-Identifier: MIT */
/* fuzz_memory.h - an allocator that counts what is live and ends the run past a bound. */
#ifndef CXM_FUZZ_MEMORY_H
#define CXM_FUZZ_MEMORY_H
#include <cxm/alloc.h>
#include "fuzz.h"

static uint64_t live;

static void *count_alloc(void *ctx, size_t bytes)
{
    live += bytes;
    REQUIRE(!ctx || live <= *(const uint64_t *)ctx);
    return malloc(bytes);
}

static void *count_resize(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    live += new_bytes - old_bytes;
    REQUIRE(!ctx || live <= *(const uint64_t *)ctx);
    return realloc(ptr, new_bytes);
}

static void count_free(void *ctx, void *ptr, size_t bytes)
{
    (void)ctx;
    live -= bytes;
    free(ptr);
}

/* `bound` is read at each call; NULL: none. */
static cxm_alloc count_hook(uint64_t *bound)
{
    return (cxm_alloc){bound, count_alloc, count_resize, count_free};
}

#endif
