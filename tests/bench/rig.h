/* rig.h - the real server under a bench: a copy of a demo folder, the release program as ./run
 * starts it, accounts from its own list. Everything stays on loopback. */
#ifndef TESTS_BENCH_RIG_H
#define TESTS_BENCH_RIG_H
#include "base/out.h"
#include "net/http_client.h"

#define RIG_PATH_CAP 400
#define RIG_TOKEN_CAP 64

struct rig {
    char dir[RIG_PATH_CAP]; /* data folder of this run, below var/bench */
    uint16_t port;
    int64_t pid; /* of the monitor, 0 = not running */
    struct tls *tls;
    struct loop *loop;
};

/* One bar. `higher` says which side of the goal is good. Prints the BAR line; false when short. */
bool rig_bar(const char *name, double value, const char *unit, double goal, bool higher);
/* Path of a built program, as "tests/bench/fill"; static, until the next call. */
const char *rig_program(const char *name);
/* Runs a program and waits; its output is in var/bench/last.log. False when it failed. */
bool rig_run(const char *const *argv);
/* The same with its output in this file. Returns its exit status, -1 = it could not be run. */
int rig_run_into(const char *const *argv, const char *log);
/* A fresh copy of the demo city `sf` (made once), named var/bench/NAME, and a free port with the
 * one after it. Exits when it cannot. */
void rig_make(struct rig *rig, const char *name);
/* Starts `anwang serve` and waits until /healthz answers. Returns the seconds that it took. Exits
 * when it does not get ready. */
double rig_start(struct rig *rig);
void rig_stop(struct rig *rig);
/* Process id of one of its processes ("core"), 0 = not there. */
int64_t rig_process(const struct rig *rig, const char *name);
void rig_done(struct rig *rig);
struct http_client *rig_client(const struct rig *rig);
/* One request and its answer, waited for; the body is appended to `ret_body` (may be NULL).
 * token NULL: none. Returns the status, 0 = no answer. */
int rig_call(const struct rig *rig, struct http_client *client, enum http_method method,
             const char *target, const char *token, const char *key, struct str body,
             struct out *ret_body);
/* The password of a login in accounts.txt. Exits when there is none. */
void rig_password(const struct rig *rig, const char *login, char *buf, size_t cap);
/* Logs in with the password in accounts.txt; the session's token for Authorization: Bearer. */
bool rig_login(const struct rig *rig, struct http_client *client, const char *login,
               char ret_token[RIG_TOKEN_CAP]);
/* Resident memory of the whole server, MiB. */
double rig_memory_mib(const struct rig *rig);
double rig_percentile(double *values, size_t count, double share); /* sorts */
#endif
