#include "base/err.h"

const char *err_text(enum err err)
{
#define ERR_TEXT(name, text) text,
    static const char *const texts[] = {ERR_LIST(ERR_TEXT)};
#undef ERR_TEXT
    return (unsigned)err < ERR_COUNT ? texts[err] : "unknown error";
}

enum err fault_set(struct fault *ret_fault, enum err err, size_t offset, const char *text)
{
    if (ret_fault) {
        ret_fault->offset = offset;
        ret_fault->text = text;
    }
    return err;
}

enum err fault_field(struct fault *ret_fault, enum err err, const char *field, const char *text)
{
    if (ret_fault) {
        ret_fault->field = field;
        ret_fault->text = text;
    }
    return err;
}
