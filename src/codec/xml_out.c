#include "codec/xml_out.h"
#include <assert.h>

struct xml_out xml_out_of(struct out *out)
{
    out_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    return (struct xml_out){.out = out};
}

static bool is_char(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || c >= 0x10000;
}

static void escape(struct out *out, struct str text)
{
    for (size_t i = 0; i < text.len;) {
        size_t from = i;
        uint32_t c = str_utf8_next(text, &i);
        if (c == '<')
            out_c(out, "&lt;");
        else if (c == '>')
            out_c(out, "&gt;");
        else if (c == '&')
            out_c(out, "&amp;");
        else if (c == '"')
            out_c(out, "&quot;");
        else if (c == '\r' || c == '\n' || c == '\t')
            out_printf(out, "&#%u;", c); /* an attribute would turn them into blanks */
        else if (!is_char(c) || (c == 0xfffd && i - from < 3))
            out_c(out, "\xef\xbf\xbd");
        else
            out_str(out, (struct str){text.p + from, i - from});
    }
}

static void end_tag(struct xml_out *x)
{
    if (x->is_tag_open)
        out_byte(x->out, '>');
    x->is_tag_open = false;
}

void xml_open(struct xml_out *x, const char *name)
{
    assert(x->depth < XML_OUT_DEPTH);
    end_tag(x);
    out_byte(x->out, '<');
    out_c(x->out, name);
    x->open[x->depth++] = name;
    x->is_tag_open = true;
}

void xml_put(struct xml_out *x, const char *name, struct str value)
{
    assert(x->is_tag_open);
    out_byte(x->out, ' ');
    out_c(x->out, name);
    out_c(x->out, "=\"");
    escape(x->out, value);
    out_byte(x->out, '"');
}

void xml_put_c(struct xml_out *x, const char *name, const char *value)
{
    xml_put(x, name, str_of(value));
}

void xml_write(struct xml_out *x, struct str text)
{
    end_tag(x);
    escape(x->out, text);
}

void xml_close(struct xml_out *x)
{
    assert(x->depth > 0);
    const char *name = x->open[--x->depth];
    if (x->is_tag_open) {
        out_c(x->out, "/>");
        x->is_tag_open = false;
        return;
    }
    out_c(x->out, "</");
    out_c(x->out, name);
    out_byte(x->out, '>');
}

void xml_element(struct xml_out *x, const char *name, struct str text)
{
    xml_open(x, name);
    xml_write(x, text);
    xml_close(x);
}
