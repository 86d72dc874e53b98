/* client_priv.h - parts of the client. write.c makes requests, client.c keeps the journal, check.c
 * looks at what the server left. */
#ifndef TESTS_DURABILITY_CLIENT_PRIV_H
#define TESTS_DURABILITY_CLIENT_PRIV_H
#include "client.h"

/* Keeps the first; NULL-terminated printf. Returns client->reason. */
const char *client_broken(struct client *client, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The request whose key this is; NULL: of another client. */
struct written *client_by_key(struct client *client, struct str key);
void client_number(struct client *client, struct written *written);
/* check.c: the folder without a server. Rules 1, 2, 4, 5, 6, 7. */
struct left { /* behind in the folder */
    uint64_t last_seq, orders, order_events;
};
bool check_folder(struct client *client, const char *dir, struct left *ret_left);
#endif
