#include "base/json.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json root = {0};
    struct fault fault = {0};
    struct out first, again;
    enum err err = json_read((struct str){(const char *)data, size}, &root, &fault);
    if (err) {
        MUST(fault.text && fault.offset <= size);
        return 0;
    }
    out_init(&first, 8 * JSON_MAX_BYTES);
    out_init(&again, 8 * JSON_MAX_BYTES);
    MUST(json_canonical(root, &first) == OK);
    json_free(root);
    MUST(json_read(out_view(&first), &root, NULL) == OK);
    MUST(json_canonical(root, &again) == OK);
    MUST(str_eq(out_view(&first), out_view(&again)));
    json_free(root);
    out_done(&first);
    out_done(&again);
    return 0;
}
