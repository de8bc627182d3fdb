/*
 * files_priv.h - the files of a buffer as its recorder has them: all are
 * opened when it begins, because later it may not open any.
 */
#ifndef NJ_PCAP_FILES_PRIV_H
#define NJ_PCAP_FILES_PRIV_H

#include "engine/pcap/index_priv.h"
#include "engine/pcap/recorder.h"

/* packets-0000.nj and so on; the number says nothing of the order. */
#define PCAP_FILE_NAME "packets-%04u.nj"
enum { PCAP_FILE_NAME_BYTES = 32, PCAP_NUMBER_MAX = 9999 };
#define PCAP_LOCK_NAME "lock"
/* Does a recorder write into this folder now? */
bool pcap_is_live(int folder_fd);
/* False when it is no name of a file of packets. */
NJ_MUST_USE bool pcap_file_number(const char *name, unsigned *number);
/* What becomes of a file's two ends when they are read: head is good, and
 * full says that last is. False: no packets are to be found in it. */
struct pcap_ends {
	uint64_t bytes;
	struct pcap_file_head head;
	struct pcap_file_last last;
	bool full;
};
NJ_MUST_USE bool pcap_read_ends(int fd, struct pcap_ends *out);

struct pcap_file {
	int fd;
	unsigned number;
	uint64_t bytes;
	uint64_t seq; /* 0: never used */
	uint64_t end; /* where the next block goes */
	uint64_t packets;
	int64_t first_ns, last_ns;
	bool full;
};

struct pcap_files {
	const struct nj_pcap_conf *conf;
	int folder_fd, lock_fd;
	bool direct; /* O_DIRECT is not refused */
	struct pcap_file *list;
	unsigned count;
	uint64_t seq;            /* the greatest so far */
	struct pcap_file *now;   /* being written; NULL at first */
	struct pcap_index index; /* of it */
	char text[NJ_PCAP_TEXT]; /* what the operator should know, or "" */
};

/* Takes the folder, which is made if need be. Files are made, taken over and
 * removed until they are as conf says. why is said when that fails. */
NJ_MUST_USE enum nj_err pcap_files_open(struct pcap_files *f,
	const struct nj_pcap_conf *conf, char why[NJ_PCAP_TEXT]);
void pcap_files_close(struct pcap_files *f);
/* Whether a block with so many bytes and flows fits into the file that is
 * being written. */
bool pcap_files_fits(
	const struct pcap_files *f, uint32_t bytes, unsigned flows);
/* Puts the index behind the blocks, all of which are on the disk. */
void pcap_files_seal(struct pcap_files *f);
/* The same, and the file gives back the room that it does not need. */
void pcap_files_end(struct pcap_files *f);
/* Goes on with an empty or the oldest file. False with errno. */
NJ_MUST_USE bool pcap_files_next(struct pcap_files *f);
/* Packet time of the oldest packet; INT64_MAX: there is none. */
int64_t pcap_files_oldest(const struct pcap_files *f);
uint64_t pcap_files_used(const struct pcap_files *f);

#endif
