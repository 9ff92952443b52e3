/* SPDX-License-Identifier: MIT */
/* sqlite_core.c - examples/sqlite/cxm_sqlite.c linked into one program with SQLite, so that sanitizers and valgrind see it:
 * every damaged state through every function, windows that slide, states that merge, and memory that runs out.
 *
 * What the figures are is tests/bindings/sqlite.py's business, where SQLite loads the extension as users do. */
#include <cxm/state.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "support/cxm_test.h"

int sqlite3_cxmsqlite_init(sqlite3 *db, char **error, const void *api);

enum { ROOM = 4096 };
typedef struct block { size_t len; unsigned char at[ROOM]; } block;

static sqlite3 *open_database(void)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_cxmsqlite_init(db, NULL, NULL), SQLITE_OK);
    return db;
}

/* Runs one statement with up to two BLOBs bound; the last row's first column as bytes. Returns SQLite's code. */
static int run(sqlite3 *db, const char *sql, const block *one, const block *two, block *out)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK) return code;
    if (one) sqlite3_bind_blob(statement, 1, one->at, (int)one->len, SQLITE_STATIC);
    if (two) sqlite3_bind_blob(statement, 2, two->at, (int)two->len, SQLITE_STATIC);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const void *bytes = sqlite3_column_blob(statement, 0);
        size_t len = (size_t)sqlite3_column_bytes(statement, 0);
        if (!out) continue;
        assert_true(len <= ROOM);
        out->len = len;
        if (len) memcpy(out->at, bytes, len);
    }
    sqlite3_finalize(statement);
    return code;
}

static block state_of(sqlite3 *db, const char *sql)
{
    block b = {.len = 0};
    assert_int_equal(run(db, sql, NULL, NULL, &b), SQLITE_DONE);
    assert_true(b.len > 0);
    return b;
}

