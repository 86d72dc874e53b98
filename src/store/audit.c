/* The writer's end of the audit chain: lines, and signed checkpoints. The verifier is verify.c. */
#include "store/audit.h"

#include "base/file.h"
#include "base/utc.h"
#include "store/audit_priv.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

void audit_event_digest(uint32_t realm, const struct event *event, struct str body,
                        struct out *scratch, uint8_t ret_digest[DIGEST_BYTES])
{
    out_reset(scratch);
    out_le(scratch, realm, 4);
    out_le(scratch, event->seq, 8);
    out_le(scratch, event->kind, 4);
    out_le(scratch, event->version, 2);
    out_le(scratch, event->object, 4);
    out_le(scratch, event->actor.v, 4);
    out_le(scratch, event->role, 4);
    out_le(scratch, (uint64_t)event->at_us, 8);
    out_le(scratch, event->at_source, 4);
    out_le(scratch, (uint64_t)event->recorded_us, 8);
    out_le(scratch, event->area.v, 4);
    out_le(scratch, event->data_class, 4);
    out_str(scratch, body);
    digest_of(scratch->p, scratch->len, ret_digest);
}

void audit_chain_start(uint32_t realm, struct audit_chain *ret_chain)
{
    uint8_t name[16] = "anwang-audit";
    for (int i = 0; i < 4; i++)
        name[12 + i] = (uint8_t)(realm >> (8 * i));
    ret_chain->last_line = 0;
    digest_of(name, sizeof name, ret_chain->last);
}

void audit_chain_add(struct audit_chain *chain, struct audit_line *line, struct out *scratch)
{
    line->number = chain->last_line + 1;
    out_reset(scratch);
    out_bytes(scratch, chain->last, DIGEST_BYTES);
    out_le(scratch, line->number, 8);
    out_le(scratch, (uint64_t)line->at_us, 8);
    out_le(scratch, line->kind, 1);
    out_le(scratch, line->seq, 8);
    out_le(scratch, line->actor, 4);
    out_le(scratch, line->role, 4);
    out_le(scratch, line->purpose, 4);
    out_le(scratch, line->object_kind, 4);
    out_le(scratch, line->object, 4);
    out_le(scratch, line->what.len, 4);
    out_str(scratch, line->what);
    out_bytes(scratch, line->digest, DIGEST_BYTES);
    digest_of(scratch->p, scratch->len, chain->last);
    chain->last_line = line->number;
}

enum err audit_chain_load(struct db *db, uint32_t realm, struct audit_chain *ret_chain)
{
    struct sqlite3_stmt *st;
    audit_chain_start(realm, ret_chain);
    enum err err = db_use(db, SQL_AUDIT_LAST, &st);
    if (!err)
        err = db_step(st);
    if (err)
        return err == ERR_NOT_FOUND ? OK : err;
    struct str chain = col_str(st, 1);
    if (chain.len == DIGEST_BYTES) {
        ret_chain->last_line = col_u64(st, 0);
        memcpy(ret_chain->last, chain.p, DIGEST_BYTES);
    } else {
        err = ERR_CORRUPT;
    }
    db_reset(st);
    return err;
}

enum err audit_put(struct db *db, struct audit_chain *chain, struct audit_line *line,
                   struct out *scratch)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(db, SQL_AUDIT_PUT, &st);
    if (err)
        return err;
    audit_chain_add(chain, line, scratch);
    bind_u64(st, 1, line->number);
    bind_i64(st, 2, line->at_us);
    bind_i64(st, 3, line->kind);
    bind_u64(st, 4, line->seq);
    bind_i64(st, 5, line->actor);
    bind_i64(st, 6, line->role);
    bind_i64(st, 7, line->purpose);
    bind_i64(st, 8, line->object_kind);
    bind_i64(st, 9, line->object);
    bind_text(st, 10, line->what);
    bind_blob(st, 11, (struct str){(const char *)line->digest, DIGEST_BYTES});
    bind_blob(st, 12, (struct str){(const char *)chain->last, DIGEST_BYTES});
    return db_done(st);
}

