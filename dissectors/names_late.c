/*
 * names_late.c - protocols told by name that begin with bytes which may be
 * anything: no pattern of names.def can be anchored on them without making
 * the search of all patterns several times as large. They are asked of UDP
 * flows that nobody else knows, and each looks at a length first.
 */
#include "dissectors/shared/names.h"
#include "engine/dissect/dissector.h"

enum { GNUTELLA, ETHEREUM, RX };
static const char *const words[] = { "gnutella", "ethereum", "rx", NULL };

/* A GUID, a kind of message, hops; the length is checked by names.h. */
static bool
is_gnutella(const struct nj_dctx *d, struct nj_view v)
{
	uint8_t kind;

	if (v.len < 23 || v.data[21] || v.data[22])
		return false;
	kind = v.data[16];
	return (kind <= 2 || (kind >= 0x30 && kind <= 0x32) || kind == 0x40 ||
		       kind == 0x44 || kind == 0x80 || kind == 0x81) &&
	       nj_names_gnutella(d, v);
}

/* A hash and a signature, a kind of packet, a list. */
static bool
is_ethereum(const struct nj_dctx *d, struct nj_view v)
{
	return v.len > 100 && v.data[96] <= 1 && v.data[97] >= 1 &&
	       v.data[97] <= 6 && nj_names_ethereum_udp(d, v);
}

/* Small numbers of call, sequence and serial, a type, flags. */
static bool
is_rx(const struct nj_dctx *d, struct nj_view v)
{
	return v.len >= 28 && !v.data[8] && !v.data[9] && !v.data[12] &&
	       !v.data[16] && v.data[20] >= 1 && v.data[20] <= 13 &&
	       v.data[21] <= 0x3f && nj_names_rx(d, v);
}

/* Which of them, or -1. */
static int
which(const struct nj_dctx *d, struct nj_view v)
{
	if (is_gnutella(d, v))
		return GNUTELLA;
	if (is_ethereum(d, v))
		return ETHEREUM;
	return is_rx(d, v) ? RX : -1;
}

static enum nj_verdict
late_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)dir;
	return which(d, v) >= 0 ? NJ_ACCEPT : NJ_REJECT;
}

static enum nj_verdict
late_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	int name = which(d, v);

	(void)dir;
	if (name < 0)
		return NJ_REJECT;
	nj_name_flow(d, (unsigned)name);
	return NJ_DONE;
}

const struct nj_dissector nj_dissector_names_late = {
	.name = "names_late",
	.title = "Protocols by name, without a pattern",
	.service = "",
	.services = words,
	.probe = late_probe,
	.datagram = late_datagram,
};
