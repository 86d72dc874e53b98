/* The clock of the log, the heap of agents, and what follows an answer. */
#include "base/rand.h"
#include "base/utc.h"
#include "main/replay_priv.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 512
#define BODY_BYTES 8192
#define RETRY_MS 300
#define MAX_TRIES 100
#define MOVE_MS 2000
#define WARM_UP_US (2 * US_PER_HOUR) /* calls received so long before are there from the start */

static void agent_wake(struct agent *a);
static void pump(void *ctx);

void replay_trouble(struct replay *r, const char *fmt, ...)
{
    char text[400];
    va_list args;
    va_start(args, fmt);
    /* clang 14's analyzer does not see va_start when it follows a call within one file.
     * NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (r->trouble_count++ < REPLAY_MAX_TROUBLES) {
        out_printf(&r->troubles, "  %s\n", text);
    }
}

/* ------------------------------------------------------------------ heap by due time */

static bool is_earlier_in_log(const struct agent *a, const struct agent *b)
{
    if (a->due_us != b->due_us) {
        return a->due_us < b->due_us;
    }
    return a->call != b->call ? a->call < b->call : a->row < b->row;
}

static bool is_earlier(const struct agent *a, const struct agent *b)
{
    if (a->due_mono_us != b->due_mono_us) {
        return a->due_mono_us < b->due_mono_us;
    }
    return is_earlier_in_log(a, b);
}

static void heap_put(struct replay *r, struct agent *a)
{
    size_t at = r->heap_count++;
    while (at > 0 && is_earlier(a, r->heap[(at - 1) / 2])) {
        r->heap[at] = r->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    r->heap[at] = a;
}

static struct agent *heap_take(struct replay *r)
{
    struct agent *first = r->heap[0], *last = r->heap[--r->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= r->heap_count) {
            break;
        }
        if (child + 1 < r->heap_count && is_earlier(r->heap[child + 1], r->heap[child])) {
            child++;
        }
        if (!is_earlier(r->heap[child], last)) {
            break;
        }
        r->heap[at] = r->heap[child];
        at = child;
    }
    r->heap[at] = last;
    return first;
}

int64_t replay_mono_of(const struct replay *r, int64_t log_us)
{
    int64_t after = log_us - r->begin_log_us;
    return r->begin_mono_us + (after > 0 ? after / r->options.speed : 0);
}

static void schedule(struct agent *a, int64_t due_us)
{
    struct replay *r = a->replay;
    a->due_us = due_us > a->due_us ? due_us : a->due_us; /* never before the step before it */
    a->due_mono_us = replay_mono_of(r, a->due_us);
    heap_put(r, a);
}

/* ------------------------------------------------------------------ steps of an agent */

/* Must `a` wait for `b` of the same call? Steps of a call go one at a time and in the order of the
 * log, however fast it is played; only a row that waits for a unit which the log has in two places
 * at once holds up nobody. */
static bool goes_before(const struct agent *b, const struct agent *a)
{
    const struct replay *r = a->replay;
    if (b == a || b->step == STEP_DONE) {
        return false;
    }
    if (b->is_sent) {
        return true;
    }
    bool is_overlap = b->row != UINT32_MAX && r->rows[b->row].is_waiting_for_unit &&
                      (r->log.rows[b->row].dirt >> DISPATCH_DIRT_OVERLAP & 1) != 0;
    return !is_overlap && is_earlier_in_log(b, a);
}

/* May it be sent now? Each answer of its call, and the end of its unit's row before, puts it back
 * with agent_wake. */
static bool is_ready(struct agent *a)
{
    struct replay *r = a->replay;
    struct call_state *c = &r->calls[a->call];
    const struct dispatch_call *call = &r->log.calls[a->call];
    if (a->tries > 0) {
        return true;
    }
    bool is_call = a->row == UINT32_MAX;
    if (is_call && a->step == STEP_CLOSE && c->rows_left > 0) {
        return false;
    }
    if (!is_call && (!c->is_entered || r->rows[a->row].is_waiting_for_unit)) {
        return false;
    }
    if (is_call && a->step != STEP_CLOSE) {
        return true;
    }
    for (uint32_t i = call->first_row; i < call->first_row + call->row_count; i++) {
        if (goes_before(&r->rows[i].agent, a)) {
            return false;
        }
    }
    return true;
}

static void row_next(struct agent *a)
{
    struct replay *r = a->replay;
    const int64_t *at = r->log.rows[a->row].at_us;
    enum replay_step step = a->step + 1;
    if (step == STEP_DEPART && at[DISPATCH_response] == 0) {
        step = STEP_ARRIVE;
    }
    if (step == STEP_ARRIVE && at[DISPATCH_on_scene] == 0) {
        step = STEP_END;
    }
    a->step = step;
    schedule(a, replay_stamp(r, a, step));
}

static void wake_call(struct replay *r, uint32_t call)
{
    const struct dispatch_call *c = &r->log.calls[call];
    agent_wake(&r->calls[call].agent);
    for (uint32_t i = c->first_row; i < c->first_row + c->row_count; i++) {
        agent_wake(&r->rows[i].agent);
    }
}

/* The row is over, well or not: its unit's next one and its call may go on. */
static void row_over(struct agent *a)
{
    struct replay *r = a->replay;
    struct row_state *row = &r->rows[a->row];
    a->step = STEP_DONE;
    if (row->next_of_unit != UINT32_MAX) {
        r->rows[row->next_of_unit].is_waiting_for_unit = false;
        agent_wake(&r->rows[row->next_of_unit].agent);
    }
    r->calls[a->call].rows_left--;
    wake_call(r, a->call);
}

static void call_over(struct agent *a)
{
    struct replay *r = a->replay;
    a->step = STEP_DONE;
    if (--r->calls_left > 0) {
        return;
    }
    if (r->options.is_loop && !r->options.is_made) {
        r->round++;
        replay_start_round(r);
    } else {
        r->is_ended = true;
        loop_stop(r->link.loop);
    }
}

/* Without its incident nothing of a call can be sent. */
static void call_give_up(struct agent *a)
{
    struct replay *r = a->replay;
    const struct dispatch_call *c = &r->log.calls[a->call];
    r->calls[a->call].is_skipped = true;
    for (uint32_t i = c->first_row; i < c->first_row + c->row_count; i++) {
        if (r->rows[i].agent.step != STEP_DONE) {
            row_over(&r->rows[i].agent);
        }
    }
    r->calls[a->call].agent.is_parked = false;
    call_over(a);
}

static void fail(struct agent *a, int status, struct str body)
{
    struct replay *r = a->replay;
    static const char *const names[] = {"create", "enter",  "close", "dispatch",
                                        "depart", "arrive", "end"};
    const struct dispatch_call *c = &r->log.calls[a->call];
    r->refused++;
    r->refused_by_step[a->step]++;
    r->is_failed = true;
    replay_trouble(
        r, "call " STR_FMT ", %s of " STR_FMT ": %d %.*s", STR_ARG(c->number), names[a->step],
        STR_ARG(a->row == UINT32_MAX ? STR("it") : r->log.units[r->log.rows[a->row].unit].code),
        status, (int)(body.len < 240 ? body.len : 240), body.len > 0 ? body.p : "");
    if (a->step == STEP_CREATE) {
        call_give_up(a);
    } else if (a->step == STEP_CLOSE || a->step == STEP_ENTER) {
        a->step == STEP_CLOSE ? call_over(a) : call_give_up(a);
    } else {
        r->rows[a->row].is_failed = true;
        if (a->step == STEP_DISPATCH || a->step == STEP_END) {
            row_over(a);
        } else {
            row_next(a);
        }
    }
}

/* The assignment in the incident's list that no row of this call has yet is the new one. */
static bool take_assignment(struct agent *a, struct json row)
{
    struct replay *r = a->replay;
    const struct dispatch_call *c = &r->log.calls[a->call];
    struct json list = json_get(row, "assignments");
    for (size_t i = 0; i < json_count(list); i++) {
        struct str id = json_text(json_at(list, i));
        bool is_known = false;
        for (uint32_t k = c->first_row; k < c->first_row + c->row_count; k++) {
            is_known |= str_eq_c(id, r->rows[k].assignment);
        }
        if (!is_known) {
            return str_copy(id, r->rows[a->row].assignment, ID_TEXT_CAP);
        }
    }
    return false;
}

static void done_well(struct agent *a, struct str body)
{
    struct replay *r = a->replay;
    struct call_state *c = &r->calls[a->call];
    struct json root = {NULL};
    if ((a->step == STEP_CREATE || a->step == STEP_DISPATCH) &&
        json_read(body, &root, NULL) != OK) {
        fail(a, 0, STR("answer is not JSON"));
        return;
    }
    bool is_good = true;
    switch (a->step) {
    case STEP_CREATE:
        (void)str_copy(json_text(json_get(root, "id")), c->incident, ID_TEXT_CAP);
        a->step = STEP_ENTER;
        schedule(a, replay_stamp(r, a, STEP_ENTER));
        break;
    case STEP_ENTER:
        c->is_entered = true;
        a->step = STEP_CLOSE;
        schedule(a, replay_stamp(r, a, STEP_CLOSE));
        break;
    case STEP_CLOSE:
        call_over(a);
        break;
    case STEP_DISPATCH:
        is_good = take_assignment(a, root);
        if (is_good) {
            row_next(a);
        }
        break;
    case STEP_DEPART:
        replay_move_start(r, a->row);
        row_next(a);
        break;
    case STEP_ARRIVE:
        replay_move_arrived(r, a->row);
        row_next(a);
        break;
    case STEP_END:
        replay_move_home(r, a->row);
        row_over(a);
        break;
    case STEP_DONE:
    case STEP_COUNT:
        break;
    }
    json_free(root);
    if (!is_good) {
        fail(a, 0, STR("the incident's row lists no new assignment"));
    }
}

static void answered(void *ctx, const struct http_client_answer *answer)
{
    struct agent *a = ctx;
    struct replay *r = a->replay;
    uint32_t call = a->call;
    a->is_sent = false;
    bool may_come_right = answer->status == 0 || answer->status == 429 || answer->status == 503;
    if (may_come_right && a->tries < MAX_TRIES) {
        a->tries++; /* the same key: what was done already is not done again */
        r->retried++;
        a->due_mono_us = net_mono_us() + RETRY_MS * 1000;
        heap_put(r, a);
    } else if (answer->status >= 200 && answer->status <= 299) {
        a->tries = 0;
        done_well(a, answer->body);
    } else {
        a->tries = 0;
        fail(a, answer->status, answer->body);
    }
    wake_call(r, call);
    pump(r);
}

static void send_step(struct agent *a)
{
    struct replay *r = a->replay;
    struct out path, body;
    char key[64];
    out_init(&path, PATH_BYTES);
    out_init(&body, BODY_BYTES);
    int n = snprintf(key, sizeof key, "%s-%u-%u-%u-%u", r->run, r->round, a->call, a->row,
                     (unsigned)a->step);
    enum err err = ERR_LIMIT;
    if (replay_request(r, a, &path, &body)) {
        err = replay_link_send(&r->link, a->call, r->link.token, HTTP_METHOD_POST, out_view(&path),
                               (struct str){key, (size_t)n}, out_view(&body), answered, a);
    }
    out_done(&path);
    out_done(&body);
    if (err == OK) {
        a->is_sent = true;
        r->sent += a->tries == 0;
        return;
    }
    a->due_mono_us = net_mono_us() + RETRY_MS * 1000; /* too many under way */
    heap_put(r, a);
}

/* Puts a parked agent back, still due when it was. */
static void agent_wake(struct agent *a)
{
    if (a->is_parked) {
        a->is_parked = false;
        heap_put(a->replay, a);
    }
}

/* Sends everything that is due and sets the timer for what comes next. */
static void pump(void *ctx)
{
    struct replay *r = ctx;
    int64_t now = net_mono_us();
    while (r->heap_count > 0 && r->heap[0]->due_mono_us <= now) {
        struct agent *a = heap_take(r);
        if (a->step == STEP_DONE) {
            continue;
        }
        if (is_ready(a)) {
            send_step(a);
        } else {
            a->is_parked = true;
        }
    }
    if (r->heap_count > 0) {
        int64_t wait_us = r->heap[0]->due_mono_us - now;
        loop_timer_start(r->timer, wait_us > 0 ? wait_us / 1000 + 1 : 0, 0);
    }
}

/* ------------------------------------------------------------------ rounds */

static int by_unit_and_time(const void *pa, const void *pb, void *ctx)
{
    const struct dispatch_row *rows = ctx;
    const struct dispatch_row *a = &rows[*(const uint32_t *)pa], *b = &rows[*(const uint32_t *)pb];
    if (a->unit != b->unit) {
        return a->unit < b->unit ? -1 : 1;
    }
    int64_t da = a->at_us[DISPATCH_dispatch], db = b->at_us[DISPATCH_dispatch];
    return da != db ? (da < db ? -1 : 1) : (a->line > b->line) - (a->line < b->line);
}

/* A unit's assignments follow each other, also where the log lets them overlap. */
static enum err units_chain(struct replay *r)
{
    size_t n = r->log.row_count;
    uint32_t *order = calloc(n + 1, sizeof *order);
    if (order == NULL) {
        return ERR_LIMIT;
    }
    for (uint32_t i = 0; i < n; i++) {
        order[i] = i;
        r->rows[i].next_of_unit = UINT32_MAX;
    }
    qsort_r(order, n, sizeof *order, by_unit_and_time,
            (void *)(uintptr_t)r->log.rows); /* read only; qsort_r has no const context */
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        uint32_t row = order[i];
        bool is_played = !r->calls[r->log.rows[row].call].is_skipped;
        if (!is_played) {
            continue;
        }
        if (last != UINT32_MAX && r->log.rows[last].unit == r->log.rows[row].unit) {
            r->rows[last].next_of_unit = row;
            r->rows[row].is_waiting_for_unit = true;
        }
        last = row;
    }
    free(order);
    return OK;
}

