/*
 * ssl.c - TLS over TCP (SSL 2.0 and 3.0, TLS 1.0 to 1.3): the records, and
 * with a parameter the bare handshake messages that QUIC carries. What the
 * messages mean is dissectors/shared/tls.c.
 *
 * Why we parse it: most of what a network says is inside it, and its first
 * messages tell who asks whom for what, with which program, and under whose
 * certificate. When the handshake is over the rest is cut off unseen.
 * Not done: renegotiation, which is encrypted; keys given by the operator.
 */
#include "dissectors/shared/tls.h"
#include "dissectors/shared/tls_eve.h"

#include "dissectors/shared/file.h"
#include "dissectors/shared/tls_names.h"
#include "dissectors/shared/x509.h"

enum {
	RECORD_CCS = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
	RECORD_HEARTBEAT = 24,
	HEAD = 5,
	RECORD_MAX = 16384 + 2048, /* RFC 5246 section 6.2.3 */
	BLIND_RECORDS_MAX = 64,    /* of one side, the other never seen */
	LOST_BYTES_MAX = 256 * 1024
};

enum {
	ODD_EARLY_DATA,
	ODD_RECORD,
	ODD_HELLO,
};
static const struct nj_oddity oddities[] = {
	[ODD_EARLY_DATA] = { "ssl_early_application_data",
		"Application data in the clear, before the handshake's end" },
	[ODD_RECORD] = { "ssl_bad_record", "Bytes that are no TLS record" },
	[ODD_HELLO] = { "ssl_bad_hello", "A hello that makes no sense" },
	{ 0 }
};

struct side {
	struct nj_tls_part part;
	bool started; /* its first record was looked at */
	bool lost;    /* a gap: its records must be found again */
	uint16_t blind;
	uint32_t lost_bytes;
};

struct state {
	struct nj_tls tls;
	struct side side[2];
	bool sure;     /* a hello or the like was seen: this is TLS */
	bool v2_asked; /* SSL 2.0 client hello that offers nothing newer */
	bool v2;       /* and the server took it */
};

/* ---- SSL 2.0 (Hickman, 1995) ---- */

static bool
is_v2_client_hello(struct nj_view v)
{
	return v.len >= 5 && v.data[0] & 0x80 && v.data[2] == 1 &&
	       ((v.data[3] == 0 && v.data[4] == 2) ||
		       (v.data[3] == 3 && v.data[4] <= 3));
}

static enum nj_verdict
v2_client_hello(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	struct nj_view record)
{
	struct nj_cur c = nj_cur(record);
	uint16_t version, ciphers, session, challenge;

	nj_cur_skip(&c, 1);
	version = nj_cur_u16(&c);
	ciphers = nj_cur_u16(&c);
	session = nj_cur_u16(&c);
	challenge = nj_cur_u16(&c);
	if (c.bad || ciphers % 3 || session > 32 ||
		(size_t)ciphers + session + challenge != nj_cur_left(&c))
		return NJ_REJECT;
	s->tls.flipped = dir == NJ_RESP;
	s->v2_asked = version == NJ_SSL_20;
	s->sure = true;
	nj_tls_letter(&s->tls, dir, NJ_TLS_CLIENT_HELLO);
	nj_confirm(d);
	return NJ_MORE;
}

static enum nj_verdict
v2_server_hello(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	struct nj_view record)
{
	struct nj_cur c = nj_cur(record);
	struct nj_tls *t = &s->tls;
	struct nj_tls_chain *chain = &t->chain[0];
	uint16_t cert_len, cipher_len;
	struct nj_view cert;

	nj_cur_skip(&c, 3);
	t->version = nj_cur_u16(&c);
	cert_len = nj_cur_u16(&c);
	cipher_len = nj_cur_u16(&c);
	nj_cur_skip(&c, 2);
	cert = nj_cur_take(&c, cert_len);
	if (cipher_len >= 3) {
		t->cipher = nj_cur_u24(&c);
		t->has_cipher = !c.bad;
	}
	if (c.bad || t->version != NJ_SSL_20)
		return NJ_BROKEN;
	t->has_version = true;
	s->v2 = true;
	nj_tls_letter(t, dir, NJ_TLS_SERVER_HELLO);
	if (!cert.len)
		return NJ_MORE;
	chain->sha256 = nj_keep(d, sizeof(*chain->sha256));
	if (chain->sha256) {
		chain->count = 1;
		t->chain_seen = true;
		(void)nj_x509_emit(d, cert, NJ_X509_HOST, chain->sha256[0]);
	}
	return NJ_MORE;
}

