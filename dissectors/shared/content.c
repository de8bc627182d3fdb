/*
 * content.c - the table of content.h.
 */
#include "dissectors/shared/content.h"

static const struct nj_content contents[] = {
	/* Headers and section table of any sane linker end before 8 KiB. */
	{ "application/x-dosexec", "PE", 8192, nj_pe_read },
	{ "application/ocsp-response", "OCSP_REPLY", 32768, nj_ocsp_read },
	{ "application/x-executable", NULL, 4096, nj_elf_read },
	{ "application/x-sharedlib", NULL, 4096, nj_elf_read },
	{ "application/x-object", NULL, 4096, nj_elf_read },
	{ "application/x-mach-o-executable", NULL, 8192, nj_macho_read },
	/* Where a program puts the directory is its own choice; small files
	 * are here as a whole. */
	{ "application/msword", NULL, 65536, nj_ole_read },
	{ "application/zip", NULL, 32768, nj_zip_read },
	{ "application/java-archive", NULL, 32768, nj_zip_read },
	{ "application/vnd.oasis.opendocument", NULL, 32768, nj_zip_read },
	{ "application/vnd.openxmlformats-officedocument", NULL, 32768,
		nj_zip_read },
};

const struct nj_content *
nj_content_find(const char *mime)
{
	for (size_t i = 0; mime && i < nj_countof(contents); i++)
		if (!strncmp(mime, contents[i].mime, strlen(contents[i].mime)))
			return &contents[i];
	return NULL;
}
