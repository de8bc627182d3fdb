/*
 * read.c - `nightjar read`: captures in, records out, as the appliance would
 * have made them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dissectors/eve/maps.h"
#include "engine/apps/nightjar/command.h"
#include "engine/apps/nightjar/extract.h"
#include "engine/apps/nightjar/output.h"
#include "engine/apps/nightjar/read.h"
#include "engine/base/log.h"
#include "engine/base/units.h"
#include "engine/capture/merge.h"
#include "engine/capture/pcapfile.h"
#include "engine/pipeline/options.h"
#include "engine/pipeline/reader.h"

struct read_opts {
	const char *conf, *out, *each, *format, *packets, *extract,
		*extract_max;
	struct nj_arg_list log;
	uint64_t workers;
	bool ignore_checksums, midstream, stats, explain;
};

/* Captures below this are read on small pages. */
enum { SMALL_BYTES = 16 * 1024 * 1024 };

static const struct nj_arg read_args[] = {
	{ "config", 'c', NJ_ARG_STR, offsetof(struct read_opts, conf), "FILE",
		"Configuration to read by; without it defaults apply, so that "
		"records are the same on every machine" },
	{ "log", 0, NJ_ARG_LIST, offsetof(struct read_opts, log), "TYPE,...",
		"Only these log types (conn,dns,...); with --format eve these "
		"event types (flow,dns,...)" },
	{ "format", 0, NJ_ARG_STR, offsetof(struct read_opts, format), "WORD",
		"json (default): objects with Zeek's names; zeek: Zeek's own "
		"columns, a file for each log type; eve: Suricata's events",
		.allowed = nj_format_names },
	{ "out", 'o', NJ_ARG_STR, offsetof(struct read_opts, out), "DIR",
		"Write DIR/<type>.log instead of one stream; - is standard "
		"output" },
	{ "each", 0, NJ_ARG_STR, offsetof(struct read_opts, each), "DIR",
		"Read every capture from a clean state, into "
		"DIR/<capture>.jsonl" },
	{ "ignore-checksums", 'C', NJ_ARG_FLAG,
		offsetof(struct read_opts, ignore_checksums), NULL,
		"Take packets whose checksums are wrong (captured before the "
		"network card filled them in)" },
	{ "midstream", 0, NJ_ARG_FLAG, offsetof(struct read_opts, midstream),
		NULL,
		"Let ports name TCP connections whose beginning was not seen, "
		"where no signature does" },
	{ "packets", 0, NJ_ARG_STR, offsetof(struct read_opts, packets), "DIR",
		"Besides put the packets into a packet buffer in this folder, "
		"for nightjar pcap --folder DIR; how much of each says "
		"packets.snap" },
	{ "workers", 'j', NJ_ARG_U64, offsetof(struct read_opts, workers), "N",
		"Worker threads, 1 by default; records are the same for any "
		"number",
		NULL, 1, NJ_READER_WORKERS_MAX },
	{ "extract", 0, NJ_ARG_STR, offsetof(struct read_opts, extract), "DIR",
		"Write every file that is carried to DIR, by its id in the "
		"files log; nothing in it is safe to open" },
	{ "extract-max", 0, NJ_ARG_STR, offsetof(struct read_opts, extract_max),
		"SIZE",
		"Bytes that are written there, 1G by default; what is beyond "
		"is "
		"left out and said" },
	{ "stats", 0, NJ_ARG_FLAG, offsetof(struct read_opts, stats), NULL,
		"Print the loss ledger to standard error as one JSON object" },
	{ "explain", 0, NJ_ARG_FLAG, offsetof(struct read_opts, explain), NULL,
		"Print to standard error why each flow got its name" },
	{ 0 },
};

struct job {
	const struct read_opts *opts;
	const struct nj_words *files;
	struct nj_reader reader;
	struct nj_output_conf output_conf;
	struct nj_output *output;
	const struct nj_read_conf *other; /* who takes records instead */
	struct nj_extract *extract;
	struct nj_reader_stats total;
	const struct nj_dissector **dissectors; /* the set borrows it */
	struct nj_dissect_set *set;
	struct nj_filter_conf filter;
	struct nj_pcap_recorder *packets;
	struct timespec began;
	const char *now_reading; /* file */
	const char **opened;     /* files of the merged source */
	bool merged, failed, shown;
};

