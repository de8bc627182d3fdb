/*
 * smtp_eve.c - EVE's smtp events.
 */
#include "dissectors/shared/smtp_eve.h"

#include "dissectors/shared/odd_eve.h"
#include "dissectors/shared/urls.h"

#define EVE_SMTP(F, tag)                                                       \
	F(tag, 1, STR, smtp, NJ_JSON, "helo, mail_from and rcpt_to, as sent")  \
	F(tag, 2, STR, email, NJ_JSON,                                         \
		"status, from, to, cc, subject, date, message_id, x_mailer, "  \
		"received, attachment and url of the mail; subject_md5 and "   \
		"body_md5")

NJ_EVENT_STRUCT_(eve_smtp, EVE_SMTP);
NJ_EVENT_DEFINE(eve_smtp, EVE_SMTP, NJ_EV_EVE, "One mail transaction");

enum { RECEIVED_BYTES = 1024, URLS_MAX = 64 };
enum { JSON_BYTES = 24 * 1024 };

/* The path of a command: up to its parameters. */
static struct nj_view
path_of(struct nj_view arg)
{
	struct nj_view v = nj_view_trim(arg);

	return nj_sub(v, 0, nj_view_chr(v, ' '));
}

void
nj_smtp_eve_from(struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view arg)
{
	if (nj_wanted(d, &eve_smtp_desc))
		m->eve.from = nj_pad_text(&m->pad, d, path_of(arg));
}

void
nj_smtp_eve_to(struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view arg)
{
	if (nj_wanted(d, &eve_smtp_desc))
		nj_pad_list_add(&m->pad, d, &m->eve.to, path_of(arg));
}

void
nj_smtp_eve_part(
	struct nj_smtp_mail *m, struct nj_dctx *d, const struct nj_file *f)
{
	struct nj_view name = { f->name, f->name_len };

	if (!name.len || !nj_wanted(d, &eve_smtp_desc))
		return;
	/* Told of when the server acknowledges it: its side comes first. */
	if (name.len > NJ_EVE_MAIL_NAME_MAX)
		nj_odd_eve(d, "smtp", "MIME_LONG_FILENAME", NJ_RESP);
	nj_pad_list_add(&m->pad, d, &m->eve.attachments,
		nj_sub(name, 0, NJ_EVE_MAIL_NAME_MAX));
}

struct finder {
	struct nj_smtp_mail *m;
	struct nj_dctx *d;
};

static void
found(void *ctx, struct nj_view url)
{
	struct finder *to = ctx;
	struct nj_smtp_eve *eve = &to->m->eve;

	if (eve->found_count == URLS_MAX)
		return;
	eve->found_count++;
	nj_pad_list_add(&to->m->pad, to->d, &eve->found, url);
}

void
nj_smtp_eve_text(struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view v)
{
	struct finder to = { m, d };

	if (m->eve.found_count == URLS_MAX || !nj_wanted(d, &eve_smtp_desc))
		return;
	if (!m->eve.urls) {
		m->eve.urls = nj_pad_alloc(&m->pad, d, sizeof(*m->eve.urls));
		if (!m->eve.urls)
			return;
		memset(m->eve.urls, 0, sizeof(*m->eve.urls));
	}
	nj_urls_find(m->eve.urls, v, found, &to);
}

void
nj_smtp_eve_text_end(struct nj_smtp_mail *m, struct nj_dctx *d)
{
	struct finder to = { m, d };

	if (m->eve.urls)
		nj_urls_end(m->eve.urls, found, &to);
}

/* The header ends with the first empty line. */
void
nj_smtp_eve_line(struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view v,
	const char *end)
{
	if (!nj_wanted(d, &eve_smtp_desc))
		return;
	if (m->eve.in_body) {
		nj_hasher_add(&m->eve.body, v);
		nj_hasher_add(&m->eve.body, nj_str(end));
	} else if (!v.len && end) {
		m->eve.in_body = true;
		nj_hasher_start(&m->eve.body, NJ_HASH_MD5);
	}
}

