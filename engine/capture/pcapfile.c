/*
 * pcapfile.c - the source over capture files, and the older of the two
 * formats, pcap (draft-ietf-opsawg-pcap). pcapng.c has the newer one.
 *
 * Nothing is copied: packets point into the window of engine/io, and a burst
 * ends early where the window does. Lengths are believed only within what
 * libpcap allows; the first one beyond ends the reading, since there is no
 * way back to a record boundary.
 */
#include "engine/capture/pcapfile.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/capture/pcapfile_priv.h"

enum {
	MAGIC_US = 0xa1b2c3d4u,
	MAGIC_NS = 0xa1b23c4du,
	MAGIC_MODIFIED = 0xa1b2cd34u, /* Kuznetzov's, of old Red Hats */
	MAGIC_PCAPNG = 0x0a0d0d0au,
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	MODIFIED_RECORD_HEADER = 24
};

bool
pcapfile_link(struct interface *i, uint32_t field)
{
	/* The top bits say whether frames keep their check sequence, and how
	 * long it is; headers inside the frame tell where data end. */
	uint32_t link = field & 0x03ffffff;

	/* BSDs wrote their own numbers of "raw IP" into files. */
	if (link == 12 || link == 14)
		link = NJ_LINK_RAW;
	i->link = (uint16_t)link;
	switch (link) {
	case 220: /* USB_LINUX_MMAPPED */
	case 231: /* DBUS */
	case 249: /* USBPCAP */
	case 279: /* EBHSCR */
		i->bytes_max = PACKET_BYTES_HUGE;
		break;
	default:
		i->bytes_max = PACKET_BYTES_MAX;
		break;
	}
	return link <= UINT16_MAX;
}

static const char *
place(const struct pcapfile *f)
{
	return f->in->packed ? " of the unpacked data" : "";
}

enum step
pcapfile_bad_length(struct pcapfile *f, uint64_t captured, uint64_t most)
{
	nj_source_fail(&f->source, NJ_E_FORMAT,
		"byte %llu%s: a packet claims %llu captured bytes, %llu at "
		"most are possible",
		(unsigned long long)f->in->offset, place(f),
		(unsigned long long)captured, (unsigned long long)most);
	return STEP_FAILED;
}

enum step
pcapfile_damaged(struct pcapfile *f, const char *what)
{
	nj_source_fail(&f->source, NJ_E_FORMAT, "byte %llu%s: %s",
		(unsigned long long)f->in->offset, place(f), what);
	return STEP_FAILED;
}

/* Before version 2.3 the two lengths stood the other way round, and around
 * it some programs wrote one and some the other. */
static void
old_lengths(const struct pcapfile *f, struct nj_packet *out)
{
	uint32_t other = out->len;

	if (f->minor < 3 || out->len > out->wire_len) {
		out->len = out->wire_len;
		out->wire_len = other;
	}
}

static enum step
pcap_next(struct pcapfile *f, struct nj_packet *out)
{
	size_t left = nj_input_left(f->in);
	const uint8_t *p = f->in->at;
	uint32_t captured, keep;

	if (left < f->header_bytes)
		return pcapfile_need(f, f->header_bytes, "packet header");
	out->ts_ns = (int64_t)pcapfile_u32(f, p) * NJ_NS_PER_S +
		     (int64_t)(pcapfile_u32(f, p + 4) * f->only.factor);
	out->len = pcapfile_u32(f, p + 8);
	out->wire_len = pcapfile_u32(f, p + 12);
	if (nj_unlikely(f->minor <= 3))
		old_lengths(f, out);
	captured = out->len;
	if (captured > f->only.bytes_max)
		return pcapfile_bad_length(f, captured, f->only.bytes_max);
	keep = nj_min(captured, (uint32_t)PACKET_BYTES_MAX);
	if (left < f->header_bytes + keep)
		return pcapfile_need(f, f->header_bytes + keep, "packet");
	if (out->wire_len < captured)
		out->wire_len = captured;
	/* What exceeds the file's own snap length is cut, as libpcap does. */
	out->len = nj_min(keep, f->only.snap);
	out->link = f->only.link;
	pcapfile_take(f, out, p + f->header_bytes,
		(uint64_t)f->header_bytes + captured);
	return STEP_PACKET;
}

