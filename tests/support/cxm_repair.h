/* SPDX-License-Identifier: MIT */
/* cxm_repair.h - makes hash and checksum of a changed state right again, so that only the other checks are left. */
#ifndef CXM_REPAIR_H
#define CXM_REPAIR_H
#include <stddef.h>

/* Rewrites the spec's hash, where the declared spec lies inside, and the checksum; shorter bytes are left alone. */
void test_repair(unsigned char *bytes, size_t len);

#endif
