/* secret.h - the realm's key files, made at first start with mode 0600 in a folder of mode 0700.
 * Layer: access. Blocking file work: at start only.
 *
 *     payload.key   keyed hashes of personal values, so that an event proves its value and nobody
 *                   can guess the value from the event
 *     source.key    keyed hashes of network addresses for the login limits
 *     contact.pub   contacts on public reports are sealed to it (X25519 box)
 *     contact.key   its private half. Whoever takes calls back needs it, this server does not: take
 *                   the file off this machine after first start. Nothing here ever reads it. */
#ifndef ACCESS_SECRET_H
#define ACCESS_SECRET_H
#include "base/digest.h"
#include <stdbool.h>

#define SECRET_PUBLIC_BYTES 32
#define SECRET_SEALED_MAX 400 /* of the hex text */
#define SECRET_CONTACT_MAX 150

struct secret_keys {
    uint8_t payload[DIGEST_KEY_BYTES];
    uint8_t source[DIGEST_KEY_BYTES];
    uint8_t contact_public[SECRET_PUBLIC_BYTES];
    bool is_contact_key_here; /* the private half still lies in the folder: warn */
};

/* Reads the folder's keys, making those that are missing. ERR_IO; ERR_CORRUPT: a file has the wrong
 * size; ERR_DENIED: a key file can be read by others. */
enum err secret_open(const char *folder, struct secret_keys *ret_keys);
/* Only the public half, for processes that need nothing else. ERR_NOT_FOUND, ERR_IO, ERR_CORRUPT.
 */
enum err secret_contact_public(const char *folder, uint8_t ret_key[SECRET_PUBLIC_BYTES]);

/* Has the text the form of a sealed contact (crypto_box_seal of 1 to SECRET_CONTACT_MAX bytes,
 * hex)? Only the private half could tell more. */
bool secret_is_sealed(struct str hex);
/* For the command that runs where contact.key was taken to. ERR_SYNTAX, ERR_CORRUPT (wrong key). */
enum err secret_unseal(const char *key_path, struct str hex, char *buf, size_t cap,
                       struct str *ret_contact);
#endif
