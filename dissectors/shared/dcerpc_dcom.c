/*
 * dcerpc_dcom.c - which class a DCOM activation asks for (MS-DCOM 2.2.22): by
 * it one tells management from scripts that open a spreadsheet or a shell
 * window on another machine. The older activation names it outright, the newer
 * one in an object reference that carries properties.
 */
#include "dissectors/shared/dcerpc_priv.h"

enum {
	REMOTE_ACTIVATION = 0,
	GET_CLASS_OBJECT = 3,
	CREATE_INSTANCE = 4,
	ORPC_THIS = 32,    /* without extensions */
	OBJREF_BYTES = 48, /* before its data */
	SERIAL_BYTES = 16, /* before each piece of type serialization */
	PROPERTIES_MAX = 10
};

static const struct nj_uuid instantiation = { 0x000001ab, 0, 0,
	{ 0xc0, 0, 0, 0, 0, 0, 0, 0x46 } };

static const struct {
	struct nj_uuid id;
	const char *name;
} classes[] = {
#define CLASS(a, b, c, d, e, f, g, h, i, j, k, name)                           \
	{ { a, b, c, { d, e, f, g, h, i, j, k } }, name },
	CLASS(0x8bc3f05e, 0xd86b, 0x11d0, 0xa0, 0x75, 0, 0xc0, 0x4f, 0xb6, 0x88,
		0x20, "WbemLevel1Login") CLASS(0x4590f811, 0x1d3a, 0x11d0, 0x89,
		0x1f, 0, 0xaa, 0, 0x4b, 0x2e, 0x24,
		"WbemLocator") CLASS(0x49b2791a, 0xb1ae, 0x4c90, 0x9b, 0x8e,
		0xe8, 0x60, 0xba, 0x07, 0xf8, 0x89,
		"MMC20.Application") CLASS(0x9ba05972, 0xf6a8, 0x11cf, 0xa4,
		0x42, 0, 0xa0, 0xc9, 0x0a, 0x8f, 0x39,
		"ShellWindows") CLASS(0xc08afd90, 0xf2a1, 0x11d1, 0x84, 0x55, 0,
		0xa0, 0xc9, 0x1f, 0x38, 0x80,
		"ShellBrowserWindow") CLASS(0x00024500, 0, 0, 0xc0, 0, 0, 0, 0,
		0, 0, 0x46, "Excel.Application") CLASS(0x000209ff, 0, 0, 0xc0,
		0, 0, 0, 0, 0, 0, 0x46, "Word.Application") CLASS(0x0006f03a, 0,
		0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46,
		"Outlook.Application") CLASS(0x91493441, 0x5a91, 0x11cf, 0x87,
		0, 0, 0xaa, 0, 0x60, 0x26, 0x3b, "PowerPoint.Application")
		CLASS(0x00021a20, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46,
			"Visio.Application") CLASS(0x72c24dd5, 0xd70a, 0x438b,
			0x8a, 0x42, 0x98, 0x42, 0x4b, 0x88, 0xaf, 0xb8,
			"WScript.Shell") CLASS(0x0002df01, 0, 0, 0xc0, 0, 0, 0,
			0, 0, 0, 0x46, "InternetExplorer.Application")
			CLASS(0xd99e6e74, 0xfc88, 0x11d0, 0xb4, 0x98, 0, 0xa0,
				0xc9, 0x03, 0x12, 0xf3, "CertificateServer")
#undef CLASS
};

static struct nj_view
class_text(struct nj_dctx *d, const struct nj_uuid *id)
{
	for (size_t i = 0; i < nj_countof(classes); i++)
		if (!memcmp(id, &classes[i].id, sizeof(*id)))
			return nj_str(classes[i].name);
	return rpc_uuid_text(d, id);
}

/* Where the property that names the class begins among the properties of
 * the header (MS-DCOM 2.2.22.1), or SIZE_MAX. */
static size_t
instantiation_at(struct nj_view header)
{
	struct rpc_cur r = { nj_cur(header), true };
	size_t at;
	uint32_t count, found = UINT32_MAX;

	nj_cur_skip(&r.c, SERIAL_BYTES + 4);
	at = rpc_u32(&r);
	nj_cur_skip(&r.c, 8);
	count = rpc_u32(&r);
	nj_cur_skip(&r.c, 16 + 12 + 4);
	if (count > PROPERTIES_MAX)
		return SIZE_MAX;
	for (uint32_t i = 0; i < count; i++) {
		struct nj_uuid id = rpc_uuid(&r);

		if (found > i && !memcmp(&id, &instantiation, sizeof(id)))
			found = i;
	}
	(void)rpc_u32(&r);
	for (uint32_t i = 0; i < found && i < count; i++)
		at += rpc_u32(&r);
	return r.c.bad || found == UINT32_MAX ? SIZE_MAX : at;
}

static bool
properties_class(struct nj_view stub, struct nj_uuid *id)
{
	size_t at = nj_view_find(stub, NJ_LIT("MEOW\4\0\0\0"));
	struct rpc_cur r = { { 0 }, true };
	struct nj_view header;

	if (at == SIZE_MAX)
		return false;
	/* Sizes stand before the header. */
	header = nj_sub(stub, at + OBJREF_BYTES + 8, stub.len);
	at = instantiation_at(header);
	if (at == SIZE_MAX)
		return false;
	r.c = nj_cur(nj_sub(header, at, header.len));
	nj_cur_skip(&r.c, SERIAL_BYTES);
	*id = rpc_uuid(&r);
	return !r.c.bad;
}

struct nj_view
rpc_class_read(
	struct nj_dctx *d, int iface, uint16_t opnum, struct nj_view stub)
{
	enum { KEPT = 64 };
	struct nj_view name;
	struct nj_uuid id = { 0 };
	bool found = false;

	if (iface < 0)
		return (struct nj_view){ 0 };
	name = rpc_iface_name(iface);
	if (nj_view_eq(name, NJ_LIT("IActivation")) &&
		opnum == REMOTE_ACTIVATION) {
		struct rpc_cur r = { nj_cur(stub), true };

		nj_cur_skip(&r.c, ORPC_THIS);
		id = rpc_uuid(&r);
		found = !r.c.bad;
	} else if (nj_view_eq(name, NJ_LIT("IRemoteSCMActivator")) &&
		   (opnum == GET_CLASS_OBJECT || opnum == CREATE_INSTANCE)) {
		found = properties_class(stub, &id);
	}
	return found ? nj_keep_view(d, class_text(d, &id), KEPT)
		     : (struct nj_view){ 0 };
}
