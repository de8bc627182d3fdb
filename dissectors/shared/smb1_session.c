/*
 * smb1_session.c - how a connection of SMB 1 begins (MS-CIFS 2.2.4.52 to
 * 2.2.4.55, MS-SMB 2.2.4.5 to 2.2.4.7): dialect, log-in, shares.
 */
#include "dissectors/shared/smb1.h"

enum {
	SECURITY_SIGNING_REQUIRED = 8,
	ACTION_GUEST = 1,
	EXTENDED_SECURITY = (int)0x80000000,
	DIALECTS_MAX = 64,
	DIALECT_BYTES = 64,
	STATUS_MORE_PROCESSING = (int)0xc0000016
};

void
nj_smb1_negotiate_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	nj_smb_text_set(x->d, &op->text, nj_cur_rest(&x->bytes));
}

void
nj_smb1_negotiate_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	uint16_t chosen = nj_cur_le16(&x->words);
	uint8_t mode = nj_cur_u8(&x->words);
	struct nj_view list = nj_smb_view(&op->text);

	if (x->word_count < 13)
		mode = 0;
	if (mode & SECURITY_SIGNING_REQUIRED)
		x->s->signing = true;
	/* Limits, the key of the session, then what the server can do; such a
	 * server's id stands before its token. */
	nj_cur_skip(&x->words, 16);
	if (x->word_count == 17 && nj_cur_le32(&x->words) & EXTENDED_SECURITY) {
		nj_cur_skip(&x->bytes, 16);
		nj_smb_token(x->s, x->d, x->m, nj_cur_rest(&x->bytes));
	}
	for (unsigned i = 0; i < DIALECTS_MAX && list.len; i++) {
		size_t n = nj_view_chr(list, 0);

		n = nj_min(n, list.len);
		/* Each is a 2, the name and a 0. */
		if (i == chosen)
			nj_smb_text_set(x->d, &x->s->dialect1,
				nj_sub(list, 1, nj_min(n, DIALECT_BYTES) - 1));
		list = nj_sub(list, n + 1, list.len);
	}
	nj_smb_text_drop(x->d, &op->text);
}

/* What both sides call themselves. */
static void
native(struct nj_smb1 *x, struct nj_smb_text *os, struct nj_smb_text *lm)
{
	nj_smb_text_set(x->d, os, nj_smb1_string(x, x->m->unicode));
	nj_smb_text_set(x->d, lm, nj_smb1_string(x, x->m->unicode));
}

void
nj_smb1_setup_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	uint16_t len1, len2 = 0;

	if (x->word_count != 12 && x->word_count != 13)
		return;
	nj_cur_skip(&x->words, 10);
	len1 = nj_cur_le16(&x->words);
	if (x->word_count == 13)
		len2 = nj_cur_le16(&x->words);
	if (x->word_count == 12)
		nj_smb_token(x->s, x->d, x->m,
			nj_sub(nj_cur_rest(&x->bytes), 0, len1));
	else
		/* The log-in that goes on is this one, without tokens. */
		nj_gss_end(&x->s->gss, x->d);
	nj_cur_skip(&x->bytes, (size_t)len1 + len2);
	if (x->words.bad || x->bytes.bad)
		return;
	if (x->word_count == 13) {
		nj_smb_text_set(
			x->d, &x->s->user, nj_smb1_string(x, x->m->unicode));
		nj_smb_text_set(
			x->d, &x->s->domain, nj_smb1_string(x, x->m->unicode));
		op->info = 1;
	}
	native(x, &x->s->native_os, &x->s->native_lm);
}

void
nj_smb1_setup_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_smb_session *se;
	uint16_t action = 0, len = 0;
	bool more = x->m->status == (uint32_t)STATUS_MORE_PROCESSING;

	if (!x->m->status || more) {
		action = nj_cur_le16(&x->words);
		if (x->words.bad)
			return;
		if (x->word_count == 4)
			len = nj_cur_le16(&x->words);
		nj_smb_token(x->s, x->d, x->m, nj_cur_take(&x->bytes, len));
		native(x, &x->s->server_os, &x->s->server_lm);
	}
	if (more)
		return;
	se = nj_smb_session_judge(x->s, x->d, x->m, op);
	if (!se)
		return;
	se->guest = action & ACTION_GUEST;
	if (op->info) {
		se->anonymous = !se->user.len;
		se->method = "NTLM";
	}
}

void
nj_smb1_tree_request(struct nj_smb1 *x, struct nj_smb_op *op)
{
	uint16_t password;

	nj_cur_skip(&x->words, 2);
	password = nj_cur_le16(&x->words);
	nj_cur_skip(&x->bytes, password);
	if (x->words.bad || x->bytes.bad)
		return;
	nj_smb_text_set(x->d, &op->text, nj_smb1_string(x, x->m->unicode));
}

void
nj_smb1_tree_response(struct nj_smb1 *x, struct nj_smb_op *op)
{
	struct nj_view service = nj_smb1_string(x, false);
	struct nj_view fs = nj_smb1_string(x, x->m->unicode);
	struct nj_smb_tree *t;

	t = nj_smb_tree_add(x->s, x->d, op->session, x->m->tree);
	if (!t)
		return;
	t->share = NJ_SMB_DISK;
	if (nj_view_eq(service, NJ_LIT("IPC")))
		t->share = NJ_SMB_PIPE;
	if (nj_view_starts(service, NJ_LIT("LPT")))
		t->share = NJ_SMB_PRINT;
	service = nj_sub(service, 0, sizeof(t->service) - 1);
	if (service.len)
		memcpy(t->service, service.data, service.len);
	t->path = op->text;
	op->text = (struct nj_smb_text){ 0 };
	op->tree = x->m->tree;
	nj_smb_log_mapping(x->s, x->d, t, fs);
}

void
nj_smb1_after(struct nj_smb1 *x, struct nj_smb_op *op)
{
	bool good = !x->m->status;

	switch (x->m->command) {
	case NJ_SMB1_SESSION_SETUP_ANDX:
		if (!good && x->m->status != (uint32_t)STATUS_MORE_PROCESSING)
			nj_smb_session_drop(x->s, x->d, x->m->session);
		break;
	case NJ_SMB1_LOGOFF_ANDX:
		if (good)
			nj_smb_session_drop(x->s, x->d, op->session);
		break;
	case NJ_SMB1_TREE_DISCONNECT:
		if (good)
			nj_smb_tree_drop(x->s, x->d, op->session, op->tree);
		break;
	case NJ_SMB1_CLOSE:
		nj_smb1_closed(x, op);
		break;
	default:
		break;
	}
}
