/*
 * ntlm.c - see ntlm.h (MS-NLMP 2.2.1: the three messages; 2.2.2.1: what a
 * server tells of itself; 2.2.2.7: the client's answer).
 */
#include "dissectors/shared/ntlm.h"

#include "dissectors/shared/utf16.h"

NJ_EVENT_DEFINE(ntlm, NTLM, 0, "A log-in by NTLM");

enum { NEGOTIATE = 1, CHALLENGE, AUTHENTICATE };
enum {
	FLAG_UNICODE = 1 << 0,
	FLAG_ANONYMOUS = 1 << 11,
	FLAG_ESS = 1 << 19, /* extended session security */
	FLAG_VERSION = 1 << 25
};
enum { TEXT_MAX = 512, PAIRS_MAX = 32, V1_BYTES = 24, V2_FIXED = 44 };
/* MS-NLMP 2.2.2.1 */
enum {
	AV_END = 0,
	AV_NB_COMPUTER,
	AV_NB_DOMAIN,
	AV_DNS_COMPUTER,
	AV_DNS_DOMAIN,
	AV_DNS_TREE,
	AV_TARGET = 9
};

bool
nj_ntlm_is(struct nj_view v)
{
	return v.len >= 12 && !memcmp(v.data, "NTLMSSP", 8);
}

static void
forget(struct nj_dctx *d, struct nj_view *v)
{
	if (v->data)
		nj_drop(d, (void *)(uintptr_t)v->data);
	*v = (struct nj_view){ 0 };
}

/* An empty text tells nothing: the field stays unset. */
static void
keep(struct nj_dctx *d, struct nj_view *to, struct nj_view v, bool unicode)
{
	v = nj_sub(v, 0, TEXT_MAX);
	forget(d, to);
	if (unicode)
		v = nj_utf16_text(d, v);
	if (v.len)
		*to = nj_keep_view(d, v, TEXT_MAX);
}

static void
reset(struct nj_ntlm *n, struct nj_dctx *d)
{
	struct nj_view *const all[] = { &n->user, &n->host, &n->domain, &n->spn,
		&n->nb_computer, &n->nb_domain, &n->dns_computer,
		&n->dns_domain, &n->tree };

	for (size_t i = 0; i < nj_countof(all); i++)
		forget(d, all[i]);
	*n = (struct nj_ntlm){ 0 };
}

/* Length, room, offset: where a field lies in the message. One that points
 * outside is as if it were not there; data is NULL then, and only then. */
static struct nj_view
payload(struct nj_cur *c, struct nj_view message)
{
	uint16_t len = nj_cur_le16(c);
	uint32_t at;

	(void)nj_cur_le16(c);
	at = nj_cur_le32(c);
	if (!c->bad && !len)
		return nj_sub(message, 0, 0);
	if (c->bad || at > message.len || len > message.len - at)
		return (struct nj_view){ 0 };
	return nj_sub(message, at, len);
}

static void
version(uint8_t to[NJ_NTLM_VERSION], struct nj_cur *c, uint32_t flags)
{
	struct nj_view v = nj_cur_take(c, NJ_NTLM_VERSION);

	if (v.data && flags & FLAG_VERSION)
		memcpy(to, v.data, NJ_NTLM_VERSION);
}

static void
server_pairs(struct nj_ntlm *n, struct nj_dctx *d, struct nj_view info)
{
	struct nj_view *const to[] = { [AV_NB_COMPUTER] = &n->nb_computer,
		[AV_NB_DOMAIN] = &n->nb_domain,
		[AV_DNS_COMPUTER] = &n->dns_computer,
		[AV_DNS_DOMAIN] = &n->dns_domain,
		[AV_DNS_TREE] = &n->tree };
	struct nj_cur c = nj_cur(info);

	for (unsigned i = 0; i < PAIRS_MAX; i++) {
		uint16_t id = nj_cur_le16(&c), len = nj_cur_le16(&c);
		struct nj_view v = nj_cur_take(&c, len);

		if (c.bad || id == AV_END)
			return;
		if (id < nj_countof(to) && to[id])
			keep(d, to[id], v, true);
	}
}

/* The answer of NTLMv2 repeats the server's pairs and adds its own. */
static void
client_pairs(struct nj_ntlm *n, struct nj_dctx *d, struct nj_view answer)
{
	struct nj_cur c = nj_cur(answer);

	nj_cur_skip(&c, V2_FIXED);
	for (unsigned i = 0; i < PAIRS_MAX; i++) {
		uint16_t id = nj_cur_le16(&c), len = nj_cur_le16(&c);
		struct nj_view v = nj_cur_take(&c, len);

		if (c.bad || id == AV_END)
			return;
		if (id == AV_TARGET)
			keep(d, &n->spn, v, true);
	}
}