static void
on_row(void *ctx, const struct nj_row *row)
{
	struct job *job = ctx;

	if (job->other)
		job->other->row(job->other->ctx, row);
	else
		nj_output_row(job->output, row);
}

/* A line that overwrites itself, only for somebody who waits at a terminal. */
static void
on_progress(void *ctx, const struct nj_source *source)
{
	struct job *job = ctx;
	struct timespec now;
	double s;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	s = (double)(now.tv_sec - job->began.tv_sec) +
	    (double)(now.tv_nsec - job->began.tv_nsec) / 1e9;
	if (s >= 1) {
		(void)fprintf(stderr,
			"\r%.1f million packets, %.1f GB, %.2f Mpps \b",
			(double)source->count.received / 1e6,
			(double)source->count.bytes / 1e9,
			(double)source->count.received / 1e6 / s);
		job->shown = true;
	}
}

static void
end_progress(struct job *job)
{
	if (job->shown)
		(void)fprintf(stderr, "\r\033[K");
	job->shown = false;
}

static void
on_explain(void *ctx, struct nj_flow *f, const char *line)
{
	char uid[24], a[NJ_ADDR_TEXT], b[NJ_ADDR_TEXT];
	struct nj_addr orig = nj_flow_addr(f, NJ_ORIG);
	struct nj_addr resp = nj_flow_addr(f, NJ_RESP);
	uint64_t id[2];

	(void)ctx;
	nj_flow_uid(f, id);
	nj_uid_format('C', id, uid);
	(void)nj_addr_text(&orig, a);
	(void)nj_addr_text(&resp, b);
	(void)fprintf(stderr, "%s %s %u > %s %u ip_proto %u: %s\n", uid, a,
		nj_flow_port(f, NJ_ORIG), b, nj_flow_port(f, NJ_RESP),
		nj_flow_proto(f), line);
}

static void
complain_file(
	struct job *job, const char *file, const char *why, enum nj_err err)
{
	end_progress(job);
	job->failed = true;
	nj_complain(file, why, nj_err_remedy(err));
}

static void
add_stats(struct job *job)
{
	const struct nj_reader_stats *s = &job->reader.stats;

	nj_ledger_add(&job->total.ledger, &s->ledger);
	job->total.source.received += s->source.received;
	job->total.source.snapped += s->source.snapped;
	job->total.flows += s->flows;
	job->total.rows += s->rows;
}

/* A capture of which nothing could be decoded is most often one of another
 * kind of link; silence would look like a quiet network. */
static void
check_link(struct job *job, const char *name)
{
	const struct ledger_counters *l = &job->reader.stats.ledger;

	if (l->received && l->unknown == l->received)
		complain_file(job, name ? name : "read",
			"no packet has a link or ether type that is known",
			NJ_E_UNSUPPORTED);
}

static void
run_source(struct job *job, struct nj_source *source, const char *name)
{
	enum nj_err err;

	(void)clock_gettime(CLOCK_MONOTONIC, &job->began);
	err = nj_reader_run(&job->reader, source);
	end_progress(job);
	if (err && name)
		complain_file(job, name,
			nj_source_error(source)[0] ? nj_source_error(source)
						   : nj_err_text(err),
			err);
	else
		check_link(job, name);
	add_stats(job);
}

static void
on_merge_failed(void *ctx, unsigned which, const char *why)
{
	struct job *job = ctx;

	complain_file(job, job->opened[which], why, NJ_E_FORMAT);
}

/* When another worker reads the same files, all has been said. */
static void
on_merge_failed_again(void *ctx, unsigned which, const char *why)
{
	(void)ctx;
	(void)which;
	(void)why;
}

/* All files as one source, as if they were one recording in pieces. Those
 * that cannot be opened are left out, and said if tell. NULL: no memory. */
