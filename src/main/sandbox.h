/* sandbox.h - the media process keeps only what decoding and its channels need. Layer: main. */
#ifndef MAIN_SANDBOX_H
#define MAIN_SANDBOX_H
#include "base/err.h"
/* From here on: no opening of files, no sockets, no programs, no tracing; a system call off the
 * list ends the process. ERR_UNSUPPORTED: the kernel has no seccomp. */
enum err sandbox_enter(void);
#endif
