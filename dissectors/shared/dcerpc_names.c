/*
 * dcerpc_names.c - names of interfaces, operations, faults and protection of
 * DCE/RPC.
 */
#include "dissectors/shared/dcerpc_priv.h"

#include <stdio.h>

struct iface {
	const char *name;
	uint32_t a;
	uint16_t b, c, d;
	uint64_t e;
	const char *operations;
};

static const struct iface ifaces[] = {
#define RPC(name, a, b, c, d, e, operations)                                   \
	{ name, a, b, c, d, UINT64_C(e), operations },
#include "dissectors/shared/dcerpc_names.def"
#undef RPC
};

int
rpc_iface_find(const struct nj_uuid *u)
{
	uint16_t d = (uint16_t)(u->d[0] << 8 | u->d[1]);
	uint64_t e = 0;

	for (unsigned i = 2; i < 8; i++)
		e = e << 8 | u->d[i];
	for (size_t i = 0; i < nj_countof(ifaces); i++)
		if (ifaces[i].a == u->a && ifaces[i].b == u->b &&
			ifaces[i].c == u->c && ifaces[i].d == d &&
			ifaces[i].e == e)
			return (int)i;
	return -1;
}

int
rpc_iface_of_pipe(struct nj_view name)
{
	/* Pipes that one interface alone is spoken over; the others carry
	 * several. */
	static const char *const alone[] = { "srvsvc", "svcctl", "winreg",
		"spoolss", "wkssvc", "samr", "netlogon", "atsvc", "eventlog",
		"netdfs", "browser", "dnsserver", "efsrpc" };
	struct nj_view prefix = NJ_LIT("\\pipe\\");

	if (nj_view_casestarts(name, prefix))
		name = nj_sub(name, prefix.len, name.len);
	for (size_t i = 0; i < nj_countof(alone); i++) {
		if (!nj_view_caseeq(name, nj_str(alone[i])))
			continue;
		for (size_t k = 0; k < nj_countof(ifaces); k++)
			if (!strcmp(ifaces[k].name, alone[i]))
				return (int)k;
	}
	return -1;
}

struct nj_view
rpc_iface_name(int iface)
{
	return nj_str(ifaces[iface].name);
}

struct nj_view
rpc_operation(int iface, uint16_t opnum)
{
	struct nj_view rest, word = { 0 };

	if (iface < 0)
		return word;
	rest = nj_str(ifaces[iface].operations);
	for (unsigned i = 0; rest.len; i++) {
		word = nj_sub(rest, 0, nj_view_chr(rest, ' '));
		if (i == opnum)
			return nj_view_eq(word, NJ_LIT("-"))
				       ? (struct nj_view){ 0 }
				       : word;
		rest = nj_sub(rest, word.len + 1, rest.len);
	}
	return (struct nj_view){ 0 };
}

void
rpc_uuid_write(const struct nj_uuid *u, char out[RPC_UUID_TEXT])
{
	(void)snprintf(out, RPC_UUID_TEXT,
		"%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", u->a, u->b,
		u->c, u->d[0], u->d[1], u->d[2], u->d[3], u->d[4], u->d[5],
		u->d[6], u->d[7]);
}

struct nj_view
rpc_uuid_text(struct nj_dctx *d, const struct nj_uuid *u)
{
	char text[RPC_UUID_TEXT];

	rpc_uuid_write(u, text);
	return nj_arena_printf(d, "%s", text);
}

const char *
rpc_auth_name(uint8_t auth)
{
	/* MS-RPCE 2.2.1.1.7 */
	static const struct {
		uint8_t auth;
		const char *name;
	} names[] = { { 1, "krb5" }, { 9, "spnego" }, { 10, "ntlm" },
		{ 14, "tls" }, { 16, "kerberos" }, { 68, "netlogon" },
		{ 255, "default" } };

	for (size_t i = 0; i < nj_countof(names); i++)
		if (names[i].auth == auth)
			return names[i].name;
	return "unknown";
}

const char *
rpc_level_name(uint8_t level)
{
	/* MS-RPCE 2.2.1.1.8 */
	static const char *const names[] = { "default", "none", "connect",
		"call", "packet", "integrity", "privacy" };

	return level < nj_countof(names) ? names[level] : "unknown";
}

struct nj_view
rpc_fault_text(struct nj_dctx *d, uint32_t status)
{
	/* C706 appendix E, MS-RPCE 2.2.2.14 */
	static const struct {
		uint32_t status;
		const char *name;
	} names[] = { { 0x00000005, "access_denied" },
		{ 0x000006f7, "bad_stub_data" },
		{ 0x00000721, "sec_pkg_error" },
		{ 0x1c000001, "nca_s_fault_int_div_by_zero" },
		{ 0x1c000002, "nca_s_fault_addr_error" },
		{ 0x1c000006, "nca_s_fault_invalid_tag" },
		{ 0x1c000009, "nca_rpc_version_mismatch" },
		{ 0x1c00000b, "nca_proto_error" },
		{ 0x1c00000d, "nca_s_fault_cancel" },
		{ 0x1c00001a, "nca_s_fault_context_mismatch" },
		{ 0x1c010002, "nca_op_rng_error" },
		{ 0x1c010003, "nca_unk_if" },
		{ 0x1c010006, "nca_wrong_boot_time" },
		{ 0x1c010009, "nca_s_you_crashed" },
		{ 0x1c01000b, "nca_proto_error" },
		{ 0x1c010013, "nca_out_args_too_big" },
		{ 0x1c010014, "nca_server_too_busy" },
		{ 0x1c010017, "nca_unsupported_type" } };

	for (size_t i = 0; i < nj_countof(names); i++)
		if (names[i].status == status)
			return nj_str(names[i].name);
	return nj_arena_printf(d, "0x%08x", status);
}
