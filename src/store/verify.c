/* The verifier of the audit chain. It trusts nothing but the public key and the checkpoints: every
 * line is hashed again from its columns, every event from its row. The two columns by which events
 * are found, object_kind and incident, are not hashed: they are made again from the events. */
#include "store/audit.h"

#include "base/file.h"
#include "base/utc.h"
#include "store/store_priv.h"

#include <sodium.h>
#include <unistd.h>

#define MAX_CHECKPOINT_BYTES (256u << 20)
#define MAX_ASSIGNMENTS (256u << 20) /* a number beyond is somebody's invention */

struct checkpoint {
    uint64_t line;
    uint8_t chain[DIGEST_BYTES];
};

struct verifying {
    struct db db;
    uint32_t realm;
    void *room;
    struct out scratch;
    struct sqlite3_stmt *events; /* all events, by seq: walked beside the lines */
    uint64_t event_count;
    uint32_t *incidents; /* of each assignment, by its number */
    size_t incident_cap;
    struct checkpoint *checkpoints; /* by line */
    size_t checkpoint_count, checkpoint_at;
    struct audit_report *report;
};

static enum err blame(struct verifying *v, uint64_t line, const char *reason)
{
    v->report->bad_line = line;
    v->report->reason = reason;
    return ERR_CORRUPT;
}

/* ---- checkpoints ---- */

static enum err read_public(const char *path, uint8_t key[AUDIT_PUBLIC_BYTES])
{
    struct out hex;
    out_init(&hex, 1024);
    enum err err = file_read(path, &hex);
    if (!err && str_unhex(str_trim(out_view(&hex)), key, AUDIT_PUBLIC_BYTES) != OK)
        err = ERR_CORRUPT;
    out_done(&hex);
    return err;
}

static enum err read_checkpoint(struct verifying *v, struct str line,
                                const uint8_t key[AUDIT_PUBLIC_BYTES], struct checkpoint *ret)
{
    struct str rest = line;
    struct str name = str_cut(&rest, ' '), version = str_cut(&rest, ' ');
    struct str realm = str_cut(&rest, ' '), number = str_cut(&rest, ' ');
    struct str chain = str_cut(&rest, ' '), at = str_cut(&rest, ' ');
    uint8_t signature[AUDIT_SIGNATURE_BYTES];
    uint32_t of_realm;
    size_t signed_bytes = (size_t)(at.p + at.len - line.p);
    if (!str_eq_c(name, "anwang-audit") || !str_eq_c(version, "1") ||
        str_u32(realm, &of_realm) != OK || str_u64(number, &ret->line) != OK ||
        str_unhex(chain, ret->chain, DIGEST_BYTES) != OK ||
        str_unhex(rest, signature, sizeof signature) != OK)
        return blame(v, 0, "a checkpoint is not well formed");
    if (of_realm != v->realm)
        return blame(v, ret->line, "a checkpoint is of another realm");
    if (crypto_sign_verify_detached(signature, (const uint8_t *)line.p, signed_bytes, key) != 0)
        return blame(v, ret->line, "a checkpoint's signature does not hold");
    return OK;
}

/* Cut short when it was written, and marked so by the next one, or the last of the file. It was
 * never reported as signed. */
static bool is_torn(struct str line, struct str text)
{
    const struct str mark = STR(AUDIT_TORN);
    const bool is_marked =
        line.len >= mark.len && memcmp(line.p + line.len - mark.len, mark.p, mark.len) == 0;
    return is_marked || line.p + line.len == text.p + text.len;
}

static enum err read_checkpoints(struct verifying *v, struct str text,
                                 const uint8_t key[AUDIT_PUBLIC_BYTES])
{
    struct cursor c = cursor_of(text.p, text.len);
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.p[i] == '\n';
    v->checkpoints = calloc(lines, sizeof *v->checkpoints);
    if (!v->checkpoints)
        abort();
    uint64_t last = 0;
    while (c.left > 0) {
        struct checkpoint *at = &v->checkpoints[v->checkpoint_count];
        const struct str line = cursor_line(&c);
        if (is_torn(line, text))
            continue;
        enum err err = read_checkpoint(v, line, key, at);
        if (err)
            return err;
        if (at->line < last)
            return blame(v, at->line, "checkpoints go backwards: the store was rolled back");
        last = at->line;
        v->checkpoint_count++;
    }
    v->report->checkpoints = v->checkpoint_count;
    return OK;
}

