/*
 * ssh.c - SSH 1 and 2 (RFC 4253): versions, offers and what comes of them,
 * the server's key, and by the sizes of encrypted packets whether somebody
 * got in, in Zeek's way.
 *
 * Why we parse it: it is how machines are administered and taken over; who
 * logs in where, with which program, after how many attempts.
 * Not done: the key exchange of SSH 1; the sizes of channels' data.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/software.h"
#include "dissectors/shared/ssh_kex.h"
#include "engine/crypt/base64.h"
#include "engine/crypt/hash.h"

#define SSH(F, tag)                                                            \
	F(tag, 1, U8, version, NJ_OPT | NJ_LEARN, "Major version agreed on")   \
	F(tag, 2, BOOL, auth_success, NJ_OPT | NJ_LEARN,                       \
		"Whether somebody got in, as far as sizes tell")               \
	F(tag, 3, U32, auth_attempts, NJ_LEARN, "Attempts to log in")          \
	F(tag, 4, STR, direction, 0, "INBOUND or OUTBOUND")                    \
	F(tag, 5, STR, client, NJ_INDEX | NJ_LEARN, "The client's version")    \
	F(tag, 6, STR, server, NJ_INDEX | NJ_LEARN, "The server's version")    \
	F(tag, 7, STR, cipher_alg, NJ_LEARN, "Encryption agreed on")           \
	F(tag, 8, STR, mac_alg, NJ_LEARN, "Integrity check agreed on")         \
	F(tag, 9, STR, compression_alg, 0, "Compression agreed on")            \
	F(tag, 10, STR, kex_alg, NJ_LEARN, "Key exchange agreed on")           \
	F(tag, 11, STR, host_key_alg, 0, "Kind of the server's key")           \
	F(tag, 12, STR, host_key_fingerprint, NJ_INDEX | NJ_LEARN,             \
		"SHA-256 of the server's key, base 64")                        \
	F(tag, 13, STR, hassh, NJ_INDEX | NJ_LEARN, "HASSH of the client")     \
	F(tag, 14, STR, hasshServer, NJ_INDEX | NJ_LEARN, "HASSH of the server")

NJ_EVENT(ssh, SSH, "One SSH connection");

enum {
	VERSION_MAX = 1024,     /* of a version line; RFC 4253 says 255 */
	GREETING_MAX = 8192,    /* of what a server may say before it */
	PACKET_MAX = 60000,     /* RFC 4253 section 6.1: 35000 or more */
	FINGERPRINT_CHARS = 32, /* as Zeek cuts it */
	CIPHER_SEGMENTS_MAX = 2048,
	MSG_KEXINIT = 20,
	MSG_NEWKEYS = 21
};

enum { ODD_PACKET };
static const struct nj_oddity oddities[] = {
	[ODD_PACKET] = { "ssh_bad_packet", "A packet of impossible length" },
	{ 0 }
};

enum phase { PHASE_VERSION, PHASE_KEX, PHASE_ENCRYPTED };

struct state {
	uint8_t phase[2];
	uint8_t version; /* agreed; 0: not yet, or none */
	uint8_t key_message;
	bool logged, has_auth, auth_success, auth_known, compressed;
	bool has_agreed, has_fingerprint, has_hassh[2];
	bool client_spoke; /* encrypted */
	bool banner_passed;
	uint8_t pending_dir;
	uint32_t attempts, segments;
	uint32_t accept_size, failure_size, pending;
	int64_t began_ns, pending_ns;
	struct nj_view line[2];              /* kept: versions, by nj_dir */
	struct nj_view offer[2];             /* kept until both are there */
	struct nj_view agreed[NJ_SSH_LISTS]; /* kept */
	char fingerprint[FINGERPRINT_CHARS];
	char hassh[2][NJ_HASSH_TEXT];
};

/* ---- The record ---- */

static struct nj_view
agreed_text(const struct state *s, enum nj_ssh_list list)
{
	if (!s->has_agreed)
		return (struct nj_view){ 0 };
	return s->agreed[list].len ? s->agreed[list]
				   : NJ_LIT("Algorithm negotiation failed");
}

