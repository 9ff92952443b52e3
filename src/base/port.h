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

#endif
