/*
 * pcapng.c - blocks of pcapng. An interface is described just before the
 * first packet that came from it, which readers have to expect.
 */
#include "engine/pcap/pcapng.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/base/buf.h"

enum {
	SECTION = 0x0a0d0d0a,
	SECTION_ORDER = 0x1a2b3c4d,
	INTERFACE = 1,
	PACKET = 6,
	/* Options. */
	COMMENT = 1,
	SECTION_PROGRAM = 4,
	INTERFACE_NAME = 2,
	INTERFACE_RESOLUTION = 9,
	NANOSECONDS = 9,
	INTERFACES_MAX = 1024
};

struct face {
	uint16_t port, link;
};

struct nj_pcapng {
	FILE *out;
	struct nj_buf b;
	struct face faces[INTERFACES_MAX];
	unsigned count;
	int error;
};

static void
put16(struct nj_buf *b, unsigned v)
{
	uint16_t n = (uint16_t)v;

	nj_buf_put(b, &n, sizeof(n));
}

static void
put32(struct nj_buf *b, uint32_t v)
{
	nj_buf_put(b, &v, sizeof(v));
}

static void
pad(struct nj_buf *b)
{
	while (b->len % 4)
		nj_buf_char(b, 0);
}

static void
option(struct nj_buf *b, unsigned code, const void *value, size_t n)
{
	n = nj_min(n, (size_t)UINT16_MAX);
	put16(b, code);
	put16(b, (unsigned)n);
	nj_buf_put(b, value, n);
	pad(b);
}

static void
begin(struct nj_buf *b, uint32_t type)
{
	nj_buf_reset(b);
	put32(b, type);
	put32(b, 0);
}

/* Both lengths, and out with it. */
static bool
end(struct nj_pcapng *p)
{
	uint32_t n = (uint32_t)p->b.len + 4;

	put32(&p->b, n);
	if (p->b.bad) {
		p->error = ENOMEM;
		return false;
	}
	memcpy(p->b.data + 4, &n, sizeof(n));
	if (fwrite(p->b.data, 1, p->b.len, p->out) == p->b.len)
		return true;
	p->error = errno ? errno : EIO;
	return false;
}

static bool
section(struct nj_pcapng *p, const char *comment)
{
	struct nj_buf *b = &p->b;

	begin(b, SECTION);
	put32(b, SECTION_ORDER);
	put16(b, 1); /* version 1.0 */
	put16(b, 0);
	put32(b, UINT32_MAX); /* its length is not known: -1 in 64 bits */
	put32(b, UINT32_MAX);
	option(b, COMMENT, comment, strlen(comment));
	option(b, SECTION_PROGRAM, "nightjar pcap", 13);
	option(b, 0, NULL, 0);
	return end(p);
}

static bool
interface(struct nj_pcapng *p, const struct nj_pcap_packet *packet)
{
	const uint8_t resolution = NANOSECONDS;
	struct nj_buf *b = &p->b;
	char comment[64];

	(void)snprintf(comment, sizeof(comment),
		"capture point %u of the packet buffer", packet->port);
	begin(b, INTERFACE);
	put16(b, packet->link);
	put16(b, 0);
	put32(b, 0); /* no snap length of its own */
	option(b, INTERFACE_NAME, packet->port_name, strlen(packet->port_name));
	option(b, COMMENT, comment, strlen(comment));
	option(b, INTERFACE_RESOLUTION, &resolution, 1);
	option(b, 0, NULL, 0);
	return end(p);
}

/* The number of the packet's interface, which is told if it is new. */
static bool
interface_of(struct nj_pcapng *p, const struct nj_pcap_packet *packet,
	uint32_t *number)
{
	unsigned i = 0;

	while (i < p->count && (p->faces[i].port != packet->port ||
				       p->faces[i].link != packet->link))
		i++;
	*number = i;
	if (i < p->count)
		return true;
	if (p->count == INTERFACES_MAX) {
		p->error = EOVERFLOW;
		return false;
	}
	p->faces[p->count++] = (struct face){ packet->port, packet->link };
	return interface(p, packet);
}

enum nj_err
nj_pcapng_open(struct nj_pcapng **p, FILE *out, const char *comment)
{
	*p = calloc(1, sizeof(**p));
	if (!*p)
		return NJ_E_NOMEM;
	(*p)->out = out;
	return section(*p, comment) ? NJ_OK : nj_pcapng_close(p);
}

bool
nj_pcapng_put(struct nj_pcapng *p, const struct nj_pcap_packet *packet)
{
	/* Times before 1970 cannot be told. */
	uint64_t ts = (uint64_t)nj_max(packet->ts_ns, INT64_C(0));
	struct nj_buf *b = &p->b;
	uint32_t number;

	if (p->error || !interface_of(p, packet, &number))
		return false;
	begin(b, PACKET);
	put32(b, number);
	put32(b, (uint32_t)(ts >> 32));
	put32(b, (uint32_t)ts);
	put32(b, packet->len);
	put32(b, packet->wire_len);
	nj_buf_put(b, packet->data, packet->len);
	pad(b);
	return end(p);
}

enum nj_err
nj_pcapng_close(struct nj_pcapng **p)
{
	int error = 0;

	if (!*p)
		return NJ_OK;
	error = (*p)->error;
	if (!error && fflush((*p)->out))
		error = errno;
	nj_buf_free(&(*p)->b);
	free(*p);
	*p = NULL;
	errno = error;
	return error ? NJ_E_IO : NJ_OK;
}
