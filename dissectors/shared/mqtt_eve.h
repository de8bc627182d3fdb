/*
 * mqtt_eve.h - EVE's mqtt events: one for each exchange of a client and its
 * broker, with an object for each of its messages.
 */
#ifndef NJ_DISSECTORS_SHARED_MQTT_EVE_H
#define NJ_DISSECTORS_SHARED_MQTT_EVE_H

#include "dissectors/shared/mqtt_msg.h"
#include "engine/dissect/dissector.h"

extern const struct nj_event_desc eve_mqtt_desc;

/* An exchange that is not complete; kept. NULL: not wanted, or none. */
struct nj_mqtt_eve;

/* All do nothing unless the event is wanted. */

/* A message of the exchange *e, which the first one makes. */
void nj_mqtt_eve_add(struct nj_mqtt_eve **e, struct nj_dctx *d,
	const struct nj_mqtt_head *h, const struct nj_mqtt_msg *m,
	uint8_t level);
/* The exchange is over: emits its event. */
void nj_mqtt_eve_end(struct nj_mqtt_eve **e, struct nj_dctx *d);

#endif
