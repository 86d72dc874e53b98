/* desk.h - the one decider: signals, incidents, assignments, units, calls and what is installed.
 * Layer: desk. Threads: one owner. Pure: no clock, no I/O, no log; the same commands in the same
 * order give the same events, byte for byte.
 *
 *     command ── desk_needs ──► rows that must be in memory first (desk_load)
 *             ── desk_decide ─► events without seq, or a refusal        (changes nothing)
 *     event   ── desk_apply ──► the objects that it changed             (cannot fail)
 *             ── desk_state_write ─► their state rows
 *
 * Each machine is one table {from, command, to, needs, action}: machine.h. Only apply changes an
 * object, and it never decides: what a rule works out stands in the event (priority and plan that
 * triage proposes, the stage that a unit falls back to), so old logs outlive new rules.
 *
 * Stamps (fields ending in _us that the objects call stamps) are set once and never again; a
 * correction is kept beside, in `corrections`, with author and reason, and older ones in the log.
 * A stage that was skipped has no stamp. `at` comes from the command; it may be late and out of
 * order (is_out_of_order says so) but not in the future.
 *
 * Invariants, checked by desk_check after every command in the tests (its events are committed
 * together):
 *  I1  a unit has at most one active assignment; it is live, not reserved, and names that unit
 *  I2  a unit's stack holds only live reserved assignments of that unit, each once
 *  I3  a unit is committed exactly while it has an active assignment
 *  I4  an available unit has crew of at least min_crew (and at least one person)
 *  I5  an off-duty unit has no crew and no active assignment
 *  I6  every live assignment stands in its incident's list, and in its unit as active or stacked
 *  I7  an incident's list holds only its own live assignments, no unit twice
 *  I8  received, pending, scheduled and reopened incidents have no live assignment beyond reserved
 *  I9  open and controlled incidents have been dispatched; with no unit left they say since when
 *  I10 closed, reviewed and transferred incidents have no live assignment; closed ones have a
 *      disposition of their type
 *  I11 a merged incident names the one that stays, which lists it, and the stage it came from
 *  I12 stamps never change once set; a live assignment has no ended stamp, an ended one has
 *  I13 units with the do-not-dispatch mark have no live assignment
 *  I14 a signal that is confirmed names its incident; one that is settled has a settled stamp
 *  I15 exercises and real incidents are never merged with each other
 *  I16 an assignment is alone on scene exactly while no other unit of its incident is there
 *  I17 a unit has at most one emergency that is not cleared */
#ifndef DESK_DESK_H
#define DESK_DESK_H
#include "base/arena.h"
#include "base/out.h"
#include "model/commands.h"
#include "model/events.h"
#include "model/objects.h"

#define MAX_STACKED 8           /* reserved assignments of one unit */
#define MAX_DECISION_EVENTS 384 /* of one command */
#define MAX_TOUCHED 400         /* objects that one command can change */
#define MAX_NEEDS 512
#define MAX_USER_SESSIONS 16        /* opening another one closes the oldest */
#define DESK_ARENA_BYTES (6u << 20) /* room that desk_decide wants in its arena */
#define DESK_FUTURE_US 60000000LL   /* how far `at` may lie ahead of now: clocks of phones */
#define DESK_DIGEST_BYTES 32

struct object_ref {
    enum object_kind kind;
    uint32_t number;
};

struct desk_settings {
    uint32_t realm;
    uint32_t max_objects[OBJECT_KIND_COUNT]; /* in memory at once, 0 = the preset */
};
void desk_settings_preset(struct desk_settings *settings);
/* The times that hold until some are installed: an order unseen for 30 s, a call
 * not called back for 300 s, a transfer without receipt for 600 s; a P0, P1, P2, P3 without a unit
 * for 30, 60, 300, 1800 s, a P4 never; a unit alone on scene is not asked unless its incident's
 * type says so, its answer is missed after 60 s; an emergency not acknowledged for 15 s. */
void desk_timing_preset(struct timing_install *timing);

struct desk;
struct desk *desk_new(const struct desk_settings *settings);
void desk_free(struct desk *desk);

/* ---- memory: live objects are always in it, others come and go ---- */
/* Objects that exist, are not in memory and that deciding `command` may look at. Load each and ask
 * again until the answer is 0. Returns the count, at most `cap`. */
uint32_t desk_needs(const struct desk *desk, const struct command *command,
                    struct object_ref *ret_refs, uint32_t cap);
/* Puts a state row into memory. ERR_LIMIT: the pool is full (evict ended ones first), ERR_EXISTS,
 * ERR_CORRUPT: the row does not read as a record. */
enum err desk_load(struct desk *desk, enum object_kind kind, uint32_t number, struct str row,
                   uint64_t seq);
