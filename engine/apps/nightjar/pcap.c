/*
 * pcap.c - `nightjar pcap`: packets out of the packet buffer, as a file that
 * Wireshark opens.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/apps/nightjar/command.h"
#include "engine/base/clock.h"
#include "engine/base/date.h"
#include "engine/base/log.h"
#include "engine/base/units.h"
#include "engine/conf/conf.h"
#include "engine/event/event.h"
#include "engine/packet/exclude.h"
#include "engine/pcap/pcapng.h"
#include "engine/store/query/query.h"

struct pcap_opts {
	const char *conf, *data, *folder, *filter, *bpf, *from, *to, *last;
	const char *span, *out, *ids;
	struct nj_arg_list id;
	bool json;
};

#define OPT(member) offsetof(struct pcap_opts, member)
static const struct nj_arg pcap_args[] = {
	{ "id", 0, NJ_ARG_LIST, OPT(id), "UID,...",
		"Packets of these flows: the uid of any record" },
	{ "ids", 0, NJ_ARG_STR, OPT(ids), "FILE",
		"Packets of the flows in this file, as nightjar search --json "
		"writes it, or a uid a line; - is standard input" },
	{ "filter", 0, NJ_ARG_STR, OPT(filter), "EXPR",
		"Packets of the flows that match, see below" },
	{ "bpf", 0, NJ_ARG_STR, OPT(bpf), "EXPR",
		"Of these only packets that match in the language of "
		"pcap-filter(7)" },
	{ "from", 0, NJ_ARG_STR, OPT(from), "T",
		"Not before this time: 2026-01-31T12:00:00 (UTC), seconds "
		"since 1970, or now-10m" },
	{ "to", 0, NJ_ARG_STR, OPT(to), "T", "Not after this time" },
	{ "last", 0, NJ_ARG_STR, OPT(last), "SPAN",
		"The time until now, as in 5min" },
	{ "out", 'o', NJ_ARG_STR, OPT(out), "FILE",
		"Where to write the pcapng; - is standard output" },
	{ "json", 0, NJ_ARG_FLAG, OPT(json), NULL,
		"Say what was found as one JSON object, on standard output or, "
		"if that has the packets, on standard error" },
	{ "data", 0, NJ_ARG_STR, OPT(data), "DIR",
		"The buffer of the appliance that runs with --data DIR" },
	{ "folder", 0, NJ_ARG_STR, OPT(folder), "DIR",
		"The buffer in this folder, as nightjar read --packets DIR "
		"makes one" },
	{ "config", 'c', NJ_ARG_STR, OPT(conf), "FILE",
		"Configuration that says where the buffer is" },
	{ "max-span", 0, NJ_ARG_STR, OPT(span), "SPAN",
		"Longest time that may be asked for, instead of "
		"packets.request_max" },
	{ 0 },
};

struct job {
	const struct pcap_opts *opts;
	char folder[4096];
	struct nj_pcap_uid *uids;
	unsigned uid_count, uid_cap;
	struct nj_pcap_filter *filter;
	struct nj_exclude *bpf;
	struct nj_pcap_query query;
	struct nj_pcap_answer answer;
	int64_t span_ns;
	FILE *file;
	struct nj_pcapng *out;
	int64_t began_ns;
	bool shown, failed;
};

enum { UIDS_MAX = 1024 * 1024 };

static atomic_bool cancel;

static void
on_signal(int number)
{
	(void)number;
	atomic_store_explicit(&cancel, true, memory_order_relaxed);
}

static enum nj_exit
usage(const char *what, const char *why, const char *remedy)
{
	nj_complain(what, why, remedy);
	return NJ_EXIT_USAGE;
}

/* ---- What is asked for ---- */

static bool
add_uid(struct job *job, const uint64_t uid[2])
{
	unsigned cap = job->uid_cap ? job->uid_cap * 2 : 64;
	struct nj_pcap_uid *more = job->uids;

	if (job->uid_count == job->uid_cap) {
		more = cap <= UIDS_MAX ? realloc(more, cap * sizeof(*more))
				       : NULL;
		if (!more) {
			nj_complain("pcap", "too many flows",
				"ask for fewer at one time");
			return false;
		}
		job->uids = more;
		job->uid_cap = cap;
	}
	job->uids[job->uid_count++] =
		(struct nj_pcap_uid){ uid[0], (uint32_t)uid[1] };
	return true;
}

/* The uid of a line: of a record, or all there is. A record without one is of
 * no flow. */
