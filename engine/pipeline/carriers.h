/*
 * carriers.h - tunnels whose wrapper has no flow of its own (IP in IP, GRE):
 * one entry a pair of addresses and kind, for the tunnel log and as the
 * parent of what is inside. A table of fixed size; when a set of slots is
 * full, the one longest silent goes.
 */
#ifndef NJ_PIPELINE_CARRIERS_H
#define NJ_PIPELINE_CARRIERS_H

#include "engine/base/base.h"
#include "engine/base/hash.h"
#include "engine/event/row.h"
#include "engine/packet/packet.h"

struct nj_carriers;
NJ_MUST_USE enum nj_err nj_carriers_create(
	struct nj_carriers **out, const struct nj_hash_key *key);
void nj_carriers_destroy(struct nj_carriers **c);

/* m encloses a packet. Tells of a new tunnel; uid becomes what names it,
 * which depends on addresses and kind alone. */
void nj_carriers_seen(struct nj_carriers *c, const struct nj_meta *m,
	struct nj_sink *sink, uint64_t uid[2]);
/* Tells of tunnels that have been silent for a day at now_ns. Cheap to call
 * often. */
void nj_carriers_expire(
	struct nj_carriers *c, int64_t now_ns, struct nj_sink *sink);

#endif
