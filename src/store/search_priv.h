/* search_priv.h - words as the search index knows them. Layer: store. Threads: pure.
 *
 * SQLite's word splitter takes a run of Chinese for one word, so that 事故 would be found only
 * where nothing else stands beside it. Here each Chinese, Japanese or Korean character becomes a
 * word of its own by a space round it, and a question is the phrase of its characters: exact for
 * words of one, two and more characters. Other words are found by their beginning. Full-width
 * letters and digits are folded to ASCII. */
#ifndef STORE_SEARCH_PRIV_H
#define STORE_SEARCH_PRIV_H
#include "base/out.h"

/* Appends text with the spaces in; the same on both sides. */
void search_words(struct str text, struct out *out);
/* Appends the question: every word of it, in any order. ERR_NOT_FOUND: there is no word in it. */
enum err search_question(struct str text, struct out *out);
#endif
