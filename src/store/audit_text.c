/* The audit chain as text: what an auditor takes home. Format: docs/formats/audit.md. */
#include "store/audit.h"

#include "store/store_priv.h"

#include <inttypes.h>

struct writing {
    struct db db;
    uint32_t realm;
    void *room;
    bool with_events;
    struct out scratch, text;
    FILE *to;
};

static void put_hex(struct out *out, struct str bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        out_byte(out, (uint8_t)digits[(uint8_t)bytes.p[i] >> 4]);
        out_byte(out, (uint8_t)digits[bytes.p[i] & 15]);
    }
}

/* Printable as it is, everything else and % as %XX; "-" when empty. A lone "-" is %2d. */
static void put_what(struct out *out, struct str what)
{
    if (what.len == 0)
        out_c(out, "-");
    for (size_t i = 0; i < what.len; i++) {
        const uint8_t c = (uint8_t)what.p[i];
        if (c > ' ' && c < 0x7f && c != '%' && !(c == '-' && what.len == 1))
            out_byte(out, c);
        else
            out_printf(out, "%%%02x", c);
    }
}

/* The bytes of the event that the line names, as it stands in the table, changed or not: finding
 * that is the verifier's work. A missing one is "00". */
static enum err put_event(struct writing *w, uint64_t seq)
{
    struct sqlite3_stmt *st;
    struct event event;
    struct str body;
    uint8_t digest[DIGEST_BYTES];
    enum err err = db_use(&w->db, SQL_EVENT_RANGE, &st);
    if (err)
        return err;
    bind_u64(st, 1, seq);
    bind_u64(st, 2, seq + 1);
    bind_i64(st, 3, 1);
    err = db_step(st);
    if (err == ERR_NOT_FOUND) {
        out_c(&w->text, " 00");
        return OK;
    }
    if (!err)
        err = rows_event(st, w->realm, w->room, &event, &body);
    if (!err) {
        audit_event_digest(w->realm, &event, body, &w->scratch, digest);
        out_c(&w->text, " ");
        put_hex(&w->text, out_view(&w->scratch));
    }
    db_reset(st);
    return err;
}

static enum err put_line(struct writing *w, struct sqlite3_stmt *st)
{
    enum err err = OK;
    out_reset(&w->text);
    for (int column = 0; column < 9; column++) {
        out_i64(&w->text, col_i64(st, column));
        out_c(&w->text, " ");
    }
    put_what(&w->text, col_str(st, 9));
    for (int column = 10; column < 12; column++) {
        out_c(&w->text, " ");
        put_hex(&w->text, col_str(st, column));
    }
    if (w->with_events && col_u32(st, 2) == AUDIT_EVENT)
        err = put_event(w, col_u64(st, 3));
    out_c(&w->text, "\n");
    if (!err && (w->text.err || fwrite(w->text.p, 1, w->text.len, w->to) != w->text.len))
        err = ERR_IO;
    return err;
}

/* The head names the chain before the first line. */
static enum err put_head(struct writing *w, uint64_t from_line)
{
    struct sqlite3_stmt *st;
    struct audit_chain chain;
    audit_chain_start(w->realm, &chain);
    if (from_line > 1) {
        enum err err = db_use(&w->db, SQL_AUDIT_FROM, &st);
        if (err)
            return err;
        bind_u64(st, 1, from_line - 1);
        err = db_step(st);
        if (err)
            return err;
        const struct str kept = col_str(st, 11);
        const bool is_there = col_u64(st, 0) == from_line - 1 && kept.len == DIGEST_BYTES;
        if (is_there)
            memcpy(chain.last, kept.p, DIGEST_BYTES);
        db_reset(st);
        if (!is_there)
            return ERR_CORRUPT;
    }
    out_printf(&w->text, "anwang-audit-lines 1 %" PRIu32 " %" PRIu64 " ", w->realm, from_line);
    put_hex(&w->text, (struct str){(const char *)chain.last, DIGEST_BYTES});
    out_c(&w->text, "\n");
    return fwrite(w->text.p, 1, w->text.len, w->to) == w->text.len ? OK : ERR_IO;
}

static enum err put_all(struct writing *w, const char *dir, const struct audit_text *how,
                        uint64_t *ret_lines)
{
    char path[STORE_MAX_PATH];
    struct sqlite3_stmt *st;
    (void)snprintf(path, sizeof path, "%s/anwang.db", dir);
    enum err err = db_open(&w->db, path, DB_READ, NULL);
    if (!err)
        err = meta_number(&w->db, "realm", &w->realm);
    if (!err)
        err = db_run(&w->db, SQL_BEGIN_READ);
    if (!err)
        err = put_head(w, how->from_line);
    if (!err)
        err = db_use(&w->db, SQL_AUDIT_FROM, &st);
    if (err)
        return err;
    bind_u64(st, 1, how->from_line);
    while ((err = db_step(st)) == OK && (err = put_line(w, st)) == OK)
        ++*ret_lines;
    db_reset(st);
    if (err == ERR_NOT_FOUND)
        err = OK;
    return err || fflush(w->to) == 0 ? err : ERR_IO;
}

enum err audit_write_text(const char *dir, const struct audit_text *how, FILE *to,
                          uint64_t *ret_lines)
{
    struct writing w = {.to = to, .with_events = how->with_events};
    *ret_lines = 0;
    w.room = rows_room();
    out_init(&w.scratch, 8u << 20);
    out_init(&w.text, 17u << 20);
    enum err err = put_all(&w, dir, how, ret_lines);
    db_close(&w.db);
    out_done(&w.scratch);
    out_done(&w.text);
    free(w.room);
    return err;
}
