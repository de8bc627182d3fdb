/*
 * smb_log.c - the records that come of SMB: files and shares with Zeek's names
 * (smb_files, smb_mapping, smb_cmd), and log-ins (smb_session, ours).
 */
#include <stdio.h>

#include "dissectors/shared/netbios.h"
#include "dissectors/shared/smb_log.h"
#include "engine/base/hash.h"

#define SMB_FILES(F, tag)                                                      \
	F(tag, 1, STR, fuid, NJ_INDEX, "Id of the file in the files log")      \
	F(tag, 2, STR, action, NJ_INDEX | NJ_LEARN, "What was done")           \
	F(tag, 3, STR, path, NJ_INDEX, "Share that the file lies on")          \
	F(tag, 4, STR, name, NJ_INDEX | NJ_PII, "Name of the file")            \
	F(tag, 5, U64, size, NJ_LEARN, "Size when it was opened")              \
	F(tag, 6, STR, prev_name, NJ_PII, "Name before it was renamed")        \
	F(tag, 7, TIME, times__modified, NJ_OPT, "Contents last written")      \
	F(tag, 8, TIME, times__accessed, NJ_OPT, "Last accessed")              \
	F(tag, 9, TIME, times__created, NJ_OPT, "Created")                     \
	F(tag, 10, TIME, times__changed, NJ_OPT, "Attributes last written")    \
	F(tag, 11, STR, user, NJ_INDEX | NJ_PII, "Who did it")                 \
	F(tag, 12, U64, bytes_read, NJ_LEARN, "Bytes read since the opening")  \
	F(tag, 13, U64, bytes_written, NJ_LEARN,                               \
		"Bytes written since the opening")

#define SMB_MAPPING(F, tag)                                                    \
	F(tag, 1, STR, path, NJ_INDEX, "Share that was connected to")          \
	F(tag, 2, STR, service, 0, "Kind of service that was asked for")       \
	F(tag, 3, STR, native_file_system, 0, "File system of the server")     \
	F(tag, 4, STR, share_type, NJ_INDEX | NJ_LEARN, "DISK, PIPE or PRINT") \
	F(tag, 5, STR, user, NJ_INDEX | NJ_PII, "Who connected")               \
	F(tag, 6, STR, dialect, NJ_LEARN, "Version of SMB")

#define SMB_CMD(F, tag)                                                        \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN, "Command")                \
	F(tag, 2, STR, sub_command, NJ_INDEX, "Of a transaction")              \
	F(tag, 3, STR, argument, 0, "What the command was given")              \
	F(tag, 4, STR, status, NJ_INDEX | NJ_LEARN, "Answer")                  \
	F(tag, 5, IVAL, rtt, NJ_OPT | NJ_LEARN, "Time to the answer")          \
	F(tag, 6, STR, version, NJ_INDEX, "SMB1 or SMB2")                      \
	F(tag, 7, STR, username, NJ_INDEX | NJ_PII, "Who asked")               \
	F(tag, 8, STR, tree, NJ_INDEX, "Share")                                \
	F(tag, 9, STR, tree_service, 0, "Kind of the share")                   \
	F(tag, 10, ADDR, referenced_file__id__orig_h, 0, "As id.orig_h")       \
	F(tag, 11, U16, referenced_file__id__orig_p, 0, "As id.orig_p")        \
	F(tag, 12, ADDR, referenced_file__id__resp_h, 0, "As id.resp_h")       \
	F(tag, 13, U16, referenced_file__id__resp_p, 0, "As id.resp_p")        \
	F(tag, 14, STR, referenced_file__action, 0, "What was done to it")     \
	F(tag, 15, STR, referenced_file__path, 0, "Share of the file")         \
	F(tag, 16, STR, referenced_file__name, NJ_INDEX | NJ_PII,              \
		"Name of the file")                                            \
	F(tag, 17, U64, referenced_file__size, 0, "Size when it was opened")   \
	F(tag, 18, STR, referenced_file__prev_name, NJ_PII, "Former name")     \
	F(tag, 19, STR, dialect, NJ_INDEX | NJ_LEARN, "Version of SMB")        \
	F(tag, 20, U64, session_id, 0, "Number of the session")                \
	F(tag, 21, U32, tree_id, 0, "Number of the tree")                      \
	F(tag, 22, U64, message_id, 0, "Number of the message")                \
	F(tag, 23, U32, status_code, 0, "Answer as a number")                  \
	F(tag, 24, STR, file_id, 0, "The server's id of the file")             \
	F(tag, 25, STR, disposition, 0, "What to do if it is there, or not")   \
	F(tag, 26, U32, access, NJ_OPT, "Access that was asked for")           \
	F(tag, 27, U32, options, NJ_OPT, "Options of the opening")             \
	F(tag, 28, U64, offset, NJ_OPT, "Where was read or written")           \
	F(tag, 29, U64, length, NJ_OPT | NJ_LEARN, "How much")                 \
	F(tag, 30, U64, bytes_read, NJ_OPT | NJ_LEARN,                         \
		"Of the file, when it is closed")                              \
	F(tag, 31, U64, bytes_written, NJ_OPT | NJ_LEARN,                      \
		"Of the file, when it is closed")                              \
	F(tag, 32, BOOL, is_signed, 0, "The answer is signed")

