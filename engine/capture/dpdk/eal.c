/*
 * eal.c - starts DPDK with what Nightjar needs of it and nothing that it
 * would leave behind: no files, no telemetry socket, no second process.
 *
 * Huge pages are used when enough of them are free. Without them memory of
 * that size is taken from small pages at the start (--no-huge), which costs
 * speed only.
 */
#include <ctype.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_mbuf_pool_ops.h>

#include "engine/capture/dpdk/dpdk_priv.h"

enum {
	ARGS_MAX = 16 + 2 * NJ_DPDK_PORTS_MAX,
	ARG_BYTES = 64,
	/* Rings, devices and DPDK's own tables, besides the packets. */
	SLACK_MB = 64,
	DATA_BYTES = 2048,
	/* The longest that a buffer can be, and the share of memory for such:
	 * jumbo frames, and what the kernel puts together before it sends. */
	BIG_BYTES = UINT16_MAX,
	BIG_SHARE = 8,
	CACHE = 256,
	MBUFS_MIN = 4096,
	COMPLAINT_BYTES = 160
};

struct dpdk dpdk;

/* DPDK says why something failed in its log only. */
static struct {
	pthread_mutex_t lock;
	char text[COMPLAINT_BYTES];
	bool verbose;
	bool started;
	char memory[64];
} eal = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct args {
	char text[ARGS_MAX][ARG_BYTES];
	char *argv[ARGS_MAX + 1];
	int n;
};

static void NJ_PRINTF(2, 3) arg(struct args *a, const char *fmt, ...)
{
	va_list ap;

	NJ_ASSERT(a->n < ARGS_MAX);
	va_start(ap, fmt);
	vsnprintf(a->text[a->n], ARG_BYTES, fmt, ap);
	va_end(ap);
	a->argv[a->n] = a->text[a->n];
	a->n++;
}

static ssize_t
take_log(void *cookie, const char *p, size_t n)
{
	size_t len = nj_min(n, sizeof(eal.text) - 1);

	(void)cookie;
	if (eal.verbose && write(STDERR_FILENO, p, n) < 0)
		return (ssize_t)n;
	while (len && isspace((unsigned char)p[len - 1]))
		len--;
	if (!len)
		return (ssize_t)n;
	/* The first complaint names the cause, later ones what came of it. */
	pthread_mutex_lock(&eal.lock);
	if (!eal.text[0]) {
		memcpy(eal.text, p, len);
		eal.text[len] = '\0';
	}
	pthread_mutex_unlock(&eal.lock);
	return (ssize_t)n;
}

const char *
dpdk_complaint(const char *fallback)
{
	return eal.text[0] ? eal.text : fallback;
}

void
dpdk_complaint_clear(void)
{
	pthread_mutex_lock(&eal.lock);
	eal.text[0] = '\0';
	pthread_mutex_unlock(&eal.lock);
}

static void
log_start(bool verbose)
{
	cookie_io_functions_t io = { .write = take_log };
	FILE *f = fopencookie(NULL, "w", io);

	eal.verbose = verbose;
	if (!f)
		return;
	setvbuf(f, NULL, _IOLBF, 0);
	rte_openlog_stream(f);
}

/* Free huge pages of all sizes, in megabytes. */
static uint64_t
huge_free_mb(void)
{
	static const char root[] = "/sys/kernel/mm/hugepages";
	DIR *d = opendir(root);
	uint64_t mb = 0;

	if (!d)
		return 0;
	for (struct dirent *e; (e = readdir(d));) {
		unsigned long long kb, n;
		char path[PATH_MAX];
		FILE *f;

		if (sscanf(e->d_name, "hugepages-%llukB", &kb) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/%s/free_hugepages", root,
			e->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "%llu", &n) == 1)
			mb += n * kb / 1024;
		fclose(f);
	}
	closedir(d);
	return mb;
}

/* What DPDK takes to hold conf's memory: an eighth is lost at page ends. */
static unsigned
need_mb(const struct nj_dpdk_conf *conf)
{
	return conf->memory_mb + conf->memory_mb / 8 + SLACK_MB;
}

static bool
huge_wanted(const struct nj_dpdk_conf *conf, uint64_t free_mb)
{
	if (conf->huge == NJ_DPDK_HUGE_OFF)
		return false;
	return conf->huge == NJ_DPDK_HUGE_ON || free_mb >= need_mb(conf);
}

