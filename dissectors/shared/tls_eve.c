/*
 * tls_eve.c - EVE's tls and quic events. Hellos and the server's certificate
 * are kept as they came and read again when the event is made, so that
 * nothing of this is paid for without EVE output.
 */
#include "dissectors/shared/tls_eve.h"

#include <stdio.h>

#include "dissectors/shared/tls_names.h"
#include "dissectors/shared/x509.h"
#include "dissectors/shared/x509_eve.h"

#define EVE_TLS(F, tag)                                                        \
	F(tag, 1, STR, tls, NJ_JSON,                                           \
		"subject, issuerdn, serial, fingerprint, subjectaltname, "     \
		"sni, version, notbefore, notafter, from_proto, "              \
		"session_resumed, ja3, ja3s, ja4, client_alpns, "              \
		"server_alpns, client_handshake, server_handshake")
#define EVE_QUIC(F, tag)                                                       \
	F(tag, 1, STR, quic__sni, 0, "Name that the client asked for")         \
	F(tag, 2, STR, quic__ja3, NJ_JSON, "hash and string")                  \
	F(tag, 3, STR, quic__ja4, 0, "JA4 of the client")                      \
	F(tag, 4, STR, quic__extensions, NJ_JSON,                              \
		"name, type and values of the hello's extensions")

NJ_EVENT_STRUCT_(eve_tls, EVE_TLS);
NJ_EVENT_DEFINE(eve_tls, EVE_TLS, NJ_EV_EVE, "One TLS session");
NJ_EVENT_STRUCT_(eve_quic, EVE_QUIC);
NJ_EVENT_DEFINE(eve_quic, EVE_QUIC, NJ_EV_EVE, "One hello over QUIC");

enum {
	JSON_BYTES = 20 * 1024,
	HELLO_MAX = 8 * 1024,
	CERT_MAX = 16 * 1024,
	JA3_MAX = 4096
};

/* ---- Fingerprints ---- */

struct ja3_text {
	char at[JA3_MAX];
	size_t len;
};

static void
ja3_put(struct ja3_text *t, const char *between, unsigned n)
{
	int len = snprintf(
		t->at + t->len, sizeof(t->at) - t->len, "%s%u", between, n);

	if (len > 0 && (size_t)len < sizeof(t->at) - t->len)
		t->len += (size_t)len;
}

static void
ja3_list(struct ja3_text *t, struct nj_view list)
{
	const char *between = ",";

	for (size_t i = 0; i < list.len / 2; i++) {
		uint16_t x = nj_tls_u16(list, i);

		if (nj_tls_grease(x))
			continue;
		ja3_put(t, between, x);
		between = "-";
	}
	if (*between == ',' && t->len + 1 < sizeof(t->at))
		t->at[t->len++] = ',';
}

/* The text that the hash is made of (nj_ja3). */
static struct nj_view
ja3_string(const struct nj_tls_hello *h, struct ja3_text *t)
{
	const char *between = ",";

	t->len = 0;
	ja3_put(t, "", h->version);
	if (h->client)
		ja3_list(t, h->ciphers);
	else
		ja3_put(t, ",", h->cipher);
	for (unsigned i = 0; i < h->ext_count; i++) {
		if (nj_tls_grease(h->ext[i]))
			continue;
		ja3_put(t, between, h->ext[i]);
		between = "-";
	}
	if (*between == ',' && t->len + 1 < sizeof(t->at))
		t->at[t->len++] = ',';
	if (!h->client)
		return (struct nj_view){ (uint8_t *)t->at, t->len };
	ja3_list(t, h->groups);
	between = ",";
	for (size_t i = 0; i < h->point_formats.len; i++) {
		ja3_put(t, between, h->point_formats.data[i]);
		between = "-";
	}
	if (*between == ',' && t->len + 1 < sizeof(t->at))
		t->at[t->len++] = ',';
	return (struct nj_view){ (uint8_t *)t->at, t->len };
}

static void
put_ja3(struct nj_json *j, const char *key, const struct nj_tls_hello *h)
{
	struct ja3_text text;
	char hash[NJ_JA3_TEXT];

	nj_ja3(h, hash);
	nj_json_obj(j, key);
	nj_json_str(
		j, "hash", (struct nj_view){ (uint8_t *)hash, sizeof(hash) });
	nj_json_str(j, "string", ja3_string(h, &text));
	nj_json_end(j);
}

/* ---- TLS ---- */

