#include "net/tls.h"

#include "net/loop_priv.h"
#include "net/openssl_priv.h"
#include "net/tls_priv.h"
#include <unistd.h>

#define AHEAD_BYTES 65536 /* a client takes several records from the socket at once */

struct tls {
    SSL_CTX *ctx;
};

static SSL_CTX *ctx_new(const SSL_METHOD *method)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    if (!ctx)
        abort();
    (void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                       SSL_OP_CIPHER_SERVER_PREFERENCE |
                                       SSL_OP_IGNORE_UNEXPECTED_EOF);
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return ctx;
}

/* Only http/1.1 is spoken; an offer without it is refused. */
static int choose_protocol(SSL *ssl, const unsigned char **ret_out, unsigned char *ret_len,
                           const unsigned char *in, unsigned int in_len, void *arg)
{
    static const unsigned char http11[] = "\x08http/1.1";
    unsigned char *chosen = NULL;
    (void)ssl, (void)arg;
    if (SSL_select_next_proto(&chosen, ret_len, http11, 9, in, in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret_out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static enum err server_ctx(const char *chain_path, const char *key_path, SSL_CTX **ret_ctx)
{
    if (access(chain_path, R_OK) != 0 || access(key_path, R_OK) != 0)
        return ERR_NOT_FOUND;
    SSL_CTX *ctx = ctx_new(TLS_server_method());
    enum err err = OK;
    if (SSL_CTX_use_certificate_chain_file(ctx, chain_path) != 1)
        err = ERR_SYNTAX;
    else if (SSL_CTX_use_PrivateKey_file(ctx, key_path, SSL_FILETYPE_PEM) != 1)
        err = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ? ERR_DENIED
                                                                                  : ERR_SYNTAX;
    else if (SSL_CTX_check_private_key(ctx) != 1)
        err = ERR_DENIED;
    ERR_clear_error();
    if (err) {
        SSL_CTX_free(ctx);
        return err;
    }
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    (void)SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"anwang", 6);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets carry the state */
    *ret_ctx = ctx;
    return OK;
}

enum err tls_server_new(const char *chain_path, const char *key_path, struct tls **ret_tls)
{
    SSL_CTX *ctx = NULL;
    enum err err = server_ctx(chain_path, key_path, &ctx);
    if (err)
        return err;
    *ret_tls = net_new(1, sizeof **ret_tls);
    (*ret_tls)->ctx = ctx;
    return OK;
}

enum err tls_server_reload(struct tls *tls, const char *chain_path, const char *key_path)
{
    SSL_CTX *ctx = NULL;
    enum err err = server_ctx(chain_path, key_path, &ctx);
    if (err)
        return err;
    SSL_CTX_free(tls->ctx); /* sessions hold references of their own */
    tls->ctx = ctx;
    return OK;
}

enum err tls_client_new(const char *authority_path, struct tls **ret_tls)
{
    if (access(authority_path, R_OK) != 0)
        return ERR_NOT_FOUND;
    SSL_CTX *ctx = ctx_new(TLS_client_method());
    if (SSL_CTX_load_verify_file(ctx, authority_path) != 1) {
        ERR_clear_error();
        SSL_CTX_free(ctx);
        return ERR_SYNTAX;
    }
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_default_read_buffer_len(ctx, AHEAD_BYTES);
    *ret_tls = net_new(1, sizeof **ret_tls);
    (*ret_tls)->ctx = ctx;
    return OK;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->ctx);
    free(tls);
}

static SSL *session(const struct tls *tls, int fd)
{
    SSL *ssl = SSL_new(tls->ctx);
    if (ssl && SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    return ssl;
}

SSL *tls_accept(const struct tls *tls, int fd)
{
    SSL *ssl = session(tls, fd);
    if (ssl)
        SSL_set_accept_state(ssl);
    return ssl;
}

SSL *tls_connect(const struct tls *tls, int fd, const char *host)
{
    SSL *ssl = session(tls, fd);
    if (!ssl)
        return NULL;
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, host) != 1) {
        (void)X509_VERIFY_PARAM_set1_host(param, host, 0);
        /* SSL_set_tlsext_host_name, whose macro casts const away */
        (void)SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                       (void *)(uintptr_t)host);
    }
    ERR_clear_error();
    (void)SSL_set_alpn_protos(ssl, (const unsigned char *)"\x08http/1.1", 9);
    SSL_set_connect_state(ssl);
    return ssl;
}

void tls_session_free(SSL *ssl)
{
    SSL_free(ssl);
}

bool tls_has_ahead(const SSL *ssl)
{
    return SSL_has_pending(ssl) != 0;
}

bool tls_is_up(const SSL *ssl)
{
    return SSL_is_init_finished(ssl) != 0;
}

bool tls_is_trusted(const SSL *ssl)
{
    return SSL_get_verify_result(ssl) == X509_V_OK;
}

void tls_goodbye(SSL *ssl)
{
    if (tls_is_up(ssl))
        (void)SSL_shutdown(ssl);
    ERR_clear_error();
}

static enum tls_wait outcome(SSL *ssl, int rc)
{
    int reason = rc > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, rc);
    if (reason == SSL_ERROR_NONE)
        return TLS_DONE;
    if (reason == SSL_ERROR_WANT_READ)
        return TLS_WANTS_READ;
    if (reason == SSL_ERROR_WANT_WRITE)
        return TLS_WANTS_WRITE;
    return reason == SSL_ERROR_ZERO_RETURN ? TLS_EOF : TLS_FAILED;
}

enum tls_wait tls_read(SSL *ssl, void *buf, size_t cap_bytes, size_t *ret_n)
{
    ERR_clear_error();
    return outcome(ssl, SSL_read_ex(ssl, buf, cap_bytes, ret_n));
}

enum tls_wait tls_write(SSL *ssl, const void *p, size_t n_bytes, size_t *ret_n)
{
    ERR_clear_error();
    return outcome(ssl, SSL_write_ex(ssl, p, n_bytes, ret_n));
}
