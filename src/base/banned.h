/* banned.h - force-included by the build: calls that have caused trouble in C for fifty years.
 * Layer: base. Each has a bounded or locale-free replacement in base. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H
#ifndef __cplusplus
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* macros of the fortified C library */
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol atof
#pragma GCC poison scanf sscanf fscanf gmtime localtime system popen
#endif
#endif
