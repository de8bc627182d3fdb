/*
 * smb_eve.c - SMB as Suricata's EVE JSON tells it: one event for each command
 * and its answer, but for reads and writes one for each file, and what goes
 * through a pipe one for each remote procedure call.
 */
#include "dissectors/shared/smb_log.h"
#include "dissectors/shared/smb1.h"
#include "dissectors/shared/smb2.h"

#define EVE_SMB(F, tag)                                                        \
	F(tag, 1, U32, smb__id, NJ_OPT, "Number of the transaction")           \
	F(tag, 2, STR, smb__dialect, 0, "Version of SMB")                      \
	F(tag, 3, STR, smb__command, 0, "Command")                             \
	F(tag, 4, STR, smb__status, 0, "Answer")                               \
	F(tag, 5, STR, smb__status_code, 0, "Answer as a number")              \
	F(tag, 6, U64, smb__session_id, NJ_OPT, "Number of the session")       \
	F(tag, 7, U32, smb__tree_id, NJ_OPT, "Number of the tree")             \
	F(tag, 8, STR, smb__filename, 0, "Name of the file")                   \
	F(tag, 9, STR, smb__share, 0, "Share of files that is connected to")   \
	F(tag, 10, STR, smb__named_pipe, 0, "Share of pipes")                  \
	F(tag, 11, STR, smb__disposition, 0, "What to do if it is there")      \
	F(tag, 12, STR, smb__access, 0, "normal or delete on close")           \
	F(tag, 13, I64, smb__created, NJ_OPT, "Created, seconds since 1970")   \
	F(tag, 14, I64, smb__accessed, NJ_OPT, "Last accessed")                \
	F(tag, 15, I64, smb__modified, NJ_OPT, "Contents last written")        \
	F(tag, 16, I64, smb__changed, NJ_OPT, "Attributes last written")       \
	F(tag, 17, U64, smb__size, NJ_OPT, "Size of the file")                 \
	F(tag, 18, STR, smb__fuid, 0, "The server's id of the file")           \
	F(tag, 19, STR, smb__rename__from, 0, "Former name")                   \
	F(tag, 20, STR, smb__rename__to, 0, "New name")                        \
	F(tag, 21, STR, smb__ntlmssp__domain, 0, "Domain of the user")         \
	F(tag, 22, STR, smb__ntlmssp__user, 0, "User who logs in")             \
	F(tag, 23, STR, smb__ntlmssp__host, 0, "Machine of the client")        \
	F(tag, 24, STR, smb__ntlmssp__version, 0, "Windows of the client")     \
	F(tag, 25, STR, smb__request__native_os, 0, "The client's system")     \
	F(tag, 26, STR, smb__request__native_lm, 0, "The client's SMB")        \
	F(tag, 27, STR, smb__response__native_os, 0, "The server's system")    \
	F(tag, 28, STR, smb__response__native_lm, 0, "The server's SMB")       \
	F(tag, 29, STR, smb__dcerpc__request, 0, "Kind of request")            \
	F(tag, 30, U16, smb__dcerpc__opnum, NJ_OPT, "Operation")               \
	F(tag, 31, U32, smb__dcerpc__req__frag_cnt, NJ_OPT, "Fragments sent")  \
	F(tag, 32, U32, smb__dcerpc__req__stub_data_size, NJ_OPT,              \
		"Bytes sent")                                                  \
	F(tag, 33, STR, smb__dcerpc__response, 0, "Kind of response")          \
	F(tag, 34, U32, smb__dcerpc__res__frag_cnt, NJ_OPT, "Fragments got")   \
	F(tag, 35, U32, smb__dcerpc__res__stub_data_size, NJ_OPT, "Bytes got") \
	F(tag, 36, STR, smb__dcerpc__interfaces, NJ_JSON, "Interfaces")        \
	F(tag, 37, U32, smb__dcerpc__call_id, NJ_OPT, "Number of the call")

NJ_EVENT_STRUCT_(eve_smb, EVE_SMB);
NJ_EVENT_DEFINE(eve_smb, EVE_SMB, NJ_EV_EVE, "A command of SMB and its answer");

