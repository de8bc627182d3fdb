/*
 * text.c - the text of the configuration in memory that keeper and children
 * share.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/apps/process/child.h"

enum { TEXT_BYTES = 1 << 20 };

/* seq is odd while the keeper writes (a child may look at any time); the
 * order is that of control.h. */
struct slot {
	_Atomic uint64_t seq;
	uint64_t len;
	char name[NJ_CONTROL_TEXT];
	char bytes[TEXT_BYTES];
};
struct shared {
	struct slot slots[NJ_TEXT_SLOTS];
};

struct nj_text {
	struct shared *shared;
};

static enum nj_err
text_map(struct nj_text **out, int fd, int prot)
{
	struct nj_text *t = calloc(1, sizeof(*t));
	void *p;

	*out = NULL;
	if (!t)
		return NJ_E_NOMEM;
	p = mmap(NULL, sizeof(struct shared), prot, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		free(t);
		return NJ_E_NOMEM;
	}
	t->shared = p;
	*out = t;
	return NJ_OK;
}

enum nj_err
nj_text_create(struct nj_text **out, int *fd)
{
	int own = memfd_create("nightjar-conf", MFD_CLOEXEC);
	char path[64];
	enum nj_err err;

	*out = NULL;
	*fd = -1;
	if (own < 0)
		return NJ_E_SYSTEM;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", own);
	if (ftruncate(own, sizeof(struct shared))) {
		(void)close(own);
		return NJ_E_SYSTEM;
	}
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	err = *fd < 0 ? NJ_E_SYSTEM
		      : text_map(out, own, PROT_READ | PROT_WRITE);
	(void)close(own);
	return err;
}

enum nj_err
nj_text_attach(struct nj_text **out, int fd)
{
	return text_map(out, fd, PROT_READ);
}

void
nj_text_detach(struct nj_text **t)
{
	if (!*t)
		return;
	(void)munmap((*t)->shared, sizeof(struct shared));
	free(*t);
	*t = NULL;
}

enum nj_err
nj_text_put(struct nj_text *t, enum nj_text_slot slot, const char *name,
	struct nj_view text)
{
	struct slot *s = &t->shared->slots[slot];
	uint64_t seq = atomic_load_explicit(&s->seq, memory_order_relaxed) | 1;

	if (text.len >= TEXT_BYTES)
		return NJ_E_RANGE;
	atomic_store_explicit(&s->seq, seq, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	if (text.len)
		memcpy(s->bytes, text.data, text.len);
	s->len = text.len;
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	atomic_store_explicit(&s->seq, seq + 1, memory_order_release);
	return NJ_OK;
}

bool
nj_text_get(const struct nj_text *t, enum nj_text_slot slot,
	char name[NJ_CONTROL_TEXT], struct nj_buf *out)
{
	const struct slot *s = &t->shared->slots[slot];
	uint64_t seq = atomic_load_explicit(&s->seq, memory_order_acquire);

	nj_buf_reset(out);
	nj_buf_put(out, s->bytes, nj_min(s->len, (uint64_t)TEXT_BYTES - 1));
	nj_buf_char(out, 0);
	out->len -= out->bad ? 0 : 1;
	memcpy(name, s->name, NJ_CONTROL_TEXT);
	name[NJ_CONTROL_TEXT - 1] = 0;
	atomic_thread_fence(memory_order_acquire);
	return !out->bad && seq && !(seq & 1) &&
	       atomic_load_explicit(&s->seq, memory_order_relaxed) == seq;
}

enum nj_err
nj_text_sets(struct nj_conf *conf, struct nj_view lines, struct nj_buf *errors)
{
	char line[NJ_CONTROL_TEXT * 8], *equals;
	enum nj_err err = NJ_OK;

	while (lines.len && !err) {
		size_t end = nj_view_chr(lines, '\n');

		(void)snprintf(line, sizeof(line), "%.*s",
			(int)nj_min(end, lines.len), lines.data);
		lines = end == SIZE_MAX ? NJ_LIT("")
					: nj_sub(lines, end + 1, lines.len);
		equals = strchr(line, '=');
		if (!equals)
			return NJ_E_FORMAT;
		*equals = 0;
		err = nj_conf_set(conf, line, equals + 1, errors);
	}
	return err;
}
