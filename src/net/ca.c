#include "net/ca.h"

#include "base/file.h"
#include "base/utc.h"
#include "net/openssl_priv.h"
#include <arpa/inet.h>
#include <unistd.h>

#define AUTHORITY_DAYS 3650
#define SERVER_DAYS 397
#define RENEW_DAYS 30
#define PATH_BYTES 4096
#define NAMES_BYTES 8192

/* Names and networks that nobody can own on the open net (RFC 1918, 4193, 6598, 6762). The
 * addresses that we are given are added one by one. */
#define PERMITTED                                                                                  \
    "critical,permitted;DNS:localhost,permitted;DNS:local,permitted;DNS:lan,"                      \
    "permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:10.0.0.0/255.0.0.0,"                            \
    "permitted;IP:172.16.0.0/255.240.0.0,permitted;IP:192.168.0.0/255.255.0.0,"                    \
    "permitted;IP:169.254.0.0/255.255.0.0,permitted;IP:100.64.0.0/255.192.0.0,"                    \
    "permitted;IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF,"                        \
    "permitted;IP:FC00:0:0:0:0:0:0:0/FE00:0:0:0:0:0:0:0,"                                          \
    "permitted;IP:FE80:0:0:0:0:0:0:0/FFC0:0:0:0:0:0:0:0"

struct ca {
    const char *folder;
    const char *const *names;
    size_t name_count;
    int64_t now_utc_us;
    X509 *authority, *server;
    EVP_PKEY *authority_key, *server_key;
};

static const char *const own_names[] = {"localhost", "127.0.0.1", "::1"};
#define OWN_NAME_COUNT (sizeof own_names / sizeof *own_names)

/* -- Names ------------------------------------------------------------------------------------- */

static const char *name_at(const struct ca *ca, size_t i)
{
    return i < OWN_NAME_COUNT ? own_names[i] : ca->names[i - OWN_NAME_COUNT];
}

