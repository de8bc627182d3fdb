/*
 * options.c - nightjar.yaml to the configurations of the layers.
 */
#include "engine/pipeline/options.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/nearest.h"
#include "engine/event/format.h"

static void
flow_options(struct nj_flow_conf *out, const struct nj_conf *conf)
{
	out->flows_max = (uint32_t)conf->flow__table_max;
	out->reasm_segments_max =
		(uint32_t)conf->flow__reassembly__segments_max;
	out->reasm_flow_bytes_max =
		(uint32_t)conf->flow__reassembly__flow_bytes_max;
	out->tcp_inactivity_ns = conf->flow__tcp_inactivity;
	out->udp_inactivity_ns = conf->flow__udp_inactivity;
	out->icmp_inactivity_ns = conf->flow__icmp_inactivity;
	out->other_inactivity_ns = conf->flow__other_inactivity;
	out->tcp_attempt_ns = conf->flow__tcp_attempt;
	out->tcp_close_ns = conf->flow__tcp_close;
	out->tcp_reset_ns = conf->flow__tcp_reset;
	out->key = conf->id_key;
	out->local = conf->networks__local.v;
	out->local_count = conf->networks__local.n;
}

void
nj_pipeline_options(struct nj_pipeline_conf *out, const struct nj_conf *conf)
{
	nj_pipeline_conf_default(out);
	out->decode.check_checksums = conf->packet__check_checksums;
	out->decode.frag_datagrams_max =
		(uint32_t)conf->packet__fragment__datagrams_max;
	out->decode.frag_timeout_ns = conf->packet__fragment__timeout;
	out->decode.key = conf->id_key;
	flow_options(&out->flow, conf);
	out->decode.tunnel_depth_max =
		(uint8_t)conf->packet__tunnels__depth_max;
	out->midstream = conf->flow__midstream;
	out->eve = conf->logs__format == NJ_FORMAT_EVE;
	out->snap = (enum nj_pcap_snap)conf->packets__snap;
	out->dissect_bytes = (uint64_t)conf->dissect__memory_mb << 20;
	out->hash_bytes_max = (uint64_t)conf->files__hash_max;
}

static const struct nj_dissector *
find(const struct nj_dissector *const *all, const char *name)
{
	for (; *all; all++)
		if (!strcmp((*all)->name, name))
			return *all;
	return NULL;
}

static bool
names_exist(const struct nj_dissector *const *all, const struct nj_conf *conf,
	enum nj_conf_id id, const struct nj_conf_strings *names)
{
	for (uint32_t i = 0; i < names->n; i++) {
		struct nj_nearest near = { .word = nj_str(names->v[i]) };
		char why[128], remedy[96] = "see nightjar reference dissectors";

		if (find(all, names->v[i]))
			continue;
		for (unsigned d = 0; all[d]; d++)
			nj_nearest_try(&near, nj_str(all[d]->name));
		(void)snprintf(why, sizeof(why), "no dissector \"%.60s\"",
			names->v[i]);
		if (near.best.data)
			(void)snprintf(remedy, sizeof(remedy),
				"did you mean %.*s?", (int)near.best.len,
				(const char *)near.best.data);
		nj_conf_complain(conf, id, why, remedy);
		return false;
	}
	return true;
}

static bool
holds(const struct nj_conf_strings *names, const char *name)
{
	for (uint32_t i = 0; i < names->n; i++)
		if (!strcmp(names->v[i], name))
			return true;
	return false;
}

const struct nj_dissector **
nj_dissector_options(
	const struct nj_dissector *const *all, const struct nj_conf *conf)
{
	const struct nj_conf_strings *on = &conf->dissect__enabled;
	const struct nj_conf_strings *off = &conf->dissect__disabled;
	const struct nj_dissector **list;
	size_t n = 0;

	if (!names_exist(all, conf, NJ_CONF_dissect__enabled, on) ||
		!names_exist(all, conf, NJ_CONF_dissect__disabled, off))
		return NULL;
	while (all[n])
		n++;
	list = calloc(n + 1, sizeof(struct nj_dissector *));
	for (n = 0; list && *all; all++)
		if ((!on->n || holds(on, (*all)->name)) &&
			!holds(off, (*all)->name))
			list[n++] = *all;
	return list;
}