static struct nj_source *
open_merged(struct job *job, bool tell)
{
	struct nj_source **sources =
		calloc(job->files->n, sizeof(struct nj_source *));
	struct nj_source *merged = NULL;
	char why[NJ_SOURCE_TEXT];
	unsigned n = 0;
	enum nj_err err;

	for (unsigned i = 0; sources && i < job->files->n; i++) {
		err = nj_pcapfile_open(&sources[n], job->files->v[i], 0, why);
		if (err && tell)
			complain_file(job, job->files->v[i], why, err);
		if (!err)
			job->opened[n++] = job->files->v[i];
	}
	if (!sources ||
		nj_merge_open(&merged, sources, n,
			tell ? on_merge_failed : on_merge_failed_again, job))
		nj_complain("read", nj_err_text(NJ_E_NOMEM),
			nj_err_remedy(NJ_E_NOMEM));
	free(sources);
	return merged;
}

/* The capture once more, for another worker. */
static struct nj_source *
open_again(void *ctx)
{
	struct job *job = ctx;
	char why[NJ_SOURCE_TEXT];
	struct nj_source *source;

	if (job->merged)
		return open_merged(job, false);
	if (nj_pcapfile_open(&source, job->now_reading, 0, why))
		return NULL;
	return source;
}

/* A capture of a few flows touches a few pages of each table: clearing huge
 * ones would take longer than reading it. */
static bool
is_small(const char *file)
{
	struct stat st;

	return !stat(file, &st) && S_ISREG(st.st_mode) &&
	       st.st_size < SMALL_BYTES;
}

static void
read_one(struct job *job, const char *file)
{
	char why[NJ_SOURCE_TEXT];
	struct nj_source *source;
	enum nj_err err = nj_pcapfile_open(&source, file, 0, why);

	if (err) {
		complain_file(job, file, why, err);
		return;
	}
	job->now_reading = file;
	nj_pages_set_small(is_small(file));
	run_source(job, source, file);
	nj_source_close(&source);
}

static void
read_merged(struct job *job)
{
	struct nj_source *merged = open_merged(job, true);

	if (!merged) {
		job->failed = true;
		return;
	}
	job->merged = true;
	run_source(job, merged, NULL);
	nj_source_close(&merged);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void
read_each(struct job *job)
{
	char path[4096];

	for (unsigned i = 0; i < job->files->n; i++) {
		const char *file = job->files->v[i];
		enum nj_err err;

		if (snprintf(path, sizeof(path), "%s/%s.jsonl", job->opts->each,
			    base_name(file)) >= (int)sizeof(path)) {
			complain_file(job, file, "name too long", NJ_OK);
			continue;
		}
		err = nj_output_open_file(
			&job->output, path, &job->output_conf);
		if (err) {
			complain_file(job, path, nj_err_text(err), err);
			continue;
		}
		read_one(job, file);
		if (nj_output_close(&job->output))
			complain_file(job, path, strerror(errno), NJ_E_IO);
	}
}

static void
print_stats(const struct nj_reader_stats *s)
{
	const uint64_t *values = (const uint64_t *)&s->ledger;
	struct nj_buf b = { 0 };

	nj_buf_str(&b, "{\"ledger\":{");
	for (unsigned i = 0; i < ledger_counters_desc.count; i++)
		if (ledger_counters_desc.list[i].unit == NJ_UNIT_PACKETS)
			nj_buf_printf(&b, "\"%s\":%llu,",
				ledger_counters_desc.list[i].name,
				(unsigned long long)values[i]);
	nj_buf_printf(&b, "\"unaccounted\":%lld},",
		(long long)nj_ledger_unaccounted(&s->ledger));
	nj_buf_printf(&b,
		"\"flows\":%llu,\"records\":%llu,\"bytes\":%llu,"
		"\"processed_bytes\":%llu,\"snapped\":%llu}\n",
		(unsigned long long)s->flows, (unsigned long long)s->rows,
		(unsigned long long)s->ledger.bytes,
		(unsigned long long)s->ledger.processed_bytes,
		(unsigned long long)s->source.snapped);
	(void)fwrite(b.data, 1, b.len, stderr);
	nj_buf_free(&b);
}

/* Where compiled signatures are kept between runs; NULL: nowhere. */
static const char *
cache_folder(char *out, size_t cap)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && xdg[0] == '/')
		return snprintf(out, cap, "%s/nightjar", xdg) < (int)cap ? out
									 : NULL;
	if (home && home[0] == '/' &&
		snprintf(out, cap, "%s/.cache/nightjar", home) < (int)cap)
		return out;
	return NULL;
}

