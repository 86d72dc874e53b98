/* tamper [--bars] [--seed N] [--count N]: changes the written-out chain and the tables themselves
 * in thousands of random ways, as somebody would who has the machine, and asks both verifiers.
 * Every change must be found, those of the end by the checkpoints that were kept outside; the
 * control is the same chain unchanged, and the cut end without checkpoints, which must not be
 * found. */
#include "base/file.h"
#include "base/rand.h"
#include "model/events.h"
#include "store/audit.h"
#include "store/audit_priv.h"
#include "store/store.h"
#include "verify/verify.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REALM 7
#define START_US 1763900000000000LL
#define ROUNDS 60 /* of work: an event and a look-up each */

struct bed {
    char dir[32], outside[64], copy[64];
    struct out db, text, checkpoints; /* as they were made */
    uint8_t key[VERIFY_KEY_BYTES];
    struct rand rand;
    struct out line; /* scratch */
};

static void must(bool is_so, const char *what)
{
    if (is_so)
        return;
    (void)fprintf(stderr, "tamper: %s\n", what);
    exit(1);
}

/* ---- the chain that is tampered with ---- */

static void work(struct store *store, uint32_t round, int64_t now_us)
{
    struct store_batch *batch = store_batch_new(store, now_us);
    struct incident_note note = {0};
    const struct event event = {.realm = REALM,
                                .seq = round,
                                .kind = EVENT_incident_noted,
                                .version = 1,
                                .object = 1 + round % 5,
                                .actor = {2 + round % 3},
                                .role = ROLE_OPERATOR,
                                .at_us = now_us - 1000,
                                .recorded_us = now_us,
                                .area = {4},
                                .data_class = DATA_DUTY,
                                .fields = &note};
    const struct store_lookup lookup = {.actor = {2 + round % 3},
                                        .role = ROLE_OPERATOR,
                                        .purpose = PURPOSE_DISPATCH,
                                        .kind = OBJECT_incident,
                                        .number = 1 + round % 5,
                                        .what = STR("incident:personal")};
    store_batch_event(batch, &event);
    store_batch_lookup(batch, &lookup);
    must(store_submit(store, batch, NULL) == OK, "the store does not take work");
}

static void bed_make(struct bed *bed, uint64_t seed)
{
    char path[160];
    struct store *store;
    struct store_options options = {.realm = REALM, .is_sync = true, .now_us = START_US};
    (void)snprintf(bed->dir, sizeof bed->dir, "/tmp/anwang-tamper-XXXXXX");
    must(mkdtemp(bed->dir) != NULL, "no folder");
    (void)snprintf(bed->outside, sizeof bed->outside, "%s/outside", bed->dir);
    (void)snprintf(bed->copy, sizeof bed->copy, "%s/copy", bed->dir);
    must(mkdir(bed->copy, 0700) == 0, "no folder");
    (void)snprintf(path, sizeof path, "%s/store", bed->dir);
    must(mkdir(path, 0700) == 0, "no folder");
    options.checkpoint_dir = bed->outside;
    must(store_open(path, &options, &store, NULL) == OK, "the store does not open");
    for (uint32_t round = 1; round <= ROUNDS; round++) /* a checkpoint every fifth */
        work(store, round, START_US + round * (STORE_CHECKPOINT_US / 5));
    store_close(store);
    out_init(&bed->db, 64u << 20);
    out_init(&bed->text, 64u << 20);
    out_init(&bed->checkpoints, 1u << 20);
    out_init(&bed->line, 1u << 20);
    (void)snprintf(path, sizeof path, "%s/store/anwang.db", bed->dir);
    must(file_read(path, &bed->db) == OK, "no store");
    (void)snprintf(path, sizeof path, "%s/" AUDIT_CHECKPOINT_FILE, bed->outside);
    must(file_read(path, &bed->checkpoints) == OK, "no checkpoints");
    (void)snprintf(path, sizeof path, "%s/store/audit.pub", bed->dir);
    FILE *key = fopen(path, "re");
    must(key && verify_key(key, bed->key), "no key");
    (void)fclose(key);
    rand_seed(&bed->rand, seed);
}

