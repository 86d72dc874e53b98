/* tls.h - a TLS configuration: certificate and key of a server, or the authorities a client trusts.
 * Layer: net. Threads: the loop's own. OpenSSL behind it: TLS 1.2 and 1.3, ALPN http/1.1, no
 * renegotiation, no compression, session tickets on. */
#ifndef NET_TLS_H
#define NET_TLS_H
#include "base/str.h"

struct tls;
/* Paths of PEM files: chain and key. ERR_NOT_FOUND, ERR_SYNTAX, ERR_DENIED (key does not fit). */
enum err tls_server_new(const char *chain_path, const char *key_path, struct tls **ret_tls);
/* New connections use the new files; the old ones live on. On failure nothing changes. */
enum err tls_server_reload(struct tls *tls, const char *chain_path, const char *key_path);
/* Trusts only the authorities in this PEM file, and checks the name or address connected to. */
enum err tls_client_new(const char *authority_path, struct tls **ret_tls);
void tls_free(struct tls *tls);
#endif
