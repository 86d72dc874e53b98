/* The stand-alone verifier. It shares no code with what wrote the chain: a fault in one is not
 * repeated in the other. */
#include "verify/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HASH_BYTES 32
#define SIGNATURE_BYTES 64
#define MAX_FIELDS 13
#define MAX_WHAT 4096
#define TORN " torn"

enum kind { KIND_EVENT = 1, KIND_LOOKUP = 2, KIND_DELETION = 3 };

struct checkpoint {
    uint64_t line;
    uint8_t chain[HASH_BYTES];
};

struct reading {
    FILE *file;
    char *text; /* the line at hand, without its end */
    size_t cap;
    bool is_last; /* it had no end of line */
    char *field[MAX_FIELDS];
    size_t fields;
};

struct verifying {
    struct reading in;
    uint32_t realm;
    uint64_t line; /* the last that was read */
    uint8_t chain[HASH_BYTES];
    struct checkpoint *checkpoints;
    size_t checkpoint_count, checkpoint_at;
    uint64_t last_event;
    struct verify_report *report;
};

/* A line as it is hashed. */
struct line {
    uint64_t number, seq;
    int64_t at_us;
    uint32_t kind, actor, role, purpose, object_kind, object;
    char what[MAX_WHAT];
    size_t what_len;
    uint8_t digest[HASH_BYTES], chain[HASH_BYTES];
};

static bool blame(struct verifying *v, uint64_t line, const char *reason)
{
    v->report->bad_line = line;
    v->report->reason = reason;
    return false;
}

/* ---- text ---- */

/* 1: a line; 0: the end; -1: it cannot be read, is too long, or holds a zero byte. */
static int next_line(struct reading *r)
{
    errno = 0;
    const ssize_t n = getline(&r->text, &r->cap, r->file);
    if (n < 0)
        return feof(r->file) && !errno ? 0 : -1;
    size_t len = (size_t)n;
    r->is_last = r->text[len - 1] != '\n';
    if (!r->is_last)
        r->text[--len] = '\0';
    return len < VERIFY_MAX_LINE && strlen(r->text) == len ? 1 : -1;
}

/* Fields stand one space apart. */
static bool split(struct reading *r)
{
    r->fields = 0;
    for (char *at = r->text; at; r->fields++) {
        if (r->fields == MAX_FIELDS)
            return false;
        r->field[r->fields] = at;
        at = strchr(at, ' ');
        if (at)
            *at++ = '\0';
    }
    return true;
}

