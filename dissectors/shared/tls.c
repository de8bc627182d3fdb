/*
 * tls.c - one TLS session as the ssl log tells it (SSL 3.0 to TLS 1.3:
 * RFC 6101, 2246, 4346, 5246, 8446). The rules for "resumed", "established"
 * and the history's letters are Zeek's.
 */
#include "dissectors/shared/tls.h"

#include "dissectors/shared/file.h"
#include "dissectors/shared/tls_eve.h"
#include "dissectors/shared/tls_hello.h"
#include "dissectors/shared/tls_names.h"
#include "dissectors/shared/x509.h"
#include "engine/crypt/hash.h"

NJ_EVENT_DEFINE(ssl, NJ_SSL, 0, "One TLS or DTLS session");

enum { NAME_MAX_BYTES = 512, ALPN_MAX_BYTES = 512, ALPN_NAMES_MAX = 32 };
enum { STATUS_OCSP = 1, STATUS_OCSP_MULTI = 2 }; /* RFC 6961 section 2.2 */

void
nj_tls_history(struct nj_tls *t, enum nj_dir dir, char letter)
{
	t->seen = true;
	if (t->history_len == NJ_TLS_HISTORY_MAX)
		return;
	if (nj_tls_by_client(t, dir))
		letter = (char)(letter - 'a' + 'A');
	t->history[t->history_len++] = letter;
}

void
nj_tls_letter(struct nj_tls *t, enum nj_dir dir, uint8_t type)
{
	static const char letters[] = "hcsvtejzoz"
				      "zxkrnygzzz"
				      "fwuapzzzzz";
	char letter = 'z';

	if (type < sizeof(letters) - 1)
		letter = letters[type];
	else if (type == 254)
		letter = 'm'; /* message_hash */
	nj_tls_history(t, dir, letter);
}

void
nj_tls_change_cipher(struct nj_tls *t, enum nj_dir dir)
{
	nj_tls_history(t, dir, 'i');
	if (nj_tls_by_client(t, dir) && t->ticket_offered &&
		!t->client_key_seen)
		t->resumed = true;
	/* After a HelloRetryRequest these records mean nothing yet. */
	if (!t->retrying)
		t->encrypted[dir] = true;
}

void
nj_tls_alert_seen(struct nj_tls *t, enum nj_dir dir, struct nj_view v)
{
	if (v.len < 2)
		return;
	nj_tls_history(t, dir, 'l');
	t->has_alert = true;
	t->last_alert = v.data[1];
}

bool
nj_tls_cipher_record(struct nj_tls *t)
{
	t->seen = true;
	if (t->encrypted[NJ_ORIG] && t->encrypted[NJ_RESP])
		t->established = true;
	return t->established;
}

/* ---- Messages ---- */

static void
version_set(struct nj_tls *t, const struct nj_tls_hello *h)
{
	uint16_t chosen = h->versions.len == 2 ? nj_tls_u16(h->versions, 0) : 0;

	if (chosen)
		t->version = chosen;
	else if (!t->has_version)
		t->version = h->version;
	t->has_version = true;
}

static void
keep_once(struct nj_dctx *d, struct nj_view *to, struct nj_view v, size_t max)
{
	if (!v.len)
		return;
	nj_drop(d, (void *)(uintptr_t)to->data);
	*to = nj_keep_view(d, v, max);
}

static bool
client_hello(struct nj_dctx *d, struct nj_tls *t, struct nj_view body)
{
	static const char transports[] = {
		[NJ_TLS_RECORDS] = 't', [NJ_TLS_DTLS] = 'd', [NJ_TLS_QUIC] = 'q'
	};
	static const uint8_t zeros[32];
	struct nj_tls_hello h;
	bool zero;

	if (!nj_tls_client_hello(&h, body, t->carrier == NJ_TLS_DTLS))
		return false;
	if (nj_tls_ext(&h, NJ_EXT_SESSION_TICKET).len)
		t->ticket_offered = true;
	if (nj_tls_ext(&h, NJ_EXT_PRE_SHARED_KEY).data)
		t->psk_offered = true;
	zero = h.session_id.len == sizeof(zeros) &&
	       !memcmp(h.session_id.data, zeros, sizeof(zeros));
	if (h.session_id.len && !zero) {
		memcpy(t->session, h.session_id.data, h.session_id.len);
		t->session_len = (uint8_t)h.session_id.len;
		t->ticket_offered = false;
	}
	keep_once(d, &t->server_name, h.server_name, NAME_MAX_BYTES);
	keep_once(d, &t->client_alpn, h.alpn, ALPN_MAX_BYTES);
	if (h.ech_outer)
		t->has_ech = true;
	nj_ja3(&h, t->ja3);
	nj_ja4(&h, transports[t->carrier], t->ja4);
	t->has_ja3 = true;
	nj_tls_eve_hello(d, t, body, &h);
	return true;
}

