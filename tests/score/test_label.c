/* SPDX-License-Identifier: MIT */
/* test_label.c - shares of words against a plain multiset of them: whatever the order, the parts and the tree. */
#include <cxm/interval.h>
#include <cxm/label.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 16 };

static cxm_label *make(uint32_t max_labels, uint32_t max_label_bytes)
{
    cxm_label_options options = {sizeof options, max_labels, max_label_bytes, 0};
    cxm_label *label = NULL;
    assert_int_equal(cxm_label_create(&options, NULL, &label), CXM_OK);
    return label;
}

static cxm_status add(cxm_label *label, const char *word)
{
    return cxm_label_add(label, word, strlen(word));
}

static cxm_status take(cxm_label *label, const char *word)
{
    return cxm_label_remove(label, word, strlen(word));
}

static void add_all(cxm_label *label, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; ++i) assert_int_equal(add(label, words[i]), CXM_OK);
}

static uint64_t count_of(const cxm_label *label, const char *word)
{
    uint64_t count = 77;
    assert_int_equal(cxm_label_count(label, word, strlen(word), &count), CXM_OK);
    return count;
}

static cxm_label_summary sum_of(const cxm_label *label)
{
    cxm_label_summary sum = {.size = sizeof sum};
    cxm_status status = cxm_label_summarize(label, NULL, &sum);
    assert_true(status == (sum.n ? CXM_OK : CXM_E_EMPTY));
    return sum;
}

typedef struct image { unsigned char bytes[ROOM]; size_t len; } image;

static void take_image(const cxm_label *label, image *out)
{
    assert_int_equal(cxm_label_encode(label, out->bytes, sizeof out->bytes, &out->len), CXM_OK);
}

static void assert_same(const cxm_label *a, const cxm_label *b)
{
    static image x, y;
    take_image(a, &x);
    take_image(b, &y);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.bytes, y.bytes, x.len);
}

static void assert_image(const cxm_label *label, const image *want)
{
    static image got;
    take_image(label, &got);
    assert_int_equal(got.len, want->len);
    assert_memory_equal(got.bytes, want->bytes, want->len);
}

/* --- one stream --- */

static void sentiment_by_hand(void **state)
{
    (void)state;
    static const char *const words[] = {"positive", "neutral", "positive", "negative", "positive", "Positive", "positiv", ""};
    cxm_label *label = make(0, 0);
    assert_int_equal(sum_of(label).n, 0);
    add_all(label, words, COUNT_OF(words));
    assert_int_equal(cxm_label_add_missing(label), CXM_OK);
    assert_int_equal(cxm_label_add_n(label, "neutral", 7, 4), CXM_OK);
    assert_int_equal(cxm_label_add_n(label, "new", 3, 0), CXM_OK);
    cxm_label_summary sum = sum_of(label);
    assert_int_equal(sum.n, 12);
    assert_int_equal(sum.labels, 6);
    assert_int_equal(sum.categories, 6);
    assert_int_equal(sum.missing, 1);
    assert_int_equal(sum.other + sum.out_of_range, 0);
    assert_int_equal(sum.method, CXM_INTERVAL_GOODMAN);
    assert_true(sum.level == 0.95 && sum.interval_status == CXM_OK);
    assert_int_equal(count_of(label, "positive"), 3);
    assert_int_equal(count_of(label, "neutral"), 5);
    assert_int_equal(count_of(label, "Positive"), 1);
    assert_int_equal(count_of(label, ""), 1);
    assert_int_equal(count_of(label, "absent"), 0);
    uint64_t n = 0;
    assert_int_equal(cxm_label_n(label, &n), CXM_OK);
    assert_int_equal(n, 12);
    cxm_label_free(label);
}

/* Order of bytes: unsigned, a prefix first, NUL is a byte like any other; equal first words of eight bytes too. */
static void labels_come_in_the_order_of_bytes(void **state)
{
    (void)state;
    static const cxm_label_text sorted[] = {{NULL, 0}, {"\0", 1}, {"\0\0", 2}, {"A", 1}, {"a", 1}, {"a\0", 2}, {"a\0b", 3},
        {"abcdefg", 7}, {"abcdefg\0", 8}, {"abcdefg\0\0", 9}, {"abcdefgh", 8}, {"abcdefgh\0", 9}, {"abcdefgha", 9},
        {"abcdefghaa", 10}, {"abcdefghb", 9}, {"b", 1}, {"\x7F", 1}, {"\x80", 1}, {"\xC3\xA9", 2}, {"\xFF", 1}};
    uint64_t seed = 3;
    for (int trial = 0; trial < 50; ++trial) {
        cxm_label *label = make(0, 0);
        for (int i = 0; i < 400; ++i) {
            const cxm_label_text *one = &sorted[test_rand(&seed) % COUNT_OF(sorted)];
            assert_int_equal(cxm_label_add(label, one->text, one->len), CXM_OK);
        }
        for (size_t i = 0; i < COUNT_OF(sorted); ++i) cxm_label_add(label, sorted[i].text, sorted[i].len);
        cxm_label_share row = {.size = sizeof row};
        uint64_t total = 0;
        for (size_t i = 0; i < COUNT_OF(sorted); ++i) {
            assert_int_equal(cxm_label_next(label, NULL, &row), CXM_OK);
            assert_int_equal(row.len, sorted[i].len);
            assert_true(row.len ? memcmp(row.text, sorted[i].text, row.len) == 0 : row.text == NULL);
            assert_false(row.is_other);
            total += row.count;
        }
        cxm_label_share before = row;
        assert_int_equal(cxm_label_next(label, NULL, &row), CXM_END);
        assert_memory_equal(&row, &before, sizeof row);
        assert_int_equal(total, 400 + COUNT_OF(sorted));
        cxm_label_free(label);
    }
}

