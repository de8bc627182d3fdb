/*
 * pe.c - what the headers of a Windows program say (Microsoft's "PE Format"
 * specification): for which machine and when it was built, how it is
 * protected, and whether it is signed. Only the headers are read; offsets in
 * the file lead nowhere but into the bytes in hand.
 */
#include "dissectors/shared/content.h"

#define PE(F, tag)                                                             \
	F(tag, 1, STR, id, NJ_INDEX, "Id of the file")                         \
	F(tag, 2, STR, machine, NJ_LEARN, "Processor it runs on")              \
	F(tag, 3, TIME, compile_ts, NJ_OPT, "When it says it was built")       \
	F(tag, 4, STR, os, 0, "Oldest system it is for")                       \
	F(tag, 5, STR, subsystem, NJ_LEARN, "Window, console, driver ...")     \
	F(tag, 6, BOOL, is_exe, 0, "Can be run, not only linked")              \
	F(tag, 7, BOOL, is_64bit, 0, "64-bit code")                            \
	F(tag, 8, BOOL, uses_aslr, 0, "Is loaded at random addresses")         \
	F(tag, 9, BOOL, uses_dep, 0, "Keeps data from being run")              \
	F(tag, 10, BOOL, uses_code_integrity, 0, "Signature is enforced")      \
	F(tag, 11, BOOL, uses_seh, 0, "Handles exceptions by tables")          \
	F(tag, 12, BOOL, has_import_table, NJ_OPT, "Has an import table")      \
	F(tag, 13, BOOL, has_export_table, NJ_OPT, "Has an export table")      \
	F(tag, 14, BOOL, has_cert_table, NJ_OPT | NJ_LEARN,                    \
		"Carries a signature")                                         \
	F(tag, 15, BOOL, has_debug_data, NJ_OPT, "Has debug data")             \
	F(tag, 16, VSTR, section_names, 0, "Names of its sections")
NJ_EVENT_DECLARE(pe, PE);
NJ_EVENT_DEFINE(pe, PE, NJ_EV_NO_ID, "Headers of one Windows program");

enum {
	SECTIONS_MAX = 96, /* what Windows loads */
	SECTION_BYTES = 40,
	SECTION_NAME = 8,
	FILE_HEADER = 20,
	IS_EXECUTABLE = 0x0002,
	IS_32BIT = 0x0100,
	DLL_DYNAMIC_BASE = 0x0040,
	DLL_FORCE_INTEGRITY = 0x0080,
	DLL_NX_COMPAT = 0x0100,
	DLL_NO_SEH = 0x0400,
	MAGIC_PE32_PLUS = 0x20b
};
enum { TABLE_EXPORT, TABLE_IMPORT, TABLE_CERT = 4, TABLE_DEBUG = 6, TABLES };

struct word {
	uint16_t number;
	const char *text;
};

static const struct word machines[] = { { 0x0000, "UNKNOWN" },
	{ 0x014c, "I386" }, { 0x0162, "R3000" }, { 0x0166, "R4000" },
	{ 0x0168, "R10000" }, { 0x0169, "WCEMIPSV2" }, { 0x01a2, "SH3" },
	{ 0x01a3, "SH3DSP" }, { 0x01a6, "SH4" }, { 0x01a8, "SH5" },
	{ 0x01c0, "ARM" }, { 0x01c2, "THUMB" }, { 0x01c4, "ARMNT" },
	{ 0x01d3, "AM33" }, { 0x01f0, "POWERPC" }, { 0x01f1, "POWERPCFP" },
	{ 0x0200, "IA64" }, { 0x0266, "MIPS16" }, { 0x0268, "M68K" },
	{ 0x0366, "MIPSFPU" }, { 0x0466, "MIPSFPU16" }, { 0x0ebc, "EBC" },
	{ 0x5032, "RISCV32" }, { 0x5064, "RISCV64" }, { 0x5128, "RISCV128" },
	{ 0x8664, "AMD64" }, { 0x9041, "M32R" }, { 0xaa64, "ARM64" } };

static const struct word subsystems[] = { { 0, "UNKNOWN" }, { 1, "NATIVE" },
	{ 2, "WINDOWS_GUI" }, { 3, "WINDOWS_CUI" }, { 5, "OS2_CUI" },
	{ 7, "POSIX_CUI" }, { 8, "NATIVE_WINDOWS" }, { 9, "WINDOWS_CE_GUI" },
	{ 10, "EFI_APPLICATION" }, { 11, "EFI_BOOT_SERVICE_DRIVER" },
	{ 12, "EFI_RUNTIME_DRIVER" }, { 13, "EFI_ROM" }, { 14, "XBOX" },
	{ 16, "WINDOWS_BOOT_APPLICATION" } };

