/* contact.c - `anwang contact open`: reads contacts of public reports where contact.key was taken
 * to. The server never runs it. */
#include "access/secret.h"
#include "main/commands.h"
#include "main/options.h"
#include <stdio.h>
#include <string.h>

#define LINE_BYTES 1024

static int open_one(const char *key, struct str hex)
{
    char text[SECRET_CONTACT_MAX];
    struct str contact;
    enum err err = secret_unseal(key, str_trim(hex), text, sizeof text, &contact);
    if (err != OK) {
        (void)fprintf(stderr, "anwang contact open: %s: %s\n", key,
                      err == ERR_SYNTAX    ? "what was given is no sealed contact"
                      : err == ERR_CORRUPT ? "sealed to another key, or damaged"
                      : err == ERR_DENIED  ? "the key file can be read by others: chmod 600"
                                           : err_text(err));
        return 1;
    }
    (void)printf(STR_FMT "\n", STR_ARG(contact));
    return 0;
}

int contact_main(int argc, char **argv)
{
    const char *key = NULL, *rest[OPTIONS_MAX_VALUES];
    size_t rest_count = 0;
    const struct option_def defs[] = {{"--key", true, &key, 1, NULL}};
    if (argc < 2 || strcmp(argv[1], "open") != 0 ||
        !options_read(argc - 1, argv + 1, defs, 1, rest, &rest_count) || key == NULL) {
        (void)fprintf(stderr, "usage: anwang contact open --key FILE [SEALED...]\n"
                              "  without SEALED, lines of the standard input\n");
        return 2;
    }
    int status = 0;
    for (size_t i = 0; i < rest_count; i++) {
        status |= open_one(key, str_of(rest[i]));
    }
    char line[LINE_BYTES];
    while (rest_count == 0 && fgets(line, sizeof line, stdin)) {
        status |= open_one(key, str_of(line));
    }
    return status;
}