/* What events do not come of by themselves. */
static bool
is_quiet(const struct nj_smb_msg *m, const struct nj_smb_op *op)
{
	if (m->version == 1)
		return m->command == NJ_SMB1_READ_ANDX ||
		       m->command == NJ_SMB1_WRITE_ANDX ||
		       m->command == NJ_SMB1_READ ||
		       m->command == NJ_SMB1_WRITE ||
		       m->command == NJ_SMB1_TRANSACTION ||
		       (m->command == NJ_SMB1_TRANSACTION2 &&
			       (!op || (op->action != NJ_SMB_FILE_DELETE &&
					       op->action !=
						       NJ_SMB_FILE_RENAME)));
	switch (m->command) {
	case NJ_SMB2_READ:
	case NJ_SMB2_WRITE:
	case NJ_SMB2_QUERY_INFO:
		return true;
	case NJ_SMB2_SET_INFO:
		return !op || (op->action != NJ_SMB_FILE_DELETE &&
				      op->action != NJ_SMB_FILE_RENAME);
	case NJ_SMB2_IOCTL: /* a call tells of itself */
		return op && op->action == NJ_SMB_PIPE_WRITE;
	default:
		return false;
	}
}

/* Something else than calls is written to a pipe; transactions do not tell. */
static bool
is_other_talk(struct nj_smb *s, const struct nj_smb_msg *m,
	const struct nj_smb_op *op)
{
	const struct nj_smb_file *f =
		op && op->has_file && op->action == NJ_SMB_PIPE_WRITE
			? nj_smb_file_find(s, op->fid)
			: NULL;

	return f && f->rpc && f->rpc->dead && !f->rpc->confirmed &&
	       m->version == 2 && m->command == NJ_SMB2_WRITE;
}

bool
nj_smb_eve_counts(const struct nj_smb_msg *m)
{
	return !is_quiet(m, NULL) ||
	       (m->version == 2 && m->command == NJ_SMB2_SET_INFO);
}

static struct nj_view
command_name(struct nj_dctx *d, uint8_t version, uint16_t command)
{
	static const char *const others[NJ_SMB2_COMMANDS] = {
		[NJ_SMB2_LOGOFF] = "SESSION_LOGOFF",
		[NJ_SMB2_ECHO] = "KEEPALIVE",
		[NJ_SMB2_QUERY_DIRECTORY] = "FIND",
		[NJ_SMB2_QUERY_INFO] = "GET_INFO"
	};
	const char *name = nj_smb_command_name(version, command);

	if (version == 2 && command < NJ_SMB2_COMMANDS && others[command])
		name = others[command];
	if (version == 1 && command == NJ_SMB1_NEGOTIATE)
		name = "NEGOTIATE_PROTOCOL";
	if (version == 1 && command == NJ_SMB1_TRANSACTION)
		name = "TRANS";
	if (version == 1 && command == NJ_SMB1_TRANSACTION2)
		name = "TRANS2";
	return nj_arena_printf(d, "SMB%u_COMMAND_%s", version, name);
}

static struct nj_view
fuid(struct nj_dctx *d, const struct nj_smb_fid *f)
{
	return nj_arena_printf(d, "%08x-%04x-%04x-%04x-%04x%08x",
		(unsigned)f->a, (unsigned)(f->a >> 32 & 0xffff),
		(unsigned)(f->a >> 48), (unsigned)(f->b & 0xffff),
		(unsigned)(f->b >> 16 & 0xffff), (unsigned)(f->b >> 32));
}

static int64_t
seconds(uint64_t filetime)
{
	return filetime ? (int64_t)(filetime / 10000000) - 11644473600 : 0;
}

static void
status(struct nj_dctx *d, struct eve_smb_event *ev, uint32_t code)
{
	const char *name = nj_smb_status_name(code);

	if (name)
		ev->smb__status = nj_arena_printf(d, "STATUS_%s", name);
	ev->smb__status_code = nj_arena_printf(d, "0x%x", code);
}