/* Of a pair of lists, one for each direction. */
static struct nj_view
agreed_pair(struct nj_dctx *d, const struct state *s, enum nj_ssh_list c2s)
{
	struct nj_view to = agreed_text(s, c2s);
	struct nj_view from = agreed_text(s, (enum nj_ssh_list)(c2s + 1));

	if (nj_view_eq(to, from))
		return to;
	return nj_arena_printf(d, "To server: %.*s, to client: %.*s",
		(int)to.len, (const char *)to.data, (int)from.len,
		(const char *)from.data);
}

static struct nj_view
direction(struct nj_dctx *d)
{
	bool orig = nj_is_local(d, nj_addr_of(d, NJ_ORIG));
	bool resp = nj_is_local(d, nj_addr_of(d, NJ_RESP));

	if (orig == resp)
		return (struct nj_view){ 0 };
	return orig ? NJ_LIT("OUTBOUND") : NJ_LIT("INBOUND");
}

static void
ssh_log(struct nj_dctx *d, struct state *s)
{
	static const char prefix[] = "SHA256:";
	char text[sizeof(prefix) - 1 + FINGERPRINT_CHARS];
	struct ssh_event ev = { .auth_attempts = s->attempts,
		.client = s->line[NJ_ORIG],
		.server = s->line[NJ_RESP] };

	if (s->logged || (!ev.client.len && !ev.server.len))
		return;
	s->logged = true;
	if (s->version)
		nj_set(&ev, ssh, version, s->version);
	if (s->has_auth)
		nj_set(&ev, ssh, auth_success, s->auth_success);
	ev.direction = direction(d);
	ev.kex_alg = agreed_text(s, NJ_SSH_KEX);
	ev.host_key_alg = agreed_text(s, NJ_SSH_HOST_KEY);
	ev.cipher_alg = agreed_pair(d, s, NJ_SSH_CIPHER_C2S);
	ev.mac_alg = agreed_pair(d, s, NJ_SSH_MAC_C2S);
	ev.compression_alg = agreed_pair(d, s, NJ_SSH_COMPRESSION_C2S);
	if (s->has_fingerprint) {
		memcpy(text, prefix, sizeof(prefix) - 1);
		memcpy(text + sizeof(prefix) - 1, s->fingerprint,
			FINGERPRINT_CHARS);
		ev.host_key_fingerprint =
			(struct nj_view){ (uint8_t *)text, sizeof(text) };
	}
	if (s->has_hassh[NJ_ORIG])
		ev.hassh = (struct nj_view){ (uint8_t *)s->hassh[NJ_ORIG],
			NJ_HASSH_TEXT };
	if (s->has_hassh[NJ_RESP])
		ev.hasshServer = (struct nj_view){ (uint8_t *)s->hassh[NJ_RESP],
			NJ_HASSH_TEXT };
	(void)nj_emit_at(d, &ssh_desc, &ev, s->began_ns);
}

/* ---- Versions ---- */

/* Major version that a line stands for; 199: both 1 and 2. */
static unsigned
line_version(struct nj_view line)
{
	if (line.len < 5)
		return 0;
	if (line.data[4] == '2')
		return 2;
	if (line.data[4] != '1')
		return 0;
	return line.len >= 8 && line.data[6] == '9' && line.data[7] == '9' ? 199
									   : 1;
}

static uint8_t
version_agreed(const struct state *s)
{
	unsigned a = line_version(s->line[NJ_ORIG]);
	unsigned b = line_version(s->line[NJ_RESP]);

	if ((a == 2 || a == 199) && (b == 2 || b == 199))
		return 2;
	return (a == 1 || a == 199) && (b == 1 || b == 199) ? 1 : 0;
}

/*
 * Finds the version line. A server may say something before it, a client not;
 * nothing is consumed until it is there, so that another protocol on the port
 * loses nothing. False: not found.
 */
static bool
version_find(enum nj_dir dir, struct nj_view v, struct nj_view *line,
	enum nj_verdict *verdict)
{
	struct nj_view rest = v;

