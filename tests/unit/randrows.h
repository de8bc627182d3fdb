/*
 * randrows.h - random rows of a few log types with fields of every type, set
 * and unset.
 */
#ifndef NJ_TESTS_UNIT_RANDROWS_H
#define NJ_TESTS_UNIT_RANDROWS_H

#include "engine/event/row.h"
#include "engine/flow/conn.h"
#include "tests/unit/randvalue.h"

/* number is the row's place in the order it was made, in each type. */
#define RTYPES(F, tag)                                                         \
	F(tag, 1, U64, number, 0, "")                                          \
	F(tag, 2, BOOL, flag, NJ_OPT, "")                                      \
	F(tag, 3, U8, small, NJ_OPT | NJ_INDEX, "")                            \
	F(tag, 4, U16, mid, NJ_OPT, "")                                        \
	F(tag, 5, U32, wide, NJ_OPT, "")                                       \
	F(tag, 6, U64, big, NJ_OPT | NJ_INDEX, "")                             \
	F(tag, 7, I64, sign, NJ_OPT, "")                                       \
	F(tag, 8, F64, real, NJ_OPT, "")                                       \
	F(tag, 9, TIME, when, NJ_OPT, "")                                      \
	F(tag, 10, IVAL, span, NJ_OPT, "")                                     \
	F(tag, 11, STR, text__a, NJ_INDEX, "")                                 \
	F(tag, 12, ADDR, host_addr, NJ_INDEX, "")                              \
	F(tag, 13, VSTR, names, NJ_INDEX, "")                                  \
	F(tag, 14, VU64, sizes, NJ_INDEX, "")                                  \
	F(tag, 15, VIVAL, spans, 0, "")                                        \
	F(tag, 16, VADDR, hosts, NJ_INDEX, "")                                 \
	F(tag, 17, STR, fuid, NJ_INDEX, "")                                    \
	F(tag, 18, STR, both, 0, "")
NJ_EVENT(rtypes, RTYPES, "Every type once");

#define RNAMES(F, tag)                                                         \
	F(tag, 1, STR, query, NJ_INDEX, "")                                    \
	F(tag, 2, U16, qtype, NJ_OPT | NJ_INDEX, "")                           \
	F(tag, 3, STR, rcode_name, 0, "")                                      \
	F(tag, 4, VSTR, answers, 0, "")                                        \
	F(tag, 5, VIVAL, TTLs, 0, "")                                          \
	F(tag, 6, BOOL, rejected, 0, "")                                       \
	F(tag, 7, IVAL, rtt, NJ_OPT, "")                                       \
	F(tag, 8, U64, both, NJ_OPT, "")                                       \
	F(tag, 9, U64, number, 0, "")
NJ_EVENT(rnames, RNAMES, "Like dns");

#define RPLAIN(F, tag)                                                         \
	F(tag, 1, STR, text__a, 0, "")                                         \
	F(tag, 2, ADDR, host_addr, 0, "")                                      \
	F(tag, 3, U64, number, 0, "")
NJ_EVENT_X(rplain, RPLAIN, NJ_EV_NO_ID, "Without ids");

/* What the vectors and texts of one event lie in. */
struct rand_memory {
	char text[RAND_VECTOR_MAX + 2][RAND_TEXT_MAX];
	struct nj_view views[RAND_VECTOR_MAX];
	uint64_t numbers[RAND_VECTOR_MAX];
	int64_t spans[RAND_VECTOR_MAX];
	struct nj_addr addrs[RAND_VECTOR_MAX];
	char list[RAND_TEXT_MAX];
};

static inline struct nj_vstr
rand_texts(struct rand_memory *m)
{
	uint32_t n = rand_of(RAND_VECTOR_MAX + 1);

	if (rand_chance(30))
		return (struct nj_vstr){ 0 };
	for (uint32_t i = 0; i < n; i++)
		m->views[i] = rand_text(m->text[i]);
	return (struct nj_vstr){ m->views, n };
}

static inline struct nj_vival
rand_spans(struct rand_memory *m)
{
	uint32_t n = rand_of(RAND_VECTOR_MAX + 1);

	if (rand_chance(30))
		return (struct nj_vival){ 0 };
	for (uint32_t i = 0; i < n; i++)
		m->spans[i] = rand_span();
	return (struct nj_vival){ m->spans, n };
}

