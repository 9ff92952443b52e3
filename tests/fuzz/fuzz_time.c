/* SPDX-License-Identifier: MIT */
/* fuzz_time.c - instants, offsets and durations: what is scanned lies in range and prints back. */
#include <cxm/text.h>
#include "fuzz.h"

static void instant(const char *text, size_t len, int32_t zone_s)
{
    char printed[CXM_TEXT_TIME_MAX];
    int64_t us = -7, back;
    int32_t form = -7, again;
    size_t n;
    cxm_status status = cxm_text_time(text, len, zone_s, &us, &form);
    if (status != CXM_OK) {
        REQUIRE((status == CXM_E_FORMAT || status == CXM_E_DOMAIN) && us == -7 && form == -7);
        return;
    }
    REQUIRE(form >= CXM_TIME_DATE && form <= CXM_TIME_EPOCH_US);
    REQUIRE(cxm_text_from_time(us, 0, printed, sizeof printed, &n) == CXM_OK && n <= sizeof printed);
    REQUIRE(cxm_text_time(printed, n, 3600, &back, &again) == CXM_OK && back == us && again == CXM_TIME_ZONED);
    if (cxm_text_from_time(us, -34200, printed, sizeof printed, &n) == CXM_OK)
        REQUIRE(cxm_text_time(printed, n, 0, &back, &again) == CXM_OK && back == us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    int32_t zone_s = 86400;
    int64_t us = -1;
    instant(text, size, 0);
    if (cxm_text_offset(text, size, &zone_s) == CXM_OK) {
        REQUIRE(zone_s > -86400 && zone_s < 86400 && zone_s % 60 == 0);
        instant("2026-11-20T09:14", 16, zone_s);
    } else REQUIRE(zone_s == 86400);
    cxm_status status = cxm_text_duration(text, size, &us);
    REQUIRE(status == CXM_OK ? us > 0 : us == -1);
    us = INT64_MIN;
    REQUIRE((cxm_text_clock(text, size, &us) == CXM_OK) == (us != INT64_MIN));
    return 0;
}