static enum nj_err
read_open(struct job *job)
{
	const struct read_opts *o = job->opts;

	if (!o->out || !strcmp(o->out, "-"))
		return nj_output_open_stream(&job->output, &job->output_conf);
	return nj_output_open_folder(&job->output, o->out, &job->output_conf);
}

static enum nj_exit
read_all(struct job *job)
{
	const struct read_opts *o = job->opts;
	const char *target = o->each ? o->each : o->out;
	enum nj_err err = NJ_OK;

	if (target && strcmp(target, "-") != 0 && mkdir(target, 0755) &&
		errno != EEXIST) {
		nj_complain(target, strerror(errno), "");
		return NJ_EXIT_FAILED;
	}
	if (o->each) {
		read_each(job);
	} else {
		err = job->other ? NJ_OK : read_open(job);
		if (err) {
			nj_complain(target ? target : "standard output",
				nj_err_text(err), nj_err_remedy(err));
			return NJ_EXIT_FAILED;
		}
		if (job->files->n == 1)
			read_one(job, job->files->v[0]);
		else
			read_merged(job);
		if (!job->other && nj_output_close(&job->output))
			complain_file(job, target ? target : "standard output",
				"cannot write", NJ_E_IO);
	}
	if (o->stats)
		print_stats(&job->total);
	return job->failed ? NJ_EXIT_FAILED : NJ_EXIT_DONE;
}

/* The configuration named, or nothing but defaults. NULL: it was said. */
static struct nj_conf *
conf_open(const char *path)
{
	struct nj_conf *conf = NULL;
	struct nj_buf errors = { 0 };

	if (path)
		return nj_conf_open(path);
	if (nj_conf_load(&conf, NULL, &errors))
		nj_complain("read", "out of memory", "");
	nj_buf_free(&errors);
	return conf;
}

static void
set_pipeline(struct job *job, const struct nj_conf *conf)
{
	struct nj_pipeline_conf *p = &job->reader.conf;

	nj_pipeline_options(p, conf);
	p->set = job->set;
	p->filter = &job->filter;
	p->eve = job->output_conf.format == NJ_FORMAT_EVE;
	if (job->opts->ignore_checksums)
		p->decode.check_checksums = false;
	if (job->opts->midstream)
		p->midstream = true;
	if (job->opts->explain)
		p->explain = on_explain;
	if (job->extract) {
		p->extract = nj_extract_put;
		p->extract_ctx = job->extract;
	}
}

/* Whether what was asked for can go where it was asked to. */
static enum nj_exit
check_output(const struct job *job)
{
	const struct read_opts *o = job->opts;
	bool folder = !o->each && o->out && strcmp(o->out, "-") != 0;
	bool eve = job->output_conf.format == NJ_FORMAT_EVE;
	char why[128];

	if (job->output_conf.format == NJ_FORMAT_ZEEK && !folder &&
		o->log.n != 1) {
		nj_complain("read --format zeek",
			"each log type has columns of its own, which do not "
			"mix in one stream",
			"write a file for each with -o DIR, or choose one with "
			"--log TYPE");
		return NJ_EXIT_USAGE;
	}
	if (nj_output_check_types(&job->output_conf, why, sizeof(why)))
		return NJ_EXIT_DONE;
	nj_complain("read --log", why,
		eve ? "see docs/reference/eve.md"
		    : "see docs/reference/logs.md");
	return NJ_EXIT_USAGE;
}

