/* SPDX-License-Identifier: MIT */
/* cohort_with.c - further files that tell of the same customers: who made contact (tickets), and who answered (surveys).
 *
 * A file with a column of tickets has contacts, one with a column of scores or labels has answers: its rows with any of them given.
 * Where a column tells the time, rows count within [since, until), as purchases do.                  */
#include "cohort.h"
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MOST = 10, LEAST = 1024 };
static const size_t CODES_MOST = (size_t)1 << 26;

static const char *const keys[] = {"customer", "customer_id", "account", "account_id", "user_id", "client_id", "subscriber_id", "respondent",
                                   "respondent_id", "requester", "requester_id", NULL};
static const char *const tickets[] = {"ticket", "ticket_id", "conversation", "conversation_id", "case_id", NULL};
static const char *const scores[] = {"nps", "csat", "ces", "score", "rating", "answer", "label", "sentiment", NULL};
static const char *const times[] = {"at", "time", "created_at", "answered_at", "timestamp", "date", "created", "submitted_at", NULL};

static bool is_one_of(const char *const *names, const char *name)
{
    for (; *names; ++names)
        if (same_word(*names, name)) return true;
    return false;
}

/* Columns of such names, at most `most`; how many. */
static uint32_t find(const source *in, const char *const *names, uint32_t *out, uint32_t most)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->columns && n < most; ++i)
        if (is_one_of(names, in->names[i])) out[n++] = i;
    return n;
}

static int keep_code(cohort_voices *v, uint64_t code, const char *file)
{
    if (v->count == v->room) {
        size_t room = v->room ? 2 * v->room : LEAST;
        if (room > CODES_MOST) return complain(EXIT_LIMIT, "%s: too many rows for the memory bound", file);
        uint64_t *larger = realloc(v->codes, room * sizeof *larger);
        if (!larger) return out_of_memory();
        v->codes = larger;
        v->room = room;
    }
    v->codes[v->count++] = code;
    return EXIT_FINE;
}

/* What is read of a row: the customer, the time where there is one, and the answers. */
typedef struct cells { uint32_t key, at, scores[FIELDS_MOST - 2], score_count; bool timed, contacts; } cells;

static int find_cells(const source *in, cells *out)
{
    uint32_t found[1];
    *out = (cells){.score_count = 0};
    if (!find(in, keys, &out->key, 1)) return complain(EXIT_INPUT, "%s: --with: no column tells the customer", in->name);
    out->timed = find(in, times, &out->at, 1) == 1;
    out->contacts = find(in, tickets, found, 1) == 1;
    if (!out->contacts) out->score_count = find(in, scores, out->scores, FIELDS_MOST - 2);
    return out->contacts || out->score_count ? EXIT_FINE
           : complain(EXIT_INPUT, "%s: --with: neither a column of tickets, for contacts, nor one of scores or labels, for answers", in->name);
}

static bool in_range(const cohort_run *run, cxm_view text)
{
    const options *opt = run->crowd.run.opt;
    int64_t at_us;
    if (cxm_text_time(text.text, text.len, opt->zone_s, &at_us, NULL) != CXM_OK) return false;
    return at_us < run->until_us && (!opt->has_since || at_us >= opt->since_us);
}

static bool is_voice(const cohort_run *run, const cxm_csv_row *row, const cells *c)
{
    const options *opt = run->crowd.run.opt;
    bool given = c->contacts;
    if (row->flags || is_missing_word(opt, row->fields[c->key])) return false;
    for (uint32_t i = 0; i < c->score_count; ++i) given = given || !is_missing_word(opt, row->fields[c->scores[i]]);
    return given && (!c->timed || in_range(run, row->fields[c->at]));
}

static int read_file(cohort_run *run, source *in)
{
    cxm_csv_row row = {.size = sizeof row};
    cells c;
    bool got = true;
    int code = find_cells(in, &c);
    while (code == EXIT_FINE) {
        code = source_next(in, &row, &got);
        if (code != EXIT_FINE || !got) break;
        if (!is_voice(run, &row, &c)) continue;
        cxm_view who = trim(row.fields[c.key]);
        code = keep_code(c.contacts ? &run->contacts : &run->answers, cxm_customer_code(who.text, who.len), in->name);
    }
    return code;
}

static int compare_codes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void sort_codes(cohort_voices *v)
{
    size_t kept = 0;
    if (v->count) qsort(v->codes, v->count, sizeof *v->codes, compare_codes);
    v->rows = v->count;
    for (size_t i = 0; i < v->count; ++i)
        if (i == 0 || v->codes[i] != v->codes[i - 1]) v->codes[kept++] = v->codes[i];
    v->count = kept;
}

bool cohort_has_voice(const cohort_voices *v, uint64_t customer)
{
    return v->count && bsearch(&customer, v->codes, v->count, sizeof *v->codes, compare_codes) != NULL;
}

int cohort_read_with(cohort_run *run)
{
    static source in;           /* large, and made once */
    const options *opt = run->crowd.run.opt;
    int code = EXIT_FINE;
    for (int i = 0; i < opt->with_count && code == EXIT_FINE; ++i) {
        memset(&in, 0, sizeof in);
        code = source_open(&in, opt->with[i], opt);
        if (code == EXIT_FINE && in.state_len) code = complain(EXIT_INPUT, "%s: --with takes rows, not a state", in.name);
        if (code == EXIT_FINE) code = read_file(run, &in);
        source_close(&in);
    }
    sort_codes(&run->contacts);
    sort_codes(&run->answers);
    return code;
}

void cohort_end_with(cohort_run *run)
{
    free(run->contacts.codes);
    free(run->answers.codes);
}
