/*
 * rdp_log.c - see rdp_log.h. Words are Zeek's in the record, and Suricata's in
 * EVE events.
 */
#include "dissectors/shared/rdp_log.h"

#include "dissectors/shared/utf16.h"
#include "engine/base/json.h"

NJ_EVENT_DEFINE(rdp, RDP, 0, "A Remote Desktop connection");
NJ_EVENT_DEFINE(eve_rdp, EVE_RDP, NJ_EV_EVE, "One message of Remote Desktop");

enum { WANT_32BPP = 2, EVE_BYTES = 2048, NAME_BYTES = 128 };

struct word {
	uint32_t value;
	const char *text;
};

/* The word for value, or "what-value". */
static struct nj_view
word(struct nj_dctx *d, const struct word *words, uint32_t value,
	const char *what)
{
	for (; words->text; words++)
		if (words->value == value)
			return nj_str(words->text);
	return nj_arena_printf(d, "%s-%u", what, value);
}

/* ---- What is kept ---- */

static struct nj_view
keep_text(struct nj_dctx *d, struct nj_view utf16)
{
	size_t end = 0;

	while (end + 1 < utf16.len && (utf16.data[end] || utf16.data[end + 1]))
		end += 2;
	return nj_keep_view(
		d, nj_utf16_text(d, nj_sub(utf16, 0, end)), NAME_BYTES);
}

/* Channel names side by side, each of NJ_RDP_CHANNEL_BYTES. */
static struct nj_view
keep_channels(struct nj_dctx *d, const struct nj_rdp_client *c)
{
	size_t n = (size_t)c->channels * NJ_RDP_CHANNEL_BYTES;
	uint8_t *p = n ? nj_keep(d, n) : NULL;

	if (!p)
		return (struct nj_view){ 0 };
	memset(p, 0, n);
	for (uint32_t i = 0; i < c->channels; i++)
		memcpy(p + (size_t)i * NJ_RDP_CHANNEL_BYTES, c->channel[i].data,
			c->channel[i].len);
	return (struct nj_view){ p, n };
}

static struct nj_view
channel(const struct nj_rdp_log *l, unsigned i)
{
	struct nj_view v = nj_sub(l->channels, (size_t)i * NJ_RDP_CHANNEL_BYTES,
		NJ_RDP_CHANNEL_BYTES);

	return nj_sub(v, 0, nj_view_chr(v, 0));
}

static unsigned
channel_count(const struct nj_rdp_log *l)
{
	return (unsigned)(l->channels.len / NJ_RDP_CHANNEL_BYTES);
}

/* ---- EVE ---- */

static void
tell(struct nj_rdp_log *l, struct nj_dctx *d, struct eve_rdp_event *ev,
	enum nj_dir dir)
{
	ev->rdp__tx_id = l->tx++;
	(void)nj_emit_dir(d, &eve_rdp_desc, ev, dir);
}

void
nj_rdp_tell_request(struct nj_rdp_log *l, struct nj_dctx *d)
{
	struct eve_rdp_event ev = { .rdp__event_type =
					    NJ_LIT("initial_request") };

	if (l->cookie.len)
		ev.rdp__cookie = l->cookie;
	if (nj_wanted(d, &eve_rdp_desc))
		tell(l, d, &ev, NJ_ORIG);
}

void
nj_rdp_tell_confirm(struct nj_rdp_log *l, struct nj_dctx *d)
{
	static const struct word protocols[] = { { 0, "rdp" }, { 1, "ssl" },
		{ 2, "hybrid" }, { 4, "rds_tls" }, { 8, "hybrid_ex" }, { 0 } };
	static const struct word supports[] = { { 1, "extended_client_data" },
		{ 2, "dynvc_gfx" }, { 8, "restricted_admin" },
		{ 16, "restricted_authentication" }, { 0 } };
	struct eve_rdp_event ev = { .rdp__event_type =
					    NJ_LIT("initial_response") };
	struct nj_json j;

	if (!nj_wanted(d, &eve_rdp_desc))
		return;
	if (l->failed)
		nj_set(&ev, eve_rdp, rdp__error_code, l->failure);
	if (l->has_protocol) {
		ev.rdp__protocol = word(d, protocols, l->protocol, "protocol");
		nj_arena_json(d, &j, EVE_BYTES);
		nj_json_arr(&j, NULL);
		for (const struct word *w = supports; w->text; w++)
			if (l->flags & w->value)
				nj_json_text(&j, NULL, w->text);
		(void)nj_json_keep(&j);
		ev.rdp__server_supports = nj_arena_json_end(d, &j);
	}
	tell(l, d, &ev, NJ_RESP);
}

