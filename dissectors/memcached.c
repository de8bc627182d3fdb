/*
 * memcached.c - memcached's protocols (memcached documentation, "protocol.txt"
 * and "BinaryProtocolRevamped"), text and binary, over TCP and UDP: which key
 * is read or written, one record a command with its answer.
 *
 * Why over UDP: a server that answers there is an amplifier for whoever forges
 * a sender, and the ratio of both lengths tells. Values are passed over; a
 * log-in's mechanism is told, not more.
 *
 * Couchbase's servers speak the binary one, with more commands.
 *
 * Not done: the meta commands' flags.
 */
#include "dissectors/shared/line.h"
#include "dissectors/shared/pass.h"

#define MEMCACHED(F, tag)                                                      \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN, "get, set, stats ...")    \
	F(tag, 2, STR, key, NJ_INDEX, "Key, of several the first")             \
	F(tag, 3, U64, keys, NJ_OPT | NJ_LEARN,                                \
		"How many keys were asked for")                                \
	F(tag, 4, U64, value_bytes, NJ_OPT | NJ_LEARN, "Bytes to be stored")   \
	F(tag, 5, BOOL, success, NJ_OPT | NJ_INDEX,                            \
		"Was it found, stored, done?")                                 \
	F(tag, 6, STR, status, NJ_INDEX, "What the server answered")           \
	F(tag, 7, U64, values, NJ_OPT | NJ_LEARN, "Values of the answer")      \
	F(tag, 8, BOOL, binary, 0, "Is it the binary protocol?")               \
	F(tag, 9, IVAL, latency, NJ_OPT | NJ_LEARN, "From asking to answer")   \
	F(tag, 10, U64, request_bytes, NJ_LEARN, "Bytes of the command")       \
	F(tag, 11, U64, response_bytes, NJ_OPT | NJ_LEARN,                     \
		"Bytes of the answer")

NJ_EVENT(memcached, MEMCACHED, "A command to a memcached server");

enum {
	LINE_BYTES = 2048, /* what servers allow */
	KEY_BYTES = 250,
	STATUS_BYTES = 128,
	WORDS_MAX = 8,
	PENDING_MAX = 24,
	BINARY_HEAD = 24,
	DATAGRAMS_MAX = 1500, /* of a megabyte */
	VALUE_MAX = 1 << 30,
	REQUEST = 0x80, /* magic */
	ANSWER = 0x81
};

enum { ODD_LINE, ODD_BINARY };
static const struct nj_oddity oddities[] = {
	[ODD_LINE] = { "memcached_line", "A line that is no command" },
	[ODD_BINARY] = { "memcached_binary", "A header that cannot be" },
	{ 0 },
};

struct request {
	const char *command;
	bool is_get, stats, valued;
	uint8_t op; /* binary */
	uint32_t opaque;
	struct nj_view key; /* kept */
	uint64_t keys, value, bytes, values, answered;
	int64_t ts_ns;
};

struct memcached {
	bool sure, binary;
	struct nj_line line[2];
	uint8_t first, count; /* of the queue */
	struct request queue[PENDING_MAX];
};

/* ---- Records ---- */

static void
emit(struct nj_dctx *d, const struct memcached *s, struct request *r,
	const struct nj_view *status)
{
	static const char *const bad[] = { "ERROR", "CLIENT_ERROR",
		"SERVER_ERROR", "NOT_STORED", "EXISTS", "NOT_FOUND" };
	struct memcached_event ev = { .command = nj_str(r->command),
		.key = r->key,
		.binary = s->binary,
		.request_bytes = r->bytes };
	bool good = true;

	if (r->keys)
		nj_set(&ev, memcached, keys, r->keys);
	if (r->valued)
		nj_set(&ev, memcached, value_bytes, r->value);
	if (status) {
		for (unsigned i = 0; i < nj_countof(bad); i++)
			good &= !nj_view_starts(*status, nj_str(bad[i]));
		if (r->is_get) {
			good &= r->values > 0;
			nj_set(&ev, memcached, values, r->values);
		}
		nj_set(&ev, memcached, success, good);
		nj_set(&ev, memcached, latency, nj_now(d) - r->ts_ns);
		nj_set(&ev, memcached, response_bytes, r->answered);
		ev.status = nj_sub(*status, 0, STATUS_BYTES);
	}
	(void)nj_emit_at(d, &memcached_desc, &ev, r->ts_ns);
	nj_drop(d, (void *)(uintptr_t)r->key.data);
	*r = (struct request){ 0 };
}

static struct request *
oldest(struct memcached *s)
{
	return s->count ? &s->queue[s->first] : NULL;
}

static void
shift(struct nj_dctx *d, struct memcached *s, const struct nj_view *status)
{
	emit(d, s, &s->queue[s->first], status);
	s->first = (uint8_t)((s->first + 1) % PENDING_MAX);
	s->count--;
}

