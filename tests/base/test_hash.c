/* SPDX-License-Identifier: MIT */
/* test_hash.c - hash_bytes by its statistics: there is no outside answer to compare with.
 *
 * Three kept values, from the construction in hash.c worked out in arbitrary-precision integers,
 * pin the function itself, so that a platform or an edit that changes it shows:
 * states on disk would no longer match.                                                   */
#include "base/hash.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static void alignment_does_not_matter(void **state)
{
    (void)state;
    unsigned char room[128], key[64];
    for (size_t i = 0; i < sizeof key; ++i) key[i] = (unsigned char)(i * 37 + 11);
    for (size_t len = 0; len <= sizeof key; ++len)
        for (size_t shift = 0; shift < 16; ++shift) {
            memset(room, (int)shift, sizeof room);          /* what lies around must not enter */
            memcpy(room + shift, key, len);
            assert_true(hash_bytes(7, room + shift, len) == hash_bytes(7, key, len));
        }
    assert_true(hash_bytes(7, NULL, 0) == hash_bytes(7, key, 0));
}

static void the_function_is_pinned(void **state)
{
    (void)state;
    assert_true(hash_bytes(0, "", 0) == UINT64_C(0x93A879168387960A));
    assert_true(hash_bytes(1, "customer-experience metrics", 27) == UINT64_C(0xB24AEC6463690192));
    assert_true(hash_u64(1, 42) == UINT64_C(0x459774E1F74630E7));
}

static int bits_set(uint64_t x)
{
    int n = 0;
    for (; x; x &= x - 1) ++n;
    return n;
}

/* Each output bit must flip with probability 1/2 when one input bit flips. 4000 trials a pair give
 * a standard deviation of 0.0079; over 64 * 8 * len pairs 6.5 of them are not reached by chance. */
static void avalanche_of(size_t len)
{
    static uint32_t flips[8 * 40][64];
    unsigned char key[40];
    uint64_t seed = 99 + len;
    memset(flips, 0, sizeof flips);
    for (int trial = 0; trial < 4000; ++trial) {
        for (size_t i = 0; i < len; ++i) key[i] = (unsigned char)test_rand(&seed);
        uint64_t under = test_rand(&seed), before = hash_bytes(under, key, len);
        for (size_t bit = 0; bit < 8 * len; ++bit) {
            key[bit / 8] ^= (unsigned char)(1u << bit % 8);
            uint64_t changed = before ^ hash_bytes(under, key, len);
            key[bit / 8] ^= (unsigned char)(1u << bit % 8);
            for (int out = 0; out < 64; ++out) flips[bit][out] += (uint32_t)(changed >> out & 1);
        }
    }
    for (size_t bit = 0; bit < 8 * len; ++bit)
        for (int out = 0; out < 64; ++out)
            assert_true(fabs(flips[bit][out] / 4000.0 - 0.5) < 6.5 * 0.0079057);
}

static void every_input_bit_reaches_every_output_bit(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 3, 4, 7, 8, 13, 16, 17, 33};
    for (size_t i = 0; i < COUNT_OF(lengths); ++i) avalanche_of(lengths[i]);
}

static void every_seed_bit_changes_the_result(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 24; len += 4) {
        double mean = 0;
        uint64_t base = hash_bytes(0, "abcdefghijklmnopqrstuvwx", len);
        for (int bit = 0; bit < 64; ++bit)
            mean += bits_set(base ^ hash_bytes(UINT64_C(1) << bit, "abcdefghijklmnopqrstuvwx", len)) / 64.0;
        assert_near(mean, 32.0, 4.0);       /* 64 draws of sd 4: sd of the mean 0.5 */
    }
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* A million keys in 2^64: a pair collides with probability 3e-8, in the low or high 32 bits about
 * n^2 / 2^33 = 116 pairs do (sd 11). */
static void collisions_of(uint64_t *hashes, size_t n)
{
    size_t whole = 0, low = 0, high = 0;
    qsort(hashes, n, sizeof *hashes, by_value);
    for (size_t i = 1; i < n; ++i) {
        whole += hashes[i] == hashes[i - 1];
        high += hashes[i] >> 32 == hashes[i - 1] >> 32;
    }
    for (size_t i = 0; i < n; ++i) hashes[i] = hashes[i] << 32 | hashes[i] >> 32;
    qsort(hashes, n, sizeof *hashes, by_value);
    for (size_t i = 1; i < n; ++i) low += hashes[i] >> 32 == hashes[i - 1] >> 32;
    assert_int_equal(whole, 0);
    assert_near((double)low, 116.0, 70.0);
    assert_near((double)high, 116.0, 70.0);
}

static void a_million_short_keys_do_not_collide(void **state)
{
    (void)state;
    enum { N = 1000000 };
    uint64_t *hashes = malloc(N * sizeof *hashes);
    assert_non_null(hashes);
    char key[32];
    for (int i = 0; i < N; ++i)
        hashes[i] = hash_bytes(0, key, (size_t)snprintf(key, sizeof key, "cust-%d", i));
    collisions_of(hashes, N);
    for (uint64_t i = 0; i < N; ++i) hashes[i] = hash_u64(3, i);
    collisions_of(hashes, N);
    free(hashes);
}

static void views_in_a_row_are_not_their_concatenation(void **state)
{
    (void)state;
    static const char text[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    uint64_t seen[64];
    size_t n = 0;
    for (size_t cut = 0; cut <= 36; ++cut)
        seen[n++] = hash_bytes(hash_bytes(1, text, cut), text + cut, 36 - cut);
    seen[n++] = hash_bytes(1, text, 36);
    seen[n++] = hash_bytes(hash_bytes(hash_bytes(1, text, 12), text + 12, 12), text + 24, 12);
    static const char zeros[40];
    for (size_t len = 0; len <= 20; ++len) seen[n++] = hash_bytes(1, zeros, len);   /* length alone */
    qsort(seen, n, sizeof *seen, by_value);
    for (size_t i = 1; i < n; ++i) assert_true(seen[i] != seen[i - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(alignment_does_not_matter),
                                       cmocka_unit_test(the_function_is_pinned),
                                       cmocka_unit_test(every_input_bit_reaches_every_output_bit),
                                       cmocka_unit_test(every_seed_bit_changes_the_result),
                                       cmocka_unit_test(a_million_short_keys_do_not_collide),
                                       cmocka_unit_test(views_in_a_row_are_not_their_concatenation)};
    return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
