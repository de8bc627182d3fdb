/*
 * software.h - the software log: which programs run on which host, as far as
 * they say so themselves. Filled by many dissectors; the same of a host is
 * told once a day. As in Zeek only hosts of local networks are told of.
 */
#ifndef NJ_DISSECTORS_SHARED_SOFTWARE_H
#define NJ_DISSECTORS_SHARED_SOFTWARE_H

#include "engine/dissect/dissector.h"

#define SOFTWARE(F, tag)                                                       \
	F(tag, 1, ADDR, host, NJ_INDEX | NJ_LEARN, "Host that it runs on")     \
	F(tag, 2, U16, host_p, NJ_OPT | NJ_INDEX, "Port that it serves")       \
	F(tag, 3, STR, software_type, NJ_INDEX | NJ_LEARN,                     \
		"HTTP::BROWSER, HTTP::SERVER, HTTP::APPSERVER, OS::WINDOWS, "  \
		"SSH::CLIENT, SSH::SERVER, SMTP::MAIL_CLIENT, "                \
		"SMTP::MAIL_SERVER, SMTP::WEBMAIL_SERVER, FTP::CLIENT, "       \
		"FTP::SERVER, MySQL::SERVER, DHCP::CLIENT")                    \
	F(tag, 4, STR, name, NJ_INDEX | NJ_LEARN, "Name of the program")       \
	F(tag, 5, U32, version__major, NJ_OPT | NJ_LEARN, "Major version")     \
	F(tag, 6, U32, version__minor, NJ_OPT | NJ_LEARN, "Minor version")     \
	F(tag, 7, U32, version__minor2, NJ_OPT, "Third number")                \
	F(tag, 8, U32, version__minor3, NJ_OPT, "Fourth number")               \
	F(tag, 9, STR, version__addl, NJ_INDEX, "What follows the numbers")    \
	F(tag, 10, STR, unparsed_version, NJ_INDEX | NJ_ASIDE,                 \
		"The text that says so")

NJ_EVENT_DECLARE(software, SOFTWARE);

/* A text taken apart. Views lead into it, or are static. */
struct nj_software {
	struct nj_view name, addl;
	uint32_t number[4];
	unsigned count; /* of numbers */
};
void nj_software_parse(struct nj_software *out, struct nj_view text);
/* A server's greeting ("mx.example ESMTP Postfix (Debian)") is mostly not
 * about software: the part of it from a product's name on, or empty. */
struct nj_view nj_software_greeting(struct nj_view text);

struct nj_software_found {
	const char *type; /* software_type */
	struct nj_addr host;
	uint16_t port;       /* of a server; 0: it is a client */
	struct nj_view text; /* cut at 256 bytes */
	const char *name;    /* where the text has none; or NULL */
	bool ours;           /* the host is local, whatever its address */
};
/* Writes the record; says nothing about the flow's protocol. Does not need a
 * flow if ours. */
void nj_software_tell(struct nj_dctx *d, const struct nj_software_found *f);
/* The same of dir's side of the flow; a server's port comes with it. */
void nj_software_side(struct nj_dctx *d, enum nj_dir dir, const char *type,
	struct nj_view text);

/* What a connection has told so far, so that a hundred requests of one
 * browser make one record. Zeroed at the start. */
struct nj_software_http {
	uint64_t told[3];
};
/* A header field of HTTP that may name software. */
void nj_software_http_field(struct nj_software_http *s, struct nj_dctx *d,
	enum nj_dir dir, const struct nj_view field[2]);

#endif