static void
head(struct nj_smb *s, struct nj_dctx *d, struct eve_smb_event *ev,
	uint64_t session, uint32_t tree)
{
	ev->smb__dialect = nj_smb_dialect_name(s);
	if (!ev->smb__dialect.len)
		ev->smb__dialect = NJ_LIT("unknown");
	nj_set(ev, eve_smb, smb__session_id, session);
	nj_set(ev, eve_smb, smb__tree_id, tree);
}

static void
file(struct nj_dctx *d, struct eve_smb_event *ev, const struct nj_smb_file *f,
	const struct nj_smb_op *op)
{
	ev->smb__filename = nj_smb_view(&f->name);
	ev->smb__fuid = fuid(d, &f->fid);
	ev->smb__access = f->delete_on_close ? NJ_LIT("delete on close")
					     : NJ_LIT("normal");
	ev->smb__disposition = nj_str(nj_smb_disposition(op->disposition));
	nj_set(ev, eve_smb, smb__created, seconds(f->times.created));
	nj_set(ev, eve_smb, smb__accessed, seconds(f->times.accessed));
	nj_set(ev, eve_smb, smb__modified, seconds(f->times.modified));
	nj_set(ev, eve_smb, smb__changed, seconds(f->times.changed));
	nj_set(ev, eve_smb, smb__size, f->size);
}

static void
by_action(struct nj_smb *s, struct nj_dctx *d, struct eve_smb_event *ev,
	const struct nj_smb_op *op)
{
	const struct nj_smb_file *f =
		op->has_file ? nj_smb_file_find(s, op->fid) : NULL;

	switch (op->action) {
	case NJ_SMB_FILE_OPEN:
	case NJ_SMB_PIPE_OPEN:
	case NJ_SMB_PRINT_OPEN:
		if (f) {
			file(d, ev, f, op);
			break;
		}
		ev->smb__filename = nj_smb_view(&op->text);
		ev->smb__disposition =
			nj_str(nj_smb_disposition(op->disposition));
		ev->smb__access = NJ_LIT("normal");
		break;
	case NJ_SMB_FILE_RENAME:
		if (!f)
			break;
		ev->smb__rename__from = nj_smb_view(&f->prev_name);
		ev->smb__rename__to = nj_smb_view(&f->name);
		break;
	case NJ_SMB_FILE_DELETE:
		ev->smb__filename = nj_smb_view(f ? &f->name : &op->text);
		ev->smb__access = NJ_LIT("delete on close");
		break;
	default:
		break;
	}
}

static void
login(struct nj_smb *s, struct nj_dctx *d, struct eve_smb_event *ev,
	const struct nj_smb_msg *m)
{
	const struct nj_smb_session *se = nj_smb_session_find(s, m->session);
	const uint8_t *v;

	if (m->version == 1) {
		ev->smb__request__native_os = nj_smb_view(&s->native_os);
		ev->smb__request__native_lm = nj_smb_view(&s->native_lm);
		ev->smb__response__native_os = nj_smb_view(&s->server_os);
		ev->smb__response__native_lm = nj_smb_view(&s->server_lm);
	}
	if (!se || !se->judged || !se->has_ntlm)
		return;
	ev->smb__ntlmssp__domain = nj_smb_view(&se->domain);
	ev->smb__ntlmssp__user = nj_smb_view(&se->user);
	ev->smb__ntlmssp__host = nj_smb_view(&se->host);
	v = se->ntlm_version;
	if (v[0])
		ev->smb__ntlmssp__version =
			nj_arena_printf(d, "%u.%u build %u rev %u", v[0], v[1],
				v[2] | v[3] << 8, v[7]);
}

static bool
is_setup(const struct nj_smb_msg *m)
{
	return m->version == 1 ? m->command == NJ_SMB1_SESSION_SETUP_ANDX
			       : m->command == NJ_SMB2_SESSION_SETUP;
}

static bool
is_tree(const struct nj_smb_msg *m)
{
	return m->version == 1 ? m->command == NJ_SMB1_TREE_CONNECT_ANDX
			       : m->command == NJ_SMB2_TREE_CONNECT;
}

