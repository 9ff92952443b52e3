/* SPDX-License-Identifier: MIT */
/* inspect.c - cxm inspect: what is in a file and how the other commands would read it. Each cell is tried as
 * a number, a labelled answer and a time; a column has the type that fits most of its cells, and what
 * does not fit is counted. Memory does not grow with the file. */
#include "pass.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the cells of one column are. */
typedef struct profile {
    uint64_t integers, numbers, labels, times, epochs, texts, missing;  /* each cell once; epochs of integers */
    double low, high;
    samples shown;          /* first values of each spelling */
    samples odd;            /* first texts */
} profile;

typedef struct inspection {
    const options *opt;
    source in;
    profile *columns;
    uint64_t rows, ragged;
} inspection;

static bool seen(const samples *kept, cxm_view text)
{
    for (int i = 0; i < kept->count; ++i) {
        const sample *s = &kept->rows[i];
        if (s->len == text.len && memcmp(s->text, text.text, s->len) == 0) return true;
    }
    return false;
}

static void show(samples *kept, uint64_t line, cxm_view text)
{
    text = cut_text(text, SAMPLE_BYTES);
    if (!seen(kept, text)) keep_sample(kept, line, text);
}

static void take_number(profile *p, double value, bool has_label)
{
    bool first = p->integers + p->numbers + p->labels == 0;
    if (first || value < p->low) p->low = value;
    if (first || value > p->high) p->high = value;
    bool whole = value > -1e15 && value < 1e15 && value == (double)(int64_t)value;
    ++*(has_label ? &p->labels : whole ? &p->integers : &p->numbers);
}

static void take_cell(inspection *job, profile *p, uint64_t line, cxm_view text)
{
    double value;
    cxm_view label;
    int64_t at_us;
    int32_t form = 0, answer = scan_answer(job->opt, &job->in, text, &value, &label);
    if (answer == CXM_ANSWER_MISSING) {
        ++p->missing;
        return;
    }
    show(&p->shown, line, text);
    job->in.odd_bytes |= !is_utf8(text.text, text.len);
    bool is_time = cxm_text_time(text.text, text.len, job->opt->zone_s, &at_us, &form) == CXM_OK;
    if (answer == CXM_ANSWER_GIVEN) {
        take_number(p, value, label.len > 0);
        p->epochs += is_time;
    } else if (is_time) {
        ++p->times;
    } else {
        ++p->texts;
        show(&p->odd, line, text);
    }
}

enum type { TYPE_EMPTY, TYPE_INTEGER, TYPE_NUMBER, TYPE_LABEL, TYPE_TIME, TYPE_TEXT };
static const char *const type_names[] = {"empty", "integer", "number", "label", "time", "text"};

static enum type type_of(const profile *p)
{
    uint64_t scored = p->integers + p->numbers + p->labels, all = scored + p->times + p->texts;
    if (all == 0) return TYPE_EMPTY;
    if (p->times * 2 > all || (p->epochs == scored && p->epochs * 2 > all)) return TYPE_TIME;
    if (scored * 2 <= all) return TYPE_TEXT;
    return p->labels * 2 > scored ? TYPE_LABEL : p->numbers ? TYPE_NUMBER : TYPE_INTEGER;
}

/* Cells that are of the column's type; the others are unparsed. */
static uint64_t parsed_of(const profile *p, enum type type)
{
    uint64_t scored = p->integers + p->numbers + p->labels;
    switch (type) {
    case TYPE_EMPTY: return 0;
    case TYPE_TIME: return p->times + p->epochs;
    case TYPE_TEXT: return scored + p->times + p->texts;
    default: return scored;
    }
}

static uint64_t unparsed_of(const profile *p, enum type type)
{
    return p->integers + p->numbers + p->labels + p->times + p->texts - parsed_of(p, type);
}

/* The field a column would be taken for: as mapped, or by its name alone, as the commands do. */
static const char *used_as(const inspection *job, uint32_t column)
{
    static const char *const metrics[] = {"score", "nps", "csat", "ces"};
    static const char *const fields[] = {"score", "time"};
    const char *name = job->in.names[column];
    char position[16];
    snprintf(position, sizeof position, "#%u", (unsigned)column + 1);
    for (int i = 0; i < 2; ++i) {
        const char *told = mapped(job->opt, fields[i]);
        if (told && (strcmp(told, name) == 0 || strcmp(told, position) == 0)) return fields[i];
    }
    for (int i = 0; i < 4; ++i)
        if (same_word(name, metrics[i])) return metrics[i];
    return is_time_name(name) ? "time" : time_field_of(&job->in, job->opt, name);
}

