#include "access/token.h"
#include "base/rand.h"
#include <sodium.h>

#define CODE_LETTERS 16
static const char base32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void token_make(char ret_text[TOKEN_TEXT_CAP])
{
    uint8_t bytes[32];
    rand_secret(bytes, sizeof bytes);
    (void)sodium_bin2base64(ret_text, TOKEN_TEXT_CAP, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

enum err token_hash(struct str text, uint8_t ret_hash[DIGEST_BYTES])
{
    uint8_t bytes[32];
    size_t len = 0;
    if (text.len != TOKEN_TEXT_LEN ||
        sodium_base642bin(bytes, sizeof bytes, text.p, text.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        len != sizeof bytes)
        return ERR_SYNTAX;
    digest_of(text.p, text.len, ret_hash);
    return OK;
}

void token_csrf(struct str text, char ret_csrf[TOKEN_CSRF_CAP])
{
    static const uint8_t key[DIGEST_KEY_BYTES] = "anwang csrf token of a session";
    uint8_t hash[16];
    digest_keyed(key, text.p, text.len, hash, sizeof hash);
    str_hex(hash, sizeof hash, ret_csrf);
}

bool token_csrf_fits(struct str text, struct str csrf)
{
    char right[TOKEN_CSRF_CAP];
    token_csrf(text, right);
    return csrf.len == TOKEN_CSRF_CAP - 1 && sodium_memcmp(right, csrf.p, csrf.len) == 0;
}

void token_code_make(char ret_code[TOKEN_CODE_CAP])
{
    uint8_t bytes[CODE_LETTERS];
    size_t at = 0;
    rand_secret(bytes, sizeof bytes);
    for (size_t i = 0; i < CODE_LETTERS; i++) {
        if (i != 0 && i % 4 == 0)
            ret_code[at++] = '-';
        ret_code[at++] = base32[bytes[i] & 31];
    }
    ret_code[at] = '\0';
}

static char code_letter(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        return '0';
    if (c == 'I' || c == 'L')
        return '1';
    return c != '\0' && strchr(base32, c) ? c : '\0';
}

enum err token_code_hash(struct str typed, char ret_hash[TOKEN_HASH_TEXT_CAP])
{
    char letters[CODE_LETTERS];
    uint8_t hash[DIGEST_BYTES];
    size_t count = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.p[i] == '-' || typed.p[i] == ' ')
            continue;
        char c = code_letter(typed.p[i]);
        if (c == '\0' || count == CODE_LETTERS)
            return ERR_SYNTAX;
        letters[count++] = c;
    }
    if (count != CODE_LETTERS)
        return ERR_SYNTAX;
    digest_of(letters, sizeof letters, hash);
    str_hex(hash, sizeof hash, ret_hash);
    return OK;
}
