/*
 * winrm.c - Windows Remote Management (MS-WSMV: SOAP over HTTP) in
 * conn.service: http says so of requests to /wsman, the only place where it
 * listens. Commands from afar go this way, whose contents are sealed; who sends
 * them is in ntlm or kerberos.
 */
#include "engine/dissect/dissector.h"

const struct nj_dissector nj_dissector_winrm = {
	.name = "winrm",
	.title = "Windows Remote Management",
};
