/* SPDX-License-Identifier: MIT */
/* fuzz.h - the one entry of a fuzz target, as libFuzzer and replay.c call it. */
#ifndef CXM_FUZZ_H
#define CXM_FUZZ_H
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* A property that does not hold ends the run where it broke. */
#define REQUIRE(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
