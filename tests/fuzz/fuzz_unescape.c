#include "fuzz.h"
#include "net/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str escaped = {(const char *)data, size}, text = {0}, shorter = {0};
    char buf[512];
    for (int is_query = 0; is_query < 2; is_query++) {
        enum err err = http_unescape(escaped, is_query, buf, sizeof buf, &text);
        MUST(err == OK || err == ERR_SYNTAX || err == ERR_LIMIT);
        if (err)
            continue;
        MUST(text.len <= size && text.len <= sizeof buf && str_is_utf8(text));
        char small[8];
        bool fits = text.len <= sizeof small;
        MUST(http_unescape(escaped, is_query, small, sizeof small, &shorter) ==
             (fits ? OK : ERR_LIMIT));
    }
    struct http_request request = {.query = escaped};
    enum err err = http_param(&request, "a", buf, sizeof buf, &text);
    MUST(err || str_is_utf8(text));
    return 0;
}
