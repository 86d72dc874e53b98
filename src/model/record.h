/* record.h - one table of fields per record: C struct, stored bytes, JSON and OpenAPI schema all
 * come from it. Layer: model. Threads: pure.
 *
 * A record is a C struct that begins with `uint64_t has`, a bit per field in table order: a missing
 * value is a cleared bit. Tables are written as X-lists, see commands.h:
 *
 *     #define NOTE_FIELDS(F) F(1, text, PERSONAL, 2000, DATA_PERSONAL, NEEDED, "what was said")
 *     RECORD_STRUCT(incident_note, NOTE_FIELDS)       declares struct incident_note
 *     RECORD_TABLE(incident_note, NOTE_FIELDS)        defines record_incident_note (in one .c)
 *
 * Stored form: per present field varint(number << 1 | is_bytes), then a varint or length + bytes.
 * An unknown number is skipped, so an older reader survives a newer field. The bytes of a record
 * are a function of its values: fields go in table order. */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H
#include "base/arena.h"
#include "base/cursor.h"
#include "base/json.h"
#include "base/json_out.h"
#include "geo/place.h"
#include "model/enums.h"
#include "model/ids.h"

enum field_type {
    FIELD_U32,
    FIELD_I64,
    FIELD_TIME, /* int64_t utc_us; RFC 3339 in JSON */
    FIELD_BOOL,
    FIELD_ENUM,
    FIELD_PLACE,
    FIELD_REF,
    FIELD_REFS,
    FIELD_TEXT,     /* struct str, borrowed */
    FIELD_CHARS,    /* char[max], NUL-ended: short text inside state rows */
    FIELD_PERSONAL, /* struct personal: text goes to the payload table, reference stays */
    FIELD_JSON,     /* struct str of canonical JSON */
    FIELD_BYTES     /* struct str of any bytes; frames only, hex in JSON */
};

#define MAX_REFS 64 /* units on one incident: a large fire has over thirty */
#define MAX_RECORD_FIELDS 64
#define PERSONAL_HASH_BYTES 16

struct refs {
    uint32_t count;
    uint32_t v[MAX_REFS];
};

/* A value about a person. On the way in it has text; core puts the text into the payload table and
 * fills payload and hash; events and state rows keep only these two. */
struct personal {
    struct str text;
    uint64_t payload;
    uint8_t hash[PERSONAL_HASH_BYTES]; /* keyed BLAKE2b of the text */
};

struct field {
    const char *name;
    uint16_t number;
    enum field_type type;
    uint16_t offset;
    uint32_t max;                  /* bytes of text, or highest u32; 0 = no limit of its own */
    const struct enum_def *values; /* FIELD_ENUM */
    enum object_kind refers;       /* FIELD_REF, FIELD_REFS */
    enum data_class data_class;
    bool is_needed;
    const char *doc;
};

struct record {
    const char *name;
    const struct field *fields;
    uint32_t field_count;
    uint32_t size; /* of the C struct */
};

/* ---- struct and table from one list: F(number, name, TYPE, arg, class, NEEDED|OPTIONAL, doc) ----
 */
#define MEMBER_U32(n, a) uint32_t n;
#define MEMBER_I64(n, a) int64_t n;
#define MEMBER_TIME(n, a) int64_t n;
#define MEMBER_BOOL(n, a) bool n;
#define MEMBER_ENUM(n, a) enum a n;
#define MEMBER_PLACE(n, a) struct place n;
#define MEMBER_REF(n, a) struct a##_id n;
#define MEMBER_REFS(n, a) struct refs n;
#define MEMBER_TEXT(n, a) struct str n;
#define MEMBER_CHARS(n, a) char n[a];
#define MEMBER_PERSONAL(n, a) struct personal n;
#define MEMBER_JSON(n, a) struct str n;
#define MEMBER_BYTES(n, a) struct str n;
#define RECORD_MEMBER(number, name, TYPE, arg, class, need, doc) MEMBER_##TYPE(name, arg)
#define RECORD_STRUCT(rec, LIST)                                                                   \
    struct rec {                                                                                   \
        uint64_t has;                                                                              \
        LIST(RECORD_MEMBER)                                                                        \
    };                                                                                             \
    extern const struct record record_##rec;

#define RECORD_IS_NEEDED 1
#define RECORD_IS_OPTIONAL 0

/* Presence of a field by its place in the struct: HAS(incident_note, note, text). */
#define HAS(rec, obj, field) record_has(&record_##rec, (obj), offsetof(struct rec, field))
#define SET_HAS(rec, obj, field)                                                                   \
    record_set_has(&record_##rec, (obj), offsetof(struct rec, field), true)
#define CLEAR_HAS(rec, obj, field)                                                                 \
    record_set_has(&record_##rec, (obj), offsetof(struct rec, field), false)
bool record_has(const struct record *rec, const void *obj, size_t offset);
void record_set_has(const struct record *rec, void *obj, size_t offset, bool is_present);
const struct field *record_field(const struct record *rec, struct str name); /* NULL: none */

enum record_form {
    RECORD_STORED, /* a personal field is its payload id and hash */
    RECORD_WIRE    /* between our own processes: a personal field carries its text too */
};
void record_write(const struct record *rec, const void *obj, enum record_form form,
                  struct out *out);
/* *ret_obj is zeroed first; texts are borrowed from `bytes`. ERR_MORE / ERR_SYNTAX / ERR_RANGE. */
enum err record_read(const struct record *rec, struct str bytes, void *ret_obj);

/* Writes the members into an open JSON object. `realm` goes into ids. A personal field with text is
 * written as that text; without it as null (its payload is gone or was not looked up). */
void record_json_write(const struct record *rec, const void *obj, uint32_t realm,
                       struct json_out *j);
/* Strict: unknown key, wrong type, out of range, missing needed field are refused with the field's
 * name in *ret_fault. Texts are borrowed from the JSON tree. ERR_SYNTAX, ERR_RANGE. */
enum err record_json_read(const struct record *rec, struct json map, uint32_t realm,
                          struct arena *arena, void *ret_obj, struct fault *ret_fault);
/* JSON Schema (2020-12 subset used by OpenAPI 3.1) of the record, as one object value. */
void record_schema_write(const struct record *rec, struct json_out *j);
#endif
