/* SPDX-License-Identifier: MIT */
/* pairs.c - what every comparison does alike: which files it takes, p over a family, and how a difference is written. */
#include "pairs.h"
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pairs_check_files(const options *opt, bool has_at)
{
    if (opt->file_count < 1 || opt->file_count > 2)
        return complain(EXIT_USAGE, "compare takes two files, A and B, or one with --by%s", has_at ? " or --at" : "");
    if (opt->file_count == 2 && opt->has_at) return complain(EXIT_USAGE, "--at splits one FILE in two; two files are two sides already");
    if (opt->file_count == 2 && strcmp(opt->files[0], "-") == 0 && strcmp(opt->files[1], "-") == 0)
        return complain(EXIT_USAGE, "standard input can be one side, not both");
    return EXIT_FINE;
}

/* --- p over a family --- */

static chance *chance_at(chance *first, size_t stride, size_t i)
{
    return (chance *)(void *)((char *)first + i * stride);
}

static size_t gather_p(chance *first, size_t stride, size_t count, double *p)
{
    size_t family = 0;
    for (size_t i = 0; i < count; ++i) {
        const chance *of = chance_at(first, stride, i);
        p[i] = of->in_family ? of->p : (double)NAN;
        family += p[i] == p[i];
    }
    return family;
}

int pairs_adjust(chance *first, size_t stride, size_t count, size_t *family)
{
    double *p = calloc(count + 1, sizeof *p), *adjusted = calloc(count + 1, sizeof *adjusted);
    size_t *scratch = calloc(count + 1, sizeof *scratch);
    bool there = p && adjusted && scratch;
    if (there) *family = gather_p(first, stride, count, p);
    for (int bh = 0; there && bh < 2; ++bh) {
        cxm_adjust_p(p, count, bh ? CXM_ADJUST_BH : CXM_ADJUST_HOLM, scratch, adjusted);
        for (size_t i = 0; i < count; ++i) {
            chance *of = chance_at(first, stride, i);
            *(bh ? &of->bh : &of->holm) = of->in_family ? adjusted[i] : of->p;
        }
    }
    free(p);
    free(adjusted);
    free(scratch);
    return there ? EXIT_FINE : out_of_memory();
}

double pairs_p_shown(chance *first, size_t stride, size_t count)
{
    double least[PAIRS_SHOWN];
    size_t kept = 0;
    if (count <= PAIRS_SHOWN) return 1.0;
    for (size_t i = 0; i < count; ++i) {
        double p = chance_at(first, stride, i)->p;
        if (p != p || (kept == PAIRS_SHOWN && p >= least[PAIRS_SHOWN - 1])) continue;
        size_t at = kept < PAIRS_SHOWN ? kept++ : PAIRS_SHOWN - 1;
        for (; at > 0 && least[at - 1] > p; --at) least[at] = least[at - 1];
        least[at] = p;
    }
    return kept ? least[kept - 1] : 0.0;
}

/* --- words --- */

void p_text(double p, char *out, size_t cap)
{
    if (p < 1e-300) snprintf(out, cap, "< 1e-300");
    else snprintf(out, cap, p < 0.001 ? "%.1e" : "%.3f", p);
}

void cut_into(const char *text, char *out, size_t cap)
{
    cxm_view cut = cut_text((cxm_view){text, strlen(text)}, cap - 1);
    memcpy(out, cut.text, cut.len);
    out[cut.len] = '\0';
}

void segment_text(const cxm_engine_result *slot, char *out, size_t cap)
{
    char whole[(LABEL_MAX * 4 + 3) * CXM_ENGINE_SEGMENTS_MAX + 1] = "all";
    if (slot->segment_count) screen_label(slot, whole, sizeof whole);
    cut_into(whole, out, cap);
}

void append_limits(char *out, size_t cap, double level, const char *limits, bool adjusted, double p, const char *note)
{
    char range[160] = "", chance_of[32];
    size_t used = strlen(out);
    if (used >= cap) return;
    if (limits) snprintf(range, sizeof range, "%g %% %.120s, ", 100.0 * level, limits);
    p_text(p, chance_of, sizeof chance_of);
    snprintf(out + used, cap - used, " (%s%sp %s%s)", range, adjusted ? "adjusted " : "", chance_of, note);
}

void summary_of_pairs(size_t proven, size_t count, double level, const char *of_one, char *out, size_t cap)
{
    snprintf(out, cap, "%zu of %zu comparisons differ at %g %%; %s%.400s", proven, count, 100.0 * level, proven ? "clearest: " : "closest: ", of_one);
}

/* --- JSON --- */

cxm_difference difference_shown(const cxm_difference *found, bool exists)
{
    const double none = (double)NAN;
    cxm_difference shown = *found;
    if (!exists) shown = (cxm_difference){.size = sizeof shown, .difference = none, .se = none, .statistic = none, .df = none};
    if (exists && found->interval_status == CXM_OK) return shown;
    shown.level = shown.low = shown.high = none;
    return shown;
}

void json_compare_head(score_run *const *runs, int count, sink *out)
{
    sink_text(out, "{\"schema\":\"cxm.compare/1\",\"tool\":\"cxm " CXM_VERSION "\",");
    for (int i = 0; i < count; ++i) {
        if (i) sink_text(out, ",");
        json_input(out, i ? "input_b" : "input", runs[i]->file, runs[i]->in ? source_format(runs[i]->in) : "counts", &runs[i]->account);
    }
}

void json_difference_limits(const cxm_difference *shown, sink *out)
{
    if (isnan(shown->low)) {
        sink_text(out, ",\"interval\":null");
        return;
    }
    sink_format(out, ",\"interval\":{\"method\":\"%s\"", cxm_compare_name(shown->method));
    json_key_number(out, "level", shown->level);
    json_key_number(out, "low", shown->low);
    json_key_number(out, "high", shown->high);
    sink_text(out, "}");
}

void json_chance(const chance *of, bool exists, sink *out)
{
    const double none = (double)NAN;
    json_key_number(out, "p", exists ? of->p : none);
    json_key_number(out, "p_adjusted", exists ? of->holm : none);
    json_key_number(out, "p_bh", exists ? of->bh : none);
}

void json_verdict(const char *text, sink *out)
{
    sink_text(out, ",\"verdict\":");
    json_string(out, text, strlen(text));
}

/* --- CSV --- */

void table_segment(const cxm_engine_result *slot, sink *out)
{
    if (slot->segment_count) table_joined(out, slot->segments, slot->segment_count);
    else sink_text(out, "\"all\"");
}

void table_pair_place(const cxm_engine_result *a, const cxm_engine_result *b, const char *sides, sink *out)
{
    if (sides) {
        table_segment(a, out);
        sink_format(out, ",%s", sides);
        return;
    }
    sink_text(out, ",");
    table_segment(a, out);
    sink_text(out, ",");
    table_segment(b, out);
}

void table_difference(const cxm_difference *shown, const chance *of, bool proven, sink *out)
{
    bool tested = of->p == of->p;
    table_number(out, shown->difference, true);
    sink_format(out, ",%s", tested ? cxm_compare_name(shown->method) : "");
    table_number(out, shown->level, true);
    table_number(out, shown->low, true);
    table_number(out, shown->high, true);
    table_number(out, shown->se, true);
    table_number(out, of->p, true);
    table_number(out, of->holm, tested);
    table_number(out, of->bh, tested);
    sink_format(out, ",%d", (int)proven);
}
