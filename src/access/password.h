/* password.h - passwords as argon2id strings (RFC 9106), by libsodium.
 * Layer: access. Threads: any; slow on purpose: run it on a worker, a few at a time, since memory
 * is cost times logins under way. */
#ifndef ACCESS_PASSWORD_H
#define ACCESS_PASSWORD_H
#include "base/str.h"

#define PASSWORD_TEXT_CAP 128
#define PASSWORD_MIN_BYTES 10
#define PASSWORD_MAX_BYTES 256

struct password_cost {
    uint32_t passes;
    uint32_t memory_kib;
};
extern const struct password_cost password_cost_default; /* 3 passes, 64 MiB */
extern const struct password_cost password_cost_test;    /* the least that argon2id allows */

/* ERR_RANGE: shorter than PASSWORD_MIN_BYTES or longer than PASSWORD_MAX_BYTES; ERR_LIMIT: memory.
 */
enum err password_hash(struct str password, struct password_cost cost,
                       char ret_text[PASSWORD_TEXT_CAP]);
/* `text` is what password_hash gave. An empty text stands for an account that does not exist: it
 * costs as much as a real check with `cost` and is always false. */
bool password_check(struct str text, struct str password, struct password_cost cost);
/* A password for a person to type: 16 letters and digits in groups of four, 80 bits. */
#define PASSWORD_MADE_CAP 20
void password_make(char ret_password[PASSWORD_MADE_CAP]);
#endif