static void the_smallest_are_kept_the_rest_is_other(void **state)
{
    (void)state;
    static const char *const words[] = {"m", "z", "b", "z", "c", "a", "b", "m", "x"};
    cxm_label *label = make(3, 8);
    add_all(label, words, COUNT_OF(words));
    assert_int_equal(count_of(label, "a"), 1);
    assert_int_equal(count_of(label, "b"), 2);
    assert_int_equal(count_of(label, "c"), 1);
    assert_int_equal(count_of(label, "aa"), 0);
    uint64_t count = 77;
    assert_int_equal(cxm_label_count(label, "m", 1, &count), CXM_E_UNDEFINED);
    assert_int_equal(cxm_label_count(label, "123456789", 9, &count), CXM_E_DOMAIN);
    assert_int_equal(count, 77);
    cxm_label_summary sum = sum_of(label);
    assert_int_equal(sum.n, 9);
    assert_int_equal(sum.other, 5);
    assert_int_equal(sum.labels, 3);
    assert_int_equal(sum.categories, 4);
    cxm_label_share row = {.size = sizeof row, .next = 3};
    assert_int_equal(cxm_label_next(label, NULL, &row), CXM_OK);
    assert_true(row.is_other && row.text == NULL && row.len == 0 && row.count == 5 && row.next == 4);
    assert_int_equal(cxm_label_next(label, NULL, &row), CXM_END);
    cxm_label_free(label);
}

static void too_long_is_out_of_range(void **state)
{
    (void)state;
    cxm_label *label = make(4, 3);
    assert_int_equal(add(label, "abc"), CXM_OK);
    assert_int_equal(add(label, "abcd"), CXM_E_DOMAIN);
    assert_int_equal(cxm_label_add_n(label, "abcd", 4, UINT64_MAX - 1), CXM_E_DOMAIN);
    assert_int_equal(add(label, "abcd"), CXM_E_OVERFLOW);
    assert_true(sum_of(label).out_of_range == UINT64_MAX);
    assert_int_equal(sum_of(label).n, 1);
    assert_int_equal(take(label, "abcd"), CXM_E_DOMAIN);
    assert_true(sum_of(label).out_of_range == UINT64_MAX - 1);
    cxm_label_free(label);
}

static void counters_do_not_pass_their_type(void **state)
{
    (void)state;
    cxm_label *label = make(1, 8), *more = make(1, 8);
    static image before;
    assert_int_equal(cxm_label_add_n(label, "b", 1, UINT64_MAX), CXM_OK);
    take_image(label, &before);
    assert_int_equal(add(label, "b"), CXM_E_OVERFLOW);
    assert_int_equal(add(label, "a"), CXM_E_OVERFLOW);
    assert_int_equal(add(label, "c"), CXM_E_OVERFLOW);
    add(more, "c");
    assert_int_equal(cxm_label_merge(label, more), CXM_E_OVERFLOW);
    assert_int_equal(cxm_label_merge(label, label), CXM_E_OVERFLOW);
    assert_image(label, &before);
    cxm_label_free(more);
    more = make(1, 8);
    assert_int_equal(cxm_label_merge(more, label), CXM_OK);
    assert_image(more, &before);
    assert_int_equal(take(label, "b"), CXM_OK);
    assert_int_equal(add(label, "a"), CXM_OK);              /* all of b's answers are `other` now */
    assert_true(sum_of(label).other == UINT64_MAX - 1 && sum_of(label).n == UINT64_MAX);
    assert_int_equal(cxm_label_remove_missing(label), CXM_E_UNDERFLOW);
    cxm_label_free(label);
    cxm_label_free(more);
}

/* missing and out_of_range fill up through merges only. */
static void merged_accounts_do_not_pass_their_type(void **state)
{
    (void)state;
    cxm_label *label = make(1, 1), *one = make(1, 1);
    assert_int_equal(cxm_label_add_missing(label), CXM_OK);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_label_merge(label, label), CXM_OK);
    assert_true(sum_of(label).missing == UINT64_C(1) << 63);
    assert_int_equal(cxm_label_merge(label, label), CXM_E_OVERFLOW);
    assert_int_equal(cxm_label_remove_missing(label), CXM_OK);
    assert_int_equal(cxm_label_merge(label, label), CXM_OK);
    assert_int_equal(cxm_label_add_missing(label), CXM_OK);
    assert_int_equal(cxm_label_add_missing(label), CXM_E_OVERFLOW);
    assert_true(sum_of(label).missing == UINT64_MAX);
    assert_int_equal(cxm_label_add_n(one, "ab", 2, UINT64_MAX), CXM_E_DOMAIN);
    assert_int_equal(cxm_label_merge(one, one), CXM_E_OVERFLOW);
    cxm_label_free(label);
    cxm_label_free(one);
}

