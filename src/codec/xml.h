/* xml.h - capped reading of untrusted XML into a small tree (expat behind it).
 * Layer: codec. Threads: pure; the tree lies in the caller's arena.
 * Refused: DOCTYPE and with it every entity of one's own, more bytes, depth, elements or attributes
 * than the limits, bad UTF-8. Names come without their prefix, their namespace beside them. */
#ifndef CODEC_XML_H
#define CODEC_XML_H
#include "base/arena.h"

#define XML_MAX_BYTES (1u << 20)
#define XML_MAX_DEPTH 32
#define XML_MAX_ELEMENTS 20000
#define XML_MAX_ATTRIBUTES 64
#define XML_MAX_TAG_BYTES 65536

struct xml_attribute {
    struct str name, value;
};
struct xml {
    struct str name, space; /* space: namespace URI, empty = none */
    struct str text;        /* all character data directly inside, joined */
    const struct xml_attribute *attributes;
    size_t attribute_count;
    const struct xml *first, *next; /* child, sibling */
    uint32_t line;
};

/* ERR_SYNTAX: not well formed; ERR_LIMIT; ERR_DENIED: a DOCTYPE or processing beyond the document.
 * ret_fault has offset, line and text. */
enum err xml_read(struct str bytes, struct arena *arena, const struct xml **ret_root,
                  struct fault *ret_fault);
/* The first child of that name; NULL: none, or parent is NULL. */
const struct xml *xml_child(const struct xml *parent, const char *name);
/* The next sibling of the same name. */
const struct xml *xml_more(const struct xml *node);
struct str xml_text(const struct xml *parent, const char *name); /* of that child, trimmed */
struct str xml_attr(const struct xml *node, const char *name);   /* empty: not there */
size_t xml_count(const struct xml *parent, const char *name);
#endif
