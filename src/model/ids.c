#include "model/ids.h"

#define NAME_ENTRY(number, name) [number] = #name,
static const char *const kind_names[OBJECT_KIND_COUNT] = {OBJECT_KINDS(NAME_ENTRY)};
#undef NAME_ENTRY

const char *object_kind_name(enum object_kind kind)
{
    return (unsigned)kind < OBJECT_KIND_COUNT ? kind_names[kind] : NULL;
}

enum object_kind object_kind_of(struct str name)
{
    for (unsigned i = 1; i < OBJECT_KIND_COUNT; i++) {
        if (str_eq_c(name, kind_names[i]))
            return (enum object_kind)i;
    }
    return OBJECT_NONE;
}

void id_text(enum object_kind kind, uint32_t realm, uint32_t number, char buf[ID_TEXT_CAP])
{
    const char *name = object_kind_name(kind);
    buf[0] = '\0';
    if (name && number != 0)
        (void)snprintf(buf, ID_TEXT_CAP, "%s-%u-%u", name, (unsigned)realm, (unsigned)number);
}

/* The one way to write a number: no zero before it, so that an object has one id. */
static enum err read_number(struct str text, uint32_t *ret)
{
    return text.len > 1 && text.p[0] == '0' ? ERR_SYNTAX : str_u32(text, ret);
}

enum err id_parse(struct str text, enum object_kind kind, uint32_t *ret_realm, uint32_t *ret_number)
{
    uint32_t realm, number;
    struct str rest = text;
    const char *name = object_kind_name(kind);
    if (!name || !str_eq_c(str_cut(&rest, '-'), name))
        return ERR_SYNTAX;
    if (read_number(str_cut(&rest, '-'), &realm) != OK || read_number(rest, &number) != OK)
        return ERR_SYNTAX;
    if (realm == 0 || realm > MAX_REALM || number == 0)
        return ERR_RANGE;
    *ret_realm = realm;
    *ret_number = number;
    return OK;
}
