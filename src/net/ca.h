/* ca.h - a demo certificate authority, so that HTTPS works from the first start.
 * Layer: net. Blocking: at start only. P-256 keys; files are written with mode 0600.
 * The authority can only vouch for local names, private addresses and the addresses it was made for
 * (name constraints), so that trusting it on a phone does not hand anybody the rest of the web. */
#ifndef NET_CA_H
#define NET_CA_H
#include "base/str.h"

#define CA_AUTHORITY_FILE "ca.pem"
#define CA_CHAIN_FILE "server.pem"
#define CA_KEY_FILE "server.key"

/* Makes ca.pem, ca.key, server.pem and server.key in `folder` (which must exist) for localhost,
 * 127.0.0.1, ::1 and `names` (DNS names under .local or .lan, or IP addresses). Keeps what is there
 * and good; makes anew what ends within 30 days, the server certificate when a name is missing, the
 * authority when an address lies outside its constraints. *ret_is_new (may be NULL): the authority
 * was made now. ERR_NOT_FOUND: no such folder. ERR_IO. ERR_RANGE: a name that is not of those
 * kinds, in lower case. */
enum err ca_ensure(const char *folder, const char *const *names, size_t name_count,
                   int64_t now_utc_us, bool *ret_is_new);
#endif
