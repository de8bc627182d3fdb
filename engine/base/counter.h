/*
 * counter.h - counters declared as tables. A module lists its counters once:
 *
 *	#define DEDUP_COUNTERS(C)                                          \
 *		C(seen, PACKETS, INFO, "Packets looked at")                \
 *		C(duplicate, PACKETS, INFO, "Copies dropped")
 *	NJ_COUNTERS(dedup, DEDUP_COUNTERS);
 *
 * which makes struct dedup_counters { uint64_t seen, duplicate; } and the
 * table dedup_counters_desc. One thread writes a counter set; others read it
 * (plain aligned 64-bit loads; a value may be a burst old).
 */
#ifndef NJ_BASE_COUNTER_H
#define NJ_BASE_COUNTER_H

#include "engine/base/base.h"
#include "engine/base/buf.h"

enum nj_unit {
	NJ_UNIT_PACKETS,
	NJ_UNIT_BYTES,
	NJ_UNIT_FLOWS,
	NJ_UNIT_EVENTS,
	NJ_UNIT_ITEMS,
	NJ_UNIT_NS
};
enum nj_severity { NJ_SEV_INFO, NJ_SEV_WARN, NJ_SEV_ERROR };

struct nj_counter_desc {
	const char *name;
	enum nj_unit unit;
	enum nj_severity severity;
	const char *text;
};

struct nj_counters_desc {
	const char *module;
	const struct nj_counter_desc *list;
	unsigned count;
};

#define NJ_COUNTER_MEMBER_(n, u, s, t) uint64_t n;
#define NJ_COUNTER_DESC_(n, u, s, t) { #n, NJ_UNIT_##u, NJ_SEV_##s, t },
/* For a header: the struct and the declaration of the table. */
#define NJ_COUNTERS_DECLARE(module, LIST)                                      \
	struct module##_counters {                                             \
		LIST(NJ_COUNTER_MEMBER_)                                       \
	};                                                                     \
	extern const struct nj_counters_desc module##_counters_desc
/* For one .c: the table. */
#define NJ_COUNTERS_DEFINE(module, LIST)                                       \
	static const struct nj_counter_desc module##_counter_list_[] = { LIST( \
		NJ_COUNTER_DESC_) };                                           \
	const struct nj_counters_desc module##_counters_desc = { #module,      \
		module##_counter_list_,                                        \
		(unsigned)nj_countof(module##_counter_list_) }

/* "packets", "bytes" ...; never NULL. */
const char *nj_unit_text(enum nj_unit unit);
/* "info", "warning", "error"; never NULL. */
const char *nj_severity_text(enum nj_severity severity);

/* What follows takes a counter set of desc's struct, which another thread may
 * be writing. */

/* Adds every counter of from to the one of the same name in *into. */
void nj_counters_add(
	const struct nj_counters_desc *desc, void *into, const void *from);
/* Appends "name":value,... for an object that is open; begins with a comma
 * unless the object or the buffer is empty so far. */
void nj_counters_json(struct nj_buf *out, const struct nj_counters_desc *desc,
	const void *set);
/* Appends one line a counter: name, value, unit, text, in columns. */
void nj_counters_text(struct nj_buf *out, const struct nj_counters_desc *desc,
	const void *set);

#endif
