/*
 * input.c - files, pipes and memory as a forward window.
 *
 * Files are read, not mapped. A reader of packets has to see one length
 * before it knows where the next packet is, and each of these looks into
 * fresh mapped pages waits for main memory; bytes that read(2) just copied
 * are in the second-level cache, which is worth more than the copy costs
 * (measured: 75 against 125 ns for a 600-byte packet). And a file that
 * somebody cuts short while it is read ends early instead of raising SIGBUS.
 */
#include "engine/io/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/io/unpack_priv.h"

enum {
	CHUNK = 256 * 1024, /* read, or unpacked, at a time */
	/* The rest of the last window, and behind it what is read. */
	WINDOW = 2 * NJ_INPUT_FILL_MAX + CHUNK,
	RAW = 128 * 1024, /* packed bytes read at a time */
	SNIFF = 6
};

struct input {
	struct nj_input pub; /* first: the caller's pointer is ours */
	int fd;              /* -1: memory */
	bool own_fd;
	bool raw_ended;
	uint8_t *window; /* NULL: memory that is not packed */
	/* Packed bytes not yet unpacked, at raw_at of raw. */
	uint8_t *raw_buf;
	struct nj_view raw;
	uint64_t raw_offset; /* packed bytes used */
	struct unpack *unpack;
};

static enum nj_err NJ_PRINTF(3, 4)
	fail(struct nj_input *in, enum nj_err err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(in->text, sizeof(in->text), fmt, ap);
	va_end(ap);
	in->err = err;
	return err;
}

static enum nj_err
errno_err(int e)
{
	switch (e) {
	case ENOENT:
	case ENOTDIR:
		return NJ_E_NOENT;
	case EACCES:
	case EPERM:
		return NJ_E_ACCESS;
	case ENOMEM:
		return NJ_E_NOMEM;
	default:
		return NJ_E_IO;
	}
}

/* Waits until a descriptor that does not block has bytes. */
static bool
wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, -1) > 0;
}

/* Reads up to room bytes; 0 with raw_ended set at the end. */
static enum nj_input_state
read_some(struct input *in, uint8_t *to, size_t room, size_t *got)
{
	ssize_t n;

	*got = 0;
	for (;;) {
		n = read(in->fd, to, room);
		if (n >= 0)
			break;
		if (errno == EINTR)
			return NJ_INPUT_AGAIN;
		if (errno == EAGAIN && wait_readable(in->fd))
			continue;
		if (errno == EINTR)
			return NJ_INPUT_AGAIN;
		fail(&in->pub, errno_err(errno), "cannot be read: %s",
			strerror(errno));
		return NJ_INPUT_FAILED;
	}
	in->raw_ended = n == 0;
	*got = (size_t)n;
	return NJ_INPUT_OK;
}

/* More packed bytes, when those at hand are used up. */
static enum nj_input_state
raw_fill(struct input *in)
{
	enum nj_input_state state;
	size_t got;

	if (in->raw.len || in->raw_ended)
		return NJ_INPUT_OK;
	if (in->fd < 0) {
		in->raw_ended = true;
		return NJ_INPUT_OK;
	}
	state = read_some(in, in->raw_buf, RAW, &got);
	if (state == NJ_INPUT_OK)
		in->raw = (struct nj_view){ in->raw_buf, got };
	return state;
}

/* Some unpacked bytes into to; *got is 0 at the end, or when more packed
 * bytes are needed first. */
