/* SPDX-License-Identifier: MIT */
/* source.c - a file or standard input as rows: read(2) into one buffer, the library's CSV reader behind. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024, STATE_MAX = 256 * 1024 * 1024 };
static const char STATE_MAGIC[4] = {'C', 'X', 'M', 1};

const char *delimiter_name(int32_t delimiter)
{
    return delimiter == ',' ? "comma" : delimiter == ';' ? "semicolon" : delimiter == '\t' ? "tab" : delimiter == '|' ? "bar" : "none";
}

const char *source_format(const source *in)
{
    if (in->state_len) return "state";
    cxm_csv_info info = {.size = sizeof info};
    cxm_csv_info_get(in->csv, &info);
    return info.delimiter == '\t' ? "tsv" : "csv";
}

const char *source_encoding(const source *in)
{
    cxm_csv_info info = {.size = sizeof info};
    cxm_csv_info_get(in->csv, &info);
    return in->odd_bytes ? "no valid UTF-8" : info.has_bom ? "UTF-8 BOM" : "UTF-8";
}

int out_of_memory(void)
{
    return complain(EXIT_IO, "out of memory");
}

int source_refused(const source *in, cxm_status status, const cxm_error *error)
{
    if (status == CXM_E_MEMORY) return out_of_memory();
    if (status == CXM_E_AMBIGUOUS)
        return complain(EXIT_INPUT, "%s: two delimiters stand equally often in the first row, so it can be read in two "
                                    "ways; say --format csv (comma) or --format tsv (tab)", in->name);
    if (error->column)
        return complain(EXIT_INPUT, "%s: row %llu, column %u, byte %llu: %s", in->name, (unsigned long long)error->row,
                        (unsigned)error->column, (unsigned long long)error->byte_offset, error->text);
    return complain(EXIT_INPUT, "%s: row %llu, byte %llu: %s", in->name, (unsigned long long)error->row,
                    (unsigned long long)error->byte_offset, error->text);
}

/* Bytes of the file behind those already in the buffer; 0 at its end. */
static int read_more(source *in, size_t used, size_t *got)
{
    ssize_t n;
    do n = read(in->fd, in->buffer + used, in->buffer_bytes - used);
    while (n < 0 && errno == EINTR);
    *got = n > 0 ? (size_t)n : 0;
    return n >= 0 ? EXIT_FINE : complain(EXIT_IO, "cannot read '%s': %s", in->name, strerror(errno));
}

/* Hands the reader the next piece of the file, or its end. */
static int fill(source *in)
{
    size_t n;
    int code = read_more(in, 0, &n);
    if (code != EXIT_FINE) return code;
    in->lent = n;
    in->lent_behind += n;
    if (n == 0) cxm_csv_finish(in->csv);
    else cxm_csv_feed(in->csv, in->buffer, n);
    return EXIT_FINE;
}

/* What to do about a reader's status that is no row: EXIT_FINE to ask it again, or at the end. */
static int go_on(source *in, cxm_status status, const cxm_error *error)
{
    if (status == CXM_MORE) return fill(in);
    return status == CXM_OK || status == CXM_END ? EXIT_FINE : source_refused(in, status, error);
}

static int pull(source *in, cxm_csv_row *row, bool *got)
{
    cxm_error error = {.size = sizeof error};
    cxm_status status;
    int code;
    do {
        status = cxm_csv_next(in->csv, row, &error);
        code = go_on(in, status, &error);
    } while (status == CXM_MORE && code == EXIT_FINE);
    *got = status == CXM_OK;
    return code;
}

int source_next(source *in, cxm_csv_row *row, bool *got)
{
    if (!in->has_held) return pull(in, row, got);
    in->has_held = false;
    *row = in->held;
    *got = true;
    return EXIT_FINE;
}

int source_next_batch(source *in, const uint32_t *wanted, uint32_t count, cxm_csv_batch *batch, bool *got)
{
    cxm_error error = {.size = sizeof error};
    cxm_status status;
    int code;
    do {
        status = cxm_csv_next_batch(in->csv, wanted, count, batch, &error);
        code = go_on(in, status, &error);
    } while (status == CXM_MORE && code == EXIT_FINE);
    *got = status == CXM_OK;
    return code;
}

