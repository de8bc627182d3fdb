/*
 * pcapbuf.c - fuzzes the search of a packet buffer: a file of made-up blocks,
 * index and last page whose checksums are good, so that nothing but the
 * limits of each number stands between it and the reader.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/pcap/format_priv.h"
#include "engine/pcap/search.h"

enum { PAGES_MAX = 32, FILE_MAX = PAGES_MAX * PCAP_PAGE };

static char folder[64], path[96];
static uint8_t file[FILE_MAX] __attribute__((aligned(PCAP_PAGE)));
static struct nj_pcap_filter *filter;

static void
clean_up(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char why[NJ_PCAP_FILTER_TEXT];

	(void)snprintf(folder, sizeof(folder), "/dev/shm/fuzz.XXXXXX");
	if (!mkdtemp(folder)) {
		(void)snprintf(folder, sizeof(folder), "/tmp/fuzz.XXXXXX");
		NJ_ASSERT(mkdtemp(folder));
	}
	(void)snprintf(path, sizeof(path), "%s/packets-0000.nj", folder);
	NJ_ASSERT(!nj_pcap_filter_create(
		&filter, nj_str("not (net 0.0.0.0/1 or portrange 0-9)"), why));
	(void)atexit(clean_up);
	return 0;
}

/* A block at page i of n, with what the input says of it, in so far as it can
 * be sealed at all. Gives its pages. */
static unsigned
make_block(unsigned i, unsigned n)
{
	uint8_t *b = file + (size_t)i * PCAP_PAGE;
	struct pcap_block_head *h = (struct pcap_block_head *)b;
	unsigned pages = h->bytes % 8 + 1;

	pages = pages > n - i ? n - i : pages;
	h->seq = 1;
	h->offset = (uint64_t)i * PCAP_PAGE;
	h->bytes = pages * PCAP_PAGE;
	h->records %= h->bytes - (uint32_t)sizeof(*h);
	h->flows %= 64;
	if (h->first_ns > h->last_ns)
		h->first_ns = h->last_ns;
	if (pcap_block_flows_at(h) + h->flows * sizeof(struct pcap_flow) >
		h->bytes)
		h->flows = 0;
	if (pcap_block_flows_at(h) > h->bytes)
		h->records = 0;
	pcap_block_seal(b);
	return pages;
}

static void
make_index(unsigned n)
{
	uint8_t *end = file + (size_t)(n - 1) * PCAP_PAGE;
	struct pcap_file_last *l = (struct pcap_file_last *)end;
	uint64_t from;

	if (l->magic % 2)
		return;
	l->magic = PCAP_LAST_MAGIC;
	l->version = PCAP_VERSION;
	l->seq = 1;
	l->index_at = l->index_at % n * PCAP_PAGE;
	l->blocks %= 600;
	l->postings %= 4096;
	pcap_file_last_seal(end);
	for (from = l->index_at / PCAP_PAGE; from && from < n - 1; from++)
		pcap_index_page_seal(
			(struct pcap_index_page *)(file + from * PCAP_PAGE));
}

static void
make_file(unsigned n)
{
	struct pcap_file_head *h = (struct pcap_file_head *)file;

	h->magic = PCAP_FILE_MAGIC;
	h->version = PCAP_VERSION;
	h->seq = 1;
	h->ports %= PCAP_PORTS + 1;
	for (unsigned i = 0; i < PCAP_PORTS; i++)
		h->port[i][PCAP_NAME - 1] = 0;
	pcap_file_head_seal(file);
	for (unsigned i = 1; i < n;)
		i += file[(size_t)i * PCAP_PAGE] % 8 ? make_block(i, n) : 1;
	make_index(n);
}

static bool
on_packet(void *ctx, const struct nj_pcap_packet *p)
{
	uint64_t *sum = ctx;

	for (uint32_t i = 0; i < p->len; i++)
		*sum += p->data[i];
	*sum += strlen(p->port_name);
	return true;
}

static void
search(const struct nj_pcap_uid *uid, const struct nj_pcap_filter *f)
{
	uint64_t sum = 0;
	struct nj_pcap_query q = { .folder = folder,
		.uids = uid,
		.uid_count = uid ? 1 : 0,
		.filter = f,
		.from_ns = INT64_MIN,
		.to_ns = INT64_MAX,
		.ctx = &sum,
		.packet = on_packet };
	struct nj_pcap_answer a;

	if (nj_pcap_search(&q, &a))
		return;
	/* Each packet takes room for its record's head. */
	NJ_ASSERT(a.packets <=
		  (uint64_t)600 * FILE_MAX / sizeof(struct pcap_record));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned n = (unsigned)((size + PCAP_PAGE - 1) / PCAP_PAGE) + 1;
	struct nj_pcap_uid uid = { 0 };
	int fd;

	if (n > PAGES_MAX)
		return 0;
	n = n < 3 ? 3 : n;
	memset(file, 0, sizeof(file));
	memcpy(file + PCAP_PAGE / 2, data, size);
	if (size >= sizeof(uid.high))
		memcpy(&uid.high, data + size - sizeof(uid.high),
			sizeof(uid.high));
	make_file(n);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	NJ_ASSERT(fd >= 0);
	NJ_ASSERT(write(fd, file, (size_t)n * PCAP_PAGE) ==
		  (ssize_t)n * PCAP_PAGE);
	(void)close(fd);
	search(NULL, NULL);
	search(&uid, NULL);
	search(NULL, filter);
	return 0;
}
