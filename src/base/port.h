/* SPDX-License-Identifier: MIT */
/* port.h - what depends on the compiler or the platform; the first include of every source.
 *
 * Results are promised to the last bit for one build, and limits are proved for IEEE 754
 * arithmetic with NaN and infinities. -ffast-math takes both away, so it does not compile. */
#ifndef CXM_BASE_PORT_H
#define CXM_BASE_PORT_H

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "cxm needs IEEE 754 arithmetic: build it without -ffast-math and -ffinite-math-only"
#endif

/* Whether one operation on doubles is rounded once, to a double. x87 code rounds twice; a compiler
 * that does not say counts as one that does. */
#include <float.h>
#if defined(FLT_EVAL_METHOD) && (FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 1)
#define PORT_ROUNDS_ONCE 1
#else
#define PORT_ROUNDS_ONCE 0
#endif

/* On a function that few records need: kept out of line, so that the usual way through its caller stays short. */
#ifdef __GNUC__
#define PORT_COLD __attribute__((noinline, cold))
#else
#define PORT_COLD
#endif

/* A condition that nearly always holds: what is done then lies straight ahead. */
#ifdef __GNUC__
#define PORT_OFTEN(condition) __builtin_expect(!!(condition), 1)
#else
#define PORT_OFTEN(condition) (condition)
#endif

/* Asks for the memory `offset` bytes behind `at`, which need not exist: a hint, without effect on any result. */
#include <stddef.h>
#include <stdint.h>
static inline void port_prefetch(const void *at, size_t offset)
{
#ifdef __GNUC__
    __builtin_prefetch((const void *)((uintptr_t)at + offset));
#else
    (void)at;
    (void)offset;
#endif
}

#endif
