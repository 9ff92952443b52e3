/* SPDX-License-Identifier: MIT */
/* alloc.h - the allocator hook as the library's own rooms use it. */
#ifndef CXM_BASE_ALLOC_H
#define CXM_BASE_ALLOC_H
#include <cxm/alloc.h>

/* The hook to keep: a copy of `given`, or libc when it is NULL. CXM_E_ARG when a function is missing. */
cxm_status alloc_choose(const cxm_alloc *given, cxm_alloc *out);

/* `count` objects of `bytes` each, all bits zero; NULL on overflow, zero size or no memory. */
void *alloc_zeroed(const cxm_alloc *hook, size_t count, size_t bytes);

/* Gives back `ptr`, which may be NULL. */
void alloc_free(const cxm_alloc *hook, void *ptr, size_t bytes);

#endif
