/*
 * memory.c - the memory feed: goes round over a set of conversations and
 * gives each frame a new identity before it hands it out.
 *
 * Order. A position is one (conversation, phase) pair: at any time one frame
 * of the set belongs to it, and each position to one frame. A row has one
 * flow of every position; a round gives one frame of each flow of all rows.
 * So the frames that follow each other, for as many as there are positions,
 * lie in different memory, and rewriting one cannot touch another that is
 * still in use. Which row a position takes next is shifted by a random amount
 * in each round: flows that follow each other in time are strangers in the
 * flow table.
 *
 * Identity. Flows are numbered; an odd multiplier spreads the number over 40
 * bits of client address, server address and client port, so that none comes
 * back within 2^40 flows.
 */
#include "engine/capture/memory.h"

#include <stdlib.h>

#include "engine/base/hash.h"
#include "engine/base/pool.h"
#include "engine/capture/memory_priv.h"

enum {
	TIME_SHIFT = 12, /* time is kept in 2^-12 ns */
	AHEAD = 16,      /* frames whose headers are fetched early */
	PORT_BITS = 14,
	CLIENT_BITS = 16,
	SERVER_BITS = 10,
	/* Identity bits of all three. */
	ID_BITS = PORT_BITS + CLIENT_BITS + SERVER_BITS
};

#define START_S INT64_C(1700000000)

/* What a position does in this round. */
struct turn {
	uint8_t *data;
	uint64_t id;    /* flow number in row 0 */
	uint32_t shift; /* rows */
	uint32_t seq, ack;
	uint16_t len;
	uint8_t tcp, ip6, from_server;
};

struct feed {
	struct nj_source source; /* first: the caller's pointer is ours */
	const struct nj_memory_mix *mix;
	uint16_t port;
	uint8_t stream;
	uint8_t *bytes;
	size_t bytes_max;
	struct memory_frame *frames; /* conversation by conversation */
	struct turn *turns;
	unsigned positions, active; /* turns of this round */
	unsigned at;                /* next turn */
	uint32_t row, rows;
	uint64_t round, row_ids, seed;
	uint64_t time, time_step;
	uint64_t left; /* packets until the end */
};

static void
swap_addresses(uint32_t ends[2], bool from_server)
{
	uint32_t client = ends[0], server = ends[1];

	ends[0] = from_server ? server : client;
	ends[1] = from_server ? client : server;
}

/* Gives the frame of a turn the addresses, ports and numbers of flow id. */
static inline void
rewrite(const struct feed *f, const struct turn *t, uint64_t id)
{
	uint64_t x = id * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t isn = nj_mix64(id + f->seed);
	uint32_t ends[2], seq[2];
	uint16_t client_port = __builtin_bswap16(
		(uint16_t)(0xc000 | (x & ((1 << PORT_BITS) - 1))));
	uint8_t *l3 = t->data + ETHER_BYTES, *l4;

	ends[0] = __builtin_bswap32(0x0a000000 | (uint32_t)f->stream << 16 |
				    (uint32_t)(x >> PORT_BITS & UINT16_MAX));
	ends[1] = __builtin_bswap32(
		0xc6120000 | (uint32_t)(x >> (PORT_BITS + CLIENT_BITS) &
					((1 << SERVER_BITS) - 1)));
	swap_addresses(ends, t->from_server);
	if (t->ip6) {
		memcpy(l3 + 20, &ends[0], 4);
		memcpy(l3 + 36, &ends[1], 4);
		l4 = l3 + IP6_BYTES;
	} else {
		memcpy(l3 + 12, ends, 8);
		l4 = l3 + IP4_BYTES;
	}
	memcpy(l4 + (t->from_server ? 2 : 0), &client_port, 2);
	if (!t->tcp)
		return;
	seq[0] = (uint32_t)isn;
	seq[1] = (uint32_t)(isn >> 32);
	swap_addresses(seq, t->from_server);
	seq[0] = __builtin_bswap32(seq[0] + t->seq);
	seq[1] = t->ack ? __builtin_bswap32(seq[1] + t->ack) : 0;
	memcpy(l4 + 4, seq, 8);
}

/* Positions begin one after another, those of the same phase together, so
 * that no conversation is entered in its middle. */
static void
round_begin(struct feed *f)
{
	unsigned packets = f->mix->packets, n = 0;

	NJ_ASSERT(packets && f->mix->templates);
	for (unsigned pos = 0; pos < f->positions; pos++) {
		uint64_t step = f->round + pos % packets;
		const struct memory_frame *frame;
		uint64_t flow;

		if (step < packets - 1)
			continue;
		step -= packets - 1;
		flow = step / packets * f->rows * f->positions + pos;
		frame = &f->frames[pos % f->mix->templates * packets +
				   step % packets];
		f->turns[n++] = (struct turn){
			.data = frame->data,
			.id = flow * f->mix->flows_max + frame->flow,
			.shift = (uint32_t)((nj_mix64(f->seed ^
						      (f->round << 20 | pos)) >>
						    32) *
						    f->rows >>
					    32),
			.seq = frame->seq,
			.ack = frame->ack,
			.len = frame->len,
			.tcp = frame->tcp,
			.ip6 = frame->ip6,
			.from_server = frame->from_server,
		};
	}
	f->active = n;
	f->at = 0;
	f->row = 0;
}

