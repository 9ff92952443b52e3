/* SPDX-License-Identifier: MIT */
/** @file cxm/status.h
 *  @brief The one list of status codes, the export macro and the C++ guards.
 *
 *  Every call that can fail returns a `cxm_status`: 0 is success, every other code is
 *  positive and is never renumbered. Results go out by pointer, last. On any code but
 *  CXM_OK outputs and state stay as they were, unless the call says otherwise.
 *  Threads  Pure functions.                                                       */
#ifndef CXM_STATUS_H
#define CXM_STATUS_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CXM_BEGIN_C extern "C" {
#define CXM_END_C }
#else
#define CXM_BEGIN_C
#define CXM_END_C
#endif

#if defined(_WIN32) && defined(CXM_BUILD)
#define CXM_API __declspec(dllexport)
#elif defined(__GNUC__)
#define CXM_API __attribute__((visibility("default")))
#else
#define CXM_API
#endif

CXM_BEGIN_C

/** A code of CXM_STATUS_LIST. */
typedef int32_t cxm_status;

/** Every code: X(name, number, what it means). */
#define CXM_STATUS_LIST(X)                                                              \
    X(CXM_OK, 0, "success")                                                             \
    X(CXM_E_ARG, 1, "an argument is NULL or outside its stated range")                  \
    X(CXM_E_DOMAIN, 2, "a value lies outside the declared scale or range")              \
    X(CXM_E_EMPTY, 3, "no answers: the result does not exist")                          \
    X(CXM_E_UNDEFINED, 4, "too little data: the result is not determined")              \
    X(CXM_E_OVERFLOW, 5, "a count or number does not fit its type")                     \
    X(CXM_E_UNDERFLOW, 6, "removal of an answer that was never added")                  \
    X(CXM_E_MEMORY, 7, "the allocator returned no memory")                              \
    X(CXM_E_LIMIT, 8, "a declared bound in bytes, columns or slots was reached")        \
    X(CXM_E_ABI, 9, "a struct's size field is too small or names unknown fields")       \
    X(CXM_E_MISMATCH, 10, "two states have different specs")                            \
    X(CXM_E_FORMAT, 11, "the text or bytes do not follow the expected form")            \
    X(CXM_E_AMBIGUOUS, 12, "the input can be read in more than one way")                \
    X(CXM_E_METHOD, 13, "the method does not exist or does not fit this estimate")      \
    X(CXM_E_SCALE, 14, "the answers contradict the scale they are read on")             \
    X(CXM_E_VERSION, 15, "the bytes are of a newer format than this library reads")     \
    X(CXM_MORE, 16, "not an error: the reader wants more bytes")                        \
    X(CXM_END, 17, "not an error: there is nothing further to read")

#define CXM_STATUS_ENUMERATOR(name, number, what) name = number,
/** The codes as constants. */
enum cxm_status_code { CXM_STATUS_LIST(CXM_STATUS_ENUMERATOR) CXM_STATUS_COUNT };
#undef CXM_STATUS_ENUMERATOR

/** What `status` means, in a few English words without a full stop; never NULL. A code
 *  that is not in the list is "unknown status". The text is static. */
CXM_API const char *cxm_status_describe(cxm_status status);

/** The name of `status` as written in C ("CXM_E_ARG"), or "unknown"; never NULL. */
CXM_API const char *cxm_status_name(cxm_status status);

CXM_END_C
#endif
