#include "desk/machine.h"

#include "desk/draft.h"
#include "desk/parts.h"

const struct machine *machine_of(enum object_kind kind)
{
    static const struct machine *const machines[OBJECT_KIND_COUNT] = {
        [OBJECT_signal] = &machine_signal,
        [OBJECT_incident] = &machine_incident,
        [OBJECT_assignment] = &machine_assignment,
        [OBJECT_unit] = &machine_unit,
        [OBJECT_call] = &machine_call,
        [OBJECT_emergency] = &machine_emergency,
    };
    return (unsigned)kind < OBJECT_KIND_COUNT ? machines[kind] : NULL;
}

/* Stage is the first field of each object that has a machine (a unit's is its readiness). */
static uint32_t stage_of(enum object_kind kind, const void *object)
{
    uint32_t stage = 0;
    if (object)
        memcpy(&stage, (const char *)object + object_record(kind)->fields[0].offset, sizeof stage);
    return stage;
}

uint32_t machine_stage(const struct draft *d, enum object_kind kind, uint32_t number)
{
    return stage_of(kind, draft_object(d, kind, number));
}

static void note_step(struct draft *d, enum object_kind kind, size_t row, bool is_taken)
{
    if (d->out.step_count < MAX_STEPS)
        d->step_list[d->out.step_count++] = (struct desk_step){kind, (uint16_t)row, is_taken};
}

static const struct machine_row *find_row(struct draft *d, const struct machine *m, uint32_t number,
                                          enum command_kind command, bool *ret_was_tried)
{
    uint32_t stage = STAGE(machine_stage(d, m->kind, number));
    for (uint32_t i = 0; i < m->row_count; i++) {
        const struct machine_row *row = &m->rows[i];
        if (row->command != command || !(row->from & stage))
            continue;
        *ret_was_tried = true;
        bool is_taken = !row->needs || row->needs(d, number, row);
        note_step(d, m->kind, i, is_taken);
        if (is_taken)
            return row;
    }
    return NULL;
}

static bool is_for_people(const struct machine_row *row, enum object_kind kind)
{
    return command_def(row->command)->object_kind == kind && row->needs != need_due &&
           row->needs != need_bell && !command_makes(row->command);
}

static void legal_write(const struct machine *m, uint32_t stage, struct out *out)
{
    for (uint32_t i = 0; i < m->row_count; i++) {
        const struct machine_row *row = &m->rows[i];
        bool is_first = (row->from & STAGE(stage)) && is_for_people(row, m->kind);
        for (uint32_t k = 0; is_first && k < i; k++)
            is_first = m->rows[k].command != row->command || !(m->rows[k].from & STAGE(stage));
        if (!is_first)
            continue;
        if (out->len > 0)
            out_byte(out, ' ');
        out_c(out, command_def(row->command)->verb);
    }
}

static struct str legal_of(const struct machine *m, uint32_t stage, struct arena *arena)
{
    struct out out;
    out_init(&out, 400);
    legal_write(m, stage, &out);
    struct str legal = arena_dup(arena, out_view(&out));
    out_done(&out);
    return legal;
}

struct str machine_legal(const struct draft *d, enum object_kind kind, uint32_t number)
{
    const struct machine *m = machine_of(kind);
    uint32_t stage = stage_of(kind, desk_object(d->desk, kind, number));
    return m && stage ? legal_of(m, stage, d->arena) : (struct str){0};
}

struct str desk_legal(const struct desk *desk, enum object_kind kind, uint32_t number,
                      struct arena *arena)
{
    const struct machine *m = machine_of(kind);
    uint32_t stage = stage_of(kind, desk_object(desk, kind, number));
    return m && stage ? legal_of(m, stage, arena) : (struct str){0};
}

const struct machine_row *machine_consequence(struct draft *d, enum object_kind kind,
                                              uint32_t number, enum command_kind command)
{
    struct decision before = d->out;
    bool was_tried = false;
    const struct machine_row *row = find_row(d, machine_of(kind), number, command, &was_tried);
    d->out.err = before.err;
    d->out.field = before.field;
    d->out.detail = before.detail;
    return row;
}

const struct machine_row *machine_row(struct draft *d, enum object_kind kind, uint32_t number,
                                      enum command_kind command)
{
    const struct machine *m = machine_of(kind);
    bool was_tried = false;
    const struct machine_row *row = find_row(d, m, number, command, &was_tried);
    if (row) {
        d->out.err = OK;
        return row;
    }
    uint32_t stage = machine_stage(d, kind, number);
    if (!was_tried) {
        for (uint32_t i = 0; i < m->row_count; i++) {
            if (m->rows[i].command == command)
                note_step(d, kind, i, false);
        }
        (void)draft_refuse(d, ERR_STATE, NULL, "%s is %s: %s is not possible",
                           draft_id(d, kind, number), stage ? enum_wire(m->stages, stage) : "new",
                           command_def(command)->verb);
    }
    return NULL;
}

bool need_due(struct draft *d, uint32_t number, const struct machine_row *row)
{
    struct command due;
    enum object_kind kind = command_def(row->command)->object_kind;
    if (desk_due_command(d->desk, kind, number, &due) && due.kind == row->command &&
        desk_due(d->desk, kind, number) <= d->now_us)
        return true;
    (void)draft_refuse(d, ERR_STATE, NULL, "%s is not due", draft_id(d, kind, number));
    return false;
}
