/*
 * memory_app.c - the payloads of the memory feed: HTTP, DNS and TLS messages
 * as real programs send them, so that a bench pays what traffic costs.
 */
#include "engine/capture/memory_priv.h"

#include <stdio.h>

enum {
	TLS_RECORD_MAX = 16384,
	TLS_CCS = 20,
	TLS_HANDSHAKE = 22,
	TLS_DATA = 23
};

static void
put16(struct nj_buf *b, unsigned x)
{
	nj_buf_char(b, (char)(x >> 8));
	nj_buf_char(b, (char)x);
}

/* Writes the length of all that follows at into the n bytes before it. */
static void
set_length(struct nj_buf *b, size_t at, unsigned n)
{
	size_t len = b->len - at;

	if (b->bad)
		return;
	for (unsigned i = 1; i <= n; i++, len >>= 8)
		b->data[at - i] = (uint8_t)len;
}

/* Leaves n bytes for a length; gives where what it counts begins. */
static size_t
open_length(struct nj_buf *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		nj_buf_char(b, 0);
	return b->len;
}

void
memory_fill(struct memory_talk *t, struct nj_buf *b, size_t n)
{
	uint64_t x;

	for (; n >= sizeof(x); n -= sizeof(x)) {
		x = memory_random(t);
		nj_buf_put(b, &x, sizeof(x));
	}
	x = memory_random(t);
	nj_buf_put(b, &x, n);
}

void
memory_host(struct memory_talk *t, char *host, size_t room)
{
	static const char *const firsts[] = { "www", "api", "cdn", "mail",
		"static", "login", "updates", "img" };
	static const char *const seconds[] = { "weather", "storage", "office",
		"tickets", "shop", "metrics", "video", "bank" };
	static const char *const tops[] = { "example", "test" };
	uint64_t x = memory_random(t);

	snprintf(host, room, "%s%u.%s-%u.%s", firsts[x & 7],
		(unsigned)(x >> 8 & 15), seconds[x >> 12 & 7],
		(unsigned)(x >> 16 & 255), tops[x >> 24 & 1]);
}

void
memory_http_request(struct memory_talk *t, struct nj_buf *b, const char *host)
{
	nj_buf_printf(b,
		"GET /catalog/%llx/item?id=%u&lang=en HTTP/1.1\r\n"
		"Host: %s\r\n"
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:102.0) "
		"Gecko/20100101 Firefox/102.0\r\n"
		"Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n"
		"Accept-Language: en-US,en;q=0.5\r\n"
		"Accept-Encoding: gzip, deflate\r\n"
		"Referer: http://%s/\r\n"
		"Cookie: session=%016llx\r\n"
		"Connection: keep-alive\r\n\r\n",
		(unsigned long long)(memory_random(t) >> 40),
		(unsigned)(memory_random(t) % 100000), host, host,
		(unsigned long long)memory_random(t));
}

void
memory_http_response(struct memory_talk *t, struct nj_buf *b, size_t total)
{
	static const char header[] =
		"HTTP/1.1 200 OK\r\n"
		"Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
		"Server: nginx\r\n"
		"Content-Type: text/html; charset=utf-8\r\n"
		"Content-Length: %8zu\r\n"
		"Connection: keep-alive\r\n\r\n";
	/* Eight digits take the place of the four characters of their form. */
	size_t head = sizeof(header) - 1 - 4 + 8, from = b->len;
	size_t body = total > head ? total - head : 0;

	nj_buf_printf(b, header, body);
	nj_buf_str(b, "<!DOCTYPE html>\n<html><head><title>Catalog</title>");
	while (b->len - from < total && !b->bad)
		nj_buf_printf(b, "<p class=\"item\">%016llx</p>\n",
			(unsigned long long)memory_random(t));
	b->len = from + nj_max(total, head);
}

static void
dns_name(struct nj_buf *b, const char *host)
{
	while (*host) {
		size_t n = strcspn(host, ".");

		nj_buf_char(b, (char)n);
		nj_buf_put(b, host, n);
		host += n + (host[n] == '.');
	}
	nj_buf_char(b, 0);
}

/* A record whose name is the question's. */
static void
dns_record(struct nj_buf *b, unsigned type, struct nj_view data)
{
	put16(b, 0xc00c);
	put16(b, type);
	put16(b, 1);
	put16(b, 0);
	put16(b, 300);
	put16(b, (unsigned)data.len);
	nj_buf_put(b, data.data, data.len);
}