#define SMB_SESSION(F, tag)                                                    \
	F(tag, 1, STR, dialect, NJ_INDEX | NJ_LEARN, "Version of SMB")         \
	F(tag, 2, STR, user, NJ_INDEX | NJ_PII, "Who logged in")               \
	F(tag, 3, STR, domain, NJ_INDEX, "Domain of the user")                 \
	F(tag, 4, STR, host, NJ_INDEX, "Name the client gave itself")          \
	F(tag, 5, STR, method, NJ_INDEX | NJ_LEARN, "How")                     \
	F(tag, 6, STR, status, NJ_INDEX | NJ_LEARN, "What the server said")    \
	F(tag, 7, BOOL, guest, NJ_LEARN, "As a guest, or nobody")              \
	F(tag, 8, BOOL, signing_required, NJ_LEARN,                            \
		"One side insists on signatures")                              \
	F(tag, 9, BOOL, signing, NJ_LEARN, "Messages are signed")              \
	F(tag, 10, BOOL, encrypted, NJ_INDEX | NJ_LEARN,                       \
		"Messages are encrypted")                                      \
	F(tag, 11, IVAL, duration, 0, "Until the log-off, or the end")         \
	F(tag, 12, U64, bytes_read, NJ_LEARN, "Bytes read from files")         \
	F(tag, 13, U64, bytes_written, NJ_LEARN, "Bytes written to files")     \
	F(tag, 14, U32, opened, NJ_LEARN, "Files opened")                      \
	F(tag, 15, U32, renamed, NJ_LEARN, "Files renamed")                    \
	F(tag, 16, U32, deleted, NJ_LEARN, "Files deleted")                    \
	F(tag, 17, STR, native_os, NJ_INDEX, "What the client runs on")        \
	F(tag, 18, STR, native_lm, 0, "What the client's SMB is")              \
	F(tag, 19, U64, session_id, 0, "Number of the session")                \
	F(tag, 20, STR, cipher, NJ_LEARN, "Cipher that was agreed on")         \
	F(tag, 21, STR, client_guid, NJ_INDEX, "The client's id of itself")    \
	F(tag, 22, STR, server_guid, NJ_INDEX, "The server's id of itself")

#define NBSS(F, tag)                                                           \
	F(tag, 1, STR, called_name, NJ_INDEX, "NetBIOS name of the server")    \
	F(tag, 2, STR, calling_name, NJ_INDEX, "NetBIOS name of the client")   \
	F(tag, 3, BOOL, accepted, NJ_OPT | NJ_INDEX, "Did the server agree?")  \
	F(tag, 4, STR, error, NJ_INDEX, "Why not")