static void bed_end(struct bed *bed)
{
    char command[128];
    static const char *const parts[] = {"store/anwang.db",
                                        "store/anwang.db-wal",
                                        "store/anwang.db-shm",
                                        "store/lock",
                                        "store/audit.key",
                                        "store/audit.pub",
                                        "store/public.db",
                                        "store/public.db-wal",
                                        "store/public.db-shm",
                                        "copy/anwang.db",
                                        "outside/audit-checkpoints.txt",
                                        "copy",
                                        "outside",
                                        "store",
                                        "."};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        (void)snprintf(command, sizeof command, "%.90s/%s", bed->dir, parts[i]);
        (void)remove(parts[i][0] == '.' ? bed->dir : command);
    }
    out_done(&bed->db);
    out_done(&bed->text);
    out_done(&bed->checkpoints);
    out_done(&bed->line);
}

/* ---- the two verifiers ---- */

static bool text_holds(const struct bed *bed, struct str text, bool is_outside)
{
    struct verify_report report;
    FILE *lines = fmemopen((void *)(uintptr_t)text.p, text.len ? text.len : 1, "r");
    FILE *checkpoints = is_outside ? fmemopen(bed->checkpoints.p, bed->checkpoints.len, "r") : NULL;
    must(lines && (!is_outside || checkpoints), "no memory");
    const bool holds = verify_audit(lines, checkpoints, bed->key, &report);
    (void)fclose(lines);
    if (checkpoints)
        (void)fclose(checkpoints);
    return holds;
}

static bool tables_hold(const struct bed *bed, bool is_outside)
{
    struct audit_report report;
    char key[160];
    (void)snprintf(key, sizeof key, "%s/store/audit.pub", bed->dir);
    const enum err err = audit_verify(bed->copy, is_outside ? bed->outside : NULL, key, &report);
    must(err == OK || err == ERR_CORRUPT, err_text(err));
    return err == OK;
}

/* The text of the tables as they stand in the copy. */
static struct str text_of_copy(struct bed *bed)
{
    const struct audit_text how = {.from_line = 1, .with_events = true};
    uint64_t lines;
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    const enum err err = audit_write_text(bed->copy, &how, to, &lines);
    (void)fclose(to);
    out_reset(&bed->text);
    if (!err)
        out_bytes(&bed->text, text, len);
    free(text);
    return out_view(&bed->text);
}

/* ---- changes of the text ---- */

static uint32_t below(struct bed *bed, uint64_t n)
{
    return rand_below(&bed->rand, (uint32_t)n);
}

struct lines {
    struct str v[2 * ROUNDS + 2]; /* with the head, each with its end */
    size_t count;
};

static void lines_of(struct str text, struct lines *ret)
{
    ret->count = 0;
    for (size_t at = 0; at < text.len;) {
        const char *end = memchr(text.p + at, '\n', text.len - at);
        const size_t len = end ? (size_t)(end - text.p) + 1 - at : text.len - at;
        must(ret->count < sizeof ret->v / sizeof ret->v[0], "too many lines");
        ret->v[ret->count++] = (struct str){text.p + at, len};
        at += len;
    }
}

static void joined(const struct lines *lines, struct out *out)
{
    out_reset(out);
    for (size_t i = 0; i < lines->count; i++)
        out_str(out, lines->v[i]);
}

enum text_change { FLIP, DROP, SWAP, INSERT, CUT_LINES, CUT_BYTES, TEXT_CHANGES };
static const char *const text_names[] = {"flip",   "drop",      "swap",
                                         "insert", "cut lines", "cut bytes"};

