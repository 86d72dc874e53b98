#include "main/settings.h"

#include "base/file.h"

#define AT(member) offsetof(struct settings, member)
#define TEXT_KEY(key, cap, preset, help)                                                           \
    {                                                                                              \
#key, CONFIG_TEXT, 0, (cap)-1, preset, help, AT(key)                                       \
    }
#define INT_KEY(key, lo, hi, preset, help)                                                         \
    {                                                                                              \
#key, CONFIG_INT, lo, hi, preset, help, AT(key)                                            \
    }

const struct config_key settings_keys[] = {
    INT_KEY(realm, 1, 65535, "1", "number of this database; part of every id"),
    INT_KEY(port, 1, 65535, "8443", "HTTPS port of the console and the field page"),
    INT_KEY(portal_port, 1, 65535, "8444", "HTTPS port of the public site"),
    TEXT_KEY(listen, 64, "0.0.0.0", "address that both ports listen on"),
    TEXT_KEY(city, 64, "sf", "code of the city"),
    TEXT_KEY(city_name_zh, 64, "旧金山", "its name in Chinese"),
    TEXT_KEY(city_name_en, 64, "San Francisco", "its name in English"),
    TEXT_KEY(zone, 64, "UTC", "IANA time zone of the realm"),
    TEXT_KEY(web, 256, "", "folder of the built pages; empty: beside the program"),
    TEXT_KEY(attribution, 160, "\xC2\xA9 OpenStreetMap contributors (ODbL)",
             "whom the map thanks, as the licences of its data ask"),
    TEXT_KEY(clock, 64, "", "replay:START,SPEED makes another now; empty: the real clock"),
    INT_KEY(login_memory_kib, 8, 1048576, "65536", "argon2id memory of one password check"),
    INT_KEY(login_passes, 1, 16, "3", "argon2id passes"),
    INT_KEY(session_hours, 1, 72, "12", "absolute length of a session"),
    {"is_public_open", CONFIG_BOOL, 0, 1, "yes", "serve the public site", AT(is_public_open)},
    {"is_cover_by_people", CONFIG_BOOL, 0, 1, "no",
     "the ledger of cover counts the people of city.cells, not past calls", AT(is_cover_by_people)},
};
const size_t settings_key_count = sizeof settings_keys / sizeof settings_keys[0];

enum err settings_path(const char *dir, const char *name, char buf[SETTINGS_PATH_CAP])
{
    int n = snprintf(buf, SETTINGS_PATH_CAP, "%s/%s", dir, name);
    return n > 0 && n < SETTINGS_PATH_CAP ? OK : ERR_LIMIT;
}

static enum err apply_override(struct str text, struct settings *settings)
{
    struct str value = text;
    struct str key = str_cut(&value, '=');
    struct fault fault = {0};
    enum err err = config_set(settings_keys, settings_key_count, settings, str_trim(key),
                              str_trim(value), &fault);
    if (err)
        (void)fprintf(stderr, "anwang: --set " STR_FMT ": %s\n", STR_ARG(text),
                      fault.text ? fault.text : err_text(err));
    return err;
}

enum err settings_read(const char *dir, char *const *overrides, size_t override_count,
                       struct settings *ret_settings)
{
    char path[SETTINGS_PATH_CAP];
    struct out text;
    struct fault fault = {0};
    struct settings settings = {0};
    out_init(&text, 1 << 16);
    enum err err = settings_path(dir, "anwang.conf", path);
    if (!err)
        err = file_read(path, &text);
    if (err) {
        (void)fprintf(stderr, "anwang: %s: %s\n", path, err_text(err));
        goto out;
    }
    err = config_parse(settings_keys, settings_key_count, out_view(&text), &settings, &fault);
    if (err) {
        (void)fprintf(stderr, "anwang: %s:%u: %s\n", path, (unsigned)fault.line,
                      fault.text ? fault.text : err_text(err));
        goto out;
    }
    for (size_t i = 0; i < override_count && !err; i++)
        err = apply_override(str_of(overrides[i]), &settings);
    if (!err)
        *ret_settings = settings;
out:
    out_done(&text);
    return err;
}

enum err settings_write(const char *dir, const struct settings *settings)
{
    char path[SETTINGS_PATH_CAP];
    struct out text;
    enum err err = settings_path(dir, "anwang.conf", path);
    if (err)
        return err;
    out_init(&text, 1 << 16);
    config_print(settings_keys, settings_key_count, settings, &text);
    err = text.err ? text.err : file_replace(path, out_view(&text), 0600);
    out_done(&text);
    return err;
}
