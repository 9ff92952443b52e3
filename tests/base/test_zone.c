/* SPDX-License-Identifier: MIT */
/* test_zone.c - zones from bytes: files built by hand, files that lie, and those of the system beside libc's answers.
 *
 * POSIX text has test_zone_posix.c of its own; here it stands in footers.                     */
#if defined(__unix__) || defined(__APPLE__)
#define _XOPEN_SOURCE 700
#include <ftw.h>
#define HAS_LIBC_ZONES 1
#endif
#include <cxm/zone.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

#define US INT64_C(1000000)
#define FIRST INT64_C(-62135596800000000)       /* 0001-01-01T00:00:00Z */
#define LAST INT64_C(253402300799999999)        /* 9999-12-31T23:59:59.999999Z */

/* --- files, written field by field --- */

enum { ROOM = 4096, TYPES_MOST = 8 };
typedef struct bytes { unsigned char at[ROOM]; size_t len; } bytes;
typedef struct change { int64_t at_s; int type; } change;
typedef struct local { int32_t offset; int summer, name; } local;

/* What a block tells; `leap`, `isstd` and `isut` are counts of zero bytes. */
typedef struct content {
    const change *changes;
    uint32_t count;
    local types[TYPES_MOST];
    uint32_t type_count, leap, isstd, isut;
    const char *names;                          /* NULL: "LMT\0CET\0CEST\0" */
} content;

static void put(bytes *to, const void *from, size_t len)
{
    assert_true(len <= ROOM - to->len);
    memcpy(to->at + to->len, from, len);
    to->len += len;
}

static void put_number(bytes *to, int64_t number, int size)
{
    unsigned char big[8];
    for (int i = 0; i < size; ++i) big[i] = (unsigned char)((uint64_t)number >> 8 * (size - 1 - i));
    put(to, big, (size_t)size);
}

static void put_zeros(bytes *to, size_t count)
{
    static const unsigned char zeros[512];
    put(to, zeros, count);
}

static void put_block(bytes *to, char version, int time_bytes, const content *c)
{
    const char *names = c->names ? c->names : "LMT\0CET\0CEST";
    uint32_t name_bytes = c->names ? (uint32_t)strlen(names) : 13;
    uint32_t counts[6] = {c->isut, c->isstd, c->leap, c->count, c->type_count, name_bytes};
    put(to, "TZif", 4);
    put(to, &version, 1);
    put_zeros(to, 15);
    for (int i = 0; i < 6; ++i) put_number(to, counts[i], 4);
    for (uint32_t i = 0; i < c->count; ++i) put_number(to, c->changes[i].at_s, time_bytes);
    for (uint32_t i = 0; i < c->count; ++i) put_number(to, c->changes[i].type, 1);
    for (uint32_t i = 0; i < c->type_count; ++i) {
        put_number(to, c->types[i].offset, 4);
        put_number(to, c->types[i].summer, 1);
        put_number(to, c->types[i].name, 1);
    }
    put(to, names, name_bytes);
    put_zeros(to, c->leap * (size_t)(time_bytes + 4) + c->isstd + c->isut);
}

/* From version '2' on a first block without changes, then `c`, then the footer (NULL: none at all). */
static bytes file_of(char version, const content *c, const char *footer)
{
    static const content nothing = {.type_count = 1};
    bytes b = {.len = 0};
    put_block(&b, version, 4, version ? &nothing : c);
    if (version) put_block(&b, version, 8, c);
    if (version && footer) put(&b, footer, strlen(footer));
    return b;
}

/* Reads from a block of its exact size, so that a sanitizer sees one byte too far. */
static cxm_status read_exactly(const unsigned char *from, size_t len, cxm_zone **out, cxm_error *error)
{
    unsigned char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, from, len);
    cxm_status status = cxm_zone_from_tzif(exact, len, NULL, out, error);
    free(exact);
    return status;
}