static bool is_answer(const char *use)
{
    static const char *const answers[] = {"score", "nps", "csat", "ces"};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; ++i)
        if (strcmp(use, answers[i]) == 0) return true;
    return false;
}

/* The account of the column that stands for the score; without one every row is left out. */
static cxm_account account_of(const inspection *job)
{
    cxm_account a = {.size = sizeof a, .records = job->rows, .excluded = job->rows};
    for (uint32_t i = 0; i < job->in.columns; ++i) {
        const char *use = used_as(job, i);
        const profile *p = &job->columns[i];
        if (!use || !is_answer(use)) continue;
        a.scored = p->integers + p->numbers + p->labels;
        a.missing = p->missing;
        a.unparsed = p->times + p->texts;
        a.excluded = job->rows - a.scored - a.missing - a.unparsed;
        break;
    }
    return a;
}

/* A --map that names no column of this file, or two, is an error here as it is for score. */
static int check_maps(const inspection *job)
{
    static const char *const fields[] = {"score", "time"};
    for (int i = 0; i < 2; ++i) {
        const char *name = mapped(job->opt, fields[i]);
        if (name && column_find(&job->in, fields[i], name) == NO_COLUMN) return EXIT_INPUT;
    }
    return EXIT_FINE;
}

static int read_all(inspection *job)
{
    cxm_csv_row row = {.size = sizeof row};
    bool got = true;
    job->columns = calloc(job->in.columns, sizeof *job->columns);
    if (!job->columns) return complain(EXIT_IO, "out of memory");
    for (;;) {
        int code = source_next(&job->in, &row, &got);
        if (code != EXIT_FINE || !got) return code;
        ++job->rows;
        job->ragged += row.flags != 0;
        for (uint32_t i = 0; i < row.count && !row.flags; ++i) take_cell(job, &job->columns[i], row.line, row.fields[i]);
    }
}

/* --- JSON --- */

static void json_column(const inspection *job, uint32_t i, sink *out)
{
    const profile *p = &job->columns[i];
    enum type type = type_of(p);
    const char *use = used_as(job, i);
    sink_text(out, i ? ",{\"name\":" : "{\"name\":");
    json_string(out, job->in.names[i], job->in.name_lens[i]);
    sink_format(out, ",\"position\":%u,\"type\":\"%s\",\"parsed\":%llu,\"missing\":%llu,\"unparsed\":%llu,\"samples\":[",
                (unsigned)i + 1, type_names[type], (unsigned long long)parsed_of(p, type),
                (unsigned long long)p->missing, (unsigned long long)unparsed_of(p, type));
    for (int k = 0; k < p->shown.count; ++k) {
        if (k) sink_text(out, ",");
        json_string(out, p->shown.rows[k].text, p->shown.rows[k].len);
    }
    sink_format(out, use ? "],\"used_as\":\"%s\"}" : "],\"used_as\":null}", use);
}

static void json_inspect(const inspection *job, const char *file, const cxm_csv_info *info, sink *out)
{
    cxm_account account = account_of(job);
    sink_text(out, "{\"schema\":\"cxm.inspect/1\",\"tool\":\"cxm " CXM_VERSION "\",");
    json_input(out, "input", file, source_format(&job->in), &account);
    sink_format(out, ",\"encoding\":\"%s\",\"delimiter\":", source_encoding(&job->in));
    char delimiter = (char)info->delimiter;
    json_string(out, &delimiter, job->in.columns > 1);
    sink_format(out, ",\"header_rows\":%d,\"zone\":", job->in.header_rows);
    json_string(out, job->opt->zone_text, strlen(job->opt->zone_text));
    sink_text(out, ",\"columns\":[");
    for (uint32_t i = 0; i < job->in.columns; ++i) json_column(job, i, out);
    sink_text(out, "]}\n");       /* one line a file: several files are NDJSON */
}

/* --- CSV --- */

static void csv_inspect(const inspection *job, const char *file, bool first, sink *out)
{
    if (first) sink_text(out, "file,position,name,type,parsed,missing,unparsed,used_as\n");
    for (uint32_t i = 0; i < job->in.columns; ++i) {
        const profile *p = &job->columns[i];
        enum type type = type_of(p);
        const char *use = used_as(job, i);
        table_text(out, file, strlen(file));
        sink_format(out, ",%u,", (unsigned)i + 1);
        table_text(out, job->in.names[i], job->in.name_lens[i]);
        sink_format(out, ",%s,%llu,%llu,%llu,%s\n", type_names[type], (unsigned long long)parsed_of(p, type),
                    (unsigned long long)p->missing, (unsigned long long)unparsed_of(p, type), use ? use : "");
    }
}