/* One SSL 2.0 record, with two bytes of length. */
static enum nj_verdict
v2_record(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view *v)
{
	enum nj_verdict verdict = NJ_MORE;
	struct nj_view record;
	size_t len;

	if (v->len < 3)
		return NJ_MORE;
	len = (size_t)(v->data[0] & 0x7f) << 8 | v->data[1];
	if (!(v->data[0] & 0x80) || !len)
		return NJ_BROKEN;
	if (v->len < 2 + len) {
		nj_want(d, 2 + len);
		return NJ_MORE;
	}
	record = nj_sub(*v, 2, len);
	*v = nj_sub(*v, 2 + len, v->len);
	nj_consume(d, 2 + len);
	switch (record.data[0]) {
	case 1:
		verdict = v2_client_hello(d, s, dir, record);
		break;
	case 4:
		verdict = v2_server_hello(d, s, dir, record);
		break;
	case 2: /* client master key: from here on all is encrypted */
		s->tls.established = s->v2;
		verdict = NJ_DONE;
		break;
	default: /* an error, most likely */
		verdict = NJ_DONE;
		break;
	}
	return verdict;
}

/* All that is there of them. True: newer records follow. */
static bool
v2_stream(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	struct nj_view *v, enum nj_verdict *verdict)
{
	while (v->len >= 3 && *verdict == NJ_MORE) {
		size_t left = v->len;

		*verdict = v2_record(d, s, dir, v);
		if (v->len == left)
			return false;
		if (!s->v2_asked)
			return true;
	}
	return false;
}

/* ---- Records ---- */

static bool
head_ok(struct nj_view v)
{
	return v.len >= HEAD && v.data[0] >= RECORD_CCS &&
	       v.data[0] <= RECORD_HEARTBEAT && v.data[1] == 3 &&
	       v.data[2] <= 4 && (v.data[3] << 8 | v.data[4]) <= RECORD_MAX;
}

/* A direction's first bytes. MORE: this is TLS as far as they go, or, with
 * *started false, there are too few. */
static enum nj_verdict
first_look(struct nj_dctx *d, struct state *s, struct nj_view v, bool *started)
{
	uint8_t type = v.data[0];
	size_t len;

	if (!head_ok(v))
		return s->sure ? NJ_BROKEN : NJ_REJECT;
	*started = true;
	if (s->sure)
		return NJ_MORE;
	switch (type) {
	case RECORD_HANDSHAKE:
		*started = v.len > HEAD;
		if (!*started)
			return NJ_MORE;
		/* Later messages begin a stream only when it was missed. */
		if (v.data[HEAD] > 24 || (v.data[HEAD] > NJ_TLS_SERVER_HELLO &&
						 nj_from_start(d)))
			return NJ_REJECT;
		return NJ_MORE;
	case RECORD_ALERT:
	case RECORD_CCS:
		if ((v.data[3] << 8 | v.data[4]) > 2)
			break;
		return NJ_MORE;
	default:
		break;
	}
	/* Encrypted records. The name is all there is to have, and a whole
	 * record what tells it: its head alone is met by chance once in four
	 * million, and seldom with so many bytes behind it. */
	len = HEAD + (size_t)(v.data[3] << 8 | v.data[4]);
	if (v.len < len) {
		*started = false;
		nj_want(d, len);
		return NJ_MORE;
	}
	nj_confirm(d);
	return NJ_DONE;
}