static struct request *
push(struct nj_dctx *d, struct memcached *s)
{
	struct request *r;

	if (s->count == PENDING_MAX)
		shift(d, s, NULL);
	r = &s->queue[(s->first + s->count++) % PENDING_MAX];
	*r = (struct request){ .ts_ns = nj_now(d) };
	if (!s->sure)
		nj_confirm(d);
	s->sure = true;
	return r;
}

/* ---- Text ---- */

enum form { PLAIN, GET, STORE, TOUCH, STATS };
enum { META_GET = 0 };

static const struct {
	const char *name;
	uint8_t form;
} commands[] = {
	[META_GET] = { "mg", GET },
	{ "get", GET },
	{ "gets", GET },
	{ "gat", TOUCH },
	{ "gats", TOUCH },
	{ "set", STORE },
	{ "add", STORE },
	{ "replace", STORE },
	{ "append", STORE },
	{ "prepend", STORE },
	{ "cas", STORE },
	{ "delete", PLAIN },
	{ "incr", PLAIN },
	{ "decr", PLAIN },
	{ "touch", PLAIN },
	{ "stats", STATS },
	{ "flush_all", PLAIN },
	{ "version", PLAIN },
	{ "verbosity", PLAIN },
	{ "shutdown", PLAIN },
	{ "lru_crawler", PLAIN },
	{ "watch", PLAIN },
	{ "config", PLAIN },
	{ "quit", PLAIN },
};

static unsigned
words_of(struct nj_view v, struct nj_view out[WORDS_MAX], uint64_t *all)
{
	unsigned n = 0;

	*all = 0;
	while (v.len) {
		struct nj_view word = nj_sub(v, 0, nj_view_chr(v, ' '));

		if (word.len && n < WORDS_MAX)
			out[n++] = word;
		*all += word.len > 0;
		v = nj_sub(v, word.len + 1, v.len);
	}
	return n;
}

static int
command_find(struct nj_view name)
{
	for (unsigned i = 0; i < nj_countof(commands); i++)
		if (nj_view_eq(name, nj_str(commands[i].name)))
			return (int)i;
	return -1;
}

static bool
is_noreply(struct nj_view word)
{
	return nj_view_eq(word, NJ_LIT("noreply"));
}

/* A line of the client; *skip: bytes of a value that follow it. False: no
 * command. */
static bool
text_asked(struct nj_dctx *d, struct memcached *s, struct nj_view line,
	uint64_t *skip)
{
	struct nj_view w[WORDS_MAX] = { { 0 } };
	uint64_t all, bytes = 0;
	unsigned n = words_of(line, w, &all);
	int i = n ? command_find(w[0]) : -1;
	uint8_t form;
	struct request *r;

	*skip = 0;
	if (i < 0)
		return false;
	form = commands[i].form;
	if ((form == GET && n < 2) || (form == TOUCH && n < 3) ||
		(form == STORE && n < 5))
		return false;
	if (form == STORE && (!nj_view_u64(w[4], &bytes) || bytes > VALUE_MAX))
		return false;
	r = push(d, s);
	r->command = commands[i].name;
	r->is_get = form == GET || form == TOUCH;
	r->stats = form == STATS;
	r->bytes = line.len + 2;
	if (n > 1 && !is_noreply(w[1]))
		r->key = nj_keep_view(
			d, w[form == TOUCH && n > 2 ? 2 : 1], KEY_BYTES);
	if (r->is_get)
		r->keys = i == META_GET ? 1 : all - (form == TOUCH ? 2 : 1);
	if (form == STORE) {
		r->valued = true;
		r->value = bytes;
		*skip = bytes + 2;
		r->bytes += *skip;
	}
	if (is_noreply(w[n - 1]) || nj_view_eq(w[0], NJ_LIT("quit"))) {
		/* It stands at the end of the queue. */
		emit(d, s, r, NULL);
		s->count--;
	}
	return true;
}

/* A line of the server. */
static void
text_answered(struct nj_dctx *d, struct memcached *s, struct nj_view line,
	uint64_t *skip)
{
	struct request *r = oldest(s);
	struct nj_view w[WORDS_MAX] = { { 0 } };
	uint64_t all, bytes = 0;
	unsigned n = words_of(line, w, &all);
	bool value = n >= 4 && nj_view_eq(w[0], NJ_LIT("VALUE")) &&
		     nj_view_u64(w[3], &bytes) && bytes <= VALUE_MAX;

	/* The answer to a meta get: VA and the length. */
	if (n >= 2 && nj_view_eq(w[0], NJ_LIT("VA")))
		value = nj_view_u64(w[1], &bytes) && bytes <= VALUE_MAX;
	*skip = value ? bytes + 2 : 0;
	if (!r || !n)
		return;
	r->answered += line.len + 2 + *skip;
	if (value)
		r->values++;
	if (value && nj_view_eq(w[0], NJ_LIT("VALUE")))
		return; /* END follows */
	if (r->stats && nj_view_eq(w[0], NJ_LIT("STAT")))
		return;
	shift(d, s, &line);
}

