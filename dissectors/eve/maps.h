/*
 * maps.h - every map from a log to EVE events, of list.def.
 */
#ifndef NJ_DISSECTORS_EVE_MAPS_H
#define NJ_DISSECTORS_EVE_MAPS_H

#include "engine/event/eve.h"

/* NULL at the end; for nj_eve_register. */
extern const struct nj_eve_map *const nj_eve_maps[];

/* Suricata's word for a service of ours, for app_proto; as it is when it has
 * none of its own. */
struct nj_view nj_eve_app_proto(struct nj_view service);

#endif
