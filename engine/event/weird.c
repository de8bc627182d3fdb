/*
 * weird.c - table of the weird log.
 */
#include "engine/event/weird.h"

NJ_EVENT_DEFINE(weird, NJ_WEIRD, 0, "Odd or broken traffic");
