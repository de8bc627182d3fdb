/*
 * format.h - the formats in which records leave for files and pipes.
 */
#ifndef NJ_EVENT_FORMAT_H
#define NJ_EVENT_FORMAT_H

#include "engine/event/row.h"

enum nj_format {
	NJ_FORMAT_JSON, /* Zeek's names and values, one object a line */
	NJ_FORMAT_ZEEK, /* Zeek's columns with tabs between them, zeek.h */
	NJ_FORMAT_EVE,  /* Suricata's events, one object a line, eve.h */
	NJ_FORMAT_COUNT
};

/* Their names, for options; NULL at the end. */
extern const char *const nj_format_names[];
/* By its name, which is one of them. */
enum nj_format nj_format_find(const char *name);

/* What a file of records of one type begins and ends with (nothing where the
 * format has no such lines); wall_ns is the time of day. */
void nj_format_head(struct nj_buf *out, enum nj_format format,
	const struct nj_event_desc *desc, int64_t wall_ns);
void nj_format_tail(struct nj_buf *out, enum nj_format format, int64_t wall_ns);
/* One line; false when the format has none for this record. */
bool nj_format_row(
	struct nj_buf *out, enum nj_format format, const struct nj_row *row);

#endif
