/*
 * http_odd.h - what may be odd about HTTP/1, in one list for the files that
 * find it and the dissector that names it.
 */
#ifndef NJ_DISSECTORS_SHARED_HTTP_ODD_H
#define NJ_DISSECTORS_SHARED_HTTP_ODD_H

#define NJ_HTTP_ODDITIES(O)                                                    \
	O(WS_NO_KEY, "websocket_missing_key_header",                           \
		"A WebSocket was opened without a key")                        \
	O(WS_NO_ACCEPT, "websocket_missing_accept_header",                     \
		"A WebSocket was opened without an accept")                    \
	O(WS_ACCEPT, "websocket_wrong_accept_header",                          \
		"A WebSocket's accept does not fit its key")                   \
	O(WS_KEYS, "websocket_multiple_key_headers",                           \
		"More than one key for a WebSocket")                           \
	O(WS_ACCEPTS, "websocket_multiple_accept_headers",                     \
		"More than one accept for a WebSocket")                        \
	O(WS_PROTOCOLS, "websocket_multiple_protocol_headers",                 \
		"More than one subprotocol chosen for a WebSocket")            \
	O(BAD_REQUEST, "bad_HTTP_request", "Not a request line")               \
	O(BAD_REQUEST_VERSION, "bad_HTTP_request_with_version",                \
		"A request line without a method")                             \
	O(NO_URI, "missing_HTTP_uri", "A request without a target")            \
	O(LOWER_CASE, "lowercase_HTTP_keyword", "HTTP in small letters")       \
	O(EMPTY_REQUEST, "empty_http_request",                                 \
		"An empty line where a request is due")                        \
	O(UNKNOWN_METHOD, "unknown_HTTP_method",                               \
		"A method that no specification knows")                        \
	O(09_METHOD, "invalid_http_09_request_method",                         \
		"HTTP/0.9 with a method other than GET")                       \
	O(VERSION_MISMATCH, "HTTP_version_mismatch",                           \
		"The version changed during the connection")                   \
	O(MULTIPLE, "unexpected_multiple_HTTP_requests",                       \
		"A further request on a connection that was not to be kept")   \
	O(PIPELINE, "HTTP_excessive_pipelining",                               \
		"Too many requests without a response")                        \
	O(URI_LONE, "illegal_%_at_end_of_URI",                                 \
		"A target that ends in a percent sign")                        \
	O(URI_PARTIAL, "partial_escape_at_end_of_URI",                         \
		"A target that ends within an escape")                         \
	O(URI_DOUBLE, "double_%_in_URI",                                       \
		"Two percent signs in a row in a target")                      \
	O(URI_ESCAPE, "unescaped_%_in_URI",                                    \
		"A percent sign in a target that begins no escape")            \
	O(LENGTH, "HTTP_bad_content_length", "Content-Length is not a number") \
	O(LENGTH_ZEROS, "HTTP_content_length_leading_zeros",                   \
		"Content-Length begins with zeros")                            \
	O(LENGTH_AND_CHUNKED, "HTTP_content_length_and_chunked",               \
		"Content-Length and chunks in one message (request "           \
		"smuggling)")                                                  \
	O(LENGTH_0_EXPECT, "HTTP_content_length_0_and_expect_100_cont",        \
		"Expect: 100-continue without a body")                         \
	O(CHUNKED_MULTI, "HTTP_chunked_multi", "Another coding after chunked") \
	O(CHUNKED_PARTS, "HTTP_chunked_transfer_for_multipart_message",        \
		"A multipart in chunks")                                       \
	O(CHUNK_SIZE, "HTTP_bad_chunk_size",                                   \
		"A chunk without a readable size")                             \
	O(FOLDING, "HTTP_obsolete_line_folding",                               \
		"A header field over several lines")                           \
	O(RANGE_UNIT, "HTTP_content_range_unknown_byte_unit",                  \
		"Content-Range not in bytes")                                  \
	O(RANGE_PARSE, "HTTP_content_range_cannot_parse",                      \
		"Content-Range is not readable")                               \
	O(RANGE_INVALID, "HTTP_content_range_invalid",                         \
		"Content-Range with a negative position")                      \
	O(RANGE_EMPTY, "HTTP_non_positive_content_range",                      \
		"Content-Range that ends before it begins")                    \
	O(RANGE_OVERFLOW, "HTTP_content_range_overflow",                       \
		"Content-Range longer than can be")                            \
	O(EXPECT, "HTTP_expect_not_100_continue",                              \
		"Expect asks for something else than 100-continue")            \
	O(INFLATE, "inflate_failed",                                           \
		"A body is not in the coding that its header says")            \
	O(NESTED_TE, "HTTP_nested_transfer_encoding_header",                   \
		"Transfer-Encoding in a part of a multipart")                  \
	O(TOO_DEEP, "exceeded_mime_max_depth",                                 \
		"Parts within parts beyond the limit")                         \
	O(LONG_HEADER, "exceeded_mime_max_header_bytes",                       \
		"A header field of a part beyond the limit")                   \
	O(BASE64, "base64_illegal_encoding",                                   \
		"Base 64 with characters that do not belong there")            \
	O(LONG_LINE, "contentline_size_exceeded",                              \
		"A line longer than is kept")                                  \
	O(BARE_LF, "line_terminated_with_single_LF",                           \
		"A line of the header ends without a carriage return")         \
	O(REPLY, "bad_HTTP_reply", "Not a status line where one is due")

enum nj_http_oddity {
#define O(id, name, text) NJ_HTTP_ODD_##id,
	NJ_HTTP_ODDITIES(O)
#undef O
};

#endif
