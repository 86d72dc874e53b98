#include "base/utc.h"
#include "fuzz.h"
#include "job/dispatch_log.h"

static void check_row(const struct dispatch_log *log, const struct dispatch_row *row,
                      uint32_t counts[DISPATCH_DIRT_COUNT], uint32_t lines)
{
    MUST(row->call < log->call_count && row->unit < log->unit_count);
    MUST(row->line > 1 && row->line <= lines);
    MUST(row->dirt >> DISPATCH_DIRT_COUNT == 0);
    for (unsigned d = 0; d < DISPATCH_DIRT_COUNT; d++)
        counts[d] += row->dirt >> d & 1;
    for (unsigned s = 0; s < DISPATCH_STAMP_COUNT; s++)
        MUST(row->at_us[s] <= log->last_us);
    if (dispatch_row_travel_s(row) > 0)
        MUST(row->at_us[DISPATCH_on_scene] > row->at_us[DISPATCH_response] &&
             row->at_us[DISPATCH_response] > 0);
}

/* Calls by time, their rows beside each other and by time; each count is what is there. */
static void check_log(const struct dispatch_log *log, uint32_t lines)
{
    uint32_t counts[DISPATCH_DIRT_COUNT] = {0}, next = 0;
    size_t of_units = 0;
    for (size_t i = 0; i < log->call_count; i++) {
        const struct dispatch_call *call = &log->calls[i];
        MUST(call->number.len > 0 && call->first_row == next);
        MUST(call->row_count > 0 && call->row_count <= log->row_count - next);
        MUST(call->received_us >= log->first_us);
        MUST(i == 0 || call->received_us >= call[-1].received_us);
        for (uint32_t r = next; r < next + call->row_count; r++)
            MUST(log->rows[r].call == i);
        next += call->row_count;
    }
    MUST(next == log->row_count);
    for (size_t r = 0; r < log->row_count; r++)
        check_row(log, &log->rows[r], counts, lines);
    for (size_t u = 0; u < log->unit_count; u++) {
        MUST(u == 0 || str_cmp(log->units[u - 1].code, log->units[u].code) < 0);
        of_units += log->units[u].row_count;
    }
    MUST(of_units == log->row_count);
    for (unsigned d = 0; d < DISPATCH_DIRT_COUNT; d++)
        MUST(counts[d] == log->dirt_count[d]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str text = {(const char *)data, size};
    struct dispatch_log log = {0};
    struct fault fault = {0};
    struct arena arena;
    uint32_t lines = 1;
    static bool has_zone;
    if (!has_zone)
        MUST(utc_zone_set("America/Los_Angeles") == OK);
    has_zone = true;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n' || data[i] == '\r';
    arena_init(&arena, 1 << 24);
    enum err err = dispatch_log_read(text, &arena, &log, &fault);
    if (err == OK)
        check_log(&log, lines);
    else
        MUST(fault.text != NULL && fault.line <= lines && fault.offset <= size);
    arena_done(&arena);
    return 0;
}
