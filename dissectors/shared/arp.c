/*
 * arp.c - who claims which address on the wire (RFC 826, RFC 5227).
 *
 * Why we tell it: an address that moves to another MAC, or a gratuitous claim
 * nobody asked for, is how a machine in the middle begins; and a MAC is the
 * steadiest name that a device has. A busy network repeats the same exchange
 * all day, so each distinct fact is told once in five minutes. The cache that
 * remembers is direct-mapped: when two facts fall on one slot, one of them is
 * merely told more often.
 */
#include "dissectors/shared/arp.h"

#include <stdlib.h>

#include "engine/base/cur.h"
#include "engine/base/hash.h"

enum {
	SLOTS = 4096, /* a power of two */
	HTYPE_ETHERNET = 1,
	HTYPE_IEEE802 = 6,
	OP_REQUEST = 1,
	OP_REPLY = 2,
	OP_REVERSE_REQUEST = 3,
	OP_REVERSE_REPLY = 4,
	OP_INVERSE_REQUEST = 8,
	OP_INVERSE_REPLY = 9
};
#define REPEAT_NS (300 * NJ_NS_PER_S)

#define ARP(F, tag)                                                            \
	F(tag, 1, STR, op, NJ_INDEX | NJ_LEARN,                                \
		"request, reply, rarp_request, ... or the number")             \
	F(tag, 2, STR, sender_mac, NJ_INDEX, "MAC that the sender claims")     \
	F(tag, 3, ADDR, sender_addr, NJ_INDEX,                                 \
		"Address that the sender claims; unset in a probe")            \
	F(tag, 4, STR, target_mac, NJ_INDEX, "MAC of the target, if given")    \
	F(tag, 5, ADDR, target_addr, NJ_INDEX, "Address that is asked for")    \
	F(tag, 6, BOOL, gratuitous, NJ_LEARN,                                  \
		"The sender announces its own address, unasked")               \
	F(tag, 7, STR, frame_mac, 0,                                           \
		"Source MAC of the frame, where it is not sender_mac")         \
	F(tag, 8, U16, vlan, NJ_OPT, "VLAN id")

NJ_EVENT_X(arp, ARP, NJ_EV_NO_ID, "What an ARP packet told");
const struct nj_event_desc *const nj_arp_event = &arp_desc;

#define EVE_ARP(F, tag)                                                        \
	F(tag, 1, STR, arp__hw_type, 0, "ethernet")                            \
	F(tag, 2, STR, arp__proto_type, 0, "ipv4")                             \
	F(tag, 3, STR, arp__opcode, 0, "request, reply, ...")                  \
	F(tag, 4, STR, arp__src_mac, 0, "MAC that the sender claims")          \
	F(tag, 5, ADDR, arp__src_ip, 0, "Address that the sender claims")      \
	F(tag, 6, STR, arp__dest_mac, 0, "MAC of the target")                  \
	F(tag, 7, ADDR, arp__dest_ip, 0, "Address of the target")

NJ_EVENT_X(eve_arp, EVE_ARP, NJ_EV_NO_ID | NJ_EV_EVE, "One ARP packet");
const struct nj_event_desc *const nj_arp_eve_event = &eve_arp_desc;

NJ_COUNTERS_DEFINE(nj_arp, NJ_ARP_COUNTERS);

struct slot {
	uint64_t fact; /* hash of what was told; 0: empty */
	int64_t told_ns;
};

struct nj_arp {
	struct nj_arp_counters counters;
	struct slot slots[SLOTS];
};

/* The fields of the packet. Views are borrowed from it. */
struct fields {
	uint16_t op;
	struct nj_view sender_mac, sender_ip, target_mac, target_ip;
};

static bool
arp_parse(struct fields *f, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t htype = nj_cur_u16(&c), ptype = nj_cur_u16(&c);
	uint8_t hlen = nj_cur_u8(&c), plen = nj_cur_u8(&c);

	f->op = nj_cur_u16(&c);
	f->sender_mac = nj_cur_take(&c, hlen);
	f->sender_ip = nj_cur_take(&c, plen);
	f->target_mac = nj_cur_take(&c, hlen);
	f->target_ip = nj_cur_take(&c, plen);
	return !c.bad && (htype == HTYPE_ETHERNET || htype == HTYPE_IEEE802) &&
	       ptype == 0x0800 && hlen == 6 && plen == 4;
}

static bool
all_zero(struct nj_view v)
{
	uint8_t any = 0;

	for (size_t i = 0; i < v.len; i++)
		any |= v.data[i];
	return any == 0;
}

enum { MAC_TEXT = 18 };

