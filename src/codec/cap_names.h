/* cap_names.h - the standard's words and their numbers. Layer: codec, for cap*.c only. */
#ifndef CODEC_CAP_NAMES_H
#define CODEC_CAP_NAMES_H
#include "codec/cap.h"

struct cap_words {
    const char *const *words; /* [0] is nothing */
    uint32_t count;
};
extern const struct cap_words CAP_STATUS_WORDS, CAP_KIND_WORDS, CAP_SCOPE_WORDS, CAP_URGENCY_WORDS,
    CAP_SEVERITY_WORDS, CAP_CERTAINTY_WORDS, CAP_CATEGORY_WORDS, CAP_RESPONSE_WORDS;
uint32_t cap_word(const struct cap_words *words, struct str text); /* 0: none of them */
#endif