/* As Suricata writes versions. */
static const char *
version_name(uint16_t version, char spare[24])
{
	switch (version) {
	case NJ_SSL_20:
		return "SSLv2";
	case NJ_SSL_30:
		return "SSLv3";
	case NJ_TLS_10:
		return "TLSv1";
	case NJ_TLS_11:
		return "TLS 1.1";
	case NJ_TLS_12:
		return "TLS 1.2";
	case NJ_TLS_13:
		return "TLS 1.3";
	}
	if (version >> 8 == 0x7f)
		(void)snprintf(spare, 24, "TLS 1.3 draft-%u", version & 0xff);
	else
		(void)snprintf(spare, 24, "0x%04x", version);
	return spare;
}

static void
put_numbers(struct nj_json *j, const char *key, struct nj_view list)
{
	nj_json_arr(j, key);
	for (size_t i = 0; i < list.len / 2; i++)
		if (!nj_tls_grease(nj_tls_u16(list, i)))
			nj_json_u64(j, NULL, nj_tls_u16(list, i));
	nj_json_end(j);
}

static void
put_exts(struct nj_json *j, const struct nj_tls_hello *h)
{
	nj_json_arr(j, "exts");
	for (unsigned i = 0; i < h->ext_count; i++)
		if (!nj_tls_grease(h->ext[i]))
			nj_json_u64(j, NULL, h->ext[i]);
	nj_json_end(j);
}

static void
put_alpns(struct nj_json *j, const char *key, const struct nj_tls_hello *h)
{
	struct nj_cur c = nj_cur(h->alpn);
	struct nj_view name;

	if (!h->alpn.len)
		return;
	nj_json_arr(j, key);
	while (nj_tls_alpn_next(&c, &name))
		nj_json_str(j, NULL, name);
	nj_json_end(j);
}

static void
put_client(struct nj_json *j, const struct nj_tls *t)
{
	struct nj_tls_hello h;
	char spare[24];

	if (!nj_tls_client_hello(&h, t->eve.hello[0], false))
		return;
	put_ja3(j, "ja3", &h);
	put_alpns(j, "client_alpns", &h);
	nj_json_obj(j, "client_handshake");
	nj_json_text(j, "version", version_name(h.version, spare));
	put_numbers(j, "ciphers", h.ciphers);
	put_exts(j, &h);
	put_numbers(j, "sig_algs", h.sig_algs);
	nj_json_end(j);
	(void)nj_json_keep(j);
}

static void
put_server(struct nj_json *j, const struct nj_tls *t)
{
	struct nj_tls_hello h;
	char spare[24];

	if (!nj_tls_server_hello(&h, t->eve.hello[1]))
		return;
	put_ja3(j, "ja3s", &h);
	put_alpns(j, "server_alpns", &h);
	nj_json_obj(j, "server_handshake");
	nj_json_text(j, "version", version_name(h.version, spare));
	nj_json_u64(j, "cipher", h.cipher);
	put_exts(j, &h);
	nj_json_end(j);
	(void)nj_json_keep(j);
}

/* Who spoke in the clear before TLS did. */
static struct nj_view
from_proto(const struct nj_dctx *d)
{
	static const char *const names[][2] = { { "postgresql", "pgsql" } };
	const char *parent = nj_parent(d);

	for (size_t i = 0; parent && i < nj_countof(names); i++)
		if (!strcmp(parent, names[i][0]))
			parent = names[i][1];
	return nj_str(parent);
}

static void
put_session(struct nj_json *j, struct nj_dctx *d, const struct nj_tls *t)
{
	struct nj_view from = from_proto(d);
	struct nj_tls_hello h;
	char spare[24];

	if (t->server_name.len)
		nj_json_str(j, "sni", t->server_name);
	/* Where the server never answered, what the client would have. */
	if (t->has_version)
		nj_json_text(j, "version", version_name(t->version, spare));
	else if (nj_tls_client_hello(&h, t->eve.hello[0], false))
		nj_json_text(j, "version", version_name(h.version, spare));
	if (from.len)
		nj_json_str(j, "from_proto", from);
	if (t->resumed)
		nj_json_bool(j, "session_resumed", true);
	if (t->has_ja3)
		nj_json_str(j, "ja4",
			(struct nj_view){
				(const uint8_t *)t->ja4, sizeof(t->ja4) });
	(void)nj_json_keep(j);
}

void
nj_tls_eve_emit(struct nj_dctx *d, const struct nj_tls *t)
{
	size_t mark = nj_arena_mark(d);
	struct eve_tls_event ev = { 0 };
	struct nj_json j;

	if (t->carrier != NJ_TLS_RECORDS || !nj_wanted(d, &eve_tls_desc))
		return;
	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_obj(&j, NULL);
	put_session(&j, d, t);
	nj_x509_eve(&j, t->eve.cert);
	put_client(&j, t);
	put_server(&j, t);
	ev.tls = nj_arena_json_end(d, &j);
	(void)nj_emit_dir(
		d, &eve_tls_desc, &ev, t->flipped ? NJ_RESP : NJ_ORIG);
	nj_arena_release(d, mark);
}