/* --- the law: a function of the multiset --- */

typedef struct answer { char text[16]; size_t len; } answer;

/* A word of few letters, so that words repeat and share their beginnings. */
static answer random_answer(uint64_t *seed, uint64_t variety)
{
    answer a = {.len = 0};
    uint64_t word = test_rand(seed) % variety;
    static const char lead[] = "abcdefgh";
    if (word & 1) {
        memcpy(a.text, lead, 8);
        a.len = 8;
    }
    for (word >>= 1; word; word /= 3) a.text[a.len++] = (char)("a\0\xFF"[word % 3]);
    return a;
}

static void shuffle(answer *answers, size_t count, uint64_t *seed)
{
    for (size_t i = count; i > 1; --i) {
        size_t j = test_rand(seed) % i;
        answer swap = answers[i - 1];
        answers[i - 1] = answers[j];
        answers[j] = swap;
    }
}

static void add_answers(cxm_label *label, const answer *answers, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        cxm_status status = cxm_label_add(label, answers[i].text, answers[i].len);
        assert_int_equal(status, answers[i].len > 10 ? CXM_E_DOMAIN : CXM_OK);
    }
}

/* Merges parts in a random tree, into the left or the right one. */
static cxm_label *merge_parts(cxm_label **parts, size_t count, uint64_t *seed)
{
    while (count > 1) {
        size_t i = test_rand(seed) % count, j = test_rand(seed) % (count - 1);
        j += j >= i;
        assert_int_equal(cxm_label_merge(parts[i], parts[j]), CXM_OK);
        cxm_label_free(parts[j]);
        parts[j] = parts[--count];
    }
    return parts[0];
}

static int by_bytes(const void *a, const void *b)
{
    const answer *x = a, *y = b;
    size_t common = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, common);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Against counting in a sorted list: the first `max` distinct answers that are not too long, the rest as other. */
static void assert_counts(const cxm_label *label, const answer *answers, size_t count, size_t max)
{
    answer *sorted = malloc((count + 1) * sizeof *sorted);
    memcpy(sorted, answers, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_bytes);
    cxm_label_share row = {.size = sizeof row};
    size_t kept = 0, other = 0, out = 0;
    for (size_t i = 0, run; i < count; i += run) {
        for (run = 1; i + run < count && by_bytes(sorted + i, sorted + i + run) == 0;) ++run;
        if (sorted[i].len > 10) {
            out += run;
        } else if (kept == max) {
            other += run;
        } else {
            ++kept;
            assert_int_equal(cxm_label_next(label, NULL, &row), CXM_OK);
            assert_true(row.len == sorted[i].len && (row.len == 0 || memcmp(row.text, sorted[i].text, row.len) == 0));
            assert_int_equal(row.count, run);
        }
    }
    assert_int_equal(sum_of(label).labels, kept);
    assert_int_equal(sum_of(label).other, other);
    assert_int_equal(sum_of(label).out_of_range, out);
    assert_int_equal(sum_of(label).n, count - out);
    free(sorted);
}

static void any_order_partition_and_tree_gives_one_state(void **state)
{
    (void)state;
    enum { MOST = 600, PARTS = 16 };
    static answer answers[MOST];
    uint64_t seed = 20261122;
    for (int trial = 0; trial < 400; ++trial) {
        uint32_t max = 1 + (uint32_t)(test_rand(&seed) % (trial % 2 ? 12 : 70));
        size_t count = test_rand(&seed) % MOST, parts = 1 + test_rand(&seed) % PARTS;
        uint64_t variety = 1 + test_rand(&seed) % 200;
        cxm_label *whole = make(max, 10), *part[PARTS];
        for (size_t i = 0; i < count; ++i) answers[i] = random_answer(&seed, variety);
        add_answers(whole, answers, count);
        assert_counts(whole, answers, count, max);
        shuffle(answers, count, &seed);
        for (size_t i = 0; i < parts; ++i) part[i] = make(max, 10);
        for (size_t i = 0; i < count; ++i) add_answers(part[test_rand(&seed) % parts], answers + i, 1);
        cxm_label *merged = merge_parts(part, parts, &seed);
        assert_same(merged, whole);
        cxm_label_free(merged);
        cxm_label_free(whole);
    }
}