static cxm_zone *zone_of(const bytes *b)
{
    cxm_zone *zone = NULL;
    cxm_error error = {.size = sizeof error};
    if (read_exactly(b->at, b->len, &zone, &error) != CXM_OK) fail_msg("byte %d: %s", (int)error.byte_offset, error.text);
    assert_non_null(zone);
    return zone;
}

static void assert_refused(const bytes *b, cxm_status want, const char *why)
{
    cxm_zone *zone = (cxm_zone *)(uintptr_t)64;
    cxm_error error = {.size = sizeof error};
    assert_int_equal(read_exactly(b->at, b->len, &zone, &error), want);
    assert_true(zone == (cxm_zone *)(uintptr_t)64);
    assert_int_equal(error.status, want);
    assert_true(error.byte_offset <= b->len);
    if (!strstr(error.text, why)) fail_msg("\"%s\" lacks \"%s\"", error.text, why);
}

static int32_t offset_at(const cxm_zone *zone, int64_t at_us)
{
    int32_t offset = INT32_MIN;
    assert_int_equal(cxm_zone_offset(zone, at_us, &offset, NULL, NULL), CXM_OK);
    return offset;
}

/* Years 1 to 9999 in stretches without gaps, constant within and of real length; returns how many. */
static size_t assert_tiles(const cxm_zone *zone)
{
    size_t count = 0;
    int64_t at = FIRST, from, until;
    for (; at <= LAST; at = until, ++count) {
        int32_t offset, again;
        int64_t same_from, same_until;
        assert_int_equal(cxm_zone_offset(zone, at, &offset, &from, &until), CXM_OK);
        assert_true(from == at && until > at && until <= LAST + 1);
        assert_true(offset >= -89999 && offset <= 93599);
        assert_int_equal(cxm_zone_offset(zone, until - 1, &again, &same_from, &same_until), CXM_OK);
        assert_true(again == offset && same_from == from && same_until == until);
    }
    assert_true(at == LAST + 1);
    return count;
}

/* --- what a file tells --- */

static const change paris[] = {{-2000000000, 1}, {-1000000000, 2}, {0, 1}, {1700000000, 2}, {1710000000, 1}};
static const content small = {paris, 5, {{561, 0, 0}, {3600, 0, 4}, {7200, 1, 8}}, 3, 0, 0, 0, NULL};

static void every_version_tells_its_changes(void **state)
{
    (void)state;
    static const char versions[] = {0, '2', '3', '4'};
    for (size_t v = 0; v < COUNT_OF(versions); ++v) {
        bytes b = file_of(versions[v], &small, "\nCET-1\n");
        cxm_zone *zone = zone_of(&b);
        assert_int_equal(offset_at(zone, FIRST), 561);
        for (size_t i = 0; i < COUNT_OF(paris); ++i) {
            int64_t at = paris[i].at_s * US;
            assert_int_equal(offset_at(zone, at - 1), i ? small.types[paris[i - 1].type].offset : 561);
            assert_int_equal(offset_at(zone, at), small.types[paris[i].type].offset);
        }
        assert_int_equal(offset_at(zone, LAST), 3600);
        assert_int_equal(assert_tiles(zone), 6);
        assert_true(cxm_zone_bytes(zone) > 0 && cxm_zone_bytes(zone) < 10240 + 12 * 5);
        cxm_zone_free(zone);
    }
}

/* The data of version 1 before others are stepped over: changes there mean nothing. */
static void the_first_block_is_skipped(void **state)
{
    (void)state;
    bytes b = {.len = 0};
    static const content other = {.type_count = 1, .types = {{-7200, 0, 0}}};
    put_block(&b, '2', 4, &small);
    put_block(&b, '2', 8, &other);
    put(&b, "\n\n", 2);
    cxm_zone *zone = zone_of(&b);
    assert_int_equal(assert_tiles(zone), 1);
    assert_int_equal(offset_at(zone, 0), -7200);
    cxm_zone_free(zone);
}

