/* SPDX-License-Identifier: MIT */
/* test_sum.c - the exact sum against rows of exact fractions, against whole numbers added byte by byte here, and
 * against its own algebra: any order, partition or merge tree gives the same bytes, removing undoes adding. */
#include <cxm/sum.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/sum.h"
#include "support/cxm_test.h"

enum { ROOM = 512, HEAD = 35 };         /* of an encoded sum, before its payload */

/* --- what the tests are made of --- */

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Equal as values, +0.0 apart from -0.0, NaN equal to NaN. */
static void assert_same(double got, double want)
{
    if (isnan(got) && isnan(want)) return;
    if (bits_of(got) != bits_of(want)) print_error("%a is not %a\n", got, want);
    assert_true(bits_of(got) == bits_of(want));
}

static double value_of(const cxm_sum *sum)
{
    double value = -1.0;
    assert_int_equal(cxm_sum_value(sum, &value), CXM_OK);
    return value;
}

static void add(cxm_sum *sum, double value) { assert_int_equal(cxm_sum_add(sum, value), CXM_OK); }
static void take(cxm_sum *sum, double value) { assert_int_equal(cxm_sum_remove(sum, value), CXM_OK); }
static void merge(cxm_sum *into, const cxm_sum *from) { assert_int_equal(cxm_sum_merge(into, from), CXM_OK); }

typedef struct encoded { unsigned char at[ROOM]; size_t len; } encoded;

static encoded bytes_of(const cxm_sum *sum)
{
    encoded e = {.len = 0};
    assert_int_equal(cxm_sum_encode(sum, e.at, sizeof e.at, &e.len), CXM_OK);
    assert_true(e.len < 360);
    return e;
}

static void assert_same_state(const cxm_sum *a, const cxm_sum *b)
{
    encoded x = bytes_of(a), y = bytes_of(b);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.at, y.at, x.len);
}

static void add_packed(cxm_sum *sum, const double *values, size_t n)
{
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = n};
    assert_int_equal(cxm_sum_add_many(sum, &column), CXM_OK);
}

/* Of every exponent, subnormals and both zeros among them; finite. */
static double any_finite(uint64_t *seed)
{
    double value = double_of(test_rand(seed));
    return isfinite(value) ? value : 0.0;
}

/* Of 53 bits, either sign, about 2^exponent to 2^(exponent + spread). */
static double around(int exponent, int spread, uint64_t *seed)
{
    int64_t digits = (int64_t)(test_rand(seed) >> 11) - (INT64_C(1) << 52);
    return ldexp((double)digits, exponent - 52 + (int)(test_rand(seed) % (uint64_t)spread));
}

/* Of a kind that many sums are made of. */
static double typical(uint64_t *seed)
{
    return ldexp((double)(test_rand(seed) >> 11), -53 - (int)(test_rand(seed) % 8)) + 0.1;
}

/* --- reference rows --- */

/* "powers", "powers alternating", or numbers with "*count" behind some; every one to `each`. */
static void for_terms(const char *text, cxm_status (*each)(cxm_sum *, double), cxm_sum *sum)
{
    if (strncmp(text, "powers", 6) == 0) {
        for (int e = -1074; e < 1024; ++e)
            assert_int_equal(each(sum, text[6] && e % 2 ? -ldexp(1.0, e) : ldexp(1.0, e)), CXM_OK);
        return;
    }
    for (char *end; *text; text = *end ? end + 1 : end) {
        double value = strtod(text, &end);
        unsigned long times = *end == '*' ? strtoul(end + 1, &end, 10) : 1;
        while (times-- > 0) assert_int_equal(each(sum, value), CXM_OK);
    }
}