/* Whatever answer that is held is taken back: the state of the answers that are left, or a refusal that changes nothing. */
static void remove_gives_the_state_of_what_is_left(void **state)
{
    (void)state;
    enum { COUNT = 120 };
    static answer answers[COUNT];
    static image before;
    uint64_t seed = 7, exact = 0, refused = 0;
    for (int trial = 0; trial < 150; ++trial) {
        uint32_t max = 1 + (uint32_t)(test_rand(&seed) % 20);
        size_t left = COUNT;
        cxm_label *label = make(max, 10);
        for (size_t i = 0; i < COUNT; ++i) answers[i] = random_answer(&seed, 40);
        add_answers(label, answers, COUNT);
        for (int step = 0; step < 2 * COUNT && left; ++step) {
            size_t i = test_rand(&seed) % left;
            bool last = sum_of(label).other > 0;
            take_image(label, &before);
            cxm_status status = cxm_label_remove(label, answers[i].text, answers[i].len);
            if (status == CXM_E_UNDEFINED) {
                assert_true(last && count_of(label, "") <= left);
                assert_image(label, &before);
                ++refused;
                continue;
            }
            assert_int_equal(status, answers[i].len > 10 ? CXM_E_DOMAIN : CXM_OK);
            answers[i] = answers[--left];
            ++exact;
            cxm_label *rebuilt = make(max, 10);
            add_answers(rebuilt, answers, left);
            assert_same(label, rebuilt);
            cxm_label_free(rebuilt);
        }
        cxm_label_free(label);
    }
    assert_true(exact > 1000 && refused > 100);
}

static void remove_says_what_it_cannot_know(void **state)
{
    (void)state;
    static const char *const words[] = {"a", "c", "c", "e", "g", "g"};
    cxm_label *label = make(2, 8);
    assert_int_equal(take(label, "a"), CXM_E_UNDERFLOW);
    assert_int_equal(take(label, "123456789"), CXM_E_UNDERFLOW);
    add_all(label, words, COUNT_OF(words));                 /* a 1, c 2, other 3 */
    assert_int_equal(take(label, "b"), CXM_E_UNDERFLOW);    /* smaller than c: it would have been kept */
    assert_int_equal(take(label, "a"), CXM_E_UNDEFINED);    /* then e would be kept, and its count is gone */
    assert_int_equal(take(label, "c"), CXM_OK);
    assert_int_equal(take(label, "c"), CXM_E_UNDEFINED);
    assert_int_equal(take(label, "g"), CXM_OK);
    assert_int_equal(take(label, "e"), CXM_OK);
    assert_int_equal(take(label, "g"), CXM_OK);
    assert_int_equal(take(label, "g"), CXM_E_UNDERFLOW);    /* other is 0 */
    assert_int_equal(take(label, "a"), CXM_OK);             /* and now the table is exact again */
    assert_int_equal(sum_of(label).labels, 1);
    assert_int_equal(take(label, "c"), CXM_OK);
    assert_int_equal(sum_of(label).n, 0);
    cxm_label *empty = make(2, 8);
    assert_same(label, empty);
    cxm_label_free(empty);
    cxm_label_free(label);
}

static void merge_with_itself_doubles(void **state)
{
    (void)state;
    static const char *const words[] = {"d", "a", "c", "c", "e"};
    cxm_label *label = make(3, 8), *twice = make(3, 8);
    for (int i = 0; i < 2; ++i) add_all(twice, words, COUNT_OF(words));
    add_all(label, words, COUNT_OF(words));
    assert_int_equal(cxm_label_merge(label, label), CXM_OK);
    assert_same(label, twice);
    cxm_label_free(label);
    cxm_label_free(twice);
}

/* --- memory --- */

/* Everything that allocates, in an order that grows, evicts and merges; what failed is told and undone. */
static size_t run_script(ledger *own, const image *bytes)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_label_options options = {sizeof options, 20, 16, 0};
    cxm_label *part[2] = {NULL, NULL}, *back = NULL;
    static image before;
    size_t failed = 0;
    uint64_t seed = 5;
    for (int i = 0; i < 2; ++i) failed += cxm_label_create(&options, &hook, &part[i]) == CXM_E_MEMORY;
    for (int i = 0; i < 160 && part[0] && part[1]; ++i) {
        cxm_label *into = part[i & 1];
        answer a = random_answer(&seed, 60);
        take_image(into, &before);
        cxm_status status = i % 20 == 19 ? cxm_label_merge(into, part[(i >> 1) & 1 ? 0 : 1])
                          : i % 20 == 9  ? cxm_label_merge(into, part[~i & 1]) : cxm_label_add(into, a.text, a.len);
        if (status != CXM_E_MEMORY) continue;
        assert_image(into, &before);
        ++failed;
    }
    if (cxm_label_decode(bytes->bytes, bytes->len, SIZE_MAX, &hook, &back) == CXM_E_MEMORY) {
        assert_null(back);
        ++failed;
    }
    cxm_label_free(back);
    cxm_label_free(part[0]);
    cxm_label_free(part[1]);
    assert_int_equal(own->live, 0);
    return failed;
}

static void every_failed_allocation_changes_nothing(void **state)
{
    (void)state;
    static image bytes;
    cxm_label *sample = make(20, 16);
    uint64_t seed = 8;
    for (int i = 0; i < 30; ++i) {
        answer a = random_answer(&seed, 60);
        cxm_label_add(sample, a.text, a.len);
    }
    take_image(sample, &bytes);
    cxm_label_free(sample);
    ledger plain = {0};
    assert_int_equal(run_script(&plain, &bytes), 0);
    assert_true(plain.calls > 40);
    for (int on = 0; on < 2; ++on)
        for (size_t at = 1; at <= plain.calls; ++at) {
            ledger own = {.fail_at = at, .fail_on = on != 0};
            size_t failed = run_script(&own, &bytes);
            assert_true(failed > 0 && own.failed > 0);
        }
}