static void
sure(struct nj_dctx *d, struct state *s)
{
	s->sure = true;
	nj_confirm(d);
}

/* A record in the clear that is wholly there. */
static enum nj_verdict
plain_record(struct nj_dctx *d, struct state *s, enum nj_dir dir, uint8_t type,
	struct nj_view body)
{
	struct nj_tls *t = &s->tls;

	switch (type) {
	case RECORD_CCS:
		if (body.len != 1 || body.data[0] != 1)
			return s->sure ? NJ_BROKEN : NJ_REJECT;
		nj_tls_change_cipher(t, dir);
		break;
	case RECORD_ALERT:
		if (body.len != 2 || body.data[0] - 1u > 1u)
			return s->sure ? NJ_MORE : NJ_REJECT;
		if (!s->sure && !nj_from_start(d)) {
			/* The end of a session of which no more is seen. */
			nj_confirm(d);
			return NJ_DONE;
		}
		nj_tls_alert_seen(t, dir, body);
		break;
	case RECORD_HANDSHAKE:
		if (!nj_tls_stream(d, t, &s->side[dir].part, dir, body)) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_HELLO);
			return NJ_BROKEN;
		}
		if (!t->history_len)
			return NJ_MORE;
		break;
	case RECORD_HEARTBEAT:
		nj_tls_history(t, dir, 'b');
		return NJ_MORE;
	default:
		return NJ_MORE;
	}
	sure(d, s);
	return NJ_MORE;
}

/* Whether a record of this type from this side can be read. */
static bool
is_cipher_record(struct state *s, enum nj_dir dir, uint8_t type)
{
	struct nj_tls *t = &s->tls;

	if (t->encrypted[dir] || type != RECORD_DATA)
		return t->encrypted[dir];
	/* In TLS 1.3 encrypted records call themselves data; before the
	 * server has answered they are early data. */
	if (t->retrying)
		return true;
	if (!t->has_version || nj_tls_is_13(t->version))
		t->encrypted[dir] = t->has_version;
	return t->encrypted[dir] || !t->has_version;
}

/* The next record of v. False when it is not all there, or when the verdict
 * says that the end has come. */
static bool
next_record(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	struct nj_view *v, enum nj_verdict *verdict)
{
	uint8_t type;
	size_t len;

	if (v->len < HEAD)
		return false;
	if (!head_ok(*v)) {
		if (s->sure)
			nj_odd(d, ODD_RECORD);
		*verdict = s->sure ? NJ_BROKEN : NJ_REJECT;
		return false;
	}
	type = v->data[0];
	len = HEAD + (size_t)(v->data[3] << 8 | v->data[4]);
	if (is_cipher_record(s, dir, type)) {
		nj_consume(d, nj_min(len, v->len));
		if (len > v->len)
			nj_skip(d, len - v->len);
		*v = nj_sub(*v, len, v->len);
		if (nj_tls_cipher_record(&s->tls) ||
			++s->side[dir].blind == BLIND_RECORDS_MAX)
			*verdict = NJ_DONE;
		return *verdict == NJ_MORE;
	}
	if (len > v->len && type != RECORD_DATA) {
		nj_want(d, len);
		return false;
	}
	if (type == RECORD_DATA) {
		nj_odd(d, ODD_EARLY_DATA);
		if (len > v->len)
			nj_skip(d, len - v->len);
	} else {
		*verdict = plain_record(
			d, s, dir, type, nj_sub(*v, HEAD, len - HEAD));
	}
	nj_consume(d, nj_min(len, v->len));
	*v = nj_sub(*v, len, v->len);
	return *verdict == NJ_MORE;
}

/* After a gap: records begin anew where a segment begins with one. */
static enum nj_verdict
find_again(struct nj_dctx *d, struct side *side, struct nj_view v)
{
	if (head_ok(v)) {
		side->lost = false;
		return NJ_MORE;
	}
	nj_consume(d, v.len);
	side->lost_bytes += (uint32_t)v.len;
	return side->lost_bytes > LOST_BYTES_MAX ? NJ_DONE : NJ_MORE;
}

