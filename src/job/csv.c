#include "job/csv.h"
#include <string.h>

void csv_init(struct csv *csv, struct str text, struct arena *arena)
{
    *csv = (struct csv){.left = text, .next_line = 1, .arena = arena};
    if (str_starts(text, STR("\xef\xbb\xbf"))) {
        csv->left = str_from(text, 3);
        csv->offset = 3;
    }
}

static enum err refuse(const struct csv *csv, enum err err, size_t at, const char *text,
                       struct fault *ret_fault)
{
    (void)fault_set(ret_fault, err, csv->offset + at, text);
    if (ret_fault != NULL) {
        ret_fault->line = csv->line;
    }
    return err;
}

/* A plain field from `pos` up to a comma or the end of the line. */
static enum err plain_field(struct csv *csv, size_t *io_pos, struct str *ret_field,
                            struct fault *ret_fault)
{
    size_t pos = *io_pos;
    for (; pos < csv->left.len; pos++) {
        char c = csv->left.p[pos];
        if (c == ',' || c == '\n') {
            break;
        }
        if (c == '"') {
            return refuse(csv, ERR_SYNTAX, pos, "quote inside a plain field", ret_fault);
        }
    }
    size_t end = pos;
    bool at_line_end = pos == csv->left.len || csv->left.p[pos] == '\n';
    if (at_line_end && end > *io_pos && csv->left.p[end - 1] == '\r') {
        end--;
    }
    *ret_field = (struct str){csv->left.p + *io_pos, end - *io_pos};
    *io_pos = pos;
    return OK;
}

static struct str without_doubled_quotes(struct arena *arena, struct str s)
{
    char *copy = ARENA_NEW(arena, char, s.len + 1);
    if (copy == NULL) {
        return (struct str){NULL, 0};
    }
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        copy[n++] = s.p[i];
        i += s.p[i] == '"';
    }
    return (struct str){copy, n};
}

/* A quoted field whose opening quote stands at *io_pos; may run over several lines. */
static enum err quoted_field(struct csv *csv, size_t *io_pos, struct str *ret_field,
                             struct fault *ret_fault)
{
    size_t start = *io_pos + 1;
    size_t pos = start;
    bool has_doubled = false;
    for (;; pos++) {
        if (pos >= csv->left.len) {
            return refuse(csv, ERR_SYNTAX, *io_pos, "quote is never closed", ret_fault);
        }
        if (csv->left.p[pos] == '\n') {
            csv->next_line++;
        }
        if (csv->left.p[pos] != '"') {
            continue;
        }
        if (pos + 1 < csv->left.len && csv->left.p[pos + 1] == '"') {
            has_doubled = true;
            pos++;
            continue;
        }
        break;
    }
    struct str field = {csv->left.p + start, pos - start};
    if (has_doubled) {
        field = without_doubled_quotes(csv->arena, field);
        if (field.p == NULL) {
            return refuse(csv, ERR_LIMIT, start, "no room for quoted fields", ret_fault);
        }
    }
    pos++;
    struct str behind = str_from(csv->left, pos);
    if (str_starts(behind, STR("\r\n")) || str_eq_c(behind, "\r")) {
        pos++;
    } else if (behind.len > 0 && behind.p[0] != ',' && behind.p[0] != '\n') {
        return refuse(csv, ERR_SYNTAX, pos, "text behind a closing quote", ret_fault);
    }
    *ret_field = field;
    *io_pos = pos;
    return OK;
}

static void skip_empty_lines(struct csv *csv)
{
    for (;;) {
        size_t n = str_starts(csv->left, STR("\r\n")) ? 2
                   : str_starts(csv->left, STR("\n")) ? 1
                                                      : 0;
        if (n == 0) {
            return;
        }
        csv->left = str_from(csv->left, n);
        csv->offset += n;
        csv->next_line++;
    }
}

static enum err check_field(const struct csv *csv, struct str field, struct fault *ret_fault)
{
    if (field.len > CSV_MAX_FIELD_BYTES) {
        return refuse(csv, ERR_LIMIT, 0, "field is too long", ret_fault);
    }
    if (!str_is_utf8(field)) {
        return refuse(csv, ERR_SYNTAX, 0, "a field is not UTF-8 text", ret_fault);
    }
    return OK;
}

enum err csv_next(struct csv *csv, struct fault *ret_fault)
{
    skip_empty_lines(csv);
    csv->line = csv->next_line;
    if (csv->left.len == 0) {
        return ERR_NOT_FOUND;
    }
    size_t pos = 0, count = 0;
    for (;;) {
        if (count == CSV_MAX_FIELDS) {
            return refuse(csv, ERR_LIMIT, pos, "too many fields in a row", ret_fault);
        }
        struct str *field = &csv->fields[count++];
        bool is_quoted = pos < csv->left.len && csv->left.p[pos] == '"';
        enum err err = is_quoted ? quoted_field(csv, &pos, field, ret_fault)
                                 : plain_field(csv, &pos, field, ret_fault);
        if (err == OK) {
            err = check_field(csv, *field, ret_fault);
        }
        if (err != OK) {
            return err;
        }
        if (pos >= csv->left.len || csv->left.p[pos] == '\n') {
            break;
        }
        pos++; /* the comma */
    }
    if (csv->field_count != 0 && count != csv->field_count) {
        return refuse(csv, ERR_SYNTAX, 0, "row has not as many fields as the heading", ret_fault);
    }
    csv->field_count = count;
    if (pos < csv->left.len) {
        pos++; /* the line feed */
        csv->next_line++;
    }
    csv->left = str_from(csv->left, pos);
    csv->offset += pos;
    return OK;
}

enum err csv_heading(struct csv *csv, const char *const *columns, size_t column_count,
                     size_t *ret_places, struct fault *ret_fault)
{
    enum err err = csv_next(csv, ret_fault);
    if (err == ERR_NOT_FOUND) {
        return refuse(csv, ERR_SYNTAX, 0, "the file is empty", ret_fault);
    }
    if (err != OK) {
        return err;
    }
    for (size_t c = 0; c < column_count; c++) {
        size_t at = 0;
        while (at < csv->field_count && !str_eq_c(csv->fields[at], columns[c])) {
            at++;
        }
        if (at == csv->field_count) {
            (void)fault_field(ret_fault, ERR_NOT_FOUND, columns[c], "column is missing");
            if (ret_fault != NULL) {
                ret_fault->line = csv->line;
            }
            return ERR_NOT_FOUND;
        }
        ret_places[c] = at;
    }
    return OK;
}