static bool
line_uid(struct nj_view line, uint64_t uid[2])
{
	const struct nj_view key = NJ_LIT("\"uid\":\"");
	size_t at = nj_view_find(line, key);

	if (at != SIZE_MAX)
		line = nj_sub(line, at + key.len, NJ_UID_CHARS);
	return nj_uid_parse('C', nj_view_trim(line), uid);
}

static enum nj_exit
read_ids(struct job *job, const char *path)
{
	FILE *f = strcmp(path, "-") != 0 ? fopen(path, "re") : stdin;
	uint64_t uid[2];
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool good = true;

	if (!f) {
		nj_complain(path, strerror(errno), "check the path");
		return NJ_EXIT_FAILED;
	}
	while (good && (n = getline(&line, &cap, f)) > 0) {
		n -= line[n - 1] == '\n';
		if (line_uid((struct nj_view){ (uint8_t *)line, (size_t)n },
			    uid))
			good = add_uid(job, uid);
	}
	free(line);
	if (f != stdin)
		(void)fclose(f);
	if (good && !job->uid_count)
		nj_complain(
			path, "no uid in it", "records of flows have one each");
	return good && job->uid_count ? NJ_EXIT_DONE : NJ_EXIT_FAILED;
}

static enum nj_exit
take_ids(struct job *job)
{
	const struct nj_arg_list *id = &job->opts->id;
	uint64_t uid[2];
	char why[64];

	for (unsigned i = 0; i < id->n; i++) {
		if (!nj_uid_parse('C', id->v[i], uid)) {
			(void)snprintf(why, sizeof(why), "\"%.*s\" is no uid",
				(int)nj_min(id->v[i].len, (size_t)32),
				(const char *)id->v[i].data);
			return usage("pcap --id", why,
				"it is the uid of a record, C and 17 letters "
				"and digits");
		}
		if (!add_uid(job, uid))
			return NJ_EXIT_FAILED;
	}
	if (job->opts->ids) {
		enum nj_exit status = read_ids(job, job->opts->ids);

		if (status)
			return status;
	}
	job->query.uids = job->uids;
	job->query.uid_count = job->uid_count;
	return NJ_EXIT_DONE;
}

static enum nj_exit
take_filters(struct job *job)
{
	struct nj_exclude_conf bpf = { .bpf = job->opts->bpf };
	char why[NJ_PCAP_FILTER_TEXT], bpf_why[NJ_EXCLUDE_TEXT];

	if (job->opts->filter && nj_pcap_filter_create(&job->filter,
					 nj_str(job->opts->filter), why))
		return usage("pcap --filter", why, "see nightjar pcap --help");
	job->query.filter = job->filter;
	if (!bpf.bpf || !nj_exclude_create(&job->bpf, &bpf, bpf_why))
		return NJ_EXIT_DONE;
	return usage("pcap --bpf", bpf_why, "see pcap-filter(7)");
}

/* A moment; of one that names a day or a minute, its first or last ns. */
static enum nj_exit
take_time(const char *option, const char *text, bool last, int64_t *out)
{
	int64_t from, to;

	if (!text)
		return NJ_EXIT_DONE;
	if (!nj_query_time_parse(nj_str(text), nj_wall_ns(), &from, &to))
		return usage(option, "no time that is understood",
			"write it as 2026-01-31T12:00:00, seconds since 1970 "
			"or now-10m");
	*out = last ? to : from;
	return NJ_EXIT_DONE;
}

static enum nj_exit
take_times(struct job *job)
{
	const struct pcap_opts *o = job->opts;
	struct nj_pcap_query *q = &job->query;
	enum nj_exit status;
	int64_t span, now = nj_wall_ns();

	q->from_ns = INT64_MIN;
	q->to_ns = INT64_MAX;
	if (o->last && (o->from || o->to))
		return usage("pcap --last", "it is from and to in one",
			"leave --from and --to away");
	if (o->last && !nj_duration_parse(nj_str(o->last), &span))
		return usage("pcap --last", "no time span",
			"write it as 90s, 5min or 1h");
	if (o->last) {
		q->from_ns = now - span;
		q->to_ns = now;
	}
	status = take_time("pcap --from", o->from, false, &q->from_ns);
	if (!status)
		status = take_time("pcap --to", o->to, true, &q->to_ns);
	if (!status && q->from_ns > q->to_ns)
		status = usage(
			"pcap --from", "it is after --to", "exchange the two");
	return status;
}

