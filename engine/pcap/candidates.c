/*
 * candidates.c - which blocks of which files: by the index of a file that has
 * one, by the flows of its blocks where it has none yet.
 */
#include "engine/pcap/search_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "engine/pcap/disk_priv.h"

enum { FRAGMENT_S = 60 };
#define FRAGMENT_NS (FRAGMENT_S * NJ_NS_PER_S)

/* ---- What is wanted ---- */

static int
uid_compare(const void *a, const void *b)
{
	const struct nj_pcap_uid *x = a, *y = b;

	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return x->low < y->low ? -1 : x->low > y->low;
}

static bool
wants_uid(const struct search *s, const struct pcap_flow *flow)
{
	const struct nj_pcap_uid key = { flow->uid[0], (uint32_t)flow->uid[1] };

	return s->uid_count &&
	       bsearch(&key, s->uids, s->uid_count, sizeof(key), uid_compare);
}

static int
datagram_compare(const void *a, const void *b)
{
	const struct datagram *x = a, *y = b;
	int c = uid_compare(&x->uid, &y->uid);

	return c ? c : x->ts_ns < y->ts_ns ? -1 : x->ts_ns > y->ts_ns;
}

/* The first datagram of the flow that was complete at ts_ns or later. */
static const struct datagram *
find_datagram(
	const struct search *s, const struct pcap_flow *flow, int64_t ts_ns)
{
	const struct datagram key = { { flow->uid[0], (uint32_t)flow->uid[1] },
		ts_ns };
	size_t lo = 0, hi = s->datagram_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (datagram_compare(&s->datagrams[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->datagram_count &&
			       !uid_compare(&s->datagrams[lo].uid, &key.uid)
		       ? &s->datagrams[lo]
		       : NULL;
}

bool
search_is_fragment(
	const struct search *s, const struct pcap_flow *flow, int64_t ts_ns)
{
	const struct datagram *d = find_datagram(s, flow, ts_ns);

	return d && d->ts_ns - FRAGMENT_NS <= ts_ns;
}

bool
search_mark(const struct search *s, const struct pcap_flow *flows,
	unsigned count, uint8_t *marks)
{
	bool any = false;

	for (unsigned i = 0; i < count; i++) {
		const struct pcap_flow *f = pcap_flow_at(flows, count, i);
		bool wanted =
			wants_uid(s, f) ||
			(s->q->filter && pcap_filter_match(s->q->filter, f));

		marks[i] = wanted ? MARK_WANTED
			   : s->searched_datagrams &&
					   f->flags & PCAP_FLOW_IS_DATAGRAM &&
					   find_datagram(s, f, INT64_MIN)
				   ? MARK_DATAGRAM
				   : 0;
		any |= marks[i] != 0;
	}
	return any;
}

bool
search_want(struct search *s, const struct pcap_flow *flow, int64_t ts_ns)
{
	size_t cap = s->datagram_cap ? s->datagram_cap * 2 : 64;
	struct datagram *more = s->datagrams;

	if (!(flow->flags & PCAP_FLOW_IS_DATAGRAM))
		return true;
	if (s->datagram_count == s->datagram_cap) {
		more = realloc(s->datagrams, cap * sizeof(*more));
		if (!more)
			return false;
		s->datagrams = more;
		s->datagram_cap = cap;
	}
	s->datagrams[s->datagram_count++] =
		(struct datagram){ { flow->uid[0], (uint32_t)flow->uid[1] },
			ts_ns };
	return true;
}

bool
search_wait(const struct search *s)
{
	const struct timespec t = { 0, 50 * NJ_NS_PER_MS };

	if (s->live)
		(void)nanosleep(&t, NULL);
	return s->live;
}

bool
search_cancelled(const struct search *s)
{
	return s->a->cancelled ||
	       (s->q->cancel && atomic_load_explicit(
					s->q->cancel, memory_order_relaxed));
}

void
search_damaged(struct search *s, uint32_t file, uint64_t from, const char *what)
{
	char text[160];

	s->a->damaged++;
	(void)snprintf(text, sizeof(text), "%s at byte %llu: %s",
		s->files[file].name, (unsigned long long)from, what);
	if (s->q->damaged)
		s->q->damaged(s->q->ctx, text);
}

/* ---- Files ---- */

static void
add_file(struct search *s, int folder, const char *name)
{
	struct search_file f = { .fd = openat(
					 folder, name, O_RDONLY | O_CLOEXEC) };
	struct search_file *more;
	off_t end;

	if (f.fd < 0) {
		(void)snprintf(s->a->text, sizeof(s->a->text), "%.15s: %s",
			name, strerror(errno));
		s->unreadable++;
		if (s->q->damaged)
			s->q->damaged(s->q->ctx, s->a->text);
		return;
	}
	(void)snprintf(f.name, sizeof(f.name), "%.15s", name);
	more = realloc(s->files, (s->file_count + 1) * sizeof(*s->files));
	if (!more) {
		(void)close(f.fd);
		return;
	}
	s->files = more;
	s->files[s->file_count++] = f;
	/* The ends of all files are on their way before the first is read. */
	(void)posix_fadvise(f.fd, 0, PCAP_PAGE, POSIX_FADV_WILLNEED);
	end = lseek(f.fd, -(off_t)PCAP_PAGE, SEEK_END);
	if (end > 0)
		(void)posix_fadvise(f.fd, end, PCAP_PAGE, POSIX_FADV_WILLNEED);
}

/* Files without a head were never written to. */
static void
read_files(struct search *s)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < s->file_count; i++) {
		struct search_file *f = &s->files[i];

		if (pcap_read_ends(f->fd, &f->ends))
			s->files[kept++] = *f;
		else
			(void)close(f->fd);
	}
	s->file_count = kept;
}

static enum nj_err
folder_error(struct search *s)
{
	int error = errno;

	(void)snprintf(s->a->text, sizeof(s->a->text), "%s", strerror(error));
	return error == ENOENT || error == ENOTDIR ? NJ_E_NOENT
	       : error == EACCES                   ? NJ_E_ACCESS
						   : NJ_E_IO;
}

enum nj_err
search_open(struct search *s)
{
	DIR *dir = opendir(s->q->folder);
	unsigned number, seen = 0;
	struct dirent *e;
	size_t n = s->q->uid_count;

	if (!dir)
		return folder_error(s);
	while ((e = readdir(dir))) {
		if (!pcap_file_number(e->d_name, &number))
			continue;
		seen++;
		add_file(s, dirfd(dir), e->d_name);
	}
	s->live = pcap_is_live(dirfd(dir));
	(void)closedir(dir);
	read_files(s);
	if (seen && !s->file_count && s->a->text[0])
		return NJ_E_ACCESS;
	s->uids = malloc(n * sizeof(*s->uids) + 1);
	if (!s->uids)
		return NJ_E_NOMEM;
	if (n)
		memcpy(s->uids, s->q->uids, n * sizeof(*s->uids));
	qsort(s->uids, n, sizeof(*s->uids), uid_compare);
	s->uid_count = n;
	s->all = !n && !s->q->filter;
	return seen ? NJ_OK : NJ_E_NOENT;
}

void
search_close(struct search *s)
{
	for (uint32_t i = 0; i < s->file_count; i++)
		(void)close(s->files[i].fd);
	free(s->files);
	free(s->list);
	free(s->uids);
	free(s->datagrams);
}

/* ---- Blocks ---- */

static void
add_candidate(struct search *s, uint32_t file, const struct pcap_index_block *b)
{
	size_t cap = s->cap ? s->cap * 2 : 1024;
	struct candidate *more = s->list;

	if (b->last_ns < s->q->from_ns || b->first_ns > s->q->to_ns)
		return;
	if (s->count == s->cap) {
		more = realloc(s->list, cap * sizeof(*more));
		if (!more) {
			s->no_memory = true;
			return;
		}
		s->list = more;
		s->cap = cap;
	}
	s->list[s->count++] = (struct candidate){ b->offset, b->first_ns,
		b->last_ns, file, b->pages * (uint32_t)PCAP_PAGE,
		(b->flags & PCAP_BLOCK_DATAGRAMS) != 0 };
}

static void
seen_block(struct search *s, int64_t first_ns, int64_t last_ns)
{
	s->a->blocks++;
	s->a->first_ns = nj_min(s->a->first_ns, first_ns);
	s->a->last_ns = nj_max(s->a->last_ns, last_ns);
}

struct scanning {
	struct search *s;
	uint32_t file;
	uint8_t *marks;
	uint64_t gaps;
	bool again; /* gaps are told */
};

static bool
scan_block(void *ctx, const struct pcap_block_head *h,
	const struct pcap_flow *flows)
{
	struct scanning *scan = ctx;
	struct search *s = scan->s;
	const struct pcap_index_block b = { h->offset,
		(uint16_t)(h->bytes / PCAP_PAGE), (uint16_t)h->flags,
		h->packets, h->first_ns, h->last_ns };

	seen_block(s, h->first_ns, h->last_ns);
	/* What has lost its flows is damaged, which reading it will tell. */
	if (s->all || !flows || search_mark(s, flows, h->flows, scan->marks))
		add_candidate(s, scan->file, &b);
	return !search_cancelled(s);
}

static void
scan_gap(void *ctx, uint64_t from, uint64_t to)
{
	struct scanning *scan = ctx;

	(void)to;
	scan->gaps++;
	if (scan->again)
		search_damaged(
			scan->s, scan->file, from, "a block was not written");
}

static enum nj_err
by_scan(struct search *s, uint32_t file)
{
	struct search_file *f = &s->files[file];
	size_t count = s->count;
	uint64_t blocks = s->a->blocks;
	struct scanning ctx = { s, file, malloc(PCAP_FLOWS_MAX), 0, !s->live };
	struct pcap_scan scan = { .fd = f->fd,
		.seq = f->ends.head.seq,
		.file_bytes = f->ends.bytes,
		.ctx = &ctx,
		.block = scan_block,
		.gap = scan_gap };
	enum nj_err err = ctx.marks ? pcap_scan(&scan) : NJ_E_NOMEM;

	/* Blocks that are on their way may come to the disk in any order. */
	if (!err && ctx.gaps && search_wait(s)) {
		s->count = count;
		s->a->blocks = blocks;
		ctx.again = true;
		err = pcap_scan(&scan);
	}
	free(ctx.marks);
	if (err == NJ_E_IO) {
		search_damaged(s, file, scan.end, strerror(errno));
		err = NJ_OK;
	}
	return err;
}

static bool
find_uid(const struct search_file *f, const struct nj_pcap_uid *u, uint8_t *hit)
{
	const uint64_t uid[2] = { u->high, u->low };

	return pcap_index_find(f->fd, &f->ends.last, pcap_key_uid(uid), hit);
}

/* Keys of the index that are looked for; false: the index does not help. */
static bool
find_keys(struct search *s, const struct search_file *f, uint8_t *hit)
{
	uint32_t keys[2];

	for (size_t i = 0; i < s->uid_count; i++)
		if (!find_uid(f, &s->uids[i], hit))
			return false;
	for (size_t i = 0; i < s->datagram_count; i++)
		if (!find_uid(f, &s->datagrams[i].uid, hit))
			return false;
	for (unsigned i = 0; s->q->filter && i < 2; i++)
		if (!pcap_filter_key(s->q->filter, keys) ||
			!pcap_index_find(f->fd, &f->ends.last, keys[i], hit))
			return false;
	return true;
}

static bool
index_knows(const struct search *s)
{
	uint32_t keys[2];

	return !s->all &&
	       (!s->q->filter || pcap_filter_key(s->q->filter, keys));
}

static enum nj_err
by_index(struct search *s, uint32_t file)
{
	struct search_file *f = &s->files[file];
	uint64_t n = f->ends.last.blocks;
	struct pcap_index_block *blocks =
		pcap_index_blocks(f->fd, &f->ends.last);
	uint8_t *hit = calloc(1, n + 1);
	bool known = index_knows(s);
	bool good = blocks && hit && (!known || find_keys(s, f, hit));

	for (uint64_t i = 0; good && i < n; i++) {
		seen_block(s, blocks[i].first_ns, blocks[i].last_ns);
		if (hit[i] || !known)
			add_candidate(s, file, &blocks[i]);
	}
	free(blocks);
	free(hit);
	if (good)
		return NJ_OK;
	search_damaged(s, file, f->ends.last.index_at,
		"the index, so the file is searched block by block");
	return by_scan(s, file);
}

static int
candidate_compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

enum nj_err
search_candidates(struct search *s)
{
	enum nj_err err = NJ_OK;

	if (s->datagram_count)
		qsort(s->datagrams, s->datagram_count, sizeof(*s->datagrams),
			datagram_compare);
	s->searched_datagrams = s->datagram_count > 0;
	s->count = 0;
	s->a->files = s->file_count;
	s->a->blocks = 0;
	s->a->damaged = s->unreadable;
	s->a->first_ns = INT64_MAX;
	s->a->last_ns = INT64_MIN;
	for (uint32_t i = 0; i < s->file_count && !err; i++) {
		if (search_cancelled(s))
			break;
		err = s->files[i].ends.full ? by_index(s, i) : by_scan(s, i);
	}
	if (s->no_memory)
		err = NJ_E_NOMEM;
	if (s->count)
		qsort(s->list, s->count, sizeof(*s->list), candidate_compare);
	return err;
}
