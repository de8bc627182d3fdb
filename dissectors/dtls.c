/*
 * dtls.c - DTLS 1.0 to 1.3 (RFC 4347, 6347, 9147) and the version before
 * them that AnyConnect speaks: records in datagrams, handshake messages in
 * fragments that come in any order. What they mean is shared/tls.c.
 *
 * Why we parse it: VPNs, calls in browsers and small devices speak it, with
 * certificates and names as telling as those over TCP.
 */
#include "dissectors/shared/tls.h"

#include "dissectors/shared/file.h"
#include "dissectors/shared/pieces.h"
#include "dissectors/shared/tls_names.h"
#include "dissectors/shared/x509.h"

enum {
	RECORD_CCS = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_ACK = 26,
	RECORD_MAX = 16384 + 2048,
	PARTS_MAX = 2, /* messages of a side that are not yet whole */
	MESSAGE_MAX = 65536 - 1024,
	BLIND_RECORDS_MAX = 64
};

enum { ODD_HELLO, ODD_FRAGMENT };
static const struct nj_oddity oddities[] = {
	[ODD_HELLO] = { "dtls_bad_hello", "A hello that makes no sense" },
	[ODD_FRAGMENT] = { "dtls_bad_fragment",
		"A fragment that does not fit its message" },
	{ 0 }
};

/* A message of which pieces are there. */
struct part {
	struct partial *partial; /* kept */
	uint32_t need;
	uint16_t seq;
	uint8_t type;
};

struct partial {
	struct nj_pieces have;
	uint8_t bytes[];
};

struct state {
	struct nj_tls tls;
	struct part part[2][PARTS_MAX];
	uint8_t next_part[2]; /* whose turn it is to make room */
	uint16_t blind;
	bool sure;
};

struct record {
	uint8_t type;
	uint16_t epoch;
	struct nj_view body;
};

static bool
version_ok(uint16_t version)
{
	return version == NJ_DTLS_10 || version == NJ_DTLS_12 ||
	       version == NJ_DTLS_13 || version == NJ_DTLS_10_OLD;
}

/* The next record; the cursor is bad where there is none. A record of DTLS
 * 1.3's short form is all that is left, with type 0. */
static struct record
record_next(struct nj_cur *c)
{
	struct record r = { 0 };

	if (nj_cur_left(c) > 1 && *c->at >> 5 == 1) {
		r.epoch = 2;
		r.body = nj_cur_take(c, nj_cur_left(c));
		return r;
	}
	r.type = nj_cur_u8(c);
	if (r.type < RECORD_CCS || r.type > RECORD_ACK ||
		!version_ok(nj_cur_u16(c)))
		c->bad = true;
	r.epoch = nj_cur_u16(c);
	nj_cur_skip(c, 6); /* sequence number */
	r.body = nj_cur_take(c, nj_cur_u16(c));
	if (r.body.len > RECORD_MAX)
		c->bad = true;
	return r;
}

static enum nj_verdict
dtls_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct record first = record_next(&c);

	(void)d;
	(void)dir;
	/* The short form alone is too little to go by. */
	if (c.bad || !first.type)
		return NJ_REJECT;
	while (nj_cur_left(&c))
		(void)record_next(&c);
	if (c.bad)
		return NJ_REJECT;
	if (first.type == RECORD_HANDSHAKE && !first.epoch &&
		(first.body.len < 12 || first.body.data[0] > 24))
		return NJ_REJECT;
	return NJ_ACCEPT;
}

/* ---- Fragments ---- */

static struct part *
part_get(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	const struct part *want)
{
	struct part *p = s->part[dir];
	unsigned at = s->next_part[dir] % PARTS_MAX;

	for (unsigned i = 0; i < PARTS_MAX; i++)
		if (p[i].partial && p[i].seq == want->seq &&
			p[i].type == want->type && p[i].need == want->need)
			return &p[i];
	if (want->need > MESSAGE_MAX)
		return NULL;
	for (unsigned i = 0; i < PARTS_MAX; i++)
		if (!p[i].partial)
			at = i;
	nj_drop(d, p[at].partial);
	p[at] = *want;
	p[at].partial = nj_keep(d, sizeof(*p->partial) + want->need);
	s->next_part[dir] = (uint8_t)(at + 1);
	if (!p[at].partial)
		return NULL;
	p[at].partial->have.count = 0;
	return &p[at];
}

