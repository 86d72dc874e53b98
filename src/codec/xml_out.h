/* xml_out.h - writing XML: elements and attributes, everything escaped.
 * Layer: codec. Threads: one owner. Names are our own; characters that XML 1.0 has no place for
 * become U+FFFD. */
#ifndef CODEC_XML_OUT_H
#define CODEC_XML_OUT_H
#include "base/out.h"

#define XML_OUT_DEPTH 16
struct xml_out {
    struct out *out;
    const char *open[XML_OUT_DEPTH];
    int depth;
    bool is_tag_open; /* attributes may follow */
};
struct xml_out xml_out_of(struct out *out); /* writes the declaration */
void xml_open(struct xml_out *x, const char *name);
void xml_put(struct xml_out *x, const char *name, struct str value); /* attribute of the open tag */
void xml_put_c(struct xml_out *x, const char *name, const char *value);
void xml_write(struct xml_out *x, struct str text); /* character data */
void xml_close(struct xml_out *x);
void xml_element(struct xml_out *x, const char *name, struct str text); /* open, write, close */
#endif
