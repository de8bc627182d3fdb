/*
 * format.c - one door to all formats of records.
 */
#include "engine/event/format.h"

#include "engine/event/eve.h"
#include "engine/event/zeek.h"

const char *const nj_format_names[] = {
	[NJ_FORMAT_JSON] = "json",
	[NJ_FORMAT_ZEEK] = "zeek",
	[NJ_FORMAT_EVE] = "eve",
	[NJ_FORMAT_COUNT] = NULL,
};

enum nj_format
nj_format_find(const char *name)
{
	unsigned i = 0;

	while (i < NJ_FORMAT_COUNT && strcmp(nj_format_names[i], name) != 0)
		i++;
	return i < NJ_FORMAT_COUNT ? (enum nj_format)i : NJ_FORMAT_JSON;
}

void
nj_format_head(struct nj_buf *out, enum nj_format format,
	const struct nj_event_desc *desc, int64_t wall_ns)
{
	if (format == NJ_FORMAT_ZEEK)
		nj_zeek_head(out, desc, wall_ns);
}

void
nj_format_tail(struct nj_buf *out, enum nj_format format, int64_t wall_ns)
{
	if (format == NJ_FORMAT_ZEEK)
		nj_zeek_tail(out, wall_ns);
}

bool
nj_format_row(
	struct nj_buf *out, enum nj_format format, const struct nj_row *row)
{
	switch (format) {
	case NJ_FORMAT_ZEEK:
		nj_zeek_row(out, row);
		break;
	case NJ_FORMAT_EVE:
		if (!nj_eve_json(out, row))
			return false;
		break;
	default:
		nj_row_json(out, row);
	}
	nj_buf_char(out, '\n');
	return true;
}
