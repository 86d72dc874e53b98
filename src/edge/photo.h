/* photo.h - photos on their way to the media process. Layer: edge, private. */
#ifndef EDGE_PHOTO_H
#define EDGE_PHOTO_H
#include "edge/site.h"

/* frame_image.origin: which door the photo came in by; core answers there. */
enum photo_origin { PHOTO_OF_STAFF, PHOTO_OF_PUBLIC };

/* The media type that is taken, or NULL. */
const char *photo_type(struct str content_type);
/* Hands the body over to the media process; fn gets core's reply. */
void photo_send(struct visit *visit, uint32_t origin, reply_fn fn);
#endif
