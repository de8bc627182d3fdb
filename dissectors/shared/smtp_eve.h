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
