/* token.h - random secrets that stand for somebody: session tokens, their CSRF tokens, follow-up
 * codes of the public site. Only hashes are ever stored or sent to another process.
 * Layer: access. Threads: any. */
#ifndef ACCESS_TOKEN_H
#define ACCESS_TOKEN_H
#include "base/digest.h"

#define TOKEN_TEXT_LEN 43 /* 256 bits, base64url without padding */
#define TOKEN_TEXT_CAP 44
#define TOKEN_CSRF_CAP 33 /* 128 bits, hex */
#define TOKEN_CODE_CAP 20 /* XXXX-XXXX-XXXX-XXXX: 80 bits, Crockford base 32 */
#define TOKEN_HASH_TEXT_CAP 65

void token_make(char ret_text[TOKEN_TEXT_CAP]);
/* ERR_SYNTAX: not the shape of a token. */
enum err token_hash(struct str text, uint8_t ret_hash[DIGEST_BYTES]);
/* Belongs to the session alone: a keyed hash of its token, so nothing has to be kept. */
void token_csrf(struct str text, char ret_csrf[TOKEN_CSRF_CAP]);
bool token_csrf_fits(struct str text, struct str csrf); /* in constant time */

void token_code_make(char ret_code[TOKEN_CODE_CAP]);
/* Hash of a follow-up code as typed: lower case, missing or extra dashes and spaces are forgiven,
 * and so are O for 0, I and L for 1. Hex text. ERR_SYNTAX: not a code. */
enum err token_code_hash(struct str typed, char ret_hash[TOKEN_HASH_TEXT_CAP]);
#endif