/* The bound as declared, at its worst: two full tables of the longest labels with none in common. */
static void memory_stays_within_its_bound(void **state)
{
    (void)state;
    static const uint32_t bounds[][2] = {{1, 1}, {7, 3}, {8, 16}, {9, 16}, {64, 256}, {100, 40}};
    for (size_t i = 0; i < COUNT_OF(bounds); ++i) {
        uint32_t labels = bounds[i][0], len = bounds[i][1];
        ledger own = {0};
        cxm_alloc hook = ledger_hook(&own);
        cxm_label_options options = {sizeof options, labels, len, 0};
        cxm_label *label, *smaller = make(labels, len);
        size_t bound = cxm_label_bytes(&options);
        char text[256];
        assert_int_equal(cxm_label_create(&options, &hook, &label), CXM_OK);
        for (uint32_t k = 0; k < 2 * labels; ++k) {
            memset(text, 'z', sizeof text);
            text[0] = (char)(k < labels ? 200 - k : 255 - k);
            cxm_label_add(k < labels ? label : smaller, text, len);
        }
        assert_true(own.peak <= bound);
        memset(text, 'a', sizeof text);
        for (uint32_t k = 0; k < labels; ++k) {
            text[0] = (char)(k + 1);
            cxm_label_add(smaller, text, len);
        }
        assert_int_equal(cxm_label_merge(label, smaller), CXM_OK);
        assert_true(own.peak <= bound && own.peak > bound / 3);
        cxm_label_free(label);
        cxm_label_free(smaller);
        assert_int_equal(own.live, 0);
    }
}

/* --- numbers --- */

static void shares_and_their_limits(void **state)
{
    (void)state;
    static const int32_t methods[] = {CXM_INTERVAL_DEFAULT, CXM_INTERVAL_GOODMAN, CXM_INTERVAL_QUESENBERRY_HURST,
                                      CXM_INTERVAL_WILSON, CXM_INTERVAL_CLOPPER_PEARSON};
    static const struct { const char *word; uint64_t count; } rows[] = {{"negative", 15}, {"neutral", 25}, {"positive", 60}};
    cxm_label *label = make(3, 8);
    for (size_t i = 0; i < COUNT_OF(rows); ++i) cxm_label_add_n(label, rows[i].word, strlen(rows[i].word), rows[i].count);
    for (size_t m = 0; m < COUNT_OF(methods); ++m) {
        cxm_label_ask ask = {sizeof ask, methods[m], 0.9};
        cxm_label_summary sum = {.size = sizeof sum};
        cxm_label_share row = {.size = sizeof row};
        assert_int_equal(cxm_label_summarize(label, &ask, &sum), CXM_OK);
        for (size_t i = 0; i < COUNT_OF(rows); ++i) {
            cxm_interval want = {.size = sizeof want};
            if (m < 3) cxm_multinomial_interval(rows[i].count, 100, 3, methods[m], 0.9, &want);
            else cxm_share_interval(rows[i].count, 100, methods[m], 0.9, &want);
            assert_int_equal(cxm_label_next(label, &ask, &row), CXM_OK);
            assert_true(row.low == want.low && row.high == want.high && sum.method == want.method && sum.level == 0.9);
            assert_close(row.share, (double)rows[i].count / 100.0, 1e-15);
            assert_close(row.se, want.se, 1e-15);
        }
    }
    cxm_label_add(label, "unknown", 7);                     /* `other` is a category like the others */
    cxm_label_share row = {.size = sizeof row};
    cxm_interval want = {.size = sizeof want};
    cxm_multinomial_interval(15, 101, 4, CXM_INTERVAL_GOODMAN, 0.95, &want);
    assert_int_equal(cxm_label_next(label, NULL, &row), CXM_OK);
    assert_true(row.low == want.low && row.high == want.high);
    cxm_label_free(label);
}

static void one_label_leaves_quesenberry_hurst_undefined(void **state)
{
    (void)state;
    cxm_label *label = make(0, 0);
    cxm_label_ask ask = {sizeof ask, CXM_INTERVAL_QUESENBERRY_HURST, 0.0};
    cxm_label_summary sum = {.size = sizeof sum};
    cxm_label_share row = {.size = sizeof row};
    assert_int_equal(cxm_label_summarize(label, &ask, &sum), CXM_E_EMPTY);
    assert_int_equal(cxm_label_next(label, &ask, &row), CXM_END);
    add(label, "x");
    assert_int_equal(cxm_label_summarize(label, &ask, &sum), CXM_OK);
    assert_int_equal(sum.interval_status, CXM_E_UNDEFINED);
    assert_int_equal(sum.method, CXM_INTERVAL_QUESENBERRY_HURST);
    assert_int_equal(cxm_label_next(label, &ask, &row), CXM_OK);
    assert_true(row.share == 1.0 && row.se == 0.0 && isnan(row.low) && isnan(row.high));
    cxm_label_free(label);
}

#define TEXT(literal) {literal, sizeof literal - 1}
static const cxm_label_text good[] = {TEXT("good"), TEXT("very good")}, bad[] = {TEXT("bad")};