static void
make_args(struct args *a, const struct nj_dpdk_conf *conf, bool huge, int cpu)
{
	*a = (struct args){ 0 };
	arg(a, "nightjar");
	arg(a, "-l");
	arg(a, "%d", cpu);
	arg(a, "--no-telemetry");
	arg(a, "--file-prefix=nightjar%ld", (long)getpid());
	arg(a, "--log-level=*:%s", conf->verbose ? "info" : "error");
	if (huge) {
		arg(a, "--in-memory");
	} else {
		arg(a, "--no-huge");
		arg(a, "--no-shconf");
		arg(a, "-m");
		arg(a, "%u", need_mb(conf));
	}
	if (!conf->pci_count) {
		arg(a, "--no-pci");
		arg(a, "--iova-mode=va");
	}
	for (unsigned i = 0; i < conf->pci_count; i++) {
		arg(a, "-a");
		arg(a, "%s", conf->pci[i]);
	}
}

static int
first_cpu(const cpu_set_t *set)
{
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, set))
			return i;
	return 0;
}

/* The libraries below net_af_xdp write to standard error what is not worth a
 * line. They are there only if DPDK's driver brought them. */
static void
quieten(void)
{
	static const struct {
		const char *library, *function;
	} list[] = {
		{ "libbpf.so.1", "libbpf_set_print" },
		{ "libxdp.so.1", "libxdp_set_print" },
	};

	for (unsigned i = 0; i < nj_countof(list); i++) {
		void *lib = dlopen(list[i].library, RTLD_NOW | RTLD_NOLOAD);
		void *(*set_print)(void *fn);

		if (!lib)
			continue;
		*(void **)&set_print = dlsym(lib, list[i].function);
		if (set_print)
			(void)set_print(NULL);
		dlclose(lib);
	}
}

/* Memory of small pages may still get large ones by the kernel's grace, which
 * saves most of the time that filling the pools takes. */
static int
advise(const struct rte_memseg_list *list, void *unused)
{
	(void)unused;
	if (!list->external)
		(void)madvise(list->base_va, list->len, MADV_HUGEPAGE);
	return 0;
}

/* Buffers of room bytes. DPDK's own function keeps each inside one page, of
 * which more than a third would be lost if pages are small; no device that
 * works without huge pages asks for that. */
static struct rte_mempool *
buffers_create(const char *name, unsigned count, uint16_t room, bool huge)
{
	struct rte_pktmbuf_pool_private private = { .mbuf_data_room_size =
							    room };
	/* A cache larger than the pool's share of it would be refused. */
	unsigned cache = count >= MBUFS_MIN ? CACHE : 0;
	struct rte_mempool *pool = rte_mempool_create_empty(name, count,
		sizeof(struct rte_mbuf) + room, cache, sizeof(private),
		SOCKET_ID_ANY, huge ? 0 : RTE_MEMPOOL_F_NO_IOVA_CONTIG);

	if (!pool)
		return NULL;
	if (rte_mempool_set_ops_byname(
		    pool, rte_mbuf_best_mempool_ops(), NULL)) {
		rte_mempool_free(pool);
		return NULL;
	}
	rte_pktmbuf_pool_init(pool, &private);
	if (rte_mempool_populate_default(pool) < 0) {
		rte_mempool_free(pool);
		return NULL;
	}
	(void)rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return pool;
}

static const struct rte_mbuf_dynfield now_field = {
	.name = "nightjar_now",
	.size = sizeof(int64_t),
	.align = sizeof(int64_t),
};