static void
tell_core(struct nj_json *j, const struct nj_rdp_log *l,
	const struct nj_rdp_client *c)
{
	static const struct word builds[] = { { 2195, "Windows 2000" },
		{ 2600, "Windows XP" }, { 3790, "Windows Server 2003" },
		{ 6000, "Windows Vista" }, { 6001, "Windows Vista SP1" },
		{ 6002, "Windows Vista SP2" }, { 7600, "Windows 7" },
		{ 7601, "Windows 7 SP1" }, { 9200, "Windows 8" },
		{ 9600, "Windows 8.1" }, { 10240, "Windows 10 1507" },
		{ 10586, "Windows 10 1511" }, { 14393, "Windows 10 1607" },
		{ 15063, "Windows 10 1703" }, { 16299, "Windows 10 1709" },
		{ 17134, "Windows 10 1803" }, { 17763, "Windows 10 1809" },
		{ 0 } };
	static const char *const capabilities[] = { "support_errinfo_pdf",
		"want_32bpp_session", "support_statusinfo_pdu",
		"strong_asymmetric_keys", NULL, "valid_connection_type",
		"support_monitor_layout_pdu", "support_netchar_autodetect",
		"support_dynvc_gfx_protocol", "support_dynamic_time_zone",
		"support_heartbeat_pdu" };
	const char *build = "unknown";

	for (const struct word *w = builds; w->text; w++)
		if (w->value == c->build)
			build = w->text;
	nj_json_text(j, "version",
		c->version == 0x80001   ? "v4"
		: c->version == 0x80004 ? "v5"
					: "v10");
	nj_json_u64(j, "desktop_width", c->width);
	nj_json_u64(j, "desktop_height", c->height);
	nj_json_u64(j, "color_depth", c->high_color);
	nj_json_text(j, "build", build);
	nj_json_str(j, "client_name", l->name);
	nj_json_u64(j, "function_keys", c->function_keys);
	nj_json_u64(j, "product_id", c->product);
	if (c->has_capabilities) {
		nj_json_arr(j, "capabilities");
		for (unsigned i = 0; i < nj_countof(capabilities); i++)
			if (c->capabilities >> i & 1 && capabilities[i])
				nj_json_text(j, NULL, capabilities[i]);
		nj_json_end(j);
	}
	if (l->dig_id.len)
		nj_json_str(j, "id", l->dig_id);
}

static void
tell_client(
	struct nj_rdp_log *l, struct nj_dctx *d, const struct nj_rdp_client *c)
{
	struct eve_rdp_event ev = { .rdp__event_type =
					    NJ_LIT("connect_request") };
	struct nj_json j;

	if (!nj_wanted(d, &eve_rdp_desc))
		return;
	nj_arena_json(d, &j, EVE_BYTES);
	nj_json_obj(&j, NULL);
	tell_core(&j, l, c);
	(void)nj_json_keep(&j);
	ev.rdp__client = nj_arena_json_end(d, &j);
	if (l->has_channels) {
		nj_arena_json(d, &j, EVE_BYTES);
		nj_json_arr(&j, NULL);
		for (unsigned i = 0; i < channel_count(l); i++)
			nj_json_str(&j, NULL, channel(l, i));
		(void)nj_json_keep(&j);
		ev.rdp__channels = nj_arena_json_end(d, &j);
	}
	tell(l, d, &ev, NJ_ORIG);
}

/* ---- Collecting ---- */

void
nj_rdp_take_client(
	struct nj_rdp_log *l, struct nj_dctx *d, const struct nj_rdp_client *c)
{
	if (l->has_client)
		return;
	l->has_client = true;
	l->keyboard = c->keyboard;
	l->build = c->build;
	l->width = c->width;
	l->height = c->height;
	l->high_color = c->high_color;
	l->capabilities = c->capabilities;
	l->name = keep_text(d, c->name);
	l->dig_id = keep_text(d, c->dig_id);
	l->has_channels = c->has_channels;
	l->channels = keep_channels(d, c);
	tell_client(l, d, c);
}

void
nj_rdp_take_server(
	struct nj_rdp_log *l, struct nj_dctx *d, const struct nj_rdp_server *s)
{
	struct eve_rdp_event ev = { .rdp__event_type =
					    NJ_LIT("connect_response") };

	l->has_server = true;
	l->result = s->result;
	l->has_security = s->has_security;
	l->method = s->method;
	l->level = s->level;
	l->has_cert = s->has_cert;
	l->cert_type = s->cert_type;
	l->permanent = s->permanent;
	if (nj_wanted(d, &eve_rdp_desc))
		tell(l, d, &ev, NJ_RESP);
}

/* ---- The record ---- */

