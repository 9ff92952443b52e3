/* SPDX-License-Identifier: MIT */
/* fuzz_csv.c - any bytes, read whole and read in pieces, are the same rows in bounded memory.
 *
 * Input: byte 0 delimiter, 1 columns, 2 field and 3 row bound (0 = default), 4 and 5 the cuts; the
 * rest is the text. abort() when a view leaves its memory, the bound is passed, or the two differ. */
#include <cxm/csv.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(that) do { if (!(that)) abort(); } while (0)

typedef struct account { uint64_t used, most; } account;
typedef struct digest { uint64_t hash; cxm_status status; cxm_error error; cxm_csv_info info; } digest;
typedef struct cuts { const uint8_t *bytes; size_t len, at; uint8_t first, second; } cuts;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *count_alloc(void *ctx, size_t bytes)
{
    account *a = ctx;
    a->used += bytes;
    CHECK(a->used <= a->most);
    return malloc(bytes);
}

static void *count_resize(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    account *a = ctx;
    a->used += new_bytes - old_bytes;
    CHECK(a->used <= a->most);
    return realloc(ptr, new_bytes);
}

static void count_free(void *ctx, void *ptr, size_t bytes)
{
    ((account *)ctx)->used -= bytes;
    free(ptr);
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t len)        /* FNV-1a */
{
    for (size_t i = 0; i < len; ++i) hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001B3);
    return hash;
}

/* Every byte of every view is read here, so a view outside live memory meets the sanitizer. */
static uint64_t mix_row(uint64_t hash, const cxm_csv_row *row, const cxm_csv_options *options)
{
    uint64_t numbers[5] = {row->row, row->line, row->byte_offset, row->flags, row->count};
    CHECK(row->count >= 1 && (!options->max_columns || row->count <= options->max_columns));
    hash = mix(hash, numbers, sizeof numbers);
    for (uint32_t i = 0; i < row->count; ++i) {
        uint64_t len = row->fields[i].len;
        CHECK(!options->max_field_bytes || len <= options->max_field_bytes);
        hash = mix(hash, &len, sizeof len);
        if (len) hash = mix(hash, row->fields[i].text, row->fields[i].len);
    }
    return hash;
}

/* Lends the next piece from a block of its own, so that its ends are guarded. */
static uint8_t *feed_or_finish(cxm_csv *csv, cuts *from)
{
    size_t left = from->len - from->at, len = from->at % 2 ? from->first : from->second;
    if (left == 0) {
        CHECK(cxm_csv_finish(csv) == CXM_OK);
        return NULL;
    }
    if (len == 0 || len > left) len = from->first || from->second ? 1 : left;
    uint8_t *piece = malloc(len);
    CHECK(piece);
    memcpy(piece, from->bytes + from->at, len);
    from->at += len;
    CHECK(cxm_csv_feed(csv, piece, len) == CXM_OK);
    return piece;
}

static digest read_cut(const cxm_csv_options *options, cuts from)
{
    account a = {0, cxm_csv_bytes(options)};
    cxm_alloc hook = {&a, count_alloc, count_resize, count_free};
    digest d = {.hash = UINT64_C(0xCBF29CE484222325), .error.size = sizeof d.error, .info.size = sizeof d.info};
    cxm_csv_row row = {.size = sizeof row};
    cxm_csv *csv = NULL;
    uint8_t *piece = NULL;
    CHECK(cxm_csv_create(options, &hook, &csv) == CXM_OK);
    while ((d.status = cxm_csv_next(csv, &row, &d.error)) == CXM_OK || d.status == CXM_MORE) {
        if (d.status == CXM_OK) {
            d.hash = mix_row(d.hash, &row, options);
            continue;
        }
        free(piece);
        piece = feed_or_finish(csv, &from);
    }
    CHECK(d.status == CXM_END || (d.error.status == d.status && d.error.text_len > 0));
    CHECK(d.error.byte_offset <= from.len);
    CHECK(cxm_csv_info_get(csv, &d.info) == CXM_OK);
    cxm_csv_free(csv);
    free(piece);
    CHECK(a.used == 0);
    return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = {0, ',', ';', '\t', '|', 'a', 1, 0};
    if (size < 6) return 0;
    cxm_csv_options options = {.size = sizeof options, .delimiter = delimiters[data[0] % 8],
                               .max_columns = data[1], .max_field_bytes = data[2], .max_row_bytes = data[3]};
    cuts cut = {.bytes = data + 6, .len = size - 6, .first = data[4], .second = data[5]}, whole = cut;
    whole.first = whole.second = 0;
    digest want = read_cut(&options, whole), got = read_cut(&options, cut);
    CHECK(want.hash == got.hash && want.status == got.status);
    CHECK(memcmp(&want.error, &got.error, sizeof got.error) == 0);
    CHECK(memcmp(&want.info, &got.info, sizeof got.info) == 0);
    return 0;
}
