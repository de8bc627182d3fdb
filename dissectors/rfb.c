/*
 * rfb.c - the remote framebuffer protocol of VNC (RFC 6143, and versions 3.3
 * and 3.7 before it): who shares which screen, and how one logs in.
 *
 * One record a connection, when the screen is known or when it ends; what is
 * drawn is not looked at. VeNCrypt and TLS go on in ssl. Log and field names
 * are Zeek's.
 */
#include <stdio.h>

#include "dissectors/shared/odd_eve.h"
#include "engine/base/json.h"
#include "engine/dissect/dissector.h"

#define RFB(F, tag)                                                            \
	F(tag, 1, STR, client_major_version, 0, "Version of the client")       \
	F(tag, 2, STR, client_minor_version, NJ_LEARN, "Its second half")      \
	F(tag, 3, STR, server_major_version, 0, "Version of the server")       \
	F(tag, 4, STR, server_minor_version, NJ_LEARN, "Its second half")      \
	F(tag, 5, STR, authentication_method, NJ_INDEX | NJ_LEARN,             \
		"How the client proves itself")                                \
	F(tag, 6, BOOL, auth, NJ_OPT | NJ_INDEX, "Was it let in?")             \
	F(tag, 7, BOOL, share_flag, NJ_OPT, "May others stay connected?")      \
	F(tag, 8, STR, desktop_name, NJ_INDEX | NJ_PII, "Name of the screen")  \
	F(tag, 9, U16, width, NJ_OPT, "Width of the screen, in pixels")        \
	F(tag, 10, U16, height, NJ_OPT, "Height of the screen, in pixels")     \
	F(tag, 11, STR, reason, 0, "Why the server refuses")

NJ_EVENT(rfb, RFB, "A connection to a shared screen");

#define EVE_RFB(F, tag)                                                        \
	F(tag, 1, STR, rfb__server_protocol_version__major, 0,                 \
		"Version of the server")                                       \
	F(tag, 2, STR, rfb__server_protocol_version__minor, 0,                 \
		"Its second half")                                             \
	F(tag, 3, STR, rfb__client_protocol_version__major, 0,                 \
		"Version of the client")                                       \
	F(tag, 4, STR, rfb__client_protocol_version__minor, 0,                 \
		"Its second half")                                             \
	F(tag, 5, STR, rfb__authentication, NJ_JSON,                           \
		"security_type, vnc, security_result, failure_reason")         \
	F(tag, 6, BOOL, rfb__screen_shared, NJ_OPT,                            \
		"May others stay connected?")                                  \
	F(tag, 7, STR, rfb__framebuffer, NJ_JSON,                              \
		"width, height, name, pixel_format")

NJ_EVENT_X(eve_rfb, EVE_RFB, NJ_EV_EVE, "A connection to a shared screen");

enum {
	VERSION_BYTES = 12,
	CHALLENGE_BYTES = 16,
	NAME_BYTES = 1024,
	REASON_BYTES = 256,
	INIT_BYTES = 24,
	FORMAT_BYTES = 16,
	SUBTYPES_MAX = 255,
	KEY_BYTES_MAX = 4096,
	TEXT_MAX = 1 << 20 /* longer names and reasons are nonsense */
};

enum { ODD_ORDER, ODD_LENGTH };
static const struct nj_oddity oddities[] = {
	[ODD_ORDER] = { "rfb_choice", "A security type that was not offered" },
	[ODD_LENGTH] = { "rfb_length", "A text or key of absurd length" },
	{ 0 },
};

/* Whose turn it is, and for what. */
enum step {
	SERVER_VERSION,
	CLIENT_VERSION,
	SERVER_TYPE, /* 3.3: the server decides */
	SERVER_TYPES,
	CLIENT_CHOICE,
	SERVER_CHALLENGE,
	CLIENT_RESPONSE,
	SERVER_DH, /* Apple: generator, prime, key */
	CLIENT_DH,
	SERVER_VENCRYPT,
	CLIENT_VENCRYPT,
	SERVER_SUBTYPES, /* with the acknowledgement before them */
	CLIENT_SUBTYPE,
	SERVER_GO, /* TLS begins behind it */
	SERVER_RESULT,
	SERVER_REASON,
	CLIENT_INIT,
	SERVER_INIT,
	END
};