static bool
server_hello(struct nj_dctx *d, struct nj_tls *t, struct nj_view body)
{
	struct nj_tls_hello h;
	struct nj_cur c;
	struct nj_view name;

	if (!nj_tls_server_hello(&h, body))
		return false;
	version_set(t, &h);
	t->cipher = h.cipher;
	t->has_cipher = true;
	if (h.group)
		t->group = h.group;
	c = nj_cur(h.alpn);
	if (nj_tls_alpn_next(&c, &name))
		keep_once(d, &t->next_protocol, name, ALPN_MAX_BYTES);
	if (nj_tls_is_retry(&h)) {
		t->retrying = true;
		t->encrypted[NJ_ORIG] = t->encrypted[NJ_RESP] = false;
		return true;
	}
	t->retrying = false;
	if (t->psk_offered && nj_tls_ext(&h, NJ_EXT_PRE_SHARED_KEY).data)
		t->resumed = true;
	if (t->session_len && !nj_tls_is_13(t->version) &&
		nj_view_eq(h.session_id,
			(struct nj_view){ t->session, t->session_len }))
		t->resumed = true;
	nj_ja3(&h, t->ja3s);
	t->has_ja3s = true;
	nj_tls_eve_hello(d, t, body, &h);
	return true;
}

/* The first certificate of a server says whether it is the one asked for. */
static void
judge_cert(struct nj_tls *t, struct nj_view der, int64_t now_ns)
{
	int64_t now_s = now_ns / NJ_NS_PER_S;
	struct nj_x509_cert cert;

	if (!nj_x509_parse(&cert, der))
		return;
	t->has_cert = true;
	t->self_signed = nj_x509_is_self_signed(&cert);
	t->has_age = cert.has_before;
	t->has_left = cert.has_after;
	t->age_days = nj_x509_days(cert.not_before_s, now_s);
	t->left_days = nj_x509_days(now_s, cert.not_after_s);
	t->has_match = t->server_name.len > 0;
	t->matches = t->has_match && nj_x509_is_for(&cert, t->server_name);
}

static void
certificates(
	struct nj_dctx *d, struct nj_tls *t, bool client, struct nj_view body)
{
	struct nj_tls_chain *chain = &t->chain[client];
	struct nj_cur c = nj_cur(body);
	struct nj_cur list = nj_cur(nj_cur_take(&c, nj_cur_u24(&c)));
	unsigned by = client ? NJ_X509_CLIENT : 0;
	uint8_t ignored[32];

	while (nj_cur_left(&list)) {
		struct nj_view der = nj_cur_take(&list, nj_cur_u24(&list));
		bool first = !chain->count;

		if (list.bad)
			return;
		if (!chain->sha256)
			chain->sha256 = nj_keep(
				d, NJ_TLS_CERTS_MAX * sizeof(*chain->sha256));
		if (!chain->sha256 || chain->count == NJ_TLS_CERTS_MAX) {
			(void)nj_x509_emit(d, der, by, ignored);
			continue;
		}
		t->chain_seen = true;
		(void)nj_x509_emit(d, der, by | (first ? NJ_X509_HOST : 0),
			chain->sha256[chain->count++]);
		if (!client)
			nj_tls_eve_cert(d, t, der);
		if (first && !client)
			judge_cert(t, der, nj_now(d));
	}
}

static void
server_key(struct nj_tls *t, struct nj_view body)
{
	const char *cipher = t->has_cipher ? nj_tls_cipher(t->cipher) : NULL;
	struct nj_cur c = nj_cur(body);

	/* Only these begin with a curve (RFC 8422 section 5.4). */
	if (!cipher ||
		(!strstr(cipher, "_ECDHE_") && !strstr(cipher, "_ECDH_anon_")))
		return;
	if (nj_cur_u8(&c) == 3) {
		uint16_t group = nj_cur_u16(&c);

		if (!c.bad)
			t->group = group;
	}
}

/* An OCSP response that the server attached is a file as it would be had the
 * client asked for it over HTTP. */
