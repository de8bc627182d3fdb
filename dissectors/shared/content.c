/*
 * content.c - the table of content.h.
 */
#include "dissectors/shared/content.h"

static const struct nj_content contents[] = {
	/* Headers and section table of any sane linker end before 8 KiB. */
	{ "application/x-dosexec", "PE", 8192, nj_pe_read },
	{ "application/ocsp-response", "OCSP_REPLY", 32768, nj_ocsp_read },
};

const struct nj_content *
nj_content_find(const char *mime)
{
	for (size_t i = 0; mime && i < nj_countof(contents); i++)
		if (!strcmp(mime, contents[i].mime))
			return &contents[i];
	return NULL;
}