	for (;;) {
		size_t end = nj_view_chr(rest, '\n');
		size_t len = nj_min(end, rest.len);
		bool is_version = nj_view_starts(rest, NJ_LIT("SSH-"));

		if (rest.data - v.data + len > GREETING_MAX ||
			(is_version && len > VERSION_MAX) ||
			(dir == NJ_ORIG && !is_version && rest.len >= 4))
			*verdict = NJ_REJECT;
		if (*verdict != NJ_MORE || end == SIZE_MAX)
			return false;
		*line = nj_sub(rest, 0, len);
		rest = nj_sub(rest, len + 1, rest.len);
		if (is_version)
			return true;
		if (dir == NJ_ORIG)
			*verdict = NJ_REJECT;
	}
}

static enum nj_verdict
version_line(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view *v)
{
	enum nj_verdict verdict = NJ_MORE;
	struct nj_view line;
	size_t used;

	if (!version_find(dir, *v, &line, &verdict))
		return verdict;
	used = (size_t)(line.data - v->data) + line.len + 1;
	nj_consume(d, used);
	*v = nj_sub(*v, used, v->len);
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	if (!s->began_ns)
		s->began_ns = nj_now(d);
	s->line[dir] = nj_keep_view(d, line, VERSION_MAX);
	s->phase[dir] = PHASE_KEX;
	s->version = version_agreed(s);
	nj_confirm(d);
	/* RFC 4253 4.2: SSH-version-software, with a comment perhaps. */
	line = nj_sub(line, 4, line.len);
	line = nj_sub(
		line, nj_min(nj_view_chr(line, '-'), line.len) + 1, line.len);
	nj_software_side(
		d, dir, dir == NJ_ORIG ? "SSH::CLIENT" : "SSH::SERVER", line);
	return NJ_MORE;
}

/* ---- Key exchange ---- */

static void
agree(struct nj_dctx *d, struct state *s)
{
	struct nj_ssh_kexinit client, server;
	struct nj_view zlib;

	if (!nj_ssh_kexinit(&client, s->offer[NJ_ORIG]) ||
		!nj_ssh_kexinit(&server, s->offer[NJ_RESP]))
		return;
	for (int i = 0; i < NJ_SSH_LANGUAGE_C2S; i++)
		s->agreed[i] = nj_keep_view(
			d, nj_ssh_agree(client.list[i], server.list[i]), 256);
	s->has_agreed = true;
	s->key_message = nj_ssh_key_message(s->agreed[NJ_SSH_KEX]);
	/* Compressed packets have sizes that tell nothing. */
	zlib = s->agreed[NJ_SSH_COMPRESSION_C2S];
	s->compressed = nj_view_starts(zlib, NJ_LIT("zlib"));
}

static void
kexinit(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_ssh_kexinit k;

	if (s->has_hassh[dir] || !nj_ssh_kexinit(&k, v))
		return;
	s->has_hassh[dir] = true;
	nj_hassh(&k, dir == NJ_RESP, s->hassh[dir]);
	s->offer[dir] = nj_keep_view(d, v, PACKET_MAX);
	if (!s->offer[nj_other(dir)].len)
		return;
	agree(d, s);
	for (int i = 0; i < 2; i++) {
		nj_drop(d, (void *)(uintptr_t)s->offer[i].data);
		s->offer[i] = (struct nj_view){ 0 };
	}
}

static void
host_key(struct state *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view key = nj_cur_take(&c, nj_cur_u32(&c));
	uint8_t sha[NJ_SHA256_BYTES];
	char text[NJ_BASE64_LEN(NJ_SHA256_BYTES)];

	if (c.bad || !key.len || s->has_fingerprint)
		return;
	nj_sha256(key, sha);
	nj_base64_encode((struct nj_view){ sha, sizeof(sha) }, text);
	memcpy(s->fingerprint, text, FINGERPRINT_CHARS);
	s->has_fingerprint = true;
}