/* Is this call played? All but those outside the wanted hours, and in a warm start those that were
 * long over before it. */
static bool is_wanted(const struct replay *r, const struct dispatch_call *call)
{
    struct agent closing = {.call = (uint32_t)(call - r->log.calls), .row = UINT32_MAX};
    int64_t end = replay_stamp(r, &closing, STEP_CLOSE);
    if (r->options.hours > 0 &&
        call->received_us >= r->begin_log_us + r->options.hours * US_PER_HOUR) {
        return false;
    }
    if (r->options.is_loop) {
        return call->received_us >= r->begin_log_us - WARM_UP_US || end > r->begin_log_us;
    }
    return call->received_us >= r->begin_log_us;
}

static void unit_rows_skip(struct replay *r, uint32_t row)
{
    if (r->units[r->log.rows[row].unit].id[0] == '\0') {
        r->rows[row].is_failed = true;
        r->unknown_units++;
    }
}

void replay_start_round(struct replay *r)
{
    r->begin_mono_us = net_mono_us();
    r->begin_utc_us = net_now_utc_us();
    if (r->round > 0) {
        r->begin_log_us = r->log.first_us; /* the second time round from its beginning */
    }
    r->calls_left = 0;
    r->heap_count = 0;
    r->skipped_calls = 0;
    for (uint32_t i = 0; i < r->log.call_count; i++) {
        const struct dispatch_call *call = &r->log.calls[i];
        r->calls[i] = (struct call_state){.agent = {.replay = r, .call = i, .row = UINT32_MAX}};
        r->calls[i].is_skipped = !is_wanted(r, call);
        r->calls[i].rows_left = call->row_count;
        r->calls_left += !r->calls[i].is_skipped;
        r->skipped_calls += r->calls[i].is_skipped;
        for (uint32_t k = call->first_row; k < call->first_row + call->row_count; k++) {
            r->rows[k] = (struct row_state){
                .agent = {.replay = r, .call = i, .row = k, .step = STEP_DISPATCH}};
        }
    }
    if (units_chain(r) != OK || r->calls_left == 0) {
        r->is_ended = true;
        loop_stop(r->link.loop);
        return;
    }
    for (uint32_t i = 0; i < r->log.call_count; i++) {
        if (r->calls[i].is_skipped) {
            continue;
        }
        schedule(&r->calls[i].agent, r->log.calls[i].received_us);
        const struct dispatch_call *call = &r->log.calls[i];
        for (uint32_t k = call->first_row; k < call->first_row + call->row_count; k++) {
            unit_rows_skip(r, k);
            if (r->rows[k].is_failed) {
                row_over(&r->rows[k].agent);
            } else {
                schedule(&r->rows[k].agent, r->log.rows[k].at_us[DISPATCH_dispatch]);
            }
        }
    }
    loop_timer_start(r->timer, 0, 0);
}

enum err replay_prepare(struct replay *r)
{
    uint8_t bytes[4];
    r->calls = calloc(r->log.call_count + 1, sizeof *r->calls);
    r->rows = calloc(r->log.row_count + 1, sizeof *r->rows);
    r->heap = calloc(r->log.call_count + r->log.row_count + 1, sizeof(struct agent *));
    if (r->calls == NULL || r->rows == NULL || r->heap == NULL) {
        return ERR_LIMIT;
    }
    rand_secret(bytes, sizeof bytes);
    str_hex(bytes, sizeof bytes, r->run);
    r->timer = loop_timer_new(r->link.loop, pump, r);
    if (r->options.has_positions) {
        r->move = loop_timer_new(r->link.loop, replay_move_tick, r);
        loop_timer_start(r->move, MOVE_MS, MOVE_MS);
    }
    return OK;
}