/* A search by uid reads what it finds; any other reads all of its time. */
static enum nj_exit
check_span(struct job *job)
{
	const struct nj_pcap_query *q = &job->query;
	bool open = q->from_ns == INT64_MIN || q->to_ns == INT64_MAX;
	struct nj_buf most = { 0 };
	char why[160];
	int64_t span;

	if (open && job->uid_count)
		return NJ_EXIT_DONE;
	if (open)
		return usage("pcap", "no time to look at",
			"give --from and --to, or --last, or --id");
	if (!__builtin_sub_overflow(q->to_ns, q->from_ns, &span) &&
		span <= job->span_ns)
		return NJ_EXIT_DONE;
	nj_duration_text(&most, job->span_ns);
	(void)snprintf(why, sizeof(why), "a request may span %.*s",
		(int)most.len, (const char *)most.data);
	nj_buf_free(&most);
	return usage("pcap", why,
		"ask for less, or allow more with --max-span SPAN");
}

/* Where the buffer is, and what its configuration allows. */
static enum nj_exit
find_buffer(struct job *job)
{
	const struct pcap_opts *o = job->opts;
	struct nj_conf *conf = NULL;
	int n;

	job->span_ns = 30 * 60 * NJ_NS_PER_S;
	if (o->conf || (!o->folder && !o->data)) {
		conf = nj_conf_open(o->conf);
		if (!conf)
			return NJ_EXIT_CONFIG;
		job->span_ns = conf->packets__request_max;
	}
	n = snprintf(job->folder, sizeof(job->folder), "%s%s",
		o->folder ? o->folder
		: o->data ? o->data
			  : conf->packets__folder,
		o->folder || !o->data ? "" : "/packets");
	nj_conf_destroy(&conf);
	job->query.folder = job->folder;
	if (n >= (int)sizeof(job->folder))
		return usage("pcap", "the folder's name is too long", "");
	if (o->span && !nj_duration_parse(nj_str(o->span), &job->span_ns))
		return usage("pcap --max-span", "no time span",
			"write it as 90s, 5min or 1h");
	return NJ_EXIT_DONE;
}

static enum nj_exit
take_query(struct job *job)
{
	const struct pcap_opts *o = job->opts;
	enum nj_exit status;

	if (!o->id.n && !o->ids && !o->filter && !o->bpf && !o->from &&
		!o->last)
		return usage("pcap", "nothing is asked for",
			"give --id UID, or --filter EXPR with a time");
	if ((o->id.n || o->ids) && o->filter)
		return usage("pcap", "--id and --filter are two questions",
			"ask one of them; --bpf goes with either");
	if (!o->out)
		return usage("pcap", "no file to write to",
			"give -o FILE, or -o - for standard output");
	if (!strcmp(o->out, "-") && isatty(STDOUT_FILENO))
		return usage("pcap", "packets are nothing for a terminal",
			"pipe them, as in: | tshark -r -");
	status = find_buffer(job);
	if (!status)
		status = take_ids(job);
	if (!status)
		status = take_filters(job);
	if (!status)
		status = take_times(job);
	return status ? status : check_span(job);
}

/* ---- What is found ---- */

static bool
on_test(void *ctx, const struct nj_pcap_packet *packet)
{
	struct job *job = ctx;
	const struct nj_packet p = { .data = packet->data,
		.len = packet->len,
		.wire_len = packet->wire_len,
		.ts_ns = packet->ts_ns,
		.port = packet->port,
		.link = packet->link };

	return nj_exclude_frame(job->bpf, &p);
}

static void
end_progress(struct job *job)
{
	if (job->shown)
		(void)fprintf(stderr, "\r\033[K");
	job->shown = false;
}

static void
on_progress(void *ctx, uint64_t done, uint64_t all)
{
	struct job *job = ctx;

	if (done % 64 || nj_mono_ns() - job->began_ns < NJ_NS_PER_S)
		return;
	(void)fprintf(stderr, "\r%llu of %llu blocks, %llu packets ",
		(unsigned long long)done, (unsigned long long)all,
		(unsigned long long)job->answer.packets);
	job->shown = true;
}

static void
on_damaged(void *ctx, const char *what)
{
	struct job *job = ctx;

	end_progress(job);
	nj_complain("pcap", what, "what was in it is left out");
}

