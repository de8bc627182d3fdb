/*
 * quiet.c - a test that the way of packets takes no memory from the system
 * and no lock. The C library's functions for both are replaced by ones that
 * count the calls of a watched thread: the worker's, between two of its looks
 * at the source, when it has been warmed up.
 */
#include "tests/unit/unit.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/capture/memory.h"
#include "engine/event/ring.h"
#include "engine/pipeline/worker.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WATCHED 0 /* a sanitizer has its own in the same place */
#else
#define WATCHED 1
#endif

enum {
	FLOWS = 4000, /* in progress; of fifty packets each */
	WARM_PACKETS = 800 * 1000,
	PACKETS = WARM_PACKETS + 400 * 1000,
	RING_BYTES = 4 << 20
};

enum call { MALLOC, CALLOC, REALLOC, FREE, ALIGNED, LOCK, RWLOCK, WAIT, CALLS };
static const char *const names[CALLS] = { "malloc", "calloc", "realloc", "free",
	"aligned_alloc", "pthread_mutex_lock", "pthread_rwlock_rdlock",
	"pthread_cond_wait" };

static __thread bool watched;
static unsigned calls[CALLS];

#if WATCHED

static void
count(enum call c)
{
	calls[c] += watched;
}

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *p);

/* The names that the linker sees; in C they are others, as the C library
 * declares these. */
void *count_malloc(size_t n) __asm__("malloc");
void *count_calloc(size_t n, size_t size) __asm__("calloc");
void *count_realloc(void *p, size_t n) __asm__("realloc");
void count_free(void *p) __asm__("free");
void *count_aligned(size_t align, size_t n) __asm__("aligned_alloc");
int count_lock(pthread_mutex_t *m) __asm__("pthread_mutex_lock");
int count_rdlock(pthread_rwlock_t *l) __asm__("pthread_rwlock_rdlock");
int count_wait(pthread_cond_t *c, pthread_mutex_t *m) __asm__(
	"pthread_cond_wait");

void *
count_malloc(size_t n)
{
	count(MALLOC);
	return __libc_malloc(n);
}

void *
count_calloc(size_t n, size_t size)
{
	count(CALLOC);
	return __libc_calloc(n, size);
}

void *
count_realloc(void *p, size_t n)
{
	count(REALLOC);
	return __libc_realloc(p, n);
}

void
count_free(void *p)
{
	count(FREE);
	__libc_free(p);
}

void *
count_aligned(size_t align, size_t n)
{
	count(ALIGNED);
	return __libc_memalign(align, n);
}

static int
forward(const char *name, enum call c, void *object)
{
	int (*next)(void *);
	void *found = dlsym(RTLD_NEXT, name);

	count(c);
	memcpy(&next, &found, sizeof(next));
	return next(object);
}

int
count_lock(pthread_mutex_t *m)
{
	return forward("pthread_mutex_lock", LOCK, m);
}

int
count_rdlock(pthread_rwlock_t *l)
{
	return forward("pthread_rwlock_rdlock", RWLOCK, l);
}

int
count_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	int (*next)(pthread_cond_t *, pthread_mutex_t *);
	void *found = dlsym(RTLD_NEXT, "pthread_cond_wait");

	count(WAIT);
	memcpy(&next, &found, sizeof(next));
	return next(c, m);
}

#endif

/* The feed; the thread that asks it is watched from WARM_PACKETS on. */
struct warmed {
	struct nj_source source;
	struct nj_source *feed;
	uint64_t given;
};

static int
warmed_burst(struct nj_source *s, struct nj_packet *out, unsigned max)
{
	struct warmed *w = (struct warmed *)s;
	int n = nj_source_burst(w->feed, out, max);

	s->now_ns = w->feed->now_ns;
	s->count = w->feed->count;
	w->given += n > 0 ? (unsigned)n : 0;
	watched = n > 0 && w->given > WARM_PACKETS;
	return n;
}

static const struct nj_source_ops warmed_ops = { .burst = warmed_burst };

static char folder[] = "/tmp/nj-quiet-XXXXXX";
static char path[64];

static void
drain(struct nj_ring *ring, const struct nj_worker *w, unsigned *rows)
{
	struct nj_row row;
	bool ended = false;

	while (!ended) {
		ended = nj_worker_ended(w);
		for (; nj_ring_next(ring, &row); ++*rows)
			continue;
		nj_ring_release(ring);
	}
}

/* A worker that has seen flows come and go asks the system for nothing more:
 * no memory, no lock. */
static void
asks_for_nothing(void **unused)
{
	struct nj_memory_conf feed = { .mix = nj_memory_mix_find("enterprise"),
		.flows = FLOWS,
		.packets = PACKETS };
	struct warmed source = { .source = { .ops = &warmed_ops,
					 .now_ns = INT64_MIN } };
	struct nj_worker_conf conf = { .core = -1,
		.ring_bytes = RING_BYTES,
		.sources = { &source.source },
		.ports = 1 };
	struct nj_worker *worker;
	struct nj_dissect_set *set;
	unsigned rows = 0;
	int fd;

	(void)unused;
	if (!WATCHED)
		skip();
	assert_int_equal(nj_memory_open(&source.feed, &feed), NJ_OK);
	nj_pipeline_conf_default(&conf.pipeline);
	conf.pipeline.flow.flows_max = 1 << 16;
	assert_int_equal(
		nj_dissect_set_create(&set, nj_dissectors, NULL), NJ_OK);
	conf.pipeline.set = set;
	assert_int_equal(
		nj_control_attach(&conf.control, path, NJ_PART_SENSOR), NJ_OK);
	assert_int_equal(nj_crew_create(&conf.crew, 1), NJ_OK);
	assert_int_equal(nj_ring_create(&fd, RING_BYTES, 1), NJ_OK);
	assert_int_equal(nj_ring_attach(&conf.ring, fd,
				 NJ_RING_PRODUCER | NJ_RING_CONSUMER),
		NJ_OK);
	(void)close(fd);
	assert_int_equal(nj_worker_create(&worker, &conf), NJ_OK);
	assert_int_equal(nj_worker_start(worker), NJ_OK);
	nj_crew_go(conf.crew);
	drain(conf.ring, worker, &rows);
	assert_true(rows > PACKETS / 100);
	for (unsigned i = 0; i < CALLS; i++)
		if (calls[i])
			print_error("%s: %u calls\n", names[i], calls[i]);
	for (unsigned i = 0; i < CALLS; i++)
		assert_int_equal(calls[i], 0);
	nj_worker_destroy(&worker);
	nj_ring_detach(&conf.ring);
	nj_crew_destroy(&conf.crew);
	nj_control_detach(&conf.control);
	nj_source_close(&source.feed);
	nj_dissect_set_destroy(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_nothing),
	};
	struct nj_control *keeper;
	int failed;

	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/control", folder);
	if (nj_pipeline_register() || nj_control_create(&keeper, path))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	nj_control_detach(&keeper);
	(void)unlink(path);
	(void)rmdir(folder);
	return failed;
}