void
memory_dns(struct memory_talk *t, struct nj_buf *b, const char *host,
	bool response)
{
	uint8_t address[4] = { 203, 0, 113, (uint8_t)memory_random(t) };
	struct nj_view v = { address, sizeof(address) };

	put16(b, (unsigned)strlen(host) * 2654435761u >> 8 & 0xffff);
	put16(b, response ? 0x8180 : 0x0100);
	put16(b, 1);
	put16(b, response ? 2 : 0);
	put16(b, 0);
	put16(b, 1);
	dns_name(b, host);
	put16(b, 1);
	put16(b, 1);
	if (response) {
		dns_record(b, 1, v);
		address[3]++;
		dns_record(b, 1, v);
	}
	/* EDNS(0), RFC 6891: 1232 bytes may come back. */
	nj_buf_char(b, 0);
	put16(b, 41);
	put16(b, 1232);
	put16(b, 0);
	put16(b, 0);
	put16(b, 0);
}

static size_t
tls_open(struct nj_buf *b, uint8_t type, unsigned version)
{
	nj_buf_char(b, (char)type);
	put16(b, version);
	return open_length(b, 2);
}

static size_t
handshake_open(struct nj_buf *b, uint8_t type)
{
	nj_buf_char(b, (char)type);
	return open_length(b, 3);
}

/* A record that holds one message; give both to message_close. */
struct message {
	size_t record, body;
};

static struct message
message_open(struct nj_buf *b, unsigned version, uint8_t type)
{
	struct message m;

	m.record = tls_open(b, TLS_HANDSHAKE, version);
	m.body = handshake_open(b, type);
	return m;
}

static void
message_close(struct nj_buf *b, struct message m)
{
	set_length(b, m.body, 3);
	set_length(b, m.record, 2);
}

static size_t
extension_open(struct nj_buf *b, unsigned type)
{
	put16(b, type);
	return open_length(b, 2);
}

static void
extension(struct nj_buf *b, unsigned type, struct nj_view body)
{
	size_t at = extension_open(b, type);

	nj_buf_put(b, body.data, body.len);
	set_length(b, at, 2);
}

static void
server_name(struct nj_buf *b, const char *host)
{
	size_t at = extension_open(b, 0);

	put16(b, (unsigned)strlen(host) + 3);
	nj_buf_char(b, 0);
	put16(b, (unsigned)strlen(host));
	nj_buf_str(b, host);
	set_length(b, at, 2);
}

/* x25519 with a key of 32 bytes; the client's form lists it. */
static void
key_share(struct memory_talk *t, struct nj_buf *b, bool client)
{
	size_t at = extension_open(b, 51);

	if (client)
		put16(b, 36);
	put16(b, 29);
	put16(b, 32);
	memory_fill(t, b, 32);
	set_length(b, at, 2);
}

static void
hello_start(struct memory_talk *t, struct nj_buf *b)
{
	put16(b, 0x0303);
	memory_fill(t, b, 32);
	nj_buf_char(b, 32);
	memory_fill(t, b, 32);
}

void
memory_tls_client(struct memory_talk *t, struct nj_buf *b, const char *host)
{
	static const uint16_t suites[] = { 0x1301, 0x1303, 0x1302, 0xc02b,
		0xc02f, 0xcca9, 0xcca8, 0xc02c, 0xc030, 0xc00a, 0xc009, 0xc013,
		0xc014, 0x009c, 0x009d, 0x002f, 0x0035 };
	struct message m = message_open(b, 0x0301, 1);
	size_t list;

	hello_start(t, b);
	put16(b, 2 * (unsigned)nj_countof(suites));
	for (unsigned i = 0; i < nj_countof(suites); i++)
		put16(b, suites[i]);
	put16(b, 0x0100);
	list = open_length(b, 2);
	server_name(b, host);
	extension(b, 23, NJ_LIT(""));
	extension(b, 0xff01, NJ_LIT("\0"));
	extension(b, 10, NJ_LIT("\0\x8\0\x1d\0\x17\0\x18\0\x19"));
	extension(b, 11, NJ_LIT("\1\0"));
	extension(b, 35, NJ_LIT(""));
	extension(b, 16, NJ_LIT("\0\xc\2h2\x8http/1.1"));
	extension(b, 5, NJ_LIT("\1\0\0\0\0"));
	key_share(t, b, true);
	extension(b, 43, NJ_LIT("\4\3\4\3\3"));
	extension(b, 13, NJ_LIT("\0\x10\4\3\5\3\6\3\x8\4\x8\5\x8\6\4\1\5\1"));
	extension(b, 45, NJ_LIT("\1\1"));
	set_length(b, list, 2);
	message_close(b, m);
}

