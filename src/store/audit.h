/* audit.h - the hash chain over events and look-ups, its signed checkpoints, and their verifier.
 * Layer: store. Threads: any; reads a closed or a running store's file.
 *
 *     line n: number, at, kind, seq | purpose, actor, role, object, what, digest of the event
 *     chain n = BLAKE2b-256( chain n-1 | canonical bytes of line n ),  chain 0 = realm's start
 *     checkpoint, kept outside: "anwang-audit 1 REALM LINE CHAIN AT SIGNATURE" (Ed25519)
 *
 * The chain shows that nothing in the middle was changed, dropped or put in; only a checkpoint that
 * is kept elsewhere shows a cut tail or a rolled-back store. Personal values are not in it:
 * deleting a payload breaks nothing. Format: docs/formats/audit.md. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H
#include "base/err.h"
#include <stdbool.h>
#include <stdio.h>

struct audit_report {
    uint64_t lines, events, lookups; /* that were read */
    uint64_t checkpoints;            /* that were checked */
    uint64_t bad_line;               /* first line that does not hold, 0 = none */
    const char *reason;              /* static text, NULL = all holds */
};
/* Checks every line, every event against its line, and every checkpoint in checkpoint_dir (NULL:
 * none) with the public key in key_path (NULL: audit.pub of the folder). ERR_CORRUPT: *ret_report
 * says where and why. ERR_IO, ERR_NOT_FOUND: could not be read. */
enum err audit_verify(const char *dir, const char *checkpoint_dir, const char *key_path,
                      struct audit_report *ret_report);

/* Writes the chain as text for the verifier that needs no database (docs/formats/audit.md), from
 * line `from_line` on (1 = all of it), each event's line with the event's canonical bytes when
 * with_events. The store may run. ERR_NOT_FOUND: no such line; ERR_IO: `to` or the store. */
struct audit_text {
    uint64_t from_line;
    bool with_events;
};
enum err audit_write_text(const char *dir, const struct audit_text *how, FILE *to,
                          uint64_t *ret_lines);
#endif