static void
fill_client(struct nj_rdp_log *l, struct nj_dctx *d, struct rdp_event *ev)
{
	static const struct word builds[] = { { 419, "RDP 4.0" },
		{ 2195, "RDP 5.0" }, { 2221, "RDP 5.0" }, { 2600, "RDP 5.1" },
		{ 3790, "RDP 5.2" }, { 6000, "RDP 6.0" }, { 6001, "RDP 6.1" },
		{ 6002, "RDP 6.2" }, { 7600, "RDP 7.0" }, { 7601, "RDP 7.1" },
		{ 9200, "RDP 8.0" }, { 9600, "RDP 8.1" },
		{ 25189, "RDP 8.0 (Mac)" }, { 25282, "RDP 8.0 (Mac)" }, { 0 } };
	static const struct word colors[] = { { 4, "4bit" }, { 8, "8bit" },
		{ 15, "15bit" }, { 16, "16bit" }, { 24, "24bit" }, { 0 } };
	const char *keyboard = nj_rdp_keyboard(l->keyboard);
	const char *guess = nj_rdp_keyboard(l->keyboard & 0xffff);

	if (keyboard)
		ev->keyboard_layout = nj_str(keyboard);
	else if (guess)
		ev->keyboard_layout = nj_arena_printf(
			d, "%s (Best Guess for %u)", guess, l->keyboard);
	else
		ev->keyboard_layout =
			nj_arena_printf(d, "keyboard-%u", l->keyboard);
	ev->client_build = word(d, builds, l->build, "client_build");
	ev->client_name = l->name;
	ev->client_dig_product_id = l->dig_id;
	nj_set(ev, rdp, desktop_width, l->width);
	nj_set(ev, rdp, desktop_height, l->height);
	if (l->capabilities & WANT_32BPP)
		ev->requested_color_depth = NJ_LIT("32bit");
	else if (l->high_color) /* old clients stop before it */
		ev->requested_color_depth =
			word(d, colors, l->high_color, "high_color_depth");
}

static void
fill_server(struct nj_rdp_log *l, struct nj_dctx *d, struct rdp_event *ev)
{
	static const struct word results[] = { { 0, "Success" },
		{ 1, "User rejected" }, { 2, "Resources not available" },
		{ 3, "Rejected for symmetry breaking" },
		{ 4, "Locked conference" }, { 0 } };
	static const struct word methods[] = { { 0, "None" }, { 1, "40bit" },
		{ 2, "128bit" }, { 8, "56bit" }, { 16, "FIPS" }, { 0 } };
	static const struct word levels[] = { { 0, "None" }, { 1, "Low" },
		{ 2, "Client compatible" }, { 3, "High" }, { 4, "FIPS" },
		{ 0 } };
	static const struct word certs[] = { { 1, "RSA" }, { 2, "X.509" },
		{ 0 } };

	ev->result = word(d, results, l->result, "result");
	if (l->has_security) {
		ev->encryption_method =
			word(d, methods, l->method, "encryption_method");
		ev->encryption_level =
			word(d, levels, l->level, "encryption_level");
	}
	if (l->has_cert) {
		ev->cert_type = word(d, certs, l->cert_type, "cert_type");
		nj_set(ev, rdp, cert_permanent, l->permanent);
	}
}

static void
fill_negotiation(struct nj_rdp_log *l, struct nj_dctx *d, struct rdp_event *ev)
{
	/* MS-RDPBCGR 2.2.1.2.1, 2.2.1.2.2 */
	static const struct word protocols[] = { { 0, "RDP" }, { 1, "SSL" },
		{ 2, "HYBRID" }, { 4, "RDSTLS" }, { 8, "HYBRID_EX" },
		{ 16, "RDSAAD" }, { 0 } };
	static const struct word failures[] = { { 1, "SSL_REQUIRED_BY_SERVER" },
		{ 2, "SSL_NOT_ALLOWED_BY_SERVER" },
		{ 3, "SSL_CERT_NOT_ON_SERVER" }, { 4, "INCONSISTENT_FLAGS" },
		{ 5, "HYBRID_REQUIRED_BY_SERVER" },
		{ 6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER" }, { 0 } };

	if (l->has_protocol) {
		ev->security_protocol =
			word(d, protocols, l->protocol, "security_protocol");
		if (l->protocol)
			ev->result = NJ_LIT("encrypted");
	}
	if (l->failed)
		ev->result = word(d, failures, l->failure, "failure_code");
}

void
nj_rdp_emit(struct nj_rdp_log *l, struct nj_dctx *d)
{
	struct nj_view names[NJ_RDP_CHANNELS_MAX];
	struct rdp_event ev = { .cookie = l->cookie, .cert_count = l->certs };

	if (!l->open || l->emitted)
		return;
	l->emitted = true;
	fill_negotiation(l, d, &ev);
	if (l->has_client)
		fill_client(l, d, &ev);
	if (l->has_server)
		fill_server(l, d, &ev);
	for (unsigned i = 0; i < channel_count(l); i++)
		names[i] = channel(l, i);
	if (l->has_channels)
		ev.client_channels =
			(struct nj_vstr){ names, channel_count(l) };
	(void)nj_emit_at(d, &rdp_desc, &ev, l->ts_ns);
}
