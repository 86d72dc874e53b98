/* replay_priv.h - parts of the replay. Layer: main, private to replay*.c.
 *
 * The log is a set of *agents*: one for each call (create, enter, close) and one for each unit sent
 * to it (dispatch, depart, arrive, end). An agent has one next step with a due time. A heap holds
 * those that are due at a time; an agent whose step needs something that is not there yet (the
 * incident's id, the unit's earlier assignment) is parked and put back when it comes. */
#ifndef MAIN_REPLAY_PRIV_H
#define MAIN_REPLAY_PRIV_H
#include "base/json.h"
#include "base/map.h"
#include "job/dispatch_log.h"
#include "main/replay_link.h"
#include "main/settings.h"
#include "road/road.h"

#define REPLAY_MAX_TROUBLES 40

enum replay_step {
    STEP_CREATE,
    STEP_ENTER,
    STEP_CLOSE,
    STEP_DISPATCH,
    STEP_DEPART,
    STEP_ARRIVE,
    STEP_END,
    STEP_DONE,
    STEP_COUNT
};

struct replay;
struct agent {
    struct replay *replay;
    uint32_t call, row;    /* row UINT32_MAX: the call itself */
    enum replay_step step; /* next one */
    int64_t due_us;        /* in log time */
    int64_t due_mono_us;
    bool is_parked, is_sent;
    uint32_t tries;
};
struct call_state {
    struct agent agent;
    char incident[ID_TEXT_CAP]; /* empty: not made yet */
    bool is_entered, is_skipped;
    uint32_t rows_left;
};
struct row_state {
    struct agent agent;
    char assignment[ID_TEXT_CAP];
    uint32_t next_of_unit; /* row of this unit that waits for this one; UINT32_MAX */
    bool is_waiting_for_unit, is_failed;
};
struct unit_state {
    char id[ID_TEXT_CAP]; /* empty: the realm has no such unit */
    struct place home, place;
    uint32_t profile;
    /* travel that is shown: places with their share of the way */
    struct place *way;
    uint32_t way_count;
    double way_m;
    int64_t leaves_mono_us, arrives_mono_us;
};

struct replay_options {
    const char *log, *dir, *to, *ca, *login, *accounts, *city;
    int64_t speed, from_us, hours;
    bool is_loop, is_made, is_now, has_positions, is_checked;
};

struct replay {
    struct replay_options options;
    struct replay_link link;
    struct arena arena;
    struct dispatch_log log;
    struct json types; /* of the realm, with their documents */
    struct road *road; /* NULL: no model */
    struct road_traffic *traffic;
    struct road_scratch *scratch;
    struct call_state *calls;
    struct row_state *rows;
    struct unit_state *units;
    struct agent **heap;
    size_t heap_count;
    struct loop_timer *timer, *show, *move;
    int64_t begin_log_us, begin_mono_us, begin_utc_us; /* where the clock of the log stands */
    char run[12];                                      /* part of every idempotency key */
    uint32_t round;
    uint32_t calls_left, sent, refused, retried, skipped_calls, unknown_units;
    uint32_t refused_by_step[STEP_COUNT];
    struct out troubles;
    uint32_t trouble_count;
    bool is_failed, is_ended, is_interrupted;
};

/* replay_run.c */
enum err replay_prepare(struct replay *r);
void replay_start_round(struct replay *r);
int64_t replay_mono_of(const struct replay *r, int64_t log_us);
void replay_trouble(struct replay *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* replay_say.c: bodies of the requests */
bool replay_request(struct replay *r, struct agent *a, struct out *path, struct out *body);
int64_t replay_stamp(const struct replay *r, const struct agent *a, enum replay_step step);
/* replay_move.c: where units are drawn, and how long the model says that they travel */
void replay_move_start(struct replay *r, uint32_t row);
void replay_move_arrived(struct replay *r, uint32_t row);
void replay_move_home(struct replay *r, uint32_t row);
void replay_move_tick(void *ctx);
enum err replay_model_print(struct replay *r);
/* replay_check.c: what the realm holds afterwards against what the log says */
bool replay_check(struct replay *r);
#endif
