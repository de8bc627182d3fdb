/*
 * weird.h - the weird log, filled by every layer that meets odd traffic.
 */
#ifndef NJ_EVENT_WEIRD_H
#define NJ_EVENT_WEIRD_H

#include "engine/event/event.h"

#define NJ_WEIRD(F, tag)                                                       \
	F(tag, 1, STR, name, NJ_INDEX | NJ_LEARN, "What is odd")               \
	F(tag, 2, STR, addl, 0, "Detail of this occurrence")                   \
	F(tag, 3, BOOL, notice, 0, "Also raised as a notice (always false)")   \
	F(tag, 4, STR, source, NJ_INDEX, "Which part of the engine says so")

NJ_EVENT_DECLARE(weird, NJ_WEIRD);

#endif
