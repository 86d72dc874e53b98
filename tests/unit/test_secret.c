/* Passwords, tokens, login limits and key files. */
#include "access/blob.h"
#include "access/limiter.h"
#include "access/password.h"
#include "access/secret.h"
#include "access/token.h"
#include "test.h"
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

static void passwords_are_checked_and_never_kept(void **state)
{
    (void)state;
    char text[PASSWORD_TEXT_CAP], again[PASSWORD_TEXT_CAP];
    struct str password = STR("correct horse battery");
    assert_ok(password_hash(password, password_cost_test, text));
    assert_ok(password_hash(password, password_cost_test, again));
    assert_non_null(strstr(text, "$argon2id$"));
    assert_string_not_equal(text, again); /* salted */
    assert_true(password_check(str_of(text), password, password_cost_test));
    assert_false(password_check(str_of(text), STR("correct horse batterx"), password_cost_test));
    assert_false(password_check(STR(""), password, password_cost_test));
    assert_false(password_check(STR("$argon2id$garbage"), password, password_cost_test));
    assert_int_equal(password_hash(STR("short"), password_cost_test, text), ERR_RANGE);
}

static void made_passwords_differ_and_fit(void **state)
{
    (void)state;
    char a[PASSWORD_MADE_CAP], b[PASSWORD_MADE_CAP];
    password_make(a);
    password_make(b);
    assert_int_equal(strlen(a), 19);
    assert_string_not_equal(a, b);
}

static void tokens_have_a_shape_a_hash_and_a_csrf(void **state)
{
    (void)state;
    char a[TOKEN_TEXT_CAP], b[TOKEN_TEXT_CAP], csrf[TOKEN_CSRF_CAP];
    uint8_t ha[DIGEST_BYTES], hb[DIGEST_BYTES];
    token_make(a);
    token_make(b);
    assert_int_equal(strlen(a), TOKEN_TEXT_LEN);
    assert_ok(token_hash(str_of(a), ha));
    assert_ok(token_hash(str_of(b), hb));
    assert_memory_not_equal(ha, hb, sizeof ha);
    token_csrf(str_of(a), csrf);
    assert_true(token_csrf_fits(str_of(a), str_of(csrf)));
    assert_false(token_csrf_fits(str_of(b), str_of(csrf)));
    assert_false(token_csrf_fits(str_of(a), STR("")));
    assert_int_equal(token_hash(STR("abc"), ha), ERR_SYNTAX);
    a[3] = ' ';
    assert_int_equal(token_hash(str_of(a), ha), ERR_SYNTAX);
}

static void follow_codes_forgive_how_they_are_typed(void **state)
{
    (void)state;
    char code[TOKEN_CODE_CAP], hash[TOKEN_HASH_TEXT_CAP], other[TOKEN_HASH_TEXT_CAP];
    token_code_make(code);
    assert_int_equal(strlen(code), 19);
    assert_ok(token_code_hash(str_of(code), hash));
    assert_ok(token_code_hash(STR("0123-4567-89AB-CDEF"), hash));
    assert_ok(token_code_hash(STR("oI234567 89abcdef"), other));
    assert_string_equal(hash, other);
    assert_int_equal(token_code_hash(STR("0123-4567-89AB-CDE"), hash), ERR_SYNTAX);
    assert_int_equal(token_code_hash(STR("0123-4567-89AB-CDEU"), hash), ERR_SYNTAX);
    assert_int_equal(token_code_hash(STR("0123-4567-89AB-CDEF0"), hash), ERR_SYNTAX);
}

#define S (INT64_C(1000000))

static void failures_slow_a_guesser_down(void **state)
{
    (void)state;
    static struct limiter l;
    uint32_t wait = 0;
    int64_t now = 1000 * S;
    memset(&l, 0, sizeof l);
    for (int i = 0; i < LIMITER_PAIR_FAILURES; i++) {
        assert_ok(limiter_ask(&l, 1, 2, now, &wait));
        limiter_failed(&l, 1, 2, now);
    }
    assert_int_equal(limiter_ask(&l, 1, 2, now, &wait), ERR_BUSY);
    assert_int_equal(wait, LIMITER_FORGIVE_S);
    assert_ok(limiter_ask(&l, 5, 2, now, &wait)); /* another account */
    assert_ok(limiter_ask(&l, 1, 3, now, &wait)); /* another source */
    assert_ok(limiter_ask(&l, 1, 2, now + wait * S, &wait));
}

static void a_stranger_cannot_lock_the_owner_out(void **state)
{
    (void)state;
    static struct limiter l;
    uint32_t wait = 0;
    int64_t now = 1000 * S;
    memset(&l, 0, sizeof l);
    limiter_passed(&l, 1, 77, now);
    for (uint64_t source = 100; source < 300; source++)
        limiter_failed(&l, 1, source, now);
    assert_int_equal(limiter_ask(&l, 1, 999, now, &wait), ERR_BUSY); /* a new source waits */
    assert_ok(limiter_ask(&l, 1, 77, now, &wait));                   /* the owner does not */
    assert_ok(limiter_ask(&l, 2, 999, now, &wait));                  /* nor do others */
}

