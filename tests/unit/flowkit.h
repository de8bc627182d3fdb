/*
 * flowkit.h - packets for tests of the flow table, made one after another,
 * and a place where what the table says of them is kept.
 */
#ifndef NJ_TESTS_UNIT_FLOWKIT_H
#define NJ_TESTS_UNIT_FLOWKIT_H

#include "tests/unit/unit.h"

#include <stdlib.h>
#include <stdio.h>

#include "engine/event/weird.h"
#include "engine/flow/conn.h"
#include "engine/flow/flow.h"

/* A conn record whose texts outlive the call. */
struct kit_conn {
	struct nj_head head;
	struct conn_event ev;
	char state[8], history[96], community[48], ended[16];
	char orig_mac[20];
	unsigned parents;
	uint64_t sizes[2][4], gaps[5]; /* 0: not told */
};

enum { KIT_CONNS = 64, KIT_STREAM = 1 << 20 };

struct kit {
	struct nj_flow_table *table;
	int64_t now_ns;
	struct nj_meta meta; /* of the next packet */
	uint8_t src[16], dst[16];
	struct kit_conn conns[KIT_CONNS]; /* the last ones */
	unsigned conn_count, starts, ends, weirds;
	char weird[48]; /* the last one's name */
	unsigned eofs[2];
	uint8_t *stream[2]; /* all bytes given; gaps are zeros */
	size_t stream_len[2], gap_len[2];
	unsigned gaps[2];
	uint64_t skip_at; /* asks to skip skip_len at this many bytes */
	uint64_t skip_len;
	bool turn; /* turns the flow round, once */
	bool stop; /* wants no more after the next bytes */
};

static inline void
kit_keep(char *out, size_t cap, struct nj_view v)
{
	size_t n = nj_min(cap - 1, v.len);

	if (n)
		memcpy(out, v.data, n);
	out[n] = '\0';
}

static inline void
kit_numbers(uint64_t *out, unsigned n, struct nj_vu64 v)
{
	memset(out, 0, n * sizeof(*out));
	assert_true(!v.v || v.n == n);
	for (unsigned i = 0; v.v && i < n; i++)
		out[i] = v.v[i];
}

static inline void
kit_emit(void *ctx, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *event)
{
	struct kit *k = ctx;
	const struct conn_event *ev = event;
	struct kit_conn *c = &k->conns[k->conn_count % KIT_CONNS];

	if (desc == &weird_desc) {
		kit_keep(k->weird, sizeof(k->weird),
			((const struct weird_event *)event)->name);
		k->weirds++;
		return;
	}
	assert_ptr_equal(desc, &conn_desc);
	k->conn_count++;
	c->head = *head;
	c->ev = *ev;
	c->parents = ev->tunnel_parents.n;
	kit_numbers(c->sizes[0], 4, ev->orig_sizes);
	kit_numbers(c->sizes[1], 4, ev->resp_sizes);
	kit_numbers(c->gaps, 5, ev->gaps);
	kit_keep(c->state, sizeof(c->state), ev->conn_state);
	kit_keep(c->history, sizeof(c->history), ev->history);
	kit_keep(c->community, sizeof(c->community), ev->community_id);
	kit_keep(c->orig_mac, sizeof(c->orig_mac), ev->orig_l2_addr);
	kit_keep(c->ended, sizeof(c->ended), ev->ended);
}

static inline void
kit_start(void *ctx, struct nj_flow *f)
{
	(void)f;
	((struct kit *)ctx)->starts++;
}

static inline void
kit_end(void *ctx, struct nj_flow *f, enum nj_flow_end why)
{
	(void)f;
	(void)why;
	((struct kit *)ctx)->ends++;
}

static inline void
kit_append(struct kit *k, enum nj_dir d, const uint8_t *data, size_t n)
{
	assert_true(k->stream_len[d] + n <= KIT_STREAM);
	if (data && n)
		memcpy(k->stream[d] + k->stream_len[d], data, n);
	else
		memset(k->stream[d] + k->stream_len[d], 0, n);
	k->stream_len[d] += n;
}

static inline void
kit_data(void *ctx, struct nj_flow *f, enum nj_dir d, struct nj_view v)
{
	struct kit *k = ctx;

	kit_append(k, d, v.data, v.len);
	if (k->skip_len && k->stream_len[d] >= k->skip_at) {
		nj_flow_skip(f, d, k->skip_len);
		k->skip_len = 0;
	}
	if (k->turn)
		nj_flow_flip(f);
	k->turn = false;
	if (k->stop)
		nj_flow_set_wants(f, false);
}

static inline void
kit_gap(void *ctx, struct nj_flow *f, enum nj_dir d, uint64_t len)
{
	struct kit *k = ctx;

	(void)f;
	k->gaps[d]++;
	k->gap_len[d] += len;
	kit_append(k, d, NULL, len);
}