static void without_changes_the_footer_holds_from_the_beginning(void **state)
{
    (void)state;
    static const content none = {.type_count = 1, .types = {{60, 0, 0}}};
    static const struct { const char *footer; int32_t offset; size_t stretches; } rows[] = {
        {"\n\n", 60, 1}, {"\nXYZ-2:30\n", 9000, 1}, {"\n<+0545>-5:45\n", 20700, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        bytes b = file_of('2', &none, rows[i].footer);
        cxm_zone *zone = zone_of(&b);
        assert_int_equal(offset_at(zone, 0), rows[i].offset);
        assert_int_equal(assert_tiles(zone), rows[i].stretches);
        cxm_zone_free(zone);
    }
    bytes old = file_of(0, &none, NULL);
    cxm_zone *zone = zone_of(&old);
    assert_int_equal(offset_at(zone, LAST), 60);
    cxm_zone_free(zone);
}

/* 2026: 29 March and 25 October, 01:00 UTC; the file itself ends in March 2024. */
static void the_footer_follows_the_last_change(void **state)
{
    (void)state;
    bytes b = file_of('2', &small, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    cxm_zone *zone = zone_of(&b);
    const int64_t march24 = INT64_C(1711846800), march26 = INT64_C(1774746000), october26 = INT64_C(1792890000);
    assert_int_equal(offset_at(zone, 1710000000 * US), 3600);
    assert_int_equal(offset_at(zone, march24 * US - 1), 3600);
    assert_int_equal(offset_at(zone, march24 * US), 7200);
    assert_int_equal(offset_at(zone, march26 * US - 1), 3600);
    assert_int_equal(offset_at(zone, march26 * US), 7200);
    assert_int_equal(offset_at(zone, october26 * US - 1), 7200);
    assert_int_equal(offset_at(zone, october26 * US), 3600);
    assert_true(assert_tiles(zone) >= 6 + 2 * (9999 - 2024));
    cxm_zone_free(zone);
}

/* A change before year 1 is how time begins; one past 9999 never comes, nor does a footer behind it. */
static void changes_outside_the_years(void **state)
{
    (void)state;
    static const change early[] = {{-(INT64_C(1) << 59), 0}, {FIRST / US - 1, 1}, {0, 2}};
    static const change at_first[] = {{FIRST / US, 1}, {LAST / US, 2}, {LAST / US + 1, 0}};
    static const change late[] = {{0, 1}, {INT64_MAX, 2}};
    static const change lowest[] = {{INT64_MIN, 2}};
    content c = small;
    c.changes = early, c.count = 3;
    bytes b = file_of('2', &c, "\nCEST-2\n");
    cxm_zone *zone = zone_of(&b);
    assert_int_equal(offset_at(zone, FIRST), 3600);
    assert_int_equal(assert_tiles(zone), 2);
    cxm_zone_free(zone);
    c.changes = at_first;
    b = file_of('2', &c, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    zone = zone_of(&b);
    assert_int_equal(offset_at(zone, FIRST), 3600);
    assert_int_equal(offset_at(zone, LAST - US), 3600);
    assert_int_equal(offset_at(zone, LAST), 7200);
    assert_int_equal(assert_tiles(zone), 2);
    cxm_zone_free(zone);
    c.changes = late, c.count = 2;
    b = file_of('4', &c, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    zone = zone_of(&b);
    assert_int_equal(assert_tiles(zone), 2);
    assert_int_equal(offset_at(zone, LAST), 3600);
    cxm_zone_free(zone);
    c.changes = lowest, c.count = 1;
    b = file_of('2', &c, "\n\n");
    zone = zone_of(&b);
    assert_int_equal(assert_tiles(zone), 1);
    assert_int_equal(offset_at(zone, FIRST), 7200);
    cxm_zone_free(zone);
}

/* Types of one offset are one stretch, also where summer and name differ. */
static void equal_offsets_are_one_stretch(void **state)
{
    (void)state;
    static const change five[] = {{0, 1}, {100, 0}, {200, 2}, {300, 3}, {301, 2}};
    static const content c = {five, 5, {{3600, 0, 0}, {3600, 1, 4}, {7200, 1, 8}, {7200, 0, 4}}, 4, 0, 4, 4, NULL};
    bytes b = file_of('2', &c, "\nCEST-2\n");
    cxm_zone *zone = zone_of(&b);
    int64_t from, until;
    int32_t offset;
    assert_int_equal(assert_tiles(zone), 2);
    assert_int_equal(cxm_zone_offset(zone, 150 * US, &offset, &from, &until), CXM_OK);
    assert_true(offset == 3600 && from == FIRST && until == 200 * US);
    assert_int_equal(cxm_zone_offset(zone, 300 * US, &offset, &from, &until), CXM_OK);
    assert_true(offset == 7200 && from == 200 * US && until == LAST + 1);
    cxm_zone_free(zone);
}

static void bytes_behind_the_footer_are_left_alone(void **state)
{
    (void)state;
    bytes b = file_of('2', &small, "\nCET-1\ncomes later\n");
    cxm_zone *zone = zone_of(&b);
    assert_int_equal(offset_at(zone, LAST), 3600);
    cxm_zone_free(zone);
}

/* RFC 9636, 3.2: an offset lies within -25 h and +26 h, both excluded. */
static void offsets_reach_the_limits(void **state)
{
    (void)state;
    static const struct { int32_t offset; bool fine; } rows[] = {
        {-89999, true}, {93599, true}, {-90000, false}, {93600, false}, {INT32_MIN, false}, {INT32_MAX, false}, {0, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        content c = small;
        c.types[1].offset = rows[i].offset;
        bytes b = file_of('2', &c, "\n\n");
        if (!rows[i].fine) assert_refused(&b, CXM_E_FORMAT, "out of its range");
        if (!rows[i].fine) continue;
        cxm_zone *zone = zone_of(&b);
        assert_int_equal(offset_at(zone, LAST), rows[i].offset);
        assert_tiles(zone);
        cxm_zone_free(zone);
    }
}

/* --- files that lie --- */

static void each_count_and_index_is_checked(void **state)
{
    (void)state;
    static const char footer[] = "\nCET-1\n";
    static const change wrong[] = {{0, 3}}, equal[] = {{0, 1}, {0, 2}}, falling[] = {{1, 1}, {0, 2}};
    struct { content c; const char *why; } rows[] = {
        {{.type_count = 0}, "no local time"},
        {{.type_count = 1, .names = ""}, "no local time"},
        {{.changes = wrong, .count = 1, .types = {{0, 0, 0}}, .type_count = 3}, "leads to no local time"},
        {{.changes = equal, .count = 2, .type_count = 3}, "not in order"},
        {{.changes = falling, .count = 2, .type_count = 3}, "not in order"},
        {{.type_count = 2, .isut = 1}, "contradict"}, {{.type_count = 2, .isstd = 1}, "contradict"},
        {{.type_count = 2, .isstd = 3}, "contradict"}, {{.type_count = 1, .leap = 1}, "leap seconds"},
        {{.type_count = 1, .leap = 27}, "leap seconds"}, {{.type_count = 1, .types = {{0, 2, 0}}}, "out of its range"},
        {{.type_count = 1, .types = {{0, 0, 13}}}, "out of its range"}, {{.type_count = 2, .types = {{0, 0, 0}, {0, 0, 255}}}, "out of its range"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        for (int old = 0; old < 2; ++old) {
            bytes b = file_of(old ? 0 : '2', &rows[i].c, footer);
            print_message("%zu %s\n", i, rows[i].why);
            assert_refused(&b, CXM_E_FORMAT, rows[i].why);
        }
}

/* Each count of both headers, as large as can be: no sum wraps, nothing is read past the end. */
static void counts_past_the_end(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 255, 256, 257, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};
    bytes whole = file_of('2', &small, "\nCET-1\n");
    size_t second = 44 + 6 + 13;
    size_t refused = 0;
    for (size_t header = 0; header < 2; ++header)
        for (size_t field = 0; field < 6; ++field)
            for (size_t i = 0; i < COUNT_OF(counts); ++i) {
                bytes b = whole;
                cxm_zone *zone = NULL;
                b.len = header * second + 20 + 4 * field;
                put_number(&b, counts[i], 4);
                b.len = whole.len;
                cxm_status status = read_exactly(b.at, b.len, &zone, NULL);
                assert_true(status == CXM_E_FORMAT || (status == CXM_OK && zone));
                refused += status != CXM_OK;
                cxm_zone_free(zone);
            }
    assert_true(refused >= 2 * 6 * 8);
}

/* 256 local times are as many as an index reaches; one more is a lie. */
static void local_times_by_the_hundred(void **state)
{
    (void)state;
    for (uint32_t count = 256; count <= 257; ++count) {
        bytes b = {.len = 0};
        put(&b, "TZif", 4);
        put_zeros(&b, 16);
        uint32_t counts[6] = {0, 0, 0, 1, count, 1};
        for (int i = 0; i < 6; ++i) put_number(&b, counts[i], 4);
        put_number(&b, 0, 4);
        put_number(&b, 255, 1);
        for (uint32_t i = 0; i < count; ++i) {
            put_number(&b, (int64_t)i * 60, 4);
            put_zeros(&b, 2);
        }
        put_zeros(&b, 1);
        if (count == 257) assert_refused(&b, CXM_E_FORMAT, "too many");
        if (count == 257) continue;
        cxm_zone *zone = zone_of(&b);
        assert_int_equal(offset_at(zone, 0), 255 * 60);
        assert_int_equal(offset_at(zone, -1), 0);
        cxm_zone_free(zone);
    }
}

static void headers_and_footers(void **state)
{
    (void)state;
    static const struct { char version; const char *footer; cxm_status status; const char *why; } rows[] = {
        {'5', "\n\n", CXM_E_VERSION, "later version"}, {'1', "\n\n", CXM_E_VERSION, "later version"},
        {1, "\n\n", CXM_E_VERSION, "later version"}, {-1, "\n\n", CXM_E_VERSION, "later version"},
        {'2', NULL, CXM_E_FORMAT, "footer"}, {'2', "", CXM_E_FORMAT, "footer"}, {'2', "\n", CXM_E_FORMAT, "footer"},
        {'2', "CET-1\n", CXM_E_FORMAT, "footer"}, {'2', "\nCET-1", CXM_E_FORMAT, "footer"},
        {'3', "\nCET\n", CXM_E_FORMAT, "a time is"}, {'3', "\nCET-1CEST\n", CXM_E_FORMAT, "summer time needs"},
        {'4', "\nCE-1\n", CXM_E_FORMAT, "a name has"}, {'4', "\nCET-1CEST,M3.6.0,M10.5.0\n", CXM_E_FORMAT, "a date is"},
        {'2', "\n CET-1\n", CXM_E_FORMAT, "a name has"}, {'2', "\nCET-1 \n", CXM_E_FORMAT, "a name has"},
        {'2', "\nCET-1\r\n", CXM_E_FORMAT, "a name has"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        bytes b = file_of(rows[i].version, &small, rows[i].footer);
        print_message("%zu %s\n", i, rows[i].why);
        assert_refused(&b, rows[i].status, rows[i].why);
    }
    bytes b = file_of('2', &small, "\n\n"), other = b;
    other.at[0] = 't';
    assert_refused(&other, CXM_E_FORMAT, "no compiled zone file");
    other = b;
    other.at[44 + 6 + 13] = 'X';                /* the second header */
    assert_refused(&other, CXM_E_FORMAT, "no compiled zone file");
}

/* The fault's byte is where the footer's text stops being one. */
static void a_footer_tells_its_byte(void **state)
{
    (void)state;
    bytes b = file_of('2', &small, "\nCET-1CEST,M13.5.0,M10.5.0\n");
    cxm_zone *zone = NULL;
    cxm_error error = {.size = sizeof error};
    size_t footer = b.len - strlen("CET-1CEST,M13.5.0,M10.5.0\n");
    assert_int_equal(read_exactly(b.at, b.len, &zone, &error), CXM_E_FORMAT);
    assert_in_range(error.byte_offset, footer + 10, footer + 13);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    for (int old = 0; old < 2; ++old) {
        bytes b = file_of(old ? 0 : '3', &small, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
        for (size_t len = 0; len < b.len; ++len) {
            cxm_zone *zone = NULL;
            cxm_error error = {.size = sizeof error};
            assert_int_equal(read_exactly(b.at, len, &zone, &error), CXM_E_FORMAT);
            assert_true(!zone && error.byte_offset <= len && error.text_len > 0);
        }
    }
}

/* Each byte of a file becomes each of some others: refused, or a zone as good as any. */
static void every_byte_changed(void **state)
{
    (void)state;
    static const unsigned char others[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, '\n', '9', ','};
    size_t read = 0, refused = 0;
    bytes whole = file_of('2', &small, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    for (size_t at = 0; at < whole.len; ++at)
        for (size_t i = 0; i < COUNT_OF(others) + 8; ++i) {
            bytes b = whole;
            cxm_zone *zone = NULL;
            b.at[at] = (unsigned char)(i < COUNT_OF(others) ? others[i] : b.at[at] ^ (1u << (i - COUNT_OF(others))));
            cxm_status status = read_exactly(b.at, b.len, &zone, NULL);
            if (status == CXM_OK && i % 4 == 0) assert_tiles(zone);
            assert_true((status == CXM_OK) == (zone != NULL));
            ++*(zone ? &read : &refused);
            cxm_zone_free(zone);
        }
    print_message("%zu changed files read, %zu refused\n", read, refused);
    assert_true(read > 100 && refused > 100);
}

/* --- the rest of the interface --- */

static void fixed_offsets(void **state)
{
    (void)state;
    static const int32_t fine[] = {0, 3600, -3600, 19800, 86399, -86399, 1}, wrong[] = {86400, -86400, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < COUNT_OF(fine); ++i) {
        cxm_zone *zone = NULL;
        assert_int_equal(cxm_zone_fixed(fine[i], NULL, &zone), CXM_OK);
        assert_int_equal(offset_at(zone, 0), fine[i]);
        assert_int_equal(assert_tiles(zone), 1);
        cxm_zone_free(zone);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        cxm_zone *zone = NULL;
        assert_int_equal(cxm_zone_fixed(wrong[i], NULL, &zone), CXM_E_ARG);
        assert_null(zone);
    }
}

static void wrong_arguments_change_nothing(void **state)
{
    (void)state;
    cxm_zone *zone = NULL;
    int32_t offset = -7;
    int64_t from = -7, until = -7;
    bytes b = file_of('2', &small, "\n\n");
    cxm_alloc half = {NULL, NULL, NULL, NULL};
    assert_int_equal(cxm_zone_from_tzif(NULL, 44, NULL, &zone, NULL), CXM_E_ARG);
    assert_int_equal(cxm_zone_from_tzif(b.at, b.len, NULL, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_zone_from_tzif(b.at, b.len, &half, &zone, NULL), CXM_E_ARG);
    assert_int_equal(cxm_zone_from_posix(NULL, 3, NULL, &zone, NULL), CXM_E_ARG);
    assert_int_equal(cxm_zone_from_posix("UTC0", 4, NULL, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_zone_from_posix("UTC0", 4, &half, &zone, NULL), CXM_E_ARG);
    assert_int_equal(cxm_zone_fixed(0, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_zone_fixed(0, &half, &zone), CXM_E_ARG);
    assert_null(zone);
    assert_int_equal(cxm_zone_bytes(NULL), 0);
    cxm_zone_free(NULL);
    assert_int_equal(cxm_zone_fixed(60, NULL, &zone), CXM_OK);
    assert_int_equal(cxm_zone_offset(NULL, 0, &offset, &from, &until), CXM_E_ARG);
    assert_int_equal(cxm_zone_offset(zone, 0, NULL, &from, &until), CXM_E_ARG);
    assert_int_equal(cxm_zone_offset(zone, FIRST - 1, &offset, &from, &until), CXM_E_DOMAIN);
    assert_int_equal(cxm_zone_offset(zone, LAST + 1, &offset, &from, &until), CXM_E_DOMAIN);
    assert_int_equal(cxm_zone_offset(zone, INT64_MIN, &offset, &from, &until), CXM_E_DOMAIN);
    assert_int_equal(cxm_zone_offset(zone, INT64_MAX, &offset, &from, &until), CXM_E_DOMAIN);
    assert_true(offset == -7 && from == -7 && until == -7);
    cxm_zone_free(zone);
}

/* What the header promises of memory, and what cxm_zone_bytes() says, is what the hook saw. */
static void memory_is_as_told(void **state)
{
    (void)state;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_zone *zone = NULL;
    bytes b = file_of('2', &small, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    assert_int_equal(cxm_zone_from_tzif(b.at, b.len, &hook, &zone, NULL), CXM_OK);
    assert_int_equal(own.live, cxm_zone_bytes(zone));
    assert_int_equal(own.calls, 1);
    assert_true(own.live <= 10240 + 12 * COUNT_OF(paris));
    cxm_zone_free(zone);
    assert_int_equal(own.live, 0);
    for (int i = 0; i < 3; ++i) {
        ledger poor = {.fail_at = 1};
        hook = ledger_hook(&poor);
        zone = NULL;
        cxm_status status = i == 0 ? cxm_zone_from_tzif(b.at, b.len, &hook, &zone, NULL)
                            : i == 1 ? cxm_zone_from_posix("UTC0", 4, &hook, &zone, NULL) : cxm_zone_fixed(0, &hook, &zone);
        assert_int_equal(status, CXM_E_MEMORY);
        assert_true(!zone && poor.live == 0);
    }
}

/* --- the zone files of the system, beside what libc makes of them --- */

#ifdef HAS_LIBC_ZONES
enum { RANDOM_INSTANTS = 300 };
static const char folder[] = "/usr/share/zoneinfo";
static struct { size_t read, leaps, other, instants, changes; } seen;
static uint64_t seed = 20261130;

/* Days since 1970 of a date, by counting leap years: what libc's fields are worth. */
static int64_t days_to(int64_t year, int day_of_year)
{
    int64_t before = year - 1;
    return 365 * before + before / 4 - before / 100 + before / 400 + day_of_year - 719162;
}

static int32_t libc_offset(int64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm shown;
    assert_non_null(localtime_r(&at, &shown));
    int64_t wall = days_to(shown.tm_year + INT64_C(1900), shown.tm_yday) * 86400 + shown.tm_hour * 3600 + shown.tm_min * 60 + shown.tm_sec;
    return (int32_t)(wall - at_s);
}

/* Outside years 2 to 9998 libc's own local years pass what days_to() counts. */
static void compare_at(const cxm_zone *zone, const char *path, int64_t at_s)
{
    if (at_s < FIRST / US + 366 * 86400 || at_s > LAST / US - 366 * 86400) return;
    int32_t got = offset_at(zone, at_s * US), want = libc_offset(at_s);
    if (got != want) fail_msg("%s at %lld: %d, libc says %d", path, (long long)at_s, (int)got, (int)want);
    ++seen.instants;
}

static void compare_with_libc(const cxm_zone *zone, const char *path)
{
    char name[512];
    snprintf(name, sizeof name, ":%s", path);
    setenv("TZ", name, 1);
    tzset();
    for (int i = 0; i < RANDOM_INSTANTS; ++i) {
        uint64_t r = test_rand(&seed);
        int64_t wide = FIRST / US + (int64_t)(r % (uint64_t)(LAST / US - FIRST / US)), near = (int64_t)(r % UINT64_C(6311433600)) - INT64_C(2208988800);
        compare_at(zone, path, i % 4 ? near : wide);
    }
    size_t changes = 0;
    for (int64_t at = FIRST, until; at <= LAST; at = until, ++changes) {
        int32_t offset;
        assert_int_equal(cxm_zone_offset(zone, at, &offset, NULL, &until), CXM_OK);
        if (changes > 700 && changes % 97) continue;                   /* the rule, again and again */
        compare_at(zone, path, until / US - 1);
        compare_at(zone, path, until / US);
        compare_at(zone, path, until / US + 1);
        ++seen.changes;
    }
}

static int look_at(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    static unsigned char content_of[1 << 20];
    (void)info;
    (void)walk;
    if (kind != FTW_F) return 0;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(content_of, 1, sizeof content_of, file);
    fclose(file);
    cxm_zone *zone = NULL;
    cxm_error error = {.size = sizeof error};
    cxm_status status = read_exactly(content_of, len, &zone, &error);
    if (len < 4 || memcmp(content_of, "TZif", 4) != 0) {
        assert_int_equal(status, CXM_E_FORMAT);
        ++seen.other;
    } else if (status != CXM_OK) {
        if (!strstr(error.text, "leap seconds")) fail_msg("%s: byte %d: %s", path, (int)error.byte_offset, error.text);
        ++seen.leaps;
    } else {
        ++seen.read;
        assert_tiles(zone);
        compare_with_libc(zone, path);
    }
    cxm_zone_free(zone);
    return 0;
}

static void files_of_the_system_agree_with_libc(void **state)
{
    (void)state;
    const char *ci = getenv("CI");
    bool must = ci && strcmp(ci, "true") == 0;
    if (nftw(folder, look_at, 16, 0) != 0) {
        if (must) fail_msg("%s is not there", folder);
        print_message("left out: %s is not there\n", folder);
        skip();
    }
    print_message("%zu zone files read, %zu refused for leap seconds, %zu are none; %zu instants, %zu changes as libc has them\n", seen.read,
                  seen.leaps, seen.other, seen.instants, seen.changes);
    assert_true(!must || (seen.read >= 300 && seen.instants >= 300000));
    unsetenv("TZ");
    tzset();
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version_tells_its_changes),
        cmocka_unit_test(the_first_block_is_skipped),
        cmocka_unit_test(without_changes_the_footer_holds_from_the_beginning),
        cmocka_unit_test(the_footer_follows_the_last_change),
        cmocka_unit_test(changes_outside_the_years),
        cmocka_unit_test(equal_offsets_are_one_stretch),
        cmocka_unit_test(bytes_behind_the_footer_are_left_alone),
        cmocka_unit_test(offsets_reach_the_limits),
        cmocka_unit_test(each_count_and_index_is_checked),
        cmocka_unit_test(counts_past_the_end),
        cmocka_unit_test(local_times_by_the_hundred),
        cmocka_unit_test(headers_and_footers),
        cmocka_unit_test(a_footer_tells_its_byte),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_byte_changed),
        cmocka_unit_test(fixed_offsets),
        cmocka_unit_test(wrong_arguments_change_nothing),
        cmocka_unit_test(memory_is_as_told),
#ifdef HAS_LIBC_ZONES
        cmocka_unit_test(files_of_the_system_agree_with_libc),
#endif
    };
    return cmocka_run_group_tests_name("base/zone", tests, NULL, NULL);
}
