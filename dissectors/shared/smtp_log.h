/*
 * smtp_log.h - the smtp log: one mail transaction, from the envelope and from
 * the header of the mail (RFC 5321, RFC 5322).
 */
#ifndef NJ_DISSECTORS_SHARED_SMTP_LOG_H
#define NJ_DISSECTORS_SHARED_SMTP_LOG_H

#include "dissectors/shared/pad.h"
#include "dissectors/shared/software.h"
#include "engine/crypt/hash.h"

#define SMTP(F, tag)                                                           \
	F(tag, 1, U64, trans_depth, 0, "The how manieth of its connection")    \
	F(tag, 2, STR, helo, NJ_INDEX | NJ_LEARN, "Name the client gave")      \
	F(tag, 3, STR, mailfrom, NJ_INDEX | NJ_PII, "Envelope: sender")        \
	F(tag, 4, VSTR, rcptto, NJ_INDEX | NJ_PII, "Envelope: recipients")     \
	F(tag, 5, STR, date, 0, "Date header")                                 \
	F(tag, 6, STR, from, NJ_INDEX | NJ_PII, "From header")                 \
	F(tag, 7, VSTR, to, NJ_INDEX | NJ_PII, "To header")                    \
	F(tag, 8, VSTR, cc, NJ_INDEX | NJ_PII, "Cc header")                    \
	F(tag, 9, STR, reply_to, NJ_PII, "Reply-To header")                    \
	F(tag, 10, STR, msg_id, NJ_INDEX, "Message-ID header")                 \
	F(tag, 11, STR, in_reply_to, NJ_INDEX, "In-Reply-To header")           \
	F(tag, 12, STR, subject, NJ_PII, "Subject header")                     \
	F(tag, 13, ADDR, x_originating_ip, NJ_INDEX, "X-Originating-IP")       \
	F(tag, 14, STR, first_received, 0, "Received header, the last one")    \
	F(tag, 15, STR, second_received, 0, "The one before it")               \
	F(tag, 16, STR, last_reply, NJ_LEARN, "Last words of the server")      \
	F(tag, 17, VADDR, path, 0, "Hosts that the mail passed")               \
	F(tag, 18, STR, user_agent, NJ_INDEX | NJ_LEARN, "Mail program")       \
	F(tag, 19, BOOL, tls, NJ_LEARN, "The connection went over to TLS")     \
	F(tag, 20, VSTR, fuids, NJ_INDEX, "Ids of the mail's files")           \
	F(tag, 21, BOOL, is_webmail, 0, "The mail program is a web site")      \
	F(tag, 22, STR, username, NJ_INDEX | NJ_PII, "Name of the login")      \
	F(tag, 23, BOOL, password_seen, NJ_OPT, "A password came in clear")    \
	F(tag, 24, STR, auth_mechanism, NJ_LEARN, "How the login was made")    \
	F(tag, 25, BOOL, auth_success, NJ_OPT, "Whether the login worked")

NJ_EVENT_DECLARE(smtp, SMTP);

struct nj_urls;

enum { NJ_SMTP_PATH_MAX = 32, NJ_SMTP_TEXT_MAX = 96 * 1024 };

/* What EVE tells besides; only kept where that is wanted. */
struct nj_smtp_eve {
	struct nj_view from; /* as sent */
	struct nj_pad_item *to, *attachments, *received;
	struct nj_pad_item *found; /* URLs in its texts */
	struct nj_urls *urls;      /* in the pad, or NULL: none so far */
	unsigned found_count;
	struct nj_hasher body; /* the contents behind the header */
	bool begun;            /* the contents */
	bool due;              /* the record is out, the event is not */
	bool in_body;
};

struct nj_smtp_mail {
	struct nj_pad pad;
	int64_t ts;
	bool active; /* the client did something that is worth a record */
	bool bad_from;
	struct nj_view mailfrom, date, from, reply_to, msg_id, in_reply_to;
	struct nj_view subject, received, received_before, last_reply, agent;
	struct nj_addr x_originating_ip;
	struct nj_pad_item *rcptto, *to, *cc, *fuids;
	struct nj_smtp_eve eve;
	struct nj_addr path[NJ_SMTP_PATH_MAX];
	unsigned path_count;
};

/* NULL when there is no memory. */
struct nj_smtp_mail *nj_smtp_mail_open(struct nj_dctx *d);
/* The address in "FROM:<a@b> ..." or "TO:..."; empty when there is none. */
struct nj_view nj_smtp_address(struct nj_view arg);
/* One field of the mail's own header. */
void nj_smtp_mail_header(struct nj_smtp_mail *m, struct nj_dctx *d,
	struct nj_view name, struct nj_view value);
/* Fills in what the mail knows; ev keeps views into it and the arena. */
void nj_smtp_mail_fill(
	struct nj_smtp_mail *m, struct nj_dctx *d, struct smtp_event *ev);
/* A client says hello: what the server said before that may name its program.
 * m may be NULL. */
void nj_smtp_greeted(const struct nj_smtp_mail *m, struct nj_dctx *d);
void nj_smtp_mail_free(struct nj_smtp_mail *m, struct nj_dctx *d);
/* The address of the host that a Received header tells of; family 0: none. */
struct nj_addr nj_smtp_received_from(struct nj_view value);

#endif
