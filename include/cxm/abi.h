/* SPDX-License-Identifier: MIT */
/** @file cxm/abi.h
 *  @brief What a binding that reads no header asks before it trusts its own copy of one.
 *
 *  A binding writes structs and constants down a second time. With these calls it compares them with the library
 *  it has loaded: the number of the ABI, the bytes of each struct, the value of each constant that is a macro here.
 *  Enumerators are never renumbered; their values stand in the headers, and cxm_constant knows them not.
 *  Threads  Pure functions.                                                        */
#ifndef CXM_ABI_H
#define CXM_ABI_H
#include <cxm/status.h>
CXM_BEGIN_C

/** The number of the ABI: it rises when a struct, a call or a constant changes its meaning or its place, not when one
 *  joins. Until 1.0 that may be with each minor version. */
CXM_API uint32_t cxm_abi(void);

/** Bytes of the struct called `type` ("cxm_scale_summary") in this build; 0 for no such struct. */
CXM_API uint32_t cxm_sizeof(const char *type, size_t len);

/** The value of the whole-number macro called `name` ("CXM_SCALE_POINTS_MAX").
 *  @return CXM_OK | CXM_E_ARG no such macro, or NULL */
CXM_API cxm_status cxm_constant(const char *name, size_t len, int64_t *out);

/** Name and bytes of struct number `i`, from 0; the name is static and ends in a NUL.
 *  @return CXM_OK | CXM_END there are no more | CXM_E_ARG */
CXM_API cxm_status cxm_abi_struct(uint32_t i, const char **name, uint32_t *bytes);

CXM_END_C
#endif