/* At start: the highest number ever given out, when its row is not loaded. */
void desk_last_set(struct desk *desk, enum object_kind kind, uint32_t number);
uint32_t desk_last(const struct desk *desk, enum object_kind kind);
/* Live: must be loaded at start and stays in memory (open work; all that is installed). */
bool desk_is_live(const struct desk *desk, enum object_kind kind, uint32_t number);
/* Forgets an object that is not live; false when it is. */
bool desk_evict(struct desk *desk, enum object_kind kind, uint32_t number);

/* ---- decide and apply ---- */
/* Which row of which machine moved an object: shown in logs, counted by tests. */
struct desk_step {
    enum object_kind machine;
    uint16_t row;
    bool is_taken; /* false: tried, but its needs were not met */
};
struct decision {
    enum err err;         /* OK: events; else the refusal below and no event */
    struct event *events; /* in order, realm and version set, seq 0; in the arena */
    uint32_t event_count;
    struct object_ref object; /* made, or the one that the command is about */
    const char *field;        /* refused: field of the command, NULL if none */
    struct str detail;        /* refused: why, English, ids only */
    struct str legal;         /* ERR_STATE: verbs possible now, one space between */
    uint64_t version;         /* ERR_STALE: seq that the object has */
    const struct desk_step *steps;
    uint32_t step_count;
};
/* Decides at time now_us. The decision lives in the arena. Errors, also in ret_decision->err:
 * ERR_NOT_FOUND (object or a named one), ERR_STALE (if_match), ERR_STATE (not possible now, legal
 * verbs given), ERR_RANGE (a value), ERR_EXISTS (there already), ERR_DENIED (rule about who),
 * ERR_LIMIT (a pool, list or arena is full). */
enum err desk_decide(const struct desk *desk, const struct command *command, int64_t now_us,
                     struct arena *arena, struct decision *ret_decision);

struct desk_changes {
    uint32_t count;
    struct object_ref refs[MAX_TOUCHED];
};
/* Applies a numbered event; the objects that it is about must be in memory. Their version becomes
 * event->seq. Adds each changed object once to *io_changes (NULL: not wanted). */
void desk_apply(struct desk *desk, const struct event *event, struct desk_changes *io_changes);
/* Appends the state row: record_write(object_record(kind), object, RECORD_STORED). ERR_NOT_FOUND */
enum err desk_state_write(const struct desk *desk, enum object_kind kind, uint32_t number,
                          struct out *out);

/* ---- time ---- */
/* When times are installed, those of every object that waits are other ones: ask again for all. */
/* When the object wants a timer command next, 0 = never. Stored in the `due` column of its row. */
int64_t desk_due(const struct desk *desk, enum object_kind kind, uint32_t number);
/* The command that the timer gives at that time; fields are static. False when nothing is due. */
bool desk_due_command(const struct desk *desk, enum object_kind kind, uint32_t number,
                      struct command *ret_command);

/* ---- reading ---- */
uint64_t desk_seq(const struct desk *desk, enum object_kind kind, uint32_t number); /* 0: none */
/* The object's record struct, borrowed until the next apply, load or evict. NULL: not in memory. */
const void *desk_object(const struct desk *desk, enum object_kind kind, uint32_t number);
#define DESK_ACCESSOR(number, kind)                                                                \
    static inline const struct kind##_object *desk_##kind(const struct desk *desk,                 \
                                                          struct kind##_id id)                     \
    {                                                                                              \
        return (const struct kind##_object *)desk_object(desk, OBJECT_##kind, id.v);               \
    }
OBJECT_KINDS(DESK_ACCESSOR)
#undef DESK_ACCESSOR
/* Number of the object with this code: code of post, area, body, type, plan; login of user;
 * callsign of unit; token_hash of session; external_ref of call. 0: not in memory. */
uint32_t desk_by_code(const struct desk *desk, enum object_kind kind, struct str code);
/* Every object of a kind that is in memory: for (pos = 0; (n = desk_next(d, k, &pos)) != 0;) */
uint32_t desk_next(const struct desk *desk, enum object_kind kind, uint32_t *io_pos);
uint32_t desk_count(const struct desk *desk, enum object_kind kind);
uint32_t desk_realm(const struct desk *desk);
/* True when `area` is `top` or lies below it. */
bool desk_area_within(const struct desk *desk, struct area_id area, struct area_id top);
/* Verbs that the object's stage allows, one space between; in the arena. */
struct str desk_legal(const struct desk *desk, enum object_kind kind, uint32_t number,
                      struct arena *arena);

/* ---- proof ---- */
/* BLAKE2b-256 over every object in memory (kind, number, seq, state row) and the counters. */
void desk_digest(const struct desk *desk, uint8_t ret_digest[DESK_DIGEST_BYTES]);
/* First invariant that does not hold ("I3"), with the object; NULL when all hold. */
const char *desk_check(const struct desk *desk, struct object_ref *ret_where);
#endif
