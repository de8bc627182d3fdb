/*
 * format.c - checksums, and the limits within which a stored number is
 * believed.
 */
#include "engine/pcap/format_priv.h"

#include "engine/base/crc.h"
#include "engine/base/hash.h"

/* Of n bytes in which a checksum of four bytes lies at place. */
static uint32_t
crc_around(const uint8_t *p, size_t n, size_t place)
{
	static const uint8_t zero[4];
	uint32_t crc = nj_crc32c(0, p, place);

	crc = nj_crc32c(crc, zero, sizeof(zero));
	return nj_crc32c(crc, p + place + 4, n - place - 4);
}

/* What all but index pages begin with. */
struct beginning {
	uint64_t magic;
	uint32_t version, crc;
};

static void
seal(uint8_t *p, size_t n)
{
	uint32_t crc = crc_around(p, n, offsetof(struct beginning, crc));

	memcpy(p + offsetof(struct beginning, crc), &crc, sizeof(crc));
}

static bool
check(const uint8_t *p, size_t n, uint64_t magic)
{
	struct beginning b;

	memcpy(&b, p, sizeof(b));
	return b.magic == magic && b.version == PCAP_VERSION &&
	       b.crc == crc_around(p, n, offsetof(struct beginning, crc));
}

void
pcap_file_head_seal(uint8_t page[PCAP_PAGE])
{
	seal(page, PCAP_PAGE);
}

bool
pcap_file_head_check(const uint8_t page[PCAP_PAGE])
{
	struct pcap_file_head h;

	memcpy(&h, page, sizeof(h));
	if (!check(page, PCAP_PAGE, PCAP_FILE_MAGIC) || !h.seq ||
		h.ports > PCAP_PORTS)
		return false;
	for (unsigned i = 0; i < h.ports; i++)
		if (!memchr(h.port[i], 0, PCAP_NAME))
			return false;
	return true;
}

void
pcap_file_last_seal(uint8_t page[PCAP_PAGE])
{
	seal(page, PCAP_PAGE);
}

static uint64_t
pages(uint64_t entries, uint64_t a_page)
{
	return entries / a_page + (entries % a_page != 0);
}

bool
pcap_file_last_check(
	const uint8_t page[PCAP_PAGE], uint64_t file_bytes, uint64_t seq)
{
	struct pcap_file_last l;
	uint64_t room, need;

	memcpy(&l, page, sizeof(l));
	if (!check(page, PCAP_PAGE, PCAP_LAST_MAGIC) || l.seq != seq)
		return false;
	if (l.index_at % PCAP_PAGE || file_bytes < PCAP_PAGE ||
		l.index_at < PCAP_PAGE || l.index_at > file_bytes - PCAP_PAGE)
		return false;
	room = (file_bytes - PCAP_PAGE - l.index_at) / PCAP_PAGE;
	need = pages(l.blocks, PCAP_BLOCKS_A_PAGE) +
	       pages(l.postings, PCAP_POSTINGS_A_PAGE);
	/* More blocks than the file has pages are none of its own. */
	return l.blocks <= file_bytes / PCAP_PAGE && need <= room;
}

void
pcap_index_page_seal(struct pcap_index_page *page)
{
	page->crc = 0;
	page->crc = nj_crc32c(0, page, sizeof(*page));
}

bool
pcap_index_page_check(const struct pcap_index_page *page, unsigned count_max)
{
	return page->count <= count_max &&
	       page->crc == crc_around((const uint8_t *)page, sizeof(*page),
				    offsetof(struct pcap_index_page, crc));
}

size_t
pcap_block_flows_at(const struct pcap_block_head *h)
{
	return sizeof(*h) + ((size_t)h->records + 7) / 8 * 8;
}

static size_t
flows_bytes(const struct pcap_block_head *h)
{
	return (size_t)h->flows * sizeof(struct pcap_flow);
}

void
pcap_block_seal(uint8_t *b)
{
	struct pcap_block_head *h = (struct pcap_block_head *)b;

	h->magic = PCAP_BLOCK_MAGIC;
	h->version = PCAP_VERSION;
	h->flows_crc = nj_crc32c(0, b + pcap_block_flows_at(h), flows_bytes(h));
	nj_crc32c_quarters(b + sizeof(*h), h->bytes - sizeof(*h), h->body_crc);
	seal(b, sizeof(*h));
}

bool
pcap_block_head_check(
	const struct pcap_block_head *h, uint64_t seq, uint64_t offset)
{
	return check((const uint8_t *)h, sizeof(*h), PCAP_BLOCK_MAGIC) &&
	       h->seq == seq && h->offset == offset && h->bytes >= PCAP_PAGE &&
	       h->bytes <= PCAP_BLOCK_MAX && h->bytes % PCAP_PAGE == 0 &&
	       h->flows <= PCAP_FLOWS_MAX && h->records <= h->bytes &&
	       h->first_ns <= h->last_ns &&
	       pcap_block_flows_at(h) + flows_bytes(h) <= h->bytes;
}

bool
pcap_block_flows_check(const struct pcap_block_head *h, const void *flows)
{
	return h->flows_crc == nj_crc32c(0, flows, flows_bytes(h));
}

bool
pcap_block_body_check(const uint8_t *b)
{
	const struct pcap_block_head *h = (const struct pcap_block_head *)b;
	uint32_t crc[4];

	nj_crc32c_quarters(b + sizeof(*h), h->bytes - sizeof(*h), crc);
	return !memcmp(crc, h->body_crc, sizeof(crc));
}

bool
pcap_record_next(const uint8_t *b, size_t *at, struct pcap_packet *out)
{
	const struct pcap_block_head *h = (const struct pcap_block_head *)b;
	size_t left = h->records - *at, head = sizeof(out->r);
	const uint8_t *p = b + sizeof(*h) + *at;

	if (*at >= h->records || left < head)
		return false;
	memcpy(&out->r, p, sizeof(out->r));
	if (out->r.flows > PCAP_SLOTS)
		return false;
	out->slots[0] = out->r.slot[0];
	if (out->r.flows > 1) {
		if (left < head + 8)
			return false;
		memcpy(&out->slots[1], p + head, 8);
		head += 8;
	}
	for (unsigned i = 0; i < out->r.flows; i++)
		if (out->slots[i] >= h->flows)
			return false;
	if (out->r.len > left - head || out->r.wire_len < out->r.len)
		return false;
	out->data = p + head;
	*at += head + ((size_t)out->r.len + 7) / 8 * 8;
	return true;
}

uint32_t
pcap_key_uid(const uint64_t uid[2])
{
	/* A uid is a hash; a datagram's is one as well. */
	return (uint32_t)uid[0];
}

static uint64_t
mix_side(const struct pcap_flow *f, unsigned side)
{
	uint64_t half[2];

	memcpy(half, f->addr[side], sizeof(half));
	return nj_mix64(half[0] ^ nj_mix64(half[1] + f->family[side])) +
	       nj_mix64(f->port[side] + UINT64_C(1));
}

uint32_t
pcap_key_tuple(const struct pcap_flow *f)
{
	/* A sum does not tell its two parts apart, as it should not. */
	uint64_t both = nj_mix64(mix_side(f, 0)) + nj_mix64(mix_side(f, 1));

	return (uint32_t)nj_mix64(both + f->proto);
}
