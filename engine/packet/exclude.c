/*
 * exclude.c - networks as sorted disjoint ranges that are searched by halves,
 * VLANs and ports as bits, filters as libpcap compiles them.
 *
 * Filters are classic BPF, which has no backward jumps and is validated when
 * it is made: a run ends after at most as many steps as it has lines.
 */
#include "engine/packet/exclude.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

NJ_COUNTERS_DEFINE(nj_exclude, NJ_EXCLUDE_COUNTERS);

/* An address as two numbers; of IPv4 only low is used. */
struct wide {
	uint64_t high, low;
};

struct range {
	struct wide first, last;
};

struct ranges {
	struct range *list;
	unsigned count;
};

struct filter {
	struct bpf_program program;
	uint16_t link;
	bool fit;
};

/* Link types that a filter is compiled for, and the number by which libpcap
 * knows them where it is another. */
static const struct {
	uint16_t link;
	int dlt;
} links[] = {
	{ NJ_LINK_ETHERNET, DLT_EN10MB },
	{ NJ_LINK_NULL, DLT_NULL },
	{ NJ_LINK_TOKEN_RING, DLT_IEEE802 },
	{ NJ_LINK_PPP, DLT_PPP },
	{ NJ_LINK_FDDI, DLT_FDDI },
	{ NJ_LINK_PPP_HDLC, DLT_PPP_SERIAL },
	{ NJ_LINK_PPP_ETHER, DLT_PPP_ETHER },
	{ NJ_LINK_RAW, DLT_RAW },
	{ 12, DLT_RAW }, /* as files of some systems number it */
	{ 14, DLT_RAW },
	{ NJ_LINK_C_HDLC, DLT_C_HDLC },
	{ NJ_LINK_IEEE802_11, DLT_IEEE802_11 },
	{ NJ_LINK_FRELAY, DLT_FRELAY },
	{ NJ_LINK_LOOP, DLT_LOOP },
	{ NJ_LINK_LINUX_SLL, DLT_LINUX_SLL },
	{ NJ_LINK_PRISM, DLT_PRISM_HEADER },
	{ NJ_LINK_RADIOTAP, DLT_IEEE802_11_RADIO },
	{ NJ_LINK_PPI, DLT_PPI },
	{ NJ_LINK_IPV4, DLT_IPV4 },
	{ NJ_LINK_IPV6, DLT_IPV6 },
	{ NJ_LINK_NFLOG, DLT_NFLOG },
	{ NJ_LINK_LINUX_SLL2, DLT_LINUX_SLL2 },
};

struct nj_exclude {
	struct nj_exclude_counters n;
	uint64_t of_port[NJ_EXCLUDE_PORTS];
	struct ranges v4, v6;
	bool has_vlans, has_ports, has_filter;
	uint64_t vlans[4096 / 64];
	uint64_t ports[65536 / 64];
	struct filter filters[nj_countof(links)];
};

static struct wide
wide_of(const uint8_t *p, unsigned version)
{
	struct wide w = { 0 };
	uint32_t four;

	if (version == 4) {
		memcpy(&four, p, sizeof(four));
		w.low = __builtin_bswap32(four);
		return w;
	}
	memcpy(&w.high, p, 8);
	memcpy(&w.low, p + 8, 8);
	w.high = __builtin_bswap64(w.high);
	w.low = __builtin_bswap64(w.low);
	return w;
}

static int
wide_cmp(struct wide a, struct wide b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	if (a.low != b.low)
		return a.low < b.low ? -1 : 1;
	return 0;
}

static int
range_cmp(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return wide_cmp(x->first, y->first);
}

