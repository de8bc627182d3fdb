/*
 * flow_priv.h - what the files of this folder ask of each other.
 */
#ifndef NJ_FLOW_FLOW_PRIV_H
#define NJ_FLOW_FLOW_PRIV_H

#include "engine/flow/layout_priv.h"

static inline enum tcp_state
tcp_state(const struct nj_flow_hot *h, unsigned d)
{
	return (enum tcp_state)(h->tcp >> TCP_STATE_SHIFT(d) & 7);
}

static inline unsigned
flow_class(const struct nj_flow_hot *h)
{
	return h->tcp >> TCP_CLASS_SHIFT & 7;
}

static inline void
flow_set_class(struct nj_flow_hot *h, unsigned class)
{
	h->tcp = (h->tcp & ~(UINT32_C(7) << TCP_CLASS_SHIFT)) |
		 (uint32_t) class << TCP_CLASS_SHIFT;
}

static inline struct flow_extra *
flow_extra(const struct nj_flow *f)
{
	return f->cold->extra ? nj_pool_at(&f->table->extra, f->cold->extra)
			      : NULL;
}

static inline struct flow_key6 *
flow_key6(const struct nj_flow_table *t, const struct nj_flow_hot *h)
{
	return nj_pool_at(&t->key6, (uint32_t)(h->key[1] >> 32));
}

/* Protocol and tenant. */
static inline uint32_t
flow_rest(const struct nj_flow_table *t, const struct nj_flow_hot *h)
{
	if (h->flags & FLOW_V6)
		return flow_key6(t, h)->rest;
	return (uint32_t)(h->key[1] >> 32);
}

static inline struct nj_flow
flow_view(struct nj_flow_table *t, uint32_t index, const struct nj_meta *m,
	int64_t now_ns)
{
	return (struct nj_flow){ t, &t->hot[index], &t->cold[index], m, index,
		now_ns };
}

/* key.c */
/* No flow has this tenant: the packet's is not known yet. */
enum { TENANT_UNKNOWN = 0xffffff };
void flow_key_make(const struct nj_flow_table *t, const struct nj_meta *m,
	struct flow_key *k);
/* All of a burst's, and their buckets are fetched from memory. Gives how many
 * are not IPv4. */
unsigned flow_keys_make(const struct nj_flow_table *t,
	const struct nj_meta *metas, struct flow_key *keys, unsigned n);
void flow_key_retenant(
	const struct nj_flow_table *t, struct flow_key *k, uint32_t tenant);
/* By which a flow is in its bucket. */
uint64_t flow_hash(const struct nj_flow_table *t, uint32_t index);
uint32_t flow_tenant_get(struct nj_flow_table *t, const struct nj_meta *m);

/* The key of a flow, as if it were of this tenant. */
void flow_key_of(const struct nj_flow_table *t, uint32_t index, uint32_t tenant,
	struct flow_key *k);

/* alias.c */
/* The flow whose other direction a packet is, in spite of its tenant; or 0.
 * From then on the flow is found by both. */
uint32_t flow_alias_find(
	struct nj_flow_table *t, const struct nj_meta *m, struct flow_key *k);
void flow_alias_note(
	struct nj_flow_table *t, uint32_t index, const struct flow_key *k);
void flow_alias_drop(struct nj_flow *f);
bool flow_alias_matches(const struct nj_flow_table *t, uint32_t index,
	const struct flow_key *k);

/* table.c */
uint32_t flow_table_find(
	const struct nj_flow_table *t, const struct flow_key *k);
bool flow_table_insert(struct nj_flow_table *t, uint64_t hash, uint32_t index);
void flow_table_remove(struct nj_flow_table *t, uint64_t hash, uint32_t index);

/* intern.c */
NJ_MUST_USE enum nj_err intern_init(
	struct intern *in, uint32_t capacity, uint64_t seed);
void intern_fini(struct intern *in);
/* 0 when it is not there. */
uint32_t intern_find(const struct intern *in, const uint64_t key[4]);
/* Takes a reference; 0 when there is no room. */
uint32_t intern_get(struct intern *in, const uint64_t key[4]);
void intern_put(struct intern *in, uint32_t index);

