#include "fuzz.h"
#include "gazetteer/names_priv.h"

#define MAX_BYTES (1u << 20)

/* A query of the first line, over the names file behind it: neither may lead out of the file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gazetteer *gazetteer = NULL;
    struct fault fault = {0};
    const uint8_t *end = memchr(data, '\n', size);
    if (!end || size - (size_t)(end + 1 - data) < sizeof(struct names_header) || size > MAX_BYTES)
        return 0;
    struct str query = {(const char *)data, (size_t)(end - data)};
    size_t length = size - query.len - 1;
    uint8_t *copy = malloc(length);
    MUST(copy);
    memcpy(copy, end + 1, length);
    size_t from = offsetof(struct names_header, sections);
    digest_of(copy + from, length - from, copy + offsetof(struct names_header, digest));
    enum err err =
        gazetteer_open_bytes((struct str){(const char *)copy, length}, &gazetteer, &fault);
    MUST(err == OK || fault.text);
    if (!err) {
        struct gazetteer_hit hits[10];
        size_t count = 0;
        err = gazetteer_search(gazetteer, query, (struct place){0, 0}, hits, 10, &count);
        MUST((err == OK || err == ERR_RANGE) && count <= 10);
        for (size_t i = 0; i < count; i++)
            MUST(i == 0 || hits[i - 1].score >= hits[i].score);
    }
    gazetteer_close(gazetteer);
    free(copy);
    return 0;
}