/* With the first packet the file is made: no file where nothing is found. */
static bool
open_out(struct job *job)
{
	const char *path = job->opts->out;
	char comment[512];
	int n = 0;

	job->file = strcmp(path, "-") != 0 ? fopen(path, "wbe") : stdout;
	if (!job->file)
		return false;
	(void)setvbuf(job->file, NULL, _IOFBF, 1024 * 1024);
	n = snprintf(
		comment, sizeof(comment), "From the packet buffer of Nightjar");
	if (job->opts->filter)
		(void)snprintf(comment + n, sizeof(comment) - (size_t)n,
			": %.300s", job->opts->filter);
	else if (job->opts->id.n)
		(void)snprintf(comment + n, sizeof(comment) - (size_t)n,
			": %.*s%s", (int)job->opts->id.v[0].len,
			(const char *)job->opts->id.v[0].data,
			job->opts->id.n > 1 ? " and others" : "");
	return !nj_pcapng_open(&job->out, job->file, comment);
}

static bool
on_packet(void *ctx, const struct nj_pcap_packet *packet)
{
	struct job *job = ctx;

	if ((job->out || open_out(job)) && nj_pcapng_put(job->out, packet))
		return true;
	end_progress(job);
	nj_complain(job->opts->out, strerror(errno), "check disk and path");
	job->failed = true;
	return false;
}

static bool
close_out(struct job *job)
{
	bool good = !job->out || !nj_pcapng_close(&job->out);

	if (job->file && job->file != stdout && fclose(job->file))
		good = false;
	if (!good && !job->failed)
		nj_complain(job->opts->out, strerror(errno), "check the disk");
	job->failed |= !good;
	return good;
}

/* ---- What is said ---- */

static void
put_time(struct nj_buf *b, int64_t ns)
{
	char text[NJ_DATE_TEXT];
	int64_t s = ns / NJ_NS_PER_S - (ns % NJ_NS_PER_S < 0);

	(void)nj_date_text(s, text);
	nj_buf_printf(b, "%s.%06lldZ", text,
		(long long)((ns - s * NJ_NS_PER_S) / NJ_NS_PER_US));
}

static void
json_time(struct nj_buf *b, const char *name, int64_t ns, bool known)
{
	nj_buf_printf(b, ",\"%s\":", name);
	if (!known) {
		nj_buf_str(b, "null");
		return;
	}
	nj_buf_char(b, '"');
	put_time(b, ns);
	nj_buf_char(b, '"');
}

static void
summary_json(const struct job *job, struct nj_buf *b)
{
	const struct nj_pcap_answer *a = &job->answer;
	bool held = a->first_ns <= a->last_ns;

	nj_buf_printf(b, "{\"packets\":%llu,\"bytes\":%llu",
		(unsigned long long)a->packets, (unsigned long long)a->bytes);
	json_time(b, "first", a->found_first_ns, a->packets);
	json_time(b, "last", a->found_last_ns, a->packets);
	json_time(b, "buffer_first", a->first_ns, held);
	json_time(b, "buffer_last", a->last_ns, held);
	nj_buf_printf(b,
		",\"files\":%llu,\"blocks\":%llu,\"blocks_read\":%llu,"
		"\"damaged\":%llu,\"overwritten\":%llu,\"disordered\":%llu,"
		"\"cancelled\":%s,\"ms\":%.3f,\"file\":",
		(unsigned long long)a->files, (unsigned long long)a->blocks,
		(unsigned long long)a->blocks_read,
		(unsigned long long)a->damaged,
		(unsigned long long)a->overwritten,
		(unsigned long long)a->disordered,
		a->cancelled ? "true" : "false",
		(double)(nj_mono_ns() - job->began_ns) / 1e6);
	nj_buf_json_str(b, nj_str(a->packets ? job->opts->out : ""));
	nj_buf_str(b, "}\n");
}

static void
summary_text(const struct job *job, struct nj_buf *b)
{
	const struct nj_pcap_answer *a = &job->answer;

	nj_buf_printf(b, "%llu packets, %llu bytes",
		(unsigned long long)a->packets, (unsigned long long)a->bytes);
	if (a->packets) {
		nj_buf_str(b, ", ");
		put_time(b, a->found_first_ns);
		nj_buf_str(b, " to ");
		put_time(b, a->found_last_ns);
	}
	if (a->overwritten)
		nj_buf_printf(b, "; %llu blocks were overwritten meanwhile",
			(unsigned long long)a->overwritten);
	nj_buf_char(b, '\n');
}

