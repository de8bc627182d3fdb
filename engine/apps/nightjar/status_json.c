/*
 * status_json.c - the status as one JSON object, from the tables of counters.
 */
#include "engine/apps/nightjar/status.h"

static void
key(struct nj_buf *b, const char *name)
{
	uint8_t last = b->len ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[' && last != ',')
		nj_buf_char(b, ',');
	nj_buf_printf(b, "\"%s\":", name);
}

static void
text(struct nj_buf *b, const char *name, const char *value)
{
	key(b, name);
	nj_buf_json_str(b, nj_str(value));
}

static void
number(struct nj_buf *b, const char *name, uint64_t value)
{
	key(b, name);
	nj_buf_u64(b, value);
}

/* Seconds with three decimals, or null for never. */
static void
moment(struct nj_buf *b, const char *name, int64_t ns)
{
	key(b, name);
	if (ns <= 0)
		nj_buf_str(b, "null");
	else
		nj_buf_printf(b, "%lld.%03lld", (long long)(ns / NJ_NS_PER_S),
			(long long)(ns / NJ_NS_PER_MS % 1000));
}

static void
boolean(struct nj_buf *b, const char *name, bool value)
{
	key(b, name);
	nj_buf_str(b, value ? "true" : "false");
}

static void
next(struct nj_buf *b, unsigned i)
{
	nj_buf_str(b, i ? ",{" : "{");
}

static void
processes(struct nj_buf *b, const struct nj_status *s)
{
	key(b, "processes");
	nj_buf_char(b, '[');
	next(b, 0);
	text(b, "name", nj_part_name(NJ_PART_KEEPER));
	number(b, "pid", s->keeper.pid);
	text(b, "state", nj_stage_name(NJ_STAGE_RUNNING));
	moment(b, "started", s->keeper.started_ns);
	nj_buf_char(b, '}');
	for (unsigned i = NJ_PART_SENSOR; i < NJ_PARTS; i++) {
		const struct nj_process_state *p = &s->keeper.processes[i];

		next(b, i);
		text(b, "name", nj_part_name(i));
		number(b, "pid", p->pid);
		text(b, "state", nj_stage_name(p->stage));
		moment(b, "started", p->started_ns);
		number(b, "restarts", p->restarts);
		text(b, "last_exit", p->last_exit);
		if (p->retry_ns)
			moment(b, "retry", p->retry_ns);
		nj_buf_char(b, '}');
	}
	nj_buf_char(b, ']');
}

static void
ports(struct nj_buf *b, const struct nj_status *s)
{
	key(b, "ports");
	nj_buf_char(b, '[');
	for (unsigned i = 0; i < s->sensor.ports; i++) {
		const struct nj_port_state *p = &s->sensor.port[i];

		next(b, i);
		text(b, "name", p->name);
		text(b, "device", p->device);
		text(b, "driver", p->driver);
		text(b, "state", nj_port_stage_name(p->stage));
		text(b, "text", p->text);
		boolean(b, "live", p->live);
		if (p->link_known) {
			text(b, "link", p->link_up ? "up" : "down");
			number(b, "speed_mbps", p->speed_mbps);
		}
		number(b, "queues", p->queues);
		nj_counters_json(b, &source_counters_desc, &p->count);
		number(b, "given", p->given);
		number(b, "duplicate", p->duplicate);
		number(b, "excluded", p->excluded);
		nj_buf_char(b, '}');
	}
	nj_buf_char(b, ']');
}

static void
pools(struct nj_buf *b, const struct nj_pool_state *list, uint64_t n)
{
	key(b, "pools");
	nj_buf_char(b, '[');
	for (unsigned i = 0; i < n; i++) {
		next(b, i);
		text(b, "name", list[i].name);
		number(b, "used", list[i].used);
		number(b, "peak", list[i].peak);
		number(b, "capacity", list[i].capacity);
		number(b, "bytes", list[i].bytes);
		nj_buf_char(b, '}');
	}
	nj_buf_char(b, ']');
}

static void
workers(struct nj_buf *b, const struct nj_status *s)
{
	key(b, "workers");
	nj_buf_char(b, '[');
	for (unsigned i = 0; i < s->workers; i++) {
		const struct nj_worker_state *w = &s->worker[i];

		next(b, i);
		number(b, "number", i);
		text(b, "state", nj_stage_name(w->stage));
		key(b, "core");
		nj_buf_printf(b, "%lld", (long long)w->core);
		moment(b, "packet_time", w->now_ns);
		moment(b, "published", w->beat_ns);
		number(b, "flows", w->flows);
		number(b, "ring_capacity", w->ring_bytes);
		for (unsigned set = 0; set < NJ_WORKER_SET_COUNT; set++) {
			key(b, nj_worker_set_name(set));
			nj_buf_char(b, '{');
			nj_counters_json(b, nj_worker_set_desc(set),
				nj_worker_values_of(w, set));
			nj_buf_char(b, '}');
		}
		pools(b, w->pool, w->pools);
		nj_buf_char(b, '}');
	}
	nj_buf_char(b, ']');
}

static void
rates(struct nj_buf *b, const struct nj_status *s)
{
	key(b, "rates");
	nj_buf_char(b, '{');
	for (unsigned i = 0; i < NJ_RATE_COUNT; i++) {
		key(b, nj_rate_descs[i].name);
		nj_buf_char(b, '{');
		text(b, "unit", nj_rate_descs[i].unit);
		number(b, "last", s->sensor.rates[i].last);
		number(b, "average", s->sensor.rates[i].average);
		number(b, "peak", s->sensor.rates[i].peak);
		nj_buf_char(b, '}');
	}
	nj_buf_char(b, '}');
}

/* Both sides: what reached the ports, and what became of it. */
static void
ledger(struct nj_buf *b, const struct nj_status *s)
{
	const struct source_counters *c = &s->sum.source;

	key(b, "ledger");
	nj_buf_char(b, '{');
	number(b, "reached", c->received + nj_source_lost(c));
	number(b, "missed", c->missed);
	number(b, "no_mbuf", c->no_mbuf);
	number(b, "ring_full", c->ring_full);
	number(b, "kernel_dropped", c->kernel_dropped);
	number(b, "unreadable", c->unreadable);
	nj_counters_json(b, &ledger_counters_desc, &s->sum.ledger);
	number(b, "in_flight", s->sensor.in_flight);
	key(b, "unaccounted");
	nj_buf_printf(b, "%lld", (long long)s->sum.unaccounted);
	nj_buf_char(b, '}');
}

static void
shed(struct nj_buf *b, const struct nj_status *s)
{
	key(b, "shed");
	nj_buf_char(b, '{');
	text(b, "level", nj_shed_name(s->sensor.shed_level));
	number(b, "share", s->sensor.shed_share);
	moment(b, "since", s->sensor.shed_since_ns);
	number(b, "packets", s->sum.ledger.shed);
	number(b, "flows_not_dissected", s->sum.flows_shed);
	nj_buf_char(b, '}');
}

static void
brain(struct nj_buf *b, const struct nj_status *s)
{
	key(b, "brain");
	nj_buf_char(b, '{');
	number(b, "rows_read", s->brain.rows);
	number(b, "rows_broken", s->brain.broken);
	number(b, "bytes_missing", s->brain.bytes_missing);
	moment(b, "last_row", s->brain.last_row_ns);
	nj_counters_json(b, &nj_logfiles_counters_desc, &s->brain.logs);
	nj_buf_char(b, '}');
}

static void
store(struct nj_buf *b, const struct nj_store_state *t)
{
	key(b, "store");
	nj_buf_char(b, '{');
	nj_counters_json(b, &nj_store_counters_desc, &t->count);
	number(b, "tail_rows", t->tail_rows);
	number(b, "tail_bytes", t->tail_bytes);
	number(b, "stored_bytes", t->stored_bytes);
	number(b, "free_bytes", t->free_bytes);
	number(b, "live_segments", t->segments);
	moment(b, "oldest", t->oldest_ns);
	moment(b, "newest", t->newest_ns);
	moment(b, "synced", t->synced_ns);
	boolean(b, "is_full", t->full);
	nj_buf_char(b, '}');
}

static void
outputs(struct nj_buf *b, const struct nj_brain_state *s)
{
	key(b, "outputs");
	nj_buf_char(b, '[');
	for (unsigned i = 0; i < s->outputs; i++) {
		const struct nj_control_output *o = &s->output[i];

		nj_buf_str(b, i ? ",{" : "{");
		text(b, "name", o->name);
		number(b, "rows", o->rows);
		number(b, "batches", o->batches);
		number(b, "errors", o->errors);
		number(b, "skipped_blocks", o->skipped_blocks);
		number(b, "position", o->position);
		number(b, "waiting_rows", o->waiting_rows);
		moment(b, "waiting_since", o->waiting_ns);
		moment(b, "sent", o->sent_ns);
		moment(b, "next_try", o->retry_ns);
		moment(b, "failed", o->error_ns);
		text(b, "error", o->error);
		nj_buf_char(b, '}');
	}
	nj_buf_char(b, ']');
}

/* What waits on disk, and what found room nowhere. */
static void
spool(struct nj_buf *b, const struct nj_status *s)
{
	const struct nj_spool_state *t = &s->spool;

	key(b, "spool");
	nj_buf_char(b, '{');
	number(b, "capacity", t->bytes_max);
	nj_counters_json(b, &nj_spool_counters_desc, &t->count);
	boolean(b, "is_full", t->full);
	text(b, "text", t->text);
	nj_buf_char(b, '}');
	key(b, "lost");
	nj_buf_char(b, '{');
	number(b, "records", t->rows_lost);
	moment(b, "since", t->losing_since_ns);
	moment(b, "last", t->lost_last_ns);
	key(b, "types");
	nj_buf_char(b, '{');
	for (unsigned i = 0; i < t->types_lost; i++)
		number(b, nj_status_type(t->lost[i].type).text,
			t->lost[i].rows);
	nj_buf_str(b, "}}");
}

static void
packets(struct nj_buf *b, const struct nj_status *s)
{
	const struct nj_pcap_state *p = &s->sensor.packets;

	key(b, "packets");
	nj_buf_char(b, '{');
	text(b, "folder", p->folder);
	number(b, "size", p->size);
	number(b, "used", p->used);
	number(b, "written", p->written);
	number(b, "blocks_written", p->blocks);
	number(b, "blocks_failed", p->failed);
	number(b, "files_begun", p->files);
	moment(b, "oldest", p->oldest_ns);
	boolean(b, "io_uring", p->ring);
	boolean(b, "direct", p->direct);
	nj_counters_json(b, &nj_pcap_counters_desc, &s->sum.packets);
	text(b, "text", p->text);
	nj_buf_char(b, '}');
}

static void
memory(struct nj_buf *b, const struct nj_status *s)
{
	key(b, "memory");
	nj_buf_char(b, '{');
	text(b, "packets", s->sensor.memory);
	number(b, "buffers_used", s->sensor.buffers_used);
	number(b, "buffers", s->sensor.buffers);
	pools(b, s->memory.pool, s->memory.pools);
	nj_buf_char(b, '}');
}

void
nj_status_json(struct nj_buf *b, const struct nj_status *s)
{
	nj_buf_char(b, '{');
	text(b, "version", s->keeper.version);
	text(b, "config", s->keeper.conf);
	text(b, "logs", s->keeper.logs);
	moment(b, "now", s->now_ns);
	number(b, "conf_generation", s->keeper.conf_generation);
	processes(b, s);
	ports(b, s);
	rates(b, s);
	ledger(b, s);
	shed(b, s);
	moment(b, "last_packet", s->sensor.last_packet_ns);
	number(b, "flows", s->sum.flows);
	number(b, "flows_begun", s->sum.flows_begun);
	brain(b, s);
	if (s->brain.stores)
		store(b, &s->brain.store);
	if (s->brain.outputs)
		outputs(b, &s->brain);
	spool(b, s);
	packets(b, s);
	memory(b, s);
	workers(b, s);
	key(b, "hints");
	nj_buf_char(b, '[');
	for (unsigned i = 0; i < s->hints; i++) {
		nj_buf_str(b, i ? "," : "");
		nj_buf_json_str(b, nj_str(s->hint[i]));
	}
	nj_buf_str(b, "]}\n");
}