static struct nj_view
mac_text(const uint8_t *mac, char out[MAC_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (unsigned i = 0; i < 6; i++) {
		if (i)
			out[n++] = ':';
		out[n++] = hex[mac[i] >> 4];
		out[n++] = hex[mac[i] & 15];
	}
	return (struct nj_view){ (const uint8_t *)out, n };
}

static struct nj_view
op_text(uint16_t op, char out[6])
{
	size_t n = 0;
	char rev[6];

	switch (op) {
	case OP_REQUEST:
		return NJ_LIT("request");
	case OP_REPLY:
		return NJ_LIT("reply");
	case OP_REVERSE_REQUEST:
		return NJ_LIT("rarp_request");
	case OP_REVERSE_REPLY:
		return NJ_LIT("rarp_reply");
	case OP_INVERSE_REQUEST:
		return NJ_LIT("inarp_request");
	case OP_INVERSE_REPLY:
		return NJ_LIT("inarp_reply");
	}
	do {
		rev[n++] = (char)('0' + op % 10);
		op /= 10;
	} while (op);
	for (size_t i = 0; i < n; i++)
		out[i] = rev[n - 1 - i];
	return (struct nj_view){ (const uint8_t *)out, n };
}

/* True when the fact was not told lately; remembers it as told now. */
static bool
fact_is_new(struct nj_arp *arp, const struct nj_arp_packet *p, bool other_mac)
{
	/* Not secret: whoever makes two facts collide only gets more records
	 * of both, and they are as many as the packets sent. */
	static const struct nj_hash_key key = { 0x61727020, 0x66616374 };
	uint8_t fact[30];
	struct slot *slot;
	uint64_t h;

	memcpy(fact, p->arp.data + 6, 22);
	memcpy(fact + 22, &p->vlan, 2);
	memset(fact + 24, 0, 6);
	if (other_mac)
		memcpy(fact + 24, p->mac_src, 6);
	h = nj_hash64(&key, fact, sizeof(fact)) | 1;
	slot = &arp->slots[h >> 32 & (SLOTS - 1)];
	if (slot->fact == h && p->now_ns - slot->told_ns < REPEAT_NS)
		return false;
	slot->fact = h;
	slot->told_ns = p->now_ns;
	return true;
}

static void
tell_eve(const struct nj_arp_packet *p, const struct fields *f,
	struct nj_sink *sink)
{
	struct nj_head head = {
		.order_ns = p->now_ns, .ts_ns = p->ts_ns, .vlan = { p->vlan }
	};
	struct eve_arp_event ev = { .arp__hw_type = NJ_LIT("ethernet"),
		.arp__proto_type = NJ_LIT("ipv4") };
	char op[6], mac[2][MAC_TEXT];

	ev.arp__opcode = op_text(f->op, op);
	ev.arp__src_mac = mac_text(f->sender_mac.data, mac[0]);
	ev.arp__src_ip = nj_addr4(f->sender_ip.data);
	ev.arp__dest_mac = mac_text(f->target_mac.data, mac[1]);
	ev.arp__dest_ip = nj_addr4(f->target_ip.data);
	(void)nj_sink_put(sink, &eve_arp_desc, &head, &ev);
}

void
nj_arp_packet(
	struct nj_arp *arp, const struct nj_arp_packet *p, struct nj_sink *sink)
{
	char op[6], mac[3][MAC_TEXT];
	struct nj_head head = { .order_ns = p->now_ns, .ts_ns = p->ts_ns };
	struct arp_event ev = { 0 };
	struct fields f;
	bool other_mac;

	arp->counters.seen++;
	if (!arp_parse(&f, p->arp)) {
		arp->counters.malformed++;
		return;
	}
	if (nj_unlikely(p->eve))
		tell_eve(p, &f, sink);
	other_mac = p->mac_src && memcmp(p->mac_src, f.sender_mac.data, 6) != 0;
	if (!fact_is_new(arp, p, other_mac)) {
		arp->counters.repeated++;
		return;
	}
	ev.op = op_text(f.op, op);
	ev.sender_mac = mac_text(f.sender_mac.data, mac[0]);
	if (!all_zero(f.sender_ip))
		ev.sender_addr = nj_addr4(f.sender_ip.data);
	if (!all_zero(f.target_mac))
		ev.target_mac = mac_text(f.target_mac.data, mac[1]);
	if (!all_zero(f.target_ip))
		ev.target_addr = nj_addr4(f.target_ip.data);
	ev.gratuitous = !all_zero(f.sender_ip) &&
			memcmp(f.sender_ip.data, f.target_ip.data, 4) == 0;
	if (other_mac)
		ev.frame_mac = mac_text(p->mac_src, mac[2]);
	if (p->vlan)
		nj_set(&ev, arp, vlan, p->vlan);
	if (nj_sink_put(sink, &arp_desc, &head, &ev))
		arp->counters.told++;
}

const struct nj_arp_counters *
nj_arp_counters(const struct nj_arp *arp)
{
	return &arp->counters;
}

enum nj_err
nj_arp_create(struct nj_arp **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? NJ_OK : NJ_E_NOMEM;
}

void
nj_arp_destroy(struct nj_arp **arp)
{
	free(*arp);
	*arp = NULL;
}
