/* options.h - command-line options of the sub-commands from one table. Layer: main. */
#ifndef MAIN_OPTIONS_H
#define MAIN_OPTIONS_H
#include "base/str.h"

#define OPTIONS_MAX_VALUES 32

struct option_def {
    const char *name;    /* "--dir" */
    bool has_value;      /* else a switch */
    const char **values; /* up to max_count texts; a switch stores its own name */
    size_t max_count;
    size_t *ret_count; /* may be NULL when max_count is 1 */
};
/* Reads argv[1..]; what is not an option goes to rest (up to OPTIONS_MAX_VALUES). Prints what is
 * wrong and returns false on an unknown option, a missing value or too many. */
bool options_read(int argc, char **argv, const struct option_def *defs, size_t def_count,
                  const char **rest, size_t *ret_rest_count);
#endif
