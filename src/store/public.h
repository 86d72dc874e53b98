/* public.h - public.db: the only file that the portal reads.
 * Layer: store. Threads: a reader belongs to one thread.
 *
 * The writer thread derives it from rows; it can be deleted and the next start makes it again. It
 * holds answers by hashed follow-up code, what officers have cleared, and counts of incidents per
 * type and month of 10 and more. No reporter's words, no place, no contact; times to the hour or
 * the day. */
#ifndef STORE_PUBLIC_H
#define STORE_PUBLIC_H
#include "base/json_out.h"

#define PUBLIC_MIN_COUNT 10
#define PUBLIC_MAX_NOTICES 100

struct public_reader;
enum err public_open(const char *dir, struct public_reader **ret_reader);
void public_close(struct public_reader *reader);
/* Appends {stage, updated_hour, answer?} as a value. stage: of the signal; answer, once an incident
 * came of it: accepted, being_handled, handed_over or done. code_hash: 64 hex digits, as
 * follow_code of the signal. ERR_NOT_FOUND. */
enum err public_answer(struct public_reader *reader, struct str code_hash, struct json_out *j);
/* Appends a list of {type, text, day} as a value: cleared reports, newest first, at most
 * PUBLIC_MAX_NOTICES. */
enum err public_notices(struct public_reader *reader, struct json_out *j);
/* Appends a list of {month, type, count} as a value, newest month first. */
enum err public_counts(struct public_reader *reader, struct json_out *j);
#endif
