/*
 * http_eve.c - EVE's http events.
 */
#include "dissectors/shared/http_eve.h"

#include "engine/base/cur.h"

#define EVE_HTTP(F, tag)                                                       \
	F(tag, 1, STR, http, NJ_JSON,                                          \
		"hostname, http_port, url, http_user_agent, "                  \
		"http_content_type, content_range, http_refer, http_method, "  \
		"protocol, status, redirect, length")

NJ_EVENT_STRUCT_(eve_http, EVE_HTTP);
NJ_EVENT_DEFINE(eve_http, EVE_HTTP, NJ_EV_EVE, "One HTTP exchange");

enum { JSON_BYTES = 16 * 1024, VALUE_MAX = 1024 };

/* The memory of the exchange is bounded, so only what is new is kept. */
void
nj_http_eve_request(struct nj_http_tx *t, struct nj_dctx *d,
	const struct nj_http1_request *r)
{
	if (!nj_wanted(d, &eve_http_desc))
		return;
	t->eve.major = r->version.major;
	t->eve.minor = r->version.minor;
	if (!nj_view_eq(t->uri, r->target))
		t->eve.url = nj_pad_text(&t->pad, d, r->target);
}

void
nj_http_eve_field(struct nj_http_tx *t, struct nj_dctx *d, enum nj_dir dir,
	const struct nj_view field[2])
{
	const struct {
		const char *name;
		struct nj_view *to;
	} texts[] = {
		{ "content-type", &t->eve.content_type },
		{ "content-range", &t->eve.content_range },
		{ "location", &t->eve.location },
	};

	if (dir != NJ_RESP || !nj_wanted(d, &eve_http_desc))
		return;
	for (size_t i = 0; i < nj_countof(texts); i++)
		if (nj_view_caseeq(field[0], nj_str(texts[i].name)))
			*texts[i].to = nj_pad_text(
				&t->pad, d, nj_sub(field[1], 0, VALUE_MAX));
}

void
nj_http_eve_header(struct nj_http_tx *t, struct nj_dctx *d, enum nj_dir dir,
	const struct nj_view field[2])
{
	struct nj_http_eve *e = &t->eve;
	struct nj_http_eve_header *h;

	if (!nj_wanted(d, &eve_http_desc))
		return;
	h = nj_pad_alloc(&t->pad, d, sizeof(*h));
	if (!h)
		return;
	*h = (struct nj_http_eve_header){
		.name = nj_pad_text(&t->pad, d, field[0]),
		.value = nj_pad_text(&t->pad, d, nj_sub(field[1], 0, VALUE_MAX))
	};
	if (e->last_header[dir])
		e->last_header[dir]->next = h;
	else
		e->headers[dir] = h;
	e->last_header[dir] = h;
}

/* "www.example.org:8080": an IPv6 address stands in brackets. */
static void
put_host(struct nj_json *j, struct nj_view host)
{
	size_t from =
		host.len && host.data[0] == '[' ? nj_view_chr(host, ']') : 0;
	size_t colon = from == SIZE_MAX
			       ? SIZE_MAX
			       : nj_view_chr(nj_sub(host, from, host.len), ':');
	uint64_t port;

	if (colon != SIZE_MAX) {
		colon += from;
		if (nj_view_u64(nj_sub(host, colon + 1, host.len), &port))
			nj_json_u64(j, "http_port", port);
		host = nj_sub(host, 0, colon);
	}
	if (host.len)
		nj_json_str(j, "hostname", host);
}

static void
put_range(struct nj_json *j, struct nj_view raw)
{
	struct nj_http1_range range;

	nj_json_obj(j, "content_range");
	nj_json_str(j, "raw", raw);
	if (!nj_http1_content_range(raw, &range)) {
		nj_json_u64(j, "start", range.first);
		nj_json_u64(j, "end", range.first + range.length - 1);
		if (range.total)
			nj_json_u64(j, "size", range.total);
	}
	nj_json_end(j);
}

static void
put_text(struct nj_json *j, const char *key, struct nj_view v)
{
	if (v.len)
		nj_json_str(j, key, v);
}

static void
put_protocol(struct nj_json *j, const struct nj_http_tx *t)
{
	uint8_t major = t->eve.major ? t->eve.major : t->major;
	uint8_t minor = t->eve.major ? t->eve.minor : t->minor;
	char text[] = "HTTP/0.0";

	if (major > 9 || minor > 9)
		return;
	text[5] = (char)('0' + major);
	text[7] = (char)('0' + minor);
	if (major)
		nj_json_text(j, "protocol", text);
}