static void
server_hello(struct memory_talk *t, struct nj_buf *b, bool tls13)
{
	struct message m = message_open(b, 0x0303, 2);
	size_t list;

	hello_start(t, b);
	put16(b, tls13 ? 0x1301 : 0xc02f);
	nj_buf_char(b, 0);
	list = open_length(b, 2);
	if (tls13) {
		extension(b, 43, NJ_LIT("\3\4"));
		key_share(t, b, false);
	} else {
		extension(b, 0xff01, NJ_LIT("\0"));
		extension(b, 16, NJ_LIT("\0\x9\x8http/1.1"));
		extension(b, 23, NJ_LIT(""));
	}
	set_length(b, list, 2);
	message_close(b, m);
}

static void
change_cipher(struct nj_buf *b)
{
	size_t record = tls_open(b, TLS_CCS, 0x0303);

	nj_buf_char(b, 1);
	set_length(b, record, 2);
}

/* A record of random bytes, as all encrypted ones look. */
static void
sealed(struct memory_talk *t, struct nj_buf *b, uint8_t type, size_t n)
{
	size_t record = tls_open(b, type, 0x0303);

	memory_fill(t, b, n);
	set_length(b, record, 2);
}

static void
certificate_message(struct memory_talk *t, struct nj_buf *b, const char *host)
{
	struct message m = message_open(b, 0x0303, 11);
	size_t list = open_length(b, 3), one = open_length(b, 3);

	memory_certificate(t, b, host);
	set_length(b, one, 3);
	set_length(b, list, 3);
	message_close(b, m);
}

/* Named curve x25519, its key, and an RSA-PSS signature of 256 bytes. */
static void
server_key_exchange(struct memory_talk *t, struct nj_buf *b)
{
	struct message m = message_open(b, 0x0303, 12);

	nj_buf_char(b, 3);
	put16(b, 29);
	nj_buf_char(b, 32);
	memory_fill(t, b, 32);
	put16(b, 0x0804);
	put16(b, 256);
	memory_fill(t, b, 256);
	message_close(b, m);
}

void
memory_tls_server(
	struct memory_talk *t, struct nj_buf *b, const char *host, bool tls13)
{
	struct message m;

	server_hello(t, b, tls13);
	if (tls13) {
		change_cipher(b);
		sealed(t, b, TLS_DATA, 1100);
		return;
	}
	certificate_message(t, b, host);
	server_key_exchange(t, b);
	m = message_open(b, 0x0303, 14);
	message_close(b, m);
}

void
memory_tls_finish(struct memory_talk *t, struct nj_buf *b, bool tls13)
{
	struct message m;

	if (!tls13) {
		m = message_open(b, 0x0303, 16);
		nj_buf_char(b, 32);
		memory_fill(t, b, 32);
		message_close(b, m);
	}
	change_cipher(b);
	sealed(t, b, tls13 ? TLS_DATA : TLS_HANDSHAKE, tls13 ? 53 : 40);
}

void
memory_tls_data(struct memory_talk *t, struct nj_buf *b, size_t total)
{
	enum { HEADER = 5, LEAST = HEADER + 24 };

	while (total) {
		size_t n = nj_min(total, (size_t)TLS_RECORD_MAX + HEADER);

		/* No record may be left that is shorter than its header. */
		if (total > n && total - n < LEAST)
			n -= LEAST;
		sealed(t, b, TLS_DATA, n - HEADER);
		total -= n;
	}
}

