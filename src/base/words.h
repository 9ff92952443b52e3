/* SPDX-License-Identifier: MIT */
/* words.h - words of a vocabulary as people write them: in any case of ASCII letters, blanks and hyphens as underscores. */
#ifndef CXM_BASE_WORDS_H
#define CXM_BASE_WORDS_H
#include <stddef.h>
#include <stdint.h>

/* A word of a list that ends with a NULL name; what it means is the caller's. */
typedef struct word { const char *name; uint8_t code, tier; } word;

/* The word that `text` writes, without the blanks around it; NULL when the list has none such. */
const word *words_find(const word *words, const char *text, size_t len);

#endif
