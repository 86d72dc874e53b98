/* audit_priv.h - one line of the chain, and the writer's end of it. Layer: store. */
#ifndef STORE_AUDIT_PRIV_H
#define STORE_AUDIT_PRIV_H
#include "base/digest.h"
#include "base/out.h"
#include "store/db_priv.h"
#include "store/io.h"

enum audit_kind { AUDIT_EVENT = 1, AUDIT_LOOKUP = 2, AUDIT_DELETION = 3 };

struct audit_line {
    uint64_t number;
    int64_t at_us;
    enum audit_kind kind;
    uint64_t seq; /* of the event, 0 for others */
    uint32_t actor, role, purpose, object_kind, object;
    struct str what;
    uint8_t digest[DIGEST_BYTES]; /* of the event's canonical bytes, zero for others */
};

struct audit_chain {
    uint64_t last_line;
    uint8_t last[DIGEST_BYTES];
};

/* Digest of an event: of its envelope and body as they stand in the table. */
void audit_event_digest(uint32_t realm, const struct event *event, struct str body,
                        struct out *scratch, uint8_t ret_digest[DIGEST_BYTES]);
void audit_chain_start(uint32_t realm, struct audit_chain *ret_chain);
/* Moves the chain on by one line, whose number it sets. */
void audit_chain_add(struct audit_chain *chain, struct audit_line *line, struct out *scratch);
enum err audit_chain_load(struct db *db, uint32_t realm, struct audit_chain *ret_chain);
enum err audit_put(struct db *db, struct audit_chain *chain, struct audit_line *line,
                   struct out *scratch);

#define AUDIT_KEY_BYTES 64
#define AUDIT_PUBLIC_BYTES 32
#define AUDIT_SIGNATURE_BYTES 64
#define AUDIT_CHECKPOINT_FILE "audit-checkpoints.txt"
#define AUDIT_TORN " torn" /* ends a line that was cut short */
struct audit_signer {
    const struct io *io;
    uint32_t realm;
    char path[1100]; /* of the checkpoint file; "" = none */
    uint8_t key[AUDIT_KEY_BYTES];
    uint64_t signed_line;
    int64_t signed_us;
};
/* Reads the key of the folder, or makes it on the first start. */
enum err audit_signer_open(struct audit_signer *signer, const struct io *io, const char *dir,
                           const char *checkpoint_dir, uint32_t realm);
/* Appends a signed line for the chain's end when it has grown since the last. */
enum err audit_sign(struct audit_signer *signer, const struct audit_chain *chain, int64_t now_us);
/* The text that is signed, without signature: "anwang-audit 1 REALM LINE CHAIN AT". */
void audit_checkpoint_text(uint32_t realm, const struct audit_chain *chain, const char *at,
                           struct out *out);
#endif