/* Makes one change of `whole` in *out. */
static void text_changed(struct bed *bed, enum text_change change, const struct lines *whole,
                         struct out *out)
{
    struct lines l = *whole;
    const size_t i = 1 + below(bed, l.count - 1), j = 1 + below(bed, l.count - 1);
    const size_t other = i == j ? (i == 1 ? 2 : 1) : j;
    const struct str held = l.v[i];
    joined(&l, out);
    switch (change) {
    case FLIP:
        out->p[below(bed, out->len)] ^= (uint8_t)(1u << below(bed, 8));
        return;
    case DROP:
        memmove(l.v + i, l.v + i + 1, (l.count - i - 1) * sizeof l.v[0]);
        l.count--;
        break;
    case SWAP:
        l.v[i] = l.v[other];
        l.v[other] = held;
        break;
    case INSERT:
        memmove(l.v + j + 1, l.v + j, (l.count - j) * sizeof l.v[0]);
        l.v[j] = held;
        l.count++;
        break;
    case CUT_LINES:
        l.count = i;
        break;
    case CUT_BYTES:
        out->len -= 1 + below(bed, out->len - 1);
        return;
    case TEXT_CHANGES:
        return;
    }
    joined(&l, out);
}

/* ---- changes of the tables ---- */

static void run(sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        (void)fprintf(stderr, "tamper: %s: %s\n", sql, error);
        exit(1);
    }
}

/* One or more statements, each with the values ?1 and ?2 where it names them. */
static void run_with(sqlite3 *db, const char *sql, uint64_t a, uint64_t b)
{
    while (*sql) {
        sqlite3_stmt *st;
        must(sqlite3_prepare_v2(db, sql, -1, &st, &sql) == SQLITE_OK, sqlite3_errmsg(db));
        if (sqlite3_bind_parameter_count(st) >= 1)
            (void)sqlite3_bind_int64(st, 1, (int64_t)a);
        if (sqlite3_bind_parameter_count(st) >= 2)
            (void)sqlite3_bind_int64(st, 2, (int64_t)b);
        must(sqlite3_step(st) == SQLITE_DONE, sqlite3_errmsg(db));
        (void)sqlite3_finalize(st);
    }
}

/* Chains every line again from `line` on, as somebody with the program and the store could. */
static void chained_again(struct bed *bed, sqlite3 *db, uint64_t line)
{
    sqlite3_stmt *rows, *put, *before;
    struct audit_chain chain;
    audit_chain_start(REALM, &chain);
    (void)sqlite3_prepare_v2(db, "SELECT chain FROM audit WHERE line = ?", -1, &before, NULL);
    (void)sqlite3_bind_int64(before, 1, (int64_t)line - 1);
    if (sqlite3_step(before) == SQLITE_ROW)
        memcpy(chain.last, sqlite3_column_blob(before, 0), DIGEST_BYTES);
    (void)sqlite3_finalize(before);
    chain.last_line = line - 1;
    (void)sqlite3_prepare_v2(db,
                             "SELECT line, at_us, kind, seq, actor, role, purpose, object_kind, "
                             "object, what, digest FROM audit WHERE line >= ? ORDER BY line",
                             -1, &rows, NULL);
    (void)sqlite3_prepare_v2(db, "UPDATE audit SET chain = ? WHERE line = ?", -1, &put, NULL);
    (void)sqlite3_bind_int64(rows, 1, (int64_t)line);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        struct audit_line l = {
            .at_us = sqlite3_column_int64(rows, 1),
            .kind = (enum audit_kind)sqlite3_column_int(rows, 2),
            .seq = (uint64_t)sqlite3_column_int64(rows, 3),
            .actor = (uint32_t)sqlite3_column_int64(rows, 4),
            .role = (uint32_t)sqlite3_column_int64(rows, 5),
            .purpose = (uint32_t)sqlite3_column_int64(rows, 6),
            .object_kind = (uint32_t)sqlite3_column_int64(rows, 7),
            .object = (uint32_t)sqlite3_column_int64(rows, 8),
            .what = str_of((const char *)sqlite3_column_text(rows, 9)),
        };
        memcpy(l.digest, sqlite3_column_blob(rows, 10), DIGEST_BYTES);
        audit_chain_add(&chain, &l, &bed->line);
        (void)sqlite3_bind_blob(put, 1, chain.last, DIGEST_BYTES, SQLITE_TRANSIENT);
        (void)sqlite3_bind_int64(put, 2, sqlite3_column_int64(rows, 0));
        must(sqlite3_step(put) == SQLITE_DONE, "a line cannot be chained again");
        (void)sqlite3_reset(put);
    }
    (void)sqlite3_finalize(rows);
    (void)sqlite3_finalize(put);
}