/* One packet of the key exchange. False: it is not there yet. */
static bool
kex_packet(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	struct nj_view *v, enum nj_verdict *verdict)
{
	struct nj_cur c = nj_cur(*v);
	uint32_t len = nj_cur_u32(&c);
	uint8_t padding, type;
	struct nj_view packet, payload;

	if (c.bad)
		return false;
	if (len < 2 || len > PACKET_MAX) {
		nj_odd(d, ODD_PACKET);
		*verdict = NJ_BROKEN;
		return false;
	}
	if (nj_cur_left(&c) < len) {
		nj_want(d, 4 + (size_t)len);
		return false;
	}
	packet = nj_cur_take(&c, len);
	nj_consume(d, 4 + (size_t)len);
	*v = nj_sub(*v, 4 + (size_t)len, v->len);
	padding = packet.data[0];
	type = packet.data[1];
	payload = nj_sub(packet, 2, len - 2 - nj_min(padding, len - 2));
	if (type == MSG_KEXINIT)
		kexinit(d, s, dir, payload);
	else if (type == MSG_NEWKEYS)
		s->phase[dir] = PHASE_ENCRYPTED;
	else if (dir == NJ_RESP && type == s->key_message)
		host_key(s, payload);
	return s->phase[dir] == PHASE_KEX;
}

/* ---- Sizes ---- */

static void
attempt(struct state *s, bool success)
{
	if (s->compressed || (s->has_auth && s->auth_success))
		return;
	s->has_auth = true;
	s->auth_success = success;
	s->attempts++;
}

/*
 * A segment of encrypted bytes. With any cipher a server's answers have these
 * sizes before encryption: SERVICE_ACCEPT 24, USERAUTH_SUCCESS 8, so that
 * the second is 16 shorter than the first; USERAUTH_FAILURE always the same,
 * whatever it is. A long one in between is the banner.
 */
static void
cipher_segment(struct state *s, enum nj_dir dir, uint32_t len)
{
	if (dir == NJ_ORIG) {
		s->client_spoke = true;
		return;
	}
	if (!s->client_spoke)
		return;
	if (!s->accept_size) {
		s->accept_size = len;
		return;
	}
	if (!s->failure_size) {
		if (len + 16 == s->accept_size) {
			s->auth_known = true;
			attempt(s, true);
		} else if (!s->banner_passed && len > s->accept_size + 256) {
			s->banner_passed = true;
		} else {
			s->failure_size = len;
		}
		return;
	}
	if (len == s->failure_size) {
		attempt(s, false);
	} else if (len + 16 == s->accept_size) {
		s->auth_known = true;
		attempt(s, true);
	}
}

/* Segments of one side at one instant are one packet of the program, cut by
 * the network card or the capture. */
static void
segment_flush(struct state *s)
{
	if (s->pending)
		cipher_segment(s, (enum nj_dir)s->pending_dir, s->pending);
	s->pending = 0;
}

static enum nj_verdict
encrypted(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	nj_consume(d, v.len);
	if (!v.len)
		return NJ_MORE;
	if ((enum nj_dir)s->pending_dir != dir || s->pending_ns != nj_now(d)) {
		segment_flush(s);
		if (s->auth_known || s->compressed ||
			++s->segments == CIPHER_SEGMENTS_MAX) {
			ssh_log(d, s);
			return NJ_DONE;
		}
	}
	s->pending_dir = dir;
	s->pending_ns = nj_now(d);
	s->pending += (uint32_t)v.len;
	return NJ_MORE;
}

static enum nj_verdict
ssh_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	enum nj_verdict verdict = NJ_MORE;

	if (s->phase[dir] == PHASE_VERSION) {
		verdict = version_line(d, s, dir, &v);
		if (verdict != NJ_MORE || s->phase[dir] == PHASE_VERSION)
			return verdict;
	}
	if (s->version == 1) {
		ssh_log(d, s);
		return NJ_DONE;
	}
	if (s->phase[dir] == PHASE_KEX)
		while (kex_packet(d, s, dir, &v, &verdict))
			continue;
	if (verdict == NJ_MORE && s->phase[dir] == PHASE_ENCRYPTED)
		return encrypted(d, s, dir, v);
	return verdict;
}

static void
ssh_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	segment_flush(s);
	ssh_log(d, s);
}

const struct nj_dissector nj_dissector_ssh = {
	.name = "ssh",
	.title = "SSH",
	.ports = (const struct nj_port[]){ { NJ_TCP, 22 }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^SSH-[12]\\.", NJ_SIG_TCP },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &ssh_desc,
		&software_desc, 0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.buffer_max = 4 + PACKET_MAX,
	.stream = ssh_stream,
	.end = ssh_end,
};
