/*
 * recorder.c - the writer: full blocks of all lanes to the disk, a few at a
 * time, and from one file to the next.
 */
#include "engine/pcap/recorder.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "engine/pcap/disk_priv.h"
#include "engine/pcap/files_priv.h"
#include "engine/pcap/lane_priv.h"

enum {
	IDLE_NS = 1000 * 1000, /* between two looks when there is nothing */
	/* Files of a buffer whose size is not said, and the most of them. */
	FILE_AUTO_MB = 64,
	FILES_MAX = 512
};

struct under_way {
	struct nj_pcap_lane *lane;
	struct pcap_buf *buf;
};

/* What nj_pcap_recorder_state tells: stored by the writer, relaxed, as each
 * figure stands for itself. */
struct shown {
	_Atomic uint64_t used, written, blocks, files, failed;
	_Atomic int64_t oldest_ns, error;
};

struct nj_pcap_recorder {
	struct nj_pcap_conf conf;
	char folder[4096];
	char names[PCAP_PORTS][PCAP_NAME];
	const char *ports[PCAP_PORTS];
	struct pcap_files files;
	struct pcap_disk *disk;
	struct under_way under_way[PCAP_DEPTH];
	uint64_t size;
	char text[NJ_PCAP_TEXT];
	pthread_t thread;
	bool started;
	atomic_bool stop; /* lanes are flushed: end when they are empty */
	struct shown shown;
	struct nj_pcap_lane lanes[];
};

#define add(figure, n)                                                         \
	(void)atomic_fetch_add_explicit(&(figure), n, memory_order_relaxed)
#define set(figure, n) atomic_store_explicit(&(figure), n, memory_order_relaxed)
#define get(figure) atomic_load_explicit(&(figure), memory_order_relaxed)

/* ---- The writer ---- */

static void
show_files(struct nj_pcap_recorder *r)
{
	int64_t oldest = pcap_files_oldest(&r->files);

	set(r->shown.used, pcap_files_used(&r->files));
	set(r->shown.oldest_ns, oldest == INT64_MAX ? 0 : oldest);
}

static void
give_back(struct nj_pcap_recorder *r, struct under_way *u, int error)
{
	if (error) {
		add(r->shown.failed, 1);
		set(r->shown.error, error);
	}
	pcap_ring_put(&u->lane->empty, u->buf);
	u->buf = NULL;
}

/* One that is done within the time. */
static bool
reap(struct nj_pcap_recorder *r, int64_t timeout_ns)
{
	int error;
	struct under_way *u = pcap_disk_reap(r->disk, timeout_ns, &error);

	if (u)
		give_back(r, u, error);
	return u != NULL;
}

static void
drain(struct nj_pcap_recorder *r)
{
	while (pcap_disk_pending(r->disk))
		(void)reap(r, NJ_NS_PER_S);
}

/* The file has no room for what comes next. */
static bool
next_file(struct nj_pcap_recorder *r)
{
	bool done;

	drain(r);
	pcap_files_seal(&r->files);
	done = pcap_files_next(&r->files);
	if (done)
		add(r->shown.files, 1);
	else
		set(r->shown.error, errno);
	show_files(r);
	return done;
}

static struct under_way *
free_place(struct nj_pcap_recorder *r)
{
	unsigned i = 0;

	while (r->under_way[i].buf)
		i++;
	return &r->under_way[i];
}

static void
write_block(struct nj_pcap_recorder *r, struct nj_pcap_lane *lane,
	struct pcap_buf *b)
{
	struct pcap_block_head *h = (struct pcap_block_head *)b->mem;
	uint32_t bytes = pcap_buf_close(b, lane->number);
	struct under_way *u = free_place(r);
	struct pcap_file *file;
	struct pcap_write w;

