/*
 * maps.c - every map from a log to EVE events, from list.def, and the words
 * that several of them need.
 */
#include "dissectors/eve/maps.h"

#define EVE(name) extern const struct nj_eve_map nj_eve_##name;
#include "dissectors/eve/list.def"
#undef EVE

const struct nj_eve_map *const nj_eve_maps[] = {
#define EVE(name) &nj_eve_##name,
#include "dissectors/eve/list.def"
#undef EVE
	NULL
};

static const struct {
	const char *service, *app_proto;
} app_protos[] = {
#define APP_PROTO(service, app_proto) { service, app_proto },
#include "dissectors/eve/app_proto.def"
#undef APP_PROTO
};

struct nj_view
nj_eve_app_proto(struct nj_view service)
{
	for (size_t i = 0; i < nj_countof(app_protos); i++)
		if (nj_view_eq(service, nj_str(app_protos[i].service)))
			return nj_str(app_protos[i].app_proto);
	return service;
}
