#include "base/json.h"
#include "base/json_out.h"
#include "fuzz.h"

static void numbers_return(struct str s)
{
    int64_t v = 0, again = 0;
    uint64_t u = 0;
    double d = 0;
    struct out out;
    out_init(&out, 64);
    if (str_fixed(s, 7, &v) == OK) {
        out_fixed(&out, v, 7);
        MUST(str_fixed(out_view(&out), 7, &again) == OK && again == v);
        MUST(str_double(s, &d) == OK || s.len > 100);
    }
    out_reset(&out);
    if (str_i64(s, &v) == OK) {
        out_i64(&out, v);
        MUST(str_i64(out_view(&out), &again) == OK && again == v);
        MUST(str_fixed(s, 0, &again) == OK && again == v);
    }
    out_reset(&out);
    if (str_u64(s, &u) == OK)
        out_u64(&out, u);
    out_done(&out);
}

static void text_survives_json(struct str s)
{
    struct out out;
    struct json root = {0};
    out_init(&out, 1 << 24);
    struct json_out j = json_out_of(&out);
    json_str(&j, s);
    bool is_utf8 = str_is_utf8(s);
    enum err err = json_read(out_view(&out), &root, NULL);
    MUST(err == OK || (s.len && memchr(s.p, 0, s.len)));
    MUST(err || !is_utf8 || str_eq(json_text(root), s));
    MUST(err || str_is_utf8(json_text(root)));
    json_free(root);
    out_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = {(const char *)data, size};
    bool is_utf8 = true;
    for (size_t pos = 0; pos < s.len;) {
        size_t before = pos;
        uint32_t code = str_utf8_next(s, &pos);
        MUST(pos > before && pos <= s.len && code <= 0x10FFFF);
        is_utf8 = is_utf8 && code != 0 && !(code == 0xFFFD && pos - before == 1);
    }
    MUST(str_is_utf8(s) == is_utf8);
    char buf[16];
    bool is_whole = str_copy(s, buf, sizeof buf);
    MUST(is_whole == (size < sizeof buf));
    MUST(!is_utf8 || str_is_utf8(str_of(buf)));
    numbers_return(s);
    text_survives_json(s);
    struct str rest = s;
    size_t total = 0;
    while (rest.len)
        total += str_cut(&rest, ',').len + 1;
    MUST(total >= s.len && total <= s.len + 1);
    return 0;
}
