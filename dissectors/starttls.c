/*
 * starttls.c - TLS that begins behind a few messages in the clear, in
 * protocols that have no dissector of their own: remote desktops, chat and
 * databases that upgrade.
 *
 * Why we parse it: the name and certificates behind the upgrade are the same
 * facts as anywhere else, and cost no more than looking for a client hello.
 * Whoever gives one of them its own dissector strikes its line here, and
 * hands over by nj_handover(d, "ssl", 0) at the right place.
 */
#include "engine/dissect/dissector.h"

enum {
	LOOK_BYTES = 64 * 1024, /* of the client, before the upgrade */
	HELLO_HEAD = 11
};

struct state {
	uint32_t looked;
};

/* A TLS record that begins with a client hello, whose two lengths agree or
 * say that the hello goes on in another record. */
static bool
is_hello(const uint8_t *p)
{
	uint32_t record = (uint32_t)p[3] << 8 | p[4];
	uint32_t message = (uint32_t)p[6] << 16 | (uint32_t)p[7] << 8 | p[8];

	return p[0] == 0x16 && p[1] == 3 && p[2] <= 4 && p[5] == 1 && !p[6] &&
	       p[9] == 3 && p[10] <= 4 && record <= 16384 && message >= 38 &&
	       record <= message + 4;
}

/* Where a client hello begins, or as much as can be passed over. */
static size_t
hello_find(struct nj_view v, bool *found)
{
	size_t at = 0;

	*found = false;
	for (; at + HELLO_HEAD <= v.len; at++) {
		size_t next = nj_view_chr(nj_sub(v, at, v.len), 0x16);

		if (next == SIZE_MAX)
			return v.len;
		at += next;
		if (at + HELLO_HEAD > v.len)
			break;
		*found = is_hello(v.data + at);
		if (*found)
			break;
	}
	return nj_min(at, v.len);
}

static enum nj_verdict
starttls_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	bool found;
	size_t n;

	if (dir == NJ_RESP) {
		nj_consume(d, v.len);
		return NJ_MORE;
	}
	n = hello_find(v, &found);
	nj_consume(d, n);
	s->looked += (uint32_t)n;
	if (found)
		return nj_handover(d, "ssl", 0) ? NJ_MORE : NJ_DONE;
	return s->looked > LOOK_BYTES ? NJ_DONE : NJ_MORE;
}

const struct nj_dissector nj_dissector_starttls = {
	.name = "starttls",
	.title = "TLS behind a preamble",
	.service = "",
	.sigs =
		(const struct nj_sig[]){ /* XMPP. */
			{ "^(<\\?xml [^>]{0,100}>\\s{0,4})?<stream:stream ",
				NJ_SIG_TCP },
			{ 0 } },
	.state_bytes = sizeof(struct state),
	.stream = starttls_stream,
};
