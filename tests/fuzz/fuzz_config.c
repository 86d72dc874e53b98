#include "base/config.h"
#include "fuzz.h"

struct settings {
    int64_t port;
    char name[33];
    bool is_public;
};

static const struct config_key keys[] = {
    {"port", CONFIG_INT, 1, 65535, "8443", "a port", offsetof(struct settings, port)},
    {"name", CONFIG_TEXT, 0, 32, "", "a name", offsetof(struct settings, name)},
    {"public", CONFIG_BOOL, 0, 0, "no", "a switch", offsetof(struct settings, is_public)},
};
#define KEYS keys, sizeof keys / sizeof *keys

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings s, again;
    struct fault fault = {0};
    if (config_parse(KEYS, (struct str){(const char *)data, size}, &s, &fault)) {
        MUST(fault.line > 0 && fault.offset <= size && fault.text);
        return 0;
    }
    struct out out;
    out_init(&out, 4096);
    config_print(KEYS, &s, &out);
    MUST(config_parse(KEYS, out_view(&out), &again, NULL) == OK);
    MUST(s.port == again.port && s.is_public == again.is_public);
    MUST(str_eq_c(str_of(s.name), again.name));
    out_done(&out);
    return 0;
}