static enum nj_input_state
unpack_some(struct input *in, uint8_t *to, size_t room, size_t *got)
{
	enum nj_input_state state = raw_fill(in);
	struct unpack_io io = { 0 };
	const char *why;

	*got = 0;
	if (state != NJ_INPUT_OK)
		return state;
	io.in = in->raw.data;
	io.in_len = in->raw.len;
	io.out = to;
	io.out_len = room;
	if (!io.in_len && unpack_may_end(in->unpack))
		return NJ_INPUT_END;
	if (!unpack_step(in->unpack, &io, &why)) {
		fail(&in->pub, NJ_E_FORMAT,
			"packed data damaged near packed byte %llu: %s",
			(unsigned long long)(in->raw_offset + io.in_used), why);
		return NJ_INPUT_FAILED;
	}
	in->raw = nj_sub(in->raw, io.in_used, in->raw.len);
	in->raw_offset += io.in_used;
	*got = io.out_used;
	if (io.out_used || io.in_used)
		return NJ_INPUT_OK;
	fail(&in->pub, NJ_E_TRUNCATED,
		"packed data end too early, at packed byte %llu",
		(unsigned long long)in->raw_offset);
	return NJ_INPUT_FAILED;
}

/* Bytes of a pipe that is not packed: first those read to recognise it. */
static enum nj_input_state
plain_some(struct input *in, uint8_t *to, size_t room, size_t *got)
{
	enum nj_input_state state;

	if (in->raw.len) {
		*got = nj_min(in->raw.len, room);
		memcpy(to, in->raw.data, *got);
		in->raw = nj_sub(in->raw, *got, in->raw.len);
		return NJ_INPUT_OK;
	}
	*got = 0;
	if (in->raw_ended)
		return NJ_INPUT_END;
	state = read_some(in, to, room, got);
	if (state == NJ_INPUT_OK && in->raw_ended)
		return NJ_INPUT_END;
	return state;
}

/* Passes over what is to be skipped, as far as it is at hand. */
static void
window_skip(struct nj_input *in)
{
	size_t n = (size_t)nj_min(in->skip, (uint64_t)(in->end - in->at));

	in->at += n;
	in->offset += n;
	in->skip -= n;
}

/* Moves what is left of the window to just before its middle, so that what
 * is read next lies behind it, and always at the same aligned place. */
static void
window_turn(struct input *in)
{
	struct nj_input *pub = &in->pub;
	size_t have = (size_t)(pub->end - pub->at);
	uint8_t *to = in->window + NJ_INPUT_FILL_MAX - have;

	if (have)
		memmove(to, pub->at, have);
	pub->at = to;
	pub->end = to + have;
}

static enum nj_input_state
window_more(struct input *in)
{
	uint8_t *to = (uint8_t *)(uintptr_t)in->pub.end;
	size_t room = (size_t)(in->window + WINDOW - to), got;
	enum nj_input_state state;

	room = nj_min(room, (size_t)CHUNK);
	if (in->unpack)
		state = unpack_some(in, to, room, &got);
	else
		state = plain_some(in, to, room, &got);
	in->pub.end += got;
	return state;
}

static enum nj_input_state
window_fill(struct input *in, size_t n)
{
	struct nj_input *pub = &in->pub;
	enum nj_input_state state = NJ_INPUT_OK;
	bool turned = false;

	for (;;) {
		window_skip(pub);
		if (!pub->skip && (size_t)(pub->end - pub->at) >= n)
			return NJ_INPUT_OK;
		if (state != NJ_INPUT_OK)
			return state;
		if (!turned || pub->skip)
			window_turn(in);
		turned = true;
		state = window_more(in);
	}
}

/* Memory is its own window: all of it is at hand from the start. */
static enum nj_input_state
memory_fill(struct input *in, size_t n)
{
	window_skip(&in->pub);
	if (in->pub.skip || (size_t)(in->pub.end - in->pub.at) < n)
		return NJ_INPUT_END;
	return NJ_INPUT_OK;
}

enum nj_input_state
nj_input_fill(struct nj_input *pub, size_t n)
{
	struct input *in = (struct input *)pub;

	NJ_ASSERT(n <= NJ_INPUT_FILL_MAX);
	if (!pub->skip && (size_t)(pub->end - pub->at) >= n)
		return NJ_INPUT_OK;
	if (pub->err)
		return NJ_INPUT_FAILED;
	return in->window ? window_fill(in, n) : memory_fill(in, n);
}