static enum nj_err
make_pools(const struct nj_dpdk_conf *conf, bool huge, char why[NJ_SOURCE_TEXT])
{
	/* What a buffer takes, with the pool's header for each object. */
	size_t each = sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM +
		      DATA_BYTES + 2 * (size_t)NJ_CACHE_LINE;
	size_t bytes = (size_t)conf->memory_mb * 1024 * 1024;
	size_t big = bytes / BIG_SHARE / BIG_BYTES;
	size_t fit = (bytes - bytes / BIG_SHARE) / each;

	dpdk.mbufs = (unsigned)nj_min(fit, (size_t)UINT32_MAX / 2);
	if (dpdk.mbufs < MBUFS_MIN) {
		snprintf(why, NJ_SOURCE_TEXT,
			"%u MB hold %u packets, at least %u are needed",
			conf->memory_mb, dpdk.mbufs, MBUFS_MIN);
		return NJ_E_RANGE;
	}
	dpdk.pool = buffers_create(
		"packets", dpdk.mbufs, RTE_PKTMBUF_HEADROOM + DATA_BYTES, huge);
	dpdk.big = buffers_create("frames", (unsigned)big, BIG_BYTES, huge);
	if (!dpdk.pool || !dpdk.big) {
		snprintf(why, NJ_SOURCE_TEXT,
			"no memory for %u packets (%u MB): %s", dpdk.mbufs,
			conf->memory_mb,
			dpdk_complaint(rte_strerror(rte_errno)));
		return NJ_E_NOMEM;
	}
	if (rte_mbuf_dyn_rx_timestamp_register(
		    &dpdk.stamp_offset, &dpdk.stamp_flag)) {
		snprintf(why, NJ_SOURCE_TEXT, "no room for time stamps: %s",
			rte_strerror(rte_errno));
		return NJ_E_NOMEM;
	}
	dpdk.now_offset = rte_mbuf_dynfield_register(&now_field);
	if (dpdk.now_offset < 0) {
		snprintf(why, NJ_SOURCE_TEXT, "no room for packet times: %s",
			rte_strerror(rte_errno));
		return NJ_E_NOMEM;
	}
	return NJ_OK;
}

enum nj_err
nj_dpdk_start(const struct nj_dpdk_conf *conf, char why[NJ_SOURCE_TEXT])
{
	uint64_t free_mb = huge_free_mb();
	bool huge = huge_wanted(conf, free_mb);
	struct args args;
	cpu_set_t before;
	int got;

	if (eal.started) {
		snprintf(why, NJ_SOURCE_TEXT, "DPDK can start only once");
		return NJ_E_STATE;
	}
	if (conf->pci_count > NJ_DPDK_PORTS_MAX) {
		snprintf(why, NJ_SOURCE_TEXT, "more than %u ports",
			NJ_DPDK_PORTS_MAX);
		return NJ_E_RANGE;
	}
	if (conf->huge == NJ_DPDK_HUGE_ON && free_mb < need_mb(conf)) {
		snprintf(why, NJ_SOURCE_TEXT,
			"%llu MB of huge pages are free, %u are needed",
			(unsigned long long)free_mb, need_mb(conf));
		return NJ_E_NOMEM;
	}
	eal.started = true;
	CPU_ZERO(&before);
	pthread_getaffinity_np(pthread_self(), sizeof(before), &before);
	make_args(&args, conf, huge, first_cpu(&before));
	log_start(conf->verbose);
	got = rte_eal_init(args.n, args.argv);
	/* DPDK ties the thread to one core; which one is ours to say. */
	pthread_setaffinity_np(pthread_self(), sizeof(before), &before);
	if (got < 0) {
		snprintf(why, NJ_SOURCE_TEXT, "DPDK does not start: %s",
			dpdk_complaint(rte_strerror(rte_errno)));
		return NJ_E_SYSTEM;
	}
	if (!conf->verbose)
		quieten();
	snprintf(eal.memory, sizeof(eal.memory), "%u MB on %s pages",
		conf->memory_mb, huge ? "huge" : "small");
	dpdk.snap = conf->snap ? conf->snap : UINT32_MAX;
	if (!huge)
		(void)rte_memseg_list_walk(advise, NULL);
	return make_pools(conf, huge, why);
}

void
nj_dpdk_stop(void)
{
	if (!eal.memory[0])
		return;
	rte_mempool_free(dpdk.pool);
	rte_mempool_free(dpdk.big);
	dpdk = (struct dpdk){ 0 };
	eal.memory[0] = '\0';
	rte_eal_cleanup();
}

const char *
nj_dpdk_memory(void)
{
	return eal.memory;
}

void
nj_dpdk_buffers(uint64_t *used, uint64_t *all)
{
	*all = dpdk.pool ? dpdk.mbufs : 0;
	*used = dpdk.pool ? rte_mempool_in_use_count(dpdk.pool) : 0;
}

bool
nj_dpdk_thread_enter(void)
{
	return rte_lcore_id() != LCORE_ID_ANY || !rte_thread_register();
}

void
nj_dpdk_thread_leave(void)
{
	if (rte_lcore_id() != LCORE_ID_ANY &&
		rte_lcore_id() != rte_get_main_lcore())
		rte_thread_unregister();
}
