/* SPDX-License-Identifier: MIT */
/* bench_csv.c - how fast delimited text becomes rows, beside what the machine can do with the same bytes.
 *
 *      bench_csv            64 MiB of survey-like rows made in memory, 6 % of them quoted
 *      bench_csv FILE       the file, also through read(2), and wc -l beside it
 *      bench_csv --rows ...   the same, with lines for bench/run.py at the end
 *
 * Ways run in turn, nine rounds, medians; the ratio is to the read-only pass, which no reader beats. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/csv.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

#define PIECE ((size_t)256 << 10)
#define MADE ((size_t)64 << 20)

typedef struct text { char *bytes; size_t len; const char *path; } text;
typedef struct way { const char *name; uint64_t (*run)(const text *); int needs_file; } way;

static uint64_t rows_seen, fields_seen;         /* of the latest run of the reader */
static volatile uint64_t sink;                  /* keeps the passes from being optimised away */

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % below);
}

/* One answer, about 100 bytes in 12 fields; 6 of 100 carry a quoted comment, half of those a line end. */
static int print_row(char *out, size_t room, uint64_t *seed, uint32_t id)
{
    static const char *const channels[] = {"email", "web", "in_app", "phone"};
    static const char *const comments[] = {"\"said \"\"fine\"\", twice\"", "\"slow,\nbut kind\""};
    static const uint32_t below[] = {100, 12, 28, 24, 60, 100000, 4, 11, 5, 4000, 100, 400};
    uint32_t v[sizeof below / sizeof *below];           /* drawn in this order, whatever the compiler */
    for (size_t i = 0; i < sizeof v / sizeof *v; ++i) v[i] = draw(seed, below[i]);
    return snprintf(out, room, "%07" PRIu32 ",2026-%02" PRIu32 "-%02" PRIu32 "T%02" PRIu32 ":%02" PRIu32 ":00Z,cust-%05" PRIu32
                    ",EU,%s,%" PRIu32 ",%" PRIu32 ",%" PRIu32 ".%02" PRIu32 ",closed,agent-%03" PRIu32 ",%s,enterprise\n",
                    id, 1 + v[1], 1 + v[2], v[3], v[4], v[5], channels[v[6]], v[7], 1 + v[8], v[9], v[10], v[11],
                    v[0] < 6 ? comments[v[0] % 2] : "no comment given");
}

static text make_text(void)
{
    static const char header[] = "id,at,customer,region,channel,nps,csat,wait_s,state,agent,comment,plan\n";
    text made = {.bytes = malloc(MADE + 512)};
    uint64_t seed = 20261122;
    if (!made.bytes) die("malloc");
    memcpy(made.bytes, header, sizeof header - 1);
    made.len = sizeof header - 1;
    for (uint32_t id = 0; made.len < MADE; ++id)
        made.len += (size_t)print_row(made.bytes + made.len, 512, &seed, id);
    return made;
}

static text load_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) die(path);
    long size = ftell(file);
    text loaded = {.bytes = malloc((size_t)size + 1), .len = (size_t)size, .path = path};
    rewind(file);
    if (!loaded.bytes || fread(loaded.bytes, 1, loaded.len, file) != loaded.len) die(path);
    fclose(file);
    return loaded;
}

static uint64_t read_only(const text *t)
{
    uint64_t sums[4] = {0}, word;
    for (size_t at = 0; at + 32 <= t->len; at += 32)
        for (size_t i = 0; i < 4; ++i) {
            memcpy(&word, t->bytes + at + 8 * i, sizeof word);
            sums[i] += word;
        }
    return sums[0] + sums[1] + sums[2] + sums[3];
}

/* Reads rows until the reader wants more; dies on an error. */
static void drain(cxm_csv *csv)
{
    cxm_csv_row row = {.size = sizeof row};
    cxm_error error = {.size = sizeof error};
    cxm_status status;
    while ((status = cxm_csv_next(csv, &row, &error)) == CXM_OK) {
        ++rows_seen;
        fields_seen += row.count;
    }
    if (status == CXM_MORE || status == CXM_END) return;
    fprintf(stderr, "row %" PRIu64 ", byte %" PRIu64 ": %s\n", error.row, error.byte_offset, error.text);
    exit(1);
}

