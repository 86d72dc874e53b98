/* seed.h - the core of a data folder inside this process, for demo making, imports and commands.
 * Layer: main. Threads: one. A command has been decided when it returns and is committed with many
 * others soon after; seed_close waits for all and says whether they are on disk.
 * The folder needs its anwang.conf (settings_write) before it is opened; keys are made at the first
 * opening. No server may run on the folder at the same time (ERR_BUSY). */
#ifndef MAIN_SEED_H
#define MAIN_SEED_H
#include "core/core.h"
#include "main/settings.h"

struct seed;
enum err seed_open(const char *dir, struct seed **ret_seed, struct fault *ret_fault);
/* ERR_IO: something that was given is not on disk. */
enum err seed_close(struct seed *seed);
uint32_t seed_realm(const struct seed *seed);
/* Number of the object with this code; highest number of a kind. 0: none. */
uint32_t seed_by_code(const struct seed *seed, enum object_kind kind, struct str code);
uint32_t seed_last(const struct seed *seed, enum object_kind kind);

struct seed_answer {
    char id[ID_TEXT_CAP]; /* object made or changed */
    uint64_t seq;
    char field[64], detail[400]; /* why it was refused */
};
/* Gives one command; the role is the first administrative one that policy lets give it. fields is
 * the command's record; user_install takes the plain password in `credential`. at_us 0 = now. */
enum err seed_command(struct seed *seed, enum command_kind kind, uint32_t object,
                      const void *fields, int64_t at_us, struct seed_answer *ret_answer);
/* The same from JSON, as the API takes it; object is an id text, empty when it makes one. */
enum err seed_command_json(struct seed *seed, enum command_kind kind, struct str object,
                           struct str fields, int64_t at_us, struct seed_answer *ret_answer);
#endif
