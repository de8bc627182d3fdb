/*
 * ftp_text.h - FTP's lines read on their own (RFC 959, RFC 2428): which
 * command a reply fits, addresses of data connections, paths. Pure.
 */
#ifndef NJ_DISSECTORS_SHARED_FTP_TEXT_H
#define NJ_DISSECTORS_SHARED_FTP_TEXT_H

#include "engine/base/base.h"

/* Is it a command that some server knows? */
bool nj_ftp_known(struct nj_view command);
/* One that no other line protocol has (POP3, IRC and SMTP share some). */
bool nj_ftp_only(struct nj_view command);
/* Does the argument name a file or a folder? */
bool nj_ftp_takes_path(struct nj_view command);
/* How well a reply fits a command: by its code, and by what it repeats. */
int nj_ftp_score(struct nj_view command, struct nj_view arg, unsigned code,
	struct nj_view message);

struct nj_ftp_endpoint {
	struct nj_addr addr; /* family 0: that of the control connection */
	uint16_t port;
};
/* "h1,h2,h3,h4,p1,p2", wherever it stands in v (PORT, the reply 227). */
NJ_MUST_USE bool nj_ftp_port(struct nj_view v, struct nj_ftp_endpoint *out);
/* "|1|132.235.1.2|6275|" (EPRT) and "(|||6446|)" (the reply 229). */
NJ_MUST_USE bool nj_ftp_eport(struct nj_view v, struct nj_ftp_endpoint *out);
/* The size in "150 Opening ... (1234 bytes)", else the last number. */
NJ_MUST_USE bool nj_ftp_size(struct nj_view message, uint64_t *out);

/* The path that name means in folder, "." and ".." resolved; out takes
 * folder.len + name.len + 2. Gives the length. */
size_t nj_ftp_path(struct nj_view folder, struct nj_view name, uint8_t *out);
/* The absolute path in the reply to PWD; empty when there is none. */
struct nj_view nj_ftp_folder(struct nj_view message);

#endif
