/* machine.h - the tables of what may follow what, one per machine, and the one driver for all.
 * Layer: desk; read by tests and documentation too. DESIGN 4.
 *
 * A row: in one of the stages `from`, `command` leads to `to` when `needs` holds; the action name
 * is what access has policy for. Rows are tried in order and the first whose needs hold is taken,
 * so two rows may share stage and command and differ by their needs. Stage 0 is "does not exist
 * yet". Some rows move an object because of a command on another one (the first unit sent opens its
 * incident): their command is that other one. */
#ifndef DESK_MACHINE_H
#define DESK_MACHINE_H
#include "desk/desk.h"

struct draft;
struct machine_row;
/* True: the row may be taken. False: refused, with the reason in the draft. */
typedef bool (*need_fn)(struct draft *d, uint32_t number, const struct machine_row *row);

#define STAGE_SAME UINT32_MAX /* facts are added, the stage stays */
#define STAGE(s) (1u << (s))
#define MACHINE_MAX_ROWS 64

struct machine_row {
    uint32_t from; /* set of STAGE(s) */
    enum command_kind command;
    uint32_t to;
    need_fn needs;      /* NULL: nothing */
    const char *action; /* name of the command */
    const char *need;   /* name of the function, for documents */
};
#define ROW(from, command, to, needs)                                                              \
    {                                                                                              \
        (from), COMMAND_##command, (to), needs, #command, #needs                                   \
    }
#define nothing_needed NULL

struct machine {
    enum object_kind kind;
    const struct enum_def *stages;
    const struct machine_row *rows;
    uint32_t row_count;
};
extern const struct machine machine_signal, machine_incident, machine_assignment, machine_unit,
    machine_call, machine_emergency;
const struct machine *machine_of(enum object_kind kind); /* NULL: kind without a machine */
/* Stage of the object after the events of the draft so far; 0: does not exist. */
uint32_t machine_stage(const struct draft *d, enum object_kind kind, uint32_t number);

/* The row that `command` takes from the object's stage. NULL and refused: none. */
const struct machine_row *machine_row(struct draft *d, enum object_kind kind, uint32_t number,
                                      enum command_kind command);
/* The same, but it is no refusal when no row fits: a consequence, not the wish. */
const struct machine_row *machine_consequence(struct draft *d, enum object_kind kind,
                                              uint32_t number, enum command_kind command);
/* Verbs that the object's stage before the command allows. */
struct str machine_legal(const struct draft *d, enum object_kind kind, uint32_t number);

/* Needs that several machines use. */
bool need_due(struct draft *d, uint32_t number, const struct machine_row *row);
#endif