enum table_change {
    LINE,
    EVENT,
    LINE_GONE,
    EVENT_GONE,
    ADDED,
    ROLLED_BACK,
    MADE_ANEW,
    TABLE_CHANGES
};
static const char *const table_names[] = {"line changed", "event changed", "line gone",
                                          "event gone",   "event added",   "rolled back",
                                          "made anew"};

/* Returns whether the text of the tables shows it too. */
static bool tables_changed(struct bed *bed, enum table_change change, sqlite3 *db)
{
    static const char *const line_columns[] = {"at_us", "kind",    "seq",         "actor",
                                               "role",  "purpose", "object_kind", "object"};
    static const char *const event_columns[] = {"kind", "version", "object",      "actor",
                                                "role", "at_us",   "at_source",   "recorded_us",
                                                "area", "class",   "object_kind", "incident"};
    const uint64_t line = 1 + below(bed, 2 * (uint64_t)ROUNDS), seq = 1 + below(bed, ROUNDS);
    char format[160];
    switch (change) {
    case LINE: {
        const char *const column = line_columns[below(bed, 8)];
        (void)snprintf(format, sizeof format, "UPDATE audit SET %s = %s + ?1 WHERE line = ?2",
                       column, column);
        if (below(bed, 9) == 0)
            (void)snprintf(format, sizeof format,
                           "UPDATE audit SET what = what || ?1 WHERE line = ?2");
        run_with(db, format, 1 + below(bed, 1000), line);
        return true;
    }
    case EVENT: {
        const uint32_t at = below(bed, 12);
        const char *const column = event_columns[at];
        (void)snprintf(format, sizeof format, "UPDATE event SET %s = %s + ?1 WHERE seq = ?2",
                       column, column);
        if (below(bed, 13) == 0)
            (void)snprintf(format, sizeof format,
                           "UPDATE event SET body = body || x'05' WHERE seq = ?2");
        run_with(db, format, 1 + below(bed, 9), seq);
        return at < 10;
    }
    case LINE_GONE:
        run_with(db, "DELETE FROM audit WHERE line = ?1", line, 0);
        if (below(bed, 2)) { /* and the hole closed, all chained again */
            run_with(db, "UPDATE audit SET line = -line WHERE line > ?1", line, 0);
            run_with(db, "UPDATE audit SET line = -line - 1 WHERE line < 0", 0, 0);
            chained_again(bed, db, line);
        }
        return true;
    case EVENT_GONE:
        run_with(db, "DELETE FROM event WHERE seq = ?1", seq, 0);
        return true;
    case ADDED:
        run_with(db,
                 "INSERT INTO event SELECT (SELECT max(seq) + 1 FROM event), kind, version, "
                 "object_kind, object, actor, role, at_us, at_source, recorded_us, area, class, "
                 "incident, body FROM event WHERE seq = ?1",
                 seq, 0);
        if (below(bed, 2)) { /* with a line of its own, well chained */
            run_with(db,
                     "INSERT INTO audit SELECT (SELECT max(line) + 1 FROM audit), at_us, kind, "
                     "(SELECT max(seq) FROM event), actor, role, purpose, object_kind, object, "
                     "what, digest, chain FROM audit WHERE kind = 1 AND seq = ?1",
                     seq, 0);
            chained_again(bed, db, 2 * (uint64_t)ROUNDS + 1);
            return true;
        }
        return false;
    case ROLLED_BACK: {
        const uint64_t last = below(bed, ROUNDS);
        run_with(db, "DELETE FROM event WHERE seq > ?1; DELETE FROM audit WHERE line > 2 * ?1",
                 last, 2 * last);
        return true;
    }
    case MADE_ANEW: /* somebody else looked, and all after it fits */
        run_with(db, "UPDATE audit SET actor = actor + ?1 WHERE line = ?2", 1 + below(bed, 9),
                 2 * (1 + below(bed, ROUNDS - 1)));
        chained_again(bed, db, 1);
        return true;
    case TABLE_CHANGES:
        break;
    }
    return true;
}

