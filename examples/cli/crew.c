/* SPDX-License-Identifier: MIT */
/* crew.c - one pass over the rows by several threads, with the results of one.
 *
 * A thread takes the lock, reads the next stretch of the input behind what the one before left over, asks
 * the library where the last row in it ends, leaves the rest to the next, and lets go: so every chunk is
 * whole rows, pipes are as good as files, and no state is guessed. Each thread counts its chunks with a
 * reader and an engine of its own. What a chunk says of lines and rows is put on in the chunks' order: samples
 * are the earliest by line, and an error is that of the earliest chunk, read once more with its true numbers so
 * that its words are those of one pass. Engines merge in the end. Where the segments of one engine do
 * not fit its bound, one pass decides which they are, so the file is read again by one thread.      */
#define _POSIX_C_SOURCE 200809L
#include "pass.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 256 * 1024, ROW_MOST = (4 << 20) + 2, PARKED = 64 };

/* A growing block of bytes. */
typedef struct bytes { char *at; size_t len, cap; } bytes;

/* Whole rows of the input, in their order. */
typedef struct chunk {
    uint64_t number, byte_offset;
    bytes text;
    int read_error;             /* errno: the input broke off behind these bytes */
} chunk;

/* What a chunk adds, its lines and rows counted from its own start. */
typedef struct found { bool ready; cxm_csv_info info; tally seen; } found;

typedef struct crew {
    score_run *run;
    pthread_mutex_t lock;
    pthread_cond_t moved;       /* a chunk was put on, or all is over */
    /* reading */
    int32_t place;
    bytes rest;                 /* behind the last row that was given away */
    uint64_t given, byte_offset;
    bool at_end;
    /* putting on */
    uint64_t put;               /* chunks put on */
    found parked[PARKED];       /* of chunk n: at n % PARKED */
    cxm_csv_info sum;
    tally seen;
    void *workers;              /* the first of them counts into the run's own engine */
    bool over, too_many;        /* stop; segments did not fit */
    int code;
} crew;

typedef struct worker {
    crew *all;
    pthread_t thread;
    cxm_engine *engine;
    cxm_csv *csv;
    chunk own;
    found result;
    pass counting;
} worker;

static bool bytes_reserve(bytes *b, size_t cap)
{
    if (cap <= b->cap) return true;
    char *larger = realloc(b->at, cap);
    if (!larger) return false;
    b->at = larger;
    b->cap = cap;
    return true;
}

/* Ends the work with a code; the first to come decides. */
static void finish_with(crew *all, int code)
{
    if (!all->over) all->code = code;
    all->over = true;
    pthread_cond_broadcast(&all->moved);
}

/* --- reading, under the lock --- */

/* Reads until the stretch is full or the input ends. */
static void read_stretch(crew *all, chunk *c)
{
    size_t until = c->text.len + CHUNK_BYTES;
    while (c->text.len < until && !all->at_end) {
        ssize_t n = read(all->run->in->fd, c->text.at + c->text.len, until - c->text.len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) c->read_error = errno;
        if (n <= 0) all->at_end = true;
        else c->text.len += (size_t)n;
    }
}

/* Leaves what stands behind the last row to the next chunk; false when there is no whole row yet. */
static bool cut(crew *all, chunk *c, size_t from)
{
    int64_t row_at;
    size_t whole;
    cxm_csv_split(all->sum.delimiter, all->place, c->text.at + from, c->text.len - from, &all->place, &row_at);
    if (all->at_end) return true;
    if (row_at < 0 && c->text.len > ROW_MOST) return all->at_end = true;        /* the reader will refuse it */
    if (row_at < 0) return false;
    whole = from + (size_t)row_at;
    if (!bytes_reserve(&all->rest, c->text.len - whole)) {
        finish_with(all, out_of_memory());
        return true;
    }
    all->rest.len = c->text.len - whole;
    if (all->rest.len) memcpy(all->rest.at, c->text.at + whole, all->rest.len);
    c->text.len = whole;
    return true;
}

/* The next chunk; false at the end or when all is over. */
static bool take_chunk(crew *all, chunk *c)
{
    if (all->at_end || all->over) return false;
    c->text.len = 0;
    c->read_error = 0;
    for (bool whole = false; !whole;) {
        if (!bytes_reserve(&c->text, c->text.len + all->rest.len + CHUNK_BYTES)) {
            finish_with(all, out_of_memory());
            return false;
        }
        if (all->rest.len) memcpy(c->text.at + c->text.len, all->rest.at, all->rest.len);
        c->text.len += all->rest.len;
        size_t from = all->given ? c->text.len : c->text.len - all->rest.len;   /* of the first one nothing was looked at */
        all->rest.len = 0;
        read_stretch(all, c);
        whole = cut(all, c, from);
    }
    c->number = all->given++;
    c->byte_offset = all->byte_offset;
    all->byte_offset += c->text.len;
    return !all->over;
}