void
nj_smb_eve(struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_msg *m,
	const struct nj_smb_op *op)
{
	struct eve_smb_event ev = { 0 };
	size_t mark = nj_arena_mark(d);
	const struct nj_smb_tree *t;

	if (!nj_wanted(d, &eve_smb_desc))
		return;
	if (is_quiet(m, op) && !is_other_talk(s, m, op))
		return;
	head(s, d, &ev, m->session, m->tree);
	status(d, &ev, m->status);
	ev.smb__command = command_name(d, m->version, m->command);
	if (op && op->number)
		nj_set(&ev, eve_smb, smb__id, op->number);
	if (is_setup(m))
		login(s, d, &ev, m);
	if (op)
		by_action(s, d, &ev, op);
	t = is_tree(m) ? nj_smb_tree_find(s, m->session, m->tree) : NULL;
	if (t && t->share == NJ_SMB_PIPE)
		ev.smb__named_pipe = nj_smb_view(&t->path);
	else if (t)
		ev.smb__share = nj_smb_view(&t->path);
	(void)nj_emit_dir(d, &eve_smb_desc, &ev, NJ_ORIG);
	nj_arena_release(d, mark);
}

void
nj_smb_eve_file(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_file *f, enum nj_dir dir)
{
	const struct nj_smb_tree *t = nj_smb_tree_find(s, f->session, f->tree);
	struct eve_smb_event ev = { 0 };
	size_t mark = nj_arena_mark(d);
	uint16_t command = dir == NJ_ORIG ? NJ_SMB2_WRITE : NJ_SMB2_READ;

	if (!nj_wanted(d, &eve_smb_desc))
		return;
	if (s->v1)
		command =
			dir == NJ_ORIG ? NJ_SMB1_WRITE_ANDX : NJ_SMB1_READ_ANDX;
	head(s, d, &ev, f->session, f->tree);
	status(d, &ev, 0);
	ev.smb__command = command_name(d, s->v1 ? 1 : 2, command);
	ev.smb__filename = nj_smb_view(&f->name);
	if (t)
		ev.smb__share = nj_smb_view(&t->path);
	ev.smb__fuid = fuid(d, &f->fid);
	(void)nj_emit_dir(d, &eve_smb_desc, &ev, NJ_ORIG);
	nj_arena_release(d, mark);
}

/* The call that r tells of, in the event of the command that carried it. */
static void
told(struct nj_rpc *r, struct nj_dctx *d, const struct eve_dcerpc_event *c)
{
	struct nj_smb *s = nj_state(d);
	const struct nj_smb_file *f = nj_smb_file_of_rpc(s, r);
	struct eve_smb_event ev = { 0 };

	if (!f)
		return;
	head(s, d, &ev, f->session, f->tree);
	status(d, &ev, 0);
	ev.smb__command = command_name(d, s->v1 ? 1 : 2, f->rpc_command);
	ev.smb__dcerpc__request = c->dcerpc__request;
	ev.smb__dcerpc__response = c->dcerpc__response;
	ev.smb__dcerpc__interfaces = c->dcerpc__interfaces;
	nj_set(&ev, eve_smb, smb__dcerpc__call_id, c->dcerpc__call_id);
	if (nj_has(c, eve_dcerpc, dcerpc__req__opnum)) {
		nj_set(&ev, eve_smb, smb__dcerpc__opnum, c->dcerpc__req__opnum);
		nj_set(&ev, eve_smb, smb__dcerpc__req__frag_cnt,
			c->dcerpc__req__frag_cnt);
		nj_set(&ev, eve_smb, smb__dcerpc__req__stub_data_size,
			c->dcerpc__req__stub_data_size);
	}
	if (nj_has(c, eve_dcerpc, dcerpc__res__frag_cnt)) {
		nj_set(&ev, eve_smb, smb__dcerpc__res__frag_cnt,
			c->dcerpc__res__frag_cnt);
		nj_set(&ev, eve_smb, smb__dcerpc__res__stub_data_size,
			c->dcerpc__res__stub_data_size);
	}
	(void)nj_emit_dir(d, &eve_smb_desc, &ev, NJ_ORIG);
}

void
nj_smb_eve_rpc(struct nj_dctx *d, struct nj_rpc *r)
{
	if (r && nj_wanted(d, &eve_smb_desc))
		r->told = told;
}
