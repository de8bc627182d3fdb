/*
 * detail.c - what EVE's flow event needs and the conn log does not: whole
 * frames, TCP flags, ICMP types. Counted in a table beside the flows', which
 * is there only if EVE output is wanted.
 */
#include "engine/flow/detail.h"

#include <stdio.h>

#include "engine/base/pool.h"
#include "engine/flow/conn.h"
#include "engine/flow/flow_priv.h"

NJ_EVENT_DEFINE(eve_flow, EVE_FLOW, NJ_EV_EVE, "One flow, at its end");

enum { MACS_MAX = 4, MAC_TEXT = 18 }; /* of a side */

struct flow_detail {
	uint64_t frame_bytes[2];
	uint8_t tcp_flags[2];
	uint8_t icmp_type[2], icmp_code[2];
	uint8_t icmp_seen;
	bool ports_seen;
	bool turned; /* only the ports say who began: not so for Suricata */
	uint16_t port[2]; /* SCTP's, no part of the flow's key; ESP's SPI */
	uint8_t mac_count[2];
	uint8_t macs[2][MACS_MAX][6]; /* in the order they were seen */
};

enum nj_err
flow_detail_init(struct nj_flow_table *t)
{
	t->detail_bytes = ((size_t)t->conf.flows_max + 1) * sizeof(*t->detail);
	if (t->conf.eve)
		t->detail = nj_pages_alloc(t->detail_bytes, NULL);
	return t->detail || !t->conf.eve ? NJ_OK : NJ_E_NOMEM;
}

void
flow_detail_fini(struct nj_flow_table *t)
{
	if (t->detail)
		nj_pages_free(t->detail, t->detail_bytes);
}

void
nj_flow_frames(struct nj_flow_table *t, const uint32_t *bytes)
{
	t->frames = bytes;
}

void
flow_detail_begin(struct nj_flow *f, bool turned)
{
	f->table->detail[f->index] = (struct flow_detail){ .turned = turned };
}

void
flow_detail_flip(struct nj_flow *f)
{
	struct flow_detail *x = &f->table->detail[f->index];
	uint64_t bytes = x->frame_bytes[0];
	uint8_t flags = x->tcp_flags[0], count = x->mac_count[0];
	uint8_t macs[MACS_MAX][6];

	x->frame_bytes[0] = x->frame_bytes[1];
	x->frame_bytes[1] = bytes;
	x->tcp_flags[0] = x->tcp_flags[1];
	x->tcp_flags[1] = flags;
	memcpy(macs, x->macs[0], sizeof(macs));
	memcpy(x->macs[0], x->macs[1], sizeof(macs));
	memcpy(x->macs[1], macs, sizeof(macs));
	x->mac_count[0] = x->mac_count[1];
	x->mac_count[1] = count;
	x->turned = false; /* by what is said in it, as there */
}

static void
add_mac(struct flow_detail *x, unsigned d, const uint8_t *mac)
{
	unsigned n = x->mac_count[d];

	if (!mac)
		return;
	for (unsigned i = 0; i < n; i++)
		if (!memcmp(x->macs[d][i], mac, 6))
			return;
	if (n == MACS_MAX)
		return;
	memcpy(x->macs[d][n], mac, 6);
	x->mac_count[d]++;
}

/* place: of the packet in its burst. */
void
flow_detail_packet(struct nj_flow *f, unsigned d, unsigned place)
{
	struct flow_detail *x = &f->table->detail[f->index];
	const struct nj_meta *m = f->meta;

	x->frame_bytes[d] +=
		f->table->frames ? f->table->frames[place] : m->ip_bytes;
	add_mac(x, d, m->mac_src);
	add_mac(x, !d, m->mac_dst);
	if (m->proto == NJ_IP_TCP)
		x->tcp_flags[d] |= m->tcp_flags;
	if ((m->proto == NJ_IP_SCTP || m->proto == NJ_IP_ESP) &&
		!x->ports_seen) {
		x->ports_seen = true;
		d = m->proto == NJ_IP_ESP ? NJ_ORIG : d;
		x->port[d] = m->sport;
		x->port[!d] = m->dport;
		return;
	}
	if ((m->proto != NJ_IP_ICMP && m->proto != NJ_IP_ICMP6) ||
		x->icmp_seen >> d & 1)
		return;
	x->icmp_type[d] = (uint8_t)m->sport;
	x->icmp_code[d] = (uint8_t)m->dport;
	x->icmp_seen |= (uint8_t)(1U << d);
}

/* As Suricata's names go: who closes first waits for the other's FIN in
 * fin_wait2, or close_wait when it is the client. */
static const char *
tcp_state_name(const struct nj_flow *f)
{
	enum tcp_state o = tcp_state(f->hot, NJ_ORIG);
	enum tcp_state r = tcp_state(f->hot, NJ_RESP);

	if (o == TCP_RESET || r == TCP_RESET ||
		(o == TCP_CLOSED && r == TCP_CLOSED))
		return "closed";
	if (o == TCP_CLOSED)
		return "close_wait";
	if (r == TCP_CLOSED)
		return "fin_wait2";
	if (o == TCP_SYN_SENT)
		return r == TCP_SYNACK || r == TCP_OPEN ? "syn_recv"
							: "syn_sent";
	return "established";
}