/* --- counting, each thread for itself --- */

static void begin_at(worker *w, uint64_t rows, uint64_t line)
{
    const cxm_csv_info *sum = &w->all->sum;
    cxm_csv_start start = {.size = sizeof start, .delimiter = sum->delimiter, .columns = sum->columns, .rows = rows,
                           .line = line, .byte_offset = w->own.byte_offset};
    cxm_csv_resume(w->csv, &start);
    cxm_csv_feed(w->csv, w->own.text.len ? w->own.text.at : "", w->own.text.len);
}

/* The next rows of the chunk; CXM_MORE where the input broke off. */
static cxm_status next_rows(worker *w, uint32_t count, cxm_csv_batch *batch, cxm_error *error)
{
    cxm_status status = cxm_csv_next_batch(w->csv, w->counting.columns, count, batch, error);
    if (status != CXM_MORE || w->own.read_error) return status;
    cxm_csv_finish(w->csv);
    return cxm_csv_next_batch(w->csv, w->counting.columns, count, batch, error);
}

/* Counts the chunk; CXM_END when all is well. `*kept`: whether the engine had room. */
static cxm_status count_chunk(worker *w, bool *kept)
{
    cxm_csv_batch batch = pass_room(&w->counting);
    cxm_status status, added = CXM_OK;
    begin_at(w, 0, 1);
    memset(&w->counting.seen, 0, sizeof w->counting.seen);
    while (added == CXM_OK && (status = next_rows(w, w->counting.count, &batch, NULL)) == CXM_OK)
        added = pass_batch(&w->counting, &batch);
    *kept = added != CXM_E_LIMIT;
    return added == CXM_OK ? status : added;
}

/* --- putting on, under the lock, in the order of the chunks --- */

static void add_samples(samples *into, const samples *from, uint64_t lines_before)
{
    for (int i = 0; i < from->count; ++i)
        keep_sample(into, from->rows[i].line + lines_before, (cxm_view){from->rows[i].text, from->rows[i].len});
}

static void add_info(cxm_csv_info *into, const cxm_csv_info *from)
{
    if (from->first_ragged_line && !into->first_ragged_line) into->first_ragged_line = from->first_ragged_line + into->line - 1;
    into->line += from->line - 1;
    into->rows += from->rows;
    into->bytes = from->bytes;
    into->blank_lines += from->blank_lines;
    into->short_rows += from->short_rows;
    into->long_rows += from->long_rows;
    into->stray_rows += from->stray_rows;
    into->ends_lf += from->ends_lf;
    into->ends_crlf += from->ends_crlf;
    into->ends_cr += from->ends_cr;
}

static void put_ready(crew *all)
{
    for (found *next; (next = &all->parked[all->put % PARKED])->ready; ++all->put) {
        add_samples(&all->seen.unparsed, &next->seen.unparsed, all->sum.line - 1);
        add_samples(&all->seen.out_of_range, &next->seen.out_of_range, all->sum.line - 1);
        add_samples(&all->seen.due, &next->seen.due, all->sum.line - 1);
        all->seen.ragged += next->seen.ragged;
        all->seen.untimed += next->seen.untimed;
        all->seen.one_based_label |= next->seen.one_based_label;
        add_info(&all->sum, &next->info);
        next->ready = false;
    }
    pthread_cond_broadcast(&all->moved);
}

/* Reads the chunk once more with its true numbers, to say what one pass would say. */
static int explain(worker *w)
{
    cxm_csv_batch batch = pass_room(&w->counting);
    cxm_error error = {.size = sizeof error};
    cxm_status status;
    begin_at(w, w->all->sum.rows, w->all->sum.line);
    do status = next_rows(w, 0, &batch, &error);
    while (status == CXM_OK);
    if (status != CXM_MORE) return source_refused(w->all->run->in, status, &error);
    return complain(EXIT_IO, "cannot read '%s': %s", w->all->run->in->name, strerror(w->own.read_error));
}

/* What became of a chunk goes on when its turn has come; trouble waits for its turn. */
static void put_on(worker *w, cxm_status status, bool kept)
{
    crew *all = w->all;
    uint64_t number = w->own.number;
    bool fine = kept && status == CXM_END;
    while (!all->over && (fine ? number - all->put >= PARKED : number != all->put)) pthread_cond_wait(&all->moved, &all->lock);
    if (all->over) return;
    if (!kept) {
        all->too_many = true;
        finish_with(all, EXIT_LIMIT);
    } else if (status == CXM_E_MEMORY) {        /* no fault of the chunk: another reading would tell nothing */
        finish_with(all, out_of_memory());
    } else if (!fine) {
        finish_with(all, explain(w));
    } else {
        found *slot = &all->parked[number % PARKED];
        *slot = (found){.ready = true, .info.size = sizeof slot->info, .seen = w->counting.seen};
        cxm_csv_info_get(w->csv, &slot->info);
        put_ready(all);
    }
}

