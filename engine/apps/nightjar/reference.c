/*
 * reference.c - `nightjar reference`: the pages of docs/reference/ that are
 * printed from the program's own tables, so that they cannot be wrong.
 */
#include <stdio.h>

#include "dissectors/eve/maps.h"
#include "dissectors/shared/arp.h"
#include "engine/apps/nightjar/command.h"
#include "engine/base/log.h"
#include "engine/base/nearest.h"
#include "engine/capture/source.h"
#include "engine/conf/conf.h"
#include "engine/dissect/dissect.h"
#include "engine/event/lanes.h"
#include "engine/event/logfiles.h"
#include "engine/event/ring.h"
#include "engine/event/spool.h"
#include "engine/flow/flow.h"
#include "engine/packet/decode.h"
#include "engine/packet/exclude.h"
#include "engine/store/output/output.h"
#include "engine/store/store.h"
#include "engine/pipeline/control.h"
#include "engine/pipeline/pipeline.h"
#include "engine/store/query/query.h"

static const char printed_by[] =
	"Printed by `nightjar reference %s`; edit the tables that it is made "
	"from, then run `ninja -C build docs`.\n";

static enum nj_err
logs(struct nj_buf *out)
{
	enum nj_err err = nj_pipeline_register_all(nj_dissectors);

	if (!err)
		nj_event_reference(out);
	return err;
}

static enum nj_err
eve(struct nj_buf *out)
{
	enum nj_err err = nj_pipeline_register_all(nj_dissectors);

	if (!err)
		err = nj_eve_register(nj_eve_maps);
	if (err)
		return err;
	nj_buf_str(out,
		"# EVE events\n\nWhat `nightjar read --format eve` writes, as "
		"Suricata does. Every event begins with `timestamp`, `flow_id` "
		"(the same for all events of a flow), `event_type`, `vlan`, "
		"`src_ip`, `src_port`, `dest_ip`, `dest_port`, `proto`, `ip_v` "
		"and `pkt_src`, as far as they are known; `src_ip` is who sent "
		"the message, or who began the flow where the event is about "
		"both sides.\n");
	nj_eve_reference(out);
	nj_buf_char(out, '\n');
	nj_buf_printf(out, printed_by, "eve");
	return NJ_OK;
}

static void
put_ports(struct nj_buf *out, const struct nj_port *p)
{
	static const char *const names[] = { "", "tcp", "udp", "icmp", "sctp",
		"ip", "link" };
	const char *between = "";

	for (; p && p->transport; p++) {
		nj_buf_printf(
			out, "%s%s/%u", between, names[p->transport], p->port);
		between = ", ";
	}
}

static void
put_dissector(struct nj_buf *out, const struct nj_dissector *d)
{
	const char *between = "";

	nj_buf_printf(out, "| `%s` | %s | `%s` | ", d->name, d->title,
		d->service ? d->service : d->name);
	put_ports(out, d->ports);
	nj_buf_printf(out, " | %s%s%s | ",
		d->sigs && d->sigs->pattern ? "signature " : "",
		d->probe ? "probe " : "", d->ports ? "port" : "");
	for (const struct nj_event_desc *const *e = d->events; e && *e; e++) {
		if ((*e)->flags & NJ_EV_EVE)
			continue;
		nj_buf_printf(out, "%s[%s](logs.md)", between, (*e)->name);
		between = ", ";
	}
	nj_buf_str(out, " |\n");
}

static enum nj_err
dissectors(struct nj_buf *out)
{
	nj_buf_str(out,
		"# Dissectors\n\nA flow's protocol is told by what its first "
		"bytes are: by signatures, then by probes, then by what other "
		"flows announced. Ports are hints for when none of these "
		"decides.\n\n| name | protocol | service | ports | told by | "
		"logs |\n| --- | --- | --- | --- | --- | --- |\n");
	for (const struct nj_dissector *const *d = nj_dissectors; *d; d++)
		put_dissector(out, *d);
	nj_buf_char(out, '\n');
	nj_buf_printf(out, printed_by, "dissectors");
	return NJ_OK;
}

static void
put_oddity(struct nj_buf *out, const char *name, const char *source,
	const char *text)
{
	nj_buf_printf(out, "| `%s` | %s | %s |\n", name, source, text);
}

static enum nj_err
weird(struct nj_buf *out)
{
	nj_buf_str(out,
		"# Oddities\n\nWhat the weird log can name, by the part of the "
		"engine that says so. Names are Zeek's where it has one.\n\n"
		"| name | source | text |\n| --- | --- | --- |\n");
	for (unsigned i = 0; i < NJ_PODD_COUNT; i++) {
		const struct nj_packet_odd_desc *o = nj_packet_odd(i);

		if (o->name && o->name[0])
			put_oddity(out, o->name, "packets", o->text);
	}
	for (unsigned i = 0; nj_flow_weird_at(i); i++)
		put_oddity(out, nj_flow_weird_at(i)->name, "flows",
			nj_flow_weird_at(i)->text);
	for (const struct nj_dissector *const *d = nj_dissectors; *d; d++)
		for (const struct nj_oddity *o = (*d)->oddities; o && o->name;
			o++)
			put_oddity(out, o->name, (*d)->name, o->text);
	nj_buf_char(out, '\n');
	nj_buf_printf(out, printed_by, "weird");
	return NJ_OK;
}