enum {
	TYPE_NONE = 1,
	TYPE_VNC = 2,
	TYPE_TLS = 18,
	TYPE_VENCRYPT = 19,
	TYPE_APPLE = 30
};

struct rfb {
	uint8_t step;
	bool told, typed, judged, authentic, initial, shared, sized;
	bool has_challenge, has_response;
	char version[2][7];  /* "003008", NUL-terminated */
	uint8_t offered[32]; /* a bit for each type */
	uint8_t type;
	uint8_t challenge[CHALLENGE_BYTES], response[CHALLENGE_BYTES];
	uint16_t key_bytes, width, height;
	uint8_t format[FORMAT_BYTES];
	struct nj_view name, reason; /* kept */
	int64_t ts_ns;
};

/* ---- Records ---- */

static const char *
type_name(uint8_t type)
{
	switch (type) {
	case 0:
		return "Invalid";
	case TYPE_NONE:
		return "None";
	case TYPE_VNC:
		return "VNC";
	case 16:
		return "Tight";
	case 17:
		return "Ultra";
	case TYPE_TLS:
		return "TLS";
	case TYPE_VENCRYPT:
		return "VeNCrypt";
	case 20:
		return "GTK-VNC SASL";
	case 21:
		return "MD5 hash authentication";
	case 22:
		return "Colin Dean xvp";
	case TYPE_APPLE:
		return "Apple Remote Desktop";
	default:
		return "RealVNC";
	}
}

static struct nj_view
half(const struct rfb *s, enum nj_dir dir, size_t from)
{
	return s->version[dir][0]
		       ? (struct nj_view){ (const uint8_t *)s->version[dir] +
						   from,
				 3 }
		       : (struct nj_view){ 0 };
}

static struct nj_view
eve_authentication(struct nj_dctx *d, const struct rfb *s)
{
	struct nj_json j;

	if (!s->typed)
		return (struct nj_view){ 0 };
	nj_arena_json(d, &j, 2048);
	nj_json_obj(&j, NULL);
	nj_json_u64(&j, "security_type", s->type);
	if (s->has_challenge) {
		nj_json_obj(&j, "vnc");
		nj_json_hex(&j, "challenge",
			(struct nj_view){ s->challenge, CHALLENGE_BYTES }, 0);
		if (s->has_response)
			nj_json_hex(&j, "response",
				(struct nj_view){
					s->response, CHALLENGE_BYTES },
				0);
		nj_json_end(&j);
	}
	if (s->judged)
		nj_json_text(
			&j, "security_result", s->authentic ? "OK" : "FAIL");
	if (s->reason.len)
		nj_json_str(&j, "failure_reason", s->reason);
	nj_json_end(&j);
	return nj_arena_json_end(d, &j);
}

static struct nj_view
eve_framebuffer(struct nj_dctx *d, const struct rfb *s)
{
	struct nj_cur c =
		nj_cur((struct nj_view){ s->format, sizeof(s->format) });
	struct nj_json j;

	if (!s->sized)
		return (struct nj_view){ 0 };
	nj_arena_json(d, &j, 4096);
	nj_json_obj(&j, NULL);
	nj_json_u64(&j, "width", s->width);
	nj_json_u64(&j, "height", s->height);
	nj_json_str(&j, "name", s->name);
	nj_json_obj(&j, "pixel_format");
	nj_json_u64(&j, "bits_per_pixel", nj_cur_u8(&c));
	nj_json_u64(&j, "depth", nj_cur_u8(&c));
	nj_json_bool(&j, "big_endian", nj_cur_u8(&c) != 0);
	nj_json_bool(&j, "true_color", nj_cur_u8(&c) != 0);
	nj_json_u64(&j, "red_max", nj_cur_u16(&c));
	nj_json_u64(&j, "green_max", nj_cur_u16(&c));
	nj_json_u64(&j, "blue_max", nj_cur_u16(&c));
	nj_json_u64(&j, "red_shift", nj_cur_u8(&c));
	nj_json_u64(&j, "green_shift", nj_cur_u8(&c));
	nj_json_u64(&j, "blue_shift", nj_cur_u8(&c));
	nj_json_end(&j);
	nj_json_end(&j);
	return nj_arena_json_end(d, &j);
}

