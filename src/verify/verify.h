/* verify.h - checks an audit chain that was written out as text, with nothing of the platform: no
 * database, no other source of this tree, only the C library and libsodium. An auditor can read it
 * in an hour and build it alone:  cc src/verify/verify.c src/verify/main.c -lsodium
 * Format of what is read, of the chain and of the checkpoints: docs/formats/audit.md.
 *
 * The lines show that nothing in the middle was changed, dropped, moved or put in. A checkpoint,
 * signed and kept outside, shows that the end was not cut, the store not rolled back and the whole
 * history not made anew. */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define VERIFY_KEY_BYTES 32
#define VERIFY_MAX_LINE (16u << 20) /* bytes of one line of text; longer is refused */

struct verify_report {
    uint64_t first, lines;    /* number of the first line, and how many were read */
    uint64_t events, lookups; /* lines of these kinds */
    uint64_t bodies;          /* events whose bytes were there and hashed again */
    uint64_t checkpoints;     /* that were held against the chain */
    uint64_t bad_line;        /* of the chain; 0 with a reason: of the checkpoints or the head */
    const char *reason;       /* static text, NULL = all holds */
};

/* Reads `lines` to its end. `checkpoints` NULL: the chain alone is checked, key may be NULL too.
 * Returns whether all holds; *ret_report says what was read, and else where and why. */
bool verify_audit(FILE *lines, FILE *checkpoints, const uint8_t key[VERIFY_KEY_BYTES],
                  struct verify_report *ret_report);
/* Reads a public key: 64 hexadecimal digits and an end of line. */
bool verify_key(FILE *file, uint8_t ret_key[VERIFY_KEY_BYTES]);
#endif
