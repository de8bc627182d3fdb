/*
 * index.c - see index_priv.h.
 *
 * Postings are sorted by key (four passes over a byte each, which takes a
 * few milliseconds a file) and found by halves, page by page, so that a look
 * into a file costs about ten reads of a page however large it is.
 */
#include "engine/pcap/index_priv.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/pcap/disk_priv.h"

enum {
	/* After a crash so much may be missing before a block that came to
	 * the disk: what was under way. */
	LOOK_AHEAD = 16 * 1024 * 1024,
	LOOK_BYTES = 256 * 1024,
	KEYS_A_FLOW = 2
};

/* ---- Writing ---- */

void
pcap_index_reset(struct pcap_index *x)
{
	x->block_count = x->posting_count = 0;
	x->packets = 0;
	x->first_ns = INT64_MAX;
	x->last_ns = INT64_MIN;
	x->bad = false;
}

void
pcap_index_free(struct pcap_index *x)
{
	free(x->blocks);
	free(x->postings);
	*x = (struct pcap_index){ 0 };
}

/* Makes room in *list for one more of count. */
static bool
grow(void **list, size_t *cap, size_t count, size_t bytes)
{
	size_t want = *cap ? *cap * 2 : 1024;
	void *more;

	if (count < *cap)
		return true;
	more = realloc(*list, want * bytes);
	if (!more)
		return false;
	*list = more;
	*cap = want;
	return true;
}

static void
add_posting(struct pcap_index *x, uint32_t key)
{
	if (!grow((void **)&x->postings, &x->posting_cap, x->posting_count,
		    sizeof(*x->postings))) {
		x->bad = true;
		return;
	}
	x->postings[x->posting_count++] =
		(struct pcap_posting){ key, (uint32_t)x->block_count };
}

void
pcap_index_add(struct pcap_index *x, const struct pcap_block_head *h,
	const struct pcap_flow *flows)
{
	if (!grow((void **)&x->blocks, &x->block_cap, x->block_count,
		    sizeof(*x->blocks))) {
		x->bad = true;
		return;
	}
	for (unsigned i = 0; i < h->flows; i++) {
		add_posting(x, pcap_key_uid(flows[i].uid));
		add_posting(x, pcap_key_tuple(&flows[i]));
	}
	x->blocks[x->block_count++] = (struct pcap_index_block){ h->offset,
		(uint16_t)(h->bytes / PCAP_PAGE), (uint16_t)h->flags,
		h->packets, h->first_ns, h->last_ns };
	x->packets += h->packets;
	x->first_ns = nj_min(x->first_ns, h->first_ns);
	x->last_ns = nj_max(x->last_ns, h->last_ns);
}

uint64_t
pcap_index_room(const struct pcap_index *x, unsigned flows)
{
	uint64_t postings = x->posting_count + (uint64_t)flows * KEYS_A_FLOW;
	uint64_t pages = (x->block_count + 1) / PCAP_BLOCKS_A_PAGE + 1 +
			 postings / PCAP_POSTINGS_A_PAGE + 1;

	return (pages + 1) * PCAP_PAGE;
}