/* Major in the high byte, minor in the low one. */
static const struct word systems[] = { { 0x0300, "Windows 3.0" },
	{ 0x030a, "Windows 3.1 or NT 3.1" },
	{ 0x030b, "Windows for Workgroups 3.11" },
	{ 0x0332, "Windows NT 3.50" }, { 0x0333, "Windows NT 3.51" },
	{ 0x0400, "Windows 95 or NT 4.0" }, { 0x040a, "Windows 98" },
	{ 0x045a, "Windows Me" }, { 0x0500, "Windows 2000" },
	{ 0x0501, "Windows XP" }, { 0x0502, "Windows XP x64 or Server 2003" },
	{ 0x0600, "Windows Vista or Server 2008" },
	{ 0x0601, "Windows 7 or Server 2008 R2" },
	{ 0x0602, "Windows 8 or Server 2012" },
	{ 0x0603, "Windows 8.1 or Server 2012 R2" },
	{ 0x0604, "Windows 10 Technical Preview" }, { 0x0a00, "Windows 10" } };

static struct nj_view
word(struct nj_dctx *d, const struct word *words, size_t n, unsigned number)
{
	for (size_t i = 0; i < n; i++)
		if (words[i].number == number)
			return nj_str(words[i].text);
	return nj_arena_printf(d, "unknown-%u", number);
}

/* The optional header, which every program has. */
static void
optional_header(struct nj_dctx *d, struct pe_event *ev, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	bool wide = nj_cur_le16(&c) == MAGIC_PE32_PLUS, has[TABLES] = { 0 };
	unsigned major, minor, subsystem, flags;
	uint32_t tables;

	nj_cur_skip(&c, 38);
	major = nj_cur_le16(&c);
	minor = nj_cur_le16(&c);
	nj_cur_skip(&c, 24);
	subsystem = nj_cur_le16(&c);
	flags = nj_cur_le16(&c);
	nj_cur_skip(&c, wide ? 36 : 20);
	tables = nj_cur_le32(&c);
	for (unsigned i = 0; i < TABLES && i < tables; i++) {
		nj_cur_skip(&c, 4);
		has[i] = nj_cur_le32(&c) != 0;
	}
	if (c.bad)
		return;
	ev->is_exe = true;
	ev->os = word(d, systems, nj_countof(systems),
		(major & 0xff) << 8 | (minor & 0xff));
	ev->subsystem = word(d, subsystems, nj_countof(subsystems), subsystem);
	ev->uses_aslr = flags & DLL_DYNAMIC_BASE;
	ev->uses_code_integrity = flags & DLL_FORCE_INTEGRITY;
	ev->uses_dep = flags & DLL_NX_COMPAT;
	ev->uses_seh = !(flags & DLL_NO_SEH);
	nj_set(ev, pe, has_export_table, has[TABLE_EXPORT]);
	nj_set(ev, pe, has_import_table, has[TABLE_IMPORT]);
	nj_set(ev, pe, has_cert_table, has[TABLE_CERT]);
	nj_set(ev, pe, has_debug_data, has[TABLE_DEBUG]);
}

static void
sections(struct nj_dctx *d, struct pe_event *ev, struct nj_cur *c, size_t n)
{
	struct nj_view *names;

	n = nj_min(n, (size_t)SECTIONS_MAX);
	n = nj_min(n, nj_cur_left(c) / SECTION_BYTES);
	names = n ? nj_arena(d, n * sizeof(*names)) : NULL;
	if (!names)
		return;
	for (size_t i = 0; i < n; i++) {
		struct nj_view row = nj_cur_take(c, SECTION_BYTES);

		names[i] = nj_sub(row, 0, SECTION_NAME);
		names[i].len = nj_min(names[i].len, nj_view_chr(names[i], 0));
	}
	ev->section_names = (struct nj_vstr){ names, (uint32_t)n };
}

void
nj_pe_read(
	struct nj_dctx *d, struct nj_view fuid, int64_t ts_ns, struct nj_view v)
{
	struct pe_event ev = { .id = fuid, .is_64bit = true, .uses_seh = true };
	struct nj_cur c = nj_cur(v);
	unsigned machine, n, optional, flags;
	uint32_t built;

	nj_cur_skip(&c, 0x3c);
	c = nj_cur(nj_sub(v, nj_cur_le32(&c), v.len));
	if (nj_cur_u32(&c) != 0x50450000)
		return;
	machine = nj_cur_le16(&c);
	n = nj_cur_le16(&c);
	built = nj_cur_le32(&c);
	nj_cur_skip(&c, 8);
	optional = nj_cur_le16(&c);
	flags = nj_cur_le16(&c);
	if (c.bad)
		return;
	ev.machine = word(d, machines, nj_countof(machines), machine);
	nj_set(&ev, pe, compile_ts, (int64_t)built * NJ_NS_PER_S);
	ev.is_exe = flags & IS_EXECUTABLE;
	ev.is_64bit = !(flags & IS_32BIT);
	if (optional)
		optional_header(d, &ev, nj_cur_take(&c, optional));
	if (!c.bad)
		sections(d, &ev, &c, n);
	(void)nj_emit_at(d, &pe_desc, &ev, ts_ns);
}