static enum nj_verdict
finish(struct nj_dctx *d, struct state *s, enum nj_verdict verdict)
{
	if (verdict == NJ_DONE || verdict == NJ_BROKEN)
		nj_tls_log(d, &s->tls);
	return verdict;
}

static enum nj_verdict
quic_stream(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	bool ok;

	s->tls.carrier = NJ_TLS_QUIC;
	nj_consume(d, v.len);
	ok = nj_tls_stream(d, &s->tls, &s->side[dir].part, dir, v);
	if (ok && s->tls.history_len)
		nj_confirm(d);
	return ok ? NJ_MORE : NJ_BROKEN;
}

static enum nj_verdict
ssl_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct side *side = &s->side[dir];
	enum nj_verdict verdict = NJ_MORE;

	if (!s->tls.began_ns)
		s->tls.began_ns = nj_now(d);
	if (nj_param(d) == NJ_TLS_QUIC)
		return quic_stream(d, s, dir, v);
	if (side->lost) {
		verdict = find_again(d, side, v);
		if (side->lost || verdict != NJ_MORE)
			return finish(d, s, verdict);
	}
	if (!side->started) {
		if (v.len < HEAD)
			return NJ_MORE;
		if (!is_v2_client_hello(v) && !s->v2_asked)
			verdict = first_look(d, s, v, &side->started);
		else
			side->started = v2_stream(d, s, dir, &v, &verdict);
		if (verdict != NJ_MORE || !side->started)
			return finish(d, s, verdict);
	}
	while (next_record(d, s, dir, &v, &verdict))
		continue;
	return finish(d, s, verdict);
}

static enum nj_verdict
ssl_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct state *s = nj_state(d);

	(void)v;
	(void)len;
	if (nj_param(d) == NJ_TLS_QUIC || s->v2_asked)
		return NJ_DONE;
	nj_drop(d, s->side[dir].part.buf);
	s->side[dir].part = (struct nj_tls_part){ 0 };
	s->side[dir].lost = true;
	return NJ_MORE;
}

static void
ssl_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	nj_tls_log(d, &s->tls);
}

const struct nj_dissector nj_dissector_ssl = {
	.name = "ssl",
	.title = "TLS",
	.ports = (const struct nj_port[]){ { NJ_TCP, 443 }, { NJ_TCP, 563 },
		{ NJ_TCP, 585 }, { NJ_TCP, 614 }, { NJ_TCP, 636 },
		{ NJ_TCP, 989 }, { NJ_TCP, 990 }, { NJ_TCP, 992 },
		{ NJ_TCP, 993 }, { NJ_TCP, 995 }, { NJ_TCP, 5223 }, { 0 } },
	.sigs = (const struct nj_sig
			[]){ { "^\\x16\\x03[\\x00-\\x04]..[\\x01\\x02]\\x00",
				     0 },
		{ "^\\x15\\x03[\\x00-\\x04]\\x00\\x02[\\x01\\x02]", 0 },
		{ "^\\x14\\x03[\\x00-\\x04]\\x00\\x01\\x01", 0 },
		{ "^[\\x15-\\x17]\\x03[\\x00-\\x04][\\x00-\\x48].", 0 },
		{ "^[\\x80-\\xff].\\x01(\\x00\\x02|\\x03[\\x00-\\x03])"
		  "\\x00[\\x03-\\xff]\\x00[\\x00\\x10\\x20]\\x00[\\x10-\\x20]",
			0 },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &ssl_desc,
		&eve_tls_desc, &eve_quic_desc, &x509_desc, NJ_FILE_EVENTS, 0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.buffer_max = HEAD + RECORD_MAX,
	.stream = ssl_stream,
	.gap = ssl_gap,
	.end = ssl_end,
};
