/* replay_link.h - a machine account's connection to the API: log in, send, ask and wait.
 * Layer: main. Threads: the loop's own. */
#ifndef MAIN_REPLAY_LINK_H
#define MAIN_REPLAY_LINK_H
#include "base/json.h"
#include "model/ids.h"
#include "net/http_client.h"
#include "net/loop.h"

#define REPLAY_LINK_CLIENTS 4
#define REPLAY_LINK_TOKEN_CAP 256

struct replay_link {
    struct loop *loop;
    struct tls *tls;
    struct http_client *clients[REPLAY_LINK_CLIENTS];
    char token[REPLAY_LINK_TOKEN_CAP];
    char feed_token[REPLAY_LINK_TOKEN_CAP]; /* of the account that sends positions; may be empty */
};

/* url as https://127.0.0.1:8443. ERR_SYNTAX (url), ERR_NOT_FOUND, ERR_IO. Prints what is wrong. */
enum err replay_link_open(struct replay_link *link, const char *url, const char *ca_path);
void replay_link_close(struct replay_link *link);
/* Password of a login from a file of "login password" lines, logs in, keeps the bearer token in
 * ret_token. Prints what is wrong. ERR_NOT_FOUND, ERR_DENIED, ERR_IO. */
enum err replay_link_login(struct replay_link *link, const char *login, const char *accounts_path,
                           char ret_token[REPLAY_LINK_TOKEN_CAP]);
/* Sends a request of the account; key empty: none. `lane` picks the connection. */
enum err replay_link_send(struct replay_link *link, uint32_t lane, const char *token,
                          enum http_method method, struct str target, struct str key,
                          struct str body, http_client_fn fn, void *ctx);
/* Sends and turns the loop until the answer is there; ret_root is to be freed. ERR_IO, ERR_DENIED
 * (status not 2xx), ERR_SYNTAX. */
enum err replay_link_ask(struct replay_link *link, struct str target, struct json *ret_root);
#endif