static enum nj_err
input_unpack(struct input *in, struct nj_view head)
{
	enum unpack_kind kind = unpack_sniff(head);
	const char *foreign = unpack_foreign(head);

	if (foreign)
		return fail(&in->pub, NJ_E_UNSUPPORTED,
			"packed with %s; unpack it first (gzip and zstd are "
			"read as they are)",
			foreign);
	in->window = malloc(WINDOW);
	if (!in->window)
		return NJ_E_NOMEM;
	in->pub.at = in->pub.end = in->window;
	if (kind == UNPACK_NONE)
		return NJ_OK;
	in->pub.packed = true;
	return unpack_open(&in->unpack, kind);
}

/* Reads the first bytes, which tell whether they are packed. */
static enum nj_err
input_start(struct input *in)
{
	enum nj_input_state state;
	size_t got = 1;

	in->raw_buf = malloc(RAW);
	if (!in->raw_buf)
		return NJ_E_NOMEM;
	in->raw.data = in->raw_buf;
	while (in->raw.len < SNIFF && got) {
		state = read_some(in, in->raw_buf + in->raw.len,
			SNIFF - in->raw.len, &got);
		if (state == NJ_INPUT_FAILED)
			return in->pub.err;
		if (state == NJ_INPUT_AGAIN)
			return fail(&in->pub, NJ_E_SYSTEM, "interrupted");
		in->raw.len += got;
	}
	if (!in->raw.len)
		return fail(&in->pub, NJ_E_EMPTY, "it holds no bytes");
	return input_unpack(in, in->raw);
}

static enum nj_err
input_file(struct input *in, const char *path)
{
	struct stat st;

	if (!strcmp(path, "-")) {
		in->fd = STDIN_FILENO;
		return input_start(in);
	}
	in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in->fd < 0)
		return fail(&in->pub, errno_err(errno), "cannot be opened: %s",
			strerror(errno));
	in->own_fd = true;
	if (fstat(in->fd, &st) < 0)
		return fail(&in->pub, errno_err(errno), "cannot be read: %s",
			strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail(&in->pub, NJ_E_UNSUPPORTED,
			"it is a folder; name the files in it");
	/* A hint: on failure (a pipe) it is read all the same. */
	(void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return input_start(in);
}

/* Ends both ways of opening. */
static enum nj_err
input_finish(struct input *in, enum nj_err err, struct nj_input **out,
	char why[NJ_INPUT_TEXT])
{
	struct nj_input *pub = &in->pub;

	if (!err) {
		*out = pub;
		return NJ_OK;
	}
	if (why)
		snprintf(why, NJ_INPUT_TEXT, "%s",
			pub->text[0] ? pub->text : nj_err_text(err));
	nj_input_close(&pub);
	return err;
}

enum nj_err
nj_input_open(struct nj_input **out, const char *path, char why[NJ_INPUT_TEXT])
{
	struct input *in = calloc(1, sizeof(*in));

	*out = NULL;
	if (!in)
		return NJ_E_NOMEM;
	in->fd = -1;
	return input_finish(in, input_file(in, path), out, why);
}

enum nj_err
nj_input_open_memory(
	struct nj_input **out, struct nj_view bytes, char why[NJ_INPUT_TEXT])
{
	struct input *in = calloc(1, sizeof(*in));
	enum nj_err err = NJ_OK;

	*out = NULL;
	if (!in)
		return NJ_E_NOMEM;
	in->fd = -1;
	if (!bytes.len) {
		err = fail(&in->pub, NJ_E_EMPTY, "it holds no bytes");
	} else if (unpack_sniff(bytes) == UNPACK_NONE &&
		   !unpack_foreign(bytes)) {
		in->pub.at = bytes.data;
		in->pub.end = bytes.data + bytes.len;
	} else {
		in->raw = bytes;
		err = input_unpack(in, bytes);
	}
	return input_finish(in, err, out, why);
}

void
nj_input_close(struct nj_input **pub)
{
	struct input *in = (struct input *)*pub;

	if (!in)
		return;
	if (in->own_fd)
		close(in->fd);
	unpack_close(&in->unpack);
	free(in->window);
	free(in->raw_buf);
	free(in);
	*pub = NULL;
}
