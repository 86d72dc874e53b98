#include "road/pbf_priv.h"

bool wire_next(struct cursor *c, struct wire *ret_field)
{
    if (c->left == 0 || c->err)
        return false;
    uint64_t key = wire_varint(c);
    *ret_field = (struct wire){.number = (uint32_t)(key >> 3), .type = (enum wire_type)(key & 7)};
    if (key >> 32 || (key >> 3) == 0) {
        c->err = ERR_SYNTAX;
        return false;
    }
    switch (key & 7) {
    case WIRE_VARINT:
        ret_field->value = wire_varint(c);
        break;
    case WIRE_I64:
        ret_field->value = cursor_le(c, 8);
        break;
    case WIRE_BYTES:
        ret_field->bytes = cursor_take(c, wire_varint(c));
        break;
    case WIRE_I32:
        ret_field->value = cursor_le(c, 4);
        break;
    default: /* groups are not used by the format */
        c->err = ERR_SYNTAX;
    }
    return c->err == OK;
}
