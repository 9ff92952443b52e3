/* SPDX-License-Identifier: MIT */
/* fuzz_csv.c - any bytes, read whole, in pieces and by batches, are the same rows in bounded memory.
 *
 * Input: byte 0 delimiter, 1 columns, 2 field and 3 row bound (0 = default), 4 and 5 the cuts; the
 * rest is the text. abort() when a view leaves its memory, the bound is passed, or the two differ. */
#include <cxm/csv.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(that) do { if (!(that)) abort(); } while (0)

typedef struct account { uint64_t used, most; } account;
typedef struct digest { uint64_t hash, projected; cxm_status status; cxm_error error; cxm_csv_info info; } digest;
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

enum { PROJECTED = 3, BATCH = 5 };
static const uint32_t columns[PROJECTED] = {0, 3, 1};

/* What a batch tells of a row. */
static uint64_t mix_projected(uint64_t hash, uint64_t row, uint64_t line, uint64_t flags, const cxm_view *fields)
{
    uint64_t numbers[3] = {row, line, flags};
    hash = mix(hash, numbers, sizeof numbers);
    for (uint32_t i = 0; i < PROJECTED; ++i) {
        uint64_t len = fields[i].text ? fields[i].len : UINT64_MAX;
        hash = mix(hash, &len, sizeof len);
        if (fields[i].text && fields[i].len) hash = mix(hash, fields[i].text, fields[i].len);
    }
    return hash;
}

static uint64_t project(uint64_t hash, const cxm_csv_row *row)
{
    cxm_view fields[PROJECTED] = {{NULL, 0}};
    for (uint32_t i = 0; i < PROJECTED; ++i)
        if (columns[i] < row->count) fields[i] = row->fields[columns[i]];
    return mix_projected(hash, row->row, row->line, row->flags, fields);
}

/* The next rows into the digest, by a row or by a batch. */
static cxm_status read_next(cxm_csv *csv, const cxm_csv_options *options, int by_batch, digest *d)
{
    cxm_view fields[BATCH * PROJECTED];
    uint64_t lines[BATCH];
    uint32_t flags[BATCH];
    cxm_csv_batch batch = {.size = sizeof batch, .max_rows = BATCH, .fields = fields, .lines = lines, .flags = flags};
    cxm_csv_row row = {.size = sizeof row};
    cxm_status status = by_batch ? cxm_csv_next_batch(csv, columns, PROJECTED, &batch, &d->error)
                                 : cxm_csv_next(csv, &row, &d->error);
    if (status != CXM_OK) return status;
    if (!by_batch) {
        d->hash = mix_row(d->hash, &row, options);
        d->projected = project(d->projected, &row);
    }
    CHECK(by_batch == 0 || (batch.rows >= 1 && batch.rows <= BATCH));
    for (uint32_t i = 0; by_batch && i < batch.rows; ++i)
        d->projected = mix_projected(d->projected, batch.first_row + i, lines[i], flags[i], fields + i * PROJECTED);
    return CXM_OK;
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

static digest read_cut(const cxm_csv_options *options, cuts from, int by_batch)
{
    account a = {0, cxm_csv_bytes(options)};
    cxm_alloc hook = {&a, count_alloc, count_resize, count_free};
    digest d = {.hash = UINT64_C(0xCBF29CE484222325), .projected = 1, .error.size = sizeof d.error, .info.size = sizeof d.info};
    cxm_csv *csv = NULL;
    uint8_t *piece = NULL;
    CHECK(cxm_csv_create(options, &hook, &csv) == CXM_OK);
    while ((d.status = read_next(csv, options, by_batch, &d)) == CXM_OK || d.status == CXM_MORE) {
        if (d.status == CXM_OK) continue;
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

/* From each place the transitions of two parts join to that of the whole. */
static void check_split(const uint8_t *bytes, size_t len, size_t cut)
{
    for (int32_t place = CXM_CSV_AT_ROW; place <= CXM_CSV_BEHIND_CR; ++place) {
        int32_t whole, end;
        int64_t whole_at, first, second;
        CHECK(cxm_csv_split(',', place, bytes, len, &whole, &whole_at) == CXM_OK);
        CHECK(cxm_csv_split(',', place, bytes, cut, &end, &first) == CXM_OK);
        CHECK(cxm_csv_split(',', end, bytes + cut, len - cut, &end, &second) == CXM_OK);
        CHECK(end == whole && whole_at == (second >= 0 ? (int64_t)cut + second : first));
    }
}

static void check_same(const digest *want, const digest *got)
{
    CHECK(want->projected == got->projected && want->status == got->status);
    CHECK(memcmp(&want->error, &got->error, sizeof got->error) == 0);
    CHECK(memcmp(&want->info, &got->info, sizeof got->info) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = {0, ',', ';', '\t', '|', 'a', 1, 0};
    if (size < 6) return 0;
    cxm_csv_options options = {.size = sizeof options, .delimiter = delimiters[data[0] % 8],
                               .max_columns = data[1], .max_field_bytes = data[2], .max_row_bytes = data[3]};
    cuts cut = {.bytes = data + 6, .len = size - 6, .first = data[4], .second = data[5]}, whole = cut;
    whole.first = whole.second = 0;
    digest want = read_cut(&options, whole, 0), got = read_cut(&options, cut, 0);
    CHECK(want.hash == got.hash);
    check_same(&want, &got);
    got = read_cut(&options, cut, 1);
    check_same(&want, &got);
    got = read_cut(&options, whole, 1);
    check_same(&want, &got);
    check_split(data + 6, size - 6, (size - 6) * data[4] / 256);
    return 0;
}
