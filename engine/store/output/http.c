/*
 * http.c - requests by libcurl, see http.h.
 */
#include "engine/store/output/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	CONNECT_MS = 5000,
	SILENT_S = 60, /* no byte either way for so long: given up */
	ERROR_TEXT_MAX = 64 * 1024,
	ADDRESSES_MAX = 8
};

struct nj_http {
	const struct nj_http_conf *conf;
	CURL *curl;
	struct curl_slist *headers, *resolve;
	unsigned server;
	char error[CURL_ERROR_SIZE];

	/* Of the request that is under way. */
	const struct nj_http_request *request;
	struct nj_http_answer *answer;
	bool ended;
};

/* ---- Callbacks ---- */

static size_t
on_data(char *bytes, size_t one, size_t n, void *ctx)
{
	struct nj_http *h = ctx;
	struct nj_view v = { (const uint8_t *)bytes, n };
	long status = 0;

	(void)one; /* always 1 */
	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	if (h->request->data && status == 200) {
		h->ended |= !h->request->data(h->request->ctx, v);
		return h->ended ? 0 : n;
	}
	if (status == 200 || h->answer->text.len < ERROR_TEXT_MAX)
		nj_buf_put(&h->answer->text, v.data, v.len);
	return h->answer->text.bad ? 0 : n;
}

static int
on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct nj_http *h = ctx;

	(void)a, (void)b, (void)c, (void)d;
	h->ended |= h->conf->stop &&
		    atomic_load_explicit(h->conf->stop, memory_order_relaxed);
	return h->ended;
}

/* ---- Names ---- */

static bool
is_literal(const char *host)
{
	struct nj_addr a;

	return host[0] == '[' || nj_addr_parse(&a, host) ||
	       !strcmp(host, "localhost");
}

static void
append_addresses(struct nj_buf *out, const struct addrinfo *list)
{
	char text[INET6_ADDRSTRLEN];
	unsigned n = 0;

	for (; list && n < ADDRESSES_MAX; list = list->ai_next) {
		bool six = list->ai_family == AF_INET6;

		if (getnameinfo(list->ai_addr, list->ai_addrlen, text,
			    sizeof(text), NULL, 0, NI_NUMERICHOST))
			continue;
		nj_buf_str(out, n++ ? "," : "");
		nj_buf_printf(out, six ? "[%s]" : "%s", text);
	}
}

/* "HOST:PORT:ADDRESS,..." as CURLOPT_RESOLVE wants it. */
static bool
resolve(struct nj_http *h, const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	struct nj_buf text = { 0 };
	int failed = getaddrinfo(host, port, &hints, &list);

	if (failed) {
		(void)snprintf(h->answer->why, sizeof(h->answer->why),
			"%.120s: %.100s", host, gai_strerror(failed));
		return false;
	}
	nj_buf_printf(&text, "%s:%s:", host, port);
	append_addresses(&text, list);
	nj_buf_char(&text, '\0');
	freeaddrinfo(list);
	curl_slist_free_all(h->resolve);
	h->resolve =
		text.bad ? NULL : curl_slist_append(NULL, (char *)text.data);
	nj_buf_free(&text);
	(void)curl_easy_setopt(h->curl, CURLOPT_RESOLVE, h->resolve);
	return h->resolve != NULL;
}

static bool
find_server(struct nj_http *h, const char *url)
{
	CURLU *parts = curl_url();
	char *host = NULL, *port = NULL;
	bool good = false;

	if (parts && !curl_url_set(parts, CURLUPART_URL, url, 0) &&
		!curl_url_get(parts, CURLUPART_HOST, &host, 0) &&
		!curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT))
		good = is_literal(host) || resolve(h, host, port);
	else
		(void)snprintf(h->answer->why, sizeof(h->answer->why),
			"%.200s is no address of a server", url);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
	return good;
}

/* ---- Requests ---- */

static enum nj_http_outcome
outcome(struct nj_http *h, CURLcode code)
{
	struct nj_http_answer *a = h->answer;
	long status = 0;

	if (h->ended)
		return NJ_HTTP_ENDED;
	if (code) {
		(void)snprintf(a->why, sizeof(a->why), "%.100s: %.150s",
			h->conf->urls[h->server],
			h->error[0] ? h->error : curl_easy_strerror(code));
		return NJ_HTTP_BROKEN;
	}
	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return NJ_HTTP_DONE;
	(void)snprintf(a->why, sizeof(a->why), "%s: %ld %.*s",
		h->conf->urls[h->server], status,
		(int)nj_min(a->text.len, (size_t)NJ_HTTP_WHY),
		a->text.len ? (const char *)a->text.data : "");
	for (char *c = a->why; *c; c++)
		if ((uint8_t)*c < ' ')
			*c = ' ';
	return NJ_HTTP_REFUSED;
}

