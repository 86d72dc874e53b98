/* openssl_priv.h - OpenSSL's headers beside base/err.h: both have an ERR_STATE. Layer: net. */
#ifndef NET_OPENSSL_PRIV_H
#define NET_OPENSSL_PRIV_H
#include "base/err.h"
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE
#endif