/* A copy of a header cell without surrounding blanks, NUL terminated. */
static char *copy_name(cxm_view view, size_t *len)
{
    while (view.len && (view.text[0] == ' ' || view.text[0] == '\t')) ++view.text, --view.len;
    while (view.len && (view.text[view.len - 1] == ' ' || view.text[view.len - 1] == '\t')) --view.len;
    char *name = malloc(view.len + 1);
    if (!name) return NULL;
    if (view.len) memcpy(name, view.text, view.len);
    name[view.len] = '\0';
    *len = view.len;
    return name;
}

static int copy_names(source *in, const cxm_csv_row *row, bool is_header)
{
    in->names = calloc(row->count, sizeof *in->names);
    in->name_lens = calloc(row->count, sizeof *in->name_lens);
    if (!in->names || !in->name_lens) return out_of_memory();
    in->columns = row->count;
    for (uint32_t i = 0; i < row->count; ++i) {
        in->names[i] = copy_name(is_header ? row->fields[i] : (cxm_view){NULL, 0}, &in->name_lens[i]);
        if (!in->names[i]) return out_of_memory();
        in->odd_bytes |= !is_utf8(in->names[i], in->name_lens[i]);
    }
    return EXIT_FINE;
}

static bool is_value(cxm_view cell)
{
    double number;
    int64_t at_us;
    return cxm_text_number(cell.text, cell.len, '.', &number) == CXM_OK ||
           cxm_text_time(cell.text, cell.len, 0, &at_us, NULL) == CXM_OK;
}

/* A first row of nothing but numbers, times and blanks names no columns: it is data. */
static bool looks_like_data(const cxm_csv_row *row)
{
    bool any = false;
    for (uint32_t i = 0; i < row->count; ++i) {
        if (row->fields[i].len == 0) continue;
        if (!is_value(row->fields[i])) return false;
        any = true;
    }
    return any;
}

/* Where a comma can be no delimiter it may be a decimal sign. */
static int32_t decimal_sign(const source *in)
{
    cxm_csv_info info = {.size = sizeof info};
    cxm_csv_info_get(in->csv, &info);
    return info.delimiter == ';' || info.delimiter == '\t' ? ',' : '.';
}

static int read_header(source *in)
{
    cxm_csv_row row = {.size = sizeof row};
    bool got;
    int code = pull(in, &row, &got);
    if (code != EXIT_FINE) return code;
    if (!got) return complain(EXIT_INPUT, "%s: the file is empty", in->name);
    in->decimal = decimal_sign(in);
    in->header_rows = looks_like_data(&row) ? 0 : 1;
    if (in->header_rows == 0) {
        in->held = row;
        in->has_held = true;
    }
    return copy_names(in, &row, in->header_rows == 1);
}

static int open_file(source *in, const char *path)
{
    in->name = strcmp(path, "-") == 0 ? "standard input" : path;
    do in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY);
    while (in->fd < 0 && errno == EINTR);
    if (in->fd < 0) return complain(EXIT_IO, "cannot open '%s': %s", path, strerror(errno));
    in->start = (int64_t)lseek(in->fd, 0, SEEK_CUR);
    return EXIT_FINE;
}

/* The beginning of the file: enough to tell a state from text. */
static int read_head(source *in, size_t *len)
{
    size_t n = 1;
    int code = EXIT_FINE;
    for (*len = 0; *len < sizeof STATE_MAGIC && n > 0 && code == EXIT_FINE; *len += n) code = read_more(in, *len, &n);
    return code;
}

/* All of a state: it is short, and decoded as a whole. */
static int read_state(source *in, size_t len)
{
    size_t n = 1;
    int code = EXIT_FINE;
    while (n > 0 && code == EXIT_FINE) {
        if (len == in->buffer_bytes) {
            char *larger = len < STATE_MAX ? realloc(in->buffer, 2 * len) : NULL;
            if (!larger) return len < STATE_MAX ? out_of_memory() : complain(EXIT_LIMIT, "%s: the state is longer than 256 MiB", in->name);
            in->buffer = larger;
            in->buffer_bytes = 2 * len;
        }
        code = read_more(in, len, &n);
        len += n;
    }
    in->state_len = len;
    return code;
}

