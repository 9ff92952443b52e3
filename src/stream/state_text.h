/* SPDX-License-Identifier: MIT */
/* state_text.h - cells of a file in, JSON out, as the door needs both. */
#ifndef CXM_STREAM_STATE_TEXT_H
#define CXM_STREAM_STATE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/writer.h"

/* What a cell holds. */
enum state_cell { STATE_CELL_MISSING, STATE_CELL_NUMBER, STATE_CELL_TEXT };

/* Takes the blanks (space, tab) from both ends. */
void state_trim(const char **text, size_t *len);

/* Whether a cell is blank or a word for a missing answer: NA, N/A, null, None, NaN, -, in any case. */
bool state_is_missing(const char *text, size_t len);

/* A cell as an answer on a scale; a number beyond the largest double is infinite. */
enum state_cell state_answer(const char *text, size_t len, double *value);

/* Whether a text is of digits, signs and points alone, as whole numbers and "-5..5" are: no blank, no exponent. */
bool state_is_whole(const char *text, size_t len);

/* JSON: numbers with the fewest digits, null for one that is not finite; a text with what is no UTF-8 replaced. */
void state_put_number(writer *w, double value);
void state_put_string(writer *w, const char *text, size_t len);

/* The same behind ,"key": */
void state_put_key(writer *w, const char *key);
void state_put_key_count(writer *w, const char *key, uint64_t value);
void state_put_key_number(writer *w, const char *key, double value);

/* ,"interval":{...}, or null where it does not exist. */
void state_put_interval(writer *w, bool exists, int32_t method, double level, double low, double high);

#endif
