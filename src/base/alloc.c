/* SPDX-License-Identifier: MIT */
/* alloc.c - libc behind the allocator hook, and the two helpers every owner needs. */
#include "base/port.h"
#include "base/alloc.h"
#include <stdlib.h>
#include <string.h>

static void *libc_alloc(void *ctx, size_t bytes)
{
    (void)ctx;
    return malloc(bytes);
}

static void *libc_resize(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    (void)ctx;
    (void)old_bytes;
    return realloc(ptr, new_bytes);
}

static void libc_free(void *ctx, void *ptr, size_t bytes)
{
    (void)ctx;
    (void)bytes;
    free(ptr);
}

cxm_status alloc_choose(const cxm_alloc *given, cxm_alloc *out)
{
    static const cxm_alloc libc = {NULL, libc_alloc, libc_resize, libc_free};
    const cxm_alloc *hook = given ? given : &libc;
    if (!hook->alloc || !hook->resize || !hook->free) return CXM_E_ARG;
    *out = *hook;
    return CXM_OK;
}

void *alloc_zeroed(const cxm_alloc *hook, size_t count, size_t bytes)
{
    if (count == 0 || bytes == 0 || count > SIZE_MAX / bytes) return NULL;
    void *ptr = hook->alloc(hook->ctx, count * bytes);
    if (ptr) memset(ptr, 0, count * bytes);
    return ptr;
}

void alloc_free(const cxm_alloc *hook, void *ptr, size_t bytes)
{
    if (ptr) hook->free(hook->ctx, ptr, bytes);
}
