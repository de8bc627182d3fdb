/*
 * sensor.h - the sensor log: what happened to the appliance itself, so that
 * whoever reads records knows where some may be missing and why.
 */
#ifndef NJ_EVENT_SENSOR_H
#define NJ_EVENT_SENSOR_H

#include "engine/event/event.h"

#define NJ_SENSOR(F, tag)                                                      \
	F(tag, 1, STR, what, NJ_INDEX, "What happened, see docs/operator/run") \
	F(tag, 2, STR, process, NJ_INDEX, "Which process says so")             \
	F(tag, 3, TIME, until, NJ_OPT,                                         \
		"When it was over; ts is when it began")                       \
	F(tag, 4, STR, reason, 0, "Why, in words")                             \
	F(tag, 5, U64, packets, NJ_OPT, "Packets that it is about")            \
	F(tag, 6, U64, records, NJ_OPT, "Records that it is about")

NJ_EVENT_DECLARE(sensor, NJ_SENSOR);

#endif
