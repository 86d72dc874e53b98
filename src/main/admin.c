/* admin.c - commands of the machine room: backup, restore, verify, audit, api, config. */
#include "base/file.h"
#include "base/log.h"
#include "edge/edge.h"
#include "main/commands.h"
#include "main/options.h"
#include "main/settings.h"
#include "store/audit.h"
#include "store/backup.h"

#include <unistd.h>

static int failed(const char *what, enum err err, const struct fault *fault)
{
    (void)fprintf(stderr, "anwang: %s: %s%s%s\n", what, err_text(err),
                  fault && fault->text ? ": " : "", fault && fault->text ? fault->text : "");
    return 1;
}

static void show_progress(void *ctx, uint64_t done, uint64_t all)
{
    (void)ctx;
    (void)fprintf(stderr, "\r  %llu of %llu pages", (unsigned long long)done,
                  (unsigned long long)all);
    if (done == all)
        (void)fprintf(stderr, "\n");
}

static int report(const char *what, const struct backup_report *r)
{
    (void)printf("%s: up to seq %llu, %llu bytes\n", what, (unsigned long long)r->last_seq,
                 (unsigned long long)r->bytes);
    return 0;
}

int backup_main(int argc, char **argv)
{
    const char *dir = NULL, *to = NULL;
    const struct option_def defs[] = {{"--dir", true, &dir, 1, NULL}, {"--to", true, &to, 1, NULL}};
    char store[SETTINGS_PATH_CAP];
    struct backup_report r;
    struct fault fault = {0};
    if (!options_read(argc, argv, defs, 2, NULL, NULL) || !dir || !to)
        return 2;
    enum err err = settings_path(dir, "store", store);
    if (!err)
        err = store_backup(store, to, show_progress, NULL, &r, &fault);
    return err ? failed("backup", err, &fault) : report("backup", &r);
}

int restore_main(int argc, char **argv)
{
    const char *from = NULL, *dir = NULL;
    const struct option_def defs[] = {{"--from", true, &from, 1, NULL},
                                      {"--dir", true, &dir, 1, NULL}};
    char store[SETTINGS_PATH_CAP];
    struct backup_report r;
    struct fault fault = {0};
    if (!options_read(argc, argv, defs, 2, NULL, NULL) || !dir || !from)
        return 2;
    enum err err = settings_path(dir, "store", store);
    if (!err)
        err = file_mkdirs(dir, 0700);
    if (!err)
        err = store_restore(from, store, &r, &fault);
    return err ? failed("restore", err, &fault) : report("restored", &r);
}

int verify_main(int argc, char **argv)
{
    const char *dir = NULL, *checkpoints = NULL, *key = NULL;
    const struct option_def defs[] = {{"--dir", true, &dir, 1, NULL},
                                      {"--checkpoints", true, &checkpoints, 1, NULL},
                                      {"--key", true, &key, 1, NULL}};
    char store[SETTINGS_PATH_CAP], outside[SETTINGS_PATH_CAP], public_key[SETTINGS_PATH_CAP];
    struct audit_report r = {0};
    if (!options_read(argc, argv, defs, 3, NULL, NULL) || !dir)
        return 2;
    enum err err = settings_path(dir, "store", store);
    if (!err)
        err = settings_path(dir, "checkpoints", outside);
    if (!err)
        err = settings_path(dir, "store/audit.pub", public_key);
    if (!err)
        err = audit_verify(store,
                           checkpoints                  ? checkpoints
                           : access(outside, F_OK) == 0 ? outside
                                                        : NULL,
                           key ? key : public_key, &r);
    if (err && !r.reason)
        return failed("verify", err, NULL);
    (void)printf("audit: %llu lines (%llu events, %llu look-ups), %llu checkpoints: %s\n",
                 (unsigned long long)r.lines, (unsigned long long)r.events,
                 (unsigned long long)r.lookups, (unsigned long long)r.checkpoints,
                 r.reason ? r.reason : "all hold");
    if (r.reason)
        (void)printf("audit: first bad line %llu\n", (unsigned long long)r.bad_line);
    return r.reason ? 1 : 0;
}

int audit_main(int argc, char **argv)
{
    const char *dir = NULL, *to = NULL, *from = NULL, *events = NULL;
    const struct option_def defs[] = {{"--dir", true, &dir, 1, NULL},
                                      {"--to", true, &to, 1, NULL},
                                      {"--from-line", true, &from, 1, NULL},
                                      {"--events", false, &events, 1, NULL}};
    struct audit_text how = {.from_line = 1};
    char store[SETTINGS_PATH_CAP];
    uint64_t lines = 0;
    if (!options_read(argc, argv, defs, 4, NULL, NULL) || !dir)
        return 2;
    if (from && (str_u64(str_of(from), &how.from_line) != OK || how.from_line == 0))
        return failed("audit: --from-line", ERR_SYNTAX, NULL);
    how.with_events = events != NULL;
    FILE *file = to ? fopen(to, "wxe") : stdout; /* what was kept is never written over */
    if (!file) {
        perror(to);
        return 1;
    }
    enum err err = settings_path(dir, "store", store);
    if (!err)
        err = audit_write_text(store, &how, file, &lines);
    if (to && fclose(file) != 0 && !err)
        err = ERR_IO;
    if (err)
        return failed("audit", err, NULL);
    (void)fprintf(stderr, "audit: %llu lines\n", (unsigned long long)lines);
    return 0;
}

int api_main(int argc, char **argv)
{
    const char *openapi = NULL, *markdown = NULL, *portal = NULL;
    const struct option_def defs[] = {{"--openapi", false, &openapi, 1, NULL},
                                      {"--markdown", false, &markdown, 1, NULL},
                                      {"--portal", false, &portal, 1, NULL}};
    struct out text;
    if (!options_read(argc, argv, defs, 3, NULL, NULL) || (!openapi && !markdown))
        return 2;
    out_init(&text, 16u << 20);
    enum err err =
        openapi ? edge_openapi(ANWANG_VERSION, portal != NULL, &text) : edge_markdown(&text);
    if (!err)
        (void)fwrite(text.p, 1, text.len, stdout);
    out_done(&text);
    return err ? failed("api", err, NULL) : 0;
}

int config_main(int argc, char **argv)
{
    const char *dir = NULL;
    const struct option_def defs[] = {{"--dir", true, &dir, 1, NULL}};
    struct settings settings = {0};
    struct fault fault = {0};
    struct out text;
    if (!options_read(argc, argv, defs, 1, NULL, NULL))
        return 2;
    enum err err =
        dir ? settings_read(dir, NULL, 0, &settings)
            : config_parse(settings_keys, settings_key_count, STR(""), &settings, &fault);
    if (err)
        return failed("config", err, &fault);
    out_init(&text, 1 << 16);
    config_print(settings_keys, settings_key_count, &settings, &text);
    (void)fwrite(text.p, 1, text.len, stdout);
    out_done(&text);
    return 0;
}
