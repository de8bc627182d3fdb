/*
 * memory_priv.h - the set of conversations behind the memory feed: how the
 * mixes write frames, and the payloads that they put into them.
 */
#ifndef NJ_CAPTURE_MEMORY_PRIV_H
#define NJ_CAPTURE_MEMORY_PRIV_H

#include "engine/base/buf.h"
#include "engine/base/hash.h"
#include "engine/capture/memory.h"

enum {
	FRAME_BYTES_MIN = 60, /* Ethernet's least, without check sequence */
	FRAME_BYTES_MAX = 1514,
	ETHER_BYTES = 14,
	IP4_BYTES = 20,
	IP6_BYTES = 40,
	UDP_BYTES = 8,
	TCP_BYTES = 20
};

/* One frame of the set. seq and ack count from the flow's first numbers. */
struct memory_frame {
	uint8_t *data;
	uint32_t seq, ack;
	uint16_t len;
	uint16_t flow; /* of its conversation */
	bool tcp, ip6, from_server;
};

/* A conversation that is being written. */
struct memory_talk {
	struct memory_frame *at, *end;
	uint8_t *room; /* where the next frame's bytes go */
	uint64_t rng;
	uint32_t seq[2]; /* next sequence number of each side */
	uint16_t flow, server_port, ip_id;
	bool ip6;
	bool stamps; /* TCP time stamps (RFC 7323) on every segment */
};

/* The next pseudo-random number of a talk. */
uint64_t memory_random(struct memory_talk *t);
/* The most payload that a TCP segment of t can have. */
unsigned memory_segment_max(const struct memory_talk *t);
/* One TCP segment from side dir, with flags of NJ_TCP_. */
void memory_tcp(struct memory_talk *t, enum nj_dir dir, uint8_t flags,
	struct nj_view payload);
void memory_udp(struct memory_talk *t, enum nj_dir dir, struct nj_view payload);
/* What follows belongs to another flow of the same conversation. */
void memory_next_flow(struct memory_talk *t);

/* Payloads, appended to b. host is a name of the talk's own making. */
void memory_host(struct memory_talk *t, char *host, size_t room);
void memory_fill(struct memory_talk *t, struct nj_buf *b, size_t n);
void memory_http_request(
	struct memory_talk *t, struct nj_buf *b, const char *host);
/* Header, and a body that makes total bytes of it all. */
void memory_http_response(
	struct memory_talk *t, struct nj_buf *b, size_t total);
void memory_dns(struct memory_talk *t, struct nj_buf *b, const char *host,
	bool response);
void memory_tls_client(
	struct memory_talk *t, struct nj_buf *b, const char *host);
/* The server's first flight: of TLS 1.3, or of 1.2 with a certificate. */
void memory_tls_server(
	struct memory_talk *t, struct nj_buf *b, const char *host, bool tls13);
/* The client's second flight. */
void memory_tls_finish(struct memory_talk *t, struct nj_buf *b, bool tls13);
/* Encrypted records that together are total bytes long. */
void memory_tls_data(struct memory_talk *t, struct nj_buf *b, size_t total);
/* A server certificate for host, DER. */
void memory_certificate(
	struct memory_talk *t, struct nj_buf *b, const char *host);

#endif
