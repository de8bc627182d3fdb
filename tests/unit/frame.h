/*
 * frame.h - frames written by hand for tests: bytes as hex text, IP and
 * transport headers with their lengths and checksums filled in afterwards.
 */
#ifndef NJ_TESTS_UNIT_FRAME_H
#define NJ_TESTS_UNIT_FRAME_H

#include "tests/unit/unit.h"

#include "engine/packet/decode.h"

enum { FRAME_MAX = 70000 };

struct frame {
	uint8_t b[FRAME_MAX];
	size_t n;
};

/* Appends bytes given as hex digits; blanks are for the eye. */
static inline void
hex(struct frame *f, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	const char *d;
	unsigned have = 0, byte = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		d = strchr(digits, *text);
		assert_non_null(d);
		byte = byte << 4 | (unsigned)(d - digits);
		if (++have % 2 == 0) {
			assert_true(f->n < FRAME_MAX);
			f->b[f->n++] = (uint8_t)byte;
			byte = 0;
		}
	}
	assert_int_equal(have % 2, 0);
}

/* Appends n bytes that count up from first. */
static inline void
fill(struct frame *f, uint8_t first, size_t n)
{
	assert_true(f->n + n <= FRAME_MAX);
	for (size_t i = 0; i < n; i++)
		f->b[f->n++] = (uint8_t)(first + i);
}

static inline void
set16(struct frame *f, size_t at, size_t value)
{
	f->b[at] = (uint8_t)(value >> 8);
	f->b[at + 1] = (uint8_t)value;
}

/* RFC 1071 the slow and simple way, to check the fast one against. */
static inline uint16_t
plain_sum(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* MAC addresses 02...02 from 02...01, and what the text says after them. */
static inline void
ethernet(struct frame *f, const char *type)
{
	hex(f, "020000000002 020000000001");
	hex(f, type);
}

/* 10.0.0.1 to 10.0.0.2; gives where the header stands. */
static inline size_t
ip4(struct frame *f, uint8_t proto)
{
	size_t at = f->n;

	hex(f, "45000000 12344000 40000000 0a000001 0a000002");
	f->b[at + 9] = proto;
	return at;
}

/* fd00::1 to fd00::2. */
static inline size_t
ip6(struct frame *f, uint8_t next)
{
	size_t at = f->n;

	hex(f, "60000000 00000040 fd000000000000000000000000000001"
	       "fd000000000000000000000000000002");
	f->b[at + 6] = next;
	return at;
}

/* Port 1234 to 80, flags PSH and ACK. */
static inline void
tcp(struct frame *f)
{
	hex(f, "04d20050 00000007 00000009 50180100 00000000");
}

static inline void
udp(struct frame *f, uint16_t sport, uint16_t dport)
{
	size_t at = f->n;

	hex(f, "0000000000000000");
	set16(f, at, sport);
	set16(f, at + 2, dport);
}

/* Ends the IPv4 packet at at: length and header checksum, and of UDP the
 * length. Transport checksums stay as they are. */
static inline void
end4(struct frame *f, size_t at)
{
	size_t head = (f->b[at] & 0xfu) * 4;

	set16(f, at + 2, f->n - at);
	if (f->b[at + 9] == NJ_IP_UDP)
		set16(f, at + head + 4, f->n - at - head);
	set16(f, at + 10, 0);
	set16(f, at + 10, plain_sum(f->b + at, head, 0));
}

/* Ends the IPv6 packet at at, whose UDP header, if any, is at l4. */
static inline void
end6(struct frame *f, size_t at, size_t l4)
{
	set16(f, at + 4, f->n - at - 40);
	if (l4)
		set16(f, l4 + 4, f->n - l4);
}

/* Fills in the transport checksum, which is at offset csum, of the packet
 * with addresses at addr (n bytes both) and transport header at l4. */
static inline void
seal(struct frame *f, size_t addr, size_t n, size_t l4, size_t csum)
{
	uint8_t proto = n == 8 ? f->b[addr - 3] : f->b[addr - 2];
	uint32_t sum = (uint32_t)(f->n - l4) + proto;

	sum += (uint16_t)~plain_sum(f->b + addr, n, 0);
	set16(f, csum, 0);
	set16(f, csum, plain_sum(f->b + l4, f->n - l4, sum));
}

static inline struct nj_packet
packet(const struct frame *f, unsigned link)
{
	return (struct nj_packet){
		.data = f->b,
		.len = (uint32_t)f->n,
		.wire_len = (uint32_t)f->n,
		.link = (uint16_t)link,
	};
}

static inline struct nj_decoder *
decoder(bool check)
{
	struct nj_decode_conf conf;
	struct nj_decoder *d;

	nj_decode_conf_default(&conf);
	conf.check_checksums = check;
	assert_int_equal(nj_decoder_create(&d, &conf), NJ_OK);
	return d;
}

/* Decodes f in a decoder of its own, which does not check checksums; the
 * meta is good as long as f is, if f is no fragment. */
static inline struct nj_meta
decode(const struct frame *f, unsigned link)
{
	struct nj_decoder *d = decoder(false);
	struct nj_packet p = packet(f, link);
	struct nj_meta m;

	nj_decode(d, &p, &m);
	nj_decoder_destroy(&d);
	return m;
}

/* The packet inside m. */
static inline struct nj_meta
inside(const struct nj_meta *m)
{
	struct nj_decoder *d = decoder(false);
	struct nj_meta inner;

	assert_true(nj_decode_inner(d, m, &inner));
	nj_decoder_destroy(&d);
	return inner;
}

/* m is the TCP segment that tcp() writes, with n bytes of payload. */
static inline void
assert_tcp(const struct nj_meta *m, size_t n)
{
	assert_int_equal(m->kind, NJ_KIND_FLOW);
	assert_int_equal(m->proto, NJ_IP_TCP);
	assert_int_equal(m->sport, 1234);
	assert_int_equal(m->dport, 80);
	assert_int_equal(m->seq, 7);
	assert_int_equal(m->ack, 9);
	assert_int_equal(m->tcp_flags, NJ_TCP_PSH | NJ_TCP_ACK);
	assert_int_equal(m->window, 256);
	assert_int_equal(m->payload_wire, n);
	assert_int_equal(m->payload.len, n);
}

/* Appends a whole IPv4 packet with TCP and n bytes. */
static inline void
ip4_tcp(struct frame *f, size_t n)
{
	size_t at = ip4(f, NJ_IP_TCP);

	tcp(f);
	fill(f, 'a', n);
	end4(f, at);
}

/* Appends a whole IPv6 packet with TCP and n bytes. */
static inline void
ip6_tcp(struct frame *f, size_t n)
{
	size_t at = ip6(f, NJ_IP_TCP);

	tcp(f);
	fill(f, 'a', n);
	end6(f, at, 0);
}

#endif
