/* SPDX-License-Identifier: MIT */
/** @file cxm/alloc.h
 *  @brief The allocator hook: every object that grows takes one and keeps it for life.
 *
 *  NULL wherever a `const cxm_alloc *` is asked for means libc. The struct is copied, the
 *  `ctx` behind it is borrowed until the last object made with it is freed.
 *  Threads  The library calls a hook only inside a call on the object that owns it.  */
#ifndef CXM_ALLOC_H
#define CXM_ALLOC_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Three functions and their context; none may be NULL. */
typedef struct cxm_alloc {
    void *ctx;
    /** `bytes` > 0, aligned for any object; NULL when there is none. */
    void *(*alloc)(void *ctx, size_t bytes);
    /** Moves `ptr` of `old_bytes` to `new_bytes` > 0; NULL leaves `ptr` as it was. */
    void *(*resize)(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes);
    /** Takes back what alloc or resize gave; `ptr` is never NULL. */
    void (*free)(void *ctx, void *ptr, size_t bytes);
} cxm_alloc;

CXM_END_C
#endif