static enum err load_checkpoints(struct verifying *v, const char *dir, const char *checkpoint_dir,
                                 const char *key_path)
{
    char path[STORE_MAX_PATH], key_default[STORE_MAX_PATH];
    uint8_t key[AUDIT_PUBLIC_BYTES];
    struct out text;
    if (!checkpoint_dir)
        return OK;
    (void)snprintf(path, sizeof path, "%s/%s", checkpoint_dir, AUDIT_CHECKPOINT_FILE);
    (void)snprintf(key_default, sizeof key_default, "%s/audit.pub", dir);
    enum err err = read_public(key_path ? key_path : key_default, key);
    if (err)
        return err;
    out_init(&text, MAX_CHECKPOINT_BYTES);
    err = file_read(path, &text);
    if (!err)
        err = read_checkpoints(v, out_view(&text), key);
    out_done(&text);
    return err;
}

/* Every checkpoint of the line at which the chain now stands. */
static enum err check_checkpoints(struct verifying *v, const struct audit_chain *chain)
{
    while (v->checkpoint_at < v->checkpoint_count &&
           v->checkpoints[v->checkpoint_at].line == chain->last_line) {
        if (memcmp(v->checkpoints[v->checkpoint_at].chain, chain->last, DIGEST_BYTES) != 0)
            return blame(v, chain->last_line, "the chain is not the one that was signed");
        v->checkpoint_at++;
    }
    return OK;
}

/* ---- lines ---- */

static bool read_line(struct sqlite3_stmt *st, struct audit_line *ret_line, struct str *ret_chain)
{
    struct str digest = col_str(st, 10);
    *ret_line = (struct audit_line){.number = col_u64(st, 0),
                                    .at_us = col_i64(st, 1),
                                    .kind = (enum audit_kind)col_u32(st, 2),
                                    .seq = col_u64(st, 3),
                                    .actor = col_u32(st, 4),
                                    .role = col_u32(st, 5),
                                    .purpose = col_u32(st, 6),
                                    .object_kind = col_u32(st, 7),
                                    .object = col_u32(st, 8),
                                    .what = col_str(st, 9)};
    *ret_chain = col_str(st, 11);
    if (digest.len != DIGEST_BYTES)
        return false;
    memcpy(ret_line->digest, digest.p, DIGEST_BYTES);
    return ret_chain->len == DIGEST_BYTES;
}

/* The incident of an assignment, as the event that made it said. */
static uint32_t *incident_of(struct verifying *v, uint32_t assignment)
{
    if (assignment >= v->incident_cap) {
        const size_t cap = 2 * (size_t)assignment + 64;
        uint32_t *more = realloc(v->incidents, cap * sizeof *more);
        if (!more)
            abort();
        memset(more + v->incident_cap, 0, (cap - v->incident_cap) * sizeof *more);
        v->incidents = more;
        v->incident_cap = cap;
    }
    return &v->incidents[assignment];
}

/* It stands where it is looked for. */
static bool is_placed(struct verifying *v, const struct event *event)
{
    const enum object_kind kind = event_def(event->kind)->object_kind;
    uint32_t incident = view_event_incident(event, NULL);
    if (kind == OBJECT_assignment && event->object < MAX_ASSIGNMENTS) {
        uint32_t *of = incident_of(v, event->object);
        if (event->kind == EVENT_assignment_made)
            *of = incident;
        incident = *of;
    }
    return col_u32(v->events, 12) == (uint32_t)kind && col_u32(v->events, 13) == incident;
}

