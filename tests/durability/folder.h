/* folder.h - scratch folders: in memory where that is, copied, removed; and quiet. */
#ifndef TESTS_DURABILITY_FOLDER_H
#define TESTS_DURABILITY_FOLDER_H
#define FOLDER_CAP 300

void folder_make(char dir[FOLDER_CAP]); /* a new, empty one */
void folder_copy(const char *from, const char *to);
void folder_remove(const char *dir);
/* SQLite's shared index lives in memory: a machine that lost its power has none. */
void folder_forget_index(const char *dir);
/* What the server under test logs about the faults that it meets is not shown, unless
 * ANWANG_VERBOSE is set. */
void folder_quiet(void);
#endif
