/*
 * sdp.c - see sdp.h.
 */
#include "dissectors/shared/sdp.h"

#include <stdio.h>

#include "engine/base/cur.h"

enum { MEDIA_MAX = 8, LINES_MAX = 256 };

struct media {
	struct nj_addr at;
	uint16_t port, rtcp;
	uint32_t clock;
	bool rtp, mux;
};

static struct nj_view
word(struct nj_view *v)
{
	struct nj_view w;
	size_t n = nj_view_chr(*v, ' ');

	w = nj_sub(*v, 0, n);
	*v = nj_sub(*v, w.len + 1, v->len);
	return w;
}

/* "IN IP4 192.0.2.1", perhaps with "/ttl" behind. */
static struct nj_addr
address(struct nj_view v)
{
	struct nj_addr a = { 0 };
	char text[NJ_ADDR_TEXT];
	struct nj_view w;

	if (!nj_view_caseeq(word(&v), NJ_LIT("IN")))
		return a;
	(void)word(&v);
	w = word(&v);
	w = nj_sub(w, 0, nj_view_chr(w, '/'));
	if (!w.len || w.len >= sizeof(text))
		return a;
	memcpy(text, w.data, w.len);
	text[w.len] = '\0';
	if (!nj_addr_parse(&a, text))
		return (struct nj_addr){ 0 };
	return a;
}

static uint16_t
port_of(struct nj_view v)
{
	uint64_t n;

	v = nj_sub(v, 0, nj_view_chr(v, '/'));
	return nj_view_u64(v, &n) && n <= 0xffff ? (uint16_t)n : 0;
}

/* "audio 49170 RTP/AVP 0 8" */
static void
media_line(struct media *m, struct nj_view v)
{
	struct nj_view profile, first;

	(void)word(&v);
	m->port = port_of(word(&v));
	profile = word(&v);
	first = word(&v);
	m->rtp = nj_view_find(profile, NJ_LIT("RTP/")) != SIZE_MAX;
	/* Of the formats that have a number for good all that are telephony
	 * run at this clock (RFC 3551 section 6). */
	if (nj_view_eq(first, NJ_LIT("0")) || nj_view_eq(first, NJ_LIT("8")) ||
		nj_view_eq(first, NJ_LIT("18")))
		m->clock = 8000;
}

/* "rtpmap:96 opus/48000/2", "rtcp:53020", "rtcp-mux" */
static void
attribute_line(struct media *m, struct nj_view v)
{
	size_t at;
	uint64_t n;

	if (nj_view_starts(v, NJ_LIT("rtcp-mux"))) {
		m->mux = true;
		return;
	}
	if (nj_view_starts(v, NJ_LIT("rtcp:"))) {
		v = nj_sub(v, 5, v.len);
		m->rtcp = port_of(word(&v));
		return;
	}
	if (m->clock || !nj_view_starts(v, NJ_LIT("rtpmap:")))
		return;
	at = nj_view_chr(v, '/');
	if (at == SIZE_MAX)
		return;
	v = nj_sub(v, at + 1, v.len);
	v = nj_sub(v, 0, nj_view_chr(v, '/'));
	if (nj_view_u64(nj_view_trim(v), &n) && n <= 200000)
		m->clock = (uint32_t)n;
}

static void
expect(struct nj_dctx *d, const struct media *m, uint16_t port, bool rtcp)
{
	static const uint8_t none[16];
	struct nj_expectation want = { .resp = m->at,
		.resp_port = port,
		.transport = NJ_UDP,
		.dissector = "rtp",
		.param = (uint64_t)m->clock << NJ_SDP_CLOCK_SHIFT |
			 NJ_SDP_SAID };

	/* An address of zeros is how a call is put on hold. */
	if (!port || !m->at.family || memcmp(m->at.bytes, none, 16) == 0)
		return;
	if (rtcp)
		want.param |= NJ_SDP_RTCP;
	nj_expect(d, &want);
}

static void
media_done(struct nj_dctx *d, const struct media *m)
{
	if (!m->rtp || !m->port)
		return;
	expect(d, m, m->port, false);
	if (!m->mux && m->port < 0xffff)
		expect(d, m, m->rtcp ? m->rtcp : m->port + 1, true);
}

unsigned
nj_sdp_expect(struct nj_dctx *d, struct nj_view text)
{
	struct nj_cur c = nj_cur(text);
	struct media m = { 0 };
	struct nj_addr session = { 0 };
	unsigned count = 0;

	for (unsigned i = 0; i < LINES_MAX && nj_cur_left(&c); i++) {
		struct nj_view line = nj_cur_line(&c), value;

		if (c.bad || line.len < 2 || line.data[1] != '=')
			continue;
		value = nj_sub(line, 2, line.len);
		if (line.data[0] == 'c' && count)
			m.at = address(value);
		else if (line.data[0] == 'c')
			session = address(value);
		else if (line.data[0] == 'a' && count)
			attribute_line(&m, value);
		if (line.data[0] != 'm')
			continue;
		if (count)
			media_done(d, &m);
		if (count == MEDIA_MAX)
			return count;
		count++;
		m = (struct media){ .at = session };
		media_line(&m, value);
	}
	if (count)
		media_done(d, &m);
	return count;
}