enum nj_http_outcome
nj_http_post(struct nj_http *h, const struct nj_http_request *request,
	struct nj_http_answer *answer)
{
	const char *url = h->conf->urls[h->server];
	struct nj_buf whole = { 0 };
	CURLcode code;

	h->request = request;
	h->answer = answer;
	h->ended = false;
	h->error[0] = '\0';
	nj_buf_reset(&answer->text);
	answer->why[0] = '\0';
	if (!find_server(h, url))
		return NJ_HTTP_BROKEN;
	nj_buf_printf(
		&whole, "%s%s?", url, url[strlen(url) - 1] == '/' ? "" : "/");
	nj_buf_put(&whole, request->query.data, request->query.len);
	nj_buf_char(&whole, '\0');
	if (whole.bad) {
		nj_buf_free(&whole);
		return NJ_HTTP_BROKEN;
	}
	(void)curl_easy_setopt(h->curl, CURLOPT_URL, (char *)whole.data);
	(void)curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE,
		(curl_off_t)request->body.len);
	(void)curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS,
		request->body.data ? (const char *)request->body.data : "");
	code = curl_easy_perform(h->curl);
	nj_buf_free(&whole);
	return outcome(h, code);
}

unsigned
nj_http_server(const struct nj_http *h)
{
	return h->server;
}

void
nj_http_next_server(struct nj_http *h)
{
	h->server = (h->server + 1) % h->conf->url_count;
}

void
nj_http_param(struct nj_buf *out, const char *name, struct nj_view value)
{
	nj_buf_printf(out, "%s=", name);
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.data[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z') || c == '_' || c == '.';

		nj_buf_printf(out, plain ? "%c" : "%%%02X", c);
	}
	nj_buf_char(out, '&');
}

/* ---- Beginning and end ---- */

static bool
add_header(struct nj_http *h, const char *name, const char *value)
{
	struct nj_buf line = { 0 };
	struct curl_slist *more = NULL;

	nj_buf_printf(&line, "%s: %s", name, value);
	nj_buf_char(&line, '\0');
	if (!line.bad)
		more = curl_slist_append(h->headers, (char *)line.data);
	nj_buf_free(&line);
	if (more)
		h->headers = more;
	return more != NULL;
}

static bool
set_headers(struct nj_http *h)
{
	/* "Expect" would cost a round trip for each batch. */
	return add_header(h, "X-ClickHouse-User", h->conf->user) &&
	       (!h->conf->password[0] ||
		       add_header(h, "X-ClickHouse-Key", h->conf->password)) &&
	       add_header(h, "Expect", "") &&
	       add_header(h, "Content-Type", "application/octet-stream");
}

static void
set_options(struct nj_http *h)
{
	CURL *c = h->curl;
	long verify = h->conf->tls_verify ? 1 : 0;

	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(c, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(c, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, h->headers);
	(void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	(void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	(void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)SILENT_S);
	(void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->error);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	(void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	(void)curl_easy_setopt(c, CURLOPT_XFERINFODATA, h);
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, verify);
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2 * verify);
	if (h->conf->ca_file[0])
		(void)curl_easy_setopt(c, CURLOPT_CAINFO, h->conf->ca_file);
}

static void
init_library(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum nj_err
nj_http_create(struct nj_http **out, const struct nj_http_conf *conf)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct nj_http *h = calloc(1, sizeof(*h));

	*out = NULL;
	(void)pthread_once(&once, init_library);
	if (!h)
		return NJ_E_NOMEM;
	h->conf = conf;
	h->curl = curl_easy_init();
	if (!h->curl || !set_headers(h)) {
		nj_http_destroy(&h);
		return NJ_E_NOMEM;
	}
	set_options(h);
	*out = h;
	return NJ_OK;
}

void
nj_http_destroy(struct nj_http **h)
{
	if (!*h)
		return;
	curl_easy_cleanup((*h)->curl);
	curl_slist_free_all((*h)->headers);
	curl_slist_free_all((*h)->resolve);
	free(*h);
	*h = NULL;
}
