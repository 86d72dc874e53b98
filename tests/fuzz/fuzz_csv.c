#include "fuzz.h"
#include "job/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct csv csv;
    struct arena arena;
    struct fault fault = {0};
    arena_init(&arena, 1 << 24);
    csv_init(&csv, (struct str){(const char *)data, size}, &arena);
    size_t field_count = 0, before = 0;
    uint32_t line = 0;
    enum err err = OK;
    while ((err = csv_next(&csv, &fault)) == OK) {
        MUST(csv.field_count > 0 && csv.field_count <= CSV_MAX_FIELDS);
        MUST(field_count == 0 || csv.field_count == field_count);
        MUST(csv.offset > before && csv.offset <= size && csv.line > line);
        for (size_t i = 0; i < csv.field_count; i++)
            MUST(str_is_utf8(csv.fields[i]));
        field_count = csv.field_count;
        before = csv.offset;
        line = csv.line;
    }
    MUST(err == ERR_NOT_FOUND || (fault.text && fault.offset <= size && fault.line > 0));
    arena_done(&arena);
    return 0;
}
