/*
 * dhcp_msg.c - the fixed part and the options of a DHCP message. Options may
 * go on in the fields for the boot file and the server's name (option 52);
 * what stands in the options' own field wins.
 */
#include "dissectors/shared/dhcp_msg.h"

static struct nj_view
without_nul(struct nj_view v)
{
	while (v.len && v.data[v.len - 1] == 0)
		v.len--;
	return v;
}

/* Option 82 (RFC 3046, 3993): options inside an option. */
static void
read_relay(struct nj_dhcp_msg *m, struct nj_view v)
{
	static const struct {
		uint8_t code;
		uint8_t text;
	} subs[] = { { 1, NJ_DHCP_CIRCUIT }, { 2, NJ_DHCP_REMOTE },
		{ 6, NJ_DHCP_SUBSCRIBER } };
	struct nj_cur c = nj_cur(v);

	while (nj_cur_left(&c)) {
		uint8_t code = nj_cur_u8(&c), n = nj_cur_u8(&c);
		struct nj_view sub = nj_cur_take(&c, n);

		if (c.bad)
			return;
		for (unsigned i = 0; i < nj_countof(subs); i++)
			if (subs[i].code == code)
				m->text[subs[i].text] = sub;
	}
}

/* Option 81 (RFC 4702): flags, two codes, and the name. */
static void
read_fqdn(struct nj_dhcp_msg *m, struct nj_view v)
{
	if (v.len > 3)
		m->text[NJ_DHCP_FQDN] = nj_sub(v, 3, v.len);
}

static void
read_option(struct nj_dhcp_msg *m, uint8_t code, struct nj_view v)
{
	static const struct {
		uint8_t code;
		uint8_t text;
	} texts[] = { { 12, NJ_DHCP_HOST }, { 15, NJ_DHCP_DOMAIN },
		{ 60, NJ_DHCP_VENDOR }, { 77, NJ_DHCP_USER },
		{ 252, NJ_DHCP_WPAD }, { 67, NJ_DHCP_BOOT } };

	for (unsigned i = 0; i < nj_countof(texts); i++)
		if (texts[i].code == code && !m->text[texts[i].text].data)
			m->text[texts[i].text] = without_nul(v);
	switch (code) {
	case 3:
		m->routers = v;
		break;
	case 6:
		m->dns = v;
		break;
	case 50:
		m->requested = v;
		break;
	case 51:
		m->lease = v;
		break;
	case 53:
		if (v.len == 1 && !m->type)
			m->type = v.data[0];
		break;
	case 55:
		m->params = v;
		break;
	case 56:
		m->text[m->op == NJ_DHCP_OP_REQUEST ? NJ_DHCP_CLIENT_MESSAGE
						    : NJ_DHCP_SERVER_MESSAGE] =
			without_nul(v);
		break;
	case 61:
		if (v.len > 1 && v.data[0] == NJ_DHCP_HTYPE_ETHERNET)
			m->client_mac = nj_sub(v, 1, v.len);
		break;
	case 81:
		read_fqdn(m, v);
		break;
	case 82:
		read_relay(m, v);
		break;
	}
}

/* A field of options; gives what option 52 says of the other two fields. */
static uint8_t
read_options(struct nj_dhcp_msg *m, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t overload = 0;

	while (nj_cur_left(&c)) {
		uint8_t code = nj_cur_u8(&c), n;
		struct nj_view value;

		if (code == 0)
			continue;
		if (code == 255)
			break;
		n = nj_cur_u8(&c);
		value = nj_cur_take(&c, n);
		if (c.bad) {
			m->odd = true;
			break;
		}
		if (code == 52 && n == 1)
			overload = value.data[0];
		else
			read_option(m, code, value);
	}
	return overload;
}

bool
nj_dhcp_read(struct nj_dhcp_msg *m, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t overload;

	*m = (struct nj_dhcp_msg){ 0 };
	m->op = nj_cur_u8(&c);
	nj_cur_skip(&c, 1);
	m->hlen = nj_cur_u8(&c);
	nj_cur_skip(&c, 1);
	m->xid = nj_cur_u32(&c);
	nj_cur_skip(&c, NJ_DHCP_FIXED_BYTES - 8);
	if (nj_cur_u32(&c) != NJ_DHCP_MAGIC || c.bad)
		return false;
	m->ciaddr = v.data + 12;
	m->yiaddr = v.data + 16;
	m->giaddr = v.data + 24;
	m->chaddr = v.data + 28;
	overload = read_options(m, nj_cur_rest(&c));
	if (overload & 1)
		(void)read_options(m, nj_sub(v, 108, 128));
	if (overload & 2)
		(void)read_options(m, nj_sub(v, 44, 64));
	return true;
}

struct nj_view
nj_dhcp_fqdn(struct nj_view v, uint8_t out[256])
{
	size_t n = 0, at = 0;

	if (!v.len || v.data[0] > 63 || v.data[0] >= v.len + 1)
		return v;
	while (at < v.len && v.data[at] && v.data[at] < v.len - at) {
		size_t len = v.data[at++];

		if (n)
			out[n++] = '.';
		memcpy(out + n, v.data + at, len);
		n += len;
		at += len;
	}
	/* It must end where the bytes end, or it was text after all. */
	if (at < v.len && !(v.data[at] == 0 && at + 1 == v.len))
		return v;
	return (struct nj_view){ out, n };
}
