/*
 * source.h - where packets come from. A source yields bursts; whatever it is
 * (a file, a port, a bench feed), the pipeline behind it is the same code.
 *
 * One thread uses a source. The bytes of a burst's packets stay good until
 * the burst is released or the next one is asked for, whichever is first.
 * Every packet of a burst has to be released (packets without an owner may
 * be left out), in any order, before the source is closed.
 */
#ifndef NJ_CAPTURE_SOURCE_H
#define NJ_CAPTURE_SOURCE_H

#include "engine/base/base.h"
#include "engine/base/counter.h"
#include "engine/packet/packet.h"

/* The left side of the loss ledger: what a source gave, and what is known to
 * have been lost before it could. received + missed + no_mbuf + ring_full +
 * kernel_dropped + unreadable is all that reached the capture point. */
#define SOURCE_COUNTERS(C)                                                     \
	C(received, PACKETS, INFO, "Packets handed to the workers")            \
	C(bytes, BYTES, INFO, "Bytes of them that were captured")              \
	C(wire_bytes, BYTES, INFO, "Bytes they had on the wire")               \
	C(snapped, PACKETS, INFO, "Packets cut by a snap length")              \
	C(missed, PACKETS, ERROR, "Packets that the port had no room for")     \
	C(no_mbuf, PACKETS, ERROR, "Packets lost as no buffer was free")       \
	C(ring_full, PACKETS, ERROR, "Packets that no worker took in time")    \
	C(kernel_dropped, PACKETS, ERROR,                                      \
		"Packets that the kernel dropped before we read them")         \
	C(unreadable, PACKETS, WARN,                                           \
		"Packets with errors that the port counted, not passed")
NJ_COUNTERS_DECLARE(source, SOURCE_COUNTERS);

/* Packets that reached the capture point and no worker. */
static inline uint64_t
nj_source_lost(const struct source_counters *c)
{
	return c->missed + c->no_mbuf + c->ring_full + c->kernel_dropped +
	       c->unreadable;
}

enum {
	NJ_SOURCE_TEXT = 256,
	/* Results of a burst that are not a number of packets. */
	NJ_SOURCE_END = -1,   /* nothing will ever come again */
	NJ_SOURCE_FAILED = -2 /* see err and text; nothing will come again */
};

struct nj_source;

struct nj_source_ops {
	/* Up to max packets into out. Gives how many (0: none now, ask
	 * again), or NJ_SOURCE_END, or NJ_SOURCE_FAILED. */
	int (*burst)(struct nj_source *s, struct nj_packet *out, unsigned max);
	void (*release)(struct nj_source *s, struct nj_packet *p, unsigned n);
	/* Brings s->count up to date with what lies outside the process. May
	 * be NULL. */
	void (*stats)(struct nj_source *s);
	/* Frees s. */
	void (*close)(struct nj_source *s);
};

struct nj_source {
	const struct nj_source_ops *ops;
	bool live; /* packets come in real time; 0 packets means: wait */
	/* It can be told, elsewhere, to take no more; it is then to be asked
	 * until it has nothing left. Others are left as they are. */
	bool quiets;
	struct source_counters count;
	int64_t now_ns; /* greatest time so far; INT64_MIN before the first */
	enum nj_err err;
	char text[NJ_SOURCE_TEXT]; /* what failed, with the place */
};

static inline int
nj_source_burst(struct nj_source *s, struct nj_packet *out, unsigned max)
{
	return s->ops->burst(s, out, max);
}

/* Needed only where packets have owners; harmless elsewhere. */
static inline void
nj_source_release(struct nj_source *s, struct nj_packet *p, unsigned n)
{
	if (s->ops->release)
		s->ops->release(s, p, n);
}

/* The counters, as new as can be had; borrowed from s. */
const struct source_counters *nj_source_stats(struct nj_source *s);
/* Why the last burst failed; "" when none did. Borrowed from s. */
const char *nj_source_error(const struct nj_source *s);
/* Accepts NULL; sets *s to NULL. */
void nj_source_close(struct nj_source **s);

/* For sources: sets err and text, gives NJ_SOURCE_FAILED. */
int nj_source_fail(struct nj_source *s, enum nj_err err, const char *fmt, ...)
	NJ_PRINTF(3, 4);

/* For sources: counts one packet. */
static inline void
nj_source_count(struct nj_source *s, const struct nj_packet *p)
{
	s->count.received++;
	s->count.bytes += p->len;
	s->count.wire_bytes += p->wire_len;
	s->count.snapped += p->len < p->wire_len;
}

/* For sources: counts the n packets of a burst, and sets their now_ns. */
static inline void
nj_source_account(struct nj_source *s, struct nj_packet *p, unsigned n)
{
	int64_t now = s->now_ns;

	for (unsigned i = 0; i < n; i++) {
		if (p[i].ts_ns > now)
			now = p[i].ts_ns;
		p[i].now_ns = now;
		nj_source_count(s, &p[i]);
	}
	s->now_ns = now;
}

#endif