NJ_EVENT_STRUCT_(nbss, NBSS);
NJ_EVENT_DEFINE(nbss, NBSS, 0, "A NetBIOS session that was asked for");
NJ_EVENT_STRUCT_(smb_files, SMB_FILES);
NJ_EVENT_STRUCT_(smb_mapping, SMB_MAPPING);
NJ_EVENT_STRUCT_(smb_cmd, SMB_CMD);
NJ_EVENT_STRUCT_(smb_session, SMB_SESSION);
NJ_EVENT_DEFINE(smb_files, SMB_FILES, 0, "Something done to a file by SMB");
NJ_EVENT_DEFINE(smb_mapping, SMB_MAPPING, 0, "A share that was connected to");
NJ_EVENT_DEFINE(smb_cmd, SMB_CMD, 0, "A command of SMB and its answer");
NJ_EVENT_DEFINE(smb_session, SMB_SESSION, 0, "A log-in by SMB");

/* What was logged of late: clients open the same file again and again. A
 * record that comes again within three minutes says nothing new. */
enum { RECENT_SLOTS = 128, RECENT_S = 180 };
struct nj_smb_recent {
	struct {
		uint32_t hash;
		int32_t at_s;
	} slot[RECENT_SLOTS];
};

static const char *const share_names[] = {
	[NJ_SMB_DISK] = "DISK", [NJ_SMB_PIPE] = "PIPE", [NJ_SMB_PRINT] = "PRINT"
};

static const char *const action_names[] = { [NJ_SMB_FILE_READ] =
						    "SMB::FILE_READ",
	[NJ_SMB_FILE_WRITE] = "SMB::FILE_WRITE",
	[NJ_SMB_FILE_OPEN] = "SMB::FILE_OPEN",
	[NJ_SMB_FILE_CLOSE] = "SMB::FILE_CLOSE",
	[NJ_SMB_FILE_DELETE] = "SMB::FILE_DELETE",
	[NJ_SMB_FILE_RENAME] = "SMB::FILE_RENAME",
	[NJ_SMB_FILE_SET_ATTRIBUTE] = "SMB::FILE_SET_ATTRIBUTE",
	[NJ_SMB_PIPE_READ] = "SMB::PIPE_READ",
	[NJ_SMB_PIPE_WRITE] = "SMB::PIPE_WRITE",
	[NJ_SMB_PIPE_OPEN] = "SMB::PIPE_OPEN",
	[NJ_SMB_PIPE_CLOSE] = "SMB::PIPE_CLOSE",
	[NJ_SMB_PRINT_READ] = "SMB::PRINT_READ",
	[NJ_SMB_PRINT_WRITE] = "SMB::PRINT_WRITE",
	[NJ_SMB_PRINT_OPEN] = "SMB::PRINT_OPEN",
	[NJ_SMB_PRINT_CLOSE] = "SMB::PRINT_CLOSE" };

enum nj_smb_action
nj_smb_action_on(enum nj_smb_action action, enum nj_smb_share share)
{
	if (share != NJ_SMB_PIPE && share != NJ_SMB_PRINT)
		return action;
	switch (action) {
	case NJ_SMB_FILE_READ:
		return share == NJ_SMB_PIPE ? NJ_SMB_PIPE_READ
					    : NJ_SMB_PRINT_READ;
	case NJ_SMB_FILE_WRITE:
		return share == NJ_SMB_PIPE ? NJ_SMB_PIPE_WRITE
					    : NJ_SMB_PRINT_WRITE;
	case NJ_SMB_FILE_OPEN:
		return share == NJ_SMB_PIPE ? NJ_SMB_PIPE_OPEN
					    : NJ_SMB_PRINT_OPEN;
	case NJ_SMB_FILE_CLOSE:
		return share == NJ_SMB_PIPE ? NJ_SMB_PIPE_CLOSE
					    : NJ_SMB_PRINT_CLOSE;
	default:
		return action;
	}
}

