/*
 * search.c - the packets of candidate blocks, in the order of time.
 *
 * Blocks of several workers overlap, and so do those of sources whose times
 * go back. So packets wait in a heap until no block that is still to come
 * begins before them; how much may wait is limited, and packets that are then
 * given too early are counted.
 */
#include "engine/pcap/search_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/pcap/disk_priv.h"

enum {
	HEAP_BYTES_MAX = 256 * 1024 * 1024,
	AHEAD = 8 /* blocks */
};

/* A packet that waits. */
struct waiting {
	int64_t ts_ns;
	uint64_t seq, offset; /* of its block */
	uint32_t number, len, wire_len, file;
	uint16_t port, link;
	uint8_t data[];
};

struct stream {
	struct search *s;
	uint8_t *block; /* PCAP_BLOCK_MAX */
	uint8_t *marks;
	struct waiting **heap;
	size_t count, cap, bytes;
	int64_t given_ns;
	bool no_memory, enough;
};

/* ---- The heap ---- */

static bool
before(const struct waiting *a, const struct waiting *b)
{
	if (a->ts_ns != b->ts_ns)
		return a->ts_ns < b->ts_ns;
	if (a->seq != b->seq)
		return a->seq < b->seq;
	if (a->offset != b->offset)
		return a->offset < b->offset;
	return a->number < b->number;
}

static bool
heap_put(struct stream *t, struct waiting *w)
{
	size_t i = t->count, cap = t->cap ? t->cap * 2 : 1024;
	struct waiting **more = t->heap;

	if (t->count == t->cap) {
		more = realloc(t->heap, cap * sizeof(struct waiting *));
		if (!more)
			return false;
		t->heap = more;
		t->cap = cap;
	}
	for (; i && before(w, t->heap[(i - 1) / 2]); i = (i - 1) / 2)
		t->heap[i] = t->heap[(i - 1) / 2];
	t->heap[i] = w;
	t->count++;
	t->bytes += sizeof(*w) + w->len;
	return true;
}

static struct waiting *
heap_take(struct stream *t)
{
	struct waiting *first = t->heap[0], *last = t->heap[--t->count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < t->count) {
		if (child + 1 < t->count &&
			before(t->heap[child + 1], t->heap[child]))
			child++;
		if (!before(t->heap[child], last))
			break;
		t->heap[i] = t->heap[child];
		i = child;
	}
	t->heap[i] = last;
	t->bytes -= sizeof(*first) + first->len;
	return first;
}

/* ---- Packets out ---- */

static void
view(const struct stream *t, const struct waiting *w,
	struct nj_pcap_packet *out)
{
	const struct pcap_file_head *head = &t->s->files[w->file].ends.head;

	*out = (struct nj_pcap_packet){ .ts_ns = w->ts_ns,
		.len = w->len,
		.wire_len = w->wire_len,
		.port = w->port,
		.link = w->link,
		.port_name = w->port < head->ports ? head->port[w->port] : "",
		.data = w->data };
}

static void
give(struct stream *t, struct waiting *w)
{
	struct nj_pcap_answer *a = t->s->a;
	struct nj_pcap_packet p;

	view(t, w, &p);
	if (!t->enough && !t->s->q->packet(t->s->q->ctx, &p))
		t->enough = true;
	if (t->enough)
		return;
	a->disordered += w->ts_ns < t->given_ns;
	t->given_ns = nj_max(t->given_ns, w->ts_ns);
	a->packets++;
	a->bytes += w->len;
	a->found_first_ns = nj_min(a->found_first_ns, w->ts_ns);
	a->found_last_ns = nj_max(a->found_last_ns, w->ts_ns);
}

/* All that comes before time_ns, and what there is no room for. */
static void
give_before(struct stream *t, int64_t time_ns)
{
	while (t->count &&
		(t->heap[0]->ts_ns < time_ns || t->bytes > HEAP_BYTES_MAX)) {
		struct waiting *w = heap_take(t);

		if (!t->enough && t->s->a->packets % 1024 == 0)
			t->s->a->cancelled = search_cancelled(t->s);
		t->enough |= t->s->a->cancelled;
		give(t, w);
		free(w);
	}
}

/* ---- Packets in ---- */

static bool
is_marked(const struct stream *t, const struct pcap_packet *p)
{
	const struct pcap_block_head *h = (struct pcap_block_head *)t->block;
	const struct pcap_flow *flows =
		(struct pcap_flow *)(t->block + pcap_block_flows_at(h));

	for (unsigned i = 0; i < p->r.flows && !t->s->all; i++) {
		unsigned slot = p->slots[i];

		if (t->marks[slot] == MARK_WANTED ||
			(t->marks[slot] == MARK_DATAGRAM &&
				search_is_fragment(t->s,
					pcap_flow_at(flows, h->flows, slot),
					p->r.ts_ns)))
			return true;
	}
	return t->s->all;
}