/* The log types and the set of dissectors that conf asks for. */
static enum nj_exit
prepare(struct job *job, const struct nj_conf *conf)
{
	char cache[4096];
	enum nj_err err = nj_pipeline_register();

	if (!nj_filter_check(conf))
		return NJ_EXIT_CONFIG;
	job->dissectors = nj_dissector_options(nj_dissectors, conf);
	if (!job->dissectors)
		return NJ_EXIT_CONFIG;
	if (!err)
		err = nj_dissect_set_create(&job->set, job->dissectors,
			job->opts->conf ? conf->dissect__cache_path
					: cache_folder(cache, sizeof(cache)));
	if (!err)
		err = nj_filter_conf_load(&job->filter, conf);
	if (!err && job->output_conf.format == NJ_FORMAT_EVE)
		err = nj_eve_register(nj_eve_maps);
	if (err) {
		nj_complain("read", nj_err_text(err), nj_err_remedy(err));
		return NJ_EXIT_FAILED;
	}
	/* Most captures are not of mirror ports: copies are packets, unless
	 * the file says otherwise. */
	if (conf->origin[NJ_CONF_capture__dedup__enabled].from ==
		NJ_CONF_DEFAULT)
		job->filter.dedup = false;
	return check_output(job);
}

/* Packets of files wait for the disk, and files are added as needed. */
static enum nj_exit
open_packets(struct job *job, const struct nj_conf *conf)
{
	static const char *const port = "capture";
	struct nj_pcap_conf packets = { .folder = job->opts->packets,
		.file_bytes = (uint64_t)conf->packets__file_size,
		.lanes = job->reader.workers ? job->reader.workers : 1,
		.flows_max = job->reader.conf.flow.flows_max,
		.wait = true,
		.group = -1,
		.ports = &port,
		.port_count = 1 };
	char why[NJ_PCAP_TEXT];
	enum nj_err err;

	if (!packets.folder)
		return NJ_EXIT_DONE;
	err = nj_pcap_recorder_open(&job->packets, &packets, why);
	if (!err)
		err = nj_pcap_recorder_start(job->packets);
	if (err) {
		nj_complain("read --packets", why, nj_err_remedy(err));
		return NJ_EXIT_FAILED;
	}
	job->reader.packets = job->packets;
	return NJ_EXIT_DONE;
}

static bool
close_packets(struct job *job)
{
	struct nj_pcap_state state = { 0 };

	if (!job->packets)
		return true;
	nj_pcap_recorder_stop(job->packets);
	nj_pcap_recorder_state(job->packets, &state);
	if (nj_pcap_recorder_text(job->packets)[0])
		nj_complain("read --packets",
			nj_pcap_recorder_text(job->packets), "");
	if (state.error)
		nj_complain(job->opts->packets, strerror((int)state.error),
			"some packets are not in the packet buffer");
	return !state.error;
}

/* Opens the folder for files, if that is wanted. */
static enum nj_exit
open_extract(struct job *job)
{
	const struct read_opts *o = job->opts;
	const char *size = o->extract_max ? o->extract_max : "1G";
	int64_t max;
	enum nj_err err;

	if (!o->extract)
		return NJ_EXIT_DONE;
	if (!nj_size_parse(nj_str(size), &max)) {
		nj_complain("read --extract-max", "this is no size",
			"write a size such as 64k, 10M or 1G");
		return NJ_EXIT_USAGE;
	}
	err = nj_extract_open(&job->extract, o->extract, (uint64_t)max);
	if (!err)
		return NJ_EXIT_DONE;
	nj_complain(o->extract,
		err == NJ_E_IO ? strerror(errno) : nj_err_text(err), "");
	return NJ_EXIT_FAILED;
}

/* What is missing must not be taken for what was not there. */
static void
close_extract(struct job *job)
{
	uint64_t refused = job->extract ? nj_extract_refused(job->extract) : 0;

	if (refused)
		nj_warn("read", "files not extracted as a whole pieces=%llu",
			(unsigned long long)refused);
	nj_extract_close(&job->extract);
}

