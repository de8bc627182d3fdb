/*
 * facts.c - what others may know of a flow, and may ask of it.
 */
#include "engine/flow/flow_priv.h"

const struct nj_flow_counters *
nj_flow_counters(const struct nj_flow_table *t)
{
	return &t->counters;
}

uint32_t
nj_flow_live(const struct nj_flow_table *t)
{
	return t->live;
}

/* 0: the key's low side. */
static unsigned
flow_side(const struct nj_flow *f, enum nj_dir dir)
{
	return (unsigned)dir ^ (f->hot->flags & FLOW_ORIG_HI ? 1 : 0);
}

/* An IPv4 address in IPv6 form is shown as what it is, as Zeek does. */
static struct nj_addr
addr6_plain(const uint8_t *bytes)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(bytes, mapped, 12) != 0 ? nj_addr6(bytes)
					      : nj_addr4(bytes + 12);
}

struct nj_addr
nj_flow_addr(const struct nj_flow *f, enum nj_dir dir)
{
	unsigned side = flow_side(f, dir);
	const struct flow_key6 *six;

	if (f->hot->flags & FLOW_V6) {
		six = flow_key6(f->table, f->hot);
		return addr6_plain(side ? six->hi : six->lo);
	}
	return nj_addr4((const uint8_t *)&f->hot->key[0] + 4 * side);
}

uint16_t
nj_flow_port(const struct nj_flow *f, enum nj_dir dir)
{
	unsigned side = flow_side(f, dir);
	const struct flow_key6 *six;

	if (f->hot->flags & FLOW_V6) {
		six = flow_key6(f->table, f->hot);
		return side ? six->hi_port : six->lo_port;
	}
	return (uint16_t)(f->hot->key[1] >> 16 * side);
}

uint8_t
nj_flow_proto(const struct nj_flow *f)
{
	return (uint8_t)flow_rest(f->table, f->hot);
}

int64_t
nj_flow_start_ns(const struct nj_flow *f)
{
	return f->cold->first_ns;
}

void
nj_flow_vlans(const struct nj_flow *f, uint16_t vlan[2])
{
	uint32_t tenant = flow_rest(f->table, f->hot) >> 8;
	uint64_t key = tenant ? f->table->tenants.entries[tenant].key[0] : 0;

	vlan[0] = (uint16_t)key;
	vlan[1] = (uint16_t)(key >> 16);
}

void
nj_flow_head(const struct nj_flow *f, struct nj_head *head)
{
	nj_flow_uid(f, head->uid);
	head->order_ns = f->now_ns;
	head->ts_ns = f->meta ? f->meta->ts_ns : f->now_ns;
	head->orig = nj_flow_addr(f, NJ_ORIG);
	head->resp = nj_flow_addr(f, NJ_RESP);
	head->orig_p = nj_flow_port(f, NJ_ORIG);
	head->resp_p = nj_flow_port(f, NJ_RESP);
	head->ip_proto = nj_flow_proto(f);
	nj_flow_vlans(f, head->vlan);
	memset(head->mac, 0, sizeof(head->mac));
	/* Only EVE tells them in each event. */
	if (nj_unlikely(f->table->conf.eve))
		memcpy(head->mac, f->table->paths.entries[f->cold->path].key,
			sizeof(head->mac));
}

const uint8_t *
nj_flow_mac(const struct nj_flow *f, enum nj_dir dir)
{
	static const uint8_t none[6];
	const struct intern_entry *e = &f->table->paths.entries[f->cold->path];
	const uint8_t *mac = (const uint8_t *)e->key + 6 * (unsigned)dir;

	return memcmp(mac, none, 6) != 0 ? mac : NULL;
}

bool
nj_flow_saw_start(const struct nj_flow *f)
{
	return !(f->hot->flags & FLOW_PARTIAL);
}

void
nj_flow_set_wants(struct nj_flow *f, bool wants)
{
	if (!f->table->hooks.data)
		return;
	if (wants) {
		f->hot->flags |= FLOW_WANTS;
		return;
	}
	f->hot->flags &= ~FLOW_WANTS;
	stream_forget(f);
}

