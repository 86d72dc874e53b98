#include "main/options.h"

static const struct option_def *find(const struct option_def *defs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_c(str_of(name), defs[i].name))
            return &defs[i];
    }
    return NULL;
}

static bool store(const struct option_def *def, const char *value)
{
    size_t at = def->ret_count ? *def->ret_count : 0;
    if (at >= def->max_count) {
        (void)fprintf(stderr, "anwang: %s: given too often\n", def->name);
        return false;
    }
    def->values[at] = value;
    if (def->ret_count)
        (*def->ret_count)++;
    return true;
}

bool options_read(int argc, char **argv, const struct option_def *defs, size_t def_count,
                  const char **rest, size_t *ret_rest_count)
{
    size_t rest_count = 0;
    for (int i = 1; i < argc; i++) {
        const struct option_def *def = find(defs, def_count, argv[i]);
        if (!def && argv[i][0] == '-') {
            (void)fprintf(stderr, "anwang %s: there is no option %s\n", argv[0], argv[i]);
            return false;
        }
        if (!def) {
            if (!rest || rest_count == OPTIONS_MAX_VALUES) {
                (void)fprintf(stderr, "anwang %s: what is %s?\n", argv[0], argv[i]);
                return false;
            }
            rest[rest_count++] = argv[i];
            continue;
        }
        if (def->has_value && ++i == argc) {
            (void)fprintf(stderr, "anwang %s: %s needs a value\n", argv[0], def->name);
            return false;
        }
        if (!store(def, argv[i]))
            return false;
    }
    if (ret_rest_count)
        *ret_rest_count = rest_count;
    return true;
}