/* The n lowest bits, 0 <= n <= 64. */
static uint64_t
low_bits(unsigned n)
{
	return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static struct range
range_of(const struct nj_prefix *p)
{
	unsigned width = p->addr.family == 4 ? 32 : 128;
	unsigned free_bits = width - nj_min(p->bits, width);
	struct wide mask = { low_bits(free_bits > 64 ? free_bits - 64 : 0),
		low_bits(nj_min(free_bits, 64u)) };
	struct range r = { .first = wide_of(p->addr.bytes, p->addr.family) };

	r.first.high &= ~mask.high;
	r.first.low &= ~mask.low;
	r.last = (struct wide){ r.first.high | mask.high,
		r.first.low | mask.low };
	return r;
}

/* Sorts the ranges and joins those that overlap. */
static void
ranges_settle(struct ranges *r)
{
	unsigned n = 0;

	if (!r->count)
		return;
	qsort(r->list, r->count, sizeof(*r->list), range_cmp);
	for (unsigned i = 1; i < r->count; i++) {
		if (wide_cmp(r->list[i].first, r->list[n].last) > 0)
			r->list[++n] = r->list[i];
		else if (wide_cmp(r->list[i].last, r->list[n].last) > 0)
			r->list[n].last = r->list[i].last;
	}
	r->count = n + 1;
}

static bool
ranges_hold(const struct ranges *r, struct wide a)
{
	unsigned low = 0, high = r->count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (wide_cmp(a, r->list[mid].first) < 0)
			high = mid;
		else if (wide_cmp(a, r->list[mid].last) > 0)
			low = mid + 1;
		else
			return true;
	}
	return false;
}

static enum nj_err
networks_create(struct nj_exclude *x, const struct nj_exclude_conf *conf)
{
	const struct nj_prefix *p;
	struct ranges *r;

	if (!conf->network_count)
		return NJ_OK;
	x->v4.list = calloc(conf->network_count, sizeof(*x->v4.list));
	x->v6.list = calloc(conf->network_count, sizeof(*x->v6.list));
	if (!x->v4.list || !x->v6.list)
		return NJ_E_NOMEM;
	for (unsigned i = 0; i < conf->network_count; i++) {
		p = &conf->networks[i];
		r = p->addr.family == 4 ? &x->v4 : &x->v6;
		r->list[r->count++] = range_of(p);
	}
	ranges_settle(&x->v4);
	ranges_settle(&x->v6);
	return NJ_OK;
}

static bool
bits_set(uint64_t *bits, unsigned limit, const struct nj_exclude_range *list,
	unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (list[i].first > list[i].last || list[i].last >= limit)
			return false;
		for (unsigned k = list[i].first; k <= list[i].last; k++)
			bits[k / 64] |= UINT64_C(1) << k % 64;
	}
	return true;
}

static inline bool
bit(const uint64_t *bits, unsigned k)
{
	return bits[k / 64] >> k % 64 & 1;
}

/* Compiles for one link type. An expression may make no sense for some (MAC
 * addresses on a link without any): that is no failure but for Ethernet. */