/* FILETIME counts 100 ns from 1601; 0 says that there is none. */
static bool
unix_ns(uint64_t filetime, int64_t *ns)
{
	const uint64_t epoch = UINT64_C(116444736000000000);

	/* What does not fit into 64 bits of nanoseconds is nonsense. */
	if (!filetime || filetime > epoch + INT64_MAX / 100 ||
		filetime < epoch - INT64_MAX / 100)
		return false;
	*ns = ((int64_t)filetime - (int64_t)epoch) * 100;
	return true;
}

static uint32_t
mix(uint32_t h, const void *p, size_t n)
{
	const uint8_t *at = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ at[i]) * UINT32_C(16777619);
	return h;
}

static bool
is_repeated(struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_file *f,
	enum nj_smb_action action)
{
	int32_t now_s = (int32_t)(nj_now(d) / NJ_NS_PER_S), at_s;
	uint32_t h = UINT32_C(2166136261), i;

	if (!s->recent) {
		s->recent = nj_keep(d, sizeof(*s->recent));
		if (!s->recent)
			return false;
		memset(s->recent, 0, sizeof(*s->recent));
	}
	h = mix(h, &action, sizeof(action));
	h = mix(h, &f->size, sizeof(f->size));
	h = mix(h, &f->times, sizeof(f->times));
	h = mix(h, &f->tree, sizeof(f->tree));
	h = mix(h, f->name.data, f->name.len) | 1;
	i = h / 2 % RECENT_SLOTS;
	at_s = s->recent->slot[i].at_s;
	if (s->recent->slot[i].hash == h && now_s >= at_s &&
		now_s - at_s < RECENT_S) {
		s->recent->slot[i].at_s = now_s;
		return true;
	}
	s->recent->slot[i].hash = h;
	s->recent->slot[i].at_s = now_s;
	return false;
}

static struct nj_view
user_of(struct nj_smb *s, uint64_t session)
{
	const struct nj_smb_session *se = nj_smb_session_find(s, session);

	return se ? nj_smb_view(&se->user) : (struct nj_view){ 0 };
}

static void
times_fill(struct smb_files_event *ev, const struct nj_smb_times *t)
{
	int64_t ns;

	if (unix_ns(t->modified, &ns))
		nj_set(ev, smb_files, times__modified, ns);
	if (unix_ns(t->accessed, &ns))
		nj_set(ev, smb_files, times__accessed, ns);
	if (unix_ns(t->created, &ns))
		nj_set(ev, smb_files, times__created, ns);
	if (unix_ns(t->changed, &ns))
		nj_set(ev, smb_files, times__changed, ns);
}

static bool
is_logged(enum nj_smb_action action)
{
	return action == NJ_SMB_FILE_OPEN || action == NJ_SMB_FILE_RENAME ||
	       action == NJ_SMB_FILE_DELETE || action == NJ_SMB_PRINT_OPEN ||
	       action == NJ_SMB_PRINT_CLOSE;
}

static void
count_action(struct nj_smb_session *se, enum nj_smb_action action)
{
	if (!se)
		return;
	se->opened += action == NJ_SMB_FILE_OPEN;
	se->renamed += action == NJ_SMB_FILE_RENAME;
	se->deleted += action == NJ_SMB_FILE_DELETE;
}

void
nj_smb_log_file(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_file *f, enum nj_smb_action action)
{
	const struct nj_smb_tree *t = nj_smb_tree_find(s, f->session, f->tree);
	struct smb_files_event ev = { 0 };
	char id[NJ_UID_TEXT];

	count_action(nj_smb_session_find(s, f->session), action);
	if (!is_logged(action) || !f->name.len)
		return;
	if (f->has_times && is_repeated(s, d, f, action))
		return;
	if (f->content && f->content->file.open) {
		nj_file_id(&f->content->file, d, id);
		ev.fuid = nj_str(id);
	}
	ev.action = nj_str(action_names[action]);
	if (t)
		ev.path = nj_smb_view(&t->path);
	ev.name = nj_smb_view(&f->name);
	ev.size = f->size;
	ev.prev_name = nj_smb_view(&f->prev_name);
	ev.bytes_read = f->read;
	ev.bytes_written = f->written;
	ev.user = user_of(s, f->session);
	if (f->has_times)
		times_fill(&ev, &f->times);
	(void)nj_emit(d, &smb_files_desc, &ev);
}

