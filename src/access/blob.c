#include "access/blob.h"

#include "base/rand.h"
#include <sodium.h>
#include <stdlib.h>

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
static const char magic[4] = {'A', 'W', 'B', '1'};
#define HEAD_BYTES (sizeof magic + NONCE_BYTES)
_Static_assert(HEAD_BYTES + TAG_BYTES == BLOB_MORE_BYTES, "layout");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == BLOB_KEY_BYTES, "key");

void blob_key_make(uint8_t ret_key[BLOB_KEY_BYTES])
{
    rand_secret(ret_key, BLOB_KEY_BYTES);
}

enum err blob_seal(const uint8_t key[BLOB_KEY_BYTES], struct str name, struct str bytes,
                   struct out *out)
{
    uint8_t nonce[NONCE_BYTES];
    uint8_t *sealed = malloc(bytes.len + TAG_BYTES);
    if (!sealed)
        abort();
    rand_secret(nonce, sizeof nonce);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, (const uint8_t *)bytes.p,
                                                     bytes.len, (const uint8_t *)name.p, name.len,
                                                     NULL, nonce, key);
    out_bytes(out, magic, sizeof magic);
    out_bytes(out, nonce, sizeof nonce);
    out_bytes(out, sealed, bytes.len + TAG_BYTES);
    free(sealed);
    return out->err;
}

enum err blob_open(const uint8_t key[BLOB_KEY_BYTES], struct str name, struct str sealed,
                   struct out *out)
{
    const uint8_t *p = (const uint8_t *)sealed.p;
    if (sealed.len < BLOB_MORE_BYTES || memcmp(p, magic, sizeof magic) != 0)
        return ERR_CORRUPT;
    uint8_t *bytes = malloc(sealed.len);
    if (!bytes)
        abort();
    enum err err = crypto_aead_xchacha20poly1305_ietf_decrypt(
                       bytes, NULL, NULL, p + HEAD_BYTES, sealed.len - HEAD_BYTES,
                       (const uint8_t *)name.p, name.len, p + sizeof magic, key) == 0
                       ? OK
                       : ERR_CORRUPT;
    if (!err)
        out_bytes(out, bytes, sealed.len - BLOB_MORE_BYTES);
    free(bytes);
    return err ? err : out->err;
}
