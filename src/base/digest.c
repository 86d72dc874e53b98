#include "base/digest.h"
#include <assert.h>
#include <sodium.h>
#include <zlib.h>

void digest_of(const void *p, size_t n_bytes, uint8_t ret_digest[DIGEST_BYTES])
{
    int failed = crypto_generichash(ret_digest, DIGEST_BYTES, p, n_bytes, NULL, 0);
    assert(!failed);
}

void digest_keyed(const uint8_t key[DIGEST_KEY_BYTES], const void *p, size_t n_bytes,
                  uint8_t *ret_digest, size_t digest_bytes)
{
    assert(digest_bytes >= 16 && digest_bytes <= DIGEST_BYTES);
    int failed = crypto_generichash(ret_digest, digest_bytes, p, n_bytes, key, DIGEST_KEY_BYTES);
    assert(!failed);
}

uint64_t digest_u64(const void *p, size_t n_bytes)
{
    uint8_t digest[DIGEST_BYTES];
    digest_of(p, n_bytes, digest);
    uint64_t v = 0;
    for (int i = 8; i-- > 0;)
        v = v << 8 | digest[i];
    return v;
}

uint32_t digest_crc32(uint32_t crc, const void *p, size_t n_bytes)
{
    return n_bytes ? (uint32_t)crc32_z(crc, p, n_bytes) : crc;
}
