/* SPDX-License-Identifier: MIT */
/* screen.h - what screen.c (answers) and response_print.c (durations) share to draw with. */
#ifndef CXM_CLI_SCREEN_H
#define CXM_CLI_SCREEN_H
#include "cli.h"

enum { LABEL_MAX = 32, STRIP = 41, BAR = 40, TREND_MAX = 60, TEXT = 64 };

/* How to draw, and what the rows have in common. */
typedef struct screen {
    score_run *run;
    sink *out;
    bool pictures, unicode, color;
    int label_width, value_width, limits_width, n_width, left_width;
    double low, high;           /* range of all limits and values, for the strips */
} screen;

/* The windows of one segment; its trend is that of the last TREND_MAX. */
typedef struct block { cxm_engine_result of; double trend[TREND_MAX]; int count; bool open, cut, changed; } block;

screen screen_of(score_run *run, sink *out);
/* How a file of customers was read, with the columns of `of`, and what was left out. */
void screen_customers(score_run *run, void (*print_columns)(const void *of, sink *out), const void *of, sink *out);
void screen_paint(const screen *s, const char *code);       /* an ANSI code, where colour is wanted */
void screen_pad(const screen *s, int blanks);
void screen_fixed(double value, int decimals, bool sign, const char *unit, char out[TEXT]);
void duration_text(double seconds, char out[TEXT]);         /* "12.4 min" */
void screen_percent(const screen *s, double share);
int screen_count_width(uint64_t value);
/* Value, limits and n of a row, below those of the rows above. */
void screen_numbers(const screen *s, const char *value, const char *limits, uint64_t n);
void screen_widen(int *width, int to);
int screen_label(const cxm_engine_result *slot, char *out, size_t cap);     /* of a segment; returns its columns */
void screen_window_label(const score_run *run, int64_t from_us, char *out);
/* The interval as a line and the value as a dot between low and high. */
void screen_strip(const screen *s, double value, double from, double to);
void screen_bar(const screen *s, double share);             /* of its full length */
void screen_begin_block(const screen *s, block *b, const cxm_engine_result *of);
void screen_end_block(const screen *s, block *b);
void screen_add_to_trend(block *b, double value);
void screen_say_marks(const screen *s, const block *b);     /* what the marks of windows mean */
const char *screen_change_mark(const screen *s, bool up);

#endif
