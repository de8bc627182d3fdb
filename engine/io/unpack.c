/*
 * unpack.c - gzip and zstd, step by step, in bounded memory.
 *
 * A packed stream may hold several members (gzip) or frames (zstd) one after
 * another: capture tools that rotate and append write such files. The zstd
 * window is bounded by 128 MiB, which every level of the zstd command stays
 * within unless it is run with --long=28 or more.
 */
#include "engine/io/unpack_priv.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { ZSTD_WINDOW_LOG_MAX = 27, GZIP_WINDOW_BITS = 15 + 16 };

struct unpack {
	enum unpack_kind kind;
	bool may_end;
	z_stream gzip;
	ZSTD_DStream *zstd;
};

static bool
head_is(struct nj_view head, const void *magic, size_t n)
{
	return nj_view_starts(head, (struct nj_view){ magic, n });
}

static bool
is_zstd(struct nj_view head)
{
	static const uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd };

	if (head_is(head, frame, sizeof(frame)))
		return true;
	/* A skippable frame may stand first (pzstd writes one). */
	return head.len >= 4 && (head.data[0] & 0xf0) == 0x50 &&
	       head.data[1] == 0x2a && head.data[2] == 0x4d &&
	       head.data[3] == 0x18;
}

enum unpack_kind
unpack_sniff(struct nj_view head)
{
	static const uint8_t gzip[] = { 0x1f, 0x8b, 8 };

	if (head_is(head, gzip, sizeof(gzip)))
		return UNPACK_GZIP;
	return is_zstd(head) ? UNPACK_ZSTD : UNPACK_NONE;
}

const char *
unpack_foreign(struct nj_view head)
{
	static const struct {
		const char *name;
		size_t len;
		uint8_t magic[6];
	} list[] = {
		{ "xz", 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } },
		{ "bzip2", 3, { 'B', 'Z', 'h' } },
		{ "lz4", 4, { 0x04, 0x22, 0x4d, 0x18 } },
		{ "zip", 4, { 'P', 'K', 3, 4 } },
		{ "7z", 6, { '7', 'z', 0xbc, 0xaf, 0x27, 0x1c } },
		{ "compress", 2, { 0x1f, 0x9d } },
	};

	for (size_t i = 0; i < nj_countof(list); i++)
		if (head_is(head, list[i].magic, list[i].len))
			return list[i].name;
	return NULL;
}

static enum nj_err
zstd_open(struct unpack *u)
{
	u->zstd = ZSTD_createDStream();
	if (!u->zstd)
		return NJ_E_NOMEM;
	if (ZSTD_isError(ZSTD_DCtx_setParameter(
		    u->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX)))
		return NJ_E_SYSTEM;
	return NJ_OK;
}

enum nj_err
unpack_open(struct unpack **out, enum unpack_kind kind)
{
	struct unpack *u;
	enum nj_err err = NJ_OK;

	*out = NULL;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NJ_E_NOMEM;
	if (kind == UNPACK_ZSTD)
		err = zstd_open(u);
	else if (inflateInit2(&u->gzip, GZIP_WINDOW_BITS) != Z_OK)
		err = NJ_E_NOMEM;
	else
		u->kind = UNPACK_GZIP;
	if (err) {
		unpack_close(&u);
		return err;
	}
	u->kind = kind;
	*out = u;
	return NJ_OK;
}

void
unpack_close(struct unpack **u)
{
	if (!*u)
		return;
	if ((*u)->kind == UNPACK_GZIP)
		inflateEnd(&(*u)->gzip);
	ZSTD_freeDStream((*u)->zstd);
	free(*u);
	*u = NULL;
}

/* Bytes that follow a whole member and do not begin another one are padding
 * (tapes and some file systems write zeros): gzip(1) ignores them too. */
static bool
gzip_next_member(struct unpack *u, struct unpack_io *io)
{
	const uint8_t *p = io->in + io->in_used;
	size_t left = io->in_len - io->in_used;

	if (!left)
		return true;
	if (*p != 0x1f) {
		io->in_used = io->in_len;
		return true;
	}
	u->may_end = false;
	return inflateReset(&u->gzip) == Z_OK;
}

static bool
gzip_step(struct unpack *u, struct unpack_io *io, const char **why)
{
	z_stream *z = &u->gzip;
	int got;

	if (u->may_end) {
		if (!gzip_next_member(u, io))
			return false;
		if (u->may_end)
			return true;
	}
	z->next_in = (Bytef *)(uintptr_t)(io->in + io->in_used);
	z->avail_in = (uInt)(io->in_len - io->in_used);
	z->next_out = io->out;
	z->avail_out = (uInt)io->out_len;
	got = inflate(z, Z_NO_FLUSH);
	io->in_used = io->in_len - z->avail_in;
	io->out_used = io->out_len - z->avail_out;
	if (got == Z_STREAM_END) {
		u->may_end = true;
		return true;
	}
	if (got == Z_OK || got == Z_BUF_ERROR)
		return true;
	*why = z->msg ? z->msg : "damaged gzip data";
	return false;
}

static bool
zstd_step(struct unpack *u, struct unpack_io *io, const char **why)
{
	ZSTD_inBuffer in = { io->in, io->in_len, io->in_used };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t got = ZSTD_decompressStream(u->zstd, &out, &in);

	io->in_used = in.pos;
	io->out_used = out.pos;
	if (ZSTD_isError(got)) {
		*why = ZSTD_getErrorName(got);
		return false;
	}
	u->may_end = got == 0;
	return true;
}

bool
unpack_step(struct unpack *u, struct unpack_io *io, const char **why)
{
	*why = "damaged data";
	if (u->kind == UNPACK_GZIP)
		return gzip_step(u, io, why);
	return zstd_step(u, io, why);
}

bool
unpack_may_end(const struct unpack *u)
{
	return u->may_end;
}