void
nj_smb_log_mapping(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_tree *t, struct nj_view native_fs)
{
	struct smb_mapping_event ev = { 0 };

	ev.path = nj_smb_view(&t->path);
	if (t->service[0])
		ev.service = nj_str(t->service);
	if (native_fs.len)
		ev.native_file_system = native_fs;
	ev.share_type = nj_str(
		share_names[t->share ? t->share : (unsigned)NJ_SMB_DISK]);
	ev.user = user_of(s, t->session);
	ev.dialect = nj_smb_dialect_name(s);
	(void)nj_emit(d, &smb_mapping_desc, &ev);
}

void
nj_smb_log_nbss(
	struct nj_smb *s, struct nj_dctx *d, bool answered, uint8_t error)
{
	struct nbss_event ev = { 0 };

	ev.called_name = nj_smb_view(&s->called);
	ev.calling_name = nj_smb_view(&s->calling);
	if (answered)
		nj_set(&ev, nbss, accepted, !error);
	if (error)
		ev.error = nj_str(nj_netbios_error(error));
	(void)nj_emit(d, &nbss_desc, &ev);
	nj_smb_text_drop(d, &s->called);
	nj_smb_text_drop(d, &s->calling);
}

static struct nj_view
guid_text(struct nj_dctx *d, const uint8_t g[16])
{
	static const uint8_t none[16];

	if (!memcmp(g, none, sizeof(none)))
		return (struct nj_view){ 0 };
	return nj_arena_printf(d,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		"%02x%02x%02x%02x%02x%02x",
		g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9],
		g[10], g[11], g[12], g[13], g[14], g[15]);
}

void
nj_smb_log_session(
	struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_session *se)
{
	struct smb_session_event ev = { 0 };

	if (!se->judged)
		return;
	ev.dialect = nj_smb_dialect_name(s);
	ev.user = nj_smb_view(&se->user);
	ev.domain = nj_smb_view(&se->domain);
	ev.host = nj_smb_view(&se->host);
	ev.method = nj_str(se->method);
	ev.status = nj_str(nj_smb_status_name(se->status));
	if (!ev.status.data)
		ev.status = nj_arena_printf(d, "0x%08x", se->status);
	ev.guest = se->guest || se->anonymous;
	ev.signing_required = s->signing;
	ev.signing = se->signed_seen;
	ev.encrypted = se->encrypt || s->encryption;
	ev.duration = nj_now(d) - se->began_ns;
	ev.bytes_read = se->read;
	ev.bytes_written = se->written;
	ev.opened = se->opened;
	ev.renamed = se->renamed;
	ev.deleted = se->deleted;
	ev.native_os = nj_smb_view(&s->native_os);
	ev.native_lm = nj_smb_view(&s->native_lm);
	ev.session_id = se->id;
	ev.cipher = nj_str(nj_smb_cipher_name(s->cipher));
	ev.client_guid = guid_text(d, s->guid[NJ_ORIG]);
	ev.server_guid = guid_text(d, s->guid[NJ_RESP]);
	(void)nj_emit_at(d, &smb_session_desc, &ev, se->began_ns);
}

/* ---- Commands ---- */

static struct nj_view
file_id_text(struct nj_dctx *d, const struct nj_smb_msg *m,
	const struct nj_smb_fid *fid)
{
	if (m->version == 1)
		return nj_arena_printf(d, "%04x", (unsigned)fid->a);
	return nj_arena_printf(d, "%016llx%016llx", (unsigned long long)fid->a,
		(unsigned long long)fid->b);
}

