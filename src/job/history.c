#include "job/history.h"
#include <stdlib.h>

#define STEPS_OF_CALL 4 /* create, enter, close, review */
#define STEPS_OF_ROW 4

static const struct {
    enum history_move move;
    enum dispatch_stamp stamp;
} row_moves[STEPS_OF_ROW] = {{HISTORY_DISPATCH, DISPATCH_dispatch},
                             {HISTORY_DEPART, DISPATCH_response},
                             {HISTORY_ARRIVE, DISPATCH_on_scene},
                             {HISTORY_CLEAR, DISPATCH_available}};

static bool is_clean(const struct dispatch_row *row)
{
    for (size_t m = 0; m < STEPS_OF_ROW; m++) {
        if (row->at_us[row_moves[m].stamp] == 0) {
            return false;
        }
    }
    return row->dirt == 0;
}

/* When its last unit was clear; 0: no clean row. */
static int64_t closed_us(const struct dispatch_log *log, const struct dispatch_call *call)
{
    int64_t latest = 0;
    for (uint32_t r = call->first_row; r < call->first_row + call->row_count; r++) {
        int64_t at = log->rows[r].at_us[DISPATCH_available];
        latest = is_clean(&log->rows[r]) && at > latest ? at : latest;
    }
    return latest;
}

static bool is_held(const struct dispatch_log *log, const struct dispatch_call *call,
                    int64_t from_us, int64_t until_us)
{
    int64_t closed = closed_us(log, call);
    return call->received_us >= from_us && closed != 0 && closed <= until_us;
}

static void add(struct history *h, int64_t at_us, uint32_t call, uint32_t row,
                enum history_move move)
{
    h->steps[h->step_count++] = (struct history_step){at_us, call, row, move};
}

static void call_steps(const struct dispatch_log *log, uint32_t n, int64_t until_us,
                       struct history *h)
{
    const struct dispatch_call *call = &log->calls[n];
    int64_t closed = closed_us(log, call);
    add(h, call->received_us, n, 0, HISTORY_CREATE);
    add(h, call->entry_us > call->received_us ? call->entry_us : call->received_us, n, 0,
        HISTORY_ENTER);
    for (uint32_t r = call->first_row; r < call->first_row + call->row_count; r++) {
        for (size_t m = 0; m < STEPS_OF_ROW && is_clean(&log->rows[r]); m++) {
            add(h, log->rows[r].at_us[row_moves[m].stamp], n, r, row_moves[m].move);
        }
    }
    add(h, closed, n, 0, HISTORY_CLOSE);
    if (closed + HISTORY_REVIEW_US <= until_us) {
        add(h, closed + HISTORY_REVIEW_US, n, 0, HISTORY_REVIEW);
    }
    h->call_count++;
}

static int by_time(const void *pa, const void *pb)
{
    const struct history_step *a = pa, *b = pb;
    if (a->at_us != b->at_us) {
        return a->at_us < b->at_us ? -1 : 1;
    }
    if (a->call != b->call) {
        return a->call < b->call ? -1 : 1;
    }
    if (a->move != b->move) {
        return a->move < b->move ? -1 : 1;
    }
    return (a->row > b->row) - (a->row < b->row);
}

enum err history_of(const struct dispatch_log *log, int64_t from_us, int64_t until_us,
                    struct arena *arena, struct history *ret_history)
{
    struct history h = {0};
    size_t most = log->call_count * STEPS_OF_CALL + log->row_count * STEPS_OF_ROW;
    h.steps = ARENA_NEW(arena, struct history_step, most + 1);
    if (h.steps == NULL) {
        return ERR_LIMIT;
    }
    for (uint32_t n = 0; n < log->call_count; n++) {
        if (is_held(log, &log->calls[n], from_us, until_us)) {
            call_steps(log, n, until_us, &h);
        }
    }
    qsort(h.steps, h.step_count, sizeof *h.steps, by_time);
    *ret_history = h;
    return OK;
}
