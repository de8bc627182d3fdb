/*
 * rdp_gcc.c - see rdp_gcc.h.
 */
#include "dissectors/shared/rdp_gcc.h"

enum {
	BER_OCTETS = 0x04,
	BER_APPLICATION = 0x7f,
	MCS_INITIAL = 0x65,
	MCS_RESPONSE = 0x66,
	GCC_SEARCH = 64, /* where the key of the user data must stand */
	BLOCKS_MAX = 32
};
/* MS-RDPBCGR 2.2.1.3.1 */
enum { CS_CORE = 0xc001, CS_NET = 0xc003, SC_SECURITY = 0x0c02 };

/* A BER tag and length; the body is what c stands at then. */
static size_t
ber_head(struct nj_cur *c, uint8_t *tag)
{
	size_t len;

	*tag = nj_cur_u8(c);
	len = nj_cur_u8(c);
	if (len == 0x81)
		return nj_cur_u8(c);
	if (len == 0x82)
		return nj_cur_u16(c);
	if (len >= 0x80)
		c->bad = true;
	return len;
}

static bool
is_mcs(struct nj_view v, uint8_t what)
{
	return v.len > 2 && v.data[0] == BER_APPLICATION && v.data[1] == what;
}

bool
nj_rdp_is_client(struct nj_view v)
{
	return is_mcs(v, MCS_INITIAL);
}

bool
nj_rdp_is_server(struct nj_view v)
{
	return is_mcs(v, MCS_RESPONSE);
}

/* The user data: the last of the elements that an MCS connect message has,
 * before it come only selectors, flags and parameters. */
static struct nj_view
mcs_data(struct nj_view v, unsigned before)
{
	struct nj_cur c = nj_cur(v);
	size_t len;
	uint8_t tag;

	nj_cur_skip(&c, 1);
	(void)ber_head(&c, &tag);
	for (unsigned i = 0; i < before; i++) {
		len = ber_head(&c, &tag);
		nj_cur_skip(&c, len);
	}
	len = ber_head(&c, &tag);
	if (c.bad || tag != BER_OCTETS)
		return (struct nj_view){ 0 };
	/* A message that was cut keeps what it has. */
	return nj_sub(nj_cur_rest(&c), 0, len);
}

/* The blocks behind the key of the other side; *result is the four bytes
 * before it. */
static struct nj_view
gcc_blocks(struct nj_view v, struct nj_view key, size_t *at)
{
	struct nj_cur c;
	size_t len;

	*at = nj_view_find(nj_sub(v, 0, GCC_SEARCH), key);
	if (*at == SIZE_MAX)
		return (struct nj_view){ 0 };
	c = nj_cur(nj_sub(v, *at + key.len, v.len));
	len = nj_cur_u8(&c);
	if (len & 0x80)
		len = (len & 0x7f) << 8 | nj_cur_u8(&c);
	return nj_sub(nj_cur_rest(&c), 0, len);
}

/* The next block, without its head. */
static bool
block_next(struct nj_cur *c, uint16_t *type, struct nj_view *body)
{
	uint16_t len;

	*type = nj_cur_le16(c);
	len = nj_cur_le16(c);
	if (len < 4)
		return false;
	*body = nj_cur_take(c, (size_t)len - 4);
	return !c->bad;
}

static void
core_read(struct nj_rdp_client *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	s->version = nj_cur_le32(&c);
	s->width = nj_cur_le16(&c);
	s->height = nj_cur_le16(&c);
	nj_cur_skip(&c, 4);
	s->keyboard = nj_cur_le32(&c);
	s->build = nj_cur_le32(&c);
	s->name = nj_cur_take(&c, 32);
	s->core = !c.bad;
	s->keyboard_type = nj_cur_le32(&c);
	nj_cur_skip(&c, 4);
	s->function_keys = nj_cur_le32(&c);
	nj_cur_skip(&c, 64);
	/* All that follows may be left out from some point on. */
	nj_cur_skip(&c, 2);
	s->product = nj_cur_le16(&c);
	nj_cur_skip(&c, 4);
	s->high_color = nj_cur_le16(&c);
	nj_cur_skip(&c, 2);
	s->capabilities = nj_cur_le16(&c);
	s->has_capabilities = !c.bad;
	s->dig_id = nj_cur_take(&c, 64);
}

static void
net_read(struct nj_rdp_client *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t count = nj_cur_le32(&c);

	s->has_channels = !c.bad;
	for (uint32_t i = 0; i < count && i < NJ_RDP_CHANNELS_MAX; i++) {
		struct nj_view name = nj_cur_take(&c, NJ_RDP_CHANNEL_BYTES);

		nj_cur_skip(&c, 4);
		if (c.bad)
			return;
		s->channel[s->channels++] =
			nj_sub(name, 0, nj_view_chr(name, 0));
	}
}

bool
nj_rdp_client_read(struct nj_view v, struct nj_rdp_client *s)
{
	struct nj_view body;
	struct nj_cur c;
	uint16_t type;
	size_t at;

	*s = (struct nj_rdp_client){ 0 };
	if (!nj_rdp_is_client(v))
		return false;
	/* Two selectors, a flag, three sets of parameters. */
	v = gcc_blocks(mcs_data(v, 6), NJ_LIT("Duca"), &at);
	c = nj_cur(v);
	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		if (!block_next(&c, &type, &body))
			break;
		if (type == CS_CORE)
			core_read(s, body);
		else if (type == CS_NET)
			net_read(s, body);
	}
	return s->core;
}

/* MS-RDPBCGR 2.2.1.4.3 */
static void
security_read(struct nj_rdp_server *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t random, len, version;

	s->method = nj_cur_le32(&c);
	s->level = nj_cur_le32(&c);
	s->has_security = !c.bad;
	random = nj_cur_le32(&c);
	len = nj_cur_le32(&c);
	nj_cur_skip(&c, random);
	v = nj_cur_take(&c, len);
	if (c.bad || !len)
		return;
	c = nj_cur(v);
	version = nj_cur_le32(&c);
	s->has_cert = !c.bad;
	s->cert_type = version & 0x7fffffff;
	s->permanent = !(version >> 31);
	if (s->cert_type == 2)
		s->cert_count = nj_cur_le32(&c);
	s->certs = nj_cur_rest(&c);
}

bool
nj_rdp_server_read(struct nj_view v, struct nj_rdp_server *s)
{
	struct nj_view data, body;
	struct nj_cur c;
	uint16_t type;
	size_t at;

	*s = (struct nj_rdp_server){ 0 };
	if (!nj_rdp_is_server(v))
		return false;
	/* A result, a number, one set of parameters. */
	data = mcs_data(v, 3);
	v = gcc_blocks(data, NJ_LIT("McDn"), &at);
	if (at == SIZE_MAX || at < 4)
		return false;
	s->result = data.data[at - 4] >> 4 & 7;
	c = nj_cur(v);
	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		if (!block_next(&c, &type, &body))
			break;
		if (type == SC_SECURITY)
			security_read(s, body);
	}
	return true;
}

const char *
nj_rdp_keyboard(uint32_t layout)
{
	static const struct {
		uint32_t layout;
		const char *name;
	} names[] = {
#define KEYBOARD(layout, name) { layout, name },
#include "dissectors/shared/rdp_keyboard.def"
#undef KEYBOARD
	};

	for (size_t i = 0; i < nj_countof(names); i++)
		if (names[i].layout == layout)
			return names[i].name;
	return NULL;
}