static void *work(void *ctx)
{
    worker *w = ctx;
    crew *all = w->all;
    bool kept;
    pthread_mutex_lock(&all->lock);
    while (take_chunk(all, &w->own)) {
        pthread_mutex_unlock(&all->lock);
        cxm_status status = count_chunk(w, &kept);
        pthread_mutex_lock(&all->lock);
        put_on(w, status, kept);
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

/* --- the crew --- */

static bool worker_open(worker *w, crew *all)
{
    cxm_engine_options how = {.size = sizeof how};
    cxm_csv_options csv = {.size = sizeof csv, .delimiter = all->sum.delimiter};
    w->all = all;
    w->engine = all->run->engine;
    if (w != all->workers) {
        cxm_engine_describe(all->run->engine, &how);
        w->engine = NULL;
        if (cxm_engine_create(&how, NULL, &w->engine) != CXM_OK) return false;
    }
    pass_begin(&w->counting, all->run, w->engine);
    return cxm_csv_create(&csv, NULL, &w->csv) == CXM_OK;
}

static void worker_close(worker *w)
{
    if (w->engine != w->all->run->engine) cxm_engine_free(w->engine);
    pass_end(&w->counting);
    cxm_csv_free(w->csv);
    free(w->own.text.at);
}

/* The row read ahead, and what the reader of the header has left over, come first. */
static cxm_status crew_begin(crew *all, worker *first)
{
    source *in = all->run->in;
    cxm_status status = pass_held(&first->counting, in);
    cxm_view unread = source_unread(in);
    all->seen = first->counting.seen;
    all->byte_offset = all->sum.bytes;
    all->place = CXM_CSV_AT_ROW;
    if (status == CXM_OK && !bytes_reserve(&all->rest, unread.len + 1)) return CXM_E_MEMORY;
    all->rest.len = unread.len;
    if (unread.len) memcpy(all->rest.at, unread.text, unread.len);
    return status;
}

/* As many threads as the system gives; this one is the first of them. */
static void crew_work(worker *workers, int count)
{
    int started = 1;
    while (started < count && pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0) ++started;
    work(&workers[0]);
    for (int i = 1; i < started; ++i) pthread_join(workers[i].thread, NULL);
}

/* Adds all engines up in the first one; too_many where one of them had no room, or all have none together. */
static cxm_status crew_merge(crew *all, worker *workers, int count)
{
    cxm_status status = CXM_OK;
    uint64_t slots, others;
    for (int i = 0; i < count && status == CXM_OK; ++i) {
        if (i) status = cxm_engine_merge(workers[0].engine, workers[i].engine);
        cxm_engine_slots(workers[i].engine, &slots, &others);
        all->too_many |= others > 0 || status == CXM_E_LIMIT;
    }
    return status;
}

/* What has not ended by the latest time that any of them has read. */
static cxm_status crew_waits(const crew *all, const worker *workers, int count)
{
    cxm_status status = CXM_OK;
    for (int i = 0; i < count; ++i) waits_look(all->run, &workers[i].counting.waits);
    for (int i = 0; i < count && status == CXM_OK; ++i) status = waits_count(all->run, &workers[i].counting.waits);
    return status;
}

static int crew_run(crew *all, worker *workers, int count)
{
    for (int i = 0; i < count; ++i)
        if (!worker_open(&workers[i], all)) return out_of_memory();
    cxm_status status = crew_begin(all, &workers[0]);
    if (status != CXM_OK) return pass_failed(all->run, status);
    crew_work(workers, count);
    if (!all->over) status = crew_merge(all, workers, count);
    if (all->too_many) return -1;
    if (all->over) return all->code;
    if (status == CXM_OK) status = crew_waits(all, workers, count);
    all->run->seen = all->seen;
    all->run->in->summed = all->sum;
    return pass_failed(all->run, status);
}

int crew_rows(score_run *run)
{
    static crew all;
    int count = run->opt->threads;
    all = (crew){.run = run, .sum = {.size = sizeof all.sum}};         /* two inputs are read one after the other */
    cxm_csv_info_get(run->in->csv, &all.sum);
    worker *workers = calloc((size_t)count, sizeof *workers);
    if (!workers) return out_of_memory();
    all.workers = workers;
    pthread_mutex_init(&all.lock, NULL);
    pthread_cond_init(&all.moved, NULL);
    int code = crew_run(&all, workers, count);
    for (int i = 0; i < count && workers[i].all; ++i) worker_close(&workers[i]);
    pthread_cond_destroy(&all.moved);
    pthread_mutex_destroy(&all.lock);
    free(all.rest.at);
    free(workers);
    return code;
}
