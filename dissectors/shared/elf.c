/*
 * elf.c - what the headers of a Unix program say (System V ABI, "Object
 * Files"; Linux Standard Base for PT_GNU_STACK): for which machine it is, how
 * it is linked, and the signs of one that was packed or built by hand.
 * Offsets in the file lead nowhere but into the bytes in hand.
 */
#include "dissectors/shared/content.h"
#include "dissectors/shared/words.h"

#define ELF(F, tag)                                                            \
	F(tag, 1, STR, id, NJ_INDEX, "Id of the file")                         \
	F(tag, 2, STR, machine, NJ_INDEX | NJ_LEARN, "Processor it runs on")   \
	F(tag, 3, STR, type, NJ_LEARN, "REL, EXEC, DYN, CORE")                 \
	F(tag, 4, STR, os, NJ_LEARN, "System whose rules it keeps")            \
	F(tag, 5, BOOL, is_64bit, 0, "64-bit code")                            \
	F(tag, 6, BOOL, is_big_endian, 0, "Highest byte first")                \
	F(tag, 7, STR, interpreter, NJ_LEARN,                                  \
		"Loader that it asks for; none: it is linked statically")      \
	F(tag, 8, BOOL, has_section_table, NJ_LEARN,                           \
		"Has sections; packers leave them out")                        \
	F(tag, 9, BOOL, has_exec_stack, NJ_OPT | NJ_LEARN,                     \
		"Its stack may be run")
NJ_EVENT_DECLARE(elf, ELF);
NJ_EVENT_DEFINE(elf, ELF, NJ_EV_NO_ID, "Headers of one Unix program");

enum {
	IDENT_CLASS = 4,
	IDENT_DATA = 5,
	IDENT_OS = 7,
	CLASS_64 = 2,
	DATA_BIG = 2,
	SEGMENTS_MAX = 64,
	SEGMENT_INTERP = 3,
	SEGMENT_GNU_STACK = 0x6474e551,
	FLAG_EXECUTE = 1
};

static const struct nj_word machines[] = { { 0, "NONE" }, { 2, "SPARC" },
	{ 3, "I386" }, { 4, "M68K" }, { 8, "MIPS" }, { 15, "PARISC" },
	{ 20, "POWERPC" }, { 21, "POWERPC64" }, { 22, "S390" }, { 40, "ARM" },
	{ 42, "SH" }, { 43, "SPARCV9" }, { 50, "IA64" }, { 62, "AMD64" },
	{ 88, "M32R" }, { 92, "OPENRISC" }, { 93, "ARC" }, { 94, "XTENSA" },
	{ 164, "HEXAGON" }, { 183, "ARM64" }, { 189, "MICROBLAZE" },
	{ 195, "ARCV2" }, { 243, "RISCV" }, { 247, "BPF" },
	{ 258, "LOONGARCH" } };
static const struct nj_word types[] = { { 0, "NONE" }, { 1, "REL" },
	{ 2, "EXEC" }, { 3, "DYN" }, { 4, "CORE" } };
static const struct nj_word systems[] = { { 0, "SYSV" }, { 1, "HPUX" },
	{ 2, "NETBSD" }, { 3, "LINUX" }, { 6, "SOLARIS" }, { 7, "AIX" },
	{ 8, "IRIX" }, { 9, "FREEBSD" }, { 12, "OPENBSD" }, { 97, "ARM" },
	{ 255, "STANDALONE" } };

/* How numbers are written in this file. */
struct form {
	bool wide, big;
};

static uint16_t
u16(struct nj_cur *c, struct form f)
{
	return f.big ? nj_cur_u16(c) : nj_cur_le16(c);
}

static uint32_t
u32(struct nj_cur *c, struct form f)
{
	return f.big ? nj_cur_u32(c) : nj_cur_le32(c);
}

/* An address or offset. */
static uint64_t
word(struct nj_cur *c, struct form f)
{
	if (!f.wide)
		return u32(c, f);
	return f.big ? nj_cur_u64(c) : nj_cur_le64(c);
}

/* One row of the program header table. */
static void
segment(struct elf_event *ev, struct nj_view v, struct nj_view row,
	struct form f)
{
	struct nj_cur c = nj_cur(row);
	uint32_t type = u32(&c, f), flags = f.wide ? u32(&c, f) : 0;
	uint64_t at = word(&c, f), size;
	struct nj_view text;

	nj_cur_skip(&c, f.wide ? 16 : 8); /* addresses */
	size = word(&c, f);
	(void)word(&c, f);
	if (!f.wide)
		flags = u32(&c, f);
	if (c.bad)
		return;
	if (type == SEGMENT_GNU_STACK)
		nj_set(ev, elf, has_exec_stack, flags & FLAG_EXECUTE);
	if (type != SEGMENT_INTERP || at > v.len)
		return;
	text = nj_sub(v, (size_t)at, (size_t)nj_min(size, (uint64_t)v.len));
	text.len = nj_min(text.len, nj_view_chr(text, 0));
	if (text.len)
		ev->interpreter = text;
}

void
nj_elf_read(
	struct nj_dctx *d, struct nj_view fuid, int64_t ts_ns, struct nj_view v)
{
	struct form f = { nj_sub(v, IDENT_CLASS, 1).len &&
				  v.data[IDENT_CLASS] == CLASS_64,
		v.len > IDENT_DATA && v.data[IDENT_DATA] == DATA_BIG };
	struct elf_event ev = {
		.id = fuid, .is_64bit = f.wide, .is_big_endian = f.big
	};
	struct nj_cur c = nj_cur(v);
	uint64_t table, sections;
	unsigned type, machine, row, rows;

	nj_cur_skip(&c, 16);
	type = u16(&c, f);
	machine = u16(&c, f);
	nj_cur_skip(&c, 4);
	(void)word(&c, f); /* where it begins to run */
	table = word(&c, f);
	sections = word(&c, f);
	nj_cur_skip(&c, 6); /* flags, the size of this header */
	row = u16(&c, f);
	rows = u16(&c, f);
	nj_cur_skip(&c, 2);
	ev.has_section_table = sections && u16(&c, f);
	if (c.bad)
		return;
	ev.machine = nj_word(d, machines, machine);
	ev.type = nj_word(d, types, type);
	ev.os = nj_word(d, systems, v.data[IDENT_OS]);
	for (unsigned i = 0; i < nj_min(rows, (unsigned)SEGMENTS_MAX); i++) {
		if (table > v.len)
			break;
		segment(&ev, v, nj_sub(v, (size_t)table, row), f);
		table += row;
	}
	(void)nj_emit_at(d, &elf_desc, &ev, ts_ns);
}