/* A session whose SYN was not seen is not followed, unless that is wanted. */
static void
set_tcp(struct nj_flow *f, struct eve_flow_event *ev)
{
	const struct flow_detail *x = &f->table->detail[f->index];
	bool syn = (x->tcp_flags[0] | x->tcp_flags[1]) & NJ_TCP_SYN;
	bool followed = f->table->conf.eve_midstream || syn;
	const char *state = followed ? tcp_state_name(f) : "";

	nj_set(ev, eve_flow, orig_flags, followed ? x->tcp_flags[0] : 0);
	nj_set(ev, eve_flow, resp_flags, followed ? x->tcp_flags[1] : 0);
	ev->state = NJ_LIT("established");
	if (!followed || !strncmp(state, "syn", 3))
		ev->state = NJ_LIT("new");
	else if (!strcmp(state, "closed"))
		ev->state = NJ_LIT("closed");
	if (followed)
		ev->tcp_state = nj_str(state);
}

static void
set_icmp(struct nj_flow *f, struct eve_flow_event *ev)
{
	const struct flow_detail *x = &f->table->detail[f->index];

	if (x->icmp_seen & 1) {
		nj_set(ev, eve_flow, icmp_type, x->icmp_type[0]);
		nj_set(ev, eve_flow, icmp_code, x->icmp_code[0]);
	}
	if (x->icmp_seen & 2) {
		nj_set(ev, eve_flow, response_icmp_type, x->icmp_type[1]);
		nj_set(ev, eve_flow, response_icmp_code, x->icmp_code[1]);
	}
}

/* Room for the texts of both sides' addresses. */
struct mac_room {
	char text[2][MACS_MAX][MAC_TEXT];
	struct nj_view list[2][MACS_MAX];
};

static struct nj_vstr
mac_list(const struct flow_detail *x, unsigned d, struct mac_room *r)
{
	for (unsigned i = 0; i < x->mac_count[d]; i++) {
		const uint8_t *b = x->macs[d][i];

		(void)snprintf(r->text[d][i], MAC_TEXT,
			"%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
			b[4], b[5]);
		r->list[d][i] = nj_str(r->text[d][i]);
	}
	return (struct nj_vstr){ r->list[d], x->mac_count[d] };
}

static void
swap64(uint64_t *a, uint64_t *b)
{
	uint64_t c = *a;

	*a = *b;
	*b = c;
}

/* Tells it with the side first that sent the first packet. Sessions of TCP
 * that are followed begin the same way for all, and DNS says who asks. */
static void
emit_turned(struct nj_flow *f, const struct nj_head *head,
	struct eve_flow_event *ev)
{
	const struct nj_flow_hooks *hooks = &f->table->hooks;
	struct nj_head turned = nj_head_turned(head);
	struct nj_vstr macs = ev->src_macs;

	ev->src_macs = ev->dest_macs;
	ev->dest_macs = macs;
	swap64(&ev->orig_pkts, &ev->resp_pkts);
	swap64(&ev->orig_frame_bytes, &ev->resp_frame_bytes);
	hooks->emit(hooks->ctx, &eve_flow_desc, &turned, ev);
}

void
flow_detail_record(struct nj_flow *f, const struct nj_head *head,
	const struct conn_event *conn)
{
	const struct flow_detail *x = &f->table->detail[f->index];
	const struct nj_flow_hooks *hooks = &f->table->hooks;
	struct eve_flow_event ev = { .service = conn->service,
		.payload = conn->orig_bytes || conn->resp_bytes,
		.orig_pkts = conn->orig_pkts,
		.resp_pkts = conn->resp_pkts,
		.orig_frame_bytes = x->frame_bytes[0],
		.resp_frame_bytes = x->frame_bytes[1],
		.start = f->cold->first_ns,
		.end = f->hot->last_ns,
		.ended = conn->ended,
		.community_id = conn->community_id };
	struct mac_room room;
	uint8_t proto = nj_flow_proto(f);
	uint32_t spi = (uint32_t)x->port[0] << 16 | x->port[1];

	/* An SPI of 0 is never sent (RFC 4303 2.1): there was none. */
	if (proto == NJ_IP_ESP) {
		if (spi)
			nj_set(&ev, eve_flow, spi, spi);
	} else if (x->ports_seen) {
		nj_set(&ev, eve_flow, src_port, x->port[0]);
		nj_set(&ev, eve_flow, dest_port, x->port[1]);
	}

	ev.src_macs = mac_list(x, NJ_ORIG, &room);
	ev.dest_macs = mac_list(x, NJ_RESP, &room);
	if (proto == NJ_IP_TCP)
		set_tcp(f, &ev);
	else
		ev.state =
			conn->one_way ? NJ_LIT("new") : NJ_LIT("established");
	if (proto == NJ_IP_ICMP || proto == NJ_IP_ICMP6)
		set_icmp(f, &ev);
	if (x->turned && !(ev.orig_flags | ev.resp_flags) &&
		!nj_view_starts(conn->service, NJ_LIT("dns")))
		emit_turned(f, head, &ev);
	else
		hooks->emit(hooks->ctx, &eve_flow_desc, head, &ev);
}
