/*
 * smtp_eve.h - EVE's smtp events, and what fileinfo events tell of a mail.
 */
#ifndef NJ_DISSECTORS_SHARED_SMTP_EVE_H
#define NJ_DISSECTORS_SHARED_SMTP_EVE_H

#include "dissectors/shared/file_eve.h"
#include "dissectors/shared/smtp_log.h"

extern const struct nj_event_desc eve_smtp_desc;

/* All do nothing unless the event is wanted. */

/* What stands behind "FROM:" or "TO:". */
void nj_smtp_eve_from(
	struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view arg);
void nj_smtp_eve_to(
	struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view arg);
/* A part with a name begins. */
void nj_smtp_eve_part(
	struct nj_smtp_mail *m, struct nj_dctx *d, const struct nj_file *f);
/* A piece of one of the mail's texts, decoded; the part it was of ends. */
void nj_smtp_eve_text(
	struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view v);
void nj_smtp_eve_text_end(struct nj_smtp_mail *m, struct nj_dctx *d);
/* Contents as sent, a line, or a piece of one with end NULL. */
void nj_smtp_eve_line(struct nj_smtp_mail *m, struct nj_dctx *d,
	struct nj_view v, const char *end);
/* A Received field, from the last host to the first. */
void nj_smtp_eve_received(
	struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view value);
/* Emits the event of the mail. */
void nj_smtp_eve_emit(
	const struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view helo);
/* What is known of the mail so far, for a file that it carries. */
void nj_smtp_eve_about(const struct nj_smtp_mail *m, struct nj_dctx *d,
	struct nj_view helo, struct nj_file_about *about);

#endif
