/* record_table.h - RECORD_TABLE: defines the field table that RECORD_STRUCT declared. Included only
 * by the one .c file that holds the tables. Layer: model. */
#ifndef MODEL_RECORD_TABLE_H
#define MODEL_RECORD_TABLE_H
#include "model/record.h"

#define FIELD_ARGS_U32(a) .type = FIELD_U32, .max = (a)
#define FIELD_ARGS_I64(a) .type = FIELD_I64
#define FIELD_ARGS_TIME(a) .type = FIELD_TIME
#define FIELD_ARGS_BOOL(a) .type = FIELD_BOOL
#define FIELD_ARGS_ENUM(a) .type = FIELD_ENUM, .values = &enum_##a
#define FIELD_ARGS_PLACE(a) .type = FIELD_PLACE
#define FIELD_ARGS_REF(a) .type = FIELD_REF, .refers = OBJECT_##a
#define FIELD_ARGS_REFS(a) .type = FIELD_REFS, .refers = OBJECT_##a
#define FIELD_ARGS_TEXT(a) .type = FIELD_TEXT, .max = (a)
#define FIELD_ARGS_CHARS(a) .type = FIELD_CHARS, .max = (a)
#define FIELD_ARGS_PERSONAL(a) .type = FIELD_PERSONAL, .max = (a)
#define FIELD_ARGS_JSON(a) .type = FIELD_JSON, .max = (a)
#define FIELD_ARGS_BYTES(a) .type = FIELD_BYTES, .max = (a)

#define RECORD_FIELD(num, fname, TYPE, arg, class, need, text)                                     \
    {.name = #fname,                                                                               \
     .number = (num),                                                                              \
     .offset = (uint16_t)offsetof(struct RECORD_NOW, fname),                                       \
     .data_class = (class),                                                                        \
     .is_needed = RECORD_IS_##need,                                                                \
     .doc = (text),                                                                                \
     FIELD_ARGS_##TYPE(arg)},

/* Use: #define RECORD_NOW incident_note / RECORD_TABLE(incident_note, LIST) / #undef RECORD_NOW */
#define RECORD_TABLE(rec, LIST)                                                                    \
    static const struct field rec##_fields[] = {LIST(RECORD_FIELD)};                               \
    const struct record record_##rec = {#rec, rec##_fields,                                        \
                                        (uint32_t)(sizeof rec##_fields / sizeof rec##_fields[0]),  \
                                        (uint32_t)sizeof(struct rec)};
#endif
