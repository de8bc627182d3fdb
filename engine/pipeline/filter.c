/*
 * filter.c - nightjar.yaml to the filters of a worker.
 */
#include "engine/pipeline/filter.h"

#include <stdlib.h>

#include "engine/base/log.h"

/* The table of options has checked that the numbers fit. */
static enum nj_err
ranges_load(const struct nj_exclude_range **out, unsigned *count,
	const struct nj_conf_ranges *from)
{
	struct nj_exclude_range *list;

	if (!from->n)
		return NJ_OK;
	list = calloc(from->n, sizeof(*list));
	if (!list)
		return NJ_E_NOMEM;
	for (uint32_t i = 0; i < from->n; i++)
		list[i] = (struct nj_exclude_range){ (uint16_t)from->v[i].lo,
			(uint16_t)from->v[i].hi };
	*out = list;
	*count = from->n;
	return NJ_OK;
}

enum nj_err
nj_filter_conf_load(struct nj_filter_conf *out, const struct nj_conf *conf)
{
	struct nj_exclude_conf *x = &out->exclude;
	enum nj_err err;

	*out = (struct nj_filter_conf){ .dedup =
						conf->capture__dedup__enabled };
	nj_dedup_conf_default(&out->dedup_conf);
	out->dedup_conf.window_ns = conf->capture__dedup__window;
	out->dedup_conf.weak_window_ns = nj_min(
		out->dedup_conf.weak_window_ns, conf->capture__dedup__window);
	out->dedup_conf.key = conf->id_key;
	x->networks = conf->capture__exclude__networks.v;
	x->network_count = conf->capture__exclude__networks.n;
	x->bpf = conf->capture__exclude__bpf;
	err = ranges_load(
		&x->vlans, &x->vlan_count, &conf->capture__exclude__vlans);
	if (!err)
		err = ranges_load(&x->ports, &x->port_count,
			&conf->capture__exclude__ports);
	if (err)
		nj_filter_conf_free(out);
	return err;
}

void
nj_filter_conf_free(struct nj_filter_conf *f)
{
	free((void *)f->exclude.vlans);
	free((void *)f->exclude.ports);
	*f = (struct nj_filter_conf){ 0 };
}

static bool
excludes(const struct nj_exclude_conf *x)
{
	return x->network_count || x->vlan_count || x->port_count ||
	       (x->bpf && x->bpf[0]);
}

enum nj_err
nj_filters_create(struct nj_filters *out, const struct nj_filter_conf *conf,
	char why[NJ_EXCLUDE_TEXT])
{
	enum nj_err err = NJ_OK;

	*out = (struct nj_filters){ 0 };
	why[0] = 0;
	if (excludes(&conf->exclude))
		err = nj_exclude_create(&out->exclude, &conf->exclude, why);
	if (!err && conf->dedup)
		err = nj_dedup_create(&out->dedup, &conf->dedup_conf);
	if (err)
		nj_filters_destroy(out);
	return err;
}

void
nj_filters_destroy(struct nj_filters *f)
{
	nj_exclude_destroy(&f->exclude);
	nj_dedup_destroy(&f->dedup);
}

bool
nj_filter_check(const struct nj_conf *conf)
{
	struct nj_exclude_conf only = { .bpf = conf->capture__exclude__bpf };
	struct nj_exclude *x;
	char why[NJ_EXCLUDE_TEXT] = "";
	enum nj_err err;

	if (!excludes(&only))
		return true;
	err = nj_exclude_create(&x, &only, why);
	nj_exclude_destroy(&x);
	if (err)
		nj_conf_complain(conf, NJ_CONF_capture__exclude__bpf,
			why[0] ? why : nj_err_text(err), "see pcap-filter(7)");
	return !err;
}
