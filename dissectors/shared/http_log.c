/*
 * http_log.c - the http log: memory and record of one transaction.
 */
#include "dissectors/shared/http_log.h"

#include "dissectors/shared/http1.h"
#include "dissectors/shared/http_eve.h"

NJ_EVENT_DEFINE(http, HTTP, 0, "One HTTP request with its response");

enum { USER_MAX = 256 };

struct nj_http_tx *
nj_http_tx_open(struct nj_dctx *d, uint64_t depth)
{
	struct nj_http_tx *t = nj_keep(d, NJ_PAD_BLOCK);

	if (!t)
		return NULL;
	memset(t, 0, sizeof(*t));
	nj_pad_init(
		&t->pad, t + 1, NJ_PAD_BLOCK - sizeof(*t), NJ_HTTP_TEXT_MAX);
	t->ts = nj_now(d);
	t->depth = depth;
	return t;
}

void
nj_http_tx_file(struct nj_http_tx *t, struct nj_dctx *d,
	const struct nj_file *f, bool end)
{
	struct nj_http_file *note = t->last_file[f->dir];

	if (end) {
		/* Files of one side come one after the other. */
		if (note)
			note->mime = f->mime;
		return;
	}
	if (t->file_count[f->dir] >= NJ_HTTP_FILES_MAX) {
		t->last_file[f->dir] = NULL;
		return;
	}
	note = nj_pad_alloc(&t->pad, d, sizeof(*note));
	t->last_file[f->dir] = note;
	if (!note)
		return;
	memset(note, 0, sizeof(*note));
	nj_file_id(f, d, note->id);
	if (f->name_len)
		note->name = nj_pad_text(
			&t->pad, d, (struct nj_view){ f->name, f->name_len });
	note->next = t->files[f->dir];
	t->files[f->dir] = note;
	t->file_count[f->dir]++;
}

/* The three vectors of one side, in the order in which the files came. */
static void
file_vectors(const struct nj_http_tx *t, struct nj_dctx *d, enum nj_dir dir,
	struct nj_vstr out[3])
{
	unsigned n = t->file_count[dir], i = n, names = n, mimes = n;
	struct nj_view *v;

	memset(out, 0, 3 * sizeof(out[0]));
	v = n ? nj_arena(d, 3 * n * sizeof(*v)) : NULL;
	if (!v)
		return;
	for (const struct nj_http_file *f = t->files[dir]; f && i;
		f = f->next) {
		v[--i] = nj_str(f->id);
		if (f->name.len)
			v[n + --names] = f->name;
		if (f->mime)
			v[2 * n + --mimes] = nj_str(f->mime);
	}
	out[0] = (struct nj_vstr){ v, n };
	if (names < n)
		out[1] = (struct nj_vstr){ v + n + names, n - names };
	if (mimes < n)
		out[2] = (struct nj_vstr){ v + 2 * n + mimes, n - mimes };
}

static void
fill_sides(struct nj_http_tx *t, struct nj_dctx *d, struct http_event *ev)
{
	struct nj_vstr v[3];

	file_vectors(t, d, NJ_ORIG, v);
	ev->orig_fuids = v[0];
	ev->orig_filenames = v[1];
	ev->orig_mime_types = v[2];
	file_vectors(t, d, NJ_RESP, v);
	ev->resp_fuids = v[0];
	ev->resp_filenames = v[1];
	ev->resp_mime_types = v[2];
	ev->request_body_len = t->body_len[NJ_ORIG];
	ev->response_body_len = t->body_len[NJ_RESP];
	if (t->coded[NJ_ORIG])
		nj_set(ev, http, request_wire_len, t->wire_len[NJ_ORIG]);
	if (t->coded[NJ_RESP])
		nj_set(ev, http, response_wire_len, t->wire_len[NJ_RESP]);
}

