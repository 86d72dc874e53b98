/* draft.h - how decide works: it applies each event that it thinks of to a draft, a set of copies
 * of the objects it touches, and so sees what apply will see. Layer: desk, private.
 *
 * The apply functions work on a `ground`: the desk itself, or a draft over it. */
#ifndef DESK_DRAFT_H
#define DESK_DRAFT_H
#include "desk/pool.h"

#define MAX_STEPS 256
#define MAX_TOUCHED_AT_ONCE 64 /* by one event */

struct overlay {
    struct object_ref ref;
    void *object;
};

struct draft {
    const struct desk *desk;
    const struct command *cmd;
    int64_t now_us, at_us;
    struct arena *arena;
    struct overlay *overlays;
    uint32_t overlay_count;
    uint32_t made[OBJECT_KIND_COUNT]; /* new objects per kind */
    uint32_t event_cap;
    struct desk_step *step_list;
    struct decision out;
};

struct ground {
    struct desk *desk;   /* NULL in a draft */
    struct draft *draft; /* NULL on the desk */
    struct object_ref touched[MAX_TOUCHED_AT_ONCE];
    uint32_t touched_count;
};

typedef void (*apply_fn)(struct ground *g, const struct event *e);
typedef enum err (*decide_fn)(struct draft *d);
extern const apply_fn desk_apply_fns[EVENT_KIND_COUNT];
extern const decide_fn desk_decide_fns[COMMAND_KIND_COUNT];

/* ---- ground: what apply functions use ---- */
void *ground_make(struct ground *g, enum object_kind kind, uint32_t number);
void *ground_edit(struct ground *g, enum object_kind kind, uint32_t number); /* must exist */
const void *ground_look(const struct ground *g, enum object_kind kind, uint32_t number);
const struct desk *ground_desk(const struct ground *g);
void ground_text(struct ground *g, struct str *io_text, struct str value);
/* Copies each present field to the field of the same name and meaning, if the object has one. */
void ground_copy(struct ground *g, const struct record *from_rec, const void *from,
                 const struct record *to_rec, void *to);

/* ---- draft: what decide functions use ---- */
void *draft_alloc(struct draft *d, size_t n, size_t size);
#define DRAFT_NEW(d, type) ((struct type *)draft_alloc((d), 1, sizeof(struct type)))
/* As the object stands after the events so far; NULL: not in memory. */
const void *draft_object(const struct draft *d, enum object_kind kind, uint32_t number);
#define DRAFT_ACCESSOR(number, kind)                                                               \
    static inline const struct kind##_object *draft_##kind(const struct draft *d, uint32_t n)      \
    {                                                                                              \
        return (const struct kind##_object *)draft_object(d, OBJECT_##kind, n);                    \
    }
OBJECT_KINDS(DRAFT_ACCESSOR)
#undef DRAFT_ACCESSOR
/* Adds an event and applies it to the draft. `fields` lives as long as the decision. */
void draft_emit(struct draft *d, enum event_kind kind, uint32_t object, const void *fields,
                struct area_id area);
/* The number that the next new object of the kind will have. ERR_LIMIT, refused: no room. */
enum err draft_number(struct draft *d, enum object_kind kind, uint32_t *ret_number);
/* The command as an event with other fields is a copy of it. */
void *draft_copy_fields(struct draft *d);
enum err draft_refuse(struct draft *d, enum err err, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Area that the object stands in. */
struct area_id draft_area_of(const struct draft *d, enum object_kind kind, uint32_t number);
/* Id as text, in the arena. */
const char *draft_id(struct draft *d, enum object_kind kind, uint32_t number);
/* Refuses with ERR_NOT_FOUND unless the object is there. */
enum err draft_must_have(struct draft *d, enum object_kind kind, uint32_t number,
                         const char *field);

#define TRY(expr)                                                                                  \
    do {                                                                                           \
        enum err try_err_ = (expr);                                                                \
        if (try_err_ != OK)                                                                        \
            return try_err_;                                                                       \
    } while (0)

/* Texts of the objects: */
void chars_set(char *buf, size_t cap_bytes, struct str text);
#define CHARS_SET(member, text) chars_set((member), sizeof(member), (text))
#define SET(rec, obj, field, value)                                                                \
    do {                                                                                           \
        (obj)->field = (value);                                                                    \
        SET_HAS(rec, obj, field);                                                                  \
    } while (0)
/* A stamp is set once. */
#define STAMP(rec, obj, field, value)                                                              \
    do {                                                                                           \
        if (!HAS(rec, obj, field))                                                                 \
            SET(rec, obj, field, value);                                                           \
    } while (0)
#define CLEAR(rec, obj, field)                                                                     \
    do {                                                                                           \
        memset(&(obj)->field, 0, sizeof(obj)->field);                                              \
        CLEAR_HAS(rec, obj, field);                                                                \
    } while (0)
#define REFS_ADD(rec, obj, field, number)                                                          \
    do {                                                                                           \
        refs_add(&(obj)->field, (number));                                                         \
        SET_HAS(rec, obj, field);                                                                  \
    } while (0)
#define REFS_REMOVE(rec, obj, field, number)                                                       \
    do {                                                                                           \
        refs_remove(&(obj)->field, (number));                                                      \
        if ((obj)->field.count == 0)                                                               \
            CLEAR_HAS(rec, obj, field);                                                            \
    } while (0)
bool refs_has(const struct refs *refs, uint32_t number);
void refs_add(struct refs *refs, uint32_t number);
void refs_remove(struct refs *refs, uint32_t number);
#endif