/* Digits only, no leading zero, so that a value has one spelling. */
static bool read_u64(const char *text, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    if (!*text || (text[0] == '0' && text[1]))
        return false;
    for (; *text; text++) {
        const uint64_t digit = (uint64_t)(*text - '0');
        if (*text < '0' || *text > '9' || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return true;
}

static bool read_u32(const char *text, uint32_t *ret)
{
    uint64_t value = 0;
    const bool is_good = read_u64(text, UINT32_MAX, &value);
    *ret = (uint32_t)value;
    return is_good;
}

static bool read_i64(const char *text, int64_t *ret)
{
    uint64_t value = 0;
    const bool is_below = *text == '-';
    if (!read_u64(text + is_below, INT64_MAX, &value) || (is_below && value == 0))
        return false;
    *ret = is_below ? -(int64_t)value : (int64_t)value;
    return true;
}

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *text, uint8_t *ret, size_t bytes)
{
    if (strlen(text) != 2 * bytes)
        return false;
    for (size_t i = 0; i < bytes; i++) {
        const int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* "-" is empty; %XX is a byte. */
static bool read_what(const char *text, struct line *line)
{
    line->what_len = 0;
    if (strcmp(text, "-") == 0)
        return true;
    while (*text) {
        uint8_t byte = (uint8_t)*text++;
        if (line->what_len == MAX_WHAT)
            return false;
        if (byte == '%') {
            const int high = nibble(text[0]), low = high < 0 ? -1 : nibble(text[1]);
            if (low < 0)
                return false;
            byte = (uint8_t)(high << 4 | low);
            text += 2;
        }
        line->what[line->what_len++] = (char)byte;
    }
    return line->what_len > 0;
}

bool verify_key(FILE *file, uint8_t ret_key[VERIFY_KEY_BYTES])
{
    struct reading r = {.file = file};
    const bool is_read = next_line(&r) == 1 && read_hex(r.text, ret_key, VERIFY_KEY_BYTES);
    free(r.text);
    return is_read;
}

/* ---- checkpoints ---- */

/* Cut short when it was written, and marked so by the next one, or the last of the file. */
static bool is_torn(const struct reading *r)
{
    const size_t len = strlen(r->text), mark = strlen(TORN);
    return r->is_last || (len >= mark && strcmp(r->text + len - mark, TORN) == 0);
}

static bool checkpoint_read(struct verifying *v, struct reading *r,
                            const uint8_t key[VERIFY_KEY_BYTES], struct checkpoint *ret)
{
    uint8_t signature[SIGNATURE_BYTES];
    uint32_t realm = 0;
    const char *last = strrchr(r->text, ' ');
    const size_t bytes = last ? (size_t)(last - r->text) : 0;
    if (!last || !read_hex(last + 1, signature, sizeof signature))
        return blame(v, 0, "a checkpoint is not well formed");
    if (crypto_sign_verify_detached(signature, (const uint8_t *)r->text, bytes, key) != 0)
        return blame(v, 0, "a checkpoint's signature does not hold");
    if (!split(r) || r->fields != 7 || strcmp(r->field[0], "anwang-audit") != 0 ||
        strcmp(r->field[1], "1") != 0 || !read_u32(r->field[2], &realm) ||
        !read_u64(r->field[3], INT64_MAX, &ret->line) ||
        !read_hex(r->field[4], ret->chain, HASH_BYTES))
        return blame(v, 0, "a checkpoint is not well formed");
    return realm == v->realm || blame(v, ret->line, "a checkpoint is of another realm");
}

static bool checkpoints_read(struct verifying *v, struct reading *r,
                             const uint8_t key[VERIFY_KEY_BYTES])
{
    size_t cap = 0;
    int got = 0;
    while ((got = next_line(r)) == 1) {
        if (is_torn(r))
            continue;
        if (v->checkpoint_count == cap) {
            cap = cap ? 2 * cap : 64;
            struct checkpoint *more = realloc(v->checkpoints, cap * sizeof *more);
            if (!more)
                return blame(v, 0, "there are more checkpoints than memory");
            v->checkpoints = more;
        }
        struct checkpoint *at = &v->checkpoints[v->checkpoint_count];
        if (!checkpoint_read(v, r, key, at))
            return false;
        if (v->checkpoint_count && at->line < at[-1].line)
            return blame(v, at->line, "checkpoints go backwards: the store was rolled back");
        v->checkpoint_count++;
    }
    if (got < 0)
        return blame(v, 0, "the checkpoints cannot be read");
    return v->checkpoint_count > 0 || blame(v, 0, "there is no checkpoint");
}

/* Holds every checkpoint of the line at which the chain stands against it. */
static bool checkpoints_held(struct verifying *v)
{
    for (; v->checkpoint_at < v->checkpoint_count; v->checkpoint_at++) {
        const struct checkpoint *c = &v->checkpoints[v->checkpoint_at];
        if (c->line > v->line)
            break;
        if (c->line < v->line)
            continue; /* before the first line that was written out */
        if (memcmp(c->chain, v->chain, HASH_BYTES) != 0)
            return blame(v, v->line, "the chain is not the one that was signed");
        v->report->checkpoints++;
    }
    return true;
}

/* ---- the chain ---- */

static void hash_u(crypto_generichash_state *state, uint64_t value, unsigned bytes)
{
    uint8_t little[8];
    for (unsigned i = 0; i < bytes; i++)
        little[i] = (uint8_t)(value >> (8 * i));
    crypto_generichash_update(state, little, bytes);
}

static void chain_on(uint8_t chain[HASH_BYTES], const struct line *line)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    crypto_generichash_update(&state, chain, HASH_BYTES);
    hash_u(&state, line->number, 8);
    hash_u(&state, (uint64_t)line->at_us, 8);
    hash_u(&state, line->kind, 1);
    hash_u(&state, line->seq, 8);
    hash_u(&state, line->actor, 4);
    hash_u(&state, line->role, 4);
    hash_u(&state, line->purpose, 4);
    hash_u(&state, line->object_kind, 4);
    hash_u(&state, line->object, 4);
    hash_u(&state, line->what_len, 4);
    crypto_generichash_update(&state, (const uint8_t *)line->what, line->what_len);
    crypto_generichash_update(&state, line->digest, HASH_BYTES);
    crypto_generichash_final(&state, chain, HASH_BYTES);
}

static uint64_t le(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

/* The bytes of an event, when they were written out: they have the digest that the line names, and
 * say themselves what the line says of them. */
static bool event_held(struct verifying *v, const struct line *line, const char *hex)
{
    enum { SEQ = 4, OBJECT = 18, ACTOR = 22, RECORDED = 42, LEAST = 58 };
    const size_t bytes = strlen(hex) / 2;
    uint8_t digest[HASH_BYTES];
    uint8_t *event = malloc(bytes + 1);
    bool is_held = event && bytes >= LEAST && read_hex(hex, event, bytes);
    if (is_held) {
        crypto_generichash(digest, sizeof digest, event, bytes, NULL, 0);
        is_held = memcmp(digest, line->digest, HASH_BYTES) == 0 && le(event, 4) == v->realm &&
                  le(event + SEQ, 8) == line->seq && le(event + OBJECT, 4) == line->object &&
                  le(event + ACTOR, 4) == line->actor &&
                  le(event + RECORDED, 8) == (uint64_t)line->at_us;
        v->report->bodies++;
    }
    free(event);
    return is_held || blame(v, line->number, "an event is not the one that was recorded");
}

static bool line_read(struct verifying *v, struct line *line)
{
    char **f = v->in.field;
    return split(&v->in) && v->in.fields >= 12 && read_u64(f[0], INT64_MAX, &line->number) &&
           read_i64(f[1], &line->at_us) && read_u32(f[2], &line->kind) &&
           line->kind >= KIND_EVENT && line->kind <= KIND_DELETION &&
           read_u64(f[3], INT64_MAX, &line->seq) && read_u32(f[4], &line->actor) &&
           read_u32(f[5], &line->role) && read_u32(f[6], &line->purpose) &&
           read_u32(f[7], &line->object_kind) && read_u32(f[8], &line->object) &&
           read_what(f[9], line) && read_hex(f[10], line->digest, HASH_BYTES) &&
           read_hex(f[11], line->chain, HASH_BYTES) &&
           (v->in.fields == 12 || line->kind == KIND_EVENT) && !v->in.is_last;
}

static bool line_held(struct verifying *v)
{
    static struct line line; /* large; one thread */
    const uint64_t expected = v->line + 1;
    if (!line_read(v, &line))
        return blame(v, expected, "a line is not well formed");
    if (line.number != expected)
        return blame(v, expected, "a line is missing, or stands elsewhere");
    chain_on(v->chain, &line);
    if (memcmp(v->chain, line.chain, HASH_BYTES) != 0)
        return blame(v, expected, "a line was changed, or does not follow the one before");
    v->line = expected;
    v->report->lines++;
    v->report->lookups += line.kind == KIND_LOOKUP;
    if (line.kind == KIND_EVENT) {
        if (line.seq == 0 || (v->last_event && line.seq != v->last_event + 1))
            return blame(v, expected, "an event is missing, or stands elsewhere");
        v->last_event = line.seq;
        v->report->events++;
        if (v->in.fields == MAX_FIELDS && !event_held(v, &line, v->in.field[12]))
            return false;
    }
    return checkpoints_held(v);
}

/* "anwang-audit-lines 1 REALM FIRST CHAIN": the chain before line FIRST. */
static bool head_read(struct verifying *v)
{
    uint8_t start[16] = "anwang-audit", zero[HASH_BYTES];
    if (next_line(&v->in) != 1 || !split(&v->in) || v->in.fields != 5 ||
        strcmp(v->in.field[0], "anwang-audit-lines") != 0 || strcmp(v->in.field[1], "1") != 0 ||
        !read_u32(v->in.field[2], &v->realm) ||
        !read_u64(v->in.field[3], INT64_MAX, &v->report->first) || v->report->first == 0 ||
        !read_hex(v->in.field[4], v->chain, HASH_BYTES))
        return blame(v, 0, "this is not an audit chain written out, or of a newer format");
    v->line = v->report->first - 1;
    for (unsigned i = 0; i < 4; i++)
        start[12 + i] = (uint8_t)(v->realm >> (8 * i));
    crypto_generichash(zero, sizeof zero, start, sizeof start, NULL, 0);
    return v->line > 0 || memcmp(zero, v->chain, HASH_BYTES) == 0 ||
           blame(v, 0, "the chain does not start where a realm starts");
}

static bool verified(struct verifying *v, FILE *checkpoints, const uint8_t *key)
{
    struct reading outside = {.file = checkpoints};
    int got = 0;
    if (!head_read(v))
        return false;
    const bool are_read = !checkpoints || checkpoints_read(v, &outside, key);
    free(outside.text);
    if (!are_read || !checkpoints_held(v))
        return false;
    if (v->line > 0 && v->report->checkpoints == 0)
        return blame(v, 0, "no checkpoint stands before the first line");
    while ((got = next_line(&v->in)) == 1)
        if (!line_held(v))
            return false;
    if (got < 0)
        return blame(v, v->line + 1, "a line cannot be read");
    return v->checkpoint_at == v->checkpoint_count ||
           blame(v, v->line + 1,
                 "lines that were signed are missing: the end was cut or the store rolled back");
}

bool verify_audit(FILE *lines, FILE *checkpoints, const uint8_t key[VERIFY_KEY_BYTES],
                  struct verify_report *ret_report)
{
    struct verifying v = {.in = {.file = lines}, .report = ret_report};
    *ret_report = (struct verify_report){0};
    const bool holds = sodium_init() < 0 ? blame(&v, 0, "libsodium does not start")
                                         : verified(&v, checkpoints, key);
    free(v.in.text);
    free(v.checkpoints);
    return holds;
}