static bool is_address(const char *name)
{
    uint8_t bytes[16];
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

static bool is_permitted(const char *name)
{
    if (is_address(name))
        return true;
    for (const char *p = name; *p; p++)
        if (!(*p == '-' || *p == '.' || (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z')))
            return false;
    return strcmp(name, "localhost") == 0 || ends_with(name, ".local") || ends_with(name, ".lan");
}

static bool has_all_names(const struct ca *ca)
{
    for (size_t i = 0; i < OWN_NAME_COUNT + ca->name_count; i++) {
        const char *name = name_at(ca, i);
        int found = is_address(name) ? X509_check_ip_asc(ca->server, name, 0)
                                     : X509_check_host(ca->server, name, 0, 0, NULL);
        if (found != 1)
            return false;
    }
    return true;
}

/* -- Files ------------------------------------------------------------------------------------- */

static void path_of(const struct ca *ca, const char *name, char path[PATH_BYTES])
{
    (void)snprintf(path, PATH_BYTES, "%s/%s", ca->folder, name);
}

static BIO *read_file(const struct ca *ca, const char *name)
{
    char path[PATH_BYTES];
    path_of(ca, name, path);
    return BIO_new_file(path, "r");
}

static X509 *read_cert(const struct ca *ca, const char *name)
{
    BIO *bio = read_file(ca, name);
    X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return cert;
}

static EVP_PKEY *read_key(const struct ca *ca, const char *name)
{
    BIO *bio = read_file(ca, name);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return key;
}

static enum err write_bio(const struct ca *ca, const char *name, BIO *bio)
{
    char path[PATH_BYTES];
    char *p = NULL;
    long n = BIO_get_mem_data(bio, &p);
    path_of(ca, name, path);
    return n > 0 ? file_replace(path, (struct str){p, (size_t)n}, 0600) : ERR_IO;
}

static enum err write_key(const struct ca *ca, const char *name, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    enum err err = ERR_IO;
    if (bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
        err = write_bio(ca, name, bio);
    BIO_free(bio);
    return err;
}

/* One certificate, or two for a chain. */
static enum err write_certs(const struct ca *ca, const char *name, X509 *first, X509 *second)
{
    BIO *bio = BIO_new(BIO_s_mem());
    enum err err = ERR_IO;
    if (bio && PEM_write_bio_X509(bio, first) == 1 &&
        (!second || PEM_write_bio_X509(bio, second) == 1))
        err = write_bio(ca, name, bio);
    BIO_free(bio);
    return err;
}

/* -- Certificates ------------------------------------------------------------------------------ */

static bool put_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool is_put = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_put;
}

static bool put_serial(X509 *cert)
{
    BIGNUM *number = BN_new();
    bool is_put = number && BN_rand(number, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    return is_put;
}

/* Version 3, subject, key and dates; issuer NULL: self-signed later. */
static X509 *cert_new(const struct ca *ca, const char *common_name, EVP_PKEY *key, X509 *issuer,
                      int days)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_NAME_new();
    int64_t now_s = ca->now_utc_us / US_PER_S;
    const unsigned char *text = (const unsigned char *)common_name;
    bool is_good =
        cert && name && X509_set_version(cert, X509_VERSION_3) == 1 && put_serial(cert) &&
        X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
        X509_set_subject_name(cert, name) == 1 &&
        X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : name) == 1 &&
        X509_set_pubkey(cert, key) == 1 &&
        ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(now_s - 3600)) &&
        ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(now_s + days * 86400LL));
    X509_NAME_free(name);
    if (is_good)
        return cert;
    X509_free(cert);
    return NULL;
}

static bool put_constraints(const struct ca *ca, X509 *cert)
{
    struct out text;
    out_init(&text, NAMES_BYTES);
    out_c(&text, PERMITTED);
    for (size_t i = 0; i < ca->name_count; i++) {
        const char *name = ca->names[i];
        if (is_address(name))
            out_printf(&text, ",permitted;IP:%s/%s", name,
                       strchr(name, ':') ? "FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF"
                                         : "255.255.255.255");
    }
    out_byte(&text, 0);
    bool is_put =
        text.err == OK && put_extension(cert, cert, NID_name_constraints, (const char *)text.p);
    out_done(&text);
    return is_put;
}

static bool make_authority(struct ca *ca)
{
    X509_free(ca->authority);
    EVP_PKEY_free(ca->authority_key);
    ca->authority = NULL;
    ca->authority_key = EVP_EC_gen("P-256");
    if (!ca->authority_key)
        return false;
    X509 *cert = ca->authority =
        cert_new(ca, "Anwang demo authority", ca->authority_key, NULL, AUTHORITY_DAYS);
    return cert && put_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           put_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           put_extension(cert, cert, NID_subject_key_identifier, "hash") &&
           put_constraints(ca, cert) && X509_sign(cert, ca->authority_key, EVP_sha256()) > 0;
}

static bool put_names(const struct ca *ca, X509 *cert)
{
    struct out san;
    out_init(&san, NAMES_BYTES);
    for (size_t i = 0; i < OWN_NAME_COUNT + ca->name_count; i++)
        out_printf(&san, "%s%s:%s", i ? "," : "", is_address(name_at(ca, i)) ? "IP" : "DNS",
                   name_at(ca, i));
    out_byte(&san, 0);
    bool is_put = san.err == OK &&
                  put_extension(cert, ca->authority, NID_subject_alt_name, (const char *)san.p);
    out_done(&san);
    return is_put;
}

static bool make_server(struct ca *ca)
{
    X509_free(ca->server);
    EVP_PKEY_free(ca->server_key);
    ca->server = NULL;
    ca->server_key = EVP_EC_gen("P-256");
    if (!ca->server_key)
        return false;
    X509 *cert = ca->server =
        cert_new(ca, "Anwang demo server", ca->server_key, ca->authority, SERVER_DAYS);
    X509 *issuer = ca->authority;
    return cert && put_extension(cert, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           put_extension(cert, issuer, NID_key_usage, "critical,digitalSignature") &&
           put_extension(cert, issuer, NID_ext_key_usage, "serverAuth") &&
           put_extension(cert, issuer, NID_subject_key_identifier, "hash") &&
           put_extension(cert, issuer, NID_authority_key_identifier, "keyid:always") &&
           put_names(ca, cert) && X509_sign(cert, ca->authority_key, EVP_sha256()) > 0;
}

/* -- What is there already --------------------------------------------------------------------- */

static bool lives_on(const struct ca *ca, const X509 *cert)
{
    time_t limit = (time_t)(ca->now_utc_us / US_PER_S + RENEW_DAYS * 86400LL);
    return X509_cmp_time(X509_get0_notAfter(cert), &limit) > 0;
}

static bool has_good_authority(const struct ca *ca)
{
    return ca->authority && ca->authority_key && lives_on(ca, ca->authority) &&
           X509_check_private_key(ca->authority, ca->authority_key) == 1;
}

static bool has_good_server(const struct ca *ca)
{
    return ca->server && ca->server_key && lives_on(ca, ca->server) &&
           X509_check_private_key(ca->server, ca->server_key) == 1 &&
           X509_verify(ca->server, ca->authority_key) == 1 && has_all_names(ca);
}

/* The authority may vouch for every name of the server certificate. */
static bool covers_server(const struct ca *ca)
{
    NAME_CONSTRAINTS *limits = X509_get_ext_d2i(ca->authority, NID_name_constraints, NULL, NULL);
    bool is_covered = limits && X509_check_purpose(ca->server, -1, 0) == 1 && /* parses it */
                      NAME_CONSTRAINTS_check(ca->server, limits) == X509_V_OK;
    NAME_CONSTRAINTS_free(limits);
    return is_covered;
}

static enum err ensure(struct ca *ca, bool *ret_is_new)
{
    bool is_new_authority = !has_good_authority(ca);
    if (is_new_authority && !make_authority(ca))
        return ERR_IO;
    bool is_new_server = is_new_authority || !has_good_server(ca);
    if (is_new_server && !make_server(ca))
        return ERR_IO;
    if (is_new_server && !covers_server(ca)) { /* an address that it was not made for */
        is_new_authority = true;
        if (!make_authority(ca) || !make_server(ca) || !covers_server(ca))
            return ERR_IO;
    }
    enum err err = OK;
    if (is_new_authority)
        err = write_key(ca, "ca.key", ca->authority_key);
    if (is_new_authority && !err)
        err = write_certs(ca, CA_AUTHORITY_FILE, ca->authority, NULL);
    if (is_new_server && !err)
        err = write_key(ca, CA_KEY_FILE, ca->server_key);
    if (is_new_server && !err)
        err = write_certs(ca, CA_CHAIN_FILE, ca->server, ca->authority);
    if (!err && ret_is_new)
        *ret_is_new = is_new_authority;
    return err;
}

enum err ca_ensure(const char *folder, const char *const *names, size_t name_count,
                   int64_t now_utc_us, bool *ret_is_new)
{
    struct ca ca = {
        .folder = folder, .names = names, .name_count = name_count, .now_utc_us = now_utc_us};
    for (size_t i = 0; i < name_count; i++)
        if (!is_permitted(names[i]))
            return ERR_RANGE;
    ca.authority = read_cert(&ca, CA_AUTHORITY_FILE);
    ca.authority_key = read_key(&ca, "ca.key");
    ca.server = read_cert(&ca, CA_CHAIN_FILE);
    ca.server_key = read_key(&ca, CA_KEY_FILE);
    enum err err = ensure(&ca, ret_is_new);
    X509_free(ca.authority);
    X509_free(ca.server);
    EVP_PKEY_free(ca.authority_key);
    EVP_PKEY_free(ca.server_key);
    ERR_clear_error();
    return err;
}