static void
put_headers(
	struct nj_json *j, const char *key, const struct nj_http_eve_header *h)
{
	if (!h)
		return;
	nj_json_arr(j, key);
	for (; h; h = h->next) {
		nj_json_obj(j, NULL);
		nj_json_str(j, "name", h->name);
		nj_json_str(j, "value", h->value);
		nj_json_end(j);
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

static void
put_http2(struct nj_json *j, const struct nj_http_tx *t)
{
	nj_json_text(j, "version", "2");
	nj_json_obj(j, "http2");
	nj_json_u64(j, "stream_id", t->eve.stream);
	nj_json_end(j);
	put_headers(j, "request_headers", t->eve.headers[NJ_ORIG]);
	put_headers(j, "response_headers", t->eve.headers[NJ_RESP]);
}

static void
put_exchange(struct nj_json *j, const struct nj_http_tx *t, bool whole)
{
	struct nj_view type = t->eve.content_type;
	struct nj_view url = t->eve.url.data ? t->eve.url : t->uri;
	/* A response whose request was not seen has a target all the same. */
	bool no_request = !t->method.len && !url.len;

	put_host(j, t->host);
	nj_json_str(j, "url",
		no_request ? NJ_LIT("/libhtp::request_uri_not_seen") : url);
	put_text(j, "http_user_agent", t->user_agent);
	put_text(j, "http_content_type",
		nj_view_trim(nj_sub(type, 0, nj_view_chr(type, ';'))));
	if (t->eve.content_range.len)
		put_range(j, t->eve.content_range);
	put_text(j, "http_refer", t->referrer);
	put_text(j, "http_method", t->method);
	if (t->eve.stream)
		put_http2(j, t);
	else
		put_protocol(j, t);
	if (t->has_status)
		nj_json_u64(j, "status", t->status);
	if (t->has_status && t->status / 100 == 3)
		put_text(j, "redirect", t->eve.location);
	if (whole)
		nj_json_u64(j, "length",
			t->coded[NJ_RESP] ? t->wire_len[NJ_RESP]
					  : t->body_len[NJ_RESP]);
}

static struct nj_view
exchange(const struct nj_http_tx *t, struct nj_dctx *d, bool whole)
{
	struct nj_json j;

	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_obj(&j, NULL);
	put_exchange(&j, t, whole);
	return nj_arena_json_end(d, &j);
}

void
nj_http_eve_emit(struct nj_http_tx *t, struct nj_dctx *d)
{
	size_t mark = nj_arena_mark(d);
	struct eve_http_event ev;

	/* HTTP/2's preface (RFC 9113 3.4) is no exchange. */
	if (!nj_wanted(d, &eve_http_desc) ||
		nj_view_eq(t->method, NJ_LIT("PRI")))
		return;
	if (t->has_status && !t->eve.stream && !t->method.len && !t->uri.len)
		nj_odd_eve(d, "http", "UNABLE_TO_MATCH_RESPONSE_TO_REQUEST",
			NJ_RESP);
	ev = (struct eve_http_event){ .http = exchange(t, d, true) };
	(void)nj_emit_dir(d, &eve_http_desc, &ev, NJ_ORIG);
	nj_arena_release(d, mark);
}

void
nj_http_eve_about(const struct nj_http_tx *t, struct nj_dctx *d, bool whole,
	struct nj_file_about *about)
{
	struct nj_view url = t->eve.url.data ? t->eve.url : t->uri;
	struct nj_http1_range range;

	if (t->eve.content_range.len &&
		!nj_http1_content_range(t->eve.content_range, &range)) {
		about->is_range = true;
		about->first = range.first;
		about->last = range.first + range.length - 1;
	}
	about->name = nj_sub(url, 0, nj_view_chr(url, '?'));
	about->tx = t->depth - 1;
	about->http = exchange(t, d, whole);
}

/* Names of RFC 9113 6.5.2 and 7 in Suricata's spelling. */
static const char *const setting_names[] = { NULL, "SETTINGSHEADERTABLESIZE",
	"SETTINGSENABLEPUSH", "SETTINGSMAXCONCURRENTSTREAMS",
	"SETTINGSINITIALWINDOWSIZE", "SETTINGSMAXFRAMESIZE",
	"SETTINGSMAXHEADERLISTSIZE" };
static const char *const error_names[] = { "NOERROR", "PROTOCOLERROR",
	"INTERNALERROR", "FLOWCONTROLERROR", "SETTINGSTIMEOUT", "STREAMCLOSED",
	"FRAMESIZEERROR", "REFUSEDSTREAM", "CANCEL", "COMPRESSIONERROR",
	"CONNECTERROR", "ENHANCEYOURCALM", "INADEQUATESECURITY",
	"HTTP11REQUIRED" };

static void
put_settings(struct nj_json *j, struct nj_cur *c)
{
	nj_json_arr(j, "settings");
	while (nj_cur_left(c)) {
		uint16_t id = nj_cur_u16(c);
		uint32_t value = nj_cur_u32(c);

		if (c->bad || id >= nj_countof(setting_names) ||
			!setting_names[id])
			continue;
		nj_json_obj(j, NULL);
		nj_json_text(j, "settings_id", setting_names[id]);
		nj_json_u64(j, "settings_value", value);
		nj_json_end(j);
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

void
nj_http_eve_frame(struct nj_dctx *d, enum nj_dir dir,
	enum nj_http_eve_frame kind, struct nj_view payload)
{
	size_t mark = nj_arena_mark(d);
	struct eve_http_event ev;
	struct nj_cur c = nj_cur(payload);
	struct nj_json j;

	if (!nj_wanted(d, &eve_http_desc))
		return;
	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_obj(&j, NULL);
	nj_json_text(&j, "version", "2");
	nj_json_obj(&j, "http2");
	nj_json_u64(&j, "stream_id", 0);
	nj_json_obj(&j, dir == NJ_ORIG ? "request" : "response");
	if (kind == NJ_HTTP_EVE_SETTINGS) {
		put_settings(&j, &c);
	} else {
		uint32_t error;

		nj_cur_skip(&c, 4);
		error = nj_cur_u32(&c);
		if (error < nj_countof(error_names))
			nj_json_text(&j, "error_code", error_names[error]);
	}
	ev = (struct eve_http_event){ .http = nj_arena_json_end(d, &j) };
	(void)nj_emit_dir(d, &eve_http_desc, &ev, NJ_ORIG);
	nj_arena_release(d, mark);
}