static void
say_nothing_found(const struct job *job)
{
	const struct nj_pcap_answer *a = &job->answer;
	struct nj_buf b = { 0 };

	if (a->first_ns > a->last_ns) {
		nj_buf_str(&b, "the packet buffer is empty");
	} else {
		nj_buf_str(&b, "no such packets; the buffer holds ");
		put_time(&b, a->first_ns);
		nj_buf_str(&b, " to ");
		put_time(&b, a->last_ns);
	}
	nj_buf_char(&b, 0);
	if (!b.bad)
		nj_complain("pcap", (const char *)b.data, "");
	nj_buf_free(&b);
}

static void
say_summary(const struct job *job)
{
	bool to_out = job->opts->json && strcmp(job->opts->out, "-") != 0;
	struct nj_buf b = { 0 };

	if (job->opts->json)
		summary_json(job, &b);
	else
		summary_text(job, &b);
	if (!b.bad)
		(void)fwrite(b.data, 1, b.len, to_out ? stdout : stderr);
	nj_buf_free(&b);
}

static enum nj_exit
search(struct job *job)
{
	const struct sigaction on = { .sa_handler = on_signal };
	enum nj_err err;
	char why[512];

	job->query.cancel = &cancel;
	job->query.ctx = job;
	job->query.packet = on_packet;
	job->query.damaged = on_damaged;
	job->query.test = job->bpf ? on_test : NULL;
	job->query.progress = isatty(STDERR_FILENO) ? on_progress : NULL;
	(void)sigaction(SIGINT, &on, NULL);
	(void)sigaction(SIGTERM, &on, NULL);
	job->began_ns = nj_mono_ns();
	err = nj_pcap_search(&job->query, &job->answer);
	end_progress(job);
	if (err) {
		(void)snprintf(why, sizeof(why), "no packet buffer: %.200s",
			job->answer.text[0] ? job->answer.text
					    : nj_err_text(err));
		nj_complain(job->folder, why,
			err == NJ_E_NOENT ? "see packets.size, --data and "
					    "--folder"
					  : nj_err_remedy(err));
	}
	if (!close_out(job) || err || job->failed)
		return NJ_EXIT_FAILED;
	if (job->answer.packets || job->opts->json)
		say_summary(job);
	if (job->answer.cancelled)
		nj_complain("pcap", "interrupted",
			"what was found so far is in the file");
	else if (!job->answer.packets)
		say_nothing_found(job);
	return job->answer.packets && !job->answer.cancelled ? NJ_EXIT_DONE
							     : NJ_EXIT_FAILED;
}

static enum nj_exit
pcap_run(const void *opts, const struct nj_words *words)
{
	struct job job = { .opts = opts };
	enum nj_exit status = take_query(&job);

	(void)words;
	if (!status)
		status = search(&job);
	free(job.uids);
	nj_pcap_filter_destroy(&job.filter);
	nj_exclude_destroy(&job.bpf);
	return status;
}

const struct nj_command nj_command_pcap = {
	.name = "pcap",
	.text = "Get packets out of the packet buffer",
	.usage = "--id UID | --filter EXPR --from T --to T  -o FILE",
	.more = "EXPR says which flows, by either side: host A, net A/B, "
		"port N, portrange N-N,\nvlan N, proto N, tcp, udp, icmp ..., "
		"with and, or, not and brackets.\nFlows inside tunnels count "
		"as any other. Times are in UTC.\n"
		"The file is pcapng with times in nanoseconds. Exit status 1: "
		"nothing was found.\n",
	.args = pcap_args,
	.opts_bytes = sizeof(struct pcap_opts),
	.words_min = 0,
	.words_max = 0,
	.examples =
		"  nightjar pcap --id CHhAvVGS1DHFjwGM91 -o flow.pcapng\n"
		"      All packets of the flow of a record.\n"
		"  nightjar search --json --last 1h 'id.resp_h:10.0.0.7 AND "
		"service:smb' \\\n"
		"          | nightjar pcap --ids - -o smb.pcapng\n"
		"      The packets behind the answer to a query.\n"
		"  nightjar pcap --filter 'host 10.0.0.5 and port 445' "
		"--last 10min -o smb.pcapng\n"
		"      What a device did with file shares.\n"
		"  nightjar pcap --data var --filter 'net 10.1.0.0/16' --from "
		"2026-01-31T12:00 \\\n"
		"          --to 2026-01-31T12:05 -o - | tshark -r -\n"
		"      Five minutes of a network, straight into tshark.\n",
	.run = pcap_run,
};