static void
tell_eve(struct nj_dctx *d, const struct rfb *s)
{
	struct eve_rfb_event ev = { 0 };

	if (!nj_wanted(d, &eve_rfb_desc))
		return;
	ev.rfb__server_protocol_version__major = half(s, NJ_RESP, 0);
	ev.rfb__server_protocol_version__minor = half(s, NJ_RESP, 3);
	ev.rfb__client_protocol_version__major = half(s, NJ_ORIG, 0);
	ev.rfb__client_protocol_version__minor = half(s, NJ_ORIG, 3);
	ev.rfb__authentication = eve_authentication(d, s);
	ev.rfb__framebuffer = eve_framebuffer(d, s);
	if (s->initial)
		nj_set(&ev, eve_rfb, rfb__screen_shared, s->shared);
	(void)nj_emit_dir(d, &eve_rfb_desc, &ev, NJ_ORIG);
}

static void
tell(struct nj_dctx *d, struct rfb *s)
{
	struct rfb_event ev = { .desktop_name = s->name, .reason = s->reason };

	if (s->told)
		return;
	s->told = true;
	ev.client_major_version = half(s, NJ_ORIG, 0);
	ev.client_minor_version = half(s, NJ_ORIG, 3);
	ev.server_major_version = half(s, NJ_RESP, 0);
	ev.server_minor_version = half(s, NJ_RESP, 3);
	if (s->typed)
		ev.authentication_method = nj_str(type_name(s->type));
	if (s->judged)
		nj_set(&ev, rfb, auth, s->authentic);
	if (s->initial)
		nj_set(&ev, rfb, share_flag, s->shared);
	if (s->sized) {
		nj_set(&ev, rfb, width, s->width);
		nj_set(&ev, rfb, height, s->height);
	}
	(void)nj_emit_at(d, &rfb_desc, &ev, s->ts_ns);
	tell_eve(d, s);
}

/* ---- Steps: each takes from c, which is bad where more bytes are needed */

static bool
version(struct nj_dctx *d, struct rfb *s, enum nj_dir dir, struct nj_cur *c)
{
	struct nj_view v = nj_cur_take(c, VERSION_BYTES);

	if (c->bad)
		return true;
	if (!nj_view_starts(v, NJ_LIT("RFB ")) || v.data[7] != '.' ||
		v.data[11] != '\n')
		return false;
	for (unsigned i = 4; i < 11; i++)
		if (i != 7 && (v.data[i] < '0' || v.data[i] > '9'))
			return false;
	if (dir == NJ_RESP)
		s->ts_ns = nj_now(d);
	memcpy(s->version[dir], v.data + 4, 3);
	memcpy(s->version[dir] + 3, v.data + 8, 3);
	if (dir == NJ_ORIG)
		nj_confirm(d);
	s->step = dir == NJ_RESP ? CLIENT_VERSION : SERVER_TYPES;
	/* 3.3 to 3.6 leave the choice to the server. */
	if (dir == NJ_ORIG && memcmp(s->version[dir], "003007", 6) < 0)
		s->step = SERVER_TYPE;
	return true;
}

static bool
is_38(const struct rfb *s)
{
	return memcmp(s->version[NJ_ORIG], "003008", 6) >= 0;
}

static void
chosen(struct rfb *s, uint8_t type)
{
	s->type = type;
	s->typed = true;
	switch (type) {
	case TYPE_NONE:
		s->step = is_38(s) ? SERVER_RESULT : CLIENT_INIT;
		break;
	case TYPE_VNC:
		s->step = SERVER_CHALLENGE;
		break;
	case TYPE_APPLE:
		s->step = SERVER_DH;
		break;
	case TYPE_VENCRYPT:
		s->step = SERVER_VENCRYPT;
		break;
	default:
		s->step = END; /* TLS at once, or nothing that we know */
		break;
	}
}

