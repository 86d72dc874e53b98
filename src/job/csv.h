/* csv.h - comma separated values as RFC 4180 has them, read strictly and with limits.
 * Layer: job. Threads: pure, any. Spec: RFC 4180; UTF-8, a byte order mark is skipped, lines end
 * in CRLF or LF, empty lines are skipped. Refused: a quote inside a plain field, text behind a
 * closing quote, a quote that is never closed, NUL, bad UTF-8, a row with another number of fields
 * than the heading. */
#ifndef JOB_CSV_H
#define JOB_CSV_H
#include "base/arena.h"

#define CSV_MAX_FIELDS 256
#define CSV_MAX_FIELD_BYTES (1u << 20)

struct csv {
    struct str left;                   /* not yet read */
    size_t offset;                     /* of `left` in the text */
    uint32_t line;                     /* of the row read last, 1-based */
    uint32_t next_line;                /* of `left` */
    size_t field_count;                /* of the heading, 0 before it was read */
    struct str fields[CSV_MAX_FIELDS]; /* of the row read last */
    struct arena *arena;               /* holds quoted fields that had a doubled quote */
};

/* Borrows text and arena for as long as the reader and its fields are used. */
void csv_init(struct csv *csv, struct str text, struct arena *arena);
/* The next row into csv->fields. ERR_NOT_FOUND: no more rows. ERR_SYNTAX and ERR_LIMIT with offset
 * and line in *ret_fault; the reader must not be used on after them. */
enum err csv_next(struct csv *csv, struct fault *ret_fault);
/* Reads the heading and finds `columns` in it, in any order: ret_places[i] is where columns[i]
 * stands. Further columns are allowed. ERR_NOT_FOUND: a column is missing, ret_fault->field names
 * it; ERR_SYNTAX: empty text. */
enum err csv_heading(struct csv *csv, const char *const *columns, size_t column_count,
                     size_t *ret_places, struct fault *ret_fault);
#endif
