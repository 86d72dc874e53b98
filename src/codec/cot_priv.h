/* cot_priv.h - what both forms of an event share. Layer: codec, for cot*.c only. */
#ifndef CODEC_COT_PRIV_H
#define CODEC_COT_PRIV_H
#include "codec/cot.h"

/* Metres as told; 9999999 and beyond means unknown. */
void cot_set_heights(struct cot_event *event, double height, double circle, double linear);
/* Degrees and m/s; what is out of range is not set. */
void cot_set_track(struct cot_event *event, double course, double speed);
enum err cot_check_texts(const struct cot_event *event, struct fault *ret_fault);
#define COT_UNKNOWN 9999999.0
#endif