static void
types(struct rfb *s, struct nj_cur *c)
{
	struct nj_view list = nj_cur_take(c, nj_cur_u8(c));

	if (c->bad)
		return;
	s->step = list.len ? CLIENT_CHOICE : SERVER_REASON;
	for (size_t i = 0; i < list.len; i++)
		s->offered[list.data[i] / 8] |=
			(uint8_t)(1 << list.data[i] % 8);
}

/* The text behind a length; false: absurd. A long one is cut: nothing that is
 * read follows it. */
static bool
text(struct nj_dctx *d, struct nj_cur *c, struct nj_view *out, size_t max)
{
	uint32_t len = nj_cur_u32(c);
	struct nj_view v;

	if (c->bad)
		return true;
	if (len > TEXT_MAX) {
		nj_odd(d, ODD_LENGTH);
		return false;
	}
	v = nj_cur_take(c, nj_min((size_t)len, max));
	if (!c->bad)
		*out = nj_keep_view(d, v, max);
	return true;
}

static void
result(struct rfb *s, struct nj_cur *c)
{
	uint32_t word = nj_cur_u32(c);

	if (c->bad)
		return;
	s->judged = true;
	s->authentic = !word;
	s->step = !word ? CLIENT_INIT : is_38(s) ? SERVER_REASON : END;
}

static bool
server_init(struct nj_dctx *d, struct rfb *s, struct nj_cur *c)
{
	uint16_t width = nj_cur_u16(c), height = nj_cur_u16(c);
	struct nj_view format = nj_cur_take(c, FORMAT_BYTES);

	if (!text(d, c, &s->name, NAME_BYTES))
		return false;
	if (c->bad)
		return true;
	memcpy(s->format, format.data, FORMAT_BYTES);
	s->width = width;
	s->height = height;
	s->sized = true;
	s->step = END;
	return true;
}

static bool
diffie_hellman(struct nj_dctx *d, struct rfb *s, struct nj_cur *c)
{
	nj_cur_skip(c, 2);
	s->key_bytes = nj_cur_u16(c);
	if (!c->bad && s->key_bytes > KEY_BYTES_MAX) {
		nj_odd(d, ODD_LENGTH);
		return false;
	}
	nj_cur_skip(c, (size_t)s->key_bytes * 2);
	if (!c->bad)
		s->step = CLIENT_DH;
	return true;
}

static bool
server_step(struct nj_dctx *d, struct rfb *s, struct nj_cur *c)
{
	struct nj_view v;

	switch (s->step) {
	case SERVER_VERSION:
		return version(d, s, NJ_RESP, c);
	case SERVER_TYPE:
		nj_cur_skip(c, 3);
		chosen(s, nj_cur_u8(c));
		if (c->bad)
			s->step = SERVER_TYPE;
		else if (!s->type)
			s->step = SERVER_REASON;
		s->typed = !c->bad;
		return true;
	case SERVER_TYPES:
		types(s, c);
		return true;
	case SERVER_CHALLENGE:
		v = nj_cur_take(c, CHALLENGE_BYTES);
		if (c->bad)
			return true;
		memcpy(s->challenge, v.data, CHALLENGE_BYTES);
		s->has_challenge = true;
		s->step = CLIENT_RESPONSE;
		return true;
	case SERVER_DH:
		return diffie_hellman(d, s, c);
	case SERVER_VENCRYPT:
		nj_cur_skip(c, 2);
		break;
	case SERVER_SUBTYPES:
		nj_cur_skip(c, 1);
		nj_cur_skip(c, 4 * (size_t)nj_cur_u8(c));
		break;
	case SERVER_GO:
		nj_cur_skip(c, 1);
		break;
	case SERVER_RESULT:
		result(s, c);
		return true;
	case SERVER_REASON:
		if (!text(d, c, &s->reason, REASON_BYTES))
			return false;
		s->step = c->bad ? SERVER_REASON : END;
		return true;
	default:
		return server_init(d, s, c);
	}
	if (!c->bad)
		s->step++;
	return true;
}

