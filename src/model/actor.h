/* actor.h - who acts: made by core from a session, never by a client.
 * Layer: model. Threads: pure. */
#ifndef MODEL_ACTOR_H
#define MODEL_ACTOR_H
#include "model/enums.h"
#include "model/ids.h"

struct actor {
    struct user_id user; /* 0 for timer, feed and public */
    enum role role;
    struct body_id body; /* office that the account belongs to */
    struct area_id area; /* top of what it may see; 0 = the whole realm */
    struct unit_id unit; /* field accounts: the unit signed on with */
};
#endif
