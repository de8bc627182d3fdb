/*
 * smtp_text.h - the words and numbers of SMTP's lines (RFC 5321), which
 * reply is whose, and whether it is SMTP at all.
 */
#ifndef NJ_DISSECTORS_SHARED_SMTP_TEXT_H
#define NJ_DISSECTORS_SHARED_SMTP_TEXT_H

#include "engine/dissect/dissector.h"

enum nj_smtp_command {
	NJ_SMTP_UNKNOWN,
	NJ_SMTP_CONNECT, /* the greeting's */
	NJ_SMTP_EHLO,
	NJ_SMTP_HELO,
	NJ_SMTP_LHLO,
	NJ_SMTP_MAIL,
	NJ_SMTP_RCPT,
	NJ_SMTP_DATA,
	NJ_SMTP_BDAT,
	NJ_SMTP_RSET,
	NJ_SMTP_QUIT,
	NJ_SMTP_VRFY,
	NJ_SMTP_EXPN,
	NJ_SMTP_HELP,
	NJ_SMTP_NOOP,
	NJ_SMTP_AUTH,
	NJ_SMTP_STARTTLS,
	NJ_SMTP_TURN,
	NJ_SMTP_ETRN,
	NJ_SMTP_SEND,
	NJ_SMTP_SOML,
	NJ_SMTP_SAML,
	NJ_SMTP_LAST,
	NJ_SMTP_DOT = NJ_SMTP_LAST, /* the end of data */
	NJ_SMTP_BDAT_LAST,
	NJ_SMTP_ANSWER /* a login's next line */
};

/* Which command a word is. */
enum nj_smtp_command nj_smtp_command(struct nj_view word);
/* Does the line begin as replies do? With which code? */
NJ_MUST_USE bool nj_smtp_reply(struct nj_view line, unsigned *code);
/* Is it a code of RFC 5321, or of one of its extensions? */
bool nj_smtp_is_known(unsigned code);

/* Commands that wait for their replies, in order; those beyond its size are
 * not in it. */
enum { NJ_SMTP_QUEUE_MAX = 128 };
struct nj_smtp_queue {
	unsigned first, count;
	uint8_t list[NJ_SMTP_QUEUE_MAX];
};
void nj_smtp_queue_add(struct nj_smtp_queue *q, enum nj_smtp_command c);
/* NJ_SMTP_UNKNOWN when there is none. */
enum nj_smtp_command nj_smtp_queue_take(struct nj_smtp_queue *q);

/* Is it SMTP at all, by the first bytes of a side? */
enum { NJ_SMTP_JUDGED_MAX = 1024 }; /* of a first line */
enum nj_verdict nj_smtp_judge(
	uint16_t resp_port, enum nj_dir dir, struct nj_view v);

#endif
