/*
 * ssdp.c - devices that announce and seek services by SSDP, the discovery of
 * UPnP (UPnP Device Architecture 2.0, section 1), one record a message.
 *
 * Why we tell them: cameras, routers and players say unasked what they are,
 * what runs on them and where their description lies; a search from outside
 * is somebody who builds a flood from the answers.
 */
#include "dissectors/shared/field.h"
#include "engine/dissect/dissector.h"

#define SSDP(F, tag)                                                           \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, STR, method, NJ_INDEX | NJ_LEARN,                            \
		"M-SEARCH, NOTIFY or response")                                \
	F(tag, 3, STR, host, 0, "Whom it is sent to, by its header")           \
	F(tag, 4, STR, st, NJ_INDEX | NJ_LEARN,                                \
		"What is sought, offered or announced")                        \
	F(tag, 5, STR, nts, NJ_LEARN, "ssdp:alive, ssdp:byebye, ...")          \
	F(tag, 6, STR, usn, NJ_INDEX, "Unique name of the service")            \
	F(tag, 7, STR, location, NJ_INDEX, "Where the description lies")       \
	F(tag, 8, STR, server, NJ_INDEX | NJ_LEARN, "Program of the device")   \
	F(tag, 9, STR, user_agent, NJ_INDEX | NJ_LEARN,                        \
		"Program of who seeks")                                        \
	F(tag, 10, STR, man, 0, "ssdp:discover")                               \
	F(tag, 11, U64, mx, NJ_OPT, "Seconds that answers may take")           \
	F(tag, 12, STR, cache_control, 0, "How long it holds")

NJ_EVENT(ssdp, SSDP, "One message of the discovery of UPnP");

enum { HEADERS_MAX = 64 };

static void
header(struct ssdp_event *ev, struct nj_view name, struct nj_view value)
{
	struct {
		const char *name;
		struct nj_view *to;
	} const known[] = { { "HOST", &ev->host }, { "ST", &ev->st },
		{ "NT", &ev->st }, { "NTS", &ev->nts }, { "USN", &ev->usn },
		{ "LOCATION", &ev->location }, { "AL", &ev->location },
		{ "SERVER", &ev->server }, { "USER-AGENT", &ev->user_agent },
		{ "MAN", &ev->man }, { "CACHE-CONTROL", &ev->cache_control } };
	uint64_t n;

	if (nj_view_caseeq(name, NJ_LIT("MX")) && nj_view_u64(value, &n))
		nj_set(ev, ssdp, mx, n);
	for (unsigned i = 0; i < nj_countof(known); i++)
		if (nj_view_caseeq(name, nj_str(known[i].name)) && value.len)
			*known[i].to = value;
}

static struct nj_view
method_of(struct nj_view line)
{
	if (nj_view_starts(line, NJ_LIT("M-SEARCH ")))
		return NJ_LIT("M-SEARCH");
	if (nj_view_starts(line, NJ_LIT("NOTIFY ")))
		return NJ_LIT("NOTIFY");
	if (nj_view_starts(line, NJ_LIT("HTTP/1.")))
		return NJ_LIT("response");
	return (struct nj_view){ 0 };
}

static bool
message_read(struct nj_view v, struct ssdp_event *ev)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view line = nj_cur_line(&c), name, value;

	ev->method = method_of(line);
	if (c.bad || !ev->method.data)
		return false;
	for (unsigned i = 0; i < HEADERS_MAX && nj_cur_left(&c); i++) {
		line = nj_cur_line(&c);
		if (c.bad || !line.len)
			break;
		if (nj_field_split(line, &name, &value))
			header(ev, nj_view_trim(name), nj_view_trim(value));
	}
	/* HTTP over UDP has other users; these headers are SSDP's. */
	return nj_view_starts(v, NJ_LIT("M-SEARCH * ")) || ev->st.data ||
	       ev->nts.data || ev->usn.data || ev->man.data;
}

static enum nj_verdict
ssdp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct ssdp_event ev = { .is_orig = dir == NJ_ORIG };

	if (!message_read(v, &ev))
		return NJ_REJECT;
	(void)nj_emit(d, &ssdp_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_ssdp = {
	.name = "ssdp",
	.title = "SSDP",
	.ports = (const struct nj_port[]){ { NJ_UDP, 1900 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^(M-SEARCH|NOTIFY) [^ ]{1,64} HTTP/1\\.", 0 },
			{ "^HTTP/1\\.[01] 200 OK\r?\n", 0 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &ssdp_desc, NULL },
	.datagram = ssdp_datagram,
};