static bool
filter_create(struct filter *f, unsigned i, const char *text,
	char why[NJ_EXCLUDE_TEXT])
{
	pcap_t *pcap = pcap_open_dead(links[i].dlt, 262144);

	f->link = links[i].link;
	if (!pcap) {
		(void)snprintf(why, NJ_EXCLUDE_TEXT, "out of memory");
		return false;
	}
	f->fit = pcap_compile(
			 pcap, &f->program, text, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!f->fit)
		(void)snprintf(why, NJ_EXCLUDE_TEXT, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return f->fit;
}

static enum nj_err
filters_create(
	struct nj_exclude *x, const char *text, char why[NJ_EXCLUDE_TEXT])
{
	char unfit[NJ_EXCLUDE_TEXT];

	if (!text || !*text)
		return NJ_OK;
	x->has_filter = true;
	for (unsigned i = 0; i < nj_countof(links); i++) {
		if (!filter_create(&x->filters[i], i, text, i ? unfit : why) &&
			i == 0)
			return NJ_E_CONFIG;
	}
	return NJ_OK;
}

enum nj_err
nj_exclude_create(struct nj_exclude **out, const struct nj_exclude_conf *conf,
	char why[NJ_EXCLUDE_TEXT])
{
	struct nj_exclude *x;
	enum nj_err err = NJ_E_NOMEM;

	*out = NULL;
	why[0] = '\0';
	x = calloc(1, sizeof(*x));
	if (!x)
		return NJ_E_NOMEM;
	x->has_vlans = conf->vlan_count > 0;
	x->has_ports = conf->port_count > 0;
	if (!bits_set(x->vlans, 4096, conf->vlans, conf->vlan_count) ||
		!bits_set(x->ports, 65536, conf->ports, conf->port_count)) {
		(void)snprintf(why, NJ_EXCLUDE_TEXT,
			"a VLAN above 4095, or a range that ends before it "
			"begins");
		err = NJ_E_RANGE;
		goto fail;
	}
	err = networks_create(x, conf);
	if (!err)
		err = filters_create(x, conf->bpf, why);
	if (err)
		goto fail;
	*out = x;
	return NJ_OK;
fail:
	nj_exclude_destroy(&x);
	return err;
}

void
nj_exclude_destroy(struct nj_exclude **x)
{
	if (!*x)
		return;
	for (unsigned i = 0; i < nj_countof(links); i++) {
		if ((*x)->filters[i].fit)
			pcap_freecode(&(*x)->filters[i].program);
	}
	free((*x)->v4.list);
	free((*x)->v6.list);
	free(*x);
	*x = NULL;
}

static bool
count(struct nj_exclude *x, uint64_t *why, unsigned port, uint32_t wire_bytes)
{
	++*why;
	x->n.bytes += wire_bytes;
	x->of_port[nj_min(port, NJ_EXCLUDE_PORTS - 1u)]++;
	return true;
}

bool
nj_exclude_frame(struct nj_exclude *x, const struct nj_packet *p)
{
	const struct filter *f = NULL;

	if (!x->has_filter)
		return false;
	for (unsigned i = 0; i < nj_countof(links); i++) {
		if (x->filters[i].link == p->link) {
			f = &x->filters[i];
			break;
		}
	}
	if (!f || !f->fit) {
		x->n.unfit++;
		return false;
	}
	if (!bpf_filter(f->program.bf_insns, p->data, p->wire_len, p->len))
		return false;
	return count(x, &x->n.filter, p->port, p->wire_len);
}

static bool
address_held(const struct nj_exclude *x, const uint8_t *a, unsigned version)
{
	return ranges_hold(version == 4 ? &x->v4 : &x->v6, wide_of(a, version));
}

static bool
network_held(const struct nj_exclude *x, const struct nj_meta *m)
{
	/* Sender and target of ARP for IPv4 on Ethernet (RFC 826). */
	if (m->kind == NJ_KIND_ARP)
		return m->payload.len >= 28 && m->l3[4] == 6 && m->l3[5] == 4 &&
		       (address_held(x, m->l3 + 14, 4) ||
			       address_held(x, m->l3 + 24, 4));
	return m->src && (address_held(x, m->src, m->ip_version) ||
				 address_held(x, m->dst, m->ip_version));
}

static bool
vlan_held(const struct nj_exclude *x, const struct nj_meta *m)
{
	return bit(x->vlans, m->vlan) ||
	       (m->tags > 1 && bit(x->vlans, m->inner_vlan));
}

static bool
port_held(const struct nj_exclude *x, const struct nj_meta *m)
{
	if (m->kind != NJ_KIND_FLOW ||
		(m->proto != NJ_IP_TCP && m->proto != NJ_IP_UDP &&
			m->proto != NJ_IP_SCTP))
		return false;
	return bit(x->ports, m->sport) || bit(x->ports, m->dport);
}

bool
nj_exclude_meta(
	struct nj_exclude *x, const struct nj_meta *m, uint32_t wire_bytes)
{
	if (x->has_vlans && vlan_held(x, m))
		return count(x, &x->n.vlan, m->port, wire_bytes);
	if ((x->v4.count || x->v6.count) && network_held(x, m))
		return count(x, &x->n.network, m->port, wire_bytes);
	if (x->has_ports && port_held(x, m))
		return count(x, &x->n.port, m->port, wire_bytes);
	return false;
}

const struct nj_exclude_counters *
nj_exclude_counters(const struct nj_exclude *x)
{
	return &x->n;
}

uint64_t
nj_exclude_of_port(const struct nj_exclude *x, unsigned port)
{
	return x->of_port[nj_min(port, NJ_EXCLUDE_PORTS - 1u)];
}