static void net_is_a_trinomial(void **state)
{
    (void)state;
    cxm_label *label = make(0, 0);
    cxm_label_ask ask = {sizeof ask, CXM_INTERVAL_DEFAULT, 0.9};
    cxm_label_net_summary net = {.size = sizeof net};
    cxm_interval want = {.size = sizeof want};
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, NULL, &net), CXM_E_EMPTY);
    cxm_label_add_n(label, "good", 4, 30);
    cxm_label_add_n(label, "very good", 9, 12);
    cxm_label_add_n(label, "so so", 5, 20);
    cxm_label_add_n(label, "bad", 3, 9);
    cxm_trinomial_interval(9, 20, 42, CXM_INTERVAL_SCORE, 0.9, &want);
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, &ask, &net), CXM_OK);
    assert_true(net.n == 71 && net.positive == 42 && net.neutral == 20 && net.negative == 9);
    assert_close(net.value, 33.0 / 71.0, 1e-15);
    assert_true(net.low == want.low && net.high == want.high && net.se == want.se && net.level == 0.9);
    assert_int_equal(net.method, CXM_INTERVAL_SCORE);
    assert_int_equal(cxm_label_net(label, bad, 1, good, 2, &ask, &net), CXM_OK);
    assert_true(net.value == -33.0 / 71.0 && net.low == -want.high && net.high == -want.low);
    cxm_label_free(label);
}

static void net_of_answers_alike_has_no_t(void **state)
{
    (void)state;
    cxm_label *label = make(0, 0);
    cxm_label_ask ask = {sizeof ask, CXM_INTERVAL_T, 0.0};
    cxm_label_net_summary net = {.size = sizeof net};
    add(label, "good");
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, &ask, &net), CXM_OK);
    assert_true(net.value == 1.0 && net.se == 0.0 && isnan(net.low) && isnan(net.high));
    assert_int_equal(net.interval_status, CXM_E_UNDEFINED);
    assert_int_equal(net.method, CXM_INTERVAL_T);
    cxm_label_free(label);
}

static void net_of_many_answers_has_no_bootstrap(void **state)
{
    (void)state;
    cxm_label *label = make(0, 0);
    cxm_label_ask ask = {sizeof ask, CXM_INTERVAL_BOOTSTRAP, 0.0};
    cxm_label_net_summary net = {.size = sizeof net};
    assert_int_equal(cxm_label_add_n(label, "good", 4, CXM_INTERVAL_BOOTSTRAP_MOST - 1), CXM_OK);
    add(label, "bad");
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, &ask, &net), CXM_OK);
    assert_true(net.interval_status == CXM_OK && net.low < net.value && net.value < net.high);
    add(label, "bad");
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, &ask, &net), CXM_OK);
    assert_true(net.se > 0.0 && isnan(net.low) && isnan(net.high));
    assert_int_equal(net.interval_status, CXM_E_LIMIT);
    assert_int_equal(net.method, CXM_INTERVAL_BOOTSTRAP);
    cxm_label_free(label);
}

static void net_needs_its_labels_apart(void **state)
{
    (void)state;
    static const cxm_label_text twice[] = {TEXT("good"), TEXT("good")}, null[] = {{NULL, 3}}, none[] = {{NULL, 0}};
    static const cxm_label_text far[] = {TEXT("very far beyond")};
    cxm_label *label = make(2, 12);
    cxm_label_net_summary net = {.size = sizeof net, .n = 77}, before = net, small = {.size = sizeof small - 1};
    cxm_label_ask share = {sizeof share, CXM_INTERVAL_WILSON, 0.0}, level = {sizeof level, 0, 1.0}, abi = {4, 0, 0.0};
    add(label, "bad");
    add(label, "good");
    assert_int_equal(cxm_label_net(label, twice, 2, bad, 1, NULL, &net), CXM_E_ARG);
    assert_int_equal(cxm_label_net(label, good, 2, good, 1, NULL, &net), CXM_E_ARG);
    assert_int_equal(cxm_label_net(label, good, 0, bad, 1, NULL, &net), CXM_E_ARG);
    assert_int_equal(cxm_label_net(label, good, 2, bad, 0, NULL, &net), CXM_E_ARG);
    assert_int_equal(cxm_label_net(label, NULL, 2, bad, 1, NULL, &net), CXM_E_ARG);
    assert_int_equal(cxm_label_net(label, good, 2, NULL, 1, NULL, &net), CXM_E_ARG);
    assert_int_equal(cxm_label_net(label, null, 1, bad, 1, NULL, &net), CXM_E_ARG);
    assert_int_equal(cxm_label_net(NULL, good, 2, bad, 1, NULL, &net), CXM_E_ARG);
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, &level, &net), CXM_E_ARG);
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, &share, &net), CXM_E_METHOD);
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, &abi, &net), CXM_E_ABI);
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, NULL, &small), CXM_E_ABI);
    assert_int_equal(cxm_label_net(label, far, 1, bad, 1, NULL, &net), CXM_E_DOMAIN);
    add(label, "ugly");                                     /* now "very good" may be among the others */
    assert_int_equal(cxm_label_net(label, good, 2, bad, 1, NULL, &net), CXM_E_UNDEFINED);
    assert_int_equal(cxm_label_net(label, bad, 1, good, 2, NULL, &net), CXM_E_UNDEFINED);
    assert_memory_equal(&net, &before, sizeof net);
    assert_int_equal(cxm_label_net(label, good, 1, none, 1, NULL, &net), CXM_OK);   /* "" is smaller than all: 0 */
    assert_true(net.positive == 1 && net.negative == 0 && net.neutral == 2);
    cxm_label_free(label);
}

