#include "main/replay_link.h"
#include "base/file.h"
#include "base/json_out.h"
#include <stdio.h>
#include <string.h>

#define MAX_ACCOUNTS_BYTES (1u << 16)
#define MAX_IN_FLIGHT 4096
#define TIMEOUT_MS 30000
#define TURN_MS 50

enum err replay_link_open(struct replay_link *link, const char *url, const char *ca_path)
{
    struct str rest = str_of(url);
    uint32_t port = 0;
    char address[NET_ADDRESS_CAP + 16];
    if (!str_starts(rest, STR("https://"))) {
        (void)fprintf(stderr, "anwang replay: --to must be as https://127.0.0.1:8443\n");
        return ERR_SYNTAX;
    }
    rest = str_from(rest, 8);
    struct str host = str_cut(&rest, ':');
    struct str port_text = str_cut(&rest, '/');
    if (str_eq_c(host, "localhost")) {
        host = STR("127.0.0.1");
    }
    if (str_u32(port_text, &port) != OK || port == 0 || port > 65535 || rest.len > 0 ||
        !str_copy(host, address, sizeof address)) {
        (void)fprintf(stderr, "anwang replay: --to must be as https://127.0.0.1:8443\n");
        return ERR_SYNTAX;
    }
    link->loop = loop_new();
    enum err err = tls_client_new(ca_path, &link->tls);
    if (err != OK) {
        (void)fprintf(stderr, "anwang replay: %s: %s\n", ca_path, err_text(err));
        return err;
    }
    const struct http_client_plan plan = {.address = address,
                                          .port = (uint16_t)port,
                                          .tls = link->tls,
                                          .max_in_flight = MAX_IN_FLIGHT,
                                          .timeout_ms = TIMEOUT_MS};
    for (size_t i = 0; i < REPLAY_LINK_CLIENTS; i++) {
        link->clients[i] = http_client_new(link->loop, &plan);
    }
    return OK;
}

void replay_link_close(struct replay_link *link)
{
    for (size_t i = 0; i < REPLAY_LINK_CLIENTS; i++) {
        http_client_free(link->clients[i]);
    }
    tls_free(link->tls);
    if (link->loop != NULL) {
        loop_free(link->loop);
    }
}

/* NOLINTNEXTLINE(readability-function-size): a request has that many parts */
enum err replay_link_send(struct replay_link *link, uint32_t lane, const char *token,
                          enum http_method method, struct str target, struct str key,
                          struct str body, http_client_fn fn, void *ctx)
{
    char bearer[REPLAY_LINK_TOKEN_CAP + 16];
    int n = snprintf(bearer, sizeof bearer, "Bearer %s", token);
    struct http_field fields[3];
    size_t count = 0;
    if (token[0] != '\0') {
        fields[count++] = (struct http_field){STR("Authorization"), {bearer, (size_t)n}};
    }
    if (body.len > 0) {
        fields[count++] = (struct http_field){STR("Content-Type"), STR("application/json")};
    }
    if (key.len > 0) {
        fields[count++] = (struct http_field){STR("Idempotency-Key"), key};
    }
    struct http_client_request request = {method, target, fields, count, body};
    return http_client_send(link->clients[lane % REPLAY_LINK_CLIENTS], &request, fn, ctx);
}

/* ------------------------------------------------------------------ ask and wait */

struct waiting {
    bool is_answered;
    int status;
    struct out body;
};

static void answered(void *ctx, const struct http_client_answer *answer)
{
    struct waiting *w = ctx;
    w->is_answered = true;
    w->status = answer->status;
    out_str(&w->body, answer->body);
}

static enum err ask(struct replay_link *link, enum http_method method, struct str target,
                    struct str body, struct json *ret_root)
{
    struct waiting w = {0};
    out_init(&w.body, 16u << 20);
    enum err err =
        replay_link_send(link, 0, link->token, method, target, STR(""), body, answered, &w);
    while (err == OK && !w.is_answered) {
        loop_turn(link->loop, TURN_MS);
    }
    if (err == OK && (w.status < 200 || w.status > 299)) {
        (void)fprintf(stderr, "anwang replay: " STR_FMT ": %d %.*s\n", STR_ARG(target), w.status,
                      (int)(w.body.len < 300 ? w.body.len : 300),
                      w.body.len > 0 ? (const char *)w.body.p : "no answer");
        err = w.status == 0 ? ERR_IO : ERR_DENIED;
    }
    if (err == OK) {
        err = json_read(out_view(&w.body), ret_root, NULL);
    }
    out_done(&w.body);
    return err;
}

enum err replay_link_ask(struct replay_link *link, struct str target, struct json *ret_root)
{
    return ask(link, HTTP_METHOD_GET, target, STR(""), ret_root);
}

/* ------------------------------------------------------------------ login */

static enum err password_find(const char *path, const char *login, struct out *file,
                              struct str *ret_password)
{
    enum err err = file_read(path, file);
    struct str rest = out_view(file);
    while (err == OK && rest.len > 0) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        if (str_eq_c(str_cut(&line, ' '), login)) {
            *ret_password = str_trim(line);
            return OK;
        }
    }
    (void)fprintf(stderr, "anwang replay: %s: no account \"%s\"\n", path, login);
    return err == OK ? ERR_NOT_FOUND : err;
}

enum err replay_link_login(struct replay_link *link, const char *login, const char *accounts_path,
                           char ret_token[REPLAY_LINK_TOKEN_CAP])
{
    struct out file, body;
    struct str password = {NULL, 0};
    struct json root = {NULL};
    out_init(&file, MAX_ACCOUNTS_BYTES);
    out_init(&body, 4096);
    enum err err = password_find(accounts_path, login, &file, &password);
    if (err == OK) {
        struct json_out j = json_out_of(&body);
        json_obj(&j);
        json_kc(&j, "login", login);
        json_kstr(&j, "password", password);
        json_kbool(&j, "bearer", true);
        json_obj_end(&j);
        char token[REPLAY_LINK_TOKEN_CAP];
        memcpy(token, link->token, sizeof token);
        link->token[0] = '\0';
        err = ask(link, HTTP_METHOD_POST, STR("/api/v1/session"), out_view(&body), &root);
        memcpy(link->token, token, sizeof token);
    }
    if (err == OK &&
        !str_copy(json_text(json_get(root, "token")), ret_token, REPLAY_LINK_TOKEN_CAP)) {
        err = ERR_LIMIT;
    }
    json_free(root);
    out_done(&file);
    out_done(&body);
    return err;
}
