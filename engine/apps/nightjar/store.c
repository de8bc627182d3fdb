/*
 * store.c - `nightjar store`: is the event store sound, and what does it hold?
 * Works beside an appliance that runs, and without one.
 */
#include "engine/apps/nightjar/command.h"
#include "engine/apps/nightjar/storefolder.h"
#include "engine/base/log.h"
#include "engine/pipeline/pipeline.h"
#include "engine/store/upkeep.h"

struct store_opts {
	const char *conf, *data;
	bool json;
};

static const struct nj_arg store_args[] = {
	{ "data", 0, NJ_ARG_STR, offsetof(struct store_opts, data), "DIR",
		"The appliance that ran with --data DIR" },
	{ "config", 'c', NJ_ARG_STR, offsetof(struct store_opts, conf), "FILE",
		"Configuration that says where the store is" },
	{ "json", 0, NJ_ARG_FLAG, offsetof(struct store_opts, json), NULL,
		"Print one JSON object" },
	{ 0 },
};

extern const struct nj_command nj_command_store;

/* ---- check ---- */

struct broken {
	struct nj_buf out;
	bool json;
	uint64_t n;
};

static void
broken_add(void *ctx, const char *text)
{
	struct broken *b = ctx;

	if (b->json) {
		nj_buf_str(&b->out, b->n ? "," : "");
		nj_buf_json_str(&b->out, nj_str(text));
	} else {
		nj_buf_printf(&b->out, "%s\n", text);
	}
	b->n++;
}

static enum nj_exit
check(const struct store_opts *o, const char *folder)
{
	struct broken b = { .json = o->json };
	struct nj_store_check c = { .found = broken_add, .ctx = &b };
	char why[NJ_KV_WHY] = "";
	enum nj_err err;
	enum nj_exit done;

	if (o->json)
		nj_buf_str(&b.out, "{\"broken\":[");
	err = nj_store_check(folder, &c, why);
	if (err) {
		nj_buf_free(&b.out);
		return nj_store_failed(folder, why, err);
	}
	nj_buf_printf(&b.out,
		o->json ? "],\"segments\":%llu,\"parts\":%llu,\"blocks\":%llu,"
			  "\"records\":%llu,\"bytes\":%llu}\n"
			: "segments %llu, their parts %llu, blocks %llu, "
			  "records %llu, bytes %llu\n",
		(unsigned long long)c.segments, (unsigned long long)c.parts,
		(unsigned long long)c.blocks, (unsigned long long)c.rows,
		(unsigned long long)c.bytes);
	if (!o->json)
		nj_buf_printf(&b.out, c.broken ? "%llu broken\n" : "sound\n",
			(unsigned long long)c.broken);
	done = nj_print(&nj_command_store, &b.out);
	return c.broken ? NJ_EXIT_FAILED : done;
}

/* ---- status ---- */

static void
status_text(struct nj_buf *b, const struct nj_store_state *st)
{
	nj_buf_printf(b, "%-10s %llu\n", "segments",
		(unsigned long long)st->segments);
	nj_buf_printf(b, "%-10s %llu records, %llu bytes, not sealed yet\n",
		"tail", (unsigned long long)st->tail_rows,
		(unsigned long long)st->tail_bytes);
	nj_buf_printf(b, "%-10s %llu bytes\n", "stored",
		(unsigned long long)st->stored_bytes);
	nj_buf_printf(b, "%-10s %lld.%09lld to %lld.%09lld\n", "records of",
		(long long)(st->oldest_ns / NJ_NS_PER_S),
		(long long)(st->oldest_ns % NJ_NS_PER_S),
		(long long)(st->newest_ns / NJ_NS_PER_S),
		(long long)(st->newest_ns % NJ_NS_PER_S));
	nj_buf_printf(b, "%-10s %llu pieces\n", "damaged",
		(unsigned long long)st->count.corrupt);
}

static void
status_json(struct nj_buf *b, const struct nj_store_state *st)
{
	nj_buf_printf(b,
		"{\"segments\":%llu,\"tail_records\":%llu,\"tail_bytes\":%llu,"
		"\"stored_bytes\":%llu,\"oldest_ns\":%lld,\"newest_ns\":%lld,"
		"\"damaged\":%llu}\n",
		(unsigned long long)st->segments,
		(unsigned long long)st->tail_rows,
		(unsigned long long)st->tail_bytes,
		(unsigned long long)st->stored_bytes, (long long)st->oldest_ns,
		(long long)st->newest_ns,
		(unsigned long long)st->count.corrupt);
}

static enum nj_exit
status(const struct store_opts *o, const char *folder)
{
	struct nj_store_conf conf = { .folder = folder, .mode = NJ_KV_FOLLOW };
	char why[NJ_KV_WHY] = "";
	struct nj_store_state st;
	struct nj_buf b = { 0 };
	struct nj_store *s;
	enum nj_err err = nj_store_open(&s, &conf, why);

	if (err)
		return nj_store_failed(folder, why, err);
	nj_store_state(s, &st);
	if (o->json)
		status_json(&b, &st);
	else
		status_text(&b, &st);
	nj_store_close(&s);
	return nj_print(&nj_command_store, &b);
}

static enum nj_exit
store_run(const void *opts, const struct nj_words *words)
{
	static const struct {
		const char *name;
		enum nj_exit (*run)(
			const struct store_opts *o, const char *folder);
	} works[] = { { "check", check }, { "status", status } };
	const struct store_opts *o = opts;
	char folder[NJ_PATH_MAX];

	if (nj_pipeline_register_all(nj_dissectors))
		return NJ_EXIT_FAILED;
	for (size_t i = 0; i < nj_countof(works); i++) {
		if (strcmp(words->v[0], works[i].name) != 0)
			continue;
		if (!nj_store_folder_find(folder, o->data, o->conf))
			return NJ_EXIT_CONFIG;
		return works[i].run(o, folder);
	}
	nj_complain(words->v[0], "not something to do with a store",
		"say check or status");
	return NJ_EXIT_USAGE;
}

const struct nj_command nj_command_store = {
	.name = "store",
	.text = "Check the event store, or say what it holds",
	.usage = "[options] check|status",
	.more = "check reads all of it, compares every checksum, names what "
		"is broken, and exits\nwith 1 if anything is. The appliance "
		"may run meanwhile.\n",
	.args = store_args,
	.opts_bytes = sizeof(struct store_opts),
	.words_min = 1,
	.words_max = 1,
	.examples = "  nightjar store check --data /srv/nightjar\n"
		    "      Is it sound?\n"
		    "  nightjar store status --json\n"
		    "      What it holds, for a script.\n",
	.run = store_run,
};
