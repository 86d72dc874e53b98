#include "base/config.h"
#include <assert.h>

#define MAX_CONFIG_KEYS 256

static enum err set_int(const struct config_key *key, char *to, struct str value,
                        struct fault *ret_fault)
{
    int64_t v = 0;
    enum err err = str_i64(value, &v);
    if (err == ERR_SYNTAX)
        return fault_field(ret_fault, err, key->key, "not a whole number");
    if (err || v < key->min || v > key->max)
        return fault_field(ret_fault, ERR_RANGE, key->key, "number is out of range");
    memcpy(to, &v, sizeof v);
    return OK;
}

static enum err set_bool(const struct config_key *key, char *to, struct str value,
                         struct fault *ret_fault)
{
    bool v = str_eq_c(value, "yes");
    if (!v && !str_eq_c(value, "no"))
        return fault_field(ret_fault, ERR_SYNTAX, key->key, "neither yes nor no");
    memcpy(to, &v, sizeof v);
    return OK;
}

static enum err set_text(const struct config_key *key, char *to, struct str value,
                         struct fault *ret_fault)
{
    if (!str_is_utf8(value))
        return fault_field(ret_fault, ERR_SYNTAX, key->key, "not UTF-8");
    for (size_t i = 0; i < value.len; i++)
        if ((uint8_t)value.p[i] < ' ')
            return fault_field(ret_fault, ERR_SYNTAX, key->key, "control character");
    if (value.len < (size_t)key->min || value.len > (size_t)key->max)
        return fault_field(ret_fault, ERR_RANGE, key->key, "text is too short or too long");
    (void)str_copy(value, to, (size_t)key->max + 1);
    return OK;
}

static enum err set_value(const struct config_key *key, void *target, struct str value,
                          struct fault *ret_fault)
{
    char *to = (char *)target + key->offset;
    switch (key->type) {
    case CONFIG_INT:
        return set_int(key, to, value, ret_fault);
    case CONFIG_TEXT:
        return set_text(key, to, value, ret_fault);
    case CONFIG_BOOL:
        return set_bool(key, to, value, ret_fault);
    }
    return ERR_UNSUPPORTED;
}

static size_t find_key(const struct config_key *keys, size_t key_count, struct str name)
{
    size_t i = 0;
    while (i < key_count && !str_eq_c(name, keys[i].key))
        i++;
    return i;
}

enum err config_set(const struct config_key *keys, size_t key_count, void *target, struct str key,
                    struct str value, struct fault *ret_fault)
{
    size_t i = find_key(keys, key_count, key);
    if (i == key_count)
        return fault_set(ret_fault, ERR_NOT_FOUND, 0, "unknown key");
    return set_value(&keys[i], target, value, ret_fault);
}

static void set_defaults(const struct config_key *keys, size_t key_count, void *target)
{
    for (size_t i = 0; i < key_count; i++) {
        enum err err = set_value(&keys[i], target, str_of(keys[i].preset), NULL);
        assert(err == OK); /* a default outside its own bounds is a bug of the table */
        (void)err;
    }
}

static enum err parse_line(const struct config_key *keys, size_t key_count, struct str line,
                           void *target, bool *seen, struct fault *ret_fault)
{
    struct str value = line;
    struct str name = str_trim(str_cut(&value, '='));
    if (name.len == line.len)
        return fault_set(ret_fault, ERR_SYNTAX, 0, "no '=' behind the key");
    size_t i = find_key(keys, key_count, name);
    if (i < key_count && seen[i])
        return fault_field(ret_fault, ERR_SYNTAX, keys[i].key, "key is given twice");
    if (i < key_count)
        seen[i] = true;
    return config_set(keys, key_count, target, name, str_trim(value), ret_fault);
}

enum err config_parse(const struct config_key *keys, size_t key_count, struct str text,
                      void *target, struct fault *ret_fault)
{
    bool seen[MAX_CONFIG_KEYS] = {false};
    assert(key_count <= MAX_CONFIG_KEYS);
    set_defaults(keys, key_count, target);
    struct str rest = text;
    for (uint32_t number = 1; rest.len; number++) {
        size_t offset = text.len - rest.len;
        struct str line = str_trim(str_cut(&rest, '\n'));
        if (line.len == 0 || line.p[0] == '#')
            continue;
        enum err err = parse_line(keys, key_count, line, target, seen, ret_fault);
        if (err && ret_fault) {
            ret_fault->offset = offset;
            ret_fault->line = number;
        }
        if (err)
            return err;
    }
    return OK;
}

static void print_value(const struct config_key *key, const char *from, struct out *out)
{
    int64_t number;
    bool is_on;
    switch (key->type) {
    case CONFIG_INT:
        memcpy(&number, from, sizeof number);
        out_i64(out, number);
        break;
    case CONFIG_TEXT:
        out_c(out, from);
        break;
    case CONFIG_BOOL:
        memcpy(&is_on, from, sizeof is_on);
        out_c(out, is_on ? "yes" : "no");
        break;
    }
}

static void print_bounds(const struct config_key *key, struct out *out)
{
    switch (key->type) {
    case CONFIG_INT:
        out_printf(out, "%lld to %lld", (long long)key->min, (long long)key->max);
        break;
    case CONFIG_TEXT:
        out_printf(out, "text of %lld to %lld bytes", (long long)key->min, (long long)key->max);
        break;
    case CONFIG_BOOL:
        out_c(out, "yes or no");
        break;
    }
}

void config_print(const struct config_key *keys, size_t key_count, const void *target,
                  struct out *out)
{
    for (size_t i = 0; i < key_count; i++) {
        out_printf(out, "# %s (", keys[i].help);
        print_bounds(&keys[i], out);
        out_printf(out, "; default %s)\n%s = ", keys[i].preset, keys[i].key);
        print_value(&keys[i], (const char *)target + keys[i].offset, out);
        out_c(out, "\n");
    }
}
