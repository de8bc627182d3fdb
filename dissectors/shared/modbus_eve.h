/*
 * modbus_eve.h - Modbus messages as EVE's modbus events: a request with its
 * response. Built only where EVE output is wanted.
 */
#ifndef NJ_DISSECTORS_SHARED_MODBUS_EVE_H
#define NJ_DISSECTORS_SHARED_MODBUS_EVE_H

#include "engine/dissect/dissector.h"

extern const struct nj_event_desc eve_modbus_desc;

enum { NJ_MODBUS_WAITING = 4 };

/* Part of a dissector's state; zero at the start. */
struct nj_modbus_eve {
	struct {
		struct nj_view request; /* kept JSON; empty: free */
		uint64_t id;
		uint16_t tid;
	} waiting[NJ_MODBUS_WAITING];
	uint64_t ids;
};

/* A message, from its unit on. */
void nj_modbus_eve(struct nj_dctx *d, struct nj_modbus_eve *e, enum nj_dir dir,
	uint16_t tid, struct nj_view v);
/* The flow ends: what was never answered. */
void nj_modbus_eve_end(struct nj_dctx *d, struct nj_modbus_eve *e);

#endif
