/*
 * pcapfile_priv.h - what the two file formats share: the state of a reader,
 * its steps, and the words for what is wrong with a file.
 */
#ifndef NJ_CAPTURE_PCAPFILE_PRIV_H
#define NJ_CAPTURE_PCAPFILE_PRIV_H

#include "engine/capture/pcapfile.h"
#include "engine/io/input.h"

enum step {
	STEP_PACKET, /* one packet more */
	STEP_PASSED, /* something that is not a packet lies behind */
	STEP_NEED,   /* need bytes are not at hand; nothing was taken */
	STEP_FAILED  /* err and text are set */
};

enum {
	/* What libpcap allows for most link types; more than this of one
	 * packet is never handed out. */
	PACKET_BYTES_MAX = 256 * 1024,
	/* The few link types with longer frames (D-Bus, USB) get this. */
	PACKET_BYTES_HUGE = 128 * 1024 * 1024,
	/* Interfaces that one section of a pcapng file may describe. */
	INTERFACES_MAX = 65536
};

enum unit { UNIT_MULTIPLY, UNIT_DIVIDE, UNIT_BINARY };

/* One interface of a pcapng section. */
struct interface {
	uint16_t link;
	uint8_t unit; /* enum unit: how a time becomes nanoseconds */
	uint8_t shift;
	uint32_t snap; /* 0: none */
	uint32_t bytes_max;
	uint64_t factor;
	int64_t offset_ns;
};

struct pcapfile {
	struct nj_source source; /* first: the caller's pointer is ours */
	struct nj_input *in;
	enum step (*next)(struct pcapfile *f, struct nj_packet *out);
	const char *format;
	/* For STEP_NEED and for the message when it cannot be had. */
	size_t need;
	uint64_t item_at;
	const char *item;
	bool swap; /* the file's byte order is not ours */
	uint16_t port;
	/* pcap */
	struct interface only;
	unsigned header_bytes;
	uint16_t minor;
	/* pcapng, of this section */
	struct interface *interfaces;
	unsigned interface_count, interface_room;
};

static inline uint32_t
pcapfile_u32(const struct pcapfile *f, const uint8_t *p)
{
	uint32_t x;

	memcpy(&x, p, 4);
	return f->swap ? __builtin_bswap32(x) : x;
}

static inline uint16_t
pcapfile_u16(const struct pcapfile *f, const uint8_t *p)
{
	uint16_t x;

	memcpy(&x, p, 2);
	return f->swap ? __builtin_bswap16(x) : x;
}

static inline enum step
pcapfile_need(struct pcapfile *f, size_t n, const char *item)
{
	f->need = n;
	f->item = item;
	f->item_at = f->in->offset;
	return STEP_NEED;
}

/* A capture's link field as enum nj_link; sets bytes_max too. False when it
 * does not fit in 16 bits. */
bool pcapfile_link(struct interface *i, uint32_t field);
/* A captured length that cannot be: text with the offset of the record. */
enum step pcapfile_bad_length(
	struct pcapfile *f, uint64_t captured, uint64_t most);
/* Any other damage at the place that is being read. */
enum step pcapfile_damaged(struct pcapfile *f, const char *what);

/* Fills out's data and lengths, and passes over bytes_all bytes of input
 * whose first lie before the data. */
static inline void
pcapfile_take(struct pcapfile *f, struct nj_packet *out, const uint8_t *data,
	uint64_t bytes_all)
{
	out->data = data;
	out->port = f->port;
	out->flags = 0;
	out->owner = NULL;
	f->item_at = f->in->offset;
	nj_input_skip(f->in, bytes_all);
}

enum step pcapng_next(struct pcapfile *f, struct nj_packet *out);
/* Looks at the first section header, of which 12 bytes are at hand. */
NJ_MUST_USE enum nj_err pcapng_start(struct pcapfile *f);

#endif
