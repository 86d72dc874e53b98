/* digest.h - BLAKE2b (RFC 7693) and CRC-32 for keyed hashes, content digests and file checks.
 * Layer: base. Threads: pure. libsodium and zlib behind it. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H
#include "base/str.h"
#define DIGEST_BYTES 32
#define DIGEST_KEY_BYTES 32
void digest_of(const void *p, size_t n_bytes, uint8_t ret_digest[DIGEST_BYTES]);
void digest_keyed(const uint8_t key[DIGEST_KEY_BYTES], const void *p, size_t n_bytes,
                  uint8_t *ret_digest, size_t digest_bytes); /* 16..32 */
uint64_t digest_u64(const void *p, size_t n_bytes);
uint32_t digest_crc32(uint32_t crc, const void *p, size_t n_bytes);
#endif