/* By key; equal ones stay in the order of their blocks. */
static bool
sort_postings(struct pcap_index *x)
{
	size_t n = x->posting_count;
	struct pcap_posting *other = malloc(n * sizeof(*other) + 1);
	struct pcap_posting *from = x->postings, *to = other, *swap;

	if (!other)
		return false;
	for (unsigned shift = 0; shift < 32; shift += 8) {
		size_t at[257] = { 0 };

		for (size_t i = 0; i < n; i++)
			at[(from[i].key >> shift & 255) + 1]++;
		for (unsigned b = 0; b < 256; b++)
			at[b + 1] += at[b];
		for (size_t i = 0; i < n; i++)
			to[at[from[i].key >> shift & 255]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	/* Four passes: the result lies where it came from. */
	free(other);
	return true;
}

static size_t
drop_repeats(struct pcap_posting *p, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!kept || p[i].key != p[kept - 1].key ||
			p[i].block != p[kept - 1].block)
			p[kept++] = p[i];
	return kept;
}

/* Puts n entries of bytes each into pages at *to, which moves on. */
static void
put_pages(struct pcap_index_page **to, const void *entries, size_t n,
	size_t bytes)
{
	size_t a_page = sizeof((*to)->entries) / bytes;
	const uint8_t *from = entries;

	while (n) {
		size_t take = nj_min(n, a_page);
		struct pcap_index_page *page = (*to)++;

		memset(page, 0, sizeof(*page));
		page->count = (uint32_t)take;
		memcpy(page->entries, from, take * bytes);
		pcap_index_page_seal(page);
		from += take * bytes;
		n -= take;
	}
}

static uint64_t
page_count(uint64_t n, uint64_t a_page)
{
	return (n + a_page - 1) / a_page;
}

bool
pcap_index_write(struct pcap_index *x, const struct pcap_index_place *place)
{
	struct pcap_file_last last = { .magic = PCAP_LAST_MAGIC,
		.version = PCAP_VERSION,
		.seq = place->seq,
		.index_at = place->at,
		.blocks = x->block_count,
		.packets = x->packets,
		.first_ns = x->first_ns,
		.last_ns = x->last_ns };
	struct pcap_index_page *pages, *to;
	uint64_t n, bytes;
	bool done;

	if (x->bad || !sort_postings(x)) {
		errno = ENOMEM;
		return false;
	}
	x->posting_count = drop_repeats(x->postings, x->posting_count);
	last.postings = x->posting_count;
	n = page_count(x->block_count, PCAP_BLOCKS_A_PAGE) +
	    page_count(x->posting_count, PCAP_POSTINGS_A_PAGE);
	bytes = n * PCAP_PAGE;
	NJ_ASSERT(place->at + bytes + PCAP_PAGE <= place->file_bytes);
	pages = to = aligned_alloc(PCAP_PAGE, (n + 1) * PCAP_PAGE);
	if (!pages)
		return false;
	put_pages(&to, x->blocks, x->block_count, sizeof(*x->blocks));
	put_pages(&to, x->postings, x->posting_count, sizeof(*x->postings));
	memset(to, 0, PCAP_PAGE);
	memcpy(to, &last, sizeof(last));
	pcap_file_last_seal((uint8_t *)to);
	/* The last page says that all before it is there. */
	done = pcap_pwrite(place->fd, pages, bytes, place->at) &&
	       pcap_pwrite(
		       place->fd, to, PCAP_PAGE, place->file_bytes - PCAP_PAGE);
	free(pages);
	return done;
}

/* ---- Reading ---- */

static bool
read_page(int fd, uint64_t at, unsigned count_max, struct pcap_index_page *page)
{
	return pcap_pread(fd, page, sizeof(*page), at) == PCAP_PAGE &&
	       pcap_index_page_check(page, count_max);
}

static bool
block_is_sound(const struct pcap_index_block *b, uint64_t index_at)
{
	return b->offset >= PCAP_PAGE && b->offset % PCAP_PAGE == 0 &&
	       b->pages && b->pages <= PCAP_BLOCK_MAX / PCAP_PAGE &&
	       b->offset <= index_at &&
	       b->pages * (uint64_t)PCAP_PAGE <= index_at - b->offset;
}

struct pcap_index_block *
pcap_index_blocks(int fd, const struct pcap_file_last *last)
{
	struct pcap_index_page page;
	struct pcap_index_block *list =
		malloc((size_t)last->blocks * sizeof(*list) + 1);
	uint64_t n = 0, at = last->index_at;

	while (list && n < last->blocks) {
		uint64_t want =
			nj_min(last->blocks - n, (uint64_t)PCAP_BLOCKS_A_PAGE);
		bool good = read_page(fd, at, PCAP_BLOCKS_A_PAGE, &page) &&
			    page.count == want;

		if (good)
			memcpy(&list[n], page.entries, want * sizeof(*list));
		for (uint64_t i = n; good && i < n + want; i++)
			good = block_is_sound(&list[i], last->index_at);
		if (!good) {
			free(list);
			return NULL;
		}
		n += want;
		at += PCAP_PAGE;
	}
	return list;
}

struct postings {
	int fd;
	uint64_t at, pages;
	struct pcap_index_page page;
};

static struct pcap_posting
posting_at(const struct postings *p, unsigned i)
{
	struct pcap_posting e;

	memcpy(&e, p->page.entries + i * sizeof(e), sizeof(e));
	return e;
}

static bool
postings_page(struct postings *p, uint64_t i)
{
	return read_page(p->fd, p->at + i * PCAP_PAGE, PCAP_POSTINGS_A_PAGE,
		       &p->page) &&
	       p->page.count;
}

/* The first page that may have the key: the last one whose first key is less,
 * as the key may begin at its end. Keys are hashes, so where it should be is
 * mostly where it is: the search goes out from there in growing steps, and by
 * halves if that does not help. */
static bool
first_page(struct postings *p, uint32_t key, uint64_t *out)
{
	uint64_t lo = 0, hi = p->pages, step = 1;
	uint64_t at = (p->pages >> 32 ? 0 : key * p->pages >> 32);

	while (hi - lo > 1) {
		at = step > hi - lo ? lo + (hi - lo) / 2
				    : nj_min(nj_max(at, lo + 1), hi - 1);
		if (!postings_page(p, at))
			return false;
		if (posting_at(p, 0).key < key) {
			lo = at;
			at += step;
		} else {
			hi = at;
			at -= nj_min(step, at);
		}
		step *= 2;
	}
	*out = lo;
	return true;
}

bool
pcap_index_find(
	int fd, const struct pcap_file_last *last, uint32_t key, uint8_t *hit)
{
	struct postings p = { .fd = fd,
		.at = last->index_at +
		      page_count(last->blocks, PCAP_BLOCKS_A_PAGE) * PCAP_PAGE,
		.pages = page_count(last->postings, PCAP_POSTINGS_A_PAGE) };
	uint64_t i;

	if (!p.pages)
		return true;
	if (!first_page(&p, key, &i))
		return false;
	for (; i < p.pages; i++) {
		if (!postings_page(&p, i))
			return false;
		for (unsigned k = 0; k < p.page.count; k++) {
			struct pcap_posting e = posting_at(&p, k);

			if (e.key > key)
				return true;
			if (e.key == key && e.block < last->blocks)
				hit[e.block] = 1;
		}
	}
	return true;
}

/* ---- Without an index ---- */

struct look {
	struct pcap_scan *s;
	uint8_t *buf;      /* room for a block's flows, whole pages */
	uint64_t from, to; /* what of the file is in buf */
	bool io_failed;
};

static const uint8_t *
look_at(struct look *l, uint64_t offset, size_t bytes, size_t ahead)
{
	uint64_t from = offset / PCAP_PAGE * PCAP_PAGE;
	size_t n = (size_t)(offset - from) + nj_max(bytes, ahead);
	int64_t got;

	if (offset >= l->from && offset + bytes <= l->to)
		return l->buf + (offset - l->from);
	n = (n + PCAP_PAGE - 1) / PCAP_PAGE * PCAP_PAGE;
	l->from = l->to = from;
	got = pcap_pread(l->s->fd, l->buf, n, from);
	l->io_failed = got < 0;
	if (got < 0)
		return NULL;
	l->to += (uint64_t)got;
	return offset + bytes <= l->to ? l->buf + (offset - from) : NULL;
}

/* The block at offset; gives its bytes, 0 if there is none. */
static uint32_t
look_block(struct look *l, uint64_t offset, bool in_gap, bool *more)
{
	struct pcap_block_head h;
	const uint8_t *p =
		look_at(l, offset, PCAP_PAGE, in_gap ? LOOK_BYTES : 0);
	size_t flows;

	if (!p)
		return 0;
	memcpy(&h, p, sizeof(h));
	if (!pcap_block_head_check(&h, l->s->seq, offset) ||
		h.bytes > l->s->file_bytes - offset)
		return 0;
	if (in_gap && l->s->gap)
		l->s->gap(l->s->ctx, l->s->end, offset);
	flows = h.flows * sizeof(struct pcap_flow);
	p = look_at(l, offset + pcap_block_flows_at(&h), flows, 0);
	if (p && !pcap_block_flows_check(&h, p))
		p = NULL;
	*more = l->s->block(l->s->ctx, &h, (const struct pcap_flow *)p);
	return h.bytes;
}

enum nj_err
pcap_scan(struct pcap_scan *s)
{
	struct look l = { .s = s };
	uint64_t at = PCAP_PAGE;
	bool more = true;

	s->end = at;
	l.buf = aligned_alloc(PCAP_PAGE, PCAP_BLOCK_MAX + 2 * PCAP_PAGE);
	if (!l.buf)
		return NJ_E_NOMEM;
	while (more && !l.io_failed && s->file_bytes - at >= PCAP_PAGE &&
		at - s->end < LOOK_AHEAD) {
		uint32_t n = look_block(&l, at, at != s->end, &more);

		at += n ? n : PCAP_PAGE;
		if (n)
			s->end = at;
	}
	free(l.buf);
	return l.io_failed ? NJ_E_IO : NJ_OK;
}
