/*
 * pcapng.c - blocks of a pcapng file (draft-ietf-opsawg-pcapng): section
 * headers of either byte order, interface descriptions, and packets in
 * enhanced, simple and (obsolete) packet blocks. Other blocks are passed
 * over, whatever their size.
 *
 * Simple packet blocks carry no time; they get time 0, as libpcap gives
 * them. Options are read only where they change the meaning of packets.
 */
#include "engine/capture/pcapfile_priv.h"

#include <stdlib.h>

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2,
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
	ORDER_MAGIC = 0x1a2b3c4d,
	OPT_END = 0,
	OPT_TSRESOL = 9,
	OPT_TSOFFSET = 14,
	HEADER = 8,   /* type, total length */
	OVERHEAD = 12 /* header, and the length again at the end */
};

/* A block whose first bytes, or all, are at hand. */
struct block {
	struct nj_view body; /* what is at hand after the header */
	uint32_t total;
	uint32_t body_bytes; /* what there is, at hand or not */
};

static uint64_t
power10(unsigned n)
{
	uint64_t x = 1;

	while (n--)
		x *= 10;
	return x;
}

/* if_tsresol: a negative power of 10, or of 2 when the top bit is set. */
static void
set_resolution(struct interface *i, uint8_t resol)
{
	unsigned n = resol & 0x7f;

	if (resol & 0x80) {
		i->unit = UNIT_BINARY;
		i->shift = (uint8_t)n;
	} else if (n <= 9) {
		i->unit = UNIT_MULTIPLY;
		i->factor = power10(9 - n);
	} else {
		i->unit = UNIT_DIVIDE;
		/* A 64-bit count of such small units is less than 1 ns. */
		i->factor = n <= 28 ? power10(n - 9) : 0;
	}
}