/* The tables as they were made, with one change. */
static bool copied(struct bed *bed, enum table_change change)
{
    char path[160];
    sqlite3 *db;
    (void)snprintf(path, sizeof path, "%s/anwang.db", bed->copy);
    must(file_replace(path, out_view(&bed->db), 0600) == OK, "no copy");
    if (change == TABLE_CHANGES)
        return true;
    must(sqlite3_open(path, &db) == SQLITE_OK, "the copy does not open");
    run(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
    const bool is_in_text = tables_changed(bed, change, db);
    run(db, "COMMIT");
    must(sqlite3_close(db) == SQLITE_OK, "the copy does not close");
    return is_in_text;
}

/* ---- all of them ---- */

static uint32_t texts_tried(struct bed *bed, uint32_t count)
{
    struct out whole, changed;
    struct lines lines;
    uint32_t found = 0;
    out_init(&whole, 64u << 20);
    out_init(&changed, 64u << 20);
    out_str(&whole, text_of_copy(bed));
    lines_of(out_view(&whole), &lines);
    must(text_holds(bed, out_view(&whole), true), "control: the unchanged text is blamed");
    out_str(&changed,
            (struct str){(const char *)whole.p, whole.len - lines.v[lines.count - 1].len});
    must(text_holds(bed, out_view(&changed), false), "control: a cut end was seen from inside");
    for (uint32_t i = 0; i < count; i++) {
        const enum text_change change = i % TEXT_CHANGES;
        text_changed(bed, change, &lines, &changed);
        if (!text_holds(bed, out_view(&changed), true))
            found++;
        else
            (void)fprintf(stderr, "tamper: not found: %s, number %u\n", text_names[change], i);
    }
    out_done(&whole);
    out_done(&changed);
    return found;
}

static uint32_t tables_tried(struct bed *bed, uint32_t count)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        const enum table_change change = i % TABLE_CHANGES;
        const bool is_in_text = copied(bed, change);
        const bool is_found = !tables_hold(bed, true);
        if (is_found && (!is_in_text || !text_holds(bed, text_of_copy(bed), true)))
            found++;
        else
            (void)fprintf(stderr, "tamper: not found: %s, number %u, %s\n", table_names[change], i,
                          is_found ? "in the text" : "in the tables");
    }
    return found;
}

int main(int argc, char **argv)
{
    static struct bed bed;
    uint64_t seed = 1, count = 0;
    bool are_bars = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--bars") == 0)
            are_bars = true;
        else if (i + 1 >= argc ||
                 (strcmp(argv[i], "--seed") != 0 && strcmp(argv[i], "--count") != 0))
            must(false, "usage: tamper [--bars] [--seed N] [--count N]");
        else if (str_u64(str_of(argv[i + 1]), strcmp(argv[i], "--seed") == 0 ? &seed : &count) !=
                 OK)
            must(false, "not a number");
        else
            i++;
    }
    if (count == 0)
        count = are_bars ? 10000 : 2000;
    bed_make(&bed, seed);
    (void)copied(&bed, TABLE_CHANGES);
    must(tables_hold(&bed, true), "control: the unchanged tables are blamed");
    const uint32_t of_text = (uint32_t)count * 3 / 5, of_tables = (uint32_t)count - of_text;
    const uint32_t found = texts_tried(&bed, of_text) + tables_tried(&bed, of_tables);
    (void)copied(&bed, ROLLED_BACK);
    const bool is_blind = tables_hold(&bed, false);
    bed_end(&bed);
    must(is_blind, "control: a roll-back was seen without what is outside");
    if (are_bars)
        (void)printf("BAR trust.tampers_found %u of_%u >=%u %s\n", found, (uint32_t)count,
                     (uint32_t)count, found == count ? "ok" : "short");
    (void)printf("%u passed, %u failed\n", found, (uint32_t)count - found);
    return found == count ? 0 : 1;
}
