/* SPDX-License-Identifier: MIT */
/* test_label_codec.c - bytes of labels: the worked example, one spelling for one state, and hostile bytes with
 * their checksum repaired. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "score/label_codec.h"
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 14 };

static cxm_label *make(uint32_t max_labels, uint32_t max_label_bytes)
{
    cxm_label_options options = {sizeof options, max_labels, max_label_bytes, 0};
    cxm_label *label = NULL;
    assert_int_equal(cxm_label_create(&options, NULL, &label), CXM_OK);
    return label;
}

static cxm_label *random_label(uint64_t *seed)
{
    uint32_t max = 1 + (uint32_t)(test_rand(seed) % 12), longest = 1 + (uint32_t)(test_rand(seed) % 12);
    cxm_label *label = make(max, longest);
    for (uint64_t i = test_rand(seed) % 30; i; --i) {
        char text[16];
        size_t len = test_rand(seed) % 14;
        for (size_t k = 0; k < len; ++k) text[k] = (char)("ab\0\xFF"[test_rand(seed) % 4]);
        cxm_label_add_n(label, text, len, test_rand(seed) >> (10 + test_rand(seed) % 54));
    }
    for (uint64_t i = test_rand(seed) % 4; i; --i) cxm_label_add_missing(label);
    return label;
}

/* The bytes by hand: the layout of label_codec.h; the two checks as computed by an independent script (FNV-1a and
 * CRC-64/XZ written from their definitions). */
static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00,
        0x0f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x52, 0xe5, 0xd8, 0x4c, 0xed, 0x0d, 0x2d,
        0x6c, 0x61, 0x62, 0x65, 0x6c, 0x20, 0x6d, 0x61, 0x78, 0x20, 0x32, 0x20, 0x62, 0x79, 0x74, 0x65,
        0x73, 0x20, 0x31, 0x36, 0x01, 0x00, 0x02, 0x02, 0x03, 0x62, 0x61, 0x64, 0x01, 0x04, 0x67, 0x6f,
        0x6f, 0x64, 0x02, 0x81, 0xe2, 0x42, 0x38, 0x5a, 0x97, 0x45, 0x74};
    static const char *const words[] = {"ugly", "good", "bad", "ugly", "good"};
    cxm_label *label = make(2, 16);
    unsigned char got[256];
    size_t len;
    for (size_t i = 0; i < COUNT_OF(words); ++i) assert_int_equal(cxm_label_add(label, words[i], strlen(words[i])), CXM_OK);
    cxm_label_add_missing(label);
    assert_int_equal(cxm_label_encode(label, got, sizeof got, &len), CXM_OK);
    assert_int_equal(len, sizeof want);
    assert_memory_equal(got, want, sizeof want);
    cxm_label_free(label);
}

static void a_state_comes_back_and_so_do_its_bytes(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int trial = 0; trial < 2000; ++trial) {
        cxm_label *label = random_label(&seed), *back = NULL;
        unsigned char bytes[ROOM], again[ROOM];
        size_t len, again_len;
        assert_int_equal(cxm_label_encode(label, NULL, 0, &len), CXM_E_LIMIT);
        memset(bytes, 0x5A, sizeof bytes);
        assert_int_equal(cxm_label_encode(label, bytes, len - 1, &again_len), CXM_E_LIMIT);
        assert_int_equal(bytes[0], 0x5A);
        assert_int_equal(cxm_label_encode(label, bytes, len, &again_len), CXM_OK);
        assert_int_equal(len, again_len);
        assert_int_equal(cxm_label_decode(bytes, len, SIZE_MAX, NULL, &back), CXM_OK);
        assert_memory_equal(label_options(back), label_options(label), sizeof(cxm_label_options));
        assert_int_equal(cxm_label_encode(back, again, sizeof again, &again_len), CXM_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, bytes, len);
        cxm_label_free(label);
        cxm_label_free(back);
    }
}

