/*
 * tunnel.c - table of the tunnel log.
 */
#include "engine/event/tunnel.h"

NJ_EVENT_DEFINE(tunnel, NJ_TUNNEL, 0, "Traffic that carries other traffic");