/* The input ended before what was needed. */
static int
pcapfile_ended(struct pcapfile *f)
{
	size_t left = (size_t)(f->in->end - f->in->at);
	uint64_t missing = f->in->skip + f->need - left;

	if (!left && !f->in->skip)
		return NJ_SOURCE_END;
	if (f->in->skip)
		missing = f->in->skip;
	return nj_source_fail(&f->source, NJ_E_TRUNCATED,
		"the data end at byte %llu%s, inside the %s that begins at "
		"byte %llu; %llu more bytes were expected",
		(unsigned long long)(f->in->offset + left), place(f), f->item,
		(unsigned long long)f->item_at, (unsigned long long)missing);
}

/* Gives 1 when there is more at hand, else what the burst has to give. */
static int
pcapfile_fill(struct pcapfile *f)
{
	switch (nj_input_fill(f->in, f->need)) {
	case NJ_INPUT_OK:
		return 1;
	case NJ_INPUT_AGAIN:
		return 0;
	case NJ_INPUT_END:
		return pcapfile_ended(f);
	default:
		return nj_source_fail(
			&f->source, f->in->err, "%s", f->in->text);
	}
}

static int
pcapfile_burst(struct nj_source *s, struct nj_packet *out, unsigned max)
{
	struct pcapfile *f = (struct pcapfile *)s;
	unsigned n = 0;
	int more;

	if (s->err)
		return NJ_SOURCE_FAILED;
	while (n < max) {
		switch (f->next(f, &out[n])) {
		case STEP_PACKET:
			n++;
			break;
		case STEP_PASSED:
			break;
		case STEP_NEED:
			if (n)
				goto done;
			more = pcapfile_fill(f);
			if (more <= 0)
				return more;
			break;
		default:
			if (n)
				goto undo;
			return NJ_SOURCE_FAILED;
		}
	}
	goto done;
undo:
	/* The packets before the damage come first; it is found again. */
	s->err = NJ_OK;
	s->text[0] = '\0';
done:
	nj_source_account(s, out, n);
	return (int)n;
}

static void
pcapfile_close(struct nj_source *s)
{
	struct pcapfile *f = (struct pcapfile *)s;

	nj_input_close(&f->in);
	free(f->interfaces);
	free(f);
}

static const struct nj_source_ops pcapfile_ops = {
	.burst = pcapfile_burst,
	.close = pcapfile_close,
};

static enum nj_err
pcap_start(struct pcapfile *f, uint32_t magic)
{
	const uint8_t *p = f->in->at;
	uint16_t major = pcapfile_u16(f, p + 4);
	uint32_t snap = pcapfile_u32(f, p + 16);

	f->format = "pcap";
	f->next = pcap_next;
	f->minor = pcapfile_u16(f, p + 6);
	/* 543 was written by one program of 1993, with the old order. */
	if (major == 543)
		f->minor = 0;
	else if (major != 2) {
		nj_source_fail(&f->source, NJ_E_UNSUPPORTED,
			"pcap version %u.%u, only 2.x is known", major,
			f->minor);
		return NJ_E_UNSUPPORTED;
	}
	if (!pcapfile_link(&f->only, pcapfile_u32(f, p + 20))) {
		pcapfile_damaged(f, "the link type is out of range");
		return NJ_E_FORMAT;
	}
	/* 0 and what is negative as a signed number mean "no limit". */
	f->only.snap = !snap || snap > INT32_MAX ? UINT32_MAX : snap;
	f->only.factor = magic == MAGIC_NS ? 1 : 1000;
	f->header_bytes = magic == MAGIC_MODIFIED ? MODIFIED_RECORD_HEADER
						  : RECORD_HEADER;
	nj_input_skip(f->in, FILE_HEADER);
	return NJ_OK;
}

