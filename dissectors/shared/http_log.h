/*
 * http_log.h - one HTTP request with its response, collected until it is
 * complete and then written as a record of the http log; for every version of
 * HTTP.
 */
#ifndef NJ_DISSECTORS_SHARED_HTTP_LOG_H
#define NJ_DISSECTORS_SHARED_HTTP_LOG_H

#include "dissectors/shared/file.h"
#include "dissectors/shared/pad.h"
#include "dissectors/shared/websocket_log.h"

#define HTTP(F, tag)                                                           \
	F(tag, 1, U64, trans_depth, 0, "The how manieth of its connection")    \
	F(tag, 2, STR, method, NJ_INDEX | NJ_LEARN, "What was asked to do")    \
	F(tag, 3, STR, host, NJ_INDEX | NJ_LEARN, "Host header")               \
	F(tag, 4, STR, uri, NJ_INDEX | NJ_PII, "Target, escapes resolved")     \
	F(tag, 5, STR, referrer, NJ_PII, "Page that led here")                 \
	F(tag, 6, STR, version, 0, "Version of the response")                  \
	F(tag, 7, STR, user_agent, NJ_INDEX | NJ_LEARN, "Client program")      \
	F(tag, 8, STR, origin, 0, "Origin header")                             \
	F(tag, 9, U64, request_body_len, NJ_LEARN, "Bytes sent, decoded")      \
	F(tag, 10, U64, response_body_len, NJ_LEARN, "Bytes got, decoded")     \
	F(tag, 11, U16, status_code, NJ_OPT | NJ_INDEX | NJ_LEARN, "Status")   \
	F(tag, 12, STR, status_msg, 0, "Words after the status")               \
	F(tag, 13, U16, info_code, NJ_OPT, "Last 1xx status before it")        \
	F(tag, 14, STR, info_msg, 0, "Words after the 1xx status")             \
	F(tag, 15, VSTR, tags, NJ_INDEX, "Signs of attacks seen in it")        \
	F(tag, 16, STR, username, NJ_INDEX | NJ_PII, "Name of basic login")    \
	F(tag, 17, BOOL, password_seen, NJ_OPT, "A password came in clear")    \
	F(tag, 18, VSTR, proxied, 0, "Headers that tell of a proxy")           \
	F(tag, 19, VSTR, orig_fuids, NJ_INDEX, "Ids of files sent")            \
	F(tag, 20, VSTR, orig_filenames, NJ_PII, "Names of files sent")        \
	F(tag, 21, VSTR, orig_mime_types, NJ_LEARN, "Types of files sent")     \
	F(tag, 22, VSTR, resp_fuids, NJ_INDEX, "Ids of files got")             \
	F(tag, 23, VSTR, resp_filenames, NJ_PII, "Names of files got")         \
	F(tag, 24, VSTR, resp_mime_types, NJ_LEARN, "Types of files got")      \
	F(tag, 25, U64, request_wire_len, NJ_OPT, "Bytes sent, as coded")      \
	F(tag, 26, U64, response_wire_len, NJ_OPT, "Bytes got, as coded")

NJ_EVENT_DECLARE(http, HTTP);

enum {
	NJ_HTTP_FILES_MAX = 15, /* named in the record, of each side */
	NJ_HTTP_PROXIED_MAX = 8,
	NJ_HTTP_TEXT_MAX = 24 * 1024 /* memory of one transaction */
};

struct nj_http_file {
	struct nj_http_file *next;
	const char *mime;
	struct nj_view name;
	char id[NJ_UID_TEXT];
};

/* All texts lie in its pad. */
/* What EVE tells besides; only kept where that is wanted. */
struct nj_http_eve {
	struct nj_view url; /* as sent, where that is not the log's */
	struct nj_view content_type, content_range, location;
	uint8_t major, minor; /* of the request */
	/* HTTP/2: the stream, and all fields of both sides. */
	uint32_t stream;
	struct nj_http_eve_header *headers[2], *last_header[2];
};
struct nj_http_eve_header {
	struct nj_http_eve_header *next;
	struct nj_view name, value;
};

struct nj_http_tx {
	struct nj_http_tx *next; /* for the owner's queue */
	struct nj_pad pad;
	int64_t ts;
	uint64_t depth;
	struct nj_view method, host, uri, referrer, user_agent, origin;
	struct nj_view username, status_msg, info_msg;
	struct nj_view proxied[NJ_HTTP_PROXIED_MAX];
	struct nj_http_eve eve;
	uint64_t body_len[2], wire_len[2];
	struct nj_http_file *files[2], *last_file[2];
	struct nj_websocket *websocket; /* in the pad, or NULL */
	uint16_t status, info;
	uint8_t proxied_count, file_count[2];
	uint8_t major, minor; /* of the response */
	bool coded[2];        /* wire_len differs from body_len */
	bool has_status, has_info, password;
	bool is_head, is_connect; /* methods that change what follows */
	bool wants_range;         /* Range was asked for */
	bool request_done, reply_done;
};

/* NULL when there is no memory. ts is now. */
struct nj_http_tx *nj_http_tx_open(struct nj_dctx *d, uint64_t depth);
/* A file begins; or its type is known. */
void nj_http_tx_file(struct nj_http_tx *t, struct nj_dctx *d,
	const struct nj_file *f, bool end);
/* Writes the record and gives all memory back. */
void nj_http_tx_emit(struct nj_http_tx *t, struct nj_dctx *d);
/* Gives it back without a record. */
void nj_http_tx_drop(struct nj_http_tx *t, struct nj_dctx *d);

/* A request header of the log: host, user agent, proxies, logins ... */
void nj_http_tx_request_field(struct nj_http_tx *t, struct nj_dctx *d,
	struct nj_view name, struct nj_view value);

#endif