static void
cmd_file(struct smb_cmd_event *ev, struct nj_smb *s, const struct nj_smb_op *op)
{
	const struct nj_smb_file *f =
		op->has_file ? nj_smb_file_find(s, op->fid) : NULL;
	const struct nj_smb_tree *t =
		f ? nj_smb_tree_find(s, f->session, f->tree) : NULL;

	if (op->action)
		ev->referenced_file__action = nj_str(action_names[op->action]);
	if (!f && op->action == NJ_SMB_FILE_RENAME) {
		size_t n = nj_view_chr(nj_smb_view(&op->text), 0);

		/* By name: both names, see smb1_file.c. */
		ev->referenced_file__prev_name =
			nj_sub(nj_smb_view(&op->text), 0, n);
		ev->referenced_file__name = nj_sub(
			nj_smb_view(&op->text), n + (n < SIZE_MAX), SIZE_MAX);
	} else if (!f && op->action) {
		ev->referenced_file__name = nj_smb_view(&op->text);
	} else if (!f) {
		ev->argument = nj_smb_view(&op->text);
	}
	if (!f)
		return;
	if (!op->action)
		ev->argument = nj_smb_view(&op->text);
	ev->referenced_file__name = nj_smb_view(&f->name);
	ev->referenced_file__prev_name = nj_smb_view(&f->prev_name);
	ev->referenced_file__size = f->size;
	if (t && f->name.len)
		ev->referenced_file__path = nj_smb_view(&t->path);
	if (op->action == nj_smb_action_on(NJ_SMB_FILE_CLOSE,
				  t ? t->share : NJ_SMB_UNKNOWN)) {
		nj_set(ev, smb_cmd, bytes_read, f->read);
		nj_set(ev, smb_cmd, bytes_written, f->written);
	}
}

static void
cmd_op(struct smb_cmd_event *ev, struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_op *op)
{
	nj_set(ev, smb_cmd, rtt, nj_now(d) - op->ts_ns);
	ev->disposition = nj_str(nj_smb_disposition(op->disposition));
	if (op->access)
		nj_set(ev, smb_cmd, access, op->access);
	if (op->options)
		nj_set(ev, smb_cmd, options, op->options);
	if (op->length)
		nj_set(ev, smb_cmd, length, op->length);
	if (op->length && op->offset < UINT64_MAX)
		nj_set(ev, smb_cmd, offset, op->offset);
	cmd_file(ev, s, op);
}

void
nj_smb_log_cmd(struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_msg *m,
	const struct nj_smb_op *op)
{
	uint64_t session = op ? op->session : m->session;
	uint32_t tree = op ? op->tree : m->tree;
	const struct nj_smb_tree *t = nj_smb_tree_find(s, session, tree);
	struct smb_cmd_event ev = { 0 };

	ev.command = nj_str(nj_smb_command_name(m->version, m->command));
	ev.status = nj_str(nj_smb_status_name(m->status));
	if (!ev.status.data)
		ev.status = nj_arena_printf(d, "0x%08x", m->status);
	ev.version = nj_str(m->version == 1 ? "SMB1" : "SMB2");
	ev.username = user_of(s, session);
	if (t) {
		ev.tree = nj_smb_view(&t->path);
		ev.tree_service = nj_str(
			t->service[0] ? t->service : share_names[t->share]);
	}
	ev.referenced_file__id__orig_h = nj_addr_of(d, NJ_ORIG);
	ev.referenced_file__id__resp_h = nj_addr_of(d, NJ_RESP);
	ev.referenced_file__id__orig_p = nj_port_of(d, NJ_ORIG);
	ev.referenced_file__id__resp_p = nj_port_of(d, NJ_RESP);
	ev.dialect = nj_smb_dialect_name(s);
	ev.session_id = m->session;
	ev.tree_id = m->async ? tree : m->tree;
	ev.message_id = m->mid;
	ev.status_code = m->status;
	ev.is_signed = m->is_signed;
	if (op)
		cmd_op(&ev, s, d, op);
	if (op)
		ev.sub_command = nj_str(
			nj_smb_sub_name(m->version, op->command, op->sub));
	if (op && op->has_file)
		ev.file_id = file_id_text(d, m, &op->fid);
	(void)nj_emit_at(d, &smb_cmd_desc, &ev, op ? op->ts_ns : nj_now(d));
}
