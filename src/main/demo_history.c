#include "main/demo_history.h"
#include "job/history.h"
#include "main/city_files.h"
#include "net/loop.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARENA_BYTES (1024ull << 20)
#define PROGRESS_US 500000
#define PROGRESS_STEPS 1000

struct telling {
    struct seed *seed;
    const struct dispatch_log *log;
    struct history history;
    uint32_t *incidents;   /* by call; 0: not made yet */
    uint32_t *assignments; /* by row */
    uint32_t *units;       /* by unit of the log */
    int64_t began_us, shown_us;
};

/* How call-backs end: of twenty, fourteen, two, three and one. */
static struct str review_outcome(uint32_t call)
{
    uint32_t n = call * 2654435761u >> 16;
    return n % 20 < 14   ? STR("satisfied")
           : n % 20 < 16 ? STR("dissatisfied")
           : n % 20 < 19 ? STR("unreachable")
                         : STR("not_called");
}

static enum err create(struct telling *t, const struct history_step *step,
                       struct seed_answer *ret_answer)
{
    const struct dispatch_call *call = &t->log->calls[step->call];
    struct incident_create f = {0};
    f.type = call->type;
    f.source = SOURCE_SIMULATED;
    f.chosen = call->place;
    f.chosen_accuracy_m = 50;
    f.external_ref = call->number;
    f.is_simulated = true;
    SET_HAS(incident_create, &f, type);
    SET_HAS(incident_create, &f, source);
    SET_HAS(incident_create, &f, chosen);
    SET_HAS(incident_create, &f, chosen_accuracy_m);
    SET_HAS(incident_create, &f, external_ref);
    SET_HAS(incident_create, &f, is_simulated);
    if (call->address.len > 0 && call->address.len <= MAX_NAME_BYTES) {
        f.address = call->address;
        SET_HAS(incident_create, &f, address);
    }
    enum err err = seed_command(t->seed, COMMAND_incident_create, 0, &f, step->at_us, ret_answer);
    t->incidents[step->call] = seed_last(t->seed, OBJECT_incident);
    return err;
}

static enum err dispatch(struct telling *t, const struct history_step *step,
                         struct seed_answer *ret_answer)
{
    struct incident_dispatch f = {0};
    f.units = (struct refs){1, {t->units[t->log->rows[step->row].unit]}};
    SET_HAS(incident_dispatch, &f, units);
    enum err err = seed_command(t->seed, COMMAND_incident_dispatch, t->incidents[step->call], &f,
                                step->at_us, ret_answer);
    t->assignments[step->row] = seed_last(t->seed, OBJECT_assignment);
    return err;
}

static enum err close_call(struct telling *t, const struct history_step *step,
                           struct seed_answer *ret_answer)
{
    struct incident_close f = {0};
    f.disposition = t->log->calls[step->call].disposition;
    SET_HAS(incident_close, &f, disposition);
    return seed_command(t->seed, COMMAND_incident_close, t->incidents[step->call], &f, step->at_us,
                        ret_answer);
}

static enum err review(struct telling *t, const struct history_step *step,
                       struct seed_answer *ret_answer)
{
    struct incident_review f = {0};
    f.outcome = review_outcome(step->call);
    SET_HAS(incident_review, &f, outcome);
    return seed_command(t->seed, COMMAND_incident_review, t->incidents[step->call], &f, step->at_us,
                        ret_answer);
}

static enum err tell(struct telling *t, const struct history_step *step,
                     struct seed_answer *ret_answer)
{
    static const struct nothing nothing = {0};
    static const struct assignment_end end = {0};
    uint32_t assignment = t->assignments[step->row];
    switch (step->move) {
    case HISTORY_CREATE:
        return create(t, step, ret_answer);
    case HISTORY_ENTER:
        return seed_command(t->seed, COMMAND_incident_enter, t->incidents[step->call], &nothing,
                            step->at_us, ret_answer);
    case HISTORY_DISPATCH:
        return dispatch(t, step, ret_answer);
    case HISTORY_DEPART:
        return seed_command(t->seed, COMMAND_assignment_depart, assignment, &nothing, step->at_us,
                            ret_answer);
    case HISTORY_ARRIVE:
        return seed_command(t->seed, COMMAND_assignment_arrive, assignment, &nothing, step->at_us,
                            ret_answer);
    case HISTORY_CLEAR:
        return seed_command(t->seed, COMMAND_assignment_clear, assignment, &end, step->at_us,
                            ret_answer);
    case HISTORY_CLOSE:
        return close_call(t, step, ret_answer);
    case HISTORY_REVIEW:
        return review(t, step, ret_answer);
    }
    return ERR_UNSUPPORTED;
}

static void show(struct telling *t, size_t done)
{
    int64_t now = net_mono_us();
    if (done % PROGRESS_STEPS == 0 && isatty(STDOUT_FILENO) && now - t->shown_us > PROGRESS_US) {
        t->shown_us = now;
        (void)printf("\r  history: %zu calls, %zu %%", t->history.call_count,
                     done * 100 / t->history.step_count);
        (void)fflush(stdout);
    }
}

static enum err tell_all(struct telling *t)
{
    static const char *const names[] = {"create", "enter", "dispatch", "depart",
                                        "arrive", "clear", "close",    "review"};
    for (size_t i = 0; i < t->history.step_count; i++) {
        struct seed_answer answer;
        const struct history_step *step = &t->history.steps[i];
        enum err err = tell(t, step, &answer);
        if (err != OK) {
            (void)fprintf(stderr, "\nanwang: history, call " STR_FMT ", %s: %s %s %s\n",
                          STR_ARG(t->log->calls[step->call].number), names[step->move],
                          err_text(err), answer.field, answer.detail);
            return err;
        }
        show(t, i);
    }
    return OK;
}

enum err demo_history_give(struct seed *seed, const struct dispatch_log *log, int64_t until_us)
{
    struct telling t = {.seed = seed, .log = log, .began_us = net_mono_us()};
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    enum err err = history_of(log, log->first_us, until_us, &arena, &t.history);
    t.incidents = ARENA_NEW(&arena, uint32_t, log->call_count + 1);
    t.assignments = ARENA_NEW(&arena, uint32_t, log->row_count + 1);
    t.units = ARENA_NEW(&arena, uint32_t, log->unit_count + 1);
    if (err == OK && (t.incidents == NULL || t.assignments == NULL || t.units == NULL)) {
        err = ERR_LIMIT;
    }
    for (size_t u = 0; u < log->unit_count && err == OK; u++) {
        t.units[u] = seed_by_code(seed, OBJECT_unit, log->units[u].code);
    }
    err = err == OK ? tell_all(&t) : err;
    if (err == OK) {
        char name[80];
        (void)snprintf(name, sizeof name, "%shistory: %zu calls, %zu steps",
                       isatty(STDOUT_FILENO) ? "\r  " : "", t.history.call_count,
                       t.history.step_count);
        city_step_done(name, t.began_us);
    }
    arena_done(&arena);
    return err;
}