void
nj_http_tx_emit(struct nj_http_tx *t, struct nj_dctx *d)
{
	struct nj_view none = { 0 };
	struct http_event ev = { .trans_depth = t->depth,
		.method = t->method,
		.host = t->host,
		.uri = t->uri,
		.referrer = t->referrer,
		.user_agent = t->user_agent,
		.origin = t->origin,
		.username = t->username,
		.tags = { &none, 0 } };

	if (t->has_status) {
		nj_set(&ev, http, status_code, t->status);
		ev.status_msg = t->status_msg;
		ev.version = nj_arena_printf(d, "%u.%u", t->major, t->minor);
	}
	if (t->has_info) {
		nj_set(&ev, http, info_code, t->info);
		ev.info_msg = t->info_msg;
	}
	if (t->password)
		nj_set(&ev, http, password_seen, true);
	if (t->proxied_count)
		ev.proxied = (struct nj_vstr){ t->proxied, t->proxied_count };
	fill_sides(t, d, &ev);
	(void)nj_emit_at(d, &http_desc, &ev, t->ts);
	nj_http_eve_emit(t, d);
	nj_http_tx_drop(t, d);
}

void
nj_http_tx_drop(struct nj_http_tx *t, struct nj_dctx *d)
{
	nj_pad_free(&t->pad, d);
	nj_drop(d, t);
}

/* "NAME -> value", as Zeek prints the headers of proxies. */
static void
proxied(struct nj_http_tx *t, struct nj_dctx *d, struct nj_view name,
	struct nj_view value)
{
	size_t n = name.len + 4 + value.len;
	uint8_t *p;

	if (t->proxied_count == NJ_HTTP_PROXIED_MAX)
		return;
	p = nj_pad_alloc(&t->pad, d, n);
	if (!p)
		return;
	for (size_t i = 0; i < name.len; i++)
		p[i] = name.data[i] >= 'a' && name.data[i] <= 'z'
			       ? name.data[i] & 0xdf
			       : name.data[i];
	memcpy(p + name.len, " -> ", 4);
	memcpy(p + name.len + 4, value.data, value.len);
	for (unsigned i = 0; i < t->proxied_count; i++)
		if (nj_view_eq(t->proxied[i], (struct nj_view){ p, n }))
			return;
	t->proxied[t->proxied_count++] = (struct nj_view){ p, n };
}

static void
login(struct nj_http_tx *t, struct nj_dctx *d, struct nj_view value)
{
	uint8_t user[USER_MAX];
	bool password;
	size_t n = nj_http1_basic_user(value, user, sizeof(user), &password);

	if (n == SIZE_MAX)
		return;
	t->username = nj_pad_text(&t->pad, d, (struct nj_view){ user, n });
	t->password = password;
}

void
nj_http_tx_request_field(struct nj_http_tx *t, struct nj_dctx *d,
	struct nj_view name, struct nj_view value)
{
	static const char *const proxies[] = { "forwarded", "x-forwarded-for",
		"x-forwarded-from", "client-ip", "via", "xroxy-connection",
		"proxy-connection" };
	const struct {
		const char *name;
		struct nj_view *to;
	} texts[] = {
		{ "host", &t->host },
		{ "user-agent", &t->user_agent },
		{ "referer", &t->referrer },
		{ "origin", &t->origin },
	};

	for (size_t i = 0; i < nj_countof(texts); i++)
		if (nj_view_caseeq(name, nj_str(texts[i].name))) {
			*texts[i].to = nj_pad_text(&t->pad, d, value);
			return;
		}
	for (size_t i = 0; i < nj_countof(proxies); i++)
		if (nj_view_caseeq(name, nj_str(proxies[i])))
			proxied(t, d, name, value);
	if (nj_view_caseeq(name, NJ_LIT("authorization")) ||
		nj_view_caseeq(name, NJ_LIT("proxy-authorization")))
		login(t, d, value);
	else if (nj_view_caseeq(name, NJ_LIT("range")))
		t->wants_range = true;
}