static enum nj_verdict
text_stream(struct nj_dctx *d, struct memcached *s, enum nj_dir dir,
	struct nj_view v)
{
	struct nj_line *l = &s->line[dir];

	while (v.len) {
		size_t n = nj_line_take(l, v, LINE_BYTES);
		uint64_t skip = 0;

		if (!n)
			break;
		nj_pass(d, &v, n);
		if (!l->text.data)
			continue;
		if (dir == NJ_RESP) {
			text_answered(d, s, l->text, &skip);
		} else if (!text_asked(d, s, l->text, &skip)) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_LINE);
		}
		if (skip)
			nj_pass(d, &v, skip);
	}
	return NJ_MORE;
}

/* ---- Binary ---- */

static const char *
op_name(uint8_t op)
{
	static const char *const names[] = { "get", "set", "add", "replace",
		"delete", "incr", "decr", "quit", "flush_all", "get_quietly",
		"noop", "version", "get_with_key", "get_with_key_quietly",
		"append", "prepend", "stats", "set_quietly", "add_quietly",
		"replace_quietly", "delete_quietly", "incr_quietly",
		"decr_quietly", "quit_quietly", "flush_all_quietly",
		"append_quietly", "prepend_quietly", "verbosity", "touch",
		"get_and_touch", "get_and_touch_quietly", "hello",
		"sasl_list_mechanisms", "sasl_auth", "sasl_step" };

	if (op < nj_countof(names))
		return names[op];
	switch (op) {
	case 0x89:
		return "select_bucket";
	case 0xb5:
		return "get_cluster_config";
	case 0xfe:
		return "get_error_map";
	default:
		return NULL;
	}
}

static struct nj_view
status_name(uint16_t status)
{
	switch (status) {
	case 0:
		return NJ_LIT("OK");
	case 1:
		return NJ_LIT("NOT_FOUND");
	case 2:
		return NJ_LIT("EXISTS");
	case 3:
		return NJ_LIT("SERVER_ERROR value too large");
	case 4:
		return NJ_LIT("CLIENT_ERROR invalid arguments");
	case 5:
		return NJ_LIT("NOT_STORED");
	case 6:
		return NJ_LIT("CLIENT_ERROR not a number");
	case 0x20:
		return NJ_LIT("CLIENT_ERROR authentication");
	case 0x21:
		return NJ_LIT("OK go on");
	case 0x81:
		return NJ_LIT("ERROR unknown command");
	default:
		return NJ_LIT("SERVER_ERROR");
	}
}

struct binary {
	uint8_t magic, op, extras;
	uint16_t key, status;
	uint32_t body, opaque;
};

static bool
binary_read(struct nj_view v, struct binary *b)
{
	struct nj_cur c = nj_cur(v);

	b->magic = nj_cur_u8(&c);
	b->op = nj_cur_u8(&c);
	b->key = nj_cur_u16(&c);
	b->extras = nj_cur_u8(&c);
	nj_cur_skip(&c, 1);
	b->status = nj_cur_u16(&c);
	b->body = nj_cur_u32(&c);
	b->opaque = nj_cur_u32(&c);
	return !c.bad && op_name(b->op) && b->key <= KEY_BYTES &&
	       b->extras <= 20 && b->body <= VALUE_MAX &&
	       (uint32_t)b->key + b->extras <= b->body;
}

static void
binary_asked(struct nj_dctx *d, struct memcached *s, const struct binary *b,
	struct nj_view key)
{
	struct request *r = push(d, s);

	r->command = op_name(b->op);
	r->op = b->op;
	r->opaque = b->opaque;
	r->is_get = b->op == 0 || b->op == 9 || b->op == 12 || b->op == 13 ||
		    b->op == 29 || b->op == 30;
	r->stats = b->op == 16;
	r->bytes = BINARY_HEAD + (uint64_t)b->body;
	r->keys = r->is_get;
	if (key.len)
		r->key = nj_keep_view(d, key, KEY_BYTES);
	if ((b->op >= 1 && b->op <= 3) || b->op == 14 || b->op == 15 ||
		(b->op >= 17 && b->op <= 19)) {
		r->valued = true;
		r->value = b->body - b->key - b->extras;
	}
}

/* Quiet commands are answered only when something is to be said: those before
 * the one that is answered have gone well. */