static bool
uses_stdin(const struct nj_words *files)
{
	for (unsigned i = 0; i < files->n; i++)
		if (!strcmp(files->v[i], "-"))
			return true;
	return false;
}

static enum nj_exit
run_job(const struct read_opts *o, const struct nj_words *words,
	const struct nj_read_conf *other)
{
	struct job job = { .opts = o, .files = words, .other = other };
	struct nj_conf *conf = conf_open(o->conf);
	enum nj_exit status;

	if (!conf)
		return NJ_EXIT_CONFIG;
	job.output_conf = (struct nj_output_conf){
		o->format ? nj_format_find(o->format) : NJ_FORMAT_JSON, &o->log
	};
	job.opened = calloc(words->n, sizeof(*job.opened));
	status = job.opened ? prepare(&job, conf) : NJ_EXIT_FAILED;
	if (!status)
		status = open_extract(&job);
	if (status)
		goto out;
	if (o->workers > 1 && uses_stdin(words)) {
		nj_complain("read --workers",
			"standard input can be read only once",
			"leave --workers away");
		status = NJ_EXIT_USAGE;
		goto out;
	}
	job.reader = (struct nj_reader){ .workers = (unsigned)o->workers,
		.row = on_row,
		.again = open_again,
		.ctx = &job };
	if (isatty(STDERR_FILENO))
		job.reader.progress = on_progress;
	set_pipeline(&job, conf);
	status = open_packets(&job, conf);
	if (!status)
		status = read_all(&job);
	if (!status && !close_packets(&job))
		status = NJ_EXIT_FAILED;
out:
	nj_pcap_recorder_close(&job.packets);
	close_extract(&job);
	nj_dissect_set_destroy(&job.set);
	nj_filter_conf_free(&job.filter);
	free(job.dissectors);
	free(job.opened);
	nj_conf_destroy(&conf);
	return status;
}

static enum nj_exit
read_run(const void *opts, const struct nj_words *words)
{
	return run_job(opts, words, NULL);
}

bool
nj_read_register(void)
{
	enum nj_err err = nj_pipeline_register_all(nj_dissectors);

	if (err)
		nj_complain("read", nj_err_text(err), nj_err_remedy(err));
	return !err;
}

enum nj_exit
nj_read_files(const struct nj_read_conf *conf, const struct nj_words *files)
{
	struct read_opts opts = { .conf = conf->conf,
		.workers = conf->workers,
		.ignore_checksums = conf->ignore_checksums,
		.midstream = conf->midstream,
		.stats = conf->stats };

	return run_job(&opts, files, conf);
}

const struct nj_command nj_command_read = {
	.name = "read",
	.text = "Read captures and print their records",
	.usage = "[options] FILE...",
	.more = "Reads pcap and pcapng files, also packed with gzip or zstd; - "
		"is standard\ninput. Several files are taken as one capture, "
		"in order of time. Log types and\nfields are named as Zeek "
		"names them.\n",
	.args = read_args,
	.opts_bytes = sizeof(struct read_opts),
	.words_min = 1,
	.words_max = NJ_WORDS_ANY,
	.examples = "  nightjar read capture.pcap\n"
		    "      Every record of the capture, in order of time.\n"
		    "  nightjar read --log dns,http -o logs day-*.pcap.gz\n"
		    "      logs/dns.log and logs/http.log of a whole day.\n"
		    "  tcpdump -i eth0 -w - | nightjar read --log conn -\n"
		    "      Connections of an interface as they end.\n"
		    "  nightjar read --format zeek -o logs capture.pcap\n"
		    "      logs/conn.log and the others, for zeek-cut and what "
		    "reads Zeek's logs.\n"
		    "  nightjar read --format eve capture.pcap > eve.json\n"
		    "      Events for what reads Suricata's EVE JSON.\n"
		    "  nightjar read --extract files capture.pcap\n"
		    "      The files that it carried; files.log names them.\n"
		    "  nightjar read --each out --stats captures/*.pcap\n"
		    "      Each capture by itself, and what became of every "
		    "packet.\n",
	.run = read_run,
};
