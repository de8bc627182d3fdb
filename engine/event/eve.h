/*
 * eve.h - records as Suricata's EVE JSON (docs.suricata.io, "EVE JSON
 * Format"): one object an event, nested, with event_type, src_ip, dest_ip.
 *
 * An event comes of a record in one of two ways. Where a log of ours says
 * what EVE says, a map beside the others in dissectors/eve/ lists which field
 * goes where. Where EVE has what no log has (each DNS message by itself, rows
 * of rows), the dissector emits an event of its own, a type with NJ_EV_EVE,
 * whose fields bear their EVE paths as names.
 */
#ifndef NJ_EVENT_EVE_H
#define NJ_EVENT_EVE_H

#include "engine/base/json.h"
#include "engine/event/row.h"

/* A record on its way to being an event. */
struct nj_eve {
	struct nj_json json;
	const struct nj_row *row;
	const struct nj_event_desc *desc;
	const char *open; /* path of the last value written */
	size_t open_len;  /* of it, the part that is open objects */
	uint64_t has;     /* a bit for each id that values holds */
	struct nj_row_field values[NJ_EVENT_ID_MAX + 1];
};

/* One value. Rules of one object stand together, in the order wanted. */
struct nj_eve_rule {
	const char *field; /* the log's name of it; NULL: put knows */
	const char *path;  /* in the event: "tls.sni"; NULL ends the list */
	/* Writes f, or nothing; NULL: as it is. */
	void (*put)(struct nj_eve *e, const char *path,
		const struct nj_row_field *f);
};

struct nj_eve_map {
	const char *log;
	const char *event_type;
	const struct nj_eve_rule *rules;
	/* Whether the record is an event; NULL: each is. */
	bool (*takes)(const struct nj_eve *e);
};

/* Makes maps known, and the types with NJ_EV_EVE: after all log types were
 * registered, before the first row, from one thread. Maps of logs that were
 * not are left out. NJ_E_CONFIG: a map names a field that its log does not
 * have. Borrows for ever. */
NJ_MUST_USE enum nj_err nj_eve_register(const struct nj_eve_map *const *maps);

/* The event type that rows of a log type become, or NULL: none. */
const char *nj_eve_type(uint32_t type);
/* Appends the row as one EVE object without a line end; false when it is no
 * event. */
bool nj_eve_json(struct nj_buf *out, const struct nj_row *row);
/* Appends the reference page (Markdown) of all events. */
void nj_eve_reference(struct nj_buf *out);

/* ---- What put and takes may use ---- */
/* The record's field, or NULL when it is not set. */
const struct nj_row_field *nj_eve_value(
	const struct nj_eve *e, const char *field);
/* Opens the objects of path; the value is to be written by its last part,
 * which is given, with nj_json_... and e->json. */
const char *nj_eve_key(struct nj_eve *e, const char *path);
/* As Suricata writes a time. */
enum { NJ_EVE_TIME_TEXT = 56 };
struct nj_view nj_eve_time(int64_t ns, char out[NJ_EVE_TIME_TEXT]);

/* Conversions: a text in capitals; in small letters; its number; a number as
 * text; a text of words and commas as an array; one value as an array of
 * one; the first of a vector; a bool only when it is true; seconds as a whole
 * number. */
#define NJ_EVE_CONVERSIONS(C)                                                  \
	C(upper)                                                               \
	C(lower)                                                               \
	C(number)                                                              \
	C(text)                                                                \
	C(split)                                                               \
	C(array)                                                               \
	C(first)                                                               \
	C(if_true)                                                             \
	C(seconds)
#define C(name)                                                                \
	void nj_eve_##name(struct nj_eve *e, const char *path,                 \
		const struct nj_row_field *f);
NJ_EVE_CONVERSIONS(C)
#undef C

#endif