	*u = (struct under_way){ lane, b };
	if (!pcap_files_fits(&r->files, bytes, b->flows) && !next_file(r)) {
		give_back(r, u, errno ? errno : EIO);
		return;
	}
	file = r->files.now;
	h->seq = file->seq;
	h->offset = file->end;
	pcap_block_seal(b->mem);
	pcap_index_add(&r->files.index, h,
		(const struct pcap_flow *)(b->mem + pcap_block_flows_at(h)));
	file->end += bytes;
	file->packets += h->packets;
	file->first_ns = nj_min(file->first_ns, h->first_ns);
	file->last_ns = nj_max(file->last_ns, h->last_ns);
	w = (struct pcap_write){ file->fd, b->mem, bytes, h->offset, u };
	pcap_disk_write(r->disk, &w);
	add(r->shown.blocks, 1);
	add(r->shown.written, bytes);
	show_files(r);
}

/* One block of each lane; gives how many there were. */
static unsigned
take_blocks(struct nj_pcap_recorder *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->conf.lanes; i++) {
		struct pcap_buf *b = pcap_ring_take(&r->lanes[i].full);

		if (!b)
			continue;
		while (pcap_disk_pending(r->disk) == PCAP_DEPTH)
			(void)reap(r, NJ_NS_PER_S);
		write_block(r, &r->lanes[i], b);
		n++;
	}
	return n;
}

static void *
run(void *ctx)
{
	struct nj_pcap_recorder *r = ctx;
	const struct timespec idle = { 0, IDLE_NS };
	bool stop = false;

	for (;;) {
		/* Read first: what was given before it is taken now. */
		stop = atomic_load_explicit(&r->stop, memory_order_acquire);
		if (take_blocks(r)) {
			while (reap(r, 0))
				continue;
			continue;
		}
		if (stop)
			break;
		if (!pcap_disk_pending(r->disk))
			(void)nanosleep(&idle, NULL);
		else
			(void)reap(r, IDLE_NS);
	}
	drain(r);
	/* A file that may grow no more says at once what is in it. */
	if (!r->conf.bytes)
		pcap_files_end(&r->files);
	return NULL;
}

/* ---- Beginning and end ---- */

/* Of one file, in whole pages. */
static uint64_t
file_bytes(const struct nj_pcap_conf *conf)
{
	uint64_t n = conf->file_bytes, least = conf->bytes / FILES_MAX;

	if (!n)
		n = (uint64_t)FILE_AUTO_MB << 20;
	if (conf->bytes)
		n = nj_min(n, conf->bytes / 4);
	n = nj_max(nj_max(n, least), NJ_PCAP_FILE_MIN);
	return (n + PCAP_PAGE - 1) / PCAP_PAGE * PCAP_PAGE;
}

static bool
copy_conf(struct nj_pcap_recorder *r, const struct nj_pcap_conf *conf)
{
	r->conf = *conf;
	r->conf.file_bytes = file_bytes(conf);
	r->conf.port_count = nj_min(conf->port_count, (unsigned)PCAP_PORTS);
	for (unsigned i = 0; i < r->conf.port_count; i++) {
		(void)snprintf(r->names[i], PCAP_NAME, "%.63s", conf->ports[i]);
		r->ports[i] = r->names[i];
	}
	r->conf.ports = r->ports;
	r->conf.folder = r->folder;
	return snprintf(r->folder, sizeof(r->folder), "%s", conf->folder) <
	       (int)sizeof(r->folder);
}

/* Every file of the buffer stays open. */
static void
raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) || l.rlim_cur == l.rlim_max)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

/* What is not as it should be, for the operator. */
static void
describe(struct nj_pcap_recorder *r)
{
	int error;

	if (r->files.text[0])
		(void)snprintf(r->text, sizeof(r->text), "%s", r->files.text);
	else if (!r->files.direct)
		(void)snprintf(r->text, sizeof(r->text),
			"the file system of the packet buffer has no O_DIRECT: "
			"writing goes through the page cache, which is slower");
	else if (!pcap_disk_is_ring(r->disk, &error))
		(void)snprintf(r->text, sizeof(r->text),
			"io_uring is refused (%s): the packet buffer is "
			"written a block at a time, which is slower",
			strerror(error));
}

