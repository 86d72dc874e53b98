#include "codec/xml.h"
#include "base/out.h"
#include <expat.h>
#include <string.h>

#define SPACE_MARK                                                                                 \
    '\x1f' /* between namespace and name: in neither, for XML has no place for it                  \
            */

struct reader {
    XML_Parser parser;
    struct arena *arena;
    struct xml *open[XML_MAX_DEPTH];
    struct xml *last_child[XML_MAX_DEPTH];
    struct xml *root;
    struct out text[XML_MAX_DEPTH];
    uint32_t depth, elements;
    enum err err;
    const char *why;
};

static void stop(struct reader *r, enum err err, const char *why)
{
    if (r->err == OK) {
        r->err = err;
        r->why = why;
    }
    (void)XML_StopParser(r->parser, XML_FALSE);
}

/* What expat itself would work long at: one pass over the raw bytes finds it before. */
static enum err look_over(struct str bytes, struct fault *ret_fault)
{
    size_t tag = SIZE_MAX, equals = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.p[i];
        if (c == '<') {
            tag = i;
            equals = 0;
        } else if (c == '>') {
            tag = SIZE_MAX;
        } else if (tag != SIZE_MAX && c == '=') {
            equals++;
        }
        if (tag != SIZE_MAX && (i - tag > XML_MAX_TAG_BYTES || equals > 4 * XML_MAX_ATTRIBUTES))
            return fault_set(ret_fault, ERR_LIMIT, tag, "a tag is too long");
    }
    return OK;
}

static void split_name(struct reader *r, const char *name, struct str *ret_space,
                       struct str *ret_name)
{
    const char *mark = strchr(name, SPACE_MARK);
    *ret_space =
        mark ? arena_dup(r->arena, (struct str){name, (size_t)(mark - name)}) : (struct str){0};
    *ret_name = arena_dup(r->arena, str_of(mark ? mark + 1 : name));
}

static bool take_attributes(struct reader *r, const char **pairs, struct xml *node)
{
    size_t count = 0;
    while (pairs[2 * count])
        count++;
    if (count > XML_MAX_ATTRIBUTES)
        return false;
    struct xml_attribute *list = ARENA_NEW(r->arena, struct xml_attribute, count + 1);
    if (!list)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct str space;
        split_name(r, pairs[2 * i], &space, &list[i].name);
        list[i].value = arena_dup(r->arena, str_of(pairs[2 * i + 1]));
        if (!list[i].name.p || !list[i].value.p)
            return false;
    }
    node->attributes = list;
    node->attribute_count = count;
    return true;
}

static void XMLCALL on_start(void *user, const char *name, const char **pairs)
{
    struct reader *r = user;
    if (r->err)
        return;
    if (r->depth == XML_MAX_DEPTH || r->elements == XML_MAX_ELEMENTS) {
        stop(r, ERR_LIMIT, "too deep or too many elements");
        return;
    }
    struct xml *node = ARENA_NEW(r->arena, struct xml, 1);
    if (!node) {
        stop(r, ERR_LIMIT, "no room");
        return;
    }
    split_name(r, name, &node->space, &node->name);
    node->line = (uint32_t)XML_GetCurrentLineNumber(r->parser);
    if (!node->name.p || !take_attributes(r, pairs, node)) {
        stop(r, ERR_LIMIT, "too many attributes");
        return;
    }
    if (r->depth == 0)
        r->root = node;
    else if (r->last_child[r->depth - 1])
        r->last_child[r->depth - 1]->next = node;
    else
        r->open[r->depth - 1]->first = node;
    if (r->depth > 0)
        r->last_child[r->depth - 1] = node;
    r->last_child[r->depth] = NULL;
    out_reset(&r->text[r->depth]);
    r->open[r->depth++] = node;
    r->elements++;
}

static void XMLCALL on_end(void *user, const char *name)
{
    struct reader *r = user;
    (void)name;
    if (r->err)
        return;
    struct out *text = &r->text[--r->depth];
    r->open[r->depth]->text = arena_dup(r->arena, out_view(text));
    if (text->err || (text->len && !r->open[r->depth]->text.p))
        stop(r, ERR_LIMIT, "too much text");
}

static void XMLCALL on_text(void *user, const char *p, int count)
{
    struct reader *r = user;
    if (!r->err && r->depth > 0)
        out_bytes(&r->text[r->depth - 1], p, (size_t)count);
}

static void XMLCALL on_doctype(void *user, const char *name, const char *system_id,
                               const char *public_id, int has_internal)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal;
    stop(user, ERR_DENIED, "a document type is not taken");
}

static void parse(struct reader *r, struct str bytes)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (XML_Parse(r->parser, bytes.p, (int)bytes.len, XML_TRUE) != XML_STATUS_OK && !r->err) {
        r->err = ERR_SYNTAX;
        r->why = XML_ErrorString(XML_GetErrorCode(r->parser));
    }
}

enum err xml_read(struct str bytes, struct arena *arena, const struct xml **ret_root,
                  struct fault *ret_fault)
{
    struct reader r = {.arena = arena};
    if (bytes.len > XML_MAX_BYTES)
        return fault_set(ret_fault, ERR_LIMIT, XML_MAX_BYTES, "the document is too large");
    if (bytes.len == 0)
        return fault_set(ret_fault, ERR_SYNTAX, 0, "the document is empty");
    enum err err = look_over(bytes, ret_fault);
    if (err)
        return err;
    r.parser = XML_ParserCreateNS(NULL, SPACE_MARK);
    if (!r.parser)
        return fault_set(ret_fault, ERR_LIMIT, 0, "no room");
    for (size_t i = 0; i < XML_MAX_DEPTH; i++)
        out_init(&r.text[i], XML_MAX_BYTES);
    parse(&r, bytes);
    if (r.err) {
        (void)fault_set(ret_fault, r.err, (size_t)XML_GetCurrentByteIndex(r.parser), r.why);
        if (ret_fault)
            ret_fault->line = (uint32_t)XML_GetCurrentLineNumber(r.parser);
    } else {
        *ret_root = r.root;
    }
    for (size_t i = 0; i < XML_MAX_DEPTH; i++)
        out_done(&r.text[i]);
    XML_ParserFree(r.parser);
    return r.err;
}

static const struct xml *find(const struct xml *node, const char *name)
{
    while (node && !str_eq_c(node->name, name))
        node = node->next;
    return node;
}

const struct xml *xml_child(const struct xml *parent, const char *name)
{
    return parent ? find(parent->first, name) : NULL;
}

const struct xml *xml_more(const struct xml *node)
{
    const struct xml *next = node->next;
    while (next && !str_eq(next->name, node->name))
        next = next->next;
    return next;
}

struct str xml_text(const struct xml *parent, const char *name)
{
    const struct xml *child = xml_child(parent, name);
    return child ? str_trim(child->text) : (struct str){0};
}

struct str xml_attr(const struct xml *node, const char *name)
{
    for (size_t i = 0; node && i < node->attribute_count; i++) {
        if (str_eq_c(node->attributes[i].name, name))
            return node->attributes[i].value;
    }
    return (struct str){0};
}

size_t xml_count(const struct xml *parent, const char *name)
{
    size_t count = 0;
    for (const struct xml *node = xml_child(parent, name); node; node = xml_more(node))
        count++;
    return count;
}