static cxm_csv *open_reader(void)
{
    cxm_csv *csv = NULL;
    rows_seen = fields_seen = 0;
    if (cxm_csv_create(NULL, NULL, &csv) != CXM_OK) die("cxm_csv_create");
    return csv;
}

static uint64_t close_reader(cxm_csv *csv)
{
    if (cxm_csv_finish(csv) != CXM_OK) die("cxm_csv_finish");
    drain(csv);
    cxm_csv_free(csv);
    return fields_seen;
}

static uint64_t csv_memory(const text *t)
{
    cxm_csv *csv = open_reader();
    for (size_t at = 0; at < t->len; at += PIECE) {
        size_t len = t->len - at < PIECE ? t->len - at : PIECE;
        if (cxm_csv_feed(csv, t->bytes + at, len) != CXM_OK) die("cxm_csv_feed");
        drain(csv);
    }
    return close_reader(csv);
}

/* read(2) of the file, into the reader when there is one. */
static uint64_t read_file(const text *t, cxm_csv *csv)
{
    static char piece[PIECE];
    uint64_t sum = 0;
    ssize_t len;
    int fd = open(t->path, O_RDONLY);
    if (fd < 0) die(t->path);
    while ((len = read(fd, piece, sizeof piece)) > 0) {
        sum += (uint64_t)len;
        if (csv && cxm_csv_feed(csv, piece, (size_t)len) != CXM_OK) die("cxm_csv_feed");
        if (csv) drain(csv);
    }
    if (len < 0) die(t->path);
    close(fd);
    return sum;
}

static uint64_t file_alone(const text *t) { return read_file(t, NULL); }

static uint64_t csv_file(const text *t)
{
    cxm_csv *csv = open_reader();
    read_file(t, csv);
    return close_reader(csv);
}

static uint64_t wc_lines(const text *t)
{
    int state = 0;
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (null < 0 || dup2(null, 1) < 0) _exit(127);
        execlp("wc", "wc", "-l", t->path, (char *)NULL);
        _exit(127);
    }
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR) die("waitpid");
    return (uint64_t)state;
}

int main(int argc, char **argv)
{
    static const way ways[] = {{"read-only pass", read_only, 0}, {"cxm_csv, memory", csv_memory, 0},
                               {"read(2) of the file", file_alone, 1}, {"cxm_csv, read(2)", csv_file, 1},
                               {"wc -l, a process", wc_lines, 1}};
    enum { WAYS = sizeof ways / sizeof *ways };
    static double took[WAYS][ROUNDS];
    int rows = has_option(argc, argv, "--rows");
    text t = argc > 1 + rows ? load_text(argv[argc - 1]) : make_text();
    size_t shown = t.path ? WAYS : 2;
    double rate[WAYS];
    for (size_t round = 0; round < ROUNDS; ++round)
        for (size_t i = 0; i < shown; ++i) {
            double start = seconds();
            sink += ways[i].run(&t);
            took[i][round] = seconds() - start;
        }
    printf("%zu bytes, %" PRIu64 " rows, %" PRIu64 " fields, median of %d\n", t.len, rows_seen, fields_seen, ROUNDS);
    printf("%-22s %10s %10s %12s\n", "way", "MB/s", "M rows/s", "x read-only");
    for (size_t i = 0; i < shown; ++i) {
        double took_s = median(took[i]);
        rate[i] = (double)t.len / took_s / 1e9;
        printf("%-22s %10.0f %10.2f %12.2f\n", ways[i].name, 1e3 * rate[i], (double)rows_seen / took_s / 1e6, rate[0] / rate[i]);
    }
    if (rows) print_bench_row("CSV rows, in memory", "GB/s", rate[1], rate[0], ways[0].name);
    if (rows && t.path) print_bench_row("CSV rows, read(2)", "GB/s", rate[3], rate[2], ways[2].name);
    free(t.bytes);
    return 0;
}