static size_t from_hex(const char *text, unsigned char *out)
{
    size_t n = strlen(text) / 2;
    for (size_t i = 0; i < n; ++i) {
        char digits[3] = {text[2 * i], text[2 * i + 1], 0};
        out[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    return n;
}

static void sums_match_exact_fractions(void **state)
{
    (void)state;
    test_table t = test_table_read("exact_sum.csv");
    cxm_sum empty = {0};
    assert_int_equal(t.rows, 142);
    for (size_t row = 0; row < t.rows; ++row) {
        if (test_left_out()) continue;
        unsigned char want[ROOM];
        const char *terms = test_cell(&t, row, "terms");
        cxm_sum sum = {0};
        for_terms(terms, cxm_sum_add, &sum);
        assert_same(value_of(&sum), strtod(test_cell(&t, row, "value"), NULL));
        encoded e = bytes_of(&sum);
        size_t len = from_hex(test_cell(&t, row, "payload"), want);
        if (e.len != HEAD + len + 8 || memcmp(e.at + HEAD, want, len) != 0) fail_msg("%s", test_cell(&t, row, "case"));
        for_terms(terms, cxm_sum_remove, &sum);
        assert_same_state(&sum, &empty);
    }
    print_message("%zu rows\n", t.rows);
    test_table_free(&t);
}

/* --- a whole number of 2^-1074 byte by byte, two's complement --- */

enum { NUMBER_BYTES = 300 };
typedef struct number { uint8_t at[NUMBER_BYTES]; } number;

static void number_add(number *to, double value, int times)
{
    int exponent;
    double fraction = frexp(value, &exponent);
    int64_t digits = (int64_t)ldexp(fraction, 53) * times;      /* |times| <= 512 */
    int at = exponent - 53 + 1074;
    while (at < 0) {                        /* subnormals end in zeros */
        digits /= 2;
        ++at;
    }
    int carry = 0;
    bool negative = digits < 0;
    for (int i = at / 8; i < NUMBER_BYTES; ++i) {
        int bit = 8 * i - at;                                   /* of the digits, at the low end of this byte */
        uint64_t wide = (uint64_t)digits;
        uint64_t part = bit < 0 ? wide << -bit : bit < 64 ? wide >> bit : negative ? UINT64_MAX : 0;
        if (bit > 0 && bit < 64 && negative) part |= UINT64_MAX << (64 - bit);
        carry += to->at[i] + (int)(part & 0xFF);
        to->at[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

/* Size in place of the number; returns whether it was negative. */
static bool number_size(number *a)
{
    if (!(a->at[NUMBER_BYTES - 1] & 0x80)) return false;
    int carry = 1;
    for (int i = 0; i < NUMBER_BYTES; ++i) {
        carry += 0xFF - a->at[i];
        a->at[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return true;
}

static int bit_of(const number *a, int at)
{
    return at < 0 ? 0 : a->at[at / 8] >> (at % 8) & 1;
}

/* Rounded bit by bit, as one learns it. */
static double number_value(number a)
{
    bool negative = number_size(&a), rest = false;
    int top = 8 * NUMBER_BYTES - 1;
    while (top >= 0 && !bit_of(&a, top)) --top;
    int low = top - 52 > 0 ? top - 52 : 0;
    double kept = 0.0;
    for (int at = top; at >= low; --at) kept = 2.0 * kept + bit_of(&a, at);
    for (int at = 0; at < low - 1; ++at) rest = rest || bit_of(&a, at);
    if (bit_of(&a, low - 1) && (rest || bit_of(&a, low))) kept += 1.0;
    double value = ldexp(kept, low - 1074);
    return negative ? -value : value;
}

/* The payload's number, from its layout: length with sign, bytes left out, bytes. */
static void assert_number_bytes(const cxm_sum *sum, number a)
{
    encoded e = bytes_of(sum);
    unsigned char want[ROOM];
    bool negative = number_size(&a);
    int low = 0, end = NUMBER_BYTES;
    while (end > 0 && a.at[end - 1] == 0) --end;
    while (low < end && a.at[low] == 0) ++low;
    codec_writer w = {want, sizeof want, 0};
    codec_put_u64(&w, sum->n);
    codec_put_bytes(&w, "\0\0\0", 3);
    codec_put_i64(&w, negative ? low - end : end - low);
    if (end > 0) codec_put_u64(&w, (uint64_t)low);
    codec_put_bytes(&w, a.at + low, (size_t)(end - low));
    assert_int_equal(e.len, HEAD + w.len + 8);
    assert_memory_equal(e.at + HEAD, want, w.len);
}

static void sums_match_whole_numbers(void **state)
{
    (void)state;
    uint64_t seed = 20261125;
    for (int trial = 0; trial < 3000; ++trial) {
        cxm_sum sum = {0};
        number want = {{0}};
        int n = 1 + (int)(test_rand(&seed) % 40), kind = trial % 4, near = (int)(test_rand(&seed) % 2000) - 1070;
        for (int i = 0; i < n; ++i) {
            double value = kind == 0 ? any_finite(&seed) : kind == 1 ? typical(&seed)
                         : around(near, kind == 2 ? 4 : 60, &seed);
            if (!isfinite(value)) continue;
            add(&sum, value);
            number_add(&want, value, 1);
            if (i % 3 == 2) {                       /* nearly cancelled */
                double back = -nextafter(value, 0.0);
                add(&sum, back);
                number_add(&want, back, 1);
            }
        }
        assert_same(value_of(&sum), number_value(want));
        assert_number_bytes(&sum, want);
    }
}

/* Around every power of two: the neighbours of doubles and what lies half-way between them. */
static void ties_at_every_exponent(void **state)
{
    (void)state;
    for (int e = -1074; e < 1024; ++e)
        for (int step = -2; step <= 2; ++step)
            for (int sign = -1; sign <= 1; sign += 2) {
                double value = sign * ldexp(1.0, e), half = ldexp(1.0, e - 53);
                cxm_sum sum = {0};
                number want = {{0}};
                if (step & 1) value = nextafter(value, step > 0 ? INFINITY : -INFINITY);
                if (!isfinite(value)) continue;
                add(&sum, value);
                number_add(&want, value, 1);
                if (half > 0.0) {
                    double least = step == 2 ? DBL_TRUE_MIN : step == -2 ? -DBL_TRUE_MIN : 0.0;
                    add(&sum, sign * half);
                    add(&sum, least);
                    number_add(&want, sign * half, 1);
                    number_add(&want, least, 1);
                }
                assert_same(value_of(&sum), number_value(want));
                assert_number_bytes(&sum, want);
            }
}

/* --- carries --- */

/* 2^53 - 1 at bit `at` of the number: at 31 of 32 it is what fills a chunk fastest, by 2^52 - 1. */
static double filling(int at, int sign)
{
    return sign * ldexp(9007199254740991.0, at - 1074);
}

static void add_backwards(cxm_sum *sum, const double *values, size_t n)
{
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values + n - 1, .stride = -8, .count = n};
    assert_int_equal(cxm_sum_add_many(sum, &column), CXM_OK);
}

/* Long past the bound of 2047 additions, by every way of adding. */
static void long_runs_carry(void **state)
{
    (void)state;
    enum { TIMES = 512 * 9 };
    for (int at = 0; at <= 2045; at += at % 32 == 31 ? 1 : at % 32 == 0 ? 13 : 18)
        for (int sign = -1; sign <= 1; sign += 2) {
            double value = filling(at, sign), block[TIMES];
            cxm_sum one = {0}, many = {0}, backwards = {0};
            number want = {{0}};
            for (int i = 0; i < TIMES; ++i) block[i] = value;
            for (int i = 0; i < TIMES; ++i) add(&one, value);
            for (int i = 0; i < TIMES / 512; ++i) number_add(&want, value, 512);
            add_packed(&many, block, TIMES);
            add_backwards(&backwards, block, TIMES);
            assert_number_bytes(&one, want);
            assert_same_state(&many, &one);
            assert_same_state(&backwards, &one);
            for (int i = 0; i < TIMES; ++i) take(&one, value);
            assert_same(value_of(&one), 0.0);
        }
}

/* States with as many additions pending as there can be, and about half of it. */
static void merges_carry(void **state)
{
    (void)state;
    static const int fills[] = {1, 2, 512, 1022, 1023, 1024, 1025, 2045, 2046, 2047, 2048, 2049};
    for (size_t i = 0; i < COUNT_OF(fills); ++i)
        for (size_t k = 0; k < COUNT_OF(fills); ++k)
            for (int at = 31; at <= 2045; at += 671) {
                double value = filling(at - at % 32 + 31 > 2045 ? 2015 : at - at % 32 + 31, 1);
                cxm_sum into = {0}, from = {0};
                number want = {{0}};
                for (int times = 0; times < fills[i]; ++times) add(&into, value);
                for (int times = 0; times < fills[k]; ++times) add(&from, value);
                for (int times = 0; times < 3; ++times) merge(&into, &from);
                merge(&into, &into);
                for (int left = 2 * (fills[i] + 3 * fills[k]); left > 0; left -= 512)
                    number_add(&want, value, left < 512 ? left : 512);
                assert_number_bytes(&into, want);
            }
}

static void millions_of_one_value(void **state)
{
    (void)state;
    enum { N = (1 << 20) + 12345 };
    double *values = malloc(N * sizeof *values);
    assert_non_null(values);
    static const double all[] = {0.1,     -0.1,     9007199254740991.0, -4503599627370497.0,
                                 DBL_MAX, -DBL_MAX, DBL_TRUE_MIN,       DBL_MIN};
    for (size_t k = 0; k < COUNT_OF(all); ++k) {
        cxm_sum one = {0}, many = {0};
        number want = {{0}};
        for (int i = 0; i < N; ++i) {
            values[i] = all[k];
            add(&one, all[k]);
        }
        for (int left = N; left > 0; left -= 512) number_add(&want, all[k], left < 512 ? left : 512);
        add_packed(&many, values, N);
        assert_number_bytes(&one, want);
        assert_same_state(&many, &one);
        assert_same(value_of(&one), number_value(want));
    }
    free(values);
}

/* Positive and negative in turn, so that carries of both signs cross all chunks. */
static void carries_of_both_signs(void **state)
{
    (void)state;
    uint64_t seed = 77;
    cxm_sum sum = {0};
    number want = {{0}};
    for (int i = 0; i < 200000; ++i) {
        double value = any_finite(&seed);
        if (i % 1000 == 999) value = i % 2000 == 999 ? -DBL_TRUE_MIN : DBL_MAX;
        add(&sum, value);
        number_add(&want, value, 1);
        if (i % 5000 == 4999) assert_number_bytes(&sum, want);
    }
    assert_same(value_of(&sum), number_value(want));
}

/* Doubling by merge of itself: 2^63 values, and the last step does not fit. */
static void counts_to_the_end(void **state)
{
    (void)state;
    static const double all[] = {DBL_MAX, -DBL_MAX, 1.0, DBL_TRUE_MIN, -0.1};
    for (size_t k = 0; k < COUNT_OF(all); ++k) {
        cxm_sum sum = {0}, back;
        add(&sum, all[k]);
        for (int i = 0; i < 63; ++i) {
            merge(&sum, &sum);
            double want = ldexp(all[k], i + 1);
            assert_same(value_of(&sum), want);
        }
        cxm_sum before = sum;
        assert_int_equal(cxm_sum_merge(&sum, &sum), CXM_E_OVERFLOW);
        assert_memory_equal(&sum, &before, sizeof sum);
        cxm_sum less = sum;                 /* 2^63 + (2^63 - 1) is the most */
        take(&less, all[k]);
        merge(&sum, &less);
        assert_true(sum.n == UINT64_MAX);
        encoded e = bytes_of(&sum);
        assert_int_equal(cxm_sum_decode(e.at, e.len, &back), CXM_OK);
        assert_same_state(&back, &sum);
        before = sum;
        assert_int_equal(cxm_sum_add(&sum, 1.0), CXM_E_OVERFLOW);
        assert_int_equal(cxm_sum_add(&sum, NAN), CXM_E_OVERFLOW);
        cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = all, .count = 1};
        assert_int_equal(cxm_sum_add_many(&sum, &column), CXM_E_OVERFLOW);
        assert_memory_equal(&sum, &before, sizeof sum);
        take(&sum, all[k]);
        add(&sum, all[k]);
        assert_same_state(&sum, &before);
    }
}

/* --- algebra --- */

enum { VALUES = 2000, PARTS_MAX = 64 };

static void make_values(double *values, int kind, uint64_t *seed)
{
    static const double odd[] = {INFINITY, -INFINITY, NAN, 0.0, -0.0, DBL_MAX, -DBL_MAX, DBL_TRUE_MIN};
    for (int i = 0; i < VALUES; ++i) {
        values[i] = kind == 0 ? typical(seed) : any_finite(seed);
        if (kind == 2 && test_rand(seed) % 16 == 0) values[i] = odd[test_rand(seed) % COUNT_OF(odd)];
    }
}

static void shuffle(double *values, uint64_t *seed)
{
    for (int i = VALUES - 1; i > 0; --i) {
        int k = (int)(test_rand(seed) % (uint64_t)(i + 1));
        double keep = values[i];
        values[i] = values[k];
        values[k] = keep;
    }
}

/* Merges any two until one is left. */
static void merge_tree(cxm_sum *parts, size_t n, uint64_t *seed)
{
    for (; n > 1; --n) {
        size_t into = test_rand(seed) % n, from = test_rand(seed) % n;
        if (into == from) from = (into + 1) % n;
        merge(&parts[into], &parts[from]);
        parts[from] = parts[n - 1];
        if (into == n - 1) into = from;
    }
}

static void any_order_partition_and_tree(void **state)
{
    (void)state;
    uint64_t seed = 64;
    for (int trial = 0; trial < 192; ++trial) {
        double values[VALUES];
        size_t parts = 1 + (size_t)trial % PARTS_MAX;
        cxm_sum whole = {0}, part[PARTS_MAX];
        memset(part, 0, sizeof part);
        make_values(values, trial % 3, &seed);
        for (int i = 0; i < VALUES; ++i) add(&whole, values[i]);
        shuffle(values, &seed);
        for (int i = 0; i < VALUES;) {              /* some one by one, some in blocks */
            cxm_sum *to = &part[test_rand(&seed) % parts];
            int count = test_rand(&seed) % 4 ? 1 : 1 + (int)(test_rand(&seed) % 100);
            if (count > VALUES - i) count = VALUES - i;
            if (count == 1) add(to, values[i]);
            else add_packed(to, values + i, (size_t)count);
            i += count;
        }
        merge_tree(part, parts, &seed);
        assert_same_state(&part[0], &whole);
        assert_same(value_of(&part[0]), value_of(&whole));
    }
}

static void removing_undoes_adding(void **state)
{
    (void)state;
    uint64_t seed = 8;
    for (int trial = 0; trial < 60; ++trial) {
        double values[VALUES];
        cxm_sum kept = {0}, both = {0};
        make_values(values, trial % 3, &seed);
        int half = 1 + (int)(test_rand(&seed) % (VALUES - 1));
        for (int i = 0; i < half; ++i) add(&kept, values[i]);
        for (int i = 0; i < VALUES; ++i) add(&both, values[i]);
        for (int i = VALUES - 1; i >= half; --i) take(&both, values[i]);
        assert_same_state(&both, &kept);
    }
}

/* A window of 100 values slides over 50,000. */
static void a_window_slides(void **state)
{
    (void)state;
    enum { WIDTH = 100, STEPS = 50000 };
    double ring[WIDTH] = {0.0};
    uint64_t seed = 100;
    cxm_sum sliding = {0};
    for (int i = 0; i < STEPS; ++i) {
        double value = i % 100 == 7 ? DBL_MAX : i % 100 == 57 ? -INFINITY : any_finite(&seed);
        if (i >= WIDTH) take(&sliding, ring[i % WIDTH]);
        ring[i % WIDTH] = value;
        add(&sliding, value);
        if (i % 997 == 0 && i >= WIDTH) {
            cxm_sum fresh = {0};
            for (int k = 0; k < WIDTH; ++k) add(&fresh, ring[k]);
            assert_same_state(&sliding, &fresh);
        }
    }
}

static void refuse_removal(cxm_sum *sum, double value)
{
    encoded before = bytes_of(sum);
    assert_int_equal(cxm_sum_remove(sum, value), CXM_E_UNDERFLOW);
    encoded after = bytes_of(sum);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.at, after.at, after.len);
}

static void what_was_not_added_is_not_removed(void **state)
{
    (void)state;
    static const double all[] = {0.0, -0.0, 1.0, NAN, INFINITY, -INFINITY, DBL_MAX};
    cxm_sum sum = {0};
    for (size_t i = 0; i < COUNT_OF(all); ++i) refuse_removal(&sum, all[i]);
    add(&sum, INFINITY);
    refuse_removal(&sum, -INFINITY);
    refuse_removal(&sum, NAN);
    refuse_removal(&sum, 0.0);
    add(&sum, 1.5);
    refuse_removal(&sum, 1.0);              /* one left over, of none */
    refuse_removal(&sum, -1.5);
    take(&sum, INFINITY);
    take(&sum, 1.5);
    add(&sum, DBL_MAX);
    add(&sum, DBL_MAX);
    refuse_removal(&sum, 1.0);              /* past the largest double, of one */
    refuse_removal(&sum, -DBL_MAX);
    take(&sum, DBL_MAX);
    assert_same(value_of(&sum), DBL_MAX);
    add(&sum, -DBL_MAX);
    add(&sum, -DBL_MAX);
    add(&sum, -DBL_MAX);
    take(&sum, DBL_MAX);
    refuse_removal(&sum, 0.0);              /* three times the largest, of two */
    take(&sum, -DBL_MAX);
    take(&sum, -DBL_MAX);
    take(&sum, -DBL_MAX);
    refuse_removal(&sum, 0.0);
}

/* A removal at every count of pending additions, and one that is refused there. */
static void removal_at_every_fill(void **state)
{
    (void)state;
    cxm_sum sum = {0};
    for (int i = 1; i < 5000; ++i) {
        add(&sum, 0.7);
        if (i % 2) continue;
        refuse_removal(&sum, INFINITY);
        take(&sum, 0.7);
        add(&sum, 0.7);
    }
    cxm_sum alone = {0};
    add(&alone, 0.7);
    for (int i = 0; i < 5000; ++i) refuse_removal(&alone, 0.3);
    assert_same(value_of(&alone), 0.7);
}

/* Sums that fill one high chunk alone, 2^(32 i - 1074): whether the quick look or the exact one judges a removal. */
static void removal_from_huge_sums(void **state)
{
    (void)state;
    for (uint32_t chunk = 62; chunk < CXM_SUM_CHUNKS; ++chunk)
        for (int sign = -1; sign <= 1; sign += 2) {
            cxm_sum sum = {.n = 1 << 15};
            sum_number power = {.negative = sign < 0};
            big_set(&power.size, 1);
            big_shl(&power.size, 32 * chunk);
            sum_set_number(&sum, &power);
            double before = value_of(&sum);
            take(&sum, 1.0);
            take(&sum, -1.0);
            assert_same(value_of(&sum), before);
            if (chunk < CXM_SUM_CHUNKS - 1) continue;
            while (sum.n > (1 << 14) + 1) take(&sum, 0.0);
            refuse_removal(&sum, 0.0);              /* 2^1038 is more than 2^14 doubles can have */
        }
}

static int32_t order_of(const cxm_sum *a, const cxm_sum *b)
{
    int32_t order = 99, back = 99;
    assert_int_equal(cxm_sum_compare(a, b, &order), CXM_OK);
    assert_int_equal(cxm_sum_compare(b, a, &back), CXM_OK);
    assert_int_equal(order, -back);
    return order;
}

static cxm_sum sum_of(const double *values, size_t n)
{
    cxm_sum sum = {0};
    for (size_t i = 0; i < n; ++i) add(&sum, values[i]);
    return sum;
}

static void exact_sums_are_compared(void **state)
{
    (void)state;
    const double near[] = {1.0, DBL_TRUE_MIN}, thirds[] = {1.0 / 3, 1.0 / 3, 1.0 / 3}, huge[] = {DBL_MAX, DBL_MAX};
    const double below[] = {-1.0, -DBL_TRUE_MIN}, plus[] = {INFINITY, 1.0}, both[] = {INFINITY, -INFINITY}, minus[] = {-INFINITY};
    cxm_sum one = sum_of(near, 1), more = sum_of(near, 2), third = sum_of(thirds, 3), large = sum_of(huge, 2);
    cxm_sum zero = {0}, minus_one = sum_of(below, 1), less = sum_of(below, 2);
    cxm_sum up = sum_of(plus, 2), down = sum_of(minus, 1), none = sum_of(both, 2);
    assert_same(value_of(&one), value_of(&more));           /* rounded they are alike */
    assert_int_equal(order_of(&one, &more), -1);
    assert_int_equal(order_of(&third, &one), -1);
    assert_int_equal(order_of(&less, &minus_one), -1);
    assert_int_equal(order_of(&less, &less), 0);
    assert_int_equal(order_of(&one, &one), 0);
    assert_int_equal(order_of(&large, &one), 1);
    assert_int_equal(order_of(&up, &large), 1);
    assert_int_equal(order_of(&down, &large), -1);
    assert_int_equal(order_of(&down, &up), -1);
    assert_int_equal(order_of(&up, &up), 0);
    assert_int_equal(cxm_sum_negate(&more), CXM_OK);
    assert_int_equal(order_of(&more, &one), -1);
    assert_int_equal(order_of(&more, &zero), -1);
    merge(&more, &one);                                     /* 1 - (1 + 2^-1074) */
    assert_same(value_of(&more), -DBL_TRUE_MIN);
    assert_int_equal(order_of(&more, &zero), -1);
    assert_int_equal(cxm_sum_negate(&up), CXM_OK);
    assert_same(value_of(&up), -INFINITY);
    int32_t order = 7;
    assert_int_equal(cxm_sum_compare(&none, &one, &order), CXM_E_UNDEFINED);
    assert_int_equal(cxm_sum_compare(&one, &none, &order), CXM_E_UNDEFINED);
    assert_int_equal(order, 7);
}

/* The sign of a value is the sign of the exact sum, and twice negated is as before. */
static void negatives_mirror(void **state)
{
    (void)state;
    uint64_t seed = 9;
    cxm_sum zero = {0};
    for (int trial = 0; trial < 500; ++trial) {
        cxm_sum sum = {0}, mirrored;
        for (int i = 0; i < 3000; i += 1 + trial % 7 * 400) add(&sum, any_finite(&seed));
        mirrored = sum;
        assert_int_equal(cxm_sum_negate(&mirrored), CXM_OK);
        double value = value_of(&sum);
        assert_same(value_of(&mirrored), -value);
        assert_int_equal(order_of(&sum, &zero), (value > 0.0) - (value < 0.0));
        assert_int_equal(cxm_sum_negate(&mirrored), CXM_OK);
        assert_memory_equal(&mirrored, &sum, sizeof sum);
    }
}

/* --- columns --- */

static double read_as(const unsigned char *at, int32_t type)
{
    int32_t i32;
    double f64;
    if (type == CXM_F64) return memcpy(&f64, at, sizeof f64), f64;
    if (type == CXM_I32) return memcpy(&i32, at, sizeof i32), i32;
    return type == CXM_I8 && *at > 127 ? *at - 256 : *at;
}

enum layout { PACKED, STATED, SPREAD, BACKWARDS, OVERLAPPING, LAYOUTS };

static int64_t stride_of(int layout, int64_t bytes)
{
    const int64_t strides[LAYOUTS] = {0, bytes, bytes + 5, -bytes - 3, 1};
    return strides[layout];
}

static unsigned char *random_block(size_t bytes, uint64_t *seed)
{
    unsigned char *block = malloc(bytes ? bytes : 1);
    assert_non_null(block);
    for (size_t i = 0; i < bytes; ++i) block[i] = (unsigned char)(test_rand(seed) >> 13);
    return block;
}

/* Random bytes, read as a column and one by one; blocks are not a byte longer than the last value and bit need. */
static void check_column(int32_t type, int layout, int64_t n, bool gaps, uint64_t *seed)
{
    enum { FIRST_BIT = 3 };
    int64_t bytes = type == CXM_F64 ? 8 : type == CXM_I32 ? 4 : 1, stride = stride_of(layout, bytes);
    int64_t step = stride ? stride : bytes;
    size_t span = n ? (size_t)((n - 1) * llabs(step) + bytes) : 0;
    unsigned char *block = random_block(span, seed), *valid = random_block((size_t)(n + FIRST_BIT + 7) / 8, seed);
    const unsigned char *first = step < 0 && n ? block + span - bytes : block;
    cxm_column column = {.size = sizeof column, .type = type, .values = n ? first : NULL, .stride = stride,
                         .count = (uint64_t)n};
    cxm_sum got = {0}, want = {0};
    if (gaps) {
        column.validity = valid;
        column.validity_bit = FIRST_BIT;
    }
    for (int64_t i = 0, bit = FIRST_BIT; i < n; ++i, ++bit)
        if (!gaps || valid[bit / 8] >> (bit % 8) & 1) add(&want, read_as(first + i * step, type));
    assert_int_equal(cxm_sum_add_many(&got, &column), CXM_OK);
    assert_same_state(&got, &want);
    free(block);
    free(valid);
}

static void columns_are_their_values(void **state)
{
    (void)state;
    static const int32_t types[] = {CXM_I8, CXM_U8, CXM_I32, CXM_F64};
    static const int64_t counts[] = {0, 1, 2, 511, 512, 513, 1024, 5000};
    uint64_t seed = 4;
    for (size_t t = 0; t < COUNT_OF(types); ++t)
        for (size_t c = 0; c < COUNT_OF(counts); ++c)
            for (int layout = 0; layout < LAYOUTS; ++layout) {
                check_column(types[t], layout, counts[c], false, &seed);
                check_column(types[t], layout, counts[c], true, &seed);
            }
}

static void columns_that_are_none(void **state)
{
    (void)state;
    double value = 1.0;
    cxm_sum sum = {0};
    cxm_column good = {.size = sizeof good, .type = CXM_F64, .values = &value, .count = 1}, bad = good;
    assert_int_equal(cxm_sum_add_many(&sum, NULL), CXM_E_ARG);
    assert_int_equal(cxm_sum_add_many(NULL, &good), CXM_E_ARG);
    bad.size = 8;
    assert_int_equal(cxm_sum_add_many(&sum, &bad), CXM_E_ABI);
    bad = good;
    bad.type = 9;
    assert_int_equal(cxm_sum_add_many(&sum, &bad), CXM_E_ARG);
    bad = good;
    bad.values = NULL;
    assert_int_equal(cxm_sum_add_many(&sum, &bad), CXM_E_ARG);
    bad = good;
    bad.validity_bit = UINT64_MAX;
    assert_int_equal(cxm_sum_add_many(&sum, &bad), CXM_E_ARG);
    assert_true(sum.n == 0);
}

/* --- the rest --- */

static void specials_by_every_mix(void **state)
{
    (void)state;
    static const double all[] = {INFINITY, -INFINITY, NAN, 2.5};
    for (unsigned mix = 0; mix < 16; ++mix) {
        cxm_sum sum = {0};
        for (unsigned i = 0; i < 4; ++i)
            if (mix >> i & 1) add(&sum, all[i]);
        double want = mix & 4 || (mix & 3) == 3 ? NAN : mix & 1 ? INFINITY : mix & 2 ? -INFINITY : mix & 8 ? 2.5 : 0.0;
        assert_same(value_of(&sum), want);
        for (unsigned i = 0; i < 3; ++i)            /* the finite ones are still there */
            if (mix >> i & 1) take(&sum, all[i]);
        assert_same(value_of(&sum), mix & 8 ? 2.5 : 0.0);
    }
    cxm_sum sum = {0};
    add(&sum, double_of(UINT64_C(0xFFF8000000000001)));     /* a NaN is a NaN, whatever its bits */
    take(&sum, NAN);
    assert_true(sum.n == 0 && sum.nan == 0);
}

static void asking_changes_nothing(void **state)
{
    (void)state;
    uint64_t seed = 2;
    cxm_sum sum = {0};
    for (int i = 0; i < 3000; ++i) add(&sum, any_finite(&seed));
    cxm_sum before = sum;
    value_of(&sum);
    bytes_of(&sum);
    order_of(&sum, &sum);
    assert_memory_equal(&sum, &before, sizeof sum);
}

static void misuse_is_an_argument_error(void **state)
{
    (void)state;
    cxm_sum sum = {0};
    double value;
    int32_t order;
    assert_int_equal(cxm_sum_add(NULL, 1.0), CXM_E_ARG);
    assert_int_equal(cxm_sum_remove(NULL, 1.0), CXM_E_ARG);
    assert_int_equal(cxm_sum_merge(NULL, &sum), CXM_E_ARG);
    assert_int_equal(cxm_sum_merge(&sum, NULL), CXM_E_ARG);
    assert_int_equal(cxm_sum_negate(NULL), CXM_E_ARG);
    assert_int_equal(cxm_sum_value(NULL, &value), CXM_E_ARG);
    assert_int_equal(cxm_sum_value(&sum, NULL), CXM_E_ARG);
    assert_int_equal(cxm_sum_compare(NULL, &sum, &order), CXM_E_ARG);
    assert_int_equal(cxm_sum_compare(&sum, NULL, &order), CXM_E_ARG);
    assert_int_equal(cxm_sum_compare(&sum, &sum, NULL), CXM_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_match_exact_fractions),
        cmocka_unit_test(sums_match_whole_numbers),
        cmocka_unit_test(ties_at_every_exponent),
        cmocka_unit_test(long_runs_carry),
        cmocka_unit_test(merges_carry),
        cmocka_unit_test(millions_of_one_value),
        cmocka_unit_test(carries_of_both_signs),
        cmocka_unit_test(counts_to_the_end),
        cmocka_unit_test(any_order_partition_and_tree),
        cmocka_unit_test(removing_undoes_adding),
        cmocka_unit_test(a_window_slides),
        cmocka_unit_test(what_was_not_added_is_not_removed),
        cmocka_unit_test(removal_at_every_fill),
        cmocka_unit_test(removal_from_huge_sums),
        cmocka_unit_test(exact_sums_are_compared),
        cmocka_unit_test(negatives_mirror),
        cmocka_unit_test(columns_are_their_values),
        cmocka_unit_test(columns_that_are_none),
        cmocka_unit_test(specials_by_every_mix),
        cmocka_unit_test(asking_changes_nothing),
        cmocka_unit_test(misuse_is_an_argument_error),
    };
    return cmocka_run_group_tests_name("base/sum", tests, NULL, NULL);
}
