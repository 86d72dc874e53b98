/* picture.h - a photo from a stranger: decoded for real, turned upright, written anew as JPEG
 * without anything else in it (no place, no device, no time). Layer: main (program anwang-media).
 * Threads: pure. libturbojpeg, libpng, libwebp, libexif behind. */
#ifndef MAIN_PICTURE_H
#define MAIN_PICTURE_H
#include "base/out.h"

#define PICTURE_MAX_PIXELS 50000000u /* of the input; more is refused before it is decoded */
#define PICTURE_MAX_SIDE 3200        /* of the output: larger ones are halved until they fit */
#define PICTURE_QUALITY 85

/* JPEG, PNG or WebP in, JPEG appended to *out. ERR_UNSUPPORTED: another format. ERR_LIMIT: too many
 * pixels, or out is full. ERR_CORRUPT: it does not decode. */
enum err picture_clean(struct str bytes, struct out *out);
#endif
