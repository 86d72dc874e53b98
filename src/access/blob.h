/* blob.h - files at rest: each is sealed with a key of its own, which lies in the payload table.
 * When retention deletes the key, nobody can read the file any more, nor its copies in backups made
 * before. Layer: access. Threads: pure.
 *
 *     "AWB1", nonce (24 bytes), XChaCha20-Poly1305 of the bytes (16 bytes longer)
 *
 * The file's name is bound into it: a file cannot be put in another's place. */
#ifndef ACCESS_BLOB_H
#define ACCESS_BLOB_H
#include "base/out.h"

#define BLOB_KEY_BYTES 32
#define BLOB_MORE_BYTES (4 + 24 + 16) /* a sealed file is so much longer */

void blob_key_make(uint8_t ret_key[BLOB_KEY_BYTES]);
/* Appends the sealed form. ERR_LIMIT: no room in `out`. */
enum err blob_seal(const uint8_t key[BLOB_KEY_BYTES], struct str name, struct str bytes,
                   struct out *out);
/* Appends what was sealed. ERR_CORRUPT: other key, other name, or changed bytes. ERR_LIMIT. */
enum err blob_open(const uint8_t key[BLOB_KEY_BYTES], struct str name, struct str sealed,
                   struct out *out);
#endif