static void
negotiate(struct nj_ntlm *n, struct nj_cur *c)
{
	uint32_t flags = nj_cur_le32(c);

	nj_cur_skip(c, 16);
	version(n->client_version, c, flags);
}

static bool
challenge(struct nj_ntlm *n, struct nj_dctx *d, struct nj_cur *c,
	struct nj_view message)
{
	struct nj_view info;
	uint32_t flags;

	(void)payload(c, message); /* the domain's name, which is among info */
	flags = nj_cur_le32(c);
	if (c->bad)
		return false;
	n->unicode = flags & FLAG_UNICODE;
	n->challenged = true;
	nj_cur_skip(c, 16);
	info = payload(c, message);
	version(n->server_version, c, flags);
	server_pairs(n, d, info);
	return true;
}

static const char *
response_kind(struct nj_view lm, struct nj_view nt, uint32_t flags)
{
	if (!nt.data || !lm.data)
		return NULL;
	if (nt.len > V1_BYTES)
		return "NTLMv2";
	if (flags & FLAG_ANONYMOUS || (!nt.len && lm.len <= 1))
		return "anonymous";
	return flags & FLAG_ESS ? "NTLMv1-ESS" : "NTLMv1";
}

static bool
authenticate(struct nj_ntlm *n, struct nj_dctx *d, struct nj_cur *c,
	struct nj_view message)
{
	struct nj_view lm = payload(c, message);
	struct nj_view nt = payload(c, message);
	struct nj_view domain = payload(c, message);
	struct nj_view user = payload(c, message);
	struct nj_view host = payload(c, message);
	uint32_t flags;

	if (c->bad)
		return false;
	/* Old clients end here; the server's choice then holds. */
	(void)payload(c, message);
	flags = nj_cur_le32(c);
	if (c->bad)
		flags = n->unicode ? FLAG_UNICODE : 0;
	version(n->client_version, c, flags);
	keep(d, &n->domain, domain, flags & FLAG_UNICODE);
	keep(d, &n->user, user, flags & FLAG_UNICODE);
	keep(d, &n->host, host, flags & FLAG_UNICODE);
	n->response = response_kind(lm, nt, flags);
	if (nt.len > V1_BYTES)
		client_pairs(n, d, nt);
	n->authenticated = true;
	return true;
}

static void
emit(struct nj_ntlm *n, struct nj_dctx *d)
{
	struct ntlm_event ev = { 0 };

	ev.username = n->user;
	ev.hostname = n->host;
	ev.domainname = n->domain;
	ev.server_nb_computer_name = n->nb_computer;
	ev.server_dns_computer_name = n->dns_computer;
	ev.server_tree_name = n->tree;
	ev.server_nb_domain = n->nb_domain;
	ev.server_dns_domain = n->dns_domain;
	ev.client_version = nj_ntlm_version(d, n->client_version);
	ev.server_version = nj_ntlm_version(d, n->server_version);
	ev.target_name = n->spn;
	if (n->response)
		ev.response = nj_str(n->response);
	if (n->judged)
		nj_set(&ev, ntlm, success, n->success);
	(void)nj_emit_at(d, &ntlm_desc, &ev, n->ts_ns);
	reset(n, d);
}

bool
nj_ntlm_message(struct nj_ntlm *n, struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t type;

	if (!nj_ntlm_is(v))
		return false;
	nj_cur_skip(&c, 8);
	type = nj_cur_le32(&c);
	if (type < NEGOTIATE || type > AUTHENTICATE)
		return false;
	/* Nobody has judged the attempt before this one. */
	if (n->authenticated && type != AUTHENTICATE)
		emit(n, d);
	if (!n->open) {
		nj_confirm_as(d, "ntlm");
		n->open = true;
		n->ts_ns = nj_now(d);
	}
	if (type == CHALLENGE)
		return challenge(n, d, &c, v);
	if (type == AUTHENTICATE)
		return authenticate(n, d, &c, v);
	negotiate(n, &c);
	return true;
}

void
nj_ntlm_result(struct nj_ntlm *n, struct nj_dctx *d, bool success)
{
	if (!n->authenticated)
		return;
	n->judged = true;
	n->success = success;
	emit(n, d);
}

void
nj_ntlm_end(struct nj_ntlm *n, struct nj_dctx *d)
{
	if (n->authenticated || n->challenged)
		emit(n, d);
	reset(n, d);
}

struct nj_view
nj_ntlm_version(struct nj_dctx *d, const uint8_t v[NJ_NTLM_VERSION])
{
	if (!v[0])
		return (struct nj_view){ 0 };
	return nj_arena_printf(
		d, "%u.%u.%u", v[0], v[1], (unsigned)v[2] | v[3] << 8);
}
