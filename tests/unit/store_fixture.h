/* store_fixture.h - a store in a folder of its own, and hand-made events with their state rows, for
 * the tests of the store. Nothing here decides: the desk's rules are not the store's business. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H
#include "base/rand.h"
#include "store/reader.h"
#include "store/store.h"

#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIX_REALM 7
#define FIX_START_US 1763900000000000LL

struct fix {
    char dir[64];
    struct store *store;
    uint64_t seq, payload;
    int64_t now_us;
    uint32_t oks, failures;
};

static int fix_unlink(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

__attribute__((unused)) static void fix_remove(const char *dir)
{
    (void)nftw(dir, fix_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

__attribute__((unused)) static void fix_folder(char dir[64])
{
    (void)snprintf(dir, 64, "/tmp/anwang-test-store-XXXXXX");
    if (!mkdtemp(dir))
        abort();
}

static struct store_options fix_options(const struct fix *fix)
{
    return (struct store_options){.realm = FIX_REALM, .is_sync = true, .now_us = fix->now_us};
}

static void fix_ends(struct fix *fix)
{
    struct store_ends ends;
    if (store_ends(fix->store, &ends) != OK)
        abort();
    fix->seq = ends.last_seq;
    fix->payload = ends.last_payload;
}

__attribute__((unused)) static void fix_reopen(struct fix *fix)
{
    struct store_options options = fix_options(fix);
    struct fault fault = {0};
    store_close(fix->store);
    if (store_open(fix->dir, &options, &fix->store, &fault) != OK) {
        (void)fprintf(stderr, "store_open: %s\n", fault.text);
        abort();
    }
    fix_ends(fix);
}

__attribute__((unused)) static void fix_open(struct fix *fix)
{
    memset(fix, 0, sizeof *fix);
    fix->now_us = FIX_START_US;
    fix_folder(fix->dir);
    fix_reopen(fix);
}

__attribute__((unused)) static void fix_done(struct fix *fix)
{
    store_close(fix->store);
    fix_remove(fix->dir);
}

static void fix_on_done(void *ctx, void *token, enum err err)
{
    struct fix *fix = ctx;
    (void)token;
    if (err)
        fix->failures++;
    else
        fix->oks++;
}

__attribute__((unused)) static struct store_batch *fix_batch(struct fix *fix)
{
    fix->now_us += 1000;
    return store_batch_new(fix->store, fix->now_us);
}

__attribute__((unused)) static enum err fix_submit(struct fix *fix, struct store_batch *batch)
{
    uint32_t failures = fix->failures;
    enum err err = store_submit(fix->store, batch, NULL);
    store_flush(fix->store);
    store_drain(fix->store, fix_on_done, fix);
    return err ? err : fix->failures != failures ? ERR_IO : OK;
}

/* One event about an object. */
__attribute__((unused)) static void fix_event(struct fix *fix, struct store_batch *batch,
                                              enum event_kind kind, uint32_t object, uint32_t actor,
                                              uint32_t area, const void *fields)
{
    struct event event = {.realm = FIX_REALM,
                          .seq = ++fix->seq,
                          .kind = kind,
                          .version = event_def(kind)->version,
                          .object = object,
                          .actor = {actor},
                          .role = ROLE_OPERATOR,
                          .at_us = fix->now_us - 5000000,
                          .at_source = CLOCK_DESK,
                          .recorded_us = fix->now_us,
                          .area = {area},
                          .data_class = DATA_DUTY,
                          .fields = fields};
    store_batch_event(batch, &event);
}

__attribute__((unused)) static void fix_state(struct store_batch *batch, enum object_kind kind,
                                              uint32_t number, uint64_t seq, bool is_open,
                                              const void *object)
{
    struct out bytes;
    out_init(&bytes, 1u << 20);
    record_write(object_record(kind), object, RECORD_STORED, &bytes);
    struct store_row row = {kind, number, seq, is_open, out_view(&bytes)};
    store_batch_state(batch, &row);
    out_done(&bytes);
}

/* Sets every bit whose value is not zero: what a hand-made struct says is what it has. */
__attribute__((unused)) static void fix_has(const struct record *rec, void *object)
{
    static const uint8_t zeros[1024];
    for (uint32_t i = 0; i < rec->field_count; i++) {
        const struct field *f = &rec->fields[i];
        size_t n = f->type == FIELD_BOOL                            ? 1
                   : f->type == FIELD_CHARS                         ? f->max
                   : f->type == FIELD_REFS                          ? sizeof(struct refs)
                   : f->type == FIELD_PERSONAL                      ? sizeof(struct personal)
                   : f->type == FIELD_TEXT || f->type == FIELD_JSON ? sizeof(struct str)
                   : f->type == FIELD_U32 || f->type == FIELD_ENUM || f->type == FIELD_REF ? 4
                                                                                           : 8;
        record_set_has(rec, object, f->offset,
                       memcmp((const char *)object + f->offset, zeros, n) != 0);
    }
}

/* An object as its first event and its state row. */
__attribute__((unused)) static void fix_make(struct fix *fix, struct store_batch *batch,
                                             enum event_kind kind, uint32_t number, uint32_t area,
                                             void *fields, void *object)
{
    enum object_kind object_kind = event_def(kind)->object_kind;
    fix_has(event_def(kind)->fields, fields);
    fix_has(object_record(object_kind), object);
    fix_event(fix, batch, kind, number, 1, area, fields);
    fix_state(batch, object_kind, number, fix->seq, true, object);
}

__attribute__((unused)) static struct incident_object
fix_incident(struct fix *fix, struct store_batch *batch, uint32_t number, uint32_t area,
             const char *type, const char *address)
{
    struct incident_create create = {
        .type = str_of(type), .source = SOURCE_PHONE, .address = str_of(address)};
    struct incident_object object = {.stage = INCIDENT_PENDING,
                                     .initial_priority = PRIORITY_P2,
                                     .priority = PRIORITY_P2,
                                     .source = SOURCE_PHONE,
                                     .area = {area},
                                     .received_us = fix->now_us};
    (void)str_copy(str_of(type), object.type, sizeof object.type);
    (void)str_copy(str_of(address), object.address, sizeof object.address);
    fix_make(fix, batch, EVENT_incident_received, number, area, &create, &object);
    return object;
}

__attribute__((unused)) static void fix_user(struct fix *fix, uint32_t number, const char *name)
{
    struct user_install install = {
        .login = str_of(name), .name = str_of(name), .role = ROLE_OPERATOR, .body = {1}};
    struct user_object object = {.role = ROLE_OPERATOR, .body = {1}};
    struct store_batch *batch = fix_batch(fix);
    (void)str_copy(str_of(name), object.login, sizeof object.login);
    (void)str_copy(str_of(name), object.name, sizeof object.name);
    fix_make(fix, batch, EVENT_user_installed, number, 0, &install, &object);
    if (fix_submit(fix, batch) != OK)
        abort();
}
#endif
