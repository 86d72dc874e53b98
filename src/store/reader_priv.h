/* reader_priv.h - a reader's connection and scratch. Layer: store. */
#ifndef STORE_READER_PRIV_H
#define STORE_READER_PRIV_H
#include "store/query_priv.h"
#include "store/store_priv.h"

#include <unistd.h>

#define READER_ARENA_BYTES (64u << 20)

struct reader {
    struct db db;
    uint32_t realm;
    void *room;         /* one state or event struct */
    struct arena arena; /* texts of one answer */
    struct out sql;
    struct sql_values values;
    struct query_form form;
};

/* Writes the object in r->room that belongs to `row`, personal texts looked up or left out. */
enum err reader_write_object(struct reader *reader, const struct store_row *row, bool with_personal,
                             struct json_out *j);
#endif
