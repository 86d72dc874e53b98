/* err.h - the error codes of the whole program, and where a bad input went wrong.
 * Layer: base. Threads: pure, any. */
#ifndef BASE_ERR_H
#define BASE_ERR_H
#include <stddef.h>
#include <stdint.h>

/* X(name, text for people) */
#define ERR_LIST(X)                                                                                \
    X(OK, "ok")                                                                                    \
    X(ERR_MORE, "more input is needed")                                                            \
    X(ERR_SYNTAX, "not well formed")                                                               \
    X(ERR_RANGE, "a value is out of range")                                                        \
    X(ERR_LIMIT, "a limit was reached")                                                            \
    X(ERR_NOT_FOUND, "not found")                                                                  \
    X(ERR_EXISTS, "exists already")                                                                \
    X(ERR_STALE, "changed since it was read")                                                      \
    X(ERR_DENIED, "not permitted")                                                                 \
    X(ERR_STATE, "not possible in this state")                                                     \
    X(ERR_BUSY, "busy, try again")                                                                 \
    X(ERR_IO, "input or output failed")                                                            \
    X(ERR_CORRUPT, "damaged data")                                                                 \
    X(ERR_UNSUPPORTED, "not supported")

/* Under clang an ignored error is a warning, and warnings are errors. */
#if defined(__clang__)
#define ERR_CHECKED __attribute__((warn_unused_result))
#else
#define ERR_CHECKED
#endif

#define ERR_ENUM(name, text) name,
enum ERR_CHECKED err { ERR_LIST(ERR_ENUM) ERR_COUNT };
#undef ERR_ENUM

/* Static text of an error code, never NULL. */
const char *err_text(enum err err);

/* Where and why an input was refused. Filled by parsers as an optional last argument.
 * `text` is static; `field` is static or points into the caller's input. */
struct fault {
    size_t offset;     /* byte offset in the input */
    uint32_t line;     /* 1-based line, 0 where lines mean nothing */
    const char *text;  /* static reason */
    const char *field; /* name of the offending field, NULL if none */
};

/* Fills *ret_fault when it is not NULL; returns `err`, so that it can stand in a return. */
enum err fault_set(struct fault *ret_fault, enum err err, size_t offset, const char *text);
enum err fault_field(struct fault *ret_fault, enum err err, const char *field, const char *text);
#endif
