/* command_lines.h - a list of commands as text, one JSON object a line, to fill a realm with: demo
 * cities, imported divisions. Layer: job. Threads: one owner. Format:
 * docs/formats/command-lines.md.
 *
 * Objects have no ids before they are made, so a line may name what it makes ("as") and later lines
 * refer to it ({"$ref":"area:990101"}, at any depth of the fields); the feeder puts in the id that
 * came back. A credential is
 * asked for by {"$password":"login"} and never stands in the text. */
#ifndef JOB_COMMAND_LINES_H
#define JOB_COMMAND_LINES_H
#include "base/json_out.h"
#include "model/commands.h"

#define COMMAND_LINES_MAX_REFS 1000000u
#define COMMAND_LINES_CREDENTIAL_CAP 256
#define COMMAND_LINE_MAX_BYTES MAX_COMMAND_BYTES

struct command_line {
    enum command_kind kind;
    struct str object; /* id that the command is about, as in unit-1-7; empty: it makes one */
    struct str fields; /* JSON object of the command's record, references replaced */
    int64_t at_us;     /* 0: not said */
    enum clock_source at_source; /* CLOCK_NONE: not said */
    uint32_t line;               /* in the text, 1-based */
};
struct command_feed {
    /* Gives the command; writes the id of the object made, or "". Any error ends the feeding. */
    enum err (*give)(void *ctx, const struct command_line *line, char ret_id[ID_TEXT_CAP]);
    /* The credential of an account, as `give` wants it: a password made now. NULL: refused. */
    enum err (*credential)(void *ctx, struct str login,
                           char ret_text[COMMAND_LINES_CREDENTIAL_CAP]);
    /* Called now and then with the bytes read so far. May be NULL. */
    void (*progress)(void *ctx, size_t done_bytes, size_t total_bytes);
    void *ctx;
};

/* Feeds every line in order. ERR_SYNTAX (not JSON, unknown command or member), ERR_NOT_FOUND (a
 * reference to something that no line before made), ERR_EXISTS (two lines with the same "as"),
 * ERR_LIMIT, or what `give` returned; ret_fault->line is where. */
enum err command_lines_feed(struct str text, const struct command_feed *feed,
                            struct fault *ret_fault);

/* ---- writing ---- */
/* Begins a line and opens its fields; as NULL or empty: no name. Fields are written with json_k*
 * into the returned writer, then command_line_end. */
struct json_out command_line_begin(struct out *out, enum command_kind kind, struct str as);
void command_line_end(struct json_out *j);
/* "key": {"$ref": "kind:code"} */
void command_line_ref(struct json_out *j, const char *key, enum object_kind kind, struct str code);
#endif