/* --- sentences --- */

static void assert_share_sentence(const cxm_label_ask *ask, const char *want)
{
    char text[200];
    size_t len = 0, need = 0;
    memset(text, '#', sizeof text);
    assert_int_equal(cxm_label_definition("Sentiment", ask, NULL, 0, &need), CXM_E_LIMIT);
    assert_int_equal(cxm_label_definition("Sentiment", ask, text, need - 1, &len), CXM_E_LIMIT);
    assert_int_equal(text[0], '#');
    assert_int_equal(cxm_label_definition("Sentiment", ask, text, need, &len), CXM_OK);
    assert_int_equal(len, strlen(want));
    assert_memory_equal(text, want, len);
    assert_int_equal(text[len], '#');
}

static void definitions_are_sentences(void **state)
{
    (void)state;
    cxm_label_ask hurst = {sizeof hurst, CXM_INTERVAL_QUESENBERRY_HURST, 0.9};
    cxm_label_ask wilson = {sizeof wilson, CXM_INTERVAL_WILSON, 0.0};
    char text[200];
    size_t len = 0, need = 0;
    assert_share_sentence(NULL, "Sentiment = answers with a label / all labelled answers; goodman interval at level 0.95, "
                                "for all labels observed at once");
    assert_share_sentence(&hurst, "Sentiment = answers with a label / all labelled answers; quesenberry-hurst interval at "
                                  "level 0.9, for all labels observed at once");
    assert_share_sentence(&wilson, "Sentiment = answers with a label / all labelled answers; wilson interval at level 0.95, "
                                   "for each label by itself");
    const char *want = "Net = (answers \"good\", \"very good\" - answers \"bad\") / all labelled answers; score interval at level 0.95";
    assert_int_equal(cxm_label_net_definition("Net", good, 2, bad, 1, NULL, NULL, 0, &need), CXM_E_LIMIT);
    memset(text, '#', sizeof text);
    assert_int_equal(cxm_label_net_definition("Net", good, 2, bad, 1, NULL, text, need - 1, &len), CXM_E_LIMIT);
    assert_int_equal(text[0], '#');
    assert_int_equal(cxm_label_net_definition("Net", good, 2, bad, 1, NULL, text, need, &len), CXM_OK);
    assert_int_equal(len, strlen(want));
    assert_memory_equal(text, want, len);
}

static void definitions_refuse(void **state)
{
    (void)state;
    static const char long_name[] = "12345678901234567890123456789012345678901234567890123456789012345";
    cxm_label_ask score = {sizeof score, CXM_INTERVAL_SCORE, 0.0}, wilson = {sizeof wilson, CXM_INTERVAL_WILSON, 0.0};
    cxm_label_ask abi = {4, 0, 0.0}, level = {sizeof level, 0, -1.0};
    char text[200];
    size_t len = 77;
    assert_int_equal(cxm_label_definition(NULL, NULL, text, 200, &len), CXM_E_ARG);
    assert_int_equal(cxm_label_definition(long_name, NULL, text, 200, &len), CXM_E_ARG);
    assert_int_equal(cxm_label_definition("S", NULL, NULL, 200, &len), CXM_E_ARG);
    assert_int_equal(cxm_label_definition("S", NULL, text, 200, NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_definition("S", &level, text, 200, &len), CXM_E_ARG);
    assert_int_equal(cxm_label_definition("S", &score, text, 200, &len), CXM_E_METHOD);
    assert_int_equal(cxm_label_definition("S", &abi, text, 200, &len), CXM_E_ABI);
    assert_int_equal(cxm_label_net_definition(NULL, good, 2, bad, 1, NULL, text, 200, &len), CXM_E_ARG);
    assert_int_equal(cxm_label_net_definition("S", good, 2, good, 2, NULL, text, 200, &len), CXM_E_ARG);
    assert_int_equal(cxm_label_net_definition("S", good, 2, bad, 1, &wilson, text, 200, &len), CXM_E_METHOD);
    assert_int_equal(cxm_label_net_definition("S", good, 2, bad, 1, &abi, text, 200, &len), CXM_E_ABI);
    assert_int_equal(len, 77);
}

/* --- misuse --- */

static void bounds_are_checked(void **state)
{
    (void)state;
    static const cxm_label_options wrong[] = {{sizeof *wrong, 4097, 0, 0}, {sizeof *wrong, 0, 4097, 0}, {sizeof *wrong, 1, 1, 1}};
    cxm_label_options small = {8, 1, 1, 0}, defaults = {sizeof defaults, 64, 256, 0}, most = {sizeof most, 4096, 4096, 0};
    struct { cxm_label_options options; uint32_t tail; } newer = {{sizeof newer, 3, 3, 0}, 0};
    cxm_alloc no_hook = {NULL, NULL, NULL, NULL};
    cxm_label *label = NULL;
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        assert_int_equal(cxm_label_create(&wrong[i], NULL, &label), CXM_E_ARG);
        assert_int_equal(cxm_label_bytes(&wrong[i]), 0);
    }
    assert_int_equal(cxm_label_create(&small, NULL, &label), CXM_E_ABI);
    assert_int_equal(cxm_label_bytes(&small), 0);
    assert_int_equal(cxm_label_create(NULL, &no_hook, &label), CXM_E_ARG);
    assert_int_equal(cxm_label_create(NULL, NULL, NULL), CXM_E_ARG);
    assert_null(label);
    assert_int_equal(cxm_label_bytes(NULL), cxm_label_bytes(&defaults));
    assert_true(cxm_label_bytes(&most) < 40 << 20);
    cxm_label *same = make(3, 3), *plain = make(64, 256);
    assert_int_equal(cxm_label_create(&newer.options, NULL, &label), CXM_OK);
    assert_int_equal(cxm_label_merge(label, same), CXM_OK);
    cxm_label_free(label);
    assert_int_equal(cxm_label_create(NULL, NULL, &label), CXM_OK);
    assert_int_equal(cxm_label_merge(label, plain), CXM_OK);
    assert_int_equal(cxm_label_merge(label, same), CXM_E_MISMATCH);
    newer.tail = 1;
    assert_int_equal(cxm_label_bytes(&newer.options), 0);
    cxm_label_free(label);
    cxm_label_free(same);
    cxm_label_free(plain);
    cxm_label_free(NULL);
}