static bool
passes(struct stream *t, const struct candidate *c, const struct pcap_packet *p)
{
	const struct nj_pcap_query *q = t->s->q;
	const struct pcap_file_head *head = &t->s->files[c->file].ends.head;
	struct nj_pcap_packet view = { p->r.ts_ns, p->r.len, p->r.wire_len,
		p->r.port, p->r.link,
		p->r.port < head->ports ? head->port[p->r.port] : "", p->data };

	return p->r.ts_ns >= q->from_ns && p->r.ts_ns <= q->to_ns &&
	       is_marked(t, p) && (!q->test || q->test(q->ctx, &view));
}

static void
keep(struct stream *t, const struct candidate *c, const struct pcap_packet *p,
	uint32_t number)
{
	struct waiting *w = malloc(sizeof(*w) + p->r.len);

	if (!w) {
		t->no_memory = true;
		return;
	}
	*w = (struct waiting){ .ts_ns = p->r.ts_ns,
		.seq = t->s->files[c->file].ends.head.seq,
		.offset = c->offset,
		.number = number,
		.len = p->r.len,
		.wire_len = p->r.wire_len,
		.file = c->file,
		.port = p->r.port,
		.link = p->r.link };
	memcpy(w->data, p->data, p->r.len);
	if (!heap_put(t, w)) {
		free(w);
		t->no_memory = true;
	}
}

/* Was the file begun anew since the search began? */
static bool
is_overwritten(const struct stream *t, uint32_t file)
{
	const struct search_file *f = &t->s->files[file];
	struct pcap_ends now;

	return !pcap_read_ends(f->fd, &now) || now.head.seq != f->ends.head.seq;
}

static bool
lost(struct stream *t, const struct candidate *c, const char *what)
{
	if (is_overwritten(t, c->file))
		t->s->a->overwritten++;
	else
		search_damaged(t->s, c->file, c->offset, what);
	return false;
}

/* Reads some of the block at its place in memory. */
static bool
read_part(struct stream *t, const struct candidate *c, size_t from, size_t n)
{
	return pcap_pread(t->s->files[c->file].fd, t->block + from, n,
		       c->offset + from) == (int64_t)n;
}

static bool
check_head(struct stream *t, const struct candidate *c)
{
	const struct pcap_block_head *h = (struct pcap_block_head *)t->block;

	return pcap_block_head_check(
		       h, t->s->files[c->file].ends.head.seq, c->offset) &&
	       h->bytes == c->bytes;
}

static bool
part_flows(struct stream *t, const struct candidate *c)
{
	const struct pcap_block_head *h = (struct pcap_block_head *)t->block;
	size_t at;

	if (!read_part(t, c, 0, PCAP_PAGE) || !check_head(t, c))
		return false;
	at = pcap_block_flows_at(h);
	return read_part(t, c, at, h->flows * sizeof(struct pcap_flow)) &&
	       pcap_block_flows_check(h, t->block + at);
}

static bool
part_all(struct stream *t, const struct candidate *c)
{
	return read_part(t, c, 0, c->bytes) && check_head(t, c) &&
	       pcap_block_body_check(t->block);
}

static bool
read_sound(struct stream *t, const struct candidate *c,
	bool (*part)(struct stream *, const struct candidate *))
{
	if (part(t, c))
		return true;
	return !t->s->files[c->file].ends.full && search_wait(t->s) &&
	       part(t, c);
}

/* Is a flow of the block wanted? Most blocks of a wide search are done with
 * after their flows. */
static bool
read_flows(struct stream *t, const struct candidate *c)
{
	const struct pcap_block_head *h = (struct pcap_block_head *)t->block;
	size_t at;

	if (t->s->all)
		return true;
	if (!read_sound(t, c, part_flows))
		return lost(t, c, "a block or its flows are damaged");
	at = pcap_block_flows_at(h);
	return search_mark(t->s, (const struct pcap_flow *)(t->block + at),
		h->flows, t->marks);
}

static bool
read_block(struct stream *t, const struct candidate *c)
{
	t->s->a->blocks_read++;
	if (!read_sound(t, c, part_all))
		return lost(t, c, "a block is damaged");
	return true;
}