void
nj_tls_eve_cert(struct nj_dctx *d, struct nj_tls *t, struct nj_view der)
{
	if (t->eve.cert.data || der.len > CERT_MAX ||
		!nj_wanted(d, &eve_tls_desc))
		return;
	t->eve.cert = nj_keep_view(d, der, CERT_MAX);
}

/* ---- QUIC ---- */

static const char *
extension_name(uint16_t type)
{
	static const struct {
		uint16_t type;
		const char *name;
	} names[] = { { 0, "server_name" }, { 1, "max_fragment_length" },
		{ 5, "status_request" }, { 10, "supported_groups" },
		{ 11, "ec_point_formats" }, { 13, "signature_algorithms" },
		{ 14, "use_srtp" }, { 15, "heartbeat" }, { 16, "alpn" },
		{ 18, "signed_certificate_timestamp" }, { 21, "padding" },
		{ 22, "encrypt_then_mac" }, { 23, "extended_master_secret" },
		{ 27, "compress_certificate" }, { 28, "record_size_limit" },
		{ 34, "delegated_credentials" }, { 35, "session_ticket" },
		{ 41, "pre_shared_key" }, { 42, "early_data" },
		{ 43, "supported_versions" }, { 44, "cookie" },
		{ 45, "psk_key_exchange_modes" },
		{ 47, "certificate_authorities" },
		{ 49, "post_handshake_auth" },
		{ 50, "signature_algorithms_cert" }, { 51, "key_share" },
		{ 57, "quic_transport_parameters" },
		{ 13172, "next_protocol_negotiation" },
		{ 17513, "application_settings" },
		{ 17613, "application_settings" },
		{ 0xfe0d, "encrypted_client_hello" },
		{ 0xff01, "renegotiation_info" },
		{ 0xffa5, "quic_transport_parameters" } };

	if (nj_tls_grease(type))
		return "grease";
	for (size_t i = 0; i < nj_countof(names); i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

static void
put_values(struct nj_json *j, const struct nj_tls_hello *h, uint16_t type)
{
	struct nj_cur c = nj_cur(h->alpn);
	struct nj_view name;

	if (type != NJ_EXT_ALPN &&
		(type != NJ_EXT_SERVER_NAME || !h->server_name.len))
		return;
	nj_json_arr(j, "values");
	if (type == NJ_EXT_SERVER_NAME)
		nj_json_str(j, NULL, h->server_name);
	while (type == NJ_EXT_ALPN && nj_tls_alpn_next(&c, &name))
		nj_json_str(j, NULL, name);
	nj_json_end(j);
}

static struct nj_view
extensions(struct nj_dctx *d, const struct nj_tls_hello *h)
{
	struct nj_json j;

	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_arr(&j, NULL);
	for (unsigned i = 0; i < h->ext_count; i++) {
		const char *name = extension_name(h->ext[i]);

		nj_json_obj(&j, NULL);
		if (name)
			nj_json_text(&j, "name", name);
		nj_json_u64(&j, "type", h->ext[i]);
		put_values(&j, h, h->ext[i]);
		nj_json_end(&j);
		if (!nj_json_keep(&j))
			break;
	}
	return nj_arena_json_end(d, &j);
}

static void
tell_quic(
	struct nj_dctx *d, const struct nj_tls *t, const struct nj_tls_hello *h)
{
	struct eve_quic_event ev = { 0 };
	struct nj_json j;

	nj_arena_json(d, &j, JA3_MAX + 128);
	put_ja3(&j, NULL, h);
	ev.quic__ja3 = nj_arena_json_end(d, &j);
	ev.quic__sni = h->server_name;
	if (h->client)
		ev.quic__ja4 = (struct nj_view){ (const uint8_t *)t->ja4,
			sizeof(t->ja4) };
	ev.quic__extensions = extensions(d, h);
	(void)nj_emit_dir(d, &eve_quic_desc, &ev,
		h->client != t->flipped ? NJ_ORIG : NJ_RESP);
}

void
nj_tls_eve_hello(struct nj_dctx *d, struct nj_tls *t, struct nj_view body,
	const struct nj_tls_hello *h)
{
	size_t mark = nj_arena_mark(d);
	unsigned side = h->client ? 0 : 1;

	if (!nj_wanted(d, &eve_tls_desc))
		return;
	if (t->carrier == NJ_TLS_QUIC)
		tell_quic(d, t, h);
	else if (!t->eve.hello[side].data && body.len <= HELLO_MAX)
		t->eve.hello[side] = nj_keep_view(d, body, HELLO_MAX);
	nj_arena_release(d, mark);
}
