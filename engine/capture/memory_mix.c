/*
 * memory_mix.c - the conversations of the memory feed, frame by frame.
 *
 * Lengths follow what such traffic looks like: "small" is telemetry and
 * voice, "enterprise" web traffic of about 700 bytes a frame, "bulk"
 * downloads in full frames, "conn" many short flows, each with something to
 * dissect.
 */
#include "engine/capture/memory_priv.h"

static const uint8_t mac_client[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t mac_server[6] = { 2, 0, 0, 0, 0, 2 };
/* The first halves; the feed writes the second ones. */
static const uint8_t ip6_client[8] = { 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 1 };
static const uint8_t ip6_server[8] = { 0x20, 1, 0x0d, 0xb8, 0, 2, 0, 2 };

uint64_t
memory_random(struct memory_talk *t)
{
	t->rng += UINT64_C(0x9e3779b97f4a7c15);
	return nj_mix64(t->rng);
}

static uint8_t *
put16(uint8_t *p, unsigned x)
{
	p[0] = (uint8_t)(x >> 8);
	p[1] = (uint8_t)x;
	return p + 2;
}

static uint8_t *
put_bytes(uint8_t *p, const void *from, size_t n)
{
	memcpy(p, from, n);
	return p + n;
}

static uint8_t *
put_ip4(uint8_t *p, uint16_t id, uint8_t proto, size_t payload)
{
	static const uint8_t blank[10];

	*p++ = 0x45;
	*p++ = 0;
	p = put16(p, (unsigned)(IP4_BYTES + payload));
	p = put16(p, id);
	p = put16(p, 0x4000);
	*p++ = 64;
	*p++ = proto;
	return put_bytes(p, blank, sizeof(blank));
}

static uint8_t *
put_ip6(uint8_t *p, bool from_server, uint8_t proto, size_t payload)
{
	static const uint8_t blank[8];

	p = put_bytes(p, "\x60\0\0\0", 4);
	p = put16(p, (unsigned)payload);
	*p++ = proto;
	*p++ = 64;
	p = put_bytes(p, from_server ? ip6_server : ip6_client, 8);
	p = put_bytes(p, blank, sizeof(blank));
	p = put_bytes(p, from_server ? ip6_client : ip6_server, 8);
	return put_bytes(p, blank, sizeof(blank));
}

/* Begins the next frame: link and network headers. Gives where the transport
 * header goes, for bytes of it and its payload. */
static uint8_t *
frame_begin(struct memory_talk *t, enum nj_dir dir, uint8_t proto, size_t bytes)
{
	struct memory_frame *f = t->at;
	bool back = dir == NJ_RESP;
	uint8_t *p = t->room;
	size_t len = ETHER_BYTES + (t->ip6 ? IP6_BYTES : IP4_BYTES) + bytes;

	NJ_ASSERT(f < t->end && len <= FRAME_BYTES_MAX);
	*f = (struct memory_frame){
		.data = p,
		.len = (uint16_t)nj_max(len, (size_t)FRAME_BYTES_MIN),
		.flow = t->flow,
		.tcp = proto == NJ_IP_TCP,
		.ip6 = t->ip6,
		.from_server = back,
	};
	/* Frames begin on cache lines, as those of a port do. */
	t->room += (f->len + NJ_CACHE_LINE - 1) & ~(NJ_CACHE_LINE - 1);
	t->at++;
	p = put_bytes(p, back ? mac_client : mac_server, 6);
	p = put_bytes(p, back ? mac_server : mac_client, 6);
	p = put16(p, t->ip6 ? 0x86dd : 0x0800);
	if (t->ip6)
		return put_ip6(p, back, proto, bytes);
	return put_ip4(p, t->ip_id++, proto, bytes);
}

static uint8_t *
put_ports(const struct memory_talk *t, uint8_t *p, enum nj_dir dir)
{
	p = put16(p, dir == NJ_ORIG ? 0 : t->server_port);
	return put16(p, dir == NJ_ORIG ? t->server_port : 0);
}

unsigned
memory_segment_max(const struct memory_talk *t)
{
	return FRAME_BYTES_MAX - ETHER_BYTES -
	       (t->ip6 ? IP6_BYTES : IP4_BYTES) - TCP_BYTES -
	       (t->stamps ? 12 : 0);
}

static size_t
tcp_options(const struct memory_talk *t, bool syn, uint8_t out[24])
{
	uint8_t *p = out;

	if (syn) {
		p = put_bytes(p, "\2\4\5\xb4\4\2", 6);
		p = put_bytes(p, "\1\3\3\7\1\1", 6);
	}
	if (t->stamps) {
		p = put_bytes(p, "\1\1\x8\xa", 4);
		p = put_bytes(p, "\0\1\2\3\0\1\2\3", 8);
	}
	return (size_t)(p - out);
}

void
memory_tcp(struct memory_talk *t, enum nj_dir dir, uint8_t flags,
	struct nj_view payload)
{
	struct memory_frame *f = t->at;
	uint8_t options[24], *p;
	size_t n = tcp_options(t, flags & NJ_TCP_SYN, options);

	p = frame_begin(t, dir, NJ_IP_TCP, TCP_BYTES + n + payload.len);
	f->seq = t->seq[dir];
	f->ack = flags & NJ_TCP_ACK ? t->seq[nj_other(dir)] : 0;
	p = put_ports(t, p, dir) + 8;
	*p++ = (uint8_t)((TCP_BYTES + n) / 4 << 4);
	*p++ = flags;
	p = put16(p, 0xfaf0);
	p = put16(p, 0) + 2;
	p = put_bytes(p, options, n);
	if (payload.len)
		put_bytes(p, payload.data, payload.len);
	t->seq[dir] += (uint32_t)payload.len + !!(flags & NJ_TCP_SYN) +
		       !!(flags & NJ_TCP_FIN);
}

void
memory_udp(struct memory_talk *t, enum nj_dir dir, struct nj_view payload)
{
	uint8_t *p = frame_begin(t, dir, NJ_IP_UDP, UDP_BYTES + payload.len);

	p = put_ports(t, p, dir);
	p = put16(p, (unsigned)(UDP_BYTES + payload.len));
	p = put16(p, 0);
	put_bytes(p, payload.data, payload.len);
}

void
memory_next_flow(struct memory_talk *t)
{
	t->flow++;
	t->seq[NJ_ORIG] = t->seq[NJ_RESP] = 0;
}

enum { PUSH = NJ_TCP_PSH | NJ_TCP_ACK, FIN = NJ_TCP_FIN | NJ_TCP_ACK };

static const struct nj_view nothing;

static struct nj_view
view_of(const struct nj_buf *b)
{
	NJ_ASSERT(!b->bad);
	return (struct nj_view){ b->data, b->len };
}

static void
talk_open(struct memory_talk *t)
{
	memory_tcp(t, NJ_ORIG, NJ_TCP_SYN, nothing);
	memory_tcp(t, NJ_RESP, NJ_TCP_SYN | NJ_TCP_ACK, nothing);
}

static void
talk_close(struct memory_talk *t)
{
	memory_tcp(t, NJ_RESP, FIN, nothing);
	memory_tcp(t, NJ_ORIG, FIN, nothing);
	memory_tcp(t, NJ_RESP, NJ_TCP_ACK, nothing);
}

enum { CLOSE_FRAMES = 3, HOST_BYTES = 64 };

/* The handshake with a server of a name of its own, then what the client
 * says first. */
static void
talk_begin(struct memory_talk *t, uint16_t server_port, char host[HOST_BYTES],
	void (*first)(
		struct memory_talk *t, struct nj_buf *b, const char *host))
{
	struct nj_buf b = { 0 };

	t->server_port = server_port;
	memory_host(t, host, HOST_BYTES);
	talk_open(t);
	memory_tcp(t, NJ_ORIG, NJ_TCP_ACK, nothing);
	first(t, &b, host);
	memory_tcp(t, NJ_ORIG, PUSH, view_of(&b));
	nj_buf_free(&b);
}

/* How many frames of data fit into frames if an acknowledgement follows each
 * every-th of them. */
static size_t
data_frames(size_t frames, size_t every)
{
	return frames - frames / (every + 1);
}

/* Fills all frames but those of the close with server data. write makes it,
 * as many bytes as it is told. */
static void
talk_download(struct memory_talk *t, size_t every,
	void (*write)(struct memory_talk *t, struct nj_buf *b, size_t n))
{
	size_t frames = (size_t)(t->end - t->at) - CLOSE_FRAMES;
	size_t segment = memory_segment_max(t), n = data_frames(frames, every);
	struct nj_buf b = { 0 };
	struct nj_view v;

	write(t, &b, n * segment);
	v = view_of(&b);
	for (size_t i = 0; i < frames; i++) {
		if (i % (every + 1) == every) {
			memory_tcp(t, NJ_ORIG, NJ_TCP_ACK, nothing);
			continue;
		}
		memory_tcp(t, NJ_RESP, NJ_TCP_ACK, nj_sub(v, 0, segment));
		v = nj_sub(v, segment, v.len);
	}
	NJ_ASSERT(!v.len);
	nj_buf_free(&b);
}

static void
http_download(struct memory_talk *t, size_t every)
{
	char host[HOST_BYTES];

	talk_begin(t, 80, host, memory_http_request);
	talk_download(t, every, memory_http_response);
	talk_close(t);
}

/* Both hellos and the client's second flight; 6 frames. */
static void
tls_handshake(struct memory_talk *t, bool tls13)
{
	struct nj_buf b = { 0 };
	char host[HOST_BYTES];

	talk_begin(t, 443, host, memory_tls_client);
	memory_tls_server(t, &b, host, tls13);
	memory_tcp(t, NJ_RESP, PUSH, view_of(&b));
	nj_buf_reset(&b);
	memory_tls_finish(t, &b, tls13);
	memory_tcp(t, NJ_ORIG, PUSH, view_of(&b));
	nj_buf_free(&b);
}

static void
tls_download(struct memory_talk *t, size_t every, bool tls13)
{
	struct nj_buf b = { 0 };

	tls_handshake(t, tls13);
	if (!tls13) {
		memory_tls_finish(t, &b, true);
		memory_tcp(t, NJ_RESP, PUSH, view_of(&b));
	}
	nj_buf_free(&b);
	talk_download(t, every, memory_tls_data);
	talk_close(t);
}

/* Datagrams of from least to most bytes that belong to no known protocol. */
static void
datagrams(struct memory_talk *t, unsigned least, unsigned most)
{
	struct nj_buf b = { 0 };

	t->server_port = 40000;
	while (t->at < t->end) {
		uint64_t x = memory_random(t);

		nj_buf_reset(&b);
		memory_fill(t, &b, least + (x >> 8) % (most - least + 1));
		memory_udp(t, x & 1 ? NJ_RESP : NJ_ORIG, view_of(&b));
	}
	nj_buf_free(&b);
}

/* Small segments both ways, of a protocol that nobody knows. */
static void
telemetry(struct memory_talk *t)
{
	struct nj_buf b = { 0 };

	t->server_port = 9250;
	talk_open(t);
	memory_tcp(t, NJ_ORIG, NJ_TCP_ACK, nothing);
	while (t->end - t->at > CLOSE_FRAMES) {
		uint64_t x = memory_random(t);

		nj_buf_reset(&b);
		memory_fill(t, &b, 1 + (x >> 8) % 70);
		memory_tcp(t, x & 1 ? NJ_RESP : NJ_ORIG, PUSH, view_of(&b));
	}
	nj_buf_free(&b);
	talk_close(t);
}

static void
small_write(struct memory_talk *t, unsigned number)
{
	if (number % 3)
		telemetry(t);
	else
		datagrams(t, 18, 82);
}

static void
enterprise_write(struct memory_talk *t, unsigned number)
{
	t->stamps = number & 1;
	t->ip6 = number % 5 == 2;
	if (number % 5 == 4)
		datagrams(t, 500, 1200);
	else if (number % 5 == 3)
		http_download(t, 1);
	else
		tls_download(t, 1, number % 3);
}

static void
bulk_write(struct memory_talk *t, unsigned number)
{
	if (number & 1)
		tls_download(t, 64, true);
	else
		http_download(t, 64);
}

/* 10 flows of 2 frames each. */
static void
dns_talk(struct memory_talk *t)
{
	struct nj_buf b = { 0 };
	char host[HOST_BYTES];

	t->server_port = 53;
	for (; t->at < t->end; memory_next_flow(t)) {
		memory_host(t, host, sizeof(host));
		nj_buf_reset(&b);
		memory_dns(t, &b, host, false);
		memory_udp(t, NJ_ORIG, view_of(&b));
		nj_buf_reset(&b);
		memory_dns(t, &b, host, true);
		memory_udp(t, NJ_RESP, view_of(&b));
	}
	nj_buf_free(&b);
}

/* 4 flows of 5 frames: the request comes with the handshake's last step, the
 * response with the FIN. */
static void
http_talk(struct memory_talk *t)
{
	struct nj_buf b = { 0 };
	char host[HOST_BYTES];

	t->server_port = 80;
	for (; t->at < t->end; memory_next_flow(t)) {
		memory_host(t, host, sizeof(host));
		talk_open(t);
		nj_buf_reset(&b);
		memory_http_request(t, &b, host);
		memory_tcp(t, NJ_ORIG, PUSH, view_of(&b));
		nj_buf_reset(&b);
		memory_http_response(t, &b, 400 + memory_random(t) % 800);
		memory_tcp(t, NJ_RESP, PUSH | NJ_TCP_FIN, view_of(&b));
		memory_tcp(t, NJ_ORIG, FIN, nothing);
	}
	nj_buf_free(&b);
}

/* 2 flows of 10 frames: a handshake, one request and one response. */
static void
tls_talk(struct memory_talk *t, bool tls13)
{
	struct nj_buf b = { 0 };

	for (; t->at < t->end; memory_next_flow(t)) {
		tls_handshake(t, tls13);
		nj_buf_reset(&b);
		if (!tls13)
			memory_tls_finish(t, &b, true);
		else
			memory_tls_data(t, &b, 250);
		memory_tcp(t, NJ_RESP, PUSH, view_of(&b));
		nj_buf_reset(&b);
		memory_tls_data(t, &b, 300);
		memory_tcp(t, NJ_ORIG, PUSH, view_of(&b));
		nj_buf_reset(&b);
		memory_tls_data(t, &b, 1200);
		memory_tcp(t, NJ_RESP, PUSH | NJ_TCP_FIN, view_of(&b));
		memory_tcp(t, NJ_ORIG, FIN, nothing);
	}
	nj_buf_free(&b);
}

/* Of 17 conversations 2 are DNS, 9 HTTP and 6 TLS, which makes 68 flows of
 * 340 frames: 5 a flow. */
static void
conn_write(struct memory_talk *t, unsigned number)
{
	unsigned kind = number % 17;

	if (kind < 2)
		dns_talk(t);
	else if (kind < 11)
		http_talk(t);
	else
		tls_talk(t, kind & 1);
}

const struct nj_memory_mix nj_memory_mixes[] = {
	{ "small", "64-128 B, 50 packets a flow, TCP and UDP of no protocol",
		50, 1, 83, 50, 14880000, 1 << 20, small_write },
	{ "enterprise",
		"~700 B, 50 packets a flow, TLS, HTTP and UDP, some "
		"IPv6",
		50, 1, 67, 50, 1740000, 1 << 20, enterprise_write },
	{ "bulk", "full frames, 50 packets a flow, HTTP and TLS downloads", 50,
		1, 67, 50, 880000, 1 << 20, bulk_write },
	{ "conn", "5 packets a flow, HTTP, TLS and DNS", 20, 10, 221, 5,
		1000000, 1 << 18, conn_write },
	{ 0 },
};

const struct nj_memory_mix *
nj_memory_mix_find(const char *name)
{
	for (const struct nj_memory_mix *m = nj_memory_mixes; m->name; m++)
		if (!strcmp(m->name, name))
			return m;
	return NULL;
}