/* Makes n bytes of the file's head be at hand. */
static enum nj_err
head_fill(struct pcapfile *f, size_t n, enum nj_err short_err)
{
	switch (nj_input_fill(f->in, n)) {
	case NJ_INPUT_OK:
		return NJ_OK;
	case NJ_INPUT_END:
		nj_source_fail(&f->source, short_err,
			short_err == NJ_E_TRUNCATED
				? "it ends inside the file header, after %zu "
				  "bytes"
				: "neither pcap nor pcapng: only %zu bytes",
			nj_input_left(f->in));
		return short_err;
	case NJ_INPUT_AGAIN:
		nj_source_fail(&f->source, NJ_E_SYSTEM, "interrupted");
		return NJ_E_SYSTEM;
	default:
		nj_source_fail(&f->source, f->in->err, "%s", f->in->text);
		return f->in->err;
	}
}

static enum nj_err
pcapfile_start(struct pcapfile *f)
{
	enum nj_err err = head_fill(f, 4, NJ_E_FORMAT);
	uint32_t magic;

	if (err)
		return err;
	magic = pcapfile_u32(f, f->in->at);
	if (magic == MAGIC_PCAPNG) {
		err = head_fill(f, 12, NJ_E_TRUNCATED);
		return err ? err : pcapng_start(f);
	}
	f->swap = magic != MAGIC_US && magic != MAGIC_NS &&
		  magic != MAGIC_MODIFIED;
	magic = pcapfile_u32(f, f->in->at);
	if (magic == MAGIC_US || magic == MAGIC_NS || magic == MAGIC_MODIFIED) {
		err = head_fill(f, FILE_HEADER, NJ_E_TRUNCATED);
		return err ? err : pcap_start(f, magic);
	}
	nj_source_fail(&f->source, NJ_E_FORMAT,
		"neither pcap nor pcapng: it begins with %02x %02x %02x %02x",
		f->in->at[0], f->in->at[1], f->in->at[2], f->in->at[3]);
	return NJ_E_FORMAT;
}

/* Takes in, also on failure. */
static enum nj_err
pcapfile_create(struct nj_source **out, struct nj_input *in, uint16_t port,
	char why[NJ_SOURCE_TEXT])
{
	struct pcapfile *f = calloc(1, sizeof(*f));
	enum nj_err err;

	if (!f) {
		nj_input_close(&in);
		return NJ_E_NOMEM;
	}
	f->source.ops = &pcapfile_ops;
	f->source.now_ns = INT64_MIN;
	f->in = in;
	f->port = port;
	err = pcapfile_start(f);
	if (err) {
		if (why)
			snprintf(why, NJ_SOURCE_TEXT, "%s", f->source.text);
		pcapfile_close(&f->source);
		return err;
	}
	*out = &f->source;
	return NJ_OK;
}

enum nj_err
nj_pcapfile_open(struct nj_source **out, const char *path, uint16_t port,
	char why[NJ_SOURCE_TEXT])
{
	struct nj_input *in;
	enum nj_err err = nj_input_open(&in, path, why);

	*out = NULL;
	return err ? err : pcapfile_create(out, in, port, why);
}

enum nj_err
nj_pcapfile_open_memory(struct nj_source **out, struct nj_view bytes,
	uint16_t port, char why[NJ_SOURCE_TEXT])
{
	struct nj_input *in;
	enum nj_err err = nj_input_open_memory(&in, bytes, why);

	*out = NULL;
	return err ? err : pcapfile_create(out, in, port, why);
}

const char *
nj_pcapfile_format(const struct nj_source *s)
{
	return ((const struct pcapfile *)s)->format;
}