static bool
client_step(struct nj_dctx *d, struct rfb *s, struct nj_cur *c)
{
	struct nj_view v;
	uint8_t byte;

	switch (s->step) {
	case CLIENT_VERSION:
		return version(d, s, NJ_ORIG, c);
	case CLIENT_CHOICE:
		byte = nj_cur_u8(c);
		if (c->bad)
			return true;
		if (!(s->offered[byte / 8] >> byte % 8 & 1))
			nj_odd(d, ODD_ORDER);
		/* Suricata reads no others on. */
		if (byte != TYPE_NONE && byte != TYPE_VNC)
			nj_odd_eve(d, "rfb", "unimplemented_security_type",
				NJ_ORIG);
		chosen(s, byte);
		return true;
	case CLIENT_RESPONSE:
		v = nj_cur_take(c, CHALLENGE_BYTES);
		if (c->bad)
			return true;
		memcpy(s->response, v.data, CHALLENGE_BYTES);
		s->has_response = true;
		s->step = SERVER_RESULT;
		return true;
	case CLIENT_DH:
		nj_cur_skip(c, (size_t)s->key_bytes + 128);
		if (!c->bad)
			s->step = SERVER_RESULT;
		return true;
	case CLIENT_VENCRYPT:
		nj_cur_skip(c, 2);
		break;
	case CLIENT_SUBTYPE:
		nj_cur_skip(c, 4);
		break;
	default:
		byte = nj_cur_u8(c);
		if (c->bad)
			return true;
		s->initial = true;
		s->shared = byte != 0;
		s->step = SERVER_INIT;
		return true;
	}
	if (!c->bad)
		s->step++;
	return true;
}

static bool
is_clients(uint8_t step)
{
	return step == CLIENT_VERSION || step == CLIENT_CHOICE ||
	       step == CLIENT_RESPONSE || step == CLIENT_DH ||
	       step == CLIENT_VENCRYPT || step == CLIENT_SUBTYPE ||
	       step == CLIENT_INIT;
}

static enum nj_verdict
end_reached(struct nj_dctx *d, struct rfb *s)
{
	if (s->sized || !s->typed ||
		(s->type != TYPE_TLS && s->type != TYPE_VENCRYPT)) {
		tell(d, s);
		return NJ_DONE;
	}
	if (s->judged)
		return NJ_DONE;
	tell(d, s);
	return nj_handover(d, "ssl", 0) ? NJ_MORE : NJ_DONE;
}

static enum nj_verdict
rfb_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct rfb *s = nj_state(d);
	bool good = true;

	if (s->step == SERVER_VERSION && dir == NJ_ORIG)
		return NJ_REJECT; /* the server speaks first */
	while (v.len && s->step != END && good &&
		is_clients(s->step) == (dir == NJ_ORIG)) {
		struct nj_cur c = nj_cur(v);
		size_t n;

		good = dir == NJ_ORIG ? client_step(d, s, &c)
				      : server_step(d, s, &c);
		if (c.bad || !good)
			break;
		n = (size_t)(c.at - v.data);
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
		/* TLS begins behind this very byte. */
		if (s->step == SERVER_GO + 1 && s->type == TYPE_VENCRYPT)
			s->step = END;
	}
	if (!good)
		return s->step <= CLIENT_VERSION ? NJ_REJECT : NJ_BROKEN;
	return s->step == END ? end_reached(d, s) : NJ_MORE;
}

static void
rfb_end(struct nj_dctx *d)
{
	struct rfb *s = nj_state(d);

	if (s->step > CLIENT_VERSION)
		tell(d, s);
}

const struct nj_dissector nj_dissector_rfb = {
	.name = "rfb",
	.title = "VNC (remote framebuffer)",
	.sigs = (const struct nj_sig[]){ { "^RFB 00[1-5]\\.[0-9]{3}\\n",
						 NJ_SIG_RESP | NJ_SIG_TCP },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &rfb_desc,
		&eve_rfb_desc, &eve_anomaly_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct rfb),
	.stream = rfb_stream,
	.end = rfb_end,
};
