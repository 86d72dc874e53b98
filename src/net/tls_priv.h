/* tls_priv.h - TLS sessions over non-blocking sockets. Layer: net. */
#ifndef NET_TLS_PRIV_H
#define NET_TLS_PRIV_H
#include "net/tls.h"

#define TLS_RECORD_BYTES 16384

enum tls_wait { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_EOF, TLS_FAILED };

typedef struct ssl_st SSL; /* as in OpenSSL */
/* NULL when out of memory. The fd stays the caller's. */
SSL *tls_accept(const struct tls *tls, int fd);
SSL *tls_connect(const struct tls *tls, int fd, const char *host);
void tls_session_free(SSL *ssl);
/* The handshake is done on the way. *ret_n is set on TLS_DONE. */
enum tls_wait tls_read(SSL *ssl, void *buf, size_t cap_bytes, size_t *ret_n);
enum tls_wait tls_write(SSL *ssl, const void *p, size_t n_bytes, size_t *ret_n);
/* Client: bytes have left the socket and wait to be read; the socket will not tell of them. */
bool tls_has_ahead(const SSL *ssl);
bool tls_is_up(const SSL *ssl);      /* handshake done */
bool tls_is_trusted(const SSL *ssl); /* client: the certificate was found good */
void tls_goodbye(SSL *ssl);          /* close_notify, without waiting for the peer's */
#endif