static inline void
fill(struct feed *f, struct nj_packet *out)
{
	const struct turn *t = &f->turns[f->at];
	unsigned ahead = f->at + AHEAD;
	uint32_t row = f->row + t->shift;

	__builtin_prefetch(f->turns[ahead < f->active ? ahead : 0].data, 1);
	if (row >= f->rows)
		row -= f->rows;
	rewrite(f, t, t->id + row * f->row_ids);
	out->data = t->data;
	out->len = out->wire_len = t->len;
	out->ts_ns = START_S * NJ_NS_PER_S + (int64_t)(f->time >> TIME_SHIFT);
	out->port = f->port;
	out->link = NJ_LINK_ETHERNET;
	out->flags = NJ_PF_L4_CSUM_GOOD | NJ_PF_IP_CSUM_GOOD;
	out->owner = NULL;
	f->time += f->time_step;
}

/* A burst never spans two rounds, nor more frames than are in use: within it
 * every frame is another piece of memory. */
static int
feed_burst(struct nj_source *s, struct nj_packet *out, unsigned max)
{
	struct feed *f = (struct feed *)s;
	unsigned n = (unsigned)nj_min((uint64_t)max, f->left);

	if (!f->left)
		return NJ_SOURCE_END;
	if (f->row == f->rows) {
		f->round++;
		round_begin(f);
	}
	n = nj_min(n, f->active);
	for (unsigned i = 0; i < n; i++) {
		fill(f, &out[i]);
		if (++f->at < f->active)
			continue;
		f->at = 0;
		if (++f->row == f->rows) {
			n = i + 1;
			break;
		}
	}
	f->left -= n;
	nj_source_account(s, out, n);
	return (int)n;
}

static void
feed_close(struct nj_source *s)
{
	struct feed *f = (struct feed *)s;

	nj_pages_free(f->bytes, f->bytes_max);
	free(f->frames);
	free(f->turns);
	free(f);
}

static const struct nj_source_ops feed_ops = {
	.burst = feed_burst,
	.close = feed_close,
};

/* Writes the set; every conversation fills its frames exactly. */
static void
feed_write(struct feed *f)
{
	struct memory_talk t = { .room = f->bytes };
	unsigned packets = f->mix->packets;

	for (unsigned i = 0; i < f->mix->templates; i++) {
		t = (struct memory_talk){
			.at = f->frames + (size_t)i * packets,
			.end = f->frames + (size_t)(i + 1) * packets,
			.room = t.room,
			.rng = f->seed + ((uint64_t)i << 40),
		};
		f->mix->write(&t, i);
		NJ_ASSERT(t.at == t.end && t.flow <= f->mix->flows_max);
	}
}

static enum nj_err
feed_allocate(struct feed *f)
{
	size_t room = (FRAME_BYTES_MAX + NJ_CACHE_LINE) &
		      ~(size_t)(NJ_CACHE_LINE - 1);

	f->frames = calloc(f->positions, sizeof(*f->frames));
	f->turns = calloc(f->positions, sizeof(*f->turns));
	f->bytes_max = f->positions * room;
	f->bytes = nj_pages_alloc(f->bytes_max, NULL);
	return f->frames && f->turns && f->bytes ? NJ_OK : NJ_E_NOMEM;
}

enum nj_err
nj_memory_open(struct nj_source **out, const struct nj_memory_conf *conf)
{
	const struct nj_memory_mix *mix = conf->mix;
	uint64_t rate = conf->rate_pps ? conf->rate_pps : mix->rate_pps;
	uint32_t flows = conf->flows ? conf->flows : mix->flows;
	struct feed *f = calloc(1, sizeof(*f));
	enum nj_err err;

	*out = NULL;
	if (!f)
		return NJ_E_NOMEM;
	f->source.ops = &feed_ops;
	f->source.now_ns = INT64_MIN;
	f->mix = mix;
	f->port = conf->port;
	f->stream = conf->stream;
	f->seed = nj_mix64(conf->seed + 1);
	f->left = conf->packets ? conf->packets : UINT64_MAX;
	f->time_step = ((uint64_t)NJ_NS_PER_S << TIME_SHIFT) / rate;
	f->positions = (unsigned)mix->packets * mix->templates;
	f->rows = (flows + f->positions - 1) / f->positions;
	f->row_ids = (uint64_t)f->positions * mix->flows_max;
	err = feed_allocate(f);
	if (err) {
		feed_close(&f->source);
		return err;
	}
	feed_write(f);
	round_begin(f);
	*out = &f->source;
	return NJ_OK;
}

bool
nj_feed_parse(const char *text, struct nj_memory_conf *out)
{
	const char *at = strchr(text, '@');
	char name[32];
	size_t n = at ? (size_t)(at - text) : strlen(text);

	if (n >= sizeof(name))
		return false;
	memcpy(name, text, n);
	name[n] = 0;
	out->mix = nj_memory_mix_find(name);
	out->rate_pps = 1000;
	return out->mix &&
	       (!at || (nj_view_u64(nj_str(at + 1), &out->rate_pps) &&
			       out->rate_pps));
}

uint64_t
nj_memory_flows(const struct nj_source *s)
{
	const struct feed *f = (const struct feed *)s;

	return (uint64_t)f->rows * f->positions;
}