static void
binary_answered(struct nj_dctx *d, struct memcached *s, const struct binary *b)
{
	struct nj_view status = status_name(b->status);
	struct request *r = oldest(s);

	while (r && (r->op != b->op || r->opaque != b->opaque)) {
		unsigned later = 0;

		for (unsigned i = 1; i < s->count; i++) {
			struct request *q =
				&s->queue[(s->first + i) % PENDING_MAX];

			later |= q->op == b->op && q->opaque == b->opaque;
		}
		if (!later)
			return;
		shift(d, s, NULL);
		r = oldest(s);
	}
	if (!r)
		return;
	r->answered += BINARY_HEAD + (uint64_t)b->body;
	if (r->is_get && !b->status)
		r->values++;
	if (r->stats && b->body && !b->status)
		return; /* an empty one ends the list */
	shift(d, s, &status);
}

static enum nj_verdict
binary_stream(struct nj_dctx *d, struct memcached *s, enum nj_dir dir,
	struct nj_view v)
{
	while (v.len >= BINARY_HEAD) {
		struct binary b;
		size_t want;

		if (!binary_read(v, &b) ||
			b.magic != (dir == NJ_ORIG ? REQUEST : ANSWER)) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_BINARY);
			return NJ_BROKEN;
		}
		want = BINARY_HEAD + (size_t)b.extras + b.key;
		if (v.len < want) {
			nj_want(d, want);
			break;
		}
		if (dir == NJ_ORIG)
			binary_asked(d, s, &b,
				nj_sub(v, BINARY_HEAD + b.extras, b.key));
		else
			binary_answered(d, s, &b);
		nj_pass(d, &v, (uint64_t)BINARY_HEAD + b.body);
	}
	return NJ_MORE;
}

static enum nj_verdict
memcached_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct memcached *s = nj_state(d);

	if (!s->sure && dir == NJ_RESP)
		return NJ_REJECT; /* the client speaks first */
	if (!s->sure)
		s->binary = v.data[0] == REQUEST;
	return s->binary ? binary_stream(d, s, dir, v)
			 : text_stream(d, s, dir, v);
}

/* ---- Datagrams: a frame of eight bytes before the text ---- */

static enum nj_verdict
memcached_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct memcached *s = nj_state(d);
	struct nj_cur c = nj_cur(v);
	struct nj_view rest;
	uint16_t number, all;
	uint64_t skip;
	size_t n;

	/* Id, number, of how many, reserved. */
	nj_cur_skip(&c, 2);
	number = nj_cur_u16(&c);
	all = nj_cur_u16(&c);
	if (nj_cur_u16(&c) || c.bad || number > DATAGRAMS_MAX ||
		all > DATAGRAMS_MAX)
		return s->sure ? NJ_MORE : NJ_REJECT;
	rest = nj_cur_rest(&c);
	n = nj_view_chr(rest, '\n');
	if (dir == NJ_ORIG) {
		rest = nj_sub(rest, 0, n);
		if (rest.len && rest.data[rest.len - 1] == '\r')
			rest.len--;
		if (n != SIZE_MAX && text_asked(d, s, rest, &skip))
			return NJ_MORE;
		return s->sure ? NJ_MORE : NJ_REJECT;
	}
	if (!s->sure)
		return NJ_REJECT;
	/* Answers of many datagrams are told by their first. */
	if (oldest(s)) {
		oldest(s)->answered = v.len;
		oldest(s)->values = nj_view_starts(rest, NJ_LIT("VALUE "));
		rest = nj_sub(rest, 0, n);
		if (rest.len && rest.data[rest.len - 1] == '\r')
			rest.len--;
		shift(d, s, &rest);
	}
	return NJ_MORE;
}

static void
memcached_end(struct nj_dctx *d)
{
	struct memcached *s = nj_state(d);

	while (s->count)
		shift(d, s, NULL);
}

const struct nj_dissector nj_dissector_memcached = {
	.name = "memcached",
	.title = "memcached",
	.ports = (const struct nj_port[]){ { NJ_TCP, 11211 }, { NJ_UDP, 11211 },
		{ NJ_TCP, 11210 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^(get|gets|delete|incr|decr) [!-~]{1,250}"
			  "( [0-9]{1,20})?( noreply)?\\r\\n",
				NJ_SIG_ORIG | NJ_SIG_TCP },
			{ "^(set|add|replace|append|prepend|cas) [!-~]{1,250} "
			  "[0-9]{1,10} -?[0-9]{1,10} [0-9]{1,10}"
			  "( [0-9]{1,20})?( noreply)?\\r\\n",
				NJ_SIG_ORIG | NJ_SIG_TCP },
			{ 0 } },
	.events =
		(const struct nj_event_desc *const[]){ &memcached_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct memcached),
	.stream = memcached_stream,
	.datagram = memcached_datagram,
	.end = memcached_end,
};
