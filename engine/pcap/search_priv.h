/*
 * search_priv.h - a search in two steps: which blocks may have what is wanted
 * (candidates.c), and then the packets of these blocks, in order (search.c).
 */
#ifndef NJ_PCAP_SEARCH_PRIV_H
#define NJ_PCAP_SEARCH_PRIV_H

#include "engine/pcap/files_priv.h"
#include "engine/pcap/search.h"

struct search_file {
	int fd;
	char name[PCAP_FILE_NAME_BYTES];
	struct pcap_ends ends;
};

/* A block to be read. */
struct candidate {
	uint64_t offset;
	int64_t first_ns, last_ns;
	uint32_t file, bytes;
	bool datagrams; /* fragments, or what they became */
};

/* It was complete at this packet time. */
struct datagram {
	struct nj_pcap_uid uid;
	int64_t ts_ns;
};

struct search {
	const struct nj_pcap_query *q;
	struct nj_pcap_answer *a;
	struct search_file *files;
	uint32_t file_count;
	uint32_t unreadable; /* files that could not be opened */
	struct candidate *list;
	size_t count, cap;
	bool no_memory;
	struct nj_pcap_uid *uids; /* sorted */
	size_t uid_count;
	/* Datagrams whose fragments belong to wanted packets; sorted once all
	 * are known. */
	struct datagram *datagrams;
	size_t datagram_count, datagram_cap;
	bool searched_datagrams;
	bool live; /* a recorder is at work */
	bool all;  /* neither uids nor a filter: every packet */
};

NJ_MUST_USE enum nj_err search_open(struct search *s);
void search_close(struct search *s);
/* Fills the list anew, in the order of first_ns. */
NJ_MUST_USE enum nj_err search_candidates(struct search *s);
/* True if a flow is wanted; marks[slot] says which. */
enum { MARK_WANTED = 1, MARK_DATAGRAM = 2 };
bool search_mark(const struct search *s, const struct pcap_flow *flows,
	unsigned count, uint8_t *marks);
/* The fragments of this flow, if it is a datagram, are wanted as well from
 * the next search_candidates on. False: no memory. */
NJ_MUST_USE bool search_want(
	struct search *s, const struct pcap_flow *flow, int64_t ts_ns);
/* Is a fragment of this time one of such a datagram? Identifications come
 * again after a while. */
bool search_is_fragment(
	const struct search *s, const struct pcap_flow *flow, int64_t ts_ns);
bool search_cancelled(const struct search *s);
/* A file that is being written may look torn for a moment: true after that
 * moment, false if nobody writes. */
bool search_wait(const struct search *s);
void search_damaged(
	struct search *s, uint32_t file, uint64_t from, const char *what);

#endif
