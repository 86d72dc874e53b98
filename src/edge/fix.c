/* fix.c - a fix from a field page, or of any unit from a machine account, handed on: lossy, never
 * an event. Core checks that the unit is the session's or the role feed, and that it is on duty. */
#include "edge/bodies.h"
#include "edge/edge_priv.h"

#include "base/utc.h"

#define FUTURE_US (60 * US_PER_S) /* clocks of phones differ; core drops what is further ahead */

void position_post(struct visit *visit)
{
    const struct core_link *link = &visit->site->link;
    struct fix fix;
    struct frame_position frame = {0};
    enum err err = position_may(edge_of(visit), visit);
    if (err) {
        visit_problem(visit, err == ERR_DENIED ? 403 : 404,
                      err == ERR_DENIED ? "this account may not do that" : NULL, NULL);
        return;
    }
    if (!visit_body(visit, &record_fix, &fix))
        return;
    if (fix.at > visit->now_us + FUTURE_US) {
        visit_problem(visit, 400, "lies in the future", "at");
        return;
    }
    frame.unit.v = visit->object;
    frame.place = fix.place;
    frame.at_us = fix.at;
    frame.accuracy_m = fix.accuracy_m;
    frame.speed_mm_s = fix.speed_mm_s;
    frame.course_cdeg = fix.course_cdeg;
    frame.token = (struct str){(const char *)visit->token_hash, sizeof visit->token_hash};
    SET_HAS(frame_position, &frame, unit);
    SET_HAS(frame_position, &frame, place);
    SET_HAS(frame_position, &frame, at_us);
    SET_HAS(frame_position, &frame, token);
    if (HAS(fix, &fix, accuracy_m))
        SET_HAS(frame_position, &frame, accuracy_m);
    if (HAS(fix, &fix, speed_mm_s))
        SET_HAS(frame_position, &frame, speed_mm_s);
    if (HAS(fix, &fix, course_cdeg))
        SET_HAS(frame_position, &frame, course_cdeg);
    if (link->send(link->ctx, FRAME_position, 0, &frame, -1) != OK) {
        visit_problem(visit, 503, "positions cannot be taken now", NULL);
        return;
    }
    out_reset(&visit->out);
    visit_ok(visit, 204);
}