static enum err read_key(const char *path, uint8_t key[AUDIT_KEY_BYTES])
{
    struct out hex;
    out_init(&hex, 4 * AUDIT_KEY_BYTES);
    enum err err = file_read(path, &hex);
    if (!err)
        err = str_unhex(str_trim(out_view(&hex)), key, AUDIT_KEY_BYTES) == OK ? OK : ERR_CORRUPT;
    if (hex.p)
        sodium_memzero(hex.p, hex.len);
    out_done(&hex);
    return err;
}

/* The public half is written first: a folder with a key always has both. */
static enum err make_key(const struct io *io, const char *dir, const char *path,
                         uint8_t key[AUDIT_KEY_BYTES])
{
    uint8_t public_half[AUDIT_PUBLIC_BYTES];
    char hex[2 * AUDIT_KEY_BYTES + 2], public_path[1100];
    if (crypto_sign_keypair(public_half, key) != 0)
        return ERR_IO;
    (void)snprintf(public_path, sizeof public_path, "%s/audit.pub", dir);
    str_hex(public_half, sizeof public_half, hex);
    enum err err = io_replace(io, public_path, str_of(hex), 0644);
    str_hex(key, AUDIT_KEY_BYTES, hex);
    if (!err)
        err = io_replace(io, path, str_of(hex), 0600);
    sodium_memzero(hex, sizeof hex);
    return err;
}

enum err audit_signer_open(struct audit_signer *signer, const struct io *io, const char *dir,
                           const char *checkpoint_dir, uint32_t realm)
{
    char path[1100];
    if (sodium_init() < 0)
        return ERR_IO;
    signer->io = io;
    signer->realm = realm;
    signer->path[0] = '\0';
    if (checkpoint_dir) {
        int n = snprintf(signer->path, sizeof signer->path, "%s/%s", checkpoint_dir,
                         AUDIT_CHECKPOINT_FILE);
        if (n < 0 || (size_t)n >= sizeof signer->path || file_mkdirs(checkpoint_dir, 0750) != OK)
            return ERR_IO;
    }
    (void)snprintf(path, sizeof path, "%s/audit.key", dir);
    enum err err = read_key(path, signer->key);
    return err == ERR_NOT_FOUND ? make_key(io, dir, path, signer->key) : err;
}

void audit_checkpoint_text(uint32_t realm, const struct audit_chain *chain, const char *at,
                           struct out *out)
{
    char hex[2 * DIGEST_BYTES + 1];
    str_hex(chain->last, DIGEST_BYTES, hex);
    out_printf(out, "anwang-audit 1 %u ", (unsigned)realm);
    out_u64(out, chain->last_line);
    out_printf(out, " %s %s", hex, at);
}

/* A write that was cut short has left a part of a line: what follows must not join it. */
static bool has_torn_end(const char *path)
{
    char last = '\n';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const off_t size = lseek(fd, 0, SEEK_END);
    const bool is_torn = size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
    (void)close(fd);
    return is_torn;
}

enum err audit_sign(struct audit_signer *signer, const struct audit_chain *chain, int64_t now_us)
{
    uint8_t signature[AUDIT_SIGNATURE_BYTES];
    char at[UTC_ISO_CAP], hex[2 * AUDIT_SIGNATURE_BYTES + 1];
    struct out text;
    if (!signer->path[0] || chain->last_line == signer->signed_line)
        return OK;
    out_init(&text, 1024);
    utc_iso(now_us, at);
    audit_checkpoint_text(signer->realm, chain, at, &text);
    (void)crypto_sign_detached(signature, NULL, text.p, text.len, signer->key);
    str_hex(signature, sizeof signature, hex);
    out_printf(&text, " %s\n", hex);
    enum err err = OK;
    if (has_torn_end(signer->path))
        err = io_append(signer->io, signer->path, STR(AUDIT_TORN "\n"), 0640);
    if (!err)
        err = io_append(signer->io, signer->path, out_view(&text), 0640);
    out_done(&text);
    if (!err) {
        signer->signed_line = chain->last_line;
        signer->signed_us = now_us;
    }
    return err;
}