bool
nj_flow_wants(const struct nj_flow *f)
{
	return f->hot->flags & FLOW_WANTS;
}

bool
nj_flow_is_new(const struct nj_flow *f)
{
	return !f->hot->packets[0] && !f->hot->packets[1];
}

void
nj_flow_skip(struct nj_flow *f, enum nj_dir dir, uint64_t n)
{
	struct flow_extra *e;

	if (!n)
		return;
	e = flow_extra_get(f);
	if (!e)
		return;
	if (__builtin_add_overflow(e->skip[dir], n, &e->skip[dir]))
		e->skip[dir] = UINT64_MAX;
	f->hot->flags |= FLOW_SKIPS(dir);
}

uint64_t
nj_flow_skip_left(const struct nj_flow *f, enum nj_dir dir)
{
	const struct flow_extra *e = flow_extra(f);

	return e && f->hot->flags & FLOW_SKIPS(dir) ? e->skip[dir] : 0;
}

uint64_t
nj_flow_skip_lost(const struct nj_flow *f, enum nj_dir dir)
{
	const struct flow_extra *e = flow_extra(f);

	return e ? e->skip_lost[dir] : 0;
}

uint32_t
nj_flow_work(const struct nj_flow *f)
{
	return f->cold->work;
}

void
nj_flow_set_work(struct nj_flow *f, uint32_t work)
{
	f->cold->work = work;
}

void
nj_flow_add_service(struct nj_flow *f, uint8_t service)
{
	for (unsigned i = 0; i < nj_countof(f->cold->services); i++) {
		if (f->cold->services[i] == service)
			return;
		if (!f->cold->services[i]) {
			f->cold->services[i] = service;
			return;
		}
	}
}

unsigned
nj_flow_services(const struct nj_flow *f, uint8_t out[4])
{
	unsigned n = 0;

	while (n < 4 && f->cold->services[n]) {
		out[n] = f->cold->services[n];
		n++;
	}
	return n;
}

/* The new deadline may be nearer than the one it is filed under. */
static void
file_again(struct nj_flow *f)
{
	wheel_drop(f->table, f->index);
	wheel_add(f->table, f->index, flow_deadline(f->table, f->index));
}

void
nj_flow_set_brief(struct nj_flow *f)
{
	unsigned class = flow_class(f->hot);

	/* To EVE a flow of DNS is one of UDP as any other. */
	if (f->table->detail || (class != CLASS_UDP && class != CLASS_TCP))
		return;
	flow_set_class(f->hot, CLASS_BRIEF);
	file_again(f);
}

void
nj_flow_flip(struct nj_flow *f)
{
	flow_flip(f);
}

void
nj_flow_mark_incomplete(struct nj_flow *f)
{
	struct flow_extra *e = flow_extra_get(f);

	if (!e || e->has & EXTRA_INCOMPLETE)
		return;
	e->has |= EXTRA_INCOMPLETE;
	flow_history(f, NJ_ORIG, 'X');
}

static unsigned
flow_default_class(const struct nj_flow *f)
{
	switch (nj_flow_proto(f)) {
	case NJ_IP_TCP:
		return CLASS_TCP;
	case NJ_IP_UDP:
		return CLASS_UDP;
	case NJ_IP_ICMP:
	case NJ_IP_ICMP6:
		return CLASS_ICMP;
	default:
		return CLASS_OTHER;
	}
}

void
nj_flow_set_timeout(struct nj_flow *f, int64_t timeout_ns)
{
	struct flow_extra *e;

	if (timeout_ns > 0) {
		e = flow_extra_get(f);
		if (!e)
			return;
		e->timeout_ns = timeout_ns;
		flow_set_class(f->hot, CLASS_CUSTOM);
	} else {
		flow_set_class(f->hot, flow_default_class(f));
	}
	file_again(f);
}
