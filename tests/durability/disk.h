/* disk.h - a disk for tests, laid over the real files of one folder: it knows what was synced and
 * what was not, and can fail, fill up, tear a write, stop at any call, or lose its power. For
 * SQLite a VFS named "disk", for plain files a struct io.
 *
 * Every call that changes something has a name and a number: "wal.sync 17" is the 17th sync of a
 * write-ahead log. A power cut keeps of the writes that were not synced some, in no order, and of
 * one of them perhaps only whole sectors from its start; a process that dies keeps them all. One
 * disk a process, one thread at a time. */
#ifndef TESTS_DURABILITY_DISK_H
#define TESTS_DURABILITY_DISK_H
#include "base/rand.h"
#include "store/io.h"

#define DISK_VFS "disk"
#define DISK_SECTOR 512

enum disk_fault {
    DISK_SOUND,
    DISK_STOP_BEFORE, /* nothing works from the n-th call on */
    DISK_STOP_AFTER,  /* the n-th call is the last that works */
    DISK_FAIL,        /* the n-th call fails: input or output error */
    DISK_FULL,        /* no room from the n-th write on */
    DISK_SHORT,       /* the n-th write is half done, then there is no room */
    DISK_SYNC_FAIL,   /* the first sync from the n-th call on fails */
    DISK_LIE,         /* control: syncs from the n-th call on are not done */
    DISK_FAULT_COUNT
};
extern const char *const disk_fault_names[DISK_FAULT_COUNT];
extern const struct io disk_io;

/* Registers the VFS, forgets all that was, and makes the disk sound. */
void disk_start(void);
/* The next calls are counted from 1; this is what happens at number n. name: only calls of that
 * name are counted (borrowed), NULL all. */
void disk_fault_at(enum disk_fault fault, uint32_t n, const char *name);
/* A call that stops the disk ends the process with this status; 0 = it only fails. */
void disk_exit_with(int status);
/* Control: `PRAGMA synchronous = FULL` is read as NORMAL. */
void disk_weaken(bool is_weak);
uint32_t disk_calls(void);     /* since disk_fault_at */
bool disk_has_struck(void);    /* the fault has shown itself */
const char *disk_struck(void); /* the call that it struck: "wal.sync 17" */
/* The power goes, all files having been closed: on return the folder holds what survived, and the
 * disk is sound. Returns the writes that were lost or torn. */
uint32_t disk_power_cut(struct rand *rand);
/* The process dies and the machine goes on: everything that was written is there. */
void disk_process_death(void);
#endif
