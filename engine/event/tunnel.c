/*
 * tunnel.c - table of the tunnel log.
 */
#include "engine/event/tunnel.h"

NJ_EVENT_DEFINE(tunnel, NJ_TUNNEL, NJ_EV_ONCE_UID,
	"Traffic that carries other traffic");