static const struct {
	const struct nj_counters_desc *desc;
	const char *title;
} counter_sets[] = {
	{ &source_counters_desc, "Sources" },
	{ &worker_counters_desc, "Workers" },
	{ &ledger_counters_desc, "Loss ledger" },
	{ &nj_decode_counters_desc, "Packet decoding" },
	{ &nj_exclude_counters_desc, "Excluded packets" },
	{ &nj_flow_counters_desc, "Flow table" },
	{ &dissect_counters_desc, "Dissection" },
	{ &nj_arp_counters_desc, "ARP" },
	{ &nj_pcap_counters_desc, "Packet buffer" },
	{ &nj_pcap_counters_desc, "Packet buffer" },
	{ &nj_ring_counters_desc, "Record ring" },
	{ &nj_spool_counters_desc, "Spool" },
	{ &nj_spool_read_counters_desc, "Records read from the spool" },
	{ &nj_lanes_counters_desc, "Records on their way to the brain" },
	{ &nj_logfiles_counters_desc, "Log files" },
	{ &nj_store_counters_desc, "Event store" },
	{ &nj_output_counters_desc, "Outputs" },
};

static enum nj_err
counters(struct nj_buf *out)
{
	nj_buf_str(out,
		"# Counters\n\nCounted by each worker; `nightjar status` and "
		"`nightjar read --stats` show them.\n");
	for (size_t s = 0; s < nj_countof(counter_sets); s++) {
		const struct nj_counters_desc *d = counter_sets[s].desc;

		nj_buf_printf(out,
			"\n## %s\n\n| name | unit | severity | text |\n"
			"| --- | --- | --- | --- |\n",
			counter_sets[s].title);
		for (unsigned i = 0; i < d->count; i++)
			nj_buf_printf(out, "| `%s` | %s | %s | %s |\n",
				d->list[i].name, nj_unit_text(d->list[i].unit),
				nj_severity_text(d->list[i].severity),
				d->list[i].text);
	}
	nj_buf_char(out, '\n');
	nj_buf_printf(out, printed_by, "counters");
	return NJ_OK;
}

static enum nj_err
commands(struct nj_buf *out)
{
	nj_buf_str(out, "# Commands\n");
	for (const struct nj_command *const *c = nj_commands; *c; c++) {
		nj_buf_printf(out, "\n## nightjar %s\n\n```\n", (*c)->name);
		nj_command_help(*c, out);
		nj_buf_str(out, "```\n");
	}
	nj_buf_char(out, '\n');
	nj_buf_printf(out, printed_by, "commands");
	return NJ_OK;
}

static enum nj_err
config(struct nj_buf *out)
{
	nj_conf_reference(out);
	return NJ_OK;
}

static enum nj_err
names(struct nj_buf *out)
{
	nj_query_reference(out);
	nj_buf_printf(out, printed_by, "names");
	return NJ_OK;
}

static const struct {
	const char *name;
	enum nj_err (*print)(struct nj_buf *out);
} pages[] = {
	{ "commands", commands },
	{ "config", config },
	{ "logs", logs },
	{ "names", names },
	{ "eve", eve },
	{ "dissectors", dissectors },
	{ "weird", weird },
	{ "counters", counters },
};

extern const struct nj_command nj_command_reference;

static enum nj_exit
reference_run(const void *opts, const struct nj_words *words)
{
	struct nj_nearest near = { .word = nj_str(words->v[0]) };
	char remedy[96] = "see nightjar reference --help for all";
	struct nj_buf b = { 0 };

	(void)opts;
	for (size_t i = 0; i < nj_countof(pages); i++) {
		enum nj_err err;

		nj_nearest_try(&near, nj_str(pages[i].name));
		if (strcmp(pages[i].name, words->v[0]) != 0)
			continue;
		err = pages[i].print(&b);
		if (!err)
			return nj_print(&nj_command_reference, &b);
		nj_complain("reference", nj_err_text(err), nj_err_remedy(err));
		nj_buf_free(&b);
		return NJ_EXIT_FAILED;
	}
	if (near.best.data)
		(void)snprintf(remedy, sizeof(remedy), "did you mean %.*s?",
			(int)near.best.len, (const char *)near.best.data);
	nj_complain("reference", "no such page", remedy);
	return NJ_EXIT_USAGE;
}

const struct nj_command nj_command_reference = {
	.name = "reference",
	.text = "Print a page of the reference as Markdown",
	.usage = "PAGE",
	.more = "Pages: commands, config, logs, names, eve, dissectors, "
		"weird, counters.\n",
	.words_min = 1,
	.words_max = 1,
	.examples = "  nightjar reference logs\n"
		    "      Every log type with its fields.\n"
		    "  nightjar reference weird | grep -i dns\n"
		    "      Oddities of the weird log, by name.\n",
	.run = reference_run,
};
