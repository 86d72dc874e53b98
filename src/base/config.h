/* config.h - process configuration from one table: parse, check, print, document.
 * Layer: base. A file of `key = value` lines, # comments. Unknown key or bad value: file:line. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H
#include "base/out.h"

enum config_type { CONFIG_INT, CONFIG_TEXT, CONFIG_BOOL };
struct config_key {
    const char *key;
    enum config_type type;
    int64_t min, max;   /* of the value, or of the text's length in bytes */
    const char *preset; /* default as text; a bool is yes or no */
    const char *help;
    size_t offset; /* int64_t, char[max + 1] or bool in the target struct */
};

/* Sets every default, then reads `text`. ERR_SYNTAX / ERR_RANGE / ERR_NOT_FOUND (unknown key) with
 * ret_fault->line. `target` is filled only up to the fault; refuse to start on it. */
enum err config_parse(const struct config_key *keys, size_t key_count, struct str text,
                      void *target, struct fault *ret_fault);
enum err config_set(const struct config_key *keys, size_t key_count, void *target, struct str key,
                    struct str value, struct fault *ret_fault);
void config_print(const struct config_key *keys, size_t key_count, const void *target,
                  struct out *out);
#endif
