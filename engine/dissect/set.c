/*
 * set.c - the tables that are built once from the list of dissectors:
 * signatures, ports, probes, oddities.
 */
#include "engine/dissect/dissect_priv.h"

#include <stdlib.h>

#include "engine/base/log.h"
#include "engine/event/weird.h"

static uint32_t
port_hash(uint32_t key)
{
	return (uint32_t)nj_mix64(key) & (PORT_SLOTS - 1);
}

const struct port_entry *
set_port(const struct nj_dissect_set *set, uint8_t transport, uint16_t port)
{
	uint32_t key = (uint32_t)transport << 16 | port;

	for (uint32_t at = port_hash(key); set->ports[at].key;
		at = (at + 1) & (PORT_SLOTS - 1))
		if (set->ports[at].key == key)
			return &set->ports[at];
	return NULL;
}

static enum nj_err
add_port(struct nj_dissect_set *set, const struct nj_port *p, unsigned index)
{
	uint32_t key = (uint32_t)p->transport << 16 | p->port;
	uint32_t at = port_hash(key);

	for (unsigned tries = 0; tries < PORT_SLOTS / 2; tries++) {
		struct port_entry *e = &set->ports[at];

		if (e->key && e->key != key) {
			at = (at + 1) & (PORT_SLOTS - 1);
			continue;
		}
		e->key = key;
		for (unsigned i = 0; i < nj_countof(e->dissectors); i++) {
			if (e->dissectors[i])
				continue;
			e->dissectors[i] = (uint8_t)(index + 1);
			return NJ_OK;
		}
		return NJ_E_FULL;
	}
	return NJ_E_FULL;
}

int
set_find(const struct nj_dissect_set *set, const char *name)
{
	for (unsigned i = 0; i < set->count; i++)
		if (!strcmp(set->list[i]->name, name))
			return (int)i;
	return -1;
}

/* As bits of set_kind. */
static uint8_t
kinds_of(uint16_t flags)
{
	unsigned kinds = 0;

	for (unsigned i = 0; i < NJ_MATCH_KINDS; i++) {
		bool udp = i & 2;
		enum nj_dir side = i & 1 ? NJ_RESP : NJ_ORIG;

		if (flags & (udp ? NJ_SIG_UDP : NJ_SIG_TCP) &&
			flags & (side == NJ_ORIG ? NJ_SIG_ORIG : NJ_SIG_RESP))
			kinds |= 1u << set_kind(udp, side);
	}
	return (uint8_t)kinds;
}

static enum nj_err
add_sigs(
	struct nj_dissect_set *set, struct nj_pattern *patterns, unsigned index)
{
	const struct nj_dissector *d = set->list[index];
	uint16_t both = (uint16_t)((d->stream ? NJ_SIG_TCP : 0) |
				   (d->datagram ? NJ_SIG_UDP : 0));

	for (const struct nj_sig *s = d->sigs; s && s->pattern; s++) {
		uint16_t flags = s->flags;

		if (set->sig_count == PATTERNS_MAX)
			return NJ_E_FULL;
		if (!(flags & (NJ_SIG_TCP | NJ_SIG_UDP)))
			flags |= both;
		if (!(flags & (NJ_SIG_ORIG | NJ_SIG_RESP)))
			flags |= NJ_SIG_ORIG | NJ_SIG_RESP;
		patterns[set->sig_count] = (struct nj_pattern){ s->pattern,
			flags & NJ_SIG_NOCASE, kinds_of(flags) };
		set->sigs[set->sig_count++] =
			(struct sig_info){ (uint8_t)index, s->port };
	}
	return NJ_OK;
}

static enum nj_err
add_dissector(
	struct nj_dissect_set *set, struct nj_pattern *patterns, unsigned index)
{
	const struct nj_dissector *d = set->list[index];
	enum nj_err err = add_sigs(set, patterns, index);
	unsigned odd = 0;

	for (const struct nj_port *p = d->ports; !err && p && p->transport; p++)
		err = add_port(set, p, index);
	for (const struct nj_event_desc *const *e = d->events; !err && e && *e;
		e++)
		err = nj_event_register(*e);
	if (err)
		return err;
	if (d->probe && !(d->sigs && d->sigs->pattern)) {
		if (d->stream)
			set->probes[0][set->probe_count[0]++] = (uint8_t)index;
		if (d->datagram)
			set->probes[1][set->probe_count[1]++] = (uint8_t)index;
	}
	set->sig_first[index + 1] = set->sig_count;
	while (d->oddities && d->oddities[odd].name)
		odd++;
	set->oddity_first[index + 1] = set->oddity_first[index] + odd;
	return NJ_OK;
}

/* Numbers the words that dissectors give flows, from behind their own. */
static enum nj_err
add_services(struct nj_dissect_set *set)
{
	unsigned number = set->count + 1;

	for (unsigned i = 0; i < set->count; i++) {
		const char *const *word = set->list[i]->services;

		set->service_first[i] = number;
		for (; word && *word; word++) {
			if (number > DISSECTORS_MAX)
				return NJ_E_FULL;
			set->words[number++] = *word;
		}
	}
	set->service_first[set->count] = number;
	return NJ_OK;
}

enum nj_err
nj_dissect_set_create(struct nj_dissect_set **out,
	const struct nj_dissector *const *list, const char *cache_path)
{
	struct nj_dissect_set *set = calloc(1, sizeof(*set));
	struct nj_pattern *patterns = calloc(PATTERNS_MAX, sizeof(*patterns));
	enum nj_err err = NJ_E_NOMEM;
	unsigned bad;

	*out = NULL;
	if (!set || !patterns)
		goto fail;
	set->list = list;
	err = nj_event_register(&weird_desc);
	for (unsigned i = 0; !err && list[i]; i++) {
		if (i == DISSECTORS_MAX) {
			err = NJ_E_FULL;
			break;
		}
		set->count = i + 1;
		err = add_dissector(set, patterns, i);
		if (err)
			nj_error("dissect", "dissector refused name=%s: %s",
				list[i]->name, nj_err_text(err));
	}
	if (!err)
		err = add_services(set);
	if (err)
		goto fail;
	err = nj_match_create(&set->match, patterns, set->sig_count,
		cache_path && cache_path[0] ? cache_path : NULL, &bad);
	if (err && bad < set->sig_count)
		nj_error("dissect", "signature does not compile name=%s: %s",
			list[set->sigs[bad].dissector]->name,
			patterns[bad].text);
	if (err)
		goto fail;
	free(patterns);
	*out = set;
	return NJ_OK;
fail:
	free(patterns);
	nj_dissect_set_destroy(&set);
	return err;
}

void
nj_dissect_set_destroy(struct nj_dissect_set **set)
{
	if (!*set)
		return;
	nj_match_destroy(&(*set)->match);
	free(*set);
	*set = NULL;
}
