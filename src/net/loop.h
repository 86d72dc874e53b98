/* loop.h - the event loop of a process: timers, wake-ups, signals, worker threads, clocks.
 * Layer: net. Threads: everything on the loop's own thread but loop_wake_send and the clocks.
 * libuv is behind it; no other layer includes uv.h. Free every object before its loop.
 * The first loop_new makes the process ignore SIGPIPE and raises RLIMIT_NOFILE to its hard limit.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H
#include "base/str.h"

struct loop;
typedef void (*loop_fn)(void *ctx);

struct loop *loop_new(void);
void loop_free(struct loop *loop);
void loop_run(struct loop *loop);  /* until loop_stop, or until nothing is left that could happen */
void loop_stop(struct loop *loop); /* loop_run returns after the present turn */
/* Runs what is due; waits at most wait_ms for something to happen (tests, tools). */
void loop_turn(struct loop *loop, int64_t wait_ms);

/* -- Clocks. Only net and main call these; everybody else is given `now`. -------------------- */
int64_t net_now_utc_us(void);
int64_t net_mono_us(void);
/* Makes net_now_utc_us run from start_utc_us at `speed` times real speed, counted from
 * origin_mono_us (net_mono_us of the first process, so that all processes agree). Before threads
 * start; the only way to fake now. */
void net_clock_replay(int64_t start_utc_us, int64_t speed, int64_t origin_mono_us);

/* -- Timers ------------------------------------------------------------------------------------ */
struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *ctx);
void loop_timer_start(struct loop_timer *timer, int64_t after_ms, int64_t every_ms); /* 0 = once */
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/* -- Wake-up from other threads: many sends may be one call of fn on the loop's thread. ------- */
struct loop_wake;
struct loop_wake *loop_wake_new(struct loop *loop, loop_fn fn, void *ctx);
void loop_wake_send(struct loop_wake *wake); /* any thread, never blocks */
void loop_wake_free(struct loop_wake *wake);

/* -- Work off the loop ------------------------------------------------------------------------- */
#define LOOP_MAX_WORK 256
/* `run` is called on a worker thread (four a process, shared by its loops), then `done` on the
 * loop's thread. `job` is handed back and forth, never shared.
 * ERR_BUSY: LOOP_MAX_WORK jobs of this loop are under way; nothing will be called. */
enum err loop_work(struct loop *loop, loop_fn run, loop_fn done, void *job);

/* -- Signals: fn runs on the loop; holds until the loop is freed. ERR_LIMIT over 8, ERR_IO. -----
 */
typedef void (*loop_signal_fn)(void *ctx, int signal_number);
enum err loop_on_signal(struct loop *loop, int signal_number, loop_signal_fn fn, void *ctx);

/* -- Own addresses ----------------------------------------------------------------------------- */
#define NET_ADDRESS_CAP 46
/* Texts of this machine's addresses that others on the network reach it by (up, not loopback, not
 * link-local), IPv4 first. Returns how many. */
size_t net_own_addresses(char (*ret_texts)[NET_ADDRESS_CAP], size_t max_count);
#endif
