#include "model/frames.h"

#include "model/record_table.h"

#define RECORD_NOW frame_command
RECORD_TABLE(frame_command, FRAME_COMMAND_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_reply
RECORD_TABLE(frame_reply, FRAME_REPLY_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_ask
RECORD_TABLE(frame_ask, FRAME_ASK_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_audit
RECORD_TABLE(frame_audit, FRAME_AUDIT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_login
RECORD_TABLE(frame_login, FRAME_LOGIN_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_committed
RECORD_TABLE(frame_committed, FRAME_COMMITTED_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_position
RECORD_TABLE(frame_position, FRAME_POSITION_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_positions
RECORD_TABLE(frame_positions, FRAME_POSITIONS_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_deliver
RECORD_TABLE(frame_deliver, FRAME_DELIVER_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_delivered
RECORD_TABLE(frame_delivered, FRAME_DELIVERED_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_image
RECORD_TABLE(frame_image, FRAME_IMAGE_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_ready
RECORD_TABLE(frame_ready, FRAME_READY_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_health
RECORD_TABLE(frame_health, FRAME_HEALTH_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_connect
RECORD_TABLE(frame_connect, FRAME_CONNECT_FIELDS)
#undef RECORD_NOW

#define RECORD_NOW frame_cover
RECORD_TABLE(frame_cover, FRAME_COVER_FIELDS)
#undef RECORD_NOW

#define FRAME_ENTRY(number, name) [number] = &record_frame_##name,
static const struct record *const frame_records[FRAME_TYPE_COUNT] = {FRAMES(FRAME_ENTRY)};
#undef FRAME_ENTRY

const struct record *frame_record(enum frame_type type)
{
    return (unsigned)type < FRAME_TYPE_COUNT ? frame_records[type] : NULL;
}
