/* SPDX-License-Identifier: MIT */
/* zone_tzif.c - the bytes of a compiled zone file.
 *
 *      header    "TZif", version (0, '2', '3', '4'), 15 bytes, six counts of 4 bytes: isut, isstd, leap, time, type, char
 *      data      times; a type for each; types of 6 bytes (offset, summer, name); names; leap seconds; isstd; isut
 *      from version 2 on a second header and data with times of 8 bytes, and "\n" POSIX TZ text "\n"
 * Numbers are big-endian. The data of version 1 are skipped where there are others.
 * Source   RFC 9636, 3.                                                                    */
#include "base/port.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/zone_parts.h"
#include <string.h>

enum { HEADER = 44, TYPE = 6 };
static const int32_t FURTHEST_WEST = -89999, FURTHEST_EAST = 93599;     /* what RFC 9636 lets an offset be */

typedef struct block {
    const unsigned char *times, *which, *types;
    uint32_t leap, time, type, name;
    int time_bytes;
} block;

typedef struct file { const unsigned char *start, *at, *end; const char *why; } file;

static bool fail(file *f, const char *why)
{
    if (!f->why) f->why = why;
    return false;
}

static uint32_t be32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int32_t signed32(const unsigned char *at)
{
    uint32_t bits = be32(at);
    return bits <= INT32_MAX ? (int32_t)bits : -(int32_t)(UINT32_MAX - bits) - 1;
}

static int64_t signed64(const unsigned char *at)
{
    uint64_t bits = (uint64_t)be32(at) << 32 | be32(at + 4);
    return bits <= INT64_MAX ? (int64_t)bits : -(int64_t)(UINT64_MAX - bits) - 1;
}

static size_t left(const file *f)
{
    return (size_t)(f->end - f->at);
}

/* Steps over a header and its data; counts of 32 bits times at most 12 bytes fit 64. */
static bool take_block(file *f, int time_bytes, block *out)
{
    if (left(f) < HEADER || memcmp(f->at, "TZif", 4) != 0) return fail(f, "it is no compiled zone file");
    uint32_t n[6];
    for (int i = 0; i < 6; ++i) n[i] = be32(f->at + 20 + 4 * i);
    *out = (block){.leap = n[2], .time = n[3], .type = n[4], .name = n[5], .time_bytes = time_bytes};
    uint64_t bytes = (uint64_t)n[3] * (unsigned)(time_bytes + 1) + (uint64_t)n[4] * TYPE + n[5] + (uint64_t)n[2] * (unsigned)(time_bytes + 4) +
                     n[1] + n[0];
    f->at += HEADER;
    if (bytes > left(f)) return fail(f, "it ends too early");
    if (n[4] == 0 || n[4] > 256 || n[5] == 0) return fail(f, "it has no local time, or too many");
    if ((n[0] && n[0] != n[4]) || (n[1] && n[1] != n[4])) return fail(f, "its counts contradict each other");
    out->times = f->at;
    out->which = out->times + (size_t)n[3] * (size_t)time_bytes;
    out->types = out->which + n[3];
    f->at += bytes;
    return true;
}

static int64_t time_at(const block *b, size_t i)
{
    const unsigned char *at = b->times + i * (size_t)b->time_bytes;
    return b->time_bytes == 8 ? signed64(at) : signed32(at);
}

static int32_t offset_of(const block *b, unsigned type)
{
    return signed32(b->types + TYPE * type);
}

static bool types_ok(const block *b)
{
    for (uint32_t i = 0; i < b->type; ++i) {
        const unsigned char *type = b->types + (size_t)TYPE * i;
        int32_t offset = signed32(type);
        if (offset < FURTHEST_WEST || offset > FURTHEST_EAST || type[4] > 1 || type[5] >= b->name) return false;
    }
    return true;
}

static bool check_block(file *f, const block *b)
{
    if (b->leap) return fail(f, "it counts leap seconds, which instants here have none of");
    if (!types_ok(b)) return fail(f, "a local time is out of its range");
    for (uint32_t i = 0; i < b->time; ++i) {
        if (b->which[i] >= b->type) return fail(f, "a change leads to no local time");
        if (i && time_at(b, i) <= time_at(b, i - 1)) return fail(f, "its changes are not in order");
    }
    return true;
}

static zone_change change_at(const void *ctx, size_t i)
{
    const block *b = ctx;
    return (zone_change){time_at(b, i), offset_of(b, b->which[i])};
}

/* "\n" text "\n"; empty text is no rule. */
static bool take_footer(file *f, zone_plan *out)
{
    zone_fault fault;
    const unsigned char *end = left(f) ? memchr(f->at + 1, '\n', left(f) - 1) : NULL;
    if (!end || *f->at != '\n') return fail(f, "its footer is missing");
    const char *text = (const char *)f->at + 1;
    size_t len = (size_t)(end - f->at) - 1;
    out->has_rule = len > 0;
    if (!out->has_rule || zone_rule_read(text, len, &out->rule, &fault)) return true;
    f->at += 1 + fault.at;
    return fail(f, fault.why);
}

static bool read_file(file *f, block *b, zone_plan *out)
{
    if (!take_block(f, 4, b)) return false;
    bool newer = f->start[4] != 0;
    if (newer && !take_block(f, 8, b)) return false;
    if (!check_block(f, b)) return false;
    *out = (zone_plan){.first_s = offset_of(b, 0), .count = b->time, .change = change_at, .ctx = b};
    return !newer || take_footer(f, out);
}

cxm_status cxm_zone_from_tzif(const void *bytes, size_t len, const cxm_alloc *alloc, cxm_zone **out, cxm_error *error)
{
    file f = {bytes, bytes, NULL, NULL};
    block b;
    zone_plan plan;
    if (!bytes || !out) return CXM_E_ARG;
    f.end = f.start + len;
    bool known = len < 5 || f.start[4] == 0 || (f.start[4] >= '2' && f.start[4] <= '4');
    if (!known && memcmp(f.start, "TZif", 4) == 0)
        return error_set(error, CXM_E_VERSION, (error_place){.byte_offset = 4}, "a zone file of a later version");
    if (!read_file(&f, &b, &plan))
        return error_set(error, CXM_E_FORMAT, (error_place){.byte_offset = (uint64_t)(f.at - f.start)}, f.why);
    return zone_build(&plan, alloc, out);
}
