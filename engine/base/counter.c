/*
 * counter.c - counter sets for machines (JSON members) and for people.
 */
#include "engine/base/counter.h"

const char *
nj_unit_text(enum nj_unit unit)
{
	static const char *const texts[] = {
		[NJ_UNIT_PACKETS] = "packets",
		[NJ_UNIT_BYTES] = "bytes",
		[NJ_UNIT_FLOWS] = "flows",
		[NJ_UNIT_EVENTS] = "events",
		[NJ_UNIT_ITEMS] = "items",
		[NJ_UNIT_NS] = "ns",
	};

	return (unsigned)unit < nj_countof(texts) ? texts[unit] : "?";
}

const char *
nj_severity_text(enum nj_severity severity)
{
	static const char *const texts[] = {
		[NJ_SEV_INFO] = "info",
		[NJ_SEV_WARN] = "warning",
		[NJ_SEV_ERROR] = "error",
	};

	return (unsigned)severity < nj_countof(texts) ? texts[severity] : "?";
}

/* Pairs with the writer's plain aligned store: no order is promised between
 * counters, only that none is torn. */
static uint64_t
counter_read(const void *set, unsigned i)
{
	return __atomic_load_n((const uint64_t *)set + i, __ATOMIC_RELAXED);
}

void
nj_counters_add(
	const struct nj_counters_desc *desc, void *into, const void *from)
{
	uint64_t *sums = into;

	for (unsigned i = 0; i < desc->count; i++)
		sums[i] += counter_read(from, i);
}

void
nj_counters_json(struct nj_buf *out, const struct nj_counters_desc *desc,
	const void *set)
{
	for (unsigned i = 0; i < desc->count; i++) {
		if (out->len && out->data[out->len - 1] != '{')
			nj_buf_char(out, ',');
		nj_buf_printf(out, "\"%s\":", desc->list[i].name);
		nj_buf_u64(out, counter_read(set, i));
	}
}

void
nj_counters_text(struct nj_buf *out, const struct nj_counters_desc *desc,
	const void *set)
{
	int width = 0;

	for (unsigned i = 0; i < desc->count; i++)
		width = nj_max(width, (int)strlen(desc->list[i].name));
	for (unsigned i = 0; i < desc->count; i++) {
		const struct nj_counter_desc *c = &desc->list[i];

		nj_buf_printf(out, "%-*s %20llu %-7s  %s\n", width, c->name,
			(unsigned long long)counter_read(set, i),
			nj_unit_text(c->unit), c->text);
	}
}