static void one_source_cannot_try_all_accounts(void **state)
{
    (void)state;
    static struct limiter l;
    uint32_t wait = 0;
    memset(&l, 0, sizeof l);
    for (uint64_t account = 1; account <= LIMITER_SOURCE_FAILURES; account++)
        limiter_failed(&l, account, 5, S);
    assert_int_equal(limiter_ask(&l, 1000, 5, S, &wait), ERR_BUSY);
    assert_int_equal(wait, LIMITER_SOURCE_FORGIVE_S); /* who shares it does not wait for long */
    assert_ok(limiter_ask(&l, 1000, 5, S + wait * S, &wait));
    assert_ok(limiter_ask(&l, 1000, 6, S, &wait));
}

static void a_sealed_file_opens_with_its_key_under_its_name(void **state)
{
    (void)state;
    uint8_t key[BLOB_KEY_BYTES], other[BLOB_KEY_BYTES];
    struct out sealed, again, opened;
    const struct str plain = STR("a picture of a street");
    out_init(&sealed, 4096);
    out_init(&again, 4096);
    out_init(&opened, 4096);
    blob_key_make(key);
    blob_key_make(other);
    assert_ok(blob_seal(key, STR("name"), plain, &sealed));
    assert_ok(blob_seal(key, STR("name"), plain, &again));
    assert_int_equal(sealed.len, plain.len + BLOB_MORE_BYTES);
    assert_memory_not_equal(sealed.p, again.p, sealed.len);
    assert_null(memmem(sealed.p, sealed.len, "street", 6));
    assert_ok(blob_open(key, STR("name"), out_view(&sealed), &opened));
    assert_true(str_eq(out_view(&opened), plain));
    out_reset(&opened);
    assert_int_equal(blob_open(other, STR("name"), out_view(&sealed), &opened), ERR_CORRUPT);
    assert_int_equal(blob_open(key, STR("other"), out_view(&sealed), &opened), ERR_CORRUPT);
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.p[i] ^= 1;
        assert_int_equal(blob_open(key, STR("name"), out_view(&sealed), &opened), ERR_CORRUPT);
        sealed.p[i] ^= 1;
        const struct str cut = {(const char *)sealed.p, i};
        assert_int_equal(blob_open(key, STR("name"), cut, &opened), ERR_CORRUPT);
    }
    assert_int_equal(opened.len, 0);
    out_done(&sealed);
    out_done(&again);
    out_done(&opened);
}

static void key_files_are_made_once_and_private(void **state)
{
    (void)state;
    char folder[] = "/tmp/anwang-secret-XXXXXX", path[256], keys_path[128];
    struct secret_keys a, b;
    struct stat st;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(keys_path, sizeof keys_path, "%s/keys", folder);
    assert_ok(secret_open(keys_path, &a));
    assert_ok(secret_open(keys_path, &b));
    assert_memory_equal(a.payload, b.payload, sizeof a.payload);
    assert_memory_equal(a.contact_public, b.contact_public, sizeof a.contact_public);
    assert_memory_not_equal(a.payload, a.source, sizeof a.payload);
    assert_true(b.is_contact_key_here);
    const char *names[] = {"payload.key", "source.key", "contact.key"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", keys_path, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }

    char hex[SECRET_SEALED_MAX], buf[SECRET_CONTACT_MAX];
    struct str contact;
    const struct str typed = STR("+86 139 0000 0000");
    uint8_t sealed[SECRET_CONTACT_MAX]; /* as a browser makes it */
    assert_int_equal(crypto_box_seal(sealed, (const uint8_t *)typed.p, typed.len, a.contact_public),
                     0);
    str_hex(sealed, typed.len + crypto_box_SEALBYTES, hex);
    assert_true(secret_is_sealed(str_of(hex)));
    assert_false(secret_is_sealed(typed));
    assert_false(secret_is_sealed((struct str){hex, 2 * crypto_box_SEALBYTES})); /* of nothing */
    assert_false(secret_is_sealed((struct str){hex, strlen(hex) - 1}));
    assert_false(secret_is_sealed(STR("")));
    (void)snprintf(path, sizeof path, "%s/contact.key", keys_path);
    assert_ok(secret_unseal(path, str_of(hex), buf, sizeof buf, &contact));
    assert_str(contact, "+86 139 0000 0000");
    hex[80] = hex[80] == '0' ? '1' : '0';
    assert_int_equal(secret_unseal(path, str_of(hex), buf, sizeof buf, &contact), ERR_CORRUPT);

    assert_int_equal(unlink(path), 0); /* taken offline */
    assert_ok(secret_open(keys_path, &b));
    assert_false(b.is_contact_key_here);
    assert_memory_equal(a.contact_public, b.contact_public, sizeof a.contact_public);

    (void)snprintf(path, sizeof path, "%s/payload.key", keys_path);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(secret_open(keys_path, &b), ERR_DENIED);
    assert_int_equal(chmod(path, 0600), 0);
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(secret_open(keys_path, &b), ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_are_checked_and_never_kept),
        cmocka_unit_test(made_passwords_differ_and_fit),
        cmocka_unit_test(tokens_have_a_shape_a_hash_and_a_csrf),
        cmocka_unit_test(follow_codes_forgive_how_they_are_typed),
        cmocka_unit_test(failures_slow_a_guesser_down),
        cmocka_unit_test(a_stranger_cannot_lock_the_owner_out),
        cmocka_unit_test(one_source_cannot_try_all_accounts),
        cmocka_unit_test(a_sealed_file_opens_with_its_key_under_its_name),
        cmocka_unit_test(key_files_are_made_once_and_private),
    };
    return RUN(tests);
}