/* Nanoseconds since 1970; a time that does not fit is held at the end. */
static int64_t
to_ns(const struct interface *i, uint32_t high, uint32_t low)
{
	uint64_t t = (uint64_t)high << 32 | low, ns;
	int64_t sum;
	unsigned __int128 wide;

	switch (i->unit) {
	case UNIT_MULTIPLY:
		if (__builtin_mul_overflow(t, i->factor, &ns))
			ns = INT64_MAX;
		break;
	case UNIT_DIVIDE:
		ns = i->factor ? t / i->factor : 0;
		break;
	default:
		wide = (unsigned __int128)t * (uint64_t)NJ_NS_PER_S >> i->shift;
		ns = (uint64_t)nj_min(wide, (unsigned __int128)INT64_MAX);
		break;
	}
	sum = (int64_t)nj_min(ns, (uint64_t)INT64_MAX);
	if (__builtin_add_overflow(sum, i->offset_ns, &sum))
		sum = i->offset_ns < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static void
set_offset(struct pcapfile *f, struct interface *i, const uint8_t *p)
{
	int64_t s, ns;

	memcpy(&s, p, sizeof(s));
	if (f->swap)
		s = (int64_t)__builtin_bswap64((uint64_t)s);
	if (__builtin_mul_overflow(s, NJ_NS_PER_S, &ns))
		ns = s < 0 ? INT64_MIN : INT64_MAX;
	i->offset_ns = ns;
}

static void
read_options(struct pcapfile *f, struct interface *i, struct nj_view v)
{
	unsigned code, len;

	while (v.len >= 4) {
		code = pcapfile_u16(f, v.data);
		len = pcapfile_u16(f, v.data + 2);
		v = nj_sub(v, 4, v.len);
		if (code == OPT_END || len > v.len)
			return;
		if (code == OPT_TSRESOL && len >= 1)
			set_resolution(i, v.data[0]);
		else if (code == OPT_TSOFFSET && len >= 8)
			set_offset(f, i, v.data);
		v = nj_sub(v, (len + 3) & ~3u, v.len);
	}
}

static bool
interfaces_room(struct pcapfile *f)
{
	unsigned room = f->interface_room ? 2 * f->interface_room : 8;
	struct interface *grown;

	if (f->interface_count < f->interface_room)
		return true;
	grown = realloc(f->interfaces, room * sizeof(*grown));
	if (!grown)
		return false;
	f->interfaces = grown;
	f->interface_room = room;
	return true;
}

static enum step
interface_block(struct pcapfile *f, const struct block *b)
{
	struct interface *i;

	if (b->body.len < 8)
		return pcapfile_damaged(f, "interface block too short");
	if (f->interface_count == INTERFACES_MAX)
		return pcapfile_damaged(f, "more than 65536 interfaces");
	if (!interfaces_room(f)) {
		nj_source_fail(&f->source, NJ_E_NOMEM,
			"no memory for "
			"interfaces");
		return STEP_FAILED;
	}
	i = &f->interfaces[f->interface_count];
	*i = (struct interface){ 0 };
	pcapfile_link(i, pcapfile_u16(f, b->body.data));
	i->snap = pcapfile_u32(f, b->body.data + 4);
	set_resolution(i, 6);
	read_options(f, i, nj_sub(b->body, 8, b->body.len));
	f->interface_count++;
	f->item_at = f->in->offset;
	nj_input_skip(f->in, b->total);
	return STEP_PASSED;
}

static enum step
section_block(struct pcapfile *f, const struct block *b)
{
	if (b->body.len < 16)
		return pcapfile_damaged(f, "section header too short");
	if (pcapfile_u16(f, b->body.data + 4) != 1)
		return pcapfile_damaged(f, "pcapng version is not 1");
	f->interface_count = 0;
	nj_input_skip(f->in, b->total);
	return STEP_PASSED;
}

/* Common end of the packet blocks: captured bytes from body offset at. */
static enum step
packet_data(struct pcapfile *f, const struct block *b, struct nj_packet *out,
	uint32_t at)
{
	uint32_t most = b->body_bytes - at;

	if (out->len > most)
		return pcapfile_bad_length(f, out->len, most);
	if (out->wire_len < out->len)
		out->wire_len = out->len;
	out->len = nj_min(out->len, (uint32_t)PACKET_BYTES_MAX);
	pcapfile_take(f, out, b->body.data + at, b->total);
	return STEP_PACKET;
}

/* Enhanced blocks and the obsolete ones differ in the first four bytes. */
static enum step
packet_block(struct pcapfile *f, const struct block *b, struct nj_packet *out,
	uint32_t interface)
{
	const uint8_t *p = b->body.data;
	const struct interface *i;

	if (interface >= f->interface_count)
		return pcapfile_damaged(
			f, "packet of an interface that is not described");
	i = &f->interfaces[interface];
	out->ts_ns = to_ns(i, pcapfile_u32(f, p + 4), pcapfile_u32(f, p + 8));
	out->len = pcapfile_u32(f, p + 12);
	out->wire_len = pcapfile_u32(f, p + 16);
	out->link = i->link;
	if (out->len > i->bytes_max)
		return pcapfile_bad_length(f, out->len, i->bytes_max);
	return packet_data(f, b, out, 20);
}

static enum step
simple_block(struct pcapfile *f, const struct block *b, struct nj_packet *out)
{
	const struct interface *i = f->interfaces;

	if (b->body_bytes < 4)
		return pcapfile_damaged(f, "simple packet block too short");
	if (!f->interface_count)
		return pcapfile_damaged(
			f, "packet of an interface that is not described");
	out->ts_ns = 0;
	out->wire_len = pcapfile_u32(f, b->body.data);
	out->link = i->link;
	out->len = nj_min(out->wire_len, b->body_bytes - 4);
	if (i->snap)
		out->len = nj_min(out->len, i->snap);
	if (out->len > i->bytes_max)
		return pcapfile_bad_length(f, out->len, i->bytes_max);
	return packet_data(f, b, out, 4);
}

static enum step
block_step(struct pcapfile *f, const struct block *b, uint32_t type,
	struct nj_packet *out)
{
	const uint8_t *p = b->body.data;

	switch (type) {
	case BLOCK_SECTION:
		return section_block(f, b);
	case BLOCK_INTERFACE:
		return interface_block(f, b);
	case BLOCK_SIMPLE:
		return simple_block(f, b, out);
	case BLOCK_ENHANCED:
	case BLOCK_PACKET:
		if (b->body_bytes < 20)
			return pcapfile_damaged(f, "packet block too short");
		return packet_block(f, b, out,
			type == BLOCK_PACKET ? pcapfile_u16(f, p)
					     : pcapfile_u32(f, p));
	default:
		f->item_at = f->in->offset;
		nj_input_skip(f->in, b->total);
		return STEP_PASSED;
	}
}

static bool
section_order(struct pcapfile *f, const uint8_t *p)
{
	f->swap = false;
	if (pcapfile_u32(f, p + HEADER) == ORDER_MAGIC)
		return true;
	f->swap = true;
	return pcapfile_u32(f, p + HEADER) == ORDER_MAGIC;
}

enum step
pcapng_next(struct pcapfile *f, struct nj_packet *out)
{
	size_t left = nj_input_left(f->in), want;
	const uint8_t *p = f->in->at;
	struct block b = { 0 };
	uint32_t type;

	if (left < OVERHEAD)
		return pcapfile_need(f, OVERHEAD, "block header");
	type = pcapfile_u32(f, p);
	if (type == BLOCK_SECTION && !section_order(f, p))
		return pcapfile_damaged(f, "section without a byte order");
	b.total = pcapfile_u32(f, p + 4);
	if (b.total < OVERHEAD || b.total % 4)
		return pcapfile_damaged(f, "impossible block length");
	want = nj_min((size_t)b.total, (size_t)NJ_INPUT_FILL_MAX);
	if (left < want)
		return pcapfile_need(f, want, "block");
	b.body_bytes = b.total - OVERHEAD;
	b.body.data = p + HEADER;
	b.body.len = nj_min((size_t)b.body_bytes, want - HEADER);
	if (want == b.total && pcapfile_u32(f, p + b.total - 4) != b.total)
		return pcapfile_damaged(f, "the two lengths of a block differ");
	return block_step(f, &b, type, out);
}

enum nj_err
pcapng_start(struct pcapfile *f)
{
	f->format = "pcapng";
	f->next = pcapng_next;
	if (!section_order(f, f->in->at)) {
		pcapfile_damaged(f, "section without a byte order");
		return NJ_E_FORMAT;
	}
	return NJ_OK;
}