/* What a decode takes is known before it takes any: one byte less is refused with nothing allocated. */
static void memory_is_judged_first(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int trial = 0; trial < 300; ++trial) {
        cxm_label *label = random_label(&seed), *back = NULL;
        ledger own = {0};
        cxm_alloc hook = ledger_hook(&own);
        unsigned char bytes[ROOM];
        size_t len, bound = cxm_label_bytes(label_options(label));
        cxm_label_encode(label, bytes, sizeof bytes, &len);
        assert_int_equal(cxm_label_decode(bytes, len, bound, &hook, &back), CXM_OK);
        size_t need = own.peak;
        assert_true(need == own.live && need <= bound);
        cxm_label_free(back);
        own.calls = 0;
        back = NULL;
        assert_int_equal(cxm_label_decode(bytes, len, need - 1, &hook, &back), CXM_E_LIMIT);
        assert_true(back == NULL && own.calls == 0);
        assert_int_equal(cxm_label_decode(bytes, len, need, &hook, &back), CXM_OK);
        cxm_label_free(back);
        for (size_t at = own.calls; at > 0; --at) {
            own = (ledger){.fail_at = at};
            back = NULL;
            assert_int_equal(cxm_label_decode(bytes, len, need, &hook, &back), CXM_E_MEMORY);
            assert_true(back == NULL && own.live == 0);
        }
        cxm_label_free(label);
    }
}

/* --- hostile bytes --- */

static void repair(unsigned char *bytes, size_t len)
{
    if (len < CODEC_TAIL_BYTES) return;
    uint64_t crc = codec_crc64(bytes, len - CODEC_TAIL_BYTES);
    for (int i = 0; i < CODEC_TAIL_BYTES; ++i) bytes[len - CODEC_TAIL_BYTES + (size_t)i] = (unsigned char)(crc >> (8 * i));
}

/* A survivor encodes to the very same bytes, and works. */
static void use(cxm_label *label, const unsigned char *bytes, size_t len)
{
    unsigned char again[ROOM];
    size_t again_len;
    cxm_label_summary sum = {.size = sizeof sum};
    cxm_label_share row = {.size = sizeof row};
    uint64_t total = 0;
    assert_int_equal(cxm_label_encode(label, again, sizeof again, &again_len), CXM_OK);
    assert_int_equal(again_len, len);
    assert_memory_equal(again, bytes, len);
    cxm_status status = cxm_label_summarize(label, NULL, &sum);
    assert_int_equal(status, sum.n ? CXM_OK : CXM_E_EMPTY);
    while (cxm_label_next(label, NULL, &row) == CXM_OK) total += row.count;
    assert_true(total == sum.n);
    status = cxm_label_add(label, "a", 1);
    assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
    status = cxm_label_merge(label, label);
    assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
}

/* Decodes `bytes` with a right checksum, and with a right spec hash too when told: an error, or a state that works. */
static void survive_as(const unsigned char *bytes, size_t len, bool hash)
{
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_label *label = NULL;
    unsigned char *exact = malloc(len ? len : 1);           /* no byte to read behind it */
    if (len) memcpy(exact, bytes, len);
    uint32_t spec = 0;
    for (int i = 3; i >= 0 && hash && len >= CODEC_HEAD_BYTES; --i) spec = spec << 8 | exact[12 + i];
    if (spec && spec <= len - CODEC_HEAD_BYTES) {
        uint64_t fnv = codec_fnv1a(exact + CODEC_HEAD_BYTES, spec);
        for (int i = 0; i < 8; ++i) exact[24 + i] = (unsigned char)(fnv >> (8 * i));
    }
    repair(exact, len);
    cxm_status status = cxm_label_decode(exact, len, ROOM, &hook, &label);
    assert_true(own.peak <= ROOM);
    if (status == CXM_OK) use(label, exact, len);
    else assert_true(!label && (status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT));
    cxm_label_free(label);
    assert_int_equal(own.live, 0);
    free(exact);
}

static void survive(const unsigned char *bytes, size_t len)
{
    if (test_left_out()) return;
    survive_as(bytes, len, false);
    survive_as(bytes, len, true);
}

static void change_bytes(const unsigned char *good, size_t len)
{
    static const unsigned char extremes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    unsigned char bytes[ROOM];
    for (size_t at = 0; at < len; ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            memcpy(bytes, good, len);
            bytes[at] ^= (unsigned char)(1 << bit);
            survive(bytes, len);
        }
        for (size_t i = 0; i < COUNT_OF(extremes); ++i) {
            memcpy(bytes, good, len);
            bytes[at] = extremes[i];
            survive(bytes, len);
        }
        memcpy(bytes, good, len);
        survive(bytes, at);                                 /* truncated, the last bytes made a checksum */
        memmove(bytes + at + 1, bytes + at, len - at);
        survive(bytes, len + 1);                            /* one byte twice */
        memcpy(bytes, good, len);
        memmove(bytes + at, bytes + at + 1, len - at - 1);
        survive(bytes, len - 1);                            /* one byte gone */
    }
}