static inline void
rand_rtypes(struct rtypes_event *q, struct rand_memory *m)
{
#define MAYBE(name, value)                                                     \
	do {                                                                   \
		if (rand_chance(70))                                           \
			nj_set(q, rtypes, name, value);                        \
	} while (0)
	MAYBE(flag, rand_chance(50));
	MAYBE(small, (uint8_t)rand_number(UINT8_MAX));
	MAYBE(mid, (uint16_t)rand_number(UINT16_MAX));
	MAYBE(wide, (uint32_t)rand_number(UINT32_MAX));
	MAYBE(big, rand_number(UINT64_MAX));
	MAYBE(sign, rand_chance(40) ? (int64_t)rand_number(UINT64_MAX)
				    : (int64_t)rand_of(20) - 10);
	MAYBE(real, rand_one(rand_reals));
	MAYBE(when, rand_ts());
	MAYBE(span, rand_span());
#undef MAYBE
	if (rand_chance(70))
		q->text__a = rand_text(m->text[RAND_VECTOR_MAX]);
	if (rand_chance(70))
		q->host_addr = rand_addr();
	q->names = rand_texts(m);
	q->spans = rand_spans(m);
	if (rand_chance(70)) {
		q->sizes.v = m->numbers;
		q->hosts.v = m->addrs;
		q->sizes.n = rand_of(RAND_VECTOR_MAX + 1);
		q->hosts.n = rand_of(RAND_VECTOR_MAX + 1);
	}
	for (uint32_t i = 0; i < RAND_VECTOR_MAX; i++) {
		m->numbers[i] = rand_number(UINT64_MAX);
		m->addrs[i] = rand_addr();
	}
	if (rand_chance(60))
		q->fuid = nj_str(rand_chance(50) ? "FaBc" : "Fabc");
	if (rand_chance(60))
		q->both = nj_str(rand_one(rand_words));
}

static inline void
rand_rnames(struct rnames_event *q, struct rand_memory *m)
{
	if (rand_chance(90))
		q->query = rand_text(m->text[RAND_VECTOR_MAX]);
	if (rand_chance(80))
		nj_set(q, rnames, qtype, (uint16_t)rand_of(40));
	if (rand_chance(80))
		q->rcode_name =
			nj_str(rand_chance(80) ? "NOERROR" : "NXDOMAIN");
	q->answers = rand_texts(m);
	q->TTLs = rand_spans(m);
	q->rejected = rand_chance(20);
	if (rand_chance(60))
		nj_set(q, rnames, rtt, rand_span());
	if (rand_chance(60))
		nj_set(q, rnames, both, rand_number(UINT64_MAX));
}

static inline void
rand_conn(struct conn_event *c, struct rand_memory *m)
{
	c->proto = nj_str(rand_one(rand_protos));
	if (rand_chance(60)) {
		(void)snprintf(m->list, sizeof(m->list), "%s%s%s",
			rand_one(rand_services), rand_chance(50) ? "," : ".",
			rand_one(rand_services));
		c->service = rand_chance(50) ? nj_str(m->list)
					     : nj_str(rand_one(rand_services));
	}
	if (rand_chance(80))
		nj_set(c, conn, duration, rand_span());
	if (rand_chance(80))
		nj_set(c, conn, orig_bytes, rand_number(UINT64_MAX));
	if (rand_chance(80))
		nj_set(c, conn, resp_bytes, rand_number(UINT32_MAX));
	c->conn_state = nj_str(rand_one(rand_states));
	if (rand_chance(80))
		c->history = nj_str(rand_one(rand_histories));
	c->local_orig = rand_chance(60);
}

static inline void
rand_head(struct nj_head *h)
{
	*h = (struct nj_head){ .ts_ns = rand_ts() };
	h->order_ns = h->ts_ns;
	if (rand_chance(85))
		h->uid[0] = rand_of(300), h->uid[1] = 62 + rand_of(3);
	if (rand_chance(5))
		return;
	h->orig = rand_addr();
	h->resp = rand_addr();
	h->orig_p = (uint16_t)rand_u64();
	h->resp_p = (uint16_t)rand_number(UINT16_MAX);
}

/* Gives the row's length. */
static inline size_t
rand_row(uint8_t *out, size_t cap, uint64_t number)
{
	union {
		struct rtypes_event types;
		struct rnames_event names;
		struct rplain_event plain;
		struct conn_event conn;
	} ev;
	struct rand_memory m;
	struct nj_head head;
	unsigned kind = rand_of(100);

	memset(&ev, 0, sizeof(ev));
	rand_head(&head);
	if (kind < 35) {
		rand_conn(&ev.conn, &m);
		ev.conn.orig_pkts = number;
		return nj_row_encode(out, cap, &conn_desc, &head, &ev);
	}
	if (kind < 60) {
		rand_rnames(&ev.names, &m);
		ev.names.number = number;
		return nj_row_encode(out, cap, &rnames_desc, &head, &ev);
	}
	if (kind < 90) {
		rand_rtypes(&ev.types, &m);
		ev.types.number = number;
		return nj_row_encode(out, cap, &rtypes_desc, &head, &ev);
	}
	ev.plain.text__a = rand_text(m.text[0]);
	if (rand_chance(50))
		ev.plain.host_addr = rand_addr();
	ev.plain.number = number;
	return nj_row_encode(out, cap, &rplain_desc, &head, &ev);
}

#endif