static inline void
kit_eof(void *ctx, struct nj_flow *f, enum nj_dir d)
{
	(void)f;
	((struct kit *)ctx)->eofs[d]++;
}

static inline void
kit_packet_defaults(struct kit *k)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

	k->meta = (struct nj_meta){ .kind = NJ_KIND_FLOW,
		.ip_version = 4,
		.proto = NJ_IP_TCP,
		.sport = 40000,
		.dport = 80,
		.window = 1000,
		.src = k->src,
		.dst = k->dst,
		.mac_src = macs,
		.mac_dst = macs + 6 };
	memcpy(k->src, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	memcpy(k->dst, (uint8_t[]){ 8, 8, 8, 8 }, 4);
}

static inline void
kit_begin(struct kit *k, struct nj_flow_conf *conf)
{
	struct nj_flow_hooks hooks = { k, kit_start, kit_data, kit_gap, kit_eof,
		kit_end, NULL, kit_emit };
	struct nj_flow_conf own;

	*k = (struct kit){ .now_ns = 1000 * NJ_NS_PER_S };
	nj_flow_conf_default(&own);
	k->stream[0] = malloc(KIT_STREAM);
	k->stream[1] = malloc(KIT_STREAM);
	assert_int_equal(
		nj_flow_create(&k->table, conf ? conf : &own, &hooks), NJ_OK);
	kit_packet_defaults(k);
}

static inline void
kit_finish(struct kit *k)
{
	nj_flow_finish(k->table, k->now_ns);
}

static inline void
kit_end_all(struct kit *k)
{
	assert_int_equal(nj_flow_live(k->table), 0);
	nj_flow_destroy(&k->table);
	free(k->stream[0]);
	free(k->stream[1]);
}

/* Sends k->meta, or its mirror image. */
static inline void
kit_send(struct kit *k, enum nj_dir d)
{
	struct nj_meta m = k->meta;

	m.ts_ns = m.now_ns = k->now_ns;
	if (d == NJ_RESP) {
		m.src = k->meta.dst;
		m.dst = k->meta.src;
		m.sport = k->meta.dport;
		m.dport = k->meta.sport;
		m.mac_src = k->meta.mac_dst;
		m.mac_dst = k->meta.mac_src;
	}
	while (!nj_flow_expire(k->table, k->now_ns))
		;
	nj_flow_burst(k->table, &m, 1);
}

/* One segment: who, flags as letters (S F R A, . for none), numbers, length.
 * Payload bytes follow from their number, so that any split agrees. */
struct kit_seg {
	enum nj_dir d;
	const char *flags;
	uint32_t seq, ack, len;
	uint32_t ms; /* time since the one before */
};

static inline uint8_t
kit_byte(enum nj_dir d, uint32_t seq)
{
	return (uint8_t)((seq * 2654435761U >> 13) + d * 7 + 1) | 1;
}

static inline void
kit_segment(struct kit *k, struct kit_seg s)
{
	static uint8_t payload[65536];

	k->now_ns += (int64_t)s.ms * NJ_NS_PER_MS;
	k->meta.tcp_flags = 0;
	for (const char *p = s.flags; *p; p++)
		k->meta.tcp_flags |= *p == 'S'   ? NJ_TCP_SYN
				     : *p == 'F' ? NJ_TCP_FIN
				     : *p == 'R' ? NJ_TCP_RST
				     : *p == 'A' ? NJ_TCP_ACK
						 : 0;
	for (uint32_t i = 0; i < s.len; i++)
		payload[i] = kit_byte(s.d, s.seq + i);
	k->meta.seq = s.seq;
	k->meta.ack = s.ack;
	k->meta.payload = (struct nj_view){ payload, s.len };
	k->meta.payload_wire = s.len;
	k->meta.ip_bytes = 40 + s.len;
	kit_send(k, s.d);
}

static inline void
kit_segments(struct kit *k, const struct kit_seg *s, size_t n)
{
	for (size_t i = 0; i < n && s[i].flags; i++)
		kit_segment(k, s[i]);
}

static inline void
kit_datagram(struct kit *k, enum nj_dir d, uint32_t len)
{
	static const uint8_t payload[2048];

	k->meta.payload = (struct nj_view){ payload, len };
	k->meta.payload_wire = len;
	k->meta.ip_bytes = 28 + len;
	kit_send(k, d);
}

/* The client's SYN is 1000, the server's 5000: data begins one after. */
static inline void
kit_handshake(struct kit *k)
{
	kit_segment(k, (struct kit_seg){ 0, "S", 1000, 0, 0, 1 });
	kit_segment(k, (struct kit_seg){ 1, "SA", 5000, 1001, 0, 1 });
	kit_segment(k, (struct kit_seg){ 0, "A", 1001, 5001, 0, 1 });
}

static inline struct kit_conn *
kit_last(struct kit *k)
{
	assert_true(k->conn_count > 0);
	return &k->conns[(k->conn_count - 1) % KIT_CONNS];
}

#endif
