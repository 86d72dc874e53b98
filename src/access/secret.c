#include "access/secret.h"
#include "base/file.h"
#include "base/rand.h"
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PATH_BYTES 4096

_Static_assert(crypto_box_PUBLICKEYBYTES == SECRET_PUBLIC_BYTES, "X25519");
_Static_assert(2 * (SECRET_CONTACT_MAX + crypto_box_SEALBYTES) < SECRET_SEALED_MAX, "room");

static enum err path_of(const char *folder, const char *name, char path[MAX_PATH_BYTES])
{
    int n = snprintf(path, MAX_PATH_BYTES, "%s/%s", folder, name);
    return n > 0 && n < MAX_PATH_BYTES ? OK : ERR_LIMIT;
}

static enum err read_key(const char *path, uint8_t *ret_key, size_t n_bytes)
{
    struct out out;
    out_init(&out, 4096);
    enum err err = file_read(path, &out);
    if (err == OK && out.len != n_bytes)
        err = ERR_CORRUPT;
    if (err == OK)
        memcpy(ret_key, out.p, n_bytes);
    if (out.p)
        sodium_memzero(out.p, out.cap);
    out_done(&out);
    return err == ERR_LIMIT ? ERR_CORRUPT : err;
}

static enum err read_private(const char *path, uint8_t *ret_key, size_t n_bytes)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return ERR_NOT_FOUND;
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return ERR_DENIED;
    return read_key(path, ret_key, n_bytes);
}

static enum err write_key(const char *path, const uint8_t *key, size_t n_bytes, unsigned mode)
{
    return file_replace(path, (struct str){(const char *)key, n_bytes}, mode);
}

/* One random key: read, or made. */
static enum err random_key(const char *folder, const char *name, uint8_t ret_key[32])
{
    char path[MAX_PATH_BYTES];
    enum err err = path_of(folder, name, path);
    if (err == OK)
        err = read_private(path, ret_key, 32);
    if (err != ERR_NOT_FOUND)
        return err;
    rand_secret(ret_key, 32);
    return write_key(path, ret_key, 32, 0600);
}

/* The private half is written first: a public half without one would seal contacts for ever. */
static enum err contact_make(const char *private_path, const char *public_path,
                             uint8_t ret_public[SECRET_PUBLIC_BYTES])
{
    uint8_t secret[crypto_box_SECRETKEYBYTES];
    (void)crypto_box_keypair(ret_public, secret);
    enum err err = write_key(private_path, secret, sizeof secret, 0600);
    sodium_memzero(secret, sizeof secret);
    return err == OK ? write_key(public_path, ret_public, SECRET_PUBLIC_BYTES, 0644) : err;
}

static enum err contact_open(const char *folder, struct secret_keys *keys)
{
    char private_path[MAX_PATH_BYTES], public_path[MAX_PATH_BYTES];
    enum err err = path_of(folder, "contact.key", private_path);
    if (err == OK)
        err = path_of(folder, "contact.pub", public_path);
    if (err == OK)
        err = read_key(public_path, keys->contact_public, SECRET_PUBLIC_BYTES);
    if (err == ERR_NOT_FOUND)
        err = contact_make(private_path, public_path, keys->contact_public);
    keys->is_contact_key_here = err == OK && access(private_path, F_OK) == 0;
    return err;
}

enum err secret_open(const char *folder, struct secret_keys *ret_keys)
{
    struct secret_keys keys = {0};
    if (sodium_init() < 0)
        return ERR_IO;
    enum err err = file_mkdirs(folder, 0700);
    if (err == OK)
        err = random_key(folder, "payload.key", keys.payload);
    if (err == OK)
        err = random_key(folder, "source.key", keys.source);
    if (err == OK)
        err = contact_open(folder, &keys);
    if (err == OK)
        *ret_keys = keys;
    sodium_memzero(&keys, sizeof keys);
    return err;
}

enum err secret_contact_public(const char *folder, uint8_t ret_key[SECRET_PUBLIC_BYTES])
{
    char path[MAX_PATH_BYTES];
    enum err err = path_of(folder, "contact.pub", path);
    return err == OK ? read_key(path, ret_key, SECRET_PUBLIC_BYTES) : err;
}

bool secret_is_sealed(struct str hex)
{
    uint8_t sealed[SECRET_CONTACT_MAX + crypto_box_SEALBYTES];
    size_t n = hex.len / 2;
    return hex.len % 2 == 0 && n > crypto_box_SEALBYTES && n <= sizeof sealed &&
           str_unhex(hex, sealed, n) == OK;
}

enum err secret_unseal(const char *key_path, struct str hex, char *buf, size_t cap,
                       struct str *ret_contact)
{
    uint8_t sealed[SECRET_CONTACT_MAX + crypto_box_SEALBYTES];
    uint8_t secret[crypto_box_SECRETKEYBYTES], public_key[SECRET_PUBLIC_BYTES];
    size_t n = hex.len / 2;
    if (n <= crypto_box_SEALBYTES || n > sizeof sealed || n - crypto_box_SEALBYTES > cap ||
        str_unhex(hex, sealed, n) != OK)
        return ERR_SYNTAX;
    enum err err = read_private(key_path, secret, sizeof secret);
    if (err != OK)
        return err;
    (void)crypto_scalarmult_base(public_key, secret);
    int failed = crypto_box_seal_open((uint8_t *)buf, sealed, n, public_key, secret);
    sodium_memzero(secret, sizeof secret);
    if (failed)
        return ERR_CORRUPT;
    *ret_contact = (struct str){buf, n - crypto_box_SEALBYTES};
    return OK;
}