enum nj_err
nj_pcap_recorder_open(struct nj_pcap_recorder **out,
	const struct nj_pcap_conf *conf, char why[NJ_PCAP_TEXT])
{
	size_t bytes = sizeof(struct nj_pcap_recorder) +
		       conf->lanes * sizeof(struct nj_pcap_lane);
	struct nj_pcap_recorder *r = aligned_alloc(NJ_CACHE_LINE, bytes);
	enum nj_err err = NJ_E_NOMEM;

	*out = NULL;
	(void)snprintf(why, NJ_PCAP_TEXT, "%s", nj_err_text(err));
	if (!r)
		return err;
	memset(r, 0, bytes);
	r->files.folder_fd = r->files.lock_fd = -1;
	if (!copy_conf(r, conf)) {
		(void)snprintf(why, NJ_PCAP_TEXT, "name too long");
		free(r);
		return NJ_E_RANGE;
	}
	raise_limit();
	err = pcap_files_open(&r->files, &r->conf, why);
	if (!err)
		err = pcap_disk_create(&r->disk);
	for (unsigned i = 0; i < conf->lanes && !err; i++)
		err = pcap_lane_init(&r->lanes[i], conf, i);
	if (err) {
		nj_pcap_recorder_close(&r);
		return err;
	}
	r->size = r->files.count * r->conf.file_bytes;
	describe(r);
	show_files(r);
	*out = r;
	return NJ_OK;
}

const char *
nj_pcap_recorder_text(const struct nj_pcap_recorder *r)
{
	return r->text;
}

enum nj_err
nj_pcap_recorder_start(struct nj_pcap_recorder *r)
{
	r->started = !pthread_create(&r->thread, NULL, run, r);
	return r->started ? NJ_OK : NJ_E_SYSTEM;
}

void
nj_pcap_recorder_stop(struct nj_pcap_recorder *r)
{
	if (!r->started)
		return;
	atomic_store_explicit(&r->stop, true, memory_order_release);
	(void)pthread_join(r->thread, NULL);
	describe(r);
	r->started = false;
}

void
nj_pcap_recorder_close(struct nj_pcap_recorder **r)
{
	if (!*r)
		return;
	nj_pcap_recorder_stop(*r);
	for (unsigned i = 0; i < (*r)->conf.lanes; i++)
		pcap_lane_fini(&(*r)->lanes[i]);
	pcap_disk_destroy(&(*r)->disk);
	pcap_files_close(&(*r)->files);
	free(*r);
	*r = NULL;
}

void
nj_pcap_recorder_state(
	const struct nj_pcap_recorder *r, struct nj_pcap_state *out)
{
	size_t n = strlen(r->folder), most = sizeof(out->folder) - 1;
	int error;

	*out = (struct nj_pcap_state){ .size = r->size,
		.used = get(r->shown.used),
		.written = get(r->shown.written),
		.blocks = get(r->shown.blocks),
		.files = get(r->shown.files),
		.failed = get(r->shown.failed),
		.oldest_ns = get(r->shown.oldest_ns),
		.error = get(r->shown.error),
		.ring = pcap_disk_is_ring(r->disk, &error),
		.direct = r->files.direct };
	(void)snprintf(out->folder, sizeof(out->folder), "%s",
		r->folder + (n > most ? n - most : 0));
	if (out->error)
		(void)snprintf(out->text, sizeof(out->text),
			"packets cannot be written: %s",
			strerror((int)out->error));
	else
		(void)snprintf(out->text, sizeof(out->text), "%.*s",
			(int)sizeof(out->text) - 1, r->text);
}

struct nj_pcap_lane *
nj_pcap_recorder_lane(struct nj_pcap_recorder *r, unsigned worker)
{
	return worker < r->conf.lanes ? &r->lanes[worker] : NULL;
}