static void
staple(struct nj_dctx *d, struct nj_tls *t, enum nj_dir dir,
	struct nj_view response)
{
	struct nj_file_spec spec = { .source = NJ_FILE_SSL,
		.dir = dir,
		.number = t->staples,
		.mime = "application/ocsp-response" };
	struct nj_file file;

	if (!response.len || t->staples == NJ_TLS_STAPLES_MAX)
		return;
	t->staples++;
	nj_file_open(&file, d, &spec);
	nj_file_data(&file, d, response);
	nj_file_close(&file, d, true);
}

static void
certificate_status(struct nj_dctx *d, struct nj_tls *t, enum nj_dir dir,
	struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	uint8_t type = nj_cur_u8(&c);
	struct nj_view v = nj_cur_take(&c, nj_cur_u24(&c));

	if (type == STATUS_OCSP)
		staple(d, t, dir, v);
	if (type != STATUS_OCSP_MULTI)
		return;
	for (c = nj_cur(v); nj_cur_left(&c);)
		staple(d, t, dir, nj_cur_take(&c, nj_cur_u24(&c)));
}

/* The originator turns out to be the other one of client and server. */
static void
flip(struct nj_tls *t)
{
	t->flipped = !t->flipped;
	if (t->history_len < NJ_TLS_HISTORY_MAX)
		t->history[t->history_len++] = '^';
}

bool
nj_tls_message(struct nj_dctx *d, struct nj_tls *t, enum nj_dir dir,
	uint8_t type, struct nj_view body)
{
	bool ok = true;
	char letter = 0;

	switch (type) {
	case NJ_TLS_CLIENT_HELLO:
		/* With STUN in front, either side may begin. */
		if (!nj_tls_by_client(t, dir))
			flip(t);
		ok = client_hello(d, t, body);
		break;
	case NJ_TLS_SERVER_HELLO:
		/* The client's side was not seen, or only from later on. */
		if (nj_tls_by_client(t, dir) && !t->history_len)
			flip(t);
		ok = server_hello(d, t, body);
		letter = t->retrying ? 'j' : 0;
		break;
	case NJ_TLS_CERTIFICATE:
		certificates(d, t, nj_tls_by_client(t, dir), body);
		break;
	case NJ_TLS_SERVER_KEY:
		server_key(t, body);
		break;
	case NJ_TLS_CLIENT_KEY:
		t->client_key_seen |= nj_tls_by_client(t, dir);
		break;
	case NJ_TLS_CERTIFICATE_STATUS:
		if (!nj_tls_by_client(t, dir))
			certificate_status(d, t, dir, body);
		break;
	default:
		break;
	}
	if (!ok)
		return false;
	if (letter)
		nj_tls_history(t, dir, letter);
	else
		nj_tls_letter(t, dir, type);
	return true;
}

/* ---- Putting messages together ---- */

/* A message whose head is in p and whose body is body. */
static bool
whole(struct nj_dctx *d, struct nj_tls *t, struct nj_tls_part *p,
	enum nj_dir dir, struct nj_view body)
{
	bool ok = nj_tls_message(d, t, dir, p->head[0], body);

	nj_drop(d, p->buf);
	*p = (struct nj_tls_part){ 0 };
	return ok;
}

static void
head_take(struct nj_tls_part *p, struct nj_view *v)
{
	while (v->len && p->head_have < sizeof(p->head)) {
		p->head[p->head_have++] = v->data[0];
		*v = nj_sub(*v, 1, v->len);
	}
	if (p->head_have < sizeof(p->head))
		return;
	p->body = true;
	p->have = 0;
	p->need = (uint32_t)p->head[1] << 16 | (uint32_t)p->head[2] << 8 |
		  p->head[3];
}

bool
nj_tls_stream(struct nj_dctx *d, struct nj_tls *t, struct nj_tls_part *p,
	enum nj_dir dir, struct nj_view v)
{
	while (v.len || (p->body && p->have == p->need)) {
		size_t n;

		if (!p->body) {
			head_take(p, &v);
			if (!p->body)
				return true;
		}
		n = nj_min(v.len, (size_t)(p->need - p->have));
		if (!p->have && n == p->need) {
			struct nj_view body = nj_sub(v, 0, n);

			v = nj_sub(v, n, v.len);
			if (!whole(d, t, p, dir, body))
				return false;
			continue;
		}
		if (!p->have && p->need <= NJ_TLS_MESSAGE_MAX)
			p->buf = nj_keep(d, p->need);
		if (p->buf && n)
			memcpy(p->buf + p->have, v.data, n);
		p->have += (uint32_t)n;
		v = nj_sub(v, n, v.len);
		if (p->have < p->need)
			return true;
		if (p->buf) {
			if (!whole(d, t, p, dir,
				    (struct nj_view){ p->buf, p->need }))
				return false;
			continue;
		}
		nj_tls_letter(t, dir, p->head[0]);
		*p = (struct nj_tls_part){ 0 };
	}
	return true;
}