/* --- screen --- */

static void screen_samples(const samples *kept, bool lines, sink *out)
{
    for (int k = 0; k < kept->count; ++k) {
        if (k) sink_text(out, ", ");
        if (lines) sink_format(out, "line %llu ", (unsigned long long)kept->rows[k].line);
        sink_text(out, "\"");
        print_safe(out, kept->rows[k].text, kept->rows[k].len);
        sink_text(out, "\"");
    }
}

static void screen_column(const inspection *job, uint32_t i, sink *out)
{
    const profile *p = &job->columns[i];
    enum type type = type_of(p);
    const char *use = used_as(job, i);
    uint64_t unparsed = unparsed_of(p, type);
    size_t len = job->in.name_lens[i];
    sink_format(out, "  #%-3u ", (unsigned)i + 1);
    print_safe(out, job->in.names[i], len);
    for (; len < 18; ++len) sink_text(out, " ");
    sink_format(out, " %-8s", type_names[type]);
    print_count(out, parsed_of(p, type));
    sink_text(out, " parsed, ");
    print_count(out, p->missing);
    sink_text(out, " blank");
    if (type == TYPE_INTEGER || type == TYPE_NUMBER || type == TYPE_LABEL) {
        sink_text(out, ", ");
        sink_number(out, p->low);
        sink_text(out, "..");
        sink_number(out, p->high);
    }
    if (unparsed) {
        sink_text(out, ", ");
        print_count(out, unparsed);
        sink_text(out, " unparsed (");
        screen_samples(&p->odd, true, out);
        sink_text(out, ")");
    } else if (p->shown.count) {
        sink_text(out, ", such as ");
        screen_samples(&p->shown, false, out);
    }
    if (use) sink_format(out, "  -> %s", use);
    sink_text(out, "\n");
}

static void screen_inspect(const inspection *job, const cxm_csv_info *info, sink *out)
{
    print_safe(out, job->in.name, strlen(job->in.name));
    sink_format(out, ": %s, delimiter %s, %s, %d header row%s, %u column%s, times without a zone are %s\n",
                source_format(&job->in), delimiter_name(job->in.columns > 1 ? info->delimiter : 0), source_encoding(&job->in),
                job->in.header_rows,
                job->in.header_rows == 1 ? "" : "s", (unsigned)job->in.columns, job->in.columns == 1 ? "" : "s",
                job->opt->zone_text);
    print_count(out, job->rows);
    sink_text(out, " rows");
    if (job->ragged) {
        sink_text(out, ", of which ragged ");
        print_count(out, job->ragged);
        sink_format(out, " (first: line %llu)", (unsigned long long)info->first_ragged_line);
    }
    sink_text(out, "\n");
    for (uint32_t i = 0; i < job->in.columns; ++i) screen_column(job, i, out);
}

static int inspect_file(const options *opt, const char *file, bool first, sink *out)
{
    static inspection job;
    cxm_csv_info info = {.size = sizeof info};
    job = (inspection){.opt = opt};
    int code = source_open(&job.in, file, opt);
    if (code == EXIT_FINE && job.in.state_len) {
        code = state_inspect(&job.in, file, opt, out);
        source_close(&job.in);
        return code;
    }
    if (code == EXIT_FINE) code = check_maps(&job);
    if (code == EXIT_FINE) code = read_all(&job);
    if (code == EXIT_FINE) {
        if (opt->verbose) source_tell_more(&job.in, opt);
        cxm_csv_info_get(job.in.csv, &info);
        if (opt->output == OUTPUT_JSON) json_inspect(&job, file, &info, out);
        else if (opt->output == OUTPUT_CSV) csv_inspect(&job, file, first, out);
        else screen_inspect(&job, &info, out);
    }
    free(job.columns);
    source_close(&job.in);
    return code;
}

int command_inspect(const options *opt)
{
    static sink out;
    if (opt->file_count == 0) return complain(EXIT_USAGE, "inspect needs a FILE, or - for standard input");
    int code = sink_open(&out, opt);
    if (code != EXIT_FINE) return code;
    for (int i = 0; i < opt->file_count && code == EXIT_FINE; ++i) code = inspect_file(opt, opt->files[i], i == 0, &out);
    if (code == EXIT_FINE) return sink_close(&out);
    sink_discard(&out);
    return code;
}
