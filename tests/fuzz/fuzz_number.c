/* SPDX-License-Identifier: MIT */
/* fuzz_number.c - numbers: agreement with strtod, and what is printed reads back bit by bit. */
#include <cxm/text.h>
#include <math.h>
#include <string.h>
#include "fuzz.h"

static void round_trip(double value)
{
    char text[CXM_TEXT_NUMBER_MAX], fixed[CXM_TEXT_FIXED_MAX];
    double back;
    size_t len;
    REQUIRE(cxm_text_from_number(value, text, sizeof text, &len) == CXM_OK && len <= sizeof text);
    REQUIRE(cxm_text_number(text, len, '.', &back) == CXM_OK);
    REQUIRE(back == value);
    REQUIRE(value == 0 || memcmp(&back, &value, sizeof value) == 0);
    REQUIRE(cxm_text_from_fixed(value, 20, fixed, sizeof fixed, &len) == CXM_OK && len <= sizeof fixed);
    REQUIRE(cxm_text_number(fixed, len, '.', &back) == CXM_OK);
    REQUIRE(fabs(back - value) <= 0.5e-20 + fabs(value) * 1e-15);
}

/* What our grammar accepts is a subset of strtod's (blanks apart), and it ends where the text does. */
static void agrees_with_libc(const char *text, size_t len, double value, cxm_status status)
{
    char *copy = malloc(len + 1), *end;
    REQUIRE(copy);
    memcpy(copy, text, len);
    copy[len] = '\0';
    double want = strtod(copy, &end);
    REQUIRE(strspn(end, " \t") == (size_t)(copy + len - end));
    REQUIRE(status == CXM_OK ? value == want : isinf(want));
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    double value = -1, comma = -1;
    cxm_status status = cxm_text_number(text, size, '.', &value);
    if (status == CXM_OK) round_trip(value);
    if (status == CXM_OK) REQUIRE(!(value == 0 && signbit(value)));
    if (status == CXM_OK || status == CXM_E_OVERFLOW) agrees_with_libc(text, size, value, status);
    else REQUIRE(status == CXM_E_FORMAT && value == -1);
    if (size == 0 || !memchr(data, '.', size))
        if (status == CXM_OK) REQUIRE(cxm_text_number(text, size, ',', &comma) == CXM_OK && comma == value);
    if (size >= sizeof value) {             /* the same bytes as a double */
        memcpy(&value, data, sizeof value);
        if (isfinite(value)) round_trip(value);
    }
    return 0;
}