/* ---- The record ---- */

static struct nj_view
name_or_number(struct nj_dctx *d, const char *name, uint32_t number)
{
	if (name)
		return nj_str(name);
	return nj_arena_printf(d, "unknown-%u", number);
}

static struct nj_view
version_text(struct nj_dctx *d, uint16_t version)
{
	const char *name = nj_tls_version(version);

	if (!name && version >> 8 == 0x7f)
		return nj_arena_printf(
			d, "TLSv13-draft%u", (unsigned)version & 0xff);
	return name_or_number(d, name, version);
}

static struct nj_vstr
chain_text(struct nj_dctx *d, const struct nj_tls_chain *chain)
{
	static const struct nj_view none;
	struct nj_vstr out = { &none, 0 };
	struct nj_view *v = nj_arena(d, chain->count * sizeof(*v));
	char *text = nj_arena(d, chain->count * 2u * NJ_SHA256_BYTES);

	if (!v || !text || !chain->count)
		return out;
	for (unsigned i = 0; i < chain->count; i++) {
		char *at = text + i * 2 * NJ_SHA256_BYTES;

		nj_hex((struct nj_view){ chain->sha256[i], NJ_SHA256_BYTES },
			at);
		v[i] = (struct nj_view){ (uint8_t *)at, 2 * NJ_SHA256_BYTES };
	}
	return (struct nj_vstr){ v, chain->count };
}

static struct nj_vstr
alpn_text(struct nj_dctx *d, struct nj_view alpn)
{
	struct nj_view *v = nj_arena(d, ALPN_NAMES_MAX * sizeof(*v));
	struct nj_cur c = nj_cur(alpn);
	uint32_t n = 0;

	while (v && n < ALPN_NAMES_MAX && nj_tls_alpn_next(&c, &v[n]))
		n++;
	return (struct nj_vstr){ n ? v : NULL, n };
}

void
nj_tls_log(struct nj_dctx *d, struct nj_tls *t)
{
	struct ssl_event ev = { .resumed = t->resumed,
		.established = t->established,
		.server_name = t->server_name,
		.next_protocol = t->next_protocol };

	if (t->logged || !t->seen)
		return;
	t->logged = true;
	if (t->has_version)
		ev.version = version_text(d, t->version);
	if (t->has_cipher)
		ev.cipher =
			name_or_number(d, nj_tls_cipher(t->cipher), t->cipher);
	if (t->group)
		ev.curve = name_or_number(d, nj_tls_group(t->group), t->group);
	if (t->has_alert)
		ev.last_alert = name_or_number(
			d, nj_tls_alert(t->last_alert), t->last_alert);
	ev.ssl_history =
		(struct nj_view){ (uint8_t *)t->history, t->history_len };
	if (t->chain_seen) {
		ev.cert_chain_fps = chain_text(d, &t->chain[0]);
		ev.client_cert_chain_fps = chain_text(d, &t->chain[1]);
	}
	if (t->has_match)
		nj_set(&ev, ssl, sni_matches_cert, t->matches);
	if (t->has_cert)
		nj_set(&ev, ssl, cert_self_signed, t->self_signed);
	if (t->has_age)
		nj_set(&ev, ssl, cert_age_days, t->age_days);
	if (t->has_left)
		nj_set(&ev, ssl, cert_left_days, t->left_days);
	if (t->has_ja3) {
		ev.ja3 = (struct nj_view){ (uint8_t *)t->ja3, sizeof(t->ja3) };
		ev.ja4 = (struct nj_view){ (uint8_t *)t->ja4, sizeof(t->ja4) };
	}
	if (t->has_ja3s)
		ev.ja3s =
			(struct nj_view){ (uint8_t *)t->ja3s, sizeof(t->ja3s) };
	if (t->client_alpn.len)
		ev.client_alpn = alpn_text(d, t->client_alpn);
	if (t->has_ech)
		nj_set(&ev, ssl, ech_outer, true);
	(void)nj_emit_at(d, &ssl_desc, &ev, t->began_ns);
	nj_tls_eve_emit(d, t);
}