static void misuse_is_an_argument_error(void **state)
{
    (void)state;
    cxm_label *label = make(0, 0);
    cxm_label_summary sum = {.size = sizeof sum}, small = {.size = sizeof small - 1};
    cxm_label_share row = {.size = sizeof row}, short_row = {.size = sizeof short_row - 1};
    cxm_label_ask method = {sizeof method, CXM_INTERVAL_SCORE, 0.0}, level = {sizeof level, 0, NAN}, abi = {4, 0, 0.0};
    uint64_t n;
    add(label, "x");
    assert_int_equal(cxm_label_add(NULL, "x", 1), CXM_E_ARG);
    assert_int_equal(cxm_label_add(label, NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_label_add_missing(NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_remove(NULL, "x", 1), CXM_E_ARG);
    assert_int_equal(cxm_label_remove(label, NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_label_remove_missing(NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_merge(NULL, label), CXM_E_ARG);
    assert_int_equal(cxm_label_merge(label, NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_n(NULL, &n), CXM_E_ARG);
    assert_int_equal(cxm_label_n(label, NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_count(NULL, "x", 1, &n), CXM_E_ARG);
    assert_int_equal(cxm_label_count(label, NULL, 1, &n), CXM_E_ARG);
    assert_int_equal(cxm_label_count(label, "x", 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_summarize(NULL, NULL, &sum), CXM_E_ARG);
    assert_int_equal(cxm_label_summarize(label, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_summarize(label, NULL, &small), CXM_E_ABI);
    assert_int_equal(cxm_label_summarize(label, &abi, &sum), CXM_E_ABI);
    assert_int_equal(cxm_label_summarize(label, &method, &sum), CXM_E_METHOD);
    assert_int_equal(cxm_label_summarize(label, &level, &sum), CXM_E_ARG);
    assert_int_equal(cxm_label_next(NULL, NULL, &row), CXM_E_ARG);
    assert_int_equal(cxm_label_next(label, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_label_next(label, NULL, &short_row), CXM_E_ABI);
    assert_int_equal(cxm_label_next(label, &abi, &row), CXM_E_ABI);
    assert_int_equal(cxm_label_next(label, &method, &row), CXM_E_METHOD);
    cxm_label_free(label);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentiment_by_hand),
        cmocka_unit_test(labels_come_in_the_order_of_bytes),
        cmocka_unit_test(the_smallest_are_kept_the_rest_is_other),
        cmocka_unit_test(too_long_is_out_of_range),
        cmocka_unit_test(counters_do_not_pass_their_type),
        cmocka_unit_test(merged_accounts_do_not_pass_their_type),
        cmocka_unit_test(any_order_partition_and_tree_gives_one_state),
        cmocka_unit_test(remove_gives_the_state_of_what_is_left),
        cmocka_unit_test(remove_says_what_it_cannot_know),
        cmocka_unit_test(merge_with_itself_doubles),
        cmocka_unit_test(every_failed_allocation_changes_nothing),
        cmocka_unit_test(memory_stays_within_its_bound),
        cmocka_unit_test(shares_and_their_limits),
        cmocka_unit_test(one_label_leaves_quesenberry_hurst_undefined),
        cmocka_unit_test(net_is_a_trinomial),
        cmocka_unit_test(net_of_answers_alike_has_no_t),
        cmocka_unit_test(net_of_many_answers_has_no_bootstrap),
        cmocka_unit_test(net_needs_its_labels_apart),
        cmocka_unit_test(definitions_are_sentences),
        cmocka_unit_test(definitions_refuse),
        cmocka_unit_test(bounds_are_checked),
        cmocka_unit_test(misuse_is_an_argument_error),
    };
    return cmocka_run_group_tests_name("score/label", tests, NULL, NULL);
}