/* The next event in the table must be the one that the line names, with the very bytes. */
static enum err check_event(struct verifying *v, const struct audit_line *line)
{
    struct event event;
    struct str body;
    uint8_t digest[DIGEST_BYTES];
    enum err err = db_step(v->events);
    if (err == ERR_NOT_FOUND)
        return blame(v, line->number, "an event is missing");
    if (err)
        return err;
    err = rows_event(v->events, v->realm, v->room, &event, &body);
    if (err)
        return blame(v, line->number, "an event cannot be read");
    audit_event_digest(v->realm, &event, body, &v->scratch, digest);
    if (event.seq != line->seq || event.seq != v->event_count + 1 ||
        memcmp(digest, line->digest, DIGEST_BYTES) != 0 || event.actor.v != line->actor ||
        event.object != line->object || event.recorded_us != line->at_us)
        return blame(v, line->number, "an event is not the one that was recorded");
    if (!is_placed(v, &event))
        return blame(v, line->number, "an event stands where it is not looked for");
    v->event_count++;
    v->report->events++;
    return OK;
}

static enum err check_line(struct verifying *v, struct sqlite3_stmt *st, struct audit_chain *chain)
{
    struct audit_line line;
    struct str kept;
    uint64_t expected = chain->last_line + 1;
    bool is_whole = read_line(st, &line, &kept);
    if (!is_whole || line.number != expected)
        return blame(v, expected, "a line is missing or cut");
    audit_chain_add(chain, &line, &v->scratch);
    if (memcmp(chain->last, kept.p, DIGEST_BYTES) != 0)
        return blame(v, line.number, "a line was changed, or does not follow the one before");
    v->report->lines++;
    if (line.kind == AUDIT_LOOKUP)
        v->report->lookups++;
    enum err err = line.kind == AUDIT_EVENT ? check_event(v, &line) : OK;
    return err ? err : check_checkpoints(v, chain);
}

static enum err check_lines(struct verifying *v)
{
    struct sqlite3_stmt *st;
    struct audit_chain chain;
    enum err err = db_use(&v->db, SQL_AUDIT_FROM, &st);
    if (err)
        return err;
    audit_chain_start(v->realm, &chain);
    bind_i64(st, 1, 0);
    while ((err = db_step(st)) == OK) {
        err = check_line(v, st, &chain);
        if (err)
            break;
    }
    if (err != ERR_NOT_FOUND) {
        db_reset(st);
        return err;
    }
    err = db_step(v->events);
    if (err != ERR_NOT_FOUND)
        return err ? err : blame(v, chain.last_line + 1, "an event has no line");
    if (v->checkpoint_at < v->checkpoint_count)
        return blame(
            v, chain.last_line + 1,
            "lines that were signed are missing: the tail was cut or the store rolled back");
    return OK;
}

static enum err verify(struct verifying *v, const char *dir, const char *checkpoint_dir,
                       const char *key_path)
{
    char path[STORE_MAX_PATH];
    uint32_t version;
    (void)snprintf(path, sizeof path, "%s/anwang.db", dir);
    if (sodium_init() < 0)
        return ERR_IO;
    if (access(path, R_OK) != 0)
        return ERR_NOT_FOUND;
    enum err err = db_open(&v->db, path, DB_READ, NULL);
    if (!err)
        err = schema_version(&v->db, &version);
    if (!err && version != STORE_SCHEMA_VERSION)
        err = ERR_UNSUPPORTED;
    if (!err)
        err = meta_number(&v->db, "realm", &v->realm);
    if (!err)
        err = load_checkpoints(v, dir, checkpoint_dir, key_path);
    if (!err)
        err = db_run(&v->db, SQL_BEGIN_READ);
    if (!err)
        err = db_use(&v->db, SQL_EVENT_PLACED, &v->events);
    return err ? err : check_lines(v);
}

enum err audit_verify(const char *dir, const char *checkpoint_dir, const char *key_path,
                      struct audit_report *ret_report)
{
    struct verifying v = {.report = ret_report};
    *ret_report = (struct audit_report){0};
    v.room = rows_room();
    out_init(&v.scratch, 8u << 20);
    enum err err = verify(&v, dir, checkpoint_dir, key_path);
    db_close(&v.db);
    out_done(&v.scratch);
    free(v.checkpoints);
    free(v.incidents);
    free(v.room);
    return err;
}