/* Gives false, too, when no flow of it is wanted. */
static bool
read_wanted(struct stream *t, const struct candidate *c)
{
	return read_flows(t, c) && read_block(t, c);
}

static void
take_block(struct stream *t, const struct candidate *c)
{
	struct pcap_packet p;
	uint32_t number = 0;
	size_t at = 0;

	if (!read_wanted(t, c))
		return;
	for (; pcap_record_next(t->block, &at, &p); number++)
		if (passes(t, c, &p))
			keep(t, c, &p, number);
}

/* ---- Fragments ---- */

/* Wants the datagrams of which the marked packets of a block are the last
 * fragments. */
static bool
want_datagrams(struct stream *t, const struct candidate *c)
{
	const struct pcap_block_head *h = (struct pcap_block_head *)t->block;
	const struct pcap_flow *flows;
	struct pcap_packet p;
	size_t at = 0;

	if (!read_wanted(t, c))
		return true;
	flows = (struct pcap_flow *)(t->block + pcap_block_flows_at(h));
	while (pcap_record_next(t->block, &at, &p)) {
		if (!passes(t, c, &p))
			continue;
		for (unsigned i = 0; i < p.r.flows; i++)
			if (!search_want(t->s,
				    pcap_flow_at(flows, h->flows, p.slots[i]),
				    p.r.ts_ns))
				return false;
	}
	return true;
}

/* Fragments came before it was known what they belong to: the packet that
 * completed them names their datagram. */
static enum nj_err
find_fragments(struct stream *t)
{
	uint64_t damaged = t->s->a->damaged;

	if (t->s->all)
		return NJ_OK;
	for (size_t i = 0; i < t->s->count; i++) {
		if (search_cancelled(t->s))
			return NJ_OK;
		if (t->s->list[i].datagrams &&
			!want_datagrams(t, &t->s->list[i]))
			return NJ_E_NOMEM;
	}
	t->s->a->damaged = damaged;
	return t->s->datagram_count ? search_candidates(t->s) : NJ_OK;
}

/* ---- All of it ---- */

/* The kernel reads what comes next while this is being looked at. */
static void
read_ahead(const struct search *s, size_t i)
{
	const struct candidate *c;

	if (i >= s->count)
		return;
	c = &s->list[i];
	(void)posix_fadvise(s->files[c->file].fd, (off_t)c->offset, c->bytes,
		POSIX_FADV_WILLNEED);
}

static enum nj_err
stream_run(struct stream *t)
{
	const struct nj_pcap_query *q = t->s->q;
	struct search *s = t->s;
	/* Of a wide search most blocks are not read whole. */
	bool narrow = s->all || s->uid_count;

	for (size_t i = 0; narrow && i < AHEAD; i++)
		read_ahead(s, i);
	for (size_t i = 0; i < s->count && !t->no_memory && !t->enough; i++) {
		if (narrow)
			read_ahead(s, i + AHEAD);
		give_before(t, s->list[i].first_ns);
		if (search_cancelled(s)) {
			s->a->cancelled = t->enough = true;
			break;
		}
		take_block(t, &s->list[i]);
		if (q->progress)
			q->progress(q->ctx, i + 1, s->count);
	}
	/* The greatest time of all is given, too. */
	give_before(t, INT64_MAX);
	while (t->count && !t->no_memory) {
		struct waiting *w = heap_take(t);

		give(t, w);
		free(w);
	}
	return t->no_memory ? NJ_E_NOMEM : NJ_OK;
}

static void
stream_free(struct stream *t)
{
	while (t->count)
		free(heap_take(t));
	free(t->heap);
	free(t->block);
	free(t->marks);
}

enum nj_err
nj_pcap_search(const struct nj_pcap_query *q, struct nj_pcap_answer *out)
{
	struct search s = { .q = q, .a = out };
	struct stream t = { .s = &s, .given_ns = INT64_MIN };
	enum nj_err err;

	*out = (struct nj_pcap_answer){ .first_ns = INT64_MAX,
		.last_ns = INT64_MIN,
		.found_first_ns = INT64_MAX,
		.found_last_ns = INT64_MIN };
	t.block = aligned_alloc(PCAP_PAGE, PCAP_BLOCK_MAX + PCAP_PAGE);
	t.marks = malloc(PCAP_FLOWS_MAX);
	err = t.block && t.marks ? search_open(&s) : NJ_E_NOMEM;
	if (!err)
		err = search_candidates(&s);
	if (!err)
		err = find_fragments(&t);
	if (!err)
		err = stream_run(&t);
	stream_free(&t);
	search_close(&s);
	return err;
}