static int start_reader(source *in, size_t len, const options *opt)
{
    cxm_csv_options csv = {.size = sizeof csv, .delimiter = opt->delimiter};
    if (cxm_csv_create(&csv, NULL, &in->csv) != CXM_OK) return out_of_memory();
    in->lent = in->lent_behind = len;
    if (len) cxm_csv_feed(in->csv, in->buffer, len);
    else cxm_csv_finish(in->csv);
    return read_header(in);
}

/* Opens the file and reads its beginning. */
static int begin(source *in, const char *path, size_t *len)
{
    memset(in, 0, sizeof *in);
    int code = open_file(in, path);
    if (code != EXIT_FINE) return code;
    in->buffer_bytes = BUFFER_BYTES;
    in->buffer = malloc(in->buffer_bytes);
    return in->buffer ? read_head(in, len) : out_of_memory();
}

static bool is_state(const source *in, size_t len)
{
    return len >= sizeof STATE_MAGIC && memcmp(in->buffer, STATE_MAGIC, sizeof STATE_MAGIC) == 0;
}

int source_open(source *in, const char *path, const options *opt)
{
    size_t len = 0;
    int code = begin(in, path, &len);
    if (code != EXIT_FINE) return code;
    return is_state(in, len) ? read_state(in, len) : start_reader(in, len, opt);
}

int source_open_state(source *in, const char *path)
{
    size_t len = 0;
    int code = begin(in, path, &len);
    if (code != EXIT_FINE) return code;
    if (!is_state(in, len)) return complain(EXIT_INPUT, "%s: this is no state of cxm; score --state-out writes one", in->name);
    return read_state(in, len);
}

cxm_view source_unread(const source *in)
{
    cxm_csv_info info = {.size = sizeof info};
    cxm_csv_info_get(in->csv, &info);
    size_t left = (size_t)(in->lent_behind - info.bytes);
    return (cxm_view){in->buffer + in->lent - left, left};
}

int source_again(source *in, const char *path, const options *opt)
{
    int64_t start = in->start;
    bool back = start >= 0 && lseek(in->fd, (off_t)start, SEEK_SET) == (off_t)start;
    if (!back) return complain(EXIT_LIMIT, "%s: more segments than fit the memory bound; which ones are kept is for one thread to "
                                           "tell: say --threads 1", in->name);
    source_close(in);
    return source_open(in, path, opt);
}

cxm_csv_info source_info(const source *in)
{
    cxm_csv_info info = {.size = sizeof info};
    cxm_csv_info_get(in->csv, &info);
    return in->summed.size ? in->summed : info;
}

void source_tell_more(const source *in, const options *opt)
{
    cxm_csv_info i = source_info(in);
    remark(opt, "%s: %llu bytes, %llu rows with the header; ends: %llu LF, %llu CR LF, %llu CR; %llu blank lines skipped",
           in->name, (unsigned long long)i.bytes, (unsigned long long)i.rows, (unsigned long long)i.ends_lf,
           (unsigned long long)i.ends_crlf, (unsigned long long)i.ends_cr, (unsigned long long)i.blank_lines);
    if (i.first_ragged_line)
        remark(opt, "%s: %llu rows too short, %llu too long, %llu with bytes behind a closing quote; the first on line %llu",
               in->name, (unsigned long long)i.short_rows, (unsigned long long)i.long_rows,
               (unsigned long long)i.stray_rows, (unsigned long long)i.first_ragged_line);
}

void source_close(source *in)
{
    for (uint32_t i = 0; i < in->columns && in->names; ++i) free(in->names[i]);
    free(in->names);
    free(in->name_lens);
    cxm_csv_free(in->csv);
    free(in->buffer);
    if (in->fd > STDIN_FILENO) close(in->fd);
}
