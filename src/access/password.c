#include "access/password.h"
#include "access/token.h"
#include "base/rand.h"
#include <sodium.h>

const struct password_cost password_cost_default = {3, 64u << 10};
const struct password_cost password_cost_test = {1, 8};

_Static_assert(PASSWORD_TEXT_CAP >= crypto_pwhash_STRBYTES, "room for libsodium's text");

enum err password_hash(struct str password, struct password_cost cost,
                       char ret_text[PASSWORD_TEXT_CAP])
{
    char text[crypto_pwhash_STRBYTES];
    if (password.len < PASSWORD_MIN_BYTES || password.len > PASSWORD_MAX_BYTES)
        return ERR_RANGE;
    if (crypto_pwhash_str_alg(text, password.p, password.len, cost.passes,
                              (size_t)cost.memory_kib << 10, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return ERR_LIMIT;
    (void)str_copy(str_of(text), ret_text, PASSWORD_TEXT_CAP);
    return OK;
}

/* Work of the same size for a login that does not exist, so that time does not tell. */
static void burn(struct str password, struct password_cost cost)
{
    uint8_t key[32], salt[crypto_pwhash_SALTBYTES] = {0};
    (void)!crypto_pwhash(key, sizeof key, password.p ? password.p : "", password.len, salt,
                         cost.passes, (size_t)cost.memory_kib << 10, crypto_pwhash_ALG_ARGON2ID13);
    sodium_memzero(key, sizeof key);
}

bool password_check(struct str text, struct str password, struct password_cost cost)
{
    char copy[PASSWORD_TEXT_CAP];
    if (password.len > PASSWORD_MAX_BYTES)
        return false;
    if (text.len == 0 || !str_copy(text, copy, sizeof copy)) {
        burn(password, cost);
        return false;
    }
    return crypto_pwhash_str_verify(copy, password.p ? password.p : "", password.len) == 0;
}

void password_make(char ret_password[PASSWORD_MADE_CAP])
{
    token_code_make(ret_password);
    for (char *p = ret_password; *p; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    }
}
