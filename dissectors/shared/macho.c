/*
 * macho.c - what the header and load commands of an Apple program say
 * (Apple's loader.h): processor, kind, whether it is signed, and the
 * libraries it asks for. Files of one processor only; those of several begin
 * as Java's classes do.
 */
#include "dissectors/shared/content.h"
#include "dissectors/shared/words.h"

#define MACHO(F, tag)                                                          \
	F(tag, 1, STR, id, NJ_INDEX, "Id of the file")                         \
	F(tag, 2, STR, machine, NJ_INDEX | NJ_LEARN, "Processor it runs on")   \
	F(tag, 3, STR, type, NJ_LEARN, "OBJECT, EXECUTE, DYLIB, BUNDLE ...")   \
	F(tag, 4, BOOL, is_64bit, 0, "64-bit code")                            \
	F(tag, 5, BOOL, uses_aslr, 0, "Is loaded at random addresses")         \
	F(tag, 6, BOOL, has_exec_stack, NJ_LEARN, "Its stack may be run")      \
	F(tag, 7, BOOL, is_signed, NJ_LEARN, "Carries a signature")            \
	F(tag, 8, BOOL, is_encrypted, NJ_LEARN, "Its code is encrypted")       \
	F(tag, 9, VSTR, libraries, NJ_LEARN, "First libraries it asks for")
NJ_EVENT_DECLARE(macho, MACHO);
NJ_EVENT_DEFINE(macho, MACHO, NJ_EV_NO_ID, "Header of one Apple program");

enum {
	MAGIC_64 = 0xfeedfacf,
	COMMANDS_MAX = 128,
	LIBRARIES_MAX = 32,
	FLAG_EXEC_STACK = 0x20000,
	FLAG_PIE = 0x200000,
	COMMAND_LOAD_DYLIB = 0xc,
	COMMAND_SIGNATURE = 0x1d,
	COMMAND_ENCRYPTION = 0x21,
	COMMAND_ENCRYPTION_64 = 0x2c
};

static const struct nj_word machines[] = { { 6, "M68K" }, { 7, "I386" },
	{ 12, "ARM" }, { 18, "POWERPC" }, { 0x1000007, "AMD64" },
	{ 0x100000c, "ARM64" }, { 0x1000012, "POWERPC64" },
	{ 0x200000c, "ARM64_32" } };
static const struct nj_word types[] = { { 1, "OBJECT" }, { 2, "EXECUTE" },
	{ 3, "FVMLIB" }, { 4, "CORE" }, { 5, "PRELOAD" }, { 6, "DYLIB" },
	{ 7, "DYLINKER" }, { 8, "BUNDLE" }, { 9, "DYLIB_STUB" }, { 10, "DSYM" },
	{ 11, "KEXT" }, { 12, "FILESET" } };

static void
command(struct macho_event *ev, struct nj_view *libraries, uint32_t kind,
	struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view name;

	switch (kind) {
	case COMMAND_SIGNATURE:
		ev->is_signed = true;
		break;
	case COMMAND_ENCRYPTION:
	case COMMAND_ENCRYPTION_64:
		nj_cur_skip(&c, 16);
		ev->is_encrypted = nj_cur_le32(&c) != 0;
		break;
	case COMMAND_LOAD_DYLIB:
		nj_cur_skip(&c, 8);
		name = nj_sub(v, nj_cur_le32(&c), v.len);
		name.len = nj_min(name.len, nj_view_chr(name, 0));
		if (name.len && ev->libraries.n < LIBRARIES_MAX)
			libraries[ev->libraries.n++] = name;
		break;
	default:
		break;
	}
}

void
nj_macho_read(
	struct nj_dctx *d, struct nj_view fuid, int64_t ts_ns, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	bool wide = nj_cur_le32(&c) == MAGIC_64;
	uint32_t machine = nj_cur_le32(&c), type, n, flags;
	struct nj_view libraries[LIBRARIES_MAX];
	struct macho_event ev = { .id = fuid, .is_64bit = wide };

	nj_cur_skip(&c, 4);
	type = nj_cur_le32(&c);
	n = nj_cur_le32(&c);
	nj_cur_skip(&c, 4);
	flags = nj_cur_le32(&c);
	if (wide)
		nj_cur_skip(&c, 4);
	if (c.bad)
		return;
	ev.machine = nj_word(d, machines, machine);
	ev.type = nj_word(d, types, type);
	ev.uses_aslr = flags & FLAG_PIE;
	ev.has_exec_stack = flags & FLAG_EXEC_STACK;
	for (uint32_t i = 0; i < nj_min(n, (uint32_t)COMMANDS_MAX); i++) {
		struct nj_view rest = nj_cur_rest(&c);
		uint32_t kind = nj_cur_le32(&c), len = nj_cur_le32(&c);

		if (c.bad || len < 8 || len > rest.len)
			break;
		command(&ev, libraries, kind, nj_sub(rest, 0, len));
		nj_cur_skip(&c, len - 8);
	}
	if (ev.libraries.n)
		ev.libraries.v = libraries;
	(void)nj_emit_at(d, &macho_desc, &ev, ts_ns);
}