void
nj_smtp_eve_received(
	struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view value)
{
	if (nj_wanted(d, &eve_smtp_desc))
		nj_pad_list_add(&m->pad, d, &m->eve.received,
			nj_sub(value, 0, RECEIVED_BYTES));
}

static void
put_text(struct nj_json *j, const char *key, struct nj_view v)
{
	if (v.len)
		nj_json_str(j, key, v);
}

static void
put_texts(struct nj_json *j, const char *key, const struct nj_vstr *v)
{
	if (!v->n)
		return;
	nj_json_arr(j, key);
	for (uint32_t i = 0; i < v->n; i++) {
		nj_json_str(j, NULL, v->v[i]);
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

static void
put_md5(struct nj_json *j, const char *key, struct nj_hasher h)
{
	uint8_t sum[NJ_SHA256_BYTES];
	char text[2 * NJ_MD5_BYTES];

	(void)nj_hasher_end(&h, sum);
	nj_hex((struct nj_view){ sum, NJ_MD5_BYTES }, text);
	nj_json_str(j, key,
		(struct nj_view){ (const uint8_t *)text, sizeof(text) });
}

static void
put_md5s(struct nj_json *j, const struct nj_smtp_mail *m)
{
	struct nj_hasher h;

	if (m->subject.len) {
		nj_hasher_start(&h, NJ_HASH_MD5);
		nj_hasher_add(&h, m->subject);
		put_md5(j, "subject_md5", h);
	}
	if (m->eve.in_body)
		put_md5(j, "body_md5", m->eve.body);
}

/* The last one that was found comes first. */
static void
put_urls(struct nj_json *j, const struct nj_pad_item *list)
{
	if (!list)
		return;
	nj_json_arr(j, "url");
	for (; list; list = list->next) {
		nj_json_str(j, NULL, list->text);
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

static struct nj_view
envelope(const struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view helo)
{
	struct nj_vstr to = nj_pad_list_vector(d, m->eve.to);
	struct nj_json j;

	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_obj(&j, NULL);
	put_text(&j, "helo", helo);
	put_text(&j, "mail_from", m->eve.from);
	put_texts(&j, "rcpt_to", &to);
	return nj_arena_json_end(d, &j);
}

/* Of a mail whose contents have begun; all: they have ended. */
static struct nj_view
contents(const struct nj_smtp_mail *m, struct nj_dctx *d, bool all)
{
	struct nj_vstr to = nj_pad_list_vector(d, m->to);
	struct nj_vstr cc = nj_pad_list_vector(d, m->cc);
	struct nj_vstr received = nj_pad_list_vector(d, m->eve.received);
	struct nj_vstr parts = nj_pad_list_vector(d, m->eve.attachments);
	struct nj_json j;

	if (!m->eve.begun)
		return (struct nj_view){ 0 };
	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_obj(&j, NULL);
	nj_json_text(&j, "status", "PARSE_DONE");
	put_text(&j, "from", m->from);
	put_text(&j, "subject", m->subject);
	put_text(&j, "date", m->date);
	put_text(&j, "message_id", m->msg_id);
	put_text(&j, "x_mailer", m->agent);
	(void)nj_json_keep(&j);
	put_texts(&j, "to", &to);
	put_texts(&j, "cc", &cc);
	put_texts(&j, "received", &received);
	put_texts(&j, "attachment", &parts);
	put_urls(&j, m->eve.found);
	if (all)
		put_md5s(&j, m);
	return nj_arena_json_end(d, &j);
}

void
nj_smtp_eve_emit(
	const struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view helo)
{
	size_t mark = nj_arena_mark(d);
	struct eve_smtp_event ev;

	if (!nj_wanted(d, &eve_smtp_desc))
		return;
	ev = (struct eve_smtp_event){ .smtp = envelope(m, d, helo),
		.email = contents(m, d, true) };
	(void)nj_emit_dir(d, &eve_smtp_desc, &ev, NJ_ORIG);
	nj_arena_release(d, mark);
}

void
nj_smtp_eve_about(const struct nj_smtp_mail *m, struct nj_dctx *d,
	struct nj_view helo, struct nj_file_about *about)
{
	about->smtp = envelope(m, d, helo);
	about->email = contents(m, d, false);
}