static void hostile_bytes_are_an_error_or_a_state(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int trial = 0; trial < 20; ++trial) {
        cxm_label *a = random_label(&seed), *b = random_label(&seed);
        unsigned char x[ROOM], y[ROOM], spliced[2 * ROOM];
        size_t x_len, y_len;
        assert_int_equal(cxm_label_encode(a, x, sizeof x, &x_len), CXM_OK);
        assert_int_equal(cxm_label_encode(b, y, sizeof y, &y_len), CXM_OK);
        change_bytes(x, x_len);
        for (int i = 0; i < 500; ++i) {
            size_t cut = test_rand(&seed) % (x_len + 1), from = test_rand(&seed) % (y_len + 1);
            memcpy(spliced, x, cut);
            memcpy(spliced + cut, y + from, y_len - from);
            survive(spliced, cut + y_len - from);
        }
        for (size_t field = 12; field < 24; ++field)        /* lengths to their extremes */
            for (int fill = 0; fill < 2; ++fill) {
                memcpy(spliced, x, x_len);
                memset(spliced + (field < 16 ? 12 : 16), fill ? 0xFF : 0x00, field < 16 ? 4 : 8);
                spliced[field] = fill ? 0xFE : 0x01;
                survive(spliced, x_len);
            }
        cxm_label_free(a);
        cxm_label_free(b);
    }
}

/* A frame around any payload. */
static cxm_status decode_payload(uint16_t kind, const char *spec, const void *payload, size_t payload_len)
{
    unsigned char bytes[256];
    cxm_label *label = NULL;
    size_t spec_len = strlen(spec), len;
    assert_true(codec_frame_bytes(spec_len, payload_len, &len) && len <= sizeof bytes);
    memcpy(codec_open(bytes, kind, spec, spec_len, payload_len), payload, payload_len);
    codec_close(bytes, spec_len, payload_len);
    cxm_status status = cxm_label_decode(bytes, len, SIZE_MAX, NULL, &label);
    cxm_label_free(label);
    return status;
}

/* Each is one step away from the good one above it. */
static void payloads_have_one_spelling(void **state)
{
    (void)state;
    static const struct { const char *what; cxm_status status; size_t len; const char *payload; } rows[] = {
        {"empty", CXM_OK, 4, "\0\0\0\0"},
        {"nothing", CXM_E_FORMAT, 0, ""},
        {"one byte left", CXM_E_FORMAT, 5, "\0\0\0\0\0"},
        {"others without labels", CXM_E_FORMAT, 4, "\0\0\1\0"},
        {"two labels", CXM_OK, 10, "\0\0\0\2\1a\1\1b\1"},
        {"and others", CXM_OK, 10, "\0\0\5\2\1a\1\1b\1"},
        {"others beside one label", CXM_E_FORMAT, 7, "\0\0\5\1\1a\1"},
        {"three labels", CXM_E_FORMAT, 13, "\0\0\0\3\1a\1\1b\1\1c\1"},
        {"one label short", CXM_E_FORMAT, 7, "\0\0\0\2\1a\1"},
        {"descending", CXM_E_FORMAT, 10, "\0\0\0\2\1b\1\1a\1"},
        {"twice", CXM_E_FORMAT, 10, "\0\0\0\2\1a\1\1a\1"},
        {"a prefix behind", CXM_E_FORMAT, 11, "\0\0\0\2\2aa\1\1a\1"},
        {"the empty label", CXM_OK, 9, "\0\0\0\2\0\1\1a\1"},
        {"the empty label twice", CXM_E_FORMAT, 8, "\0\0\0\2\0\1\0\1"},
        {"no answers", CXM_E_FORMAT, 7, "\0\0\0\1\1a\0"},
        {"the longest", CXM_OK, 9, "\0\0\0\1\3aaa\1"},
        {"too long", CXM_E_FORMAT, 10, "\0\0\0\1\4aaaa\1"},
        {"longer than the payload", CXM_E_FORMAT, 7, "\0\0\0\1\3a\1"},
        {"length padded", CXM_E_FORMAT, 8, "\0\0\0\1\x81\0a\1"},
        {"the most", CXM_OK, 16, "\0\0\0\1\1a\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1"},
        {"more than the most", CXM_E_FORMAT, 19, "\0\0\0\2\1a\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1\1b\1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        print_message("%s\n", rows[i].what);
        assert_int_equal(decode_payload(CODEC_LABEL, "label max 2 bytes 3", rows[i].payload, rows[i].len), rows[i].status);
    }
    assert_int_equal(decode_payload(CODEC_SCALE, "label max 2 bytes 3", "\0\0\0\0", 4), CXM_E_FORMAT);
    assert_int_equal(decode_payload(CODEC_LABEL, "label max 2 bytes 03", "\0\0\0\0", 4), CXM_E_FORMAT);
}

static void specs_have_one_spelling(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "label", "label max ", "label max 64", "label max 64 bytes ", "label max 64 bytes 256 ", " label max 64 bytes 256",
        "label max 064 bytes 256", "label max +64 bytes 256", "label max 0 bytes 256", "label max 64 bytes 0",
        "label max 4097 bytes 256", "label max 64 bytes 4097", "label max 4294967360 bytes 256", "label max 64 byte 256",
        "label max 64.0 bytes 256", "label max -1 bytes 256", "label  max 64 bytes 256", "Label max 64 bytes 256",
        "label max 99999999999999999999 bytes 256", "label max 64 bytes 25600000000000000000000"};
    cxm_label_options options, most = {sizeof most, 4096, 4096, 0};
    char text[LABEL_SPEC_MAX];
    for (size_t i = 0; i < COUNT_OF(bad); ++i) assert_false(label_spec_read(bad[i], strlen(bad[i]), &options));
    const char *good = "label max 64 bytes 256";
    assert_true(label_spec_read(good, strlen(good), &options));
    assert_true(options.size == sizeof options && options.max_labels == 64 && options.max_label_bytes == 256);
    size_t len = label_spec_write(&most, text);
    assert_true(len <= sizeof text && label_spec_read(text, len, &options));
    assert_memory_equal(&options, &most, sizeof most);
}

