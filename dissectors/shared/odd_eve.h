/*
 * odd_eve.h - EVE's anomaly events of what no oddity of ours stands for; those
 * that have one come of the weird log.
 */
#ifndef NJ_DISSECTORS_SHARED_ODD_EVE_H
#define NJ_DISSECTORS_SHARED_ODD_EVE_H

#include "engine/dissect/dissector.h"

extern const struct nj_event_desc eve_anomaly_desc;

/* Tells it, if that is wanted; app is EVE's name of the protocol. */
void nj_odd_eve(
	struct nj_dctx *d, const char *app, const char *event, enum nj_dir dir);
/* The same of what lies below protocols of applications. */
void nj_odd_eve_decode(struct nj_dctx *d, const char *event, enum nj_dir dir);

#endif
