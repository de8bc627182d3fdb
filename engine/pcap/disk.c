/*
 * disk.c - see disk_priv.h.
 *
 * The ring begins disabled and is limited to writing before it is enabled: a
 * process that has given up its rights must not get the kernel to open files
 * or sockets through it, which no filter of system calls would see.
 */
#include "engine/pcap/disk_priv.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <unistd.h>

struct slot {
	struct pcap_write w;
	bool used;
};

struct pcap_disk {
	struct io_uring ring;
	bool is_ring;
	int error; /* why there is no ring */
	unsigned pending;
	struct slot slots[PCAP_DEPTH];
	int done_error[PCAP_DEPTH]; /* without a ring, all are done at once */
};

static int
limit_ring(struct io_uring *ring)
{
	struct io_uring_restriction only[2] = {
		{ .opcode = IORING_RESTRICTION_SQE_OP,
			.sqe_op = IORING_OP_WRITE },
		{ .opcode = IORING_RESTRICTION_REGISTER_OP,
			.register_op = IORING_REGISTER_ENABLE_RINGS },
	};
	int err = io_uring_register(
		ring->ring_fd, IORING_REGISTER_RESTRICTIONS, only, 2);

	return err ? err
		   : io_uring_register(ring->ring_fd,
			     IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

enum nj_err
pcap_disk_create(struct pcap_disk **out)
{
	struct pcap_disk *d = calloc(1, sizeof(*d));
	int err;

	*out = d;
	if (!d)
		return NJ_E_NOMEM;
	err = io_uring_queue_init(
		PCAP_DEPTH * 2, &d->ring, IORING_SETUP_R_DISABLED);
	if (!err) {
		err = limit_ring(&d->ring);
		if (err)
			io_uring_queue_exit(&d->ring);
	}
	d->is_ring = !err;
	d->error = -err;
	return NJ_OK;
}

void
pcap_disk_destroy(struct pcap_disk **d)
{
	if (*d && (*d)->is_ring)
		io_uring_queue_exit(&(*d)->ring);
	free(*d);
	*d = NULL;
}

bool
pcap_disk_is_ring(const struct pcap_disk *d, int *error)
{
	*error = d->error;
	return d->is_ring;
}

unsigned
pcap_disk_pending(const struct pcap_disk *d)
{
	return d->pending;
}

bool
pcap_pwrite(int fd, const void *data, size_t bytes, uint64_t offset)
{
	const uint8_t *p = data;

	while (bytes) {
		ssize_t n = pwrite(fd, p, bytes, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : ENOSPC;
			return false;
		}
		p += n;
		offset += (uint64_t)n;
		bytes -= (size_t)n;
	}
	return true;
}

int64_t
pcap_pread(int fd, void *data, size_t bytes, uint64_t offset)
{
	uint8_t *p = data;
	size_t got = 0;

	while (got < bytes) {
		ssize_t n =
			pread(fd, p + got, bytes - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		got += (size_t)n;
	}
	return (int64_t)got;
}

static unsigned
free_slot(const struct pcap_disk *d)
{
	unsigned i = 0;

	while (d->slots[i].used)
		i++;
	return i;
}

static int
write_now(const struct pcap_write *w)
{
	return pcap_pwrite(w->fd, w->data, w->bytes, w->offset) ? 0 : errno;
}

void
pcap_disk_write(struct pcap_disk *d, const struct pcap_write *w)
{
	struct io_uring_sqe *sqe = NULL;
	unsigned i;

	NJ_ASSERT(d->pending < PCAP_DEPTH);
	i = free_slot(d);
	d->slots[i] = (struct slot){ *w, true };
	d->pending++;
	if (d->is_ring)
		sqe = io_uring_get_sqe(&d->ring);
	if (!sqe) {
		d->done_error[i] = write_now(w);
		return;
	}
	io_uring_prep_write(sqe, w->fd, w->data, (unsigned)w->bytes, w->offset);
	io_uring_sqe_set_data(sqe, &d->slots[i]);
	/* Whatever is not taken now is taken when there is a wait. */
	(void)io_uring_submit(&d->ring);
}

static void *
slot_done(struct pcap_disk *d, struct slot *s)
{
	s->used = false;
	d->pending--;
	return s->w.tag;
}

/* A write that was cut short or pushed back is brought to its end here. */
static int
complete(const struct slot *s, int res)
{
	struct pcap_write rest = s->w;

	if (res >= 0 && (size_t)res == s->w.bytes)
		return 0;
	if (res < 0 && res != -EAGAIN && res != -EINTR)
		return -res;
	if (res > 0) {
		rest.data = (const uint8_t *)rest.data + res;
		rest.offset += (uint64_t)res;
		rest.bytes -= (size_t)res;
	}
	return write_now(&rest);
}

static void *
reap_ring(struct pcap_disk *d, int64_t timeout_ns, int *error)
{
	struct __kernel_timespec t = { timeout_ns / NJ_NS_PER_S,
		timeout_ns % NJ_NS_PER_S };
	struct io_uring_cqe *cqe = NULL;
	struct slot *s;

	/* What the kernel was too busy to take before. */
	if (io_uring_sq_ready(&d->ring))
		(void)io_uring_submit(&d->ring);
	if (io_uring_peek_cqe(&d->ring, &cqe) || !cqe) {
		if (!timeout_ns ||
			io_uring_wait_cqe_timeout(&d->ring, &cqe, &t) || !cqe)
			return NULL;
	}
	s = io_uring_cqe_get_data(cqe);
	*error = complete(s, cqe->res);
	io_uring_cqe_seen(&d->ring, cqe);
	return slot_done(d, s);
}

void *
pcap_disk_reap(struct pcap_disk *d, int64_t timeout_ns, int *error)
{
	*error = 0;
	if (!d->pending)
		return NULL;
	if (d->is_ring)
		return reap_ring(d, timeout_ns, error);
	for (unsigned i = 0; i < PCAP_DEPTH; i++) {
		if (!d->slots[i].used)
			continue;
		*error = d->done_error[i];
		return slot_done(d, &d->slots[i]);
	}
	return NULL;
}