/* Puts tag and length before all that was appended since from. */
static void
der_wrap(struct nj_buf *b, size_t from, uint8_t tag)
{
	size_t len = b->len - from;
	unsigned head = len < 128 ? 2 : len < 256 ? 3 : 4;

	for (unsigned i = 0; i < head; i++)
		nj_buf_char(b, 0);
	if (b->bad)
		return;
	memmove(b->data + from + head, b->data + from, len);
	b->data[from] = tag;
	b->data[from + 1] = head == 2 ? (uint8_t)len : (uint8_t)(126 + head);
	for (unsigned i = head - 1; head > 2 && i >= 2; i--, len >>= 8)
		b->data[from + i] = (uint8_t)len;
}

static void
der_put(struct nj_buf *b, uint8_t tag, struct nj_view v)
{
	size_t from = b->len;

	nj_buf_put(b, v.data, v.len);
	der_wrap(b, from, tag);
}

enum {
	DER_INTEGER = 2,
	DER_BITS = 3,
	DER_OCTETS = 4,
	DER_OID = 6,
	DER_UTF8 = 12,
	DER_TIME = 23,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31
};

/* A Name of one common name. */
static void
der_name(struct nj_buf *b, const char *name)
{
	size_t from = b->len;

	der_put(b, DER_OID, NJ_LIT("\x55\4\3"));
	der_put(b, DER_UTF8, nj_str(name));
	der_wrap(b, from, DER_SEQUENCE);
	der_wrap(b, from, DER_SET);
	der_wrap(b, from, DER_SEQUENCE);
}

/* An RSA algorithm: the last byte of its OID, and no parameters. */
static void
der_algorithm(struct nj_buf *b, uint8_t last)
{
	uint8_t oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last };
	size_t from = b->len;

	der_put(b, DER_OID, (struct nj_view){ oid, sizeof(oid) });
	der_put(b, 5, NJ_LIT(""));
	der_wrap(b, from, DER_SEQUENCE);
}

static void
der_key(struct memory_talk *t, struct nj_buf *b)
{
	size_t from = b->len, bits, modulus;

	der_algorithm(b, 1);
	bits = b->len;
	modulus = b->len;
	/* A modulus of 2048 bits is positive: a zero byte comes first. */
	nj_buf_put(b, "\0\xc5", 2);
	memory_fill(t, b, 255);
	der_wrap(b, modulus, DER_INTEGER);
	der_put(b, DER_INTEGER, NJ_LIT("\1\0\1"));
	der_wrap(b, bits, DER_SEQUENCE);
	nj_buf_char(b, 0);
	if (!b->bad) {
		memmove(b->data + bits + 1, b->data + bits, b->len - bits - 1);
		b->data[bits] = 0;
	}
	der_wrap(b, bits, DER_BITS);
	der_wrap(b, from, DER_SEQUENCE);
}

static void
der_alternative_names(struct nj_buf *b, const char *host)
{
	size_t from = b->len, names;

	der_put(b, DER_OID, NJ_LIT("\x55\x1d\x11"));
	names = b->len;
	der_put(b, 0x82, nj_str(host));
	der_wrap(b, names, DER_SEQUENCE);
	der_wrap(b, names, DER_OCTETS);
	der_wrap(b, from, DER_SEQUENCE);
	der_wrap(b, from, DER_SEQUENCE);
	der_wrap(b, from, 0xa3);
}

void
memory_certificate(struct memory_talk *t, struct nj_buf *b, const char *host)
{
	size_t all = b->len, from;
	/* Positive, so the first byte's top bit is 0. */
	uint64_t serial = (memory_random(t) & ~UINT64_C(0x80)) | 1;

	der_put(b, DER_INTEGER, NJ_LIT("\2"));
	der_wrap(b, all, 0xa0);
	der_put(b, DER_INTEGER,
		(struct nj_view){ (uint8_t *)&serial, sizeof(serial) - 1 });
	der_algorithm(b, 11);
	der_name(b, "Bench Authority R1");
	from = b->len;
	der_put(b, DER_TIME, NJ_LIT("231001000000Z"));
	der_put(b, DER_TIME, NJ_LIT("240101000000Z"));
	der_wrap(b, from, DER_SEQUENCE);
	der_name(b, host);
	der_key(t, b);
	der_alternative_names(b, host);
	der_wrap(b, all, DER_SEQUENCE);
	der_algorithm(b, 11);
	from = b->len;
	nj_buf_char(b, 0);
	memory_fill(t, b, 256);
	der_wrap(b, from, DER_BITS);
	der_wrap(b, all, DER_SEQUENCE);
}