static void fill(sqlite3 *db)
{
    static const char sql[] = "CREATE TABLE t(id INTEGER PRIMARY KEY, x);"
                              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
                              "INSERT INTO t(x) SELECT CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'odd' WHEN 3 THEN 3.5"
                              "                        WHEN 2 THEN i % 5 || ' - ok' ELSE i % 11 END FROM n;";
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static const char *const makers[] = {
    "SELECT cxm_nps_state(x) FROM t", "SELECT cxm_csat_state(x) FROM t",            "SELECT cxm_csat_state(x, 5) FROM t",
    "SELECT cxm_ces_state(x) FROM t", "SELECT cxm_state('labels', x || '') FROM t", "SELECT cxm_state('sum', id) FROM t",
    "SELECT cxm_state('labels', id) FROM t", "SELECT cxm_state('scale 0..10 value net', x) FROM t",
    "SELECT cxm_state('nps weighted', x, id / 7.0) FROM t", "SELECT cxm_latency_state(x) FROM t",
    "SELECT cxm_latency_state(id * id, 'quantile ms 0.001 above 900 1600') FROM t",
};

static const char *const readers[] = {
    "SELECT cxm_value(?1)",          "SELECT cxm_value(?1, 'nps')",   "SELECT cxm_n(?1)",           "SELECT cxm_spec(?1)",
    "SELECT cxm_ci_low(?1)",         "SELECT cxm_ci_high(?1, 0.9)",   "SELECT cxm_json(?1)",        "SELECT cxm_get(?1, 'n')",
    "SELECT cxm_get(?1, 'count:3')", "SELECT cxm_compare(?1, ?1)",    "SELECT cxm_merge2(?1, ?1)",  "SELECT cxm_merge2(NULL, ?1)",
    "SELECT cxm_merge(?1)",          "SELECT cxm_merge2(?1, ?2)",     "SELECT cxm_merge2(?2, ?1)",  "SELECT cxm_compare(?2, ?1)",
    "SELECT cxm_quantile(?1, 0.9)",  "SELECT cxm_within(?1, 0.9)",    "SELECT cxm_quantile_low(?1, 0.5)",
    "SELECT cxm_quantile_high(?1, 0.5, 0.9, 'quantile ms')",          "SELECT cxm_value(?1, 'quantile')",
};

static void damaged_states_are_errors(void **state)
{
    (void)state;
    sqlite3 *db = open_database();
    fill(db);
    for (size_t m = 0; m < COUNT_OF(makers); ++m) {
        block whole = state_of(db, makers[m]);
        for (size_t i = 0; i < whole.len; ++i) {
            block cut = whole, changed = whole;
            cut.len = i;
            changed.at[i] = (unsigned char)(changed.at[i] ^ 1 << i % 8);
            for (size_t r = i % 8; r < COUNT_OF(readers); r += 8) {
                assert_int_equal(run(db, readers[r], &cut, &whole, NULL), SQLITE_ERROR);
                assert_int_equal(run(db, readers[r], &changed, &whole, NULL), SQLITE_ERROR);
            }
        }
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void whole_states_are_read(void **state)
{
    (void)state;
    sqlite3 *db = open_database();
    fill(db);
    for (size_t m = 0; m < COUNT_OF(makers); ++m) {
        block whole = state_of(db, makers[m]), twice = {.len = 0}, merged = {.len = 0};
        for (size_t r = 0; r < COUNT_OF(readers); ++r) {
            int code = run(db, readers[r], &whole, &whole, NULL);
            assert_true(code == SQLITE_DONE || code == SQLITE_ERROR);       /* a question that is not this state's */
        }
        assert_int_equal(run(db, "SELECT cxm_merge2(?1, ?1)", &whole, NULL, &twice), SQLITE_DONE);
        assert_int_equal(run(db, "SELECT cxm_merge(s) FROM (SELECT ?1 AS s UNION ALL SELECT NULL UNION ALL SELECT ?1)", &whole,
                             NULL, &merged),
                         SQLITE_DONE);
        assert_int_equal(twice.len, merged.len);
        assert_memory_equal(twice.at, merged.at, twice.len);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A window that has slid to the end holds the last rows, and nothing of those before. */
static void windows_slide(void **state)
{
    (void)state;
    static const char *const calls[] = {"cxm_nps_state(x)", "cxm_csat_state(x, 5)", "cxm_state('labels', x || '')",
                                        "cxm_state('sum', id)", "cxm_state('ces weighted', x, id / 7.0)",
                                        "cxm_percentile(x, 0.4, 'quantile decimals 0')", "cxm_sla(x, 3.5)"};
    sqlite3 *db = open_database();
    fill(db);
    for (size_t i = 0; i < COUNT_OF(calls); ++i) {
        char sql[200];
        snprintf(sql, sizeof sql, "SELECT %s OVER (ORDER BY id ROWS 9 PRECEDING) FROM t", calls[i]);
        block slid = state_of(db, sql);
        snprintf(sql, sizeof sql, "SELECT %s FROM t WHERE id > 50", calls[i]);
        block anew = state_of(db, sql);
        assert_int_equal(slid.len, anew.len);
        assert_memory_equal(slid.at, anew.at, slid.len);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void misuse_is_an_error(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "SELECT cxm_metric('npz', x) FROM t",           "SELECT cxm_metric(NULL, x) FROM t",
        "SELECT cxm_metric('csat 1..' || (3 + id), x) FROM t", "SELECT cxm_csat(x, id) FROM t", "SELECT cxm_nps(x'09')",
        "SELECT cxm_nps(CASE id WHEN 9 THEN x'09' ELSE x END) OVER (ORDER BY id ROWS 2 PRECEDING) FROM t",
        "SELECT cxm_metric('sum', x) FROM t", "SELECT cxm_state('ces 1..5', x) FROM t", "SELECT cxm_value(5)",
        "SELECT cxm_value(x'')", "SELECT cxm_score(1, 'x')", "SELECT cxm_metric('nps', x, 1) FROM t", "SELECT cxm_metric('nps weighted', x'09', 1)",
        "SELECT cxm_metric('labels max 1', id || 'x') OVER (ORDER BY id ROWS 2 PRECEDING) FROM t",
        "SELECT cxm_percentile(x, 2) FROM t", "SELECT cxm_percentile(x, NULL) FROM t", "SELECT cxm_percentile(x, id / 60.0) FROM t",
        "SELECT cxm_percentile(x, 0.5, 'nps') FROM t", "SELECT cxm_percentile(x, 0.5, 'quantile range 9') FROM t",
        "SELECT cxm_sla(x, 0) FROM t", "SELECT cxm_sla(x, id) OVER (ORDER BY id) FROM t", "SELECT cxm_latency_state(x, 0.5) FROM t",
        "SELECT cxm_quantile(cxm_nps_state(x), 0.5) FROM t", "SELECT cxm_within(cxm_latency_state(x), NULL) FROM t",
        "SELECT cxm_merge2(cxm_latency_state(x), cxm_latency_state(x, 0.001)) FROM t",
    };
    sqlite3 *db = open_database();
    fill(db);
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        print_message("%s\n", wrong[i]);
        assert_int_equal(run(db, wrong[i], NULL, NULL, NULL), SQLITE_ERROR);
        assert_int_equal(run(db, "SELECT cxm_nps(x), cxm_sla(x, 2), cxm_score(x, '0..10') FROM t", NULL, NULL, NULL), SQLITE_DONE);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Every bound on memory gives an answer or says that there is none left; nothing stays behind. */
static void memory_runs_out(void **state)
{
    (void)state;
    sqlite3_int64 before = sqlite3_memory_used();
    sqlite3 *db = open_database();
    fill(db);
    int refused = 0, answered = 0;
    sqlite3_int64 start = sqlite3_memory_used();
    for (sqlite3_int64 more = 0; more < 60000; more += 600) {
        sqlite3_hard_heap_limit64(start + more);
        for (size_t m = 0; m < COUNT_OF(makers); ++m) {
            char sql[400];
            snprintf(sql, sizeof sql, "WITH parts(s) AS (%s GROUP BY id %% 3) SELECT cxm_merge(s) || max(cxm_n(s)) || "
                     "max(cxm_merge2(s, s)) || max(cxm_score('7', '0..10')) FROM parts", makers[m]);
            int code = run(db, sql, NULL, NULL, NULL);
            assert_true(code == SQLITE_DONE || code == SQLITE_NOMEM);
            refused += code == SQLITE_NOMEM;
            answered += code == SQLITE_DONE;
        }
        sqlite3_hard_heap_limit64(0);
    }
    assert_true(refused > 10 && answered > 10);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(sqlite3_memory_used(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_states_are_errors),
        cmocka_unit_test(whole_states_are_read),
        cmocka_unit_test(windows_slide),
        cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(memory_runs_out),
    };
    int code = cmocka_run_group_tests_name("bindings/sqlite_core", tests, NULL, NULL);
    sqlite3_shutdown();
    return code;
}