static bool
message(struct nj_dctx *d, struct state *s, enum nj_dir dir, uint8_t type,
	struct nj_view body)
{
	if (!nj_tls_message(d, &s->tls, dir, type, body)) {
		nj_odd(d, ODD_HELLO);
		return false;
	}
	if (type == NJ_TLS_HELLO_VERIFY) /* no hello of its own to tell by */
		s->tls.seen = true;
	s->sure = true;
	nj_confirm(d);
	return true;
}

static bool
fragment(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_cur *c)
{
	struct part want = { 0 }, *p;
	uint32_t offset;
	struct nj_view bytes, body;
	bool ok;

	want.type = nj_cur_u8(c);
	want.need = nj_cur_u24(c);
	want.seq = nj_cur_u16(c);
	offset = nj_cur_u24(c);
	bytes = nj_cur_take(c, nj_cur_u24(c));
	if (c->bad || bytes.len > want.need || offset > want.need - bytes.len) {
		nj_odd(d, ODD_FRAGMENT);
		return false;
	}
	if (bytes.len == want.need)
		return message(d, s, dir, want.type, bytes);
	p = part_get(d, s, dir, &want);
	if (!p)
		return true;
	if (bytes.len)
		memcpy(p->partial->bytes + offset, bytes.data, bytes.len);
	if (!nj_pieces_add(
		    &p->partial->have, offset, offset + (uint32_t)bytes.len)) {
		nj_odd(d, ODD_FRAGMENT);
		return true;
	}
	if (nj_pieces_front(&p->partial->have) < p->need)
		return true;
	body = (struct nj_view){ p->partial->bytes, p->need };
	ok = message(d, s, dir, p->type, body);
	nj_drop(d, p->partial);
	*p = (struct part){ 0 };
	return ok;
}

/* ---- Records ---- */

static bool
plain_record(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	const struct record *r)
{
	struct nj_cur c = nj_cur(r->body);

	switch (r->type) {
	case RECORD_HANDSHAKE:
		while (nj_cur_left(&c))
			if (!fragment(d, s, dir, &c))
				return false;
		return true;
	case RECORD_CCS:
		nj_tls_change_cipher(&s->tls, dir);
		return true;
	case RECORD_ALERT:
		nj_tls_alert_seen(&s->tls, dir, r->body);
		return true;
	default:
		return true;
	}
}

static enum nj_verdict
dtls_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct nj_cur c = nj_cur(v);

	s->tls.carrier = NJ_TLS_DTLS;
	if (!s->tls.began_ns)
		s->tls.began_ns = nj_now(d);
	while (nj_cur_left(&c)) {
		struct record r = record_next(&c);

		if (c.bad) /* STUN and RTP share the flow */
			return s->sure ? NJ_MORE : NJ_REJECT;
		if (!r.epoch) {
			if (!plain_record(d, s, dir, &r))
				return s->sure ? NJ_MORE : NJ_REJECT;
			continue;
		}
		if (!s->sure) {
			/* The beginning was missed: the name is all. */
			nj_confirm(d);
			return NJ_DONE;
		}
		/* Before 1.3 it takes the change of cipher, as records of
		 * the new epoch may come before it. */
		if (nj_tls_is_13(s->tls.version))
			s->tls.encrypted[dir] = true;
		if (nj_tls_cipher_record(&s->tls) ||
			++s->blind == BLIND_RECORDS_MAX) {
			nj_tls_log(d, &s->tls);
			return NJ_DONE;
		}
	}
	return NJ_MORE;
}

static void
dtls_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	nj_tls_log(d, &s->tls);
}

const struct nj_dissector nj_dissector_dtls = {
	.name = "dtls",
	.title = "DTLS",
	.sigs = (const struct nj_sig[]){ { "^[\\x14-\\x1a]\\xfe[\\xfc-\\xff]",
						 NJ_SIG_UDP },
		{ "^[\\x14-\\x17]\\x01\\x00\\x00", NJ_SIG_UDP }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &ssl_desc, &x509_desc,
		NJ_FILE_EVENTS, 0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.probe = dtls_probe,
	.datagram = dtls_datagram,
	.end = dtls_end,
};
