/*
 * odd_eve.c - EVE's anomaly events of dissectors.
 */
#include "dissectors/shared/odd_eve.h"

#define EVE_ANOMALY(F, tag)                                                    \
	F(tag, 1, STR, anomaly__app_proto, 0, "Protocol")                      \
	F(tag, 2, STR, anomaly__type, 0, "applayer, or decode")                \
	F(tag, 3, STR, anomaly__event, 0, "Name of the oddity")                \
	F(tag, 4, STR, anomaly__layer, 0, "proto_parser")

NJ_EVENT_STRUCT_(eve_anomaly, EVE_ANOMALY);
NJ_EVENT_DEFINE(eve_anomaly, EVE_ANOMALY, NJ_EV_EVE, "One oddity");

void
nj_odd_eve(
	struct nj_dctx *d, const char *app, const char *event, enum nj_dir dir)
{
	struct eve_anomaly_event ev = { .anomaly__app_proto = nj_str(app),
		.anomaly__type = NJ_LIT("applayer"),
		.anomaly__event = nj_str(event),
		.anomaly__layer = NJ_LIT("proto_parser") };

	if (nj_wanted(d, &eve_anomaly_desc))
		(void)nj_emit_dir(d, &eve_anomaly_desc, &ev, dir);
}

void
nj_odd_eve_decode(struct nj_dctx *d, const char *event, enum nj_dir dir)
{
	struct eve_anomaly_event ev = { .anomaly__type = NJ_LIT("decode"),
		.anomaly__event = nj_str(event) };

	if (nj_wanted(d, &eve_anomaly_desc))
		(void)nj_emit_dir(d, &eve_anomaly_desc, &ev, dir);
}
