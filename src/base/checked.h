/* SPDX-License-Identifier: MIT */
/* checked.h - integer arithmetic that tells when it does not fit. On false `*out` is untouched. */
#ifndef CXM_BASE_CHECKED_H
#define CXM_BASE_CHECKED_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool checked_add_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    if (b > UINT64_MAX - a) return false;
    *out = a + b;
    return true;
}

static inline bool checked_sub_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    if (b > a) return false;
    *out = a - b;
    return true;
}

static inline bool checked_add_i64(int64_t a, int64_t b, int64_t *out)
{
    if ((b > 0 && a > INT64_MAX - b) || (b < 0 && a < INT64_MIN - b)) return false;
    *out = a + b;
    return true;
}

static inline bool checked_mul_i64(int64_t a, int64_t b, int64_t *out)
{
    if (a != 0 && b != 0) {
        if ((a == -1 && b == INT64_MIN) || (b == -1 && a == INT64_MIN)) return false;
        if (a != -1 && b != -1 && (a > 0 ? (b > 0 ? a > INT64_MAX / b : b < INT64_MIN / a)
                                         : (b > 0 ? a < INT64_MIN / b : b < INT64_MAX / a))) return false;
    }
    *out = a * b;
    return true;
}

static inline bool checked_add_size(size_t a, size_t b, size_t *out)
{
    if (b > SIZE_MAX - a) return false;
    *out = a + b;
    return true;
}

static inline bool checked_mul_size(size_t a, size_t b, size_t *out)
{
    if (a != 0 && b > SIZE_MAX / a) return false;
    *out = a * b;
    return true;
}

#endif