/* wheel.c */
void wheel_start(struct wheel *w, int64_t now_ns);
void wheel_add(struct nj_flow_table *t, uint32_t index, int64_t deadline_ns);
void wheel_drop(struct nj_flow_table *t, uint32_t index);
bool wheel_serve(struct nj_flow_table *t, int64_t now_ns, unsigned budget);
/* A flow that can best be spared, or 0. */
uint32_t wheel_victim(struct nj_flow_table *t);

/* life.c */
int64_t flow_deadline(const struct nj_flow_table *t, uint32_t index);
uint32_t flow_begin(struct nj_flow_table *t, const struct nj_meta *m,
	struct flow_key *k, unsigned again);
void flow_end(struct nj_flow_table *t, uint32_t index, enum nj_flow_end why,
	int64_t when_ns);
/* The deadline of f has come nearer. */
void flow_hurry(struct nj_flow *f, int64_t deadline_ns);
struct flow_extra *flow_extra_get(struct nj_flow *f);
/* tunnel.c: f ends, which may have been a tunnel. */
void flow_tunnel_end(struct nj_flow *f);
void flow_history(struct nj_flow *f, unsigned d, char letter);
/* A letter that shows at the 1st, 10th, 100th ... time. */
void flow_history_scaled(
	struct nj_flow *f, unsigned d, char letter, uint32_t *count);
void flow_flip(struct nj_flow *f);
enum nj_flow_end flow_end_reason(const struct nj_flow_hot *h);
/* The packet in hand came at its time. */
void flow_touch(struct nj_flow *f);

/* local.c */
NJ_MUST_USE enum nj_err flow_local_init(struct nj_flow_table *t);
bool flow_likely_server(const struct nj_flow_table *t, bool udp, uint16_t port);
bool flow_port_is_interactive(uint16_t port);

/* tcp.c */
void tcp_packet(struct nj_flow *f, unsigned d);
bool tcp_is_reuse(struct nj_flow *f, const struct nj_meta *m);
uint64_t tcp_size(const struct nj_flow *f, unsigned d);

/* stream.c: hands bytes to the hooks */
void stream_give(struct nj_flow *f, unsigned d, struct nj_view v);
void stream_give_gap(struct nj_flow *f, unsigned d, uint64_t len);
/* What is held is handed on, with gaps, at the end of a flow. */
void stream_flush(struct nj_flow *f);
/* The held bytes will not be asked for any more; their ranges still count. */
void stream_forget(struct nj_flow *f);
void stream_drop(struct nj_flow *f, unsigned d);

/* record.c */
void flow_record(struct nj_flow *f, enum nj_flow_end why);
/* The packet in hand came inside another flow. */
void flow_add_parent(struct nj_flow *f);

/* behaviour.c */
struct conn_event;
enum { FLOW_SIZES = 4, FLOW_TIMES = 5 };
struct flow_behaviour_room {
	uint64_t sizes[2][FLOW_SIZES], times[FLOW_TIMES];
};
void flow_behaviour_flip(struct nj_flow *f);
/* Fills in what conn tells of it; ev keeps views into room. */
void flow_behaviour_record(const struct nj_flow *f, struct conn_event *ev,
	struct flow_behaviour_room *room);

/* detail.c: only with table.detail, but for the first two */
NJ_MUST_USE enum nj_err flow_detail_init(struct nj_flow_table *t);
void flow_detail_fini(struct nj_flow_table *t);
void flow_detail_begin(struct nj_flow *f, bool turned);
void flow_detail_flip(struct nj_flow *f);
void flow_detail_packet(struct nj_flow *f, unsigned d, unsigned place);
void flow_detail_record(struct nj_flow *f, const struct nj_head *head,
	const struct conn_event *conn);

/* weird.c */
enum flow_weird {
#define WEIRD(id, name, source, text) WEIRD_##id,
#include "engine/flow/weird.def"
#undef WEIRD
	WEIRD_COUNT
};
_Static_assert(WEIRD_COUNT <= 32, "a bit each");
void flow_weird(struct nj_flow *f, enum flow_weird weird);
bool flow_is_weird(const struct nj_flow *f);

#endif