/* A container reads one state after the other out of one reader. */
static void parts_stand_in_a_row(void **state)
{
    (void)state;
    unsigned char bytes[64];
    codec_writer w = {bytes, sizeof bytes, 0};
    cxm_label *label = make(4, 8), *first = NULL, *second = NULL;
    cxm_label_add(label, "x", 1);
    label_put(&w, label);
    cxm_label_add(label, "y", 1);
    label_put(&w, label);
    codec_reader r = {bytes, w.len, true};
    assert_int_equal(label_get(&r, label_options(label), SIZE_MAX, NULL, &first), CXM_OK);
    assert_int_equal(label_get(&r, label_options(label), SIZE_MAX, NULL, &second), CXM_OK);
    uint64_t n = 0;
    assert_true(r.ok && r.left == 0);
    assert_true(cxm_label_n(first, &n) == CXM_OK && n == 1);
    assert_true(cxm_label_n(second, &n) == CXM_OK && n == 2);
    assert_int_equal(label_get(&r, label_options(label), SIZE_MAX, NULL, &second), CXM_E_FORMAT);
    assert_false(r.ok);
    cxm_label_free(label);
    cxm_label_free(first);
    cxm_label_free(second);
}

static void misuse_is_an_argument_error(void **state)
{
    (void)state;
    cxm_label *label = make(1, 1), *out = NULL;
    cxm_alloc no_hook = {NULL, NULL, NULL, NULL};
    unsigned char bytes[128];
    size_t len;
    assert_int_equal(cxm_label_encode(NULL, bytes, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_label_encode(label, NULL, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_label_encode(label, bytes, 8, NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_encode(label, bytes, sizeof bytes, &len), CXM_OK);
    assert_int_equal(cxm_label_decode(NULL, len, SIZE_MAX, NULL, &out), CXM_E_ARG);
    assert_int_equal(cxm_label_decode(bytes, len, SIZE_MAX, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_decode(bytes, len, SIZE_MAX, &no_hook, &out), CXM_E_ARG);
    bytes[4] = 2;                                           /* a newer format */
    repair(bytes, len);
    assert_int_equal(cxm_label_decode(bytes, len, SIZE_MAX, NULL, &out), CXM_E_VERSION);
    bytes[4] = 1;                                           /* and a wrong checksum */
    assert_int_equal(cxm_label_decode(bytes, len, SIZE_MAX, NULL, &out), CXM_E_FORMAT);
    assert_null(out);
    cxm_label_free(label);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_byte_for_byte),
        cmocka_unit_test(a_state_comes_back_and_so_do_its_bytes),
        cmocka_unit_test(memory_is_judged_first),
        cmocka_unit_test(hostile_bytes_are_an_error_or_a_state),
        cmocka_unit_test(payloads_have_one_spelling),
        cmocka_unit_test(specs_have_one_spelling),
        cmocka_unit_test(parts_stand_in_a_row),
        cmocka_unit_test(misuse_is_an_argument_error),
    };
    return cmocka_run_group_tests_name("score/label_codec", tests, NULL, NULL);
}
