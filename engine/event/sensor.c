/*
 * sensor.c - table of the sensor log.
 */
#include "engine/event/sensor.h"

NJ_EVENT_DEFINE(
	sensor, NJ_SENSOR, NJ_EV_NO_ID, "What happened to the appliance");
