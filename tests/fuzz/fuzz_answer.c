/* SPDX-License-Identifier: MIT */
/* fuzz_answer.c - answers: a number alone is the number, a label lies inside and begins as stated. */
#include <cxm/text.h>
#include <math.h>
#include <string.h>
#include "fuzz.h"

static int label_begins(uint8_t c)
{
    return c >= 0x80 || (c != 0 && strchr("\"'(ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", c));
}

static void check(const uint8_t *data, size_t size, int32_t mark)
{
    const char *text = (const char *)data;
    double value = -1, number = -1;
    size_t at = size + 1;
    cxm_status status = cxm_text_answer(text, size, mark, &value, &at);
    cxm_status alone = cxm_text_number(text, size, mark, &number);
    if (alone != CXM_E_FORMAT) {
        REQUIRE(status == alone);
        REQUIRE(status != CXM_OK || (at == size && value == number));
    } else if (status == CXM_OK) {
        REQUIRE(at >= 2 && at < size && label_begins(data[at]));
        REQUIRE(value == floor(value) && isfinite(value));
    } else {
        REQUIRE((status == CXM_E_FORMAT || status == CXM_E_OVERFLOW) && value == -1 && at == size + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, '.');
    check(data, size, ',');
    return 0;
}
